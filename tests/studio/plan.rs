//! The window's panels, used as a person would: numbers, presets, sessions, variants, colours and the timeline.

use std::collections::BTreeMap;

use crate::window::{Setup, Window};
use egui::accesskit::{Role, Toggled};
use egui::{ColorImage, Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use scalp_studio::photo::Limits;
use scalp_studio::plan::hairline::Preset;
use scalp_studio::render::steps::Step;
use scalp_studio::studio::session::command::Command;

/// A window on the sample client, tall enough for every section of the inspector, with all of them open.
fn on_sample() -> Window {
    let mut window = Window::on_sample_with(Setup { size: [1280.0, 2400.0], ..Setup::default() });
    window.open_sections();
    window
}

#[test]
fn a_typed_density_changes_the_dots_and_undo_names_it() {
    let mut window = on_sample();
    let (plan, dots) = (window.plan(), window.dots());
    window.enter("Density", "53");
    assert_eq!(window.plan().areas[0].density_per_cm2, 53.0);
    let share = window.dots() as f64 / dots as f64;
    assert!((0.45..0.55).contains(&share), "half the density gave {share:.2} of the dots");
    assert_eq!(window.undo_name(), Some("Change density of scalp"));
    window.undo();
    assert_eq!((window.plan(), window.dots()), (plan.clone(), dots));

    // A value out of range becomes the nearest possible one.
    window.enter("Density", "9000");
    assert_eq!(window.plan().areas[0].density_per_cm2, 250.0);
    window.must_say("Density ranges from 0 to 250 /cm²");
    window.enter("Density", "dense");
    assert_eq!(window.plan().areas[0].density_per_cm2, 250.0);
    window.must_say("“dense” is not a number");
    // A double click restores the treatment's value. It has to come a second after the last click.
    window.harness.run_steps(60);
    let at = window.node(Role::SpinButton, "Density").rect().center();
    for pressed in [true, false, true, false] {
        window.button(at, pressed);
    }
    window.settle();
    assert_eq!(window.plan().areas[0].density_per_cm2, plan.areas[0].density_per_cm2);
}

#[test]
fn a_typed_height_moves_the_hairline_and_the_status_line_warns_of_a_low_one() {
    let mut window = on_sample();
    let (plan, head) = (window.plan(), window.head());
    window.must_say("Checks: no warning, 1 not checked");
    window.enter("Height", "62");
    let lower = window.plan();
    assert!((lower.hairline.height_mm(&head) - 62.0).abs() < 0.05);
    assert_eq!(lower.hairline.points.last(), plan.hairline.points.last(), "the sideburns should stay");
    assert_eq!(window.undo_name(), Some("Change height of hairline"));
    window.must_say("Checks: 1 warning, 1 not checked");
    window.press(Key::K);
    window.must_say("Low hairline");
    window.undo();
    assert_eq!(window.plan(), plan);
    // With the shaved sides known, every check can be made.
    pick(&mut window, "Pick hair to match", DARK);
    assert!(!window.says("not checked"), "{}", window.words("Checks: "));
    window.undo();
    window.must_say("Checks: no warning, 1 not checked");
}

#[test]
fn sessions_get_dates_counted_from_the_first() {
    let mut window = on_sample();
    let plan = window.plan();
    window.click(Role::CheckBox, "Days in the calendar");
    let today = window.plan().first_session.expect("the first session should be proposed for today");
    assert_eq!(window.plan().session_days().unwrap().len(), 3);
    window.must_say(&format!("Session 1, {}\n45 % of the dots, 20 parts water", today.strftime("%-d %b")));
    window.undo();
    assert_eq!(window.plan(), plan);
}

#[test]
fn a_typed_number_survives_a_click_on_another_control() {
    let mut window = on_sample();
    window.node(Role::SpinButton, "Density").click();
    window.harness.run_steps(2);
    window.harness.event(Event::Text("90".to_owned()));
    window.harness.step();
    // Without Enter. The click that ends the typing makes a change of its own.
    window.click(Role::Button, "Another pattern of dots");
    assert_eq!((window.plan().areas[0].density_per_cm2, window.plan().seed), (90.0, 2));
    assert_eq!(window.undo_name(), Some("Rearrange dots"));
    window.undo();
    assert_eq!((window.plan().areas[0].density_per_cm2, window.plan().seed), (90.0, 1), "two gestures, two steps");
}

#[test]
fn a_hairline_is_chosen_by_its_picture() {
    let mut window = on_sample();
    window.click(Role::RadioButton, "Hairline Mature");
    let hairline = window.plan().hairline;
    assert_eq!(hairline.preset, Preset::Mature);
    assert_eq!(hairline.edge, Preset::Mature.edge());
    assert_eq!(window.undo_name(), Some("Choose hairline"));
    window.undo();
    assert_eq!(window.plan().hairline.preset, Preset::Soft);
}

#[test]
fn the_shape_of_a_hairline_and_its_edge_are_chosen_independently() {
    let mut window = on_sample();
    let plan = window.plan();
    let chosen = |window: &Window, label: &str| {
        let node = window.node(Role::RadioButton, label);
        node.accesskit_node().data().is_selected() == Some(true)
            || node.accesskit_node().toggled() == Some(Toggled::True)
    };
    assert!(chosen(&window, "Hairline Natural") && chosen(&window, "Edge Soft"));
    window.click(Role::RadioButton, "Edge Feathered");
    let hairline = window.plan().hairline;
    assert_eq!((hairline.edge, hairline.points), (Preset::Feathered.edge(), plan.hairline.points.clone()));
    assert_eq!(window.undo_name(), Some("Choose edge"));
    assert!(chosen(&window, "Hairline Natural") && chosen(&window, "Edge Feathered"));
    // A chosen edge is kept when another line is chosen.
    window.click(Role::RadioButton, "Hairline M");
    let hairline = window.plan().hairline;
    assert_eq!((hairline.preset, hairline.edge.clone()), (Preset::M, Preset::Feathered.edge()));
    // With a number changed the edge is still the chosen one, and a double click restores the number.
    window.enter("Transition", "7,5");
    assert_eq!(window.plan().hairline.edge.transition_mm, 7.5);
    assert!(chosen(&window, "Edge Feathered"));
    let at = window.node(Role::SpinButton, "Transition").rect().center();
    window.double_click(at);
    window.settle();
    assert_eq!(window.plan().hairline.edge, Preset::Feathered.edge());
}

#[test]
fn pigments_are_shown_in_labelled_columns() {
    let window = on_sample();
    for pigment in ["Neutral black", "Soft black", "Dark brown", "Medium brown", "Ash grey"] {
        window.node(Role::RadioButton, &format!("Pigment {pigment}"));
    }
    window.must_say("Columns: Ink, Skin, 20:1, 14:1, 10:1, Plan");
}

#[test]
fn the_result_stays_on_show_while_sessions_are_added_and_removed() {
    let mut window = on_sample();
    assert_eq!(window.step(), Step::Healed(3));
    let dots = window.dots();
    window.click(Role::Button, "Add session");
    let shares: Vec<f64> = window.plan().sessions.iter().map(|s| s.cumulative_share).collect();
    assert!(shares.len() == 4 && shares.windows(2).all(|w| w[0] < w[1]) && shares[3] == 1.0, "{shares:?}");
    assert_eq!(window.step(), Step::Healed(4));
    assert_eq!(window.dots(), dots, "the same dots should be spread over more sessions");
    window.click(Role::Button, "Remove session 2");
    assert_eq!(window.plan().sessions.len(), 3);
    assert_eq!(window.undo_name(), Some("Remove session 2"));
    assert_eq!(window.step(), Step::Healed(3));
}

/// How many pixels differ, of those that both pictures cover.
fn differing(a: &BTreeMap<String, ColorImage>, b: &BTreeMap<String, ColorImage>) -> usize {
    let pairs = a.values().zip(b.values()).flat_map(|(a, b)| a.pixels.iter().zip(&b.pixels));
    pairs.filter(|(a, b)| a.a() == 255 && b.a() == 255 && a != b).count()
}

#[test]
fn a_plan_is_compared_with_before_and_with_another_plan() {
    let mut window = on_sample();
    assert!(window.harness.query_by_label("A: Healed").is_none());
    let first = window.picture("Canvas");
    window.ask(Command::CopyVariant);
    window.settle();
    window.click(Role::RadioButton, "Hairline M");
    window.press(Key::W);
    let before = window.picture("Beside");
    window.press(Key::O);
    assert_eq!(differing(&window.picture("Beside"), &first), 0, "the other plan should be shown at the same step");
    assert!(differing(&window.picture("Canvas"), &first) > 1000);
    // The client's screen shows the same.
    window.press(Key::F9);
    let (left, whole) = (window.picture("ClientBeside").len(), window.picture("Client").len());
    assert!(left > 0 && whole > left, "both sides should be on the client's screen");
    window.press(Key::F9);
    window.press(Key::O);
    assert_eq!(differing(&window.picture("Beside"), &before), 0, "without a third plan it should be before again");
    // The head's points must not be covered by the wipe line.
    window.press(Key::F);
    assert!(window.harness.query_by_role_and_label(Role::Slider, "Wipe line").is_none());
    window.press(Key::H);
    window.must_say("Wipe line");
    // Of three plans the first is compared with the second, then deleted: the one left is not compared with the third.
    window.ask(Command::CopyVariant);
    window.press(Key::N);
    window.press(Key::O);
    assert!(differing(&window.picture("Beside"), &before) > 1000);
    window.ask_by_name("Delete variant");
    window.settle();
    assert_eq!((window.variant(), window.document().variants.len()), (0, 2));
    assert_eq!(differing(&window.picture("Beside"), &before), 0, "should be before again");
    window.press(Key::O);
    assert!(differing(&window.picture("Beside"), &before) > 1000, "should be the only other plan");
    window.undo();
    assert_eq!(window.document().variants.len(), 3);
    assert_eq!(differing(&window.picture("Beside"), &before), 0, "should be before again");
}

#[test]
fn undo_switches_to_the_variant_it_changes() {
    let mut window = on_sample();
    window.ask(Command::CopyVariant);
    window.settle();
    window.click(Role::RadioButton, "Hairline M");
    let m = window.plan();
    window.press(Key::N);
    assert_eq!(window.variant(), 0);
    window.undo();
    assert_eq!(window.variant(), 1, "the change was in B");
    window.must_say("Undone in variant B: choose hairline");
    window.press(Key::N);
    window.redo();
    assert_eq!((window.variant(), window.plan()), (1, m));
    window.must_say("Redone in variant B: choose hairline");
    window.undo();
    window.undo();
    assert_eq!(window.document().variants.len(), 1);
    window.must_say("Undone: copy variant");
}

#[test]
fn a_copied_variant_has_its_own_plan_and_can_be_renamed() {
    let mut window = on_sample();
    window.click(Role::Button, "Copy variant");
    assert_eq!(window.variant(), 1);
    window.enter("Density", "45");
    assert_eq!(window.plan().areas[0].density_per_cm2, 45.0);
    let few = window.dots();
    window.click(Role::Button, "A");
    assert_eq!(window.variant(), 0);
    assert_eq!(window.plan().areas[0].density_per_cm2, 106.0);
    assert!(window.dots() > 2 * few);

    // A double click on the name renames it. It has to come a second later, or it would count as the third click in a
    // row.
    window.harness.run_steps(60);
    let at = window.node(Role::Button, "B").rect().center();
    for pressed in [true, false, true, false] {
        window.button(at, pressed);
    }
    window.harness.run_steps(2);
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text("Thin".to_owned()));
    window.harness.step();
    window.key(Key::Enter);
    window.settle();
    let names: Vec<&str> = window.case().document().variants.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["A", "Thin"]);
}

