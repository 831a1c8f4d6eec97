//! How to start, and all shortcuts.

use egui::{Context, Grid, RichText, ScrollArea};

use super::widgets::{dialog, keys};
use crate::studio::session::command;

const BEGIN: [&str; 6] = [
    "Drop one or more photos of a client on the window. One from the front is enough to start.",
    "Mark the pupils, the chin and the outline of the head (tool “Fit head”). Two points already give a first plan.",
    "Drag the points of the hairline until the client likes it. Everything is in millimetres on the skin.",
    "Choose density, pigment and sessions on the right. The steps below the photo show each session and the years after.",
    "Copy the plan to a variant (+), and compare the two with O. Show the client the second screen with F9.",
    "Export pictures with Ctrl+E. Everything is saved as you go; undo takes back any step, even tomorrow.",
];

/// Shows the help; true while it stays open.
pub(crate) fn show(ctx: &Context) -> bool {
    let modal = dialog(ctx, "help").show(ctx, |ui| {
        ui.set_width(720.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.heading("How to begin");
        ui.add_space(4.0);
        for (number, line) in BEGIN.iter().enumerate() {
            ui.label(format!("{}.  {line}", number + 1));
        }
        ui.add_space(10.0);
        ui.heading("Shortcuts");
        ui.add_space(4.0);
        let height = (ctx.content_rect().height() - 380.0).clamp(100.0, 420.0);
        // The minimum height is set too: otherwise the dialog grows into it little by little.
        let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        area.auto_shrink([false, true]).show(ui, |ui| {
            // The tips wrap, so that the dialog is no wider than the window.
            let column = 0.45 * ui.available_width();
            Grid::new("shortcuts").num_columns(3).max_col_width(column).striped(true).spacing([16.0, 4.0]).show(
                ui,
                |ui| {
                    for command in command::all() {
                        let keys = keys(ctx, *command);
                        if keys.is_empty() {
                            continue;
                        }
                        ui.label(command.text());
                        ui.label(RichText::new(keys).monospace());
                        ui.weak(command.tip());
                        ui.end_row();
                    }
                },
            );
        });
        ui.add_space(8.0);
        ui.button("Close").on_hover_text("Back to the window (Escape)").clicked()
    });
    !(modal.inner || modal.should_close())
}
