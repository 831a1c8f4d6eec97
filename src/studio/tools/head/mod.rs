//! The head tool: landmarks and the outline of the scalp are clicked in any order, the fitted head lies over the photo,
//! and everything that was clicked stays a handle.

mod panel;
mod picture;
pub mod points;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Align2, Color32, Context, FontId, Key, Pos2, Rect, Stroke, vec2};
use glam::{DVec2, DVec3};

use super::{Easel, LINE, Press, REACH, UNDER_LINE};
use crate::case::decode_view;
use crate::case::document::ViewRecord;
use crate::case::head_fit::{HeadFit, ScaleAt};
use crate::head::camera::Camera;
use crate::head::fit::Scale;
use crate::head::landmarks::Landmark;
use crate::photo::Limits;
use crate::reading::{contour, views};
use crate::studio::desk::Desk;
use crate::studio::engine::PhotoSource;
use crate::studio::errand::{Errand, News};
use crate::studio::frame::thinned;
use crate::studio::shots::PhotoKey;
use points::Side;

/// What the status bar says while nothing is waiting for a click.
const HINT: &str = "Drag points, pull rings of the outline; arrow keys nudge, Delete removes; choose a landmark on the \
                    right to place it";
/// Two clicks of a scale are at least this far apart, px.
const LEAST_APART_PX: f64 = 2.0;
/// A ruler's length before one is typed, mm.
const RULER_MM: f64 = 50.0;
/// Places of the drawn outline that can be pulled.
const PULLS: usize = 9;
/// A place is not offered this near to a point that was placed, points of the screen.
const PULLED_ALREADY: f32 = 22.0;
/// A press that moves further than this, points of the screen, is no click.
const PULLED: f32 = 30.0;
/// How far an arrow key moves a point where no head says what a millimetre is, px of the photo.
const NUDGE_PX: f64 = 1.0;

/// What the next click in the photo places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Landmark(Landmark),
    Outline,
    Iris,
    Ruler,
}

/// What was asked to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Armed {
    #[default]
    Nothing,
    /// Whatever is sensible next.
    Next,
    Chosen(Target),
}

/// A press in progress.
#[derive(Debug, Clone, Copy)]
struct Placing {
    target: Target,
    /// Where the pointer was last, and which pixel of the photo was under it then.
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
    /// Where the scale holds, mm.
    at: DVec3,
    /// Median distance of points from the head, px.
    residual_px: f64,
    scale: ScaleAt,
}

/// A place of the drawn outline that is being pulled to where the scalp really ends.
#[derive(Debug, Clone, Copy)]
struct Pull {
    /// Which of the places.
    place: usize,
    /// The outline point that it has become.
    point: usize,
}

/// A search for the outline, of a photo as it was marked then.
struct Search {
    photo: PhotoKey,
    landmarks: BTreeMap<Landmark, [f64; 2]>,
    errand: Errand<Result<Vec<DVec2>, String>>,
}

/// The head tool.
#[derive(Default)]
pub struct HeadTool {
    armed: Armed,
    /// What the press in progress places: the draft already has it, so that something else would be next.
    placing: Option<Placing>,
    /// The photo that the tool was last used on.
    photo: Option<PhotoKey>,
    /// The first of the two clicks of a scale, px.
    first: Option<DVec2>,
    ruler_mm: Option<f64>,
    drawn: Option<Drawn>,
    quality: Option<Quality>,
    pull: Option<Pull>,
    search: Option<Search>,
    /// Landmarks that may do have just been placed: the outline is looked for once the head is fitted to them.
    outline_wanted: bool,
    /// What the last search said where it found nothing.
    found: Option<String>,
    /// What photos may be.
    pub limits: Limits,
}

