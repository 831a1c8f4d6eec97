//! One column of pigment in skin: how much light it absorbs, of which colour, and how far around it.
//!
//! Light that enters beside a dot emerges on it and vice versa, so a dot darkens two to four times its own area, red
//! light (which travels farthest) most: treated skin turns cooler by itself. The loss is a product of the successive
//! steps of diffuse light, summed over the column's surface from its top to its lower end:
//!
//! - Reaching that depth and returning: the square of the fluence there, which decays at the rate of diffusion theory
//!   once it has built up below the surface.
//! - Being caught by the surface of the column, as far as it does not pass through (random chords of a cylinder), less
//!   what the column has already absorbed from its own surroundings.
//! - Passing the epidermis, which takes its share on the way in and out; bare skin, the reference, is darker for it,
//!   too.
//!
//! Where it is lost: in a core as wide as the column and its depth blur, and in two wider Gaussians for light that was
//! scattered a few times and often. Losses near the top fall into the core, those further down into the halos. Light
//! that many dots have already thinned has less to lose, so halos shrink in a crowd.
//!
//! The constants are fitted to perturbation Monte Carlo simulations of two-layer skin (the coefficients of
//! [`tissue`](crate::reading::tissue), g = 0.8, n = 1.4, diffuse illumination, 0.7 to 0.8 million packets per row) of
//! 534 columns with tops from 0.04 to 1 mm, heights of 0.08 to 0.6 mm, diameters of 0.1 to 0.5 mm, absorptions of 2 to
//! 200 per mm, melanin of 0.5 to 15 % in an epidermis of 0.04 to 0.15 mm, at pitches of 0.65 to 1.8 mm (two diameters
//! and more).
//!
//! Against 88 columns that were not used in the fit (0.2 to 0.42 mm wide, tops from 0.06 to 0.3 mm), three channels
//! each, the mean over a field of dots is within 0.021 (RMS 0.0034), the light at the middle of a dot within 0.046 (RMS
//! 0.015), at 0.2 mm within 0.025 and at 0.35 mm within 0.024. Edges of columns wider than 0.43 mm right under the
//! surface are softer here than in the simulation (by up to 0.17 at 0.2 mm): a Gaussian is not a disc. Blood changes
//! only the attenuation: its effect was not fitted.
use super::{Appearance, GaussianLoss};
use crate::reading::tissue::{REFERENCE_EPIDERMIS_MM, Skin};

/// Pigment as it lies in the skin: an upright cylinder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PigmentColumn {
    /// Diameter, mm.
    pub diameter_mm: f64,
    /// Depth of its upper end, mm.
    pub depth_mm: f64,
    /// How far it reaches down from there, mm.
    pub height_mm: f64,
    /// Absorption per mm: red, green, blue.
    pub absorption_per_mm: [f64; 3],
    /// Standard deviation of its spread since it was placed, mm.
    pub spread_mm: f64,
    /// Such dots around it, per mm2; 0 for an isolated dot.
    pub crowd_per_mm2: f64,
}

/// Square of the built-up fluence below the surface, relative to what enters: red, green, blue.
const REACHING: [f64; 3] = [9.337, 8.999, 8.759];
/// Correction to the attenuation of diffusion theory, which is slightly off for light absorbed on the way.
const ATTENUATION: f64 = 1.128;
/// Share of the built-up fluence that is still missing right under the surface, and the depth over which it builds up,
/// mm.
const BUILD_UP: f64 = 0.385;
const BUILD_UP_MM: f64 = 0.1344;
/// How much of the loss the epidermis leaves, compared with what it leaves of the light from bare skin: light passes
/// through it a number of times that varies widely, (1 + x / X)^-b, with exp(-g x^2) for the remainder.
const PASSAGES: [f64; 3] = [0.1143, 0.07208, 0.05729];
const PASSAGES_AT: f64 = 0.01751;
const PASSAGES_SQUARED: [f64; 3] = [-0.1572, -0.02037, 0.148];
/// Additional melanin effect just below the epidermis: the factor at the surface under an epidermis of
/// [`REFERENCE_EPIDERMIS_MM`], the exponent of its thickness, and the depth over which the effect decays, mm.
const MELANIN_NEAR: f64 = 0.5428;
const MELANIN_NEAR_POWER: f64 = 1.298;
const NEAR_MM: f64 = 1.864;
/// Spread of chord lengths of a cylinder: the loss is 1 - (1 + x / s)^-s for a mean absorption of x.
const CHORDS: f64 = 1.91;
/// How much a column of diameter d and height h (in units of the reference height) shades itself: 1 + k q / (d^e h^f)
/// for a caught area of q.
const SELF_SHADING: f64 = 0.8631;
const SELF_SHADING_BY_DIAMETER: f64 = 0.8512;
const SELF_SHADING_BY_HEIGHT: f64 = 0.6248;

