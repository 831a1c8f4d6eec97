//! How pigment in skin looks, how that changes over time, and which pigment, needles and dilutions give a desired look.

pub mod calibration;
pub mod healing;
pub mod laser;
pub mod offer;
pub mod optics;
pub mod own_hair;
pub mod redness;
pub mod settings;
pub mod shade;

use std::sync::LazyLock;

use crate::follicles::dots::Dot;
use crate::ground::colour::{ENCODING_GAMMA, LUMA};
use crate::ground::points::hexagonal_spacing_mm;
use healing::AtAge;
use optics::{Optics, PigmentColumn};

/// Untreated skin as a photo shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BareSkin {
    /// Light from it, linear, at any exposure: red, green, blue.
    light: [f64; 3],
    /// The part of it that came out of the skin, which pigment can absorb.
    diffuse: [f64; 3],
    /// Sample values of the light, as a share of the highest.
    values: [f64; 3],
    /// Most by which the sample values of all channels can fall alike.
    deepest: f64,
}

/// No dot absorbs all of a channel's light.
const MOST: f64 = 0.98;
/// When the lowest channel has no more to lose, the others go on by this factor, as in photographs, where dots are no
/// bluer for it.
const BEYOND: f64 = 1.25;

/// Sample value of light.
fn value(light: f64) -> f64 {
    libm::pow(light, 1.0 / ENCODING_GAMMA)
}

/// A power of numbers from 0 to 1, from a table: dots by the ten thousand need it, and `pow` is slow. Within 4e-6 for
/// exponents of [`ENCODING_GAMMA`] and its inverse of numbers from 1 - [`MOST`] on.
struct PowerTable {
    exponent: f64,
    powers: Vec<f64>,
}

impl PowerTable {
    const STEPS: usize = 2048;

    fn new(exponent: f64) -> Self {
        let powers = (0..=Self::STEPS).map(|step| libm::pow(step as f64 / Self::STEPS as f64, exponent)).collect();
        Self { exponent, powers }
    }

    fn of(&self, x: f64) -> f64 {
        let at = x * Self::STEPS as f64;
        match self.powers.get(at as usize..).and_then(|powers| powers.first_chunk()) {
            Some([lower, upper]) if at >= 0.0 => lower + (upper - lower) * (at - at.floor()),
            _ => libm::pow(x, self.exponent),
        }
    }
}

static VALUES: LazyLock<PowerTable> = LazyLock::new(|| PowerTable::new(1.0 / ENCODING_GAMMA));
static LIGHTS: LazyLock<PowerTable> = LazyLock::new(|| PowerTable::new(ENCODING_GAMMA));

impl BareSkin {
    /// Skin of this light (linear, at any exposure), of which `specular` was reflected by its surface.
    #[must_use]
    pub fn new(light: [f64; 3], specular: f64) -> Self {
        /// Where the estimates leave less than this share as diffuse light, they are wrong.
        const LEAST_IN_SKIN: f64 = 0.1;
        let light = light.map(|light| light.max(1e-6));
        let diffuse = light.map(|light| (light - specular).max(LEAST_IN_SKIN * light));
        let mut bare = Self { light, diffuse, values: light.map(value), deepest: f64::INFINITY };
        bare.deepest = (0..3).map(|c| BEYOND * bare.fall(c, MOST)).fold(f64::INFINITY, f64::min);
        bare
    }

    /// How far luma falls when these shares of the diffuse light are lost, as a share of the highest sample value.
    #[must_use]
    pub fn fall_of_luma(&self, lost: [f64; 3]) -> f64 {
        (0..3).map(|c| LUMA[c] * self.fall(c, lost[c])).sum()
    }

