//! What lies over the photo: handles, lines and captions, and the pointer on the photo. Tools work with it.

use std::hash::Hash;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, EventFilter, FontId, Key, Modifiers, Painter, PointerButton, Pos2, Rect, Response, Sense, Stroke,
    Vec2, WidgetInfo,
};
use glam::DVec3;

use super::viewport::{Viewport, thinned};
use crate::case::head_fit::HeadFit;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::studio::session::open_case::OpenCase;

/// The photo on the canvas with everything a tool needs.
pub struct Overlay<'a> {
    /// The UI in which handles are placed.
    pub ui: &'a mut egui::Ui,
    /// Draws over the photo.
    pub painter: Painter,
    /// The response of the photo itself.
    pub response: Response,
    /// Where the photo is.
    pub viewport: Viewport,
    /// The case.
    pub case: &'a mut OpenCase,
    /// Handles and lines are hidden until the pointer comes near.
    pub quiet: bool,
    /// The photo is only being looked at: handles and lines are not drawn, except those that are held or have the
    /// keyboard focus.
    pub looked_at: bool,
    /// Where a banner must not lie: handles, and what has already been written over the photo.
    pub occupied: Vec<Rect>,
    /// The upper edge of the banners at the bottom of the photo, points.
    pub said_from: Option<f32>,
}

/// Line colours that are visible on any skin: a light line on a dark one.
pub const LINE: Color32 = Color32::from_rgb(255, 214, 90);
/// Lines of areas and masks that are not selected.
pub const QUIET: Color32 = Color32::from_rgb(214, 214, 214);
pub const UNDER_LINE: Color32 = Color32::from_black_alpha(150);
/// Text over the photo.
const CAPTION: FontId = FontId::proportional(11.5);
const CAPTION_MARGIN: Vec2 = Vec2::new(4.0, 0.0);
/// How close a pointer has to be to grab something, points.
pub const REACH: f32 = 9.0;
/// Hidden handles appear when a pointer comes this close, points.
const NEAR: f32 = 80.0;
/// How far an arrow key moves a handle, mm; with Shift ten times as far.
pub const NUDGE_MM: f64 = 0.5;

/// A press of the main button on the photo, from its beginning to its end.
#[derive(Debug, Clone, Copy)]
pub struct Press {
    /// Where it began.
    pub from: Pos2,
    /// Where the pointer is.
    pub to: Pos2,
    /// True in the frame in which the button is released.
    pub released: bool,
}

/// How a handle looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grip {
    /// Something was placed there.
    Point,
    /// Something was found there, and can be corrected.
    Found,
    /// Something can be placed from there.
    Offer,
}

