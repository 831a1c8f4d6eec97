//! The earlier states of cases, to make a new case from one.

use std::path::PathBuf;

use egui::{Button, Context, ScrollArea};
use egui_material_icons::icons;

use super::widgets::dialog;
use crate::case::earlier::EarlierState;
use crate::studio::words::{counted, shown_time};

/// Width kept for the button that deletes, points.
const DELETE_WIDTH: f32 = 40.0;

/// The states to choose from.
pub struct List {
    /// The states of all cases, the latest first.
    pub all: Vec<EarlierState>,
    /// Those of the open case; if none, all are shown.
    pub of_case: Option<Vec<EarlierState>>,
    /// The case of which the user is asked whether all states may be deleted.
    pub deleting: Option<PathBuf>,
}

/// What the dialog asks for.
pub enum Asked {
    /// Make a new case from this state.
    Restore(EarlierState),
    /// Delete all states of the case at this path.
    Delete(PathBuf),
    /// Close the dialog.
    Close,
}

impl List {
    /// Shows the list; returns what was asked for.
    pub(crate) fn show(&mut self, ctx: &Context) -> Option<Asked> {
        let modal = dialog(ctx, "earlier").show(ctx, |ui| {
            ui.set_width(520.0_f32.min(ctx.content_rect().width() - 60.0));
            ui.heading(if self.of_case.is_some() {
                "Earlier states of this case"
            } else {
                "Earlier states of all cases"
            });
            ui.label(
                "Each is a case as it was when it was opened. Restoring makes a new case; the present one stays as it is.",
            );
            ui.add_space(8.0);
            let mut asked = None;
            let states = self.of_case.as_ref().unwrap_or(&self.all);
            if states.is_empty() {
                ui.weak("None yet: one is kept each time the case is opened.");
            }
            let height = (ctx.content_rect().height() - 260.0).clamp(80.0, 420.0);
            ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
                for state in states {
                    let name =
                        state.case.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
                    let photos =
                        if state.photos == 1 { "1 photo".to_owned() } else { format!("{} photos", state.photos) };
                    let text = format!("{name}, {}, {photos}", shown_time(&state.kept));
                    ui.horizontal(|ui| {
                        let delete = format!("Delete the earlier states of {name}");
                        let width = ui.available_width() - DELETE_WIDTH;
                        let button = ui.add(Button::new(text).min_size(egui::vec2(width, 26.0)));
                        let tip = format!("Make a new case from this state, beside {}", state.case.display());
                        if button.on_hover_text(tip).clicked() {
                            asked = Some(Asked::Restore(state.clone()));
                        }
                        let button = ui.button(icons::ICON_DELETE).on_hover_text(&delete);
                        if button.accessible_name(&delete).clicked() {
                            self.deleting = Some(state.case.clone());
                        }
                    });
                }
            });
            if let Some(case) = self.deleting.clone() {
                ui.add_space(8.0);
                let states = self.all.iter().filter(|state| state.case == case).count();
                let states = counted(states, "earlier state");
                ui.label(format!("Delete {states} of this case for good, with the photos in them? {}", case.display()));
                ui.horizontal(|ui| {
                    if ui.button("Delete for good").on_hover_text("This cannot be undone").clicked() {
                        asked = Some(Asked::Delete(case));
                    }
                    if ui.button("Keep them").on_hover_text("Delete nothing").clicked() {
                        self.deleting = None;
                    }
                });
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if self.of_case.is_some() {
                    let all =
                        ui.button("Show all cases").on_hover_text("Including cases that no longer exist");
                    if all.clicked() {
                        self.of_case = None;
                    }
                }
                if ui.button("Close").on_hover_text("Back to the window (Escape)").clicked() {
                    asked = Some(Asked::Close);
                }
            });
            asked
        });
        let closed = modal.should_close().then_some(Asked::Close);
        modal.inner.or(closed)
    }
}