/// Share of the far halo, as the argument of a logistic function: at the surface, and per mm of depth.
const HALO: [f64; 3] = [-1.894, -1.681, 0.9167];
const HALO_PER_MM: [f64; 3] = [8.516, 5.562, -24.81];
/// Share of the core in the rest.
const CORE: [f64; 3] = [-0.8884, -0.3897, 0.7134];
const CORE_PER_MM: [f64; 3] = [-3.857, -4.886, -13.44];
/// How these change with the passages through the epidermis, ln (1 + x / X), with the logarithms of the diameter and of
/// the height relative to their references, and with the share of light that does not pass through the column.
const HALO_BY_MELANIN: f64 = -0.2195;
const CORE_BY_MELANIN: [f64; 3] = [0.2466, 0.1543, 0.1947];
const HALO_BY_SIZE: f64 = -0.1831;
const CORE_BY_SIZE: f64 = 0.9813;
const CORE_BY_HEIGHT: f64 = -0.2276;
const CORE_BY_OPACITY: f64 = 0.3157;
const REFERENCE_MM: f64 = 0.25;
const REFERENCE_HEIGHT_MM: f64 = 0.15;

/// Standard deviations: as a share of the diameter, and in mm at the surface and per mm of depth.
const CORE_SIGMA: [f64; 3] = [0.3682, -0.01447, 0.4357];
const MIDDLE_SIGMA: [f64; 3] = [0.565, 0.2896, -0.0419];
const HALO_SIGMA: [f64; 3] = [0.0, 1.012, 0.3902];
/// Largest share of the light that the core can absorb at its middle.
const DARKEST: f64 = 0.97;
/// How much a halo shrinks with the optical density of all halos.
const CROWDED: f64 = 1.16;

/// Depths at which a column's side is sampled, as shares of its height, and their weights in the integral over it
/// (Gauss-Legendre quadrature); its two ends are added separately.
const SLICES: [(f64, f64); 3] =
    [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// Columns of pigment in a given skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optics {
    /// Rate at which a column's loss decays with depth: light has to travel down and up again.
    fading_per_mm: [f64; 3],
    /// Light that reaches pigment, as far as melanin lets it.
    reaching: [f64; 3],
    /// What melanin removes from it right under the surface, as an optical density.
    near: [f64; 3],
    /// Arguments of the shares of halo and core at the surface, as far as the skin determines them.
    halo: [f64; 3],
    core: [f64; 3],
}

impl Optics {
    /// The optics of this skin.
    #[must_use]
    pub fn new(skin: Skin) -> Self {
        let epidermis = skin.epidermis_absorbance();
        let passages = epidermis.map(|x| libm::log(1.0 + x / PASSAGES_AT));
        let near = MELANIN_NEAR * libm::pow(skin.epidermis_mm / REFERENCE_EPIDERMIS_MM, MELANIN_NEAR_POWER);
        Self {
            fading_per_mm: skin.attenuation_per_mm().map(|per_mm| 2.0 * ATTENUATION * per_mm),
            reaching: std::array::from_fn(|c| {
                let x = epidermis[c];
                REACHING[c] * libm::exp(-PASSAGES[c] * passages[c] - PASSAGES_SQUARED[c] * x * x)
            }),
            near: epidermis.map(|x| near * x),
            halo: std::array::from_fn(|c| HALO[c] + HALO_BY_MELANIN * passages[c]),
            core: std::array::from_fn(|c| CORE[c] + CORE_BY_MELANIN[c] * passages[c]),
        }
    }

    /// How far around a dot light is lost, mm, for a column whose lower end is at this depth.
    #[must_use]
    pub fn reach_mm(&self, lower_end_mm: f64) -> f64 {
        3.0 * (HALO_SIGMA[1] + HALO_SIGMA[2] * lower_end_mm)
    }

