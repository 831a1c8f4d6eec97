//! The initial plan for each kind of treatment.

use glam::DVec3;

use super::area::{Area, Mask, Outline, USUAL_BAND_MM, USUAL_LINE_MM, USUAL_SPOT_MM, oval};
use super::conditions::Conditions;
use super::curve::SkinPoint;
use super::hairline::Preset;
use super::line_height::LineHeight;
use super::session;
use super::treatment::Treatment;
use super::treatment_plan::{Plan, usual_height_mm};
use crate::head::landmarks::Landmark;
use crate::head::surface::Surface;
use crate::head::{Head, Part, path};

impl Plan {
    /// The initial plan for a treatment on a head of whose face nothing is known: good-looking without any changes.
    #[must_use]
    pub fn for_treatment(treatment: Treatment, preset: Option<Preset>, head: &Head) -> Self {
        Self::for_client(treatment, preset, head, LineHeight::USUAL)
    }

    /// The initial plan for a treatment on a client's head, with the hairline at the height that suits the face. Plans
    /// of a case are made by the `usual_plan` of its fitted head, which knows that height.
    #[must_use]
    pub fn for_client(treatment: Treatment, preset: Option<Preset>, head: &Head, height: LineHeight) -> Self {
        default_plan(treatment, preset.unwrap_or(treatment.preset()), head, height)
    }
}

fn default_plan(treatment: Treatment, preset: Preset, head: &Head, height: LineHeight) -> Plan {
    let hairline = preset.hairline_at(head, height);
    let skin = &head.cranium;
    let area = |name: &str, part: Part, outline: Outline, feather_mm: f64| Area {
        name: name.to_owned(),
        kind: treatment,
        part,
        outline,
        density_per_cm2: treatment.density_per_cm2(),
        feather_mm,
        needle_mm: None,
        shade: 1.0,
    };
    let cranium = |name: &str, outline: Outline, feather_mm: f64| area(name, Part::Cranium, outline, feather_mm);
    let mut masks = Vec::new();
    let areas = match treatment {
        Treatment::FullShave => vec![cranium("scalp", Outline::Scalp, 6.0)],
        // Blends into the hair behind over 2 to 3 cm.
        Treatment::Receding => vec![cranium("front", Outline::BehindHairline { depth_mm: USUAL_BAND_MM }, 25.0)],
        Treatment::Crown => {
            let outline = Outline::Closed { points: oval(skin, whorl(head), DVec3::Z, [48.0, 44.0]) };
            vec![cranium("crown", outline, 26.0)]
        }
        Treatment::Density => {
            let front = behind_midline(head, hairline.mid_frontal(head).position, 60.0);
            let outline = Outline::Closed { points: oval(skin, front, DVec3::Z, [58.0, 30.0]) };
            // Lower contrast than dots on bare skin.
            vec![Area { shade: 0.75, ..cranium("parting", outline, 22.0) }]
        }
        Treatment::StripScar => {
            let points = occiput_line(head, 12.0, 62.0);
            let fine = Some(0.2);
            vec![Area {
                needle_mm: fine,
                ..cranium("strip scar", Outline::Line { points, width_mm: USUAL_LINE_MM }, 3.0)
            }]
        }
        Treatment::FueScars => {
            let points = occiput_line(head, 28.0, 66.0);
            let fine = Some(0.2);
            vec![Area { needle_mm: fine, ..cranium("donor area", Outline::Line { points, width_mm: 62.0 }, 16.0) }]
        }
        Treatment::Alopecia => {
            let left = walk(skin, whorl(head), DVec3::new(1.0, 0.0, 0.35), 38.0);
            let small = walk(skin, left, DVec3::new(0.4, 0.0, 1.0), 34.0);
            vec![
                cranium("patch", Outline::Spots { centres: vec![left.to_array()], diameter_mm: 32.0 }, 4.0),
                cranium(
                    "small patch",
                    Outline::Spots { centres: vec![small.to_array()], diameter_mm: USUAL_SPOT_MM },
                    3.0,
                ),
            ]
        }
        Treatment::Beard => {
            masks.push(lips(head));
            vec![area("beard", Part::LowerFace, Outline::Closed { points: beard_line(head) }, 9.0)]
        }
    };
    Plan {
        treatment,
        seed: 1,
        hairline,
        areas,
        strokes: Vec::new(),
        masks,
        sessions: session::defaults(3),
        first_session: None,
        pigment: "neutral black".to_owned(),
        own_pigment: None,
        touch_up: None,
        depth_mm: 0.075,
        height_mm: usual_height_mm(),
        size_jitter: USUAL_SIZE_JITTER,
        randomness: USUAL_RANDOMNESS,
        conditions: Conditions::default(),
        client_age_years: None,
    }
}

