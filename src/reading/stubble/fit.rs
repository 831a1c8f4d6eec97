//! Width and darkness of dots: a mean profile, and a place and strength for each, fitted to the optical density.
//!
//! Densities add where dots overlap. The profile is a sum of round Gaussians on the skin, foreshortened and blurred as
//! the photo is. Slow changes are filtered out of photo and model alike, so that neither shading nor the halos of
//! crowded dots have to be known.

use glam::{DMat3, DVec2, DVec3};
use rayon::prelude::*;

use super::find::{self, Contrast};
use super::patch_cells::{Grid, HighPass, PatchCells};
use crate::ground::numbers::full_width_at_half_maximum;
use crate::ground::statistics::{SIGMA_BY_MEDIAN_DEVIATION, lower_quantile};

/// Standard deviations on the skin of the profile's Gaussians, mm: narrowest, widest, and the ratio of successive ones.
const NARROWEST_MM: f64 = 0.03;
const WIDEST_MM: f64 = 0.4;
const STEP: f64 = 1.25;
/// Extent to which Gaussians are drawn, standard deviations.
const REACH: f64 = 4.2;
/// Rounds of fitting profile, places and strengths, and how many of them also add new dots.
const ROUNDS: usize = 4;
const ROUNDS_WITH_NEW: usize = 2;
/// A new dot has to exceed this share of the response of known dots at its place; and its initial strength.
const NEW_OVER_KNOWN: f64 = 0.35;
const NEW_STRENGTH: f64 = 0.6;
/// Longest step of a dot per round, and least distance of two dots, relative to a dot's width.
const LONGEST_STEP: f64 = 0.13;
const CLOSEST: f64 = 0.45;
/// Least strength of a dot, relative to the typical one.
const WEAKEST: f64 = 0.3;
/// Sweeps over the weights of the profile: enough for widths that are hard to separate.
const SWEEPS: usize = 4000;

/// A dot on the grid of cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub middle: DVec2,
    /// Optical density relative to that of the typical dot.
    pub strength: f64,
}

/// An elliptical Gaussian loss with `peak` in its middle, as optical density over `peak`.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Variances along the footprint's axes, cells2.
    variances: [f64; 2],
}

/// Density of a shape by its squared distance in standard deviations, tabulated in equal steps; the same for all
/// shapes.
struct Falloff(Vec<f64>);

/// Steps of the table: linear interpolation is accurate to 1e-4.
const STEPS: usize = 1024;

/// Dots with their mean profile.
#[derive(Debug)]
pub(super) struct Fitted {
    pub dots: Vec<Dot>,
    /// Optical density of all dots.
    pub model: Grid,
    /// Optical density in the middle of the typical dot, blurred as in the photo.
    pub peak_optical_density: f64,
    /// Full width at half maximum of the typical dot's loss along the footprint's axes, cells, blurred as in the photo.
    pub width_cells: [f64; 2],
    /// Robust standard deviation of the residual optical density.
    pub noise: f64,
}

impl Shape {
    fn new(cells: &PatchCells, sigma_mm: f64) -> Self {
        let of = |cells_per_mm: f64| sigma_mm * cells_per_mm * sigma_mm * cells_per_mm + cells.blur_cells2;
        Self { variances: [of(cells.footprint.major_px_per_mm), of(cells.footprint.minor_px_per_mm)] }
    }

    /// Squared distance in standard deviations.
    fn squared(&self, [along, across]: [f64; 2]) -> f64 {
        along * along / self.variances[0] + across * across / self.variances[1]
    }

    fn reach(&self) -> f64 {
        REACH * self.variances[0].max(self.variances[1]).sqrt()
    }
}

impl Falloff {
    const PER_STEP: f64 = REACH * REACH / STEPS as f64;

    fn new(peak: f64) -> Self {
        let at = |step: usize| {
            let gauss = libm::exp(-0.5 * Self::PER_STEP * step as f64);
            -libm::log1p(-peak * gauss) / peak
        };
        let mut values: Vec<f64> = (0..STEPS).map(at).collect();
        values.extend([0.0; 2]);
        Self(values)
    }

    /// Optical density at a squared distance, and its derivative with respect to that.
    fn at(&self, squared: f64) -> (f64, f64) {
        let place = (squared / Self::PER_STEP).min(STEPS as f64);
        let before = place as usize;
        let (from, to) = (self.0[before], self.0[before + 1]);
        (from + (to - from) * (place - before as f64), (to - from) / Self::PER_STEP)
    }
}

