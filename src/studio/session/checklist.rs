//! What would look wrong about the plan shown: computed by the engine when an edit has settled.

use super::section::Section;
use crate::checks::{self, Client, Finding, Severity, Shown};
use crate::plan::Plan;
use crate::render::mock_up::MockUp;

/// The findings, and what they were found in.
#[derive(Debug, PartialEq)]
pub struct Checklist {
    plan: Plan,
    client: Client,
    /// All findings, the worst first.
    pub findings: Vec<Finding>,
}

impl Checklist {
    /// Checks a plan, and how the client's photos show it.
    #[must_use]
    pub fn new(plan: &Plan, client: Client, mock_up: &MockUp, photos: &[Shown]) -> Self {
        let findings = checks::findings(plan, mock_up, &client, photos);
        Self { plan: plan.clone(), client, findings }
    }

    /// True if it is about this plan: remedies are made for the plan that was checked.
    #[must_use]
    pub fn is_of(&self, plan: &Plan) -> bool {
        self.plan == *plan
    }

    /// Findings about something wrong, without rules that could not be checked.
    pub fn wrong(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.measured.is_some())
    }

    /// Findings about rules that could not be checked.
    pub fn unchecked(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.measured.is_none())
    }

    /// Findings about the numbers of a section, the worst first.
    pub fn wrong_in(&self, section: Section) -> impl Iterator<Item = &Finding> {
        self.wrong().filter(move |finding| section == Section::Checks || Section::of(finding.rule) == section)
    }

    /// The worst severity; none if nothing is wrong.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.wrong().map(|finding| finding.severity).max()
    }

    /// A summary in a few words: "fine" only if every check was made.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = |severity: Severity| self.wrong().filter(|finding| finding.severity == severity).count();
        let (strong, warn, unchecked) = (of(Severity::Strong), of(Severity::Warn), self.unchecked().count());
        let wrong = match (strong, warn) {
            (0, 0) if unchecked == 0 => return "fine".to_owned(),
            (0, 0) => "no warning".to_owned(),
            (0, 1) => "1 warning".to_owned(),
            (0, warn) => format!("{warn} warnings"),
            (strong, 0) => format!("{strong} strong"),
            (strong, warn) => format!("{strong} strong, {warn} more"),
        };
        if unchecked == 0 { wrong } else { format!("{wrong}, {unchecked} not checked") }
    }
}
