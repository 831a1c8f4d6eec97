//! How much of a Gaussian dot lies in each pixel square.
//!
//! A dot is cut into rows of pixels. The mass of a row is a difference of the normal distribution function, exact;
//! within the row the dot is a Gaussian again, displaced by the shear and widened by the height of the row. Where that
//! is too coarse (a thin dot at an angle), the row is cut into up to [`MOST_STRIPS`] strips. Shares agree with
//! brute-force integrals to 1e-3, and sum to 1 within rounding however thin the dot is: the mass cut off beyond the
//! reach of a dot is redistributed over the rest of its row.
//!
//! A share depends only on the splat and on the pixel's coordinates, never on the clip, so tiles meet without seams.
//! Cost: about one evaluation of the distribution function per pixel; small dots with upright axes share one per
//! column.

use pulp::Simd;

use super::lanes::{LANES, ceil, ceils, floor, floors, half_mass, half_masses, scaled_difference, shifted, within};
use super::splat::Splat;
use crate::photo::PixelRect;

/// A dot ends where it absorbs less than this fraction of the light: 0.17 of an 8-bit sample value; since the mass is
/// redistributed, nothing is lost on average.
pub(crate) const FAINTEST_LOSS: f32 = 1.6e-3;
/// Bounds of a dot's reach, in standard deviations.
pub(crate) const LEAST_REACH: f32 = 2.0;
pub(crate) const MOST_REACH: f32 = 4.0;
/// Rows at the tip of a dot are not cut narrower than this, or all their mass would fall into one pixel.
pub(crate) const LEAST_ROW_REACH: f32 = 1.5;
/// Most strips per row: enough for a needle of a hundredth of a pixel.
pub(crate) const MOST_STRIPS: f32 = 64.0;
/// Strips are thin enough that the displacement within one stays below this many conditional standard deviations.
pub(crate) const MOST_SHEAR: f32 = 1.5;
/// Greatest height of a strip, in standard deviations.
pub(crate) const MOST_STRIP_HEIGHT: f32 = 1.5;
/// Displacement over the whole dot below which shear is ignored, px.
pub(crate) const NO_SHEAR_PX: f32 = 1e-3;
/// Square of 2 pi, as far as [`reach`] needs it.
pub(crate) const TAU_SQUARED: f32 = 39.48;

/// The distribution function of a Gaussian around `x_px + shift_px` at the left edges of the pixels from `x` on.
///
/// The offset is taken from the integer `x`: a column's result does not depend on where a clip begins.
#[inline(always)]
fn edge_masses<S: Simd>(simd: S, x: i32, x_px: f32, shift_px: f32, inverse_sigma: f32, reach: f32) -> [f32; LANES] {
    let mut t = [0.0; LANES];
    for (lane, t) in t.iter_mut().enumerate() {
        *t = within(((x + lane as i32) as f32 - x_px - shift_px) * inverse_sigma, reach);
    }
    half_masses(simd, t)
}

/// Working memory for the rows of one tile.
#[derive(Debug)]
pub struct RowScratch {
    /// Shares of a row's pixels.
    shares: Vec<f32>,
    /// Shares of one strip of that row.
    strip: Vec<f32>,
}

impl RowScratch {
    /// Scratch for clips of at most this width.
    #[must_use]
    pub fn new(widest_clip_px: usize) -> Self {
        // Whole lanes, plus room for shares that do not begin at the start of a chunk.
        let padded = widest_clip_px + 3 * LANES;
        Self { shares: vec![0.0; padded], strip: vec![0.0; padded] }
    }
}

/// The shares of consecutive pixels of one row, padded to whole [`LANES`].
#[derive(Debug, Clone, Copy)]
pub struct RowShares<'a> {
    /// Row of the photo.
    pub y: i32,
    /// Column of the first share.
    pub x: i32,
    /// How many pixels at the beginning have no share.
    pub skip: usize,
    /// How many pixels there are.
    pub count: usize,
    /// The shares. After the last come zeros or, at the right end of the clip, shares of pixels beyond it.
    pub padded: &'a [[f32; LANES]],
}

