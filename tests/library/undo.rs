//! What the case file promises about undo steps.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use rusqlite::Connection;
use scalp_studio::case::CaseError;
use scalp_studio::case::store::{Access, Change, Direction, PhotoFile, Store, StoreLimits};
use scalp_studio::ground::files::Existing;

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
}

/// A closed case with the document "start" and two photos.
fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    let photos = [photo(1), photo(2)];
    drop(Store::create(&path, "start", &photos, Existing::Refuse).unwrap());
    File { folder, path }
}

/// A photo whose bytes occur nowhere else.
fn photo(number: usize) -> PhotoFile {
    let bytes = (0..20_000).map(|index| ((index * index + number * 77) * 31 % 251) as u8).collect();
    PhotoFile::new(&format!("{number}.jpg"), bytes)
}

impl File {
    fn tamper(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }

    fn open(&self) -> Store {
        Store::open(&self.path).unwrap()
    }

    /// Whether any part of a photo is in the file. Pages are larger than the 500 bytes looked for.
    fn has_bytes_of(&self, number: usize) -> bool {
        let (bytes, file) = (photo(number).bytes().to_vec(), fs::read(&self.path).unwrap());
        bytes.chunks_exact(500).any(|piece| file.windows(500).any(|window| window == piece))
    }

    /// Makes it a file as a program of format 1 would have written it.
    fn make_format_1(&self) {
        self.tamper("DROP TABLE history; DROP TABLE thumbnail; DROP TABLE digest; DROP TABLE trail; DROP TABLE checksum; PRAGMA user_version = 1; VACUUM");
    }
}

/// Commits a step, with the photos that the document shows before and after it.
fn commit_with(store: &mut Store, document: &str, before: &[i64], after: &[i64]) -> Result<Vec<i64>, CaseError> {
    store.commit(&Change {
        name: format!("to {document}"),
        document_json: document.into(),
        photos_before: before.to_vec(),
        photos_after: after.to_vec(),
    })
}

fn commit(store: &mut Store, document: &str) -> Result<(), CaseError> {
    commit_with(store, document, &[1, 2], &[1, 2]).map(drop)
}

fn take(store: &mut Store, direction: Direction) -> Result<Option<String>, CaseError> {
    let Some(step) = store.step(direction)? else { return Ok(None) };
    store.take(&step)?;
    Ok(Some(step.name))
}

fn undo(store: &mut Store) -> Option<String> {
    take(store, Direction::Undo).unwrap()
}

fn redo(store: &mut Store) -> Option<String> {
    take(store, Direction::Redo).unwrap()
}

