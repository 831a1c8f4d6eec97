//! What is painted on the canvas: marks, labels and banners, and how the photos of a comparison lie in it.

use crate::window::{Setup, Window, photo};
use egui::accesskit::Role;
use egui::epaint::ColorMode;
use egui::{
    Color32, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, Rect, Shape, TouchPhase, pos2, vec2,
};
use egui_kittest::kittest::Queryable;
use glam::DVec3;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

/// A window of long frames on which these photos were dropped.
fn on_photos(views: &[&str], finds_heads: bool) -> Window {
    let setup = Setup { step_s: 0.25, finds_heads, ..Setup::default() };
    Window::start(setup, |folder| {
        let path = |view: &&str| {
            let path = folder.join(format!("{view}.jpg"));
            std::fs::write(&path, photo(view)).unwrap();
            path
        };
        views.iter().map(path).collect()
    })
}

/// Everything painted, with the part of the window to which it is clipped.
fn painted(window: &Window) -> Vec<(&Shape, Rect)> {
    fn add<'s>(shape: &'s Shape, clip: Rect, all: &mut Vec<(&'s Shape, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| add(shape, clip, all)),
            shape => all.push((shape, clip)),
        }
    }
    let mut all = Vec::new();
    window.harness.output().shapes.iter().for_each(|clipped| add(&clipped.shape, clipped.clip_rect, &mut all));
    all
}

/// The texts painted in a part of the window, without their shadows, and where.
fn texts(window: &Window, within: Rect) -> Vec<(String, Rect)> {
    let texts = painted(window).into_iter().filter_map(|(shape, clip)| {
        let Shape::Text(text) = shape else { return None };
        let rect = shape.visual_bounding_rect().intersect(clip);
        let seen = rect.is_positive() && within.contains_rect(rect) && text.fallback_color != Color32::BLACK;
        seen.then(|| (text.galley.text().to_owned(), rect))
    });
    texts.collect()
}

fn count(window: &Window, within: Rect, word: &str) -> usize {
    texts(window, within).iter().filter(|(text, _)| text.contains(word)).count()
}

/// Where the photo with this name is shown, alone.
#[track_caller]
fn canvas(window: &Window, view: &str) -> Rect {
    window.node(Role::Image, &format!("Photo {view}")).rect()
}

/// The place of a tile with this name within the canvas.
#[track_caller]
fn tile(window: &Window, canvas: Rect, name: &str) -> Rect {
    let rects = window.harness.query_all_by_label(name).map(|node| node.rect());
    rects.filter(|rect| canvas.expand(1.0).contains_rect(*rect)).max_by(|a, b| a.area().total_cmp(&b.area())).unwrap()
}

#[test]
fn a_photo_that_is_not_part_of_the_head_is_not_said_to_be_in_the_making() {
    let mut window = on_photos(&["front", "back"], true);
    assert!(window.open_case().fit().is_some());
    window.show_view("back");
    window.must_say("Not part of the head yet");
    let canvas = canvas(&window, "back");
    // Longer than the window waits before it calls a picture late.
    window.harness.run_steps(8);
    assert_eq!(count(&window, canvas, "Making the picture"), 0);
    window.ask(Command::AllViews);
    window.settle();
    window.harness.run_steps(8);
    assert_eq!(count(&window, canvas, "Making the picture"), 0);
}

#[test]
fn holding_the_key_shows_before_in_every_comparison_with_labels_that_say_so() {
    let mut window = Window::on_sample_with(Setup { step_s: 0.25, ..Setup::default() });
    let canvas = canvas(&window, "front");
    let photos = window.views().len();
    for (command, picture, labels) in [
        (Command::Wipe, "Canvas", 1),
        (Command::SideBySide, "Canvas", 1),
        (Command::AllViews, "Tile(0)", photos),
        (Command::Range, "Tile(1)", 4),
        (Command::HonestView, "Tile(1)", 4),
    ] {
        window.ask(command);
        window.settle();
        let after = window.picture(picture);
        let told = texts(&window, canvas);
        window.harness.key_down(Key::C);
        window.harness.run_steps(2);
        window.settle();
        assert_eq!(count(&window, canvas, "Before"), labels, "{command:?}: {:?}", texts(&window, canvas));
        for other in ["Healed", "From "] {
            assert_eq!(count(&window, canvas, other), 0, "{command:?}: {:?}", texts(&window, canvas));
        }
        assert!(window.picture(picture) != after, "{command:?}: the picture should be without dots");
        window.harness.key_up(Key::C);
        window.harness.run_steps(2);
        window.settle();
        assert_eq!(texts(&window, canvas), told, "{command:?}");
        // Back to one photo.
        window.ask(command);
        window.settle();
    }
}

