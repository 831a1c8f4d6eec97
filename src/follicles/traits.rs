//! Individual variation of dots: no hand places two alike.

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::ground::random::{self, Purpose};

/// Variation of the diameter (standard deviation of its logarithm). Assumed: trade pages ask for 15 to 20 %.
const DIAMETER_SPREAD: f64 = 0.17;
/// Variation of the depth that a puncture reaches (standard deviation of the logarithm; assumed).
pub(crate) const REACH_SPREAD: f64 = 0.25;
/// How far down pigment is shed and carried off while skin heals, mm: the mean, which a plan's depth includes.
const CARRIED_OFF_MM: f64 = 0.07;
/// Variation of that depth (standard deviation of the logarithm). A column that begins lower takes nearly as much
/// light, but from a wider and fainter spot. In photographs of healed heads, the darkest tenth of the dots is 1.6 to
/// 1.9 times as dark as the median, many are half lost in the skin, and yet areas are hardly mottled: dots that differ
/// in size or pigment alone are either too much alike or mottled.
pub(crate) const TOP_SPREAD: f64 = 0.7;
/// What is carried off is spread sideways, too: the healed diameter grows as this power of that depth (assumed). Among
/// real dots, crisp and small ones lie beside wide and faint ones.
const DISPERSAL: f64 = 0.35;
/// Mean of such a factor: that of a truncated log-normal one of that spread.
const MEAN_DISPERSAL: f64 = 0.951_5;
/// Mean of the factor on what is carried off after truncation, where it would be 1 without.
pub(crate) const TOP_MEAN: f64 = 0.975_497_6;
/// Factor on what is carried off from the dot that is measured as typical.
const SEEN_TOP: f64 = 0.6;
/// Variation of the pigment that a puncture leaves (standard deviation of the logarithm). Assumed: needles are dipped
/// again every few dozen punctures.
pub(crate) const LOAD_SPREAD: f64 = 0.6;
/// Mean of such a factor after truncation, where it would be 1 without.
pub(crate) const LOAD_MEAN: f64 = 0.982_518_1;
/// Variation of the ratio of a dot's length to its width (standard deviation of the logarithm). Assumed: a needle
/// enters at an angle, and a moving hand draws the dot out. One dot in five is 1.6 times as long as wide or looks like
/// two; measured through the blur and noise of photographs of 0.23 mm per pixel, the usual real dot comes to 1.7 to 1.9
/// and these to 1.6 to 1.75.
const STRETCH_SPREAD: f64 = 0.38;
/// Draws beyond this many standard deviations are rejected: no dot is twice the size of another by chance.
const TRUNCATION: f64 = 2.5;
/// Standard deviation of a standard normal distribution truncated there.
pub(crate) const TRUNCATED_SIGMA: f64 = 0.9545;

/// Traits of a dot: a pure function of seed and index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DotTraits {
    /// Factor on the planned diameter; log-normal, mean 1.
    pub diameter_factor: f32,
    /// Factor on the depth that the needle reaches; log-normal, mean 1.
    pub reach_factor: f32,
    /// Factor on what is carried off from above while it heals; log-normal, mean 1.
    pub top_factor: f32,
    /// Factor on the amount of pigment; log-normal, mean 1.
    pub load_factor: f32,
    /// Ratio of its length to its width on the skin, at least 1.
    pub stretch: f32,
    /// Direction of its length on the skin, from its upper towards its lower end, radians, 0 to 2 pi.
    pub direction: f32,
    /// Uniform from 0 to below 1: the share of dots that are darker than this one.
    pub shade: f32,
    /// Displacement from its regular place, across and along the skin: each normally distributed, standard deviation 1.
    pub displacement: [f32; 2],
}

impl DotTraits {
    /// Traits of dot `index`.
    #[must_use]
    pub fn of(seed: u64, index: u64) -> Self {
        let mut rng = random::sequence(seed, Purpose::DotTraits, index);
        Self {
            shade: rng.random::<f32>(),
            diameter_factor: log_normal(DIAMETER_SPREAD, &mut rng),
            reach_factor: log_normal(REACH_SPREAD, &mut rng),
            displacement: std::array::from_fn(|_| truncated_normal(&mut rng) as f32),
            load_factor: log_normal(LOAD_SPREAD, &mut rng) / LOAD_MEAN as f32,
            stretch: libm::exp(STRETCH_SPREAD * truncated_normal(&mut rng).abs()) as f32,
            direction: rng.random::<f32>() * std::f32::consts::TAU,
            // Drawn last, so that the others are those of earlier versions.
            top_factor: log_normal(TOP_SPREAD, &mut rng) / TOP_MEAN as f32,
        }
    }
}

impl DotTraits {
    /// The diameter factor for a plan whose dots vary by `jitter` (standard deviation of the logarithm); its mean is 1,
    /// too.
    #[must_use]
    pub(crate) fn diameter_with(&self, jitter: f64) -> f64 {
        let sigmas = libm::log(f64::from(self.diameter_factor)) / DIAMETER_SPREAD + 0.5 * DIAMETER_SPREAD;
        libm::exp(jitter * sigmas - 0.5 * jitter * jitter)
    }
}

/// Where a dot's pigment lies once it has healed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HealedColumn {
    /// Depth of its upper end, mm.
    pub depth_mm: f64,
    /// Extent downwards from there, mm.
    pub height_mm: f64,
    /// Factor on its healed diameter.
    pub dispersal: f64,
}

