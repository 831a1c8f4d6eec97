//! Lines of text below a picture: a caption, and the statement that it is a simulation.
//!
//! The picture keeps every pixel; it is extended at its lower edge. Text is dark on white with equal sample values, so
//! that it is neutral in every colour space and a grey picture stays grey. The same picture and text give the same
//! pixels.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use epaint_default_fonts::UBUNTU_LIGHT;

use crate::photo::Photo;

/// The statement on every exported picture, unless the user turns it off.
pub(crate) const SIMULATION: &str = "Simulation, not a promise: every skin heals in its own way.";

/// Height of the letters (ascent plus descent) relative to the picture's longer side, if the text fits.
const LETTERS: f32 = 0.024;
/// Largest share of its column that a text may fill.
const FILLED: f32 = 0.86;
/// Line height relative to the letters' height.
const LINE: f32 = 1.6;
/// Ink as an 8-bit sample value: dark enough to read, but lighter than hair.
const INK: f32 = 48.0;

/// Why no text could be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the letters for the text below the picture cannot be read")]
pub struct TextError;

/// The picture with one line below it, with a column for each text, all of one size.
///
/// # Errors
/// [`TextError`] if the built-in font cannot be read, which no input can cause.
pub fn below(photo: Photo, texts: &[&str]) -> Result<Photo, TextError> {
    let font = FontRef::try_from_slice(UBUNTU_LIGHT).map_err(|_| TextError)?;
    let [width_px, height_px] = photo.size_px();
    let (width, column) = (width_px as usize, width_px as f32 / texts.len().max(1) as f32);
    let widest = texts.iter().map(|text| Line::new(&font, text, 1.0).width).fold(f32::MIN_POSITIVE, f32::max);
    let size = (FILLED * column / widest).min(LETTERS * width_px.max(height_px) as f32).max(1.0);
    let height = (LINE * size).ceil() as usize;
    let mut ink = vec![0.0_f32; width * height];
    for (index, text) in texts.iter().enumerate() {
        let line = Line::new(&font, text, size);
        let left = column * (index as f32 + 0.5) - 0.5 * line.width;
        line.draw(&font, left, 0.5 * (height as f32 - size), &mut ink, width);
    }
    let samples: Vec<u8> = ink.iter().map(|share| (255.0 - share * (255.0 - INK)).round() as u8).collect();
    Ok(photo.above_grey(&samples))
}

/// A white strip of this size with centred lines of text, each with the height of its letters, px. Letters shrink if a
/// line would not fit; empty lines take no space.
///
/// # Errors
/// [`TextError`] if the built-in font cannot be read, which no input can cause.
pub(crate) fn strip(width_px: u32, height_px: u32, texts: &[(&str, f32)]) -> Result<Photo, TextError> {
    let font = FontRef::try_from_slice(UBUNTU_LIGHT).map_err(|_| TextError)?;
    let (width, height) = (width_px as usize, height_px as usize);
    let lines: Vec<(Line, f32)> = texts
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, size)| {
            let wide = Line::new(&font, text, *size).width.max(f32::MIN_POSITIVE);
            let size = size * (FILLED * width_px as f32 / wide).min(1.0);
            (Line::new(&font, text, size), size)
        })
        .collect();
    let mut ink = vec![0.0_f32; width * height];
    let mut top = 0.5 * (height as f32 - lines.iter().map(|(_, size)| LINE * size).sum::<f32>());
    for (line, size) in &lines {
        line.draw(&font, 0.5 * (width as f32 - line.width), top + 0.5 * (LINE - 1.0) * size, &mut ink, width);
        top += LINE * size;
    }
    Ok(Photo::from_rows(width_px, height_px, |y, row| {
        for (pixel, share) in row.iter_mut().zip(&ink[y * width..]) {
            *pixel = [(255.0 - share * (255.0 - INK)).round() as u8; 3];
        }
    }))
}

/// A text with the positions of its glyphs, px.
struct Line {
    scale: PxScale,
    letters: Vec<(GlyphId, f32)>,
    width: f32,
}

