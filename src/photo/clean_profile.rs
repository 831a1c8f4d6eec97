//! ICC profiles that hold colours and nothing else.
//!
//! A profile that comes with a photo may name the screen it was measured on, with serial number (`dscm` and `mmod` of
//! Apple, `meta` of colord), or hold any text. What goes into outputs is therefore written anew: the tags that the
//! samples are interpreted by, word for word, beside a description, a copyright and a date that are always the same.
//! Curves and primaries measured on a single screen remain; without them the colours would be others.
//!
//! `moxcms`, which reads profiles, writes them as well, but with the time of writing in them, so that outputs would
//! depend on the clock, and without the padding between tags that the format demands.
//!
//! Reference: ICC.1:2022 and, for the texts of version 2, ICC.1:2001-04.

use moxcms::{ColorProfile, DataColorSpace, Matrix3d, ToneReprCurve, Xyzd};

/// The white of the connection space, D50.
const D50: Xyzd = Xyzd { x: 0.964_202_880_859_375, y: 1.0, z: 0.824_905_395_507_812_5 };
/// The date of every profile, and its parts: year, month, day, hour, minute, second. Outputs must not depend on the
/// clock.
const DATE: [u16; 6] = [2000, 1, 1, 0, 0, 0];
const COPYRIGHT: &str = "Public domain";
const HEADER_BYTES: usize = 128;
/// Bytes of an entry in the list of tags.
const ENTRY_BYTES: usize = 12;

/// A profile with the same meaning, called `name` (ASCII). `None` if it has no curves.
pub(super) fn clean(profile: &ColorProfile, name: &str) -> Option<Vec<u8>> {
    // A text is stored in another way since version 4.
    let is_old = u32::from(profile.version()) >> 24 < 4;
    let text = if is_old { [old_description(name), old_text(COPYRIGHT)] } else { [name, COPYRIGHT].map(localised) };
    let [description, copyright] = text;
    let mut tags = vec![(b"desc", description), (b"cprt", copyright)];
    tags.push((b"wtpt", xyz(profile.media_white_point.unwrap_or(D50))));
    tags.extend(profile.chromatic_adaptation.map(|chad| (b"chad", array(chad))));
    if profile.color_space == DataColorSpace::Gray {
        tags.push((b"kTRC", curve(profile.gray_trc.as_ref()?)?));
    } else {
        tags.push((b"rXYZ", xyz(profile.red_colorant)));
        tags.push((b"gXYZ", xyz(profile.green_colorant)));
        tags.push((b"bXYZ", xyz(profile.blue_colorant)));
        tags.push((b"rTRC", curve(profile.red_trc.as_ref()?)?));
        tags.push((b"gTRC", curve(profile.green_trc.as_ref()?)?));
        tags.push((b"bTRC", curve(profile.blue_trc.as_ref()?)?));
    }
    Some(file(profile, is_old, &tags))
}

/// Header, list of tags and their contents; equal ones are stored once.
fn file(profile: &ColorProfile, is_old: bool, tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let start = HEADER_BYTES + 4 + tags.len() * ENTRY_BYTES;
    let (mut list, mut contents) = (Vec::new(), Vec::new());
    let mut stored: Vec<(usize, &Vec<u8>)> = Vec::new();
    for (name, content) in tags {
        let known = stored.iter().find(|(_, other)| *other == content).map(|(at, _)| *at);
        let at = known.unwrap_or_else(|| {
            let at = start + contents.len();
            contents.extend(content);
            contents.resize(contents.len().next_multiple_of(4), 0);
            stored.push((at, content));
            at
        });
        list.extend(*name);
        list.extend((at as u32).to_be_bytes());
        list.extend((content.len() as u32).to_be_bytes());
    }
    let mut file = Vec::with_capacity(start + contents.len());
    file.extend(((start + contents.len()) as u32).to_be_bytes());
    file.extend([0; 4]);
    file.extend(if is_old { [2, 0x40, 0, 0] } else { [4, 0x40, 0, 0] });
    file.extend(b"mntr");
    file.extend(u32::from(profile.color_space).to_be_bytes());
    file.extend(u32::from(profile.pcs).to_be_bytes());
    file.extend(DATE.iter().flat_map(|part| part.to_be_bytes()));
    file.extend(b"acsp");
    // Platform, flags, manufacturer, model, attributes, and the perceptual intent.
    file.extend([0; 28]);
    file.extend(numbers([D50.x, D50.y, D50.z]));
    // Creator, checksum, and what is reserved.
    file.resize(HEADER_BYTES, 0);
    file.extend((tags.len() as u32).to_be_bytes());
    file.extend(list);
    file.extend(contents);
    file
}

/// Numbers as `s15Fixed16Number`; what was read from such is written as it was.
fn numbers(values: impl IntoIterator<Item = f64>) -> Vec<u8> {
    // The conversion saturates.
    values.into_iter().flat_map(|value| ((value * 65_536.0).round() as i32).to_be_bytes()).collect()
}

fn xyz(value: Xyzd) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), numbers([value.x, value.y, value.z])].concat()
}

fn array(matrix: Matrix3d) -> Vec<u8> {
    [b"sf32\0\0\0\0".to_vec(), numbers(matrix.v.into_iter().flatten())].concat()
}

fn curve(curve: &ToneReprCurve) -> Option<Vec<u8>> {
    match curve {
        ToneReprCurve::Lut(entries) => {
            let mut content = b"curv\0\0\0\0".to_vec();
            content.extend((entries.len() as u32).to_be_bytes());
            content.extend(entries.iter().flat_map(|entry| entry.to_be_bytes()));
            Some(content)
        }
        ToneReprCurve::Parametric(parameters) => {
            let kind = [1, 3, 4, 5, 7].iter().position(|count| *count == parameters.len())?;
            let head = [b'p', b'a', b'r', b'a', 0, 0, 0, 0, 0, kind as u8, 0, 0];
            Some([head.to_vec(), numbers(parameters.iter().map(|value| f64::from(*value)))].concat())
        }
    }
}

/// A text of version 4: in one language, UTF-16.
fn localised(text: &str) -> Vec<u8> {
    let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut content = b"mluc\0\0\0\0".to_vec();
    // One record of 12 bytes, then length and place of its letters.
    content.extend([1_u32, 12].into_iter().flat_map(u32::to_be_bytes));
    content.extend(b"enUS");
    content.extend([letters.len() as u32, 28].into_iter().flat_map(u32::to_be_bytes));
    content.extend(letters);
    content
}

/// A description of version 2: ASCII, and neither Unicode nor a script of the Macintosh.
fn old_description(text: &str) -> Vec<u8> {
    const OTHER_SCRIPTS: usize = 4 + 4 + 2 + 1 + 67;
    let mut content = b"desc\0\0\0\0".to_vec();
    content.extend((text.len() as u32 + 1).to_be_bytes());
    content.extend(text.as_bytes());
    content.resize(content.len() + 1 + OTHER_SCRIPTS, 0);
    content
}

fn old_text(text: &str) -> Vec<u8> {
    [b"text\0\0\0\0", text.as_bytes(), b"\0"].concat()
}
