//! The case file keeps its promises when things go wrong.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::Connection;
use scalp_studio::case::CaseError;
use scalp_studio::case::store::{Access, Change, Direction, PhotoFile, Store, StoreLimits};
use scalp_studio::ground::files::{Existing, Fault};

const DOCUMENT: &str = r#"{"version":1,"notes":"Haarlinie, 73 mm"}"#;

fn photo(name: &str, size: usize) -> PhotoFile {
    PhotoFile::new(name, (0..size).map(|index| ((index * index + size) * 31 % 251) as u8).collect())
}

/// A step that keeps the first few photos.
fn change(name: &str, document: &str) -> Change {
    let photos: Vec<i64> = (1..9).collect();
    Change { name: name.into(), document_json: document.into(), photos_before: photos.clone(), photos_after: photos }
}

fn set_document(store: &mut Store, document: &str) -> Result<(), CaseError> {
    store.commit(&change("Change", document)).map(|gone| assert!(gone.is_empty()))
}

/// Adds a photo beside an unchanged document.
fn add_photo(store: &mut Store, photo: &PhotoFile) -> Result<i64, CaseError> {
    let document = store.document()?;
    store.add_photos([photo], |_| change("Add", &document)).map(|(ids, _)| ids[0])
}

struct Case {
    folder: tempfile::TempDir,
    path: PathBuf,
}

/// A closed case with two photos.
fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    let photos = [photo("front.jpg", 30_000), photo("back.jpg", 12_345)];
    drop(Store::create(&path, DOCUMENT, &photos, Existing::Refuse).unwrap());
    Case { folder, path }
}

impl Case {
    fn file_names(&self) -> Vec<String> {
        fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Changes the file with SQLite behind the program's back.
    fn tamper(&self, sql: &str) {
        let connection = Connection::open(&self.path).unwrap();
        connection.execute_batch(sql).unwrap();
    }
}

fn open_error(path: &Path) -> CaseError {
    Store::open(path).unwrap_err()
}

#[test]
fn what_is_stored_comes_back() {
    let case = case();
    assert_eq!(case.file_names(), ["client.scalp"], "a single file at rest");
    let mut store = Store::open(&case.path).unwrap();
    assert!(!store.read_only());
    assert_eq!(store.document().unwrap(), DOCUMENT);
    let id = add_photo(&mut store, &photo("top.jpg", 1)).unwrap();
    set_document(&mut store, "{}").unwrap();
    set_document(&mut store, "{\"a\":2}").unwrap();
    drop(store);

    let mut store = Store::open(&case.path).unwrap();
    assert_eq!(store.document().unwrap(), "{\"a\":2}");
    let entries = store.photos().unwrap();
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["front.jpg", "back.jpg", "top.jpg"]);
    assert_eq!((entries[0].size, entries[2].id), (30_000, id));
    assert_eq!(store.photo_bytes(entries[0].id).unwrap(), photo("", 30_000).bytes());
    assert!(matches!(store.photo_bytes(99), Err(CaseError::NoSuchPhoto { id: 99, .. })));
    assert_eq!(case.file_names(), ["client.scalp"], "a single file while open");
}

#[test]
fn an_existing_case_is_replaced_only_when_told() {
    let case = case();
    let error = Store::create(&case.path, "{}", &[], Existing::Refuse).unwrap_err();
    assert_eq!(error.fault(), Fault::Input);
    assert_eq!(Store::open(&case.path).unwrap().document().unwrap(), DOCUMENT);
    let mut store = Store::create(&case.path, "{}", &[], Existing::Replace).unwrap();
    assert_eq!(store.document().unwrap(), "{}");
    assert_eq!(store.photos().unwrap(), []);
}