#[test]
fn the_timeline_is_stepped_with_the_keyboard_scrubbed_and_played() {
    let mut window = on_sample();
    window.key(Key::Home);
    assert_eq!(window.step(), Step::Before);
    window.key(Key::Period);
    assert_eq!(window.step(), Step::Pencil);
    window.key(Key::Comma);
    window.key(Key::Comma);
    assert_eq!(window.step(), Step::Before, "there is no earlier step");
    window.key(Key::End);
    assert_eq!(window.step(), Step::Years(10));

    // Press on one step and drag to another.
    let place = |window: &Window, label| window.node(Role::RadioButton, label).rect().center();
    let (from, to) = (place(&window, "Session 1"), place(&window, "2 healed"));
    window.button(from, true);
    assert_eq!(window.step(), Step::Fresh(1));
    window.harness.event(Event::PointerMoved(to));
    window.harness.step();
    assert_eq!(window.step(), Step::Healed(2));
    window.button(to, false);
    window.settle();
    assert_eq!(window.undo_name(), None, "looking at another step must not change the case");

    // Playing goes on to the end and stops there.
    window.key(Key::P);
    let mut seen = vec![window.step()];
    for _ in 0..900 {
        window.harness.step();
        if seen.last() != Some(&window.step()) {
            seen.push(window.step());
        }
    }
    let mut all = vec![Step::Healed(2), Step::Fresh(3)];
    all.extend([1, 3, 7, 14].map(Step::Day));
    all.push(Step::Healed(3));
    all.extend([1, 2, 5, 10].map(Step::Years));
    assert_eq!(seen, all);

    // The button starts it again, from the beginning, and stops it.
    window.node(Role::Button, "Play the treatment").click();
    window.harness.run_steps(3);
    assert_eq!(window.step(), Step::Before, "after the last step it should start from the beginning");
    window.node(Role::Button, "Play the treatment").click();
    window.harness.run_steps(150);
    assert_eq!(window.step(), Step::Before);
}

