//! What can be done about a finding.

use std::fmt;
use std::sync::Arc;

use crate::head::Head;
use crate::plan::Plan;

type Edit = Arc<dyn Fn(&mut Plan, &Head) + Send + Sync>;

/// What can be done: an edit of the plan, or advice in words where no edit would be honest.
#[derive(Clone)]
pub struct Remedy {
    label: String,
    edit: Option<Edit>,
}

impl Remedy {
    /// An edit. Applied to the plan it was made for, it resolves its finding.
    #[must_use]
    pub fn edit(label: impl Into<String>, edit: impl Fn(&mut Plan, &Head) + Send + Sync + 'static) -> Self {
        Self { label: label.into(), edit: Some(Arc::new(edit)) }
    }

    /// Advice.
    #[must_use]
    pub fn words(advice: impl Into<String>) -> Self {
        Self { label: advice.into(), edit: None }
    }

    /// What it does, or what to do: "Move the line to 70 mm".
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// True where the program can do it.
    #[must_use]
    pub fn can_be_applied(&self) -> bool {
        self.edit.is_some()
    }

    /// The plan with the edit applied; the same plan if there is only advice.
    #[must_use]
    pub fn apply(&self, plan: &Plan, head: &Head) -> Plan {
        let mut plan = plan.clone();
        if let Some(edit) = &self.edit {
            edit(&mut plan, head);
        }
        plan
    }
}

impl fmt::Debug for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Remedy").field("label", &self.label).field("edit", &self.edit.is_some()).finish()
    }
}

impl PartialEq for Remedy {
    /// Compares what they say: the same words about the same plan are the same edit.
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label && self.edit.is_some() == other.edit.is_some()
    }
}
