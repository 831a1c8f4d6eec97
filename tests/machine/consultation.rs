//! A consultation from the first photo to the exported picture, in the window, by the names that a screen reader would
//! say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::OnceLock;

use libtest_mimic::Trial;

use crate::display::{Display, Opened, tools, wait_for};
use crate::needs::needing;
use crate::truth::pixel;
use crate::window::{Input, Setup, Window, files_in, photo, settings};
use egui::accesskit::Role;
use egui::{ColorImage, Key, Pos2};
use egui_kittest::kittest::Queryable;
use glam::{DVec2, DVec3};
use scalp_studio::case::Case;
use scalp_studio::case::document::Document;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::head::{Head, Part};
use scalp_studio::plan::Plan;
use scalp_studio::plan::hairline::Preset;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::mock_up::{MockUp, Scalp};
use scalp_studio::render::steps::{Appointments, Step};
use scalp_studio::studio::session::command::Command;

/// Distance along the skin, mm.
fn along_skin_mm(head: &Head, from: DVec3, to: DVec3) -> f64 {
    head.tape(Part::Cranium, from, to).length_mm
}

/// Mean sample value of a picture.
fn brightness(parts: &BTreeMap<String, ColorImage>) -> f64 {
    let pixels = parts.values().flat_map(|part| &part.pixels).filter(|pixel| pixel.a() == 255);
    let (sum, count) = pixels.fold((0_u64, 0_u64), |(sum, count), pixel| {
        (sum + u64::from(pixel.r()) + u64::from(pixel.g()) + u64::from(pixel.b()), count + 3)
    });
    sum as f64 / count as f64
}

/// Positions of all dots of a plan, mm.
fn dots(plan: &Plan, head: &Head) -> Vec<DVec3> {
    MockUp::new(plan, &Scalp::new(head.clone(), plan), Skin::default()).dots.iter().map(|dot| dot.position).collect()
}

/// Drops two photos on the empty window: the one from the front becomes a mock-up without a click; the one from above,
/// which shows no face, needs two.
fn from_photos_to_a_first_plan(screen: Screen) -> Window {
    let pixels_per_point = f32::from(screen.scale);
    let size = [screen.width_px, screen.height_px].map(|px| f32::from(px) / pixels_per_point);
    let mut window =
        Window::start(Setup { size, pixels_per_point, whole_points: true, ..Setup::default() }, |folder| {
            for view in ["front", "top"] {
                fs::write(folder.join(format!("Anna {view}.jpg")), photo(view)).unwrap();
            }
            Vec::new()
        });
    window.must_say("Drop a client's photos here");
    window.drop_files(&["Anna front.jpg", "Anna top.jpg"].map(|name| window.path(name)));
    assert_eq!(window.views(), ["front", "top"], "views should be known from the photos or else from the file names");
    assert!(window.open_case().plan().is_some() && window.open_case().camera().is_some(), "no click should be needed");
    assert_eq!(window.step(), Step::result(Appointments::of(&window.plan())), "the result should be shown");
    let found = window.document().views[0].found.clone().unwrap();
    assert!(found.landmarks.len() >= 8 && found.outline.len() >= 10);
    let truth = ["pupil_right", "pupil_left"].map(|name| DVec2::from(pixel("front", name)));
    let pupils = [Landmark::PupilRight, Landmark::PupilLeft].map(|pupil| DVec2::from(found.landmarks[&pupil].px));
    let off = pupils[0].distance(truth[0]).max(pupils[1].distance(truth[1]));
    assert!(off < 0.1 * truth[0].distance(truth[1]), "pupils are {off} px off");

    window.show_view("top");
    window.press(Key::F);
    for (row, landmark) in [("Tip of the nose, not placed", "nose_tip"), ("Between the brows, not placed", "glabella")]
    {
        window.click(Role::Button, row);
        window.click_photo(pixel("top", landmark));
    }
    window.key(Key::Escape);
    assert!(window.open_case().camera().is_some(), "the second photo should be fitted, too");
    assert!(window.document().views[1].outline.len() >= 10, "and its outline should be found");
    window.show_view("front");
    window
}

