//! Rules about dots: their size and their spacing.

use glam::DVec3;
use rayon::prelude::*;

use super::finding::{Finding, Place, judged};
use super::limits::Rule;
use super::remedy::Remedy;
use super::survey::Survey;
use crate::follicles::dots::Dot;
use crate::ground::points::{Neighbourhood, hexagonal_spacing_mm};
use crate::head::chart::Raster;
use crate::plan::Plan;
use crate::skin::healing::{Course, HEALED_DAYS};
use crate::skin::settings::Outlook;

pub(super) fn findings(survey: &Survey) -> Vec<Finding> {
    let course = Course::new(survey.plan.chosen_pigment(), survey.plan.conditions, Outlook::Likely);
    let healed = course.at(HEALED_DAYS).diameter(1.0);
    let mut all: Vec<Finding> = size(survey, healed).into_iter().collect();
    all.extend(touching(survey, healed));
    all.extend(spacing(survey));
    all
}

/// Reduces every needle of a plan to at most this diameter, mm.
fn limit_needles(plan: &mut Plan, most_mm: f64) {
    for session in &mut plan.sessions {
        session.needle_mm = session.needle_mm.min(most_mm);
    }
    for area in &mut plan.areas {
        area.needle_mm = area.needle_mm.map(|mm| mm.min(most_mm));
    }
}

