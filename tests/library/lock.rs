//! A case under a passphrase: nothing in it can be read without, and nothing is lost with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scalp_studio::case::earlier::EarlierStates;
use scalp_studio::case::lock::{Key, Passphrase, is_locked};
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, CaseError, Error};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

fn key(text: &str) -> Option<Arc<Key>> {
    Some(Arc::new(Key::under(&passphrase(text)).unwrap()))
}

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
    photo: Vec<u8>,
}

/// A case with a photo and a note, under the passphrase "sesame".
fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anna.scalp");
    let mut case = Case::create_empty(&path, Existing::Refuse).unwrap();
    let photo = Client::Light.views().unwrap().remove(0).bytes;
    case.add_photo("front", "secret-name.jpg", photo.clone(), &Limits::default()).unwrap();
    note(&mut case, "first");
    case.set_lock(key("sesame")).unwrap();
    File { folder, path, photo }
}

fn note(case: &mut Case, text: &str) {
    let mut document = case.document().clone();
    document.notes = format!("secret {text}");
    case.commit("Note", document).unwrap();
}

fn open(path: &Path) -> Case {
    Case::open_under(path, &passphrase("sesame")).unwrap()
}

fn store_error(opened: Result<Case, Error>) -> CaseError {
    match opened {
        Err(Error::Store(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn only_the_passphrase_opens_it_and_another_one_changes_nothing() {
    let file = file();
    let bytes = fs::read(&file.path).unwrap();
    assert!(is_locked(&file.path));
    for secret in [b"secret".as_slice(), b"SQLite", b"front", &file.photo[1000..1040]] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    assert!(matches!(store_error(Case::open(&file.path)), CaseError::Locked { .. }));
    for wrong in ["", "Sesame", "sesame "] {
        let error = store_error(Case::open_under(&file.path, &passphrase(wrong)));
        assert!(matches!(error, CaseError::WrongPassphrase { .. }), "{error}");
    }
    assert!(Case::cover(&file.path).is_none());
    assert!(fs::read(&file.path).unwrap() == bytes);

    let mut case = open(&file.path);
    assert!(case.is_locked() && case.read_only_reason().is_none());
    assert_eq!((case.document().notes.as_str(), case.photo_bytes(0).unwrap() == file.photo), ("secret first", true));
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note"), "undo came along");
    assert_eq!(names(file.folder.path()), ["anna.scalp"]);
    // Whoever has it open lends the key, and takes it along.
    assert!(Case::open(&file.path).is_ok());
    drop(case);
    assert!(matches!(store_error(Case::open(&file.path)), CaseError::Locked { .. }));
    assert_eq!(open(&file.path).document().notes, "");
}

#[test]
fn changes_are_in_the_file_and_each_time_encrypted_anew() {
    let file = file();
    let mut case = open(&file.path);
    let mut before = fs::read(&file.path).unwrap();
    for text in ["a", "b", "a"] {
        note(&mut case, text);
        let now = fs::read(&file.path).unwrap();
        let same = before.iter().zip(&now).skip(200).filter(|(a, b)| a == b).count();
        assert!(same < now.len() / 100, "{same} bytes stayed");
        assert_eq!(open(&file.path).document().notes, format!("secret {text}"));
        before = now;
    }
    case.forget_history().unwrap();
    drop(case);
    let case = open(&file.path);
    assert_eq!((case.undo_name(), case.document().notes.as_str()), (None, "secret a"));
}

#[test]
fn two_programs_do_not_undo_each_other() {
    let file = file();
    let (mut one, mut other) = (open(&file.path), open(&file.path));
    note(&mut one, "one");
    let mut document = other.document().clone();
    document.notes = "other".to_owned();
    assert!(matches!(other.commit("Note", document), Err(Error::Store(CaseError::Changed { .. }))));
    assert_eq!(open(&file.path).document().notes, "secret one");
    note(&mut one, "again");
}

#[test]
fn what_cannot_be_written_is_not_taken_for_written() {
    let file = file();
    let mut case = open(&file.path);
    let aside = file.folder.path().join("aside");
    fs::rename(&file.path, &aside).unwrap();
    let mut document = case.document().clone();
    document.notes = "lost".to_owned();
    assert!(case.commit("Note", document).is_err());
    assert!(!file.path.exists());
    fs::rename(&aside, &file.path).unwrap();
    assert_eq!(open(&file.path).document().notes, "secret first");
    assert_eq!(case.document().notes, "secret first", "what is shown is what is in the file");
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let file = file();
    let whole = fs::read(&file.path).unwrap();
    for at in (0..150).step_by(7).chain((150..whole.len()).step_by(whole.len() / 40)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&file.path, &bytes).unwrap();
        assert!(Case::open_under(&file.path, &passphrase("sesame")).is_err(), "byte {at}");
        assert!(fs::read(&file.path).unwrap() == bytes);
    }
    for end in [0, 8, 100, 140, whole.len() / 2, whole.len() - 1] {
        fs::write(&file.path, &whole[..end]).unwrap();
        assert!(Case::open_under(&file.path, &passphrase("sesame")).is_err(), "cut off at {end}");
    }
    // A file from anybody asks for no more than can be had.
    for place in [8, 12, 16, 20] {
        let mut bytes = whole.clone();
        bytes[place..place + 4].fill(0xff);
        fs::write(&file.path, &bytes).unwrap();
        assert!(Case::open_under(&file.path, &passphrase("sesame")).is_err());
    }
}

#[test]
fn copies_stay_under_the_passphrase_and_the_lock_comes_off() {
    let file = file();
    let mut case = open(&file.path);
    let (copy, states) = (file.folder.path().join("copy.scalp"), file.folder.path().join("states"));
    case.duplicate(&copy, Existing::Refuse).unwrap();
    assert!(is_locked(&copy) && open(&copy).document() == case.document());
    assert!(!EarlierStates::in_folder(states.clone()).keep(&file.path, "now").unwrap());
    assert!(!states.exists(), "no state in the clear");
    let reader = RescueReader::open(&file.path).unwrap();
    assert!(reader.parts().iter().all(|part| part.damage.is_none()));
    let rescued = file.folder.path().join("rescued.scalp");
    reader.rescue(&rescued, Existing::Refuse).unwrap();
    assert!(is_locked(&rescued) && open(&rescued).document() == case.document());
    drop(reader);

    case.set_lock(key("other")).unwrap();
    note(&mut case, "under the other one");
    drop(case);
    assert!(matches!(
        store_error(Case::open_under(&file.path, &passphrase("sesame"))),
        CaseError::WrongPassphrase { .. }
    ));
    let mut case = Case::open_under(&file.path, &passphrase("other")).unwrap();
    case.set_lock(None).unwrap();
    note(&mut case, "in the clear");
    drop(case);
    let case = Case::open(&file.path).unwrap();
    assert!(!case.is_locked() && case.read_only_reason().is_none());
    assert_eq!(case.document().notes, "secret in the clear");
    assert!(case.photo_bytes(0).unwrap() == file.photo);
}
