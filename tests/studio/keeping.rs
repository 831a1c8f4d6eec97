//! What keeps a client's data, and what ends it: earlier states, damage that is told, rescue, deleting, the recent
//! list.

use std::fs;
use std::path::{Path, PathBuf};

use crate::window::{Setup, Window, files_in, sample_case};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use scalp_studio::case::Case;
use scalp_studio::case::earlier::EarlierStates;
use scalp_studio::ground::files::Existing;
use scalp_studio::studio::session::command::Command;

const SETUP: Setup = Setup { step_s: 0.25, ..Setup::USUAL };

fn anna(folder: &Path) -> PathBuf {
    let path = folder.join("cases/anna.scalp");
    sample_case(&path);
    path
}

fn states(window: &Window) -> EarlierStates {
    EarlierStates::in_folder(window.path("states"))
}

fn settings(window: &Window) -> String {
    fs::read_to_string(window.path("settings/studio.toml")).unwrap()
}

#[test]
fn each_opening_is_kept_and_can_be_gone_back_to() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    assert_eq!(states(&window).of(&path).len(), 1);
    let before = window.document().clone();
    window.ask(Command::TurnLeft);
    window.settle();
    let turned = window.document().clone();
    window.ask(Command::CloseCase);
    window.drop_files(std::slice::from_ref(&path));
    assert_eq!(states(&window).of(&path).len(), 2, "what was changed is a state of its own");
    window.ask(Command::CloseCase);
    window.drop_files(std::slice::from_ref(&path));
    assert_eq!(states(&window).of(&path).len(), 2, "nothing was changed");

    window.ask_by_name("Earlier states");

    window.settle();
    window.must_say("Earlier states of this case");
    window.check_names("earlier states");
    // The latest first; the day is that of the test.
    let buttons: Vec<String> = window
        .harness
        .query_all_by_label_contains("anna, ")
        .filter_map(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label())
        .collect();
    assert_eq!(buttons.len(), 2, "{buttons:?}");
    window.harness.query_all_by_label_contains("anna, ").last().unwrap().click();
    window.harness.run_steps(4);
    window.settle();
    assert_ne!(window.case().path(), path, "the case itself stays as it is");
    assert_eq!(*window.document(), before);
    assert_eq!(*Case::open(&path).unwrap().document(), turned);
}

#[test]
fn a_case_that_is_gone_comes_back_from_the_start_page() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let (path, document) = (window.case().path().to_owned(), window.document().clone());
    window.ask(Command::CloseCase);
    fs::remove_file(&path).unwrap();
    window.tap("Earlier states…");
    window.settle();
    window.must_say("Earlier states of all cases");
    window.harness.query_all_by_label_contains("anna, ").next().unwrap().click();
    window.harness.run_steps(4);
    window.settle();
    assert_eq!(*window.document(), document);
    assert_eq!(window.case().path().parent(), path.parent());
}

#[test]
fn earlier_states_of_a_case_that_is_gone_can_be_deleted() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    window.ask(Command::CloseCase);
    fs::remove_file(&path).unwrap();
    window.tap("Earlier states…");
    window.settle();
    window.tap("Delete the earlier states of anna");
    window.must_say("Delete 1 earlier state of this case for good");
    window.tap("Keep them");
    assert_eq!(states(&window).all().len(), 1);
    window.tap("Delete the earlier states of anna");
    window.tap("Delete for good");
    window.frames_until("word of it", |window| window.says("1 earlier state deleted"));
    assert_eq!(states(&window).all(), []);
}

#[test]
fn a_damaged_photo_is_named_and_rescue_is_offered() {
    let mut window = Window::start(SETUP, |folder| {
        let path = anna(folder);
        let mut bytes = fs::read(&path).unwrap();
        let photo = Case::open(&path).unwrap().photo_bytes(1).unwrap();
        let needle = &photo[photo.len() / 2..photo.len() / 2 + 64];
        let at = bytes.windows(64).position(|window| window == needle).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        vec![path]
    });
    let (path, name) = (window.case().path().to_owned(), window.views()[1].clone());
    window.must_say(&format!("A part of this case is damaged: photo {name}.jpg (it is not as it was added)."));
    window.check_names("damaged case");
    assert_eq!(states(&window).of(&path).len(), 0, "no state of a damaged case takes the place of a good one");
    let document = window.document().clone();
    window.tap("Rescue into a new case…");
    window.settle();
    window.write("File name", "whole");
    window.tap("Save");
    // A message that goes after a while.
    window.frames_until("word of what is lost", |window| window.says(&format!("Lost: photo {name}.jpg")));
    window.settle();
    assert_eq!(window.case().path(), window.path("cases/whole.scalp"));
    assert_eq!(*window.document(), document);
    assert!(window.case().photo_bytes(0).is_ok());
}

