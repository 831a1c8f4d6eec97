//! Plans that follow the client's own shaved hair: where it stands is found, and treated skin looks like it.

use crate::truth::truth_of;
use glam::DVec3;
use scalp_studio::case::sample::{CLIENTS, Client};
use scalp_studio::case::{Case, NewView, Start};
use scalp_studio::ground::files::Existing;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::photo::Limits;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::own_hair::{self, OwnHair};
use scalp_studio::reading::{Reading, Subject};
use scalp_studio::render::compositor::composite;
use scalp_studio::render::gloss::{Gloss, GlossMap};
use scalp_studio::render::scene::{Ground, Moment, Treatment};
use scalp_studio::skin::settings::Outlook;
use scalp_studio::skin::tissue::Skin;
use scalp_studio::skin::tone::Tone;

fn case(views: Vec<NewView>, start: &Start) -> Case {
    let folder = tempfile::tempdir().unwrap();
    Case::create(&folder.path().join("client.scalp"), views, start, Existing::Refuse, &Limits::default()).unwrap()
}

fn found(case: &Case) -> Option<(OwnHair, Skin)> {
    let fit = case.fit().unwrap();
    let sizes = case.document().views.iter().map(|view| [view.width_px, view.height_px]).enumerate();
    scalp_studio::case::own_hair_in(&fit, sizes, |view| case.photo(view, &Limits::default()).ok())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn own_hair_is_found_where_it_stands() {
    for client in CLIENTS {
        let case = case(client.views().unwrap(), &Start::default());
        let (hair, _) = found(&case).unwrap();
        let truth = truth_of(client);
        // The fitted head is not the true one: heights are compared, straight up the skin.
        let border: Vec<DVec3> = hair.border.iter().map(|p| DVec3::from(*p)).collect();
        let off: Vec<f64> = (truth.stubble.border_mm.values().flatten())
            .map(|p| border.iter().map(|q| q.distance(DVec3::from(*p))).fold(f64::INFINITY, f64::min))
            .collect();
        println!(
            "{client:?}: border off by {:.1} mm, at most {:.1}",
            median(off.clone()),
            off.iter().fold(0.0, |a: f64, b| a.max(*b))
        );
        println!("{:?}", hair.stubble);
        assert!(median(off.clone()) < 8.0 && off.iter().all(|mm| *mm < 25.0), "{client:?}: {off:.0?}");
        let density = hair.stubble.density_per_cm2.value / truth.stubble.units_per_cm2;
        assert!((0.6..1.2).contains(&density), "{client:?}: {density:.2} of the follicles");
    }
}

/// Places 24 mm above and below the true border, with how different they look: before, and healed.
#[test]
fn treated_skin_meets_own_hair_without_a_step() {
    const ACROSS_MM: f64 = 24.0;
    for client in CLIENTS {
        let case = case(client.views().unwrap(), &Start::default());
        let plan = case.plan(None).unwrap();
        assert!(own_hair::follows(plan), "{client:?}");
        let fit = case.fit().unwrap();
        let ground = Ground::new(fit.head().clone(), plan);
        let mut treatment = Treatment::new(plan, &ground);
        treatment.skin = case.skin(&fit, &Limits::default()).unwrap();
        let head = fit.head();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (index, view) in case.document().views.iter().enumerate() {
            let camera = case.camera(&fit, index).unwrap();
            let photo = case.photo(index, &Limits::default()).unwrap();
            let sensor = Reading::new(&photo, Subject::Head { head, camera }).unwrap().sensor(&photo, camera);
            let moment = Moment { sessions: 3, age_days: 60.0, outlook: Outlook::Likely };
            let splats = treatment.splats(head, &sensor, moment);
            let mut healed = photo.clone();
            composite(&mut healed, &splats, &Gloss::Map(GlossMap::estimate(&photo, &splats).unwrap())).unwrap();
            for border in truth_of(client).stubble.border_mm.values() {
                for at in border.iter().map(|p| head.cranium.below(DVec3::from(*p))) {
                    let up = (DVec3::Y - at.normal * at.normal.y).normalize();
                    let sides = [1.0, -1.0].map(|side| head.cranium.below(at.position + up * side * ACROSS_MM));
                    let seen = |p: &SurfacePoint| {
                        head.visible(camera, p) && (camera.position() - p.position).normalize().dot(p.normal) > 0.6
                    };
                    let tragus = head.landmark(Landmark::TragusLeft);
                    if !sides.iter().all(seen) || sides[1].position.y < tragus.y + 45.0 && sides[1].position.z > -70.0 {
                        continue;
                    }
                    let difference = |photo: &scalp_studio::photo::Photo| {
                        let [above, below] = sides.map(|p| {
                            let pixel = camera.image_from_head(p.position).unwrap();
                            Tone::mean_in_disc(photo, pixel, 6.0 / camera.mm_per_px(p.position)).unwrap()
                        });
                        above.difference(below)
                    };
                    before.push(difference(&photo));
                    after.push(difference(&healed));
                }
            }
            println!("{client:?}, {}: {} places", view.name, before.len());
        }
        println!("{client:?}: {:.1} before, {:.1} healed", median(before.clone()), median(after.clone()));
        assert!(before.len() > 12, "{}", before.len());
        assert!(median(before.clone()) > 5.0, "{before:.1?}");
        assert!(median(after.clone()) < 3.0, "{after:.1?}");
    }
}

#[test]
fn the_plan_can_be_told_otherwise_and_bare_heads_have_nothing_to_follow() {
    let usual = case(Client::Light.views().unwrap(), &Start { ignore_own_hair: true, ..Start::default() });
    let mut plan = case(Client::Light.views().unwrap(), &Start::default()).plan(None).unwrap().clone();
    assert!(own_hair::follows(&plan) && !own_hair::follows(usual.plan(None).unwrap()));
    own_hair::forget(&mut plan, usual.plan(None).unwrap());
    assert_eq!(&plan, usual.plan(None).unwrap());
    // Scars lie in the midst of hair.
    let scar = Start { treatment: Some(Kind::StripScar), ..Start::default() };
    assert!(!own_hair::follows(case(Client::Light.views().unwrap(), &scar).plan(None).unwrap()));
    // From the front alone hardly any of it is seen.
    let mut views = Client::Light.views().unwrap();
    views.retain(|view| view.name == "top");
    for landmark in [Landmark::Glabella, Landmark::NoseTip] {
        assert!(views[0].points.landmarks.iter().any(|(l, _)| *l == landmark));
    }
}
