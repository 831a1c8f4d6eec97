//! A pencil line drawn by the program into the sample clients' photos is read back where it was drawn.

use glam::{DVec2, DVec3};
use rayon::prelude::*;
use scalp_studio::case::document::Document;
use scalp_studio::case::head_fit::HeadFit;
use scalp_studio::case::read_back::ReadBack;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::path::walk;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::photo::{self, EncodeOptions, Format, Limits, Photo, Samples};
use scalp_studio::reading::drawn_line::NoLine;

struct Sample {
    _folder: tempfile::TempDir,
    case: Case,
}

fn sample(client: Client) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let views = client.views().unwrap();
    let case = Case::create(&path, views, &Start::default(), Existing::Refuse, &Limits::default()).unwrap();
    Sample { _folder: folder, case }
}

/// A pencil.
#[derive(Clone, Copy)]
struct Pencil {
    colour: [f64; 3],
    /// Of the line, mm.
    width_mm: f64,
    /// Share of the skin below it that it hides.
    opacity: f64,
}

const WHITE: Pencil = Pencil { colour: [242.0, 240.0, 235.0], width_mm: 1.6, opacity: 0.9 };
const BLACK: Pencil = Pencil { colour: [28.0, 26.0, 30.0], width_mm: 1.0, opacity: 0.85 };
const BROWN: Pencil = Pencil { colour: [70.0, 42.0, 30.0], width_mm: 1.2, opacity: 0.8 };
const BLUE: Pencil = Pencil { colour: [40.0, 60.0, 150.0], width_mm: 1.2, opacity: 0.75 };
const RED: Pencil = Pencil { colour: [160.0, 30.0, 40.0], width_mm: 2.2, opacity: 0.8 };

/// How far the line is drawn from the planned one, mm, at a length along it.
type Off = fn(f64) -> f64;

/// What a pencil's line looks like in the photo: px, at half a millimetre each.
fn drawn_px(head: &Head, camera: &Camera, line: &[SurfacePoint], off: Off) -> Vec<Option<DVec2>> {
    let mut along = 0.0;
    line.windows(2)
        .map(|pair| {
            let step = pair[1].position - pair[0].position;
            let up = pair[0].normal.cross(step).normalize();
            let mm = off(along);
            along += step.length();
            let way = up * mm.signum();
            let place = *walk(&head.cranium, pair[0].position, way, mm.abs().max(1e-6)).last().unwrap();
            let shown = head.visible(camera, &place);
            camera.image_from_head(place.position).filter(|_| shown)
        })
        .collect()
}

fn noise(seed: u64) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..4).map(|_| next()).sum::<f64>() - 2.0
}

/// The photo with the line, as a phone would save it: noise of some sample values, then JPEG.
fn with_line(photo: &Photo, line: &[Option<DVec2>], pencil: Pencil, px_per_mm: f64) -> Photo {
    let Samples::U8(before) = photo.samples() else { panic!("samples are 8 bits") };
    let [width, height] = photo.size_px();
    let half = 0.5 * pencil.width_mm * px_per_mm;
    let stretches: Vec<[DVec2; 2]> = line.windows(2).filter_map(|pair| Some([pair[0]?, pair[1]?])).collect();
    let reach = half + 2.0;
    let mut near = vec![f64::INFINITY; (width * height) as usize];
    for [a, b] in &stretches {
        let (low, high) = (a.min(*b) - reach, a.max(*b) + reach);
        for y in low.y.max(0.0) as u32..(high.y.max(0.0) as u32 + 1).min(height) {
            for x in low.x.max(0.0) as u32..(high.x.max(0.0) as u32 + 1).min(width) {
                let p = DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                let t = ((p - a).dot(b - a) / (b - a).length_squared().max(1e-9)).clamp(0.0, 1.0);
                let index = (y * width + x) as usize;
                near[index] = near[index].min(p.distance(a.lerp(*b, t)));
            }
        }
    }
    let drawn = Photo::from_rows(width, height, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = y * width as usize + x;
            let share = (half + 0.5 - near[at]).clamp(0.0, 1.0) * pencil.opacity;
            let grain = 6.0 * noise(at as u64);
            for (c, sample) in pixel.iter_mut().enumerate() {
                let under = f64::from(before[3 * at + c]);
                *sample = (under + (pencil.colour[c] - under) * share + grain).round().clamp(0.0, 255.0) as u8;
            }
        }
    });
    let jpeg = photo::encode(&drawn, Format::Jpeg { quality: 82 }, &EncodeOptions::default()).unwrap();
    photo::decode(&jpeg, &Limits::default()).unwrap()
}

/// What is read of a line that was drawn with this pencil: the view is that of the photo.
fn read(
    fit: &HeadFit,
    document: &Document,
    (view, photo): (usize, &Photo),
    drawn: Option<(Off, Pencil)>,
) -> Result<ReadBack, NoLine> {
    let (head, camera) = (fit.head(), fit.camera(view).unwrap());
    let hairline = &document.variants[0].plan.hairline;
    let mut photo = photo.clone();
    if let Some((off, pencil)) = drawn {
        let line = hairline.line(head);
        let px_per_mm = 1.0 / camera.mm_per_px(hairline.mid_frontal(head).position);
        photo = with_line(&photo, &drawn_px(head, camera, &line, off), pencil, px_per_mm);
    }
    fit.read_back(&photo, (view, &document.views[view]), hairline, None)
}

