//! The compositor against known answers, through its public interface only.

use std::sync::Arc;

use crate::pictures::{changed, photo, plain, random, samples, scatter};
use proptest::prelude::*;
use scalp_studio::ground::colour::{ColourSpace, TransferCurve, srgb_light_from_fraction};
use scalp_studio::photo::pyramid::halved;
use scalp_studio::photo::{Photo, PixelRect, Samples, SamplesMut};
use scalp_studio::reading::specular::SpecularMap;
use scalp_studio::render::compositor::{CompositeError, composite, composite_indexed, composite_region};
use scalp_studio::render::coverage::{RowScratch, RowShares, RowSink, SplatKernel};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::render::tiles::{TileGrid, TileIndex, TileSet};
use scalp_studio::render::transmittance::Transmittance;

/// A quarter of an 8-bit sample value, for a dot that takes all the light.
const SHARE_TOLERANCE: f64 = 1e-3;

fn round(x_px: f32, y_px: f32, sigma_px: f32, loss_px2: f32) -> Splat {
    Splat { x_px, y_px, sigma_major_px: sigma_px, sigma_minor_px: sigma_px, axis: [1.0, 0.0], loss_px2: [loss_px2; 3] }
}

fn turned(sigma_major_px: f32, sigma_minor_px: f32, degrees: f32) -> Splat {
    let angle = degrees.to_radians();
    Splat {
        sigma_major_px,
        sigma_minor_px,
        axis: [libm::cosf(angle), libm::sinf(angle)],
        ..round(40.3, 40.7, 1.0, 1.0)
    }
}

fn rendered(photo: &Photo, splats: &[Splat]) -> Photo {
    let mut photo = photo.clone();
    composite(&mut photo, &Splats::new(splats.to_vec()), &Specular::None);
    photo
}

/// Shares summed up per pixel.
struct Picture {
    width: usize,
    shares: Vec<f64>,
}

impl RowSink for Picture {
    fn row(&mut self, row: RowShares) {
        for (index, share) in row.padded.as_flattened().iter().take(row.count).enumerate() {
            self.shares[row.y as usize * self.width + row.x as usize + index] += f64::from(*share);
        }
    }
}

fn shares(splat: &Splat, side: usize) -> Picture {
    let mut picture = Picture { width: side, shares: vec![0.0; side * side] };
    let clip = PixelRect { x0: 0, y0: 0, x1: side as i32, y1: side as i32 };
    SplatKernel::new(splat).rows(clip, &mut RowScratch::new(side), &mut picture);
    picture
}

#[test]
fn half_a_black_dot_darkens_white_to_188() {
    // The dot sits on the border of two pixels; each loses half of its light.
    let after = rendered(&plain(8, 8, 255), &[round(4.0, 3.5, 0.01, 1.0)]);
    let line: Vec<u8> = samples(&after)[3 * 8 * 3..4 * 8 * 3].iter().copied().step_by(3).collect();
    assert_eq!(line, [255, 255, 255, 188, 188, 255, 255, 255]);
}

#[test]
fn shares_agree_with_brute_force_and_sum_to_one() -> Result<(), String> {
    let mut dots = vec![];
    for (major, minor) in
        [(0.02, 0.02), (0.3, 0.02), (1.0, 0.02), (1.0, 0.3), (1.0, 1.0), (2.0, 0.7), (4.0, 0.02), (5.0, 2.0)]
    {
        for degrees in [0.0, 0.5, 10.0, 30.0, 45.0, 80.0, 90.0, 135.0, 179.0] {
            dots.push((turned(major, minor, degrees), format!("{major} x {minor} px at {degrees} degrees")));
        }
    }
    for (mut dot, name) in dots {
        // So black that no tail is cut off early.
        dot.loss_px2 = [std::f32::consts::TAU * (dot.sigma_major_px.max(0.3) * dot.sigma_minor_px.max(0.3)); 3];
        let picture = shares(&dot, 80);
        let sum: f64 = picture.shares.iter().sum();
        if (sum - 1.0).abs() > 1e-5 {
            return Err(format!("{name}: shares sum to {sum}"));
        }
        let (mut worst, mut place) = (0.0_f64, (0, 0, 0.0));
        for y in 0..80 {
            for x in 0..80 {
                let near =
                    (x as f32 - dot.x_px).abs().max((y as f32 - dot.y_px).abs()) < 5.0 * dot.sigma_major_px + 2.0;
                let got = picture.shares[y * 80 + x];
                let error = if near { got - crate::pictures::share(&dot, x as i32, y as i32) } else { got };
                if error.abs() > worst.abs() {
                    (worst, place) = (error, (x, y, got));
                }
            }
        }
        if worst.abs() > SHARE_TOLERANCE {
            return Err(format!("{name}: off by {worst} at {place:?}"));
        }
    }
    Ok(())
}

