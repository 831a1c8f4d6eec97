//! How the front of the hairline behaves, and how dense each area is.

use egui::Ui;

use super::{Section, note};
use crate::plan::parameters;
use crate::studio::controls::fields::Number;
use crate::studio::words::{area_text, grouped, words};

impl Section<'_> {
    /// Density of each area, with what that comes to.
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
        let facts = &self.case.facts;
        if let Some(dots) = facts.dots_by_session.last() {
            let area: f64 = facts.areas_cm2.iter().sum();
            let text = format!("{} dots on {}", grouped(*dots), area_text(area, 0));
            note(ui, text);
        }
    }

    /// The edge.
    pub(crate) fn edge(&mut self, ui: &mut Ui) {
        for parameter in &parameters::EDGE {
            let number = Number::of(parameter, parameter.get(&self.usual.hairline.edge));
            let value = parameter.get(&self.plan.hairline.edge);
            self.number(ui, &number, value, |plan, value| parameter.set(&mut plan.hairline.edge, value));
        }
    }
}
