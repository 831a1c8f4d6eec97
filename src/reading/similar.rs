//! The region of a photo that is connected to a place and looks like it: what a brush that stops at edges covers.
//!
//! The middle of the brush defines what is meant: the mean and the spread of its lightness and of two hues. From there
//! the brush grows up to its radius, along shortest paths over the photo: a path through similar cells costs its
//! length, one through anything else many times that. So it fills a disc in the middle of skin, carries on between
//! strands of hair, whose spread is wide, and ends where the hair, a hat or the head does.

use glam::DVec2;

use crate::ground::colour::srgb_light_from_fraction;
use crate::photo::pyramid::Pyramid;
use crate::photo::{Reader, Region};

/// Core of the brush, which defines what is meant: its share of the radius, and its least radius in cells.
const CORE: f64 = 0.2;
const LEAST_CORE: f64 = 1.5;
/// Light added before taking logarithms, so that the hue of near-black cells counts for little; of full scale.
const DARK: f64 = 0.006;
/// Least spreads of lightness and two hues, natural logarithms.
const LEAST_SPREAD: [f32; 3] = [0.10, 0.05, 0.06];
/// Deviation, in spreads, beyond which a cell looks like something else, and by how much that lengthens a path through
/// it, per square of the excess.
const ALIKE_SPREADS: f32 = 2.5;
const LENGTHENING: f32 = 3.0;
/// Lengths of a step to a direct and to a diagonal neighbour; a path of such steps is up to `DETOUR` times the straight
/// line.
const STEP: f32 = 10.0;
const DIAGONAL: f32 = 14.0;
const DETOUR: f64 = 1.09;
/// Radius of the largest gap in a stroke that is filled, as a share of the brush's radius.
const GAP: f64 = 0.25;

/// A brush that is applied to a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Radius, px of the photo.
    pub radius_px: f64,
    /// Whether it paints only what looks like its middle.
    pub stops_at_edges: bool,
}

/// The cells of a region under a brush.
#[derive(Debug, Clone, Copy)]
struct Disc {
    /// Middle and radius, cells.
    middle: DVec2,
    radius: f64,
    /// First cell, and numbers of columns and rows.
    corner: [usize; 2],
    size: [usize; 2],
}

impl Brush {
    /// Adds to a region of the photo what the brush paints with its middle at a place, px, which may lie outside the
    /// photo.
    pub fn touch(&self, photo: &Pyramid, region: &mut Region, middle_px: DVec2) {
        let cell_px = f64::from(region.cell_px());
        let Some(disc) = Disc::new(middle_px / cell_px, (self.radius_px / cell_px).max(0.5), region.cells()) else {
            return;
        };
        let painted = if self.stops_at_edges { disc.alike(photo, region.cell_px()) } else { disc.within(disc.radius) };
        let [left, top] = disc.corner;
        for (y, painted) in painted.chunks_exact(disc.size[0]).enumerate() {
            let cells = region.row_mut(top + y).iter_mut().skip(left).zip(painted);
            cells.filter(|(_, painted)| **painted).for_each(|(is, _)| *is = true);
        }
    }

    /// Smooths the edge of what a stroke has painted, and fills small gaps in it.
    pub fn finish(&self, painted: &mut Region) {
        if self.stops_at_edges {
            let radius = GAP * self.radius_px / f64::from(painted.cell_px());
            majority_filter(painted);
            fill_gaps(painted, (radius * radius * std::f64::consts::PI) as usize);
        }
    }
}

impl Disc {
    /// `None` where it covers no cell.
    fn new(middle: DVec2, radius: f64, cells: [usize; 2]) -> Option<Self> {
        let reach = |middle: f64, cells: usize| {
            let cell = |at: f64| at.clamp(0.0, cells as f64) as usize;
            let (first, end) = (cell((middle - radius).floor()), cell((middle + radius).ceil()));
            (end > first && middle.is_finite()).then_some([first, end - first])
        };
        let ([left, width], [top, height]) = (reach(middle.x, cells[0])?, reach(middle.y, cells[1])?);
        Some(Self { middle, radius, corner: [left, top], size: [width, height] })
    }

