//! Bare and treated skin side by side in a photo: what a pigment can be told from.

use glam::{DVec2, DVec3};

use super::tone::Tone;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;

/// Radius of a place that is usually enough, mm: it holds about two hundred dots, which average out, since no two hold
/// the same amount of pigment.
pub const USUAL_RADIUS_MM: f64 = 8.0;

/// One of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalibrationPatch {
    /// Skin without pigment.
    Bare,
    /// Healed skin with pigment.
    Treated,
}

impl std::fmt::Display for CalibrationPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Treated => "treated",
        })
    }
}

/// Where to look in the photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationPatches {
    /// Middle of the bare skin, px.
    pub bare_px: DVec2,
    /// Middle of the treated skin, px.
    pub treated_px: DVec2,
    /// Radius of both, mm along the skin.
    pub radius_mm: f64,
}

/// Tones of the two places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatchTones {
    /// Mean tone of the bare skin.
    pub bare: Tone,
    /// Mean tone of the treated skin.
    pub treated: Tone,
    /// Middle of the treated place on the head, mm.
    pub treated_middle: DVec3,
    /// Radius of both, mm along the skin.
    pub radius_mm: f64,
}

/// A place lies beside the head, or on its far side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the photo does not show the head where the {0} skin was clicked")]
pub struct OffTheHead(pub CalibrationPatch);

impl CalibrationPatches {
    /// Measures both places.
    ///
    /// # Errors
    /// [`OffTheHead`] for the first place that the photo does not show.
    pub fn tones(&self, photo: &Photo, (head, camera): (&Head, &Camera)) -> Result<PatchTones, OffTheHead> {
        let seen = |place: CalibrationPatch, middle_px: DVec2| {
            tone(photo, head, camera, middle_px, self.radius_mm).ok_or(OffTheHead(place))
        };
        let (_, bare) = seen(CalibrationPatch::Bare, self.bare_px)?;
        let (middle, treated) = seen(CalibrationPatch::Treated, self.treated_px)?;
        Ok(PatchTones { bare, treated, treated_middle: middle.position, radius_mm: self.radius_mm })
    }
}

/// Mean tone of a disc, and the skin at its middle.
fn tone(photo: &Photo, head: &Head, camera: &Camera, middle_px: DVec2, radius_mm: f64) -> Option<(SurfacePoint, Tone)> {
    let (_, skin) = head.head_from_image(camera, middle_px).filter(|(_, skin)| head.visible(camera, skin))?;
    // The minor axis of the footprint, along which skin is foreshortened most: the disc shows no skin beyond the place.
    let footprint = camera.footprint(skin.position, skin.normal);
    Some((skin, Tone::mean_in_disc(photo, middle_px, radius_mm * footprint.minor_px_per_mm)?))
}
