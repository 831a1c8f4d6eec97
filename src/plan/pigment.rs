//! Pigments: those in `assets/pigments.toml`, and a studio's own.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::error::PlanError;
use crate::ground::words::misfit;

/// Highest absorption of an undiluted pigment, per mm: eight times that of the blackest in the library.
pub const STRONGEST_PER_MM: f64 = 5000.0;

/// A pigment as it comes from the bottle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pigment {
    /// Name; in lower case in the library.
    pub name: String,
    /// Absorption of the undiluted pigment in skin, per mm: red, green, blue.
    pub absorption_per_mm: [f64; 3],
    /// Parts of the absorption that are not carbon, and fade at their own rates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<Part>,
}

/// One colourant of a mixed pigment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name of the colourant.
    pub name: String,
    /// Share of the pigment's absorption: red, green, blue.
    pub share: [f64; 3],
    /// Fading rate relative to carbon's.
    pub fading: f64,
}

impl Pigment {
    /// Absorption per mm when `dilution` parts of water are mixed with one part of pigment.
    #[must_use]
    pub(crate) fn diluted_per_mm(&self, dilution: f64) -> [f64; 3] {
        self.absorption_per_mm.map(|a| a / (dilution + 1.0))
    }

    /// The pigment as TOML, in the format of a list of pigments.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // A struct of numbers, strings and lists can always be serialised.
        toml::to_string(&Library { pigment: vec![self.clone()] }).unwrap_or_default()
    }

    /// Reads a list of exactly one pigment.
    ///
    /// # Errors
    /// The problem with the text. Ranges are checked with the plan that uses the pigment.
    pub fn from_toml(text: &str) -> Result<Self, PlanError> {
        let wrong = |problem: String| PlanError { field: "pigment".to_owned(), problem };
        let list: Library = toml::from_str(text).map_err(|e| wrong(misfit(e.message())))?;
        let [pigment] = <[Self; 1]>::try_from(list.pigment)
            .map_err(|list| wrong(format!("{} pigments given, one is required", list.len())))?;
        Ok(pigment)
    }

    /// Share of the absorption that remains after `lifetimes` of carbon: red, green, blue. Pure carbon only lightens;
    /// the colour of a mixed pigment drifts towards that of its lasting parts.
    #[must_use]
    pub(crate) fn left_after(&self, lifetimes: f64) -> [f64; 3] {
        let left = |fading: f64| libm::exp(-fading * lifetimes);
        std::array::from_fn(|c| {
            let mixed: f64 = self.part.iter().map(|p| p.share[c] * left(p.fading)).sum();
            let carbon = 1.0 - self.part.iter().map(|p| p.share[c]).sum::<f64>();
            carbon * left(1.0) + mixed
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    pigment: Vec<Pigment>,
}

/// The pigments that come with the program.
#[must_use]
pub fn library() -> &'static [Pigment] {
    static LIBRARY: OnceLock<Vec<Pigment>> = OnceLock::new();
    // The file is part of the program and covered by a test, so parsing cannot fail here.
    LIBRARY.get_or_init(|| {
        toml::from_str::<Library>(include_str!("../../assets/pigments.toml")).map(|l| l.pigment).unwrap_or_default()
    })
}

/// The pigment with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Pigment> {
    library().iter().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_read_and_dilution_divides() {
        let black = named("neutral black").unwrap();
        assert_eq!(black.diluted_per_mm(20.0), [30.0; 3]);
        assert!(library().len() >= 5);
        for pigment in library() {
            for c in 0..3 {
                let shares: f64 = pigment.part.iter().map(|p| p.share[c]).sum();
                assert!((0.0..=1.0).contains(&shares), "{}", pigment.name);
                assert!((pigment.left_after(0.0)[c] - 1.0).abs() < 1e-12, "{}", pigment.name);
            }
        }
    }

    #[test]
    fn a_pigment_is_read_back_as_it_was_written() {
        for pigment in library() {
            assert_eq!(Pigment::from_toml(&pigment.to_toml()).unwrap(), *pigment);
        }
        assert!(Pigment::from_toml("").is_err());
        let two = named("neutral black").unwrap().to_toml().repeat(2);
        assert!(Pigment::from_toml(&two).unwrap_err().to_string().contains("2 pigments"));
    }

    #[test]
    fn carbon_only_lightens_and_mixed_pigments_drift() {
        let [red, green, blue] = named("neutral black").unwrap().left_after(0.7);
        assert!(red == green && green == blue && red < 0.5);
        // Yellow and red go first: less blue is absorbed than at the start, so the mark turns cooler.
        let brown = named("medium brown").unwrap().left_after(0.7);
        assert!(brown[2] < 0.97 * brown[0], "{brown:?}");
        // Iron oxide stays, so the mark turns warmer.
        let soft = named("soft black").unwrap().left_after(0.7);
        assert!(soft[2] > 1.01 * soft[0], "{soft:?}");
    }
}
