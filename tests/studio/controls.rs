//! Every control in every state of the window has a name, says what it does, and can be reached with the keyboard.

use std::collections::BTreeSet;
use std::fs;

use crate::truth::truth;
use crate::window::{Setup, Window, newer_case};
use egui::accesskit::{Action, Role};
use egui::{Color32, Key, Modifiers, Rect, Style, TextStyle};
use egui_kittest::kittest::{NodeT, Queryable};
use glam::DVec3;
use scalp_studio::plan::curve;
use scalp_studio::studio::session::command::{Command, all};
use scalp_studio::studio::session::tool::{TOOLS, Tool};

/// Roles that can be operated. The photo itself is an image, worked on by tools whose handles are buttons.
const CONTROLS: [Role; 12] = [
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::TextInput,
    Role::MultilineTextInput,
    Role::ComboBox,
    Role::Slider,
    Role::SpinButton,
    Role::Link,
    Role::MenuItem,
    Role::Tab,
    Role::DisclosureTriangle,
];

/// A control as a screen reader knows it.
#[derive(Debug, Clone, PartialEq)]
struct Control {
    role: Role,
    name: String,
    /// The text of its tooltip.
    tip: String,
    focusable: bool,
    disabled: bool,
    rect: Rect,
}

fn controls(window: &Window) -> Vec<Control> {
    let nodes = window.harness.root().children_recursive().filter_map(|node| {
        let known = node.accesskit_node();
        // Scroll bars and panel edges are egui's own; they have no tooltip but change the pointer to show what they do.
        let others = [Role::Image, Role::Label, Role::ScrollBar, Role::Splitter];
        let acts = known.data().supports_action(Action::Click) && !others.contains(&known.role());
        let shown = (acts || CONTROLS.contains(&known.role())) && !known.is_hidden();
        shown.then(|| Control {
            role: known.role(),
            name: known.label().unwrap_or_default(),
            tip: known.data().description().unwrap_or_default().to_owned(),
            focusable: known.data().supports_action(Action::Focus),
            disabled: known.is_disabled(),
            rect: node.rect(),
        })
    });
    nodes.collect()
}

/// Everything wrong with the controls in the states checked so far.
#[derive(Default)]
struct Report {
    faults: BTreeSet<String>,
    checked: usize,
}

impl Report {
    fn check(&mut self, window: &Window, state: &str) {
        let found = controls(window);
        assert!(found.len() > 3, "{state}: there is nothing to check");
        self.checked += found.len();
        for control in found {
            let Control { role, name, tip, focusable, disabled, rect } = &control;
            if !name.chars().any(|c| c.is_ascii_alphanumeric()) {
                self.faults.insert(format!("{state}: a {role:?} at {rect:?} is called {name:?}"));
            }
            if tip.is_empty() {
                self.faults.insert(format!("{state}: {role:?} {name:?} has no tooltip"));
            }
            if !focusable && !disabled {
                self.faults.insert(format!("{state}: {role:?} {name:?} cannot be focused"));
            }
        }
    }

    #[track_caller]
    fn done(self, at_least: usize) {
        let faults: Vec<String> = self.faults.into_iter().collect();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        assert!(self.checked >= at_least, "only {} controls were seen", self.checked);
    }
}

/// Tall enough for every section of the inspector.
const HIGH: f32 = 2600.0;

/// A window on the sample client with every section of the inspector open.
fn on_sample() -> Window {
    let mut window = Window::on_sample_with(Setup { size: [1280.0, HIGH], step_s: 0.25, ..Setup::default() });
    window.open_sections();
    window
}

