//! What is handed over of the sample client: lengths, sizes, and that it can be stopped.

use std::ops::ControlFlow;

use glam::DVec2;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, NewView, Start};
use scalp_studio::export::animation::{self, Kind, Shape};
use scalp_studio::export::handover::{Asked, HandoverError};
use scalp_studio::export::later;
use scalp_studio::export::page::{self, page};
use scalp_studio::export::pictures::{Make, Watch, unwatched};
use scalp_studio::export::practice::Practice;
use scalp_studio::export::report::report;
use scalp_studio::export::subject::Subject;
use scalp_studio::export::template::Template;
use scalp_studio::ground::files::Existing;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::photo::{self, EncodeOptions, Format, Limits, Photo, Samples, encode};
use scalp_studio::plan::recession::{Class, LUDWIG};
use scalp_studio::plan::treatment::Treatment;
use scalp_studio::reading::views;

struct Sample {
    _folder: tempfile::TempDir,
    case: Case,
}

impl Sample {
    fn new() -> Self {
        Self::of(Client::Light)
    }

    fn of(client: Client) -> Self {
        Self::with(client.views().unwrap(), &Start::default())
    }

    fn with(views: Vec<NewView>, start: &Start) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.scalp");
        let case = Case::create(&path, views, start, Existing::Refuse, &Limits::default()).unwrap();
        Self { _folder: folder, case }
    }

    fn subject(&self) -> Subject<'_> {
        let bytes = |view| self.case.photo_bytes(view);
        Subject::new(self.case.document(), "sample", 0, Limits::default(), bytes).unwrap()
    }
}

#[test]
fn exports_read_own_hair_as_plans_do_in_large_photos_too() {
    const TIMES: f64 = 1.7;
    let mut views = Client::Light.views().unwrap();
    views.retain(|view| ["front", "back", "right"].contains(&view.name.as_str()));
    let back = views.iter_mut().find(|view| view.name == "back").unwrap();
    let photo = image::load_from_memory(&back.bytes).unwrap().to_rgb8();
    let [width, height] = [photo.width(), photo.height()].map(|side| (f64::from(side) * TIMES) as u32);
    assert!(width * height > 8_000_000, "{width} x {height}");
    let large = image::imageops::resize(&photo, width, height, image::imageops::FilterType::Triangle);
    let large = Photo::from_srgb(width, height, large.into_raw()).unwrap();
    back.bytes = encode(&large, Format::Jpeg { quality: 95 }, &EncodeOptions::default()).unwrap();
    back.points.landmarks.iter_mut().for_each(|(_, at)| *at *= TIMES);
    back.points.outline.iter_mut().for_each(|at| *at *= TIMES);
    let sample = Sample::with(views, &Start { ignore_own_hair: true, ..Start::default() });
    let mut subject = sample.subject();
    let fit = &subject.fitted.fit;
    let followed =
        fit.own_hair(&fit.views(sample.case.document()), |view| sample.case.photo(view, &Limits::default()).ok());
    let (followed, _) = followed.unwrap();
    assert_eq!(*subject.own_hair().unwrap(), followed);
}

