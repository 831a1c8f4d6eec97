//! Filters over grids of values, which are stored row by row.
//!
//! Each output value is summed by one thread, in the order of the kernel, so results do not depend on the number of
//! threads.

use std::ops::{Add, AddAssign, Mul, Sub};

use rayon::prelude::*;

/// Fewest rows per thread.
const ROWS: usize = 16;
/// Lines whose running sums are computed at once.
const LINES: usize = 8;
/// Sums that are computed at once, in registers.
const SUMS: usize = 16;

/// Weights of a Gaussian, normalised to sum to 1, from `-reach` to `reach`.
#[must_use]
pub fn gaussian(sigma: f64, reach: usize) -> Vec<f64> {
    let weight = |k: usize| {
        let t = (k as f64 - reach as f64) / sigma;
        libm::exp(-0.5 * t * t)
    };
    let total: f64 = (0..=2 * reach).map(weight).sum();
    (0..=2 * reach).map(|k| weight(k) / total).collect()
}

/// Convolves rows with a kernel of an odd number of weights; values beyond the ends repeat those at the ends.
#[must_use]
pub fn along_rows<T, W>(values: &[T], width: usize, kernel: &[W]) -> Vec<T>
where
    T: Copy + Default + Send + Sync + AddAssign + Mul<W, Output = T>,
    W: Copy + Sync,
{
    let reach = kernel.len() / 2;
    let mut filtered = vec![T::default(); values.len()];
    let rows = filtered.par_chunks_mut(width.max(1)).zip(values.par_chunks(width.max(1))).with_min_len(ROWS);
    rows.for_each_init(Vec::new, |long, (out, row)| {
        let (first, last) = (row[0], row[row.len() - 1]);
        long.clear();
        long.resize(reach, first);
        long.extend_from_slice(row);
        long.resize(row.len() + 2 * reach, last);
        weighted_sums(out, kernel, |shift, x| &long[shift + x..]);
    });
    filtered
}

/// For each place of a row, the sum over the kernel of values times weights; `values` returns those of a shift from a
/// place on.
#[inline]
fn weighted_sums<'v, T, W>(out: &mut [T], kernel: &[W], values: impl Fn(usize, usize) -> &'v [T])
where
    T: Copy + Default + AddAssign + Mul<W, Output = T> + 'v,
    W: Copy,
{
    for (chunk, out) in out.chunks_mut(SUMS).enumerate() {
        let mut sums = [T::default(); SUMS];
        for (shift, weight) in kernel.iter().enumerate() {
            let values = &values(shift, chunk * SUMS)[..out.len()];
            // Of known length, these stay in registers: the usual case.
            if let Some(values) = values.first_chunk::<SUMS>() {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += *value * *weight;
                }
            } else {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += *value * *weight;
                }
            }
        }
        out.copy_from_slice(&sums[..out.len()]);
    }
}

/// Convolves columns with a kernel of an odd number of weights; values beyond the ends repeat those at the ends.
#[must_use]
pub fn along_columns<T, W>(values: &[T], width: usize, kernel: &[W]) -> Vec<T>
where
    T: Copy + Default + Send + Sync + AddAssign + Mul<W, Output = T>,
    W: Copy + Sync,
{
    let (reach, height) = (kernel.len() / 2, values.len() / width.max(1));
    let mut filtered = vec![T::default(); values.len()];
    filtered.par_chunks_mut(width.max(1)).with_min_len(ROWS).enumerate().for_each(|(y, out)| {
        weighted_sums(out, kernel, |shift, x| {
            let from = (y + shift).saturating_sub(reach).min(height - 1);
            &values[from * width + x..]
        });
    });
    filtered
}

/// Applies three successive box filters to rows, then to columns, nearly a Gaussian with a variance of
/// `reach * (reach + 1)`: `each` maps the sum over all values within `reach` (fewer near the ends) to the output. The
/// cost does not depend on the reach.
#[must_use]
pub fn blurred_by_boxes<T>(values: &[T], width: usize, reach: usize, each: impl Fn(T) -> T + Sync) -> Vec<T>
where
    T: Copy + Default + Send + Sync + Add<Output = T> + Sub<Output = T>,
{
    let width = width.max(1);
    let height = values.len() / width;
    let rows = three_boxes([height, width], reach, |y, x| values[y * width + x], &each);
    let columns = three_boxes([width, height], reach, |x, y| rows[y / LINES][x][y % LINES], &each);
    // Photos are large: no more copies at a time than needed.
    drop(rows);
    let mut blurred = vec![T::default(); width * height];
    blurred.par_chunks_mut(width).with_min_len(ROWS).enumerate().for_each(|(y, row)| {
        for (values, lines) in row.chunks_mut(LINES).zip(&columns) {
            values.copy_from_slice(&lines[y][..values.len()]);
        }
    });
    blurred
}

