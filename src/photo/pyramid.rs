//! A photo as a screen shows it: 8-bit sRGB codes, halved again and again, so that a picture that is shown small costs
//! little.
//!
//! Level 0 has the photo's own pixels, level k a pixel for every 2^k x 2^k of them (their mean in linear light; a rim
//! of fewer is the mean of what is there). Splats and gloss scale with it. A zoom is shown from the coarsest level that
//! is at least as fine as the screen, so that the sampler never skips pixels.
//!
//! What a level cannot show: dots are put on the mean of the pixels, not on each before the mean is taken. Both are
//! the same where losses are small against 1, which they are on the scale at which levels are used.

use std::sync::Arc;

use super::{Photo, Reader, Samples};
use crate::ground::codes::{Code, Encode};
use crate::ground::colour::ColourSpace;

/// Coarsest level: a 48-megapixel photo is 504 pixels wide there.
pub const COARSEST: u32 = 4;

/// A photo at every level: an image pyramid.
#[derive(Debug, Clone)]
pub struct Pyramid {
    photos: Vec<Arc<Photo>>,
}

impl Pyramid {
    /// Converts and halves the photo. Costs two passes over it; memory of 4/3 of its pixels at 3 bytes each.
    #[must_use]
    pub fn new(photo: &Photo) -> Self {
        let mut photos = vec![Arc::new(srgb(photo))];
        for level in 0..COARSEST as usize {
            let next = halved(&photos[level]);
            photos.push(Arc::new(next));
        }
        Self { photos }
    }

    /// Memory that the pixels of all levels take, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.photos.iter().map(|photo| photo.samples().len()).sum()
    }

    /// The photo at a level; the coarsest one beyond [`COARSEST`].
    #[must_use]
    pub fn photo(&self, level: u32) -> &Arc<Photo> {
        &self.photos[(level as usize).min(self.photos.len() - 1)]
    }
}

/// The level from which a zoom (screen pixels for a pixel of the photo) is shown.
#[must_use]
pub fn level_for_zoom(zoom: f64) -> u32 {
    (0..=COARSEST).rev().find(|&level| f64::from(1_u32 << level) * zoom <= 1.0 + 1e-9).unwrap_or(0)
}

/// The same light in 8-bit sRGB codes.
fn srgb(photo: &Photo) -> Photo {
    let [width, height] = photo.size_px();
    let own = match photo.samples() {
        Samples::U8(codes) if **photo.colour() == ColourSpace::srgb() => Some(codes.as_chunks::<3>().0),
        _ => None,
    };
    let reader = Reader::new(photo);
    let (_, encoder) = <u8 as Code>::srgb();
    let mut srgb = Photo::from_rows(width, height, |y, row| {
        let start = y * width as usize;
        if let Some(own) = own {
            return row.copy_from_slice(&own[start..][..row.len()]);
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = reader.light(start + x).map(|light| encoder.as_ref().map_or(0, |e| e.encode(light)));
        }
    });
    srgb.0.grey = photo.is_grey();
    srgb
}

/// Half as wide and half as high, rounded up.
#[must_use]
pub fn halved(photo: &Photo) -> Photo {
    let reader = Reader::new(photo);
    let (_, encoder) = <u8 as Code>::srgb();
    let [from_width, from_height] = photo.size_px().map(|side| side as usize);
    let mut half = Photo::from_rows(photo.width().div_ceil(2), photo.height().div_ceil(2), |y, row| {
        let rows = 2 * y..(2 * y + 2).min(from_height);
        for (x, pixel) in row.iter_mut().enumerate() {
            let columns = 2 * x..(2 * x + 2).min(from_width);
            let mut sum = [0.0_f32; 3];
            for y in rows.clone() {
                for x in columns.clone() {
                    let light = reader.light(y * from_width + x);
                    for (sum, light) in sum.iter_mut().zip(light) {
                        *sum += light;
                    }
                }
            }
            let count = (rows.len() * columns.len()) as f32;
            *pixel = sum.map(|sum| encoder.as_ref().map_or(0, |e| e.encode(sum / count)));
        }
    });
    half.0.grey = photo.is_grey();
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_takes_the_mean_of_light_and_keeps_the_rim() {
        // Black and white side by side: half the light is code 188.
        let row = [0_u8, 0, 0, 255, 255, 255, 90, 100, 110];
        let half = halved(&Photo::from_srgb(3, 1, row.to_vec()).unwrap());
        assert_eq!(half.size_px(), [2, 1]);
        assert_eq!(half.samples(), &Samples::U8(vec![188, 188, 188, 90, 100, 110]));
    }

    #[test]
    fn the_level_is_the_coarsest_that_is_fine_enough() {
        for (zoom, level) in
            [(4.0, 0), (1.0, 0), (0.6, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.1, 3), (0.06, 4), (0.01, 4)]
        {
            assert_eq!(level_for_zoom(zoom), level, "zoom {zoom}");
        }
    }
}
