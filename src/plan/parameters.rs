//! The numbers of a plan: their names, purposes and ranges.
//!
//! Each is defined here once: [`super::Plan::check`] validates plans by these ranges, the window's inspector shows
//! these labels and tips, and the command line accepts and rejects the same numbers. Initial values are those of the
//! plan that suits the treatment ([`super::Plan::for_treatment`]).

use super::area::{Area, Mask};
use super::hairline::{EDGES, Edge, Hairline, Preset};
use super::session::{HEALED_DAYS, Session, TouchUp};
use super::treatment_plan::Plan;

/// Highest density of a plan, and the highest for which candidate dots exist, per cm2. Clinics claim up to 194; the
/// plan checks object strongly above 200, and a quarter more lets a planned cluster stand out from that.
pub const MOST_PER_CM2: f64 = 250.0;

/// Diameters of needles, mm; trade pages give 0.18 to 0.4.
const NEEDLES_MM: [f64; 2] = [0.1, 1.0];

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Lengths along the skin, and of needles.
    Millimetres,
    /// Dots per cm2.
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
    /// The unit after a number in a sentence, with a leading space; empty for shares and factors.
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
    /// Label shown to the user.
    pub label: &'static str,
    /// Its effect, in a sentence.
    pub tip: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Least and greatest value.
    pub limits: [f64; 2],
    /// Significant decimal places; for a share, those of its percentage.
    pub decimals: usize,
    /// Where it is stored.
    pub field: Field<T>,
}

/// The location of a number in a `T`.
#[derive(Debug)]
pub struct Field<T> {
    /// Name in JSON.
    pub name: &'static str,
    read: fn(&T) -> f64,
    place: fn(&mut T) -> &mut f64,
}

impl<T> Parameter<T> {
    /// The value.
    #[must_use]
    pub fn get(&self, of: &T) -> f64 {
        (self.field.read)(of)
    }

    /// Sets the value.
    pub fn set(&self, of: &mut T, value: f64) {
        *(self.field.place)(of) = value;
    }
}

macro_rules! field {
    ($of:ty, $name:ident) => {
        Field::<$of> { name: stringify!($name), read: |of| of.$name, place: |of| &mut of.$name }
    };
}

/// A number that is optional, or stored in various places: the caller passes the number itself.
const fn alone(name: &'static str) -> Field<f64> {
    Field { name, read: |value| *value, place: |value| value }
}

// ---------------------------------------------------------------------------------------------------------------------
// How many dots

/// Density of an area; there are no candidate dots beyond [`MOST_PER_CM2`].
pub const DENSITY: Parameter<Area> = Parameter {
    label: "Density",
    tip: "Dots per cm² after all sessions",
    unit: Unit::PerCm2,
    limits: [0.0, MOST_PER_CM2],
    decimals: 0,
    field: field!(Area, density_per_cm2),
};

/// The rise at an area's edge.
pub const FEATHER: Parameter<Area> = Parameter {
    label: "Feather",
    tip: "Width over which density rises from nothing at the edge",
    unit: Unit::Millimetres,
    limits: [0.0, 100.0],
    decimals: 1,
    field: field!(Area, feather_mm),
};

/// The depth of an area behind the hairline.
pub const BAND_DEPTH: Parameter<f64> = Parameter {
    label: "Depth of band",
    tip: "How far the band reaches back from the hairline",
    unit: Unit::Millimetres,
    limits: [1.0, 300.0],
    decimals: 0,
    field: alone("outline.depth_mm"),
};

/// The width of an area along a line, such as a scar.
pub const LINE_WIDTH: Parameter<f64> = Parameter {
    label: "Width",
    tip: "Width of the band across its line",
    unit: Unit::Millimetres,
    limits: [0.2, 100.0],
    decimals: 1,
    field: alone("outline.width_mm"),
};

/// The diameter of the spots of an area.
pub const SPOT_DIAMETER: Parameter<f64> = Parameter {
    label: "Diameter",
    tip: "Diameter of each spot",
    unit: Unit::Millimetres,
    limits: [0.2, 200.0],
    decimals: 1,
    field: alone("outline.diameter_mm"),
};

/// The needle of an area that has its own.
pub const AREA_NEEDLE: Parameter<f64> = Parameter {
    label: "Needle",
    tip: "Diameter of the needle in this area",
    unit: Unit::Millimetres,
    limits: NEEDLES_MM,
    decimals: 2,
    field: alone("needle_mm"),
};

/// The darkness of an area relative to its session.
pub const SHADE: Parameter<Area> = Parameter {
    label: "Shade",
    tip: "Factor on the session's pigment: below 1 is lighter, above 1 darker",
    unit: Unit::Times,
    limits: [0.05, 5.0],
    decimals: 2,
    field: field!(Area, shade),
};

/// The falloff around a mask.
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

