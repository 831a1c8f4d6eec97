//! An even field of equal dots, viewed head-on and in focus: what one kind of dot does to skin, measured on the
//! renderer.

use super::splat::{Splat, Splats};
use super::transmittance::Transmittance;
use crate::photo::PixelRect;
use crate::skin::Appearance;

/// Least number of pixels along a cell, and the largest pixel, mm: a fourteenth of the narrowest dot.
const LEAST_PX: f64 = 64.0;
const PIXEL_MM: f64 = 0.007;
/// Width of the rings of a profile, mm.
pub const RING_MM: f64 = 0.036;
/// Dots farther away than this many standard deviations of their widest spot make no visible difference.
const REACH_SIGMAS: f64 = 4.0;

/// Share of the diffuse light that is left: red, green, blue.
#[derive(Debug, Clone, PartialEq)]
pub struct EvenField {
    /// Mean over the square that belongs to each dot.
    pub mean: [f64; 3],
    /// Means over rings around a dot, [`RING_MM`] wide, from its centre out to halfway to the next dot.
    pub profile: Vec<[f64; 3]>,
}

impl EvenField {
    /// Dots of this appearance on a square lattice of `pitch_mm`, drawn as the compositor draws them.
    #[must_use]
    pub fn new(dot: &Appearance, pitch_mm: f64) -> Self {
        // An odd number, so that a dot is centred on a pixel.
        let side = (pitch_mm / PIXEL_MM).max(LEAST_PX).ceil() as usize | 1;
        let px_per_mm = side as f64 / pitch_mm;
        let middle = 0.5 * side as f64;
        let widest_mm = dot.spots.iter().map(|spot| spot.sigma_mm).fold(0.0, f64::max);
        let rings = (REACH_SIGMAS * widest_mm / pitch_mm + 0.5).ceil() as i32;
        let mut splats = Vec::new();
        for (row, column) in (-rings..=rings).flat_map(|row| (-rings..=rings).map(move |column| (row, column))) {
            splats.extend(dot.spots.iter().map(|spot| Splat {
                x_px: (middle + f64::from(column) * side as f64) as f32,
                y_px: (middle + f64::from(row) * side as f64) as f32,
                sigma_major_px: (spot.sigma_mm * px_per_mm) as f32,
                sigma_minor_px: (spot.sigma_mm * px_per_mm) as f32,
                axis: [1.0, 0.0],
                loss_px2: spot.loss_mm2.map(|loss| (loss * px_per_mm * px_per_mm) as f32),
            }));
        }
        let splats = Splats::new(splats);
        let mut left = Transmittance::new(side, side);
        left.render(PixelRect::of_size([side as u32; 2]), splats.as_slice().iter());

        let mut mean = [0.0; 3];
        let count = (0.5 * pitch_mm / RING_MM - 1e-9).ceil().max(1.0) as usize;
        let mut profile = vec![([0.0; 3], 0.0); count];
        for y in 0..side {
            let lines = left.row(y);
            for x in 0..side {
                let light = lines.map(|line| f64::from(line[x]));
                let place = |at: usize| at as f64 + 0.5 - middle;
                let ring = (place(x).hypot(place(y)) / px_per_mm / RING_MM) as usize;
                for c in 0..3 {
                    mean[c] += light[c] / (side * side) as f64;
                    if let Some((sum, _)) = profile.get_mut(ring) {
                        sum[c] += light[c];
                    }
                }
                if let Some((_, pixels)) = profile.get_mut(ring) {
                    *pixels += 1.0;
                }
            }
        }
        Self { mean, profile: profile.into_iter().map(|(sum, pixels)| sum.map(|sum| sum / pixels)).collect() }
    }
}
