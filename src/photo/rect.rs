//! Parts of photos, in whole pixels.

/// A rectangle of whole pixels: `x0..x1`, `y0..y1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelRect {
    /// First column.
    pub x0: i32,
    /// First row.
    pub y0: i32,
    /// One past the last column.
    pub x1: i32,
    /// One past the last row.
    pub y1: i32,
}

impl PixelRect {
    /// All of a photo of this width and height.
    #[must_use]
    pub(crate) fn of_size(size_px: [u32; 2]) -> Self {
        let [x1, y1] = size_px.map(|side| i32::try_from(side).unwrap_or(i32::MAX));
        Self { x0: 0, y0: 0, x1, y1 }
    }

    /// The common part; may be empty.
    #[inline(always)]
    #[must_use]
    pub(crate) fn intersection(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// True if it contains no pixel.
    #[inline(always)]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.x0 >= self.x1 || self.y0 >= self.y1
    }

    /// Numbers of columns and rows; 0 if it is empty.
    #[must_use]
    pub fn size_px(self) -> [u32; 2] {
        [self.x1 - self.x0, self.y1 - self.y0].map(|side| u32::try_from(side).unwrap_or(0))
    }
}