#[test]
fn controls_of_every_tool_and_section_are_named_and_explained() {
    let mut window = on_sample();
    let mut report = Report::default();
    window.show_view("top");
    for tool in TOOLS {
        window.ask(Command::Tool(tool));
        window.settle();
        match tool {
            Tool::Area | Tool::Mask => {
                let head = window.head();
                let middle = head.cranium.below(DVec3::new(head.midline_mm(), 80.0, -40.0));
                let ring: Vec<DVec3> = curve::circle(&head.cranium, middle, 25.0).iter().map(|p| p.position).collect();
                window.drag_head(&ring);
            }
            Tool::Tape => {
                let head = window.head();
                let on = |x: f64| head.cranium.below(DVec3::new(head.midline_mm() + x, 80.0, -40.0)).position;
                window.drag_head(&[on(-20.0), on(0.0), on(20.0)]);
                window.must_say("Tape 1");
            }
            _ => {}
        }
        report.check(&window, tool.name());
    }
    // An area with everything an area can have.
    window.ask(Command::Tool(Tool::Area));
    window.settle();
    assert_eq!(window.plan().areas.len(), 2);
    window.tap("Needle of its own");
    report.check(&window, "area with a needle of its own");
    // Every session opened, one of them with dark dots.
    window.ask(Command::Tool(Tool::Pan));
    let headers: Vec<Rect> =
        controls(&window).into_iter().filter(|c| c.name.starts_with("Details of session")).map(|c| c.rect).collect();
    assert_eq!(headers.len(), 3);
    for header in headers.iter().rev() {
        window.button(header.center(), true);
        window.button(header.center(), false);
        window.harness.run_steps(4);
    }
    window.must_say("Dark dots, session 2");
    window.enter("Dark dots, session 1", "20");
    window.must_say("Their dilution, session 1");
    report.check(&window, "sessions");
    // Picked colours, and a calibration in progress.
    let truth = truth();
    let view = &truth.views["top"];
    for (button, place) in [("Pick skin", [0.0, 25.0, 93.5]), ("Pick hair to match", [15.0, 10.0, 94.0])] {
        window.click(Role::Button, button);
        window.click_photo(view.pixel(place));
    }
    window.must_say("Remove hair to match");
    window.tap("Calibrate pigment");
    window.click_photo(view.pixel([0.0, 15.0, 95.0]));
    window.must_say("Close calibration");
    window.must_say("Healed for");
    report.check(&window, "colours");
    report.done(900);
}

#[test]
fn items_of_menus_and_lists_are_named_and_explained() {
    let mut window = on_sample();
    let mut report = Report::default();
    for menu in ["File", "Edit", "Photo", "View", "Help"] {
        window.tap(menu);
        report.check(&window, menu);
        window.key(Key::Escape);
    }
    window.node(Role::ComboBox, "Treatment").click();
    window.harness.run_steps(4);
    window.must_say("Strip scar");
    report.check(&window, "Treatment");
    window.key(Key::Escape);
    window.ask(Command::CopyVariant);
    window.settle();
    for (role, label, item) in [(Role::RadioButton, "Photo front", "Remove photo"), (Role::Button, "A", "Rename")] {
        window.node(role, label).click_secondary();
        window.harness.run_steps(4);
        window.must_say(item);
        report.check(&window, label);
        window.key(Key::Escape);
    }
    window.ask(Command::Tool(Tool::Head));
    window.settle();
    window.node(Role::ComboBox, "Millimetres from").click();
    window.harness.run_steps(4);
    window.must_say("Ruler or sticker in the photo");
    report.check(&window, "scale");
    report.done(500);
}

#[test]
fn controls_of_the_welcome_screen_dialogs_and_questions_are_named_and_explained() {
    let mut window = on_sample();
    let mut report = Report::default();
    for command in [Command::Open, Command::SaveAs, Command::Export, Command::HandOver, Command::Help, Command::Palette]
    {
        window.ask(command);
        report.check(&window, command.text());
        window.key(Key::Escape);
    }
    window.ask(Command::Export);
    for (list, item) in [("Step", "2 years"), ("Variant", "A")] {
        window.node(Role::ComboBox, list).click();
        window.harness.run_steps(4);
        window.must_say(item);
        report.check(&window, &format!("export, {list}"));
        window.key(Key::Escape);
        if window.harness.query_by_label("Export pictures").is_none() {
            window.ask(Command::Export);
        }
    }
    window.key(Key::Escape);
    for command in [Command::ForgetHistory, Command::Revert] {
        window.ask_by_name(command.text());
        report.check(&window, command.text());
        window.key(Key::Escape);
    }
    for command in [Command::Wipe, Command::SideBySide, Command::AllViews] {
        window.ask(command);
        window.settle();
        report.check(&window, command.text());
    }
    window.ask(Command::CloseCase);
    window.must_say("Recent cases");
    report.check(&window, "welcome");
    // A message that stays until it is closed.
    let text = window.path("notes.txt");
    fs::write(&text, "not a photo").unwrap();
    window.drop_files(&[text]);
    window.must_say("Close message");
    report.check(&window, "message");
    report.done(300);
}

#[test]
fn controls_of_a_case_without_a_head_and_of_a_read_only_one_are_named_and_explained() {
    let mut report = Report::default();
    let window = Window::start(Setup { step_s: 0.25, ..Setup::default() }, |folder| {
        let photo = folder.join("front.jpg");
        fs::write(&photo, crate::window::photo("front")).unwrap();
        vec![photo]
    });
    report.check(&window, "no head yet");
    let window = Window::start(Setup { step_s: 0.25, ..Setup::default() }, |folder| {
        let path = folder.join("cases/newer.scalp");
        newer_case(&path);
        vec![path]
    });
    window.must_say("Save a copy and continue in it…");
    report.check(&window, "read only");
    report.done(60);
}

