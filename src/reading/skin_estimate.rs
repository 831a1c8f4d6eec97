//! What the colour of skin in a photo reveals: which skin it is, and how much light falls on it.
//!
//! A photo reveals neither its illumination nor its exposure; dark skin in bright light is as bright as light skin in
//! dim light. But melanin absorbs most in blue and least in red, so dark skin is also more saturated. Hence the colour
//! is compared with the two-layer model of [`tissue`](super::tissue) for all amounts of melanin and blood; exposure is
//! free within the usual range of photos, the white balance within a narrow one. The estimate is the weighted mean over
//! everything that fits.
//!
//! The surface of the skin reflects a fixed part of the incident light, whatever the skin: a twelfth of the light that
//! light skin sends back, and a quarter of what dark skin does ([`even_specular`]). For path-traced light skin, at full
//! and half exposure and under a warm lamp, that part is estimated to within a fifth; with the light from inside the
//! skin dimmed as by melanin, to within a third, and rather too small. A photo that was merely darkened and tinted
//! cannot be distinguished from dark skin. Costs a few hundred logarithms and exponentials: some 30 microseconds.
//!
//! Pigment sends back some light, too, as none is perfectly black: a twentieth of what light skin does, but a sixth of
//! what dark skin does ([`under_pigment`]). None of that is visible before there are dots.
//!
//! From a twentieth of melanosomes on, skin becomes darker without becoming more saturated, since its own colour is
//! whitened by what its surface reflects. Colour says no more then, but highlights do: they cannot hold more light than
//! the surface reflects in total, so the brighter they are beside the skin, the darker the skin must be, whatever the
//! exposure ([`Highlights`]).

use std::sync::LazyLock;

use super::tissue::Skin;
use super::tone::Tone;

/// Part of the incident light that skin reflects towards the camera at its surface. Fresnel's formula gives 0.028 at
/// normal incidence (n = 1.4), and rough skin reflects less; path-traced heads with known dots are matched best by
/// 0.024 (0.022 to 0.027).
pub(crate) const SURFACE: f64 = 0.024;
/// Part of the light from light skin that was reflected at its surface: [`SURFACE`] relative to all light that such
/// skin sends back. Also used where the colour says nothing about the skin.
pub const USUAL_EVEN_SPECULAR: f64 = 0.083;
/// Upper limit of that part, for the darkest skin, which reflects a tenth of the light and more even without its
/// surface (assumed).
const MOST_EVEN_SPECULAR: f64 = 0.3;

/// Part of the incident light that the surface reflects in total, in highlights and evenly, where that is told apart
/// from what pigment sends back. Path-traced heads with known specular light give 0.015 to 0.018 under a bare bulb and
/// in soft light, and 0.023 with lamps behind the head.
const MIRRORED: f64 = 0.0155;
/// Part of the incident light that pigment of an albedo of 0.02 sends back: a twentieth of what the light skin of the
/// same path-traced heads does. Together with [`MIRRORED`] it is what two heads with known dots keep (0.025 to 0.029).
const FROM_PIGMENT: f64 = 0.0106;
/// The sum of both relative to the light of light skin; also used where the colour says nothing about the skin.
pub(crate) const USUAL_KEPT: f64 = 0.095;
/// Share of [`USUAL_KEPT`] that the surface reflects.
const USUAL_MIRRORED: f64 = MIRRORED / (MIRRORED + FROM_PIGMENT);
/// Upper limit of what is kept, for the darkest skin, since pigment darkens even that (assumed; the model gives 0.66
/// for a fifth of melanosomes).
const MOST_KEPT: f64 = 0.6;

/// Share of the skin that the highlights of a small lamp cover on a head: all the light that the surface reflects is in
/// these. Larger lamps reach more of it, and only the brightest part of that stands out and is found. Path-traced heads
/// give 0.06 to 0.09.
const LEAST_COVER: f64 = 0.08;
/// By what factor more the surface may reflect than that, natural logarithm (assumed: path-traced lights differ by a
/// factor of 1.5, skin does by its oil).
const LN_MORE_MIRRORED: f64 = 0.6;

