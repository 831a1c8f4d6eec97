//! The status bar: scale, totals, a hint, and what is going on.

use egui::accesskit::Role;
use egui::{Align, Button, Label, Layout, RichText, Ui, WidgetInfo};

use crate::case::document::ViewRecord;
use crate::checks::Severity;
use crate::studio::controls::widgets::described;
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::section::Section;
use crate::studio::words::grouped;

/// The inputs of the status bar.
pub struct Status<'a> {
    /// The open case.
    pub case: Option<&'a OpenCase>,
    /// The active tool's hint for the user.
    pub hint: &'a str,
    /// True while something is being computed.
    pub busy: bool,
    /// How long the last frame took, ms, if that is wanted.
    pub frame_ms: Option<f64>,
}

impl Status<'_> {
    /// Shows the totals on the left, the state of the file on the right, and the hint in between. Returns a command
    /// that was asked for.
    pub fn show(&self, ui: &mut Ui) -> Option<Command> {
        let mut asked = None;
        ui.horizontal(|ui| {
            if let Some(case) = self.case {
                scale(ui, case);
                numbers(ui, case);
                covered(ui, case);
                asked = checks(ui, case);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                self.state(ui);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(self.hint).weak()).truncate());
                });
            });
        });
        asked
    }

    fn state(&self, ui: &mut Ui) {
        match self.case.map(OpenCase::read_only_reason) {
            Some(_) if self.case.is_some_and(OpenCase::is_unsaved) => {
                ui.colored_label(ui.visuals().warn_fg_color, "not saved yet").on_hover_text(
                    "The drive is slow, or another program has locked the file for a moment: your changes are kept and \
                     written as soon as that is possible",
                );
            }
            Some(_) if self.case.is_some_and(OpenCase::is_acting) => {
                ui.colored_label(ui.visuals().warn_fg_color, "waiting for the drive").on_hover_text(
                    "The drive is slow, or another program has locked the file for a moment: the last command is carried \
                     out as soon as that is possible, and until then the case cannot be changed",
                );
            }
            Some(Some(reason)) => {
                ui.colored_label(ui.visuals().warn_fg_color, "read only")
                    .on_hover_text(format!("Changes are not possible because {reason}"));
            }
            Some(None) if self.case.is_some_and(OpenCase::drafting) => {
                ui.label("changing").on_hover_text("The change is in the file once you let go");
            }
            Some(None) => {
                ui.label("saved").on_hover_text("Every change is saved to the file as soon as it is made");
            }
            None => {}
        }
        if let Some(ms) = self.frame_ms {
            ui.label(RichText::new(format!("{ms:.1} ms")).weak()).on_hover_text("Time taken by the last frame");
        }
        if self.busy {
            ui.add(egui::Spinner::new().size(14.0)).on_hover_text("Working");
        }
    }
}

fn scale(ui: &mut Ui, case: &OpenCase) {
    match (case.fit_problem(), case.facts.scale.get(case.view)) {
        (Some(problem), _) => {
            let begun = case.document().views.iter().any(ViewRecord::has_enough_points);
            ui.label(if begun { problem } else { "No head yet" });
            ui.separator();
        }
        // A camera that was just fitted is still being measured.
        (None, Some(None)) if case.camera().is_some() => {}
        (None, Some(None)) => {
            let label = ui.label("Not part of the head yet");
            if let Some(record) = case.record() {
                label.on_hover_text(format!("To add this photo, press F, then {}", case.how_to_add(record)));
            }
            ui.separator();
        }
        // A new head has been fitted; the panel shows it already, but its scale is not measured yet.
        (None, Some(Some(_))) if !case.scale_is_measured() => {
            ui.label("… mm/px").on_hover_text("The scale is being measured");
            ui.separator();
        }
        (None, Some(Some(scale))) => {
            let source = case.document().scale().source();
            let text = format!("{:.3} mm/px ± {:.1} %", scale.mm_per_px, 100.0 * scale.error);
            ui.label(text).on_hover_text(format!(
                "Millimetres per pixel at the middle of the hairline, and its error; from: {source}"
            ));
            ui.separator();
        }
        (None, _) => {}
    }
}

fn numbers(ui: &mut Ui, case: &OpenCase) {
    let Some(sum) = case.sum() else { return };
    ui.label(sum).on_hover_text("Dots of all sessions, treated skin, and dots per cm² on average");
    ui.separator();
}

/// How many dots the photo does not show, if that is more than the rim of the head.
fn covered(ui: &mut Ui, case: &OpenCase) {
    /// A fitted head extends slightly beyond the head in the photo: this share of its dots means nothing.
    const RIM: f64 = 0.03;
    let all = case.facts.dots_by_session.last().copied().unwrap_or(0);
    let covered = case.facts.covered.filter(|(view, _)| *view == case.view).map_or(0, |(_, dots)| dots);
    if covered as f64 > RIM * all as f64 {
        ui.label(format!("{} covered here", grouped(covered))).on_hover_text(
            "Dots left out in this photo because hair or something else covers the scalp there; press E to see and \
             correct where",
        );
        ui.separator();
    }
}

/// How much would look wrong, and what could not be checked; a click goes to the list.
fn checks(ui: &mut Ui, case: &OpenCase) -> Option<Command> {
    let list = case.checklist.as_ref().filter(|_| case.plan().is_some())?;
    let text = format!("Checks: {}", list.in_words());
    let colour = match list.worst() {
        None | Some(Severity::Note) => ui.visuals().weak_text_color(),
        Some(Severity::Warn) => ui.visuals().warn_fg_color,
        Some(Severity::Strong) => ui.visuals().error_fg_color,
    };
    let button = ui.add(Button::new(RichText::new(&text).color(colour)).frame(false));
    let command = Command::Panel(Section::Checks);
    let button = described(ui, button, command);
    // Its accessible name is its text, not what it does.
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    let button = button.on_hover_ui(|ui| {
        for finding in list.unchecked() {
            ui.label(format!("Not checked: {}. {}", finding.rule.limit().title, finding.reason));
        }
    });
    let asked = button.clicked().then_some(command);
    ui.separator();
    asked
}
