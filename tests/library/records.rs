//! What is recorded in a case beside the plan: what was done with it, and what photos may be used for. And cases of
//! every format that programs have written so far.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use scalp_studio::case::Case;
use scalp_studio::case::consent::Use;
use scalp_studio::case::earlier::EarlierStates;
use scalp_studio::case::lock::{Key, Passphrase};
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::case::trail::Recorder;
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

/// As it was written by the program of that format.
fn version(number: u32, folder: &Path) -> PathBuf {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/library/versions/version-{number}.scalp"));
    let path = folder.join(format!("version-{number}.scalp"));
    fs::copy(frozen, &path).unwrap();
    path
}

fn note(case: &mut Case, text: &str) {
    let mut document = case.document().clone();
    document.notes = text.to_owned();
    case.commit("Note", document).unwrap();
}

#[test]
fn cases_of_every_format_open_are_kept_as_they_are_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=5 {
        let path = version(number, folder.path());
        let bytes = fs::read(&path).unwrap();
        assert_eq!(u32::from(bytes[63]), number, "the frozen file is of its format");
        let mut case = Case::open(&path).unwrap();
        assert_eq!((case.read_only_reason(), case.take_notes()), (None, vec![]), "{number}");
        assert_eq!(case.plan(None).unwrap().seed, 77, "{number}");
        assert_eq!(case.document().views[0].name, "front");
        case.photo(0, &Limits::default()).unwrap();
        assert_eq!(case.undo_name(), (number > 1).then_some("Replace plan"), "{number}");
        case.note_done("Export").unwrap();
        if number < 4 {
            assert_eq!(case.trail().unwrap(), [], "{number}");
            assert!(case.noteless_reason().unwrap().contains("older format"), "{number}");
            assert!(fs::read(&path).unwrap() == bytes, "{number}: looking changes nothing");
        } else {
            assert_eq!(case.noteless_reason(), None);
            assert_eq!(case.trail().unwrap().last().unwrap().what, "Export", "{number}");
            assert_eq!(u32::from(fs::read(&path).unwrap()[63]), number, "a note does not bring it to a newer format");
        }
        // As it was before, to be changed at once.
        drop(case);
        let mut case = Case::open(&path).unwrap();
        assert_eq!(case.undo_name(), (number > 1).then_some("Replace plan"), "{number}");
        note(&mut case, "changed");
        assert_eq!(case.trail().unwrap().last().unwrap().what, "Note");
        drop(case);
        assert_eq!(fs::read(&path).unwrap()[63], 5, "{number}: the first change brings it to the newest format");
        let mut case = Case::open(&path).unwrap();
        assert_eq!((case.document().notes.as_str(), case.plan(None).unwrap().seed), ("changed", 77));
        assert_eq!(case.undo().unwrap().as_deref(), Some("Note"));
        let damaged = RescueReader::open(&path).unwrap().parts().into_iter().find(|part| part.damage.is_some());
        assert_eq!(damaged, None, "{number}");
    }
}

