//! Redness after a session: more blood in the upper dermis, in the treated skin and a few millimetres around it.
//!
//! It is modelled as absorption by haemoglobin in green and blue, not as red paint. Illustrative: see
//! `assets/healing.toml`.

use super::settings::{Outlook, settings};
use crate::reading::tissue::Skin;

/// How far redness reaches into the skin around the treated area, as a standard deviation, mm (a few millimetres in
/// all).
pub const REACH_MM: f64 = 3.0;
/// Density of punctures at which skin is almost as red as it gets, per cm2 (assumed).
const REDDENING_PER_CM2: f64 = 20.0;

/// Optical density of the redness where skin received many punctures `age_days` ago: red, green, blue.
#[must_use]
pub fn optical_density(skin: Skin, age_days: f64) -> [f64; 3] {
    let all = settings();
    let (half_life, end) = (all.redness_half_life_days.at(Outlook::Likely), all.redness_days.at(Outlook::Likely));
    if !(0.0..end).contains(&age_days) {
        return [0.0; 3];
    }
    let blood_mm = all.redness_blood_mm.at(Outlook::Likely) * libm::exp2(-age_days / half_life);
    skin.left_by_blood(blood_mm).map(|left| -libm::log(left))
}

/// How red skin gets from this many punctures, as a share of the maximum.
#[must_use]
pub fn share(punctures_per_cm2: f64) -> f64 {
    1.0 - libm::exp(-punctures_per_cm2.max(0.0) / REDDENING_PER_CM2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redness_is_green_and_blue_lost_halves_within_a_day_and_ends() {
        let light = Skin::default();
        let [red, green, blue] = optical_density(light, 0.0);
        assert!(green > 5.0 * red && blue > green && green > 0.1, "{red} {green} {blue}");
        let later = optical_density(light, 0.75)[1] / green;
        assert!((0.45..0.55).contains(&later), "{later}");
        assert!(optical_density(light, 4.9)[1] < 0.02 * green);
        assert_eq!(optical_density(light, 5.0), [0.0; 3]);
        assert_eq!(optical_density(light, -1.0), [0.0; 3]);
        let dark = Skin { melanosome_fraction: 0.10, ..light };
        assert!(optical_density(dark, 0.0)[2] < 0.9 * blue);
    }
}
