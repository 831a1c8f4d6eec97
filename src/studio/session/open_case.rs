//! The open case, what of it is shown, and changes to it: a gesture is a draft until the pointer is let go, and then one
//! step that can be undone.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::at_hand::{AtHand, Errand};
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

/// A change that was made and is not in the file yet.
struct Unsaved {
    name: String,
    document: Arc<Document>,
}

/// How soon a file is tried again that somebody else had locked.
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// The step that follows the first fit by itself.
const FIRST_PLAN: &str = "First plan";
/// What the name of a step ends in that keeps the line's millimetres where the step before it has changed the head.
const LINE_KEPT: &str = ", line kept";
/// A line that moves by less on the skin is not worth a step, mm.
const LEAST_MOVED_MM: f64 = 0.05;

/// Whether a step belongs to the one before it, and is undone with that.
fn follows_another(step: &str) -> bool {
    step == FIRST_PLAN || step.ends_with(LINE_KEPT)
}

/// The open case.
pub struct OpenCase {
    file: AtHand,
    /// The document as it is in the file, with every change that is still to be written.
    kept: Arc<Document>,
    /// Those changes, the oldest first: the drive is slow, or somebody else has locked the file for a moment.
    unsaved: VecDeque<Unsaved>,
    /// When a locked file is tried again.
    again: Option<Instant>,
    draft: Option<Draft>,
    /// Why a gesture could not be kept that another one followed at once.
    trouble: Option<case::Error>,
    /// A gesture was given up: what is still coming of it is ignored until the pointer is up.
    ignoring: bool,
    /// Files of photos, by their numbers in the case.
    photos: HashMap<i64, Arc<Vec<u8>>>,
    failed: HashMap<PhotoKey, String>,
    /// The head, or why there is none yet.
    fit: Option<Result<Arc<HeadFit>, String>>,
    /// The head that the plans' lines were drawn on, where points have changed since.
    drawn_on: Option<Arc<HeadFit>>,
    /// The head before the gesture in progress.
    before_draft: Option<Arc<HeadFit>>,
    /// A head was fitted since the last look at whether it needs a first plan.
    fitted: bool,
    /// A plan as its treatment and hairline begin, and what that depends on.
    usual: Option<(Arc<HeadFit>, Treatment, Preset, Arc<Plan>)>,
    /// Numbers about the plan.
    pub facts: Facts,
    /// What would look wrong about it; none until it was checked.
    pub checklist: Option<Arc<Checklist>>,
    /// Index of the view on the canvas.
    pub view: usize,
    /// Index of the variant shown.
    pub variant: usize,
    /// The step shown.
    pub step: Step,
    /// How it turns out: healing differs between people.
    pub outlook: Outlook,
}

impl OpenCase {
    /// A case that was just opened: to be changed, unless somebody else has it open.
    #[must_use]
    pub fn new(file: Case) -> Self {
        let file = file.held(false).recorded_by(Recorder { station: station::name(), now: station::now });
        let kept = Arc::new(file.document().clone());
        // Photos may have come in any order; a head is looked at from the front first.
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

    /// The case as it is in its file; none while that is away, see [`OpenCase::is_away`].
    #[must_use]
    pub fn file(&self) -> Option<&Case> {
        self.file.file()
    }

    /// True while a drive has not answered yet.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.file.is_away()
    }

    /// True while a change is not in the file yet.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// True while the case must not be dropped: something is being written, or still to be.
    #[must_use]
    pub(crate) fn is_writing(&self) -> bool {
        self.is_unsaved() || self.is_away()
    }

