//! Photos as cameras, phones and programs really write them, and as nobody should: each is read right, or refused with
//! a sentence that says what to do. Made here, byte by byte where no encoder makes such files; RELIABILITY.md has the
//! table.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Context, Field, In, Rational, Tag, Value};
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageEncoder};
use jpeg_encoder::{ColorType, Encoder};
use moxcms::ColorProfile;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, PhotoError, Samples, decode, encode};

const WIDTH: u32 = 50;
const HEIGHT: u32 = 34;

/// Smooth enough for JPEG, different in every direction.
fn values(width: u32, height: u32) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x * 5) as u8, (y * 7) as u8, (x * 2 + y) as u8])).collect()
}

fn plain() -> Photo {
    Photo::from_srgb(WIDTH, HEIGHT, values(WIDTH, HEIGHT)).unwrap()
}

fn picture() -> DynamicImage {
    DynamicImage::ImageRgb8(ImageBuffer::from_raw(WIDTH, HEIGHT, values(WIDTH, HEIGHT)).unwrap())
}

fn encoded(format: Format) -> Vec<u8> {
    encode(&plain(), format, &EncodeOptions { camera_data: false, ..EncodeOptions::default() }).unwrap()
}

fn read(bytes: &[u8], what: &str) -> Photo {
    decode(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// Refused in one line that says this.
#[track_caller]
fn refused(bytes: &[u8], says: &str) {
    match decode(bytes, &Limits::default()) {
        Ok(photo) => panic!("a photo of {:?} instead of a refusal that says {says:?}", photo.size_px()),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(says) && text.lines().count() == 1, "{text:?} does not say {says:?}");
        }
    }
}

#[track_caller]
fn alike(photo: &Photo, expected: &Photo, tolerance: u8, what: &str) {
    assert_eq!(photo.size_px(), expected.size_px(), "{what}");
    let (Samples::U8(a), Samples::U8(b)) = (photo.samples(), expected.samples()) else { panic!("{what}: 8 bits") };
    let worst = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= tolerance, "{what}: {worst} of 255 off");
}

fn block(fields: &[(Tag, Value)], strips: &[&[u8]], little_endian: bool) -> Vec<u8> {
    let fields: Vec<Field> =
        fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    if !strips.is_empty() {
        writer.set_strips(strips, In::PRIMARY);
    }
    let mut file = Cursor::new(Vec::new());
    writer.write(&mut file, little_endian).unwrap();
    file.into_inner()
}

fn short(number: u16) -> Value {
    Value::Short(vec![number])
}

fn ascii(text: &[u8]) -> Value {
    Value::Ascii(vec![text.to_vec()])
}

/// A TIFF of one strip, plain as far as the other fields do not say otherwise.
fn tiff(size: [u32; 2], bits: &[u16], photometric: u16, samples: &[u8], others: &[(Tag, Value)]) -> Vec<u8> {
    let mut fields = vec![
        (Tag::ImageWidth, Value::Long(vec![size[0]])),
        (Tag::ImageLength, Value::Long(vec![size[1]])),
        (Tag::BitsPerSample, Value::Short(bits.to_vec())),
        (Tag::Compression, short(1)),
        (Tag::PhotometricInterpretation, short(photometric)),
        (Tag::SamplesPerPixel, short(bits.len() as u16)),
        (Tag::RowsPerStrip, Value::Long(vec![size[1]])),
    ];
    fields.retain(|(tag, _)| others.iter().all(|(other, _)| other != tag));
    fields.extend_from_slice(others);
    block(&fields, &[samples], true)
}

fn jpeg_with(segments: &[(u8, Vec<u8>)], progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 98);
    encoder.set_progressive(progressive);
    for (number, content) in segments {
        encoder.add_app_segment(*number, content.clone()).unwrap();
    }
    encoder.encode(&values(WIDTH, HEIGHT), WIDTH as u16, HEIGHT as u16, ColorType::Rgb).unwrap();
    file
}

