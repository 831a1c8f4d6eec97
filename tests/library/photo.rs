//! Photos in and out: what is kept, what is dropped, what is refused.

use std::io::Cursor;

use crate::pictures::changed;
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageBuffer, ImageDecoder, ImageEncoder, Rgb};
use moxcms::{ColorProfile, ProfileText, ToneReprCurve};
use proptest::prelude::*;
use scalp_studio::ground::colour::{ColourSpace, TransferCurve};
use scalp_studio::photo::{
    CameraData, Chroma, EncodeOptions, Format, Limits, Photo, PhotoError, Samples, decode, encode, is_own_picture, read,
};

const FORMATS: [Format; 4] = [Format::Jpeg { quality: 92 }, Format::Png, Format::WebP, Format::Tiff];

fn exif_block(fields: &[(Tag, Value)]) -> Vec<u8> {
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

/// Smooth enough for JPEG, different in every direction.
fn sample_values(width: u32, height: u32) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x * 5) as u8, (y * 7) as u8, (x * 2 + y) as u8])).collect()
}

fn sample_photo(width: u32, height: u32) -> Photo {
    Photo::from_srgb(width, height, sample_values(width, height)).unwrap()
}

fn encoded(photo: &Photo, format: Format) -> Vec<u8> {
    encode(photo, format, &EncodeOptions::default()).unwrap()
}

fn decoded(bytes: &[u8]) -> Photo {
    decode(bytes, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8]) -> PhotoError {
    decode(bytes, &Limits::default()).unwrap_err()
}

fn png(picture: &DynamicImage, icc_profile: Option<Vec<u8>>, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    icc_profile.into_iter().for_each(|profile| encoder.set_icc_profile(profile).unwrap());
    exif.into_iter().for_each(|exif| encoder.set_exif_metadata(exif).unwrap());
    picture.write_with_encoder(encoder).unwrap();
    file
}

fn rgb_picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(ImageBuffer::from_raw(width, height, sample_values(width, height)).unwrap())
}

fn worst_difference(a: &Photo, b: &Photo) -> u8 {
    match (a.samples(), b.samples()) {
        (Samples::U8(a), Samples::U8(b)) if a.len() == b.len() => {
            a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
        }
        _ => 255,
    }
}

#[test]
fn photos_come_out_upright_from_all_eight_orientations() {
    let upright = rgb_picture(50, 34);
    let expected = sample_photo(50, 34);
    for orientation in 1..=8_u8 {
        // Stored so that the orientation undoes it; a quarter turn is undone by the opposite one.
        let stored_by = [0, 1, 2, 3, 4, 5, 8, 7, 6][usize::from(orientation)];
        let mut stored = upright.clone();
        stored.apply_orientation(Orientation::from_exif(stored_by).unwrap());
        let exif = exif_block(&[(Tag::Orientation, Value::Short(vec![u16::from(orientation)]))]);

        let photo = decoded(&png(&stored, None, Some(exif.clone())));
        assert_eq!((photo.width(), photo.height()), (50, 34), "orientation {orientation}");
        assert_eq!(photo.samples(), expected.samples(), "orientation {orientation}");

        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_exif_metadata(exif.clone()).unwrap();
        stored.write_with_encoder(encoder).unwrap();
        assert_eq!(decoded(&webp).samples(), expected.samples(), "WebP, orientation {orientation}");

        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 100);
        encoder.set_exif_metadata(exif).unwrap();
        stored.write_with_encoder(encoder).unwrap();
        assert!(worst_difference(&decoded(&jpeg), &expected) <= 4, "JPEG, orientation {orientation}");
    }
}

