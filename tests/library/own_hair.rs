//! Plans that follow the client's own shaved hair: it is found where it grows, and treated skin looks like it.

use crate::truth::truth_of;
use glam::{DVec2, DVec3};
use scalp_studio::case::pipeline::FittedMockUp;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, NewView, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::camera::Camera;
use scalp_studio::photo::{EncodeOptions, Format, Limits, Photo, decode, encode};
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::own_hair::OwnHair;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::render::compositor::composite;
use scalp_studio::render::mock_up::{Moment, Sensor};
use scalp_studio::render::specular::Specular;
use scalp_studio::skin::own_hair;
use scalp_studio::skin::settings::Outlook;

fn case(views: Vec<NewView>, start: &Start) -> Case {
    let folder = tempfile::tempdir().unwrap();
    Case::create(&folder.path().join("client.scalp"), views, start, Existing::Refuse, &Limits::default()).unwrap()
}

fn found(case: &Case) -> Option<(OwnHair, Skin)> {
    let fit = case.fit().unwrap();
    fit.own_hair(&fit.views(case.document()), |view| case.photo(view, &Limits::default()).ok())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn own_hair_is_found_where_it_grows() {
    for client in CLIENTS {
        let case = case(client.views().unwrap(), &Start::default());
        let (hair, _) = found(&case).unwrap();
        let truth = truth_of(client);
        // Compared in the photos, where both borders can be seen, as the fitted head is not quite the true one.
        let fit = case.fit().unwrap();
        let mut off = Vec::new();
        for (index, view) in case.document().views.iter().enumerate() {
            let (camera, true_camera) = (case.camera(&fit, index).unwrap(), truth.views[&view.name].camera());
            let faces = |camera: &Camera, p: DVec3| (camera.position() - p).normalize().dot(p.normalize()) > 0.5;
            let found: Vec<DVec2> = (hair.border.iter().map(|p| DVec3::from(*p)))
                .filter(|p| faces(camera, *p))
                .filter_map(|p| camera.image_from_head(p))
                .collect();
            for p in truth.stubble.border_mm.values().flatten().map(|p| DVec3::from(*p)) {
                let pixel = true_camera.image_from_head(p).unwrap();
                let nearest = found.iter().map(|q| q.distance(pixel)).fold(f64::INFINITY, f64::min);
                if faces(&true_camera, p) && nearest.is_finite() {
                    off.push(nearest * true_camera.mm_per_px(p));
                }
            }
        }
        off.sort_by(f64::total_cmp);
        // The border is less certain at the rim of the head and where the sideburn meets the face.
        let most = off[off.len() * 3 / 4];
        println!(
            "{client:?}: border off by {:.1} mm, most within {most:.1}, of {} places",
            median(off.clone()),
            off.len()
        );
        assert!(off.len() > 25 && median(off.clone()) < 8.0 && most < 16.0, "{client:?}: {off:.0?}");
        println!("{:.2?} left, {} patches, blends over {:.0} mm", hair.left, hair.patches, hair.blend_mm);
        let density = hair.stubble.density_per_cm2.value / truth.stubble.units_per_cm2;
        assert!((0.6..1.2).contains(&density), "{client:?}: {density:.2} of the follicles");
    }
}

#[test]
fn treated_skin_looks_like_own_hair() {
    for client in CLIENTS {
        let case = case(client.views().unwrap(), &Start::default());
        let plan = case.plan(None).unwrap();
        assert!(own_hair::follows(plan), "{client:?}");
        let FittedMockUp { fit, mock_up } = case.fitted_mock_up(None, &Limits::default()).unwrap();
        let head = fit.head();
        let view = case.view_index(Some("top")).unwrap();
        let camera = case.camera(&fit, view).unwrap();
        let photo = case.photo(view, &Limits::default()).unwrap();
        let sensor = Sensor::of(&photo, head, camera);
        let moment = Moment { sessions: 3, age_days: 60.0, outlook: Outlook::Likely };
        let splats = mock_up.splats(&sensor, moment);
        let mut healed = photo.clone();
        composite(&mut healed, &splats, &Specular::estimate(&photo, &splats));
        // The light left in the middle of the scalp, against what own hair would leave of it.
        let own = truth_of(client).stubble.left_of_light;
        let places = [-36.0, -18.0, 0.0, 18.0, 36.0].map(|x| head.cranium.below(DVec3::new(x, 90.0, 20.0)));
        let off: Vec<f64> = places
            .iter()
            .map(|place| {
                let pixel = camera.image_from_head(place.position).unwrap();
                let radius_px = 7.0 / camera.mm_per_px(place.position);
                let [bare, treated] =
                    [&photo, &healed].map(|photo| Tone::mean_in_disc(photo, pixel, radius_px).unwrap());
                let hair = Tone(std::array::from_fn(|c| bare.0[c] * own[c]));
                println!(
                    "{client:?}: {:.2?} left, own hair {own:.2?}; {:.1} from bare skin, {:.1} from own hair",
                    [0, 1, 2].map(|c| treated.0[c] / bare.0[c]),
                    treated.difference(bare),
                    treated.difference(hair)
                );
                treated.difference(hair)
            })
            .collect();
        assert!(median(off.clone()) < 3.0, "{client:?}: {off:.1?}");
    }
}

#[test]
fn own_hair_can_be_ignored_and_is_not_followed_around_scars_or_on_bare_heads() {
    let usual = case(Client::Light.views().unwrap(), &Start { ignore_own_hair: true, ..Start::default() });
    let mut plan = case(Client::Light.views().unwrap(), &Start::default()).plan(None).unwrap().clone();
    assert!(own_hair::follows(&plan) && !own_hair::follows(usual.plan(None).unwrap()));
    own_hair::forget(&mut plan, usual.plan(None).unwrap());
    assert_eq!(&plan, usual.plan(None).unwrap());
    // A scar is surrounded by hair.
    let scar = Start { treatment: Some(Kind::StripScar), ..Start::default() };
    assert!(!own_hair::follows(case(Client::Light.views().unwrap(), &scar).plan(None).unwrap()));
    // Without hair in the photos there is nothing to follow.
    let mut views = Client::Light.views().unwrap();
    for view in &mut views {
        let photo = decode(&view.bytes, &Limits::default()).unwrap();
        let skin = [210, 170, 150].repeat((photo.width() * photo.height()) as usize);
        let bare = Photo::from_srgb(photo.width(), photo.height(), skin).unwrap();
        view.bytes = encode(&bare, Format::Png, &EncodeOptions::default()).unwrap();
    }
    let bare = case(views, &Start::default());
    assert!(found(&bare).is_none() && !own_hair::follows(bare.plan(None).unwrap()));
}
