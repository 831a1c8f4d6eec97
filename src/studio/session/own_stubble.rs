//! The client's own shaved hair as the window knows it: where it is measured, the result, and the settings it offers a
//! plan. Measured in a photo, not kept in the case.

use std::sync::Arc;

use glam::DVec2;

use crate::case::document::Document;
use crate::case::document::PhotoKey;
use crate::case::head_fit::HeadFit;
use crate::plan::Plan;
use crate::plan::area::Area;
use crate::plan::conditions::Conditions;
use crate::plan::pigment::Pigment;
use crate::plan::session::Session;
use crate::reading::own_hair::OwnHair;
use crate::reading::stubble::{Patch, Stubble};
use crate::reading::tissue::Skin;
use crate::skin::offer::Offer;

/// Initial radius of the patch, mm.
pub const USUAL_RADIUS_MM: f64 = 6.0;

/// What is to be measured. Any change makes it a different question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The photo.
    pub photo: PhotoKey,
    /// Index of the view that shows it.
    pub view: usize,
    /// The patch.
    pub patch: Patch,
    /// The head, and the cameras that look at it.
    pub fit: Arc<HeadFit>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        (self.photo, self.view, self.patch) == (other.photo, other.view, other.patch)
            && Arc::ptr_eq(&self.fit, &other.fit)
    }
}

/// The hair on the client's sides and back, with the client's skin; none if no photo shows any.
pub type OwnHairFound = Option<Arc<(OwnHair, Skin)>>;

/// The result, or a sentence that says why there is none.
pub type Found = Result<Stubble, String>;

/// The client's shaved hair.
pub struct OwnStubble {
    /// Radius of the patch, mm. Changing it measures the same place again.
    pub radius_mm: f64,
    /// The photo that was clicked, and where, px.
    place: Option<(PhotoKey, DVec2)>,
    asked: Option<Question>,
    found: Option<Found>,
    /// The last offer and its inputs.
    offered: Option<(Basis, Option<Offer>)>,
    /// The hair on sides and back, and the head for which it was looked for.
    own_hair: Option<(Arc<HeadFit>, OwnHairFound)>,
    /// The head for which it is being looked for.
    looking: Option<Arc<HeadFit>>,
    /// The plan has to follow the hair as soon as it is known.
    pub follow: bool,
    /// The result has to be scrolled into view.
    pub comes_into_view: bool,
}

impl Default for OwnStubble {
    fn default() -> Self {
        Self {
            radius_mm: USUAL_RADIUS_MM,
            place: None,
            asked: None,
            found: None,
            offered: None,
            own_hair: None,
            looking: None,
            follow: false,
            comes_into_view: false,
        }
    }
}

/// The parts of a plan that an offer depends on.
#[derive(PartialEq)]
struct Basis {
    pigment: String,
    own_pigment: Option<Pigment>,
    sessions: Vec<Session>,
    area: Option<Area>,
    depth_mm: f64,
    height_mm: f64,
    size_jitter: f64,
    conditions: Conditions,
    skin: Skin,
}

impl Basis {
    fn of(plan: &Plan, skin: Skin) -> Self {
        Self {
            pigment: plan.pigment.clone(),
            own_pigment: plan.own_pigment.clone(),
            sessions: plan.sessions.clone(),
            area: plan.areas.first().cloned(),
            depth_mm: plan.depth_mm,
            height_mm: plan.height_mm,
            size_jitter: plan.size_jitter,
            conditions: plan.conditions,
            skin,
        }
    }
}

impl OwnStubble {
    /// Takes over a click.
    pub fn pick(&mut self, photo: PhotoKey, middle_px: DVec2) {
        self.forget_place();
        self.place = Some((photo, middle_px));
    }

    fn forget_place(&mut self) {
        (self.place, self.asked, self.found, self.offered) = (None, None, None, None);
    }

    /// The hair on sides and back of this head; none until it has been looked for.
    #[must_use]
    pub fn own_hair(&self, fit: &Arc<HeadFit>) -> Option<&OwnHairFound> {
        self.own_hair.as_ref().filter(|(known, _)| Arc::ptr_eq(known, fit)).map(|(_, found)| found)
    }

    /// True if it has to be looked for, once for each head.
    pub fn ask_own_hair(&mut self, fit: &Arc<HeadFit>) -> bool {
        let under_way = self.looking.as_ref().is_some_and(|looking| Arc::ptr_eq(looking, fit));
        if !under_way {
            self.looking = Some(Arc::clone(fit));
        }
        !under_way
    }

    /// Takes over the result for sides and back.
    pub fn take_own_hair(&mut self, fit: Arc<HeadFit>, found: OwnHairFound) {
        if self.looking.as_ref().is_some_and(|looking| Arc::ptr_eq(looking, &fit)) {
            (self.own_hair, self.looking) = (Some((fit, found)), None);
        }
    }

    /// True while hair on sides and back is being looked for.
    #[must_use]
    pub fn looking(&self) -> bool {
        self.looking.is_some()
    }

    /// Gives up a measurement that is not done yet.
    pub fn give_up(&mut self) {
        if self.measuring() {
            self.forget_place();
        }
    }

    /// The question to answer, returned once for each place, radius and head. If its photo has been removed, the place
    /// is forgotten.
    pub fn ask(&mut self, document: &Document, fit: &Arc<HeadFit>) -> Option<Question> {
        let (photo, middle_px) = self.place?;
        let Some(view) = document.views.iter().position(|record| PhotoKey::of(record) == photo) else {
            self.forget_place();
            return None;
        };
        let patch = Patch { middle_px, radius_mm: self.radius_mm };
        let question = Question { photo, view, patch, fit: Arc::clone(fit) };
        if self.asked.as_ref() == Some(&question) {
            return None;
        }
        (self.asked, self.found, self.offered) = (Some(question.clone()), None, None);
        Some(question)
    }

    /// Takes over the result; ignored if another question has been asked since.
    pub fn take(&mut self, question: &Question, found: Found) {
        if self.asked.as_ref() == Some(question) {
            (self.found, self.comes_into_view) = (Some(found), true);
        }
    }

    /// True while a place has been clicked and there is no result.
    #[must_use]
    pub fn measuring(&self) -> bool {
        self.place.is_some() && self.found.is_none()
    }

    /// The result at the last place that was clicked.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// The settings for this plan on this skin. An offer that the plan already follows stays as it is; otherwise it is
    /// recomputed when something has changed.
    pub fn offer(&mut self, plan: &Plan, skin: Skin) -> Option<&Offer> {
        let Some(Ok(stubble)) = &self.found else { return None };
        let basis = Basis::of(plan, skin);
        let holds = |(known, offer): &(Basis, Option<Offer>)| {
            *known == basis || offer.as_ref().is_some_and(|offer| is_used(offer, plan))
        };
        if !self.offered.as_ref().is_some_and(holds) {
            self.offered = Some((basis, Offer::matching(stubble, plan, skin)));
        }
        self.offered.as_ref().and_then(|(_, offer)| offer.as_ref())
    }
}

/// True if the plan already follows the offer.
#[must_use]
pub fn is_used(offer: &Offer, plan: &Plan) -> bool {
    offer.diluted.dilutions.len() == plan.sessions.len() && offer.applied_to(plan) == *plan
}
