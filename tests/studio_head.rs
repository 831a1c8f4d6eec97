//! Fitting the head in the window, by clicks as a user makes them.

#![cfg(feature = "studio")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail as its assertions do")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glam::{DMat3, DVec2, DVec3};
use scalp_studio::case::document::Document;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::studio::{Options, Studio};
use serde::Deserialize;

const FRONT: &[u8] = include_bytes!("../assets/sample/front.jpg");

#[derive(Deserialize)]
struct Clicks {
    views: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Truth {
    views: BTreeMap<String, TrueView>,
    landmarks_mm: BTreeMap<String, [f64; 3]>,
    glabella_plus_73_mm: [f64; 3],
}

#[derive(Deserialize)]
struct TrueView {
    fx_px: f64,
    cx: f64,
    cy: f64,
    rotation: [[f64; 3]; 3],
    translation_mm: [f64; 3],
}

/// Where a user would click a landmark of the front photo, px.
fn pixel(landmark: &str) -> [f64; 2] {
    let clicks: Clicks = serde_json::from_str(include_str!("../assets/sample/landmarks.json")).unwrap();
    serde_json::from_value(clicks.views["front"][landmark].clone()).unwrap()
}

/// A window with the sample's front photo and no points, in a folder of its own.
fn window(folder: &Path) -> Harness<'static, Studio> {
    let photo = folder.join("front.jpg");
    std::fs::write(&photo, FRONT).unwrap();
    let cases = folder.join("cases");
    std::fs::write(folder.join("studio.toml"), format!("cases_folder = {cases:?}\n")).unwrap();
    let options = Options { settings_folder: Some(folder.to_owned()), ..Options::new(vec![photo]) };
    let mut harness =
        Harness::builder().with_size([1280.0, 800.0]).build_eframe(move |cc| Studio::new(&cc.egui_ctx, options));
    settle(&mut harness);
    harness
}

/// Waits until everything is worked out.
fn settle(harness: &mut Harness<Studio>) {
    harness.run_steps(2);
    for _ in 0..6000 {
        if !harness.state().busy() {
            harness.run_steps(2);
            if !harness.state().busy() {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
        harness.step();
    }
    panic!("the studio does not come to rest");
}

fn is_shown(harness: &Harness<Studio>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

fn screen(harness: &Harness<Studio>, pixel: [f64; 2]) -> Pos2 {
    harness.state().screen_from_photo(pixel).unwrap()
}

fn click(harness: &mut Harness<Studio>, pixel: [f64; 2]) {
    // Hovering may bring up words that move the photo: press where the pixel is then.
    let hovered = screen(harness, pixel);
    harness.hover_at(hovered);
    settle(harness);
    let at = screen(harness, pixel);
    harness.hover_at(at);
    harness.drag_at(at);
    harness.drop_at(at);
    settle(harness);
}

fn drag(harness: &mut Harness<Studio>, from: [f64; 2], to: [f64; 2]) {
    let (from, to) = (screen(harness, from), screen(harness, to));
    harness.hover_at(from);
    harness.drag_at(from);
    harness.step();
    for share in [0.2, 0.6, 1.0] {
        harness.hover_at(from.lerp(to, share));
        harness.step();
    }
    harness.drop_at(to);
    settle(harness);
}

/// The text that begins like this.
fn words(harness: &Harness<Studio>, start: &str) -> String {
    let texts = harness.query_all_by_label_contains(start);
    let mut texts = texts.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value()));
    texts.find(|text| text.starts_with(start)).unwrap()
}

fn document<'h>(harness: &'h Harness<Studio>) -> &'h Document {
    harness.state().desk().unwrap().document()
}

fn undo(harness: &mut Harness<Studio>) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(harness);
}

