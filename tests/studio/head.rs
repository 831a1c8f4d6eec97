//! Fitting the head in the window, by clicks as a user would make them.

use crate::truth::{pixel, points, truth};
use crate::window::{Setup, Window};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use glam::{DVec2, DVec3};
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::photo::{EncodeOptions, Format, Photo, encode};
use scalp_studio::render::steps::Step;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

/// A window with the sample's front photo and no points, for tests that click them.
fn on_front_photo() -> Window {
    Window::start(Setup { step_s: 0.25, finds_heads: false, ..Setup::default() }, |folder| {
        let path = folder.join("front.jpg");
        std::fs::write(&path, crate::window::photo("front")).unwrap();
        vec![path]
    })
}

/// A window on which files with these names and contents were dropped.
fn dropped(files: &[(&str, Vec<u8>)]) -> Window {
    let mut window = Window::start(Setup { step_s: 0.25, ..Setup::default() }, |_| Vec::new());
    let paths: Vec<_> = files.iter().map(|(name, _)| window.path(name)).collect();
    for (path, (_, bytes)) in paths.iter().zip(files) {
        std::fs::write(path, bytes).unwrap();
    }
    window.drop_files(&paths);
    window
}

#[test]
fn a_dropped_photo_becomes_a_mock_up_without_a_click() {
    // A name that does not say what the photo shows.
    let mut window = dropped(&[("IMG_0001.jpg", crate::window::photo("left-oblique"))]);
    assert_eq!(window.views(), ["left-oblique"], "the view should be recognised");
    assert_eq!(window.document().variants.len(), 1, "there should be a first plan");
    assert!(window.document().views[0].landmarks.is_empty());
    assert!(window.dots() > 10_000);
    assert!(window.says("mm/px ±"), "the status line should give the scale");
    assert_eq!(window.open_case().step, Step::result(window.open_case().appointments()), "the result should be shown");
    // All of it is one step.
    window.undo();
    assert!(window.document().views.is_empty() && window.document().variants.is_empty());
    window.redo();
    assert_eq!((window.document().views.len(), window.document().variants.len()), (1, 1));
}

#[test]
fn photos_dropped_together_are_one_step_and_later_ones_keep_the_hairline() {
    let photo = |view: &str| crate::window::photo(view);
    let mut window = dropped(&[("1.jpg", photo("left-oblique")), ("2.jpg", photo("front"))]);
    assert_eq!(window.views(), ["front", "left-oblique"]);
    let plan = window.plan();
    window.undo();
    assert!(window.document().views.is_empty() && window.document().variants.is_empty(), "not one step with its plan");
    assert!(window.open_case().redo_name().is_some(), "no plan should be made while the user is undoing");
    window.redo();
    assert_eq!((window.views().len(), window.plan()), (2, plan.clone()));

    // Another photo changes the head, but the hairline keeps its height in millimetres.
    let height_mm = |window: &Window| window.plan().hairline.height_mm(window.open_case().fit().unwrap().head());
    let height = height_mm(&window);
    let right = window.path("3.jpg");
    std::fs::write(&right, photo("right")).unwrap();
    window.drop_files(&[right]);
    assert_eq!(window.views().len(), 3);
    assert!((height_mm(&window) - height).abs() < 0.1, "{} {height}", height_mm(&window));
    window.undo();
    assert_eq!((window.views().len(), window.plan()), (2, plan));
}

#[test]
fn found_points_are_suggestions_that_a_click_outranks() {
    let mut window = dropped(&[("IMG_0001.jpg", crate::window::photo("front"))]);
    window.harness.key_press(Key::F);
    window.settle();
    let found = window.document().views[0].found.clone().unwrap();
    let chin = found.landmarks[&Landmark::Menton].px;
    window.must_say("Chin, found");
    let before = window.open_case().fit().unwrap().fit.cameras[0];
    let height_mm = |window: &Window| window.plan().hairline.height_mm(window.open_case().fit().unwrap().head());
    let (height, line) = (height_mm(&window), window.plan().hairline);
    window.drag_photo(chin, [chin[0], chin[1] + 40.0]);
    assert_eq!(window.undo_name(), Some("Move chin"));
    assert!((height_mm(&window) - height).abs() < 0.1 && window.plan().hairline != line);
    window.undo();
    assert!(window.document().views[0].landmarks.is_empty() && window.plan().hairline == line, "not one step");
    window.redo();
    assert!((height_mm(&window) - height).abs() < 0.1 && window.plan().hairline != line);
    let placed = window.document().views[0].landmarks[&Landmark::Menton];
    assert!(DVec2::from(placed).distance(DVec2::new(chin[0], chin[1] + 40.0)) < 1.0, "{placed:?}");
    window.must_say("Chin, placed");
    assert_ne!(window.open_case().fit().unwrap().fit.cameras[0], before, "the head should follow");
    assert_eq!(window.document().views[0].found.as_ref(), Some(&found), "found points should be kept");

    // Without the found points there is no head until it is looked for again.
    window.tap("Forget what was found");
    window.settle();
    assert!(window.document().views[0].found.is_none() && window.open_case().fit().is_none());
    window.tap("Find head");
    window.settle();
    assert_eq!(window.undo_name(), Some("Find head"));
    assert_eq!(window.document().views[0].found.as_ref(), Some(&found), "the same points should be found");
    assert!(window.open_case().fit().is_some());
}

