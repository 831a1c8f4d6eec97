//! Finds in a photo a line that was drawn on the skin with a pencil, near the planned line.
//!
//! The skin around the planned line is unrolled: a column for every millimetre along it, and in each column the light
//! at every quarter of a millimetre across, along the skin. There a drawn line is a thin ridge that differs from the
//! skin on both sides in the same way: darker, lighter or of another colour. Edges of hair or shadows and highlights
//! differ on one side only, or over more than a pencil's width. The line is the path through all columns that collects
//! most of the ridge with the fewest jumps (dynamic programming: Viterbi 1967). It is searched for twice: first in any
//! colour, then in the colour found.
//!
//! Wrinkles, hairs and pores are ridges, too. A line is accepted only if over a good part of its course it is several
//! times stronger than the ridges of the skin around it; otherwise nothing is found, and the line has to be traced by
//! hand.
//!
//! Cost: some tens of milliseconds.

use glam::{DVec2, DVec3};
use rayon::prelude::*;

use crate::ground::statistics;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::path::walk;
use crate::head::surface::SurfacePoint;
use crate::photo::{Photo, Reader, Region};

/// Distance between columns along the planned line, mm.
const EVERY_MM: f64 = 1.0;
/// How far from the planned line the drawn one is searched for, along the skin, mm.
pub const REACH_MM: f64 = 20.0;
/// Distance between samples across, mm.
const STEP_MM: f64 = 0.25;
/// Samples in a column.
const STEPS: usize = 2 * (REACH_MM / STEP_MM) as usize + 1;
/// Half-widths of strokes searched for, mm: from a sharp pencil to a wax crayon.
const HALF_WIDTHS_MM: [f64; 3] = [0.4, 0.8, 1.4];
/// Distance from the stroke to the bare skin that it is compared with, and width of that skin, mm.
const GAP_MM: f64 = 0.5;
const FLANK_MM: f64 = 1.0;
/// Least ratio of a dot's axes in the photo: skin more oblique to the camera is skipped.
const MOST_OBLIQUE: f64 = 0.35;
/// Most samples that the line may shift across from one column to the next, and the cost per sample squared, relative
/// to a clear line's ridge.
const MOST_TURN: usize = 4;
const TURN_COST: f64 = 0.02;
/// Difference in optical density from which a ridge counts fully: a stronger one is no more of a line.
const CLEAR: f64 = 0.35;
/// Least difference for a line, and least ratio to the ridges of the skin beside it.
const LEAST: f64 = 0.05;
const LEAST_TIMES: f64 = 3.5;
/// A line is about equally strong everywhere: anything below this share of its better part is something else.
const LEAST_OF_USUAL: f64 = 0.4;
/// Number of columns in the window that decides whether the line is present, and over which skin is alike.
const JUDGED: usize = 9;
const ALIKE: usize = 21;
/// A pencil does not jump: from one column to the next the line moves no farther than this, mm, and lies no farther
/// than this from where its neighbours on both sides lead.
const MOST_STEP_MM: f64 = 1.0;
const MOST_ASTRAY_MM: f64 = 0.3;
/// Columns on either side that show where the line leads, and columns dropped at its ends, where something else mixes
/// in.
const AROUND: usize = 7;
const AT_ENDS: usize = 3;
/// Steps to the middle of a ridge: further steps change nothing by a hundredth of a millimetre.
const SHIFTS: usize = 12;
/// Shortest stretch of a line, mm, and its least total length, in mm and relative to what the photo shows.
const SHORTEST_MM: f64 = 12.0;
const LEAST_MM: f64 = 30.0;
const LEAST_SHARE: f64 = 0.3;
/// Darkest light that a camera can distinguish, linear.
const DARKEST: f64 = 2e-3;

/// Where the drawn line crosses the path on the skin that runs upwards from a point of the planned line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The point of the planned line.
    pub planned: SurfacePoint,
    /// Length along the planned line from its right end, mm.
    pub along_mm: f64,
    /// Deviation of the drawn line along the skin, mm: positive farther from the brows, negative nearer to them.
    pub off_mm: f64,
    /// The drawn line in the photo, px.
    pub px: DVec2,
}

