//! What hides the scalp in a photo: hair that is not shaved, hats, and the background around the head.
//!
//! A square of cells around the head is classified, 1.2 mm each. The background is where the masks see no person.
//! Within the person, each cell is compared with the client's own skin on cheeks and forehead: its lightness, its hue,
//! and its roughness over a few millimetres. A logistic regression turns these into the odds of hair; stubble shaved to
//! 2 mm counts as skin. Hair must look like hair over more than a few millimetres. Where much of it is found, this
//! client's hair is learned from it, and the rest is classified again. In doubt nothing is hidden.
//!
//! The regression was fitted to 52 photographs and renders of heads, 21 of them bald or shaved, whose forehead, scalp
//! and hair had been drawn by hand above the brows; the constants below were chosen on the same heads. In five-fold
//! cross-validation, nothing of the bald and shaved heads was hidden; of the others' hair 99 % was (the median head;
//! more than 90 % on 25 of 31), and of their foreheads 1.2 %, which is as accurate as the drawings. With weights fitted
//! to all heads, 4 and 5 % of two shaved heads are hidden: dark stubble on the sides in hard light, and below a crew
//! cut. The method misses thin white hair, pale blonde hair in soft light, out-of-focus hair and parts of buzz cuts of
//! a few millimetres, and takes hands for skin. Where curls or the rims of glasses lie over forehead and cheeks, the
//! skin seems rough, and hair is missed.
//!
//! Cost: 45 ms on one core.

mod cells;

use glam::DVec2;

use self::cells::{CELLS, SIDE};
use super::mask::Mask;
use super::picture::{Part, ReducedPhoto};
use super::silhouette::HeadGuess;
use crate::ground::colour::srgb_light_from_fraction;
use crate::ground::linear::Symmetric;
use crate::ground::outlines::{self, Kept};
use crate::ground::statistics;

/// Side of a cell, mm, and height of the square's middle above that of the cranium, mm.
const CELL_MM: f64 = 1.2;
const ABOVE_MM: f64 = 15.0;
/// Fine pixels per cell side, for measuring roughness: 0.6 mm.
const FINE: usize = 2;
const FINE_SIDE: usize = FINE * SIDE;
/// The square is classified down to this far below the brows, mm: to the nape, seen from the side.
const BELOW_BROWS_MM: f64 = 75.0;
/// Height of the brows, mm.
const BROW_MM: f64 = 5.0;
/// Squared width of the rim of a person that is excluded, because its cells also show background, cells2.
const EDGE_SQUARED: usize = 4;

/// Light added before taking logarithms, so that the hue of near-black cells counts for little; of full scale.
const DARK: f32 = 0.006;
/// Depth of the rim of half-shadow inside the edge of a head, cells (10 mm).
const RIM: f32 = 8.0;
/// Roughness of ordinary skin, with which a cell's is compared; less than `SMOOTH` is noise.
const ROUGH: f32 = 0.03;
const SMOOTH: f32 = 0.005;

/// How far a place on the forehead may differ from the cheeks and still be skin, natural logarithms: in hue, and in
/// darkness.
const OFF_HUE: f32 = 0.3;
const OFF_LIGHT: f32 = 1.1;
/// Fewest places on the forehead that take precedence over the cheeks, which are lit differently.
const LEAST_FOREHEAD: usize = 5;

