//! The colour of a patch of skin or stubble, measured in a photo.
//!
//! Tones are linear light with sRGB primaries, as in the photo: relative to its exposure and white balance. Lab and
//! what is derived from it assume sRGB under D65, which is sufficient for comparing tones of one photo.
//!
//! A client's skin is measured on the forehead, since the scalp is lit like it. A fringe or a hat may cover the
//! forehead, so its places are compared with the cheeks first: only those that may be the same skin count, and if
//! hardly any may, the cheeks are measured instead. Cheeks that are darker than the forehead (a beard, sunglasses,
//! shade) rule out nothing.

use glam::{DVec2, DVec3};
use palette::color_difference::Ciede2000;
use palette::white_point::D65;
use palette::{FromColor, Lab, LinSrgb};

use super::skin_estimate;
use crate::ground::{colour, statistics};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::photo::{Photo, Reader};

/// Linear light of a patch: red, green, blue; 1 is the photo's white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone(pub [f64; 3]);

/// Heights along the skin above the glabella, and distances from the midline, at which the forehead is measured, mm:
/// below any hairline, above the muscles of the brows.
const FOREHEAD_HEIGHTS_MM: [f64; 3] = [28.0, 38.0, 48.0];
const FOREHEAD_ACROSS_MM: [f64; 3] = [-18.0, 0.0, 18.0];
/// Radius of each patch there, mm.
pub const FOREHEAD_RADIUS_MM: f64 = 3.0;
/// Where the cheeks are measured, outwards and down from the pupils, mm: below eyes and glasses, above most beards.
const CHEEKS_OUTWARDS_MM: [f64; 2] = [-1.5, 5.5];
const CHEEKS_DOWN_MM: [f64; 2] = [30.0, 37.0];
/// Least cosine between the normal of a cheek and the direction to the camera: near the edge of the face, the
/// approximate surface may lie beside it.
const LEAST_FACING: f64 = 0.5;
/// Cheeks are measured where they have the colour of skin and send back at least this part of their median light: the
/// rest is covered or in shade.
const LEAST_OF_CHEEKS: f64 = 0.5;
/// Fewest places on the cheeks that are compared with the forehead, and fewest bare places on the forehead that are
/// measured.
const FEWEST_ON_CHEEKS: usize = 2;
const FEWEST_ON_FOREHEAD: usize = 3;
/// Part of the light of the cheeks that the skin of the forehead sends back at least, and how far its hue may be off:
/// natural logarithms of red to green, and of green to blue. Hair is darker, or of another hue; hats are mostly either
/// (assumed; on 91 photographs of heads, parts from a third to two thirds and hues from 0.2 to 0.5 served alike).
const LEAST_OF_FOREHEAD: f64 = 0.33;
const OFF_HUE: f64 = 0.3;
/// Rings around the vertex in which a scalp is measured: the sine of the angle from it, with the number of places; and
/// the radius of each place, mm.
const SCALP_RINGS: [(f64, usize); 4] = [(0.0, 1), (0.3, 8), (0.6, 14), (0.85, 20)];
const SCALP_RADIUS_MM: f64 = 1.5;
/// Least share of the light of the skin in between that shaved hair takes. The closely shaved sides of a fair man take
/// a tenth (3 L* on light skin, 1.5 on dark skin); the light on one forehead varies by a few per cent from place to
/// place. What takes less is bare skin, or not hair that dots could be matched to (assumed).
const LEAST_TAKEN_BY_HAIR: f64 = 0.08;
/// Most pixels of a disc that are sampled: more would change nothing.
const MOST_PIXELS: f64 = 20_000.0;

impl Tone {
    /// The median light, channel by channel, of the pixels whose centres lie in a disc; `None` where its middle lies
    /// outside the photo. The pixel under the middle always counts.
    #[must_use]
    pub(crate) fn in_disc(photo: &Photo, middle_px: DVec2, radius_px: f64) -> Option<Self> {
        Self::median(photo, &disc(photo, middle_px, radius_px, MOST_PIXELS))
    }

    /// The mean light of the pixels of a disc, dots included: what it looks like from far away; `None` where its middle
    /// lies outside the photo.
    #[must_use]
    pub fn mean_in_disc(photo: &Photo, middle_px: DVec2, radius_px: f64) -> Option<Self> {
        let lights = lights(photo, &disc(photo, middle_px, radius_px, MOST_PIXELS));
        let mean = |c: usize| lights.iter().map(|light| light[c]).sum::<f64>() / lights.len() as f64;
        (!lights.is_empty()).then(|| Self(std::array::from_fn(mean)))
    }

