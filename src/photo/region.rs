//! A part of a photo within closed outlines.

use glam::DVec2;

use crate::ground::outlines::{EXACT, Grid, Kept};

/// Longest side of the grid that a region is kept on: a pixel of it is at most two of a 12-megapixel photo.
const LONGEST: u32 = 2048;

/// No photo is that large, px: an outline that goes farther is none.
const FARTHEST_PX: f64 = 1e9;

/// What is smaller is no outline, cells of the grid.
const LEAST_AREA: f64 = 4.0;

/// Which places of a photo lie within closed outlines. Where one lies within another, it is a hole: what counts is whether
/// the number of outlines around a place is odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    size_px: [u32; 2],
    /// Photo pixels to one of the grid.
    scale: u32,
    width: usize,
    /// Of each cell of the grid, row by row.
    within: Vec<bool>,
}

impl Region {
    /// Most outlines that are made of a region.
    pub const MOST_OUTLINES: usize = 200;
    /// Most points of all of them.
    pub const MOST_POINTS: usize = 8000;

    /// The region of a photo of this size, px. An outline's last point is joined to its first; points may lie outside.
    ///
    /// Cost: a pass over the grid, and for each point the rows up to the next one.
    #[must_use]
    pub fn new(size_px: [u32; 2], outlines: &[Vec<DVec2>]) -> Self {
        let scale = size_px[0].max(size_px[1]).div_ceil(LONGEST).max(1);
        let [width, height] = size_px.map(|side| side.div_ceil(scale) as usize);
        // Where the outlines cross the middle of each row.
        let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); height];
        let possible =
            |outline: &&Vec<DVec2>| outline.iter().all(|p| p.x.abs() <= FARTHEST_PX && p.y.abs() <= FARTHEST_PX);
        for outline in outlines.iter().filter(possible) {
            let next = outline.iter().cycle().skip(1);
            for (from, to) in outline.iter().zip(next) {
                let (a, b) = (*from / f64::from(scale), *to / f64::from(scale));
                let (upper, lower) = if a.y <= b.y { (a, b) } else { (b, a) };
                let row = |y: f64| (y - 0.5).ceil().clamp(0.0, height as f64) as usize;
                let rows = row(upper.y)..row(lower.y);
                for (y, crossings) in rows.clone().zip(&mut crossings[rows]) {
                    let share = (y as f64 + 0.5 - upper.y) / (lower.y - upper.y);
                    crossings.push(upper.x + share * (lower.x - upper.x));
                }
            }
        }
        let mut within = vec![false; width * height];
        if width > 0 {
            for (row, crossings) in within.chunks_mut(width).zip(&mut crossings) {
                crossings.sort_unstable_by(f64::total_cmp);
                for pair in crossings.chunks_exact(2) {
                    let column = |x: f64| (x - 0.5).ceil().clamp(0.0, width as f64) as usize;
                    row[column(pair[0])..column(pair[1])].fill(true);
                }
            }
        }
        Self { size_px, scale, width, within }
    }

    /// Whether a place of the photo, px, lies within; none beside the photo does.
    #[must_use]
    pub fn contains(&self, px: DVec2) -> bool {
        let [width, height] = self.size_px.map(f64::from);
        let inside = px.x >= 0.0 && px.y >= 0.0 && px.x < width && px.y < height;
        let cell = || (px.y as usize / self.scale as usize) * self.width + px.x as usize / self.scale as usize;
        inside && self.within.get(cell()).copied().unwrap_or(false)
    }

    /// Its outlines, px: of them, the same region is made again, but for specks. Where one has too many, their bends are
    /// cut.
    ///
    /// Cost: some passes over the grid.
    #[must_use]
    pub fn outlines(&self) -> Vec<Vec<DVec2>> {
        let values: Vec<f32> = self.within.iter().map(|within| f32::from(u8::from(*within))).collect();
        let kept =
            Kept { least_area: LEAST_AREA, error: EXACT, outlines: Self::MOST_OUTLINES, points: Self::MOST_POINTS };
        let mut outlines = Grid { width: self.width, values: &values }.outlines(kept);
        outlines.iter_mut().flatten().for_each(|point| *point *= f64::from(self.scale));
        outlines
    }

    /// Adds the places of another region of a photo of this size, or takes them away.
    pub fn paint(&mut self, other: &Self, adds: bool) {
        if self.size_px != other.size_px {
            return;
        }
        self.within.iter_mut().zip(&other.within).filter(|(_, painted)| **painted).for_each(|(is, _)| *is = adds);
    }

    /// Photo pixels along a side of a cell of its grid.
    #[must_use]
    pub fn cell_px(&self) -> u32 {
        self.scale
    }

    /// Cells of its grid along both sides.
    #[must_use]
    pub fn cells(&self) -> [usize; 2] {
        [self.width, self.within.len().checked_div(self.width).unwrap_or(0)]
    }

    /// Which cells of a row of the grid lie within; none below the last row.
    #[must_use]
    pub fn row(&self, y: usize) -> &[bool] {
        self.within.get(y * self.width..(y + 1) * self.width).unwrap_or(&[])
    }

    /// The same, to be changed.
    pub fn row_mut(&mut self, y: usize) -> &mut [bool] {
        self.within.get_mut(y * self.width..(y + 1) * self.width).unwrap_or(&mut [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn square(from: f64, to: f64) -> Vec<DVec2> {
        [(from, from), (to, from), (to, to), (from, to)].map(DVec2::from).to_vec()
    }

    #[test]
    fn an_inner_outline_is_a_hole_and_what_lies_outside_is_cut_off() {
        let region = Region::new([100, 60], &[square(-20.0, 50.0), square(20.0, 30.0)]);
        for (px, within) in [
            ((0.0, 0.0), true),
            ((49.0, 10.0), true),
            ((51.0, 10.0), false),
            ((25.0, 25.0), false),
            ((25.0, 35.0), true),
            ((-1.0, 5.0), false),
            ((99.0, 59.9), false),
            ((f64::NAN, 5.0), false),
        ] {
            assert_eq!(region.contains(DVec2::from(px)), within, "{px:?}");
        }
        assert!(!Region::new([100, 60], &[]).contains(DVec2::new(5.0, 5.0)));
        assert!(!Region::new([0, 0], &[square(0.0, 5.0)]).contains(DVec2::ZERO));
        let nowhere = [vec![DVec2::new(-1e308, 0.5), DVec2::new(1e308, 5.5), DVec2::new(f64::NAN, 1.0)]];
        assert!(!Region::new([100, 60], &nowhere).contains(DVec2::new(5.0, 2.0)));
    }

    #[test]
    fn a_large_photo_is_kept_on_a_coarser_grid() {
        let region = Region::new([8000, 6000], &[square(1000.0, 5000.0)]);
        assert!(region.contains(DVec2::new(1004.0, 4996.0)) && !region.contains(DVec2::new(996.0, 3000.0)));
        assert!(region.within.len() <= 2048 * 2048);
    }

    #[test]
    fn what_is_painted_is_the_union_or_the_difference() {
        let mut region = Region::new([100, 60], &[square(10.0, 50.0)]);
        region.paint(&Region::new([100, 60], &[square(30.0, 55.0)]), true);
        assert!(region.contains(DVec2::splat(12.5)) && region.contains(DVec2::splat(54.5)));
        region.paint(&Region::new([100, 60], &[square(20.0, 40.0)]), false);
        assert!(region.contains(DVec2::splat(12.5)) && !region.contains(DVec2::splat(30.5)));
        let before = region.clone();
        region.paint(&Region::new([101, 60], &[square(0.0, 60.0)]), true);
        assert_eq!(region, before, "another photo's");
    }

    proptest! {
        /// Also of what has ragged edges, touches itself at corners and reaches the photo's border, on a coarser grid, too.
        #[test]
        fn of_its_outlines_the_same_region_is_made(
            discs in prop::collection::vec((-5.0..65.0_f64, -5.0..45.0_f64, 2.0..14.0_f64, any::<bool>()), 1..12),
            times in prop::sample::select(vec![1_u32, 70, 105]),
        ) {
            let mut region = Region::new([60 * times, 40 * times], &[]);
            let [width, height] = region.cells();
            for (x, y, radius, adds) in discs {
                let (x, y) = (x / 60.0 * width as f64, y / 40.0 * height as f64);
                let radius = radius / 60.0 * width as f64;
                for row in 0..height {
                    for (column, is) in region.row_mut(row).iter_mut().enumerate() {
                        let off = DVec2::new(column as f64 + 0.5 - x, row as f64 + 0.5 - y);
                        if off.length() < radius {
                            *is = adds;
                        }
                    }
                }
            }
            let outlines = region.outlines();
            let again = Region::new(region.size_px, &outlines);
            // Specks are left out.
            let differ = region.within.iter().zip(&again.within).filter(|(a, b)| a != b).count();
            let largest = outlines.len() < Region::MOST_OUTLINES;
            prop_assert!(!largest || differ <= 4 * 12, "{differ}");
            prop_assert_eq!(again.outlines(), outlines);
        }

        /// As counted by the outlines' crossings of the way to the left, for places that are the middles of pixels.
        #[test]
        fn it_is_as_crossings_say(points in prop::collection::vec((-10.0..70.0_f64, -10.0..70.0_f64), 3..12)) {
            let outline: Vec<DVec2> = points.into_iter().map(DVec2::from).collect();
            let region = Region::new([60, 60], std::slice::from_ref(&outline));
            for y in 0..60 {
                for x in 0..60 {
                    let at = DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                    let crossed = (0..outline.len()).filter(|&i| {
                        let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
                        (a.y < at.y) != (b.y < at.y) && a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x) < at.x
                    });
                    prop_assert_eq!(region.contains(at), crossed.count() % 2 == 1, "{}", at);
                }
            }
        }
    }
}
