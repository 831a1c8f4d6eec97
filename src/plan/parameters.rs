//! The numbers of a plan: what each is called, what it is for, and what it may be.
//!
//! Each stands here once: [`super::Plan::check`] holds plans to these ranges, the window's inspector shows these names and
//! tips, and the command line takes and refuses the same numbers. What a number begins with is the plan's that suits the
//! treatment ([`super::Plan::for_treatment`]).

use super::area::{Area, Mask};
use super::hairline::Edge;
use super::session::{Session, TouchUp};
use super::treatment_plan::Plan;

/// Highest density that dots exist for, per cm2; clinics claim up to 194.
pub const MOST_PER_CM2: f64 = 250.0;

/// Diameters of needles, mm; trade pages name 0.18 to 0.4.
const NEEDLES_MM: [f64; 2] = [0.1, 1.0];

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Lengths along the skin, and of needles.
    Millimetres,
    /// Dots for each cm2.
    PerCm2,
    /// Time.
    Days,
    /// Age.
    Years,
    /// Parts of distilled water to one part of pigment.
    PartsOfWater,
    /// A share of a whole, 0 to 1.
    Share,
    /// A factor.
    Times,
}

impl Unit {
    /// After a number in a sentence, with a leading space; nothing for shares and factors.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Millimetres => " mm",
            Self::PerCm2 => " per cm2",
            Self::Days => " days",
            Self::Years => " years",
            Self::PartsOfWater => " parts of water",
            Self::Share | Self::Times => "",
        }
    }
}

/// One number of a `T`.
#[derive(Debug)]
pub struct Parameter<T> {
    /// What a user calls it.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub tip: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The least and the most that it may be.
    pub limits: [f64; 2],
    /// Digits after the point that mean something; of a share: of its percentage.
    pub decimals: usize,
    /// Where it stands.
    pub field: Field<T>,
}

/// A number's place in a `T`.
#[derive(Debug)]
pub struct Field<T> {
    /// Its name in JSON.
    pub name: &'static str,
    read: fn(&T) -> f64,
    place: fn(&mut T) -> &mut f64,
}

impl<T> Parameter<T> {
    /// Its value.
    #[must_use]
    pub fn get(&self, of: &T) -> f64 {
        (self.field.read)(of)
    }

    /// Sets it.
    pub fn set(&self, of: &mut T, value: f64) {
        *(self.field.place)(of) = value;
    }
}

macro_rules! field {
    ($of:ty, $name:ident) => {
        Field::<$of> { name: stringify!($name), read: |of| of.$name, place: |of| &mut of.$name }
    };
}

/// A number that is not always there, or stands in different places: read and set as it is.
const fn alone(name: &'static str) -> Field<f64> {
    Field { name, read: |value| *value, place: |value| value }
}

// ---------------------------------------------------------------------------------------------------------------------
// How many dots

/// Density of an area; more than [`MOST_PER_CM2`] have no follicles to stand in.
pub const DENSITY: Parameter<Area> = Parameter {
    label: "Density",
    tip: "Dots for each cm² once all sessions are done",
    unit: Unit::PerCm2,
    limits: [0.0, MOST_PER_CM2],
    decimals: 0,
    field: field!(Area, density_per_cm2),
};

/// How an area begins at its edge.
pub const FEATHER: Parameter<Area> = Parameter {
    label: "Feather",
    tip: "Width over which density rises from nothing at the edge",
    unit: Unit::Millimetres,
    limits: [0.0, 100.0],
    decimals: 1,
    field: field!(Area, feather_mm),
};

/// An area behind the hairline.
pub const BAND_DEPTH: Parameter<f64> = Parameter {
    label: "Depth of band",
    tip: "How far the band reaches back from the hairline",
    unit: Unit::Millimetres,
    limits: [1.0, 300.0],
    decimals: 0,
    field: alone("outline.depth_mm"),
};