#[test]
fn tapes_of_the_template_are_those_of_measure() {
    let sample = Sample::new();
    let subject = sample.subject();
    let fit = &subject.fitted.fit;
    let template = Template::of(&subject, Practice::usual()).unwrap();
    let shown = fit.views(sample.case.document());
    let mut compared = 0;
    for (along, sides) in &template.rows {
        for tapes in sides.iter().flatten() {
            // In a photo that shows both ends.
            let glabella = fit.head().glabella();
            for view in &shown {
                let seen = |point| views::of_place(fit.head(), &[*view], point, |_| true).map(|(_, sight)| sight.px);
                let (Some(from), Some(to)) = (seen(&glabella), seen(&tapes.point)) else { continue };
                let ends: [DVec2; 2] = [from, to];
                let Some(measured) = fit.measure(view.index, ends) else { continue };
                let off = (measured.length_mm - tapes.glabella.length_mm).abs();
                assert!(
                    off < 1.0,
                    "{along} mm along the line: {} against {}",
                    tapes.glabella.length_mm,
                    measured.length_mm
                );
                assert!((0.5..20.0).contains(&tapes.glabella.error_mm), "{}", tapes.glabella.error_mm);
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared} tapes were compared");
    // Both sides of a mirrored line are as long, as far as the face is symmetric.
    let (_, [right, left]) = &template.rows[5];
    let [right, left] = [right, left].map(|tapes| tapes.as_ref().unwrap().glabella.length_mm);
    assert!((right - left).abs() < 3.0, "{right} {left}");
    assert_eq!(template.rows[0].0, 0.0);
    assert!(template.rows.windows(2).all(|rows| rows[1].0 - rows[0].0 == 10.0));
}

#[test]
fn the_template_s_drawing_is_in_real_size() {
    let sample = Sample::new();
    let subject = sample.subject();
    let template = Template::of(&subject, Practice::usual()).unwrap();
    let svg = template.svg().unwrap();
    // One unit is one millimetre.
    let (_, rest) = svg.split_once("width=\"").unwrap();
    let width = rest.split_once("mm\"").unwrap().0;
    let view_box = rest.split_once("viewBox=\"0 0 ").unwrap().1.split_once(' ').unwrap().0;
    assert_eq!(width, view_box);
    let lines: Vec<Vec<DVec2>> = svg
        .split("<polyline points=\"")
        .skip(1)
        .map(|line| {
            let pair = |point: &str| {
                let (x, y) = point.split_once(',').unwrap();
                DVec2::new(x.parse().unwrap(), y.parse().unwrap())
            };
            line.split('"').next().unwrap().split(' ').map(pair).collect()
        })
        .collect();
    let straight = |line: &&Vec<DVec2>| line.len() == 2 && (line[0].distance(line[1]) - 100.0).abs() < 1e-9;
    assert_eq!(lines.iter().filter(straight).count(), 1, "the ruler is 100.0 mm long");
    // The line as a whole is as long as on the skin.
    let head = subject.fitted.fit.head();
    let length = |points: &[DVec2]| points.windows(2).map(|w| w[0].distance(w[1])).sum::<f64>();
    let drawn = lines.iter().map(|line| length(line)).fold(0.0, f64::max);
    let on_skin: f64 =
        subject.plan().hairline.line(head).windows(2).map(|w| w[0].position.distance(w[1].position)).sum();
    assert!((drawn / on_skin - 1.0).abs() < 0.01, "{drawn} mm drawn, {on_skin} mm on the skin");
    assert!(head.landmark(Landmark::Glabella).is_finite());
}

#[test]
fn files_stay_below_what_mail_and_chat_programs_take() {
    let sample = Sample::new();
    let (mut subject, usual, asked) = (sample.subject(), Practice::usual(), Asked::default());
    let report = report(&mut subject, usual, &asked, &unwatched).unwrap();
    assert!(report.bytes.len() < 5_000_000 && report.missing.is_empty(), "{} bytes", report.bytes.len());
    let page = page(&mut subject, usual, &asked, &unwatched).unwrap();
    assert!(page.len() < page::LARGEST, "{} bytes", page.len());
    for shape in [Shape::Portrait, Shape::Story] {
        let film = animation::film(&mut subject, usual, shape, Kind::Gif, &unwatched).unwrap();
        assert!(film.len() < animation::LARGEST && film.len() > 100_000, "{} bytes", film.len());
    }
}

#[test]
fn work_can_be_stopped_at_any_time_and_says_how_far_it_is() {
    let sample = Sample::new();
    let (mut subject, usual, asked) = (sample.subject(), Practice::usual(), Asked::default());
    let shares = std::cell::RefCell::new(Vec::new());
    let watch = |share: f64| {
        shares.borrow_mut().push(share);
        if share > 0.4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = |watch: Watch, subject: &mut Subject| {
        let result = report(subject, usual, &asked, watch);
        matches!(result, Err(HandoverError::Stopped))
    };
    assert!(stopped(&watch, &mut subject));
    assert!(matches!(page(&mut subject, usual, &asked, &watch), Err(HandoverError::Stopped)));
    assert!(matches!(
        animation::film(&mut subject, usual, Shape::Portrait, Kind::Gif, &watch),
        Err(HandoverError::Stopped)
    ));
    let shares = shares.into_inner();
    assert!(shares.len() > 6 && shares.iter().all(|share| (0.0..=1.0).contains(share)), "{shares:?}");
}

/// Green sample values of a JPEG.
fn greens(jpeg: &[u8]) -> Vec<f64> {
    let photo = photo::decode(jpeg, &Limits::default()).unwrap();
    let Samples::U8(samples) = photo.samples() else { panic!("samples are 8 bits") };
    samples.as_chunks::<3>().0.iter().map(|pixel| f64::from(pixel[1])).collect()
}

#[test]
fn hair_that_is_lost_leaves_bare_skin_around_the_work_and_a_further_session_fills_it() {
    for client in CLIENTS {
        let sample = Sample::of(client);
        let mut subject = sample.subject();
        let make = Make { most_px: 480, quality: 95 };
        let loss = later::hair_loss(&mut subject, None, make, &unwatched).unwrap().unwrap();
        let planned = greens(&loss.planned.jpeg);
        assert!(!loss.stages.is_empty(), "{client:?}");
        let mut bare_before = 0.0;
        for stage in &loss.stages {
            let (without, with) = (greens(&stage.without.jpeg), greens(&stage.with.jpeg));
            let gone: Vec<usize> = (0..planned.len()).filter(|i| without[*i] - planned[*i] > 12.0).collect();
            let mean = |values: &[f64]| gone.iter().map(|i| values[*i]).sum::<f64>() / gone.len() as f64;
            println!(
                "{client:?} {}: {} px, {:.1} planned, {:.1} without, {:.1} with, {:.0} cm2, {} dots",
                stage.class.title(),
                gone.len(),
                mean(&planned),
                mean(&without),
                mean(&with),
                stage.bare_cm2,
                stage.dots
            );
            assert!(gone.len() > planned.len() / 300, "{client:?} {:?}: {} pixels", stage.class, gone.len());
            // Skin is lighter than hair on it, and the work that fills it is about as dark as hair.
            assert!(mean(&without) > mean(&planned) + 8.0 && mean(&with) < mean(&without) - 4.0);
            // What is no scalp stays as it is.
            let changed = (0..planned.len()).filter(|i| (without[*i] - planned[*i]).abs() > 12.0).count();
            assert!(changed < planned.len() / 3, "{client:?}: {changed} of {}", planned.len());
            assert!(stage.bare_cm2 > bare_before && stage.dots > 0, "{client:?}: each class takes more");
            bare_before = stage.bare_cm2;
        }
    }
}

#[test]
fn a_laser_takes_pigment_away_session_by_session() {
    let sample = Sample::new();
    let mut subject = sample.subject();
    let panels = later::removal(&mut subject, Make { most_px: 320, quality: 95 }, &unwatched).unwrap();
    let lights: Vec<f64> = panels.iter().map(|panel| greens(&panel.jpeg).iter().sum()).collect();
    assert_eq!(panels.len(), 4);
    assert!(lights.windows(2).all(|pair| pair[1] > pair[0]), "{lights:?}");
}

/// The sample client with strands of long hair painted over the scalp, and a plan to shade between them.
fn long_haired(light: [u8; 3]) -> Sample {
    let mut views = Client::Light.views().unwrap();
    views.retain(|view| ["front", "top"].contains(&view.name.as_str()));
    let top = views.iter_mut().find(|view| view.name == "top").unwrap();
    let photo = photo::decode(&top.bytes, &Limits::default()).unwrap();
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let Samples::U8(samples) = photo.samples() else { panic!("samples are 8 bits") };
    let mut samples = samples.to_vec();
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let length = 0.12 * width as f64;
    for _ in 0..width * height / 180 {
        let (x, y, turn) = (random() * width as f64, random() * height as f64, 0.8 * random());
        let (sin, cos) = libm::sincos(turn);
        for step in 0..(2.0 * length) as usize {
            let along = 0.5 * step as f64;
            for across in 0..2 {
                let (x, y) = ((x + along * sin) as usize + across, (y + along * cos) as usize);
                if x < width && y < height {
                    samples[3 * (y * width + x)..][..3].copy_from_slice(&light);
                }
            }
        }
    }
    let painted = photo::Photo::from_srgb(width as u32, height as u32, samples).unwrap();
    top.bytes = photo::encode(&painted, photo::Format::Png, &photo::EncodeOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let start = Start { treatment: Some(Treatment::Density), ..Start::default() };
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    Sample { _folder: folder, case }
}

#[test]
fn womens_hair_thins_from_grade_to_grade_and_a_further_session_shades_what_shows() {
    let sample = long_haired([45, 34, 28]);
    let mut subject = sample.subject();
    let make = Make { most_px: 640, quality: 95 };
    let loss = later::hair_loss(&mut subject, None, make, &unwatched).unwrap().unwrap();
    assert_eq!(loss.view, "Top");
    assert!(loss.note().contains("Ludwig") && loss.heading().contains("thins"));
    assert_eq!(loss.stages.iter().map(|stage| stage.class).collect::<Vec<_>>(), LUDWIG[..2]);
    let planned = greens(&loss.planned.jpeg);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mut light, mut dots) = (mean(&planned), 0);
    for stage in &loss.stages {
        let (without, with) = (greens(&stage.without.jpeg), greens(&stage.with.jpeg));
        assert!(mean(&without) > light + 0.5, "less hair shows more skin");
        assert!(mean(&with) < mean(&without) - 0.2, "a further session darkens it");
        assert!(stage.dots > dots && stage.bare_cm2 > 50.0 && stage.text().starts_with("Ludwig"));
        // The face and the nape stay.
        let outside = planned.len() / 20;
        let same = |rows: std::ops::Range<usize>| rows.clone().all(|i| (planned[i] - without[i]).abs() < 3.0);
        assert!(same(0..outside) && same(planned.len() - outside..planned.len()));
        (light, dots) = (mean(&without), stage.dots);
    }
    let why = later::hair_loss(&mut subject, Some(Class::Ludwig3), make, &unwatched).unwrap().unwrap_err();
    assert!(why.contains("Ludwig III is not shown"), "{why}");
    let only = later::hair_loss(&mut subject, Some(Class::Ludwig2), make, &unwatched).unwrap().unwrap();
    assert_eq!(only.stages.as_slice(), &loss.stages[loss.stages.len() - 1..]);
    let why = later::hair_loss(&mut subject, Some(Class::Norwood6), make, &unwatched).unwrap().unwrap_err();
    assert!(why.contains("Ludwig's is shown"), "{why}");
}

#[test]
fn womens_hair_that_cannot_be_told_from_skin_is_not_thinned() {
    let make = Make { most_px: 480, quality: 90 };
    let blond = long_haired([214, 184, 150]);
    let why = later::hair_loss(&mut blond.subject(), None, make, &unwatched).unwrap().unwrap_err();
    assert!(why.contains("further hair loss is not shown"), "{why}");
    let sample = Sample::new();
    let why = later::hair_loss(&mut sample.subject(), Some(Class::Ludwig1), make, &unwatched).unwrap().unwrap_err();
    assert!(why.contains("Norwood's is shown"), "{why}");
}
