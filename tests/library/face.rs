//! A head is found in a photo without a click, or the program says why not.

use glam::{DVec2, DVec3};
use scalp_studio::case::document::{Document, FoundRecord};
use scalp_studio::case::head_fit::HeadFit;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, Error, NewView, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::head::standard_view::StandardView;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, Samples, SamplesMut, Turn, decode, encode};
use scalp_studio::reading::face::{Found, FoundHead, find};

use crate::truth::truth_of;

fn photo(client: Client, view: &str) -> (Photo, NewView) {
    let view = client.views().unwrap().into_iter().find(|v| v.name == view).unwrap();
    (decode(&view.bytes, &Limits::default()).unwrap(), view)
}

fn head_in(photo: &Photo) -> FoundHead {
    match find(photo).unwrap() {
        Found::Head(head) => *head,
        other => panic!("{other:?}"),
    }
}

/// Photos as somebody drops them on the window: without points and with meaningless names.
fn dropped(client: Client, wanted: &[&str]) -> Vec<NewView> {
    let views = client.views().unwrap().into_iter().filter(|view| wanted.contains(&view.name.as_str()));
    let nameless = |(i, view): (usize, NewView)| NewView {
        name: String::new(),
        file_name: format!("IMG_{i}.jpg"),
        points: Default::default(),
        ..view
    };
    views.enumerate().map(nameless).collect()
}

fn case_of(views: Vec<NewView>) -> Result<Case, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    Case::create(
        &path,
        views,
        &Start { ignore_own_hair: true, ..Start::default() },
        Existing::Refuse,
        &Limits::default(),
    )
}

/// Median distance of points from a polyline, px.
fn median_off(points: &[DVec2], line: &[DVec2]) -> f64 {
    let nearest = |p: &DVec2| {
        let sides = line.windows(2).map(|side| {
            let span = side[1] - side[0];
            let t = ((*p - side[0]).dot(span) / span.length_squared().max(1e-9)).clamp(0.0, 1.0);
            p.distance(side[0] + span * t)
        });
        sides.fold(f64::INFINITY, f64::min)
    };
    let mut off: Vec<f64> = points.iter().map(nearest).collect();
    off.sort_by(f64::total_cmp);
    off[off.len() / 2]
}

#[test]
fn a_front_photo_alone_fits_the_head_to_millimetres() {
    for client in CLIENTS {
        let case = case_of(dropped(client, &["front"])).unwrap();
        assert_eq!(case.document().views[0].name, "front");
        let fit = case.fit().unwrap();
        let camera = fit.camera(0).unwrap();
        let truth = truth_of(client);
        let true_camera = truth.views["front"].camera();
        let true_place = DVec3::from(truth.glabella_plus_73_mm);
        let place = fit.head().above_glabella(73.0).position;
        let scale = camera.mm_per_px(place) / true_camera.mm_per_px(true_place);
        assert!((scale - 1.0).abs() < 0.05, "{client:?}: mm per px off by {:.1} %", 100.0 * (scale - 1.0));
        let mm = true_camera.mm_per_px(true_place);
        let off = camera.image_from_head(place).unwrap().distance(true_camera.image_from_head(true_place).unwrap());
        assert!(off * mm < 6.0, "{client:?}: the mid-frontal point is off by {:.1} mm", off * mm);
        // The outline as clicked, against that of the fitted head.
        let (_, view) = photo(client, "front");
        let outline = fit.head().outline(camera);
        let line: Vec<DVec2> =
            outline.scalp[0].iter().filter_map(|point| camera.image_from_head(point.position)).collect();
        let off = median_off(&view.points.outline, &line);
        assert!(off * mm < 1.5, "{client:?}: the outline is off by {:.1} mm", off * mm);
        // The estimated error is an honest one.
        let said = fit.scale_at(0, place).unwrap().error;
        assert!((scale - 1.0).abs() < 2.0 * said, "{client:?}: off by {:.3}, said {said:.3}", scale - 1.0);
    }
}

