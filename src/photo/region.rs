//! A part of a photo within closed outlines.

use glam::DVec2;

/// Longest side of the grid that a region is kept on: a pixel of it is at most two of a 12-megapixel photo.
const LONGEST: u32 = 2048;

/// No photo is that large, px: an outline that goes farther is none.
const FARTHEST_PX: f64 = 1e9;

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

    proptest! {
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