/// Exposure of a typical portrait: linear light over the reflectance of the model, natural logarithm (assumed: it gives
/// light skin of the model the ITA of light skin, and dark skin that of dark skin).
const LN_EXPOSURE: f64 = 0.44;
/// Mean and standard deviation between people of melanosomes and of blood, natural logarithms (assumed: two standard
/// deviations span the lightest skin, 0.3 %, to the darkest, 35 %).
const LN_MELANOSOMES: [f64; 2] = [-3.4, 1.2];
const LN_BLOOD: [f64; 2] = [-4.5, 0.4];
/// Grid of skins that are tried: its extent in standard deviations from the mean, and the numbers of steps for
/// melanosomes and blood. Finer steps change nothing by a hundredth.
const TRIED_SPREADS: f64 = 2.0;
const TRIED_STEPS: [usize; 2] = [37, 13];
/// Least ratio of red to green. That of the palest skin of the model is 1.2; less than this is not skin even in light
/// that is off by a tenth, but a grey photo, for instance.
const LEAST_RED: f64 = 1.1;

/// How far a photo's light may deviate from typical light: standard deviations of natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Freedom {
    /// Of the exposure.
    pub ln_exposure: f64,
    /// Of the white balance: red and blue relative to green.
    pub ln_balance: f64,
}

/// For any photo of skin (assumed: three quarters of a stop; lamps are balanced worse than daylight, and a lamp's tint
/// must not be mistaken for dark skin).
const ANY: Freedom = Freedom { ln_exposure: 0.5, ln_balance: 0.13 };
/// Where dark skin may have been exposed to look as bright as light skin, as cameras and photographers do (assumed: a
/// stop and a quarter).
const METERED: Freedom = Freedom { ln_exposure: 0.85, ..ANY };

/// Skin and light estimated from a colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkinEstimate {
    /// The most likely skin.
    pub skin: Skin,
    /// Factor by which its melanin may be off (one standard deviation): 2 means half to double.
    pub melanin_error_factor: f64,
    /// Linear light that a white, matt surface would show in place of the skin.
    pub incident: f64,
}

/// What was found of the highlights on skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Highlights {
    /// Their light, mean over the skin: linear light.
    pub light: f64,
    /// Share of the skin that they cover, 0 to 1: the square of their mean over the mean of their square.
    pub cover: f64,
}

impl Highlights {
    /// None were found.
    pub const NONE: Self = Self { light: 0.0, cover: 1.0 };

    /// Squared misfit, in standard deviations, of skin under this much light (natural logarithm). Much light in
    /// highlights means much incident light; little of it says nothing, as in the shade there are none.
    fn misfit(self, ln_incident: f64) -> f64 {
        if self.light <= 0.0 {
            return 0.0;
        }
        let found_of_all = (LEAST_COVER / self.cover).min(1.0);
        let excess = libm::log(self.light / (MIRRORED * found_of_all)) - ln_incident;
        misfit(excess.max(0.0), [0.0, LN_MORE_MIRRORED])
    }
}

/// What dots of pigment cannot take from skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct UnderPigment {
    /// Light that the surface reflects everywhere, in addition to its highlights: linear light.
    pub mirrored: f64,
    /// Share of all other light outside highlights that pigment sends back itself.
    pub part: f64,
}

/// A skin of the grid, compared with a colour.
struct Fit {
    /// Likelihood relative to the best fit.
    weight: f64,
    ln_melanosomes: f64,
    ln_blood: f64,
    /// Light under which it would look as bright, natural logarithm.
    ln_incident: f64,
    /// Light that its surface reflects everywhere, in addition to highlights.
    even: f64,
}

/// Squared deviation of a value from its mean, in standard deviations.
fn misfit(value: f64, [mean, spread]: [f64; 2]) -> f64 {
    ((value - mean) / spread) * ((value - mean) / spread)
}

/// A skin of the grid.
struct Tried {
    ln_melanosomes: f64,
    ln_blood: f64,
    skin: Skin,
    reflectance: [f64; 3],
    /// Squared deviations of melanosomes and of blood from those of usual skin, in standard deviations.
    misfits: [f64; 2],
}

/// The grid of skins that are tried. Made once: the model takes as long as all the rest of an estimate, of which a
/// picture needs hundreds.
static TRIED: LazyLock<Vec<Tried>> = LazyLock::new(|| {
    let steps = |[mean, spread]: [f64; 2], of: usize| {
        (0..of).map(move |at| mean + spread * TRIED_SPREADS * (2.0 * at as f64 / (of - 1) as f64 - 1.0))
    };
    let skins = steps(LN_MELANOSOMES, TRIED_STEPS[0])
        .flat_map(|melanosomes| steps(LN_BLOOD, TRIED_STEPS[1]).map(move |blood| (melanosomes, blood)));
    let tried = |(ln_melanosomes, ln_blood)| {
        let skin = scalp(ln_melanosomes, ln_blood);
        let misfits = [misfit(ln_melanosomes, LN_MELANOSOMES), misfit(ln_blood, LN_BLOOD)];
        Tried { ln_melanosomes, ln_blood, skin, reflectance: skin.reflectance(), misfits }
    };
    skins.map(tried).collect()
});

