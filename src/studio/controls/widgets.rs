//! Buttons that say what they do and which keys do the same.

use egui::accesskit::Role;
use egui::{Response, Ui, WidgetInfo};

use crate::studio::session::command::Command;

/// Gives a control the name, tooltip and shortcut of a command.
pub fn described(ui: &Ui, response: Response, command: Command) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, command.text()));
    let keys = keys(ui.ctx(), command);
    explained(response, command.tip()).on_hover_ui(|ui| {
        ui.strong(command.text());
        ui.label(command.tip());
        if !keys.is_empty() {
            ui.weak(&keys);
        }
    })
}

/// Tells a screen reader what a tooltip of more than words says.
pub fn explained(response: Response, tip: &str) -> Response {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_description(tip));
    response
}

/// A dialog over the window, with room around what it shows.
#[must_use]
pub fn dialog(ctx: &egui::Context, name: &str) -> egui::Modal {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(18.0);
    egui::Modal::new(egui::Id::unique(name)).frame(frame)
}

/// The keys of a command as they stand on the keyboard; empty where it has none.
#[must_use]
pub fn keys(ctx: &egui::Context, command: Command) -> String {
    let keys = command.shortcut().map_or_else(String::new, |s| ctx.format_shortcut(&s));
    let signs =
        [("OpenBracket", "["), ("CloseBracket", "]"), ("Plus", "+"), ("Minus", "-"), ("Comma", ","), ("Period", ".")];
    signs.into_iter().fold(keys, |keys, (name, sign)| keys.replace(name, sign))
}
