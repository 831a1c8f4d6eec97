//! Finds dots: dark spots that stand out from the variation of the skin in both directions.
//!
//! Skin, pores and grain are as often a little lighter than their surroundings as darker; dots are only ever darker. So
//! bright spots of the same width show how dark a spot may be by chance, and no threshold has to be known beforehand.

use glam::DVec2;

use super::patch_cells::Grid;
use crate::ground::statistics::lower_quantile;

/// Ratio of the wider to the narrower Gaussian, whose difference compares a spot with its surroundings.
const SURROUNDINGS: f64 = 1.6;
/// Ratio of successive widths that are tried.
const STEP: f64 = 1.25;
/// Standard deviation of the narrowest width, cells, and of the widest, mm.
const NARROWEST: f64 = 0.8;
const WIDEST_MM: f64 = 0.35;
/// Quantile of the bright spots that counts as chance.
const CHANCE: f64 = 0.95;
/// Least chance: the quantisation of 8-bit photos in their smooth parts.
const LEAST_CHANCE: f64 = 1e-3;
/// Least strength of a dot over chance.
const OVER_CHANCE: f64 = 1.2;
/// Least strength of a dot relative to the typical one: hair is not more uneven than that.
const LEAST_OF_TYPICAL: f64 = 0.35;
/// Between dense dots the skin is bright, which is not chance: thresholds below [`OVER_CHANCE`] are tried in these
/// steps, and accepted while at most `MOST_FALSE` bright spots are as strong for each dark one.
const EASED: [f64; 4] = [1.1, 1.0, 0.9, 0.8];
const MOST_FALSE: f64 = 0.04;
/// As `LEAST_OF_TYPICAL`, for a dot that was missed at first: the residuals of other dots can look like one.
const LEAST_OF_RESIDUAL: f64 = 0.45;
/// Fewest spots that have a typical strength.
pub(super) const FEWEST: usize = 8;

/// How dots stand out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contrast {
    /// Standard deviation at which they stand out most, cells.
    pub sigma_cells: f64,
    /// Least response of a dot.
    pub threshold: f64,
    /// The typical dot's response relative to that of chance.
    pub over_chance: f64,
    /// The typical dot's response.
    pub typical: f64,
    /// Number of dark spots this strong.
    pub dots: usize,
    /// Bright spots as strong as dots, per dot.
    pub bright_share: f64,
}

/// Difference of two Gaussians: positive where it is darker than its surroundings.
pub(super) fn response(optical_density: &Grid, sigma_cells: f64) -> Grid {
    optical_density.blurred(sigma_cells).with(&optical_density.blurred(SURROUNDINGS * sigma_cells), |a, b| a - b)
}

/// Contrast at the width at which dots stand out most; `None` if nothing does.
pub(super) fn contrast(optical_density: &Grid, mask: &Grid, blur_cells: f64, mm_per_cell: f64) -> Option<Contrast> {
    let mut best: Option<Contrast> = None;
    let mut sigma_cells = blur_cells.max(NARROWEST);
    loop {
        let dark = response(optical_density, sigma_cells);
        let bright = Grid { width: dark.width, values: dark.values.iter().map(|v| -v).collect() };
        let found = at_width(&strengths(&dark, mask), &strengths(&bright, mask), sigma_cells);
        if let Some(found) = found.filter(|f| best.is_none_or(|b| f.over_chance > b.over_chance)) {
            best = Some(found);
        }
        sigma_cells *= STEP;
        if sigma_cells * mm_per_cell > WIDEST_MM {
            return best;
        }
    }
}

/// How much bright spots as wide as the blur stand out: what counts as chance for dots.
pub(super) fn bright(optical_density: &Grid, mask: &Grid, blur_cells: f64) -> f64 {
    let dark = response(optical_density, blur_cells.max(NARROWEST));
    let bright = Grid { width: dark.width, values: dark.values.iter().map(|v| -v).collect() };
    lower_quantile(&strengths(&bright, mask), CHANCE).unwrap_or(0.0)
}

fn at_width(dark: &[f64], bright: &[f64], sigma_cells: f64) -> Option<Contrast> {
    // A drawing has no grain at all.
    let chance = lower_quantile(bright, CHANCE).unwrap_or(0.0).max(LEAST_CHANCE);
    let mut threshold = OVER_CHANCE * chance;
    let mut typical = 0.0;
    for _ in 0..6 {
        let dots: Vec<f64> = dark.iter().copied().filter(|v| *v > threshold).collect();
        if dots.len() < FEWEST {
            return None;
        }
        typical = lower_quantile(&dots, 0.5)?;
        threshold = (OVER_CHANCE * chance).max(LEAST_OF_TYPICAL * typical);
    }
    let above = |spots: &[f64], threshold: f64| spots.iter().filter(|v| **v > threshold).count();
    let share = |threshold: f64| above(bright, threshold) as f64 / above(dark, threshold).max(1) as f64;
    let (bright_share, dots) = (share(threshold), above(dark, threshold));
    for eased in EASED.map(|over| (over * chance).max(LEAST_OF_TYPICAL * typical)) {
        if share(eased) <= MOST_FALSE {
            threshold = threshold.min(eased);
        }
    }
    Some(Contrast { sigma_cells, threshold, over_chance: typical / chance, typical, dots, bright_share })
}

/// Least response of a spot in the residual of a model that counts as a missed dot.
pub(super) fn threshold_of_residual(rest: &Grid, mask: &Grid, contrast: &Contrast) -> f64 {
    let bright = Grid { width: rest.width, values: rest.values.iter().map(|v| -v).collect() };
    let chance = lower_quantile(&strengths(&bright, mask), CHANCE).unwrap_or(0.0);
    (OVER_CHANCE * chance).max(LEAST_OF_RESIDUAL * contrast.typical)
}

/// Heights of the positive local maxima within the mask.
fn strengths(grid: &Grid, mask: &Grid) -> Vec<f64> {
    maxima(grid, mask, 0.0).into_iter().map(|k| grid.values[k]).collect()
}

/// Cells within the mask that are higher than `least` and than their eight neighbours.
fn maxima(grid: &Grid, mask: &Grid, least: f64) -> Vec<usize> {
    let (width, height) = (grid.width, grid.height());
    let mut found = Vec::new();
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let k = y * width + x;
            let value = grid.values[k];
            if value > least && mask.values[k] > 0.0 {
                let above = [k - width - 1, k - width, k - width + 1, k - 1];
                let below = [k + 1, k + width - 1, k + width, k + width + 1];
                // Of equal neighbours the first counts.
                if above.iter().all(|n| grid.values[*n] < value) && below.iter().all(|n| grid.values[*n] <= value) {
                    found.push(k);
                }
            }
        }
    }
    found
}

/// Middles of spots that are stronger than `threshold`, with subcell precision.
pub(super) fn spots(response: &Grid, mask: &Grid, threshold: f64) -> Vec<DVec2> {
    let width = response.width;
    let offset = |k: usize, step: usize| {
        let (before, at, after) = (response.values[k - step], response.values[k], response.values[k + step]);
        let curvature = before + after - 2.0 * at;
        if curvature < 0.0 { (0.5 * (before - after) / curvature).clamp(-0.6, 0.6) } else { 0.0 }
    };
    let middle =
        |k: usize| DVec2::new((k % width) as f64 + 0.5 + offset(k, 1), (k / width) as f64 + 0.5 + offset(k, width));
    maxima(response, mask, threshold).into_iter().map(middle).collect()
}
