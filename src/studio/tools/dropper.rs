//! The eyedropper: the next click in the photo picks the colour of a disc of 3 mm there, or measures the shaved hair or
//! the healed pigment of a larger one. Escape puts it away.

use crate::studio::session::aim::{Dropper, Pick};
use crate::studio::view::overlay::Overlay;
use egui::{Color32, CursorIcon, Key, Pos2, Stroke};

/// The hint in the status bar before a click that picks the colour of skin.
pub const HINT_SKIN: &str = "Click untreated skin in even light; Escape to cancel";
/// The hint in the status bar before a click that picks the colour of hair.
pub const HINT_STUBBLE: &str = "Click the shaved or stubbled side, where the hair is dense; Escape to cancel";
/// The hint in the status bar before a click that measures shaved hair.
pub const HINT_FOLLICLES: &str = "Click a shaved patch that looks the same all over; Escape to cancel";
/// The hint in the status bar before the first click on healed work.
pub const HINT_BARE: &str = "Click bare skin right beside healed work, in the same light; Escape to cancel";
/// The hint in the status bar before the second click on healed work.
pub const HINT_TREATED: &str = "Click healed, treated skin without hair, in the same light; Escape to cancel";
/// Shows the disc under the pointer and waits for the click; Insert acts like a click.
pub fn show(dropper: &mut Dropper, overlay: &mut Overlay) {
    let Some(aim) = dropper.armed else { return };
    if overlay.ui.input(|i| i.key_pressed(Key::Escape)) {
        dropper.armed = None;
        return;
    }
    // In the frame of a click the pointer may not count as hovering.
    let clicked = overlay.response.clicked();
    let clicked_at = overlay.response.interact_pointer_pos().filter(|_| clicked);
    let Some(at) = clicked_at.or_else(|| overlay.response.hover_pos()) else { return };
    overlay.ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    let radius_px = aim.radius_mm() / mm_per_px(overlay, at);
    let radius = (radius_px * overlay.viewport.points_per_px()) as f32;
    overlay.painter.circle_stroke(at, radius + 1.0, Stroke::new(1.0, Color32::BLACK));
    overlay.painter.circle_stroke(at, radius, Stroke::new(1.0, Color32::WHITE));
    if clicked || overlay.ui.input(|i| i.key_pressed(Key::Insert)) {
        let middle_px = overlay.viewport.photo_from_screen(at);
        dropper.picked = Some(Pick { aim, view: overlay.case.view, middle_px, radius_px });
        dropper.armed = None;
    }
}

/// Millimetres per pixel of the photo at this place; beside the head the scale of the view; without a head, that of a
/// photo filled by a head.
fn mm_per_px(overlay: &Overlay, at: Pos2) -> f64 {
    let of_view = || overlay.case.facts.scale.get(overlay.case.view).copied().flatten().map(|s| s.mm_per_px);
    let on_skin = overlay.seen().and_then(|(fit, camera)| {
        overlay.skin(fit.head(), &camera, at).map(|(_, skin)| camera.mm_per_px(skin.position))
    });
    on_skin.or_else(of_view).unwrap_or_else(|| 250.0 / overlay.case.record().map_or(1000.0, |r| f64::from(r.height_px)))
}
