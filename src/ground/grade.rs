//! How well a number is known.

use serde::Deserialize;

/// How well something is known. In data, each grade is its letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Grade {
    /// From peer-reviewed studies.
    #[serde(rename = "A")]
    Study,
    /// From texts of hair surgeons.
    #[serde(rename = "B")]
    Surgeon,
    /// From pages of clinics, trainers and the trade.
    #[serde(rename = "C")]
    Trade,
    /// Stated in many places, but measured by nobody.
    #[serde(rename = "D")]
    Weak,
    /// A proposal of this program.
    #[default]
    #[serde(rename = "P")]
    Proposal,
}

impl Grade {
    /// Its letter, for scripts.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Study => 'A',
            Self::Surgeon => 'B',
            Self::Trade => 'C',
            Self::Weak => 'D',
            Self::Proposal => 'P',
        }
    }

    /// The grade in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Study => "studies",
            Self::Surgeon => "surgeons' texts",
            Self::Trade => "trade sources",
            Self::Weak => "weak sources",
            Self::Proposal => "our proposal",
        }
    }
}