#[test]
fn found_points_are_as_accurate_as_their_spread_says() {
    for client in CLIENTS {
        for (view, direction) in [("front", StandardView::Front), ("left-oblique", StandardView::LeftOblique)] {
            let (photo, _) = photo(client, view);
            let head = head_in(&photo);
            assert_eq!((head.turn, head.direction), (Turn::NONE, direction), "{client:?} {view}");
            let truth = truth_of(client);
            let camera: Camera = truth.views[view].camera();
            assert!(head.landmarks.len() >= 8, "{client:?} {view}: {:?}", head.landmarks);
            for found in &head.landmarks {
                let place = DVec3::from(truth.landmarks_mm[found.landmark.name()]);
                let off = camera.image_from_head(place).unwrap().distance(found.px) * camera.mm_per_px(place);
                let name = found.landmark.name();
                assert!(off < 2.5 * found.spread_mm, "{client:?} {view}: {name} is off by {off:.1} mm");
            }
        }
    }
}

/// Distance in a photo between the mid-frontal points of the fitted and the true head, mm.
fn mid_frontal_off_mm(fit: &HeadFit, view: usize, client: Client, name: &str) -> f64 {
    let truth = truth_of(client);
    let place = DVec3::from(truth.glabella_plus_73_mm);
    let (camera, true_camera) = (fit.camera(view).unwrap(), truth.views[name].camera());
    let here = camera.image_from_head(fit.head().above_glabella(73.0).position).unwrap();
    here.distance(true_camera.image_from_head(place).unwrap()) * true_camera.mm_per_px(place)
}

#[test]
fn views_are_recognised_and_fitted_about_as_well_as_from_clicks() {
    for client in CLIENTS {
        let case = case_of(dropped(client, &["front", "left-oblique", "right", "top", "back"])).unwrap();
        let names: Vec<&str> = case.document().views.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(&names[..3], &["front", "left-oblique", "right"], "{names:?}");
        let fit = case.fit().unwrap();
        // From behind nothing anchors the head, so there is no camera and there are no dots.
        assert!(fit.camera(4).is_none());
        let clicked = case_of(client.views().unwrap()).unwrap().fit().unwrap();
        for (view, name) in ["front", "left-oblique", "right"].into_iter().enumerate() {
            let [found, clicked] = [&fit, &clicked].map(|fit| mid_frontal_off_mm(fit, view, client, name));
            assert!(found < clicked + 2.0, "{client:?} {name}: off by {found:.1} mm, clicked {clicked:.1} mm");
        }
    }
}

#[test]
fn a_photo_lying_on_its_side_is_turned_upright() {
    let (upright, _) = photo(Client::Dark, "front");
    let expected = head_in(&upright);
    for turn in [Turn::CLOCKWISE, Turn::HALF, Turn::COUNTERCLOCKWISE] {
        let head = head_in(&upright.clone().turned(turn));
        assert!(turn.then(head.turn).is_none(), "{turn:?} was undone by {:?}", head.turn);
        for (found, expected) in head.landmarks.iter().zip(&expected.landmarks) {
            assert_eq!(found.landmark, expected.landmark);
            // Not the same to the pixel, as the networks see other pixels; 8 px are 1.5 mm.
            assert!(found.px.distance(expected.px) < 8.0, "{turn:?}: {found:?}, upright {expected:?}");
        }
        assert!(is_hidden(&head, DVec2::new(200.0, 500.0)) && !is_hidden(&head, DVec2::new(740.0, 600.0)), "{turn:?}");
    }
    // The case shows the photo upright, with the points in their upright places.
    let bytes = encode(&upright.turned(Turn::CLOCKWISE), Format::Png, &EncodeOptions::default()).unwrap();
    let view = NewView { name: "front".into(), file_name: "x.png".into(), bytes, points: Default::default() };
    let case = case_of(vec![view]).unwrap();
    let record = &case.document().views[0];
    assert_eq!((record.turn, [record.width_px, record.height_px]), (Turn::COUNTERCLOCKWISE, [1500, 2000]));
    let found = record.found.as_ref().unwrap().landmarks[&Landmark::PupilLeft];
    let there = expected.landmarks.iter().find(|found| found.landmark == Landmark::PupilLeft).unwrap();
    assert!(DVec2::from(found.px).distance(there.px) < 8.0);
}

/// Whether something hides the scalp at this place.
fn is_hidden(head: &FoundHead, px: DVec2) -> bool {
    let crossed = |outline: &Vec<DVec2>| {
        let sides = outline.iter().zip(outline.iter().cycle().skip(1));
        let right = |(a, b): &(&DVec2, &DVec2)| {
            (a.y <= px.y) != (b.y <= px.y) && a.x + (b.x - a.x) * (px.y - a.y) / (b.y - a.y) > px.x
        };
        sides.filter(right).count()
    };
    head.hidden.iter().map(crossed).sum::<usize>() % 2 == 1
}

