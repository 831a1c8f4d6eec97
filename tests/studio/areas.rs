//! Areas, the density brush, masks and the sketched hairline, used in the window as a person would.

use crate::window::Window;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use glam::DVec3;
use scalp_studio::plan::area::{Effect, Outline};
use scalp_studio::plan::curve;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::mock_up::{MockUp, Scalp};

/// A ring of places on the crown of this head, mm.
fn ring(window: &Window, radius_mm: f64) -> Vec<DVec3> {
    let head = window.head();
    let middle = head.cranium.below(DVec3::new(head.midline_mm(), 80.0, -40.0));
    curve::circle(&head.cranium, middle, radius_mm).iter().map(|p| p.position).collect()
}

#[test]
fn a_stroke_adds_the_dots_it_promises_and_undo_removes_exactly_those() {
    let mut window = Window::on_sample();
    window.show_view("top");
    window.press(Key::B);
    let before = window.dots();
    let head = window.head();
    let path: Vec<DVec3> = (-15..=15)
        .map(|i| head.cranium.below(DVec3::new(head.midline_mm() + 2.0 * f64::from(i), 80.0, -40.0)).position)
        .collect();
    let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
    window.drag_head(&path);
    let plan = window.plan();
    assert_eq!(plan.strokes.len(), 1);
    let stroke = &plan.strokes[0];
    assert!(stroke.points.len() < path.len(), "points closer than a third of the radius should be left out");
    // The profile (1 - (d/r)^2)^2, integrated over the stroke and its two round ends.
    let r = stroke.radius_mm;
    let cm2 = (length * r * 16.0 / 15.0 + std::f64::consts::PI * r * r / 3.0) / 100.0;
    let expected = stroke.change_per_cm2 * cm2;
    let added = window.dots() as f64 - before as f64;
    assert!((added / expected - 1.0).abs() < 0.1, "{added} dots instead of {expected:.0}");
    assert_eq!(window.undo_name(), Some("Paint density"));
    window.undo();
    assert_eq!((window.dots(), window.plan().strokes.len()), (before, 0));
}

#[test]
fn the_brush_removes_and_smooths_and_changes_size_and_escape_cancels_a_stroke() {
    let mut window = Window::on_sample();
    window.show_view("top");
    window.press(Key::B);
    let before = window.dots();
    let path = ring(&window, 20.0);
    window.harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    window.drag_head(&path[..20]);
    window.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    let taken = window.plan().strokes[0].clone();
    assert!(taken.change_per_cm2 < 0.0 && window.dots() < before);
    window.press(Key::CloseBracket);
    window.harness.get_by_label("Smooth").click();
    window.settle();
    window.drag_head(&path[20..40]);
    let smooth = window.plan().strokes[1].clone();
    assert_eq!(smooth.effect, Effect::Smooth);
    assert!(smooth.radius_mm > taken.radius_mm);
    // Cancelled half-way, a stroke leaves nothing behind.
    let at = window.of_head(path[0]);
    window.harness.hover_at(at);
    window.harness.drag_at(at);
    window.harness.step();
    assert_eq!(window.plan().strokes.len(), 3, "a stroke should show while it is being painted");
    window.harness.key_press(Key::Escape);
    window.harness.step();
    let aside = window.of_head(path[5]);
    window.harness.hover_at(aside);
    window.harness.step();
    window.harness.drop_at(aside);
    window.settle();
    assert_eq!(window.plan().strokes.len(), 2);
}

#[test]
fn an_area_is_drawn_by_clicks_changed_and_deleted() {
    let mut window = Window::on_sample();
    window.show_view("top");
    window.press(Key::A);
    let ring = ring(&window, 30.0);
    for k in [0, 13, 26, 39, 52] {
        window.click_head(ring[k]);
    }
    // One click too many, and Escape takes it back.
    window.click_head(ring[60]);
    window.press(Key::Escape);
    window.press(Key::Enter);
    let plan = window.plan();
    assert_eq!(plan.areas.len(), 2);
    let Outline::Closed { points } = &plan.areas[1].outline else { panic!("{:?}", plan.areas[1].outline) };
    assert_eq!(points.len(), 5);
    for (point, k) in points.iter().zip([0, 13, 26, 39, 52]) {
        assert!(DVec3::from(*point).distance(ring[k]) < 1.0);
    }
    assert_eq!(window.undo_name(), Some("Draw area"));
    // The new area is selected, so its handles can be dragged. Of these the foremost, as the photo also shows the skin
    // around it.
    let index = (0..5).max_by(|&a, &b| points[a][2].total_cmp(&points[b][2])).unwrap();
    let from = DVec3::from(points[index]);
    let to = window.head().cranium.below(from + DVec3::new(0.0, 0.0, 9.0)).position;
    window.drag_head(&[from, from.lerp(to, 0.5), to]);
    let moved = window.plan();
    let Outline::Closed { points: after } = &moved.areas[1].outline else { panic!() };
    assert!(DVec3::from(after[index]).distance(to) < 1.5, "{} {to}", DVec3::from(after[index]));
    assert_eq!(window.undo_name(), Some("Change area"));
    window.undo();
    assert_eq!(window.plan(), plan);
    window.harness.get_by_label("Delete area").click();
    window.settle();
    assert_eq!(window.plan().areas.len(), 1);
}

#[test]
fn a_mask_drawn_by_hand_keeps_every_dot_out() {
    let mut window = Window::on_sample();
    window.show_view("top");
    window.press(Key::M);
    let before = window.dots();
    let ring = ring(&window, 25.0);
    window.drag_head(&ring);
    let plan = window.plan();
    assert_eq!(plan.masks.len(), 1);
    assert!((4..=20).contains(&plan.masks[0].points.len()), "{} points", plan.masks[0].points.len());
    let head = window.head();
    let middle = head.cranium.below(DVec3::new(head.midline_mm(), 80.0, -40.0)).position;
    let mock_up = MockUp::new(&plan, &Scalp::new(head, &plan), Skin::default());
    assert_eq!(mock_up.dots.len(), window.dots());
    let within = mock_up.dots.iter().filter(|d| d.position.distance(middle) < 22.0).count();
    assert_eq!(within, 0);
    // 106 dots for each of 20 cm2, and some in the feathered edge.
    let gone = before - window.dots();
    assert!((1800..3200).contains(&gone), "{gone}");
    window.undo();
    assert_eq!(window.dots(), before);
}

#[test]
fn a_hairline_sketched_on_one_side_is_mirrored_in_one_step() {
    let mut window = Window::on_sample();
    window.show_view("front");
    let head = window.head();
    let start = window.plan();
    let line = start.hairline.line(&head);
    // The line to the client's left of the middle, 7 mm higher.
    let path: Vec<DVec3> = line[line.len() / 2..line.len() * 5 / 8]
        .iter()
        .map(|p| head.cranium.below(p.position + DVec3::new(0.0, 7.0, 0.0)).position)
        .collect();
    window.harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    window.drag_head(&path);
    window.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    assert_eq!(window.undo_name(), Some("Sketch hairline"));
    let plan = window.plan();
    assert!(plan.hairline.mirrored);
    let drawn = plan.hairline.line(&head);
    for place in &path {
        for x in [place.x, 2.0 * head.midline_mm() - place.x] {
            let place = DVec3::new(x, place.y, place.z);
            let gap = drawn.iter().map(|p| p.position.distance(place)).fold(f64::INFINITY, f64::min);
            assert!(gap < 2.5, "{gap}");
        }
    }
    window.undo();
    assert_eq!(window.plan(), start);
}
