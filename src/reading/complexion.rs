//! The client's skin, estimated from the untreated forehead in a photo.
//!
//! A photo reveals neither its illumination nor its exposure, so every estimate is uncertain: it is the most likely
//! skin, with the spread of the others that would fit (see [`skin_estimate`]). Colour decides where it can; brightness
//! contributes as far as it can be trusted.

use serde::{Deserialize, Serialize};

use super::skin_estimate::{self, Freedom};
use super::tissue::Skin;
use super::tone::Tone;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;

/// Skin class by ITA, and the Fitzpatrick type usually associated with it (Chardon 1991, Del Bino 2006).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "`class` names each")]
pub enum SkinType {
    I,
    II,
    III,
    IV,
    V,
    VI,
}

/// All types, the lightest first.
pub const SKIN_TYPES: [SkinType; 6] =
    [SkinType::I, SkinType::II, SkinType::III, SkinType::IV, SkinType::V, SkinType::VI];

impl SkinType {
    /// The type of skin with this ITA, degrees.
    #[must_use]
    pub(crate) fn of_ita(ita_degrees: f64) -> Self {
        SKIN_TYPES.into_iter().find(|kind| ita_degrees > kind.least_ita_degrees()).unwrap_or(Self::VI)
    }

    /// Lower limit of the type's ITA, degrees.
    fn least_ita_degrees(self) -> f64 {
        match self {
            Self::I => 55.0,
            Self::II => 41.0,
            Self::III => 28.0,
            Self::IV => 10.0,
            Self::V => -30.0,
            Self::VI => f64::NEG_INFINITY,
        }
    }

    /// The Fitzpatrick type.
    #[must_use]
    pub fn fitzpatrick(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
            Self::V => "V",
            Self::VI => "VI",
        }
    }

    /// The name of the class.
    #[must_use]
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::I => "very light",
            Self::II => "light",
            Self::III => "intermediate",
            Self::IV => "tan",
            Self::V => "brown",
            Self::VI => "dark",
        }
    }

    /// Whether the skin is of this type, judged by its appearance in a photo of typical exposure.
    fn holds(self, skin: Skin) -> bool {
        Self::of_ita(skin_estimate::in_typical_photo(skin).ita_degrees()) == self
    }
}

/// The skin types that are compatible with a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkinTypes {
    /// The lightest within one standard error.
    pub lightest: SkinType,
    /// The most likely.
    pub likeliest: SkinType,
    /// The darkest within one standard error.
    pub darkest: SkinType,
}

impl SkinTypes {
    /// The types of untreated skin of this tone; `None` where the tone is not the colour of skin, as in a grey photo.
    ///
    /// On 71 photographs of heads, most of them official portraits, whose types were judged by eye, the right type is
    /// within the range in 47 (two thirds, as expected of one standard error), and the most likely type is right or
    /// adjacent in 59. Where it is wrong the lighting is the cause: dark skin in bright light, faces in shade, film
    /// with a colour cast. Estimating melanin from all three channels (see [`skin_estimate`]) is right no more often.
    /// On 101 further photographs, taken in any light, a quarter of them with a hat or with hair over the forehead, the
    /// range holds the right type in 63, and the most likely type is right or adjacent in 78; a regression on lightness
    /// and hues, and the whites of the eyes as a reference, are right no more often.
    #[must_use]
    pub fn of(tone: Tone) -> Option<Self> {
        let (ita, error) = (tone.ita_degrees(), ita_error_degrees(tone));
        let [lightest, likeliest, darkest] = [ita + error, ita, ita - error].map(SkinType::of_ita);
        skin_estimate::is_skin(tone.0).then_some(Self { lightest, likeliest, darkest })
    }

    /// Whether a type is within the range.
    #[must_use]
    pub fn contains(&self, kind: SkinType) -> bool {
        (self.lightest..=self.darkest).contains(&kind)
    }

    /// In words: "II to IV".
    #[must_use]
    pub fn range(&self) -> String {
        let [lightest, darkest] = [self.lightest, self.darkest].map(SkinType::fitzpatrick);
        if lightest == darkest { lightest.to_owned() } else { format!("{lightest} to {darkest}") }
    }
}