#[test]
fn near_and_far_show_the_face_and_the_wheel_zooms() {
    let mut window = Window::on_sample();
    let canvas = canvas(&window, "front");
    window.ask(Command::HonestView);
    window.settle();
    let fit = window.open_case().fit().unwrap().clone();
    let camera = *fit.camera(0).unwrap();
    let at = |window: &Window, index: usize, landmark: Landmark| {
        let pixel = camera.image_from_head(fit.head().landmark(landmark)).unwrap();
        window.studio().screen_from_tile(index, pixel.to_array()).unwrap()
    };
    for (index, name) in ["Before", "From 0.3 m", "From 1 m", "From 3 m"].into_iter().enumerate() {
        let place = tile(&window, canvas, name);
        for landmark in [Landmark::Vertex, Landmark::Menton, Landmark::PupilLeft, Landmark::PupilRight] {
            assert!(place.contains(at(&window, index, landmark)), "{name}: {landmark:?} is out of sight");
        }
    }
    let length = |window: &Window| at(window, 1, Landmark::Vertex).distance(at(window, 1, Landmark::Menton));
    let before = length(&window);
    window.harness.hover_at(tile(&window, canvas, "From 0.3 m").center());
    window.harness.step();
    window.harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, 4.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    window.harness.run_steps(30);
    window.settle();
    assert!(length(&window) > 1.2 * before, "{} {before}", length(&window));
}

/// The share of the canvas that photos cover, and how wide a head is in each photo with a camera, points.
fn overview(window: &mut Window) -> (f32, Vec<f32>) {
    let view = window.open_case().record().unwrap().clone();
    let canvas = canvas(window, &view.name);
    window.ask(Command::AllViews);
    window.settle();
    let fit = window.open_case().fit().unwrap();
    let (mut covered, mut widths) = (0.0, Vec::new());
    for (index, record) in window.document().views.iter().enumerate() {
        let corner = |x: u32, y: u32| -> Pos2 {
            window.studio().screen_from_tile(index, [f64::from(x), f64::from(y)]).expect("a tile")
        };
        let photo = Rect::from_min_max(corner(0, 0), corner(record.width_px, record.height_px));
        let place = tile(window, canvas, &format!("Photo {}", record.name));
        covered += place.intersect(photo).area();
        let Some(camera) = fit.camera(index) else { continue };
        let (centre, across) = (fit.head().cranium.centre, camera.camera_from_head.transpose() * DVec3::X);
        let side = |by_mm: f64| camera.image_from_head(centre + across * by_mm).unwrap();
        let [left, right] = [-80.0, 80.0].map(side).map(|px| corner_of(window, index, px));
        assert!(place.contains(left) && place.contains(right), "{}: the head is cut", record.name);
        widths.push(left.distance(right));
    }
    (covered / canvas.area(), widths)
}

#[track_caller]
fn corner_of(window: &Window, tile: usize, px: glam::DVec2) -> Pos2 {
    window.studio().screen_from_tile(tile, px.to_array()).unwrap()
}

#[test]
fn all_views_fill_the_window_with_heads_of_one_size() {
    let three = on_photos(&["front", "left-oblique", "right"], true);
    for (mut window, photos) in [(three, 3), (Window::on_sample(), 5)] {
        let (covered, widths) = overview(&mut window);
        assert_eq!(widths.len(), photos);
        assert!(covered > 0.75 && covered <= 1.0, "{photos} photos cover {covered}");
        let (least, most) = widths.iter().fold((f32::MAX, 0.0_f32), |(a, b), &w| (a.min(w), b.max(w)));
        assert!(most / least < 1.1, "{photos}: {widths:?}");
        assert!(least > 100.0, "{photos}: {widths:?}");
    }
}

/// Lines and handles over the photo.
fn lines_and_handles(window: &Window, canvas: Rect) -> [usize; 2] {
    const LINE: Color32 = Color32::from_rgb(255, 214, 90);
    let shapes = painted(window);
    let of = |is: &dyn Fn(&Shape) -> bool| {
        let here = |(shape, clip): &&(&Shape, Rect)| is(shape) && canvas.intersects(*clip);
        shapes.iter().filter(here).count()
    };
    let line = |shape: &Shape| matches!(shape, Shape::Path(path) if path.stroke.color == ColorMode::Solid(LINE));
    let handle = |shape: &Shape| {
        let Shape::Circle(circle) = shape else { return false };
        circle.fill == Color32::WHITE && canvas.contains(circle.center)
    };
    [of(&line), of(&handle)]
}

/// Moves the pointer to a place and shows some frames, fewer than make it count as resting.
fn hover(window: &mut Window, at: Pos2) {
    window.harness.hover_at(at);
    window.harness.run_steps(4);
}