/// An area along a line, such as a scar.
pub const LINE_WIDTH: Parameter<f64> = Parameter {
    label: "Width",
    tip: "Width of the band across its line",
    unit: Unit::Millimetres,
    limits: [0.2, 100.0],
    decimals: 1,
    field: alone("outline.width_mm"),
};

/// An area of round spots.
pub const SPOT_DIAMETER: Parameter<f64> = Parameter {
    label: "Diameter",
    tip: "Diameter of each spot",
    unit: Unit::Millimetres,
    limits: [0.2, 200.0],
    decimals: 1,
    field: alone("outline.diameter_mm"),
};

/// The needle of an area that has one of its own.
pub const AREA_NEEDLE: Parameter<f64> = Parameter {
    label: "Needle",
    tip: "Diameter of the needle in this area",
    unit: Unit::Millimetres,
    limits: NEEDLES_MM,
    decimals: 2,
    field: alone("needle_mm"),
};

/// How an area differs from its session.
pub const SHADE: Parameter<Area> = Parameter {
    label: "Shade",
    tip: "Times the session's pigment: below 1 lighter, above 1 darker",
    unit: Unit::Times,
    limits: [0.05, 5.0],
    decimals: 2,
    field: field!(Area, shade),
};

/// How a mask ends.
pub const MASK_FEATHER: Parameter<Mask> = Parameter {
    label: "Feather",
    tip: "Width around the mask over which density falls to nothing",
    unit: Unit::Millimetres,
    limits: [0.0, 100.0],
    decimals: 1,
    field: field!(Mask, feather_mm),
};

// ---------------------------------------------------------------------------------------------------------------------
// The hairline's edge

/// How many dots stand right at the line.
pub const START_SHARE: Parameter<Edge> = Parameter {
    label: "Density at the line",
    tip: "As a share of the area's: low is soft, high is sharp",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Edge, start_share),
};

/// The zone at the front.
pub const TRANSITION: Parameter<Edge> = Parameter {
    label: "Transition",
    tip: "Width of the sparse, irregular zone at the front; 5 to 10 mm look natural",
    unit: Unit::Millimetres,
    limits: [0.5, 40.0],
    decimals: 1,
    field: field!(Edge, transition_mm),
};

/// How many dots stand behind that.
pub const TRANSITION_SHARE: Parameter<Edge> = Parameter {
    label: "Density behind it",
    tip: "Where the transition ends, as a share of the area's",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Edge, transition_share),
};

/// The zone behind the transition.
pub const DEFINED_ZONE: Parameter<Edge> = Parameter {
    label: "Rise to full density",
    tip: "Width of the zone behind the transition in which density rises to that of the area",
    unit: Unit::Millimetres,
    limits: [0.5, 80.0],
    decimals: 1,
    field: field!(Edge, defined_mm),
};

/// Macro irregularity.
pub const UNDULATION: Parameter<Edge> = Parameter {
    label: "Undulation",
    tip: "How far the line undulates to either side, the same on both",
    unit: Unit::Millimetres,
    limits: [0.0, 10.0],
    decimals: 1,
    field: field!(Edge, undulation_mm),
};

/// Micro irregularity.
pub const CLUSTERS: Parameter<Edge> = Parameter {
    label: "Irregularity",
    tip: "How strongly dots gather in clusters near the line",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Edge, clusters),
};

/// Dots before the line.
pub const STRAYS: Parameter<Edge> = Parameter {
    label: "Stray dots",
    tip: "Single dots in front of the line",
    unit: Unit::PerCm2,
    limits: [0.0, 50.0],
    decimals: 1,
    field: field!(Edge, strays_per_cm2),
};

/// Where they end.
pub const STRAY_REACH: Parameter<Edge> = Parameter {
    label: "Strays reach",
    tip: "How far stray dots leave the line",
    unit: Unit::Millimetres,
    limits: [0.1, 15.0],
    decimals: 1,
    field: field!(Edge, stray_reach_mm),
};

