//! Tells long hair in a photo from the skin under it.
//!
//! Hair lies over the scalp in random layers: where the mean number of hairs over a point of the skin is n, a share
//! T = exp(-n) of the skin is seen (Poisson). Every pixel is taken as a mixture of the light of hair and that of skin,
//! both measured around it in the same photo, and of specular light, which is white. This gives T; its mean over a few
//! millimetres gives n.
//!
//! Hair and skin that hardly differ in light cannot be told apart, and skin that is seen nowhere cannot be measured:
//! both are refused. Where hair is brown and reflects a lamp, this light is of the skin's hue and counts as thinner
//! cover.

use glam::{DVec3, DVec4};
use rayon::prelude::*;

use super::tone::Tone;
use crate::ground::colour::luminance_f64;
use crate::ground::filters::blurred_by_boxes;
use crate::photo::{Photo, Reader};
use crate::plan::thinning::FULL_LAYERS;

/// Standard deviations of averages, mm: of the light of hair, wider than a strand and as narrow as a band of specular
/// light; of that of skin, which is seen in few places; of the cover; and of what counts as a pixel's neighbours.
const HAIR_MM: f64 = 4.0;
const SKIN_MM: f64 = 15.0;
pub(crate) const COVER_MM: f64 = 3.0;
const NEIGHBOURS_MM: f64 = 1.5;
/// Rounds of measuring hair and skin, and telling them apart.
const ROUNDS: usize = 3;
/// Darkest share of the area, which is surely hair, and the brightest of what has the hue of skin, as a share of the
/// area, which is skin if any is seen (assumed).
const SURELY_HAIR: f64 = 0.4;
const SURELY_SKIN: f64 = 0.02;
/// Fewest pixels to measure them in.
const FEWEST_PX: usize = 500;
/// Least ratio of the lights of skin and hair. Dark hair has 5 to 20, light brown hair 3; blond and white hair less
/// than 2.
const LEAST_CONTRAST: f64 = 2.0;
/// Least ratio of red to blue light by which skin is known from specular light on dark hair: skin has 1.3 to 2 under
/// most lamps.
const SKIN_RED: f64 = 1.2;
/// How much lighter than the darkest hair of the area hair may be; how much darker than the forehead, or the brightest
/// skin of the area, its skin may be, and how much lighter.
const LIGHTEST_HAIR: f64 = 2.0;
const SKIN_RANGE: [f64; 2] = [0.6, 1.1];
/// How strongly a pixel counts for what it mostly is when the light of hair and of skin are averaged: mixtures must
/// not.
const AS_HAIR: i32 = 8;
const AS_SKIN: i32 = 20;
/// Mean weights from which a light measured around a pixel is trusted fully, and share of the area that the brightest
/// skin counts for in the mean over all skin.
const ENOUGH_HAIR: f64 = 0.1;
const ENOUGH_SKIN: f64 = 0.02;
const BRIGHTEST_SKIN: f64 = 0.002;
/// Most standard deviations of a pixel's brightness among its neighbours that count.
const MOST_DEVIATIONS: f64 = 2.5;
/// Variation of the square root of light that is noise: in all, and relative to the mean.
const NOISE: f64 = 0.015;
const RELATIVE_NOISE: f64 = 0.03;
/// How much of the shading of hair remains in the skin that replaces it.
const SHADING_LEFT: f64 = 0.25;

/// Why hair and skin cannot be told apart in a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// The photo shows too little of the area.
    Unseen,
    /// No bare skin is seen to compare the hair with.
    NoSkin,
    /// Hair and skin hardly differ in light.
    Alike,
}

/// Long hair over the scalp in a photo, told apart from the skin; all of it pixel by pixel.
pub struct LongHair {
    /// Linear light.
    pub(crate) lights: Vec<DVec3>,
    /// Width and height of the photo, px.
    pub(crate) size_px: [u32; 2],
    /// How far each pixel belongs to the hair in question, 0 to 1.
    pub(crate) shares: Vec<f64>,
    /// Millimetres per pixel at the middle of the head.
    pub(crate) mm_per_px: f64,
    /// How much each pixel of the hair in question is covered.
    pub(crate) covered: Vec<f64>,
    /// Share of the skin that is seen around each pixel.
    pub(crate) seen_around: Vec<f64>,
    /// The light of the skin at each pixel, with the pixel's own shading.
    pub(crate) skin: Vec<DVec3>,
    /// Brightness among the neighbours, standard deviations, and the variance of these.
    pub(crate) brightness: Vec<[f64; 2]>,
}