/// Where a landmark of the sample's head is in the photo on show: on the true head and on the fitted one, px.
fn true_and_fitted(window: &Window, view: &str, landmark: Landmark) -> [DVec2; 2] {
    let case = window.open_case();
    let (fit, camera) = (case.fit().unwrap(), case.camera().unwrap());
    let fitted = camera.image_from_head(fit.head().landmark(landmark)).unwrap();
    let truth = truth();
    [DVec2::from(truth.views[view].pixel(truth.landmarks_mm[landmark.name()])), fitted]
}

/// A face and a photo from behind, which shows none, with the head tool.
fn behind() -> Window {
    let photos = [("front.jpg", crate::window::photo("front")), ("back.jpg", crate::window::photo("back"))];
    let mut window = dropped(&photos);
    window.show_view("back");
    window.must_say("Not part of the head yet");
    window.harness.key_press(Key::F);
    window.settle();
    window
}

#[test]
fn a_head_is_placed_by_hand_over_a_photo_from_behind_and_fitted_to_its_edge() {
    let mut window = behind();
    window.tap("Place the head by hand");
    window.settle();
    assert_eq!(window.undo_name(), Some("Place head by hand"));

    let ears = |window: &Window| {
        [Landmark::TragusRight, Landmark::TragusLeft].map(|tragus| true_and_fitted(window, "back", tragus))
    };
    let [[true_right, right], [true_left, left]] = ears(&window);
    let by = 0.5 * (true_right + true_left) - 0.5 * (right + left);
    let drag = |window: &mut Window, label: &str, to: &dyn Fn(egui::Pos2) -> egui::Pos2| {
        let from = window.node(Role::Button, label).rect().center();
        window.drag(&[from, from + 0.5 * (to(from) - from), to(from)]);
    };
    let px = |window: &Window, px: DVec2| window.of_photo(px.to_array()) - window.of_photo([0.0, 0.0]);
    let shift = px(&window, by);
    drag(&mut window, "Move the head", &|from| from + shift);
    assert_eq!(window.undo_name(), Some("Move head"), "a drag should be one step");
    let [[true_right, right], [true_left, left]] = ears(&window);
    let times = (true_right.distance(true_left) / right.distance(left)) as f32;
    let middle = window.node(Role::Button, "Move the head").rect().center();
    drag(&mut window, "Scale the head", &|from| middle + times * (from - middle));
    assert_eq!(window.undo_name(), Some("Scale head"));
    let mm_per_px = window.open_case().camera().unwrap().mm_per_px(DVec3::ZERO);
    for [truth, fitted] in ears(&window) {
        assert!(truth.distance(fitted) * mm_per_px < 8.0, "{truth} {fitted}");
    }
    // The handles work with keys, too.
    window.harness.get_by_label("Tilt the head").focus();
    window.harness.run_steps(3);
    window.harness.key_press(Key::ArrowRight);
    window.settle();
    assert_eq!(window.undo_name(), Some("Tilt head"));
    window.undo();

    window.tap("Find edge");
    window.settle();
    assert_eq!(window.undo_name(), Some("Find edge of the head"));
    assert!(window.document().views[1].found.as_ref().unwrap().outline.len() >= 8);
    let [truth, fitted] = true_and_fitted(&window, "back", Landmark::Vertex);
    assert!(truth.distance(fitted) * mm_per_px < 8.0, "{truth} {fitted}");
    // The points of the other photo are as before.
    assert!(window.document().views[0].found.is_some() && window.document().views[0].landmarks.is_empty());
    window.harness.key_press(Key::Escape);
    window.harness.run_steps(2);
    assert!(!window.says("Move the head"));
}

