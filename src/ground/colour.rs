//! From a photo's stored sample values to linear light with sRGB primaries, and back.
//!
//! A [`ColourSpace`] defines the light that the sample values of one photo stand for: a transfer curve per channel and
//! a matrix to linear sRGB. Light may lie outside 0..1 there (a saturated Display P3 red has a negative green); it is
//! never clipped on the way, so a round trip is lossless.
//!
//! The functions here are exact and slow, with one power each; the tables for whole photos are in `samples.rs`.

use std::sync::Arc;

/// The transfer function from a stored sample value, as a fraction 0..=1 of full scale, to linear light.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferCurve {
    /// IEC 61966-2-1 (sRGB, and Display P3, which shares it).
    Srgb,
    /// Linear light at equally spaced sample values from 0 to 1, non-decreasing, at least two entries.
    Table(Arc<[f32]>),
}

impl TransferCurve {
    /// Linear light of a sample value given as a fraction of full scale; fractions outside 0..=1 are clamped.
    #[must_use]
    pub(crate) fn light_from_fraction(&self, fraction: f64) -> f64 {
        let fraction = fraction.clamp(0.0, 1.0);
        match self {
            Self::Srgb => srgb_light_from_fraction(fraction),
            Self::Table(lights) => {
                let last = lights.len().saturating_sub(1);
                let position = fraction * last as f64;
                let below = (position as usize).min(last);
                let light = |index: usize| lights.get(index).copied().map_or(0.0, f64::from);
                let (from, to) = (light(below), light((below + 1).min(last)));
                from + (to - from) * (position - below as f64)
            }
        }
    }
}

/// IEC 61966-2-1, decoding. The exponent is exactly 2.4.
#[must_use]
pub fn srgb_light_from_fraction(fraction: f64) -> f64 {
    if fraction <= 0.040_45 { fraction / 12.92 } else { libm::pow((fraction + 0.055) / 1.055, 2.4) }
}

/// IEC 61966-2-1, encoding. The exponent is exactly 1 / 2.4.
#[must_use]
pub fn srgb_fraction_from_light(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * libm::pow(light, 1.0 / 2.4) - 0.055 }
}

/// Weights of red, green and blue light in luminance, linear sRGB (IEC 61966-2-1).
pub const LUMINANCE: [f64; 3] = [0.2126, 0.7152, 0.0722];

/// Weights of red, green and blue sample values in the luma that cameras and JPEG files keep sharp (ITU-R BT.601).
pub const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// Sample values go roughly as this root of light: sRGB's curve, overall.
pub const ENCODING_GAMMA: f64 = 2.2;
/// [`LUMINANCE`] in single precision, for pixels.
pub(crate) const LUMINANCE_F32: [f32; 3] = [LUMINANCE[0] as f32, LUMINANCE[1] as f32, LUMINANCE[2] as f32];

/// [`luminance`] in double precision.
#[must_use]
pub fn luminance_f64([red, green, blue]: [f64; 3]) -> f64 {
    red * LUMINANCE[0] + green * LUMINANCE[1] + blue * LUMINANCE[2]
}

/// Luminance of linear sRGB.
#[inline(always)]
#[must_use]
pub fn luminance([red, green, blue]: [f32; 3]) -> f32 {
    red * LUMINANCE_F32[0] + green * LUMINANCE_F32[1] + blue * LUMINANCE_F32[2]
}

/// Colour space of a photo's sample values. Light can always be converted back to sample values: the matrix has an
/// inverse.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourSpace {
    curves: [TransferCurve; 3],
    matrices: Option<MatrixPair>,
    icc_profile: Option<Arc<[u8]>>,
}

impl ColourSpace {
    /// From the transfer curves of red, green and blue; the matrix from the photo's own linear RGB to linear sRGB, row
    /// major, `None` if that is the identity; and the ICC profile with which every output is tagged.
    ///
    /// # Errors
    /// [`SingularMatrix`] if the primaries are collinear, so that there is no inverse.
    pub fn new(
        curves: [TransferCurve; 3],
        linear_srgb_from_own: Option<[[f32; 3]; 3]>,
        icc_profile: Option<Arc<[u8]>>,
    ) -> Result<Self, SingularMatrix> {
        let pair = |linear_srgb_from_own: [[f32; 3]; 3]| {
            let own_from_linear_srgb = inverse(&linear_srgb_from_own).ok_or(SingularMatrix)?;
            Ok(MatrixPair { linear_srgb_from_own, own_from_linear_srgb })
        };
        Ok(Self { curves, matrices: linear_srgb_from_own.map(pair).transpose()?, icc_profile })
    }

