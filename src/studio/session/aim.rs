//! The purpose of the next click in the photo while the eyedropper is armed, and what was clicked.

use glam::DVec2;

use super::colours::Target;
use super::section::Section;
use crate::skin::calibration::{CalibrationPatch, USUAL_RADIUS_MM};

/// Diameter of the disc whose colour is picked, mm.
const DISC_MM: f64 = 3.0;

/// The purpose of a click.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// The colour of a small disc.
    Tone(Target),
    /// The shaved hair of a patch.
    Follicles {
        /// Its radius, mm.
        radius_mm: f64,
    },
    /// One of the two places that reveal the pigment of healed work.
    Healed(CalibrationPatch),
}

impl Aim {
    /// Radius of the disc that is examined, mm.
    #[must_use]
    pub fn radius_mm(self) -> f64 {
        match self {
            Self::Tone(_) => 0.5 * DISC_MM,
            Self::Follicles { radius_mm } => radius_mm,
            Self::Healed(_) => USUAL_RADIUS_MM,
        }
    }

    /// The section that shows the result.
    #[must_use]
    pub fn section(self) -> Section {
        match self {
            Self::Tone(_) => Section::Pigment,
            Self::Follicles { .. } => Section::OwnHair,
            Self::Healed(_) => Section::OwnPigment,
        }
    }
}

/// A place in a photo that is to be examined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pick {
    /// Its purpose.
    pub aim: Aim,
    /// Index of the view.
    pub view: usize,
    /// Middle of the disc, px of the photo.
    pub middle_px: DVec2,
    /// Its radius, px.
    pub radius_px: f64,
}

/// The eyedropper.
#[derive(Debug, Default)]
pub struct Dropper {
    /// The purpose of the next click.
    pub armed: Option<Aim>,
    /// What was clicked.
    pub picked: Option<Pick>,
}
