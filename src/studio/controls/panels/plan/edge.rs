//! How the front of the hairline behaves, and how dense each area is.

use egui::Ui;

use super::{Section, note};
use crate::plan::hairline::Edge;
use crate::studio::controls::fields::Number;
use crate::studio::words::words;
use crate::studio::words::{area_text, grouped};

impl Section<'_> {
    /// Density of each area, with what that comes to.
    pub(crate) fn areas(&mut self, ui: &mut Ui) {
        for (index, area) in self.plan.areas.clone().iter().enumerate() {
            let of = if self.plan.areas.len() > 1 { words(&area.name) } else { String::new() };
            let number = Number {
                label: if of.is_empty() { "Density" } else { &of },
                tip: "Dots for each cm² once all sessions are done",
                unit: " /cm²",
                range: 0.0..=250.0,
                speed: 0.5,
                default: area.kind.density_per_cm2(),
                ..Number::default()
            };
            let name = format!("Change density of {}", area.name);
            self.number(ui, &number, &name, area.density_per_cm2, |p, v| p.areas[index].density_per_cm2 = v);
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
        let (edge, usual) = (self.plan.hairline.edge.clone(), self.usual.hairline.edge.clone());
        type Of = fn(&mut Edge) -> &mut f64;
        let mut field = |number: Number, name: &str, factor: f64, of: Of| {
            let number = Number { default: factor * *of(&mut usual.clone()), ..number };
            let value = factor * *of(&mut edge.clone());
            self.number(ui, &number, name, value, |p, v| *of(&mut p.hairline.edge) = v / factor);
        };
        field(
            Number {
                label: "Density at the line",
                tip: "As a share of the area's: low is soft, high is sharp",
                unit: " %",
                range: 0.0..=100.0,
                speed: 0.5,
                ..Number::default()
            },
            "Change edge softness",
            100.0,
            |e| &mut e.start_share,
        );
        field(
            Number {
                label: "Transition",
                tip: "Width of the sparse, irregular zone at the front; 5 to 10 mm look natural",
                unit: " mm",
                range: 0.5..=40.0,
                speed: 0.05,
                decimals: 1,
                ..Number::default()
            },
            "Change transition width",
            1.0,
            |e| &mut e.transition_mm,
        );
        field(
            Number {
                label: "Density behind it",
                tip: "Where the transition ends, as a share of the area's",
                unit: " %",
                range: 0.0..=100.0,
                speed: 0.5,
                ..Number::default()
            },
            "Change transition density",
            100.0,
            |e| &mut e.transition_share,
        );
        field(
            Number {
                label: "Defined zone",
                tip: "Width of the zone behind the transition in which density rises to that of the area",
                unit: " mm",
                range: 0.5..=80.0,
                speed: 0.1,
                decimals: 1,
                ..Number::default()
            },
            "Change defined zone",
            1.0,
            |e| &mut e.defined_mm,
        );
        field(
            Number {
                label: "Undulation",
                tip: "How far the line undulates to either side, the same on both",
                unit: " mm",
                range: 0.0..=10.0,
                speed: 0.02,
                decimals: 1,
                ..Number::default()
            },
            "Change undulation",
            1.0,
            |e| &mut e.undulation_mm,
        );
        field(
            Number {
                label: "Irregularity",
                tip: "How strongly dots gather in clusters near the line",
                unit: " %",
                range: 0.0..=100.0,
                speed: 0.5,
                ..Number::default()
            },
            "Change irregularity",
            100.0,
            |e| &mut e.clusters,
        );
        field(
            Number {
                label: "Stray dots",
                tip: "Single dots in front of the line",
                unit: " /cm²",
                range: 0.0..=50.0,
                speed: 0.1,
                decimals: 1,
                ..Number::default()
            },
            "Change stray dots",
            1.0,
            |e| &mut e.strays_per_cm2,
        );
        field(
            Number {
                label: "Strays reach",
                tip: "How far stray dots leave the line",
                unit: " mm",
                range: 0.1..=15.0,
                speed: 0.05,
                decimals: 1,
                ..Number::default()
            },
            "Change reach of stray dots",
            1.0,
            |e| &mut e.stray_reach_mm,
        );
    }
}