impl HeadTool {
    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        *self = Self { limits: self.limits, ..Self::default() };
    }

    /// True while the outline is searched for.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.search.is_some()
    }

    /// What the user is to do next.
    #[must_use]
    pub fn hint(&self, desk: &Desk) -> String {
        self.prompt(desk).unwrap_or_else(|| HINT.to_owned())
    }

    /// Shows the head and everything that was clicked, and takes clicks.
    pub fn show(&mut self, easel: &mut Easel) {
        let Some(record) = easel.desk.record().cloned() else { return };
        self.follow(&record);
        self.hear(easel.desk);
        // The first plan belongs to the pupils, as one step; the outline is the next.
        let quiet = !easel.desk.drafting() && easel.desk.plan().is_some() && self.search.is_none();
        if self.outline_wanted && quiet && searchable(easel.desk, &record) {
            self.outline_wanted = false;
            if record.outline.is_empty() {
                self.search(&easel.ui.ctx().clone(), easel.desk);
            }
        }
        let seen = easel.seen();
        if let Some((fit, camera)) = &seen {
            self.draw_head(easel, fit, camera);
        }
        // Where points are added, every click adds one.
        if self.target(&record) != Some(Target::Outline) {
            self.pulls(easel, &record, seen.as_ref());
        }
        outline_handles(easel, &record, seen.as_ref());
        landmark_handles(easel, &record, seen.as_ref());
        scale_handles(easel, &record);
        let escape = easel.ui.input(|i| i.key_pressed(Key::Escape));
        if escape && !easel.desk.drafting() {
            (self.armed, self.first) = (Armed::Nothing, None);
        }
        let press = easel.press();
        if press.is_none() {
            self.placing = None;
        }
        if let Some(target) = self.target(&record) {
            if easel.response.hovered() {
                easel.ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
            }
            if let Some(press) = press {
                self.place(easel, &record, target, press);
            }
            if let Some(first) = self.first {
                let at = easel.frame.screen_from_photo(first);
                let to = easel.response.hover_pos().unwrap_or(at);
                easel.segment(at, to);
            }
        }
        if let Some(prompt) = self.prompt(easel.desk) {
            easel.banner(&prompt);
        }
    }

    /// Another photo is on the canvas: what was armed belongs to the one before.
    fn follow(&mut self, record: &ViewRecord) {
        if self.photo != Some(PhotoKey::of(record)) {
            self.photo = Some(PhotoKey::of(record));
            (self.armed, self.first, self.found) = (Armed::Nothing, None, None);
            (self.placing, self.outline_wanted) = (None, false);
        }
        if self.armed == Armed::Nothing && !points::enough(record) {
            self.armed = Armed::Next;
        }
    }

    /// What the next click places.
    fn target(&self, record: &ViewRecord) -> Option<Target> {
        match self.armed {
            _ if self.placing.is_some() => self.placing.map(|p| p.target),
            Armed::Nothing => None,
            Armed::Chosen(target) => Some(target),
            Armed::Next => match points::next(record) {
                Some(landmark) => Some(Target::Landmark(landmark)),
                None => (!points::enough(record)).then_some(Target::Outline),
            },
        }
    }

    /// What to click, in a sentence.
    fn prompt(&self, desk: &Desk) -> Option<String> {
        let record = desk.record()?;
        let text = match self.target(record)? {
            Target::Landmark(landmark) => {
                let name = points::short(landmark);
                let side = if landmark.mirrored() == landmark { "" } else { aside(&record.name, landmark) };
                let others = desk.document().views.iter().filter(|v| points::enough(v)).count();
                let fitted = desk.camera().is_some();
                let why = match (fitted, others) {
                    (true, _) if record.landmarks.len() == 2 => "The head is fitted; more points make it better. ",
                    (true, _) => "",
                    (false, 0) => "Two clicks fit the head. ",
                    // From behind there is not more to be seen.
                    (false, _) if points::listed(record).len() < 2 => {
                        "This photo is added by this point and three on the edge of the scalp. "
                    }
                    (false, _) => "Click two landmarks in this photo to add it. ",
                };
                format!("{why}Click: {name}{side}")
            }
            Target::Outline => match points::outline_missing(record) {
                0 => "Click along the edge of the scalp, where skin meets the background".to_owned(),
                n => {
                    format!("Click the edge of the scalp, where skin meets the background: {n} more to add this photo")
                }
            },
            Target::Iris if self.first.is_none() => "Click one edge of an iris, the coloured ring of an eye".to_owned(),
            Target::Iris => "Click the opposite edge of the same iris".to_owned(),
            Target::Ruler if self.first.is_none() => "Click one end of the ruler or sticker on the skin".to_owned(),
            Target::Ruler => "Click its other end".to_owned(),
        };
        Some(text)
    }

    /// Takes over an outline that was found.
    fn hear(&mut self, desk: &mut Desk) {
        let Some(search) = &self.search else { return };
        // A gesture in progress must not be mixed up with it, and the first plan belongs to the head as it was clicked.
        if desk.drafting() || desk.wants_first_plan() {
            return;
        }
        let news = search.errand.news();
        let wanted = desk.record().is_some_and(|r| search.photo == PhotoKey::of(r) && search.landmarks == r.landmarks);
        match news {
            News::Waiting => return,
            News::Done(Ok(outline)) if wanted && !outline.is_empty() => {
                let view = desk.view;
                desk.draft("Find outline", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.outline = outline.iter().map(|p| p.to_array()).collect();
                    }
                });
                self.found = None;
            }
            News::Done(Ok(_)) if wanted => {
                let why = "The edge of the scalp cannot be told from the background here: click points along it.";
                self.found = Some(why.to_owned());
            }
            News::Done(Ok(_)) => {}
            News::Done(Err(problem)) => self.found = Some(problem),
            News::Lost => self.found = Some("The search broke off; try again.".to_owned()),
        }
        self.search = None;
    }

    /// Looks for the outline in the photo on the canvas, on a thread of its own.
    fn search(&mut self, ctx: &Context, desk: &mut Desk) {
        let Some(record) = desk.record().cloned() else { return };
        let (fit, view) = (desk.fit().cloned(), desk.view);
        // The photo that shows the forehead says what skin looks like where this one does not.
        let seen = fit.as_ref().map_or_else(Vec::new, |fit| fit.views(desk.document()));
        let forehead = fit.as_ref().and_then(|fit| views::of_forehead(fit.head(), &seen)).map(|view| view.index);
        let Some(source) = desk.sources([view]).pop() else { return };
        let other = forehead.filter(|other| *other != view).and_then(|other| desk.sources([other]).pop());
        let (photo, landmarks) = (source.key, record.landmarks.clone());
        let limits = self.limits;
        let errand = Errand::send(ctx, "outline", move || {
            let decoded = |source: &PhotoSource| {
                decode_view(&source.bytes, &source.record, &limits).map_err(|problem| problem.to_string())
            };
            if let Some([right, left]) = front_pupils(&record) {
                return Ok(contour::find(&decoded(&source)?, DVec2::from(right), DVec2::from(left)));
            }
            let Some(fit) = fit else { return Ok(Vec::new()) };
            let this = seen.iter().filter(|seen| seen.index == view).copied();
            let found = contour::find_near(fit.head(), &seen, this, |wanted| match &other {
                Some(other) if wanted != view => decoded(other),
                _ => decoded(&source),
            })?;
            Ok(found.into_iter().flat_map(|(_, outline)| outline).collect())
        });
        self.search = Some(Search { photo, landmarks, errand });
    }

    fn place(&mut self, easel: &mut Easel, record: &ViewRecord, target: Target, press: Press) {
        let view = easel.desk.view;
        let Some([from, mut to]) = easel.on_photo(record, [press.from, press.to]) else { return };
        // Panels may appear with what a click brings about, and move the photo: the place is the one that was pressed.
        if let Some(still) = self.placing.filter(|p| p.pointer == press.to) {
            to = still.pixel;
        }
        // Whoever pulls at nothing has missed a ring or a point, and does not want another one.
        let pulled = (press.to - press.from).length() > PULLED;
        if pulled && matches!(target, Target::Landmark(_) | Target::Outline) {
            easel.desk.abandon();
            self.placing = None;
            return;
        }
        self.placing = (!press.released).then_some(Placing { target, pointer: press.to, pixel: to });
        match target {
            Target::Landmark(landmark) => {
                let name = format!("Place {}", points::short(landmark));
                easel.desk.draft(&name, |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.landmarks.insert(landmark, to.to_array());
                    }
                });
                // Not where the gesture was given up.
                if press.released && easel.desk.drafting() {
                    self.armed = Armed::Next;
                    let pupil = matches!(landmark, Landmark::PupilRight | Landmark::PupilLeft);
                    self.outline_wanted |= pupil || Side::of(&record.name) != Side::Front;
                }
            }
            Target::Outline => {
                // Goes on until Escape, also where the photo needs no more.
                self.armed = Armed::Chosen(Target::Outline);
                easel.desk.draft("Add outline point", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        record.outline.push(to.to_array());
                    }
                });
            }
            Target::Iris | Target::Ruler => {
                // Two clicks, or one drag from end to end.
                let dragged = (press.to - press.from).length() > REACH;
                let first = if dragged { Some(from) } else { self.first };
                if dragged {
                    easel.segment(press.from, press.to);
                }
                match first {
                    _ if !press.released => {}
                    None => self.first = Some(to),
                    Some(first) if first.distance(to) < LEAST_APART_PX => {}
                    Some(first) => {
                        let scale = self.scale(target, &record.name, [first, to]);
                        easel.desk.draft(scale_step(&scale), |document| document.set_scale(&scale));
                        (self.armed, self.first) = (Armed::Nothing, None);
                    }
                }
            }
        }
    }

    fn scale(&self, target: Target, view: &str, ends_px: [DVec2; 2]) -> Scale {
        let view = view.to_owned();
        match target {
            Target::Ruler => Scale::Ruler { view, ends_px, length_mm: self.ruler_mm.unwrap_or(RULER_MM) },
            _ => Scale::Iris { view, edge_px: ends_px },
        }
    }

    /// The fitted head over the photo, so that one sees how well it fits.
    fn draw_head(&mut self, easel: &Easel, fit: &Arc<HeadFit>, camera: &Camera) {
        let view = easel.desk.view;
        if self.drawn.as_ref().is_none_or(|d| d.view != view || !Arc::ptr_eq(&d.fit, fit)) {
            let outline = fit.head().outline(camera);
            let scalp = outline.scalp.iter();
            let scalp = scalp.map(|run| run.iter().filter_map(|p| camera.image_from_head(p.position)).collect());
            let ears = outline.ears.iter();
            let ears = ears.map(|run| run.iter().filter_map(|&p| camera.image_from_head(p)).collect());
            self.drawn = Some(Drawn { fit: Arc::clone(fit), view, scalp: scalp.collect(), ears: ears.collect() });
        }
        let Some(drawn) = &self.drawn else { return };
        let on_screen = |run: &Vec<DVec2>| thinned(run.iter().map(|&p| easel.frame.screen_from_photo(p)));
        for run in &drawn.ears {
            easel.painter.line(on_screen(run), Stroke::new(1.0, LINE.gamma_multiply(0.6)));
        }
        for run in &drawn.scalp {
            let line = on_screen(run);
            easel.painter.line(line.clone(), Stroke::new(3.5, UNDER_LINE));
            easel.painter.line(line, Stroke::new(1.5, LINE));
        }
    }

    /// Places along the drawn outline, to be pulled to where the scalp really ends: each becomes a point of the outline.
    fn pulls(&mut self, easel: &mut Easel, record: &ViewRecord, seen: Option<&Seen>) {
        let view = easel.desk.view;
        let places = match &self.drawn {
            Some(drawn) if seen.is_some() && drawn.view == view => drawn
                .scalp
                .iter()
                .max_by_key(|run| run.len())
                .map(|run| contour::evenly(run, PULLS))
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let on_screen = |pixel: DVec2| easel.frame.screen_from_photo(pixel);
        let placed: Vec<Pos2> = record.outline.iter().map(|&pixel| on_screen(DVec2::from(pixel))).collect();
        let mm_per_point = mm_per_point(easel, seen);
        let pulled = self.pull.take();
        for (place, pixel) in places.into_iter().enumerate() {
            let pull = pulled.filter(|pull| pull.place == place && pull.point < placed.len());
            let at = match pull {
                Some(pull) => placed[pull.point],
                None => easel.frame.screen_from_photo(pixel),
            };
            let taken = placed.iter().any(|point| point.distance(at) < PULLED_ALREADY);
            let within = pixel.cmpge(DVec2::ZERO).all()
                && pixel.x < f64::from(record.width_px)
                && pixel.y < f64::from(record.height_px);
            if pull.is_none() && (taken || !within) {
                continue;
            }
            let handle =
                easel.offer(("pull", record.photo, place), &format!("Pull the outline, place {}", place + 1), at);
            let to = easel.moved(&handle, at, mm_per_point).map(|to| easel.clamped(record, to).to_array());
            let point = pull.map_or(record.outline.len(), |pull| pull.point);
            if let Some(to) = to {
                easel.desk.draft("Pull outline", |document| {
                    if let Some(record) = document.views.get_mut(view) {
                        match record.outline.get_mut(point) {
                            Some(known) => *known = to,
                            None => record.outline.push(to),
                        }
                    }
                });
            }
            if handle.dragged() {
                // Not where the gesture was given up.
                let kept = easel.desk.record().is_some_and(|record| point < record.outline.len());
                self.pull = kept.then_some(Pull { place, point });
            } else if to.is_some() {
                // The arrow keys go on with the point.
                easel.focus(("outline", record.photo, point));
            }
        }
    }

    /// How well the head fits the photo on the canvas.
    fn quality(&mut self, desk: &Desk) -> Option<&Quality> {
        let fit = desk.fit()?;
        let view = desk.view;
        let head = fit.head();
        // Where the status bar speaks of, too.
        let at = desk.plan().map_or_else(|| head.glabella(), |plan| plan.hairline.mid_frontal(head)).position;
        if self.quality.as_ref().is_none_or(|q| q.view != view || q.at != at || !Arc::ptr_eq(&q.fit, fit)) {
            let scale = fit.scale_at(view, at)?;
            let residual_px = fit.index(view).and_then(|i| fit.fit.residual_px.get(i)).copied()?;
            self.quality = Some(Quality { fit: Arc::clone(fit), view, at, residual_px, scale });
        }
        self.quality.as_ref()
    }
}

