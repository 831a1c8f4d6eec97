//! The letters of a document: those that come with the program, and of scripts that these lack the system's.
//!
//! Latin, Greek and Cyrillic letters are always those of the program, so that the same case gives the same bytes on any machine.
//! A name in another script takes letters from the fonts of the machine, joined and ordered as that script is written; where
//! no font has a letter a question mark stands in its place, and whoever asked is told.

use std::collections::BTreeSet;
use std::ops::Range;

use ab_glyph::{Font as _, FontRef};
use fontdb::Database;
use harfrust::{ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::Font;

use super::style::{Face, Style};
use crate::export::fonts;
use crate::export::handover::HandoverError;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Semibold.ttf");
/// Number of the fonts that come with the program.
const BUILT_IN: usize = 2;

/// The form of a letter, or of several that are written as one. Lengths are in sizes of the letters.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Number of its font.
    pub font: usize,
    /// Its number in the font.
    pub glyph: u32,
    /// What of the text it stands for, bytes.
    pub range: Range<usize>,
    /// How far the next one is.
    pub advance: f32,
    /// Where it is drawn from there.
    pub offset: [f32; 2],
}

/// A font of the system.
struct Other {
    data: Vec<u8>,
    index: u32,
    /// As the document embeds it.
    embedded: Font,
}

/// The letters, and which of those that were asked for they lack.
pub(super) struct Letters {
    built_in: [FontRef<'static>; BUILT_IN],
    embedded: [Font; BUILT_IN],
    others: Vec<Other>,
    /// Fonts to look in; none: those of the system.
    among: Option<Database>,
    /// Letters that were looked for in other fonts.
    sought: BTreeSet<char>,
    missing: BTreeSet<char>,
}

impl Other {
    fn new(found: fonts::Found) -> Option<Self> {
        let embedded = Font::new(found.data.clone().into(), found.index)?;
        let other = Self { data: found.data, index: found.index, embedded };
        other.font().is_some().then_some(other)
    }

    fn font(&self) -> Option<FontRef<'_>> {
        FontRef::try_from_slice_and_index(&self.data, self.index).ok()
    }

    fn has(&self, letter: char) -> bool {
        self.font().is_some_and(|font| font.glyph_id(letter).0 != 0)
    }

    /// Forms of a text as its script is written; `start` is where it begins in the whole, `number` that of this font.
    fn forms(&self, text: &str, start: usize, number: usize) -> Vec<Form> {
        let Ok(font) = harfrust::FontRef::from_index(&self.data, self.index) else { return Vec::new() };
        let data = ShaperData::new(&font);
        let shaper = data.shaper(&font).build();
        let em = shaper.units_per_em() as f32;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let shaped = shaper.shape(buffer, ShapeOptions::new());
        let ends: BTreeSet<usize> =
            shaped.glyph_infos().iter().map(|info| info.cluster as usize).chain([text.len()]).collect();
        let form = |(info, place): (&harfrust::GlyphInfo, &harfrust::GlyphPosition)| {
            let from = info.cluster as usize;
            let to = ends.range(from + 1..).next().copied().unwrap_or(text.len());
            Form {
                font: number,
                glyph: info.glyph_id,
                range: start + from..start + to,
                advance: place.x_advance as f32 / em,
                offset: [place.x_offset as f32 / em, place.y_offset as f32 / em],
            }
        };
        shaped.glyph_infos().iter().zip(shaped.glyph_positions()).map(form).collect()
    }
}

impl Letters {
    pub fn new() -> Result<Self, HandoverError> {
        let unreadable = || HandoverError::Document("its letters cannot be read".to_owned());
        let font = |bytes| FontRef::try_from_slice(bytes).map_err(|_| unreadable());
        let embedded = |bytes: &[u8]| Font::new(bytes.to_vec().into(), 0).ok_or_else(unreadable);
        Ok(Self {
            built_in: [font(REGULAR)?, font(SEMIBOLD)?],
            embedded: [embedded(REGULAR)?, embedded(SEMIBOLD)?],
            others: Vec::new(),
            among: None,
            sought: BTreeSet::new(),
            missing: BTreeSet::new(),
        })
    }