impl LongHair {
    /// Tells hair from skin. `shares` says for each pixel how far it belongs to the hair in question, 0 to 1;
    /// `forehead` is the tone of bare skin in the photo, if it is seen; `mm_per_px` is that at the middle of the head.
    ///
    /// # Errors
    /// [`Unclear`].
    pub fn new(photo: &Photo, shares: Vec<f64>, forehead: Option<Tone>, mm_per_px: f64) -> Result<Self, Unclear> {
        let reader = Reader::new(photo);
        let pixels = (0..shares.len()).into_par_iter();
        let lights: Vec<DVec3> = pixels.map(|at| DVec3::from(reader.light(at).map(f64::from))).collect();
        Self::told_apart(lights, photo.size_px(), shares, forehead, mm_per_px)
    }

    fn told_apart(
        lights: Vec<DVec3>,
        size_px: [u32; 2],
        shares: Vec<f64>,
        forehead: Option<Tone>,
        mm_per_px: f64,
    ) -> Result<Self, Unclear> {
        let (darkest, brightest) = extremes(&lights, &shares, forehead)?;
        let width = size_px[0] as usize;
        let blurred =
            |mm: f64, value: &(dyn Fn(usize) -> DVec4 + Sync)| blurred(lights.len(), width, mm / mm_per_px, value);
        let inside = |at: usize| if shares[at] > 0.0 { 1.0 } else { 0.0 };
        let mut hair = vec![darkest; lights.len()];
        let mut skin = vec![brightest; lights.len()];
        let mix = |hair: &[DVec3], skin: &[DVec3]| -> Vec<f64> {
            (0..lights.len()).into_par_iter().map(|at| seen(lights[at], hair[at], skin[at])).collect()
        };
        let mut seen = mix(&hair, &skin);
        for _ in 0..ROUNDS {
            let as_hair = |at: usize| lights[at].extend(1.0) * (inside(at) * (1.0 - seen[at]).powi(AS_HAIR));
            let as_skin = |at: usize| lights[at].extend(1.0) * (inside(at) * seen[at].powi(AS_SKIN));
            let all = (0..lights.len()).map(as_skin).sum::<DVec4>();
            let prior = BRIGHTEST_SKIN * (0..lights.len()).map(inside).sum::<f64>();
            let all = (all.truncate() + brightest * prior) / (all.w + prior);
            hair = blurred(HAIR_MM, &as_hair)
                .into_par_iter()
                .map(|sum| {
                    let mean = sum.truncate() / sum.w.max(1e-9);
                    let most = LIGHTEST_HAIR * luminance(darkest) / luminance(mean).max(1e-9);
                    darkest.lerp(mean * most.min(1.0), (sum.w / ENOUGH_HAIR).clamp(0.0, 1.0))
                })
                .collect();
            skin = blurred(SKIN_MM, &as_skin)
                .into_par_iter()
                .map(|sum| {
                    let mean = sum.truncate() / sum.w.max(1e-9);
                    all.lerp(mean, (sum.w / ENOUGH_SKIN).clamp(0.0, 1.0))
                        .clamp(brightest * SKIN_RANGE[0], brightest * SKIN_RANGE[1])
                })
                .collect();
            seen = mix(&hair, &skin);
        }
        let least = libm::exp(-FULL_LAYERS);
        let around = blurred(COVER_MM, &|at| DVec4::new(seen[at], 0.0, 0.0, 1.0) * inside(at));
        let seen_around = around.into_iter().map(|sum| (sum.x / sum.w.max(1e-9)).clamp(least, 1.0)).collect();
        let covered: Vec<f64> = (0..lights.len()).map(|at| inside(at) * (1.0 - seen[at]) + 1e-6).collect();
        // Brightness among what is covered around: the square root of light, in which noise is nearly even.
        let root = |at: usize| luminance(lights[at]).max(0.0).sqrt();
        let sums = blurred(NEIGHBOURS_MM, &|at| DVec4::new(root(at), root(at) * root(at), 0.0, 1.0) * covered[at]);
        let brightness = sums
            .into_par_iter()
            .enumerate()
            .map(|(at, sum)| {
                let mean = sum.x / sum.w;
                let (varies, noise) = ((sum.y / sum.w - mean * mean).max(0.0), NOISE.hypot(RELATIVE_NOISE * mean));
                let all = varies + noise * noise;
                [((root(at) - mean) / all.sqrt()).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS), varies / all]
            })
            .collect();
        let skin = (0..lights.len())
            .into_par_iter()
            .map(|at| {
                let expected = luminance(hair[at].lerp(skin[at], seen[at]));
                let shading = (luminance(lights[at]) / expected.max(1e-4)).clamp(0.7, 1.4);
                skin[at] * libm::pow(shading, SHADING_LEFT + (1.0 - SHADING_LEFT) * seen[at])
            })
            .collect();
        Ok(Self { lights, size_px, shares, mm_per_px, covered, seen_around, skin, brightness })
    }

    /// Mean layers of hair over the area, from 0 for bare skin to [`FULL_LAYERS`], beyond which they cannot be told
    /// apart.
    #[must_use]
    pub fn layers(&self) -> f64 {
        let all: f64 = self.shares.iter().sum();
        let layers = self.seen_around.iter().zip(&self.shares).map(|(seen, share)| -libm::log(*seen) * share);
        layers.sum::<f64>() / all.max(1e-9)
    }
}