/// Which of a pair is meant, where a photo may confuse: a photo shows the client's right on its left.
fn aside(view: &str, landmark: Landmark) -> &'static str {
    let right = matches!(landmark, Landmark::PupilRight | Landmark::CanthusRight | Landmark::TragusRight);
    match (Side::of(view), right) {
        (Side::Front | Side::LeftOblique | Side::RightOblique | Side::Top, true) => {
            " (the client's right, on the left of the photo)"
        }
        (Side::Front | Side::LeftOblique | Side::RightOblique | Side::Top, false) => {
            " (the client's left, on the right of the photo)"
        }
        (_, true) => " (the client's right)",
        (_, false) => " (the client's left)",
    }
}

/// Both pupils of a front photo, above which the forehead must be, whatever else is known.
fn front_pupils(record: &ViewRecord) -> Option<[[f64; 2]; 2]> {
    let pupils = [Landmark::PupilRight, Landmark::PupilLeft].map(|pupil| record.landmarks.get(&pupil).copied());
    match pupils {
        [Some(right), Some(left)] if Side::of(&record.name) == Side::Front => Some([right, left]),
        _ => None,
    }
}

/// Whether it is known roughly where the outline of the photo on the canvas must be.
fn searchable(desk: &Desk, record: &ViewRecord) -> bool {
    front_pupils(record).is_some() || desk.camera().is_some()
}

