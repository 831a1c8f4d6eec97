//! The blur estimated from a photo, against photos of known blur.

use crate::pictures::{random, samples};
use scalp_studio::ground::colour::{srgb_fraction_from_light, srgb_light_from_fraction};
use scalp_studio::photo::pyramid::halved;
use scalp_studio::photo::{self, Chroma, EncodeOptions, Format, Limits, Photo, PixelRect};
use scalp_studio::reading::lens::Lens;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};

const SIDE_PX: u32 = 480;

/// A mottled head in front of a mottled grey wall, through a lens of this blur; exact except where the curvature of the
/// outline matters. `grain` is a standard deviation of light.
fn scene(blur_px: f64, exposure: f64, grain: f64) -> Photo {
    let middle = 0.5 * f64::from(SIDE_PX);
    let spread = blur_px.max(0.02);
    let below = |t: f64| 0.5 * libm::erfc(-t / std::f64::consts::SQRT_2);
    let noise =
        |index: usize| (0..4).map(|seed| f64::from(random(index, 90 + seed)) - 0.5).sum::<f64>() * 3.0_f64.sqrt();
    // The head's share of each pixel; integrated numerically only near the outline.
    let distance = |x: f64, y: f64| {
        let (dx, dy) = ((x - middle) / 150.0, (y - middle - 3.3) / 190.0);
        let radius = dx.hypot(dy);
        (1.0 - radius) * radius / (dx / 150.0).hypot(dy / 190.0).max(1e-9)
    };
    let share_of = |x: f64, y: f64| match distance(x + 0.5, y + 0.5) {
        far if far.abs() > 5.0 * spread + 2.0 => f64::from(u8::from(far > 0.0)),
        _ => {
            let at = |k: i32| (f64::from(k) + 0.5) / 8.0;
            (0..64).map(|k| below(distance(x + at(k % 8), y + at(k / 8)) / spread)).sum::<f64>() / 64.0
        }
    };
    let pixel = |index: u32| share_of(f64::from(index % SIDE_PX), f64::from(index / SIDE_PX));
    let shares: Vec<f64> = (0..SIDE_PX * SIDE_PX).map(pixel).collect();
    crate::pictures::photo(SIDE_PX, SIDE_PX, |x, y, channel| {
        let share = shares[(y * SIDE_PX + x) as usize];
        let mottle = 1.0 + 0.04 * libm::sin(f64::from(x) / 9.0) * libm::sin(f64::from(y) / 13.0);
        let skin = [0.55, 0.34, 0.27][channel as usize] * mottle;
        let light = exposure * (0.16 + (skin - 0.16) * share);
        let light = light + grain * noise(((y * SIDE_PX + x) * 3 + channel) as usize);
        (255.0 * srgb_fraction_from_light(light.clamp(0.0, 1.0))).round() as u8
    })
}

fn jpeg(photo: &Photo, quality: u8) -> Photo {
    let options = EncodeOptions { chroma: Some(Chroma::Half), camera_data: false };
    let bytes = photo::encode(photo, Format::Jpeg { quality }, &options).unwrap();
    photo::decode(&bytes, &Limits::default()).unwrap()
}

fn lens(photo: &Photo) -> Lens {
    Lens::of(photo, PixelRect { x0: 0, y0: 0, x1: photo.width() as i32, y1: photo.height() as i32 })
}

#[test]
fn the_estimated_blur_is_that_of_the_photo() {
    for blur_px in [0.3, 0.7, 1.2, 2.0] {
        let clean = scene(blur_px, 1.0, 0.0);
        let grainy = scene(blur_px, 1.0, 0.006);
        let dark = scene(blur_px, 0.4, 0.002);
        for (name, photo, bound) in [
            ("as it is", clean, 0.03),
            ("with grain", grainy.clone(), 0.05),
            ("dark", dark, 0.05),
            ("JPEG 92", jpeg(&grainy, 92), 0.05),
            ("JPEG 75", jpeg(&grainy, 75), 0.08),
        ] {
            let estimate = lens(&photo);
            let bound = bound + 0.03 * (blur_px - 1.0_f64).max(0.0);
            assert!((estimate.blur_px - blur_px).abs() < bound, "{blur_px} px, {name}: {estimate:?}");
            assert!(estimate.edges > 0 && estimate.standard_error_px < 0.2, "{blur_px} px, {name}: {estimate:?}");
        }
    }
}

#[test]
fn a_photo_at_half_size_has_half_the_blur() {
    let photo = scene(1.6, 1.0, 0.004);
    let (whole, half) = (lens(&photo), lens(&halved(&photo)));
    assert!((half.blur_px - 0.5 * whole.blur_px).abs() < 0.06, "{half:?} of {whole:?}");
}

#[test]
fn a_photo_without_edges_says_that_its_blur_is_assumed() {
    // Grain, and shading far wider than any lens blur.
    let photo = crate::pictures::photo(300, 300, |x, y, channel| {
        let shade = 1.0 - 0.3 * f64::from(x + y) / 600.0;
        ([205.0, 165.0, 145.0][channel as usize] * shade + 6.0 * f64::from(random((y * 300 + x) as usize, 3))) as u8
    });
    assert_eq!(lens(&photo), Lens::ASSUMED);
    assert_eq!(lens(&crate::pictures::plain(10, 10, 100)), Lens::ASSUMED);
}

#[test]
fn dots_drawn_with_the_estimated_blur_look_as_with_the_true_one() {
    // What matters: single dots stand out as strongly, and no more light is lost.
    let dots = |blur_px: f32| {
        let dot = |k: u32| Splat {
            x_px: 120.0 + (k % 40) as f32 * 6.0 + 1.3 * random(k as usize, 1),
            y_px: 120.0 + (k / 40) as f32 * 6.0 + 1.3 * random(k as usize, 2),
            sigma_major_px: 1.1,
            sigma_minor_px: 0.5,
            axis: [0.8, 0.6],
            loss_px2: [1.6; 3],
        };
        Splats::new((0..1600).map(|k| dot(k).blurred(blur_px)).collect())
    };
    for blur_px in [0.5, 1.2] {
        let photo = scene(blur_px, 1.0, 0.004);
        let estimate = Lens::around(&photo, dots(0.0).bounds_px()).blur_px as f32;
        let look = |blur_px: f32| {
            let mut after = photo.clone();
            composite(&mut after, &dots(blur_px), &Specular::None);
            let light =
                |photo: &Photo, index: usize| srgb_light_from_fraction(f64::from(samples(photo)[index]) / 255.0);
            let ratios: Vec<f64> = (130..350)
                .flat_map(|y| (130..350).map(move |x| (y * SIDE_PX as usize + x) * 3))
                .map(|index| light(&after, index) / light(&photo, index))
                .collect();
            let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
            let variance = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / ratios.len() as f64;
            (mean, variance.sqrt())
        };
        let (got, wanted) = (look(estimate), look(blur_px as f32));
        assert!((got.1 / wanted.1 - 1.0).abs() < 0.05, "{blur_px}: contrast {} for {}", got.1, wanted.1);
        assert!((got.0 - wanted.0).abs() < 0.002, "{blur_px}: {} for {}", got.0, wanted.0);
    }
}

#[test]
fn sixteen_bit_photos_give_the_same_blur() {
    let eight = scene(0.8, 1.0, 0.003);
    assert!((lens(&eight).blur_px - lens(&crate::pictures::deep(&eight)).blur_px).abs() < 0.01);
}
