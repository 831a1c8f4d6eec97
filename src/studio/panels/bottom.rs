//! Photos, steps of the treatment, and the status line.

use egui::{Button, RichText, ScrollArea, Ui};

use crate::studio::desk::Desk;
use crate::studio::steps::{Step, steps};
use crate::studio::tools::head::points;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked {
    /// To show a view.
    View(usize),
    /// To show a step.
    Step(Step),
}

/// Photos on the left, steps on the right.
pub fn show(ui: &mut Ui, desk: &Desk) -> Option<Asked> {
    let mut asked = None;
    ScrollArea::horizontal().auto_shrink([false, true]).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label("Photos");
            for (index, record) in desk.document().views.iter().enumerate() {
                let button = Button::selectable(index == desk.view, &record.name);
                if ui
                    .add(button)
                    .on_hover_text(format!("Show the {} photo (Page Up, Page Down)", record.name))
                    .clicked()
                {
                    asked = Some(Asked::View(index));
                }
            }
            if let Some(plan) = desk.plan() {
                ui.separator();
                ui.label("Time");
                let count = plan.sessions.len();
                for step in steps(&plan.sessions) {
                    let button = Button::selectable(step == desk.step, step.label(count));
                    if ui.add(button).on_hover_text(step.tip(count)).clicked() {
                        asked = Some(Asked::Step(step));
                    }
                }
            }
        });
    });
    asked
}

/// The last line: scale, numbers, what to do, what is going on.
pub fn status(ui: &mut Ui, desk: Option<&Desk>, hint: &str, busy: bool) {
    ui.horizontal(|ui| {
        if let Some(desk) = desk {
            scale(ui, desk);
            numbers(ui, desk);
        }
        ui.label(RichText::new(hint).weak());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            match desk.map(|d| d.case().read_only_reason()) {
                Some(Some(reason)) => {
                    ui.label("read only").on_hover_text(format!("Changes are not possible, since {reason}"));
                }
                Some(None) => {
                    ui.label("saved").on_hover_text("Every change is in the file as soon as it is made");
                }
                None => {}
            }
            if busy {
                ui.spinner().on_hover_text("Working");
            }
        });
    });
}

fn scale(ui: &mut Ui, desk: &Desk) {
    let tip = "Millimetres for a pixel at the middle of the hairline, and how far off that may be";
    match (desk.fit_problem(), desk.facts.scale.get(desk.view)) {
        (Some(problem), _) => {
            let begun = desk.document().views.iter().any(points::enough);
            ui.label(if begun { problem } else { "No head yet" });
            ui.separator();
        }
        (None, Some(None)) => {
            ui.label("Not part of the head yet").on_hover_text("Click two landmarks in this photo to add it");
            ui.separator();
        }
        (None, Some(Some(scale))) => {
            let source = desk.document().scale().source();
            let text = format!("{:.3} mm/px ± {:.0} % ({source})", scale.mm_per_px, 100.0 * scale.error);
            ui.label(text).on_hover_text(tip);
            ui.separator();
        }
        (None, _) => {}
    }
}

fn numbers(ui: &mut Ui, desk: &Desk) {
    let Some(&dots) = desk.facts.dots_by_session.last() else { return };
    let area: f64 = desk.facts.areas_cm2.iter().sum();
    let density = if area > 0.0 { dots as f64 / area } else { 0.0 };
    ui.label(format!("{dots} dots, {area:.0} cm², {density:.0} /cm²"))
        .on_hover_text("Dots of all sessions, treated skin, and how many that is for each cm² on average");
    ui.separator();
}
