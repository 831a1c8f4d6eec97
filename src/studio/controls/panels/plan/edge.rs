//! The shape of the hairline's front, and the density of each area.

use egui::{Painter, Rect, Ui};

use super::start::{Choice, choose};
use super::{Section, note, pictures};
use crate::plan::hairline::{EDGES, Preset};
use crate::plan::parameters;
use crate::studio::controls::fields::Number;
use crate::studio::words::{edge_name, words};

impl Section<'_> {
    /// The density of each area, with the totals.
    pub(crate) fn areas(&mut self, ui: &mut Ui) {
        for (index, area) in self.plan.areas.clone().iter().enumerate() {
            let of = if self.plan.areas.len() > 1 { words(&area.name) } else { String::new() };
            let number = Number::of(&parameters::DENSITY, area.kind.density_per_cm2());
            let number = if of.is_empty() { number } else { Number { label: &of, ..number } };
            if let Some(value) = number.show(ui, area.density_per_cm2) {
                let name = format!("Change density of {}", area.name);
                self.case.draft_plan(&name, |plan| plan.areas[index].density_per_cm2 = value);
            }
        }
        if let Some(sum) = self.case.sum() {
            note(ui, sum);
        }
    }

    /// The edge: in pictures, and in numbers.
    pub(crate) fn edge(&mut self, ui: &mut Ui) {
        let chosen = self.plan.hairline.edge_preset();
        let mut offered = EDGES.to_vec();
        // The edge that belongs to the line's course, if it is none of those on offer.
        if !offered.contains(&chosen) {
            offered.push(chosen);
        }
        let choice = |&preset: &Preset| {
            let caption = edge_name(preset);
            let (label, tip) = (format!("Edge {caption}"), character(preset));
            Choice { label, caption, tip, selected: preset == chosen }
        };
        let choices: Vec<Choice> = offered.iter().map(choice).collect();
        let paint = |painter: &Painter, index: usize, rect: Rect| pictures::paint_edge(painter, offered[index], rect);
        if let Some(index) = choose(ui, &choices, paint) {
            self.case.draft_plan("Choose edge", |plan| plan.hairline.edge = offered[index].edge());
        }
        let usual = chosen.edge();
        for parameter in &parameters::EDGE {
            let number = Number::of(parameter, parameter.get(&usual));
            let value = parameter.get(&self.plan.hairline.edge);
            self.number(ui, &number, value, |plan, value| parameter.set(&mut plan.hairline.edge, value));
        }
    }
}

/// What an edge looks like.
fn character(preset: Preset) -> &'static str {
    match preset {
        Preset::Soft => "a sparse front that thickens slowly",
        Preset::Feathered => "the softest front, hardly a line at all",
        Preset::Broken => "irregular, with gaps and strays",
        Preset::Defined => "clear and even, dense just behind the line",
        _ => "as suits this shape of hairline",
    }
}
