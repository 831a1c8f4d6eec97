//! The empty window: what to do first.

use std::path::PathBuf;

use egui::{Button, RichText, ScrollArea, Ui, Vec2};

use crate::studio::command::Command;
use crate::studio::files::Recent;
use crate::studio::widgets::described;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A command.
    Command(Command),
    /// To open this case.
    Recent(PathBuf),
}

/// Shows how to begin; gives what was clicked.
pub fn show(ui: &mut Ui, recent: &[Recent]) -> Option<Asked> {
    let mut asked = None;
    ui.vertical_centered(|ui| {
        let above = if recent.is_empty() { 0.28 } else { 0.16 };
        ui.add_space(above * ui.available_height());
        ui.heading("Drop a client's photos here");
        ui.label("A front photo is enough to begin. Nothing leaves this computer.");
        ui.add_space(16.0);
        for command in [Command::Open, Command::NewCase, Command::OpenSample] {
            let response =
                ui.add(Button::new(RichText::new(command.text()).size(16.0)).min_size(Vec2::new(240.0, 36.0)));
            if described(ui, response, command).clicked() {
                asked = Some(Asked::Command(command));
            }
        }
        if !recent.is_empty() {
            ui.add_space(20.0);
            ui.strong("Recent cases");
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for case in recent {
                    if let Some(path) = show_recent(ui, case) {
                        asked = Some(Asked::Recent(path));
                    }
                }
            });
        }
    });
    asked
}

/// A recent case as a button; greyed with the reason where it is gone.
pub fn show_recent(ui: &mut Ui, case: &Recent) -> Option<PathBuf> {
    let place = case.path.display().to_string();
    let button = ui.add_enabled(case.missing.is_none(), Button::new(&case.name)).on_hover_text(&place);
    let button = match case.missing {
        Some(why) => button.on_disabled_hover_text(format!("{why}: {place}")),
        None => button,
    };
    button.clicked().then(|| case.path.clone())
}