/// Why there is no drawn line to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    /// The photo does not show where the line should be.
    #[error("the photo shows too little of the planned line: take one that faces it")]
    NotShown,
    /// Nothing stands out.
    #[error("no drawn line was found near the planned one: trace it by hand")]
    NotFound,
    /// The traced line lies elsewhere.
    #[error("the traced line is nowhere near the planned one: {REACH_MM} mm are the farthest")]
    TracedElsewhere,
}

/// A column of skin across the planned line.
struct Column {
    planned: SurfacePoint,
    along_mm: f64,
    /// Samples across it in the photo, px, from the brows upwards.
    across_px: Vec<DVec2>,
}

/// The skin around a line, as a photo shows it.
struct Strip {
    columns: Vec<Column>,
}

impl Strip {
    fn new(head: &Head, camera: &Camera, size_px: [u32; 2], line: &[SurfacePoint], hidden: Option<&Region>) -> Self {
        let size = DVec2::new(f64::from(size_px[0]), f64::from(size_px[1]));
        let shown = |place: &SurfacePoint| -> Option<DVec2> {
            let px = camera.image_from_head(place.position)?;
            let footprint = camera.footprint(place.position, place.normal);
            let square = footprint.minor_px_per_mm >= MOST_OBLIQUE * footprint.major_px_per_mm;
            let inside = px.cmpge(DVec2::ONE).all() && px.cmplt(size - 2.0).all();
            (square && inside && head.visible(camera, place)).then_some(px)
        };
        let column = |(along_mm, planned, up): (f64, SurfacePoint, DVec3)| -> Option<Column> {
            let px = shown(&planned)?;
            if hidden.is_some_and(|hidden| hidden.contains(px)) {
                return None;
            }
            let surface = &head.cranium;
            let [below, above] = [-up, up].map(|way| walk(surface, planned.position, way, REACH_MM));
            let at = |path: &[SurfacePoint], off_mm: f64| -> Option<DVec2> {
                // The path's steps have equal lengths.
                let place = off_mm / REACH_MM * (path.len() - 1) as f64;
                let before = (place as usize).min(path.len().saturating_sub(2));
                let (from, to) = (path.get(before)?, path.get(before + 1)?);
                let position = from.position.lerp(to.position, place - before as f64);
                camera.image_from_head(position).map(|px| px.clamp(DVec2::ONE, size - 2.0))
            };
            let across_px = (0..STEPS).map(|step| {
                let off_mm = step as f64 * STEP_MM - REACH_MM;
                if off_mm < 0.0 { at(&below, -off_mm) } else { at(&above, off_mm) }
            });
            Some(Column { planned, along_mm, across_px: across_px.collect::<Option<_>>()? })
        };
        Self { columns: stations(head, line).into_par_iter().filter_map(column).collect() }
    }
}

/// Points of a line at every millimetre: length from its right end, position, and upward direction along the skin.
fn stations(head: &Head, line: &[SurfacePoint]) -> Vec<(f64, SurfacePoint, DVec3)> {
    let mut found = Vec::new();
    let (mut walked, mut next) = (0.0, 0.0);
    for pair in line.windows(2) {
        let step = pair[1].position - pair[0].position;
        let length = step.length();
        while next <= walked + length && length > 0.0 {
            let place = head.cranium.below(pair[0].position + step * ((next - walked) / length));
            // The line runs from the subject's right to the left; seen from outside, up is to its left.
            let up = place.normal.cross(step).normalize_or_zero();
            found.push((next, place, up));
            next += EVERY_MM;
        }
        walked += length;
    }
    found
}

/// Optical densities of a column: red, green and blue of each sample.
fn optical_densities(reader: &Reader, width: usize, column: &Column) -> Vec<DVec3> {
    let light = |px: DVec2| {
        let corner = (px - 0.5).floor().max(DVec2::ZERO);
        let share = px - 0.5 - corner;
        let at = |x: usize, y: usize| {
            DVec3::from(reader.light((corner.y as usize + y) * width + corner.x as usize + x).map(f64::from))
        };
        at(0, 0).lerp(at(1, 0), share.x).lerp(at(0, 1).lerp(at(1, 1), share.x), share.y)
    };
    let optical_density = |px: &DVec2| {
        let light = light(*px).max(DVec3::splat(DARKEST));
        -DVec3::new(libm::log(light.x), libm::log(light.y), libm::log(light.z))
    };
    column.across_px.iter().map(optical_density).collect()
}

