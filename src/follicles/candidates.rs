//! The candidates on a head: sets of follicles on its two surfaces, made when a plan first needs them.

use std::sync::{Arc, OnceLock};

use super::kept::{self, Origin};
use super::set::Follicles;
use crate::head::{Head, Part};
use crate::plan::parameters::MOST_PER_CM2;

/// Densities for which candidates are generated, dots per cm2: few plans ask for more than the first, which takes half
/// the work.
const STAGES_PER_CM2: [f64; 3] = [115.0, 150.0, MOST_PER_CM2];

/// Candidates on the two surfaces of a head, for one seed: on the cranium above the brows, ear lobes and nape, and on
/// the lower face. Each set is made, or taken from those that are [kept], when a plan first needs it; a denser one
/// begins with the same dots.
#[derive(Debug, Clone)]
pub struct HeadFollicles {
    seed: u64,
    cranium: [OnceLock<Arc<Follicles>>; STAGES_PER_CM2.len()],
    lower_face: [OnceLock<Arc<Follicles>>; STAGES_PER_CM2.len()],
}

impl HeadFollicles {
    /// Candidates for plans of this seed, none of which have been made yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, cranium: Default::default(), lower_face: Default::default() }
    }

    /// The set on a surface of a head, complete up to a density. All calls must pass the same head.
    pub fn part(&self, head: &Head, part: Part, per_cm2: f32) -> &Follicles {
        let sets = match part {
            Part::Cranium => &self.cranium,
            Part::LowerFace => &self.lower_face,
        };
        // Any existing set that is dense enough will do.
        if let Some(set) = sets.iter().filter_map(OnceLock::get).find(|set| set.complete_per_cm2() >= per_cm2) {
            return set;
        }
        let stage = STAGES_PER_CM2.iter().position(|up_to| f64::from(per_cm2) <= *up_to);
        let stage = stage.unwrap_or(STAGES_PER_CM2.len() - 1);
        // Found or made before it is stored: threads that share the work must not wait for one another.
        let set = kept::set(Origin::new(head, part, self.seed, STAGES_PER_CM2[stage]));
        sets[stage].get_or_init(|| set)
    }
}
