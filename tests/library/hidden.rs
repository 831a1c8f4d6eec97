//! Where something hides the scalp in a photo, no dot is drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use glam::DVec2;

use crate::pictures::samples;
use scalp_studio::case::document::{Document, FoundRecord, Outlines};
use scalp_studio::case::pipeline::Pipeline;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, Error, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::standard_view::StandardView;
use scalp_studio::photo::{Limits, Photo, Turn};
use scalp_studio::reading::complexion::{SKIN_TYPES, SkinType, SkinTypes};
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::mock_up::{Moment, Sensor};
use scalp_studio::render::splat::Splat;
use scalp_studio::skin::settings::Outlook;

/// A case with the front photo of the light sample client and its clicked points.
fn front_case() -> (tempfile::TempDir, Case) {
    front_case_of(Client::Light)
}

/// The same of any sample client.
fn front_case_of(client: Client) -> (tempfile::TempDir, Case) {
    let folder = tempfile::tempdir().unwrap();
    let views = client.views().unwrap().into_iter().filter(|view| view.name == "front").collect();
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let path = folder.path().join("client.scalp");
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    (folder, case)
}

/// The case's document in which something was found to hide a rectangle, px.
fn hiding(case: &Case, [left, top, right, bottom]: [f64; 4]) -> Document {
    let mut document = case.document().clone();
    document.views[0].found = Some(FoundRecord {
        direction: StandardView::Front,
        landmarks: BTreeMap::new(),
        outline: Vec::new(),
        hair: Vec::new(),
        hidden: vec![vec![[left, top], [right, top], [right, bottom], [left, bottom]]],
    });
    document
}

#[test]
fn hair_or_a_hat_over_the_forehead_is_not_taken_for_skin() {
    for client in CLIENTS {
        let (_folder, case) = front_case_of(client);
        let (photo, fit) = (case.photo(0, &Limits::default()).unwrap(), case.fit().unwrap());
        let (head, camera) = (fit.head(), fit.camera(0).unwrap());
        let kind = |photo: &Photo| {
            let tone = Tone::of_head(photo, head, camera).unwrap();
            SkinTypes::of(tone).unwrap_or_else(|| panic!("{client:?}: {tone:?} is not skin")).likeliest as i32
        };
        let brows = camera.image_from_head(head.above_glabella(12.0).position).unwrap().y as u32;
        let covered = |cover: [u8; 3]| {
            let from = photo.size_px()[0] as usize * brows as usize;
            let pixels = samples(&photo).as_chunks::<3>().0.iter().enumerate();
            let painted = pixels.flat_map(|(i, pixel)| if i < from { cover } else { *pixel }).collect();
            Photo::from_srgb(photo.size_px()[0], photo.size_px()[1], painted).unwrap()
        };
        let bare = kind(&photo);
        // Black, brown and white hair; a blue cap.
        for cover in [[22, 18, 16], [60, 38, 24], [205, 203, 200], [30, 50, 120]] {
            let told = kind(&covered(cover));
            assert!((told - bare).abs() <= 1, "{client:?}: type {told} instead of {bare} under {cover:?}");
        }
    }
}

/// The splats of the healed plan in the photo.
fn splats(case: &Case, document: &Document) -> Vec<Splat> {
    let photo = |view: usize| Ok::<_, Error>(Some(Arc::new(case.photo(view, &Limits::default())?)));
    let mut pipeline = Pipeline::default();
    let fitted = pipeline.fitted_mock_up(document, 0, photo).unwrap().unwrap();
    let sensor = pipeline.sensor(document, 0, &case.photo(0, &Limits::default()).unwrap()).unwrap();
    let moment = Moment { sessions: 3, age_days: 60.0, outlook: Outlook::Likely };
    fitted.mock_up.splats(&sensor, moment).as_slice().to_vec()
}

#[test]
fn hidden_scalp_has_no_dots_and_the_other_dots_are_unchanged() {
    let (_folder, case) = front_case();
    let all = splats(&case, case.document());
    let [width, height] = case.photo(0, &Limits::default()).unwrap().size_px().map(f64::from);
    let hidden = hiding(&case, [-50.0, -50.0, 0.5 * width, height]);
    let left = splats(&case, &hidden);
    // Parts of a dot lie up to a millimetre off its middle.
    let clear = |splats: &[Splat]| -> Vec<Splat> {
        splats.iter().filter(|splat| f64::from(splat.x_px) >= 0.5 * width + 6.0).copied().collect()
    };
    assert_eq!(clear(&left), clear(&all));
    assert!(left.iter().all(|splat| f64::from(splat.x_px) > 0.5 * width - 6.0));
    assert!(left.len() > 10_000 && all.len() > left.len() + 10_000);

    // The user can say that nothing hides the scalp.
    let mut seen = hidden.clone();
    seen.views[0].nothing_hides_dots = true;
    assert_eq!(splats(&case, &seen), all);
}

