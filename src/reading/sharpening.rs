//! How a camera has sharpened a photo, from how its edges overshoot.
//!
//! Nearly all phones sharpen, and so does whoever makes photos smaller: to the sample values of brightness they add
//! their difference from a blurred copy (an unsharp mask). Edges then overshoot on both sides, and dots on skin are
//! deeper than the lens alone would show them, with a faint bright rim. A mock-up in such a photo has to be sharpened
//! alike, or its dots are softer than everything around them.
//!
//! A step blurred by a Gaussian of standard deviation s and sharpened by the amount a at the radius r is
//! `(1 + a) F(t / s) - a F(t / sqrt(s^2 + r^2))` in sample values, with F the integral of the normal distribution. This
//! is fitted to the median profile of the sharper ones among a photo's clean edges, the mean of its dark and its bright
//! side. In 21 of 40 photographs of real heads edges overshoot by 2 to 18 % of their height (one by 45 %), alike on
//! both sides; amounts are 0.2 to 2.9 and radii 0.8 to 3 px. Amount and radius can often be exchanged for one another,
//! and for some of the blur, but what they do to dots of a certain size, which is all that matters here, is then the
//! same.

use crate::ground::colour::{ENCODING_GAMMA, srgb_fraction_from_light};
use crate::ground::statistics::{lower_quantile, median};

/// An unsharp mask: adds to an image its difference from a blurred copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpening {
    /// How many times the difference is added; 0 if a photo is not sharpened.
    pub amount: f64,
    /// Standard deviation of the copy's blur, px.
    pub radius_px: f64,
}

/// What a camera makes of a point of light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointSpread {
    /// Standard deviation of the blur by lens, sensor and processing, excluding that of square pixels; px.
    pub blur_px: f64,
    /// What was done against it.
    pub sharpening: Sharpening,
}

impl PointSpread {
    /// Of a photo that is not sharpened.
    #[must_use]
    pub const fn blurred(blur_px: f64) -> Self {
        Self { blur_px, sharpening: Sharpening::NONE }
    }

    /// In the photo scaled by this factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let Sharpening { amount, radius_px } = self.sharpening;
        Self { blur_px: self.blur_px * factor, sharpening: Sharpening { amount, radius_px: radius_px * factor } }
    }
}

impl Sharpening {
    /// Nothing.
    pub const NONE: Self = Self { amount: 0.0, radius_px: 0.0 };

    /// By how much it deepens the middle of a Gaussian spot of this variance V, px2, in sample values:
    /// `1 + a (1 - V / (V + r^2))`.
    #[must_use]
    pub fn gain(&self, variance_px2: f64) -> f64 {
        let blurred_px2 = variance_px2 + self.radius_px * self.radius_px;
        1.0 + self.amount * (1.0 - variance_px2 / blurred_px2.max(1e-9))
    }

