//! The camera's EXIF data: read with suspicion, written from scratch.
//!
//! Reading: a field that is missing, damaged or absurd is left out; nothing in EXIF prevents a photo from being shown.
//! Writing: a new block with a handful of fields is created, so that location, serial numbers, thumbnails and the
//! manufacturer's private notes cannot reach an output.

use std::fs::File;
use std::io::{BufReader, Cursor, Seek, Write};
use std::path::Path;

use exif::experimental::Writer;
use exif::{Context, DateTime, Exif, Field, In, Rational, Reader, Tag, Value};
use tiff::TiffResult;
use tiff::encoder::{DirectoryEncoder, TiffKind};

use super::error::PhotoError;
use super::limits::Limits;

/// Focal lengths outside this range (mm) are implausible: fisheye lenses of phones begin at 1.5, telescopes end
/// at 2000.
const FOCAL_LENGTH_RANGE_MM: std::ops::RangeInclusive<f64> = 0.5..=3000.0;
/// What this program's pictures state in [`Tag::Software`].
pub(super) const PROGRAM: &str = "Scalp Studio";
const SUBFILE_TYPE: Tag = Tag(Context::Tiff, 0x00fe);
const DNG_VERSION: Tag = Tag(Context::Tiff, 0xc612);

/// What the camera wrote into the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CameraData {
    /// Focal length as the 35 mm equivalent (by the diagonal, 43.27 mm), in mm.
    pub focal_length_35mm: Option<f64>,
    /// Focal length of the lens, in mm.
    pub focal_length_mm: Option<f64>,
    /// When the photo was taken, as EXIF writes it: `YYYY:MM:DD HH:MM:SS`.
    pub taken: Option<String>,
}

/// The useful contents of an EXIF block.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ExifFacts {
    pub camera: CameraData,
    /// 1 to 8, if stated.
    pub orientation: Option<u16>,
    /// True if the sample values are Adobe RGB although no profile says so (DCF 2.0 "option file").
    pub adobe_rgb: bool,
    /// True for a DNG, or a TIFF whose first picture is only a preview.
    pub camera_raw: bool,
}

/// Reads an EXIF block (a TIFF structure, without the `Exif` marker).
pub(super) fn read_block(block: Vec<u8>) -> ExifFacts {
    // WebP files by some programs keep the marker of JPEG's APP1 segment.
    let block = match block.strip_prefix(b"Exif\0\0") {
        Some(tiff) => tiff.to_vec(),
        None => block,
    };
    let parsed = Reader::new().continue_on_error(true).read_raw(block);
    // Damaged fields are skipped, intact ones kept.
    let parsed = parsed.or_else(|error| error.distill_partial_result(|_| {}));
    parsed.as_ref().map_or_else(|_| ExifFacts::default(), |exif: &Exif| facts(exif.fields()))
}

/// Reads the fields of a whole TIFF file without copying it.
pub(super) fn read_tiff(file: &[u8]) -> ExifFacts {
    exif::parse_exif(file).map_or_else(|_| ExifFacts::default(), |(fields, _)| facts(fields.iter()))
}

fn facts<'a>(fields: impl Iterator<Item = &'a Field>) -> ExifFacts {
    let mut facts = ExifFacts::default();
    let mut saved = None;
    let mut uncalibrated = false;
    let mut interoperability_r03 = false;
    for field in fields.filter(|field| field.ifd_num == In::PRIMARY) {
        let value = &field.value;
        match field.tag {
            Tag::Orientation => facts.orientation = value.get_uint(0).and_then(|sample| u16::try_from(sample).ok()),
            Tag::DateTimeOriginal => facts.camera.taken = date(value),
            Tag::DateTime => saved = date(value),
            Tag::FocalLength => facts.camera.focal_length_mm = focal_length(value),
            Tag::FocalLengthIn35mmFilm => facts.camera.focal_length_35mm = focal_length(value),
            Tag::ColorSpace => uncalibrated = value.get_uint(0) == Some(0xffff),
            Tag::InteroperabilityIndex => interoperability_r03 = first_text(value) == Some(b"R03"),
            DNG_VERSION => facts.camera_raw = true,
            SUBFILE_TYPE => facts.camera_raw |= value.get_uint(0).is_some_and(|flags| flags & 1 == 1),
            _ => {}
        }
    }
    facts.camera.taken = facts.camera.taken.or(saved);
    facts.orientation = facts.orientation.filter(|sample| (1..=8).contains(sample));
    facts.adobe_rgb = uncalibrated && interoperability_r03;
    facts
}

fn first_text(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}

/// The date in EXIF's format, if it is valid; cameras whose clock was never set write zeros.
fn date(value: &Value) -> Option<String> {
    let date = DateTime::from_ascii(first_text(value)?).ok()?;
    let real = (1..=12).contains(&date.month)
        && (1..=31).contains(&date.day)
        && date.year >= 1900
        && date.hour < 24
        && date.minute < 60
        && date.second <= 60;
    real.then(|| {
        let DateTime { year, month, day, hour, minute, second, .. } = date;
        format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}")
    })
}

fn focal_length(value: &Value) -> Option<f64> {
    let length_mm = match value {
        Value::Rational(ratios) => ratios.first()?.to_f64(),
        other => f64::from(other.get_uint(0)?),
    };
    // Also drops the NaN of 0/0.
    FOCAL_LENGTH_RANGE_MM.contains(&length_mm).then_some(length_mm)
}

