//! The tape measure: a path along the skin from one place to another, its length, and the error of that length.
//!
//! Tapes are not part of the case: they stay until they are cleared.

use std::sync::Arc;

use egui::{Align2, Button, Key, RichText, Ui};
use egui_material_icons::icons;
use glam::{DVec2, DVec3};

use crate::case::document::PhotoKey;
use crate::case::head_fit::{HeadFit, Measured};
use crate::head::camera::Camera;
use crate::head::path::Tape;
use crate::studio::background::task::{Event, Task};
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{Overlay, Press};

/// The hint in the status bar.
pub const HINT: &str = "Drag from one place to another; drag the ends to change a tape; Escape clears all";

/// A shorter tape is a slip of the hand, mm.
const SHORTEST_MM: f64 = 1.0;

/// A tape as it lies on a head.
struct Laid {
    fit: Arc<HeadFit>,
    ends_px: [DVec2; 2],
    /// None if an end is off the head, or the ends are on different parts of it.
    tape: Option<Tape>,
}

/// The error of a tape, for the same head and ends.
struct KnownError {
    fit: Arc<HeadFit>,
    ends_px: [DVec2; 2],
    measured: Option<Measured>,
}

/// A tape. Its ends are places in the photo in which it was laid.
struct Strip {
    number: usize,
    photo: PhotoKey,
    ends_px: [DVec2; 2],
    laid: Option<Laid>,
    known_error: Option<KnownError>,
    task: Option<Task<KnownError>>,
}

/// What a press on the photo does.
#[derive(Default)]
enum Drawing {
    /// There is no press.
    #[default]
    Idle,
    /// It lays this tape.
    Tape(Box<Strip>),
    /// Its tape was cancelled: the rest of the press is ignored.
    GivenUp,
}

/// The tape measure.
#[derive(Default)]
pub struct TapeTool {
    strips: Vec<Strip>,
    drawing: Drawing,
    laid_so_far: usize,
}

impl Strip {
    fn new(number: usize, photo: PhotoKey, ends_px: [DVec2; 2]) -> Self {
        Self { number, photo, ends_px, laid: None, known_error: None, task: None }
    }

    fn lay(&mut self, fit: &Arc<HeadFit>, camera: &Camera) {
        if self.laid.as_ref().is_some_and(|l| l.ends_px == self.ends_px && Arc::ptr_eq(&l.fit, fit)) {
            return;
        }
        let head = fit.head();
        let tape = match self.ends_px.map(|end| head.head_from_image(camera, end)) {
            [Some((part, a)), Some((other, b))] if part == other => Some(head.tape(part, a.position, b.position)),
            _ => None,
        };
        self.laid = Some(Laid { fit: Arc::clone(fit), ends_px: self.ends_px, tape });
    }

    /// Computes the error of the length on a thread of its own: it takes some hundred tapes.
    fn ask(&mut self, overlay: &Overlay, fit: &Arc<HeadFit>, view: usize) {
        if let Some(task) = &self.task {
            match task.event() {
                Event::Pending => return,
                Event::Done(known_error) => (self.known_error, self.task) = (Some(known_error), None),
                Event::Lost => self.task = None,
            }
        }
        let known = self.known_error.as_ref().is_some_and(|s| s.ends_px == self.ends_px && Arc::ptr_eq(&s.fit, fit));
        if known || overlay.ui.input(|i| i.pointer.any_down()) {
            return;
        }
        let (fit, ends_px) = (Arc::clone(fit), self.ends_px);
        self.task = Some(Task::start(overlay.ui.ctx(), "tape", move |_| {
            let measured = fit.measure(view, ends_px);
            KnownError { fit, ends_px, measured }
        }));
    }

    fn tape(&self) -> Option<&Tape> {
        self.laid.as_ref().and_then(|l| l.tape.as_ref())
    }

    /// Its length in words, with the error if that is known for exactly these ends.
    fn words(&self) -> String {
        let Some((laid, tape)) = self.laid.as_ref().and_then(|l| Some((l, l.tape.as_ref()?))) else {
            return "not on one part of the head".to_owned();
        };
        let known_error =
            self.known_error.as_ref().filter(|s| s.ends_px == laid.ends_px && Arc::ptr_eq(&s.fit, &laid.fit));
        match known_error.and_then(|s| s.measured) {
            Some(measured) => format!("{:.1} mm ± {:.1}", measured.length_mm, measured.error_mm),
            None => format!("{:.1} mm", tape.length_mm),
        }
    }
}

