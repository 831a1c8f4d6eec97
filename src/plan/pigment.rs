//! Pigments, as data in `assets/pigments.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

/// A pigment as it comes from the bottle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pigment {
    /// Name, in lower case.
    pub name: String,
    /// Absorption of the undiluted pigment in skin, per mm: red, green, blue.
    pub absorption_per_mm: [f64; 3],
}

impl Pigment {
    /// Absorption per mm when `dilution` parts of water are mixed with one part of pigment.
    #[must_use]
    pub fn diluted_per_mm(&self, dilution: f64) -> [f64; 3] {
        self.absorption_per_mm.map(|a| a / (dilution + 1.0))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    pigment: Vec<Pigment>,
}

/// The pigments that come with the program.
#[must_use]
pub fn library() -> &'static [Pigment] {
    static LIBRARY: OnceLock<Vec<Pigment>> = OnceLock::new();
    // The file is part of the program and a test reads it, so it cannot fail to parse here.
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
    }
}