#[derive(Debug, Clone)]
enum Act {
    Commit(String),
    Undo,
    Redo,
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => "[abäö€]{0,12}".prop_map(Act::Commit),
        3 => Just(Act::Undo),
        2 => Just(Act::Redo),
        1 => Just(Act::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the sequence, steps behave like a list of documents with a cursor in it.
    #[test]
    fn steps_behave_like_a_list_of_documents_with_a_cursor(acts in prop::collection::vec(act(), 1..25)) {
        let file = file();
        let limits = StoreLimits { max_steps: 5, ..StoreLimits::default() };
        let open = || Store::open_with(&file.path, limits).unwrap();
        let mut store = open();
        let (mut documents, mut cursor) = (vec!["start".to_owned()], 0);
        for act in acts {
            match act {
                Act::Commit(document) => {
                    commit(&mut store, &document).unwrap();
                    documents.truncate(cursor + 1);
                    documents.push(document);
                    if documents.len() > 6 {
                        documents.remove(0);
                    }
                    cursor = documents.len() - 1;
                }
                Act::Undo => {
                    let name = (cursor > 0).then(|| format!("to {}", documents[cursor]));
                    prop_assert_eq!(undo(&mut store), name);
                    cursor = cursor.saturating_sub(1);
                }
                Act::Redo => {
                    let next = documents.get(cursor + 1).map(|document| format!("to {document}"));
                    cursor += usize::from(next.is_some());
                    prop_assert_eq!(redo(&mut store), next);
                }
                Act::Reopen => {
                    drop(store);
                    store = open();
                }
            }
            prop_assert_eq!(&store.document().unwrap(), &documents[cursor]);
            let name = |at: usize| documents.get(at).map(|document| format!("to {document}"));
            prop_assert_eq!(store.undo_name().map(str::to_owned), if cursor > 0 { name(cursor) } else { None });
            prop_assert_eq!(store.redo_name().map(str::to_owned), name(cursor + 1));
        }
        prop_assert!(!store.read_only());
    }
}

#[test]
fn the_oldest_steps_make_room_for_the_newest() {
    let file = file();
    let limits = StoreLimits { max_history_bytes: 5_000, ..StoreLimits::default() };
    let mut store = Store::open_with(&file.path, limits).unwrap();
    for letter in ["a", "b", "c"] {
        // Differs from the document before in every byte.
        commit(&mut store, &letter.repeat(1_000)).unwrap();
    }
    assert_eq!((0..9).map_while(|_| undo(&mut store)).count(), 2, "a step has 2000 bytes");
    assert_eq!(store.document().unwrap(), "a".repeat(1_000));
    // A step that is too large by itself cannot be undone, nor can anything before it.
    commit(&mut store, &"d".repeat(5_000)).unwrap();
    assert_eq!((store.undo_name(), store.redo_name()), (None, None));
    drop(store);
    assert!(!Store::open_with(&file.path, limits).unwrap().read_only());
}

#[test]
fn a_case_of_format_1_gets_a_history_at_its_first_change() {
    let file = file();
    file.make_format_1();
    let before = fs::read(&file.path).unwrap();
    let mut store = file.open();
    assert!(!store.read_only());
    assert_eq!((undo(&mut store), redo(&mut store), store.undo_name()), (None, None, None));
    store.set_thumbnail(1, 1, b"small").unwrap();
    assert_eq!(store.thumbnail(1, 1).unwrap(), None);
    assert_eq!(store.photo_bytes(2).unwrap(), photo(2).bytes());
    assert!(fs::read(&file.path).unwrap() == before, "looking at a case does not change it");
    commit(&mut store, "next").unwrap();
    assert_eq!(store.undo_name(), Some("to next"));
    drop(store);

    let mut store = file.open();
    assert_eq!(undo(&mut store).as_deref(), Some("to next"));
    assert_eq!(store.document().unwrap(), "start");
    store.set_thumbnail(1, 1, b"small").unwrap();
    assert_eq!(store.thumbnail(1, 1).unwrap().as_deref(), Some(&b"small"[..]));
}

#[test]
fn a_crash_in_the_middle_of_a_step_rolls_all_of_it_back() {
    for format in [1, 2] {
        let file = file();
        let mut store = file.open();
        commit(&mut store, "next").unwrap();
        drop(store);
        let connection = Connection::open(&file.path).unwrap();
        let tables: Vec<String> = ["history", "thumbnail"]
            .map(|name| {
                let question = "SELECT sql FROM sqlite_schema WHERE name = ?1";
                connection.query_row(question, [name], |row| row.get(0)).unwrap()
            })
            .into();
        if format == 1 {
            file.make_format_1();
        }
        // What a killed program leaves: a journal, and a file with part of the change in it.
        connection.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
        if format == 1 {
            connection.execute_batch(&format!("{};{};PRAGMA user_version = 2", tables[0], tables[1])).unwrap();
        }
        let step = "INSERT INTO history VALUES (9, 'half', 1, '[1,2]', 0, 0, ?1, 'y')";
        connection.execute(step, ["y".repeat(300_000)]).unwrap();
        connection.execute("UPDATE document SET revision = 77, json = ?1", ["y".repeat(300_000)]).unwrap();
        connection.execute("DELETE FROM photo WHERE id = 1", ()).unwrap();
        let crashed = file.folder.path().join("crashed.scalp");
        fs::copy(&file.path, &crashed).unwrap();
        fs::copy(file.path.with_extension("scalp-journal"), crashed.with_extension("scalp-journal")).unwrap();
        connection.execute_batch("ROLLBACK").unwrap();
        assert!(fs::read(&crashed).unwrap() != fs::read(&file.path).unwrap(), "there is nothing to roll back");

        let mut store = Store::open(&crashed).unwrap();
        assert!(!store.read_only());
        assert_eq!(store.document().unwrap(), "next");
        assert_eq!(store.photo_bytes(1).unwrap(), photo(1).bytes());
        assert_eq!(undo(&mut store).is_some(), format == 2);
        commit(&mut store, "after").unwrap();
        assert_eq!(undo(&mut store).as_deref(), Some("to after"));
    }
}

#[test]
fn a_step_that_does_not_fit_leaves_everything_as_it_was() {
    let file = file();
    let mut store = file.open();
    commit(&mut store, "next").unwrap();
    drop(store);
    let size = fs::metadata(&file.path).unwrap().len();
    let limits = StoreLimits { max_file_bytes: size, ..StoreLimits::default() };
    let mut store = Store::open_with(&file.path, limits).unwrap();
    let error = commit(&mut store, &"x".repeat(100_000)).unwrap_err();
    assert!(matches!(error, CaseError::Full { .. }), "{error}");
    assert_eq!(store.document().unwrap(), "next");
    assert_eq!(store.undo_name(), Some("to next"));
    assert_eq!(undo(&mut store).as_deref(), Some("to next"));
}

#[test]
fn photos_are_kept_exactly_as_long_as_a_step_needs_them() {
    let file = file();
    let mut store = Store::open_with(&file.path, StoreLimits { max_steps: 3, ..StoreLimits::default() }).unwrap();
    store.set_thumbnail(2, 1, b"small").unwrap();
    assert!(commit_with(&mut store, "without 2", &[1, 2], &[1]).unwrap().is_empty());
    undo(&mut store);
    assert_eq!(store.photo_bytes(2).unwrap(), photo(2).bytes());
    redo(&mut store);
    for round in 0..2 {
        assert!(commit_with(&mut store, &format!("round {round}"), &[1], &[1]).unwrap().is_empty());
    }
    assert!(file.has_bytes_of(2), "this test does not recognise photos");
    assert_eq!(commit_with(&mut store, "last", &[1], &[1]).unwrap(), [2]);
    assert!(matches!(store.photo_bytes(2), Err(CaseError::NoSuchPhoto { id: 2, .. })));
    assert_eq!(store.thumbnail(2, 1).unwrap(), None);
    assert!(!file.has_bytes_of(2), "bytes of the photo are left");
    assert!(file.has_bytes_of(1));

    // A photo that was added and undone goes with the step.
    let change = |id| Change {
        name: "Add".into(),
        document_json: "with 3".into(),
        photos_before: vec![1],
        photos_after: vec![1, id],
    };
    let (ids, _) = store.add_photos([&photo(3)], |ids| change(ids[0])).unwrap();
    let id = ids[0];
    undo(&mut store);
    assert!(file.has_bytes_of(3));
    assert_eq!(commit_with(&mut store, "other", &[1], &[1]).unwrap(), [id]);
    assert!(!file.has_bytes_of(3));
}

#[test]
fn nothing_of_a_forgotten_history_is_left_in_the_file() {
    let file = file();
    let mut store = file.open();
    commit_with(&mut store, "a secret remark", &[1, 2], &[1, 2]).unwrap();
    commit_with(&mut store, "without 2", &[1, 2], &[1]).unwrap();
    undo(&mut store);
    redo(&mut store);
    let size = fs::metadata(&file.path).unwrap().len();
    let mut other = file.open();
    assert_eq!(store.forget_history(&[1]).unwrap(), [2]);
    assert_eq!((undo(&mut store), redo(&mut store), store.undo_name()), (None, None, None));
    assert_eq!(store.document().unwrap(), "without 2");
    assert!(!file.has_bytes_of(2) && file.has_bytes_of(1));
    let bytes = fs::read(&file.path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"secret"));
    assert!((bytes.len() as u64) < size - 15_000, "the file has hardly shrunk");
    // Another program must not undo a step that is gone.
    assert!(matches!(take(&mut other, Direction::Undo), Err(CaseError::Changed { .. })));
    commit(&mut store, "next").unwrap();
    drop(store);
    assert!(!file.open().read_only());
}

