//! The outline of a bare scalp, found in a photo that shows it against a plain background.
//!
//! In a front photo, two clicked pupils say where the forehead must be; in any photo of a fitted head, the head itself
//! says roughly where its outline is. Rays are cast outwards from inside the head; each is searched from the background
//! inwards to the point where the background ends. What begins there must have the colour of the client's forehead, or
//! else it is hair or a hat and says nothing about the scalp. If the hits are too few or too ragged the result is
//! empty: a wrong outline is worse than none. The points are of the same kind as those that a user clicks, and can be
//! edited in the same way.
//!
//! Cost: one pass over the photo.

use std::borrow::Borrow;

use glam::{DVec2, DVec3};

use super::tone;
use super::views::{self, View};
use crate::ground::statistics::median;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::photo::{Photo, Samples};

/// Number of rays over the outline.
const RAYS: usize = 17;
/// Angle of the outermost rays above the pupils from straight up, radians (80 degrees).
const WIDEST: f64 = 1.396;
/// Blocks of the reduced photo per pupil distance (63 mm): half a millimetre each.
const BLOCKS_PER_PUPILS: f64 = 126.0;
/// Average pupil distance, mm.
const PUPILS_MM: f64 = 63.0;
/// For rays above the pupils, in pupil distances: height of their origin above the eyes, and the range that is
/// searched.
const MIDDLE_ABOVE_EYES: f64 = 0.85;
const NEAREST: f64 = 0.7;
const FARTHEST: f64 = 2.1;
/// How far the edge may be from a fitted head's outline, mm, and how much farther out the background is sampled, mm.
const OFF_MM: f64 = 40.0;
const BEYOND_MM: f64 = 12.0;
/// In front of the ears, the scalp begins this far above the glabella, mm.
const ABOVE_BROWS_MM: f64 = 10.0;
/// A ray that passes an ear's outline within this distance is not used, mm.
const EAR_MM: f64 = 6.0;
/// Least difference in sample value (of full scale) at which something is not background.
const LEAST_STEP: f32 = 0.035;
/// Fewest hits that make an outline.
const LEAST_HITS: usize = 10;
/// Half of how much a hit may differ from its neighbours, as a share of their distance.
const RAGGED: f64 = 0.05;

/// Colour of skin as mean sample values (1 is full scale).
type Colour = [f32; 3];

/// A ray from inside the head across its edge, px.
struct Ray {
    from: DVec2,
    /// Unit vector, outwards.
    direction: DVec2,
    /// Range of distances that is searched.
    reach: [f64; 2],
    /// Expected distance of the edge. Hits are compared with their neighbours after division by it.
    expected: f64,
}

/// Points of the outline above two pupils, px; empty where it cannot be found with confidence.
#[must_use]
pub fn find(photo: &Photo, pupil_right: DVec2, pupil_left: DVec2) -> Vec<DVec2> {
    let across = pupil_left - pupil_right;
    let distance = across.length();
    let Some(reduced) = Reduced::of(photo, distance) else { return Vec::new() };
    // Up in the photo: the direction from right to left eye, turned by 90 degrees.
    let up = DVec2::new(across.y, -across.x) / distance;
    let side = across / distance;
    let from = 0.5 * (pupil_right + pupil_left) + up * (MIDDLE_ABOVE_EYES * distance);
    let forehead = (-6..=6).flat_map(|i| (-6..=6).map(move |j| (0.06 * f64::from(i), 0.04 * f64::from(j))));
    let Some(skin) = reduced.skin(forehead.map(|(x, y)| from + (side * x + up * y) * distance)) else {
        return Vec::new();
    };
    let ray = |i: usize| {
        let (s, c) = libm::sincos(WIDEST * (2.0 * i as f64 / (RAYS - 1) as f64 - 1.0));
        let reach = [NEAREST, FARTHEST].map(|part| part * distance);
        Ray { from, direction: up * c + side * s, reach, expected: distance }
    };
    reduced.outline(&(0..RAYS).map(ray).collect::<Vec<_>>(), distance, skin)
}

/// Points of the outline of a fitted head's scalp, px, in each of the `wanted` views: near the head's own outline,
/// where the colour of the forehead ends. Empty where it cannot be found with confidence.
///
/// For a photo that does not show the forehead, the colour comes from the photo that shows it best. `photo` is called
/// for one photo at a time.
///
/// # Errors
/// Those of `photo`.
pub fn find_near<P: Borrow<Photo>, E>(
    head: &Head,
    views: &[View],
    wanted: impl IntoIterator<Item = View>,
    mut photo: impl FnMut(usize) -> Result<P, E>,
) -> Result<Vec<(usize, Vec<DVec2>)>, E> {
    let best = views::of_forehead(head, views);
    let mut elsewhere: Option<Option<Colour>> = None;
    let mut found = Vec::new();
    for view in wanted {
        let own = photo(view.index)?;
        let own = own.borrow();
        let mut skin = forehead(own, head, &view.camera);
        if let (None, Some(best)) = (skin, best) {
            skin = match elsewhere {
                Some(known) => known,
                None => *elsewhere.insert(forehead(photo(best.index)?.borrow(), head, &best.camera)),
            };
        }
        let outline = skin.map_or_else(Vec::new, |skin| find_near_of_colour(own, head, &view.camera, skin));
        found.push((view.index, outline));
    }
    Ok(found)
}

