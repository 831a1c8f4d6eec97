//! From an embedded ICC profile to a [`ColourSpace`].
//!
//! A profile of curves and a matrix (sRGB, Display P3, Adobe RGB, ProPhoto, grey gammas: what cameras and phones write)
//! becomes curves and a matrix here, and sample values never change: outputs get a profile with the same curves and
//! matrix, and nothing else of it (see `clean_profile.rs`). A profile that consists of look-up tables only cannot be
//! expressed in this way: its sample values are converted to sRGB once and the profile is dropped. A damaged profile,
//! or one for another kind of data, is ignored with a warning.
//!
//! Not handled: rendering intents (curves and a matrix have only one); black point compensation; profiles with both
//! tables and a matrix (the matrix is used, so that sample values stay unchanged); and the encoding of Lab in `lut16`
//! tables of version 4, which moxcms 0.8 confuses with that of `mAB` tables (up to 2 % off; version 2, far more common,
//! is right).
//!
//! Reference: ICC.1:2022, 8.3 and F.3. The colorants of a profile are already relative to D50, hence
//! `linear_srgb_from_own = inverse(colorants of sRGB) * colorants of the profile`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{ColorProfile, DataColorSpace, Layout, Matrix3d, ToneReprCurve, TransformOptions};

use super::clean_profile::clean;
use super::samples::Samples;
use crate::ground::colour::{ColourSpace, TransferCurve, srgb_fraction_from_light, srgb_light_from_fraction};

/// Tolerance, in fractions of full scale, within which a curve or a matrix counts as that of sRGB: less than half an
/// 8-bit sample value except for the darkest ones, and more than the rounding of ICC's 16-bit numbers.
const SRGB_TOLERANCE: f64 = 1e-3;
/// Every 8-bit sample value falls on an entry (255 x 16 + 1), and interpolating a gamma of 2.2 between entries is off
/// by less than 1e-7.
const TABLE_ENTRIES: usize = 4081;
/// Pixels per batch when a profile is dropped: the scratch buffer lives on the stack.
const CHUNK_PX: usize = 4_096;

const OTHER_PROFILE: &str =
    "the photo's colour profile is for a different kind of picture; its colours are treated as sRGB";
const DAMAGED_PROFILE: &str = "the photo's colour profile is damaged; its colours are treated as sRGB";

/// The interpretation of a profile.
pub(super) enum Interpretation {
    /// The sample values are kept, in this colour space.
    RawSamples(ColourSpace),
    /// The sample values must be converted to sRGB with [`convert_to_srgb`].
    Tables(Box<ColorProfile>),
}

/// Interprets a profile; `grey` is true if the photo holds grey sample values only.
///
/// # Errors
///
/// The warning to show; the sample values are then best treated as sRGB.
pub(super) fn interpret(icc_profile: &[u8], grey: bool) -> Result<Interpretation, &'static str> {
    // The parser works on untrusted bytes, and a photo matters more than its profile.
    let profile = catch_unwind(AssertUnwindSafe(|| ColorProfile::new_from_slice(icc_profile)))
        .ok()
        .and_then(Result::ok)
        .ok_or(DAMAGED_PROFILE)?;
    match profile.color_space {
        DataColorSpace::Gray if grey => {
            let curve = transfer_curve(profile.gray_trc.as_ref().ok_or(DAMAGED_PROFILE)?)?;
            let curves = [curve.clone(), curve.clone(), curve];
            let icc_profile = clean(&profile, "Grey").ok_or(DAMAGED_PROFILE)?;
            let space = ColourSpace::new(curves, None, Some(icc_profile.into())).map_err(|_| DAMAGED_PROFILE)?;
            Ok(Interpretation::RawSamples(space))
        }
        DataColorSpace::Rgb if profile.is_matrix_shaper() => {
            matrix_and_curves(&profile).map(Interpretation::RawSamples)
        }
        DataColorSpace::Rgb => Ok(Interpretation::Tables(Box::new(profile))),
        _ => Err(OTHER_PROFILE),
    }
}

/// Adobe RGB with a profile to embed, for photos that only declare it in EXIF.
pub(super) fn adobe_rgb() -> Option<ColourSpace> {
    // Parsed again, since the bytes hold rounded numbers, which readers of the outputs will see.
    match interpret(&ColorProfile::new_adobe_rgb().encode().ok()?, false) {
        Ok(Interpretation::RawSamples(space)) => Some(space),
        _ => None,
    }
}

