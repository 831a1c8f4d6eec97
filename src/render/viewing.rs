//! A picture as somebody sees it: from a distance, and under an overhead lamp.
//!
//! Dots that convince at arm's length merge when seen from across a room, and hard light puts a highlight over them.
//! Both are illustrative: an eye of ordinary acuity, and the specular light of a slightly oily scalp.

use glam::{DVec2, DVec3, Vec3};
use rayon::prelude::*;

use crate::ground::filters::{along_columns, along_rows, gaussian};
use crate::ground::samples::{Encode, Sample};
use crate::head::camera::Camera;
use crate::head::{Head, Part};
use crate::photo::{Photo, Reader};

/// How a picture is viewed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Viewing {
    /// Viewing distance, m; if none, as sharp as the photo.
    pub distance_m: Option<f64>,
    /// Whether an overhead lamp adds its highlight to the light of the photo.
    pub hard_light: bool,
}

/// Distances from which a result is judged, m: the client's own mirror, a conversation, across a room.
pub(crate) const DISTANCES_M: [f64; 3] = [0.3, 1.0, 3.0];

/// Standard deviation of the image of a point in the eye, radians: a full width at half maximum of one minute of arc,
/// at a pupil of 3 mm (Campbell and Gubisch 1966).
const EYE_RAD: f64 = 2.909e-4 / 2.3548;
/// Direction from the scalp to the lamp, head space: overhead and slightly in front.
const LAMP: DVec3 = DVec3::new(0.0, 0.97, 0.243);
/// Light of the highlight at its strongest, relative to the photo's white (assumed).
const HIGHLIGHT: f64 = 0.35;
/// Roughness of the skin's surface (Beckmann): foreheads have 0.25 to 0.35 (Weyrich et al. 2006).
const ROUGHNESS: f64 = 0.3;
/// Cells of the highlight along the longer side of the picture: it is smooth.
const CELLS: u32 = 160;

impl Viewing {
    /// True if the picture is seen unchanged.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Standard deviation of the blur, px, if a pixel spans this many millimetres of skin.
    #[must_use]
    pub fn blur_px(&self, mm_per_px: f64) -> f64 {
        self.distance_m.map_or(0.0, |m| 1e3 * m * EYE_RAD / mm_per_px)
    }

    /// The picture as it is seen, in 8-bit sRGB. `camera` is this picture's camera.
    #[must_use]
    pub fn of(&self, picture: &Photo, head: &Head, camera: &Camera) -> Photo {
        let [width, height] = picture.size_px();
        let reader = Reader::new(picture);
        let mut light = vec![Vec3::ZERO; width as usize * height as usize];
        light.par_iter_mut().enumerate().for_each(|(pixel, light)| *light = Vec3::from(reader.light(pixel)));
        if self.hard_light {
            Highlight::new(picture, head, camera).add_to(&mut light, width as usize);
        }
        let blur_px = self.blur_px(camera.mm_per_px(head.cranium.centre + DVec3::Z * 60.0));
        let light = blurred(light, width as usize, blur_px);
        let (_, encoder) = <u8 as Sample>::srgb();
        let encode = |light: f32| encoder.as_ref().map_or(0, |e| e.encode(light));
        Photo::from_rows(width, height, |y, row| {
            for (pixel, light) in row.iter_mut().zip(&light[y * width as usize..]) {
                *pixel = light.to_array().map(encode);
            }
        })
    }
}

/// The lamp's light reflected by the surface of the skin, on a coarse grid.
struct Highlight {
    cell_px: f64,
    columns: usize,
    light: Vec<f32>,
}

impl Highlight {
    fn new(picture: &Photo, head: &Head, camera: &Camera) -> Self {
        let [width, height] = picture.size_px();
        let cell_px = width.max(height).div_ceil(CELLS);
        // One more in each direction, for interpolation.
        let (columns, rows) = (width.div_ceil(cell_px) as usize + 1, height.div_ceil(cell_px) + 1);
        let at = |index: usize| {
            let place = DVec2::new((index % columns) as f64, (index / columns) as f64) * f64::from(cell_px);
            match head.head_from_image(camera, place) {
                Some((Part::Cranium, skin)) => {
                    highlight(skin.normal, (camera.position() - skin.position).normalize()) as f32
                }
                _ => 0.0,
            }
        };
        let light = (0..columns * rows as usize).into_par_iter().map(at).collect();
        Self { cell_px: f64::from(cell_px), columns, light }
    }

