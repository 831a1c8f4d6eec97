//! Which splats touch which tile of a photo, and which tiles an edit affects.

use super::coverage::SplatKernel;
use super::splat::{Splat, Splats};
use crate::photo::PixelRect;

/// A photo cut into equal tiles; those at the right and the bottom may be smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileGrid {
    width_px: u32,
    height_px: u32,
    tile_width_px: u32,
    tile_height_px: u32,
}

impl TileGrid {
    /// The fastest size: 200 KB of transmittances fit a core's own cache, dots seldom straddle tiles, and rows are long
    /// enough for the processor to prefetch the photo.
    #[must_use]
    pub fn new(width_px: u32, height_px: u32) -> Self {
        Self::with_tiles_of(width_px, height_px, 512, 32)
    }

    /// Tiles of another size, which changes the time taken but not the picture. A size of zero counts as one.
    #[must_use]
    pub fn with_tiles_of(width_px: u32, height_px: u32, tile_width_px: u32, tile_height_px: u32) -> Self {
        // Tiles larger than the photo would only cost memory.
        let side = |tile_px: u32, photo_px: u32| tile_px.min(photo_px).max(1);
        Self {
            width_px,
            height_px,
            tile_width_px: side(tile_width_px, width_px),
            tile_height_px: side(tile_height_px, height_px),
        }
    }

    /// Width and height of the photo, px.
    #[must_use]
    pub(crate) fn photo_size_px(self) -> [u32; 2] {
        [self.width_px, self.height_px]
    }

    /// Width and height of a whole tile, px.
    #[must_use]
    pub(crate) fn tile_size_px(self) -> [u32; 2] {
        [self.tile_width_px, self.tile_height_px]
    }

    /// Number of tiles side by side.
    #[must_use]
    pub fn columns(self) -> usize {
        self.width_px.div_ceil(self.tile_width_px) as usize
    }

    /// Number of tiles one above the other.
    #[must_use]
    pub fn rows(self) -> usize {
        self.height_px.div_ceil(self.tile_height_px) as usize
    }

    /// Number of tiles.
    #[must_use]
    pub fn len(self) -> usize {
        self.columns() * self.rows()
    }

    /// True for a photo without pixels.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The pixels of tile `index`; tiles are numbered row by row.
    #[must_use]
    pub fn rect(self, index: usize) -> PixelRect {
        let columns = self.columns().max(1);
        let (row, column) = ((index / columns) as u32, (index % columns) as u32);
        let side = |at: u32, tile_px: u32, photo_px: u32| {
            let start = at.saturating_mul(tile_px).min(photo_px);
            (start as i32, start.saturating_add(tile_px).min(photo_px) as i32)
        };
        let (x0, x1) = side(column, self.tile_width_px, self.width_px);
        let (y0, y1) = side(row, self.tile_height_px, self.height_px);
        PixelRect { x0, y0, x1, y1 }
    }

    /// The whole photo.
    #[must_use]
    pub fn photo_rect(self) -> PixelRect {
        PixelRect::of_size([self.width_px, self.height_px])
    }

    /// Calls `each` with every tile that has pixels of `rect`.
    #[inline]
    fn each_tile(self, rect: PixelRect, mut each: impl FnMut(usize)) {
        let rect = rect.intersection(self.photo_rect());
        if rect.is_empty() {
            return;
        }
        let columns = self.columns();
        let (tile_width_px, tile_height_px) = (self.tile_width_px as usize, self.tile_height_px as usize);
        for row in rect.y0 as usize / tile_height_px..=(rect.y1 - 1) as usize / tile_height_px {
            for column in rect.x0 as usize / tile_width_px..=(rect.x1 - 1) as usize / tile_width_px {
                each(row * columns + column);
            }
        }
    }
}

/// A set of tiles of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileSet {
    grid: TileGrid,
    contained: Vec<bool>,
}

impl TileSet {
    /// The empty set.
    #[must_use]
    pub fn none(grid: TileGrid) -> Self {
        Self { grid, contained: vec![false; grid.len()] }
    }

    /// The set of all tiles.
    #[must_use]
    pub fn all(grid: TileGrid) -> Self {
        Self { grid, contained: vec![true; grid.len()] }
    }

