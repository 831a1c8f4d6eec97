//! The density from which each dot is shown, based on the local density of the dots found before it.
//!
//! A Poisson-disc set fills some square centimetres a few per cent faster than others. If dots were shown in the order
//! in which they were found, the actual density would miss the requested one by as much. So the dots found so far are
//! counted in a smooth window around each place, and a dot appears when its own neighbourhood reaches the requested
//! density. The counts change slowly from place to place and only ever increase, so near neighbours keep their order.
//!
//! The window grows with the spacing, so it always holds about the same number of dots. It is evaluated on a grid of
//! nodes; each octave of density has its own window and grid, and neighbouring octaves are blended.

use glam::DVec3;
use rayon::prelude::*;

use super::earlier::{reach_per_mm, window_of};
use super::sheet::{Sheet, between};
use super::spacing::{RELATIVE_RADIUS, poisson_disc_mm};
use crate::ground::points::{Neighbourhood, hexagonal_spacing_mm};
use crate::head::chart::{Chart, SIDE};
use crate::head::surface::Surface;

/// Radius of the window over the hexagonal spacing: some 90 dots, with a total weight of 50. Over discs of 4 cm2 at 150
/// per cm2 it reduces the worst deviation from 5 to 2.5 %; narrower windows follow noise, at the expense of spacing.
const WINDOW: f64 = 5.0;
/// Nodes per radius of the window.
const NODES: f64 = 1.9;
/// Density at which the first octave starts, per cm2.
const FIRST_PER_CM2: f64 = 2.0;
/// Radius of the widest window, mm: beyond it the skin is far from flat.
const WIDEST_MM: f64 = 30.0;

/// Density around each dot at the moment when it was found, per cm2; dots are in the order in which they were found.
pub(super) fn local_densities_per_cm2(
    sheet: &Sheet,
    surface: &Surface,
    chart: &Chart,
    points_mm: &[DVec3],
    texels: &[[f32; 2]],
) -> Vec<f32> {
    let area_cm2 = sheet.kept_area_mm2() / 100.0;
    let count_at = |octave: usize| {
        let per_cm2 = FIRST_PER_CM2 * libm::exp2(octave as f64);
        ((per_cm2 * area_cm2) as usize).min(points_mm.len())
    };
    // Dots come in the order in which they were found: looked up here once, not in the sheet for each octave.
    let dots: Vec<Placed> =
        points_mm.par_iter().zip(texels).map(|(point_mm, &texel)| Placed::on(sheet, *point_mm, texel)).collect();
    let octaves = (0..).take_while(|&k| k == 0 || count_at(k - 1) < points_mm.len()).count() + 1;
    // Octave k provides the densities of its own dots and of those in the octave before.
    let readings: Vec<(usize, Vec<f32>)> = (0..octaves)
        .into_par_iter()
        .map(|octave| {
            let per_cm2 = FIRST_PER_CM2 * libm::exp2(octave as f64);
            let first = if octave == 0 { 0 } else { count_at(octave - 1) };
            let end = count_at(octave + 1);
            let first = if octave < 2 { 0 } else { first };
            let radius_mm = (WINDOW * hexagonal_spacing_mm(per_cm2)).min(WIDEST_MM);
            let mut nodes = Nodes::new(sheet, surface, chart, radius_mm);
            (first, nodes.read(&dots[..end], first))
        })
        .collect();
    (0..points_mm.len())
        .into_par_iter()
        .map(|dot| {
            let per_cm2 = (dot as f64 + 0.5) / area_cm2;
            let position = (libm::log(per_cm2 / FIRST_PER_CM2) / std::f64::consts::LN_2).max(0.0);
            // Rounding may assign a dot on the edge of an octave to the neighbouring one.
            let mut octave = position as usize;
            while octave > 0 && dot < count_at(octave) {
                octave -= 1;
            }
            while dot >= count_at(octave + 1) {
                octave += 1;
            }
            let share = (position - octave as f64).clamp(0.0, 1.0) as f32;
            let reading = |k: usize| readings.get(k).and_then(|(first, r)| r.get(dot - first)).copied();
            match (reading(octave), reading(octave + 1)) {
                (Some(a), Some(b)) => a + (b - a) * share,
                (Some(a), None) | (None, Some(a)) => a,
                (None, None) => per_cm2 as f32,
            }
        })
        .collect()
}

