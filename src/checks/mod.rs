//! What would look wrong about a plan: rules of the trade, measured on the actual plan and its dots.
//!
//! [`findings`] measures every rule of [`limits`] and tells those that a plan breaks, the worst first: how far, why it matters,
//! where on the head, and what can be done. A [`Remedy`] is an edit of the plan after which its finding is gone.
//! What cannot be measured, since nobody has said or picked what it takes, is told as such and not passed over.
//!
//! The rules speak of what is healed 28 days after the last session, as is likely. They know scalps: rules about the
//! hairline are for plans that have one, rules about colour for hair that is shaved.
//!
//! Cost: a few passes over the dots and over the chart, a few tenths of a second for a whole scalp.

mod colour;
mod density;
mod dots;
pub mod limits;
mod line;
mod photos;
mod remedy;
mod sessions;
mod survey;

pub use limits::Rule;
pub use photos::Shown;
pub use remedy::Remedy;

use crate::head::Part;
use crate::head::surface::SurfacePoint;
use crate::plan::Plan;
use crate::reading::tone::Tone;
use crate::render::scene::MockUp;
use survey::Survey;

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

/// What is known of the client besides the plan.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Client {
    /// Untreated skin, in a photo.
    pub skin: Option<Tone>,
    /// The shaved sides, in the same photo.
    pub sides: Option<Tone>,
}

impl Client {
    /// As somebody picked it. What cannot be hair is no shaved side.
    #[must_use]
    pub fn picked(skin: Option<Tone>, hair: Option<Tone>) -> Self {
        Self { skin, sides: hair.filter(|hair| skin.is_none_or(|skin| hair.can_be_hair_on(skin))) }
    }
}

/// A number against its limit, in the unit of the rule's [`limits::Limit`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// What was measured.
    pub value: f64,
    /// The limit that it has passed.
    pub limit: f64,
}

/// A place on the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Surface it lies on.
    pub part: Part,
    /// The place.
    pub point: SurfacePoint,
}

/// Something that would look wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// By how much; none where the rule could not be checked.
    pub measured: Option<Measured>,
    /// Why it matters, a sentence.
    pub reason: String,
    /// Where it is worst; none where it is about the plan as a whole.
    pub place: Option<Place>,
    /// What can be done.
    pub remedy: Remedy,
}

impl Finding {
    /// What was measured and its limit, with their unit: "58 mm, at least 60 mm".
    #[must_use]
    pub fn figures(&self) -> String {
        let limit = self.rule.limit();
        let side = if limit.above { "at most" } else { "at least" };
        let text = |m: Measured| format!("{}, {side} {}", limit.text(m.value), limit.text(m.limit));
        self.measured.map_or_else(|| "not checked".to_owned(), text)
    }

    /// The name of the undo step that applies the remedy.
    #[must_use]
    pub fn step_name(&self) -> String {
        format!("Apply \"{}\"", self.remedy.label())
    }
}

/// The finding of a rule where this value passes one of its limits.
fn judged(
    rule: Rule,
    value: f64,
    reason: impl Into<String>,
    place: Option<Place>,
    remedy: impl FnOnce() -> Remedy,
) -> Option<Finding> {
    let (severity, limit) = rule.limit().judge(value)?;
    let measured = Some(Measured { value, limit });
    Some(Finding { rule, severity, measured, reason: reason.into(), place, remedy: remedy() })
}

/// A rule that could not be checked, and what it takes.
fn unchecked(rule: Rule, reason: &str, needs: &str) -> Finding {
    let remedy = Remedy::words(needs);
    Finding { rule, severity: Severity::Note, measured: None, reason: reason.to_owned(), place: None, remedy }
}

/// Everything that would look wrong about a plan, the worst first, then in the order of the rules.
///
/// `mock_up` is the plan's. `photos` are those that show the head.
#[must_use]
pub fn findings(plan: &Plan, mock_up: &MockUp, client: &Client, photos: &[Shown]) -> Vec<Finding> {
    let survey = Survey::new(plan, mock_up);
    let mut all = line::findings(&survey);
    all.extend(density::findings(&survey));
    all.extend(dots::findings(&survey));
    all.extend(colour::findings(&survey, client));
    all.extend(sessions::findings(plan));
    all.extend(photos::findings(&survey, photos));
    // What was not checked comes last.
    all.sort_by_key(|f| (f.measured.is_none(), std::cmp::Reverse(f.severity), f.rule));
    all
}
