//! The common output of all decoders.

use super::camera::ExifFacts;
use super::samples::{Chroma, Samples};

/// A decoded file before it is turned upright and its profile is interpreted.
pub(super) struct Coded {
    /// Width as stored, in pixels.
    pub width: u32,
    /// Height as stored, in pixels.
    pub height: u32,
    /// 1 is grey, 2 grey and opacity, 3 colour, 4 colour and opacity.
    pub channels: usize,
    pub samples: Samples,
    pub chroma: Chroma,
    pub icc_profile: Option<Vec<u8>>,
    pub facts: ExifFacts,
}
