//! The open case, what is shown of it, and changes to it: a gesture is a draft until the pointer is released, and then
//! becomes one undo step.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::at_hand::{AtHand, Operation};
use super::checklist::Checklist;
use super::facts::Facts;
use super::follicles::Sides;
use super::photos::PhotoSource;
use crate::case::document::PhotoKey;
use crate::case::document::{Document, Variant, ViewRecord};
use crate::case::head_fit::HeadFit;
use crate::case::owner::Owner;
use crate::case::trail::{Entry, Recorder};
use crate::case::{self, Case, CaseError, NewPhoto};
use crate::ground::station;
use crate::head::camera::Camera;
use crate::head::standard_view::StandardView;
use crate::plan::Plan;
use crate::plan::hairline::{Hairline, Preset};
use crate::plan::treatment::Treatment;
use crate::render::scene::Moment;
use crate::render::steps::{Sittings, Step};
use crate::skin::own_hair;
use crate::skin::settings::Outlook;

/// A gesture in progress.
struct Draft {
    name: String,
    document: Arc<Document>,
}

/// A change that is not in the file yet.
struct Unsaved {
    name: String,
    document: Arc<Document>,
}

/// How soon to retry a file that another program had locked.
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// The step made automatically after the first fit.
const FIRST_PLAN: &str = "First plan";
/// Suffix of a step that keeps the line's millimetres after the step before it changed the head.
const LINE_KEPT: &str = ", line kept";
/// Movement of a line on the skin below which no such step is made, mm.
const LEAST_MOVED_MM: f64 = 0.05;

/// Whether a step belongs to the one before it, and is undone together with it.
fn follows_another(step: &str) -> bool {
    step == FIRST_PLAN || step.ends_with(LINE_KEPT)
}

/// The open case.
pub struct OpenCase {
    file: AtHand,
    /// The document in the file, plus every change still to be written.
    kept: Arc<Document>,
    /// Those changes, oldest first: the drive is slow, or another program has locked the file for a moment.
    unsaved: VecDeque<Unsaved>,
    /// When to retry a locked file.
    again: Option<Instant>,
    draft: Option<Draft>,
    /// Why a gesture could not be stored, if another one followed immediately.
    trouble: Option<case::Error>,
    /// A gesture was abandoned: the rest of it is ignored until the pointer is released.
    ignoring: bool,
    /// The photos' files, by photo number.
    photos: HashMap<i64, Arc<Vec<u8>>>,
    failed: HashMap<PhotoKey, String>,
    /// The head, or why there is none yet.
    fit: Option<Result<Arc<HeadFit>, String>>,
    /// If points have changed since, the head on which the plans' lines were drawn.
    drawn_on: Option<Arc<HeadFit>>,
    /// The head before the gesture in progress.
    before_draft: Option<Arc<HeadFit>>,
    /// A head was fitted since the last check whether it needs a first plan.
    fitted: bool,
    /// The default plan for a treatment and hairline, with its inputs.
    usual: Option<(Arc<HeadFit>, Treatment, Preset, Arc<Plan>)>,
    /// Figures about the plan.
    pub facts: Facts,
    /// The result of the checks; `None` before the first.
    pub checklist: Option<Arc<Checklist>>,
    /// Index of the view on the canvas.
    pub view: usize,
    /// Index of the variant shown.
    pub variant: usize,
    /// The step shown.
    pub step: Step,
    /// The outlook shown, since healing differs between people.
    pub outlook: Outlook,
}

impl OpenCase {
    /// A case that was just opened, for editing unless somebody else has it open.
    #[must_use]
    pub fn new(file: Case) -> Self {
        let file = file.held(false).recorded_by(Recorder { station: station::name(), now: station::now });
        let kept = Arc::new(file.document().clone());
        // Photos may be in any order; a head is looked at from the front first.
        let view =
            kept.views.iter().position(|view| StandardView::of(&view.name) == Some(StandardView::Front)).unwrap_or(0);
        Self {
            file: AtHand::new(file),
            kept,
            unsaved: VecDeque::new(),
            again: None,
            draft: None,
            trouble: None,
            ignoring: false,
            photos: HashMap::new(),
            failed: HashMap::new(),
            fit: None,
            drawn_on: None,
            before_draft: None,
            fitted: false,
            usual: None,
            facts: Facts::default(),
            checklist: None,
            view,
            variant: 0,
            step: Step::Before,
            outlook: Outlook::Likely,
        }
        .at_its_result()
    }