/// A screen; the window fills it.
#[derive(Clone, Copy)]
struct Screen {
    width_px: u16,
    height_px: u16,
    /// Pixels per point.
    scale: u8,
}

/// The smallest screen that technicians have comes first. The others take minutes and are used only when somebody wants
/// to look at the window.
const SCREENS: [Screen; 3] = [
    Screen { width_px: 1280, height_px: 720, scale: 1 },
    Screen { width_px: 1920, height_px: 1080, scale: 1 },
    Screen { width_px: 2560, height_px: 1600, scale: 2 },
];
/// Environment variable with a folder for screenshots.
const SCREENSHOTS: &str = "SCALP_STUDIO_SCREENSHOTS";

/// The smallest screen alone, unless screenshots are wanted.
fn screens() -> &'static [Screen] {
    let count = if std::env::var_os(SCREENSHOTS).is_some() { SCREENS.len() } else { 1 };
    &SCREENS[..count]
}

/// What was done in a consultation, and its result.
struct Done {
    inputs: Vec<(Input, Option<String>)>,
    document: Document,
}

/// A consultation on each screen, held once for all tests.
fn consultations() -> &'static [Done] {
    static DONE: OnceLock<Vec<Done>> = OnceLock::new();
    DONE.get_or_init(|| {
        let held = screens().iter().map(|screen| {
            let mut window = consultation(*screen);
            Done { inputs: window.done(), document: window.document().clone() }
        });
        held.collect()
    })
}

pub fn tests() -> Vec<Trial> {
    let name = |name: &str| format!("{}::{name}", module_path!());
    vec![
        Trial::test(name("from_the_first_photo_to_the_exported_picture"), || {
            consultations();
            Ok(())
        }),
        needing(&name("the_same_with_pointer_and_keys_in_a_real_window"), tools, |()| {
            for (screen, done) in screens().iter().zip(consultations()) {
                in_a_real_window(*screen, done);
            }
        }),
    ]
}

