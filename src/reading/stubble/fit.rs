//! How wide and how dark dots are: a mean profile and a place and strength for each, fitted to the optical density.
//!
//! Densities add where dots overlap. The profile is a sum of round Gaussians on the skin, foreshortened and blurred as the
//! photo is; what changes slowly is taken away from photo and model alike, so neither shading nor the halos of crowded dots
//! have to be known.

use glam::{DMat3, DVec2, DVec3};
use rayon::prelude::*;

use super::find::{self, Contrast, quantile};
use super::window::{Grid, HighPass, Window};

/// Standard deviations on the skin that profiles are made of, mm: narrowest, widest, and the step between.
const NARROWEST_MM: f64 = 0.03;
const WIDEST_MM: f64 = 0.4;
const STEP: f64 = 1.25;
/// Gaussians are drawn as far as this many standard deviations.
const REACH: f64 = 4.2;
/// Rounds of profile, places and strengths; new dots are looked for in the first of them.
const ROUNDS: usize = 4;
const ROUNDS_WITH_NEW: usize = 2;
/// A dot of the rest has to stand out this much more than one of the photo, and starts with this strength.
const NEW_OVER: f64 = 1.15;
const NEW_STRENGTH: f64 = 0.6;
/// Weaker than this, of the typical dot, is none.
const WEAKEST: f64 = 0.3;
/// Sweeps over the weights of the profile: enough for widths that are hard to tell apart.
const SWEEPS: usize = 4000;

/// A dot in the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub middle: DVec2,
    /// Optical density, of the typical dot's.
    pub strength: f64,
}

/// An ellipse with Gaussian edges whose density is that of a loss `peak * gauss`, over `peak`.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Variances along the footprint's axes, cells2.
    variances: [f64; 2],
    peak: f64,
}

/// Dots with their mean profile.
#[derive(Debug)]
pub(super) struct Fitted {
    pub dots: Vec<Dot>,
    /// Optical density of all dots.
    pub model: Grid,
    /// Optical density of the typical dot's middle, as blurred as the photo is.
    pub peak_density: f64,
    /// Full width at half maximum of the typical dot's loss along the footprint's axes, cells, as blurred as the photo is.
    pub width_cells: [f64; 2],
    /// Robust standard deviation of what is left of the photo's density.
    pub noise: f64,
}

impl Shape {
    fn new(window: &Window, sigma_mm: f64, peak: f64) -> Self {
        let of = |cells_per_mm: f64| sigma_mm * cells_per_mm * sigma_mm * cells_per_mm + window.blur_cells2;
        Self { variances: [of(window.footprint.major_px_per_mm), of(window.footprint.minor_px_per_mm)], peak }
    }

    /// Density and half of its derivative by the squared, normed distance.
    fn at(&self, [along, across]: [f64; 2]) -> (f64, f64) {
        let squared = along * along / self.variances[0] + across * across / self.variances[1];
        let gauss = libm::exp(-0.5 * squared);
        let loss = self.peak * gauss;
        (-libm::log1p(-loss) / self.peak, -0.5 * gauss / (1.0 - loss))
    }
}

/// Fits dots to the density; none where none of those that were found hold.
pub(super) fn fit(
    window: &Window,
    density: &Grid,
    high_pass: &HighPass,
    search: &Grid,
    contrast: &Contrast,
) -> Option<Fitted> {
    let found =
        |grid: &Grid, threshold: f64| find::spots(&find::response(grid, contrast.sigma_cells), search, threshold);
    let mut dots: Vec<Dot> =
        found(density, contrast.threshold).into_iter().map(|middle| Dot { middle, strength: 1.0 }).collect();
    let photo = high_pass.of(density);
    let sigmas_mm: Vec<f64> =
        (0..).map(|k| NARROWEST_MM * libm::pow(STEP, f64::from(k))).take_while(|s| *s < WIDEST_MM).collect();
    // A first guess of the loss in a dot's middle; it hardly matters where that is small.
    let mut peak = 0.5;
    for round in 0..ROUNDS {
        let shapes: Vec<Shape> = sigmas_mm.iter().map(|s| Shape::new(window, *s, peak)).collect();
        let weights = profile(window, &photo, high_pass, &dots, &shapes);
        let used: Vec<(f64, Shape)> = weights.into_iter().zip(shapes).filter(|(w, _)| *w > 0.0).collect();
        if used.is_empty() || dots.is_empty() {
            return None;
        }
        let model = drawn(window, &dots, &used);
        let rest = density.with(&model, |a, b| a - b);
        let left = high_pass.of(&rest);
        let peak_density: f64 = used.iter().map(|(w, shape)| w * shape.at([0.0; 2]).0).sum();
        peak = (1.0 - libm::exp(-peak_density)).clamp(0.02, 0.97);
        if round + 1 == ROUNDS {
            let deviations: Vec<f64> = left
                .values
                .iter()
                .zip(&high_pass.mask.values)
                .filter(|(_, m)| **m > 0.0)
                .map(|(v, _)| v.abs())
                .collect();
            let noise = 1.4826 * quantile(&deviations, 0.5)?;
            let width_cells = [0, 1].map(|axis| width(&used, axis));
            return Some(Fitted { dots, model, peak_density, width_cells, noise });
        }
        refine(window, &left, &mut dots, &used);
        if round < ROUNDS_WITH_NEW {
            let new = found(&rest, NEW_OVER * contrast.threshold);
            dots.extend(new.into_iter().map(|middle| Dot { middle, strength: NEW_STRENGTH }));
        }
    }
    None
}

