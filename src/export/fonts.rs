//! Fonts of the system, for letters that the program's own lack: names of clients are written in all scripts.
//!
//! Fonts of whole scripts are large, so none is looked at before a text needs it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef};
use fontdb::Database;

/// Most fonts that are taken for one text: one for each of the scripts that a studio may meet.
pub const MOST_FONTS: usize = 12;

/// A font of the system.
#[derive(Debug)]
pub struct Found {
    /// What it is called.
    pub name: String,
    /// Its file.
    pub data: Vec<u8>,
    /// Which of the fonts in the file.
    pub index: u32,
}

/// All fonts of the system by their names, read once; takes some tenths of a second.
#[must_use]
pub fn system() -> &'static Database {
    static SYSTEM: OnceLock<Database> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        fonts
    })
}

/// Fonts that have these letters, as few as follow from taking the first that has each; and letters that none has.
#[must_use]
pub fn find(fonts: &Database, mut wanted: BTreeSet<char>) -> (Vec<Found>, BTreeSet<char>) {
    let (mut found, mut missing) = (Vec::new(), BTreeSet::new());
    while let Some(letter) = wanted.first().copied() {
        let font = fonts.faces().filter(|face| is_plain(face)).find_map(|face| {
            fonts.with_face_data(face.id, |data, index| {
                let font = FontRef::try_from_slice_and_index(data, index).ok()?;
                let has = |letter: &char| {
                    let id = font.glyph_id(*letter);
                    // Pictures of letters are no outlines; spaces have none.
                    id.0 != 0 && (letter.is_whitespace() || font.outline(id).is_some())
                };
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
    use epaint_default_fonts::HACK_REGULAR;

    use super::*;

    #[test]
    fn what_is_lacking_is_found_once_for_all_letters_of_a_font() {
        // Hack has frames and Cyrillic letters, which here stand for a script.
        let mut fonts = Database::new();
        fonts.load_font_data(HACK_REGULAR.to_vec());
        let (found, missing) = find(&fonts, "Анна╬中".chars().collect());
        assert_eq!(found.len(), 1, "one font for all that it has");
        assert_eq!(found[0].data.len(), HACK_REGULAR.len());
        assert_eq!(missing, BTreeSet::from(['中']));
    }
}
