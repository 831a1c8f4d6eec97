//! The piece of a photo around a patch of skin, as optical densities, and the filters that are applied to it.

use glam::DVec2;
use rayon::prelude::*;

use crate::ground::colour::luminance_f64;
use crate::ground::filters::{along_columns, along_rows, blurred_by_boxes, gaussian};
use crate::head::camera::Footprint;
use crate::photo::{Photo, Reader};

/// Finer pixels are averaged in squares, mm: dots of hair or pigment are two to ten times as wide as this.
const FINEST_MM: f64 = 0.04;
/// Lower limit of light, since the logarithm of black means nothing.
const BLACK: f64 = 1e-4;
/// Variance of a square pixel, px2.
const PIXEL_PX2: f64 = 1.0 / 12.0;

/// Values on a grid, row by row.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub width: usize,
    pub values: Vec<f64>,
}

/// A rectangle of a photo with skin coordinates: distances along the skin from the middle of a patch.
///
/// Its cells are pixels, or squares of them where the photo is finer than any dot. Positions are in cells, with the
/// centre of the first at (0.5, 0.5).
pub(super) struct PatchCells {
    pub width: usize,
    pub height: usize,
    /// Linear light of each cell.
    pub light: Vec<[f64; 3]>,
    /// Middle of the patch, cells.
    pub middle: DVec2,
    /// Footprint of the skin, in cells.
    pub footprint: Footprint,
    /// Variance of the blur of the camera and of a cell, cells2.
    pub blur_cells2: f64,
    /// Photo pixels per cell along a side.
    pub cell_px: u32,
    /// First pixel of the first cell.
    origin_px: DVec2,
}

impl PatchCells {
    /// The part of the photo within `reach_mm` of the patch's middle; `None` where that is less than a few cells.
    pub fn new(photo: &Photo, middle_px: DVec2, footprint: Footprint, blur_px: f64, reach_mm: f64) -> Option<Self> {
        let finest_mm = 1.0 / footprint.major_px_per_mm;
        let cell_px = ((FINEST_MM / finest_mm).ceil().clamp(1.0, 64.0)) as u32;
        let cell = f64::from(cell_px);
        let [width_px, height_px] = photo.size_px();
        let size = DVec2::new(f64::from(width_px), f64::from(height_px));
        let reach = DVec2::splat(reach_mm * footprint.major_px_per_mm);
        let low = (middle_px - reach).floor().max(DVec2::ZERO);
        let high = (middle_px + reach).ceil().min(size);
        let (width, height) = (((high.x - low.x) / cell) as usize, ((high.y - low.y) / cell) as usize);
        if width < 8 || height < 8 {
            return None;
        }
        let reader = &Reader::new(photo);
        let rows = (0..height).into_par_iter().flat_map_iter(|row| {
            (0..width).map(move |column| {
                let start = [low.x as usize + column * cell_px as usize, low.y as usize + row * cell_px as usize];
                cell_light(reader, width_px as usize, start, cell_px as usize)
            })
        });
        Some(Self {
            width,
            height,
            light: rows.collect(),
            middle: (middle_px - low) / cell,
            footprint: Footprint {
                major_px_per_mm: footprint.major_px_per_mm / cell,
                minor_px_per_mm: footprint.minor_px_per_mm / cell,
                axis: footprint.axis,
            },
            blur_cells2: blur_px * blur_px / (cell * cell) + PIXEL_PX2,
            cell_px,
            origin_px: low,
        })
    }

    /// Converts a place on the grid to the photo's coordinates.
    pub fn photo_px(&self, cells: DVec2) -> DVec2 {
        self.origin_px + cells * f64::from(self.cell_px)
    }

    /// Distance along the skin from the middle of the patch, mm.
    pub fn distance_mm(&self, cells: DVec2) -> f64 {
        let [along, across] = self.axes(cells - self.middle);
        (along / self.footprint.major_px_per_mm).hypot(across / self.footprint.minor_px_per_mm)
    }

    /// Components of a step, in cells, along the footprint's major and minor axis.
    pub fn axes(&self, step: DVec2) -> [f64; 2] {
        let axis = self.footprint.axis;
        [step.dot(axis), step.dot(axis.perp())]
    }

