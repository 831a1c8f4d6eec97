//! Changing a case: every function here is one transaction, or writes another file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::super::database::{
    self, Checksum, FORMAT_VERSION, PhotoFile, StoreLimits, check_document, check_photo_count, insert_photo,
    next_revision,
};
use super::super::error::CaseError;
use super::super::history::{self, Direction, Step};
use super::super::lock::{self, Key};
use super::super::owner;
use super::super::trail;
use super::file::{Access, Locked, Store, refuse_in_the_way, thumbnail_too_large};
use crate::ground::files::{self, Existing, PendingFile};

/// A change of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the user did, shown beside "Undo".
    pub name: String,
    /// The new document.
    pub document_json: String,
    /// Numbers of the photos that the old document refers to.
    pub photos_before: Vec<i64>,
    /// Numbers of the photos that the new one refers to.
    pub photos_after: Vec<i64>,
}

impl Store {
    /// Replaces the document as one undo step, in one transaction. Returns the numbers of the photos deleted because
    /// nothing refers to them any longer.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; the old document is then still there.
    pub fn commit(&mut self, change: &Change) -> Result<Vec<i64>, CaseError> {
        let (limits, known, path) = (self.limits, self.revision, self.path.clone());
        let noted = Some(change.name.as_str());
        let (revision, gone) =
            self.change(noted, |transaction| write_change(transaction, change, known, &limits, &path))?;
        self.revision = revision;
        Ok(gone)
    }

