//! A head that is placed over the photo by hand, where no face can be found or clicked: four handles move, turn, tilt
//! and scale it.

use std::sync::Arc;

use egui::{Align2, Pos2, Rect, Vec2, vec2};
use glam::DVec2;

use super::handles::Seen;
use super::{HeadTool, State};
use crate::case::document::{FoundRecord, ViewRecord};
use crate::case::head_fit::HeadFit;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::placement::{self, Movement};
use crate::head::standard_view::StandardView;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::overlay::Overlay;

/// The instructions shown over the photo meanwhile.
pub(super) const PROMPT: &str = "Place the head over the photo: move it by its middle, turn it by the point that faces you, tilt \
                                 it at the top, scale it at the corner. Press Escape when it fits";
/// What the switch does.
pub(super) const SNAP_TIP: &str = "When you let go of a handle, the head is fitted to the edge that is found there. \
                                   The arrow keys move the head freely; Enter on a handle then snaps it";
/// The undo step with which it begins.
const BEGIN: &str = "Place head by hand";
/// Distances of the handles above and at the corner from the middle, mm.
const ABOVE_MM: f64 = 135.0;
const CORNER_MM: f64 = 95.0;

/// What a handle does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Grip {
    Move,
    Turn,
    Tilt,
    Scale,
}

impl Grip {
    const ALL: [Self; 4] = [Self::Move, Self::Turn, Self::Tilt, Self::Scale];

    /// The name of the handle, and of its undo step.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Move => ("Move the head", "Move head"),
            Self::Turn => ("Turn the head", "Turn head"),
            Self::Tilt => ("Tilt the head", "Tilt head"),
            Self::Scale => ("Scale the head", "Scale head"),
        }
    }
}

/// A head as it lay when a handle was grabbed.
pub(super) struct Taken {
    grip: Grip,
    fit: Arc<HeadFit>,
    camera: Camera,
    /// Where the handle was, and where it is now.
    from: Pos2,
    to: Pos2,
    /// What was found in the photo then.
    before: Option<FoundRecord>,
}

impl HeadTool {
    /// Starts with a head in the middle of the photo, or with the one that already lies over it.
    pub(super) fn begin_by_hand(&mut self, case: &mut OpenCase) {
        self.state = State::ByHand(None, self.state.asked());
        let Some(record) = case.record() else { return };
        if case.camera().is_none() {
            let average = Head::average();
            let head = case.fit().map_or(&average, |fit| fit.head());
            let view = StandardView::of(&record.name).unwrap_or(StandardView::Front);
            let camera = placement::first_camera(view, [record.width_px, record.height_px], record.focal_length_35mm);
            let found = laid_over(record, head, &camera);
            let view = case.view;
            lay(case, view, BEGIN, found);
        }
    }

