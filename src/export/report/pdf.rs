//! Writes a document as a PDF file: drawn and tagged pages (PDF/UA-1), outline and metadata.

use std::num::NonZeroU16;

use krilla::color::{luma, rgb};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Paint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as TagNode, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::letters::{Form, Letters};
use super::pieces::{DrawOp, Kind, Piece, Sheet};
use super::style::{MARGINS, MM, PAGE, RULE, SOFT, Style, WIDTH};
use crate::export::handover::HandoverError;

/// A document after layout.
pub(super) struct Pdf<'a> {
    pub letters: &'a Letters,
    pub pages: &'a [Sheet],
    pub tree: &'a [Piece],
    /// Headings with their pages and vertical positions.
    pub outline: &'a [(String, usize, f32)],
    pub footer: &'a str,
}

impl Pdf<'_> {
    /// The PDF.
    /// Writes the PDF.
    /// # Errors
    /// [`HandoverError::Document`] if screen readers could not read it.
    pub(super) fn bytes(&self, title: &str) -> Result<Vec<u8>, HandoverError> {
        let refused = |problem: &dyn std::fmt::Debug| HandoverError::Document(format!("{problem:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|e| refused(&e))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let count = self.pages.len();
        let mut known: Vec<Vec<Option<Identifier>>> = Vec::new();
        for (number, Sheet { size: paper, marks }) in self.pages.iter().enumerate() {
            let size = Size::from_wh(paper[0], paper[1]);
            let size = size.ok_or_else(|| HandoverError::Document("there is no such paper".to_owned()))?;
            let mut page = document.start_page_with(PageSettings::new(size));
            let mut surface = page.surface();
            let mut identifiers = Vec::new();
            for mark in marks {
                let tag = if mark.decoration {
                    ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout))
                } else if mark.ops.iter().all(|op| matches!(op, DrawOp::Text { .. })) {
                    ContentTag::Span(SpanTag::empty())
                } else {
                    ContentTag::Other
                };
                let identifier = surface.start_tagged(tag);
                for op in &mark.ops {
                    draw(self.letters, &mut surface, op);
                }
                surface.end_tagged();
                identifiers.push((!mark.decoration).then_some(identifier));
            }
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
            for op in self.footer_ops(number + 1, count, *paper) {
                draw(self.letters, &mut surface, &op);
            }
            surface.end_tagged();
            surface.finish();
            page.finish();
            known.push(identifiers);
        }
        let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
        for piece in self.tree {
            if let Some(node) = node(piece, &known) {
                tree.push(node);
            }
        }
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        for (text, page, y) in self.outline {
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

    fn footer_ops(&self, number: usize, count: usize, [width, height]: [f32; 2]) -> Vec<DrawOp> {
        let style = Style { size: 7.5, ..Style::SMALL };
        let y = height - 13.0 * MM;
        let page = format!("{number} / {count}");
        let right = width - MARGINS[0] - self.letters.width(style, &page);
        // A drawing fills its paper, so only the page number is printed.
        if [width, height] != PAGE {
            return vec![DrawOp::Text { at: [right, height - 5.0 * MM], style, text: page }];
        }
        vec![
            DrawOp::Line {
                points: vec![[MARGINS[0], y - 11.0], [MARGINS[0] + WIDTH, y - 11.0]],
                colour: RULE,
                width: 0.4,
            },
            DrawOp::Text { at: [MARGINS[0], y], style, text: self.footer.to_owned() },
            DrawOp::Text { at: [right, y], style, text: page },
        ]
    }
}

fn draw(letters: &Letters, surface: &mut Surface, op: &DrawOp) {
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
    match op {
        DrawOp::Text { at, style, text } => {
            surface.set_stroke(None);
            surface.set_fill(fill(style.colour));
            let mut x = at[0];
            for run in letters.forms(style.face, text).chunk_by(|a, b| a.font == b.font) {
                let glyph = |form: &Form| {
                    let [across, up] = form.offset;
                    KrillaGlyph::new(GlyphId::new(form.glyph), form.advance, across, up, 0.0, form.range.clone(), None)
                };
                let glyphs: Vec<KrillaGlyph> = run.iter().map(glyph).collect();
                let Some(font) = run.first().map(|form| letters.embedded(form.font)) else { continue };
                surface.draw_glyphs(Point::from_xy(x, at[1]), &glyphs, font, text, style.size, false);
                x += style.size * run.iter().map(|form| form.advance).sum::<f32>();
            }
        }
        DrawOp::Box { at, size, colour } => {
            surface.set_stroke(None);
            surface.set_fill(fill(*colour));
            if let Some(path) = rect(at, size) {
                surface.draw_path(&path);
            }
        }
        DrawOp::Frame { at, size } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint: paint(SOFT), width: 0.9, ..Stroke::default() }));
            if let Some(path) = rect(at, size) {
                surface.draw_path(&path);
            }
        }
        DrawOp::Line { points, colour, width } | DrawOp::Dashes { points, colour, width } => {
            let dashes = || StrokeDash { array: vec![1.6 * MM, 1.2 * MM], offset: 0.0 };
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: paint(*colour),
                width: *width,
                // Rulers must end exactly.
                line_cap: LineCap::Butt,
                line_join: LineJoin::Round,
                dash: matches!(op, DrawOp::Dashes { .. }).then(dashes),
                ..Stroke::default()
            }));
            if let Some(path) = open_path(points) {
                surface.draw_path(&path);
            }
        }
        DrawOp::Picture { at, size, image, .. } => {
            surface.push_transform(&Transform::from_translate(at[0], at[1]));
            if let Some(size) = Size::from_wh(size[0], size[1]) {
                surface.draw_image(image.clone(), size);
            }
            surface.pop();
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

/// The tag for a piece; `None` if it is mere decoration.
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
