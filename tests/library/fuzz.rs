//! Input from anybody, changed at random: every reader gives an error or a value, whatever it is given, and what it
//! accepts it writes so that it reads the same again.
//!
//! Some hundreds of inputs each, the same in every run; `SCALP_STUDIO_FUZZ_S=600` goes on with others for so many
//! seconds of processor time each, see RELIABILITY.md; `SCALP_STUDIO_FUZZ_FROM=1000000` begins with the input of this
//! number. What such a run finds is kept below as a case of its own.

use std::io::Cursor;

use crate::fuzzing::fuzz;
use image::{DynamicImage, ImageBuffer, ImageFormat};
use scalp_studio::case::document::Document;
use scalp_studio::case::head_fit::FitInput;
use scalp_studio::case::landmarks_file;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, Start};
use scalp_studio::cli::splats_file;
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{EncodeOptions, Format, Limits, PhotoError, decode, encode};
use scalp_studio::plan::Plan;

/// Inputs of a short run.
const SHORT: u64 = 400;

#[test]
fn photos() {
    let picture = DynamicImage::ImageRgb8(ImageBuffer::from_fn(61, 47, |x, y| {
        image::Rgb([(x * 4) as u8, (y * 5) as u8, (x * y) as u8])
    }));
    let as_decoded = {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        decode(&png.into_inner(), &Limits::default()).unwrap()
    };
    let formats = [Format::Jpeg { quality: 90 }, Format::Png, Format::WebP, Format::Tiff];
    let mut seeds: Vec<Vec<u8>> =
        formats.iter().map(|format| encode(&as_decoded, *format, &EncodeOptions::default()).unwrap()).collect();
    if cfg!(feature = "heic") {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/heic");
        let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        seeds.extend(files.filter(|bytes| bytes.len() < 100_000 && decode(bytes, &Limits::default()).is_ok()));
    }
    // Within a megapixel and some megabytes, so that claims of more are refused and not served.
    let limits = Limits { max_pixels: 1 << 20, max_decode_bytes: 32 << 20, ..Limits::default() };
    fuzz("photos", SHORT, &seeds, false, |bytes| match decode(bytes, &limits) {
        Ok(photo) => {
            assert!(u64::from(photo.width()) * u64::from(photo.height()) <= limits.max_pixels);
            encode(&photo, Format::Png, &EncodeOptions::default()).is_ok()
        }
        Err(error) => {
            assert!(!matches!(error, PhotoError::Io(_)) && !error.to_string().is_empty());
            false
        }
    });
}

/// The sample client's case, its document as JSON.
fn document() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let views = Client::Light.views().unwrap().into_iter().take(2).collect();
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let path = folder.path().join("a.scalp");
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    let json = case.document().to_json();
    (folder, json)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[test]
fn plans() {
    let (_folder, json) = document();
    let document = Document::from_json(&json).unwrap();
    let plan = document.variants[0].plan.to_json();
    fuzz("plans", SHORT, &[plan.into_bytes()], true, |bytes| {
        let Some(Ok(plan)) = text(bytes).map(Plan::from_json) else { return false };
        assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan, "what is accepted is written as it is read");
        true
    });
}

#[test]
fn documents() {
    let (_folder, json) = document();
    let mut accepted = 0;
    fuzz("documents", SHORT, &[json.into_bytes()], true, |bytes| {
        let Some(Ok(document)) = text(bytes).map(Document::from_json) else { return false };
        assert_eq!(Document::from_json(&document.to_json()).unwrap(), document);
        // A fit takes a while: some of them.
        accepted += 1;
        if accepted % 10 == 0 {
            drop(FitInput::of(&document).fit());
        }
        true
    });
}

#[test]
fn landmarks() {
    let points = r#"{"views": {"front": {"pupil_right": [812.5, 640], "pupil_left": [1012.25, 641], "menton": [910, 1100],
        "outline": [[500, 400], [600, 300.5], [700, 250]]}, "left": {"menton": [1e3, 5]}}}"#;
    fuzz("landmarks", SHORT, &[points.as_bytes().to_vec()], true, |bytes| {
        text(bytes).is_some_and(|text| landmarks_file::parse(text).is_ok())
    });
}

#[test]
fn dots() {
    let rows = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity,note\n1,2,3,3,0,0.5,a\n30.5,20,2.25,1.5,45,0.25,b\n\
        -4e1, 7 ,0,0,-180,1,\n";
    let quoted = "\"x_px\",\"y_px\",\"opacity\",\"angle_deg\",\"fwhm_minor_px\",\"fwhm_major_px\"\r\n1,2,0.5,0,3,3\r\n";
    fuzz("dots", SHORT, &[rows.as_bytes().to_vec(), quoted.as_bytes().to_vec()], true, |bytes| {
        let Ok(splats) = splats_file::parse(bytes) else { return false };
        for splat in splats.as_slice() {
            let numbers = [splat.x_px, splat.y_px, splat.sigma_major_px, splat.sigma_minor_px, splat.loss_px2[0]];
            assert!(numbers.iter().all(|number| number.is_finite()), "{splat:?}");
        }
        true
    });
}

#[test]
fn cases() {
    let (folder, _) = document();
    // Without most of the photos, so that changes meet what is read.
    let small = folder.path().join("small.scalp");
    drop(Case::create_empty(&small, Existing::Refuse).unwrap());
    let seeds = [std::fs::read(&small).unwrap(), std::fs::read(folder.path().join("a.scalp")).unwrap()];
    let path = folder.path().join("changed.scalp");
    fuzz("cases", SHORT, &seeds, false, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let opened = Case::open(&path);
        if let Ok(case) = &opened {
            drop(case.trail());
            drop(case.thumbnail(0));
            (0..case.document().views.len()).for_each(|view| drop(case.photo_bytes(view)));
        }
        if let Ok(reader) = scalp_studio::case::rescue::RescueReader::open(&path) {
            drop(reader.parts());
            drop(reader.rescue(&folder.path().join("rescued.scalp"), Existing::Replace));
        }
        let whole = opened.is_ok_and(|case| case.read_only_reason().is_none());
        if !whole {
            assert!(std::fs::read(&path).unwrap() == bytes, "what cannot be read is left as it is");
        }
        whole
    });
}
