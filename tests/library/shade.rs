//! The tone of treated skin seen from afar: as predicted by [`Recipe`], against as drawn.

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
use scalp_studio::reading::skin_estimate;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::settings::Outlook;
use scalp_studio::skin::shade::Recipe;

const BARE: Tone = Tone([0.60, 0.38, 0.28]);
const RADIUS_MM: f64 = 15.0;
const MM_PER_PX: f64 = 0.1;
const SIDE_PX: u32 = 400;
/// Seeds of different sets of dots.
const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];
/// Tolerated relative error of the optical density that dots add. One per cent of it is five of the pigment's strength.
const OFF: f64 = 0.01;
/// Tolerated error as a share of the light, less than a step of an 8-bit photo: deep dots take next to no blue.
const OFF_LIGHT: f64 = 0.0006;

/// A place on the top of the head, and a camera that looks squarely at it.
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

/// Optical density that dots add to the light from inside the skin when the treated skin has this tone.
fn density(treated: Tone) -> [f64; 3] {
    let specular = skin_estimate::even_specular(BARE.0) * BARE.luminance();
    std::array::from_fn(|c| -libm::log((treated.0[c] - specular) / (BARE.0[c] - specular)))
}

/// Optical density of the plan's dots, as drawn and as predicted.
fn drawn_and_predicted(plan: &Plan, scalp: &Arc<Scalp>, skin: Skin, age_days: f64) -> [[f64; 3]; 2] {
    let mock_up = MockUp::new(plan, scalp, skin);
    let (place, camera) = above(&scalp.head);
    let sensor = Sensor::blurred(camera, [SIDE_PX; 2], 0.7);
    let moment = Moment { sessions: plan.sessions.len(), age_days, outlook: Outlook::Likely };
    let splats = mock_up.splats(&sensor, moment);
    let samples = BARE.0.map(|light| (65_535.0 * srgb_fraction_from_light(light)).round() as u16);
    let samples = Samples::U16(samples.repeat((SIDE_PX * SIDE_PX) as usize));
    let mut photo = changed(plain(SIDE_PX, SIDE_PX, 0), |parts| parts.samples = samples);
    let specular = Specular::estimate(&photo, &splats);
    composite(&mut photo, &splats, &specular);
    let middle = DVec2::splat(0.5 * f64::from(SIDE_PX));
    let drawn = Tone::mean_in_disc(&photo, middle, RADIUS_MM / MM_PER_PX).unwrap();
    // The number of dots that happen to be there.
    let placed = mock_up.dots.iter().filter(|dot| dot.position.distance(place.position) < RADIUS_MM).count();
    let density_per_cm2 = placed as f64 / (0.01 * std::f64::consts::PI * RADIUS_MM * RADIUS_MM);
    let usual = Recipe::of(plan, &plan.areas[0], plan.chosen_pigment().unwrap(), skin);
    [drawn, Recipe { density_per_cm2, ..usual }.on(BARE, age_days)].map(density)
}

#[test]
fn the_predicted_tone_of_a_treated_area_is_the_one_drawn() {
    let head = Head::average();
    let usual = Plan::for_treatment(Kind::FullShave, None, &head);
    // Some 750 dots are in sight and no two are alike, so one set of them may take a per cent more than the average
    // set.
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
        let (mut drawn, mut predicted) = ([0.0; 3], [0.0; 3]);
        for (seed, scalp) in SEEDS.into_iter().zip(&scalps) {
            plan.seed = seed;
            let [in_picture, by_recipe] = drawn_and_predicted(&plan, scalp, skin, age_days);
            for c in 0..3 {
                drawn[c] += in_picture[c] / SEEDS.len() as f64;
                predicted[c] += by_recipe[c] / SEEDS.len() as f64;
            }
        }
        println!("{name}: {drawn:.4?} drawn, {predicted:.4?} predicted");
        for c in 0..3 {
            let off = (predicted[c] - drawn[c]).abs();
            if off > (OFF * drawn[c]).max(OFF_LIGHT) {
                wrong.push(format!("{name}, channel {c}: {:.4} drawn, {:.4} predicted", drawn[c], predicted[c]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
