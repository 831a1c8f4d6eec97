//! Smooth lines on the skin through few control points.
//!
//! Centripetal Catmull-Rom (Barry and Goldman 1988, Yuksel 2011) in space, put back onto the surface: it passes
//! through its points, never loops between them, and a moved point changes only the two spans on either side.

use glam::DVec3;

use super::SkinPoint;
use crate::head::surface::{Surface, SurfacePoint};

/// Distance between the points of a drawn line, mm.
pub const SPACING_MM: f64 = 1.0;

/// The smooth line through `points`, about [`SPACING_MM`] apart, on the surface. A closed line does not repeat its first point.
#[must_use]
pub fn through(surface: &Surface, points: &[SkinPoint], closed: bool) -> Vec<SurfacePoint> {
    let mut nodes: Vec<DVec3> = points.iter().map(|&p| surface.below(DVec3::from(p)).position).collect();
    // Points on top of each other carry no direction.
    nodes.dedup_by(|a, b| a.distance(*b) < 0.05);
    let count = nodes.len();
    if count < 2 {
        return nodes.into_iter().map(|p| surface.below(p)).collect();
    }
    let node = |i: isize| -> DVec3 {
        if closed {
            nodes[i.rem_euclid(count as isize) as usize]
        } else if i < 0 {
            // Mirror the second point, so that the line leaves its end straight.
            2.0 * nodes[0] - nodes[1]
        } else if i >= count as isize {
            2.0 * nodes[count - 1] - nodes[count - 2]
        } else {
            nodes[i as usize]
        }
    };
    let spans = if closed { count } else { count - 1 };
    let mut line = Vec::new();
    for span in 0..spans as isize {
        let p = [node(span - 1), node(span), node(span + 1), node(span + 2)];
        let bowed: f64 =
            (0..8).map(|i| catmull_rom(p, f64::from(i) / 8.0).distance(catmull_rom(p, f64::from(i + 1) / 8.0))).sum();
        let steps = (bowed / SPACING_MM).ceil().max(1.0) as usize;
        for step in 0..steps {
            line.push(surface.below(catmull_rom(p, step as f64 / steps as f64)));
        }
    }
    if !closed {
        line.push(surface.below(nodes[count - 1]));
    }
    line
}

/// Position at fraction `t` between the inner two of four points.
fn catmull_rom(p: [DVec3; 4], t: f64) -> DVec3 {
    let knot = |a: DVec3, b: DVec3| a.distance(b).sqrt().max(1e-6);
    let (d1, d2, d3) = (knot(p[0], p[1]), knot(p[1], p[2]), knot(p[2], p[3]));
    // Tangents at the inner points for non-uniform knots, then a cubic Hermite.
    let m1 = d2 * ((p[1] - p[0]) / d1 - (p[2] - p[0]) / (d1 + d2) + (p[2] - p[1]) / d2);
    let m2 = d2 * ((p[2] - p[1]) / d2 - (p[3] - p[1]) / (d2 + d3) + (p[3] - p[2]) / d3);
    let (t2, t3) = (t * t, t * t * t);
    p[1] * (2.0 * t3 - 3.0 * t2 + 1.0) + m1 * (t3 - 2.0 * t2 + t) + p[2] * (3.0 * t2 - 2.0 * t3) + m2 * (t3 - t2)
}

/// Length of a line, mm.
#[must_use]
pub fn length_mm(line: &[SurfacePoint]) -> f64 {
    line.windows(2).map(|w| w[0].position.distance(w[1].position)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;

    #[test]
    fn a_line_passes_through_its_points_and_lies_on_the_skin() {
        let head = Head::average();
        let points: Vec<SkinPoint> =
            [[-50.0, 60.0, 40.0], [0.0, 50.0, 73.0], [30.0, 55.0, 60.0], [60.0, 30.0, 40.0]].to_vec();
        for closed in [false, true] {
            let line = through(&head.cranium, &points, closed);
            for p in &line {
                assert!(head.cranium.height(p.position).abs() < 1e-9);
            }
            for &p in &points {
                let on = head.cranium.below(DVec3::from(p)).position;
                let gap = line.iter().map(|q| q.position.distance(on)).fold(f64::INFINITY, f64::min);
                assert!(gap < 1e-6, "{gap}");
            }
            let longest = line.windows(2).map(|w| w[0].position.distance(w[1].position)).fold(0.0, f64::max);
            // A span that cuts across the head is stretched when it is put back onto the skin.
            assert!(longest < 3.0 * SPACING_MM, "{longest}");
        }
    }

    #[test]
    fn moving_a_point_leaves_far_spans_alone() {
        let head = Head::average();
        let mut points: Vec<SkinPoint> = (0..9)
            .map(|i| {
                let a = 0.3 * f64::from(i) - 1.2;
                [90.0 * libm::sin(a), 40.0, 80.0 * libm::cos(a)]
            })
            .collect();
        let before = through(&head.cranium, &points, false);
        points[8][1] += 5.0;
        let after = through(&head.cranium, &points, false);
        let fixed = head.cranium.below(DVec3::from(points[6])).position;
        let end = before.iter().position(|p| p.position.distance(fixed) < 1e-6).unwrap();
        assert_eq!(before[..end], after[..end]);
    }
}
