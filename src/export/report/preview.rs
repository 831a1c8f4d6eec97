//! Draws a page as a small picture: the window's preview of a document.

use super::letters::Letters;
use super::pieces::{DrawOp, Sheet};
use super::style::SOFT;
use crate::export::handover::HandoverError;
use crate::photo::{self, Limits, Photo, Reader};

/// A page being drawn, as sample values.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
    /// Pixels per point.
    scale: f32,
}

/// Draws the page at this width.
pub(super) fn of(page: &Sheet, letters: &Letters, width_px: u32) -> Result<Photo, HandoverError> {
    let scale = width_px as f32 / page.size[0];
    let (width, height) = (width_px as usize, (page.size[1] * scale).round().max(1.0) as usize);
    let mut canvas = Canvas { width, height, pixels: vec![[255.0; 3]; width * height], scale };
    for op in page.marks.iter().flat_map(|mark| &mark.ops) {
        canvas.draw(op, letters)?;
    }
    let Canvas { pixels, .. } = canvas;
    Ok(Photo::from_rows(width as u32, height as u32, |y, row| {
        for (pixel, shown) in row.iter_mut().zip(&pixels[y * width..]) {
            *pixel = shown.map(|sample| sample.round() as u8);
        }
    }))
}

impl Canvas {
    fn put(&mut self, x: i64, y: i64, colour: [f32; 3], share: f32) {
        if (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y) {
            let pixel = &mut self.pixels[y as usize * self.width + x as usize];
            for (shown, colour) in pixel.iter_mut().zip(colour) {
                *shown += (colour - *shown) * share.clamp(0.0, 1.0);
            }
        }
    }

    fn draw(&mut self, op: &DrawOp, letters: &Letters) -> Result<(), HandoverError> {
        match op {
            DrawOp::Text { at, style, text } => {
                let mut x = at[0];
                for form in letters.forms(style.face, text) {
                    let place = [x + style.size * form.offset[0], at[1] - style.size * form.offset[1]];
                    let size_px = style.size * self.scale;
                    if let Some(outline) = letters.outline(&form, size_px, place.map(|c| c * self.scale)) {
                        let corner = outline.px_bounds().min;
                        let colour = style.colour.map(f32::from);
                        outline.draw(|dx, dy, share| {
                            self.put(corner.x as i64 + i64::from(dx), corner.y as i64 + i64::from(dy), colour, share);
                        });
                    }
                    x += style.size * form.advance;
                }
            }
            DrawOp::Box { at, size, colour } => self.fill(*at, *size, colour.map(f32::from)),
            DrawOp::Frame { at, size } => {
                let [x, y] = *at;
                let (right, low) = (x + size[0], y + size[1]);
                self.line(&[[x, y], [right, y], [right, low], [x, low], [x, y]], SOFT, 0.9);
            }
            DrawOp::Line { points, colour, width } | DrawOp::Dashes { points, colour, width } => {
                self.line(points, *colour, *width);
            }
            DrawOp::Picture { at, size, bytes, .. } => self.picture(*at, *size, bytes)?,
        }
        Ok(())
    }

    fn fill(&mut self, at: [f32; 2], size: [f32; 2], colour: [f32; 3]) {
        let [left, top] = at.map(|c| c * self.scale);
        let [right, low] = [left + size[0] * self.scale, top + size[1] * self.scale];
        for y in top.floor() as i64..=low.floor() as i64 {
            for x in left.floor() as i64..=right.floor() as i64 {
                let within = |at: i64, from: f32, to: f32| (to.min(at as f32 + 1.0) - from.max(at as f32)).max(0.0);
                self.put(x, y, colour, within(x, left, right) * within(y, top, low));
            }
        }
    }

    /// Draws a line; one thinner than a pixel becomes paler.
    fn line(&mut self, points: &[[f32; 2]], colour: [u8; 3], width: f32) {
        let colour = colour.map(f32::from);
        let wide = (width * self.scale).max(0.1);
        let half = 0.5 * wide.max(1.0);
        let strength = wide.min(1.0);
        for pair in points.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|p| p.map(|c| c * self.scale));
            let span = [b[0] - a[0], b[1] - a[1]];
            let length = (span[0] * span[0] + span[1] * span[1]).max(1e-9);
            let range = |k: usize| {
                let (low, high) = (a[k].min(b[k]) - half - 1.0, a[k].max(b[k]) + half + 1.0);
                low.floor() as i64..=high.ceil() as i64
            };
            for y in range(1) {
                for x in range(0) {
                    let from = [x as f32 + 0.5 - a[0], y as f32 + 0.5 - a[1]];
                    let t = ((from[0] * span[0] + from[1] * span[1]) / length).clamp(0.0, 1.0);
                    let off = (from[0] - t * span[0]).hypot(from[1] - t * span[1]);
                    self.put(x, y, colour, strength * (half + 0.5 - off).clamp(0.0, 1.0));
                }
            }
        }
    }

    /// Draws a picture, each pixel the mean of the picture's pixels that fall on it.
    fn picture(&mut self, at: [f32; 2], size: [f32; 2], bytes: &[u8]) -> Result<(), HandoverError> {
        let picture = photo::decode(bytes, &Limits::default())?;
        let reader = Reader::new(&picture);
        let [width, height] = picture.size_px().map(|side| side as usize);
        let [left, top] = at.map(|c| (c * self.scale).round() as i64);
        let [across, down] = size.map(|c| ((c * self.scale).round() as usize).max(1));
        for y in 0..down {
            for x in 0..across {
                let span =
                    |k: usize, of: usize, side: usize| k * side / of..((k + 1) * side / of).max(k * side / of + 1);
                let (mut sum, mut count) = ([0.0_f32; 3], 0.0);
                for row in span(y, down, height) {
                    for column in span(x, across, width) {
                        let samples = reader.samples(row * width + column);
                        for (sum, sample) in sum.iter_mut().zip(samples) {
                            *sum += f32::from(sample) / 257.0;
                        }
                        count += 1.0;
                    }
                }
                self.put(left + x as i64, top + y as i64, sum.map(|sum| sum / count), 1.0);
            }
        }
        Ok(())
    }
}