fn find_near_of_colour(photo: &Photo, head: &Head, camera: &Camera, skin: Colour) -> Vec<DVec2> {
    let outline = head.outline(camera);
    let seen = |p: DVec3| camera.image_from_head(p);
    // Below the brows the face projects beyond the skull, which is all that the outline knows.
    let (ears_z, brows_y) = (head.landmark(Landmark::TragusRight).z, head.glabella().position.y + ABOVE_BROWS_MM);
    let bare = |point: &SurfacePoint| point.position.z < ears_z || point.position.y > brows_y;
    let runs = outline.scalp.iter().flat_map(|run| run.split(|point| !bare(point)));
    let runs = runs.map(|run| run.iter().filter_map(|p| seen(p.position)).collect::<Vec<DVec2>>());
    let (Some(run), Some(from)) = (runs.max_by_key(Vec::len), seen(head.cranium.centre)) else { return Vec::new() };
    let px_per_mm = 1.0 / camera.mm_per_px(head.cranium.centre);
    let Some(reduced) = Reduced::of(photo, PUPILS_MM * px_per_mm) else { return Vec::new() };
    let ears: Vec<DVec2> = outline.ears.iter().flatten().filter_map(|&p| seen(p)).collect();
    let ray = |place: DVec2| {
        let (direction, expected) = ((place - from).normalize_or(DVec2::NEG_Y), place.distance(from));
        let in_the_way = |ear: &DVec2| {
            let along = (*ear - from).dot(direction);
            along > 0.5 * expected && (*ear - from).distance(direction * along) < EAR_MM * px_per_mm
        };
        let reach = [-OFF_MM, OFF_MM + BEYOND_MM].map(|off| (expected + off * px_per_mm).max(0.3 * expected));
        (!ears.iter().any(in_the_way)).then_some(Ray { from, direction, reach, expected })
    };
    let rays: Vec<Ray> = evenly_spaced(&run, RAYS).into_iter().filter_map(ray).collect();
    reduced.outline(&rays, PUPILS_MM * px_per_mm, skin)
}

/// The colour of a fitted head's forehead; `None` where the photo does not show it.
fn forehead(photo: &Photo, head: &Head, camera: &Camera) -> Option<Colour> {
    tone::samples_of_forehead(photo, head, camera).map(|samples| samples.map(|sample| sample as f32))
}

/// `count` points at equal distances along a line, excluding its ends.
#[must_use]
pub(crate) fn evenly_spaced(line: &[DVec2], count: usize) -> Vec<DVec2> {
    let length: f64 = line.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    let apart = length / (count + 1) as f64;
    let (mut places, mut gone) = (Vec::with_capacity(count), 0.0);
    for pair in line.windows(2) {
        let step = pair[0].distance(pair[1]);
        while places.len() < count && gone + step >= apart * (places.len() + 1) as f64 && step > 0.0 {
            let part = (apart * (places.len() + 1) as f64 - gone) / step;
            places.push(pair[0].lerp(pair[1], part));
        }
        gone += step;
    }
    places
}

/// The photo as mean sample values of square blocks.
struct Reduced {
    block_px: usize,
    columns: usize,
    rows: usize,
    colours: Vec<[f32; 3]>,
}

impl Reduced {
    /// Reduced to blocks of half a millimetre; `None` if the pupil distance is not plausible for the photo.
    fn of(photo: &Photo, pupils_px: f64) -> Option<Self> {
        match photo.samples() {
            Samples::U8(samples) => Self::new(photo, pupils_px, |i| f32::from(samples[i]) / 255.0),
            Samples::U16(samples) => Self::new(photo, pupils_px, |i| f32::from(samples[i]) / 65_535.0),
        }
    }