    /// Why the case cannot be changed, to follow "since"; `None` if it can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<&str> {
        self.file.read_only_reason()
    }

    /// Who has the case open to change it, where that is somebody else.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.file.owner()
    }

    /// Whether the case is under a passphrase.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.file.is_locked()
    }

    /// What was done with the case, oldest first.
    ///
    /// # Errors
    /// Those of [`Case::trail`].
    pub(crate) fn trail(&mut self) -> Result<Vec<Entry>, case::Error> {
        self.with_file(|file| file.trail())
    }

    /// The small picture of a view, as JPEG, where one is kept and the file is at hand.
    #[must_use]
    pub(crate) fn thumbnail(&self, view: usize) -> Option<Vec<u8>> {
        self.file.file()?.thumbnail(view).ok().flatten()
    }

    /// Where the case is kept.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.file.path().clone()
    }

    /// What the case is called: its file name.
    #[must_use]
    pub fn name(&self) -> String {
        self.file.path().file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned())
    }

    /// The document as it is shown, with a gesture in progress.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        self.draft.as_ref().map_or(&self.kept, |d| &d.document)
    }

    /// True while a gesture is in progress.
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

    /// The plan shown as its treatment and hairline begin on this head; made when one of them changed.
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

    /// Shows a gesture so far: `change` is made to the document as it was before the gesture began.
    pub(crate) fn draft(&mut self, name: &str, change: impl FnOnce(&mut Document)) {
        if self.ignoring {
            return;
        }
        // A typed number becomes a gesture by the very press that begins the next one.
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

    /// The same for the plan shown.
    pub(crate) fn draft_plan(&mut self, name: &str, change: impl FnOnce(&mut Plan)) {
        let variant = self.variant;
        self.draft(name, |document| {
            if let Some(variant) = document.variants.get_mut(variant) {
                change(&mut variant.plan);
            }
        });
    }

    /// Gives the gesture up.
    pub(crate) fn abandon(&mut self) {
        self.ignoring = self.draft.take().is_some();
        // The head may be that of the gesture.
        self.fitted &= !self.ignoring;
    }

    /// The pointer is up: the gesture becomes a step. Where the drive is slow, or somebody else has locked the file for a moment,
    /// it is kept in hand and written as soon as that is possible, see [`OpenCase::is_unsaved`].
    ///
    /// # Errors
    /// Where the case cannot be written; the gesture is taken back then, with others that were still to be written.
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

    /// The same, and everything is in the file then.
    ///
    /// # Errors
    /// Those of [`OpenCase::settle`], and [`CaseError::Unsaved`] where the drive is slow, or somebody else has locked the file.
    pub(crate) fn save_now(&mut self) -> Result<(), case::Error> {
        self.settle()?;
        self.take_returned(true)?;
        self.save()?;
        if self.is_unsaved() { Err(CaseError::Unsaved { path: self.path() }.into()) } else { Ok(()) }
    }

    /// Gives up the changes that are not in the file yet.
    pub(crate) fn give_up_unsaved(&mut self) {
        self.unsaved.clear();
        self.follow();
    }

    /// Writes what is not in the file yet, as far as the drive goes along.
    fn save(&mut self) -> Result<(), case::Error> {
        self.take_returned(false)?;
        while !self.is_away() && self.again.is_none_or(|again| again <= Instant::now()) {
            let Some(next) = self.unsaved.front() else { break };
            let (name, document) = (next.name.clone(), Arc::clone(&next.document));
            self.file.send(Errand::Change, move |file| file.commit(&name, Document::clone(&document)));
            self.take_returned(true)?;
        }
        Ok(())
    }

    /// Takes over what came of what the file was sent away for.
    fn take_returned(&mut self, wait: bool) -> Result<(), case::Error> {
        let returned = if wait { self.file.returned_soon() } else { self.file.returned() };
        let Some((Errand::Change, outcome)) = returned else { return Ok(()) };
        self.again = None;
        match outcome {
            // Nothing is lost by trying again.
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
    /// Where the case cannot be written; nothing has changed then.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&mut Document)) -> Result<(), case::Error> {
        self.settle()?;
        self.draft(name, change);
        self.settle()
    }

    /// The same for the plan shown.
    ///
    /// # Errors
    /// Those of [`OpenCase::change`].
    pub(crate) fn change_plan(&mut self, name: &str, change: impl FnOnce(&mut Plan)) -> Result<(), case::Error> {
        self.settle()?;
        self.draft_plan(name, change);
        self.settle()
    }

    /// True where a head was fitted that has no plan yet.
    #[must_use]
    pub(crate) fn wants_first_plan(&self) -> bool {
        // Not in the middle of a gesture, which it would end.
        let fitted = self.fitted && !self.drafting() && self.document().variants.is_empty();
        fitted && self.fit().is_some_and(|fit| fit.is_of(&self.kept))
    }

    /// A first plan, which follows the client's own hair where that is known: it belongs to the fit, not to a step of its own.
    ///
    /// # Errors
    /// Where the case cannot be written.
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

    /// Name of the step that [`OpenCase::undo`] takes back, as the user did it.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        let last = self.unsaved.back().map(|change| change.name.as_str());
        last.or(self.file.undo_name()).map(|step| step.trim_end_matches(LINE_KEPT))
    }

    /// Name of the step that [`OpenCase::redo`] does again, as the user did it.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.file.redo_name().filter(|_| self.unsaved.is_empty()).map(|step| step.trim_end_matches(LINE_KEPT))
    }

    /// Takes back the last step; with the first plan also the step that made it possible.
    ///
    /// # Errors
    /// Those of [`Case::undo`].
    pub fn undo(&mut self) -> Result<(), case::Error> {
        let name = self.with_file(Case::undo)?;
        if name.as_deref().is_some_and(follows_another) {
            self.with_file(Case::undo)?;
        }
        // The line comes back with the head that it was drawn on.
        self.drawn_on = None;
        Ok(())
    }

    /// Does the step again that was taken back last, with the first plan that followed it.
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

    /// Does something with the case that has steps of its own, such as adding a photo or undoing.
    ///
    /// # Errors
    /// Those of `action`.
    pub(crate) fn with_file<T>(
        &mut self,
        action: impl FnOnce(&mut Case) -> Result<T, case::Error>,
    ) -> Result<T, case::Error> {
        self.settle()?;
        // Whether the drive answers is tried first, where the window need not wait for it.
        self.take_returned(true)?;
        let path = self.path();
        self.file.send(Errand::Other, move |_| {
            drop(File::open(path));
            Ok(())
        });
        self.take_returned(true)?;
        if self.is_away() || self.is_unsaved() {
            return Err(CaseError::Unsaved { path: self.path() }.into());
        }
        let result = self.file.with(action);
        let (before, fit) = (self.kept(), self.fit().cloned());
        self.follow();
        self.note_drawn_on(&before, fit);
        result
    }

    /// The case has changed: where its points have and its plans have not, lines were drawn on the head before.
    fn note_drawn_on(&mut self, before: &Document, fit: Option<Arc<HeadFit>>) {
        if self.drawn_on.is_none() && !self.kept.variants.is_empty() && self.kept.variants == before.variants {
            self.drawn_on = fit.filter(|fit| fit.is_of(before) && !fit.is_of(&self.kept));
        }
    }

    /// Once points have changed and the head is fitted to them: lines keep their millimetres, as part of that step.
    ///
    /// # Errors
    /// Where the case cannot be written.
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

    /// Takes over the document of the case, unless there are changes that are still to be written to it.
    fn follow(&mut self) {
        let Some(file) = self.file.file().filter(|_| self.unsaved.is_empty()) else { return };
        let now =
            if *self.kept == *file.document() { Arc::clone(&self.kept) } else { Arc::new(file.document().clone()) };
        self.show_kept(now);
    }

    /// Takes over a document, and keeps what is shown within it.
    fn show_kept(&mut self, document: Arc<Document>) {
        let before = self.sittings();
        self.kept = document;
        self.view = self.view.min(self.kept.views.len().saturating_sub(1));
        self.variant = self.variant.min(self.kept.variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.sittings());
    }

    /// The case as it stands, without a gesture in progress.
    #[must_use]
    pub fn kept(&self) -> Arc<Document> {
        Arc::clone(&self.kept)
    }

    /// Shows the variant or the photo in which the case differs from how it was, where that was not shown already. Says
    /// where that is; none where everything that differs was to be seen.
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

    /// Shows another variant, at the same step where it has one.
    pub(crate) fn show_variant(&mut self, variant: usize) {
        let before = self.sittings();
        self.variant = variant.min(self.document().variants.len().saturating_sub(1));
        self.step = self.step.among(before, self.sittings());
    }

    /// Keeps a small picture in the case. A failure costs comfort, not work, and is not reported.
    pub(crate) fn keep_thumbnail(&mut self, photo: PhotoKey, jpeg: &[u8]) {
        if let Some(view) = self.kept.views.iter().position(|v| PhotoKey::of(v) == photo) {
            let jpeg = jpeg.to_owned();
            self.file.send(Errand::Other, move |file| file.set_thumbnail(view, &jpeg));
            // Of this one nothing is told.
            let _ = self.take_returned(true);
        }
    }

    /// When the client comes, by the plan shown.
    #[must_use]
    pub fn sittings(&self) -> Sittings {
        self.plan().map_or_else(Sittings::default, Sittings::of)
    }

    /// The moment shown; none where no pigment is in the skin yet.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        self.step.moment(self.sittings(), self.outlook)
    }

    /// Takes over a head, or why there is none.
    pub(crate) fn take_fit(&mut self, fit: Result<Arc<HeadFit>, String>) {
        // Somebody who goes back does not want what is ahead to be replaced.
        let going_back = self.redo_name().is_some();
        self.fitted = fit.is_ok() && self.kept.variants.is_empty() && !going_back;
        self.fit = Some(fit);
    }

    /// Takes over numbers about the plan.
    pub(crate) fn take_facts(&mut self, mut facts: Facts) {
        // While something is dragged scale is not measured: the last one is good enough to work with, and is not told where it
        // is that of another head.
        if facts.scale.is_empty() && facts.variant == self.facts.variant {
            facts.scale = std::mem::take(&mut self.facts.scale);
            facts.covered = self.facts.covered;
        }
        self.facts = facts;
    }

    /// What the plan shown comes to, as the panel and the status line say it; none before it was worked out.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        self.facts.sum().filter(|_| self.facts.variant == self.variant)
    }

    /// Skin of each area of the plan shown, cm2; none while it is measured.
    #[must_use]
    pub fn areas_cm2(&self) -> Option<&[f64]> {
        let areas = self.plan()?.areas.len();
        let known = self.facts.variant == self.variant && self.facts.areas_cm2.len() == areas;
        known.then_some(self.facts.areas_cm2.as_slice())
    }

    /// Whether the scale that is known is that of the head shown.
    #[must_use]
    pub fn scale_is_measured(&self) -> bool {
        self.facts.fit.as_ref().zip(self.fit()).is_some_and(|(known, shown)| Arc::ptr_eq(known, shown))
    }

    /// Notes that a photo can be shown, or why it cannot.
    pub(crate) fn note_photo(&mut self, photo: PhotoKey, problem: Option<String>) {
        match problem {
            Some(problem) => self.failed.insert(photo, problem),
            None => self.failed.remove(&photo),
        };
    }

    /// Reads the files of all photos, which is not for the window's thread: later it finds them read.
    #[must_use]
    pub(crate) fn with_photos_read(mut self) -> Self {
        let views = 0..self.kept.views.len();
        drop(self.sources(views));
        self
    }

    /// Adds photos as one step, and shows one of them: that from the front, else the first.
    ///
    /// # Errors
    /// Those of [`Case::add_new_photos`].
    pub fn add_photos(&mut self, photos: Vec<(String, NewPhoto)>) -> Result<(), case::Error> {
        let files: Vec<Arc<Vec<u8>>> = photos.iter().map(|(_, photo)| Arc::new(photo.bytes().to_vec())).collect();
        let first = self.with_file(|file| file.add_new_photos(photos))?;
        let added = self.kept.views.iter().skip(first);
        let front = added.clone().position(|view| StandardView::of(&view.name) == Some(StandardView::Front));
        self.view = first + front.unwrap_or(0);
        self.photos.extend(added.map(|record| record.photo).zip(files));
        Ok(())
    }

    /// The same case, which was opened anew, with what another one showed of it.
    #[must_use]
    pub(crate) fn shown_as(self, other: &Self) -> Self {
        let view = other.view.min(self.kept.views.len().saturating_sub(1));
        let variant = other.variant.min(self.kept.variants.len().saturating_sub(1));
        Self { view, variant, outlook: other.outlook, ..self }.at_its_result()
    }

    /// The same shown in a copy that was made of the case.
    #[must_use]
    pub(crate) fn continued_in(&self, copy: Case) -> Self {
        let photos = self.photos.clone();
        Self { photos, view: self.view, variant: self.variant, step: self.step, ..Self::new(copy) }
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
