//! Removes shaved hair from a photo, to show the head after further hair loss.
//!
//! Shaved hair is a texture on skin: on average it leaves a share of the skin's light, per channel, and its dots vary
//! about that mean. Where hair is lost, the mean becomes that of the thinner hair, and the variation is reduced to the
//! little that bare skin has. Both are taken from the photo itself, so that shading and colour stay. Long hair is no
//! texture on skin: [`super::thinned_hair`] thins it.

use glam::{DVec2, DVec3};
use rayon::prelude::*;

use super::mock_up::Sensor;
use crate::ground::filters::{along_columns, along_rows, gaussian};
use crate::ground::samples::{Encode, Sample};
use crate::head::{Head, Part};
use crate::photo::{Photo, Reader};
use crate::plan::recession::Recession;

/// Standard deviation of the averaging over dots of shaved hair, mm: more than their spacing.
const MEAN_MM: f64 = 1.6;
/// Largest variation of bare skin about its mean: pores and fine hair.
const SKIN_VARIES: f32 = 0.025;
/// Spacing of the grid on which points of the head are looked up, px.
const EVERY_PX: usize = 4;
/// Cells of that grid over which points are interpolated where the scalp is whole: its surface bends by less than 0.1
/// mm over them, and looking a point up takes a hundred times as long.
const INTERPOLATED: usize = 4;
/// Hair thinner than this counts as none.
const NO_HAIR: f64 = 0.02;

/// Where a photo shows the scalp, to take hair from it there. The photo must be 8-bit sRGB.
pub struct ShownScalp {
    /// Points of the scalp on a grid over the photo, with the cosine between the camera and the skin's normal.
    places: Vec<Option<(DVec3, f64)>>,
    columns: usize,
    mm_per_px: f64,
}

/// What a photo shows at a point.
#[derive(Clone, Copy)]
enum Shown {
    /// A point of the scalp, and the cosine between the camera and the skin's normal.
    Scalp(DVec3, f64),
    /// Something that was found to hide dots.
    Hidden,
    /// The face, or the background.
    Elsewhere,
}

impl Shown {
    fn scalp(self) -> Option<(DVec3, f64)> {
        match self {
            Self::Scalp(place, facing) => Some((place, facing)),
            Self::Hidden | Self::Elsewhere => None,
        }
    }
}

impl ShownScalp {
    /// In a photo of this width and height, px.
    #[must_use]
    pub fn new(head: &Head, sensor: &Sensor, size_px: [u32; 2]) -> Self {
        let [columns, rows] = size_px.map(|side| side as usize / EVERY_PX + 2);
        let px_at = |column: usize, row: usize| DVec2::new((column * EVERY_PX) as f64, (row * EVERY_PX) as f64);
        let is_hidden = |px: DVec2| sensor.hidden.as_ref().is_some_and(|hidden| hidden.contains(px));
        let looked_up = |column: usize, row: usize| -> Shown {
            let px = px_at(column, row);
            if is_hidden(px) {
                return Shown::Hidden;
            }
            let Some((part, place)) = head.head_from_image(&sensor.camera, px) else { return Shown::Elsewhere };
            let facing = (sensor.camera.position() - place.position).normalize().dot(place.normal);
            if part == Part::Cranium && head.visible(&sensor.camera, &place) {
                Shown::Scalp(place.position, facing)
            } else {
                Shown::Elsewhere
            }
        };
        let few = columns.div_ceil(INTERPOLATED);
        let coarse: Vec<Shown> = (0..few * rows.div_ceil(INTERPOLATED))
            .into_par_iter()
            .map(|index| looked_up(index % few * INTERPOLATED, index / few * INTERPOLATED))
            .collect();
        // From the corners of the cell around a point, if they tell.
        let between = |column: usize, row: usize| -> Option<Shown> {
            let (i, j) = (column / INTERPOLATED, row / INTERPOLATED);
            if i + 1 >= few {
                return None;
            }
            let corner = |i: usize, j: usize| coarse.get(j * few + i).copied();
            match [corner(i, j)?, corner(i + 1, j)?, corner(i, j + 1)?, corner(i + 1, j + 1)?] {
                [Shown::Scalp(a, p), Shown::Scalp(b, q), Shown::Scalp(c, r), Shown::Scalp(d, s)] => {
                    let [u, v] = [column, row].map(|at| (at % INTERPOLATED) as f64 / INTERPOLATED as f64);
                    let mix = |a: f64, b: f64, c: f64, d: f64| {
                        let (above, below) = (a + (b - a) * u, c + (d - c) * u);
                        above + (below - above) * v
                    };
                    let place = std::array::from_fn(|k| mix(a[k], b[k], c[k], d[k]));
                    Some(Shown::Scalp(DVec3::from_array(place), mix(p, q, r, s)))
                }
                // The scalp's outline is far straighter than a cell is wide.
                [Shown::Elsewhere, Shown::Elsewhere, Shown::Elsewhere, Shown::Elsewhere] => Some(Shown::Elsewhere),
                _ => None,
            }
        };
        let place = |index: usize| {
            let (column, row) = (index % columns, index / columns);
            match between(column, row) {
                Some(Shown::Scalp(..)) if is_hidden(px_at(column, row)) => None,
                Some(shown) => shown.scalp(),
                None => looked_up(column, row).scalp(),
            }
        };
        let places = (0..columns * rows).into_par_iter().map(place).collect();
        Self { places, columns, mm_per_px: sensor.camera.mm_per_px(head.cranium.centre) }
    }