    /// The median of untreated skin on the forehead, or on the cheeks where that is covered; `None` where the camera
    /// does not see the forehead.
    #[must_use]
    pub(crate) fn of_forehead(photo: &Photo, head: &Head, camera: &Camera) -> Option<Self> {
        Self::median(photo, &pixels_of_forehead(photo, head, camera)?)
    }

    /// The tone of a head's skin in a photo: that of its forehead or cheeks, or where that is not visible the median of
    /// the visible scalp, including shaved hair; `None` where the camera sees neither.
    #[must_use]
    pub fn of_head(photo: &Photo, head: &Head, camera: &Camera) -> Option<Self> {
        let of_scalp = || {
            let rings = SCALP_RINGS.into_iter().flat_map(|(down, count)| {
                (0..count).map(move |k| {
                    let (sin, cos) = libm::sincos(std::f64::consts::TAU * k as f64 / count as f64);
                    DVec3::new(down * sin, (1.0 - down * down).sqrt(), down * cos)
                })
            });
            let places = rings.map(|unit| head.cranium.at(unit)).filter(|place| head.visible(camera, place));
            let pixels = places.filter_map(|place| {
                let pixel = camera.image_from_head(place.position)?;
                Some(disc(photo, pixel, SCALP_RADIUS_MM / camera.mm_per_px(place.position), MOST_PIXELS))
            });
            Self::median(photo, &pixels.flatten().collect::<Vec<_>>())
        };
        Self::of_forehead(photo, head, camera).or_else(of_scalp)
    }

    /// The median light, channel by channel, of some pixels; `None` if there are none.
    fn median(photo: &Photo, pixels: &[usize]) -> Option<Self> {
        median(&lights(photo, pixels)).map(Self)
    }

    /// CIE L*, a*, b*.
    #[must_use]
    pub fn lab(self) -> [f64; 3] {
        let lab = self.palette_lab();
        [lab.l, lab.a, lab.b]
    }

    /// Individual typology angle, degrees: above 55 is very light skin, below -30 dark (Chardon 1991).
    #[must_use]
    pub(crate) fn ita_degrees(self) -> f64 {
        let [l, _, b] = self.lab();
        libm::atan2(l - 50.0, b).to_degrees()
    }

    /// Luminance, linear: 1 is the photo's white.
    #[must_use]
    pub fn luminance(self) -> f64 {
        colour::luminance_f64(self.0)
    }

    /// Whether this may be shaved hair on skin of that tone, being clearly darker. Bare skin in shade is so, too.
    #[must_use]
    pub(crate) fn can_be_hair_on(self, skin: Self) -> bool {
        self.luminance() <= (1.0 - LEAST_TAKEN_BY_HAIR) * skin.luminance()
    }

    /// Whether the forehead, if it has this tone, may be of the same skin as cheeks of that one, in light that differs
    /// as it does within a face. Of what is brighter than the cheeks, only what has no colour of skin is ruled out.
    fn may_be_as_bare_as(self, cheeks: Self) -> bool {
        let part = self.luminance() / cheeks.luminance();
        let hues = |Self([red, green, blue]): Self| [(red, green), (green, blue)].map(|(a, b)| libm::log(a / b));
        let near = hues(self).into_iter().zip(hues(cheeks)).all(|(own, other)| (own - other).abs() < OFF_HUE);
        skin_estimate::is_skin(self.0) && part >= LEAST_OF_FOREHEAD && (near || part >= 1.0)
    }

    /// CIEDE2000 colour difference: about 1 is just noticeable side by side.
    #[must_use]
    pub fn difference(self, other: Self) -> f64 {
        self.palette_lab().difference(other.palette_lab())
    }

    fn palette_lab(self) -> Lab<D65, f64> {
        let [r, g, b] = self.0;
        Lab::from_color(LinSrgb::new(r, g, b))
    }
}

/// The places at which the forehead is measured.
pub fn forehead(head: &Head) -> impl Iterator<Item = SurfacePoint> {
    FOREHEAD_HEIGHTS_MM.into_iter().flat_map(move |height| {
        let middle = head.above_glabella(height);
        FOREHEAD_ACROSS_MM.map(|across| head.cranium.below(middle.position + DVec3::X * across))
    })
}