/// True if the profile may accompany grey sample values only.
pub(super) fn is_grey(icc_profile: &[u8]) -> bool {
    // Header field "data colour space" (ICC.1:2022, 7.2.8).
    icc_profile.get(16..20) == Some(b"GRAY")
}

fn matrix_and_curves(profile: &ColorProfile) -> Result<ColourSpace, &'static str> {
    let curve = |curve: &Option<ToneReprCurve>| transfer_curve(curve.as_ref().ok_or(DAMAGED_PROFILE)?);
    let red = curve(&profile.red_trc)?;
    // Most profiles have the same curve for all channels; sharing its table keeps it in the cache.
    let same_as_red = |other: &Option<ToneReprCurve>| {
        if *other == profile.red_trc { Ok(red.clone()) } else { curve(other) }
    };
    let curves = [red.clone(), same_as_red(&profile.green_trc)?, same_as_red(&profile.blue_trc)?];

    // White must map to white, or the colorants are invalid. The range is wide, since old profiles lack the adaptation
    // to D50, which changes blue by a quarter.
    let matrix = profile.transform_matrix(&ColorProfile::new_srgb()).v;
    let plausible_white = matrix.iter().all(|row| (0.6..=1.6).contains(&row.iter().sum::<f64>()));
    let invertible = profile.profile_volume().is_some_and(|volume| volume.abs() > 1e-4);
    if !plausible_white || !invertible {
        return Err(DAMAGED_PROFILE);
    }
    let is_identity = are_close(&matrix, &Matrix3d::IDENTITY.v);
    let linear_srgb_from_own = (!is_identity).then(|| matrix.map(|row| row.map(|value| value as f32)));
    let icc_profile = clean(profile, name(&matrix, &curves)).ok_or(DAMAGED_PROFILE)?;
    ColourSpace::new(curves, linear_srgb_from_own, Some(icc_profile.into())).map_err(|_| DAMAGED_PROFILE)
}

fn are_close(one: &[[f64; 3]; 3], other: &[[f64; 3]; 3]) -> bool {
    one.iter().flatten().zip(other.iter().flatten()).all(|(one, other)| (one - other).abs() < SRGB_TOLERANCE)
}

/// What a colour space is called, by which other programs may know it: its matrix to linear sRGB, and its curves.
fn name(matrix: &[[f64; 3]; 3], curves: &[TransferCurve; 3]) -> &'static str {
    let srgb = ColorProfile::new_srgb();
    let has_primaries_of = |known: &ColorProfile| are_close(matrix, &known.transform_matrix(&srgb).v);
    let has_gamma = |gamma: f64| {
        let is_near = |(entry, light): (usize, &f32)| {
            (f64::from(*light) - libm::pow(sample_of(entry), gamma)).abs() < SRGB_TOLERANCE
        };
        let is_it = |curve: &TransferCurve| match curve {
            TransferCurve::Srgb => false,
            TransferCurve::Table(table) => table.iter().enumerate().all(is_near),
        };
        curves.iter().all(is_it)
    };
    match curves {
        [TransferCurve::Srgb, TransferCurve::Srgb, TransferCurve::Srgb] if has_primaries_of(&srgb) => "sRGB",
        [TransferCurve::Srgb, TransferCurve::Srgb, TransferCurve::Srgb]
            if has_primaries_of(&ColorProfile::new_display_p3()) =>
        {
            "Display P3"
        }
        // What a profile that is not Adobe's own may be called.
        _ if has_primaries_of(&ColorProfile::new_adobe_rgb()) && has_gamma(563.0 / 256.0) => {
            "Compatible with Adobe RGB (1998)"
        }
        _ => "RGB",
    }
}

/// The sample value of a table's entry, as a fraction.
fn sample_of(entry: usize) -> f64 {
    entry as f64 / (TABLE_ENTRIES - 1) as f64
}

