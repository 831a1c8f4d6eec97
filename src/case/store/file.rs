//! An open case file: checked before anything in it is trusted, and read.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};

use super::super::database::{
    self, FORMAT_VERSION, PhotoFile, StoreLimits, check_document, check_photo_count, document_too_large, insert_photo,
    photo_too_large,
};
use super::super::error::{CaseError, MISFIT};
use super::super::history::{self, Direction};
use super::super::lock::{self, Key, Passphrase, Written};
use super::super::owner::{self, Hold, Owner};
use super::super::trail::{self, Entry, Recorder};
use super::journal;
use crate::ground::files::{Existing, PendingFile};

/// A stored photo, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoEntry {
    /// Its number in the case, never given to another photo while this one is stored.
    pub id: i64,
    /// The name under which it was added.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Length in bytes.
    pub size: u64,
}

/// Whether a case may be changed, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It may be changed.
    Full,
    /// A newer version of the program made it, with this format version.
    ReadOnlyNewer(u32),
    /// The file or its folder is write-protected.
    ReadOnlyProtected,
    /// A newer version of the program wrote its document, of which this one does not know everything.
    ReadOnlyNewerPlan,
    /// It is damaged as described, but the document can be read.
    ReadOnlyDamaged(String),
    /// Another user has it open for editing.
    ReadOnlyElsewhere(Owner),
}

impl Access {
    /// Why the case cannot be changed, phrased to follow "because"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<String> {
        match self {
            Self::Full => None,
            Self::ReadOnlyNewer(version) => Some(format!(
                "a newer version of Scalp Studio made it (case format {version}, this program knows {FORMAT_VERSION})"
            )),
            Self::ReadOnlyNewerPlan => Some(
                "a newer version of Scalp Studio wrote its plan, and this one does not know all that is in it".into(),
            ),
            Self::ReadOnlyProtected => Some("the file is write-protected".into()),
            Self::ReadOnlyDamaged(detail) => Some(format!("the file is damaged ({detail})")),
            Self::ReadOnlyElsewhere(owner) => Some(owner.described()),
        }
    }
}

/// An open case file.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) limits: StoreLimits,
    pub(super) access: Access,
    /// Format version of the file.
    pub(super) version: u32,
    /// Revision of the document as this program last read or wrote it.
    pub(super) revision: i64,
    /// Names of the undo steps and redone.
    pub(super) undo_name: Option<String>,
    pub(super) redo_name: Option<String>,
    /// Where foreign journals were moved.
    moved: RefCell<Vec<PathBuf>>,
    /// A change is in the file, but the disk has not confirmed it.
    pub(super) unconfirmed: Cell<bool>,
    /// A copy was made, but could not be recorded in the case.
    pub(super) copy_unnoted: Cell<bool>,
    /// Provides the time and place of changes.
    pub(super) recorder: Option<Recorder>,
    /// For a locked case, whose database is in memory.
    pub(super) lock: Option<Locked>,
    /// The right to change the case, if acquired.
    hold: Option<Hold>,
}

/// What a locked case is written with.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) key: Arc<Key>,
    /// The file's nonce as this program last read or wrote it.
    pub(super) written: Written,
}

impl Store {
    /// Creates a case with the default limits, all or nothing, and opens it.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; whatever was at `path` before is then still there.
    pub fn create(
        path: &Path,
        document_json: &str,
        photos: &[PhotoFile],
        existing: Existing,
    ) -> Result<Self, CaseError> {
        Self::create_with(path, document_json, photos, existing, StoreLimits::default())
    }

    /// [`Store::create`] with other limits.
    ///
    /// # Errors
    ///
    /// As [`Store::create`].
    pub fn create_with(
        path: &Path,
        document_json: &str,
        photos: &[PhotoFile],
        existing: Existing,
        limits: StoreLimits,
    ) -> Result<Self, CaseError> {
        let path = database::absolute(path)?;
        refuse_in_the_way(&path)?;
        check_document(document_json, &limits, &path)?;
        let pending = PendingFile::private_beside(&path, existing)?;
        check_photo_count(photos.len() as u64, &limits, &path)?;
        database::write_case(pending.temporary_path(), document_json, &limits, &path, |transaction| {
            photos.iter().try_for_each(|photo| insert_photo(transaction, None, photo, &limits, &path).map(drop))?;
            let noted = trail::note(transaction, Some(&Recorder::here()), trail::CREATED);
            noted.map_err(|error| CaseError::writing(&error, &path))
        })?;
        pending.commit()?;
        Self::open_with(&path, limits)
    }