#[test]
fn two_programs_do_not_undo_each_others_steps() {
    let file = file();
    let mut first = file.open();
    commit(&mut first, "first").unwrap();
    let mut second = file.open();
    let step = second.step(Direction::Undo).unwrap().unwrap();
    commit(&mut first, "again").unwrap();
    assert!(matches!(second.take(&step), Err(CaseError::Changed { .. })));
    assert!(matches!(take(&mut second, Direction::Undo), Err(CaseError::Changed { .. })));
    assert_eq!(second.document().unwrap(), "again");
    assert_eq!(undo(&mut second).as_deref(), Some("to again"));
    assert!(matches!(commit(&mut first, "third"), Err(CaseError::Changed { .. })));
}

#[test]
fn a_tampered_history_does_no_harm() {
    // A step that does not fit the document is an error, and everything else goes on.
    for (id, change) in [
        "prefix = 1000000",
        "prefix = -1",
        "prefix = 9223372036854775807, suffix = 9223372036854775807",
        "suffix = -9223372036854775808",
        "suffix = 99",
        "after = 'something else'",
    ]
    .into_iter()
    .enumerate()
    {
        let file = file();
        commit(&mut file.open(), "next").unwrap();
        file.tamper(&format!("UPDATE history SET {change}"));
        let mut store = file.open();
        let before = fs::read(&file.path).unwrap();
        let error = take(&mut store, Direction::Undo).unwrap_err();
        assert!(matches!(&error, CaseError::DamagedStep { name, .. } if name == "to next"), "{id}: {error}");
        assert!(fs::read(&file.path).unwrap() == before, "{id}");
        commit(&mut store, "more").unwrap();
        assert_eq!(undo(&mut store).as_deref(), Some("to more"));
        assert_eq!(store.document().unwrap(), "next");
    }

    // Undone steps before done ones, numbers at the end of their range, broken lists.
    for change in ["done = -5", "done = 0", "id = -9223372036854775808", "photos = '[1,'", "photos = '[1.5,null]'"] {
        let file = file();
        let mut store = file.open();
        commit(&mut store, "one").unwrap();
        commit(&mut store, "two").unwrap();
        drop(store);
        file.tamper(&format!("UPDATE history SET {change} WHERE id = 1"));
        let mut store = file.open();
        undo(&mut store);
        drop((take(&mut store, Direction::Redo), take(&mut store, Direction::Redo)));
        commit_with(&mut store, "three", &[1], &[1]).unwrap();
        assert_eq!(undo(&mut store).as_deref(), Some("to three"), "{change}");
        assert_eq!(store.photo_bytes(1).unwrap(), photo(1).bytes());
    }
    let file = file();
    commit(&mut file.open(), "next").unwrap();
    file.tamper("UPDATE history SET id = 9223372036854775807, name = printf('%.*c', 100000, 'n')");
    let mut store = file.open();
    assert!(store.undo_name().unwrap().len() <= 200);
    assert!(commit(&mut store, "no number is left for it").is_err());
    assert_eq!(store.document().unwrap(), "next");

    // More than this program would ever have written.
    let limited = |limits| Store::open_with(&file.path, limits).map(drop);
    assert!(matches!(limited(StoreLimits { max_steps: 0, ..Default::default() }), Err(CaseError::Limit { .. })));
    let small = StoreLimits { max_history_bytes: 99_999, ..Default::default() };
    assert!(matches!(limited(small), Err(CaseError::Limit { .. })));
    file.tamper("INSERT INTO thumbnail VALUES (1, 1, zeroblob(300000))");
    assert!(matches!(limited(StoreLimits::default()), Err(CaseError::Limit { .. })));
}

