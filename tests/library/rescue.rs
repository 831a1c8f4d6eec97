//! Damage in a case file is found, named, and everything around it can be brought over into a new case.

use std::fs;
use std::path::PathBuf;

use scalp_studio::case::rescue::RescueReader;
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
        let parts = RescueReader::open(&self.path).unwrap().parts();
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
    let parts = RescueReader::open(&file.path).unwrap().parts();
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    let photos = ["photo front.jpg", "photo left-oblique.jpg"];
    assert_eq!(names, ["file", "plan", photos[0], photos[1], "history, 2 steps", "record of what was done"]);
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
    let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
    assert_eq!(rescued.lost, ["photo front.jpg"]);
    let mut case = Case::open(&new).unwrap();
    assert_eq!(*case.document(), document);
    assert_eq!(case.photo_bytes(1).unwrap(), second);
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note second"));
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note first"));
    assert_eq!(case.document().notes, "");
}

/// A photo with a wrong bit is still a picture of the client: it comes along, and never passes for what was added.
#[test]
fn a_damaged_photo_is_brought_over_and_stays_marked() {
    let file = file();
    let first = Case::open(&file.path).unwrap().photo_bytes(0).unwrap();
    let at = file.find(&first[first.len() / 2..first.len() / 2 + 64]);
    file.damage(|bytes| bytes[at] ^= 4);
    let mut damaged = first.clone();
    damaged[first.len() / 2] ^= 4;
    let mut path = file.path.clone();
    // Once more out of what was rescued.
    for round in 0..2 {
        let new = file.folder.path().join(format!("new-{round}.scalp"));
        let rescued = RescueReader::open(&path).unwrap().rescue(&new, Existing::Refuse).unwrap();
        assert_eq!(rescued.lost, ["photo front.jpg as it was added"]);
        assert!(rescued.kept.contains(&"photo front.jpg (damaged)".to_owned()), "{rescued:?}");
        let case = Case::open(&new).unwrap();
        assert_eq!(case.caution(), None);
        let error = case.photo_bytes(0).unwrap_err().to_string();
        assert!(error.contains("front.jpg") && error.contains("damaged"), "{error}");
        let reader = RescueReader::open(&new).unwrap();
        let photo = reader.photos().next().unwrap();
        assert!(!photo.sound && photo.bytes.unwrap() == damaged);
        let named = reader.parts().into_iter().filter(|part| part.damage.is_some()).map(|part| part.name);
        assert_eq!(named.collect::<Vec<_>>(), ["photo front.jpg"]);
        path = new;
    }
}

/// A row with bytes that are no text, and a page of the record destroyed: the rest comes along.
#[test]
fn a_damaged_record_of_what_was_done_is_brought_over_as_far_as_it_goes_and_the_loss_named() {
    let file = file();
    let connection = rusqlite::Connection::open(&file.path).unwrap();
    let row = "INSERT INTO trail (first, last, station, what, times) VALUES ('', '', '', ?1, 1)";
    for number in 0..400 {
        connection.execute(row, [format!("Export {number:04} {}", "x".repeat(250))]).unwrap();
    }
    let question = "SELECT rootpage FROM sqlite_schema WHERE name = 'trail'";
    let root = connection.query_row(question, (), |row| row.get::<_, u32>(0)).unwrap() as usize;
    drop(connection);
    let whole = fs::read(&file.path).unwrap();
    let position = |what: &str| whole.windows(what.len()).position(|window| window == what.as_bytes()).unwrap();
    let kept = |damage: &dyn Fn(&mut Vec<u8>), said: &str| {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(&file.path, bytes).unwrap();
        let parts = RescueReader::open(&file.path).unwrap().parts();
        let record = parts.iter().find(|part| part.name == "record of what was done").unwrap();
        assert_eq!(record.damage.as_deref(), Some(said));
        let new = file.folder.path().join("new.scalp");
        let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Replace).unwrap();
        assert!(rescued.lost.iter().any(|lost| lost.ends_with("the record of what was done")), "{rescued:?}");
        let case = Case::open(&new).unwrap();
        assert_eq!(case.undo_name(), Some("Note second"));
        case.trail().unwrap().into_iter().map(|entry| entry.what).collect::<Vec<_>>()
    };
    let one = kept(&|bytes| bytes[position("Export 0200") + 7] = 0xff, "it cannot be read in full");
    let exports = one.iter().filter(|what| what.starts_with("Export ")).count();
    assert_eq!((exports, one.first().unwrap().as_str()), (399, "Create case"));
    assert!(one.last().unwrap().starts_with("Rescue from "), "{one:?}");
    let page = |bytes: &mut Vec<u8>| {
        let at = position("Export 0200") / PAGE * PAGE;
        bytes[at..at + PAGE].fill(0xff);
    };
    let most = kept(&page, "it cannot be read in full");
    assert!(most.len() > 300 && most.iter().any(|what| what.starts_with("Export 0399")), "{}", most.len());
    let none = kept(&|bytes| bytes[(root - 1) * PAGE..root * PAGE].fill(0xff), "it cannot be read");
    assert_eq!(none.len(), 1, "{none:?}");
}

