//! The head tool: landmarks and the outline of the scalp are clicked in any order, the fitted head lies over the photo,
//! and everything that was clicked stays a handle.

mod by_hand;
mod handles;
mod panel;
mod picture;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Context, Key, Pos2, Stroke};
use glam::{DVec2, DVec3};

use self::handles::{
    Seen, found_handles, found_outline, landmark_handles, mm_per_point, outline_handles, scale_handles,
};
use crate::case::document::{FoundRecord, PhotoKey, ViewRecord};
use crate::case::head_fit::{HeadFit, ScaleAt};
use crate::head::camera::Camera;
use crate::head::fit::Scale;
use crate::head::landmarks::Landmark;
use crate::head::standard_view::StandardView::{self, Front, LeftOblique, RightOblique, Top};
use crate::reading::contour;
use crate::reading::face::{self, Edge, Found, FoundHead};
use crate::studio::background::photo_cache::PhotoCache;
use crate::studio::background::task::{Event, Task};
use crate::studio::session::landmarks;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, Press, REACH, UNDER_LINE};
use crate::studio::view::viewport::thinned;
use crate::studio::words::sentence;

/// The hint in the status bar while no click is awaited.
const HINT: &str = "Drag points and outline rings; arrow keys nudge, Delete removes; choose a landmark on the \
                    right to place it";
/// Least distance between the two clicks of a scale, px.
const LEAST_APART_PX: f64 = 2.0;
/// A ruler's length until one is typed, mm.
const RULER_MM: f64 = 50.0;
/// Number of places on the drawn outline that can be pulled.
const PULLS: usize = 9;
/// A place this close to a point that was placed is not offered, points of the screen.
const PULLED_ALREADY: f32 = 22.0;
/// A press that moves farther than this, points of the screen, is not a click.
const PULLED: f32 = 30.0;

/// What a click in the photo places.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    Landmark(Landmark),
    Outline,
    /// Two clicks: holds the first of them, px, once it is made.
    Iris(Option<DVec2>),
    Ruler(Option<DVec2>),
}

impl Target {
    /// The first of two clicks, px.
    fn first(self) -> Option<DVec2> {
        match self {
            Self::Iris(first) | Self::Ruler(first) => first,
            Self::Landmark(_) | Self::Outline => None,
        }
    }
}

/// What has been requested to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Asked {
    #[default]
    Nothing,
    /// Whatever makes sense next.
    Next,
    Chosen(Target),
}

/// What the tool is doing, each with what is requested once that is done.
enum State {
    /// Waiting for a click, if something is requested.
    Waiting(Asked),
    /// A press is placing something.
    Placing(Placing, Asked),
    /// The drawn outline is being pulled.
    Pulling(Pull, Asked),
    /// A head is being placed over the photo by hand, and may be held by a handle.
    ByHand(Option<by_hand::Taken>, Asked),
}

impl Default for State {
    fn default() -> Self {
        Self::Waiting(Asked::Nothing)
    }
}

impl State {
    fn asked(&self) -> Asked {
        let (Self::Waiting(asked) | Self::Placing(_, asked) | Self::Pulling(_, asked) | Self::ByHand(_, asked)) = self;
        *asked
    }
}

/// A press in progress. The draft already contains what it places, so without this record something else would be next.
#[derive(Debug, Clone, Copy)]
struct Placing {
    target: Target,
    /// The last place of the pointer, and the pixel of the photo under it then.
    pointer: Pos2,
    pixel: DVec2,
}

/// The fitted head's outline in a photo, px.
struct Drawn {
    fit: Arc<HeadFit>,
    view: usize,
    scalp: Vec<Vec<DVec2>>,
    ears: Vec<Vec<DVec2>>,
}

/// How well the head fits a photo.
struct Quality {
    fit: Arc<HeadFit>,
    view: usize,
    /// Where the scale applies, mm.
    at: DVec3,
    /// Median distance of points from the head, px.
    residual_px: f64,
    scale: ScaleAt,
}