#[test]
fn the_part_of_a_dot_outside_a_tile_shows_up_nowhere_inside() {
    // Small dots around the left edge of a tile: what they cover outside must not show up further in.
    for x_px in [64.0_f32, 64.4, 63.7, 65.6, 62.1] {
        let dot = Splat { x_px, y_px: 8.3, ..round(0.0, 0.0, 0.8, 1.5) };
        let mut tile = Transmittance::new(32, 16);
        tile.render(PixelRect { x0: 64, y0: 0, x1: 96, y1: 16 }, std::iter::once(&dot));
        for y in 0..16 {
            let [red, ..] = tile.row(y);
            assert!(red[6..32].iter().all(|left| *left == 1.0), "dot at {x_px}, row {y}: {red:?}");
        }
    }
}

#[test]
fn the_light_lost_is_the_loss_however_thin_the_dot() {
    // The transmittance T itself, without rounding to sample values.
    for (major, minor, degrees) in
        [(0.02, 0.02, 0.0), (3.0, 0.02, 33.0), (5.0, 0.001, 87.0), (2.0, 1.0, 20.0), (9.0, 9.0, 0.0)]
    {
        let dot = Splat { loss_px2: [0.3, 0.2, 0.1], ..turned(major, minor, degrees) };
        let size = 100_u32;
        let mut lost = [0.0_f64; 3];
        let mut tile = Transmittance::new(size as usize, size as usize);
        tile.render(TileGrid::new(size, size).photo_rect(), std::iter::once(&dot));
        for y in 0..size as usize {
            for (lost, line) in lost.iter_mut().zip(tile.row(y)) {
                *lost += line.iter().take(size as usize).map(|left| 1.0 - f64::from(*left)).sum::<f64>();
            }
        }
        for (lost, loss_px2) in lost.iter().zip(dot.loss_px2) {
            let relative = lost / f64::from(loss_px2) - 1.0;
            // Includes the rounding of 1 - T for T near 1, over all pixels of the largest dot.
            assert!(relative.abs() < 1e-4, "{major} x {minor} px: {relative}");
        }
    }
}

#[test]
fn a_random_field_of_dots_absorbs_what_theory_predicts() {
    // A Poisson process of n dots per px2: mean T = exp(-n * loss), whatever the shape of the dots.
    let (side, n, loss_px2) = (1000_u32, 0.02, 20.0_f32);
    let count = (f64::from(side + 40) * f64::from(side + 40) * n) as usize;
    let dots: Vec<Splat> = (0..count)
        .map(|index| {
            let at = |stream: u64| random(index, stream) * (side + 40) as f32 - 20.0;
            Splat { x_px: at(1), y_px: at(2), ..turned(3.0, 1.5, 180.0 * random(index, 3)) }
        })
        .map(|dot| Splat { loss_px2: [loss_px2, 0.5 * loss_px2, 0.0], ..dot })
        .collect();
    let after = rendered(&plain(side, side, 255), &dots);
    for channel in 0..3 {
        let light = samples(&after).iter().skip(channel).step_by(3);
        let mean = light.map(|sample| srgb_light_from_fraction(f64::from(*sample) / 255.0)).sum::<f64>()
            / f64::from(side * side);
        let theory = libm::exp(-n * f64::from(dots[0].loss_px2[channel]));
        // With 20 000 dots the standard error of the mean is about exp(-nl) * l * sqrt(n) / side = 0.002.
        assert!((mean - theory).abs() < 0.006, "channel {channel}: {mean} instead of {theory}");
    }
}

#[test]
fn random_scenes_agree_with_the_reference_to_one_sample_value() {
    for seed in 0..4 {
        let before = photo(48, 40, |x, y, channel| {
            (random((y * 48 + x) as usize, 50 + u64::from(channel) + seed) * 255.99) as u8
        });
        let splats = Splats::new(scatter(40, 48, 40, seed));
        let after = rendered(&before, splats.as_slice());
        let reference = crate::pictures::composite(&before, splats.as_slice());
        for (sample, exact) in samples(&after).iter().zip(&reference) {
            let off = (f64::from(*sample) - exact.round()).abs();
            assert!(off <= 1.0, "scene {seed}: {sample} instead of {exact}");
        }
    }
}

