//! From the bytes of a file to an upright [`Photo`].
//!
//! The bytes are untrusted: sizes are checked before anything is allocated, every decoder runs inside `catch_unwind`,
//! and damaged files are refused rather than shown in part. A file's type is determined by its content, never by its
//! name.
//!
//! Cost: linear in pixels. An 8-bit colour photo needs memory for its pixels and the file; turning it by 90 degrees
//! temporarily needs the pixels twice, as do TIFF and opacity.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::{ImageError, LimitErrorKind};
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat};

use super::camera;
use super::coded::Coded;
use super::error::PhotoError;
use super::limits::Limits;
use super::pixels::{Parts, Photo};
use super::profile::{self, Interpretation};
use super::samples::{Chroma, Samples};
use super::{heic, jpeg, orientation};
use crate::ground::colour::ColourSpace;

/// Reads and decodes a file.
///
/// # Errors
///
/// [`PhotoError::InFile`] with the problem and the path.
pub fn read(path: &Path, limits: &Limits) -> Result<Photo, PhotoError> {
    read_bytes(path, limits)
        .and_then(|bytes| decode(&bytes, limits))
        .map_err(|problem| PhotoError::InFile { problem: Box::new(problem), path: path.to_owned() })
}

/// The bytes of a photo file, for storing them unchanged; nothing is decoded.
///
/// # Errors
///
/// A variant each for a missing file, a folder, a device or pipe, an empty and an oversized file.
pub(crate) fn read_bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, PhotoError> {
    let io_error = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => PhotoError::Missing,
        _ => PhotoError::Io(error),
    };
    let metadata = fs::metadata(path).map_err(io_error)?;
    if metadata.is_dir() {
        return Err(PhotoError::Folder);
    }
    // Opening a pipe would block forever.
    if !metadata.is_file() {
        return Err(PhotoError::NotAFile);
    }
    if metadata.len() > limits.max_file_bytes {
        return Err(limits.file_too_large());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // Reading one byte beyond the limit reveals a file that has grown in the meantime.
    let reader = File::open(path).map_err(io_error)?.take(limits.max_file_bytes.saturating_add(1));
    { reader }.read_to_end(&mut bytes).map_err(io_error)?;
    if bytes.is_empty() {
        return Err(PhotoError::Empty);
    }
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(limits.file_too_large());
    }
    Ok(bytes)
}

/// Decodes a JPEG, PNG, WebP or TIFF (and HEIC, where built in) into an upright photo.
///
/// From a file with several pictures the first is taken.
///
/// # Errors
///
/// [`PhotoError`]; a truncated or damaged photo is refused, never shown in part. Damaged colour profiles and EXIF data
/// are not errors: see [`Photo::warnings`].
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Photo, PhotoError> {
    if bytes.is_empty() {
        return Err(PhotoError::Empty);
    }
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(limits.file_too_large());
    }
    // Decoders "may panic on malicious input" (change log of `image`).
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_untrusted(bytes, limits)));
    decoded.unwrap_or_else(|_| Err(PhotoError::Damaged { detail: "the decoder failed unexpectedly".into() }))
}

fn decode_untrusted(bytes: &[u8], limits: &Limits) -> Result<Photo, PhotoError> {
    let coded = if heic::is_avif(bytes) {
        return Err(PhotoError::Unsupported { what: "an AVIF picture".into() });
    } else if heic::is_heic(bytes) {
        heic::decode(bytes, limits)?
    } else {
        match image::guess_format(bytes) {
            Ok(ImageFormat::Jpeg) => jpeg::decode(bytes, limits)?,
            Ok(format @ (ImageFormat::Png | ImageFormat::WebP | ImageFormat::Tiff)) => {
                decode_with_image(bytes, format, limits)?
            }
            _ => {
                return Err(unread_kind(bytes)
                    .map_or(PhotoError::NotAPhoto, |what| PhotoError::Unsupported { what: what.to_owned() }));
            }
        }
    };
    upright_photo(coded)
}

