//! The outline of a bare scalp, found in a front photo that shows it before a plain background.
//!
//! Two clicked pupils say where the forehead must be. From there rays go up and out; each is followed from the
//! background inwards to where it stops being background, and what begins there must have the forehead's colour, or
//! else it is hair or a hat and says nothing about the scalp. Too few or too ragged hits give none at all: a wrong outline is worse
//! than none. The points are the same kind that a user would click, and can be changed like those.
//!
//! Cost: one pass over the photo's upper part.

use glam::DVec2;

use crate::photo::{Photo, Samples};

/// Rays over the upper half of the head.
const RAYS: usize = 17;
/// Angle of the outermost rays from straight up, radians (80 degrees).
const WIDEST: f64 = 1.396;
/// Blocks of the reduced photo to a pupil distance (63 mm): half a millimetre each.
const BLOCKS_PER_PUPILS: f64 = 126.0;
/// Where rays start and how far they may reach, pupil distances.
const MIDDLE_ABOVE_EYES: f64 = 0.85;
const NEAREST: f64 = 0.7;
const FARTHEST: f64 = 2.1;
/// A code that differs from the background by this much (of full scale) is something else.
const LEAST_STEP: f32 = 0.035;
/// Fewest rays that must agree.
const LEAST_HITS: usize = 10;
/// A hit may differ from the curve through its neighbours by this share of its distance.
const RAGGED: f64 = 0.05;

/// Points of the outline, px, or none where it cannot be told with confidence.
#[must_use]
pub fn find(photo: &Photo, pupil_right: DVec2, pupil_left: DVec2) -> Vec<DVec2> {
    let across = pupil_left - pupil_right;
    let distance = across.length();
    let reduced = match &photo.samples {
        Samples::U8(codes) => Reduced::new(photo, distance, |i| f32::from(codes[i]) / 255.0),
        Samples::U16(codes) => Reduced::new(photo, distance, |i| f32::from(codes[i]) / 65_535.0),
    };
    let Some(reduced) = reduced else { return Vec::new() };
    // Up in the photo: a quarter turn from right eye to left.
    let up = DVec2::new(across.y, -across.x) / distance;
    let side = across / distance;
    let middle = 0.5 * (pupil_right + pupil_left) + up * (MIDDLE_ABOVE_EYES * distance);
    let Some(forehead) = reduced.forehead(middle, up, side, distance) else { return Vec::new() };
    let hits: Vec<Option<f64>> = (0..RAYS)
        .map(|i| {
            let (s, c) = libm::sincos(WIDEST * (2.0 * i as f64 / (RAYS - 1) as f64 - 1.0));
            reduced.edge(middle, up * c + side * s, distance, forehead)
        })
        .collect();
    let smooth = |i: usize| {
        let hit = hits[i]?;
        let mut around: Vec<f64> =
            (i.saturating_sub(2)..=(i + 2).min(RAYS - 1)).filter(|&k| k != i).filter_map(|k| hits[k]).collect();
        around.sort_by(f64::total_cmp);
        let typical = *around.get(around.len() / 2)?;
        // Towards the ends of the row the neighbours lie to one side, and the head's width changes.
        ((hit - typical).abs() < 2.0 * RAGGED * typical).then_some(hit)
    };
    let points: Vec<DVec2> = (0..RAYS)
        .filter_map(|i| {
            let (s, c) = libm::sincos(WIDEST * (2.0 * i as f64 / (RAYS - 1) as f64 - 1.0));
            smooth(i).map(|hit| middle + (up * c + side * s) * hit)
        })
        .collect();
    if points.len() < LEAST_HITS { Vec::new() } else { points }
}

/// The photo as mean codes of square blocks.
struct Reduced {
    block_px: usize,
    columns: usize,
    rows: usize,
    colours: Vec<[f32; 3]>,
}

