//! Measuring dots of known density, size and shade on made-up skin gives these back; bare skin has nothing to measure.

use crate::args;
use crate::client::{Client, done, done_json, refused, wrong as refusal};
use crate::pictures::{changed, sharpened};
use glam::{DMat3, DVec2, DVec3};
use rand::RngExt;
use rayon::prelude::*;
use scalp_studio::case::Case;
use scalp_studio::ground::colour::srgb_fraction_from_light;
use scalp_studio::ground::random::{Purpose, sequence};
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::ALL;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::photo::{Chroma, EncodeOptions, Format, Limits, Photo, Samples, decode, encode};
use scalp_studio::plan::Plan;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::sharpening::{PointSpread, Sharpening};
use scalp_studio::reading::stubble::{Patch, PhotoConditions, Stubble, StubbleError};
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::skin::offer::Offer;
use scalp_studio::skin::settings::Outlook;
use scalp_studio::skin::shade::Recipe;

/// Linear light of light, medium and dark skin.
const SKINS: [[f64; 3]; 3] = [[0.60, 0.38, 0.28], [0.33, 0.18, 0.11], [0.12, 0.065, 0.04]];
const MM_PER_PX: [f64; 3] = [0.03, 0.06, 0.12];
const RADIUS_MM: f64 = 6.0;
/// For the finest photo, so that there are fewer pixels to make.
const SMALL_RADIUS_MM: f64 = 4.0;
/// Blur of the camera, px.
const BLUR_PX: f64 = 0.7;
/// Ratio of a Gaussian's full width at half maximum to its standard deviation.
const WIDTH_PER_SIGMA: f64 = 2.354_820_045_030_949_3;

/// A piece of scalp, and the camera that photographs it.
struct Scene {
    head: Head,
    camera: Camera,
    place: SurfacePoint,
    size_px: u32,
    radius_mm: f64,
}

impl Scene {
    fn sensor(&self) -> Sensor {
        let (camera, photo_px) = (self.camera, [self.size_px; 2]);
        Sensor { camera, photo_px, spread: PointSpread::blurred(0.7), level: 0, hidden: None, tones: None }
    }

    /// A patch above the forehead, in the middle of the photo, seen from 900 mm at this angle to the skin's normal.
    fn new(mm_per_px: f64, degrees: f64, radius_mm: f64) -> Self {
        let head = Head::average();
        let place = head.above_glabella(95.0);
        let side = place.normal.cross(DVec3::Y).normalize();
        let (s, c) = libm::sincos(degrees.to_radians());
        let towards = place.normal * c + side * s;
        let right = DVec3::Y.cross(towards).normalize();
        let down = right.cross(towards).normalize();
        let camera_from_head = DMat3::from_cols(right, down, -towards).transpose();
        let eye = place.position + towards * 900.0;
        let size_px = (2.0 * (radius_mm + 2.0) / mm_per_px) as u32;
        let camera = Camera {
            camera_from_head,
            head_origin_mm: -(camera_from_head * eye),
            focal_px: 900.0 / mm_per_px,
            principal_px: DVec2::splat(0.5 * f64::from(size_px)),
        };
        Self { head, camera, place, size_px, radius_mm }
    }

    fn patch(&self) -> Patch {
        Patch { middle_px: self.camera.principal_px, radius_mm: self.radius_mm }
    }

    fn measure(&self, photo: &Photo) -> Result<Stubble, StubbleError> {
        Stubble::measure(photo, &self.head, &self.camera, self.patch(), PhotoConditions::default())
    }

