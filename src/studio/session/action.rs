//! Actions on the file of the open case that make undo steps of their own, or none.

use std::sync::Arc;

use crate::case::lock::Key;
use crate::case::trail::Entry;
use crate::case::{Case, Error, NewPhoto};

/// The step made automatically after the first fit.
pub(super) const FIRST_PLAN: &str = "First plan";
/// Suffix of a step that keeps the line's millimetres after the step before it changed the head.
pub(super) const LINE_KEPT: &str = ", line kept";

/// Suffix of a step that takes over the edge found where a head was placed by the step before it.
pub(super) const SNAPPED: &str = ", snapped to the edge";

/// Whether a step belongs to the one before it, and is undone together with it.
fn follows_another(step: &str) -> bool {
    step == FIRST_PLAN || [LINE_KEPT, SNAPPED].iter().any(|suffix| step.ends_with(suffix))
}

/// A step's name in the user's words.
pub(super) fn shown_name(step: &str) -> &str {
    step.trim_end_matches(LINE_KEPT).trim_end_matches(SNAPPED)
}

/// What is to be done with the file. It can be tried more than once.
pub enum Action {
    /// Undo the last step, together with the steps that it belongs to, if any.
    Undo,
    /// Redo the step undone last, together with the steps that belong to it.
    Redo,
    /// Add photos, each with the name of its view, as one step.
    AddPhotos(Vec<(String, NewPhoto)>),
    /// Encrypt the file with a key, or write it without one.
    SetLock(Option<Arc<Key>>),
    /// Read the record of what was done with the case.
    ReadTrail,
    /// Anything of which only success matters.
    Other(Box<Other>),
}

/// An action of which only success matters.
pub type Other = dyn Fn(&mut Case) -> Result<(), Error> + Send + Sync;

/// What an action has led to.
#[derive(Debug)]
pub enum Done {
    /// A step was undone.
    Undone {
        /// Its name; `None` if there was none.
        step: Option<String>,
        /// Where it is shown now, as text, if something else was shown before.
        elsewhere: Option<String>,
    },
    /// A step was redone.
    Redone {
        /// Its name; `None` if there was none.
        step: Option<String>,
        /// Where it is shown now, as text, if something else was shown before.
        elsewhere: Option<String>,
    },
    /// Photos were added.
    PhotosAdded {
        /// The index of the first one's view.
        first: usize,
        /// How many.
        count: usize,
    },
    /// The case was encrypted.
    Locked,
    /// The case was written without encryption.
    Unlocked,
    /// The record was read, oldest entry first.
    Trail(Vec<Entry>),
    /// The document was replaced as a step, or something of which only success matters was done.
    Other,
}

impl Action {
    /// An action of which only success matters.
    pub fn other(action: impl Fn(&mut Case) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self::Other(Box::new(action))
    }

    /// Carries it out, on any thread.
    ///
    /// # Errors
    /// Those of what is done; the file is then as it was.
    pub(super) fn carry_out(&self, file: &mut Case) -> Result<Done, Error> {
        match self {
            Self::Undo => {
                let name = file.undo()?;
                let mut last = name.clone();
                while last.as_deref().is_some_and(follows_another) {
                    last = file.undo()?;
                }
                Ok(Done::Undone { step: name, elsewhere: None })
            }
            Self::Redo => {
                let name = file.redo()?;
                while file.redo_name().is_some_and(follows_another) {
                    file.redo()?;
                }
                Ok(Done::Redone { step: name, elsewhere: None })
            }
            Self::AddPhotos(photos) => {
                let first = file.add_new_photos(photos)?;
                Ok(Done::PhotosAdded { first, count: photos.len() })
            }
            Self::SetLock(key) => {
                file.set_lock(key.clone())?;
                Ok(if key.is_some() { Done::Locked } else { Done::Unlocked })
            }
            Self::ReadTrail => Ok(Done::Trail(file.trail()?)),
            Self::Other(action) => action(file).map(|()| Done::Other),
        }
    }
}
