//! Real spherical harmonics with their gradients, by recurrence on Cartesian coordinates.
//!
//! The polar axis is +y (up) and azimuth counts from +z (forward) towards +x (the subject's left), so that the cosine
//! terms are symmetric under x -> -x and the sine terms antisymmetric: a head consists mostly of the former. Cost:
//! about four multiplications per term.

use glam::DVec3;

/// Highest degree used. 36 terms describe a scanned scalp to 0.3 mm RMS.
pub(crate) const DEGREE: usize = 5;
/// Number of terms.
pub const TERMS: usize = (DEGREE + 1) * (DEGREE + 1);

/// Degree and order of term `index`; a negative order is the antisymmetric (sine) term.
#[must_use]
pub(crate) fn degree_and_order(index: usize) -> (usize, isize) {
    let degree = index.isqrt();
    (degree, index as isize - (degree * degree + degree) as isize)
}

/// Value and gradient of each term.
#[derive(Debug, Clone)]
pub struct Harmonics {
    /// Values, normalised to a mean square of one over the sphere.
    pub value: [f64; TERMS],
    /// Gradients of the extension that is constant along rays, at radius one: tangential to the sphere.
    pub gradient: [DVec3; TERMS],
}

/// Derivatives `d^m/dy^m P_l(y)` of the Legendre polynomials, `[l][m]`, one order beyond [`DEGREE`].
#[inline]
fn legendre_derivatives(y: f64) -> [[f64; DEGREE + 2]; DEGREE + 1] {
    let mut p = [[0.0; DEGREE + 2]; DEGREE + 1];
    p[0][0] = 1.0;
    p[1][0] = y;
    p[1][1] = 1.0;
    for l in 2..=DEGREE {
        let lf = l as f64;
        p[l][0] = ((2.0 * lf - 1.0) * y * p[l - 1][0] - (lf - 1.0) * p[l - 2][0]) / lf;
        // P'_l = P'_{l-2} + (2 l - 1) P_{l-1}, differentiated m - 1 times.
        for m in 1..=l {
            p[l][m] = p[l - 2][m] + (2.0 * lf - 1.0) * p[l - 1][m - 1];
        }
    }
    p
}

/// Factor that gives term (l, m) a mean square of one over the sphere.
const fn squared_norm(l: usize, m: usize) -> f64 {
    // (2 - [m = 0]) (2 l + 1) (l - m)! / (l + m)!
    let mut ratio = 1.0;
    let mut k = l - m + 1;
    while k <= l + m {
        ratio /= k as f64;
        k += 1;
    }
    (if m == 0 { 1.0 } else { 2.0 }) * (2 * l + 1) as f64 * ratio
}

/// Values only, for a unit vector.
#[must_use]
#[inline]
pub fn values(unit: DVec3) -> [f64; TERMS] {
    let p = legendre_derivatives(unit.y);
    let mut value = [0.0; TERMS];
    let (mut c, mut s) = (1.0, 0.0);
    for m in 0..=DEGREE {
        for l in m..=DEGREE {
            let n = NORM[l][m];
            let centre = l * l + l;
            value[centre + m] = n * p[l][m] * c;
            if m > 0 {
                value[centre - m] = n * p[l][m] * s;
            }
        }
        (c, s) = (c * unit.z - s * unit.x, s * unit.z + c * unit.x);
    }
    value
}

