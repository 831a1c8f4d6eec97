//! Tools: what a pointer on the photo does. Each is a small state machine of its own; only one is at hand at a time.

pub mod area;
pub mod brush;
pub mod dropper;
pub mod hairline;
pub mod head;
pub mod mask;
pub mod points;
pub mod tape;

use std::borrow::Cow;
use std::hash::Hash;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CursorIcon, EventFilter, FontId, Key, Modifiers, Painter, PointerButton, Pos2, Rect, Response,
    Sense, Stroke, Vec2, WidgetInfo,
};
use glam::DVec3;

use super::colours::Target;
use super::desk::Desk;
use super::frame::{Frame, thinned};
use super::guides::Guides;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::skin::calibration::Place;
use dropper::Aim;

/// The tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each says what it does in `name` and `tip`")]
pub enum Tool {
    Head,
    #[default]
    Hairline,
    Area,
    Brush,
    Mask,
    Tape,
    Pan,
}

/// All tools, in the order of their buttons.
pub const TOOLS: [Tool; 7] = [Tool::Head, Tool::Hairline, Tool::Area, Tool::Brush, Tool::Mask, Tool::Tape, Tool::Pan];

impl Tool {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "Fit head",
            Self::Hairline => "Hairline",
            Self::Area => "Area",
            Self::Brush => "Density brush",
            Self::Mask => "Keep-out mask",
            Self::Tape => "Tape measure",
            Self::Pan => "Move photo",
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Head => "Click landmarks so that the program knows the head and its millimetres",
            Self::Hairline => "Drag the points of the hairline",
            Self::Area => "Draw areas with a density of their own",
            Self::Brush => "Paint density on, or off",
            Self::Mask => "Draw where no dots may be, such as existing hair",
            Self::Tape => "Measure along the skin",
            Self::Pan => "Drag the photo about",
        }
    }

    /// The key that takes it up.
    #[must_use]
    pub fn key(self) -> Key {
        match self {
            Self::Head => Key::F,
            Self::Hairline => Key::H,
            Self::Area => Key::A,
            Self::Brush => Key::B,
            Self::Mask => Key::M,
            Self::Tape => Key::T,
            Self::Pan => Key::X,
        }
    }

    /// True where it works on a head, not on the photo.
    #[must_use]
    pub fn needs_head(self) -> bool {
        !matches!(self, Self::Head | Self::Pan)
    }
}

/// All tools' states, and which one is at hand.
#[derive(Default)]
pub struct Tools {
    /// The tool at hand.
    pub active: Tool,
    /// The hairline tool.
    pub hairline: hairline::HairlineTool,
    /// The area tool.
    pub area: area::AreaTool,
    /// The density brush.
    pub brush: brush::BrushTool,
    /// The mask tool.
    pub mask: mask::MaskTool,
    /// The head tool.
    pub head: head::HeadTool,
    /// The tape measure.
    pub tape: tape::TapeTool,
    /// Lines to go by, under every tool.
    pub guides: Guides,
    /// The eyedropper, which works before the tool at hand while it is armed.
    pub dropper: dropper::Dropper,
}

impl Tools {
    /// Lets the tool at hand draw its handles and do its work.
    pub fn show(&mut self, easel: &mut Easel) {
        self.guides.show(easel);
        if self.dropper.armed.is_some() {
            return self.dropper.show(easel);
        }
        match self.active {
            Tool::Head => self.head.show(easel),
            Tool::Hairline => self.hairline.show(easel),
            Tool::Area => self.area.show(easel),
            Tool::Brush => self.brush.show(easel),
            Tool::Mask => self.mask.show(easel),
            Tool::Tape => self.tape.show(easel),
            Tool::Pan => {}
        }
        if self.active != Tool::Head
            && let Some(text) = head::not_part_of_the_head(easel.desk)
        {
            easel.banner(text);
        }
    }

    /// What the tool at hand has to say or to set, at the top of the inspector.
    pub fn inspector(&mut self, ui: &mut egui::Ui, desk: &mut Desk) {
        match self.active {
            Tool::Head => self.head.inspector(ui, desk),
            Tool::Hairline => self.hairline.inspector(ui, desk),
            Tool::Area => self.area.inspector(ui, desk),
            Tool::Brush => self.brush.inspector(ui),
            Tool::Mask => self.mask.inspector(ui, desk),
            Tool::Tape => self.tape.inspector(ui, desk),
            Tool::Pan => {}
        }
        if matches!(self.active, Tool::Hairline | Tool::Area | Tool::Brush | Tool::Mask) && desk.fit().is_some() {
            ui.separator();
        }
    }

