//! A pigment of the studio's own, from healed skin: the absorption with which what was done gives the tone that is seen.
//!
//! The treated tone falls as absorption rises, in each channel by itself ([`Recipe::on`]), so halving an interval finds the
//! one absorption that gives it. Everything else is taken from the recipe: dots that were placed sparser or finer than it
//! says come out as a weaker pigment.

use super::shade::{self, Recipe};
use super::tone::Tone;
use crate::plan::pigment::{Pigment, STRONGEST_PER_MM};

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
    let gloss = shade::gloss(bare);
    let tone = |absorption_per_mm| Recipe { pigment: &of(absorption_per_mm), ..*recipe }.under(gloss, bare, age_days);
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
    // A tone that only its doubt allows is explained by the weakest pigment that is as good: dots nearly black do not tell.
    let aim = std::array::from_fn(|c| treated.0[c] * if treated.0[c] < darkest.0[c] { 1.0 + TONE_DOUBT } else { 1.0 });
    let weakest = absorption(treated.0.map(|light| (1.0 + TONE_DOUBT) * light));
    let strongest = absorption(treated.0.map(|light| (1.0 - TONE_DOUBT) * light));
    Ok(Calibrated { pigment: of(absorption(aim)), range_per_mm: std::array::from_fn(|c| [weakest[c], strongest[c]]) })
}
