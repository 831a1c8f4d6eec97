//! The window reads from a photo what the command line reads from it, whatever its bit depth and colour profile.

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageBuffer, ImageEncoder};
use moxcms::ColorProfile;
use scalp_studio::case::{Case, NewView, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{Limits, Photo, Samples, decode};

use crate::window::{Setup, Window};

/// The photo as a PNG file: with 16-bit sample values between those that 8 bits can have, or with a colour profile.
fn file(photo: &Photo, deep: bool, profile: Option<Vec<u8>>) -> Vec<u8> {
    let Samples::U8(samples) = photo.samples() else { panic!("8 bits") };
    let [width, height] = photo.size_px();
    let picture = if deep {
        let between = |(k, sample): (usize, &u8)| u16::from(*sample) * 256 + (k * 7919 % 256) as u16;
        let samples = samples.iter().enumerate().map(between).collect();
        DynamicImage::ImageRgb16(ImageBuffer::from_raw(width, height, samples).unwrap())
    } else {
        DynamicImage::ImageRgb8(ImageBuffer::from_raw(width, height, samples.clone()).unwrap())
    };
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    profile.into_iter().for_each(|profile| encoder.set_icc_profile(profile).unwrap());
    picture.write_with_encoder(encoder).unwrap();
    file
}

#[test]
fn skin_is_read_from_the_photo_itself_and_not_from_its_copy_for_the_screen() {
    let limits = Limits::default();
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for (name, deep, profile) in [
        ("16 bits", true, None),
        ("Display P3", false, Some(p3.clone())),
        ("Display P3 of 16 bits", true, Some(p3.clone())),
    ] {
        let of_view = |view: NewView| {
            let photo = decode(&view.bytes, &limits).unwrap();
            NewView { bytes: file(&photo, deep, profile.clone()), ..view }
        };
        let start = Start { ignore_own_hair: true, ..Start::default() };
        let mut command_line = None;
        let mut window = Window::start(Setup::default(), |folder| {
            let views = sample::Client::Light.views().unwrap().into_iter().map(of_view).collect();
            let path = folder.join("cases/anna.scalp");
            let case = Case::create(&path, views, &start, Existing::Refuse, &limits).unwrap();
            command_line = Some(case.fitted_mock_up(None, &limits).unwrap().mock_up.skin);
            vec![path]
        });
        window.settle();
        assert_eq!(Some(window.open_case().facts.skin), command_line, "{name}");
    }
}