    /// sRGB without an embedded profile.
    #[must_use]
    pub fn srgb() -> Self {
        Self {
            curves: [TransferCurve::Srgb, TransferCurve::Srgb, TransferCurve::Srgb],
            matrices: None,
            icc_profile: None,
        }
    }

    /// Transfer curves of red, green and blue.
    #[must_use]
    pub fn curves(&self) -> &[TransferCurve; 3] {
        &self.curves
    }

    /// The matrices between the photo's own linear RGB and linear sRGB; `None` if these are the same.
    #[must_use]
    pub fn matrices(&self) -> Option<&MatrixPair> {
        self.matrices.as_ref()
    }

    /// The ICC profile for outputs.
    #[must_use]
    pub fn icc_profile(&self) -> Option<&[u8]> {
        self.icc_profile.as_deref()
    }
}

/// A matrix to linear sRGB and its inverse, row major.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatrixPair {
    /// Linear sRGB from the photo's own linear RGB.
    pub linear_srgb_from_own: [[f32; 3]; 3],
    /// The photo's own linear RGB from linear sRGB.
    pub own_from_linear_srgb: [[f32; 3]; 3],
}

/// The matrix of a colour profile cannot be inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the photo's colour profile has a matrix that cannot be inverted; convert the photo to sRGB first")]
pub struct SingularMatrix;

/// `matrix * vector`.
#[inline]
#[must_use]
pub(crate) fn transform(matrix: &[[f32; 3]; 3], vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

/// The inverse by cofactors, in `f64` so that a round trip does not change 16-bit sample values.
fn inverse(matrix: &[[f32; 3]; 3]) -> Option<[[f32; 3]; 3]> {
    let m = matrix.map(|row| row.map(f64::from));
    let cofactor = |row: usize, column: usize| {
        let (r, s) = ((row + 1) % 3, (row + 2) % 3);
        let (c, d) = ((column + 1) % 3, (column + 2) % 3);
        m[r][c] * m[s][d] - m[r][d] * m[s][c]
    };
    let determinant = m[0][0] * cofactor(0, 0) + m[0][1] * cofactor(0, 1) + m[0][2] * cofactor(0, 2);
    // Profiles of real devices have determinants of about 0.1 to 1; NaN must be rejected as well.
    if !determinant.is_finite() || determinant.abs() < 1e-6 {
        return None;
    }
    Some(std::array::from_fn(|row| std::array::from_fn(|column| (cofactor(column, row) / determinant) as f32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_survives_a_round_trip() {
        for sample in 0..=65_535_u32 {
            let fraction = f64::from(sample) / 65_535.0;
            let back = srgb_fraction_from_light(srgb_light_from_fraction(fraction));
            assert!((back - fraction).abs() < 1e-7, "{fraction} came back as {back}");
        }
    }

    #[test]
    fn a_table_is_interpolated_between_its_ends() {
        let curve = TransferCurve::Table(vec![0.0, 0.25, 1.0].into());
        for (fraction, light) in [(-1.0, 0.0), (0.0, 0.0), (0.25, 0.125), (0.75, 0.625), (1.0, 1.0), (2.0, 1.0)] {
            assert!((curve.light_from_fraction(fraction) - light).abs() < 1e-12, "at {fraction}");
        }
    }

    #[test]
    fn matrices_are_inverse_to_each_other_and_a_singular_one_is_refused() {
        let p3 = [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]];
        let of = |matrix| ColourSpace::new(ColourSpace::srgb().curves, matrix, None);
        let space = of(Some(p3)).unwrap();
        let pair = space.matrices().unwrap();
        let light = [0.9, 0.01, 0.3];
        let back = transform(&pair.own_from_linear_srgb, transform(&pair.linear_srgb_from_own, light));
        for (a, b) in light.iter().zip(back) {
            assert!((a - b).abs() < 1e-6);
        }
        assert_eq!(of(Some([[1.0; 3]; 3])), Err(SingularMatrix));
        assert_eq!(of(None), Ok(ColourSpace::srgb()));
    }
}
