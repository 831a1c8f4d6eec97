//! Numbers with units: typed, dragged, reset by a double click, and undone as one step. Also names.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{Align, Context, DragValue, Id, Key, Label, Layout, Response, TextEdit, Ui, Vec2, WidgetInfo};

use super::widgets::explained;
use crate::plan::parameters::{Parameter, Unit};

/// Width of all numbers, points, so that they line up.
const VALUE_WIDTH: f32 = 86.0;
const HEIGHT: f32 = 20.0;

/// The description of a number.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    /// Its name, as in "Density".
    pub label: &'a str,
    /// What it does, in a sentence.
    pub tip: &'a str,
    /// Its unit, shown after the number, with a leading space.
    pub unit: &'a str,
    /// Its permitted range.
    pub range: RangeInclusive<f64>,
    /// Change per point of dragging.
    pub speed: f64,
    /// Digits after the decimal point.
    pub decimals: usize,
    /// The value that a double click restores.
    pub default: f64,
    /// Factor from the value to the number shown and edited: 100 for a share shown as a percentage. Everything above
    /// refers to the number as shown.
    pub factor: f64,
}

impl Default for Number<'_> {
    fn default() -> Self {
        Self { label: "", tip: "", unit: "", range: 0.0..=1.0, speed: 0.01, decimals: 0, default: 0.0, factor: 1.0 }
    }
}

impl Number<'static> {
    /// A number of the plan.
    pub fn of<T>(parameter: &Parameter<T>, default: f64) -> Self {
        let (unit, factor) = match parameter.unit {
            Unit::Millimetres => (" mm", 1.0),
            Unit::PerCm2 => (" /cm²", 1.0),
            Unit::Days => (" days", 1.0),
            Unit::Years => (" years", 1.0),
            Unit::PartsOfWater => (" : 1", 1.0),
            Unit::Share => (" %", 100.0),
            Unit::Times => (" ×", 1.0),
        };
        let [least, most] = parameter.limits;
        Self {
            label: parameter.label,
            tip: parameter.tip,
            unit,
            range: factor * least..=factor * most,
            // Two points of dragging make the smallest change that is shown.
            speed: 0.5 * libm::pow(0.1, parameter.decimals as f64),
            decimals: parameter.decimals,
            default: factor * default,
            factor,
        }
    }
}

impl Number<'_> {
    /// Shows label and number in a row; returns the new value if the user changed it.
    pub fn show(&self, ui: &mut Ui, value: f64) -> Option<f64> {
        self.show_of(ui, value, "")
    }

    /// Like [`Number::show`], where several numbers share this label: `of` says which one it is, as in "crown".
    pub fn show_of(&self, ui: &mut Ui, value: f64, of: &str) -> Option<f64> {
        let name = if of.is_empty() { self.label.to_owned() } else { format!("{}, {of}", self.label) };
        let changed = row(ui, self.label, self.tip, |ui| self.value(ui, self.factor * value, &name));
        changed.map(|shown| shown / self.factor)
    }

    /// The number alone.
    fn value(&self, ui: &mut Ui, value: f64, called: &str) -> Option<f64> {
        let mut edited = value;
        // Captured when typing ends: egui itself reports nothing about input that it clamps or rejects.
        let typed = RefCell::new(None);
        let response = ui.add(
            DragValue::new(&mut edited)
                .custom_parser(|text| {
                    typed.replace(Some(text.to_owned()));
                    self.read(text)
                })
                .range(self.range.clone())
                .clamp_existing_to_range(false)
                .speed(self.speed)
                .fixed_decimals(self.decimals)
                .suffix(self.unit)
                .update_while_editing(false),
        );
        if let Some(complaint) = typed.take().and_then(|text| self.complaint(called, &text, value)) {
            ui.data_mut(|data| data.insert_temp(Id::unique(COMPLAINT), complaint));
        }
        let response = explained(response, self.tip).on_disabled_hover_text(self.tip).on_hover_ui(|ui| {
            ui.label(self.tip);
            let default = format!("{:.*}{}", self.decimals, self.default, self.unit);
            ui.weak(format!("{}. Drag or type; double-click for {default}", self.range_text()));
        });
        name(&response, called, edited);
        if response.double_clicked() {
            // The first of the two clicks started text editing.
            response.surrender_focus();
            return (value != self.default).then_some(self.default);
        }
        (response.changed() && (edited - value).abs() > f64::EPSILON * value.abs()).then_some(edited)
    }

    /// Its permitted range, as in "0 to 250 /cm²".
    fn range_text(&self) -> String {
        let (least, most) = (self.range.start(), self.range.end());
        format!("{least:.*} to {most:.*}{}", self.decimals, self.decimals, self.unit)
    }

    /// The number that was typed, with or without its unit.
    fn read(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let text = text.strip_suffix(self.unit.trim()).unwrap_or(text);
        let digits = text.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
            '−' => '-',
            ',' => '.',
            other => other,
        });
        digits.collect::<String>().parse().ok().filter(|number: &f64| !number.is_nan())
    }

    /// The complaint about a text that is not taken as typed, or not at all.
    fn complaint(&self, called: &str, text: &str, value: f64) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let Some(number) = self.read(text) else {
            let short: String = text.chars().take(20).collect();
            return Some(format!(
                "\u{201c}{short}\u{201d} is not a number. {called} ranges from {}.",
                self.range_text()
            ));
        };
        // A difference that cannot be seen needs no words, such as a value at a limit that lies between two decimals.
        let seen = |by: f64| by.abs() > 0.5 * libm::pow(0.1, self.decimals as f64);
        let taken = number.max(*self.range.start()).min(*self.range.end());
        (seen(number - taken) && seen(number - value)).then(|| format!("{called} ranges from {}.", self.range_text()))
    }
}