#[test]
fn a_full_disk_leaves_the_case_as_it_was() {
    let case = case();
    let size = fs::metadata(&case.path).unwrap().len();
    let limits = StoreLimits { max_file_bytes: size + 8192, ..StoreLimits::default() };
    let mut store = Store::open_with(&case.path, limits).unwrap();
    let long = "x".repeat(100_000);
    let error = set_document(&mut store, &long).unwrap_err();
    assert!(matches!(error, CaseError::Full { .. }), "{error}");
    assert_eq!(error.fault(), Fault::Output);
    assert!(matches!(add_photo(&mut store, &photo("side.jpg", 100_000)), Err(CaseError::Full { .. })));
    // The store is still usable, and so is the file.
    assert_eq!(store.document().unwrap(), DOCUMENT);
    set_document(&mut store, "{}").unwrap();
    drop(store);
    let store = Store::open(&case.path).unwrap();
    assert_eq!(store.photos().unwrap().len(), 2);
    assert_eq!(case.file_names(), ["client.scalp"]);

    let other = case.folder.path().join("new.scalp");
    let tiny = StoreLimits { max_file_bytes: 20_000, ..StoreLimits::default() };
    let error = Store::create_with(&other, "{}", &[photo("a.jpg", 50_000)], Existing::Refuse, tiny).unwrap_err();
    assert!(matches!(error, CaseError::Full { .. }), "{error}");
    assert_eq!(case.file_names(), ["client.scalp"], "no half-made case stays behind");
}

#[test]
fn a_crash_in_the_middle_of_a_change_undoes_it() {
    let case = case();
    // What a killed program leaves: the journal, and a file with part of the change in it.
    let connection = Connection::open(&case.path).unwrap();
    connection.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    connection.execute("UPDATE document SET json = ?1", ["y".repeat(500_000)]).unwrap();
    let crashed = case.folder.path().join("crashed.scalp");
    fs::copy(&case.path, &crashed).unwrap();
    fs::copy(case.folder.path().join("client.scalp-journal"), case.folder.path().join("crashed.scalp-journal"))
        .unwrap();
    assert!(!fs::read(&crashed).unwrap().is_empty(), "copied");
    connection.execute_batch("ROLLBACK").unwrap();
    drop(connection);

    let error = Store::create(&crashed, "{}", &[], Existing::Replace).unwrap_err();
    assert!(matches!(error, CaseError::LeftOver { .. }), "{error}");
    let mut store = Store::open(&crashed).unwrap();
    assert!(!store.read_only());
    assert_eq!(store.document().unwrap(), DOCUMENT);
    assert_eq!(store.photo_bytes(1).unwrap(), photo("", 30_000).bytes());
}

#[test]
fn a_newer_case_opens_for_reading_only() {
    let case = case();
    case.tamper("PRAGMA user_version = 6; CREATE TABLE extra (x); CREATE INDEX extra_x ON extra (x);");
    let before = fs::read(&case.path).unwrap();
    let mut store = Store::open(&case.path).unwrap();
    assert_eq!(*store.access(), Access::ReadOnlyNewer(6));
    assert!(store.access().read_only_reason().unwrap().contains("newer version"));
    assert_eq!(store.document().unwrap(), DOCUMENT);
    let error = set_document(&mut store, "{}").unwrap_err();
    assert!(matches!(error, CaseError::ReadOnly { .. }), "{error}");
    assert_eq!(error.fault(), Fault::Output);
    assert!(add_photo(&mut store, &photo("x", 1)).is_err());
    drop(store);
    assert_eq!(fs::read(&case.path).unwrap(), before);

    case.tamper("ALTER TABLE document RENAME TO plan");
    assert!(matches!(open_error(&case.path), CaseError::TooNew { .. }));
}