impl TapeTool {
    /// Removes all tapes.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// True while the error of a length is being computed.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.strips.iter().any(|s| s.task.is_some())
    }

    /// Shows the tapes and lays new ones.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some(fit) = overlay.case.fit().cloned() else { return };
        let Some(photo) = overlay.case.record().map(PhotoKey::of) else { return };
        if overlay.ui.input(|i| i.key_pressed(Key::Escape)) {
            // A tape that is being drawn is cancelled; otherwise all are removed.
            match self.drawing {
                Drawing::Tape(_) => self.drawing = Drawing::GivenUp,
                Drawing::Idle | Drawing::GivenUp => self.strips.clear(),
            }
        }
        self.strips.retain(|strip| view_of(overlay.case, strip.photo).is_some());
        for strip in &mut self.strips {
            let Some(view) = view_of(overlay.case, strip.photo) else { continue };
            let Some(camera) = fit.camera(view) else { continue };
            strip.lay(&fit, camera);
            strip.ask(overlay, &fit, view);
            draw(overlay, &fit, strip);
            if strip.photo == photo {
                handles(overlay, strip);
            }
        }
        if let Some(press) = overlay.press() {
            self.draw_new(overlay, &fit, photo, press);
        }
    }

    fn draw_new(&mut self, overlay: &mut Overlay, fit: &Arc<HeadFit>, photo: PhotoKey, press: Press) {
        if matches!(self.drawing, Drawing::GivenUp) {
            if press.released {
                self.drawing = Drawing::Idle;
            }
            return;
        }
        let Some(camera) = fit.camera(overlay.case.view) else { return };
        let ends_px = [press.from, press.to].map(|at| overlay.viewport.photo_from_screen(at));
        let mut strip = match std::mem::take(&mut self.drawing) {
            Drawing::Tape(strip) => Strip { ends_px, ..*strip },
            Drawing::Idle | Drawing::GivenUp => Strip::new(0, photo, ends_px),
        };
        strip.lay(fit, camera);
        let long_enough = strip.tape().is_some_and(|t| t.length_mm >= SHORTEST_MM);
        if long_enough {
            draw(overlay, fit, &strip);
        }
        match press.released {
            false => self.drawing = Drawing::Tape(Box::new(strip)),
            true if long_enough => self.keep(strip),
            true => {}
        }
    }

    fn keep(&mut self, strip: Strip) {
        self.laid_so_far += 1;
        self.strips.push(Strip { number: self.laid_so_far, ..strip });
    }

    /// The list of tapes, and a button for a first one.
    pub fn inspector(&mut self, ui: &mut Ui, case: &mut OpenCase) {
        ui.strong("Tapes");
        if self.strips.is_empty() {
            ui.label(RichText::new("Drag over the skin from one place to another.").weak());
        }
        let mut removed = None;
        for (index, strip) in self.strips.iter().enumerate() {
            ui.horizontal(|ui| {
                ui.label(format!("Tape {}: {}", strip.number, strip.words())).on_hover_text(
                    "Length along the skin, and its standard error: two measurements in three are within it",
                );
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let button = ui.add(Button::new(icons::ICON_CLOSE).frame(false));
                    let button = button.accessible_name(format!("Remove tape {}", strip.number));
                    if button.on_hover_text("Remove this tape").clicked() {
                        removed = Some(index);
                    }
                });
            });
        }
        if let Some(index) = removed {
            self.strips.remove(index);
        }
        ui.horizontal_wrapped(|ui| {
            let ends = height_of_hairline(case);
            let add = ui.add_enabled(ends.is_some(), Button::new("Measure hairline height"));
            let tip = "Lays a tape from between the brows to the middle of the hairline";
            let add = add.on_hover_text(tip).on_disabled_hover_text("Both ends have to be visible in this photo");
            if let (true, Some(ends_px), Some(photo)) = (add.clicked(), ends, case.record().map(PhotoKey::of)) {
                self.keep(Strip::new(0, photo, ends_px));
            }
            let clear = ui.add_enabled(!self.strips.is_empty(), Button::new("Clear tapes"));
            if clear.on_hover_text("Removes all tapes (Escape)").clicked() {
                self.strips.clear();
            }
        });
        ui.separator();
    }
}

fn view_of(case: &OpenCase, photo: PhotoKey) -> Option<usize> {
    case.document().views.iter().position(|record| PhotoKey::of(record) == photo)
}

/// Glabella and middle of the hairline in the photo on the canvas, px, if both are visible.
fn height_of_hairline(case: &OpenCase) -> Option<[DVec2; 2]> {
    let (fit, camera, plan) = (case.fit()?, case.camera()?, case.plan()?);
    let head = fit.head();
    let ends = [head.glabella(), plan.hairline.mid_frontal(head)];
    if !ends.iter().all(|end| head.visible(camera, end)) {
        return None;
    }
    let [Some(from), Some(to)] = ends.map(|end| camera.image_from_head(end.position)) else { return None };
    Some([from, to])
}

/// The path, where the camera of the photo on the canvas sees it, and its length.
fn draw(overlay: &Overlay, fit: &HeadFit, strip: &Strip) {
    let (Some(tape), Some(camera)) = (strip.tape(), overlay.case.camera()) else { return };
    overlay.line(fit.head(), camera, &tape.points, 1.5);
    let half = tape.points.len() / 2;
    let seen = |p: DVec3| overlay.viewport.screen_from_head(camera, p);
    let middle = tape.points.get(half).filter(|p| fit.head().visible(camera, p)).and_then(|p| seen(p.position));
    if let Some(at) = middle {
        overlay.caption(at - egui::vec2(8.0, 0.0), Align2::RIGHT_CENTER, &strip.words());
    }
}

fn handles(overlay: &mut Overlay, strip: &mut Strip) {
    for index in 0..2 {
        let at = overlay.viewport.screen_from_photo(strip.ends_px[index]);
        let label = format!("Tape {}, {}", strip.number, if index == 0 { "start" } else { "end" });
        let handle = overlay.handle(("tape", strip.number, index), &label, at);
        let mm_per_point = overlay.case.camera().map_or(1.0, |c| overlay.mm_per_point(c, DVec3::new(0.0, 0.0, 90.0)));
        if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
            strip.ends_px[index] = overlay.viewport.photo_from_screen(to);
        }
    }
}
