//! Which texels of a chart a line on the skin encloses, and which lie near it.
//!
//! Where only a neighbourhood matters, as for a brush stroke, [`near_line`] examines nothing else; distances over the
//! whole chart are computed by [`LineDistance`](super::line_distance::LineDistance).

use glam::DVec3;
use rayon::prelude::*;

use crate::head::chart::{Chart, REACH, SIDE};
use crate::head::skin_map::SkinMap;
use crate::head::surface::SurfacePoint;

/// The texels within `reach_mm` of an open line and their distances from it, in index order.
///
/// Exact, and cheap for a small reach: only texels near the line are examined, so that a plan can have hundreds of
/// brush strokes. Cost: texels within reach times the segments that reach them.
#[must_use]
pub fn near_line(map: &SkinMap, surface_centre: DVec3, line: &[SurfacePoint], reach_mm: f64) -> Vec<(usize, f32)> {
    // The line bends little within a quarter of the reach, so fewer and longer segments suffice.
    const LONGEST_MM: f64 = 3.0;
    let spacing = (0.25 * reach_mm).min(LONGEST_MM);
    let mut points: Vec<DVec3> = Vec::new();
    for (k, p) in line.iter().map(|p| p.position).enumerate() {
        let far = points.last().is_none_or(|last| last.distance(p) >= spacing);
        if far || k + 1 == line.len() {
            points.push(p);
        }
    }
    if let [only] = points[..] {
        points.push(only);
    }
    let segments: Vec<([DVec3; 2], TexelBox)> = points
        .windows(2)
        .map(|w| {
            let ends = [w[0], w[1]];
            (ends, TexelBox::within(map, surface_centre, ends, reach_mm))
        })
        .collect();
    let Some(all) = segments.iter().map(|(_, b)| *b).reduce(TexelBox::joined) else { return Vec::new() };
    let width = all.x1 - all.x0;
    let mut squared = vec![f64::INFINITY; width * (all.y1 - all.y0)];
    squared.par_chunks_mut(width.max(1)).enumerate().for_each(|(row, squared)| {
        let j = row + all.y0;
        for ([a, b], texels) in segments.iter().filter(|(_, texels)| (texels.y0..texels.y1).contains(&j)) {
            let span = *b - *a;
            let per_length = 1.0 / span.length_squared().max(1e-12);
            for i in texels.x0..texels.x1 {
                let Some(place) = map.position[j * SIDE + i] else { continue };
                let t = ((place - *a).dot(span) * per_length).clamp(0.0, 1.0);
                let best = &mut squared[i - all.x0];
                *best = best.min(place.distance_squared(*a + span * t));
            }
        }
    });
    let reach_squared = reach_mm * reach_mm;
    squared
        .iter()
        .enumerate()
        .filter(|(_, d)| **d < reach_squared)
        .map(|(k, d)| ((k / width + all.y0) * SIDE + k % width + all.x0, d.sqrt() as f32))
        .collect()
}

/// Texels from (x0, y0) up to but not including (x1, y1).
#[derive(Clone, Copy)]
struct TexelBox {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
}

impl TexelBox {
    /// A box that contains every texel within `reach_mm` of a segment.
    fn within(map: &SkinMap, surface_centre: DVec3, ends: [DVec3; 2], reach_mm: f64) -> Self {
        const WHOLE: TexelBox = TexelBox { x0: 0, y0: 0, x1: SIDE, y1: SIDE };
        // Lower limit of the distance from the centre of skin within reach, as a share of the segment's (assumed).
        const LEAST_RADIUS_SHARE: f64 = 0.8;
        let texel_per_radian = SIDE as f64 / (2.0 * REACH);
        let mut all: Option<Self> = None;
        for end in ends {
            let out = end - surface_centre;
            let radius = out.length();
            let sine = 0.5 * reach_mm / (LEAST_RADIUS_SHARE * radius);
            let Some(texel) = map.chart.texel_from_direction(out / radius).filter(|_| sine < 0.5) else { return WHOLE };
            let angle = 2.0 * libm::asin(sine);
            let from_axis = libm::acos((out.dot(map.chart.axis()) / radius).clamp(-1.0, 1.0));
            // An equidistant chart stretches circles about its axis by angle / sine, increasingly towards the rim.
            let farthest = (from_axis + angle).min(REACH);
            let half = angle * texel_per_radian * (farthest / libm::sin(farthest)).max(1.0) + 1.0;
            let low = |v: f64| (v - half).floor().clamp(0.0, SIDE as f64) as usize;
            let high = |v: f64| (v + half).ceil().clamp(0.0, SIDE as f64) as usize;
            let one = Self { x0: low(texel[0]), y0: low(texel[1]), x1: high(texel[0]), y1: high(texel[1]) };
            all = Some(all.map_or(one, |a| a.joined(one)));
        }
        all.unwrap_or(WHOLE)
    }

