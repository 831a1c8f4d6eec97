//! What is done for a case that was opened while its user works: it is looked through for damage, and its state is kept.

use std::path::Path;

use crate::case::earlier::EarlierStates;
use crate::case::rescue::{Part, Salvage};
use crate::studio::words::sentence;

/// How often a case is looked at again that was changed meanwhile.
const MOST_LOOKS: usize = 5;

/// What was found.
#[derive(Debug, Default)]
pub struct Looked {
    /// Which parts of the case are damaged, in one sentence; none where all is whole.
    pub damage: Option<String>,
    /// Why its state could not be kept.
    pub problem: Option<String>,
}

/// Reads the whole case, and keeps its state where it is whole: a damaged one would take the place of a good one.
#[must_use]
pub fn look_after(case: &Path, states: Option<&EarlierStates>, now: &str) -> Looked {
    // Whoever opened the case has said why it cannot be opened.
    let Ok(salvage) = Salvage::open(case) else { return Looked::default() };
    let mut damaged = None;
    for _ in 0..MOST_LOOKS {
        let before = salvage.revision();
        damaged = damage(&salvage.parts());
        // A change in the midst of it looks like damage.
        if damaged.is_none() || salvage.revision() == before {
            break;
        }
    }
    let kept = match states.filter(|_| damaged.is_none()) {
        Some(states) => states.keep(case, now).map(drop),
        None => Ok(()),
    };
    let problem = kept.err().map(|error| format!("The state of the case could not be kept. {}", sentence(error)));
    Looked { damage: damaged, problem }
}

/// "In this case photo front.jpg is damaged (it is not as it was added)."
fn damage(parts: &[Part]) -> Option<String> {
    let damaged: Vec<String> = parts
        .iter()
        .filter_map(|part| {
            Some(format!("{} ({})", part.name.replace("file", "the file's structure"), part.damage.as_ref()?))
        })
        .collect();
    let (last, before) = damaged.split_last()?;
    Some(match before {
        [] => format!("A part of this case is damaged: {last}."),
        before => format!("Parts of this case are damaged: {} and {last}.", before.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_parts_are_named_in_one_sentence() {
        let part = |name: &str, damage: Option<&str>| Part { name: name.into(), damage: damage.map(str::to_owned) };
        assert_eq!(damage(&[part("file", None), part("plan", None)]), None);
        let one = damage(&[part("plan", None), part("photo a.jpg", Some("it cannot be read"))]).unwrap();
        assert_eq!(one, "A part of this case is damaged: photo a.jpg (it cannot be read).");
        let three = damage(&[part("plan", Some("x")), part("photo a", Some("y")), part("photo b", Some("z"))]).unwrap();
        assert_eq!(three, "Parts of this case are damaged: plan (x), photo a (y) and photo b (z).");
    }
}
