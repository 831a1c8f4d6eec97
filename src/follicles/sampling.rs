//! A progressive Poisson-disc set: an endless refinement in which every prefix is itself well spaced.
//!
//! The radius shrinks in small steps. In each step, every place at least one radius away from all earlier dots is open
//! to new ones, in random order, so a dot lands at random *inside* a gap: not in its middle, which would grow
//! crystalline rows, and not just anywhere, which would waste gaps.
//!
//! Candidate points ("offers") are spread evenly over the skin in chunks that are pure functions of seed and chunk, so
//! the number of threads has no influence. Each stage of a few steps has fresh candidates; those that earlier dots
//! already cover are dropped before they are stored. Cost: linear in the dots, about 1.5 microseconds each.
//!
//! References: R. Bridson, Fast Poisson disk sampling in arbitrary dimensions (2007), for the radius; M. McCool and E.
//! Fiume, Hierarchical Poisson disk sampling distributions (1992), for shrinking it.

use glam::DVec3;
use pulp::{Arch, Simd, WithSimd};
use rand::Rng;
use rayon::prelude::*;

use super::earlier::{Earlier, Near, counting_sort, squared_distance, window};
use super::sheet::{Sheet, between};
use super::spacing::poisson_disc_mm;
use crate::ground::random::{self, Purpose};
use crate::head::chart::{Chart, SIDE};
use crate::head::surface::Surface;
use crate::plan::parameters::MOST_PER_CM2;

/// Radius of the first step, mm: about one dot on 10 cm2.
const FIRST_RADIUS_MM: f64 = 24.0;
/// Ratio of each step's radius to the one before. Higher ratios produce crystalline rows, lower ones waste space: 0.98
/// keeps a nearest-neighbour variation of 0.09 and 0.71 to 0.73 of the spacing of the densest packing.
const STEP: f64 = 0.98;
/// Steps that share one set of candidates. More steps need more memory, fewer search for gaps more often.
const STEPS_PER_STAGE: usize = 15;
/// Candidates per dot that fits at the end of a stage. With 16, the spacing of the result is 3 % smaller.
const CANDIDATES_PER_DOT: f64 = 48.0;
/// Texels are divided into this many parts per radius, so that covered parts can be skipped.
const PARTS_PER_RADIUS: f32 = 2.0;
/// Dots per square of one radius once no more fit; measured, and used only to choose the number of candidates.
const SATURATED: f64 = 0.58;
/// Side of a chunk of candidates, texels.
const CHUNK: usize = 8;
const CHUNKS: usize = SIDE / CHUNK;

/// Dots in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// Positions on the sheet, mm.
    pub points_mm: Vec<[f32; 3]>,
    /// Chart texel coordinates.
    pub texels: Vec<[f32; 2]>,
    /// Radius of the step that found the dot, mm: no earlier dot is closer on the sheet.
    pub radii_mm: Vec<f32>,
    /// Radius of the first step that was not carried out, mm.
    pub next_radius_mm: Option<f32>,
}

/// Where dots may lie.
pub(super) struct Region<'a, Keep> {
    /// The skin.
    pub sheet: &'a Sheet,
    /// The surface itself.
    pub surface: &'a Surface,
    /// Its chart.
    pub chart: &'a Chart,
    /// Which points of the surface are kept.
    pub keep: &'a Keep,
}

