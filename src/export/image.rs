//! Pictures of a case: the photo, the photo with dots, or the dots alone.

use glam::{DVec2, DVec3};

use super::text::{self, TextError};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::ground::samples::{Encode, Sample};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::{Photo, Reader};
use crate::render::compositor;
use crate::render::mock_up::{MockUp, Moment, Sensor};
use crate::render::specular::Specular;
use crate::render::splat::Splats;
use crate::render::viewing::{DISTANCES_M, Viewing};

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layer {
    /// The photo with the dots.
    #[default]
    Result,
    /// The photo alone.
    Before,
    /// The dots alone, on a transparent background.
    Dots,
    /// The photo before and after, side by side.
    Pair,
    /// The head before, after each session, and at the moment requested, in a row.
    Sessions,
    /// Skin before and after as seen from near and far, in the photo's light and under an overhead lamp.
    Honest,
}

/// Days after a session at which an overview shows it: on the day itself redness would hide what it adds.
pub(crate) const SHOWN_DAYS: f64 = 3.0;
/// Side of the square around the head in overviews, mm.
pub(crate) const OVERVIEW_MM: f64 = 230.0;
/// Side of the piece of skin shown from near and far, mm.
const NEAR_MM: f64 = 110.0;
/// Widest column of a strip, px.
const COLUMN_PX: u32 = 960;

/// Renders a view of a mock-up, consuming the photo.
///
/// # Errors
/// [`TextError`].
pub fn render(
    photo: Photo,
    layer: Layer,
    mock_up: &MockUp,
    sensor: &Sensor,
    moment: Moment,
) -> Result<Photo, TextError> {
    let size = photo.size_px();
    let treated = |mut photo: Photo, moment| {
        let splats = mock_up.splats(sensor, moment);
        let specular = Specular::estimate(&photo, &splats);
        compositor::composite(&mut photo, &splats, &specular);
        photo
    };
    let after = |photo: &Photo, moment| treated(photo.clone(), moment);
    Ok(match layer {
        Layer::Before => photo,
        Layer::Result => treated(photo, moment),
        Layer::Dots => {
            let splats = mock_up.splats_of_dots(sensor, moment);
            let mut dots = Photo::from_rows(size[0], size[1], |_, row| row.fill([255; 3]));
            compositor::composite(&mut dots, &splats, &Specular::None);
            dots.without_white().in_colours_of(&photo)
        }
        Layer::Pair => {
            let picture = after(&photo, moment);
            text::below(photo.beside(&picture), &["Before", &caption(moment)])?
        }
        Layer::Sessions => {
            let fresh = (1..=moment.sessions).map(|sessions| Moment { sessions, age_days: SHOWN_DAYS, ..moment });
            let last = (moment.sessions > 0 && moment.age_days > 0.0).then_some(moment);
            let moments: Vec<Moment> = fresh.chain(last).collect();
            let window = CropRect::around_head(&sensor.camera, size, OVERVIEW_MM);
            let side = window.width.min(window.height).min(COLUMN_PX);
            // One at a time: at 48 megapixels, all of them would need a gigabyte.
            let mut columns = Vec::new();
            for &moment in &moments {
                columns.extend(strip(&[(&after(&photo, moment), window)], side));
            }
            let before = strip(&[(&photo, window)], side);
            let captions: Vec<String> = moments.iter().map(|moment| caption(*moment)).collect();
            let captions: Vec<&str> = std::iter::once("Before").chain(captions.iter().map(String::as_str)).collect();
            let joined = before.map(|before| columns.iter().fold(before, Photo::beside));
            text::below(joined.unwrap_or(photo), &captions)?
        }
        Layer::Honest => {
            let picture = after(&photo, moment);
            let middle = treated_middle(&mock_up.splats_of_dots(sensor, moment));
            let middle = middle.unwrap_or(sensor.camera.principal_px);
            honest(&photo, &picture, &mock_up.scalp.head, &sensor.camera, middle)?
        }
    })
}

/// Skin before and after, from near and far, with one row per light.
fn honest(before: &Photo, after: &Photo, head: &Head, camera: &Camera, middle: DVec2) -> Result<Photo, TextError> {
    let size = before.size_px();
    let window = CropRect::around(middle, NEAR_MM / camera.mm_per_px(head.cranium.centre + DVec3::Z * 60.0), size);
    let side = window.width.min(window.height).min(COLUMN_PX);
    let scale = f64::from(side) / f64::from(window.width.max(1));
    let camera = camera.of_part(DVec2::new(f64::from(window.left), f64::from(window.top)), scale);
    let nearest = DISTANCES_M[0];
    let columns = std::iter::once((before, nearest)).chain(DISTANCES_M.map(|metres| (after, metres)));
    let mut sheet: Option<Photo> = None;
    for hard_light in [false, true] {
        let mut row: Option<Photo> = None;
        for (picture, metres) in columns.clone() {
            let Some(part) = strip(&[(picture, window)], side) else { continue };
            let seen = Viewing { distance_m: Some(metres), hard_light }.of(&part, head, &camera);
            row = Some(row.map_or_else(|| seen.clone(), |row| row.beside(&seen)));
        }
        let Some(row) = row else { continue };
        let light = if hard_light { ", hard light" } else { "" };
        let captions: Vec<String> = std::iter::once(format!("Before, from {nearest} m{light}"))
            .chain(DISTANCES_M.map(|metres| format!("From {metres} m{light}")))
            .collect();
        let captions: Vec<&str> = captions.iter().map(String::as_str).collect();
        let row = text::below(row, &captions)?;
        sheet = Some(sheet.map_or_else(|| row.clone(), |sheet| sheet.above(&row)));
    }
    Ok(sheet.unwrap_or_else(|| after.clone()))
}