#[test]
fn the_eyedropper_suggests_a_pigment_and_using_it_is_one_step() {
    let mut window = on_sample();
    assert!(window.harness.query_by_label_contains("Fitzpatrick").is_some(), "the skin should be measured");
    assert!(window.harness.query_by_label("Use suggestion").is_none());
    window.click(Role::Button, "Pick hair to match");
    let photo = window.node(Role::Image, "Photo front").rect();
    // After Escape a click belongs to the tool again.
    window.key(Key::Escape);
    window.button(photo.center(), true);
    window.button(photo.center(), false);
    window.settle();
    assert!(window.harness.query_by_label("Use suggestion").is_none());

    pick(&mut window, "Pick hair to match", DARK);
    let before = window.plan();
    window.click(Role::Button, "Use suggestion");
    assert_ne!(window.plan(), before);
    assert_eq!(window.undo_name(), Some("Use suggested pigment"));
    window.undo();
    assert_eq!(window.plan(), before);
}

/// Picks the hair to match, or skin, at a pixel of the photo on the canvas.
fn pick(window: &mut Window, what: &str, pixel: [f64; 2]) {
    window.click(Role::Button, what);
    let at = window.of_photo(pixel);
    window.button(at, true);
    window.button(at, false);
    window.settle();
}

/// The sample client's shaved side and forehead in the front photo, px.
const DARK: [f64; 2] = [1112.0, 880.0];
const BARE: [f64; 2] = [886.0, 640.0];

