//! Clicks in a photo of healed work give a studio's own pigment, which is put to use in one step.

use std::path::{Path, PathBuf};

use crate::truth::truth;
use crate::window::{Setup, Window};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT;
use scalp_studio::case::{Case, NewView, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, encode};
use scalp_studio::plan::pigment::Pigment;
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::settings::Outlook;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

/// Tall enough for every section of the inspector.
const SETUP: Setup = Setup { size: [1280.0, 2200.0], step_s: 0.25, ..Setup::USUAL };
const PER_MM: [f64; 3] = [75.0, 100.0, 130.0];
/// Places on the forehead and the scalp of the true head, mm.
const BARE: [f64; 3] = [0.0, 5.0, 96.0];
const TREATED: [f64; 3] = [0.0, 72.0, 42.0];

/// The sample client in two photos; `top` replaces the one from above.
fn client(path: &Path, top: &Photo) -> Case {
    let mut views = sample::Client::Light.views().unwrap();
    views.retain(|view| ["front", "top"].contains(&view.name.as_str()));
    let png = encode(top, Format::Png, &EncodeOptions::default()).unwrap();
    let with = |view: NewView| match view.name.as_str() {
        "top" => NewView { bytes: png.clone(), ..view },
        _ => view,
    };
    let views = views.into_iter().map(with).collect();
    // Otherwise the dots already in the photo would be taken for hair.
    let start = Start { ignore_own_hair: true, ..Start::default() };
    Case::create(path, views, &start, Existing::Refuse, &Limits::default()).unwrap()
}

/// The client, treated by the first plan with a pigment of the studio's own and healed for 60 days.
fn healed(folder: &Path) -> PathBuf {
    let [width, height] = truth().views["top"].size_px();
    let mut photo = Photo::from_srgb(width, height, [200, 165, 145].repeat((width * height) as usize)).unwrap();
    let case = client(&folder.join("before.scalp"), &photo);
    let own = Pigment { name: "own".into(), absorption_per_mm: PER_MM, part: Vec::new() };
    let plan = case.plan(None).unwrap().clone().with_pigment(&own);
    let (fit, view) = (case.fit().unwrap(), case.view_index(Some("top")).unwrap());
    let skin = case.fitted_mock_up(None, &Limits::default()).unwrap().mock_up.skin;
    let mock_up = MockUp::new(&plan, &Scalp::new(fit.head().clone(), &plan), skin);
    let camera = *fit.camera(view).unwrap();
    let sensor = Sensor {
        camera,
        photo_px: [width, height],
        spread: PointSpread::blurred(0.7),
        level: 0,
        hidden: None,
        tones: None,
    };
    let moment = Moment { sessions: plan.sessions.len(), age_days: 60.0, outlook: Outlook::Likely };
    let splats = mock_up.splats(&sensor, moment);
    let specular = Specular::estimate(&photo, &splats);
    composite(&mut photo, &splats, &specular);
    let path = folder.join("cases/healed.scalp");
    drop(client(&path, &photo));
    path
}

/// Whether the calibrated pigment is the plan's already.
fn used(window: &Window) -> bool {
    window.node(Role::Button, "Use calibrated pigment").accesskit_node().is_disabled()
}

#[test]
fn clicks_on_healed_work_give_the_pigment_and_using_it_is_one_step() {
    let mut window = Window::start(SETUP, |folder| vec![healed(folder)]);
    window.show_view("top");
    window.ask(Command::Tool(Tool::Pan));
    window.settle();
    let before = window.plan();

    // After Escape a click belongs to the tool again.
    window.open_section("Your own pigment");
    window.tap("Calibrate pigment");
    window.must_say("Click bare skin");
    window.key(Key::Escape);
    window.click_photo(truth().views["top"].pixel(BARE));
    assert!(!window.says("Healed for"));

    // The first place, then the second.
    window.ask_by_name("Calibrate pigment");
    window.click_photo(truth().views["top"].pixel(BARE));
    window.must_say("Click healed, treated skin");
    window.click_photo(truth().views["top"].pixel(BARE));
    window.must_say("places next to no dots where the treated skin was clicked");
    window.tap("Close calibration");
    assert!(!window.says("Healed for"));

    window.ask_by_name("Calibrate pigment");
    window.click_photo(truth().views["top"].pixel(BARE));
    window.click_photo(truth().views["top"].pixel(TREATED));
    window.enter("Healed for", "60");
    window.write("Name of the pigment", "House black");
    window.key(Key::Enter);
    assert_eq!(window.undo_name(), None, "calibrating alone must not change the case");
    assert!(!used(&window));
    window.click(Role::Button, "Use calibrated pigment");
    assert_eq!(window.undo_name(), Some("Calibrate pigment"));
    assert!(used(&window));
    let found = window.plan().chosen_pigment().unwrap().clone();
    assert_eq!(found.name, "House black");
    for (c, truth) in PER_MM.into_iter().enumerate() {
        let ratio = found.absorption_per_mm[c] / truth;
        assert!((ratio - 1.0).abs() < 0.08, "channel {c}: {ratio}");
    }
    window.open_section("Pigment");
    window.must_say("Pigment House black");
    window.undo();
    assert_eq!(window.plan(), before);
    assert!(!used(&window));

    // The same skin for both.
    window.tap("Calibrate pigment");
    window.click_photo(truth().views["top"].pixel(TREATED));
    window.click_photo(truth().views["top"].pixel(TREATED));
    window.must_say("not darker than the bare skin");
}