/// A place of the drawn outline that is being pulled to where the scalp really ends.
#[derive(Debug, Clone, Copy)]
struct Pull {
    /// Index of the place.
    place: usize,
    /// Index of the outline point that it has become.
    point: usize,
}

/// The result of a search in a photo.
enum Sought {
    /// Where the head ends, near a known placement.
    Edge(Edge),
    /// Where the scalp ends.
    Outline(Vec<DVec2>),
    /// The client's head, found without any point.
    Head(Box<FoundHead>),
}

/// A search, with the marks that the photo had when it began.
struct Search {
    photo: PhotoKey,
    landmarks: BTreeMap<Landmark, [f64; 2]>,
    found: Option<FoundRecord>,
    /// The undo step to which the result belongs; `None` if the search was asked for.
    part_of: Option<&'static str>,
    task: Task<Result<Sought, String>>,
}

impl Search {
    fn new(record: &ViewRecord, task: Task<Result<Sought, String>>) -> Self {
        let (landmarks, found) = (record.landmarks.clone(), record.found.clone());
        Self { photo: PhotoKey::of(record), landmarks, found, part_of: None, task }
    }

    /// Whether the photo still has the marks that it had when the search began.
    fn is_of(&self, record: &ViewRecord) -> bool {
        self.photo == PhotoKey::of(record) && self.landmarks == record.landmarks && self.found == record.found
    }
}

/// The head tool.
#[derive(Default)]
pub struct HeadTool {
    state: State,
    /// The photo that the tool was last used on.
    photo: Option<PhotoKey>,
    ruler_mm: Option<f64>,
    drawn: Option<Drawn>,
    quality: Option<Quality>,
    search: Option<Search>,
    /// Enough landmarks have just been placed: the outline is searched for once the head is fitted to them.
    outline_wanted: bool,
    /// A handle of a head placed by hand was let go: the step that it made, and how the head lies since. The edge is
    /// searched for there once the fit has followed.
    let_go: Option<(&'static str, FoundRecord)>,
    /// The message of the last search, if it found nothing.
    found: Option<String>,
    /// The photos of the case.
    pub photos: PhotoCache,
    /// Whether the head in a new photo is found automatically.
    pub finds_in_new_photos: bool,
    /// Whether a head placed by hand is fitted to the edge that is found there.
    pub snaps_to_edge: bool,
}

impl HeadTool {
    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        let (finds_in_new_photos, snaps_to_edge) = (self.finds_in_new_photos, self.snaps_to_edge);
        *self = Self { finds_in_new_photos, snaps_to_edge, ..Self::default() };
    }

    /// True while a head is being placed over the photo by hand.
    #[must_use]
    pub fn is_laying(&self) -> bool {
        matches!(self.state, State::ByHand(..))
    }

    /// Drops what is being done, in favour of what is requested from now on.
    fn ask(&mut self, asked: Asked) {
        self.state = State::Waiting(asked);
    }

