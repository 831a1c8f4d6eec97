//! A treatment plan as a whole.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::area::{Area, Mask, Stroke};
use super::conditions::Conditions;
use super::hairline::Hairline;
use super::pigment::{self, Pigment};
use super::session::{self, Session, TouchUp};
use super::treatment::Treatment;

/// A treatment plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What kind of treatment the plan started from.
    pub treatment: Treatment,
    /// Decides every random choice; another seed is another set of follicles.
    pub seed: u64,
    /// The front edge of the scalp.
    pub hairline: Hairline,
    /// What is treated. Where areas overlap, the denser one counts.
    pub areas: Vec<Area>,
    /// Density added or taken by brush, in the order drawn.
    pub strokes: Vec<Stroke>,
    /// Where no dots may be.
    pub masks: Vec<Mask>,
    /// Sessions, first to last; one to six.
    pub sessions: Vec<Session>,
    /// Day of the first session, where one is agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_session: Option<Date>,
    /// A touch-up years after them; none: none is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch_up: Option<TouchUp>,
    /// Name of the pigment: that of the studio's own, or one in the list of pigments.
    pub pigment: String,
    /// A pigment of the studio's own that the plan can name, so that a case is complete in itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_pigment: Option<Pigment>,
    /// Depth of the pigment's upper end once healed, mm.
    pub depth_mm: f64,
    /// How far the pigment reaches down from there, mm: a needle leaves it along its way.
    #[serde(default = "usual_height_mm")]
    pub height_mm: f64,
    /// Standard deviation of the natural logarithm of the dots' diameter.
    pub size_jitter: f64,
    /// How far dots stray from even places: standard deviation, in each direction, as a share of their spacing
    /// (that of 20 per cm2 where they are sparser).
    #[serde(default)]
    pub randomness: f64,
    /// What about the client makes pigment fade sooner; a plan that does not say is of a usual client.
    #[serde(default)]
    pub conditions: Conditions,
    /// Age of the client, years, where somebody has said it: the checks ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_age_years: Option<f64>,
}

/// Height of a column of pigment, mm, in plans that do not say: needles reach about half a millimetre deep (0.25 to 2 mm are
/// claimed; 0.2 to 0.5 mm look right), and photographs of healed heads are as dark as columns of 0.4 mm make skin.
#[must_use]
pub(crate) fn usual_height_mm() -> f64 {
    0.4
}

impl Plan {
    /// The pigments that the plan can name: the studio's own, then those of the library.
    pub fn pigments(&self) -> impl Iterator<Item = &Pigment> {
        self.own_pigment.iter().chain(pigment::library())
    }

    /// Diameter of the dots of the last session as they are placed, mm.
    #[must_use]
    pub fn needle_mm(&self) -> f64 {
        self.sessions.last().map_or(0.36, |session| session.needle_mm)
    }

    /// The plan with this pigment in all sessions; one that is not of the library becomes the studio's own.
    #[must_use]
    pub fn with_pigment(mut self, pigment: &Pigment) -> Self {
        self.pigment.clone_from(&pigment.name);
        if pigment::named(&pigment.name) != Some(pigment) {
            self.own_pigment = Some(pigment.clone());
        }
        self
    }

    /// Days of all sessions; none where no first one is agreed.
    #[must_use]
    pub fn session_days(&self) -> Option<Vec<Date>> {
        let first = self.first_session?;
        let mut days = 0.0;
        let day = |session: &Session| {
            days += session.interval_days;
            session::days_after(first, days)
        };
        Some(self.sessions.iter().map(day).collect())
    }

    /// The pigment that the plan names; always there in a plan that was checked.
    #[must_use]
    pub fn chosen_pigment(&self) -> Option<&Pigment> {
        self.pigments().find(|p| p.name == self.pigment)
    }
}