fn exif_segment(block: &[u8]) -> (u8, Vec<u8>) {
    (1, [b"Exif\0\0", block].concat())
}

fn png_with(picture: &DynamicImage, profile: Option<Vec<u8>>, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    profile.into_iter().for_each(|profile| encoder.set_icc_profile(profile).unwrap());
    exif.into_iter().for_each(|exif| encoder.set_exif_metadata(exif).unwrap());
    picture.write_with_encoder(encoder).unwrap();
    file
}

/// CRC-32 (ISO 3309), as PNG has it behind each chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), content].concat();
    [(content.len() as u32).to_be_bytes().as_slice(), &named, &crc(&named).to_be_bytes()].concat()
}

fn riff_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let padding: &[u8] = if content.len().is_multiple_of(2) { b"" } else { b"\0" };
    [kind.as_slice(), &(content.len() as u32).to_le_bytes(), content, padding].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = [b"WEBP".as_slice(), &chunks.concat()].concat();
    [b"RIFF".as_slice(), &(content.len() as u32).to_le_bytes(), &content].concat()
}

#[test]
fn orientation_in_tiff_of_both_byte_orders() {
    for orientation in 1..=8_u8 {
        // Stored so that the orientation undoes it; a quarter turn is undone by the opposite one.
        let stored_by = [0, 1, 2, 3, 4, 5, 8, 7, 6][usize::from(orientation)];
        let mut stored = picture();
        stored.apply_orientation(Orientation::from_exif(stored_by).unwrap());
        let size = [stored.width(), stored.height()];
        let samples = stored.into_rgb8().into_raw();
        let turned = (Tag::Orientation, short(u16::from(orientation)));
        let file = tiff(size, &[8; 3], 2, &samples, &[turned]);
        alike(&read(&file, "TIFF"), &plain(), 0, &format!("orientation {orientation}"));
    }
}

/// DCF 2.0: `R03` and "uncalibrated", as cameras note it.
#[test]
fn adobe_rgb_by_exif_alone_in_jpeg() {
    let said = [(Tag::ColorSpace, short(0xffff)), (Tag::InteroperabilityIndex, ascii(b"R03"))];
    for little_endian in [true, false] {
        let photo = read(&jpeg_with(&[exif_segment(&block(&said, &[], little_endian))], false), "Adobe RGB");
        let red = photo.colour().matrices().unwrap().linear_srgb_from_own[0][0];
        assert!((red - 1.3984).abs() < 5e-4, "{red}");
    }
    // "Uncalibrated" alone says nothing.
    let photo = read(&jpeg_with(&[exif_segment(&block(&said[..1], &[], true))], false), "uncalibrated");
    assert_eq!(photo.colour().matrices(), None);
}

#[test]
fn display_p3_and_adobe_rgb_in_jpeg_and_split_over_segments() {
    let (p3, adobe) = (ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb());
    for (long, profile, expected) in
        [(false, &p3, 1.2249), (true, &p3, 1.2249), (false, &adobe, 1.3984), (true, &adobe, 1.3984)]
    {
        let mut profile = profile.encode().unwrap();
        if long {
            profile.resize(100_000, 0);
        }
        let pieces: Vec<&[u8]> = profile.chunks(65_000).collect();
        let segment = |(number, piece): (usize, &&[u8])| {
            (2, [b"ICC_PROFILE\0".as_slice(), &[number as u8 + 1, pieces.len() as u8], piece].concat())
        };
        let segments: Vec<(u8, Vec<u8>)> = pieces.iter().enumerate().map(segment).collect();
        let photo = read(&jpeg_with(&segments, false), "a profile");
        assert!(photo.colour().icc_profile().is_some(), "long {long}");
        let red = photo.colour().matrices().unwrap().linear_srgb_from_own[0][0];
        assert!((red - expected).abs() < 5e-4, "{red}, not {expected}");
    }
}

