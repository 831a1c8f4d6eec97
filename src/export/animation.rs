//! The course of a treatment as a moving picture for chat programs: before, the pencil line, each session, healing day by day,
//! years. GIF, since every program shows it; captions are part of the picture, and so is that it is a simulation.
//!
//! All frames share the colours that suit them, and of each only what has changed is written: most of a head stays as it is.
//! The widest size that fits is taken. Films of other kinds are made of it by
//! tools that are made for that: `ffmpeg -i plan.gif plan.mp4`.

use color_quant::NeuQuant;
use gif::{AnyExtension, Encoder, Frame, Repeat};
use rayon::prelude::*;

use super::handover::HandoverError;
use super::pictures::{self, Watch, seen_line, treated};
use super::practice::Practice;
use super::subject::Subject;
use super::text::{self, SIMULATION};
use crate::photo::{Photo, Samples};
use crate::render::steps::{Sittings, Step};
use crate::skin::settings::Outlook;

/// Largest file, bytes: what chat programs take.
pub const LARGEST: usize = 8_000_000;
/// Widths that are tried, px.
const WIDTHS: [u32; 6] = [1080, 900, 720, 600, 480, 360];
/// Colours are chosen from every tenth pixel that is looked at: quick, and on skin hardly worse than from all.
const SPEED: i32 = 10;
/// Says which program made it.
pub(super) const NAME: &[u8] = b"Scalp Studio";

/// Its height for its width.
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
pub fn gif(subject: &mut Subject, practice: &Practice, shape: Shape, watch: Watch) -> Result<Vec<u8>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(crate::case::Error::NoPhotos)?;
    let sittings = Sittings::of(subject.plan());
    // Sessions that others follow are shown on their day only.
    let last = Step::result(sittings);
    let steps: Vec<Step> =
        sittings.steps().into_iter().filter(|step| !matches!(step, Step::Healed(_)) || *step == last).collect();
    let mut made = Vec::new();
    for width in WIDTHS {
        let frames = frames(subject, view, &steps, (width, shape), practice, watch)?;
        made = encoded(&frames, &steps)?;
        if made.len() <= LARGEST {
            break;
        }
    }
    Ok(made)
}

/// Frames as sRGB.
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
    let sittings = Sittings::of(subject.plan());
    let line = seen_line(subject, &part.sensor);
    let [above, below] = shape.strips(width);
    let letters = width as f32 / 24.0;
    let mut frames = Vec::with_capacity(steps.len());
    for (i, step) in steps.iter().enumerate() {
        let picture = match step.moment(sittings, Outlook::Likely) {
            Some(moment) => treated(&part.before, &subject.scene.mock_up, &part.sensor, moment)?,
            None if *step == Step::Pencil => with_line(part.before.clone(), &line, width as f32 / 300.0),
            None => part.before.clone(),
        };
        let caption = caption(*step, sittings);
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

fn caption(step: Step, sittings: Sittings) -> String {
    match step {
        Step::Before => "Before".to_owned(),
        Step::Pencil => "The line, as a pencil draws it".to_owned(),
        Step::Fresh(session) => format!("On the day of session {session}"),
        Step::Day(1) => "One day later".to_owned(),
        Step::Day(days) => format!("{days} days later"),
        Step::Healed(_) => "Healed, after four weeks".to_owned(),
        Step::Years(1) => "After 1 year".to_owned(),
        Step::Years(years) => format!("After {years} years"),
        touched_up => touched_up.label(sittings),
    }
}

/// How long a step is shown, hundredths of a second.
fn shown_for(step: Step) -> u16 {
    match step {
        Step::Day(_) => 70,
        Step::Before | Step::Healed(_) => 200,
        Step::Years(_) => 130,
        _ => 120,
    }
}

fn encoded(frames: &[Photo], steps: &[Step]) -> Result<Vec<u8>, HandoverError> {
    let refused = |problem: gif::EncodingError| HandoverError::Document(problem.to_string());
    let side = |px: u32| u16::try_from(px).map_err(|_| HandoverError::Document("the picture is too large".to_owned()));
    let Some(first) = frames.first() else { return Ok(Vec::new()) };
    let (width, height) = (side(first.width())?, side(first.height())?);
    let pixels: Vec<&[[u8; 3]]> = frames.iter().map(rgb).collect();
    let colours = colours(&pixels);
    let mut palette = colours.color_map_rgb();
    palette.resize(3 * (usize::from(UNCHANGED) + 1), 0);
    let frame = |i: usize| {
        let before = i.checked_sub(1).map(|before| pixels[before]);
        let mut frame = changed(pixels[i], before, usize::from(width), &colours);
        frame.delay = shown_for(steps[i]);
        frame.make_lzw_pre_encoded();
        frame
    };
    let coded: Vec<Frame> = (0..pixels.len().min(steps.len())).into_par_iter().map(frame).collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height, &palette).map_err(refused)?;
    encoder.set_repeat(Repeat::Infinite).map_err(refused)?;
    encoder.write_raw_extension(AnyExtension(0xFE), &[NAME]).map_err(refused)?;
    for frame in &coded {
        encoder.write_lzw_pre_encoded_frame(frame).map_err(refused)?;
    }
    drop(encoder);
    Ok(file)
}

