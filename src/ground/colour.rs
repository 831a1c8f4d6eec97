//! From a photo's stored codes to linear light with sRGB primaries, and back.
//!
//! A [`ColourSpace`] describes how the codes of one photo mean light: a transfer curve per channel and a matrix
//! to linear sRGB. Light may lie outside 0..1 there (a saturated Display P3 red has a negative green); it is
//! never clipped on the way, so going there and back is lossless.

use std::sync::Arc;

/// How a stored code, as a fraction 0..=1 of full scale, becomes linear light.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferCurve {
    /// IEC 61966-2-1 (sRGB, and Display P3, which shares it).
    Srgb,
    /// Linear light at equally spaced codes from 0 to 1, non-decreasing, at least two entries.
    Table(Arc<[f32]>),
}

/// What a photo's codes mean.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourSpace {
    /// Transfer curves of red, green and blue.
    pub curves: [TransferCurve; 3],
    /// Linear sRGB from the photo's own linear RGB, row major; `None` where that is the identity.
    pub linear_srgb_from_own: Option<[[f32; 3]; 3]>,
    /// The embedded ICC profile, byte for byte, to be written to every output.
    pub icc_profile: Option<Arc<[u8]>>,
}

impl ColourSpace {
    /// sRGB without an embedded profile.
    #[must_use]
    pub fn srgb() -> Self {
        Self {
            curves: [TransferCurve::Srgb, TransferCurve::Srgb, TransferCurve::Srgb],
            linear_srgb_from_own: None,
            icc_profile: None,
        }
    }
}