    /// True while a photo is being searched.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.search.is_some()
    }

    /// What the user should do next.
    #[must_use]
    pub fn hint(&self, case: &OpenCase) -> String {
        self.prompt(case).unwrap_or_else(|| HINT.to_owned())
    }

    /// Shows the head and everything that was clicked, and takes clicks.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some(record) = overlay.case.record().cloned() else { return };
        self.follow(&record);
        self.take(overlay.case);
        // The first plan belongs with the pupils, as one undo step; the outline is the next.
        let quiet = !overlay.case.drafting() && overlay.case.plan().is_some() && self.search.is_none();
        if self.outline_wanted && quiet && searchable(overlay.case, &record) {
            self.outline_wanted = false;
            if !record.knows_outline() {
                self.search(&overlay.ui.ctx().clone(), overlay.case);
            }
        }
        self.snap(&overlay.ui.ctx().clone(), overlay.case, &record);
        let seen = overlay.seen();
        if let Some((fit, camera)) = &seen {
            self.draw_head(overlay, fit, camera);
        }
        let escape = overlay.ui.input(|i| i.key_pressed(Key::Escape));
        if let State::ByHand(_, asked) = self.state {
            self.show_by_hand(overlay, &record, seen.as_ref());
            overlay.banner(by_hand::PROMPT);
            if escape && !overlay.case.drafting() {
                self.ask(asked);
            }
            return;
        }
        self.pulls(overlay, &record, seen.as_ref());
        found_outline(overlay, &record);
        outline_handles(overlay, &record, seen.as_ref());
        found_handles(overlay, &record, seen.as_ref());
        landmark_handles(overlay, &record, seen.as_ref());
        scale_handles(overlay, &record);
        if escape && !overlay.case.drafting() {
            self.ask(Asked::Nothing);
        }
        let press = overlay.press();
        if let (State::Placing(_, asked), None) = (&self.state, &press) {
            self.state = State::Waiting(*asked);
        }
        if let Some(target) = self.target(&record) {
            if overlay.response.hovered() {
                overlay.ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
            }
            if let Some(press) = press {
                self.place(overlay, &record, target, press);
            }
            if let Some(first) = self.target(&record).and_then(Target::first) {
                let at = overlay.viewport.screen_from_photo(first);
                let to = overlay.response.hover_pos().unwrap_or(at);
                overlay.segment(at, to);
            }
        }
        if let Some(prompt) = self.prompt(overlay.case) {
            overlay.banner(&prompt);
        }
    }

    /// If another photo is on the canvas, drops what was requested in the previous one.
    fn follow(&mut self, record: &ViewRecord) {
        if self.photo != Some(PhotoKey::of(record)) {
            self.photo = Some(PhotoKey::of(record));
            self.ask(Asked::Nothing);
            (self.found, self.outline_wanted, self.let_go) = (None, false, None);
        }
        if matches!(self.state, State::Waiting(Asked::Nothing)) && !record.has_enough_points() {
            self.ask(Asked::Next);
        }
    }

    /// What the press in progress or the next click places.
    fn target(&self, record: &ViewRecord) -> Option<Target> {
        let asked = match &self.state {
            State::Placing(placing, _) => return Some(placing.target),
            State::ByHand(..) => return None,
            State::Waiting(asked) | State::Pulling(_, asked) => *asked,
        };
        match asked {
            Asked::Nothing => None,
            Asked::Chosen(target) => Some(target),
            Asked::Next => match landmarks::next(record) {
                Some(landmark) => Some(Target::Landmark(landmark)),
                None => (!record.has_enough_points()).then_some(Target::Outline),
            },
        }
    }

    /// What to click, in a sentence.
    fn prompt(&self, case: &OpenCase) -> Option<String> {
        let record = case.record()?;
        let text = match self.target(record)? {
            Target::Landmark(landmark) => {
                let name = landmarks::short(landmark);
                let side = if landmark.mirrored() == landmark { "" } else { aside(&record.name, landmark) };
                let why = match case.camera() {
                    Some(_) if record.landmarks.len() == 2 => {
                        "The head is fitted; more points improve the fit. ".into()
                    }
                    Some(_) => String::new(),
                    None => how_to_add(case, record),
                };
                format!("{why}Click: {name}{side}")
            }
            Target::Outline => {
                let why = if record.has_enough_points() { String::new() } else { how_to_add(case, record) };
                format!("{why}Click along the edge of the scalp, where skin meets the background")
            }
            Target::Iris(None) => "Click one edge of an iris, the coloured ring of an eye".to_owned(),
            Target::Iris(Some(_)) => "Click the opposite edge of the same iris".to_owned(),
            Target::Ruler(None) => "Click one end of the ruler or sticker on the skin".to_owned(),
            Target::Ruler(Some(_)) => "Click its other end".to_owned(),
        };
        Some(text)
    }

    /// Takes over the result of a search.
    fn take(&mut self, case: &mut OpenCase) {
        let Some(search) = &self.search else { return };
        // It must not be mixed up with a gesture in progress, and the first plan belongs to the head as it was clicked.
        if case.drafting() || case.wants_first_plan() {
            return;
        }
        let news = search.task.event();
        let wanted = case.record().is_some_and(|record| search.is_of(record));
        match news {
            Event::Pending => return,
            Event::Done(Ok(Sought::Edge(edge))) if wanted && !edge.is_empty() => {
                if search.part_of.is_some_and(|step| case.undo_name() == Some(step)) {
                    case.snap(&edge);
                } else {
                    let view = case.view;
                    case.draft("Find edge of the head", |document| document.set_edge(view, &edge));
                }
                self.found = None;
            }
            Event::Done(Ok(Sought::Edge(_))) if wanted && search.part_of.is_some() => {
                let why = "No edge to snap to was found there: the head lies as you placed it.";
                self.found = Some(why.to_owned());
            }
            Event::Done(Ok(Sought::Head(head))) if wanted => {
                let view = case.view;
                case.draft("Find head", |document| document.set_found(view, &head));
                self.found = None;
            }
            Event::Done(Ok(Sought::Outline(outline))) if wanted && !outline.is_empty() => {
                let view = case.view;
                case.draft("Find outline", |document| document.set_outline(view, &outline));
                self.found = None;
            }
            Event::Done(Ok(Sought::Outline(_) | Sought::Edge(_))) if wanted => {
                let why = "The edge of the scalp cannot be told from the background here: click points along it.";
                self.found = Some(why.to_owned());
            }
            Event::Done(Ok(_)) => {}
            Event::Done(Err(problem)) => self.found = Some(problem),
            Event::Lost => self.found = Some("The search was interrupted; try again.".to_owned()),
        }
        self.search = None;
    }

    /// Searches for the head in the photo on the canvas, on a thread of its own.
    fn search_head(&mut self, ctx: &Context, case: &mut OpenCase) {
        let Some(source) = case.sources([case.view]).pop() else { return };
        let (marked, photos) = (source.record.clone(), self.photos.clone());
        let task = Task::start(ctx, "head", move |_| match face::find(photos.get(&source)?.photo()) {
            Ok(Found::Head(head)) => Ok(Sought::Head(head)),
            Ok(Found::Nobody) => {
                Err("No face was found in this photo: place the head by hand, or click points.".to_owned())
            }
            Ok(Found::Several(faces)) => Err(format!(
                "The photo shows {faces} faces, none of them clearly the client's: click points of the head."
            )),
            Err(problem) => Err(sentence(problem)),
        });
        (self.search, self.found) = (Some(Search::new(&marked, task)), None);
    }

    /// Searches for the edge of the head as placed over the photo on the canvas, on a thread of its own.
    fn search_edge(&mut self, ctx: &Context, case: &mut OpenCase) {
        let (Some(fit), Some(camera)) = (case.fit().cloned(), case.camera().copied()) else { return };
        let Some(source) = case.sources([case.view]).pop() else { return };
        let (marked, photos) = (source.record.clone(), self.photos.clone());
        let task = Task::start(ctx, "edge", move |_| {
            let edge = face::edge(photos.get(&source)?.photo(), fit.head(), &camera);
            edge.map(Sought::Edge).map_err(sentence)
        });
        (self.search, self.found) = (Some(Search::new(&marked, task)), None);
    }

    /// Once the head lies as a handle left it, searches for the edge there.
    fn snap(&mut self, ctx: &Context, case: &mut OpenCase, record: &ViewRecord) {
        let quiet = !case.drafting() && !case.wants_first_plan() && self.search.is_none();
        let fitted = case.fit().is_some_and(|fit| fit.is_of(case.document()));
        let Some((step, laid)) = self.let_go.take_if(|_| quiet && fitted) else { return };
        // Unless something else has been done with it since.
        if self.snaps_to_edge && record.found.as_ref() == Some(&laid) {
            self.search_edge(ctx, case);
            if let Some(search) = &mut self.search {
                search.part_of = Some(step);
            }
        }
    }

    /// Searches for the outline in the photo on the canvas, on a thread of its own.
    fn search(&mut self, ctx: &Context, case: &mut OpenCase) {
        let Some(record) = case.record().cloned() else { return };
        let (fit, view) = (case.fit().cloned(), case.view);
        // Where this photo does not show the forehead, the one that does provides the colour of skin.
        let seen = fit.as_ref().map_or_else(Vec::new, |fit| fit.views(case.document()));
        let forehead = fit.as_ref().and_then(|fit| fit.forehead(case.document())).map(|view| view.index);
        let Some(source) = case.sources([view]).pop() else { return };
        let other = forehead.filter(|other| *other != view).and_then(|other| case.sources([other]).pop());
        let marked = source.record.clone();
        let photos = self.photos.clone();
        let task = Task::start(ctx, "outline", move |_| {
            if let Some([right, left]) = front_pupils(&record) {
                let outline = contour::find(photos.get(&source)?.photo(), DVec2::from(right), DVec2::from(left));
                return Ok(Sought::Outline(outline));
            }
            let Some(fit) = fit else { return Ok(Sought::Outline(Vec::new())) };
            let this = seen.iter().filter(|seen| seen.index == view).copied();
            let found = contour::find_near(fit.head(), &seen, this, |wanted| -> Result<_, String> {
                let source = other.as_ref().filter(|_| wanted != view).unwrap_or(&source);
                Ok(photos.get(source)?.photo().clone())
            })?;
            Ok(Sought::Outline(found.into_iter().flat_map(|(_, outline)| outline).collect()))
        });
        self.search = Some(Search::new(&marked, task));
    }

    fn place(&mut self, overlay: &mut Overlay, record: &ViewRecord, target: Target, press: Press) {
        let view = overlay.case.view;
        let Some([from, mut to]) = overlay.on_photo(record, [press.from, press.to]) else { return };
        // Panels may appear as a result of a click and move the photo; the point is placed where the button was
        // pressed.
        if let State::Placing(still, _) = &self.state
            && still.pointer == press.to
        {
            to = still.pixel;
        }
        // Someone who drags over nothing has missed a ring or a point, and does not want a new one.
        let pulled = (press.to - press.from).length() > PULLED;
        if pulled && matches!(target, Target::Landmark(_) | Target::Outline) {
            overlay.case.abandon();
            return self.ask(self.state.asked());
        }
        let asked = match target {
            // Continues until Escape, even if the photo needs no more points.
            Target::Outline => Asked::Chosen(target),
            _ => self.state.asked(),
        };
        self.state = match press.released {
            true => State::Waiting(asked),
            false => State::Placing(Placing { target, pointer: press.to, pixel: to }, asked),
        };
        match target {
            Target::Landmark(landmark) => {
                let name = format!("Place {}", landmarks::short(landmark));
                overlay.case.draft(&name, |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.landmarks.insert(landmark, to.to_array());
                    }
                });
                // Not if the gesture was cancelled.
                if press.released && overlay.case.drafting() {
                    self.ask(Asked::Next);
                    let pupil = matches!(landmark, Landmark::PupilRight | Landmark::PupilLeft);
                    self.outline_wanted |= pupil || !is_front(&record.name);
                }
            }
            Target::Outline => overlay.case.draft("Add outline point", |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.outline.push(to.to_array());
                }
            }),
            Target::Iris(first) | Target::Ruler(first) => {
                // Two clicks, or one drag from end to end.
                let dragged = (press.to - press.from).length() > REACH;
                let first = if dragged { Some(from) } else { first };
                if dragged {
                    overlay.segment(press.from, press.to);
                }
                let is_iris = matches!(target, Target::Iris(_));
                match first {
                    _ if !press.released => {}
                    None if is_iris => self.ask(Asked::Chosen(Target::Iris(Some(to)))),
                    None => self.ask(Asked::Chosen(Target::Ruler(Some(to)))),
                    Some(first) if first.distance(to) < LEAST_APART_PX => {}
                    Some(first) => {
                        let (view, ends_px) = (record.name.clone(), [first, to]);
                        let scale = match is_iris {
                            true => Scale::Iris { view, edge_px: ends_px },
                            false => Scale::Ruler { view, ends_px, length_mm: self.ruler_mm.unwrap_or(RULER_MM) },
                        };
                        overlay.case.draft(scale_step(&scale), |document| document.set_scale(&scale));
                        self.ask(Asked::Nothing);
                    }
                }
            }
        }
    }

    /// Draws the fitted head over the photo, to show how well it fits.
    fn draw_head(&mut self, overlay: &Overlay, fit: &Arc<HeadFit>, camera: &Camera) {
        let view = overlay.case.view;
        if self.drawn.as_ref().is_none_or(|d| d.view != view || !Arc::ptr_eq(&d.fit, fit)) {
            let outline = fit.head().outline(camera);
            let scalp = outline.scalp.iter();
            let scalp = scalp.map(|run| run.iter().filter_map(|p| camera.image_from_head(p.position)).collect());
            let ears = outline.ears.iter();
            let ears = ears.map(|run| run.iter().filter_map(|&p| camera.image_from_head(p)).collect());
            self.drawn = Some(Drawn { fit: Arc::clone(fit), view, scalp: scalp.collect(), ears: ears.collect() });
        }
        let Some(drawn) = &self.drawn else { return };
        let on_screen = |run: &Vec<DVec2>| thinned(run.iter().map(|&p| overlay.viewport.screen_from_photo(p)));
        for run in &drawn.ears {
            overlay.painter.line(on_screen(run), Stroke::new(1.0, LINE.gamma_multiply(0.6)));
        }
        for run in &drawn.scalp {
            let line = on_screen(run);
            overlay.painter.line(line.clone(), Stroke::new(3.5, UNDER_LINE));
            overlay.painter.line(line, Stroke::new(1.5, LINE));
        }
    }

    /// Places along the drawn outline, to be pulled to where the scalp really ends: each becomes a point of the
    /// outline.
    fn pulls(&mut self, overlay: &mut Overlay, record: &ViewRecord, seen: Option<&Seen>) {
        let view = overlay.case.view;
        // While points are being added, every click adds one.
        let adding = self.target(record) == Some(Target::Outline);
        let places = match &self.drawn {
            Some(drawn) if !adding && seen.is_some() && drawn.view == view => drawn
                .scalp
                .iter()
                .max_by_key(|run| run.len())
                .map(|run| contour::evenly_spaced(run, PULLS))
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let on_screen = |pixel: DVec2| overlay.viewport.screen_from_photo(pixel);
        let placed: Vec<Pos2> = record.outline.iter().map(|&pixel| on_screen(DVec2::from(pixel))).collect();
        let mm_per_point = mm_per_point(overlay, seen);
        let pulled = match self.state {
            State::Pulling(pull, asked) => {
                self.ask(asked);
                Some(pull)
            }
            _ => None,
        };
        for (place, pixel) in places.into_iter().enumerate() {
            let pull = pulled.filter(|pull| pull.place == place && pull.point < placed.len());
            let at = match pull {
                Some(pull) => placed[pull.point],
                None => overlay.viewport.screen_from_photo(pixel),
            };
            let taken = placed.iter().any(|point| point.distance(at) < PULLED_ALREADY);
            let within = pixel.cmpge(DVec2::ZERO).all()
                && pixel.x < f64::from(record.width_px)
                && pixel.y < f64::from(record.height_px);
            if pull.is_none() && (taken || !within) {
                continue;
            }
            let handle =
                overlay.offer(("pull", record.photo, place), &format!("Pull the outline, place {}", place + 1), at);
            let to = overlay.moved(&handle, at, mm_per_point).map(|to| overlay.clamped(record, to).to_array());
            let point = pull.map_or(record.outline.len(), |pull| pull.point);
            if let Some(to) = to {
                overlay.case.draft("Pull outline", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        match record.outline.get_mut(point) {
                            Some(known) => *known = to,
                            None => record.outline.push(to),
                        }
                    }
                });
            }
            if handle.dragged() {
                // Not if the gesture was cancelled.
                if overlay.case.record().is_some_and(|record| point < record.outline.len()) {
                    self.state = State::Pulling(Pull { place, point }, self.state.asked());
                }
            } else if to.is_some() {
                // The arrow keys continue with the point.
                overlay.focus(("outline", record.photo, point));
            }
        }
    }

    /// How well the head fits the photo on the canvas.
    fn quality(&mut self, case: &OpenCase) -> Option<&Quality> {
        let fit = case.fit()?;
        let view = case.view;
        let head = fit.head();
        // The same place as in the status bar.
        let at = case.plan().map_or_else(|| head.glabella(), |plan| plan.hairline.mid_frontal(head)).position;
        if self.quality.as_ref().is_none_or(|q| q.view != view || q.at != at || !Arc::ptr_eq(&q.fit, fit)) {
            let scale = fit.scale_at(view, at)?;
            let residual_px = fit.index(view).and_then(|i| fit.fit.residual_px.get(i)).copied()?;
            self.quality = Some(Quality { fit: Arc::clone(fit), view, at, residual_px, scale });
        }
        self.quality.as_ref()
    }
}