/// Compares the colour of skin between its highlights with all skins of the grid that `among` admits, their surface
/// reflecting `surface` of the light, in highlights or everywhere. `None` where the colour is black, or one of its
/// channels is darker than the surface's reflection alone.
fn fits(
    colour: [f64; 3],
    highlights: Highlights,
    surface: f64,
    freedom: Freedom,
    among: impl Fn(Skin) -> bool,
) -> Option<Vec<Fit>> {
    let least = USUAL_EVEN_SPECULAR * Tone(colour).luminance();
    if !colour.iter().all(|light| light.is_finite() && *light > least.max(1e-4)) {
        return None;
    }
    let balance = [0.0, freedom.ln_balance];
    let mut fits = Vec::with_capacity(TRIED.len());
    let ln_colour = colour.map(libm::log);
    for &Tried { ln_melanosomes, ln_blood, reflectance, misfits, .. } in TRIED.iter().filter(|tried| among(tried.skin))
    {
        // Spread over all of the skin, the light of its highlights would whiten it as even reflections do. More than
        // all that the surface reflects cannot be missing between them.
        let missing = highlights.light.min(surface * colour[1] / reflectance[1]);
        let ln_shown = if missing > 0.0 { colour.map(|light| libm::log(light + missing)) } else { ln_colour };
        let [red, green, blue]: [f64; 3] = std::array::from_fn(|c| ln_shown[c] - libm::log(reflectance[c] + surface));
        // Holds the misfit until all are known.
        let weight = misfit(green, [LN_EXPOSURE, freedom.ln_exposure])
            + misfit(red - green, balance)
            + misfit(blue - green, balance)
            + misfits[0]
            + misfits[1]
            + highlights.misfit(green);
        let even = (surface * libm::exp(green) - missing).max(0.0);
        fits.push(Fit { weight, ln_melanosomes, ln_blood, ln_incident: green, even });
    }
    if fits.is_empty() {
        return None;
    }
    // Relative to the best, so that not all weights underflow to zero.
    let best = fits.iter().map(|fit| fit.weight).fold(f64::INFINITY, f64::min);
    fits.iter_mut().for_each(|fit| fit.weight = libm::exp(-0.5 * (fit.weight - best)));
    Some(fits)
}

/// The mean over the skins, weighted by likelihood.
fn mean(fits: &[Fit], of: impl Fn(&Fit) -> f64) -> f64 {
    let sum: f64 = fits.iter().map(|fit| fit.weight).sum();
    fits.iter().map(|fit| fit.weight * of(fit)).sum::<f64>() / sum
}

/// Estimates skin from its colour (linear sRGB). `None` where the colour is black, or one of its channels is darker
/// than the surface's reflection alone.
#[must_use]
pub(crate) fn estimate(colour: [f64; 3], freedom: Freedom) -> Option<SkinEstimate> {
    estimate_among(colour, freedom, |_| true)
}

/// The same among the skins that `among` admits.
#[must_use]
pub(crate) fn estimate_among(colour: [f64; 3], freedom: Freedom, among: impl Fn(Skin) -> bool) -> Option<SkinEstimate> {
    let fits = fits(colour, Highlights::NONE, SURFACE, freedom, among)?;
    let ln_melanosomes = mean(&fits, |fit| fit.ln_melanosomes);
    let variance = mean(&fits, |fit| (fit.ln_melanosomes - ln_melanosomes) * (fit.ln_melanosomes - ln_melanosomes));
    Some(SkinEstimate {
        skin: scalp(ln_melanosomes, mean(&fits, |fit| fit.ln_blood)),
        melanin_error_factor: libm::exp(variance.sqrt()),
        incident: libm::exp(mean(&fits, |fit| fit.ln_incident)),
    })
}

/// The mean of the skins that `among` admits, weighted by how common they are; `None` if it admits none of the grid.
#[must_use]
pub(crate) fn usual_among(among: impl Fn(Skin) -> bool) -> Option<Skin> {
    let weight = |tried: &&Tried| libm::exp(-0.5 * (tried.misfits[0] + tried.misfits[1]));
    let skins: Vec<&Tried> = TRIED.iter().filter(|tried| among(tried.skin)).collect();
    let sum: f64 = skins.iter().map(weight).sum();
    let mean = |of: fn(&Tried) -> f64| skins.iter().map(|tried| weight(tried) * of(tried)).sum::<f64>() / sum;
    (!skins.is_empty()).then(|| scalp(mean(|tried| tried.ln_melanosomes), mean(|tried| tried.ln_blood)))
}

