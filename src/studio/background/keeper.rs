//! Background care for a case that was opened: it is checked for damage, and its state is kept.

use std::path::Path;

use crate::case::earlier::EarlierStates;
use crate::case::rescue::{Part, RescueReader};
use crate::studio::words::sentence;

/// Most attempts to check a case that is being changed meanwhile.
const MOST_LOOKS: usize = 5;

/// The result of the check.
#[derive(Debug, Default)]
pub struct Looked {
    /// The damaged parts of the case, in one sentence; `None` if it is intact.
    pub damage: Option<String>,
    /// Why its state could not be kept, if it failed.
    pub problem: Option<String>,
}

/// Reads the whole case, and keeps its state if it is intact: a damaged state would displace a good one.
#[must_use]
pub fn look_after(case: &Path, states: Option<&EarlierStates>, now: &str) -> Looked {
    // If it cannot be opened, whoever opened the case has reported that.
    let Ok(reader) = RescueReader::open(case) else { return Looked::default() };
    let mut damaged = None;
    for _ in 0..MOST_LOOKS {
        let before = reader.revision();
        damaged = damage(&reader.parts());
        // A change during the check looks like damage.
        if damaged.is_none() || reader.revision() == before {
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

/// "A part of this case is damaged: photo front.jpg (it is not as it was added)."
fn damage(parts: &[Part]) -> Option<String> {
    let name = |part: &Part| if part.name == "file" { "the file's structure".to_owned() } else { part.name.clone() };
    let damaged: Vec<String> =
        parts.iter().filter_map(|part| Some(format!("{} ({})", name(part), part.damage.as_ref()?))).collect();
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
        let part = |name: &str, damage: Option<&str>| Part {
            name: name.into(),
            damage: damage.map(str::to_owned),
            missing: false,
        };
        assert_eq!(damage(&[part("file", None), part("plan", None)]), None);
        let one = damage(&[part("plan", None), part("photo a.jpg", Some("it cannot be read"))]).unwrap();
        assert_eq!(one, "A part of this case is damaged: photo a.jpg (it cannot be read).");
        let three = [part("file", Some("x")), part("photo profile.jpg", Some("y")), part("photo b", Some("z"))];
        let sentence =
            "Parts of this case are damaged: the file's structure (x), photo profile.jpg (y) and photo b (z).";
        assert_eq!(damage(&three).unwrap(), sentence);
    }
}
