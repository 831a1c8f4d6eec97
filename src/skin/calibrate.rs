//! A pigment of the studio's own, from healed skin: the absorption with which what was done gives the tone that is seen.
//!
//! The treated tone falls as absorption rises, in each channel by itself ([`Recipe::on`]), so halving an interval finds the
//! one absorption that gives it. Everything else is taken from the recipe: dots that were placed sparser or finer than it
//! says come out as a weaker pigment.

use super::shade::Recipe;
use super::tone::Tone;
use crate::plan::pigment::{Pigment, STRONGEST_PER_MM};

/// Less of the light than this is lost by no pigment that can be told from none: a step of an 8-bit photo in bright skin.
const LEAST_LOSS: f64 = 0.005;
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

/// The pigment with which `recipe` turns skin of the tone `bare` into `treated`, `age_days` after the last session. Both
/// tones are means over the same light. The recipe's own pigment does not matter: the one that is found is taken to fade as
/// plain carbon does.
///
/// # Errors
/// [`CalibrateError`] where no pigment up to [`STRONGEST_PER_MM`] does.
pub fn pigment(
    name: &str,
    recipe: &Recipe,
    bare: Tone,
    treated: Tone,
    age_days: f64,
) -> Result<Pigment, CalibrateError> {
    let of = |absorption_per_mm| Pigment { name: name.to_owned(), absorption_per_mm, part: Vec::new() };
    let tone = |absorption_per_mm| Recipe { pigment: &of(absorption_per_mm), ..*recipe }.on(bare, age_days);
    let darkest = tone([STRONGEST_PER_MM; 3]);
    for (c, channel) in [Channel::Red, Channel::Green, Channel::Blue].into_iter().enumerate() {
        // Written so that light that is no number is refused, too.
        if !(treated.0[c] <= (1.0 - LEAST_LOSS) * bare.0[c]) {
            return Err(CalibrateError::NotDarker { channel });
        }
        if !(treated.0[c] >= darkest.0[c]) {
            return Err(CalibrateError::TooDark { channel });
        }
    }
    let (mut weak, mut strong) = ([0.0; 3], [STRONGEST_PER_MM; 3]);
    let middle = |weak: [f64; 3], strong: [f64; 3]| std::array::from_fn(|c| 0.5 * (weak[c] + strong[c]));
    for _ in 0..HALVINGS {
        let tried = middle(weak, strong);
        let seen = tone(tried);
        for c in 0..3 {
            let end = if seen.0[c] > treated.0[c] { &mut weak } else { &mut strong };
            end[c] = tried[c];
        }
    }
    Ok(of(middle(weak, strong)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::pigment as pigments;
    use crate::plan::session::{self, Session};

    const SKINS: [Tone; 3] = [Tone([0.60, 0.38, 0.28]), Tone([0.33, 0.18, 0.11]), Tone([0.12, 0.065, 0.04])];
    const AGE_DAYS: f64 = 60.0;

    fn recipe<'a>(pigment: &'a Pigment, sessions: &'a [Session]) -> Recipe<'a> {
        Recipe { pigment, sessions, density_per_cm2: 140.0, depth_mm: 0.15 }
    }

    /// As a photo of 8 bits keeps it, the mean of many pixels: to a quarter of a code.
    fn photographed(tone: Tone) -> Tone {
        use crate::ground::colour::{srgb_fraction_from_light, srgb_light_from_fraction};
        Tone(tone.0.map(|light| srgb_light_from_fraction((1020.0 * srgb_fraction_from_light(light)).round() / 1020.0)))
    }

    #[test]
    fn a_known_pigment_is_found_again_on_three_skins() {
        let sessions = session::defaults(3);
        let usual = &pigments::library()[0];
        for known in pigments::library() {
            // What is found fades as carbon: so does what is looked for.
            let known = Pigment { part: Vec::new(), ..known.clone() };
            for skin in SKINS {
                let treated = recipe(&known, &sessions).on(skin, AGE_DAYS);
                let (bare, treated) = (photographed(skin), photographed(treated));
                let found = pigment("own", &recipe(usual, &sessions), bare, treated, AGE_DAYS).unwrap();
                for c in 0..3 {
                    let ratio = found.absorption_per_mm[c] / known.absorption_per_mm[c];
                    assert!((ratio - 1.0).abs() < 0.05, "{} on {skin:?}, channel {c}: {ratio}", known.name);
                }
            }
        }
    }

    #[test]
    fn more_pigment_is_darker_up_to_the_strongest() {
        let sessions = session::defaults(3);
        let light = |per_mm: f64| {
            let pigment = Pigment { name: "own".into(), absorption_per_mm: [per_mm; 3], part: Vec::new() };
            recipe(&pigment, &sessions).on(SKINS[0], AGE_DAYS).0
        };
        let steps: Vec<[f64; 3]> =
            (0..=60).map(|k| light(STRONGEST_PER_MM * libm::exp2(f64::from(k - 60) / 4.0))).collect();
        for pair in steps.windows(2) {
            assert!((0..3).all(|c| pair[1][c] < pair[0][c]), "{pair:?}");
        }
    }

    #[test]
    fn a_tone_that_no_pigment_gives_is_refused_in_words() {
        let sessions = session::defaults(3);
        let usual = recipe(&pigments::library()[0], &sessions);
        let skin = SKINS[0];
        let found = |treated: Tone| pigment("own", &usual, skin, treated, AGE_DAYS);
        assert_eq!(found(skin), Err(CalibrateError::NotDarker { channel: Channel::Red }));
        let pinker = Tone([skin.0[0], 0.8 * skin.0[1], 0.8 * skin.0[2]]);
        assert_eq!(found(pinker), Err(CalibrateError::NotDarker { channel: Channel::Red }));
        assert_eq!(found(Tone([0.0; 3])), Err(CalibrateError::TooDark { channel: Channel::Red }));
        let blueless = Tone([0.9 * skin.0[0], 0.9 * skin.0[1], 0.01 * skin.0[2]]);
        assert_eq!(found(blueless), Err(CalibrateError::TooDark { channel: Channel::Blue }));
        assert!(found(Tone([f64::NAN; 3])).is_err());
        let none = Recipe { density_per_cm2: 0.0, ..usual };
        let darker = Tone(skin.0.map(|c| 0.9 * c));
        assert_eq!(
            pigment("own", &none, skin, darker, AGE_DAYS),
            Err(CalibrateError::TooDark { channel: Channel::Red }),
            "no dots make nothing darker"
        );
    }
}