/// Values and gradients for a unit vector.
#[must_use]
#[inline]
pub fn harmonics(unit: DVec3) -> Harmonics {
    let p = legendre_derivatives(unit.y);
    let mut value = [0.0; TERMS];
    let mut gradient = [DVec3::ZERO; TERMS];
    // (z + i x)^m and (z + i x)^(m - 1)
    let (mut c, mut s) = (1.0, 0.0);
    let (mut c1, mut s1) = (0.0, 0.0);
    for m in 0..=DEGREE {
        let mf = m as f64;
        for l in m..=DEGREE {
            let n = NORM[l][m];
            let centre = l * l + l;
            let (a, b) = (n * p[l][m], n * p[l][m + 1]);
            value[centre + m] = a * c;
            gradient[centre + m] = tangential(unit, DVec3::new(-a * mf * s1, b * c, a * mf * c1));
            if m > 0 {
                value[centre - m] = a * s;
                gradient[centre - m] = tangential(unit, DVec3::new(a * mf * c1, b * s, a * mf * s1));
            }
        }
        (c1, s1) = (c, s);
        (c, s) = (c * unit.z - s * unit.x, s * unit.z + c * unit.x);
    }
    Harmonics { value, gradient }
}

fn tangential(unit: DVec3, v: DVec3) -> DVec3 {
    v - unit * unit.dot(v)
}

/// Normalisation by degree and order.
const NORM: [[f64; DEGREE + 1]; DEGREE + 1] = {
    let mut norm = [[0.0; DEGREE + 1]; DEGREE + 1];
    let mut l = 0;
    while l <= DEGREE {
        let mut m = 0;
        while m <= l {
            norm[l][m] = sqrt(squared_norm(l, m));
            m += 1;
        }
        l += 1;
    }
    norm
};

/// Square root at compile time (Newton; exact to the last bit or two, which only scales a coefficient).
const fn sqrt(x: f64) -> f64 {
    let mut root = if x > 1.0 { x } else { 1.0 };
    let mut i = 0;
    while i < 80 {
        root = 0.5 * (root + x / root);
        i += 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_directions() -> Vec<DVec3> {
        (0..400_u32)
            .map(|i| {
                // Fibonacci sphere
                let y = 1.0 - (f64::from(i) + 0.5) / 200.0;
                let (s, c) = libm::sincos(f64::from(i) * 2.399_963_229_728_653);
                let r = (1.0 - y * y).sqrt();
                DVec3::new(r * s, y, r * c)
            })
            .collect()
    }

    #[test]
    fn terms_are_orthonormal_over_the_sphere() {
        let n = 20_000;
        let mut gram = vec![[0.0; TERMS]; TERMS];
        for i in 0..n {
            let y = 1.0 - (f64::from(i) + 0.5) * 2.0 / f64::from(n);
            let (s, c) = libm::sincos(f64::from(i) * 2.399_963_229_728_653);
            let r = (1.0 - y * y).sqrt();
            let v = values(DVec3::new(r * s, y, r * c));
            for a in 0..TERMS {
                for b in 0..TERMS {
                    gram[a][b] += v[a] * v[b] / f64::from(n);
                }
            }
        }
        for (a, row) in gram.iter().enumerate() {
            for (b, &g) in row.iter().enumerate() {
                let expected = if a == b { 1.0 } else { 0.0 };
                assert!((g - expected).abs() < 2e-3, "{a} {b}: {g}");
            }
        }
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        let step = 1e-6;
        for u in some_directions() {
            let h = harmonics(u);
            assert_eq!(h.value, values(u));
            for axis in [DVec3::X, DVec3::Y, DVec3::Z] {
                let plus = values((u + axis * step).normalize());
                let minus = values((u - axis * step).normalize());
                for k in 0..TERMS {
                    let numeric = (plus[k] - minus[k]) / (2.0 * step);
                    assert!((numeric - h.gradient[k].dot(axis)).abs() < 1e-6, "term {k} at {u}");
                }
            }
        }
    }

    #[test]
    fn cosine_terms_mirror_and_sine_terms_change_sign() {
        for u in some_directions() {
            let here = values(u);
            let there = values(DVec3::new(-u.x, u.y, u.z));
            for k in 0..TERMS {
                let sign = if degree_and_order(k).1 < 0 { -1.0 } else { 1.0 };
                assert!((here[k] - sign * there[k]).abs() < 1e-12);
            }
        }
    }
}