/// The places at which the cheeks are measured.
fn cheeks(head: &Head) -> impl Iterator<Item = SurfacePoint> {
    [(Landmark::PupilRight, -1.0), (Landmark::PupilLeft, 1.0)].into_iter().flat_map(move |(pupil, side)| {
        let pupil = head.landmark(pupil);
        CHEEKS_DOWN_MM.into_iter().flat_map(move |down| {
            let at = move |outwards: f64| pupil + DVec3::new(side * outwards, -down, 0.0);
            CHEEKS_OUTWARDS_MM.map(|outwards| head.lower_face.below(at(outwards)))
        })
    })
}

/// The pixels of untreated skin: on the forehead, or where that is covered on the cheeks. `None` where the camera does
/// not see every place of the forehead that is measured.
fn pixels_of_forehead(photo: &Photo, head: &Head, camera: &Camera) -> Option<Vec<usize>> {
    let around = |point: SurfacePoint| {
        let seen = head.visible(camera, &point);
        let pixel = camera.image_from_head(point.position).filter(|_| seen)?;
        Some(disc(photo, pixel, FOREHEAD_RADIUS_MM / camera.mm_per_px(point.position), MOST_PIXELS))
    };
    let forehead: Vec<Vec<usize>> = forehead(head).map(around).collect::<Option<_>>()?;
    let facing = |point: &SurfacePoint| {
        let towards: DVec3 = (camera.position() - point.position).normalize();
        towards.dot(point.normal) > LEAST_FACING
    };
    let cheeks: Vec<Vec<usize>> = cheeks(head).filter(facing).filter_map(around).collect();
    Some(bare(photo, forehead, &cheeks).concat())
}

/// Those places of the forehead that may show the skin of the cheeks; if hardly any do, the places of the cheeks. All
/// of the forehead where the cheeks cannot be compared with it.
fn bare(photo: &Photo, forehead: Vec<Vec<usize>>, cheeks: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let toned = cheeks.iter().filter_map(|place| Some((Tone::median(photo, place)?, place)));
    let like_skin: Vec<(Tone, &Vec<usize>)> = toned.filter(|(tone, _)| skin_estimate::is_skin(tone.0)).collect();
    let usual = statistics::median(like_skin.iter().map(|(tone, _)| tone.luminance())).unwrap_or(0.0);
    let lit = like_skin.into_iter().filter(|(tone, _)| tone.luminance() >= LEAST_OF_CHEEKS * usual);
    let cheeks: Vec<Vec<usize>> = lit.map(|(_, place)| place.clone()).collect();
    let skin = Tone::median(photo, &cheeks.concat()).filter(|_| cheeks.len() >= FEWEST_ON_CHEEKS);
    let Some(skin) = skin else { return forehead };
    let is_bare = |place: &Vec<usize>| Tone::median(photo, place).is_some_and(|tone| tone.may_be_as_bare_as(skin));
    let bare: Vec<Vec<usize>> = forehead.into_iter().filter(is_bare).collect();
    if bare.len() >= FEWEST_ON_FOREHEAD { bare } else { cheeks }
}

/// The median sample values, channel by channel, of untreated skin on forehead or cheeks, 1 at full scale:
/// [`Tone::of_forehead`] in the photo's own colour space.
#[must_use]
pub(super) fn samples_of_forehead(photo: &Photo, head: &Head, camera: &Camera) -> Option<[f64; 3]> {
    let reader = Reader::new(photo);
    let fraction = |pixel: usize| reader.samples(pixel).map(|sample| f64::from(sample) / f64::from(u16::MAX));
    let fractions: Vec<[f64; 3]> = pixels_of_forehead(photo, head, camera)?.into_iter().map(fraction).collect();
    median(&fractions)
}

/// The pixels whose centres lie in a disc, about this many of them at most, and the one under its middle; none where
/// that lies outside the photo.
pub(super) fn disc(photo: &Photo, middle: DVec2, radius: f64, most_pixels: f64) -> Vec<usize> {
    let [width, height] = photo.size_px();
    let size = DVec2::new(f64::from(width), f64::from(height));
    if !(middle.cmpge(DVec2::ZERO).all() && middle.cmplt(size).all() && radius.is_finite()) {
        return Vec::new();
    }
    let reach = DVec2::splat(radius.max(0.5));
    let (low, high) = ((middle - reach).floor().max(DVec2::ZERO), (middle + reach).ceil().min(size));
    let step = (reach.x * reach.x * std::f64::consts::PI / most_pixels).sqrt().ceil().max(1.0) as usize;
    let number = |x: u32, y: u32| y as usize * width as usize + x as usize;
    let mut pixels = Vec::new();
    for y in (low.y as u32..high.y as u32).step_by(step) {
        for x in (low.x as u32..high.x as u32).step_by(step) {
            let centre = DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
            if centre.distance(middle) <= reach.x {
                pixels.push(number(x, y));
            }
        }
    }
    if pixels.is_empty() {
        pixels.push(number(middle.x as u32, middle.y as u32));
    }
    pixels
}

