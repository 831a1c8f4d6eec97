//! The one input of every renderer: dots as they appear in the photo.

use glam::DVec2;
use rayon::prelude::*;

use crate::reading::sharpening::{PointSpread, Sharpening};
use crate::skin::BareSkin;

/// One dot in a photo: an elliptical Gaussian loss of light.
///
/// What matters is `loss_px2`, the area of perfectly black skin that would absorb as much light: it does not change
/// when a lens blurs the dot or when the dot is thinner than a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Splat {
    /// Centre, in pixels of the upright photo.
    pub x_px: f32,
    /// Centre, in pixels of the upright photo.
    pub y_px: f32,
    /// Standard deviation along the major axis, px.
    pub sigma_major_px: f32,
    /// Standard deviation along the minor axis, px; may be close to zero on skin seen edge-on.
    pub sigma_minor_px: f32,
    /// Cosine and sine of the major axis' angle from +x towards +y (down).
    pub axis: [f32; 2],
    /// Integral over the photo of the lost fraction of diffuse light, px2, for red, green, blue; negative where there
    /// is more light of a colour than without the dot.
    pub loss_px2: [f32; 3],
}

impl Splat {
    /// The dot seen through a lens that blurs it by a standard deviation of `blur_px`.
    #[must_use]
    pub fn blurred(&self, blur_px: f32) -> Self {
        Self {
            sigma_major_px: libm::hypotf(self.sigma_major_px, blur_px),
            sigma_minor_px: libm::hypotf(self.sigma_minor_px, blur_px),
            ..*self
        }
    }

    /// The dot in a photo that was halved `level` times.
    #[must_use]
    pub fn at_level(&self, level: u32) -> Self {
        // A power of two: dividing by it is exact.
        let scale = 1.0 / (1_u32 << level.min(20)) as f32;
        Self {
            x_px: self.x_px * scale,
            y_px: self.y_px * scale,
            sigma_major_px: self.sigma_major_px * scale,
            sigma_minor_px: self.sigma_minor_px * scale,
            axis: self.axis,
            loss_px2: self.loss_px2.map(|loss| loss * scale * scale),
        }
    }
}

/// Sharpens a dot on this skin, made up of these concentric splats as a lens has blurred them: deepens the first, the
/// narrowest, and returns the bright rim that sharpening leaves around it. Together they take as much light as before.
///
/// Sharpening adds the same to the sample values of all channels, in proportion to how much luma falls. Spots much
/// wider than its radius hardly change, so the first and its rim stand for all of them.
#[must_use]
pub fn sharpen(spots: &mut [Splat], sharpening: &Sharpening, skin: &BareSkin) -> Option<Splat> {
    let Sharpening { amount, radius_px } = *sharpening;
    if amount <= 0.0 || radius_px <= 0.0 {
        return None;
    }
    let sigmas = |spot: &Splat| [spot.sigma_major_px, spot.sigma_minor_px].map(f64::from);
    let blurred = |spot: &Splat| sigmas(spot).map(|sigma_px| sigma_px.hypot(radius_px));
    let shares = |spot: &Splat| {
        let [major, minor] = sigmas(spot);
        spot.loss_px2.map(|loss_px2| f64::from(loss_px2) / (std::f64::consts::TAU * major * minor).max(1e-9))
    };
    let deeper = |spot: &Splat| {
        let luma = skin.fall_of_luma(shares(spot));
        let ([major, minor], [wide, high]) = (sigmas(spot), blurred(spot));
        amount * luma * (1.0 - major * minor / (wide * high))
    };
    let more: f64 = spots.iter().map(deeper).sum();
    let core = spots.first_mut()?;
    let ([major, minor], [rim_major, rim_minor]) = (sigmas(core), blurred(core));
    let (core_px2, rim_px2) = (major * minor, rim_major * rim_minor);
    let mut rim = Splat { sigma_major_px: rim_major as f32, sigma_minor_px: rim_minor as f32, ..*core };
    let before = shares(core);
    let after = skin.lost_beyond(before, more);
    for c in 0..3 {
        let loss_px2 = f64::from(core.loss_px2[c]);
        let left = 1.0 - after[c].max(before[c]);
        // The rim brightens the middle of the core, too, and part of what it adds falls on what the core absorbs.
        let (mut deepened_px2, mut gained_px2) = (loss_px2, 0.0);
        for _ in 0..3 {
            let lost = 1.0 - left / (1.0 + gained_px2 / (std::f64::consts::TAU * rim_px2));
            deepened_px2 = lost * std::f64::consts::TAU * core_px2;
            gained_px2 = (deepened_px2 - loss_px2) / (1.0 - lost * core_px2 / (core_px2 + rim_px2));
        }
        (core.loss_px2[c], rim.loss_px2[c]) = (deepened_px2 as f32, -gained_px2 as f32);
    }
    Some(rim)
}