/// Whether a file is a picture written by this program, whose name it contains.
#[must_use]
pub fn is_own_picture(path: &Path) -> bool {
    let named = || {
        let file = File::open(path).ok()?;
        // A TIFF is read as a whole.
        if file.metadata().ok()?.len() > Limits::default().max_file_bytes {
            return None;
        }
        let exif = Reader::new().read_from_container(&mut BufReader::new(file)).ok()?;
        let program = exif.get_field(Tag::Software, In::PRIMARY)?;
        Some(first_text(&program.value) == Some(PROGRAM.as_bytes()))
    };
    named().unwrap_or(false)
}

/// Whether there is any field for the EXIF directory of a TIFF file, which must not be empty.
pub(super) fn has_exif_fields(camera: &CameraData) -> bool {
    camera.taken.is_some() || usable(camera.focal_length_mm).or(usable(camera.focal_length_35mm)).is_some()
}

/// Writes the EXIF fields of a TIFF file: the same few, and nothing else.
pub(super) fn write_tiff_fields<W: Write + Seek, K: TiffKind>(
    camera: &CameraData,
    directory: &mut DirectoryEncoder<'_, W, K>,
) -> TiffResult<()> {
    use tiff::tags::Tag as TiffTag;
    let tag = |tag: Tag| TiffTag::from_u16_exhaustive(tag.number());
    if let Some(taken) = &camera.taken {
        directory.write_tag(tag(Tag::DateTimeOriginal), taken.as_str())?;
    }
    if let Some(mm) = usable(camera.focal_length_mm) {
        let Rational { num: n, denom: d } = hundredths(mm);
        directory.write_tag(tag(Tag::FocalLength), tiff::encoder::Rational { n, d })?;
    }
    if let Some(mm) = usable(camera.focal_length_35mm) {
        directory.write_tag(tag(Tag::FocalLengthIn35mmFilm), whole(mm))?;
    }
    Ok(())
}

/// A focal length that can be written.
fn usable(length_mm: Option<f64>) -> Option<f64> {
    length_mm.filter(|length_mm| FOCAL_LENGTH_RANGE_MM.contains(length_mm))
}

fn hundredths(length_mm: f64) -> Rational {
    Rational { num: (length_mm * 100.0).round() as u32, denom: 100 }
}

fn whole(length_mm: f64) -> u16 {
    length_mm.round().max(1.0) as u16
}

/// A new EXIF block with an upright orientation, the name of this program and the camera data; it can contain nothing
/// else.
pub(super) fn write_block(camera: &CameraData) -> Result<Vec<u8>, PhotoError> {
    let text = |text: &String| Value::Ascii(vec![text.clone().into_bytes()]);
    let fields: Vec<Field> = [
        (Tag::Orientation, Some(Value::Short(vec![1]))),
        (Tag::Software, Some(Value::Ascii(vec![PROGRAM.as_bytes().to_vec()]))),
        (Tag::DateTimeOriginal, camera.taken.as_ref().map(text)),
        (Tag::FocalLength, usable(camera.focal_length_mm).map(|mm| Value::Rational(vec![hundredths(mm)]))),
        (Tag::FocalLengthIn35mmFilm, usable(camera.focal_length_35mm).map(|mm| Value::Short(vec![whole(mm)]))),
    ]
    .into_iter()
    .filter_map(|(tag, value)| Some(Field { tag, ifd_num: In::PRIMARY, value: value? }))
    .collect();
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).map_err(|error| PhotoError::Encoder { detail: error.to_string() })?;
    Ok(block.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(fields: &[(Tag, Value)]) -> Vec<u8> {
        let fields: Vec<Field> =
            fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut block = Cursor::new(Vec::new());
        writer.write(&mut block, true).unwrap();
        block.into_inner()
    }

    fn ascii(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    #[test]
    fn what_is_written_is_read_back() {
        let camera = CameraData {
            focal_length_35mm: Some(26.0),
            focal_length_mm: Some(5.96),
            taken: Some("2026:03:01 12:30:59".into()),
        };
        let facts = read_block(write_block(&camera).unwrap());
        assert_eq!(facts.camera, camera);
        assert_eq!(facts.orientation, Some(1));
    }

    #[test]
    fn implausible_fields_are_left_out() {
        for ratio in [(0, 0), (0, 1), (1_000_000_000, 1), (5, 0)] {
            let value = Value::Rational(vec![Rational { num: ratio.0, denom: ratio.1 }]);
            assert_eq!(read_block(block(&[(Tag::FocalLength, value)])).camera.focal_length_mm, None, "{ratio:?}");
        }
        let facts = read_block(block(&[
            (Tag::FocalLengthIn35mmFilm, Value::Short(vec![0])),
            (Tag::DateTimeOriginal, ascii("0000:00:00 00:00:00")),
            (Tag::Orientation, Value::Short(vec![9])),
        ]));
        assert_eq!(facts, ExifFacts::default());
        assert_eq!(read_block(b"II*\0\xff\xff\xff\xff".to_vec()), ExifFacts::default());
        assert_eq!(read_block(Vec::new()), ExifFacts::default());
    }

    #[test]
    fn the_date_of_saving_stands_in_for_the_date_of_taking() {
        let saved = (Tag::DateTime, ascii("2025:01:02 03:04:05"));
        let taken = (Tag::DateTimeOriginal, ascii("2024:01:02 03:04:05"));
        let date = |fields: &[(Tag, Value)]| read_block(block(fields)).camera.taken;
        assert_eq!(date(std::slice::from_ref(&saved)).as_deref(), Some("2025:01:02 03:04:05"));
        assert_eq!(date(&[saved, taken]).as_deref(), Some("2024:01:02 03:04:05"));
    }
}
