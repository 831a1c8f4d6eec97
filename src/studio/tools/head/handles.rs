//! Handles for what was clicked and found in the photo: landmarks, the outline, the ends of a scale.

use std::sync::Arc;

use egui::{Align2, Pos2, Rect, Stroke, vec2};
use glam::DVec2;

use crate::case::document::ViewRecord;
use crate::case::head_fit::HeadFit;
use crate::head::camera::Camera;
use crate::head::fit::Scale;
use crate::head::landmarks::Landmark;
use crate::studio::session::landmarks;
use crate::studio::view::overlay::{LINE, NUDGE_MM, Overlay, UNDER_LINE};

/// A fitted head, and the camera that looks at it.
pub(super) type Seen = (Arc<HeadFit>, Camera);

/// How far an arrow key moves a point when there is no head to define a millimetre, px of the photo.
const NUDGE_PX: f64 = 1.0;

/// How a landmark agrees with the other points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Fits,
    /// It hardly fits, but is used.
    Doubtful,
    LeftOut,
}

impl Standing {
    pub(super) fn of(fit: Option<&HeadFit>, view: usize, landmark: Landmark) -> Self {
        match fit {
            Some(fit) if fit.left_out(view).any(|other| other == landmark) => Self::LeftOut,
            Some(fit) if fit.doubtful(view).any(|other| other == landmark) => Self::Doubtful,
            _ => Self::Fits,
        }
    }

    /// Added to the name of the landmark.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Fits => "",
            Self::Doubtful => ", does not fit the other points",
            Self::LeftOut => ", left out because the other points contradict it",
        }
    }
}

/// Marks a landmark that does not fit the others: a ring in the colour of warnings, and a cross if it is left out.
fn warn(overlay: &Overlay, at: Pos2, standing: Standing) {
    const RING: f32 = 9.5;
    const CROSS: f32 = 5.5;
    if standing == Standing::Fits {
        return;
    }
    let colour = overlay.ui.visuals().warn_fg_color;
    let strokes = [Stroke::new(4.0, UNDER_LINE), Stroke::new(2.0, colour)];
    for stroke in strokes {
        overlay.painter.circle_stroke(at, RING, stroke);
        if standing == Standing::LeftOut {
            for side in [vec2(CROSS, CROSS), vec2(CROSS, -CROSS)] {
                overlay.painter.line_segment([at - side, at + side], stroke);
            }
        }
    }
}

/// Millimetres per point of the screen; without a head, such that an arrow key moves by [`NUDGE_PX`].
pub(super) fn mm_per_point(overlay: &Overlay, seen: Option<&Seen>) -> f64 {
    let unknown = NUDGE_MM / (NUDGE_PX * overlay.viewport.points_per_px());
    seen.map_or(unknown, |(fit, camera)| overlay.mm_per_point(camera, fit.head().glabella().position))
}

pub(super) fn landmark_handles(overlay: &mut Overlay, record: &ViewRecord, seen: Option<&Seen>) {
    let view = overlay.case.view;
    let mm_per_point = mm_per_point(overlay, seen);
    // Names must not cover points or each other; one that finds no room is left to the tooltip.
    let place = |pixel: [f64; 2]| overlay.viewport.screen_from_photo(DVec2::from(pixel));
    let marks = record.landmarks.values().chain(&record.outline);
    let mut taken: Vec<Rect> = marks.map(|&p| Overlay::mark(place(p))).collect();
    for (&landmark, &pixel) in &record.landmarks {
        overlay.name_beside(place(pixel), landmarks::short(landmark), &mut taken);
    }
    for (&landmark, &pixel) in &record.landmarks {
        let at = overlay.viewport.screen_from_photo(DVec2::from(pixel));
        let name = landmarks::short(landmark);
        let standing = Standing::of(seen.map(|(fit, _)| &**fit), view, landmark);
        let label = format!("{}{}", landmarks::title(landmark), standing.in_words());
        let handle = overlay.handle(("landmark", record.photo, landmark), &label, at);
        warn(overlay, at, standing);
        if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
            let to = overlay.clamped(record, to);
            overlay.case.draft(&format!("Move {name}"), |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.landmarks.insert(landmark, to.to_array());
                }
            });
        }
        if overlay.deleted(&handle) || handle.secondary_clicked() {
            overlay.case.draft(&format!("Remove {name}"), |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.landmarks.remove(&landmark);
                }
            });
        }
    }
}

/// The detected points of the head's edge that no click outranks: dots, paler where hair hides the edge.
pub(super) fn found_outline(overlay: &Overlay, record: &ViewRecord) {
    let [scalp, hair] = record.input().found_edge();
    for (points, strength) in [(scalp, 0.8), (hair, 0.35)] {
        for pixel in points {
            let at = overlay.viewport.screen_from_photo(pixel);
            overlay.painter.circle(at, 2.0, LINE.gamma_multiply(strength), Stroke::new(0.5, UNDER_LINE));
        }
    }
}

