//! The tools.

use egui::{Button, Ui, Vec2};
use egui_material_icons::{MaterialIcon, icons};

use crate::studio::controls::widgets::described;
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::{TOOLS, Tool};

fn icon(tool: Tool) -> MaterialIcon {
    match tool {
        Tool::Head => icons::ICON_FACE,
        Tool::Hairline => icons::ICON_TIMELINE,
        Tool::Area => icons::ICON_PENTAGON,
        Tool::Brush => icons::ICON_BRUSH,
        Tool::Mask => icons::ICON_BLOCK,
        Tool::Cover => icons::ICON_LASSO_SELECT,
        Tool::Tape => icons::ICON_STRAIGHTEN,
        Tool::Trace => icons::ICON_DRAW,
        Tool::Pan => icons::ICON_PAN_TOOL,
    }
}

/// The column of tools; returns the one that was clicked.
pub fn show(ui: &mut Ui, case: &OpenCase, active: Tool) -> Option<Command> {
    let mut asked = None;
    ui.vertical_centered(|ui| {
        ui.add_space(4.0);
        for tool in TOOLS {
            let possible = !tool.needs_head() || case.fit().is_some();
            let button = Button::selectable(active == tool, icon(tool)).min_size(Vec2::splat(34.0));
            let response = ui.add_enabled(possible, button);
            let command = Command::Tool(tool);
            let response = response.on_disabled_hover_text("Fit the head first: click the two pupils");
            if described(ui, response, command).clicked() {
                asked = Some(command);
            }
        }
    });
    asked
}
