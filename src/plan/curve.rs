//! Smooth lines on the skin through few control points.
//!
//! Centripetal Catmull-Rom splines (Barry and Goldman 1988, Yuksel 2011) in space, projected onto the surface: they
//! pass through their points, never loop between them, and a moved point changes only the two spans on either side.

use glam::DVec3;

use crate::head::surface::{Surface, SurfacePoint};

/// A position on the skin, mm, head space. It is projected onto the surface along the ray from the surface's centre, so
/// it stays meaningful when the head's shape is refined.
pub type SkinPoint = [f64; 3];

/// Spacing of the points of a drawn line, mm.
pub(crate) const SPACING_MM: f64 = 1.0;

/// The smooth line through `points` on the surface, as points about [`SPACING_MM`] apart. A closed line does not repeat
/// its first point.
#[must_use]
pub(crate) fn through(surface: &Surface, points: &[SkinPoint], closed: bool) -> Vec<SurfacePoint> {
    let mut nodes: Vec<DVec3> = points.iter().map(|&p| surface.below(DVec3::from(p)).position).collect();
    // Coincident points have no direction.
    nodes.dedup_by(|a, b| a.distance(*b) < 0.05);
    let count = nodes.len();
    if count < 2 {
        return nodes.into_iter().map(|p| surface.below(p)).collect();
    }
    let node = |i: isize| -> DVec3 {
        if closed {
            nodes[i.rem_euclid(count as isize) as usize]
        } else if i < 0 {
            // Mirror the second point, so that the line is straight at its end.
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

/// A few control points through which [`through`] draws about the same line as a hand did.
///
/// First the hand's tremor is averaged over a few millimetres. Corners that deviate by less than `tolerance_mm` are
/// left out (Ramer 1972, Douglas and Peucker 1973), but no span is longer than 30 mm, so that moving a point never
/// bends half the line. At most `most` points are left: tolerance and longest span increase until that is the case.
#[must_use]
pub fn controls(path: &[DVec3], tolerance_mm: f64, most: usize, closed: bool) -> Vec<DVec3> {
    // Least distance between points, in tolerances.
    const CLOSEST: f64 = 4.0;
    const LONGEST_SPAN_MM: f64 = 30.0;
    let smooth = steadied(path, closed);
    let mut coarser = 1.0;
    loop {
        let spans_mm = [CLOSEST * tolerance_mm, coarser * LONGEST_SPAN_MM];
        let kept = simplified(&smooth, coarser * tolerance_mm, spans_mm, closed);
        // In the end only the ends are left.
        if kept.len() <= most || kept.len() <= 3 {
            return kept;
        }
        coarser *= 1.3;
    }
}

/// A hand-drawn path, evenly spaced and without tremor.
fn steadied(path: &[DVec3], closed: bool) -> Vec<DVec3> {
    const REACH: usize = 4;
    let mut even: Vec<DVec3> = path.first().copied().into_iter().collect();
    for pair in path.windows(2) {
        let steps = (pair[0].distance(pair[1]) / SPACING_MM).ceil().max(1.0) as usize;
        even.extend((1..=steps).map(|i| pair[0].lerp(pair[1], i as f64 / steps as f64)));
    }
    let count = even.len();
    (0..count)
        .map(|i| {
            // Ends stay in place.
            let reach = if closed { REACH } else { REACH.min(i).min(count - 1 - i) };
            let around = (0..=2 * reach).map(|k| even[(i + count + k - reach) % count]);
            around.sum::<DVec3>() / (2 * reach + 1) as f64
        })
        .collect()
}

fn simplified(path: &[DVec3], tolerance_mm: f64, [apart_mm, longest_mm]: [f64; 2], closed: bool) -> Vec<DVec3> {
    let Some(last) = path.len().checked_sub(1).filter(|&last| last > 0) else { return path.to_vec() };
    let mut keep = vec![false; path.len()];
    (keep[0], keep[last]) = (true, true);
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let (a, span) = (path[from], path[to] - path[from]);
        let off = |k: usize| {
            let t = ((path[k] - a).dot(span) / span.length_squared().max(1e-12)).clamp(0.0, 1.0);
            path[k].distance(a + span * t)
        };
        let farthest = (from + 1..to).max_by(|&i, &j| off(i).total_cmp(&off(j)));
        let Some(corner) = farthest else { continue };
        let split = if off(corner) > tolerance_mm {
            corner
        } else if span.length() > longest_mm {
            (from + to) / 2
        } else {
            continue;
        };
        keep[split] = true;
        spans.extend([(from, split), (split, to)]);
    }
    let mut kept: Vec<DVec3> = path.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(p, _)| *p).collect();
    // Points close to each other would get in each other's way. Ends stay; a closed line does not repeat its first
    // point.
    let end = kept.pop();
    kept.dedup_by(|later, earlier| later.distance(*earlier) < apart_mm);
    while kept.len() > 1 && end.is_some_and(|end| kept[kept.len() - 1].distance(end) < apart_mm) {
        kept.pop();
    }
    let open = |end: &DVec3| !closed || kept[0].distance(*end) >= apart_mm;
    let end = end.filter(open);
    kept.extend(end);
    kept
}

/// The circle of this radius on the skin, measured in a straight line as a brush's is; the first point is repeated.
#[must_use]
pub fn circle(surface: &Surface, middle: SurfacePoint, radius_mm: f64) -> Vec<SurfacePoint> {
    const POINTS: u32 = 64;
    let (u, v) = middle.normal.any_orthonormal_pair();
    (0..=POINTS)
        .map(|i| {
            let (s, c) = libm::sincos(f64::from(i) / f64::from(POINTS) * std::f64::consts::TAU);
            at_distance(surface, middle, u * c + v * s, radius_mm)
        })
        .collect()
}

/// The skin point at this straight-line distance from `from` in a direction along the skin.
#[must_use]
pub(crate) fn at_distance(surface: &Surface, from: SurfacePoint, along: DVec3, distance_mm: f64) -> SurfacePoint {
    let mut step = distance_mm;
    let mut end = from;
    for _ in 0..4 {
        end = surface.below(from.position + along * step);
        step *= distance_mm / from.position.distance(end.position).max(1e-6);
    }
    end
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
            // A span that cuts across the head is stretched by the projection onto the skin.
            assert!(longest < 3.0 * SPACING_MM, "{longest}");
        }
    }

    #[test]
    fn a_line_drawn_by_hand_becomes_few_points_on_about_the_same_line() {
        let head = Head::average();
        let middle = head.cranium.below(DVec3::new(5.0, 70.0, -30.0));
        let ring = circle(&head.cranium, middle, 40.0);
        for p in &ring {
            assert!((p.position.distance(middle.position) - 40.0).abs() < 0.05);
        }
        // The hand trembles by half a millimetre.
        let tremble = |i: usize| 0.5 * f64::from(u32::try_from(i * 7 % 5).unwrap() % 3) - 0.5;
        let drawn: Vec<DVec3> =
            ring.iter().enumerate().map(|(i, p)| p.position + p.normal.cross(DVec3::X) * tremble(i)).collect();
        let points = controls(&drawn, 2.0, 40, true);
        assert!((6..=16).contains(&points.len()), "{}", points.len());
        let points: Vec<SkinPoint> = points.iter().map(|p| p.to_array()).collect();
        for p in through(&head.cranium, &points, true) {
            let off = (p.position.distance(middle.position) - 40.0).abs();
            assert!(off < 2.0, "{off}");
        }
        let few = controls(&drawn, 0.1, 9, false);
        assert!(few.len() <= 9);
        assert_eq!((few[0], few[few.len() - 1]), (drawn[0], drawn[drawn.len() - 1]));
    }

    #[test]
    fn a_path_of_any_length_ends_with_few_points() {
        // Straight, so that the tolerance alone does not limit the number of points.
        for length_mm in [100.0, 1_000.0, 20_000.0] {
            let path: Vec<DVec3> = (0..=200).map(|k| DVec3::X * (length_mm * f64::from(k) / 200.0)).collect();
            let kept = controls(&path, 1.0, 5, false);
            assert!((2..=5).contains(&kept.len()), "{length_mm} mm: {} points", kept.len());
            assert!(kept[0].distance(path[0]) < 1e-9 && kept[kept.len() - 1].distance(path[200]) < 1e-9);
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
