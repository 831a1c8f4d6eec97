//! System fonts for letters that the built-in fonts lack: clients' names are written in all scripts.
//!
//! Fonts of whole scripts are large, so none is loaded before a text needs it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef};
use fontdb::Database;

/// Most fonts used for one text: one for each script that a studio may meet.
pub const MOST_FONTS: usize = 12;

/// A system font.
#[derive(Debug)]
pub struct Found {
    /// Its PostScript name.
    pub name: String,
    /// The contents of its file.
    pub data: Vec<u8>,
    /// Its index in the file.
    pub index: u32,
}

/// All system fonts by name, listed once; takes some tenths of a second.
#[must_use]
pub fn system() -> &'static Database {
    static SYSTEM: OnceLock<Database> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        fonts
    })
}

/// Fonts that contain these letters, found greedily by taking the first that has the next one; and the letters that no
/// font has.
#[must_use]
pub fn find(fonts: &Database, mut wanted: BTreeSet<char>) -> (Vec<Found>, BTreeSet<char>) {
    let (mut found, mut missing) = (Vec::new(), BTreeSet::new());
    while let Some(letter) = wanted.first().copied() {
        let font = fonts.faces().filter(|face| is_plain(face)).find_map(|face| {
            fonts.with_face_data(face.id, |data, index| {
                let font = FontRef::try_from_slice_and_index(data, index).ok()?;
                let has = |letter: &char| {
                    let id = font.glyph_id(*letter);
                    // Bitmap glyphs have no outlines; neither do spaces.
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

/// Upright and of regular weight, like running text.
fn is_plain(face: &fontdb::FaceInfo) -> bool {
    face.style == fontdb::Style::Normal && (300..=500).contains(&face.weight.0)
}

#[cfg(test)]
mod tests {
    use epaint_default_fonts::HACK_REGULAR;

    use super::*;

    #[test]
    fn one_font_is_found_for_all_the_letters_it_has() {
        // Hack has box-drawing characters, which here stand for a foreign script.
        let mut fonts = Database::new();
        fonts.load_font_data(HACK_REGULAR.to_vec());
        let (found, missing) = find(&fonts, "Анна╬中".chars().collect());
        assert_eq!(found.len(), 1, "one font for all that it has");
        assert_eq!(found[0].data.len(), HACK_REGULAR.len());
        assert_eq!(missing, BTreeSet::from(['中']));
    }
}