    /// Adds photos and changes the document in one transaction; `change_for` gets the photos' numbers. Returns those
    /// numbers, and the numbers of the photos deleted.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; the case is then as it was.
    pub fn add_photos<'p>(
        &mut self,
        photos: impl IntoIterator<Item = &'p PhotoFile>,
        change_for: impl FnOnce(&[i64]) -> Change,
    ) -> Result<(Vec<i64>, Vec<i64>), CaseError> {
        let (limits, known, path) = (self.limits, self.revision, self.path.clone());
        let recorder = self.recorder.clone();
        // The step's name is known only inside the transaction.
        let (revision, added) = self.change(None, |transaction| {
            let mut ids = Vec::new();
            for photo in photos {
                ids.push(insert_photo(transaction, None, photo, &limits, &path)?);
            }
            let change = change_for(&ids);
            let (revision, gone) = write_change(transaction, &change, known, &limits, &path)?;
            trail::note(transaction, recorder.as_ref(), &change.name).map_err(|e| CaseError::writing(&e, &path))?;
            let count: i64 = transaction
                .query_row("SELECT count(*) FROM photo", (), |row| row.get(0))
                .map_err(|error| CaseError::writing(&error, &path))?;
            check_photo_count(count as u64, &limits, &path)?;
            Ok((revision, (ids, gone)))
        })?;
        self.revision = revision;
        Ok(added)
    }

    /// Name of the step that can be undone.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        self.undo_name.as_deref()
    }

    /// Name of the step that can be redone.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.redo_name.as_deref()
    }

    /// The step that can be undone or redone, with the document it leads to; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`CaseError::DamagedStep`] if it does not fit the document, [`CaseError::ReadOnly`], [`CaseError::Changed`].
    pub fn step(&self, direction: Direction) -> Result<Option<Step>, CaseError> {
        self.check_writable()?;
        self.settle()?;
        if self.version < 2 {
            return Ok(None);
        }
        let (revision, json) = self.read_document()?;
        if revision != self.revision {
            return Err(CaseError::Changed { path: self.path.clone() });
        }
        history::step(&self.connection, direction, &json, self.version, &self.path)
    }

    /// Undoes or redoes the step, in one transaction.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; the case is then as it was.
    pub fn take(&mut self, step: &Step) -> Result<(), CaseError> {
        let (limits, known, path) = (self.limits, self.revision, self.path.clone());
        let verb = match step.direction {
            Direction::Undo => "Undo",
            Direction::Redo => "Redo",
        };
        let noted = format!("{verb}: {}", step.name);
        self.revision = self.change(Some(&noted), |transaction| {
            let revision = replace_document(transaction, &step.document_json, known, &limits, &path)?;
            history::mark(transaction, step).map_err(|error| CaseError::writing(&error, &path))?;
            Ok(revision)
        })?;
        Ok(())
    }

    /// Deletes all undo steps and all photos except `photos`, so that nothing of them remains in the file. Returns the
    /// numbers of the photos deleted.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; the case is then as it was.
    pub fn forget_history(&mut self, photos: &[i64]) -> Result<Vec<i64>, CaseError> {
        let (known, path) = (self.revision, self.path.clone());
        let (revision, gone) = self.change(Some(trail::ERASED), |transaction| {
            let writing = |error| CaseError::writing(&error, &path);
            let revision = advance(transaction, known, &path)?;
            transaction.execute("DELETE FROM history", ()).map_err(writing)?;
            Checksum::Step.tidy(transaction).map_err(writing)?;
            trail::forget(transaction).map_err(writing)?;
            Ok((revision, delete_photos(transaction, photos).map_err(writing)?))
        })?;
        self.revision = revision;
        // The deleted content is already overwritten with zeros; this only shrinks the file, and may fail for lack of
        // space without harm.
        drop(self.attaching(|connection| connection.execute("VACUUM", ())));
        if self.lock.is_some() {
            drop(self.write_locked());
        }
        Ok(gone)
    }

    /// The thumbnail of a photo in this EXIF orientation, as JPEG.
    ///
    /// # Errors
    ///
    /// [`CaseError::Damaged`], [`CaseError::Busy`].
    pub fn thumbnail(&self, photo: i64, orientation: u16) -> Result<Option<Vec<u8>>, CaseError> {
        // The first format has none, and a newer one may store them differently.
        if !(2..=FORMAT_VERSION).contains(&self.version) {
            return Ok(None);
        }
        self.settle()?;
        let question = "SELECT jpeg FROM thumbnail WHERE photo = ?1 AND orientation = ?2";
        let found = self.connection.query_row(question, params![photo, orientation], |row| row.get(0)).optional();
        found.map_err(|error| CaseError::reading(&error, &self.path))
    }

    /// Stores a thumbnail of a photo, if the case can be changed. This is no undo step. A case of an older format gets
    /// none before its first change, since viewing must not change it.
    ///
    /// # Errors
    ///
    /// [`CaseError::Limit`] if it is too large, or any other [`CaseError`].
    pub fn set_thumbnail(&mut self, photo: i64, orientation: u16, jpeg: &[u8]) -> Result<(), CaseError> {
        if self.read_only() || self.version < FORMAT_VERSION {
            return Ok(());
        }
        if jpeg.len() as u64 > self.limits.max_thumbnail_bytes {
            return Err(thumbnail_too_large(&self.limits, &self.path));
        }
        let path = self.path.clone();
        self.change(None, |transaction| {
            let question = "INSERT OR REPLACE INTO thumbnail (photo, orientation, jpeg) \
                SELECT id, ?2, ?3 FROM photo WHERE id = ?1";
            let written = transaction.execute(question, params![photo, orientation, jpeg]);
            written.map(drop).map_err(|error| CaseError::writing(&error, &path))
        })
    }

    /// Writes a complete copy, history included, all or nothing. Copying a case onto itself does nothing.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; [`CaseError::Changed`] if another program changed the case. Whatever was at `path` before is then
    /// still there.
    pub fn copy_to(&self, path: &Path, existing: Existing) -> Result<(), CaseError> {
        let path = database::absolute(path)?;
        let same = fs::canonicalize(&path).ok().is_some_and(|there| fs::canonicalize(&self.path).ok() == Some(there));
        if same && existing == Existing::Replace {
            return Ok(());
        }
        self.settle()?;
        if self.read_document()?.0 != self.revision {
            return Err(CaseError::Changed { path: self.path.clone() });
        }
        refuse_in_the_way(&path)?;
        if self.lock.is_some() {
            return self.copy_locked_to(&path, existing);
        }
        let pending = PendingFile::private_beside(&path, existing)?;
        let Some(temporary) = pending.temporary_path().to_str() else {
            let detail = "a folder's name is no text".to_owned();
            return Err(CaseError::Write { detail, path });
        };
        // SQLite makes the copy, so that it is intact and compact, and no other program can change the case half-way.
        let copied = self.attaching(|connection| connection.execute("VACUUM INTO ?1", [temporary]));
        copied.map_err(|error| CaseError::writing(&error, &path))?;
        pending.commit()?;
        // The copy exists, even if recording it fails.
        if !self.read_only() && self.has_trail() && self.note_copy(&path).is_err() {
            self.copy_unnoted.set(true);
        }
        Ok(())
    }

    /// Copies a locked case under the same passphrase. The copy says that it is one; the case itself would have to be
    /// written as a whole, with which another program that has it open could no longer save.
    fn copy_locked_to(&self, path: &Path, existing: Existing) -> Result<(), CaseError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        self.check_written()?;
        let mut file = fs::read(&self.path).map_err(|source| CaseError::Read { source, path: self.path.clone() })?;
        if !self.read_only() {
            let writing = |error: rusqlite::Error| CaseError::writing(&error, path);
            let (database, _) = lock.key.open(&file).map_err(|problem| CaseError::locked(problem, &self.path))?;
            let mut memory = self.noted_in_memory(database, &copied_to(path)).map_err(writing)?;
            let failed = || CaseError::Write { detail: "it cannot be encrypted".to_owned(), path: path.to_owned() };
            (file, _) = lock.key.seal(&memory.serialize("main").map_err(writing)?).ok_or_else(failed)?;
        }
        let mut pending = PendingFile::private_beside(path, existing)?;
        pending.write_all(&file)?;
        pending.commit()?;
        lock::keep(path, &lock.key);
        Ok(())
    }

    /// Records an action that did not change the case, if the case can be changed. A case of a format without a trail
    /// has no place for it before its first change; see [`Store::has_trail`].
    ///
    /// # Errors
    ///
    /// [`CaseError`]; [`CaseError::Held`] if the case is locked with a passphrase and somebody else has it open.
    pub fn note(&mut self, what: &str) -> Result<(), CaseError> {
        if self.read_only() || !self.has_trail() {
            return Ok(());
        }
        // A locked case is rewritten as a whole: another program that has it open could then no longer save.
        if self.lock.is_some()
            && let Some(owner) = owner::other(&self.path)
        {
            return Err(CaseError::Held { owner, path: self.path.clone() });
        }
        // A case of an older format stays one: its trail is the same.
        self.transact(Some(what), false, |_| Ok(()))
    }

    /// Records in a case in the clear that a copy of it was made.
    fn note_copy(&self, to: &Path) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != self.version {
            return Ok(());
        }
        trail::note(&transaction, self.recorder.as_ref(), &copied_to(to))?;
        transaction.commit()
    }

    /// Runs one transaction, rolled back if `change` fails, and records what was done. A case of an older format gets
    /// the current one.
    fn change<T>(
        &mut self,
        noted: Option<&str>,
        change: impl FnOnce(&Transaction) -> Result<T, CaseError>,
    ) -> Result<T, CaseError> {
        self.transact(noted, true, change)
    }

    fn transact<T>(
        &mut self,
        noted: Option<&str>,
        upgrades: bool,
        change: impl FnOnce(&Transaction) -> Result<T, CaseError>,
    ) -> Result<T, CaseError> {
        self.check_writable()?;
        self.settle()?;
        let (path, recorder) = (self.path.clone(), self.recorder.clone());
        let writing = |error: rusqlite::Error| CaseError::writing(&error, &path);
        // Takes the lock at once, so that waiting for another program happens before anything is done.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(writing)?;
        // Another program may have upgraded the case to a newer format in the meantime.
        let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(writing)?;
        if version > FORMAT_VERSION {
            return Err(CaseError::Changed { path });
        }
        if upgrades && version < FORMAT_VERSION {
            upgrade(&transaction, version).map_err(writing)?;
        }
        let version = if upgrades { FORMAT_VERSION } else { version };
        let result = change(&transaction)?;
        if let Some(what) = noted {
            trail::note(&transaction, recorder.as_ref(), what).map_err(writing)?;
        }
        let undo_name = history::name(&transaction, Direction::Undo).map_err(writing)?;
        let redo_name = history::name(&transaction, Direction::Redo).map_err(writing)?;
        let question = "SELECT revision FROM document WHERE id = 1";
        let revision: i64 = transaction.query_row(question, (), |row| row.get(0)).map_err(writing)?;
        let committed = transaction.commit();
        if self.lock.is_some() {
            committed.map_err(|error| CaseError::writing(&error, &self.path))?;
            self.write_locked()?;
        } else if let Err(error) = committed {
            // Deleting the journal commits the change; the disk may still fail after that.
            if revision == self.revision || !self.has_arrived(revision) {
                return Err(CaseError::writing(&error, &self.path));
            }
            self.unconfirmed.set(true);
        }
        (self.version, self.undo_name, self.redo_name) = (version, undo_name, redo_name);
        Ok(result)
    }

    /// Locks the case with a key derived from a passphrase, or unlocks it.
    ///
    /// # Errors
    ///
    /// [`CaseError`]; the file is then as it was.
    pub fn set_lock(&mut self, key: Option<Arc<Key>>) -> Result<(), CaseError> {
        self.check_writable()?;
        // Under its other name the case would stay as it is.
        if key.is_some() && files::has_other_names(&self.path) {
            return Err(CaseError::TwoNames { path: self.path.clone() });
        }
        let what = match (&key, &self.lock) {
            (Some(_), None) => trail::LOCKED,
            (Some(_), Some(_)) => trail::LOCKED_ANEW,
            (None, Some(_)) => trail::UNLOCKED,
            (None, None) => return Ok(()),
        };
        self.settle()?;
        if self.lock.is_none() && self.read_document()?.0 != self.revision {
            return Err(CaseError::Changed { path: self.path.clone() });
        }
        self.check_written()?;
        let path = self.path.clone();
        let writing = |error: rusqlite::Error| CaseError::writing(&error, &path);
        let database = self.connection.serialize("main").map_err(writing)?.to_vec();
        let mut memory = self.noted_in_memory(Zeroizing::new(database), what).map_err(writing)?;
        let database = memory.serialize("main").map_err(writing)?;
        let Some(key) = key else {
            files::write_private(&path, &database)?;
            drop(database);
            let (recorder, is_held) = (self.recorder.take(), self.is_held());
            let mut open = Self::open_with(&path, self.limits)?;
            open.recorder = recorder;
            if is_held {
                open.hold(false);
            }
            *self = open;
            return Ok(());
        };
        let failed = || CaseError::Write { detail: "it cannot be encrypted".to_owned(), path: path.clone() };
        let (file, written) = key.seal(&database).ok_or_else(failed)?;
        drop(database);
        files::write_private(&path, &file)?;
        self.connection = memory;
        self.version = FORMAT_VERSION;
        lock::keep(&path, &key);
        self.lock = Some(Locked { key, written });
        Ok(())
    }

    /// The database in memory, of the current format, in which something is recorded.
    fn noted_in_memory(&self, database: Zeroizing<Vec<u8>>, what: &str) -> rusqlite::Result<Connection> {
        let mut memory = database::connected_in_memory(&database, &self.limits)?;
        drop(database);
        let transaction = memory.transaction()?;
        if self.version < FORMAT_VERSION {
            upgrade(&transaction, self.version)?;
        }
        trail::note(&transaction, self.recorder.as_ref(), what)?;
        transaction.commit()?;
        Ok(memory)
    }

    /// Whether the case is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Refuses to overwrite what another program has written since.
    fn check_written(&self) -> Result<(), CaseError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        let there = lock::written(&self.path).map_err(|source| CaseError::Read { source, path: self.path.clone() })?;
        if there == lock.written { Ok(()) } else { Err(CaseError::Changed { path: self.path.clone() }) }
    }

    /// Encrypts the database in memory into the file; if that fails, the database is read back from the file.
    fn write_locked(&mut self) -> Result<(), CaseError> {
        let done = self.try_write_locked();
        if done.is_err() {
            let again = Self::open_with(&self.path, self.limits);
            match again {
                Ok(again) => self.connection = again.connection,
                // What is shown is not in the file, and can no longer get there.
                Err(_) => self.access = Access::ReadOnlyDamaged("it cannot be read any more".to_owned()),
            }
        }
        done
    }

    fn try_write_locked(&mut self) -> Result<(), CaseError> {
        let path = self.path.clone();
        // One writer at a time; SQLite's own locks only cover the database in memory.
        let file = File::open(&path).map_err(|source| CaseError::Read { source, path: path.clone() })?;
        if cfg!(unix) {
            drop(file.lock());
        }
        self.check_written()?;
        let database = self.connection.serialize("main").map_err(|error| CaseError::writing(&error, &path))?;
        let Some(lock) = &mut self.lock else { return Ok(()) };
        let sealed = lock.key.seal(&database);
        let failed = || CaseError::Write { detail: "it cannot be encrypted".to_owned(), path: path.clone() };
        let (file, written) = sealed.ok_or_else(failed)?;
        files::write_private(&path, &file)?;
        lock.written = written;
        Ok(())
    }

    /// Whether the file has this revision, asked through a fresh connection with no knowledge of the change.
    fn has_arrived(&self, revision: i64) -> bool {
        let question = "SELECT revision FROM document WHERE id = 1";
        let asked = database::connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY, &self.limits).and_then(|fresh| {
            fresh.query_row(question, (), |row| row.get(0)).map_err(|e| CaseError::reading(&e, &self.path))
        });
        asked.is_ok_and(|there: i64| there == revision)
    }

    /// Runs a statement for which SQLite attaches a database internally.
    fn attaching<T>(&self, run: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
        let result = run(&self.connection);
        self.connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        result
    }
}

