//! Glints of hard light on skin, found from the colours of small cells.
//!
//! White light on skin makes it whiter *and* brighter, both by the same amount. Paler or less red skin is whiter, too;
//! a ridge or a pore's rim is brighter, too; but in skin the two are almost uncorrelated (0.0 to 0.2 in path-traced
//! heads, where whiteness varies by 0.1 of the light, and brightness relative to its surroundings by 0.04). So whatever
//! stands out a little in both is a highlight, and brightness is the best measure of its strength. The surroundings are
//! the mean over everything that is not a highlight; the two are estimated alternately.
//!
//! Highlights wider than these surroundings are found by colour alone, and have to stand out from the spread of the
//! whole treated area.

use glam::DVec2;

use super::specular::luminance;
use crate::ground::filters::blurred_by_boxes;
use crate::ground::numbers::smoothstep_f32;
use crate::ground::statistics::{self, SIGMA_BY_MEDIAN_DEVIATION};

/// Standard deviations of whiteness above which colour alone makes a highlight.
const BY_COLOUR: f32 = 3.0;
/// Standard deviations of whiteness and of brightness at which a highlight begins, and at which it is certain.
const WHITER: [f32; 2] = [-0.5, 0.5];
const BRIGHTER: [f32; 2] = [1.0, 2.25];
/// Lower bound of estimated standard deviations, as a share of the light.
const LEAST_SPREAD: f32 = 1e-3;
/// Rounds of estimating surroundings and highlights alternately.
const ROUNDS: usize = 4;
/// Surroundings are three successive box filters reaching this many cells to each side: nearly a Gaussian of 84 px.
const REACH_CELLS: usize = 10;
/// The same for highlights found by colour alone, which are noisy: nearly a Gaussian of 20 px.
const SMOOTHING_CELLS: usize = 2;
/// Cells of which a median is taken, at most twice as many: its standard error is a hundredth of their spread.
const MOST_COMPARED: usize = 16_384;
/// Margin of cells around the treated ones that is examined: the halos of dots reach 8 cells, and an estimate for a
/// cell depends on none farther away than one box, since untreated cells have no weight.
const MARGIN_CELLS: usize = 8 + REACH_CELLS;

/// Size of a grid of cells, which are stored row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellGrid {
    pub columns: usize,
    pub rows: usize,
}

/// Light of the highlights in each cell, in excess of the even specular light of all skin, from the cells' mean
/// colours.
pub(super) fn highlights(colours: &[[f32; 3]], treated: &[bool], grid: CellGrid) -> Vec<f32> {
    let mut found = vec![0.0; colours.len()];
    let Some(part) = TreatedPart::around(treated, grid) else { return found };
    let in_part = all_highlights(&part.cut(colours, grid), &part.cut(treated, grid), part.size);
    for (row, line) in in_part.chunks(part.size.columns).enumerate() {
        let start = part.start(row, grid);
        found[start..start + line.len()].copy_from_slice(line);
    }
    found
}

/// The same for the whole grid.
fn all_highlights(colours: &[[f32; 3]], treated: &[bool], grid: CellGrid) -> Vec<f32> {
    let Some(cells) = Cells::new(colours, treated) else { return vec![0.0; colours.len()] };
    let skin_only: Vec<f32> = treated.iter().map(|treated| if *treated { 1.0 } else { 0.0 }).collect();
    let by_colour = surroundings(&cells.by_colour(), &skin_only, grid, SMOOTHING_CELLS);
    by_colour.into_iter().zip(cells.by_both(grid)).map(|(colour, both)| colour.max(both)).collect()
}

/// The treated part of a grid with a margin: most photos show a head that fills a quarter of them.
struct TreatedPart {
    column: usize,
    row: usize,
    size: CellGrid,
}

