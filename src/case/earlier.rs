//! Earlier states of cases: a copy of a case from each time it was opened, kept in the program's own data folder, so
//! that a case that was lost, damaged or spoiled can be restored.
//!
//! A state is the document and the photos, without undo steps. Every document and photo is a file named by its SHA-256,
//! so that content shared by several states is stored once. The last [`MOST_STATES`] states of each case are kept, and
//! at most [`MOST_BYTES`] of all cases together; the oldest go first. All files are readable by the user alone.
//!
//! Locked cases (those under a passphrase) have no earlier states.
//!
//! A state is matched to its case by the revision, which starts at random in each case and counts changes (see
//! [`database::is_near`]): a case that is moved or renamed keeps its states, and another one of the same name does not
//! get them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::database::{self, PhotoFile, StoreLimits};
use super::document::Document;
use super::error::CaseError;
use super::lock;
use super::rescue::{RescueReader, Rescued};
use super::store::{Store, refuse_in_the_way};
use super::trail::{self, Entry, Recorder};
use crate::ground::files::{Existing, PendingFile, private_folders, write_private};
use crate::ground::words::{hex, io_problem};

/// Most states of a case.
pub const MOST_STATES: usize = 10;
/// Most bytes of all states together.
pub const MOST_BYTES: u64 = 8 << 30;
/// For a case with more bytes of photos than this, further photos are not copied but taken from the case when
/// restoring.
const MOST_BYTES_OF_ONE: u64 = 2 << 30;
/// Longest record that is read, bytes: 200 photos with their names, and the longest trail (10 000 entries of four texts
/// of 300 characters).
const LONGEST_RECORD: u64 = 64 << 20;
/// Length of a name of content: SHA-256 in hexadecimal.
const NAME_DIGITS: usize = 64;
const FORMAT: u32 = 1;

/// A state of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierState {
    /// The number by which it is requested.
    pub number: u64,
    /// When it was kept, as the caller stated it.
    pub kept: String,
    /// The path of the case at that time.
    pub case: PathBuf,
    /// How many photos it has.
    pub photos: usize,
}

/// The stored record of a state.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    format: u32,
    kept: String,
    case: String,
    revision: i64,
    /// SHA-256 of the document's JSON.
    document: String,
    photos: Vec<PhotoRecord>,
    #[serde(default)]
    trail: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct PhotoRecord {
    id: i64,
    name: String,
    sha256: String,
    size: u64,
}

impl Record {
    /// Whether this is a state of the case with this revision at this path.
    fn is_of(&self, case: &Path, revision: Option<i64>) -> bool {
        let same_place = Path::new(&self.case) == case;
        // Earlier programs counted from 1, and for an unreadable case only the path is known.
        revision.map_or(same_place, |revision| database::is_near(self.revision, revision).unwrap_or(same_place))
    }

    fn contents(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.document).chain(self.photos.iter().map(|photo| &photo.sha256))
    }
}

/// The states of all cases, in a folder of their own.
#[derive(Debug, Clone)]
pub struct EarlierStates {
    folder: PathBuf,
    most_bytes: u64,
}

