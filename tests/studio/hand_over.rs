//! Handing over from the window: previews, the client's signature, the quote, a drawn line that is read back.

use crate::window::{Window, sample_case};
use egui::accesskit::Role;
use egui::{Key, Pos2, pos2};
use egui_kittest::kittest::{NodeT, Queryable};
use glam::DVec3;
use scalp_studio::case::Case;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::photo::{self, EncodeOptions, Format, Limits, Photo, Samples};
use scalp_studio::plan::Plan;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

#[test]
fn a_signature_is_drawn_kept_told_and_undone() {
    let mut window = Window::on_sample();
    window.ask_by_name("Sign the plan…");
    window.check_names("signature");
    let disabled = |window: &Window| window.node(Role::Button, "Keep signature").accesskit_node().is_disabled();
    assert!(disabled(&window), "nothing is drawn yet");
    window.write("Name", "Anna Müller");
    let field = window.node(Role::Canvas, "Signature").rect();
    let at = |x: f32, y: f32| pos2(field.left() + x * field.width(), field.top() + y * field.height());
    let stroke: Vec<Pos2> = (0..12).map(|k| at(0.2 + 0.05 * k as f32, 0.4 + 0.1 * (k % 3) as f32)).collect();
    window.drag(&stroke);
    assert!(!disabled(&window));
    window.tap("Keep signature");
    window.settle();
    let signature = window.document().signature(0).unwrap().clone();
    assert_eq!(signature.name, "Anna Müller");
    assert!(signature.strokes.len() == 1 && signature.strokes[0].len() > 5, "{:?}", signature.strokes);
    assert!(signature.holds(&window.plan()));
    let first = signature.strokes[0][0];
    assert!((first[0] - 0.2).abs() < 0.03 && (first[1] - 0.3 * 0.4).abs() < 0.03, "where it was drawn: {first:?}");
    assert_eq!(window.undo_name(), Some("Sign the plan"));
    // A later change is told.
    let seed: Plan = Plan { seed: window.plan().seed + 1, ..window.plan() };
    assert!(!signature.holds(&seed));
    window.undo();
    assert!(window.document().signature(0).is_none());
    window.redo();
    assert!(window.document().signature(0).is_some());
    window.ask_by_name("Sign the plan…");
    window.must_say("Signed by Anna Müller on ");
    window.tap("Remove signature");
    window.settle();
    assert!(window.document().signature(0).is_none());
    // Without a pointer a cross does.
    window.ask_by_name("Sign the plan…");
    window.tap("Sign with a cross");
    window.tap("Keep signature");
    window.settle();
    assert_eq!(window.document().signature(0).unwrap().strokes.len(), 2);
}

#[test]
fn the_inspector_tells_what_the_plan_costs() {
    let mut window = Window::on_sample();
    window.open_section("Quote");
    window.settle();
    window.must_say("In all");
    window.must_say("USD");
    window.must_say("Example prices");
    let words = |window: &Window| -> Vec<String> {
        let nodes = window.harness.query_all_by_label_contains("USD");
        nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
    };
    let before = words(&window);
    assert!(!before.is_empty());
    window.ask(Command::Tool(scalp_studio::studio::session::tool::Tool::Hairline));
    window.enter("Height", "90");
    window.settle();
    assert_ne!(words(&window), before, "less scalp costs less");
}

#[test]
fn the_dialog_shows_what_will_be_made() {
    let mut window = Window::on_sample();
    window.ask(Command::HandOver);
    window.settle();
    // Report, page, film, quote, template and removal have pictures; nothing is agreed for days, there is one plan.
    let pictures = window.picture("Report (PDF)");
    assert_eq!(pictures.len(), 1);
    let report = pictures.values().next().unwrap();
    let [width, height] = report.size;
    assert!(height > width && report.pixels.iter().any(|pixel| pixel.r() < 100), "a page with ink: {width} x {height}");
    for product in
        ["Page to view at home (HTML)", "Quote (PDF)", "Actual-size template (PDF)", "Laser removal (picture)"]
    {
        assert!(!window.picture(product).is_empty(), "{product}");
    }
    let plans = window.node(Role::CheckBox, "Plans side by side (picture)").accesskit_node().is_disabled();
    assert!(plans, "there is one plan only");
    window.tap("Cancel");
    window.settle();
}