#[test]
fn photos_are_had_without_the_plan() {
    let file = file();
    let first = Case::open(&file.path).unwrap().photo_bytes(0).unwrap();
    let at = file.find(b"\"format\"");
    file.damage(|bytes| bytes[at + 1] = b'x');
    assert!(file.damages().contains(&"plan".to_owned()));
    let new = file.folder.path().join("new.scalp");
    let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
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

/// In an undo step, and in the name of a photo: neither is used then, and both are named.
#[test]
fn no_flipped_bit_goes_unnoticed_in_steps_or_names() {
    let file = file();
    // The step that went from "first" to "second" keeps both, one after the other.
    let at = file.find(b"firstsecond");
    file.damage(|bytes| bytes[at + 4] ^= 1);
    assert_eq!(file.damages().len(), 1, "{:?}", file.damages());
    assert!(file.damages()[0].starts_with("history"), "{:?}", file.damages());
    let new = file.folder.path().join("new.scalp");
    let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
    assert_eq!(rescued.lost, ["older steps of the history"]);
    let mut case = Case::open(&file.path).unwrap();
    let undone = [case.undo(), case.undo()];
    assert!(undone.iter().any(Result::is_err), "{undone:?}");
    assert_ne!(case.document().notes, "firsu");

    let at = file.find(b"left-oblique.jpg");
    file.damage(|bytes| bytes[at] ^= 1);
    assert_eq!(file.damages(), ["photo meft-oblique.jpg"]);
}

/// What is the same in every case is put back: the constants of the header, or the whole first page.
#[test]
fn a_destroyed_beginning_costs_nothing() {
    let file = file();
    let whole = Case::open(&file.path).unwrap();
    let (document, photo) = (whole.document().clone(), whole.photo_bytes(0).unwrap());
    drop(whole);
    let damages: [fn(&mut Vec<u8>); 6] = [
        |bytes| bytes[0] ^= 1,
        |bytes| bytes[18] ^= 4,
        |bytes| bytes[70] ^= 64,
        |bytes| bytes[..100].fill(0),
        |bytes| bytes[100..PAGE].fill(0xff),
        |bytes| bytes[..PAGE].fill(0),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        file.damage(damage);
        assert!(Case::open(&file.path).is_err(), "{number}");
        assert_eq!(file.damages()[0], "file", "{number}");
        let new = file.folder.path().join(format!("new-{number}.scalp"));
        let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
        assert_eq!(rescued.lost, [""; 0], "{number}");
        let mut case = Case::open(&new).unwrap();
        assert_eq!((case.document(), case.photo_bytes(0).unwrap()), (&document, photo.clone()), "{number}");
        assert_eq!(case.undo().unwrap().as_deref(), Some("Note second"), "{number}");
    }
    // What is no case stays none.
    fs::write(&file.path, &photo).unwrap();
    assert!(RescueReader::open(&file.path).is_err());
}

/// The format number is checked against the tables.
#[test]
fn a_damaged_format_number_is_named() {
    let file = file();
    for bit in 0..32 {
        file.damage(|bytes| bytes[60 + bit / 8] ^= 1 << (bit % 8));
        assert_eq!(file.damages(), ["file"], "bit {bit}");
        let new = file.folder.path().join(format!("new-{bit}.scalp"));
        assert_eq!(RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap().lost, [""; 0]);
        if let Ok(case) = Case::open(&file.path) {
            assert!(case.caution().unwrap().contains("format number"), "{:?}", case.caution());
        }
    }
}

/// The checksum says which bit it was.
#[test]
fn one_damaged_bit_of_the_plan_is_put_right() {
    let file = file();
    let document = Case::open(&file.path).unwrap().document().clone();
    let at = file.find(b"\"format\"");
    for (number, (place, bit)) in [(0, 0), (1, 7), (9, 2), (500, 4)].into_iter().enumerate() {
        file.damage(|bytes| bytes[at + place] ^= 1 << bit);
        let new = file.folder.path().join(format!("new-{number}.scalp"));
        let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
        assert!(rescued.kept.iter().any(|kept| kept.contains("one damaged bit put right")), "{rescued:?}");
        assert_eq!(rescued.lost, [""; 0]);
        assert_eq!(*Case::open(&new).unwrap().document(), document);
    }
}

/// A plan that a newer version wrote is not damaged: what is known of it is shown, nothing of it is changed, and a
/// rescue brings over all of it.
#[test]
fn what_a_newer_version_wrote_is_kept_whole() {
    let file = file();
    let document = Case::open(&file.path).unwrap().document().clone();
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        fs::write(&file.path, &file.bytes).unwrap();
        let connection = rusqlite::Connection::open(&file.path).unwrap();
        let text: String = connection.query_row("SELECT json FROM document", (), |row| row.get(0)).unwrap();
        let mut json = serde_json::from_str(&text).unwrap();
        change(&mut json);
        let text = json.to_string();
        connection.execute("UPDATE document SET json = ?1", [&text]).unwrap();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&text);
        connection.execute("UPDATE digest SET document = ?1", [digest.as_slice()]).unwrap();
        text
    };
    let json = change(&|json| {
        json["format"] = 99.into();
        json["later"] = true.into();
        json["views"][0]["later"] = "x".into();
        json["variants"][0]["plan"]["later"] = serde_json::json!({"a": [1]});
    });
    let bytes = fs::read(&file.path).unwrap();
    let mut case = Case::open(&file.path).unwrap();
    assert!(case.caution().unwrap().contains("a newer version"), "{:?}", case.caution());
    assert_eq!(*case.document(), document);
    assert!(case.commit("Note", document.clone()).is_err());
    drop(case);
    assert!(fs::read(&file.path).unwrap() == bytes);
    // The steps lead from another text, which this test has changed.
    assert!(file.damages().iter().all(|name| name.starts_with("history")), "{:?}", file.damages());
    let new = file.folder.path().join("new.scalp");
    let rescued = RescueReader::open(&file.path).unwrap().rescue(&new, Existing::Refuse).unwrap();
    assert!(!rescued.lost.iter().any(|lost| lost.contains("plan")), "{rescued:?}");
    let connection = rusqlite::Connection::open(&new).unwrap();
    let kept: String = connection.query_row("SELECT json FROM document", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, json);
    // Something else that is unknown: refused, but not called damaged.
    change(&|json| json["scale"] = "by stars".into());
    assert!(Case::open(&file.path).is_err());
    assert!(!file.damages().iter().any(|name| name.starts_with("plan")), "{:?}", file.damages());
}