/// Log odds above which a cell is surely hair, and above which hair extends from such cells.
const SURE_ODDS: f32 = 1.5;
const LIKELY_ODDS: f32 = 0.0;
/// Limit of the log odds of a single cell.
const MOST_ODDS: f32 = 4.0;
/// Squared radius of a disc that must fit into hair, cells2 (4 mm), and the same where less than `LITTLE_SHARE` of the
/// scalp was found to be hair (8 mm): the side of a shaved head in shade is darker and rougher than skin, too, but
/// narrow.
const THICKNESS_SQUARED: usize = 12;
const THICKNESS_SQUARED_WHERE_LITTLE: usize = 42;
const LITTLE_SHARE: f32 = 0.15;
/// Smallest area of hair, and smallest gap in it, cells.
const LEAST_HAIR: usize = 100;
const LEAST_GAP: usize = 150;
/// How far hair extends from sure cells, cells, and how far where more than `MUCH_SHARE` of the scalp was found to be
/// hair.
const EXTENT: usize = 10;
const EXTENT_WHERE_MUCH: usize = 60;
const MUCH_SHARE: f32 = 0.25;
/// Rounds of learning a client's own hair, and fewest cells to learn it from.
const ROUNDS: usize = 2;
const LEAST_OWN: usize = 150;
/// Log odds below which a cell is skin to learn from.
const UNLIKELY_ODDS: f32 = -1.0;
/// Weight of the client's own hair and skin in the classification, and what is added to the log odds of hair where it
/// covers `HALF_SHARE` of the scalp or more.
const OWN_WEIGHT: f32 = 0.5;
const FULL_BONUS: f32 = 0.7;
const HALF_SHARE: f32 = 0.5;
/// Least standard deviations of any hair or skin: lightness, two hues, roughness.
const LEAST_SPREAD: [f64; 4] = [0.15, 0.05, 0.05, 0.3];

/// Smallest outline, mm2, and tolerance of its simplification, mm.
const LEAST_MM2: f64 = 40.0;
const ERROR_MM: f64 = 0.35;
/// Most outlines that are kept, the largest ones, and most points in all of them.
const MOST_OUTLINES: usize = 60;
const MOST_POINTS: usize = 3000;

/// What is known of a face before the search for hair.
#[derive(Debug, Clone, Default)]
pub(super) struct Face {
    /// Places on the cheeks, px: skin.
    pub(super) cheeks: Vec<DVec2>,
    /// Places on the forehead, px: skin, or hair over it.
    pub(super) forehead: Vec<DVec2>,
    /// Between the brows, px.
    pub(super) brows: DVec2,
    /// How far the middle of the square lies to the right of that of the cranium, mm.
    pub(super) aside_mm: f64,
    /// The outline of the face up to the forehead, px; none in profile.
    pub(super) outline: Vec<DVec2>,
}

/// Closed outlines of what hides the scalp, px; an inner one is a hole.
pub(super) fn outlines(picture: &ReducedPhoto, masks: &[Mask], guess: &HeadGuess, face: &Face) -> Vec<Vec<DVec2>> {
    let grid = Grid::new(guess, face.aside_mm);
    let head = Head::new(picture, masks, &grid, face);
    let hair = head.hair();
    let values = head.covered(&hair);
    let kept = Kept {
        least_area: LEAST_MM2 / (CELL_MM * CELL_MM),
        error: ERROR_MM / CELL_MM,
        outlines: MOST_OUTLINES,
        points: MOST_POINTS,
    };
    let outlines = outlines::Grid { width: SIDE, values: &values }.outlines(kept);
    // Nothing is visible beyond the photo's border, so nothing need be hidden there.
    let px = |at: DVec2| grid.px(at).clamp(DVec2::ZERO, picture.size_px);
    outlines.into_iter().map(|outline| outline.into_iter().map(px).collect()).collect()
}

/// The square of cells, placed in the photo.
struct Grid {
    part: Part,
    /// Upper left corner, and the sides of a cell, px.
    corner: DVec2,
    right: DVec2,
    down: DVec2,
}

impl Grid {
    fn new(guess: &HeadGuess, across_mm: f64) -> Self {
        let side_px = CELL_MM * SIDE as f64 * guess.px_per_mm;
        let part = Part::square(guess.at(DVec2::new(across_mm, -ABOVE_MM)), side_px, guess.roll);
        let corner = part.place(DVec2::ZERO);
        let side = |end: DVec2| (part.place(end) - corner) / SIDE as f64;
        Self { part, corner, right: side(DVec2::X), down: side(DVec2::Y) }
    }

    /// Converts cell coordinates to the photo's.
    fn px(&self, cells: DVec2) -> DVec2 {
        self.corner + cells.x * self.right + cells.y * self.down
    }

