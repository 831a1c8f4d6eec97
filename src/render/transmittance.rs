//! What the dots leave of the diffuse light, for one tile of the photo.

use pulp::{Arch, Simd, WithSimd};

use super::coverage::{RowScratch, RowShares, RowSink, SplatKernel};
use super::lanes::LANES;
use super::splat::Splat;
use crate::photo::PixelRect;

/// No single dot absorbs more of the light than this: even black pigment scatters a little.
pub(crate) const MOST_LOSS: f32 = 0.98;

/// Transmittance per pixel and channel, and which pixels a dot reaches.
///
/// 512 x 32 pixels take 200 KB, so they stay in a core's own cache from the first dot to the last pixel.
#[derive(Debug)]
pub struct Transmittance {
    canvas: Canvas,
    scratch: RowScratch,
    arch: Arch,
}

#[derive(Debug)]
struct Canvas {
    rect: PixelRect,
    /// Values from one channel of a row to the next: the width, plus room for a whole vector after it.
    stride: usize,
    /// Row by row, each with a line of red, one of green and one of blue.
    lights: Vec<f32>,
    /// 64 pixels per word, least significant bit first.
    reached: Vec<u64>,
    words_per_row: usize,
}

impl Transmittance {
    /// A canvas for tiles up to this size.
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

    /// Renders from scratch the tile `rect`, which must be no larger than the size given to [`new`](Self::new): light
    /// is lost only to `splats`, in their order.
    pub fn render<'a>(&mut self, rect: PixelRect, splats: impl Iterator<Item = &'a Splat>) {
        let Self { canvas, scratch, arch } = self;
        let rows = (rect.y1 - rect.y0).max(0) as usize;
        canvas.rect = rect;
        let used = (3 * rows * canvas.stride).min(canvas.lights.len());
        canvas.lights[..used].fill(1.0);
        let used = (rows * canvas.words_per_row).min(canvas.reached.len());
        canvas.reached[..used].fill(0);
        // The same arithmetic in wider registers where the processor has them; the bits do not change.
        arch.dispatch(Absorb { canvas, scratch, splats });
    }

    /// Transmittances of row `y` of the tile (counted from its top) in red, green, blue; after the tile's width come
    /// [`LANES`] more values without meaning.
    #[inline(always)]
    #[must_use]
    pub fn row(&self, y: usize) -> [&[f32]; 3] {
        let Canvas { stride, lights, .. } = &self.canvas;
        std::array::from_fn(|channel| &lights[(3 * y + channel) * stride..][..*stride])
    }

    /// Which pixels of row `y` a dot reaches: 64 columns per word, least significant bit first.
    #[inline(always)]
    #[must_use]
    pub fn reached(&self, y: usize) -> &[u64] {
        let Canvas { reached, words_per_row, .. } = &self.canvas;
        &reached[y * words_per_row..(y + 1) * words_per_row]
    }
}

/// The dots of one tile, as work that can be dispatched to any instruction set.
struct Absorb<'c, S> {
    canvas: &'c mut Canvas,
    scratch: &'c mut RowScratch,
    splats: S,
}

impl<'a, I: Iterator<Item = &'a Splat>> WithSimd for Absorb<'_, I> {
    type Output = ();

    // Everything below is force-inlined here: functions called from here would not use the wider registers.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { canvas, scratch, splats } = self;
        let rect = canvas.rect;
        // Preparing a dot is one long chain of dependent steps, so several dots are prepared at once.
        let mut splats = splats.fuse();
        loop {
            let mut batch = [None; LANES];
            for place in &mut batch {
                let Some(splat) = splats.next() else { break };
                *place = Some((SplatKernel::new(splat), splat.loss_px2));
            }
            for (footprint, loss_px2) in batch.iter().flatten() {
                footprint.rows_with(simd, rect, scratch, &mut Loss { simd, canvas, loss_px2: *loss_px2 });
            }
            if batch[LANES - 1].is_none() {
                return;
            }
        }
    }
}

/// Removes the light that one dot absorbs.
struct Loss<'c, S> {
    simd: S,
    canvas: &'c mut Canvas,
    loss_px2: [f32; 3],
}

impl<S: Simd> RowSink for Loss<'_, S> {
    #[inline(always)]
    fn row(&mut self, row: RowShares) {
        let Canvas { rect, stride, lights, reached, words_per_row } = &mut *self.canvas;
        let (stride, x, y) = (*stride, (row.x - rect.x0) as usize, (row.y - rect.y0) as usize);
        mark(&mut reached[y * *words_per_row..], x + row.skip, row.count - row.skip);
        let lines = &mut lights[3 * y * stride..][..3 * stride];
        let (red, lines) = lines.split_at_mut(stride);
        let (green, blue) = lines.split_at_mut(stride);
        for (line, loss_px2) in [red, green, blue].into_iter().zip(self.loss_px2) {
            for (lights, shares) in line[x..].as_chunks_mut::<LANES>().0.iter_mut().zip(row.padded) {
                dim(self.simd, lights, shares, loss_px2);
            }
        }
    }
}

/// Multiplies the losses in, with explicit vector operations, since the compiler does not vectorise this loop by
/// itself.
#[inline(always)]
fn dim<S: Simd>(simd: S, lights: &mut [f32; LANES], shares: &[f32; LANES], loss_px2: f32) {
    const { assert!(LANES.is_multiple_of(S::F32_LANES)) };
    let (one, most, loss_px2) = (simd.splat_f32s(1.0), simd.splat_f32s(MOST_LOSS), simd.splat_f32s(loss_px2));
    let (lights, shares) = (S::as_mut_simd_f32s(lights).0, S::as_simd_f32s(shares).0);
    for (light, share) in lights.iter_mut().zip(shares) {
        let loss = simd.min_f32s(simd.mul_f32s(*share, loss_px2), most);
        *light = simd.mul_f32s(*light, simd.sub_f32s(one, loss));
    }
}

/// Sets `count` bits starting at bit `from`.
#[inline(always)]
fn mark(words: &mut [u64], from: usize, count: usize) {
    // Almost always the bits fit into one word.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_that_were_marked() {
        for (from, count) in [(0, 1), (5, 3), (60, 10), (127, 2), (64, 64), (0, 192)] {
            let mut words = [0_u64; 3];
            mark(&mut words, from, count);
            for bit in 0..192 {
                let marked = words[bit / 64] >> (bit % 64) & 1 == 1;
                assert_eq!(marked, (from..from + count).contains(&bit), "{count} from {from}");
            }
        }
    }
}
