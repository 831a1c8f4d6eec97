//! The rules and their limits, as data: each number with its source and how well it is known.

use crate::ground::grade::Grade::{self, Proposal, Study, Surgeon, Trade, Weak};

/// What can look wrong about a plan, in the order of [`LIMITS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The line begins too close to the brows; men only.
    LowLine,
    /// The line does not waver as natural hairlines do.
    StraightLine,
    /// Dots stand too densely right at the line.
    HardEdge,
    /// The hairline is nearly as dense as what lies behind it.
    NoGradient,
    /// The line turns down inside the vertical of the eye's outer corner; men only.
    FilledCorner,
    /// The sides of the line differ.
    UnevenSides,
    /// Too many dots per square centimetre.
    Dense,
    /// Too few dots to cover bare skin.
    Sparse,
    /// Too much is done in the first session.
    HeavyFirstSession,
    /// Dots are too large once healed.
    LargeDots,
    /// Dots nearly touch once healed.
    TouchingDots,
    /// Dots stand in rows.
    GridDots,
    /// Dots stand in clumps.
    ClumpedDots,
    /// Density changes from one place to the next where it should be even.
    Patchy,
    /// The treated skin heals darker than the shaved sides.
    DarkerThanSides,
    /// The treated skin heals to a different colour from the shaved sides.
    OtherColourThanSides,
    /// Every session has the same shade.
    OneShade,
    /// Pigment lies too deep.
    Deep,
    /// Sessions follow each other before the skin has healed.
    ShortInterval,
    /// The line is low on a young client who is losing hair.
    LossMayGoOn,
    /// Healed, the treated skin hardly differs from bare skin.
    Faint,
    /// Dots are planned where hair, or something else, covers the scalp.
    PlanOnHair,
    /// Much of the scalp that is to look shaved is under hair.
    ShaveFirst,
    /// The photos do not show single dots.
    CoarsePhoto,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Will probably be seen.
    Warn,
    /// Will spoil the result.
    Strong,
}

impl Severity {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Strong => "strong",
        }
    }
}

/// A rule's limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The rule.
    pub rule: Rule,
    /// Its name for scripts.
    pub id: &'static str,
    /// Its name for everybody else.
    pub title: &'static str,
    /// True if values above the limits are wrong, false if values below them are.
    pub above: bool,
    /// The limits and how bad it is to pass each, the mildest first.
    pub steps: &'static [(Severity, f64)],
    /// Unit of the limits and of what is measured; empty for a ratio.
    pub unit: &'static str,
    /// Decimals that are worth showing.
    pub decimals: usize,
    /// How well the limits are known.
    pub grade: Grade,
    /// What they are based on.
    pub source: &'static str,
    /// How well that basis is known; empty where it is only a rationale.
    pub source_grades: &'static [Grade],
}

impl Limit {
    /// How bad a value is, and the limit that it has passed.
    #[must_use]
    pub fn judge(&self, value: f64) -> Option<(Severity, f64)> {
        let passed = |limit: f64| if self.above { value > limit } else { value < limit };
        self.steps.iter().rev().find(|(_, limit)| passed(*limit)).copied()
    }

    /// Where the limits come from, as a sentence.
    #[must_use]
    pub fn origin(&self) -> String {
        let known: Vec<&str> = self.source_grades.iter().map(|grade| grade.words()).collect();
        if known.is_empty() {
            return format!("Our proposal: {}", self.source);
        }
        let own =
            if self.source_grades.contains(&self.grade) { "" } else { "; where that begins to matter is our proposal" };
        format!("From {}: {}{own}", known.join(" and "), self.source)
    }

    /// A value with its unit.
    #[must_use]
    pub fn text(&self, value: f64) -> String {
        let space = if matches!(self.unit, "" | "%") { "" } else { " " };
        format!("{value:.*}{space}{}", self.decimals, self.unit)
    }
}

impl Rule {
    /// Its limits.
    #[must_use]
    pub fn limit(self) -> &'static Limit {
        &LIMITS[self as usize]
    }

    /// The rule of this name.
    #[must_use]
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        LIMITS.iter().find(|l| l.id == id).map(|l| l.rule)
    }
}

use Severity::{Note, Strong, Warn};

const ABOVE: bool = true;
const BELOW: bool = false;

