//! A client's signature on a plan, drawn in the window: strokes, name, date, and a hash of the plan.
//!
//! The hash reveals a later change of the plan: the signature then stays, and is reported as belonging to an earlier
//! plan. Signing can be undone like every other step.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::document::{Document, DocumentError};
use crate::plan::Plan;

/// Most strokes, and most points of all strokes together.
const MOST_STROKES: usize = 400;
const MOST_POINTS: usize = 20_000;
/// Longest name, characters.
const LONGEST_NAME: usize = 120;
/// Height of the signature field, relative to its width.
pub const HEIGHT: f64 = 0.3;

/// A signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name of the variant whose plan was signed.
    pub variant: String,
    /// The signer's name.
    pub name: String,
    /// The date of signing.
    pub date: Date,
    /// SHA-256 of the plan that was signed, as hexadecimal digits.
    pub plan_sha256: String,
    /// The drawn strokes, measured from the left and the top in units of the field's width.
    pub strokes: Vec<Vec<[f64; 2]>>,
}

/// SHA-256 of a plan, as hexadecimal digits.
#[must_use]
pub fn plan_hash(plan: &Plan) -> String {
    Sha256::digest(plan.to_json().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Signature {
    /// Whether the plan is still the one that was signed.
    #[must_use]
    pub fn holds(&self, plan: &Plan) -> bool {
        self.plan_sha256 == plan_hash(plan)
    }

    /// Whether anything was drawn that could be a signature.
    #[must_use]
    pub fn is_drawn(strokes: &[Vec<[f64; 2]>]) -> bool {
        strokes.iter().any(|stroke| stroke.len() > 1)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let points = self.strokes.iter().flatten();
        let inside = |[x, y]: &[f64; 2]| (0.0..=1.0).contains(x) && (0.0..=HEIGHT).contains(y);
        if self.strokes.len() > MOST_STROKES || points.clone().count() > MOST_POINTS || !{ points }.all(inside) {
            return Err("a stroke is impossible".to_owned());
        }
        let named = !self.name.trim().is_empty()
            && self.name.chars().count() <= LONGEST_NAME
            && !self.name.contains(char::is_control);
        let hash = self.plan_sha256.len() == 64 && self.plan_sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if named && hash { Ok(()) } else { Err("a signature has a name, and the hash of what was signed".to_owned()) }
    }
}

impl Document {
    /// The signature on a variant's plan, if any.
    #[must_use]
    pub fn signature(&self, variant: usize) -> Option<&Signature> {
        let name = &self.variants.get(variant)?.name;
        self.signatures.iter().find(|signature| signature.variant == *name)
    }

    /// Signs a variant's plan, replacing an earlier signature.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchVariant`], [`DocumentError::Signature`].
    pub fn sign(
        &mut self,
        variant: usize,
        name: &str,
        date: Date,
        strokes: Vec<Vec<[f64; 2]>>,
    ) -> Result<(), DocumentError> {
        let signed = self.variants.get(variant).ok_or(DocumentError::NoSuchVariant { number: variant + 1 })?;
        let signature = Signature {
            variant: signed.name.clone(),
            name: name.trim().to_owned(),
            date,
            plan_sha256: plan_hash(&signed.plan),
            strokes,
        };
        if !Signature::is_drawn(&signature.strokes) || signature.check().is_err() {
            return Err(DocumentError::Signature);
        }
        self.signatures.retain(|other| other.variant != signature.variant);
        self.signatures.push(signature);
        Ok(())
    }

    /// Removes the signature on a variant's plan. Does nothing if there is none.
    pub fn unsign(&mut self, variant: usize) {
        if let Some(name) = self.variants.get(variant).map(|variant| variant.name.clone()) {
            self.signatures.retain(|signature| signature.variant != name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::document::Variant;
    use crate::head::Head;
    use crate::head::fit::Scale;
    use crate::plan::treatment::Treatment;

    fn document() -> Document {
        let mut document = Document::new(Vec::new(), &Scale::AveragePupils);
        let plan = Plan::for_treatment(Treatment::FullShave, None, &Head::average());
        document.variants.push(Variant { name: "A".to_owned(), plan });
        document
    }

    fn stroke() -> Vec<Vec<[f64; 2]>> {
        vec![vec![[0.1, 0.1], [0.4, 0.2], [0.5, 0.05]]]
    }

    #[test]
    fn a_signature_holds_until_the_plan_changes_and_comes_back_from_the_file() {
        let mut document = document();
        let day = jiff::civil::date(2027, 2, 3);
        document.sign(0, " Anna Müller ", day, stroke()).unwrap();
        let json = document.to_json();
        assert!(json.contains("\"format\":8"));
        let mut again = Document::from_json(&json).unwrap();
        assert_eq!(again, document);
        assert_eq!(again.signature(0).unwrap().name, "Anna Müller");
        assert!(again.signature(0).unwrap().holds(&again.variants[0].plan));
        again.variants[0].plan.seed += 1;
        assert!(!again.signature(0).unwrap().holds(&again.variants[0].plan));
        // It follows its plan when the variant is renamed.
        let copy = again.copy_variant(0).unwrap();
        assert!(again.signature(copy).is_none(), "a copy is not signed");
        again.rename_variant(0, "First").unwrap();
        assert!(again.signature(0).is_some());
        again.delete_variant(0).unwrap();
        assert!(again.signatures.is_empty());
    }

    #[test]
    fn impossible_signatures_are_refused() {
        let mut document = document();
        let day = jiff::civil::date(2027, 2, 3);
        for (name, strokes) in [
            ("", stroke()),
            ("Anna", Vec::new()),
            ("Anna", vec![vec![[0.1, 0.1]]]),
            ("Anna", vec![vec![[0.1, 0.1], [2.0, 0.1]]]),
        ] {
            assert_eq!(document.sign(0, name, day, strokes), Err(DocumentError::Signature));
        }
        assert!(document.sign(3, "Anna", day, stroke()).is_err());
        let json = document.to_json();
        assert!(json.contains("\"format\":2"), "a case without one stays as older programs read it");
    }
}
