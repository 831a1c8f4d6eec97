//! A case file damaged in many ways: cut off, with flipped bits, with pages that are zeros. Nothing panics, nothing is
//! changed, no damage to plan or photos goes unnoticed, and everything outside the damage can be brought over.
//!
//! Some dozens of each; `SCALP_STUDIO_LONG=1` takes the whole corpus, see RELIABILITY.md.

use std::fs;
use std::path::PathBuf;

use scalp_studio::case::document::Document;
use scalp_studio::case::rescue::RescueReader;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;

/// SQLite's page, bytes.
const PAGE: usize = 4096;

fn count(short: usize, long: usize) -> usize {
    if std::env::var_os("SCALP_STUDIO_LONG").is_some() { long } else { short }
}

struct Corpus {
    folder: tempfile::TempDir,
    path: PathBuf,
    whole: Vec<u8>,
    document: Document,
    photos: Vec<Vec<u8>>,
    /// Of each page, the photo that alone is on it.
    owner: Vec<Option<usize>>,
}

/// Where a file was damaged.
#[derive(Debug, Clone, Copy)]
struct Damage {
    page: usize,
    /// A single bit, and not of what leads from page to page.
    is_one_bit_of_content: bool,
}

/// What became of a damaged file.
#[derive(Debug, PartialEq)]
enum Seen {
    Refused,
    ReadOnly,
    /// Which photos cannot be had.
    Open(Vec<usize>),
}

impl Corpus {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.scalp");
        let start = Start { ignore_own_hair: true, ..Start::default() };
        let views = Client::Light.views().unwrap().into_iter().take(2).collect();
        let mut case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
        for notes in ["first", "second", "third"] {
            let mut document = case.document().clone();
            document.notes = notes.repeat(40);
            case.commit(&format!("Note {notes}"), document).unwrap();
        }
        let document = case.document().clone();
        let photos: Vec<Vec<u8>> = (0..2).map(|view| case.photo_bytes(view).unwrap()).collect();
        drop(case);
        let whole = fs::read(&path).unwrap();
        // An overflow page is the number of the next one and bytes of the photo; how two photos begin may be the same.
        let owner = whole
            .chunks(PAGE)
            .map(|page| {
                let piece = &page[4..68];
                let has = |photo: &Vec<u8>| photo.windows(piece.len()).any(|window| window == piece);
                let owners: Vec<usize> = (0..photos.len()).filter(|photo| has(&photos[*photo])).collect();
                if let [owner] = owners[..] { Some(owner) } else { None }
            })
            .collect();
        Self { folder, path, whole, document, photos, owner }
    }

    /// The file with other bytes, opened and brought over as far as that goes.
    fn check(&self, bytes: &[u8], damaged: Option<Damage>, place: &str) -> Seen {
        fs::write(&self.path, bytes).unwrap();
        let seen = match Case::open(&self.path) {
            Err(error) => {
                assert!(!error.to_string().is_empty());
                Seen::Refused
            }
            Ok(case) if case.read_only_reason().is_some() => Seen::ReadOnly,
            Ok(case) => {
                assert_eq!(*case.document(), self.document, "{place}: another plan than was saved, without a word");
                let lost = |view: &usize| match case.photo_bytes(*view) {
                    Ok(read) => {
                        assert!(read == self.photos[*view], "{place}: another photo than was added, without a word");
                        false
                    }
                    Err(_) => true,
                };
                Seen::Open((0..self.photos.len()).filter(lost).collect())
            }
        };
        if let Some((damage, owner)) = damaged.and_then(|damage| Some((damage, self.owner[damage.page]?))) {
            self.check_rescue(owner, damage.is_one_bit_of_content, place);
        } else if let Ok(reader) = RescueReader::open(&self.path) {
            drop(reader.parts());
            drop(reader.rescue(&self.new_path(), Existing::Replace));
        }
        assert!(fs::read(&self.path).unwrap() == bytes, "{place}: the damaged file was changed");
        seen
    }

    fn new_path(&self) -> PathBuf {
        self.folder.path().join("new.scalp")
    }

    /// Damage in one photo is named, and costs nothing but that photo; if a bit of it is wrong, not even that: it comes
    /// along, marked as damaged.
    fn check_rescue(&self, damaged: usize, is_one_bit_of_content: bool, place: &str) {
        let reader = RescueReader::open(&self.path).unwrap();
        let name = format!("photo {}.jpg", self.document.views[damaged].name);
        let parts = reader.parts();
        assert!(parts.iter().any(|part| part.name == name && part.damage.is_some()), "{place}: {parts:?}");
        let readable = reader.photos().nth(damaged).unwrap().bytes;
        let rescued = reader.rescue(&self.new_path(), Existing::Replace).unwrap();
        let mut case = Case::open(&self.new_path()).unwrap();
        assert_eq!(*case.document(), self.document, "{place}");
        assert!(case.photo_bytes(damaged).is_err(), "{place}: a damaged photo is never taken for what was added");
        match &readable {
            Some(bytes) => {
                assert_eq!(rescued.lost, [format!("{name} as it was added")], "{place}");
                assert!(rescued.kept.contains(&format!("{name} (damaged)")), "{place}: {rescued:?}");
                let photo = RescueReader::open(&self.new_path()).unwrap().photos().nth(damaged).unwrap();
                assert!(photo.bytes.as_ref() == Some(bytes) && !photo.sound, "{place}");
            }
            None => assert_eq!(rescued.lost, [name], "{place}"),
        }
        if is_one_bit_of_content {
            let wrong =
                readable.iter().flatten().zip(&self.photos[damaged]).filter(|(one, other)| one != other).count();
            assert_eq!((readable.as_ref().map(Vec::len), wrong), (Some(self.photos[damaged].len()), 1), "{place}");
        }
        for (view, photo) in self.photos.iter().enumerate().filter(|(view, _)| *view != damaged) {
            assert!(case.photo_bytes(view).unwrap() == *photo, "{place}");
        }
        for notes in ["third", "second", "first"] {
            assert_eq!(case.undo().unwrap().as_deref(), Some(format!("Note {notes}").as_str()), "{place}");
        }
    }
}