/// Repeats a consultation with pointer and keys in a real window, at the places found by name in the window without a
/// display.
fn in_a_real_window(screen: Screen, done: &Done) {
    let size = format!("{}x{}", screen.width_px, screen.height_px);
    let display = Display::new(&size);
    let home = tempfile::tempdir().unwrap();
    let root = home.path().to_owned();
    for name in ["cases", "pictures"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    let own_settings = Opened::settings_folder(&root);
    fs::create_dir_all(&own_settings).unwrap();
    fs::write(own_settings.join("studio.toml"), settings(&root, false, true)).unwrap();
    let photos = ["front", "top"].map(|view| {
        let path = root.join(format!("Anna {view}.jpg"));
        fs::write(&path, photo(view)).unwrap();
        path
    });
    let mut real = Opened::start(&display, &screen.scale.to_string(), home, &photos, &[]);
    display.fill(&size);
    let case = || files_in(&root.join("cases")).into_iter().find(|path| path.extension().is_some_and(|e| e == "scalp"));
    let path: PathBuf = wait_for("the case", case);
    let undo_name = || Some(Case::open(&path).ok()?.undo_name().map(str::to_owned));
    real.rest(&display);
    display.focus();
    keep_list(&done.inputs, &format!("walk-{size}"));
    for (number, (input, undo)) in done.inputs.iter().enumerate() {
        for act in gesture(input, screen.scale) {
            display.act(&act);
            real.rest(&display);
        }
        wait_for(&format!("{undo:?} after {input:?}"), || (undo_name()? == *undo).then_some(()));
        real.rest(&display);
        keep_screenshot(&display, &format!("walk-{size}-{number:02}"));
    }
    let ends_in = |path: &PathBuf, ending: &str| path.extension().is_some_and(|e| e == ending);
    let picture = || files_in(&root.join("pictures")).into_iter().find(|path| ends_in(path, "jpg"));
    let exported = wait_for("the exported picture", picture);
    display.xdotool(&["key", "ctrl+q"]);
    let status = wait_for("the window to close", || real.process.0.try_wait().unwrap());
    assert!(status.success(), "{status}");

    let case = Case::open(&path).unwrap();
    assert_eq!(*case.document(), done.document, "the same inputs led to another result");
    let rendered = root.join("rendered.jpg");
    render(&path, &rendered);
    assert!(fs::read(exported).unwrap() == fs::read(rendered).unwrap(), "window and command line differ");
}

/// The arguments of successive calls of xdotool, on a screen with `scale` pixels per point. The window may respond when
/// the pointer arrives, so pressing the button is a call of its own.
fn gesture(input: &Input, scale: u8) -> Vec<Vec<String>> {
    let px = |points: f32| (points * f32::from(scale)).round().to_string();
    let to = |at: &Pos2| ["mousemove".to_owned(), px(at.x), px(at.y)];
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
    match input {
        // As fast as a hand would.
        Input::Click(at) => vec![to(at).into(), words("mousedown 1 sleep 0.1 mouseup 1")],
        Input::Drag(places) => {
            let mut drag = words("mousedown 1 sleep 0.1");
            for place in &places[1..] {
                drag.extend(to(place));
                drag.extend(words("sleep 0.1"));
            }
            drag.extend(words("mouseup 1"));
            vec![to(&places[0]).into(), drag]
        }
        Input::Wheel(at, notches) => {
            let button = if *notches > 0 { "5" } else { "4" };
            vec![to(at).into(), words(&format!("click --repeat {} {button}", notches.abs()))]
        }
        Input::Text(text) => vec![vec!["type".to_owned(), "--delay".to_owned(), "40".to_owned(), text.clone()]],
        Input::Keys(modifiers, key) => {
            let held =
                [(modifiers.ctrl || modifiers.command, "ctrl+"), (modifiers.shift, "shift+"), (modifiers.alt, "alt+")];
            let held: String = held.into_iter().filter(|(held, _)| *held).map(|(_, name)| name).collect();
            let name = match key {
                Key::Enter => "Return".to_owned(),
                Key::PageDown => "Next".to_owned(),
                Key::PageUp => "Prior".to_owned(),
                Key::Escape | Key::Home | Key::End => key.name().to_owned(),
                key => key.name().to_lowercase(),
            };
            vec![vec!["key".to_owned(), format!("{held}{name}")]]
        }
    }
}

/// Saves a screenshot, if they are wanted.
fn keep_screenshot(display: &Display, name: &str) {
    if let Some(kept) = std::env::var_os(SCREENSHOTS) {
        display.look().save(&Path::new(&kept).join(format!("{name}.png")));
    }
}

/// Saves the list of inputs next to the screenshots.
fn keep_list(inputs: &[(Input, Option<String>)], name: &str) {
    if let Some(kept) = std::env::var_os(SCREENSHOTS) {
        let line =
            |(number, (input, undo)): (usize, &(Input, Option<String>))| format!("{number:02} {input:?} {undo:?}\n");
        let lines: String = inputs.iter().enumerate().map(line).collect();
        fs::write(Path::new(&kept).join(format!("{name}.txt")), lines).unwrap();
    }
}

/// Renders the result with the command line.
fn render(case: &Path, to: &Path) {
    let done = Process::new(env!("CARGO_BIN_EXE_scalp-studio"))
        .arg("render")
        .arg(case)
        .args(["--view", "front", "--variant", "B", "--session", "3", "--age", "28d", "--note", "-o"])
        .arg(to)
        .status();
    assert!(done.unwrap().success());
}

fn consultation(screen: Screen) -> Window {
    let mut window = from_photos_to_a_first_plan(screen);
    let head = window.head();

    // A hairline is chosen by its picture.
    window.press(Key::H);
    window.click(Role::RadioButton, "Hairline Mature");
    assert_eq!(window.plan().hairline.preset, Preset::Mature);
    assert_eq!(window.undo_name(), Some("Choose hairline"));

    raise_the_middle_of_the_hairline(&mut window, &head);
    paint_density(&mut window, &head);
    try_a_variant(&mut window);
    step_through_the_treatment(&mut window);
    wipe_between_before_and_after(&mut window);
    export_a_picture(&mut window);
    window
}

fn raise_the_middle_of_the_hairline(window: &mut Window, head: &Head) {
    /// Approximate rise, mm.
    const ABOUT_MM: f64 = 8.0;
    let glabella = head.glabella().position;
    let lower = window.plan();
    let from = DVec3::from(lower.hairline.points[0]);
    let height = along_skin_mm(head, glabella, from);
    let start = window.of_head(from);
    let up_to = |raised_mm: f64| start.y - window.of_head(head.above_glabella(height + raised_mm).position).y;
    // The pointer moves by whole points: find how far up the midline it really gets.
    let up = up_to(ABOUT_MM).round();
    let (mut raised_mm, mut most_mm) = (0.0, 2.0 * ABOUT_MM);
    for _ in 0..40 {
        let middle = 0.5 * (raised_mm + most_mm);
        if up_to(middle) < up { raised_mm = middle } else { most_mm = middle }
    }
    assert!((raised_mm - ABOUT_MM).abs() < 2.0, "{raised_mm}");
    let handle = window.node(Role::Button, "Hairline point, middle").rect().center();
    assert!(handle.distance(start) < 1.0, "the handle is not where the plan has the point");
    window.drag(&[0.0, 0.5 * up, up].map(|up| start - egui::vec2(0.0, up)));

    let raised = window.plan();
    let point = DVec3::from(raised.hairline.points[0]);
    let moved = along_skin_mm(head, from, point);
    assert!((moved - raised_mm).abs() < 0.15, "dragged by {raised_mm} mm, but moved by {moved:.2} mm");
    let higher = along_skin_mm(head, glabella, point) - height;
    assert!((higher - raised_mm).abs() < 0.15, "{higher:.2} mm higher");
    let followed: Vec<f64> = (raised.hairline.points.iter().zip(&lower.hairline.points))
        .map(|(a, b)| DVec3::from(*a).distance(DVec3::from(*b)))
        .collect();
    assert!(followed.is_sorted_by(|a, b| a >= b) && followed[1] > 0.5 * raised_mm, "neighbours stay: {followed:?}");
    assert_eq!(raised.hairline.points[5..], lower.hairline.points[5..], "the temples should stay");
    assert_eq!(window.undo_name(), Some("Move hairline point"));
    window.undo();
    assert_eq!(window.plan(), lower);
    window.redo();
    assert_eq!(window.plan(), raised);
}

fn paint_density(window: &mut Window, head: &Head) {
    window.show_view("top");
    window.press(Key::B);
    let before = dots(&window.plan(), head);
    let on_crown = |x: f64| head.cranium.below(DVec3::new(head.midline_mm() + x, 80.0, -40.0)).position;
    let path: Vec<DVec3> = (-10..=10).map(|i| on_crown(2.0 * f64::from(i))).collect();
    window.drag_head(&path);
    assert_eq!(window.undo_name(), Some("Paint density"));
    let after = dots(&window.plan(), head);
    let middle = on_crown(0.0);
    let near = |dots: &[DVec3]| dots.iter().filter(|dot| dot.distance(middle) < 6.0).count() as f64;
    // In the middle of the stroke 40 per cm2 are added to 106; towards its sides fewer.
    let rise = near(&after) / near(&before);
    assert!((1.1..1.5).contains(&rise), "{rise:.2} times the dots where it was painted");
    let away = |dots: &[DVec3]| -> Vec<[u64; 3]> {
        let far = dots.iter().filter(|dot| path.iter().all(|place| place.distance(**dot) > 20.0));
        let mut far: Vec<[u64; 3]> = far.map(|dot| dot.to_array().map(f64::to_bits)).collect();
        far.sort_unstable();
        far
    };
    assert_eq!(away(&after), away(&before), "elsewhere dots have changed");
    window.show_view("front");
}

fn try_a_variant(window: &mut Window) {
    let first = window.plan();
    window.press(Key::H);
    window.click(Role::Button, "Copy variant");
    assert_eq!((window.variant(), window.plan()), (1, first.clone()), "a new variant should be a copy");
    window.click(Role::RadioButton, "Hairline M");
    window.open_section("Density");
    window.enter("Density", "90");
    let second = window.plan();
    assert_eq!((second.hairline.preset, second.areas[0].density_per_cm2), (Preset::M, 90.0));
    window.press(Key::N);
    assert_eq!((window.variant(), window.plan()), (0, first), "the first plan should be unchanged");
    window.click(Role::Button, "B");
    assert_eq!((window.variant(), window.plan()), (1, second));
}

fn step_through_the_treatment(window: &mut Window) {
    window.press(Key::Home);
    let all = Appointments::of(&window.plan()).steps();
    let (mut seen, mut shown) = (Vec::new(), Vec::new());
    for step in &all {
        assert_eq!(window.step(), *step);
        let picture = window.picture("Canvas");
        shown.push(brightness(&picture));
        seen.push(picture);
        window.press(Key::Period);
    }
    assert!(seen[1] == seen[0], "a pencil line must not change the photo below it");
    for (pair, step) in seen.windows(2).zip(&all[1..]).skip(1) {
        assert!(pair[0] != pair[1], "{step:?} shows the same picture as the step before");
    }
    let at = |step: Step| shown[all.iter().position(|s| *s == step).unwrap()];
    assert!(at(Step::Fresh(1)) < at(Step::Before), "fresh dots should darken the photo");
    assert!(at(Step::Fresh(1)) < at(Step::Healed(1)), "dots should get lighter as they heal");
    assert!(at(Step::Healed(3)) < at(Step::Healed(1)), "more sessions should be darker");
    assert!(at(Step::Healed(3)) < at(Step::Years(5)), "pigment should fade over the years");
    assert!(at(Step::Years(5)) < at(Step::Before), "pigment should not vanish");
}

fn wipe_between_before_and_after(window: &mut Window) {
    window.click(Role::RadioButton, "Before");
    let before = window.picture("Canvas");
    window.click(Role::RadioButton, "Healed");
    let healed = window.picture("Canvas");
    window.press(Key::W);
    assert!(window.picture("Beside").values().eq(before.values()), "before should be on one side of the line");
    assert!(window.picture("Canvas") == healed, "after should be on the other");
    let line = |window: &Window| window.node(Role::Slider, "Wipe line").rect().center();
    let from = line(window);
    let to = from - egui::vec2(120.0, 0.0);
    window.drag(&[from, from.lerp(to, 0.5), to]);
    assert!(line(window).distance(to) < 1.5, "the line should follow the drag");
    window.press(Key::W);
    assert!(window.harness.query_by_role_and_label(Role::Slider, "Wipe line").is_none());
}

fn export_a_picture(window: &mut Window) {
    window.ask(Command::Export);
    window.tap("This photo (front)");
    window.write("Name", "{view} {variant} {step}");
    window.tap("Export");
    window.settle();
    window.must_say("Exported: ");
    let (exported, rendered) = (window.path("pictures/front B healed.jpg"), window.path("rendered.jpg"));
    render(window.case().path(), &rendered);
    assert!(fs::read(exported).unwrap() == fs::read(rendered).unwrap(), "window and command line differ");
}
