//! A journal that a crash left changes only the case that it belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use scalp_studio::case::CaseError;
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::case::store::{Change, PhotoFile, Store, StoreLimits};
use scalp_studio::ground::files::Existing;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A closed case with two photos of these sizes.
    fn case(&self, name: &str, document: &str, sizes: [usize; 2]) -> PathBuf {
        let path = self.path(name);
        let photos = sizes.map(|size| PhotoFile::new(&format!("{name} {size}.jpg"), noise(name, size)));
        drop(Store::create(&path, document, &photos, Existing::Refuse).unwrap());
        path
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// Bytes that are others for each client.
fn noise(client: &str, size: usize) -> Vec<u8> {
    let mut state = client.bytes().fold(size as u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

/// A document of some pages that names its client.
fn document(client: &str, size: usize) -> String {
    format!("{{\"client\":\"{client}\",\"plan\":\"{}\"}}", "x".repeat(size))
}

fn journal_of(case: &Path) -> PathBuf {
    case.with_extension("scalp-journal")
}

fn commit(store: &mut Store, document: &str) {
    let photos = vec![1, 2];
    let change = Change {
        name: "Change".into(),
        document_json: document.into(),
        photos_before: photos.clone(),
        photos_after: photos,
    };
    store.commit(&change).unwrap();
}

/// How far a change has got when the program is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Killed {
    /// The journal is written, the case is not.
    Early,
    /// Part of the change is in the case.
    HalfWay,
    /// All of it is, and only the journal is still to be deleted.
    Late,
}

/// What a program leaves that is killed in the middle of a change: case and journal at `crashed`.
fn crash(case: &Path, killed: Killed, crashed: &Path) {
    let before = fs::read(case).unwrap();
    let connection = Connection::open(case).unwrap();
    let cache = if killed == Killed::HalfWay { "PRAGMA cache_size = 1; PRAGMA cache_spill = 1;" } else { "" };
    // The journal stays when the change is done, with its header wiped.
    connection.execute_batch(&format!("{cache} PRAGMA journal_mode = persist; BEGIN IMMEDIATE")).unwrap();
    let json: String = connection.query_row("SELECT json FROM document", (), |row| row.get(0)).unwrap();
    let changed = json.replace('x', "y") + &"z".repeat(50_000);
    // The page with the revision is in the journal before any other is written.
    connection.execute("UPDATE document SET revision = revision + 1", ()).unwrap();
    connection.execute("UPDATE document SET json = ?1", [changed]).unwrap();
    if killed == Killed::HalfWay {
        fs::copy(case, crashed).unwrap();
        fs::copy(journal_of(case), journal_of(crashed)).unwrap();
        connection.execute_batch("ROLLBACK").unwrap();
    } else {
        connection.execute_batch("COMMIT").unwrap();
        let mut journal = fs::read(journal_of(case)).unwrap();
        restore_header(&mut journal, before.len() / PAGE);
        fs::write(journal_of(crashed), journal).unwrap();
        fs::write(crashed, if killed == Killed::Early { before } else { fs::read(case).unwrap() }).unwrap();
    }
    drop(connection);
    drop(fs::remove_file(journal_of(case)));
}

const PAGE: usize = 4096;
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// The header that was wiped: <https://www.sqlite.org/fileformat2.html#the_rollback_journal>.
fn restore_header(journal: &mut [u8], pages_before: usize) {
    const SECTOR: usize = 512;
    let records = (journal.len() - SECTOR) / (PAGE + 8);
    // A record is the number of a page, what was in it, and the sum of every 200th byte and a number of the journal's.
    let first = &journal[SECTOR + 4..SECTOR + 8 + PAGE];
    let bytes: u32 = (1..=PAGE / 200).map(|k| u32::from(first[PAGE - 200 * k])).sum();
    let number = u32::from_be_bytes(first[PAGE..].try_into().unwrap()).wrapping_sub(bytes);
    journal[..8].copy_from_slice(&MAGIC);
    for (place, value) in
        [(8, records as u32), (12, number), (16, pages_before as u32), (20, SECTOR as u32), (24, PAGE as u32)]
    {
        journal[place..place + 4].copy_from_slice(&value.to_be_bytes());
    }
}

/// The case opens as it was, and what lay beside it is kept under another name.
#[track_caller]
fn stays_as_it_is(case: &Path, document: &str) {
    let (bytes, journal) = (fs::read(case).unwrap(), fs::read(journal_of(case)).unwrap());
    let mut store = Store::open(case).unwrap();
    assert_eq!(store.document().unwrap(), document);
    assert!(!store.read_only());
    for id in [1, 2] {
        store.photo_bytes(id).unwrap();
    }
    let notes = store.take_notes();
    assert_eq!(notes.len(), 1, "{}: {notes:?}", case.display());
    let name = case.file_name().unwrap().to_str().unwrap();
    assert!(notes[0].contains(&format!("moved aside, to {name}-journal-left-over")), "{notes:?}");
    assert!(notes[0].ends_with(&case.display().to_string()), "{notes:?}");
    assert!(store.take_notes().is_empty(), "said once");
    drop(store);
    assert!(fs::read(case).unwrap() == bytes, "not a byte is changed");
    assert!(!journal_of(case).exists());
    assert!(fs::read(case.with_extension("scalp-journal-left-over")).unwrap() == journal, "nothing is lost");
}

#[test]
fn another_clients_journal_is_moved_aside() {
    for killed in [Killed::Early, Killed::HalfWay, Killed::Late] {
        // A smaller, a larger and an equally large case; the last one has all its pages in the same places.
        for sizes in [[3_000, 900], [2_000_000, 1_500_000], [400_000, 300_000]] {
            let folder = Folder::new();
            let anna = folder.case("anna.scalp", &document("Anna", 9_000), [400_000, 300_000]);
            let berta = folder.case("berta.scalp", &document("Bert", 9_000), sizes);
            let crashed = folder.path("crashed.scalp");
            crash(&anna, killed, &crashed);
            fs::rename(journal_of(&crashed), journal_of(&berta)).unwrap();
            stays_as_it_is(&berta, &document("Bert", 9_000));
        }
    }
}

#[test]
fn the_cases_own_journal_is_rolled_back() {
    for killed in [Killed::Early, Killed::HalfWay, Killed::Late] {
        for (text, changes) in [(10, 0), (9_000, 0), (9_000, 3), (300_000, 1)] {
            let folder = Folder::new();
            let case = folder.case("case.scalp", &document("Anna", text), [40_000, 30_000]);
            for number in 0..changes {
                commit(&mut Store::open(&case).unwrap(), &document(&format!("Anna {number}"), text));
            }
            let before = Store::open(&case).unwrap().document().unwrap();
            let crashed = folder.path("crashed.scalp");
            crash(&case, killed, &crashed);
            let mut store = Store::open(&crashed).unwrap();
            assert_eq!(store.document().unwrap(), before, "{killed:?} {text} {changes}");
            assert!(store.take_notes().is_empty());
            assert!(!store.read_only());
            commit(&mut store, "{}");
            drop(store);
            assert_eq!(folder.names(), ["case.scalp", "crashed.scalp"], "{killed:?} {text} {changes}");
        }
    }
}

/// A backup, or what another machine has put into a cloud folder: the same client, another state.
#[test]
fn the_journal_of_another_state_is_moved_aside() {
    for killed in [Killed::Early, Killed::HalfWay, Killed::Late] {
        for later in [1, 2, 5] {
            let folder = Folder::new();
            let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
            let backup = folder.path("backup.scalp");
            fs::copy(&case, &backup).unwrap();
            for number in 0..later {
                commit(&mut Store::open(&case).unwrap(), &document(&format!("Anna {number}"), 9_000));
            }
            crash(&case, killed, &folder.path("crashed.scalp"));
            fs::rename(folder.path("crashed.scalp-journal"), journal_of(&backup)).unwrap();
            stays_as_it_is(&backup, &document("Anna", 9_000));
        }
    }
}

#[test]
fn cases_of_earlier_programs_are_told_apart_by_what_is_in_them() {
    let count_from_1 = |case: &Path| {
        Connection::open(case).unwrap().execute("UPDATE document SET revision = 1", ()).unwrap();
    };
    for killed in [Killed::Early, Killed::HalfWay, Killed::Late] {
        let folder = Folder::new();
        let anna = folder.case("anna.scalp", &document("Anna", 9_000), [40_000, 30_000]);
        let berta = folder.case("berta.scalp", &document("Berta", 9_000), [90_000, 30_000]);
        count_from_1(&anna);
        count_from_1(&berta);
        let crashed = folder.path("crashed.scalp");
        crash(&anna, killed, &crashed);
        fs::copy(journal_of(&crashed), journal_of(&berta)).unwrap();
        stays_as_it_is(&berta, &document("Berta", 9_000));

        let mut store = Store::open(&crashed).unwrap();
        assert_eq!(store.document().unwrap(), document("Anna", 9_000), "{killed:?}");
        assert!(store.take_notes().is_empty());
        // From the first change on the case can be told from any other.
        commit(&mut store, "{}");
        commit(&mut store, "[]");
        let revision = |case: &Path| -> i64 {
            let connection = Connection::open(case).unwrap();
            connection.query_row("SELECT revision FROM document", (), |row| row.get(0)).unwrap()
        };
        assert!(revision(&crashed) > 1 << 32);
        assert_ne!(revision(&crashed), revision(&anna));
    }
}

#[test]
fn what_was_moved_aside_before_is_kept() {
    let folder = Folder::new();
    let anna = folder.case("anna.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let berta = folder.case("berta.scalp", &document("Berta", 9_000), [70_000, 30_000]);
    let earlier = folder.path("berta.scalp-journal-left-over");
    fs::write(&earlier, "the only trace of something").unwrap();
    crash(&anna, Killed::HalfWay, &folder.path("crashed.scalp"));
    let journal = fs::read(folder.path("crashed.scalp-journal")).unwrap();
    for ending in ["-2", "-3"] {
        fs::write(journal_of(&berta), &journal).unwrap();
        let notes = Store::open(&berta).unwrap().take_notes();
        assert!(notes[0].contains(&format!("berta.scalp-journal-left-over{ending};")), "{notes:?}");
        assert!(fs::read(folder.path(&format!("berta.scalp-journal-left-over{ending}"))).unwrap() == journal);
    }
    assert_eq!(fs::read_to_string(&earlier).unwrap(), "the only trace of something");
}

#[test]
fn a_journal_that_is_being_written_is_left_alone() {
    let folder = Folder::new();
    let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    // Before anything is in the case, it can be read.
    let other = Connection::open(&case).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other.execute("UPDATE document SET json = 'theirs', revision = revision + 1", ()).unwrap();
    assert!(journal_of(&case).exists(), "the test's own journal");
    let mut store = Store::open(&case).unwrap();
    assert_eq!(store.document().unwrap(), document("Anna", 9_000));
    assert!(store.take_notes().is_empty());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(store.document().unwrap(), "theirs");
    // Afterwards it cannot.
    other.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    let json = document("their next one", 300_000);
    other.execute("UPDATE document SET revision = revision + 1, json = ?1", [&json]).unwrap();
    assert!(matches!(Store::open(&case), Err(CaseError::Busy { .. })));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(store.document().unwrap(), json);
    assert_eq!(folder.names(), ["case.scalp"]);
}

/// As cloud folders bring it.
#[test]
fn a_journal_may_come_while_the_case_is_open() {
    let folder = Folder::new();
    let anna = folder.case("anna.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let berta = folder.case("berta.scalp", &document("Berta", 9_000), [70_000, 30_000]);
    crash(&anna, Killed::HalfWay, &folder.path("crashed.scalp"));
    let mut store = Store::open(&berta).unwrap();
    let journal = fs::read(folder.path("crashed.scalp-journal")).unwrap();
    type Ask = fn(&mut Store);
    let asks: [Ask; 6] = [
        |store| assert_eq!(store.document().unwrap(), document("Berta", 9_000)),
        |store| assert_eq!(store.photos().unwrap().len(), 2),
        |store| assert_eq!(store.photo_bytes(1).unwrap(), noise("berta.scalp", 70_000)),
        |store| assert_eq!(store.thumbnail(1, 1).unwrap(), None),
        |store| store.set_thumbnail(1, 1, b"small").unwrap(),
        |store| commit(store, "{}"),
    ];
    for ask in asks {
        fs::write(journal_of(&berta), &journal).unwrap();
        ask(&mut store);
        assert_eq!(store.take_notes().len(), 1);
        assert!(!journal_of(&berta).exists());
    }
    drop(store);
    let mut store = Store::open(&berta).unwrap();
    assert!(!store.read_only());
    assert_eq!(store.document().unwrap(), "{}");
}

/// A crash at the very beginning of a change.
#[test]
fn an_empty_journal_is_cleared_away() {
    let folder = Folder::new();
    let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let before = fs::read(&case).unwrap();
    for empty in [0, 512, 5_000] {
        fs::write(journal_of(&case), vec![0; empty]).unwrap();
        let store = Store::open(&case).unwrap();
        assert!(store.take_notes().is_empty());
        drop(store);
        assert_eq!(folder.names(), ["case.scalp"], "{empty}");
        assert!(fs::read(&case).unwrap() == before, "{empty}");
    }
}

/// SQLite would delete the file that such a journal names.
#[test]
fn a_journal_that_names_a_file_is_moved_aside() {
    let folder = Folder::new();
    let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let crashed = folder.path("crashed.scalp");
    crash(&case, Killed::Early, &crashed);
    let precious = folder.path("precious.jpg");
    fs::write(&precious, "the only photo").unwrap();
    let mut journal = fs::read(journal_of(&crashed)).unwrap();
    let name = precious.to_str().unwrap().as_bytes();
    let sum: u32 = name.iter().map(|&byte| u32::from(byte)).sum();
    // The page in which SQLite's locks are, the name, its length and the sum of its bytes, the mark.
    journal.extend(((1_u32 << 30) / 4096 + 1).to_be_bytes());
    journal.extend(name);
    journal.extend((name.len() as u32).to_be_bytes());
    journal.extend(sum.to_be_bytes());
    journal.extend(MAGIC);
    fs::write(journal_of(&crashed), journal).unwrap();
    stays_as_it_is(&crashed, &document("Anna", 9_000));
    assert_eq!(fs::read_to_string(&precious).unwrap(), "the only photo");
}

#[test]
fn damage_and_a_strange_journal_are_both_said() {
    let folder = Folder::new();
    let anna = folder.case("anna.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let berta = folder.case("berta.scalp", &document("Berta", 9_000), [70_000, 30_000]);
    crash(&anna, Killed::Late, &folder.path("crashed.scalp"));
    let whole = fs::read(&berta).unwrap();
    let cut = &whole[..whole.len() / 2];
    fs::write(&berta, cut).unwrap();
    fs::rename(folder.path("crashed.scalp-journal"), journal_of(&berta)).unwrap();
    let error = Store::open(&berta).unwrap_err();
    assert!(matches!(error, CaseError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("berta.scalp-journal-left-over"), "{error}");
    assert!(fs::read(&berta).unwrap() == cut);
}

/// Damage that was there before the crash does not make the journal a strange one.
#[test]
fn a_damaged_photo_does_not_keep_the_journal_from_its_case() {
    let folder = Folder::new();
    let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let mut bytes = fs::read(&case).unwrap();
    let needle = &noise("case.scalp", 40_000)[9_000..9_100];
    let place = bytes.windows(100).position(|window| window == needle).unwrap();
    bytes[place] ^= 1;
    fs::write(&case, bytes).unwrap();
    for killed in [Killed::Early, Killed::Late] {
        let copy = folder.path("copy.scalp");
        fs::copy(&case, &copy).unwrap();
        let crashed = folder.path("crashed.scalp");
        crash(&copy, killed, &crashed);
        let mut store = Store::open(&crashed).unwrap();
        assert_eq!(store.document().unwrap(), document("Anna", 9_000), "{killed:?}");
        assert!(store.take_notes().is_empty(), "{killed:?}");
        assert!(matches!(store.photo_bytes(1), Err(CaseError::DamagedPhoto { .. })));
    }
}

/// As a cloud folder or a copy in the midst of a change leaves it.
#[test]
fn a_half_written_case_without_its_journal_is_named_and_rescued_as_far_as_it_goes() {
    let folder = Folder::new();
    let mut named = 0;
    for (number, size) in [9_000, 30_000, 200_000].into_iter().enumerate() {
        let name = format!("anna{number}.scalp");
        let case = folder.case(&name, &document("Anna", size), [40_000, 30_000]);
        let crashed = folder.path("crashed.scalp");
        crash(&case, Killed::HalfWay, &crashed);
        fs::remove_file(journal_of(&crashed)).unwrap();
        let bytes = fs::read(&crashed).unwrap();
        assert!(bytes != fs::read(&case).unwrap(), "a part of the change is there");
        let said = match Store::open(&crashed) {
            Ok(mut store) => match store.access().read_only_reason() {
                Some(said) => said,
                None => {
                    println!("{size}: whole");
                    // Only such of the change is there as does not count yet.
                    assert_eq!(store.document().unwrap(), document("Anna", size));
                    assert_eq!([1, 2].map(|id| store.photo_bytes(id).is_ok()), [true; 2]);
                    continue;
                }
            },
            Err(error) => error.to_string(),
        };
        named += 1;
        let jargon = ["malformed", "SQL", "database", "disk image", "Error"].iter().find(|word| said.contains(**word));
        assert!(said.contains("damaged") && jargon.is_none(), "{said}");
        let reader = RescueReader::open(&crashed).unwrap();
        let damaged: Vec<String> =
            reader.parts().into_iter().filter(|part| part.damage.is_some()).map(|part| part.name).collect();
        assert!(damaged.iter().any(|part| part == "plan" || part == "file"), "{damaged:?}");
        let new = folder.path("new.scalp");
        let rescued = reader.rescue(&new, Existing::Replace).unwrap();
        for (id, size) in [(1, 40_000), (2, 30_000)] {
            assert!(rescued.kept.contains(&format!("photo {name} {size}.jpg")), "{rescued:?}");
            assert!(Store::open(&new).unwrap().photo_bytes(id).unwrap() == noise(&name, size));
        }
        assert!(rescued.lost.iter().any(|lost| lost.contains("the plan")), "{rescued:?}");
        assert!(fs::read(&crashed).unwrap() == bytes, "the damaged file was changed");
    }
    assert!(named > 0);
}

#[test]
fn limits_are_those_of_the_case_not_of_its_copy() {
    let folder = Folder::new();
    let case = folder.case("case.scalp", &document("Anna", 9_000), [40_000, 30_000]);
    let crashed = folder.path("crashed.scalp");
    crash(&case, Killed::HalfWay, &crashed);
    let limits = StoreLimits { max_photos: 1, ..StoreLimits::default() };
    let error = Store::open_with(&crashed, limits).unwrap_err();
    assert!(matches!(error, CaseError::Limit { .. }), "{error}");
    assert!(error.to_string().ends_with("crashed.scalp"), "{error}");
    // Nothing was decided.
    assert_eq!(Store::open(&crashed).unwrap().document().unwrap(), document("Anna", 9_000));
}

/// Tools for databases leave write-ahead logs, and cloud folders bring them along: SQLite would read a case through
/// whatever log has its name. A case has never had one.
#[test]
fn a_write_ahead_log_of_whichever_case_changes_nothing() {
    let folder = Folder::new();
    let case = folder.case("a.scalp", &document("anna", 20_000), [30_000, 50_000]);
    let whole = fs::read(&case).unwrap();
    let berta = folder.case("berta.scalp", &document("berta", 30_000), [9_000, 20_000]);
    // Of another case, of a copy of the case itself, nothing, noise.
    let log_of = |case: &Path| {
        let copy = folder.path("copy.scalp");
        fs::copy(case, &copy).unwrap();
        let open = Connection::open(&copy).unwrap();
        open.execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; UPDATE document SET json = 'gone'",
        )
        .unwrap();
        let log = fs::read(folder.path("copy.scalp-wal")).unwrap();
        drop(open);
        fs::remove_file(copy).unwrap();
        assert!(log.len() > 4096);
        log
    };
    let logs = [log_of(&berta), log_of(&case), Vec::new(), noise("log", 5000)];
    fs::remove_file(berta).unwrap();
    let parts = || RescueReader::open(&case).unwrap().parts();
    let sound = parts();
    let (log, index) = (folder.path("a.scalp-wal"), folder.path("a.scalp-shm"));
    for content in &logs {
        fs::write(&log, content).unwrap();
        fs::write(&index, noise("index", 32_768)).unwrap();
        let mut store = Store::open(&case).unwrap();
        assert_eq!(store.document().unwrap(), document("anna", 20_000));
        let notes = store.take_notes();
        assert!(notes.len() == 1 && notes[0].contains("a.scalp-wal-left-over"), "{notes:?}");
        // One that comes while the case is open.
        fs::write(&log, content).unwrap();
        assert_eq!(store.document().unwrap(), document("anna", 20_000));
        assert_eq!(store.photos().unwrap().len(), 2);
        drop(store);
        assert!(fs::read(&case).unwrap() == whole, "not a byte of the case is changed");
        fs::write(&log, content).unwrap();
        assert_eq!(parts(), sound);
        fs::write(&log, content).unwrap();
        assert!(scalp_studio::case::Case::cover(&case).is_none());
        drop(Store::open(&case).unwrap());
        assert!(fs::read(&case).unwrap() == whole && !log.exists());
    }
    // It was moved, not deleted.
    let kept = folder.names().iter().filter(|name| name.starts_with("a.scalp-wal-left-over")).count();
    assert_eq!(kept, 4 * logs.len());
}
