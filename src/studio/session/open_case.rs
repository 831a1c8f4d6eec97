//! The open case, what is shown of it, and changes to it: a gesture is a draft until the pointer is released, and then
//! becomes one undo step.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::action::{Action, Done, FIRST_PLAN, LINE_KEPT, SNAPPED, shown_name};
use super::case_file::{CaseFile, Operation};
use super::checklist::Checklist;
use super::facts::Facts;
use super::landmarks;
use super::own_stubble::OwnHairFound;
use super::photos::PhotoSource;
use crate::case::document::PhotoKey;
use crate::case::document::{Document, Variant, ViewRecord};
use crate::case::head_fit::HeadFit;
use crate::case::owner::Owner;
use crate::case::trail::Recorder;
use crate::case::{self, Case, CaseError};
use crate::head::camera::Camera;
use crate::head::standard_view::StandardView;
use crate::plan::Plan;
use crate::plan::hairline::{Hairline, Preset};
use crate::plan::treatment::Treatment;
use crate::reading::face::Edge;
use crate::render::mock_up::Moment;
use crate::render::steps::{Appointments, Step};
use crate::skin::own_hair;
use crate::skin::settings::Outlook;

/// A gesture in progress.
struct Draft {
    name: String,
    document: Arc<Document>,
}

/// What waits for the file: the drive is slow, or another program has locked it for a moment.
enum Waiting {
    /// A change that is not in the file yet, but is shown.
    Change { name: String, document: Arc<Document> },
    /// An action, after which nothing can be changed until it is done: changes would be based on what was before.
    Action(Arc<Action>),
}

/// How soon to retry a file that another program had locked.
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// Movement of a line on the skin below which no such step is made, mm.
const LEAST_MOVED_MM: f64 = 0.05;

/// The open case.
pub struct OpenCase {
    file: CaseFile,
    /// The document in the file, plus every change still to be written.
    kept: Arc<Document>,
    /// What waits for the file, oldest first: changes, then actions.
    waiting: VecDeque<Waiting>,
    /// What actions have led to, oldest first.
    done: VecDeque<Done>,
    /// When to retry a locked file.
    again: Option<Instant>,
    draft: Option<Draft>,
    /// Why a gesture could not be stored, if another one followed immediately.
    trouble: Option<case::Error>,
    /// A gesture was abandoned: the rest of it is ignored until the pointer is released.
    ignoring: bool,
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
    /// A case that was just opened, for editing unless somebody else has it open. This reads all photos, so call it on
    /// a background thread.
    #[must_use]
    pub fn new(file: Case) -> Self {
        let file = file.held(false).recorded_by(Recorder::here());
        let kept = Arc::new(file.document().clone());
        // Photos may be in any order; a head is looked at from the front first.
        let view =
            kept.views.iter().position(|view| StandardView::of(&view.name) == Some(StandardView::Front)).unwrap_or(0);
        Self {
            file: CaseFile::new(file),
            kept,
            waiting: VecDeque::new(),
            done: VecDeque::new(),
            again: None,
            draft: None,
            trouble: None,
            ignoring: false,
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
        self.step = Step::result(self.appointments());
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
        matches!(self.waiting.front(), Some(Waiting::Change { .. }))
    }

    /// Whether an action waits for the file, or for its drive; until it is done, nothing can be changed.
    #[must_use]
    pub(crate) fn is_acting(&self) -> bool {
        matches!(self.waiting.back(), Some(Waiting::Action(_)))
    }

    /// True while the case must not be dropped: something is being written, or still has to be.
    #[must_use]
    pub(crate) fn is_writing(&self) -> bool {
        !self.waiting.is_empty() || self.is_away()
    }

    /// Why the case cannot be changed, phrased to follow "because"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<&str> {
        self.file.read_only_reason()
    }

