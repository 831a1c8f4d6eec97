//! Checking a case file part by part, and recovering what a damaged one still holds.
//!
//! SQLite gives up at the first page that makes no sense, and in most places so does
//! [`Store::open`](super::store::Store::open). Here every part is read by itself: the plan, each photo by its number,
//! each undo step from the newest back. A beginning that is destroyed is replaced, in a copy in memory, by that of a
//! new case, which is the same in all of them. The case itself is not written to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::database::{self, FORMAT_VERSION, PhotoFile, StoreLimits};
use super::document::{Document, DocumentError, PhotoKey, ViewRecord};
use super::error::{CaseError, MISFIT, plain_words};
use super::history;
use super::lock::{self, Key};
use super::open::Error;
use super::store::{Store, journal, refuse_in_the_way};
use super::trail::{self, Recorder};
use super::view_names::guess_view;
use crate::ground::files::{Existing, PendingFile};
use crate::head::fit::Scale;
use crate::photo::{self, Limits, Turn};

/// A part of a case and its damage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name, such as "plan" or "photo front.jpg".
    #[serde(rename = "part")]
    pub name: String,
    /// What is wrong; `None` if it is as it was stored.
    pub damage: Option<String>,
    /// Whether nothing of it is there, so that only another copy of the case can help.
    pub missing: bool,
}

/// What was recovered into a new case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// What the new case contains, such as "the plan", "photo front.jpg" or "12 undo steps".
    pub kept: Vec<String>,
    /// What could not be recovered.
    pub lost: Vec<String>,
}

/// A photo, as far as it can be read.
#[derive(Debug)]
pub struct StoredPhoto {
    /// Its number.
    pub id: i64,
    /// The name under which it was added.
    pub name: String,
    /// Its bytes; `None` if they cannot be read in full.
    pub bytes: Option<Vec<u8>>,
    /// The checksum of what was added; zeros if it cannot be read.
    sha256: [u8; 32],
    /// Whether the bytes are what was added.
    pub sound: bool,
}

impl StoredPhoto {
    /// The photo for a new case, in which it is as sound or as damaged as here; `None` if it cannot be read.
    fn into_file(self) -> Option<PhotoFile> {
        let Self { name, bytes, sha256, sound, .. } = self;
        let bytes = bytes?;
        Some(if sound { PhotoFile::new(&name, bytes) } else { PhotoFile::damaged(&name, bytes, sha256) })
    }
}

/// A document's JSON, and whether it matches its checksum; `None` if the format has none.
type ReadDocument = (String, Option<bool>);

/// A case file opened only for reading, whatever its state.
pub struct RescueReader {
    path: PathBuf,
    connection: Connection,
    version: u32,
    limits: StoreLimits,
    /// The key of a locked case.
    key: Option<Arc<Key>>,
    /// What is wrong with the beginning of the file.
    beginning: Option<&'static str>,
}

/// How long to wait for another program that is changing the case: nobody waits for what is read here.
const PATIENCE: Duration = Duration::from_secs(20);
/// Largest file whose beginning is replaced, bytes: this takes three times its size in memory.
const LARGEST_MENDED: u64 = 1 << 30;
/// What the trail is called.
const TRAIL: &str = "record of what was done";
/// Size of the pages of every case, bytes.
const PAGE: usize = 4096;
/// The bytes of the header that are the same in every case: the magic string, page size and file format; schema format;
/// encoding; application id. See <https://www.sqlite.org/fileformat2.html#the_database_header>.
const CONSTANTS: [std::ops::Range<usize>; 4] = [0..24, 44..48, 56..60, 68..72];
/// Largest document in which a single damaged bit is looked for, bytes: the work grows with the square.
const LONGEST_CORRECTED: usize = 32 << 10;