    /// The grid that the tiles belong to.
    #[must_use]
    pub fn grid(&self) -> TileGrid {
        self.grid
    }

    /// Adds every tile that has pixels of `rect`.
    pub fn insert_rect(&mut self, rect: PixelRect) {
        self.grid.each_tile(rect, |tile| self.contained[tile] = true);
    }

    /// Adds the tiles of another set of the same grid; does nothing if the grid differs.
    pub fn insert_all(&mut self, other: &Self) {
        self.combine(other, |mine, theirs| mine | theirs);
    }

    /// Removes the tiles of another set of the same grid.
    pub fn remove_all(&mut self, other: &Self) {
        self.combine(other, |mine, theirs| mine && !theirs);
    }

    /// Removes the tiles that are not in another set of the same grid.
    pub fn keep_only(&mut self, other: &Self) {
        self.combine(other, |mine, theirs| mine && theirs);
    }

    fn combine(&mut self, other: &Self, rule: impl Fn(bool, bool) -> bool) {
        if self.grid == other.grid {
            for (mine, &theirs) in self.contained.iter_mut().zip(&other.contained) {
                *mine = rule(*mine, theirs);
            }
        }
    }

    /// True if tile `index` is in the set.
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        self.contained.get(index).copied().unwrap_or(false)
    }

    /// Number of tiles in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contained.iter().filter(|contained| **contained).count()
    }

    /// True if the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.contained.contains(&true)
    }

    /// Their indices, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.contained.iter().enumerate().filter(|(_, contained)| **contained).map(|(index, _)| index)
    }
}

/// The splats of each tile, in canonical order.
///
/// Built in one pass over the splats (about 15 ns each) and kept between edits, so that
/// [`changed_since`](Self::changed_since) can tell what an edit affected.
#[derive(Debug, Clone)]
pub struct TileIndex {
    grid: TileGrid,
    /// Where the splats of each tile begin in `splats`; one entry more than there are tiles.
    starts: Vec<u32>,
    /// Indices into [`Splats`].
    splats: Vec<u32>,
}

impl TileIndex {
    /// Finds which of `splats` touch which tile.
    #[must_use]
    pub fn new(splats: &Splats, grid: TileGrid) -> Self {
        let photo = grid.photo_rect();
        let bounds: Vec<PixelRect> =
            splats.as_slice().iter().map(|splat| SplatKernel::new(splat).bounds(photo)).collect();
        // A counting sort: sizes, their running sum, then each splat into its place.
        let mut starts = vec![0_u32; grid.len() + 1];
        for rect in &bounds {
            grid.each_tile(*rect, |tile| starts[tile + 1] += 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut places = vec![0_u32; total as usize];
        for (index, rect) in bounds.iter().enumerate() {
            grid.each_tile(*rect, |tile| {
                places[next[tile] as usize] = index as u32;
                next[tile] += 1;
            });
        }
        Self { grid, starts, splats: places }
    }

    /// The grid that the tiles belong to.
    #[must_use]
    pub fn grid(&self) -> TileGrid {
        self.grid
    }

    /// The indices into [`Splats`] of those that touch tile `index`, in canonical order.
    #[inline]
    #[must_use]
    pub fn places(&self, index: usize) -> &[u32] {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.splats[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// The splats that touch tile `index`, in canonical order. `splats` must be those the index was built from.
    #[inline]
    pub fn splats<'a>(&'a self, splats: &'a Splats, index: usize) -> impl Iterator<Item = &'a Splat> {
        self.places(index).iter().filter_map(|place| splats.as_slice().get(*place as usize))
    }

    /// The tiles whose splats differ from those of an earlier state: exactly those that have to be rendered again.
    ///
    /// If the grids differ, all of them.
    #[must_use]
    pub fn changed_since(&self, splats: &Splats, earlier: &Self, earlier_splats: &Splats) -> TileSet {
        if self.grid != earlier.grid {
            return TileSet::all(self.grid);
        }
        let contained = (0..self.grid.len())
            .map(|tile| !self.splats(splats, tile).eq(earlier.splats(earlier_splats, tile)))
            .collect();
        TileSet { grid: self.grid, contained }
    }
}
