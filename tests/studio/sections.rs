//! The sections of the inspector: those of the current tool are open and on top, the others closed and within reach.

use crate::window::{Setup, Window};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use glam::DVec3;
use scalp_studio::case::Case;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::section::{SECTIONS, Section};
use scalp_studio::studio::session::tool::{TOOLS, Tool};

/// The sections from top to bottom, with the position of their headers.
fn tops(window: &Window) -> Vec<(f32, Section)> {
    let top = |section: Section| window.node(Role::DisclosureTriangle, section.name()).rect().top();
    let mut tops: Vec<(f32, Section)> = SECTIONS.into_iter().map(|section| (top(section), section)).collect();
    tops.sort_by(|a, b| a.0.total_cmp(&b.0));
    tops
}

#[test]
fn sections_of_the_current_tool_are_open_and_on_top() {
    let mut window = Window::on_sample();
    for tool in TOOLS {
        window.ask(Command::Tool(tool));
        window.settle();
        let own = SECTIONS.iter().filter(|section| section.belongs_to(tool)).count();
        for (place, (_, section)) in tops(&window).into_iter().enumerate() {
            assert_eq!(section.belongs_to(tool), place < own, "{tool:?}: {section:?}");
            assert_eq!(window.is_section_open(section.name()), place < own, "{tool:?}: {section:?}");
        }
    }
    // A closed section shows none of its contents.
    window.ask(Command::Tool(Tool::Hairline));
    window.settle();
    assert!(window.harness.query_by_label("Edge Soft").is_some());
    assert!(window.harness.query_by_label("Pigment Dark brown").is_none());
    window.click(Role::DisclosureTriangle, "Pigment");
    assert!(window.harness.query_by_label("Pigment Dark brown").is_some());
    window.ask(Command::Tool(Tool::Area));
    window.settle();
    assert!(window.is_section_open("Pigment"), "a section opened by hand should stay open");
    assert!(!window.is_section_open("Edge"));
    assert_eq!(window.undo_name(), None, "opening sections must not change the case");
}

#[test]
fn the_palette_goes_to_every_section() {
    let mut window = Window::on_sample();
    let height = window.harness.ctx.content_rect().height();
    for section in SECTIONS {
        window.ask_by_name(section.command_text());
        window.settle();
        window.harness.run_steps(30);
        let header = window.node(Role::DisclosureTriangle, section.name());
        assert!(window.is_section_open(section.name()), "{section:?}");
        assert!(header.accesskit_node().is_focused(), "{section:?} does not have the focus");
        let rect = header.rect();
        assert!(rect.top() >= 0.0 && rect.bottom() < height, "{section:?} is out of sight: {rect:?}");
    }
    // Space closes it again.
    window.key(Key::Space);
    let last = SECTIONS[SECTIONS.len() - 1];
    assert!(!window.is_section_open(last.name()));
}

