//! Where something hides the scalp in a photo, no dot is drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use glam::DVec2;
use scalp_studio::case::document::{Document, FoundRecord};
use scalp_studio::case::pipeline::Pipeline;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, Error, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::standard_view::StandardView;
use scalp_studio::photo::{Limits, Turn};
use scalp_studio::render::scene::{Moment, Sensor};
use scalp_studio::render::splat::Splat;
use scalp_studio::skin::settings::Outlook;

/// The light sample client from the front, as clicked.
fn document() -> (tempfile::TempDir, Case) {
    let folder = tempfile::tempdir().unwrap();
    let views = Client::Light.views().unwrap().into_iter().filter(|view| view.name == "front").collect();
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let path = folder.path().join("client.scalp");
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    (folder, case)
}

/// A rectangle that something was found to hide, px.
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

/// What the photo shows of the healed plan.
fn splats(case: &Case, document: &Document) -> Vec<Splat> {
    let photo = |view: usize| Ok::<_, Error>(Some(Arc::new(case.photo(view, &Limits::default())?)));
    let mut pipeline = Pipeline::default();
    let scene = pipeline.scene(document, 0, photo).unwrap().unwrap();
    let sensor = pipeline.sensor(document, 0, &case.photo(0, &Limits::default()).unwrap()).unwrap();
    let moment = Moment { sessions: 3, age_days: 60.0, outlook: Outlook::Likely };
    scene.mock_up.splats(&sensor, moment).as_slice().to_vec()
}

#[test]
fn there_are_no_dots_where_the_scalp_is_hidden_and_the_others_stay_as_they_are() {
    let (_folder, case) = document();
    let all = splats(&case, case.document());
    let [width, height] = case.photo(0, &Limits::default()).unwrap().size_px().map(f64::from);
    let hidden = hiding(&case, [-50.0, -50.0, 0.5 * width, height]);
    let left = splats(&case, &hidden);
    let beside = all.iter().filter(|splat| f64::from(splat.x_px) >= (0.5 * width).floor());
    assert_eq!(left, beside.copied().collect::<Vec<_>>());
    assert!(left.len() > 10_000 && all.len() > left.len() + 10_000);

    // Somebody who sees that nothing hides it there says so.
    let mut seen = hidden.clone();
    seen.views[0].nothing_hides_dots = true;
    assert_eq!(splats(&case, &seen), all);
}

#[test]
fn dots_that_are_left_out_are_counted() {
    let (_folder, case) = document();
    let photo = |view: usize| Ok::<_, Error>(Some(Arc::new(case.photo(view, &Limits::default())?)));
    let document = hiding(&case, [0.0, 0.0, 700.0, 900.0]);
    let mut pipeline = Pipeline::default();
    let scene = pipeline.scene(&document, 0, photo).unwrap().unwrap();
    let sensor = pipeline.sensor(&document, 0, &case.photo(0, &Limits::default()).unwrap()).unwrap();
    let bare = Sensor { hidden: None, ..sensor.clone() };
    let (all, shown) = (scene.mock_up.visible_dots(&bare, 3), scene.mock_up.visible_dots(&sensor, 3));
    assert!(all > shown + 1000);
    assert_eq!(scene.mock_up.covered_dots(&sensor, 3), all - shown);
    assert_eq!(scene.mock_up.covered_dots(&bare, 3), 0);
}

#[test]
fn what_hides_the_scalp_is_kept_and_turned_with_the_photo() {
    let (folder, mut case) = document();
    let hidden = hiding(&case, [100.0, 50.0, 700.0, 900.0]);
    case.commit("Find head", hidden.clone()).unwrap();
    assert_eq!(Case::open(&folder.path().join("client.scalp")).unwrap().document(), &hidden);
    // An older program is told that it does not know all of it.
    let json = hidden.to_json();
    assert!(json.starts_with("{\"format\":5,"), "{}", &json[..40]);
    assert!(Document::from_json(&json.replace("\"format\":5", "\"format\":4")).is_err());

    // One of before, which knows of nothing that hides the scalp, is read as it was.
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
fn a_region_from_anybody_is_limited() {
    let (_folder, case) = document();
    let mut document = hiding(&case, [0.0, 0.0, 10.0, 10.0]);
    document.views[0].found.as_mut().unwrap().hidden = vec![vec![[1.0, 2.0]; 3]; 100_000];
    assert!(document.check().is_err());
    document.views[0].found.as_mut().unwrap().hidden = vec![vec![[f64::INFINITY, 2.0]; 3]];
    assert!(document.check().is_err());
}
