//! What the dots leave of the diffuse light, for one tile of the photo.

use super::coverage::{Footprint, LANES, PixelRect, RowScratch, RowShares};
use super::splat::Splat;

/// No single dot takes more of the light than this: black pigment still scatters a little.
pub const MOST_LOSS: f32 = 0.98;

/// Transmittance per pixel and channel, and which pixels a dot reaches.
///
/// Planes of a 128 x 64 tile take 100 KB: they stay in a core's own cache from the first dot to the last pixel.
#[derive(Debug)]
pub struct Transmittance {
    rect: PixelRect,
    /// Pixels from one row to the next: the width and room for a whole vector behind it.
    stride: usize,
    planes: [Vec<f32>; 3],
    /// 64 pixels a word, least significant first.
    reached: Vec<u64>,
    words_per_row: usize,
    scratch: RowScratch,
}

impl Transmittance {
    /// For tiles up to this size.
    #[must_use]
    pub fn new(width_px: usize, height_px: usize) -> Self {
        let stride = width_px + LANES;
        let words_per_row = width_px.div_ceil(64);
        Self {
            rect: PixelRect { x0: 0, y0: 0, x1: 0, y1: 0 },
            stride,
            planes: [0; 3].map(|_| vec![1.0; stride * height_px]),
            reached: vec![0; words_per_row * height_px],
            words_per_row,
            scratch: RowScratch::new(width_px),
        }
    }

    /// Starts a tile over: no dots, all light passes. `rect` must not be larger than the size given to `new`.
    pub fn begin(&mut self, rect: PixelRect) {
        let rows = (rect.y1 - rect.y0).max(0) as usize;
        self.rect = rect;
        for plane in &mut self.planes {
            let used = (rows * self.stride).min(plane.len());
            plane[..used].fill(1.0);
        }
        let used = (rows * self.words_per_row).min(self.reached.len());
        self.reached[..used].fill(0);
    }

    /// Puts one dot on the tile.
    #[inline]
    pub fn absorb(&mut self, splat: &Splat) {
        let Self { rect, stride, planes, reached, words_per_row, scratch } = self;
        Footprint::new(splat).rows(*rect, scratch, |row| {
            let (x, y) = ((row.x - rect.x0) as usize, (row.y - rect.y0) as usize);
            mark(&mut reached[y * *words_per_row..(y + 1) * *words_per_row], x, row.count);
            let start = y * *stride + x;
            for (plane, loss_px2) in planes.iter_mut().zip(splat.loss_px2) {
                take(&mut plane[start..start + row.padded.len()], &row, loss_px2);
            }
        });
    }

    /// Transmittances of row `y` of the tile (counted from its top) in red, green, blue.
    #[inline]
    #[must_use]
    pub fn row(&self, y: usize) -> [&[f32]; 3] {
        let width = (self.rect.x1 - self.rect.x0) as usize;
        self.planes.each_ref().map(|plane| &plane[y * self.stride..y * self.stride + width])
    }

    /// Runs of neighbouring pixels of row `y` that a dot reaches, from left to right: first column and length.
    #[inline]
    pub fn runs(&self, y: usize) -> Runs<'_> {
        Runs { words: &self.reached[y * self.words_per_row..(y + 1) * self.words_per_row], at: 0 }
    }
}

#[inline(always)]
fn take(plane: &mut [f32], row: &RowShares, loss_px2: f32) {
    for (lights, shares) in plane.as_chunks_mut::<LANES>().0.iter_mut().zip(row.padded.as_chunks::<LANES>().0) {
        for (light, share) in lights.iter_mut().zip(shares) {
            let loss = share * loss_px2;
            let loss = if loss < MOST_LOSS { loss } else { MOST_LOSS };
            *light *= 1.0 - loss;
        }
    }
}

/// Sets `count` bits from bit `from` on.
#[inline(always)]
fn mark(words: &mut [u64], from: usize, count: usize) {
    let (mut word, mut bit, mut left) = (from / 64, from % 64, count);
    while left > 0 {
        let here = left.min(64 - bit);
        words[word] |= (u64::MAX >> (64 - here)) << bit;
        left -= here;
        word += 1;
        bit = 0;
    }
}

/// Runs of set bits.
#[derive(Debug, Clone)]
pub struct Runs<'a> {
    words: &'a [u64],
    at: usize,
}

impl Runs<'_> {
    /// The first bit from `from` on that is set (`inverted` 0) or clear (`inverted` all ones), or the end.
    #[inline(always)]
    fn next_bit(&self, from: usize, inverted: u64) -> usize {
        let end = self.words.len() * 64;
        if from >= end {
            return end;
        }
        let mut word = from / 64;
        let mut bits = (self.words[word] ^ inverted) & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            if word == self.words.len() {
                return end;
            }
            bits = self.words[word] ^ inverted;
        }
        word * 64 + bits.trailing_zeros() as usize
    }
}

impl Iterator for Runs<'_> {
    type Item = std::ops::Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next_bit(self.at, 0);
        if start >= self.words.len() * 64 {
            return None;
        }
        self.at = self.next_bit(start, u64::MAX);
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_what_was_marked() {
        let mut words = [0_u64; 4];
        for (from, count) in [(0, 1), (5, 3), (60, 10), (127, 2), (192, 64)] {
            mark(&mut words, from, count);
        }
        let runs: Vec<_> = Runs { words: &words, at: 0 }.collect();
        assert_eq!(runs, [0..1, 5..8, 60..70, 127..129, 192..256]);
        assert_eq!(Runs { words: &[0; 3], at: 0 }.next(), None);
        assert_eq!(Runs { words: &[], at: 0 }.next(), None);
    }
}
