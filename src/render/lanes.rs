//! Arithmetic on a few numbers at a time, written so that the compiler vectorises it.
//!
//! Loops have a fixed length, work on arrays by value and contain neither branches nor calls. All of it is plain IEEE
//! arithmetic without fused operations: the bits are the same however wide the registers are.

use pulp::Simd;

/// Pixels of a row, or rows of a dot, that are processed together. Shares are padded to whole lanes.
pub const LANES: usize = 8;
/// Coefficients of the polynomial in [`half_mass`], by power, from the first power on.
pub const HALF_MASS: [f32; 6] =
    [0.049_867_347, 0.021_141_006, 0.003_277_626_3, 0.000_038_003_6, 0.000_048_890_6, 0.000_005_383];

/// The normal distribution function minus one half, to 1e-6: an odd function.
///
/// Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.2.19 (error below 1.5e-7), which needs no
/// exponential and no branch. Only for |t| below 20, where the sixteenth power does not overflow.
#[inline(always)]
pub fn half_mass(t: f32) -> f32 {
    let a = t.abs();
    let [c1, c2, c3, c4, c5, c6] = HALF_MASS;
    let p = 1.0 + a * (c1 + a * (c2 + a * (c3 + a * (c4 + a * (c5 + a * c6)))));
    let p2 = p * p;
    let p4 = p2 * p2;
    let p8 = p4 * p4;
    (0.5 - 0.5 / (p8 * p8)).copysign(t)
}

/// [`half_mass`] of a whole vector, with explicit vector operations, since the compiler does not vectorise it by
/// itself.
///
/// No closures: they would not use the wider registers.
#[inline(always)]
pub fn half_masses<S: Simd>(simd: S, t: [f32; LANES]) -> [f32; LANES] {
    const { assert!(LANES.is_multiple_of(S::F32_LANES)) };
    let mut masses = t;
    for t in S::as_mut_simd_f32s(&mut masses).0 {
        let a = simd.abs_f32s(*t);
        let [c1, c2, c3, c4, c5, c6] = HALF_MASS;
        let mut p = simd.splat_f32s(c6);
        for coefficient in [c5, c4, c3, c2, c1, 1.0] {
            p = simd.add_f32s(simd.splat_f32s(coefficient), simd.mul_f32s(a, p));
        }
        for _ in 0..4 {
            p = simd.mul_f32s(p, p);
        }
        let half = simd.splat_f32s(0.5);
        let mass = simd.sub_f32s(half, simd.div_f32s(half, p));
        // The mass is not negative, so only the sign bit has to be set.
        let sign = simd.and_f32s(*t, simd.splat_f32s(-0.0));
        *t = simd.or_f32s(mass, sign);
    }
    masses
}

/// `f32::clamp` without its assertion, which would keep loops from being vectorised.
#[inline(always)]
pub fn within(value: f32, limit: f32) -> f32 {
    let value = if value < -limit { -limit } else { value };
    if value > limit { limit } else { value }
}

/// `(high - low) * scale`.
#[inline(always)]
#[must_use]
pub fn scaled_difference(low: [f32; LANES], high: [f32; LANES], scale: f32) -> [f32; LANES] {
    let mut shares = [0.0; LANES];
    for lane in 0..LANES {
        shares[lane] = (high[lane] - low[lane]) * scale;
    }
    shares
}

/// Each lane takes the value of its right neighbour, the last takes `last`.
#[inline(always)]
#[must_use]
pub fn shifted(values: [f32; LANES], last: f32) -> [f32; LANES] {
    let [_, a, b, c, d, e, f, g] = values;
    [a, b, c, d, e, f, g, last]
}

/// The largest integer that is not larger; `f32::floor` is a function call on older processors.
#[inline(always)]
pub fn floor(value: f32) -> i32 {
    let cut = value as i32;
    cut - i32::from(cut as f32 > value)
}

/// The smallest integer that is not smaller.
#[inline(always)]
pub fn ceil(value: f32) -> i32 {
    let cut = value as i32;
    cut + i32::from((cut as f32) < value)
}

/// [`floor`] of a whole vector.
#[inline(always)]
#[must_use]
pub fn floors(values: [f32; LANES]) -> [i32; LANES] {
    let mut floors = [0; LANES];
    for lane in 0..LANES {
        floors[lane] = floor(values[lane]);
    }
    floors
}

/// [`ceil`] of a whole vector.
#[inline(always)]
#[must_use]
pub fn ceils(values: [f32; LANES]) -> [i32; LANES] {
    let mut ceils = [0; LANES];
    for lane in 0..LANES {
        ceils[lane] = ceil(values[lane]);
    }
    ceils
}
