//! Pigment lies inside the skin: it must not change the specular light on it, the hair growing from it or the photo's
//! grain.

use crate::pictures::{changed, random, samples};
use scalp_studio::ground::colour::{luminance_f64 as luminance, srgb_fraction_from_light, srgb_light_from_fraction};
use scalp_studio::photo::{Photo, PixelRect, Samples};
use scalp_studio::reading::skin_estimate::USUAL_EVEN_SPECULAR;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::compositor::{composite, composite_indexed};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::render::tiles::{TileGrid, TileIndex};
use scalp_studio::render::transmittance::Transmittance;

const SIDE_PX: u32 = 480;

/// A nearly normal random number of mean 0 and standard deviation 1.
fn noise(index: usize, stream: u64) -> f64 {
    (0..4).map(|k| f64::from(random(index, 1000 + 4 * stream + k)) - 0.5).sum::<f64>() * 3.0_f64.sqrt()
}

/// Light from skin that varies as real skin does: redder and paler, which measured by whiteness is a tenth of its
/// light; brighter and darker by a few per cent; and shaded towards the edges.
fn skin(x: u32, y: u32) -> [f64; 3] {
    let (x, y) = (f64::from(x), f64::from(y));
    let waves = |a: f64, b: f64, c: f64| {
        (libm::sin(x / a + 1.3 * libm::sin(y / 17.0)) + libm::sin(y / b + libm::sin(x / 23.0)) + libm::sin((x + y) / c))
            / 1.5_f64.sqrt()
    };
    let (red, bright) = (waves(6.1, 7.3, 9.7), waves(8.3, 5.7, 11.9));
    let colour = [0.445 * (1.0 + 0.012 * red), 0.301 * (1.0 - 0.018 * red), 0.254 * (1.0 - 0.018 * red)];
    let half = 0.5 * f64::from(SIDE_PX);
    let off = ((x - half) * (x - half) + (y - half) * (y - half)) / (half * half);
    let light = 0.42 * (1.0 + 0.03 * bright) * (1.0 - 0.12 * off);
    colour.map(|part| part * light / luminance(colour))
}

fn photo_of(light: impl Fn(u32, u32) -> [f64; 3], grain: f64) -> Photo {
    crate::pictures::photo(SIDE_PX, SIDE_PX, |x, y, c| {
        let index = ((y * SIDE_PX + x) * 3 + c) as usize;
        let light = light(x, y)[c as usize] + grain * noise(index, 0);
        (255.0 * srgb_fraction_from_light(light.clamp(0.0, 1.0))).round() as u8
    })
}

fn lights(photo: &Photo) -> Vec<[f64; 3]> {
    let light = |sample: u8| srgb_light_from_fraction(f64::from(sample) / 255.0);
    samples(photo).as_chunks::<3>().0.iter().map(|pixel| pixel.map(light)).collect()
}

/// One dot in every square of this pitch.
fn dots(pitch_px: f32, sigma_px: f32, loss_px2: [f32; 3]) -> Splats {
    let count = (SIDE_PX as f32 / pitch_px).ceil() as usize + 1;
    let dot = |k: usize| Splat {
        x_px: (((k % count) as f32) + 0.5 * random(k, 1)) * pitch_px,
        y_px: (((k / count) as f32) + 0.5 * random(k, 2)) * pitch_px,
        sigma_major_px: sigma_px,
        sigma_minor_px: 0.8 * sigma_px,
        axis: [0.8, 0.6],
        loss_px2,
    };
    Splats::new((0..count * count).map(dot).collect())
}

/// The share of the light that all dots together leave, for each pixel.
fn left(splats: &Splats) -> Vec<[f64; 3]> {
    let side = SIDE_PX as usize;
    let mut tile = Transmittance::new(side, side);
    let all = PixelRect { x0: 0, y0: 0, x1: SIDE_PX as i32, y1: SIDE_PX as i32 };
    tile.render(all, splats.as_slice().iter());
    (0..side * side).map(|k| tile.row(k / side).map(|line| f64::from(line[k % side]))).collect()
}

fn treated(photo: &Photo, splats: &Splats) -> Photo {
    let mut after = photo.clone();
    composite(&mut after, splats, &Specular::estimate(photo, splats));
    after
}