#[test]
fn a_photo_without_a_face_is_added_with_a_message_and_gets_no_dots() {
    let wall = Photo::from_rows(640, 480, |y, row| row.fill([120, (100 + y % 50) as u8, 90]));
    let wall = encode(&wall, Format::Png, &EncodeOptions::default()).unwrap();
    let window = dropped(&[("wall.png", wall)]);
    window.must_say("No face was found in wall.png");
    assert_eq!(window.views().len(), 1, "the photo should be there to be marked by hand");
    assert!(window.open_case().fit().is_none() && window.document().variants.is_empty());
    assert!(window.says("right pupil (the client's right"), "the window should say what to do");
}

#[test]
fn two_clicks_fit_the_head_and_make_a_plan_and_can_be_undone() {
    let mut window = on_front_photo();
    assert!(window.says("right pupil (the client's right, on the left of the photo)"));
    window.click_photo(pixel("front", "pupil_right"));
    assert!(window.open_case().fit().is_none());
    assert_eq!(window.document().views[0].landmarks.len(), 1);
    window.click_photo(pixel("front", "pupil_left"));

    let case = window.open_case();
    let placed = &case.document().views[0].landmarks;
    for (landmark, name) in [(Landmark::PupilRight, "pupil_right"), (Landmark::PupilLeft, "pupil_left")] {
        let off = DVec2::from(placed[&landmark]).distance(DVec2::from(pixel("front", name)));
        assert!(off < 0.5, "{name} is {off} px from where it was clicked");
    }
    let fit = case.fit().expect("a head");
    assert_eq!(case.document().variants.len(), 1, "there should be a first plan");
    assert_eq!(case.undo_name(), Some("Find outline"), "it should be found without asking against a plain wall");
    assert!(case.document().views[0].outline.len() >= 10);
    let between = fit.head().landmark(Landmark::PupilLeft).distance(fit.head().landmark(Landmark::PupilRight));
    assert!((between - 63.0).abs() < 0.5, "the average pupil distance, not {between} mm");
    assert!(window.says("mm/px ±"), "the status line should give the scale");

    window.undo();
    assert!(window.document().views[0].outline.is_empty() && window.open_case().fit().is_some());
    assert_eq!(window.undo_name(), Some("First plan"));
    window.undo();
    let case = window.open_case();
    assert!(case.fit().is_none() && case.document().variants.is_empty());
    assert_eq!(case.undo_name(), Some("Place right pupil"));
    window.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.settle();
    let case = window.open_case();
    assert!(case.fit().is_some() && case.document().variants.len() == 1);
    assert_eq!(case.redo_name(), Some("Find outline"));
}

#[test]
fn points_are_chosen_dragged_nudged_and_removed() {
    let mut window = on_front_photo();
    // In any order: here the chin comes first.
    window.harness.get_by_label("Chin, not placed").click();
    window.settle();
    window.click_photo(pixel("front", "menton"));
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    let placed: Vec<Landmark> = window.document().views[0].landmarks.keys().copied().collect();
    assert_eq!(placed, [Landmark::PupilRight, Landmark::PupilLeft, Landmark::Menton]);

    let before = window.document().views[0].landmarks[&Landmark::Menton];
    let to = [before[0] + 30.0, before[1] - 60.0];
    window.drag_photo(before, to);
    let after = window.document().views[0].landmarks[&Landmark::Menton];
    assert!(DVec2::from(after).distance(DVec2::from(to)) < 1.0, "{after:?} {to:?}");
    assert_eq!(window.undo_name(), Some("Move chin"), "a drag should be one step");

    window.harness.get_by_role_and_label(Role::Button, "Chin").focus();
    // The handle receives arrow keys from the second frame on.
    window.harness.run_steps(3);
    window.harness.key_press(Key::ArrowLeft);
    window.settle();
    let nudged = window.document().views[0].landmarks[&Landmark::Menton];
    assert!(nudged[0] < after[0] && (nudged[1] - after[1]).abs() < 1e-3);
    window.harness.key_press(Key::Delete);
    window.settle();
    assert!(!window.document().views[0].landmarks.contains_key(&Landmark::Menton));
    for _ in 0..3 {
        window.undo();
    }
    assert_eq!(window.document().views[0].landmarks[&Landmark::Menton], before);
}

