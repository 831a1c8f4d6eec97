//! Glyphs for a document: from the built-in fonts, or for scripts these lack from system fonts.
//!
//! Latin, Greek and Cyrillic letters always come from the built-in fonts, so that the same case gives the same bytes on
//! any machine. A name in another script is shaped with system fonts; a letter that no font has is shown as a question
//! mark and reported to the caller.

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
/// Number of built-in fonts.
const BUILT_IN: usize = 2;

/// A positioned glyph, for one letter or several. Lengths are in units of the font size.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Index of its font.
    pub font: usize,
    /// Its glyph index in the font.
    pub glyph: u32,
    /// The bytes of the text that it stands for.
    pub range: Range<usize>,
    /// Distance to the next glyph.
    pub advance: f32,
    /// Offset at which it is drawn.
    pub offset: [f32; 2],
}

/// A system font.
struct Other {
    data: Vec<u8>,
    index: u32,
    /// The font as embedded in the document.
    embedded: Font,
}

/// The fonts, and the letters that none of them has.
pub(super) struct Letters {
    built_in: [FontRef<'static>; BUILT_IN],
    embedded: [Font; BUILT_IN],
    others: Vec<Other>,
    /// Fonts to search; `None`: the system's.
    among: Option<Database>,
    /// Letters already searched for in other fonts.
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

    /// Shapes a text in this font; `start` is its offset in the whole text, `number` the index of this font.
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

    /// Requested letters that no font has.
    pub fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// A font by its index in [`Form::font`].
    pub fn embedded(&self, number: usize) -> Font {
        let other = || self.others.get(number.wrapping_sub(BUILT_IN)).map(|other| &other.embedded);
        self.embedded.get(number).or_else(other).unwrap_or(&self.embedded[0]).clone()
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        &self.built_in[face as usize]
    }

    /// The built-in glyph of a letter; for a space or hyphen that the font lacks, that of a similar one.
    fn built_in(&self, face: Face, letter: char) -> Option<ab_glyph::GlyphId> {
        let like = match letter {
            '\u{202f}' => '\u{2009}',
            '\u{2011}' => '-',
            other => other,
        };
        let id = self.font(face).glyph_id(like);
        (id.0 != 0).then_some(id)
    }

    /// Searches other fonts for letters that the built-in ones lack.
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

    /// Index of the font that provides a letter.
    fn font_of(&self, face: Face, letter: char) -> usize {
        let other = || self.others.iter().position(|other| other.has(letter)).map(|at| at + BUILT_IN);
        let own = self.built_in(face, letter).is_some();
        if own { face as usize } else { other().unwrap_or(face as usize) }
    }

    /// The glyphs of a text, in drawing order.
    pub fn forms(&self, face: Face, text: &str) -> Vec<Form> {
        let mut fonts: Vec<(usize, char, usize)> =
            text.char_indices().map(|(at, letter)| (at, letter, self.font_of(face, letter))).collect();
        // Spaces within another script belong to it: right-to-left words follow each other to the left.
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

    /// Glyphs of the built-in fonts, kerned.
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

    /// The outline of a glyph of this size at this position, px; `None` for spaces.
    pub fn outline(&self, form: &Form, size_px: f32, [x, y]: [f32; 2]) -> Option<ab_glyph::OutlinedGlyph> {
        let id = ab_glyph::GlyphId(u16::try_from(form.glyph).ok()?);
        let outline = |font: &FontRef| {
            // ab_glyph scales fonts by line height.
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

    /// Breaks the text into lines no wider than this, at spaces; a word that is too wide is cut.
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
                    // A trailing space keeps words apart when the text is copied.
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

    /// Fonts with one font besides the built-in ones, which has box-drawing characters that these lack.
    fn letters() -> Letters {
        let mut among = Database::new();
        among.load_font_data(HACK_REGULAR.to_vec());
        Letters { among: Some(among), ..Letters::new().unwrap() }
    }

    #[test]
    fn only_letters_that_the_built_in_fonts_lack_come_from_another() {
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
