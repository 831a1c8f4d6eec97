//! A drawing at actual size.

/// A drawing at actual size on a page of its own, for PDF and SVG.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleDrawing {
    /// Width and height of its paper, mm.
    pub size_mm: [f64; 2],
    /// Lines.
    pub lines: Vec<DrawingLine>,
    /// Texts.
    pub texts: Vec<DrawingText>,
    /// A description for people who cannot see it.
    pub alt: String,
}

impl ScaleDrawing {
    /// Adds a straight line.
    pub fn draw(&mut self, ends_mm: [[f64; 2]; 2], colour: [u8; 3], width_mm: f64, dashed: bool) {
        self.lines.push(DrawingLine { points_mm: ends_mm.to_vec(), colour, width_mm, dashed });
    }

    /// Adds a text that starts here.
    pub fn write(&mut self, at_mm: [f64; 2], text: &str, size_mm: f64, strong: bool) {
        self.texts.push(DrawingText { at_mm, text: text.to_owned(), size_mm, strong });
    }
}

/// A line of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingLine {
    /// Points from the upper left corner of the paper, mm.
    pub points_mm: Vec<[f64; 2]>,
    /// sRGB sample values.
    pub colour: [u8; 3],
    /// Line width, mm.
    pub width_mm: f64,
    /// Whether the line is dashed.
    pub dashed: bool,
}

/// A text in a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingText {
    /// Left end of the baseline, mm.
    pub at_mm: [f64; 2],
    /// The text.
    pub text: String,
    /// Size of the letters, mm.
    pub size_mm: f64,
    /// Whether it is semibold.
    pub strong: bool,
}
