//! The plan in numbers and pictures: the inspector on the right.

mod calibrator;
mod checks;
mod colour;
mod dots;
mod edge;
mod follicles;
mod pictures;
mod sessions;
mod skin_type;
mod start;

use std::sync::Arc;

use egui::{CollapsingHeader, ScrollArea, Ui};

use crate::checks::Place;
use crate::plan::Plan;
use crate::studio::controls::fields::Number;
use crate::studio::session::aim::Dropper;
use crate::studio::session::calibrator::Calibrator;
use crate::studio::session::colours::Colours;
use crate::studio::session::follicles::Follicles;
use crate::studio::session::open_case::OpenCase;

/// What the panel shows and changes.
pub struct Inspector<'a> {
    /// The case.
    pub case: &'a mut OpenCase,
    /// The client's colours.
    pub colours: &'a mut Colours,
    /// The client's shaved hair.
    pub follicles: &'a mut Follicles,
    /// The studio's own pigment.
    pub calibrator: &'a mut Calibrator,
    /// The eyedropper.
    pub dropper: &'a mut Dropper,
    /// The tool at hand, each of which has a place of its own in the panel.
    pub tool: &'static str,
    /// Whether the checks are to be brought to where they can be seen.
    pub goes_to_checks: bool,
}

/// What tools show in the inspector.
pub trait ToolSections {
    /// What the tool at hand has to say or to set.
    fn tool(&mut self, ui: &mut Ui, case: &mut OpenCase);
    /// The switches of the guides.
    fn guides(&mut self, ui: &mut Ui, case: &OpenCase);
}

/// Everything that a section needs: the plan as it is shown, and as its treatment and hairline begin.
struct Section<'a> {
    case: &'a mut OpenCase,
    plan: Plan,
    usual: Arc<Plan>,
}

impl Inspector<'_> {
    /// The inspector: what the tool at hand has to say, lines to go by, the plan, and what would look wrong about it.
    /// Gives the place that is to be shown.
    pub fn show(self, ui: &mut Ui, tools: &mut dyn ToolSections) -> Option<Place> {
        // Each tool has a place of its own: a tool that is taken up begins at the top, where its controls are.
        let area = ScrollArea::vertical().id_salt(self.tool).auto_shrink([false, false]);
        let shown = area.show(ui, |ui| {
            // Room for the scroll bar, which lies over the content.
            ui.set_max_width(ui.available_width() - 8.0);
            tools.tool(ui, self.case);
            if self.case.fit().is_some() {
                collapsing(ui, "Guides", "Lines to go by", Part::Closed, |ui| tools.guides(ui, self.case));
            }
            self.plan(ui)
        });
        shown.inner
    }

    fn plan(self, ui: &mut Ui) -> Option<Place> {
        let Some(plan) = self.case.plan().cloned() else {
            ui.add_space(8.0);
            ui.label("The plan appears here once the head is fitted: click the two pupils in a front photo.");
            return None;
        };
        let fit = self.case.fit().cloned()?;
        let usual = self.case.usual_plan()?;
        let mut section = Section { case: self.case, plan, usual };
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            let mut part = |name, tip, content: &mut dyn FnMut(&mut Ui)| collapsing(ui, name, tip, Part::Open, content);
            part("Start from", "What is treated, and with which hairline", &mut |ui| {
                section.start(ui, &fit, self.follicles)
            });
            part("Density", "How many dots", &mut |ui| section.areas(ui));
            part("Pigment", "Which pigment, on this client's skin", &mut |ui| {
                section.pigment(ui, self.colours, self.dropper);
                section.follicles(ui, self.follicles, self.dropper);
                section.calibrator(ui, self.calibrator, self.dropper);
            });
            part("Edge of the hairline", "How soft or sharp the front is", &mut |ui| section.edge(ui));
            part("Sessions", "What is placed when", &mut |ui| section.sessions(ui));
            part("Dots", "Single dots: size, depth and arrangement", &mut |ui| section.dots(ui));
            let mut shown = None;
            let goes_here = if self.goes_to_checks { Part::GoTo } else { Part::Open };
            collapsing(ui, "Checks", "What would look wrong about this plan, and why", goes_here, |ui| {
                shown = section.checks(ui, fit.head());
            });
            shown
        })
        .inner
    }
}

impl Section<'_> {
    /// A number of the plan; undo calls a change of it by its label.
    fn number(&mut self, ui: &mut Ui, number: &Number, value: f64, set: impl FnOnce(&mut Plan, f64)) {
        if let Some(value) = number.show(ui, value) {
            let name = format!("Change {}", number.label.to_lowercase());
            self.case.draft_plan(&name, |plan| set(plan, value));
        }
    }
}

/// How a part of the panel is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Folded until the user unfolds it.
    Closed,
    /// Unfolded until the user folds it.
    Open,
    /// Unfolded now, and brought to where it can be seen.
    GoTo,
}

fn collapsing(ui: &mut Ui, name: &str, tip: &str, part: Part, content: impl FnOnce(&mut Ui)) {
    // Not indented: a narrow panel has no room to give away.
    let header = CollapsingHeader::new(egui::RichText::new(name).strong()).default_open(part != Part::Closed);
    let header = header.open((part == Part::GoTo).then_some(true));
    let shown = header.show_unindented(ui, |ui| {
        content(ui);
        ui.add_space(6.0);
    });
    if part == Part::GoTo {
        shown.header_response.scroll_to_me(Some(egui::Align::Min));
        shown.header_response.request_focus();
    }
    shown.header_response.on_hover_text(tip);
}

/// A line of small print.
fn note(ui: &mut Ui, text: impl Into<String>) -> egui::Response {
    ui.add(egui::Label::new(egui::RichText::new(text).size(11.0)).wrap())
}
