//! From a plan to splats, edit after edit.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glam::{DMat3, DVec2, DVec3};
use proptest::prelude::*;
use scalp_studio::head::Head;
use scalp_studio::head::camera::Camera;
use scalp_studio::plan::Plan;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::render::scene::{Ground, Moment, Sensor, Treatment};
use scalp_studio::skin::settings::Outlook;

fn front() -> Sensor {
    let camera = Camera {
        camera_from_head: DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)),
        head_origin_mm: DVec3::new(0.0, 0.0, 1200.0),
        focal_px: 5000.0,
        principal_px: DVec2::new(600.0, 700.0),
    };
    Sensor { camera, photo_px: [1200, 1500], blur_px: 0.7, level: 1 }
}

/// A small area, so that there are few dots to place.
fn plan(head: &Head) -> Plan {
    let mut plan = Plan::for_treatment(Kind::Receding, None, head);
    plan.areas[0].density_per_cm2 = 40.0;
    plan
}

#[test]
fn what_is_kept_from_an_earlier_edit_does_not_change_a_bit() {
    let head = Head::average();
    let start = plan(&head);
    let ground = Ground::new(head, &start);
    let sensor = front();
    let edits = |kind: u8, by: f64| {
        let mut plan = start.clone();
        match kind % 5 {
            0 => plan.hairline.points[0][1] += by,
            1 => plan.areas[0].density_per_cm2 += 5.0 * by,
            2 => plan.sessions[1].dilution += by.abs(),
            3 => plan.areas[0].shade *= 1.0 + 0.1 * by.abs(),
            _ => plan.pigment = "dark brown".to_owned(),
        }
        plan
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 12, ..Default::default() });
    let sequences =
        (proptest::collection::vec((0_u8..5, -4.0..4.0), 1..4), 1_usize..=3, prop_oneof![Just(0.0), Just(28.0)]);
    runner
        .run(&sequences, |(sequence, sessions, age_days)| {
            let moment = Moment { sessions, age_days, outlook: Outlook::Likely };
            let first = Arc::new(Treatment::new(&start, &ground));
            let (_, mut seen) = Treatment::seen_after(&first, &ground.head, &sensor, moment, None);
            for (kind, by) in sequence {
                let plan = edits(kind, by);
                prop_assume!(plan.check().is_ok());
                let treatment = Arc::new(Treatment::new(&plan, &ground));
                let (splats, now) = Treatment::seen_after(&treatment, &ground.head, &sensor, moment, Some(&seen));
                let afresh = treatment.splats(&ground.head, &sensor, moment);
                prop_assert!(!splats.is_empty());
                prop_assert_eq!(splats.as_slice(), afresh.as_slice());
                seen = now;
            }
            Ok(())
        })
        .unwrap();
}