#[test]
fn taps_within_one_frame_count() {
    let mut window = on_front_photo();
    for (count, name) in ["pupil_right", "pupil_left", "menton"].into_iter().enumerate() {
        window.tap_photo(pixel("front", name));
        assert_eq!(window.document().views[0].landmarks.len(), count + 1, "{name}");
    }
}

#[test]
fn while_c_is_held_before_is_shown_and_a_selected_point_stays_selected() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    window.harness.key_press(Key::H);
    window.settle();
    let after = window.picture("Canvas");
    window.harness.get_by_label("Hairline point, middle").focus();
    window.harness.run_steps(3);
    window.harness.key_down(Key::C);
    window.settle();
    assert!(window.picture("Canvas") != after, "the photo before treatment should be shown");
    window.harness.key_up(Key::C);
    window.settle();
    assert!(window.picture("Canvas") == after);
    let before = window.plan();
    window.harness.key_press(Key::ArrowUp);
    window.settle();
    assert_ne!(window.plan(), before, "the point should still have the focus");
}

#[test]
fn dragging_from_an_empty_place_places_no_point() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    let (before, undo) = (window.document().clone(), window.undo_name().map(str::to_owned));
    window.must_say("Click: chin");
    // A drag that misses its ring.
    window.drag_photo([400.0, 300.0], [700.0, 500.0]);
    assert_eq!(*window.document(), before);
    assert_eq!(window.undo_name(), undo.as_deref());
    // A hand is not perfectly steady: a drag this short is still a click.
    let chin = pixel("front", "menton");
    window.drag_photo(chin, [chin[0] + 12.0, chin[1]]);
    assert!(window.document().views[0].landmarks.contains_key(&Landmark::Menton));
}

#[test]
fn while_points_are_added_every_click_adds_one() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    let found = window.document().views[0].outline.len();
    window.tap("Add outline points");
    // In places where the drawn outline would have its rings.
    for (count, pixel) in [[560.0, 840.0], [556.0, 900.0], [560.0, 960.0]].into_iter().enumerate() {
        window.click_photo(pixel);
        assert_eq!(window.document().views[0].outline.len(), found + count + 1);
    }
}

#[test]
fn the_outline_is_found_on_request_and_a_ruler_sets_the_scale() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    window.harness.key_press(Key::Escape);
    window.harness.step();
    window.harness.get_by_label("Find outline").click();
    window.settle();
    assert!(window.document().views[0].outline.len() >= 10);
    assert_eq!(window.undo_name(), Some("Find outline"));
    window.undo();
    assert!(window.document().views[0].outline.is_empty());

    let mm_between_pupils = |window: &Window| {
        let fit = window.open_case().fit().unwrap();
        fit.head().landmark(Landmark::PupilLeft).distance(fit.head().landmark(Landmark::PupilRight))
    };
    // A ruler almost from pupil to pupil that is said to be 50 mm long makes the head smaller.
    window.click(Role::ComboBox, "Millimetres from");
    window.harness.run_steps(3);
    window.tap("Ruler or sticker in the photo");
    window.harness.run_steps(3);
    window.click_photo([pixel("front", "pupil_right")[0] + 8.0, pixel("front", "pupil_right")[1] + 90.0]);
    window.click_photo([pixel("front", "pupil_left")[0] - 8.0, pixel("front", "pupil_left")[1] + 90.0]);
    assert_eq!(window.undo_name(), Some("Scale from ruler"));
    let between = mm_between_pupils(&window);
    assert!(between > 46.0 && between < 57.0, "{between}");
}