/// How much each density of a stroke with this half-width exceeds that of the skin on either side.
fn contrasts(optical_densities: &[DVec3], half_width_mm: f64) -> Vec<[DVec3; 2]> {
    let mut sums = vec![DVec3::ZERO; optical_densities.len() + 1];
    for (i, optical_density) in optical_densities.iter().enumerate() {
        sums[i + 1] = sums[i] + *optical_density;
    }
    let mean = |from: usize, to: usize| (sums[to] - sums[from]) / (to - from) as f64;
    let steps = |mm: f64| (mm / STEP_MM).round() as usize;
    let (half, gap, flank) = (steps(half_width_mm), steps(GAP_MM), steps(FLANK_MM));
    let reach = half + gap + flank;
    (0..optical_densities.len())
        .map(|i| {
            if i < reach || i + reach >= optical_densities.len() {
                return [DVec3::ZERO; 2];
            }
            let middle = mean(i - half, i + half + 1);
            let flanks = [mean(i - reach, i - half - gap), mean(i + half + gap + 1, i + reach + 1)];
            flanks.map(|flank| middle - flank)
        })
        .collect()
}

/// Strength of a ridge in any colour: how much it differs from both sides in the same way.
fn any_ridge([below, above]: [DVec3; 2]) -> f64 {
    let alike = below.dot(above).max(0.0);
    alike / below.length().max(above.length()).max(1e-9)
}

/// Strength of a ridge in one colour.
fn ridge_of(colour: DVec3, [below, above]: [DVec3; 2]) -> f64 {
    below.dot(colour).min(above.dot(colour)).max(0.0)
}

/// The path through all columns that collects most of the ridge.
fn best_path(ridges: &[Vec<f64>], along_mm: &[f64]) -> Vec<usize> {
    let full = |ridge: f64| (ridge / CLEAR).min(1.0);
    let Some(first) = ridges.first() else { return Vec::new() };
    let mut best: Vec<f64> = first.iter().map(|r| full(*r)).collect();
    let mut came: Vec<Vec<u16>> = Vec::with_capacity(ridges.len());
    for (column, ridge) in ridges.iter().enumerate().skip(1) {
        // Across a gap in the columns the line may have shifted farther.
        let left_out = ((along_mm[column] - along_mm[column - 1]) / EVERY_MM).max(1.0);
        let most = (MOST_TURN as f64 * left_out).min(STEPS as f64) as usize;
        let step = |i: usize| {
            let from = i.saturating_sub(most)..=(i + most).min(STEPS - 1);
            let worth = |j: usize| {
                let turn = i.abs_diff(j) as f64;
                best[j] - TURN_COST * turn * turn / left_out
            };
            // Of equal values the nearest, so that the path does not drift where there is nothing to see.
            let better = |a: &usize, b: &usize| {
                worth(*a).total_cmp(&worth(*b)).then(i.abs_diff(*b).cmp(&i.abs_diff(*a))).then(b.cmp(a))
            };
            let origin = from.max_by(better).unwrap_or(i);
            (worth(origin) + full(ridge[i]), origin as u16)
        };
        let (now, origins): (Vec<f64>, Vec<u16>) = (0..STEPS).map(step).unzip();
        best = now;
        came.push(origins);
    }
    let mut at = (0..STEPS).max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0);
    let mut path = vec![at];
    for origins in came.iter().rev() {
        at = usize::from(origins[at]);
        path.push(at);
    }
    path.reverse();
    path
}

/// Centre of the ridge around a sample, in samples: as far to one side as to the other (mean shift, Fukunaga and
/// Hostetler 1975), because the path through all columns cuts bends short where the ridge is wide.
fn middle_of(ridge: &[f64], at: usize, half_width_mm: f64) -> f64 {
    let reach = (half_width_mm + GAP_MM) / STEP_MM;
    let mut middle = at as f64;
    for _ in 0..SHIFTS {
        let (mut sum, mut weight) = (0.0, 0.0);
        let from = (middle - reach - 1.0).max(0.0) as usize;
        for (i, ridge) in ridge.iter().enumerate().skip(from).take((2.0 * reach) as usize + 4) {
            // Less of what lies at the rim of what is looked at, so that nothing jumps.
            let share = ridge * (reach + 0.5 - (i as f64 - middle).abs()).clamp(0.0, 1.0);
            sum += share * i as f64;
            weight += share;
        }
        if weight <= 0.0 {
            break;
        }
        middle = sum / weight;
    }
    middle
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    statistics::median(values).unwrap_or(0.0)
}

