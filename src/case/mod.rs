//! The case: what is known and planned for one client, and the file it is kept in.

mod database;
pub mod document;
mod edits;
mod error;
pub mod head_fit;
mod history;
pub mod landmarks_file;
pub mod picks;
pub mod pipeline;
pub mod rescue;
pub mod sample;
pub mod store;
mod view_names;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use glam::DVec2;

pub use edits::{FindHead, NewPhoto};
pub use error::CaseError;
pub use store::is_case;
pub use view_names::{client_name, guess_view, name_view, unique_view};

use crate::ground::files::Existing;
use crate::head::camera::Camera;
use crate::head::fit::{FitError, Scale, ViewInput};
use crate::head::landmarks::Landmark;
use crate::photo::{self, Limits, Photo, PhotoError, Turn};
use crate::plan::hairline::Preset;
use crate::plan::treatment::Treatment;
use crate::plan::{Plan, PlanError};
use crate::reading::contour;
use crate::reading::face::{self, Found, FoundHead, Unavailable};
use crate::reading::views::View;
use crate::skin::own_hair;
use document::{Document, DocumentError, Variant, ViewRecord};
use head_fit::{FitInput, HeadFit};
use landmarks_file::{LandmarksError, ViewPoints};
use pipeline::{Pipeline, Scene};
use store::{Access, PhotoFile, Store};

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
    #[error("this case has no photo yet: add one first")]
    NoPhotos,
    #[error("this case has no plan yet: the head has to be fitted first, so mark at least the two pupils in a photo")]
    NoPlan,
}

/// One photo of a new case.
#[derive(Debug, Clone)]
pub struct NewView {
    /// Name of the view; empty: what the photo shows.
    pub name: String,
    /// File name of the photo.
    pub file_name: String,
    /// The photo file's bytes.
    pub bytes: Vec<u8>,
    /// Clicked points; none: the face is looked for.
    pub points: ViewPoints,
}

impl NewView {
    /// The photo, upright as its camera noted and then turned.
    fn photo(&self, turn: Turn, limits: &Limits) -> Result<Photo, Error> {
        let decoded = photo::decode(&self.bytes, limits);
        let called = if self.name.is_empty() { &self.file_name } else { &self.name };
        let photo = decoded.map_err(|problem| Error::Photo { view: called.clone(), problem })?;
        Ok(if turn.is_none() { photo } else { photo.turned(turn) })
    }
}

/// The one head that a photo shows, or why there is none.
fn found_in(view: &str, photo: &Photo) -> Result<FoundHead, Error> {
    let view = || view.to_owned();
    match face::find(photo) {
        Ok(Found::Head(head)) => Ok(*head),
        Ok(Found::Several(faces)) => Err(Error::SeveralSeen { view: view(), faces }),
        Ok(Found::Nobody) => Err(Error::NobodySeen { view: view() }),
        Err(problem) => Err(Error::NotLookedAt { view: view(), problem }),
    }
}

/// What a new case starts with.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// What the client comes for; none: a full shave.
    pub treatment: Option<Treatment>,
    /// Hairline; none: the one that suits the treatment.
    pub preset: Option<Preset>,
    /// Density of every area, dots per cm2; none: the treatment's own.
    pub density_per_cm2: Option<f64>,
    /// Where millimetres come from.
    pub scale: Scale,
    /// True where the plan is to be as usual, whatever hair of the client's own the photos show.
    pub ignore_own_hair: bool,
}

/// The outline as clicked, or as found in a front photo where none was clicked.
fn outline(view: &NewView, photo: &Photo) -> Vec<DVec2> {
    let pupil = |asked: Landmark| view.points.landmarks.iter().find(|(l, _)| *l == asked).map(|&(_, p)| p);
    match (pupil(Landmark::PupilRight), pupil(Landmark::PupilLeft)) {
        (Some(right), Some(left)) if view.points.outline.is_empty() && view.name == "front" => {
            contour::find(photo, right, left)
        }
        _ => view.points.outline.clone(),
    }
}

/// Finds the outline of a fitted head in the photos that are still without one. True where any was found.
///
/// # Errors
/// Where a photo cannot be decoded.
fn find_outlines(document: &mut Document, views: &[NewView], fit: &HeadFit, limits: &Limits) -> Result<bool, Error> {
    let seen = fit.views(document);
    // In a front photo it was looked for already, and around a face that was found.
    let without = |view: &&View| {
        let record = &document.views[view.index];
        record.outline.is_empty() && record.name != "front" && record.found.is_none()
    };
    let turns: Vec<Turn> = document.views.iter().map(|record| record.turn).collect();
    let found = contour::find_near(fit.head(), &seen, seen.iter().filter(without).copied(), |view| {
        views[view].photo(turns[view], limits)
    })?;
    let any = found.iter().any(|(_, outline)| !outline.is_empty());
    for (view, outline) in found {
        document.views[view].outline = outline.into_iter().map(|p| p.to_array()).collect();
    }
    Ok(any)
}

/// An open case.
#[derive(Debug)]
pub struct Case {
    store: Store,
    document: Document,
    /// What [`Case::revert`] goes back to: the document as opened, without views whose photos are gone.
    opened: Document,
    /// What the user has not been told yet.
    notes: RefCell<Vec<String>>,
}

