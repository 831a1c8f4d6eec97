//! Pages of a PDF that fill from the top: headings, paragraphs, tables, lists, pictures, lines to sign on.
//!
//! Every piece is laid out once and put on a page; the PDF is written at the end. Pieces carry what they are (PDF/UA-1), so that
//! a screen reader reads them in order, and whoever writes the file refuses one that lacks a text for a picture. Letters are
//! embedded, only those that are used; JPEG pictures go in as they are.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::sync::Arc;

use ab_glyph::{Font as _, FontRef};
use krilla::color::{luma, rgb};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Paint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as TagNode, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use crate::export::handover::HandoverError;
use crate::export::practice::Colour;

/// Points to a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A4.
const PAGE: [f32; 2] = [210.0 * MM, 297.0 * MM];
/// Left and right, top, and bottom, where the footer stands.
const MARGINS: [f32; 3] = [20.0 * MM, 18.0 * MM, 22.0 * MM];
/// Width of text.
pub const WIDTH: f32 = PAGE[0] - 2.0 * MARGINS[0];
/// Lines of more than about 90 letters are hard to follow: widest paragraph.
const WIDEST_TEXT: f32 = 430.0;
/// Distance of lines in sizes of letters.
const LEADING: f32 = 1.42;
/// What has to fit below a heading, so that none stands alone at the foot of a page.
const BELOW_HEADING: f32 = 90.0;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Semibold.ttf");

/// Ink, as sRGB: text, what is beside it, rules.
const INK: [u8; 3] = [0x22, 0x26, 0x2a];
const SOFT: [u8; 3] = [0x5b, 0x62, 0x68];
const RULE: [u8; 3] = [0xc9, 0xcf, 0xd3];
const SHADE: [u8; 3] = [0xf2, 0xf4, 0xf5];

/// Which letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Regular,
    Semibold,
}

/// Letters of a size and colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    face: Face,
    size: f32,
    colour: [u8; 3],
}

impl Style {
    /// Text that is read.
    pub const BODY: Self = Self { face: Face::Regular, size: 9.5, colour: INK };
    /// What stands out of it.
    pub const STRONG: Self = Self { face: Face::Semibold, ..Self::BODY };
    /// Below pictures and beside numbers.
    pub const SMALL: Self = Self { face: Face::Regular, size: 8.0, colour: SOFT };
    /// A large number.
    pub const FIGURE: Self = Self { face: Face::Semibold, size: 17.0, colour: INK };
    /// The title of the whole.
    pub const TITLE: Self = Self { face: Face::Semibold, size: 27.0, colour: INK };
    /// Below the title.
    pub const SUBTITLE: Self = Self { face: Face::Regular, size: 13.0, colour: SOFT };

    fn leading(self) -> f32 {
        self.size * if self.size > 12.0 { 1.25 } else { LEADING }
    }
}

/// What a picture is, and what lies over it.
pub struct Picture {
    /// The file, JPEG or PNG.
    pub bytes: Arc<Vec<u8>>,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// What stands below it.
    pub caption: String,
    /// Lines over it, as shares of its width and height.
    pub lines: Vec<Vec<[f32; 2]>>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What stands above it.
    pub head: &'static str,
    /// Share of the width.
    pub share: f32,
    /// Whether it holds numbers, which stand to the right.
    pub right: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(head: &'static str, share: f32) -> Self {
        Self { head, share, right: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn numbers(head: &'static str, share: f32) -> Self {
        Self { head, share, right: true }
    }
}

/// A drawing in real size on a page of its own: what SVG shows, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// Width and height of its paper, mm.
    pub size_mm: [f64; 2],
    /// Lines.
    pub lines: Vec<PlateLine>,
    /// Words on it.
    pub texts: Vec<PlateText>,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

impl Plate {
    /// Adds a straight line.
    pub fn draw(&mut self, ends_mm: [[f64; 2]; 2], colour: [u8; 3], width_mm: f64, dashed: bool) {
        self.lines.push(PlateLine { points_mm: ends_mm.to_vec(), colour, width_mm, dashed });
    }

    /// Adds words that begin here.
    pub fn write(&mut self, at_mm: [f64; 2], text: &str, size_mm: f64, strong: bool) {
        self.texts.push(PlateText { at_mm, text: text.to_owned(), size_mm, strong });
    }
}

/// A line of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct PlateLine {
    /// From the upper left corner of the paper, mm.
    pub points_mm: Vec<[f64; 2]>,
    /// sRGB sample values.
    pub colour: [u8; 3],
    /// How wide it is drawn, mm.
    pub width_mm: f64,
    /// Whether it is broken.
    pub dashed: bool,
}

/// Words on a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct PlateText {
    /// Where they begin, on their base line, mm.
    pub at_mm: [f64; 2],
    /// What they say.
    pub text: String,
    /// Size of the letters, mm.
    pub size_mm: f64,
    /// Whether they stand out.
    pub strong: bool,
}