    /// The shares of the diffuse light that are lost when the sample values of all channels fall by `more` beyond their
    /// falls at losses of `lost`, or by less if a channel has less to lose.
    #[must_use]
    pub fn lost_beyond(&self, lost: [f64; 3], more: f64) -> [f64; 3] {
        let falls: [f64; 3] = std::array::from_fn(|c| self.fall(c, lost[c]));
        let more = (0..3).map(|c| self.fall(c, MOST) - falls[c]).fold(more, f64::min);
        std::array::from_fn(|c| {
            let left = LIGHTS.of((1.0 - (falls[c] + more) / self.values[c]).max(0.0));
            self.light[c] * (1.0 - left) / self.diffuse[c]
        })
    }

    /// How far the sample value of a channel falls when this share of its diffuse light is lost.
    fn fall(&self, c: usize, lost: f64) -> f64 {
        self.values[c] * (1.0 - VALUES.of(1.0 - lost.min(MOST) * self.diffuse[c] / self.light[c]))
    }

    /// Shares of the diffuse light that are lost when the sample values of all channels fall by the same amount, and
    /// luma falls as it would for the shares `lost`, as far as the lowest channel allows.
    fn lost_alike(&self, lost: [f64; 3]) -> [f64; 3] {
        let fall = self.fall_of_luma(lost).min(self.deepest);
        std::array::from_fn(|c| {
            let left = LIGHTS.of((1.0 - fall / self.values[c]).max(0.0));
            self.light[c] * (1.0 - left) / self.diffuse[c]
        })
    }
}

/// One Gaussian loss of light.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GaussianLoss {
    /// Standard deviation, mm along the skin.
    pub sigma_mm: f64,
    /// Area of black skin that would absorb as much light, mm2: red, green, blue. Negative where a photo shows more
    /// light of a colour than there was ([`Appearance::photographed`]).
    pub loss_mm2: [f64; 3],
}

/// What one dot does to the light that comes back from the skin: concentric Gaussian losses, whose transmittances
/// multiply.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Appearance {
    /// The core, what surrounds it, and the far halo.
    pub spots: [GaussianLoss; 3],
}

impl Appearance {
    /// Area of black skin that would absorb as much light, mm2, as far as losses do not overlap: red, green, blue.
    #[must_use]
    pub fn loss_mm2(&self) -> [f64; 3] {
        std::array::from_fn(|c| self.spots.iter().map(|spot| spot.loss_mm2[c]).sum())
    }

    /// Share of the light that is left at its very centre, with nothing else around: red, green, blue.
    #[must_use]
    pub fn left_in_middle(&self) -> [f64; 3] {
        let peak =
            |spot: &GaussianLoss, c: usize| spot.loss_mm2[c] / (std::f64::consts::TAU * spot.sigma_mm * spot.sigma_mm);
        std::array::from_fn(|c| self.spots.iter().map(|spot| (1.0 - peak(spot, c)).max(0.0)).product())
    }

    /// The appearance to draw into a photo of this skin, among such dots, so that it absorbs as much light as the sharp
    /// one. The photo's lens and pixels blur by `blur_mm`, applied later, and its colours are blurred by `colour_mm`
    /// (standard deviations along the skin). Losses do not add where they overlap, and blur changes the overlap: it
    /// pulls the core out of the halo and pushes dots into each other. Without this correction a small photo would not
    /// be as dark as a large one of the same skin.
    #[must_use]
    pub fn photographed(&self, bare: &BareSkin, colour_mm: f64, blur_mm: f64, among: Neighbours) -> Self {
        let mut coarse = self.in_coarse_colour(bare, colour_mm, blur_mm);
        let sharp = self.taken_mm2(0.0, among);
        let blurred = coarse.taken_mm2(blur_mm * blur_mm, among);
        for spot in &mut coarse.spots {
            for c in 0..3 {
                if sharp[c] > 0.0 && blurred[c] > 0.0 {
                    spot.loss_mm2[c] *= sharp[c] / blurred[c];
                }
            }
        }
        coarse
    }

