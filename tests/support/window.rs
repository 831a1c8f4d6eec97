//! The window without a display, used as a person would: controls are found by the names that a screen reader would
//! say.

#![allow(dead_code, reason = "each test program uses its part")]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{
    ColorImage, Event, ImageData, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TextureId,
    TexturesDelta, TouchPhase, pos2, vec2,
};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, LazyRenderer, Node, TestRenderer};
use glam::{DVec2, DVec3};
use scalp_studio::case::document::Document;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::Head;
use scalp_studio::photo::Limits;
use scalp_studio::plan::Plan;
use scalp_studio::render::steps::Step;
use scalp_studio::studio::session::command::Command;
use scalp_studio::studio::session::section::SECTIONS;
use scalp_studio::studio::{DrawnBy, OpenCase, Options, Studio};

/// How a window is set up.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Width and height, points.
    pub size: [f32; 2],
    pub pixels_per_point: f32,
    /// Time from one frame to the next, s.
    pub step_s: f32,
    pub light: bool,
    /// Whether the pointer only goes to whole points, as a mouse does.
    pub whole_points: bool,
    /// Whether the head in new photos is found without a click.
    pub finds_heads: bool,
    /// Who draws the canvas if the window is on a graphics adapter; `None` for a window without one.
    pub drawn_by: Option<DrawnBy>,
}

impl Setup {
    pub const USUAL: Self = Self {
        size: [1280.0, 800.0],
        pixels_per_point: 1.0,
        step_s: 1.0 / 60.0,
        light: false,
        whole_points: false,
        finds_heads: true,
        drawn_by: None,
    };
}

impl Default for Setup {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Something done with pointer or keyboard.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A key, with modifiers held.
    Keys(Modifiers, Key),
    /// Typed text.
    Text(String),
    /// The main button at a place in the window, points.
    Click(Pos2),
    /// The main button held from place to place.
    Drag(Vec<Pos2>),
    /// The wheel over a place in the window, points, by this many notches towards the user.
    Wheel(Pos2, i32),
}

/// A window with folders of its own: `settings`, `cases`, `pictures`.
pub struct Window {
    pub harness: Harness<'static, Studio>,
    /// All that was done with pointer and keyboard, and the step that undo would have taken back afterwards.
    done: Vec<(Input, Option<String>)>,
    whole_points: bool,
    folder: tempfile::TempDir,
    textures: Textures,
    bell: Bell,
}

/// Rung by the window's threads when they have news.
#[derive(Clone, Default)]
struct Bell(Arc<(Mutex<bool>, Condvar)>);

impl Bell {
    /// A bell that rings whenever a thread other than the current one asks for a frame.
    fn of(ctx: &egui::Context) -> Self {
        let (bell, own) = (Self::default(), std::thread::current().id());
        let rung = bell.clone();
        ctx.set_repaint_observer(move |_| {
            if std::thread::current().id() != own {
                *rung.0.0.lock().unwrap() = true;
                rung.0.1.notify_one();
            }
        });
        bell
    }

    /// Waits until it has rung since the last wait, but at most a tenth of a second.
    fn wait(&self) {
        let (rung, rings) = &*self.0;
        let silent = |rung: &mut bool| !*rung;
        *rings.wait_timeout_while(rung.lock().unwrap(), Duration::from_millis(100), silent).unwrap().0 = false;
    }
}

/// The textures that the window uses.
type Textures = Rc<RefCell<HashMap<TextureId, ColorImage>>>;

/// Keeps every texture, so that tests can look at pictures without a graphics card.
struct Keeper {
    renderer: Box<dyn TestRenderer>,
    kept: Textures,
}

