//! Kinds of treatment.

use serde::{Deserialize, Serialize};

use super::hairline::Preset;

/// What a client comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// The whole scalp, as if closely shaved.
    FullShave,
    /// A new hairline in front of existing hair.
    Receding,
    /// A thin or bare crown.
    Crown,
    /// Shading between long hair that has thinned.
    Density,
    /// The long scar of a strip transplant.
    StripScar,
    /// Round white scars of single grafts.
    FueScars,
    /// Round bare patches (alopecia areata).
    Alopecia,
    /// Beard stubble.
    Beard,
}

/// All kinds, in the order in which they are offered.
pub const TREATMENTS: [Treatment; 8] = [
    Treatment::FullShave,
    Treatment::Receding,
    Treatment::Crown,
    Treatment::Density,
    Treatment::StripScar,
    Treatment::FueScars,
    Treatment::Alopecia,
    Treatment::Beard,
];

impl Treatment {
    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FullShave => "full-shave",
            Self::Receding => "receding",
            Self::Crown => "crown",
            Self::Density => "density",
            Self::StripScar => "strip-scar",
            Self::FueScars => "fue-scars",
            Self::Alopecia => "alopecia",
            Self::Beard => "beard",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        TREATMENTS.into_iter().find(|t| t.name() == name)
    }

    /// True if the treated skin is a scar.
    #[must_use]
    pub(crate) fn is_scar(self) -> bool {
        matches!(self, Self::StripScar | Self::FueScars)
    }

    /// The hairline that suits it.
    #[must_use]
    pub fn preset(self) -> Preset {
        match self {
            Self::Receding => Preset::Mature,
            Self::Density => Preset::Female,
            _ => Preset::Soft,
        }
    }

    /// Typical density, dots per cm2. In photographs of healed heads 46 to 122 can be counted, fewer than there are,
    /// since dots merge; clinics state 93 to 194. Lower between hair.
    #[must_use]
    pub fn density_per_cm2(self) -> f64 {
        match self {
            Self::FullShave => 106.0,
            Self::Receding | Self::Alopecia => 104.0,
            Self::Crown | Self::Beard => 95.0,
            Self::Density => 50.0,
            Self::StripScar => 104.0,
            Self::FueScars => 70.0,
        }
    }
}
