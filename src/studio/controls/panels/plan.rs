//! The plan in numbers and pictures: the inspector on the right. What belongs to the tool at hand comes first and is
//! open; the rest follows in sections whose headings summarise their contents and mark anything that would look wrong.

mod calibrator;
mod checks;
mod colour;
mod dots;
mod edge;
mod heading;
mod own_stubble;
mod pictures;
mod quote;
mod sessions;
mod skin_type;
mod start;

use std::sync::Arc;

use egui::{Align, Id, ScrollArea, Ui, UiBuilder};

use crate::case::head_fit::HeadFit;
use crate::checks::Place;
use crate::plan::Plan;
use crate::studio::controls::fields::Number;
use crate::studio::controls::widgets::{follow_focus, hint_at_more};
use crate::studio::session::aim::Dropper;
use crate::studio::session::calibrator::Calibrator;
use crate::studio::session::colours::Colours;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::own_stubble::OwnStubble;
use crate::studio::session::quote::Quoted;
use crate::studio::session::section::{Section as Name, Sections};
use crate::studio::session::tool::Tool;
use heading::Heading;

/// Everything that the panel shows and changes.
pub struct Inspector<'a> {
    /// The case.
    pub case: &'a mut OpenCase,
    /// The client's colours.
    pub colours: &'a mut Colours,
    /// The client's shaved hair.
    pub own_stubble: &'a mut OwnStubble,
    /// The studio's own pigment.
    pub calibrator: &'a mut Calibrator,
    /// What the plan costs.
    pub quoted: &'a Quoted,
    /// The eyedropper.
    pub dropper: &'a mut Dropper,
    /// The tool at hand; the panel keeps a scroll position for each tool.
    pub tool: Tool,
    /// Which sections are open.
    pub sections: &'a mut Sections,
    /// Whether guides are shown.
    pub guides: bool,
}

/// What tools contribute to the inspector.
pub trait ToolSections {
    /// The controls and messages of the tool at hand.
    fn tool(&mut self, ui: &mut Ui, case: &mut OpenCase);
    /// The switches of the guides.
    fn guides(&mut self, ui: &mut Ui, case: &OpenCase);
}

/// Everything that a section needs: the plan as it is shown, and the plan that its treatment and hairline start with.
struct Section<'a> {
    case: &'a mut OpenCase,
    plan: Plan,
    usual: Arc<Plan>,
}

impl Inspector<'_> {
    /// Shows the tool's part, then the plan. Returns a place that is to be shown.
    pub fn show(mut self, ui: &mut Ui, tools: &mut dyn ToolSections) -> Option<Place> {
        self.sections.take_up(self.tool);
        for (name, told) in [
            (Name::OwnHair, &mut self.own_stubble.comes_into_view),
            (Name::OwnPigment, &mut self.calibrator.comes_into_view),
        ] {
            if std::mem::take(told) {
                self.sections.answer_in(name);
            }
        }
        // The scroll position is kept per tool: a newly selected tool begins at the top, where its controls are.
        let area = ScrollArea::vertical().id_salt(self.tool.name()).auto_shrink([false, false]);
        let shown = area.show(ui, |ui| {
            // Room for the scroll bar, which overlays the content.
            ui.set_max_width(ui.available_width() - 8.0);
            tools.tool(ui, self.case);
            let place = self.plan(ui, tools);
            follow_focus(ui);
            place
        });
        hint_at_more(ui, &shown);
        shown.inner
    }

    fn plan(&mut self, ui: &mut Ui, tools: &mut dyn ToolSections) -> Option<Place> {
        let fit = self.case.fit().cloned();
        let known = fit.zip(self.case.plan().cloned()).zip(self.case.usual_plan());
        let Some(((fit, plan), usual)) = known else {
            if self.case.fit().is_some() {
                self.section(ui, Name::Guides, Heading::default(), |inspector, ui| tools.guides(ui, inspector.case));
            }
            if self.case.plan().is_none() {
                ui.add_space(8.0);
                ui.label("The plan appears here once the head is fitted: click the two pupils in a front photo.");
            }
            return None;
        };
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            let mut shown = None;
            for name in self.sections.in_order() {
                let heading = Heading::of(name, self.case, &plan, self.guides, self.quoted);
                self.section(ui, name, heading, |inspector, ui| {
                    if name == Name::Guides {
                        return tools.guides(ui, inspector.case);
                    }
                    let (plan, usual) = (plan.clone(), Arc::clone(&usual));
                    shown = inspector.of_plan(ui, name, plan, usual, &fit).or(shown);
                });
            }
            shown
        })
        .inner
    }

    /// Shows a section that changes the plan. Returns a place that is to be shown.
    fn of_plan(&mut self, ui: &mut Ui, name: Name, plan: Plan, usual: Arc<Plan>, fit: &Arc<HeadFit>) -> Option<Place> {
        let mut section = Section { case: self.case, plan, usual };
        match name {
            Name::Treatment => section.treatment(ui, fit, self.own_stubble),
            Name::LineShape => section.line_shape(ui, fit),
            Name::Edge => section.edge(ui),
            Name::Density => section.areas(ui),
            Name::Pigment => section.pigment(ui, self.colours, self.dropper),
            Name::OwnHair => section.follicles(ui, self.own_stubble, self.dropper),
            Name::OwnPigment => section.calibrator(ui, self.calibrator, self.dropper),
            Name::Sessions => section.sessions(ui),
            Name::Dots => section.dots(ui),
            Name::Checks => return section.checks(ui, fit.head()),
            Name::Quote => quote::show(ui, self.quoted),
            Name::Guides => {}
        }
        None
    }

    /// Shows a section with its heading, and its content if it is open.
    fn section(&mut self, ui: &mut Ui, name: Name, heading: Heading, content: impl FnOnce(&mut Self, &mut Ui)) {
        let header = heading.show(ui, name, self.sections.is_open(name));
        if header.clicked() {
            self.sections.toggle(name);
        }
        let arrives = self.sections.arrives(name);
        if arrives == Some(true) {
            header.scroll_to_me(Some(Align::Min));
            header.request_focus();
        }
        if !self.sections.is_open(name) {
            return;
        }
        // Identified by name rather than position: whatever is unfolded in it stays unfolded when another tool is
        // selected.
        let scope = UiBuilder::new().scope_id(Id::unique("section").with(name.name()));
        let body = ui.scope_builder(scope, |ui| {
            content(self, ui);
            ui.add_space(6.0);
        });
        if arrives == Some(false) {
            header.union(body.response).scroll_to_me(None);
        }
    }
}

impl Section<'_> {
    /// Shows a number of the plan; a change of it is named after its label in the undo list.
    fn number(&mut self, ui: &mut Ui, number: &Number, value: f64, set: impl FnOnce(&mut Plan, f64)) {
        if let Some(value) = number.show(ui, value) {
            let name = format!("Change {}", number.label.to_lowercase());
            self.case.draft_plan(&name, |plan| set(plan, value));
        }
    }
}

/// A line of small print.
fn note(ui: &mut Ui, text: impl Into<String>) -> egui::Response {
    ui.add(egui::Label::new(egui::RichText::new(text).size(11.0)).wrap())
}