/// Linear sRGB of pixels.
fn lights(photo: &Photo, pixels: &[usize]) -> Vec<[f64; 3]> {
    let reader = Reader::new(photo);
    pixels.iter().map(|&pixel| reader.linear_srgb(reader.own_light(pixel))).collect()
}

/// Medians channel by channel.
fn median(values: &[[f64; 3]]) -> Option<[f64; 3]> {
    let channel = |c: usize| statistics::median(values.iter().map(|value| value[c]));
    Some([channel(0)?, channel(1)?, channel(2)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::colour::srgb_light_from_fraction;

    /// Skin with sample values 200, 150, 120, a bright spot in one corner and a dark mole of 3 px radius in the middle.
    fn photo() -> Photo {
        let mut samples = Vec::new();
        for y in 0..40 {
            for x in 0..60 {
                let mole = (x - 30_i32).pow(2) + (y - 20_i32).pow(2) < 9;
                let highlight = x < 10 && y < 10;
                samples.extend(if mole {
                    [20, 10, 10]
                } else if highlight {
                    [255; 3]
                } else {
                    [200, 150, 120]
                });
            }
        }
        Photo::from_srgb(60, 40, samples).unwrap()
    }

    #[test]
    fn a_disc_gives_its_median_light() {
        let skin = [200.0, 150.0, 120.0].map(|c: f64| srgb_light_from_fraction(c / 255.0));
        let photo = photo();
        let near = |tone: Tone| tone.0.iter().zip(skin).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near(Tone::in_disc(&photo, DVec2::new(30.5, 20.5), 12.0).unwrap()), "the mole does not count");
        assert!(!near(Tone::in_disc(&photo, DVec2::new(30.5, 20.5), 0.1).unwrap()), "a small disc is the mole");
        assert_eq!(Tone::in_disc(&photo, DVec2::new(2.0, 2.0), 3.0), Some(Tone([1.0; 3])));
        assert_eq!(Tone::in_disc(&photo, DVec2::new(60.0, 20.0), 5.0), None);
        assert_eq!(Tone::in_disc(&photo, DVec2::new(f64::NAN, 20.0), 5.0), None);
    }

    #[test]
    fn the_mean_light_of_a_disc_is_that_of_all_its_pixels() {
        let dotted = |k: u32| if k.is_multiple_of(4) { [0; 3] } else { [255; 3] };
        let photo = Photo::from_srgb(40, 40, (0..1600).flat_map(dotted).collect()).unwrap();
        let Tone(mean) = Tone::mean_in_disc(&photo, DVec2::splat(20.0), 15.0).unwrap();
        assert!(mean.iter().all(|light| (light - 0.75).abs() < 0.02), "{mean:?}");
        assert_eq!(Tone::mean_in_disc(&photo, DVec2::splat(-1.0), 15.0), None);
    }

    #[test]
    fn known_colours_have_their_lab_and_angle() {
        let [l, a, b] = Tone([1.0; 3]).lab();
        assert!((l - 100.0).abs() < 0.01 && a.abs() < 0.01 && b.abs() < 0.01);
        // Linear light of 0.5 has L* 76.07.
        assert!((Tone([0.5; 3]).lab()[0] - 76.07).abs() < 0.01);
        let light_skin = Tone([230.0, 195.0, 175.0].map(|c: f64| srgb_light_from_fraction(c / 255.0)));
        let dark_skin = Tone([90.0, 60.0, 45.0].map(|c: f64| srgb_light_from_fraction(c / 255.0)));
        assert!(light_skin.ita_degrees() > 41.0, "{}", light_skin.ita_degrees());
        assert!(dark_skin.ita_degrees() < -30.0, "{}", dark_skin.ita_degrees());
        assert!(light_skin.difference(light_skin) == 0.0 && light_skin.difference(dark_skin) > 20.0);
    }
}
