//! A file dialog of our own, for desktops that have none: folders and files, a field for a path, a filter.

use std::path::{Path, PathBuf};

use egui::text::{CCursor, CCursorRange};
use egui::{Button, Context, Key, Response, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons;

use super::question::{Pick, Purpose, Question};
use crate::ground::words::io_problem;
use crate::studio::background::task::{Event, Task};
use crate::studio::controls::widgets::dialog;

/// Most rows shown; a folder with more is narrowed down by the filter.
const MOST_ROWS: usize = 2000;

struct Entry {
    name: String,
    path: PathBuf,
    folder: bool,
}

/// How the dialog ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These files, or this folder.
    Chosen(Vec<PathBuf>),
    /// Nothing.
    Cancelled,
}

/// What a path leads to.
enum Target {
    Folder,
    File,
    Nothing,
}

impl Target {
    fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::Folder,
            Ok(_) => Self::File,
            Err(_) => Self::Nothing,
        }
    }
}

/// A folder and what can be chosen in it, or why that is not known.
type Listing = (PathBuf, Result<Vec<Entry>, String>);

/// Lists a folder, or the closest one above it that exists.
fn list(folder: &Path, question: &Question) -> Listing {
    let folder = folder.ancestors().find(|f| f.is_dir()).unwrap_or(folder);
    let list = || -> std::io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link counts as its target.
            let is_folder = std::fs::metadata(entry.path()).is_ok_and(|m| m.is_dir());
            let wanted = is_folder || (question.pick != Pick::Folder && question.takes(&entry.path()));
            if wanted && !name.starts_with('.') {
                entries.push(Entry { name, path: entry.path(), folder: is_folder });
            }
        }
        entries.sort_by_key(|e| (!e.folder, e.name.to_lowercase()));
        Ok(entries)
    };
    let entries = list().map_err(|e| format!("This folder cannot be read ({}).", io_problem(&e)));
    (folder.to_owned(), entries)
}

/// The dialog. Drives are asked on threads of their own, since one may not answer.
pub struct Dialog {
    question: Question,
    folder: PathBuf,
    /// The contents of the folder, or why they are not known.
    entries: Result<Vec<Entry>, String>,
    /// Reads the folder that is being entered.
    listing: Option<Task<Listing>>,
    /// Checks what a typed path leads to.
    looking: Option<(PathBuf, Task<Target>)>,
    filter: String,
    /// The field: a path, or a name in the folder.
    text: String,
    selected: Vec<PathBuf>,
    /// The file last clicked without Shift: Shift selects everything from there to the next click.
    anchor: Option<PathBuf>,
    problem: Option<String>,
    /// False until the field has had the keyboard focus.
    focused: bool,
}

impl Dialog {
    /// Opens it in the folder of the question.
    #[must_use]
    pub fn new(ctx: &Context, question: Question) -> Self {
        let (folder, text) = (question.folder.clone(), question.name.clone());
        let mut dialog = Self {
            question,
            folder: PathBuf::new(),
            entries: Ok(Vec::new()),
            listing: None,
            looking: None,
            filter: String::new(),
            text,
            selected: Vec::new(),
            anchor: None,
            problem: None,
            focused: false,
        };
        dialog.enter(ctx, folder);
        dialog
    }