fn scalp(ln_melanosomes: f64, ln_blood: f64) -> Skin {
    Skin { melanosome_fraction: libm::exp(ln_melanosomes), blood_fraction: libm::exp(ln_blood), ..Skin::default() }
}

/// The tone of this skin in a photo of typical exposure.
#[must_use]
pub(crate) fn in_typical_photo(skin: Skin) -> Tone {
    Tone(skin.reflectance().map(|part| (part + SURFACE) * libm::exp(LN_EXPOSURE)))
}

/// Part of the light (luminance) of skin of this colour that was reflected at its surface.
#[must_use]
pub fn even_specular(colour: [f64; 3]) -> f64 {
    let estimated = if is_skin(colour) { estimate(colour, ANY) } else { None };
    estimated.map_or(USUAL_EVEN_SPECULAR, |estimate| {
        (SURFACE * estimate.incident / Tone(colour).luminance()).min(MOST_EVEN_SPECULAR)
    })
}

/// Specular part of the light of skin of this tone: the even specular light, which is white. Stronger highlights are
/// not separated.
#[must_use]
pub(crate) fn specular(bare: Tone) -> f64 {
    let [r, g, b] = bare.0;
    (even_specular(bare.0) * bare.luminance()).min(r.min(g).min(b)).max(0.0)
}

/// What dots of pigment (an albedo of 0.02) cannot take from skin of this colour between its highlights.
///
/// On path-traced heads with known specular light, dots take from light skin what they should to within a twentieth, in
/// soft light and under a bare bulb (a tenth too little at half the usual exposure), and from dark skin to within a
/// seventh. Where neither colour nor highlights tell very dark skin, as highlights are weak and the photo was exposed
/// for it, dots take up to a third too much.
///
/// Chosen so that what dots do take is right on average over all skins of this colour: too little from one is balanced
/// by too much from another.
#[must_use]
pub(crate) fn under_pigment(colour: [f64; 3], highlights: Highlights) -> UnderPigment {
    let light = Tone(colour).luminance();
    let fits = if is_skin(colour) { fits(colour, highlights, MIRRORED, METERED, |_| true) } else { None };
    let Some(fits) = fits else {
        let mirrored = (USUAL_MIRRORED * USUAL_KEPT * light - highlights.light).max(0.0);
        let part = (1.0 - USUAL_MIRRORED) * USUAL_KEPT / (1.0 - USUAL_MIRRORED * USUAL_KEPT);
        return UnderPigment { mirrored, part };
    };
    let taken =
        |fit: &Fit| (light - fit.even - FROM_PIGMENT * libm::exp(fit.ln_incident)).max((1.0 - MOST_KEPT) * light);
    let (mirrored, taken) = (mean(&fits, |fit| fit.even), 1.0 / mean(&fits, |fit| 1.0 / taken(fit)));
    UnderPigment { mirrored, part: (1.0 - taken / (light - mirrored)).max(0.0) }
}

