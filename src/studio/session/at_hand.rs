//! The file of the open case. A drive may be slow, or not answer at all, so operations on the file run on a thread of
//! their own, and the window waits for them only imperceptibly. While a longer operation runs, the file is away:
//! everything else waits, or fails with [`CaseError::Unsaved`].

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::case::owner::Owner;
use crate::case::{self, Case, CaseError};

/// How long the window may block on a drive; on a local drive a change takes some hundredths of a second.
const PATIENCE: Duration = Duration::from_millis(250);

/// What is known of the file while it is away.
#[derive(Debug, Clone)]
struct Facts {
    path: PathBuf,
    undo_name: Option<String>,
    redo_name: Option<String>,
    read_only_reason: Option<String>,
    owner: Option<Owner>,
    is_locked: bool,
}

impl Facts {
    fn of(file: &Case) -> Self {
        Self {
            path: file.path().to_owned(),
            undo_name: file.undo_name().map(str::to_owned),
            redo_name: file.redo_name().map(str::to_owned),
            read_only_reason: file.read_only_reason(),
            owner: file.owner().cloned(),
            is_locked: file.is_locked(),
        }
    }
}

/// The kind of operation for which the file is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Writing the oldest change that is not in it.
    Change,
    /// Anything whose result is ignored.
    Other,
}

type Outcome = Result<(), case::Error>;
/// The file when it comes back, and what came of the operation.
type Returned = (Box<Case>, Outcome);

/// The file, or what is known of it while it is away.
pub(super) struct AtHand {
    file: Option<Box<Case>>,
    away: Option<(Operation, Receiver<Returned>)>,
    facts: Facts,
}

impl AtHand {
    pub fn new(file: Case) -> Self {
        let facts = Facts::of(&file);
        Self { file: Some(Box::new(file)), away: None, facts }
    }

    /// The file, unless it is away.
    pub fn file(&self) -> Option<&Case> {
        self.file.as_deref()
    }

    /// Whether the file is away.
    pub fn is_away(&self) -> bool {
        self.file.is_none()
    }

    pub fn path(&self) -> &PathBuf {
        &self.facts.path
    }

    pub fn undo_name(&self) -> Option<&str> {
        self.facts.undo_name.as_deref()
    }

    pub fn redo_name(&self) -> Option<&str> {
        self.facts.redo_name.as_deref()
    }

    pub fn read_only_reason(&self) -> Option<&str> {
        self.facts.read_only_reason.as_deref()
    }

    pub fn owner(&self) -> Option<&Owner> {
        self.facts.owner.as_ref()
    }

    pub fn is_locked(&self) -> bool {
        self.facts.is_locked
    }

    /// Starts an operation on the file in the background, if the file is not away. [`AtHand::returned`] provides its
    /// result.
    pub fn send(&mut self, operation: Operation, work: impl FnOnce(&mut Case) -> Outcome + Send + 'static) {
        let Some(mut file) = self.file.take() else { return };
        let (sender, receiver) = mpsc::channel();
        let begun = std::thread::Builder::new().name("write the case".to_owned()).spawn(move || {
            let outcome = work(&mut file);
            // The receiver may be gone.
            let _ = sender.send((file, outcome));
        });
        // If the thread cannot be started, the receiver is disconnected, as when it panics.
        drop(begun);
        self.away = Some((operation, receiver));
    }

    /// The result of the operation, if the file is back within a moment.
    pub fn returned_soon(&mut self) -> Option<(Operation, Outcome)> {
        self.back(PATIENCE)
    }

    /// Like [`AtHand::returned_soon`], without waiting.
    pub fn returned(&mut self) -> Option<(Operation, Outcome)> {
        self.back(Duration::ZERO)
    }

    fn back(&mut self, patience: Duration) -> Option<(Operation, Outcome)> {
        let (operation, receiver) = self.away.as_ref()?;
        let operation = *operation;
        match receiver.recv_timeout(patience) {
            Ok((file, outcome)) => {
                self.facts = Facts::of(&file);
                self.file = Some(file);
                self.away = None;
                Some((operation, outcome))
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                self.away = None;
                let why = "an internal error stopped its writing: open it again".to_owned();
                self.facts.read_only_reason = Some(why.clone());
                Some((operation, Err(CaseError::ReadOnly { why, path: self.facts.path.clone() }.into())))
            }
        }
    }

    /// Runs an action on the file at once.
    ///
    /// # Errors
    /// Those of `action`, and [`CaseError::Unsaved`] if the file is away.
    pub fn with<T>(&mut self, action: impl FnOnce(&mut Case) -> Result<T, case::Error>) -> Result<T, case::Error> {
        let Some(file) = &mut self.file else {
            return Err(CaseError::Unsaved { path: self.facts.path.clone() }.into());
        };
        let result = action(file);
        self.facts = Facts::of(file);
        result
    }
}