/// Smallest standard deviation drawn: a thousandth of a pixel cannot be seen, and nothing is divided by zero.
pub(crate) const SMALLEST_SIGMA_PX: f32 = 1e-3;
/// Standard deviations and losses beyond these cannot be dots in any photo; they would overflow `f32` downstream.
const LARGEST_SIGMA_PX: f32 = 4096.0;
const LARGEST_LOSS_PX2: f32 = 1e12;
/// Most that a splat may add to the light at its centre, relative to the light there: no dot in a photo comes near
/// that.
const MOST_GAIN: f32 = 0.5;
/// Side of the cells by which splats are ordered, so that neighbours in a photo are neighbours in memory.
const ORDER_CELL_PX: f32 = 64.0;

/// Splats that are all drawable, in one canonical order.
///
/// The order is a function of the splats alone, whatever order they came in. Transmittances are multiplied in that
/// order, so shuffled input, tile sizes and threads cannot change a bit of the picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Splats(Vec<Splat>);

impl Splats {
    /// Drops splats that are not finite or change no light, makes the rest proper and sorts them.
    ///
    /// Proper means: no standard deviation below 0.001 px, a unit axis, a finite loss. Costs a sort, or one pass if the
    /// splats are already in canonical order (a subset of canonical splats is).
    #[must_use]
    pub fn new(mut splats: Vec<Splat>) -> Self {
        splats.retain_mut(|splat| match proper(splat) {
            Some(proper) => {
                *splat = proper;
                true
            }
            None => false,
        });
        if splats.is_sorted_by(|a, b| order(a) <= order(b)) {
            return Self(splats);
        }
        // Sorting keys and then moving each splat once is twice as fast as sorting the splats.
        let mut keys: Vec<(u64, u32)> =
            splats.iter().enumerate().map(|(index, splat)| (cell_key(splat), index as u32)).collect();
        keys.par_sort_unstable();
        let mut sorted: Vec<Splat> =
            keys.iter().filter_map(|(_, index)| splats.get(*index as usize).copied()).collect();
        // Keys almost always differ; where they do not, the other fields decide.
        let mut start = 0;
        for run in keys.chunk_by(|a, b| a.0 == b.0) {
            if let Some(equal) = sorted.get_mut(start..start + run.len()).filter(|equal| equal.len() > 1) {
                equal.sort_unstable_by_key(order);
            }
            start += run.len();
        }
        Self(sorted)
    }

    /// These splats with some removed and others added; those removed must be among them.
    ///
    /// Equivalent to sorting the result. Costs a sort of the differences, and a copy.
    #[must_use]
    pub fn edited(&self, removed: Vec<Splat>, added: Vec<Splat>) -> Self {
        let (removed, added) = (Self::new(removed).0, Self::new(added).0);
        let mut edited = Vec::with_capacity((self.0.len() + added.len()).saturating_sub(removed.len()));
        let (mut rest, mut removed, mut added) = (&self.0[..], &removed[..], &added[..]);
        loop {
            let next = match (removed.first(), added.first()) {
                (Some(gone), Some(new)) if order(gone) <= order(new) => gone,
                (_, Some(new)) => new,
                (Some(gone), None) => gone,
                (None, None) => break,
            };
            let before = count_before(rest, next);
            edited.extend_from_slice(&rest[..before]);
            rest = &rest[before..];
            if removed.first() == Some(next) {
                rest = if rest.first() == Some(next) { &rest[1..] } else { rest };
                removed = &removed[1..];
            } else {
                edited.push(*next);
                added = &added[1..];
            }
        }
        edited.extend_from_slice(rest);
        Self(edited)
    }