#[test]
fn dots_that_are_left_out_are_counted() {
    let (_folder, case) = front_case();
    let photo = |view: usize| Ok::<_, Error>(Some(Arc::new(case.photo(view, &Limits::default())?)));
    let document = hiding(&case, [0.0, 0.0, 700.0, 900.0]);
    let mut pipeline = Pipeline::default();
    let fitted = pipeline.fitted_mock_up(&document, 0, photo).unwrap().unwrap();
    let sensor = pipeline.sensor(&document, 0, &case.photo(0, &Limits::default()).unwrap()).unwrap();
    let bare = Sensor { hidden: None, ..sensor.clone() };
    let (all, shown) = (fitted.mock_up.visible_dots(&bare, 3), fitted.mock_up.visible_dots(&sensor, 3));
    assert!(all > shown + 1000);
    assert_eq!(fitted.mock_up.covered_dots(&sensor, 3), all - shown);
    assert_eq!(fitted.mock_up.covered_dots(&bare, 3), 0);
}

#[test]
fn found_hidden_regions_are_kept_and_turned_with_the_photo() {
    let (folder, mut case) = front_case();
    let hidden = hiding(&case, [100.0, 50.0, 700.0, 900.0]);
    case.commit("Find head", hidden.clone()).unwrap();
    assert_eq!(Case::open(&folder.path().join("client.scalp")).unwrap().document(), &hidden);
    // An older program, which does not know hidden regions, refuses the document.
    let json = hidden.to_json();
    assert!(json.starts_with("{\"format\":5,"), "{}", &json[..40]);
    assert!(Document::from_json(&json.replace("\"format\":5", "\"format\":4")).is_err());

    // A document without hidden regions is written in the older format and read back.
    let mut before = hidden.clone();
    before.views[0].found.as_mut().unwrap().hidden.clear();
    let json = before.to_json();
    assert!(json.starts_with("{\"format\":4,") && !json.contains("hid"), "{json}");
    assert_eq!(Document::from_json(&json).unwrap(), before);

    for turn in [Turn::CLOCKWISE, Turn::MIRROR] {
        let record = case.document().views[0].clone();
        case.turn_view(0, turn).unwrap();
        let (before, after) = (record.hidden().unwrap(), case.document().views[0].hidden().unwrap());
        for (x, y) in [(101.5, 51.5), (98.5, 51.5), (400.5, 47.5), (698.5, 898.5), (702.5, 898.5), (400.5, 450.5)] {
            let px = DVec2::new(x, y);
            let turned = turn.point_px(px, [record.width_px, record.height_px]);
            assert_eq!(after.contains(turned), before.contains(px), "{turn:?}: {px}");
        }
    }
}

#[test]
fn an_oversized_or_infinite_hidden_region_is_refused() {
    let (_folder, case) = front_case();
    let mut document = hiding(&case, [0.0, 0.0, 10.0, 10.0]);
    document.views[0].found.as_mut().unwrap().hidden = vec![vec![[1.0, 2.0]; 3]; 100_000];
    assert!(document.check().is_err());
    document.views[0].found.as_mut().unwrap().hidden = vec![vec![[f64::INFINITY, 2.0]; 3]];
    assert!(document.check().is_err());
}

fn rectangle([left, top, right, bottom]: [f64; 4]) -> Outlines {
    vec![vec![[left, top], [right, top], [right, bottom], [left, bottom]]]
}