    /// The variance of a Gaussian spot that has this one (by its width at half its height) once it is sharpened, px2.
    #[must_use]
    pub fn unsharpened_px2(&self, variance_px2: f64) -> f64 {
        if self.amount <= 0.0 {
            return variance_px2;
        }
        // A sharpened spot is narrower, so this one is wider.
        let half_width2 = 2.0 * std::f64::consts::LN_2 * variance_px2;
        let at_half = |wide: f64| {
            let rim = wide + self.radius_px * self.radius_px;
            let height = |variance: f64| libm::exp(-0.5 * half_width2 / variance);
            (1.0 + self.amount) * height(wide) - self.amount * (wide / rim) * height(rim) - 0.5 * self.gain(wide)
        };
        let (mut low, mut high) =
            (variance_px2, variance_px2 * (1.0 + self.amount) + self.amount * self.radius_px * self.radius_px);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if at_half(middle) < 0.0 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

/// The share by which a sample value falls when this share of the light is lost; negative if light is added. Sample
/// values go roughly as a root of light.
#[must_use]
pub fn fall_from_loss(loss: f64) -> f64 {
    1.0 - libm::pow((1.0 - loss).max(0.0), 1.0 / ENCODING_GAMMA)
}

/// The share of the light that is lost when sample values fall by this share, at most [`MOST_FALL`].
#[must_use]
pub fn loss_from_fall(fall: f64) -> f64 {
    1.0 - libm::pow(1.0 - fall.min(MOST_FALL), ENCODING_GAMMA)
}

/// Most of a pixel's sample values that a dot takes.
const MOST_FALL: f64 = 0.85;

/// Profiles reach this far on both sides of an edge, px.
pub(super) const REACH_PX: f64 = 9.0;
/// From here on they are level, px.
const LEVEL_FROM_PX: f64 = 5.0;
/// Samples per pixel of a profile.
const PER_PX: usize = 2;
/// Samples on one side.
const SIDE: usize = REACH_PX as usize * PER_PX;
const SAMPLES: usize = 2 * SIDE + 1;
/// Least height of a step, as a share of the highest sample value.
const LEAST_STEP: f64 = 0.1;
/// Largest standard deviation of a level part, as a share of the step.
const LEVEL: f64 = 0.04;
/// Brightest and darkest sample values, between which nothing was cut off.
const CUT_OFF: [f64; 2] = [0.012, 0.988];
/// Fewest edges that support an estimate.
const FEWEST_EDGES: usize = 40;
/// The ranks of edges by width that are taken: the sharpest ones owe it to noise, the wide ones are out of focus.
const RANKS: [f64; 2] = [0.15, 0.55];
/// Least overshoot that counts, as a share of the step: by itself, and where its mean from 2 to 4 px off the middle is
/// at least the third figure. JPEG of quality 75 makes sharp edges overshoot by up to 0.025, but not that far away;
/// without sharpening or JPEG they stay below 0.004.
const LEAST_OVERSHOOT: f64 = 0.03;
const LEAST_WIDE_OVERSHOOT: f64 = 0.015;
const WIDE: f64 = 0.005;
/// Least amount that counts: shading beside edges looks like less.
const LEAST_AMOUNT: f64 = 0.2;
/// Variance that square pixels and linear interpolation between them add to a profile, px2.
const SAMPLED_PX2: f64 = 1.0 / 12.0 + 1.0 / 6.0;

/// The sample values across an edge from its dark to its bright side, scaled so that its levels are 0 and 1, and 0.5 in
/// the middle.
#[derive(Debug, Clone)]
pub(super) struct EdgeProfile([f32; SAMPLES]);

impl EdgeProfile {
    /// Across an edge, given its light at distances from its middle, px, towards its bright side. `None` if it is not a
    /// clean step.
    pub fn new(light: impl Fn(f64) -> f64) -> Option<Self> {
        // Most edges fail here, so this comes first, with one sample per pixel.
        let side = SIDE / PER_PX;
        let level = LEVEL_FROM_PX as usize;
        let coarse: [f64; 2 * (SIDE / PER_PX) + 1] = std::array::from_fn(|k| light(k as f64 - side as f64));
        let (dark, bright) =
            (mean_and_deviation(&coarse[..=side - level]), mean_and_deviation(&coarse[side + level..]));
        let step = bright[0] - dark[0];
        if step <= 0.0 || [dark, bright].iter().any(|[_, deviation]| *deviation > LEVEL * step) {
            return None;
        }
        let coarse = coarse.map(value);
        let levels = [&coarse[..=side - level], &coarse[side + level..]].map(|level| mean_and_deviation(level)[0]);
        let step = levels[1] - levels[0];
        let is_whole = coarse.iter().all(|value| (CUT_OFF[0]..CUT_OFF[1]).contains(value));
        if step < LEAST_STEP || !is_whole {
            return None;
        }
        let half = 0.5 * (levels[0] + levels[1]);
        let crossing = (side - 2..side + 2).find(|k| coarse[*k] <= half && coarse[k + 1] > half)?;
        let [below, above] = [coarse[crossing], coarse[crossing + 1]];
        let middle = crossing as f64 - side as f64 + (half - below) / (above - below);
        let place = |k: usize| (k as f64 - SIDE as f64) / PER_PX as f64 + middle;
        Some(Self(std::array::from_fn(|k| ((value(light(place(k))) - levels[0]) / step) as f32)))
    }

    /// Distance between the places where the profile has risen to a quarter and to three quarters, px.
    fn width_px(&self) -> f64 {
        let reaches = |k: usize, share: f32| {
            let [before, after] = [self.0[k - 1], self.0[k]];
            k as f64 - f64::from((after - share) / (after - before).max(1e-6))
        };
        let high = (SIDE + 1..SAMPLES).find(|k| self.0[*k] >= 0.75).map_or(SAMPLES as f64, |k| reaches(k, 0.75));
        let low = (1..=SIDE).rev().find(|k| self.0[k - 1] <= 0.25).map_or(0.0, |k| reaches(k, 0.25));
        (high - low) / PER_PX as f64
    }
}

/// The sample value of light, as a share of the highest.
fn value(light: f64) -> f64 {
    srgb_fraction_from_light(light.clamp(0.0, 1.0))
}

fn mean_and_deviation(values: &[f64]) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    [mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count).sqrt()]
}

