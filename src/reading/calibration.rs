//! A studio's own pigment, from its healed work in a photo: bare and treated skin side by side, and the plan that says what
//! was placed.
//!
//! Both places are to be in the same light, the treated one without hair. What is found is as sure as the tones are: see
//! [`calibrate`].

use glam::{DVec2, DVec3};

use crate::follicles::dots::Dot;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;
use crate::render::scene::Treatment;
use crate::skin::calibrate::{self, CalibrateError, Calibrated};
use crate::skin::shade::Recipe;
use crate::skin::tone::Tone;

/// Name of the step that takes the pigment over.
pub const STEP: &str = "Calibrate pigment";
/// Radius of a place that is usually enough, mm: two hundred dots, since no two hold the same pigment.
pub const USUAL_RADIUS_MM: f64 = 8.0;
/// Fewer dots of the plan than this around a place are no treated area.
const FEWEST_DOTS: usize = 20;

/// One of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Skin without pigment.
    Bare,
    /// Healed skin with it.
    Treated,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Treated => "treated",
        })
    }
}

/// Where to look in a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Places {
    /// Middle of the bare skin, px.
    pub bare_px: DVec2,
    /// Middle of the treated skin, px.
    pub treated_px: DVec2,
    /// Radius of both, mm along the skin.
    pub radius_mm: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The pigment as it comes from the bottle, and how sure it is.
    pub found: Calibrated,
    /// The bare skin.
    pub bare: Tone,
    /// The treated skin.
    pub treated: Tone,
    /// Dots per cm2 that the plan has there.
    pub density_per_cm2: f64,
    /// Days since the last session.
    pub age_days: f64,
}

/// Why no pigment was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Nothing {
    /// A place beside the head, or on its far side.
    #[error("the photo does not show the head where the {0} skin was clicked")]
    OffTheHead(Place),
    /// The plan has no dots there.
    #[error(
        "the plan places next to no dots where the treated skin was clicked, so nobody knows what was done; describe the \
         treatment as it was done in the plan first"
    )]
    NoDots,
    /// No pigment explains the tones.
    #[error(transparent)]
    Tone(#[from] CalibrateError),
}

impl Calibration {
    /// Finds the pigment that this treatment, of this plan, was placed with.
    ///
    /// # Errors
    /// [`Nothing`] where the places do not tell it.
    pub fn measure(
        name: &str,
        photo: &Photo,
        (head, camera): (&Head, &Camera),
        (plan, treatment): (&Plan, &Treatment),
        places: Places,
        age_days: f64,
    ) -> Result<Self, Nothing> {
        let seen = |place: Place, middle_px: DVec2| {
            look(photo, head, camera, middle_px, places.radius_mm).ok_or(Nothing::OffTheHead(place))
        };
        let (_, bare) = seen(Place::Bare, places.bare_px)?;
        let (middle, treated) = seen(Place::Treated, places.treated_px)?;
        let placed = treatment.dots_after(plan.sessions.len());
        let dots = Dots::around(placed, middle.position, places.radius_mm).ok_or(Nothing::NoDots)?;
        let area = plan.areas.get(dots.area).ok_or(Nothing::NoDots)?;
        let any = Pigment { name: String::new(), absorption_per_mm: [0.0; 3], part: Vec::new() };
        let density_per_cm2 = dots.density_per_cm2;
        let recipe = Recipe { density_per_cm2, ..Recipe::of(plan, area, &any, treatment.skin) };
        let found = calibrate::pigment(name, &recipe, bare, treated, age_days)?;
        Ok(Self { found, bare, treated, density_per_cm2, age_days })
    }
}

/// Mean tone of a disc, and the skin in its middle.
fn look(photo: &Photo, head: &Head, camera: &Camera, middle_px: DVec2, radius_mm: f64) -> Option<(SurfacePoint, Tone)> {
    let (_, skin) = head.head_from_image(camera, middle_px).filter(|(_, skin)| head.visible(camera, skin))?;
    // Across, where skin is foreshortened most: the disc shows none beyond the place.
    let footprint = camera.footprint(skin.position, skin.normal);
    Some((skin, Tone::mean_in_disc(photo, middle_px, radius_mm * footprint.minor_px_per_mm)?))
}

/// The plan's dots around a place.
struct Dots {
    /// Area that most of them are of.
    area: usize,
    /// Mean of what is planned there, all sessions, per cm2.
    density_per_cm2: f64,
}

impl Dots {
    fn around<'a>(dots: impl Iterator<Item = &'a Dot>, place: DVec3, radius_mm: f64) -> Option<Self> {
        let near: Vec<&Dot> = dots.filter(|dot| dot.position.distance(place) <= radius_mm).collect();
        if near.len() < FEWEST_DOTS {
            return None;
        }
        let of_area = |area: u8| near.iter().filter(|dot| dot.area == area).count();
        let area = near.iter().map(|dot| dot.area).max_by_key(|area| (of_area(*area), std::cmp::Reverse(*area)))?;
        // Each dot stands for the skin that it has for itself, which is more where dots are sparse.
        let skin: f64 = near.iter().map(|dot| 1.0 / dot.density_per_cm2).sum();
        Some(Self { area: usize::from(area), density_per_cm2: near.len() as f64 / skin })
    }
}
