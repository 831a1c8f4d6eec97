//! Plans and the dots they make: what an edit changes and what it leaves alone.

use std::sync::Arc;

use std::collections::HashMap;

use glam::DVec3;
use scalp_studio::follicles::dots::Dot;
use scalp_studio::head::{Head, Part};
use scalp_studio::plan::Plan;
use scalp_studio::plan::area::{Effect, Mask, Outline, Stroke, oval};
use scalp_studio::plan::hairline::PRESETS;
use scalp_studio::plan::session::{self, TouchUp};
use scalp_studio::plan::treatment::{TREATMENTS, Treatment as Kind};
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::mock_up::{MockUp, Scalp};

fn scalp() -> (Arc<Scalp>, Plan) {
    let head = Head::average();
    let plan = Plan::for_treatment(Kind::FullShave, None, &head);
    (Scalp::new(head, &plan), plan)
}

/// What identifies a dot, to a micrometre.
fn key(dot: &Dot) -> [i64; 3] {
    dot.position.to_array().map(|mm| (mm * 1e3).round() as i64)
}

fn by_place(mock_up: &MockUp) -> HashMap<[i64; 3], Dot> {
    mock_up.dots.iter().map(|d| (key(d), *d)).collect()
}

/// Places whose dot differs between two mock-ups.
fn changed(a: &MockUp, b: &MockUp) -> Vec<DVec3> {
    let (one, other) = (by_place(a), by_place(b));
    let differs = |from: &HashMap<[i64; 3], Dot>, to: &HashMap<[i64; 3], Dot>| -> Vec<DVec3> {
        from.iter().filter(|(k, d)| to.get(*k) != Some(*d)).map(|(_, d)| d.position).collect()
    };
    [differs(&one, &other), differs(&other, &one)].concat()
}

#[test]
fn every_treatment_and_preset_gives_a_valid_plan_with_dots() {
    let head = Head::average();
    let mut scalp: Option<Arc<Scalp>> = None;
    for kind in TREATMENTS {
        let plan = Plan::for_treatment(kind, None, &head);
        plan.check().unwrap();
        assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan, "{}", kind.name());
        let one = match (&scalp, kind) {
            (Some(shared), k) if k != Kind::Beard => shared.clone(),
            _ => Scalp::new(head.clone(), &plan),
        };
        let mock_up = MockUp::new(&plan, &one, Skin::default());
        assert!(mock_up.dots.len() > 300, "{}: {} dots", kind.name(), mock_up.dots.len());
        for area in 0..plan.areas.len() {
            let cm2: f64 = mock_up.fields.iter().map(|f| f.area_cm2(&plan, &one.map, area)).sum();
            assert!(cm2 > 1.0, "{} area {area}: {cm2} cm2", kind.name());
        }
        if kind != Kind::Beard {
            scalp = Some(one);
        }
    }
    for preset in PRESETS {
        Plan::for_treatment(Kind::FullShave, Some(preset), &head).check().unwrap();
    }
}

#[test]
fn dragging_a_hairline_point_moves_no_dot_and_affects_only_its_surroundings() {
    let (scalp, plan) = scalp();
    let before = MockUp::new(&plan, &scalp, Skin::default());
    let mut edited = plan.clone();
    let lifted = DVec3::from(edited.hairline.points[0]) + DVec3::new(0.0, 6.0, -2.0);
    edited.hairline.points[0] = lifted.to_array();
    let after = MockUp::new(&edited, &scalp, Skin::default());
    let changed = changed(&before, &after);
    assert!(changed.len() > 100, "the edit must show: {}", changed.len());
    // Covers the two spans on either side of the point and the zone behind the line, but not the crown, sides or back.
    let reach = 75.0;
    for place in changed {
        assert!(place.distance(lifted) < reach, "a dot {:.0} mm away changed", place.distance(lifted));
    }
    // A dot in both has the same place, as that is its key; its size and depth must agree, too.
    let other = by_place(&after);
    for dot in before.dots.iter() {
        if let Some(same) = other.get(&key(dot)) {
            assert_eq!((same.diameter_mm / dot.diameter_mm * 1e9).round(), {
                // Only its session, and with that needle and dilution, and its distance from the front may differ.
                let front = plan.areas[0].front();
                let needle = |d: &Dot| {
                    plan.sessions[usize::from(d.session) - 1].needle_mm * front.fineness(d.density_per_cm2).diameter
                };
                (needle(same) / needle(dot) * 1e9).round()
            });
            assert_eq!(same.depth_mm, dot.depth_mm);
        }
    }
}

