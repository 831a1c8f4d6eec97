//! Which dots a density field calls for, and in which session.
//!
//! One comparison a dot and session: no dot looks at another, so where the field is unchanged nothing changes.
//! Cost: a few nanoseconds for each dot whose threshold lies below the highest density of the field.

use super::Follicles;
use crate::head::chart::Raster;

/// For each dot the session (from 1) in which it first appears, or 0 where it never does.
///
/// `density` is in dots per cm2; `cumulative_shares` says which share of it each session reaches in all, ascending, such as
/// 0.3, 0.7, 1. Sessions beyond 255 are ignored.
#[must_use]
pub fn select(follicles: &Follicles, density: &Raster, cumulative_shares: &[f32]) -> Vec<u8> {
    let mut sessions = Vec::new();
    select_into(follicles, density, cumulative_shares, &mut sessions);
    sessions
}

/// Like [`select`], into a buffer that is kept between edits.
pub fn select_into(follicles: &Follicles, density: &Raster, cumulative_shares: &[f32], sessions: &mut Vec<u8>) {
    let shares = &cumulative_shares[..cumulative_shares.len().min(255)];
    let highest = density.highest() * shares.iter().copied().fold(0.0, f32::max);
    let called = follicles.count_at(highest);
    sessions.clear();
    let dots = follicles.texels()[..called].iter().zip(&follicles.thresholds_per_cm2()[..called]);
    sessions.extend(dots.map(|(&texel, &threshold)| {
        let here = density.at(texel);
        let mut session = 0;
        // Last to first, so that the first one that reaches the threshold stays.
        for (number, share) in (1..=shares.len() as u8).zip(shares).rev() {
            session = if threshold <= here * share { number } else { session };
        }
        session
    }));
    sessions.resize(follicles.len(), 0);
}