fn level(mm: f64) -> f64 {
    libm::sin(mm * 0.05) * 1.5
}

#[test]
fn lines_of_every_colour_are_read_back_within_half_a_millimetre() {
    let drawn: [(Off, Pencil); 6] = [
        (|_| 0.0, WHITE),
        (|mm| 3.0 + level(mm), BLACK),
        (|mm| -4.0 + 0.02 * (mm - 120.0), BROWN),
        (|mm| 2.0 * level(mm), BLUE),
        (|mm| 6.0 - level(mm), RED),
        (|mm| -2.5 + level(mm), Pencil { opacity: 0.55, ..WHITE }),
    ];
    for client in CLIENTS {
        let sample = sample(client);
        let (document, fit) = (sample.case.document(), sample.case.fit().unwrap());
        let views = &document.views;
        let photos: Vec<(usize, Photo)> = ["front", "left-oblique"]
            .iter()
            .map(|name| views.iter().position(|view| view.name == *name).unwrap())
            .map(|view| (view, sample.case.photo(view, &Limits::default()).unwrap()))
            .collect();
        let failures: Vec<String> = drawn
            .par_iter()
            .enumerate()
            .flat_map_iter(|(number, (off, pencil))| {
                let check = |(view, photo): &(usize, Photo)| -> Option<String> {
                    let view = *view;
                    // A brown pencil on brown skin is what it is.
                    let name = format!("{client:?}, {}, line {number}", views[view].name);
                    let read = match read(&fit, document, (view, photo), Some((*off, *pencil))) {
                        Ok(read) => read,
                        Err(problem) => return Some(format!("{name}: {problem}")),
                    };
                    let errors: Vec<f64> = read.crossings.iter().map(|c| c.off_mm - off(c.along_mm)).collect();
                    let worst = errors.iter().fold(0.0_f64, |worst, error| worst.max(error.abs()));
                    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
                    println!("{name}: {} mm, mean {mean:.3}, worst {worst:.3}", errors.len());
                    (worst > 0.5 || read.length_mm() < 60.0).then(|| format!("{name}: worst {worst} mm"))
                };
                photos.iter().filter_map(check).collect::<Vec<_>>()
            })
            .collect();
        assert!(failures.is_empty(), "{failures:#?}");
    }
}

#[test]
fn where_nothing_was_drawn_nothing_is_read() {
    for client in CLIENTS {
        let sample = sample(client);
        let (document, fit) = (sample.case.document(), sample.case.fit().unwrap());
        for (view, record) in document.views.iter().enumerate() {
            let photo = sample.case.photo(view, &Limits::default()).unwrap();
            let read = read(&fit, document, (view, &photo), None);
            assert!(
                matches!(read, Err(NoLine::NotFound | NoLine::NotShown)),
                "{client:?}, {}: {:?}",
                record.name,
                read.map(|read| read.text())
            );
        }
    }
}

#[test]
fn a_traced_line_is_compared_as_a_found_one_and_the_worst_place_is_named() {
    let sample = sample(Client::Light);
    let case = &sample.case;
    let fit = case.fit().unwrap();
    let (head, camera) = (fit.head(), fit.camera(0).unwrap());
    let hairline = &case.document().variants[0].plan.hairline;
    let line = hairline.line(head);
    // Two millimetres too high, but for a bump of five at the subject's left.
    let middle = hairline.mid_frontal(head).position;
    let bump = |place: DVec3| libm::exp(-((place.x - 30.0) / 8.0) * ((place.x - 30.0) / 8.0));
    let traced: Vec<DVec2> = line
        .windows(2)
        .filter(|pair| (pair[0].position.x - middle.x).abs() < 45.0 && pair[0].position.z > 0.0)
        .filter_map(|pair| {
            let up = pair[0].normal.cross(pair[1].position - pair[0].position).normalize();
            let mm = 2.0 + 3.0 * bump(pair[0].position);
            camera.image_from_head(walk(&head.cranium, pair[0].position, up, mm).last()?.position)
        })
        .collect();
    let photo = case.photo(0, &Limits::default()).unwrap();
    let view = (0, &case.document().views[0]);
    let read = fit.read_back(&photo, view, hairline, Some(&traced)).unwrap();
    let worst = read.worst().unwrap();
    assert!((worst.off_mm - 5.0).abs() < 0.1, "{worst:?}");
    assert!((20.0..45.0).contains(&worst.from_midline_mm), "{worst:?}");
    assert!((2.0..3.2).contains(&read.mean_mm) && read.mean_mm <= read.mean_off_mm + 1e-9);
    assert!((0.1..15.0).contains(&read.error_mm), "{}", read.error_mm);
    assert!(read.text().contains("5.0\u{a0}mm too high") && read.text().contains("client's left"), "{}", read.text());
    let elsewhere = [DVec2::new(10.0, 10.0), DVec2::new(40.0, 12.0)];
    assert_eq!(fit.read_back(&photo, view, hairline, Some(&elsewhere)), Err(NoLine::TracedElsewhere));
}
