//! Finding a studio's own pigment in the window: where bare and healed skin were clicked, and the result. Kept in the
//! case once it is used.

use std::sync::Arc;

use glam::DVec2;

use crate::case::document::Document;
use crate::case::document::PhotoKey;
use crate::case::head_fit::HeadFit;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;
use crate::render::mock_up::MockUp;
use crate::skin::calibration::{Calibration, CalibrationPatch, CalibrationPatches, USUAL_RADIUS_MM};
use crate::skin::healing::HEALED_DAYS;
use crate::studio::session::facts::Facts;

/// What is to be found. Any change makes it a different question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The photo.
    pub photo: PhotoKey,
    /// Index of the view that shows it.
    pub view: usize,
    /// Where to look.
    pub places: CalibrationPatches,
    /// Days since the last session.
    pub age_days: f64,
    /// What was placed. Its pigment is the unknown.
    pub plan: Plan,
    /// The dots of that plan, in the client's skin.
    pub placed: Arc<MockUp>,
    /// The head, and the cameras that look at it.
    pub fit: Arc<HeadFit>,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        (self.photo, self.view, self.places, self.age_days) == (other.photo, other.view, other.places, other.age_days)
            && (self.placed.skin, &self.plan) == (other.placed.skin, &other.plan)
            && Arc::ptr_eq(&self.fit, &other.fit)
    }
}

/// The result, or a sentence that says why there is none.
pub type Found = Result<Calibration, String>;

/// A place in a photo, px.
type Spot = (PhotoKey, DVec2);

/// Finds a studio's own pigment.
pub struct Calibrator {
    /// The studio's name for it.
    pub name: String,
    /// Days from the last session to the photo.
    pub age_days: f64,
    bare: Option<Spot>,
    treated: Option<Spot>,
    asked: Option<Question>,
    found: Option<Found>,
    /// The result has to be scrolled into view.
    pub comes_into_view: bool,
}

impl Default for Calibrator {
    fn default() -> Self {
        let name = "House pigment".to_owned();
        Self {
            name,
            age_days: HEALED_DAYS,
            bare: None,
            treated: None,
            asked: None,
            found: None,
            comes_into_view: false,
        }
    }
}

impl Calibrator {
    /// Takes over a click. Bare skin comes first.
    pub fn pick(&mut self, place: CalibrationPatch, photo: PhotoKey, middle_px: DVec2) {
        match place {
            CalibrationPatch::Bare => (self.bare, self.treated) = (Some((photo, middle_px)), None),
            CalibrationPatch::Treated => self.treated = Some((photo, middle_px)),
        }
        (self.asked, self.found) = (None, None);
    }

    /// Forgets the places.
    pub fn clear(&mut self) {
        *self = Self { name: std::mem::take(&mut self.name), age_days: self.age_days, ..Self::default() };
    }

    /// Gives up a search that has no result yet.
    pub fn give_up(&mut self) {
        if self.found.is_none() {
            self.clear();
        }
    }

    /// True once bare skin was clicked.
    #[must_use]
    pub fn begun(&self) -> bool {
        self.bare.is_some()
    }

    /// True once both places have been clicked, until there is a result.
    #[must_use]
    pub fn measuring(&self) -> bool {
        self.bare.is_some() && self.treated.is_some() && self.found.is_none()
    }

    /// The question to answer, returned once for each pair of places, age, plan and head. A plan that already uses the
    /// pigment asks nothing more. `facts` must be those of the current plan.
    pub fn ask(&mut self, document: &Document, facts: &Facts) -> Option<Question> {
        let ((photo, bare_px), (other, treated_px)) = (self.bare?, self.treated?);
        let plan = &document.variants.get(facts.variant)?.plan;
        let (placed, fit) = (facts.mock_up.clone()?, facts.fit.clone()?);
        let Some(view) = document.views.iter().position(|record| PhotoKey::of(record) == photo) else {
            self.clear();
            return None;
        };
        if photo != other {
            let sentence = "bare and treated skin have to be clicked in one photo, in the same light; start again";
            if self.found.is_none() {
                (self.found, self.comes_into_view) = (Some(Err(sentence.to_owned())), true);
            }
            return None;
        }
        if self.pigment().is_some_and(|pigment| is_used(&pigment, plan)) {
            return None;
        }
        let plan = Plan { pigment: String::new(), own_pigment: None, ..plan.clone() };
        let places = CalibrationPatches { bare_px, treated_px, radius_mm: USUAL_RADIUS_MM };
        let question = Question { photo, view, places, age_days: self.age_days, plan, placed, fit };
        if self.asked.as_ref() == Some(&question) {
            return None;
        }
        (self.asked, self.found) = (Some(question.clone()), None);
        Some(question)
    }

    /// Takes over the result; ignored if another question has been asked since.
    pub fn take(&mut self, question: &Question, found: Found) {
        if self.asked.as_ref() == Some(question) {
            (self.found, self.comes_into_view) = (Some(found), true);
        }
    }

    /// The result.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// The pigment that was found, under the studio's name.
    #[must_use]
    pub fn pigment(&self) -> Option<Pigment> {
        let calibration = self.found.as_ref()?.as_ref().ok()?;
        Some(Pigment { name: self.name.clone(), ..calibration.found.pigment.clone() })
    }
}

/// True if the plan already uses this pigment.
#[must_use]
pub fn is_used(pigment: &Pigment, plan: &Plan) -> bool {
    plan.chosen_pigment() == Some(pigment)
}