    fn new(photo: &Photo, pupils_px: f64, sample: impl Fn(usize) -> f32) -> Option<Self> {
        if !(pupils_px > 30.0 && pupils_px < f64::from(photo.width())) {
            return None;
        }
        let block_px = ((pupils_px / BLOCKS_PER_PUPILS) as usize).max(1);
        let width = photo.width() as usize;
        let (columns, rows) = (width / block_px, photo.height() as usize / block_px);
        let mut colours = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let mut sum = [0.0_f32; 3];
                for y in row * block_px..(row + 1) * block_px {
                    for x in column * block_px..(column + 1) * block_px {
                        for (channel, total) in sum.iter_mut().enumerate() {
                            *total += sample((y * width + x) * 3 + channel);
                        }
                    }
                }
                colours.push(sum.map(|s| s / (block_px * block_px) as f32));
            }
        }
        Some(Self { block_px, columns, rows, colours })
    }

    /// Colour at a pixel; `None` outside the photo.
    fn at(&self, pixel: DVec2) -> Option<[f32; 3]> {
        let block = pixel / self.block_px as f64;
        if block.x < 0.0 || block.y < 0.0 {
            return None;
        }
        let (column, row) = (block.x as usize, block.y as usize);
        (column < self.columns && row < self.rows).then(|| self.colours[row * self.columns + column])
    }

    /// Median colour at places on skin; `None` where fewer than ten of them, or fewer than half, are in the photo.
    fn skin(&self, places: impl IntoIterator<Item = DVec2>) -> Option<Colour> {
        const LEAST: usize = 10;
        let colours: Vec<Option<Colour>> = places.into_iter().map(|place| self.at(place)).collect();
        let least = LEAST.max(colours.len() / 2);
        let colours: Vec<Colour> = colours.into_iter().flatten().collect();
        let channel = |c: usize| median(colours.iter().map(|colour| colour[c]));
        if colours.len() >= least { Some([channel(0)?, channel(1)?, channel(2)?]) } else { None }
    }

    /// Where rays cross the edge, as far as neighbours agree; empty where too few do.
    fn outline(&self, rays: &[Ray], pupils_px: f64, skin: Colour) -> Vec<DVec2> {
        let hits: Vec<Option<f64>> =
            rays.iter().map(|ray| self.edge(ray, pupils_px, skin).map(|hit| hit / ray.expected)).collect();
        let point = |(i, ray): (usize, &Ray)| {
            let hit = hits[i]?;
            let around = (i.saturating_sub(2)..=(i + 2).min(rays.len() - 1)).filter(|&k| k != i);
            let typical = median(around.filter_map(|k| hits[k]))?;
            // Near the ends of the row the neighbours lie on one side only, and the head's width changes.
            let agree = (hit - typical).abs() < 2.0 * RAGGED * typical;
            agree.then_some(ray.from + ray.direction * (hit * ray.expected))
        };
        let points: Vec<DVec2> = rays.iter().enumerate().filter_map(point).collect();
        if points.len() < LEAST_HITS { Vec::new() } else { points }
    }

    /// Distance along a ray at which the background ends and skin begins, px.
    fn edge(&self, ray: &Ray, pupils_px: f64, forehead: Colour) -> Option<f64> {
        let step = self.block_px as f64;
        let [first, last] = ray.reach.map(|distance| (distance / step) as usize);
        let colours: Vec<[f32; 3]> =
            (first..=last).map_while(|k| self.at(ray.from + ray.direction * (step * k as f64))).collect();
        // Enough background to characterise it: an eighth of a pupil distance, 8 mm.
        let known = (0.125 * pupils_px / step) as usize;
        if known < 3 || colours.len() < 3 * known {
            return None;
        }
        // A running mean of the background just outside, which follows gradients and vignetting.
        let mut background = [0.0_f32; 3];
        for colour in &colours[colours.len() - known..] {
            for (mean, sample) in background.iter_mut().zip(colour) {
                *mean += sample / known as f32;
            }
        }
        let apart = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        let noise = colours[colours.len() - known..].iter().map(|c| apart(c, &background)).fold(0.0, f32::max);
        let limit = LEAST_STEP.max(2.0 * noise);
        for k in (known..colours.len() - known).rev() {
            let inside = &colours[k + 1 - known..=k];
            // Not a speck: almost everything from here inwards differs.
            if inside.iter().filter(|c| apart(c, &background) > limit).count() * 10 >= known * 9
                && apart(&colours[k], &background) > limit
            {
                return self.skin_like(inside, forehead).then(|| step * (first + k) as f64 + 0.5 * step);
            }
            for (mean, sample) in background.iter_mut().zip(&colours[k]) {
                *mean += (sample - *mean) * 0.2;
            }
        }
        None
    }

    /// True if most of what lies just inside an edge has the forehead's hue and is not much darker.
    fn skin_like(&self, inside: &[Colour], forehead: Colour) -> bool {
        let alike = |c: &[f32; 3]| {
            let brightness = |c: &[f32; 3]| c.iter().sum::<f32>().max(1e-3);
            let (own, other) = (brightness(c), brightness(&forehead));
            let hue = (0..3).map(|k| (c[k] / own - forehead[k] / other).abs()).fold(0.0, f32::max);
            hue < 0.05 && own > 0.35 * other
        };
        // Excludes the two blocks at the edge, where lens blur mixes skin and background.
        let core = &inside[..inside.len().saturating_sub(2)];
        core.iter().filter(|c| alike(c)).count() * 3 >= core.len() * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_along_a_line_are_evenly_spaced() {
        let line = [DVec2::ZERO, DVec2::new(3.0, 0.0), DVec2::new(3.0, 0.0), DVec2::new(3.0, 1.0)];
        let places = evenly_spaced(&line, 3);
        assert_eq!(places, [DVec2::new(1.0, 0.0), DVec2::new(2.0, 0.0), DVec2::new(3.0, 0.0)]);
        assert!(evenly_spaced(&line[..1], 3).is_empty());
        assert!(evenly_spaced(&[], 3).is_empty());
    }
}
