//! Sessions: which dots are placed when, and at what dilution.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// When pigment counts as healed, days after the session: scabs are long gone and the epidermis is new.
pub const HEALED_DAYS: f64 = 28.0;

/// One sitting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Share of the planned density that is in place after this session, 0 to 1.
    pub cumulative_share: f64,
    /// Parts of distilled water to one part of pigment.
    pub dilution: f64,
    /// Diameter of the needle, mm; an area may override it.
    pub needle_mm: f64,
    /// Days since the previous session; 0 for the first.
    pub interval_days: f64,
    /// Share of this session's dots that are the scattered darkest ("3D") dots, 0 to 1.
    pub dark_share: f64,
    /// Dilution of those.
    pub dark_dilution: f64,
}

/// A sitting years later, in which a share of the dots gets new pigment on top of what remains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchUp {
    /// Days since the last session.
    pub after_days: f64,
    /// Share of the dots that are placed again, 0 to 1.
    pub share: f64,
    /// Parts of distilled water to one part of pigment.
    pub dilution: f64,
    /// Diameter of the needle, mm; an area may override it.
    pub needle_mm: f64,
}

impl TouchUp {
    /// Two years after the last of these sessions, half of the dots, with that session's needle and dilution: trade
    /// pages speak of a light refreshment (C).
    #[must_use]
    pub fn after(sessions: &[Session]) -> Self {
        let (dilution, needle_mm) = sessions.last().map_or((10.0, 0.36), |last| (last.dilution, last.needle_mm));
        Self { after_days: 730.0, share: 0.5, dilution, needle_mm }
    }

    /// Whether it places the dot of a candidate again. Candidates are numbered by the density that calls for them, and
    /// multiples of the golden ratio are evenly distributed, so the touched-up dots are as evenly spread as all dots.
    #[must_use]
    pub(crate) fn touches(&self, candidate: u32) -> bool {
        const GOLDEN: u32 = 0x9E37_79B9;
        f64::from(candidate.wrapping_mul(GOLDEN)) < self.share * (f64::from(u32::MAX) + 1.0)
    }
}

/// The date `days` days after another, rounded to whole days.
#[must_use]
pub(crate) fn days_after(day: Date, days: f64) -> Date {
    day.saturating_add((days.round() as i64).clamp(-1_000_000, 1_000_000).days())
}

/// Dilutions of successive sessions, lightest first (a proposal; `N:1` parts of water to pigment).
const DILUTIONS: [f64; 6] = [20.0, 14.0, 10.0, 8.0, 7.0, 6.0];

/// `count` sessions, one to six, light shades first; a quarter of the last session's dots are the scattered darkest
/// ones. With three, 45, 75 and 100 % of the density: after the first, the skin has about half of its final tone, as
/// clients are told (Liu 2025 places 30, 70 and 100 % of the natural spacing).
#[must_use]
pub fn defaults(count: usize) -> Vec<Session> {
    let shares: &[f64] = match count {
        0 | 1 => &[1.0],
        2 => &[0.5, 1.0],
        3 => &[0.45, 0.75, 1.0],
        4 => &[0.4, 0.65, 0.85, 1.0],
        5 => &[0.35, 0.55, 0.75, 0.9, 1.0],
        _ => &[0.3, 0.5, 0.65, 0.8, 0.9, 1.0],
    };
    let last = shares.len() - 1;
    shares
        .iter()
        .enumerate()
        .map(|(i, &cumulative_share)| Session {
            cumulative_share,
            dilution: DILUTIONS[i],
            needle_mm: 0.36,
            interval_days: if i == 0 { 0.0 } else { 10.0 },
            dark_share: if i == last && last > 0 { 0.25 } else { 0.0 },
            dark_dilution: DILUTIONS[(i + 1).min(DILUTIONS.len() - 1)],
        })
        .collect()
}

/// Most sessions of a plan.
pub(crate) const MOST: usize = 6;
/// Least share that a session must add.
const LEAST_SHARE: f64 = 0.01;

/// Adds a session like the last one. All sessions share the work that the last one completed, in their old proportions;
/// a full plan is unchanged.
pub(crate) fn add(sessions: &mut Vec<Session>) {
    let Some(last) = sessions.last().cloned().filter(|_| sessions.len() < MOST) else { return };
    let count = sessions.len() as f64;
    for session in sessions.iter_mut() {
        session.cumulative_share *= count / (count + 1.0);
        // The scattered darkest dots come last.
        session.dark_share = 0.0;
    }
    let interval_days = if sessions.len() > 1 { last.interval_days } else { 10.0 };
    sessions.push(Session { interval_days, ..last });
}

/// Removes a session; the last one that is left then completes the same share as before. The only session cannot be
/// removed.
pub fn remove(sessions: &mut Vec<Session>, index: usize) {
    let whole = sessions.last().map_or(1.0, |s| s.cumulative_share);
    if sessions.len() < 2 || index >= sessions.len() {
        return;
    }
    sessions.remove(index);
    if let Some(last) = sessions.last_mut() {
        last.cumulative_share = whole;
    }
    if let Some(first) = sessions.first_mut() {
        first.interval_days = 0.0;
    }
}

/// Possible shares after a session, between those of its neighbours.
#[must_use]
pub fn share_range(sessions: &[Session], index: usize) -> std::ops::RangeInclusive<f64> {
    let share = |i: Option<usize>| i.and_then(|i| sessions.get(i)).map(|s| s.cumulative_share);
    let low = share(index.checked_sub(1)).map_or(LEAST_SHARE, |s| s + LEAST_SHARE);
    let high = share(index.checked_add(1)).map_or(1.0, |s| s - LEAST_SHARE);
    low..=high.max(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(sessions: &[Session]) -> bool {
        sessions.windows(2).all(|w| w[0].cumulative_share < w[1].cumulative_share)
    }

    #[test]
    fn sessions_come_and_go_and_shares_keep_rising_to_the_whole() {
        let mut sessions = defaults(1);
        for count in 2..=MOST {
            add(&mut sessions);
            assert_eq!(sessions.len(), count);
            assert!(rising(&sessions) && sessions[count - 1].cumulative_share == 1.0, "{sessions:?}");
            assert!(sessions[1..].iter().all(|s| s.interval_days > 0.0));
        }
        add(&mut sessions);
        assert_eq!(sessions.len(), MOST);
        for index in [0, 4, 1, 0, 1, 0] {
            remove(&mut sessions, index);
            assert!(rising(&sessions) && sessions.last().unwrap().cumulative_share == 1.0, "{sessions:?}");
            assert_eq!(sessions[0].interval_days, 0.0);
        }
        assert_eq!(sessions.len(), 1);
    }

    #[test]
    fn a_share_stays_between_its_neighbours() {
        let mut sessions = defaults(3);
        for index in 0..3 {
            let range = share_range(&sessions, index);
            for value in [*range.start(), *range.end()] {
                let before = sessions[index].cumulative_share;
                sessions[index].cumulative_share = value;
                assert!(rising(&sessions) && value <= 1.0);
                sessions[index].cumulative_share = before;
            }
        }
    }
}
