//! The life of a case in the window, without a display: files opened, dropped and copied, pictures exported, commands
//! found, and the days on which things go wrong. Widgets are found by the names that a screen reader says.

#![cfg(feature = "studio")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;
use scalp_studio::studio::command::{ALL, Command};
use scalp_studio::studio::{Options, Studio};

/// A window with folders of its own.
struct Trial {
    folder: tempfile::TempDir,
    harness: Harness<'static, Studio>,
}

impl Trial {
    fn new() -> Self {
        Self::with(|_| Vec::new())
    }

    /// A window that is started with the paths that `prepare` gives.
    fn with(prepare: impl FnOnce(&Path) -> Vec<PathBuf>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["settings", "cases", "pictures"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let settings = format!(
            "cases_folder = {:?}\nexport_folder = {:?}\nphotos_folder = {:?}\nbuilt_in_dialogs = true\n",
            folder.path().join("cases"),
            folder.path().join("pictures"),
            folder.path()
        );
        fs::write(folder.path().join("settings/studio.toml"), settings).unwrap();
        let paths = prepare(folder.path());
        let harness = Self::window(folder.path(), paths);
        let mut trial = Self { folder, harness };
        trial.wait();
        trial
    }

    fn window(folder: &Path, paths: Vec<PathBuf>) -> Harness<'static, Studio> {
        let options = Options {
            paths,
            settings_folder: Some(folder.join("settings")),
            timings: false,
            limits: Limits::default(),
        };
        Harness::builder().with_size([1280.0, 800.0]).build_eframe(move |cc| Studio::new(&cc.egui_ctx, options))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Frames until nothing is under way.
    fn wait(&mut self) {
        let hangs = Instant::now() + Duration::from_secs(300);
        let mut quiet = 0;
        while quiet < 3 {
            self.harness.step();
            quiet = if self.harness.state().busy() { 0 } else { quiet + 1 };
            assert!(Instant::now() < hangs, "the window is still busy");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        // A dialog needs some frames until it is where it stays.
        self.harness.run_steps(4);
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        // Pressed, let go, done, shown.
        self.harness.run_steps(4);
    }

    /// Replaces what stands in a field.
    fn write(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, field).focus();
        self.harness.step();
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.step();
        self.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        self.harness.step();
        self.harness.step();
    }

    /// Asks for a command by its shortcut.
    fn ask(&mut self, command: Command) {
        let shortcut = command.shortcut().unwrap();
        self.keys(shortcut.modifiers, shortcut.logical_key);
    }

    fn drop_files(&mut self, paths: &[PathBuf]) {
        let dropped = paths.iter().map(|path| Arc::new(Dropped(path.clone())) as egui::DroppedFileHandle);
        self.harness.input_mut().dropped_files = dropped.collect();
        self.harness.step();
        self.harness.input_mut().dropped_files.clear();
        self.wait();
    }

    fn says(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    #[track_caller]
    fn must_say(&self, text: &str) {
        assert!(self.says(text), "the window does not say {text:?}; it says {:?}", self.labels());
    }

    fn labels(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes.filter_map(|n| n.accesskit_node().label()).filter(|l| l.len() > 14).collect()
    }

    fn case(&self) -> &Case {
        self.harness.state().desk().expect("a case is open").case()
    }

    fn views(&self) -> Vec<String> {
        self.case().document().views.iter().map(|v| v.name.clone()).collect()
    }

    /// Everything that can be clicked or typed into has a name in letters, an icon is none.
    #[track_caller]
    fn check_names(&self, place: &str) {
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
        assert!(count > 3, "{place}: the tree has something to check");
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

fn sample_case(path: &Path) {
    Case::create(path, sample::views().unwrap(), &Start::default(), Existing::Refuse, &Limits::default()).unwrap();
}

/// A window with the sample open from a file of its own.
fn with_sample() -> Trial {
    Trial::with(|folder| {
        let path = folder.join("cases/anna.scalp");
        sample_case(&path);
        vec![path]
    })
}

fn photo(name: &str) -> Vec<u8> {
    sample::views().unwrap().into_iter().find(|v| v.name == name).unwrap().bytes
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_case_is_opened_saved_as_and_duplicated_through_the_built_in_dialog() {
    let mut trial = Trial::with(|folder| {
        sample_case(&folder.join("cases/anna.scalp"));
        Vec::new()
    });
    trial.ask(Command::Open);
    trial.check_names("open");
    trial.click("anna.scalp");
    trial.click("Open");
    trial.wait();
    assert_eq!(trial.case().path().file_name().unwrap(), "anna.scalp");
    assert_eq!(trial.views().len(), 5);

    trial.ask(Command::TurnLeft);
    trial.ask(Command::SaveAs);
    trial.check_names("save as");
    trial.write("File name", "berta");
    trial.click("Save");
    trial.wait();
    assert_eq!(trial.case().path().file_name().unwrap(), "berta.scalp", "the window goes on in the copy");
    assert!(trial.case().undo_name().unwrap().starts_with("Turn photo"), "undo steps come along");

    trial.ask(Command::Duplicate);
    trial.write("File name", "clara.scalp");
    trial.keys(Modifiers::NONE, Key::Enter);
    trial.wait();
    assert_eq!(trial.case().path().file_name().unwrap(), "berta.scalp", "the window stays");
    let copy = Case::open(&trial.path("cases/clara.scalp")).unwrap();
    assert_eq!(copy.document(), trial.case().document());

    // A name that is taken is asked about before anything is lost.
    let before = fs::read(trial.path("cases/anna.scalp")).unwrap();
    trial.ask(Command::Duplicate);
    trial.write("File name", "anna");
    trial.click("Save");
    trial.must_say("A file of this name exists");
    trial.keys(Modifiers::NONE, Key::Escape);
    assert_eq!(fs::read(trial.path("cases/anna.scalp")).unwrap(), before);
}

#[test]
fn photos_are_dropped_several_at_once_and_what_is_none_is_one_sentence() {
    let mut trial = Trial::new();
    let (front, left) = (trial.path("Eva front.jpg"), trial.path("Eva left45.jpg"));
    fs::write(&front, photo("front")).unwrap();
    fs::write(&left, photo("left-oblique")).unwrap();
    trial.drop_files(&[front.clone(), left]);
    assert_eq!(trial.views(), ["front", "left-oblique"]);
    assert_eq!(trial.case().path().parent().unwrap(), trial.path("cases"));
    assert_eq!(trial.case().path().file_stem().unwrap(), "Eva front");

    let (text, empty, folder) = (trial.path("notes.txt"), trial.path("empty.jpg"), trial.path("photos"));
    fs::write(&text, "not a photo").unwrap();
    fs::write(&empty, "").unwrap();
    fs::create_dir(&folder).unwrap();
    for (path, sentence) in [
        (text, "Not a photo this program can read"),
        (empty, "The file is empty"),
        (folder, "This is a folder"),
        (trial.path("gone.scalp"), "There is no such case file"),
    ] {
        trial.drop_files(&[path]);
        trial.must_say(sentence);
        assert_eq!(trial.views().len(), 2, "nothing was added or lost");
    }
    // A good one among bad ones is added.
    trial.drop_files(&[trial.path("notes.txt"), front]);
    assert_eq!(trial.views().len(), 3);
}

#[test]
fn exported_pictures_equal_those_of_the_command_line() {
    let mut trial = with_sample();
    let case = trial.case().path().to_owned();
    for (note, step, arguments) in [
        (true, "Healed", &["--session", "3", "--age", "28d", "--note"][..]),
        (false, "2 years", &["--session", "3", "--age", "2y"]),
    ] {
        trial.ask(Command::Export);
        trial.check_names("export");
        if !note {
            trial.click("Write “Simulation, not a promise” below the picture");
        }
        trial.click("This photo (front)");
        if step != "Healed" {
            trial.click("Step");
            // The last: the row below the photo has a button of that name.
            trial.harness.get_all_by_label(step).last().unwrap().click();
            trial.harness.run_steps(2);
        }
        trial.write("Name", "{view} {step}");
        trial.click("Export");
        trial.wait();
        trial.must_say("Exported: ");
        let exported = trial.path("pictures").join(format!("front {}.jpg", step.to_lowercase()));
        let rendered = trial.path("rendered.jpg");
        let done = Process::new(env!("CARGO_BIN_EXE_scalp-studio"))
            .arg("render")
            .arg(&case)
            .args(["--view", "front", "-o"])
            .arg(&rendered)
            .args(arguments)
            .status();
        assert!(done.unwrap().success());
        assert!(fs::read(exported).unwrap() == fs::read(rendered).unwrap(), "note {note}, {step}: bytes differ");
    }
    // The same again replaces nothing.
    trial.ask(Command::Export);
    trial.click("Export");
    trial.wait();
    let names: Vec<_> =
        files_in(&trial.path("pictures")).into_iter().map(|p| p.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["front 2 years.jpg", "front healed 2.jpg", "front healed.jpg"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_said_and_nothing_is_left() {
    let mut trial = with_sample();
    // A missing folder refuses writers of every privilege, a write-protected one does not stop root.
    fs::remove_dir(trial.path("pictures")).unwrap();
    trial.ask(Command::Export);
    trial.click("This photo (front)");
    trial.click("Export");
    trial.wait();
    trial.must_say("The export stopped");
    trial.must_say("The folder does not exist");
    assert!(!trial.path("pictures").exists());

    use std::os::unix::fs::PermissionsExt;
    fs::create_dir(trial.path("pictures")).unwrap();
    fs::set_permissions(trial.path("pictures"), fs::Permissions::from_mode(0o555)).unwrap();
    let protected = fs::write(trial.path("pictures/probe"), "x").is_err();
    if protected {
        trial.ask(Command::Export);
        trial.click("Export");
        trial.wait();
        trial.must_say("The file could not be written");
        assert_eq!(files_in(&trial.path("pictures")), Vec::<PathBuf>::new());
    }
    fs::set_permissions(trial.path("pictures"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_case_changed_by_another_copy_is_offered_to_be_reloaded() {
    let mut trial = with_sample();
    let path = trial.case().path().to_owned();
    let mut other = Case::open(&path).unwrap();
    other.remove_view(4).unwrap();
    drop(other);
    trial.ask(Command::TurnLeft);
    trial.must_say("The case was changed elsewhere");
    trial.check_names("reload");
    assert_eq!(trial.views().len(), 5, "what is shown stays until it is reloaded");
    trial.click("Reload");
    trial.wait();
    assert_eq!(trial.views().len(), 4, "the other's change was not overwritten");
    trial.ask(Command::TurnLeft);
    assert!(trial.case().undo_name().unwrap().starts_with("Turn photo"), "work goes on");
}

#[test]
fn what_cannot_be_undone_is_asked_first() {
    let mut trial = with_sample();
    trial.ask(Command::TurnLeft);
    let turned = trial.case().document().clone();
    for (command, heading, stay) in [
        (Command::ForgetHistory, "Erase the history?", "Keep the history"),
        (Command::Revert, "Revert this case?", "Leave it"),
    ] {
        trial.keys(Modifiers::COMMAND, Key::K);
        trial.write("Find a command", command.text());
        trial.keys(Modifiers::NONE, Key::Enter);
        trial.must_say(heading);
        trial.check_names(heading);
        trial.click(stay);
        assert!(trial.case().undo_name().is_some());
        assert_eq!(*trial.case().document(), turned);
    }
    trial.keys(Modifiers::COMMAND, Key::K);
    trial.write("Find a command", "Revert");
    trial.keys(Modifiers::NONE, Key::Enter);
    trial.click("Revert");
    assert_ne!(*trial.case().document(), turned);
    assert_eq!(trial.case().undo_name(), Some("Revert"));
}

#[test]
fn a_read_only_case_says_why_and_offers_a_copy() {
    let mut trial = Trial::with(|folder| {
        let path = folder.join("cases/newer.scalp");
        sample_case(&path);
        // Bytes 60 to 63 of an SQLite file are the user version, here that of the format.
        let mut bytes = fs::read(&path).unwrap();
        bytes[63] = 99;
        fs::write(&path, bytes).unwrap();
        vec![path]
    });
    trial.must_say("a newer version of Scalp Studio made it");
    trial.check_names("read-only case");
    trial.click("Save a copy and go on in it…");
    trial.must_say("Save as");
}

#[test]
fn the_palette_finds_every_command_and_runs_it() {
    let mut trial = with_sample();
    let buttons = |trial: &Trial, text: &str| {
        let named = trial.harness.query_all_by_label_contains(text);
        named.filter(|n| n.accesskit_node().role() == Role::Button).count()
    };
    for command in ALL {
        // Some have an icon in the window as well.
        let icons = buttons(&trial, command.text());
        trial.keys(Modifiers::COMMAND, Key::K);
        trial.write("Find a command", command.text());
        assert!(buttons(&trial, command.text()) > icons, "{} is not found", command.text());
        trial.keys(Modifiers::NONE, Key::Escape);
        assert!(trial.harness.query_by_label("Find a command").is_none(), "Escape closes the palette");
    }
    trial.keys(Modifiers::COMMAND, Key::K);
    trial.check_names("palette");
    // A part of the name, in the middle of it.
    trial.write("Find a command", "photo right");
    trial.keys(Modifiers::NONE, Key::Escape);
    trial.keys(Modifiers::COMMAND, Key::K);
    trial.write("Find a command", "tnphri");
    trial.keys(Modifiers::NONE, Key::Enter);
    assert_eq!(trial.case().undo_name(), Some("Turn photo front"));
    trial.keys(Modifiers::COMMAND, Key::K);
    trial.write("Find a command", "photo: back");
    trial.keys(Modifiers::NONE, Key::Enter);
    let shown = trial.harness.state().desk().unwrap().record().unwrap().name.clone();
    assert_eq!(shown, "back");
}

#[test]
fn what_cannot_be_done_is_in_the_palette_with_its_reason() {
    let mut trial = Trial::new();
    trial.keys(Modifiers::COMMAND, Key::K);
    trial.write("Find a command", "Turn photo left");
    trial.must_say("open a case first");
    trial.keys(Modifiers::NONE, Key::Enter);
    assert!(trial.harness.query_by_label("Find a command").is_some(), "Enter does not run it");
}

#[test]
fn help_shows_every_shortcut() {
    let mut trial = with_sample();
    trial.ask(Command::Help);
    trial.check_names("help");
    trial.must_say("How to begin");
    for command in ALL.iter().filter(|c| c.shortcut().is_some()) {
        trial.must_say(command.tip());
    }
    trial.click("Close");
    assert!(!trial.says("How to begin"));
}

#[test]
fn recent_cases_can_be_opened_and_those_that_are_gone_say_so() {
    let mut trial = with_sample();
    trial.check_names("open case");
    let path = trial.case().path().to_owned();
    trial.ask(Command::CloseCase);
    trial.check_names("welcome");
    trial.click("anna");
    trial.wait();
    assert_eq!(trial.case().path(), path);
    trial.ask(Command::CloseCase);
    fs::remove_file(&path).unwrap();
    trial.ask(Command::OpenSample);
    trial.wait();
    assert_eq!(trial.case().path().file_stem().unwrap(), "Sample client");
    trial.ask(Command::CloseCase);
    assert!(trial.harness.get_by_label("anna").accesskit_node().is_disabled());
    assert!(!trial.harness.get_by_label("Sample client").accesskit_node().is_disabled());
}

#[test]
fn broken_settings_are_put_aside_with_a_word() {
    let trial = Trial::with(|folder| {
        fs::write(folder.join("settings/studio.toml"), "recent = 7").unwrap();
        Vec::new()
    });
    trial.must_say("settings could not be read");
    assert_eq!(fs::read_to_string(trial.path("settings/studio.toml.broken")).unwrap(), "recent = 7");
}

#[test]
fn a_new_case_gets_the_name_that_is_given() {
    let mut trial = Trial::new();
    trial.ask(Command::NewCase);
    trial.write("File name", "Dora");
    trial.click("Save");
    assert_eq!(trial.case().path(), trial.path("cases/Dora.scalp"));
    trial.check_names("empty case");
    trial.ask(Command::AddPhotos);
    let front = trial.path("front.jpg");
    fs::write(&front, photo("front")).unwrap();
    trial.write("Name or path", front.to_str().unwrap());
    trial.click("Open");
    trial.wait();
    assert_eq!(trial.views(), ["front"]);
}

#[test]
fn closing_the_window_during_an_export_asks_and_leaves_no_half_file() {
    let mut trial = with_sample();
    trial.ask(Command::Export);
    trial.click("Export");
    let root = egui::ViewportId::ROOT;
    trial.harness.input_mut().viewports.get_mut(&root).unwrap().events.push(egui::ViewportEvent::Close);
    trial.harness.step();
    let commands = |trial: &Trial| trial.harness.output().viewport_output[&root].commands.clone();
    assert!(commands(&trial).contains(&egui::ViewportCommand::CancelClose), "the window stays for the moment");
    trial.harness.input_mut().viewports.get_mut(&root).unwrap().events.clear();
    trial.harness.step();
    trial.must_say("Something is still being written");
    trial.check_names("closing");
    trial.click("Stop it and close");
    let hangs = Instant::now() + Duration::from_secs(300);
    while !commands(&trial).contains(&egui::ViewportCommand::Close) {
        assert!(Instant::now() < hangs, "the window does not close");
        trial.harness.step();
    }
    for file in files_in(&trial.path("pictures")) {
        assert_eq!(file.extension().unwrap(), "jpg", "no temporary file is left: {}", file.display());
        assert!(scalp_studio::photo::read(&file, &Limits::default()).is_ok(), "{} is whole", file.display());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_program_says_so_and_ends() {
    let ended = Process::new(env!("CARGO_BIN_EXE_scalp-studio"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(3));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("there is no display"), "{said}");
}