#[test]
fn the_trail_says_what_was_done_when_and_where_and_undo_does_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = version(4, folder.path());
    let open = |station: &str, now: fn() -> String| {
        Case::open(&path).unwrap().recorded_by(Recorder { station: station.to_owned(), now })
    };
    let before = Case::open(&path).unwrap().trail().unwrap().len();
    let mut case = open("front desk", || "2026-11-30T09:15:00+01:00".to_owned());
    note(&mut case, "one");
    note(&mut case, "two");
    case.undo().unwrap();
    case.note_done("Export 2 pictures").unwrap();
    drop(case);
    let mut case = open("room 2", || "2026-12-01T10:00:00+01:00".to_owned());
    case.redo().unwrap();
    let trail = case.trail().unwrap();
    let told: Vec<(&str, &str, u64)> =
        trail[before..].iter().map(|entry| (entry.what.as_str(), entry.station.as_str(), entry.times)).collect();
    let expected = [
        ("Note", "front desk", 2),
        ("Undo: Note", "front desk", 1),
        ("Export 2 pictures", "front desk", 1),
        ("Redo: Note", "room 2", 1),
    ];
    assert_eq!(told, expected);
    assert_eq!(trail[before].first, "2026-11-30T09:15:00+01:00");

    // Of erased steps it says that they were made, and no more.
    case.say_consent(0, Use::Marketing, true, date(2026, 12, 1)).unwrap();
    case.undo().unwrap();
    case.redo().unwrap();
    case.say_consent(0, Use::Marketing, false, date(2026, 12, 1)).unwrap();
    case.undo().unwrap();
    case.note_done("Hand out 2 original photos, to /there").unwrap();
    note(&mut case, "three");
    case.undo().unwrap();
    case.forget_history().unwrap();
    let trail = case.trail().unwrap();
    let told: Vec<&str> = trail[before..].iter().map(|entry| entry.what.as_str()).collect();
    let expected = [
        "Change",
        "Change",
        "Export 2 pictures",
        "Change",
        "Consent to marketing of photo front",
        "Undo: Consent to marketing of photo front",
        "Redo: Consent to marketing of photo front",
        "Revoke consent to marketing of photo front",
        "Undo: Revoke consent to marketing of photo front",
        "Hand out 2 original photos, to /there",
        "Change",
        "Change",
        "Erase history",
    ];
    assert_eq!(told, expected);

    // It comes along wherever the case goes, and tells of that.
    let (copy, rescued) = (folder.path().join("copy.scalp"), folder.path().join("rescued.scalp"));
    case.duplicate(&copy, Existing::Refuse).unwrap();
    assert_eq!(Case::open(&copy).unwrap().trail().unwrap(), trail);
    let told = case.trail().unwrap();
    let copied = told.last().unwrap();
    assert_eq!((copied.what.clone(), copied.station.as_str()), (format!("Copy to {}", copy.display()), "room 2"));
    RescueReader::open(&path).unwrap().rescue(&rescued, Existing::Refuse).unwrap();
    let after = Case::open(&rescued).unwrap().trail().unwrap();
    assert_eq!(after[..after.len() - 1], told);
    let last = after.last().unwrap();
    assert_eq!(last.what, format!("Rescue from {}", path.display()));
    assert!(!last.station.is_empty() && last.first.starts_with("20"), "{last:?}");
    case.forget_history().unwrap();
    assert!(case.trail().unwrap().contains(copied), "what left the case stays on record");
}

/// Where a case comes from, and who can open it.
#[test]
fn the_trail_tells_of_the_making_restoring_and_locking_of_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anna.scalp");
    let mut case = Case::create_empty(&path, Existing::Refuse).unwrap();
    let told = |case: &Case| case.trail().unwrap().into_iter().map(|entry| entry.what).collect::<Vec<_>>();
    assert_eq!(told(&case), ["Create case"]);
    let made = case.trail().unwrap().remove(0);
    assert!(!made.station.is_empty() && made.first.starts_with("20"), "{made:?}");
    let key = || Some(std::sync::Arc::new(Key::under(&Passphrase::new("sesame".to_owned())).unwrap()));
    case.set_lock(key()).unwrap();
    case.set_lock(key()).unwrap();
    let copy = folder.path().join("copy.scalp");
    case.duplicate(&copy, Existing::Refuse).unwrap();
    case.set_lock(None).unwrap();
    case.set_lock(None).unwrap();
    assert_eq!(told(&case), ["Create case", "Set passphrase", "Change passphrase", "Remove passphrase"]);
    assert_eq!(case.read_only_reason(), None);
    note(&mut case, "one");
    let copied = Case::open_under(&copy, &Passphrase::new("sesame".to_owned())).unwrap();
    assert_eq!(told(&copied).last().unwrap(), &format!("Copy to {}", copy.display()));
    case.forget_history().unwrap();
    drop(case);
    let lasting =
        ["Create case", "Set passphrase", "Change passphrase", "Remove passphrase", "Change", "Erase history"];
    assert_eq!(told(&Case::open(&path).unwrap()), lasting);

    let states = EarlierStates::in_folder(folder.path().join("states"));
    assert!(states.keep(&path, "2026-12-01 10:00").unwrap());
    let back = folder.path().join("back.scalp");
    states.restore(states.all()[0].number, &back, Existing::Refuse).unwrap();
    let restored = told(&Case::open(&back).unwrap());
    assert_eq!(restored[..lasting.len()], lasting);
    let origin = format!("Restore the state of 2026-12-01 10:00, of {}", path.display());
    assert_eq!(restored[lasting.len()..], [origin]);

    // A case of an old format has a record from its first passphrase on.
    let old = version(2, folder.path());
    let mut case = Case::open(&old).unwrap();
    case.set_lock(key()).unwrap();
    note(&mut case, "one");
    drop(case);
    let mut case = Case::open_under(&old, &Passphrase::new("sesame".to_owned())).unwrap();
    assert_eq!(told(&case), ["Set passphrase", "Note"]);
    assert_eq!(case.undo().unwrap().as_deref(), Some("Note"));
}

