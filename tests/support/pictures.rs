//! A slow and simple reference for the compositor, with `f64`, numerical integration and exact powers, and pictures to
//! test with.

#![allow(dead_code, reason = "each test program uses its part")]

use std::path::{Path, PathBuf};

use scalp_studio::ground::colour::{LUMA, srgb_fraction_from_light, srgb_light_from_fraction};
use scalp_studio::photo::{EncodeOptions, Format, Parts, Photo, Samples, encode};
use scalp_studio::reading::sharpening::Sharpening;
use scalp_studio::render::splat::Splat;

/// An 8-bit sRGB photo with sample values given by column, row and channel.
pub fn photo(width: u32, height: u32, sample: impl Fn(u32, u32, u32) -> u8) -> Photo {
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            samples.extend((0..3).map(|channel| sample(x, y, channel)));
        }
    }
    Photo::from_srgb(width, height, samples).unwrap()
}

/// A photo of one colour.
pub fn plain(width: u32, height: u32, sample: u8) -> Photo {
    photo(width, height, |_, _, _| sample)
}

/// The photo with some of its parts changed.
pub fn changed(photo: Photo, change: impl FnOnce(&mut Parts)) -> Photo {
    let mut parts = photo.into_parts();
    change(&mut parts);
    Photo::from_parts(parts).unwrap()
}

/// The same sample values in 16 bits.
pub fn deep(photo: &Photo) -> Photo {
    let wide = samples(photo).iter().map(|sample| u16::from(*sample) * 257).collect();
    changed(photo.clone(), |parts| parts.samples = Samples::U16(wide))
}

/// The sample values of an 8-bit photo.
pub fn samples(photo: &Photo) -> &[u8] {
    match photo.samples() {
        Samples::U8(samples) => samples,
        Samples::U16(_) => panic!("not an 8-bit photo"),
    }
}

/// An 8-bit photo after an unsharp mask, as a camera applies it: to the luma of its sample values.
pub fn sharpened(photo: &Photo, Sharpening { amount, radius_px }: Sharpening) -> Photo {
    let (width, height) = (photo.width() as i32, photo.height() as i32);
    let values: Vec<f64> = samples(photo).iter().map(|sample| f64::from(*sample)).collect();
    let luma: Vec<f64> = values.chunks(3).map(|v| LUMA.iter().zip(v).map(|(weight, v)| weight * v).sum()).collect();
    let reach = (4.0 * radius_px).ceil() as i32;
    let weight = |k: i32| libm::exp(-0.5 * (f64::from(k) / radius_px).powi(2));
    let total: f64 = (-reach..=reach).map(weight).sum();
    let soft = |values: &[f64], [dx, dy]: [i32; 2]| -> Vec<f64> {
        let at = |x: i32, y: i32| values[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize];
        let mean = |x: i32, y: i32| (-reach..=reach).map(|k| weight(k) / total * at(x + k * dx, y + k * dy)).sum();
        (0..width * height).map(|index| mean(index % width, index / width)).collect()
    };
    let soft = soft(&soft(&luma, [1, 0]), [0, 1]);
    let more = luma.iter().zip(&soft).flat_map(|(luma, soft)| [amount * (luma - soft); 3]);
    let sharp = values.iter().zip(more).map(|(value, more)| (value + more).round().clamp(0.0, 255.0) as u8).collect();
    changed(photo.clone(), |parts| parts.samples = Samples::U8(sharp))
}

/// The share of a normal distribution below `t` standard deviations.
fn below(t: f64) -> f64 {
    0.5 * libm::erfc(-t / std::f64::consts::SQRT_2)
}

/// The share of a dot's mass in the pixel at `x`, `y`: exact along x, sliced along y.
pub fn share(splat: &Splat, x: i32, y: i32) -> f64 {
    let (major, minor) = (f64::from(splat.sigma_major_px).powi(2), f64::from(splat.sigma_minor_px).powi(2));
    let [cos, sin] = splat.axis.map(f64::from);
    let var_y = sin * sin * major + cos * cos * minor;
    let slope = cos * sin * (major - minor) / var_y;
    let (sigma_y, sigma_x) = (var_y.sqrt(), (major * minor / var_y).sqrt());
    let (dx, dy) = (f64::from(x) - f64::from(splat.x_px), f64::from(y) - f64::from(splat.y_px));
    let (from, to) = (dy.max(-7.0 * sigma_y), (dy + 1.0).min(7.0 * sigma_y));
    if from >= to {
        return 0.0;
    }
    let slices = 600;
    let height = (to - from) / f64::from(slices);
    (0..slices)
        .map(|slice| {
            let low = from + f64::from(slice) * height;
            let middle = low + 0.5 * height;
            let mass = below((low + height) / sigma_y) - below(low / sigma_y);
            let offset = dx - slope * middle;
            mass * (below((offset + 1.0) / sigma_x) - below(offset / sigma_x))
        })
        .sum()
}