/// The mean standard deviation and the mean of the values in squares of 8 x 8 px that lie wholly inside.
fn contrast(values: &[f64], inside: impl Fn(usize) -> bool) -> (f64, f64) {
    let (side, block) = (SIDE_PX as usize, 8);
    let (mut sums, mut mean, mut count) = (0.0, 0.0, 0.0);
    for (by, bx) in (0..side / block).flat_map(|by| (0..side / block).map(move |bx| (by, bx))) {
        let pixels: Vec<usize> =
            (0..block * block).map(|k| (by * block + k / block) * side + bx * block + k % block).collect();
        if pixels.iter().all(|k| inside(*k)) {
            let of = |f: &dyn Fn(f64) -> f64| pixels.iter().map(|k| f(values[*k])).sum::<f64>() / pixels.len() as f64;
            let middle = of(&|v| v);
            sums += of(&|v| (v - middle) * (v - middle)).sqrt();
            mean += middle;
            count += 1.0;
        }
    }
    assert!(count > 0.0, "nothing is inside");
    (sums / count, mean / count)
}

/// Mean difference (CIEDE2000) of the mean colours of squares of 40 x 40 px.
fn colour_error(got: &[[f64; 3]], truth: &[[f64; 3]]) -> f64 {
    let (side, block) = (SIDE_PX as usize, 40);
    let mean = |lights: &[[f64; 3]], x: usize, y: usize| {
        let pixels = (0..block * block).map(|k| lights[(y * block + k / block) * side + x * block + k % block]);
        let sum = pixels.fold([0.0; 3], |sum, light| std::array::from_fn(|c| sum[c] + light[c]));
        Tone(sum.map(|sum| sum / (block * block) as f64))
    };
    let squares = side / block;
    let off = (0..squares * squares).map(|k| {
        let (x, y) = (k % squares, k / squares);
        mean(got, x, y).difference(mean(truth, x, y))
    });
    off.sum::<f64>() / (squares * squares) as f64
}

#[test]
fn dots_in_the_glint_of_a_hard_light_have_their_true_contrast() {
    let splats = dots(9.0, 1.3, [4.6, 4.2, 3.8]);
    let left = left(&splats);
    for (width_px, apart_px, strength) in
        [(20.0, 120.0, 0.25), (20.0, 120.0, 0.15), (40.0, 160.0, 0.25), (80.0, 480.0, 0.25), (120.0, 480.0, 0.25)]
    {
        // Gaussians with this full width at half maximum, in the middles of squares.
        let sigma = width_px / 2.354_820_045;
        let glint = |x: u32, y: u32| {
            let off = |at: u32| (f64::from(at) + 0.5).rem_euclid(apart_px) - 0.5 * apart_px;
            strength * libm::exp(-(off(x) * off(x) + off(y) * off(y)) / (2.0 * sigma * sigma))
        };
        let before = photo_of(|x, y| skin(x, y).map(|light| light + glint(x, y)), 0.006);
        let after = treated(&before, &splats);
        let place = |k: usize| (k as u32 % SIDE_PX, k as u32 / SIDE_PX);
        let ratio = |(after, before): (&[f64; 3], &[f64; 3])| luminance(*after) / luminance(*before);
        let got: Vec<f64> = lights(&after).iter().zip(&lights(&before)).map(ratio).collect();
        let truth: Vec<f64> = (0..left.len())
            .map(|k| {
                let (x, y) = place(k);
                let (skin, glint) = (skin(x, y), glint(x, y));
                let even_specular = USUAL_EVEN_SPECULAR * luminance(skin);
                let after = std::array::from_fn(|c| skin[c] - (skin[c] - even_specular) * (1.0 - left[k][c]) + glint);
                luminance(after) / (luminance(skin) + glint)
            })
            .collect();
        let name = format!("{width_px} px wide, {strength} strong");
        let bright = |k: usize| glint(place(k).0, place(k).1) > 0.3 * strength;
        let ((got_in, _), (true_in, _)) = (contrast(&got, bright), contrast(&truth, bright));
        println!("{name}: {:.3} of the true contrast", got_in / true_in);
        assert!((got_in / true_in - 1.0).abs() < 0.1, "{name}: contrast {got_in} for {true_in}");
        // Skin without a glint is not mistaken for one.
        let plain = |k: usize| glint(place(k).0, place(k).1) < 0.004;
        let ((got_out, got_mean), (true_out, true_mean)) = (contrast(&got, plain), contrast(&truth, plain));
        println!("  beside it {:.3}, mean loss {:.3}", got_out / true_out, (1.0 - got_mean) / (1.0 - true_mean));
        assert!((got_out / true_out - 1.0).abs() < 0.03, "{name}, beside it: contrast {got_out} for {true_out}");
        assert!(((1.0 - got_mean) / (1.0 - true_mean) - 1.0).abs() < 0.03, "{name}, beside it: {got_mean}");
    }
}