/// Receives the rows of a dot. A trait, not a closure, because only functions can be force-inlined.
pub trait RowSink {
    /// Receives one row.
    fn row(&mut self, row: RowShares);
}

/// A splat in the form from which its rows are computed.
#[derive(Debug, Clone, Copy)]
pub struct SplatKernel {
    x_px: f32,
    y_px: f32,
    /// Standard deviations of the dot's projections onto the axes of the photo.
    sigma_x_px: f32,
    sigma_y_px: f32,
    /// Displacement of a row's centre per standard deviation in y, px.
    shear_px: f32,
    /// Standard deviation in x at one y, px.
    sigma_row_px: f32,
    /// Where the dot ends, in standard deviations.
    reach: f32,
    /// One over the mass within its reach.
    inverse_mass: f32,
    /// Greatest distance in x at which its rows may end, px.
    half_width_px: f32,
}

impl SplatKernel {
    /// The kernel of a proper splat.
    #[inline(always)]
    #[must_use]
    pub fn new(splat: &Splat) -> Self {
        let (major, minor) = (splat.sigma_major_px * splat.sigma_major_px, splat.sigma_minor_px * splat.sigma_minor_px);
        let [cos, sin] = splat.axis;
        let var_x = cos * cos * major + sin * sin * minor;
        let var_y = sin * sin * major + cos * cos * minor;
        let covariance = cos * sin * (major - minor);
        let (sigma_x_px, sigma_y_px) = (var_x.sqrt(), var_y.sqrt());
        // The determinant is the square of this product, without the cancellation of var_x * var_y - covariance^2.
        let product = splat.sigma_major_px * splat.sigma_minor_px;
        let [red, green, blue] = splat.loss_px2.map(f32::abs);
        let loss_px2 = red.max(green).max(blue);
        // Square of the peak of the dot averaged over a pixel, whose own variance is 1/12.
        let peak_squared = loss_px2 * loss_px2 / (TAU_SQUARED * (major + 1.0 / 12.0) * (minor + 1.0 / 12.0));
        let (shear_px, reach) = (covariance / sigma_y_px, reach(peak_squared));
        // A row is displaced by shear * t, |t| <= reach, and ends at least LEAST_ROW_REACH * sigma_row from there;
        // sigma_x^2 = shear^2 + sigma_row^2, so the Cauchy-Schwarz inequality gives the bound.
        let least = if shear_px.abs() * reach <= NO_SHEAR_PX { 0.0 } else { LEAST_ROW_REACH };
        Self {
            x_px: splat.x_px,
            y_px: splat.y_px,
            sigma_x_px,
            sigma_y_px,
            shear_px,
            sigma_row_px: product / sigma_y_px,
            reach,
            inverse_mass: 0.5 / half_mass(reach),
            half_width_px: sigma_x_px * (reach * reach + least * least).sqrt(),
        }
    }

    /// True if all rows share one profile of at most [`LANES`] pixels.
    #[inline(always)]
    fn is_upright(&self) -> bool {
        self.shear_px.abs() * self.reach <= NO_SHEAR_PX
            && ceil(self.x_px + self.half_width_px).saturating_sub(self.left()) <= LANES as i32
    }

    /// The pixels that the dot reaches, clipped to `clip`.
    #[inline(always)]
    #[must_use]
    pub fn bounds(&self, clip: PixelRect) -> PixelRect {
        let half_height_px = self.reach * self.sigma_y_px;
        PixelRect {
            x0: floor(self.x_px - self.half_width_px),
            y0: floor(self.y_px - half_height_px),
            x1: ceil(self.x_px + self.half_width_px),
            y1: ceil(self.y_px + half_height_px),
        }
        .intersection(clip)
    }