/// Landmarks that were found: dragging one places it.
pub(super) fn found_handles(overlay: &mut Overlay, record: &ViewRecord, seen: Option<&Seen>) {
    let view = overlay.case.view;
    let mm_per_point = mm_per_point(overlay, seen);
    for (landmark, found) in record.found_landmarks() {
        let at = overlay.viewport.screen_from_photo(DVec2::from(found.px));
        let standing = Standing::of(seen.map(|(fit, _)| &**fit), view, landmark);
        let label = format!("{}, found{}", landmarks::title(landmark), standing.in_words());
        // Same id as for a placed landmark, so that dragging it continues with that.
        let handle = overlay.found(("landmark", record.photo, landmark), &label, at);
        warn(overlay, at, standing);
        if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
            let to = overlay.clamped(record, to);
            overlay.case.draft(&format!("Move {}", landmarks::short(landmark)), |document| {
                if let Some(record) = document.views.get_mut(view) {
                    record.landmarks.insert(landmark, to.to_array());
                }
            });
        }
        if overlay.deleted(&handle) || handle.secondary_clicked() {
            overlay.case.draft(&format!("Remove {}", landmarks::short(landmark)), |document| {
                if let Some(found) = document.views.get_mut(view).and_then(|record| record.found.as_mut()) {
                    found.landmarks.remove(&landmark);
                }
            });
        }
    }
}

pub(super) fn outline_handles(overlay: &mut Overlay, record: &ViewRecord, seen: Option<&Seen>) {
    let view = overlay.case.view;
    let mm_per_point = mm_per_point(overlay, seen);
    for (index, &pixel) in record.outline.iter().enumerate() {
        let at = overlay.viewport.screen_from_photo(DVec2::from(pixel));
        let label = format!("Outline point {}", index + 1);
        let handle = overlay.handle(("outline", record.photo, index), &label, at);
        if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
            let to = overlay.clamped(record, to);
            overlay.case.draft("Move outline point", |document| {
                if let Some(point) = document.views.get_mut(view).and_then(|r| r.outline.get_mut(index)) {
                    *point = to.to_array();
                }
            });
        }
        if overlay.deleted(&handle) || handle.secondary_clicked() {
            overlay.case.draft("Remove outline point", |document| {
                if let Some(record) = document.views.get_mut(view).filter(|r| index < r.outline.len()) {
                    record.outline.remove(index);
                }
            });
        }
    }
}

/// The ends of an iris or a ruler that were clicked in this photo.
pub(super) fn scale_handles(overlay: &mut Overlay, record: &ViewRecord) {
    let scale = overlay.case.document().scale();
    let (ends_px, what) = match &scale {
        Scale::Iris { view, edge_px } if *view == record.name => (*edge_px, "Iris edge"),
        Scale::Ruler { view, ends_px, .. } if *view == record.name => (*ends_px, "Ruler end"),
        _ => return,
    };
    let ends = ends_px.map(|p| overlay.viewport.screen_from_photo(p));
    overlay.segment(ends[0], ends[1]);
    for (index, at) in ends.into_iter().enumerate() {
        let handle = overlay.handle(("scale", record.photo, index), &format!("{what} {}", index + 1), at);
        let mm_per_point = mm_per_point(overlay, None);
        if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
            let to = overlay.clamped(record, to);
            let mut moved = scale.clone();
            if let Scale::Iris { edge_px: ends, .. } | Scale::Ruler { ends_px: ends, .. } = &mut moved {
                ends[index] = to;
            }
            overlay.case.draft(if what == "Iris edge" { "Move iris edge" } else { "Move ruler end" }, |document| {
                document.set_scale(&moved);
            });
        }
    }
}

impl Overlay<'_> {
    /// Screen places in pixels of the photo; none if the last one is outside it.
    pub(super) fn on_photo(&self, record: &ViewRecord, places: [Pos2; 2]) -> Option<[DVec2; 2]> {
        let pixels = places.map(|p| self.viewport.photo_from_screen(p));
        let size = DVec2::new(f64::from(record.width_px), f64::from(record.height_px));
        let last = pixels[1];
        (last.cmpge(DVec2::ZERO).all() && last.cmple(size).all()).then_some(pixels)
    }

    /// The pixel of the photo that is closest to a screen place.
    pub(super) fn clamped(&self, record: &ViewRecord, at: Pos2) -> DVec2 {
        let size = DVec2::new(f64::from(record.width_px), f64::from(record.height_px));
        self.viewport.photo_from_screen(at).clamp(DVec2::ZERO, size)
    }

    /// A straight line on the screen.
    pub(super) fn segment(&self, from: Pos2, to: Pos2) {
        self.painter.line_segment([from, to], Stroke::new(3.5, UNDER_LINE));
        self.painter.line_segment([from, to], Stroke::new(1.5, LINE));
    }

    /// A name next to a point, if there is room for it.
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
}