/// Standard error of a tone's ITA owing to the unknown illumination, degrees.
fn ita_error_degrees(tone: Tone) -> f64 {
    let lit = |exposure: f64, blue: f64| {
        let [r, g, b] = tone.0.map(|light| light * libm::exp(exposure));
        Tone([r, g, b * libm::exp(blue)]).ita_degrees()
    };
    let by_exposure = 0.5 * (lit(FREEDOM.ln_exposure, 0.0) - lit(-FREEDOM.ln_exposure, 0.0));
    let by_balance = 0.5 * (lit(0.0, FREEDOM.ln_balance) - lit(0.0, -FREEDOM.ln_balance));
    by_exposure.hypot(by_balance)
}

/// The client's skin, estimated from a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complexion {
    /// The forehead as the photo shows it.
    pub tone: Tone,
    /// Individual typology angle, degrees.
    pub ita_degrees: f64,
    /// Standard error of the angle owing to the unknown illumination, degrees.
    pub ita_error_degrees: f64,
    /// Reddish or golden hue.
    pub undertone: Undertone,
    /// The most likely skin.
    pub skin: Skin,
    /// Factor by which its melanin may be off (one standard deviation): 2 means half to double.
    pub melanin_error_factor: f64,
}

/// Hue of skin, relative to that of most skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undertone {
    /// Pinkish.
    Cool,
    /// In between.
    Neutral,
    /// Golden or olive.
    Warm,
}

impl Undertone {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cool => "cool",
            Self::Neutral => "neutral",
            Self::Warm => "warm",
        }
    }
}

/// Limits of a neutral undertone, as hue angles in Lab, degrees (assumed: most skin has 45 to 65).
const NEUTRAL_HUE_DEGREES: [f64; 2] = [50.0, 60.0];
/// Clients' photos are exposed to within half a stop and balanced a little better than photos of skin in general
/// (assumed).
const FREEDOM: Freedom = Freedom { ln_exposure: 0.35, ln_balance: 0.08 };

impl Complexion {
    /// From the tone of untreated skin; `None` where it is black. Where the type is known, only skins of that type are
    /// considered.
    #[must_use]
    pub(crate) fn of_tone(tone: Tone, known: Option<SkinType>) -> Option<Self> {
        let holds = |skin: Skin| known.is_none_or(|known| known.holds(skin));
        let skin_estimate::SkinEstimate { skin, melanin_error_factor, .. } =
            skin_estimate::estimate_among(tone.0, FREEDOM, holds)?;
        let [_, a, b] = tone.lab();
        let hue_degrees = libm::atan2(b, a).to_degrees();
        let [cool, warm] = NEUTRAL_HUE_DEGREES;
        let undertone = match hue_degrees {
            hue if hue < cool => Undertone::Cool,
            hue if hue > warm => Undertone::Warm,
            _ => Undertone::Neutral,
        };
        Some(Self {
            tone,
            ita_degrees: tone.ita_degrees(),
            ita_error_degrees: ita_error_degrees(tone),
            undertone,
            skin,
            melanin_error_factor,
        })
    }
}

/// The client's skin as the forehead shows it; typical skin where it cannot be estimated.
#[must_use]
pub(crate) fn skin(photo: &Photo, head: &Head, camera: &Camera, known: Option<SkinType>) -> Skin {
    let complexion = Tone::of_forehead(photo, head, camera).and_then(|tone| Complexion::of_tone(tone, known));
    complexion.map_or_else(|| usual(known), |complexion| complexion.skin)
}

