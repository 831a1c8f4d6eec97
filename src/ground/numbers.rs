//! Numbers and small functions that several layers need.

/// Days of a year, on average.
pub const DAYS_PER_YEAR: f64 = 365.25;

/// Smoothstep: 0 up to 0, 1 from 1 on, and level at both ends.
#[must_use]
pub(crate) fn smoothstep(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// [`smoothstep`] in single precision.
#[must_use]
pub(crate) fn smoothstep_f32(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Full width at half maximum of a profile that falls on both sides of 0 alike, and below half its maximum before
/// `end`.
pub(crate) fn full_width_at_half_maximum(profile: impl Fn(f64) -> f64, end: f64, halvings: u32) -> f64 {
    let half = 0.5 * profile(0.0);
    let (mut inside, mut outside) = (0.0, end);
    for _ in 0..halvings {
        let middle = 0.5 * (inside + outside);
        if profile(middle) > half { inside = middle } else { outside = middle }
    }
    inside + outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothstep_is_level_at_both_ends() {
        assert_eq!([-1.0, 0.0, 0.5, 1.0, 2.0].map(smoothstep), [0.0, 0.0, 0.5, 1.0, 1.0]);
        assert_eq!([-1.0, 0.0, 0.5, 1.0, 2.0].map(smoothstep_f32), [0.0, 0.0, 0.5, 1.0, 1.0]);
        assert!(smoothstep(1e-4) < 1e-7 && 1.0 - smoothstep(1.0 - 1e-4) < 1e-7);
    }

    #[test]
    fn a_gaussian_is_2_35_standard_deviations_wide() {
        let width = full_width_at_half_maximum(|x| libm::exp(-0.5 * x * x), 8.0, 50);
        assert!((width - 2.354_82).abs() < 1e-5, "{width}");
    }
}
