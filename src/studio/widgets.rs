//! Buttons that say what they do and which keys do the same.

use egui::accesskit::Role;
use egui::{Response, Ui, WidgetInfo};

use super::command::Command;

/// Gives a control the name, tooltip and shortcut of a command.
pub fn described(ui: &Ui, response: Response, command: Command) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, command.text()));
    let keys = command.shortcut().map(|s| ui.ctx().format_shortcut(&s));
    response.on_hover_ui(|ui| {
        ui.strong(command.text());
        ui.label(command.tip());
        if let Some(keys) = &keys {
            ui.weak(keys);
        }
    })
}
