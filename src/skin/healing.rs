//! What time does to pigment in skin.
//!
//! The optical density of a dot, by which treated skin is darker, follows
//! `D(t) = D0 (h + (1 - h) exp(-t / 5 d)) exp(-t / tau)` in every channel, apart from scabs in the first week and from
//! parts of mixed pigments that fade at rates of their own. That is what a densitometer, or a client, would see: how wide
//! the dot has become meanwhile decides where the light is lost, not how much. Illustrative: see `assets/healing.toml`.

use super::settings::{Outlook, settings};
use crate::plan::conditions::Conditions;
use crate::plan::pigment::Pigment;

const DAYS_PER_YEAR: f64 = 365.25;
/// Between these depths the spread grows from shallow to deep, mm: the upper dermis holds pigment, the deep one lets go.
const SHALLOW_MM: f64 = 0.2;
const DEEP_MM: f64 = 0.6;

/// The course of a client's pigment for one outlook.
#[derive(Debug, Clone)]
pub struct Course {
    pigment: Option<Pigment>,
    healed_share: f64,
    healing_days: f64,
    fading_days: f64,
    scar: f64,
    healed_diameter: f64,
    scab_density: f64,
    scab_diameter: f64,
    scab_days: f64,
    /// Natural logarithm of the growth of a place's variance, mm2 a day, shallow and deep.
    ln_spread: [f64; 2],
}

impl Course {
    /// For a pigment (plain carbon if none is given) in a client's skin.
    #[must_use]
    pub fn new(pigment: Option<&Pigment>, conditions: Conditions, outlook: Outlook) -> Self {
        let all = settings();
        let factor = |applies: bool, factor: f64| if applies { factor } else { 1.0 };
        let ln_spread = |k_mm2_per_year: f64| libm::log(2.0 * k_mm2_per_year / DAYS_PER_YEAR);
        Self {
            pigment: pigment.cloned(),
            healed_share: all.healed_share.at(outlook),
            healing_days: all.healing_days.at(outlook),
            fading_days: all.fading_years.at(outlook)
                * DAYS_PER_YEAR
                * factor(conditions.much_sun, all.much_sun.at(outlook))
                * factor(conditions.oily_skin, all.oily_skin.at(outlook)),
            scar: all.scar.at(outlook),
            healed_diameter: all.healed_diameter.at(outlook),
            scab_density: all.scab_density.at(outlook),
            scab_diameter: all.scab_diameter.at(outlook),
            scab_days: all.scab_days.at(outlook),
            ln_spread: [all.spread_shallow.at(outlook), all.spread_deep.at(outlook)].map(ln_spread),
        }
    }

    /// Share of the healing that is still to come, and of scabs.
    fn fresh_and_scab(&self, age_days: f64) -> (f64, f64) {
        (libm::exp(-age_days / self.healing_days), (1.0 - age_days / self.scab_days).max(0.0))
    }

    /// Optical density of a dot of this age, of a fresh one's without scab: red, green, blue.
    #[must_use]
    pub fn density(&self, age_days: f64, in_scar: bool) -> [f64; 3] {
        let age = age_days.max(0.0);
        let (fresh, scab) = self.fresh_and_scab(age);
        let healing = (self.healed_share + (1.0 - self.healed_share) * fresh) * (1.0 + self.scab_density * scab);
        let lifetimes = age / (self.fading_days * if in_scar { self.scar } else { 1.0 });
        let left = match &self.pigment {
            Some(pigment) => pigment.left_after(lifetimes),
            None => [libm::exp(-lifetimes); 3],
        };
        left.map(|left| left * healing)
    }

    /// Diameter of a dot of this age, of a fresh one's without scab; its spread comes on top.
    #[must_use]
    pub fn diameter(&self, age_days: f64) -> f64 {
        let (fresh, scab) = self.fresh_and_scab(age_days.max(0.0));
        (self.healed_diameter + (1.0 - self.healed_diameter) * fresh) * (1.0 + self.scab_diameter * scab)
    }

    /// Standard deviation by which pigment has spread since it was placed, mm.
    #[must_use]
    pub fn spread_mm(&self, age_days: f64, depth_mm: f64) -> f64 {
        let deep = ((depth_mm - SHALLOW_MM) / (DEEP_MM - SHALLOW_MM)).clamp(0.0, 1.0);
        let [from, to] = self.ln_spread;
        (libm::exp(from + (to - from) * deep) * age_days.max(0.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::pigment;
    use crate::skin::settings::OUTLOOKS;

    fn course(outlook: Outlook) -> Course {
        Course::new(pigment::named("neutral black"), Conditions::default(), outlook)
    }

    #[test]
    fn six_months_after_healing_it_is_a_tenth_lighter_and_a_fifth_in_scars() {
        let likely = course(Outlook::Likely);
        for (in_scar, lighter) in [(false, 0.10), (true, 0.20)] {
            let left = |days: f64| likely.density(days, in_scar)[0];
            // Whether healing ends after four weeks or counts from the day: within 2 points both ways.
            for months in [left(28.0 + 182.6) / left(28.0), left(182.6) / left(28.0)] {
                assert!((1.0 - months - lighter).abs() < 0.02, "{in_scar}: {months}");
            }
        }
    }

    #[test]
    fn strong_keeps_more_than_likely_and_likely_more_than_light() {
        let [light, likely, strong] = OUTLOOKS.map(course);
        for days in [0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 182.0, 365.0, 730.0, 1826.0, 3652.0, 36_525.0] {
            for scar in [false, true] {
                let [a, b, c] = [&light, &likely, &strong].map(|c| c.density(days, scar)[1]);
                assert!(a <= b && b <= c, "{days} days: {a} {b} {c}");
                assert!(days < 1.0 || (a < b && b < c), "{days} days: {a} {b} {c}");
            }
        }
    }

    #[test]
    fn fresh_dots_are_larger_and_darker_and_only_shrink_and_lighten() {
        let likely = course(Outlook::Likely);
        let days = [0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 365.0];
        for pair in days.windows(2) {
            let [early, late] = [pair[0], pair[1]];
            assert!(likely.density(early, false)[0] > likely.density(late, false)[0]);
            assert!(likely.diameter(early) >= likely.diameter(late));
        }
        let healed_mm = 0.25 * likely.diameter(28.0);
        assert!((0.10..=0.17).contains(&healed_mm), "{healed_mm}");
        assert!(likely.density(28.0, false)[0] > 0.54 && likely.density(28.0, false)[0] < 0.56);
    }

    #[test]
    fn sun_oil_and_depth_do_what_they_are_said_to() {
        let with = |much_sun, oily_skin| Course::new(None, Conditions { much_sun, oily_skin }, Outlook::Likely);
        let ln = |course: &Course| libm::log(course.density(3652.5, false)[0] / course.healed_share);
        let usual = ln(&with(false, false));
        assert!((usual / ln(&with(true, false)) - 0.7).abs() < 1e-9);
        assert!((usual / ln(&with(false, true)) - 0.85).abs() < 1e-9);
        let spread = |depth| with(false, false).spread_mm(3652.5, depth);
        assert!((spread(0.15) - (2.0_f64 * 3e-4 * 10.0).sqrt()).abs() < 1e-9);
        assert!((spread(0.8) - (2.0_f64 * 3e-3 * 10.0).sqrt()).abs() < 1e-9);
        assert!(spread(0.4) > spread(0.3));
    }
}