fn scale_step(scale: &Scale) -> &'static str {
    match scale {
        Scale::AveragePupils => "Scale from average pupil distance",
        Scale::MeasuredPupils { .. } => "Scale from measured pupil distance",
        Scale::Iris { .. } => "Scale from iris",
        Scale::Ruler { .. } => "Scale from ruler",
    }
}

type Seen = (Arc<HeadFit>, Camera);

/// Millimetres for a point of the screen; where no head is known, such that an arrow key moves by [`NUDGE_PX`].
fn mm_per_point(easel: &Easel, seen: Option<&Seen>) -> f64 {
    let unknown = super::NUDGE_MM / (NUDGE_PX * easel.frame.points_per_px());
    seen.map_or(unknown, |(fit, camera)| easel.mm_per_point(camera, fit.head().glabella().position))
}

fn landmark_handles(easel: &mut Easel, record: &ViewRecord, seen: Option<&Seen>) {
    let view = easel.desk.view;
    let mm_per_point = mm_per_point(easel, seen);
    // Names must not lie on points or on each other; one that finds no room is left to the tooltip.
    let place = |pixel: [f64; 2]| easel.frame.screen_from_photo(DVec2::from(pixel));
    let marks = record.landmarks.values().chain(&record.outline);
    let mut taken: Vec<Rect> = marks.map(|&p| Easel::mark(place(p))).collect();
    for (&landmark, &pixel) in &record.landmarks {
        easel.name_beside(place(pixel), points::short(landmark), &mut taken);
    }
    for (&landmark, &pixel) in &record.landmarks {
        let at = easel.frame.screen_from_photo(DVec2::from(pixel));
        let name = points::short(landmark);
        let handle = easel.handle(("landmark", record.photo, landmark), points::title(landmark), at);
        if let Some(to) = easel.moved(&handle, at, mm_per_point) {
            let to = easel.clamped(record, to);
            easel.desk.draft(&format!("Move {name}"), |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.landmarks.insert(landmark, to.to_array());
                }
            });
        }
        if easel.deleted(&handle) || handle.secondary_clicked() {
            easel.desk.draft(&format!("Remove {name}"), |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.landmarks.remove(&landmark);
                }
            });
        }
    }
}

