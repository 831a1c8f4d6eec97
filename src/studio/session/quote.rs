//! What the plan shown costs with the studio's prices: worked out when an edit has settled.

use std::sync::Arc;

use super::facts::Facts;
use crate::export::practice::Practice;
use crate::export::prices::{Quote, Work};
use crate::plan::Plan;
use crate::render::mock_up::MockUp;

/// The quote of the plan shown.
#[derive(Debug, Default)]
pub struct Quoted {
    /// What it was worked out from.
    of: Option<(Arc<MockUp>, Arc<Practice>, String)>,
    /// The quote, or why there is none; none before it was worked out.
    pub quote: Option<Result<Quote, String>>,
}

impl Quoted {
    /// Works the quote out where anything has changed that it depends on.
    pub fn follow(&mut self, plan: &Plan, facts: &Facts, practice: &Result<Arc<Practice>, String>, class: &str) {
        let practice = match practice {
            Ok(practice) => practice,
            Err(problem) => {
                (self.of, self.quote) = (None, Some(Err(problem.clone())));
                return;
            }
        };
        // Areas are not measured while something is dragged.
        let Some(mock_up) = facts.mock_up.as_ref().filter(|_| facts.areas_cm2.len() == plan.areas.len()) else {
            return;
        };
        let same = self.of.as_ref().is_some_and(|(of, prices, of_class)| {
            Arc::ptr_eq(of, mock_up) && Arc::ptr_eq(prices, practice) && of_class == class
        });
        if same {
            return;
        }
        let count = plan.sessions.len();
        let mut dots = vec![0_usize; plan.areas.len()];
        for dot in mock_up.dots_after(count) {
            if let Some(dots) = dots.get_mut(usize::from(dot.area)) {
                *dots += 1;
            }
        }
        let areas = plan.areas.iter().zip(&facts.areas_cm2).zip(dots);
        let work = Work {
            areas: areas.map(|((area, cm2), dots)| (area.name.clone(), area.kind, cm2.max(0.0), dots)).collect(),
            sessions: count,
            touch_up: plan.touch_up.is_some(),
            class: Some(class.trim()).filter(|class| !class.is_empty()).map(str::to_owned),
        };
        self.quote = Some(practice.prices.quote(&work).map_err(|problem| problem.to_string()));
        self.of = Some((Arc::clone(mock_up), Arc::clone(practice), class.to_owned()));
    }

    /// The sum in words; none before it is known.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        let quote = self.quote.as_ref()?.as_ref().ok()?;
        Some(quote.total.text(&quote.currency))
    }
}