impl TreatedPart {
    /// `None` where nothing is treated.
    fn around(treated: &[bool], grid: CellGrid) -> Option<Self> {
        let rows = || treated.chunks(grid.columns);
        let any = |row: &[bool]| row.iter().any(|treated| *treated);
        let (top, bottom) = (rows().position(any)?, rows().rposition(any)?);
        let left = rows().filter_map(|row| row.iter().position(|treated| *treated)).min()?;
        let right = rows().filter_map(|row| row.iter().rposition(|treated| *treated)).max()?;
        let (column, row) = (left.saturating_sub(MARGIN_CELLS), top.saturating_sub(MARGIN_CELLS));
        let columns = (right + 1 + MARGIN_CELLS).min(grid.columns) - column;
        let rows = (bottom + 1 + MARGIN_CELLS).min(grid.rows) - row;
        Some(Self { column, row, size: CellGrid { columns, rows } })
    }

    /// Index in the grid of the first cell of a row of the part.
    fn start(&self, row: usize, grid: CellGrid) -> usize {
        (self.row + row) * grid.columns + self.column
    }

    fn cut<T: Copy>(&self, values: &[T], grid: CellGrid) -> Vec<T> {
        let row = |row: usize| &values[self.start(row, grid)..][..self.size.columns];
        (0..self.size.rows).flat_map(row).copied().collect()
    }
}

/// Whiteness and brightness of the cells.
struct Cells<'a> {
    treated: &'a [bool],
    lights: Vec<f32>,
    /// White in excess of the median, as a share of the light.
    whiter: Vec<f32>,
    /// Standard deviation of that in skin.
    white_spread: f32,
}

impl<'a> Cells<'a> {
    /// `None` if colour carries no information.
    fn new(colours: &[[f32; 3]], treated: &'a [bool]) -> Option<Self> {
        // Chromaticity is unaffected by shading; its median is unaffected by highlights.
        let skin: [f32; 3] = std::array::from_fn(|channel| {
            median_of_treated(colours, treated, |colour| {
                colour[channel] / colour.iter().sum::<f32>().max(f32::MIN_POSITIVE)
            })
        });
        let decomposition = Decomposition::new(skin)?;
        let lights: Vec<f32> = colours.iter().map(luminance).collect();
        let whiteness = |(colour, light): (&[f32; 3], &f32)| {
            if *light > 0.0 { decomposition.white_part(colour) / light } else { 0.0 }
        };
        let mut whiter: Vec<f32> = colours.iter().zip(&lights).map(whiteness).collect();
        let (usual, white_spread) = spread(&whiter, treated);
        whiter.iter_mut().for_each(|whiter| *whiter -= usual);
        Some(Self { treated, lights, whiter, white_spread })
    }

    /// Light of cells that are much whiter: nothing up to a limit, and soon all of it, since a highlight must not lose
    /// what skin varies by.
    fn by_colour(&self) -> Vec<f32> {
        let limit = BY_COLOUR * self.white_spread;
        let light = |(excess, light): (&f32, &f32)| {
            let part = if *excess > limit { limit / excess } else { 1.0 };
            light * excess * (1.0 - part * part * part * part)
        };
        self.whiter.iter().zip(&self.lights).map(light).collect()
    }

    /// Light of cells that are both whiter and brighter.
    fn by_both(&self, grid: CellGrid) -> Vec<f32> {
        let Self { treated, lights, whiter, white_spread } = self;
        let mut found = vec![0.0; lights.len()];
        // How certainly a cell is skin without a highlight: initially judged by its colour.
        let mut weights: Vec<f32> = whiter
            .iter()
            .zip(*treated)
            .map(|(whiter, treated)| {
                let out = whiter.max(0.0) / white_spread;
                if *treated { 1.0 / (1.0 + out * out * out * out) } else { 0.0 }
            })
            .collect();
        for _ in 0..ROUNDS {
            let around = surroundings(lights, &weights, grid, REACH_CELLS);
            let brighter: Vec<f32> = lights
                .iter()
                .zip(&around)
                .map(|(light, around)| if *around > 0.0 { light / around - 1.0 } else { 0.0 })
                .collect();
            let (_, bright_spread) = spread(&brighter, treated);
            let (white2, bright2) = (white_spread * white_spread, bright_spread * bright_spread);
            // The less variable of the two carries more weight.
            let trust = bright2 / (white2 + bright2);
            for cell in 0..lights.len() {
                // White light relative to the surroundings, as brightness is.
                let white = whiter[cell] * (1.0 + brighter[cell]);
                let sure = step(brighter[cell] / bright_spread, BRIGHTER) * step(white / white_spread, WHITER);
                found[cell] = sure * around[cell] * (trust * white + (1.0 - trust) * brighter[cell]).max(0.0);
                weights[cell] = if treated[cell] { 1.0 - sure } else { 0.0 };
            }
        }
        found
    }
}

