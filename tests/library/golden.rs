//! Small pictures of what pigment does to skin, kept beside this file and looked at by people: a change of any of them is a
//! change of what clients are shown.
//!
//! `sessions.png`: five millimetres of light, medium and dark skin (rows) on the day of each session, 1, 3, 7, 14 and 28
//! days after the last, and after 1, 2, 5 and 10 years (columns). `depth.png`: the same skins, healed, with pigment
//! at 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7 and 1 mm: shallow dots are crisp, deep ones a cool shadow.
//!
//! `SCALP_STUDIO_GOLDEN=write cargo test --release --test library golden` writes them anew.

use std::sync::Arc;

use std::path::Path;

use glam::{DMat3, DVec2, DVec3};
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, Samples, decode, encode};
use scalp_studio::plan::Plan;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::specular::SpecularMap;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::scene::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::settings::Outlook;

/// Side of a piece of skin, px, and of a pixel, mm.
const PATCH_PX: u32 = 64;
const PIXEL_MM: f64 = 0.08;
/// Light, medium and dark.
const MELANOSOMES: [f64; 3] = [0.02, 0.05, 0.12];
/// Light that a photo shows of what the skin throws back: a well exposed light skin has sample values of about 200.
const EXPOSURE: f64 = 1.6;
/// The share of light that specular light adds to it.
const SPECULAR: f64 = 0.07;

/// From above, on the crown.
fn camera() -> Camera {
    let distance_mm = 600.0;
    Camera {
        camera_from_head: DMat3::from_cols(DVec3::X, DVec3::Z, -DVec3::Y).transpose(),
        head_origin_mm: DVec3::new(0.0, 0.0, distance_mm),
        focal_px: (distance_mm - 95.0) / PIXEL_MM,
        principal_px: DVec2::splat(0.5 * f64::from(PATCH_PX)),
    }
}

fn bare(skin: Skin) -> Photo {
    let light = skin.reflectance().map(|r| EXPOSURE * r * (1.0 + SPECULAR));
    let sample = light.map(|l| (255.0 * (1.055 * libm::pow(l.min(1.0), 1.0 / 2.4) - 0.055)).round() as u8);
    Photo::from_srgb(PATCH_PX, PATCH_PX, sample.repeat((PATCH_PX * PATCH_PX) as usize)).unwrap()
}

fn treated(mock_up: &MockUp, moment: Moment) -> Photo {
    let mut photo = bare(mock_up.skin);
    let sensor = Sensor { camera: camera(), photo_px: [PATCH_PX; 2], blur_px: 0.7, level: 0, hidden: None, tone: None };
    let splats = mock_up.splats(&sensor, moment);
    let light = mock_up.skin.reflectance()[1] * EXPOSURE * SPECULAR;
    let specular = Specular::Map(SpecularMap::uniform(PATCH_PX, PATCH_PX, light as f32));
    composite(&mut photo, &splats, &specular);
    assert_ne!(photo, bare(mock_up.skin), "dots are in the picture");
    photo
}

fn samples(photo: &Photo) -> &[u8] {
    match photo.samples() {
        Samples::U8(samples) => samples,
        Samples::U16(_) => panic!("8 bits"),
    }
}

/// Rows of patches as one picture.
fn sheet(rows: &[Vec<Photo>]) -> Photo {
    let columns = rows[0].len();
    let side = PATCH_PX as usize;
    let mut all = Vec::new();
    for row in rows {
        for y in 0..side {
            for patch in row {
                all.extend_from_slice(&samples(patch)[3 * y * side..3 * (y + 1) * side]);
            }
        }
    }
    Photo::from_srgb(PATCH_PX * columns as u32, PATCH_PX * rows.len() as u32, all).unwrap()
}

fn compare(name: &str, sheet: &Photo) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let png = encode(sheet, Format::Png, &EncodeOptions::default()).unwrap();
    if std::env::var("SCALP_STUDIO_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(&path, &png).unwrap();
    }
    let golden = decode(&std::fs::read(&path).unwrap(), &Limits::default()).unwrap();
    assert_eq!(sheet.size_px(), golden.size_px());
    let worst = samples(sheet).iter().zip(samples(&golden)).map(|(a, b)| a.abs_diff(*b)).max();
    assert_eq!(worst, Some(0), "{name} is not what it was; look at both before you write it anew");
}

/// The plan, with its dots on skin of each tone.
fn mock_ups(plan: &Plan, scalp: &Arc<Scalp>) -> Vec<MockUp> {
    let on = |melanosome_fraction| MockUp::new(plan, scalp, Skin { melanosome_fraction, ..Skin::default() });
    MELANOSOMES.map(on).into()
}

#[test]
fn sessions_and_time_on_three_skins() {
    let head = Head::average();
    let plan = Plan::for_treatment(Kind::FullShave, None, &head);
    let scalp = Scalp::new(head, &plan);
    let year = 365.25;
    let moments: Vec<(usize, f64)> = (1..=3)
        .map(|session| (session, 0.0))
        .chain([1.0, 3.0, 7.0, 14.0, 28.0, year, 2.0 * year, 5.0 * year, 10.0 * year].map(|days| (3, days)))
        .collect();
    let rows: Vec<Vec<Photo>> = mock_ups(&plan, &scalp)
        .iter()
        .map(|mock_up| {
            let at = |&(sessions, age_days)| Moment { sessions, age_days, outlook: Outlook::Likely };
            moments.iter().map(|moment| treated(mock_up, at(moment))).collect()
        })
        .collect();
    compare("sessions.png", &sheet(&rows));
}

#[test]
fn depth_on_three_skins() {
    let head = Head::average();
    let mut plan = Plan::for_treatment(Kind::FullShave, None, &head);
    let scalp = Scalp::new(head, &plan);
    let mut rows: Vec<Vec<Photo>> = vec![Vec::new(); MELANOSOMES.len()];
    for depth_mm in [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0] {
        plan.depth_mm = depth_mm;
        for (row, mock_up) in rows.iter_mut().zip(mock_ups(&plan, &scalp)) {
            let moment = Moment { sessions: 3, age_days: 28.0, outlook: Outlook::Likely };
            row.push(treated(&mock_up, moment));
        }
    }
    compare("depth.png", &sheet(&rows));
}