#[test]
fn picked_colours_are_kept_in_the_case_and_can_be_undone_and_removed() {
    let mut window = on_sample();
    let unchecked = |window: &Window| {
        let list = window.open_case().checklist.clone().unwrap();
        list.findings.iter().filter(|f| f.measured.is_none()).count()
    };
    assert_eq!(unchecked(&window), 1, "the sides are not known");
    pick(&mut window, "Pick skin", BARE);
    assert_eq!(window.undo_name(), Some("Pick skin"));
    pick(&mut window, "Pick hair to match", DARK);
    assert_eq!(window.undo_name(), Some("Pick hair to match"));
    let kept = window.document().client.clone();
    assert!(kept.skin.is_some() && kept.hair.as_ref().is_some_and(|hair| hair.view == "front"), "{kept:?}");
    window.must_say("Hair to match (front)");
    window.must_say("Use suggestion");
    assert_eq!(unchecked(&window), 0);

    window.undo();
    assert!(!window.says("Use suggestion") && !window.says("Remove hair to match"));
    assert_eq!((unchecked(&window), window.undo_name()), (1, Some("Pick skin")));
    window.redo();
    window.must_say("Use suggestion");
    assert_eq!(unchecked(&window), 0);

    // After closing and reopening the case.
    let path = window.case().path().to_owned();
    window.ask(Command::CloseCase);
    window.settle();
    window.drop_files(&[path]);
    window.settle();
    assert_eq!(window.document().client, kept);
    window.must_say("Use suggestion");
    assert_eq!(unchecked(&window), 0);

    window.click(Role::Button, "Remove hair to match");
    assert!(window.document().client.hair.is_none() && !window.says("Use suggestion"));
    assert_eq!((unchecked(&window), window.undo_name()), (1, Some("Remove hair to match")));
    window.click(Role::Button, "Remove skin");
    window.must_say("Skin (forehead)");
    assert!(window.document().client.is_empty());
}