#[test]
fn a_trail_is_bounded_and_what_is_not_kept_is_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let path = version(4, folder.path());
    let connection = rusqlite::Connection::open(&path).unwrap();
    let row = "INSERT INTO trail (first, last, station, what, times) VALUES ('', '', '', ?1, 1)";
    connection.execute_batch("BEGIN").unwrap();
    for number in 0..10_050 {
        connection.execute(row, [format!("{number} {}", "x".repeat(500))]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    drop(connection);
    let mut case = Case::open(&path).unwrap();
    note(&mut case, "one");
    let trail = case.trail().unwrap();
    assert!(trail.len() <= 10_000 && trail.last().unwrap().what == "Note", "{}", trail.len());
    assert!(trail.iter().all(|entry| entry.what.chars().count() <= 300), "a case comes from anybody");
    let mut document = case.document().clone();
    document.views[0].name = String::new();
    assert!(case.commit("Impossible", document).is_err());
    assert_eq!(case.trail().unwrap(), trail);
}

#[test]
fn consent_is_dated_revocable_and_taken_back_by_undo() {
    let folder = tempfile::tempdir().unwrap();
    let path = version(3, folder.path());
    let mut case = Case::open(&path).unwrap();
    let allowed = |case: &Case, purpose| case.document().views[0].check_use(purpose).map_err(|no| no.to_string());
    assert_eq!(allowed(&case, Use::Record), Ok(()), "the treatment needs its record");
    let no = allowed(&case, Use::Marketing).unwrap_err();
    assert!(no.contains("view 'front'") && no.contains("marketing is not recorded"), "{no}");

    case.say_consent(0, Use::Marketing, true, date(2026, 11, 30)).unwrap();
    assert_eq!(allowed(&case, Use::Marketing), Ok(()));
    assert!(allowed(&case, Use::Teaching).is_err(), "one use is not another");
    case.say_consent(0, Use::Marketing, false, date(2026, 12, 24)).unwrap();
    let no = allowed(&case, Use::Marketing).unwrap_err();
    assert!(no.contains("revoked on 2026-12-24"), "{no}");
    case.say_consent(0, Use::Record, false, date(2026, 12, 24)).unwrap();
    assert!(allowed(&case, Use::Record).is_err());
    drop(case);
    let mut case = Case::open(&path).unwrap();
    let marketing = case.document().views[0].consents[&Use::Marketing];
    assert_eq!((marketing.given, marketing.revoked), (Some(date(2026, 11, 30)), Some(date(2026, 12, 24))));
    assert_eq!(case.undo().unwrap().as_deref(), Some("Revoke consent to record of photo front"));
    assert_eq!(allowed(&case, Use::Record), Ok(()));
    assert_eq!(case.trail().unwrap().len(), 4, "what was said stays on record");
}

#[test]
fn a_document_without_consents_is_of_the_format_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let case = Case::open(&version(4, folder.path())).unwrap();
    assert!(case.document().to_json().starts_with("{\"format\":1,"), "earlier programs read it");
    let mut document = case.document().clone();
    scalp_studio::case::consent::say(&mut document.views[0].consents, Use::Teaching, true, date(2026, 1, 2));
    let json = document.to_json();
    assert!(json.starts_with("{\"format\":7,") && json.contains("\"teaching\":{\"given\":\"2026-01-02\"}"), "{json}");
    assert_eq!(scalp_studio::case::document::Document::from_json(&json).unwrap(), document);
}