#[test]
fn two_clicks_fit_the_head_and_make_a_plan_and_undo_takes_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path());
    assert!(is_shown(&harness, "right pupil (the client's right, on the left of the photo)"));
    click(&mut harness, pixel("pupil_right"));
    assert!(harness.state().desk().unwrap().fit().is_none());
    assert_eq!(document(&harness).views[0].landmarks.len(), 1);
    click(&mut harness, pixel("pupil_left"));

    let desk = harness.state().desk().unwrap();
    let placed = &desk.document().views[0].landmarks;
    for (landmark, name) in [(Landmark::PupilRight, "pupil_right"), (Landmark::PupilLeft, "pupil_left")] {
        let off = DVec2::from(placed[&landmark]).distance(DVec2::from(pixel(name)));
        assert!(off < 0.5, "{name} is {off} px from where it was clicked");
    }
    let fit = desk.fit().expect("a head");
    assert_eq!(desk.document().variants.len(), 1, "a first plan");
    assert_eq!(desk.case().undo_name(), Some("First plan"));
    let between = fit.head().landmark(Landmark::PupilLeft).distance(fit.head().landmark(Landmark::PupilRight));
    assert!((between - 63.0).abs() < 0.5, "the average pupil distance, not {between} mm");
    assert!(is_shown(&harness, "mm/px ±"), "the scale is in the status line");

    undo(&mut harness);
    let desk = harness.state().desk().unwrap();
    assert!(desk.fit().is_none() && desk.document().variants.is_empty());
    assert_eq!(desk.case().undo_name(), Some("Place right pupil"));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(&mut harness);
    let desk = harness.state().desk().unwrap();
    assert!(desk.fit().is_some() && desk.document().variants.len() == 1);
    assert_eq!(desk.case().redo_name(), None);
}

#[test]
fn points_are_chosen_dragged_nudged_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path());
    // Any order: the chin first.
    harness.get_by_label("Chin, not placed").click();
    settle(&mut harness);
    click(&mut harness, pixel("menton"));
    click(&mut harness, pixel("pupil_right"));
    click(&mut harness, pixel("pupil_left"));
    let placed: Vec<Landmark> = document(&harness).views[0].landmarks.keys().copied().collect();
    assert_eq!(placed, [Landmark::PupilRight, Landmark::PupilLeft, Landmark::Menton]);

    let before = document(&harness).views[0].landmarks[&Landmark::Menton];
    let to = [before[0] + 30.0, before[1] - 60.0];
    drag(&mut harness, before, to);
    let after = document(&harness).views[0].landmarks[&Landmark::Menton];
    assert!(DVec2::from(after).distance(DVec2::from(to)) < 1.0, "{after:?} {to:?}");
    assert_eq!(harness.state().desk().unwrap().case().undo_name(), Some("Move chin"), "one step");

    harness.get_by_role_and_label(Role::Button, "Chin").focus();
    // Arrow keys are the handle's from the second frame on.
    harness.run_steps(3);
    harness.key_press(Key::ArrowLeft);
    settle(&mut harness);
    let nudged = document(&harness).views[0].landmarks[&Landmark::Menton];
    assert!(nudged[0] < after[0] && (nudged[1] - after[1]).abs() < 1e-3);
    harness.key_press(Key::Delete);
    settle(&mut harness);
    assert!(!document(&harness).views[0].landmarks.contains_key(&Landmark::Menton));
    for _ in 0..3 {
        undo(&mut harness);
    }
    assert_eq!(document(&harness).views[0].landmarks[&Landmark::Menton], before);
}