    /// Distance between the middle of a cell and that of the disc, cells.
    fn distance(&self, cell: usize) -> f64 {
        let [x, y] = [cell % self.size[0], cell / self.size[0]];
        let place = DVec2::new((self.corner[0] + x) as f64, (self.corner[1] + y) as f64) + 0.5;
        place.distance(self.middle)
    }

    fn cells(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The cells whose middles are within this distance of the disc's middle.
    fn within(&self, radius: f64) -> Vec<bool> {
        (0..self.cells()).map(|cell| self.distance(cell) <= radius).collect()
    }

    /// The cells that look like the middle and are connected to it.
    fn alike(&self, photo: &Pyramid, cell_px: u32) -> Vec<bool> {
        let looks = self.looks(photo, cell_px);
        let core = self.within((CORE * self.radius).max(LEAST_CORE));
        let Some(path_costs) = path_costs(&looks, &core) else { return core };
        let inside = self.within(self.radius);
        // Path lengths are integers, so a bucket for each length replaces a priority queue.
        let farthest = (DETOUR * f64::from(STEP) * self.radius) as usize;
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); farthest + 1];
        next[0] = (0..self.cells()).filter(|&cell| core[cell]).collect();
        let mut reached = vec![false; self.cells()];
        for way in 0..=farthest {
            for cell in std::mem::take(&mut next[way]) {
                if std::mem::replace(&mut reached[cell], true) {
                    continue;
                }
                for (other, step) in self.beside(cell) {
                    if !reached[other] && inside[other] {
                        let length = (step * 0.5 * (path_costs[cell] + path_costs[other])) as usize;
                        if let Some(list) = next.get_mut(way + length.max(1)) {
                            list.push(other);
                        }
                    }
                }
            }
        }
        reached
    }

    /// The neighbours of a cell, with the lengths of the steps to them.
    fn beside(&self, cell: usize) -> impl Iterator<Item = (usize, f32)> {
        let [width, height] = self.size.map(|side| side as isize);
        let (x, y) = ((cell % self.size[0]) as isize, (cell / self.size[0]) as isize);
        const AROUND: [(isize, isize, f32); 8] = [
            (-1, 0, STEP),
            (1, 0, STEP),
            (0, -1, STEP),
            (0, 1, STEP),
            (-1, -1, DIAGONAL),
            (1, -1, DIAGONAL),
            (-1, 1, DIAGONAL),
            (1, 1, DIAGONAL),
        ];
        AROUND.into_iter().filter_map(move |(dx, dy, step)| {
            let (x, y) = (x + dx, y + dy);
            let inside = (0..width).contains(&x) && (0..height).contains(&y);
            inside.then_some(((y * width + x) as usize, step))
        })
    }

    /// Lightness and two hues of each cell, natural logarithms, averaged over 3 x 3 cells, since a single pixel may be
    /// noise.
    fn looks(&self, photo: &Pyramid, cell_px: u32) -> Vec<[f32; 3]> {
        let level = cell_px.max(1).ilog2();
        let photo = photo.photo(level);
        let [photo_width, photo_height] = photo.size_px().map(|side| side as usize);
        let reader = Reader::new(photo);
        let logs: Vec<f32> = (0..=255)
            .map(|sample| libm::log(srgb_light_from_fraction(f64::from(sample) / 255.0) + DARK) as f32)
            .collect();
        let [width, height] = self.size;
        let look = |x: usize, y: usize| {
            let px = |at: usize, side: usize| (((2 * at + 1) * cell_px as usize / 2) >> level).min(side - 1);
            let (x, y) = (px(self.corner[0] + x, photo_width), px(self.corner[1] + y, photo_height));
            let [red, green, blue] = reader.samples(y * photo_width + x).map(|sample| logs[usize::from(sample >> 8)]);
            [(red + green + blue) / 3.0, red - green, green - blue]
        };
        let own: Vec<[f32; 3]> = (0..self.cells()).map(|cell| look(cell % width, cell / width)).collect();
        let mean = |cell: usize| {
            let (x, y) = (cell % width, cell / width);
            let (mut sum, mut count) = ([0.0; 3], 0.0);
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for look in &own[y * width + x.saturating_sub(1)..y * width + (x + 2).min(width)] {
                    (0..3).for_each(|c| sum[c] += look[c]);
                    count += 1.0;
                }
            }
            sum.map(|sum: f32| sum / count)
        };
        (0..self.cells()).map(mean).collect()
    }
}

