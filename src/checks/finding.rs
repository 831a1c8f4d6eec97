//! What is reported about a rule that a plan breaks.

use super::limits::{Rule, Severity};
use super::remedy::Remedy;
use crate::head::Part;
use crate::head::surface::SurfacePoint;

/// A number against its limit, in the unit of the rule's [`Limit`](super::limits::Limit).
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
    /// By how much; none if the rule could not be checked.
    pub measured: Option<Measured>,
    /// Why it matters, as a sentence.
    pub reason: String,
    /// Where it is worst; none if it concerns the plan as a whole.
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

/// The finding of a rule if this value passes one of its limits.
pub(super) fn judged(
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

/// The finding of a rule that could not be checked, and what is needed to check it.
pub(super) fn unchecked(rule: Rule, reason: &str, needs: &str) -> Finding {
    let remedy = Remedy::words(needs);
    Finding { rule, severity: Severity::Note, measured: None, reason: reason.to_owned(), place: None, remedy }
}
