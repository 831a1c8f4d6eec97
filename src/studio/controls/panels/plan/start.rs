//! The treatment, and the course of the hairline.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{ComboBox, Painter, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::{Section, note, pictures};
use crate::case::head_fit::HeadFit;
use crate::plan::Plan;
use crate::plan::hairline::{Preset, SHAPES};
use crate::plan::treatment::{TREATMENTS, Treatment};
use crate::skin::own_hair;
use crate::studio::session::own_stubble::OwnStubble;
use crate::studio::words::{shape_name, words};

/// Least width of a picture, points: three of them fit side by side in the narrowest panel.
const PICTURE_WIDTH: f32 = 62.0;

impl Section<'_> {
    /// Treatments in words.
    pub(crate) fn treatment(&mut self, ui: &mut Ui, fit: &Arc<HeadFit>, own_stubble: &OwnStubble) {
        let chosen = self.plan.treatment;
        let combo = ComboBox::from_id_salt("treatment")
            .selected_text(words(chosen.name()))
            .width(ui.available_width() - 8.0)
            .height(440.0);
        let response = combo.show_ui(ui, |ui| {
            ui.set_min_width(260.0);
            for treatment in TREATMENTS {
                let mut text = egui::text::LayoutJob::default();
                let font = |style| egui::TextStyle::resolve(style, ui.style());
                let format = |font, colour| egui::TextFormat::simple(font, colour);
                let visuals = ui.visuals();
                let name = format(font(&egui::TextStyle::Button), visuals.text_color());
                text.append(&words(treatment.name()), 0.0, name);
                text.append("\n", 0.0, egui::TextFormat::default());
                let line = format(font(&egui::TextStyle::Small), visuals.weak_text_color());
                text.append(sentence(treatment), 0.0, line);
                let response = ui.selectable_label(treatment == chosen, text);
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words(treatment.name())));
                if response.on_hover_text("Start the plan again for this treatment").clicked() {
                    let found = own_stubble.own_hair(fit).cloned().flatten().filter(|_| own_hair::follows(&self.plan));
                    self.case.draft_plan("Choose treatment", |p| {
                        *p = begun(p, treatment, fit);
                        if let Some(followed) = found.and_then(|found| own_hair::followed(&found.0, p, found.1)) {
                            *p = followed;
                        }
                    });
                }
            }
        });
        response
            .response
            .accessible_name("Treatment")
            .on_hover_text("What the client comes for; changing it starts the plan again");
        note(ui, sentence(chosen));
    }

    /// The hairline's course, in pictures.
    pub(crate) fn line_shape(&mut self, ui: &mut Ui, fit: &HeadFit) {
        let choices = SHAPES.map(|shape| Choice {
            label: format!("Hairline {}", shape_name(shape)),
            caption: shape_name(shape),
            tip: course(shape),
            selected: shape == self.plan.hairline.preset.line_shape(),
        });
        let paint = |painter: &Painter, index: usize, rect: Rect| pictures::paint(painter, SHAPES[index], rect);
        if let Some(index) = choose(ui, &choices, paint) {
            let (head, height) = (fit.head(), fit.line_height());
            self.case
                .draft_plan("Choose hairline", |p| p.hairline = p.hairline.with_shape(SHAPES[index], head, height));
        }
    }
}

/// Something to choose, with a picture.
pub(super) struct Choice {
    /// Its name for screen readers.
    pub label: String,
    /// The text below the picture.
    pub caption: String,
    /// A description for its tooltip.
    pub tip: &'static str,
    /// True if the plan has this choice.
    pub selected: bool,
}

/// Pictures side by side, as many as there is room for; returns the one that was clicked.
pub(super) fn choose(ui: &mut Ui, choices: &[Choice], paint: impl Fn(&Painter, usize, Rect)) -> Option<usize> {
    let gap = 4.0;
    let room = ui.available_width();
    let columns = ((room + gap) / (PICTURE_WIDTH + gap)).floor().max(1.0);
    let width = (room + gap) / columns - gap;
    let mut chosen = None;
    let numbered: Vec<(usize, &Choice)> = choices.iter().enumerate().collect();
    for row in numbered.chunks(columns as usize) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for &(index, choice) in row {
                if choice.show(ui, width, |painter, rect| paint(painter, index, rect)) {
                    chosen = Some(index);
                }
            }
        });
    }
    chosen
}

impl Choice {
    /// Shows it; true if it was clicked.
    fn show(&self, ui: &mut Ui, width: f32, paint: impl FnOnce(&Painter, Rect)) -> bool {
        let selected = self.selected;
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 0.74 * width + 16.0), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, &self.label));
        if ui.is_rect_visible(rect) {
            let visuals = ui.style().interact_selectable(&response, selected);
            let painter = ui.painter_at(rect);
            let (picture, caption) = rect.split_top_bottom_at_y(rect.bottom() - 16.0);
            paint(&painter, picture);
            let highlighted = selected || response.hovered() || response.has_focus();
            let colour = if selected { ui.visuals().selection.stroke.color } else { visuals.fg_stroke.color };
            if selected {
                painter.rect_filled(caption, 0.0, ui.visuals().selection.bg_fill);
            }
            let font = egui::TextStyle::Small.resolve(ui.style());
            painter.text(caption.center(), egui::Align2::CENTER_CENTER, &self.caption, font, colour);
            let edge = if selected { ui.visuals().selection.bg_fill } else { visuals.bg_stroke.color };
            let stroke = Stroke::new(if highlighted { 2.0 } else { 1.0 }, edge);
            painter.rect_stroke(rect, 3.0, stroke, StrokeKind::Inside);
        }
        response.on_hover_text(format!("{}: {}", self.caption, self.tip)).clicked()
    }
}

/// The plan of another treatment; pigment, sessions and arrangement stay.
fn begun(plan: &Plan, treatment: Treatment, fit: &HeadFit) -> Plan {
    Plan {
        seed: plan.seed,
        pigment: plan.pigment.clone(),
        own_pigment: plan.own_pigment.clone(),
        sessions: plan.sessions.clone(),
        first_session: plan.first_session,
        ..fit.usual_plan(treatment, None)
    }
}

/// What a treatment is for.
fn sentence(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::FullShave => "The whole scalp, as if closely shaved",
        Treatment::Receding => "A new hairline that blends into the hair behind it",
        Treatment::Crown => "A thin or bare crown, blended all around",
        Treatment::Density => "Shading between long hair that has thinned",
        Treatment::StripScar => "The long scar of a strip transplant",
        Treatment::FueScars => "Round white scars of single grafts",
        Treatment::Alopecia => "Round bare patches",
        Treatment::Beard => "Beard stubble, leaving out the lips",
    }
}

/// What the course of a hairline looks like.
fn course(shape: Preset) -> &'static str {
    match shape.line_shape() {
        Preset::Mature => "higher, with receded corners; believable at any age",
        Preset::Rounded => "low and round without corners",
        Preset::Straight => "straight across",
        Preset::M => "deep corners on both sides",
        Preset::WidowsPeak => "a one-centimetre peak in the middle",
        Preset::Female => "low and round, temples closed",
        _ => "a shallow arc with rounded corners, the most common",
    }
}