/// `colour = d * skin + g * white`, by least squares.
struct Decomposition {
    skin: [f32; 3],
    /// Inner products of the skin with itself and with white, and the determinant.
    products: [f32; 3],
}

impl Decomposition {
    /// `None` for skin close to white (a grey photo): colour distinguishes nothing.
    fn new(skin: [f32; 3]) -> Option<Self> {
        let (own, white): (f32, f32) = (skin.iter().map(|part| part * part).sum(), skin.iter().sum());
        let determinant = own * 3.0 - white * white;
        (determinant > 1e-3 * own * 3.0).then_some(Self { skin, products: [own, white, determinant] })
    }

    /// `g`; negative where the colour is more saturated than skin.
    fn white_part(&self, colour: &[f32; 3]) -> f32 {
        let [own, white, determinant] = self.products;
        let by_skin: f32 = colour.iter().zip(&self.skin).map(|(colour, skin)| colour * skin).sum();
        (own * colour.iter().sum::<f32>() - white * by_skin) / determinant
    }
}

/// Weighted mean around each cell by three successive box filters; 0 where all weights are 0.
fn surroundings(values: &[f32], weights: &[f32], grid: CellGrid, reach: usize) -> Vec<f32> {
    let weighted =
        |(value, weight): (&f32, &f32)| DVec2::new(f64::from(*value) * f64::from(*weight), f64::from(*weight));
    let sums: Vec<DVec2> = values.iter().zip(weights).map(weighted).collect();
    // Smaller weights are rounding errors.
    let mean = |DVec2 { x: sum, y: weight }| if weight > 1e-3 { (sum / weight) as f32 } else { 0.0 };
    blurred_by_boxes(&sums, grid.columns, reach, |sum| sum).into_iter().map(mean).collect()
}

/// Smoothstep from 0 to 1 between two limits.
fn step(value: f32, [from, to]: [f32; 2]) -> f32 {
    smoothstep_f32((value - from) / (to - from))
}

/// Median of the treated cells, and their standard deviation estimated from the median absolute deviation.
fn spread(values: &[f32], treated: &[bool]) -> (f32, f32) {
    let usual = median_of_treated(values, treated, |value| *value);
    let deviation = median_of_treated(values, treated, |value| (value - usual).abs());
    (usual, (SIGMA_BY_MEDIAN_DEVIATION as f32 * deviation).max(LEAST_SPREAD))
}