#[test]
fn tiles_threads_and_order_do_not_change_a_byte() {
    let before = photo(330, 210, |x, y, channel| (x * 7 + y * 5 + channel * 40) as u8);
    let dots = scatter(1500, 330, 210, 7);
    let splats = Splats::new(dots.clone());
    let specular = Specular::estimate(&before, &splats);
    for specular in [Specular::None, specular] {
        let mut expected = before.clone();
        composite(&mut expected, &splats, &specular);
        assert_ne!(expected, before);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for (width, height) in [(32, 32), (64, 64), (100, 100), (128, 64), (7, 3), (5000, 5000)] {
                let index = TileIndex::new(&splats, TileGrid::with_tiles_of(330, 210, width, height));
                let mut after = before.clone();
                pool.install(|| composite_indexed(&mut after, &splats, &index, &specular)).unwrap();
                assert!(after == expected, "tiles of {width} x {height} px, {threads} threads");
            }
        }
        let mut shuffled = dots.clone();
        shuffled.sort_by_key(|dot| (dot.x_px * 1e4) as i64 % 977);
        let mut after = before.clone();
        composite(&mut after, &Splats::new(shuffled), &specular);
        assert!(after == expected, "shuffled");
    }
}

#[test]
fn the_photo_is_unchanged_beyond_the_reach_of_splats() {
    let before = photo(200, 100, |x, y, channel| (x * 3 + y * 11 + channel) as u8);
    assert_eq!(rendered(&before, &[]), before);
    assert_eq!(rendered(&before, &[round(-50.0, 50.0, 2.0, 5.0), round(100.0, 1e9, 2.0, 5.0)]), before);
    let dot = round(60.0, 50.0, 2.0, 5.0);
    let after = rendered(&before, &[dot]);
    let reach = SplatKernel::new(&dot).bounds(TileGrid::new(200, 100).photo_rect());
    for (index, (was, is)) in samples(&before).iter().zip(samples(&after)).enumerate() {
        let (x, y) = (index as i32 / 3 % 200, index as i32 / 600);
        let inside = x >= reach.x0 && x < reach.x1 && y >= reach.y0 && y < reach.y1;
        assert!(inside || was == is, "pixel {x}, {y} changed");
    }
}

#[test]
fn an_update_equals_rendering_everything_and_touches_nothing_else() {
    let original = photo(500, 400, |x, y, channel| (90 + (x * 3 + y * 5 + channel * 50) % 160) as u8);
    let grid = TileGrid::with_tiles_of(500, 400, 64, 64);
    let earlier = Splats::new(scatter(600, 500, 400, 3));
    let earlier_index = TileIndex::new(&earlier, grid);
    // All dots in one corner are removed, and one dot is added.
    let mut dots: Vec<Splat> = earlier.as_slice().iter().copied().filter(|dot| dot.x_px + dot.y_px > 200.0).collect();
    dots.push(round(300.0, 300.0, 1.5, 4.0));
    let edited = Splats::new(dots);
    let edited_index = TileIndex::new(&edited, grid);
    let dirty = edited_index.changed_since(&edited, &earlier_index, &earlier);
    assert!(!dirty.is_empty() && dirty.len() < grid.len() / 2, "{} of {}", dirty.len(), grid.len());

    let mut target = original.clone();
    composite_indexed(&mut target, &earlier, &earlier_index, &Specular::None).unwrap();
    // Mark every tile that must not be written.
    let mut marked = target.clone();
    let marks: Vec<usize> = (0..grid.len())
        .filter(|tile| !dirty.contains(*tile))
        .map(|tile| (grid.rect(tile).y0 as usize * 500 + grid.rect(tile).x0 as usize) * 3)
        .collect();
    let SamplesMut::U8(marked_samples) = marked.samples_mut() else { panic!("8 bits") };
    marks.iter().for_each(|mark| marked_samples[*mark] ^= 255);

    let written = composite_region(&original, &mut target, &edited, &edited_index, &dirty, &Specular::None).unwrap();
    let mut expected = original.clone();
    composite_indexed(&mut expected, &edited, &edited_index, &Specular::None).unwrap();
    assert!(target == expected);
    assert_eq!(written, dirty.iter().map(|tile| grid.rect(tile)).collect::<Vec<PixelRect>>());

    composite_region(&original, &mut marked, &edited, &edited_index, &dirty, &Specular::None).unwrap();
    let SamplesMut::U8(expected_samples) = expected.samples_mut() else { panic!("8 bits") };
    marks.iter().for_each(|mark| expected_samples[*mark] ^= 255);
    assert!(marked == expected, "a tile that is not dirty was written");
}

