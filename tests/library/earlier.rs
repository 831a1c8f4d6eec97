//! Earlier states of cases can be had again, whatever became of the case.

use std::fs;
use std::path::{Path, PathBuf};

use scalp_studio::case::Case;
use scalp_studio::case::earlier::{EarlierStates, MOST_STATES};
use scalp_studio::case::sample::Client;
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

struct Desk {
    folder: tempfile::TempDir,
    states: EarlierStates,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let states = EarlierStates::in_folder(folder.path().join("data/earlier"));
        Self { folder, states }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A case with these photos of the sample client.
    fn case(&self, name: &str, views: &[&str]) -> PathBuf {
        let path = self.path(name);
        let mut case = Case::create_empty(&path, Existing::Refuse).unwrap();
        for photo in Client::Light.views().unwrap().into_iter().filter(|photo| views.contains(&photo.name.as_str())) {
            case.add_photo(&photo.name, &photo.file_name, photo.bytes, &Limits::default()).unwrap();
        }
        path
    }

    fn kept_bytes(&self) -> u64 {
        fs::read_dir(self.path("data/earlier/content"))
            .unwrap()
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum()
    }
}

fn note(case: &Path, text: &str) {
    let mut case = Case::open(case).unwrap();
    let mut document = case.document().clone();
    document.notes = text.to_owned();
    case.commit("Note", document).unwrap();
}

#[test]
fn a_lost_case_comes_back_with_its_photos() {
    let desk = Desk::new();
    let path = desk.case("anna.scalp", &["front", "top"]);
    note(&path, "as it was");
    let case = Case::open(&path).unwrap();
    let (document, photos) = (case.document().clone(), [0, 1].map(|view| case.photo_bytes(view).unwrap()));
    drop(case);
    assert!(desk.states.keep(&path, "2026-11-30 09:15").unwrap());
    fs::remove_file(&path).unwrap();

    let all = desk.states.all();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].kept.as_str(), &all[0].case, all[0].photos), ("2026-11-30 09:15", &path, 2));
    let back = desk.path("back.scalp");
    let restored = desk.states.restore(all[0].number, &back, Existing::Refuse).unwrap();
    assert_eq!(restored.lost, [""; 0]);
    let case = Case::open(&back).unwrap();
    assert_eq!(*case.document(), document);
    assert_eq!([0, 1].map(|view| case.photo_bytes(view).unwrap()), photos);
    assert_eq!(case.read_only_reason(), None);
    assert!(desk.states.restore(all[0].number, &back, Existing::Refuse).is_err(), "nothing is replaced");
    assert!(desk.states.restore(99, &desk.path("none.scalp"), Existing::Refuse).is_err());
    assert!(!desk.path("none.scalp").exists());
}

#[test]
fn the_last_ten_states_are_kept_and_what_they_share_once() {
    let desk = Desk::new();
    let path = desk.case("anna.scalp", &["front"]);
    let photo = Case::open(&path).unwrap().photo_bytes(0).unwrap().len() as u64;
    for number in 0..MOST_STATES + 3 {
        note(&path, &format!("state {number}"));
        assert!(desk.states.keep(&path, &number.to_string()).unwrap());
        assert!(!desk.states.keep(&path, "again").unwrap(), "the same state is not kept twice");
    }
    let states = desk.states.of(&path);
    let kept: Vec<&str> = states.iter().map(|state| state.kept.as_str()).collect();
    assert_eq!(kept, (3..MOST_STATES + 3).rev().map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(desk.kept_bytes() < photo + 10 * 20_000, "{} bytes", desk.kept_bytes());
    for (state, number) in states.iter().zip((3..MOST_STATES + 3).rev()) {
        let back = desk.path("back.scalp");
        desk.states.restore(state.number, &back, Existing::Replace).unwrap();
        assert_eq!(Case::open(&back).unwrap().document().notes, format!("state {number}"));
    }
}

#[test]
fn a_case_keeps_its_states_under_another_name_and_its_old_name_has_none_of_them() {
    let desk = Desk::new();
    let (anna, berta) = (desk.case("anna.scalp", &["front"]), desk.case("berta.scalp", &["top"]));
    desk.states.keep(&anna, "1").unwrap();
    desk.states.keep(&berta, "2").unwrap();
    let moved = desk.path("anna elsewhere.scalp");
    fs::rename(&anna, &moved).unwrap();
    fs::rename(&berta, &anna).unwrap();
    note(&moved, "changed since");
    let of = |path: &Path| desk.states.of(path).into_iter().map(|state| state.kept).collect::<Vec<_>>();
    assert_eq!(of(&moved), ["1"]);
    assert_eq!(of(&anna), ["2"], "the case that has got the name");

    assert_eq!(desk.states.forget(&moved).unwrap(), 1);
    assert_eq!((of(&moved), of(&anna)), (vec![], vec!["2".to_owned()]));
    assert_eq!(desk.states.forget(&anna).unwrap(), 1);
    assert_eq!(desk.kept_bytes(), 0, "nothing of a client stays");
}

#[test]
fn the_oldest_give_way_where_room_is_short_and_photos_come_from_the_case() {
    let desk = Desk::new();
    let (anna, berta) = (desk.case("anna.scalp", &["front"]), desk.case("berta.scalp", &["top"]));
    let size = |path: &Path| Case::open(path).unwrap().photo_bytes(0).unwrap().len() as u64;
    let room = desk.states.clone().with_most_bytes(size(&anna).max(size(&berta)) + 20_000);
    room.keep(&anna, "1").unwrap();
    room.keep(&berta, "2").unwrap();
    assert_eq!(room.all().into_iter().map(|state| state.kept).collect::<Vec<_>>(), ["2"]);

    let none = desk.states.clone().with_most_bytes(30_000);
    note(&anna, "before");
    none.keep(&anna, "3").unwrap();
    note(&anna, "after");
    assert!(desk.kept_bytes() < 30_000);
    let back = desk.path("back.scalp");
    let restored = none.restore(none.of(&anna)[0].number, &back, Existing::Refuse).unwrap();
    assert_eq!(restored.lost, [""; 0], "the photo is still in the case");
    assert_eq!(Case::open(&back).unwrap().document().notes, "before");
    assert!(Case::open(&back).unwrap().photo_bytes(0).is_ok());
    fs::remove_file(&anna).unwrap();
    let restored = none.restore(none.all()[0].number, &back, Existing::Replace).unwrap();
    assert_eq!(restored.lost.len(), 1, "{restored:?}");
}

#[test]
fn what_is_damaged_is_told_and_never_restored() {
    let desk = Desk::new();
    let path = desk.case("anna.scalp", &["front"]);
    desk.states.keep(&path, "1").unwrap();
    fs::remove_file(&path).unwrap();
    let number = desk.states.all()[0].number;
    let back = desk.path("back.scalp");
    for file in fs::read_dir(desk.path("data/earlier/content")).unwrap() {
        let file = file.unwrap().path();
        let whole = fs::read(&file).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, &bytes).unwrap();
        match desk.states.restore(number, &back, Existing::Replace) {
            Ok(restored) => assert_eq!(restored.lost.len(), 1, "the photo"),
            Err(error) => assert!(error.to_string().contains("cannot be read"), "{error}"),
        }
        fs::write(&file, whole).unwrap();
    }
    // A record from anybody leads nowhere else.
    let record = desk.path(&format!("data/earlier/states/{number:010}.json"));
    let text = fs::read_to_string(&record).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["document"] = "../../../etc/passwd".into();
    fs::write(&record, json.to_string()).unwrap();
    assert!(desk.states.restore(number, &back, Existing::Replace).is_err());
}