    /// The appearance to a camera that resolves colour no finer than `colour_mm`.
    ///
    /// Sensors see one colour per pixel, processors smooth colour against noise, and JPEG stores it for 2 x 2 px: fine
    /// detail is seen by brightness alone. All of that happens to encoded values, as luma and colour differences: where
    /// a fine dot takes luma from the skin, the red, green and blue sample values fall by the same amount. That is
    /// exactly what photographs of real work show: in all of nine, from light to brown skin, structure finer than a
    /// millimetre has slopes of 1.00 between the sample values of all channels, within 0.03. So a dot takes a larger
    /// share of a channel that is lower to begin with, and looks like a deeper tone of the skin around it, whereas by
    /// itself it absorbs most of the red light and would look blue. The excess or deficit of a colour in the core is
    /// moved into its surroundings, and from there into the far halo, to the extent that each is finer than colour is
    /// resolved. The area stays as cool as it is, and the skin between dots becomes cooler than it was, in photographs
    /// as here, to the point that there is more blue light than before.
    fn in_coarse_colour(&self, bare: &BareSkin, colour_mm: f64, blur_mm: f64) -> Self {
        let mut coarse = *self;
        // From the core to its surroundings, and from there to the far halo.
        for of in 0..2 {
            let fine = coarse.spots[of];
            let (colour_mm2, fine_mm2) = (colour_mm * colour_mm, fine.sigma_mm * fine.sigma_mm);
            // The share of a Gaussian's height that a blur removes.
            let share = colour_mm2 / (colour_mm2 + fine_mm2);
            // Converts a loss to its peak at the middle of the blurred spot.
            let peak_mm2 = std::f64::consts::TAU * (fine_mm2 + blur_mm * blur_mm);
            let seen = bare.lost_alike(fine.loss_mm2.map(|loss_mm2| loss_mm2 / peak_mm2));
            for (c, seen) in seen.into_iter().enumerate() {
                let seen_mm2 = seen * peak_mm2;
                let excess_mm2 = share * (fine.loss_mm2[c] - seen_mm2);
                coarse.spots[of].loss_mm2[c] -= excess_mm2;
                coarse.spots[of + 1].loss_mm2[c] += excess_mm2;
            }
        }
        coarse
    }

    /// Light that a dot absorbs in an even field of such dots, `n` per mm2, with `blur_mm2` added to each variance: an
    /// area `a`, mm2, of which the field leaves `exp(-n a)`.
    ///
    /// For dots scattered at random this is exact. Two spots of one dot overlap by the integral of the product of two
    /// Gaussians. Dots that keep their distance overlap less with others than scattered ones and so absorb more
    /// ([`Neighbours`], to the second cumulant).
    fn taken_mm2(&self, blur_mm2: f64, among: Neighbours) -> [f64; 3] {
        let variances = self.spots.map(|spot| spot.sigma_mm * spot.sigma_mm + blur_mm2);
        let mut taken = self.loss_mm2();
        for j in 0..3 {
            for k in j..3 {
                let own = overlap_per_mm2(variances[j] + variances[k]);
                // The others are average dots, so the term is relative to their mean square.
                let missed = among.missed_per_mm2(variances[j] + variances[k]) / among.variety.max(1.0);
                let twice = if j == k { -0.5 * missed } else { own - missed };
                for (c, taken) in taken.iter_mut().enumerate() {
                    *taken -= twice * self.spots[j].loss_mm2[c] * self.spots[k].loss_mm2[c];
                }
            }
        }
        taken
    }
}

/// The dots that surround a dot.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Neighbours {
    /// How many, per mm2.
    pub per_mm2: f64,
    /// Variance of their deviation from even places, mm2 in each direction.
    pub stray_mm2: f64,
    /// Mean square of what they absorb, over the square of its mean: 1 if all are alike.
    pub variety: f64,
}

