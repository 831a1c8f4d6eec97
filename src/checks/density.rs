//! Rules about density: the gradient behind the hairline, too much, too little, patches.

use rayon::prelude::*;

use super::finding::{Finding, Place, judged};
use super::limits::Rule;
use super::remedy::Remedy;
use super::survey::{DISC_MM, Front, Survey};
use crate::ground::points::Neighbourhood;
use crate::head::Part;
use crate::head::chart::{Raster, SIDE};
use crate::plan::Plan;
use crate::plan::area::Effect;
use crate::plan::field;
use crate::plan::hairline::Preset;
use crate::plan::parameters::MOST_PER_CM2;
use crate::plan::treatment::Treatment;

/// How far past its limit a remedy goes, as a share: dots are counted, and counts vary.
const MARGIN: f64 = 0.07;

pub(super) fn findings(survey: &Survey) -> Vec<Finding> {
    let mut all = Vec::new();
    if let Some(front) = &survey.front {
        all.extend(gradient(survey, front));
    }
    all.extend(dense(survey));
    all.extend(sparse(survey));
    all.extend(patchy(survey));
    all
}

// ---------------------------------------------------------------------------------------------------------------------
// Behind the hairline

/// Dots and skin by distance behind the line, in steps of a millimetre.
struct Profile {
    dots: Vec<f64>,
    cm2: Vec<f64>,
}

impl Profile {
    const REACH_MM: usize = 60;

    fn new(survey: &Survey, front: &Front) -> Self {
        let map = survey.mock_up.scalp.map.part(Part::Cranium);
        let mut profile = Self { dots: vec![0.0; Self::REACH_MM], cm2: vec![0.0; Self::REACH_MM] };
        let step = |mm: f32| (mm >= 0.0 && mm < Self::REACH_MM as f32).then_some(mm as usize);
        for (k, place) in map.position.iter().enumerate() {
            if let Some(step) = place.filter(|p| front.holds(*p)).and(step(front.behind_mm.values()[k])) {
                profile.cm2[step] += f64::from(map.area_mm2[k]) / 100.0;
            }
        }
        let in_front = survey.dots.iter().filter(|d| d.part == Part::Cranium && front.holds(d.position));
        for dot in in_front {
            let behind = survey.texel(dot.part, dot.position).map(|t| front.behind_mm.at(t));
            if let Some(step) = behind.and_then(step) {
                profile.dots[step] += 1.0;
            }
        }
        profile
    }

    /// Dots per cm2 between two distances behind the line; none where there is hardly any skin.
    fn per_cm2(&self, from_mm: usize, to_mm: usize) -> Option<f64> {
        let cm2: f64 = self.cm2[from_mm..to_mm].iter().sum();
        (cm2 > 0.5).then(|| self.dots[from_mm..to_mm].iter().sum::<f64>() / cm2)
    }
}

/// Depth of the front edge of the hairline, mm behind the drawn line.
const EDGE_MM: usize = 3;
/// Depth of the whole hairline, mm behind the drawn line.
const HAIRLINE_MM: usize = 10;
/// Width of the bands in which the density behind it is measured, mm.
const BAND_MM: usize = 6;

fn gradient(survey: &Survey, front: &Front) -> Vec<Finding> {
    let profile = Profile::new(survey, front);
    let bands = (HAIRLINE_MM..=Profile::REACH_MM - BAND_MM).filter_map(|from| profile.per_cm2(from, from + BAND_MM));
    let interior = bands.fold(0.0, f64::max);
    let (Some(edge), Some(hairline)) = (profile.per_cm2(0, EDGE_MM), profile.per_cm2(0, HAIRLINE_MM)) else {
        return Vec::new();
    };
    if interior <= 0.0 {
        return Vec::new();
    }
    let place = front.middle().map(|point| Place { part: Part::Cranium, point });
    // Brush strokes that fill the edge would fill it again.
    let line: Vec<Place> = front
        .line
        .iter()
        .filter(|p| front.holds(p.position))
        .map(|&point| Place { part: Part::Cranium, point })
        .collect();
    let filling = survey.strokes_at(&line, |change| change > 0.0);
    let softer = || {
        let filling = filling.clone();
        let also = if filling.is_empty() { "" } else { " and take back what the brush added there" };
        Remedy::edit(format!("Use the edge of the soft hairline{also}"), move |plan, _| {
            plan.hairline.edge = Preset::Soft.edge();
            drop_strokes(plan, &filling);
        })
    };
    let percent = 100.0 * edge / interior;
    let hard = format!(
        "The first {EDGE_MM} mm already have {percent:.0} % of the density behind them: the line looks stamped, \
         whereas hair begins with single fine hairs."
    );
    let flat = format!(
        "The density behind the hairline is only {:.1} times that of its first {HAIRLINE_MM} mm: real hair thickens to one \
         and a half to two times.",
        interior / hairline.max(1e-9)
    );
    let ratio = if hairline > 0.0 { interior / hairline } else { f64::INFINITY };
    let findings =
        [judged(Rule::HardEdge, percent, hard, place, softer), judged(Rule::NoGradient, ratio, flat, place, softer)];
    findings.into_iter().flatten().collect()
}

