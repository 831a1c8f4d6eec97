//! Marking by pointer and keys what covers the scalp in a photo, and unmarking it.

use crate::window::{Setup, Window};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2};
use glam::DVec2;
use scalp_studio::case::document::ViewRecord;
use scalp_studio::photo::Region;

/// Places in the sample's front photo, px: on the treated scalp, and at the edge of the head.
const CROWN: [f64; 2] = [750.0, 410.0];
const EDGE: [f64; 2] = [520.0, 460.0];

fn on_sample() -> Window {
    let mut window = Window::on_sample_with(Setup { step_s: 0.25, size: [1280.0, 1000.0], ..Setup::default() });
    window.key(Key::E);
    window.settle();
    window
}

fn record(window: &Window) -> &ViewRecord {
    window.open_case().record().unwrap()
}

fn covered(window: &Window) -> Option<Region> {
    record(window).hidden()
}

/// Covered cells of the region's grid.
fn area(window: &Window) -> usize {
    covered(window).map_or(0, |region| {
        let rows = 0..region.cells()[1];
        rows.map(|y| region.row(y).iter().filter(|is| **is).count()).sum()
    })
}

#[track_caller]
fn covers(window: &Window, px: [f64; 2]) -> bool {
    covered(window).is_some_and(|region| region.contains(px.into()))
}

#[test]
fn a_stroke_covers_what_it_passes_over_in_one_step() {
    let mut window = on_sample();
    assert!(covered(&window).is_none() && window.says("Nothing was found to cover the scalp in this photo"));
    let dots = window.dots();
    // Across the whole head, from the wall on one side to the wall on the other.
    let [width, _] = [record(&window).width_px, record(&window).height_px].map(f64::from);
    window.drag_photo([0.1 * width, CROWN[1]], [0.9 * width, CROWN[1]]);
    assert_eq!(window.undo_name(), Some("Cover"));
    assert!(covers(&window, CROWN) && covers(&window, [0.12 * width, CROWN[1]]), "beside the head, too");
    assert!(!covers(&window, [CROWN[0], CROWN[1] + 400.0]));
    assert!(window.says("covered here") && window.says("As you have drawn it"));
    assert_eq!(window.dots(), dots, "covering must not change the plan");

    // With Shift the brush uncovers.
    let all = area(&window);
    window.harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    window.drag_photo([CROWN[0] - 30.0, CROWN[1]], [CROWN[0] + 30.0, CROWN[1]]);
    window.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    assert_eq!(window.undo_name(), Some("Uncover"));
    assert!(!covers(&window, CROWN) && area(&window) < all && covers(&window, [0.12 * width, CROWN[1]]));
    window.undo();
    assert_eq!(area(&window), all);

    window.tap("Back to what was found");
    window.settle();
    assert!(covered(&window).is_none());
    assert_eq!((window.undo_name(), record(&window).hidden_as_drawn.as_ref()), (Some("Back to what was found"), None));
    window.undo();
    assert_eq!(area(&window), all);
    window.undo();
    assert_eq!(record(&window).hidden_as_drawn, None);
}

#[test]
fn the_brush_stops_at_the_edge_of_the_head_unless_told_not_to() {
    let mut window = on_sample();
    window.enter("Size", "400");
    window.click_photo(EDGE);
    let at_edges = area(&window);
    assert!(!covers(&window, [EDGE[0] - 130.0, EDGE[1]]), "beside the head");
    window.undo();
    window.tap("Stop at edges");
    window.click_photo(EDGE);
    let disc = std::f64::consts::PI * 200.0 * 200.0;
    assert!((area(&window) as f64 / disc - 1.0).abs() < 0.01, "{}", area(&window));
    assert!(covers(&window, [EDGE[0] - 130.0, EDGE[1]]));
    assert!(at_edges as f64 > 0.2 * disc && (at_edges as f64) < 0.8 * disc, "{at_edges}");
    // Clicking again changes nothing and is no step.
    window.click_photo(EDGE);
    window.undo();
    assert_eq!(area(&window), 0);
    // The key for a smaller density brush makes this brush smaller.
    window.key(Key::OpenBracket);
    window.click_photo(EDGE);
    assert!((area(&window) as f64 * 1.44 / disc - 1.0).abs() < 0.01, "{}", area(&window));
}

#[test]
fn a_lasso_covers_and_uncovers_and_escape_cancels_it() {
    let mut window = on_sample();
    window.tap("Lasso");
    let ring = |window: &Window, radius: f64| -> Vec<Pos2> {
        let place = |i: i32| {
            let (s, c) = libm::sincos(f64::from(i) * 0.25);
            window.of_photo((DVec2::from(CROWN) + radius * DVec2::new(c, s)).to_array())
        };
        (0..26).map(place).collect()
    };
    let (outer, inner) = (ring(&window, 120.0), ring(&window, 50.0));
    window.drag(&outer);
    assert!(covers(&window, CROWN) && covers(&window, [CROWN[0] + 90.0, CROWN[1]]));
    window.tap("Uncover");
    window.drag(&inner);
    assert_eq!(window.undo_name(), Some("Uncover"));
    assert!(!covers(&window, CROWN) && covers(&window, [CROWN[0] + 90.0, CROWN[1]]), "a hole");
    window.undo();
    // Cancelled half-way.
    window.harness.hover_at(inner[0]);
    window.harness.step();
    window.harness.drag_at(inner[0]);
    for place in &inner[1..] {
        window.harness.hover_at(*place);
        window.harness.step();
    }
    window.key(Key::Escape);
    window.harness.hover_at(inner[3]);
    window.harness.step();
    window.harness.drop_at(inner[3]);
    window.settle();
    assert_eq!(window.undo_name(), Some("Cover"));
    assert!(covers(&window, CROWN));
}

#[test]
fn a_photo_without_a_head_can_be_covered_from_the_keyboard() {
    let mut window = Window::start(Setup { step_s: 0.25, finds_heads: false, ..Setup::default() }, |folder| {
        let path = folder.join("front.jpg");
        std::fs::write(&path, crate::window::photo("front")).unwrap();
        vec![path]
    });
    assert!(window.open_case().fit().is_none());
    window.click(Role::Button, "Covered scalp");
    let at = window.of_photo(CROWN);
    window.harness.hover_at(at);
    window.harness.step();
    window.key(Key::Insert);
    window.settle();
    assert!(covers(&window, CROWN) && window.undo_name() == Some("Cover"));
    // It takes effect once there is a head, unless that is switched off.
    window.tap("Leave out dots where the scalp is covered");
    window.settle();
    assert_eq!(window.undo_name(), Some("Show covered dots"));
    assert!(covered(&window).is_none() && record(&window).hidden_as_drawn.is_some());
    // Painting on starts from what is in effect, which is nothing.
    window.click_photo([CROWN[0], CROWN[1] + 300.0]);
    assert!(covers(&window, [CROWN[0], CROWN[1] + 300.0]) && !covers(&window, CROWN));
}