/// What a camera makes of a point of light, from the edges of a photo; `None` if they do not overshoot, or are too few.
pub(super) fn read(profiles: &[EdgeProfile]) -> Option<(PointSpread, usize)> {
    let widths: Vec<f64> = profiles.iter().map(EdgeProfile::width_px).collect();
    let [least, most] = RANKS.map(|rank| lower_quantile(&widths, rank).unwrap_or(0.0));
    let sharp: Vec<&EdgeProfile> =
        profiles.iter().zip(&widths).filter(|(_, width)| (least..=most).contains(*width)).map(|(p, _)| p).collect();
    if sharp.len() < FEWEST_EDGES {
        return None;
    }
    // The mean of the bright and the dark side.
    let side: Option<Vec<f64>> = (0..=SIDE)
        .map(|k| {
            let at = |k: usize| median(sharp.iter().map(|profile| f64::from(profile.0[k])));
            Some(0.5 * (at(SIDE + k)? + 1.0 - at(SIDE - k)?))
        })
        .collect();
    let side = side?;
    let overshoot = side.iter().copied().fold(0.0, f64::max) - 1.0;
    let wide = &side[2 * PER_PX..=4 * PER_PX];
    let wide_overshoot = wide.iter().sum::<f64>() / wide.len() as f64 - 1.0;
    let is_sharpened = overshoot >= LEAST_OVERSHOOT || (overshoot >= LEAST_WIDE_OVERSHOOT && wide_overshoot >= WIDE);
    let spread = is_sharpened.then(|| fit(&side)).filter(|spread| spread.sharpening.amount >= LEAST_AMOUNT)?;
    Some((spread, sharp.len()))
}

/// Of amounts that explain an edge alike, within some thousandths of its height, the smallest is taken.
const LESS_IS_LIKELIER: f64 = 3e-5;

/// The point spread whose steps come closest to this one, of which the bright side is given.
fn fit(side: &[f64]) -> PointSpread {
    const BLURS: (f64, f64, usize) = (0.05, 0.05, 50);
    const RADII: (f64, f64, usize) = (0.8, 0.1, 33);
    const AMOUNTS: (f64, f64, usize) = (0.0, 0.05, 61);
    let grid = |(first, step, count): (f64, f64, usize)| (0..count).map(move |k| first + step * k as f64);
    let rise = |variance: f64| -> Vec<f64> {
        let scale = 1.0 / (2.0 * variance).sqrt();
        (0..side.len()).map(|k| 0.5 * (1.0 + libm::erf(k as f64 / PER_PX as f64 * scale))).collect()
    };
    let level = LEVEL_FROM_PX as usize * PER_PX;
    let level_of = |rise: &[f64]| rise[level..].iter().sum::<f64>() / (rise.len() - level) as f64;
    let mut best = (f64::INFINITY, PointSpread::blurred(0.0));
    for blur_px in grid(BLURS) {
        let sharp = rise(blur_px * blur_px + SAMPLED_PX2);
        for radius_px in grid(RADII) {
            let soft = rise(blur_px * blur_px + SAMPLED_PX2 + radius_px * radius_px);
            let levels = [level_of(&sharp), level_of(&soft)];
            for amount in grid(AMOUNTS) {
                let of = |sharp: f64, soft: f64| sharp + amount * (sharp - soft) - 0.5;
                // Profiles were scaled by their level parts, to which overshoot reaches if the radius is large.
                let scale = 0.5 / of(levels[0], levels[1]);
                let off = side.iter().zip(sharp.iter().zip(&soft)).map(|(seen, (sharp, soft))| {
                    let off = seen - 0.5 - scale * of(*sharp, *soft);
                    off * off
                });
                let off: f64 = off.sum::<f64>() + LESS_IS_LIKELIER * amount * amount;
                if off < best.0 {
                    best = (off, PointSpread { blur_px, sharpening: Sharpening { amount, radius_px } });
                }
            }
        }
    }
    best.1
}
