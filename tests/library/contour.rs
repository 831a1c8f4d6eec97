//! The outline of the scalp is found where it can be seen and never guessed where it cannot.

#![allow(clippy::disallowed_methods, reason = "a test draws with ordinary sines")]

use std::convert::Infallible;

use glam::DVec2;
use scalp_studio::case::{Case, Start, sample};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::fit::{self, FoundPoints, Scale, ViewInput};
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::photo::{Limits, Photo, decode};
use scalp_studio::reading::contour;
use scalp_studio::reading::views::View;

const SKIN: [f64; 3] = [205.0, 165.0, 145.0];
const WALL: [f64; 3] = [120.0, 125.0, 130.0];
const HAIR: [f64; 3] = [40.0, 32.0, 28.0];
/// Centre and semi-axes of the head in the drawn photos, px.
const MIDDLE: DVec2 = DVec2::new(400.0, 420.0);
const HEAD: DVec2 = DVec2::new(185.0, 250.0);

/// A drawn photo with some grain: `colour` gives the colour at a place, whose coordinates are in units of the oval
/// head.
fn drawn(colour: impl Fn(DVec2) -> [f64; 3]) -> Photo {
    let (width, height) = (800_u32, 1000_u32);
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let place = (DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5) - MIDDLE) / HEAD;
            let grain = f64::from((x * 7919 + y * 104_729) % 7) - 3.0;
            samples.extend(colour(place).map(|c| (c + grain).clamp(0.0, 255.0) as u8));
        }
    }
    Photo::from_srgb(width, height, samples).unwrap()
}

/// Skin that darkens towards the rim, as it does under a soft light.
fn shaded(place: DVec2) -> [f64; 3] {
    SKIN.map(|c| c * (1.0 - 0.35 * place.length_squared()))
}

fn found(photo: &Photo) -> Vec<DVec2> {
    // Eyes a little below the middle.
    contour::find(photo, MIDDLE + DVec2::new(-75.0, 40.0), MIDDLE + DVec2::new(75.0, 40.0))
}

#[test]
fn a_bare_head_against_a_wall_is_outlined_to_a_few_pixels() {
    let photo = drawn(|p| if p.length() < 1.0 { shaded(p) } else { WALL.map(|c| c + 12.0 * p.x) });
    let outline = found(&photo);
    assert!(outline.len() >= 15, "{}", outline.len());
    for point in outline {
        let off = (((point - MIDDLE) / HEAD).length() - 1.0) * HEAD.x;
        assert!(off.abs() < 2.5, "{point}: {off:.1} px");
    }
}

#[test]
fn hair_and_a_wall_of_skin_colour_give_no_outline() {
    let haired =
        drawn(|p| if p.length() < 1.0 { if p.y < -0.35 || p.length() > 0.9 { HAIR } else { shaded(p) } } else { WALL });
    assert_eq!(found(&haired), []);
    let lost = drawn(|_| SKIN);
    assert_eq!(found(&lost), []);
    let patterned = drawn(|p| {
        if p.length() < 1.0 {
            shaded(p)
        } else if (p.x * 23.0).sin() * (p.y * 19.0).sin() > 0.0 {
            WALL
        } else {
            [220.0, 210.0, 60.0]
        }
    });
    // Against a loud pattern the edge may be missed, but never found in the wrong place.
    for point in found(&patterned) {
        let off = ((point - MIDDLE) / HEAD).length();
        assert!((0.9..1.1).contains(&off), "{point}: {off}");
    }
}

#[test]
fn a_head_cut_off_by_the_edge_of_the_photo_gives_no_outline() {
    let close = drawn(|p| if (p * 0.45).length() < 1.0 { shaded(p * 0.45) } else { WALL });
    assert_eq!(contour::find(&close, DVec2::new(275.0, 500.0), DVec2::new(525.0, 500.0)), []);
    // Pupils in the same place, or far outside the photo.
    let photo = drawn(|p| if p.length() < 1.0 { shaded(p) } else { WALL });
    assert_eq!(contour::find(&photo, MIDDLE, MIDDLE), []);
    assert_eq!(contour::find(&photo, DVec2::splat(-5000.0), DVec2::splat(5000.0)), []);
}

