//! A click on shaved hair of known density in the sample client's photo measures it, and the plan can take the result
//! over.

use crate::window::{Setup, Window, sample_case};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use glam::DVec3;
use rand::RngExt;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::ground::random::{Purpose, sequence};
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, encode};
use scalp_studio::plan::Plan;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

const VIEW: &str = "top";
const HAIRS_PER_CM2: f64 = 60.0;
const WIDTH_MM: f64 = 0.5;
/// Tall enough for every section of the inspector.
const SETUP: Setup = Setup { size: [1280.0, 2000.0], step_s: 0.25, ..Setup::USUAL };
/// Half the side of the shaved square.
const HALF_MM: f64 = 16.0;

/// The middle of the shaved square, seen nearly head-on in the photo and away from wrinkles and highlights.
fn shaved(head: &Head) -> DVec3 {
    head.cranium.below(head.above_glabella(130.0).position + 24.0 * DVec3::X).position
}

/// Hairs on a jittered grid around the middle of the shaved square.
fn stubble(head: &Head, camera: &Camera) -> Splats {
    let mut rng = sequence(3, Purpose::Follicles, 0);
    let step_mm = 10.0 / HAIRS_PER_CM2.sqrt();
    let middle = head.cranium.below(shaved(head));
    let (u, v) = middle.normal.any_orthonormal_pair();
    let steps = (HALF_MM / step_mm) as i32;
    let places = (-steps..=steps).flat_map(|i| (-steps..=steps).map(move |k| (i, k)));
    let splats = places.map(|(i, k)| {
        let mut at = |n: i32| (f64::from(n) + 0.3 * (rng.random::<f64>() - 0.5)) * step_mm;
        let place = head.cranium.below(middle.position + u * at(i) + v * at(k));
        let pixel = camera.image_from_head(place.position).unwrap();
        let footprint = camera.footprint(place.position, place.normal);
        let sigma_mm = WIDTH_MM / 2.354_82;
        let loss = 0.6 * std::f64::consts::TAU * sigma_mm * sigma_mm * footprint.px2_per_mm2();
        Splat {
            x_px: pixel.x as f32,
            y_px: pixel.y as f32,
            sigma_major_px: (sigma_mm * footprint.major_px_per_mm).hypot(0.7) as f32,
            sigma_minor_px: (sigma_mm * footprint.minor_px_per_mm).hypot(0.7) as f32,
            axis: [footprint.axis.x as f32, footprint.axis.y as f32],
            loss_px2: [loss as f32; 3],
        }
    });
    Splats::new(splats.collect())
}

/// A window on the sample client with stubble on the top of the head.
fn on_shaved() -> Window {
    let mut window = Window::start(SETUP, |folder| {
        let plain = folder.join("plain.scalp");
        sample_case(&plain);
        let case = Case::open(&plain).unwrap();
        let (fit, view) = (case.fit().unwrap(), case.view_index(Some(VIEW)).unwrap());
        let mut photo: Photo = case.photo(view, &Limits::default()).unwrap();
        composite(&mut photo, &stubble(fit.head(), fit.camera(view).unwrap()), &Specular::None);
        let bytes = encode(&photo, Format::Jpeg { quality: 92 }, &EncodeOptions::default()).unwrap();
        let mut views = sample::Client::Light.views().unwrap();
        views.iter_mut().find(|v| v.name == VIEW).unwrap().bytes = bytes;
        let path = folder.join("cases/shaved.scalp");
        let start = Start { ignore_own_hair: true, ..Start::default() };
        drop(Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap());
        vec![path]
    });
    // A tool whose handles cover no part of the photo.
    window.ask(Command::Tool(Tool::Pan));
    window.settle();
    window.show_view(VIEW);
    window
}

/// The figures in this unit with their standard errors, from texts like "90 ± 4 /cm²".
fn figure(window: &Window, unit: &str) -> Vec<[f64; 2]> {
    let nodes = window.harness.root().children_recursive();
    let texts = nodes.filter_map(|node| node.accesskit_node().value());
    let figures = texts.filter_map(|text| {
        let (value, error) = text.strip_suffix(unit)?.trim().split_once(" ± ").map(|(v, e)| (v.parse(), e.parse()))?;
        Some([value.ok()?, error.ok()?])
    });
    let mut figures: Vec<[f64; 2]> = figures.collect();
    // A label and the text inside it are both found.
    figures.dedup();
    figures
}

