//! Outcomes of jobs.

use std::path::PathBuf;
use std::sync::Arc;

use super::export::Exported;
use super::files::{Purpose, Read};
use super::hand_over::HandedOver;
use crate::case::NewPhoto;
use crate::case::delete::Deleted;
use crate::case::earlier::EarlierState;
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
    /// An empty case was created for photos, each with the name of its view.
    BegunWith(Result<Box<OpenCase>, String>, Vec<(String, NewPhoto)>),
    /// A case was created and opened.
    Opened(Result<Box<OpenCase>, String>),
    /// The case was copied, to continue in the copy.
    SavedAs(Result<Box<OpenCase>, String>),
    /// The case was copied under the client's name, to continue in the copy; includes the old file, which the copy
    /// replaces.
    Named(Result<Box<OpenCase>, String>, PathBuf),
    /// Whether a file exists to which something is to be written.
    LookedFor {
        /// What is to be written.
        purpose: Purpose,
        /// Where.
        path: PathBuf,
        /// Whether there is something.
        exists: bool,
    },
    /// The earlier states of all cases were read, and if one is open, its own, the latest first.
    Earlier(Vec<EarlierState>, Option<Vec<EarlierState>>),
    /// Something was done of which only this sentence has to be said, if any.
    Said(Result<Option<String>, String>),
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