    /// Forgets everything about a case.
    pub fn clear(&mut self) {
        self.head.clear();
        self.tape.clear();
        (self.area, self.mask) = Default::default();
        self.dropper = dropper::Dropper::default();
    }

    /// True while a tool works something out.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.head.busy() || self.tape.busy()
    }

    /// What the tool at hand would like the user to know.
    #[must_use]
    pub fn hint(&self, desk: &Desk) -> Cow<'static, str> {
        match self.dropper.armed {
            Some(Aim::Tone(Target::Skin)) => return dropper::HINT_SKIN.into(),
            Some(Aim::Tone(Target::Stubble)) => return dropper::HINT_STUBBLE.into(),
            Some(Aim::Follicles { .. }) => return dropper::HINT_FOLLICLES.into(),
            Some(Aim::Healed(Place::Bare)) => return dropper::HINT_BARE.into(),
            Some(Aim::Healed(Place::Treated)) => return dropper::HINT_TREATED.into(),
            None => {}
        }
        match self.active {
            Tool::Head => self.head.hint(desk).into(),
            Tool::Hairline => hairline::HINT.into(),
            Tool::Area => area::HINT.into(),
            Tool::Brush => brush::HINT.into(),
            Tool::Mask => mask::HINT.into(),
            Tool::Tape => tape::HINT.into(),
            Tool::Pan => self.active.tip().into(),
        }
    }

    /// The pointer over the photo.
    #[must_use]
    pub fn cursor(&self) -> CursorIcon {
        match self.active {
            Tool::Pan => CursorIcon::Grab,
            Tool::Hairline => CursorIcon::Default,
            _ => CursorIcon::Crosshair,
        }
    }
}

/// The photo on the canvas with everything a tool needs.
pub struct Easel<'a> {
    /// Where handles are put.
    pub ui: &'a mut egui::Ui,
    /// Draws over the photo.
    pub painter: Painter,
    /// The photo itself.
    pub response: Response,
    /// Where the photo is.
    pub frame: Frame,
    /// The case.
    pub desk: &'a mut Desk,
    /// Handles and lines stand back until the pointer comes near.
    pub quiet: bool,
}

/// Line colours that are seen on any skin: a light line on a dark one.
const LINE: Color32 = Color32::from_rgb(255, 214, 90);
/// Lines of what is not selected.
const QUIET: Color32 = Color32::from_rgb(214, 214, 214);
const UNDER_LINE: Color32 = Color32::from_black_alpha(150);
/// Words over the photo.
const CAPTION: FontId = FontId::proportional(11.5);
const CAPTION_MARGIN: Vec2 = Vec2::new(4.0, 0.0);
/// How near a pointer has to be to take hold, points.
pub const REACH: f32 = 9.0;
/// Handles that stand back come forward for a pointer as near as this, points.
const NEAR: f32 = 80.0;
/// How far an arrow key moves a handle, mm; with shift ten times as far.
pub(crate) const NUDGE_MM: f64 = 0.5;

/// A press of the main button on the photo, from its beginning to its end.
#[derive(Debug, Clone, Copy)]
pub struct Press {
    /// Where it began.
    pub from: Pos2,
    /// Where the pointer is.
    pub to: Pos2,
    /// True in the frame in which the button is let go.
    pub released: bool,
}

/// How a handle looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grip {
    /// Something was placed there.
    Point,
    /// Something can be placed from there.
    Offer,
}

