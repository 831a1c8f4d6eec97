//! Writing JPEG: a picture is cut into strips, which are encoded in parallel and joined by restart markers.
//!
//! A restart marker (ITU-T T.81, E.1.4) ends what depends on the strip before, so strips encoded by themselves are
//! parts of one picture: with the same tables, decoders read the same pixels as from a picture encoded in one piece.
//! Strips depend on the size of the picture alone, so any number of threads gives the same bytes.

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, EncodingError, SamplingFactor};
use rayon::prelude::*;

use super::jpeg::segments;
use super::samples::Chroma;

/// Pixels of a strip, about.
const STRIP_PX: usize = 1 << 20;
/// Markers (ITU-T T.81, table B.1): start of frame (baseline), start of scan, end of image, and the first of the eight
/// restart markers, which follow each other in turn.
const START_OF_FRAME: u8 = 0xc0;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
const FIRST_RESTART: u8 = 0xd0;

/// A picture of 8 bits to be encoded.
pub(super) struct RawPicture<'a> {
    /// One sample value per pixel for grey, otherwise red, green and blue.
    pub samples: &'a [u8],
    pub width: u16,
    pub height: u16,
    pub grey: bool,
    pub chroma: Chroma,
    /// EXIF data.
    pub exif: Option<&'a [u8]>,
    pub icc_profile: Option<&'a [u8]>,
}

/// Encodes a picture.
pub(super) fn encode(picture: &RawPicture<'_>, quality: u8) -> Result<Vec<u8>, EncodingError> {
    let cut = Cut::of(picture);
    let strips = picture.samples.par_chunks(cut.bytes.max(1)).enumerate();
    let strips: Vec<Vec<u8>> =
        strips.map(|(index, strip)| encode_strip(picture, quality, &cut, index, strip)).collect::<Result<_, _>>()?;
    joined(strips, picture.height)
        .ok_or_else(|| EncodingError::Write("the strips of the picture do not fit together".into()))
}

/// How a picture is cut.
struct Cut {
    /// Size of a strip, sample values.
    bytes: usize,
    /// Sample values of a row.
    row_bytes: usize,
    /// Blocks in a strip: an interval between restarts.
    blocks: u16,
}

impl Cut {
    fn of(picture: &RawPicture<'_>) -> Self {
        let width = usize::from(picture.width).max(1);
        let block_px = match picture.chroma {
            Chroma::Half if !picture.grey => 16,
            _ => 8,
        };
        let blocks_per_row = width.div_ceil(block_px);
        let most_rows = usize::from(u16::MAX) / blocks_per_row;
        let rows = (STRIP_PX / (width * block_px)).clamp(1, most_rows.max(1));
        let row_bytes = width * if picture.grey { 1 } else { 3 };
        Self { bytes: rows * block_px * row_bytes, row_bytes, blocks: (rows * blocks_per_row) as u16 }
    }
}

/// Encodes a strip as a picture of its own; only the first has a description.
fn encode_strip(
    picture: &RawPicture<'_>,
    quality: u8,
    cut: &Cut,
    index: usize,
    strip: &[u8],
) -> Result<Vec<u8>, EncodingError> {
    // A photo of a scalp at quality 92 takes 2 to 4 bits per pixel; a growing buffer would be copied.
    let mut file = Vec::with_capacity(strip.len() / 9);
    let mut encoder = Encoder::new(&mut file, quality.clamp(1, 100));
    encoder.set_sampling_factor(match picture.chroma {
        Chroma::Full => SamplingFactor::R_4_4_4,
        Chroma::Half => SamplingFactor::R_4_2_0,
    });
    // Not the colour of every fourth pixel, which is the default.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if cut.bytes < picture.samples.len() {
        encoder.set_restart_interval(cut.blocks);
    }
    if index == 0 {
        picture.exif.map_or(Ok(()), |exif| encoder.add_exif_metadata(exif))?;
        picture.icc_profile.map_or(Ok(()), |icc_profile| encoder.add_icc_profile(icc_profile))?;
    }
    let colour = if picture.grey { ColorType::Luma } else { ColorType::Rgb };
    // No larger than the picture, whose sides are 16-bit numbers.
    encoder.encode(strip, picture.width, (strip.len() / cut.row_bytes) as u16, colour)?;
    Ok(file)
}

/// One picture of this height from its strips; `None` if one of them is no picture.
fn joined(strips: Vec<Vec<u8>>, height: u16) -> Option<Vec<u8>> {
    let length: usize = strips.iter().map(Vec::len).sum();
    let mut strips = strips.into_iter();
    let mut file = strips.next()?;
    // Precision, then the height.
    let frame = payload(&file, START_OF_FRAME)?;
    file.get_mut(frame + 1..frame + 3)?.copy_from_slice(&height.to_be_bytes());
    file.reserve_exact(length - file.len());
    for (strip, restart) in strips.zip((0..8).cycle()) {
        file.truncate(file.len().checked_sub(END_OF_IMAGE.len())?);
        file.extend([0xff, FIRST_RESTART + restart]);
        let description = payload(&strip, START_OF_SCAN)? - 2;
        let length = u16::from_be_bytes([*strip.get(description)?, *strip.get(description + 1)?]);
        file.extend_from_slice(strip.get(description + usize::from(length)..)?);
    }
    Some(file)
}

/// Where the payload of the first segment with this marker begins, after its length.
fn payload(file: &[u8], marker: u8) -> Option<usize> {
    let (_, segment) = segments(file).find(|(of, _)| *of == marker)?;
    Some(file.len() - segment.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::super::jpeg::decode;
    use super::super::limits::Limits;
    use super::*;

    /// Sample values without a pattern.
    fn noise(count: usize) -> Vec<u8> {
        (0..count).map(|index| (index * 7919 % 1009 * 97 % 251) as u8).collect()
    }

    #[test]
    fn strips_show_the_same_pixels_as_one_piece() {
        // Not whole blocks; more than eight strips, after which the restart markers begin again.
        for (width, height, grey, chroma) in
            [(1003, 9417, false, Chroma::Half), (5001, 437, false, Chroma::Full), (1500, 1501, true, Chroma::Half)]
        {
            let samples = noise(usize::from(width) * usize::from(height) * if grey { 1 } else { 3 });
            let picture = RawPicture { samples: &samples, width, height, grey, chroma, exif: None, icc_profile: None };
            let strips = encode(&picture, 92).unwrap();
            let cut = Cut { bytes: samples.len(), ..Cut::of(&picture) };
            let whole = encode_strip(&picture, 92, &cut, 0, &samples).unwrap();
            assert_ne!(strips, whole, "{width} x {height}: only one strip");
            let [strips, whole] = [strips, whole].map(|file| decode(&file, &Limits::default()).unwrap());
            assert!(strips.samples == whole.samples, "{width} x {height}");
            assert_eq!([strips.width, strips.height], [u32::from(width), u32::from(height)]);
        }
    }

    #[test]
    fn a_small_picture_is_one_piece_without_restarts() {
        let samples = noise(640 * 480 * 3);
        let (chroma, exif, icc_profile) = (Chroma::Full, None, None);
        let picture = RawPicture { samples: &samples, width: 640, height: 480, grey: false, chroma, exif, icc_profile };
        let file = encode(&picture, 92).unwrap();
        assert!(segments(&file).all(|(marker, _)| marker != 0xdd), "no restart interval is defined");
    }
}
