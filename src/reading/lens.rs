//! The blur of a photo, from its sharpest edges.
//!
//! A step of height A, blurred by a lens of standard deviation s and seen through a Gaussian of t, has its steepest
//! slope `A / sqrt(2 pi (s^2 + t^2))`: the inverse of the squared slope is linear in t^2, with its zero at `-s^2`. Two
//! scales determine the line, a third distinguishes a step from a stripe or a corner. The outline of a head, the rim of
//! an ear and the hem of a shirt are steps of many pixels; folds and shading are wider than the lens makes them. So the
//! most common width, rather than the mean, is that of the lens.
//!
//! For synthetic photos of known blur (0.3 to 2 px) the estimate is within 0.03 px, with grain or from JPEG of quality
//! 92 within 0.05, from quality 75 within 0.08 (a little more beyond 1 px). Grain makes wide blurs look narrower: 3 px
//! are estimated as 2.86. Beyond 4 px there is no estimate. Costs one pass of a 13-tap filter over what is examined:
//! three megapixels, and three more at a time as long as they show too few edges.
//!
//! Where edges overshoot, the photo has been sharpened, and blur and sharpening are estimated together
//! ([`super::sharpening`]).

use glam::{DVec2, DVec3};
use rayon::prelude::*;

use super::sharpening::{self, EdgeProfile, PointSpread};
use crate::ground::colour::luminance;
use crate::ground::filters::{along_columns, along_rows};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::{Photo, PixelRect, Reader};

/// How sharp a photo is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// Its blur, and how it was sharpened.
    pub spread: PointSpread,
    /// Standard error of the blur, px.
    pub standard_error_px: f64,
    /// Number of edges that support it; 0 if it is assumed rather than measured.
    pub edges: usize,
}

impl Lens {
    /// Assumed where a photo has too few edges: a good lens and a demosaiced sensor.
    pub const ASSUMED: Self = Self { spread: PointSpread::blurred(0.7), standard_error_px: 0.4, edges: 0 };
}

/// Scales at which slopes are measured, px.
const SCALES_PX: [f64; 3] = [0.8, 1.3, 2.0];
/// Standard deviation of a camera's additional blur of colour, px of the whole photo: the reach of colour noise
/// reduction in photographs from phones. In those of real work, at 0.08 to 0.25 mm a pixel, nothing finer than a
/// millimetre has a colour of its own; how much farther the blur reaches in coarser photos cannot be seen there.
pub const COLOUR_BLUR_PX: f64 = 10.0;
/// Upper limit of that blur on the skin, mm: as much as is certain.
pub const MOST_COLOUR_BLUR_MM: f64 = 1.0;
/// Half the width of the widest filter: four standard deviations, and one pixel for the slope.
const REACH: usize = 9;
const WIDTH: usize = 2 * REACH + 1;
/// Side of what is examined of an edge, along the axis on which its steepest place is sought.
const SPAN: usize = WIDTH + 2;
/// Least step of luminance that counts: far above the noise of a photo in which dots are visible.
const LEAST_STEP: f64 = 0.05;
/// In dark photos, the least step relative to their brightest part instead.
const LEAST_STEP_OF_BRIGHTEST: f64 = 0.08;
/// How far the middle scale may deviate from the line through the outer two.
const STRAIGHT: f64 = 0.02;
/// Variance that square pixels add, and that interpolating the steepest slope from three of them adds (calibrated on
/// synthetic edges in all directions, within 0.01 from 0.3 to 1.5 px).
const PIXEL_PX2: f64 = 1.0 / 12.0;
const PEAK_PX2: f64 = 0.027;
/// Variance of a central difference: that of a box of two pixels.
const DIFFERENCE_PX2: f64 = 1.0 / 3.0;
/// Part of a photo that shows enough edges, px: of a photo of 12 megapixels, every fourth band of `BAND_ROWS` rows is
/// examined.
const ENOUGH_PX: usize = 3_200_000;
const BAND_ROWS: usize = 200;
/// Fewest edges that support an estimate.
const FEWEST_EDGES: usize = 60;
/// Most edges that are evaluated, and of which the profile is read; more would not change the result.
const MOST_EDGES: usize = 20_000;
const MOST_PROFILES: usize = 100_000;
/// Widest blur that these scales can measure, px.
const WIDEST_PX: f64 = 4.0;
/// Variances v are binned by ln (1 + v), in which their errors are similar: width of a bin, and smoothing.
const BIN: f64 = 0.005;
const SMOOTHING: f64 = 0.035;
/// Standard error of the method itself, px.
const METHOD_PX: f64 = 0.04;
/// Standard error of the blur of a sharpened photo, px: some of it can be exchanged for sharpening.
const SHARPENED_PX: f64 = 0.15;

