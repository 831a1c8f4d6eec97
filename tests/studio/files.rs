//! The life of a case in the window, without a display: files opened, dropped and copied, pictures exported, commands
//! found, and the days on which things go wrong. Widgets are found by the names that a screen reader says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use crate::window::{Setup, Window, files_in, newer_case, photo, sample_case};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use scalp_studio::case::Case;
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;
use scalp_studio::skin::settings::Outlook;
use scalp_studio::studio::session::command::{Command, all};

/// Long frames: messages go by themselves within a few of them.
const SETUP: Setup = Setup { step_s: 0.25, ..Setup::USUAL };

/// A window that is started with the paths that `prepare` gives.
fn with(prepare: impl FnOnce(&Path) -> Vec<PathBuf>) -> Window {
    Window::start(SETUP, prepare)
}

fn empty() -> Window {
    with(|_| Vec::new())
}

/// A window with the sample open from a file of its own.
fn with_sample() -> Window {
    Window::on_sample_with(SETUP)
}

const ROOT: egui::ViewportId = egui::ViewportId::ROOT;

fn window_commands(window: &Window) -> Vec<egui::ViewportCommand> {
    window.harness.output().viewport_output[&ROOT].commands.clone()
}

/// The desktop asks the window to close while something is being written.
fn ask_to_close(window: &mut Window) {
    window.harness.input_mut().viewports.get_mut(&ROOT).unwrap().events.push(egui::ViewportEvent::Close);
    window.harness.step();
    let stays = window_commands(window).contains(&egui::ViewportCommand::CancelClose);
    assert!(stays, "the window stays for the moment");
    window.harness.input_mut().viewports.get_mut(&ROOT).unwrap().events.clear();
    window.harness.step();
}

fn wait_for_close(window: &mut Window) {
    window
        .frames_until("the window to close", |window| window_commands(window).contains(&egui::ViewportCommand::Close));
}

