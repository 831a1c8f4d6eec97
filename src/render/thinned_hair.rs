//! Thins long hair in a photo, to show the head after further hair loss between hair that stays.
//!
//! Hair lies over the scalp in random layers, of which [`LongHair`] estimates how much of the skin is seen between
//! them: a share T. If a share k of the hairs is left, T becomes T^k.
//!
//! It cannot be known which hairs will be lost. Each pixel turns to skin by an amount that grows with its brightness
//! among its neighbours: brighter means thinner cover or the rim of a strand. So the strands of the photo stay where
//! they are and become fewer and finer, as hair does that miniaturises, and over a few millimetres the mean is that of
//! T^k. Nothing is drawn.

use glam::{DVec3, DVec4};
use rayon::prelude::*;

use super::lost_hair::ShownScalp;
use crate::ground::samples::{Encode, Sample};
use crate::photo::Photo;
use crate::reading::long_hair::{COVER_MM, LongHair, blurred};

/// How strongly a pixel's brightness among its neighbours, in standard deviations, decides whether it turns to skin.
const BY_BRIGHTNESS: f64 = 1.2;
/// Cosines between the camera and the skin's normal from which hair starts to be thinned, and is thinned in full:
/// towards the rim of the head, hair stands off the skin, and the model of the head does not know how far.
const RIM: [f64; 2] = [0.15, 0.4];
/// Rounds of correcting the amount by which pixels turn to skin until its mean is right, and how far each goes.
const CORRECTIONS: usize = 2;
const CORRECTED: f64 = 1.3;
/// Least share that is turned to skin; less would change no sample value.
const LEAST: f64 = 1e-3;

/// How far each pixel of a photo of this size takes part in the thinning, 0 to 1: `share` says it for a place of the
/// scalp.
#[must_use]
pub fn shares(scalp: &ShownScalp, [width, height]: [u32; 2], share: impl Fn(DVec3) -> f64 + Sync) -> Vec<f64> {
    let (width, height) = (width as usize, height as usize);
    let shown = scalp.hair(|place, facing| {
        let t = ((facing - RIM[0]) / (RIM[1] - RIM[0])).clamp(0.0, 1.0);
        [1.0, 1.0 - share(place) * t * t * (3.0 - 2.0 * t)]
    });
    (0..width * height)
        .into_par_iter()
        .map(|at| shown.at(at % width, at / width).map_or(0.0, |[all, left]| all - left))
        .collect()
}

/// The photo when this share of the hairs is left where all of the hair takes part in the thinning.
#[must_use]
pub fn thinned(hair: &LongHair, left: f64) -> Photo {
    let [width, height] = hair.size_px;
    let (_, encoder) = <u8 as Sample>::srgb();
    let turned = turned(hair, left);
    Photo::from_rows(width, height, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = y * width as usize + x;
            let light = hair.lights[at].lerp(hair.skin[at], turned[at]);
            *pixel = light.to_array().map(|l| encoder.as_ref().map_or(0, |encoder| encoder.encode(l as f32)));
        }
    })
}

/// Share of each pixel that turns to skin when this share of the hairs is left.
fn turned(hair: &LongHair, left: f64) -> Vec<f64> {
    // The mean of what is covered around: from T to T^k.
    let wanted: Vec<f64> = hair
        .seen_around
        .par_iter()
        .zip(&hair.shares)
        .map(|(before, share)| {
            let after = libm::pow(*before, 1.0 - share * (1.0 - left));
            (after - before) / (1.0 - before).max(1e-6)
        })
        .collect();
    // A logistic function of a normally distributed brightness has nearly the wanted mean if its argument is widened so
    // (MacKay 1992, Neural Computation 4:720); brightness is not quite normally distributed.
    let widened = |at: usize| {
        let [_, variance] = hair.brightness[at];
        (1.0 + std::f64::consts::PI / 8.0 * BY_BRIGHTNESS * BY_BRIGHTNESS * variance).sqrt() * odds(wanted[at])
    };
    let mut offsets: Vec<f64> = (0..wanted.len()).into_par_iter().map(widened).collect();
    let turned =
        |offsets: &[f64], at: usize| 1.0 / (1.0 + libm::exp(-offsets[at] - BY_BRIGHTNESS * hair.brightness[at][0]));
    for _ in 0..CORRECTIONS {
        let made = blurred(wanted.len(), hair.size_px[0] as usize, COVER_MM / hair.mm_per_px, &|at| {
            DVec4::new(turned(&offsets, at), 0.0, 0.0, 1.0) * hair.covered[at]
        });
        let corrected = |(at, offset): (usize, &mut f64)| {
            *offset += CORRECTED * (odds(wanted[at]) - odds(made[at].x / made[at].w));
        };
        offsets.par_iter_mut().enumerate().for_each(corrected);
    }
    let result = |at: usize| if wanted[at] < LEAST { 0.0 } else { turned(&offsets, at) };
    (0..wanted.len()).into_par_iter().map(result).collect()
}