/// A moment in the client's terms.
fn caption(moment: Moment) -> String {
    let days = moment.age_days.round() as i64;
    let session = match moment.sessions {
        0 => return "Before".to_owned(),
        n => format!("session {n}"),
    };
    let years = moment.age_days / DAYS_PER_YEAR;
    match days {
        0 => format!("On the day of {session}"),
        1 => format!("1 day after {session}"),
        _ if days % 7 == 0 && days < 365 => format!("{} weeks after {session}", days / 7),
        _ if years >= 1.0 && (years - years.round()).abs() < 0.01 => match years.round() as i64 {
            1 => format!("1 year after {session}"),
            years => format!("{years} years after {session}"),
        },
        _ => format!("{days} days after {session}"),
    }
}

/// Mean position of the dots, px.
fn treated_middle(splats: &Splats) -> Option<DVec2> {
    let count = splats.len() as f64;
    let sum: DVec2 = splats.as_slice().iter().map(|s| DVec2::new(f64::from(s.x_px), f64::from(s.y_px))).sum();
    (count > 0.0).then(|| sum / count)
}

/// A part of a photo, in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CropRect {
    /// Left edge, px.
    pub left: u32,
    /// Upper edge, px.
    pub top: u32,
    /// Width, px.
    pub width: u32,
    /// Height, px.
    pub height: u32,
}

impl CropRect {
    /// A square around the cranium with some room, clipped to the photo; `side_mm` is measured at the head's centre.
    #[must_use]
    pub(crate) fn around_head(camera: &Camera, photo_px: [u32; 2], side_mm: f64) -> Self {
        let middle = camera.image_from_head(DVec3::new(0.0, -8.0, 0.0)).unwrap_or(camera.principal_px);
        Self::around(middle, side_mm / camera.mm_per_px(DVec3::ZERO), photo_px)
    }

    /// A square with this side, px, moved and shrunk to fit the photo.
    #[must_use]
    pub fn around(middle: DVec2, side: f64, photo_px: [u32; 2]) -> Self {
        // Square even if the photo is narrower, since crops are scaled to squares.
        let side = (side.round().max(1.0) as u32).min(photo_px[0]).min(photo_px[1]);
        let (width, height) = (side, side);
        let edge =
            |middle: f64, size: u32, limit: u32| ((middle - 0.5 * f64::from(size)).max(0.0) as u32).min(limit - size);
        Self { left: edge(middle.x, width, photo_px[0]), top: edge(middle.y, height, photo_px[1]), width, height }
    }
}

/// The same part of each picture, reduced to `side_px` across, side by side in sRGB.
///
/// Averages linear light, so that fine dots keep their shade. `None` if there is nothing to show.
#[must_use]
pub(crate) fn strip(pictures: &[(&Photo, CropRect)], side_px: u32) -> Option<Photo> {
    let outside = |(p, w): &(&Photo, CropRect)| {
        w.width == 0 || w.height == 0 || w.left + w.width > p.width() || w.top + w.height > p.height()
    };
    if pictures.is_empty() || side_px == 0 || pictures.iter().any(outside) {
        return None;
    }
    let (_, encoder) = <u8 as Sample>::srgb();
    let encode = |light: f32| encoder.as_ref().map_or(0, |e| e.encode(light));
    let readers: Vec<Reader> = pictures.iter().map(|(p, _)| Reader::new(p)).collect();
    let plain: Vec<_> = readers.iter().map(Reader::plain).collect();
    Some(Photo::from_rows(side_px * pictures.len() as u32, side_px, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let index = x / side_px as usize;
            let (photo, window) = pictures[index];
            // The pixels of the crop that fall on this one.
            let span = |at: usize, size: u32, start: u32| {
                let edge = |k: usize| start as usize + k * size as usize / side_px as usize;
                edge(at)..edge(at + 1).max(edge(at) + 1)
            };
            let columns = span(x % side_px as usize, window.width, window.left);
            let mut sum = [0.0_f32; 3];
            let mut count = 0.0_f32;
            for line in span(y, window.height, window.top) {
                let start = line * photo.width() as usize;
                if let Some((samples, lights)) = &plain[index] {
                    // Nearly every photo: 8 bits whose sample values are light by themselves.
                    for pixel in samples[3 * (start + columns.start)..3 * (start + columns.end)].as_chunks::<3>().0 {
                        for (c, total) in sum.iter_mut().enumerate() {
                            *total += lights[c][usize::from(pixel[c])];
                        }
                        count += 1.0;
                    }
                    continue;
                }
                for column in columns.clone() {
                    let light = readers[index].light(start + column);
                    for (total, light) in sum.iter_mut().zip(light) {
                        *total += light;
                    }
                    count += 1.0;
                }
            }
            *pixel = sum.map(|total| encode(total / count));
        }
    }))
}