/// Middle of the clicked scalp outline, and pixels per millimetre.
fn scalp_in(client: Client, view: &NewView) -> (DVec2, f64) {
    let truth = truth_of(client);
    let camera = truth.views[view.name.as_str()].camera();
    let px_per_mm = 1.0 / camera.mm_per_px(DVec3::from(truth.glabella_plus_73_mm));
    let outline = &view.points.outline;
    // The outline ends beside the ears.
    (0.5 * (outline[0] + outline[outline.len() - 1]), px_per_mm)
}

#[test]
fn dots_can_be_seen_on_a_shaved_scalp_and_not_beside_it() {
    for client in CLIENTS {
        for name in ["front", "left-oblique", "right"] {
            let (photo, view) = photo(client, name);
            let head = head_in(&photo);
            let (middle, px_per_mm) = scalp_in(client, &view);
            for edge in &view.points.outline[1..view.points.outline.len() - 1] {
                let outwards = (*edge - middle).normalize();
                for mm in [3.0, 5.0, 10.0, 20.0] {
                    let beside = *edge + mm * px_per_mm * outwards;
                    assert!(is_hidden(&head, beside), "{client:?} {name}: {mm} mm beside {edge}");
                }
                let far_mm = (*edge - middle).length() / px_per_mm;
                for mm in (3..far_mm as u32).step_by(2) {
                    let within = *edge - f64::from(mm) * px_per_mm * outwards;
                    assert!(!is_hidden(&head, within), "{client:?} {name}: {mm} mm within {edge}");
                }
            }
        }
    }
}

/// Draws long dark hair, in strands 1 mm wide, over the part of an ellipse above the line y = `below`.
fn with_a_cap(photo: &mut Photo, middle: DVec2, axes: DVec2, below: f64) {
    let width = photo.width() as usize;
    let SamplesMut::U8(samples) = photo.samples_mut() else { panic!() };
    for (i, pixel) in samples.chunks_exact_mut(3).enumerate() {
        let at = DVec2::new((i % width) as f64, (i / width) as f64);
        if ((at - middle) / axes).length() < 1.0 && at.y < below {
            let strand = (at.x / 5.0) as usize * 7919 % 13;
            pixel.copy_from_slice(&[28 + 4 * strand as u8, 22 + 3 * strand as u8, 18 + 2 * strand as u8]);
        }
    }
}

#[test]
fn hair_hides_the_scalp_and_the_forehead_stays_in_sight() {
    let (mut photo, view) = photo(Client::Light, "front");
    let (middle, px_per_mm) = scalp_in(Client::Light, &view);
    let top = view.points.outline.iter().map(|px| px.y).fold(f64::INFINITY, f64::min);
    let axes = DVec2::new(90.0 * px_per_mm, middle.y - top + 8.0 * px_per_mm);
    let hairline = 0.55 * middle.y + 0.45 * top;
    with_a_cap(&mut photo, middle, axes, hairline);
    let head = head_in(&photo);
    for across in [-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0] {
        for above in [6.0, 15.0, 25.0] {
            let hair = DVec2::new(middle.x + across * px_per_mm, hairline - above * px_per_mm);
            assert!(is_hidden(&head, hair), "{across} mm across, {above} mm above the hairline");
        }
    }
    for across in [-30.0, 0.0, 30.0] {
        let forehead = DVec2::new(middle.x + across * px_per_mm, hairline + 10.0 * px_per_mm);
        assert!(!is_hidden(&head, forehead), "{across} mm across the forehead");
    }
    // Reproducible, and rounded to a tenth of a pixel.
    assert_eq!(head_in(&photo).hidden, head.hidden);
    for coordinate in head.hidden.iter().flatten().flat_map(|px| px.to_array()) {
        assert_eq!(coordinate, (coordinate * 10.0).round() / 10.0);
    }
}

/// A wall in uneven light.
fn wall(width: u32, height: u32) -> Photo {
    let sample = |x: u32, y: u32| [(x / 16 % 90 + 90) as u8, (y / 16 % 70 + 100) as u8, ((x + y) / 24 % 60 + 90) as u8];
    let samples = (0..height).flat_map(|y| (0..width).flat_map(move |x| sample(x, y))).collect();
    Photo::from_srgb(width, height, samples).unwrap()
}