impl Overlay<'_> {
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
        // No longer in the input in the frame of the release.
        let id = response.id.with("press");
        let from = match self.ui.input(|i| i.pointer.press_origin()) {
            Some(from) => from,
            None => self.ui.data(|data| data.get_temp(id)).unwrap_or(to),
        };
        // A tap begins and ends within one frame: it must not start where the previous press did.
        self.ui.data_mut(|data| {
            if released {
                data.remove::<Pos2>(id);
            } else {
                data.insert_temp(id, from);
            }
        });
        Some(Press { from, to, released })
    }

    /// A short text that can be read on any skin.
    pub fn caption(&self, at: Pos2, anchor: Align2, text: &str) {
        let galley = self.painter.layout_no_wrap(text.to_owned(), CAPTION, Color32::WHITE);
        let rect = anchor.anchor_size(at, galley.size() + 2.0 * CAPTION_MARGIN);
        self.painter.rect_filled(rect, 3.0, Color32::from_black_alpha(150));
        self.painter.galley(rect.min + CAPTION_MARGIN, galley, Color32::WHITE);
    }

    /// The area of a point that text must not cover.
    #[must_use]
    pub fn mark(at: Pos2) -> Rect {
        Rect::from_center_size(at, Vec2::splat(12.0))
    }

    /// Writes text beside a point, on the first of these sides on which it lies in the window and covers nothing that
    /// is taken; the text then takes its place. False if there is no room.
    pub fn caption_beside(&self, at: Pos2, sides: &[(Vec2, Align2)], text: &str, taken: &mut Vec<Rect>) -> bool {
        let size = self.caption_size(text);
        let free = sides.iter().find_map(|&(offset, anchor)| {
            let rect = anchor.anchor_size(at + offset, size);
            let free = self.viewport.rect.contains_rect(rect) && taken.iter().all(|other| !other.intersects(rect));
            free.then_some((rect, at + offset, anchor))
        });
        let Some((rect, at, anchor)) = free else { return false };
        self.caption(at, anchor, text);
        taken.push(rect);
        true
    }

    /// The size of this text.
    fn caption_size(&self, text: &str) -> Vec2 {
        let galley = self.painter.layout_no_wrap(text.to_owned(), CAPTION, Color32::WHITE);
        galley.size() + 2.0 * CAPTION_MARGIN
    }

    /// Head and camera of the photo, once fitted. Cheap, since the head is shared.
    #[must_use]
    pub fn seen(&self) -> Option<(Arc<HeadFit>, Camera)> {
        let fit = self.case.fit()?;
        Some((Arc::clone(fit), *fit.camera(self.case.view)?))
    }

    /// The skin at a place on the screen.
    #[must_use]
    pub fn skin(&self, head: &Head, camera: &Camera, at: Pos2) -> Option<(Part, SurfacePoint)> {
        self.viewport.skin_from_screen(head, camera, at)
    }

    /// A line on the skin in screen places, split where the camera does not see it.
    #[must_use]
    pub fn visible_runs(&self, head: &Head, camera: &Camera, line: &[SurfacePoint]) -> Vec<Vec<Pos2>> {
        let mut runs: Vec<Vec<Pos2>> = vec![Vec::new()];
        for point in line {
            let at =
                head.visible(camera, point).then(|| self.viewport.screen_from_head(camera, point.position)).flatten();
            match (at, runs.last_mut()) {
                (Some(at), Some(run)) => run.push(at),
                (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
                _ => {}
            }
        }
        runs.retain(|run| run.len() > 1);
        runs.into_iter().map(thinned).collect()
    }

    fn shows(&self, near_pointer: bool) -> bool {
        !self.looked_at && (near_pointer || !self.quiet)
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
            if !self.shows(near(&run)) {
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

    /// A handle of something that was found, not placed: smaller and paler, until it is grabbed.
    pub fn found(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2) -> Response {
        self.grip(salt, label, at, Grip::Found)
    }

    /// A handle of something that nobody has placed yet: a ring, until it is grabbed.
    pub fn offer(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2) -> Response {
        self.grip(salt, label, at, Grip::Offer)
    }

    /// Moves the keyboard focus to another handle.
    pub fn focus(&self, salt: impl Hash + std::fmt::Debug) {
        let id = self.ui.scope_id().with(("handle", salt));
        self.ui.memory_mut(|memory| memory.request_focus(id));
    }

    fn grip(&mut self, salt: impl Hash + std::fmt::Debug, label: &str, at: Pos2, grip: Grip) -> Response {
        let id = self.ui.scope_id().with(("handle", salt));
        let rect = Rect::from_center_size(at, Vec2::splat(2.0 * REACH));
        let response = self.ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
        self.occupied.push(rect);
        // A handle that was grabbed can then be moved with the arrow keys.
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let held = response.hovered() || response.dragged() || response.has_focus();
        let near = self.ui.input(|i| i.pointer.hover_pos()).is_some_and(|pointer| pointer.distance(at) < NEAR);
        if !held && !self.shows(near) {
            return response.on_hover_text(label);
        }
        let radius = if held { 6.0 } else { 4.5 };
        if held || grip == Grip::Point {
            let fill = if held { LINE } else { Color32::WHITE };
            self.painter.circle(at, radius + 1.0, UNDER_LINE, Stroke::NONE);
            self.painter.circle(at, radius, fill, Stroke::new(1.0, Color32::BLACK));
        } else if grip == Grip::Found {
            self.painter.circle(at, 0.75 * radius, LINE.gamma_multiply(0.55), Stroke::new(1.0, UNDER_LINE));
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
        response.on_hover_text(label).on_hover_cursor(egui::CursorIcon::Grab)
    }

    /// Where a handle should go: dragged with the pointer, or moved with the arrow keys.
    #[must_use]
    pub fn moved(&mut self, handle: &Response, at: Pos2, mm_per_point: f64) -> Option<Pos2> {
        if handle.drag_started() {
            // Relative to where it was grabbed: the handle must not jump under the pointer.
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

    /// Millimetres per point of the screen, for a surface that faces the camera there.
    #[must_use]
    pub fn mm_per_point(&self, camera: &Camera, at: DVec3) -> f64 {
        camera.mm_per_px(at) / self.viewport.points_per_px()
    }

    /// Says what to do next, at the bottom of the photo: the crown, which is worked on, is above. It gives way to
    /// handles and to what is there already.
    pub fn banner(&mut self, text: &str) {
        /// Room for the mark of a picture that is late.
        const BELOW: f32 = 44.0;
        /// How far it moves up at a time to give way.
        const STEP: f32 = 6.0;
        let room = self.viewport.rect;
        let width = (room.width() - 48.0).max(120.0);
        let galley = self.painter.layout(text.to_owned(), FontId::proportional(15.0), Color32::WHITE, width);
        let size = galley.size() + Vec2::new(24.0, 14.0);
        let lowest = Rect::from_center_size(egui::pos2(room.center().x, room.bottom() - BELOW - 0.5 * size.y), size);
        let higher = (0..).map(|steps: u16| lowest.translate(Vec2::new(0.0, -STEP * f32::from(steps))));
        let highest = lowest.translate(Vec2::new(0.0, room.top() + 12.0 - lowest.top()));
        let mut places = higher.take_while(|place| place.top() > room.center().y).chain([highest]);
        let free = |place: &Rect| self.occupied.iter().all(|other| !other.intersects(*place));
        let rect = places.find(free).unwrap_or(lowest);
        self.occupied.push(rect);
        if rect.top() > room.center().y {
            self.said_from = Some(self.said_from.map_or(rect.top(), |top| top.min(rect.top())));
        }
        self.painter.rect_filled(rect, 8.0, Color32::from_black_alpha(205));
        self.painter.galley(rect.min + Vec2::new(12.0, 7.0), galley, Color32::WHITE);
    }

    /// True if Delete or Backspace was pressed with the focus on this handle.
    #[must_use]
    pub fn deleted(&self, handle: &Response) -> bool {
        handle.has_focus() && self.ui.input(|i| i.key_pressed(Key::Delete) || i.key_pressed(Key::Backspace))
    }
}

/// Distance of a place from a line on the screen, points, and the index of the point before the closest place.
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