/// Weights of the shapes in the mean profile, none negative, that come nearest to the photo.
fn profile(window: &Window, photo: &Grid, high_pass: &HighPass, dots: &[Dot], shapes: &[Shape]) -> Vec<f64> {
    let pictures: Vec<Grid> =
        shapes.par_iter().map(|shape| high_pass.of(&drawn(window, dots, &[(1.0, *shape)]))).collect();
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
    weights
}

/// Density of all dots.
fn drawn(window: &Window, dots: &[Dot], shapes: &[(f64, Shape)]) -> Grid {
    let mut grid = Grid { width: window.width, values: vec![0.0; window.width * window.height] };
    for dot in dots {
        for (weight, shape) in shapes {
            let reach = REACH * shape.variances[0].max(shape.variances[1]).sqrt();
            for_cells(window, dot.middle, reach, |index, axes| {
                grid.values[index] += dot.strength * weight * shape.at(axes).0;
            });
        }
    }
    grid
}

/// Calls `each` with the cells of a square and their distance along the footprint's axes.
fn for_cells(window: &Window, middle: DVec2, reach: f64, mut each: impl FnMut(usize, [f64; 2])) {
    let range = |at: f64, count: usize| {
        let (low, high) = ((at - reach).max(0.0) as usize, (at + reach + 1.0).max(0.0) as usize);
        low..high.min(count)
    };
    for y in range(middle.y, window.height) {
        for x in range(middle.x, window.width) {
            let step = DVec2::new(x as f64 + 0.5, y as f64 + 0.5) - middle;
            each(y * window.width + x, window.axes(step));
        }
    }
}

/// One Gauss-Newton step of each dot's place and strength with all others where they are; then those that are too weak go,
/// and the typical strength is 1 again.
fn refine(window: &Window, left: &Grid, dots: &mut Vec<Dot>, shapes: &[(f64, Shape)]) {
    let reach = 0.65 * width(shapes, 0).max(width(shapes, 1)) + 1.0;
    let longest = 0.13 * (width(shapes, 0) + width(shapes, 1)) * 0.5;
    let axis = window.footprint.axis;
    dots.par_iter_mut().for_each(|dot| {
        let (mut normal, mut right) = (DMat3::ZERO, DVec3::ZERO);
        for_cells(window, dot.middle, reach, |index, [along, across]| {
            let (mut value, mut by_along, mut by_across) = (0.0, 0.0, 0.0);
            for (weight, shape) in shapes {
                let (density, slope) = shape.at([along, across]);
                value += weight * density;
                // Moving the middle is the other way round.
                by_along -= 2.0 * weight * slope * along / shape.variances[0];
                by_across -= 2.0 * weight * slope * across / shape.variances[1];
            }
            let row = DVec3::new(value, dot.strength * by_along, dot.strength * by_across);
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
    let typical = quantile(&strengths, 0.5).unwrap_or(1.0);
    dots.iter_mut().for_each(|d| d.strength /= typical);
    dots.retain(|d| d.strength > WEAKEST);
}

/// Full width at half maximum of the loss along one of the footprint's axes, cells.
fn width(shapes: &[(f64, Shape)], axis: usize) -> f64 {
    let loss = |distance: f64| {
        let mut axes = [0.0; 2];
        axes[axis] = distance;
        let density: f64 = shapes.iter().map(|(w, shape)| w * shape.at(axes).0).sum();
        1.0 - libm::exp(-density)
    };
    let half = 0.5 * loss(0.0);
    let widest = shapes.iter().map(|(_, shape)| shape.variances[axis]).fold(0.0, f64::max).sqrt();
    let (mut inside, mut outside) = (0.0, 8.0 * widest);
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if loss(middle) > half { inside = middle } else { outside = middle }
    }
    inside + outside
}