#[test]
fn every_format_keeps_what_it_can_hold() {
    for grey in [false, true] {
        for deep in [false, true] {
            for opaque in [false, true] {
                let mut values = sample_values(37, 23);
                if grey {
                    values.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = [pixel[2]; 3]);
                }
                let alpha: Vec<u8> = (0..37 * 23).map(|index| (index % 256) as u8).collect();
                // Low bytes that would be lost with 8 bits.
                let wide = |values: &[u8]| {
                    values.iter().map(|sample| u16::from(*sample) * 257 + 9).map(|c| c.min(65_000)).collect()
                };
                let samples =
                    |values: &[u8]| if deep { Samples::U16(wide(values)) } else { Samples::U8(values.to_vec()) };
                let photo = changed(sample_photo(37, 23), |parts| {
                    parts.grey = grey;
                    parts.samples = samples(&values);
                    parts.alpha = (!opaque).then(|| samples(&alpha));
                });
                for format in FORMATS {
                    let label = format!("{format:?}, grey {grey}, 16 bits {deep}, opaque {opaque}");
                    let again = decoded(&encoded(&photo, format));
                    assert_eq!((again.width(), again.height()), (37, 23), "{label}");
                    let keeps_grey = match format {
                        Format::WebP => false,
                        Format::Tiff => grey && opaque,
                        _ => grey,
                    };
                    assert_eq!(again.is_grey(), keeps_grey, "{label}");
                    match format {
                        Format::Png | Format::Tiff => {
                            assert_eq!(again.samples(), photo.samples(), "{label}");
                            assert_eq!(again.alpha(), photo.alpha(), "{label}");
                        }
                        Format::WebP => {
                            // 257 * sample value + 9 is nearest to sample value.
                            let Samples::U8(eight) = again.samples() else { panic!("{label}") };
                            assert!(
                                eight.iter().zip(&values).all(|(a, b)| a.abs_diff(*b) <= u8::from(*b > 252)),
                                "{label}"
                            );
                            assert_eq!(again.alpha().is_some(), !opaque, "{label}");
                        }
                        Format::Jpeg { .. } => assert_eq!(again.alpha(), None, "{label}"),
                    }
                }
            }
        }
    }
}

#[test]
fn jpegs_of_every_make_decode_although_the_decoder_is_strict() {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    for (width, height) in [(1, 1), (7, 9), (16, 16), (33, 17), (250, 131)] {
        for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_1_2, SamplingFactor::F_2_2] {
            for (progressive, restart) in [(false, 0), (false, 1), (false, 3), (true, 0), (true, 2)] {
                let mut file = Vec::new();
                let mut encoder = Encoder::new(&mut file, 90);
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.set_restart_interval(restart);
                // Not together with restarts: the encoder then makes files that no decoder reads right.
                encoder.set_optimized_huffman_tables(restart == 0);
                encoder.encode(&sample_values(width, height), width as u16, height as u16, ColorType::Rgb).unwrap();
                let result = decode(&file, &Limits::default());
                let label = format!("{width} x {height}, {sampling:?}, progressive {progressive}, restart {restart}");
                assert!(result.is_ok(), "{label}: {:?}", result.err());
            }
        }
    }
}

#[test]
fn jpeg_colour_is_sharp_unless_asked_otherwise() {
    // Single blue dots on skin.
    let dot = |index: usize| if index.is_multiple_of(5) { [90, 90, 160] } else { [215, 170, 150] };
    let photo = Photo::from_srgb(64, 64, (0..64 * 64).flat_map(dot).collect()).unwrap();
    let half = EncodeOptions { chroma: Some(Chroma::Half), ..Default::default() };
    let sharp = decoded(&encoded(&photo, Format::Jpeg { quality: 95 }));
    let soft = decoded(&encode(&photo, Format::Jpeg { quality: 95 }, &half).unwrap());
    assert!(worst_difference(&photo, &sharp) < 20, "{}", worst_difference(&photo, &sharp));
    assert!(worst_difference(&photo, &soft) > 40, "{}", worst_difference(&photo, &soft));
    // A photo that came with colour at half the resolution has no more to lose, and is written as it came.
    assert_eq!([sharp.chroma(), soft.chroma()], [Chroma::Full, Chroma::Half]);
    let again = decoded(&encoded(&soft, Format::Jpeg { quality: 95 }));
    assert_eq!(again.chroma(), Chroma::Half);
    assert!(worst_difference(&soft, &again) < 20, "{}", worst_difference(&soft, &again));
}

#[test]
fn a_display_p3_photo_keeps_samples_and_profile() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let photo = decoded(&png(&rgb_picture(20, 10), Some(profile), None));
    assert!(photo.colour().icc_profile().is_some());
    let matrix = photo.colour().matrices().unwrap().linear_srgb_from_own;
    for (row, expected) in matrix.iter().zip([1.2249, -0.0421, -0.0196]) {
        assert!((row[0] - expected).abs() < 5e-4, "{matrix:?}");
    }
    assert_eq!(photo.colour().curves()[0], TransferCurve::Srgb);
    assert!(photo.warnings().is_empty());
    for format in FORMATS {
        let again = decoded(&encoded(&photo, format));
        assert!(again.colour() == photo.colour(), "{format:?}");
        if !matches!(format, Format::Jpeg { .. }) {
            assert_eq!(again.samples(), photo.samples(), "{format:?}");
        }
    }
}

