//! What would look wrong about the plan shown: worked out by the engine when an edit has settled.

use super::section::Section;
use crate::checks::{self, Client, Finding, Severity, Shown};
use crate::plan::Plan;
use crate::render::scene::MockUp;

/// The findings, and what they were found in.
#[derive(Debug, PartialEq)]
pub struct Checklist {
    plan: Plan,
    client: Client,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

impl Checklist {
    /// Checks a plan, and how the client's photos show it.
    #[must_use]
    pub fn new(plan: &Plan, client: Client, mock_up: &MockUp, photos: &[Shown]) -> Self {
        let findings = checks::findings(plan, mock_up, &client, photos);
        Self { plan: plan.clone(), client, findings }
    }

    /// True where it is about this plan: remedies are made for the plan that was checked.
    #[must_use]
    pub fn is_of(&self, plan: &Plan) -> bool {
        self.plan == *plan
    }

    /// What is wrong, without what could not be checked.
    pub fn wrong(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.measured.is_some())
    }

    /// What could not be checked.
    pub fn unmade(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.measured.is_none())
    }

    /// What is wrong with the numbers of a section, the worst first.
    pub fn wrong_in(&self, section: Section) -> impl Iterator<Item = &Finding> {
        self.wrong().filter(move |finding| section == Section::Checks || Section::of(finding.rule) == section)
    }

    /// How bad the worst of it is; none where nothing is wrong.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.wrong().map(|finding| finding.severity).max()
    }

    /// All of it in a few words: "fine" only where every check was made.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = |severity: Severity| self.wrong().filter(|finding| finding.severity == severity).count();
        let (strong, warn, unmade) = (of(Severity::Strong), of(Severity::Warn), self.unmade().count());
        let wrong = match (strong, warn) {
            (0, 0) if unmade == 0 => return "fine".to_owned(),
            (0, 0) => "no warning".to_owned(),
            (0, 1) => "1 warning".to_owned(),
            (0, warn) => format!("{warn} warnings"),
            (strong, 0) => format!("{strong} strong"),
            (strong, warn) => format!("{strong} strong, {warn} more"),
        };
        if unmade == 0 { wrong } else { format!("{wrong}, {unmade} not made") }
    }
}