impl EarlierStates {
    /// The states in this folder, which is created when the first one is kept.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, most_bytes: MOST_BYTES }
    }

    /// Sets another limit for all states together, bytes.
    #[must_use]
    pub fn with_most_bytes(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    /// Keeps the current state of a case, under the time given; returns false if the last state kept is the same, or
    /// none can be kept now.
    ///
    /// # Errors
    /// [`CaseError`]; earlier states are then still there.
    pub fn keep(&self, case: &Path, kept: &str) -> Result<bool, CaseError> {
        // A state in the clear would reveal what the passphrase protects.
        if lock::is_locked(case) {
            return Ok(false);
        }
        let reader = RescueReader::open(case)?;
        let (revision, json) = reader.revision_and_document()?;
        private_folders(&[&self.folder, &self.records(), &self.contents()]).map_err(|e| self.failed(e))?;
        let _lock = self.lock()?;
        let records = self.read_records();
        let document = hex(&Sha256::digest(json.as_bytes()));
        let last = records.iter().rev().find(|(_, record)| record.is_of(reader.path(), Some(revision)));
        if last.is_some_and(|(_, last)| last.revision == revision && last.document == document) {
            return Ok(false);
        }
        self.write_content(&document, json.as_bytes())?;
        let (mut photos, mut bytes_in_all) = (Vec::new(), 0);
        for photo in reader.photos() {
            // A damaged photo can only come from an earlier state.
            let Some(bytes) = photo.bytes.filter(|_| photo.sound) else { continue };
            let (sha256, size) = (hex(&Sha256::digest(&bytes)), bytes.len() as u64);
            bytes_in_all += size;
            if bytes_in_all <= MOST_BYTES_OF_ONE.min(self.most_bytes) {
                self.write_content(&sha256, &bytes)?;
            }
            photos.push(PhotoRecord { id: photo.id, name: photo.name, sha256, size });
        }
        // In the middle of a change, document and photos may not belong together; the next opening keeps its state.
        if reader.revision() != Some(revision) {
            return Ok(false);
        }
        // Those that cannot be read keep their numbers.
        let names = entries(&self.records()).map_err(|e| self.failed(e))?;
        let number = names.iter().filter_map(|record| number_of(record)).max().unwrap_or(0) + 1;
        let case = reader.path().display().to_string();
        let (trail, _) = reader.trail().unwrap_or_default();
        let record = Record { format: FORMAT, kept: kept.to_owned(), case, revision, document, photos, trail };
        let text = serde_json::to_vec_pretty(&record).unwrap_or_default();
        write_private(&self.records().join(format!("{number:010}.json")), &text)?;
        self.prune(reader.path(), revision);
        Ok(true)
    }

    /// The states of all cases, the latest first.
    #[must_use]
    pub fn all(&self) -> Vec<EarlierState> {
        self.read_records().iter().rev().map(|(number, record)| state(*number, record)).collect()
    }

    /// The states of a case, the latest first.
    #[must_use]
    pub fn of(&self, case: &Path) -> Vec<EarlierState> {
        let (case, revision) = identity(case);
        let records = self.read_records();
        let own = records.iter().rev().filter(|(_, record)| record.is_of(&case, revision));
        own.map(|(number, record)| state(*number, record)).collect()
    }

    /// Creates a new case from a state. Photos that were not copied are taken from the case it was kept from.
    ///
    /// # Errors
    /// [`CaseError`]; whatever was at `to` before is then still there.
    pub fn restore(&self, number: u64, to: &Path, existing: Existing) -> Result<Rescued, CaseError> {
        let to = database::absolute(to)?;
        let limits = StoreLimits::default();
        let damaged = |detail: &str| CaseError::Damaged { detail: detail.to_owned(), path: self.folder.clone() };
        let record = self.read_records().remove(&number).ok_or_else(|| damaged("there is no such earlier state"))?;
        let json = self.read_content(&record.document).and_then(|bytes| String::from_utf8(bytes).ok());
        let json = json.filter(|json| Document::from_json(json).is_ok());
        let json = json.ok_or_else(|| damaged("the plan of the earlier state cannot be read"))?;
        let mut rescued = Rescued { kept: vec!["the plan and all points".to_owned()], lost: Vec::new() };
        let mut from_case: Option<BTreeMap<String, Vec<u8>>> = None;
        let mut photos = Vec::new();
        for photo in &record.photos {
            let bytes = self.read_content(&photo.sha256).or_else(|| {
                let in_case = from_case.get_or_insert_with(|| photos_by_content(Path::new(&record.case)));
                in_case.get(&photo.sha256).cloned()
            });
            match bytes {
                Some(bytes) => {
                    rescued.kept.push(format!("photo {}", photo.name));
                    photos.push((photo.id, PhotoFile::new(&photo.name, bytes)));
                }
                None => rescued.lost.push(format!("photo {}", photo.name)),
            }
        }
        refuse_in_the_way(&to)?;
        let pending = PendingFile::private_beside(&to, existing)?;
        database::write_case(pending.temporary_path(), &json, &limits, &to, |transaction| {
            photos.iter().try_for_each(|(id, photo)| {
                database::insert_photo(transaction, Some(*id), photo, &limits, &to).map(drop)
            })?;
            let origin = format!("Restore the state of {}, of {}", record.kept, record.case);
            let written = trail::write(transaction, &record.trail);
            let written = written.and_then(|()| trail::note(transaction, Some(&Recorder::here()), &origin));
            written.map_err(|error| CaseError::writing(&error, &to))
        })?;
        pending.commit()?;
        // Opened once, as the user will.
        Store::open(&to)?;
        Ok(rescued)
    }

    /// Another file that is the same case, such as the one that this is a copy of: the states are its states as well.
    #[must_use]
    pub fn other_file_of(&self, case: &Path) -> Option<PathBuf> {
        let (case, revision) = identity(case);
        let real = fs::canonicalize(&case).ok();
        let records = self.read_records();
        let own = records.values().filter(|record| record.is_of(&case, revision));
        let others: BTreeSet<&Path> = own.map(|record| Path::new(&record.case)).collect();
        let is_other = |path: &Path| fs::canonicalize(path).is_ok_and(|there| Some(there) != real);
        let is_same = |path: &Path| {
            let near = revision.zip(identity(path).1).and_then(|(one, other)| database::is_near(one, other));
            near.unwrap_or(false)
        };
        others.into_iter().find(|path| is_other(path) && is_same(path)).map(Path::to_path_buf)
    }

    /// Deletes the states of a case and returns how many there were.
    ///
    /// # Errors
    /// [`CaseError`] if some of them are still there.
    pub fn forget(&self, case: &Path) -> Result<usize, CaseError> {
        if !self.folder.is_dir() {
            return Ok(0);
        }
        let _lock = self.lock()?;
        let (case, revision) = identity(case);
        let mut records = self.read_records();
        let own: Vec<u64> = records.iter().filter(|(_, r)| r.is_of(&case, revision)).map(|(n, _)| *n).collect();
        for number in &own {
            self.remove(&mut records, *number).map_err(|e| self.failed(e))?;
        }
        self.remove_unused(&records).map_err(|e| self.failed(e))?;
        Ok(own.len())
    }

    /// Enforces the limits: deletes the oldest states, and content that no record refers to.
    fn prune(&self, case: &Path, revision: i64) {
        let mut records = self.read_records();
        let own: Vec<u64> = records.iter().filter(|(_, r)| r.is_of(case, Some(revision))).map(|(n, _)| *n).collect();
        for number in &own[..own.len().saturating_sub(MOST_STATES)] {
            // If one cannot be removed, the next opening tries again.
            drop(self.remove(&mut records, *number));
        }
        let mut removed = self.remove_unused(&records);
        // The latest one stays, whatever its size. If nothing can be removed, giving up states would make no room.
        while removed.is_ok() && records.len() > 1 && self.bytes() > self.most_bytes {
            let Some(oldest) = records.keys().next().copied() else { return };
            removed = self.remove(&mut records, oldest).and_then(|()| self.remove_unused(&records));
        }
    }

    fn remove(&self, records: &mut BTreeMap<u64, Record>, number: u64) -> io::Result<()> {
        fs::remove_file(self.records().join(format!("{number:010}.json")))?;
        records.remove(&number);
        Ok(())
    }

    /// Removes content that no record names; what cannot be removed is reported once all else is.
    fn remove_unused(&self, records: &BTreeMap<u64, Record>) -> io::Result<()> {
        let mut used: BTreeSet<String> = records.values().flat_map(Record::contents).cloned().collect();
        let mut done = Ok(());
        for path in entries(&self.records())? {
            // A newer program may have written it, or a part of it may be damaged.
            if !number_of(&path).is_some_and(|number| records.contains_key(&number)) {
                used.extend(names_in(BufReader::new(File::open(path)?))?);
            }
        }
        for path in entries(&self.contents())? {
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| !used.contains(name)) {
                done = done.and(fs::remove_file(path));
            }
        }
        done
    }

    fn bytes(&self) -> u64 {
        let files = fs::read_dir(self.contents()).into_iter().flatten().filter_map(Result::ok);
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    fn records(&self) -> PathBuf {
        self.folder.join("states")
    }

    fn contents(&self) -> PathBuf {
        self.folder.join("content")
    }

    /// The records by number, without those that cannot be read.
    fn read_records(&self) -> BTreeMap<u64, Record> {
        let read = |path: PathBuf| -> Option<(u64, Record)> {
            let number = number_of(&path)?;
            let small = fs::metadata(&path).ok()?.len() <= LONGEST_RECORD;
            let record: Record = serde_json::from_slice(&fs::read(&path).ok().filter(|_| small)?).ok()?;
            (record.format == FORMAT).then_some((number, record))
        };
        let files = fs::read_dir(self.records()).into_iter().flatten().filter_map(Result::ok);
        files.filter_map(|entry| read(entry.path())).collect()
    }

    /// A document or photo, if its checksum still matches.
    fn read_content(&self, sha256: &str) -> Option<Vec<u8>> {
        // A record may have been forged: it must not name another folder.
        let is_name = sha256.len() == NAME_DIGITS && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bytes = fs::read(self.contents().join(sha256)).ok().filter(|_| is_name)?;
        (hex(&Sha256::digest(&bytes)) == sha256).then_some(bytes)
    }

    fn write_content(&self, sha256: &str, bytes: &[u8]) -> Result<(), CaseError> {
        let path = self.contents().join(sha256);
        let there = fs::metadata(&path).is_ok_and(|file| file.len() == bytes.len() as u64);
        if there { Ok(()) } else { Ok(write_private(&path, bytes)?) }
    }

    /// Prevents other windows from tidying up while a state is half-written.
    fn lock(&self) -> Result<File, CaseError> {
        let path = self.folder.join("lock");
        if !path.exists() {
            write_private(&path, b"")?;
        }
        let file = File::open(path).map_err(|e| self.failed(e))?;
        // On a file system without locks, no two programs can rely on them.
        drop(file.lock());
        Ok(file)
    }

    fn failed(&self, source: io::Error) -> CaseError {
        CaseError::Write { detail: io_problem(&source), path: self.folder.clone() }
    }
}

