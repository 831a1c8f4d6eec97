//! HEIC, the format of iPhone photos: recognised always, decoded with the cargo feature `heic`.
//!
//! Ten-bit files are read with 8 bits: every output a studio hands out has 8, and half the memory matters on
//! 48-megapixel photos. The gain map of HDR photos is not applied: the base picture is what prints show.

use super::PhotoError;
use super::decode::{Coded, Limits};

/// True for the brands (ISO/IEC 23008-12) under which HEVC pictures come; AVIF is not one of them.
pub(super) fn is_heic(bytes: &[u8]) -> bool {
    let brands: [&[u8]; 8] = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| brands.contains(&brand))
}

#[cfg(not(feature = "heic"))]
pub(super) fn decode(_bytes: &[u8], _limits: &Limits) -> Result<Coded, PhotoError> {
    Err(PhotoError::Heic)
}

#[cfg(feature = "heic")]
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Coded, PhotoError> {
    use super::{Samples, camera};
    use heifer::heifer_isobmff::HeifFile;

    /// The decoder makes red, green, blue and opacity, and needs its own planes beside them.
    const WORKING_BYTES_PER_PX: u64 = 12;

    let damaged = |error: heifer::Error| match error {
        heifer::Error::Unsupported(what) => PhotoError::Unsupported { what: format!("an unusual HEIC photo ({what})") },
        other => PhotoError::Damaged { detail: other.to_string() },
    };
    let file = HeifFile::parse(bytes).map_err(|error| PhotoError::Damaged { detail: error.to_string() })?;
    let (width, height) = file
        .image_size(file.primary_id)
        .ok()
        .flatten()
        .ok_or_else(|| PhotoError::Damaged { detail: "its size is not stated".into() })?;
    limits.check_pixels(width, height)?;
    limits.check_memory(u64::from(width) * u64::from(height) * WORKING_BYTES_PER_PX)?;
    let metadata = heifer::read_metadata(bytes).map_err(damaged)?;
    let options = heifer::Options { max_pixels: limits.max_pixels, ..Default::default() };
    // With a profile the codes keep their values; without one the file's own colour description applies.
    let image = if metadata.icc_profile.is_some() {
        heifer::decode_rgba8(bytes, &options)
    } else {
        heifer::decode_srgb_rgba8(bytes, &options)
    }
    .map_err(damaged)?;
    let mut facts = metadata.exif.map(camera::read_block).unwrap_or_default();
    // The file's own rotation is applied by the decoder; EXIF's is informative (ISO/IEC 23008-12, A.2).
    facts.orientation = None;
    let mut codes = image.data;
    let channels = if image.has_alpha {
        4
    } else {
        super::decode::drop_fourth(&mut codes);
        3
    };
    Ok(Coded {
        width: image.width,
        height: image.height,
        channels,
        samples: Samples::U8(codes),
        icc_profile: metadata.icc_profile,
        facts,
    })
}
