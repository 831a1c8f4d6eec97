//! Closed outlines of where values on a grid of cells reach one half.

use std::collections::BTreeMap;

use glam::DVec2;

/// Values of cells, row by row; 0 beyond the border.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// Cells per row.
    pub width: usize,
    /// The values.
    pub values: &'a [f32],
}

/// Which outlines are kept, and how accurately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// Outlines that enclose less are left out, cells.
    pub least_area: f64,
    /// Tolerance of the simplification, cells: a lower limit, since it grows while there are too many points.
    pub error: f64,
    /// Most outlines; the largest are kept.
    pub outlines: usize,
    /// Most points in total.
    pub points: usize,
}

/// With a smaller error, every cell whose value is 0 or 1 stays on its side of the outline: the cells' middles are
/// farther away from the exact outline than this.
pub const EXACT: f64 = 0.35;

impl Grid<'_> {
    /// Closed outlines, in cells, the largest first. An outline inside another one is a hole.
    ///
    /// Cost: a pass over the cells, plus the number of points.
    #[must_use]
    pub fn outlines(self, kept: Kept) -> Vec<Vec<DVec2>> {
        let mut outlines: Vec<(f64, Vec<DVec2>)> = self
            .loops()
            .into_iter()
            .map(|outline| (area(&outline).abs(), outline))
            .filter(|(area, _)| *area >= kept.least_area)
            .collect();
        outlines.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        outlines.truncate(kept.outlines);
        let mut error = kept.error;
        loop {
            let simple: Vec<Vec<DVec2>> = outlines.iter().map(|(_, outline)| simplified(outline, error)).collect();
            if simple.iter().map(Vec::len).sum::<usize>() <= kept.points {
                return simple.into_iter().filter(|outline| outline.len() >= 3).collect();
            }
            error *= 1.5;
        }
    }

    /// All outlines with every point: where the line from a cell to its neighbour crosses one half.
    fn loops(self) -> Vec<Vec<DVec2>> {
        let Self { width, values } = self;
        let height = values.len().checked_div(width).unwrap_or(0);
        // The cells, with a ring of zeros around them.
        let nodes = width + 2;
        let node = |x: usize, y: usize| {
            let inside = (1..=width).contains(&x) && (1..=height).contains(&y);
            if inside { values[(y - 1) * width + x - 1] } else { 0.0 }
        };
        // An even edge number denotes the edge from a node to the right, an odd one the edge downwards.
        let place = |edge: usize| {
            let (x, y) = (edge / 2 % nodes, edge / 2 / nodes);
            let from = node(x, y);
            let (step, to) =
                if edge.is_multiple_of(2) { (DVec2::X, node(x + 1, y)) } else { (DVec2::Y, node(x, y + 1)) };
            let part = f64::from((0.5 - from) / (to - from)).clamp(0.0, 1.0);
            DVec2::new(x as f64 - 0.5, y as f64 - 0.5) + part * step
        };
        // The few edges on an outline, ordered by number, each with its successor.
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        for y in 0..=height {
            for x in 0..=width {
                let corners = [node(x, y), node(x + 1, y), node(x + 1, y + 1), node(x, y + 1)].map(|v| v >= 0.5);
                if corners == [corners[0]; 4] {
                    continue;
                }
                let at = 2 * (y * nodes + x);
                // Clockwise on the screen, each between a corner and the next one.
                let edges = [at, at + 2 + 1, at + 2 * nodes, at + 1];
                for i in 0..4 {
                    if !corners[i] && corners[(i + 1) % 4] {
                        // Around the corners inside, to the edge where they end.
                        let out = (i + 1..i + 4).find(|k| corners[k % 4] && !corners[(k + 1) % 4]);
                        next.extend(out.map(|k| (edges[i], edges[k % 4])));
                    }
                }
            }
        }
        let mut outlines = Vec::new();
        while let Some((start, mut edge)) = next.pop_first() {
            let mut outline = vec![place(start)];
            while edge != start {
                outline.push(place(edge));
                match next.remove(&edge) {
                    Some(following) => edge = following,
                    None => break,
                }
            }
            outlines.push(outline);
        }
        outlines
    }
}

/// Signed area enclosed by a closed outline.
fn area(outline: &[DVec2]) -> f64 {
    let sides = outline.iter().zip(outline.iter().cycle().skip(1));
    0.5 * sides.map(|(from, to)| from.perp_dot(*to)).sum::<f64>()
}

/// A closed outline with fewer points, which deviates by at most `error` (Douglas and Peucker).
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

    const SIDE: usize = 250;
    const KEPT: Kept = Kept { least_area: 30.0, error: 0.3, outlines: 60, points: 3000 };

    fn outlines(values: &[f32], kept: Kept) -> Vec<Vec<DVec2>> {
        Grid { width: SIDE, values }.outlines(kept)
    }

    /// A ring about the middle, with edges that are soft over one cell.
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
        let outlines = outlines(&ring(20.0, 60.0), KEPT);
        assert_eq!(outlines.len(), 2);
        for (outline, radius) in outlines.iter().zip([60.0, 20.0]) {
            assert!(outline.len() < 60, "{}", outline.len());
            for point in outline {
                assert!((point.distance(DVec2::splat(125.0)) - radius).abs() < 0.2, "{point} {radius}");
            }
        }
        // The hole has the opposite orientation.
        assert!(area(&outlines[0]) * area(&outlines[1]) < 0.0);
    }

    #[test]
    fn what_reaches_the_border_is_closed_and_specks_are_left_out() {
        let mut values = vec![1.0; SIDE * SIDE];
        values[100 * SIDE + 100] = 0.0;
        let found = outlines(&values, KEPT);
        assert_eq!(found.len(), 1);
        assert!((area(&found[0]).abs() - (SIDE * SIDE) as f64).abs() < 1.0);
        assert!(outlines(&vec![0.0; SIDE * SIDE], KEPT).is_empty());
    }

    #[test]
    fn many_small_outlines_are_limited() {
        let values: Vec<f32> =
            (0..SIDE * SIDE).map(|i| f32::from(u8::from(i % SIDE % 8 < 5 && i / SIDE % 8 < 5))).collect();
        let found = outlines(&values, Kept { least_area: 1.0, error: 0.01, ..KEPT });
        assert_eq!(found.len(), KEPT.outlines);
        assert!(found.iter().map(Vec::len).sum::<usize>() <= KEPT.points);
    }
}