impl RescueReader {
    /// Opens a case to read whatever can be read. A journal left by a crash is settled first, as in
    /// [`Store::open`](super::store::Store::open).
    ///
    /// # Errors
    /// [`CaseError`] if the file is missing, not a case, or cannot be read at all.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        let path = database::absolute(path)?;
        let limits = StoreLimits::default();
        if lock::is_locked(&path) {
            let file = fs::read(&path).map_err(|source| CaseError::Read { source, path: path.clone() })?;
            let unreadable = |problem| CaseError::locked(problem, &path);
            let key = lock::find(&path, &file, None).map_err(unreadable)?;
            let key = key.ok_or_else(|| CaseError::Locked { path: path.clone() })?;
            let (database, _) = key.open(&file).map_err(unreadable)?;
            let version = database::version_of(&database, &path)?;
            let connection = database::connect_in_memory(&database, &limits, &path)?;
            return Ok(Self { path, connection, version, limits, key: Some(key), beginning: None });
        }
        let version = match database::read_header(&path) {
            Ok(header) => header.version,
            Err(error @ (CaseError::Foreign { .. } | CaseError::Damaged { .. })) => {
                return Self::mended(&path, limits).ok_or(error);
            }
            Err(error) => return Err(error),
        };
        if version <= FORMAT_VERSION {
            // If that fails, reading on still recovers more than giving up.
            drop(journal::settle(&path, &limits));
        } else {
            drop(journal::put_logs_aside(&path));
        }
        let version = database::read_header(&path)?.version;
        let connection = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, &limits)?;
        // A case that somebody else is changing again and again must not be called damaged.
        connection.busy_timeout(PATIENCE).map_err(|error| CaseError::reading(&error, &path))?;
        let mut reader = Self { path, connection, version, limits, key: None, beginning: None };
        match database::format_of_tables(&reader.connection) {
            Some(format) if format != version => {
                reader.version = format;
                reader.beginning = Some("its format number is not that of its tables");
            }
            None if reader.document().is_err() => return Ok(Self::mended(&reader.path, limits).unwrap_or(reader)),
            _ => {}
        }
        Ok(reader)
    }

    /// A case whose beginning is destroyed, with that of a new case: with the constants of the header only, or else
    /// with the whole first page, which holds the tables' statements and where each table begins (the same places in
    /// all cases that were made in one go). `None` if nothing can be read even so.
    fn mended(path: &Path, limits: StoreLimits) -> Option<Self> {
        if fs::metadata(path).ok()?.len() > LARGEST_MENDED {
            return None;
        }
        let file = fs::read(path).ok().filter(|file| file.len() > PAGE)?;
        let fresh = database::case_in_memory("{}", &limits, path, |_| Ok(())).ok()?;
        let constants = || {
            let mut mended = file.clone();
            for range in CONSTANTS {
                mended[range.clone()].copy_from_slice(&fresh[range]);
            }
            mended
        };
        let first_page = || {
            let mut mended = file.clone();
            mended[..PAGE].copy_from_slice(&fresh[..PAGE]);
            mended[28..32].copy_from_slice(&((file.len() / PAGE) as u32).to_be_bytes());
            mended
        };
        let read = |database: Vec<u8>| -> Option<Self> {
            let connection = database::connect_in_memory(&database, &limits, path).ok()?;
            let version = database::format_of_tables(&connection)?;
            let beginning = Some("its beginning is destroyed");
            let mended = Self { path: path.to_owned(), connection, version, limits, key: None, beginning };
            let has_document = mended.document().is_ok_and(|(json, _)| Document::from_json(&json).is_ok());
            (has_document || mended.photos().any(|photo| photo.sound)).then_some(mended)
        };
        read(constants()).or_else(|| read(first_page()))
    }

    /// The document and the steps, of one moment although another program may be changing the case.
    fn document_and_steps(&self) -> (rusqlite::Result<ReadDocument>, (Vec<Row>, bool)) {
        // Ends when it is dropped. Photos are read outside it, so that it never keeps the other program waiting for
        // long.
        let _one_moment = self.connection.unchecked_transaction();
        let document = self.document();
        let steps = |(json, is_as_saved): &ReadDocument| self.steps(json, *is_as_saved == Some(true));
        let steps = document.as_ref().map_or_else(|_| (Vec::new(), false), steps);
        (document, steps)
    }

    /// The document with the one bit put right whose change makes it match its checksum.
    fn corrected(&self) -> Option<String> {
        let ask = |question: &str| self.connection.query_row(question, (), |row| row.get::<_, Vec<u8>>(0)).ok();
        let digest = ask("SELECT document FROM digest WHERE id = 1")?;
        let bytes = ask("SELECT CAST(json AS BLOB) FROM document WHERE id = 1")?;
        if bytes.len() > LONGEST_CORRECTED {
            return None;
        }
        let corrected = (0..bytes.len()).into_par_iter().find_map_any(|at| {
            let before = Sha256::new_with_prefix(&bytes[..at]);
            (0..8).find_map(|bit| {
                let byte = bytes[at] ^ (1 << bit);
                let mut whole = before.clone();
                whole.update([byte]);
                whole.update(&bytes[at + 1..]);
                (whole.finalize().as_slice() == digest).then_some((at, byte))
            })
        });
        let (at, byte) = corrected?;
        let mut bytes = bytes;
        bytes[at] = byte;
        String::from_utf8(bytes).ok()
    }

    /// The document's JSON, and whether it matches its checksum (see [`database::is_as_written`]).
    fn document(&self) -> rusqlite::Result<ReadDocument> {
        let json: String = self.connection.query_row("SELECT json FROM document WHERE id = 1", (), |row| row.get(0))?;
        let is_as_saved = database::is_as_written(&self.connection, self.version, &json)?;
        Ok((json, is_as_saved))
    }

    /// The case's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The document's JSON with its revision.
    ///
    /// # Errors
    /// [`CaseError`] if it cannot be read.
    pub(super) fn revision_and_document(&self) -> Result<(i64, String), CaseError> {
        let question = "SELECT revision, json FROM document WHERE id = 1";
        let row = self.connection.query_row(question, (), |row| Ok((row.get(0)?, row.get(1)?)));
        row.map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// The document's revision; `None` if it cannot be read.
    #[must_use]
    pub fn revision(&self) -> Option<i64> {
        self.revision_and_document().ok().map(|(revision, _)| revision)
    }

    /// Numbers that photos have or may have: those listed, and those that the document refers to.
    fn numbers(&self, document: Option<&Document>) -> BTreeSet<i64> {
        let mut numbers: BTreeSet<i64> = document.map(Document::photos).unwrap_or_default().into_iter().collect();
        for order in ["ASC", "DESC"] {
            let listed = self.connection.prepare(&format!("SELECT id FROM photo ORDER BY id {order}"));
            if let Ok(mut statement) = listed
                && let Ok(rows) = statement.query_map((), |row| row.get::<_, i64>(0))
            {
                // Read from both ends, in case the list breaks off.
                numbers.extend(rows.map_while(Result::ok).take(self.limits.max_photos as usize));
            }
        }
        // The list may have gaps; photos are numbered from 1.
        let most = numbers.last().copied().unwrap_or(0).min(self.limits.max_photos as i64);
        numbers.extend(1..=most);
        numbers
    }

    /// A photo; `None` if, as far as can be told, there is none with this number.
    fn photo(&self, id: i64) -> Option<StoredPhoto> {
        let row = self
            .connection
            .query_row("SELECT name, sha256, size FROM photo WHERE id = ?1", [id], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
            })
            .optional();
        let (name, sha256, size) = match row {
            Ok(row) => row?,
            // The row is damaged, but perhaps not the bytes.
            Err(_) => (format!("number {id}"), Vec::new(), -1),
        };
        let read = || {
            let mut blob = self.connection.blob_open("main", "photo", "bytes", id, true).ok()?;
            if blob.len() as u64 > self.limits.max_photo_bytes {
                return None;
            }
            let mut bytes = Vec::with_capacity(blob.len());
            blob.read_to_end(&mut bytes).ok()?;
            Some(bytes)
        };
        let bytes = read();
        let is_sound = |bytes: &Vec<u8>| bytes.len() as i64 == size && Sha256::digest(bytes).as_slice() == sha256;
        let sound = bytes.as_ref().is_some_and(is_sound);
        Some(StoredPhoto { id, name, bytes, sha256: sha256.try_into().unwrap_or_default(), sound })
    }

    /// The record of what was done with the case, as far as it can be read, and whether that is all of it; `None` if
    /// its format has none.
    pub(super) fn trail(&self) -> Option<(Vec<trail::Entry>, bool)> {
        let has_one = (database::WITH_TRAIL..=FORMAT_VERSION).contains(&self.version);
        has_one.then(|| trail::readable_entries(&self.connection))
    }

    /// Whether a case that could not be opened for this reason can be after a rescue, with its plan or its photos.
    #[must_use]
    pub fn helps_with(path: &Path, why: &Error) -> bool {
        let is_damaged = match why {
            Error::Document(_) | Error::Store(CaseError::Damaged { .. } | CaseError::Limit { .. }) => true,
            // Of any other file, nothing is looked for in all its bytes.
            Error::Store(CaseError::Foreign { path }) => path.extension().is_some_and(|ending| ending == "scalp"),
            _ => false,
        };
        is_damaged && Self::open(path).is_ok_and(|reader| reader.helps())
    }

    fn helps(&self) -> bool {
        match self.document() {
            Ok((json, is_as_saved)) => match Document::from_json(&json) {
                Ok(_) => true,
                // A newer version of the program helps.
                Err(DocumentError::Newer { .. }) => false,
                Err(_) if is_as_saved == Some(true) => false,
                Err(_) => self.photos().any(|photo| photo.bytes.is_some()),
            },
            Err(_) => self.photos().any(|photo| photo.bytes.is_some()),
        }
    }

    /// The photos one by one, as far as they can be read.
    pub fn photos(&self) -> impl Iterator<Item = StoredPhoto> {
        let document = self.document().ok().and_then(|(json, _)| Document::from_json(&json).ok());
        self.numbers(document.as_ref()).into_iter().filter_map(|id| self.photo(id))
    }

    /// Whether a photo's name is not the one it was added under.
    fn is_misnamed(&self, photo: &StoredPhoto) -> bool {
        let sha256 = database::name_checksum(&photo.name);
        database::Checksum::PhotoName.matches(&self.connection, self.version, photo.id, sha256) == Some(false)
    }

    /// The steps that fit the document, oldest first, and whether there are others that do not. A document that
    /// `is_proven` to be as it was written may be one of a newer version.
    fn steps(&self, document_json: &str, is_proven: bool) -> (Vec<Row>, bool) {
        if !(2..=FORMAT_VERSION).contains(&self.version) {
            return (Vec::new(), false);
        }
        let is_newer = is_proven && Document::from_json(document_json).is_err();
        let rows = |done: bool| -> (Vec<Row>, bool) {
            // Starting from the document, in the order in which a user would undo or redo the steps.
            let order = if done { "done <> 0 ORDER BY id DESC" } else { "done = 0 ORDER BY id" };
            let columns = "id, name, done, photos, prefix, suffix, before, after";
            let Ok(mut statement) = self.connection.prepare(&format!("SELECT {columns} FROM history WHERE {order}"))
            else {
                return (Vec::new(), true);
            };
            let Ok(rows) = statement.query_map((), Row::read) else { return (Vec::new(), true) };
            let (mut text, mut fitting) = (document_json.to_owned(), Vec::new());
            for row in rows.take(self.limits.max_steps as usize) {
                let Some((row, next)) = row.ok().filter(|row| row.is_as_written(self)).and_then(|row| {
                    let next = row.taken(&text, done)?;
                    Some((row, next))
                }) else {
                    return (fitting, true);
                };
                // Each step must lead to a valid document.
                if !is_newer && Document::from_json(&next).is_err() {
                    return (fitting, true);
                }
                text = next;
                fitting.push(row);
            }
            (fitting, false)
        };
        let (mut steps, some_undo_lost) = rows(true);
        steps.reverse();
        let (redo, some_redo_lost) = rows(false);
        steps.extend(redo);
        (steps, some_undo_lost || some_redo_lost)
    }

    /// Reports for each part whether it is intact. Reads the whole file.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let part =
            |name: String, damage: Option<&str>| Part { name, damage: damage.map(str::to_owned), missing: false };
        let mut parts = vec![part("file".to_owned(), self.beginning)];
        if self.beginning.is_none() {
            parts[0].damage = self.structure();
        }
        let (read, (steps, more)) = self.document_and_steps();
        let read = read.map_err(|error| plain_words(&error));
        let document = match read.as_ref().map(|(json, is_as_saved)| (Document::from_json(json), is_as_saved)) {
            Ok((Ok(document), is_as_saved)) => {
                // A case without a plan has points and notes in its document all the same.
                let what = if document.variants.is_empty() { "points (there is no plan yet)" } else { "plan" };
                let name =
                    if is_as_saved.is_some() { what.to_owned() } else { format!("{what}, without a checksum yet") };
                parts.push(part(name, (*is_as_saved == Some(false)).then_some("it is not as it was saved")));
                Some(document)
            }
            Ok((Err(_), Some(true))) => {
                parts.push(part("plan, of which a newer version of Scalp Studio knows more".to_owned(), None));
                None
            }
            Ok((Err(error), _)) => {
                parts.push(part("plan".to_owned(), Some(&error.to_string())));
                None
            }
            Err(error) => {
                parts.push(part("plan".to_owned(), Some(error)));
                None
            }
        };
        let mut found = BTreeSet::new();
        for id in self.numbers(document.as_ref()) {
            if let Some(photo) = self.photo(id) {
                found.insert(id);
                let damage = match (&photo.bytes, photo.sound) {
                    (_, true) => self.is_misnamed(&photo).then_some("its name is not the one it was added under"),
                    (Some(_), false) => Some("it is not as it was added"),
                    (None, false) => Some("it cannot be read"),
                };
                parts.push(part(format!("photo {}", photo.name), damage));
            }
        }
        for view in document.iter().flat_map(|document| &document.views).filter(|view| !found.contains(&view.photo)) {
            let name = format!("photo of the view {}", view.name);
            parts.push(Part { missing: true, ..part(name, Some("it is not in the file")) });
        }
        if read.is_ok() {
            let damage = more.then_some("older steps cannot be undone");
            parts.push(part(format!("history, {} steps", steps.len()), damage));
        }
        if let Some((entries, whole)) = self.trail() {
            let damage = match (whole, entries.len()) {
                (true, _) => None,
                (false, 0) => Some("it cannot be read"),
                (false, _) => Some("it cannot be read in full"),
            };
            parts.push(part(TRAIL.to_owned(), damage));
        }
        parts
    }

    /// The result of SQLite's integrity check; `None` if the file is intact.
    fn structure(&self) -> Option<String> {
        let verdict = self.connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get::<_, String>(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => None,
            Ok(_) => Some(MISFIT.to_owned()),
            Err(error) => Some(plain_words(&error).to_owned()),
        }
    }

    /// Writes a new case with everything that can be read: photos as they were added, or damaged and marked as that;
    /// the plan with its landmarks and notes; the undo steps that fit; and what was done with the case. Views whose
    /// photos are lost keep their points, to which the head is fitted.
    ///
    /// # Errors
    /// [`CaseError`] if nothing can be read, or the new case cannot be written.
    pub fn rescue(&self, to: &Path, existing: Existing) -> Result<Rescued, CaseError> {
        let to = database::absolute(to)?;
        let mut rescued = Rescued { kept: Vec::new(), lost: Vec::new() };
        let mut photos: BTreeMap<i64, PhotoFile> = BTreeMap::new();
        for photo in self.photos() {
            let name = format!("photo {}", photo.name);
            let (id, sound) = (photo.id, photo.sound);
            let Some(file) = photo.into_file() else {
                rescued.lost.push(name);
                continue;
            };
            photos.insert(id, file);
            if sound {
                rescued.kept.push(name);
            } else {
                rescued.kept.push(format!("{name} (damaged)"));
                rescued.lost.push(format!("{name} as it was added"));
            }
        }
        let (read, steps) = self.document_and_steps();
        let read = read.ok();
        let as_read = read.as_ref().map(|(json, _)| json.clone());
        let json =
            match read.filter(|(json, is_as_saved)| *is_as_saved == Some(true) || Document::from_json(json).is_ok()) {
                Some((json, is_as_saved)) => {
                    let corrected = if is_as_saved == Some(false) { self.corrected() } else { None };
                    let note = match is_as_saved {
                        Some(false) if corrected.is_some() => ", with one damaged bit put right",
                        Some(false) => "; they are not as they were saved: look at every number",
                        _ => "",
                    };
                    rescued.kept.push(format!("the plan and all points{note}"));
                    corrected.unwrap_or(json)
                }
                None => match self.corrected() {
                    Some(json) => {
                        rescued.kept.push("the plan and all points, with one damaged bit put right".to_owned());
                        json
                    }
                    None if photos.is_empty() => {
                        let detail = "nothing in it can be read".to_owned();
                        return Err(CaseError::Damaged { detail, path: self.path.clone() });
                    }
                    None => {
                        rescued.lost.push("the plan and all points".to_owned());
                        document_of(&photos).to_json()
                    }
                },
            };
        let (steps, more) = if as_read.as_ref() == Some(&json) { steps } else { self.steps(&json, false) };
        if !steps.is_empty() {
            rescued.kept.push(format!("{} undo steps", steps.len()));
        }
        if more {
            rescued.lost.push("older steps of the history".to_owned());
        }
        let (done, whole) = self.trail().unwrap_or((Vec::new(), true));
        if !whole {
            let how_much = if done.is_empty() { "" } else { "parts of " };
            rescued.lost.push(format!("{how_much}the {TRAIL}"));
        }
        let origin = format!("Rescue from {}", self.path.display());
        refuse_in_the_way(&to)?;
        let mut pending = PendingFile::private_beside(&to, existing)?;
        let fill = |transaction: &Transaction| {
            for (id, photo) in &photos {
                database::insert_photo(transaction, Some(*id), photo, &self.limits, &to)?;
            }
            let written = steps.iter().try_for_each(|step| step.write(transaction));
            let written = written.and_then(|()| trail::write(transaction, &done));
            let written = written.and_then(|()| trail::note(transaction, Some(&Recorder::here()), &origin));
            written.map_err(|error| CaseError::writing(&error, &to))
        };
        if let Some(key) = &self.key {
            // What was locked is not written in the clear.
            let database = database::case_in_memory(&json, &self.limits, &to, fill)?;
            let failed = || CaseError::Write { detail: "it cannot be encrypted".to_owned(), path: to.clone() };
            let (file, _) = key.seal(&database).ok_or_else(failed)?;
            pending.write_all(&file)?;
            lock::keep(&to, key);
            rescued.kept.push("the passphrase, which is that of the damaged case".to_owned());
        } else {
            database::write_case(pending.temporary_path(), &json, &self.limits, &to, fill)?;
        }
        pending.commit()?;
        // Opened once, as the user will.
        Store::open(&to)?;
        Ok(rescued)
    }
}