/// Densities from which each dot is shown, per cm2: `local_per_cm2`, or more where the dot is so close to an earlier
/// one that it would violate [`RELATIVE_RADIUS`].
pub(super) fn thresholds_per_cm2(points_mm: &[DVec3], local_per_cm2: &[f32]) -> Vec<f32> {
    let mut thresholds = Vec::with_capacity(points_mm.len());
    while thresholds.len() < points_mm.len() {
        // At most twice as many dots as are already done are searched at once, so that cells fit the spacing.
        let first = thresholds.len();
        let end = (2 * first).clamp(64, points_mm.len().max(64)).min(points_mm.len());
        let typical = local_per_cm2[first..end].iter().fold(f32::INFINITY, |a, &b| a.min(b)).max(0.01);
        let near = Neighbourhood::new(&points_mm[..end], poisson_disc_mm(f64::from(typical)));
        let found = (first..end).into_par_iter().map(|dot| {
            let radius_mm = poisson_disc_mm(f64::from(local_per_cm2[dot]).max(0.01));
            let mut nearest_mm2 = f64::INFINITY;
            near.visit(points_mm[dot], radius_mm, |other, distance_mm2| {
                if other < dot {
                    nearest_mm2 = nearest_mm2.min(distance_mm2);
                }
            });
            // The density with this Poisson-disc distance; rounded up, so that f32 keeps the guarantee.
            let earliest = RELATIVE_RADIUS * RELATIVE_RADIUS * 200.0 / (3.0_f64.sqrt() * nearest_mm2) * (1.0 + 2e-7);
            local_per_cm2[dot].max(earliest as f32)
        });
        thresholds.par_extend(found);
    }
    thresholds
}

/// Zeros that have been written to. The pages behind `vec![0.0; n]` are shared until the first write, and each page
/// fault then stalls all threads: a tenth of the total time.
fn written_zeros(count: usize) -> Vec<f32> {
    let mut zeros = Vec::with_capacity(count);
    zeros.resize(count, std::hint::black_box(0.0));
    zeros
}

/// A dot, or a piece of skin.
#[derive(Debug, Clone, Copy)]
struct Placed {
    point_mm: [f32; 3],
    texel: [f32; 2],
    reach_per_mm: [f32; 2],
}

impl Placed {
    fn on(sheet: &Sheet, point_mm: DVec3, texel: [f32; 2]) -> Self {
        Self { point_mm: point_mm.to_array().map(|v| v as f32), texel, reach_per_mm: reach_per_mm(sheet, texel) }
    }
}

/// The grid of one octave.
struct Nodes {
    spacing: usize,
    columns: usize,
    radius_mm: f32,
    /// Coordinates in separate arrays, so that a row of nodes is processed in vector operations.
    positions_mm: [Vec<f32>; 3],
    /// Area of the window inside the region, cm2.
    areas_cm2: Vec<f32>,
    counts: Vec<f32>,
}

