//! The client's colours as the window knows them: skin, and hair to come near to. Measured in the photos, not kept in the case.

use std::sync::Arc;

use super::shots::PhotoKey;
use super::steps::HEALED_DAYS;
use crate::case::document::Document;
use crate::case::head_fit::HeadFit;
use crate::checks::Client;
use crate::plan::Plan;
use crate::plan::pigment::{self, Pigment};
use crate::plan::session::Session;
use crate::skin::shade::{Ladder, Recipe, suggest};
use crate::skin::tone::Tone;

/// What the eyedropper is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Untreated skin.
    Skin,
    /// Stubble, or the shaved side of the head.
    Stubble,
}

/// The colours of a client.
#[derive(Default)]
pub struct Colours {
    forehead: Option<Tone>,
    skin: Option<Tone>,
    stubble: Option<Tone>,
    /// The photo and the head for which the forehead was asked for.
    asked: Option<(PhotoKey, Arc<HeadFit>)>,
    /// The last suggestion and what it was made from.
    suggested: Option<(Wish, Option<Ladder>)>,
}

/// What a suggestion depends on.
#[derive(PartialEq)]
struct Wish {
    skin: Tone,
    stubble: Tone,
    own_pigment: Option<Pigment>,
    sessions: Vec<Session>,
    density_per_cm2: f64,
    depth_mm: f64,
}

/// The plan's first area with this pigment: the one that the hairline belongs to stands for all.
#[must_use]
pub fn recipe<'a>(plan: &Plan, pigment: &'a Pigment, sessions: &'a [Session]) -> Recipe<'a> {
    let density_per_cm2 = plan.areas.first().map_or(0.0, |a| a.density_per_cm2);
    Recipe { pigment, sessions, density_per_cm2, depth_mm: plan.depth_mm }
}

/// The view in which the forehead is measured: the front photo, else the first one that has a camera.
#[must_use]
pub fn forehead_view(document: &Document, fit: &HeadFit) -> Option<usize> {
    let views = 0..document.views.len();
    let with_camera = |view: &usize| fit.camera(*view).is_some();
    let front = |view: &usize| document.views[*view].name == "front";
    views.clone().filter(with_camera).find(front).or_else(|| views.clone().find(with_camera))
}

impl Colours {
    /// Untreated skin: as picked, else as the forehead has it.
    #[must_use]
    pub fn skin(&self) -> Option<Tone> {
        self.skin.or(self.forehead)
    }

    /// True where the skin was picked by hand.
    #[must_use]
    pub fn skin_is_picked(&self) -> bool {
        self.skin.is_some()
    }

    /// The same as the checks take it: hair to match is that of the shaved sides.
    #[must_use]
    pub fn client(&self) -> Client {
        Client { skin: self.skin(), sides: self.stubble }
    }

    /// The hair to come near to.
    #[must_use]
    pub fn stubble(&self) -> Option<Tone> {
        self.stubble
    }

    /// The pigment and dilutions that come nearest to the hair, where it is known; worked out when something changed.
    pub fn suggestion(&mut self, plan: &Plan) -> Option<&Ladder> {
        let (skin, stubble) = (self.skin()?, self.stubble?);
        let pigment = plan.own_pigment.as_ref().or_else(|| pigment::library().first())?;
        let usual = recipe(plan, pigment, &plan.sessions);
        let wish = Wish {
            skin,
            stubble,
            own_pigment: plan.own_pigment.clone(),
            sessions: plan.sessions.clone(),
            density_per_cm2: usual.density_per_cm2,
            depth_mm: usual.depth_mm,
        };
        if self.suggested.as_ref().is_none_or(|(known, _)| *known != wish) {
            let ladder = suggest(&usual, skin, stubble, HEALED_DAYS);
            self.suggested = Some((wish, ladder));
        }
        self.suggested.as_ref().and_then(|(_, ladder)| ladder.as_ref())
    }

    /// Takes over a colour that was picked.
    pub fn picked(&mut self, target: Target, tone: Tone) {
        match target {
            Target::Skin => self.skin = Some(tone),
            Target::Stubble => self.stubble = Some(tone),
        }
    }

    /// Takes over the forehead's tone.
    pub fn measured(&mut self, forehead: Option<Tone>) {
        self.forehead = forehead;
    }

    /// True once for each photo and head: the forehead has to be measured then.
    pub fn ask(&mut self, photo: PhotoKey, fit: &Arc<HeadFit>) -> bool {
        let same = self.asked.as_ref().is_some_and(|(known, head)| *known == photo && Arc::ptr_eq(head, fit));
        if !same {
            self.asked = Some((photo, Arc::clone(fit)));
        }
        !same
    }
}