/// The density right at the line.
pub const START_SHARE: Parameter<Edge> = Parameter {
    label: "Density at the line",
    tip: "Density right at the line, as a share of the area's: low is soft, high is sharp",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Edge, start_share),
};

/// The width of the zone at the front.
pub const TRANSITION: Parameter<Edge> = Parameter {
    label: "Transition",
    tip: "Width of the sparse, irregular zone at the front; 5 to 10 mm looks natural",
    unit: Unit::Millimetres,
    limits: [0.5, 40.0],
    decimals: 1,
    field: field!(Edge, transition_mm),
};

/// The density at the end of that zone.
pub const TRANSITION_SHARE: Parameter<Edge> = Parameter {
    label: "Density behind it",
    tip: "Density where the transition ends, as a share of the area's",
    unit: Unit::Share,
    limits: [0.0, 1.0],
    decimals: 0,
    field: field!(Edge, transition_share),
};

/// The width of the zone behind the transition.
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

/// Dots in front of the line.
pub const STRAYS: Parameter<Edge> = Parameter {
    label: "Stray dots",
    tip: "Single dots in front of the line",
    unit: Unit::PerCm2,
    limits: [0.0, 50.0],
    decimals: 1,
    field: field!(Edge, strays_per_cm2),
};

/// The reach of these dots.
pub const STRAY_REACH: Parameter<Edge> = Parameter {
    label: "Strays reach",
    tip: "How far in front of the line stray dots occur",
    unit: Unit::Millimetres,
    limits: [0.1, 15.0],
    decimals: 1,
    field: field!(Edge, stray_reach_mm),
};

/// All numbers of the edge, in the order in which they are offered.
pub const EDGE: [Parameter<Edge>; 8] =
    [START_SHARE, TRANSITION, TRANSITION_SHARE, DEFINED_ZONE, UNDULATION, CLUSTERS, STRAYS, STRAY_REACH];

// ---------------------------------------------------------------------------------------------------------------------
// Single dots

/// The pigment's upper end.
pub const DEPTH: Parameter<Plan> = Parameter {
    label: "Depth",
    tip: "How deep the pigment begins after healing; deeper dots are softer and cooler",
    unit: Unit::Millimetres,
    limits: [0.05, 2.0],
    decimals: 2,
    field: field!(Plan, depth_mm),
};

/// The distance from there to its lower end.
pub const COLUMN_HEIGHT: Parameter<Plan> = Parameter {
    label: "Column height",
    tip: "How far the pigment reaches down from there, along the needle's path; taller columns make darker, cooler skin",
    unit: Unit::Millimetres,
    limits: [0.05, 2.0],
    decimals: 2,
    field: field!(Plan, height_mm),
};

/// How much dots differ.
pub const SIZE_JITTER: Parameter<Plan> = Parameter {
    label: "Size variation",
    tip: "How much dots differ in size; no hand places two alike",
    unit: Unit::Share,
    limits: [0.0, 0.5],
    decimals: 0,
    field: field!(Plan, size_jitter),
};

/// How uneven their spacing is: at the limit, as good as random.
pub const RANDOMNESS: Parameter<Plan> = Parameter {
    label: "Uneven spacing",
    tip: "How far dots stray from even spacing, as a share of that spacing; high values make clumps and gaps",
    unit: Unit::Share,
    limits: [0.0, 0.5],
    decimals: 0,
    field: field!(Plan, randomness),
};

/// All numbers of single dots.
pub const DOTS: [Parameter<Plan>; 4] = [DEPTH, COLUMN_HEIGHT, SIZE_JITTER, RANDOMNESS];

// ---------------------------------------------------------------------------------------------------------------------
// Sessions

