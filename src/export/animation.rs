//! The course of a treatment as an animation for chat programs: before, the pencil line, each session, healing day by
//! day, years. Captions, and the statement that it is a simulation, are part of the picture. The widest size and the
//! finest quality that fit are used.

mod film;
mod gif;
pub mod mp4;
mod webp;

use film::Film;
pub(super) use film::NAME;

use super::handover::HandoverError;
use super::pictures::{self, Watch, seen_line, treated};
use super::practice::Practice;
use super::subject::Subject;
use super::text::{self, SIMULATION};
use crate::photo::{Photo, Samples};
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::Outlook;

/// Largest file, bytes: what chat programs accept.
pub const LARGEST: usize = 8_000_000;
/// Widths to try, px.
const WIDTHS: [u32; 6] = [1080, 900, 720, 600, 480, 360];
/// Qualities to try for WebP, and rate factors for MP4, the finest first.
const QUALITIES: [f32; 4] = [82.0, 72.0, 60.0, 45.0];
const FACTORS: [u32; 4] = [19, 22, 26, 30];

/// File format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// GIF.
    #[default]
    Gif,
    /// Animated WebP.
    WebP,
    /// MP4, made by `ffmpeg`.
    Mp4,
}

impl Kind {
    /// File extension, without the dot.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Mp4 => "mp4",
        }
    }

    /// The format for a file extension without the dot; `None` if it is another one.
    #[must_use]
    pub fn from_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "gif" => Some(Self::Gif),
            "webp" => Some(Self::WebP),
            "mp4" => Some(Self::Mp4),
            _ => None,
        }
    }
}

/// Aspect ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// 1080 x 1350.
    #[default]
    Portrait,
    /// 1080 x 1920.
    Story,
}

impl Shape {
    /// Height of the strips above and below the square picture, px.
    fn strips(self, width: u32) -> [u32; 2] {
        match self {
            Self::Portrait => [0, width / 4],
            Self::Story => [width * 7 / 18, width * 7 / 18],
        }
    }
}

/// Makes the animation of a case's first view.
///
/// # Errors
/// [`HandoverError`].
pub fn film(
    subject: &mut Subject,
    practice: &Practice,
    shape: Shape,
    kind: Kind,
    watch: Watch,
) -> Result<Vec<u8>, HandoverError> {
    // Check before the work, not after it.
    if kind == Kind::Mp4 && !mp4::is_possible() {
        return Err(HandoverError::NoFfmpeg);
    }
    let view = *pictures::views(subject)?.first().ok_or(crate::case::Error::NoPhotos)?;
    let appointments = Appointments::of(subject.plan());
    // Sessions followed by others are only shown on their day.
    let last = Step::result(appointments);
    let steps: Vec<Step> =
        appointments.steps().into_iter().filter(|step| !matches!(step, Step::Healed(_)) || *step == last).collect();
    let shown_ms: Vec<u32> = steps.iter().map(|step| shown_ms(*step)).collect();
    let mut made = Vec::new();
    for width in WIDTHS {
        let watched = |share: f64| watch(0.7 * share);
        let frames = frames(subject, view, &steps, (width, shape), practice, &watched)?;
        let film = Film { frames, shown_ms: shown_ms.clone() };
        made = encoded(&film, kind, &|share| watch(0.7 + 0.3 * share))?;
        if made.len() <= LARGEST {
            break;
        }
    }
    Ok(made)
}

/// The frame that shows the healed work, at this width.
///
/// # Errors
/// [`HandoverError`].
pub fn preview(
    subject: &mut Subject,
    practice: &Practice,
    shape: Shape,
    width_px: u32,
) -> Result<Option<Photo>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(crate::case::Error::NoPhotos)?;
    let healed = [Step::result(Appointments::of(subject.plan()))];
    Ok(frames(subject, view, &healed, (width_px, shape), practice, &pictures::unwatched)?.pop())
}

/// Encodes the film in the finest quality that fits, or else the lowest one.
fn encoded(film: &Film, kind: Kind, watch: Watch) -> Result<Vec<u8>, HandoverError> {
    let mut made = Vec::new();
    for (quality, factor) in QUALITIES.into_iter().zip(FACTORS) {
        made = match kind {
            Kind::Gif => return gif::encoded(film),
            Kind::WebP => webp::encoded(film, quality)?,
            Kind::Mp4 => mp4::encoded(film, factor, watch)?,
        };
        if made.len() <= LARGEST {
            break;
        }
        if watch(0.5).is_break() {
            return Err(HandoverError::Stopped);
        }
    }
    Ok(made)
}