    fn at_its_result(mut self) -> Self {
        self.step = Step::result(self.sittings());
        self
    }

    /// The case as it is in its file; `None` while a background operation has it, see [`OpenCase::is_away`].
    #[must_use]
    pub fn file(&self) -> Option<&Case> {
        self.file.file()
    }

    /// Whether a background operation on the file is still running, as on a slow drive.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.file.is_away()
    }

    /// Whether a change is not in the file yet.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// True while the case must not be dropped: something is being written, or still has to be.
    #[must_use]
    pub(crate) fn is_writing(&self) -> bool {
        self.is_unsaved() || self.is_away()
    }

    /// Why the case cannot be changed, phrased to follow "because"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<&str> {
        self.file.read_only_reason()
    }

    /// Who has the case open for editing, if that is somebody else.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.file.owner()
    }

    /// Whether the case is locked with a passphrase.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.file.is_locked()
    }

    /// The record of what was done with the case, oldest first.
    ///
    /// # Errors
    /// Those of [`Case::trail`].
    pub(crate) fn trail(&mut self) -> Result<Vec<Entry>, case::Error> {
        self.with_file(|file| file.trail())
    }

    /// The thumbnail of a view, as JPEG, if one is stored and the file is available.
    #[must_use]
    pub(crate) fn thumbnail(&self, view: usize) -> Option<Vec<u8>> {
        self.file.file()?.thumbnail(view).ok().flatten()
    }

    /// The case's path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.file.path().clone()
    }

    /// The case's name: its file name without extension.
    #[must_use]
    pub fn name(&self) -> String {
        self.file.path().file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned())
    }

    /// The document as shown, including a gesture in progress.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        self.draft.as_ref().map_or(&self.kept, |d| &d.document)
    }

    /// Whether a gesture is in progress.
    #[must_use]
    pub(crate) fn drafting(&self) -> bool {
        self.draft.is_some()
    }

    /// The record of the view on the canvas.
    #[must_use]
    pub fn record(&self) -> Option<&ViewRecord> {
        self.document().views.get(self.view)
    }

    /// The plan shown.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.document().variants.get(self.variant).map(|v| &v.plan)
    }

    /// The default plan for the treatment and hairline of the plan shown, on this head; recomputed when one of them
    /// changes.
    pub(crate) fn usual_plan(&mut self) -> Option<Arc<Plan>> {
        let fit = Arc::clone(self.fit()?);
        let (treatment, preset) = self.plan().map(|plan| (plan.treatment, plan.hairline.preset))?;
        let same = |(head, t, p, _): &&(Arc<HeadFit>, Treatment, Preset, Arc<Plan>)| {
            Arc::ptr_eq(head, &fit) && (*t, *p) == (treatment, preset)
        };
        if let Some((.., plan)) = self.usual.as_ref().filter(same) {
            return Some(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::for_treatment(treatment, Some(preset), fit.head()));
        self.usual = Some((fit, treatment, preset, Arc::clone(&plan)));
        Some(plan)
    }

    /// The plan as it was before the gesture in progress.
    #[must_use]
    pub(crate) fn kept_plan(&self) -> Option<&Plan> {
        self.kept.variants.get(self.variant).map(|v| &v.plan)
    }

    /// The head and its cameras, once fitted.
    #[must_use]
    pub fn fit(&self) -> Option<&Arc<HeadFit>> {
        self.fit.as_ref().and_then(|f| f.as_ref().ok())
    }

    /// Why there is no head yet.
    #[must_use]
    pub(crate) fn fit_problem(&self) -> Option<&str> {
        self.fit.as_ref().and_then(|f| f.as_ref().err()).map(String::as_str)
    }

    /// The camera of the view on the canvas.
    #[must_use]
    pub fn camera(&self) -> Option<&Camera> {
        self.fit().and_then(|fit| fit.camera(self.view))
    }

    /// Why the photo of a view cannot be shown.
    #[must_use]
    pub(crate) fn photo_problem(&self, view: usize) -> Option<&str> {
        self.document().views.get(view).and_then(|r| self.failed.get(&PhotoKey::of(r))).map(String::as_str)
    }

    /// Shows a gesture in progress: `change` is applied to the document as it was before the gesture.
    pub(crate) fn draft(&mut self, name: &str, change: impl FnOnce(&mut Document)) {
        if self.ignoring {
            return;
        }
        // A typed number becomes a gesture with the very press that starts the next one.
        if self.draft.as_ref().is_some_and(|d| d.name != name) {
            self.trouble = self.settle().err();
        }
        if self.draft.is_none() {
            self.before_draft = self.fit().cloned();
        }
        let mut document = Document::clone(&self.kept);
        change(&mut document);
        self.draft = Some(Draft { name: name.to_owned(), document: Arc::new(document) });
    }

    /// Like [`OpenCase::draft`], for the plan shown.
    pub(crate) fn draft_plan(&mut self, name: &str, change: impl FnOnce(&mut Plan)) {
        let variant = self.variant;
        self.draft(name, |document| {
            if let Some(variant) = document.variants.get_mut(variant) {
                change(&mut variant.plan);
            }
        });
    }

    /// Abandons the gesture.
    pub(crate) fn abandon(&mut self) {
        self.ignoring = self.draft.take().is_some();
        // The head may have been fitted to the gesture.
        self.fitted &= !self.ignoring;
    }

    /// Ends the gesture and makes it an undo step. If the drive is slow, or another program has locked the file for a
    /// moment, the step is held in memory and written as soon as possible, see [`OpenCase::is_unsaved`].
    ///
    /// # Errors
    /// If the case cannot be written; then the gesture is discarded, together with others still to be written.
    pub fn settle(&mut self) -> Result<(), case::Error> {
        self.ignoring = false;
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let Some(draft) = self.draft.take().filter(|draft| draft.document != self.kept) else { return self.save() };
        let (before, fit) = (self.kept(), self.before_draft.take());
        self.unsaved.push_back(Unsaved { name: draft.name, document: Arc::clone(&draft.document) });
        self.show_kept(draft.document);
        let saved = self.save();
        self.note_drawn_on(&before, fit);
        saved
    }

    /// Like [`OpenCase::settle`], but ensures that everything is in the file.
    ///
    /// # Errors
    /// Those of [`OpenCase::settle`], and [`CaseError::Unsaved`] if the drive is slow or another program has locked the
    /// file.
    pub(crate) fn save_now(&mut self) -> Result<(), case::Error> {
        self.settle()?;
        self.take_returned(true)?;
        self.save()?;
        if self.is_unsaved() { Err(CaseError::Unsaved { path: self.path() }.into()) } else { Ok(()) }
    }

    /// Discards changes that are not in the file yet.
    pub(crate) fn give_up_unsaved(&mut self) {
        self.unsaved.clear();
        self.follow();
    }

    /// Writes what is not in the file yet, as far as the drive keeps up.
    fn save(&mut self) -> Result<(), case::Error> {
        self.take_returned(false)?;
        while !self.is_away() && self.again.is_none_or(|again| again <= Instant::now()) {
            let Some(next) = self.unsaved.front() else { break };
            let (name, document) = (next.name.clone(), Arc::clone(&next.document));
            self.file.send(Operation::Change, move |file| file.commit(&name, Document::clone(&document)));
            self.take_returned(true)?;
        }
        Ok(())
    }

    /// Takes over the result of the background operation on the file.
    fn take_returned(&mut self, wait: bool) -> Result<(), case::Error> {
        let returned = if wait { self.file.returned_soon() } else { self.file.returned() };
        let Some((Operation::Change, outcome)) = returned else { return Ok(()) };
        self.again = None;
        match outcome {
            // Retrying loses nothing.
            Err(case::Error::Store(CaseError::Busy { .. })) => {
                self.again = Some(Instant::now() + TRIED_AGAIN);
                Ok(())
            }
            Err(problem) => {
                self.unsaved.clear();
                self.follow();
                Err(problem)
            }
            Ok(()) => {
                self.unsaved.pop_front();
                self.follow();
                Ok(())
            }
        }
    }

    /// Makes a change as one step.
    ///
    /// # Errors
    /// If the case cannot be written; then nothing has changed.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Document)) -> Result<(), case::Error> {
        self.settle()?;
        self.draft(name, change);
        self.settle()
    }

    /// Like [`OpenCase::change`], for the plan shown.
    ///
    /// # Errors
    /// Those of [`OpenCase::change`].
    pub(crate) fn change_plan(&mut self, name: &str, change: impl FnOnce(&mut Plan)) -> Result<(), case::Error> {
        self.settle()?;
        self.draft_plan(name, change);
        self.settle()
    }

    /// Whether a head has been fitted that has no plan yet.
    #[must_use]
    pub(crate) fn wants_first_plan(&self) -> bool {
        // Not during a gesture, which this would end.
        let fitted = self.fitted && !self.drafting() && self.document().variants.is_empty();
        fitted && self.fit().is_some_and(|fit| fit.is_of(&self.kept))
    }

    /// Makes a first plan, which follows the client's own hair if that is known. Undo treats it as part of the fit.
    ///
    /// # Errors
    /// If the case cannot be written.
    pub(crate) fn plan_first(&mut self, sides: &Sides) -> Result<(), case::Error> {
        if !self.wants_first_plan() {
            return Ok(());
        }
        self.fitted = false;
        let Some(fit) = self.fit().cloned() else { return Ok(()) };
        let usual = Plan::for_treatment(Treatment::FullShave, None, fit.head());
        let followed = sides.as_ref().and_then(|sides| own_hair::followed(&sides.0, &usual, sides.1));
        let plan = followed.unwrap_or(usual);
        self.change(FIRST_PLAN, |document| document.variants.push(Variant { name: "A".to_owned(), plan }))?;
        self.step = Step::result(self.sittings());
        Ok(())
    }

    /// Name of the step that [`OpenCase::undo`] reverts, in the user's words.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        let last = self.unsaved.back().map(|change| change.name.as_str());
        last.or(self.file.undo_name()).map(|step| step.trim_end_matches(LINE_KEPT))
    }

    /// Name of the step that [`OpenCase::redo`] repeats, in the user's words.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.file.redo_name().filter(|_| self.unsaved.is_empty()).map(|step| step.trim_end_matches(LINE_KEPT))
    }

    /// Undoes the last step, together with the step that it belongs to, if any.
    ///
    /// # Errors
    /// Those of [`Case::undo`].
    pub fn undo(&mut self) -> Result<(), case::Error> {
        let name = self.with_file(Case::undo)?;
        if name.as_deref().is_some_and(follows_another) {
            self.with_file(Case::undo)?;
        }
        // Undo restores the line together with the head that it was drawn on.
        self.drawn_on = None;
        Ok(())
    }

    /// Redoes the step undone last, together with the steps that belong to it.
    ///
    /// # Errors
    /// Those of [`Case::redo`].
    pub fn redo(&mut self) -> Result<(), case::Error> {
        self.with_file(Case::redo)?;
        while self.file.redo_name().is_some_and(follows_another) {
            self.with_file(Case::redo)?;
        }
        self.drawn_on = None;
        Ok(())
    }

    /// Runs an action on the case that makes its own undo steps, such as adding a photo or undoing.
    ///
    /// # Errors
    /// Those of `action`.
    pub(crate) fn with_file<T>(
        &mut self,
        action: impl FnOnce(&mut Case) -> Result<T, case::Error>,
    ) -> Result<T, case::Error> {
        self.settle()?;
        // First checks in the background whether the drive answers, so that the window does not block on it.
        self.take_returned(true)?;
        let path = self.path();
        self.file.send(Operation::Other, move |_| {
            drop(File::open(path));
            Ok(())
        });
        self.take_returned(true)?;
        self.with_answering_file(action)
    }

    /// The same when the drive has just answered.
    fn with_answering_file<T>(
        &mut self,
        action: impl FnOnce(&mut Case) -> Result<T, case::Error>,
    ) -> Result<T, case::Error> {
        if self.is_away() || self.is_unsaved() {
            return Err(CaseError::Unsaved { path: self.path() }.into());
        }
        let result = self.file.with(action);
        let (before, fit) = (self.kept(), self.fit().cloned());
        self.follow();
        self.note_drawn_on(&before, fit);
        result
    }

    /// Remembers the head on which lines were drawn, if a change has altered points but no plan.
    fn note_drawn_on(&mut self, before: &Document, fit: Option<Arc<HeadFit>>) {
        if self.drawn_on.is_none() && !self.kept.variants.is_empty() && self.kept.variants == before.variants {
            self.drawn_on = fit.filter(|fit| fit.is_of(before) && !fit.is_of(&self.kept));
        }
    }

    /// Once the head is fitted to changed points, moves the lines so that they keep their millimetres, as part of that
    /// step.
    ///
    /// # Errors
    /// If the case cannot be written.
    pub(crate) fn keep_lines(&mut self) -> Result<(), case::Error> {
        if self.drawn_on.is_none() || self.drafting() {
            return Ok(());
        }
        let Some(fit) = self.fit().filter(|fit| fit.is_of(&self.kept)).cloned() else { return Ok(()) };
        let Some(drawn_on) = self.drawn_on.take() else { return Ok(()) };
        let lines: Vec<Hairline> = self
            .kept
            .variants
            .iter()
            .map(|variant| variant.plan.hairline.carried(drawn_on.head(), fit.head()))
            .collect();
        let moved = self.kept.variants.iter().zip(&lines).any(|(variant, line)| {
            let pairs = variant.plan.hairline.points.iter().zip(&line.points);
            let on_skin = |point: &[f64; 3]| fit.head().cranium.below((*point).into()).position;
            { pairs }.any(|(a, b)| on_skin(a).distance(on_skin(b)) > LEAST_MOVED_MM)
        });
        if !moved {
            return Ok(());
        }
        let step = format!("{}{LINE_KEPT}", self.undo_name().unwrap_or("Fit head"));
        self.change(&step, |document| {
            for (variant, line) in document.variants.iter_mut().zip(lines) {
                variant.plan.hairline = line;
            }
        })
    }

    /// Takes over the document of the case, unless changes are still to be written to it.
    fn follow(&mut self) {
        let Some(file) = self.file.file().filter(|_| self.unsaved.is_empty()) else { return };
        let now =
            if *self.kept == *file.document() { Arc::clone(&self.kept) } else { Arc::new(file.document().clone()) };
        self.show_kept(now);
    }

    /// Takes over a document, and adjusts what is shown to what exists.
    fn show_kept(&mut self, document: Arc<Document>) {
        let before = self.sittings();
        self.kept = document;
        self.view = self.view.min(self.kept.views.len().saturating_sub(1));
        self.variant = self.variant.min(self.kept.variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.sittings());
    }

    /// The current document, without a gesture in progress.
    #[must_use]
    pub fn kept(&self) -> Arc<Document> {
        Arc::clone(&self.kept)
    }

    /// Switches to the variant or the photo in which the case differs from `before`, if that is not shown already.
    /// Returns where that is, as text; `None` if nothing had to be switched.
    pub(crate) fn show_what_differs(&mut self, before: &Document) -> Option<String> {
        let now = self.kept();
        if now.variants.len() != before.variants.len() {
            return Some(String::new());
        }
        let shown = now.variants.get(self.variant) != before.variants.get(self.variant);
        let variant = now.variants.iter().zip(&before.variants).position(|(a, b)| a != b);
        if let Some(variant) = variant.filter(|_| !shown) {
            self.show_variant(variant);
            return Some(format!(" in variant {}", now.variants[variant].name));
        }
        if now.views.len() != before.views.len() {
            return None;
        }
        let shown = now.views.get(self.view) != before.views.get(self.view);
        let view = now.views.iter().zip(&before.views).position(|(a, b)| a != b)?;
        if shown {
            return None;
        }
        self.view = view;
        Some(format!(" in photo {}", now.views[view].name))
    }

    /// Shows another variant, at the same step if it has it.
    pub(crate) fn show_variant(&mut self, variant: usize) {
        let before = self.sittings();
        self.variant = variant.min(self.document().variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.sittings());
    }

    /// Stores a thumbnail in the case. A failure costs convenience, not work, and is not reported.
    pub(crate) fn keep_thumbnail(&mut self, photo: PhotoKey, jpeg: &[u8]) {
        if let Some(view) = self.kept.views.iter().position(|v| PhotoKey::of(v) == photo) {
            let jpeg = jpeg.to_owned();
            self.file.send(Operation::Other, move |file| file.set_thumbnail(view, &jpeg));
            // Its result is ignored.
            let _ = self.take_returned(true);
        }
    }

    /// The sessions of the plan shown.
    #[must_use]
    pub fn sittings(&self) -> Sittings {
        self.plan().map_or_else(Sittings::default, Sittings::of)
    }

    /// The moment shown; `None` if there is no pigment in the skin yet.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.step.moment(self.sittings(), self.outlook)
    }

    /// Takes over a fitted head, or why there is none.
    pub(crate) fn take_fit(&mut self, fit: Result<Arc<HeadFit>, String>) {
        // After undo, a first plan must not replace the steps that can be redone.
        let going_back = self.redo_name().is_some();
        self.fitted = fit.is_ok() && self.kept.variants.is_empty() && !going_back;
        self.fit = Some(fit);
    }

    /// Takes over figures about the plan.
    pub(crate) fn take_facts(&mut self, mut facts: Facts) {
        // The scale is not measured during a drag. The last one is good enough to work with, and is not displayed where
        // it belongs to another head.
        if facts.scale.is_empty() && facts.variant == self.facts.variant {
            facts.scale = std::mem::take(&mut self.facts.scale);
            facts.covered = self.facts.covered;
        }
        self.facts = facts;
    }

    /// Summary of the plan shown, for panel and status line; `None` before it was computed.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        self.facts.sum().filter(|_| self.facts.variant == self.variant)
    }

    /// Skin of each area of the plan shown, cm2; `None` while it is being measured.
    #[must_use]
    pub fn areas_cm2(&self) -> Option<&[f64]> {
        let areas = self.plan()?.areas.len();
        let known = self.facts.variant == self.variant && self.facts.areas_cm2.len() == areas;
        known.then_some(self.facts.areas_cm2.as_slice())
    }

    /// Whether the known scale belongs to the head shown.
    #[must_use]
    pub fn scale_is_measured(&self) -> bool {
        self.facts.fit.as_ref().zip(self.fit()).is_some_and(|(known, shown)| Arc::ptr_eq(known, shown))
    }

    /// Records that a photo can be shown, or why it cannot.
    pub(crate) fn note_photo(&mut self, photo: PhotoKey, problem: Option<String>) {
        match problem {
            Some(problem) => self.failed.insert(photo, problem),
            None => self.failed.remove(&photo),
        };
    }

    /// Reads the files of all photos in advance. Call this on a background thread, so that the window need not read
    /// them.
    #[must_use]
    pub(crate) fn with_photos_read(mut self) -> Self {
        let views = 0..self.kept.views.len();
        drop(self.sources(views));
        self
    }

    /// Adds photos as one step, and shows the one from the front, or else the first.
    ///
    /// # Errors
    /// Those of [`Case::add_new_photos`].
    pub fn add_photos(&mut self, photos: &mut Vec<(String, NewPhoto)>, has_answered: bool) -> Result<(), case::Error> {
        let files: Vec<Arc<Vec<u8>>> = photos.iter().map(|(_, photo)| Arc::new(photo.bytes().to_vec())).collect();
        let add = |file: &mut Case| file.add_new_photos(std::mem::take(photos));
        let first = if has_answered { self.with_answering_file(add) } else { self.with_file(add) }?;
        let added = self.kept.views.iter().skip(first);
        let front = added.clone().position(|view| StandardView::of(&view.name) == Some(StandardView::Front));
        self.view = first + front.unwrap_or(0);
        self.photos.extend(added.map(|record| record.photo).zip(files));
        Ok(())
    }

    /// This reopened case with the view, variant and outlook of another one, at the plan's result.
    #[must_use]
    pub(crate) fn shown_as(self, other: &Self) -> Self {
        let view = other.view.min(self.kept.views.len().saturating_sub(1));
        let variant = other.variant.min(self.kept.variants.len().saturating_sub(1));
        Self { view, variant, outlook: other.outlook, ..self }.at_its_result()
    }

    /// Continues in a copy of the case, with the same view, variant, outlook and step shown.
    #[must_use]
    pub(crate) fn continued_in(&self, copy: Case) -> Self {
        let photos = self.photos.clone();
        let Self { view, variant, outlook, step, .. } = *self;
        Self { photos, view, variant, outlook, step, ..Self::new(copy) }
    }

    /// The files of these views' photos, read from the case when first asked for.
    pub fn sources(&mut self, views: impl IntoIterator<Item = usize>) -> Vec<PhotoSource> {
        let mut sources: Vec<PhotoSource> = Vec::new();
        for view in views {
            let Some(record) = self.document().views.get(view).cloned() else { continue };
            let key = PhotoKey::of(&record);
            if self.failed.contains_key(&key) || sources.iter().any(|s| s.key == key) {
                continue;
            }
            let bytes = match self.photos.get(&record.photo) {
                Some(bytes) => Arc::clone(bytes),
                None => match self.file.with(|file| file.photo_bytes(view)) {
                    Err(case::Error::Store(CaseError::Unsaved { .. })) => continue,
                    Ok(bytes) => Arc::clone(self.photos.entry(record.photo).or_insert(Arc::new(bytes))),
                    Err(problem) => {
                        self.failed.insert(key, problem.to_string());
                        continue;
                    }
                },
            };
            sources.push(PhotoSource { key, record, bytes });
        }
        sources
    }
}
