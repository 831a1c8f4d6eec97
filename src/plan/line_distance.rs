//! Distance of every place of a chart from a line on the skin, so that dots need not search the line.
//!
//! Distances are straight lines in space between skin points: 30 mm along a head correspond to 29.9 mm. Within
//! [`EXACT_MM`] of the line they are exact; farther away they are interpolated from a coarser grid (error below 0.2
//! mm). Cost: for each coarse texel (sixteen texels) a test of every sixteenth point of the line and of the few pieces
//! that may be nearest, and a few segments per texel near the line. After an edit of part of the line only the skin
//! that is nearest to that part is examined.

use glam::DVec3;
use rayon::prelude::*;

use crate::head::chart::{Raster, SIDE};
use crate::head::skin_map::SkinMap;
use crate::head::surface::SurfacePoint;

/// Within this distance of the line, every texel is computed from the line itself, mm.
const EXACT_MM: f64 = 14.0;
/// Texels between the nodes of the coarse grid.
const COARSE: usize = 4;
/// Nodes along each side of the grid.
const NODES: usize = SIDE / COARSE + 1;
/// Entered beyond the chart's reach, mm.
const FAR_MM: f32 = 1e3;

/// Distances from an open line, with the data needed to update them after an edit.
#[derive(Debug, Clone, PartialEq)]
pub struct LineDistance {
    points: Vec<DVec3>,
    /// For each node of the coarse grid, row by row: the nearest point's index and distance.
    nodes: Vec<(usize, f64)>,
    /// Distance of each texel from the nearest point of the line, mm, unsigned.
    pub distance_mm: Raster,
}

impl LineDistance {
    /// Distances from a line on a surface. If an `earlier` line on the same surface has been measured, only the
    /// difference is computed; the distances are the same to the last bit.
    #[must_use]
    pub fn new(map: &SkinMap, line: &[SurfacePoint], earlier: Option<&Self>) -> Self {
        let points: Vec<DVec3> = line.iter().map(|p| p.position).collect();
        if points.is_empty() {
            return Self { points, nodes: Vec::new(), distance_mm: Raster::filled(FAR_MM) };
        }
        let earlier = earlier.filter(|earlier| !earlier.points.is_empty());
        let edit = earlier.map(|earlier| (earlier, Edit::between(&earlier.points, &points)));
        let pieces = Pieces::new(&points);
        let mut nodes = vec![(0_usize, f64::from(FAR_MM)); NODES * NODES];
        nodes.par_chunks_mut(NODES).enumerate().for_each(|(row, nodes)| {
            let mut guess = 0;
            for (column, node) in nodes.iter_mut().enumerate() {
                let Some(place) = map.position[texel_of_node(column, row)] else { continue };
                let known =
                    edit.as_ref().and_then(|(e, edit)| edit.still_nearest(e.nodes[row * NODES + column], place));
                *node = known.unwrap_or_else(|| pieces.nearest(place, guess));
                guess = node.0 / PIECE;
            }
        });
        let mut values = earlier.map_or_else(|| vec![FAR_MM; SIDE * SIDE], |e| e.distance_mm.values().to_vec());
        // A band of texels for each row of coarse cells.
        values.par_chunks_mut(COARSE * SIDE).enumerate().for_each(|(band, values)| {
            for cell in 0..SIDE / COARSE {
                let corners = [0, 1, NODES, NODES + 1].map(|step| band * NODES + cell + step);
                let nearest = corners.map(|c| nodes[c].1).into_iter().fold(f64::INFINITY, f64::min);
                let same = |(earlier, edit): &(&Self, Edit)| {
                    corners.iter().all(|&c| edit.is_same(earlier.nodes[c], nodes[c], nearest < EXACT_MM))
                };
                if edit.as_ref().is_some_and(same) {
                    continue;
                }
                let corners = corners.map(|c| nodes[c]);
                for (j, row) in values.chunks_exact_mut(SIDE).enumerate() {
                    for (i, value) in row[cell * COARSE..(cell + 1) * COARSE].iter_mut().enumerate() {
                        let index = (band * COARSE + j) * SIDE + cell * COARSE + i;
                        let Some(place) = map.position[index] else { continue };
                        *value = if nearest < EXACT_MM {
                            distance_near(&points, corners.map(|c| c.0), place) as f32
                        } else {
                            let (fx, fy) = (i as f64 / COARSE as f64, j as f64 / COARSE as f64);
                            let top = corners[0].1 + (corners[1].1 - corners[0].1) * fx;
                            let bottom = corners[2].1 + (corners[3].1 - corners[2].1) * fx;
                            (top + (bottom - top) * fy) as f32
                        };
                    }
                }
            }
        });
        Self { points, nodes, distance_mm: Raster::from_values(values) }
    }
}

/// The texel of a node of the coarse grid.
fn texel_of_node(column: usize, row: usize) -> usize {
    (row * COARSE).min(SIDE - 1) * SIDE + (column * COARSE).min(SIDE - 1)
}

/// An edit of a line: some points in the middle were replaced.
struct Edit {
    /// Number of unchanged points at the beginning.
    head: usize,
    /// Index of the first unchanged point after the edit, in the old line and in the new one.
    tail: [usize; 2],
    /// Centre and radius of a ball around the new points in between.
    ball: Option<(DVec3, f64)>,
}

impl Edit {
    fn between(old: &[DVec3], new: &[DVec3]) -> Self {
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - head;
        let same = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let tail = [old.len() - same, new.len() - same];
        Self { head, tail, ball: new.get(head..tail[1]).filter(|changed| !changed.is_empty()).map(ball) }
    }