/// Finds all dots whose radius is larger than `enough_mm`. The dots found first do not depend on `enough_mm`.
pub(super) fn refine<Keep>(region: &Region<'_, Keep>, enough_mm: f64, seed: u64) -> Sequence
where
    Keep: Fn(DVec3) -> bool + Sync,
{
    // Dots any closer cannot be shown even at the highest density. Steps are counted from the end, so that the last one
    // has exactly this radius.
    let last_radius_mm = poisson_disc_mm(MOST_PER_CM2);
    let steps = (libm::log(last_radius_mm / FIRST_RADIUS_MM) / libm::log(STEP)).ceil() as i32;
    let radii_mm: Vec<f64> = (0..=steps).map(|k| last_radius_mm * libm::pow(STEP, f64::from(k - steps))).collect();
    let chunks = chunks(region.sheet);
    let mut dots = Sequence::default();
    for (stage, radii_mm) in radii_mm.chunks(STEPS_PER_STAGE).enumerate() {
        let (Some(&widest), Some(&narrowest)) = (radii_mm.first(), radii_mm.last()) else { continue };
        let (sought, left) = radii_mm.split_at(radii_mm.partition_point(|&radius| radius > enough_mm));
        if let Some(&least) = sought.last() {
            let stage = Stage::new(&dots, [widest, narrowest, least], stage as u64);
            // The same arithmetic in wider registers where the processor has them; the bits do not change.
            let arch = Arch::new();
            let offers = |&chunk: &[usize; 2]| arch.dispatch(OffersOf { stage: &stage, region, chunk, seed });
            let found: Vec<Vec<Offer>> = chunks.par_iter().map(offers).collect();
            let mut offers = Offers::sorted(&chunks, &found);
            for &radius in sought {
                offers.accept(region.sheet, radius as f32, &mut dots);
            }
        }
        if let Some(&next) = left.first() {
            dots.next_radius_mm = Some(next as f32);
            break;
        }
    }
    dots
}

/// The chunks that contain part of the region, as column and row.
fn chunks(sheet: &Sheet) -> Vec<[usize; 2]> {
    (0..CHUNKS * CHUNKS)
        .map(|k| [k % CHUNKS, k / CHUNKS])
        .filter(|&chunk| texels_of(chunk).any(|(x, y)| sheet.texel(x, y).area_mm2 > 0.0))
        .collect()
}

fn texels_of([column, row]: [usize; 2]) -> impl Iterator<Item = (usize, usize)> {
    (0..CHUNK * CHUNK).map(move |k| (column * CHUNK + k % CHUNK, row * CHUNK + k / CHUNK))
}

/// Candidates that earlier dots leave uncovered, sorted by texel, row by row.
#[derive(Debug)]
struct Offers {
    bands: Vec<Band>,
    /// Number of offers in the bands before each one, and in all.
    before: Vec<u32>,
}

/// The offers of a row of chunks.
#[derive(Debug, Default)]
struct Band {
    points_mm: Vec<[f32; 3]>,
    texels: Vec<[f32; 2]>,
    /// Squared distance to the nearest dot, mm2; exact if below the squared radius, otherwise some value above it.
    nearest_mm2: Vec<f32>,
    keys: Vec<u32>,
    /// Index of the first offer of each texel, and the end.
    starts: Vec<u32>,
}

/// One candidate.
#[derive(Debug, Clone, Copy)]
struct Offer {
    point_mm: [f32; 3],
    texel: [f32; 2],
    nearest_mm2: f32,
    key: u32,
}

/// Steps that share one set of candidates, and the dots found before the first of them.
struct Stage {
    number: u64,
    widest_mm: f32,
    narrowest_mm: f32,
    /// Radius of the last of its steps that is carried out, mm: candidates closer to a dot need not be kept.
    least_mm: f32,
    candidates_per_mm2: f32,
    earlier: Earlier,
}

impl Stage {
    fn new(dots: &Sequence, [widest_mm, narrowest_mm, least_mm]: [f64; 3], number: u64) -> Self {
        Self {
            number,
            widest_mm: widest_mm as f32,
            narrowest_mm: narrowest_mm as f32,
            least_mm: least_mm as f32,
            candidates_per_mm2: (CANDIDATES_PER_DOT * SATURATED / (narrowest_mm * narrowest_mm)) as f32,
            earlier: Earlier::new(&dots.points_mm, &dots.texels, widest_mm as f32),
        }
    }

    /// The uncovered candidates of one chunk: a pure function of seed, stage, chunk and the earlier dots. `least_mm`
    /// decides only which of them are kept: the random numbers are drawn as if all were.
    #[inline(always)]
    fn offers<Keep>(&self, region: &Region<'_, Keep>, chunk: [usize; 2], seed: u64) -> Vec<Offer>
    where
        Keep: Fn(DVec3) -> bool + Sync,
    {
        let index = (self.number << 32) | (chunk[1] * CHUNKS + chunk[0]) as u64;
        let mut rng = random::sequence(seed, Purpose::Follicles, index);
        let mut near = Near::default();
        let mut offers = Vec::new();
        for (x, y) in texels_of(chunk) {
            let texel = region.sheet.texel(x, y);
            if texel.area_mm2 == 0.0 {
                continue;
            }
            let parts = texel.area_mm2.sqrt() * PARTS_PER_RADIUS / self.narrowest_mm;
            let parts = (parts as u32 + 1).min(8);
            let part = 1.0 / parts as f32;
            let expected = self.candidates_per_mm2 * texel.area_mm2 * part * part;
            // Most texels much smaller than the radius have no candidate: check before searching the neighbourhood.
            let single = if parts == 1 { round_at_random(expected, &mut rng) } else { 0 };
            if parts == 1 && single == 0 {
                continue;
            }
            let corners = region.sheet.quadrilateral(x, y);
            let middle = between(&corners, 0.5, 0.5);
            let half_mm = corners.iter().map(|&c| squared_distance(c, middle)).fold(0.0, f32::max).sqrt();
            let at = [x as f32 + 0.5, y as f32 + 0.5];
            self.earlier.gather(region.sheet, at, middle, half_mm + self.widest_mm, &mut near);
            if is_covered(near.squared_distance(middle), self.narrowest_mm - half_mm) {
                continue;
            }
            for (i, j) in (0..parts * parts).map(|k| (k % parts, k / parts)) {
                let low = [i as f32 * part, j as f32 * part];
                let count = if parts == 1 {
                    single
                } else {
                    let middle = between(&corners, low[0] + 0.5 * part, low[1] + 0.5 * part);
                    let nearest_mm2 = near.squared_distance(middle);
                    if is_covered(nearest_mm2, self.narrowest_mm - half_mm * part) {
                        continue;
                    }
                    let count = round_at_random(expected, &mut rng);
                    if is_covered(nearest_mm2, self.least_mm - half_mm * part) {
                        (0..count).for_each(|_| _ = rng.next_u32());
                        continue;
                    }
                    count
                };
                for _ in 0..count {
                    let bits = rng.next_u32();
                    let [fx, fy] = fractions(bits);
                    let (fx, fy) = (low[0] + fx * part, low[1] + fy * part);
                    let point_mm = between(&corners, fx, fy);
                    let nearest_mm2 = near.squared_distance(point_mm);
                    // Rounding must not move it into the next texel.
                    let within = |low: usize, f: f32| (low as f32 + f).min((low as f32 + 1.0).next_down());
                    let texel = [within(x, fx), within(y, fy)];
                    if nearest_mm2 >= self.least_mm * self.least_mm && region.holds(texel) {
                        offers.push(Offer { point_mm, texel, nearest_mm2, key: scramble(bits) });
                    }
                }
            }
        }
        offers
    }
}

/// The candidates of one chunk, as work that can be dispatched to any instruction set.
struct OffersOf<'a, Keep> {
    stage: &'a Stage,
    region: &'a Region<'a, Keep>,
    chunk: [usize; 2],
    seed: u64,
}

impl<Keep: Fn(DVec3) -> bool + Sync> WithSimd for OffersOf<'_, Keep> {
    type Output = Vec<Offer>;

    // What takes long is force-inlined here: functions called from here would not use the wider registers.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Offer> {
        self.stage.offers(self.region, self.chunk, self.seed)
    }
}