    /// Passes the dot's share of each pixel inside `clip` to `sink`, row by row; rows without any are left out.
    #[inline(always)]
    pub fn rows(&self, clip: PixelRect, scratch: &mut RowScratch, sink: &mut impl RowSink) {
        self.rows_with(pulp::Scalar::new(), clip, scratch, sink);
    }

    /// [`rows`](Self::rows) with the vectors of one instruction set; the shares are identical to the bit.
    #[inline(always)]
    pub(super) fn rows_with<S: Simd>(
        &self,
        simd: S,
        clip: PixelRect,
        scratch: &mut RowScratch,
        sink: &mut impl RowSink,
    ) {
        let bounds = self.bounds(clip);
        if bounds.is_empty() {
            return;
        }
        if self.is_upright() {
            self.upright_rows(simd, bounds, sink);
        } else {
            self.sheared_rows(simd, bounds, scratch, sink);
        }
    }

    /// Rows of a narrow dot aligned with the axes of the photo: all share one profile, which stays in registers.
    #[inline(always)]
    fn upright_rows<S: Simd>(&self, simd: S, bounds: PixelRect, sink: &mut impl RowSink) {
        let left = self.left();
        let inverse_sigma = 1.0 / self.sigma_x_px;
        let low = edge_masses(simd, left, self.x_px, 0.0, inverse_sigma, MOST_REACH + 1.0);
        let high = edge_masses(simd, left + 1, self.x_px, 0.0, inverse_sigma, MOST_REACH + 1.0);
        let columns = scaled_difference(low, high, 1.0);
        let mut edges = [high[LANES - 1]; 2 * LANES];
        edges[..LANES].copy_from_slice(&low);
        let mut y = bounds.y0;
        while y < bounds.y1 {
            let batch = self.rows_from(simd, y);
            let (mut starts_px, mut ends_px) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let half_px = batch.reach[lane] * self.sigma_x_px;
                (starts_px[lane], ends_px[lane]) = (self.x_px - half_px, self.x_px + half_px);
            }
            let (starts, ends) = (floors(starts_px), ceils(ends_px));
            for row in 0..(bounds.y1 - y).min(LANES as i32) as usize {
                let (start, end) = ((starts[row] - left).max(0), (ends[row] - left).min(LANES as i32));
                let scale = batch.mass[row] / (edges[end as usize % edges.len()] - edges[start as usize % edges.len()]);
                // Columns that the clip cuts off at the left, rarely any. Their shares must be zero, as they are
                // rotated behind the others.
                let cut = (bounds.x0 - left).max(0);
                let first = start.max(cut);
                let mut shares = [0.0; LANES];
                for lane in 0..LANES {
                    let inside = lane as i32 >= first && (lane as i32) < end;
                    shares[lane] = if inside { columns[lane] * scale } else { 0.0 };
                }
                if cut > 0 {
                    shares.rotate_left(cut as usize % LANES);
                }
                let (skip, count) = (first - cut, end.min(bounds.x1 - left) - cut);
                if skip < count {
                    let (skip, count) = (skip as usize, count as usize);
                    sink.row(RowShares { y: y + row as i32, x: left + cut, skip, count, padded: &[shares] });
                }
            }
            y += LANES as i32;
        }
    }

    /// First column of the dot.
    #[inline(always)]
    fn left(&self) -> i32 {
        floor(self.x_px - self.half_width_px)
    }

    /// Rows of any dot.
    #[inline(always)]
    fn sheared_rows<S: Simd>(&self, simd: S, bounds: PixelRect, scratch: &mut RowScratch, sink: &mut impl RowSink) {
        let strips_per_row = self.strips_per_row();
        if strips_per_row > 1 {
            self.cut_rows(simd, bounds, strips_per_row, scratch, sink);
            return;
        }
        let mut y = bounds.y0;
        while y < bounds.y1 {
            let spreads = self.spreads(simd, &self.rows_from(simd, y));
            for index in 0..(bounds.y1 - y).min(LANES as i32) as usize {
                if let Some(shares) = spreads.narrow_row(simd, self.x_px, index, bounds) {
                    let count = (spreads.x1[index].min(bounds.x1) - spreads.x0[index]) as usize;
                    sink.row(RowShares {
                        y: y + index as i32,
                        x: spreads.x0[index],
                        skip: 0,
                        count,
                        padded: &[shares],
                    });
                    continue;
                }
                let mut row = OpenRow::new(y + index as i32);
                row.add(simd, self.x_px, &spreads, index, bounds, scratch);
                row.close(scratch, sink);
            }
            y += LANES as i32;
        }
    }

    /// Rows of a thin dot at an angle, each the sum of its strips.
    #[inline(always)]
    fn cut_rows<S: Simd>(
        &self,
        simd: S,
        bounds: PixelRect,
        strips_per_row: usize,
        scratch: &mut RowScratch,
        sink: &mut impl RowSink,
    ) {
        for y in bounds.y0..bounds.y1 {
            let mut row = OpenRow::new(y);
            for first in (0..strips_per_row).step_by(LANES) {
                let spreads = self.spreads(simd, &self.strips_of_row(simd, y, first, strips_per_row));
                for index in 0..(strips_per_row - first).min(LANES) {
                    row.add(simd, self.x_px, &spreads, index, bounds, scratch);
                }
            }
            row.close(scratch, sink);
        }
    }

    /// How the prepared strips spread along their rows.
    #[inline(always)]
    fn spreads<S: Simd>(&self, simd: S, strips: &Strips) -> Spreads {
        let mut spreads = Spreads::default();
        let peak = half_masses(simd, strips.reach);
        let (mut starts_px, mut ends_px) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let variance_px2 =
                self.sigma_row_px * self.sigma_row_px + self.shear_px * self.shear_px * strips.variance[lane];
            let sigma_px = variance_px2.sqrt();
            let (shift_px, half_width_px) = (self.shear_px * strips.centroid[lane], strips.reach[lane] * sigma_px);
            spreads.shift_px[lane] = shift_px;
            starts_px[lane] = self.x_px + shift_px - half_width_px;
            ends_px[lane] = self.x_px + shift_px + half_width_px;
            spreads.inverse_sigma[lane] = 1.0 / sigma_px;
            spreads.reach[lane] = strips.reach[lane];
            spreads.scale[lane] = strips.mass[lane] / (2.0 * peak[lane]);
        }
        (spreads.x0, spreads.x1) = (floors(starts_px), ceils(ends_px));
        spreads
    }

    fn strips_per_row(&self) -> usize {
        let height = (1.0 / self.sigma_y_px).min(2.0 * self.reach);
        let by_height = height / MOST_STRIP_HEIGHT;
        let by_shear = self.shear_px.abs() * height / (MOST_SHEAR * self.sigma_row_px);
        let strips = by_height.max(by_shear);
        // Up to here whole rows are accurate enough; once cut, twice as many strips cost little more.
        if strips <= 1.0 { 1 } else { ceil((2.0 * strips).min(MOST_STRIPS)) as usize }
    }

    /// Whole rows, from row `y` on.
    #[inline(always)]
    fn rows_from<S: Simd>(&self, simd: S, y: i32) -> Strips {
        let inverse_sigma = 1.0 / self.sigma_y_px;
        let (mut low, mut high) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let row = y + lane as i32;
            low[lane] = within((row as f32 - self.y_px) * inverse_sigma, self.reach);
            high[lane] = within(((row + 1) as f32 - self.y_px) * inverse_sigma, self.reach);
        }
        self.prepare(simd, low, high)
    }

    /// Strips of row `y`, from strip `first` of `count` on.
    #[inline(always)]
    fn strips_of_row<S: Simd>(&self, simd: S, y: i32, first: usize, count: usize) -> Strips {
        let inverse_sigma = 1.0 / self.sigma_y_px;
        let bottom = within((y as f32 - self.y_px) * inverse_sigma, self.reach);
        let top = within(((y + 1) as f32 - self.y_px) * inverse_sigma, self.reach);
        let (mut low, mut high) = ([0.0; LANES], [0.0; LANES]);
        let height = (top - bottom) / count as f32;
        for lane in 0..LANES {
            // The last limit must be exactly `top`, or mass would be lost between rows.
            let limit = |strip: usize| if strip >= count { top } else { bottom + height * strip as f32 };
            (low[lane], high[lane]) = (limit(first + lane), limit(first + lane + 1));
        }
        self.prepare(simd, low, high)
    }

    /// Prepares strips between these distances from the centre, in standard deviations.
    #[inline(always)]
    fn prepare<S: Simd>(&self, simd: S, low: [f32; LANES], high: [f32; LANES]) -> Strips {
        let (below_low, below_high) = (half_masses(simd, low), half_masses(simd, high));
        let reach_squared = self.reach * self.reach;
        let mut strips = Strips::default();
        for lane in 0..LANES {
            let (low, high) = (low[lane], high[lane]);
            strips.mass[lane] = (below_high[lane] - below_low[lane]) * self.inverse_mass;
            // Moments of a normal distribution within a strip of height h, to the second order in h.
            let h_squared = (high - low) * (high - low) / 12.0;
            strips.centroid[lane] = 0.5 * (low + high) * (1.0 - h_squared);
            strips.variance[lane] = h_squared;
            // The dot ends on an ellipse, so rows off its centre are shorter.
            let nearest = if low > -high { low } else { -high };
            let nearest = if nearest > 0.0 { nearest } else { 0.0 };
            let left = reach_squared - nearest * nearest;
            let least = LEAST_ROW_REACH * LEAST_ROW_REACH;
            strips.reach[lane] = (if left > least { left } else { least }).sqrt();
        }
        strips
    }
}

