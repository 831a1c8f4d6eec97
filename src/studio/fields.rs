//! Numbers with units: typed, dragged, reset by a double click, and undone as one step.

use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{DragValue, Response, Ui, WidgetInfo};

/// What a number is about.
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

impl Number<'_> {
    /// Shows label and number in a row; gives the new value where the user changed it.
    pub fn show(&self, ui: &mut Ui, value: f64) -> Option<f64> {
        let mut changed = None;
        ui.horizontal(|ui| {
            let label = ui.label(self.label).on_hover_text(self.tip);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
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
                let response = response.labelled_by(label.id).on_hover_ui(|ui| {
                    ui.label(self.tip);
                    ui.weak(format!("Drag or type; double-click for {:.*}{}", self.decimals, self.default, self.unit));
                });
                name(&response, self.label, edited);
                if response.double_clicked() {
                    changed = Some(self.default);
                } else if response.changed() && (edited - value).abs() > f64::EPSILON * value.abs() {
                    changed = Some(edited);
                }
            });
        });
        changed
    }
}

fn name(response: &Response, label: &str, value: f64) {
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::SpinButton, true, label);
        info.value = Some(value);
        info
    });
}