#[test]
fn a_client_is_deleted_after_a_question_with_all_that_is_kept() {
    let mut window = Window::start(SETUP, |folder| {
        let path = anna(folder);
        fs::write(folder.join("cases/anna.scalp-journal-left-over"), "a client's").unwrap();
        fs::write(folder.join("cases/annabel.scalp-notes"), "somebody else's").unwrap();
        drop(Case::create_empty(&folder.join("cases/berta.scalp"), Existing::Refuse).unwrap());
        vec![path]
    });
    let path = window.case().path().to_owned();
    assert_eq!(states(&window).of(&path).len(), 1);
    assert!(settings(&window).contains("anna.scalp"));
    window.ask_by_name("Delete client");
    window.must_say("Delete this client?");
    window.must_say(&path.display().to_string());
    window.must_say("cloud folder");
    window.check_names("delete client");
    window.tap("Keep the client");
    assert!(path.is_file() && window.studio().case().is_some());

    window.ask_by_name("Delete client");
    window.tap("Delete for good");
    window.settle();
    window.must_say("The case and 1 earlier state have been deleted.");
    window.must_say("Pictures that were exported");
    assert!(window.studio().case().is_none());
    let left: Vec<_> = files_in(&window.path("cases")).into_iter().map(|p| p.file_name().unwrap().to_owned()).collect();
    assert_eq!(left, ["annabel.scalp-notes", "berta.scalp"]);
    assert_eq!(states(&window).all(), []);
    assert_eq!(files_in(&window.path("states/content")), Vec::<PathBuf>::new());
    assert!(!settings(&window).contains("anna"), "{}", settings(&window));
}

#[test]
fn the_recent_list_can_be_emptied_and_left_off() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    assert!(settings(&window).contains("anna"));
    // What once could not be read may name clients, too.
    let broken = window.path("settings/studio.toml.broken");
    fs::write(&broken, "recent = [\"anna.scalp\"").unwrap();
    window.ask_by_name("Forget recent cases");
    assert!(!settings(&window).contains("anna") && !broken.exists());
    window.ask(Command::CloseCase);
    window.drop_files(std::slice::from_ref(&path));
    assert!(settings(&window).contains("anna"));
    window.ask_by_name("Remember recent cases or not");
    window.must_say("no longer listed");
    window.ask(Command::CloseCase);
    window.drop_files(std::slice::from_ref(&path));
    assert!(!settings(&window).contains("anna"));
    window.ask_by_name("Remember recent cases or not");
    window.ask(Command::CloseCase);
    window.drop_files(std::slice::from_ref(&path));
    assert!(settings(&window).contains("anna"));
}

