//! The client's skin, from the untreated forehead in a photo.
//!
//! A photo knows neither its light nor its exposure, so nothing here is sure: the estimate is the likeliest skin with the
//! spread of what else would fit: see [`seen`]. The colour decides where it can, and brightness helps as far as it may be
//! trusted.

use super::seen::{self, Freedom};
use super::tissue::Skin;
use super::tone::Tone;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;

/// What a photo tells of a client's skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complexion {
    /// The forehead as it is in the photo.
    pub tone: Tone,
    /// Individual typology angle, degrees.
    pub ita_degrees: f64,
    /// How far that may be off because the light is unknown (one standard deviation), degrees.
    pub ita_doubt_degrees: f64,
    /// What reddish or golden skin is called.
    pub undertone: Undertone,
    /// The likeliest skin.
    pub skin: Skin,
    /// Factor by which its melanin may be off (one standard deviation): 2 is half to double.
    pub melanin_doubt: f64,
}

/// Hue of skin, compared with what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undertone {
    /// Pinkish.
    Cool,
    /// Between.
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

/// Hue angles in Lab between which an undertone is neutral, degrees (assumed: most skin has 45 to 65).
const NEUTRAL_HUE_DEGREES: [f64; 2] = [50.0, 60.0];
/// Photos of clients are exposed within half a stop and balanced a little better than any photo of skin (assumed).
const FREEDOM: Freedom = Freedom { ln_exposure: 0.35, ln_balance: 0.08 };

/// ITA below which skin is of the next darker class (Chardon 1991, Del Bino 2006), and the Fitzpatrick type that is
/// usually meant by it.
const CLASSES: [(f64, &str, &str); 6] = [
    (55.0, "very light", "I"),
    (41.0, "light", "II"),
    (28.0, "intermediate", "III"),
    (10.0, "tan", "IV"),
    (-30.0, "brown", "V"),
    (f64::NEG_INFINITY, "dark", "VI"),
];

impl Complexion {
    /// From the forehead; none where the camera does not see it, or where there is no light.
    #[must_use]
    pub(crate) fn of_forehead(photo: &Photo, head: &Head, camera: &Camera) -> Option<Self> {
        Tone::of_forehead(photo, head, camera).and_then(Self::of_tone)
    }

    /// From the tone of untreated skin; none where there is no light.
    #[must_use]
    pub(crate) fn of_tone(tone: Tone) -> Option<Self> {
        let seen::Told { skin, melanin_doubt, .. } = seen::tell(tone.0, FREEDOM)?;
        let [_, a, b] = tone.lab();
        let hue_degrees = libm::atan2(b, a).to_degrees();
        let [cool, warm] = NEUTRAL_HUE_DEGREES;
        let undertone = match hue_degrees {
            hue if hue < cool => Undertone::Cool,
            hue if hue > warm => Undertone::Warm,
            _ => Undertone::Neutral,
        };
        let lit = |exposure: f64, blue: f64| {
            let [r, g, b] = tone.0.map(|light| light * libm::exp(exposure));
            Tone([r, g, b * libm::exp(blue)]).ita_degrees()
        };
        let by_exposure = 0.5 * (lit(FREEDOM.ln_exposure, 0.0) - lit(-FREEDOM.ln_exposure, 0.0));
        let by_balance = 0.5 * (lit(0.0, FREEDOM.ln_balance) - lit(0.0, -FREEDOM.ln_balance));
        Some(Self {
            tone,
            ita_degrees: tone.ita_degrees(),
            ita_doubt_degrees: by_exposure.hypot(by_balance),
            undertone,
            skin,
            melanin_doubt,
        })
    }

    /// Class of skin by its ITA, and the Fitzpatrick type that is usually meant by that.
    #[must_use]
    pub(crate) fn class(&self) -> (&'static str, &'static str) {
        class_of(self.ita_degrees)
    }
}

/// Class of skin of an ITA in degrees, and the Fitzpatrick type that is usually meant by that.
#[must_use]
pub(crate) fn class_of(ita_degrees: f64) -> (&'static str, &'static str) {
    let class = CLASSES.iter().find(|(least, _, _)| ita_degrees > *least).or(CLASSES.last());
    class.map_or(("", ""), |(_, class, fitzpatrick)| (*class, *fitzpatrick))
}

/// The client's skin as the forehead shows it; light skin where it cannot be estimate.
#[must_use]
pub fn skin(photo: &Photo, head: &Head, camera: &Camera) -> Skin {
    Complexion::of_forehead(photo, head, camera).map_or_else(Skin::default, |complexion| complexion.skin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a photo shows of a skin: exposed, and with the even specular light of its surface.
    fn shown(skin: Skin, exposure: f64, balance: [f64; 3]) -> Tone {
        let reflectance = skin.reflectance();
        Tone(std::array::from_fn(|c| (reflectance[c] + seen::SURFACE) * exposure * balance[c]))
    }

    #[test]
    fn skin_comes_back_from_its_colour_and_within_its_doubt_from_other_light() {
        for melanosome_fraction in [0.015, 0.03, 0.06, 0.12] {
            for blood_fraction in [0.007, 0.015] {
                let skin = Skin { melanosome_fraction, blood_fraction, ..Skin::default() };
                let estimate = |exposure, balance| {
                    let complexion = Complexion::of_tone(shown(skin, exposure, balance)).unwrap();
                    (complexion.skin.melanosome_fraction / melanosome_fraction, complexion.melanin_doubt)
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
    fn skin_without_light_or_colour_makes_no_nonsense() {
        assert_eq!(Complexion::of_tone(Tone([0.0; 3])), None);
        assert_eq!(Complexion::of_tone(Tone([f64::NAN; 3])), None);
        // Less red than the surface alone throws back: no skin.
        assert_eq!(Complexion::of_tone(Tone([0.01, 0.5, 0.9])), None);
        for tone in [[1.0; 3], [0.05, 0.5, 0.9], [0.002; 3]] {
            let skin = Complexion::of_tone(Tone(tone)).unwrap().skin;
            assert!((0.003..0.4).contains(&skin.melanosome_fraction), "{tone:?} {skin:?}");
            assert!((0.002..0.05).contains(&skin.blood_fraction), "{tone:?} {skin:?}");
        }
    }

    #[test]
    fn undertone_and_class_follow_the_colour() {
        let of = |samples: [f64; 3]| {
            let light = samples.map(|c| crate::ground::colour::srgb_light_from_fraction(c / 255.0));
            let complexion = Complexion::of_tone(Tone(light)).unwrap();
            (complexion.class().1, complexion.undertone)
        };
        assert_eq!(of([236.0, 200.0, 190.0]), ("I", Undertone::Cool));
        assert_eq!(of([224.0, 190.0, 160.0]).1, Undertone::Warm);
        assert_eq!(of([90.0, 60.0, 45.0]).0, "VI");
    }
}