#[test]
fn a_copy_has_the_history_and_the_photos() {
    let file = file();
    let mut store = file.open();
    commit_with(&mut store, "without 2", &[1, 2], &[1]).unwrap();
    let copy = file.folder.path().join("ä copy.scalp");
    store.copy_to(&copy, Existing::Refuse).unwrap();
    let mut copied = Store::open(&copy).unwrap();
    assert!(!copied.read_only());
    assert_eq!(undo(&mut copied).as_deref(), Some("to without 2"));
    assert_eq!(copied.photo_bytes(2).unwrap(), photo(2).bytes());
    assert_eq!(store.document().unwrap(), "without 2", "undoing in the copy must not affect the original");

    let before = fs::read(&file.path).unwrap();
    assert!(store.copy_to(&copy, Existing::Refuse).is_err());
    assert!(store.copy_to(&file.path, Existing::Refuse).is_err());
    store.copy_to(&file.path, Existing::Replace).unwrap();
    assert!(fs::read(&file.path).unwrap() == before, "copied onto itself");
    store.copy_to(&copy, Existing::Replace).unwrap();
    assert_eq!(Store::open(&copy).unwrap().document().unwrap(), "without 2");
    // A journal left over from another case must not be taken for part of this one.
    fs::write(file.folder.path().join("left.scalp-journal"), "x").unwrap();
    let left = file.folder.path().join("left.scalp");
    assert!(matches!(store.copy_to(&left, Existing::Refuse), Err(CaseError::LeftOver { .. })));
    commit(&mut file.open(), "by another program").unwrap();
    let third = file.folder.path().join("third.scalp");
    assert!(matches!(store.copy_to(&third, Existing::Refuse), Err(CaseError::Changed { .. })));
    let mut names: Vec<_> = fs::read_dir(file.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["client.scalp", "left.scalp-journal", "ä copy.scalp"]);
}