#[test]
fn the_outline_is_found_and_a_ruler_says_what_a_millimetre_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path());
    click(&mut harness, pixel("pupil_right"));
    click(&mut harness, pixel("pupil_left"));
    harness.key_press(Key::Escape);
    harness.step();
    harness.get_by_label("Find outline").click();
    settle(&mut harness);
    assert!(document(&harness).views[0].outline.len() >= 10);
    assert_eq!(harness.state().desk().unwrap().case().undo_name(), Some("Find outline"));
    undo(&mut harness);
    assert!(document(&harness).views[0].outline.is_empty());

    let mm_between_pupils = |harness: &Harness<Studio>| {
        let fit = harness.state().desk().unwrap().fit().unwrap();
        fit.head().landmark(Landmark::PupilLeft).distance(fit.head().landmark(Landmark::PupilRight))
    };
    // A ruler from pupil to pupil that is said to be 50 mm long: the head is that much smaller.
    harness.get_by_role_and_label(Role::ComboBox, "Millimetres from").click();
    harness.run_steps(3);
    harness.get_by_label("Ruler or sticker in the photo").click();
    harness.run_steps(3);
    click(&mut harness, [pixel("pupil_right")[0] + 8.0, pixel("pupil_right")[1] + 90.0]);
    click(&mut harness, [pixel("pupil_left")[0] - 8.0, pixel("pupil_left")[1] + 90.0]);
    assert_eq!(harness.state().desk().unwrap().case().undo_name(), Some("Scale from ruler"));
    let between = mm_between_pupils(&harness);
    assert!(between > 46.0 && between < 57.0, "{between}");
}

#[test]
fn a_tape_of_known_length_reads_right_within_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path());
    for name in ["pupil_right", "pupil_left", "menton", "glabella", "nose_tip"] {
        let row = match name {
            "pupil_right" => "Right pupil, not placed",
            "pupil_left" => "Left pupil, not placed",
            "menton" => "Chin, not placed",
            "glabella" => "Between the brows, not placed",
            _ => "Tip of the nose, not placed",
        };
        if harness.state().desk().unwrap().fit().is_some() {
            harness.get_by_label(row).click();
            settle(&mut harness);
        }
        click(&mut harness, pixel(name));
    }
    harness.get_by_label("Find outline").click();
    settle(&mut harness);
    harness.key_press(Key::T);
    settle(&mut harness);

    let truth: Truth = serde_json::from_str(include_str!("../assets/sample/truth.json")).unwrap();
    let view = &truth.views["front"];
    let camera = Camera {
        camera_from_head: DMat3::from_cols_array_2d(&view.rotation).transpose(),
        head_origin_mm: DVec3::from(view.translation_mm),
        focal_px: view.fx_px,
        principal_px: DVec2::new(view.cx, view.cy),
    };
    let seen = |point: [f64; 3]| camera.image_from_head(DVec3::from(point)).unwrap().to_array();
    drag(&mut harness, seen(truth.landmarks_mm["glabella"]), seen(truth.glabella_plus_73_mm));
    let text = words(&harness, "Tape 1: ");
    let (length, error) = text.trim_start_matches("Tape 1: ").split_once(" mm ± ").expect(&text);
    let (length, error): (f64, f64) = (length.parse().unwrap(), error.parse().unwrap());
    // The true head is 73 mm there; its pupils are 63 mm apart, as the scale assumes.
    assert!((length - 73.0).abs() < error, "{text}");
    assert!(error < 8.0, "an error that large says nothing: {text}");

    assert!(document(&harness).variants.len() == 1 && harness.state().desk().unwrap().case().redo_name().is_none());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(!is_shown(&harness, "Tape 1: "), "Escape clears the tapes");
}

#[test]
fn guides_are_switched_with_a_key_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path());
    click(&mut harness, pixel("pupil_right"));
    click(&mut harness, pixel("pupil_left"));
    harness.key_press(Key::G);
    settle(&mut harness);
    // The tape's inspector is short: the guides' switches are in sight.
    harness.key_press(Key::T);
    settle(&mut harness);
    harness.get_by_label("Guides").click();
    harness.run_steps(30);
    harness.get_by_label("Brow-raise crease").click();
    settle(&mut harness);
    harness.get_by_label("Brow-raise crease, 50 mm above the glabella").focus();
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    settle(&mut harness);
    let label = words(&harness, "Brow-raise crease, ");
    let height: f64 = label.split(' ').find_map(|word| word.parse().ok()).unwrap();
    // Ten nudges of half a millimetre in the photo, more on skin that leans back.
    assert!(height > 53.0 && height < 62.0, "{label}");
}
