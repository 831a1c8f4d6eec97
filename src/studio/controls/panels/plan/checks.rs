//! What would look wrong: an unobtrusive list of findings, each with its reason, a jump to its place, and a remedy.

use egui::text::LayoutJob;
use egui::{Align, Button, CollapsingHeader, FontSelection, RichText, Ui};
use egui_material_icons::icons;

use super::heading::mark;
use super::{Section, note};
use crate::checks::{Finding, Place};
use crate::head::Head;
use crate::plan::parameters;
use crate::plan::treatment::Treatment;
use crate::studio::controls::fields::Number;

impl Section<'_> {
    /// Shows the list. Returns a place that is to be shown.
    pub(crate) fn checks(&mut self, ui: &mut Ui, head: &Head) -> Option<Place> {
        let mut shown = None;
        match self.case.checklist.clone() {
            None => drop(note(ui, "Checking the plan")),
            Some(list) if list.findings.is_empty() => drop(note(ui, "Nothing would look wrong")),
            Some(list) => {
                // Findings for the previous plan stay readable until the new ones arrive.
                let current = list.is_of(&self.plan);
                for finding in &list.findings {
                    shown = shown.or(self.finding(ui, finding, head, current));
                }
            }
        }
        if self.plan.treatment == Treatment::Receding {
            self.age(ui);
        }
        shown
    }

    fn finding(&mut self, ui: &mut Ui, finding: &Finding, head: &Head, current: bool) -> Option<Place> {
        let limit = finding.rule.limit();
        let mut shown = None;
        let header = CollapsingHeader::new(headline(ui, finding)).id_salt(limit.id);
        let header = header.show_unindented(ui, |ui| {
            note(ui, spelled(&finding.reason));
            if finding.measured.is_some() {
                note(ui, spelled(&finding.figures())).on_hover_text(spelled(&limit.origin()));
            }
            let label = spelled(finding.remedy.label());
            if !finding.remedy.can_be_applied() {
                note(ui, &label);
            }
            ui.add_enabled_ui(current, |ui| {
                ui.horizontal_wrapped(|ui| {
                    if let Some(place) = finding.place {
                        let name = format!("Show {}", limit.title.to_lowercase());
                        let show = ui.add(Button::new((icons::ICON_MY_LOCATION, "Show"))).accessible_name(&name);
                        if show.on_hover_text("Go to the place in the photo that shows it best").clicked() {
                            shown = Some(place);
                        }
                    }
                    if finding.remedy.can_be_applied() {
                        let apply = ui.button(&label).on_hover_text("Changes the plan in one step that can be undone");
                        if apply.clicked() {
                            let better = finding.remedy.apply(&self.plan, head);
                            self.case.draft_plan(&spelled(&finding.step_name()), |plan| *plan = better);
                        }
                    }
                });
            });
        });
        header.header_response.on_hover_text(spelled(&finding.reason));
        shown
    }

    /// The client's age, which one rule needs; 0 if it is not known.
    fn age(&mut self, ui: &mut Ui) {
        // Nobody is 0: the panel shows 0 while the age is not known.
        let number = Number::of(&parameters::AGE, 0.0);
        let number = Number { range: 0.0..=*number.range.end(), ..number };
        let now = self.plan.client_age_years.unwrap_or(0.0);
        self.number(ui, &number, now, |plan, years| {
            plan.client_age_years = (years >= 1.0).then_some(years);
        });
    }
}

/// Spells units as the window does; rules are also written for the command line, whose output is ASCII.
fn spelled(text: &str) -> String {
    text.replace("per cm2", "/cm²").replace("cm2", "cm²").replace("dE", "ΔE")
}

/// Mark, title and value.
fn headline(ui: &Ui, finding: &Finding) -> LayoutJob {
    let limit = finding.rule.limit();
    let (icon, colour) = mark(ui, finding.severity);
    let value = finding.measured.map_or_else(|| "not checked".to_owned(), |m| spelled(&limit.text(m.value)));
    let mut line = LayoutJob::default();
    let texts = [
        icon.rich_text().color(colour),
        RichText::new(format!("  {}", limit.title)),
        RichText::new(format!("  {value}")).weak(),
    ];
    for text in texts {
        text.append_to(&mut line, ui.style(), FontSelection::Default, Align::Center);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::limits::LIMITS;

    #[test]
    fn the_window_says_units_in_its_own_words() {
        for limit in &LIMITS {
            for text in [spelled(&limit.origin()), spelled(&limit.text(3.0))] {
                assert!(!text.contains("cm2") && !text.contains("dE"), "{text}");
            }
        }
        assert_eq!(spelled("Lower the density to 150 per cm2"), "Lower the density to 150 /cm²");
    }
}
