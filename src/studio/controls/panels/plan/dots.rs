//! Single dots: how large, how deep, how varied, and how they are arranged.

use egui::{Button, Ui, Vec2};
use egui_material_icons::icons;

use super::{Section, note};
use crate::plan::parameters;
use crate::skin::healing::HEALED_DAYS;
use crate::skin::shade::diameter_after_mm;
use crate::studio::controls::fields::Number;

impl Section<'_> {
    /// Needle, depth, variation, arrangement.
    pub(crate) fn dots(&mut self, ui: &mut Ui) {
        let now = self.plan.needle_mm();
        let tip = "Diameter of the dots as they are placed, in all sessions";
        let number = Number { tip, ..Number::of(&parameters::NEEDLE, self.usual.needle_mm()) };
        self.number(ui, &number, now, |p, v| p.sessions.iter_mut().for_each(|s| s.needle_mm = v));
        let healed = diameter_after_mm(now, HEALED_DAYS);
        let differ = self.plan.sessions.iter().any(|s| s.needle_mm != now);
        let of = if differ { " (last session)" } else { "" };
        note(ui, format!("about {healed:.2} mm once healed{of}"));
        for parameter in &parameters::DOTS {
            let number = Number::of(parameter, parameter.get(&self.usual));
            self.number(ui, &number, parameter.get(&self.plan), |plan, value| parameter.set(plan, value));
        }
        let number = Number {
            label: "Pattern number",
            tip: "The same number places the same dots again",
            range: 0.0..=999_999.0,
            speed: 0.1,
            default: self.usual.seed as f64,
            ..Number::default()
        };
        // Exact: a seed beyond 2^53 can only come from outside, and is then shown rounded but not changed.
        let seed = self.plan.seed as f64;
        self.number(ui, &number, seed, |p, v| p.seed = v.round() as u64);
        let another = Button::new((icons::ICON_CASINO, "Another pattern of dots"));
        let another = ui.add(another.min_size(Vec2::new(ui.available_width(), 0.0)));
        if another.accessible_name("Another pattern of dots").on_hover_text("Same plan, different follicles").clicked()
        {
            self.case.draft_plan("Rearrange dots", |p| p.seed = (p.seed % 999_999) + 1);
        }
    }
}