/// Samples a curve; decreasing parts are made flat, so that an inverse exists.
fn transfer_curve(curve: &ToneReprCurve) -> Result<TransferCurve, &'static str> {
    let evaluator = curve.make_linear_evaluator().map_err(|_| DAMAGED_PROFILE)?;
    let mut brightest = 0.0_f32;
    let table: Vec<f32> = (0..TABLE_ENTRIES)
        .map(|entry| {
            // `max` drops a NaN.
            brightest = brightest.max(evaluator.evaluate_value(sample_of(entry) as f32)).min(1.0);
            brightest
        })
        .collect();
    // A curve without a bright end is broken.
    if brightest - table[0] < 0.5 {
        return Err(DAMAGED_PROFILE);
    }
    let off = |(entry, light): (usize, &f32)| (f64::from(*light) - srgb_light_from_fraction(sample_of(entry))).abs();
    if table.iter().enumerate().map(off).all(|difference| difference < SRGB_TOLERANCE) {
        return Ok(TransferCurve::Srgb);
    }
    Ok(TransferCurve::Table(table.into()))
}

/// Converts red, green, blue sample values in place.
///
/// # Errors
///
/// The warning to show. The sample values are unchanged, or partly converted if the library fails midway.
pub(super) fn convert_to_srgb(profile: &ColorProfile, samples: &mut Samples) -> Result<(), &'static str> {
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let convert = AssertUnwindSafe(|| match samples {
        Samples::U8(samples) => {
            let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options).ok()?;
            in_chunks(samples, |from, to| transform.transform(from, to).is_ok())
        }
        Samples::U16(samples) => {
            let transform = profile.create_transform_16bit(Layout::Rgb, &srgb, Layout::Rgb, options).ok()?;
            in_chunks(samples, |from, to| transform.transform(from, to).is_ok())
        }
    });
    catch_unwind(convert).ok().flatten().ok_or(DAMAGED_PROFILE)
}

fn in_chunks<T: Copy + Default>(samples: &mut [T], transform: impl Fn(&[T], &mut [T]) -> bool) -> Option<()> {
    let mut scratch = [T::default(); CHUNK_PX * 3];
    for chunk in samples.chunks_mut(CHUNK_PX * 3) {
        let converted = &mut scratch[..chunk.len()];
        transform(chunk, converted).then_some(())?;
        chunk.copy_from_slice(converted);
    }
    Some(())
}