/// How complete the work is after a session, which must be more than before.
pub const SESSION_SHARE: Parameter<Session> = Parameter {
    label: "Dots done by its end",
    tip: "Share of all dots that are in place after this session",
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

/// The interval before a session.
pub const INTERVAL: Parameter<Session> = Parameter {
    label: "Days since the one before",
    tip: "At least a week, so that the skin can heal",
    unit: Unit::Days,
    limits: [0.0, 3650.0],
    decimals: 0,
    field: field!(Session, interval_days),
};

/// The scattered darkest dots.
pub const DARK_SHARE: Parameter<Session> = Parameter {
    label: "Dark dots",
    tip: "Share of this session's dots that are darker and scattered, for depth (\"3D\")",
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

/// All numbers of a session, in the order in which they are offered.
pub const SESSION: [Parameter<Session>; 6] = [SESSION_SHARE, DILUTION, NEEDLE, INTERVAL, DARK_SHARE, DARK_DILUTION];

/// The time of a touch-up.
pub const TOUCH_UP_AFTER: Parameter<TouchUp> = Parameter {
    label: "After the last session",
    tip: "When the client comes back; two years is usual",
    unit: Unit::Days,
    limits: [HEALED_DAYS, 7300.0],
    decimals: 0,
    field: field!(TouchUp, after_days),
};

/// The share of the dots that it renews.
pub const TOUCH_UP_SHARE: Parameter<TouchUp> = Parameter {
    label: "Dots refreshed",
    tip: "Share of the dots that get new pigment on top of what remains",
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

/// All numbers of a touch-up.
pub const TOUCH_UP: [Parameter<TouchUp>; 4] = [TOUCH_UP_AFTER, TOUCH_UP_SHARE, TOUCH_UP_DILUTION, TOUCH_UP_NEEDLE];

// ---------------------------------------------------------------------------------------------------------------------
// The client

/// Age, if known.
pub const AGE: Parameter<f64> = Parameter {
    label: "Client's age",
    tip: "Young clients may lose more hair; 0 if it is not known",
    unit: Unit::Years,
    limits: [1.0, 120.0],
    decimals: 0,
    field: alone("client_age_years"),
};

impl Hairline {
    /// The preset whose edge shares most numbers with this one: among [`EDGES`] and the line's own preset. An edge with
    /// an edited number is still recognised by the others.
    #[must_use]
    pub fn edge_preset(&self) -> Preset {
        let same = |preset: &Preset| {
            let other = preset.edge();
            EDGE.iter().filter(|number| number.get(&self.edge) == number.get(&other)).count()
        };
        // The first of those that match equally well.
        let offered = EDGES.into_iter().chain([self.preset]).rev();
        offered.max_by_key(same).unwrap_or(self.preset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::hairline::{PRESETS, SHAPES};
    use crate::plan::line_height::LineHeight;
    use crate::plan::treatment::TREATMENTS;

    /// The problem of a plan after `change`.
    fn problem(change: impl Fn(&mut Plan)) -> Option<String> {
        let mut plan = Plan::for_treatment(TREATMENTS[0], None, &Head::average());
        plan.touch_up = Some(TouchUp::after(&plan.sessions));
        change(&mut plan);
        plan.check().err().map(|error| error.to_string())
    }

    fn range_is_enforced<T>(parameter: &Parameter<T>, of: fn(&mut Plan) -> &mut T) {
        for value in [parameter.limits[0] - 1e-6, parameter.limits[1] + 1e-6, f64::NAN] {
            let found = problem(|plan| parameter.set(of(plan), value)).unwrap_or_default();
            assert!(found.contains(parameter.field.name), "{}: {found}", parameter.label);
        }
        // A session's share also has to be more than the one before: the last session's can be at the end of the range.
        assert_eq!(problem(|plan| parameter.set(of(plan), parameter.limits[1])), None, "{}", parameter.label);
    }

    #[test]
    fn plans_are_checked_against_every_range() {
        range_is_enforced(&DENSITY, |plan| &mut plan.areas[0]);
        range_is_enforced(&FEATHER, |plan| &mut plan.areas[0]);
        range_is_enforced(&SHADE, |plan| &mut plan.areas[0]);
        range_is_enforced(&AREA_NEEDLE, |plan| plan.areas[0].needle_mm.get_or_insert(0.3));
        range_is_enforced(&AGE, |plan| plan.client_age_years.get_or_insert(40.0));
        EDGE.iter().for_each(|parameter| range_is_enforced(parameter, |plan| &mut plan.hairline.edge));
        DOTS.iter().for_each(|parameter| range_is_enforced(parameter, |plan| plan));
        SESSION.iter().for_each(|parameter| range_is_enforced(parameter, |plan| plan.sessions.last_mut().unwrap()));
        TOUCH_UP.iter().for_each(|parameter| range_is_enforced(parameter, |plan| plan.touch_up.as_mut().unwrap()));
    }

    #[test]
    fn shape_and_edge_are_chosen_apart() {
        let head = Head::average();
        for shape in SHAPES {
            assert_eq!(shape.line_shape(), shape);
            // The edge was not edited, so it is the shape's own.
            assert_eq!(Preset::Soft.hairline(&head).with_shape(shape, &head, LineHeight::USUAL), shape.hairline(&head));
            for edge in EDGES {
                let mut line = shape.hairline(&head);
                line.edge = edge.edge();
                assert_eq!(line.edge_preset(), edge);
                line.edge.transition_mm += 0.5;
                assert_eq!(line.edge_preset(), edge, "it is recognised by its other numbers");
                let other = line.with_shape(Preset::M, &head, LineHeight::USUAL);
                assert_eq!((other.edge, other.points), (line.edge, Preset::M.hairline(&head).points));
            }
            let own = shape.hairline(&head).edge_preset();
            assert_eq!(own.edge(), shape.edge(), "{shape:?}");
        }
        assert!(PRESETS.iter().all(|preset| SHAPES.contains(&preset.line_shape())));
    }
}