/// Renders the frames in sRGB.
fn frames(
    subject: &mut Subject,
    view: usize,
    steps: &[Step],
    (width, shape): (u32, Shape),
    practice: &Practice,
    watch: Watch,
) -> Result<Vec<Photo>, HandoverError> {
    let Some(part) = subject.part(view, width)? else { return Err(crate::case::Error::NoPhotos.into()) };
    let width = part.before.width();
    let appointments = Appointments::of(subject.plan());
    let line = seen_line(subject, &part.sensor);
    let [above, below] = shape.strips(width);
    let letters = width as f32 / 24.0;
    let mut frames = Vec::with_capacity(steps.len());
    for (i, step) in steps.iter().enumerate() {
        let picture = match step.moment(appointments, Outlook::Likely) {
            Some(moment) => treated(&part.before, &subject.fitted.mock_up, &part.sensor, moment)?,
            None if *step == Step::Pencil => with_line(part.before.clone(), &line, width as f32 / 300.0),
            None => part.before.clone(),
        };
        let caption = caption(*step, appointments);
        let words = [(caption.as_str(), letters), (SIMULATION, 0.62 * letters)];
        let mut frame = picture.above(&text::strip(width, below, &words)?);
        if above > 0 {
            let title = [("Treatment plan", 1.2 * letters), (practice.letterhead.name.as_str(), 0.8 * letters)];
            frame = text::strip(width, above, &title)?.above(&frame);
        }
        frames.push(frame);
        if watch((i + 1) as f64 / (steps.len() + 1) as f64).is_break() {
            return Err(HandoverError::Stopped);
        }
    }
    Ok(frames)
}

fn caption(step: Step, appointments: Appointments) -> String {
    match step {
        Step::Before => "Before".to_owned(),
        Step::Pencil => "The line, as a pencil draws it".to_owned(),
        Step::Fresh(session) => format!("On the day of session {session}"),
        Step::Day(1) => "One day later".to_owned(),
        Step::Day(days) => format!("{days} days later"),
        Step::Healed(_) => "Healed, after four weeks".to_owned(),
        Step::Years(1) => "After 1 year".to_owned(),
        Step::Years(years) => format!("After {years} years"),
        touched_up => touched_up.label(appointments),
    }
}

/// How long a step is shown, ms.
fn shown_ms(step: Step) -> u32 {
    match step {
        Step::Day(_) => 700,
        Step::Before | Step::Healed(_) => 2000,
        Step::Years(_) => 1300,
        _ => 1200,
    }
}

/// Draws lines as by a wax pencil: white with slightly dark rims, so that they are visible on any skin.
fn with_line(photo: Photo, lines: &[Vec<[f64; 2]>], half_width: f32) -> Photo {
    let [width, height] = photo.size_px();
    let Samples::U8(before) = photo.samples() else { return photo };
    // Distance of each pixel from the line, computed only near it.
    let reach = half_width + 2.0;
    let mut near = vec![f32::INFINITY; width as usize * height as usize];
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let [a, b] = [pair[0], pair[1]].map(|p| p.map(|c| c as f32));
        let span = [b[0] - a[0], b[1] - a[1]];
        let length = (span[0] * span[0] + span[1] * span[1]).max(1e-6);
        let range = |k: usize, most: u32| {
            let (low, high) = (a[k].min(b[k]) - reach, a[k].max(b[k]) + reach);
            low.max(0.0) as usize..(high.max(0.0) as usize + 1).min(most as usize)
        };
        for y in range(1, height) {
            for x in range(0, width) {
                let from = [x as f32 + 0.5 - a[0], y as f32 + 0.5 - a[1]];
                let t = ((from[0] * span[0] + from[1] * span[1]) / length).clamp(0.0, 1.0);
                let off = (from[0] - t * span[0]).hypot(from[1] - t * span[1]);
                let nearest = &mut near[y * width as usize + x];
                *nearest = nearest.min(off);
            }
        }
    }
    Photo::from_rows(width, height, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = y * width as usize + x;
            let off = near[at];
            let white = (half_width + 0.5 - off).clamp(0.0, 1.0);
            let rim = 0.5 * (half_width + 1.5 - off).clamp(0.0, 1.0);
            for (c, sample) in pixel.iter_mut().enumerate() {
                let under = f32::from(before[3 * at + c]);
                let dark = under + (40.0 - under) * rim;
                *sample = (dark + (250.0 - dark) * white).round() as u8;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pencil_line_is_white_where_it_runs_and_nothing_far_from_it() {
        let photo = Photo::from_rows(100, 60, |_, row| row.fill([150, 120, 100]));
        let drawn = with_line(photo, &[vec![[10.0, 30.0], [90.0, 30.0]]], 2.0);
        let Samples::U8(samples) = drawn.samples() else { panic!("depth") };
        let at = |x: usize, y: usize| &samples[3 * (100 * y + x)..][..3];
        assert!(at(50, 29).iter().all(|&c| c > 240), "{:?}", at(50, 29));
        assert_eq!(at(50, 10), [150, 120, 100]);
        assert_eq!(at(2, 30), [150, 120, 100]);
        assert!(at(50, 32)[0] < 150, "a rim: {:?}", at(50, 32));
    }

    #[test]
    fn shapes_have_the_sizes_of_chat_programs() {
        let height = |shape: Shape| 1080 + shape.strips(1080).iter().sum::<u32>();
        assert_eq!([Shape::Portrait, Shape::Story].map(height), [1350, 1920]);
    }
}