#[test]
fn a_photo_that_does_not_fit_the_grid_or_the_target_is_refused() {
    let mut small = plain(10, 10, 100);
    let large = plain(20, 10, 100);
    let splats = Splats::default();
    let index = TileIndex::new(&splats, TileGrid::new(20, 10));
    let all = TileSet::all(index.grid());
    assert_eq!(composite_indexed(&mut small, &splats, &index, &Specular::None), Err(CompositeError::Grid));
    assert_eq!(
        composite_region(&large, &mut small, &splats, &index, &all, &Specular::None),
        Err(CompositeError::Target)
    );
}

#[test]
fn sixteen_bit_photos_turn_out_like_eight_bit_ones() {
    let eight = photo(60, 60, |x, y, channel| (60 + x * 2 + y + channel * 20) as u8);
    let sixteen = crate::pictures::deep(&eight);
    let dots = scatter(80, 60, 60, 5);
    let (eight, deep) = (rendered(&eight, &dots), rendered(&sixteen, &dots));
    let Samples::U16(deep_samples) = deep.samples() else { panic!("16 bits") };
    for (eight, deep) in samples(&eight).iter().zip(deep_samples) {
        assert!((f64::from(*deep) / 257.0 - f64::from(*eight)).abs() < 0.51);
    }
    assert_eq!(rendered(&sixteen, &[]), sixteen);
}

#[test]
fn dots_take_the_same_light_whatever_the_primaries_and_curves() {
    // Display P3 to linear sRGB (SMPTE EG 432-1), and a grey that is the same in both.
    let p3 = [
        [1.224_940_2, -0.224_940_2, 0.0],
        [-0.042_056_95, 1.042_056_9, 0.0],
        [-0.019_637_55, -0.078_636_05, 1.098_273_6],
    ];
    let grey = plain(40, 40, 180);
    let srgb = ColourSpace::srgb();
    let p3 = ColourSpace::new(srgb.curves().clone(), Some(p3), None).unwrap();
    let of = |photo: Photo, colour: ColourSpace| changed(photo, |parts| parts.colour = Arc::new(colour));
    let wide = of(grey.clone(), p3.clone());
    let dots: Vec<Splat> =
        scatter(30, 40, 40, 2).into_iter().map(|dot| Splat { loss_px2: [dot.loss_px2[0]; 3], ..dot }).collect();
    let (in_srgb, in_p3) = (rendered(&grey, &dots), rendered(&wide, &dots));
    for (a, b) in samples(&in_srgb).iter().zip(samples(&in_p3)) {
        assert!(a.abs_diff(*b) <= 1);
    }
    // A saturated P3 red has negative green in sRGB; a dot that takes next to nothing there must not clip it.
    let red = of(photo(20, 20, |_, _, channel| if channel == 0 { 255 } else { 0 }), p3);
    let after = rendered(&red, &[Splat { loss_px2: [0.0, 1e-7, 0.0], ..round(10.0, 10.0, 2.0, 1.0) }]);
    assert_eq!(after, red);

    // With a linear curve, half of the light is half of the sample value.
    let curve = TransferCurve::Table(vec![0.0, 1.0].into());
    let curves = [curve.clone(), curve.clone(), curve];
    let linear = of(plain(8, 8, 200), ColourSpace::new(curves, None, None).unwrap());
    let after = rendered(&linear, &[round(3.5, 3.5, 0.01, 0.5)]);
    assert_eq!(samples(&after)[(3 * 8 + 3) * 3], 100);
}