/// A case whose front photo shows a line that is drawn three millimetres too high.
fn drawn(path: &std::path::Path) {
    sample_case(path);
    let case = Case::open(path).unwrap();
    let fit = case.fit().unwrap();
    let camera = fit.camera(0).unwrap();
    let line = case.document().variants[0].plan.hairline.line(fit.head());
    let places: Vec<glam::DVec2> = line
        .windows(2)
        .filter_map(|pair| {
            let up = pair[0].normal.cross(pair[1].position - pair[0].position).normalize();
            let place = fit.head().cranium.below(pair[0].position + 3.0 * up);
            camera.image_from_head(place.position).filter(|_| fit.head().visible(camera, &place))
        })
        .collect();
    let photo = case.photo(0, &Limits::default()).unwrap();
    let half = 0.6 / camera.mm_per_px(line[line.len() / 2].position);
    let Samples::U8(before) = photo.samples() else { panic!("samples are 8 bits") };
    let width = photo.width() as usize;
    let shown = Photo::from_rows(photo.width(), photo.height(), |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = glam::DVec2::new(x as f64 + 0.5, y as f64 + 0.5);
            let off = places.iter().map(|place| place.distance(at)).fold(f64::INFINITY, f64::min);
            let share = (half + 0.5 - off).clamp(0.0, 1.0);
            for (c, sample) in pixel.iter_mut().enumerate() {
                let under = f64::from(before[3 * (y * width + x) + c]);
                *sample = (under + (35.0 - under) * share).round() as u8;
            }
        }
    });
    let jpeg = photo::encode(&shown, Format::Jpeg { quality: 92 }, &EncodeOptions::default()).unwrap();
    let mut case = Case::open(path).unwrap();
    let view = case.add_photo("drawn", "drawn.jpg", jpeg, &Limits::default()).unwrap();
    let mut document = case.document().clone();
    document.views[view].landmarks = document.views[0].landmarks.clone();
    document.views[view].outline = document.views[0].outline.clone();
    document.views[view].focal_length_35mm = document.views[0].focal_length_35mm;
    case.commit("Points of the same photo", document).unwrap();
}

#[test]
fn a_drawn_line_is_read_back_in_the_photo_shown() {
    let mut window = Window::start(crate::window::Setup::default(), |folder| {
        let path = folder.join("cases/anna.scalp");
        drawn(&path);
        vec![path]
    });
    // Where nothing is drawn it says so.
    window.show_view("front");
    window.ask_by_name("Read the drawn line back");
    window.settle();
    window.must_say("No drawn line was found near the planned one");
    window.show_view("drawn");
    window.settle();
    window.ask_by_name("Read the drawn line back");
    window.settle();
    window.must_say("The drawn line in photo drawn");
    window.must_say("too high in the mean");
    window.check_names("read back");
    assert!(window.harness.query_by_label_contains("Deviation along the line").is_some());
    window.tap("Close");
    window.settle();
}

#[test]
fn a_line_that_is_not_found_is_traced_by_hand() {
    let mut window = Window::on_sample();
    window.show_view("front");
    window.ask(Command::Tool(Tool::Trace));
    window.settle();
    let compare = |window: &Window| window.node(Role::Button, "Compare with the plan").accesskit_node().is_disabled();
    assert!(compare(&window), "nothing is traced");
    // A line 5 mm above the planned one, clicked from the middle outwards.
    let head = window.head();
    let line = window.plan().hairline.line(&head);
    let up = |point: &SurfacePoint| {
        let along = (DVec3::Y - point.normal * point.normal.y).normalize();
        head.cranium.below(point.position + 5.0 * along).position
    };
    let higher: Vec<DVec3> = line.iter().map(up).collect();
    let middle = higher.len() / 2;
    for offset in [0, 12, -12, 24, -24_isize] {
        window.click_head(higher[middle.saturating_add_signed(offset)]);
    }
    window.must_say("5 points");
    window.click(Role::Button, "Compare with the plan");
    window.must_say("too high in the mean");
    let text = window.words("The drawn line lies ");
    let mean: f64 = text.trim_start_matches("The drawn line lies ").split('\u{a0}').next().unwrap().parse().unwrap();
    assert!((mean - 5.0).abs() < 0.7, "{text}");
    window.tap("Close");
    window.settle();

    // Without a pointer: from the planned line, a point moved with the arrow keys.
    window.click(Role::Button, "Begin with the planned line");
    window.node(Role::Button, "Traced point 3").focus();
    window.harness.run_steps(2);
    window.key(Key::ArrowUp);
    window.ask_by_name("Read the drawn line back");
    window.settle();
    window.must_say("The drawn line in photo front");
    window.tap("Close");
    window.settle();
    window.key(Key::Escape);
    window.must_say("Click along the line that is drawn on the skin.");
    assert_eq!(window.undo_name(), None, "a trace is not part of the case");
}
