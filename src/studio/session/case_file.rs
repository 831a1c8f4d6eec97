//! The file of the open case. A drive may be slow, or not answer at all, so every operation on the file runs on a
//! thread of its own, and the window waits for it only imperceptibly. While a longer operation runs, the file is away,
//! and everything else waits. What the window needs of the file's contents is read on that thread, too.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::action::Done;
use crate::case::document::PhotoKey;
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
    noteless_reason: Option<String>,
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
            noteless_reason: file.noteless_reason(),
            owner: file.owner().cloned(),
            is_locked: file.is_locked(),
        }
    }
}

/// The kind of operation for which the file is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// The oldest one that waits for the file.
    Oldest,
    /// Anything whose result is ignored.
    Other,
}

/// What came of an operation.
type Outcome = Result<Done, case::Error>;

/// The file of a photo, or why it cannot be read.
pub(super) type PhotoFile = Result<Arc<Vec<u8>>, String>;

/// The file when it comes back.
struct Returned {
    file: Box<Case>,
    outcome: Outcome,
    /// Photos that the document shows and did not show before, by number.
    photos: Vec<(i64, PhotoFile)>,
}

/// Reads the photos that the document shows, except those known, by number.
fn read_photos(file: &Case, known: &BTreeSet<i64>) -> Vec<(i64, PhotoFile)> {
    let views = file.document().views.iter().enumerate();
    let unknown = views.filter(|(_, record)| !known.contains(&record.photo));
    let bytes = |view| file.photo_bytes(view).map(Arc::new).map_err(|problem| problem.to_string());
    unknown.map(|(view, record)| (record.photo, bytes(view))).collect()
}

/// Reads the thumbnails of all views. Those that cannot be read are made anew.
fn read_thumbnails(file: &Case) -> HashMap<PhotoKey, Vec<u8>> {
    let views = file.document().views.iter().enumerate();
    views.filter_map(|(view, record)| Some((PhotoKey::of(record), file.thumbnail(view).ok()??))).collect()
}

/// The file, or what is known of it while it is away.
pub(super) struct CaseFile {
    file: Option<Box<Case>>,
    away: Option<(Operation, Receiver<Returned>)>,
    facts: Facts,
    /// The photos that the document in the file shows, by number.
    photos: HashMap<i64, PhotoFile>,
    /// The thumbnails that were in the file when it was opened.
    thumbnails: HashMap<PhotoKey, Vec<u8>>,
}

impl CaseFile {
    /// Reads all photos, so call it on a background thread.
    pub fn new(file: Case) -> Self {
        Self {
            facts: Facts::of(&file),
            photos: read_photos(&file, &BTreeSet::new()).into_iter().collect(),
            thumbnails: read_thumbnails(&file),
            file: Some(Box::new(file)),
            away: None,
        }
    }

    /// The file of a photo that the document in the case shows.
    pub fn photo(&self, number: i64) -> Option<&PhotoFile> {
        self.photos.get(&number)
    }

    /// A thumbnail, as JPEG, if one was in the file when it was opened.
    pub fn thumbnail(&self, photo: PhotoKey) -> Option<&[u8]> {
        self.thumbnails.get(&photo).map(Vec::as_slice)
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

    pub fn noteless_reason(&self) -> Option<&str> {
        self.facts.noteless_reason.as_deref()
    }

    pub fn owner(&self) -> Option<&Owner> {
        self.facts.owner.as_ref()
    }

    pub fn is_locked(&self) -> bool {
        self.facts.is_locked
    }

    /// Starts an operation on the file in the background, if the file is not away. [`CaseFile::returned`] provides its
    /// result.
    pub fn send(&mut self, operation: Operation, work: impl FnOnce(&mut Case) -> Outcome + Send + 'static) {
        let Some(mut file) = self.file.take() else { return };
        let (sender, receiver) = mpsc::channel();
        let begun = std::thread::Builder::new().name("write the case".to_owned()).spawn(move || {
            // A photo that is shown again is read again: its number may have been given to another one meanwhile.
            let known = file.document().photos().into_iter().collect();
            let outcome = work(&mut file);
            let photos = read_photos(&file, &known);
            // The receiver may be gone.
            let _ = sender.send(Returned { file, outcome, photos });
        });
        // If the thread cannot be started, the receiver is disconnected, as when it panics.
        drop(begun);
        self.away = Some((operation, receiver));
    }

    /// The result of the operation, if the file is back within a moment.
    pub fn returned_soon(&mut self) -> Option<(Operation, Outcome)> {
        self.back(PATIENCE)
    }

    /// Like [`CaseFile::returned_soon`], without waiting.
    pub fn returned(&mut self) -> Option<(Operation, Outcome)> {
        self.back(Duration::ZERO)
    }

    fn back(&mut self, patience: Duration) -> Option<(Operation, Outcome)> {
        let (operation, receiver) = self.away.as_ref()?;
        let operation = *operation;
        match receiver.recv_timeout(patience) {
            Ok(Returned { file, outcome, photos }) => {
                self.facts = Facts::of(&file);
                let shown = file.document().photos();
                self.photos.retain(|number, _| shown.contains(number));
                self.photos.extend(photos);
                self.file = Some(file);
                self.away = None;
                Some((operation, outcome))
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                self.away = None;
                let why = "an internal error stopped its writing: open it again".to_owned();
                (self.facts.read_only_reason, self.facts.noteless_reason) = (Some(why.clone()), Some(why.clone()));
                Some((operation, Err(CaseError::ReadOnly { why, path: self.facts.path.clone() }.into())))
            }
        }
    }
}