/// Where a complaint waits for the messages, which lie outside the panels.
const COMPLAINT: &str = "complaint about a number";

/// The complaint about a number that was just typed; returned once.
pub fn complaint(ctx: &Context) -> Option<String> {
    ctx.data_mut(|data| data.remove_temp(Id::unique(COMPLAINT)))
}

/// A label on the left, truncated if there is no room, and a control as wide as all others on the right.
pub fn row<R>(ui: &mut Ui, label: &str, tip: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    ui.allocate_ui_with_layout(Vec2::new(ui.available_width(), HEIGHT), Layout::right_to_left(Align::Center), |ui| {
        let usual = std::mem::replace(&mut ui.spacing_mut().interact_size, Vec2::new(VALUE_WIDTH, HEIGHT));
        let result = control(ui);
        ui.spacing_mut().interact_size = usual;
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(label).truncate().selectable(false)).on_hover_text(tip);
        });
        result
    })
    .inner
}

/// A text that is changed as one step: when Enter is pressed, or when it loses the keyboard focus.
pub struct Text<'a> {
    /// Its name for screen readers.
    pub label: &'a str,
    /// What it is for, in a sentence.
    pub tip: &'a str,
    /// Maximum number of characters.
    pub most: usize,
}

impl Text<'_> {
    /// Shows the text; returns the new one if the user has changed it. An empty text is not a change.
    pub fn show(&self, ui: &mut Ui, salt: usize, value: &str) -> Option<String> {
        let id = ui.scope_id().with((self.label, salt));
        let mut text = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| value.to_owned());
        let edit = TextEdit::singleline(&mut text).id(id).char_limit(self.most).desired_width(f32::INFINITY);
        let response = ui.add(edit).on_hover_text(self.tip);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, self.label));
        if response.changed() {
            ui.data_mut(|data| data.insert_temp(id, text.clone()));
        }
        if !response.lost_focus() {
            return None;
        }
        ui.data_mut(|data| data.remove::<String>(id));
        let given_up = ui.input(|i| i.key_pressed(Key::Escape));
        let text = text.trim();
        (!given_up && !text.is_empty() && text != value).then(|| text.to_owned())
    }
}

fn name(response: &Response, label: &str, value: f64) {
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::SpinButton, response.enabled(), label);
        info.value = Some(value);
        info
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_as_it_was_typed_is_said() {
        let density = Number { label: "Density", unit: " /cm²", range: 40.0..=250.0, ..Number::default() };
        let complaint = |text| density.complaint("Density", text, 100.0);
        for fine in ["90", " 90 /cm²", "250", "", "  "] {
            assert_eq!(complaint(fine), None, "{fine:?}");
        }
        for beyond in ["999999", "−3", "300 /cm²", "inf"] {
            assert_eq!(complaint(beyond).as_deref(), Some("Density ranges from 40 to 250 /cm²."), "{beyond:?}");
        }
        assert_eq!(
            complaint("dense").as_deref(),
            Some("\u{201c}dense\u{201d} is not a number. Density ranges from 40 to 250 /cm².")
        );
        assert_eq!((density.read("9 0"), density.read("NaN")), (Some(90.0), None));
        assert_eq!(
            (density.read("72,5"), density.read("72,5 /cm²"), density.read("7,2,5")),
            (Some(72.5), Some(72.5), None)
        );
    }

    #[test]
    fn a_value_that_is_left_as_it_was_is_no_matter() {
        let share = Number { unit: " %", range: 10.0..=99.6, ..Number::default() };
        assert_eq!(share.complaint("Share", "100", 99.6), None, "shown as 100");
        let older = Number { unit: " %", range: 10.0..=50.0, ..Number::default() };
        assert_eq!(older.complaint("Share", "70", 70.0), None, "stood there before");
    }
}