const fn limit(
    rule: Rule,
    (id, title): (&'static str, &'static str),
    above: bool,
    steps: &'static [(Severity, f64)],
    (unit, decimals): (&'static str, usize),
    (grade, source, source_grades): (Grade, &'static str, &'static [Grade]),
) -> Limit {
    Limit { rule, id, title, above, steps, unit, decimals, grade, source, source_grades }
}

/// Age below which the pattern of hair loss has hardly settled, years (a proposal).
pub(crate) const YOUNG_YEARS: f64 = 30.0;

/// All limits, in the order of [`Rule`].
pub const LIMITS: [Limit; 24] = [
    limit(
        Rule::LowLine,
        ("low-line", "Low hairline"),
        BELOW,
        &[(Warn, 70.0), (Strong, 60.0)],
        ("mm", 0),
        (
            Study,
            "8 cm above the glabella in 431 men, 7 forward to 10 conservative (Garg 2017); that less than 60 mm is worse is our proposal",
            &[Study],
        ),
    ),
    limit(
        Rule::StraightLine,
        ("straight-line", "Straight line"),
        BELOW,
        &[(Warn, 1.0)],
        ("mm", 1),
        (Proposal, "hairlines undulate and have clusters at their front", &[Surgeon]),
    ),
    limit(
        Rule::HardEdge,
        ("hard-edge", "Hard edge"),
        ABOVE,
        &[(Warn, 70.0)],
        ("%", 0),
        (Proposal, "the first 5 to 10 mm of a hairline are sparse", &[Surgeon]),
    ),
    limit(
        Rule::NoGradient,
        ("no-gradient", "No gradient"),
        BELOW,
        &[(Warn, 1.3)],
        ("times", 1),
        (Proposal, "51 follicular units per cm2 at men's hairlines, about 74 to 100 behind them", &[Study, Surgeon]),
    ),
    limit(
        Rule::FilledCorner,
        ("filled-corner", "Filled corner"),
        ABOVE,
        &[(Warn, 0.0)],
        ("mm", 0),
        (
            Surgeon,
            "the corner stands on the vertical of the eye's outer corner and is never filled or moved inward (Shapiro)",
            &[Surgeon],
        ),
    ),
    limit(
        Rule::UnevenSides,
        ("uneven-sides", "Uneven sides"),
        ABOVE,
        &[(Warn, 4.0)],
        ("mm", 1),
        (Proposal, "the line as a whole is symmetric, its detail is not", &[Surgeon]),
    ),
    limit(
        Rule::Dense,
        ("dense", "High density"),
        ABOVE,
        &[(Warn, 150.0), (Strong, 200.0)],
        ("per cm2", 0),
        (Proposal, "clinics state 93 to 194 dots per cm2", &[Trade]),
    ),
    limit(
        Rule::Sparse,
        ("sparse", "Sparse cover"),
        BELOW,
        &[(Warn, 40.0)],
        ("per cm2", 0),
        (Weak, "half of natural density, about 40 follicular units per cm2, already reads as decent cover", &[Weak]),
    ),
    limit(
        Rule::HeavyFirstSession,
        ("heavy-first-session", "Heavy first session"),
        ABOVE,
        &[(Warn, 50.0)],
        ("%", 0),
        (Proposal, "30, 70 and 100 % after three sessions (Liu 2025)", &[Study]),
    ),
    limit(
        Rule::LargeDots,
        ("large-dots", "Large dots"),
        ABOVE,
        &[(Warn, 0.50), (Strong, 0.65)],
        ("mm", 2),
        (
            Proposal,
            "dots on healed heads look 0.41 to 0.62 mm wide in photographs, 0.35 to 0.45 mm without the camera's blur",
            &[],
        ),
    ),
    limit(
        Rule::TouchingDots,
        ("touching-dots", "Dots nearly touch"),
        BELOW,
        &[(Warn, 0.7)],
        ("diameters", 1),
        (
            Proposal,
            "on healed heads dots are 0.35 to 0.45 mm wide and 0.66 to 1.08 mm apart; of dots as \
             uneven as those, one in a hundred is only 0.7 to 0.95 diameters from another; more heal to blots",
            &[],
        ),
    ),
    limit(
        Rule::GridDots,
        ("grid", "Dots in rows"),
        BELOW,
        &[(Warn, 0.10)],
        ("", 2),
        (
            Proposal,
            "follicles are irregular; our measure is the variation of the distances to nearest neighbours, nil in a grid",
            &[Surgeon],
        ),
    ),
    limit(
        Rule::ClumpedDots,
        ("clumps", "Dots in clumps"),
        ABOVE,
        &[(Strong, 0.40)],
        ("", 2),
        (
            Proposal,
            "follicles keep their distance; the same measure would be 0.44 for dots scattered at random",
            &[Surgeon],
        ),
    ),
    limit(
        Rule::Patchy,
        ("patchy", "Patchy density"),
        ABOVE,
        &[(Warn, 25.0)],
        ("%", 0),
        (Proposal, "each cm2 is compared with those around it, outside planned gradients", &[]),
    ),
    limit(
        Rule::DarkerThanSides,
        ("darker-than-sides", "Darker than the sides"),
        ABOVE,
        &[(Warn, 4.0)],
        ("L*", 1),
        (Proposal, "pigment is matched to the shaved sides", &[Trade]),
    ),
    limit(
        Rule::OtherColourThanSides,
        ("other-colour-than-sides", "Different colour from the sides"),
        ABOVE,
        &[(Warn, 5.0)],
        ("dE", 1),
        (Proposal, "pigment is matched to the shaved sides", &[Trade]),
    ),
    limit(
        Rule::OneShade,
        ("one-shade", "One shade"),
        BELOW,
        &[(Note, 2.0)],
        ("shade(s)", 0),
        (Trade, "light first, darker later, with a few of the darkest dots in the last session", &[Trade]),
    ),
    limit(
        Rule::Deep,
        ("deep", "Deep pigment"),
        ABOVE,
        &[(Warn, 0.6), (Strong, 1.0)],
        ("mm", 2),
        (Proposal, "pigment in the upper papillary dermis, 0.2 to 0.5 mm, looks right", &[Surgeon, Trade]),
    ),
    limit(
        Rule::ShortInterval,
        ("short-interval", "Short interval"),
        BELOW,
        &[(Warn, 7.0)],
        ("days", 0),
        (Trade, "sessions are 7 to 14 days apart", &[Trade]),
    ),
    limit(
        Rule::LossMayGoOn,
        ("loss-may-go-on", "Hair loss may go on"),
        BELOW,
        &[(Note, 80.0)],
        ("mm", 0),
        (Proposal, "8 cm above the glabella is the mean for men (Garg 2017)", &[Study]),
    ),
    limit(
        Rule::Faint,
        ("faint", "Hardly visible"),
        BELOW,
        &[(Note, 3.0)],
        ("dE", 1),
        (
            Proposal,
            "healed heads in photographs differ from their bare skin by 8 to 13, the faintest by 4.2; against skin texture 3 is hardly visible",
            &[],
        ),
    ),
    limit(
        Rule::PlanOnHair,
        ("plan-on-hair", "Plan on hair"),
        ABOVE,
        &[(Warn, 8.0)],
        ("%", 0),
        (
            Proposal,
            "a fitted head places up to 3 % of its dots beside the head in the photo, and as much again may be mistaken for hair",
            &[],
        ),
    ),
    limit(
        Rule::ShaveFirst,
        ("shave-first", "Shave first"),
        ABOVE,
        &[(Warn, 30.0)],
        ("%", 0),
        (Proposal, "a plan for a shaved head is judged on a shaved head", &[]),
    ),
    limit(
        Rule::CoarsePhoto,
        ("coarse-photo", "Coarse photo"),
        BELOW,
        &[(Note, 1.5), (Warn, 1.0)],
        ("px a dot", 1),
        (
            Proposal,
            "dots 1 mm apart, blurred by 0.9 px as by most cameras, merge once a dot of 0.4 mm is narrower than a pixel",
            &[],
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_its_own_limits_by_number_and_by_name() {
        for (i, limit) in LIMITS.iter().enumerate() {
            assert_eq!(limit.rule as usize, i, "{}", limit.id);
            assert_eq!(Rule::from_id(limit.id), Some(limit.rule));
            let origin = limit.origin();
            assert!(origin.starts_with("From ") || limit.grade == Proposal, "{origin}");
            let said = origin.to_lowercase().contains("our proposal");
            assert!(said || limit.grade != Proposal, "{origin}");
        }
    }

    #[test]
    fn a_value_is_judged_by_the_worst_limit_that_it_passes() {
        let height = Rule::LowLine.limit();
        assert_eq!(height.judge(70.0), None);
        assert_eq!(height.judge(69.9), Some((Warn, 70.0)));
        assert_eq!(height.judge(59.0), Some((Strong, 60.0)));
        let depth = Rule::Deep.limit();
        assert_eq!(depth.judge(0.6), None);
        assert_eq!(depth.judge(2.0), Some((Strong, 1.0)));
        assert_eq!((height.text(58.4), Rule::HardEdge.limit().text(71.6)), ("58 mm".into(), "72%".into()));
    }
}