    /// Why the case takes no notes of what is handed out, phrased to follow "because"; `None` if it does.
    #[must_use]
    pub(crate) fn noteless_reason(&self) -> Option<&str> {
        self.file.noteless_reason()
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

    /// The thumbnail of a photo, as JPEG, if one was in the file when it was opened.
    #[must_use]
    pub(crate) fn thumbnail(&self, photo: PhotoKey) -> Option<&[u8]> {
        self.file.thumbnail(photo)
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
        let plan = Arc::new(fit.usual_plan(treatment, Some(preset)));
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

    /// What adds a photo to the head, as the end of a sentence: see [`landmarks::how_to_add`].
    #[must_use]
    pub(crate) fn how_to_add(&self, record: &ViewRecord) -> String {
        let shows_face =
            |view: &ViewRecord| view.known_landmarks().filter(|landmark| landmark.is_of_the_face()).count() >= 2;
        landmarks::how_to_add(record, self.document().views.iter().any(shows_face))
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
        if self.is_acting() {
            self.trouble = Some(CaseError::Unsaved { path: self.path() }.into());
            self.ignoring = true;
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
        self.waiting.push_back(Waiting::Change { name: draft.name, document: Arc::clone(&draft.document) });
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
        if self.waiting.is_empty() { Ok(()) } else { Err(CaseError::Unsaved { path: self.path() }.into()) }
    }

    /// Discards changes that are not in the file yet, and actions that wait for it.
    pub(crate) fn give_up_unsaved(&mut self) {
        self.waiting.clear();
        self.follow();
    }

    /// Does what waits for the file, as far as the drive keeps up.
    fn save(&mut self) -> Result<(), case::Error> {
        self.take_returned(false)?;
        while !self.is_away() && self.again.is_none_or(|again| again <= Instant::now()) {
            match self.waiting.front() {
                None => break,
                Some(Waiting::Change { name, document }) => {
                    let (name, document) = (name.clone(), Arc::clone(document));
                    let commit = move |file: &mut Case| file.commit(&name, Document::clone(&document));
                    self.file.send(Operation::Oldest, move |file| commit(file).map(|()| Done::Other));
                }
                Some(Waiting::Action(action)) => {
                    let action = Arc::clone(action);
                    self.file.send(Operation::Oldest, move |file| action.carry_out(file));
                }
            }
            self.take_returned(true)?;
        }
        Ok(())
    }

    /// Takes over the result of the background operation on the file.
    fn take_returned(&mut self, wait: bool) -> Result<(), case::Error> {
        let returned = if wait { self.file.returned_soon() } else { self.file.returned() };
        let Some((Operation::Oldest, outcome)) = returned else { return Ok(()) };
        self.again = None;
        match outcome {
            // Retrying loses nothing.
            Err(case::Error::Store(CaseError::Busy { .. })) => {
                self.again = Some(Instant::now() + TRIED_AGAIN);
                Ok(())
            }
            Err(problem) => {
                self.waiting.clear();
                self.follow();
                Err(problem)
            }
            Ok(done) => {
                match self.waiting.pop_front() {
                    Some(Waiting::Action(_)) => self.follow_action(done),
                    Some(Waiting::Change { .. }) | None => self.follow(),
                }
                Ok(())
            }
        }
    }

    /// Starts an action on the file, after the changes that are not in it yet. [`OpenCase::done`] provides its result,
    /// usually at once; on a slow drive, or if another program has locked the file, later.
    ///
    /// # Errors
    /// Those of [`OpenCase::settle`], and those of the action if they are known at once.
    pub fn act(&mut self, action: Action) -> Result<(), case::Error> {
        self.settle()?;
        self.waiting.push_back(Waiting::Action(Arc::new(action)));
        self.take_returned(true)?;
        self.save()
    }

    /// What the oldest action that has been carried out has led to; each result is returned once.
    pub fn done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// Takes over the document after an action, and shows what the action was about.
    fn follow_action(&mut self, mut done: Done) {
        let (before, fit) = (self.kept(), self.fit().cloned());
        self.follow();
        match &mut done {
            Done::Undone { elsewhere, .. } | Done::Redone { elsewhere, .. } => {
                *elsewhere = self.show_what_differs(&before);
                // The step restores the line together with the head that it was drawn on.
                self.drawn_on = None;
            }
            Done::PhotosAdded { first, .. } => {
                let mut added = self.kept.views.iter().skip(*first);
                let front = added.position(|view| StandardView::of(&view.name) == Some(StandardView::Front));
                self.view = *first + front.unwrap_or(0);
                self.note_drawn_on(&before, fit);
            }
            Done::Locked | Done::Unlocked | Done::Trail(_) | Done::Other => self.note_drawn_on(&before, fit),
        }
        self.done.push_back(done);
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
        // Not during a gesture, which this would end, nor while nothing can be changed.
        let fitted = self.fitted && !self.drafting() && !self.is_acting() && self.document().variants.is_empty();
        fitted && self.fit().is_some_and(|fit| fit.is_of(&self.kept))
    }

    /// Makes a first plan, which follows the client's own hair if that is known. Undo treats it as part of the fit.
    ///
    /// # Errors
    /// If the case cannot be written.
    pub(crate) fn plan_first(&mut self, found: &OwnHairFound) -> Result<(), case::Error> {
        if !self.wants_first_plan() {
            return Ok(());
        }
        self.fitted = false;
        let Some(fit) = self.fit().cloned() else { return Ok(()) };
        let usual = fit.usual_plan(Treatment::FullShave, None);
        let followed = found.as_ref().and_then(|found| own_hair::followed(&found.0, &usual, found.1));
        let plan = followed.unwrap_or(usual);
        self.change(FIRST_PLAN, |document| document.variants.push(Variant { name: "A".to_owned(), plan }))?;
        self.step = Step::result(self.appointments());
        Ok(())
    }

    /// Name of the step that [`Action::Undo`] reverts, in the user's words.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        let last = self.waiting.iter().rev().find_map(|waiting| match waiting {
            Waiting::Change { name, .. } => Some(name.as_str()),
            Waiting::Action(_) => None,
        });
        last.or(self.file.undo_name()).map(shown_name)
    }

