//! The heat map: planned density as colours and numbers over the photo.

use crate::window::Window;
use egui::Key;
use glam::DVec3;
use scalp_studio::studio::session::command::Command;

const LEGEND: &str = "Planned dots per cm²";

/// The density shown for the place under the pointer.
#[track_caller]
fn here(window: &Window) -> f64 {
    let text = window.words(LEGEND);
    text.split([' ', ';'])
        .zip(text.split([' ', ';']).skip(1))
        .find(|(_, word)| *word == "here")
        .unwrap()
        .0
        .parse()
        .unwrap()
}

#[test]
fn the_heat_map_shows_the_density_under_the_pointer_and_follows_the_plan() {
    let mut window = Window::on_sample();
    assert!(!window.says(LEGEND));
    window.press(Key::I);
    window.must_say(LEGEND);
    assert!(window.words(LEGEND).ends_with("0 to 150"), "{}", window.words(LEGEND));
    let head = window.head();
    let scalp = head.above_glabella(105.0).position;
    let at = window.of_head(scalp);
    window.harness.hover_at(at);
    window.harness.run_steps(3);
    assert!((here(&window) - 106.0).abs() < 12.0, "{}", here(&window));
    window.open_section("Density");
    window.enter("Density", "200");
    window.harness.hover_at(at);
    window.harness.run_steps(3);
    assert!((here(&window) - 200.0).abs() < 20.0, "{}", here(&window));
    assert!(window.words(LEGEND).ends_with("0 to 200"), "{}", window.words(LEGEND));
    // Bare skin.
    let brow = window.of_head(head.cranium.below(head.above_glabella(30.0).position + DVec3::X).position);
    window.harness.hover_at(brow);
    window.harness.run_steps(3);
    assert_eq!(here(&window), 0.0);
    // It is hidden while the photo before treatment is shown, and after it is switched off.
    window.harness.key_down(Key::C);
    window.harness.run_steps(3);
    assert!(!window.says(LEGEND));
    window.harness.key_up(Key::C);
    window.harness.run_steps(3);
    window.must_say(LEGEND);
    window.ask_by_name("Density as a heat map");
    window.settle();
    assert!(!window.says(LEGEND));
    // Switched on while all photos are shown, it goes to a single one.
    window.ask(Command::AllViews);
    window.settle();
    window.press(Key::I);
    window.must_say(LEGEND);
}