/// Margin around the subject within which edges are looked for, as a share of its size: outlines lie on its rim.
const ROOM: f64 = 0.08;

impl Lens {
    /// From a photo of a fitted head. Costs two passes over the part that shows it.
    #[must_use]
    pub fn of_head(photo: &Photo, head: &Head, camera: &Camera) -> Self {
        let (mut low, mut high) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
        let steps = || [-2, -1, 0, 1, 2].map(f64::from).into_iter();
        for direction in steps().flat_map(|x| steps().flat_map(move |y| steps().map(move |z| DVec3::new(x, y, z)))) {
            let place = direction.try_normalize().map(|unit| head.cranium.at(unit).position);
            if let Some(px) = place.and_then(|place| camera.image_from_head(place)) {
                (low, high) = (low.min(px), high.max(px));
            }
        }
        Self::around(photo, Some([low, high]))
    }

    /// From a photo whose subject, if known, lies between these corners, px.
    #[must_use]
    pub fn around(photo: &Photo, subject_px: Option<[DVec2; 2]>) -> Self {
        let whole = photo.rect();
        let part = subject_px.and_then(|[low, high]| {
            let room = ROOM * (high - low) + 16.0;
            let (low, high) = (low - room, high + room);
            (low.is_finite() && high.is_finite()).then_some(PixelRect {
                x0: low.x as i32,
                y0: low.y as i32,
                x1: high.x as i32,
                y1: high.y as i32,
            })
        });
        let part = part.map_or(whole, |part| part.intersection(whole));
        let mut lens = Self::of(photo, part);
        if lens.edges == 0 && part != whole {
            // Another distance may be in focus there: better than nothing, but less certain.
            lens = Self::of(photo, whole);
            lens.standard_error_px = lens.standard_error_px.max(2.0 * METHOD_PX);
        }
        lens
    }

    /// Examines part of a photo: all of it where it is small, otherwise bands of it until they show enough edges.
    #[must_use]
    pub fn of(photo: &Photo, part: PixelRect) -> Self {
        let part = part.intersection(photo.rect());
        let [width, height] = part.size_px().map(|side| side as usize);
        if width < 4 * REACH || height < 4 * REACH {
            return Self::ASSUMED;
        }
        let reader = Reader::new(photo);
        let step = (width * height).div_ceil(ENOUGH_PX);
        let kernels = SCALES_PX.map(Kernel::new);
        let look = |first: i32| {
            let bands = if step == 1 { 1 } else { height.div_ceil(BAND_ROWS) };
            let rows = height.div_ceil(bands) as i32;
            let bands = (first..bands as i32).step_by(step).map(|band| {
                let y0 = part.y0 + band * rows;
                PixelRect { y0, y1: (y0 + rows).min(part.y1), ..part }
            });
            let planes: Vec<Plane> = bands
                .filter(|band| band.size_px()[1] as usize > 4 * REACH)
                .map(|band| Plane::new(&reader, photo.width() as usize, band))
                .collect();
            Edges::of(&planes, &kernels)
        };
        // One set of bands at a time, never all at once: for 200 megapixels that would take 2.4 GB.
        let (mut edges, mut lens) = (Edges::default(), Self::ASSUMED);
        for first in 0..step as i32 {
            edges.extend(look(first));
            lens = edges.lens();
            if lens.edges > 0 {
                break;
            }
        }
        lens
    }
}

/// What the edges of a photo tell of its sharpness.
#[derive(Debug, Default)]
struct Edges {
    /// Variances of the blur at plain steps, px2.
    variances: Vec<f64>,
    /// Profiles of clean steps.
    profiles: Vec<EdgeProfile>,
}

