//! How different two pictures look: the numbers and the image behind the `diff` command.
//!
//! Colour differences are CIEDE2000 (CIE 142-2001) between Lab values of the photos' linear sRGB under D65: about 1 is
//! just visible side by side. Sums are kept as integers, so the number of threads cannot change the last digit.

use palette::color_difference::Ciede2000;
use palette::white_point::D65;
use palette::{FromColor, Lab, LinSrgb};
use rayon::prelude::*;

use crate::photo::{Photo, Reader};

/// How different two pictures are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Mean CIEDE2000 over all pixels.
    pub mean_de2000: f64,
    /// CIEDE2000 of the worst pixel.
    pub worst_de2000: f64,
    /// The 99th percentile over pixels, to 1/256.
    pub p99_de2000: f64,
    /// Peak signal-to-noise ratio over the sample values of all channels, dB; infinite if all sample values are equal.
    pub psnr_db: f64,
}

/// Two pictures of different sizes cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pictures differ in size: {}x{} and {}x{} pixels", .a[0], .a[1], .b[0], .b[1])]
pub struct OtherSize {
    /// Width and height of the first, px.
    pub a: [u32; 2],
    /// Width and height of the second, px.
    pub b: [u32; 2],
}

/// Histogram bins per unit of CIEDE2000. Differences beyond 128 share the last bin.
const STEPS: f32 = 256.0;
const HISTOGRAM: usize = 128 * 256;
/// Steps of the sum per unit of CIEDE2000: exact enough for any photo, with room for 10^11 pixels.
const SUM_STEPS: f64 = (1_u64 << 20) as f64;
/// Pixels per work item.
const PIECE: usize = 1 << 14;

/// Sums over pixels, in integers.
#[derive(Clone)]
struct Tally {
    sum: u64,
    worst: f32,
    histogram: Vec<u64>,
    /// Squares of differences of 16-bit sample values.
    squares: u128,
}

impl Tally {
    fn new() -> Self {
        Self { sum: 0, worst: 0.0, histogram: vec![0; HISTOGRAM], squares: 0 }
    }

    fn add(&mut self, de2000: f32) {
        self.sum += (f64::from(de2000) * SUM_STEPS + 0.5) as u64;
        self.worst = self.worst.max(de2000);
        self.histogram[((de2000 * STEPS) as usize).min(HISTOGRAM - 1)] += 1;
    }

    fn merged(mut self, other: &Self) -> Self {
        self.sum += other.sum;
        self.worst = self.worst.max(other.worst);
        self.squares += other.squares;
        for (own, other) in self.histogram.iter_mut().zip(&other.histogram) {
            *own += other;
        }
        self
    }
}

/// Compares two pictures pixel by pixel.
///
/// # Errors
/// [`OtherSize`].
pub fn difference(a: &Photo, b: &Photo) -> Result<Difference, OtherSize> {
    let (reader_a, reader_b) = readers(a, b)?;
    let pixels = a.width() as usize * a.height() as usize;
    let tally = (0..pixels.div_ceil(PIECE))
        .into_par_iter()
        .fold(Tally::new, |mut tally, piece| {
            for pixel in piece * PIECE..((piece + 1) * PIECE).min(pixels) {
                let (samples_a, samples_b) = (reader_a.samples(pixel), reader_b.samples(pixel));
                for channel in 0..3 {
                    let step = u64::from(samples_a[channel].abs_diff(samples_b[channel]));
                    tally.squares += u128::from(step * step);
                }
                tally.add(de2000(&reader_a, &reader_b, pixel));
            }
            tally
        })
        .reduce(Tally::new, |tally, other| tally.merged(&other));
    let below = pixels as u64 * 99 / 100;
    let mut seen = 0;
    let p99 = tally.histogram.iter().position(|count| {
        seen += count;
        seen > below
    });
    let mean_square = tally.squares as f64 / (3.0 * pixels as f64) / (65_535.0 * 65_535.0);
    Ok(Difference {
        mean_de2000: tally.sum as f64 / SUM_STEPS / pixels as f64,
        worst_de2000: f64::from(tally.worst),
        p99_de2000: p99.unwrap_or(HISTOGRAM) as f64 / f64::from(STEPS),
        psnr_db: if tally.squares == 0 { f64::INFINITY } else { -10.0 * libm::log10(mean_square) },
    })
}

/// An image of the differences, in 8-bit sRGB: black where equal, then brown up to 1 (just visible), orange up to 3,
/// and white from 10 on.
///
/// # Errors
/// [`OtherSize`].
pub(crate) fn difference_picture(a: &Photo, b: &Photo) -> Result<Photo, OtherSize> {
    let (reader_a, reader_b) = readers(a, b)?;
    let [width, height] = a.size_px();
    Ok(Photo::from_rows(width, height, |y, row| {
        for (x, sample) in row.iter_mut().enumerate() {
            *sample = heat(de2000(&reader_a, &reader_b, y * width as usize + x));
        }
    }))
}