fn outline_handles(easel: &mut Easel, record: &ViewRecord, seen: Option<&Seen>) {
    let view = easel.desk.view;
    let mm_per_point = mm_per_point(easel, seen);
    for (index, &pixel) in record.outline.iter().enumerate() {
        let at = easel.frame.screen_from_photo(DVec2::from(pixel));
        let label = format!("Outline point {}", index + 1);
        let handle = easel.handle(("outline", record.photo, index), &label, at);
        if let Some(to) = easel.moved(&handle, at, mm_per_point) {
            let to = easel.clamped(record, to);
            easel.desk.draft("Move outline point", |document| {
                if let Some(point) = document.views.get_mut(view).and_then(|r| r.outline.get_mut(index)) {
                    *point = to.to_array();
                }
            });
        }
        if easel.deleted(&handle) || handle.secondary_clicked() {
            easel.desk.draft("Remove outline point", |document| {
                if let Some(record) = document.views.get_mut(view).filter(|r| index < r.outline.len()) {
                    record.outline.remove(index);
                }
            });
        }
    }
}

/// The ends of an iris or a ruler that were clicked in this photo.
fn scale_handles(easel: &mut Easel, record: &ViewRecord) {
    let scale = easel.desk.document().scale();
    let (ends_px, what) = match &scale {
        Scale::Iris { view, edge_px } if *view == record.name => (*edge_px, "Iris edge"),
        Scale::Ruler { view, ends_px, .. } if *view == record.name => (*ends_px, "Ruler end"),
        _ => return,
    };
    let ends = ends_px.map(|p| easel.frame.screen_from_photo(p));
    easel.segment(ends[0], ends[1]);
    for (index, at) in ends.into_iter().enumerate() {
        let handle = easel.handle(("scale", record.photo, index), &format!("{what} {}", index + 1), at);
        let mm_per_point = mm_per_point(easel, None);
        if let Some(to) = easel.moved(&handle, at, mm_per_point) {
            let to = easel.clamped(record, to);
            let mut moved = scale.clone();
            if let Scale::Iris { edge_px: ends, .. } | Scale::Ruler { ends_px: ends, .. } = &mut moved {
                ends[index] = to;
            }
            easel.desk.draft(if what == "Iris edge" { "Move iris edge" } else { "Move ruler end" }, |document| {
                document.set_scale(&moved);
            });
        }
    }
}

