//! Plans from outside: parsing, and range checks for every field.

use super::area::{Area, Effect, HARDEST, Mask, Outline, Stroke};
use super::curve::SkinPoint;
use super::error::PlanError;
use super::hairline::Hairline;
use super::parameters::{self, Parameter};
use super::pigment::{self, Pigment, STRONGEST_PER_MM};
use super::session::{Session, TouchUp};
use super::treatment_plan::Plan;
use crate::ground::json::{self, Misread};
use crate::ground::words::number;
use crate::head::Part;

/// Longest name of a studio's own pigment, characters.
const LONGEST_NAME: usize = 40;

impl Plan {
    /// Reads and checks a plan.
    ///
    /// # Errors
    /// The first field that is missing, unknown, of the wrong type or out of range.
    pub fn from_json(text: &str) -> Result<Self, PlanError> {
        let plan: Self = json::read(text).map_err(|Misread { field, problem }| PlanError { field, problem })?;
        plan.check()?;
        Ok(plan)
    }

    /// The plan as JSON that [`Plan::from_json`] reads back to an equal plan.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of numbers, strings and lists can always be serialised; a non-finite number would become null, but
        // `check` does not admit one.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Checks every field's range.
    ///
    /// # Errors
    /// The first field that is out of range.
    pub fn check(&self) -> Result<(), PlanError> {
        let mut c = Checker { path: String::new(), found: None };
        c.numbers(&parameters::DOTS, self);
        if let Some(day) = self.first_session {
            // Catches mistyped years.
            c.range("first_session", f64::from(day.year()), 2000.0, 2200.0, " (years)");
        }
        if let Some(age) = self.client_age_years {
            c.numbers(&[parameters::AGE], &age);
        }
        if let Some(own) = &self.own_pigment {
            c.at("own_pigment".into(), |c| c.own_pigment(own));
        }
        if self.chosen_pigment().is_none() {
            let names: Vec<&str> = self.pigments().map(|p| p.name.as_str()).collect();
            c.fail("pigment", format!("'{}' is not among {}", self.pigment, names.join(", ")));
        }
        c.at("hairline".into(), |c| c.hairline(&self.hairline));
        c.at("hairline.edge".into(), |c| c.numbers(&parameters::EDGE, &self.hairline.edge));
        if self.areas.is_empty() || self.areas.len() > 50 {
            c.fail("areas", format!("{} areas given, between 1 and 50 are required", self.areas.len()));
        }
        for (i, area) in self.areas.iter().enumerate() {
            c.at(format!("areas[{i}]"), |c| c.area(area));
        }
        if self.strokes.len() > 5000 {
            c.fail("strokes", "more than 5000");
        }
        for (i, stroke) in self.strokes.iter().enumerate() {
            c.at(format!("strokes[{i}]"), |c| c.stroke(stroke));
        }
        if self.masks.len() > 500 {
            c.fail("masks", "more than 500");
        }
        for (i, mask) in self.masks.iter().enumerate() {
            c.at(format!("masks[{i}]"), |c| c.mask(mask));
        }
        if !(1..=6).contains(&self.sessions.len()) {
            c.fail("sessions", format!("{} sessions given, between 1 and 6 are required", self.sessions.len()));
        }
        let mut last = 0.0;
        for (i, session) in self.sessions.iter().enumerate() {
            c.at(format!("sessions[{i}]"), |c| c.session(session, last));
            last = session.cumulative_share;
        }
        if let Some(touch_up) = &self.touch_up {
            c.at("touch_up".into(), |c| c.touch_up(touch_up));
        }
        c.found.map_or(Ok(()), Err)
    }
}

/// Records the first problem found.
struct Checker {
    path: String,
    found: Option<PlanError>,
}

impl Checker {
    fn fail(&mut self, field: &str, problem: impl Into<String>) {
        if self.found.is_none() {
            let dot = if self.path.is_empty() { "" } else { "." };
            self.found = Some(PlanError { field: format!("{}{dot}{field}", self.path), problem: problem.into() });
        }
    }

    /// Checks that each of these numbers of a `T` is in range.
    fn numbers<T>(&mut self, parameters: &[Parameter<T>], of: &T) {
        for parameter in parameters {
            let [least, most] = parameter.limits;
            self.range(parameter.field.name, parameter.get(of), least, most, parameter.unit.in_words());
        }
    }

