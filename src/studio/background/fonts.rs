//! Letters that the window's own fonts lack, from the system's fonts: names of clients are written in all scripts.
//!
//! Fonts of whole scripts are large, so none is loaded before a text needs it. Where the system has none either, letters are shown
//! as boxes, and the window says so once.

use std::collections::BTreeSet;

use ab_glyph::{Font, FontRef};
use egui::epaint::text::{FontInsert, FontPriority, InsertFontFamily};
use egui::{Context, FontData, FontFamily};
use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};
use fontdb::Database;

use super::task::{Event, Task};

/// Most fonts that are loaded: one for each of the scripts that a studio may meet.
const MOST_FONTS: usize = 12;

/// A font of the system.
#[derive(Debug)]
struct Found {
    name: String,
    data: Vec<u8>,
    index: u32,
}

/// Which letters were looked for so far.
#[derive(Default)]
pub struct Letters {
    known: BTreeSet<char>,
    /// Letters that are to be looked for.
    wanted: BTreeSet<char>,
    looking: Option<Task<(Vec<Found>, BTreeSet<char>)>>,
    loaded: usize,
}

impl Letters {
    /// Notes that a text is shown.
    pub fn show(&mut self, text: &str) {
        let new = text.chars().filter(|letter| !letter.is_ascii() && !letter.is_control());
        for letter in new {
            if self.known.insert(letter) && !is_built_in(letter) {
                self.wanted.insert(letter);
            }
        }
    }

    /// Looks for what is missing, apart from the window, and takes over what was found. Gives letters that no font has.
    pub fn follow(&mut self, ctx: &Context) -> Option<BTreeSet<char>> {
        if self.looking.is_none() && !self.wanted.is_empty() && self.loaded < MOST_FONTS {
            let wanted = std::mem::take(&mut self.wanted);
            self.looking = Some(Task::start(ctx, "fonts", move |_| {
                let mut fonts = Database::new();
                fonts.load_system_fonts();
                find(&fonts, wanted)
            }));
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

    /// True while fonts are looked for.
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

/// Fonts that have these letters, as few as follow from taking the first that has each; and letters that none has.
fn find(fonts: &Database, mut wanted: BTreeSet<char>) -> (Vec<Found>, BTreeSet<char>) {
    let (mut found, mut missing) = (Vec::new(), BTreeSet::new());
    while let Some(letter) = wanted.first().copied() {
        let font = fonts.faces().filter(|face| is_plain(face)).find_map(|face| {
            fonts.with_face_data(face.id, |data, index| {
                let font = FontRef::try_from_slice_and_index(data, index).ok()?;
                let has = |letter: &char| font.glyph_id(*letter).0 != 0;
                has(&letter).then(|| {
                    let covered: Vec<char> = wanted.iter().filter(|letter| has(letter)).copied().collect();
                    (Found { name: face.post_script_name.clone(), data: data.to_vec(), index }, covered)
                })
            })?
        });
        match font {
            Some((font, covered)) if found.len() < MOST_FONTS => {
                wanted.retain(|letter| !covered.contains(letter));
                found.push(font);
            }
            _ => {
                wanted.remove(&letter);
                missing.insert(letter);
            }
        }
    }
    (found, missing)
}

/// Upright and of usual weight, as running text is.
fn is_plain(face: &fontdb::FaceInfo) -> bool {
    face.style == fontdb::Style::Normal && (300..=500).contains(&face.weight.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_window_lacks_is_found_once_for_all_letters_of_a_font() {
        // Hack has frames and Cyrillic letters, which here stand for a script.
        let mut fonts = Database::new();
        fonts.load_font_data(HACK_REGULAR.to_vec());
        let (found, missing) = find(&fonts, "Анна╬中".chars().collect());
        assert_eq!(found.len(), 1, "one font for all that it has");
        assert_eq!(found[0].data.len(), HACK_REGULAR.len());
        assert_eq!(missing, BTreeSet::from(['中']));
    }

    #[test]
    fn only_what_the_own_fonts_lack_is_looked_for() {
        let mut letters = Letters::default();
        letters.show("Anna Müller, Ελένη, Анна");
        assert_eq!(letters.wanted, BTreeSet::new());
        letters.show("山田 花子");
        letters.show("山");
        assert_eq!(letters.wanted, BTreeSet::from(['山', '田', '花', '子']));
        assert!(is_built_in('é') && !is_built_in('م') && !is_built_in('ก') && !is_built_in('한') && !is_built_in('अ'));
    }
}
