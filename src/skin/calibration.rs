//! A studio's own pigment, from its healed work in a photo: bare and treated skin side by side, and the plan that says
//! what was placed.
//!
//! Both places must be in the same light, and the treated one free of hair.
//!
//! The treated tone falls as absorption rises, in each channel separately ([`Recipe::on`]), so bisection finds the one
//! absorption that gives it. Everything else is taken from the recipe: dots that were placed sparser or finer than it
//! says come out as a weaker pigment.

use glam::DVec3;

use super::shade::Recipe;
use crate::follicles::dots::{Dot, Dots};
use crate::plan::Plan;
use crate::plan::pigment::{Pigment, STRONGEST_PER_MM};
pub use crate::reading::patch_tones::{CalibrationPatch, CalibrationPatches, USUAL_RADIUS_MM};
use crate::reading::patch_tones::{OffTheHead, PatchTones};
use crate::reading::skin_estimate;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;

/// Name of the undo step that adopts the pigment.
pub const STEP: &str = "Calibrate pigment";
/// With fewer planned dots than this around it, a place is not a treated area.
const FEWEST_DOTS: usize = 20;

/// The result of a calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The pigment as it comes from the bottle, and how certain it is.
    pub found: Calibrated,
    /// Tone of the bare skin.
    pub bare: Tone,
    /// Tone of the treated skin.
    pub treated: Tone,
    /// Dots per cm2 that the plan places there.
    pub density_per_cm2: f64,
    /// Days since the last session.
    pub age_days: f64,
}

/// Why no pigment was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// A place was not measured.
    #[error(transparent)]
    OffTheHead(#[from] OffTheHead),
    /// The plan has no dots there.
    #[error(
        "the plan places next to no dots where the treated skin was clicked, so nobody knows what was done there; \
         first describe in the plan the treatment as it was done"
    )]
    NoDots,
    /// No pigment explains the tones.
    #[error(transparent)]
    Tone(#[from] ToneError),
}

impl Calibration {
    /// Finds the pigment with which these dots of this plan were placed in this client's skin.
    ///
    /// # Errors
    /// [`CalibrationError`] if the places do not reveal it.
    pub fn new(
        name: &str,
        places: &PatchTones,
        (plan, dots, skin): (&Plan, &Dots, Skin),
        age_days: f64,
    ) -> Result<Self, CalibrationError> {
        let PatchTones { bare, treated, treated_middle, radius_mm } = *places;
        let placed = dots.iter().filter(|dot| usize::from(dot.session) <= plan.sessions.len());
        let Around { area, density_per_cm2 } =
            Around::of(placed, treated_middle, radius_mm).ok_or(CalibrationError::NoDots)?;
        let area = plan.areas.get(area).ok_or(CalibrationError::NoDots)?;
        let any = Pigment { name: String::new(), absorption_per_mm: [0.0; 3], part: Vec::new() };
        let recipe = Recipe { density_per_cm2, ..Recipe::of(plan, area, &any, skin) };
        let found = pigment(name, &recipe, bare, treated, age_days)?;
        Ok(Self { found, bare, treated, density_per_cm2, age_days })
    }
}

/// The plan's dots around a place.
struct Around {
    /// The area that most of them belong to.
    area: usize,
    /// Mean planned density there over all sessions, per cm2.
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
        // Each dot stands for the skin around it, which is more where dots are sparse.
        let skin: f64 = near.iter().map(|dot| 1.0 / dot.density_per_cm2).sum();
        Some(Self { area: usize::from(area), density_per_cm2: near.len() as f64 / skin })
    }
}

/// A smaller loss of light than this cannot be told from no pigment at all: one step of an 8-bit photo in bright skin.
const LEAST_LOSS: f64 = 0.005;
/// Relative standard error of comparing light on treated and on bare skin in a photo, from shading and grain (assumed).
pub const TONE_STANDARD_ERROR: f64 = 0.01;
/// Bisection steps: down to a billionth of the strongest pigment, far finer than any photo can tell.
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
pub enum ToneError {
    /// The treated skin is not darker in this channel.
    #[error(
        "the treated skin is not darker than the bare skin in {channel} light, so no pigment can be told from it; choose \
         places in the same light, and treated skin without hair"
    )]
    NotDarker {
        /// The first such channel.
        channel: Channel,
    },
    /// More light is lost than black dots could absorb.
    #[error(
        "the treated skin is darker in {channel} light than these dots can make it with any pigment; the plan may say fewer, \
         finer or more diluted dots than were placed, or hair grows there"
    )]
    TooDark {
        /// The first such channel.
        channel: Channel,
    },
}

/// A pigment that was found, and how certain it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The pigment.
    pub pigment: Pigment,
    /// Lowest and highest absorption, per mm, that are still consistent when the treated tone is off by
    /// [`TONE_STANDARD_ERROR`]: red, green, blue. Dots that absorb nearly all light look the same at any strength, so
    /// this range can be wide; the tone of treated skin, which is what the pigment is needed for, is just as certain
    /// even then.
    pub range_per_mm: [[f64; 2]; 3],
}

/// The pigment with which `recipe` turns skin of tone `bare` into `treated`, `age_days` after the last session. Both
/// tones are means over the same light. The recipe's own pigment does not matter; the pigment found is assumed to fade
/// as plain carbon does. The area's shade belongs to what was placed, not to the bottle.
///
/// # Errors
/// [`ToneError`] if no pigment up to [`STRONGEST_PER_MM`] does, even allowing for the tone to be off by
/// [`TONE_STANDARD_ERROR`].
pub fn pigment(name: &str, recipe: &Recipe, bare: Tone, treated: Tone, age_days: f64) -> Result<Calibrated, ToneError> {
    let of = |absorption_per_mm| Pigment { name: name.to_owned(), absorption_per_mm, part: Vec::new() };
    let specular = skin_estimate::specular(bare);
    let tone =
        |absorption_per_mm| Recipe { pigment: &of(absorption_per_mm), ..*recipe }.under(specular, bare, age_days);
    let darkest = tone([STRONGEST_PER_MM; 3]);
    for (c, channel) in [Channel::Red, Channel::Green, Channel::Blue].into_iter().enumerate() {
        let (treated, bare, darkest) = (treated.0[c], bare.0[c], darkest.0[c]);
        if treated.is_nan() || bare.is_nan() || treated > (1.0 - LEAST_LOSS) * bare {
            return Err(ToneError::NotDarker { channel });
        }
        if (1.0 + TONE_STANDARD_ERROR) * treated < darkest {
            return Err(ToneError::TooDark { channel });
        }
    }
    // A tone beyond what is possible ends at the limit.
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
    // A tone that is reachable only within its standard error is explained by the weakest pigment consistent with it:
    // nearly black dots do not reveal more.
    let aim = std::array::from_fn(|c| {
        treated.0[c] * if treated.0[c] < darkest.0[c] { 1.0 + TONE_STANDARD_ERROR } else { 1.0 }
    });
    let weakest = absorption(treated.0.map(|light| (1.0 + TONE_STANDARD_ERROR) * light));
    let strongest = absorption(treated.0.map(|light| (1.0 - TONE_STANDARD_ERROR) * light));
    Ok(Calibrated { pigment: of(absorption(aim)), range_per_mm: std::array::from_fn(|c| [weakest[c], strongest[c]]) })
}
