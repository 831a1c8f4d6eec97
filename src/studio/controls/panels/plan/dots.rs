//! Single dots: how large, how deep, how alike, and how they are arranged.

use egui::{Button, Ui, Vec2};
use egui_material_icons::icons;

use super::{Section, note};
use crate::plan::MOST_RANDOM;
use crate::skin::shade::diameter_after_mm;
use crate::studio::controls::fields::Number;
use crate::studio::session::steps::HEALED_DAYS;

impl Section<'_> {
    /// Needle, depth, variation, arrangement.
    pub(crate) fn dots(&mut self, ui: &mut Ui) {
        let needle = |sessions: &[crate::plan::session::Session]| sessions.last().map_or(0.36, |s| s.needle_mm);
        let now = needle(&self.plan.sessions);
        let number = Number {
            label: "Needle",
            tip: "Diameter of the dots as they are placed, in all sessions",
            unit: " mm",
            range: 0.1..=1.0,
            speed: 0.002,
            decimals: 2,
            default: needle(&self.usual.sessions),
        };
        self.number(ui, &number, "Change needle", now, |p, v| p.sessions.iter_mut().for_each(|s| s.needle_mm = v));
        let healed = diameter_after_mm(now, HEALED_DAYS);
        let differ = self.plan.sessions.iter().any(|s| s.needle_mm != now);
        let of = if differ { " (last session)" } else { "" };
        note(ui, format!("about {healed:.2} mm once healed{of}"));
        let number = Number {
            label: "Depth",
            tip: "How deep the pigment begins once healed; deeper dots are softer and cooler",
            unit: " mm",
            range: 0.05..=2.0,
            speed: 0.005,
            decimals: 2,
            default: self.usual.depth_mm,
        };
        self.number(ui, &number, "Change depth", self.plan.depth_mm, |p, v| p.depth_mm = v);
        let number = Number {
            label: "Column height",
            tip: "How far the pigment reaches down from there, along the way of the needle; taller columns make darker, cooler skin",
            unit: " mm",
            range: 0.05..=2.0,
            speed: 0.005,
            decimals: 2,
            default: self.usual.height_mm,
        };
        self.number(ui, &number, "Change column height", self.plan.height_mm, |p, v| p.height_mm = v);
        let number = Number {
            label: "Size variation",
            tip: "How much dots differ in size; no hand sets two alike",
            unit: " %",
            range: 0.0..=50.0,
            speed: 0.2,
            default: 100.0 * self.usual.size_jitter,
            ..Number::default()
        };
        let jitter = 100.0 * self.plan.size_jitter;
        self.number(ui, &number, "Change size variation", jitter, |p, v| p.size_jitter = v / 100.0);
        let number = Number {
            label: "Randomness",
            tip: "How far dots stray from even places, as a share of their spacing; much of it makes clumps and gaps",
            unit: " %",
            range: 0.0..=100.0 * MOST_RANDOM,
            speed: 0.2,
            default: 100.0 * self.usual.randomness,
            ..Number::default()
        };
        let randomness = 100.0 * self.plan.randomness;
        self.number(ui, &number, "Change randomness", randomness, |p, v| p.randomness = v / 100.0);
        let number = Number {
            label: "Arrangement",
            tip: "The same number places the same dots again",
            range: 0.0..=999_999.0,
            speed: 0.1,
            default: self.usual.seed as f64,
            ..Number::default()
        };
        // Exact: a seed beyond 2^53 comes only from outside, and is then shown rounded but not changed.
        let seed = self.plan.seed as f64;
        self.number(ui, &number, "Change arrangement", seed, |p, v| p.seed = v.round() as u64);
        let another = Button::new((icons::ICON_CASINO, "Another arrangement of dots"));
        let another = ui.add(another.min_size(Vec2::new(ui.available_width(), 0.0)));
        if another.accessible_name("Another arrangement of dots").on_hover_text("Same plan, other follicles").clicked()
        {
            self.case.draft_plan("Rearrange dots", |p| p.seed = (p.seed % 999_999) + 1);
        }
    }
}