    fn range(&mut self, field: &str, value: f64, low: f64, high: f64, unit: &str) {
        if !(value >= low && value <= high) {
            self.fail(field, format!("{} is not between {low} and {high}{unit}", number(value)));
        }
    }

    fn points(&mut self, field: &str, points: &[SkinPoint], least: usize) {
        if points.len() < least || points.len() > 2000 {
            self.fail(field, format!("{} points given, between {least} and 2000 are required", points.len()));
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

    fn hairline(&mut self, hairline: &Hairline) {
        self.points("points", &hairline.points, 3);
    }

    fn area(&mut self, area: &Area) {
        if area.name.is_empty() || area.name.chars().count() > 100 {
            self.fail("name", "empty, or longer than 100 characters");
        }
        self.numbers(&[parameters::DENSITY, parameters::FEATHER, parameters::SHADE], area);
        if let Some(needle) = &area.needle_mm {
            self.numbers(&[parameters::AREA_NEEDLE], needle);
        }
        match &area.outline {
            Outline::Scalp => {}
            Outline::BehindHairline { depth_mm } => self.numbers(&[parameters::BAND_DEPTH], depth_mm),
            Outline::Closed { points } => self.points("outline.points", points, 3),
            Outline::Line { points, width_mm } => {
                self.points("outline.points", points, 2);
                self.numbers(&[parameters::LINE_WIDTH], width_mm);
            }
            Outline::Spots { centres, diameter_mm } => {
                self.points("outline.centres", centres, 1);
                self.numbers(&[parameters::SPOT_DIAMETER], diameter_mm);
            }
        }
        if area.part == Part::LowerFace && matches!(area.outline, Outline::Scalp | Outline::BehindHairline { .. }) {
            self.fail("part", "an area of the scalp cannot lie on the lower face");
        }
    }

    fn stroke(&mut self, stroke: &Stroke) {
        self.points("points", &stroke.points, 1);
        self.range("radius_mm", stroke.radius_mm, 0.2, 100.0, " mm");
        let limit = parameters::MOST_PER_CM2;
        let least = if stroke.effect == Effect::Smooth { 0.0 } else { -limit };
        self.range("change_per_cm2", stroke.change_per_cm2, least, limit, " per cm2");
        self.range("hardness", stroke.hardness, 0.0, HARDEST, " of the radius");
    }

    fn mask(&mut self, mask: &Mask) {
        self.points("points", &mask.points, 3);
        self.numbers(&[parameters::MASK_FEATHER], mask);
    }

    fn session(&mut self, session: &Session, share_before: f64) {
        self.numbers(&parameters::SESSION, session);
        if session.cumulative_share <= share_before {
            self.fail(
                "cumulative_share",
                format!(
                    "{} is not more than the {share_before} of the previous session",
                    number(session.cumulative_share)
                ),
            );
        }
    }

    fn touch_up(&mut self, touch_up: &TouchUp) {
        self.numbers(&parameters::TOUCH_UP, touch_up);
    }

    /// A pigment of a studio's own, which must not be mistaken for one of the library.
    fn own_pigment(&mut self, own: &Pigment) {
        if own.name.trim().is_empty() || own.name.chars().count() > LONGEST_NAME {
            self.fail("name", format!("empty, or longer than {LONGEST_NAME} characters"));
        }
        if pigment::named(&own.name).is_some() {
            self.fail("name", format!("'{}' is one of the pigments that come with the program", own.name));
        }
        for (channel, absorption) in own.absorption_per_mm.into_iter().enumerate() {
            self.range(&format!("absorption_per_mm[{channel}]"), absorption, 0.0, STRONGEST_PER_MM, " per mm");
            let shares: f64 = own.part.iter().map(|part| part.share[channel]).sum();
            self.range("part", shares, 0.0, 1.0, " of the absorption");
        }
        for (i, part) in own.part.iter().enumerate() {
            for (channel, share) in part.share.into_iter().enumerate() {
                self.range(&format!("part[{i}].share[{channel}]"), share, 0.0, 1.0, "");
            }
            self.range(&format!("part[{i}].fading"), part.fading, 0.0, 20.0, "");
        }
    }
}
