//! Rules about the hairline: its height, its corners, its symmetry, its waver.

use glam::DVec3;

use super::finding::{Finding, Place, judged, unchecked};
use super::limits::{Rule, YOUNG_YEARS};
use super::remedy::Remedy;
use super::survey::{Front, Survey};
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::plan::curve;
use crate::plan::treatment::Treatment;

/// How far past its limit a remedy goes, so that rounding does not bring the finding back, mm.
const MARGIN_MM: f64 = 0.5;

pub(super) fn findings(survey: &Survey) -> Vec<Finding> {
    let Some(front) = &survey.front else { return Vec::new() };
    let rules = [height(survey, front), loss(survey, front), waver(survey, front), corner(survey, front), sides(front)];
    rules.into_iter().flatten().collect()
}

fn place(point: SurfacePoint) -> Option<Place> {
    Some(Place { part: Part::Cranium, point })
}

fn raise(to_mm: f64) -> Remedy {
    Remedy::edit(format!("Move the line to {to_mm:.0} mm"), move |plan, head| {
        plan.hairline = plan.hairline.at_height(head, to_mm + MARGIN_MM);
    })
}

fn height(survey: &Survey, front: &Front) -> Option<Finding> {
    let middle = front.middle().filter(|_| front.of_man)?;
    let height_mm = survey.plan.hairline.height_mm(survey.head());
    let reason = format!(
        "The line begins {height_mm:.0} mm above the glabella: grown men's hairlines lie at 70 to 100 mm, and a low one \
         looks drawn on and cannot be taken back."
    );
    judged(Rule::LowLine, height_mm, reason, place(middle), || raise(70.0))
}

fn loss(survey: &Survey, front: &Front) -> Option<Finding> {
    let rule = Rule::LossMayGoOn;
    let middle = front.middle().filter(|_| front.of_man && survey.plan.treatment == Treatment::Receding)?;
    let height_mm = survey.plan.hairline.height_mm(survey.head());
    rule.limit().judge(height_mm)?;
    let Some(age_years) = survey.plan.client_age_years else {
        let reason =
            "The line is low for hair that recedes; whether hair loss may go on behind it depends on the client's age.";
        return Some(unchecked(rule, reason, "Enter the client's age"));
    };
    if age_years >= YOUNG_YEARS {
        return None;
    }
    let reason = format!(
        "At age {age_years:.0}, hair loss may go on: hair behind a line {height_mm:.0} mm above the glabella can recede and leave \
         the pigment as an island."
    );
    let limit_mm = rule.limit().steps.first().map_or(80.0, |(_, mm)| *mm);
    judged(rule, height_mm, reason, place(middle), || raise(limit_mm))
}

// ---------------------------------------------------------------------------------------------------------------------
// Waver

/// Length of line over which it should waver, mm.
const STRETCH_MM: f64 = 40.0;
/// Share of the density behind it at which the line becomes visible.
const SEEN: f32 = 0.25;

/// How far the edge of the planned density lies behind the drawn line, mm, at each of its frontal points.
fn edge_behind_line(survey: &Survey, front: &Front) -> Vec<(SurfacePoint, f64)> {
    const AHEAD_MM: f64 = 8.0;
    const BEHIND_MM: f64 = 20.0;
    const STEP_MM: f64 = 0.25;
    let Some(field) = survey.field(Part::Cranium) else { return Vec::new() };
    let density = |p: DVec3| survey.texel(Part::Cranium, p).map_or(0.0, |t| field.density_per_cm2.at(t));
    let mut edge = Vec::new();
    for (i, point) in front.line.iter().enumerate() {
        if !front.holds(point.position) {
            continue;
        }
        let (a, b) = (front.line[i.saturating_sub(2)], front.line[(i + 2).min(front.line.len() - 1)]);
        // The line runs from the subject's right to left; backwards is up along the skin.
        let back = point.normal.cross(a.position - b.position).normalize_or_zero() * -1.0;
        let back = if back.y < 0.0 { -back } else { back };
        let at = |mm: f64| survey.head().cranium.below(point.position + back * mm).position;
        let inside = density(at(BEHIND_MM));
        let steps = ((AHEAD_MM + BEHIND_MM) / STEP_MM) as usize;
        let seen = (0..=steps).map(|k| k as f64 * STEP_MM - AHEAD_MM).find(|&mm| density(at(mm)) >= SEEN * inside);
        if let Some(mm) = seen.filter(|_| inside > 0.0) {
            edge.push((*point, mm));
        }
    }
    edge
}