/// All of the edge, in the order in which a dot meets them.
pub const EDGE: [Parameter<Edge>; 8] =
    [START_SHARE, TRANSITION, TRANSITION_SHARE, DEFINED_ZONE, UNDULATION, CLUSTERS, STRAYS, STRAY_REACH];

// ---------------------------------------------------------------------------------------------------------------------
// Single dots

/// The pigment's upper end.
pub const DEPTH: Parameter<Plan> = Parameter {
    label: "Depth",
    tip: "How deep the pigment begins once healed; deeper dots are softer and cooler",
    unit: Unit::Millimetres,
    limits: [0.05, 2.0],
    decimals: 2,
    field: field!(Plan, depth_mm),
};

/// The way from there to its lower end.
pub const COLUMN_HEIGHT: Parameter<Plan> = Parameter {
    label: "Column height",
    tip: "How far the pigment reaches down from there, along the way of the needle; taller columns make darker, cooler skin",
    unit: Unit::Millimetres,
    limits: [0.05, 2.0],
    decimals: 2,
    field: field!(Plan, height_mm),
};

/// How unlike dots are.
pub const SIZE_JITTER: Parameter<Plan> = Parameter {
    label: "Size variation",
    tip: "How much dots differ in size; no hand sets two alike",
    unit: Unit::Share,
    limits: [0.0, 0.5],
    decimals: 0,
    field: field!(Plan, size_jitter),
};

/// How uneven their places are: at most, as if thrown.
pub const RANDOMNESS: Parameter<Plan> = Parameter {
    label: "Uneven spacing",
    tip: "How far dots stray from even places, as a share of their spacing; much of it makes clumps and gaps",
    unit: Unit::Share,
    limits: [0.0, 0.5],
    decimals: 0,
    field: field!(Plan, randomness),
};

/// All that the plan says of single dots.
pub const DOTS: [Parameter<Plan>; 4] = [DEPTH, COLUMN_HEIGHT, SIZE_JITTER, RANDOMNESS];

// ---------------------------------------------------------------------------------------------------------------------
// Sessions

/// How far the work is after a session; each is further than the one before.
pub const SESSION_SHARE: Parameter<Session> = Parameter {
    label: "Dots done after it",
    tip: "Share of all dots that stand after this session",
    unit: Unit::Share,
    limits: [0.01, 1.0],
    decimals: 0,
    field: field!(Session, cumulative_share),
};

/// Water in the pigment.
pub const DILUTION: Parameter<Session> = Parameter {
    label: "Dilution",
    tip: "Parts of distilled water to one part of pigment",
    unit: Unit::PartsOfWater,
    limits: [0.0, 100.0],
    decimals: 0,
    field: field!(Session, dilution),
};

/// The needle.
pub const NEEDLE: Parameter<Session> = Parameter {
    label: "Needle",
    tip: "Diameter of the dots as they are placed",
    unit: Unit::Millimetres,
    limits: NEEDLES_MM,
    decimals: 2,
    field: field!(Session, needle_mm),
};

/// When.
pub const INTERVAL: Parameter<Session> = Parameter {
    label: "Days after the one before",
    tip: "A week or more, so that the skin heals",
    unit: Unit::Days,
    limits: [0.0, 3650.0],
    decimals: 0,
    field: field!(Session, interval_days),
};

/// The scattered darkest dots.
pub const DARK_SHARE: Parameter<Session> = Parameter {
    label: "Dark dots",
    tip: "Share of this session's dots that are scattered darker ones, for depth (\"3D\")",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Session, dark_share),
};

/// Water in their pigment.
pub const DARK_DILUTION: Parameter<Session> = Parameter {
    label: "Their dilution",
    tip: "Parts of distilled water to one part of pigment, for the dark dots",
    unit: Unit::PartsOfWater,
    limits: [0.0, 100.0],
    decimals: 0,
    field: field!(Session, dark_dilution),
};

/// All of a session, in the order in which they are asked for.
pub const SESSION: [Parameter<Session>; 6] = [SESSION_SHARE, DILUTION, NEEDLE, INTERVAL, DARK_SHARE, DARK_DILUTION];