/// What is in a folder; nothing if there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The number of a state, from the name of its record.
fn number_of(record: &Path) -> Option<u64> {
    record.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

/// The names of content in a record, whatever else it holds.
fn names_in(record: impl BufRead) -> io::Result<Vec<String>> {
    let (mut names, mut digits) = (Vec::new(), String::new());
    for byte in record.bytes().chain(std::iter::once(Ok(b' '))) {
        let byte = byte?;
        if byte.is_ascii_hexdigit() {
            // Longer ones are no names, and would fill the memory.
            if digits.len() <= NAME_DIGITS {
                digits.push(char::from(byte));
            }
            continue;
        }
        if digits.len() == NAME_DIGITS {
            names.push(digits.clone());
        }
        digits.clear();
    }
    Ok(names)
}

fn state(number: u64, record: &Record) -> EarlierState {
    let Record { kept, case, photos, .. } = record;
    EarlierState { number, kept: kept.clone(), case: PathBuf::from(case), photos: photos.len() }
}

/// A case's absolute path, and its revision if it can be read.
fn identity(case: &Path) -> (PathBuf, Option<i64>) {
    let path = database::absolute(case).unwrap_or_else(|_| case.to_owned());
    let read = RescueReader::open(&path).and_then(|reader| reader.revision_and_document());
    (path, read.ok().map(|(revision, _)| revision))
}

/// The photos that a case has now, by their SHA-256.
fn photos_by_content(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(reader) = RescueReader::open(case) else { return BTreeMap::new() };
    let sound = reader.photos().filter(|photo| photo.sound).filter_map(|photo| photo.bytes);
    sound.map(|bytes| (hex(&Sha256::digest(&bytes)), bytes)).collect()
}
