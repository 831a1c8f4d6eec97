//! The row below the photo: the client's photos, and the course of time.

use egui::{Layout, Ui};

use super::asked::Asked;
use crate::studio::session::open_case::OpenCase;
use crate::studio::view::thumbnails::Thumbnails;

/// Height of the row, points.
pub const HEIGHT: f32 = 68.0;

/// Photos on the left, time on the right; each part scrolls if it has no room.
pub fn show(ui: &mut Ui, case: &OpenCase, thumbnails: &Thumbnails, playing: bool) -> Option<Asked> {
    let mut asked = None;
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), HEIGHT),
        Layout::left_to_right(egui::Align::Min),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let room = ui.available_width();
            asked = super::photos::show(ui, case, thumbnails, 0.42 * room);
            if case.plan().is_some() {
                ui.separator();
                asked = super::time::show(ui, case, playing).or(asked.take());
            }
        },
    );
    asked
}