/// What a piece is.
enum Kind {
    Heading(u16, String),
    Paragraph,
    Figure(String),
    Caption,
    Table,
    Row,
    HeadCell,
    Cell,
    List,
    Item,
    ItemBody,
    Group,
}

/// A piece of the document, in the order of reading.
enum Piece {
    Whole(Kind, Vec<Piece>),
    Mark(MarkPlace),
}

/// A mark's page and its number there.
#[derive(Clone, Copy)]
struct MarkPlace {
    page: usize,
    mark: usize,
}

enum Ink {
    Text { at: [f32; 2], style: Style, text: String },
    Box { at: [f32; 2], size: [f32; 2], colour: [u8; 3] },
    Frame { at: [f32; 2], size: [f32; 2] },
    Line { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Dashes { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Picture { at: [f32; 2], size: [f32; 2], image: Image },
}

/// Something on a page that is read at once.
struct Mark {
    inks: Vec<Ink>,
    /// Whether it says nothing: rules and the like.
    decoration: bool,
}

/// A page.
struct Sheet {
    size: [f32; 2],
    marks: Vec<Mark>,
}

impl Sheet {
    fn new() -> Self {
        Self { size: PAGE, marks: Vec::new() }
    }
}

/// The letters, and which of those that were asked for they lack.
struct Letters {
    fonts: [FontRef<'static>; 2],
    missing: BTreeSet<char>,
}

/// The document while it grows.
pub struct Sheets {
    letters: Letters,
    accent: [u8; 3],
    pages: Vec<Sheet>,
    y: f32,
    tree: Vec<Piece>,
    outline: Vec<(String, usize, f32)>,
    footer: String,
}

impl Letters {
    fn new() -> Result<Self, HandoverError> {
        let font = |bytes| {
            FontRef::try_from_slice(bytes).map_err(|_| HandoverError::Document("its letters cannot be read".to_owned()))
        };
        Ok(Self { fonts: [font(REGULAR)?, font(SEMIBOLD)?], missing: BTreeSet::new() })
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        &self.fonts[face as usize]
    }

    /// The letter's form; of a space that the font lacks that of another one, of other letters a question mark.
    fn form(&self, face: Face, letter: char) -> (ab_glyph::GlyphId, bool) {
        let font = self.font(face);
        let like = match letter {
            '\u{202f}' => '\u{2009}',
            '\u{2011}' => '-',
            other => other,
        };
        let id = font.glyph_id(like);
        if id.0 == 0 { (font.glyph_id('?'), false) } else { (id, true) }
    }

    /// Forms of a text with their advances in ems, kerned.
    fn forms(&self, face: Face, text: &str) -> Vec<(usize, char, ab_glyph::GlyphId, f32)> {
        let font = self.font(face);
        let em = font.units_per_em().unwrap_or(1000.0);
        let mut forms: Vec<(usize, char, ab_glyph::GlyphId, f32)> = Vec::new();
        for (at, letter) in text.char_indices() {
            let (id, _) = self.form(face, letter);
            if let Some((.., last, advance)) = forms.last_mut() {
                *advance += font.kern_unscaled(*last, id) / em;
            }
            forms.push((at, letter, id, font.h_advance_unscaled(id) / em));
        }
        forms
    }

    fn width(&self, style: Style, text: &str) -> f32 {
        style.size * self.forms(style.face, text).iter().map(|form| form.3).sum::<f32>()
    }

    /// The text in lines no wider than this. Breaks at spaces; a word that is too wide is cut.
    fn lines(&mut self, style: Style, text: &str, width: f32) -> Vec<String> {
        for letter in text.chars().filter(|letter| *letter != '\n') {
            if !self.form(style.face, letter).1 {
                self.missing.insert(letter);
            }
        }
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

impl Sheets {
    /// An empty document. `footer` stands at the foot of each page.
    ///
    /// # Errors
    /// None in a sound build: the letters are part of the program.
    pub fn new(accent: Colour, footer: String) -> Result<Self, HandoverError> {
        Ok(Self {
            letters: Letters::new()?,
            accent: accent.0,
            pages: vec![Sheet::new()],
            y: MARGINS[1],
            tree: Vec::new(),
            outline: Vec::new(),
            footer,
        })
    }

    /// Letters that were asked for and that there are no forms of.
    #[must_use]
    pub fn missing(&self) -> &BTreeSet<char> {
        &self.letters.missing
    }

    /// Height that is left on the page.
    #[must_use]
    pub fn left(&self) -> f32 {
        PAGE[1] - MARGINS[2] - self.y
    }

    /// Begins a new page, unless this one is still empty.
    pub fn new_page(&mut self) {
        if self.pages.last().is_some_and(|page| !page.marks.is_empty()) {
            self.pages.push(Sheet::new());
        }
        self.y = MARGINS[1];
    }

    /// Leaves room.
    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Begins a new page where less than this is left.
    pub fn need(&mut self, height: f32) {
        if self.left() < height {
            self.new_page();
        }
    }

    fn mark(&mut self, inks: Vec<Ink>, decoration: bool) -> Piece {
        let page = self.pages.len() - 1;
        self.pages[page].marks.push(Mark { inks, decoration });
        Piece::Mark(MarkPlace { page, mark: self.pages[page].marks.len() - 1 })
    }

    fn decorate(&mut self, inks: Vec<Ink>) {
        self.mark(inks, true);
    }

    /// Lines of text from `top` on, at `x`, within `width`; to the right where asked.
    fn text_inks(&self, lines: &[String], style: Style, [x, top]: [f32; 2], width: f32, right: bool) -> Vec<Ink> {
        let ink = |(i, line): (usize, &String)| {
            let indent = if right { width - self.letters.width(style, line.trim_end()) } else { 0.0 };
            let baseline = top + style.leading() * i as f32 + 0.5 * (style.leading() - style.size) + 0.86 * style.size;
            Ink::Text { at: [x + indent, baseline], style, text: line.clone() }
        };
        lines.iter().enumerate().filter(|(_, line)| !line.is_empty()).map(ink).collect()
    }

    /// The heading of a part.
    pub fn heading(&mut self, text: &str) {
        let style = Style { face: Face::Semibold, size: 16.0, colour: self.accent };
        self.titled(text, style, 1, 10.0);
        self.decorate(vec![Ink::Line {
            points: vec![[MARGINS[0], self.y - 4.0], [MARGINS[0] + WIDTH, self.y - 4.0]],
            colour: RULE,
            width: 0.6,
        }]);
        self.space(6.0);
    }

    /// The heading of a section within a part.
    pub fn subheading(&mut self, text: &str) {
        let style = Style { face: Face::Semibold, size: 11.0, colour: INK };
        if self.y > MARGINS[1] {
            self.space(10.0);
        }
        self.titled(text, style, 2, 4.0);
    }

    /// The title of the document.
    pub fn title(&mut self, text: &str) {
        self.titled(text, Style { colour: self.accent, ..Style::TITLE }, 1, 2.0);
    }

    fn titled(&mut self, text: &str, style: Style, level: u16, after: f32) {
        self.need(BELOW_HEADING + style.leading());
        self.outline.push((text.to_owned(), self.pages.len() - 1, self.y));
        let lines = self.letters.lines(style, text, WIDTH);
        let inks = self.text_inks(&lines, style, [MARGINS[0], self.y], WIDTH, false);
        let mark = self.mark(inks, false);
        self.tree.push(Piece::Whole(Kind::Heading(level, text.to_owned()), vec![mark]));
        self.y += style.leading() * lines.len() as f32 + after;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str, style: Style) {
        let lines = self.letters.lines(style, text, WIDTH.min(WIDEST_TEXT));
        let height = style.leading() * lines.len() as f32;
        self.need(height);
        let inks = self.text_inks(&lines, style, [MARGINS[0], self.y], WIDTH, false);
        let mark = self.mark(inks, false);
        self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        self.y += height + 0.5 * style.size;
    }

    /// Who hands it over: logo and name to the left, lines to the right.
    ///
    /// # Errors
    /// [`HandoverError::Document`] where the logo cannot be read.
    pub fn letterhead(&mut self, name: &str, lines: &[String], logo: Option<&[u8]>) -> Result<(), HandoverError> {
        let top = self.y;
        let mut reach = top;
        if let Some(logo) = logo {
            let image = Image::from_png(Arc::new(logo.to_vec()).into(), true)
                .map_err(|problem| HandoverError::Document(format!("the logo: {problem}")))?;
            let (width, height) = image.size();
            let scale = (45.0 * MM / width as f32).min(18.0 * MM / height as f32);
            let size = [width as f32 * scale, height as f32 * scale];
            let mark = self.mark(vec![Ink::Picture { at: [MARGINS[0], top], size, image }], false);
            let alt = if name.is_empty() { "Logo of the studio".to_owned() } else { format!("Logo of {name}") };
            self.tree.push(Piece::Whole(Kind::Figure(alt), vec![mark]));
            reach = reach.max(top + size[1]);
        } else if !name.is_empty() {
            let style = Style { face: Face::Semibold, size: 14.0, colour: self.accent };
            let shown = self.letters.lines(style, name, 0.55 * WIDTH);
            let inks = self.text_inks(&shown, style, [MARGINS[0], top], 0.55 * WIDTH, false);
            let mark = self.mark(inks, false);
            self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
            reach = reach.max(top + style.leading() * shown.len() as f32);
        }
        let mut right: Vec<String> = lines.to_vec();
        if logo.is_some() && !name.is_empty() {
            right.insert(0, name.to_owned());
        }
        if !right.is_empty() {
            let style = Style::SMALL;
            let width = 0.42 * WIDTH;
            let shown = self.letters.lines(style, &right.join("\n"), width);
            let inks = self.text_inks(&shown, style, [MARGINS[0] + WIDTH - width, top], width, true);
            let mark = self.mark(inks, false);
            self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
            reach = reach.max(top + style.leading() * shown.len() as f32);
        }
        if reach > top {
            self.y = reach + 8.0;
            self.decorate(vec![Ink::Line {
                points: vec![[MARGINS[0], self.y], [MARGINS[0] + WIDTH, self.y]],
                colour: self.accent,
                width: 1.2,
            }]);
            self.space(14.0);
        }
        Ok(())
    }

    /// Numbers that answer the first questions, side by side.
    pub fn figures(&mut self, figures: &[(String, String)]) {
        const HEIGHT: f32 = 52.0;
        const GAP: f32 = 8.0;
        self.need(HEIGHT);
        let count = figures.len().max(1) as f32;
        let width = (WIDTH - GAP * (count - 1.0)) / count;
        let mut rows = Vec::new();
        for (i, (number, label)) in figures.iter().enumerate() {
            let x = MARGINS[0] + i as f32 * (width + GAP);
            self.decorate(vec![
                Ink::Box { at: [x, self.y], size: [width, HEIGHT], colour: SHADE },
                Ink::Box { at: [x, self.y], size: [2.2, HEIGHT], colour: self.accent },
            ]);
            let mut style = Style::FIGURE;
            while style.size > 8.0 && self.letters.width(style, number) > width - 20.0 {
                style.size -= 0.5;
            }
            let lines = self.letters.lines(style, number, width - 12.0);
            let mut inks = self.text_inks(&lines, style, [x + 10.0, self.y + 7.0], width, false);
            let lines = self.letters.lines(Style::SMALL, label, width - 14.0);
            inks.extend(self.text_inks(&lines, Style::SMALL, [x + 10.0, self.y + 32.0], width, false));
            rows.push(Piece::Whole(Kind::Paragraph, vec![self.mark(inks, false)]));
        }
        self.tree.push(Piece::Whole(Kind::Group, rows));
        self.y += HEIGHT + 12.0;
    }

    /// Pictures side by side, each this wide and as high.
    ///
    /// # Errors
    /// [`HandoverError::Document`] where one cannot be read.
    pub fn pictures(&mut self, pictures: &[Picture], width: f32, gap: f32) -> Result<(), HandoverError> {
        let captions: Vec<Vec<String>> =
            pictures.iter().map(|p| self.letters.lines(Style::SMALL, &p.caption, width)).collect();
        let most = captions.iter().map(Vec::len).max().unwrap_or(0) as f32;
        self.need(width + most * Style::SMALL.leading() + 4.0);
        for (i, (picture, caption)) in pictures.iter().zip(&captions).enumerate() {
            let at = [MARGINS[0] + i as f32 * (width + gap), self.y];
            let is_png = picture.bytes.starts_with(b"\x89PNG");
            let data = Arc::clone(&picture.bytes).into();
            let image = if is_png { Image::from_png(data, true) } else { Image::from_jpeg(data, true) };
            let image = image.map_err(|problem| HandoverError::Document(format!("a picture: {problem}")))?;
            let size = [width, width];
            let mut inks = vec![Ink::Picture { at, size, image }];
            for line in &picture.lines {
                let points: Vec<[f32; 2]> = line.iter().map(|p| [at[0] + p[0] * width, at[1] + p[1] * width]).collect();
                // White on skin, dark beside it: seen on any skin, and in grey.
                inks.push(Ink::Line { points: points.clone(), colour: INK, width: 2.0 });
                inks.push(Ink::Line { points, colour: [255; 3], width: 1.1 });
            }
            let figure = self.mark(inks, false);
            let mut pieces = vec![figure];
            if caption.iter().any(|line| !line.is_empty()) {
                let inks = self.text_inks(caption, Style::SMALL, [at[0], at[1] + width + 2.0], width, false);
                let caption = self.mark(inks, false);
                pieces.push(Piece::Whole(Kind::Caption, vec![caption]));
            }
            self.tree.push(Piece::Whole(Kind::Figure(picture.alt.clone()), pieces));
        }
        self.y += width + most * Style::SMALL.leading() + 10.0;
        Ok(())
    }

    /// A table. Its head stands again on every page that it goes on to.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        const PAD: f32 = 4.0;
        let sum: f32 = columns.iter().map(|column| column.share).sum();
        let widths: Vec<f32> = columns.iter().map(|column| WIDTH * column.share / sum).collect();
        let head_style = Style { face: Face::Semibold, size: 8.0, colour: SOFT };
        let head: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
        let mut pieces = Vec::new();
        let mut begun = false;
        for row in rows {
            let lines = self.row_lines(row, &widths, Style::BODY);
            let height = 2.0 * PAD + Style::BODY.leading() * lines.iter().map(Vec::len).max().unwrap_or(1) as f32;
            let head_lines = self.row_lines(&head, &widths, head_style);
            let head_height =
                2.0 * PAD + head_style.leading() * head_lines.iter().map(Vec::len).max().unwrap_or(1) as f32;
            let needed = if begun { height } else { head_height + height };
            if !begun || self.left() < needed {
                if self.left() < head_height + height {
                    self.new_page();
                }
                let repeated = begun;
                let cells = self.row(columns, &widths, &head_lines, head_style, PAD);
                // Only the first one is read; the others are there for the eye.
                if !repeated {
                    let cells = cells.into_iter().map(|cell| Piece::Whole(Kind::HeadCell, vec![cell])).collect();
                    pieces.push(Piece::Whole(Kind::Row, cells));
                } else if let Some(page) = self.pages.last_mut() {
                    for cell in cells {
                        if let Piece::Mark(place) = cell {
                            page.marks[place.mark].decoration = true;
                        }
                    }
                }
                self.y += head_height;
                self.rule(RULE, 0.9);
                begun = true;
            }
            let cells = self.row(columns, &widths, &lines, Style::BODY, PAD);
            let cells = cells.into_iter().map(|cell| Piece::Whole(Kind::Cell, vec![cell])).collect();
            pieces.push(Piece::Whole(Kind::Row, cells));
            self.y += height;
            self.rule(RULE, 0.4);
        }
        self.tree.push(Piece::Whole(Kind::Table, pieces));
        self.space(10.0);
    }

    fn row_lines(&mut self, row: &[String], widths: &[f32], style: Style) -> Vec<Vec<String>> {
        row.iter().zip(widths).map(|(cell, width)| self.letters.lines(style, cell, width - 8.0)).collect()
    }

    /// The cells of a row, each a mark.
    fn row(&mut self, columns: &[Column], widths: &[f32], lines: &[Vec<String>], style: Style, pad: f32) -> Vec<Piece> {
        let mut x = MARGINS[0];
        let mut cells = Vec::new();
        for ((column, width), lines) in columns.iter().zip(widths).zip(lines) {
            // The first column begins where paragraphs do, the last one ends with them.
            let inks = self.text_inks(lines, style, [x, self.y + pad], width - 8.0, column.right);
            cells.push(self.mark(inks, false));
            x += width;
        }
        cells
    }

    fn rule(&mut self, colour: [u8; 3], width: f32) {
        let y = self.y;
        self.decorate(vec![Ink::Line { points: vec![[MARGINS[0], y], [MARGINS[0] + WIDTH, y]], colour, width }]);
    }

    /// A drawing in real size on a page of its own; what follows begins on the next one.
    pub fn plate(&mut self, plate: &Plate) {
        self.new_page();
        let points = |points: &[[f64; 2]]| points.iter().map(|p| p.map(|c| c as f32 * MM)).collect();
        let mut inks = Vec::new();
        for line in &plate.lines {
            let (points, colour, width) = (points(&line.points_mm), line.colour, line.width_mm as f32 * MM);
            inks.push(if line.dashed {
                Ink::Dashes { points, colour, width }
            } else {
                Ink::Line { points, colour, width }
            });
        }
        let figure = self.mark(inks, false);
        self.tree.push(Piece::Whole(Kind::Figure(plate.alt.clone()), vec![figure]));
        self.outline.push((plate.alt.clone(), self.pages.len() - 1, 0.0));
        for text in &plate.texts {
            let face = if text.strong { Face::Semibold } else { Face::Regular };
            let style = Style { face, size: text.size_mm as f32 * MM, colour: INK };
            self.letters.lines(style, &text.text, f32::INFINITY);
            let at = text.at_mm.map(|c| c as f32 * MM);
            let mark = self.mark(vec![Ink::Text { at, style, text: text.text.clone() }], false);
            self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        }
        if let Some(page) = self.pages.last_mut() {
            page.size = plate.size_mm.map(|c| c as f32 * MM);
        }
        self.new_page();
    }

    /// A list; each item is marked with a bullet, or a box to tick.
    pub fn list(&mut self, items: &[String], to_tick: bool) {
        const INDENT: f32 = 14.0;
        let style = Style::BODY;
        let width = WIDTH.min(WIDEST_TEXT) - INDENT;
        let mut pieces = Vec::new();
        for item in items {
            let lines = self.letters.lines(style, item, width);
            let height = style.leading() * lines.len() as f32;
            self.need(height);
            let y = self.y;
            self.decorate(vec![if to_tick {
                Ink::Frame { at: [MARGINS[0], y + 2.6], size: [8.0, 8.0] }
            } else {
                Ink::Box { at: [MARGINS[0] + 3.0, y + 5.8], size: [2.6, 2.6], colour: self.accent }
            }]);
            let inks = self.text_inks(&lines, style, [MARGINS[0] + INDENT, y], width, false);
            let mark = self.mark(inks, false);
            let body = Piece::Whole(Kind::ItemBody, vec![mark]);
            pieces.push(Piece::Whole(Kind::Item, vec![body]));
            self.y += height + if to_tick { 6.0 } else { 2.5 };
        }
        self.tree.push(Piece::Whole(Kind::List, pieces));
        self.space(5.0);
    }

    /// Lines to sign on, side by side, with what belongs on each.
    pub fn signatures(&mut self, labels: &[&str]) {
        const HEIGHT: f32 = 58.0;
        const GAP: f32 = 18.0;
        self.need(HEIGHT);
        let width = (WIDTH - GAP * (labels.len() as f32 - 1.0)) / labels.len().max(1) as f32;
        let mut pieces = Vec::new();
        for (i, label) in labels.iter().enumerate() {
            let x = MARGINS[0] + i as f32 * (width + GAP);
            let y = self.y + 40.0;
            self.decorate(vec![Ink::Line { points: vec![[x, y], [x + width, y]], colour: SOFT, width: 0.8 }]);
            let lines = self.letters.lines(Style::SMALL, label, width);
            let inks = self.text_inks(&lines, Style::SMALL, [x, y + 2.0], width, false);
            let mark = self.mark(inks, false);
            pieces.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        }
        self.tree.push(Piece::Whole(Kind::Group, pieces));
        self.y += HEIGHT + 8.0;
    }

    /// The PDF.
    ///
    /// # Errors
    /// [`HandoverError::Document`] where it would not be one that screen readers can read.
    pub fn finish(mut self, title: &str) -> Result<Vec<u8>, HandoverError> {
        let refused = |problem: &dyn std::fmt::Debug| HandoverError::Document(format!("{problem:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|e| refused(&e))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let font = |bytes: &'static [u8]| {
            Font::new(bytes.to_vec().into(), 0)
                .ok_or_else(|| HandoverError::Document("its letters cannot be read".to_owned()))
        };
        let fonts = [font(REGULAR)?, font(SEMIBOLD)?];
        let pages = std::mem::take(&mut self.pages);
        let count = pages.len();
        let footer = std::mem::take(&mut self.footer);
        let mut known: Vec<Vec<Option<Identifier>>> = Vec::new();
        for (number, Sheet { size: paper, marks }) in pages.iter().enumerate() {
            let size = Size::from_wh(paper[0], paper[1]);
            let size = size.ok_or_else(|| HandoverError::Document("there is no such paper".to_owned()))?;
            let mut page = document.start_page_with(PageSettings::new(size));
            let mut surface = page.surface();
            let mut identifiers = Vec::new();
            for mark in marks {
                let tag = if mark.decoration {
                    ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout))
                } else if mark.inks.iter().all(|ink| matches!(ink, Ink::Text { .. })) {
                    ContentTag::Span(SpanTag::empty())
                } else {
                    ContentTag::Other
                };
                let identifier = surface.start_tagged(tag);
                for ink in &mark.inks {
                    self.letters.draw(&mut surface, &fonts, ink);
                }
                surface.end_tagged();
                identifiers.push((!mark.decoration).then_some(identifier));
            }
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
            for ink in self.footer_inks(&footer, number + 1, count, *paper) {
                self.letters.draw(&mut surface, &fonts, &ink);
            }
            surface.end_tagged();
            surface.finish();
            page.finish();
            known.push(identifiers);
        }
        let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
        for piece in &self.tree {
            if let Some(node) = node(piece, &known) {
                tree.push(node);
            }
        }
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        for (text, page, y) in &self.outline {
            let place = XyzDestination::new(*page, Point::from_xy(0.0, (y - 10.0).max(0.0)));
            outline.push_child(OutlineNode::new(text.clone(), place));
        }
        document.set_outline(outline);
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .language("en".to_owned())
                .creator("Scalp Studio".to_owned())
                .producer("Scalp Studio".to_owned()),
        );
        document.finish().map_err(|e| refused(&e))
    }

    fn footer_inks(&self, footer: &str, number: usize, count: usize, [width, height]: [f32; 2]) -> Vec<Ink> {
        let style = Style { size: 7.5, ..Style::SMALL };
        let y = height - 13.0 * MM;
        let page = format!("{number} / {count}");
        let right = width - MARGINS[0] - self.letters.width(style, &page);
        // A drawing fills its paper.
        if [width, height] != PAGE {
            return vec![Ink::Text { at: [right, height - 5.0 * MM], style, text: page }];
        }
        vec![
            Ink::Line {
                points: vec![[MARGINS[0], y - 11.0], [MARGINS[0] + WIDTH, y - 11.0]],
                colour: RULE,
                width: 0.4,
            },
            Ink::Text { at: [MARGINS[0], y], style, text: footer.to_owned() },
            Ink::Text { at: [right, y], style, text: page },
        ]
    }
}

impl Letters {
    fn draw(&self, surface: &mut Surface, fonts: &[Font; 2], ink: &Ink) {
        let paint = |colour: [u8; 3]| -> Paint {
            let [red, green, blue] = colour;
            if red == green && green == blue {
                luma::Color::new(red).into()
            } else {
                rgb::Color::new(red, green, blue).into()
            }
        };
        let fill = |colour| Some(Fill { paint: paint(colour), ..Fill::default() });
        let rect = |at: &[f32; 2], size: &[f32; 2]| {
            let mut builder = PathBuilder::new();
            builder.push_rect(Rect::from_xywh(at[0], at[1], size[0], size[1])?);
            builder.finish()
        };
        match ink {
            Ink::Text { at, style, text } => {
                let forms = self.forms(style.face, text);
                let glyph = |(start, letter, id, advance): &(usize, char, ab_glyph::GlyphId, f32)| {
                    let range = *start..*start + letter.len_utf8();
                    KrillaGlyph::new(GlyphId::new(u32::from(id.0)), *advance, 0.0, 0.0, 0.0, range, None)
                };
                let glyphs: Vec<KrillaGlyph> = forms.iter().map(glyph).collect();
                surface.set_stroke(None);
                surface.set_fill(fill(style.colour));
                let font = fonts[style.face as usize].clone();
                surface.draw_glyphs(Point::from_xy(at[0], at[1]), &glyphs, font, text, style.size, false);
            }
            Ink::Box { at, size, colour } => {
                surface.set_stroke(None);
                surface.set_fill(fill(*colour));
                if let Some(path) = rect(at, size) {
                    surface.draw_path(&path);
                }
            }
            Ink::Frame { at, size } => {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { paint: paint(SOFT), width: 0.9, ..Stroke::default() }));
                if let Some(path) = rect(at, size) {
                    surface.draw_path(&path);
                }
            }
            Ink::Line { points, colour, width } | Ink::Dashes { points, colour, width } => {
                let dashes = || StrokeDash { array: vec![1.6 * MM, 1.2 * MM], offset: 0.0 };
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    paint: paint(*colour),
                    width: *width,
                    // Rulers end where they end.
                    line_cap: LineCap::Butt,
                    line_join: LineJoin::Round,
                    dash: matches!(ink, Ink::Dashes { .. }).then(dashes),
                    ..Stroke::default()
                }));
                if let Some(path) = open_path(points) {
                    surface.draw_path(&path);
                }
            }
            Ink::Picture { at, size, image } => {
                surface.push_transform(&Transform::from_translate(at[0], at[1]));
                if let Some(size) = Size::from_wh(size[0], size[1]) {
                    surface.draw_image(image.clone(), size);
                }
                surface.pop();
            }
        }
    }
}

