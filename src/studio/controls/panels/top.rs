//! Menus, undo and redo, variants, comparison.

use std::path::PathBuf;

use egui::scroll_area::ScrollBarVisibility;
use egui::{Button, MenuBar, ScrollArea, Ui};
use egui_material_icons::icons;

use super::welcome::show_recent;
use crate::case::owner::Owner;
use crate::skin::settings::Outlook;
use crate::studio::controls::widgets::{described, follow_focus, hint_at_more, keys};
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::recent::Recent;
use crate::studio::session::section::Section;
use crate::studio::session::tool::TOOLS;
use crate::studio::view::canvas::Compare;

const FILE_OPEN: &[Option<Command>] = &[Some(Command::NewCase), Some(Command::Open)];
const FILE: &[Option<Command>] = &[
    Some(Command::OpenSample),
    Some(Command::OpenDarkSample),
    None,
    Some(Command::AddPhotos),
    Some(Command::PastePhoto),
    None,
    Some(Command::SaveAs),
    Some(Command::Duplicate),
    Some(Command::Revert),
    Some(Command::ForgetHistory),
    Some(Command::CloseCase),
    None,
    Some(Command::EarlierStates),
    Some(Command::Trail),
    Some(Command::TakeOver),
    Some(Command::Lock),
    Some(Command::Unlock),
    Some(Command::Rescue),
    Some(Command::DeleteClient),
    None,
    Some(Command::Export),
    Some(Command::HandOver),
    Some(Command::Sign),
    None,
    Some(Command::Quit),
];
const PHOTO: &[Option<Command>] = &[
    Some(Command::PreviousView),
    Some(Command::NextView),
    None,
    Some(Command::TurnLeft),
    Some(Command::TurnRight),
    Some(Command::Mirror),
    Some(Command::Consent),
    Some(Command::ReadBack),
    Some(Command::RemovePhoto),
];
const VIEW: &[Option<Command>] = &[
    Some(Command::Fit),
    Some(Command::ActualSize),
    Some(Command::ZoomIn),
    Some(Command::ZoomOut),
    None,
    Some(Command::Wipe),
    Some(Command::SideBySide),
    Some(Command::Against),
    Some(Command::AllViews),
    Some(Command::Range),
    Some(Command::HonestView),
    Some(Command::HardLight),
    Some(Command::HeatMap),
    None,
    Some(Command::FirstStep),
    Some(Command::PreviousStep),
    Some(Command::NextStep),
    Some(Command::LastStep),
    Some(Command::Play),
    Some(Command::Outlook(Outlook::Light)),
    Some(Command::Outlook(Outlook::Likely)),
    Some(Command::Outlook(Outlook::Strong)),
    None,
    Some(Command::Guides),
    Some(Command::Panels),
    Some(Command::Theme),
    None,
    Some(Command::ClientScreen),
    Some(Command::FreezeClient),
    Some(Command::MirrorClient),
];

/// Room for the icons behind the variants until it is measured, and the least for the variants, points.
const ICONS: f32 = 260.0;
const LEAST_FOR_VARIANTS: f32 = 60.0;

/// The inputs of the row at the top.
pub struct Top<'a> {
    /// The open case.
    pub case: Option<&'a OpenCase>,
    /// How before and after are compared.
    pub compare: Compare,
    /// Whether a command makes sense at this moment.
    pub enabled: &'a dyn Fn(Command) -> bool,
    /// Recently opened cases.
    pub recent: &'a [Recent],
    /// Whether opened cases are added to that list.
    pub notes_recent: bool,
}

/// What the row asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A command.
    Command(Command),
    /// To open this case.
    Recent(PathBuf),
    /// To show a variant.
    Variant(usize),
    /// To do something with a variant.
    OnVariant(usize, Command),
    /// To rename a variant.
    RenameVariant(usize, String),
}