#[test]
fn the_drawn_outline_is_pulled_to_where_the_scalp_ends() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    window.harness.key_press(Key::Escape);
    window.harness.step();
    window.tap("Remove outline");
    window.settle();
    let top = |window: &Window| {
        let fit = window.open_case().fit().unwrap();
        let camera = fit.camera(0).unwrap();
        let outline = fit.head().outline(camera);
        let pixels = outline.scalp.iter().flatten().filter_map(|p| camera.image_from_head(p.position));
        pixels.map(|pixel| pixel.y).fold(f64::INFINITY, f64::min)
    };
    let before = top(&window);
    let ring = |window: &Window| window.node(Role::Button, "Pull the outline, place 5").rect().center();
    let from = ring(&window);
    window.drag(&[from, from - egui::vec2(0.0, 10.0), from - egui::vec2(0.0, 20.0)]);
    assert_eq!(window.undo_name(), Some("Pull outline"), "a drag should be one step");
    let [pulled] = window.document().views[0].outline[..] else { panic!("one point") };
    assert!(window.of_photo(pulled).distance(from - egui::vec2(0.0, 20.0)) < 1.0);
    assert!(top(&window) < before - 2.0, "the head should follow: {} {before}", top(&window));
    // The ring has become a point. Arrow keys move rings, too.
    assert!(window.harness.query_by_label("Pull the outline, place 5").is_none());
    window.harness.get_by_label("Pull the outline, place 3").focus();
    window.harness.run_steps(3);
    window.harness.key_press(Key::ArrowUp);
    window.settle();
    assert_eq!(window.document().views[0].outline.len(), 2);
    window.harness.key_press(Key::ArrowUp);
    window.settle();
    assert_eq!(window.document().views[0].outline.len(), 2, "the same point should move on");
    assert_eq!(window.undo_name(), Some("Move outline point"));
    for _ in 0..3 {
        window.undo();
    }
    assert!(window.document().views[0].outline.is_empty());
}

#[test]
fn a_tape_reads_a_known_length_within_its_stated_error() {
    let mut window = on_front_photo();
    for name in ["pupil_right", "pupil_left", "menton", "glabella", "nose_tip"] {
        let row = match name {
            "pupil_right" => "Right pupil, not placed",
            "pupil_left" => "Left pupil, not placed",
            "menton" => "Chin, not placed",
            "glabella" => "Between the brows, not placed",
            _ => "Tip of the nose, not placed",
        };
        if window.open_case().fit().is_some() {
            window.harness.get_by_label(row).click();
            window.settle();
        }
        window.click_photo(pixel("front", name));
    }
    window.harness.get_by_label("Find outline").click();
    window.settle();
    window.harness.key_press(Key::T);
    window.settle();

    let truth = truth();
    let camera = truth.views["front"].camera();
    let seen = |point: [f64; 3]| camera.image_from_head(DVec3::from(point)).unwrap().to_array();
    window.drag_photo(seen(truth.landmarks_mm["glabella"]), seen(truth.glabella_plus_73_mm));
    let text = window.words("Tape 1: ");
    let (length, error) = text.trim_start_matches("Tape 1: ").split_once(" mm ± ").expect(&text);
    let (length, error): (f64, f64) = (length.parse().unwrap(), error.parse().unwrap());
    // The true length is 73 mm; the true pupils are 63 mm apart, as the scale assumes.
    assert!((length - 73.0).abs() < error, "{text}");
    assert!(error < 8.0, "too large an error to be of use: {text}");

    assert!(window.document().variants.len() == 1 && window.open_case().redo_name().is_none());
    window.harness.key_press(Key::Escape);
    window.harness.run_steps(2);
    assert!(!window.says("Tape 1: "), "Escape should clear the tapes");
}

#[test]
fn a_guide_is_switched_on_and_moved_with_the_keyboard() {
    let mut window = on_front_photo();
    window.click_photo(pixel("front", "pupil_right"));
    window.click_photo(pixel("front", "pupil_left"));
    window.harness.key_press(Key::G);
    window.settle();
    // The switches of the guides are in the tape tool's panel.
    window.harness.key_press(Key::T);
    window.settle();
    window.harness.get_by_label("Brow-raise crease").click();
    window.settle();
    window.harness.get_by_label("Brow-raise crease, 50 mm above the glabella").focus();
    window.harness.run_steps(3);
    window.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    window.settle();
    let label = window.words("Brow-raise crease, ");
    let height: f64 = label.split(' ').find_map(|word| word.parse().ok()).unwrap();
    // Ten nudges of half a millimetre as the photo shows it, which is more on skin that leans back.
    assert!(height > 53.0 && height < 62.0, "{label}");
}

#[test]
fn the_advice_for_a_photo_from_behind_names_what_it_shows_and_the_hand() {
    let mut window = behind();
    let whole = "To add this photo, click the top of the head and three points on the edge of the scalp, or place the \
                 head by hand. Click: top of the head";
    window.must_say(whole);
    assert!(!window.says("two landmarks"));
    window.click_photo(pixel("back", "vertex"));
    window.must_say("To add this photo, click three points on the edge of the scalp, or place the head by hand.");
    let edge = points("back", "outline");
    for (placed, missing) in [(0, "click two more points"), (1, "click one more point")] {
        window.click_photo(edge[4 * placed]);
        window.must_say(&format!("{missing} on the edge of the scalp, or place the head by hand"));
    }
    // It keeps its word.
    window.click_photo(edge[8]);
    assert!(window.open_case().camera().is_some());
    assert!(!window.says("Not part of the head yet"));
}

