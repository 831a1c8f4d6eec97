//! An open case: what is asked of it.

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
use super::pipeline::{Pipeline, Scene};
use super::store::{Access, Store, StoreLimits, is_case};
use super::trail::{Entry, Recorder};
use crate::head::camera::Camera;
use crate::head::fit::FitError;
use crate::head::standard_view::StandardView;
use crate::photo::{self, Limits, Photo, PhotoError};
use crate::plan::{Plan, PlanError};
use crate::reading::face::Unavailable;

/// What can go wrong with a case.
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
    /// With the view it belongs to.
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
    #[error("view '{view}' has no points yet, so nobody knows how its camera looked at the head")]
    ViewNotFitted { view: String },
    #[error(
        "view '{view}' has no landmarks and shows no face: use a photo of the face, or mark at least the two pupils yourself"
    )]
    NobodySeen { view: String },
    #[error("view '{view}' shows {faces} faces, none of them clearly the client's: cut the photo to the client")]
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

/// The right to change a case, taken before it is opened; it ends when this and the case are dropped.
#[derive(Debug)]
pub struct Right(#[expect(dead_code, reason = "held, not read")] Option<Hold>);

/// An open case.
#[derive(Debug)]
pub struct Case {
    pub(super) store: Store,
    pub(super) document: Document,
    /// What [`Case::revert`] goes back to: the document as opened, without views whose photos are gone.
    pub(super) opened: Document,
    /// What the user has not been told yet.
    pub(super) notes: RefCell<Vec<String>>,
}

impl Case {
    /// Opens a case file.
    ///
    /// # Errors
    /// [`Error`] where it is no case, damaged, or from a newer version in a way that cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut store = Store::open(path)?;
        let document = Document::from_json(&store.document()?)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }

    /// Opens a case file that is under this passphrase.
    ///
    /// # Errors
    /// Those of [`Case::open`], and [`CaseError::WrongPassphrase`].
    pub fn open_under(path: &Path, passphrase: &Passphrase) -> Result<Self, Error> {
        let mut store = Store::open_under(path, StoreLimits::default(), Some(passphrase))?;
        let document = Document::from_json(&store.document()?)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }

    /// Puts the case under a passphrase, by the key that was made of it, or under none.
    ///
    /// # Errors
    /// [`Error::Store`]; the file is as it was then.
    pub fn set_lock(&mut self, key: Option<Arc<Key>>) -> Result<(), Error> {
        Ok(self.store.set_lock(key)?)
    }

    /// Whether the case is under a passphrase.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.store.is_locked()
    }

    /// The same, which this program alone changes from now on, until it is dropped; where somebody else does, it can only be
    /// read. `anyway`: also where only another computer's file says so, see [`Owner::is_certain`].
    #[must_use]
    pub fn held(mut self, anyway: bool) -> Self {
        self.store.hold(anyway);
        self
    }

    /// The right to change a case that is opened next; none is needed for what is no case.
    ///
    /// # Errors
    /// [`CaseError::Held`] where somebody else has it open.
    pub fn right_to_change(path: &Path) -> Result<Right, Error> {
        if !is_case(path) {
            return Ok(Right(None));
        }
        match owner::hold(path, false) {
            Ok(hold) => Ok(Right(Some(hold))),
            Err(owner) => Err(CaseError::Held { owner, path: path.to_owned() }.into()),
        }
    }

    /// Who has the case open to change it, where that keeps it from being changed here.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        match self.store.access() {
            Access::ReadOnlyElsewhere(owner) => Some(owner),
            _ => None,
        }
    }

    /// The same, with changes noted with the time and the place that the recorder says.
    #[must_use]
    pub fn recorded_by(mut self, recorder: Recorder) -> Self {
        self.store.recorded_by(recorder);
        self
    }

    /// What was done with the case, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn trail(&self) -> Result<Vec<Entry>, Error> {
        Ok(self.store.trail()?)
    }

    /// Notes that something was done with the case that did not change it, as an export; nothing where the case cannot be
    /// changed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn note_done(&mut self, what: &str) -> Result<(), Error> {
        Ok(self.store.note(what)?)
    }

    /// Where the case is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Why the case cannot be changed, to follow "since"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<String> {
        self.store.access().read_only_reason()
    }

    /// What a user should know before believing what is shown: that the file is damaged or not fully understood.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        match self.store.access() {
            Access::Full | Access::ReadOnlyProtected | Access::ReadOnlyElsewhere(_) => None,
            Access::ReadOnlyNewer(_) | Access::ReadOnlyDamaged(_) => self.read_only_reason(),
        }
    }

    /// Whether a file is one of the photos in the case; yes where that cannot be known.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        self.store.holds(file).unwrap_or(true)
    }

    /// Whether the case has the photos and the document of another one, and nothing else that could be wanted back.
    #[must_use]
    pub(crate) fn is_unchanged_copy_of(&self, other: &Self) -> bool {
        let photos = |case: &Self| case.store.photos().ok();
        let steps = self.undo_name().or(self.redo_name());
        steps.is_none() && self.document == other.document && photos(self).is_some() && photos(self) == photos(other)
    }

    /// What happened to the file that the user should know and has not been told, each in one sentence.
    #[must_use]
    pub fn take_notes(&self) -> Vec<String> {
        let mut notes = self.store.take_notes();
        notes.append(&mut self.notes.borrow_mut());
        notes
    }

    /// Fits the head to all views that have points. Not stored: it follows from the points, the same on every machine.
    ///
    /// # Errors
    /// [`Error::Fit`].
    pub fn fit(&self) -> Result<HeadFit, Error> {
        Ok(FitInput::of(&self.document).fit()?)
    }

    /// The camera of a view.
    ///
    /// # Errors
    /// [`Error::ViewNotFitted`] where the view has no points yet.
    pub fn camera<'f>(&self, fit: &'f HeadFit, view: usize) -> Result<&'f Camera, Error> {
        let name = || self.document.views.get(view).map_or_else(String::new, |v| v.name.clone());
        fit.camera(view).ok_or_else(|| Error::ViewNotFitted { view: name() })
    }

    /// Index of a view; the first one where none is named.
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

    /// Index of a variant; of the first one where none is named.
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

    /// The plan of a variant; of the first one where none is named.
    ///
    /// # Errors
    /// [`Error::NoSuchVariant`], [`Error::NoPlan`].
    pub fn plan(&self, variant: Option<&str>) -> Result<&Plan, Error> {
        Ok(&self.document.variants[self.variant_index(variant)?].plan)
    }

    /// Replaces a variant's plan, as one step.
    ///
    /// # Errors
    /// [`Error`]; file and case are as before then.
    pub fn set_plan(&mut self, variant: Option<&str>, plan: Plan) -> Result<(), Error> {
        self.edit_plan("Replace plan", variant, plan)
    }

    /// Replaces a variant's plan, as one step of this name.
    ///
    /// # Errors
    /// [`Error`]; file and case are as before then.
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

    /// The bytes of a view's photo as they came, for [`decode_view`] on another thread.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`] where the bytes are damaged.
    pub fn photo_bytes(&self, view: usize) -> Result<Vec<u8>, Error> {
        Ok(self.store.photo_bytes(self.record(view)?.photo)?)
    }

    /// Decodes the photo of a view and turns it as the user did.
    ///
    /// # Errors
    /// Those of [`Case::photo_bytes`] and [`decode_view`].
    pub fn photo(&self, view: usize, limits: &Limits) -> Result<Photo, Error> {
        decode_view(&self.photo_bytes(view)?, self.record(view)?, limits)
    }

    /// A variant's plan made ready to be seen on the client; the first variant's where none is named.
    ///
    /// # Errors
    /// Those of [`Case::fit`], [`Case::plan`] and [`Case::photo`].
    pub fn scene(&self, variant: Option<&str>, limits: &Limits) -> Result<Scene, Error> {
        let photo = |view| Ok::<_, Error>(Some(Arc::new(self.photo(view, limits)?)));
        let scene = Pipeline::default().scene(&self.document, self.variant_index(variant)?, photo)?;
        scene.ok_or(Error::NoPlan)
    }

    /// The small picture of a case that is not opened: of its front photo, else of the first one; none where it has none, or
    /// cannot be looked at just now. Nothing of the case is changed.
    #[must_use]
    pub fn cover(path: &Path) -> Option<Vec<u8>> {
        let mut store = Store::glance(path).ok()?;
        let document = Document::from_json(&store.document().ok()?).ok()?;
        let front = |view: &&ViewRecord| StandardView::of(&view.name) == Some(StandardView::Front);
        let view = document.views.iter().find(front).or(document.views.first())?;
        store.thumbnail(view.photo, view.turn.exif_orientation()).ok().flatten()
    }

    /// The small picture of a view, as JPEG, where one is kept.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn thumbnail(&self, view: usize) -> Result<Option<Vec<u8>>, Error> {
        let record = self.record(view)?;
        Ok(self.store.thumbnail(record.photo, record.turn.exif_orientation())?)
    }
}

/// Decodes a stored photo and turns it as the user did.
///
/// # Errors
/// [`Error::Photo`] where it cannot be decoded, [`Error::OtherSize`] where it is not the photo that the record speaks of.
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