#[test]
fn a_brush_stroke_and_a_mask_change_only_what_they_cover() {
    let (scalp, plan) = scalp();
    let before = MockUp::new(&plan, &scalp, Skin::default());
    let crown = scalp.head.cranium.below(DVec3::new(10.0, 70.0, -50.0)).position;
    let count = |t: &MockUp, within: f64| t.dots.iter().filter(|d| d.position.distance(crown) < within).count();

    let mut brushed = plan.clone();
    brushed.strokes.push(Stroke {
        part: Part::Cranium,
        points: vec![crown.to_array()],
        radius_mm: 15.0,
        change_per_cm2: -80.0,
        effect: Effect::Change,
        hardness: 0.0,
        off: false,
    });
    let after = MockUp::new(&brushed, &scalp, Skin::default());
    assert!(changed(&before, &after).iter().all(|p| p.distance(crown) < 17.0));
    let (full, thinned) = (count(&before, 5.0), count(&after, 5.0));
    // In the middle 80 of 106 dots per cm2 are taken away.
    assert!((thinned as f64 / full as f64 - 26.0 / 106.0).abs() < 0.15, "{full} {thinned}");

    let mut masked = plan.clone();
    masked.masks.push(Mask {
        name: "mole".into(),
        part: Part::Cranium,
        points: oval(&scalp.head.cranium, crown, DVec3::X, [12.0, 8.0]),
        feather_mm: 1.0,
    });
    let after = MockUp::new(&masked, &scalp, Skin::default());
    assert_eq!(count(&after, 7.0), 0);
    assert!(changed(&before, &after).iter().all(|p| p.distance(crown) < 15.0));
}

#[test]
fn one_stroke_paints_back_what_two_took_away() {
    let (scalp, mut plan) = scalp();
    let crown = scalp.head.cranium.below(DVec3::new(10.0, 70.0, -50.0)).position;
    let stroke = |change_per_cm2| Stroke {
        part: Part::Cranium,
        points: vec![crown.to_array()],
        radius_mm: 20.0,
        change_per_cm2,
        effect: Effect::Change,
        hardness: 0.0,
        off: false,
    };
    plan.strokes.extend([stroke(-250.0), stroke(-250.0), stroke(100.0)]);
    let mock_up = MockUp::new(&plan, &scalp, Skin::default());
    let field = &mock_up.fields[0];
    let map = scalp.map.part(Part::Cranium);
    let texel = map.chart.texel_from_direction((crown - scalp.head.cranium.centre).normalize()).unwrap();
    let density = field.density_per_cm2.at(texel.map(|v| v as f32));
    assert!((density - 100.0).abs() < 2.0, "{density}");
}

#[test]
fn a_stroke_that_is_off_does_nothing_and_a_hard_one_takes_more() {
    let (scalp, plan) = scalp();
    let crown = scalp.head.cranium.below(DVec3::new(10.0, 70.0, -50.0)).position;
    let stroke = |hardness, off| Stroke {
        part: Part::Cranium,
        points: vec![crown.to_array()],
        radius_mm: 20.0,
        change_per_cm2: -60.0,
        effect: Effect::Change,
        hardness,
        off,
    };
    let with = |stroke: Stroke| Plan { strokes: vec![stroke], ..plan.clone() };
    let density = |plan: &Plan| MockUp::new(plan, &scalp, Skin::default()).fields[0].density_per_cm2.values().to_vec();
    let (none, off, soft, hard) = (
        density(&plan),
        density(&with(stroke(0.0, true))),
        density(&with(stroke(0.0, false))),
        density(&with(stroke(0.8, false))),
    );
    assert!(none == off, "turned off");
    let taken = |of: &[f32]| none.iter().zip(of).map(|(before, after)| f64::from(before - after)).sum::<f64>();
    // The soft stroke, a squared paraboloid, has a volume of 1/3; the hard one, a plateau over eight tenths of the
    // radius with a slope around it, about 3/4.
    let ratio = taken(&hard) / taken(&soft);
    assert!((2.0..2.6).contains(&ratio), "{ratio}");

    // The defaults are not written, so that older plans stay as they are; everything else is written and read back.
    let usual = with(stroke(0.0, false)).to_json();
    assert!(!usual.contains("hardness") && !usual.contains("\"off\""), "{usual}");
    for plan in [with(stroke(0.0, false)), with(stroke(0.5, true))] {
        plan.check().unwrap();
        assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
    }
    let wrong = with(stroke(1.0, false)).check().unwrap_err();
    assert_eq!(wrong.field, "strokes[0].hardness");
}