#[test]
fn a_long_profile_is_split_over_jpeg_segments() {
    // Three different curves of 50 kB each need three segments.
    let curve = |lift: u16| Some(ToneReprCurve::Lut((0..25_000).map(|at| at * 2 + lift).collect()));
    let mut profile = ColorProfile::new_display_p3();
    for (number, own) in [&mut profile.red_trc, &mut profile.green_trc, &mut profile.blue_trc].into_iter().enumerate() {
        *own = curve(10_000 + number as u16);
    }
    let photo = decoded(&png(&rgb_picture(20, 10), Some(profile.encode().unwrap()), None));
    assert!(photo.colour().icc_profile().unwrap().len() > 150_000);
    let again = decoded(&encoded(&photo, Format::Jpeg { quality: 92 }));
    assert!(again.colour() == photo.colour());
}

/// A profile with more tags.
fn with_tags(profile: &[u8], more: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let number = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().unwrap());
    let (count, room) = (number(128), 12 * more.len() as u32);
    let (list, contents) = profile[132..].split_at(12 * count as usize);
    let mut file = [&profile[..128], &(count + more.len() as u32).to_be_bytes()].concat();
    for entry in list.chunks(12) {
        let at = u32::from_be_bytes(entry[4..8].try_into().unwrap()) + room;
        file.extend([&entry[..4], &at.to_be_bytes(), &entry[8..]].concat());
    }
    let mut at = profile.len() as u32 + room;
    for (name, content) in more {
        file.extend([name.as_slice(), &at.to_be_bytes(), &(content.len() as u32).to_be_bytes()].concat());
        at += content.len() as u32;
    }
    file.extend(contents);
    file.extend(more.iter().flat_map(|(_, content)| content.iter()));
    let size = (file.len() as u32).to_be_bytes();
    file[..4].copy_from_slice(&size);
    file
}

#[test]
fn serial_numbers_and_texts_of_a_profile_cannot_leak_and_its_colours_are_kept() {
    let secret = "SN4711 of Anna";
    let text = || Some(ProfileText::PlainString(secret.to_owned()));
    let grey = ColorProfile::new_gray_with_gamma(1.8);
    for mut known in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb(), grey] {
        let grey = known.gray_trc.is_some();
        (known.description, known.copyright, known.device_model) = (text(), text(), text());
        let profile = known.encode().unwrap();
        let dictionary = [b"dict\0\0\0\0".as_slice(), secret.as_bytes()].concat();
        let more: [(&[u8; 4], &[u8]); 3] =
            [(b"meta", &dictionary), (b"mmod", &dictionary), (b"Zzzz", secret.as_bytes())];
        let mut profile = with_tags(&profile, &more);
        // Manufacturer, model, creator, checksum and what is reserved in the header; and what follows the end.
        profile[48..56].copy_from_slice(&secret.as_bytes()[..8]);
        profile[80..94].copy_from_slice(secret.as_bytes());
        profile[100..114].copy_from_slice(secret.as_bytes());
        profile.extend(secret.as_bytes());

        let picture = if grey { DynamicImage::ImageLuma8(rgb_picture(20, 10).to_luma8()) } else { rgb_picture(20, 10) };
        let photo = decoded(&png(&picture, Some(profile.clone()), None));
        assert!(photo.warnings().is_empty(), "{:?}", photo.warnings());
        let samples = match photo.samples() {
            Samples::U8(samples) => samples.clone(),
            Samples::U16(_) => panic!("8 bits"),
        };
        assert_eq!(samples, picture.to_rgb8().into_raw());
        for format in FORMATS {
            let file = encoded(&photo, format);
            // In PNG it is packed, so that looking at the file's bytes is not enough.
            let reader = image::ImageReader::new(Cursor::new(&file)).with_guessed_format().unwrap();
            let written = reader.into_decoder().unwrap().icc_profile().unwrap();
            if grey && format == Format::WebP {
                assert_eq!(written, None, "as colour in sRGB");
                continue;
            }
            // Of a TIFF the decoder does not give it; there it stands unpacked.
            let clean = photo.colour().icc_profile().unwrap();
            let written =
                written.or_else(|| file.windows(clean.len()).any(|part| part == clean).then(|| clean.to_vec()));
            assert_eq!(written.as_deref(), Some(clean), "{format:?}");
            assert!(decoded(&file).colour() == photo.colour(), "{format:?}");
            let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [&file, &written.unwrap()] {
                for part in [&secret.as_bytes()[..4], &utf16[..8]] {
                    assert!(!bytes.windows(part.len()).any(|window| window == part), "{format:?}");
                }
            }
        }
    }
}