impl<Keep: Fn(DVec3) -> bool> Region<'_, Keep> {
    /// Whether the texel coordinates are in the region; only texels on its border need to evaluate `keep`.
    #[inline]
    fn holds(&self, at: [f32; 2]) -> bool {
        self.sheet.texel(at[0] as usize, at[1] as usize).corners_inside == 4
            || self
                .chart
                .direction_from_texel(at.map(f64::from))
                .is_some_and(|unit| (self.keep)(self.surface.centre + unit * self.surface.radius(unit)))
    }
}

/// Whether an object lies entirely within a radius around a dot, given the distance of its middle and the radius
/// reduced by its size.
#[inline]
fn is_covered(nearest_mm2: f32, radius_mm: f32) -> bool {
    radius_mm > 0.0 && nearest_mm2 < radius_mm * radius_mm
}

/// Rounds up or down at random, with a mean of `expected`.
#[inline]
fn round_at_random(expected: f32, rng: &mut impl Rng) -> u32 {
    let chance = (rng.next_u32() >> 8) as f32 / 16_777_216.0;
    (expected + chance) as u32
}

/// Sixteen bits for each of the two fractions: 14 nanometres of skin.
#[inline]
fn fractions(bits: u32) -> [f32; 2] {
    [((bits & 0xFFFF) as f32 + 0.5) / 65_536.0, ((bits >> 16) as f32 + 0.5) / 65_536.0]
}