#[test]
fn bare_skin_is_not_accepted_as_hair_to_match() {
    let mut window = on_sample();
    pick(&mut window, "Pick hair to match", BARE);
    window.must_say("This looks like bare skin");
    assert!(!window.says("Use suggestion"));
    let list = window.open_case().checklist.clone().unwrap();
    assert!(list.findings.iter().any(|f| f.measured.is_none()), "nothing should be checked against it: {list:?}");
    pick(&mut window, "Pick hair to match", DARK);
    assert!(!window.says("This looks like bare skin"));
    window.must_say("Use suggestion");
}

#[test]
fn no_pigment_is_suggested_for_a_colour_that_none_comes_near() {
    let mut window = on_sample();
    // The client's black shirt, as dark as full hair.
    pick(&mut window, "Pick hair to match", [750.0, 1900.0]);
    window.must_say("This looks like full hair or a deep shadow");
    assert!(!window.says("Use suggestion") && !window.says("try another density"));
    pick(&mut window, "Pick hair to match", DARK);
    assert!(!window.says("This looks like full hair"));
    window.must_say("Use suggestion");
}

#[test]
fn thumbnails_of_photos_are_kept_in_the_case() {
    let mut window = on_sample();
    let views = window.case().document().views.len();
    // They are made one at a time.
    for _ in 0..views {
        window.settle();
    }
    let case = window.case();
    for view in 0..views {
        let jpeg = case.thumbnail(view).unwrap().unwrap();
        let small = scalp_studio::photo::decode(&jpeg, &Limits::default()).unwrap();
        assert!((80..=200).contains(&small.width().max(small.height())), "{} x {}", small.width(), small.height());
    }
    assert_eq!(case.undo_name(), None, "a thumbnail must not be a step");
}

#[test]
fn a_finding_is_shown_where_it_is_and_its_remedy_is_one_step() {
    let mut window = on_sample();
    let titles = |window: &Window| -> Vec<&'static str> {
        let list = window.open_case().checklist.clone().unwrap();
        list.findings.iter().filter(|f| f.measured.is_some()).map(|f| f.rule.limit().title).collect()
    };
    assert_eq!(titles(&window), [""; 0], "the first plan should break no rule");
    window.enter("Depth", "0.8");
    assert_eq!(titles(&window), ["Deep pigment"]);
    assert!(window.harness.query_by_label_contains("Deep pigment").is_some());

    // A finding with a place: the front of a hairline with a hard edge.
    window.enter("Density at the line", "100");
    assert!(titles(&window).contains(&"Hard edge"));
    let heading = window.harness.get_by_label_contains("Hard edge").accesskit_node().label().unwrap();
    window.tap(&heading);
    window.settle();
    window.click(Role::Button, "Show hard edge");
    assert_eq!(window.undo_name(), Some("Change density at the line"), "showing a finding must not change the case");
    window.click(Role::Button, "Use the edge of the soft hairline");
    assert_eq!(window.plan().hairline.edge, Preset::Soft.edge());
    assert_eq!(window.undo_name(), Some("Apply \"Use the edge of the soft hairline\""));
    assert_eq!(titles(&window), ["Deep pigment"]);
}