    /// Opens a case with the default limits; see [`Store::access`] for whether it can be changed.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if it is missing, not a case, or so damaged that its document cannot be read.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        Self::open_with(path, StoreLimits::default())
    }

    /// [`Store::open`] with other limits.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_with(path: &Path, limits: StoreLimits) -> Result<Self, CaseError> {
        Self::open_under(path, limits, None)
    }

    /// [`Store::open`] for a case that may be locked with this passphrase.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and [`CaseError::Locked`], [`CaseError::WrongPassphrase`].
    pub fn open_under(path: &Path, limits: StoreLimits, given: Option<&Passphrase>) -> Result<Self, CaseError> {
        let path = database::absolute(path)?;
        if lock::is_locked(&path) {
            return Self::open_locked(path, limits, given);
        }
        // A newer case is only read, so SQLite must roll nothing back.
        let newer = database::read_header(&path)?.version > FORMAT_VERSION;
        let moved = if newer { journal::put_logs_aside(&path)? } else { journal::settle(&path, &limits)? };
        // Read again: rolling back an upgrade restores the older format.
        let version = database::read_header(&path)?.version;
        let store = Self::open_settled(path, limits, version).map_err(|error| match (error, moved.last()) {
            (CaseError::Damaged { detail, path }, Some(moved)) => {
                let detail = format!("{detail}; a journal that does not fit it was moved aside, to {}", name_of(moved));
                CaseError::Damaged { detail, path }
            }
            (other, _) => other,
        })?;
        store.moved.borrow_mut().extend(moved);
        if store.access == Access::Full {
            journal::tidy(&store.connection, &store.path, version);
        }
        Ok(store)
    }

    /// Opens a locked case; its key comes from a case already open, or from the passphrase.
    fn open_locked(path: PathBuf, limits: StoreLimits, given: Option<&Passphrase>) -> Result<Self, CaseError> {
        let failed = |source| CaseError::Read { source, path: path.clone() };
        let file = fs::read(&path).map_err(failed)?;
        let unreadable = |problem| CaseError::locked(problem, &path);
        let key = lock::find(&path, &file, given).map_err(unreadable)?;
        let key = key.ok_or_else(|| CaseError::Locked { path: path.clone() })?;
        let (database, written) = key.open(&file).map_err(unreadable)?;
        drop(file);
        let version = database::version_of(&database, &path)?;
        let protected = fs::metadata(&path).map_err(failed)?.permissions().readonly();
        let access = match (version > FORMAT_VERSION, protected) {
            (true, _) => Access::ReadOnlyNewer(version),
            (false, true) => Access::ReadOnlyProtected,
            (false, false) => Access::Full,
        };
        lock::keep(&path, &key);
        let connection = database::connect_in_memory(&database, &limits, &path)?;
        let store = Self::over(connection, path, limits, access, version);
        Self { lock: Some(Locked { key, written }), ..store }.judged(protected)
    }

    /// Opens a case for a quick look: its journal is not settled, its integrity not checked, and nothing is ever
    /// changed.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if it is missing, not a case, of a newer format, or in the middle of a change.
    pub fn glance(path: &Path) -> Result<Self, CaseError> {
        let (path, limits) = (database::absolute(path)?, StoreLimits::default());
        let version = database::read_header(&path)?.version;
        if version > FORMAT_VERSION {
            return Err(CaseError::TooNew { path });
        }
        let connection = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, &limits)?;
        // Treated like a newer version, so that files beside it are left alone.
        Self::over(connection, path, limits, Access::ReadOnlyNewer(version), version).checked()
    }

    /// A case of which nothing has been read yet.
    fn over(connection: Connection, path: PathBuf, limits: StoreLimits, access: Access, version: u32) -> Self {
        Self {
            connection,
            path,
            limits,
            access,
            version,
            revision: 0,
            undo_name: None,
            redo_name: None,
            moved: RefCell::default(),
            unconfirmed: Cell::default(),
            copy_unnoted: Cell::default(),
            recorder: None,
            lock: None,
            hold: None,
        }
    }

    /// Opens a case whose journal has been settled.
    pub(super) fn open_settled(path: PathBuf, limits: StoreLimits, version: u32) -> Result<Self, CaseError> {
        let opened = |connection, path, access| Self::over(connection, path, limits, access, version);
        if version > FORMAT_VERSION {
            let connection = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, &limits)?;
            let access = Access::ReadOnlyNewer(version);
            let mut store = opened(connection, path.clone(), access).checked().map_err(|error| match error {
                // A newer version may have other tables.
                CaseError::Damaged { .. } => CaseError::TooNew { path },
                other => other,
            })?;
            if database::format_of_tables(&store.connection).is_some() {
                store.access = Access::ReadOnlyDamaged("its format number is not that of its tables".to_owned());
            }
            return Ok(store);
        }
        let connection = database::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE, &limits)?;
        // SQLite opens a write-protected file all the same, for reading.
        let protected = connection.is_readonly("main").map_err(|error| CaseError::reading(&error, &path))?;
        let access = if protected { Access::ReadOnlyProtected } else { Access::Full };
        opened(connection, path, access).judged(protected)
    }

    /// Determines whether the case is damaged, and what can be undone.
    fn judged(self, protected: bool) -> Result<Self, CaseError> {
        let mut store = self.checked()?;
        if store.version > FORMAT_VERSION {
            return Ok(store);
        }
        if let Some(damage) = store.damage()? {
            store.access = Access::ReadOnlyDamaged(damage);
        } else if !store.document_is_as_written()? {
            store.access = Access::ReadOnlyDamaged("its plan is not as it was saved".to_owned());
        }
        // Even if the history cannot be read, the plan can be shown.
        match store.check_history().and_then(|()| store.read_names()) {
            Err(CaseError::Damaged { detail, .. }) if !protected => store.access = Access::ReadOnlyDamaged(detail),
            Err(CaseError::Damaged { .. }) | Ok(()) => {}
            Err(other) => return Err(other),
        }
        Ok(store)
    }

    /// The case's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the case can be changed, and if not, why.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Reserves the case for this program until it is dropped; if somebody else is editing it, it becomes read-only.
    /// `anyway` overrides a mere claim in another computer's file, see [`Owner::is_certain`].
    pub fn hold(&mut self, anyway: bool) {
        if self.access != Access::Full {
            return;
        }
        match owner::hold(&self.path, anyway) {
            Ok(hold) => self.hold = Some(hold),
            Err(owner) => self.access = Access::ReadOnlyElsewhere(owner),
        }
    }

    /// Whether this program holds the right to change the case.
    pub(in crate::case) fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    /// Whether every change would be refused.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.access != Access::Full
    }

    /// What happened since the last call that the user should know, one sentence each, ending with the path.
    #[must_use]
    pub fn take_notes(&self) -> Vec<String> {
        let note = |moved: PathBuf| {
            format!(
                "a journal that is not this case's own lay beside it and was moved aside, to {}; the case is as it was: {}",
                name_of(&moved),
                self.path.display()
            )
        };
        let unconfirmed = self.unconfirmed.take().then(|| {
            let path = self.path.display();
            format!("the change is in the case, but the disk failed to confirm it: save a copy on another disk: {path}")
        });
        let unnoted = self
            .copy_unnoted
            .take()
            .then(|| format!("the copy is made, but could not be recorded in the case: {}", self.path.display()));
        self.moved.take().into_iter().map(note).chain(unconfirmed).chain(unnoted).collect()
    }

    /// Settles a journal that appeared beside the case after it was opened, as cloud folders may cause.
    pub(super) fn settle(&self) -> Result<(), CaseError> {
        if self.lock.is_some() {
            return Ok(());
        }
        let moved = match self.access {
            Access::ReadOnlyNewer(_) => journal::put_logs_aside(&self.path)?,
            _ => journal::settle(&self.path, &self.limits)?,
        };
        self.moved.borrow_mut().extend(moved);
        Ok(())
    }

    /// The document as it is in the file now.
    ///
    /// # Errors
    ///
    /// [`CaseError::Damaged`], [`CaseError::Busy`], [`CaseError::Limit`].
    pub fn document(&mut self) -> Result<String, CaseError> {
        self.settle()?;
        let (revision, json) = self.read_document()?;
        if revision != self.revision {
            self.revision = revision;
            self.read_names()?;
        }
        Ok(json)
    }

    /// From now on, records changes with the time and place that the recorder provides.
    pub fn recorded_by(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    pub(in crate::case) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// Whether the format has a record of what was done.
    #[must_use]
    pub fn has_trail(&self) -> bool {
        (database::WITH_TRAIL..=FORMAT_VERSION).contains(&self.version)
    }

    /// The record of what was done with the case, oldest first.
    ///
    /// # Errors
    ///
    /// [`CaseError::Damaged`], [`CaseError::Busy`].
    pub fn trail(&self) -> Result<Vec<Entry>, CaseError> {
        // Earlier formats have none, and that of a newer one may differ.
        if !self.has_trail() {
            return Ok(Vec::new());
        }
        self.settle()?;
        trail::read(&self.connection).map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// The photos, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// [`CaseError::Damaged`], [`CaseError::Busy`].
    pub fn photos(&self) -> Result<Vec<PhotoEntry>, CaseError> {
        self.settle()?;
        let entries = || {
            let mut statement = self.connection.prepare("SELECT id, name, sha256, size FROM photo ORDER BY id")?;
            let rows = statement.query_map((), |row| {
                // A negative size is damage, which reading the bytes will report.
                let size = u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0);
                Ok(PhotoEntry { id: row.get(0)?, name: row.get(1)?, sha256: row.get(2)?, size })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        entries().map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// The bytes of a photo, exactly as they were added.
    ///
    /// # Errors
    ///
    /// [`CaseError::NoSuchPhoto`]; [`CaseError::DamagedPhoto`] if they are not what was added.
    pub fn photo_bytes(&self, id: i64) -> Result<Vec<u8>, CaseError> {
        self.settle()?;
        let reading = |error: rusqlite::Error| CaseError::reading(&error, &self.path);
        let entry = self
            .connection
            .query_row("SELECT name, sha256, size FROM photo WHERE id = ?1", [id], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, i64>(2)?))
            })
            .optional()
            .map_err(reading)?;
        let Some((name, sha256, size)) = entry else {
            return Err(CaseError::NoSuchPhoto { id, path: self.path.clone() });
        };
        let damaged = || CaseError::DamagedPhoto { name: name.clone(), path: self.path.clone() };
        // Read incrementally into one buffer: reading a row would hold the bytes twice.
        let mut blob = self.connection.blob_open("main", "photo", "bytes", id, true).map_err(|_| damaged())?;
        if blob.len() as i64 != size {
            return Err(damaged());
        }
        let mut bytes = Vec::with_capacity(blob.len());
        blob.read_to_end(&mut bytes).map_err(|_| damaged())?;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != sha256 {
            return Err(damaged());
        }
        Ok(bytes)
    }

    /// Whether a file is one of the photos in the case, byte for byte.
    ///
    /// # Errors
    ///
    /// [`CaseError::Damaged`], [`CaseError::Busy`]; [`CaseError::Read`] if the file cannot be read.
    pub fn holds(&self, file: &Path) -> Result<bool, CaseError> {
        let failed = |source| CaseError::Read { source, path: file.to_owned() };
        let size = fs::metadata(file).map_err(failed)?.len();
        let mut alike = self.photos()?;
        alike.retain(|photo| photo.size == size);
        if alike.is_empty() {
            return Ok(false);
        }
        let sha256: [u8; 32] = Sha256::digest(fs::read(file).map_err(failed)?).into();
        Ok(alike.iter().any(|photo| photo.sha256 == sha256))
    }

    pub(super) fn check_writable(&self) -> Result<(), CaseError> {
        match self.access.read_only_reason() {
            Some(why) => Err(CaseError::ReadOnly { why, path: self.path.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn read_names(&mut self) -> Result<(), CaseError> {
        let name = |direction| {
            let name = if self.read_only() || self.version < 2 {
                Ok(None)
            } else {
                history::name(&self.connection, direction)
            };
            name.map_err(|error| CaseError::reading(&error, &self.path))
        };
        (self.undo_name, self.redo_name) = (name(Direction::Undo)?, name(Direction::Redo)?);
        Ok(())
    }

    /// Revision and JSON of the document in the file.
    pub(super) fn read_document(&self) -> Result<(i64, String), CaseError> {
        let length = self.ask("SELECT octet_length(json) FROM document WHERE id = 1")?;
        if length as u64 > self.limits.max_document_bytes {
            return Err(document_too_large(&self.limits, &self.path));
        }
        let question = "SELECT revision, json FROM document WHERE id = 1";
        let row = self.connection.query_row(question, (), |row| Ok((row.get(0)?, row.get(1)?)));
        row.map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// Whether a checksum proves that the document is as it was written.
    pub(in crate::case) fn proves_document(&self, json: &str) -> bool {
        database::is_as_written(&self.connection, self.version, json).ok().flatten() == Some(true)
    }

    /// Makes a case read-only of whose document this program does not know everything.
    pub(in crate::case) fn only_read(&mut self) {
        self.access = Access::ReadOnlyNewerPlan;
    }

    /// Whether the document matches its checksum; true if the format has none.
    fn document_is_as_written(&self) -> Result<bool, CaseError> {
        let (_, json) = self.read_document()?;
        let told = database::is_as_written(&self.connection, self.version, &json);
        told.map(|told| told.unwrap_or(true)).map_err(|error| CaseError::reading(&error, &self.path))
    }

    fn ask(&self, question: &str) -> Result<i64, CaseError> {
        let answer = self.connection.query_row(question, (), |row| row.get(0));
        answer.map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// Checks everything that must hold of an untrusted file before it is used.
    fn checked(mut self) -> Result<Self, CaseError> {
        self.check_schema()?;
        let photos = self.ask("SELECT count(*) FROM photo")?;
        check_photo_count(photos as u64, &self.limits, &self.path)?;
        let largest = self.ask("SELECT coalesce(max(max(octet_length(bytes), size)), 0) FROM photo")?;
        if largest as u64 > self.limits.max_photo_bytes {
            return Err(photo_too_large(&self.limits, &self.path));
        }
        self.revision = self.read_document()?.0;
        self.photos()?;
        Ok(self)
    }

    /// Checks that history and thumbnails are no larger than this program would make them.
    fn check_history(&self) -> Result<(), CaseError> {
        if self.version < 2 {
            return Ok(());
        }
        let (steps, bytes) = history::extent(&self.connection).map_err(|e| CaseError::reading(&e, &self.path))?;
        if steps > self.limits.max_steps || bytes > self.limits.max_history_bytes {
            let what = format!("the case has too long a history (at most {} steps)", self.limits.max_steps);
            return Err(CaseError::Limit { what, path: self.path.clone() });
        }
        let largest = self.ask("SELECT coalesce(max(octet_length(jpeg)), 0) FROM thumbnail")?;
        let count = self.ask("SELECT count(*) FROM thumbnail")?;
        if largest as u64 > self.limits.max_thumbnail_bytes || count as u64 > 8 * self.limits.max_photos {
            return Err(thumbnail_too_large(&self.limits, &self.path));
        }
        Ok(())
    }

    fn check_schema(&self) -> Result<(), CaseError> {
        let schema = database::schema(&self.connection).map_err(|error| CaseError::reading(&error, &self.path))?;
        let has = |name: &str, sql: &str| schema.iter().any(|entry| entry.1 == name && entry.2 == sql);
        // A newer version may have more tables and indexes, but nothing that runs code of its own.
        let newer = matches!(self.access, Access::ReadOnlyNewer(_));
        // Only the tables of format 1 are read from a newer version.
        let tables = database::tables(if newer { 1 } else { self.version });
        let ours = tables.iter().all(|(name, sql)| has(name, sql));
        let harmless = schema.iter().all(|(kind, _, sql)| match kind.as_str() {
            "table" => !sql.to_ascii_uppercase().starts_with("CREATE VIRTUAL"),
            "index" => true,
            _ => false,
        });
        if ours && harmless && (newer || schema.len() == tables.len()) {
            return Ok(());
        }
        Err(CaseError::Damaged { detail: "its tables are not those of a case".into(), path: self.path.clone() })
    }

    /// The result of SQLite's quick check; `None` if the file is intact.
    fn damage(&self) -> Result<Option<String>, CaseError> {
        // SQLite treats a truncated last page as one that ends in zeros. This is checked only after SQLite has rolled
        // back what a crash may have left.
        let pages = self.ask("PRAGMA page_count")?;
        let page_bytes = self.ask("PRAGMA page_size")?;
        let length = fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if self.lock.is_none() && length < (pages * page_bytes) as u64 {
            return Ok(Some("its end is missing".into()));
        }
        let verdict = self.connection.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => Ok(None),
            Ok(_) => Ok(Some(MISFIT.to_owned())),
            Err(error) => match CaseError::reading(&error, &self.path) {
                CaseError::Damaged { detail, .. } => Ok(Some(detail)),
                other => Err(other),
            },
        }
    }
}

/// Whether a file is a case, even one that cannot be opened.
#[must_use]
pub(crate) fn is_case(path: &Path) -> bool {
    matches!(database::read_header(path), Ok(_) | Err(CaseError::Damaged { .. } | CaseError::Locked { .. }))
}

/// Refuses to create a case where a journal of another one of that name would be mistaken for its own, or to replace
/// one that somebody has open.
pub(in crate::case) fn refuse_in_the_way(path: &Path) -> Result<(), CaseError> {
    if let Some(owner) = owner::other(path) {
        return Err(CaseError::Held { owner, path: path.to_owned() });
    }
    if fs::symlink_metadata(journal::beside(path)).is_ok() {
        return Err(CaseError::LeftOver { path: path.to_owned() });
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub(super) fn thumbnail_too_large(limits: &StoreLimits, path: &Path) -> CaseError {
    let what = format!("a thumbnail is too large for a case (at most {} KiB)", limits.max_thumbnail_bytes >> 10);
    CaseError::Limit { what, path: path.to_owned() }
}