#[test]
fn adobe_rgb_may_be_stated_in_exif_alone() {
    let exif = exif_block(&[(Tag::ColorSpace, Value::Short(vec![0xffff])), (Tag::InteroperabilityIndex, ascii("R03"))]);
    let photo = decoded(&png(&rgb_picture(20, 10), None, Some(exif)));
    let red = photo.colour().matrices().unwrap().linear_srgb_from_own[0][0];
    assert!((red - 1.3984).abs() < 5e-4, "{red}");
    // The fresh EXIF block cannot say so, hence a profile must.
    assert!(decoded(&encoded(&photo, Format::Png)).colour() == photo.colour());
}

#[test]
fn grey_profiles_stay_with_grey_samples() {
    let profile = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    let grey = DynamicImage::ImageLuma8(ImageBuffer::from_fn(16, 16, |x, y| image::Luma([(x * 16 + y) as u8])));
    let photo = decoded(&png(&grey, Some(profile), None));
    assert!(photo.is_grey() && photo.warnings().is_empty());
    assert!(decoded(&encoded(&photo, Format::Png)) == photo);
    assert!(decoded(&encoded(&photo, Format::Tiff)).colour() == photo.colour());
    // WebP has no grey: a gamma of 1.8 becomes sRGB, where 0.5^1.8 = 0.2872 is sample value 146.
    let colour = decoded(&encoded(&photo, Format::WebP));
    assert_eq!(colour.colour().icc_profile(), None);
    let Samples::U8(samples) = colour.samples() else { panic!("8 bits") };
    let Samples::U8(before) = photo.samples() else { panic!("8 bits") };
    let half = before.iter().position(|sample| *sample == 128).unwrap();
    assert!(samples[half].abs_diff(146) <= 1, "{}", samples[half]);
}

#[test]
fn profiles_that_do_not_fit_are_ignored_with_a_warning() {
    let grey_profile = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let mut damaged = ColorProfile::new_display_p3().encode().unwrap();
    damaged[130..].fill(0xff);
    for profile in [grey_profile, damaged, b"no profile at all".to_vec()] {
        let photo = decoded(&png(&rgb_picture(8, 8), Some(profile), None));
        assert_eq!(photo.warnings().len(), 1);
        assert_eq!(**photo.colour(), ColourSpace::srgb());
    }
}

#[test]
fn location_and_serial_numbers_cannot_leak_and_the_date_is_kept() {
    let degrees = Value::Rational([48, 8, 14].map(|num| Rational { num, denom: 1 }).to_vec());
    let exif = exif_block(&[
        (Tag::Make, ascii("Apple")),
        (Tag::Model, ascii("iPhone 15 Pro")),
        (Tag::DateTimeOriginal, ascii("2026:03:01 12:30:59")),
        (Tag::FocalLength, Value::Rational(vec![Rational { num: 686, denom: 100 }])),
        (Tag::FocalLengthIn35mmFilm, Value::Short(vec![24])),
        (Tag::GPSLatitude, degrees),
        (Tag::GPSLatitudeRef, ascii("N")),
        (Tag::BodySerialNumber, ascii("SERIAL12345")),
        (Tag::CameraOwnerName, ascii("OWNERNAME")),
        (Tag::ImageUniqueID, ascii("UNIQUEID")),
    ]);
    let photo = decoded(&png(&rgb_picture(40, 20), None, Some(exif)));
    let camera = CameraData {
        focal_length_35mm: Some(24.0),
        focal_length_mm: Some(6.86),
        taken: Some("2026:03:01 12:30:59".into()),
    };
    assert_eq!(photo.camera(), &camera);
    for format in FORMATS {
        let file = encoded(&photo, format);
        for secret in [b"SERIAL12345".as_slice(), b"OWNERNAME", b"UNIQUEID", b"Apple", b"iPhone"] {
            assert!(!file.windows(secret.len()).any(|window| window == secret), "{format:?}");
        }
        let fields = exif::Reader::new().read_from_container(&mut Cursor::new(&file));
        // What describes the pixels of a TIFF says nothing of anybody.
        let of_pixels = [
            Tag::ImageWidth,
            Tag::ImageLength,
            Tag::BitsPerSample,
            Tag::Compression,
            Tag::PhotometricInterpretation,
            Tag::StripOffsets,
            Tag::SamplesPerPixel,
            Tag::RowsPerStrip,
            Tag::StripByteCounts,
            Tag::XResolution,
            Tag::YResolution,
            Tag::ResolutionUnit,
            Tag(exif::Context::Tiff, 317),
            Tag(exif::Context::Tiff, 339),
        ];
        let tags: Vec<Tag> = fields.unwrap().fields().map(|field| field.tag).collect();
        let allowed =
            [Tag::Orientation, Tag::Software, Tag::DateTimeOriginal, Tag::FocalLength, Tag::FocalLengthIn35mmFilm];
        let is_allowed = |tag: &Tag| allowed.contains(tag) || (format == Format::Tiff && of_pixels.contains(tag));
        assert!(tags.iter().all(is_allowed), "{format:?}: {tags:?}");
        assert_eq!(decoded(&file).camera(), &camera, "{format:?}");
    }
    let without = EncodeOptions { camera_data: false, ..Default::default() };
    let file = encode(&photo, Format::Png, &without).unwrap();
    assert_eq!(*decoded(&file).camera(), CameraData::default());
}

