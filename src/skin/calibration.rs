//! A studio's own pigment, from its healed work in a photo: bare and treated skin side by side, and the plan that says what
//! was placed.
//!
//! Both places are to be in the same light, the treated one without hair.
//!
//! The treated tone falls as absorption rises, in each channel by itself ([`Recipe::on`]), so halving an interval finds the
//! one absorption that gives it. Everything else is taken from the recipe: dots that were placed sparser or finer than it
//! says come out as a weaker pigment.

use glam::{DVec2, DVec3};

use super::shade::{self, Recipe};
use crate::follicles::dots::{Dot, Dots};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;
use crate::plan::Plan;
use crate::plan::pigment::{Pigment, STRONGEST_PER_MM};
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;

/// Name of the step that takes the pigment over.
pub const STEP: &str = "Calibrate pigment";
/// Radius of a place that is usually enough, mm: two hundred dots, since no two hold the same pigment.
pub const USUAL_RADIUS_MM: f64 = 8.0;
/// Fewer dots of the plan than this around a place are no treated area.
const FEWEST_DOTS: usize = 20;

/// One of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalibrationPatch {
    /// Skin without pigment.
    Bare,
    /// Healed skin with it.
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

/// Where to look in a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationPatches {
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
    OffTheHead(CalibrationPatch),
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
    /// Finds the pigment that these dots, of this plan, were placed with in this client's skin.
    ///
    /// # Errors
    /// [`Nothing`] where the places do not tell it.
    pub fn measure(
        name: &str,
        photo: &Photo,
        (head, camera): (&Head, &Camera),
        (plan, dots, skin): (&Plan, &Dots, Skin),
        places: CalibrationPatches,
        age_days: f64,
    ) -> Result<Self, Nothing> {
        let seen = |place: CalibrationPatch, middle_px: DVec2| {
            look(photo, head, camera, middle_px, places.radius_mm).ok_or(Nothing::OffTheHead(place))
        };
        let (_, bare) = seen(CalibrationPatch::Bare, places.bare_px)?;
        let (middle, treated) = seen(CalibrationPatch::Treated, places.treated_px)?;
        let placed = dots.iter().filter(|dot| usize::from(dot.session) <= plan.sessions.len());
        let Around { area, density_per_cm2 } =
            Around::of(placed, middle.position, places.radius_mm).ok_or(Nothing::NoDots)?;
        let area = plan.areas.get(area).ok_or(Nothing::NoDots)?;
        let any = Pigment { name: String::new(), absorption_per_mm: [0.0; 3], part: Vec::new() };
        let recipe = Recipe { density_per_cm2, ..Recipe::of(plan, area, &any, skin) };
        let found = pigment(name, &recipe, bare, treated, age_days)?;
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
struct Around {
    /// Area that most of them are of.
    area: usize,
    /// Mean of what is planned there, all sessions, per cm2.
    density_per_cm2: f64,
}

impl Around {
    fn of<'a>(dots: impl Iterator<Item = &'a Dot>, place: DVec3, radius_mm: f64) -> Option<Self> {
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

/// Less of the light than this is lost by no pigment that can be told from none: a step of an 8-bit photo in bright skin.
const LEAST_LOSS: f64 = 0.005;
/// How well light on treated and on bare skin can be compared in a photo, of itself (assumed): shading and grain.
pub const TONE_DOUBT: f64 = 0.01;
/// Halvings of the interval: to a billionth of the strongest pigment, far below what any photo tells.
const HALVINGS: usize = 40;

/// A channel of light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "colours")]
pub enum Channel {
    Red,
    Green,
    Blue,
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
        })
    }
}

/// Why no pigment explains a tone.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// Nothing was lost.
    #[error(
        "the treated skin is not darker than the bare skin in {channel} light, so no pigment can be told from it; choose \
         places in the same light, and treated skin without hair"
    )]
    NotDarker {
        /// The first such channel.
        channel: Channel,
    },
    /// More is lost than black dots take.
    #[error(
        "the treated skin is darker in {channel} light than these dots can make it with any pigment; the plan may say fewer, \
         finer or more diluted dots than were placed, or hair grows there"
    )]
    TooDark {
        /// The first such channel.
        channel: Channel,
    },
}

/// A pigment that was found, and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The pigment.
    pub pigment: Pigment,
    /// Lowest and highest absorption, per mm, that are as good where the treated tone is off by [`TONE_DOUBT`]: red, green,
    /// blue. Dots that take nearly all light look the same at any strength, so this can be wide; what the pigment is good
    /// for, the tone of treated skin, is then as sure as ever.
    pub range_per_mm: [[f64; 2]; 3],
}

/// The pigment with which `recipe` turns skin of the tone `bare` into `treated`, `age_days` after the last session. Both
/// tones are means over the same light. The recipe's own pigment does not matter: the one that is found is taken to fade as
/// plain carbon does. The area's shade is part of what was placed, not of the bottle.
///
/// # Errors
/// [`CalibrateError`] where no pigment up to [`STRONGEST_PER_MM`] does, even where the tone is off by [`TONE_DOUBT`].
pub fn pigment(
    name: &str,
    recipe: &Recipe,
    bare: Tone,
    treated: Tone,
    age_days: f64,
) -> Result<Calibrated, CalibrateError> {
    let of = |absorption_per_mm| Pigment { name: name.to_owned(), absorption_per_mm, part: Vec::new() };
    let specular = shade::specular(bare);
    let tone =
        |absorption_per_mm| Recipe { pigment: &of(absorption_per_mm), ..*recipe }.under(specular, bare, age_days);
    let darkest = tone([STRONGEST_PER_MM; 3]);
    for (c, channel) in [Channel::Red, Channel::Green, Channel::Blue].into_iter().enumerate() {
        let (treated, bare, darkest) = (treated.0[c], bare.0[c], darkest.0[c]);
        if treated.is_nan() || bare.is_nan() || treated > (1.0 - LEAST_LOSS) * bare {
            return Err(CalibrateError::NotDarker { channel });
        }
        if (1.0 + TONE_DOUBT) * treated < darkest {
            return Err(CalibrateError::TooDark { channel });
        }
    }
    // Beyond what is possible it ends at the limit.
    let absorption = |treated: [f64; 3]| {
        let (mut weak, mut strong) = ([0.0; 3], [STRONGEST_PER_MM; 3]);
        let middle = |weak: [f64; 3], strong: [f64; 3]| std::array::from_fn(|c| 0.5 * (weak[c] + strong[c]));
        for _ in 0..HALVINGS {
            let tried: [f64; 3] = middle(weak, strong);
            let seen = tone(tried);
            for (c, light) in seen.0.into_iter().enumerate() {
                if light > treated[c] {
                    weak[c] = tried[c];
                } else {
                    strong[c] = tried[c];
                }
            }
        }
        middle(weak, strong)
    };
    // A tone that only its standard error allows is explained by the weakest pigment that is as good: dots nearly black do not tell.
    let aim = std::array::from_fn(|c| treated.0[c] * if treated.0[c] < darkest.0[c] { 1.0 + TONE_DOUBT } else { 1.0 });
    let weakest = absorption(treated.0.map(|light| (1.0 + TONE_DOUBT) * light));
    let strongest = absorption(treated.0.map(|light| (1.0 - TONE_DOUBT) * light));
    Ok(Calibrated { pigment: of(absorption(aim)), range_per_mm: std::array::from_fn(|c| [weakest[c], strongest[c]]) })
}
