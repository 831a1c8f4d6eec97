//! The journal beside a case: rolled back if it belongs to the case, moved aside if not.
//!
//! SQLite knows a journal by its name alone: whatever is called `NAME-journal` is rolled back into the database `NAME`
//! by the first program that reads it. After a crash that is right. But if another case was given that name meanwhile,
//! a backup was put back, or a cloud folder brought a journal from another machine, it would destroy the case.
//!
//! So before SQLite may roll a journal back, this is tried on a copy of both. The journal belongs to the case if
//! - with it the case is intact: structure, history, and every photo that is sound without it;
//! - it leads back by at most one change: SQLite's change counter is in the first page, which every change writes and
//!   journals, so beside a case interrupted by a crash, the counter is that of the journal or one more;
//! - where the case is intact without the journal as well, so that the two can be compared: the photos are the same,
//!   and the case's revision, which starts at random in each case, is that of the journal or one more (see
//!   [`database::follows`]).
//!
//! A case that is intact only with the journal needs no such comparison: no foreign journal mends a case.
//!
//! A write-ahead log (`NAME-wal`, with its index `NAME-shm`) never belongs to a case, as the case's header shows.
//! SQLite would read it all the same and eventually write its contents into the case, so it is always moved aside.
//!
//! A journal that another program is writing is left alone: SQLite itself reports whether one is left over ("hot").
//!
//! References: <https://www.sqlite.org/lockingv3.html#hot_journals>, <https://www.sqlite.org/atomiccommit.html>.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, ffi};

use super::super::database::{self, BUSY_TIMEOUT, FORMAT_VERSION, StoreLimits};
use super::super::error::CaseError;
use super::super::history::Direction;
use super::file::{Access, PhotoEntry, Store};
use crate::ground::files;

/// The first bytes of a journal, and the last bytes of one that names a super-journal of several databases:
/// <https://www.sqlite.org/fileformat2.html#the_rollback_journal>.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// Where SQLite looks for the case's journal: beside the file itself, not beside a link to it.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push("-journal");
    name.into()
}

/// Moves aside a write-ahead log beside the case and returns the new path. Call this before SQLite opens the case.
pub(in crate::case) fn put_logs_aside(path: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let log = database::log_beside(path);
    if fs::symlink_metadata(&log).is_err() {
        return Ok(Vec::new());
    }
    let moved = files::move_aside(&log, OsStr::new("-left-over"));
    match moved {
        // The log's index is useless without it, and SQLite recreates it.
        Ok(moved) => Ok(vec![moved]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(CaseError::StrangeJournal { source, path: path.to_owned() }),
    }
}

/// Settles a journal left by a crash, before SQLite opens the case: afterwards it is rolled back or moved aside.
/// Returns the paths to which it, and write-ahead logs, were moved.
pub(in crate::case) fn settle(path: &Path, limits: &StoreLimits) -> Result<Vec<PathBuf>, CaseError> {
    let mut moved = put_logs_aside(path)?;
    moved.extend(settle_journal(path, limits)?);
    Ok(moved)
}

fn settle_journal(path: &Path, limits: &StoreLimits) -> Result<Option<PathBuf>, CaseError> {
    let journal = beside(path);
    if !journal.is_file() {
        return Ok(None);
    }
    let file = match File::open(&journal) {
        Ok(file) => file,
        // Another program has just finished a change.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(CaseError::Read { source, path: path.to_owned() }),
    };
    // Two programs opening the case at once must not both decide: the second would move the first one's next journal.
    lock(&file, path)?;
    if !is_left_over(path)? {
        return Ok(None);
    }
    if belongs(path, &file, limits)? {
        roll_back(path, limits)?;
        return Ok(None);
    }
    let moved = files::move_aside(&journal, OsStr::new("-left-over"));
    moved.map(Some).map_err(|source| CaseError::StrangeJournal { source, path: path.to_owned() })
}

/// Removes the empty journal that a crash at the very start of a change leaves. This is mere tidiness, so failure does
/// not matter.
pub(super) fn tidy(connection: &Connection, path: &Path, version: u32) {
    if !beside(path).exists() {
        return;
    }
    // Start a change and roll it back: its journal replaces the empty one and is deleted with it.
    let tidied = || -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::ZERO)?;
        let change = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        change.pragma_update(None, "user_version", version)?;
        change.rollback()
    };
    drop(tidied());
    drop(connection.busy_timeout(BUSY_TIMEOUT));
}

/// Locks the journal against other instances of this program; SQLite ignores this lock.
fn lock(journal: &File, path: &Path) -> Result<(), CaseError> {
    // On other systems a lock would keep SQLite from reading the file.
    if !cfg!(unix) {
        return Ok(());
    }
    let since = Instant::now();
    loop {
        match journal.try_lock() {
            Err(TryLockError::WouldBlock) if since.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(CaseError::Busy { path: path.to_owned() }),
            // On a file system without locks, no two programs can rely on them.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}

/// Whether SQLite would roll the journal back: it is not empty, and nobody is writing it.
fn is_left_over(path: &Path) -> Result<bool, CaseError> {
    // A read-only connection reports a hot journal instead of rolling it back.
    let asked = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0))
        });
    match asked {
        Ok(_) => Ok(false),
        Err(error) if error.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_READONLY_ROLLBACK) => {
            Ok(true)
        }
        Err(error) => match CaseError::reading(&error, path) {
            // Reported when the case itself is read.
            CaseError::Damaged { .. } => Ok(false),
            other => Err(other),
        },
    }
}