/// Path cost of each cell relative to one that looks like the core; `None` if the core is empty.
fn path_costs(looks: &[[f32; 3]], core: &[bool]) -> Option<Vec<f32>> {
    let of_core: Vec<[f32; 3]> = looks.iter().zip(core).filter(|(_, is)| **is).map(|(look, _)| *look).collect();
    if of_core.is_empty() {
        return None;
    }
    let count = of_core.len() as f32;
    let mean: [f32; 3] = std::array::from_fn(|c| of_core.iter().map(|look| look[c]).sum::<f32>() / count);
    let spread: [f32; 3] = std::array::from_fn(|c| {
        let square = |look: &[f32; 3]| (look[c] - mean[c]) * (look[c] - mean[c]);
        (of_core.iter().map(square).sum::<f32>() / count + LEAST_SPREAD[c] * LEAST_SPREAD[c]).sqrt()
    });
    let of = |look: &[f32; 3]| {
        let off: [f32; 3] = std::array::from_fn(|c| (look[c] - mean[c]) / spread[c]);
        let beyond = (off.iter().map(|off| off * off).sum::<f32>().sqrt() - ALIKE_SPREADS).max(0.0);
        1.0 + LENGTHENING * beyond * beyond
    };
    Some(looks.iter().map(of).collect())
}

/// Replaces each cell by the majority of the 3 x 3 cells around it.
fn majority_filter(region: &mut Region) {
    let before = region.clone();
    for y in 0..region.cells()[1] {
        let rows = [y.checked_sub(1), Some(y), Some(y + 1)].map(|y| y.map_or(&[][..], |y| before.row(y)));
        if rows.iter().all(|row| !row.contains(&true)) {
            continue;
        }
        for (x, is) in region.row_mut(y).iter_mut().enumerate() {
            let around =
                |row: &&[bool]| row.iter().skip(x.saturating_sub(1)).take(x.min(1) + 2).filter(|is| **is).count();
            *is = rows.iter().map(around).sum::<usize>() > 4;
        }
    }
}

