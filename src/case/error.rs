//! Errors about case files, in the user's words.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::lock::Unreadable;
use super::owner::Owner;
use crate::ground::files::{Fault, WriteError};
use crate::ground::words::io_problem;

/// What SQLite's checks find, in the user's words; its own name trees and cells.
pub(super) const MISFIT: &str = "some of its pages do not fit together";

/// Why a case could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such file.
    #[error("there is no such case file: {}", .path.display())]
    Missing {
        /// The path that was given.
        path: PathBuf,
    },
    /// It is a folder, a device or a pipe.
    #[error("this is not a file: name a .scalp file: {}", .path.display())]
    NotAFile {
        /// The path that was given.
        path: PathBuf,
    },
    /// It is empty.
    #[error("the case file is empty: use a copy or backup of it: {}", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is another kind of file.
    #[error("this is not a Scalp Studio case, or its beginning is destroyed: {}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Its content is inconsistent. The file was not changed.
    #[error("the case file is damaged and was left as it is ({detail}): use a copy or backup of it: {}", .path.display())]
    Damaged {
        /// What is inconsistent.
        detail: String,
        /// The case.
        path: PathBuf,
    },
    /// A photo inside differs from what was stored.
    #[error("the photo \"{name}\" in the case is damaged: add it again: {}", .path.display())]
    DamagedPhoto {
        /// The name under which it was added.
        name: String,
        /// The case.
        path: PathBuf,
    },
    /// An undo step does not fit the document. Nothing was changed.
    #[error("the step \"{name}\" cannot be undone or redone, since the case's history is damaged: {}", .path.display())]
    DamagedStep {
        /// The step's name.
        name: String,
        /// The case.
        path: PathBuf,
    },
    /// The case is locked, and no passphrase was given.
    #[error("the case is locked: its passphrase is needed to open it: {}", .path.display())]
    Locked {
        /// The case.
        path: PathBuf,
    },
    /// The passphrase is wrong. Nothing was changed.
    #[error("wrong passphrase, or a damaged file; the case was not changed: {}", .path.display())]
    WrongPassphrase {
        /// The case.
        path: PathBuf,
    },
    /// The case has no photo with this number.
    #[error("the case has no photo number {id}: {}", .path.display())]
    NoSuchPhoto {
        /// The number asked for.
        id: i64,
        /// The case.
        path: PathBuf,
    },
    /// It was made by a newer program and cannot be read.
    #[error("the case was made by a newer version of Scalp Studio: update the program to open it: {}", .path.display())]
    TooNew {
        /// The case.
        path: PathBuf,
    },
    /// The case has a second name on its disk, under which it would not be locked.
    #[error(
        "the case is under a second name on this disk (a hard link), and would stay unlocked there: copy it to a new file, \
         delete both names, and lock the copy: {}", .path.display()
    )]
    TwoNames {
        /// The case.
        path: PathBuf,
    },
    /// The case would hold too much or something too large.
    #[error("{what}: {}", .path.display())]
    Limit {
        /// What is too many or too large, and the limit.
        what: String,
        /// The case.
        path: PathBuf,
    },
    /// Another user has it open for editing.
    #[error("{}: close it there and try again: {}", .owner.described(), .path.display())]
    Held {
        /// That user.
        owner: Owner,
        /// The case.
        path: PathBuf,
    },
    /// An earlier change has not reached the file yet, see `studio/session/case_file.rs`.
    #[error("the last change is not in the case file yet: wait until it says \"saved\" and try again: {}", .path.display())]
    Unsaved {
        /// The case.
        path: PathBuf,
    },
    /// Another program is in the middle of a change.
    #[error("the case is in use by another program: close it there and try again: {}", .path.display())]
    Busy {
        /// The case.
        path: PathBuf,
    },
    /// Another program changed the document after it was read here.
    #[error("the case was changed by another program in the meantime: open it again: {}", .path.display())]
    Changed {
        /// The case.
        path: PathBuf,
    },
    /// A journal of another case with this name lies there and would be mistaken for the new case's.
    #[error(
        "a case of this name was not closed properly: open it once, or move its -journal file away: {}", .path.display()
    )]
    LeftOver {
        /// Where the case should have gone.
        path: PathBuf,
    },
    /// A foreign journal or log lies beside the case, see `store/journal.rs`.
    #[error(
        "the -journal or -wal file beside the case is not its own and cannot be moved away ({}): move it to \
         another folder: {}", io_problem(.source), .path.display()
    )]
    StrangeJournal {
        /// The system's error.
        source: io::Error,
        /// Where the case is.
        path: PathBuf,
    },
    /// The case was opened read-only, see [`Store::access`](super::store::Store::access).
    #[error("the case cannot be changed because {why}: save it under another name: {}", .path.display())]
    ReadOnly {
        /// The reason.
        why: String,
        /// The case.
        path: PathBuf,
    },
    /// The disk is full, or the case has reached its largest size. Nothing was changed.
    #[error("the disk is full: make room and try again; the case was left as it was: {}", .path.display())]
    Full {
        /// The case.
        path: PathBuf,
    },
    /// The operating system refused to read.
    #[error("the case file could not be read ({}): {}", io_problem(.source), .path.display())]
    Read {
        /// The system's error.
        source: io::Error,
        /// The case.
        path: PathBuf,
    },
    /// The operating system refused to write. The case is unchanged.
    #[error("the case file could not be written ({detail}): {}", .path.display())]
    Write {
        /// The error in words.
        detail: String,
        /// The case.
        path: PathBuf,
    },
    /// The finished case could not be moved into place.
    #[error(transparent)]
    Create(#[from] WriteError),
}

