//! What a document is made of: pieces in the order of reading, and the marks that they leave on pages.

use std::sync::Arc;

use krilla::image::Image;

use super::style::{PAGE, Style};

/// What a piece is.
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

/// A piece of the document, in the order of reading.
pub(super) enum Piece {
    Whole(Kind, Vec<Piece>),
    Mark(MarkPlace),
}

/// A mark's page and its number there.
#[derive(Clone, Copy)]
pub(super) struct MarkPlace {
    pub page: usize,
    pub mark: usize,
}

/// Something that is drawn.
pub(super) enum Ink {
    Text { at: [f32; 2], style: Style, text: String },
    Box { at: [f32; 2], size: [f32; 2], colour: [u8; 3] },
    Frame { at: [f32; 2], size: [f32; 2] },
    Line { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Dashes { points: Vec<[f32; 2]>, colour: [u8; 3], width: f32 },
    Picture { at: [f32; 2], size: [f32; 2], image: Image, bytes: Arc<Vec<u8>> },
}

/// Something on a page that is read at once.
pub(super) struct Mark {
    pub inks: Vec<Ink>,
    /// Whether it says nothing: rules and the like.
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
