//! A case that was begun without asking, with a client's photos: where it is kept, and what the client is called.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Button, Key, TextEdit, Ui, WidgetInfo};
use egui_material_icons::icons;

/// Longest name, characters: with an extension and a number every system accepts it.
const LONGEST: usize = 80;

/// The case, and what was typed so far.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Where the case is kept.
    pub path: PathBuf,
    name: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The client is called this.
    Name(String),
    /// The case keeps its present name.
    Later,
}

impl Naming {
    /// Asks for the client of a case.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Self { path: path.to_owned(), name }
    }

    /// The row that asks.
    pub fn show(&mut self, ui: &mut Ui) -> Option<Answer> {
        let mut answer = None;
        ui.horizontal_wrapped(|ui| {
            ui.label("Client's name");
            let tip = "The case and its file get this name (Enter)";
            let field = ui.add(TextEdit::singleline(&mut self.name).desired_width(170.0).char_limit(LONGEST));
            field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Client's name"));
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            field.on_hover_text(tip);
            let name = file_name(&self.name);
            let keep = ui.add_enabled(name.is_some(), Button::new("Keep this name"));
            let keep = keep.on_hover_text(tip).on_disabled_hover_text("Type a name first");
            if let Some(name) = name.filter(|_| keep.clicked() || entered) {
                answer = Some(Answer::Name(name));
            }
            let folder = self.path.parent().unwrap_or(&self.path).display();
            ui.label(format!("New case, kept in {folder}")).on_hover_text(self.path.display().to_string());
            let later = ui.add(Button::new(icons::ICON_CLOSE).frame(false)).accessible_name("Name the case later");
            if later.on_hover_text("Leave the name as it is; “Save as” can change it later").clicked() {
                answer = Some(Answer::Later);
            }
        });
        answer
    }
}

/// The file name for this name, valid on every system; none if nothing is left of it.
fn file_name(name: &str) -> Option<String> {
    let refused = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let kept: String = name.chars().map(|c| if refused(c) { ' ' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = kept.trim_matches('.').trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_file_names() {
        for (typed, name) in [
            ("María López", Some("María López")),
            ("  Anna  B. ", Some("Anna B")),
            ("a/b\\c:d", Some("a b c d")),
            ("李明", Some("李明")),
            ("..", None),
            (" / ", None),
            ("", None),
        ] {
            assert_eq!(file_name(typed).as_deref(), name, "{typed:?}");
        }
    }
}
