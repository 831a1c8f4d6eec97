//! An open case and its queries.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use super::consent::NoConsent;
use super::document::{Document, DocumentError, ViewRecord};
use super::error::CaseError;
use super::head_fit::{FitInput, HeadFit};
use super::landmarks_file::LandmarksError;
use super::lock::{Key, Passphrase};
use super::owner::{self, Hold, Owner};
use super::pipeline::{FittedMockUp, Pipeline};
use super::store::{Access, Store, StoreLimits, is_case};
use super::trail::{Entry, Recorder};
use crate::head::camera::Camera;
use crate::head::fit::FitError;
use crate::head::standard_view::StandardView;
use crate::photo::{self, Limits, Photo, PhotoError};
use crate::plan::{Plan, PlanError};
use crate::reading::face::Unavailable;

/// Why an operation on a case failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each is another layer's error")]
pub enum Error {
    #[error(transparent)]
    Store(#[from] CaseError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Landmarks(#[from] LandmarksError),
    /// Includes the view's name.
    #[error("view '{view}': {problem}")]
    Photo { view: String, problem: PhotoError },
    #[error(
        "view '{view}': the photo is {} x {} pixels, but its points were clicked in one of {} x {}",
        .found[0], .found[1], .expected[0], .expected[1]
    )]
    OtherSize { view: String, found: [u32; 2], expected: [u32; 2] },
    #[error("there is no view '{asked}' in this case; it has {known}")]
    NoSuchView { asked: String, known: String },
    #[error("there is no variant '{asked}' in this case; it has {known}")]
    NoSuchVariant { asked: String, known: String },
    #[error("view '{view}' is given twice; name the second one otherwise")]
    ViewTwice { view: String },
    #[error("'{view}' is not a good name for a view: use up to 40 letters, digits, '-' or '_'")]
    ViewName { view: String },
    #[error("view '{view}' has no points yet, so its camera position is unknown")]
    ViewNotFitted { view: String },
    #[error(
        "view '{view}' has no landmarks and shows no face: use a photo of the face, or mark at least the two pupils yourself"
    )]
    NobodySeen { view: String },
    #[error("view '{view}' shows {faces} faces, none of them clearly the client's: crop the photo to the client")]
    SeveralSeen { view: String, faces: usize },
    #[error("view '{view}' has no landmarks, and {problem}")]
    NotLookedAt { view: String, problem: Unavailable },
    #[error(transparent)]
    Consent(#[from] NoConsent),
    #[error("this case has no photo yet: add one first")]
    NoPhotos,
    #[error("this case has no plan yet: the head has to be fitted first, so mark at least the two pupils in a photo")]
    NoPlan,
}