/// Logarithm of the odds of a share.
fn odds(share: f64) -> f64 {
    let share = share.clamp(LEAST, 1.0 - LEAST);
    libm::log(share / (1.0 - share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Reader;
    use crate::reading::long_hair::luminance;
    use crate::reading::long_hair::tests::{BROWN, FOREHEAD, SIDE, shares, strands, told_apart};

    /// Mean luminance where hair is thinned fully, away from the rim.
    fn mean(light: impl Fn(usize) -> DVec3) -> f64 {
        let inside = (0..SIDE * SIDE).filter(|at| (SIDE / 2 + 20..SIDE - 20).contains(&(at % SIDE)));
        let lights: Vec<f64> = inside.map(|at| luminance(light(at))).collect();
        lights.iter().sum::<f64>() / lights.len() as f64
    }

    #[test]
    fn thinned_hair_is_as_light_as_fewer_strands_are() {
        // Hairs finer than a pixel, strands as wide as one, and strands of four pixels, of which there are too few for
        // an exact truth. What is shown errs by 2 to 8 % towards less skin.
        for (per_mm2, width_mm, most_off) in
            [(0.4, 0.1, 0.08), (0.8, 0.1, 0.08), (0.2, 0.25, 0.09), (0.3, 0.25, 0.08), (0.03, 1.0, 0.13)]
        {
            let (lights, seen) = strands(per_mm2, width_mm, 1.0, BROWN);
            let before = mean(|at| lights[at]);
            let hair = told_apart(lights, Some(FOREHEAD)).unwrap();
            let mut last = before;
            for keep in [0.67, 0.33, 0.07] {
                let (fewer, _) = strands(per_mm2, width_mm, keep, BROWN);
                let photo = thinned(&hair, keep);
                let reader = Reader::new(&photo);
                let shown = mean(|at| DVec3::from(reader.light(at).map(f64::from)));
                let truth = mean(|at| fewer[at]);
                assert!((shown / truth - 1.0).abs() < most_off, "{width_mm} mm, {keep}: {shown:.3} against {truth:.3}");
                assert!(shown > last, "less hair is lighter");
                last = shown;
            }
            let truth = -libm::log(seen);
            assert!((hair.layers() - truth).abs() < 0.35, "{} layers, truly {truth}", hair.layers());
        }
    }

    #[test]
    fn hair_outside_the_area_stays_as_it_is_to_the_byte() {
        let (lights, _) = strands(0.3, 0.25, 1.0, BROWN);
        let (_, encoder) = <u8 as Sample>::srgb();
        let encoder = encoder.unwrap();
        let before = Photo::from_rows(SIDE as u32, SIDE as u32, |y, row| {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = lights[y * SIDE + x].to_array().map(|l| encoder.encode(l as f32));
            }
        });
        let reader = Reader::new(&before);
        let lights = (0..SIDE * SIDE).map(|at| DVec3::from(reader.light(at).map(f64::from))).collect();
        let after = thinned(&told_apart(lights, Some(FOREHEAD)).unwrap(), 0.1);
        let after = Reader::new(&after);
        let shares = shares();
        for at in (0..SIDE * SIDE).filter(|at| shares[*at] == 0.0) {
            assert_eq!(reader.samples(at), after.samples(at), "pixel {at}");
        }
        let changed = (0..SIDE * SIDE).filter(|at| reader.samples(*at) != after.samples(*at)).count();
        assert!(changed > SIDE * SIDE / 2, "{changed} pixels changed");
    }
}