/// The control that has the keyboard focus.
fn focused(window: &Window) -> Option<(Role, String)> {
    let mut nodes = window.harness.root().children_recursive();
    let node = nodes.find(|node| node.accesskit_node().is_focused())?;
    let node = node.accesskit_node();
    Some((node.role(), node.label().unwrap_or_default()))
}

/// Presses Tab until each of these controls has had the focus; returns those that never had it.
fn missed_by_tab(window: &mut Window, wanted: &[Control]) -> Vec<String> {
    let name = |role: Role, name: &str| format!("{role:?} {name}");
    let mut missed: BTreeSet<String> = wanted.iter().filter(|c| !c.disabled).map(|c| name(c.role, &c.name)).collect();
    // Scroll bars and panel edges can have the focus, too.
    for _ in 0..2 * wanted.len() + 20 {
        window.harness.key_press_modifiers(Modifiers::NONE, Key::Tab);
        window.harness.run_steps(1);
        if let Some((role, label)) = focused(window) {
            missed.remove(&name(role, &label));
        }
        if missed.is_empty() {
            break;
        }
    }
    missed.into_iter().collect()
}

#[test]
fn tab_reaches_every_control_in_the_window_and_in_a_dialog() {
    let mut window = on_sample();
    let all = controls(&window);
    assert_eq!(missed_by_tab(&mut window, &all), Vec::<String>::new());
    window.key(Key::Escape);
    let under = controls(&window);
    window.ask(Command::Export);
    let mut dialog = controls(&window);
    dialog.retain(|control| under.iter().all(|other| (other.role, &other.name) != (control.role, &control.name)));
    assert!(dialog.len() > 10, "{dialog:?}");
    assert_eq!(missed_by_tab(&mut window, &dialog), Vec::<String>::new());
}

#[test]
fn tooltips_say_what_screen_readers_are_told() {
    let mut window = on_sample();
    let mut count = 0;
    for control in controls(&window).into_iter().filter(|c| !c.disabled && c.rect.bottom() < HIGH) {
        // The row of steps is wider than the window and scrolls.
        if control.rect.center().x > 1270.0 {
            continue;
        }
        // Move away first, so that the previous tooltip disappears.
        window.harness.hover_at(egui::pos2(640.0, HIGH - 1.0));
        window.harness.run_steps(2);
        let labels = |window: &Window| {
            let texts = window.harness.root().children_recursive();
            let texts = texts.filter(|node| node.accesskit_node().role() == Role::Label);
            texts.filter(|node| node.accesskit_node().value().is_some_and(|text| text == control.tip)).count()
        };
        let before = labels(&window);
        window.harness.hover_at(control.rect.center());
        window.harness.run_steps(5);
        assert!(labels(&window) > before, "{control:?}: hovering does not show its tooltip");
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn the_status_line_fits_a_small_screen() {
    let size = [1280.0, 720.0];
    let mut window = Window::on_sample_with(Setup { size, ..Setup::default() });
    window.ask(Command::Tool(Tool::Hairline));
    window.open_section("Density");
    window.enter("Density", "155");
    window.open_section("Dots");
    window.enter("Depth", "0.8");
    window.must_say("Checks: 2 warnings, 1 not checked");
    for tool in TOOLS {
        window.ask(Command::Tool(tool));
        window.settle();
        let nodes = window.harness.root().children_recursive();
        let labels = nodes.filter(|node| node.accesskit_node().role() == Role::Label);
        // Without what the inspector has below the edge of the window.
        let line = labels.filter(|node| node.rect().top() > size[1] - 26.0 && node.rect().left() < 0.75 * size[0]);
        let texts: Vec<(String, f32)> =
            line.filter_map(|node| Some((node.accesskit_node().value()?, node.rect().width()))).collect();
        assert!(texts.len() >= 3, "{}: {texts:?}", tool.name());
        for (text, width) in texts {
            let whole = window.harness.ctx.fonts_mut(|fonts| {
                fonts.layout_no_wrap(text.clone(), TextStyle::Body.resolve(&Style::default()), Color32::WHITE).size().x
            });
            assert!(whole <= width + 1.0, "{}: '{text}' is cut off at {width} of {whole}", tool.name());
        }
    }
}

#[test]
fn the_palette_lists_every_command() {
    let mut window = on_sample();
    window.ask(Command::Palette);
    let rows: BTreeSet<String> = controls(&window).into_iter().map(|c| c.name).collect();
    for command in all() {
        assert!(rows.iter().any(|row| row.starts_with(command.text())), "{} is not in the palette", command.text());
    }
}