#[test]
fn drawn_hidden_regions_outrank_found_ones() {
    let (folder, mut case) = front_case();
    let found = hiding(&case, [0.0, 0.0, 700.0, 900.0]);
    let drawn = |outlines: Outlines| {
        let mut document = found.clone();
        document.views[0].draw_hidden(Some(outlines));
        document
    };
    let other = rectangle([700.0, 0.0, 1200.0, 900.0]);
    let hidden = drawn(other.clone()).views[0].hidden().unwrap();
    assert!(hidden.contains(DVec2::new(900.0, 300.0)) && !hidden.contains(DVec2::new(400.0, 300.0)));
    // The found regions are still there and come back.
    let mut back = drawn(other.clone());
    back.views[0].draw_hidden(None);
    assert_eq!(back, found);
    // Drawing nothing uncovers everything.
    let all = splats(&case, case.document());
    assert_eq!(splats(&case, &drawn(Vec::new())), all);
    // Drawing regions switches hiding on again.
    let mut off = found.clone();
    off.views[0].nothing_hides_dots = true;
    off.views[0].draw_hidden(Some(other.clone()));
    assert_eq!(off, drawn(other.clone()));

    // Such a case is read back and gives the same splats on any number of threads; an older program refuses it.
    let document = drawn(other);
    case.commit("Cover", document.clone()).unwrap();
    let path = folder.path().join("client.scalp");
    assert_eq!(Case::open(&path).unwrap().document(), &document);
    let seen = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let again = Case::open(&path).unwrap();
            splats(&again, again.document())
        })
    };
    let one = seen(1);
    assert!(one.len() < all.len() && one == seen(5));
    let json = document.to_json();
    assert!(json.starts_with("{\"format\":6,"), "{}", &json[..40]);
    assert!(Document::from_json(&json.replace("\"format\":6", "\"format\":5")).is_err());
    // A document without drawn regions is written in the older format.
    assert!(found.to_json().starts_with("{\"format\":5,") && !found.to_json().contains("drawn"));
}

#[test]
fn drawn_hidden_regions_are_turned_with_the_photo_and_limited() {
    let (_folder, mut case) = front_case();
    let mut drawn = case.document().clone();
    drawn.views[0].draw_hidden(Some(rectangle([100.0, 50.0, 700.0, 900.0])));
    case.commit("Cover", drawn.clone()).unwrap();
    for turn in [Turn::CLOCKWISE, Turn::MIRROR] {
        let record = case.document().views[0].clone();
        case.turn_view(0, turn).unwrap();
        let (before, after) = (record.hidden().unwrap(), case.document().views[0].hidden().unwrap());
        for (x, y) in [(101.5, 51.5), (98.5, 51.5), (698.5, 898.5), (702.5, 898.5), (400.5, 450.5)] {
            let px = DVec2::new(x, y);
            let turned = turn.point_px(px, [record.width_px, record.height_px]);
            assert_eq!(after.contains(turned), before.contains(px), "{turn:?}: {px}");
        }
    }
    for outlines in [vec![vec![[1.0, 2.0]; 3]; 100_000], vec![vec![[f64::NAN, 2.0]; 3]], vec![vec![[1.0, 2.0]; 9000]]] {
        drawn.views[0].hidden_as_drawn = Some(outlines);
        assert!(drawn.check().is_err());
    }
    // Even the most ragged region that a brush can make is accepted.
    let mut region = drawn.views[0].hidden().unwrap();
    for y in 0..region.cells()[1] {
        region.row_mut(y).iter_mut().enumerate().for_each(|(x, is)| *is = x / 3 % 2 == 0 && y / 5 % 2 == 0);
    }
    let outlines = region.outlines().into_iter();
    let outlines = outlines.map(|outline| outline.iter().map(|p| p.to_array()).collect()).collect();
    drawn.views[0].draw_hidden(Some(outlines));
    assert!(drawn.check().is_ok());
}

#[test]
fn a_confirmed_skin_type_is_kept_and_used() {
    let (folder, mut case) = front_case();
    let skin = |document: &Document| {
        let photo = |view: usize| Ok::<_, Error>(Some(Arc::new(case.photo(view, &Limits::default())?)));
        let mut pipeline = Pipeline::default();
        let mut unconfirmed = document.clone();
        unconfirmed.client = Default::default();
        let read = pipeline.skin(&unconfirmed, photo).unwrap();
        // The same pipeline with the same head, so that only the skin type differs.
        (read, pipeline.skin(document, photo).unwrap())
    };
    let mut document = case.document().clone();
    assert_eq!(skin(&document).0, skin(&document).1);
    let mut last = 0.0;
    for kind in SKIN_TYPES {
        document.client.skin_type = Some(kind);
        let (read, now) = skin(&document);
        assert!(now.melanosome_fraction > 1.1 * last && now != read, "{kind:?}: {now:?}");
        last = now.melanosome_fraction;
    }
    assert!(splats(&case, &document) != splats(&case, case.document()), "dots look the same on dark skin");
    case.commit("Confirm skin type VI", document.clone()).unwrap();
    assert_eq!(Case::open(&folder.path().join("client.scalp")).unwrap().document(), &document);
    let json = document.to_json();
    assert!(json.starts_with("{\"format\":6,") && json.contains("\"skin_type\":\"VI\""), "{}", &json[..40]);
    assert!(Document::from_json(&json.replace("\"format\":6", "\"format\":5")).is_err());
    // The skin type belongs to the client and outlives the photos.
    case.remove_view(0).unwrap();
    assert_eq!(case.document().client.skin_type, Some(SkinType::VI));
}
