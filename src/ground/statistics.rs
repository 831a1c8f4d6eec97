//! Order statistics: medians, quantiles, and the spread they say.
//!
//! Between two ranks there are several definitions, which differ by up to one rank. Each estimate is calibrated with
//! the one that it uses.

use std::cmp::Ordering;

/// Ratio of a normal distribution's standard deviation to its median absolute deviation.
pub(crate) const SIGMA_BY_MEDIAN_DEVIATION: f64 = 1.4826;

/// Numbers with a total order.
pub(crate) trait Number: Copy {
    fn order(&self, other: &Self) -> Ordering;
}

impl Number for f32 {
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl Number for f64 {
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

/// Median, with an even number of values the upper of the two in the middle; `None` if there are no values.
pub(crate) fn median<T: Number>(values: impl IntoIterator<Item = T>) -> Option<T> {
    upper_quantile(values, 0.5)
}

/// The value of rank `share * n` of `n` sorted ones, counted from 0 and rounded down; `None` if there are none.
pub(crate) fn upper_quantile<T: Number>(values: impl IntoIterator<Item = T>, share: f64) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    nth(&mut values, |count| (share * count as f64) as usize)
}

/// The value of rank `share * (n - 1)` of `n` sorted ones, counted from 0 and rounded down; `None` if there are none.
pub(crate) fn lower_quantile<T: Number>(values: &[T], share: f64) -> Option<T> {
    nth(&mut values.to_vec(), |count| (share * (count - 1) as f64) as usize)
}

/// The value of a rank that depends on the number of values, which is not 0, or the last one; reorders the values.
fn nth<T: Number>(values: &mut [T], rank: impl Fn(usize) -> usize) -> Option<T> {
    let last = values.len().checked_sub(1)?;
    Some(*values.select_nth_unstable_by(rank(last + 1).min(last), T::order).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_differ_between_two_ranks_only() {
        let (odd, even) = ([3.0, 1.0, 2.0], [4.0, 1.0, 3.0, 2.0]);
        assert_eq!((median(odd), lower_quantile(&odd, 0.5)), (Some(2.0), Some(2.0)));
        assert_eq!((median(even), lower_quantile(&even, 0.5)), (Some(3.0), Some(2.0)));
        assert_eq!((upper_quantile(even, 0.75), lower_quantile(&even, 0.75)), (Some(4.0), Some(3.0)));
        assert_eq!((upper_quantile(even, 1.0), lower_quantile(&even, 1.0)), (Some(4.0), Some(4.0)));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!((median::<f64>([]), lower_quantile::<f32>(&[], 0.5)), (None, None));
    }
}