#[test]
fn paint_has_its_true_strength_on_dark_skin_and_in_hard_light() {
    // Shares of the incident light, what the skin's surface reflects on average, and what paint sends back: as they may
    // be, and as path-traced heads have them. Under a bare bulb nearly all that is reflected is in its highlight.
    let (even, traced) = ([0.014, 0.014], [0.0155, 0.0108]);
    let splats = dots(9.0, 1.3, [4.6, 4.6, 4.6]);
    let left = left(&splats);
    let half = 0.5 * f64::from(SIDE_PX);
    for (melanosome_fraction, light, in_highlight, [surface, paint]) in [
        (0.012, 1.4, 0.0, even),
        (0.08, 1.8, 0.0, even),
        (0.08, 2.6, 0.0, even),
        (0.012, 1.4, 0.5, even),
        (0.08, 2.2, 0.5, even),
        (0.1, 1.8, 0.5, traced),
        (0.012, 1.4, 0.95, traced),
        (0.02, 1.4, 0.95, traced),
        (0.15, 2.5, 0.95, traced),
    ] {
        let reflectance = Skin { melanosome_fraction, ..Skin::default() }.reflectance();
        let incident = |x: u32, y: u32| light * luminance(skin(x, y)) / 0.42;
        // Reflections of the room, and a part in a lamp's highlight of 80 px.
        let sigma = 80.0 / 2.354_820_045;
        let off = |at: u32| f64::from(at) + 0.5 - half;
        let glint = |x: u32, y: u32| libm::exp(-(off(x) * off(x) + off(y) * off(y)) / (2.0 * sigma * sigma));
        let area = std::f64::consts::TAU * sigma * sigma / (4.0 * half * half);
        let mirrored = |x: u32, y: u32| surface * light * (1.0 - in_highlight + in_highlight * glint(x, y) / area);
        // Mottled as skin is.
        let usual = [0.445, 0.301, 0.254].map(|part| part / luminance([0.445, 0.301, 0.254]));
        let inside = |x: u32, y: u32| {
            let mottled = skin(x, y);
            std::array::from_fn::<f64, 3, _>(|c| {
                reflectance[c] * incident(x, y) * mottled[c] / usual[c] / luminance(mottled)
            })
        };
        let before = photo_of(|x, y| inside(x, y).map(|light| light + mirrored(x, y)), 0.003);
        let mut after = before.clone();
        composite(&mut after, &splats, &Specular::estimate_under_pigment(&before, &splats));
        let place = |k: usize| (k as u32 % SIDE_PX, k as u32 / SIDE_PX);
        let ratio = |(after, before): (&[f64; 3], &[f64; 3])| luminance(*after) / luminance(*before);
        let got: Vec<f64> = lights(&after).iter().zip(&lights(&before)).map(ratio).collect();
        let truly_after: Vec<[f64; 3]> = (0..left.len())
            .map(|k| {
                let (x, y) = place(k);
                let (inside, mirrored, paint) = (inside(x, y), mirrored(x, y), paint * incident(x, y));
                std::array::from_fn(|c| inside[c] - (inside[c] - paint) * (1.0 - left[k][c]) + mirrored)
            })
            .collect();
        let truth: Vec<f64> = (0..left.len())
            .map(|k| {
                let (x, y) = place(k);
                luminance(truly_after[k]) / (luminance(inside(x, y)) + mirrored(x, y))
            })
            .collect();
        let name = format!(
            "{melanosome_fraction} melanosomes, light {light}, {in_highlight} of the specular light in a highlight"
        );
        let ((got, got_mean), (true_contrast, true_mean)) = (contrast(&got, |_| true), contrast(&truth, |_| true));
        let (contrast, taken) = (got / true_contrast, (1.0 - got_mean) / (1.0 - true_mean));
        println!("{name}: {contrast:.3} of the true contrast, {taken:.3} of the loss");
        assert!((contrast - 1.0).abs() < 0.05, "{name}: {contrast:.3} of the contrast");
        assert!((taken - 1.0).abs() < 0.05, "{name}: {taken:.3} of the loss");
        let off = colour_error(&lights(&after), &truly_after);
        println!("  colours off by {off:.3}");
        assert!(off < 0.2, "{name}: colours are off by {off:.3}");
    }
}