    /// Their centres, px.
    pub(crate) fn places_px(&self) -> impl Iterator<Item = [f32; 2]> {
        self.0.iter().map(|splat| [splat.x_px, splat.y_px])
    }

    /// The corners of the axis-aligned rectangle around their centres, px; none without splats.
    #[must_use]
    pub fn bounds_px(&self) -> Option<[DVec2; 2]> {
        let places = self.places_px().map(|[x, y]| DVec2::new(f64::from(x), f64::from(y)));
        places.map(|place| [place; 2]).reduce(|[low, high], [place, _]| [low.min(place), high.max(place)])
    }

    /// The splats in a photo that was halved `level` times. Costs a sort.
    #[must_use]
    pub fn at_level(&self, level: u32) -> Self {
        Self::new(self.0.iter().map(|splat| splat.at_level(level)).collect())
    }

    /// The splats seen through a lens that blurs them by a standard deviation of `blur_px`. Costs one pass.
    #[must_use]
    pub fn blurred(&self, blur_px: f32) -> Self {
        Self::new(self.0.iter().map(|splat| splat.blurred(blur_px)).collect())
    }

    /// The splats as a camera sees them, on skin whose colour does not matter. Costs a sort.
    #[must_use]
    pub fn photographed(&self, spread: &PointSpread) -> Self {
        let white = BareSkin::new([1.0; 3], 0.0);
        let seen = |splat: &Splat| {
            let mut spot = [splat.blurred(spread.blur_px as f32)];
            let rim = sharpen(&mut spot, &spread.sharpening, &white);
            spot.into_iter().chain(rim)
        };
        Self::new(self.0.iter().flat_map(seen).collect())
    }

    /// The splats in canonical order.
    #[must_use]
    pub fn as_slice(&self) -> &[Splat] {
        &self.0
    }

    /// The number of splats.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if nothing would be drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Splat>> for Splats {
    fn from(splats: Vec<Splat>) -> Self {
        Self::new(splats)
    }
}

/// The splat in the form renderers rely on, or `None` if it draws nothing.
fn proper(splat: &Splat) -> Option<Splat> {
    let Splat { x_px, y_px, sigma_major_px, sigma_minor_px, axis, loss_px2 } = *splat;
    let numbers = [x_px, y_px, sigma_major_px, sigma_minor_px, axis[0], axis[1], loss_px2[0], loss_px2[1], loss_px2[2]];
    if numbers.iter().any(|number| !number.is_finite()) || sigma_major_px < 0.0 || sigma_minor_px < 0.0 {
        return None;
    }
    if loss_px2.iter().all(|loss| *loss == 0.0) {
        return None;
    }
    // Wider ones become as wide as that and stay as deep.
    let narrowed = |sigma_px: f32| (LARGEST_SIGMA_PX / sigma_px.max(LARGEST_SIGMA_PX)).min(1.0);
    let narrowed = narrowed(sigma_major_px) * narrowed(sigma_minor_px);
    let [sigma_major_px, sigma_minor_px] =
        [sigma_major_px, sigma_minor_px].map(|sigma_px| sigma_px.clamp(SMALLEST_SIGMA_PX, LARGEST_SIGMA_PX));
    let most_gain_px2 = MOST_GAIN * std::f32::consts::TAU * sigma_major_px * sigma_minor_px;
    let length = libm::hypotf(axis[0], axis[1]);
    // Adding zero turns -0 into 0, so that equal splats have equal bits. A round dot may come without an axis.
    let axis = match length {
        _ if (length - 1.0).abs() < 1e-6 => axis.map(|part| part + 0.0),
        _ if length > 0.0 && length.is_finite() => axis.map(|part| part / length + 0.0),
        _ => [1.0, 0.0],
    };
    Some(Splat {
        x_px: x_px + 0.0,
        y_px: y_px + 0.0,
        sigma_major_px,
        sigma_minor_px,
        axis,
        loss_px2: loss_px2.map(|loss| (loss * narrowed).clamp(-most_gain_px2, LARGEST_LOSS_PX2) + 0.0),
    })
}