/// Distances of points from a polyline, px, in rising order. Its chords cut the corners of the true outline by a few
/// pixels.
fn off(outline: &[DVec2], truth: &[DVec2]) -> Vec<f64> {
    let nearest = |p: DVec2| {
        let sides = truth.windows(2).map(move |w| {
            let span = w[1] - w[0];
            let t = ((p - w[0]).dot(span) / span.length_squared()).clamp(0.0, 1.0);
            p.distance(w[0] + span * t)
        });
        sides.fold(f64::INFINITY, f64::min)
    };
    let mut off: Vec<f64> = outline.iter().map(|&p| nearest(p)).collect();
    off.sort_by(f64::total_cmp);
    off
}

/// Landmarks in all photos, and the outline in one, tell roughly where the head is; that is enough to find its edge in
/// each.
#[test]
fn the_outline_is_found_in_every_photo_of_a_fitted_head() {
    let views = sample::Client::Light.views().unwrap();
    let photos: Vec<Photo> = views.iter().map(|v| decode(&v.bytes, &Limits::default()).unwrap()).collect();
    let mut inputs: Vec<ViewInput> = (views.iter().zip(&photos))
        .map(|(view, photo)| ViewInput {
            name: view.name.clone(),
            width_px: photo.width(),
            height_px: photo.height(),
            focal_length_35mm: None,
            landmarks: view.points.landmarks.clone(),
            outline: Vec::new(),
            found: FoundPoints::default(),
        })
        .collect();
    let front = views.iter().position(|v| v.name == "front").unwrap();
    inputs[front].outline = views[front].points.outline.clone();
    // A view whose only points were its outline cannot be fitted.
    let known: Vec<usize> = (0..views.len()).filter(|&i| inputs[i].has_enough_points()).collect();
    assert!(known.len() >= 4, "{known:?}");
    let inputs: Vec<ViewInput> = known.iter().map(|&i| inputs[i].clone()).collect();
    let fitted = fit::fit(&inputs, &Scale::AveragePupils).unwrap();
    let camera = |view: usize| &fitted.cameras[known.iter().position(|k| *k == view).unwrap()];
    let seen: Vec<View> =
        known.iter().map(|&i| View { index: i, camera: *camera(i), size_px: photos[i].size_px() }).collect();
    let photo = |view: usize| Ok::<_, Infallible>(photos[view].clone());
    let found = contour::find_near(&fitted.head, &seen, seen.iter().copied(), photo).unwrap();
    assert_eq!(found.len(), known.len());
    for (view, outline) in found {
        let name = &views[view].name;
        let off = off(&outline, &views[view].points.outline);
        assert!(outline.len() >= 12, "{name}: {} points", outline.len());
        assert!(off.iter().all(|px| *px < 10.0), "{name}: {off:.1?}");
    }
}

#[test]
fn a_new_case_has_the_outlines_of_all_its_photos() {
    let mut views = sample::Client::Light.views().unwrap();
    let truth: Vec<Vec<DVec2>> = views.iter().map(|view| view.points.outline.clone()).collect();
    // From behind only the outline can be seen, so there it has to be clicked.
    views.iter_mut().filter(|view| view.name != "back").for_each(|view| view.points.outline.clear());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.scalp");
    let case = Case::create(&path, views, &Start::default(), Existing::Refuse, &Limits::default()).unwrap();
    for (record, truth) in case.document().views.iter().zip(&truth) {
        let outline: Vec<DVec2> = record.outline.iter().map(|&p| DVec2::from(p)).collect();
        assert!(outline.len() >= 10, "{}: {} points", record.name, outline.len());
        let off = off(&outline, truth);
        assert!(off.iter().all(|px| *px < 10.0), "{}: {off:.1?}", record.name);
    }
}

#[test]
fn the_outline_found_in_a_sample_photo_is_where_its_generator_put_it() {
    let views = sample::Client::Light.views().unwrap();
    let front = views.iter().find(|v| v.name == "front").unwrap();
    let photo = decode(&front.bytes, &Limits::default()).unwrap();
    let at = |l: Landmark| front.points.landmarks.iter().find(|(k, _)| *k == l).unwrap().1;
    let outline = contour::find(&photo, at(Landmark::PupilRight), at(Landmark::PupilLeft));
    assert!(outline.len() >= 12, "{}", outline.len());
    let truth = &front.points.outline;
    let off = off(&outline, truth);
    assert!(off[off.len() / 2] < 5.0, "{off:?}");
}