    /// The nearest point of `place` before the edit, if it still is.
    fn still_nearest(&self, (index, distance): (usize, f64), place: DVec3) -> Option<(usize, f64)> {
        let index = self.moved(index)?;
        let changed_is_nearer = self.ball.is_some_and(|ball| may_hold(ball, place, distance));
        (!changed_is_nearer).then_some((index, distance))
    }

    /// Index in the new line of an unchanged point.
    fn moved(&self, index: usize) -> Option<usize> {
        if index < self.head {
            Some(index)
        } else {
            (index >= self.tail[0]).then(|| index - self.tail[0] + self.tail[1])
        }
    }

    /// True if a node's nearest point is unchanged, and, if the line around it matters, that is unchanged, too.
    fn is_same(&self, old: (usize, f64), new: (usize, f64), with_line_around: bool) -> bool {
        let around = if with_line_around { AROUND } else { 0 };
        let untouched = new.0 + around < self.head || new.0 >= self.tail[1] + around;
        old.1 == new.1 && (!with_line_around || untouched && self.moved(old.0) == Some(new.0))
    }
}

/// Points per piece of a line.
const PIECE: usize = 16;

/// A line cut into short pieces, each in a ball, so that most of them can be skipped when searching for the nearest
/// point.
struct Pieces<'a> {
    points: &'a [DVec3],
    /// Centre and radius, mm.
    balls: Vec<(DVec3, f64)>,
}

impl<'a> Pieces<'a> {
    fn new(points: &'a [DVec3]) -> Self {
        Self { points, balls: points.chunks(PIECE).map(ball).collect() }
    }

    /// Index and distance of the nearest point, the first of equals. The search is fastest if `guess` is its piece.
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
        for (piece, &ball) in self.balls.iter().enumerate() {
            if piece != guess && may_hold(ball, place, distance) {
                look(piece, &mut distance);
            }
        }
        (index, distance)
    }
}

/// Centre and radius of a ball around points, of which there must be at least one.
fn ball(points: &[DVec3]) -> (DVec3, f64) {
    let middle = 0.5 * (points[0] + points[points.len() - 1]);
    (middle, points.iter().map(|p| p.distance(middle)).fold(0.0, f64::max))
}

/// False if everything in the ball is farther from `place` than `distance`.
fn may_hold((middle, radius): (DVec3, f64), place: DVec3, distance: f64) -> bool {
    let reach = radius + distance;
    // With a margin, since rounding must not lose the first of equals.
    middle.distance_squared(place) <= reach * reach * (1.0 + 1e-12)
}

/// Points of the line to each side of the nearest one whose segments are examined: a texel is within two coarse steps
/// of the node, 8 mm, which are eight points of the line.
const AROUND: usize = 8;

/// Distance of `place` from the segments around the points nearest to the corners of its coarse cell.
fn distance_near(points: &[DVec3], corners: [usize; 4], place: DVec3) -> f64 {
    let mut corners = corners;
    corners.sort_unstable();
    let mut best = f64::INFINITY;
    let mut done = 0;
    for k in corners {
        best = best.min(points[k].distance_squared(place));
        // Corners mostly share their segments, which need not be examined twice.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::surface::{SemiAxes, Surface};
    use crate::head::{Head, Part, path};
    use crate::plan::{curve, distance};

    #[test]
    fn an_edited_line_is_measured_as_a_new_one() {
        let head = Head::average();
        let map = SkinMap::new(&head.cranium, Part::Cranium.chart());
        let line = |points: &[[f64; 3]]| curve::through(&head.cranium, points, false);
        let mut points = vec![
            [70.0, -10.0, 20.0],
            [60.0, 30.0, 60.0],
            [30.0, 50.0, 75.0],
            [0.0, 55.0, 80.0],
            [-30.0, 50.0, 75.0],
            [-60.0, 30.0, 60.0],
            [-70.0, -10.0, 20.0],
        ];
        let mut last = LineDistance::new(&map, &line(&points), None);
        // Moves in the middle and at the ends, an added point, a removed point, a different line, and no change.
        for edit in 0..9 {
            match edit {
                0 => points[3][1] += 1.0,
                1 => points[2][0] += 4.0,
                2 => points[0][1] -= 6.0,
                3 => points[6][2] += 3.0,
                4 => points.insert(4, [-15.0, 58.0, 78.0]),
                5 => drop(points.remove(1)),
                6 => points.iter_mut().for_each(|p| p[1] += 9.0),
                7 => points[3][1] -= 25.0,
                _ => {}
            }
            let line = line(&points);
            let edited = LineDistance::new(&map, &line, Some(&last));
            assert_eq!(edited, LineDistance::new(&map, &line, None), "edit {edit}");
            last = edited;
        }
    }

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
        let inside = distance::inside(&map, sphere.centre, &circle);
        let closed: Vec<SurfacePoint> = circle.iter().chain(circle.first()).copied().collect();
        let distance = LineDistance::new(&map, &closed, None).distance_mm;
        for (index, position) in map.position.iter().enumerate() {
            let Some(p) = position else { continue };
            let along = r * libm::acos((p.normalize()).dot(centre.normal));
            let chord = 2.0 * r * libm::sin(0.5 * (radius - along).abs() / r);
            let expected = chord * (radius - along).signum();
            let tolerance = if expected.abs() < EXACT_MM - 6.0 { 0.02 } else { 0.35 };
            // At the antipode and the centre distances have a crease that the coarse grid smooths. Near the chart's rim
            // there are no nodes to interpolate between.
            if along > 4.0 && along < 120.0 {
                let got = f64::from(distance.values()[index]) * if inside[index] { 1.0 } else { -1.0 };
                assert!((got - expected).abs() < tolerance, "{along}: {got} {expected}");
            }
        }
    }
}
