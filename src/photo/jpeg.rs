//! Reading JPEG: strict where damage would show, lenient where it would not.
//!
//! `image` runs its JPEG decoder in a lenient mode that fills missing parts with grey and reports success: a
//! half-copied photo would look like a client with a grey chin. Here the headers are read leniently (stray bytes
//! between segments do no harm) and the picture itself strictly, and the end-of-image marker must be present. Anything
//! after that marker is ignored: motion photos append a video, HDR photos a gain map.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::{JpegDecoder, SampleRatios};

use super::camera;
use super::coded::Coded;
use super::error::PhotoError;
use super::limits::Limits;
use super::samples::{Chroma, Samples};

/// Memory for decoding, as a multiple of the pixels' bytes: the pixels, and for progressive files the coefficients (16
/// bits each).
const WORKING_FACTOR: u64 = 3;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Coded, PhotoError> {
    if let Some(what) = unread_kind(bytes) {
        return Err(PhotoError::Unsupported { what: what.to_owned() });
    }
    let lenient = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), lenient);
    decoder.decode_headers().map_err(|error| refusal(error, bytes))?;
    let info = decoder.info().ok_or(PhotoError::Incomplete)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check_pixels(width, height)?;
    let (space, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (ColorSpace::RGB, 3),
        _ => {
            return Err(PhotoError::Unsupported {
                what: "a JPEG in print colours (CMYK), which depend on the press".into(),
            });
        }
    };
    let pixel_bytes = u64::from(width) * u64::from(height) * channels;
    limits.check_memory(pixel_bytes.saturating_mul(WORKING_FACTOR))?;
    if !reaches_end_of_image(bytes) {
        return Err(PhotoError::Incomplete);
    }
    let chroma = if info.sample_ratio == SampleRatios::HV { Chroma::Half } else { Chroma::Full };
    let icc_profile = decoder.icc_profile();
    let facts = decoder.exif().cloned().map(camera::read_block).unwrap_or_default();

    decoder.set_options(decoder.options().set_strict_mode(true).jpeg_set_out_colorspace(space));
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(PhotoError::Incomplete)?];
    decoder.decode_into(&mut samples).map_err(|error| refusal(error, bytes))?;
    let samples = Samples::U8(samples);
    Ok(Coded { width, height, channels: channels as usize, samples, chroma, icc_profile, facts })
}

fn refusal(error: DecodeErrors, bytes: &[u8]) -> PhotoError {
    match error {
        DecodeErrors::Unsupported(_) => PhotoError::Unsupported { what: "an unusual kind of JPEG".to_owned() },
        // A truncated file causes all kinds of errors; truncation is the one that the user can do something about.
        _ if !reaches_end_of_image(bytes) => PhotoError::Incomplete,
        other => PhotoError::Damaged { detail: damage(&other).to_owned() },
    }
}

/// What the decoder found, which it words for programmers.
fn damage(error: &DecodeErrors) -> &'static str {
    match error {
        DecodeErrors::HuffmanDecode(_) | DecodeErrors::MCUError(_) => "the data of its pixels contradict each other",
        DecodeErrors::DqtError(_) | DecodeErrors::SosError(_) | DecodeErrors::SofError(_) => {
            "the description of its pixels contradicts itself"
        }
        DecodeErrors::ZeroError => "it has no pixels",
        DecodeErrors::LargeDimensions(_) => "it says that it is larger than a JPEG can be",
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => "a part of it is missing",
        _ => "its data contradict each other",
    }
}

/// The segments of the file (ITU-T T.81, B.1.1): each marker with its payload, including its length field if it has
/// one.
///
/// Searching for the bytes of a marker alone would find those of the thumbnail inside the EXIF segment.
pub(super) struct Segments<'a>(&'a [u8]);

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.0.iter().position(|byte| *byte == 0xff)?;
            let rest = &self.0[start + 1..];
            let (next, segment): (&[u8], &[u8]) = match *rest {
                // A data byte 0xff, and markers without a length: restarts and start of image.
                [0x00 | 0x01 | 0xd0..=0xd8, ..] => (&rest[1..], &[]),
                [0xff, ..] => (rest, &[]),
                [END_OF_IMAGE, ..] => (&rest[1..], rest),
                [_, high, low, ..] => {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    (rest.get(1 + length..).unwrap_or_default(), rest)
                }
                _ => return None,
            };
            self.0 = next;
            if let [marker, segment @ ..] = segment {
                return Some((*marker, segment));
            }
        }
    }
}

pub(super) fn segments(bytes: &[u8]) -> Segments<'_> {
    Segments(bytes.get(2..).unwrap_or_default())
}

const END_OF_IMAGE: u8 = 0xd9;

fn reaches_end_of_image(bytes: &[u8]) -> bool {
    segments(bytes).any(|(marker, _)| marker == END_OF_IMAGE)
}

/// The kind of a valid JPEG that the decoder cannot read, by its frame marker (ITU-T T.81, table B.1).
fn unread_kind(bytes: &[u8]) -> Option<&'static str> {
    // Frame markers: all from 0xc0 to 0xcf except those of Huffman tables, arithmetic conditioning and a reserved one;
    // and JPEG-LS.
    let is_frame = |marker: u8| matches!(marker, 0xc0..=0xcf | 0xf7) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
    let (marker, segment) = segments(bytes).find(|(marker, _)| is_frame(*marker) || *marker == END_OF_IMAGE)?;
    match (marker, segment.get(2)) {
        (0xc3 | 0xf7, _) => Some("a lossless JPEG"),
        (0xc9..=0xcb | 0xcd..=0xcf, _) => Some("a JPEG with arithmetic coding"),
        (0xc5..=0xc7, _) => Some("a hierarchical JPEG"),
        (0xc0..=0xc2, Some(12)) => Some("a 12-bit JPEG"),
        _ => None,
    }
}