/// Pastes a photo, reduced by a whole factor, into another one.
fn paste(over: &mut Photo, photo: &Photo, smaller: usize, at: [usize; 2]) {
    let (width, from) = (over.width() as usize, photo.width() as usize);
    let (SamplesMut::U8(samples), Samples::U8(others)) = (over.samples_mut(), photo.samples()) else { panic!() };
    for y in 0..photo.height() as usize / smaller {
        for x in 0..from / smaller {
            let (to, from) = (3 * ((y + at[1]) * width + x + at[0]), 3 * (y * smaller * from + x * smaller));
            samples[to..to + 3].copy_from_slice(&others[from..from + 3]);
        }
    }
}

#[test]
fn a_photo_of_nobody_or_of_several_people_is_refused_with_the_reason() {
    let (light, _) = photo(Client::Light, "front");
    let (dark, _) = photo(Client::Dark, "front");
    let mut two = wall(1000, 700);
    paste(&mut two, &light, 3, [0, 10]);
    paste(&mut two, &dark, 3, [500, 10]);
    assert_eq!(find(&two), Ok(Found::Several(2)));
    assert_eq!(find(&wall(900, 700)), Ok(Found::Nobody));
    assert_eq!(find(&wall(1, 1)), Ok(Found::Nobody));
    // Of a large group, faces may be too small to be found: it is refused all the same.
    let mut ten = wall(2000, 1000);
    for k in 0..10 {
        paste(&mut ten, if k % 2 == 0 { &light } else { &dark }, 5, [k % 5 * 400, k / 5 * 500 + 50]);
    }
    for (photo, says) in [(&two, "2 faces"), (&ten, "face"), (&wall(900, 700), "no face")] {
        let bytes = encode(photo, Format::Png, &EncodeOptions::default()).unwrap();
        let view = NewView { name: "front".into(), file_name: "x.png".into(), bytes, points: Default::default() };
        let said = case_of(vec![view]).unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
    }
    // Somebody in the background is not the client.
    let mut behind = wall(1000, 700);
    paste(&mut behind, &light, 3, [0, 10]);
    paste(&mut behind, &dark, 10, [700, 100]);
    assert!(matches!(find(&behind), Ok(Found::Head(_))));
}

#[test]
fn found_points_are_kept_in_the_document_as_found() {
    let case = case_of(dropped(Client::Light, &["front"])).unwrap();
    let json = case.document().to_json();
    assert!(json.starts_with("{\"format\":5,"), "{}", &json[..40]);
    let read = Document::from_json(&json).unwrap();
    assert_eq!(&read, case.document());
    // Reproducible, and rounded to a tenth of a pixel.
    let (photo, _) = photo(Client::Light, "front");
    let again = FoundRecord::from(&head_in(&photo));
    assert_eq!(read.views[0].found.as_ref(), Some(&again));
    let places = again.landmarks.values().map(|found| found.px).chain(again.outline.iter().copied());
    for coordinate in places.flatten() {
        assert_eq!(coordinate, (coordinate * 10.0).round() / 10.0);
    }
    // An older program, which would lose the points, refuses the document; impossible numbers are refused, too.
    for (text, by) in [("\"format\":5", "\"format\":4"), ("\"spread_mm\":3.0", "\"spread_mm\":0.1")] {
        assert!(json.contains(text), "{text}");
        assert!(Document::from_json(&json.replacen(text, by, 1)).is_err(), "{by}");
    }
}

#[test]
fn a_clicked_point_outranks_a_found_one() {
    let case = case_of(dropped(Client::Light, &["front"])).unwrap();
    let mut document = case.document().clone();
    let tip = |document: &Document| {
        let fit = scalp_studio::case::head_fit::FitInput::of(document).fit().unwrap();
        fit.camera(0).unwrap().image_from_head(fit.head().landmark(Landmark::NoseTip)).unwrap()
    };
    let clicked = tip(&document) + DVec2::new(12.0, 20.0);
    document.views[0].landmarks.insert(Landmark::NoseTip, clicked.to_array());
    assert!(tip(&document).distance(clicked) < 3.0, "{} {clicked}", tip(&document));
}
