//! A photo as the networks see it: reduced in size, and cut into square parts that are turned with the face.

use glam::DVec2;
use rayon::prelude::*;

use crate::photo::{Photo, Samples};

/// Longest side of the finest level, px: half a millimetre per pixel if the photo shows a metre, which is finer than
/// the networks resolve.
const LONGEST_PX: u32 = 2048;
/// The shorter side of the coarsest level is at least this, px.
const SMALLEST_PX: usize = 256;

/// A photo as a pyramid of levels, each half the size of the one before. Sample values are read as sRGB whatever the
/// photo's profile is: the networks were trained on what cameras write.
pub(super) struct ReducedPhoto {
    levels: Vec<Level>,
    /// Width and height of the photo, px.
    pub(super) size_px: DVec2,
}

struct Level {
    width: usize,
    height: usize,
    /// Photo pixels per pixel of this level.
    scale: f64,
    rgb: Vec<[u8; 3]>,
}

/// A rectangle of the photo, turned about its middle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Middle, px.
    pub(super) middle: DVec2,
    /// Width and height, px.
    pub(super) size: DVec2,
    /// Angle of its upper edge, from the photo's x towards y, radians.
    pub(super) roll: f64,
}

/// What surrounds a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Around {
    /// Black.
    Nothing,
    /// The nearest pixel of its border.
    Border,
}

impl Part {
    /// A square.
    pub(super) fn square(middle: DVec2, side: f64, roll: f64) -> Self {
        Self { middle, size: DVec2::splat(side), roll }
    }

    /// The place in the photo, px, of a place in the part: 0 to 1 along its upper and its left edge.
    pub(super) fn place(&self, at: DVec2) -> DVec2 {
        self.middle + turned((at - 0.5) * self.size, self.roll)
    }

    /// The place in the part, 0 to 1, of a place in the photo.
    pub(super) fn within(&self, place: DVec2) -> DVec2 {
        turned(place - self.middle, -self.roll) / self.size + 0.5
    }
}

/// A vector turned from x towards y.
pub(super) fn turned(v: DVec2, angle: f64) -> DVec2 {
    let (s, c) = libm::sincos(angle);
    DVec2::new(c * v.x - s * v.y, s * v.x + c * v.y)
}

impl ReducedPhoto {
    pub(super) fn of(photo: &Photo) -> Self {
        let block = photo.width().max(photo.height()).div_ceil(LONGEST_PX).max(1) as usize;
        let first = match photo.samples() {
            Samples::U8(samples) => Level::reduced(photo, block, |i| u32::from(samples[i])),
            Samples::U16(samples) => Level::reduced(photo, block, |i| u32::from(samples[i]) / 257),
        };
        let mut levels = vec![first];
        while let Some(last) = levels.last()
            && last.width.min(last.height) >= 2 * SMALLEST_PX
        {
            levels.push(last.halved());
        }
        Self { levels, size_px: DVec2::new(f64::from(photo.width()), f64::from(photo.height())) }
    }

    /// A part as a square with a side of `side_px` pixels: planes of red, green and blue, 0 to 1. `mirrored` exchanges
    /// left and right.
    pub(super) fn planes(&self, part: &Part, side_px: usize, mirrored: bool, around: Around) -> Vec<f32> {
        let step = part.size.max_element() / side_px as f64;
        let level = self.level(step);
        // Each pixel of the square is a mean of samples: the level has at most two pixels per pixel of the square,
        // unless even the coarsest level has more.
        let count = ((step / level.scale).ceil() as usize).clamp(1, 4);
        let area = side_px * side_px;
        let mut planes = vec![0.0; 3 * area];
        let fine = (side_px * count) as f64;
        for y in 0..side_px {
            for x in 0..side_px {
                let mut sum = [0.0_f32; 3];
                for j in 0..count {
                    for i in 0..count {
                        let mut at = DVec2::new((x * count + i) as f64 + 0.5, (y * count + j) as f64 + 0.5) / fine;
                        if mirrored {
                            at.x = 1.0 - at.x;
                        }
                        let colour = level.colour(part.place(at), around);
                        (0..3).for_each(|c| sum[c] += colour[c]);
                    }
                }
                for c in 0..3 {
                    planes[c * area + y * side_px + x] = sum[c] / (count * count) as f32;
                }
            }
        }
        planes
    }

    /// The colour at a place, averaged over about `about_px` pixels of the photo; red, green, blue, 0 to 1.
    pub(super) fn colour(&self, place: DVec2, about_px: f64) -> [f32; 3] {
        self.level(about_px).colour(place, Around::Border)
    }