impl TestRenderer for Keeper {
    fn setup_eframe(&self, cc: &mut eframe::CreationContext, frame: &mut eframe::Frame) {
        self.renderer.setup_eframe(cc, frame);
    }

    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut kept = self.kept.borrow_mut();
        for (id, images) in &delta.set {
            for patch in images {
                let ImageData::Color(image) = &patch.image;
                match (patch.pos, kept.get_mut(id)) {
                    (Some([x, y]), Some(whole)) => {
                        for row in 0..image.height() {
                            let (from, to) = (row * image.width(), (y + row) * whole.width() + x);
                            let pixels = &image.pixels[from..from + image.width()];
                            whole.pixels[to..to + image.width()].copy_from_slice(pixels);
                        }
                    }
                    _ => drop(kept.insert(*id, ColorImage::clone(image))),
                }
            }
        }
        delta.free.iter().for_each(|id| drop(kept.remove(id)));
        self.renderer.handle_delta(delta);
    }

    fn render(&mut self, ctx: &egui::Context, output: &egui::FullOutput) -> Result<image::RgbaImage, String> {
        self.renderer.render(ctx, output)
    }
}

/// Writes the sample client's case with the default plan. It is made once for all tests of a program.
pub fn sample_case(path: &Path) {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.scalp");
        let views = sample::Client::Light.views().unwrap();
        let start = Start { ignore_own_hair: true, ..Start::default() };
        drop(Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap());
        fs::read(path).unwrap()
    });
    fs::write(path, made).unwrap();
}

/// Writes the sample client's case as if a later version of the program had made it.
pub fn newer_case(path: &Path) {
    sample_case(path);
    // The user version is the case format; a newer one has other tables, too.
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("CREATE TABLE later (x); PRAGMA user_version = 99").unwrap();
}

/// The file of one of the sample client's photos.
pub fn photo(view: &str) -> Vec<u8> {
    sample::Client::Light.views().unwrap().into_iter().find(|v| v.name == view).unwrap().bytes
}

/// Settings that keep everything within a folder.
pub fn settings(folder: &Path, light: bool, finds_heads: bool) -> String {
    format!(
        "light = {light}\nfinds_heads = {finds_heads}\ncases_folder = {:?}\nexport_folder = {:?}\nphotos_folder = {folder:?}\nbuilt_in_dialogs = true\n",
        folder.join("cases"),
        folder.join("pictures"),
    )
}

/// Everything in a folder, sorted.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

impl Window {
    /// An empty window.
    pub fn empty() -> Self {
        Self::start(Setup::default(), |_| Vec::new())
    }

    /// A window on the sample client, `cases/anna.scalp`.
    pub fn on_sample() -> Self {
        Self::on_sample_with(Setup::default())
    }

    pub fn on_sample_with(setup: Setup) -> Self {
        Self::start(setup, |folder| {
            let path = folder.join("cases/anna.scalp");
            sample_case(&path);
            vec![path]
        })
    }

