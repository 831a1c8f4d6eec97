//! Photos: decoded upright with their colour space and camera data, and written back.
//!
//! [`read`] or [`decode()`] gives a [`Photo`], [`encode()`] the bytes of a file;
//! [`write_new`](crate::ground::files::write_new) puts them on the disk. Codes that nobody changes come back as they
//! were in every lossless format of the same depth, with the same profile.

mod camera;
mod decode;
mod encode;
mod error;
mod heic;
mod jpeg;
mod orientation;
mod profile;
mod turn;

use std::sync::Arc;

pub use camera::is_own_picture;
pub use decode::{Limits, decode, read, read_bytes};
pub use encode::{Chroma, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, encode};
pub use error::PhotoError;
pub use turn::Turn;

use crate::ground::colour::ColourSpace;

/// Endings of files that may be photos, without the dot.
pub const EXTENSIONS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif"];

/// Pixel codes, interleaved, row by row from the top left of the upright photo.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// 8 bits a channel.
    U8(Vec<u8>),
    /// 16 bits a channel.
    U16(Vec<u16>),
}

/// What the camera wrote into the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CameraData {
    /// Focal length as the 35 mm equivalent (by the diagonal, 43.27 mm), in mm.
    pub focal_length_35mm: Option<f64>,
    /// Focal length of the lens, in mm.
    pub focal_length_mm: Option<f64>,
    /// Maker of the camera.
    pub make: Option<String>,
    /// Model of the camera.
    pub model: Option<String>,
    /// When the photo was taken, as EXIF writes it: `YYYY:MM:DD HH:MM:SS`.
    pub taken: Option<String>,
}

/// A decoded photo: upright, with the codes it was stored with and what they mean.
///
/// The codes are kept instead of linear light, so that a pixel without pigment is written back bit for bit and
/// 12 megapixels need 36 MB, not 144; [`ColourSpace`] gives the light.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// Red, green, blue codes.
    pub samples: Samples,
    /// Opacity codes in the depth of `samples`, one a pixel, where the file has them.
    pub alpha: Option<Samples>,
    /// True where the file held grey only (red, green and blue are equal and must stay so).
    pub grey: bool,
    /// What the codes mean.
    pub colour: Arc<ColourSpace>,
    /// What the camera wrote.
    pub camera: CameraData,
    /// What was ignored while decoding, each in one sentence to show the user; empty for almost every photo.
    pub warnings: Vec<String>,
}

impl Photo {
    /// A picture of our own making: 8 bits, sRGB, no opacity; red, green, blue codes row by row from the top left.
    #[must_use]
    pub fn from_srgb(width: u32, height: u32, codes: Vec<u8>) -> Self {
        Self {
            width,
            height,
            samples: Samples::U8(codes),
            alpha: None,
            grey: false,
            colour: Arc::new(ColourSpace::srgb()),
            camera: CameraData::default(),
            warnings: Vec::new(),
        }
    }
}