impl Line {
    fn new(font: &FontRef, text: &str, size_px: f32) -> Self {
        let scale = PxScale::from(size_px);
        let scaled = font.as_scaled(scale);
        let (mut at, mut last) = (0.0, None);
        let mut letters = Vec::new();
        for letter in text.chars() {
            // The font lacks the narrow spaces between thousands.
            let id = scaled.glyph_id(if letter == '\u{202f}' { '\u{a0}' } else { letter });
            at += last.map_or(0.0, |last| scaled.kern(last, id));
            letters.push((id, at));
            at += scaled.h_advance(id);
            last = Some(id);
        }
        Self { scale, letters, width: at }
    }

    /// Adds the share of each pixel that is covered.
    fn draw(&self, font: &FontRef, left: f32, top: f32, ink: &mut [f32], width: usize) {
        let baseline = top + font.as_scaled(self.scale).ascent();
        for &(id, at) in &self.letters {
            let Some(outline) = font.outline_glyph(id.with_scale_and_position(self.scale, point(left + at, baseline)))
            else {
                continue;
            };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, share| {
                let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
                if (0..width as i64).contains(&x)
                    && y >= 0
                    && let Some(pixel) = ink.get_mut(y as usize * width + x as usize)
                {
                    *pixel = (*pixel + share).min(1.0);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{Parts, Samples};

    fn plain(width: u32, height: u32) -> Photo {
        Photo::from_rows(width, height, |_, row| row.fill([90; 3]))
    }

    /// Columns of the added rows that contain ink.
    fn inked(photo: &Photo, height: u32) -> Vec<usize> {
        let Samples::U8(samples) = photo.samples() else { return Vec::new() };
        let row = photo.width() as usize * 3;
        let added = &samples[height as usize * row..];
        (0..photo.width() as usize).filter(|x| added.chunks(row).any(|r| r[3 * x] < 200)).collect()
    }

    #[test]
    fn the_picture_stays_and_the_text_fits_below_it() {
        for (width, height) in [(3000, 4000), (800, 200), (120, 600)] {
            let photo = below(plain(width, height), &[SIMULATION]).unwrap();
            let Samples::U8(samples) = photo.samples() else { panic!("depth changed") };
            let picture = width as usize * height as usize * 3;
            assert_eq!(samples.len(), photo.width() as usize * photo.height() as usize * 3);
            assert!(photo.width() == width && samples[..picture].iter().all(|&c| c == 90));
            let ink = inked(&photo, height);
            assert!(ink.len() > 20, "{width} x {height}: text is there");
            assert!(ink[0] > 0 && *ink.last().unwrap() < width as usize - 1, "{width} x {height}: nothing is cut off");
        }
    }

    #[test]
    fn each_text_stays_in_its_column() {
        let photo = below(plain(900, 300), &["Before", "", "After"]).unwrap();
        let ink = inked(&photo, 300);
        assert!(ink.iter().any(|x| *x < 300) && ink.iter().any(|x| *x >= 600));
        assert!(ink.iter().all(|x| !(300..600).contains(x)));
    }

    #[test]
    fn depth_opacity_and_grey_are_kept() {
        let deep = Photo::from_parts(Parts {
            samples: Samples::U16(vec![9; 300 * 40 * 3]),
            alpha: Some(Samples::U16(vec![0; 300 * 40])),
            grey: true,
            ..plain(300, 40).into_parts()
        })
        .unwrap();
        let photo = below(deep, &["x"]).unwrap();
        let (Samples::U16(samples), Some(Samples::U16(alpha))) = (photo.samples(), photo.alpha()) else {
            panic!("depth changed")
        };
        assert_eq!((samples.len(), alpha.len()), (alpha.len() * 3, (photo.width() * photo.height()) as usize));
        assert!(samples.as_chunks::<3>().0.iter().all(|&[r, g, b]| r == g && g == b));
        assert_eq!(alpha.last(), Some(&u16::MAX), "text can be read on any ground");
    }
}