#[test]
fn a_case_is_opened_saved_as_and_duplicated_through_the_built_in_dialog() {
    let mut window = with(|folder| {
        sample_case(&folder.join("cases/anna.scalp"));
        Vec::new()
    });
    window.ask(Command::Open);
    window.settle();
    window.check_names("open");
    window.tap("anna.scalp");
    window.tap("Open");
    window.settle();
    assert_eq!(window.case().path().file_name().unwrap(), "anna.scalp");
    assert_eq!(window.views().len(), 5);

    window.ask(Command::TurnLeft);
    window.ask_by_name("Outlook: strong");
    window.ask(Command::SaveAs);
    window.settle();
    window.check_names("save as");
    window.write("File name", "berta");
    window.tap("Save");
    window.settle();
    assert_eq!(window.case().path().file_name().unwrap(), "berta.scalp", "the window goes on in the copy");
    assert!(window.case().undo_name().unwrap().starts_with("Turn photo"), "undo steps come along");
    assert_eq!(window.open_case().outlook, Outlook::Strong, "what is shown stays the same");

    window.ask(Command::Duplicate);

    window.settle();
    window.write("File name", "clara.scalp");
    window.keys(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(window.case().path().file_name().unwrap(), "berta.scalp", "the window stays");
    let copy = Case::open(&window.path("cases/clara.scalp")).unwrap();
    assert_eq!(copy.document(), window.case().document());

    // A name that is taken is asked about before anything is lost.
    let before = fs::read(window.path("cases/anna.scalp")).unwrap();
    window.ask(Command::Duplicate);
    window.settle();
    window.write("File name", "anna");
    window.tap("Save");
    window.settle();
    window.must_say("A file with this name exists");
    window.must_say(&window.path("cases/anna.scalp").display().to_string());
    window.check_names("replace");
    window.keys(Modifiers::NONE, Key::Escape);
    assert_eq!(fs::read(window.path("cases/anna.scalp")).unwrap(), before);
    // The dialog is there again, for another name.
    window.write("File name", "anna");
    window.tap("Save");
    window.settle();
    window.tap("Choose another name");
    window.settle();
    window.write("File name", "anna.scalp");
    window.tap("Save");
    window.settle();
    assert_eq!(fs::read(window.path("cases/anna.scalp")).unwrap(), before);
    window.tap("Replace it");
    window.settle();
    let copy = Case::open(&window.path("cases/anna.scalp")).unwrap();
    assert_eq!(copy.document(), window.case().document());
    assert!(copy.undo_name().unwrap().starts_with("Turn photo"));
}

/// What another case's crash left beside this one.
#[test]
fn a_journal_that_is_not_the_cases_own_is_moved_aside_with_a_word() {
    let mut window = with(|folder| {
        let (anna, berta) = (folder.join("cases/anna.scalp"), folder.join("cases/berta.scalp"));
        drop(Case::create_empty(&anna, Existing::Refuse).unwrap());
        drop(Case::create_empty(&berta, Existing::Refuse).unwrap());
        let connection = rusqlite::Connection::open(&berta).unwrap();
        connection.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
        connection.execute("UPDATE document SET revision = revision + 1", ()).unwrap();
        connection.execute("UPDATE document SET json = ?1", ["x".repeat(300_000)]).unwrap();
        fs::copy(folder.join("cases/berta.scalp-journal"), folder.join("cases/anna.scalp-journal")).unwrap();
        Vec::new()
    });
    let anna = window.path("cases/anna.scalp");
    let before = fs::read(&anna).unwrap();
    window.drop_files(std::slice::from_ref(&anna));
    window.must_say("moved aside, to anna.scalp-journal-left-over");
    assert_eq!(window.case().path(), anna);
    assert!(window.path("cases/anna.scalp-journal-left-over").is_file());
    assert!(fs::read(&anna).unwrap() == before, "not a byte is changed");
}

#[test]
fn photos_are_dropped_several_at_once_and_what_is_none_is_one_sentence() {
    let mut window = empty();
    let (front, left) = (window.path("Eva front.jpg"), window.path("Eva left45.jpg"));
    fs::write(&front, photo("front")).unwrap();
    fs::write(&left, photo("left-oblique")).unwrap();
    window.drop_files(&[front.clone(), left]);
    assert_eq!(window.views(), ["front", "left-oblique"]);
    assert_eq!(window.case().path().parent().unwrap(), window.path("cases"));
    assert_eq!(window.case().path().file_stem().unwrap(), "Eva");

    let (text, empty, folder) = (window.path("notes.txt"), window.path("empty.jpg"), window.path("photos"));
    fs::write(&text, "not a photo").unwrap();
    fs::write(&empty, "").unwrap();
    fs::create_dir(&folder).unwrap();
    for (path, sentence) in [
        (text, "Not a photo this program can read"),
        (empty, "The file is empty"),
        (folder, "This is a folder"),
        (window.path("gone.scalp"), "There is no such case file"),
    ] {
        window.drop_files(&[path]);
        window.must_say(sentence);
        assert_eq!(window.views().len(), 2, "nothing was added or lost");
    }
    // A good one among bad ones is added.
    window.drop_files(&[window.path("notes.txt"), front]);
    assert_eq!(window.views().len(), 3);
}

#[test]
fn exported_pictures_equal_those_of_the_command_line() {
    let mut window = with_sample();
    let case = window.case().path().to_owned();
    for (note, step, arguments) in [
        (true, "Healed", &["--session", "3", "--age", "28d", "--note"][..]),
        (false, "2 years", &["--session", "3", "--age", "2y"]),
    ] {
        window.ask(Command::Export);
        window.check_names("export");
        if !note {
            window.tap("Write “Simulation, not a promise” below the picture");
        }
        window.tap("This photo (front)");
        if step != "Healed" {
            window.tap("Step");
            // The last: the row below the photo has a button of that name.
            window.harness.get_all_by_label(step).last().unwrap().click();
            window.harness.run_steps(2);
        }
        window.write("Name", "{view} {step}");
        window.tap("Export");
        window.settle();
        window.must_say("Exported: ");
        let exported = window.path("pictures").join(format!("front {}.jpg", step.to_lowercase()));
        let rendered = window.path("rendered.jpg");
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
    window.ask(Command::Export);
    window.tap("Export");
    window.settle();
    let names: Vec<_> =
        files_in(&window.path("pictures")).into_iter().map(|p| p.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["front 2 years.jpg", "front healed 2.jpg", "front healed.jpg"]);
}

#[test]
fn what_is_handed_over_goes_into_the_client_s_folder_as_the_command_line_makes_it() {
    let mut window = with_sample();
    let case = window.case().path().to_owned();
    window.ask(Command::HandOver);
    window.check_names("hand over");
    let disabled = window.node(Role::CheckBox, "Session dates (calendar)").accesskit_node().is_disabled();
    assert!(disabled, "no day is agreed");
    window.tap("Page to view at home (HTML)");
    window.tap("Quote (PDF)");
    window.tap("Create");
    window.settle();
    window.must_say("3 documents handed over in ");
    let folder = window.path("pictures").join(case.file_stem().unwrap());
    let names: Vec<_> = files_in(&folder).into_iter().map(|p| p.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["quote.pdf", "report.pdf", "template.pdf"]);
    for product in ["report", "template"] {
        let made = window.path(&format!("{product}.pdf"));
        let done = Process::new(env!("CARGO_BIN_EXE_scalp-studio"))
            .arg("export")
            .arg(&case)
            .args([product, "-o"])
            .arg(&made)
            .status();
        assert!(done.unwrap().success());
        let same = fs::read(folder.join(format!("{product}.pdf"))).unwrap() == fs::read(made).unwrap();
        assert!(same, "{product}");
    }
    // The same again replaces nothing, and stopping it leaves nothing.
    window.ask(Command::HandOver);
    window.tap("Create");
    window.tap("Cancel");
    window.settle();
    window.must_say("nothing was written");
    assert_eq!(files_in(&folder).len(), 3);
}

#[test]
fn the_export_dialog_keeps_its_places_and_disables_what_does_not_apply() {
    let mut window = with_sample();
    window.ask_by_name("Outlook: strong");
    window.ask(Command::Export);
    window.must_say("Outlook: strong");
    let disabled = |window: &Window, role, label| window.node(role, label).accesskit_node().is_disabled();
    let place = |window: &Window| window.node(Role::Button, "Export").rect();
    let before = place(&window);
    for format in ["PNG", "WebP", "TIFF", "JPEG"] {
        window.tap(format);
        assert_eq!(place(&window), before, "{format} moves the button");
        assert_eq!(disabled(&window, Role::SpinButton, "Quality"), format != "JPEG");
    }
    for kind in ["Before", "Before and after", "Session by session", "From near and far", "Dots only", "Result"] {
        window.harness.get_all_by_label(kind).last().unwrap().click();
        window.harness.run_steps(4);
        assert_eq!(place(&window), before, "{kind} moves the button");
        for list in ["Step", "Variant"] {
            assert_eq!(disabled(&window, Role::ComboBox, list), kind == "Before", "{list} of {kind}");
        }
    }
}

#[test]
fn exported_pictures_of_two_variants_have_names_of_their_own() {
    let mut window = with_sample();
    let names = |window: &Window| -> Vec<String> {
        let files = files_in(&window.path("pictures")).into_iter();
        files.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    let export = |window: &mut Window| {
        window.ask(Command::Export);
        window.tap("This photo (front)");
        window.tap("Export");
        window.settle();
    };
    export(&mut window);
    assert_eq!(names(&window), ["anna front healed.jpg"], "a single plan needs no letter");
    window.ask(Command::CopyVariant);
    window.settle();
    export(&mut window);
    window.ask(Command::Export);
    window.must_say("for example anna front B healed.jpg");
    assert_eq!(names(&window), ["anna front B healed.jpg", "anna front healed.jpg"]);
    // A pattern that was written stays.
    window.write("Name", "{view}");
    window.tap("Cancel");
    window.ask(Command::Export);
    window.must_say("for example front.jpg");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_said_and_nothing_is_left() {
    let mut window = with_sample();
    // A missing folder refuses writers of every privilege, a write-protected one does not stop root.
    fs::remove_dir(window.path("pictures")).unwrap();
    window.ask(Command::Export);
    window.tap("This photo (front)");
    window.tap("Export");
    window.settle();
    window.must_say("The export stopped");
    window.must_say("The folder does not exist");
    assert!(!window.path("pictures").exists());

    use std::os::unix::fs::PermissionsExt;
    fs::create_dir(window.path("pictures")).unwrap();
    fs::set_permissions(window.path("pictures"), fs::Permissions::from_mode(0o555)).unwrap();
    let protected = fs::write(window.path("pictures/probe"), "x").is_err();
    if protected {
        window.ask(Command::Export);
        window.tap("Export");
        window.settle();
        window.must_say("The file could not be written");
        assert_eq!(files_in(&window.path("pictures")), Vec::<PathBuf>::new());
    }
    fs::set_permissions(window.path("pictures"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_case_changed_by_another_copy_is_offered_to_be_reloaded() {
    let mut window = with_sample();
    let path = window.case().path().to_owned();
    let mut other = Case::open(&path).unwrap();
    other.remove_view(4).unwrap();
    drop(other);
    window.ask(Command::TurnLeft);
    window.must_say("The case was changed elsewhere");
    window.check_names("reload");
    assert_eq!(window.views().len(), 5, "what is shown stays until it is reloaded");
    window.tap("Reload");
    window.settle();
    assert_eq!(window.views().len(), 4, "the other's change was not overwritten");
    window.ask(Command::TurnLeft);
    assert!(window.case().undo_name().unwrap().starts_with("Turn photo"), "work goes on");
}

#[test]
fn what_cannot_be_undone_is_asked_first() {
    let mut window = with_sample();
    window.ask(Command::TurnLeft);
    let turned = window.case().document().clone();
    for (command, heading, stay) in [
        (Command::ForgetHistory, "Erase the history?", "Keep the history"),
        (Command::Revert, "Revert this case?", "Leave it"),
    ] {
        window.keys(Modifiers::COMMAND, Key::K);
        window.write("Find a command", command.text());
        window.keys(Modifiers::NONE, Key::Enter);
        window.must_say(heading);
        window.check_names(heading);
        window.tap(stay);
        assert!(window.case().undo_name().is_some());
        assert_eq!(*window.case().document(), turned);
    }
    window.keys(Modifiers::COMMAND, Key::K);
    window.write("Find a command", "Revert");
    window.keys(Modifiers::NONE, Key::Enter);
    window.tap("Revert");
    assert_ne!(*window.case().document(), turned);
    assert_eq!(window.case().undo_name(), Some("Revert"));
}

#[test]
fn a_read_only_case_says_why_and_offers_a_copy() {
    let mut window = with(|folder| {
        let path = folder.join("cases/newer.scalp");
        newer_case(&path);
        vec![path]
    });
    window.must_say("a newer version of Scalp Studio made it");
    window.check_names("read-only case");
    window.tap("Save a copy and continue in it…");
    window.settle();
    window.must_say("Save as");
}

#[test]
fn the_palette_finds_every_command_and_runs_it() {
    let mut window = with_sample();
    let buttons = |window: &Window, text: &str| {
        let named = window.harness.query_all_by_label_contains(text);
        named.filter(|n| n.accesskit_node().role() == Role::Button).count()
    };
    for command in all() {
        // Some have an icon in the window as well.
        let icons = buttons(&window, command.text());
        window.keys(Modifiers::COMMAND, Key::K);
        window.write("Find a command", command.text());
        assert!(buttons(&window, command.text()) > icons, "{} is not found", command.text());
        window.keys(Modifiers::NONE, Key::Escape);
        assert!(window.harness.query_by_label("Find a command").is_none(), "Escape closes the palette");
    }
    window.keys(Modifiers::COMMAND, Key::K);
    window.check_names("palette");
    // A part of the name, in the middle of it.
    window.write("Find a command", "photo right");
    window.keys(Modifiers::NONE, Key::Escape);
    window.keys(Modifiers::COMMAND, Key::K);
    window.write("Find a command", "tnphri");
    window.keys(Modifiers::NONE, Key::Enter);
    assert_eq!(window.case().undo_name(), Some("Turn photo front"));
    window.keys(Modifiers::COMMAND, Key::K);
    window.write("Find a command", "photo: back");
    window.keys(Modifiers::NONE, Key::Enter);
    let shown = window.harness.state().case().unwrap().record().unwrap().name.clone();
    assert_eq!(shown, "back");
}

#[test]
fn what_cannot_be_done_is_in_the_palette_with_its_reason() {
    let mut window = empty();
    window.keys(Modifiers::COMMAND, Key::K);
    window.write("Find a command", "Turn photo left");
    window.must_say("open a case first");
    window.keys(Modifiers::NONE, Key::Enter);
    assert!(window.harness.query_by_label("Find a command").is_some(), "Enter does not run it");
}

#[test]
fn help_shows_every_shortcut() {
    let mut window = with_sample();
    window.ask(Command::Help);
    window.check_names("help");
    window.must_say("How to begin");
    for command in all().iter().filter(|c| c.shortcut().is_some()) {
        window.must_say(command.tip());
    }
    window.tap("Close");
    assert!(!window.says("How to begin"));
}

#[test]
fn recent_cases_can_be_opened_and_those_that_are_gone_say_so() {
    let mut window = with_sample();
    window.check_names("open case");
    let path = window.case().path().to_owned();
    window.ask(Command::CloseCase);
    window.check_names("welcome");
    window.tap("anna");
    window.settle();
    assert_eq!(window.case().path(), path);
    window.ask(Command::CloseCase);
    fs::remove_file(&path).unwrap();
    window.ask(Command::OpenSample);
    window.settle();
    assert_eq!(window.case().path().file_stem().unwrap(), "Sample client");
    window.ask(Command::CloseCase);
    assert!(window.harness.get_by_label("anna").accesskit_node().is_disabled());
    assert!(!window.harness.get_by_label("Sample client").accesskit_node().is_disabled());
}

#[test]
fn broken_settings_are_put_aside_with_a_word() {
    let window = with(|folder| {
        fs::write(folder.join("settings/studio.toml"), "recent = 7").unwrap();
        Vec::new()
    });
    window.must_say("settings could not be read");
    assert_eq!(fs::read_to_string(window.path("settings/studio.toml.broken")).unwrap(), "recent = 7");
}

#[test]
fn a_new_case_gets_the_name_that_is_given() {
    let mut window = empty();
    window.ask(Command::NewCase);
    window.settle();
    window.must_say("New case: what is the client called?");
    window.must_say(&window.path("cases").display().to_string());
    window.write("Client's name", "Dora");
    window.tap("Save");
    window.settle();
    assert_eq!(window.case().path(), window.path("cases/Dora.scalp"));
    window.must_say(&format!("New case, kept in {}", window.path("cases/Dora.scalp").display()));
    window.check_names("empty case");
    window.must_say("Drop this client's photos here");
    window.ask(Command::AddPhotos);
    window.settle();
    let front = window.path("front.jpg");
    fs::write(&front, photo("front")).unwrap();
    window.write("Name or path", front.to_str().unwrap());
    window.tap("Open");
    window.settle();
    assert_eq!(window.views(), ["front"]);
}

#[test]
fn a_case_that_photos_began_says_where_it_is_kept_and_takes_the_client_s_name() {
    let mut window = empty();
    let front = window.path("front.jpg");
    fs::write(&front, photo("front")).unwrap();
    window.drop_files(&[front]);
    let before = window.case().path().to_owned();
    window.must_say(&format!("New case, kept in {}", window.path("cases").display()));
    window.write("Client's name", "María / López");
    window.tap("Keep this name");
    window.settle();
    let path = window.path("cases/María López.scalp");
    assert_eq!(window.case().path(), path);
    // The hidden file says who has the case open.
    let hidden = window.path("cases/.María López.scalp.open");
    assert_eq!(files_in(&window.path("cases")), [hidden, path.clone()], "{} should be gone", before.display());
    assert_eq!(window.views(), ["front"]);
    assert!(!window.says("Client's name"), "asked once");
    // A second one is left as it is called.
    window.ask(Command::CloseCase);
    window.settle();
    assert!(window.harness.query_by_label("María López").is_some(), "among the recent ones");
    let other = window.path("other.jpg");
    fs::write(&other, photo("front")).unwrap();
    window.drop_files(&[other]);
    let called = window.case().path().to_owned();
    window.tap("Name the case later");
    assert!(!window.says("Client's name"));
    assert_eq!(window.case().path(), called);
    let cases =
        files_in(&window.path("cases")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "scalp"));
    assert_eq!(cases.count(), 2);
}

#[test]
fn recent_cases_have_a_picture_and_a_day() {
    let mut window = Window::on_sample();
    // One at a time, and kept in the case.
    for _ in 0..window.views().len() {
        window.settle();
    }
    let path = window.case().path().to_owned();
    window.ask(Command::CloseCase);
    window.settle();
    let cover = window.picture(&format!("cover {}", path.display()));
    let small = cover.values().next().unwrap();
    assert!(small.width().max(small.height()) >= 80, "{:?}", small.size);
    let button = window.harness.get_by_label("anna").rect();
    assert!(button.height() >= 44.0, "{button:?}");
    // What is no case has no picture, and looking changes nothing.
    let broken = window.path("cases/broken.scalp");
    fs::write(&broken, "no case").unwrap();
    assert_eq!(Case::cover(&broken), None);
    let bytes = fs::read(&path).unwrap();
    assert!(Case::cover(&path).is_some());
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_is_typed_replaces_the_name_that_was_proposed() {
    let mut window = empty();
    window.ask(Command::NewCase);
    window.settle();
    window.harness.event(egui::Event::Text("John D".to_owned()));
    window.harness.step();
    window.key(Key::Enter);
    window.settle();
    assert_eq!(window.case().path(), window.path("cases/John D.scalp"), "the ending stays");
    window.ask(Command::SaveAs);
    window.settle();
    window.harness.event(egui::Event::Text("Jo".to_owned()));
    window.harness.step();
    window.harness.event(egui::Event::Text("n".to_owned()));
    window.harness.step();
    window.key(Key::Enter);
    window.settle();
    assert_eq!(window.case().path(), window.path("cases/Jon.scalp"));
}

#[test]
fn photos_are_selected_up_to_another_and_come_in_the_order_of_views() {
    let mut window = empty();
    // By their names the front one is the last.
    for (name, view) in
        [("1 top.jpg", "top"), ("2 left.jpg", "left-oblique"), ("3 back.jpg", "back"), ("4 front.jpg", "front")]
    {
        fs::write(window.path(name), photo(view)).unwrap();
    }
    window.ask(Command::NewCase);
    window.settle();
    window.key(Key::Enter);
    window.settle();
    window.ask(Command::AddPhotos);
    window.settle();
    let disabled = |window: &Window| window.node(Role::Button, "First folder").accesskit_node().is_disabled();
    assert!(disabled(&window), "the dialog is in its first folder");
    window.tap("cases");
    window.settle();
    assert!(!disabled(&window));
    window.tap("First folder");
    window.settle();
    assert!(disabled(&window));

    let shift = |window: &mut Window, label: &str| {
        window.node(Role::Button, label).click_modifiers(Modifiers::SHIFT);
        window.harness.run_steps(4);
    };
    window.tap("4 front.jpg");
    shift(&mut window, "2 left.jpg");
    let field = |window: &Window| window.node(Role::TextInput, "Name or path").accesskit_node().value().unwrap();
    assert_eq!(field(&window), "2 left.jpg, 3 back.jpg, 4 front.jpg");
    shift(&mut window, "1 top.jpg");
    window.tap("Open");
    window.settle();
    assert_eq!(window.views(), ["front", "left-oblique", "top", "back"]);
    assert_eq!(window.open_case().record().unwrap().name, "front");
}

#[test]
fn a_problem_goes_after_a_while_unless_the_pointer_rests_on_it() {
    let mut window = empty();
    let text = window.path("notes.txt");
    fs::write(&text, "not a photo").unwrap();
    let sentence = "Not a photo this program can read";
    let seconds = |window: &mut Window, s: usize| window.harness.run_steps(4 * s);
    window.drop_files(&[text]);
    seconds(&mut window, 15);
    window.must_say(sentence);
    let place = window.harness.query_all_by_label_contains(sentence).next().unwrap().rect().center();
    window.harness.hover_at(place);
    seconds(&mut window, 60);
    window.must_say(sentence);
    window.harness.hover_at(egui::pos2(5.0, 500.0));
    seconds(&mut window, 25);
    assert!(!window.says(sentence));
}

#[test]
fn a_case_opens_on_the_photo_from_the_front() {
    let mut window = with(|folder| {
        let paths = ["top", "front"].map(|view| folder.join(format!("{view}.jpg")));
        fs::write(&paths[0], photo("top")).unwrap();
        fs::write(&paths[1], photo("front")).unwrap();
        paths[..1].to_vec()
    });
    let front = window.path("front.jpg");
    window.drop_files(&[front]);
    assert_eq!(window.views(), ["top", "front"]);
    let path = window.case().path().to_owned();
    window.ask(Command::CloseCase);
    window.drop_files(&[path]);
    assert_eq!(window.open_case().record().unwrap().name, "front");
}

#[test]
fn closing_the_window_during_an_export_asks_and_leaves_no_half_file() {
    let mut window = with_sample();
    window.ask(Command::Export);
    window.tap("Export");
    ask_to_close(&mut window);
    window.must_say("Something is still being written");
    window.check_names("closing");
    window.tap("Stop it and close");
    wait_for_close(&mut window);
    for file in files_in(&window.path("pictures")) {
        assert_eq!(file.extension().unwrap(), "jpg", "no temporary file is left: {}", file.display());
        assert!(scalp_studio::photo::read(&file, &Limits::default()).is_ok(), "{} is whole", file.display());
    }
}

#[test]
fn the_window_closes_when_the_export_is_done_if_that_was_asked_for() {
    let mut window = with_sample();
    window.ask(Command::Export);
    window.tap("This photo (front)");
    window.harness.get_by_label("Export").click();
    window.harness.run_steps(2);
    ask_to_close(&mut window);
    window.must_say("Something is still being written");
    window.tap("Close when it is done");
    wait_for_close(&mut window);
    let [picture] = &files_in(&window.path("pictures"))[..] else { panic!("one picture") };
    assert!(scalp_studio::photo::read(picture, &Limits::default()).is_ok(), "{} is whole", picture.display());
}

#[test]
fn an_export_whose_folder_goes_away_in_the_middle_says_so_and_what_was_written_is_whole() {
    let mut window = with_sample();
    window.ask(Command::Export);
    window.harness.get_by_label("Export").click();
    let is_picture = |file: &PathBuf| file.extension().is_some_and(|e| e == "jpg");
    window.frames_until("a picture", |window| files_in(&window.path("pictures")).iter().any(is_picture));
    // As when a stick is pulled out; somebody else's file is there now.
    fs::rename(window.path("pictures"), window.path("stick")).unwrap();
    fs::write(window.path("pictures"), "a file").unwrap();
    window.settle();
    window.must_say("The export stopped (1 picture already written)");
    let whole = |file: &PathBuf| scalp_studio::photo::read(file, &Limits::default()).is_ok();
    assert!(files_in(&window.path("stick")).iter().all(whole), "{:?}", files_in(&window.path("stick")));
    assert_eq!(fs::read_to_string(window.path("pictures")).unwrap(), "a file");
    window.ask(Command::TurnLeft);
    assert!(window.undo_name().unwrap().starts_with("Turn photo"), "work goes on");
}

#[test]
fn a_running_export_can_be_stopped() {
    let mut window = with_sample();
    window.ask(Command::Export);
    window.harness.get_by_label("Export").click();
    window.harness.run_steps(2);
    window.check_names("exporting");
    window.harness.get_by_label("Cancel").click();
    window.settle();
    window.must_say("The export was stopped");
    assert!(files_in(&window.path("pictures")).len() < 5);
}

#[test]
fn what_is_no_photo_does_not_begin_a_case() {
    let mut window = empty();
    let paths = [window.path("notes.txt"), window.path("empty.jpg"), window.path("a folder")];
    fs::write(&paths[0], "not a photo").unwrap();
    fs::write(&paths[1], "").unwrap();
    fs::create_dir(&paths[2]).unwrap();
    window.drop_files(&paths);
    for sentence in ["Not a photo this program can read", "The file is empty", "This is a folder"] {
        window.must_say(sentence);
    }
    window.must_say("Drop a client's photos here");
    assert_eq!(files_in(&window.path("cases")), Vec::<PathBuf>::new());
}

#[test]
fn a_case_in_two_windows_takes_the_first_change_and_loses_none() {
    let mut first = with_sample();
    let path = first.case().path().to_owned();
    let mut second = with(|_| vec![path.clone()]);
    first.ask(Command::TurnLeft);
    let kept = first.document().clone();
    second.ask(Command::Mirror);
    second.must_say("The case was changed elsewhere");
    second.tap("View only");
    assert_eq!(*Case::open(&path).unwrap().document(), kept, "the first window's change is in the file");
    // Asked again, since it still is so.
    second.ask(Command::Mirror);
    second.tap("Reload");
    second.settle();
    assert_eq!(*second.document(), kept);
    second.ask(Command::Mirror);
    assert!(second.undo_name().unwrap().starts_with("Mirror photo"));
    first.ask(Command::TurnLeft);
    first.must_say("The case was changed elsewhere");
}

#[cfg(unix)]
#[test]
fn a_case_whose_file_is_moved_away_is_said_to_be_gone() {
    let mut window = with_sample();
    let before = window.document().clone();
    fs::rename(window.case().path(), window.path("elsewhere.scalp")).unwrap();
    window.ask(Command::TurnLeft);
    assert_eq!(*window.document(), before, "a change that cannot be kept is not shown as kept");
    window.must_say("The case");
    assert_eq!(*Case::open(&window.path("elsewhere.scalp")).unwrap().document(), before);
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