impl Case {
    /// Makes a case file from photos and their points, with a first plan that suits the treatment.
    ///
    /// Photos are decoded once to know their size and lens; their bytes are stored untouched.
    ///
    /// # Errors
    /// [`Error`]; what was at `path` before is still there then.
    pub fn create(
        path: &Path,
        views: Vec<NewView>,
        start: &Start,
        existing: Existing,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut records: Vec<ViewRecord> = Vec::new();
        let mut nothing_seen = None;
        for view in &views {
            let clicked = !view.points.landmarks.is_empty() || !view.points.outline.is_empty();
            if !view.name.is_empty() && !view_names::fits(&view.name) {
                return Err(Error::ViewName { view: view.name.clone() });
            }
            if records.iter().any(|r| r.name == view.name) {
                return Err(Error::ViewTwice { view: view.name.clone() });
            }
            let photo = view.photo(Turn::NONE, limits)?;
            let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
            let called = if view.name.is_empty() { &view.file_name } else { &view.name };
            let found = if clicked { None } else { Some(found_in(called, &photo)) };
            let found = match found.transpose() {
                Ok(found) => found,
                Err(problem) => {
                    nothing_seen = nothing_seen.or(Some(problem));
                    None
                }
            };
            let turn = found.as_ref().map_or(Turn::NONE, |head| head.turn);
            let [width_px, height_px] = turn.size_px(photo.size_px());
            let name = if view.name.is_empty() {
                name_view(&view.file_name, found.as_ref().map(|head| head.direction), &names)
            } else {
                view.name.clone()
            };
            records.push(ViewRecord {
                name,
                // Photos are numbered from 1 in the order given.
                photo: records.len() as i64 + 1,
                turn,
                width_px,
                height_px,
                focal_length_35mm: photo.camera().focal_length_35mm,
                landmarks: view.points.landmarks.iter().map(|&(l, p)| (l, p.to_array())).collect(),
                outline: outline(view, &photo).into_iter().map(|p| p.to_array()).collect(),
                found: found.as_ref().map(Into::into),
                nothing_hides_dots: false,
                hidden_as_drawn: None,
            });
        }
        let mut document = Document::new(records, &start.scale);
        let clicked_too_little =
            |v: &ViewInput| !(v.has_enough_points() || (v.landmarks.is_empty() && v.outline.is_empty()));
        if let Some(view) = document.view_inputs().into_iter().find(clicked_too_little) {
            return Err(FitError::TooFewPoints { view: view.name }.into());
        }
        let fitted = |document: &Document| FitInput::of(document).fit();
        let mut fit = match (fitted(&document), nothing_seen) {
            // Other photos of the client show the head.
            (Ok(fit), _) => fit,
            (Err(FitError::NoViews | FitError::NoFace), Some(problem)) => return Err(problem),
            (Err(problem), _) => return Err(problem.into()),
        };
        let without = document.clone();
        if find_outlines(&mut document, &views, &fit, limits)? {
            match fitted(&document) {
                Ok(better) => fit = better,
                // What was clicked counts for more.
                Err(_) => document = without,
            }
        }
        let mut plan = Plan::for_treatment(start.treatment.unwrap_or(Treatment::FullShave), start.preset, fit.head());
        if !start.ignore_own_hair && own_hair::matters_to(plan.treatment) {
            let decoded = |view: usize| views.get(view)?.photo(document.views[view].turn, limits).ok();
            if let Some((hair, skin)) = fit.own_hair(&fit.views(&document), decoded) {
                plan = own_hair::followed(&hair, &plan, skin).unwrap_or(plan);
            }
        }
        if let Some(density) = start.density_per_cm2 {
            for area in &mut plan.areas {
                area.density_per_cm2 = density;
            }
        }
        plan.check()?;
        document.variants.push(Variant { name: "A".to_owned(), plan });
        let photos: Vec<PhotoFile> = views.into_iter().map(|v| PhotoFile::new(&v.file_name, v.bytes)).collect();
        let store = Store::create(path, &document.to_json(), &photos, existing)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }

    /// Makes a case file without photos or a plan.
    ///
    /// # Errors
    /// [`Error::Store`]; what was at `path` before is still there then.
    pub fn create_empty(path: &Path, existing: Existing) -> Result<Self, Error> {
        let document = Document::new(Vec::new(), &Scale::AveragePupils);
        let store = Store::create(path, &document.to_json(), &[], existing)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }

    /// Opens a case file.
    ///
    /// # Errors
    /// [`Error`] where it is no case, damaged, or from a newer version in a way that cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut store = Store::open(path)?;
        let document = Document::from_json(&store.document()?)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
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
            Access::Full | Access::ReadOnlyProtected => None,
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
    pub fn is_unchanged_copy_of(&self, other: &Self) -> bool {
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
    pub fn variant_index(&self, name: Option<&str>) -> Result<usize, Error> {
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
    pub fn edit_plan(&mut self, step: &str, variant: Option<&str>, plan: Plan) -> Result<(), Error> {
        plan.check()?;
        let index = self.variant_index(variant)?;
        let mut document = self.document.clone();
        document.variants[index].plan = plan;
        self.commit(step, document)
    }

    fn record(&self, view: usize) -> Result<&ViewRecord, Error> {
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
