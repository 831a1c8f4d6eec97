//! Rules about colour: the healed scalp against the shaved sides, and against bare skin.

use super::finding::{Finding, judged, unchecked};
use super::limits::Rule;
use super::remedy::Remedy;
use super::survey::{Core, Survey};
use crate::head::Part;
use crate::plan::Plan;
use crate::plan::treatment::Treatment;
use crate::reading::skin_estimate;
use crate::reading::tone::Tone;
use crate::skin::healing::HEALED_DAYS;
use crate::skin::shade::{DilutedPigment, Recipe, suggest};

/// Colours known of the client besides the plan.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Client {
    /// Untreated skin, in a photo.
    pub skin: Option<Tone>,
    /// The shaved sides, in the same photo.
    pub sides: Option<Tone>,
}

impl Client {
    /// The tones as picked. A hair tone that cannot be hair on this skin is not taken for the shaved sides.
    #[must_use]
    pub fn picked(skin: Option<Tone>, hair: Option<Tone>) -> Self {
        Self { skin, sides: hair.filter(|hair| skin.is_none_or(|skin| hair.can_be_hair_on(skin))) }
    }
}

pub(super) fn findings(survey: &Survey, client: &Client) -> Vec<Finding> {
    let mut all = against_sides(survey, client);
    all.extend(faint(survey, client));
    all
}

/// Whether the area that stands out most can be told from bare skin once it is healed. Between hair and in scars
/// little is enough, so such areas are left out.
fn faint(survey: &Survey, client: &Client) -> Option<Finding> {
    // Pigment that lies too deep cannot be seen either: the depth has to be corrected first.
    if Rule::Deep.limit().judge(survey.plan.depth_mm).is_some() {
        return None;
    }
    let bare = client.skin.unwrap_or_else(|| skin_estimate::in_typical_photo(survey.mock_up.skin));
    let on_bare_skin = |i: usize| {
        let kind = survey.plan.areas[i].kind;
        kind != Treatment::Density && !kind.is_scar()
    };
    let areas = survey.cores.iter().enumerate().filter(|(i, _)| on_bare_skin(*i));
    let areas = areas.filter_map(|(i, core)| Some((i, core.as_ref()?)));
    let stands_out = areas.filter_map(|(i, core)| {
        let recipe = recipe(survey, survey.plan, i, core)?;
        Some((i, core, recipe.on(bare, HEALED_DAYS).difference(bare)))
    });
    let (most, core, difference) = stands_out.max_by(|a, b| a.2.total_cmp(&b.2))?;
    let reason = format!(
        "Healed, the area '{}' is hardly darker than bare skin: almost nobody would see it from 1 m.",
        survey.plan.areas[most].name
    );
    judged(Rule::Faint, difference, reason, Some(core.place), || {
        Remedy::words("Try a higher density, a thicker needle, less water or another session, and look from 1 m")
    })
}

fn against_sides(survey: &Survey, client: &Client) -> Vec<Finding> {
    // Between long hair and in a beard the shaved sides are not what dots are matched to.
    let matched = |kind: Treatment| !matches!(kind, Treatment::Density | Treatment::Beard);
    let areas = survey.plan.areas.iter().zip(&survey.cores).enumerate();
    let cores: Vec<(usize, &Core)> = areas
        .filter(|(_, (area, _))| area.part == Part::Cranium && matched(area.kind))
        .filter_map(|(i, (_, core))| core.as_ref().map(|core| (i, core)))
        .collect();
    if cores.is_empty() {
        return Vec::new();
    }
    let (Some(skin), Some(sides)) = (client.skin, client.sides) else {
        let reason = "Whether the scalp heals darker than the shaved sides, or to a different colour, was not checked.";
        let needs = "Pick the colour of the shaved sides, and of untreated skin, in a photo";
        return vec![unchecked(Rule::DarkerThanSides, reason, needs)];
    };
    let healed = |plan: &Plan| -> Vec<(usize, &Core, Tone)> {
        let tone = |i, core| recipe(survey, plan, i, core).map(|recipe| (i, core, recipe.on(skin, HEALED_DAYS)));
        cores.iter().filter_map(|&(i, core)| tone(i, core)).collect()
    };
    let darker = |tone: Tone| sides.lab()[0] - tone.lab()[0];
    let now = healed(survey.plan);
    let darkest = now.iter().max_by(|a, b| darker(a.2).total_cmp(&darker(b.2)));
    let farthest = now.iter().max_by(|a, b| a.2.difference(sides).total_cmp(&b.2.difference(sides)));
    let remedy = || {
        let Some(diluted) = suggestion(survey, &cores, skin, sides) else { return by_hand() };
        let mut with = survey.plan.clone();
        use_pigment(&mut with, &diluted);
        let right = |tone: Tone| {
            Rule::DarkerThanSides.limit().judge(darker(tone)).is_none()
                && Rule::OtherColourThanSides.limit().judge(tone.difference(sides)).is_none()
        };
        // Areas may have their own needles and shades, so one pigment and its dilutions need not suit them all.
        if !healed(&with).iter().all(|(_, _, tone)| right(*tone)) {
            return by_hand();
        }
        Remedy::edit(format!("Use {}", pigment_words(&diluted)), move |plan, _| use_pigment(plan, &diluted))
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
            "The area '{}' heals to a different colour from the shaved sides: a border would be seen where they meet.",
            area(i)
        );
        judged(Rule::OtherColourThanSides, tone.difference(sides), reason, Some(core.place), remedy)
    });
    darkest.into_iter().chain(farthest).collect()
}

fn by_hand() -> Remedy {
    Remedy::words("Try another density, needle or shade of this area: with these no pigment comes close enough")
}

/// The recipe for the middle of an area, at the density that was actually placed there.
fn recipe<'a>(survey: &Survey, plan: &'a Plan, area: usize, core: &Core) -> Option<Recipe<'a>> {
    let usual = Recipe::of(plan, &plan.areas[area], plan.chosen_pigment()?, survey.mock_up.skin);
    Some(Recipe { density_per_cm2: core.per_cm2 / survey.last_share(), ..usual })
}

/// The pigment with the dilutions that come closest to the sides in the largest area.
fn suggestion(survey: &Survey, cores: &[(usize, &Core)], skin: Tone, sides: Tone) -> Option<DilutedPigment> {
    let (area, core) = cores.iter().max_by(|a, b| a.1.area_cm2.total_cmp(&b.1.area_cm2))?;
    suggest(&recipe(survey, survey.plan, *area, core)?, skin, sides, HEALED_DAYS)
}

fn use_pigment(plan: &mut Plan, diluted: &DilutedPigment) {
    plan.pigment.clone_from(&diluted.pigment.name);
    for (session, (dilution, dark)) in plan.sessions.iter_mut().zip(&diluted.dilutions) {
        (session.dilution, session.dark_dilution) = (*dilution, *dark);
    }
}

fn pigment_words(diluted: &DilutedPigment) -> String {
    let steps: Vec<String> = diluted.dilutions.iter().map(|(water, _)| format!("{water:.0}:1")).collect();
    format!("{}, {}", diluted.pigment.name, steps.join(", "))
}