impl Nodes {
    fn new(sheet: &Sheet, surface: &Surface, chart: &Chart, radius_mm: f64) -> Self {
        // A texel measures about 0.9 mm.
        let spacing = ((radius_mm / (0.9 * NODES)).round() as usize).max(1);
        let columns = SIDE.div_ceil(spacing) + 1;
        let mut wanted = vec![false; columns * columns];
        for (x, y) in (0..SIDE * SIDE).map(|k| (k % SIDE, k / SIDE)) {
            if sheet.texel(x, y).corners_inside > 0 {
                let node = y / spacing * columns + x / spacing;
                for corner in [node, node + 1, node + columns, node + columns + 1] {
                    wanted[corner] = true;
                }
            }
        }
        let positions_mm: Vec<[f32; 3]> = (0..columns * columns)
            .into_par_iter()
            .map(|k| {
                let [x, y] = [k % columns * spacing, k / columns * spacing];
                if let Some(corner) = sheet.corner(x, y).filter(|_| wanted[k]) {
                    return corner;
                }
                let direction = if wanted[k] { chart.direction_from_texel([x as f64, y as f64]) } else { None };
                // Nodes that are not needed or lie beyond the chart have NaN positions, which exclude them.
                direction.map_or([f32::NAN; 3], |direction| {
                    let p = surface.centre + direction * surface.radius(direction);
                    [p.x as f32, p.y as f32, p.z as f32]
                })
            })
            .collect();
        let mut nodes = Self {
            spacing,
            columns,
            radius_mm: radius_mm as f32,
            areas_cm2: written_zeros(columns * columns),
            counts: written_zeros(columns * columns),
            positions_mm: [0, 1, 2].map(|axis| positions_mm.iter().map(|p| p[axis]).collect()),
        };
        let mut areas = std::mem::take(&mut nodes.areas_cm2);
        // The window is smooth, so it suffices to sum the area in squares of half a node's spacing.
        let block = spacing.div_ceil(2);
        let blocks = SIDE.div_ceil(block);
        for (column, row) in (0..blocks * blocks).map(|k| (k % blocks * block, k / blocks * block)) {
            let (mut area, mut point, mut at) = (0.0, [0.0; 3], [0.0; 2]);
            for y in row..(row + block).min(SIDE) {
                for x in column..(column + block).min(SIDE) {
                    let texel = sheet.texel(x, y);
                    if texel.corners_inside > 0 {
                        let share = texel.area_mm2 * f32::from(texel.corners_inside) / 400.0;
                        let p = between(&sheet.quadrilateral(x, y), 0.5, 0.5);
                        for axis in 0..3 {
                            point[axis] += share * p[axis];
                        }
                        at[0] += share * (x as f32 + 0.5);
                        at[1] += share * (y as f32 + 0.5);
                        area += share;
                    }
                }
            }
            if area > 0.0 {
                let (point_mm, texel) = (point.map(|v| v / area), at.map(|v| v / area));
                let reach_per_mm = reach_per_mm(sheet, texel);
                nodes.add(&Placed { point_mm, texel, reach_per_mm }, area, &mut areas);
            }
        }
        nodes.areas_cm2 = areas;
        nodes
    }

    /// Adds `amount`, weighted by the window, to the sums of all nodes whose window contains the point.
    #[inline]
    fn add(&self, placed: &Placed, amount: f32, sums: &mut [f32]) {
        let point = placed.point_mm;
        let [columns, rows] = window_of(placed.texel, placed.reach_per_mm, self.radius_mm);
        let scale = 1.0 / (self.radius_mm * self.radius_mm);
        let [xs, ys, zs] = &self.positions_mm;
        for row in rows.start().div_ceil(self.spacing)..=(rows.end() + 1) / self.spacing {
            let first = row * self.columns + columns.start().div_ceil(self.spacing);
            let end = row * self.columns + (columns.end() + 1) / self.spacing + 1;
            if first >= end {
                continue;
            }
            let coordinates = xs[first..end].iter().zip(&ys[first..end]).zip(&zs[first..end]);
            for (sum, ((x, y), z)) in sums[first..end].iter_mut().zip(coordinates) {
                let (x, y, z) = (x - point[0], y - point[1], z - point[2]);
                let weight = 1.0 - (x * x + y * y + z * z) * scale;
                // Not `max`: beyond the chart the weight is NaN.
                let weight = if weight > 0.0 { weight } else { 0.0 };
                *sum += amount * weight * weight;
            }
        }
    }

    /// Adds the dots one by one and reads the density at each from `first` on, counting half of the dot itself.
    fn read(&mut self, dots: &[Placed], first: usize) -> Vec<f32> {
        let mut readings = Vec::with_capacity(dots.len().saturating_sub(first));
        let mut counts = std::mem::take(&mut self.counts);
        for (index, dot) in dots.iter().enumerate() {
            let wanted = index >= first;
            let before = if wanted { self.per_cm2(&counts, dot.texel) } else { 0.0 };
            self.add(dot, 1.0, &mut counts);
            if wanted {
                readings.push(0.5 * (before + self.per_cm2(&counts, dot.texel)));
            }
        }
        self.counts = counts;
        readings
    }

    /// Interpolated between four nodes, weighted by the areas of their windows.
    fn per_cm2(&self, counts: &[f32], at: [f32; 2]) -> f32 {
        let [x, y] = at.map(|v| v / self.spacing as f32);
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let mut count = 0.0;
        let mut area = 0.0;
        for (i, j, share) in
            [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
        {
            let node = (row + j) * self.columns + column + i;
            count += share * counts[node];
            area += share * self.areas_cm2[node];
        }
        count / area.max(1e-12)
    }
}