    /// Name of the step that [`Action::Redo`] repeats, in the user's words.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.file.redo_name().filter(|_| !self.is_unsaved()).map(shown_name)
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
        if self.drawn_on.is_none() || self.drafting() || self.is_acting() {
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

    /// Takes over the edge that was found where a head was placed by the last step, as part of that step.
    pub(crate) fn snap(&mut self, edge: &Edge) {
        let view = self.view;
        let step = format!("{}{SNAPPED}", self.undo_name().unwrap_or("Place head"));
        self.draft(&step, |document| document.set_edge(view, edge));
    }

    /// Takes over the document of the case, unless changes are still to be written to it.
    fn follow(&mut self) {
        let Some(file) = self.file.file().filter(|_| !self.is_unsaved()) else { return };
        let now =
            if *self.kept == *file.document() { Arc::clone(&self.kept) } else { Arc::new(file.document().clone()) };
        self.show_kept(now);
    }

    /// Takes over a document, and adjusts what is shown to what exists.
    fn show_kept(&mut self, document: Arc<Document>) {
        let before = self.appointments();
        self.kept = document;
        self.view = self.view.min(self.kept.views.len().saturating_sub(1));
        self.variant = self.variant.min(self.kept.variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.appointments());
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
        let before = self.appointments();
        self.variant = variant.min(self.document().variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.appointments());
    }

    /// Stores a thumbnail in the case, unless its file is busy. A failure costs convenience, not work, and is not
    /// reported.
    pub(crate) fn keep_thumbnail(&mut self, photo: PhotoKey, jpeg: &[u8]) {
        let view = self.kept.views.iter().position(|v| PhotoKey::of(v) == photo);
        if let Some(view) = view.filter(|_| !self.is_writing()) {
            let jpeg = jpeg.to_owned();
            self.file.send(Operation::Other, move |file| file.set_thumbnail(view, &jpeg).map(|()| Done::Other));
            // Its result is ignored.
            let _ = self.take_returned(true);
        }
    }

    /// The sessions of the plan shown.
    #[must_use]
    pub fn appointments(&self) -> Appointments {
        self.plan().map_or_else(Appointments::default, Appointments::of)
    }

    /// The moment shown; `None` if there is no pigment in the skin yet.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.step.moment(self.appointments(), self.outlook)
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

    /// The figures, if they are about the variant and the head shown.
    pub(crate) fn facts_shown(&self) -> Option<&Facts> {
        (self.facts.variant == self.variant && self.scale_is_measured()).then_some(&self.facts)
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

    /// This reopened case with the view, variant and outlook of another one, at the plan's result.
    #[must_use]
    pub(crate) fn shown_as(self, other: &Self) -> Self {
        let view = other.view.min(self.kept.views.len().saturating_sub(1));
        let variant = other.variant.min(self.kept.variants.len().saturating_sub(1));
        Self { view, variant, outlook: other.outlook, ..self }.at_its_result()
    }

    /// This copy of another case, with the same view, variant, outlook and step shown.
    #[must_use]
    pub(crate) fn continuing(self, other: &Self) -> Self {
        let Self { view, variant, outlook, step, .. } = *other;
        Self { view, variant, outlook, step, ..self }
    }

    /// The files of these views' photos, as far as they can be read.
    pub fn sources(&mut self, views: impl IntoIterator<Item = usize>) -> Vec<PhotoSource> {
        let mut sources: Vec<PhotoSource> = Vec::new();
        for view in views {
            let Some(record) = self.document().views.get(view).cloned() else { continue };
            let key = PhotoKey::of(&record);
            if self.failed.contains_key(&key) || sources.iter().any(|s| s.key == key) {
                continue;
            }
            let bytes = match self.file.photo(record.photo) {
                // An action that was just undone or redone shows it, or no longer does.
                None => continue,
                Some(Ok(bytes)) => Arc::clone(bytes),
                Some(Err(problem)) => {
                    self.failed.insert(key, problem.clone());
                    continue;
                }
            };
            sources.push(PhotoSource { key, record, bytes });
        }
        sources
    }
}