/// Makes SQLite roll the journal back.
fn roll_back(path: &Path, limits: &StoreLimits) -> Result<(), CaseError> {
    let connection = database::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, limits)?;
    let read = connection.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0));
    read.map(drop).map_err(|error| CaseError::reading(&error, path))
}

/// Whether the journal belongs to the case, tried on a copy.
fn belongs(path: &Path, journal: &File, limits: &StoreLimits) -> Result<bool, CaseError> {
    // Rolling back such a journal can delete the file that it names; a case never has one.
    if names_another_journal(journal).map_err(|source| CaseError::Read { source, path: path.to_owned() })? {
        return Ok(false);
    }
    // Prefer a folder that the system clears by itself; if that has no room, the case's own disk may.
    let tried = tried_in(files::private_folder(), path, journal, limits);
    match tried {
        Err(CaseError::Full { .. } | CaseError::Read { .. }) => {
            tried_in(files::private_folder_beside(path), path, journal, limits)
        }
        other => other,
    }
}

fn tried_in(
    folder: io::Result<files::PrivateFolder>,
    path: &Path,
    journal: &File,
    limits: &StoreLimits,
) -> Result<bool, CaseError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => CaseError::Full { path: path.to_owned() },
        _ => CaseError::Read { source, path: path.to_owned() },
    };
    let folder = folder.map_err(failed)?;
    let copy = folder.path().join("case.scalp");
    // Without its permissions: a write-protected case is tried as well.
    let copied = |mut from: &File, to: &Path| -> io::Result<()> {
        from.seek(SeekFrom::Start(0))?;
        io::copy(&mut from, &mut File::create_new(to)?).map(drop)
    };
    copied(&File::open(path).map_err(failed)?, &copy).map_err(failed)?;
    let changes = database::read_header(&copy).map(|header| header.changes);
    let without = match State::of(&copy, path, limits) {
        // A half-written number may have any value.
        Err(CaseError::Limit { .. }) => None,
        other => other?,
    };
    copied(journal, &beside(&copy)).map_err(failed)?;
    match roll_back(&copy, limits) {
        Ok(()) => {}
        Err(CaseError::Damaged { .. }) => return Ok(false),
        Err(error) => return Err(at(error, path)),
    }
    let Some(with) = State::of(&copy, path, limits)? else { return Ok(false) };
    // An unreadable header proves nothing.
    let one_change = changes.map_or(true, |changes| changes.wrapping_sub(with.changes) <= 1);
    Ok(one_change && without.is_none_or(|without| without.follows(&with)))
}

/// Whether the journal ends in the name of a super-journal.
fn names_another_journal(mut journal: &File) -> io::Result<bool> {
    let mut end = [0; MAGIC.len()];
    if journal.metadata()?.len() < end.len() as u64 {
        return Ok(false);
    }
    journal.seek(SeekFrom::End(-(end.len() as i64)))?;
    journal.read_exact(&mut end)?;
    Ok(end == MAGIC)
}

/// What is compared of an intact case.
struct State {
    /// SQLite's change counter.
    changes: u32,
    revision: i64,
    photos: Vec<PhotoEntry>,
    /// Photos whose bytes differ from what was stored.
    damaged: Vec<i64>,
    /// Whether the last step can be undone.
    steps_fit: bool,
}

impl State {
    /// `None` if the copy is not intact; `path` is for messages.
    fn of(copy: &Path, path: &Path, limits: &StoreLimits) -> Result<Option<Self>, CaseError> {
        let read = || -> Result<Option<Self>, CaseError> {
            let header = database::read_header(copy)?;
            if header.version > FORMAT_VERSION {
                return Ok(None);
            }
            let store = Store::open_settled(copy.to_owned(), *limits, header.version)?;
            if store.access != Access::Full {
                return Ok(None);
            }
            let photos = store.photos()?;
            let mut damaged = Vec::new();
            for photo in &photos {
                match store.photo_bytes(photo.id) {
                    Ok(_) => {}
                    Err(CaseError::DamagedPhoto { .. }) => damaged.push(photo.id),
                    Err(other) => return Err(other),
                }
            }
            let steps_fit = !matches!(store.step(Direction::Undo), Err(CaseError::DamagedStep { .. }));
            Ok(Some(Self { changes: header.changes, revision: store.revision, photos, damaged, steps_fit }))
        };
        match read() {
            Err(CaseError::Damaged { .. } | CaseError::Foreign { .. } | CaseError::Empty { .. }) => Ok(None),
            other => other.map_err(|error| at(error, path)),
        }
    }

    /// Whether this can result from at most one change of `before`, finished or not.
    fn follows(&self, before: &Self) -> bool {
        let same = |photo: &PhotoEntry| before.photos.iter().all(|b| b.id != photo.id || b == photo);
        // Damage present in both is not the journal's.
        let sound = |id: &i64| self.damaged.contains(id) || self.photos.iter().all(|photo| photo.id != *id);
        database::follows(self.revision, before.revision)
            && self.photos.iter().all(same)
            && before.damaged.iter().all(sound)
            && (before.steps_fit || !self.steps_fit)
    }
}

/// Makes an error refer to the case instead of its copy.
fn at(error: CaseError, path: &Path) -> CaseError {
    let path = path.to_owned();
    match error {
        CaseError::Full { .. } => CaseError::Full { path },
        CaseError::Limit { what, .. } => CaseError::Limit { what, path },
        CaseError::Read { source, .. } => CaseError::Read { source, path },
        _ => CaseError::Read { source: io::Error::from(io::ErrorKind::Other), path },
    }
}