/// Which one of a pair is meant, where a photo may be confusing: a photo shows the client's right on its left.
fn aside(view: &str, landmark: Landmark) -> &'static str {
    let right = matches!(landmark, Landmark::PupilRight | Landmark::CanthusRight | Landmark::TragusRight);
    match (StandardView::of(view), right) {
        (Some(Front | LeftOblique | RightOblique | Top), true) => " (the client's right, on the left of the photo)",
        (Some(Front | LeftOblique | RightOblique | Top), false) => " (the client's left, on the right of the photo)",
        (_, true) => " (the client's right)",
        (_, false) => " (the client's left)",
    }
}

/// Both pupils of a front photo: the forehead must lie above them, whatever else is known.
fn front_pupils(record: &ViewRecord) -> Option<[[f64; 2]; 2]> {
    let pupils = [Landmark::PupilRight, Landmark::PupilLeft].map(|pupil| record.landmarks.get(&pupil).copied());
    match pupils {
        [Some(right), Some(left)] if is_front(&record.name) => Some([right, left]),
        _ => None,
    }
}

fn is_front(view: &str) -> bool {
    StandardView::of(view) == Some(Front)
}

/// Whether it is roughly known where the outline in the photo on the canvas must be.
fn searchable(case: &OpenCase, record: &ViewRecord) -> bool {
    front_pupils(record).is_some() || case.camera().is_some()
}

fn scale_step(scale: &Scale) -> &'static str {
    match scale {
        Scale::AveragePupils => "Scale from average pupil distance",
        Scale::MeasuredPupils { .. } => "Scale from measured pupil distance",
        Scale::Iris { .. } => "Scale from iris",
        Scale::Ruler { .. } => "Scale from ruler",
    }
}

/// What adds a photo to the head, as a sentence before what is to be clicked next.
fn how_to_add(case: &OpenCase, record: &ViewRecord) -> String {
    let purpose = if case.fit().is_some() { "To add this photo" } else { "To fit the head" };
    format!("{purpose}, {}. ", case.how_to_add(record))
}

/// The message for a photo without points while another tool is at hand.
#[must_use]
pub fn not_part_of_the_head(case: &OpenCase) -> Option<String> {
    let record = case.record().filter(|record| case.fit().is_some() && !record.has_enough_points())?;
    Some(format!("This photo is not part of the head yet. Press F, then {}", case.how_to_add(record)))
}
