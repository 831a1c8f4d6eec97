//! Distance of every place of a chart from a line on the skin, made once per edit, so that nothing scans the line per dot.
//!
//! Distances are straight through space between skin points: 30 mm along a head are 29.9 mm so. Within [`EXACT_MM`] of
//! the line they are exact; farther off, interpolated from a coarser grid (error below 0.2 mm). Cost: for each coarse texel
//! (sixteen texels) a look at every sixteenth point of the line and the few pieces that may be nearest, and a few segments
//! per texel near the line.

use glam::DVec3;
use rayon::prelude::*;

use crate::head::chart::{Raster, SIDE};
use crate::head::skin_map::SkinMap;
use crate::head::surface::SurfacePoint;

/// Within this distance of the line every texel is computed from the line itself, mm.
const EXACT_MM: f64 = 14.0;
/// Texels between the nodes of the coarse grid.
const COARSE: usize = 4;
/// Nodes along each side of it.
const NODES: usize = SIDE / COARSE + 1;
/// What is entered where the chart does not reach, mm.
const FAR_MM: f32 = 1e3;

/// Distance from the nearest point of the line, mm, not signed.
#[must_use]
pub fn from_line(map: &SkinMap, line: &[SurfacePoint], closed: bool) -> Raster {
    let mut points: Vec<DVec3> = line.iter().map(|p| p.position).collect();
    if closed {
        points.extend(points.first().copied());
    }
    if points.is_empty() {
        return Raster::filled(FAR_MM);
    }
    // For each coarse node: the nearest point's index and distance.
    let pieces = Pieces::new(&points);
    let mut nodes = vec![(0_usize, f64::from(FAR_MM)); NODES * NODES];
    nodes.par_chunks_mut(NODES).enumerate().for_each(|(row, nodes)| {
        let mut guess = 0;
        for (column, node) in nodes.iter_mut().enumerate() {
            let (i, j) = ((column * COARSE).min(SIDE - 1), (row * COARSE).min(SIDE - 1));
            let Some(place) = map.position[j * SIDE + i] else { continue };
            *node = pieces.nearest(place, guess);
            guess = node.0 / PIECE;
        }
    });
    let mut values = vec![FAR_MM; SIDE * SIDE];
    values.par_chunks_mut(SIDE).enumerate().for_each(|(j, row)| {
        for (i, value) in row.iter_mut().enumerate() {
            let Some(place) = map.position[j * SIDE + i] else { continue };
            let (ci, cj) = (i / COARSE, j / COARSE);
            let corner = |di: usize, dj: usize| nodes[(cj + dj) * NODES + ci + di];
            let corners = [corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)];
            let nearest = corners.iter().map(|c| c.1).fold(f64::INFINITY, f64::min);
            *value = if nearest < EXACT_MM {
                distance_near(&points, corners.map(|c| c.0), place) as f32
            } else {
                let (fx, fy) = ((i % COARSE) as f64 / COARSE as f64, (j % COARSE) as f64 / COARSE as f64);
                let top = corners[0].1 + (corners[1].1 - corners[0].1) * fx;
                let bottom = corners[2].1 + (corners[3].1 - corners[2].1) * fx;
                (top + (bottom - top) * fy) as f32
            };
        }
    });
    Raster::from_values(values)
}

/// Points of a line in a piece.
const PIECE: usize = 16;

/// A line cut into short pieces, each in a ball, so that most of it can be passed over when looking for the nearest point.
struct Pieces<'a> {
    points: &'a [DVec3],
    /// Middle and radius, mm.
    balls: Vec<(DVec3, f64)>,
}

impl<'a> Pieces<'a> {
    fn new(points: &'a [DVec3]) -> Self {
        let ball = |piece: &[DVec3]| {
            let middle = 0.5 * (piece[0] + piece[piece.len() - 1]);
            (middle, piece.iter().map(|p| p.distance(middle)).fold(0.0, f64::max))
        };
        Self { points, balls: points.chunks(PIECE).map(ball).collect() }
    }

    /// Index and distance of the nearest point, the first of equals. The better the `guess` of its piece the faster.
    fn nearest(&self, place: DVec3, guess: usize) -> (usize, f64) {
        let (mut index, mut squared, mut distance) = (usize::MAX, f64::INFINITY, f64::INFINITY);
        let mut look = |piece: usize, distance: &mut f64| {
            let start = piece * PIECE;
            for (k, point) in self.points[start..(start + PIECE).min(self.points.len())].iter().enumerate() {
                let d = point.distance_squared(place);
                if d < squared || (d == squared && start + k < index) {
                    (index, squared) = (start + k, d);
                }
            }
            *distance = squared.sqrt();
        };
        look(guess, &mut distance);
        for (piece, (middle, radius)) in self.balls.iter().enumerate() {
            let reach = radius + distance;
            // A little more, since rounding must not lose the first of equals.
            if piece != guess && middle.distance_squared(place) <= reach * reach * (1.0 + 1e-12) {
                look(piece, &mut distance);
            }
        }
        (index, distance)
    }
}