/// A profile of tables alone, as scanners have it: a lut8 (ICC.1:2001-04, 6.5.10) from red, green, blue to Lab, in
/// which equal parts are greys whose lightness is their mean.
fn grey_tables() -> Vec<u8> {
    const GRID: usize = 9;
    let node = |index: usize| (index * 255 / (GRID - 1)) as u8;
    let fixed = |value: f64| ((value * 65_536.0).round() as i32).to_be_bytes();
    let straight: Vec<u8> = (0..3).flat_map(|_| 0..=255).collect();
    let mut table = [b"mft1\0\0\0\0".as_slice(), &[3, 3, GRID as u8, 0]].concat();
    table.extend((0..9).flat_map(|at| fixed(if at % 4 == 0 { 1.0 } else { 0.0 })));
    table.extend(&straight);
    for at in 0..GRID.pow(3) {
        let mean = (at / (GRID * GRID) + at / GRID % GRID + at % GRID) / 3;
        table.extend([node(mean), 128, 128]);
    }
    table.extend(&straight);
    let mut profile = vec![0; 128];
    profile[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    profile[12..24].copy_from_slice(b"scnrRGB Lab ");
    profile[36..40].copy_from_slice(b"acsp");
    profile[68..80].copy_from_slice(&[0.9642, 1.0, 0.8249].map(fixed).concat());
    profile.extend(1_u32.to_be_bytes());
    profile.extend([b"A2B0".as_slice(), &144_u32.to_be_bytes(), &(table.len() as u32).to_be_bytes()].concat());
    profile.extend(table);
    let size = (profile.len() as u32).to_be_bytes();
    profile[..4].copy_from_slice(&size);
    profile
}

/// Scanners describe their colours by tables alone; their samples become sRGB once.
#[test]
fn profiles_of_tables_alone_in_png_and_tiff() {
    let profile = grey_tables();
    let greys = ImageBuffer::from_fn(WIDTH, HEIGHT, |x, _| image::Rgb([(x * 255 / (WIDTH - 1)) as u8; 3]));
    let samples = greys.as_raw().clone();
    let icc = (Tag(Context::Tiff, 34_675), Value::Undefined(profile.clone(), 0));
    let files = [
        ("PNG", png_with(&DynamicImage::ImageRgb8(greys), Some(profile), None)),
        ("TIFF", tiff([WIDTH, HEIGHT], &[8; 3], 2, &samples, &[icc])),
    ];
    for (name, file) in files {
        let photo = read(&file, name);
        assert!(photo.warnings().is_empty(), "{name}: {:?}", photo.warnings());
        assert_eq!(photo.colour().icc_profile(), None, "{name}: converted");
        let Samples::U8(samples) = photo.samples() else { panic!("{name}: 8 bits") };
        let row: Vec<u8> = samples[..3 * WIDTH as usize].iter().step_by(3).copied().collect();
        assert!(row[0] < 4 && row[WIDTH as usize - 1] > 251 && row.is_sorted(), "{name}: {row:?}");
        // L* of 50 is a reflectance of 0.184, sRGB 119.
        assert!(row[25].abs_diff(121) <= 3, "{name}: {row:?}");
    }
}

#[test]
fn print_colours_are_refused_by_name() {
    for colours in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let mut file = Vec::new();
        let samples = vec![90; 4 * (WIDTH * HEIGHT) as usize];
        Encoder::new(&mut file, 90).encode(&samples, WIDTH as u16, HEIGHT as u16, colours).unwrap();
        refused(&file, "print colours (CMYK)");
    }
    refused(&tiff([9, 5], &[8; 4], 5, &[90; 9 * 5 * 4], &[]), "print colours (CMYK)");
    refused(&tiff([9, 5], &[16; 4], 5, &[90; 9 * 5 * 8], &[]), "print colours (CMYK)");
}

