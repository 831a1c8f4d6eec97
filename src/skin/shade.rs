//! What treated skin looks like from so far away that dots run together, and which pigment and dilutions come nearest
//! to hair that is there already.
//!
//! Dots take light one after the other, so an area keeps `exp(-n loss)` of it for `n` dots of black-equivalent area
//! `loss` each per mm2: exact for dots strewn independently (the mean over a Poisson process), and a little too light
//! for dots that keep their distance.

use glam::DVec3;

use super::healing::Course;
use super::optics::Optics;
use super::settings::Outlook;
use super::tissue::Skin;
use super::tone::Tone;
use crate::follicles::dots::Dot;
use crate::head::Part;
use crate::plan::conditions::Conditions;
use crate::plan::pigment::{self, Pigment};
use crate::plan::session::Session;

/// What an area gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe<'a> {
    /// The pigment.
    pub pigment: &'a Pigment,
    /// All sessions, first to last.
    pub sessions: &'a [Session],
    /// Dots per cm2 once all sessions are done.
    pub density_per_cm2: f64,
    /// Depth of the pigment, mm.
    pub depth_mm: f64,
}

/// A pigment with the dilutions of a plan's sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The pigment.
    pub pigment: Pigment,
    /// Dilution of each session, and of its darkest dots.
    pub dilutions: Vec<(f64, f64)>,
    /// The healed area.
    pub healed: Tone,
    /// How far that is from what was asked for, CIEDE2000.
    pub difference: f64,
}

/// Diameter of a dot `age_days` after a needle of `needle_mm` has placed it, mm, as is likely.
#[must_use]
pub fn diameter_after_mm(needle_mm: f64, age_days: f64) -> f64 {
    needle_mm * Course::new(None, Conditions::default(), Outlook::Likely).diameter(age_days)
}

impl Recipe<'_> {
    /// The treated area `age_days` after the last session, on skin of this tone. Sessions before it count as old as it.
    #[must_use]
    pub fn on(&self, skin: Tone, age_days: f64) -> Tone {
        let course = Course::new(Some(self.pigment), Conditions::default(), Outlook::Likely);
        let optics = Optics::new(Skin::default());
        let crowd_per_mm2 = 0.01 * self.density_per_cm2;
        let mut taken = [0.0; 3];
        let mut share_before = 0.0;
        for session in self.sessions {
            let dots_per_mm2 = self.density_per_cm2 / 100.0 * (session.cumulative_share - share_before).max(0.0);
            share_before = session.cumulative_share;
            let kinds = [(1.0 - session.dark_share, session.dilution), (session.dark_share, session.dark_dilution)];
            for (share, dilution) in kinds {
                // An average dot, wherever it is.
                let dot = Dot {
                    position: DVec3::Y,
                    normal: DVec3::Y,
                    part: Part::Cranium,
                    follicle: 0,
                    area: 0,
                    session: 1,
                    diameter_mm: session.needle_mm,
                    depth_mm: self.depth_mm,
                    absorption_per_mm: self.pigment.diluted_per_mm(dilution),
                    dark: false,
                    density_per_cm2: self.density_per_cm2,
                };
                let look = super::appearance(&dot, age_days, false, crowd_per_mm2, &course, &optics);
                let loss = look.loss_mm2();
                for (taken, loss) in taken.iter_mut().zip(loss) {
                    *taken += dots_per_mm2 * share * loss;
                }
            }
        }
        Tone(std::array::from_fn(|c| skin.0[c] * libm::exp(-taken[c])))
    }
}

/// Least parts of water that are proposed: nobody places undiluted pigment.
const LEAST_WATER: f64 = 1.0;
/// Factors on the strength of the ladder that are tried: a quarter to four times, in steps of 7 %.
const STRENGTHS: i32 = 40;