impl Neighbours {
    /// Dots that a plan places at this density per cm2, when the share `standing` of them has been placed; they stray
    /// from even places by `randomness` of their spacing, and differ in size by `size_jitter` (standard deviation of
    /// the logarithm).
    #[must_use]
    pub fn of(density_per_cm2: f64, standing: f64, randomness: f64, size_jitter: f64) -> Self {
        /// What a dot absorbs goes roughly as this power of its diameter; depth and load add the second constant (both
        /// from the optics of usual dots).
        const BY_DIAMETER: f64 = 1.3;
        const BY_DEPTH_AND_LOAD: f64 = 0.06;
        let stray_mm = randomness * hexagonal_spacing_mm(density_per_cm2);
        let spread = BY_DIAMETER * size_jitter;
        Self {
            per_mm2: 0.01 * density_per_cm2 * standing,
            stray_mm2: stray_mm * stray_mm,
            variety: libm::exp(spread * spread) + BY_DEPTH_AND_LOAD,
        }
    }

    /// Dots missing around a dot because dots keep their distance, compared with dots scattered at random, counted as
    /// overlap: the integral with Gaussians of two dots whose variances have this sum.
    ///
    /// The share of the overlap, per dot and its own skin, that does not occur was fitted to this program's even sets
    /// at 105 dots per cm2 on the tops of six heads: within 0.003 for sums of variances from 0.05 to 3 mm2. Two dots
    /// that stray blur their distance by twice the variance of one.
    fn missed_per_mm2(self, variance_mm2: f64) -> f64 {
        const HOLE: f64 = 3.70;
        const RING: f64 = 2.54;
        const FAR: f64 = 0.883;
        if self.per_mm2 <= 0.0 {
            return 0.0;
        }
        let overlap = overlap_per_mm2(variance_mm2 + 2.0 * self.stray_mm2) / self.per_mm2;
        let share = 1.0 - libm::exp(-HOLE * overlap) - (HOLE - FAR) * overlap * libm::exp(-RING * overlap);
        self.per_mm2 * share
    }
}

/// Integral of the product of two concentric Gaussians whose variances have this sum, per mm2.
fn overlap_per_mm2(variance_mm2: f64) -> f64 {
    1.0 / (std::f64::consts::TAU * variance_mm2)
}

/// A dot of this age, among `crowd_per_mm2` others of its kind: the light absorbed by what its pigment has become.
#[must_use]
pub fn appearance(dot: &Dot, age: &AtAge, in_scar: bool, crowd_per_mm2: f64, optics: &Optics) -> Appearance {
    let left = age.absorption(in_scar);
    let (depth_mm, height_mm) = age.column_mm(dot.depth_mm, dot.height_mm);
    optics.appearance(&PigmentColumn {
        diameter_mm: dot.diameter_mm * age.diameter(dot.dispersal),
        depth_mm,
        height_mm,
        absorption_per_mm: std::array::from_fn(|c| dot.absorption_per_mm[c] * left[c]),
        spread_mm: age.spread_mm(depth_mm + 0.5 * height_mm),
        crowd_per_mm2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_from_the_table_are_those_that_are_computed() {
        for (table, least) in [(&VALUES, 1.0 - MOST), (&LIGHTS, 0.0)] {
            for step in 0..=9973 {
                let x = least + (1.0 - least) * f64::from(step) / 9973.0;
                assert!((table.of(x) - libm::pow(x, table.exponent)).abs() < 4e-6, "{x}");
            }
            // Beyond the table, and at its ends.
            for x in [0.0, 1.0, 1.25, 7.0] {
                assert_eq!(table.of(x), libm::pow(x, table.exponent));
            }
        }
    }

    #[test]
    fn sample_values_that_fall_alike_are_those_of_the_light_left() {
        let bare = BareSkin::new([0.5, 0.3, 0.2], 0.02);
        let lost = bare.lost_alike([0.4, 0.3, 0.2]);
        let falls: [f64; 3] =
            std::array::from_fn(|c| value(bare.light[c]) - value(bare.light[c] - lost[c] * bare.diffuse[c]));
        assert!(falls.iter().all(|fall| (fall / falls[0] - 1.0).abs() < 1e-4), "{falls:?}");
        let luma = (0..3).map(|c| LUMA[c] * bare.fall(c, [0.4, 0.3, 0.2][c])).sum::<f64>();
        assert!((falls[0] / luma - 1.0).abs() < 1e-4);
    }
}
