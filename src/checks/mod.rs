//! What would look wrong about a plan: rules of the trade, measured on the actual plan and its dots.
//!
//! [`findings`] measures every rule of [`limits`] and reports those that a plan breaks, the worst first: by how much,
//! why it matters, where on the head, and what can be done. A [`Remedy`] is an edit of the plan that resolves its
//! finding. A rule that cannot be checked because something was not entered or picked is reported as unchecked rather
//! than passed over.
//!
//! The rules judge the likely healed result, 28 days after the last session. They are made for scalps: rules about the
//! hairline apply to plans that have one, rules about colour to shaved hair.
//!
//! Cost: a few passes over the dots and over the chart, a few tenths of a second for a whole scalp.

mod colour;
mod density;
mod dots;
mod finding;
pub mod limits;
mod line;
mod photos;
mod remedy;
mod sessions;
mod survey;

pub use colour::Client;
pub use finding::{Finding, Measured, Place};
pub use limits::{Rule, Severity};
pub use photos::Shown;
pub use remedy::Remedy;

use crate::plan::Plan;
use crate::render::mock_up::MockUp;
use survey::Survey;

/// Everything that would look wrong about a plan, the worst first, then in the order of the rules.
///
/// `mock_up` is the plan's mock-up. `photos` are the photos that show the head.
#[must_use]
pub fn findings(plan: &Plan, mock_up: &MockUp, client: &Client, photos: &[Shown]) -> Vec<Finding> {
    let survey = Survey::new(plan, mock_up);
    let mut all = line::findings(&survey);
    all.extend(density::findings(&survey));
    all.extend(dots::findings(&survey));
    all.extend(colour::findings(&survey, client));
    all.extend(sessions::findings(plan));
    all.extend(photos::findings(&survey, photos));
    // Rules that were not checked come last.
    all.sort_by_key(|f| (f.measured.is_none(), std::cmp::Reverse(f.severity), f.rule));
    all
}