/// How far values stray from their best-fitting parabola: the distance between the extremes on either side.
fn waver_of(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let x = |i: usize| (i as f64 - 0.5 * (count - 1.0)) / count;
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 { values.iter().enumerate().map(|(i, &v)| f(x(i), v)).sum() };
    let (x2, x4) = (sum(&|x, _| x * x), sum(&|x, _| x * x * x * x));
    let (y, xy, x2y) = (sum(&|_, v| v), sum(&|x, v| x * v), sum(&|x, v| x * x * v));
    // Odd moments of evenly spaced points vanish.
    let bend = (count * x2y - x2 * y) / (count * x4 - x2 * x2).max(1e-12);
    let (level, slope) = ((y - bend * x2) / count, xy / x2.max(1e-12));
    let off = values.iter().enumerate().map(|(i, v)| v - level - slope * x(i) - bend * x(i) * x(i));
    let (low, high) = off.fold((0.0_f64, 0.0_f64), |(low, high), d| (low.min(d), high.max(d)));
    high - low
}

fn waver(survey: &Survey, front: &Front) -> Option<Finding> {
    let edge = edge_behind_line(survey, front);
    let points = (STRETCH_MM / curve::SPACING_MM) as usize;
    let stretches = edge.windows(points).map(|stretch| {
        let values: Vec<f64> = stretch.iter().map(|(_, mm)| *mm).collect();
        (waver_of(&values), stretch[points / 2].0)
    });
    let mut stretches: Vec<(f64, SurfacePoint)> = stretches.collect();
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The median over the whole line: a single wave may well be straight from crest to trough.
    let (waver_mm, straightest) = (stretches.get(stretches.len() / 2)?.0, stretches.first()?.1);
    let reason = format!(
        "Over {STRETCH_MM:.0} mm the edge strays only {waver_mm:.1} mm from a smooth curve: natural hairlines waver, and a line \
         without irregularity looks drawn with a ruler."
    );
    judged(Rule::StraightLine, waver_mm, reason, place(straightest), || {
        Remedy::edit("Make the line irregular", |plan, _| {
            let edge = &mut plan.hairline.edge;
            edge.undulation_mm = edge.undulation_mm.max(2.5);
            edge.clusters = edge.clusters.max(0.6);
            edge.transition_mm = edge.transition_mm.max(6.0);
            edge.start_share = edge.start_share.min(0.15);
        })
    })
}

// ---------------------------------------------------------------------------------------------------------------------
// Corners and sides

/// How far below its highest point the line may drop before it counts as having turned down, mm of height.
const LEVEL_MM: f64 = 6.0;

fn corner(survey: &Survey, front: &Front) -> Option<Finding> {
    if !front.of_man {
        return None;
    }
    let head = survey.head();
    let (inside_mm, at) = [1.0, -1.0]
        .into_iter()
        .filter_map(|side| corner_inside_mm(head, front, side))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let reason = format!(
        "The line turns down {inside_mm:.0} mm inside the vertical of the eye's outer corner: a filled corner rounds the \
         forehead like a helmet, and grown men do not have one."
    );
    judged(Rule::FilledCorner, inside_mm, reason, place(at), || {
        Remedy::edit("Put the corners back above the eyes' outer corners", |plan, head| {
            plan.hairline = plan.hairline.with_corners(head);
        })
    })
}

/// How far inside the vertical of the eye's outer corner the line turns down on one side, mm, and where.
fn corner_inside_mm(head: &Head, front: &Front, side: f64) -> Option<(f64, SurfacePoint)> {
    let across = |p: &SurfacePoint| side * (p.position.x - front.midline_mm);
    let canthus = if side > 0.0 { Landmark::CanthusLeft } else { Landmark::CanthusRight };
    let vertical_mm = side * (head.landmark(canthus).x - front.midline_mm);
    let own = front.line.iter().filter(|p| across(p) >= 0.0 && p.position.z > 0.0);
    let highest = own.clone().filter(|p| across(p) <= vertical_mm).map(|p| p.position.y).reduce(f64::max)?;
    let corner =
        own.filter(|p| p.position.y >= highest - LEVEL_MM).max_by(|a, b| across(a).total_cmp(&across(b))).copied()?;
    Some((vertical_mm - across(&corner), corner))
}

fn sides(front: &Front) -> Option<Finding> {
    let mirrored = |p: DVec3| DVec3::new(2.0 * front.midline_mm - p.x, p.y, p.z);
    let mirror: Vec<DVec3> = front.line.iter().rev().map(|p| mirrored(p.position)).collect();
    let off = |p: DVec3| {
        let to_segment = |w: &[DVec3]| {
            let span = w[1] - w[0];
            let t = ((p - w[0]).dot(span) / span.length_squared().max(1e-12)).clamp(0.0, 1.0);
            p.distance_squared(w[0] + span * t)
        };
        mirror.windows(2).map(to_segment).fold(f64::INFINITY, f64::min).sqrt()
    };
    let (off_mm, worst) = front
        .line
        .iter()
        .map(|p| (off(p.position), *p))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|o| o.0.is_finite())?;
    let reason = format!(
        "Right and left differ by {off_mm:.1} mm here: faces are seen as a whole, and a line that is lower on one side is \
         noticed at once."
    );
    judged(Rule::UnevenSides, off_mm, reason, place(worst), || {
        Remedy::edit("Mirror the client's left side to the right", |plan, head| {
            plan.hairline = plan.hairline.mirrored_from_left(head);
        })
    })
}