/// How many of these sorted splats come before another one.
///
/// Edits lie close together, so this is a galloping search from the beginning: O(log of the answer).
fn count_before(splats: &[Splat], other: &Splat) -> usize {
    let key = order(other);
    let is_before = |splat: &Splat| order(splat) < key;
    let (mut from, mut step) = (0, 1);
    while splats.get(from + step - 1).is_some_and(is_before) {
        from += step;
        step *= 2;
    }
    let to = (from + step - 1).min(splats.len());
    from + splats[from..to].partition_point(is_before)
}

/// Maps floats to unsigned integers in the same order.
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// Row of cells, cell within the row, height within the cell: the first part of [`order`].
fn cell_key(splat: &Splat) -> u64 {
    // Casting saturates: far outside any photo all cells may coincide.
    let cell = |position_px: f32| (((position_px / ORDER_CELL_PX) as i32).clamp(-32_768, 32_767) + 32_768) as u64;
    cell(splat.y_px) << 48 | cell(splat.x_px) << 32 | u64::from(ordered(splat.y_px))
}

/// A total order in which only identical splats are equal.
fn order(splat: &Splat) -> (u64, [u32; 8]) {
    let Splat { x_px, sigma_major_px, sigma_minor_px, axis, loss_px2, .. } = *splat;
    let rest = [x_px, sigma_major_px, sigma_minor_px, axis[0], axis[1], loss_px2[0], loss_px2[1], loss_px2[2]];
    (cell_key(splat), rest.map(ordered))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOT: Splat = Splat {
        x_px: 10.0,
        y_px: 20.0,
        sigma_major_px: 1.0,
        sigma_minor_px: 0.5,
        axis: [1.0, 0.0],
        loss_px2: [1.0, 0.5, 0.0],
    };

    #[test]
    fn what_draws_nothing_is_dropped() {
        let splats = Splats::new(vec![
            Splat { x_px: f32::NAN, ..DOT },
            Splat { sigma_major_px: f32::INFINITY, ..DOT },
            Splat { sigma_minor_px: -1.0, ..DOT },
            Splat { loss_px2: [0.0; 3], ..DOT },
            DOT,
        ]);
        assert_eq!(splats.as_slice(), [DOT]);
    }

    #[test]
    fn the_rest_is_made_proper() {
        let odd = Splat { x_px: -0.0, sigma_minor_px: 0.0, axis: [0.0, 3.0], ..DOT };
        let bright = Splat { x_px: 20.0, loss_px2: [1.0, -0.5, -9.0], ..DOT };
        let splats = Splats::new(vec![odd, Splat { axis: [0.0; 2], ..DOT }, bright]);
        let [first, second, third] = splats.as_slice() else { panic!("all are drawable") };
        assert_eq!(first.axis, [0.0, 1.0]);
        assert_eq!(first.x_px.to_bits(), 0);
        // A moderate gain of light in a colour is kept as it is; one above half of the light there is limited.
        assert_eq!(third.loss_px2, [1.0, -0.5, -MOST_GAIN * std::f32::consts::PI]);
        assert!(first.sigma_minor_px > 0.0);
        assert_eq!(second.axis, [1.0, 0.0]);
    }

    #[test]
    fn order_depends_on_the_splats_alone() {
        // Many share a position, so that ties have to be broken by the other fields.
        let splats: Vec<Splat> = (0..400_u16)
            .map(|index| Splat {
                x_px: f32::from(index * 37 % 11) * 30.0 - 60.0,
                y_px: f32::from(index * 17 % 7) * 50.0 - 60.0,
                loss_px2: [f32::from(index), 0.0, 0.0],
                ..DOT
            })
            .collect();
        let mut reversed = splats.clone();
        reversed.reverse();
        let sorted = Splats::new(splats);
        assert_eq!(sorted, Splats::new(reversed));
        let subset = sorted.as_slice().iter().copied().step_by(3).collect::<Vec<_>>();
        assert_eq!(Splats::new(subset.clone()).as_slice(), subset);
    }
}