    /// Converts the photo's coordinates to cells.
    fn cells(&self, px: DVec2) -> DVec2 {
        self.part.within(px) * SIDE as f64
    }

    /// Red, green and blue, 0 to 1, of the fine pixels of the cells that `of` selects; the others are black.
    fn samples(&self, picture: &ReducedPhoto, of: &[bool]) -> Vec<[f32; 3]> {
        let step_px = self.right.length() / FINE as f64;
        let mut samples = vec![[0.0; 3]; FINE_SIDE * FINE_SIDE];
        for i in (0..CELLS).filter(|&i| of[i]) {
            for k in fine(i) {
                let at = DVec2::new((k % FINE_SIDE) as f64, (k / FINE_SIDE) as f64);
                // A mean of four, since the pyramid level that is read has up to two pixels per fine pixel along a
                // side.
                for part in [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]] {
                    let colour = picture.colour(self.px((at + DVec2::from(part)) / FINE as f64), step_px);
                    (0..3).for_each(|c| samples[k][c] += 0.25 * colour[c]);
                }
            }
        }
        samples
    }
}

/// What the cells around a head show.
struct Head {
    /// How much of each cell shows a person, 0 to 1.
    person: Vec<f32>,
    /// Cells that show nothing but the person, and lie in the photo.
    within: Vec<bool>,
    /// Those of them that are scalp unless they are hair: above the brows, outside the face.
    scalp: Vec<bool>,
    /// The outline of the face up to the forehead, filled.
    face: Vec<bool>,
    /// Row of the brows, and the first row that is not classified.
    brows: usize,
    below: usize,
    /// Each cell relative to the client's skin: lightness and two hues, natural logarithms, and roughness.
    looks: Vec<[f32; 4]>,
    /// Log odds of each cell being hair.
    odds: Vec<f32>,
}

impl Head {
    fn new(picture: &ReducedPhoto, masks: &[Mask], grid: &Grid, face: &Face) -> Self {
        let masks: Vec<_> = masks.iter().map(|mask| mask.shares(grid.corner, grid.right, grid.down)).collect();
        let mut shares: Vec<f64> = Vec::with_capacity(masks.len());
        let share = |i: usize| {
            shares.clear();
            shares.extend(masks.iter().map(|shares| shares(middle(i))));
            shares.sort_by(f64::total_cmp);
            shares.get(shares.len() / 2).copied().unwrap_or(0.0) as f32
        };
        let person: Vec<f32> = (0..CELLS).map(share).collect();
        let is_person: Vec<bool> = person.iter().map(|share| *share > 0.5).collect();
        let seen = |i: usize| {
            let middle = grid.px(middle(i));
            middle.cmpge(DVec2::ZERO).all() && middle.cmplt(picture.size_px).all()
        };
        let within: Vec<bool> = (0..CELLS).map(|i| is_person[i] && seen(i)).collect();
        let within = cells::shrunk(&within, EDGE_SQUARED);
        let row = |mm: f64| (grid.cells(face.brows).y + mm / CELL_MM).clamp(0.0, SIDE as f64) as usize;
        let (brows, below) = (row(-BROW_MM), row(BELOW_BROWS_MM));
        let outline: Vec<DVec2> = face.outline.iter().map(|px| grid.cells(*px)).collect();
        let oval = cells::filled(&outline);
        let scalp: Vec<bool> = (0..CELLS).map(|i| within[i] && !oval[i] && i / SIDE < brows).collect();

        let samples = grid.samples(picture, &within);
        let rough = roughness(&samples, &within);
        let colours = colours(&samples, &within);
        let skin = Skin::of(&colours, &rough, &within, face, grid);
        let colours = colours.map(|values| cells::means(&values, &within, SIDE, 1));
        let depths = cells::depths(&is_person);
        let (mut looks, mut odds) = (vec![[0.0; 4]; CELLS], vec![-MOST_ODDS; CELLS]);
        for i in (0..CELLS).filter(|&i| within[i]) {
            let look = skin.look(std::array::from_fn(|c| colours[c][i]), rough[i]);
            let rim = libm::expf(-depths[i] / RIM);
            looks[i] = look;
            odds[i] =
                like_hair(look, skin.rougher(rough[i]), f32::from(u8::from(oval[i])), rim).clamp(-MOST_ODDS, MOST_ODDS);
        }
        Self { person, within, scalp, face: oval, brows, below, looks, odds }
    }