/// The typical dot: a weighted sum of shapes.
struct Profile {
    falloff: Falloff,
    shapes: Vec<(f64, Shape)>,
}

impl Profile {
    fn optical_density(&self, axes: [f64; 2]) -> f64 {
        self.shapes.iter().map(|(weight, shape)| weight * self.falloff.at(shape.squared(axes)).0).sum()
    }

    /// Optical density of all dots.
    fn drawn(&self, cells: &PatchCells, dots: &[Dot]) -> Grid {
        let mut grid = Grid { width: cells.width, values: vec![0.0; cells.width * cells.height] };
        for dot in dots {
            for (weight, shape) in &self.shapes {
                for_cells(cells, dot.middle, shape.reach(), |index, axes| {
                    grid.values[index] += dot.strength * weight * self.falloff.at(shape.squared(axes)).0;
                });
            }
        }
        grid
    }

    /// Full width at half maximum of the loss along one of the footprint's axes, cells.
    fn width(&self, axis: usize) -> f64 {
        let loss = |distance: f64| {
            let mut axes = [0.0; 2];
            axes[axis] = distance;
            1.0 - libm::exp(-self.optical_density(axes))
        };
        let widest = self.shapes.iter().map(|(_, shape)| shape.variances[axis]).fold(0.0, f64::max).sqrt();
        full_width_at_half_maximum(loss, 8.0 * widest, 60)
    }
}

/// Fits dots to the optical density; `None` if no dots remain.
pub(super) fn fit(
    cells: &PatchCells,
    optical_density: &Grid,
    high_pass: &HighPass,
    search: &Grid,
    contrast: &Contrast,
) -> Option<Fitted> {
    let response = |grid: &Grid| find::response(grid, contrast.sigma_cells);
    let mut dots: Vec<Dot> = find::spots(&response(optical_density), search, contrast.threshold)
        .into_iter()
        .map(|middle| Dot { middle, strength: 1.0 })
        .collect();
    let photo = high_pass.of(optical_density);
    let shapes: Vec<Shape> = (0..)
        .map(|k| NARROWEST_MM * libm::pow(STEP, f64::from(k)))
        .take_while(|sigma_mm| *sigma_mm < WIDEST_MM)
        .map(|sigma_mm| Shape::new(cells, sigma_mm))
        .collect();
    // Initial guess of the loss in a dot's middle; it hardly matters where the loss is small.
    let mut peak = 0.5;
    for round in 0..ROUNDS {
        if dots.is_empty() {
            return None;
        }
        let profile = profile(cells, &photo, high_pass, &dots, &shapes, peak);
        let peak_optical_density = profile.optical_density([0.0; 2]);
        if peak_optical_density <= 0.0 {
            return None;
        }
        peak = (1.0 - libm::exp(-peak_optical_density)).clamp(0.02, 0.97);
        let model = profile.drawn(cells, &dots);
        let rest = optical_density.with(&model, |a, b| a - b);
        let left = high_pass.of(&rest);
        if round + 1 == ROUNDS {
            let within = left.values.iter().zip(&high_pass.mask.values).filter(|(_, m)| **m > 0.0);
            let deviations: Vec<f64> = within.map(|(v, _)| v.abs()).collect();
            let noise = SIGMA_BY_MEDIAN_DEVIATION * lower_quantile(&deviations, 0.5)?;
            return Some(Fitted {
                width_cells: [0, 1].map(|axis| profile.width(axis)),
                dots,
                model,
                peak_optical_density,
                noise,
            });
        }
        refine(cells, &left, &mut dots, &profile);
        if round < ROUNDS_WITH_NEW {
            // Dots larger or darker than the typical one leave a residual around them that is not another dot.
            let known = response(&model);
            let rest = response(&rest);
            let threshold = find::threshold_of_residual(&rest, search, contrast);
            let new = rest.with(&known, |rest, known| rest - NEW_OVER_KNOWN * known.max(0.0));
            let new = find::spots(&new, search, threshold);
            dots.extend(new.into_iter().map(|middle| Dot { middle, strength: NEW_STRENGTH }));
        } else {
            keep_apart(&mut dots, CLOSEST * profile.width(1));
        }
    }
    None
}