    /// Letters that were asked for and that no font has.
    pub fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// A font by the number that forms have.
    pub fn embedded(&self, number: usize) -> Font {
        let other = || self.others.get(number.wrapping_sub(BUILT_IN)).map(|other| &other.embedded);
        self.embedded.get(number).or_else(other).unwrap_or(&self.embedded[0]).clone()
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        &self.built_in[face as usize]
    }

    /// The program's form of a letter; of a space that the font lacks that of another one.
    fn built_in(&self, face: Face, letter: char) -> Option<ab_glyph::GlyphId> {
        let like = match letter {
            '\u{202f}' => '\u{2009}',
            '\u{2011}' => '-',
            other => other,
        };
        let id = self.font(face).glyph_id(like);
        (id.0 != 0).then_some(id)
    }

    /// Looks in other fonts for letters that the program's lack.
    fn look_for(&mut self, face: Face, text: &str) {
        let lacking = text.chars().filter(|letter| !letter.is_control() && self.built_in(face, *letter).is_none());
        let mut wanted: BTreeSet<char> = lacking.filter(|letter| !self.sought.contains(letter)).collect();
        if wanted.is_empty() {
            return;
        }
        self.sought.extend(&wanted);
        wanted.retain(|letter| !self.others.iter().any(|other| other.has(*letter)));
        let (found, missing) = fonts::find(self.among.as_ref().unwrap_or_else(|| fonts::system()), wanted.clone());
        self.others.extend(found.into_iter().filter_map(Other::new));
        self.missing.extend(missing);
        let unembedded = wanted.into_iter().filter(|letter| !self.others.iter().any(|other| other.has(*letter)));
        self.missing.extend(unembedded);
    }

    /// Number of the font that a letter is taken from.
    fn font_of(&self, face: Face, letter: char) -> usize {
        let other = || self.others.iter().position(|other| other.has(letter)).map(|at| at + BUILT_IN);
        let own = self.built_in(face, letter).is_some();
        if own { face as usize } else { other().unwrap_or(face as usize) }
    }

