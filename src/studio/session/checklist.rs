//! What would look wrong about the plan shown: worked out by the engine when an edit has settled.

use crate::checks::{self, Client, Finding, Shown};
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
}
