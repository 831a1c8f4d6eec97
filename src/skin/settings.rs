//! The numbers behind healing, as data in `assets/healing.toml`: each with its range, its grade and its source.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::ground::grade::Grade;

/// How a treatment may turn out: nobody knows a client's rates beforehand, so a range is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outlook {
    /// Fades most.
    Light,
    /// The middle of what is known.
    #[default]
    Likely,
    /// Stays darkest.
    Strong,
}

impl Outlook {
    /// Its name on the command line and in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Likely => "likely",
            Self::Strong => "strong",
        }
    }
}

/// All outlooks, lightest first.
pub const OUTLOOKS: [Outlook; 3] = [Outlook::Light, Outlook::Likely, Outlook::Strong];

/// One number.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    light: f64,
    likely: f64,
    strong: f64,
    /// How well it is known.
    pub grade: Grade,
    /// What it is and where it comes from.
    pub source: String,
}

impl Setting {
    /// The number for an outlook.
    #[must_use]
    pub fn at(&self, outlook: Outlook) -> f64 {
        match outlook {
            Outlook::Light => self.light,
            Outlook::Likely => self.likely,
            Outlook::Strong => self.strong,
        }
    }
}

/// All settings; the file describes each of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each has its description as data")]
pub struct Settings {
    pub healed_share: Setting,
    pub healing_days: Setting,
    pub fading_years: Setting,
    pub scar: Setting,
    pub much_sun: Setting,
    pub oily_skin: Setting,
    pub placed_diameter: Setting,
    pub healed_diameter: Setting,
    pub scab_absorption: Setting,
    pub scab_diameter: Setting,
    pub scab_days: Setting,
    pub spread_shallow: Setting,
    pub spread_deep: Setting,
    pub redness_blood_mm: Setting,
    pub redness_half_life_days: Setting,
    pub redness_days: Setting,
    pub laser_left: Setting,
}

/// The numbers that come with the program.
#[must_use]
pub fn settings() -> &'static Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    // The file is part of the program and a test reads it, so it cannot fail to parse here.
    SETTINGS.get_or_init(|| toml::from_str(include_str!("../../assets/healing.toml")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_read() {
        assert!((settings().healed_share.at(Outlook::Likely) - 0.55).abs() < 1e-12);
        assert_eq!(settings().redness_days.grade, Grade::Trade);
    }
}
