//! Photos: decoded upright with their colour space and camera data, and written back.
//!
//! [`read`] or [`decode()`] gives a [`Photo`], [`encode()`] the bytes of a file;
//! [`write_new`](crate::ground::files::write_new) puts them on the disk. Sample values that nothing has changed are
//! preserved exactly in every lossless format of the same depth, with a profile of the same colours. [`Reader`] gives
//! the linear light of pixels, and a [`Pyramid`](pyramid::Pyramid) the photo at every size at which a screen shows it.

mod arrange;
mod camera;
mod clean_profile;
mod coded;
mod decode;
mod encode;
mod error;
mod heic;
mod jpeg;
mod jpeg_strips;
mod limits;
mod orientation;
mod pixels;
mod profile;
pub mod pyramid;
mod reader;
mod rect;
mod region;
mod samples;
mod turn;

pub use camera::{CameraData, is_own_picture};
pub(crate) use decode::read_bytes;
pub use decode::{decode, read};
pub use encode::{DEFAULT_JPEG_QUALITY, EncodeOptions, Format, encode};
pub use error::PhotoError;
pub use limits::Limits;
pub use pixels::{Parts, Photo};
pub use reader::Reader;
pub use rect::PixelRect;
pub use region::Region;
pub use samples::{Chroma, Samples, SamplesMut};
pub use turn::Turn;

/// File name extensions of possible photos, without the dot.
pub(crate) const EXTENSIONS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif"];