fn drop_strokes(plan: &mut Plan, dropped: &[usize]) {
    let mut index = 0;
    plan.strokes.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
}

// ---------------------------------------------------------------------------------------------------------------------
// Discs

/// A round piece of treated skin.
struct Disc {
    place: Place,
    texel: [f32; 2],
    dots: usize,
}

/// Texels from one disc to the next, about 5.5 mm.
const DISC_STEP: usize = 6;

/// Discs of this radius across the treated skin of a part.
fn discs(survey: &Survey, part: Part, radius_mm: f64) -> Vec<Disc> {
    let Some(field) = survey.field(part) else { return Vec::new() };
    let map = survey.mock_up.scalp.map.part(part);
    let places: Vec<glam::DVec3> = survey.dots.iter().filter(|d| d.part == part).map(|d| d.position).collect();
    let near = Neighbourhood::new(&places, radius_mm);
    let texels = (0..SIDE / DISC_STEP).flat_map(|j| (0..SIDE / DISC_STEP).map(move |i| [i, j]));
    let centres: Vec<[usize; 2]> = texels.map(|t| t.map(|v| v * DISC_STEP)).collect();
    centres
        .into_par_iter()
        .filter_map(|[i, j]| {
            let k = j * SIDE + i;
            let position = map.position[k].filter(|_| field.density_per_cm2.values()[k] > 0.0)?;
            let texel = [i as f32 + 0.5, j as f32 + 0.5];
            Some(Disc { place: survey.place(part, position), texel, dots: near.count(position, radius_mm) })
        })
        .collect()
}

fn parts(survey: &Survey) -> Vec<Part> {
    survey.mock_up.fields.iter().map(|f| f.part).collect()
}

fn dense(survey: &Survey) -> Option<Finding> {
    let limit = Rule::Dense.limit();
    let disc_cm2 = std::f64::consts::PI * DISC_MM * DISC_MM / 100.0;
    let wide = parts(survey).into_iter().flat_map(|part| discs(survey, part, DISC_MM));
    // A narrow band holds no whole disc, but it does have a core.
    let mut all: Vec<(f64, Place)> = wide.map(|w| (w.dots as f64 / disc_cm2, w.place)).collect();
    all.extend(survey.cores.iter().flatten().map(|core| (core.per_cm2, core.place)));
    let &(per_cm2, place) = all.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let reason =
        format!("{per_cm2:.0} dots per square centimetre: as they age and spread they merge into an even, dark patch.");
    judged(Rule::Dense, per_cm2, reason, Some(place), || {
        let most = limit.steps.first().map_or(150.0, |(_, most)| *most);
        let capped = ((1.0 - MARGIN) * most / survey.last_share()).min(MOST_PER_CM2);
        let high: Vec<Place> = all.iter().filter(|(per_cm2, _)| *per_cm2 > most).map(|(_, place)| *place).collect();
        let adding = survey.strokes_at(&high, |change| change > 0.0);
        let strokes = if adding.is_empty() { "" } else { " and take back what the brush added there" };
        Remedy::edit(format!("Lower the density to {capped:.0} per cm2{strokes}"), move |plan, _| {
            for area in &mut plan.areas {
                area.density_per_cm2 = area.density_per_cm2.min(capped);
            }
            drop_strokes(plan, &adding);
        })
    })
}

