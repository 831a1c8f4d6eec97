//! What is to be done: hairline, areas, density, sessions and pigment, as positions on the head in millimetres.
//!
//! A [`Plan`] is data that a technician edits and a case stores. [`Plan::from_json`] and [`Plan::check`] turn
//! anything from outside into one that is valid; everything after relies on that. [`field::DensityField`] is what
//! the plan means on a given head: density and area for every place of the scalp.

pub mod area;
pub mod conditions;
pub mod curve;
pub mod distance;
pub mod field;
pub mod hairline;
pub mod line_distance;
pub mod parameters;
pub mod pigment;
pub mod session;
pub mod treatment;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::head::Head;
use area::{Area, Mask, Stroke};
use conditions::Conditions;
use hairline::Hairline;
use parameters::Parameter;
use pigment::Pigment;
use session::{Session, TouchUp};
use treatment::Treatment;

/// A position on the skin, mm, head space. It is put on the surface along the ray from the surface's centre, so it stays
/// meaningful when the head's shape is refined.
pub type SkinPoint = [f64; 3];

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
pub fn usual_height_mm() -> f64 {
    0.4
}

/// What is wrong with a plan, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the plan's {field}: {problem}")]
pub struct PlanError {
    /// Path of the field, as `areas[0].density_per_cm2`.
    pub field: String,
    /// What is wrong.
    pub problem: String,
}

/// Collects the first problem found.
pub(crate) struct Checker {
    path: String,
    found: Option<PlanError>,
}

impl Checker {
    pub(crate) fn fail(&mut self, field: &str, problem: impl Into<String>) {
        if self.found.is_none() {
            let dot = if self.path.is_empty() { "" } else { "." };
            self.found = Some(PlanError { field: format!("{}{dot}{field}", self.path), problem: problem.into() });
        }
    }

    /// Each of these numbers of a `T` is within its range.
    fn numbers<T>(&mut self, parameters: &[Parameter<T>], of: &T) {
        for parameter in parameters {
            let [least, most] = parameter.limits;
            self.range(parameter.field.name, parameter.get(of), least, most, parameter.unit.in_words());
        }
    }

    pub(crate) fn range(&mut self, field: &str, value: f64, low: f64, high: f64, unit: &str) {
        if !(value >= low && value <= high) {
            self.fail(field, format!("{value} is not between {low} and {high}{unit}"));
        }
    }

    pub(crate) fn points(&mut self, field: &str, points: &[SkinPoint], least: usize) {
        if points.len() < least || points.len() > 2000 {
            self.fail(field, format!("{} points given, between {least} and 2000 are needed", points.len()));
        }
        for (i, p) in points.iter().enumerate() {
            let off_centre = p.iter().map(|c| c * c).sum::<f64>();
            if !(off_centre > 1.0 && off_centre < 1e6) {
                self.fail(&format!("{field}[{i}]"), "not a position on a head (mm from its middle)");
            }
        }
    }

    fn at(&mut self, path: String, check: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.path, path);
        check(self);
        self.path = outer;
    }
}

impl Plan {
    /// The plan that a treatment starts with on this head: good to look at before anything is changed.
    #[must_use]
    pub fn for_treatment(treatment: Treatment, preset: Option<hairline::Preset>, head: &Head) -> Self {
        treatment::default_plan(treatment, preset.unwrap_or(treatment.preset()), head)
    }

    /// Reads and checks a plan.
    ///
    /// # Errors
    /// The first field that is missing, unknown, of the wrong kind or out of its range.
    pub fn from_json(text: &str) -> Result<Self, PlanError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let plan: Self = serde_path_to_error::deserialize(&mut reader).map_err(|e| PlanError {
            field: match e.path().to_string().as_str() {
                "." | "?" => "JSON".to_owned(),
                path => path.to_owned(),
            },
            problem: e.inner().to_string(),
        })?;
        reader.end().map_err(|e| PlanError { field: "JSON".into(), problem: e.to_string() })?;
        plan.check()?;
        Ok(plan)
    }

    /// The plan as JSON that [`Plan::from_json`] reads back to an equal plan.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of numbers, strings and lists always serialises; a non-finite number would become null, and `check`
        // does not let one in.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

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

    /// Checks every field's range.
    ///
    /// # Errors
    /// The first field out of its range.
    pub fn check(&self) -> Result<(), PlanError> {
        let mut c = Checker { path: String::new(), found: None };
        c.numbers(&parameters::DOTS, self);
        if let Some(day) = self.first_session {
            // What a slip of the fingers makes of a year.
            c.range("first_session", f64::from(day.year()), 2000.0, 2200.0, " (years)");
        }
        if let Some(age) = self.client_age_years {
            c.numbers(&[parameters::AGE], &age);
        }
        if let Some(own) = &self.own_pigment {
            c.at("own_pigment".into(), |c| own.check(c));
        }
        if self.chosen_pigment().is_none() {
            let names: Vec<&str> = self.pigments().map(|p| p.name.as_str()).collect();
            c.fail("pigment", format!("'{}' is not among {}", self.pigment, names.join(", ")));
        }
        c.at("hairline".into(), |c| self.hairline.check(c));
        c.at("hairline.edge".into(), |c| c.numbers(&parameters::EDGE, &self.hairline.edge));
        if self.areas.is_empty() || self.areas.len() > 50 {
            c.fail("areas", format!("{} areas given, between 1 and 50 are needed", self.areas.len()));
        }
        for (i, area) in self.areas.iter().enumerate() {
            c.at(format!("areas[{i}]"), |c| area.check(c));
        }
        if self.strokes.len() > 5000 {
            c.fail("strokes", "more than 5000");
        }
        for (i, stroke) in self.strokes.iter().enumerate() {
            c.at(format!("strokes[{i}]"), |c| stroke.check(c));
        }
        if self.masks.len() > 500 {
            c.fail("masks", "more than 500");
        }
        for (i, mask) in self.masks.iter().enumerate() {
            c.at(format!("masks[{i}]"), |c| mask.check(c));
        }
        if !(1..=6).contains(&self.sessions.len()) {
            c.fail("sessions", format!("{} sessions given, between 1 and 6 are needed", self.sessions.len()));
        }
        let mut last = 0.0;
        for (i, session) in self.sessions.iter().enumerate() {
            c.at(format!("sessions[{i}]"), |c| session.check(c, last));
            last = session.cumulative_share;
        }
        if let Some(touch_up) = &self.touch_up {
            c.at("touch_up".into(), |c| touch_up.check(c));
        }
        c.found.map_or(Ok(()), Err)
    }
}
