//! The linear light of a photo's pixels, whatever their depth and colour space.

use std::sync::{Arc, OnceLock};

use super::pixels::Photo;
use super::samples::Samples;
use crate::ground::colour::{TransferCurve, transform};

/// Reads pixels as linear light with sRGB primaries. Creating a reader costs one power for each possible sample value:
/// once per process for sRGB, and once per reader for other curves.
///
/// Pixels are indexed row by row; an index beyond the last pixel is a mistake of the caller and panics, as with slices.
#[derive(Debug)]
pub struct Reader<'a> {
    samples: &'a Samples,
    /// Light by sample value, for red, green, blue.
    lights: [Arc<[f64]>; 3],
    linear_srgb_from_own: Option<&'a [[f32; 3]; 3]>,
}

impl<'a> Reader<'a> {
    /// A reader for all pixels of a photo.
    #[must_use]
    pub fn new(photo: &'a Photo) -> Self {
        let samples = photo.samples();
        let curves = photo.colour().curves();
        let lights = curves.each_ref().map(|curve| lights(curve, samples));
        Self { samples, lights, linear_srgb_from_own: photo.colour().matrices().map(|m| &m.linear_srgb_from_own) }
    }

    /// Linear sRGB of a pixel.
    #[inline(always)]
    #[must_use]
    pub fn light(&self, pixel: usize) -> [f32; 3] {
        let own = self.own_light(pixel).map(|light| light as f32);
        self.linear_srgb_from_own.map_or(own, |matrix| transform(matrix, own))
    }

    /// Sample values of 8 bits, and the linear sRGB of each by channel, if the photo is as simple as that.
    #[must_use]
    pub(crate) fn plain(&self) -> Option<(&'a [u8], [Vec<f32>; 3])> {
        match self.samples {
            Samples::U8(samples) if self.linear_srgb_from_own.is_none() => {
                let lights = self.lights.each_ref().map(|lights| lights.iter().map(|light| *light as f32).collect());
                Some((samples, lights))
            }
            _ => None,
        }
    }

    /// The photo's own linear light, exact: for means, which [`Self::linear_srgb`] then converts to linear sRGB.
    #[inline(always)]
    #[must_use]
    pub(crate) fn own_light(&self, pixel: usize) -> [f64; 3] {
        let lights = &self.lights;
        match self.samples {
            Samples::U8(samples) => {
                let [r, g, b] = of_pixel(samples, pixel).map(usize::from);
                [lights[0][r], lights[1][g], lights[2][b]]
            }
            Samples::U16(samples) => {
                let [r, g, b] = of_pixel(samples, pixel).map(usize::from);
                [lights[0][r], lights[1][g], lights[2][b]]
            }
        }
    }

    /// Linear sRGB from the photo's own linear light.
    #[inline(always)]
    #[must_use]
    pub(crate) fn linear_srgb(&self, own: [f64; 3]) -> [f64; 3] {
        match self.linear_srgb_from_own {
            Some(matrix) => transform(matrix, own.map(|light| light as f32)).map(f64::from),
            None => own,
        }
    }

    /// Sample values of a pixel, scaled to 16 bits.
    #[inline(always)]
    #[must_use]
    pub fn samples(&self, pixel: usize) -> [u16; 3] {
        match self.samples {
            Samples::U8(samples) => of_pixel(samples, pixel).map(|sample| u16::from(sample) * 257),
            Samples::U16(samples) => of_pixel(samples, pixel),
        }
    }
}

#[inline(always)]
fn of_pixel<C: Copy>(samples: &[C], pixel: usize) -> [C; 3] {
    [samples[3 * pixel], samples[3 * pixel + 1], samples[3 * pixel + 2]]
}

/// Linear light of every sample value of this depth.
fn lights(curve: &TransferCurve, depth: &Samples) -> Arc<[f64]> {
    static SRGB: [OnceLock<Arc<[f64]>>; 2] = [OnceLock::new(), OnceLock::new()];
    let (largest, srgb) = match depth {
        Samples::U8(_) => (u32::from(u8::MAX), &SRGB[0]),
        Samples::U16(_) => (u32::from(u16::MAX), &SRGB[1]),
    };
    let table =
        || (0..=largest).map(|sample| curve.light_from_fraction(f64::from(sample) / f64::from(largest))).collect();
    match curve {
        TransferCurve::Srgb => Arc::clone(srgb.get_or_init(table)),
        TransferCurve::Table(_) => table(),
    }
}