#[test]
fn grey_photos_stay_grey_and_alpha_is_kept() {
    let grey = changed(plain(40, 40, 180), |parts| {
        parts.grey = true;
        parts.alpha = Some(Samples::U8((0..1600).map(|index| index as u8).collect()));
    });
    let after = rendered(&grey, &scatter(40, 40, 40, 9));
    assert_eq!(after.alpha(), grey.alpha());
    assert!(samples(&after).chunks(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    assert_ne!(samples(&after), samples(&grey));
    // A loss in one channel counts by that channel's share of luminance.
    let dot = Splat { loss_px2: [0.0, 0.5, 0.0], ..round(3.5, 3.5, 0.01, 1.0) };
    let white = changed(plain(8, 8, 255), |parts| parts.grey = true);
    let after = rendered(&white, &[dot]);
    // 1 - 0.7152 / 2 of the light gives sample value 209.7.
    assert_eq!(samples(&after)[(3 * 8 + 3) * 3], 210);
}

#[test]
fn dots_take_no_specular_light() {
    let skin = [200, 160, 140];
    let before = photo(400, 400, |x, y, channel| {
        // A disc of added white light.
        let specular = if (f64::from(x) - 200.0).hypot(f64::from(y) - 200.0) < 60.0 { 0.2 } else { 0.0 };
        let light = srgb_light_from_fraction(f64::from(skin[channel as usize]) / 255.0) + specular;
        (255.0 * scalp_studio::ground::colour::srgb_fraction_from_light(light)).round() as u8
    });
    let dots: Vec<Splat> = (0..1600)
        .map(|index| round((index % 40) as f32 * 10.0 + 5.0, (index / 40) as f32 * 10.0 + 5.0, 1.5, 7.0))
        .collect();
    let splats = Splats::new(dots);
    let specular = Specular::estimate(&before, &splats);
    let mut after = before.clone();
    composite(&mut after, &splats, &specular);
    let light = |photo: &Photo, x: usize, y: usize| {
        srgb_light_from_fraction(f64::from(samples(photo)[(y * 400 + x) * 3]) / 255.0)
    };
    // What dots take from red does not depend on the specular light on top.
    let lost = |x: usize, y: usize| light(&before, x, y) - light(&after, x, y);
    let (inside, outside) = (lost(205, 205), lost(45, 45));
    assert!((inside / outside - 1.0).abs() < 0.15, "{inside} inside, {outside} outside");
    // Where the camera clipped, all that is known is that it is bright.
    let mut clipped = plain(50, 50, 255);
    composite(
        &mut clipped,
        &Splats::new(vec![round(25.0, 25.0, 1.5, 10.0)]),
        &Specular::Map(SpecularMap::uniform(50, 50, 0.0)),
    );
    assert_eq!(clipped, plain(50, 50, 255));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_one_for_any_dot(
        major in 0.001_f32..8.0, flatness in 0.0_f32..1.0, degrees in 0.0_f32..180.0, x in 38.0_f32..42.0, y in 38.0_f32..42.0,
    ) {
        let dot = Splat { x_px: x, y_px: y, ..turned(major, major * flatness, degrees) };
        let splats = Splats::new(vec![dot]);
        let picture = shares(&splats.as_slice()[0], 100);
        let sum: f64 = picture.shares.iter().sum();
        prop_assert!((sum - 1.0).abs() < 2e-5, "{sum}");
        prop_assert!(picture.shares.iter().all(|share| *share >= 0.0));
    }

    #[test]
    fn more_dots_never_make_a_pixel_lighter(seed in 0_u64..1000) {
        let before = plain(64, 64, 210);
        let dots = scatter(40, 64, 64, seed);
        let (fewer, all) = (rendered(&before, &dots[..20]), rendered(&before, &dots));
        prop_assert!(samples(&fewer).iter().zip(samples(&all)).all(|(fewer, all)| fewer >= all));
    }

    #[test]
    fn no_splat_however_odd_makes_skin_lighter_than_its_gain_allows(
        numbers in proptest::array::uniform9(proptest::num::f32::ANY),
    ) {
        let [x_px, y_px, sigma_major_px, sigma_minor_px, cos, sin, red, green, blue] = numbers;
        let splat = Splat { x_px, y_px, sigma_major_px, sigma_minor_px, axis: [cos, sin], loss_px2: [red, green, blue] };
        let after = rendered(&plain(70, 50, 200), &[splat]);
        // A gain adds at most half of the light that was there: sample value 240.
        let most = if [red, green, blue].iter().any(|loss| *loss < 0.0) { 240 } else { 200 };
        prop_assert!(samples(&after).iter().all(|sample| *sample <= most));
    }
}

/// One of those found at random.
#[test]
fn a_splat_wider_than_any_photo_adds_no_more_than_its_gain() {
    for sigma_px in [1.5e9, 3.8e36, 1e4] {
        let splat = Splat {
            x_px: 0.0,
            y_px: 0.0,
            sigma_major_px: sigma_px,
            sigma_minor_px: sigma_px,
            axis: [0.0, 0.0],
            loss_px2: [0.0, 0.0, -4.77e26],
        };
        let after = rendered(&plain(70, 50, 200), &[splat]);
        assert!(samples(&after).iter().all(|sample| (200..=240).contains(sample)), "{sigma_px}");
    }
}

#[test]
fn dots_drawn_at_a_pyramid_level_match_the_full_picture_halved_to_it() {
    let skin = photo(160, 160, |_, _, channel| [200, 160, 140][channel as usize]);
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
    composite(&mut full, &splats, &Specular::None);
    let (mut expected, mut photo) = (full, skin);
    for level in 1..=3 {
        (expected, photo) = (halved(&expected), halved(&photo));
        let mut got = photo.clone();
        composite(&mut got, &splats.at_level(level), &Specular::None);
        let worst = samples(&got).iter().zip(samples(&expected)).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(2), "level {level}: {worst:?}");
    }
}
