//! Tracing the line drawn on the client's skin in a photo, to measure how far it lies from the plan, where the program
//! does not find it by itself.
//!
//! A trace is not part of the case: it stays until it is cleared, or another photo is traced.

use egui::{Button, Key, Pos2, RichText, Stroke, Ui};
use glam::{DVec2, DVec3};

use crate::case::document::PhotoKey;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::{LINE, Overlay, UNDER_LINE};

/// The hint in the status bar.
pub const HINT: &str = "Click along the line drawn on the skin; drag points; Delete removes one, Escape all";

/// Length along the planned line between the points of a trace that begins with it, mm.
const SPACING_MM: f64 = 15.0;

/// The trace.
#[derive(Debug, Default)]
pub struct TraceTool {
    /// The photo in which it was made.
    photo: Option<PhotoKey>,
    /// Its points, from the subject's right to the left, px.
    points_px: Vec<DVec2>,
    /// The comparison with the plan was requested.
    asked: bool,
}

impl TraceTool {
    /// Removes the trace.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The trace in the photo on the canvas, px; `None` if there is no line.
    #[must_use]
    pub fn line_px(&self, case: &OpenCase) -> Option<&[DVec2]> {
        let points = self.points_in(case);
        (points.len() > 1).then_some(points)
    }

    /// The points in the photo on the canvas, px.
    fn points_in(&self, case: &OpenCase) -> &[DVec2] {
        let here = self.photo.is_some() && self.photo == case.record().map(PhotoKey::of);
        if here { &self.points_px } else { &[] }
    }

    /// Whether the comparison was requested since the last call.
    pub fn take_asked(&mut self) -> bool {
        std::mem::take(&mut self.asked)
    }

    /// Shows the trace and adds points to it.
    pub fn show(&mut self, overlay: &mut Overlay) {
        let Some(photo) = overlay.case.record().map(PhotoKey::of) else { return };
        if overlay.ui.input(|i| i.key_pressed(Key::Escape)) {
            self.clear();
        }
        if self.photo == Some(photo) {
            self.draw(overlay);
        }
        let Some(press) = overlay.press().filter(|press| press.released) else { return };
        if self.photo != Some(photo) {
            *self = Self { photo: Some(photo), ..Self::default() };
        }
        self.add(overlay.viewport.photo_from_screen(press.to), &planned_px(overlay.case));
    }

    /// Adds a point between those on either side of it along the planned line.
    fn add(&mut self, px: DVec2, planned_px: &[DVec2]) {
        let place = |px: DVec2| {
            let distance = |planned: &DVec2| planned.distance_squared(px);
            (0..planned_px.len()).min_by(|a, b| distance(&planned_px[*a]).total_cmp(&distance(&planned_px[*b])))
        };
        let at = self.points_px.partition_point(|point| place(*point) <= place(px));
        self.points_px.insert(at, px);
    }

    fn draw(&mut self, overlay: &mut Overlay) {
        let line: Vec<Pos2> = self.points_px.iter().map(|px| overlay.viewport.screen_from_photo(*px)).collect();
        overlay.painter.line(line.clone(), Stroke::new(4.0, UNDER_LINE));
        overlay.painter.line(line.clone(), Stroke::new(2.0, LINE));
        let mm_per_point = overlay.case.camera().map_or(1.0, |c| overlay.mm_per_point(c, DVec3::new(0.0, 0.0, 90.0)));
        let mut deleted = None;
        for (index, at) in line.into_iter().enumerate() {
            let handle = overlay.handle(("trace", index), &format!("Traced point {}", index + 1), at);
            if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
                self.points_px[index] = overlay.viewport.photo_from_screen(to);
            }
            if overlay.deleted(&handle) {
                deleted = Some(index);
            }
        }
        if let Some(index) = deleted {
            self.points_px.remove(index);
        }
    }

    /// What was traced, and what can be done with it.
    pub fn inspector(&mut self, ui: &mut Ui, case: &OpenCase) {
        ui.strong("Traced line");
        let traced = self.points_in(case).len();
        ui.label(match traced {
            0 => RichText::new("Click along the line that is drawn on the skin.").weak(),
            1 => RichText::new("1 point"),
            count => RichText::new(format!("{count} points")),
        });
        ui.horizontal_wrapped(|ui| {
            let planned = spaced_px(case);
            let begin = ui.add_enabled(planned.len() > 1, Button::new("Begin with the planned line"));
            let tip = "Puts points along the planned line, to be moved onto the drawn one";
            let begin = begin.on_hover_text(tip).on_disabled_hover_text("The photo has to show the planned line");
            if begin.clicked() {
                *self = Self { photo: case.record().map(PhotoKey::of), points_px: planned, asked: false };
            }
            let compare = ui.add_enabled(traced > 1, Button::new("Compare with the plan"));
            let compare =
                compare.on_hover_text("Measures along the skin how far the traced line lies from the planned one");
            self.asked |= compare.on_disabled_hover_text("Trace two points or more first").clicked();
            let clear = ui.add_enabled(traced > 0, Button::new("Clear trace"));
            if clear.on_hover_text("Removes the traced line (Escape)").clicked() {
                self.clear();
            }
        });
        ui.separator();
    }
}

/// The planned line where the photo on the canvas shows it, px.
fn planned_px(case: &OpenCase) -> Vec<DVec2> {
    seen(case).into_iter().map(|(_, px)| px).collect()
}

/// Points of it at even spacing, px.
fn spaced_px(case: &OpenCase) -> Vec<DVec2> {
    let mut next_mm = 0.0;
    let at_its_turn = |&(along_mm, _): &(f64, DVec2)| {
        let turn = along_mm >= next_mm;
        if turn {
            next_mm = along_mm + SPACING_MM;
        }
        turn
    };
    seen(case).into_iter().filter(at_its_turn).map(|(_, px)| px).collect()
}

/// The points of the planned line that the photo on the canvas shows: length along the line, mm, and place in the
/// photo, px.
fn seen(case: &OpenCase) -> Vec<(f64, DVec2)> {
    let (Some(fit), Some(camera), Some(plan)) = (case.fit(), case.camera(), case.plan()) else {
        return Vec::new();
    };
    let head = fit.head();
    let (mut along_mm, mut before) = (0.0, None::<DVec3>);
    let mut shown = Vec::new();
    for point in plan.hairline.line(head) {
        along_mm += before.map_or(0.0, |before| before.distance(point.position));
        before = Some(point.position);
        if let Some(px) = camera.image_from_head(point.position).filter(|_| head.visible(camera, &point)) {
            shown.push((along_mm, px));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_in_the_order_of_the_line_whatever_the_order_of_clicks() {
        let planned: Vec<DVec2> = (0..100).map(|x| DVec2::new(f64::from(x), 0.0)).collect();
        let mut trace = TraceTool::default();
        for x in [50.0, 10.0, 90.0, 30.0, 31.0] {
            trace.add(DVec2::new(x, 4.0), &planned);
        }
        let order: Vec<f64> = trace.points_px.iter().map(|px| px.x).collect();
        assert_eq!(order, [10.0, 30.0, 31.0, 50.0, 90.0]);
    }
}