#[test]
fn smoothing_evens_out_density_and_keeps_the_number_of_dots() {
    let (scalp, mut plan) = scalp();
    let middle = scalp.head.cranium.below(DVec3::new(0.0, 70.0, -40.0)).position;
    // A spot with a hard edge on bare skin.
    plan.areas[0].outline = Outline::Spots { centres: vec![middle.to_array()], diameter_mm: 30.0 };
    plan.areas[0].feather_mm = 0.0;
    let look = |plan: &Plan| {
        let mock_up = MockUp::new(plan, &scalp, Skin::default());
        let density = mock_up.fields[0].density_per_cm2.values().to_vec();
        let dots: f64 =
            density.iter().zip(&scalp.map.part(Part::Cranium).area_mm2).map(|(d, a)| f64::from(d * a)).sum();
        (density, dots / 100.0)
    };
    let steepest = |density: &[f32]| density.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    let (hard, before) = look(&plan);
    plan.strokes.push(Stroke {
        part: Part::Cranium,
        points: vec![middle.to_array()],
        radius_mm: 40.0,
        change_per_cm2: 250.0,
        effect: Effect::Smooth,
        hardness: 0.0,
        off: false,
    });
    plan.check().unwrap();
    let json = plan.to_json();
    assert_eq!(Plan::from_json(&json).unwrap(), plan);
    let (soft, after) = look(&plan);
    assert!(steepest(&soft) < 0.2 * steepest(&hard), "{} {}", steepest(&soft), steepest(&hard));
    // The brush fades towards its rim, so the number is not kept exactly.
    assert!((after / before - 1.0).abs() < 0.1, "{before} {after}");
    // In a plan from before there was smoothing, strokes add and take away.
    let older = json.replace(",\n      \"effect\": \"smooth\"", "");
    assert_ne!(older, json);
    assert_eq!(Plan::from_json(&older).unwrap().strokes[0].effect, Effect::Change);
}

#[test]
fn a_plan_gets_the_density_it_asks_for() {
    let (scalp, mut plan) = scalp();
    for density in [70.0, 120.0, 180.0] {
        plan.areas[0].density_per_cm2 = density;
        let mock_up = MockUp::new(&plan, &scalp, Skin::default());
        let surface = &scalp.head.cranium;
        for (x, z) in [(0.0, -40.0), (30.0, -30.0), (-35.0, -50.0), (0.0, -70.0), (20.0, -10.0)] {
            let middle = surface.below(DVec3::new(x, 80.0, z)).position;
            // A disc of 4 cm2. Its area on the curved skin comes from the surface map.
            let radius = 11.28;
            let map = scalp.map.part(Part::Cranium);
            let area_cm2: f64 = map
                .position
                .iter()
                .zip(&map.area_mm2)
                .filter(|(p, _)| p.is_some_and(|p| p.distance(middle) < radius))
                .map(|(_, a)| f64::from(*a) / 100.0)
                .sum();
            assert!((area_cm2 - 4.0).abs() < 0.15, "{area_cm2}");
            let got = mock_up.dots.iter().filter(|d| d.position.distance(middle) < radius).count() as f64 / area_cm2;
            assert!((got / density - 1.0).abs() < 0.05, "{got:.1} instead of {density} per cm2");
        }
    }
}