    /// Where hair is.
    fn hair(&self) -> Vec<bool> {
        let mut hair = self.found(&self.odds, EXTENT);
        for _ in 0..ROUNDS {
            let share = self.share_of_scalp(&hair);
            let smooth = self.smoothed(&self.odds);
            let (inside, beside) = (cells::shrunk(&hair, 1), cells::grown(&hair, 9));
            let skin =
                |i: usize| (self.face[i] || self.scalp[i]) && self.within[i] && !beside[i] && smooth[i] < UNLIKELY_ODDS;
            let looks = |of: &dyn Fn(usize) -> bool| -> Vec<[f32; 4]> {
                (0..CELLS).filter(|&i| of(i)).map(|i| self.looks[i]).collect()
            };
            let own = ColourModel::of(&looks(&|i| inside[i] && self.within[i]));
            let (Some(own), Some(skin)) = (own, ColourModel::of(&looks(&skin))) else { break };
            let full = FULL_BONUS * ((share - LITTLE_SHARE) / (HALF_SHARE - LITTLE_SHARE)).clamp(0.0, 1.0);
            let again = |i: usize| {
                if !self.within[i] {
                    return -MOST_ODDS;
                }
                let likelier = 0.5 * (skin.off(self.looks[i]) - own.off(self.looks[i]));
                let full = if self.face[i] { 0.0 } else { full };
                ((1.0 - OWN_WEIGHT) * self.odds[i]
                    + OWN_WEIGHT * likelier.clamp(-2.0 * MOST_ODDS, 2.0 * MOST_ODDS)
                    + full)
                    .clamp(-MOST_ODDS, MOST_ODDS)
            };
            let odds: Vec<f32> = (0..CELLS).map(again).collect();
            hair = self.found(&odds, if share > MUCH_SHARE { EXTENT_WHERE_MUCH } else { EXTENT });
        }
        // Brows and eyes are not hair of the scalp.
        (0..CELLS).map(|i| hair[i] && !(self.face[i] && i / SIDE >= self.brows)).collect()
    }

    /// The share of the scalp that is in the set.
    fn share_of_scalp(&self, set: &[bool]) -> f32 {
        let both = (0..CELLS).filter(|&i| self.scalp[i] && set[i]).count();
        let all = self.scalp.iter().filter(|is| **is).count();
        both as f32 / all.max(1) as f32
    }

    /// Log odds averaged over some 5 mm.
    fn smoothed(&self, odds: &[f32]) -> Vec<f32> {
        let once = cells::means(odds, &self.within, SIDE, 1);
        cells::means(&once, &self.within, SIDE, 1)
    }

    /// Hair by log odds: sure cells, extended by up to `extent` cells while hair remains likely.
    fn found(&self, odds: &[f32], extent: usize) -> Vec<bool> {
        let odds = &self.smoothed(odds);
        let above = |least: f32| move |i: usize| self.within[i] && odds[i] > least;
        let sure: Vec<bool> = (0..CELLS).map(above(SURE_ODDS)).collect();
        let mut sure = cells::thick(&sure, THICKNESS_SQUARED);
        for part in cells::parts(&sure).into_iter().filter(|part| part.len() <= LEAST_HAIR) {
            part.into_iter().for_each(|i| sure[i] = false);
        }
        if self.share_of_scalp(&sure) < LITTLE_SHARE {
            sure = cells::thick(&sure, THICKNESS_SQUARED_WHERE_LITTLE);
        }
        let mut hair = cells::thick(&cells::spread(&sure, above(LIKELY_ODDS), extent), 2);
        let gaps: Vec<bool> = (0..CELLS).map(|i| self.within[i] && !hair[i]).collect();
        for part in cells::parts(&gaps).into_iter().filter(|part| part.len() < LEAST_GAP) {
            part.into_iter().for_each(|i| hair[i] = true);
        }
        hair
    }