/// Fills enclosed gaps of at most `most` cells.
fn fill_gaps(region: &mut Region, most: usize) {
    let [width, height] = region.cells();
    let mut seen: Vec<bool> = (0..height).flat_map(|y| region.row(y).to_vec()).collect();
    for start in 0..width * height {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut gap = vec![start];
        let mut next = 0;
        while let Some(&cell) = gap.get(next) {
            next += 1;
            let (x, y) = (cell % width, cell / width);
            let left = (x > 0).then(|| cell - 1);
            let right = (x + 1 < width).then_some(cell + 1);
            let above = (y > 0).then(|| cell - width);
            let below = (y + 1 < height).then_some(cell + width);
            for other in [left, right, above, below].into_iter().flatten() {
                if !std::mem::replace(&mut seen[other], true) {
                    gap.push(other);
                }
            }
        }
        if gap.len() <= most {
            for cell in gap {
                region.row_mut(cell / width)[cell % width] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;

    const SIZE: u32 = 240;

    /// Noisy skin on the left of column `edge`, strands of hair on its right, and background below row 200.
    fn photo(edge: u32) -> Pyramid {
        let noise = |x: u32, y: u32| {
            let mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
            let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x2C1B_3C6D);
            f64::from((mixed ^ mixed >> 12) & 255) / 255.0
        };
        let colour = move |x: u32, y: u32| {
            let light = match (x < edge, y < 200) {
                (_, false) => return [110, 130, 150],
                (true, _) => 0.95 + 0.05 * noise(x, y) - 0.001 * f64::from(x),
                (false, _) => 0.15 + 0.3 * noise(x / 2, 7),
            };
            [210.0 * light, 165.0 * light, 140.0 * light].map(|sample| sample as u8)
        };
        let samples = (0..SIZE).flat_map(|y| (0..SIZE).flat_map(move |x| colour(x, y))).collect();
        Pyramid::new(Photo::from_srgb(SIZE, SIZE, samples).unwrap())
    }

    fn painted(brush: Brush, places: &[(f64, f64)]) -> Region {
        let mut region = Region::new([SIZE; 2], &[]);
        let photo = photo(120);
        for &place in places {
            brush.touch(&photo, &mut region, place.into());
        }
        brush.finish(&mut region);
        region
    }

    fn count(region: &Region, of: impl Fn(usize, usize) -> bool) -> usize {
        let row = |y: usize| region.row(y).iter().enumerate().filter(|(x, is)| **is && of(*x, y)).count();
        (0..SIZE as usize).map(row).sum()
    }

    #[test]
    fn it_fills_a_disc_of_one_kind_and_stops_where_another_begins() {
        let brush = Brush { radius_px: 30.0, stops_at_edges: true };
        let area = std::f64::consts::PI * 900.0;
        for (middle, of_disc) in [((60.0, 100.0), 1.0), ((190.0, 100.0), 1.0)] {
            let all = count(&painted(brush, &[middle]), |_, _| true) as f64;
            assert!((all / area - of_disc).abs() < 0.06, "{middle:?}: {all} of {area}");
        }
        // 12 px from the edge, on either side of it.
        let skin = painted(brush, &[(108.0, 100.0)]);
        let (on, over) = (count(&skin, |x, _| x < 120), count(&skin, |x, _| x >= 122));
        assert!(on > 1700 && over < 10, "{on} {over}");
        let hair = painted(brush, &[(132.0, 100.0)]);
        let (on, over) = (count(&hair, |x, _| x >= 120), count(&hair, |x, _| x < 118));
        assert!(on > 1600 && over < 10, "{on} {over}");
        // It does not cross the edge of the head, either.
        let background = painted(brush, &[(60.0, 215.0)]);
        assert!(count(&background, |_, y| y < 198) < 10 && count(&background, |_, _| true) > 1500);
    }

    #[test]
    fn without_edges_it_is_a_disc_that_is_cut_at_the_photo_s_border() {
        let brush = Brush { radius_px: 30.0, stops_at_edges: false };
        let area = std::f64::consts::PI * 900.0;
        let of = |place| count(&painted(brush, &[place]), |_, _| true) as f64 / area;
        assert!((of((120.0, 100.0)) - 1.0).abs() < 0.01);
        assert!((of((0.0, 100.0)) - 0.5).abs() < 0.01);
        // The brush may lie entirely outside the photo.
        for place in [(-50.0, 100.0), (1e12, 0.0), (f64::NAN, 0.0)] {
            assert_eq!(count(&painted(brush, &[place]), |_, _| true), 0);
            assert_eq!(count(&painted(Brush { stops_at_edges: true, ..brush }, &[place]), |_, _| true), 0);
        }
    }

    #[test]
    fn a_stroke_leaves_no_holes() {
        let brush = Brush { radius_px: 24.0, stops_at_edges: true };
        let places: Vec<(f64, f64)> = (0..8).map(|i| (150.0 + 8.0 * f64::from(i), 60.0)).collect();
        let region = painted(brush, &places);
        let missing = (0..SIZE as usize)
            .flat_map(|y| (0..SIZE as usize).map(move |x| (x, y)))
            .filter(|&(x, y)| (150..206).contains(&x) && (45..75).contains(&y) && !region.row(y)[x])
            .count();
        assert_eq!(missing, 0);
        assert_eq!(region.outlines().len(), 1);
    }
}
