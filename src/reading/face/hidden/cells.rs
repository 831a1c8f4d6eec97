//! Operations on sets and values of the square of cells around a head.

use glam::DVec2;

/// Cells along a side of the square.
pub(super) const SIDE: usize = 250;
/// Number of cells.
pub(super) const CELLS: usize = SIDE * SIDE;

/// Sums over squares with a side of `2 * reach + 1`; beyond the border values are 0.
fn box_sums(values: impl Fn(usize) -> f32, side: usize, reach: usize) -> Vec<f32> {
    let mut along = vec![0.0_f32; side * side];
    for y in 0..side {
        let row = y * side;
        let mut sum: f64 = (0..reach.min(side)).map(|x| f64::from(values(row + x))).sum();
        for x in 0..side {
            if x + reach < side {
                sum += f64::from(values(row + x + reach));
            }
            if x > reach {
                sum -= f64::from(values(row + x - reach - 1));
            }
            along[row + x] = sum as f32;
        }
    }
    let mut sums = vec![0.0_f64; side];
    let mut result = vec![0.0; side * side];
    for y in 0..side + reach {
        for (x, sum) in sums.iter_mut().enumerate() {
            if y < side {
                *sum += f64::from(along[y * side + x]);
            }
            if y > 2 * reach {
                *sum -= f64::from(along[(y - 2 * reach - 1) * side + x]);
            }
        }
        if y >= reach {
            let row = (y - reach) * side;
            result[row..row + side].iter_mut().zip(&sums).for_each(|(to, sum)| *to = *sum as f32);
        }
    }
    result
}

/// Means over squares with a side of `2 * reach + 1`, counting only cells of the set; 0 where none is near.
pub(super) fn means(values: &[f32], set: &[bool], side: usize, reach: usize) -> Vec<f32> {
    let counts = box_sums(|i| f32::from(u8::from(set[i])), side, reach);
    let sums = box_sums(|i| if set[i] { values[i] } else { 0.0 }, side, reach);
    sums.into_iter().zip(counts).map(|(sum, count)| if count > 0.5 { sum / count } else { 0.0 }).collect()
}

/// Dilation: the set, and all cells within the square root of `reach_squared` of it.
pub(super) fn grown(set: &[bool], reach_squared: usize) -> Vec<bool> {
    let reach = reach_squared.isqrt();
    let mut result = vec![false; CELLS];
    for (y, row) in set.chunks_exact(SIDE).enumerate() {
        let mut x = 0;
        while x < SIDE {
            if !row[x] {
                x += 1;
                continue;
            }
            let from = x;
            while x < SIDE && row[x] {
                x += 1;
            }
            for to in y.saturating_sub(reach)..(y + reach + 1).min(SIDE) {
                let wide = (reach_squared - to.abs_diff(y) * to.abs_diff(y)).isqrt();
                result[to * SIDE + from.saturating_sub(wide)..to * SIDE + (x + wide).min(SIDE)].fill(true);
            }
        }
    }
    result
}

/// Erosion: the cells of the set that are farther than the square root of `reach_squared` from any cell outside of it.
pub(super) fn shrunk(set: &[bool], reach_squared: usize) -> Vec<bool> {
    let reach = reach_squared.isqrt();
    let mut result = grown(&set.iter().map(|is| !is).collect::<Vec<_>>(), reach_squared);
    for (i, is) in result.iter_mut().enumerate() {
        let (x, y) = (i % SIDE, i / SIDE);
        let border = x.min(y).min(SIDE - 1 - x).min(SIDE - 1 - y);
        *is = !*is && border >= reach;
    }
    result
}

/// Opening: the parts of the set into which a disc of this squared radius fits.
pub(super) fn thick(set: &[bool], reach_squared: usize) -> Vec<bool> {
    grown(&shrunk(set, reach_squared), reach_squared)
}

/// The neighbours of a cell along rows and columns.
fn beside(i: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % SIDE, i / SIDE);
    let left = (x > 0).then(|| i - 1);
    let right = (x + 1 < SIDE).then_some(i + 1);
    let above = (y > 0).then(|| i - SIDE);
    let below = (y + 1 < SIDE).then_some(i + SIDE);
    [left, right, above, below].into_iter().flatten()
}