impl Top<'_> {
    /// Shows the row at the top.
    pub fn show(&self, ui: &mut Ui) -> Option<Asked> {
        let mut asked = None;
        MenuBar::new().ui(ui, |ui| {
            let file = ui.menu_button("File", |ui| {
                self.items(ui, FILE_OPEN, &mut asked);
                ui.add_enabled_ui(!self.recent.is_empty(), |ui| {
                    let recent = ui.menu_button("Open recent", |ui| {
                        for case in self.recent {
                            if let Some(path) = show_recent(ui, case) {
                                asked = Some(Asked::Recent(path));
                                ui.close();
                            }
                        }
                        ui.separator();
                        self.item(ui, Command::ForgetRecent, &mut asked);
                    });
                    recent.response.on_hover_text("Recently opened cases");
                });
                self.item(ui, Command::NoteRecent, &mut asked);
                self.items(ui, FILE, &mut asked);
            });
            file.response.on_hover_text("Cases, photos and pictures");
            let edit = ui.menu_button("Edit", |ui| {
                self.item(ui, Command::Undo, &mut asked);
                self.item(ui, Command::Redo, &mut asked);
                ui.separator();
                for tool in TOOLS {
                    self.item(ui, Command::Tool(tool), &mut asked);
                }
                ui.separator();
                for command in [Command::PickSkin, Command::PickHair, Command::MatchFollicles] {
                    self.item(ui, command, &mut asked);
                }
                self.item(ui, Command::CalibratePigment, &mut asked);
                self.item(ui, Command::Panel(Section::Checks), &mut asked);
                ui.separator();
                self.item(ui, Command::CopyVariant, &mut asked);
                self.item(ui, Command::DeleteVariant, &mut asked);
                ui.separator();
                self.item(ui, Command::Palette, &mut asked);
            });
            edit.response.on_hover_text("Undo, tools, the client's colours and variants");
            self.menu(ui, "Photo", "The photo that is shown", PHOTO, &mut asked);
            self.menu(ui, "View", "Zoom, comparison, time and guides", VIEW, &mut asked);
            self.menu(ui, "Help", "How to begin", &[Some(Command::Help)], &mut asked);
            ui.separator();
            self.icon(ui, Command::Undo, icons::ICON_UNDO, false, &mut asked);
            self.icon(ui, Command::Redo, icons::ICON_REDO, false, &mut asked);
            // How much room the icons behind the variants need is known from the frame before.
            let icons = ui.scope_id().with("icons behind the variants");
            let needed = ui.data(|data| data.get_temp(icons)).unwrap_or(ICONS);
            self.variants(ui, needed, &mut asked);
            let from = ui.cursor().left();
            ui.separator();
            self.icon(ui, Command::Wipe, icons::ICON_COMPARE, matches!(self.compare, Compare::Wipe(_)), &mut asked);
            let beside = self.compare == Compare::Beside;
            self.icon(ui, Command::SideBySide, icons::ICON_VIEW_COLUMN_2, beside, &mut asked);
            let all = self.compare == Compare::AllViews;
            self.icon(ui, Command::AllViews, icons::ICON_GRID_VIEW, all, &mut asked);
            let range = self.compare == Compare::Range;
            self.icon(ui, Command::Range, icons::ICON_CONTRAST, range, &mut asked);
            let honest = self.compare == Compare::Honest;
            self.icon(ui, Command::HonestView, icons::ICON_VISIBILITY, honest, &mut asked);
            self.icon(ui, Command::ClientScreen, icons::ICON_CAST, false, &mut asked);
            ui.separator();
            self.icon(ui, Command::Export, icons::ICON_IOS_SHARE, false, &mut asked);
            ui.data_mut(|data| data.insert_temp(icons, ui.cursor().left() - from));
        });
        asked
    }

    fn menu(&self, ui: &mut Ui, name: &str, tip: &str, commands: &[Option<Command>], asked: &mut Option<Asked>) {
        ui.menu_button(name, |ui| self.items(ui, commands, asked)).response.on_hover_text(tip);
    }

    fn items(&self, ui: &mut Ui, commands: &[Option<Command>], asked: &mut Option<Asked>) {
        for command in commands {
            match command {
                Some(command) => self.item(ui, *command, asked),
                None => {
                    ui.separator();
                }
            }
        }
    }

    fn item(&self, ui: &mut Ui, command: Command, asked: &mut Option<Asked>) {
        let keys = keys(ui.ctx(), command);
        let text = match (command, self.case) {
            (Command::Undo, Some(case)) => named("Undo", case.undo_name()),
            (Command::Redo, Some(case)) => named("Redo", case.redo_name()),
            (Command::NoteRecent, _) if self.notes_recent => "Stop remembering recent cases".to_owned(),
            (Command::NoteRecent, _) => "Remember recent cases".to_owned(),
            _ => command.text().to_owned(),
        };
        let button = Button::new(text).shortcut_text(keys);
        if ui.add_enabled((self.enabled)(command), button).on_hover_text(command.tip()).clicked() {
            *asked = Some(Asked::Command(command));
            ui.close();
        }
    }

    fn icon(
        &self,
        ui: &mut Ui,
        command: Command,
        icon: egui_material_icons::MaterialIcon,
        selected: bool,
        asked: &mut Option<Asked>,
    ) {
        let response = ui.add_enabled((self.enabled)(command), Button::selectable(selected, icon));
        if described(ui, response, command).clicked() {
            *asked = Some(Asked::Command(command));
        }
    }

    /// Shows the variants, scrolled where they leave less room than is needed behind them, points.
    fn variants(&self, ui: &mut Ui, needed: f32, asked: &mut Option<Asked>) {
        let Some(case) = self.case.filter(|case| !case.document().variants.is_empty()) else { return };
        ui.separator();
        let add = ui.spacing().interact_size.y + 2.0 * (ui.spacing().button_padding.x + ui.spacing().item_spacing.x);
        let room = (ui.available_width() - needed - add).max(LEAST_FOR_VARIANTS);
        // A wheel that turns up and down only scrolls it, too.
        ui.style_mut().always_scroll_the_only_direction = true;
        let shown = ScrollArea::horizontal()
            .id_salt("variants")
            .max_width(room)
            .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
            .show(ui, |ui| {
                ui.horizontal(|ui| super::variants::show(ui, case, asked));
                follow_focus(ui);
            });
        hint_at_more(ui, &shown);
        self.icon(ui, Command::CopyVariant, icons::ICON_ADD, false, asked);
    }
}