/// What is recorded of a copy.
fn copied_to(path: &Path) -> String {
    format!("Copy to {}", path.display())
}

/// Upgrades a case of an older format to the current one, with all checksums.
fn upgrade(transaction: &Transaction, version: u32) -> rusqlite::Result<()> {
    database::upgrade(transaction, version)?;
    history::write_checksums(transaction)
}

/// Writes a change of the document and its step; returns the new revision and the numbers of the deleted photos.
fn write_change(
    transaction: &Transaction,
    change: &Change,
    known: i64,
    limits: &StoreLimits,
    path: &Path,
) -> Result<(i64, Vec<i64>), CaseError> {
    let writing = |error| CaseError::writing(&error, path);
    let before: String =
        transaction.query_row("SELECT json FROM document WHERE id = 1", (), |row| row.get(0)).map_err(writing)?;
    let revision = replace_document(transaction, &change.document_json, known, limits, path)?;
    let photos: BTreeSet<i64> = change.photos_before.iter().chain(&change.photos_after).copied().collect();
    history::append(transaction, &change.name, &photos, [&before, &change.document_json], limits).map_err(writing)?;
    Ok((revision, delete_photos(transaction, &change.photos_after).map_err(writing)?))
}

/// Returns the new revision.
fn replace_document(
    transaction: &Transaction,
    json: &str,
    known: i64,
    limits: &StoreLimits,
    path: &Path,
) -> Result<i64, CaseError> {
    check_document(json, limits, path)?;
    let revision = advance(transaction, known, path)?;
    let written = database::write_document(transaction, json);
    written.map(|()| revision).map_err(|error| CaseError::writing(&error, path))
}