    /// Random places on the skin, at least 0.7 of the spacing of the densest packing apart (less where that does not
    /// fit).
    fn places(&self, per_cm2: f64, seed: u64) -> Vec<SurfacePoint> {
        let mut rng = sequence(seed, Purpose::Follicles, 0);
        let half_mm = self.radius_mm + 2.5;
        let wanted = (per_cm2 * 0.01 * 4.0 * half_mm * half_mm).round() as usize;
        let mut least_mm = 0.7 * (200.0 / (3.0_f64.sqrt() * per_cm2)).sqrt();
        let mut flat: Vec<DVec2> = Vec::new();
        let mut tries = 0;
        while flat.len() < wanted {
            let new = DVec2::new(rng.random(), rng.random()) * (2.0 * half_mm) - half_mm;
            if flat.iter().all(|p| p.distance(new) > least_mm) {
                flat.push(new);
                tries = 0;
            }
            tries += 1;
            if tries > 3000 {
                least_mm *= 0.98;
                tries = 0;
            }
        }
        let (u, v) = self.place.normal.any_orthonormal_pair();
        flat.iter().map(|p| self.head.cranium.below(self.place.position + u * p.x + v * p.y)).collect()
    }

    /// Actual density in the patch, dots per cm2.
    fn density(&self, places: &[SurfacePoint]) -> f64 {
        let inside = places.iter().filter(|p| p.position.distance(self.place.position) <= self.radius_mm).count();
        inside as f64 / (0.01 * std::f64::consts::PI * self.radius_mm * self.radius_mm)
    }

    /// Round dots as the blurred camera sees them.
    fn splats(&self, places: &[SurfacePoint], width_mm: f64, opacity: f64) -> Splats {
        let splat = |place: &SurfacePoint| {
            let pixel = self.camera.image_from_head(place.position).unwrap();
            let footprint = self.camera.footprint(place.position, place.normal);
            let sigma_mm = width_mm / WIDTH_PER_SIGMA;
            let loss = opacity * std::f64::consts::TAU * sigma_mm * sigma_mm * footprint.px2_per_mm2();
            Splat {
                x_px: pixel.x as f32,
                y_px: pixel.y as f32,
                sigma_major_px: (sigma_mm * footprint.major_px_per_mm).hypot(BLUR_PX) as f32,
                sigma_minor_px: (sigma_mm * footprint.minor_px_per_mm).hypot(BLUR_PX) as f32,
                axis: [footprint.axis.x as f32, footprint.axis.y as f32],
                loss_px2: [loss as f32; 3],
            }
        };
        Splats::new(places.iter().map(splat).collect())
    }

    /// A photo of skin with these dots, slightly shaded and as grainy as a phone's.
    fn photo(&self, skin: [f64; 3], splats: &Splats, texture: impl Fn(DVec2) -> f64) -> Photo {
        let size = self.size_px as usize;
        let mut samples = Vec::with_capacity(size * size * 3);
        for k in 0..size * size {
            let at = DVec2::new((k % size) as f64, (k / size) as f64) / size as f64 - 0.5;
            let shade = 1.0 + 0.1 * at.x + 0.1 * at.y * at.y;
            let light = skin.map(|c| c * shade * texture((at + 0.5) * size as f64));
            samples.extend(light.map(|c| (65_535.0 * srgb_fraction_from_light(c.min(1.0))).round() as u16));
        }
        let mut photo = crate::pictures::plain(self.size_px, self.size_px, 0);
        photo = changed(photo, |parts| parts.samples = Samples::U16(samples));
        composite(&mut photo, splats, &Specular::None);
        grained(photo)
    }
}

/// Adds grain of 2.3 sample values, averaged over four pixels as demosaicing and noise reduction do, and rounds to 8
/// bits.
fn grained(photo: Photo) -> Photo {
    let size = photo.width() as usize;
    let mut rng = sequence(7, Purpose::DotTraits, 1);
    let noise: Vec<f64> = (0..(size + 1) * (size + 1) * 3)
        .map(|_| (0..4).map(|_| rng.random::<f64>() - 0.5).sum::<f64>() * 3.0_f64.sqrt())
        .collect();
    let Samples::U16(samples) = photo.samples() else { panic!("16 bits") };
    let mean = |k: usize| {
        let (pixel, c) = (k / 3, k % 3);
        let first = (pixel / size * (size + 1) + pixel % size) * 3 + c;
        let below = first + 3 * (size + 1);
        0.25 * (noise[first] + noise[first + 3] + noise[below] + noise[below + 3])
    };
    let samples =
        samples.iter().enumerate().map(|(k, sample)| (f64::from(*sample) / 257.0 + 4.6 * mean(k)).round() as u8);
    let samples = Samples::U8(samples.collect());
    changed(photo, |parts| parts.samples = samples)
}

