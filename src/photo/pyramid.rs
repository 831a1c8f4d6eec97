//! A photo as a screen shows it: 8-bit sRGB sample values, halved repeatedly, so that displaying it small is cheap.
//!
//! Level 0 has the photo's own pixels, level k one pixel for every 2^k x 2^k of them (their mean in linear light;
//! incomplete blocks at the rim are averaged over the pixels they have). Splats and specular light scale accordingly. A
//! zoom is drawn from the coarsest level that is at least as fine as the screen, so that the sampler never skips
//! pixels.
//!
//! Limitation: dots are drawn on the mean of pixels, rather than on each pixel before averaging. Both are the same
//! where losses are small against 1, as they are at the scales at which levels are used.

use std::sync::Arc;

use super::pixels::Photo;
use super::reader::Reader;
use super::samples::Samples;
use crate::ground::colour::ColourSpace;
use crate::ground::samples::{Encode, Sample};

/// Index of the coarsest level, at which a 48-megapixel photo is 504 pixels wide.
pub(crate) const COARSEST: u32 = 4;

/// A photo at every level: an image pyramid.
#[derive(Debug, Clone)]
pub struct Pyramid {
    original: Arc<Photo>,
    photos: Vec<Arc<Photo>>,
}

impl Pyramid {
    /// Converts and halves the photo. Costs two passes over it, and memory for 4/3 of its pixels at 3 bytes each in
    /// addition to the photo itself (which serves as level 0 if possible).
    #[must_use]
    pub fn new(original: Photo) -> Self {
        let original = Arc::new(original);
        let mut photos = vec![srgb(&original).map_or_else(|| Arc::clone(&original), Arc::new)];
        for level in 0..COARSEST as usize {
            let next = halved(&photos[level]);
            photos.push(Arc::new(next));
        }
        Self { original, photos }
    }

    /// Memory used by the pixels of all levels and of the photo itself, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let original = if Arc::ptr_eq(&self.original, &self.photos[0]) { 0 } else { self.original.bytes() };
        original + self.photos.iter().map(|photo| photo.bytes()).sum::<usize>()
    }

    /// The photo itself, at full depth and in its own colour space: estimates about a client are made from this, never
    /// from a level.
    #[must_use]
    pub fn original(&self) -> &Arc<Photo> {
        &self.original
    }

    /// The photo at a level; the coarsest one beyond [`COARSEST`].
    #[must_use]
    pub fn photo(&self, level: u32) -> &Arc<Photo> {
        &self.photos[(level as usize).min(self.photos.len() - 1)]
    }
}

/// The level from which a zoom (screen pixels per photo pixel) is drawn.
#[must_use]
pub fn level_for_zoom(zoom: f64) -> u32 {
    (0..=COARSEST).rev().find(|&level| f64::from(1_u32 << level) * zoom <= 1.0 + 1e-9).unwrap_or(0)
}

/// The same light in 8-bit sRGB sample values without opacity; `None` if the photo is that already.
fn srgb(photo: &Photo) -> Option<Photo> {
    let plain = photo.alpha().is_none() && **photo.colour() == ColourSpace::srgb();
    if plain && matches!(photo.samples(), Samples::U8(_)) {
        return None;
    }
    let [width, height] = photo.size_px();
    let reader = Reader::new(photo);
    let (_, encoder) = <u8 as Sample>::srgb();
    let mut srgb = Photo::from_rows(width, height, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let light = reader.light(y * width as usize + x);
            *pixel = light.map(|light| encoder.as_ref().map_or(0, |e| e.encode(light)));
        }
    });
    srgb.0.grey = photo.is_grey();
    Some(srgb)
}

/// Half the width and height, rounded up.
#[must_use]
pub fn halved(photo: &Photo) -> Photo {
    let reader = Reader::new(photo);
    let plain = reader.plain();
    let (_, encoder) = <u8 as Sample>::srgb();
    let encode = |light: f32| encoder.as_ref().map_or(0, |e| e.encode(light));
    let [from_width, from_height] = photo.size_px().map(|side| side as usize);
    let mut half = Photo::from_rows(photo.width().div_ceil(2), photo.height().div_ceil(2), |y, row| {
        let rows = 2 * y..(2 * y + 2).min(from_height);
        // Nearly every pixel of nearly every photo: four pixels of 8 bits whose sample values are light by themselves.
        let mut done = 0;
        if let (Some((samples, lights)), 2) = (&plain, rows.len()) {
            let (upper, lower) = samples[6 * y * from_width..][..6 * from_width].split_at(3 * from_width);
            let squares = upper.as_chunks::<6>().0.iter().zip(lower.as_chunks::<6>().0);
            for (pixel, (upper, lower)) in row.iter_mut().zip(squares) {
                *pixel = std::array::from_fn(|c| {
                    let light = |row: &[u8; 6], at: usize| lights[c][usize::from(row[at + c])];
                    let sum = light(upper, 0) + light(upper, 3) + light(lower, 0) + light(lower, 3);
                    encode(sum / 4.0)
                });
                done += 1;
            }
        }
        for (x, pixel) in row.iter_mut().enumerate().skip(done) {
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
            *pixel = sum.map(|sum| encode(sum / count));
        }
    });
    half.0.grey = photo.is_grey();
    half
}

#[cfg(test)]
mod tests {
    use super::super::pixels::Parts;
    use super::*;

    #[test]
    fn halving_takes_the_mean_of_light_and_keeps_the_rim() {
        // Black and white side by side: half the light is sample value 188.
        let row = [0_u8, 0, 0, 255, 255, 255, 90, 100, 110];
        let half = halved(&Photo::from_srgb(3, 1, row.to_vec()).unwrap());
        assert_eq!(half.size_px(), [2, 1]);
        assert_eq!(half.samples(), &Samples::U8(vec![188, 188, 188, 90, 100, 110]));
    }

    #[test]
    fn eight_bits_are_halved_like_sixteen() {
        // An odd width and height, so that the rim is in it.
        let samples: Vec<u8> = (0..3 * 7 * 5_u32).map(|k| (k * k * 31 % 251) as u8).collect();
        let plain = Photo::from_srgb(7, 5, samples.clone()).unwrap();
        let deep = Samples::U16(samples.iter().map(|sample| u16::from(*sample) * 257).collect());
        let deep = Photo::from_parts(Parts { samples: deep, ..plain.clone().into_parts() }).unwrap();
        assert_eq!(halved(&plain).samples(), halved(&deep).samples());
    }

    #[test]
    fn the_photo_itself_is_kept_once_in_its_own_depth() {
        let plain = Photo::from_srgb(2, 1, vec![200, 150, 120, 10, 20, 30]).unwrap();
        let pyramid = Pyramid::new(plain.clone());
        assert_eq!((&**pyramid.original(), &**pyramid.photo(0)), (&plain, &plain));
        assert_eq!(pyramid.bytes(), 6 + 4 * 3);
        // Between two 8-bit sample values.
        let deep = Samples::U16(vec![51_500, 38_600, 30_900, 2_600, 5_200, 7_800]);
        let deep = Photo::from_parts(Parts { samples: deep, ..plain.clone().into_parts() }).unwrap();
        let pyramid = Pyramid::new(deep.clone());
        assert_eq!((&**pyramid.original(), &**pyramid.photo(0)), (&deep, &plain));
        assert_eq!(pyramid.bytes(), 12 + 6 + 4 * 3);
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
