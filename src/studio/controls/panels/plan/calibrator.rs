//! The studio's own pigment, found from healed work where the photo is clicked, and adopted by the plan.

use egui::{Button, Ui, Vec2};
use egui_material_icons::icons;

use super::colour::{lab, swatch};
use super::{Section, note};
use crate::plan::pigment;
use crate::skin::calibration::TONE_STANDARD_ERROR;
use crate::skin::calibration::{Calibration, CalibrationPatch, STEP};
use crate::skin::healing::HEALED_DAYS;
use crate::studio::controls::fields::{Number, Text, row};
use crate::studio::session::aim::{Aim, Dropper};
use crate::studio::session::calibrator::{Calibrator, is_used};
use crate::studio::session::command::Command;

/// Longest name that a pigment may have, characters.
const LONGEST_NAME: usize = 40;

impl Section<'_> {
    /// The button that starts it, the inputs besides the photo, the result, and the button that uses it.
    pub(crate) fn calibrator(&mut self, ui: &mut Ui, calibrator: &mut Calibrator, dropper: &mut Dropper) {
        let armed = matches!(dropper.armed, Some(Aim::Healed(_)));
        let command = Command::CalibratePigment;
        ui.horizontal(|ui| {
            let button = Button::selectable(armed, (icons::ICON_COLORIZE, command.text())).frame_when_inactive(true);
            if ui.add(button).accessible_name(command.text()).on_hover_text(command.tip()).clicked() {
                dropper.armed = if armed { None } else { Some(Aim::Healed(CalibrationPatch::Bare)) };
            }
            if calibrator.begun() {
                let remove = ui.add(Button::new(icons::ICON_CLOSE).frame(false)).accessible_name("Close calibration");
                if remove.on_hover_text("Forget the clicked places; a pigment in use stays").clicked() {
                    calibrator.clear();
                    dropper.armed = dropper.armed.filter(|aim| !matches!(aim, Aim::Healed(_)));
                }
            }
        });
        if !armed && !calibrator.begun() {
            return;
        }
        note(ui, "From a photo of your healed work. The plan has to say what was placed.");
        let number = Number {
            label: "Healed for",
            tip: "Days from the last session to the day of the photo",
            unit: " days",
            range: 14.0..=3650.0,
            speed: 0.5,
            default: HEALED_DAYS,
            ..Number::default()
        };
        if let Some(age_days) = number.show(ui, calibrator.age_days) {
            calibrator.age_days = age_days;
        }
        ui.horizontal(|ui| {
            let tip = "What you call this pigment";
            ui.label("Name").on_hover_text(tip);
            let text = Text { label: "Name of the pigment", tip, most: LONGEST_NAME };
            if let Some(name) = text.show(ui, 0, &calibrator.name) {
                calibrator.name = name;
            }
        });
        if calibrator.measuring() {
            note(ui, "Finding the pigment; press Escape to cancel");
        }
        match calibrator.found() {
            Some(Ok(calibration)) => figures(ui, calibration),
            Some(Err(sentence)) => drop(note(ui, sentence)),
            None => {}
        }
        self.use_pigment(ui, calibrator);
    }

    /// The button that adopts the result.
    fn use_pigment(&mut self, ui: &mut Ui, calibrator: &Calibrator) {
        let Some(found) = calibrator.pigment() else { return };
        let used = is_used(&found, &self.plan);
        let taken = pigment::named(&found.name).is_some();
        let button = ui.add_enabled(!used && !taken, Button::new(if used { "In use" } else { "Use" }));
        let button = button.accessible_name("Use calibrated pigment");
        let button = button.on_disabled_hover_text(match taken {
            true => "A pigment that comes with the program has this name: choose another",
            false => "The plan uses this pigment",
        });
        if button.on_hover_text("Keep this pigment in the case and use it in every session").clicked() {
            self.case.draft_plan(STEP, |plan| *plan = plan.clone().with_pigment(&found));
        }
    }
}

/// The result, with its standard error.
fn figures(ui: &mut Ui, calibration: &Calibration) {
    ui.horizontal(|ui| {
        for (tone, what) in [(calibration.bare, "Bare skin"), (calibration.treated, "Treated skin, from afar")] {
            swatch(ui, tone, Vec2::new(24.0, 18.0)).on_hover_text(format!("{what}: {}", lab(tone)));
        }
        note(ui, format!("bare and treated, {:.0} dots /cm²", calibration.density_per_cm2));
    });
    let tip = format!(
        "Absorption of the undiluted pigment, per mm; if the photo's light is off by {:.0} %, it may be as low or as high \
         as in brackets. Very dark dots look alike at any strength",
        100.0 * TONE_STANDARD_ERROR
    );
    let found = &calibration.found;
    let channels = found.pigment.absorption_per_mm.into_iter().zip(found.range_per_mm);
    for (label, (per_mm, [low, high])) in
        ["Red absorption", "Green absorption", "Blue absorption"].into_iter().zip(channels)
    {
        row(ui, label, &tip, |ui| ui.label(format!("{per_mm:.0} ({low:.0}–{high:.0}) /mm")).on_hover_text(&tip));
    }
}