/// Kinds of photos that cannot be read, recognised by their first bytes.
fn unread_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 7] = [
        (b"II\x2b\0\x08\0", "a BigTIFF"),
        (b"MM\0\x2b\0\x08", "a BigTIFF"),
        (b"\xff\x0a", "a JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000"),
        (b"8BPS", "a Photoshop document"),
    ];
    KINDS.iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, what)| *what)
}

fn decode_with_image(bytes: &[u8], format: ImageFormat, limits: &Limits) -> Result<Coded, PhotoError> {
    let refused = |error: ImageError| refusal(error, limits);
    let input = Cursor::new(bytes);
    match format {
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(input, image_limits(limits)).map_err(refused)?;
            decode_pixels(decoder, bytes, format, limits)
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(input).map_err(refused)?;
            // The longest side there is, which the decoder takes for none.
            if decoder.dimensions().0 == 0 || decoder.dimensions().1 == 0 {
                return Err(PhotoError::Unsupported { what: "a WebP of 16384 pixels a side".into() });
            }
            decode_pixels(decoder, bytes, format, limits)
        }
        _ => decode_pixels(TiffDecoder::new(input).map_err(refused)?, bytes, format, limits),
    }
}

fn image_limits(limits: &Limits) -> image::Limits {
    let mut image_limits = image::Limits::no_limits();
    image_limits.max_alloc = Some(limits.max_decode_bytes);
    image_limits
}

fn decode_pixels(
    mut decoder: impl ImageDecoder,
    bytes: &[u8],
    format: ImageFormat,
    limits: &Limits,
) -> Result<Coded, PhotoError> {
    let refused = |error: ImageError| refusal(error, limits);
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    // Twice: TIFF is decoded into a separate buffer, and turning or separating opacity takes another one.
    limits.check_memory(decoder.total_bytes().saturating_mul(2))?;
    if matches!(decoder.original_color_type(), ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16) {
        return Err(PhotoError::Unsupported { what: "a TIFF in print colours (CMYK)".into() });
    }
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(PhotoError::Unsupported { what: "a floating-point TIFF".into() });
    }
    let facts = if format == ImageFormat::Tiff {
        let mut facts = camera::read_tiff(bytes);
        facts.orientation = decoder.orientation().ok().map(|orientation| u16::from(orientation.to_exif()));
        facts
    } else {
        // Unreadable EXIF data is no reason to refuse the photo.
        decoder.exif_metadata().ok().flatten().map(camera::read_block).unwrap_or_default()
    };
    if facts.camera_raw {
        return Err(PhotoError::Raw);
    }
    let icc_profile = decoder.icc_profile().ok().flatten();
    // Not earlier: the TIFF decoder would then limit a profile to the size of the picture.
    decoder.set_limits(image_limits(limits)).map_err(refused)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let (channels, samples) = match picture {
        DynamicImage::ImageLuma8(buffer) => (1, Samples::U8(buffer.into_raw())),
        DynamicImage::ImageLumaA8(buffer) => (2, Samples::U8(buffer.into_raw())),
        DynamicImage::ImageRgb8(buffer) => (3, Samples::U8(buffer.into_raw())),
        DynamicImage::ImageRgba8(buffer) => (4, Samples::U8(buffer.into_raw())),
        DynamicImage::ImageLuma16(buffer) => (1, Samples::U16(buffer.into_raw())),
        DynamicImage::ImageLumaA16(buffer) => (2, Samples::U16(buffer.into_raw())),
        DynamicImage::ImageRgb16(buffer) => (3, Samples::U16(buffer.into_raw())),
        DynamicImage::ImageRgba16(buffer) => (4, Samples::U16(buffer.into_raw())),
        _ => return Err(PhotoError::Unsupported { what: "a picture with an unusual sample format".into() }),
    };
    Ok(Coded { width, height, channels, samples, chroma: Chroma::Full, icc_profile, facts })
}