/// Says which parts of the case are damaged, and offers ways to continue.
pub fn damaged(ui: &mut Ui, damage: &str) -> Option<Command> {
    let mut asked = None;
    ui.horizontal_wrapped(|ui| {
        ui.label(icons::ICON_WARNING);
        ui.colored_label(ui.visuals().warn_fg_color, damage);
        let rescue = ui.button(Command::Rescue.text()).on_hover_text(Command::Rescue.tip());
        let earlier = ui.button(Command::EarlierStates.text()).on_hover_text(Command::EarlierStates.tip());
        asked = rescue.clicked().then_some(Command::Rescue).or(earlier.clicked().then_some(Command::EarlierStates));
    });
    asked
}

/// Says that the case is read-only, and offers ways to continue.
pub fn read_only(ui: &mut Ui, why: &str, owner: Option<&Owner>) -> Option<Command> {
    let mut asked = None;
    ui.horizontal_wrapped(|ui| {
        ui.label(icons::ICON_LOCK);
        ui.colored_label(ui.visuals().warn_fg_color, format!("This case can only be viewed because {why}."));
        if let Some(owner) = owner {
            ui.label("Once it is closed there, you can edit it here.");
            if !owner.is_certain() {
                let button = ui.button(Command::TakeOver.text()).on_hover_text(Command::TakeOver.tip());
                asked = button.clicked().then_some(Command::TakeOver);
            }
        }
        let button = ui.button("Save a copy and continue in it…").on_hover_text(Command::SaveAs.tip());
        asked = asked.or(button.clicked().then_some(Command::SaveAs));
    });
    asked
}

fn named(what: &str, step: Option<&str>) -> String {
    step.map_or_else(|| what.to_owned(), |step| format!("{what} {}", lower_first(step)))
}

/// Lowers the first letter: "Move hairline point" within a sentence.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