#[test]
fn lines_and_handles_fade_when_the_pointer_leaves_the_photo_for_the_inspector_or_rests() {
    let mut window = Window::on_sample_with(Setup { step_s: 0.25, ..Setup::default() });
    let canvas = canvas(&window, "front");
    let inspector = pos2(canvas.right() + 120.0, canvas.center().y);
    hover(&mut window, canvas.center());
    let shown = lines_and_handles(&window, canvas);
    assert!(shown[0] >= 1 && shown[1] >= 3, "{shown:?}");
    hover(&mut window, inspector);
    assert_eq!(lines_and_handles(&window, canvas), [0, 0], "over the inspector");
    hover(&mut window, canvas.center());
    assert_eq!(lines_and_handles(&window, canvas), shown);
    window.harness.run_steps(12);
    assert_eq!(lines_and_handles(&window, canvas), [0, 0], "at rest");
    // A drag that has begun on the photo goes on beyond its edge.
    hover(&mut window, canvas.center() + vec2(5.0, 0.0));
    window.harness.drag_at(canvas.left_top() + vec2(8.0, 8.0));
    window.harness.step();
    hover(&mut window, inspector);
    assert_ne!(lines_and_handles(&window, canvas), [0, 0], "while dragging");
    window.harness.drop_at(inspector);
    window.harness.step();
}

#[test]
fn the_tint_of_what_is_covered_fades_like_a_line() {
    let mut window = Window::on_sample_with(Setup { step_s: 0.25, ..Setup::default() });
    let canvas = canvas(&window, "front");
    window.ask(Command::Tool(Tool::Cover));
    window.settle();
    window.drag_photo([300.0, 410.0], [1200.0, 410.0]);
    assert_eq!(window.undo_name(), Some("Cover"));
    let is_tinted = |window: &Window| {
        const COVER: Color32 = Color32::from_rgba_premultiplied(14, 60, 82, 96);
        let tint = |shape: &Shape| matches!(shape, Shape::Mesh(m) if m.vertices.iter().any(|v| v.color == COVER));
        painted(window).iter().any(|(shape, _)| tint(shape))
    };
    hover(&mut window, canvas.center());
    assert!(is_tinted(&window));
    hover(&mut window, pos2(canvas.right() + 120.0, canvas.center().y));
    assert!(!is_tinted(&window), "over the inspector");
    hover(&mut window, canvas.center());
    assert!(is_tinted(&window));
    window.harness.run_steps(12);
    assert!(!is_tinted(&window), "at rest");
}

#[test]
fn a_key_in_the_frame_of_an_escape_counts() {
    let mut window = Window::on_sample();
    let key = |key: Key, pressed: bool| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    for (over, label) in [(Command::Palette, "Find a command"), (Command::Export, "Export pictures")] {
        window.ask(Command::Tool(Tool::Hairline));
        window.ask(over);
        window.settle();
        assert!(window.harness.query_by_label(label).is_some(), "{over:?}");
        // What was pressed before the Escape belongs to what it closes.
        window.harness.input_mut().events.extend([
            key(Key::M, true),
            key(Key::M, false),
            key(Key::Escape, true),
            key(Key::Escape, false),
            key(Key::B, true),
            Event::Text("b".to_owned()),
            key(Key::B, false),
        ]);
        window.harness.step();
        window.settle();
        assert!(window.harness.query_by_label(label).is_none(), "{over:?} should be closed");
        window.must_say("Drag to paint; Shift thins out");
    }
}

#[test]
fn what_to_do_next_is_said_at_the_bottom_and_covers_no_handle() {
    let mut window = on_photos(&["front"], false);
    let all = canvas(&window, "front");
    let banner = |window: &Window, begins: &str| -> Rect {
        let said = texts(window, all);
        said.iter().find(|(text, _)| text.starts_with(begins)).unwrap_or_else(|| panic!("{said:?}")).1
    };
    for _ in 0..4 {
        let rect = banner(&window, "To fit the head");
        assert!(rect.top() > all.bottom() - 100.0 && rect.bottom() < all.bottom() - 36.0, "{rect:?} of {all:?}");
        window.ask(Command::ZoomIn);
        window.settle();
    }
    // A head laid over the photo by hand, ever larger, so that its handles come down to the bottom.
    let mut window = on_photos(&["front", "back"], true);
    window.show_view("back");
    window.ask(Command::Tool(Tool::Head));
    window.settle();
    window.tap("Place the head by hand");
    window.settle();
    for _ in 0..10 {
        // With the text's surround.
        let said = banner(&window, "Place the head over the photo").expand2(vec2(12.0, 7.0));
        for handle in ["Move the head", "Turn the head", "Tilt the head", "Scale the head"] {
            let at = window.node(Role::Button, handle).rect();
            assert!(!said.intersects(at.shrink(0.5)), "the banner at {said:?} covers {handle:?} at {at:?}");
        }
        window.ask(Command::ZoomIn);
        window.settle();
    }
}