    /// Millimetres of skin per cell: the geometric mean over the two axes.
    pub(crate) fn mm_per_cell(&self) -> f64 {
        1.0 / self.footprint.px2_per_mm2().sqrt()
    }

    /// 1 within `radius_mm` of the middle, 0 elsewhere.
    pub fn disc(&self, radius_mm: f64) -> Grid {
        self.grid(|index| if self.distance_mm(self.centre(index)) <= radius_mm { 1.0 } else { 0.0 })
    }

    /// Middle of a cell.
    pub fn centre(&self, index: usize) -> DVec2 {
        DVec2::new((index % self.width) as f64 + 0.5, (index / self.width) as f64 + 0.5)
    }

    /// -ln of the luminance.
    pub fn optical_density(&self) -> Grid {
        self.grid(|index| -libm::log(luminance_f64(self.light[index]).max(BLACK)))
    }

    /// -ln of a channel's light.
    pub(crate) fn optical_density_of(&self, channel: usize) -> Grid {
        self.grid(|index| -libm::log(self.light[index][channel].max(BLACK)))
    }

    /// A value for each cell, by its index.
    fn grid(&self, value: impl Fn(usize) -> f64 + Sync + Send) -> Grid {
        Grid { width: self.width, values: (0..self.width * self.height).into_par_iter().map(value).collect() }
    }
}

/// Mean light of a square of pixels.
fn cell_light(reader: &Reader, width_px: usize, start: [usize; 2], side: usize) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for y in start[1]..start[1] + side {
        for x in start[0]..start[0] + side {
            for (sum, light) in sum.iter_mut().zip(reader.own_light(y * width_px + x)) {
                *sum += light;
            }
        }
    }
    reader.linear_srgb(sum.map(|sum| sum / (side * side) as f64))
}

impl Grid {
    pub fn height(&self) -> usize {
        self.values.len() / self.width
    }

    /// Cell by cell with another grid of the same size.
    pub fn with(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self { width: self.width, values: self.values.iter().zip(&other.values).map(|(a, b)| f(*a, *b)).collect() }
    }

    /// Sum of the products with another grid.
    pub fn dot(&self, other: &Self) -> f64 {
        self.values.iter().zip(&other.values).map(|(a, b)| a * b).sum()
    }

    /// Convolved with a Gaussian; values beyond the border repeat those at the border.
    pub fn blurred(&self, sigma_cells: f64) -> Self {
        let kernel = gaussian(sigma_cells, (4.0 * sigma_cells).ceil() as usize);
        let values = along_columns(&along_rows(&self.values, self.width, &kernel), self.width, &kernel);
        Self { width: self.width, values }
    }

    /// Convolved with three successive boxes, nearly a Gaussian, with zeros beyond the border: the cost is independent
    /// of the width.
    fn boxed(&self, sigma_cells: f64) -> Self {
        // Three boxes of side 2 r + 1 have a variance of r (r + 1).
        let reach = ((0.25 + sigma_cells * sigma_cells).sqrt() - 0.5).round().max(1.0) as usize;
        let mean = |sum: f64| sum / (2 * reach + 1) as f64;
        Self { width: self.width, values: blurred_by_boxes(&self.values, self.width, reach, mean) }
    }
}

/// Subtracts slow changes (shading, halos, a highlight) within a mask, and sets everything outside to 0. The filter is
/// linear, so that a model can go through it as the photo did.
pub(super) struct HighPass {
    pub mask: Grid,
    weight: Grid,
    sigma_cells: f64,
}

impl HighPass {
    pub fn new(mask: Grid, sigma_cells: f64) -> Self {
        let weight = mask.boxed(sigma_cells);
        Self { mask, weight, sigma_cells }
    }

    pub fn of(&self, grid: &Grid) -> Grid {
        let slow = grid.with(&self.mask, |v, m| v * m).boxed(self.sigma_cells);
        let values = (0..grid.values.len()).map(|k| {
            if self.mask.values[k] > 0.0 {
                grid.values[k] - slow.values[k] / self.weight.values[k].max(1e-9)
            } else {
                0.0
            }
        });
        Grid { width: grid.width, values: values.collect() }
    }
}
