//! Hairlines as they are seen: how softly they begin, how their corners stand, how their first dots look.
//!
//! Figures are measured in photographs of healed work on two dozen heads, with a head's breadth of 154 mm for scale.

use glam::{DMat3, DVec2, DVec3};
use scalp_studio::follicles::dots::Dot;
use scalp_studio::head::camera::Camera;
use scalp_studio::head::landmarks::Landmark;
use scalp_studio::head::surface::SurfacePoint;
use scalp_studio::head::{Head, Part, path};
use scalp_studio::plan::Plan;
use scalp_studio::plan::hairline::{PRESETS, Preset};
use scalp_studio::plan::session::TouchUp;
use scalp_studio::plan::treatment::Treatment as Kind;
use scalp_studio::render::scene::{Ground, Treatment};

fn ground() -> Ground {
    let head = Head::average();
    let plan = Plan::for_treatment(Kind::FullShave, None, &head);
    Ground::new(head, &plan)
}

fn shave(preset: Preset, ground: &Ground) -> Plan {
    Plan::for_treatment(Kind::FullShave, Some(preset), &ground.head)
}

/// A photo from 1.5 m with the camera as high as the eyes of a head that is bowed so many degrees.
fn frontal(head: &Head, bowed_degrees: f64) -> Camera {
    let (s, c) = libm::sincos(bowed_degrees.to_radians());
    let bow = DMat3::from_cols(DVec3::X, DVec3::new(0.0, c, s), DVec3::new(0.0, -s, c));
    let camera_from_head = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)) * bow;
    let eyes = 0.5 * (head.landmark(Landmark::PupilLeft) + head.landmark(Landmark::PupilRight));
    let head_origin_mm = DVec3::new(0.0, 0.0, 1500.0) - camera_from_head * eyes;
    Camera { camera_from_head, head_origin_mm, focal_px: 6000.0, principal_px: DVec2::new(1200.0, 1600.0) }
}

/// How much higher than the middle of the line its corner is seen, mm at the middle: the highest that is seen of the line
/// from the mid-pupil to a centimetre outside the eye's outer corner.
fn corner_above_middle_mm(head: &Head, preset: Preset, bowed_degrees: f64) -> f64 {
    let camera = frontal(head, bowed_degrees);
    let hairline = preset.hairline(head);
    let middle = hairline.mid_frontal(head).position;
    let height = |p: DVec3| -camera.image_from_head(p).unwrap().y * camera.mm_per_px(middle);
    let from = head.landmark(Landmark::PupilLeft).x;
    let to = head.landmark(Landmark::CanthusLeft).x + 10.0;
    let line = hairline.line(head);
    let corner = line.iter().filter(|p| (from..=to).contains(&p.position.x) && head.visible(&camera, p));
    corner.map(|p| height(p.position)).fold(f64::NEG_INFINITY, f64::max) - height(middle)
}

#[test]
fn corners_stand_higher_than_the_middle_of_the_line() {
    let head = Head::average();
    for preset in PRESETS {
        let above = |bowed_degrees| corner_above_middle_mm(&head, preset, bowed_degrees);
        // What a bowed head shows is known from photographs: at about 30 degrees the corners of a hard line stand 12 mm
        // higher than its middle, those of soft ones 20 to 30.
        let (level, bowed) = (above(0.0), above(30.0));
        println!("{:12} level {level:5.1} bowed 15 {:5.1} bowed 30 {bowed:5.1} mm", preset.name(), above(15.0));
        match preset {
            // Seen at eye level 3 mm are a fiftieth of the head's breadth, two hairs' rows: the arc is seen at once. The
            // skin above the outer corner of an average eye rises no more than 6 mm higher than the middle of the line.
            Preset::Soft | Preset::Feathered | Preset::Broken | Preset::M | Preset::WidowsPeak => {
                assert!(level > 3.0, "{}: {level:.1}", preset.name());
                assert!((20.0..=42.0).contains(&bowed), "{}: {bowed:.1}", preset.name());
            }
            Preset::Defined | Preset::Mature => {
                assert!(level > 2.0, "{}: {level:.1}", preset.name());
                assert!((12.0..=38.0).contains(&bowed), "{}: {bowed:.1}", preset.name());
            }
            Preset::Straight => assert!(level.abs() < 1.5, "{level:.1}"),
            Preset::Rounded | Preset::Female => assert!(level < 1.0, "{}: {level:.1}", preset.name()),
        }
    }
}

#[test]
fn corners_and_temples_are_round() {
    /// Length over which the line may not double back, mm, and the most it may turn there, degrees.
    const OVER: usize = 12;
    const MOST_DEGREES: f64 = 115.0;
    let head = Head::average();
    for preset in PRESETS.into_iter().filter(|&p| p != Preset::WidowsPeak) {
        let line = preset.hairline(&head).line(&head);
        let along = |i: usize| (line[i + 1].position - line[i].position).normalize();
        let turns = (0..line.len() - OVER - 1).map(|i| (libm::acos(along(i).dot(along(i + OVER))).to_degrees(), i));
        let (most, at) = turns.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert!(most < MOST_DEGREES, "{}: turns by {most:.0} degrees at {}", preset.name(), line[at].position);
    }
}