#[test]
fn what_is_no_case_is_told_apart() {
    let case = case();
    let file = |name: &str, bytes: &[u8]| {
        let path = case.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    assert!(matches!(open_error(&file("empty.scalp", b"")), CaseError::Empty { .. }));
    assert!(matches!(open_error(&file("text.scalp", b"hello")), CaseError::Foreign { .. }));
    assert!(matches!(open_error(&file("zip.scalp", &[b'P'; 4096])), CaseError::Foreign { .. }));
    assert!(matches!(open_error(case.folder.path()), CaseError::NotAFile { .. }));
    assert!(matches!(open_error(&case.folder.path().join("no.scalp")), CaseError::Missing { .. }));
    let foreign = case.folder.path().join("bookmarks.sqlite");
    Connection::open(&foreign).unwrap().execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (x);").unwrap();
    let before = fs::read(&foreign).unwrap();
    let error = open_error(&foreign);
    assert!(matches!(error, CaseError::Foreign { .. }));
    assert_eq!(error.fault(), Fault::Input);
    assert!(error.to_string().ends_with("bookmarks.sqlite"), "{error}");
    assert_eq!(fs::read(&foreign).unwrap(), before);
}

#[test]
fn a_schema_that_is_not_ours_is_refused() {
    for sql in [
        "CREATE TRIGGER t AFTER UPDATE ON document BEGIN DELETE FROM photo; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE TABLE extra (x)",
        "DROP TABLE photo; CREATE VIEW photo AS SELECT 1 AS id",
        "ALTER TABLE photo ADD COLUMN x TEXT",
        "DROP TABLE history",
        "DROP TABLE thumbnail; CREATE TABLE thumbnail (photo, orientation, jpeg)",
        "CREATE INDEX i ON history (done)",
    ] {
        let case = case();
        case.tamper(sql);
        let before = fs::read(&case.path).unwrap();
        assert!(matches!(open_error(&case.path), CaseError::Damaged { .. }), "{sql}");
        assert_eq!(fs::read(&case.path).unwrap(), before, "{sql}");
        // Neither does a newer version excuse code in the schema.
        case.tamper("PRAGMA user_version = 7");
        let newer = Store::open(&case.path);
        let harmless = ["CREATE TABLE", "CREATE INDEX", "DROP TABLE history", "DROP TABLE thumbnail"];
        assert_eq!(newer.is_ok(), harmless.iter().any(|begin| sql.starts_with(begin)), "{sql}");
    }
}

#[test]
fn limits_hold_for_files_from_anybody() {
    let case = case();
    let open = |limits| Store::open_with(&case.path, limits).map(|_| ());
    let all = StoreLimits::default();
    assert!(open(all).is_ok());
    assert!(matches!(open(StoreLimits { max_photos: 1, ..all }), Err(CaseError::Limit { .. })));
    assert!(matches!(open(StoreLimits { max_photo_bytes: 29_999, ..all }), Err(CaseError::Limit { .. })));
    assert!(matches!(open(StoreLimits { max_document_bytes: 10, ..all }), Err(CaseError::Limit { .. })));

    let mut store =
        Store::open_with(&case.path, StoreLimits { max_photos: 2, max_document_bytes: 100, ..all }).unwrap();
    assert!(matches!(add_photo(&mut store, &photo("x", 1)), Err(CaseError::Limit { .. })));
    assert!(matches!(set_document(&mut store, &"x".repeat(101)), Err(CaseError::Limit { .. })));
    assert_eq!(store.document().unwrap(), DOCUMENT);
}

#[test]
fn a_changed_photo_is_noticed() {
    let case = case();
    let mut bytes = fs::read(&case.path).unwrap();
    // Somewhere inside the first photo.
    let needle = photo("", 30_000).bytes()[8_000..8_200].to_vec();
    let place = bytes.windows(200).position(|window| window == needle).unwrap();
    bytes[place] ^= 1;
    fs::write(&case.path, bytes).unwrap();
    let store = Store::open(&case.path).unwrap();
    assert!(matches!(store.photo_bytes(1), Err(CaseError::DamagedPhoto { .. })));
    assert_eq!(store.photo_bytes(2).unwrap(), photo("", 12_345).bytes());
}

#[test]
fn a_cut_off_case_is_refused_and_left_alone() {
    let case = case();
    let whole = fs::read(&case.path).unwrap();
    for length in (1..whole.len()).step_by(997).chain([99, 100, 4095, 4096, whole.len() - 1]) {
        fs::write(&case.path, &whole[..length]).unwrap();
        match Store::open(&case.path) {
            Err(error) => {
                assert!(matches!(error, CaseError::Damaged { .. } | CaseError::Foreign { .. }), "{length}: {error}");
            }
            // Less than a page is missing: all but the last photo can be had.
            Ok(mut store) => {
                assert!(matches!(store.access(), Access::ReadOnlyDamaged(_)), "{length}");
                assert!(length > whole.len() - 4096, "{length}");
                assert_eq!(store.document().unwrap(), DOCUMENT);
            }
        }
        assert_eq!(fs::read(&case.path).unwrap(), &whole[..length], "{length}");
    }
}

#[test]
fn a_damaged_case_opens_as_far_as_it_can_be_read() {
    let case = case();
    // A page of the photo's bytes is now claimed by nobody: the tables read well, the check does not pass.
    let mut bytes = fs::read(&case.path).unwrap();
    // Free-list counter in the header.
    bytes[36..40].copy_from_slice(&3_u32.to_be_bytes());
    fs::write(&case.path, &bytes).unwrap();
    let mut store = Store::open(&case.path).unwrap();
    assert!(matches!(store.access(), Access::ReadOnlyDamaged(_)));
    assert_eq!(store.document().unwrap(), DOCUMENT);
    assert!(matches!(set_document(&mut store, "{}"), Err(CaseError::ReadOnly { .. })));
    drop(store);
    assert_eq!(fs::read(&case.path).unwrap(), bytes);
}

#[test]
fn two_programs_do_not_undo_each_other() {
    let case = case();
    let mut first = Store::open(&case.path).unwrap();
    let mut second = Store::open(&case.path).unwrap();
    set_document(&mut first, "first").unwrap();
    assert!(matches!(set_document(&mut second, "second"), Err(CaseError::Changed { .. })));
    assert_eq!(second.document().unwrap(), "first");
    set_document(&mut second, "second").unwrap();
    assert!(matches!(set_document(&mut first, "third"), Err(CaseError::Changed { .. })));
}

#[test]
fn a_locked_case_is_reported_after_a_short_while() {
    let case = case();
    let mut store = Store::open(&case.path).unwrap();
    let holder = Connection::open(&case.path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = set_document(&mut store, "{}").unwrap_err();
    assert!(matches!(error, CaseError::Busy { .. }), "{error}");
    assert!(matches!(open_error(&case.path), CaseError::Busy { .. }));
    holder.execute_batch("ROLLBACK").unwrap();
    set_document(&mut store, "{}").unwrap();
}

#[test]
fn names_that_sqlite_would_interpret_are_plain_names() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:a.scalp?mode=memory", ":memory:", "ä ö'\"%.scalp"] {
        let path = folder.path().join(name);
        drop(Store::create(&path, DOCUMENT, &[], Existing::Refuse).unwrap());
        assert!(path.is_file(), "{name}");
        assert_eq!(Store::open(&path).unwrap().document().unwrap(), DOCUMENT);
    }
}

