//! Sessions: what is placed when, and how diluted.

use serde::{Deserialize, Serialize};

use super::Checker;

/// One sitting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Share of the planned density that stands after this session, 0 to 1.
    pub cumulative_share: f64,
    /// Parts of distilled water to one part of pigment.
    pub dilution: f64,
    /// Diameter of the needle, mm; narrower areas may ask for a finer one.
    pub needle_mm: f64,
    /// Days since the session before; 0 for the first.
    pub interval_days: f64,
    /// Share of this session's dots that are the scattered darkest ("3D") dots, 0 to 1.
    pub dark_share: f64,
    /// Dilution of those.
    pub dark_dilution: f64,
}

impl Session {
    pub(super) fn check(&self, c: &mut Checker, share_before: f64) {
        c.range("cumulative_share", self.cumulative_share, 0.01, 1.0, "");
        if self.cumulative_share <= share_before {
            c.fail(
                "cumulative_share",
                format!("{} is not more than the {share_before} of the session before", self.cumulative_share),
            );
        }
        c.range("dilution", self.dilution, 0.0, 100.0, " parts of water");
        c.range("needle_mm", self.needle_mm, 0.1, 1.0, " mm");
        c.range("interval_days", self.interval_days, 0.0, 3650.0, " days");
        c.range("dark_share", self.dark_share, 0.0, 1.0, "");
        c.range("dark_dilution", self.dark_dilution, 0.0, 100.0, " parts of water");
    }
}

/// Dilutions of successive sessions, lightest first (a proposal; `N:1` parts of water to pigment).
const LADDER: [f64; 6] = [20.0, 14.0, 10.0, 8.0, 7.0, 6.0];

/// `count` sessions, one to six: 30, 70 and 100 % of the density over three (Liu 2025), light shades first, a quarter of
/// the last session's dots the scattered darkest.
#[must_use]
pub fn defaults(count: usize) -> Vec<Session> {
    let shares: &[f64] = match count {
        0 | 1 => &[1.0],
        2 => &[0.5, 1.0],
        3 => &[0.3, 0.7, 1.0],
        4 => &[0.3, 0.6, 0.85, 1.0],
        5 => &[0.25, 0.5, 0.7, 0.85, 1.0],
        _ => &[0.2, 0.4, 0.6, 0.75, 0.9, 1.0],
    };
    let last = shares.len() - 1;
    shares
        .iter()
        .enumerate()
        .map(|(i, &cumulative_share)| Session {
            cumulative_share,
            dilution: LADDER[i],
            needle_mm: 0.30,
            interval_days: if i == 0 { 0.0 } else { 10.0 },
            dark_share: if i == last && last > 0 { 0.25 } else { 0.0 },
            dark_dilution: LADDER[(i + 1).min(LADDER.len() - 1)],
        })
        .collect()
}
