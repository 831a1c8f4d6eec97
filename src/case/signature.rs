//! A client's signature on a plan, drawn in the window: strokes, name, date, and a hash of the plan.
//!
//! The hash reveals a later change of the plan: the signature then stays, and is reported as belonging to an earlier
//! plan. Signing can be undone like every other step.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ground::words::hex;
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
    hex(&Sha256::digest(plan.to_json().as_bytes()))
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
