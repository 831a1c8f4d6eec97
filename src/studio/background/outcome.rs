//! What jobs lead to.

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

/// What a job led to.
pub enum Outcome {
    /// Files were read.
    Read(Read),
    /// A case that somebody else had open was opened again; none: it still is open there.
    Freed(Option<Box<OpenCase>>),
    /// An empty case was made where the user wanted it.
    Begun(Result<Box<OpenCase>, String>),
    /// A case was made.
    Opened(Result<Box<OpenCase>, String>),
    /// The case was copied, to go on in the copy.
    SavedAs(Result<Box<Case>, String>),
    /// The case was copied under the client's name, to go on in the copy; the file before, which it replaces.
    Named(Result<Box<Case>, String>, PathBuf),
    /// The case was copied.
    Copied(Result<PathBuf, String>),
    /// What could be read of the case was brought into a new one; what is lost.
    Rescued(Result<(Box<OpenCase>, Vec<String>), String>),
    /// A case was opened with a passphrase; none: that was another one. Where it is.
    Unlocked(Result<Option<Box<OpenCase>>, String>, PathBuf),
    /// A key was made of a passphrase; none where there is too little memory.
    Key(Option<Arc<Key>>),
    /// The case was deleted; where it was.
    Deleted(Result<Deleted, String>, PathBuf),
    /// Pictures were written.
    Exported(Exported),
    /// What the client takes home was written.
    HandedOver(HandedOver),
    /// The line drawn in the photo of this view was read back.
    ReadBack(Result<(String, ReadBack), String>),
}