/// Whether a colour may be that of skin; that of a grey photo is not.
pub(super) fn is_skin([red, green, _]: [f64; 3]) -> bool {
    // NaN passes here, and [`fits`] rejects it.
    red.is_nan() || green.is_nan() || red >= LEAST_RED * green
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colour of skin in a photo, in this light.
    fn shown(skin: Skin, light: f64, balance: [f64; 3]) -> [f64; 3] {
        let reflectance = skin.reflectance();
        std::array::from_fn(|c| (reflectance[c] + SURFACE) * light * balance[c])
    }

    fn incident(colour: [f64; 3]) -> f64 {
        estimate(colour, ANY).unwrap().incident
    }

    /// Light that black dots can take from skin of this colour according to the estimate.
    fn taken(colour: [f64; 3], highlights: Highlights) -> f64 {
        let UnderPigment { mirrored, part } = under_pigment(colour, highlights);
        (Tone(colour).luminance() - mirrored) * (1.0 - part)
    }

    /// What dots can take according to the estimate, relative to the truth.
    fn left(melanosome_fraction: f64, light: f64, balance: [f64; 3]) -> f64 {
        let reflectance = Skin { melanosome_fraction, ..Skin::default() }.reflectance();
        let lit = |surface: f64| Tone(reflectance.map(|part| (part + surface) * light)).luminance();
        let colour = std::array::from_fn(|c| (reflectance[c] + MIRRORED) * light * balance[c]);
        taken(colour, Highlights::NONE) / (lit(MIRRORED) - (MIRRORED + FROM_PIGMENT) * light)
            * (lit(MIRRORED) / Tone(colour).luminance())
    }

    #[test]
    fn paint_takes_what_it_should_from_dark_skin_at_any_exposure() {
        for (melanosome_fraction, within) in [(0.006, 0.03), (0.012, 0.03), (0.02, 0.05), (0.04, 0.1), (0.08, 0.1)] {
            for light in [1.2, 1.55, 2.2, 3.0] {
                let estimate = left(melanosome_fraction, light, [1.0; 3]);
                assert!((estimate - 1.0).abs() < within, "{melanosome_fraction}, {light}: {estimate}");
            }
        }
        // Half the exposure, and warm light.
        for (light, balance) in [(0.78, [1.0; 3]), (1.55, [1.1, 1.0, 0.85])] {
            let estimate = left(0.012, light, balance);
            assert!((estimate - 1.0).abs() < 0.08, "{light}, {balance:?}: {estimate}");
        }
        // As saturated as skin of half the melanosomes, for which it is mistaken.
        let estimate = left(0.15, 1.55, [1.0; 3]);
        assert!((1.0..1.4).contains(&estimate), "{estimate}");
    }

    #[test]
    fn bright_highlights_tell_very_dark_skin_from_skin_that_is_as_saturated() {
        // All that the surface reflects is in the highlights of a small lamp.
        for (melanosome_fraction, within) in [(0.012, 0.03), (0.02, 0.05), (0.05, 0.12), (0.1, 0.11), (0.15, 0.08)] {
            for light in [1.2, 1.55, 2.2] {
                let reflectance = Skin { melanosome_fraction, ..Skin::default() }.reflectance();
                let colour = reflectance.map(|part| part * light);
                let highlights = Highlights { light: MIRRORED * light, cover: 0.07 };
                let truth = Tone(colour).luminance() - FROM_PIGMENT * light;
                let estimate = taken(colour, highlights) / truth;
                assert!((estimate - 1.0).abs() < within, "{melanosome_fraction}, {light}: {estimate}");
            }
        }
    }

    #[test]
    fn light_comes_back_from_light_and_dark_skin() {
        for melanosome_fraction in [0.012, 0.02, 0.04, 0.08] {
            for light in [1.2, 1.55, 2.0] {
                let skin = Skin { melanosome_fraction, ..Skin::default() };
                let estimate = incident(shown(skin, light, [1.0; 3])) / light;
                assert!((0.75..1.33).contains(&estimate), "{melanosome_fraction}, {light}: {estimate}");
            }
        }
        // The darkest skin returns so little light that it may as well be lighter skin in less light.
        let darkest = Skin { melanosome_fraction: 0.2, ..Skin::default() };
        let estimate = incident(shown(darkest, 1.55, [1.0; 3])) / 1.55;
        assert!((0.5..1.0).contains(&estimate), "{estimate}");
    }

    #[test]
    fn half_the_exposure_and_warm_light_are_not_dark_skin() {
        // Mistaken for dark skin, they would be estimated at three times the light and more.
        for (light, balance) in [(0.78, [1.0; 3]), (1.55, [1.1, 1.0, 0.85])] {
            let estimate = incident(shown(Skin::default(), light, balance)) / light;
            assert!((0.8..1.5).contains(&estimate), "{light}, {balance:?}: {estimate}");
        }
    }

    #[test]
    fn other_colours_are_as_specular_as_light_skin() {
        for colour in [[0.0; 3], [0.3; 3], [0.2, 0.3, 0.4], [f64::NAN; 3], [0.5, 0.3, f64::INFINITY]] {
            assert_eq!(even_specular(colour).to_bits(), USUAL_EVEN_SPECULAR.to_bits(), "{colour:?}");
            if colour.iter().all(|light| light.is_finite()) {
                let usual = (1.0 - USUAL_KEPT) * Tone(colour).luminance();
                assert!((taken(colour, Highlights::NONE) - usual).abs() < 1e-12, "{colour:?}");
            }
        }
        // Odd colours give values within range.
        for colour in [[1.0, 0.5, 0.9], [0.9, 0.01, 0.01], [0.01, 0.005, 0.005], [9.0, 8.0, 1e-3]] {
            assert!((0.0..=MOST_EVEN_SPECULAR).contains(&even_specular(colour)), "{colour:?}");
            let light = Tone(colour).luminance();
            for highlights in [Highlights::NONE, Highlights { light, cover: 0.1 }] {
                let taken = taken(colour, highlights) / light;
                assert!((0.999 - MOST_KEPT..=1.0).contains(&taken), "{colour:?}, {highlights:?}: {taken}");
            }
        }
    }
}
