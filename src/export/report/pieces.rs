//! The parts of a document: pieces in reading order, and the marks that they leave on pages.

use std::sync::Arc;

use krilla::image::Image;

use super::style::{PAGE, Style};

/// The role of a piece.
pub(super) enum Kind {
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

/// A piece of the document, in reading order.
pub(super) enum Piece {
    Whole(Kind, Vec<Piece>),
    Mark(MarkPlace),
}

/// A mark's page, and its index on it.
#[derive(Clone, Copy)]
pub(super) struct MarkPlace {
    pub page: usize,
    pub mark: usize,
}

/// A drawing operation.
pub(super) enum DrawOp {
    Text { at: [f32; 2], style: Style, text: String },
    Box { at: [f32; 2], size: [f32; 2], colour: [u8; 3] },
    Frame { at: [f32; 2], size: [f32; 2] },
    Line { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Dashes { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Picture { at: [f32; 2], size: [f32; 2], image: Image, bytes: Arc<Vec<u8>> },
}

/// A group of drawing operations that is read as one.
pub(super) struct Mark {
    pub ops: Vec<DrawOp>,
    /// Whether it is mere decoration, such as a rule.
    pub decoration: bool,
}

/// A page.
pub(super) struct Sheet {
    pub size: [f32; 2],
    pub marks: Vec<Mark>,
}

impl Sheet {
    pub fn new() -> Self {
        Self { size: PAGE, marks: Vec::new() }
    }
}