impl Edges {
    /// The edges in these parts of a photo.
    fn of(planes: &[Plane], kernels: &[Kernel; 3]) -> Self {
        let brightest = planes.par_iter().flat_map(|plane| &plane.light).copied().reduce(|| 0.0, f32::max);
        let least_step = LEAST_STEP.min(LEAST_STEP_OF_BRIGHTEST * f64::from(brightest));
        let edges: Vec<Vec<SharpEdge>> = planes.iter().map(|plane| plane.edges(&kernels[1], least_step)).collect();
        let count: usize = edges.iter().map(Vec::len).sum();
        let some = |most: usize| -> Vec<(&Plane, SharpEdge)> {
            let all = planes.iter().zip(&edges).flat_map(|(plane, edges)| edges.iter().map(move |&edge| (plane, edge)));
            all.step_by(count.div_ceil(most).max(1)).collect()
        };
        let variance = |(plane, edge): (&Plane, SharpEdge)| plane.variance(edge, kernels, least_step);
        let profile = |(plane, edge): (&Plane, SharpEdge)| plane.profile(edge);
        Self {
            variances: some(MOST_EDGES).into_par_iter().filter_map(variance).collect(),
            profiles: some(MOST_PROFILES).into_par_iter().filter_map(profile).collect(),
        }
    }

    fn extend(&mut self, others: Self) {
        self.variances.extend(others.variances);
        self.profiles.extend(others.profiles);
    }

    fn lens(&self) -> Lens {
        match sharpening::read(&self.profiles) {
            Some((spread, edges)) => Lens { spread, standard_error_px: SHARPENED_PX, edges },
            None => most_common(&self.variances),
        }
    }
}

/// Luminance of a part of the photo.
struct Plane {
    light: Vec<f32>,
    width: usize,
}

/// A place where the light changes most steeply.
#[derive(Debug, Clone, Copy)]
struct SharpEdge {
    /// Index of its pixel.
    at: u32,
    /// Unit vector across it.
    across: [f32; 2],
}

impl Plane {
    fn new(reader: &Reader, photo_width: usize, part: PixelRect) -> Self {
        let [width, height] = part.size_px().map(|side| side as usize);
        let mut light = vec![0.0_f32; width * height];
        light.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            let start = (part.y0 as usize + y) * photo_width + part.x0 as usize;
            for (x, value) in row.iter_mut().enumerate() {
                *value = luminance(reader.light(start + x));
            }
        });
        Self { light, width }
    }
}

/// Weights of a Gaussian and of its central difference, and the variance of the sampled Gaussian.
struct Kernel {
    weights: [f64; WIDTH],
    difference: [f64; WIDTH],
    variance: f64,
    /// From here to as far from the other end, weights count.
    first: usize,
}

impl Kernel {
    fn new(sigma: f64) -> Self {
        let from_middle = |i: usize| i as f64 - REACH as f64;
        // One pixel narrower on each side, to leave room for the difference.
        let mut weights: [f64; WIDTH] = std::array::from_fn(|i| {
            let x = from_middle(i);
            if i.abs_diff(REACH) < REACH { libm::exp(-0.5 * x * x / (sigma * sigma)) } else { 0.0 }
        });
        let sum: f64 = weights.iter().sum();
        weights = weights.map(|w| w / sum);
        let variance = weights.iter().enumerate().map(|(i, w)| w * from_middle(i).powi(2)).sum();
        let weight = |i: usize| weights.get(i).copied().unwrap_or(0.0);
        let difference = std::array::from_fn(|i| 0.5 * (weight(i.wrapping_sub(1)) - weight(i + 1)));
        // Five standard deviations, and one pixel for the slope.
        let first = REACH.saturating_sub((5.0 * sigma).ceil() as usize + 1);
        Self { weights, difference, variance, first }
    }
}

impl Plane {
    /// The pixels where the slope at the middle scale is steep enough and has a local maximum across the edge.
    fn edges(&self, kernel: &Kernel, least_step: f64) -> Vec<SharpEdge> {
        let height = self.light.len() / self.width;
        // At this scale the outer weights are negligible.
        let reach = 6;
        let weights: Vec<f32> =
            kernel.weights[REACH - reach..=REACH + reach].iter().map(|weight| *weight as f32).collect();
        let smooth = along_rows(&along_columns(&self.light, self.width, &weights), self.width, &weights);
        let squared_slopes = squared_slopes(&smooth, self.width);
        let widest = std::f64::consts::TAU * (kernel.variance + WIDEST_PX * WIDEST_PX);
        let limit = (least_step * least_step / widest) as f32;
        let margin = REACH + 2;
        let edge = |x: usize, y: usize| {
            let at = y * self.width + x;
            let steep = squared_slopes[at];
            if steep < limit {
                return None;
            }
            // To the nearest of the eight neighbours.
            let across = across(&smooth, self.width, at);
            let [dx, dy] = across.map(|v| if v.abs() < 0.5 { 0 } else { v.signum() as isize });
            let away = dy * self.width as isize + dx;
            let [after, before] = [away, -away].map(|away| squared_slopes[at.saturating_add_signed(away)]);
            (steep >= after && steep > before).then_some(SharpEdge { at: at as u32, across })
        };
        let row = |y: usize| (margin..self.width - margin).filter_map(move |x| edge(x, y));
        (margin..height - margin).into_par_iter().flat_map_iter(row).collect()
    }

