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
    /// The kind of treatment from which the plan started.
    pub treatment: Treatment,
    /// Determines every random choice; another seed gives another set of follicles.
    pub seed: u64,
    /// The front edge of the scalp.
    pub hairline: Hairline,
    /// The treated areas. Where they overlap, the densest one counts.
    pub areas: Vec<Area>,
    /// Density added or removed by brush, in the order drawn.
    pub strokes: Vec<Stroke>,
    /// Where no dots may be placed.
    pub masks: Vec<Mask>,
    /// Sessions, first to last; one to six.
    pub sessions: Vec<Session>,
    /// Date of the first session, if agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_session: Option<Date>,
    /// A touch-up years later, if planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch_up: Option<TouchUp>,
    /// Name of the pigment: the studio's own, or one of the library.
    pub pigment: String,
    /// A pigment of the studio's own that the plan can use, so that a case is self-contained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_pigment: Option<Pigment>,
    /// Depth of the pigment's upper end after healing, mm.
    pub depth_mm: f64,
    /// Extent of the pigment downwards from there, mm: a needle deposits it along its path.
    #[serde(default = "usual_height_mm")]
    pub height_mm: f64,
    /// Standard deviation of the natural logarithm of the dots' diameter.
    pub size_jitter: f64,
    /// How far dots stray from even spacing: standard deviation in each direction, as a share of their spacing (of that
    /// at 20 per cm2 where they are sparser).
    #[serde(default)]
    pub randomness: f64,
    /// Conditions of the client that make pigment fade sooner; the default is a client without any.
    #[serde(default)]
    pub conditions: Conditions,
    /// Age of the client, years, if known; used by the checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_age_years: Option<f64>,
}

/// Height of a column of pigment, mm, in plans that do not state it: needles reach about half a millimetre deep (0.25
/// to 2 mm are claimed; 0.2 to 0.5 mm look right), and columns of 0.4 mm make skin as dark as in photographs of healed
/// heads.
#[must_use]
pub(crate) fn usual_height_mm() -> f64 {
    0.4
}

impl Plan {
    /// The pigments that the plan can use: the studio's own, then those of the library.
    pub fn pigments(&self) -> impl Iterator<Item = &Pigment> {
        self.own_pigment.iter().chain(pigment::library())
    }

    /// Diameter of the dots of the last session when placed, mm.
    #[must_use]
    pub fn needle_mm(&self) -> f64 {
        self.sessions.last().map_or(0.36, |session| session.needle_mm)
    }

    /// The plan with this pigment in all sessions; if it is not in the library it becomes the studio's own.
    #[must_use]
    pub fn with_pigment(mut self, pigment: &Pigment) -> Self {
        self.pigment.clone_from(&pigment.name);
        if pigment::named(&pigment.name) != Some(pigment) {
            self.own_pigment = Some(pigment.clone());
        }
        self
    }

    /// Dates of all sessions; `None` if the first is not agreed.
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

    /// The pigment that the plan names; always present in a plan that was checked.
    #[must_use]
    pub fn chosen_pigment(&self) -> Option<&Pigment> {
        self.pigments().find(|p| p.name == self.pigment)
    }
}