fn refusal(error: ImageError, limits: &Limits) -> PhotoError {
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => PhotoError::Incomplete,
        ImageError::Limits(error) if error.kind() == LimitErrorKind::InsufficientMemory => limits.too_much_memory(),
        ImageError::Unsupported(what) => PhotoError::Unsupported { what: format!("an unusual picture ({what})") },
        other => PhotoError::Damaged { detail: other.to_string() },
    }
}

fn upright_photo(coded: Coded) -> Result<Photo, PhotoError> {
    let Coded { width, height, channels, samples, chroma, icc_profile, facts } = coded;
    let turn = facts.orientation.unwrap_or(1);
    let (samples, alpha) = match channels {
        2 => split_opacity::<2, 1>(samples),
        4 => split_opacity::<4, 3>(samples),
        _ => (samples, None),
    };
    let alpha = alpha.map(|alpha| orientation::upright::<1>(alpha, width, height, turn));
    let grey = channels < 3;
    let mut samples = if grey {
        // Turned first, which takes a third of the memory.
        expand_grey(orientation::upright::<1>(samples, width, height, turn))
    } else {
        orientation::upright::<3>(samples, width, height, turn)
    };
    let mut warnings = Vec::new();
    let colour = match icc_profile.map(|icc_profile| profile::interpret(&icc_profile, grey)) {
        // The flag applies to colour only.
        None if facts.adobe_rgb && !grey => profile::adobe_rgb().unwrap_or_else(ColourSpace::srgb),
        None => ColourSpace::srgb(),
        Some(Ok(Interpretation::RawSamples(space))) => space,
        Some(Ok(Interpretation::Tables(tables))) => {
            warnings.extend(profile::convert_to_srgb(&tables, &mut samples).err().map(str::to_owned));
            ColourSpace::srgb()
        }
        Some(Err(warning)) => {
            warnings.push(warning.to_owned());
            ColourSpace::srgb()
        }
    };
    let (width, height) = if orientation::swaps_sides(turn) { (height, width) } else { (width, height) };
    let colour = Arc::new(colour);
    Photo::from_parts(Parts { width, height, samples, alpha, grey, chroma, colour, camera: facts.camera, warnings })
}

/// Separates the last of each pixel's `CHANNELS` sample values; the others are compacted in place.
fn split_opacity<const CHANNELS: usize, const COLOURS: usize>(samples: Samples) -> (Samples, Option<Samples>) {
    fn split<T: Copy, const CHANNELS: usize, const COLOURS: usize>(mut samples: Vec<T>) -> (Vec<T>, Vec<T>) {
        let alpha = samples.as_chunks::<CHANNELS>().0.iter().map(|pixel| pixel[COLOURS]).collect();
        let pixels = samples.len() / CHANNELS;
        for pixel in 0..pixels {
            samples.copy_within(pixel * CHANNELS..pixel * CHANNELS + COLOURS, pixel * COLOURS);
        }
        samples.truncate(pixels * COLOURS);
        samples.shrink_to_fit();
        (samples, alpha)
    }
    match samples {
        Samples::U8(samples) => {
            let (samples, alpha) = split::<u8, CHANNELS, COLOURS>(samples);
            (Samples::U8(samples), Some(Samples::U8(alpha)))
        }
        Samples::U16(samples) => {
            let (samples, alpha) = split::<u16, CHANNELS, COLOURS>(samples);
            (Samples::U16(samples), Some(Samples::U16(alpha)))
        }
    }
}

/// Expands grey to equal red, green and blue.
fn expand_grey(samples: Samples) -> Samples {
    match samples {
        Samples::U8(samples) => Samples::U8(samples.into_iter().flat_map(|sample| [sample; 3]).collect()),
        Samples::U16(samples) => Samples::U16(samples.into_iter().flat_map(|sample| [sample; 3]).collect()),
    }
}