/// A case without a plan is not said to have a whole one; a photo that is gone is missing, and no rescue brings it
/// back.
#[test]
fn what_is_not_there_is_not_called_whole() {
    let file = file();
    let mut case = Case::create_empty(&file.path, Existing::Replace).unwrap();
    let mut document = case.document().clone();
    document.notes = "nothing else".to_owned();
    case.commit("Note", document).unwrap();
    drop(case);
    let parts = RescueReader::open(&file.path).unwrap().parts();
    assert_eq!(parts[1].name, "points (there is no plan yet)");
    fs::write(&file.path, &file.bytes).unwrap();
    rusqlite::Connection::open(&file.path).unwrap().execute("DELETE FROM photo WHERE id = 2", ()).unwrap();
    let parts = RescueReader::open(&file.path).unwrap().parts();
    let missing: Vec<&str> = parts.iter().filter(|part| part.missing).map(|part| part.name.as_str()).collect();
    assert_eq!(missing, ["photo of the view left-oblique"]);
}

/// Document and steps are read at one moment.
#[test]
fn a_case_that_is_being_changed_is_not_called_damaged() {
    let file = file();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut case = Case::open(&file.path).unwrap();
            for number in 0.. {
                if done.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                let mut document = case.document().clone();
                document.notes = format!("note {number}");
                case.commit("Note", document).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        let damages: Vec<String> = (0..40).flat_map(|_| file.damages()).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(damages, [""; 0]);
    });
}
