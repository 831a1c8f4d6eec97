//! Rules about colour: the healed scalp against the shaved sides.

use super::survey::{Core, Survey};
use super::{Client, Finding, HEALED_DAYS, Remedy, Rule, judged, unchecked};
use crate::head::Part;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;
use crate::plan::session::Session;
use crate::plan::treatment::Treatment as Kind;
use crate::skin::healing::Course;
use crate::skin::optics::Optics;
use crate::skin::settings::Outlook;
use crate::skin::shade::{Ladder, Recipe, suggest};
use crate::skin::tone::Tone;

pub(super) fn findings(survey: &Survey, client: &Client) -> Vec<Finding> {
    // Between long hair and in a beard the shaved sides are not what dots are matched to.
    let matched = |kind: Kind| !matches!(kind, Kind::Density | Kind::Beard);
    let areas = survey.plan.areas.iter().zip(&survey.cores).enumerate();
    let cores: Vec<(usize, &Core)> = areas
        .filter(|(_, (area, _))| area.part == Part::Cranium && matched(area.kind))
        .filter_map(|(i, (_, core))| core.as_ref().map(|core| (i, core)))
        .collect();
    if cores.is_empty() {
        return Vec::new();
    }
    let (Some(skin), Some(sides)) = (client.skin, client.sides) else {
        let reason = "Whether the scalp heals darker than the shaved sides, or to another colour, was not checked.";
        let needs = "Pick the colour of the shaved sides, and of untreated skin, in a photo";
        return vec![unchecked(Rule::DarkerThanSides, reason, needs)];
    };
    let healed = |plan: &Plan| -> Vec<(usize, &Core, Tone)> {
        let pigment = plan.chosen_pigment();
        cores.iter().map(|&(i, core)| (i, core, healed(survey, plan, pigment, i, core, skin))).collect()
    };
    let darker = |tone: Tone| sides.lab()[0] - tone.lab()[0];
    let now = healed(survey.plan);
    let darkest = now.iter().max_by(|a, b| darker(a.2).total_cmp(&darker(b.2)));
    let farthest = now.iter().max_by(|a, b| a.2.difference(sides).total_cmp(&b.2.difference(sides)));
    let remedy = || {
        let Some(ladder) = suggestion(survey.plan, &cores, skin, sides) else { return by_hand() };
        let mut with = survey.plan.clone();
        use_ladder(&mut with, &ladder);
        let right = |tone: Tone| {
            Rule::DarkerThanSides.limit().judge(darker(tone)).is_none()
                && Rule::OtherColourThanSides.limit().judge(tone.difference(sides)).is_none()
        };
        // Areas may have needles and shades of their own: one ladder need not suit them all.
        if !healed(&with).iter().all(|(_, _, tone)| right(*tone)) {
            return by_hand();
        }
        Remedy::edit(format!("Use {}", ladder_words(&ladder)), move |plan, _| use_ladder(plan, &ladder))
    };
    let area = |i: usize| &survey.plan.areas[i].name;
    let darkest = darkest.and_then(|&(i, core, tone)| {
        let reason = format!(
            "The area '{}' heals to a lightness of {:.0}, the shaved sides have {:.0}: the scalp would look like a cap.",
            area(i),
            tone.lab()[0],
            sides.lab()[0]
        );
        judged(Rule::DarkerThanSides, darker(tone), reason, Some(core.place), remedy)
    });
    let farthest = farthest.and_then(|&(i, core, tone)| {
        let reason = format!(
            "The area '{}' heals to another colour than the shaved sides: where both meet a border would be seen.",
            area(i)
        );
        judged(Rule::OtherColourThanSides, tone.difference(sides), reason, Some(core.place), remedy)
    });
    darkest.into_iter().chain(farthest).collect()
}

fn by_hand() -> Remedy {
    Remedy::words("Try another density, needle or shade of this area: no pigment comes near enough with these")
}

/// The middle of an area as it heals: the light that all its dots leave (see [`crate::skin::shade`]), with the ages of
/// their sessions and the strength that the plan gives them.
fn healed(survey: &Survey, plan: &Plan, pigment: Option<&Pigment>, area: usize, core: &Core, skin: Tone) -> Tone {
    let course = Course::new(pigment, plan.conditions, Outlook::Likely);
    let optics = Optics::new(survey.treatment.skin);
    let in_scar = plan.areas[area].kind.is_scar();
    let later_days = |session: usize| plan.sessions.iter().skip(session).map(|s| s.interval_days).sum::<f64>();
    let mut taken_mm2 = [0.0; 3];
    for dot in &core.dots {
        let session = usize::from(dot.session);
        let Some(planned) = session.checked_sub(1).and_then(|i| plan.sessions.get(i)) else { continue };
        let dilution = if dot.dark { planned.dark_dilution } else { planned.dilution };
        let strength = pigment.map_or([0.0; 3], |p| p.diluted_per_mm(dilution));
        let absorption_per_mm = strength.map(|a| a * plan.areas[area].shade);
        let dot = crate::follicles::dots::Dot { absorption_per_mm, ..*dot };
        let age_days = HEALED_DAYS + later_days(session);
        let crowd_per_mm2 = 0.01 * dot.density_per_cm2 * survey.last_share();
        let look = crate::skin::appearance(&dot, age_days, in_scar, crowd_per_mm2, &course, &optics);
        for (taken, loss) in taken_mm2.iter_mut().zip(look.loss_mm2()) {
            *taken += loss;
        }
    }
    // The dots counted stand for the density measured, also where the middle is too small to count.
    let mm2 = 100.0 * core.dots.len() as f64 / core.per_cm2.max(1e-9);
    Tone(std::array::from_fn(|c| skin.0[c] * libm::exp(-taken_mm2[c] / mm2)))
}

/// What comes nearest to the sides in the largest area.
fn suggestion(plan: &Plan, cores: &[(usize, &Core)], skin: Tone, sides: Tone) -> Option<Ladder> {
    let (area, core) = cores.iter().max_by(|a, b| a.1.area_cm2.total_cmp(&b.1.area_cm2))?;
    let area = &plan.areas[*area];
    let sessions: Vec<Session> = plan
        .sessions
        .iter()
        .map(|s| Session { needle_mm: area.needle_mm.unwrap_or(s.needle_mm), ..s.clone() })
        .collect();
    let last = plan.sessions.last().map_or(1.0, |s| s.cumulative_share);
    let recipe = Recipe {
        pigment: plan.chosen_pigment()?,
        sessions: &sessions,
        density_per_cm2: core.per_cm2 / last,
        depth_mm: plan.depth_mm,
    };
    suggest(&recipe, skin, sides, HEALED_DAYS)
}

fn use_ladder(plan: &mut Plan, ladder: &Ladder) {
    plan.pigment.clone_from(&ladder.pigment.name);
    for (session, (dilution, dark)) in plan.sessions.iter_mut().zip(&ladder.dilutions) {
        (session.dilution, session.dark_dilution) = (*dilution, *dark);
    }
}

fn ladder_words(ladder: &Ladder) -> String {
    let steps: Vec<String> = ladder.dilutions.iter().map(|(water, _)| format!("{water:.0}:1")).collect();
    format!("{}, {}", ladder.pigment.name, steps.join(", "))
}