/// A line found with one stroke width.
struct Candidate {
    /// The sum of its ridge strengths.
    worth: f64,
    /// Its position in each column, in samples; `None` where it is absent.
    at: Vec<Option<f64>>,
}

fn candidate(contrasts: &[Vec<[DVec3; 2]>], along_mm: &[f64], half_width_mm: f64) -> Option<Candidate> {
    let ridges_of = |ridge: &(dyn Fn([DVec3; 2]) -> f64 + Sync)| -> Vec<Vec<f64>> {
        contrasts.iter().map(|column| column.iter().map(|contrast| ridge(*contrast)).collect()).collect()
    };
    let path = best_path(&ridges_of(&any_ridge), along_mm);
    // The colour is taken from the stronger half: elsewhere the path crosses bare skin.
    let mut strong: Vec<(f64, DVec3)> = path
        .iter()
        .zip(contrasts)
        .map(|(at, column)| (any_ridge(column[*at]), 0.5 * (column[*at][0] + column[*at][1])))
        .collect();
    strong.sort_by(|a, b| b.0.total_cmp(&a.0));
    strong.truncate((strong.len() / 2).max(1));
    let channel = |c: usize| median(strong.iter().map(|(_, colour)| colour[c]));
    let colour = DVec3::new(channel(0), channel(1), channel(2)).normalize_or_zero();
    let ridges = ridges_of(&|contrast| ridge_of(colour, contrast));
    let path = best_path(&ridges, along_mm);
    let strengths: Vec<f64> = path.iter().zip(&ridges).map(|(at, ridge)| ridge[*at]).collect();
    // The ridges of the skin beside the line: in each column the 90th percentile of those away from it, and of that the
    // median over the columns around. In stubble it is high.
    let apart = (2.0 * (half_width_mm + GAP_MM + FLANK_MM) / STEP_MM) as usize;
    let beside: Vec<f64> = path
        .iter()
        .zip(&ridges)
        .map(|(at, ridge)| {
            let mut others: Vec<f64> =
                ridge.iter().enumerate().filter(|(i, _)| i.abs_diff(*at) > apart).map(|(_, ridge)| *ridge).collect();
            others.sort_by(f64::total_cmp);
            others.get(others.len() * 9 / 10).copied().unwrap_or(0.0)
        })
        .collect();
    let mut sorted = strengths.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() * 3 / 4).copied().unwrap_or(0.0);
    let near = |i: usize, of: usize| i.saturating_sub(of / 2)..(i + of / 2 + 1).min(strengths.len());
    let needed = |i: usize| {
        let skin = median(beside[near(i, ALIKE)].iter().copied());
        LEAST.max(LEAST_TIMES * skin).max(LEAST_OF_USUAL * usual)
    };
    let mut there: Vec<bool> = (0..strengths.len())
        .map(|i| strengths[i] >= 0.5 * needed(i) && median(strengths[near(i, JUDGED)].iter().copied()) >= needed(i))
        .collect();
    // Short stretches are hairs or wrinkles.
    let mut start = 0;
    while start < there.len() {
        let end = (start..there.len()).find(|i| there[*i] != there[start]).unwrap_or(there.len());
        if there[start] && along_mm[end - 1] - along_mm[start] < SHORTEST_MM {
            there[start..end].fill(false);
        }
        start = end;
    }
    let found_mm = there.iter().filter(|there| **there).count() as f64 * EVERY_MM;
    let shown_mm = there.len() as f64 * EVERY_MM;
    let worth = there.iter().zip(&strengths).filter(|(there, _)| **there).map(|(_, s)| s.min(CLEAR)).sum();
    let at = path
        .iter()
        .zip(&ridges)
        .zip(&there)
        .map(|((at, ridge), there)| there.then(|| middle_of(ridge, *at, half_width_mm)))
        .collect();
    (found_mm >= LEAST_MM && found_mm >= LEAST_SHARE * shown_mm).then_some(Candidate { worth, at })
}

