//! The dialog in which the client signs the plan: name, a field to draw in, and what signing means.

use egui::accesskit::Role;
use egui::{Button, Color32, Context, CornerRadius, Rect, Sense, Shape, Stroke, TextEdit, Ui, Vec2, WidgetInfo};

use super::widgets::{dialog, explained};
use crate::case::signature::{HEIGHT, Signature};
use crate::studio::words::day_text;
use jiff::civil::Date;

/// Width of the field, points.
const WIDTH: f32 = 460.0;
/// Least distance between points of a stroke, in units of the field's width.
const APART: f64 = 0.002;
/// A cross as the signature, for people who cannot draw with the pointer.
const CROSS: [[[f64; 2]; 2]; 2] = [[[0.42, 0.07], [0.58, 0.23]], [[0.58, 0.07], [0.42, 0.23]]];

/// The state of the dialog.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signing {
    /// Name of the signer.
    pub name: String,
    /// The drawn strokes, in units of the field's width.
    pub strokes: Vec<Vec<[f64; 2]>>,
    /// An existing signature: its name and date, and whether the plan is still the one that was signed.
    pub earlier: Option<(String, Date, bool)>,
}

/// A request made in the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Keep the drawn signature.
    Keep,
    /// Remove the existing signature.
    Remove,
    /// Close the dialog.
    Close,
}

impl Signing {
    /// Shows the dialog and returns the request made. `plan` describes what is signed.
    pub(crate) fn show(&mut self, ctx: &Context, plan: &str, today: Date) -> Option<Asked> {
        let modal = dialog(ctx, "signature").show(ctx, |ui| {
            ui.set_width(WIDTH);
            ui.heading("Sign the plan");
            ui.label(format!(
                "{plan}. Dated {}. If the plan changes later, this is noted beside the signature.",
                day_text(today)
            ));
            if let Some((name, day, holds)) = &self.earlier {
                let how = if *holds { "" } else { ", before the plan was changed" };
                ui.weak(format!("Signed by {name} on {}{how}.", day_text(*day)));
            }
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                let label = ui.label("Name");
                let field = ui.add(TextEdit::singleline(&mut self.name).desired_width(300.0));
                field.labelled_by(label.id).on_hover_text("Who signs");
            });
            ui.add_space(6.0);
            self.field(ui);
            ui.add_space(8.0);
            self.buttons(ui)
        });
        modal.inner.or(modal.should_close().then_some(Asked::Close))
    }

    fn field(&mut self, ui: &mut Ui) {
        let size = Vec2::new(WIDTH, WIDTH * HEIGHT as f32);
        let (rect, response) = ui.allocate_exact_size(size, Sense::drag());
        let drawn = Signature::is_drawn(&self.strokes);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Signature"));
        let tip =
            if drawn { "Signed; draw on, or clear it" } else { "Draw the signature here with pointer, pen or finger" };
        let response = explained(response, tip).on_hover_text(tip);
        if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged() || response.drag_started()) {
            let point = [
                f64::from((at.x - rect.left()) / WIDTH).clamp(0.0, 1.0),
                f64::from((at.y - rect.top()) / WIDTH).clamp(0.0, HEIGHT),
            ];
            if response.drag_started() {
                self.strokes.push(vec![point]);
            } else if let Some(stroke) = self.strokes.last_mut() {
                let far = stroke.last().is_none_or(|last| (last[0] - point[0]).hypot(last[1] - point[1]) >= APART);
                if far {
                    stroke.push(point);
                }
            }
        }
        // Ink on white paper in either theme, as it will be printed.
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, CornerRadius::same(4), Color32::WHITE);
        let line = rect.bottom() - 0.2 * rect.height();
        painter.hline(rect.shrink(16.0).x_range(), line, Stroke::new(1.0, Color32::from_gray(190)));
        let place = |rect: Rect, [x, y]: [f64; 2]| rect.left_top() + Vec2::new(x as f32, y as f32) * WIDTH;
        for stroke in &self.strokes {
            let points = stroke.iter().map(|point| place(rect, *point)).collect();
            painter.add(Shape::line(points, Stroke::new(1.8, Color32::from_rgb(34, 38, 42))));
        }
    }

    fn buttons(&mut self, ui: &mut Ui) -> Option<Asked> {
        let mut asked = None;
        ui.horizontal(|ui| {
            let ready = Signature::is_drawn(&self.strokes) && !self.name.trim().is_empty();
            let keep = ui.add_enabled(ready, Button::new("Keep signature"));
            let keep = keep.on_disabled_hover_text("Enter the name and draw the signature first");
            if keep.on_hover_text("Put it under the plan; can be undone").clicked() {
                asked = Some(Asked::Keep);
            }
            if ui
                .button("Sign with a cross")
                .on_hover_text("For whoever cannot draw with the pointer: a cross as the signature")
                .clicked()
            {
                self.strokes = CROSS.map(|stroke| stroke.to_vec()).to_vec();
            }
            let any = !self.strokes.is_empty();
            let clear = ui.add_enabled(any, Button::new("Clear")).on_disabled_hover_text("Nothing is drawn yet");
            if clear.on_hover_text("Start over").clicked() {
                self.strokes.clear();
            }
            if self.earlier.is_some()
                && ui
                    .button("Remove signature")
                    .on_hover_text("Take away the one that is there; can be undone")
                    .clicked()
            {
                asked = Some(Asked::Remove);
            }
            if ui.button("Cancel").on_hover_text("Back without signing (Escape)").clicked() {
                asked = Some(Asked::Close);
            }
        });
        asked
    }
}