/// Index of what stays as it was in the frame before.
const UNCHANGED: u8 = 255;

fn rgb(photo: &Photo) -> &[[u8; 3]] {
    match photo.samples() {
        Samples::U8(samples) => samples.as_chunks::<3>().0,
        // `Photo::from_rows` makes pictures of 8 bits, and so does everything that is put beside them.
        Samples::U16(_) => &[],
    }
}

/// The colours that suit the first frame, the last one and some between. All frames share them, so that what does not change
/// stays the same.
fn colours(frames: &[&[[u8; 3]]]) -> NeuQuant {
    const EVERY: usize = 7;
    let last = frames.len().saturating_sub(1);
    let looked_at = [0, last / 3, 2 * last / 3, last].into_iter().filter_map(|i| frames.get(i));
    let pixels = looked_at.flat_map(|frame| frame.iter().step_by(EVERY));
    let rgba: Vec<u8> = pixels.flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
    NeuQuant::new(SPEED, usize::from(UNCHANGED), &rgba)
}

/// The part of a frame that differs from the one before; all of the first one.
fn changed(frame: &[[u8; 3]], before: Option<&[[u8; 3]]>, width: usize, colours: &NeuQuant) -> Frame<'static> {
    let height = frame.len() / width.max(1);
    let differs = |at: usize| before.is_none_or(|before| before.get(at) != frame.get(at));
    let (mut low, mut high) = ([width, height], [0, 0]);
    for at in (0..frame.len()).filter(|at| differs(*at)) {
        let place = [at % width, at / width];
        for k in 0..2 {
            (low[k], high[k]) = (low[k].min(place[k]), high[k].max(place[k] + 1));
        }
    }
    // A frame has at least one pixel.
    if low[0] >= high[0] {
        (low, high) = ([0, 0], [1, 1]);
    }
    let mut indices = Vec::with_capacity((high[0] - low[0]) * (high[1] - low[1]));
    for y in low[1]..high[1] {
        let row = y * width + low[0]..y * width + high[0];
        indices.extend(row.clone().zip(&frame[row]).map(|(at, &[red, green, blue])| {
            let index = || colours.index_of(&[red, green, blue, 255]) as u8;
            if differs(at) { index() } else { UNCHANGED }
        }));
    }
    // Sides are those of the picture, which are 16-bit numbers.
    let [left, top, wide, tall] = [low[0], low[1], high[0] - low[0], high[1] - low[1]].map(|side| side as u16);
    Frame {
        left,
        top,
        width: wide,
        height: tall,
        transparent: Some(UNCHANGED),
        buffer: indices.into(),
        ..Frame::default()
    }
}

/// The picture with lines as a wax pencil draws them: white, a little dark at their rims, so that they are seen on any skin.
fn with_line(photo: Photo, lines: &[Vec<[f64; 2]>], half_width: f32) -> Photo {
    let [width, height] = photo.size_px();
    let Samples::U8(before) = photo.samples() else { return photo };
    // Distance of each pixel from the line, as far as it matters.
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
    fn frames_become_a_film_that_names_its_maker_and_goes_on_for_ever() {
        let frames = [200, 90].map(|grey| Photo::from_rows(40, 50, |_, row| row.fill([grey; 3])));
        let file = encoded(&frames, &[Step::Before, Step::Healed(3)]).unwrap();
        assert!(file.windows(NAME.len()).any(|part| part == NAME));
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut film = options.read_info(&file[..]).unwrap();
        assert_eq!((film.width(), film.height(), film.repeat()), (40, 50, Repeat::Infinite));
        for grey in [200_i32, 90] {
            let frame = film.read_next_frame().unwrap().unwrap();
            assert!((i32::from(frame.buffer[0]) - grey).abs() < 3 && frame.delay == 200, "{:?}", &frame.buffer[..4]);
        }
        assert!(film.read_next_frame().unwrap().is_none());
    }

    #[test]
    fn shapes_have_the_sizes_of_chat_programs() {
        let height = |shape: Shape| 1080 + shape.strips(1080).iter().sum::<u32>();
        assert_eq!([Shape::Portrait, Shape::Story].map(height), [1350, 1920]);
    }
}