fn tell(what: &str, seen: &[Seen]) {
    let of = |kind: fn(&Seen) -> bool| seen.iter().filter(|seen| kind(seen)).count();
    println!(
        "{what}: {} in all, {} refused, {} opened read-only, {} with a photo named as damaged, {} without harm",
        seen.len(),
        of(|seen| *seen == Seen::Refused),
        of(|seen| *seen == Seen::ReadOnly),
        of(|seen| matches!(seen, Seen::Open(lost) if !lost.is_empty())),
        of(|seen| *seen == Seen::Open(Vec::new()))
    );
}

#[test]
fn flipped_bits() {
    let corpus = Corpus::new();
    let flips = count(120, 2000);
    let mut bytes = corpus.whole.clone();
    let seen: Vec<Seen> = (0..flips)
        .map(|number| {
            let (at, bit) = (number * bytes.len() / flips + number % 97, number % 8);
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1 << bit;
            // A page of a photo begins with the number of the next one.
            let damage = Damage { page: at / PAGE, is_one_bit_of_content: at % PAGE >= 4 };
            let seen = corpus.check(&bytes, Some(damage), &format!("bit {bit} of byte {at}"));
            bytes[at] ^= 1 << bit;
            seen
        })
        .collect();
    tell("flipped bits", &seen);
}

#[test]
fn pages_that_are_zeros() {
    let corpus = Corpus::new();
    let pages = corpus.whole.len() / PAGE;
    let seen: Vec<Seen> = (0..pages)
        .step_by(pages.div_ceil(count(40, pages)))
        .map(|page| {
            let mut bytes = corpus.whole.clone();
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            corpus.check(&bytes, Some(Damage { page, is_one_bit_of_content: false }), &format!("page {page}"))
        })
        .collect();
    tell("pages of zeros", &seen);
}

#[test]
fn files_that_are_cut_off() {
    let corpus = Corpus::new();
    let cuts = count(60, 1000);
    let length = corpus.whole.len();
    let ends = (1..cuts).map(|cut| cut * length / cuts).chain([1, 99, 100, PAGE - 1, PAGE, length - PAGE, length - 1]);
    let seen: Vec<Seen> =
        ends.map(|end| corpus.check(&corpus.whole[..end], None, &format!("cut off at {end}"))).collect();
    assert!(!seen.iter().any(|seen| matches!(seen, Seen::Open(_))), "a cut is noticed");
    tell("files cut off", &seen);
}

#[test]
fn the_corpus_is_what_it_is_said_to_be() {
    let corpus = Corpus::new();
    let of_photos = corpus.owner.iter().flatten().count();
    let most = corpus.photos.iter().map(Vec::len).sum::<usize>() / PAGE;
    assert!(of_photos > most / 2 && of_photos < corpus.owner.len(), "{of_photos} of {} pages", corpus.owner.len());
    assert_eq!(corpus.check(&corpus.whole, None, "whole"), Seen::Open(vec![]));
}