impl CaseError {
    /// Whether the input is at fault or the place to write to.
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

    /// Converts an error about a locked file.
    pub(super) fn locked(problem: Unreadable, path: &Path) -> Self {
        let path = path.to_owned();
        match problem {
            Unreadable::WrongPassphrase => Self::WrongPassphrase { path },
            Unreadable::Damaged => Self::Damaged { detail: "it is not as it was encrypted".to_owned(), path },
            Unreadable::Unknown => Self::TooNew { path },
        }
    }

    /// Converts SQLite's error while reading.
    pub(super) fn reading(error: &rusqlite::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            // Reading has to write if a crash left a journal to roll back.
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly) => Self::LeftOver { path },
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen | ErrorCode::AuthorizationForStatementDenied) => {
                Self::Read { source: io::Error::from(io::ErrorKind::PermissionDenied), path }
            }
            _ => Self::Damaged { detail: plain_words(error).to_owned(), path },
        }
    }

    /// Converts SQLite's error while writing.
    pub(super) fn writing(error: &rusqlite::Error, path: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path: path.to_owned() },
            Some(ErrorCode::DiskFull) => Self::Full { path: path.to_owned() },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { detail: plain_words(error).to_owned(), path: path.to_owned() }
            }
            _ => Self::Write { detail: plain_words(error).to_owned(), path: path.to_owned() },
        }
    }
}

/// SQLite's error, which it words for programmers, phrased to stand in brackets.
pub(super) fn plain_words(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => MISFIT,
        Some(ErrorCode::NotADatabase) => "its header is not that of a case",
        Some(ErrorCode::SystemIoFailure) => "the disk reports an error",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::OutOfMemory) => "there is not enough memory",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program is using it",
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen | ErrorCode::AuthorizationForStatementDenied) => {
            "access is denied"
        }
        Some(ErrorCode::ReadOnly) => "it is write-protected",
        Some(ErrorCode::FileLockingProtocolFailed) => "the disk does not let files be locked",
        Some(ErrorCode::NoLargeFileSupport) => "the disk takes no files of this size",
        Some(ErrorCode::TooBig) => "a part of it is too large",
        // A table or a row is not there, or holds something else than it should.
        _ => match error {
            rusqlite::Error::QueryReturnedNoRows => "a part of it is missing",
            _ => "a part of it is not as it should be",
        },
    }
}