#[test]
fn a_head_placed_by_hand_snaps_to_the_edge_within_its_step_unless_that_is_turned_off() {
    let photos = [("front.jpg", crate::window::photo("front")), ("back.jpg", crate::window::photo("back"))];
    let mut window = dropped(&photos);
    window.show_view("back");
    window.harness.key_press(Key::F);
    window.settle();
    window.tap("Place the head by hand");
    window.settle();
    let found = |window: &Window| window.document().views[1].found.clone().unwrap();
    let vertex_off = |window: &Window| {
        let [truth, fitted] = true_and_fitted(window, "back", Landmark::Vertex);
        truth.distance(fitted)
    };
    let begun = found(&window);
    let drag = |window: &mut Window, by: egui::Vec2| {
        let from = window.node(Role::Button, "Move the head").rect().center();
        window.drag(&[from, from + 0.5 * by, from + by]);
    };
    let by = egui::vec2(0.0, -8.0);
    window.tap("Snap to the edge");
    drag(&mut window, by);
    assert_eq!(window.undo_name(), Some("Move head"));
    assert!(found(&window).outline.is_empty(), "it is turned off");
    let unsnapped = vertex_off(&window);
    window.undo();
    assert_eq!(found(&window), begun);

    window.tap("Snap to the edge");
    drag(&mut window, by);
    assert_eq!(window.undo_name(), Some("Move head"), "one step with its drag");
    let snapped = found(&window);
    assert!(snapped.outline.len() >= 8, "{} points", snapped.outline.len());
    assert!(vertex_off(&window) < unsnapped, "{} px, {unsnapped} before", vertex_off(&window));
    window.undo();
    assert_eq!(found(&window), begun, "not one step");
    assert_eq!(window.undo_name(), Some("Place head by hand"));
    window.redo();
    assert_eq!(found(&window), snapped);

    // The arrow keys move freely, and Enter snaps.
    window.harness.get_by_label("Move the head").focus();
    window.harness.run_steps(3);
    window.harness.key_press(Key::ArrowUp);
    window.settle();
    assert!(found(&window).outline.is_empty());
    window.harness.key_press(Key::Enter);
    window.settle();
    assert!(found(&window).outline.len() >= 8);
    assert_eq!(window.undo_name(), Some("Move head"));
    window.undo();
    assert_eq!(found(&window), snapped);
}

#[test]
fn a_wrong_click_is_told_and_a_right_one_is_not() {
    const SAYS: [&str; 2] = ["does not fit the other points", "the other points contradict it"];
    let told = |window: &Window, name: &str| {
        let labels =
            SAYS.map(|says| [format!("{name}, placed, {says}"), format!("{name}, placed, left out because {says}")]);
        labels.as_flattened().iter().any(|label| window.says(label))
    };
    // A ring around a handle in the colour of warnings.
    let ringed = |window: &Window| {
        let colour = window.harness.ctx.global_style().visuals.warn_fg_color;
        let shapes = &window.harness.output().shapes;
        shapes.iter().any(|clipped| match &clipped.shape {
            egui::Shape::Circle(circle) => circle.stroke.color == colour && circle.radius > 9.0,
            _ => false,
        })
    };
    let mut window = Window::on_sample();
    window.show_view("front");
    window.ask(Command::Tool(Tool::Head));
    window.settle();
    assert!(SAYS.iter().all(|says| !window.says(says)) && !ringed(&window));
    for (landmark, name) in [("canthus_left", "Left eye, outer corner"), ("nose_tip", "Tip of the nose")] {
        let from = pixel("front", landmark);
        window.drag_photo(from, [from[0] + 40.0, from[1]]);
        assert!(told(&window, name), "{name}");
        // On the photo, too, and nothing else is blamed.
        let blamed: usize = SAYS.iter().map(|says| window.harness.query_all_by_label_contains(says).count()).sum();
        assert_eq!(blamed, 2, "{name}: in the list and on the photo");
        assert!(ringed(&window), "{name} should look different from the others");
        window.undo();
        assert!(SAYS.iter().all(|says| !window.says(says)) && !ringed(&window));
    }
}
