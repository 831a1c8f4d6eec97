//! What the dots leave of the diffuse light, for one tile of the photo.

use pulp::{Arch, Simd, WithSimd};

use super::coverage::{Footprint, PixelRect, RowScratch, RowShares, RowSink};
use super::lanes::LANES;
use super::splat::Splat;

/// No single dot takes more of the light than this: black pigment still scatters a little.
pub const MOST_LOSS: f32 = 0.98;

/// Transmittance per pixel and channel, and which pixels a dot reaches.
///
/// 512 x 32 pixels take 200 KB: they stay in a core's own cache from the first dot to the last pixel.
#[derive(Debug)]
pub struct Transmittance {
    canvas: Canvas,
    scratch: RowScratch,
    arch: Arch,
}

#[derive(Debug)]
struct Canvas {
    rect: PixelRect,
    /// Pixels from one channel of a row to the next: the width and room for a whole vector behind it.
    stride: usize,
    /// Row by row, in each a line of red, one of green, one of blue.
    lights: Vec<f32>,
    /// 64 pixels a word, least significant first.
    reached: Vec<u64>,
    words_per_row: usize,
}

impl Transmittance {
    /// For tiles up to this size.
    #[must_use]
    pub fn new(width_px: usize, height_px: usize) -> Self {
        let stride = width_px + LANES;
        let words_per_row = width_px.div_ceil(64);
        let canvas = Canvas {
            rect: PixelRect { x0: 0, y0: 0, x1: 0, y1: 0 },
            stride,
            lights: vec![1.0; 3 * stride * height_px],
            reached: vec![0; words_per_row * height_px],
            words_per_row,
        };
        Self { canvas, scratch: RowScratch::new(width_px), arch: Arch::new() }
    }

    /// Makes the tile `rect`, which must not be larger than the size given to [`new`](Self::new), anew: no light
    /// is lost but to `splats`, in their order.
    pub fn render<'a>(&mut self, rect: PixelRect, splats: impl Iterator<Item = &'a Splat>) {
        let Self { canvas, scratch, arch } = self;
        let rows = (rect.y1 - rect.y0).max(0) as usize;
        canvas.rect = rect;
        let used = (3 * rows * canvas.stride).min(canvas.lights.len());
        canvas.lights[..used].fill(1.0);
        let used = (rows * canvas.words_per_row).min(canvas.reached.len());
        canvas.reached[..used].fill(0);
        // The same arithmetic in wider registers where the processor has them: the bits do not change.
        arch.dispatch(Absorb { canvas, scratch, splats });
    }

    /// Transmittances of row `y` of the tile (counted from its top) in red, green, blue; behind the tile's width
    /// come [`LANES`] more, of no meaning.
    #[inline(always)]
    #[must_use]
    pub fn row(&self, y: usize) -> [&[f32]; 3] {
        let Canvas { stride, lights, .. } = &self.canvas;
        std::array::from_fn(|channel| &lights[(3 * y + channel) * stride..][..*stride])
    }

    /// Runs of neighbouring pixels of row `y` that a dot reaches, from left to right: first column and length.
    #[inline(always)]
    #[must_use]
    pub fn runs(&self, y: usize) -> Runs<'_> {
        let Canvas { reached, words_per_row, .. } = &self.canvas;
        Runs { words: &reached[y * words_per_row..(y + 1) * words_per_row], at: 0 }
    }
}

/// The dots of one tile, as work that can be done with any instruction set.
struct Absorb<'c, S> {
    canvas: &'c mut Canvas,
    scratch: &'c mut RowScratch,
    splats: S,
}

impl<'a, I: Iterator<Item = &'a Splat>> WithSimd for Absorb<'_, I> {
    type Output = ();

    // Everything below is inlined here by force: functions called from here would not use the wider registers.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { canvas, scratch, splats } = self;
        let rect = canvas.rect;
        for splat in splats {
            let mut sink = Loss { canvas, loss_px2: splat.loss_px2 };
            Footprint::new(splat).rows(rect, scratch, &mut sink);
        }
    }
}

/// Takes the light that one dot takes.
struct Loss<'c> {
    canvas: &'c mut Canvas,
    loss_px2: [f32; 3],
}

impl RowSink for Loss<'_> {
    #[inline(always)]
    fn row(&mut self, row: RowShares) {
        let Canvas { rect, stride, lights, reached, words_per_row } = &mut *self.canvas;
        let (stride, x, y) = (*stride, (row.x - rect.x0) as usize, (row.y - rect.y0) as usize);
        mark(&mut reached[y * *words_per_row..], x, row.count);
        let lines = &mut lights[3 * y * stride..][..3 * stride];
        let (red, lines) = lines.split_at_mut(stride);
        let (green, blue) = lines.split_at_mut(stride);
        for (line, loss_px2) in [red, green, blue].into_iter().zip(self.loss_px2) {
            for (lights, shares) in line[x..].as_chunks_mut::<LANES>().0.iter_mut().zip(row.padded) {
                *lights = dimmed(*lights, *shares, loss_px2);
            }
        }
    }
}

/// By value, so that the compiler need not fear that the arrays overlap.
#[inline(always)]
fn dimmed(lights: [f32; LANES], shares: [f32; LANES], loss_px2: f32) -> [f32; LANES] {
    let mut dimmed = [0.0; LANES];
    for lane in 0..LANES {
        let loss = shares[lane] * loss_px2;
        dimmed[lane] = lights[lane] * (1.0 - if loss < MOST_LOSS { loss } else { MOST_LOSS });
    }
    dimmed
}

/// Sets `count` bits from bit `from` on.
#[inline(always)]
fn mark(words: &mut [u64], from: usize, count: usize) {
    // Almost always.
    if from % 64 + count <= 64 {
        words[from / 64] |= (u64::MAX >> (64 - count)) << (from % 64);
        return;
    }
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
