//! The outline of the scalp is found where it can be seen, and not guessed where it cannot.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test draws with ordinary sines")]

use glam::DVec2;
use scalp_studio::case::sample;
use scalp_studio::head::contour;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::photo::{Limits, Photo, decode};

const SKIN: [f64; 3] = [205.0, 165.0, 145.0];
const WALL: [f64; 3] = [120.0, 125.0, 130.0];
const HAIR: [f64; 3] = [40.0, 32.0, 28.0];
/// Middle and semi-axes of the head in the drawn photos, px.
const MIDDLE: DVec2 = DVec2::new(400.0, 420.0);
const HEAD: DVec2 = DVec2::new(185.0, 250.0);

/// An oval head before a wall, with shading and some grain; `colour` is asked with the place in units of the oval.
fn drawn(colour: impl Fn(DVec2) -> [f64; 3]) -> Photo {
    let (width, height) = (800_u32, 1000_u32);
    let mut codes = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let place = (DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5) - MIDDLE) / HEAD;
            let grain = f64::from((x * 7919 + y * 104_729) % 7) - 3.0;
            codes.extend(colour(place).map(|c| (c + grain).clamp(0.0, 255.0) as u8));
        }
    }
    Photo::from_srgb(width, height, codes)
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
fn a_bare_head_before_a_wall_is_outlined_to_pixels() {
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
    // Before a loud pattern the edge may be found or not, but never somewhere else.
    for point in found(&patterned) {
        let off = ((point - MIDDLE) / HEAD).length();
        assert!((0.9..1.1).contains(&off), "{point}: {off}");
    }
}

#[test]
fn a_head_that_is_cut_off_gives_no_outline() {
    let close = drawn(|p| if (p * 0.45).length() < 1.0 { shaded(p * 0.45) } else { WALL });
    assert_eq!(contour::find(&close, DVec2::new(275.0, 500.0), DVec2::new(525.0, 500.0)), []);
    // Pupils at the same place, or nowhere.
    let photo = drawn(|p| if p.length() < 1.0 { shaded(p) } else { WALL });
    assert_eq!(contour::find(&photo, MIDDLE, MIDDLE), []);
    assert_eq!(contour::find(&photo, DVec2::splat(-5000.0), DVec2::splat(5000.0)), []);
}

#[test]
fn the_samples_outline_is_where_its_generator_put_it() {
    let views = sample::views().unwrap();
    let front = views.iter().find(|v| v.name == "front").unwrap();
    let photo = decode(&front.bytes, &Limits::default()).unwrap();
    let at = |l: Landmark| front.points.landmarks.iter().find(|(k, _)| *k == l).unwrap().1;
    let outline = contour::find(&photo, at(Landmark::PupilRight), at(Landmark::PupilLeft));
    assert!(outline.len() >= 12, "{}", outline.len());
    let truth = &front.points.outline;
    let sides = |p: DVec2| {
        truth.windows(2).map(move |w| {
            let span = w[1] - w[0];
            let t = ((p - w[0]).dot(span) / span.length_squared()).clamp(0.0, 1.0);
            p.distance(w[0] + span * t)
        })
    };
    let mut off: Vec<f64> = outline.iter().map(|&p| sides(p).fold(f64::INFINITY, f64::min)).collect();
    off.sort_by(f64::total_cmp);
    // Chords between the true points cut corners by a few pixels.
    assert!(off[off.len() / 2] < 5.0, "{off:?}");
}
