//! The sample clients against the truth: their generator knows every camera and every point exactly.

use crate::truth::truth_of;
use glam::DVec3;
use scalp_studio::case::document::Document;
use scalp_studio::case::head_fit::FitInput;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::photo::Limits;
use scalp_studio::plan::hairline::Preset;
use scalp_studio::plan::line_height::LineHeight;
use scalp_studio::plan::treatment::Treatment;

#[test]
fn the_sample_heads_are_fitted_to_millimetres() {
    CLIENTS.into_iter().for_each(fitted_to_millimetres);
}

fn fitted_to_millimetres(client: Client) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let views = client.views().unwrap();
    let case = Case::create(&path, views, &Start::default(), Existing::Refuse, &Limits::default()).unwrap();
    let fit = case.fit().unwrap();
    let truth = truth_of(client);
    let mid_frontal = DVec3::from(truth.glabella_plus_73_mm);
    let found = fit.fit.head.above_glabella(73.0).position;
    for (view, camera) in case.document().views.iter().zip(&fit.fit.cameras) {
        let true_camera = truth.views[&view.name].camera();
        let scale = camera.mm_per_px(found) / true_camera.mm_per_px(mid_frontal);
        // From behind, one landmark and an outline say less about distance.
        let faces = true_camera.position().dot(mid_frontal) > 0.0;
        let most = if faces { 0.02 } else { 0.04 };
        assert!((scale - 1.0).abs() < most, "{}: mm per px off by {:.1} %", view.name, 100.0 * (scale - 1.0));
        // The fit carries a place seen in one view to every other view as the truth does.
        for other in &case.document().views {
            let other_camera = &fit.fit.cameras[case.view_index(Some(&other.name)).unwrap()];
            let other_truth = truth.views[&other.name].camera();
            for landmark in [Landmark::Vertex, Landmark::Glabella] {
                let point = DVec3::from(truth.landmarks_mm[landmark.name()]);
                let seen = |c: &Camera| (c.position() - point).normalize().dot(point.normalize()) > 0.25;
                if !seen(&true_camera) || !seen(&other_truth) {
                    continue;
                }
                let from = true_camera.image_from_head(point).unwrap();
                let Some((_, place)) = fit.fit.head.head_from_image(camera, from) else {
                    panic!("{} is not on the head in {}", landmark.name(), view.name)
                };
                let carried = other_camera.image_from_head(place.position).unwrap();
                let off = carried.distance(other_truth.image_from_head(point).unwrap()) * other_truth.mm_per_px(point);
                assert!(off < 6.0, "{} from {} to {}: {off:.1} mm", landmark.name(), view.name, other.name);
            }
        }
    }
    // The point 73 mm above the glabella along the skin, in the front photo.
    let front = case.view_index(Some("front")).unwrap();
    let true_front = truth.views["front"].camera();
    let there = true_front.image_from_head(mid_frontal).unwrap();
    let here = fit.fit.cameras[front].image_from_head(found).unwrap();
    let off = here.distance(there) * true_front.mm_per_px(mid_frontal);
    assert!(off < 2.0, "{off:.2} mm");
}

#[test]
fn the_sample_photos_are_small_and_upright_and_have_points_and_a_focal_length() {
    let mut bytes = 0;
    for client in CLIENTS {
        let views = client.views().unwrap();
        assert_eq!(views.len(), 5);
        for view in views {
            bytes += view.bytes.len();
            let photo = scalp_studio::photo::decode(&view.bytes, &Limits::default()).unwrap();
            assert_eq!([photo.width(), photo.height()], truth_of(client).views[&view.name].size_px(), "{}", view.name);
            assert_eq!(photo.camera().focal_length_35mm, Some(85.0));
            assert!(!view.points.landmarks.is_empty() && view.points.outline.len() >= 12);
        }
    }
    assert!(bytes < 8_000_000, "{bytes}");
}

#[test]
fn the_hairlines_of_the_sample_clients_follow_their_faces() {
    CLIENTS.into_iter().for_each(follows_the_face);
}

fn follows_the_face(client: Client) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.scalp");
    let start = Start { ignore_own_hair: true, ..Start::default() };
    let views = client.views().unwrap();
    let case = Case::create(&path, views, &start, Existing::Refuse, &Limits::default()).unwrap();
    let document = case.document();
    let of = |document: &Document| FitInput::of(document).fit().unwrap();
    let fit = of(document);
    let height = fit.line_height();
    let plan = case.plan(None).unwrap();
    assert_eq!(*plan, fit.usual_plan(Treatment::FullShave, None), "{client:?}");
    assert!((plan.hairline.height_mm(fit.head()) - height.mm()).abs() < 0.06);
    assert!(height.reason(Preset::Soft).contains("equal thirds"), "{client:?}: {}", height.reason(Preset::Soft));

    // Chin and brows are clicked, so the thirds are those of the true face.
    let truth = truth_of(client);
    let [brow, chin] = ["glabella", "menton"].map(|name| DVec3::from(truth.landmarks_mm[name]));
    let third_mm = 0.5 * (brow.y - chin.y);
    let off_mm = fit.head().third_mm() - third_mm;
    assert!(off_mm.abs() < 3.0, "{client:?}: a third is {third_mm:.1} mm, {off_mm:.1} more on the fitted head");

    // A chin that is 5 mm lower in every photo moves the line by less than that.
    let mut lower = document.clone();
    for (view, record) in lower.views.iter_mut().enumerate() {
        let Some((camera, click)) = fit.camera(view).zip(record.landmarks.get_mut(&Landmark::Menton)) else { continue };
        let on_head = fit.head().landmark(Landmark::Menton);
        let at = |mm: f64| camera.image_from_head(on_head - DVec3::Y * mm).unwrap();
        let by_px = at(5.0) - at(0.0);
        *click = [click[0] + by_px.x, click[1] + by_px.y];
    }
    let moved_mm = of(&lower).line_height().mm() - height.mm();
    let highest = height.mm() > 77.0;
    assert!((0.0..=4.0).contains(&moved_mm) && (highest || moved_mm > 0.0), "{client:?}: {moved_mm}");

    // Without a chin, or without brows, it is the usual one.
    for missing in [&[Landmark::Menton][..], &[Landmark::Glabella, Landmark::Nasion]] {
        let mut fewer = document.clone();
        for record in &mut fewer.views {
            record.landmarks.retain(|landmark, _| !missing.contains(landmark));
        }
        let unknown = of(&fewer).line_height();
        assert_eq!((unknown, unknown.mm()), (LineHeight::USUAL, 72.0), "{client:?} without {missing:?}");
    }
}
