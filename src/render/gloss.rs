//! Light that bounced off the skin's surface: pigment under it takes nothing away from that.

use super::coverage::{LANES, PixelRect};

/// Highlights of skin are wider than this in any photo in which dots can be told apart.
const CELL_PX: u32 = 16;

/// How gloss is told from diffuse light.
#[derive(Debug, Clone, PartialEq)]
pub enum Gloss {
    /// All light is diffuse.
    None,
    /// Estimated from the photo.
    Map(GlossMap),
}

/// White gloss over a photo: linear light on a coarse grid, bilinear between.
#[derive(Debug, Clone, PartialEq)]
pub struct GlossMap {
    cell_px: u32,
    columns: usize,
    rows: usize,
    /// Gloss at the middle of each cell, the same in all channels.
    light: Vec<f32>,
}

impl Gloss {
    /// Working memory for reading the gloss of one tile after the other.
    #[must_use]
    pub fn rows(&self, tile_width_px: usize) -> GlossRows<'_> {
        let map = match self {
            Self::None => None,
            Self::Map(map) => Some(map),
        };
        GlossRows { map, width_px: tile_width_px, x0: 0, first: 0, lines: Vec::new() }
    }
}

/// The gloss of one tile.
///
/// Grid rows are spread over the tile's columns once, so that a pixel needs one interpolation instead of three.
#[derive(Debug)]
pub struct GlossRows<'a> {
    map: Option<&'a GlossMap>,
    width_px: usize,
    x0: i32,
    /// Grid row of the first line.
    first: usize,
    lines: Vec<f32>,
}

/// The gloss of one row of pixels.
#[derive(Debug, Clone, Copy)]
pub struct GlossRow<'a> {
    above: &'a [f32],
    below: &'a [f32],
    fraction: f32,
}

impl GlossRow<'_> {
    /// The gloss in [`LANES`] columns of the tile; those beyond its right end have no meaning.
    #[inline(always)]
    #[must_use]
    pub fn lanes(&self, column: usize) -> Option<[f32; LANES]> {
        let above = self.above.get(column..)?.first_chunk::<LANES>()?;
        let below = self.below.get(column..)?.first_chunk::<LANES>()?;
        let mut gloss = [0.0; LANES];
        for lane in 0..LANES {
            gloss[lane] = self.between(above[lane], below[lane]);
        }
        Some(gloss)
    }

    #[inline(always)]
    fn between(&self, above: f32, below: f32) -> f32 {
        above + (below - above) * self.fraction
    }

    /// The gloss in one column of the tile.
    #[inline]
    #[must_use]
    pub fn at(&self, column: usize) -> f32 {
        match (self.above.get(column), self.below.get(column)) {
            (Some(above), Some(below)) => self.between(*above, *below),
            _ => 0.0,
        }
    }
}

impl GlossMap {
    /// The same gloss everywhere, as linear light.
    #[must_use]
    pub fn uniform(width_px: u32, height_px: u32, light: f32) -> Self {
        let (columns, rows) = Self::cells(width_px, height_px);
        Self { cell_px: CELL_PX, columns, rows, light: vec![light; columns * rows] }
    }

    fn cells(width_px: u32, height_px: u32) -> (usize, usize) {
        (width_px.div_ceil(CELL_PX).max(1) as usize, height_px.div_ceil(CELL_PX).max(1) as usize)
    }

    /// The grid place before pixel `position` and how far behind it the pixel's centre lies, 0..1.
    fn place(&self, position: i32, count: usize) -> (usize, f32) {
        let at = ((position as f32 + 0.5) / self.cell_px as f32 - 0.5).clamp(0.0, (count - 1) as f32);
        let before = (at as usize).min(count.saturating_sub(2));
        (before, at - before as f32)
    }
}

impl GlossRows<'_> {
    /// Starts with a tile.
    pub fn begin(&mut self, rect: PixelRect) {
        let Some(map) = self.map else { return };
        self.x0 = rect.x0;
        // Room for a whole vector behind the last column.
        let width = (rect.x1 - rect.x0) as usize + LANES;
        let first = map.place(rect.y0, map.rows).0;
        let last = (map.place(rect.y1 - 1, map.rows).0 + 1).min(map.rows - 1);
        self.first = first;
        self.width_px = width;
        self.lines.clear();
        for row in first..=last {
            let knots = &map.light[row * map.columns..(row + 1) * map.columns];
            self.lines.extend((rect.x0..rect.x0 + width as i32).map(|x| {
                let (before, fraction) = map.place(x, map.columns);
                let (from, to) = (knots[before], knots[(before + 1).min(map.columns - 1)]);
                from + (to - from) * fraction
            }));
        }
    }

    /// The gloss of row `y` of the photo, which must be one of the tile's.
    #[inline]
    #[must_use]
    pub fn row(&self, y: i32) -> Option<GlossRow<'_>> {
        let map = self.map?;
        let (before, fraction) = map.place(y, map.rows);
        let line = before - self.first;
        let above = self.lines.get(line * self.width_px..(line + 1) * self.width_px)?;
        let below = self.lines.get((line + 1) * self.width_px..(line + 2) * self.width_px).unwrap_or(above);
        Some(GlossRow { above, below, fraction })
    }
}