    /// The coarsest level whose pixels are no larger than this, photo px.
    fn level(&self, step_px: f64) -> &Level {
        let mut fine = &self.levels[0];
        for level in &self.levels {
            if level.scale <= step_px {
                fine = level;
            }
        }
        fine
    }
}

impl Level {
    fn reduced(photo: &Photo, block: usize, sample: impl Fn(usize) -> u32 + Sync) -> Self {
        let (photo_width, photo_height) = (photo.width() as usize, photo.height() as usize);
        let (width, height) = ((photo_width / block).max(1), (photo_height / block).max(1));
        let mut rgb = vec![[0; 3]; width * height];
        let area = (block * block) as u32;
        rgb.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.iter_mut().enumerate() {
                let mut sum = [area / 2; 3];
                for j in 0..block {
                    let line = (y * block + j) * photo_width + x * block;
                    for i in 3 * line..3 * (line + block) {
                        sum[i % 3] += sample(i);
                    }
                }
                *pixel = sum.map(|sum| (sum / area) as u8);
            }
        });
        Self { width, height, scale: block as f64, rgb }
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut rgb = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let at = 2 * y * self.width + 2 * x;
                let four = [at, at + 1, at + self.width, at + self.width + 1].map(|i| self.rgb[i]);
                rgb.push(std::array::from_fn(|c| ((four.iter().map(|p| u32::from(p[c])).sum::<u32>() + 2) / 4) as u8));
            }
        }
        Self { width, height, scale: 2.0 * self.scale, rgb }
    }

    /// Bilinear between four pixels.
    fn colour(&self, place: DVec2, around: Around) -> [f32; 3] {
        let at = place / self.scale - 0.5;
        let floor = at.floor();
        let part = at - floor;
        let (x, y) = (floor.x as i64, floor.y as i64);
        let (right, down) = (part.x as f32, part.y as f32);
        let mut sum = [0.0; 3];
        for (i, j, weight) in [
            (0, 0, (1.0 - right) * (1.0 - down)),
            (1, 0, right * (1.0 - down)),
            (0, 1, (1.0 - right) * down),
            (1, 1, right * down),
        ] {
            let (x, y) = (x.saturating_add(i), y.saturating_add(j));
            let (width, height) = (self.width as i64, self.height as i64);
            if around == Around::Nothing && !((0..width).contains(&x) && (0..height).contains(&y)) {
                continue;
            }
            let pixel = self.rgb[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize];
            (0..3).for_each(|c| sum[c] += weight * f32::from(pixel[c]) / 255.0);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_taken_where_it_lies() {
        // Red grows to the right, green downwards.
        let (width, height) = (300_u32, 200_u32);
        let samples = (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x / 2) as u8, y as u8, 7])).collect();
        let picture = ReducedPhoto::of(&Photo::from_srgb(width, height, samples).unwrap());
        let part = Part { middle: DVec2::new(120.0, 90.0), size: DVec2::splat(64.0), roll: 0.7 };
        for mirrored in [false, true] {
            let planes = picture.planes(&part, 32, mirrored, Around::Nothing);
            for (x, y) in [(0, 0), (31, 0), (5, 20), (31, 31)] {
                let mut at = DVec2::new(x as f64 + 0.5, y as f64 + 0.5) / 32.0;
                if mirrored {
                    at.x = 1.0 - at.x;
                }
                let place = part.place(at);
                assert!((part.within(place) - at).length() < 1e-9);
                let red = f64::from(planes[y * 32 + x]) * 255.0;
                let green = f64::from(planes[1024 + y * 32 + x]) * 255.0;
                // Sample values are integers: red is half the column, rounded down.
                assert!((red - (place.x / 2.0 - 0.5)).abs() < 0.6 && (green - (place.y - 0.5)).abs() < 0.6, "{place}");
            }
        }
    }

    #[test]
    fn a_large_photo_keeps_its_places() {
        let (width, height) = (4100_u32, 2100_u32);
        let samples = (0..height).flat_map(|_| (0..width).flat_map(|x| [(x / 32) as u8, 0, 0])).collect();
        let picture = ReducedPhoto::of(&Photo::from_srgb(width, height, samples).unwrap());
        for step in [1.0, 5.0, 20.0] {
            let [red, ..] = picture.colour(DVec2::new(2000.0, 1000.0), step);
            assert!((f64::from(red) * 255.0 - 2000.0 / 32.0).abs() < 1.0, "{step}");
        }
    }
}
