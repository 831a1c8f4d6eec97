//! HEIC, the format of iPhone photos: always recognised, but decoded only with the cargo feature `heic`.
//!
//! Ten-bit files are reduced to 8 bits: every output a studio hands out has 8, and half the memory matters for
//! 48-megapixel photos. The gain map of HDR photos is ignored: the base picture is what prints show.

use super::coded::Coded;
use super::error::PhotoError;
use super::limits::Limits;

/// True for the brands of HEVC pictures (ISO/IEC 23008-12), which AVIF is not among.
pub(super) fn is_heic(bytes: &[u8]) -> bool {
    let brands: [&[u8]; 8] = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| brands.contains(&brand))
}

/// True if the file declares itself AVIF, even as one brand among others (ISO/IEC 14496-12, 4.3).
pub(super) fn is_avif(bytes: &[u8]) -> bool {
    let size = bytes.first_chunk().map_or(0, |size| u32::from_be_bytes(*size) as usize);
    let brands = bytes.get(8..size.min(bytes.len())).unwrap_or_default();
    bytes.get(4..8) == Some(b"ftyp") && brands.as_chunks::<4>().0.iter().any(|brand| matches!(brand, b"avif" | b"avis"))
}

#[cfg(not(feature = "heic"))]
pub(super) fn decode(_bytes: &[u8], _limits: &Limits) -> Result<Coded, PhotoError> {
    Err(PhotoError::Heic)
}

#[cfg(feature = "heic")]
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Coded, PhotoError> {
    use super::camera;
    use super::samples::{Chroma, Samples};
    use heifer::heifer_isobmff::HeifFile;

    /// The decoder outputs red, green, blue and opacity, and needs its own planes as well.
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
    // With a profile, sample values stay as they are; without one, the file's own description of its colour applies.
    let colour = if metadata.icc_profile.is_some() { Colour::AsCoded } else { colour(&file) };
    let (image, icc_profile) = match colour {
        Colour::AsCoded => (heifer::decode_rgba8(bytes, &options), metadata.icc_profile),
        Colour::DisplayP3 => {
            (heifer::decode_rgba8(bytes, &options), moxcms::ColorProfile::new_display_p3().encode().ok())
        }
        Colour::Other => (heifer::decode_srgb_rgba8(bytes, &options), None),
    };
    let image = image.map_err(damaged)?;
    let mut facts = metadata.exif.map(camera::read_block).unwrap_or_default();
    // The decoder applies the file's own rotation; EXIF's is informative only (ISO/IEC 23008-12, A.2).
    facts.orientation = None;
    let mut samples = image.data;
    let channels = if image.has_alpha {
        4
    } else {
        drop_fourth(&mut samples);
        3
    };
    // As cameras write it.
    let (samples, chroma) = (Samples::U8(samples), Chroma::Half);
    Ok(Coded { width: image.width, height: image.height, channels, samples, chroma, icc_profile, facts })
}

/// Removes the opacity from red, green, blue, opacity.
#[cfg(feature = "heic")]
fn drop_fourth(samples: &mut Vec<u8>) {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        samples.copy_within(pixel * 4..pixel * 4 + 3, pixel * 3);
    }
    samples.truncate(pixels * 3);
    samples.shrink_to_fit();
}

/// Colour space of a file without a profile.
#[cfg(feature = "heic")]
enum Colour {
    /// sRGB.
    AsCoded,
    /// Display P3.
    DisplayP3,
    /// Must be converted, if possible.
    Other,
}

/// Reads the description of colour, code points of ITU-T H.273. Video transfer functions are treated as sRGB, as every
/// photo viewer does: cameras declare them without applying them.
#[cfg(feature = "heic")]
fn colour(file: &heifer::heifer_isobmff::HeifFile) -> Colour {
    const UNSPECIFIED: u16 = 2;
    let (primaries, transfer) = described(file).unwrap_or((UNSPECIFIED, UNSPECIFIED));
    match (primaries, transfer) {
        // Primaries: BT.709, both BT.601, unspecified. Transfer functions: theirs, those of BT.2020, sRGB.
        (1 | UNSPECIFIED | 5 | 6, 1 | UNSPECIFIED | 6 | 13 | 14 | 15) => Colour::AsCoded,
        (12, 1 | UNSPECIFIED | 6 | 13 | 14 | 15) => Colour::DisplayP3,
        _ => Colour::Other,
    }
}

/// Primaries and transfer function of the picture, or of the first of its tiles: as stated by the container, otherwise
/// by the coded picture.
#[cfg(feature = "heic")]
fn described(file: &heifer::heifer_isobmff::HeifFile) -> Option<(u16, u16)> {
    use heifer::heifer_hevc_dec::{nal::NalUnit, params::ParameterSets};
    use heifer::heifer_isobmff::boxes::{ColorInfo, Property};

    let tile = file.referenced_items(file.primary_id, b"dimg").first().copied();
    for item in std::iter::once(file.primary_id).chain(tile) {
        let nclx = file.item_properties(item).ok()?.find_map(|property| match property {
            Property::Color(ColorInfo::Nclx { primaries, transfer, .. }) => Some((*primaries, *transfer)),
            _ => None,
        });
        if nclx.is_some() {
            return nclx;
        }
        let Ok(Some(config)) = file.hevc_config(item) else { continue };
        let mut sets = ParameterSets::default();
        for unit in &config.nal_units {
            sets.add(&NalUnit::parse(unit).ok()?).ok()?;
        }
        let usability = sets.sps.iter().flatten().find_map(|sps| sps.vui.as_ref());
        if let Some(vui) = usability {
            return Some((vui.colour_primaries.into(), vui.transfer_characteristics.into()));
        }
    }
    None
}