    fn add_to(&self, light: &mut [Vec3], width: usize) {
        light.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.iter_mut().enumerate() {
                let [x, y] = [x, y].map(|v| (v as f64 + 0.5) / self.cell_px);
                let (i, j, fx, fy) = (x as usize, y as usize, x.fract() as f32, y.fract() as f32);
                let knot = |i: usize, j: usize| self.light.get(j * self.columns + i).copied().unwrap_or(0.0);
                let top = knot(i, j) + (knot(i + 1, j) - knot(i, j)) * fx;
                let bottom = knot(i, j + 1) + (knot(i + 1, j + 1) - knot(i, j + 1)) * fx;
                *pixel = *pixel + top + (bottom - top) * fy;
            }
        });
    }
}

/// The lamp's light that skin with this normal reflects towards `to_eye`, relative to the photo's white.
fn highlight(normal: DVec3, to_eye: DVec3) -> f64 {
    let half = (LAMP + to_eye).normalize_or(normal);
    let cosine = normal.dot(half);
    if cosine <= 0.0 || normal.dot(LAMP) <= 0.0 {
        return 0.0;
    }
    let squared = cosine * cosine;
    let tangent_squared = (1.0 - squared) / squared;
    HIGHLIGHT * libm::exp(-tangent_squared / (ROUGHNESS * ROUGHNESS)) / (squared * squared)
}

/// A Gaussian blur; the picture's edge pixels are repeated beyond its edges.
fn blurred(light: Vec<Vec3>, width: usize, sigma_px: f64) -> Vec<Vec3> {
    if sigma_px < 0.1 {
        return light;
    }
    let kernel: Vec<f32> =
        gaussian(sigma_px, (3.0 * sigma_px).ceil() as usize).into_iter().map(|weight| weight as f32).collect();
    along_columns(&along_rows(&light, width, &kernel), width, &kernel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Samples;

    fn camera() -> Camera {
        Camera {
            camera_from_head: glam::DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)),
            head_origin_mm: DVec3::new(0.0, 0.0, 1200.0),
            focal_px: 1200.0,
            principal_px: DVec2::new(120.0, 150.0),
        }
    }

    fn samples(photo: &Photo) -> &[u8] {
        match photo.samples() {
            Samples::U8(samples) => samples,
            Samples::U16(_) => panic!("8 bits"),
        }
    }

    #[test]
    fn near_by_nothing_changes_and_far_away_stripes_run_together_to_their_mean_light() {
        let stripes: Vec<u8> = (0..240 * 200).flat_map(|k| [if k % 2 == 0 { 0 } else { 255 }; 3]).collect();
        let photo = Photo::from_srgb(240, 200, stripes).unwrap();
        let head = Head::average();
        let seen = |distance_m| Viewing { distance_m, hard_light: false }.of(&photo, &head, &camera());
        assert_eq!(seen(None), photo);
        // A pixel is a millimetre: from 0.3 m the eye resolves it, from 30 m it does not.
        assert_eq!(samples(&seen(Some(0.3)))[..12], samples(&photo)[..12]);
        let far = seen(Some(30.0));
        assert!(samples(&far)[3 * 120..3 * 140].iter().all(|sample| sample.abs_diff(188) < 3));
    }

    #[test]
    fn a_lamp_overhead_shines_on_the_upper_scalp_and_darkens_nothing() {
        let photo = Photo::from_srgb(240, 300, [120, 90, 80].repeat(240 * 300)).unwrap();
        let head = Head::average();
        let lit = Viewing { distance_m: None, hard_light: true }.of(&photo, &head, &camera());
        assert!(samples(&lit).iter().zip(samples(&photo)).all(|(lit, plain)| lit >= plain));
        let at = |above_mm: f64| {
            let pixel = camera().image_from_head(head.above_glabella(above_mm).position).unwrap();
            samples(&lit)[3 * (pixel.y as usize * 240 + pixel.x as usize)]
        };
        // Strongest where the skin faces halfway between lamp and eye.
        let [brows, halfway, vertex] = [5.0, 70.0, 140.0].map(at);
        assert!(halfway > brows + 20 && halfway > vertex + 20, "{brows} {halfway} {vertex}");
        assert_eq!(samples(&lit)[0], 120, "beside the head");
    }
}
