//! Laser removal, session by session: how much pigment is left.
//!
//! A laser breaks pigment up, and the body carries it off over the following weeks; each session removes a share of
//! what is left. Dots keep their positions and widths; only their absorption falls. Illustrative: see
//! `assets/healing.toml`.

use super::settings::{Outlook, settings};
use crate::plan::Plan;

/// Most sessions shown.
pub const MOST: usize = 3;

/// Share of the pigment left after this many sessions. An outlook that keeps pigment dark also keeps it against a
/// laser.
#[must_use]
pub fn left(sessions: usize, outlook: Outlook) -> f64 {
    (0..sessions).fold(1.0, |left, _| left * settings().laser_left.at(outlook))
}

/// The plan with its work faded by this many sessions.
#[must_use]
pub fn treated(plan: &Plan, sessions: usize, outlook: Outlook) -> Plan {
    let left = left(sessions, outlook);
    let mut treated = plan.clone();
    for area in &mut treated.areas {
        area.shade *= left;
    }
    treated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::treatment::Treatment;
    use crate::skin::settings::OUTLOOKS;

    #[test]
    fn each_session_takes_some_and_none_takes_all() {
        for outlook in OUTLOOKS {
            let all: Vec<f64> = (0..=MOST).map(|sessions| left(sessions, outlook)).collect();
            assert_eq!(all[0], 1.0);
            assert!(all.windows(2).all(|pair| pair[1] < pair[0] && pair[1] > 0.0), "{all:?}");
        }
        let [light, likely, strong] = OUTLOOKS.map(|outlook| left(1, outlook));
        assert!(light < likely && likely < strong);
        // The case series cleared pigment in one to three sessions.
        assert!(left(1, Outlook::Light) <= 0.051 && left(MOST, Outlook::Strong) <= 0.055);
    }

    #[test]
    fn only_the_shade_of_the_work_changes() {
        let plan = Plan::for_treatment(Treatment::FullShave, None, &Head::average());
        let after = treated(&plan, 2, Outlook::Likely);
        assert!(after.areas.iter().zip(&plan.areas).all(|(a, b)| a.shade < b.shade));
        assert_eq!(treated(&plan, 0, Outlook::Likely), plan);
    }
}
