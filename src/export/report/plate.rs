//! A drawing in real size.

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