    /// How much of each cell is covered, 0 to 1: by hair or hats, or by the background around the head.
    fn covered(&self, hair: &[bool]) -> Vec<f32> {
        // Cells at the edge take the value of those beside them.
        let hair: Vec<f32> = hair.iter().map(|is| f32::from(u8::from(*is))).collect();
        let spread = cells::means(&hair, &self.within, SIDE, 1);
        let edge = cells::means(&hair, &self.within, SIDE, 3);
        let by_hair = |i: usize| if self.within[i] { spread[i] } else { edge[i] };
        let covered = |i: usize| if i / SIDE < self.below { by_hair(i).max(1.0 - self.person[i]) } else { 0.0 };
        (0..CELLS).map(covered).collect()
    }
}

/// Log odds of a cell being hair, given its lightness, hues and roughness relative to the client's skin; whether it
/// lies in the face; and how near it is to the edge of the head, where light falls off. The weights are those of the
/// regression described in the module documentation.
fn like_hair([light, red, yellow, rough]: [f32; 4], rougher: f32, in_face: f32, rim: f32) -> f32 {
    let (darker, lighter) = (light.min(0.0), light.max(0.0));
    let terms = [
        [-3.02, 1.0],
        [0.22, darker],
        [-1.60, lighter],
        [-4.19, red],
        [0.44, darker * darker],
        [2.30, red * red],
        [0.68, yellow * yellow],
        [0.86, darker * red],
        [-1.24, darker * yellow],
        [0.92, red * yellow],
        [-0.25, rough],
        [2.32, rougher],
        [-0.91, darker * rough],
        [0.85, lighter * rough],
        [-0.20, red * rough],
        [1.46, yellow * rough],
        [-0.24, darker * darker * rough],
        [-2.18, in_face],
        [1.14, rim],
        [1.95, rim * darker],
        [-0.64, rim * rough],
    ];
    terms.into_iter().map(|[weight, term]| weight * term).sum()
}

/// Lightness and two hues of each cell, natural logarithms.
fn colours(samples: &[[f32; 3]], within: &[bool]) -> [Vec<f32>; 3] {
    // The table is finer than 8-bit sample values, since the argument is a mean.
    let table: Vec<f32> =
        (0..=4095).map(|sample| srgb_light_from_fraction(f64::from(sample) / 4095.0) as f32).collect();
    let mut colours = [vec![0.0; CELLS], vec![0.0; CELLS], vec![0.0; CELLS]];
    for i in (0..CELLS).filter(|&i| within[i]) {
        let light = |c: usize| {
            let sample = fine(i).map(|k| samples[k][c]).sum::<f32>() / (FINE * FINE) as f32;
            table[(sample * 4095.0 + 0.5).clamp(0.0, 4095.0) as usize]
        };
        let [red, green, blue] = [light(0), light(1), light(2)];
        let log = |light: f32| libm::logf(light + DARK);
        colours[0][i] = log((red + green + blue) / 3.0);
        colours[1][i] = log(red) - log(green);
        colours[2][i] = log(green) - log(blue);
    }
    colours
}

/// The middle of a cell, in cell coordinates.
fn middle(i: usize) -> DVec2 {
    DVec2::new((i % SIDE) as f64 + 0.5, (i / SIDE) as f64 + 0.5)
}

/// The fine pixels of a cell.
fn fine(i: usize) -> impl Iterator<Item = usize> {
    let at = i / SIDE * FINE * FINE_SIDE + i % SIDE * FINE;
    (0..FINE * FINE).map(move |k| at + k / FINE * FINE_SIDE + k % FINE)
}

