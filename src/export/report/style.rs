//! Fonts, colours and measures of printed documents.

/// Points per millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A4.
pub(super) const PAGE: [f32; 2] = [210.0 * MM, 297.0 * MM];
/// Margins: left and right; top; bottom, which holds the footer.
pub(super) const MARGINS: [f32; 3] = [20.0 * MM, 18.0 * MM, 22.0 * MM];
/// Width of the text area.
pub const WIDTH: f32 = PAGE[0] - 2.0 * MARGINS[0];
/// Widest paragraph: lines of more than about 90 letters are hard to follow.
pub(super) const WIDEST_TEXT: f32 = 430.0;
/// Distance between lines, relative to the font size.
const LEADING: f32 = 1.42;

/// sRGB colours: text, secondary text, rules, and shaded boxes.
pub(super) const INK: [u8; 3] = [0x22, 0x26, 0x2a];
pub(super) const SOFT: [u8; 3] = [0x5b, 0x62, 0x68];
pub(super) const RULE: [u8; 3] = [0xc9, 0xcf, 0xd3];
pub(super) const SHADE: [u8; 3] = [0xf2, 0xf4, 0xf5];

/// The font weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Semibold,
}

/// A font weight, size and colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) colour: [u8; 3],
}

impl Style {
    /// Running text.
    pub const BODY: Self = Self { face: Face::Regular, size: 9.5, colour: INK };
    /// Emphasised running text.
    pub const STRONG: Self = Self { face: Face::Semibold, ..Self::BODY };
    /// Captions, and labels of figures.
    pub const SMALL: Self = Self { face: Face::Regular, size: 8.0, colour: SOFT };
    /// A key figure.
    pub const FIGURE: Self = Self { face: Face::Semibold, size: 17.0, colour: INK };
    /// The document's title.
    pub const TITLE: Self = Self { face: Face::Semibold, size: 27.0, colour: INK };
    /// The line below the title.
    pub const SUBTITLE: Self = Self { face: Face::Regular, size: 13.0, colour: SOFT };

    pub(super) fn leading(self) -> f32 {
        self.size * if self.size > 12.0 { 1.25 } else { LEADING }
    }
}