#[test]
fn sessions_only_add_dots_and_reach_their_shares() {
    let (scalp, plan) = scalp();
    let mock_up = MockUp::new(&plan, &scalp, Skin::default());
    let total = mock_up.dots.len() as f64;
    for (i, session) in plan.sessions.iter().enumerate() {
        let share = mock_up.dots_after(i + 1).count() as f64 / total;
        assert!((share - session.cumulative_share).abs() < 0.02, "session {}: {share}", i + 1);
    }
    // The scattered dark dots come last.
    let dark: Vec<u8> = mock_up.dots.iter().filter(|d| d.dark).map(|d| d.session).collect();
    assert!(dark.iter().all(|&s| s == 3));
    let last = mock_up.dots.iter().filter(|d| d.session == 3).count() as f64;
    assert!((dark.len() as f64 / last - 0.25).abs() < 0.02);
    // A touch-up places an evenly distributed share of the dots once more and changes nothing before it.
    let touch_up = TouchUp { share: 0.4, ..TouchUp::after(&plan.sessions) };
    let touched = MockUp::new(&Plan { touch_up: Some(touch_up), ..plan.clone() }, &scalp, Skin::default());
    assert_eq!(touched.dots_after(3).collect::<Vec<_>>(), mock_up.dots.iter().collect::<Vec<_>>());
    let again: Vec<&Dot> = touched.dots.iter().filter(|d| d.session == 4).collect();
    assert!((again.len() as f64 / total - 0.4).abs() < 0.01, "{}", again.len());
    let left = again.iter().filter(|d| d.position.x > 0.0).count() as f64 / again.len() as f64;
    assert!((left - 0.5).abs() < 0.02, "{left}");
    // A different number of sessions places the same dots, distributed differently.
    let mut five = plan.clone();
    five.sessions = session::defaults(5);
    let other = MockUp::new(&five, &scalp, Skin::default());
    let places = |t: &MockUp| t.dots.iter().map(key).collect::<std::collections::HashSet<_>>();
    assert_eq!(places(&mock_up), places(&other));
}

#[test]
fn dots_depend_on_the_seed_and_not_on_the_number_of_threads() {
    let head = Head::average();
    let mut plan = Plan::for_treatment(Kind::Crown, None, &head);
    let make = |plan: &Plan, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| MockUp::new(plan, &Scalp::new(head.clone(), plan), Skin::default()).dots)
    };
    let one = make(&plan, 1);
    assert_eq!(one, make(&plan, 2));
    assert_eq!(one, make(&plan, 8));
    plan.seed = 2;
    assert_ne!(one, make(&plan, 2));
}

#[test]
fn an_invalid_plan_is_refused_and_the_field_is_named() {
    let (_, plan) = scalp();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json: serde_json::Value = serde_json::from_str(&plan.to_json()).unwrap();
        change(&mut json);
        Plan::from_json(&json.to_string()).unwrap_err()
    };
    let field = |change: &dyn Fn(&mut serde_json::Value)| refused(change).field;
    assert_eq!(field(&|j| j["areas"][0]["density_per_cm2"] = 900.into()), "areas[0].density_per_cm2");
    assert_eq!(field(&|j| j["sessions"][1]["cumulative_share"] = 0.2.into()), "sessions[1].cumulative_share");
    assert_eq!(field(&|j| j["pigment"] = "pink".into()), "pigment");
    assert_eq!(field(&|j| j["hairline"]["points"][2] = serde_json::json!([0, 0, 0])), "hairline.points[2]");
    assert_eq!(field(&|j| j["sessions"] = serde_json::json!([])), "sessions");
    assert!(refused(&|j| j["colour"] = 1.into()).problem.contains("unknown field"));
    let missing = refused(&|j| {
        j["areas"][0].as_object_mut().unwrap().remove("feather_mm");
    });
    assert!(missing.field.starts_with("areas[0]") && missing.problem.contains("feather_mm"), "{missing}");
    // JSON has no NaN.
    let text = plan.to_json().replace("\"depth_mm\": 0.075", "\"depth_mm\": NaN");
    assert_ne!(text, plan.to_json());
    assert!(Plan::from_json(&text).is_err());
    let null = refused(&|j| j["depth_mm"] = serde_json::Value::Null);
    assert_eq!(null.field, "depth_mm");
}

#[test]
fn a_spot_has_the_diameter_asked_for() {
    let (scalp, mut plan) = scalp();
    // So that no dot strays over the edge.
    plan.randomness = 0.0;
    let crown = scalp.head.cranium.below(DVec3::new(0.0, 70.0, -40.0)).position;
    plan.areas[0].outline = Outline::Spots { centres: vec![crown.to_array()], diameter_mm: 30.0 };
    plan.areas[0].feather_mm = 0.0;
    let mock_up = MockUp::new(&plan, &scalp, Skin::default());
    let farthest = mock_up.dots.iter().map(|d| d.position.distance(crown)).fold(0.0, f64::max);
    assert!((14.0..=15.6).contains(&farthest), "{farthest}");
}