/// Whoever deletes a client learns of what is still there.
#[test]
fn content_that_cannot_be_removed_is_reported() {
    let desk = Desk::new();
    let path = desk.case("anna.scalp", &["front"]);
    desk.states.keep(&path, "1").unwrap();
    let stuck = desk.path("data/earlier/content").join("0".repeat(64));
    fs::create_dir(&stuck).unwrap();
    for _ in 0..2 {
        let error = desk.states.forget(&path).unwrap_err().to_string();
        assert!(error.contains("could not be written") && !error.contains("os error"), "{error}");
        assert_eq!(fs::read_dir(desk.path("data/earlier/content")).unwrap().count(), 1, "all else is removed");
    }
    // Where nothing can be removed, no state is given up to make room.
    let berta = desk.case("berta.scalp", &["top"]);
    let room = desk.states.clone().with_most_bytes(1);
    fs::write(stuck.join("x"), "x").unwrap();
    for number in 0..3 {
        note(&berta, &format!("state {number}"));
        room.keep(&berta, "2").unwrap();
    }
    assert_eq!(desk.states.all().len(), 3);
    fs::remove_dir_all(&stuck).unwrap();
    assert_eq!(desk.states.forget(&berta).unwrap(), 3);
    assert_eq!(desk.kept_bytes(), 0);
}

/// A newer program wrote it, or it is longer than one ever is.
#[test]
fn what_a_record_names_that_cannot_be_read_is_kept() {
    let desk = Desk::new();
    let (anna, berta) = (desk.case("anna.scalp", &["front"]), desk.case("berta.scalp", &["top"]));
    desk.states.keep(&anna, "1").unwrap();
    let record = desk.path("data/earlier/states/0000000001.json");
    let text = fs::read_to_string(&record).unwrap();
    let kept = desk.kept_bytes();
    for changed in [
        text.replacen("\"format\": 1", "\"format\": 2", 1),
        format!("{text}{}", " ".repeat(65 << 20)),
        text[..text.len() - 20].to_owned(),
    ] {
        fs::write(&record, changed).unwrap();
        assert_eq!(desk.states.all(), []);
        desk.states.keep(&berta, "2").unwrap();
        desk.states.forget(&berta).unwrap();
        fs::write(&record, &text).unwrap();
        assert_eq!(desk.kept_bytes(), kept);
        let restored = desk.states.restore(1, &desk.path("back.scalp"), Existing::Replace).unwrap();
        assert_eq!(restored.lost, [""; 0]);
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_them() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.states.keep(&desk.case("anna.scalp", &["front"]), "1").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    for folder in ["data/earlier", "data/earlier/content", "data/earlier/states"] {
        assert_eq!(mode(&desk.path(folder)), 0, "{folder}");
        for file in fs::read_dir(desk.path(folder)).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0);
        }
    }
}

/// Whoever tidies away a copy does not lose what the case itself can be restored from.
#[test]
fn deleting_a_copy_keeps_the_states_of_the_case() {
    let desk = Desk::new();
    let path = desk.case("anna.scalp", &["front"]);
    desk.states.keep(&path, "monday").unwrap();
    let copy = desk.path("anna-copy.scalp");
    fs::copy(&path, &copy).unwrap();
    let deleted = scalp_studio::case::delete::delete(&copy, Some(&desk.states)).unwrap();
    assert_eq!((deleted.states, deleted.states_kept_for.as_ref()), (0, Some(&path)));
    assert_eq!(desk.states.of(&path).len(), 1);
    let deleted = scalp_studio::case::delete::delete(&path, Some(&desk.states)).unwrap();
    assert_eq!((deleted.states, deleted.states_kept_for), (1, None));
    assert_eq!(desk.states.all(), []);
}