    /// The photo with the hair lost; `left` is the share of bare skin's light that full shaved hair leaves.
    #[must_use]
    pub fn without_hair(&self, photo: &Photo, recession: &Recession, left: [f64; 3]) -> Photo {
        without(photo, &self.hair(|place, _| recession.hair(place)), self.mm_per_px, left)
    }

    /// Hair density now and after a loss, from that at a place of the scalp, seen at an angle with this cosine to its
    /// normal.
    pub(super) fn hair(&self, density: impl Fn(DVec3, f64) -> [f64; 2] + Sync) -> Hair {
        let of = |seen: &Option<(DVec3, f64)>| seen.map(|(place, facing)| density(place, facing));
        Hair { grid: self.places.par_iter().map(of).collect(), columns: self.columns }
    }

    /// Millimetres per pixel at the middle of the head.
    pub(crate) fn mm_per_px(&self) -> f64 {
        self.mm_per_px
    }
}

fn without(photo: &Photo, hair: &Hair, mm_per_px: f64, left: [f64; 3]) -> Photo {
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let reader = Reader::new(photo);
    let shown: Vec<Option<[f64; 2]>> =
        (0..width * height).into_par_iter().map(|at| hair.at(at % width, at / width)).collect();
    // Means over the scalp alone, without background and ears.
    let sigma_px = MEAN_MM / mm_per_px;
    let kernel: Vec<f32> =
        gaussian(sigma_px.max(0.5), (3.0 * sigma_px).ceil() as usize).iter().map(|w| *w as f32).collect();
    let blurred = |values: &[f32]| along_columns(&along_rows(values, width, &kernel), width, &kernel);
    let weights: Vec<f32> = shown.iter().map(|shown| f32::from(u8::from(shown.is_some()))).collect();
    let total = blurred(&weights);
    let lights: Vec<[f32; 3]> = (0..width * height).into_par_iter().map(|at| reader.light(at)).collect();
    let means: Vec<Vec<f32>> = (0..3)
        .map(|c| {
            let values: Vec<f32> = lights.iter().zip(&weights).map(|(light, weight)| light[c] * weight).collect();
            blurred(&values)
        })
        .collect();
    let (_, encoder) = <u8 as Sample>::srgb();
    let changes = |at: usize| shown[at].filter(|[now, then]| *now > NO_HAIR && now - then > 1e-3);
    Photo::from_rows(photo.width(), photo.height(), |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = y * width + x;
            let light = lights[at];
            let lost = match changes(at) {
                Some([now, then]) => std::array::from_fn(|c| {
                    let mean = means[c][at] / total[at].max(1e-6);
                    let shade = |hair: f64| 1.0 - hair * (1.0 - left[c]);
                    let kept = (then / now) as f32;
                    let varies = light[c] / mean.max(1e-6) - 1.0;
                    let varies = kept * varies + (1.0 - kept) * varies.clamp(-SKIN_VARIES, SKIN_VARIES);
                    mean * (shade(then) / shade(now)) as f32 * (1.0 + varies)
                }),
                None => light,
            };
            *pixel = lost.map(|light| encoder.as_ref().map_or(0, |encoder| encoder.encode(light)));
        }
    })
}

/// Hair density now and after the loss, on a grid over the photo.
pub(super) struct Hair {
    grid: Vec<Option<[f64; 2]>>,
    columns: usize,
}

impl Hair {
    /// The densities at a pixel; `None` off the scalp.
    pub(super) fn at(&self, x: usize, y: usize) -> Option<[f64; 2]> {
        let (column, row) = (x / EVERY_PX, y / EVERY_PX);
        let share = [x % EVERY_PX, y % EVERY_PX].map(|rest| (rest as f64 + 0.5) / EVERY_PX as f64);
        let corner = |dx: usize, dy: usize| self.grid[(row + dy) * self.columns + column + dx];
        let [a, b, c, d] = [corner(0, 0)?, corner(1, 0)?, corner(0, 1)?, corner(1, 1)?];
        let mix = |k: usize| {
            let above = a[k] + (b[k] - a[k]) * share[0];
            let below = c[k] + (d[k] - c[k]) * share[0];
            above + (below - above) * share[1]
        };
        Some([mix(0), mix(1)])
    }
}