fn open_path(points: &[[f32; 2]]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (i, [x, y]) in points.iter().enumerate() {
        if i == 0 { builder.move_to(*x, *y) } else { builder.line_to(*x, *y) }
    }
    builder.finish()
}

/// A piece as the file has it; none where nothing of it is read.
fn node(piece: &Piece, known: &[Vec<Option<Identifier>>]) -> Option<TagNode> {
    match piece {
        Piece::Mark(place) => known.get(place.page)?.get(place.mark)?.map(TagNode::from),
        Piece::Whole(kind, pieces) => {
            let tag: TagKind = match kind {
                Kind::Heading(level, text) => {
                    Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into()
                }
                Kind::Paragraph => Tag::P.into(),
                Kind::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
                Kind::Caption => Tag::Caption.into(),
                Kind::Table => Tag::Table.into(),
                Kind::Row => Tag::TR.into(),
                Kind::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
                Kind::Cell => Tag::TD.into(),
                Kind::List => Tag::L(ListNumbering::None).into(),
                Kind::Item => Tag::LI.into(),
                Kind::ItemBody => Tag::LBody.into(),
                Kind::Group => Tag::Div.into(),
            };
            let mut group = TagGroup::new(tag);
            for piece in pieces {
                if let Some(child) = node(piece, known) {
                    group.push(child);
                }
            }
            Some(group.into())
        }
    }
}
