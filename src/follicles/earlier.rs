//! The dots found so far, looked up by position while new ones are sought.

use std::ops::RangeInclusive;

use super::sheet::Sheet;
use crate::head::chart::SIDE;

/// Distances that are computed at once.
const LANES: usize = 8;
/// Side of the widest cell, texels.
const WIDEST_CELL: usize = 8;

/// Dots around a texel. Coordinates are in separate arrays, so that several distances are computed at once.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// A multiple of [`LANES`]; the arrays may be longer.
    count: usize,
    x: Vec<f32>,
    y: Vec<f32>,
    z: Vec<f32>,
}

impl Near {
    /// Squared distance to the nearest dot, mm2.
    #[inline(always)]
    pub fn squared_distance(&self, point: [f32; 3]) -> f32 {
        let mut least = [f32::INFINITY; LANES];
        let (xs, ys, zs) = (&self.x[..self.count], &self.y[..self.count], &self.z[..self.count]);
        for ((xs, ys), zs) in
            xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0).zip(zs.as_chunks::<LANES>().0)
        {
            for lane in 0..LANES {
                let (x, y, z) = (xs[lane] - point[0], ys[lane] - point[1], zs[lane] - point[2]);
                let square = x * x + y * y + z * z;
                least[lane] = if square < least[lane] { square } else { least[lane] };
            }
        }
        // A tree reduction: reducing the lanes one after another would take longer than all the distances.
        let smaller = |a: f32, b: f32| if a < b { a } else { b };
        let [a, b, c, d, e, f, g, h] = least;
        let (a, b, c, d) = (smaller(a, e), smaller(b, f), smaller(c, g), smaller(d, h));
        smaller(smaller(a, c), smaller(b, d))
    }
}

/// Dots found so far, sorted into square cells of the chart.
pub(super) struct Earlier {
    cell_texels: usize,
    cells: usize,
    starts: Vec<u32>,
    points_mm: Vec<[f32; 3]>,
}

impl Earlier {
    /// Sorts dots for queries of a radius of about `radius_mm`.
    pub fn new(points_mm: &[[f32; 3]], texels: &[[f32; 2]], radius_mm: f32) -> Self {
        // A texel measures about 0.9 mm.
        let cell_texels = (radius_mm as usize).clamp(1, WIDEST_CELL);
        let cells = SIDE.div_ceil(cell_texels);
        let (starts, order) = counting_sort(cells * cells, texels.len(), |k| {
            let [x, y] = texels[k];
            (y as usize / cell_texels) * cells + x as usize / cell_texels
        });
        let points_mm = order.iter().map(|&k| points_mm[k as usize]).collect();
        Self { cell_texels, cells, starts, points_mm }
    }

    /// Puts the dots within `reach_mm` of a place into `near`.
    #[inline(always)]
    pub fn gather(&self, sheet: &Sheet, at: [f32; 2], centre_mm: [f32; 3], reach_mm: f32, near: &mut Near) {
        let reach_mm2 = reach_mm * reach_mm;
        let [columns, rows] = window(sheet, at, reach_mm);
        let (left, right) = (columns.start() / self.cell_texels, columns.end() / self.cell_texels);
        let mut count = 0;
        for row in rows.start() / self.cell_texels..=rows.end() / self.cell_texels {
            let first = self.starts[row * self.cells + left] as usize;
            let end = self.starts[row * self.cells + right + 1] as usize;
            let room = count + (end - first) + LANES;
            if near.x.len() < room {
                near.x.resize(room, 0.0);
                near.y.resize(room, 0.0);
                near.z.resize(room, 0.0);
            }
            // Written unconditionally, counted if near: the branch is unpredictable, and mispredictions are expensive.
            for &point in &self.points_mm[first..end] {
                [near.x[count], near.y[count], near.z[count]] = point;
                count += usize::from(squared_distance(point, centre_mm) < reach_mm2);
            }
        }
        near.count = count.next_multiple_of(LANES);
        if count > 0 {
            // Unused lanes are far away, but their squares stay finite.
            near.x[count..near.count].fill(1e9);
        }
    }
}

/// The indices 0..count sorted by bin, stably, preceded by the start of each bin and the end of the last.
pub(super) fn counting_sort(bins: usize, count: usize, bin: impl Fn(usize) -> usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; bins + 1];
    for k in 0..count {
        starts[bin(k) + 1] += 1;
    }
    for k in 0..bins {
        starts[k + 1] += starts[k];
    }
    let mut next = starts.clone();
    let mut sorted = vec![0_u32; count];
    for k in 0..count {
        let place = &mut next[bin(k)];
        sorted[*place as usize] = k as u32;
        *place += 1;
    }
    (starts, sorted)
}

#[inline]
pub(super) fn squared_distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let (x, y, z) = (a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    x * x + y * y + z * z
}

/// Columns and rows of texels that can hold points within `radius_mm` of a dot at these chart coordinates.
#[inline]
pub(super) fn window(sheet: &Sheet, at: [f32; 2], radius_mm: f32) -> [RangeInclusive<usize>; 2] {
    window_of(at, reach_per_mm(sheet, at), radius_mm)
}

/// Texels along x and y that one millimetre on the skin can span at these chart coordinates.
#[inline]
pub(super) fn reach_per_mm(sheet: &Sheet, at: [f32; 2]) -> [f32; 2] {
    let [x, y] = at.map(|value| (value as usize).min(SIDE - 1));
    let texel = sheet.texel(x, y);
    [texel.reach_x_per_mm, texel.reach_y_per_mm]
}

/// [`window`], for a known [`reach_per_mm`].
#[inline]
pub(super) fn window_of(at: [f32; 2], reach_per_mm: [f32; 2], radius_mm: f32) -> [RangeInclusive<usize>; 2] {
    // The chart's scale changes by up to 2 % per millimetre towards its rim.
    let reach_mm = radius_mm * (1.0 + 0.03 * radius_mm);
    let range = |at: f32, reach: f32| (at - reach) as usize..=((at + reach) as usize).min(SIDE - 1);
    // A negative float becomes zero.
    [range(at[0], reach_per_mm[0] * reach_mm), range(at[1], reach_per_mm[1] * reach_mm)]
}