    /// Variance of the edge's blur, px2; `None` if it is not a step.
    fn variance(&self, edge: SharpEdge, kernels: &[Kernel; 3], least_step: f64) -> Option<f64> {
        let [nx, ny] = edge.across.map(f64::from);
        // The steepest place is sought along the nearer axis, where whole pixels need no interpolation.
        let is_sideways = nx.abs() >= ny.abs();
        let around = self.around(edge.at as usize, is_sideways);
        let mut inverse = [0.0; 3];
        for (inverse, kernel) in inverse.iter_mut().zip(kernels) {
            let slopes = slopes(&around, kernel)
                .map(|[along, across]| if is_sideways { nx * along + ny * across } else { nx * across + ny * along });
            if slopes.iter().any(|s| *s <= 1e-6) {
                return None;
            }
            // The slope of a blurred step is a Gaussian, its logarithm a parabola.
            let [before, here, after] = slopes.map(libm::log);
            let curve = before - 2.0 * here + after;
            let off = 0.5 * (before - after) / curve;
            if curve > -1e-6 || off.abs() >= 1.0 {
                return None;
            }
            *inverse = libm::exp(-2.0 * (here - 0.25 * (before - after) * off));
        }
        let boxes = DIFFERENCE_PX2 * (nx.powi(4) + ny.powi(4));
        let [low, middle, high] = kernels.each_ref().map(|kernel| kernel.variance + boxes);
        let per_px2 = (inverse[2] - inverse[0]) / (high - low);
        let variance = inverse[0] / per_px2 - low;
        let on_line = inverse[1] / (per_px2 * (variance + middle));
        let step = (std::f64::consts::TAU / per_px2).sqrt();
        let plain = per_px2 > 0.0 && (on_line - 1.0).abs() < STRAIGHT && step > least_step;
        let variance = variance - PIXEL_PX2 - PEAK_PX2;
        (plain && variance > -0.4 && variance < WIDEST_PX * WIDEST_PX).then_some(variance)
    }

    /// The profile of an edge; `None` if it is no clean step, or too close to the plane's border.
    fn profile(&self, edge: SharpEdge) -> Option<EdgeProfile> {
        // The middle is sought within two pixels of the edge.
        let reach = sharpening::REACH_PX as usize + 4;
        let (x, y) = (edge.at as usize % self.width, edge.at as usize / self.width);
        let height = self.light.len() / self.width;
        if x < reach || y < reach || x + reach >= self.width || y + reach >= height {
            return None;
        }
        let [across_x, across_y] = edge.across.map(f64::from);
        EdgeProfile::new(|distance_px| {
            let (at_x, at_y) = (x as f64 + distance_px * across_x, y as f64 + distance_px * across_y);
            let (left, top) = (at_x.floor(), at_y.floor());
            let (right, bottom) = (at_x - left, at_y - top);
            let light =
                |dx: usize, dy: usize| f64::from(self.light[(top as usize + dy) * self.width + left as usize + dx]);
            let upper = light(0, 0) + (light(1, 0) - light(0, 0)) * right;
            let lower = light(0, 1) + (light(1, 1) - light(0, 1)) * right;
            upper + (lower - upper) * bottom
        })
    }

    /// The light around an edge, line by line along x, or along y if the edge runs sideways.
    fn around(&self, edge: usize, is_sideways: bool) -> [[f64; SPAN]; WIDTH] {
        let (x, y) = (edge % self.width, edge / self.width);
        let mut around = [[0.0; SPAN]; WIDTH];
        if is_sideways {
            for (j, line) in around.iter_mut().enumerate() {
                let light = &self.light[(y + j - REACH) * self.width + x - REACH - 1..][..SPAN];
                line.iter_mut().zip(light).for_each(|(value, light)| *value = f64::from(*light));
            }
        } else {
            for i in 0..SPAN {
                let light = &self.light[(y + i - REACH - 1) * self.width + x - REACH..][..WIDTH];
                around.iter_mut().zip(light).for_each(|(line, light)| line[i] = f64::from(*light));
            }
        }
        around
    }
}

