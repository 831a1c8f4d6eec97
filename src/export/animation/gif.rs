//! GIF, which every program shows. All frames share one palette, and only the part that changed is written of each
//! frame: most of a head stays the same.

use color_quant::NeuQuant;
use gif::{AnyExtension, Encoder, Frame, Repeat};
use rayon::prelude::*;

use super::film::{Film, NAME, rgb};
use crate::export::handover::HandoverError;

/// NeuQuant learns from every tenth sampled pixel: fast, and on skin hardly worse than from all.
const SPEED: i32 = 10;

/// Encodes the film.
pub(super) fn encoded(film: &Film) -> Result<Vec<u8>, HandoverError> {
    let refused = |problem: gif::EncodingError| HandoverError::Document(problem.to_string());
    let side = |px: u32| u16::try_from(px).map_err(|_| HandoverError::Document("the picture is too large".to_owned()));
    let Some(first) = film.frames.first() else { return Ok(Vec::new()) };
    let (width, height) = (side(first.width())?, side(first.height())?);
    let pixels: Vec<&[[u8; 3]]> = film.frames.iter().map(rgb).collect();
    let colours = colours(&pixels);
    let mut palette = colours.color_map_rgb();
    palette.resize(3 * (usize::from(UNCHANGED) + 1), 0);
    let frame = |i: usize| {
        let before = i.checked_sub(1).map(|before| pixels[before]);
        let mut frame = changed(pixels[i], before, usize::from(width), &colours);
        frame.delay = (film.shown_ms[i] / 10) as u16;
        frame.make_lzw_pre_encoded();
        frame
    };
    let coded: Vec<Frame> = (0..pixels.len().min(film.shown_ms.len())).into_par_iter().map(frame).collect();
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

/// Palette index of pixels unchanged since the frame before.
const UNCHANGED: u8 = 255;

/// A palette learned from the first frame, the last one and two between. All frames share it, so that unchanged pixels
/// keep their index.
fn colours(frames: &[&[[u8; 3]]]) -> NeuQuant {
    const EVERY: usize = 7;
    let last = frames.len().saturating_sub(1);
    let looked_at = [0, last / 3, 2 * last / 3, last].into_iter().filter_map(|i| frames.get(i));
    let pixels = looked_at.flat_map(|frame| frame.iter().step_by(EVERY));
    let rgba: Vec<u8> = pixels.flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
    NeuQuant::new(SPEED, usize::from(UNCHANGED), &rgba)
}

/// The part of a frame that differs from the one before; for the first frame, all of it.
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
    // A frame must have at least one pixel.
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
    // The sides fit, since those of the picture are 16-bit numbers.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;

    #[test]
    fn the_film_names_its_maker_and_repeats_for_ever() {
        let frames = [200, 90].map(|grey| Photo::from_rows(40, 50, |_, row| row.fill([grey; 3])));
        let file = encoded(&Film { frames: frames.to_vec(), shown_ms: vec![2000, 2000] }).unwrap();
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
}
