//! The plan in numbers.

use egui::{CollapsingHeader, ComboBox, Ui};

use crate::plan::hairline::PRESETS;
use crate::plan::treatment::TREATMENTS;
use crate::plan::{Plan, pigment};
use crate::studio::desk::Desk;
use crate::studio::fields::Number;

/// The plan's part of the inspector on the right.
pub fn show(ui: &mut Ui, desk: &mut Desk) {
    let Some(plan) = desk.plan().cloned() else {
        ui.label("The plan appears here once the head is fitted: click the two pupils in a front photo.");
        return;
    };
    let Some(fit) = desk.fit().cloned() else { return };
    let fresh = Plan::for_treatment(plan.treatment, Some(plan.hairline.preset), fit.head());
    ui.scope(|ui| {
        section(ui, "Start from", |ui| {
            ComboBox::from_label("Treatment").selected_text(words(plan.treatment.name())).show_ui(ui, |ui| {
                for treatment in TREATMENTS {
                    if ui.selectable_label(treatment == plan.treatment, words(treatment.name())).clicked() {
                        desk.draft_plan("Choose treatment", |p| *p = Plan::for_treatment(treatment, None, fit.head()));
                    }
                }
            });
            ComboBox::from_label("Hairline").selected_text(words(plan.hairline.preset.name())).show_ui(ui, |ui| {
                for preset in PRESETS {
                    if ui.selectable_label(preset == plan.hairline.preset, words(preset.name())).clicked() {
                        desk.draft_plan("Choose hairline", |p| p.hairline = preset.hairline(fit.head()));
                    }
                }
            });
        });
        section(ui, "Areas", |ui| {
            for (index, area) in plan.areas.iter().enumerate() {
                ui.strong(&area.name);
                let number = Number {
                    label: "Density",
                    tip: "Dots for each cm² once all sessions are done",
                    unit: " /cm²",
                    range: 0.0..=250.0,
                    speed: 0.5,
                    decimals: 0,
                    default: area.kind.density_per_cm2(),
                };
                if let Some(value) = number.show(ui, area.density_per_cm2) {
                    desk.draft_plan("Change density", |p| p.areas[index].density_per_cm2 = value);
                }
            }
        });
        edge(ui, desk, &plan, &fresh);
        section(ui, "Dots", |ui| {
            let number = Number {
                label: "Depth",
                tip: "How deep the pigment lies; deeper dots are softer and cooler",
                unit: " mm",
                range: 0.05..=2.0,
                speed: 0.005,
                decimals: 2,
                default: fresh.depth_mm,
            };
            if let Some(value) = number.show(ui, plan.depth_mm) {
                desk.draft_plan("Change depth", |p| p.depth_mm = value);
            }
            let number = Number {
                label: "Size variation",
                tip: "How much dots differ in size",
                unit: "",
                range: 0.0..=0.5,
                speed: 0.005,
                decimals: 2,
                default: fresh.size_jitter,
            };
            if let Some(value) = number.show(ui, plan.size_jitter) {
                desk.draft_plan("Change size variation", |p| p.size_jitter = value);
            }
            ComboBox::from_label("Pigment").selected_text(&plan.pigment).show_ui(ui, |ui| {
                for pigment in pigment::library() {
                    if ui.selectable_label(pigment.name == plan.pigment, &pigment.name).clicked() {
                        desk.draft_plan("Choose pigment", |p| p.pigment.clone_from(&pigment.name));
                    }
                }
            });
        });
    });
}

fn edge(ui: &mut Ui, desk: &mut Desk, plan: &Plan, fresh: &Plan) {
    section(ui, "Edge of the hairline", |ui| {
        let number = |label, tip, unit, range, speed, decimals, default| Number {
            label,
            tip,
            unit,
            range,
            speed,
            decimals,
            default,
        };
        let (edge, usual) = (&plan.hairline.edge, &fresh.hairline.edge);
        let tip = "Width of the sparse, irregular zone at the front";
        let field = number("Transition", tip, " mm", 0.5..=40.0, 0.05, 1, usual.transition_mm);
        if let Some(value) = field.show(ui, edge.transition_mm) {
            desk.draft_plan("Change transition width", |p| p.hairline.edge.transition_mm = value);
        }
        let tip = "Density right at the line, as a share of the area's: low is soft, high is sharp";
        let field = number("Edge density", tip, "", 0.0..=1.0, 0.005, 2, usual.start_share);
        if let Some(value) = field.show(ui, edge.start_share) {
            desk.draft_plan("Change edge softness", |p| p.hairline.edge.start_share = value);
        }
        let tip = "How far the line undulates to either side";
        let field = number("Undulation", tip, " mm", 0.0..=10.0, 0.02, 1, usual.undulation_mm);
        if let Some(value) = field.show(ui, edge.undulation_mm) {
            desk.draft_plan("Change undulation", |p| p.hairline.edge.undulation_mm = value);
        }
        let tip = "How strongly density clusters near the line";
        let field = number("Irregularity", tip, "", 0.0..=1.0, 0.005, 2, usual.clusters);
        if let Some(value) = field.show(ui, edge.clusters) {
            desk.draft_plan("Change irregularity", |p| p.hairline.edge.clusters = value);
        }
    });
}

fn section(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(name).default_open(true).show(ui, content);
}

/// "full-shave" as a person writes it.
#[must_use]
pub fn words(name: &str) -> String {
    let text = name.replace('-', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