    /// A window that opens the paths returned by `prepare`, which is given the window's folder.
    pub fn start(setup: Setup, prepare: impl FnOnce(&Path) -> Vec<PathBuf>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        for name in ["settings", "cases", "pictures"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        fs::write(root.join("settings/studio.toml"), settings(&root, setup.light, setup.finds_heads)).unwrap();
        let options = Options {
            paths: prepare(&root),
            settings_folder: Some(root.join("settings")),
            states_folder: Some(root.join("states")),
            timings: false,
            limits: Limits::default(),
            greeting: None,
            drawn_by: setup.drawn_by.unwrap_or_default(),
        };
        let textures = Textures::default();
        let renderer: Box<dyn TestRenderer> = match setup.drawn_by {
            Some(_) => Box::new(WgpuTestRenderer::new()),
            None => Box::new(LazyRenderer::default()),
        };
        let keeper = Keeper { renderer, kept: Rc::clone(&textures) };
        let harness = Harness::builder()
            .renderer(keeper)
            .with_theme(if setup.light { egui::Theme::Light } else { egui::Theme::Dark })
            .with_size(setup.size)
            .with_pixels_per_point(setup.pixels_per_point)
            .with_step_dt(setup.step_s)
            .build_eframe(move |cc| Studio::on_card(cc, options));
        let (bell, whole_points) = (Bell::of(&harness.ctx), setup.whole_points);
        let mut window = Self { harness, done: Vec::new(), whole_points, folder, textures, bell };
        window.settle();
        window
    }

    /// A path in the window's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    // -----------------------------------------------------------------------------------------------------------------
    // Time

    /// Runs frames until all work is done, and a few more.
    #[track_caller]
    pub fn settle(&mut self) {
        let mut quiet = 0;
        self.frames_until("the window to come to rest", |window| {
            quiet = if window.studio().busy() { 0 } else { quiet + 1 };
            quiet > 4
        });
    }

    /// Runs frames until `so` holds. While a thread of the window is at work, each frame waits for news from it.
    #[track_caller]
    pub fn frames_until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        // Far longer than the slowest machine takes: the limit is for a window that hangs, not for a slow one.
        let hangs = Instant::now() + Duration::from_secs(300);
        while !so(self) {
            assert!(Instant::now() < hangs, "waited in vain for {what}");
            if self.studio().busy() {
                self.bell.wait();
            }
            self.harness.step();
        }
    }

    // -----------------------------------------------------------------------------------------------------------------
    // What there is

    pub fn studio(&self) -> &Studio {
        self.harness.state()
    }

    #[track_caller]
    pub fn open_case(&self) -> &OpenCase {
        self.studio().case().expect("no case is open")
    }

    #[track_caller]
    pub fn case(&self) -> &Case {
        self.open_case().file().expect("the drive has answered")
    }

    #[track_caller]
    pub fn document(&self) -> &Document {
        self.open_case().document()
    }

    #[track_caller]
    pub fn plan(&self) -> Plan {
        self.open_case().plan().expect("there is no plan").clone()
    }

    #[track_caller]
    pub fn head(&self) -> Head {
        self.open_case().fit().expect("there is no head").head().clone()
    }

    /// Number of dots in the current plan after all sessions.
    #[track_caller]
    pub fn dots(&self) -> usize {
        *self.open_case().facts.dots_by_session.last().expect("there is no plan")
    }

    pub fn variant(&self) -> usize {
        self.open_case().variant
    }

    pub fn step(&self) -> Step {
        self.open_case().step
    }

    pub fn undo_name(&self) -> Option<&str> {
        self.open_case().undo_name()
    }

    /// Names of the views.
    pub fn views(&self) -> Vec<String> {
        self.document().views.iter().map(|v| v.name.clone()).collect()
    }

    /// The pixels of a picture on show: that of the `Canvas`, or of `Beside`, which is compared with it.
    #[track_caller]
    pub fn picture(&self, place: &str) -> BTreeMap<String, ColorImage> {
        let textures = self.harness.ctx.tex_manager();
        let textures = textures.read();
        let kept = self.textures.borrow();
        let of_place = textures.allocated().filter(|(_, meta)| meta.name.starts_with(place));
        let parts = of_place.filter_map(|(id, meta)| Some((meta.name.clone(), kept.get(id)?.clone())));
        let parts: BTreeMap<String, ColorImage> = parts.collect();
        assert!(!parts.is_empty(), "there is no picture in {place}");
        parts
    }

    #[track_caller]
    pub fn node<'w>(&'w self, role: Role, label: &'w str) -> Node<'w> {
        self.harness.get_by_role_and_label(role, label)
    }