    /// Shows the handles, and places the head where they are dragged.
    pub(super) fn show_by_hand(&mut self, overlay: &mut Overlay, record: &ViewRecord, seen: Option<&Seen>) {
        let let_go = &mut self.let_go;
        let (State::ByHand(taken, _), Some((fit, camera))) = (&mut self.state, seen) else { return };
        let head = fit.head();
        let centre = head.cranium.centre;
        let Some(middle_px) = camera.image_from_head(centre) else { return };
        let px_per_mm = 1.0 / camera.mm_per_px(centre);
        let turning = placement::turning_point(head, camera);
        let mm_per_point = overlay.mm_per_point(camera, centre);
        let mut taken_up: Vec<Rect> = Vec::new();
        for grip in Grip::ALL {
            let px = match grip {
                Grip::Move => Some(middle_px),
                Grip::Turn => camera.image_from_head(turning),
                Grip::Tilt => Some(middle_px - DVec2::Y * (ABOVE_MM * px_per_mm)),
                Grip::Scale => Some(middle_px + DVec2::ONE * (CORNER_MM * px_per_mm)),
            };
            let Some(px) = px else { continue };
            let (label, step) = grip.words();
            let at = match taken {
                Some(taken) if taken.grip == grip => taken.to,
                // The point that faces the camera may lie over the middle.
                _ if grip == Grip::Turn => apart(overlay.viewport.screen_from_photo(px), overlay, middle_px),
                _ => overlay.viewport.screen_from_photo(px),
            };
            let sides = [(vec2(11.0, 0.0), Align2::LEFT_CENTER), (vec2(-11.0, 0.0), Align2::RIGHT_CENTER)];
            overlay.caption_beside(at, &sides, label, &mut taken_up);
            let handle = overlay.handle(("by hand", record.photo, grip), label, at);
            if handle.drag_started() {
                let before = record.found.clone();
                *taken = Some(Taken { grip, fit: Arc::clone(fit), camera: *camera, from: at, to: at, before });
            }
            if let Some(to) = overlay.moved(&handle, at, mm_per_point) {
                let (fit, camera, from) = match taken {
                    Some(taken) if taken.grip == grip && handle.dragged() => {
                        taken.to = to;
                        (Arc::clone(&taken.fit), taken.camera, taken.from)
                    }
                    _ => (Arc::clone(fit), *camera, at),
                };
                let laid = placement::moved(&camera, fit.head(), movement(grip, overlay, &fit, &camera, from, to));
                let found = laid_over(record, fit.head(), &laid);
                let view = overlay.case.view;
                lay(overlay.case, view, step, found);
            }
            let released = taken.take_if(|taken| taken.grip == grip && !handle.dragged());
            // Arrow keys move by little, so that snapping after each would undo them: Enter snaps.
            if released.is_some() || handle.clicked() {
                let laid = overlay.case.record().and_then(|record| record.found.clone());
                // A cancelled gesture has moved nothing.
                let moved = released.is_none_or(|released| released.before != laid);
                *let_go = laid.filter(|_| moved).map(|laid| (step, laid));
            }
        }
        overlay.occupied.extend(taken_up);
    }
}

/// How dragging a handle across the screen moves the head.
fn movement(grip: Grip, overlay: &Overlay, fit: &HeadFit, camera: &Camera, from: Pos2, to: Pos2) -> Movement {
    let head = fit.head();
    let px = |at: Pos2| overlay.viewport.photo_from_screen(at);
    let by_px = px(to) - px(from);
    let middle = camera.image_from_head(head.cranium.centre).unwrap_or(camera.principal_px);
    let (before, after) = (px(from) - middle, px(to) - middle);
    match grip {
        Grip::Move => Movement::Move(by_px),
        Grip::Turn => Movement::Turn { point: placement::turning_point(head, camera), by_px },
        Grip::Tilt => Movement::Tilt(before.angle_to(after)),
        Grip::Scale => Movement::Scale(after.length() / before.length().max(1.0)),
    }
}

/// A handle's place, moved away from the middle if necessary.
fn apart(at: Pos2, overlay: &Overlay, middle_px: DVec2) -> Pos2 {
    /// Distance at which two handles can be told apart, points.
    const APART: f32 = 32.0;
    let middle = overlay.viewport.screen_from_photo(middle_px);
    if at.distance(middle) >= APART {
        return at;
    }
    let away = at - middle;
    middle + if away == Vec2::ZERO { vec2(0.0, APART) } else { away.normalized() * APART }
}

/// The record of a photo over which a head was placed, without the edge, which was found for another placement of the
/// head.
fn laid_over(record: &ViewRecord, head: &Head, camera: &Camera) -> FoundRecord {
    let hidden = record.found.as_ref().map_or_else(Vec::new, |found| found.hidden.clone());
    let direction = StandardView::of(&record.name).unwrap_or(StandardView::Front);
    FoundRecord { hidden, ..FoundRecord::of_landmarks(direction, &placement::sightings(head, camera)) }
}

fn lay(case: &mut OpenCase, view: usize, step: &str, found: FoundRecord) {
    case.draft(step, |document| {
        if let Some(record) = document.views.get_mut(view) {
            record.found = Some(found);
        }
    });
}
