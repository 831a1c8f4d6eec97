//! Closed outlines of where numbers on the cells reach one half.

use glam::DVec2;

use super::cells::SIDE;

/// Nodes along a side: the cells, and a ring of nothing around them.
const NODES: usize = SIDE + 2;
/// No more outlines than this, the largest ones, and no more points in all.
const MOST_OUTLINES: usize = 60;
const MOST_POINTS: usize = 3000;

/// Closed outlines, in cells, without those that enclose less than `least_area`, kept to `error`.
pub(super) fn outlines(values: &[f32], least_area: f64, error: f64) -> Vec<Vec<DVec2>> {
    let mut outlines: Vec<(f64, Vec<DVec2>)> = loops(values)
        .into_iter()
        .map(|outline| (area(&outline).abs(), outline))
        .filter(|(area, _)| *area >= least_area)
        .collect();
    outlines.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    outlines.truncate(MOST_OUTLINES);
    let mut error = error;
    loop {
        let simple: Vec<Vec<DVec2>> = outlines.iter().map(|(_, outline)| simplified(outline, error)).collect();
        if simple.iter().map(Vec::len).sum::<usize>() <= MOST_POINTS {
            return simple.into_iter().filter(|outline| outline.len() >= 3).collect();
        }
        error *= 1.5;
    }
}

/// All outlines with every point: where edges between neighbouring nodes cross one half.
fn loops(values: &[f32]) -> Vec<Vec<DVec2>> {
    let node = |x: usize, y: usize| {
        let inside = (1..=SIDE).contains(&x) && (1..=SIDE).contains(&y);
        if inside { values[(y - 1) * SIDE + x - 1] } else { 0.0 }
    };
    // An edge runs from its node to the right, or, with an odd number, downwards.
    let place = |edge: usize| {
        let (x, y) = (edge / 2 % NODES, edge / 2 / NODES);
        let from = node(x, y);
        let (step, to) = if edge.is_multiple_of(2) { (DVec2::X, node(x + 1, y)) } else { (DVec2::Y, node(x, y + 1)) };
        let part = f64::from((0.5 - from) / (to - from)).clamp(0.0, 1.0);
        DVec2::new(x as f64 - 0.5, y as f64 - 0.5) + part * step
    };
    let mut next = vec![usize::MAX; 2 * NODES * NODES];
    for y in 0..NODES - 1 {
        for x in 0..NODES - 1 {
            let corners = [node(x, y), node(x + 1, y), node(x + 1, y + 1), node(x, y + 1)].map(|v| v >= 0.5);
            let at = 2 * (y * NODES + x);
            // Clockwise on the screen, each between a corner and the one after it.
            let edges = [at, at + 2 + 1, at + 2 * NODES, at + 1];
            for i in 0..4 {
                if !corners[i] && corners[(i + 1) % 4] {
                    // Around the corners inside, to the edge where they end.
                    let out = (i + 1..i + 4).find(|k| corners[k % 4] && !corners[(k + 1) % 4]);
                    next[edges[i]] = out.map_or(usize::MAX, |k| edges[k % 4]);
                }
            }
        }
    }
    let mut outlines = Vec::new();
    for start in 0..next.len() {
        let mut outline = Vec::new();
        let mut edge = start;
        while next[edge] != usize::MAX {
            outline.push(place(edge));
            edge = std::mem::replace(&mut next[edge], usize::MAX);
        }
        if !outline.is_empty() {
            outlines.push(outline);
        }
    }
    outlines
}

/// Signed area that a closed outline encloses.
fn area(outline: &[DVec2]) -> f64 {
    let sides = outline.iter().zip(outline.iter().cycle().skip(1));
    0.5 * sides.map(|(from, to)| from.perp_dot(*to)).sum::<f64>()
}

/// A closed outline with fewer points, nowhere farther from the old ones than `error` (Douglas and Peucker).
fn simplified(outline: &[DVec2], error: f64) -> Vec<DVec2> {
    let Some(&first) = outline.first() else { return Vec::new() };
    let far =
        |a: &usize, b: &usize| outline[*a].distance_squared(first).total_cmp(&outline[*b].distance_squared(first));
    let opposite = (0..outline.len()).max_by(far).unwrap_or(0);
    let mut kept = vec![false; outline.len() + 1];
    let at = |i: usize| outline[i % outline.len()];
    let mut open = vec![(0, opposite), (opposite, outline.len())];
    while let Some((from, to)) = open.pop() {
        kept[from] = true;
        let span = at(to) - at(from);
        let off = |i: usize| {
            let part = ((at(i) - at(from)).dot(span) / span.length_squared().max(1e-12)).clamp(0.0, 1.0);
            at(i).distance(at(from) + part * span)
        };
        let farthest = (from + 1..to).map(|i| (off(i), i)).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, middle)) = farthest.filter(|(off, _)| *off > error) {
            open.extend([(from, middle), (middle, to)]);
        }
    }
    (0..outline.len()).filter(|&i| kept[i]).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring about the middle, soft over a cell.
    fn ring(inner: f64, outer: f64) -> Vec<f32> {
        let value = |i: usize| {
            let at = DVec2::new((i % SIDE) as f64 + 0.5, (i / SIDE) as f64 + 0.5);
            let radius = at.distance(DVec2::splat(125.0));
            ((outer - radius).min(radius - inner) + 0.5).clamp(0.0, 1.0) as f32
        };
        (0..SIDE * SIDE).map(value).collect()
    }

    #[test]
    fn a_ring_has_an_outline_and_a_hole() {
        let outlines = outlines(&ring(20.0, 60.0), 30.0, 0.3);
        assert_eq!(outlines.len(), 2);
        for (outline, radius) in outlines.iter().zip([60.0, 20.0]) {
            assert!(outline.len() < 60, "{}", outline.len());
            for point in outline {
                assert!((point.distance(DVec2::splat(125.0)) - radius).abs() < 0.2, "{point} {radius}");
            }
        }
        // The hole runs the other way round.
        assert!(area(&outlines[0]) * area(&outlines[1]) < 0.0);
    }

    #[test]
    fn what_reaches_the_border_is_closed_and_specks_are_left_out() {
        let mut values = vec![1.0; SIDE * SIDE];
        values[100 * SIDE + 100] = 0.0;
        let found = outlines(&values, 30.0, 0.3);
        assert_eq!(found.len(), 1);
        assert!((area(&found[0]).abs() - (SIDE * SIDE) as f64).abs() < 1.0);
        assert!(outlines(&vec![0.0; SIDE * SIDE], 30.0, 0.3).is_empty());
    }

    #[test]
    fn many_small_outlines_are_not_too_many() {
        let values: Vec<f32> =
            (0..SIDE * SIDE).map(|i| f32::from(u8::from(i % SIDE % 8 < 5 && i / SIDE % 8 < 5))).collect();
        let found = outlines(&values, 1.0, 0.01);
        assert_eq!(found.len(), MOST_OUTLINES);
        assert!(found.iter().map(Vec::len).sum::<usize>() <= MOST_POINTS);
    }
}
