//! Finding any command, photo, step or variant by name.

use egui::{Button, Context, Key, Modifiers, ScrollArea, TextEdit};

use super::widgets::dialog;
use crate::render::steps::Step;
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;

/// Something that can be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// A command.
    Command(Command),
    /// The photo with this index.
    View(usize),
    /// A step of the treatment.
    Step(Step),
    /// The variant with this index.
    Variant(usize),
}

/// A row of the list.
pub struct Row {
    /// What it leads to.
    pub target: Target,
    /// What it is called.
    pub text: String,
    /// Its shortcut.
    pub keys: String,
    /// Why it cannot be done at this moment.
    pub why_not: Option<&'static str>,
}

/// What was typed, and the row that Enter chooses.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    text: String,
    row: usize,
}

/// How well `text` matches what was typed, less is better; none if not at all.
///
/// All letters must occur in order. Matches at the start of the text rank best, then those at the start of a word, then
/// contiguous ones.
fn fit(text: &str, typed: &str) -> Option<usize> {
    let (text, typed) = (text.to_lowercase(), typed.trim().to_lowercase());
    if typed.is_empty() || text.starts_with(&typed) {
        return Some(0);
    }
    if text.contains(&format!(" {typed}")) {
        return Some(1);
    }
    if let Some(at) = text.find(&typed) {
        return Some(2 + at);
    }
    let mut letters = text.chars().enumerate();
    let (mut first, mut last) = (None, 0);
    for wanted in typed.chars().filter(|c| !c.is_whitespace()) {
        let (at, _) = letters.find(|(_, letter)| *letter == wanted)?;
        first = first.or(Some(at));
        last = at;
    }
    Some(1000 + last - first.unwrap_or(0))
}

/// How well a row matches: by its name, otherwise by another word for it.
fn row_fit(row: &Row, typed: &str) -> Option<usize> {
    let wanted = typed.trim().to_lowercase();
    let also = match row.target {
        Target::Command(command) if !wanted.is_empty() => command.also(),
        _ => "",
    };
    let other_word = also.split(' ').any(|word| word.starts_with(&wanted) && !word.is_empty()).then_some(500);
    fit(&row.text, typed).into_iter().chain(other_word).min()
}

/// The state of the palette.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// It stays open.
    Open,
    /// It was closed without a choice.
    Closed,
    /// This was chosen.
    Chosen(Target),
}

impl Palette {
    /// Shows the palette with the rows that match what was typed.
    pub fn show(&mut self, ctx: &Context, rows: Vec<Row>) -> Shown {
        let mut rows: Vec<(usize, Row)> =
            rows.into_iter().filter_map(|row| Some((row_fit(&row, &self.text)?, row))).collect();
        // Rows that match equally well stay in the order of the list.
        rows.sort_by_key(|(fit, row)| (*fit, row.why_not.is_some()));
        let key = |key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let (down, up, enter) = (key(Key::ArrowDown), key(Key::ArrowUp), key(Key::Enter));
        let last = rows.len().saturating_sub(1);
        self.row = (self.row.min(last) + usize::from(down)).min(last).saturating_sub(usize::from(up));
        let mut chosen = rows.get(self.row).filter(|(_, row)| enter && row.why_not.is_none()).map(|(_, r)| r.target);
        let modal = dialog(ctx, "palette").show(ctx, |ui| {
            ui.set_width(460.0);
            let field = TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY);
            let field = ui.add(field.hint_text("What do you want to do?"));
            field.request_focus();
            if field.changed() {
                self.row = 0;
            }
            let field = field.on_hover_text("Type part of a name; choose with the arrow keys and Enter");
            field.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::TextInput, true, "Find a command"));
            ui.add_space(4.0);
            let height = (ctx.content_rect().height() - 200.0).clamp(120.0, 400.0);
            // The minimum height is set too: otherwise the dialog grows into it little by little.
            let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
            area.auto_shrink([false, true]).show(ui, |ui| {
                if rows.is_empty() {
                    ui.weak("Nothing has that name.");
                }
                for (index, (_, row)) in rows.iter().enumerate() {
                    let selected = index == self.row;
                    let right = row.why_not.map_or_else(|| row.keys.clone(), str::to_owned);
                    let right = egui::RichText::new(right);
                    let right = if selected { right.color(ui.visuals().selection.stroke.color) } else { right };
                    let button = Button::selectable(selected, row.text.as_str()).shortcut_text(right);
                    let width = ui.available_width();
                    let response = ui.add_enabled(row.why_not.is_none(), button.min_size(egui::vec2(width, 0.0)));
                    if selected && (down || up) {
                        response.scroll_to_me(None);
                    }
                    if response.on_hover_text(tip(row.target)).clicked() {
                        chosen = Some(row.target);
                    }
                }
            });
        });
        match chosen {
            Some(target) => Shown::Chosen(target),
            None if modal.should_close() => Shown::Closed,
            None => Shown::Open,
        }
    }
}

/// What choosing the target does.
fn tip(target: Target) -> &'static str {
    match target {
        Target::Command(command) => command.tip(),
        Target::View(_) => "Show this photo",
        Target::Step(_) => "Show this step of the treatment",
        Target::Variant(_) => "Show this plan",
    }
}

/// Why a command that is not enabled cannot be done.
#[must_use]
pub fn why_not(command: Command, case: Option<&OpenCase>) -> &'static str {
    let Some(case) = case else { return "open a case first" };
    match command {
        Command::Undo => "nothing to undo",
        Command::Redo => "nothing to redo",
        Command::TakeOver => "nobody else has it open",
        Command::NextView | Command::PreviousView => "there is only one photo",
        Command::NextVariant | Command::DeleteVariant => "there is only one variant",
        _ if case.document().views.is_empty() => "add a photo first",
        _ => "fit the head first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_find_it_too() {
        use crate::studio::session::tool::Tool;
        let found = |typed: &str| -> Vec<Command> {
            let row = |&command: &Command| Row {
                target: Target::Command(command),
                text: command.text().to_owned(),
                keys: String::new(),
                why_not: None,
            };
            let rows = crate::studio::session::command::all().iter().map(row);
            let mut rows: Vec<_> = rows.filter_map(|row| Some((row_fit(&row, typed)?, row.target))).collect();
            rows.sort_by_key(|(fit, _)| *fit);
            let command = |(_, target)| if let Target::Command(command) = target { Some(command) } else { None };
            rows.into_iter().filter_map(command).collect()
        };
        for (typed, wanted) in [
            ("ruler", Command::Tool(Tool::Tape)),
            ("eraser", Command::Tool(Tool::Mask)),
            ("rotate", Command::TurnLeft),
            ("flip", Command::Mirror),
            ("slider", Command::Wipe),
            ("share", Command::Export),
        ] {
            let first: Vec<Command> = found(typed).into_iter().take(3).collect();
            assert!(first.contains(&wanted), "{typed}: {first:?}");
        }
        assert_eq!(found("undo")[0], Command::Undo, "names come first");
    }

    #[test]
    fn better_fits_come_first() {
        assert_eq!(fit("Undo", "und"), Some(0));
        assert!(fit("Add photos…", "photo") < fit("Paste photos", "hot"));
        assert!(fit("Open the sample client", "osc").is_some(), "letters in order");
        assert_eq!(fit("Undo", "redo"), None);
        assert!(fit("Compare: wipe", "wipe") < fit("Window pipe", "wipe"));
    }
}