/// When a touch-up is.
pub const TOUCH_UP_AFTER: Parameter<TouchUp> = Parameter {
    label: "After the last session",
    tip: "When the client comes again; two years is usual",
    unit: Unit::Days,
    limits: [28.0, 7300.0],
    decimals: 0,
    field: field!(TouchUp, after_days),
};

/// How much of the work it renews.
pub const TOUCH_UP_SHARE: Parameter<TouchUp> = Parameter {
    label: "Dots refreshed",
    tip: "Share of the dots that get new pigment on top of what is left",
    unit: Unit::Share,
    limits: [0.01, 1.0],
    decimals: 0,
    field: field!(TouchUp, share),
};

/// Water in its pigment.
pub const TOUCH_UP_DILUTION: Parameter<TouchUp> = Parameter {
    label: "Dilution",
    tip: "Parts of distilled water to one part of pigment",
    unit: Unit::PartsOfWater,
    limits: [0.0, 100.0],
    decimals: 0,
    field: field!(TouchUp, dilution),
};

/// Its needle.
pub const TOUCH_UP_NEEDLE: Parameter<TouchUp> = Parameter {
    label: "Needle",
    tip: "Diameter of the dots as they are placed",
    unit: Unit::Millimetres,
    limits: NEEDLES_MM,
    decimals: 2,
    field: field!(TouchUp, needle_mm),
};

/// All of a touch-up.
pub const TOUCH_UP: [Parameter<TouchUp>; 4] = [TOUCH_UP_AFTER, TOUCH_UP_SHARE, TOUCH_UP_DILUTION, TOUCH_UP_NEEDLE];

// ---------------------------------------------------------------------------------------------------------------------
// The client

/// Age, where somebody has said it.
pub const AGE: Parameter<f64> = Parameter {
    label: "Client's age",
    tip: "Young clients may lose more hair; 0 where it is not known",
    unit: Unit::Years,
    limits: [1.0, 120.0],
    decimals: 0,
    field: alone("client_age_years"),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::treatment::TREATMENTS;

    /// What is wrong with a plan once `change` was made to it.
    fn problem(change: impl Fn(&mut Plan)) -> Option<String> {
        let mut plan = Plan::for_treatment(TREATMENTS[0], None, &Head::average());
        plan.touch_up = Some(TouchUp::after(&plan.sessions));
        change(&mut plan);
        plan.check().err().map(|error| error.to_string())
    }

    fn is_held<T>(parameter: &Parameter<T>, of: fn(&mut Plan) -> &mut T) {
        for value in [parameter.limits[0] - 1e-6, parameter.limits[1] + 1e-6, f64::NAN] {
            let found = problem(|plan| parameter.set(of(plan), value)).unwrap_or_default();
            assert!(found.contains(parameter.field.name), "{}: {found}", parameter.label);
        }
        // A session's share has to be more than the one before, too: the end of its range is the last session's.
        assert_eq!(problem(|plan| parameter.set(of(plan), parameter.limits[1])), None, "{}", parameter.label);
    }

    #[test]
    fn plans_are_held_to_every_range() {
        is_held(&DENSITY, |plan| &mut plan.areas[0]);
        is_held(&FEATHER, |plan| &mut plan.areas[0]);
        is_held(&SHADE, |plan| &mut plan.areas[0]);
        is_held(&AREA_NEEDLE, |plan| plan.areas[0].needle_mm.get_or_insert(0.3));
        is_held(&AGE, |plan| plan.client_age_years.get_or_insert(40.0));
        EDGE.iter().for_each(|parameter| is_held(parameter, |plan| &mut plan.hairline.edge));
        DOTS.iter().for_each(|parameter| is_held(parameter, |plan| plan));
        SESSION.iter().for_each(|parameter| is_held(parameter, |plan| plan.sessions.last_mut().unwrap()));
        TOUCH_UP.iter().for_each(|parameter| is_held(parameter, |plan| plan.touch_up.as_mut().unwrap()));
    }
}