pub(crate) fn luminance(light: DVec3) -> f64 {
    luminance_f64(light.to_array())
}

/// The light of what is surely hair in the area, and that of the brightest skin.
fn extremes(lights: &[DVec3], shares: &[f64], forehead: Option<Tone>) -> Result<(DVec3, DVec3), Unclear> {
    let mut area: Vec<DVec3> =
        lights.iter().zip(shares).filter(|(_, share)| **share > 0.5).map(|(light, _)| *light).collect();
    if area.len() < FEWEST_PX {
        return Err(Unclear::Unseen);
    }
    area.sort_by(|a, b| luminance(*a).total_cmp(&luminance(*b)));
    let mean = |some: &[DVec3]| some.iter().sum::<DVec3>() / some.len().max(1) as f64;
    let share = |of: f64| (of * area.len() as f64) as usize;
    let hair = mean(&area[..share(SURELY_HAIR)]);
    // Seen from above, hair may hang over the forehead, so the parting counts, too; specular light may be as bright as
    // that.
    let reddish: Vec<DVec3> = area.iter().copied().filter(|light| light.x >= SKIN_RED * light.z).collect();
    let parting = reddish.len().checked_sub(share(SURELY_SKIN)).map(|from| mean(&reddish[from..]));
    let skin = forehead.map(|Tone(light)| DVec3::from(light)).into_iter().chain(parting);
    let skin = skin.max_by(|a, b| luminance(*a).total_cmp(&luminance(*b))).ok_or(Unclear::NoSkin)?;
    if luminance(skin) >= LEAST_CONTRAST * luminance(hair) {
        return Ok((hair, skin));
    }
    Err(if forehead.is_some() { Unclear::Alike } else { Unclear::NoSkin })
}

/// Share of the skin that is seen in a pixel: the light between that of hair and that of skin, once specular light,
/// which is white, is set apart.
fn seen(light: DVec3, hair: DVec3, skin: DVec3) -> f64 {
    let (rest, towards) = (light - hair, skin - hair);
    let (along, specular) = (rest.dot(towards), rest.element_sum());
    let (length, white, common) = (towards.length_squared().max(1e-9), 3.0, towards.element_sum());
    let determinant = (length * white - common * common).max(1e-9);
    let is_specular = length * specular - common * along > 0.0;
    let seen = if is_specular { (along * white - specular * common) / determinant } else { along / length };
    seen.clamp(0.0, 1.0)
}

