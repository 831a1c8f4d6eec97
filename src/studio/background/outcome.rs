//! Outcomes of jobs.

use std::path::PathBuf;
use std::sync::Arc;

use super::export::Exported;
use super::files::Read;
use super::hand_over::HandedOver;
use crate::case::Case;
use crate::case::delete::Deleted;
use crate::case::lock::Key;
use crate::case::read_back::ReadBack;
use crate::studio::session::open_case::OpenCase;

/// The outcome of a job.
pub enum Outcome {
    /// Files were read.
    Read(Read),
    /// A case that somebody else had open was reopened; `None` if it is still open there.
    Freed(Option<Box<OpenCase>>),
    /// An empty case was created where the user wanted it.
    Begun(Result<Box<OpenCase>, String>),
    /// A case was created and opened.
    Opened(Result<Box<OpenCase>, String>),
    /// The case was copied, to continue in the copy.
    SavedAs(Result<Box<Case>, String>),
    /// The case was copied under the client's name, to continue in the copy; includes the old file, which the copy
    /// replaces.
    Named(Result<Box<Case>, String>, PathBuf),
    /// The case was copied.
    Copied(Result<PathBuf, String>),
    /// The case was rescued or restored into a new one; includes what was lost.
    Rescued(Result<(Box<OpenCase>, Vec<String>), String>),
    /// A case was opened with a passphrase, or `None` if it was wrong; includes the path.
    Unlocked(Result<Option<Box<OpenCase>>, String>, PathBuf),
    /// A key was derived from a passphrase; `None` if memory was short.
    Key(Option<Arc<Key>>),
    /// The case was deleted; includes its path.
    Deleted(Result<Deleted, String>, PathBuf),
    /// Pictures were written.
    Exported(Exported),
    /// What the client takes home was written.
    HandedOver(HandedOver),
    /// The drawn line was measured in the photo of the view named.
    ReadBack(Result<(String, ReadBack), String>),
}
