//! What can go wrong with a case file, in the user's words.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::lock::Unreadable;
use super::owner::Owner;
use crate::ground::files::{Fault, WriteError};

/// Why a case could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// No such file.
    #[error("there is no such case file: {}", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A folder, a device or a pipe.
    #[error("this is not a file: name a .scalp file: {}", .path.display())]
    NotAFile {
        /// Where.
        path: PathBuf,
    },
    /// Nothing in it.
    #[error("the case file is empty: use a copy or backup of it: {}", .path.display())]
    Empty {
        /// Where.
        path: PathBuf,
    },
    /// Something else.
    #[error("this is not a Scalp Studio case: name a .scalp file: {}", .path.display())]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// The content contradicts itself. The file was not changed.
    #[error("the case file is damaged and was left as it is ({detail}): use a copy or backup of it: {}", .path.display())]
    Damaged {
        /// What was found.
        detail: String,
        /// Where.
        path: PathBuf,
    },
    /// A photo inside is not what was stored.
    #[error("the photo \"{name}\" in the case is damaged: add it again: {}", .path.display())]
    DamagedPhoto {
        /// The name under which it was added.
        name: String,
        /// Where.
        path: PathBuf,
    },
    /// A step of the history does not fit the document. Nothing was changed.
    #[error("the step \"{name}\" cannot be undone or redone, since the case's history is damaged: {}", .path.display())]
    DamagedStep {
        /// The step's name.
        name: String,
        /// Where.
        path: PathBuf,
    },
    /// It is under a passphrase, and none was given.
    #[error("the case is under a passphrase, which is needed to open it: {}", .path.display())]
    Locked {
        /// Where.
        path: PathBuf,
    },
    /// It is under another passphrase. Nothing was changed.
    #[error("this is not the passphrase of the case, which was left as it is: {}", .path.display())]
    WrongPassphrase {
        /// Where.
        path: PathBuf,
    },
    /// The case has no photo with this number.
    #[error("the case has no photo number {id}: {}", .path.display())]
    NoSuchPhoto {
        /// The number asked for.
        id: i64,
        /// Where.
        path: PathBuf,
    },
    /// Made by a newer program, and what was asked for is not where it used to be.
    #[error("the case was made by a newer version of Scalp Studio: update the program to open it: {}", .path.display())]
    TooNew {
        /// Where.
        path: PathBuf,
    },
    /// More or larger things than a case may hold.
    #[error("{what}: {}", .path.display())]
    Limit {
        /// What is too many or too large, and the limit.
        what: String,
        /// Where.
        path: PathBuf,
    },
    /// Somebody else has it open to change it.
    #[error("{}: close it there and try again: {}", .owner.described(), .path.display())]
    Held {
        /// Who.
        owner: Owner,
        /// Where.
        path: PathBuf,
    },
    /// A change before is not in the file yet, see `studio/session/at_hand.rs`.
    #[error("the last change is not in the case file yet: wait until it says \"saved\" and try again: {}", .path.display())]
    Unsaved {
        /// Where.
        path: PathBuf,
    },
    /// Somebody else is in the middle of a change.
    #[error("the case is in use by another program: close it there and try again: {}", .path.display())]
    Busy {
        /// Where.
        path: PathBuf,
    },
    /// Somebody else changed the document after it was read here.
    #[error("the case was changed by another program in the meantime: open it again: {}", .path.display())]
    Changed {
        /// Where.
        path: PathBuf,
    },
    /// A journal of another case of that name lies there and would be mistaken for this one's.
    #[error(
        "a case of this name was not closed properly: open it once, or move its -journal file away: {}", .path.display()
    )]
    LeftOver {
        /// Where the case should have gone.
        path: PathBuf,
    },
    /// A journal that is not this case's own lies beside it, see `store/journal.rs`.
    #[error(
        "the -journal or -wal file beside the case is not its own and cannot be moved away ({source}): move it to \
         another folder: {}", .path.display()
    )]
    StrangeJournal {
        /// What was said.
        source: io::Error,
        /// Where the case is.
        path: PathBuf,
    },
    /// Opened read-only, see [`Store::access`](super::store::Store::access).
    #[error("the case cannot be changed, since {why}: save it under another name: {}", .path.display())]
    ReadOnly {
        /// The reason.
        why: String,
        /// Where.
        path: PathBuf,
    },
    /// The disk is full, or the case has reached its largest size. Nothing was changed.
    #[error("the disk is full: make room and try again; the case was left as it was: {}", .path.display())]
    Full {
        /// Where.
        path: PathBuf,
    },
    /// The operating system refused to read.
    #[error("the case file could not be read ({source}): {}", .path.display())]
    Read {
        /// What was said.
        source: io::Error,
        /// Where.
        path: PathBuf,
    },
    /// The operating system refused to write. The case is as it was.
    #[error("the case file could not be written ({detail}): {}", .path.display())]
    Write {
        /// What was said.
        detail: String,
        /// Where.
        path: PathBuf,
    },
    /// The finished case could not be put in its place.
    #[error(transparent)]
    Create(#[from] WriteError),
}

impl CaseError {
    /// Whether the case or the request is at fault, or the place to write to.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Busy { .. }
            | Self::Held { .. }
            | Self::Unsaved { .. }
            | Self::Changed { .. }
            | Self::LeftOver { .. }
            | Self::StrangeJournal { .. }
            | Self::ReadOnly { .. }
            | Self::Full { .. }
            | Self::Write { .. } => Fault::Output,
            Self::Create(error) => error.fault(),
            _ => Fault::Input,
        }
    }

    /// From what is wrong with a file under a passphrase.
    pub(super) fn locked(problem: Unreadable, path: &Path) -> Self {
        let path = path.to_owned();
        match problem {
            Unreadable::WrongPassphrase => Self::WrongPassphrase { path },
            Unreadable::Damaged => Self::Damaged { detail: "it is not as it was encrypted".to_owned(), path },
            Unreadable::Unknown => Self::TooNew { path },
        }
    }

    /// From SQLite's words while reading.
    pub(super) fn reading(error: &rusqlite::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            // Reading needs to write where a crash left a journal to roll back.
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly) => Self::LeftOver { path },
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen | ErrorCode::AuthorizationForStatementDenied) => {
                Self::Read { source: io::Error::from(io::ErrorKind::PermissionDenied), path }
            }
            _ => Self::Damaged { detail: error.to_string(), path },
        }
    }

    /// From SQLite's words while writing.
    pub(super) fn writing(error: &rusqlite::Error, path: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path: path.to_owned() },
            Some(ErrorCode::DiskFull) => Self::Full { path: path.to_owned() },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { detail: error.to_string(), path: path.to_owned() }
            }
            _ => Self::Write { detail: error.to_string(), path: path.to_owned() },
        }
    }
}