/// The largest needle that dots were placed with, and one of those dots.
fn largest_needle<'d>(plan: &Plan, dots: &'d [Dot]) -> Option<(f64, &'d Dot)> {
    let needle = |d: &Dot| {
        let session = usize::from(d.session).checked_sub(1).and_then(|i| plan.sessions.get(i));
        plan.areas.get(usize::from(d.area)).and_then(|a| a.needle_mm).or(session.map(|s| s.needle_mm)).unwrap_or(0.0)
    };
    dots.iter().map(|d| (needle(d), d)).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// Width of the mean dot of the largest needle after this many days, mm; none if there are no dots.
pub(super) fn largest_mm(survey: &Survey, age_days: f64) -> Option<f64> {
    let course = Course::new(survey.plan.chosen_pigment(), survey.plan.conditions, Outlook::Likely);
    largest_needle(survey.plan, &survey.dots).map(|(needle_mm, _)| needle_mm * course.at(age_days).diameter(1.0))
}

/// Judges the mean dot of the largest needle: single dots vary with the hand.
fn size(survey: &Survey, healed: f64) -> Option<Finding> {
    let (needle_mm, dot) = largest_needle(survey.plan, &survey.dots)?;
    let place = Place { part: dot.part, point: survey.head().surface(dot.part).below(dot.position) };
    let reason = format!(
        "Dots of the {needle_mm:.2} mm needle heal to {:.2} mm: on most healed heads dots are 0.35 to 0.45 mm wide, and larger ones read as spots.",
        needle_mm * healed
    );
    judged(Rule::LargeDots, needle_mm * healed, reason, Some(place), || {
        let most_mm = Rule::LargeDots.limit().steps.first().map_or(0.5, |(_, mm)| *mm);
        // Rounded down to a hundredth, as needles are sold.
        let needle_mm = (100.0 * most_mm / healed).floor() / 100.0;
        Remedy::edit(format!("Use needles of {needle_mm:.2} mm"), move |plan, _| limit_needles(plan, needle_mm))
    })
}

/// Share of the dots that may be closer to another one than the limit: some pairs always come close.
const CLOSE_SHARE: f64 = 0.01;

fn touching(survey: &Survey, healed: f64) -> Option<Finding> {
    let dots = &survey.dots;
    let largest_mm = dots.iter().map(|d| d.diameter_mm * healed).fold(0.0, f64::max);
    let limit = Rule::TouchingDots.limit().steps.first().map_or(1.0, |(_, ratio)| *ratio);
    let reach_mm = limit * largest_mm;
    let positions: Vec<DVec3> = dots.iter().map(|d| d.position).collect();
    let near = Neighbourhood::new(&positions, reach_mm);
    let ratios = dots.par_iter().enumerate().map(|(own, dot)| {
        let mut least = f64::INFINITY;
        near.visit(dot.position, reach_mm, |other, mm2| {
            if other != own && dots[other].part == dot.part {
                let mean_mm = 0.5 * healed * (dot.diameter_mm + dots[other].diameter_mm);
                least = least.min(mm2.sqrt() / mean_mm);
            }
        });
        (least, own)
    });
    let mut ratios: Vec<(f64, usize)> = ratios.collect();
    ratios.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let &(ratio, index) = ratios.get((CLOSE_SHARE * dots.len() as f64) as usize)?;
    let dot = &dots[index];
    let place = Place { part: dot.part, point: survey.head().surface(dot.part).below(dot.position) };
    let reason = format!(
        "One dot in a hundred has another only {ratio:.1} diameters away once healed: such dots merge into larger ones."
    );
    judged(Rule::TouchingDots, ratio, reason, Some(place), || {
        const FINEST_MM: f64 = 0.1;
        // Rounded down to a hundredth, as needles are sold.
        let finer = move |mm: f64| (100.0 * mm * ratio / limit).floor() / 100.0;
        let needles = survey.plan.areas.iter().filter_map(|a| a.needle_mm);
        let mut needles = needles.chain(survey.plan.sessions.iter().map(|s| s.needle_mm));
        if needles.any(|mm| finer(mm) < FINEST_MM) {
            return Remedy::words("Ask for less density: no needle is fine enough for dots this close");
        }
        Remedy::edit(format!("Use needles finer by {:.0} %", 100.0 * (1.0 - ratio / limit)), move |plan, _| {
            plan.sessions.iter_mut().for_each(|s| s.needle_mm = finer(s.needle_mm));
            plan.areas.iter_mut().for_each(|a| a.needle_mm = a.needle_mm.map(finer));
        })
    })
}

/// Fewer dots than this say nothing about a pattern.
const LEAST_DOTS: usize = 200;

/// True where the planned density is about the same around a place: in a gradient, neighbours are closer on one side.
fn is_even(density: &Raster, texel: [f32; 2]) -> bool {
    const AROUND_TEXELS: f32 = 3.0;
    const SAME: f32 = 0.1;
    let here = density.at(texel);
    let at = |dx: f32, dy: f32| density.at([texel[0] + AROUND_TEXELS * dx, texel[1] + AROUND_TEXELS * dy]);
    let around = [at(1.0, 0.0), at(-1.0, 0.0), at(0.0, 1.0), at(0.0, -1.0)];
    here > 0.0 && around.into_iter().all(|d| (d - here).abs() <= SAME * here)
}

/// Number of neighbours whose distances are measured. The nearest one alone hardly tells rows from free placement:
/// among dots that keep a minimum distance it is always about that far away. In square or triangular rows the nearest
/// three are equally far.
const NEIGHBOURS: usize = 3;

/// Distances of a dot from its nearest neighbours, in units of the spacing that the density there implies, so that
/// places of any density can be compared; none at the rim of the dots.
fn relative_distances(near: &Neighbourhood, own: usize, dot: &Dot) -> Option<[f64; NEIGHBOURS]> {
    const REACH: f64 = 2.0;
    let spacing_mm = hexagonal_spacing_mm(dot.density_per_cm2);
    let mut nearest = [f64::INFINITY; NEIGHBOURS];
    near.visit(dot.position, REACH * spacing_mm, |other, mm2| {
        if other != own && mm2 < nearest[NEIGHBOURS - 1] {
            nearest[NEIGHBOURS - 1] = mm2;
            nearest.sort_unstable_by(f64::total_cmp);
        }
    });
    nearest.iter().all(|mm2| mm2.is_finite()).then(|| nearest.map(|mm2| mm2.sqrt() / spacing_mm))
}

fn spacing(survey: &Survey) -> Vec<Finding> {
    let share = survey.last_share();
    let mut all = Vec::new();
    for field in &survey.mock_up.fields {
        let standing = |d: &Dot| Dot { density_per_cm2: share * d.density_per_cm2, ..*d };
        let dots: Vec<Dot> = survey.dots.iter().filter(|d| d.part == field.part).map(standing).collect();
        let positions: Vec<DVec3> = dots.iter().map(|d| d.position).collect();
        let usual = dots.iter().map(|d| d.density_per_cm2).sum::<f64>() / dots.len().max(1) as f64;
        let near = Neighbourhood::new(&positions, hexagonal_spacing_mm(usual.max(1.0)));
        let even = |d: &Dot| survey.texel(d.part, d.position).is_some_and(|t| is_even(&field.density_per_cm2, t));
        let found = dots.par_iter().enumerate().filter(|(_, dot)| even(dot));
        let relative: Vec<[f64; NEIGHBOURS]> =
            found.filter_map(|(own, dot)| relative_distances(&near, own, dot)).collect();
        if relative.len() < LEAST_DOTS {
            continue;
        }
        let distances = relative.iter().flatten();
        let count = (relative.len() * NEIGHBOURS) as f64;
        let mean = distances.clone().sum::<f64>() / count;
        let variation = (distances.map(|d| (d - mean) * (d - mean)).sum::<f64>() / count).sqrt() / mean;
        let advice = || Remedy::words("Rearrange the dots (another seed), and place them freely, not in a pattern");
        let rows = "Dots stand in rows: hair grows irregularly, and the eye notices a grid at once.";
        let clumps =
            "Dots stand in clumps with gaps between them: hairs keep their distance, and clumps read as blots.";
        all.extend(judged(Rule::GridDots, variation, rows, None, advice));
        let even = || match survey.plan.randomness > 0.0 {
            true => Remedy::edit("Place the dots evenly (randomness 0)", |plan, _| plan.randomness = 0.0),
            false => advice(),
        };
        all.extend(judged(Rule::ClumpedDots, variation, clumps, None, even));
    }
    all
}