/// A document for photos about which nothing else is known.
fn document_of(photos: &BTreeMap<i64, PhotoFile>) -> Document {
    let mut views: Vec<ViewRecord> = Vec::new();
    for (&id, photo) in photos {
        // A photo that cannot be decoded is stored all the same, without a view.
        let Ok(decoded) = photo::decode(photo.bytes(), &Limits::default()) else { continue };
        let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
        let key = PhotoKey { photo: id, turn: Turn::NONE };
        let focal_length_35mm = decoded.camera().focal_length_35mm;
        views.push(ViewRecord::new(guess_view(photo.name(), &names), key, decoded.size_px(), focal_length_35mm));
    }
    Document::new(views, &Scale::AveragePupils)
}

/// A row of the history table.
struct Row {
    id: i64,
    name: String,
    done: i64,
    photos: String,
    prefix: i64,
    suffix: i64,
    before: String,
    after: String,
}

impl Row {
    fn read(row: &rusqlite::Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            done: row.get(2)?,
            photos: row.get(3)?,
            prefix: row.get(4)?,
            suffix: row.get(5)?,
            before: row.get(6)?,
            after: row.get(7)?,
        })
    }

    /// The text that the step leads to: back if it is done, else forward; `None` if it does not fit.
    fn taken(&self, text: &str, done: bool) -> Option<String> {
        let (there, by) = if done { (&self.after, &self.before) } else { (&self.before, &self.after) };
        history::replaced(text, self.prefix, self.suffix, there, by)
    }

    fn checksum(&self) -> [u8; 32] {
        history::checksum(&self.name, &self.photos, [self.prefix, self.suffix], [&self.before, &self.after])
    }

    fn is_as_written(&self, case: &RescueReader) -> bool {
        let is_as_saved = database::Checksum::Step.matches(&case.connection, case.version, self.id, self.checksum());
        is_as_saved != Some(false)
    }

    fn write(&self, transaction: &Transaction) -> rusqlite::Result<()> {
        let sql = "INSERT INTO history (id, name, done, photos, prefix, suffix, before, after) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values =
            params![self.id, self.name, self.done, self.photos, self.prefix, self.suffix, self.before, self.after];
        transaction.execute(sql, values)?;
        database::Checksum::Step.write(transaction, self.id, self.checksum())
    }
}