/// Finds the line drawn near a planned one, which runs from the subject's right to the left. `hidden` is where hair or
/// other things hide the skin in the photo.
///
/// # Errors
/// [`NoLine::NotShown`], [`NoLine::NotFound`].
pub fn find(
    photo: &Photo,
    head: &Head,
    camera: &Camera,
    line: &[SurfacePoint],
    hidden: Option<&Region>,
) -> Result<Vec<Crossing>, NoLine> {
    let strip = Strip::new(head, camera, photo.size_px(), line, hidden);
    if (strip.columns.len() as f64) * EVERY_MM < LEAST_MM {
        return Err(NoLine::NotShown);
    }
    let reader = Reader::new(photo);
    let width = photo.width() as usize;
    let along_mm: Vec<f64> = strip.columns.iter().map(|column| column.along_mm).collect();
    let optical_densities: Vec<Vec<DVec3>> =
        strip.columns.par_iter().map(|column| optical_densities(&reader, width, column)).collect();
    let candidates: Vec<Option<Candidate>> = HALF_WIDTHS_MM
        .par_iter()
        .map(|half| {
            let contrasts: Vec<Vec<[DVec3; 2]>> =
                optical_densities.iter().map(|column| contrasts(column, *half)).collect();
            candidate(&contrasts, &along_mm, *half)
        })
        .collect();
    let best = candidates.into_iter().flatten().max_by(|a, b| a.worth.total_cmp(&b.worth)).ok_or(NoLine::NotFound)?;
    let crossing = |(column, at): (&Column, Option<f64>)| {
        let at = at?;
        let before = (at as usize).min(STEPS - 2);
        let px = column.across_px[before].lerp(column.across_px[before + 1], at - before as f64);
        Some(Crossing { planned: column.planned, along_mm: column.along_mm, off_mm: at * STEP_MM - REACH_MM, px })
    };
    let found = without_strays(strip.columns.iter().zip(best.at).filter_map(crossing).collect());
    if (found.len() as f64) * EVERY_MM < LEAST_MM { Err(NoLine::NotFound) } else { Ok(found) }
}

/// The places of a line that goes on evenly: what jumps, and short stretches between jumps, is something else. What is
/// left lies in the mean of what is about it.
fn without_strays(found: Vec<Crossing>) -> Vec<Crossing> {
    let goes_on = |a: &Crossing, b: &Crossing| {
        let apart_mm = (b.along_mm - a.along_mm).max(EVERY_MM);
        (b.off_mm - a.off_mm).abs() <= MOST_STEP_MM * apart_mm && apart_mm <= SHORTEST_MM
    };
    let mut kept = Vec::with_capacity(found.len());
    for stretch in found.chunk_by(goes_on) {
        let long = stretch.last().zip(stretch.first()).map_or(0.0, |(last, first)| last.along_mm - first.along_mm);
        if long < SHORTEST_MM {
            continue;
        }
        let within = AT_ENDS..stretch.len().saturating_sub(AT_ENDS);
        for (i, crossing) in stretch.iter().enumerate().filter(|(i, _)| within.contains(i)) {
            let near = &stretch[i.saturating_sub(AROUND / 2)..(i + AROUND / 2 + 1).min(stretch.len())];
            let Some(usual) = straight(near, crossing.along_mm) else { continue };
            if (crossing.off_mm - usual).abs() <= MOST_ASTRAY_MM {
                kept.push(Crossing { off_mm: 0.5 * (crossing.off_mm + usual), ..*crossing });
            }
        }
    }
    kept
}

/// Where a line through these places is at a length, mm: the median of slopes and heights (Theil 1950, Sen 1968), which
/// strays do not move.
fn straight(near: &[Crossing], along_mm: f64) -> Option<f64> {
    let pairs = (0..near.len()).flat_map(|i| (i + 1..near.len()).map(move |j| (i, j)));
    let slope = median(pairs.map(|(i, j)| {
        let (a, b) = (&near[i], &near[j]);
        (b.off_mm - a.off_mm) / (b.along_mm - a.along_mm).max(1e-9)
    }));
    let heights = near.iter().map(|crossing| crossing.off_mm + slope * (along_mm - crossing.along_mm));
    (near.len() > 2).then(|| median(heights))
}

