//! The empty window: what to do first.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Button, Image, IntoAtoms as _, RichText, ScrollArea, Ui, Vec2, WidgetInfo};
use egui_material_icons::icons;

use crate::studio::controls::widgets::described;
use crate::studio::session::command::Command;
use crate::studio::session::recent::Recent;
use crate::studio::view::covers::Covers;

/// What the window asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A command.
    Command(Command),
    /// To open this case.
    Recent(PathBuf),
}

/// Shows how to start; returns what was clicked.
pub fn show(ui: &mut Ui, recent: &[Recent], covers: &Covers) -> Option<Asked> {
    let mut asked = None;
    ui.vertical_centered(|ui| {
        let above = if recent.is_empty() { 0.28 } else { 0.16 };
        ui.add_space(above * ui.available_height());
        ui.heading("Drop a client's photos here");
        ui.label("A front photo is enough to start. Nothing leaves this computer.");
        ui.add_space(16.0);
        let commands = buttons(
            ui,
            &[Command::Open, Command::NewCase, Command::EarlierStates, Command::OpenSample, Command::OpenDarkSample],
        );
        asked = commands.map(Asked::Command);
        if !recent.is_empty() {
            ui.add_space(20.0);
            ui.strong("Recent cases");
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for case in recent {
                    if let Some(path) = show_with_cover(ui, case, covers) {
                        asked = Some(Asked::Recent(path));
                    }
                }
            });
        }
    });
    asked
}

/// Shows how to start in a case without photos; returns what was clicked.
pub fn first_photos(ui: &mut Ui) -> Option<Command> {
    ui.vertical_centered(|ui| {
        ui.add_space(0.28 * ui.available_height());
        ui.heading("Drop this client's photos here");
        ui.label("A front photo is enough to start; sides, top and back make the head more accurate.");
        ui.add_space(16.0);
        buttons(ui, &[Command::AddPhotos, Command::PastePhoto])
    })
    .inner
}

/// Large buttons one below the other; returns the command of the one that was clicked.
fn buttons(ui: &mut Ui, commands: &[Command]) -> Option<Command> {
    let mut asked = None;
    for &command in commands {
        let button = Button::new(RichText::new(command.text()).size(16.0)).min_size(Vec2::new(240.0, 36.0));
        let response = ui.add(button);
        if described(ui, response, command).clicked() {
            asked = Some(command);
        }
    }
    asked
}

/// A recent case as a wide button with its picture.
fn show_with_cover(ui: &mut Ui, case: &Recent, covers: &Covers) -> Option<PathBuf> {
    const SIZE: Vec2 = Vec2::new(360.0, 52.0);
    const PICTURE: Vec2 = Vec2::splat(44.0);
    let picture = match covers.texture(&case.path) {
        Some(texture) => Image::from_texture(texture).fit_to_exact_size(PICTURE).into_atoms(),
        None => icons::ICON_PERSON.rich_text().size(PICTURE.y - 8.0).into_atoms(),
    };
    recent_button(ui, case, Button::new((picture, case.name.as_str())).min_size(SIZE))
}

/// A recent case as a button; greyed, with the reason, if it is gone.
pub fn show_recent(ui: &mut Ui, case: &Recent) -> Option<PathBuf> {
    recent_button(ui, case, Button::new(&case.name))
}

fn recent_button(ui: &mut Ui, case: &Recent, name: Button) -> Option<PathBuf> {
    let place = case.path.display().to_string();
    let name = name.right_text(RichText::new(case.changed.as_deref().unwrap_or_default()).weak());
    let button = ui.add_enabled(case.missing.is_none(), name).on_hover_text(&place);
    let button = match case.missing {
        Some(why) => button.on_disabled_hover_text(format!("{why}: {place}")),
        None => button,
    };
    // The day is not part of its accessible name.
    button.widget_info(|| WidgetInfo::labeled(Role::Button, case.missing.is_none(), &case.name));
    button.clicked().then(|| case.path.clone())
}