/// The unrounded sample values of an sRGB photo after treatment, without specular light.
pub fn composite(photo: &Photo, splats: &[Splat]) -> Vec<f64> {
    let mut lights: Vec<f64> =
        samples(photo).iter().map(|sample| srgb_light_from_fraction(f64::from(*sample) / 255.0)).collect();
    for splat in splats {
        let radius_px = 6.0 * f64::from(splat.sigma_major_px.max(splat.sigma_minor_px)) + 1.0;
        for y in 0..photo.height() as i32 {
            for x in 0..photo.width() as i32 {
                let (dx, dy) = (f64::from(x) - f64::from(splat.x_px), f64::from(y) - f64::from(splat.y_px));
                if dx.abs().max(dy.abs()) > radius_px {
                    continue;
                }
                let share = share(splat, x, y);
                let pixel = (y as usize * photo.width() as usize + x as usize) * 3;
                for channel in 0..3 {
                    lights[pixel + channel] *= 1.0 - (share * f64::from(splat.loss_px2[channel])).min(0.98);
                }
            }
        }
    }
    lights.iter().map(|light| 255.0 * srgb_fraction_from_light(*light)).collect()
}

/// Uniformly distributed numbers in 0..1 that are the same in every run.
pub fn random(index: usize, stream: u64) -> f32 {
    let mut bits = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
}

/// Random dots of every shape, some beyond the edges of a photo of this size.
pub fn scatter(count: usize, width: u32, height: u32, seed: u64) -> Vec<Splat> {
    (0..count)
        .map(|index| {
            let of = |stream: u64| random(index, seed * 16 + stream);
            let sigma_major_px = 0.3 + 2.5 * of(3) * of(3);
            let sigma_minor_px = sigma_major_px * (0.02 + 0.98 * of(4));
            let angle = of(5) * std::f32::consts::PI;
            // Peak losses up to 0.8, averaged over a pixel.
            let area_px2 = std::f32::consts::TAU
                * (sigma_major_px.powi(2) + 0.083).sqrt()
                * (sigma_minor_px.powi(2) + 0.083).sqrt();
            let loss_px2 = area_px2 * 0.8 * of(6);
            Splat {
                x_px: (1.1 * of(1) - 0.05) * width as f32,
                y_px: (1.1 * of(2) - 0.05) * height as f32,
                sigma_major_px,
                sigma_minor_px,
                axis: [libm::cosf(angle), libm::sinf(angle)],
                loss_px2: [loss_px2, 0.8 * loss_px2, 0.6 * loss_px2],
            }
        })
        .collect()
}

/// Saves two pictures that should be equal side by side as a PNG: the expected one, the difference (grey for none,
/// amplified eight times), the actual one. Returns its path.
pub fn left_side_by_side(name: &str, expected: &Photo, actual: &Photo) -> PathBuf {
    /// Distance between the pictures, px.
    const GAP: usize = 4;
    let side = |side: usize| expected.size_px()[side].max(actual.size_px()[side]) as usize;
    let (width, height) = (side(0), side(1));
    let pixel = |photo: &Photo, x: usize, y: usize| -> [u8; 3] {
        let [columns, rows] = photo.size_px().map(|side| side as usize);
        if x < columns && y < rows { samples(photo).as_chunks::<3>().0[y * columns + x] } else { [0; 3] }
    };
    let all = Photo::from_rows((3 * width + 2 * GAP) as u32, height as u32, |y, row| {
        for x in 0..width {
            let (expected, actual) = (pixel(expected, x, y), pixel(actual, x, y));
            let apart = |channel: usize| 128 + 8 * (i32::from(actual[channel]) - i32::from(expected[channel]));
            row[x] = expected;
            row[width + GAP + x] = [0, 1, 2].map(|channel| apart(channel).clamp(0, 255) as u8);
            row[2 * (width + GAP) + x] = actual;
        }
    });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    std::fs::write(&path, encode(&all, Format::Png, &EncodeOptions::default()).unwrap()).unwrap();
    path
}