#[cfg(unix)]
#[test]
fn settings_are_nobody_elses_business() {
    use std::os::unix::fs::PermissionsExt;
    let mut window = Window::start(SETUP, |folder| {
        fs::remove_file(folder.join("settings/studio.toml")).unwrap();
        Vec::new()
    });
    window.ask_by_name("Remember recent cases or not");
    let mode = fs::metadata(window.path("settings/studio.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn consent_is_noted_in_the_window_and_exports_heed_it() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    window.ask_by_name("Consent for this photo");
    window.must_say("Consent for photo front");
    window.check_names("consent");
    window.tap("Marketing");
    window.must_say("yes, since ");
    window.tap("Close");
    assert_eq!(window.undo_name(), Some("Consent to marketing of photo front"));

    window.ask(Command::Export);
    window.tap("Marketing");
    window.must_say("consent to marketing is not recorded");
    window.tap("Export");
    window.settle();
    window.must_say("The export stopped.");
    assert_eq!(files_in(&window.path("pictures")), Vec::<PathBuf>::new());
    window.ask(Command::Export);
    window.tap("This photo (front)");
    window.tap("Export");
    window.settle();
    window.must_say("Exported: ");
    assert_eq!(files_in(&window.path("pictures")).len(), 1);

    window.ask_by_name("What was done");
    window.must_say("What was done with this case");
    window.must_say("Consent to marketing of photo front");
    window.must_say("Export 1 picture for marketing");
    window.check_names("what was done");
    window.tap("Close");
    window.undo();
    window.ask(Command::Export);
    window.tap("Export");
    window.settle();
    window.must_say("The export stopped.");
}

/// Types into a field whose letters nobody sees, in place of what is there.
fn write_secret(window: &mut Window, label: &str, text: &str) {
    window.node(Role::PasswordInput, label).focus();
    window.harness.run_steps(2);
    window.keys(Modifiers::COMMAND, Key::A);
    window.node(Role::PasswordInput, label).type_text(text);
    window.harness.run_steps(4);
}

#[test]
fn a_case_is_put_under_a_passphrase_and_opened_with_it() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    assert_eq!(states(&window).of(&path).len(), 1);
    window.ask_by_name("Passphrase…");
    window.must_say("Protect this case with a passphrase");
    window.check_names("passphrase");
    write_secret(&mut window, "New passphrase", "open sesame");
    write_secret(&mut window, "Repeat the passphrase", "open sesam");
    window.must_say("The passphrases differ.");
    write_secret(&mut window, "Repeat the passphrase", "open sesame");
    window.tap("Encrypt the case");
    window.settle();
    window.must_say("The case is encrypted.");
    assert!(scalp_studio::case::lock::is_locked(&path));
    assert_eq!(states(&window).all(), [], "no earlier state is left in the clear");
    window.ask(Command::TurnLeft);
    window.settle();
    let document = window.document().clone();
    window.ask(Command::CloseCase);

    window.drop_files(std::slice::from_ref(&path));
    window.must_say("This case is protected by a passphrase");
    window.check_names("opening");
    write_secret(&mut window, "Passphrase", "sesame");
    window.tap("Open it");
    window.settle();
    window.must_say("Wrong passphrase");
    write_secret(&mut window, "Passphrase", "open sesame");
    window.tap("Open it");
    window.settle();
    assert_eq!(*window.document(), document);
    window.ask_by_name("Remove passphrase");
    window.must_say("no longer has a passphrase");
    assert_eq!(*Case::open(&path).unwrap().document(), document);
}

/// Who has a case open, as another program says and locks it.
fn opened_elsewhere(case: &Path, station: &str) -> fs::File {
    let place = case.with_file_name(format!(".{}.open", case.file_name().unwrap().to_str().unwrap()));
    let owner = format!(r#"{{"user": "bea", "station": "{station}", "since": "2027-02-20T09:41:07+01:00"}}"#);
    fs::write(&place, owner).unwrap();
    fs::File::open(place).unwrap()
}

#[test]
fn a_case_that_is_open_elsewhere_is_looked_at_until_it_is_closed_there() {
    let mut elsewhere = None;
    let mut window = Window::start(SETUP, |folder| {
        let path = anna(folder);
        let file = opened_elsewhere(&path, "FRONT-DESK");
        file.lock().unwrap();
        elsewhere = Some(file);
        vec![path]
    });
    let path = window.case().path().to_owned();
    window.must_say("This case can only be viewed because bea at FRONT-DESK has it open (since 2027-02-20 09:41).");
    window.must_say("Once it is closed there");
    assert!(window.says("read only") && !window.says("Work on it all the same"));
    window.check_names("open elsewhere");
    window.press(Key::PageDown);
    let view = window.open_case().record().unwrap().name.clone();
    assert_ne!(view, "front");
    let (before, file) = (window.document().clone(), fs::read(&path).unwrap());
    window.ask(Command::TurnLeft);
    window.must_say("The case cannot be changed because bea at FRONT-DESK has it open");
    window.settle();
    assert!(*window.document() == before && fs::read(&path).unwrap() == file);

    // The other one changes it and closes it: it is looked at as it is now.
    let mut other = Case::open(&path).unwrap();
    let mut changed = before.clone();
    changed.notes = "by bea".to_owned();
    other.commit("Note", changed.clone()).unwrap();
    drop(other);
    fs::remove_file(path.with_file_name(".anna.scalp.open")).unwrap();
    drop(elsewhere);
    window.frames_until("the case to be free", |window| window.says("you can work on it now"));
    window.settle();
    let shown = &window.open_case().record().unwrap().name;
    assert_eq!((window.document().notes.as_str(), shown.as_str()), ("by bea", view.as_str()));
    window.ask(Command::TurnLeft);
    window.settle();
    assert_ne!(*Case::open(&path).unwrap().document(), changed);
    assert!(window.says("saved") && path.with_file_name(".anna.scalp.open").is_file());
    window.ask(Command::CloseCase);
    window.settle();
    assert_eq!(files_in(&window.path("cases")), [path], "nothing is left beside a case that is closed");
}

#[test]
fn a_case_of_a_computer_that_cannot_be_asked_is_taken_over_by_hand() {
    let mut window = Window::start(SETUP, |folder| {
        let path = anna(folder);
        drop(opened_elsewhere(&path, "no-such-computer"));
        vec![path]
    });
    window.must_say("bea at no-such-computer has it open (since 2027-02-20 09:41), or was switched off with it open");
    // For as long as nobody decides, it stays so.
    window.harness.run_steps(40);
    window.settle();
    assert!(window.open_case().owner().is_some());
    window.tap("Work on it all the same");
    window.settle();
    assert!(window.open_case().owner().is_none() && window.says("saved"));
    window.ask(Command::TurnLeft);
    window.settle();
    assert!(window.undo_name().is_some());
    window.ask(Command::CloseCase);
    window.settle();
    assert_eq!(files_in(&window.path("cases")).len(), 1);
}

/// A case of which the window can show nothing is still offered to be rescued.
#[test]
fn a_case_that_cannot_be_opened_is_offered_to_be_rescued() {
    let mut window = Window::start(SETUP, |folder| {
        let path = anna(folder);
        let mut bytes = fs::read(&path).unwrap();
        bytes[..4096].fill(0);
        fs::write(&path, bytes).unwrap();
        vec![path]
    });
    let path = window.path("cases/anna.scalp");
    assert!(window.studio().case().is_none());
    window.must_say("This case is damaged and cannot be opened");
    window.must_say(&path.display().to_string());
    window.check_names("a case that cannot be opened");
    let damaged = fs::read(&path).unwrap();
    window.tap("Rescue into a new case…");
    window.settle();
    window.write("File name", "whole");
    window.tap("Save");
    window.settle();
    assert_eq!(window.case().path(), window.path("cases/whole.scalp"));
    assert_eq!(window.views().len(), 5);
    assert_eq!(fs::read(&path).unwrap(), damaged, "the damaged file stays as it is");

    // Something else named like a case has nothing that could be rescued.
    window.ask(Command::CloseCase);
    let other = window.path("cases/letter.scalp");
    fs::write(&other, "Dear Anna").unwrap();
    window.drop_files(&[other]);
    assert!(!window.says("This case is damaged and cannot be opened"));
}

/// Nobody's work is lost, and nothing is called saved that is not, while somebody else has the file locked.
#[test]
fn changes_are_kept_in_hand_while_the_file_is_locked() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    window.must_say("saved");
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    window.open_section("Density");
    window.enter("Density", "91");
    window.frames_until("a word", |window| window.says("not saved yet"));
    window.enter("Density", "92");
    assert_eq!(window.plan().areas[0].density_per_cm2, 92.0);
    assert_eq!(Case::open(&path).unwrap().undo_name(), None, "nothing is written");
    // The case is closed: what is to be written still is.
    window.ask(Command::CloseCase);
    window.settle();
    assert!(window.studio().case().is_none());
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    window.frames_until("the changes in the file", |_| {
        Case::open(&path).is_ok_and(|case| case.plan(None).unwrap().areas[0].density_per_cm2 == 92.0)
    });
    window.drop_files(std::slice::from_ref(&path));
    window.undo();
    assert_eq!(window.plan().areas[0].density_per_cm2, 91.0, "each change is a step of its own");
    assert!(!window.says("not saved yet"));
}

/// Undo, redo, photos and whatever else needs the file wait for it, while the window goes on.
#[test]
fn commands_wait_while_the_file_is_locked() {
    let mut window = Window::start(SETUP, |folder| vec![anna(folder)]);
    let path = window.case().path().to_owned();
    window.open_section("Density");
    window.enter("Density", "91");
    window.settle();
    let before = window.document().clone();
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    window.ask(Command::Undo);
    window.frames_until("a word", |window| window.says("waiting for the drive"));
    let photo = window.path("right.jpg");
    fs::write(&photo, crate::window::photo("right")).unwrap();
    window.drop_files(&[photo]);
    window.ask(Command::Undo);
    assert_eq!(*window.document(), before, "nothing is done yet");
    // A change would be based on what is no longer there when it is written.
    window.enter("Density", "92");
    window.must_say("not in the case file yet");
    assert_eq!(*window.document(), before);

    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    window.frames_until("all commands to be carried out", |window| !window.says("waiting for the drive"));
    window.settle();
    assert_eq!(window.document().views.len(), before.views.len(), "the photo was added and taken away");
    assert_ne!(window.plan().areas[0].density_per_cm2, 91.0, "this was undone before the photo was added");
    window.redo();
    assert_eq!(window.document().views.len(), before.views.len() + 1);
}