/// Readers warn of a channel of which nobody says what it is.
#[test]
fn opacity_in_a_tiff_is_named() {
    const EXTRA_SAMPLES: Tag = Tag(exif::Context::Tiff, 338);
    const UNASSOCIATED_ALPHA: u32 = 2;
    for grey in [false, true] {
        for deep in [false, true] {
            let picture = match (grey, deep) {
                (true, true) => DynamicImage::ImageLumaA16(ImageBuffer::from_pixel(9, 5, image::LumaA([700, 9000]))),
                (true, false) => DynamicImage::ImageLumaA8(ImageBuffer::from_pixel(9, 5, image::LumaA([70, 90]))),
                (false, true) => DynamicImage::ImageRgba16(ImageBuffer::from_pixel(9, 5, image::Rgba([1, 2, 3, 9000]))),
                (false, false) => DynamicImage::ImageRgba8(ImageBuffer::from_pixel(9, 5, image::Rgba([1, 2, 3, 90]))),
            };
            let photo = decoded(&png(&picture, None, None));
            let file = encoded(&photo, Format::Tiff);
            let fields = exif::Reader::new().read_from_container(&mut Cursor::new(&file)).unwrap();
            let extra = fields.get_field(EXTRA_SAMPLES, In::PRIMARY).expect("the tag is there");
            assert_eq!(extra.value.get_uint(0), Some(UNASSOCIATED_ALPHA), "grey {grey}, deep {deep}");
            let back = decoded(&file);
            assert_eq!((back.samples(), back.alpha()), (photo.samples(), photo.alpha()), "grey {grey}, deep {deep}");
        }
    }
    let opaque = encoded(&decoded(&png(&rgb_picture(9, 5), None, None)), Format::Tiff);
    let fields = exif::Reader::new().read_from_container(&mut Cursor::new(&opaque)).unwrap();
    assert!(fields.get_field(EXTRA_SAMPLES, In::PRIMARY).is_none());
}

#[test]
fn our_own_pictures_are_known_again_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    for (grey, opacity) in [(false, false), (false, true), (true, false), (true, true)] {
        for deep in [false, true] {
            let mut photo = sample_photo(30, 20);
            if grey {
                let equal =
                    |samples: &[u8]| samples.as_chunks::<3>().0.iter().flat_map(|c| [c[0]; 3]).collect::<Vec<u8>>();
                let Samples::U8(samples) = photo.samples() else { panic!("depth") };
                let samples = Samples::U8(equal(samples));
                photo = changed(photo, |parts| (parts.samples, parts.grey) = (samples, true));
            }
            photo = changed(photo, |parts| parts.alpha = opacity.then(|| Samples::U8(vec![90; 600])));
            if deep {
                let wide = |samples: &Samples| match samples {
                    Samples::U8(samples) => Samples::U16(samples.iter().map(|c| u16::from(*c) * 257 + 1).collect()),
                    Samples::U16(samples) => Samples::U16(samples.clone()),
                };
                photo = changed(photo, |parts| {
                    (parts.samples, parts.alpha) = (wide(&parts.samples), parts.alpha.as_ref().map(wide));
                });
            }
            for format in FORMATS {
                let path = file("a", &encoded(&photo, format));
                assert!(is_own_picture(&path), "{format:?} {grey} {opacity} {deep}");
                let without = EncodeOptions { camera_data: false, ..Default::default() };
                let path = file("b", &encode(&photo, format, &without).unwrap());
                assert!(!is_own_picture(&path), "{format:?} {grey} {opacity} {deep}");
            }
        }
    }
    let other = exif_block(&[(Tag::Software, ascii("Scalp Studio Pro")), (Tag::Make, ascii("Scalp Studio"))]);
    assert!(!is_own_picture(&file("c.png", &png(&rgb_picture(20, 10), None, Some(other)))));
    assert!(!is_own_picture(&file("d", b"Scalp Studio")));
    assert!(!is_own_picture(folder.path()) && !is_own_picture(&folder.path().join("none")));
}