/// Values blurred by nearly a Gaussian with this standard deviation, px.
pub(crate) fn blurred(
    count: usize,
    width: usize,
    sigma_px: f64,
    value: &(dyn Fn(usize) -> DVec4 + Sync),
) -> Vec<DVec4> {
    let reach = (sigma_px - 0.5).round().max(1.0) as usize;
    let mean = |sum: DVec4| sum / (2 * reach + 1) as f64;
    blurred_by_boxes(&(0..count).into_par_iter().map(value).collect::<Vec<_>>(), width, reach, mean)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const SIDE: usize = 320;
    pub(crate) const MM_PER_PX: f64 = 0.25;
    pub(crate) const FOREHEAD: Tone = Tone([0.50, 0.33, 0.25]);
    pub(crate) const BROWN: DVec3 = DVec3::new(0.050, 0.035, 0.025);

    /// Light of strands on skin, and the share of the skin that is seen: `keep` of `strands` per mm2, each as wide as
    /// given and 40 mm long, of slightly different light and direction.
    pub(crate) fn strands(per_mm2: f64, width_mm: f64, keep: f64, hair: DVec3) -> (Vec<DVec3>, f64) {
        const FINE: usize = 3;
        let side = SIDE * FINE;
        let px_per_mm = FINE as f64 / MM_PER_PX;
        let mut state = 12_345_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        let mut covered = vec![0.0; side * side];
        let around = 1.6;
        let count = per_mm2 * (around * SIDE as f64 * MM_PER_PX).powi(2);
        for _ in 0..count as usize {
            let [x, y, turn, shade, rank] = [(); 5].map(|()| random());
            if rank >= keep {
                continue;
            }
            let middle = DVec3::new(x, y, 0.0) * around * side as f64 - 0.3 * side as f64;
            let (sin, cos) = libm::sincos(0.6 + 0.7 * (turn - 0.5));
            let (half, wide) = (20.0 * px_per_mm, (width_mm * px_per_mm).round() as i32);
            for along in -(half as i32)..half as i32 {
                for across in 0..wide {
                    let (along, across) = (f64::from(along), f64::from(across));
                    let (x, y) = (middle.x + along * cos - across * sin, middle.y + along * sin + across * cos);
                    if x >= 0.0 && y >= 0.0 && x < side as f64 && y < side as f64 {
                        covered[y as usize * side + x as usize] = 0.6 + 0.8 * shade;
                    }
                }
            }
        }
        let fine = |x: usize, y: usize| match covered[y * side + x] {
            0.0 => DVec3::from(FOREHEAD.0),
            shade => hair * shade,
        };
        let pixel = |at: usize| {
            let (x, y) = (at % SIDE * FINE, at / SIDE * FINE);
            (0..FINE * FINE).map(|k| fine(x + k % FINE, y + k / FINE)).sum::<DVec3>() / (FINE * FINE) as f64
        };
        let seen = covered.iter().filter(|shade| **shade == 0.0).count() as f64 / covered.len() as f64;
        ((0..SIDE * SIDE).map(pixel).collect(), seen)
    }

    /// Hair is thinned in all but the leftmost quarter, and fully from the middle on.
    pub(crate) fn shares() -> Vec<f64> {
        (0..SIDE * SIDE).map(|at| ((at % SIDE) as f64 / SIDE as f64 * 4.0 - 1.0).clamp(0.0, 1.0)).collect()
    }

    pub(crate) fn told_apart(lights: Vec<DVec3>, forehead: Option<Tone>) -> Result<LongHair, Unclear> {
        LongHair::told_apart(lights, [SIDE as u32; 2], shares(), forehead, MM_PER_PX)
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let blond = DVec3::new(0.40, 0.28, 0.18);
        let (lights, _) = strands(0.3, 0.25, 1.0, blond);
        assert_eq!(told_apart(lights, Some(FOREHEAD)).err(), Some(Unclear::Alike));
        // Dark hair that reflects a lamp, and covers everything.
        let specular = |at: usize| if at.is_multiple_of(40) { DVec3::splat(0.2) } else { DVec3::splat(0.03) };
        let dark: Vec<DVec3> = (0..SIDE * SIDE).map(specular).collect();
        assert_eq!(told_apart(dark.clone(), None).err(), Some(Unclear::NoSkin));
        let covered = told_apart(dark, Some(FOREHEAD)).unwrap();
        assert!(covered.layers() > 3.5, "specular light is not skin: {:.2} layers", covered.layers());
        let none = LongHair::told_apart(vec![BROWN; SIDE * SIDE], [SIDE as u32; 2], vec![0.0; SIDE * SIDE], None, 0.25);
        assert_eq!(none.err(), Some(Unclear::Unseen));
    }
}