/// Skin to assume where no photo shows it: typical skin of its type, or light skin if the type is unknown.
#[must_use]
pub(crate) fn usual(known: Option<SkinType>) -> Skin {
    known.and_then(|known| skin_estimate::usual_among(|skin| known.holds(skin))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tone of a skin in a photo: exposed, and with the even specular reflection of its surface.
    fn shown(skin: Skin, exposure: f64, balance: [f64; 3]) -> Tone {
        let reflectance = skin.reflectance();
        Tone(std::array::from_fn(|c| (reflectance[c] + skin_estimate::SURFACE) * exposure * balance[c]))
    }

    #[test]
    fn skin_comes_back_from_its_colour_and_within_its_error_from_other_light() {
        for melanosome_fraction in [0.015, 0.03, 0.06, 0.12] {
            for blood_fraction in [0.007, 0.015] {
                let skin = Skin { melanosome_fraction, blood_fraction, ..Skin::default() };
                let estimate = |exposure, balance| {
                    let complexion = Complexion::of_tone(shown(skin, exposure, balance), None).unwrap();
                    (complexion.skin.melanosome_fraction / melanosome_fraction, complexion.melanin_error_factor)
                };
                let (plain, _) = estimate(1.55, [1.0; 3]);
                assert!((0.75..1.33).contains(&plain), "{melanosome_fraction} {blood_fraction}: {plain}");
                for (exposure, balance) in [(1.1, [1.0; 3]), (2.2, [1.0; 3]), (1.55, [1.08, 1.0, 0.93])] {
                    let (off, error_factor) = estimate(exposure, balance);
                    let off = libm::log(off).abs();
                    assert!(
                        off < 1.5 * libm::log(error_factor),
                        "{melanosome_fraction} {blood_fraction} {exposure}: {off}"
                    );
                    assert!(error_factor < 2.0, "{error_factor}");
                }
            }
        }
    }

    #[test]
    fn skin_without_light_or_colour_gives_bounded_estimates() {
        assert_eq!(Complexion::of_tone(Tone([0.0; 3]), None), None);
        assert_eq!(Complexion::of_tone(Tone([f64::NAN; 3]), None), None);
        // Less red than the surface alone reflects: not skin.
        assert_eq!(Complexion::of_tone(Tone([0.01, 0.5, 0.9]), None), None);
        for tone in [[1.0; 3], [0.05, 0.5, 0.9], [0.002; 3]] {
            let skin = Complexion::of_tone(Tone(tone), None).unwrap().skin;
            assert!((0.003..0.4).contains(&skin.melanosome_fraction), "{tone:?} {skin:?}");
            assert!((0.002..0.05).contains(&skin.blood_fraction), "{tone:?} {skin:?}");
        }
    }

    #[test]
    fn undertone_and_class_follow_the_colour() {
        let of = |samples: [f64; 3]| {
            let light = samples.map(|c| crate::ground::colour::srgb_light_from_fraction(c / 255.0));
            let complexion = Complexion::of_tone(Tone(light), None).unwrap();
            (SkinType::of_ita(complexion.ita_degrees).fitzpatrick(), complexion.undertone)
        };
        assert_eq!(of([236.0, 200.0, 190.0]), ("I", Undertone::Cool));
        assert_eq!(of([224.0, 190.0, 160.0]).1, Undertone::Warm);
        assert_eq!(of([90.0, 60.0, 45.0]).0, "VI");
    }

    #[test]
    fn a_type_that_is_known_counts_for_more_than_the_light() {
        let light = shown(Skin::default(), 1.55, [1.0; 3]);
        let of = |known: SkinType| Complexion::of_tone(light, Some(known)).unwrap().skin.melanosome_fraction;
        let all = SKIN_TYPES.map(of);
        assert!(all.windows(2).all(|pair| pair[1] > 1.15 * pair[0]), "{all:?}");
        let plain = Complexion::of_tone(light, None).unwrap().skin.melanosome_fraction;
        assert!((of(SkinType::II) / plain - 1.0).abs() < 0.3, "{all:?} {plain}");
        // The estimate is of the known type, whatever the photo shows.
        for known in SKIN_TYPES {
            for tone in [light, Tone([0.06, 0.03, 0.02]), Tone([1.0, 0.9, 0.8])] {
                assert!(known.holds(Complexion::of_tone(tone, Some(known)).unwrap().skin), "{known:?} {tone:?}");
            }
            assert!(known.holds(usual(Some(known))), "{known:?}");
        }
        assert_eq!(usual(None), Skin::default());
    }

    #[test]
    fn types_are_estimated_with_the_error_of_the_light() {
        for (melanosome_fraction, kind) in [(0.012, SkinType::I), (0.025, SkinType::II), (0.055, SkinType::IV)] {
            let skin = Skin { melanosome_fraction, ..Skin::default() };
            // A third of a stop less or more.
            for exposure in [1.55, 1.3, 1.9] {
                let told = SkinTypes::of(shown(skin, exposure, [1.0; 3])).unwrap();
                assert!(told.contains(kind) && told.contains(told.likeliest), "{kind:?} {exposure}: {told:?}");
                assert!(told.darkest as usize - told.lightest as usize <= 3, "{told:?}");
            }
        }
        let told = SkinTypes { lightest: SkinType::II, likeliest: SkinType::II, darkest: SkinType::IV };
        assert_eq!((told.range().as_str(), told.contains(SkinType::V)), ("II to IV", false));
        assert_eq!(SkinTypes { darkest: SkinType::II, ..told }.range(), "II");
        // A grey photo says nothing about skin.
        assert_eq!(SkinTypes::of(Tone([0.4; 3])), None);
    }
}
