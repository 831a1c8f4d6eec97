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

use rayon::prelude::*;

use super::compositor::CompositeError;
use super::difference::Reader;
use crate::ground::codes::{Code, Encode};
use crate::photo::{Photo, Samples};

/// Coarsest level: a 48-megapixel photo is 504 pixels wide there.
pub const COARSEST: u32 = 4;

/// A photo at every level.
#[derive(Debug, Clone)]
pub struct Levels {
    photos: Vec<Arc<Photo>>,
}

impl Levels {
    /// Converts and halves the photo. Costs two passes over it; memory of 4/3 of its pixels at 3 bytes each.
    ///
    /// # Errors
    /// [`CompositeError`] where the photo contradicts itself.
    pub fn new(photo: &Photo) -> Result<Self, CompositeError> {
        let mut photos = vec![Arc::new(srgb(photo)?)];
        for level in 0..COARSEST as usize {
            let next = halved(&photos[level])?;
            photos.push(Arc::new(next));
        }
        Ok(Self { photos })
    }

    /// Memory that the pixels of all levels take, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.photos.iter().map(|photo| photo.width as usize * photo.height as usize * 3).sum()
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
fn srgb(photo: &Photo) -> Result<Photo, CompositeError> {
    let plain = Photo::from_srgb(photo.width, photo.height, Vec::new());
    if photo.colour == plain.colour
        && let Samples::U8(codes) = &photo.samples
    {
        return Ok(Photo { samples: Samples::U8(codes.clone()), grey: photo.grey, ..plain });
    }
    let reader = Reader::new(photo)?;
    let (_, encoder) = <u8 as Code>::srgb();
    let width = photo.width as usize;
    let mut codes = vec![0_u8; width * photo.height as usize * 3];
    codes.par_chunks_mut((width * 3).max(1)).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *pixel = reader.light(y * width + x).map(|light| encoder.as_ref().map_or(0, |e| e.encode(light)));
        }
    });
    Ok(Photo { samples: Samples::U8(codes), grey: photo.grey, ..plain })
}

/// Half as wide and half as high, rounded up.
///
/// # Errors
/// [`CompositeError`] where the photo contradicts itself.
pub fn halved(photo: &Photo) -> Result<Photo, CompositeError> {
    let reader = Reader::new(photo)?;
    let (_, encoder) = <u8 as Code>::srgb();
    let (from_width, from_height) = (photo.width as usize, photo.height as usize);
    let (width, height) = (from_width.div_ceil(2), from_height.div_ceil(2));
    let mut codes = vec![0_u8; width * height * 3];
    codes.par_chunks_mut((width * 3).max(1)).enumerate().for_each(|(y, row)| {
        let rows = 2 * y..(2 * y + 2).min(from_height);
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
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
    let mut half = Photo::from_srgb(width as u32, height as u32, codes);
    half.grey = photo.grey;
    Ok(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::splat::{Splat, Splats};

    #[test]
    fn halving_takes_the_mean_of_light_and_keeps_the_rim() {
        // Black and white side by side: half the light is code 188.
        let row = [0_u8, 0, 0, 255, 255, 255, 90, 100, 110];
        let half = halved(&Photo::from_srgb(3, 1, row.to_vec())).unwrap();
        assert_eq!((half.width, half.height), (2, 1));
        assert_eq!(half.samples, Samples::U8(vec![188, 188, 188, 90, 100, 110]));
    }

    #[test]
    fn the_level_is_the_coarsest_that_is_fine_enough() {
        for (zoom, level) in
            [(4.0, 0), (1.0, 0), (0.6, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.1, 3), (0.06, 4), (0.01, 4)]
        {
            assert_eq!(level_for_zoom(zoom), level, "zoom {zoom}");
        }
    }

    #[test]
    fn a_level_of_dots_on_skin_is_the_level_of_the_picture() {
        use crate::render::compositor::composite;
        use crate::render::gloss::Gloss;
        let skin = Photo::from_srgb(160, 160, [200, 160, 140].repeat(160 * 160));
        let dots: Vec<Splat> = (0..400_u16)
            .map(|k| Splat {
                x_px: f32::from(k % 20) * 8.0 + f32::from(k * 7 % 5),
                y_px: f32::from(k / 20) * 8.0 + f32::from(k * 3 % 5),
                sigma_major_px: 1.4,
                sigma_minor_px: 1.0,
                axis: [0.6, 0.8],
                loss_px2: [5.0, 4.0, 3.0],
            })
            .collect();
        let splats = Splats::new(dots);
        let mut full = skin.clone();
        composite(&mut full, &splats, &Gloss::None).unwrap();
        let (mut expected, mut photo) = (full, skin);
        for level in 1..=3 {
            (expected, photo) = (halved(&expected).unwrap(), halved(&photo).unwrap());
            let mut got = photo.clone();
            composite(&mut got, &splats.at_level(level), &Gloss::None).unwrap();
            let (Samples::U8(a), Samples::U8(b)) = (&got.samples, &expected.samples) else { panic!("8 bits") };
            let worst = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(2), "level {level}: {worst:?}");
        }
    }
}