/// Where density is a tenth and nine tenths of the area's, mm behind the drawn line, along its normal.
fn rise_mm(treatment: &Treatment, ground: &Ground, full: f64, line: &[SurfacePoint], at: usize) -> [f64; 2] {
    let (here, along) = (line[at], line[at + 2].position - line[at - 2].position);
    let back = here.normal.cross(along);
    let chart = ground.map.part(Part::Cranium).chart;
    let centre = ground.head.cranium.centre;
    let share = |p: &SurfacePoint| {
        let texel = chart.texel_from_direction((p.position - centre).normalize()).unwrap();
        f64::from(treatment.fields[0].density_per_cm2.at(texel.map(|v| v as f32))) / full
    };
    let way = |direction: DVec3, mm: f64| path::walk(&ground.head.cranium, here.position, direction, mm);
    let mut all: Vec<f64> = way(-back, 10.0).iter().rev().map(share).collect();
    let before = (all.len() - 1) as f64;
    all.extend(way(back, 40.0).iter().skip(1).map(share));
    // Both walks step by a millimetre.
    [0.1, 0.9].map(|level| {
        let above = all.iter().position(|&s| s >= level).unwrap();
        let (low, high) = (all[above - 1], all[above]);
        above as f64 - 1.0 + (level - low) / (high - low) - before
    })
}

#[test]
fn density_rises_as_softly_as_in_photographs() {
    let ground = ground();
    for preset in PRESETS {
        let plan = shave(preset, &ground);
        let treatment = Treatment::new(&plan, &ground);
        let full = plan.areas[0].density_per_cm2;
        let line = plan.hairline.line(&ground.head);
        let nearest = |to: DVec3| {
            let off = |i: &usize| line[*i].position.distance(to);
            (2..line.len() - 2).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap()
        };
        let mut front = (-8..=8).map(|k| 5.0 * f64::from(k)).map(|x| {
            let across =
                |i: &usize| (line[*i].position.x - x).abs() + if line[*i].position.z > 0.0 { 0.0 } else { 1e3 };
            (2..line.len() - 2).min_by(|a, b| across(a).total_cmp(&across(b))).unwrap()
        });
        let rises = |places: &mut dyn Iterator<Item = usize>| {
            let mut widths: Vec<f64> = places
                .map(|at| rise_mm(&treatment, &ground, full, &line, at))
                .map(|[tenth, nine_tenths]| nine_tenths - tenth)
                .collect();
            widths.sort_by(f64::total_cmp);
            widths
        };
        let widths = rises(&mut front);
        let median = widths[widths.len() / 2];
        // Down the temple, between the corner and the temporal peak.
        let [corner, temple] = [3, 5].map(|k| DVec3::from(plan.hairline.points[k]));
        let mut side = [0.5, 0.65, 0.8].into_iter().map(|t| nearest(corner.lerp(temple, t)));
        let sides = rises(&mut side);
        println!(
            "{:12} front {median:.1} ({:.1} to {:.1}), temple {sides:.1?} mm",
            preset.name(),
            widths[0],
            widths[widths.len() - 1]
        );
        let range = match preset {
            Preset::Defined => 8.0..=11.5,
            Preset::Straight => 8.0..=15.0,
            Preset::Soft => 13.0..=17.0,
            _ => 8.0..=20.0,
        };
        assert!(range.contains(&median), "{}: {median:.1}", preset.name());
        // Irregular edges are softer here and harder there.
        assert!(widths[0] > 5.0 && widths[widths.len() - 1] < 26.0, "{}: {widths:.1?}", preset.name());
        assert!((6.0..=22.0).contains(&sides[1]), "{}: {sides:.1?}", preset.name());
    }
}

#[test]
fn first_dots_are_finer_and_lighter_and_never_the_darkest() {
    let ground = ground();
    let mut plan = shave(Preset::Soft, &ground);
    plan.touch_up = Some(TouchUp::after(&plan.sessions));
    let treatment = Treatment::new(&plan, &ground);
    let full = plan.areas[0].density_per_cm2;
    let between = |from: f64, to: f64| -> Vec<&Dot> {
        let of = |d: &&Dot| (from..to).contains(&(d.density_per_cm2 / full));
        treatment.dots.iter().filter(of).collect()
    };
    let mean = |dots: &[&Dot], f: &dyn Fn(&Dot) -> f64| dots.iter().map(|d| f(d)).sum::<f64>() / dots.len() as f64;
    let (first, middle, behind) = (between(0.0, 0.12), between(0.3, 0.4), between(0.95, 1.1));
    assert!(first.len() > 60 && middle.len() > 200, "{} {}", first.len(), middle.len());
    let width = |dots: &[&Dot]| mean(dots, &|d| d.diameter_mm);
    assert!((width(&first) / width(&behind) - 0.83).abs() < 0.04, "{} {}", width(&first), width(&behind));
    assert!(width(&first) < width(&middle) && width(&middle) < width(&behind));
    // Of the same session, and of those that are not the scattered dark ones.
    for session in 1..=4 {
        let strength = |dots: &[&Dot]| {
            let plain: Vec<&Dot> = dots.iter().filter(|d| d.session == session && !d.dark).copied().collect();
            mean(&plain, &|d| d.absorption_per_mm[1])
        };
        let ratio = strength(&first) / strength(&behind);
        assert!((0.68..=0.76).contains(&ratio), "session {session}: {ratio}");
        assert!(strength(&middle) > strength(&first) && strength(&middle) < strength(&behind));
    }
    let dark = |dots: &[&Dot]| mean(dots, &|d| f64::from(u8::from(d.dark)));
    assert!(dark(&first) < 0.01 && dark(&behind) > 0.04, "{} {}", dark(&first), dark(&behind));
    // Dots that end within hair or on a scar match what is around them.
    let crown = Plan::for_treatment(Kind::Crown, None, &ground.head);
    let thin = crown.areas[0].front().fineness(3.0);
    assert_eq!((thin.diameter, thin.absorption, thin.dark), (1.0, 1.0, 1.0));
}