#[test]
fn random_dots_on_plain_skin_take_what_the_formula_says_at_any_scale() {
    let skin_samples = [52_000_u16, 43_000, 39_500];
    let light = skin_samples.map(|sample| srgb_light_from_fraction(f64::from(sample) / 65_535.0));
    let even_specular = USUAL_EVEN_SPECULAR * luminance(light);
    // The dots are so wide that even the pixel in the middle of one keeps some of its light.
    let (loss_mm2, sigma_mm, per_mm2) = ([0.05, 0.035, 0.02], 0.1, 3.0);
    for (mm_per_px, side_px) in [(0.03, 700_u32), (0.06, 500), (0.125, 300), (0.25, 200), (0.5, 150)] {
        let side_mm = f64::from(side_px) * mm_per_px;
        let samples = Samples::U16((0..side_px * side_px).flat_map(|_| skin_samples).collect());
        let plain = changed(crate::pictures::plain(side_px, side_px, 0), |parts| parts.samples = samples);
        for (blur_px, tile_px) in [(0.3, 32), (0.7, 512), (1.5, 77)] {
            // Dots scattered at random on a photo whose opposite edges meet: on average each takes the same share
            // everywhere, so that (1 - loss / area)^count of the light is left, however the dots are blurred.
            let count = (per_mm2 * side_mm * side_mm).round() as usize;
            let sigma_px = (sigma_mm / mm_per_px).hypot(blur_px) as f32;
            let mut splats = Vec::new();
            for k in 0..count {
                let at = |stream: u64| random(k, stream + tile_px as u64) * side_px as f32;
                let rim = 6.0 * sigma_px + 2.0;
                let copies = |at: f32| {
                    [-1.0, 0.0, 1.0]
                        .map(|by| at + by * side_px as f32)
                        .into_iter()
                        .filter(move |at| *at > -rim && *at < side_px as f32 + rim)
                };
                for (x_px, y_px) in copies(at(1)).flat_map(|x| copies(at(2)).map(move |y| (x, y))) {
                    splats.push(Splat {
                        x_px,
                        y_px,
                        sigma_major_px: sigma_px,
                        sigma_minor_px: sigma_px,
                        axis: [1.0, 0.0],
                        loss_px2: loss_mm2.map(|loss| (loss / (mm_per_px * mm_per_px)) as f32),
                    });
                }
            }
            let splats = Splats::new(splats);
            let specular = Specular::estimate(&plain, &splats);
            let index = TileIndex::new(&splats, TileGrid::with_tiles_of(side_px, side_px, tile_px, tile_px));
            let mut after = plain.clone();
            composite_indexed(&mut after, &splats, &index, &specular).unwrap();
            let Samples::U16(samples) = after.samples() else { panic!("16 bits") };
            for c in 0..3 {
                let lights = samples.iter().skip(c).step_by(3);
                let sum: f64 = lights.map(|sample| srgb_light_from_fraction(f64::from(*sample) / 65_535.0)).sum();
                let mean = sum / f64::from(side_px * side_px);
                let left = libm::pow(1.0 - loss_mm2[c] / (side_mm * side_mm), count as f64);
                let formula = light[c] - (light[c] - even_specular) * (1.0 - left);
                // The tolerance allows for chance: how many dots overlap.
                let off = (mean / formula - 1.0).abs();
                assert!(off < 0.001, "{mm_per_px} mm/px, blur {blur_px} px, channel {c}: off by {off:.4}");
            }
            let none = splats.as_slice().iter().map(|splat| Splat { loss_px2: [0.0; 3], ..*splat }).collect();
            assert!(treated_as(&plain, &Splats::new(none), &specular) == plain, "no pigment, {mm_per_px} mm/px");
        }
    }
}

