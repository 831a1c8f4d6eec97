//! Numbers with units: typed, dragged, reset by a double click, and undone as one step. And names.

use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{Align, DragValue, Key, Label, Layout, Response, TextEdit, Ui, Vec2, WidgetInfo};

use super::widgets::explained;

/// Width of all numbers, points: they stand below each other.
const VALUE_WIDTH: f32 = 86.0;
const HEIGHT: f32 = 20.0;

/// What a number is about.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    /// Its name, as in "Density".
    pub label: &'a str,
    /// What it does, in a sentence.
    pub tip: &'a str,
    /// After the number, with a leading space.
    pub unit: &'a str,
    /// What it may be.
    pub range: RangeInclusive<f64>,
    /// Change for a point of dragging.
    pub speed: f64,
    /// Digits after the point.
    pub decimals: usize,
    /// What a double click goes back to.
    pub default: f64,
}

impl Default for Number<'_> {
    fn default() -> Self {
        Self { label: "", tip: "", unit: "", range: 0.0..=1.0, speed: 0.01, decimals: 0, default: 0.0 }
    }
}

impl Number<'_> {
    /// Shows label and number in a row; gives the new value where the user changed it.
    pub fn show(&self, ui: &mut Ui, value: f64) -> Option<f64> {
        self.show_of(ui, value, "")
    }

    /// The same where several numbers have this label: `of` says which, as in "crown".
    pub fn show_of(&self, ui: &mut Ui, value: f64, of: &str) -> Option<f64> {
        let name = if of.is_empty() { self.label.to_owned() } else { format!("{}, {of}", self.label) };
        row(ui, self.label, self.tip, |ui| self.value(ui, value, &name))
    }

    /// The number alone.
    fn value(&self, ui: &mut Ui, value: f64, called: &str) -> Option<f64> {
        let mut edited = value;
        let response = ui.add(
            DragValue::new(&mut edited)
                .range(self.range.clone())
                .clamp_existing_to_range(false)
                .speed(self.speed)
                .fixed_decimals(self.decimals)
                .suffix(self.unit)
                .update_while_editing(false),
        );
        let response = explained(response, self.tip).on_hover_ui(|ui| {
            ui.label(self.tip);
            ui.weak(format!("Drag or type; double-click for {:.*}{}", self.decimals, self.default, self.unit));
        });
        name(&response, called, edited);
        if response.double_clicked() {
            // The first of the two clicks began typing.
            response.surrender_focus();
            return (value != self.default).then_some(self.default);
        }
        (response.changed() && (edited - value).abs() > f64::EPSILON * value.abs()).then_some(edited)
    }
}

/// A label on the left, elided where there is no room, and a control as wide as all others on the right.
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

/// A text that is changed as one step: once Enter is pressed, or another control taken up.
pub struct Text<'a> {
    /// Its name, for those who cannot see it.
    pub label: &'a str,
    /// What it is for, in a sentence.
    pub tip: &'a str,
    /// Most characters.
    pub most: usize,
}

impl Text<'_> {
    /// Shows the text; gives the new one where the user has changed it. An empty one is no change.
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
        let mut info = WidgetInfo::labeled(Role::SpinButton, true, label);
        info.value = Some(value);
        info
    });
}
