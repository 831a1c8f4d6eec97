//! The empty window: what to do first.

use std::path::PathBuf;

use egui::{Button, RichText, Ui, Vec2};

use crate::studio::command::Command;
use crate::studio::widgets::described;

/// Shows how to begin; gives what was clicked.
pub fn show(ui: &mut Ui, recent: &[PathBuf]) -> Option<Command> {
    let mut asked = None;
    ui.vertical_centered(|ui| {
        ui.add_space(0.28 * ui.available_height());
        ui.heading("Drop a client's photos here");
        ui.label("A front photo is enough to begin. Nothing leaves this computer.");
        ui.add_space(16.0);
        for command in [Command::Open, Command::OpenSample] {
            let response =
                ui.add(Button::new(RichText::new(command.text()).size(16.0)).min_size(Vec2::new(240.0, 36.0)));
            if described(ui, response, command).clicked() {
                asked = Some(command);
            }
        }
        if !recent.is_empty() {
            ui.add_space(16.0);
            ui.label("Recent");
        }
    });
    asked
}