fn treated_as(photo: &Photo, splats: &Splats, specular: &Specular) -> Photo {
    let mut after = photo.clone();
    composite(&mut after, splats, specular);
    after
}

#[test]
fn hair_is_unchanged_and_skin_beside_it_loses_as_much_as_without_hair() {
    // Long dark hair, stubble, and an eyebrow that covers half of its skin.
    let hair = |x: u32, y: u32| {
        let long = x < 200 && (x + y / 7) % 23 < 2;
        let stubble = (200..400).contains(&x) && x % 9 < 2 && y % 11 < 2;
        let brow = x >= 420 && (200..260).contains(&y) && (x + y / 2) % 6 < 3;
        long || stubble || brow
    };
    let bare = photo_of(skin, 0.004);
    let hairy = crate::pictures::photo(SIDE_PX, SIDE_PX, |x, y, c| {
        let skin = samples(&bare)[((y * SIDE_PX + x) * 3 + c) as usize];
        if hair(x, y) { [32, 27, 25][c as usize] } else { skin }
    });
    let splats = dots(7.0, 2.0, [9.0, 8.0, 7.0]);
    let (bare_after, hairy_after) = (treated(&bare, &splats), treated(&hairy, &splats));
    let mut regions = [(0.0, 0.0); 3];
    for y in 0..SIDE_PX {
        for x in 0..SIDE_PX {
            let at = ((y * SIDE_PX + x) * 3) as usize..((y * SIDE_PX + x) * 3 + 3) as usize;
            if hair(x, y) {
                assert_eq!(samples(&hairy_after)[at.clone()], samples(&hairy)[at], "hair at {x}, {y}");
                continue;
            }
            let light = |photo: &Photo| srgb_light_from_fraction(f64::from(samples(photo)[at.start + 1]) / 255.0);
            let (lost, lost_beside_hair) = (light(&bare) - light(&bare_after), light(&hairy) - light(&hairy_after));
            let region = &mut regions[if x < 200 {
                0
            } else if x < 400 {
                1
            } else {
                2
            }];
            *region = (region.0 + lost, region.1 + lost_beside_hair);
        }
    }
    for ((lost, beside_hair), name) in regions.into_iter().zip(["long hair", "stubble", "brow"]) {
        println!("{name}: {:.4}", beside_hair / lost);
        assert!((beside_hair / lost - 1.0).abs() < 0.01, "skin beside {name} loses {beside_hair} instead of {lost}");
    }
}

#[test]
fn grain_stays_in_proportion_to_the_light() {
    // The same skin with and without grain: the difference is the grain. Compared before and after, in fine and coarse
    // detail.
    let splats = dots(9.0, 1.3, [4.6, 4.2, 3.8]);
    let (clean, grainy) = (photo_of(skin, 0.0), photo_of(skin, 0.012));
    let (clean_after, grainy_after) = (treated(&clean, &splats), treated(&grainy, &splats));
    let grain = |clean: &Photo, grainy: &Photo| -> Vec<f64> {
        let pairs = lights(clean).into_iter().zip(lights(grainy));
        pairs.map(|(clean, grainy)| luminance(grainy) / luminance(clean) - 1.0).collect()
    };
    let (before, after) = (grain(&clean, &grainy), grain(&clean_after, &grainy_after));
    let side = SIDE_PX as usize;
    // Power of the differences of neighbours, and of means over 4 x 4 px.
    let fine = |grain: &[f64]| -> f64 { grain.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum() };
    let coarse = |grain: &[f64]| -> f64 {
        let square = |k: usize| {
            let (y, x) = (k / (side / 4) * 4, k % (side / 4) * 4);
            let sum: f64 = (0..16).map(|i| grain[(y + i / 4) * side + x + i % 4]).sum();
            sum * sum
        };
        (0..side * side / 16).map(square).sum()
    };
    for (name, after, before) in [("fine", fine(&after), fine(&before)), ("coarse", coarse(&after), coarse(&before))] {
        println!("{name}: {:.3}", after / before);
        assert!((after / before - 1.0).abs() < 0.05, "{name} grain: {after} of {before}");
    }
}