/// What a photo without points says while another tool is at hand.
#[must_use]
pub fn not_part_of_the_head(desk: &Desk) -> Option<&'static str> {
    let record = desk.record()?;
    (desk.fit().is_some() && !points::enough(record))
        .then_some("This photo is not part of the head yet: press F and click two landmarks in it")
}

impl Easel<'_> {
    /// Where screen places are in the photo, px; none where the last one is outside it.
    fn on_photo(&self, record: &ViewRecord, places: [Pos2; 2]) -> Option<[DVec2; 2]> {
        let pixels = places.map(|p| self.frame.photo_from_screen(p));
        let size = DVec2::new(f64::from(record.width_px), f64::from(record.height_px));
        let last = pixels[1];
        (last.cmpge(DVec2::ZERO).all() && last.cmple(size).all()).then_some(pixels)
    }

    /// The pixel of the photo that is nearest to a screen place.
    fn clamped(&self, record: &ViewRecord, at: Pos2) -> DVec2 {
        let size = DVec2::new(f64::from(record.width_px), f64::from(record.height_px));
        self.frame.photo_from_screen(at).clamp(DVec2::ZERO, size)
    }

    /// A straight line on the screen.
    fn segment(&self, from: Pos2, to: Pos2) {
        self.painter.line_segment([from, to], Stroke::new(3.5, UNDER_LINE));
        self.painter.line_segment([from, to], Stroke::new(1.5, LINE));
    }

    /// A name next to a point, where there is room for it.
    fn name_beside(&self, at: Pos2, name: &str, taken: &mut Vec<Rect>) {
        const GAP: f32 = 11.0;
        let sides = [
            (vec2(GAP, 0.0), Align2::LEFT_CENTER),
            (vec2(-GAP, 0.0), Align2::RIGHT_CENTER),
            (vec2(0.0, GAP), Align2::CENTER_TOP),
            (vec2(0.0, -GAP), Align2::CENTER_BOTTOM),
        ];
        self.caption_beside(at, &sides, name, taken);
    }

    /// What to do next, at the top of the photo.
    pub(super) fn banner(&self, text: &str) {
        let width = (self.frame.rect.width() - 48.0).max(120.0);
        let galley = self.painter.layout(text.to_owned(), FontId::proportional(15.0), Color32::WHITE, width);
        let size = galley.size() + vec2(24.0, 14.0);
        let at = egui::pos2(self.frame.rect.center().x, self.frame.rect.top() + 12.0 + 0.5 * size.y);
        let rect = Rect::from_center_size(at, size);
        self.painter.rect_filled(rect, 8.0, Color32::from_black_alpha(205));
        self.painter.galley(rect.min + vec2(12.0, 7.0), galley, Color32::WHITE);
    }
}
