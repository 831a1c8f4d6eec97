//! What time does to pigment in skin.
//!
//! A needle leaves pigment all along its path, up into the epidermis. Pigment in the epidermis is shed with it within
//! two weeks, and a share of the rest is carried off while the skin heals; more is lost over the years. Each of these
//! removes pigment, so it is the *absorption* that falls, `A(t) = A0 (h + (1 - h) exp(-t / 5 d)) exp(-t / tau)` in
//! every channel, except for scabs in the first week and for components of mixed pigments that fade at rates of their
//! own. Dots that absorb nearly all light that meets them look the same with half of their pigment: fresh and healed
//! skin are about equally dark, and it takes years until the loss shows. Illustrative: see `assets/healing.toml`.

use super::settings::{Outlook, settings};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::plan::conditions::Conditions;
use crate::plan::pigment::Pigment;
pub use crate::plan::session::HEALED_DAYS;

/// Depths between which the spread grows from shallow to deep, mm: the upper dermis holds pigment, the deep dermis lets
/// go.
const SHALLOW_MM: f64 = 0.2;
const DEEP_MM: f64 = 0.6;
/// No pigment lies higher than this, mm: the horny layer holds none.
const SURFACE_MM: f64 = 0.03;

/// How a client's pigment changes over time, for one outlook.
#[derive(Debug, Clone)]
pub struct Course {
    pigment: Option<Pigment>,
    healed_share: f64,
    healing_days: f64,
    fading_days: f64,
    scar: f64,
    placed_diameter: f64,
    healed_diameter: f64,
    scab_absorption: f64,
    scab_diameter: f64,
    scab_days: f64,
    /// Natural logarithm of the growth rate of the spread's variance, mm2 per day, shallow and deep.
    ln_spread: [f64; 2],
}

impl Course {
    /// The course of a pigment (plain carbon if none is given) in a client's skin.
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
            placed_diameter: all.placed_diameter.at(outlook),
            healed_diameter: all.healed_diameter.at(outlook),
            scab_absorption: all.scab_absorption.at(outlook),
            scab_diameter: all.scab_diameter.at(outlook),
            scab_days: all.scab_days.at(outlook),
            ln_spread: [all.spread_shallow.at(outlook), all.spread_deep.at(outlook)].map(ln_spread),
        }
    }

    /// The pigment this long after it was placed: what all dots of that age have in common.
    #[must_use]
    pub fn at(&self, age_days: f64) -> AtAge {
        let age_days = age_days.max(0.0);
        // Share of the healing that is still to come, and share of the scabs that is left.
        let (fresh, scab) = (libm::exp(-age_days / self.healing_days), (1.0 - age_days / self.scab_days).max(0.0));
        let healing = (self.healed_share + (1.0 - self.healed_share) * fresh) * (1.0 + self.scab_absorption * scab);
        let absorption = |factor: f64| {
            let lifetimes = age_days / (self.fading_days * factor);
            let left = match &self.pigment {
                Some(pigment) => pigment.left_after(lifetimes),
                None => [libm::exp(-lifetimes); 3],
            };
            left.map(|left| left * healing)
        };
        AtAge {
            absorption: absorption(1.0),
            absorption_in_scar: absorption(self.scar),
            fresh,
            diameters: [self.healed_diameter * (1.0 - fresh), self.placed_diameter * fresh]
                .map(|diameter| diameter * (1.0 + self.scab_diameter * scab)),
            age_days,
            ln_spread: self.ln_spread,
        }
    }
}

/// A client's pigment at one age.
#[derive(Debug, Clone, Copy)]
pub struct AtAge {
    absorption: [f64; 3],
    absorption_in_scar: [f64; 3],
    /// Share of the healing that is still to come.
    fresh: f64,
    /// Parts of the diameter that are healed and as placed, relative to the needle's.
    diameters: [f64; 2],
    age_days: f64,
    ln_spread: [f64; 2],
}

impl AtAge {
    /// Absorption of a dot's pigment, relative to what was placed: red, green, blue.
    #[must_use]
    pub fn absorption(&self, in_scar: bool) -> [f64; 3] {
        if in_scar { self.absorption_in_scar } else { self.absorption }
    }