/// CIEDE2000 and the colour that represents it; linear in between.
const HEAT: [(f32, [f32; 3]); 4] =
    [(0.0, [0.0, 0.0, 0.0]), (1.0, [110.0, 50.0, 30.0]), (3.0, [240.0, 150.0, 40.0]), (10.0, [255.0, 255.0, 255.0])];

fn heat(de2000: f32) -> [u8; 3] {
    for pair in HEAT.windows(2) {
        if let [(from, dark), (to, bright)] = pair
            && de2000 < *to
        {
            let part = (de2000 - from) / (to - from);
            return std::array::from_fn(|channel| {
                (dark[channel] + (bright[channel] - dark[channel]) * part + 0.5) as u8
            });
        }
    }
    [255; 3]
}

fn de2000(a: &Reader, b: &Reader, pixel: usize) -> f32 {
    let (light_a, light_b) = (a.light(pixel), b.light(pixel));
    // Most pixels of a treated photo are untouched.
    if light_a == light_b { 0.0 } else { lab(light_a).difference(lab(light_b)) }
}

fn lab([red, green, blue]: [f32; 3]) -> Lab<D65, f32> {
    // Lab is undefined for the negative light of colours outside sRGB; zero is the nearest defined value.
    Lab::from_color(LinSrgb::new(red.max(0.0), green.max(0.0), blue.max(0.0)))
}

fn readers<'a>(a: &'a Photo, b: &'a Photo) -> Result<(Reader<'a>, Reader<'a>), OtherSize> {
    if a.size_px() == b.size_px() {
        Ok((Reader::new(a), Reader::new(b)))
    } else {
        Err(OtherSize { a: a.size_px(), b: b.size_px() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{Parts, Samples, SamplesMut};

    fn plain(samples: [u8; 3]) -> Photo {
        Photo::from_srgb(40, 30, samples.repeat(1200)).unwrap()
    }

    #[test]
    fn equal_pictures_do_not_differ() {
        let photo = plain([200, 150, 120]);
        let difference = difference(&photo, &photo).unwrap();
        assert_eq!((difference.mean_de2000, difference.worst_de2000, difference.p99_de2000), (0.0, 0.0, 0.0));
        assert_eq!(difference.psnr_db, f64::INFINITY);
        assert_eq!(*difference_picture(&photo, &photo).unwrap().samples(), Samples::U8(vec![0; 3600]));
    }

    #[test]
    fn known_differences() {
        // Neutral greys differ in lightness only: dL / S_L, S_L = 1 + 0.015 (L - 50)^2 / sqrt(20 + (L - 50)^2), with
        // L of sample values 119 and 120 being 50.034 and 50.431 (mean 50.23): S_L = 1.0002.
        let two = difference(&plain([119; 3]), &plain([120; 3])).unwrap();
        assert!((two.mean_de2000 - 0.396).abs() < 0.003, "{two:?}");
        assert!((two.worst_de2000 - two.mean_de2000).abs() < 1e-5 && (two.p99_de2000 - two.mean_de2000).abs() < 0.01);
        // One sample value in 255.
        assert!((two.psnr_db - 48.13).abs() < 0.01);
    }

    #[test]
    fn one_bad_pixel_is_the_worst_but_not_the_99th() {
        let (good, mut bad) = (plain([128; 3]), plain([128; 3]));
        if let SamplesMut::U8(samples) = bad.samples_mut() {
            samples[0..3].copy_from_slice(&[255, 0, 0]);
        }
        let found = difference(&good, &bad).unwrap();
        assert!(found.worst_de2000 > 30.0 && found.p99_de2000 == 0.0 && found.mean_de2000 < 0.1);
        let Samples::U8(picture) = difference_picture(&good, &bad).unwrap().into_parts().samples else {
            panic!("8 bits")
        };
        assert_eq!(&picture[0..6], [255, 255, 255, 0, 0, 0]);
    }

    #[test]
    fn depths_may_differ_but_sizes_may_not() {
        let photo = plain([200, 150, 120]);
        let Samples::U8(samples) = photo.samples() else { panic!("8 bits") };
        let deep = Samples::U16(samples.iter().map(|sample| u16::from(*sample) * 257).collect());
        let deep = Photo::from_parts(Parts { samples: deep, ..photo.clone().into_parts() }).unwrap();
        let same = difference(&photo, &deep).unwrap();
        assert!(same.worst_de2000 < 1e-3 && same.psnr_db == f64::INFINITY);
        let turned = photo.clone().turned(crate::photo::Turn::CLOCKWISE);
        assert_eq!(difference(&photo, &turned), Err(OtherSize { a: [40, 30], b: [30, 40] }));
    }
}