impl Reduced {
    fn new(photo: &Photo, pupils_px: f64, code: impl Fn(usize) -> f32) -> Option<Self> {
        if !(pupils_px > 30.0 && pupils_px < f64::from(photo.width)) {
            return None;
        }
        let block_px = ((pupils_px / BLOCKS_PER_PUPILS) as usize).max(1);
        let width = photo.width as usize;
        let (columns, rows) = (width / block_px, photo.height as usize / block_px);
        let mut colours = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let mut sum = [0.0_f32; 3];
                for y in row * block_px..(row + 1) * block_px {
                    for x in column * block_px..(column + 1) * block_px {
                        for (channel, total) in sum.iter_mut().enumerate() {
                            *total += code((y * width + x) * 3 + channel);
                        }
                    }
                }
                colours.push(sum.map(|s| s / (block_px * block_px) as f32));
            }
        }
        Some(Self { block_px, columns, rows, colours })
    }

    /// Colour at a pixel; `None` outside the photo.
    fn at(&self, pixel: DVec2) -> Option<[f32; 3]> {
        let block = pixel / self.block_px as f64;
        if block.x < 0.0 || block.y < 0.0 {
            return None;
        }
        let (column, row) = (block.x as usize, block.y as usize);
        (column < self.columns && row < self.rows).then(|| self.colours[row * self.columns + column])
    }

    /// Median colour of the forehead below the rays' start.
    fn forehead(&self, middle: DVec2, up: DVec2, side: DVec2, pupils_px: f64) -> Option<[f32; 3]> {
        let mut colours = Vec::new();
        for i in -6..=6 {
            for j in -6..=6 {
                let place = middle + (side * (0.06 * f64::from(i)) + up * (0.04 * f64::from(j))) * pupils_px;
                colours.extend(self.at(place));
            }
        }
        (colours.len() > 80).then(|| {
            [0, 1, 2].map(|c| {
                let mut codes: Vec<f32> = colours.iter().map(|colour| colour[c]).collect();
                codes.sort_by(f32::total_cmp);
                codes[codes.len() / 2]
            })
        })
    }

    /// Distance along a ray at which the background ends and skin begins, px.
    fn edge(&self, middle: DVec2, direction: DVec2, pupils_px: f64, forehead: [f32; 3]) -> Option<f64> {
        let step = self.block_px as f64;
        let first = (NEAREST * pupils_px / step) as usize;
        let last = (FARTHEST * pupils_px / step) as usize;
        let colours: Vec<[f32; 3]> =
            (first..=last).map_while(|k| self.at(middle + direction * (step * k as f64))).collect();
        // Enough background to know it by: an eighth of a pupil distance, 8 mm.
        let known = (0.125 * pupils_px / step) as usize;
        if known < 3 || colours.len() < 3 * known {
            return None;
        }
        // The background as it was just outside, which follows gradients and vignettes.
        let mut background = [0.0_f32; 3];
        for colour in &colours[colours.len() - known..] {
            for (mean, code) in background.iter_mut().zip(colour) {
                *mean += code / known as f32;
            }
        }
        let apart = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        let noise = colours[colours.len() - known..].iter().map(|c| apart(c, &background)).fold(0.0, f32::max);
        let limit = LEAST_STEP.max(2.0 * noise);
        for k in (known..colours.len() - known).rev() {
            let inside = &colours[k + 1 - known..=k];
            // Not a speck: everything from here inwards differs.
            if inside.iter().filter(|c| apart(c, &background) > limit).count() * 10 >= known * 9
                && apart(&colours[k], &background) > limit
            {
                return self.skin_like(inside, forehead).then(|| step * (first + k) as f64 + 0.5 * step);
            }
            for (mean, code) in background.iter_mut().zip(&colours[k]) {
                *mean += (code - *mean) * 0.2;
            }
        }
        None
    }

    /// True where most of what lies just inside an edge has the forehead's hue and is not much darker.
    fn skin_like(&self, inside: &[[f32; 3]], forehead: [f32; 3]) -> bool {
        let alike = |c: &[f32; 3]| {
            let brightness = |c: &[f32; 3]| c.iter().sum::<f32>().max(1e-3);
            let (own, other) = (brightness(c), brightness(&forehead));
            let hue = (0..3).map(|k| (c[k] / own - forehead[k] / other).abs()).fold(0.0, f32::max);
            hue < 0.05 && own > 0.35 * other
        };
        // Without the two blocks at the edge, where lens blur mixes skin and background.
        let core = &inside[..inside.len().saturating_sub(2)];
        core.iter().filter(|c| alike(c)).count() * 3 >= core.len() * 2
    }
}