/// The right to change a case, acquired before opening it and released when both this and the case are dropped.
#[derive(Debug)]
pub struct Right(#[expect(dead_code, reason = "held, not read")] Option<Hold>);

/// An open case.
#[derive(Debug)]
pub struct Case {
    pub(super) store: Store,
    pub(super) document: Document,
    /// What [`Case::revert`] restores: the document as opened, without views whose photos are gone.
    pub(super) opened: Document,
    /// Messages that the user has not seen yet.
    pub(super) notes: RefCell<Vec<String>>,
}

impl Case {
    /// Opens a case file.
    ///
    /// # Errors
    /// [`Error`] if it is not a case, is damaged, or was made by a newer version and cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::in_store(Store::open(path)?)
    }

    fn in_store(mut store: Store) -> Result<Self, Error> {
        let json = store.document()?;
        let document = match Document::from_json(&json) {
            Ok(document) => document,
            // It is as it was written, so a newer version wrote it: what is known of it is shown.
            Err(error) if store.proves_document(&json) => {
                store.only_read();
                Document::known_part(&json).ok_or(error)?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }

    /// Opens a locked case file with this passphrase.
    ///
    /// # Errors
    /// Those of [`Case::open`], and [`CaseError::WrongPassphrase`].
    pub fn open_under(path: &Path, passphrase: &Passphrase) -> Result<Self, Error> {
        Self::in_store(Store::open_under(path, StoreLimits::default(), Some(passphrase))?)
    }

    /// Locks the case with this key, or unlocks it.
    ///
    /// # Errors
    /// [`Error::Store`]; the file is then as it was.
    pub fn set_lock(&mut self, key: Option<Arc<Key>>) -> Result<(), Error> {
        Ok(self.store.set_lock(key)?)
    }

    /// Whether the case is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.store.is_locked()
    }

    /// Reserves the case for this program until it is dropped; if somebody else is editing it, it becomes read-only.
    /// `anyway` overrides a mere claim in another computer's file, see [`Owner::is_certain`].
    #[must_use]
    pub fn held(mut self, anyway: bool) -> Self {
        self.store.hold(anyway);
        self
    }

    /// Acquires the right to change a case before opening it; a file that is not a case needs none.
    ///
    /// # Errors
    /// [`CaseError::Held`] if somebody else has it open.
    pub fn right_to_change(path: &Path) -> Result<Right, Error> {
        if !is_case(path) {
            return Ok(Right(None));
        }
        match owner::hold(path, false) {
            Ok(hold) => Ok(Right(Some(hold))),
            Err(owner) => Err(CaseError::Held { owner, path: path.to_owned() }.into()),
        }
    }

    /// Who is editing the case, if that makes it read-only here.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        match self.store.access() {
            Access::ReadOnlyElsewhere(owner) => Some(owner),
            _ => None,
        }
    }

    /// Records changes with the time and computer that the recorder provides.
    #[must_use]
    pub fn recorded_by(mut self, recorder: Recorder) -> Self {
        self.store.recorded_by(recorder);
        self
    }

    /// The record of what was done with the case, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn trail(&self) -> Result<Vec<Entry>, Error> {
        Ok(self.store.trail()?)
    }

    /// Why the case takes no notes of actions that do not change it, phrased to follow "because"; `None` if it does.
    #[must_use]
    pub fn noteless_reason(&self) -> Option<String> {
        let old = || "it is of an older format, which has no record until the case is changed".to_owned();
        self.read_only_reason().or_else(|| (!self.store.has_trail()).then(old))
    }

    /// Records an action that did not change the case, such as an export; does nothing if there is a
    /// [`Case::noteless_reason`].
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn note_done(&mut self, what: &str) -> Result<(), Error> {
        Ok(self.store.note(what)?)
    }

    /// The case's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Why the case cannot be changed, phrased to follow "because"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<String> {
        self.store.access().read_only_reason()
    }

    /// A warning that the file is damaged or not fully understood, so that the user does not trust what is shown.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        match self.store.access() {
            Access::Full | Access::ReadOnlyProtected | Access::ReadOnlyElsewhere(_) => None,
            Access::ReadOnlyNewer(_) | Access::ReadOnlyNewerPlan | Access::ReadOnlyDamaged(_) => {
                self.read_only_reason()
            }
        }
    }

    /// Whether a file is one of the photos in the case; true if that cannot be determined.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        self.store.holds(file).unwrap_or(true)
    }

    /// Whether the case has the same photos and document as another one, and no undo steps.
    #[must_use]
    pub(crate) fn is_unchanged_copy_of(&self, other: &Self) -> bool {
        let photos = |case: &Self| case.store.photos().ok();
        let steps = self.undo_name().or(self.redo_name());
        steps.is_none() && self.document == other.document && photos(self).is_some() && photos(self) == photos(other)
    }

    /// What happened to the file since the last call that the user should know, one sentence each.
    #[must_use]
    pub fn take_notes(&self) -> Vec<String> {
        let mut notes = self.store.take_notes();
        notes.append(&mut self.notes.borrow_mut());
        notes
    }

    /// Fits the head to all views with enough points. The fit is not stored: the points determine it, identically on
    /// every machine.
    ///
    /// # Errors
    /// [`Error::Fit`].
    pub fn fit(&self) -> Result<HeadFit, Error> {
        Ok(FitInput::of(&self.document).fit()?)
    }

    /// The camera of a view.
    ///
    /// # Errors
    /// [`Error::ViewNotFitted`] if the view has too few points.
    pub fn camera<'f>(&self, fit: &'f HeadFit, view: usize) -> Result<&'f Camera, Error> {
        let name = || self.document.views.get(view).map_or_else(String::new, |v| v.name.clone());
        fit.camera(view).ok_or_else(|| Error::ViewNotFitted { view: name() })
    }

    /// Index of a view; of the first one if none is named.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::NoPhotos`].
    pub fn view_index(&self, name: Option<&str>) -> Result<usize, Error> {
        let views = &self.document.views;
        if views.is_empty() {
            return Err(Error::NoPhotos);
        }
        let Some(name) = name else { return Ok(0) };
        views.iter().position(|v| v.name == name).ok_or_else(|| Error::NoSuchView {
            asked: name.to_owned(),
            known: views.iter().map(|v| v.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Index of a variant; of the first one if none is named.
    ///
    /// # Errors
    /// [`Error::NoSuchVariant`], [`Error::NoPlan`].
    pub(crate) fn variant_index(&self, name: Option<&str>) -> Result<usize, Error> {
        let variants = &self.document.variants;
        if variants.is_empty() {
            return Err(Error::NoPlan);
        }
        let Some(name) = name else { return Ok(0) };
        variants.iter().position(|v| v.name == name).ok_or_else(|| Error::NoSuchVariant {
            asked: name.to_owned(),
            known: variants.iter().map(|v| v.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The plan of a variant; of the first one if none is named.
    ///
    /// # Errors
    /// [`Error::NoSuchVariant`], [`Error::NoPlan`].
    pub fn plan(&self, variant: Option<&str>) -> Result<&Plan, Error> {
        Ok(&self.document.variants[self.variant_index(variant)?].plan)
    }

    /// Replaces a variant's plan, as one step.
    ///
    /// # Errors
    /// [`Error`]; file and case are then as before.
    pub fn set_plan(&mut self, variant: Option<&str>, plan: Plan) -> Result<(), Error> {
        self.edit_plan("Replace plan", variant, plan)
    }

    /// Replaces a variant's plan, as one step with this name.
    ///
    /// # Errors
    /// [`Error`]; file and case are then as before.
    pub(crate) fn edit_plan(&mut self, step: &str, variant: Option<&str>, plan: Plan) -> Result<(), Error> {
        plan.check()?;
        let index = self.variant_index(variant)?;
        let mut document = self.document.clone();
        document.variants[index].plan = plan;
        self.commit(step, document)
    }

    pub(super) fn record(&self, view: usize) -> Result<&ViewRecord, Error> {
        self.document.views.get(view).ok_or_else(|| Error::NoSuchView {
            asked: format!("number {}", view + 1),
            known: format!("{} views", self.document.views.len()),
        })
    }

    /// The original bytes of a view's photo, for [`decode_view`] on another thread.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`] if the bytes are damaged.
    pub fn photo_bytes(&self, view: usize) -> Result<Vec<u8>, Error> {
        Ok(self.store.photo_bytes(self.record(view)?.photo)?)
    }

    /// Decodes a view's photo, turned as the user set it.
    ///
    /// # Errors
    /// Those of [`Case::photo_bytes`] and [`decode_view`].
    pub fn photo(&self, view: usize, limits: &Limits) -> Result<Photo, Error> {
        decode_view(&self.photo_bytes(view)?, self.record(view)?, limits)
    }

    /// A variant's plan, ready to be drawn on the client; the first variant's if none is named.
    ///
    /// # Errors
    /// Those of [`Case::fit`], [`Case::plan`] and [`Case::photo`].
    pub fn fitted_mock_up(&self, variant: Option<&str>, limits: &Limits) -> Result<FittedMockUp, Error> {
        let photo = |view| Ok::<_, Error>(Some(Arc::new(self.photo(view, limits)?)));
        let fitted = Pipeline::default().fitted_mock_up(&self.document, self.variant_index(variant)?, photo)?;
        fitted.ok_or(Error::NoPlan)
    }

    /// The thumbnail of a case that is not open: its front photo, else its first one; `None` if it has none or cannot
    /// be read just now. The case is not changed.
    #[must_use]
    pub fn cover(path: &Path) -> Option<Vec<u8>> {
        let mut store = Store::glance(path).ok()?;
        let document = Document::from_json(&store.document().ok()?).ok()?;
        let front = |view: &&ViewRecord| StandardView::of(&view.name) == Some(StandardView::Front);
        let view = document.views.iter().find(front).or(document.views.first())?;
        store.thumbnail(view.photo, view.turn.exif_orientation()).ok().flatten()
    }

    /// A view's thumbnail, as JPEG, if one is stored.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn thumbnail(&self, view: usize) -> Result<Option<Vec<u8>>, Error> {
        let record = self.record(view)?;
        Ok(self.store.thumbnail(record.photo, record.turn.exif_orientation())?)
    }
}

/// Decodes a stored photo, turned as the user set it.
///
/// # Errors
/// [`Error::Photo`] if it cannot be decoded, [`Error::OtherSize`] if its size differs from the record's.
pub fn decode_view(bytes: &[u8], record: &ViewRecord, limits: &Limits) -> Result<Photo, Error> {
    let photo = photo::decode(bytes, limits)
        .map_err(|problem| Error::Photo { view: record.name.clone(), problem })?
        .turned(record.turn);
    let (found, expected) = (photo.size_px(), [record.width_px, record.height_px]);
    if found != expected {
        return Err(Error::OtherSize { view: record.name.clone(), found, expected });
    }
    Ok(photo)
}
