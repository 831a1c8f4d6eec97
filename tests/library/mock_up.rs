//! From plan to splats, edit after edit.

use glam::{DMat3, DVec2, DVec3};
use proptest::prelude::*;
use scalp_studio::follicles::dots::Dot;
use scalp_studio::ground::points::{hexagonal_spacing_mm, spacing};
use scalp_studio::head::camera::Camera;
use scalp_studio::head::{Head, Part};
use scalp_studio::plan::Plan;
use scalp_studio::plan::area::{Effect, Mask, Stroke};
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::reading::sharpening::PointSpread;
use scalp_studio::reading::tissue::Skin;
use scalp_studio::render::mock_up::{MockUp, Moment, Scalp, Sensor};
use scalp_studio::skin::settings::Outlook;

fn front() -> Sensor {
    let camera = Camera {
        camera_from_head: DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)),
        head_origin_mm: DVec3::new(0.0, 0.0, 1200.0),
        focal_px: 5000.0,
        principal_px: DVec2::new(600.0, 700.0),
    };
    Sensor { camera, photo_px: [1200, 1500], spread: PointSpread::blurred(0.7), level: 1, hidden: None, tones: None }
}

/// A small, sparse area, so that there are few dots to place.
fn plan(head: &Head) -> Plan {
    let mut plan = Plan::for_treatment(Kind::Receding, None, head);
    plan.areas[0].density_per_cm2 = 40.0;
    plan
}

#[test]
fn incremental_edits_give_exactly_what_a_fresh_start_gives() {
    let head = Head::average();
    let start = plan(&head);
    let scalp = Scalp::new(head, &start);
    let sensor = front();
    let place = |across: f64, above: f64| {
        let middle = scalp.head.above_glabella(above).position;
        scalp.head.cranium.below(middle + DVec3::X * across).position.to_array()
    };
    let stroke = |by: f64| Stroke {
        part: Part::Cranium,
        points: vec![place(5.0 * by, 95.0), place(20.0, 90.0)],
        radius_mm: 4.0,
        change_per_cm2: 20.0 * by,
        effect: Effect::Change,
        hardness: 0.0,
        off: false,
    };
    let mask = |by: f64| Mask {
        name: "mole".to_owned(),
        part: Part::Cranium,
        points: vec![place(by, 85.0), place(6.0, 85.0), place(3.0, 92.0)],
        feather_mm: 2.0,
    };
    // Each edit builds on the one before, as in the studio.
    let edit = |plan: &mut Plan, kind: u8, by: f64| match kind {
        0 => plan.hairline.points[0][1] += by,
        1 => plan.areas[0].density_per_cm2 += 5.0 * by,
        2 => plan.sessions[1].dilution += by.abs(),
        3 => plan.areas[0].shade *= 1.0 + 0.1 * by.abs(),
        4 => plan.pigment = "dark brown".to_owned(),
        5 => plan.hairline.points[2][2] += by,
        6 => plan.hairline.edge.undulation_mm += 0.2 * by.abs(),
        7 => plan.strokes.push(stroke(by)),
        8 => drop(plan.strokes.pop()),
        9 => plan.masks.push(mask(by)),
        10 => drop(plan.masks.pop()),
        11 => plan.randomness = 0.05 * by.abs(),
        _ => plan.depth_mm += 0.02 * by.abs(),
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..Default::default()
    });
    let sequences =
        (proptest::collection::vec((0_u8..13, -4.0..4.0), 2..7), 1_usize..=3, prop_oneof![Just(0.0), Just(28.0)]);
    runner
        .run(&sequences, |(sequence, sessions, age_days)| {
            let moment = Moment { sessions, age_days, outlook: Outlook::Likely };
            let mut plan = start.clone();
            let mut mock_up = MockUp::new(&start, &scalp, Skin::default());
            let mut seen = mock_up.seen(&sensor, moment, None);
            for (kind, by) in sequence {
                edit(&mut plan, kind, by);
                prop_assume!(plan.check().is_ok());
                let after = MockUp::after(&plan, &scalp, Skin::default(), Some(&mock_up));
                let afresh = MockUp::new(&plan, &scalp, Skin::default());
                for (one, other) in after.fields.iter().zip(&afresh.fields) {
                    prop_assert_eq!(&one.density_per_cm2, &other.density_per_cm2);
                    prop_assert_eq!(&one.area, &other.area);
                }
                prop_assert_eq!(&after.dots, &afresh.dots);
                seen = after.seen(&sensor, moment, Some(&seen));
                prop_assert!(!seen.splats.is_empty());
                let afresh = afresh.seen(&sensor, moment, None);
                prop_assert_eq!(seen.splats.as_slice(), afresh.splats.as_slice());
                mock_up = after;
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn randomness_displaces_dots_without_adding_or_removing_any() {
    let head = Head::average();
    // A whole scalp, so that most of it has the full planned density.
    let mut even = Plan { randomness: 0.0, ..Plan::for_treatment(Kind::FullShave, None, &head) };
    even.areas[0].density_per_cm2 = 40.0;
    let scalp = Scalp::new(head, &even);
    let dots = |randomness: f64| -> Vec<Dot> {
        MockUp::new(&Plan { randomness, ..even.clone() }, &scalp, Skin::default()).dots.iter().copied().collect()
    };
    let before = dots(0.0);
    let mut unevenness = Vec::new();
    for randomness in [0.0, 0.1, 0.3] {
        let after = dots(randomness);
        let moved = before.iter().zip(&after).map(|(a, b)| {
            assert_eq!((a.follicle, a.session, a.diameter_mm), (b.follicle, b.session, b.diameter_mm));
            let off_skin = b.position.distance(scalp.head.cranium.below(b.position).position);
            assert!(off_skin < 0.1, "{off_skin} mm off the skin");
            // The displacement has this standard deviation in each of two directions.
            a.position.distance_squared(b.position) / (2.0 * hexagonal_spacing_mm(a.density_per_cm2.max(20.0)).powi(2))
        });
        let share = (moved.sum::<f64>() / before.len() as f64).sqrt();
        assert_eq!(after.len(), before.len());
        assert!((share - randomness).abs() < 0.05 * randomness + 1e-12, "{share} for {randomness}");
        let inner: Vec<DVec3> = after.iter().filter(|d| d.density_per_cm2 > 39.0).map(|d| d.position).collect();
        unevenness.push(spacing(&inner, 40.0).unwrap().variation);
    }
    assert!(unevenness.is_sorted_by(|a, b| *a + 0.03 < *b), "{unevenness:?}");
}
