//! The list of brush strokes, where each can be turned off or deleted.

use crate::window::{Setup, Window};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use glam::DVec3;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::tool::Tool;

#[test]
fn strokes_are_listed_and_can_be_turned_off_and_deleted() {
    let mut window = Window::on_sample_with(Setup { size: [1280.0, 1000.0], ..Setup::default() });
    window.show_view("top");
    window.ask(Command::Tool(Tool::Brush));
    window.settle();
    window.must_say("No strokes yet");
    let plain = window.dots();
    let head = window.head();
    let on = |x: f64, z: f64| head.cranium.below(DVec3::new(head.midline_mm() + x, 80.0, z)).position;
    window.drag_head(&[on(-20.0, -30.0), on(0.0, -30.0), on(20.0, -30.0)]);
    let soft = window.dots();
    assert!(soft > plain);
    window.enter("Hardness", "80");
    window.drag_head(&[on(-20.0, -70.0), on(0.0, -70.0), on(20.0, -70.0)]);
    let both = window.dots();
    assert!(both - soft > 3 * (soft - plain) / 2, "{plain} {soft} {both}: a hard brush should add more");
    let strokes = window.plan().strokes;
    assert_eq!(strokes.iter().map(|s| s.hardness).collect::<Vec<_>>(), [0.0, 0.8]);

    // A stroke that is turned off stays in the list and does nothing.
    window.click(Role::CheckBox, "1. +40 /cm², 24 mm");
    assert_eq!(window.undo_name(), Some("Turn off stroke 1"));
    assert!(window.plan().strokes[0].off && window.plan().strokes.len() == 2);
    assert_eq!(window.dots() + soft, both + plain);
    window.click(Role::CheckBox, "1. +40 /cm², 24 mm");
    assert_eq!((window.plan().strokes, window.dots()), (strokes.clone(), both));
    window.undo();
    window.undo();
    assert_eq!(window.plan().strokes, strokes);

    window.click(Role::Button, "Delete stroke 2");
    assert_eq!((window.plan().strokes, window.dots()), (strokes[..1].to_vec(), soft));
    assert_eq!(window.undo_name(), Some("Delete stroke 2"));
    assert!(window.harness.query_by_label("Delete all strokes").is_none(), "there is only one stroke");
    window.undo();
    window.click(Role::Button, "Delete all strokes");
    assert_eq!((window.plan().strokes.len(), window.dots()), (0, plain));
    window.undo();
    assert_eq!(window.plan().strokes, strokes);
}