/// A piece of scalp seen squarely.
fn square(mm_per_px: f64) -> Scene {
    Scene::new(mm_per_px, 0.0, if mm_per_px < 0.05 { SMALL_RADIUS_MM } else { RADIUS_MM })
}

fn even(_: DVec2) -> f64 {
    1.0
}

/// Waves in random directions around a few wavelengths; `strength` is relative to the light.
fn texture(strength: f64) -> impl Fn(DVec2) -> f64 {
    let mut rng = sequence(5, Purpose::DotTraits, 0);
    let waves: Vec<(DVec2, f64)> = [4.0, 8.0, 15.0, 40.0]
        .iter()
        .flat_map(|length_px| std::iter::repeat_n(*length_px, 6))
        .map(|length_px| {
            let (s, c) = libm::sincos(rng.random::<f64>() * std::f64::consts::TAU);
            let frequency = std::f64::consts::TAU / (length_px * (0.8 + 0.4 * rng.random::<f64>()));
            (DVec2::new(c, s) * frequency, rng.random::<f64>() * std::f64::consts::TAU)
        })
        .collect();
    move |at| {
        let sum: f64 = waves.iter().map(|(wave, phase)| libm::sin(wave.dot(at) + phase)).sum();
        1.0 + strength * sum / 3.0_f64.sqrt()
    }
}

/// What is wrong with a measurement, unless density is within 10 %, size within 15 % and L* within 2.
fn wrong(found: &Result<Stubble, StubbleError>, density: f64, width_mm: f64, dot: Tone) -> Option<String> {
    let Ok(found) = found else { return Some(format!("{found:?}")) };
    let off = [
        found.density_per_cm2.value / density - 1.0,
        found.diameter_mm.value / width_mm - 1.0,
        found.dot.lab()[0] - dot.lab()[0],
    ];
    let bad = off[0].abs() > 0.10 || off[1].abs() > 0.15 || off[2].abs() > 2.0;
    bad.then(|| format!("density {:+.3}, size {:+.3}, L* {:+.1}", off[0], off[1], off[2]))
}

#[test]
fn density_size_and_shade_of_known_dots_are_measured() {
    let mut kinds = Vec::new();
    for mm_per_px in MM_PER_PX {
        for per_cm2 in [40.0, 80.0, 150.0] {
            let scene = square(mm_per_px);
            let places = scene.places(per_cm2, 3);
            for skin in SKINS {
                for (width_mm, opacity) in [(0.25, 0.45), (0.25, 0.75), (0.45, 0.45), (0.45, 0.75)] {
                    kinds.push((mm_per_px, per_cm2, places.clone(), skin, width_mm, opacity));
                }
            }
        }
    }
    let problems: Vec<String> = kinds
        .par_iter()
        .filter_map(|(mm_per_px, per_cm2, places, skin, width_mm, opacity)| {
            let scene = square(*mm_per_px);
            let photo = scene.photo(*skin, &scene.splats(places, *width_mm, *opacity), even);
            let dot = Tone(skin.map(|c| c * (1.0 - opacity)));
            let found = scene.measure(&photo);
            let problem = wrong(&found, scene.density(places), *width_mm, dot)?;
            Some(format!(
                "{mm_per_px} mm a pixel, {per_cm2} per cm2, {width_mm} mm, {opacity}, skin {skin:?}: {problem}"
            ))
        })
        .collect();
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), kinds.len(), problems.join("\n"));
}