/// How far a dot with this squared peak loss reaches: the r with peak * exp(-r^2 / 2) = [`FAINTEST_LOSS`].
#[inline(always)]
fn reach(peak_squared: f32) -> f32 {
    let ratio = (peak_squared / (FAINTEST_LOSS * FAINTEST_LOSS)).max(1.0);
    // The base-2 logarithm read from the bits, linear between powers of two, is at most 0.09 too small.
    let log2 = (ratio.to_bits() as f32 - 1.0_f32.to_bits() as f32) / (1 << 23) as f32;
    // r^2 = 2 ln(peak / faintest) = ln(ratio).
    (log2 * std::f32::consts::LN_2).clamp(LEAST_REACH * LEAST_REACH, MOST_REACH * MOST_REACH).sqrt()
}

/// Prepared strips: lengths in standard deviations of y.
#[derive(Default)]
struct Strips {
    mass: [f32; LANES],
    centroid: [f32; LANES],
    variance: [f32; LANES],
    reach: [f32; LANES],
}

/// How strips spread along their rows.
#[derive(Default)]
struct Spreads {
    shift_px: [f32; LANES],
    /// First pixel.
    x0: [i32; LANES],
    /// One past the last.
    x1: [i32; LANES],
    inverse_sigma: [f32; LANES],
    reach: [f32; LANES],
    scale: [f32; LANES],
}