#[test]
fn a_case_that_cannot_be_changed_can_be_copied() {
    let file = file();
    commit(&mut file.open(), "next").unwrap();
    // With a wrong free-list counter in the header the tables can be read, but the check does not pass.
    let mut bytes = fs::read(&file.path).unwrap();
    bytes[36..40].copy_from_slice(&3_u32.to_be_bytes());
    fs::write(&file.path, &bytes).unwrap();
    let mut store = file.open();
    assert!(matches!(store.access(), Access::ReadOnlyDamaged(_)));
    assert_eq!(store.undo_name(), None, "no step can be taken");
    assert!(matches!(store.step(Direction::Undo), Err(CaseError::ReadOnly { .. })));
    assert!(matches!(store.forget_history(&[]), Err(CaseError::ReadOnly { .. })));
    store.set_thumbnail(1, 1, b"small").unwrap();
    let copy = file.folder.path().join("copy.scalp");
    store.copy_to(&copy, Existing::Refuse).unwrap();
    assert!(fs::read(&file.path).unwrap() == bytes);
    let mut copied = Store::open(&copy).unwrap();
    assert!(!copied.read_only());
    assert_eq!(undo(&mut copied).as_deref(), Some("to next"));

    let newer = file.folder.path().join("newer.scalp");
    Connection::open(&copy).unwrap().execute_batch("PRAGMA user_version = 6; CREATE TABLE later (x)").unwrap();
    Store::open(&copy).unwrap().copy_to(&newer, Existing::Refuse).unwrap();
    assert_eq!(*Store::open(&newer).unwrap().access(), Access::ReadOnlyNewer(6));
}
