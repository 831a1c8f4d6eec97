//! What time does to pigment in skin.
//!
//! Illustrative: no study gives rates for the first weeks or a spread. Density follows
//! `h + (1 - h) exp(-t / 5 d)`, times `exp(-t / tau)`, which agrees with the one measurement there is (10 % lighter
//! between one and six months, Liu 2025, within 2 points).

use super::optics::Pigment;
use crate::follicles::dots::Dot;

/// Share of the pigment's density that is left when healed.
const HEALED_SHARE: f64 = 0.55;
/// Time constant of healing, days.
const HEALING_DAYS: f64 = 5.0;
/// Time constant of fading, days (6 years).
const FADING_DAYS: f64 = 6.0 * 365.25;
/// Healed diameter as a share of the fresh one: its area shrinks by 40 to 60 % (trade pages), its width by 25 % (consent
/// forms); 0.25 mm becomes 0.17.
const HEALED_DIAMETER: f64 = 0.66;
/// Growth of the variance of a dot's position with time, mm2 a day: shallow pigment.
const SPREAD_MM2_PER_DAY: f64 = 2.0 * 3e-4 / 365.25;

/// The pigment of a dot `age_days` after it was placed.
#[must_use]
pub fn pigment_after(dot: &Dot, age_days: f64) -> Pigment {
    let age = age_days.max(0.0);
    let fresh = libm::exp(-age / HEALING_DAYS);
    let density = (HEALED_SHARE + (1.0 - HEALED_SHARE) * fresh) * libm::exp(-age / FADING_DAYS);
    Pigment {
        diameter_mm: dot.diameter_mm * (HEALED_DIAMETER + (1.0 - HEALED_DIAMETER) * fresh),
        depth_mm: dot.depth_mm,
        absorption_per_mm: dot.absorption_per_mm.map(|a| a * density),
        spread_mm: (SPREAD_MM2_PER_DAY * age).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Part;
    use glam::DVec3;

    #[test]
    fn pigment_heals_to_its_share_and_then_fades_slowly() {
        let dot = Dot {
            position: DVec3::Y,
            normal: DVec3::Y,
            part: Part::Cranium,
            area: 0,
            session: 1,
            diameter_mm: 0.25,
            depth_mm: 0.2,
            absorption_per_mm: [40.0; 3],
            dark: false,
        };
        let left = |days: f64| pigment_after(&dot, days).absorption_per_mm[0] / 40.0;
        assert!((left(0.0) - 1.0).abs() < 1e-12);
        assert!((left(28.0) - 0.55).abs() < 0.01);
        // Six months against one month: about 10 % lighter, within 3 points.
        assert!((left(182.0) / left(28.0) - 0.90).abs() < 0.04);
        let healed = pigment_after(&dot, 28.0).diameter_mm;
        assert!((0.10..=0.17).contains(&healed), "{healed}");
    }
}