    fn joined(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// Which texels lie inside a closed line (even-odd rule, by the texel's centre).
#[must_use]
pub fn inside(map: &SkinMap, surface_centre: DVec3, line: &[SurfacePoint]) -> Vec<bool> {
    let polygon = polygon(&map.chart, surface_centre, line);
    let mut inside = vec![false; SIDE * SIDE];
    if polygon.len() < 3 {
        return inside;
    }
    inside.par_chunks_mut(SIDE).enumerate().for_each(|(j, row)| {
        let mut crossings = crossings(&polygon, j as f64 + 0.5);
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let from = (pair[0] - 0.5).ceil().max(0.0) as usize;
            let to = ((pair[1] - 0.5).ceil().max(0.0) as usize).min(SIDE);
            row[from.min(to)..to].fill(true);
        }
    });
    inside
}

/// True if a place of the skin lies inside a closed line.
#[must_use]
pub fn encloses(chart: &Chart, surface_centre: DVec3, line: &[SurfacePoint], place: DVec3) -> bool {
    let Some([x, y]) = chart.texel_from_direction((place - surface_centre).normalize_or(DVec3::Y)) else {
        return false;
    };
    crossings(&polygon(chart, surface_centre, line), y).iter().filter(|&&crossing| crossing < x).count() % 2 == 1
}

/// A line in texel coordinates.
fn polygon(chart: &Chart, surface_centre: DVec3, line: &[SurfacePoint]) -> Vec<[f64; 2]> {
    line.iter().filter_map(|p| chart.texel_from_direction((p.position - surface_centre).normalize())).collect()
}

/// Where a closed polygon crosses a row, unordered.
fn crossings(polygon: &[[f64; 2]], y: f64) -> Vec<f64> {
    (0..polygon.len())
        .filter_map(|k| {
            let (a, b) = (polygon[k], polygon[(k + 1) % polygon.len()]);
            ((a[1] <= y) != (b[1] <= y)).then(|| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Part;

    #[test]
    fn texels_near_a_line_are_all_found_and_exact() {
        let head = crate::head::Head::average();
        let surface = &head.cranium;
        let map = SkinMap::new(surface, Part::Cranium.chart());
        // Over the crown, along the hairline, and as a single dab behind an ear near the chart's rim.
        let lines: [&[[f64; 3]]; 3] = [
            &[[-30.0, 60.0, -40.0], [0.0, 70.0, -45.0], [40.0, 50.0, -60.0]],
            &[[-40.0, 55.0, 70.0], [0.0, 60.0, 75.0], [50.0, 50.0, 60.0]],
            &[[60.0, -60.0, -50.0]],
        ];
        for points in lines {
            let line = crate::plan::curve::through(surface, points, false);
            for reach in [0.4, 3.0, 9.0, 40.0, 90.0] {
                let near: std::collections::HashMap<usize, f32> =
                    near_line(&map, surface.centre, &line, reach).into_iter().collect();
                for (index, place) in map.position.iter().enumerate() {
                    let Some(place) = place else { continue };
                    let distance = |w: &[SurfacePoint]| {
                        let span = w[1].position - w[0].position;
                        let t = ((*place - w[0].position).dot(span) / span.length_squared().max(1e-12)).clamp(0.0, 1.0);
                        place.distance(w[0].position + span * t)
                    };
                    let dab = [line[0], line[0]];
                    let segments = if line.len() > 1 { &line[..] } else { &dab };
                    let exact = segments.windows(2).map(distance).fold(f64::INFINITY, f64::min);
                    // Longer segments cut corners by less than a hundredth of the reach.
                    match near.get(&index) {
                        Some(&d) => assert!((f64::from(d) - exact).abs() < 0.01 * reach, "{d} {exact} of {reach}"),
                        None => assert!(exact > 0.99 * reach, "missed at {exact} of {reach}"),
                    }
                }
            }
        }
    }
}