impl HealedColumn {
    /// That of the dot that is measured as typical in a photo, where crisp dots count more than faint ones: taken for
    /// it, rendered areas of 65 to 106 dots per cm2 give their needle within 6 %, at 0.2 mm per pixel within 17 %.
    #[must_use]
    pub(crate) fn seen(depth_mm: f64, height_mm: f64) -> Self {
        Self::new(depth_mm, height_mm, [SEEN_TOP, 1.0])
    }

    /// Where the upper end is planned at `depth_mm` and the height as `height_mm`, with these factors on what is
    /// carried off from above and on the depth that the needle reaches.
    #[must_use]
    pub(crate) fn new(depth_mm: f64, height_mm: f64, [top, reach]: [f64; 2]) -> Self {
        /// No pigment stays higher than this: a scalp's epidermis, which is renewed, is 0.05 to 0.08 mm thick on
        /// average.
        const HIGHEST_MM: f64 = 0.04;
        /// Least share of the way to its lower end that is left of a column.
        const LEAST_SHARE: f64 = 0.15;
        let lower_mm = (depth_mm + height_mm) * reach;
        let upper_mm = depth_mm + CARRIED_OFF_MM * (top - 1.0);
        let upper_mm = upper_mm.max(HIGHEST_MM).min((1.0 - LEAST_SHARE) * lower_mm);
        Self {
            depth_mm: upper_mm,
            height_mm: lower_mm - upper_mm,
            dispersal: libm::pow(top, DISPERSAL) / MEAN_DISPERSAL,
        }
    }
}

/// Traits of the first `count` dots.
pub(super) fn all(seed: u64, count: usize) -> Vec<DotTraits> {
    (0..count as u64).into_par_iter().map(|index| DotTraits::of(seed, index)).collect()
}

/// A truncated log-normal factor with mean 1.
///
/// Not `rand_distr::LogNormal`, whose exponential is the platform's. `StandardNormal` takes a logarithm, too, but only
/// for its tail beyond 3.6 standard deviations, which is truncated here.
fn log_normal(spread: f64, rng: &mut impl rand::Rng) -> f32 {
    libm::exp(spread * truncated_normal(rng) - 0.5 * spread * spread) as f32
}

fn truncated_normal(rng: &mut impl rand::Rng) -> f64 {
    loop {
        let normal: f64 = StandardNormal.sample(rng);
        if normal.abs() <= TRUNCATION {
            return normal;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_their_mean_spread_and_bounds() {
        let traits = all(3, 40_000);
        let mean =
            |f: &dyn Fn(&DotTraits) -> f32| traits.iter().map(|t| f64::from(f(t))).sum::<f64>() / traits.len() as f64;
        assert!((mean(&|t| t.diameter_factor) - 1.0).abs() < 0.005);
        assert!((mean(&|t| t.diameter_with(0.4) as f32) - 1.0).abs() < 0.02);
        assert!((mean(&|t| t.reach_factor) - 1.0).abs() < 0.01);
        assert!((mean(&|t| t.top_factor) - 1.0).abs() < 0.015);
        assert!((mean(&|t| t.load_factor) - 1.0).abs() < 0.015);
        assert!(traits.iter().all(|t| (1.0..2.7).contains(&t.stretch)));
        let long = mean(&|t| f32::from(u8::from(t.stretch > 1.6)));
        assert!((0.15..0.25).contains(&long), "{long}");
        assert!((mean(&|t| t.direction) - std::f64::consts::PI).abs() < 0.04);
        assert!((mean(&|t| t.shade) - 0.5).abs() < 0.005);
        let spread = mean(&|t| (t.diameter_factor - 1.0) * (t.diameter_factor - 1.0)).sqrt();
        assert!((0.15..=0.20).contains(&spread), "{spread}");
        for k in 0..2 {
            assert!(mean(&|t| t.displacement[k]).abs() < 0.02);
            let spread = mean(&|t| t.displacement[k] * t.displacement[k]).sqrt();
            assert!((0.9..=1.0).contains(&spread), "{spread}");
        }
        assert!(traits.iter().all(|t| (0.6..1.6).contains(&t.diameter_factor) && (0.0..1.0).contains(&t.shade)));
    }

    #[test]
    fn healed_columns_keep_the_mean_diameter_and_end_where_the_needle_did() {
        let columns: Vec<HealedColumn> = all(3, 40_000)
            .iter()
            .map(|t| HealedColumn::new(0.075, 0.4, [t.top_factor, t.reach_factor].map(f64::from)))
            .collect();
        let mean = |f: &dyn Fn(&HealedColumn) -> f64| columns.iter().map(f).sum::<f64>() / columns.len() as f64;
        assert!((mean(&|column| column.dispersal) - 1.0).abs() < 0.01);
        assert!((mean(&|column| column.depth_mm + column.height_mm) - 0.475).abs() < 0.01);
        let is_left = |column: &HealedColumn| column.height_mm > 0.149 * (column.depth_mm + column.height_mm);
        assert!(columns.iter().all(|column| column.depth_mm >= 0.04 && is_left(column)));
    }

    #[test]
    fn a_dot_is_a_pure_function_of_seed_and_index() {
        let traits = all(9, 100);
        assert_eq!(traits[57], DotTraits::of(9, 57));
        assert_ne!(DotTraits::of(9, 57), DotTraits::of(10, 57));
        assert_ne!(DotTraits::of(9, 57), DotTraits::of(9, 58));
    }
}