/// Median over the treated cells; 0 if there are none. Of very many, some represent all.
pub(super) fn median_of_treated<T>(cells: &[T], treated: &[bool], value: impl Fn(&T) -> f32) -> f32 {
    let count = treated.iter().filter(|treated| **treated).count();
    let all = cells.iter().zip(treated).filter(|(_, treated)| **treated);
    let some = all.step_by((count / MOST_COMPARED).max(1));
    statistics::median(some.map(|(cell, _)| value(cell))).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKIN: [f32; 3] = [0.5, 0.32, 0.26];

    /// Highlights before those found by colour are smoothed.
    fn found(colours: &[[f32; 3]]) -> Vec<f32> {
        let treated = vec![true; colours.len()];
        let Some(cells) = Cells::new(colours, &treated) else { return vec![0.0; colours.len()] };
        let both = cells.by_both(CellGrid { columns: colours.len(), rows: 1 });
        cells.by_colour().into_iter().zip(both).map(|(colour, both)| colour.max(both)).collect()
    }

    #[test]
    fn shading_is_not_specular() {
        let colours: Vec<_> = (1..=50).map(|step| SKIN.map(|part| part * step as f32 / 50.0)).collect();
        assert!(found(&colours).iter().all(|specular| specular.abs() < 1e-4));
    }

    #[test]
    fn redder_and_paler_skin_is_not_specular() {
        let colours: Vec<_> = (0..100)
            .map(|step| {
                let paler = (step % 10) as f32 * 0.004;
                [SKIN[0], SKIN[1] + paler, SKIN[2] + paler]
            })
            .collect();
        assert!(found(&colours).iter().all(|specular| *specular < 0.005));
    }

    #[test]
    fn a_highlight_is_specular() {
        let mut colours = vec![SKIN; 100];
        for colour in &mut colours[..10] {
            *colour = colour.map(|part| part + 0.2);
        }
        let specular = found(&colours);
        assert!(specular[..10].iter().all(|specular| (specular - 0.2).abs() < 0.01), "{:?}", &specular[..10]);
        assert!(specular[10..].iter().all(|specular| specular.abs() < 1e-4));
    }

    /// Pseudorandom numbers from 0 to 1.
    fn scattered(index: usize, stream: usize) -> f32 {
        ((index * 7919 + stream * 104_729) % 1009) as f32 / 1009.0
    }

    #[test]
    fn surroundings_are_three_boxes_on_any_number_of_threads() {
        let (grid, reach) = (CellGrid { columns: 41, rows: 37 }, 3);
        let of = |stream| (0..grid.columns * grid.rows).map(|cell| scattered(cell, stream)).collect::<Vec<f32>>();
        let (values, weights) = (of(1), of(2));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| surroundings(&values, &weights, grid, reach))
        };
        let got = on(1);
        assert_eq!(got, on(5));
        let box_around = |sums: &[[f64; 2]]| -> Vec<[f64; 2]> {
            let near = |at: usize, count: usize| at.saturating_sub(reach)..(at + reach + 1).min(count);
            let sum = |cell: usize| {
                let (row, column) = (cell / grid.columns, cell % grid.columns);
                let places = near(row, grid.rows).flat_map(|row| near(column, grid.columns).map(move |c| (row, c)));
                places.fold([0.0; 2], |total, (row, column)| {
                    let [sum, weight] = sums[row * grid.columns + column];
                    [total[0] + sum, total[1] + weight]
                })
            };
            (0..sums.len()).map(sum).collect()
        };
        let weighted = values.iter().zip(&weights).map(|(v, w)| [f64::from(*v) * f64::from(*w), f64::from(*w)]);
        let plain = box_around(&box_around(&box_around(&weighted.collect::<Vec<_>>())));
        for (got, [sum, weight]) in got.iter().zip(plain) {
            assert!((f64::from(*got) - sum / weight).abs() < 1e-6, "{got} instead of {}", sum / weight);
        }
    }

    #[test]
    fn cells_beyond_the_window_would_change_nothing() {
        let grid = CellGrid { columns: 130, rows: 120 };
        let off = |cell: usize| {
            let beyond = |at: usize, [from, to]: [usize; 2]| from.saturating_sub(at).max(at.saturating_sub(to));
            beyond(cell % grid.columns, [45, 80]).max(beyond(cell / grid.columns, [40, 75]))
        };
        let cells = || 0..grid.columns * grid.rows;
        let treated: Vec<bool> = cells().map(|cell| off(cell) == 0 && cell % 11 != 0).collect();
        // Mottled skin with a glint, as far as anything is examined.
        let colour = |cell: usize| {
            let (mottle, glint) = (0.04 * scattered(cell, 3), if cell % grid.columns / 4 == 15 { 0.2 } else { 0.0 });
            SKIN.map(
                |part| if off(cell) <= 8 { part * (1.0 + mottle) + 0.02 * scattered(cell, 4) + glint } else { 0.0 },
            )
        };
        let colours: Vec<[f32; 3]> = cells().map(colour).collect();
        let (all, window) = (all_highlights(&colours, &treated, grid), highlights(&colours, &treated, grid));
        assert!(all.iter().any(|light| *light > 0.1));
        for cell in cells().filter(|cell| off(*cell) <= 8) {
            assert!((all[cell] - window[cell]).abs() < 1e-5, "cell {cell}: {} and {}", all[cell], window[cell]);
        }
    }

    #[test]
    fn grey_photos_have_even_specular_light_only() {
        let colours: Vec<_> = (1..=50).map(|step| [step as f32 / 50.0; 3]).collect();
        assert!(found(&colours).iter().all(|specular| specular.abs() < 1e-4));
    }
}
