//! How much light falls on skin, from its colour in a photo.
//!
//! What skin reflects at its surface is a part of the light that falls on it, whatever the skin: a twelfth of what light
//! skin sends back, and a quarter of what dark skin does. A photo knows neither its light nor its exposure; dark skin in
//! much light is as bright as light skin in little. But melanin takes most from blue and least from red, so that dark
//! skin is more saturated, too. Hence the colour is compared with the two-layer model of [`tissue`](super::tissue) for all
//! amounts of melanin and blood; exposure is free within what photos usually have, the white balance within a little.
//! What is told is the mean over all that fits.
//!
//! Of path-traced light skin, in full and in half exposure and under the light of a warm lamp, the surface's part comes back
//! within a fifth; with the light from inside the skin dimmed as melanin does, within a third, and rather too small. A photo
//! that was only darkened and tinted is not told from dark skin. Costs a few hundred evaluations of the model.

use super::tissue::Skin;

/// Part of the incident light that skin reflects towards the camera at its surface. Fresnel's formula says 0.028 at right
/// angles (n = 1.4), and rough skin mirrors less; path-traced heads with known dots are matched best by 0.023 (0.021 to
/// 0.026).
pub const SURFACE: f64 = 0.023;

/// Exposure of a usual portrait: linear light for the reflectance of the model (assumed). As natural logarithms: mean and
/// spread; three quarters of a stop.
const LN_EXPOSURE: [f64; 2] = [0.44, 0.5];
/// Spread of the white balance of red and of blue against green, natural logarithm (assumed: lamps are balanced worse
/// than daylight is, and what a lamp tints is not to be taken for dark skin).
const LN_BALANCE: f64 = 0.13;
/// Melanosomes and blood of people, natural logarithms: mean and spread (assumed from the range of skins).
const LN_MELANOSOMES: [f64; 2] = [-3.4, 0.9];
const LN_BLOOD: [f64; 2] = [-4.5, 0.4];
/// The skins that are tried, as spreads from the mean, and how many of each: finer steps change nothing by a hundredth.
const TRIED_SPREADS: f64 = 2.5;
const TRIED: [usize; 2] = [25, 9];
/// Red against green of the palest skin of the model is 1.2; less than this is no skin, even in light that is off by a
/// tenth: a grey photo, for instance.
const LEAST_RED: f64 = 1.1;

/// Linear light that a white, matt surface would show in place of skin of this colour (linear sRGB). None for colours that
/// no skin has.
#[must_use]
pub fn incident_light(colour: [f64; 3]) -> Option<f64> {
    let [red, green, _] = colour;
    if !colour.iter().all(|light| light.is_finite() && *light > 1e-4) || red < LEAST_RED * green {
        return None;
    }
    let ln_light = colour.map(libm::log);
    let misfit = |value: f64, [mean, spread]: [f64; 2]| ((value - mean) / spread) * ((value - mean) / spread);
    let tried = |[mean, spread]: [f64; 2], of: usize| {
        (0..of).map(move |at| mean + spread * TRIED_SPREADS * (2.0 * at as f64 / (of - 1) as f64 - 1.0))
    };
    let mut fits = Vec::with_capacity(TRIED[0] * TRIED[1]);
    for ln_melanosomes in tried(LN_MELANOSOMES, TRIED[0]) {
        for ln_blood in tried(LN_BLOOD, TRIED[1]) {
            let skin = Skin { melanosome_fraction: libm::exp(ln_melanosomes), blood_fraction: libm::exp(ln_blood) };
            let reflectance = skin.reflectance();
            let [red, green, blue]: [f64; 3] =
                std::array::from_fn(|c| ln_light[c] - libm::log(reflectance[c] + SURFACE));
            let misfit = misfit(green, LN_EXPOSURE)
                + misfit(red - green, [0.0, LN_BALANCE])
                + misfit(blue - green, [0.0, LN_BALANCE])
                + misfit(ln_melanosomes, LN_MELANOSOMES)
                + misfit(ln_blood, LN_BLOOD);
            fits.push((misfit, green));
        }
    }
    // Compared with the best, so that some weight is never rounded to nothing.
    let best = fits.iter().map(|(misfit, _)| *misfit).fold(f64::INFINITY, f64::min);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (misfit, ln_exposure) in fits {
        let weight = libm::exp(-0.5 * (misfit - best));
        sum += weight;
        weighted += weight * ln_exposure;
    }
    Some(libm::exp(weighted / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a photo shows of skin in this light.
    fn shown(skin: Skin, light: f64, balance: [f64; 3]) -> [f64; 3] {
        let reflectance = skin.reflectance();
        std::array::from_fn(|c| (reflectance[c] + SURFACE) * light * balance[c])
    }

    #[test]
    fn light_comes_back_from_light_and_dark_skin() {
        for melanosome_fraction in [0.012, 0.02, 0.04, 0.08] {
            for light in [1.2, 1.55, 2.0] {
                let skin = Skin { melanosome_fraction, ..Skin::default() };
                let told = incident_light(shown(skin, light, [1.0; 3])).unwrap() / light;
                assert!((0.75..1.33).contains(&told), "{melanosome_fraction}, {light}: {told}");
            }
        }
        // So little comes back from the darkest skin that it may as well be lighter skin in less light.
        let darkest = Skin { melanosome_fraction: 0.2, ..Skin::default() };
        let told = incident_light(shown(darkest, 1.55, [1.0; 3])).unwrap() / 1.55;
        assert!((0.5..1.0).contains(&told), "{told}");
    }

    #[test]
    fn half_the_exposure_and_warm_light_are_not_dark_skin() {
        // Taken for dark skin, they would be told as three times the light and more.
        for (light, balance) in [(0.78, [1.0; 3]), (1.55, [1.1, 1.0, 0.85])] {
            let told = incident_light(shown(Skin::default(), light, balance)).unwrap() / light;
            assert!((0.8..1.5).contains(&told), "{light}, {balance:?}: {told}");
        }
    }

    #[test]
    fn what_is_no_skin_tells_nothing() {
        for colour in [[0.0; 3], [0.3; 3], [0.2, 0.3, 0.4], [f64::NAN; 3], [0.5, 0.3, f64::INFINITY]] {
            assert_eq!(incident_light(colour), None, "{colour:?}");
        }
        // Never nonsense from odd colours.
        for colour in [[1.0, 0.5, 0.9], [0.9, 0.01, 0.01], [0.01, 0.005, 0.005], [9.0, 8.0, 1e-3]] {
            assert!(incident_light(colour).unwrap().is_finite(), "{colour:?}");
        }
    }
}