/// Advances the revision and returns it; fails if another program made a change since the document was read.
fn advance(transaction: &Transaction, known: i64, path: &Path) -> Result<i64, CaseError> {
    let next = next_revision();
    let question = format!("UPDATE document SET revision = {next} WHERE id = 1 AND revision = ?1 RETURNING revision");
    let changed = transaction.query_row(&question, [known], |row| row.get(0)).optional();
    changed
        .map_err(|error| CaseError::writing(&error, path))?
        .ok_or_else(|| CaseError::Changed { path: path.to_owned() })
}

/// Deletes the photos that are neither in `photos` nor in a step, and their thumbnails.
fn delete_photos(transaction: &Transaction, photos: &[i64]) -> rusqlite::Result<Vec<i64>> {
    let mut statement = transaction.prepare("SELECT id FROM photo")?;
    let stored = statement.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    if stored.iter().all(|id| photos.contains(id)) {
        return Ok(Vec::new());
    }
    let in_steps = history::photos(transaction)?;
    let gone: Vec<i64> = stored.into_iter().filter(|id| !photos.contains(id) && !in_steps.contains(id)).collect();
    for id in &gone {
        transaction.execute("DELETE FROM photo WHERE id = ?1", [id])?;
        transaction.execute("DELETE FROM thumbnail WHERE photo = ?1", [id])?;
    }
    Checksum::PhotoName.tidy(transaction)?;
    Ok(gone)
}
