//! Damage in a case file is found, named, and everything around it can be brought over into a new case.

use std::fs;
use std::path::PathBuf;

use scalp_studio::case::rescue::Salvage;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

/// SQLite's page, bytes.
const PAGE: usize = 4096;

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// The sample client's case with two undo steps, closed.
fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let views = Client::Light.views().unwrap().into_iter().take(2).collect();
    let mut case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    for notes in ["first", "second"] {
        let mut document = case.document().clone();
        document.notes = notes.to_owned();
        case.commit(&format!("Note {notes}"), document).unwrap();
    }
    drop(case);
    let bytes = fs::read(&path).unwrap();
    File { folder, path, bytes }
}

impl File {
    /// The file with other bytes.
    fn damage(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        fs::write(&self.path, bytes).unwrap();
    }

    fn damages(&self) -> Vec<String> {
        let parts = Salvage::open(&self.path).unwrap().parts();
        parts.into_iter().filter(|part| part.damage.is_some()).map(|part| part.name).collect()
    }

    /// Where these bytes are in the file.
    fn find(&self, wanted: &[u8]) -> usize {
        self.bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
    }
}

#[test]
fn a_whole_case_has_no_damage() {
    let file = file();
    assert_eq!(file.damages(), [""; 0]);
    let parts = Salvage::open(&file.path).unwrap().parts();
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["file", "plan", "photo front.jpg", "photo left-oblique.jpg", "history, 2 steps"]);
    assert_eq!(fs::read(&file.path).unwrap(), file.bytes, "looking changes nothing");
}

#[test]
fn a_lost_photo_costs_nothing_else() {
    let file = file();
    let whole = Case::open(&file.path).unwrap();
    let (document, second) = (whole.document().clone(), whole.photo_bytes(1).unwrap());
    let first = whole.photo_bytes(0).unwrap();
    drop(whole);
    // A page in the midst of the first photo, as a bad sector leaves it.
    let at = file.find(&first[first.len() / 2..first.len() / 2 + 64]) / PAGE * PAGE;
    file.damage(|bytes| bytes[at..at + PAGE].fill(0));
    assert!(file.damages().contains(&"photo front.jpg".to_owned()));
    let new = file.folder.path().join("new.scalp");
    let rescued = Salvage::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
    assert_eq!(rescued.lost, ["photo front.jpg"]);
    let mut case = Case::open(&new).unwrap();
    assert_eq!(*case.document(), document);
    assert_eq!(case.photo_bytes(1).unwrap(), second);
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note second"));
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note first"));
    assert_eq!(case.document().notes, "");
}

#[test]
fn photos_are_had_without_the_plan() {
    let file = file();
    let first = Case::open(&file.path).unwrap().photo_bytes(0).unwrap();
    let at = file.find(b"\"format\"");
    file.damage(|bytes| bytes[at + 1] = b'x');
    assert!(file.damages().contains(&"plan".to_owned()));
    let new = file.folder.path().join("new.scalp");
    let rescued = Salvage::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
    assert_eq!(rescued.lost, ["the plan and all points", "older steps of the history"]);
    let case = Case::open(&new).unwrap();
    assert_eq!(case.photo_bytes(0).unwrap(), first);
    assert_eq!(case.document().views[0].name, "front");
}

#[test]
fn a_damaged_case_is_saved_under_another_name_as_far_as_it_can_be_read() {
    let file = file();
    let at = file.find(b"second");
    file.damage(|bytes| bytes[at] = b't');
    let mut case = Case::open(&file.path).unwrap();
    assert!(case.caution().unwrap().contains("not as it was saved"), "{:?}", case.caution());
    let new = file.folder.path().join("new.scalp");
    case.save_as(&new, Existing::Refuse).unwrap();
    assert_eq!((case.caution(), case.document().notes.as_str()), (None, "tecond"));
}

#[test]
fn no_flipped_bit_goes_unnoticed_in_plan_or_photos() {
    let file = file();
    let whole = Case::open(&file.path).unwrap();
    let document = whole.document().clone();
    let photos = [0, 1].map(|view| whole.photo_bytes(view).unwrap());
    drop(whole);
    // Everything around the photos, and some of those.
    let first = file.find(&photos[0][..64]);
    let places = (0..first.min(40 * PAGE)).step_by(97).chain((first..file.bytes.len()).step_by(90_001));
    let mut noticed = 0;
    for (number, at) in places.enumerate() {
        file.damage(|bytes| bytes[at] ^= 1 << (number % 8));
        let Ok(case) = Case::open(&file.path) else {
            noticed += 1;
            continue;
        };
        if case.caution().is_some() {
            noticed += 1;
            continue;
        }
        assert_eq!(*case.document(), document, "bit at {at}");
        for (view, bytes) in photos.iter().enumerate() {
            match case.photo_bytes(view) {
                Ok(read) => assert!(read == *bytes, "bit at {at}"),
                Err(_) => noticed += 1,
            }
        }
    }
    assert!(noticed > 50, "{noticed}");
}