/// With a "thumbnail" in EXIF whose end-of-image marker must not be mistaken for the photo's.
fn jpeg_with_thumbnail(progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(progressive);
    encoder.add_app_segment(1, b"Exif\0\0II*\0\x08\0\0\0\0\0\xff\xd8\xff\xd9\xff\xd9".to_vec()).unwrap();
    encoder.encode(&sample_values(90, 60), 90, 60, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

#[test]
fn a_jpeg_cut_off_anywhere_is_refused() {
    for progressive in [false, true] {
        let file = jpeg_with_thumbnail(progressive);
        decoded(&file);
        for length in 1..file.len() {
            match decode(&file[..length], &Limits::default()) {
                Err(PhotoError::Incomplete) => {}
                Err(PhotoError::NotAPhoto | PhotoError::Damaged { .. }) if length < 4 => {}
                other => panic!("progressive {progressive}, {length} of {} bytes: {other:?}", file.len()),
            }
            // A copy that reserved the space and never got the content.
            let mut padded = file[..length].to_vec();
            padded.resize(file.len() + 100, 0);
            assert!(decode(&padded, &Limits::default()).is_err(), "progressive {progressive}, {length} and zeros");
        }
    }
}

#[test]
fn what_follows_a_jpeg_is_ignored() {
    let mut file = jpeg_with_thumbnail(false);
    let photo = decoded(&file);
    // Motion photos: a video; HDR photos: another JPEG.
    file.extend_from_slice(b"\0\0\0\x18ftypmp42\0\0\0\0\xff\xda\xff\xff\xffmoov");
    assert_eq!(decoded(&file), photo);
    file.extend_from_slice(&jpeg_with_thumbnail(true)[..200]);
    assert_eq!(decoded(&file), photo);
}

#[test]
fn other_formats_cut_off_are_refused() {
    for format in [Format::Png, Format::WebP, Format::Tiff] {
        let without = EncodeOptions { camera_data: false, ..Default::default() };
        let file = encode(&sample_photo(60, 40), format, &without).unwrap();
        // The last bytes of a PNG are an empty chunk that holds nothing.
        for length in (1..file.len() - 16).step_by(7) {
            let result = decode(&file[..length], &Limits::default());
            assert!(result.is_err(), "{format:?}, {length} of {}", file.len());
        }
    }
}

/// A PNG header that claims a size.
fn png_of_claimed_size(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(&sample_photo(1, 1), Format::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    // CRC-32 (ISO 3309) of type and content of the IHDR chunk.
    let crc = file[12..29].iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    file[29..33].copy_from_slice(&(!crc).to_be_bytes());
    file
}

#[test]
fn bombs_are_refused_at_once() {
    assert!(matches!(refused(&png_of_claimed_size(30_000, 30_000)), PhotoError::TooManyPixels { .. }));
    let jpeg = {
        let mut file = jpeg_with_thumbnail(false);
        let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        file[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        file
    };
    let error = refused(&jpeg);
    assert!(matches!(error, PhotoError::TooManyPixels { width: 65_535, height: 65_535, .. }));
    assert_eq!(error.to_string().lines().count(), 1);
    // 150 megapixels are allowed, but not in 100 MB.
    let limits = Limits { max_decode_bytes: 100 << 20, ..Limits::default() };
    let error = decode(&png_of_claimed_size(15_000, 10_000), &limits).unwrap_err();
    assert!(matches!(error, PhotoError::TooMuchMemory { .. }), "{error}");
    let limits = Limits { max_pixels: 100, ..Limits::default() };
    assert!(decode(&encoded(&sample_photo(11, 10), Format::WebP), &limits).is_err());
}

#[test]
fn files_are_told_apart_by_content_and_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let problem = |path: &std::path::Path| {
        let error = read(path, &Limits::default()).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with(&path.display().to_string()), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        let PhotoError::InFile { problem, .. } = error else { panic!("{text}") };
        *problem
    };
    // A JPEG whatever its name.
    let photo = sample_photo(20, 10);
    let jpeg = encoded(&photo, Format::Jpeg { quality: 92 });
    assert!(read(&file("photo.heic", &jpeg), &Limits::default()).is_ok());

    assert!(matches!(problem(folder.path()), PhotoError::Folder));
    assert!(matches!(problem(&folder.path().join("missing.jpg")), PhotoError::Missing));
    assert!(matches!(problem(&file("empty.jpg", b"")), PhotoError::Empty));
    assert!(matches!(problem(&file("text.jpg", b"Dear client, ...")), PhotoError::NotAPhoto));
    assert!(matches!(problem(&file("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;")), PhotoError::NotAPhoto));
    assert!(matches!(problem(&file("a.pdf", b"%PDF-1.7\n")), PhotoError::NotAPhoto));
    let avif = problem(&file("a.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1"));
    assert!(avif.to_string().starts_with("an AVIF picture: save the photo as"), "{avif}");
    let small = Limits { max_file_bytes: 10, ..Limits::default() };
    assert!(matches!(read(&file("a.jpg", &jpeg), &small).unwrap_err().problem(), PhotoError::FileTooLarge { .. }));
    let heic = problem(&file("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"));
    if cfg!(feature = "heic") {
        assert!(matches!(heic, PhotoError::Damaged { .. } | PhotoError::Unsupported { .. }), "{heic}");
    } else {
        assert!(matches!(heic, PhotoError::Heic), "{heic}");
    }
    assert!(PhotoError::Heic.to_string().contains("Most Compatible"));
}

#[test]
fn unusual_tiffs_are_refused_with_a_reason() {
    let tiff = |samples: &[u8], kind: ExtendedColorType| {
        let mut file = Cursor::new(Vec::new());
        TiffEncoder::new(&mut file).write_image(samples, 2, 2, kind).unwrap();
        file.into_inner()
    };
    let float = tiff(&[0; 48], ExtendedColorType::Rgb32F);
    assert!(matches!(refused(&float), PhotoError::Unsupported { .. }));
    // A raw file begins with a small preview: its first directory says "reduced resolution".
    let raw = {
        let mut block = exif_block(&[
            (Tag(exif::Context::Tiff, 0x00fe), Value::Long(vec![1])),
            (Tag::ImageWidth, Value::Long(vec![2])),
            (Tag::ImageLength, Value::Long(vec![2])),
            (Tag::BitsPerSample, Value::Short(vec![8])),
            (Tag::Compression, Value::Short(vec![1])),
            (Tag::PhotometricInterpretation, Value::Short(vec![1])),
            (Tag::SamplesPerPixel, Value::Short(vec![1])),
            (Tag::RowsPerStrip, Value::Long(vec![2])),
        ]);
        block.extend_from_slice(&[0; 16]);
        block
    };
    assert!(matches!(refused(&raw), PhotoError::Raw | PhotoError::Damaged { .. }), "{}", refused(&raw));
}

/// Whole files that the decoders do not read are not called damaged.
#[test]
fn kinds_that_are_not_read_are_named_and_another_is_advised() {
    let baseline = encoded(&sample_photo(40, 30), Format::Jpeg { quality: 92 });
    let frame = baseline.windows(2).position(|bytes| bytes == [0xff, 0xc0]).unwrap();
    let jpeg = |marker: u8, bits: u8| {
        let mut file = baseline.clone();
        (file[frame + 1], file[frame + 4]) = (marker, bits);
        file
    };
    let named = [
        (jpeg(0xc9, 8), "arithmetic"),
        (jpeg(0xca, 8), "arithmetic"),
        (jpeg(0xc3, 8), "lossless"),
        (jpeg(0xf7, 8), "lossless"),
        (jpeg(0xc5, 8), "hierarchical"),
        (jpeg(0xc1, 12), "12-bit"),
        (jpeg(0xc2, 12), "12-bit"),
        (b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec(), "BigTIFF"),
        (b"MM\0\x2b\0\x08\0\0\0\0\0\0\0\0\0\x10".to_vec(), "BigTIFF"),
        (b"\xff\x0a\0\0\0\0\0\0\0\0\0\0".to_vec(), "JPEG XL"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B\0\0\0\0".to_vec(), "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf\0\0\0\0".to_vec(), "AVIF"),
    ];
    for (file, name) in named {
        let error = refused(&file);
        assert!(matches!(error, PhotoError::Unsupported { .. }), "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(name) && text.contains("save the photo as"), "{name}: {text}");
    }
    assert_eq!(decoded(&jpeg(0xc0, 8)).size_px(), [40, 30], "the file itself is read");
}

#[test]
fn palettes_and_bits_become_plain_samples() {
    let grey = DynamicImage::ImageLuma16(ImageBuffer::from_fn(9, 5, |x, y| image::Luma([(x * 7000 + y) as u16])));
    let photo = decoded(&png(&grey, None, None));
    assert!(photo.is_grey());
    let Samples::U16(samples) = photo.samples() else { panic!("16 bits") };
    assert_eq!(samples[3..6], [7000, 7000, 7000]);
}

#[test]
fn sizes_beyond_a_format_are_refused_with_advice() {
    let error = encode(&sample_photo(20_000, 1), Format::WebP, &EncodeOptions::default()).unwrap_err();
    assert!(matches!(error, PhotoError::TooLargeForFormat { limit_px: 16_384, .. }));
    let error = encode(&sample_photo(1, 70_000), Format::Jpeg { quality: 92 }, &EncodeOptions::default()).unwrap_err();
    assert!(error.to_string().contains("PNG or TIFF"), "{error}");
}

#[test]
fn encoding_is_reproducible() {
    let photo = decoded(&encoded(&sample_photo(100, 80), Format::Jpeg { quality: 92 }));
    for format in FORMATS {
        assert_eq!(encoded(&photo, format), encoded(&photo, format), "{format:?}");
    }
}

#[test]
fn colours_survive_a_sixteen_bit_round_trip_exactly() {
    let samples: Vec<u16> = (0..64 * 64 * 3).map(|index: u32| (index * 5_333 % 65_536) as u16).collect();
    let picture = DynamicImage::ImageRgb16(ImageBuffer::<Rgb<u16>, _>::from_raw(64, 64, samples.clone()).unwrap());
    let photo = decoded(&png(&picture, None, None));
    assert_eq!(photo.samples(), &Samples::U16(samples));
    assert_eq!(decoded(&encoded(&photo, Format::Tiff)), photo);
}

/// Files that libheif wrote, of one picture: its sample values, and how the file describes them. Cameras name the
/// transfer functions of television without meaning them, and every viewer takes them for sRGB's.
#[cfg(feature = "heic")]
#[test]
fn heic_without_a_profile_has_the_colours_that_viewers_show() {
    let samples: Vec<u8> =
        (0..64_u8).flat_map(|y| (0..96_u8).flat_map(move |x| [40 + 2 * x, 60 + 2 * y, 200 - x - y])).collect();
    for (file, bytes, wide) in [
        ("nclx-srgb", &include_bytes!("heic/nclx-srgb.heic")[..], false),
        ("nclx-bt709", include_bytes!("heic/nclx-bt709.heic"), false),
        ("nclx-bt601", include_bytes!("heic/nclx-bt601.heic"), false),
        ("vui-bt709", include_bytes!("heic/vui-bt709.heic"), false),
        ("nclx-p3", include_bytes!("heic/nclx-p3.heic"), true),
    ] {
        let photo = decoded(bytes);
        let Samples::U8(again) = photo.samples() else { panic!("8 bits") };
        let off =
            again.iter().zip(&samples).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / samples.len() as f64;
        assert!(off < 1.0, "{file}: {off} of 255 off");
        assert_eq!(photo.colour().icc_profile().is_some(), wide, "{file}");
    }
    let film = decode(include_bytes!("heic/nclx-pq.heic"), &Limits::default()).unwrap_err();
    assert!(matches!(film, PhotoError::Unsupported { .. }), "{film}");
}

#[cfg(feature = "heic")]
#[test]
fn heic_is_decoded_and_damage_refused() {
    let samples = sample_values(96, 64);
    let file = heifer::encode_rgb8(96, 64, &samples, &heifer::EncodeOptions::default()).unwrap();
    let photo = decoded(&file);
    assert_eq!((photo.width(), photo.height(), photo.alpha().is_some()), (96, 64, false));
    let Samples::U8(again) = photo.samples() else { panic!("8 bits") };
    let mean = again.iter().zip(&samples).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / samples.len() as f64;
    assert!(mean < 8.0, "{mean}");
    let limits = Limits { max_pixels: 1000, ..Limits::default() };
    assert!(matches!(decode(&file, &limits), Err(PhotoError::TooManyPixels { .. })));
    for length in (12..file.len()).step_by(13) {
        assert!(decode(&file[..length], &Limits::default()).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// `decode` must come back from anything, and what it accepts must be consistent.
    #[test]
    fn damage_never_panics(
        format in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let profile = ColorProfile::new_adobe_rgb().encode().unwrap();
        let mut file = match format {
            0 => jpeg_with_thumbnail(false),
            1 => jpeg_with_thumbnail(true),
            2 => png(&rgb_picture(30, 20), Some(profile), None),
            3 => encoded(&sample_photo(30, 20), Format::WebP),
            4 => encoded(&sample_photo(30, 20), Format::Tiff),
            _ => {
                let photo = changed(sample_photo(30, 20), |parts| {
                    parts.camera.focal_length_mm = Some(6.0);
                });
                encoded(&photo, Format::Jpeg { quality: 80 })
            }
        };
        for (index, value) in changes {
            let index = index.index(file.len());
            file[index] = value;
        }
        if cut {
            file.truncate(keep.index(file.len()));
        }
        if let Ok(photo) = decode(&file, &Limits::default()) {
            prop_assert!(encode(&photo, Format::Png, &EncodeOptions::default()).is_ok());
        }
    }
}
