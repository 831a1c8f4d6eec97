//! Dots sorted by tiles of the chart.

use crate::head::chart::{SIDE, TexelPlace};

/// Side of a tile, texels: small enough for its part of the field to stay in the fastest cache.
pub const TILE: usize = 16;
pub const TILES: usize = SIDE.div_ceil(TILE);

/// The part of a dot's data that selection needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub threshold_per_cm2: f32,
    pub place: TexelPlace,
    pub index: u32,
}

/// Dots sorted by tile, and within a tile by threshold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tiles {
    /// Index of each tile's first candidate, and the end of the last.
    pub starts: Vec<u32>,
    pub candidates: Vec<Candidate>,
}

impl Tiles {
    /// Sorts dots whose thresholds are ascending.
    pub fn new(texels: &[[f32; 2]], thresholds_per_cm2: &[f32]) -> Self {
        let tile = |texel: [f32; 2]| {
            let [column, row] = texel.map(|v| (v as usize / TILE).min(TILES - 1));
            row * TILES + column
        };
        let mut starts = vec![0_u32; TILES * TILES + 1];
        for &texel in texels {
            starts[tile(texel) + 1] += 1;
        }
        for k in 0..TILES * TILES {
            starts[k + 1] += starts[k];
        }
        let mut next = starts.clone();
        let placeholder = Candidate { threshold_per_cm2: 0.0, place: TexelPlace::from_texel([0.0; 2]), index: 0 };
        let mut candidates = vec![placeholder; texels.len()];
        for (index, (&texel, &threshold_per_cm2)) in (0..).zip(texels.iter().zip(thresholds_per_cm2)) {
            let next = &mut next[tile(texel)];
            candidates[*next as usize] = Candidate { threshold_per_cm2, place: TexelPlace::from_texel(texel), index };
            *next += 1;
        }
        Self { starts, candidates }
    }
}

/// The texels whose density look-ups in the tile can read: columns and rows. One more on each side, as values lie at
/// texel centres.
pub(super) fn texels_in_reach(tile: usize) -> [std::ops::Range<usize>; 2] {
    let reach = |tile: usize| (tile * TILE).saturating_sub(1)..(tile * TILE + TILE + 1).min(SIDE);
    [reach(tile % TILES), reach(tile / TILES)]
}