/// For each grey sample value of a photo with a grey profile, the sRGB sample value, for formats without grey.
///
/// `max_sample` is 255 or 65535.
pub(super) fn srgb_samples(curve: &TransferCurve, max_sample: usize) -> Vec<u16> {
    let entry = |sample: usize| {
        let fraction = sample as f64 / max_sample as f64;
        if *curve == TransferCurve::Srgb {
            return sample as u16;
        }
        (srgb_fraction_from_light(curve.light_from_fraction(fraction)) * max_sample as f64).round() as u16
    };
    (0..=max_sample).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(profile: &ColorProfile, grey: bool) -> ColourSpace {
        match interpret(&profile.encode().unwrap(), grey) {
            Ok(Interpretation::RawSamples(space)) => space,
            Ok(Interpretation::Tables(_)) => panic!("tables"),
            Err(warning) => panic!("{warning}"),
        }
    }

    /// Full red in linear sRGB.
    fn red(space: &ColourSpace) -> [f32; 3] {
        space.matrices().unwrap().linear_srgb_from_own.map(|row| row[0])
    }

    fn assert_close(actual: [f32; 3], expected: [f32; 3]) {
        let close = actual.iter().zip(expected).all(|(a, e)| (a - e).abs() < 5e-4);
        assert!(close, "{actual:?} is not {expected:?}");
    }

    #[test]
    fn srgb_takes_the_fast_path() {
        let space = space(&ColorProfile::new_srgb(), false);
        assert_eq!(space.curves(), ColourSpace::srgb().curves());
        assert_eq!(space.matrices(), None);
        assert!(space.icc_profile().is_some(), "a photo with a profile keeps one");
    }

    #[test]
    fn display_p3_red_is_outside_srgb() {
        // CSS Color 4: color(display-p3 1 0 0) is color(srgb-linear 1.2249 -0.0421 -0.0196).
        let space = space(&ColorProfile::new_display_p3(), false);
        assert_eq!(space.curves(), ColourSpace::srgb().curves());
        assert_close(red(&space), [1.2249, -0.0421, -0.0196]);
    }

    #[test]
    fn adobe_rgb_red_and_gamma() {
        // Adobe RGB (1998): gamma 563/256, red shared with sRGB apart from its strength (1.3984 in linear sRGB).
        let space = space(&ColorProfile::new_adobe_rgb(), false);
        assert_close(red(&space), [1.3984, 0.0, 0.0]);
        let TransferCurve::Table(table) = &space.curves()[0] else { panic!("Adobe RGB is not sRGB") };
        let half = table[(TABLE_ENTRIES - 1) / 2];
        assert!((f64::from(half) - libm::pow(0.5, 563.0 / 256.0)).abs() < 1e-4, "{half}");
        assert_eq!((table[0], table[TABLE_ENTRIES - 1]), (0.0, 1.0));
    }

    #[test]
    fn pro_photo_white_stays_white() {
        let space = space(&ColorProfile::new_pro_photo_rgb(), false);
        let white = space.matrices().unwrap().linear_srgb_from_own.map(|row| row.iter().sum::<f32>());
        assert_close(white, [1.0, 1.0, 1.0]);
    }

    /// A tag of a profile.
    fn tag<'a>(bytes: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let entry = (0..number(128)).map(|entry| 132 + 12 * entry).find(|at| bytes[*at..*at + 4] == *name).unwrap();
        &bytes[number(entry + 4)..][..number(entry + 8)]
    }

    #[test]
    fn a_clean_profile_means_the_same_and_is_named_after_what_it_is() {
        let gamma = |mut profile: ColorProfile, gamma: u16| {
            for curve in [&mut profile.red_trc, &mut profile.green_trc, &mut profile.blue_trc] {
                *curve = Some(ToneReprCurve::Lut(vec![gamma]));
            }
            profile
        };
        for (profile, name) in [
            (ColorProfile::new_srgb(), "sRGB"),
            (ColorProfile::new_display_p3(), "Display P3"),
            (ColorProfile::new_adobe_rgb(), "Compatible with Adobe RGB (1998)"),
            (gamma(ColorProfile::new_adobe_rgb(), 0x0233), "Compatible with Adobe RGB (1998)"),
            (gamma(ColorProfile::new_srgb(), 0x0233), "RGB"),
            (ColorProfile::new_pro_photo_rgb(), "RGB"),
        ] {
            let bytes = profile.encode().unwrap();
            for old in [false, true] {
                let mut bytes = bytes.clone();
                if old {
                    bytes[8..12].copy_from_slice(&[2, 0x10, 0, 0]);
                }
                let before = ColorProfile::new_from_slice(&bytes).unwrap();
                let Ok(Interpretation::RawSamples(space)) = interpret(&bytes, false) else { panic!("{name}") };
                let cleaned = space.icc_profile().unwrap();
                let after = ColorProfile::new_from_slice(cleaned).unwrap();
                assert_eq!(after.colorant_matrix().v, before.colorant_matrix().v, "{name}");
                let curves = |p: &ColorProfile| [&p.red_trc, &p.green_trc, &p.blue_trc].map(Option::clone);
                assert!(curves(&after) == curves(&before), "{name}");
                assert_eq!(after.media_white_point, before.media_white_point, "{name}");
                let adapted = |p: &ColorProfile| p.chromatic_adaptation.map(|matrix| matrix.v);
                assert_eq!(adapted(&after), adapted(&before), "{name}");
                assert_eq!(cleaned[8], if old { 2 } else { 4 }, "{name}: texts are those of this version");
                let said: String = tag(cleaned, b"desc").iter().filter(|b| **b != 0).map(|b| char::from(*b)).collect();
                assert!(said.ends_with(name) && said.contains("desc") == old, "{said} is not {name}");
                // Once more changes nothing, and no clock goes into it.
                let Ok(Interpretation::RawSamples(again)) = interpret(cleaned, false) else { panic!("{name}") };
                assert_eq!(again, space, "{name}");
                assert_eq!(&cleaned[24..36], &[0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0], "{name}");
                assert_eq!(cleaned.len() % 4, 0);
            }
        }
    }

    #[test]
    fn grey_profiles_are_for_grey_photos() {
        let profile = ColorProfile::new_gray_with_gamma(1.8);
        let space = space(&profile, true);
        assert!(matches!(space.curves()[2], TransferCurve::Table(_)));
        assert!(is_grey(space.icc_profile().unwrap()));
        assert!(interpret(&profile.encode().unwrap(), false).is_err());
    }

    #[test]
    fn damage_is_a_warning() {
        let mut bytes = ColorProfile::new_display_p3().encode().unwrap();
        assert!(interpret(&bytes[..100], false).is_err());
        assert!(interpret(&[], false).is_err());
        // All colorants and curves are zero.
        bytes[200..].fill(0);
        assert!(interpret(&bytes, false).is_err());
    }

    /// A profile of tables only (lut16, ICC.1:2022, 10.10) whose sample values are linear Display P3.
    fn linear_p3_tables() -> ColorProfile {
        const GRID: usize = 33;
        let p3 = ColorProfile::new_display_p3();
        let colorants = p3.colorant_matrix().v;
        let white = [0.9642, 1.0, 0.8249];
        let mut nodes = Vec::new();
        for node in 0..GRID.pow(3) {
            let rgb = [node / (GRID * GRID), node / GRID % GRID, node % GRID].map(|step| step as f64 / 32.0);
            let root = |axis: usize| {
                let light: f64 = colorants[axis].iter().zip(rgb).map(|(colorant, light)| colorant * light).sum();
                let ratio = light / white[axis];
                if ratio > 0.008_856 { libm::cbrt(ratio) } else { 7.787 * ratio + 16.0 / 116.0 }
            };
            let (x, y, z) = (root(0), root(1), root(2));
            let lab = [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)];
            // Encoding of lut16: 100 is 0xff00, zero of a and b is 0x8000.
            let samples = [lab[0] * 652.8, (lab[1] + 128.0) * 256.0, (lab[2] + 128.0) * 256.0];
            nodes.extend(samples.map(|sample| sample.round().clamp(0.0, 65_535.0) as u16));
        }
        let straight = || moxcms::LutStore::Store16([0, 65_535].repeat(3));
        let mut profile = ColorProfile::default();
        profile.pcs = DataColorSpace::Lab;
        profile.color_space = DataColorSpace::Rgb;
        profile.profile_class = moxcms::ProfileClass::DisplayDevice;
        profile.white_point = p3.white_point;
        profile.media_white_point = p3.media_white_point;
        profile.lut_a_to_b_perceptual = Some(moxcms::LutWarehouse::Lut(moxcms::LutDataType {
            num_input_channels: 3,
            num_output_channels: 3,
            num_clut_grid_points: GRID as u8,
            matrix: moxcms::Matrix3d::IDENTITY,
            num_input_table_entries: 2,
            num_output_table_entries: 2,
            input_table: straight(),
            clut_table: moxcms::LutStore::Store16(nodes),
            output_table: straight(),
            lut_type: moxcms::LutType::Lut16,
        }));
        profile
    }

    #[test]
    fn tables_are_converted_to_srgb() {
        let mut bytes = linear_p3_tables().encode().unwrap();
        // The library writes version 4, but only reads this encoding of Lab correctly in version 2.
        bytes[8..10].copy_from_slice(&[2, 0x40]);
        let Ok(Interpretation::Tables(profile)) = interpret(&bytes, false) else { panic!("not tables") };
        // P3 red of 0.5 with 0.25 elsewhere is inside sRGB: 0.25 + 0.25 x (1.2249, -0.0421, -0.0196).
        let linear = [[0.2140; 3], [0.5, 0.25, 0.25], [1.0; 3]].concat();
        let linear_srgb = [[0.2140; 3], [0.5562, 0.2395, 0.2451], [1.0; 3]].concat();
        let mut wide = Samples::U16(linear.iter().map(|light| (light * 65_535.0_f64).round() as u16).collect());
        convert_to_srgb(&profile, &mut wide).unwrap();
        let Samples::U16(wide) = wide else { panic!("16 bits") };
        for (sample, light) in wide.iter().zip(linear_srgb) {
            let light_of_sample = srgb_light_from_fraction(f64::from(*sample) / 65_535.0);
            assert!((light_of_sample - light).abs() < 0.005, "{light_of_sample} {light}");
        }
        let mut narrow = Samples::U8(vec![255, 255, 255, 0, 0, 0, 55, 55, 55]);
        convert_to_srgb(&profile, &mut narrow).unwrap();
        let Samples::U8(narrow) = narrow else { panic!("8 bits") };
        for (sample, expected) in narrow.iter().zip([255, 255, 255, 0, 0, 0, 128, 128, 128_u8]) {
            assert!(sample.abs_diff(expected) <= 2, "{narrow:?}");
        }
    }
}