/// How far dots stray from even places, as a share of their spacing. With 0.12 to 0.18 the mean distance to the nearest
/// dot, over that of dots scattered at random, is 1.46 to 1.35, the range of nine photographs of real work; from 0.16
/// on one dot in a hundred overlaps another.
const USUAL_RANDOMNESS: f64 = 0.15;
/// How much dots differ in diameter (standard deviation of the logarithm). Trade pages ask for 15 to 20 %. More shows
/// as mottle, of which real work has little: in eight photographs of healed heads, green light varies between 0.6 and
/// 1.2 mm by 2.8 to 3.4 %, the skin's own 1.9 to 2.6 % included. With 0.30 it was 3.6 to 4.4 % on smoother skin, now
/// 3.2 to 3.9 %; with less, dots are less unlike each other than real ones.
const USUAL_SIZE_JITTER: f64 = 0.20;

fn walk(surface: &Surface, from: DVec3, direction: DVec3, distance_mm: f64) -> DVec3 {
    path::walk(surface, from, direction, distance_mm).last().map_or(from, |p| p.position)
}

/// The point `distance_mm` farther back over the head than `from`.
fn behind_midline(head: &Head, from: DVec3, distance_mm: f64) -> DVec3 {
    walk(&head.cranium, from, DVec3::new(0.0, 1.0, -1.0), distance_mm)
}

/// The whorl: 6.25 cm behind the vertical line through the ears (average in the trade; it ranges from 1.5 to 11).
fn whorl(head: &Head) -> DVec3 {
    let ears = 0.5 * (head.landmark(Landmark::TragusLeft).z + head.landmark(Landmark::TragusRight).z);
    let above_ears = head.cranium.below(DVec3::new(head.midline_mm(), 80.0, ears)).position;
    walk(&head.cranium, above_ears, DVec3::NEG_Z, 62.5)
}

/// A line around the back of the head, `above_tragus_mm` above the level of the ears, reaching `half_width_mm` to
/// either side.
fn occiput_line(head: &Head, above_tragus_mm: f64, half_width_mm: f64) -> Vec<SkinPoint> {
    let tragus = head.landmark(Landmark::TragusLeft);
    (-4..=4)
        .map(|i| {
            let x = half_width_mm * f64::from(i) / 4.0;
            let y = tragus.y + above_tragus_mm;
            let back = head.cranium.hit(DVec3::new(x, y, -400.0), DVec3::Z);
            back.map_or_else(|| head.cranium.below(DVec3::new(x, y, -90.0)), |(_, p)| p).position.to_array()
        })
        .collect()
}

/// From the sideburns over the cheeks and the moustache to the jaw and the neck.
fn beard_line(head: &Head) -> Vec<SkinPoint> {
    let skin = &head.lower_face;
    let (tragus, nose, menton) =
        (head.landmark(Landmark::TragusLeft), head.landmark(Landmark::NoseTip), head.landmark(Landmark::Menton));
    let lip = nose.y + 0.18 * (menton.y - nose.y);
    let half = [
        DVec3::new(0.0, lip, nose.z),
        DVec3::new(24.0, lip - 2.0, nose.z - 14.0),
        DVec3::new(44.0, lip - 2.0, 66.0),
        DVec3::new(60.0, tragus.y - 12.0, tragus.z + 30.0),
        DVec3::new(66.0, tragus.y - 2.0, tragus.z + 18.0),
        DVec3::new(66.0, tragus.y - 34.0, tragus.z + 12.0),
        DVec3::new(50.0, menton.y + 14.0, 36.0),
        DVec3::new(24.0, menton.y - 4.0, 60.0),
        DVec3::new(0.0, menton.y - 8.0, 66.0),
    ];
    let right = half.iter().skip(1).rev().skip(1).map(|p| DVec3::new(-p.x, p.y, p.z));
    half.iter().copied().chain(right).map(|p| skin.below(p).position.to_array()).collect()
}

fn lips(head: &Head) -> Mask {
    let (nose, menton) = (head.landmark(Landmark::NoseTip), head.landmark(Landmark::Menton));
    let mouth = DVec3::new(head.midline_mm(), nose.y + 0.42 * (menton.y - nose.y), nose.z - 12.0);
    Mask {
        name: "lips".to_owned(),
        part: Part::LowerFace,
        points: oval(&head.lower_face, mouth, DVec3::X, [27.0, 10.0]),
        feather_mm: 3.0,
    }
}