#[cfg(unix)]
#[test]
fn a_case_behind_a_link_is_changed_in_place() {
    let case = case();
    let link = case.folder.path().join("link.scalp");
    std::os::unix::fs::symlink(&case.path, &link).unwrap();
    set_document(&mut Store::open(&link).unwrap(), "{}").unwrap();
    assert_eq!(Store::open(&case.path).unwrap().document().unwrap(), "{}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in the file: an error or a store whose answers are errors or right, never a panic.
    #[test]
    fn damage_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        early in any::<bool>(),
    ) {
        let case = case();
        let mut bytes = fs::read(&case.path).unwrap();
        for (index, value) in changes {
            // The first pages hold the header and the tables' roots.
            let index = index.index(if early { 3 * 4096 } else { bytes.len() });
            bytes[index] = value;
        }
        fs::write(&case.path, &bytes).unwrap();
        if let Ok(mut store) = Store::open(&case.path) {
            drop(store.document());
            for direction in [Direction::Undo, Direction::Redo] {
                drop(store.step(direction));
            }
            drop(store.thumbnail(1, 1));
            if let Ok(entries) = store.photos() {
                for entry in entries {
                    if let Ok(photo_bytes) = store.photo_bytes(entry.id) {
                        prop_assert!([30_000, 12_345].contains(&photo_bytes.len()));
                    }
                }
            }
            if store.read_only() {
                let refused = set_document(&mut store, "new").is_err();
                prop_assert!(refused);
                drop(store);
                prop_assert_eq!(fs::read(&case.path).unwrap(), bytes);
            }
        } else {
            prop_assert_eq!(fs::read(&case.path).unwrap(), bytes);
        }
    }
}