    /// Forms of a text, in the order in which they are drawn.
    pub fn forms(&self, face: Face, text: &str) -> Vec<Form> {
        let mut fonts: Vec<(usize, char, usize)> =
            text.char_indices().map(|(at, letter)| (at, letter, self.font_of(face, letter))).collect();
        // Spaces within another script belong to it: words that are written to the left follow each other to the left.
        for i in 1..fonts.len().saturating_sub(1) {
            let (before, after) = (fonts[i - 1].2, fonts[i + 1].2);
            if fonts[i].1 == ' ' && before == after && before >= BUILT_IN && self.others[before - BUILT_IN].has(' ') {
                fonts[i].2 = before;
            }
        }
        let mut forms = Vec::new();
        for run in fonts.chunk_by(|a, b| a.2 == b.2) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let range = first.0..last.0 + last.1.len_utf8();
            match self.others.get(first.2.wrapping_sub(BUILT_IN)).filter(|_| first.2 >= BUILT_IN) {
                Some(other) => forms.extend(other.forms(&text[range], first.0, first.2)),
                None => self.own_forms(face, run, &mut forms),
            }
        }
        forms
    }

    /// Forms of the program's own letters, kerned.
    fn own_forms(&self, face: Face, run: &[(usize, char, usize)], forms: &mut Vec<Form>) {
        let font = self.font(face);
        let em = font.units_per_em().unwrap_or(1000.0);
        let mut last: Option<ab_glyph::GlyphId> = None;
        for &(at, letter, _) in run {
            let id = self.built_in(face, letter).unwrap_or_else(|| font.glyph_id('?'));
            if let (Some(last), Some(form)) = (last, forms.last_mut()) {
                form.advance += font.kern_unscaled(last, id) / em;
            }
            last = Some(id);
            forms.push(Form {
                font: face as usize,
                glyph: u32::from(id.0),
                range: at..at + letter.len_utf8(),
                advance: font.h_advance_unscaled(id) / em,
                offset: [0.0; 2],
            });
        }
    }

    /// The outline of a form of this size that begins here, px; none of spaces.
    pub fn outline(&self, form: &Form, size_px: f32, [x, y]: [f32; 2]) -> Option<ab_glyph::OutlinedGlyph> {
        let id = ab_glyph::GlyphId(u16::try_from(form.glyph).ok()?);
        let outline = |font: &FontRef| {
            // Sizes there are heights of lines.
            let scale = size_px * font.height_unscaled() / font.units_per_em()?;
            font.outline_glyph(id.with_scale_and_position(scale, ab_glyph::point(x, y)))
        };
        match self.built_in.get(form.font) {
            Some(font) => outline(font),
            None => outline(&self.others.get(form.font.wrapping_sub(BUILT_IN))?.font()?),
        }
    }

    /// Width of a text, points.
    pub fn width(&self, style: Style, text: &str) -> f32 {
        style.size * self.forms(style.face, text).iter().map(|form| form.advance).sum::<f32>()
    }

    /// The text in lines no wider than this. Breaks at spaces; a word that is too wide is cut.
    pub fn lines(&mut self, style: Style, text: &str, width: f32) -> Vec<String> {
        self.look_for(style.face, text);
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text.split('\n') {
            let mut line = String::new();
            for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(style, &longer) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    // A space at the end, so that words stay apart when the text is copied.
                    lines.push(line + " ");
                }
                line = word.to_owned();
                while self.width(style, &line) > width && line.chars().count() > 1 {
                    let mut head = String::new();
                    for letter in line.chars() {
                        if !head.is_empty() && self.width(style, &format!("{head}{letter}")) > width {
                            break;
                        }
                        head.push(letter);
                    }
                    line = line[head.len()..].to_owned();
                    lines.push(head);
                }
            }
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epaint_default_fonts::HACK_REGULAR;

    /// Letters with a single font besides the program's, which has frames that these lack.
    fn letters() -> Letters {
        let mut among = Database::new();
        among.load_font_data(HACK_REGULAR.to_vec());
        Letters { among: Some(among), ..Letters::new().unwrap() }
    }

    #[test]
    fn letters_that_the_program_lacks_come_from_another_font_and_no_others_do() {
        let mut letters = letters();
        letters.lines(Style::BODY, "Anna Müller, Ελένη, Анна, 21\u{202f}480", 500.0);
        assert!(
            letters.others.is_empty() && letters.missing().is_empty(),
            "Latin, Greek and Cyrillic are the program's"
        );
        let text = "a╬ ╬b";
        assert_eq!(letters.lines(Style::BODY, text, 500.0), [text]);
        assert!(letters.missing().is_empty() && letters.others.len() == 1);
        let forms = letters.forms(Face::Regular, text);
        let fonts: Vec<usize> = forms.iter().map(|form| form.font).collect();
        assert_eq!(fonts, [0, 2, 2, 2, 0], "the space between belongs to the other script");
        let covered: Vec<Range<usize>> = forms.iter().map(|form| form.range.clone()).collect();
        assert_eq!(covered, [0..1, 1..4, 4..5, 5..8, 8..9], "and every letter of the text is told");
        assert!(forms.iter().all(|form| form.advance > 0.2 && form.glyph != 0));
    }

    #[test]
    fn letters_that_no_font_has_are_named() {
        let mut letters = letters();
        letters.lines(Style::BODY, "山田 ╬", 500.0);
        assert_eq!(*letters.missing(), BTreeSet::from(['山', '田']));
        let forms = letters.forms(Face::Regular, "山");
        assert_eq!(forms.len(), 1);
        assert_eq!(forms[0].glyph, u32::from(letters.font(Face::Regular).glyph_id('?').0));
    }
}