/// Roughness: the absolute difference of sample values from their mean over 3 mm, averaged over 6 mm, relative to the
/// mean sample value there.
fn roughness(samples: &[[f32; 3]], within: &[bool]) -> Vec<f32> {
    let area = FINE_SIDE * FINE_SIDE;
    let samples: Vec<f32> = samples.iter().map(|sample| sample.iter().sum::<f32>() / 3.0).collect();
    let cell = |k: usize| k / FINE_SIDE / FINE * SIDE + k % FINE_SIDE / FINE;
    let fine_within: Vec<bool> = (0..area).map(|k| within[cell(k)]).collect();
    let around = cells::means(&samples, &fine_within, FINE_SIDE, 2);
    let of_cells = |of: &dyn Fn(usize) -> f32| -> Vec<f32> {
        let values =
            (0..CELLS).map(|i| if within[i] { fine(i).map(of).sum::<f32>() / (FINE * FINE) as f32 } else { 0.0 });
        cells::means(&values.collect::<Vec<_>>(), within, SIDE, 2)
    };
    let differences = of_cells(&|k| (samples[k] - around[k]).abs());
    let samples = of_cells(&|k| samples[k]);
    differences.into_iter().zip(samples).map(|(difference, sample)| difference / (sample + 0.03)).collect()
}

/// The client's skin.
struct Skin {
    colour: [f32; 3],
    rough: f32,
}

impl Skin {
    /// From the cheeks, and from those parts of the forehead that are not hair.
    fn of(colours: &[Vec<f32>; 3], rough: &[f32], within: &[bool], face: &Face, grid: &Grid) -> Self {
        let read = |px: &DVec2| {
            let at = grid.cells(*px).clamp(DVec2::splat(1.0), DVec2::splat(SIDE as f64 - 2.0));
            let i = at.y as usize * SIDE + at.x as usize;
            let around = [i - SIDE - 1, i - SIDE, i - SIDE + 1, i - 1, i, i + 1, i + SIDE - 1, i + SIDE, i + SIDE + 1];
            let mean = |values: &Vec<f32>| around.iter().map(|&k| values[k]).sum::<f32>() / around.len() as f32;
            let whole = around.iter().all(|&k| within[k]);
            whole.then(|| [mean(&colours[0]), mean(&colours[1]), mean(&colours[2]), rough[i]])
        };
        let cheeks: Vec<[f32; 4]> = face.cheeks.iter().filter_map(read).collect();
        let of_cheeks: [f32; 4] = std::array::from_fn(|c| median(cheeks.iter().map(|place| place[c])));
        let skin = |place: &[f32; 4]| {
            let off = |c: usize| (place[c] - of_cheeks[c]).abs();
            let as_rough = place[3] < 2.0 * of_cheeks[3] + 0.02;
            off(1) < OFF_HUE && off(2) < OFF_HUE && place[0] > of_cheeks[0] - OFF_LIGHT && as_rough
        };
        let forehead: Vec<[f32; 4]> = face.forehead.iter().filter_map(read).filter(skin).collect();
        let all = |c: usize| median(cheeks.iter().chain(&forehead).map(|place| place[c]));
        // The scalp is lit like the forehead.
        let light =
            if forehead.len() < LEAST_FOREHEAD { all(0) } else { median(forehead.iter().map(|place| place[0])) };
        Self { colour: [light, all(1), all(2)], rough: all(3) }
    }

    /// A cell relative to this skin. In the dark, hues count for less.
    fn look(&self, colour: [f32; 3], rough: f32) -> [f32; 4] {
        let light = (colour[0] - self.colour[0]).clamp(-3.0, 1.5);
        let sure = libm::expf(0.5 * light.min(0.0));
        let hue = |c: usize| (colour[c] - self.colour[c]).clamp(-1.2, 1.2) * sure;
        [light, hue(1), hue(2), libm::logf((rough + SMOOTH) / ROUGH)]
    }

    /// How much rougher than this skin a cell is, natural logarithm.
    fn rougher(&self, rough: f32) -> f32 {
        libm::logf((rough + 0.006) / (self.rough + 0.006))
    }
}