fn sparse(survey: &Survey) -> Option<Finding> {
    let limit = Rule::Sparse.limit();
    let bare = |kind: Treatment| {
        matches!(kind, Treatment::FullShave | Treatment::Receding | Treatment::Crown | Treatment::Alopecia)
    };
    let areas = survey.plan.areas.iter().zip(&survey.cores).enumerate().filter(|(_, (area, _))| bare(area.kind));
    let cores = areas.filter_map(|(i, (_, core))| core.as_ref().map(|core| (i, core)));
    let (index, core) = cores.min_by(|a, b| a.1.per_cm2.total_cmp(&b.1.per_cm2))?;
    let name = &survey.plan.areas[index].name;
    let reason = format!(
        "The area '{name}' has {:.0} dots per cm2: on bare skin they read as single dots, not as cover.",
        core.per_cm2
    );
    judged(Rule::Sparse, core.per_cm2, reason, Some(core.place), || {
        let least = limit.steps.first().map_or(40.0, |(_, least)| *least);
        let asked = ((1.0 + MARGIN) * least / survey.last_share()).min(MOST_PER_CM2).ceil();
        if survey.plan.strokes.iter().any(|s| !s.off && s.change_per_cm2 < 0.0 && s.effect == Effect::Change) {
            return Remedy::words("Undo what the brush removed there, or ask for more density");
        }
        Remedy::edit(format!("Raise the density to {asked:.0} per cm2"), move |plan, _| {
            for area in plan.areas.iter_mut().filter(|a| bare(a.kind)) {
                area.density_per_cm2 = area.density_per_cm2.max(asked);
            }
        })
    })
}

// ---------------------------------------------------------------------------------------------------------------------
// Patches

/// Radius of 1 cm2, mm.
const SQUARE_CM_MM: f64 = 5.642;

/// True where the areas and masks alone, without the brush, ask for about the same density all around a texel.
fn is_even(plain: &Raster, texel: [f32; 2]) -> bool {
    const AROUND_TEXELS: f32 = 7.0;
    const SAME: f32 = 0.1;
    let around = (0..8).map(|k| {
        let (s, c) = libm::sincosf(k as f32 * std::f32::consts::FRAC_PI_4);
        plain.at([texel[0] + AROUND_TEXELS * c, texel[1] + AROUND_TEXELS * s])
    });
    let here = plain.at(texel);
    here > 0.0 && around.into_iter().all(|d| (d - here).abs() <= SAME * here)
}

fn patchy(survey: &Survey) -> Option<Finding> {
    /// Smaller counts differ too much by chance.
    const LEAST_DOTS: f64 = 30.0;
    const LEAST_AROUND: usize = 10;
    let plain = Plan { strokes: Vec::new(), ..survey.plan.clone() };
    let plain = match survey.plan.strokes.is_empty() {
        true => survey.mock_up.fields.clone(),
        false => field::density_fields(&plain, survey.head(), &survey.mock_up.scalp.map),
    };
    let mut patches: Vec<(f64, Place)> = Vec::new();
    for field in &plain {
        let mut even = discs(survey, field.part, SQUARE_CM_MM);
        even.retain(|w| is_even(&field.density_per_cm2, w.texel));
        let places: Vec<glam::DVec3> = even.iter().map(|w| w.place.point.position).collect();
        let near = Neighbourhood::new(&places, 3.0 * SQUARE_CM_MM);
        for disc in &even {
            let (mut sum, mut count) = (0.0, 0);
            // Discs that do not overlap it but nearly touch it, on all sides, so that an even gradient across them
            // cancels.
            near.visit(disc.place.point.position, 3.0 * SQUARE_CM_MM, |other, mm2| {
                if mm2 >= (2.0 * SQUARE_CM_MM) * (2.0 * SQUARE_CM_MM) {
                    sum += even[other].dots as f64;
                    count += 1;
                }
            });
            let around = sum / f64::from(count);
            if count as usize >= LEAST_AROUND && around >= LEAST_DOTS {
                patches.push((100.0 * (disc.dots as f64 / around - 1.0).abs(), disc.place));
            }
        }
    }
    let &(percent, place) = patches.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let reason = format!(
        "A square centimetre here differs by {percent:.0} % from those around it: on a shaved scalp the eye finds such a patch."
    );
    judged(Rule::Patchy, percent, reason, Some(place), || {
        let rule = Rule::Patchy.limit();
        let bad: Vec<Place> =
            patches.iter().filter(|(percent, _)| rule.judge(*percent).is_some()).map(|(_, place)| *place).collect();
        let brushed = survey.strokes_at(&bad, |_| true);
        if brushed.is_empty() {
            return Remedy::words("Rearrange the dots (another seed), and place them evenly by eye here");
        }
        Remedy::edit("Take back the brush strokes there", move |plan, _| drop_strokes(plan, &brushed))
    })
}