/// The pigment, that of the recipe or one of the library, and dilutions whose healed area on `skin` comes nearest to `wanted`. The steps between sessions stay as
/// planned; all are made stronger or weaker together, in whole parts of water.
#[must_use]
pub fn suggest(recipe: &Recipe, skin: Tone, wanted: Tone, age_days: f64) -> Option<Ladder> {
    let mut best: Option<Ladder> = None;
    let own = std::iter::once(recipe.pigment).filter(|own| pigment::named(&own.name).is_none());
    for pigment in own.chain(pigment::library()) {
        for step in -STRENGTHS / 2..=STRENGTHS / 2 {
            let factor = libm::exp2(f64::from(step) / f64::from(STRENGTHS / 4));
            let thinned = |dilution: f64| ((dilution + 1.0) * factor - 1.0).round().clamp(LEAST_WATER, 100.0);
            let sessions: Vec<Session> = recipe
                .sessions
                .iter()
                .map(|s| Session {
                    dilution: thinned(s.dilution),
                    dark_dilution: thinned(s.dark_dilution),
                    ..s.clone()
                })
                .collect();
            let healed = Recipe { pigment, sessions: &sessions, ..*recipe }.on(skin, age_days);
            let difference = healed.difference(wanted);
            if best.as_ref().is_none_or(|b| difference < b.difference) {
                let dilutions = sessions.iter().map(|s| (s.dilution, s.dark_dilution)).collect();
                best = Some(Ladder { pigment: pigment.clone(), dilutions, healed, difference });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::session;

    const SKIN: Tone = Tone([0.55, 0.33, 0.22]);
    const HEALED_DAYS: f64 = 28.0;

    fn recipe(sessions: &[Session]) -> Recipe<'_> {
        let pigment = pigment::named("neutral black").unwrap();
        Recipe { pigment, sessions, density_per_cm2: 140.0, depth_mm: 0.25 }
    }

    #[test]
    fn more_dots_and_less_water_are_darker_and_none_changes_nothing() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        let lightness = |r: &Recipe, days: f64| r.on(SKIN, days).lab()[0];
        assert_eq!(Recipe { density_per_cm2: 0.0, ..usual }.on(SKIN, HEALED_DAYS), SKIN);
        let healed = lightness(&usual, HEALED_DAYS);
        assert!(healed < SKIN.lab()[0]);
        assert!(lightness(&Recipe { density_per_cm2: 200.0, ..usual }, HEALED_DAYS) < healed);
        assert!(lightness(&usual, 0.0) < healed && healed < lightness(&usual, 2000.0));
        let strong: Vec<Session> = sessions.iter().map(|s| Session { dilution: 2.0, ..s.clone() }).collect();
        assert!(lightness(&recipe(&strong), HEALED_DAYS) < healed);
    }

    #[test]
    fn a_shade_that_a_pigment_makes_is_found_again() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        for name in ["neutral black", "medium brown"] {
            let pigment = pigment::named(name).unwrap();
            let wanted = Recipe { pigment, ..usual }.on(SKIN, HEALED_DAYS);
            let found = suggest(&usual, SKIN, wanted, HEALED_DAYS).unwrap();
            assert!(found.difference < 0.3, "{name}: {found:?}");
            assert!(found.healed.difference(wanted) == found.difference);
        }
    }

    #[test]
    fn darker_hair_asks_for_less_water() {
        let sessions = session::defaults(3);
        let usual = recipe(&sessions);
        let water = |wanted: Tone| suggest(&usual, SKIN, wanted, HEALED_DAYS).unwrap().dilutions[0].0;
        let dimmed = |f: f64| Tone(SKIN.0.map(|c| c * f));
        assert!(water(dimmed(0.72)) < water(dimmed(0.9)));
    }

    #[test]
    fn a_dot_is_smaller_once_healed() {
        // On the day a scab makes it larger by a tenth.
        assert!((diameter_after_mm(0.25, 0.0) - 0.275).abs() < 1e-9);
        assert!((0.15..0.19).contains(&diameter_after_mm(0.25, HEALED_DAYS)));
    }
}
