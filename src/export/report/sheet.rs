//! Lays out PDF pages from top to bottom: headings, paragraphs, tables, lists, pictures, lines to sign on.
//!
//! Every piece is laid out once and put on a page; the PDF is written at the end. Pieces carry their roles (PDF/UA-1),
//! so that a screen reader reads them in order and a picture without alternative text is rejected when the file is
//! written. Only the letters used are embedded; JPEG pictures are included unchanged.

use std::collections::BTreeSet;
use std::sync::Arc;

use krilla::image::Image;

use super::drawing::ScaleDrawing;
use super::letters::Letters;
use super::pdf::Pdf;
use super::pieces::{DrawOp, Kind, Mark, MarkPlace, Piece, Sheet};
use super::preview;
use super::style::{Face, INK, MARGINS, MM, PAGE, RULE, SHADE, SOFT, Style, WIDEST_TEXT, WIDTH};
use crate::case::signature::HEIGHT as SIGNATURE_HEIGHT;
use crate::export::handover::HandoverError;
use crate::export::practice::Colour;
use crate::export::tables::{Column, Table};
use crate::photo::Photo;

/// Space needed below a heading, so that none stands alone at the foot of a page.
const BELOW_HEADING: f32 = 90.0;

/// A picture, and what is drawn over it.
pub struct Figure {
    /// The JPEG or PNG file.
    pub bytes: Arc<Vec<u8>>,
    /// A description for people who cannot see it.
    pub alt: String,
    /// The caption.
    pub caption: String,
    /// Lines over it, relative to its width and height.
    pub lines: Vec<Vec<[f32; 2]>>,
}

/// A document under construction.
pub struct Sheets {
    letters: Letters,
    accent: [u8; 3],
    pages: Vec<Sheet>,
    y: f32,
    tree: Vec<Piece>,
    outline: Vec<(String, usize, f32)>,
    footer: String,
}

impl Sheets {
    /// An empty document. `footer` is printed at the foot of each page.
    ///
    /// # Errors
    /// None in an intact build: the fonts are part of the program.
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

    /// Requested letters that no font has.
    #[must_use]
    pub fn missing(&self) -> &BTreeSet<char> {
        self.letters.missing()
    }

    /// Height left on the page.
    #[must_use]
    pub fn left(&self) -> f32 {
        PAGE[1] - MARGINS[2] - self.y
    }

    /// Starts a new page, unless this one is still empty.
    pub fn new_page(&mut self) {
        if self.pages.last().is_some_and(|page| !page.marks.is_empty()) {
            self.pages.push(Sheet::new());
        }
        self.y = MARGINS[1];
    }

    /// Leaves vertical space.
    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Starts a new page if less than this height is left.
    pub fn need(&mut self, height: f32) {
        if self.left() < height {
            self.new_page();
        }
    }

    fn mark(&mut self, ops: Vec<DrawOp>, decoration: bool) -> Piece {
        let page = self.pages.len() - 1;
        self.pages[page].marks.push(Mark { ops, decoration });
        Piece::Mark(MarkPlace { page, mark: self.pages[page].marks.len() - 1 })
    }

    fn decorate(&mut self, ops: Vec<DrawOp>) {
        self.mark(ops, true);
    }

    /// Lines of text starting at `top`, at `x`, within `width`; right-aligned if `right`.
    fn text_ops(&self, lines: &[String], style: Style, [x, top]: [f32; 2], width: f32, right: bool) -> Vec<DrawOp> {
        let op = |(i, line): (usize, &String)| {
            let indent = if right { width - self.letters.width(style, line.trim_end()) } else { 0.0 };
            let baseline = top + style.leading() * i as f32 + 0.5 * (style.leading() - style.size) + 0.86 * style.size;
            DrawOp::Text { at: [x + indent, baseline], style, text: line.clone() }
        };
        lines.iter().enumerate().filter(|(_, line)| !line.is_empty()).map(op).collect()
    }