    /// The light that the pigment absorbs.
    #[must_use]
    pub fn appearance(&self, pigment: &PigmentColumn) -> Appearance {
        let PigmentColumn { diameter_mm, depth_mm, height_mm, absorption_per_mm, spread_mm, crowd_per_mm2 } = *pigment;
        let column = Column::new(diameter_mm, height_mm);
        let opacity = absorption_per_mm.map(|per_mm| column.opacity(per_mm));
        let caught_mm2 = opacity.map(|opacity| column.caught_mm2(opacity));
        let ln_size = libm::log(diameter_mm / REFERENCE_MM);
        let core_by_shape = CORE_BY_SIZE * ln_size + CORE_BY_HEIGHT * libm::log(height_mm / REFERENCE_HEIGHT_MM);
        let mut losses_mm2 = [[0.0; 3]; 3];
        // For each spot, the sum of its losses over all colours, and the same sum divided by their variances: the
        // narrow ones determine how dark its middle is.
        let (mut sums, mut sums_by_variance) = ([0.0; 3], [0.0; 3]);
        for (down, share) in column.surface() {
            let z = depth_mm + down * height_mm;
            let built_up = share * (1.0 - BUILD_UP * libm::exp(-z / BUILD_UP_MM));
            let near = libm::exp(-z / NEAR_MM);
            let variances = [CORE_SIGMA, MIDDLE_SIGMA, HALO_SIGMA].map(|[of_diameter, surface_mm, per_mm]| {
                let (wide_mm, deep_mm) = (of_diameter * diameter_mm, surface_mm + per_mm * z);
                wide_mm * wide_mm + deep_mm * deep_mm
            });
            for c in 0..3 {
                let reaching =
                    self.reaching[c] * built_up * libm::exp(-self.fading_per_mm[c] * z - self.near[c] * near);
                let halo = logistic(self.halo[c] + HALO_PER_MM[c] * z + HALO_BY_SIZE * ln_size);
                let core = (1.0 - halo)
                    * logistic(self.core[c] + CORE_PER_MM[c] * z + core_by_shape + CORE_BY_OPACITY * opacity[c]);
                let loss_mm2 = reaching * caught_mm2[c];
                for (k, share) in [core, 1.0 - halo - core, halo].into_iter().enumerate() {
                    losses_mm2[k][c] += loss_mm2 * share;
                    sums[k] += loss_mm2 * share;
                    sums_by_variance[k] += loss_mm2 * share / variances[k];
                }
            }
        }
        for loss_mm2 in &mut losses_mm2[2] {
            *loss_mm2 /= 1.0 + CROWDED * *loss_mm2 * crowd_per_mm2;
        }
        let sigma_mm = |k: usize| {
            let variance = if sums[k] > 0.0 { sums[k] / sums_by_variance[k] } else { 1.0 };
            (variance + spread_mm * spread_mm).sqrt()
        };
        let sigmas_mm: [f64; 3] = std::array::from_fn(sigma_mm);
        // A core is at most black; what black skin cannot absorb is absorbed beside it.
        let most_mm2 = DARKEST * std::f64::consts::TAU * sigmas_mm[0] * sigmas_mm[0];
        let [core_mm2, around_mm2, _] = &mut losses_mm2;
        for (core_mm2, around_mm2) in core_mm2.iter_mut().zip(around_mm2) {
            let excess_mm2 = (*core_mm2 - most_mm2).max(0.0);
            *core_mm2 -= excess_mm2;
            *around_mm2 += excess_mm2;
        }
        Appearance { spots: std::array::from_fn(|k| GaussianLoss { sigma_mm: sigmas_mm[k], loss_mm2: losses_mm2[k] }) }
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// A column of pigment in light that comes from all directions.
struct Column {
    surface_mm2: f64,
    mean_chord_mm: f64,
    self_shading: f64,
    /// Share of its surface that one of its ends makes up.
    end: f64,
}

impl Column {
    fn new(diameter_mm: f64, height_mm: f64) -> Self {
        use std::f64::consts::PI;
        let end_mm2 = 0.25 * PI * diameter_mm * diameter_mm;
        let surface_mm2 = PI * diameter_mm * height_mm + 2.0 * end_mm2;
        // The mean chord of a convex body is 4 V / S (Cauchy).
        let mean_chord_mm = 4.0 * end_mm2 * height_mm / surface_mm2;
        let self_shading = SELF_SHADING
            / (libm::pow(diameter_mm, SELF_SHADING_BY_DIAMETER)
                * libm::pow(height_mm / REFERENCE_HEIGHT_MM, SELF_SHADING_BY_HEIGHT));
        Self { surface_mm2, mean_chord_mm, self_shading, end: end_mm2 / surface_mm2 }
    }

    /// The positions of its surface, as shares of its height from the top, with their weights: both ends, and its side
    /// in slices.
    fn surface(&self) -> [(f64, f64); 5] {
        let side = 1.0 - 2.0 * self.end;
        let [a, b, c] = SLICES.map(|(down, weight)| (down, side * weight));
        [(0.0, self.end), a, b, c, (1.0, self.end)]
    }

    /// Share of the entering light that does not leave.
    fn opacity(&self, absorption_per_mm: f64) -> f64 {
        1.0 - libm::exp(-CHORDS * libm::log(1.0 + absorption_per_mm * self.mean_chord_mm / CHORDS))
    }

    /// The light it catches, as an area, mm2: the mean shadow of a convex body is a quarter of its surface.
    fn caught_mm2(&self, opacity: f64) -> f64 {
        let caught_mm2 = 0.25 * self.surface_mm2 * opacity;
        caught_mm2 / (1.0 + self.self_shading * caught_mm2)
    }
}
