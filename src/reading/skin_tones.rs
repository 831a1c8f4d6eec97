//! The tone of bare skin from place to place on a head, as one photo shows it.
//!
//! A head is lit unevenly: its top shines white where its forehead lies in warm shade. How a photo renders a dot
//! depends on the skin right around it (see [`crate::skin::Appearance::photographed`]), so one tone for the whole photo
//! would make dots too blue in one place and too brown in another.

use std::collections::HashMap;

use glam::DVec2;
use rayon::prelude::*;

use super::skin_estimate;
use super::tone::{self, Tone};
use crate::ground::colour;
use crate::head::camera::Camera;
use crate::head::chart::SIDE;
use crate::head::{Head, Part};
use crate::photo::{Photo, Reader};

/// Side of a cell, texels of the chart of its surface: about 14 mm, over which the light on a head changes little.
pub const CELL_TEXELS: usize = 16;
const CELLS: usize = SIDE.div_ceil(CELL_TEXELS);
/// Radius in which each cell is measured, mm.
const RADIUS_MM: f64 = 3.0;
/// Most pixels of a cell that are sampled.
const MOST_PIXELS: f64 = 400.0;
/// Ranks by luminance, as shares of all pixels, that count as bare skin: darker ones may be shaved hair, brighter ones
/// wet spots and noise.
const BARE_RANKS: [f64; 2] = [0.5, 0.8];

/// The tones of skin in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct SkinTones {
    /// Where nothing else is known.
    usual: LitSkin,
    /// By surface and cell of its chart.
    cells: HashMap<(Part, usize), LitSkin>,
}

/// Bare skin in the light of a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LitSkin {
    /// Its tone.
    pub tone: Tone,
    /// The part of its light that its surface reflected, linear; the same in all channels.
    pub specular: f64,
}

impl LitSkin {
    fn of(tone: Tone) -> Self {
        Self { tone, specular: skin_estimate::specular(tone) }
    }
}

impl SkinTones {
    /// Reads them; `None` where the camera sees neither forehead nor scalp.
    #[must_use]
    pub fn read(photo: &Photo, head: &Head, camera: &Camera) -> Option<Self> {
        let usual = LitSkin::of(Tone::of_head(photo, head, camera)?);
        let cells = [Part::Cranium, Part::LowerFace]
            .into_par_iter()
            .flat_map_iter(|part| (0..CELLS * CELLS).map(move |cell| (part, cell)));
        // One reader for all cells: it begins with tables.
        let reader = Reader::new(photo);
        let tone = |(part, cell): (Part, usize)| {
            let middle = [cell % CELLS, cell / CELLS].map(|k| (k as f64 + 0.5) * CELL_TEXELS as f64);
            let place = head.surface(part).at(part.chart().direction_from_texel(middle)?);
            let pixel = head.visible(camera, &place).then(|| camera.image_from_head(place.position))??;
            let tone = bare_tone(photo, &reader, pixel, RADIUS_MM / camera.mm_per_px(place.position))?;
            Some(((part, cell), LitSkin::of(tone)))
        };
        Some(Self { usual, cells: cells.filter_map(tone).collect() })
    }

    /// The skin at a place of a surface's chart, texels.
    #[must_use]
    pub fn at(&self, part: Part, texel: [usize; 2]) -> LitSkin {
        let [column, row] = texel.map(|k| k / CELL_TEXELS);
        self.cells.get(&(part, row * CELLS + column)).copied().unwrap_or(self.usual)
    }
}

/// The mean light of the pixels of a disc that show bare skin; `None` where its middle lies outside the photo.
fn bare_tone(photo: &Photo, reader: &Reader, middle_px: DVec2, radius_px: f64) -> Option<Tone> {
    let pixels = tone::disc(photo, middle_px, radius_px, MOST_PIXELS);
    let lights = pixels.into_iter().map(|pixel| reader.linear_srgb(reader.own_light(pixel)));
    let mut lights: Vec<(f64, [f64; 3])> = lights.map(|light| (colour::luminance_f64(light), light)).collect();
    lights.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let [first, last] = BARE_RANKS.map(|rank| (rank * lights.len() as f64) as usize);
    let bare = lights.get(first..=last.min(lights.len().checked_sub(1)?))?;
    Some(Tone(std::array::from_fn(|c| bare.iter().map(|(_, light)| light[c]).sum::<f64>() / bare.len() as f64)))
}

#[cfg(test)]
mod tests {
    use glam::{DMat3, DVec3};

    use super::*;
    use crate::ground::colour::srgb_light_from_fraction;

    /// A camera 900 mm above the vertex that looks down, 0.5 mm per pixel.
    fn from_above() -> Camera {
        let camera_from_head = DMat3::from_cols(DVec3::X, DVec3::Z, DVec3::NEG_Y).transpose();
        let head = Head::average();
        let eye = head.cranium.at(DVec3::Y).position + DVec3::Y * 900.0;
        Camera {
            camera_from_head,
            head_origin_mm: -(camera_from_head * eye),
            focal_px: 1800.0,
            principal_px: DVec2::splat(300.0),
        }
    }

    #[test]
    fn a_shaved_head_in_uneven_light_has_the_tone_of_its_skin_everywhere() {
        let (head, camera) = (Head::average(), from_above());
        // White light on the left, warm light on the right; every third pixel is a hair.
        let [left, right] = [[210, 170, 150], [180, 120, 90]];
        let photo = Photo::from_rows(600, 600, |y, row| {
            for (x, pixel) in row.iter_mut().enumerate() {
                let skin = if x < 300 { left } else { right };
                *pixel = if (x + y).is_multiple_of(3) { [40, 35, 30] } else { skin };
            }
        });
        let tones = SkinTones::read(&photo, &head, &camera).unwrap();
        let seen = |x: f64| {
            let chart = Part::Cranium.chart();
            let place = head.cranium.at(DVec3::new(x, 1.0, 0.0).normalize());
            assert!(head.visible(&camera, &place));
            let texel = chart.texel_from_direction((place.position - head.cranium.centre).normalize()).unwrap();
            tones.at(Part::Cranium, texel.map(|k| k as usize)).tone.0
        };
        for (x, skin) in [(-0.4, left), (0.4, right)] {
            let skin = skin.map(|sample| srgb_light_from_fraction(f64::from(sample) / 255.0));
            let seen = seen(x);
            assert!((0..3).all(|c| (seen[c] / skin[c] - 1.0).abs() < 0.02), "{seen:.3?} instead of {skin:.3?}");
        }
    }

    #[test]
    fn where_the_camera_sees_nothing_the_usual_tone_serves() {
        let (head, camera) = (Head::average(), from_above());
        let photo = Photo::from_rows(600, 600, |_, row| row.fill([200, 150, 120]));
        let tones = SkinTones::read(&photo, &head, &camera).unwrap();
        let chin = tones.at(Part::LowerFace, [SIDE / 2; 2]);
        assert_eq!(chin, tones.usual);
    }
}
