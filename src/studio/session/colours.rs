//! The client's colours as the window knows them: skin, and the hair to match. What was picked is kept in the case; the
//! forehead is measured in the photo.

use crate::case::document::PhotoKey;
use crate::case::picks::{ClientRecord, PickedTone};
use crate::checks::Client;
use crate::plan::Plan;
use crate::plan::area::Area;
use crate::plan::conditions::Conditions;
use crate::plan::pigment::{self, Pigment};
use crate::plan::session::Session;
use crate::reading::complexion::SkinTypes;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;
use crate::skin::healing::HEALED_DAYS;
use crate::skin::shade::{DilutedPigment, Recipe, suggest};

/// What the eyedropper picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Untreated skin.
    Skin,
    /// Stubble, or the shaved side of the head.
    Stubble,
}

impl Target {
    /// The panel's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Skin => "Skin",
            Self::Stubble => "Hair to match",
        }
    }

    /// The tone that was picked for it.
    #[must_use]
    pub fn picked(self, client: &ClientRecord) -> Option<&PickedTone> {
        match self {
            Self::Skin => client.skin.as_ref(),
            Self::Stubble => client.hair.as_ref(),
        }
    }

    /// The place where that tone is kept.
    pub fn place(self, client: &mut ClientRecord) -> &mut Option<PickedTone> {
        match self {
            Self::Skin => &mut client.skin,
            Self::Stubble => &mut client.hair,
        }
    }
}

/// The client's colours besides those that were picked.
#[derive(Default)]
pub struct Colours {
    /// The photo that shows the forehead best, and the tone of the skin in it, if all of it is visible.
    pub forehead: Option<(PhotoKey, Option<Tone>)>,
    /// The inspector is showing the skin's colour, so the place where it was read has to be marked in the photo.
    pub points_at_skin: bool,
    /// The last swatches and their inputs.
    swatches: Option<(Given, Vec<Vec<Sample>>)>,
    /// The last suggestion and its inputs, including the hair.
    suggested: Option<((Given, Tone), Option<DilutedPigment>)>,
}

/// Skin, bare or treated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seen from afar.
    pub skin: Tone,
    /// The middle of one of its dots, seen close up; none if there are no dots.
    pub dot: Option<Tone>,
}

/// Everything that the tones of treated skin depend on.
#[derive(PartialEq)]
struct Given {
    bare: Tone,
    skin: Skin,
    area: Area,
    sessions: Vec<Session>,
    depth_mm: f64,
    height_mm: f64,
    size_jitter: f64,
    randomness: f64,
    conditions: Conditions,
    own_pigment: Option<Pigment>,
}

impl Given {
    fn new(bare: Tone, plan: &Plan, skin: Skin) -> Option<Self> {
        Some(Self {
            bare,
            skin,
            area: plan.areas.first()?.clone(),
            sessions: plan.sessions.clone(),
            depth_mm: plan.depth_mm,
            height_mm: plan.height_mm,
            size_jitter: plan.size_jitter,
            randomness: plan.randomness,
            conditions: plan.conditions,
            own_pigment: plan.own_pigment.clone(),
        })
    }
}

/// The recipe of the plan's first area with this pigment: the area that the hairline belongs to stands for all.
fn recipe<'a>(plan: &'a Plan, pigment: &'a Pigment, skin: Skin) -> Option<Recipe<'a>> {
    plan.areas.first().map(|area| Recipe::of(plan, area, pigment, skin))
}

/// Bare skin, each dilution of the plan at full density, and the whole plan.
fn swatches(plan: &Plan, pigment: &Pigment, skin: Skin, bare: Tone) -> Option<Vec<Sample>> {
    let recipe = recipe(plan, pigment, skin)?;
    let of = |recipe: &Recipe| Sample { skin: recipe.on(bare, HEALED_DAYS), dot: recipe.dot_on(bare, HEALED_DAYS) };
    let alone = |session: &Session| {
        let only = [Session { cumulative_share: 1.0, dark_share: 0.0, ..session.clone() }];
        of(&Recipe { sessions: &only, ..recipe })
    };
    let mut swatches = vec![Sample { skin: bare, dot: None }];
    swatches.extend(plan.sessions.iter().map(alone));
    swatches.push(of(&recipe));
    Some(swatches)
}