/// Mixes all bits (the finaliser of MurmurHash3).
#[inline]
fn scramble(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x85EB_CA6B);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0xC2B2_AE35);
    bits ^ (bits >> 16)
}

impl Band {
    /// Sorts the offers of a row of chunks.
    fn sorted(found: &[&[Offer]]) -> Self {
        let all: Vec<Offer> = found.iter().copied().flatten().copied().collect();
        let (starts, order) = counting_sort(CHUNK * SIDE, all.len(), |k| {
            let [x, y] = all[k].texel;
            (y as usize).min(SIDE - 1) % CHUNK * SIDE + (x as usize).min(SIDE - 1)
        });
        let sorted = order.iter().map(|&k| all[k as usize]);
        Self {
            points_mm: sorted.clone().map(|o| o.point_mm).collect(),
            texels: sorted.clone().map(|o| o.texel).collect(),
            nearest_mm2: sorted.clone().map(|o| o.nearest_mm2).collect(),
            keys: sorted.map(|o| o.key).collect(),
            starts,
        }
    }

    /// Keys of the offers that are at least this far from all dots, each with its index, counted from `first`.
    fn open(&self, radius_mm2: f32, first: u32) -> Vec<(u32, u32)> {
        let all = self.nearest_mm2.iter().zip(&self.keys).zip(first..);
        all.filter(|((nearest, _), _)| **nearest >= radius_mm2).map(|((_, &key), k)| (key, k)).collect()
    }
}

impl Offers {
    /// Sorts the offers of all chunks. Bands are sorted in parallel; a single sort would be limited by memory.
    fn sorted(chunks: &[[usize; 2]], found: &[Vec<Offer>]) -> Self {
        let mut of_band: Vec<Vec<&[Offer]>> = vec![Vec::new(); CHUNKS];
        for (&[_, row], found) in chunks.iter().zip(found) {
            of_band[row].push(found);
        }
        let bands: Vec<Band> = of_band.par_iter().map(|found| Band::sorted(found)).collect();
        let mut before = vec![0];
        for band in &bands {
            before.push(before[before.len() - 1] + band.keys.len() as u32);
        }
        Self { bands, before }
    }

    /// One step: accepts offers, in random order, that are at least `radius_mm` from all earlier dots.
    fn accept(&mut self, sheet: &Sheet, radius_mm: f32, dots: &mut Sequence) {
        let radius_mm2 = radius_mm * radius_mm;
        let open = self.bands.par_iter().zip(&self.before).map(|(band, &first)| band.open(radius_mm2, first));
        let mut open = open.collect::<Vec<_>>().concat();
        open.par_sort_unstable();
        for (_, k) in open {
            let band = self.before.partition_point(|&first| first <= k) - 1;
            let at = (k - self.before[band]) as usize;
            let band = &self.bands[band];
            if band.nearest_mm2[at] < radius_mm2 {
                continue;
            }
            let (point, texel) = (band.points_mm[at], band.texels[at]);
            dots.points_mm.push(point);
            dots.texels.push(texel);
            dots.radii_mm.push(radius_mm);
            let [columns, rows] = window(sheet, texel, radius_mm);
            for row in rows {
                let band = &mut self.bands[row / CHUNK];
                let first = band.starts[row % CHUNK * SIDE + *columns.start()] as usize;
                let end = band.starts[row % CHUNK * SIDE + *columns.end() + 1] as usize;
                for (nearest, &other) in band.nearest_mm2[first..end].iter_mut().zip(&band.points_mm[first..end]) {
                    *nearest = nearest.min(squared_distance(other, point));
                }
            }
        }
    }
}