/// Median, with an even number of values the mean of the two in the middle; 0 if there are no values.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.collect();
    let below = statistics::lower_quantile(&values, 0.5).unwrap_or(0.0);
    0.5 * (below + statistics::median(values).unwrap_or(0.0))
}

/// Appearance of the cells of a set: a multivariate normal distribution.
struct ColourModel {
    mean: [f64; 4],
    /// Whitening matrix, lower triangular.
    whiten: [[f64; 4]; 4],
    /// Log determinant of the covariance.
    volume: f64,
}

impl ColourModel {
    /// `None` of too few cells.
    fn of(looks: &[[f32; 4]]) -> Option<Self> {
        if looks.len() < LEAST_OWN {
            return None;
        }
        let count = looks.len() as f64;
        let mean: [f64; 4] = std::array::from_fn(|c| looks.iter().map(|look| f64::from(look[c])).sum::<f64>() / count);
        let mut spread = Symmetric::zeros(4);
        for look in looks {
            spread.add_outer(&std::array::from_fn::<_, 4, _>(|c| (c, f64::from(look[c]) - mean[c])), 1.0 / count);
        }
        LEAST_SPREAD.iter().enumerate().for_each(|(c, least)| spread.add_diagonal(c, least * least));
        let factor = spread.cholesky()?;
        let mut whiten = [[0.0; 4]; 4];
        for c in 0..4 {
            let mut unit = [0.0; 4];
            unit[c] = 1.0;
            let column = factor.solve_lower(&unit);
            (0..4).for_each(|row| whiten[row][c] = column[row]);
        }
        let volume = -2.0 * (0..4).map(|c| libm::log(whiten[c][c])).sum::<f64>();
        Some(Self { mean, whiten, volume })
    }

    /// Minus twice the log likelihood of a look, up to a constant: the lower, the more likely.
    fn off(&self, look: [f32; 4]) -> f32 {
        let off: [f64; 4] = std::array::from_fn(|c| f64::from(look[c]) - self.mean[c]);
        let squares = self.whiten.iter().map(|row| {
            let along: f64 = row.iter().zip(&off).map(|(a, b)| a * b).sum();
            along * along
        });
        (squares.sum::<f64>() + self.volume) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;

    const WIDTH: u32 = 600;
    const HEIGHT: u32 = 720;
    const PX_PER_MM: f64 = 2.0;
    const MIDDLE: DVec2 = DVec2::new(300.0, 360.0);
    /// Where the painted hair begins, px.
    const HAIRLINE: f64 = 240.0;

    /// What the painted head wears.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Cap {
        Nothing,
        Stubble,
        Strands,
    }

    /// Normalised distance from the middle of a head of 150 by 220 mm: 1 at its edge.
    fn out(px: DVec2) -> f64 {
        ((px - MIDDLE) / DVec2::new(150.0, 220.0)).length()
    }