/// Applies three successive box filters to each of `count` lines of `length` values. Several lines are filtered at
/// once, since a running sum by itself is one long chain of additions: returns them by [`LINES`], place by place.
fn three_boxes<T>(
    [count, length]: [usize; 2],
    reach: usize,
    value: impl Fn(usize, usize) -> T + Sync,
    each: impl Fn(T) -> T + Sync,
) -> Vec<Vec<[T; LINES]>>
where
    T: Copy + Default + Send + Sync + Add<Output = T> + Sub<Output = T>,
{
    let filtered = |up_to: &mut Vec<[T; LINES]>, group: usize| {
        // The last group repeats its last line.
        let lines: [usize; LINES] = std::array::from_fn(|k| (group * LINES + k).min(count - 1));
        let mut values: Vec<[T; LINES]> = (0..length).map(|place| lines.map(|line| value(line, place))).collect();
        for _ in 0..3 {
            let mut total = [T::default(); LINES];
            up_to.clear();
            up_to.push(total);
            for values in &values {
                for (total, value) in total.iter_mut().zip(values) {
                    *total = *total + *value;
                }
                up_to.push(total);
            }
            for (at, values) in values.iter_mut().enumerate() {
                let (after, before) = (&up_to[(at + reach + 1).min(length)], &up_to[at.saturating_sub(reach)]);
                *values = std::array::from_fn(|k| each(after[k] - before[k]));
            }
        }
        values
    };
    (0..count.div_ceil(LINES)).into_par_iter().map_init(Vec::new, filtered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pseudorandom numbers from 0 to 1.
    fn scattered(index: usize) -> f64 {
        ((index * 7919) % 1009) as f64 / 1009.0
    }

    #[test]
    fn rows_and_columns_are_convolved_alike_and_repeat_their_ends() {
        let (width, height) = (23, 17);
        let values: Vec<f64> = (0..width * height).map(scattered).collect();
        let kernel = gaussian(1.3, 4);
        assert!((kernel.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let columns = along_columns(&values, width, &kernel);
        let transposed = |values: &[f64], width: usize| -> Vec<f64> {
            let height = values.len() / width;
            (0..values.len()).map(|k| values[k % height * width + k / height]).collect()
        };
        assert_eq!(columns, transposed(&along_rows(&transposed(&values, width), height, &kernel), height));
        let first: f64 = (0..9_usize).map(|k| kernel[k] * values[k.saturating_sub(4)]).sum();
        assert!((along_rows(&values, width, &kernel)[0] - first).abs() < 1e-12);
        assert!(along_rows(&[3.0; 40], 8, &kernel).iter().all(|value| (value - 3.0).abs() < 1e-12));
    }

    #[test]
    fn three_boxes_are_three_sums_on_any_number_of_threads() {
        let (width, height, reach) = (41, 37, 3);
        let values: Vec<f64> = (0..width * height).map(scattered).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| blurred_by_boxes(&values, width, reach, |sum| sum))
        };
        let got = on(1);
        assert_eq!(got, on(5));
        // One box over each line, whose places are `step` apart.
        let boxed = |values: &[f64], step: usize, length: usize| -> Vec<f64> {
            let sum = |at: usize| {
                let (place, first) = (at / step % length, at - at / step % length * step);
                let near = place.saturating_sub(reach)..(place + reach + 1).min(length);
                near.map(|place| values[first + place * step]).sum()
            };
            (0..values.len()).map(sum).collect()
        };
        let rows = (0..3).fold(values.clone(), |values, _| boxed(&values, 1, width));
        let plain = (0..3).fold(rows, |values, _| boxed(&values, width, height));
        assert!(got.iter().zip(plain).all(|(got, plain)| (got / plain - 1.0).abs() < 1e-12));
    }
}
