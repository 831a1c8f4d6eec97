//! Treated skin from afar as it is reckoned ([`Recipe`]) against how it is drawn.

use std::sync::Arc;

use crate::pictures::{changed, plain};
use glam::{DMat3, DVec2, DVec3};
use scalp_studio::ground::colour::srgb_fraction_from_light;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::photo::Samples;
use scalp_studio::plan::Plan;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::seen;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::scene::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::settings::Outlook;
use scalp_studio::skin::shade::Recipe;

const BARE: Tone = Tone([0.60, 0.38, 0.28]);
const RADIUS_MM: f64 = 15.0;
const MM_PER_PX: f64 = 0.1;
const SIDE_PX: u32 = 400;
/// Sets of dots.
const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];
/// How far what dots take may be off, of itself. A percent of it is five of a pigment's strength.
const OFF: f64 = 0.01;
/// As a share of the light: less than a step of a photo of 8 bits. Deep dots take next to nothing of blue.
const OFF_LIGHT: f64 = 0.0006;

/// The top of the head, and how a camera above sees it.
fn above(head: &Head) -> (SurfacePoint, Camera) {
    let place = head.above_glabella(170.0);
    let towards = place.normal;
    let down = DVec3::X.cross(-towards).normalize();
    let right = down.cross(-towards).normalize();
    let camera_from_head = DMat3::from_cols(right, down, -towards).transpose();
    let camera = Camera {
        camera_from_head,
        head_origin_mm: -(camera_from_head * (place.position + towards * 900.0)),
        focal_px: 900.0 / MM_PER_PX,
        principal_px: DVec2::splat(0.5 * f64::from(SIDE_PX)),
    };
    (place, camera)
}

/// Optical density of the light in skin that has this tone once it is treated.
fn density(treated: Tone) -> [f64; 3] {
    let specular = seen::even_specular(BARE.0) * BARE.luminance();
    std::array::from_fn(|c| -libm::log((treated.0[c] - specular) / (BARE.0[c] - specular)))
}

/// What the plan's dots take as they are drawn, and as it is reckoned.
fn drawn_and_reckoned(plan: &Plan, scalp: &Arc<Scalp>, skin: Skin, age_days: f64) -> [[f64; 3]; 2] {
    let mock_up = MockUp::new(plan, scalp, skin);
    let (place, camera) = above(&scalp.head);
    let sensor = Sensor { camera, photo_px: [SIDE_PX; 2], blur_px: 0.7, level: 0, hidden: None, tone: None };
    let moment = Moment { sessions: plan.sessions.len(), age_days, outlook: Outlook::Likely };
    let splats = mock_up.splats(&sensor, moment);
    let samples = BARE.0.map(|light| (65_535.0 * srgb_fraction_from_light(light)).round() as u16);
    let samples = Samples::U16(samples.repeat((SIDE_PX * SIDE_PX) as usize));
    let mut photo = changed(plain(SIDE_PX, SIDE_PX, 0), |parts| parts.samples = samples);
    let specular = Specular::estimate(&photo, &splats);
    composite(&mut photo, &splats, &specular);
    let middle = DVec2::splat(0.5 * f64::from(SIDE_PX));
    let drawn = Tone::mean_in_disc(&photo, middle, RADIUS_MM / MM_PER_PX).unwrap();
    // As many as happen to be there.
    let placed = mock_up.dots.iter().filter(|dot| dot.position.distance(place.position) < RADIUS_MM).count();
    let density_per_cm2 = placed as f64 / (0.01 * std::f64::consts::PI * RADIUS_MM * RADIUS_MM);
    let usual = Recipe::of(plan, &plan.areas[0], plan.chosen_pigment().unwrap(), skin);
    [drawn, Recipe { density_per_cm2, ..usual }.on(BARE, age_days)].map(density)
}

#[test]
fn a_treated_area_is_reckoned_as_it_is_drawn() {
    let head = Head::average();
    let usual = Plan::for_treatment(Kind::FullShave, None, &head);
    // Some 750 dots are in sight, of which no two take the same: one set of them may take a percent more than is usual.
    let scalps = SEEDS.map(|seed| Scalp::new(head.clone(), &Plan { seed, ..usual.clone() }));
    let (light, dark) = (Skin::default(), Skin { melanosome_fraction: 0.1, ..Skin::default() });
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Plan), Skin, f64);
    let changes: [Change; 12] = [
        ("as usual", &|_| (), light, 28.0),
        ("fresh", &|_| (), light, 6.0),
        ("old", &|_| (), light, 700.0),
        ("on dark skin", &|_| (), dark, 28.0),
        ("all alike", &|p| p.size_jitter = 0.0, light, 28.0),
        ("astray", &|p| p.randomness = 0.2, light, 28.0),
        ("deep", &|p| p.depth_mm = 0.4, light, 28.0),
        ("shallow", &|p| p.depth_mm = 0.1, light, 28.0),
        ("dense", &|p| p.areas[0].density_per_cm2 = 200.0, light, 28.0),
        ("sparse", &|p| p.areas[0].density_per_cm2 = 60.0, light, 28.0),
        (
            "large and dark",
            &|p| p.sessions.iter_mut().for_each(|s| (s.needle_mm, s.dilution) = (0.5, 2.0)),
            light,
            28.0,
        ),
        (
            "sessions a year apart, much sun",
            &|p| {
                p.sessions[2].interval_days = 365.0;
                p.conditions.much_sun = true;
            },
            light,
            28.0,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, change, skin, age_days) in changes {
        let mut plan = usual.clone();
        change(&mut plan);
        let (mut drawn, mut reckoned) = ([0.0; 3], [0.0; 3]);
        for (seed, scalp) in SEEDS.into_iter().zip(&scalps) {
            plan.seed = seed;
            let [in_picture, by_recipe] = drawn_and_reckoned(&plan, scalp, skin, age_days);
            for c in 0..3 {
                drawn[c] += in_picture[c] / SEEDS.len() as f64;
                reckoned[c] += by_recipe[c] / SEEDS.len() as f64;
            }
        }
        println!("{name}: {drawn:.4?} drawn, {reckoned:.4?} reckoned");
        for c in 0..3 {
            let off = (reckoned[c] - drawn[c]).abs();
            if off > (OFF * drawn[c]).max(OFF_LIGHT) {
                wrong.push(format!("{name}, channel {c}: {:.4} drawn, {:.4} reckoned", drawn[c], reckoned[c]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
