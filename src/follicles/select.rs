//! Which dots a density field calls for, and in which session.
//!
//! One comparison per dot and session: dots are independent of each other, so where the field is unchanged nothing
//! changes. Dots are visited by tiles of the chart, and in each tile only up to the highest density of the field there,
//! so places without a plan cost nothing. Cost: a few nanoseconds per visited dot.

use super::set::Follicles;
use super::tiles::{Candidate, TILE, Tiles, texels_in_reach};
use crate::head::chart::{Raster, SIDE};

/// Sessions per pass: three are usual, and a loop of fixed length is several times as fast.
const SESSIONS_AT_ONCE: usize = 4;

/// For each dot the session (from 1) in which it first appears, or 0 if it never does.
///
/// `cumulative_shares` gives the share of the density that is reached after each session, ascending, such
/// as 0.3, 0.7, 1. Sessions beyond 252 are ignored.
#[must_use]
pub fn select(follicles: &Follicles, density_per_cm2: &Raster, cumulative_shares: &[f32]) -> Vec<u8> {
    let mut sessions = Vec::new();
    select_into(follicles, density_per_cm2, cumulative_shares, &mut sessions);
    sessions
}

/// Like [`select`], into a buffer that is reused between edits.
pub fn select_into(follicles: &Follicles, density_per_cm2: &Raster, cumulative_shares: &[f32], sessions: &mut Vec<u8>) {
    sessions.clear();
    sessions.resize(follicles.len(), 0);
    for (shares, first) in batches(cumulative_shares) {
        fill(&follicles.tiles().candidates, &follicles.tiles().starts, density_per_cm2, shares, first, sessions);
    }
}

/// Enters the dots that are called for by sessions `first` and later and not by an earlier one. A share of zero calls
/// for none.
fn fill(
    candidates: &[Candidate],
    starts: &[u32],
    density_per_cm2: &Raster,
    shares: [f32; SESSIONS_AT_ONCE],
    first: u8,
    sessions: &mut [u8],
) {
    for (tile, bounds) in starts.windows(2).enumerate() {
        let candidates = &candidates[bounds[0] as usize..bounds[1] as usize];
        fill_tile(candidates, density_per_cm2, tile, shares, first, sessions, |_, candidate| candidate.index as usize);
    }
}

/// The same for one tile; `entry` gives the position in `sessions` of a candidate of the tile.
#[inline(always)]
fn fill_tile(
    candidates: &[Candidate],
    density_per_cm2: &Raster,
    tile: usize,
    shares: [f32; SESSIONS_AT_ONCE],
    first: u8,
    sessions: &mut [u8],
    entry: impl Fn(usize, &Candidate) -> usize,
) {
    if candidates.is_empty() {
        return;
    }
    let widest = shares.into_iter().fold(0.0, f32::max);
    let highest = highest_in_tile(density_per_cm2, tile) * widest;
    let called = candidates.partition_point(|candidate| candidate.threshold_per_cm2 <= highest);
    for (k, candidate) in candidates[..called].iter().enumerate() {
        let here = density_per_cm2.at_place(candidate.place);
        let session = &mut sessions[entry(k, candidate)];
        let mut called_by = 0;
        // Last to first, so that the first session that reaches the threshold wins.
        for k in (0..SESSIONS_AT_ONCE).rev() {
            called_by = if candidate.threshold_per_cm2 <= here * shares[k] { first + k as u8 } else { called_by };
        }
        *session = if *session == 0 { called_by } else { *session };
    }
}

/// Dots of one tile that are called for: index and session.
pub(super) fn select_in_tile(
    follicles: &Follicles,
    density_per_cm2: &Raster,
    cumulative_shares: &[f32],
    tile: usize,
) -> Vec<(usize, u8)> {
    let Tiles { starts, candidates } = follicles.tiles();
    let candidates = &candidates[starts[tile] as usize..starts[tile + 1] as usize];
    let mut sessions = vec![0; candidates.len()];
    for (shares, first) in batches(cumulative_shares) {
        fill_tile(candidates, density_per_cm2, tile, shares, first, &mut sessions, |k, _| k);
    }
    let called = candidates.iter().zip(sessions).filter(|(_, session)| *session > 0);
    called.map(|(candidate, session)| (candidate.index as usize, session)).collect()
}

/// Shares in batches of one pass each, padded with zeros, with the number of the first session of each batch.
fn batches(cumulative_shares: &[f32]) -> impl Iterator<Item = ([f32; SESSIONS_AT_ONCE], u8)> {
    let first = (1..=u8::MAX - 3).step_by(SESSIONS_AT_ONCE);
    cumulative_shares.chunks(SESSIONS_AT_ONCE).zip(first).map(|(shares, first)| {
        let mut padded = [0.0; SESSIONS_AT_ONCE];
        padded[..shares.len()].copy_from_slice(shares);
        (padded, first)
    })
}

/// An upper bound of bilinear look-ups in the tile.
fn highest_in_tile(density_per_cm2: &Raster, tile: usize) -> f32 {
    let [columns, rows] = texels_in_reach(tile);
    let mut highest = [0.0_f32; TILE + 2];
    for y in rows {
        for (highest, &value) in highest.iter_mut().zip(&density_per_cm2.values()[y * SIDE..][columns.clone()]) {
            *highest = if value > *highest { value } else { *highest };
        }
    }
    // Interpolation rounds.
    highest.into_iter().fold(0.0, f32::max) * (1.0 + 1e-6)
}
