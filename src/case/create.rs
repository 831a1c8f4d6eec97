//! Creating a case from photos and the points clicked or found in them, with a first plan.

use std::cell::RefCell;
use std::path::Path;

use glam::DVec2;

use super::document::{Document, PhotoKey, Variant, ViewRecord};
use super::head_fit::FitInput;
use super::landmarks_file::ViewPoints;
use super::open::{Case, Error};
use super::store::{PhotoFile, Store};
use super::view_names::{self, name_view};
use crate::ground::files::Existing;
use crate::head::fit::{FitError, Scale, ViewInput};
use crate::head::landmarks::Landmark;
use crate::photo::{self, Limits, Photo, Turn};
use crate::plan::hairline::Preset;
use crate::plan::treatment::Treatment;
use crate::reading::contour;
use crate::reading::face::{self, Found, FoundHead};
use crate::skin::own_hair;

/// One photo of a new case.
#[derive(Debug, Clone)]
pub struct NewView {
    /// Name of the view; empty to derive it from what the photo shows.
    pub name: String,
    /// File name of the photo.
    pub file_name: String,
    /// The photo file's bytes.
    pub bytes: Vec<u8>,
    /// Clicked points; if empty, the face is searched for.
    pub points: ViewPoints,
}

impl NewView {
    /// The photo, upright according to its EXIF orientation, then turned.
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
    /// The treatment; `None` means a full shave.
    pub treatment: Option<Treatment>,
    /// The hairline preset; `None` means the one that suits the treatment.
    pub preset: Option<Preset>,
    /// Density of every area, dots per cm2; `None` means the treatment's own.
    pub density_per_cm2: Option<f64>,
    /// Where millimetres come from.
    pub scale: Scale,
    /// Whether to make the usual plan even if the photos show the client's own hair.
    pub ignore_own_hair: bool,
}

/// The outline as clicked; if none was, the one found in a front photo.
fn outline(view: &NewView, photo: &Photo) -> Vec<DVec2> {
    let pupil = |asked: Landmark| view.points.landmarks.iter().find(|(l, _)| *l == asked).map(|&(_, p)| p);
    match (pupil(Landmark::PupilRight), pupil(Landmark::PupilLeft)) {
        (Some(right), Some(left)) if view.points.outline.is_empty() && view.name == "front" => {
            contour::find(photo, right, left)
        }
        _ => view.points.outline.clone(),
    }
}

impl Case {
    /// Creates a case file from photos and their points, with a first plan that suits the treatment.
    ///
    /// Photos are decoded once to learn their size and focal length; their bytes are stored untouched.
    ///
    /// # Errors
    /// [`Error`]; whatever was at `path` before is then still there.
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
            let name = if view.name.is_empty() {
                name_view(&view.file_name, found.as_ref().map(|head| head.direction), &names)
            } else {
                view.name.clone()
            };
            // Photos are numbered from 1 in the order given.
            let key = PhotoKey { photo: records.len() as i64 + 1, turn };
            let size_px = turn.size_px(photo.size_px());
            records.push(ViewRecord {
                landmarks: view.points.landmarks.iter().map(|&(l, p)| (l, p.to_array())).collect(),
                outline: outline(view, &photo).into_iter().map(|p| p.to_array()).collect(),
                found: found.as_ref().map(Into::into),
                ..ViewRecord::new(name, key, size_px, photo.camera().focal_length_35mm)
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
            // Other photos show the head, so one without a face is no error.
            (Ok(fit), _) => fit,
            (Err(FitError::NoViews | FitError::NoFace), Some(problem)) => return Err(problem),
            (Err(problem), _) => return Err(problem.into()),
        };
        let outlines = fit.missing_outlines(&document, |view| views[view].photo(document.views[view].turn, limits))?;
        if outlines.iter().any(|(_, outline)| !outline.is_empty()) {
            let mut outlined = document.clone();
            for (view, outline) in outlines {
                outlined.set_outline(view, &outline);
            }
            // If the head cannot be fitted to the detected outlines, the clicked points prevail.
            if let Ok(better) = fitted(&outlined) {
                (document, fit) = (outlined, better);
            }
        }
        let mut plan = fit.usual_plan(start.treatment.unwrap_or(Treatment::FullShave), start.preset);
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

    /// Creates a case file without photos or a plan.
    ///
    /// # Errors
    /// [`Error::Store`]; whatever was at `path` before is then still there.
    pub fn create_empty(path: &Path, existing: Existing) -> Result<Self, Error> {
        let document = Document::new(Vec::new(), &Scale::AveragePupils);
        let store = Store::create(path, &document.to_json(), &[], existing)?;
        Ok(Self { store, opened: document.clone(), document, notes: RefCell::default() })
    }
}
