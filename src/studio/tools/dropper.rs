//! The eyedropper: the next click in the photo takes the colour of a disc of 3 mm there, or measures the shaved hair or the
//! healed pigment of a larger one. Escape puts it away.

use egui::{Color32, CursorIcon, Key, Pos2, Stroke};
use glam::DVec2;

use super::Easel;
use crate::skin::calibration::{Place, USUAL_RADIUS_MM};
use crate::studio::colours::Target;

/// What the status bar says.
pub const HINT_SKIN: &str = "Click untreated skin in even light; Escape to leave it";
/// What the status bar says.
pub const HINT_STUBBLE: &str = "Click the shaved or stubbled side, where the hair is dense; Escape to leave it";
/// What the status bar says.
pub const HINT_FOLLICLES: &str = "Click a shaved patch that looks the same all over; Escape to leave it";
/// What the status bar says.
pub const HINT_BARE: &str = "Click bare skin right beside healed work, in the same light; Escape to leave it";
/// What the status bar says.
pub const HINT_TREATED: &str = "Click healed, treated skin without hair, in the same light; Escape to leave it";
/// Diameter of the disc whose colour is taken, mm.
const DISC_MM: f64 = 3.0;

/// What a click is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// The colour of a small disc.
    Tone(Target),
    /// The shaved hair of a patch.
    Follicles {
        /// Its radius, mm.
        radius_mm: f64,
    },
    /// One of the two places that tell the pigment of healed work.
    Healed(Place),
}

impl Aim {
    fn radius_mm(self) -> f64 {
        match self {
            Self::Tone(_) => 0.5 * DISC_MM,
            Self::Follicles { radius_mm } => radius_mm,
            Self::Healed(_) => USUAL_RADIUS_MM,
        }
    }
}

/// A place in a photo that is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pick {
    /// What for.
    pub aim: Aim,
    /// Index of the view.
    pub view: usize,
    /// Middle of the disc, px of the photo.
    pub middle_px: DVec2,
    /// Its radius, px.
    pub radius_px: f64,
}

/// The eyedropper.
#[derive(Debug, Default)]
pub struct Dropper {
    /// What the next click is for.
    pub armed: Option<Aim>,
    /// What was clicked.
    pub picked: Option<Pick>,
}

impl Dropper {
    /// Shows the disc under the pointer and waits for the click; Insert does the same as a click.
    pub fn show(&mut self, easel: &mut Easel) {
        let Some(aim) = self.armed else { return };
        if easel.ui.input(|i| i.key_pressed(Key::Escape)) {
            self.armed = None;
            return;
        }
        // In the frame of a click the pointer need not count as hovering.
        let clicked = easel.response.clicked();
        let clicked_at = easel.response.interact_pointer_pos().filter(|_| clicked);
        let Some(at) = clicked_at.or_else(|| easel.response.hover_pos()) else { return };
        easel.ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        let radius_px = aim.radius_mm() / mm_per_px(easel, at);
        let radius = (radius_px * easel.frame.points_per_px()) as f32;
        easel.painter.circle_stroke(at, radius + 1.0, Stroke::new(1.0, Color32::BLACK));
        easel.painter.circle_stroke(at, radius, Stroke::new(1.0, Color32::WHITE));
        if clicked || easel.ui.input(|i| i.key_pressed(Key::Insert)) {
            let middle_px = easel.frame.photo_from_screen(at);
            self.picked = Some(Pick { aim, view: easel.desk.view, middle_px, radius_px });
            self.armed = None;
        }
    }
}

/// Millimetres for a pixel of the photo there; beside the head those of its nearest known place, without a head those of
/// a photo that a head fills.
fn mm_per_px(easel: &Easel, at: Pos2) -> f64 {
    let of_view = || easel.desk.facts.scale.get(easel.desk.view).copied().flatten().map(|s| s.mm_per_px);
    let on_skin = easel
        .seen()
        .and_then(|(fit, camera)| easel.skin(fit.head(), &camera, at).map(|(_, skin)| camera.mm_per_px(skin.position)));
    on_skin.or_else(of_view).unwrap_or_else(|| 250.0 / easel.desk.record().map_or(1000.0, |r| f64::from(r.height_px)))
}