/// The line traced by hand in the photo, px, where it crosses the paths that run upwards from the planned one.
///
/// # Errors
/// [`NoLine::NotShown`], [`NoLine::TracedElsewhere`].
pub fn traced(
    size_px: [u32; 2],
    head: &Head,
    camera: &Camera,
    line: &[SurfacePoint],
    traced_px: &[DVec2],
) -> Result<Vec<Crossing>, NoLine> {
    let strip = Strip::new(head, camera, size_px, line, None);
    if strip.columns.is_empty() {
        return Err(NoLine::NotShown);
    }
    let crossing = |column: &Column| {
        // Of several crossings, the nearest to the planned line.
        let middle = (STEPS / 2) as f64;
        let hits = column.across_px.windows(2).enumerate().flat_map(|(step, across)| {
            let hit = move |pair: &[DVec2]| meet([across[0], across[1]], [pair[0], pair[1]]);
            traced_px.windows(2).filter_map(hit).map(move |share| step as f64 + share)
        });
        let at = hits.min_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()))?;
        let before = (at as usize).min(STEPS - 2);
        let px = column.across_px[before].lerp(column.across_px[before + 1], at - before as f64);
        Some(Crossing { planned: column.planned, along_mm: column.along_mm, off_mm: at * STEP_MM - REACH_MM, px })
    };
    let found: Vec<Crossing> = strip.columns.par_iter().filter_map(crossing).collect();
    // Of a line that bends around the head ways up may meet a far part of what was traced.
    let goes_on =
        |a: &Crossing, b: &Crossing| (b.off_mm - a.off_mm).abs() <= 2.0 * MOST_STEP_MM * (b.along_mm - a.along_mm);
    let longest = found.chunk_by(goes_on).max_by_key(|stretch| stretch.len());
    let found = longest.map_or_else(Vec::new, <[Crossing]>::to_vec);
    if found.is_empty() { Err(NoLine::TracedElsewhere) } else { Ok(found) }
}

/// Where the first of two segments crosses the second, as a share of its length.
fn meet([a, b]: [DVec2; 2], [c, d]: [DVec2; 2]) -> Option<f64> {
    let (first, second) = (b - a, d - c);
    let turn = first.perp_dot(second);
    let share = |of: f64| of / turn;
    if turn.abs() < 1e-12 {
        return None;
    }
    let (s, t) = (share((c - a).perp_dot(second)), share((c - a).perp_dot(first)));
    ((0.0..1.0).contains(&s) && (0.0..=1.0).contains(&t)).then_some(s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_meet_where_they_cross() {
        let at = |x: f64, y: f64| DVec2::new(x, y);
        assert_eq!(meet([at(0.0, 0.0), at(4.0, 0.0)], [at(1.0, -1.0), at(1.0, 3.0)]), Some(0.25));
        assert_eq!(meet([at(0.0, 0.0), at(4.0, 0.0)], [at(5.0, -1.0), at(5.0, 3.0)]), None);
        assert_eq!(meet([at(0.0, 0.0), at(4.0, 0.0)], [at(0.0, 1.0), at(4.0, 1.0)]), None);
    }

    #[test]
    fn a_ridge_differs_on_both_sides_and_an_edge_does_not() {
        let line = |i: usize| DVec3::splat(if (38..=42).contains(&i) { 0.5 } else { 0.0 });
        let edge = |i: usize| DVec3::splat(if i >= 40 { 0.5 } else { 0.0 });
        let most = |of: &dyn Fn(usize) -> DVec3| {
            let optical_densities: Vec<DVec3> = (0..STEPS).map(of).collect();
            contrasts(&optical_densities, 0.4).into_iter().map(any_ridge).fold(0.0, f64::max)
        };
        assert!(most(&line) > 0.45 && most(&edge) < 0.01, "{} {}", most(&line), most(&edge));
    }

    #[test]
    fn a_path_follows_a_ridge_over_a_gap() {
        let ridge = |column: usize| {
            let mut ridge = vec![0.0; STEPS];
            if !(20..30).contains(&column) {
                ridge[60 + column / 2] = 0.4;
            }
            ridge
        };
        let ridges: Vec<Vec<f64>> = (0..60).map(ridge).collect();
        let along: Vec<f64> = (0..60).map(f64::from).collect();
        let path = best_path(&ridges, &along);
        assert!(path.iter().enumerate().all(|(column, at)| at.abs_diff(60 + column / 2) <= 3), "{path:?}");
    }
}