#[test]
fn bare_skin_has_nothing_to_measure() {
    let highlight = |scene: &Scene| {
        let (middle, reach) = (scene.camera.principal_px, 0.2 * f64::from(scene.size_px));
        move |at: DVec2| 1.0 + 0.6 * libm::exp(-0.5 * at.distance_squared(middle) / (reach * reach))
    };
    for mm_per_px in MM_PER_PX {
        let scene = square(mm_per_px);
        for skin in SKINS {
            let bare = Splats::default();
            for photo in [
                scene.photo(skin, &bare, even),
                scene.photo(skin, &bare, texture(0.02)),
                scene.photo(skin, &bare, texture(0.06)),
                scene.photo(skin, &bare, highlight(&scene)),
                scene.photo(skin, &bare, |at| 1.0 - 0.6 * at.x / f64::from(scene.size_px)),
            ] {
                let found = scene.measure(&photo);
                assert!(matches!(found, Err(StubbleError::NoDots { .. })), "{mm_per_px} {skin:?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_smooth_drawing_of_skin_has_nothing_to_measure() {
    let scene = Scene::new(0.06, 0.0, RADIUS_MM);
    let size = scene.size_px as usize;
    let bands = |k: usize| [200, 150 + (k % size * 20 / size) as u8, 120 + (k / size * 20 / size) as u8];
    let photo = Photo::from_srgb(scene.size_px, scene.size_px, (0..size * size).flat_map(bands).collect()).unwrap();
    let found = scene.measure(&photo);
    assert!(matches!(found, Err(StubbleError::NoDots { .. })), "{found:?}");
}

#[test]
fn bare_skin_still_has_its_mean_tone_measured() {
    let scene = Scene::new(0.06, 0.0, RADIUS_MM);
    let Err(StubbleError::NoDots { mean }) = scene.measure(&scene.photo(SKINS[1], &Splats::default(), even)) else {
        panic!("there are no dots");
    };
    assert!((mean.lab()[0] - Tone(SKINS[1]).lab()[0]).abs() < 1.0, "{mean:?}");
}

#[test]
fn texture_and_a_highlight_do_not_hide_dots() {
    let scene = Scene::new(0.06, 0.0, RADIUS_MM);
    let places = scene.places(80.0, 4);
    let splats = scene.splats(&places, 0.4, 0.6);
    let middle = scene.camera.principal_px;
    let lamp = |at: DVec2| 1.0 + 0.5 * libm::exp(-0.5 * at.distance_squared(middle) / (50.0 * 50.0));
    for skin in SKINS {
        let dot = Tone(skin.map(|c| c * 0.4));
        let found = scene.measure(&scene.photo(skin, &splats, texture(0.02)));
        assert_eq!(wrong(&found, scene.density(&places), 0.4, dot), None, "texture on {skin:?}");
        let found = scene.measure(&scene.photo(skin.map(|c| 0.6 * c), &splats, lamp)).unwrap();
        assert!((found.density_per_cm2.value / scene.density(&places) - 1.0).abs() < 0.1, "highlight on {skin:?}");
    }
}

#[test]
fn an_oblique_patch_measures_the_same() {
    for (mm_per_px, degrees) in [(0.05, 40.0), (0.05, 55.0), (0.08, 50.0)] {
        let scene = Scene::new(mm_per_px, degrees, RADIUS_MM);
        let places = scene.places(80.0, 5);
        let photo = scene.photo(SKINS[0], &scene.splats(&places, 0.4, 0.6), even);
        let dot = Tone(SKINS[0].map(|c| c * 0.4));
        let found = scene.measure(&photo);
        assert_eq!(wrong(&found, scene.density(&places), 0.4, dot), None, "{degrees} degrees");
    }
}

#[test]
fn a_jpeg_measures_the_same() {
    for mm_per_px in MM_PER_PX {
        let scene = square(mm_per_px);
        let places = scene.places(80.0, 6);
        for skin in SKINS {
            let photo = scene.photo(skin, &scene.splats(&places, 0.4, 0.6), even);
            let options = EncodeOptions { chroma: Some(Chroma::Half), ..EncodeOptions::default() };
            let bytes = encode(&photo, Format::Jpeg { quality: 92 }, &options).unwrap();
            let found = scene.measure(&decode(&bytes, &Limits::default()).unwrap());
            let dot = Tone(skin.map(|c| c * 0.4));
            assert_eq!(wrong(&found, scene.density(&places), 0.4, dot), None, "{mm_per_px} {skin:?}");
            let difference = found.unwrap().skin.difference(Tone(skin));
            assert!(difference < 2.0, "{mm_per_px} {skin:?}: the skin is off by {difference}");
        }
    }
}

#[test]
fn a_sharpened_photo_measures_the_same() {
    for sharpening in [Sharpening { amount: 0.5, radius_px: 2.4 }, Sharpening { amount: 1.0, radius_px: 1.8 }] {
        for mm_per_px in [0.06, 0.12] {
            let scene = square(mm_per_px);
            let places = scene.places(80.0, 6);
            let photo = sharpened(&scene.photo(SKINS[0], &scene.splats(&places, 0.4, 0.6), even), sharpening);
            let spread = PointSpread { blur_px: BLUR_PX, sharpening };
            let conditions = PhotoConditions { spread, scale_error: 0.0 };
            let found = Stubble::measure(&photo, &scene.head, &scene.camera, scene.patch(), conditions);
            let dot = Tone(SKINS[0].map(|c| c * 0.4));
            assert_eq!(wrong(&found, scene.density(&places), 0.4, dot), None, "{mm_per_px} {sharpening:?}");
            // Were it taken for a photo that is only blurred, dots would look darker.
            let unaware = scene.measure(&photo).unwrap().dot.lab()[0];
            assert!(unaware < found.unwrap().dot.lab()[0] - 3.0, "{mm_per_px} {sharpening:?}");
        }
    }
}

#[test]
fn a_place_that_cannot_be_measured_says_why() {
    let scene = Scene::new(0.06, 0.0, RADIUS_MM);
    let photo = scene.photo(SKINS[0], &scene.splats(&scene.places(80.0, 4), 0.4, 0.6), even);
    let at = |middle_px: DVec2, scene: &Scene| {
        let patch = Patch { middle_px, ..scene.patch() };
        Stubble::measure(&photo, &scene.head, &scene.camera, patch, PhotoConditions::default())
    };
    assert_eq!(at(DVec2::new(-1e5, 0.0), &scene), Err(StubbleError::OffTheHead));
    assert_eq!(at(DVec2::new(f64::NAN, 0.0), &scene), Err(StubbleError::OffTheHead));
    assert_eq!(at(DVec2::new(-30.0, 60.0), &scene), Err(StubbleError::OffTheHead), "beside the photo");
    let oblique = Scene::new(0.06, 72.0, RADIUS_MM);
    assert!(matches!(at(oblique.camera.principal_px, &oblique), Err(StubbleError::Oblique { .. })));
    let coarse = Scene::new(0.4, 0.0, 20.0);
    let splats = coarse.splats(&coarse.places(80.0, 4), 0.4, 0.6);
    let found = coarse.measure(&coarse.photo(SKINS[0], &splats, even));
    assert!(matches!(found, Err(StubbleError::Coarse { .. })), "{found:?}");
    let blurred = PhotoConditions { spread: PointSpread::blurred(5.0), ..PhotoConditions::default() };
    let found = Stubble::measure(&photo, &scene.head, &scene.camera, scene.patch(), blurred);
    assert!(matches!(found, Err(StubbleError::Coarse { .. })), "{found:?}");
}

#[test]
fn standard_errors_cover_the_actual_errors() {
    let scene = Scene::new(0.1, 0.0, RADIUS_MM);
    let mut off = Vec::new();
    for seed in 0..12 {
        let places = scene.places(60.0, 20 + seed);
        let photo = scene.photo(SKINS[1], &scene.splats(&places, 0.3, 0.5), even);
        let found = scene.measure(&photo).unwrap();
        off.push(((found.density_per_cm2.value - 60.0) / found.density_per_cm2.standard_error).abs());
        off.push(((found.diameter_mm.value - 0.3) / found.diameter_mm.standard_error).abs());
        let lightness = Tone(SKINS[1].map(|c| 0.5 * c)).lab()[0];
        off.push(((found.dot_lightness.value - lightness) / found.dot_lightness.standard_error).abs());
        assert!(
            found.density_per_cm2.standard_error < 0.2 * 60.0 && found.diameter_mm.standard_error < 0.15 * 0.3,
            "{found:?}"
        );
    }
    // Hardly any error exceeds three standard errors, one in twenty exceeds two.
    assert!(off.iter().all(|o| *o < 3.0), "{off:?}");
    assert!(off.iter().filter(|o| **o > 2.0).count() <= 4, "{off:?}");
}

#[test]
fn measuring_the_healed_dots_of_a_plan_offers_that_plans_settings() {
    let scene = Scene::new(0.06, 0.0, 10.0);
    let mut plan = Plan::for_treatment(Kind::FullShave, None, &scene.head);
    plan.areas[0].density_per_cm2 = 60.0;
    plan.depth_mm = 0.15;
    plan.sessions.truncate(1);
    plan.sessions[0].cumulative_share = 1.0;
    plan.sessions[0].dilution = 6.0;
    plan.sessions[0].dark_share = 0.0;
    let scalp = Scalp::new(scene.head.clone(), &plan);
    let mock_up = MockUp::new(&plan, &scalp, Skin::default());
    let moment = Moment { sessions: 1, age_days: 28.0, outlook: Outlook::Likely };
    let sensor = scene.sensor();
    let splats = mock_up.splats(&sensor, moment);
    let places: Vec<SurfacePoint> =
        mock_up.dots.iter().map(|d| SurfacePoint { position: d.position, normal: d.normal }).collect();
    let found = scene.measure(&scene.photo(SKINS[0], &splats, even)).unwrap();
    let density = scene.density(&places);
    assert!((found.density_per_cm2.value / density - 1.0).abs() < 0.1, "{density}: {found:?}");
    let offer = Offer::matching(&found, &plan, Skin::default()).unwrap();
    // Dots of the offered needle look as wide as those measured.
    assert!((found.diameter_mm.value / offer.looks_mm - 1.0).abs() < 0.15, "{offer:?} {found:?}");
    assert!((offer.density_per_cm2 / density - 1.0).abs() < 0.1, "{offer:?}");
    let set = offer.applied_to(&plan);
    set.check().unwrap();
    assert_eq!(set.areas[0].density_per_cm2, offer.density_per_cm2);
    assert!(set.sessions.iter().all(|s| s.needle_mm == offer.needle_mm));
}

#[test]
fn darker_hair_is_offered_more_pigment() {
    let scene = Scene::new(0.06, 0.0, RADIUS_MM);
    let plan = Plan::for_treatment(Kind::FullShave, None, &scene.head);
    let places = scene.places(100.0, 8);
    let healed = |opacity: f64| {
        let found = scene.measure(&scene.photo(SKINS[0], &scene.splats(&places, 0.45, opacity), even)).unwrap();
        Offer::matching(&found, &plan, Skin::default()).unwrap().diluted.healed.lab()[0]
    };
    let (fair, dark) = (healed(0.25), healed(0.8));
    assert!(fair > dark + 1.0, "{fair} {dark}");
}

#[test]
fn the_match_command_measures_and_applies_in_one_step() {
    // The whole face in even light, so that there are landmarks.
    let mut scene = Scene::new(0.12, 0.0, RADIUS_MM);
    let size = 2400;
    scene.camera.principal_px = DVec2::splat(0.5 * f64::from(size));
    let pixel = |l| scene.camera.image_from_head(scene.head.landmark(l)).unwrap().to_array();
    let seen = ALL.into_iter().filter(|&l| pixel(l).iter().all(|v| (0.0..f64::from(size)).contains(v)));
    let points: serde_json::Map<_, _> = seen.map(|l| (l.name().to_owned(), serde_json::json!(pixel(l)))).collect();
    let mut photo = Photo::from_srgb(size, size, [200, 160, 140].repeat((size * size) as usize)).unwrap();
    let places = scene.places(70.0, 9);
    composite(&mut photo, &scene.splats(&places, 0.4, 0.6), &Specular::None);
    let client = Client::unplanned();
    let file = client.file("shaved.png", encode(&photo, Format::Png, &EncodeOptions::default()).unwrap());
    let landmarks = client.file("shaved.json", serde_json::json!({"views": {"front": points}}).to_string());
    let (case, front) = (client.case(), client.view("front", &file));
    scalp_studio_run(&args!["new", "--photo", front, "--landmarks", landmarks, "-o", case]);
    let before = Case::open(&case).unwrap().plan(None).unwrap().clone();

    let at = format!("{0},{0}", f64::from(size) / 2.0);
    let report = done_json(&args!["match", case, "--view", "front", "--at", at, "--json"]);
    let near = |key: &str, error: &str, truth: f64| {
        let (value, error) = (report[key].as_f64().unwrap(), report[error].as_f64().unwrap());
        assert!((value - truth).abs() < 3.0 * error && error < 0.2 * truth, "{key}: {value} +- {error}, not {truth}");
    };
    near("density_per_cm2", "density_error_per_cm2", scene.density(&places));
    near("diameter_mm", "diameter_error_mm", 0.4);
    assert_eq!(Case::open(&case).unwrap().plan(None).unwrap(), &before, "nothing was to be applied");

    let text = done(&args!["match", case, "--view", "front", "--at", at, "--apply"]);
    assert!(text.contains("per cm2") && text.contains("set: "), "{text}");
    let mut open = Case::open(&case).unwrap();
    assert_eq!(open.undo_name(), Some("Match follicles"));
    assert_eq!(
        open.plan(None).unwrap().areas[0].density_per_cm2,
        report["settings"]["density_per_cm2"].as_f64().unwrap()
    );
    open.undo().unwrap();
    assert_eq!(open.plan(None).unwrap(), &before);

    let elsewhere = args!["match", case, "--view", "front", "--at", "1200,1900"];
    refused(client.root(), &elsewhere, &refusal(&case, "nothing to measure"));
}

/// Runs the program, which may write to standard error but must succeed.
#[track_caller]
fn scalp_studio_run(arguments: &[std::ffi::OsString]) {
    let outcome = crate::client::run(arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn the_match_command_says_why_a_place_cannot_be_measured() {
    let client = Client::planned();
    let at = |place: &str| args!["match", client.case(), "--view", "front", "--at", place];
    refused(client.root(), &at("450,490"), &refusal(&client.case(), "too coarse"));
    refused(client.root(), &at("3,3"), &refusal(&client.case(), "not on the head"));
}

#[test]
fn matching_treated_skin_offers_the_tone_it_has() {
    // Measured as if they were hair, a plan's dots lead to an area as dark as that plan makes, on any skin and at any
    // scale.
    let mut off = Vec::new();
    for (mm_per_px, density_per_cm2, needle_mm, water, skin) in [
        (0.08, 106.0, 0.36, 14.0, 0),
        (0.12, 70.0, 0.40, 8.0, 0),
        (0.2, 65.0, 0.36, 14.0, 0),
        (0.12, 90.0, 0.36, 14.0, 2),
    ] {
        let scene = Scene::new(mm_per_px, 0.0, 8.0);
        let mut plan = Plan::for_treatment(Kind::FullShave, None, &scene.head);
        plan.areas[0].density_per_cm2 = density_per_cm2;
        for session in &mut plan.sessions {
            (session.needle_mm, session.dilution, session.dark_dilution) = (needle_mm, water, water);
        }
        let scalp = Scalp::new(scene.head.clone(), &plan);
        let client = Skin { melanosome_fraction: [0.02, 0.06, 0.15][skin], ..Skin::default() };
        let mock_up = MockUp::new(&plan, &scalp, client);
        let moment = Moment { sessions: 3, age_days: 28.0, outlook: Outlook::Likely };
        let sensor = scene.sensor();
        let splats = mock_up.splats(&sensor, moment);
        let found = scene.measure(&scene.photo(SKINS[skin], &splats, even)).unwrap();
        let offer = Offer::matching(&found, &plan, client).unwrap();
        let set = offer.applied_to(&plan);
        let bare = Tone(SKINS[skin]);
        let recipe = Recipe::of(&set, &set.areas[0], set.chosen_pigment().unwrap(), client);
        let difference = recipe.on(bare, 28.0).difference(found.mean);
        off.push((mm_per_px, density_per_cm2, skin, difference, bare.difference(found.mean)));
    }
    assert!(off.iter().all(|(.., difference, all)| *difference < 1.5 && *all > 4.0), "{off:?}");
}