/// Connected components of a set.
pub(super) fn parts(set: &[bool]) -> Vec<Vec<usize>> {
    let mut left = set.to_vec();
    let mut parts = Vec::new();
    for i in 0..CELLS {
        if !left[i] {
            continue;
        }
        left[i] = false;
        let mut part = vec![i];
        let mut next = 0;
        while let Some(&cell) = part.get(next) {
            next += 1;
            for other in beside(cell) {
                if left[other] {
                    left[other] = false;
                    part.push(other);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// The set and all cells that can be reached from it in `steps` steps without leaving `within`.
pub(super) fn spread(set: &[bool], within: impl Fn(usize) -> bool, steps: usize) -> Vec<bool> {
    let mut result = set.to_vec();
    let mut edge: Vec<usize> = (0..CELLS).filter(|&i| set[i]).collect();
    for _ in 0..steps {
        let mut next = Vec::new();
        for other in edge.into_iter().flat_map(beside) {
            if !result[other] && within(other) {
                result[other] = true;
                next.push(other);
            }
        }
        edge = next;
    }
    result
}

/// Distance of the cells of the set from the nearest one outside of it, cells (to within 6 %); 0 outside. Beyond the
/// border the set is assumed to continue.
pub(super) fn depths(set: &[bool]) -> Vec<f32> {
    // Chamfer distance in thirds of a cell: 3 for a step along rows and columns, 4 for a diagonal one.
    let mut thirds: Vec<u32> = set.iter().map(|&is| if is { u32::MAX / 2 } else { 0 }).collect();
    let relax = |thirds: &mut Vec<u32>, x: usize, y: usize, back: bool| {
        let step = |dx: i64, dy: i64, cost: u32| {
            let (x, y) = (x as i64 + dx, y as i64 + dy);
            let inside = (0..SIDE as i64).contains(&x) && (0..SIDE as i64).contains(&y);
            inside.then(|| (y as usize * SIDE + x as usize, cost))
        };
        let sign = if back { 1 } else { -1 };
        let steps = [step(sign, 0, 3), step(-1, sign, 4), step(0, sign, 3), step(1, sign, 4)];
        let i = y * SIDE + x;
        for (other, cost) in steps.into_iter().flatten() {
            thirds[i] = thirds[i].min(thirds[other] + cost);
        }
    };
    for y in 0..SIDE {
        (0..SIDE).for_each(|x| relax(&mut thirds, x, y, false));
    }
    for y in (0..SIDE).rev() {
        (0..SIDE).rev().for_each(|x| relax(&mut thirds, x, y, true));
    }
    thirds.into_iter().map(|third| third as f32 / 3.0).collect()
}

/// The cells whose middles lie inside a closed outline in cell coordinates.
pub(super) fn filled(outline: &[DVec2]) -> Vec<bool> {
    let mut result = vec![false; CELLS];
    for (y, row) in result.chunks_exact_mut(SIDE).enumerate() {
        let y = y as f64 + 0.5;
        let mut crossings = Vec::new();
        for (i, &from) in outline.iter().enumerate() {
            let to = outline[(i + 1) % outline.len()];
            if (from.y <= y) != (to.y <= y) {
                crossings.push(from.x + (to.x - from.x) * (y - from.y) / (to.y - from.y));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let cell = |x: f64| (x - 0.5).ceil().clamp(0.0, SIDE as f64) as usize;
            row[cell(pair[0])..cell(pair[1])].fill(true);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: usize, to: usize) -> Vec<bool> {
        (0..CELLS).map(|i| (from..to).contains(&(i % SIDE)) && (from..to).contains(&(i / SIDE))).collect()
    }

    fn count(set: &[bool]) -> usize {
        set.iter().filter(|is| **is).count()
    }

    #[test]
    fn means_count_only_the_set() {
        let set = square(10, 20);
        let values: Vec<f32> = set.iter().map(|&is| if is { 2.0 } else { 9.0 }).collect();
        let means = means(&values, &set, SIDE, 2);
        assert!((means[10 * SIDE + 10] - 2.0).abs() < 1e-6 && (means[8 * SIDE + 8] - 2.0).abs() < 1e-6);
        assert_eq!(means[7 * SIDE + 10].to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn sets_grow_shrink_and_split() {
        let set = square(100, 110);
        assert_eq!(count(&shrunk(&set, 1)), 64);
        assert_eq!(count(&grown(&set, 1)), 140);
        assert_eq!(count(&thick(&set, 2)), 100);
        assert_eq!(count(&thick(&set, 42)), 0);
        let two: Vec<bool> = set.iter().zip(square(120, 125)).map(|(a, b)| *a || b).collect();
        assert_eq!(parts(&two).iter().map(Vec::len).collect::<Vec<_>>(), [100, 25]);
        assert_eq!(count(&spread(&set, |_| true, 1)), 140);
        assert_eq!(count(&spread(&set, |i| i % SIDE < 105, 2)), 100 + 2 * 10 + 2 * (5 + 1) + 2 * (5 + 2) - 4);
    }

    #[test]
    fn depths_and_filled_outlines() {
        let set = square(50, 71);
        let depths = depths(&set);
        assert!((depths[60 * SIDE + 60] - 11.0).abs() < 0.7, "{}", depths[60 * SIDE + 60]);
        assert!((depths[60 * SIDE + 50] - 1.0).abs() < 1e-6);
        let corners = [[50.0, 50.0], [71.0, 50.0], [71.0, 71.0], [50.0, 71.0]].map(DVec2::from);
        assert_eq!(filled(&corners), set);
    }
}