impl Spreads {
    /// The shares of strip `index` of a dot centred at `x_px`, if they are few and the clip does not cut them off at
    /// the left: then they need not go through memory.
    #[inline(always)]
    fn narrow_row<S: Simd>(&self, simd: S, x_px: f32, index: usize, bounds: PixelRect) -> Option<[f32; LANES]> {
        let (x0, x1) = (self.x0[index], self.x1[index]);
        // One edge more than pixels.
        if x0 < bounds.x0 || x0 >= bounds.x1 || x1 - x0 >= LANES as i32 || x0 >= x1 {
            return None;
        }
        let (shift_px, inverse_sigma) = (self.shift_px[index], self.inverse_sigma[index]);
        let low = edge_masses(simd, x0, x_px, shift_px, inverse_sigma, self.reach[index]);
        Some(scaled_difference(low, shifted(low, low[LANES - 1]), self.scale[index]))
    }
}

/// A row to which strips are being added.
struct OpenRow {
    y: i32,
    x0: i32,
    x1: i32,
}

impl OpenRow {
    fn new(y: i32) -> Self {
        Self { y, x0: i32::MAX, x1: i32::MIN }
    }

    /// Adds strip `index` of a dot centred at `x_px`.
    #[inline(always)]
    fn add<S: Simd>(
        &mut self,
        simd: S,
        x_px: f32,
        spreads: &Spreads,
        index: usize,
        bounds: PixelRect,
        scratch: &mut RowScratch,
    ) {
        let (shift_px, inverse_sigma) = (spreads.shift_px[index], spreads.inverse_sigma[index]);
        let (reach, scale) = (spreads.reach[index], spreads.scale[index]);
        let (x0, x1) = (spreads.x0[index].max(bounds.x0), spreads.x1[index].min(bounds.x1));
        if x0 >= x1 || scale <= 0.0 {
            return;
        }
        let count = (x1 - x0) as usize;
        let first = self.x0 > self.x1;
        let target = if first { &mut scratch.shares } else { &mut scratch.strip };
        let mut low = edge_masses(simd, x0, x_px, shift_px, inverse_sigma, reach);
        let chunks = count.div_ceil(LANES);
        for (chunk, shares) in target.as_chunks_mut::<LANES>().0.iter_mut().take(chunks).enumerate() {
            // The edges after the last share are not needed: that edge is one beyond `count`, and may be zero.
            let next = if (chunk + 1) * LANES <= count {
                edge_masses(simd, x0 + ((chunk + 1) * LANES) as i32, x_px, shift_px, inverse_sigma, reach)
            } else {
                [low[LANES - 1]; LANES]
            };
            *shares = scaled_difference(low, shifted(low, next[0]), scale);
            low = next;
        }
        if first {
            (self.x0, self.x1) = (x0, x1);
            return;
        }
        self.widen(x0, x1, scratch);
        let Some(shares) = scratch.shares.get_mut((x0 - self.x0) as usize..) else { return };
        for (share, more) in shares.iter_mut().zip(&scratch.strip).take(count) {
            *share += more;
        }
    }

    /// Makes room for `x0..x1` in the shares. The strips of one row move steadily in one direction, which may be
    /// either.
    fn widen(&mut self, x0: i32, x1: i32, scratch: &mut RowScratch) {
        let count = (self.x1 - self.x0) as usize;
        let before = (self.x0 - x0).max(0) as usize;
        if before > 0 {
            scratch.shares.copy_within(..count, before);
            scratch.shares[..before].fill(0.0);
        }
        let after = (x1 - self.x1).max(0) as usize;
        (self.x0, self.x1) = (self.x0.min(x0), self.x1.max(x1));
        let end = before + count;
        let padded = (end + after).div_ceil(LANES) * LANES;
        if let Some(rest) = scratch.shares.get_mut(end..padded) {
            rest.fill(0.0);
        }
    }

    #[inline(always)]
    fn close(&self, scratch: &RowScratch, sink: &mut impl RowSink) {
        if self.x0 >= self.x1 {
            return;
        }
        let count = (self.x1 - self.x0) as usize;
        if let Some(padded) = scratch.shares.as_chunks::<LANES>().0.get(..count.div_ceil(LANES)) {
            sink.row(RowShares { y: self.y, x: self.x0, skip: 0, count, padded });
        }
    }
}