    fn painted(cap: Cap) -> Photo {
        let noise = |x: u32, y: u32| {
            let mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
            let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x2C1B_3C6D);
            f64::from((mixed ^ mixed >> 12) & 255) / 255.0
        };
        let colour = |x: u32, y: u32| {
            let px = DVec2::new(f64::from(x), f64::from(y)) + 0.5;
            if out(px) > 1.0 {
                return [110.0, 130.0, 150.0];
            }
            // Light falls off towards the edge.
            let light = 1.0 - 0.3 * out(px) * out(px) + 0.01 * noise(x, y);
            let left = match cap {
                // Strands 1.5 mm wide.
                Cap::Strands if px.y < HAIRLINE => {
                    let strand = noise(x / 3, 0);
                    [0.2 + 0.3 * strand, 0.17 + 0.27 * strand, 0.16 + 0.22 * strand]
                }
                Cap::Stubble if px.y < HAIRLINE => [0.72 + 0.1 * noise(x, y), 0.74 + 0.1 * noise(x, y), 0.78],
                _ => [1.0; 3],
            };
            [210.0 * light * left[0], 165.0 * light * left[1], 140.0 * light * left[2]]
        };
        let samples = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| colour(x, y).map(|sample| sample as u8)));
        Photo::from_srgb(WIDTH, HEIGHT, samples.collect()).unwrap()
    }

    fn hidden_of(cap: Cap) -> Vec<Vec<DVec2>> {
        let picture = ReducedPhoto::of(&painted(cap));
        let guess = HeadGuess { middle: DVec2::new(300.0, 280.0), px_per_mm: PX_PER_MM, roll: 0.1 };
        let part = Part::square(MIDDLE, 800.0, 0.0);
        let mask = Mask::drawn(part, 256, |px| (0.5 + 20.0 * (1.0 - out(px))).clamp(0.0, 1.0) as f32);
        let across = |y: f64, half: f64| (-3..=3).map(|i| DVec2::new(300.0 + half * f64::from(i) / 3.0, y)).collect();
        let oval = (0..36).map(|i| {
            let (s, c) = libm::sincos(f64::from(i) * std::f64::consts::TAU / 36.0);
            DVec2::new(300.0 + 130.0 * c, 410.0 + 150.0 * s)
        });
        let face = Face {
            cheeks: across(430.0, 80.0),
            forehead: across(290.0, 70.0),
            brows: DVec2::new(300.0, 330.0),
            outline: oval.collect(),
            aside_mm: 0.0,
        };
        outlines(&picture, &[mask], &guess, &face)
    }

    fn is_hidden(outlines: &[Vec<DVec2>], px: DVec2) -> bool {
        let crossed = |outline: &Vec<DVec2>| {
            let sides = outline.iter().zip(outline.iter().cycle().skip(1));
            let right = |(a, b): &(&DVec2, &DVec2)| {
                (a.y <= px.y) != (b.y <= px.y) && a.x + (b.x - a.x) * (px.y - a.y) / (b.y - a.y) > px.x
            };
            sides.filter(right).count()
        };
        outlines.iter().map(crossed).sum::<usize>() % 2 == 1
    }

    #[test]
    fn a_cap_of_strands_is_hidden_and_stubble_is_not() {
        for cap in [Cap::Nothing, Cap::Stubble, Cap::Strands] {
            let hidden = hidden_of(cap);
            let mut wrong = Vec::new();
            for y in (120..400).step_by(7) {
                for x in (60..540).step_by(7) {
                    let px = DVec2::new(f64::from(x), f64::from(y));
                    // Tolerance: 3 mm at the head's edge; at the hair's edge 3 mm inside and 5 mm outside, since
                    // roughness is averaged over as much.
                    let expected = match out(px) {
                        out if out > 1.04 => true,
                        out if out > 0.96 => continue,
                        _ if cap == Cap::Strands && px.y < HAIRLINE - 6.0 => true,
                        _ if cap == Cap::Strands && px.y < HAIRLINE + 10.0 => continue,
                        _ => false,
                    };
                    if is_hidden(&hidden, px) != expected {
                        wrong.push(px);
                    }
                }
            }
            assert!(wrong.is_empty(), "{cap:?}: {} places, {:?}", wrong.len(), &wrong[..wrong.len().min(9)]);
            assert_eq!(hidden, hidden_of(cap));
        }
    }

    #[test]
    fn a_photo_without_a_face_gives_finite_outlines() {
        let picture = ReducedPhoto::of(&Photo::from_srgb(3, 2, vec![90; 18]).unwrap());
        let guess = HeadGuess { middle: DVec2::new(1.0, 1.0), px_per_mm: 2.0, roll: 0.0 };
        for share in [0.0, 1.0] {
            let mask = Mask::drawn(Part::square(DVec2::ONE, 800.0, 0.0), 256, |_| share);
            let face = Face { brows: DVec2::new(1.0, 1.0), ..Face::default() };
            let hidden = outlines(&picture, &[mask], &guess, &face);
            assert!(hidden.iter().flatten().all(|px| px.is_finite() && px.cmple(DVec2::new(3.0, 2.0)).all()));
        }
    }
}