#[test]
fn other_kinds_of_tiff_are_read_right_or_refused_by_name() {
    let samples = values(WIDTH, HEIGHT);
    let size = [WIDTH, HEIGHT];
    alike(&read(&tiff(size, &[8; 3], 2, &samples, &[]), "RGB"), &plain(), 0, "RGB");
    // Grey of which white is zero, of 8 and of 1 bit.
    let negative: Vec<u8> = (0..WIDTH * HEIGHT).map(|index| 255 - (index % 256) as u8).collect();
    let photo = read(&tiff(size, &[8], 0, &negative, &[]), "white is zero");
    let Samples::U8(grey) = photo.samples() else { panic!("8 bits") };
    assert_eq!(grey[..9], [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    // Each of the others: whichever way, in one sentence and without half a picture.
    let odd = [
        ("1 bit", tiff([8, 4], &[1], 1, &[0xaa; 4], &[])),
        ("4 bits", tiff([8, 4], &[4], 1, &[0x3c; 16], &[])),
        ("palette", tiff([4, 4], &[8], 3, &[1; 16], &[(Tag(Context::Tiff, 320), Value::Short(vec![700; 768]))])),
        ("12 bits", tiff([8, 4], &[12], 1, &[0x5a; 48], &[])),
        ("32 bits", tiff([4, 4], &[32; 3], 2, &[9; 192], &[])),
        ("Lab", tiff([4, 4], &[8; 3], 8, &[90; 48], &[])),
        ("YCbCr", tiff([4, 4], &[8; 3], 6, &[128; 48], &[])),
        ("planes", tiff([4, 4], &[8; 3], 2, &[90; 48], &[(Tag(Context::Tiff, 284), short(2))])),
        ("fax", tiff([8, 4], &[1], 1, &[0; 9], &[(Tag::Compression, short(4))])),
        ("LZW that is none", tiff([8, 4], &[8], 1, &[0xff; 9], &[(Tag::Compression, short(5))])),
        ("JPEG that is none", tiff([8, 4], &[8], 1, &[0xff; 9], &[(Tag::Compression, short(7))])),
        ("no picture", block(&[(Tag::Make, ascii(b"Nobody"))], &[], true)),
        ("no pixel", tiff([0, 4], &[8], 1, &[], &[])),
        ("two samples without a name", tiff([4, 4], &[8; 2], 1, &[90; 32], &[])),
        ("six samples", tiff([4, 4], &[8; 6], 2, &[90; 96], &[])),
    ];
    for (name, file) in odd {
        match decode(&file, &Limits::default()) {
            Ok(photo) => assert!(photo.width() <= 8 && photo.height() <= 4, "{name}"),
            Err(error) => {
                let text = error.to_string();
                assert!(text.lines().count() == 1 && text.contains(": "), "{name}: {text}");
                println!("{name}: {text}");
            }
        }
    }
}

/// Opacity of classic TIFFs is told apart from a sixth ink, and BigTIFF is named whatever is in it.
#[test]
fn opacity_in_tiff_is_read_and_in_big_tiff_named() {
    for kind in [1, 2] {
        let extra = (Tag(Context::Tiff, 338), short(kind));
        let photo = read(&tiff([4, 4], &[8; 4], 2, &[90; 64], &[extra]), "opacity");
        assert!(photo.alpha().is_some(), "extra sample {kind}");
    }
    let mut big = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
    // One entry: ExtraSamples, unassociated opacity (BigTIFF: 8 bytes of count, entries of 20).
    big.extend([1, 0, 0, 0, 0, 0, 0, 0, 0x52, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    big.extend([0; 8]);
    refused(&big, "BigTIFF");
}

#[test]
fn of_moving_pictures_the_first_is_taken() {
    // APNG: a control chunk before the picture, frames of other pictures behind it.
    let still = encoded(Format::Png);
    let (head, body) = still.split_at(33);
    let control = png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let frame = |number: u32| {
        let numbers = [number, WIDTH, HEIGHT, 0, 0].map(u32::to_be_bytes).concat();
        png_chunk(b"fcTL", &[numbers.as_slice(), &[0, 1, 0, 10, 0, 0]].concat())
    };
    let end = body.len() - 12;
    let other =
        png_chunk(b"fdAT", &[2_u32.to_be_bytes().as_slice(), &[0x78, 1, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 1]].concat());
    let file = [head, &control, &frame(0), &body[..end], &frame(1), &other, &body[end..]].concat();
    alike(&read(&file, "APNG"), &plain(), 0, "APNG");

    // WebP: an animation of two frames, the first of which is the picture.
    let still = encoded(Format::WebP);
    let at = still.windows(4).position(|kind| kind == b"VP8L").unwrap();
    let length = u32::from_le_bytes(still[at + 4..at + 8].try_into().unwrap()) as usize;
    let coded = riff_chunk(b"VP8L", &still[at + 8..at + 8 + length]);
    let sides = [(WIDTH - 1).to_le_bytes(), (HEIGHT - 1).to_le_bytes()].map(|side| side[..3].to_vec()).concat();
    let canvas = riff_chunk(b"VP8X", &[&[0x02, 0, 0, 0], sides.as_slice()].concat());
    let frame = riff_chunk(b"ANMF", &[[0; 6].as_slice(), &sides, &[10, 0, 0, 0], &coded].concat());
    let file = webp(&[canvas, riff_chunk(b"ANIM", &[0; 6]), frame.clone(), frame]);
    match decode(&file, &Limits::default()) {
        // Frames are laid over nothing, which rounds.
        Ok(photo) => alike(&photo, &plain(), 2, "animated WebP"),
        Err(error) => assert!(matches!(error, PhotoError::Unsupported { .. }), "animated WebP: {error}"),
    }
    refused(b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;", "not a photo");
}

/// What phones append: a video, a second picture (MPO), a gain map with its description. The picture itself is read.
#[test]
fn what_phones_append_is_left_alone() {
    let plain_jpeg = read(&jpeg_with(&[], false), "JPEG");
    let gain_map = {
        let mut file = Vec::new();
        let samples = vec![128; (WIDTH / 2 * (HEIGHT / 2)) as usize];
        Encoder::new(&mut file, 80).encode(&samples, WIDTH as u16 / 2, HEIGHT as u16 / 2, ColorType::Luma).unwrap();
        file
    };
    let multi =
        b"MPF\0II*\0\x08\0\0\0\x02\0\x01\xb0\x04\0\x01\0\0\0\x02\0\0\0\x02\xb0\x07\0\x20\0\0\0\x26\0\0\0\0\0\0\0"
            .to_vec();
    let ultra = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/\
        1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/' hdrgm:Version='1.0'/>\
        </rdf:RDF></x:xmpmeta>"
        .to_vec();
    let motion =
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/' GCamera:MotionPhoto='1'/>".to_vec();
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat\xff\xd8\xff\xd9\xff\xda";
    for progressive in [false, true] {
        let files = [
            ("MPO", vec![(2, multi.clone())], jpeg_with(&[], false)),
            ("gain map", vec![(1, ultra.clone()), (2, multi.clone())], gain_map.clone()),
            ("motion photo", vec![(1, motion.clone())], video.to_vec()),
            ("gain map that is cut off", vec![(1, ultra.clone())], gain_map[..gain_map.len() / 2].to_vec()),
            ("zeros", Vec::new(), vec![0; 70_000]),
            ("another file's end", Vec::new(), b"\xff\xd9\xff\xd9PK\x05\x06".to_vec()),
        ];
        for (name, segments, behind) in files {
            let file = [jpeg_with(&segments, progressive), behind].concat();
            alike(&read(&file, name), &plain_jpeg, if progressive { 1 } else { 0 }, name);
        }
    }
}

#[test]
fn trailing_bytes_harm_no_format() {
    for garbage in [b"\0".repeat(4096), b"garbage".repeat(999), encoded(Format::Png)] {
        for format in [Format::Png, Format::WebP, Format::Tiff] {
            let file = [encoded(format), garbage.clone()].concat();
            alike(&read(&file, "trailing bytes"), &plain(), 0, &format!("{format:?}"));
        }
    }
    if cfg!(feature = "heic") {
        let file = include_bytes!("heic/nclx-srgb.heic");
        let clean = read(file, "HEIC");
        // A box of its own, as phones append it; and bytes that are none, which may make it another file.
        let boxed = [file.as_slice(), b"\0\0\0\x10free12345678"].concat();
        alike(&read(&boxed, "HEIC and a box"), &clean, 0, "HEIC and a box");
        match decode(&[file.as_slice(), &[0xff; 300]].concat(), &Limits::default()) {
            Ok(photo) => alike(&photo, &clean, 0, "HEIC and bytes"),
            Err(error) => assert!(matches!(error, PhotoError::Damaged { .. } | PhotoError::Incomplete), "{error}"),
        }
    }
}

#[test]
fn single_pixels_and_very_wide_pictures() {
    for [width, height] in [[1, 1], [65_536, 1], [1, 65_536], [65_535, 2]] {
        let photo = Photo::from_srgb(width, height, values(width, height)).unwrap();
        for format in [Format::Png, Format::Tiff, Format::WebP, Format::Jpeg { quality: 95 }] {
            match encode(&photo, format, &EncodeOptions::default()) {
                Ok(file) => {
                    let again = read(&file, "wide");
                    assert_eq!(again.size_px(), [width, height], "{format:?}");
                    if matches!(format, Format::Png | Format::Tiff) {
                        assert!(again.samples() == photo.samples(), "{format:?} of {width} x {height}");
                    }
                }
                Err(error) => {
                    let limit = if format == Format::WebP { 16_384 } else { 65_535 };
                    assert!(
                        width.max(height) > limit && error.to_string().contains("PNG or TIFF"),
                        "{format:?}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn absurd_notes_of_cameras_stop_no_photo() {
    let ratio = |num, denom| Value::Rational(vec![Rational { num, denom }]);
    let absurd = [
        ("orientation 0", vec![(Tag::Orientation, short(0))]),
        ("orientation 9", vec![(Tag::Orientation, short(9))]),
        ("orientation 65535", vec![(Tag::Orientation, short(u16::MAX))]),
        ("orientation as text", vec![(Tag::Orientation, ascii(b"6"))]),
        ("orientation without a value", vec![(Tag::Orientation, Value::Short(Vec::new()))]),
        ("focal length 0/0", vec![(Tag::FocalLength, ratio(0, 0)), (Tag::FocalLengthIn35mmFilm, short(0))]),
        ("focal length 1/0", vec![(Tag::FocalLength, ratio(1, 0)), (Tag::FocalLengthIn35mmFilm, short(u16::MAX))]),
        ("a date that is none", vec![(Tag::DateTimeOriginal, ascii(b"0000:00:00 00:00:00"))]),
        ("a month 13", vec![(Tag::DateTimeOriginal, ascii(b"2026:13:45 25:61:61"))]),
        ("a long name", vec![(Tag::Make, ascii(&[b'x'; 30_000])), (Tag::Model, ascii(b"\x1b[31m\0\r\n\xff\xfe"))]),
    ];
    let upright = plain();
    for (name, fields) in absurd {
        let notes = block(&fields, &[], true);
        for (place, file, tolerance) in [
            ("PNG", png_with(&picture(), None, Some(notes.clone())), 0),
            ("JPEG", jpeg_with(&[exif_segment(&notes)], false), 12),
        ] {
            let photo = read(&file, name);
            alike(&photo, &upright, tolerance, &format!("{name}, {place}"));
            let camera = photo.camera();
            assert!(
                camera.focal_length_mm.is_none() && camera.focal_length_35mm.is_none() && camera.taken.is_none(),
                "{name}"
            );
        }
    }
    // Directories that name themselves, counts beyond the file, offsets outside it, nothing at all.
    let mut loops = block(&[(Tag::Make, ascii(b"Nobody"))], &[], true);
    let end = loops.len();
    loops[4..8].copy_from_slice(&8_u32.to_le_bytes());
    let damaged: [Vec<u8>; 7] = [
        [&loops[..end.min(26)], &8_u32.to_le_bytes()].concat(),
        b"II*\0\x08\0\0\0\xff\xff".to_vec(),
        b"II*\0\xff\xff\xff\xff".to_vec(),
        b"MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\xff\xff\xff\xff\0\0\0\x08\0\0\0\x08".to_vec(),
        b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0".to_vec(),
        Vec::new(),
        vec![0xff; 60_000],
    ];
    for (number, notes) in damaged.into_iter().enumerate() {
        let name = format!("damaged notes {number}");
        alike(&read(&png_with(&picture(), None, Some(notes.clone())), &name), &upright, 0, &name);
        alike(&read(&jpeg_with(&[exif_segment(&notes)], false), &name), &upright, 12, &name);
    }
}

/// Small files that claim, or unpack to, more than anybody has: refused by what their first bytes say.
#[test]
fn bombs_of_every_format_are_refused() {
    // WebP: 16 384 x 16 384 in 14 bits each (RFC 9649, 3.4).
    let lossless = |less_one: u32| {
        let mut bits = vec![0x2f];
        bits.extend((less_one | less_one << 14).to_le_bytes());
        bits.extend([0; 40]);
        bits
    };
    let bits = lossless(16_382);
    refused(&webp(&[riff_chunk(b"VP8L", &bits)]), "megapixels");
    refused(&webp(&[riff_chunk(b"VP8L", &lossless(16_383))]), "a WebP of 16384 pixels a side");
    // An extended one of 2^24 a side.
    let canvas = riff_chunk(b"VP8X", &[[0; 4].as_slice(), &[0xff; 6]].concat());
    assert!(decode(&webp(&[canvas, riff_chunk(b"VP8L", &bits)]), &Limits::default()).is_err());
    refused(&tiff([60_000, 60_000], &[8; 3], 2, &[0; 64], &[]), "megapixels");
    refused(&tiff([u32::MAX, u32::MAX], &[8; 3], 2, &[0; 64], &[]), "megapixels");
    // Within the pixels that are allowed, and 2.4 GB.
    refused(&tiff([14_000, 14_000], &[16; 4], 2, &[0; 64], &[(Tag(Context::Tiff, 338), short(2))]), "memory");
    // Allowed, and not there: nothing is shown in part.
    let short_strip = decode(&tiff([9_000, 9_000], &[8], 1, &[0; 64], &[]), &Limits::default());
    assert!(short_strip.is_err());
    // A profile that unpacks to more than a profile ever is: the picture is read, with or without a word.
    let profile = {
        let zeros = vec![0_u8; 64 << 20];
        let file = png_with(&DynamicImage::new_luma8(8, 8), Some(zeros), None);
        assert!(file.len() < 1 << 20, "{} bytes", file.len());
        file
    };
    match decode(&profile, &Limits::default()) {
        Ok(photo) => assert_eq!(photo.colour().icc_profile(), None, "no profile"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if cfg!(feature = "heic") {
        let mut file = include_bytes!("heic/nclx-srgb.heic").to_vec();
        let at = file.windows(4).position(|kind| kind == b"ispe").unwrap();
        for side in 0..2 {
            file[at + 8 + 4 * side..at + 12 + 4 * side].copy_from_slice(&60_000_u32.to_be_bytes());
        }
        refused(&file, "megapixels");
    }
}