    pub fn says(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    #[track_caller]
    pub fn must_say(&self, text: &str) {
        assert!(self.says(text), "the window does not say {text:?}; it says {:?}", self.sentences());
    }

    fn sentences(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes.filter_map(|n| n.accesskit_node().label()).filter(|l| l.len() > 14).collect()
    }

    /// Asserts that everything that can be clicked or typed into has a name with letters, not just an icon.
    #[track_caller]
    pub fn check_names(&self, place: &str) {
        let roles = [
            Role::Button,
            Role::CheckBox,
            Role::RadioButton,
            Role::TextInput,
            Role::ComboBox,
            Role::Slider,
            Role::SpinButton,
            Role::Link,
        ];
        let mut count = 0;
        for node in self.harness.root().children_recursive() {
            let node = node.accesskit_node();
            if roles.contains(&node.role()) {
                let name = node.label().unwrap_or_default();
                let named = name.chars().any(|c| c.is_ascii_alphanumeric());
                assert!(named, "{place}: a {:?} at {:?} is called {name:?}", node.role(), node.raw_bounds());
                count += 1;
            }
        }
        assert!(count > 3, "{place}: there is nothing to check");
    }

    /// The text that begins with `start`.
    #[track_caller]
    pub fn words(&self, start: &str) -> String {
        let texts = self.harness.query_all_by_label_contains(start);
        let mut texts =
            texts.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value()));
        texts.find(|text| text.starts_with(start)).unwrap()
    }

    // -----------------------------------------------------------------------------------------------------------------
    // What was done

    /// Notes what undo would take back now as the result of the previous input.
    fn close_record(&mut self) {
        let now = self.studio().case().and_then(|case| case.file()?.undo_name()).map(str::to_owned);
        if let Some((_, undo)) = self.done.last_mut() {
            *undo = now;
        }
    }

    fn record(&mut self, input: Input) {
        self.close_record();
        self.done.push((input, None));
    }

    /// All that was done with pointer and keyboard, in order, each with the name of the step that undo would have taken
    /// back afterwards.
    pub fn done(&mut self) -> Vec<(Input, Option<String>)> {
        self.close_record();
        self.done.clone()
    }

    // -----------------------------------------------------------------------------------------------------------------
    // Keyboard

    /// Presses a key.
    pub fn key(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
    }

    /// Presses a key with modifiers held.
    pub fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.record(Input::Keys(modifiers, key));
        self.harness.key_press_modifiers(modifiers, key);
        // A dialog needs some frames to reach its final place.
        self.harness.run_steps(4);
    }

    /// Presses a key and waits for the result.
    pub fn press(&mut self, key: Key) {
        self.record(Input::Keys(Modifiers::NONE, key));
        self.harness.key_press(key);
        self.settle();
    }

    /// Gives a command by its shortcut.
    pub fn ask(&mut self, command: Command) {
        let shortcut = command.shortcut().unwrap();
        self.keys(shortcut.modifiers, shortcut.logical_key);
        // On a busy machine, what needs the case's file may take longer than the window waits for it.
        self.frames_until("the case's file", |window| !window.studio().case().is_some_and(OpenCase::is_away));
    }

    /// Gives a command by its name in the palette.
    pub fn ask_by_name(&mut self, name: &str) {
        self.ask(Command::Palette);
        self.write("Find a command", name);
        self.key(Key::Enter);
    }

    pub fn undo(&mut self) {
        self.ask(Command::Undo);
        self.settle();
    }

    pub fn redo(&mut self) {
        self.ask(Command::Redo);
        self.settle();
    }

    /// Enters a number as a person does: click, type, Enter.
    #[track_caller]
    pub fn enter(&mut self, label: &str, text: &str) {
        let at = self.bring_up(Some(Role::SpinButton), label);
        self.record(Input::Click(at));
        self.node(Role::SpinButton, label).click();
        self.harness.run_steps(2);
        self.record(Input::Text(text.to_owned()));
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.step();
        self.key(Key::Enter);
        self.settle();
    }

    /// Replaces the text in a field.
    #[track_caller]
    pub fn write(&mut self, field: &str, text: &str) {
        let at = self.bring_up(Some(Role::TextInput), field);
        self.record(Input::Click(at));
        self.node(Role::TextInput, field).focus();
        self.harness.step();
        self.record(Input::Keys(Modifiers::COMMAND, Key::A));
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.step();
        self.record(Input::Text(text.to_owned()));
        self.node(Role::TextInput, field).type_text(text);
        self.harness.run_steps(2);
    }

    // -----------------------------------------------------------------------------------------------------------------
    // Pointer

    /// Clicks the control with this label, without waiting for the result.
    #[track_caller]
    pub fn tap(&mut self, label: &str) {
        let at = self.bring_up(None, label);
        self.record(Input::Click(at));
        self.harness.get_by_label(label).click();
        // Pressed, released, done, shown.
        self.harness.run_steps(4);
    }

    /// Clicks the control with this label and waits for the result.
    #[track_caller]
    pub fn click(&mut self, role: Role, label: &str) {
        let at = self.bring_up(Some(role), label);
        self.record(Input::Click(at));
        self.node(role, label).click();
        self.settle();
    }

    /// Whether a section of the inspector is open.
    #[track_caller]
    pub fn is_section_open(&self, name: &str) -> bool {
        self.node(Role::DisclosureTriangle, name).accesskit_node().data().is_expanded() == Some(true)
    }

    /// Opens a section of the inspector with a click, if it is closed.
    #[track_caller]
    pub fn open_section(&mut self, name: &str) {
        if !self.is_section_open(name) {
            self.click(Role::DisclosureTriangle, name);
        }
    }

    /// Opens every section of the inspector.
    #[track_caller]
    pub fn open_sections(&mut self) {
        for section in SECTIONS {
            self.open_section(section.name());
        }
    }

    /// Turns the wheel until the pointer can reach the control with this label, and returns where that is.
    #[track_caller]
    fn bring_up(&mut self, role: Option<Role>, label: &str) -> Pos2 {
        for _ in 0..40 {
            let node = role.map_or_else(|| self.harness.get_by_label(label), |role| self.node(role, label));
            let (id, at) = (node.accesskit_node().locate().0, node.rect().center());
            let reachable = self.harness.ctx.viewport(|viewport| {
                let mut widgets = viewport.prev_pass.widgets.layers().flat_map(|(_, widgets)| widgets);
                widgets.find(|widget| widget.id.accesskit_id() == id).is_none_or(|w| w.interact_rect.contains(at))
            });
            if reachable {
                return at;
            }
            let over = pos2(at.x, 0.5 * self.harness.ctx.content_rect().height());
            self.wheel(over, if at.y > over.y { 1 } else { -1 });
        }
        panic!("the wheel does not bring {label:?} into reach");
    }

    /// Turns the wheel by this many notches towards the user.
    fn wheel(&mut self, over: Pos2, notches: i32) {
        /// As winit counts a notch of a wheel that is a button, like xdotool's: one line when it is pressed, another
        /// when it is released.
        const LINES_A_NOTCH: f32 = 2.0;
        let over = self.reached(over);
        self.record(Input::Wheel(over, notches));
        self.harness.hover_at(over);
        self.harness.step();
        for _ in 0..notches.abs() {
            self.harness.event(Event::MouseWheel {
                unit: MouseWheelUnit::Line,
                delta: vec2(0.0, -LINES_A_NOTCH * notches.signum() as f32),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Unknown,
                modifiers: Modifiers::NONE,
            });
        }
        // Let the scrolling run out.
        self.harness.run_steps(30);
        self.settle();
    }

    /// Presses or releases the main button at a place in the window.
    pub fn button(&mut self, at: Pos2, pressed: bool) {
        self.harness.event(Event::PointerMoved(at));
        let modifiers = Modifiers::NONE;
        self.harness.event(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
        self.harness.step();
    }

    /// Double-clicks. A second passes first, so that this is not counted together with an earlier click.
    pub fn double_click(&mut self, at: Pos2) {
        self.harness.run_steps(60);
        for pressed in [true, false, true, false] {
            self.button(at, pressed);
        }
        self.harness.run_steps(2);
    }

    /// Where the canvas shows a pixel of the photo.
    #[track_caller]
    pub fn of_photo(&self, pixel: [f64; 2]) -> Pos2 {
        self.studio().screen_from_photo(pixel).expect("no photo is shown")
    }

    /// Where the canvas shows a point of the head, mm.
    #[track_caller]
    pub fn of_head(&self, point: DVec3) -> Pos2 {
        self.studio().screen_from_head(point).expect("the point is out of sight")
    }

    /// Clicks a pixel of the photo.
    #[track_caller]
    pub fn click_photo(&mut self, pixel: [f64; 2]) {
        // Hovering may bring up text that moves the photo: press where the pixel is afterwards.
        let hovered = self.of_photo(pixel);
        self.harness.hover_at(hovered);
        self.settle();
        let at = self.of_photo(pixel);
        self.click_at(at);
        self.settle();
    }

    /// Taps a pixel of the photo, as on a touch pad: the button is pressed and released within one frame.
    #[track_caller]
    pub fn tap_photo(&mut self, pixel: [f64; 2]) {
        let at = self.of_photo(pixel);
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.harness.hover_at(at);
        self.harness.step();
        self.harness.input_mut().events.extend([button(true), button(false)]);
        self.harness.step();
        self.settle();
    }

    /// Clicks a point of the head, mm.
    #[track_caller]
    pub fn click_head(&mut self, point: DVec3) {
        let at = self.of_head(point);
        self.click_at(at);
    }

    /// Where a pointer sent to this place arrives.
    fn reached(&self, at: Pos2) -> Pos2 {
        if self.whole_points { at.round() } else { at }
    }

    fn click_at(&mut self, at: Pos2) {
        let at = self.reached(at);
        self.record(Input::Click(at));
        self.harness.hover_at(at);
        self.harness.step();
        self.harness.drag_at(at);
        self.harness.step();
        self.harness.drop_at(at);
        self.harness.step();
    }

    /// Drags over these places in the window.
    pub fn drag(&mut self, places: &[Pos2]) {
        let places: Vec<Pos2> = places.iter().map(|&place| self.reached(place)).collect();
        self.record(Input::Drag(places.clone()));
        self.harness.hover_at(places[0]);
        self.harness.step();
        self.harness.drag_at(places[0]);
        self.harness.step();
        for &place in &places[1..] {
            self.harness.hover_at(place);
            self.harness.step();
        }
        self.harness.drop_at(*places.last().unwrap());
        self.settle();
    }

    /// Drags over these places on the head, mm.
    #[track_caller]
    pub fn drag_head(&mut self, path: &[DVec3]) {
        let places: Vec<Pos2> = path.iter().map(|&p| self.of_head(p)).collect();
        self.drag(&places);
    }

    /// Drags from a pixel of the photo to another.
    #[track_caller]
    pub fn drag_photo(&mut self, from: [f64; 2], to: [f64; 2]) {
        let between = |share: f64| self.of_photo(DVec2::from(from).lerp(to.into(), share).to_array());
        self.drag(&[0.0, 0.2, 0.6, 1.0].map(between));
    }

    /// Goes to the view with this name by the keyboard.
    #[track_caller]
    pub fn show_view(&mut self, name: &str) {
        for _ in 0..self.views().len() {
            if self.open_case().record().unwrap().name == name {
                return;
            }
            self.press(Key::PageDown);
        }
        panic!("no view {name}");
    }

    /// Drops files on the window.
    pub fn drop_files(&mut self, paths: &[PathBuf]) {
        let dropped = paths.iter().map(|path| Arc::new(Dropped(path.clone())) as egui::DroppedFileHandle);
        self.harness.input_mut().dropped_files = dropped.collect();
        self.harness.step();
        self.harness.input_mut().dropped_files.clear();
        self.settle();
    }
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|e| e.to_string())
    }
}
