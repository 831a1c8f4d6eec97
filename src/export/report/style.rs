//! Letters, colours and measures of what is printed.

/// Points to a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A4.
pub(super) const PAGE: [f32; 2] = [210.0 * MM, 297.0 * MM];
/// Left and right, top, and bottom, where the footer stands.
pub(super) const MARGINS: [f32; 3] = [20.0 * MM, 18.0 * MM, 22.0 * MM];
/// Width of text.
pub const WIDTH: f32 = PAGE[0] - 2.0 * MARGINS[0];
/// Lines of more than about 90 letters are hard to follow: widest paragraph.
pub(super) const WIDEST_TEXT: f32 = 430.0;
/// Distance of lines in sizes of letters.
const LEADING: f32 = 1.42;

/// Ink, as sRGB: text, what is beside it, rules.
pub(super) const INK: [u8; 3] = [0x22, 0x26, 0x2a];
pub(super) const SOFT: [u8; 3] = [0x5b, 0x62, 0x68];
pub(super) const RULE: [u8; 3] = [0xc9, 0xcf, 0xd3];
pub(super) const SHADE: [u8; 3] = [0xf2, 0xf4, 0xf5];

/// Which letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Semibold,
}

/// Letters of a size and colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) colour: [u8; 3],
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

    pub(super) fn leading(self) -> f32 {
        self.size * if self.size > 12.0 { 1.25 } else { LEADING }
    }
}