/// Distance of `place` from the segments around points that are nearest to the corners of its coarse texel.
fn distance_near(points: &[DVec3], corners: [usize; 4], place: DVec3) -> f64 {
    // A texel lies within two coarse steps of the node: 8 mm, eight points of the line.
    const AROUND: usize = 8;
    let mut corners = corners;
    corners.sort_unstable();
    let mut best = f64::INFINITY;
    let mut done = 0;
    for k in corners {
        best = best.min(points[k].distance_squared(place));
        // Corners mostly share their segments: those done for one need not be done for the next.
        let (first, last) = (k.saturating_sub(AROUND).max(done), (k + AROUND).min(points.len() - 1));
        for w in points.get(first..=last).unwrap_or_default().windows(2) {
            let span = w[1] - w[0];
            let t = ((place - w[0]).dot(span) / span.length_squared().max(1e-12)).clamp(0.0, 1.0);
            best = best.min(place.distance_squared(w[0] + span * t));
        }
        done = done.max(last);
    }
    best.sqrt()
}

/// Which texels lie inside a closed line (even-odd, by the texel's middle).
#[must_use]
pub fn inside(map: &SkinMap, surface_centre: DVec3, line: &[SurfacePoint]) -> Vec<bool> {
    let polygon: Vec<[f64; 2]> =
        line.iter().filter_map(|p| map.chart.texel_from_direction((p.position - surface_centre).normalize())).collect();
    let mut inside = vec![false; SIDE * SIDE];
    if polygon.len() < 3 {
        return inside;
    }
    inside.par_chunks_mut(SIDE).enumerate().for_each(|(j, row)| {
        let y = j as f64 + 0.5;
        let mut crossings: Vec<f64> = (0..polygon.len())
            .filter_map(|k| {
                let (a, b) = (polygon[k], polygon[(k + 1) % polygon.len()]);
                ((a[1] <= y) != (b[1] <= y)).then(|| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
            })
            .collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let from = (pair[0] - 0.5).ceil().max(0.0) as usize;
            let to = ((pair[1] - 0.5).ceil().max(0.0) as usize).min(SIDE);
            row[from.min(to)..to].fill(true);
        }
    });
    inside
}

/// Distance from a closed line, mm: positive inside, negative outside.
#[must_use]
pub fn into(map: &SkinMap, surface_centre: DVec3, line: &[SurfacePoint]) -> Raster {
    let mut distance = from_line(map, line, true);
    for (value, inside) in distance.values_mut().iter_mut().zip(inside(map, surface_centre, line)) {
        if !inside {
            *value = -*value;
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::surface::{SemiAxes, Surface};
    use crate::head::{Part, path};

    #[test]
    fn distances_from_a_circle_on_a_sphere_are_known() {
        let r = 90.0;
        let sphere = Surface::ellipsoid(DVec3::ZERO, SemiAxes { side: r, up: r, down: r, front: r, back: r });
        let map = SkinMap::new(&sphere, Part::Cranium.chart());
        let centre = sphere.at(DVec3::new(0.2, 0.9, 0.3).normalize());
        let radius = 40.0;
        let (u, v) = centre.normal.any_orthonormal_pair();
        let circle: Vec<SurfacePoint> = (0..260)
            .filter_map(|i| {
                let (s, c) = libm::sincos(f64::from(i) / 260.0 * std::f64::consts::TAU);
                path::walk(&sphere, centre.position, u * c + v * s, radius).last().copied()
            })
            .collect();
        let distance = into(&map, sphere.centre, &circle);
        for (index, position) in map.position.iter().enumerate() {
            let Some(p) = position else { continue };
            let along = r * libm::acos((p.normalize()).dot(centre.normal));
            let chord = 2.0 * r * libm::sin(0.5 * (radius - along).abs() / r);
            let expected = chord * (radius - along).signum();
            let tolerance = if expected.abs() < EXACT_MM - 6.0 { 0.02 } else { 0.35 };
            // The antipode and the centre are medial: distances there have a crease that the coarse grid rounds off.
            // Near the chart's rim there are no nodes to interpolate between.
            if along > 4.0 && along < 120.0 {
                let got = f64::from(distance.values()[index]);
                assert!((got - expected).abs() < tolerance, "{along}: {got} {expected}");
            }
        }
    }
}
