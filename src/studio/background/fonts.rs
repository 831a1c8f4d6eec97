//! Loads system fonts for letters that the window's own fonts lack: clients' names are written in all scripts.
//!
//! Fonts of whole scripts are large, so none is loaded before a text needs it. Letters that the system lacks too are
//! shown as boxes, and the window says so once.

use std::collections::BTreeSet;

use ab_glyph::{Font, FontRef};
use egui::epaint::text::{FontInsert, FontPriority, InsertFontFamily};
use egui::{Context, FontData, FontFamily};
use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};

use super::task::{Event, Task};
use crate::export::fonts::{Found, MOST_FONTS, find, system};

/// The letters seen so far.
#[derive(Default)]
pub struct Letters {
    known: BTreeSet<char>,
    /// Letters still to be searched for.
    wanted: BTreeSet<char>,
    looking: Option<Task<(Vec<Found>, BTreeSet<char>)>>,
    loaded: usize,
}

impl Letters {
    /// Registers a text that is shown.
    pub fn show(&mut self, text: &str) {
        let new = text.chars().filter(|letter| !letter.is_ascii() && !letter.is_control());
        for letter in new {
            if self.known.insert(letter) && !is_built_in(letter) {
                self.wanted.insert(letter);
            }
        }
    }

    /// Searches for missing letters in the background and loads the fonts found. Returns letters that no font has.
    pub fn follow(&mut self, ctx: &Context) -> Option<BTreeSet<char>> {
        if self.looking.is_none() && !self.wanted.is_empty() && self.loaded < MOST_FONTS {
            let wanted = std::mem::take(&mut self.wanted);
            self.looking = Some(Task::start(ctx, "fonts", move |_| find(system(), wanted)));
        }
        match self.looking.as_ref().map(Task::event)? {
            Event::Pending => None,
            Event::Lost => {
                self.looking = None;
                None
            }
            Event::Done((found, missing)) => {
                self.looking = None;
                for Found { name, data, index } in found {
                    self.loaded += 1;
                    let families = [FontFamily::Proportional, FontFamily::Monospace]
                        .map(|family| InsertFontFamily { family, priority: FontPriority::Lowest });
                    let data = FontData { index, ..FontData::from_owned(data) };
                    ctx.add_font(FontInsert::new(&name, data, families.to_vec()));
                }
                (!missing.is_empty()).then_some(missing)
            }
        }
    }

    /// Whether a search is running.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.looking.is_some()
    }
}

/// Whether the window's own fonts have a letter.
fn is_built_in(letter: char) -> bool {
    let has = |font: &[u8]| FontRef::try_from_slice(font).is_ok_and(|font| font.glyph_id(letter).0 != 0);
    has(UBUNTU_LIGHT) || has(HACK_REGULAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_the_built_in_fonts_lack_are_searched_for() {
        let mut letters = Letters::default();
        letters.show("Anna Müller, Ελένη, Анна");
        assert_eq!(letters.wanted, BTreeSet::new());
        letters.show("山田 花子");
        letters.show("山");
        assert_eq!(letters.wanted, BTreeSet::from(['山', '田', '花', '子']));
        assert!(is_built_in('é') && !is_built_in('م') && !is_built_in('ก') && !is_built_in('한') && !is_built_in('अ'));
    }
}
