//! The course of time: steps on a line, to be clicked, dragged along and played.

use egui::accesskit::Role;
use egui::scroll_area::{DragScroll, ScrollSource};
use egui::{Align2, Button, ComboBox, FontId, RichText, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};
use egui_material_icons::icons;

use super::asked::Asked;
use crate::plan::Plan;
use crate::render::steps::{Appointments, Step, outlook_name, outlook_tip};
use crate::skin::settings::OUTLOOKS;
use crate::studio::controls::widgets::{described, follow_focus, hint_at_more};
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;

const HEIGHT: f32 = 52.0;
/// Distance from the top of the row to the line.
const LINE: f32 = 20.0;
const LEAST_WIDTH: f32 = 34.0;
/// Space between two labels when there is little room.
const GAP: f32 = 6.0;
const FONT_SIZE: f32 = 12.0;

/// The steps.
pub fn show(ui: &mut Ui, case: &OpenCase, playing: bool) -> Option<Asked> {
    let mut asked = None;
    let icon = if playing { icons::ICON_STOP } else { icons::ICON_PLAY_ARROW };
    let response = ui.add(Button::selectable(playing, icon).min_size(Vec2::new(30.0, 48.0)).frame_when_inactive(true));
    if described(ui, response, Command::Play).clicked() {
        asked = Some(Asked::Command(Command::Play));
    }
    let Some(plan) = case.plan() else { return asked };
    // The outlook, below its label.
    let list = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.label(RichText::new("Outlook").size(FONT_SIZE));
        ComboBox::from_id_salt("outlook").width(66.0).selected_text(outlook_name(case.outlook)).show_ui(ui, |ui| {
            for outlook in OUTLOOKS {
                let item = ui.selectable_label(outlook == case.outlook, outlook_name(outlook));
                if item.on_hover_text(outlook_tip(outlook)).clicked() {
                    asked = Some(Asked::Command(Command::Outlook(outlook)));
                }
            }
        })
    };
    let outlook = ui.vertical(list).inner;
    let tip = "How it may turn out: every skin heals and fades in its own way, so look at all three (illustrative)";
    outlook.response.on_hover_text(tip).widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Outlook"));
    let appointments = Appointments::of(plan);
    let all = appointments.steps();
    let shown = ScrollArea::horizontal()
        .id_salt("time")
        .auto_shrink([false, true])
        // Dragging moves along the steps.
        .scroll_source(ScrollSource { drag: DragScroll::Never, ..ScrollSource::default() })
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                let font = FontId::proportional(FONT_SIZE);
                let widths: Vec<f32> = all
                    .iter()
                    .map(|s| {
                        let galley =
                            ui.painter().layout_no_wrap(s.label(appointments), font.clone(), egui::Color32::WHITE);
                        (galley.size().x + GAP).max(LEAST_WIDTH)
                    })
                    .collect();
                // Spread over the available width.
                let spare = (ui.available_width() - widths.iter().sum::<f32>()) / all.len() as f32;
                for (index, (step, width)) in all.iter().zip(widths).enumerate() {
                    let ends = (index == 0, index + 1 == all.len());
                    let width = width + spare.clamp(0.0, 24.0);
                    if cell(ui, case, plan, *step, width, ends) {
                        asked = Some(Asked::Step(*step));
                    }
                }
            });
            follow_focus(ui);
        });
    hint_at_more(ui, &shown);
    asked
}

/// A step; true if it is to be shown.
fn cell(ui: &mut Ui, case: &OpenCase, plan: &Plan, step: Step, width: f32, (first, last): (bool, bool)) -> bool {
    let appointments = Appointments::of(plan);
    let shown = case.step == step;
    let label = step.label(appointments);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, shown, &label));
    let strip = rect.expand2(Vec2::new(0.0, 400.0));
    // Nothing else is being dragged, such as the scroll bar below.
    let free = ui.ctx().dragged_id().is_none();
    let dragged = free
        && ui.input(|i| {
            let pressed = i.pointer.primary_down() && i.pointer.press_origin().is_some_and(|p| in_row(ui, rect, p));
            pressed && i.pointer.latest_pos().is_some_and(|p| strip.contains(p))
        });
    if ui.is_rect_visible(rect) {
        let painter = ui.painter();
        let visuals = ui.style().interact(&response);
        let line = Stroke::new(2.0, ui.visuals().weak_text_color());
        let y = rect.top() + LINE;
        let x = rect.center().x;
        let from = if first { x } else { rect.left() };
        let to = if last { x } else { rect.right() };
        painter.hline(from..=to, y, line);
        let (radius, fill) = match (shown, step) {
            (true, _) => (7.0, ui.visuals().selection.bg_fill),
            (false, Step::Fresh(_)) => (4.0, ui.visuals().window_fill),
            (false, _) => (4.0, ui.visuals().weak_text_color()),
        };
        let held = response.hovered() || response.has_focus();
        let edge = if shown || held { ui.visuals().strong_text_color() } else { ui.visuals().weak_text_color() };
        painter.circle(pos2(x, y), radius + if held { 1.0 } else { 0.0 }, fill, Stroke::new(1.5, edge));
        let colour = if shown { ui.visuals().strong_text_color() } else { visuals.text_color() };
        let at = pos2(x, rect.top() + LINE + 12.0);
        painter.text(at, Align2::CENTER_TOP, &label, FontId::proportional(FONT_SIZE), colour);
    }
    let last_shown = ui.scope_id().with("shown");
    if shown && ui.data(|d| d.get_temp::<Step>(last_shown)) != Some(step) {
        ui.data_mut(|d| d.insert_temp(last_shown, step));
        response.scroll_to_me(None);
    }
    let day = step.day(plan).map_or_else(String::new, |day| format!("{}: ", day.strftime("%-d %b %Y")));
    let clicked = response.on_hover_text(format!("{day}{} (comma, full stop)", step.tip(appointments))).clicked();
    (clicked || dragged) && !shown
}

/// True if the pointer was pressed within the row of steps.
fn in_row(ui: &Ui, rect: egui::Rect, at: egui::Pos2) -> bool {
    rect.y_range().contains(at.y) && ui.clip_rect().contains(at)
}
