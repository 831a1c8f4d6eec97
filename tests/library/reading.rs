//! Blur and sharpening estimated from a photo, against photos where they are known.

use crate::pictures::{random, samples, sharpened};
use scalp_studio::ground::colour::{srgb_fraction_from_light, srgb_light_from_fraction};
use scalp_studio::photo::pyramid::halved;
use scalp_studio::photo::{self, Chroma, EncodeOptions, Format, Limits, Photo, PixelRect, Samples};
use scalp_studio::reading::lens::Lens;
use scalp_studio::reading::sharpening::{PointSpread, Sharpening};
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
            assert!((estimate.spread.blur_px - blur_px).abs() < bound, "{blur_px} px, {name}: {estimate:?}");
            assert!(estimate.edges > 0 && estimate.standard_error_px < 0.2, "{blur_px} px, {name}: {estimate:?}");
        }
    }
}

#[test]
fn a_photo_at_half_size_has_half_the_blur() {
    let photo = scene(1.6, 1.0, 0.004);
    let (whole, half) = (lens(&photo), lens(&halved(&photo)));
    assert!((half.spread.blur_px - 0.5 * whole.spread.blur_px).abs() < 0.06, "{half:?} of {whole:?}");
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

/// Dots on the head of the scene.
fn dots() -> Splats {
    let dot = |k: u32| Splat {
        x_px: 120.0 + (k % 40) as f32 * 6.0 + 1.3 * random(k as usize, 1),
        y_px: 120.0 + (k / 40) as f32 * 6.0 + 1.3 * random(k as usize, 2),
        sigma_major_px: 1.1,
        sigma_minor_px: 0.5,
        axis: [0.8, 0.6],
        loss_px2: [1.6; 3],
    };
    Splats::new((0..1600).map(dot).collect())
}

/// Mean and standard deviation of the light that is left where the dots lie.
fn light_left(before: &Photo, after: &Photo) -> (f64, f64) {
    let light = |photo: &Photo, index: usize| srgb_light_from_fraction(f64::from(samples(photo)[index]) / 255.0);
    let ratios: Vec<f64> = (130..350)
        .flat_map(|y| (130..350).map(move |x| (y * SIDE_PX as usize + x) * 3))
        .map(|index| light(after, index) / light(before, index))
        .collect();
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    let variance = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / ratios.len() as f64;
    (mean, variance.sqrt())
}

fn treated(photo: &Photo, dots: &Splats) -> Photo {
    let mut after = photo.clone();
    composite(&mut after, dots, &Specular::None);
    after
}

#[test]
fn dots_drawn_with_the_estimated_blur_look_as_with_the_true_one() {
    // What matters: single dots stand out as strongly, and no more light is lost.
    for blur_px in [0.5, 1.2] {
        let photo = scene(blur_px, 1.0, 0.004);
        let estimate = Lens::around(&photo, dots().bounds_px()).spread.blur_px as f32;
        let look = |blur_px: f32| light_left(&photo, &treated(&photo, &dots().blurred(blur_px)));
        let (got, wanted) = (look(estimate), look(blur_px as f32));
        assert!((got.1 / wanted.1 - 1.0).abs() < 0.05, "{blur_px}: contrast {} for {}", got.1, wanted.1);
        assert!((got.0 - wanted.0).abs() < 0.002, "{blur_px}: {} for {}", got.0, wanted.0);
    }
}

/// Unsharp masks such as photographs of heads have gone through.
const SHARPENINGS: [Sharpening; 3] = [
    Sharpening { amount: 0.5, radius_px: 2.4 },
    Sharpening { amount: 1.0, radius_px: 1.8 },
    Sharpening { amount: 0.8, radius_px: 1.2 },
];

#[test]
fn dots_drawn_into_a_sharpened_photo_look_as_if_they_had_been_sharpened_with_it() {
    for (blur_px, sharpening) in [0.7, 1.1].into_iter().flat_map(|blur_px| SHARPENINGS.map(|s| (blur_px, s))) {
        let photo = scene(blur_px, 1.0, 0.003);
        let seen = sharpened(&photo, sharpening);
        let lens = Lens::around(&seen, dots().bounds_px());
        assert!(lens.spread.sharpening.amount > 0.0, "{blur_px} px, {sharpening:?}: {lens:?}");
        let wanted = light_left(&seen, &sharpened(&treated(&photo, &dots().blurred(blur_px as f32)), sharpening));
        let got = light_left(&seen, &treated(&seen, &dots().photographed(&lens.spread)));
        let soft = light_left(&seen, &treated(&seen, &dots().blurred(blur_px as f32)));
        assert!((got.1 / wanted.1 - 1.0).abs() < 0.06, "{blur_px} px, {sharpening:?}: {got:.4?} for {wanted:.4?}");
        assert!((got.0 - wanted.0).abs() < 0.01, "{blur_px} px, {sharpening:?}: {got:.4?} for {wanted:.4?}");
        assert!(wanted.1 > 1.08 * soft.1, "sharpening makes a difference: {wanted:.4?}, otherwise {soft:.4?}");
    }
}

#[test]
fn sharpening_a_dot_takes_no_light_from_the_photo() {
    let photo = crate::pictures::deep(&crate::pictures::plain(SIDE_PX, SIDE_PX, 200));
    let mean = |dots: &Splats| {
        let Samples::U16(samples) = treated(&photo, dots).samples().clone() else { panic!("16 bits") };
        let light = samples.iter().map(|sample| srgb_light_from_fraction(f64::from(*sample) / 65_535.0));
        light.sum::<f64>() / samples.len() as f64
    };
    // Single dots: where rims of several overlap, there is a little more.
    let single = Splats::new(dots().as_slice().iter().copied().step_by(9).collect());
    let [before, soft] = [mean(&Splats::default()), mean(&single.blurred(0.8))];
    for sharpening in SHARPENINGS {
        let sharp = mean(&single.photographed(&PointSpread { blur_px: 0.8, sharpening }));
        assert!(((before - sharp) / (before - soft) - 1.0).abs() < 0.02, "{sharpening:?}: {sharp} for {soft}");
    }
}

#[test]
fn a_spot_is_found_again_as_wide_as_it_was_before_sharpening() {
    for sharpening in SHARPENINGS {
        for variance_px2 in [0.5, 1.5, 6.0_f64] {
            let rim_px2 = variance_px2 + sharpening.radius_px * sharpening.radius_px;
            let height = |distance_px: f64| {
                let spot = |variance: f64| libm::exp(-0.5 * distance_px * distance_px / variance) / variance;
                (1.0 + sharpening.amount) * spot(variance_px2) - sharpening.amount * spot(rim_px2)
            };
            let half = (1..9000).map(|k| 0.001 * f64::from(k)).find(|px| height(*px) < 0.5 * height(0.0)).unwrap();
            let seen_px2 = half * half / (2.0 * std::f64::consts::LN_2);
            let found_px2 = sharpening.unsharpened_px2(seen_px2);
            assert!(seen_px2 < variance_px2 && (found_px2 / variance_px2 - 1.0).abs() < 0.01, "{sharpening:?}");
            assert!((sharpening.gain(variance_px2) / (variance_px2 * height(0.0)) - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn sixteen_bit_photos_give_the_same_blur() {
    let eight = scene(0.8, 1.0, 0.003);
    assert!((lens(&eight).spread.blur_px - lens(&crate::pictures::deep(&eight)).spread.blur_px).abs() < 0.01);
}