    /// The question it was opened for.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Whether a drive has yet to answer.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.listing.is_some() || self.looking.is_some()
    }

    fn enter(&mut self, ctx: &Context, folder: PathBuf) {
        let (listed, question) = (folder.clone(), self.question.clone());
        self.listing = Some(Task::start(ctx, "list a folder", move |_| list(&listed, &question)));
        self.entries = Ok(Vec::new());
        self.folder = folder;
        self.looking = None;
        self.selected.clear();
        self.anchor = None;
        self.filter.clear();
        self.problem = None;
        if self.question.pick != Pick::Save {
            self.text.clear();
        }
    }

    /// Takes over what drives have answered; returns the paths that were chosen.
    fn take_answers(&mut self, ctx: &Context) -> Option<Vec<PathBuf>> {
        match self.listing.as_ref().map(Task::event) {
            Some(Event::Done((folder, entries))) => {
                (self.folder, self.entries, self.listing) = (folder, entries, None);
            }
            Some(Event::Lost) => self.listing = None,
            Some(Event::Pending) | None => {}
        }
        let (path, target) = match self.looking.as_ref().map(|(_, task)| task.event()) {
            Some(Event::Done(target)) => (self.looking.take()?.0, target),
            Some(Event::Lost) => (self.looking.take()?.0, Target::Nothing),
            Some(Event::Pending) | None => return None,
        };
        match (target, self.question.pick) {
            (Target::Folder, Pick::Folder) | (Target::File, Pick::Files) => Some(vec![path]),
            (Target::Folder, Pick::Files | Pick::Save) => {
                self.text.clear();
                self.enter(ctx, path);
                None
            }
            (Target::File | Target::Nothing, Pick::Save) => Some(vec![self.question.with_extension(path)]),
            (Target::Nothing, Pick::Files) => {
                self.problem = Some("There is no such file.".to_owned());
                None
            }
            (Target::File | Target::Nothing, Pick::Folder) => {
                self.problem = Some("There is no such folder.".to_owned());
                None
            }
        }
    }

    /// Shows the dialog; `always` is the setting to use it instead of the system's.
    pub fn show(&mut self, ctx: &Context, always: &mut bool) -> Option<Outcome> {
        let mut outcome = self.take_answers(ctx).map(Outcome::Chosen);
        let modal = dialog(ctx, "file dialog").show(ctx, |ui| {
            let size = ctx.content_rect().size();
            ui.set_width(620.0_f32.min(size.x - 60.0));
            ui.heading(self.question.title);
            ui.add_space(6.0);
            self.places(ui);
            let taken = self.list(ui, (size.y - 300.0).clamp(80.0, 380.0));
            ui.add_space(6.0);
            outcome = outcome.take().or(self.field(ui)).or(taken);
            ui.add_space(6.0);
            ui.checkbox(always, "Always use this dialog instead of the system's")
                .on_hover_text("For desktops whose own file dialog is missing or does not appear");
        });
        outcome.or_else(|| modal.should_close().then_some(Outcome::Cancelled))
    }

    fn places(&mut self, ui: &mut Ui) {
        let mut goal = None;
        ui.horizontal(|ui| {
            let parent = self.folder.parent().map(Path::to_owned);
            let up = ui.add_enabled(parent.is_some(), Button::new((icons::ICON_ARROW_UPWARD, "Up")));
            if up.on_hover_text("The parent folder").clicked() {
                goal = parent;
            }
            if let Some(home) = directories::UserDirs::new().map(|d| d.home_dir().to_owned())
                && ui.button("Home").on_hover_text(home.display().to_string()).clicked()
            {
                goal = Some(home);
            }
            let first = self.question.folder.clone();
            let back = ui.add_enabled(self.folder != first, Button::new("First folder"));
            let back = back.on_disabled_hover_text("This is the folder in which the dialog opened");
            if back.on_hover_text(format!("Back to {}, where the dialog opened", first.display())).clicked() {
                goal = Some(first);
            }
            let label = ui.label("Show");
            let filter = TextEdit::singleline(&mut self.filter).desired_width(120.0).hint_text("names with…");
            ui.add(filter).labelled_by(label.id).on_hover_text("Show only names that contain this");
        });
        if let Some(goal) = goal {
            self.enter(ui.ctx(), goal);
        }
        ui.label(RichText::new(self.folder.display().to_string()).weak());
    }

    /// The list; a double click chooses a file at once.
    fn list(&mut self, ui: &mut Ui, height: f32) -> Option<Outcome> {
        let mut clicked: Option<(PathBuf, bool)> = None;
        let mut taken = None;
        let mut files: Vec<PathBuf> = Vec::new();
        let frame = egui::Frame::new().fill(ui.visuals().extreme_bg_color).inner_margin(4.0).corner_radius(4.0);
        frame.show(ui, |ui| {
            let area =
                ScrollArea::vertical().auto_shrink([false, false]).max_height(height).min_scrolled_height(height);
            area.show(ui, |ui| {
                let entries = match &self.entries {
                    Ok(entries) => entries,
                    Err(problem) => {
                        ui.label(problem);
                        return;
                    }
                };
                let filter = self.filter.to_lowercase();
                let shown: Vec<&Entry> =
                    entries.iter().filter(|e| e.name.to_lowercase().contains(&filter)).take(MOST_ROWS).collect();
                if self.listing.is_some() {
                    ui.weak("Reading the folder…");
                } else if shown.is_empty() {
                    ui.weak("There is nothing to choose here.");
                }
                files = shown.iter().filter(|e| !e.folder).map(|e| e.path.clone()).collect();
                for entry in shown {
                    let icon = if entry.folder { icons::ICON_FOLDER } else { icons::ICON_IMAGE };
                    let selected = self.selected.contains(&entry.path);
                    let row = ui.add(Button::selectable(selected, (icon, entry.name.as_str())));
                    let what = if entry.folder { "Open this folder" } else { "Choose this file" };
                    let row = row.accessible_name(&entry.name).on_hover_text(what);
                    if row.clicked() {
                        clicked = Some((entry.path.clone(), entry.folder));
                    }
                    if row.double_clicked() && !entry.folder {
                        taken = Some(entry.path.clone());
                    }
                }
            });
        });
        match clicked {
            Some((path, true)) => self.enter(ui.ctx(), path),
            Some((path, false)) => {
                let keys = ui.input(|i| i.modifiers);
                match self.question.pick {
                    Pick::Files if keys.shift => self.select_up_to(path, &files, keys.command),
                    pick => self.select(path, pick == Pick::Files && keys.command),
                }
            }
            None => {}
        }
        taken.filter(|_| self.question.pick == Pick::Files).map(|path| Outcome::Chosen(vec![path]))
    }

    /// Selects all files from the one clicked before to this one, in the order in which they are shown; `more` keeps
    /// the existing selection.
    fn select_up_to(&mut self, path: PathBuf, files: &[PathBuf], more: bool) {
        let place = |path: &PathBuf| files.iter().position(|file| file == path);
        let (Some(to), from) = (place(&path), self.anchor.as_ref().and_then(place)) else { return };
        let Some(from) = from else { return self.select(path, more) };
        if !more {
            self.selected.clear();
        }
        for file in &files[from.min(to)..=from.max(to)] {
            if !self.selected.contains(file) {
                self.selected.push(file.clone());
            }
        }
        self.say_selected();
    }

    fn select(&mut self, path: PathBuf, several: bool) {
        self.anchor = Some(path.clone());
        let at = self.selected.iter().position(|p| *p == path);
        match (several, at) {
            (true, Some(at)) => drop(self.selected.remove(at)),
            (true, None) => self.selected.push(path),
            (false, _) => self.selected = vec![path],
        }
        self.say_selected();
    }

    /// Writes the names of the selected files into the field.
    fn say_selected(&mut self) {
        let names = self.selected.iter().filter_map(|p| p.file_name()).map(|n| n.to_string_lossy());
        self.text = names.collect::<Vec<_>>().join(", ");
        self.problem = None;
    }

    fn field(&mut self, ui: &mut Ui) -> Option<Outcome> {
        let mut outcome = None;
        let mut go = false;
        ui.horizontal(|ui| {
            let label = ui.label(match self.question.pick {
                Pick::Files => "Name or path",
                Pick::Save if self.question.purpose == Purpose::NewCase => "Client's name",
                Pick::Save => "File name",
                Pick::Folder => "Folder",
            });
            let field = ui.add(TextEdit::singleline(&mut self.text).desired_width(ui.available_width() - 8.0));
            let field = field.labelled_by(label.id).on_hover_text("A name in this folder, or a full path; ~ is home");
            if field.changed() {
                self.selected.clear();
                self.problem = None;
            }
            // A click places the cursor where the user wants it.
            let by_keyboard = field.gained_focus() && !field.changed() && !ui.input(|i| i.pointer.any_down());
            if !self.focused || by_keyboard {
                self.select_name(&field);
            }
            if !self.focused {
                field.request_focus();
                self.focused = true;
            }
            go = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        });
        if let Some(problem) = &self.problem {
            ui.colored_label(ui.visuals().warn_fg_color, problem);
        } else if self.question.pick == Pick::Files {
            ui.weak("Hold Ctrl to select several, Shift to select a range.");
        }
        ui.horizontal(|ui| {
            let verb = match self.question.pick {
                Pick::Files => "Open",
                Pick::Save => "Save",
                Pick::Folder => "Use this folder",
            };
            let tip = match self.question.pick {
                Pick::Files => "Open what is selected or named (Enter)",
                Pick::Save => "Save under this name in this folder (Enter)",
                Pick::Folder => "Use the folder that is shown (Enter)",
            };
            go |= ui.button(verb).on_hover_text(tip).clicked();
            if ui.button("Cancel").on_hover_text("Back to the window (Escape)").clicked() {
                outcome = Some(Outcome::Cancelled);
            }
        });
        if go && outcome.is_none() {
            outcome = self.choose(ui.ctx()).map(Outcome::Chosen);
        }
        outcome
    }

    /// Selects the text in the field, or for a name to save under everything except its extension, so that typing
    /// replaces it.
    fn select_name(&self, field: &Response) {
        let stem = Path::new(&self.text).file_stem().map(|stem| stem.to_string_lossy());
        let part = stem.filter(|stem| self.question.pick == Pick::Save && self.text.starts_with(stem.as_ref()));
        let end = part.map_or_else(|| self.text.chars().count(), |stem| stem.chars().count());
        let mut state = TextEdit::load_state(&field.ctx, field.id).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(end))));
        state.store(&field.ctx, field.id);
    }

    /// The paths given by the selection; none if the field has to be looked up first, or leads nowhere.
    fn choose(&mut self, ctx: &Context) -> Option<Vec<PathBuf>> {
        if !self.selected.is_empty() && self.question.pick == Pick::Files {
            return Some(self.selected.clone());
        }
        let text = self.text.trim();
        if text.is_empty() {
            return match self.question.pick {
                Pick::Folder => Some(vec![self.folder.clone()]),
                Pick::Files | Pick::Save => {
                    self.problem = Some("Choose a file, or type its name.".to_owned());
                    None
                }
            };
        }
        let path = self.path_of(text);
        let looked_at = path.clone();
        self.looking = Some((path, Task::start(ctx, "look at a path", move |_| Target::of(&looked_at))));
        None
    }

    fn path_of(&self, text: &str) -> PathBuf {
        let home = || directories::UserDirs::new().map(|d| d.home_dir().to_owned());
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                home().unwrap_or_default().join(rest.trim_start_matches('/'))
            }
            // An absolute path replaces the folder.
            _ => self.folder.join(text),
        }
    }
}