/// The mean profile that fits the photo best, with non-negative weights (coordinate descent).
fn profile(
    cells: &PatchCells,
    photo: &Grid,
    high_pass: &HighPass,
    dots: &[Dot],
    shapes: &[Shape],
    peak: f64,
) -> Profile {
    let picture = |shape: &Shape| {
        let alone = Profile { falloff: Falloff::new(peak), shapes: vec![(1.0, *shape)] };
        high_pass.of(&alone.drawn(cells, dots))
    };
    let pictures: Vec<Grid> = shapes.par_iter().map(picture).collect();
    let products: Vec<Vec<f64>> = pictures.par_iter().map(|a| pictures.iter().map(|b| a.dot(b)).collect()).collect();
    let wanted: Vec<f64> = pictures.par_iter().map(|a| a.dot(photo)).collect();
    let mut weights = vec![0.0; shapes.len()];
    for _ in 0..SWEEPS {
        for k in 0..weights.len() {
            let missing = wanted[k] - products[k].iter().zip(&weights).map(|(p, w)| p * w).sum::<f64>();
            if products[k][k] > 0.0 {
                weights[k] = f64::max(0.0, weights[k] + missing / products[k][k]);
            }
        }
    }
    let used = weights.into_iter().zip(shapes.iter().copied()).filter(|(weight, _)| *weight > 0.0);
    Profile { falloff: Falloff::new(peak), shapes: used.collect() }
}

/// Calls `each` for the cells of a square, with their offsets along the footprint's axes.
fn for_cells(cells: &PatchCells, middle: DVec2, reach: f64, mut each: impl FnMut(usize, [f64; 2])) {
    let range = |at: f64, count: usize| {
        let (low, high) = ((at - reach).max(0.0) as usize, (at + reach + 1.0).max(0.0) as usize);
        low..high.min(count)
    };
    for y in range(middle.y, cells.height) {
        for x in range(middle.x, cells.width) {
            let step = DVec2::new(x as f64 + 0.5, y as f64 + 0.5) - middle;
            each(y * cells.width + x, cells.axes(step));
        }
    }
}

/// One Gauss-Newton step of each dot's place and strength, with all others fixed. Then dots that are too weak are
/// removed, and strengths are normalised so that the typical one is 1.
fn refine(cells: &PatchCells, left: &Grid, dots: &mut Vec<Dot>, profile: &Profile) {
    let widths = [0, 1].map(|axis| profile.width(axis));
    let reach = 0.65 * widths[0].max(widths[1]) + 1.0;
    let longest = LONGEST_STEP * 0.5 * (widths[0] + widths[1]);
    let axis = cells.footprint.axis;
    dots.par_iter_mut().for_each(|dot| {
        let (mut normal, mut right) = (DMat3::ZERO, DVec3::ZERO);
        for_cells(cells, dot.middle, reach, |index, axes| {
            let mut row = DVec3::ZERO;
            for (weight, shape) in &profile.shapes {
                let (optical_density, slope) = profile.falloff.at(shape.squared(axes));
                // Moving the middle has the opposite sign.
                let by = |k: usize| -2.0 * dot.strength * slope * axes[k] / shape.variances[k];
                row += *weight * DVec3::new(optical_density, by(0), by(1));
            }
            normal += DMat3::from_cols(row * row.x, row * row.y, row * row.z);
            right += row * left.values[index];
        });
        let trace = normal.x_axis.x + normal.y_axis.y + normal.z_axis.z;
        normal += DMat3::from_diagonal(DVec3::splat(1e-9 * trace + 1e-300));
        let step = normal.inverse() * right;
        if step.is_finite() {
            let clamped = |v: f64| v.clamp(-longest, longest);
            dot.middle += axis * clamped(step.y) + axis.perp() * clamped(step.z);
            dot.strength = (dot.strength + 0.8 * step.x).clamp(0.05, 10.0);
        }
    });
    let strengths: Vec<f64> = dots.iter().map(|d| d.strength).collect();
    let typical = lower_quantile(&strengths, 0.5).unwrap_or(1.0);
    dots.iter_mut().for_each(|d| d.strength /= typical);
    dots.retain(|d| d.strength > WEAKEST);
}

/// Of two dots closer than this, the weaker one is removed and its strength added to the other: they were one.
fn keep_apart(dots: &mut Vec<Dot>, closest: f64) {
    dots.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let mut kept: Vec<Dot> = Vec::with_capacity(dots.len());
    for dot in dots.drain(..) {
        match kept.iter_mut().find(|other| other.middle.distance(dot.middle) < closest) {
            Some(other) => other.strength += dot.strength,
            None => kept.push(dot),
        }
    }
    *dots = kept;
}