    /// The heading of a part.
    pub fn heading(&mut self, text: &str) {
        let style = Style { face: Face::Semibold, size: 16.0, colour: self.accent };
        self.titled(text, style, 1, 10.0);
        self.decorate(vec![DrawOp::Line {
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
        let ops = self.text_ops(&lines, style, [MARGINS[0], self.y], WIDTH, false);
        let mark = self.mark(ops, false);
        self.tree.push(Piece::Whole(Kind::Heading(level, text.to_owned()), vec![mark]));
        self.y += style.leading() * lines.len() as f32 + after;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str, style: Style) {
        let lines = self.letters.lines(style, text, WIDTH.min(WIDEST_TEXT));
        let height = style.leading() * lines.len() as f32;
        self.need(height);
        let ops = self.text_ops(&lines, style, [MARGINS[0], self.y], WIDTH, false);
        let mark = self.mark(ops, false);
        self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        self.y += height + 0.5 * style.size;
    }

    /// Adds the letterhead: logo or name on the left, lines on the right.
    ///
    /// # Errors
    /// [`HandoverError::Document`] if the logo cannot be read.
    pub fn letterhead(&mut self, name: &str, lines: &[String], logo: Option<&[u8]>) -> Result<(), HandoverError> {
        let top = self.y;
        let mut reach = top;
        if let Some(logo) = logo {
            let bytes = Arc::new(logo.to_vec());
            let image = Image::from_png(Arc::clone(&bytes).into(), true)
                .map_err(|problem| HandoverError::Document(format!("the logo: {problem}")))?;
            let (width, height) = image.size();
            let scale = (45.0 * MM / width as f32).min(18.0 * MM / height as f32);
            let size = [width as f32 * scale, height as f32 * scale];
            let mark = self.mark(vec![DrawOp::Picture { at: [MARGINS[0], top], size, image, bytes }], false);
            let alt = if name.is_empty() { "Logo of the studio".to_owned() } else { format!("Logo of {name}") };
            self.tree.push(Piece::Whole(Kind::Figure(alt), vec![mark]));
            reach = reach.max(top + size[1]);
        } else if !name.is_empty() {
            let style = Style { face: Face::Semibold, size: 14.0, colour: self.accent };
            let shown = self.letters.lines(style, name, 0.55 * WIDTH);
            let ops = self.text_ops(&shown, style, [MARGINS[0], top], 0.55 * WIDTH, false);
            let mark = self.mark(ops, false);
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
            let ops = self.text_ops(&shown, style, [MARGINS[0] + WIDTH - width, top], width, true);
            let mark = self.mark(ops, false);
            self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
            reach = reach.max(top + style.leading() * shown.len() as f32);
        }
        if reach > top {
            self.y = reach + 8.0;
            self.decorate(vec![DrawOp::Line {
                points: vec![[MARGINS[0], self.y], [MARGINS[0] + WIDTH, self.y]],
                colour: self.accent,
                width: 1.2,
            }]);
            self.space(14.0);
        }
        Ok(())
    }

    /// Adds key figures, side by side.
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
                DrawOp::Box { at: [x, self.y], size: [width, HEIGHT], colour: SHADE },
                DrawOp::Box { at: [x, self.y], size: [2.2, HEIGHT], colour: self.accent },
            ]);
            let mut style = Style::FIGURE;
            while style.size > 8.0 && self.letters.width(style, number) > width - 20.0 {
                style.size -= 0.5;
            }
            let lines = self.letters.lines(style, number, width - 12.0);
            let mut ops = self.text_ops(&lines, style, [x + 10.0, self.y + 7.0], width, false);
            let lines = self.letters.lines(Style::SMALL, label, width - 14.0);
            ops.extend(self.text_ops(&lines, Style::SMALL, [x + 10.0, self.y + 32.0], width, false));
            rows.push(Piece::Whole(Kind::Paragraph, vec![self.mark(ops, false)]));
        }
        self.tree.push(Piece::Whole(Kind::Group, rows));
        self.y += HEIGHT + 12.0;
    }

    /// Adds square pictures of this width, side by side.
    ///
    /// # Errors
    /// [`HandoverError::Document`] if one cannot be read.
    pub fn pictures(&mut self, pictures: &[Figure], width: f32, gap: f32) -> Result<(), HandoverError> {
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
            let mut ops = vec![DrawOp::Picture { at, size, image, bytes: Arc::clone(&picture.bytes) }];
            for line in &picture.lines {
                let points: Vec<[f32; 2]> = line.iter().map(|p| [at[0] + p[0] * width, at[1] + p[1] * width]).collect();
                // White with dark rims: visible on any skin, and in grey.
                ops.push(DrawOp::Line { points: points.clone(), colour: INK, width: 2.0 });
                ops.push(DrawOp::Line { points, colour: [255; 3], width: 1.1 });
            }
            let figure = self.mark(ops, false);
            let mut pieces = vec![figure];
            if caption.iter().any(|line| !line.is_empty()) {
                let ops = self.text_ops(caption, Style::SMALL, [at[0], at[1] + width + 2.0], width, false);
                let caption = self.mark(ops, false);
                pieces.push(Piece::Whole(Kind::Caption, vec![caption]));
            }
            self.tree.push(Piece::Whole(Kind::Figure(picture.alt.clone()), pieces));
        }
        self.y += width + most * Style::SMALL.leading() + 10.0;
        Ok(())
    }

    /// Adds a table, repeating its head on every page that it continues on.
    pub fn table(&mut self, table: &Table) {
        const PAD: f32 = 4.0;
        let Table { columns, rows } = table;
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
                // Only the first head is tagged for reading; the others are just visual.
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

    /// The cells of a row, one mark each.
    fn row(&mut self, columns: &[Column], widths: &[f32], lines: &[Vec<String>], style: Style, pad: f32) -> Vec<Piece> {
        let mut x = MARGINS[0];
        let mut cells = Vec::new();
        for ((column, width), lines) in columns.iter().zip(widths).zip(lines) {
            // The first column starts where paragraphs do, and the last one ends with them.
            let ops = self.text_ops(lines, style, [x, self.y + pad], width - 8.0, column.right);
            cells.push(self.mark(ops, false));
            x += width;
        }
        cells
    }

    fn rule(&mut self, colour: [u8; 3], width: f32) {
        let y = self.y;
        self.decorate(vec![DrawOp::Line { points: vec![[MARGINS[0], y], [MARGINS[0] + WIDTH, y]], colour, width }]);
    }

    /// Adds a drawing at actual size on a page of its own; what follows starts on the next one.
    pub fn drawing(&mut self, drawing: &ScaleDrawing) {
        self.new_page();
        let points = |points: &[[f64; 2]]| points.iter().map(|p| p.map(|c| c as f32 * MM)).collect();
        let mut ops = Vec::new();
        for line in &drawing.lines {
            let (points, colour, width) = (points(&line.points_mm), line.colour, line.width_mm as f32 * MM);
            ops.push(if line.dashed {
                DrawOp::Dashes { points, colour, width }
            } else {
                DrawOp::Line { points, colour, width }
            });
        }
        let figure = self.mark(ops, false);
        self.tree.push(Piece::Whole(Kind::Figure(drawing.alt.clone()), vec![figure]));
        self.outline.push((drawing.alt.clone(), self.pages.len() - 1, 0.0));
        for text in &drawing.texts {
            let face = if text.strong { Face::Semibold } else { Face::Regular };
            let style = Style { face, size: text.size_mm as f32 * MM, colour: INK };
            self.letters.lines(style, &text.text, f32::INFINITY);
            let at = text.at_mm.map(|c| c as f32 * MM);
            let mark = self.mark(vec![DrawOp::Text { at, style, text: text.text.clone() }], false);
            self.tree.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        }
        if let Some(page) = self.pages.last_mut() {
            page.size = drawing.size_mm.map(|c| c as f32 * MM);
        }
        self.new_page();
    }

    /// Adds a list; each item is marked with a bullet or a tick box.
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
                DrawOp::Frame { at: [MARGINS[0], y + 2.6], size: [8.0, 8.0] }
            } else {
                DrawOp::Box { at: [MARGINS[0] + 3.0, y + 5.8], size: [2.6, 2.6], colour: self.accent }
            }]);
            let ops = self.text_ops(&lines, style, [MARGINS[0] + INDENT, y], width, false);
            let mark = self.mark(ops, false);
            let body = Piece::Whole(Kind::ItemBody, vec![mark]);
            pieces.push(Piece::Whole(Kind::Item, vec![body]));
            self.y += height + if to_tick { 6.0 } else { 2.5 };
        }
        self.tree.push(Piece::Whole(Kind::List, pieces));
        self.space(5.0);
    }

    /// Adds labelled lines to sign on, side by side. A signature drawn in the window is shown above the first one: its
    /// strokes, in units of the field's width, and its alternative text.
    pub fn signatures(&mut self, labels: &[&str], drawn: Option<(&[Vec<[f64; 2]>], &str)>) {
        const HEIGHT: f32 = 58.0;
        const GAP: f32 = 18.0;
        self.need(HEIGHT);
        let width = (WIDTH - GAP * (labels.len() as f32 - 1.0)) / labels.len().max(1) as f32;
        let mut pieces = Vec::new();
        if let Some((strokes, alt)) = drawn {
            // Placed as in the field, whose lower edge becomes the line.
            let size = width.min(40.0 / SIGNATURE_HEIGHT as f32);
            let top = self.y + 40.0 - size * SIGNATURE_HEIGHT as f32;
            let place = |[x, y]: &[f64; 2]| [MARGINS[0] + size * *x as f32, top + size * *y as f32];
            let line = |stroke: &Vec<[f64; 2]>| DrawOp::Line {
                points: stroke.iter().map(place).collect(),
                colour: INK,
                width: 1.1,
            };
            let ops = strokes.iter().filter(|stroke| stroke.len() > 1).map(line).collect();
            let mark = self.mark(ops, false);
            pieces.push(Piece::Whole(Kind::Figure(alt.to_owned()), vec![mark]));
        }
        for (i, label) in labels.iter().enumerate() {
            let x = MARGINS[0] + i as f32 * (width + GAP);
            let y = self.y + 40.0;
            self.decorate(vec![DrawOp::Line { points: vec![[x, y], [x + width, y]], colour: SOFT, width: 0.8 }]);
            let lines = self.letters.lines(Style::SMALL, label, width);
            let ops = self.text_ops(&lines, Style::SMALL, [x, y + 2.0], width, false);
            let mark = self.mark(ops, false);
            pieces.push(Piece::Whole(Kind::Paragraph, vec![mark]));
        }
        self.tree.push(Piece::Whole(Kind::Group, pieces));
        self.y += HEIGHT + 8.0;
    }

    /// A page as a picture of this width; `None` if there is no such page.
    ///
    /// # Errors
    /// [`HandoverError::Photo`] if a picture on it cannot be read.
    pub fn preview(&self, page: usize, width_px: u32) -> Result<Option<Photo>, HandoverError> {
        self.pages.get(page).map(|page| preview::of(page, &self.letters, width_px)).transpose()
    }

    /// Writes the PDF.
    ///
    /// # Errors
    /// [`HandoverError::Document`] if screen readers could not read it.
    pub fn finish(self, title: &str) -> Result<Vec<u8>, HandoverError> {
        let Self { letters, pages, tree, outline, footer, .. } = &self;
        Pdf { letters, pages, tree, outline, footer }.bytes(title)
    }
}