    /// Depth of the upper end and height of a column, mm, given both as healed: a needle leaves pigment
    /// all along its way, and what lies higher goes while the skin heals.
    #[must_use]
    pub fn column_mm(&self, depth_mm: f64, height_mm: f64) -> (f64, f64) {
        let above_mm = self.fresh * (depth_mm - SURFACE_MM).max(0.0);
        (depth_mm - above_mm, height_mm + above_mm)
    }

    /// Diameter of a dot, relative to the needle's, with a factor on the healed diameter; its spread is additional.
    #[must_use]
    pub fn diameter(&self, dispersal: f64) -> f64 {
        let [healed, placed] = self.diameters;
        healed * dispersal + placed
    }

    /// Standard deviation by which pigment at this depth has spread since it was placed, mm.
    #[must_use]
    pub fn spread_mm(&self, depth_mm: f64) -> f64 {
        let deep = ((depth_mm - SHALLOW_MM) / (DEEP_MM - SHALLOW_MM)).clamp(0.0, 1.0);
        let [from, to] = self.ln_spread;
        (libm::exp(from + (to - from) * deep) * self.age_days).sqrt()
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
    fn strong_keeps_more_than_likely_and_likely_more_than_light() {
        let [light, likely, strong] = OUTLOOKS.map(course);
        for days in [0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 182.0, 365.0, 730.0, 1826.0, 3652.0, 36_525.0] {
            for scar in [false, true] {
                let [a, b, c] = [&light, &likely, &strong].map(|c| c.at(days).absorption(scar)[1]);
                assert!(a <= b && b <= c, "{days} days: {a} {b} {c}");
                assert!(days < 1.0 || (a < b && b < c), "{days} days: {a} {b} {c}");
            }
            let [a, b, c] = [&light, &likely, &strong].map(|c| c.at(days).diameter(1.0));
            assert!(a <= b && b <= c, "{days} days: {a} {b} {c}");
        }
    }

    #[test]
    fn fresh_dots_reach_higher_hold_more_pigment_and_only_lose() {
        let likely = course(Outlook::Likely);
        let days = [0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 365.0];
        for pair in days.windows(2) {
            let [early, late] = [pair[0], pair[1]];
            assert!(likely.at(early).absorption(false)[0] > likely.at(late).absorption(false)[0]);
            let [(high, tall), (low, short)] = [early, late].map(|days| likely.at(days).column_mm(0.09, 0.4));
            assert!(high < low && tall > short, "{early} to {late} days");
            // The lower end stays where the needle put it.
            assert!((high + tall - 0.49).abs() < 1e-12 && (low + short - 0.49).abs() < 1e-12);
        }
        assert!(
            (0.35..=0.45).contains(&(0.36 * likely.at(28.0).diameter(1.0))),
            "as wide as in photographs of healed heads"
        );
        let (top_mm, _) = likely.at(0.0).column_mm(0.09, 0.4);
        assert!((top_mm - 0.03).abs() < 1e-12, "fresh, it begins right under the epidermis or in it: {top_mm}");
        let healed = likely.at(28.0).absorption(false)[0];
        assert!((0.5..0.6).contains(&healed), "consent forms speak of 40 to 50 % that go: {healed}");
        // Nothing is pushed out of the skin, and what was planned shallow stays there.
        assert!((likely.at(0.0).column_mm(0.05, 0.3).0 - SURFACE_MM).abs() < 1e-12);
    }

    #[test]
    fn sun_oil_scars_and_depth_do_what_they_are_said_to() {
        let with = |much_sun, oily_skin| Course::new(None, Conditions { much_sun, oily_skin }, Outlook::Likely);
        let ln = |course: &Course, scar| libm::log(course.at(3652.5).absorption(scar)[0] / course.healed_share);
        let usual = ln(&with(false, false), false);
        assert!((usual / ln(&with(true, false), false) - 0.7).abs() < 1e-9);
        assert!((usual / ln(&with(false, true), false) - 0.85).abs() < 1e-9);
        assert!((usual / ln(&with(false, false), true) - 0.5).abs() < 1e-9);
        let spread = |depth| with(false, false).at(3652.5).spread_mm(depth);
        assert!((spread(0.15) - (2.0_f64 * 3e-4 * 10.0).sqrt()).abs() < 1e-9);
        assert!((spread(0.8) - (2.0_f64 * 3e-3 * 10.0).sqrt()).abs() < 1e-9);
        assert!(spread(0.4) > spread(0.3));
    }
}