/// A thin film of the undiluted pigment on white paper: pigments that heal alike can be told apart by it.
#[must_use]
pub fn on_paper(pigment: &Pigment) -> Tone {
    /// Assumed: the blackest pigment still lets a sixteenth of the light through, and brown ones show their colour.
    const FILM_MM: f64 = 0.0044;
    Tone(pigment.absorption_per_mm.map(|per_mm| libm::exp(-per_mm * FILM_MM)))
}

impl Colours {
    /// Untreated skin: as picked, otherwise as measured on the forehead.
    #[must_use]
    pub fn skin(&self, picked: &ClientRecord) -> Option<Tone> {
        picked.skin.as_ref().map(PickedTone::tone).or_else(|| self.forehead?.1)
    }

    /// The colours as the checks take them: the hair to match is that of the shaved sides.
    #[must_use]
    pub fn client(&self, picked: &ClientRecord) -> Client {
        Client::picked(self.skin(picked), picked.hair.as_ref().map(PickedTone::tone))
    }

    /// For each pigment that the plan can name: bare skin, each dilution alone at the planned density, and the whole
    /// plan; all healed. Empty if the skin's colour is not known. Recomputed only when something has changed.
    pub fn swatches(&mut self, picked: &ClientRecord, plan: &Plan, skin: Skin) -> &[Vec<Sample>] {
        let given = self.skin(picked).and_then(|bare| Given::new(bare, plan, skin));
        if self.swatches.as_ref().map(|(known, _)| known) != given.as_ref() {
            self.swatches = given.map(|given| {
                let bare = given.bare;
                (given, plan.pigments().filter_map(|pigment| swatches(plan, pigment, skin, bare)).collect())
            });
        }
        self.swatches.as_ref().map_or(&[], |(_, swatches)| swatches)
    }

    /// The pigment and dilutions that come closest to the hair on this skin, if both are known; recomputed only when
    /// something has changed.
    pub fn suggestion(&mut self, picked: &ClientRecord, plan: &Plan, skin: Skin) -> Option<&DilutedPigment> {
        let client = self.client(picked);
        let (bare, hair) = (client.skin?, client.sides?);
        let wish = (Given::new(bare, plan, skin)?, hair);
        if self.suggested.as_ref().is_none_or(|(known, _)| *known != wish) {
            let pigment = plan.own_pigment.as_ref().or_else(|| pigment::library().first())?;
            let ladder = suggest(&recipe(plan, pigment, skin)?, bare, hair, HEALED_DAYS);
            self.suggested = Some((wish, ladder));
        }
        self.suggested.as_ref().and_then(|(_, ladder)| ladder.as_ref())
    }

    /// The types that the client's skin may have, judging by the photo; none if its colour is not known.
    #[must_use]
    pub fn skin_types(&self, picked: &ClientRecord) -> Option<SkinTypes> {
        self.skin(picked).and_then(SkinTypes::of)
    }

    /// The photo in which the forehead is measured; none if no photo shows it.
    #[must_use]
    pub fn read_in(&self) -> Option<PhotoKey> {
        self.forehead.map(|(photo, _)| photo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pigments_can_be_told_apart_on_paper() {
        let library = pigment::library();
        for (index, one) in library.iter().enumerate() {
            for other in &library[..index] {
                let apart = on_paper(one).difference(on_paper(other));
                // About 1 can just be seen side by side.
                assert!(apart > 4.0, "{} and {}: {apart:.1}", one.name, other.name);
            }
        }
    }
}