#[track_caller]
fn measured_area_cm2(window: &Window) -> f64 {
    let nodes = window.harness.root().children_recursive();
    let mut texts = nodes.filter_map(|node| node.accesskit_node().value());
    texts.find_map(|text| text.strip_suffix(" cm² of skin")?.split(' ').next_back()?.parse().ok()).unwrap()
}

#[test]
fn a_click_measures_shaved_hair_and_the_plan_takes_it_over_in_one_step() {
    let mut window = on_shaved();
    let place = shaved(&window.head());

    // After Escape a click belongs to the tool again.
    window.open_section("Match own hair");
    window.tap("Match my follicles");
    window.key(Key::Escape);
    window.click_head(place);
    window.settle();
    assert_eq!(figure(&window, "/cm²"), [[0.0; 2]; 0]);
    assert!(window.harness.query_by_label("Use for the plan").is_none());

    window.tap("Match my follicles");
    window.click_head(place);
    window.settle();
    let [density, error] = figure(&window, "/cm²")[0];
    assert!((density / HAIRS_PER_CM2 - 1.0).abs() < 0.1, "{density} ± {error}");
    assert!(error >= 1.0 && error < 0.15 * density, "{density} ± {error}");
    let [width, spacing] = [figure(&window, "mm")[0], figure(&window, "mm")[1]];
    assert!((width[0] / WIDTH_MM - 1.0).abs() < 0.2, "{width:?}");
    let grid_mm = 10.0 / HAIRS_PER_CM2.sqrt();
    assert!(spacing[0] < grid_mm && spacing[0] > 0.75 * grid_mm, "{spacing:?}");

    // Changing the radius measures the same place again.
    assert!((measured_area_cm2(&window) - 1.1).abs() < 0.15);
    window.enter("Patch radius", "10");
    assert!((measured_area_cm2(&window) - 3.1).abs() < 0.3);
    let density = figure(&window, "/cm²")[0][0];

    let before = window.plan();
    window.click(Role::Button, "Use for the plan");
    let after = window.plan();
    assert!((after.areas[0].density_per_cm2 - density).abs() <= 1.0);
    // The first plan's shades are far too dark for hair this sparse.
    let water = |plan: &Plan| plan.sessions.iter().map(|s| s.dilution).collect::<Vec<f64>>();
    assert_ne!((water(&after), &after.pigment), (water(&before), &before.pigment));
    assert_eq!(window.undo_name(), Some("Match follicles"));
    let used = |window: &Window| window.node(Role::Button, "Use for the plan").accesskit_node().is_disabled();
    assert!(used(&window));
    window.undo();
    assert_eq!(window.plan(), before);
    assert!(!used(&window));
}

#[test]
fn where_there_is_no_hair_the_window_says_so_and_offers_nothing() {
    let mut window = Window::on_sample_with(SETUP);
    window.ask(Command::Tool(Tool::Pan));
    window.settle();
    window.open_section("Match own hair");
    window.tap("Match my follicles");
    // From the keyboard: Insert takes the place under the pointer.
    let head = window.head();
    // Above the eyebrow: elsewhere on the forehead and scalp grows finer hair.
    let bare = head.cranium.below(head.above_glabella(38.0).position + 34.0 * DVec3::X);
    let at = window.of_head(bare.position);
    window.harness.hover_at(at);
    window.harness.step();
    window.key(Key::Insert);
    window.settle();
    window.must_say("there is nothing to measure");
    window.tap("Match my follicles");
    let beside = window.node(Role::Image, "Photo front").rect().left_center() + egui::vec2(15.0, 0.0);
    window.button(beside, true);
    window.button(beside, false);
    window.settle();
    window.must_say("the patch is not on the head");
    assert!(window.harness.query_by_label("Use for the plan").is_none());
    assert_eq!(window.undo_name(), None, "measuring must not change the case");
}
