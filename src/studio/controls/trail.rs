//! What was done with the case, when, and on which computer.

use egui::{Context, Grid, ScrollArea};

use super::widgets::dialog;
use crate::case::trail::Entry;
use crate::studio::words::shown_time;

/// Shows the list, the latest first; true while it stays open.
pub(crate) fn show(ctx: &Context, entries: &[Entry]) -> bool {
    let modal = dialog(ctx, "trail").show(ctx, |ui| {
        ui.set_width(640.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.heading("What was done with this case");
        ui.label(
            "Changes and exports, the latest first. Undo does not reach this list; “Erase history” removes everything about \
             changes except that they were made.",
        );
        ui.add_space(8.0);
        if entries.is_empty() {
            ui.weak("Nothing yet since this list began.");
        }
        let height = (ctx.content_rect().height() - 240.0).clamp(80.0, 460.0);
        let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        area.auto_shrink([false, true]).show(ui, |ui| {
            Grid::new("entries").num_columns(3).striped(true).spacing([16.0, 4.0]).show(ui, |ui| {
                for Entry { last, station, what, times, .. } in entries.iter().rev() {
                    ui.label(shown_time(last));
                    ui.label(station);
                    ui.label(if *times > 1 { format!("{what} ({times} times)") } else { what.clone() });
                    ui.end_row();
                }
            });
        });
        ui.add_space(8.0);
        ui.button("Close").on_hover_text("Back to the window (Escape)").clicked()
    });
    !(modal.inner || modal.should_close())
}