impl Easel<'_> {
    /// The main button on the photo itself, not on a handle; not while Space moves the photo.
    #[must_use]
    pub fn press(&self) -> Option<Press> {
        let response = &self.response;
        let released = response.clicked() || response.drag_stopped_by(PointerButton::Primary);
        let held = response.is_pointer_button_down_on() && self.ui.input(|i| i.pointer.primary_down());
        if !(released || held) || self.ui.input(|i| i.key_down(Key::Space)) {
            return None;
        }
        let to = response.interact_pointer_pos()?;
        // Gone from the input in the frame of the release.
        let id = response.id.with("press");
        let from = match self.ui.input(|i| i.pointer.press_origin()) {
            Some(from) => from,
            None => self.ui.data(|data| data.get_temp(id)).unwrap_or(to),
        };
        self.ui.data_mut(|data| data.insert_temp(id, from));
        Some(Press { from, to, released })
    }

    /// A few words that can be read on any skin.
    pub fn caption(&self, at: Pos2, anchor: Align2, text: &str) {
        let galley = self.painter.layout_no_wrap(text.to_owned(), CAPTION, Color32::WHITE);
        let rect = anchor.anchor_size(at, galley.size() + 2.0 * CAPTION_MARGIN);
        self.painter.rect_filled(rect, 3.0, Color32::from_black_alpha(150));
        self.painter.galley(rect.min + CAPTION_MARGIN, galley, Color32::WHITE);
    }

    /// What a point takes up that words are not to cover.
    #[must_use]
    pub fn mark(at: Pos2) -> Rect {
        Rect::from_center_size(at, Vec2::splat(12.0))
    }

    /// Writes words beside a point, on the first of these sides on which they cover nothing that is taken, which they
    /// then take. False where there is no room.
    pub fn caption_beside(&self, at: Pos2, sides: &[(Vec2, Align2)], text: &str, taken: &mut Vec<Rect>) -> bool {
        let size = self.caption_size(text);
        let free = sides.iter().find_map(|&(offset, anchor)| {
            let rect = anchor.anchor_size(at + offset, size);
            taken.iter().all(|other| !other.intersects(rect)).then_some((rect, at + offset, anchor))
        });
        let Some((rect, at, anchor)) = free else { return false };
        self.caption(at, anchor, text);
        taken.push(rect);
        true
    }

    /// How large these words are.
    fn caption_size(&self, text: &str) -> Vec2 {
        let galley = self.painter.layout_no_wrap(text.to_owned(), CAPTION, Color32::WHITE);
        galley.size() + 2.0 * CAPTION_MARGIN
    }

    /// Head and camera of the photo, once fitted. Cheap: shared.
    #[must_use]
    pub fn seen(&self) -> Option<(std::sync::Arc<crate::case::head_fit::HeadFit>, Camera)> {
        let fit = self.desk.fit()?;
        Some((std::sync::Arc::clone(fit), *fit.camera(self.desk.view)?))
    }

    /// The skin at a place on the screen.
    #[must_use]
    pub fn skin(&self, head: &Head, camera: &Camera, at: Pos2) -> Option<(Part, SurfacePoint)> {
        self.frame.skin_from_screen(head, camera, at)
    }

    /// Screen places of a line on the skin, cut where the camera does not see it.
    #[must_use]
    pub fn visible_runs(&self, head: &Head, camera: &Camera, line: &[SurfacePoint]) -> Vec<Vec<Pos2>> {
        let mut runs: Vec<Vec<Pos2>> = vec![Vec::new()];
        for point in line {
            let at = head.visible(camera, point).then(|| self.frame.screen_from_head(camera, point.position)).flatten();
            match (at, runs.last_mut()) {
                (Some(at), Some(run)) => run.push(at),
                (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
                _ => {}
            }
        }
        runs.retain(|run| run.len() > 1);
        runs.into_iter().map(thinned).collect()
    }

    /// Draws a line on the skin.
    pub fn line(&self, head: &Head, camera: &Camera, line: &[SurfacePoint], width: f32) {
        self.line_in(head, camera, line, width, LINE);
    }

    /// Draws a line on the skin in a colour.
    pub fn line_in(&self, head: &Head, camera: &Camera, line: &[SurfacePoint], width: f32, colour: Color32) {
        let pointer = self.ui.input(|i| i.pointer.hover_pos());
        let near =
            |run: &[Pos2]| pointer.and_then(|at| nearest_on(run, at)).is_some_and(|(distance, _)| distance < NEAR);
        for run in self.visible_runs(head, camera, line) {
            if self.quiet && !near(&run) {
                continue;
            }
            self.painter.line(run.clone(), Stroke::new(width + 2.0, UNDER_LINE));
            self.painter.line(run, Stroke::new(width, colour));
        }
    }

    /// A handle that can be dragged, clicked and reached with the keyboard.
    pub fn handle(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2) -> Response {
        self.grip(salt, label, at, Grip::Point)
    }

    /// A handle of something that nobody has placed yet: a ring, until it is taken hold of.
    pub fn offer(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2) -> Response {
        self.grip(salt, label, at, Grip::Offer)
    }

    /// Lets the keyboard speak to another handle.
    pub fn focus(&self, salt: impl Hash + std::fmt::Debug) {
        let id = self.ui.scope_id().with(("handle", salt));
        self.ui.memory_mut(|memory| memory.request_focus(id));
    }

    fn grip(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2, grip: Grip) -> Response {
        let id = self.ui.scope_id().with(("handle", salt));
        let rect = Rect::from_center_size(at, Vec2::splat(2.0 * REACH));
        let response = self.ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
        // What was taken hold of can be moved on with the arrow keys.
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let held = response.hovered() || response.dragged() || response.has_focus();
        let near = self.ui.input(|i| i.pointer.hover_pos()).is_some_and(|pointer| pointer.distance(at) < NEAR);
        if self.quiet && !held && !near {
            return response.on_hover_text(label);
        }
        let radius = if held { 6.0 } else { 4.5 };
        if held || grip == Grip::Point {
            let fill = if held { LINE } else { Color32::WHITE };
            self.painter.circle(at, radius + 1.0, UNDER_LINE, Stroke::NONE);
            self.painter.circle(at, radius, fill, Stroke::new(1.0, Color32::BLACK));
        } else {
            self.painter.circle_stroke(at, radius, Stroke::new(3.5, UNDER_LINE));
            self.painter.circle_stroke(at, radius, Stroke::new(1.5, LINE));
        }
        if response.has_focus() {
            self.painter.circle_stroke(at, radius + 4.0, Stroke::new(1.5, LINE));
            // Arrow keys move the handle, not the focus.
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            self.ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        response.on_hover_text(label).on_hover_cursor(CursorIcon::Grab)
    }

    /// Where a handle is to go: dragged with the pointer, or moved with the arrow keys.
    #[must_use]
    pub fn moved(&mut self, handle: &Response, at: Pos2, mm_per_point: f64) -> Option<Pos2> {
        if handle.drag_started() {
            // From where it was taken hold of: the handle must not jump under the pointer.
            self.ui.data_mut(|data| data.insert_temp(handle.id, at));
        }
        if handle.dragged() {
            let start: Pos2 = self.ui.data(|data| data.get_temp(handle.id)).unwrap_or(at);
            let delta = handle.total_drag_delta().unwrap_or_default();
            return (delta != Vec2::ZERO).then_some(start + delta);
        }
        if !handle.has_focus() {
            return None;
        }
        let step = self.ui.input(|input| {
            let pressed = |key: Key, x: f32, y: f32| Vec2::new(x, y) * input.num_presses(key) as f32;
            let by = pressed(Key::ArrowLeft, -1.0, 0.0)
                + pressed(Key::ArrowRight, 1.0, 0.0)
                + pressed(Key::ArrowUp, 0.0, -1.0)
                + pressed(Key::ArrowDown, 0.0, 1.0);
            by * if input.modifiers.contains(Modifiers::SHIFT) { 10.0 } else { 1.0 }
        });
        (step != Vec2::ZERO).then(|| at + step * (NUDGE_MM / mm_per_point) as f32)
    }

    /// Millimetres for a point of the screen, for a surface that faces the camera there.
    #[must_use]
    pub fn mm_per_point(&self, camera: &Camera, at: DVec3) -> f64 {
        camera.mm_per_px(at) / self.frame.points_per_px()
    }

    /// True where Delete or Backspace was pressed with the focus on this handle.
    #[must_use]
    pub fn deleted(&self, handle: &Response) -> bool {
        handle.has_focus() && self.ui.input(|i| i.key_pressed(Key::Delete) || i.key_pressed(Key::Backspace))
    }
}

/// Distance of a place from a line on the screen, points, and the index of the point before the nearest place.
#[must_use]
pub fn nearest_on(run: &[Pos2], at: Pos2) -> Option<(f32, usize)> {
    let distance = |pair: &[Pos2]| {
        let (a, b) = (pair[0], pair[1]);
        let along = b - a;
        let t = ((at - a).dot(along) / along.length_sq().max(1e-6)).clamp(0.0, 1.0);
        (a + along * t - at).length()
    };
    run.windows(2).enumerate().map(|(i, pair)| (distance(pair), i)).min_by(|a, b| a.0.total_cmp(&b.0))
}