#[test]
fn the_focused_control_is_scrolled_into_sight_and_has_a_ring_around_it() {
    let setup = Setup { size: [1024.0, 700.0], ..Setup::default() };
    let mut window = Window::on_sample_with(setup);
    window.open_section("Sessions");
    window.open_section("Dots");
    let mut seen = 0;
    for _ in 0..140 {
        window.harness.key_press(Key::Tab);
        window.harness.run_steps(24);
        let mut nodes = window.harness.root().children_recursive();
        let Some(focused) = nodes.find(|node| node.accesskit_node().is_focused()) else { continue };
        let (name, rect) = (focused.accesskit_node().label().unwrap_or_default(), focused.rect());
        // Only in the inspector, below the menus, and without scroll bars, which have no names.
        if name.is_empty() || rect.left() < 758.0 || rect.top() < 40.0 {
            continue;
        }
        assert!(rect.top() >= 20.0 && rect.bottom() <= 700.0, "{name} at {rect:?}");
        let ring = rect.expand(1.0);
        let shapes = &window.harness.output().shapes;
        let around = shapes.iter().any(|clipped| match &clipped.shape {
            egui::Shape::Rect(shape) => shape.stroke.width == 2.0 && shape.rect.contains_rect(ring.shrink(3.0)),
            _ => false,
        });
        assert!(around, "no ring around {name}");
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn a_closed_section_warns_of_findings_in_it() {
    let mut window = Window::on_sample();
    let warns = |window: &Window, section: Section| {
        let node = window.node(Role::DisclosureTriangle, section.name());
        node.accesskit_node().data().description().unwrap_or_default().contains("Deep pigment")
    };
    window.ask_by_name("Panel: dots");
    window.settle();
    window.enter("Depth", "0,8");
    window.click(Role::DisclosureTriangle, "Dots");
    for section in SECTIONS {
        assert!(!window.is_section_open(section.name()) || section.belongs_to(Tool::Hairline));
        let about = matches!(section, Section::Dots | Section::Checks);
        assert_eq!(warns(&window, section), about, "{section:?}");
    }
    window.undo();
    assert!(!SECTIONS.into_iter().any(|section| warns(&window, section)));
}

#[test]
fn a_command_from_the_palette_shows_its_answer_in_sight() {
    let setup = Setup { size: [1280.0, 720.0], ..Setup::default() };
    let mut window = Window::on_sample_with(setup);
    window.ask(Command::Tool(Tool::Pan));
    window.settle();
    window.ask_by_name("Match my follicles");
    assert!(window.is_section_open("Match own hair"));
    let head = window.head();
    let bare = head.cranium.below(head.above_glabella(38.0).position + 34.0 * DVec3::X);
    window.click_head(bare.position);
    window.settle();
    window.harness.run_steps(60);
    let answer = window.harness.get_by_label_contains("there is nothing to measure").rect();
    assert!(answer.top() > 0.0 && answer.bottom() < 690.0, "{answer:?}");
}

#[test]
fn areas_and_masks_are_listed_together_and_choosing_one_switches_to_its_tool() {
    let mut window = Window::on_sample();
    let head = window.head();
    let ring = |z: f64| -> Vec<DVec3> {
        let middle = head.cranium.below(DVec3::new(head.midline_mm(), 80.0, z));
        let circle = scalp_studio::plan::curve::circle(&head.cranium, middle, 22.0);
        circle.iter().map(|p| p.position).collect()
    };
    window.show_view("top");
    window.ask(Command::Tool(Tool::Mask));
    window.settle();
    window.drag_head(&ring(-40.0));
    assert_eq!(window.plan().masks.len(), 1);
    window.ask(Command::Tool(Tool::Area));
    window.settle();
    window.drag_head(&ring(10.0));
    assert_eq!(window.plan().areas.len(), 2);
    window.must_say("Duplicate area");
    window.tap("mask 1");
    window.settle();
    window.must_say("Delete mask");
    window.must_say("Drag or click around what must stay free of dots");
}

/// A window of this size on the sample client with four variants that have names of 60 characters.
fn with_long_names(size: [f32; 2]) -> Window {
    Window::start(Setup { size, ..Setup::default() }, |folder| {
        let path = folder.join("cases/anna.scalp");
        crate::window::sample_case(&path);
        let mut case = Case::open(&path).unwrap();
        let mut document = case.document().clone();
        for _ in 0..3 {
            document.copy_variant(0).unwrap();
        }
        for index in 0..4 {
            document.rename_variant(index, &long_name(index)).unwrap();
        }
        case.commit("Names", document).unwrap();
        vec![path]
    })
}

fn long_name(index: usize) -> String {
    format!("{:.<60}", format!("Plan {} with a long name", index + 1))
}

#[test]
fn the_top_row_stays_within_a_small_window_with_long_names_of_variants() {
    let mut window = with_long_names([1024.0, 700.0]);
    let all = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1024.0, 700.0));
    let icons = [
        Command::Undo,
        Command::Redo,
        Command::CopyVariant,
        Command::Wipe,
        Command::SideBySide,
        Command::AllViews,
        Command::Range,
        Command::HonestView,
        Command::ClientScreen,
        Command::Export,
    ];
    let within = |window: &Window| {
        for command in icons {
            let rect = window.node(Role::Button, command.text()).rect();
            assert!(all.contains_rect(rect), "{}: {rect:?}", command.text());
        }
        // Whatever is not in the row of variants, which scrolls.
        for node in window.harness.root().children_recursive() {
            let (name, role) = (node.accesskit_node().label().unwrap_or_default(), node.accesskit_node().role());
            // Menus that are closed have no place.
            if node.accesskit_node().raw_bounds().is_none() {
                continue;
            }
            let rect = node.rect();
            if role == Role::Button && rect.top() < 30.0 && !name.starts_with("Plan ") {
                assert!(all.contains_rect(rect), "{name}: {rect:?}");
            }
        }
    };
    within(&window);
    // The keyboard brings each variant into sight, and the icons stay where they are.
    let export = window.node(Role::Button, Command::Export.text()).rect();
    for index in [3, 0, 2, 1] {
        window.node(Role::Button, &long_name(index)).focus();
        window.harness.run_steps(40);
        let rect = window.node(Role::Button, &long_name(index)).rect();
        let free = egui::Rect::from_min_max(
            egui::pos2(window.node(Role::Button, Command::Redo.text()).rect().right(), 0.0),
            egui::pos2(window.node(Role::Button, Command::CopyVariant.text()).rect().left(), 700.0),
        );
        assert!(free.expand(2.0).contains(rect.center()), "{index}: {rect:?} {free:?}");
        within(&window);
    }
    assert_eq!(window.node(Role::Button, Command::Export.text()).rect(), export);
    window.node(Role::Button, &long_name(3)).focus();
    window.harness.run_steps(40);
    window.click(Role::Button, &long_name(3));
    assert_eq!(window.variant(), 3);
    within(&window);
}

