//! The client's own shaved hair, measured where the photo is clicked, and adopted as the plan's settings.

use std::sync::Arc;

use egui::{Button, Ui, Vec2};
use egui_material_icons::icons;

use super::colour::{lab, nearness, swatch};
use super::{Section, note, sessions::ratio};
use crate::reading::stubble::{Estimate, Stubble};
use crate::skin::offer::Offer;
use crate::skin::own_hair;
use crate::studio::controls::fields::{Number, row};
use crate::studio::session::aim::{Aim, Dropper};
use crate::studio::session::own_stubble::{OwnStubble, USUAL_RADIUS_MM, is_used};
use crate::studio::words::area_text;
use crate::studio::words::words;

impl Section<'_> {
    /// The button that starts it, the result, and what that offers the plan.
    pub(crate) fn follicles(&mut self, ui: &mut Ui, own_stubble: &mut OwnStubble, dropper: &mut Dropper) {
        self.own_hair(ui, own_stubble);
        let armed = matches!(dropper.armed, Some(Aim::Follicles { .. }));
        let button = Button::selectable(armed, (icons::ICON_COLORIZE, "Match my follicles")).frame_when_inactive(true);
        let button = ui.add(button).accessible_name("Match my follicles");
        let tip = "Measure the client's own shaved hair by clicking a shaved patch in the photo";
        if button.on_hover_text(tip).clicked() {
            dropper.armed = if armed { None } else { Some(Aim::Follicles { radius_mm: own_stubble.radius_mm }) };
        }
        let number = Number {
            label: "Patch radius",
            tip: "How much skin is measured, from the middle of the patch; a larger patch is more certain if it is uniform",
            unit: " mm",
            range: 2.0..=20.0,
            speed: 0.05,
            decimals: 1,
            default: USUAL_RADIUS_MM,
            ..Number::default()
        };
        if let Some(radius_mm) = number.show(ui, own_stubble.radius_mm) {
            own_stubble.radius_mm = radius_mm;
        }
        if let Some(Aim::Follicles { radius_mm }) = &mut dropper.armed {
            *radius_mm = own_stubble.radius_mm;
        }
        if own_stubble.measuring() {
            note(ui, "Measuring the hair; press Escape to cancel");
        }
        match own_stubble.found() {
            Some(Ok(stubble)) => figures(ui, stubble),
            Some(Err(sentence)) => drop(note(ui, sentence)),
            None => {}
        }
        if let Some(offer) = own_stubble.offer(&self.plan, self.case.facts.skin) {
            self.offer(ui, offer);
        }
    }

    /// Whether the plan follows the hair on sides and back, and the button that changes this.
    fn own_hair(&mut self, ui: &mut Ui, own_stubble: &mut OwnStubble) {
        if own_hair::follows(&self.plan) {
            note(ui, "Follows the client's own shaved hair in density, dot size and tone, and leaves its place free")
                .on_hover_text("As measured on the sides and the back in the photos");
            let tip = "The usual density, needle, pigment and dilutions, and dots all over the scalp";
            if ui.button("Plan as usual").on_hover_text(tip).clicked() {
                let usual = Arc::clone(&self.usual);
                self.case.draft_plan("Plan as usual", |plan| own_hair::forget(plan, &usual));
            }
            return;
        }
        if !own_hair::matters_to(self.plan.treatment) {
            return;
        }
        let button = ui.add_enabled(!own_stubble.looking(), Button::new("Follow own hair"));
        let tip = "Measure the shaved hair on the sides and the back in all photos: density, dot size and tone follow it, and no \
                   dots are placed where it grows";
        if button.on_hover_text(tip).clicked() {
            own_stubble.follow = true;
        }
        if own_stubble.looking() {
            note(ui, "Looking for the client's own hair");
        }
    }

    /// The settings on offer, with a button that adopts them.
    fn offer(&mut self, ui: &mut Ui, offer: &Offer) {
        let used = is_used(offer, &self.plan);
        ui.group(|ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                swatch(ui, offer.diluted.healed, Vec2::new(24.0, 18.0))
                    .on_hover_text("The area with these settings, healed");
                let water: Vec<String> = offer.diluted.dilutions.iter().map(|d| ratio(d.0)).collect();
                ui.label(format!(
                    "{:.0} /cm², needle {:.2} mm, {}, {}",
                    offer.density_per_cm2,
                    offer.needle_mm,
                    words(&offer.diluted.pigment.name),
                    water.join(", ")
                ));
            });
            note(ui, format!("From afar: {}", nearness(offer.diluted.difference)))
                .on_hover_text("CIEDE2000 difference: about 1 is just visible side by side");
            note(ui, format!("Up close: healed dots look {:.2} mm wide", offer.looks_mm))
                .on_hover_text("Light spreads in skin: no needle makes dots that look as fine as hair at the surface");
            let button = ui.add_enabled(!used, Button::new(if used { "In use" } else { "Use for the plan" }));
            let tip = "Use this density in the first area, and this needle, pigment and dilutions";
            if button.accessible_name("Use for the plan").on_hover_text(tip).clicked() {
                self.case.draft_plan("Match follicles", |plan| *plan = offer.applied_to(plan));
            }
        });
    }
}

/// The measurements, each with its standard error.
fn figures(ui: &mut Ui, stubble: &Stubble) {
    let both = |e: Estimate, digits: usize| format!("{:.*} ± {:.*}", digits, e.value, digits, e.standard_error);
    let lines = [
        (
            "Hairs",
            format!("{} /cm²", both(stubble.density_per_cm2, 0)),
            "Dots counted in the patch; ± is the standard error, here and below",
        ),
        (
            "Apparent width",
            format!("{} mm", both(stubble.diameter_mm, 2)),
            "Width at half the darkness, as it appears on the skin; the camera's blur is removed",
        ),
        (
            "Spacing",
            format!("{} mm", both(stubble.spacing_mm, 2)),
            "From each dot to its nearest neighbour, on average",
        ),
    ];
    for (label, value, tip) in lines {
        row(ui, label, tip, |ui| ui.label(value).on_hover_text(tip));
    }
    let tip = "Middle of the typical dot without the camera's blur; ± applies to L";
    row(ui, "Tone", tip, |ui| {
        ui.label(format!("{} (± {:.0})", lab(stubble.dot), stubble.dot_lightness.standard_error)).on_hover_text(tip);
        swatch(ui, stubble.dot, Vec2::new(24.0, 18.0)).on_hover_text(tip);
    });
    note(ui, format!("{} dots on {} of skin", stubble.dots, area_text(stubble.area_cm2, 1)));
}
