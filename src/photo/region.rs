//! A part of a photo inside closed outlines.

use glam::DVec2;

use crate::ground::outlines::{EXACT, Grid, Kept};

/// Longest side of a region's grid, on which a cell covers at most two pixels of a 12-megapixel photo along a side.
const LONGEST: u32 = 2048;

/// Larger than any photo, px: outlines that go farther are ignored.
const FARTHEST_PX: f64 = 1e9;

/// Smaller outlines are left out, cells of the grid.
const LEAST_AREA: f64 = 4.0;

/// The places of a photo that lie inside closed outlines. An outline inside another one is a hole: a place is inside if
/// the number of outlines around it is odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    size_px: [u32; 2],
    /// Photo pixels per cell of the grid along a side.
    scale: u32,
    width: usize,
    /// For each cell of the grid, row by row.
    within: Vec<bool>,
}

impl Region {
    /// Most outlines made from a region.
    pub const MOST_OUTLINES: usize = 200;
    /// Most points of these outlines in total.
    pub const MOST_POINTS: usize = 8000;

    /// The region of a photo of this size, px. An outline's last point is connected to its first; points may lie
    /// outside the photo.
    ///
    /// Cost: a pass over the grid, and for each point the number of rows to the next one.
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

    /// Whether a place of the photo, px, is inside; false for places outside the photo.
    #[must_use]
    pub fn contains(&self, px: DVec2) -> bool {
        let [width, height] = self.size_px.map(f64::from);
        let inside = px.x >= 0.0 && px.y >= 0.0 && px.x < width && px.y < height;
        let cell = || (px.y as usize / self.scale as usize) * self.width + px.x as usize / self.scale as usize;
        inside && self.within.get(cell()).copied().unwrap_or(false)
    }

    /// Its outlines, px: the same region can be made from them, except for specks. If there are too many points, the
    /// outlines are simplified.
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

    /// Adds the places of another region of a photo of this size, or removes them.
    pub fn paint(&mut self, other: &Self, adds: bool) {
        if self.size_px != other.size_px {
            return;
        }
        self.within.iter_mut().zip(&other.within).filter(|(_, painted)| **painted).for_each(|(is, _)| *is = adds);
    }

    /// Photo pixels per cell of its grid along a side.
    #[must_use]
    pub fn cell_px(&self) -> u32 {
        self.scale
    }

    /// Numbers of cells of its grid along both sides.
    #[must_use]
    pub fn cells(&self) -> [usize; 2] {
        [self.width, self.within.len().checked_div(self.width).unwrap_or(0)]
    }

    /// Whether each cell of a row of the grid is inside; empty below the last row.
    #[must_use]
    pub fn row(&self, y: usize) -> &[bool] {
        self.within.get(y * self.width..(y + 1) * self.width).unwrap_or(&[])
    }

    /// The same, mutable.
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
    fn painting_makes_the_union_or_the_difference() {
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
        /// Even with ragged edges, corners that touch, at the photo's border, and on a coarser grid.
        #[test]
        fn outlines_reproduce_the_region(
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

        /// Agrees with counting the outlines' crossings to the left of the middles of pixels.
        #[test]
        fn containment_agrees_with_crossings(points in prop::collection::vec((-10.0..70.0_f64, -10.0..70.0_f64), 3..12)) {
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