#[test]
fn dialogs_scroll_to_their_last_button_in_the_smallest_window() {
    let mut window = with_long_names([800.0, 560.0]);
    let all = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(800.0, 560.0));
    let dialogs = [
        (Command::HandOver, "Create", "Hand over"),
        (Command::Export, "Export", "Export pictures"),
        (Command::Sign, "Keep signature", "Sign the plan"),
        (Command::Lock, "Encrypt the case", "Protect this case with a passphrase"),
        (Command::EarlierStates, "Close", "Earlier states of this case"),
        (Command::Trail, "Close", "What was done with this case"),
        (Command::Consent, "Close", "Consent for photo"),
        (Command::Help, "Close", "How to begin"),
    ];
    for (command, last, heading) in dialogs {
        window.ask_by_name(command.text());
        window.settle();
        window.must_say(heading);
        let buttons = |window: &Window| -> Vec<egui::Rect> {
            let nodes = window.harness.query_all_by_role_and_label(Role::Button, last);
            // Not the icon of the same name at the top of the window.
            nodes.map(|node| node.rect()).filter(|rect| rect.top() > 40.0).collect()
        };
        let at = |window: &Window| buttons(window).last().copied().unwrap_or(egui::Rect::NOTHING);
        let beside = window.harness.ctx.content_rect().center();
        window.harness.hover_at(beside);
        for _ in 0..12 {
            window.harness.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: egui::vec2(0.0, -6.0),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Unknown,
                modifiers: egui::Modifiers::NONE,
            });
            window.harness.run_steps(12);
        }
        assert!(all.contains_rect(at(&window)), "{heading}: {last} is at {:?}", at(&window));
        window.key(Key::Escape);
        window.settle();
        assert!(buttons(&window).is_empty(), "{heading} is still open");
    }
}