/// Unit vector across the edge at a pixel.
#[inline]
fn across(smooth: &[f32], width: usize, at: usize) -> [f32; 2] {
    let [x, y] = [0.5 * (smooth[at + 1] - smooth[at - 1]), 0.5 * (smooth[at + width] - smooth[at - width])];
    let length = (x * x + y * y).sqrt();
    [x / length, y / length]
}

/// Squares of the slopes, central differences per pixel; zero at the rim.
fn squared_slopes(smooth: &[f32], width: usize) -> Vec<f32> {
    let last = smooth.len() / width - 1;
    let mut squares = vec![0.0; smooth.len()];
    squares.par_chunks_mut(width).enumerate().for_each(|(y, squares)| {
        if y == 0 || y == last {
            return;
        }
        let row = |y: usize| &smooth[y * width..(y + 1) * width];
        let (above, here, below) = (row(y - 1), row(y), row(y + 1));
        let beside = here.iter().zip(&here[2..]).zip(above[1..].iter().zip(&below[1..]));
        for (square, ((left, right), (above, below))) in squares[1..width - 1].iter_mut().zip(beside) {
            let [x, y] = [0.5 * (right - left), 0.5 * (below - above)];
            *square = x * x + y * y;
        }
    });
    squares
}

/// Partial derivatives of the light through a Gaussian, along the lines and across them, at the middle and at its
/// neighbours on the line before and after it. The sums across lines are the same for all three.
fn slopes(around: &[[f64; SPAN]; WIDTH], kernel: &Kernel) -> [[f64; 2]; 3] {
    let counted = kernel.first..WIDTH - kernel.first;
    // For each place on the line: the weighted mean across, and the difference across.
    let (mut means, mut differences) = ([0.0; SPAN], [0.0; SPAN]);
    let weights = kernel.weights[counted.clone()].iter().zip(&kernel.difference[counted.clone()]);
    for (line, (weight, step)) in around[counted.clone()].iter().zip(weights) {
        for ((mean, difference), value) in means.iter_mut().zip(&mut differences).zip(line) {
            *mean += weight * value;
            *difference += step * value;
        }
    }
    std::array::from_fn(|shift| {
        let sum = |values: &[f64; SPAN], weights: &[f64; WIDTH]| -> f64 {
            let values = &values[shift..][counted.clone()];
            values.iter().zip(&weights[counted.clone()]).map(|(value, weight)| value * weight).sum()
        };
        [sum(&means, &kernel.difference), sum(&differences, &kernel.weights)]
    })
}

/// The blur of the most common variance.
fn most_common(variances: &[f64]) -> Lens {
    let counted = |variance: f64| ((libm::log(1.0 + variance) + 0.6) / BIN) as usize;
    let mut histogram = vec![0.0; counted(WIDEST_PX * WIDEST_PX) + 1];
    for variance in variances {
        histogram[counted(*variance)] += 1.0;
    }
    let reach = (3.0 * SMOOTHING / BIN) as usize;
    let smooth = |at: usize| -> f64 {
        (at.saturating_sub(reach)..(at + reach + 1).min(histogram.len()))
            .map(|other| {
                let off = BIN * at.abs_diff(other) as f64 / SMOOTHING;
                histogram[other] * libm::exp(-0.5 * off * off)
            })
            .sum()
    };
    let heights: Vec<f64> = (0..histogram.len()).map(smooth).collect();
    let mut top = 0;
    for (at, height) in heights.iter().enumerate() {
        if *height > heights[top] {
            top = at;
        }
    }
    let variance_at = |at: usize| libm::exp(at as f64 * BIN + 0.5 * BIN - 0.6) - 1.0;
    let near = (2.0 * SMOOTHING / BIN) as usize;
    let supporting: f64 = histogram[top.saturating_sub(near)..(top + near + 1).min(histogram.len())].iter().sum();
    if supporting < FEWEST_EDGES as f64 {
        return Lens::ASSUMED;
    }
    let (blur_px, half) = (variance_at(top).max(0.0).sqrt(), 0.5 * heights[top]);
    // Half the width at half the height, converted to a standard deviation, over the square root of the count.
    let below = (0..top).rev().find(|at| heights[*at] < half).unwrap_or(0);
    let spread_px2 = (variance_at(top) - variance_at(below)) / 1.18;
    let spread_px = spread_px2 / (2.0 * blur_px).max(spread_px2.sqrt());
    Lens {
        spread: PointSpread::blurred(blur_px),
        standard_error_px: METHOD_PX.hypot(4.0 * spread_px / supporting.sqrt()),
        edges: supporting as usize,
    }
}
