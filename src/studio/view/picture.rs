//! Pixels of a picture as textures: cut into squares, so that any photo fits any graphics card and an edit copies only
//! what it has changed.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Context, Painter, Pos2, Rect, TextureHandle, TextureOptions, Vec2, pos2};

use super::blitter::{Blit, Blitter};
use crate::studio::background::shots::{PictureContents, Shot, SlotUpdate};

/// Side of a square, px. Each texture has a rim of one extra pixel on every side, so that no seams show when magnified.
const SQUARE_PX: u32 = 512;
const RIM_PX: u32 = 1;

/// A part of a picture as a texture.
enum Square {
    OfEgui(TextureHandle),
    Own(Blit),
}

/// A picture at one level.
#[derive(Default)]
pub struct Picture {
    name: String,
    /// How many times the photo is halved.
    pub level: u32,
    /// The view that it shows.
    pub view: usize,
    size: [u32; 2],
    squares: HashMap<[u32; 2], Square>,
    /// The contents of the picture, once all of its visible part is there; none while it is being made.
    complete: Option<PictureContents>,
    /// What draws it; if none, egui.
    blitter: Option<Blitter>,
    /// The picture shown before the level changed: better than nothing until the new pixels are there.
    before: Option<Box<Picture>>,
}

impl Picture {
    /// An empty picture; the name distinguishes textures when debugging.
    #[must_use]
    pub fn new(name: &str, blitter: Option<Blitter>) -> Self {
        Self { name: name.to_owned(), blitter, ..Self::default() }
    }

    /// Takes over an update from the engine.
    pub fn update(&mut self, ctx: &Context, update: &SlotUpdate) {
        match update {
            SlotUpdate::Begin { level, view, size } => {
                let mut old = std::mem::replace(self, Self::new(&self.name, self.blitter.clone()));
                old.before = None;
                if old.view == *view && !old.squares.is_empty() {
                    self.before = Some(Box::new(old));
                }
                (self.level, self.view, self.size) = (*level, *view, *size);
            }
            SlotUpdate::Pixels { at, image } => self.copy(ctx, *at, image),
            SlotUpdate::Complete(scene) => self.complete = Some(*scene),
            // Drawn by the card, not here.
            SlotUpdate::Scene(_) => {}
        }
    }

    /// True if it shows what a shot asks for, apart from a gesture in progress.
    #[must_use]
    pub fn shows(&self, shot: &Shot) -> bool {
        self.complete == Some(shot.scene())
    }

    fn copy(&mut self, ctx: &Context, at: [u32; 2], image: &ColorImage) {
        let [width, height] = image.size.map(|s| s as u32);
        let first = at.map(|v| v.saturating_sub(RIM_PX) / SQUARE_PX);
        let last = [(at[0] + width + RIM_PX - 1) / SQUARE_PX, (at[1] + height + RIM_PX - 1) / SQUARE_PX];
        for row in first[1]..=last[1] {
            for column in first[0]..=last[0] {
                self.copy_into(ctx, [column, row], at, image);
            }
        }
    }

    /// The pixels of a square with its rim: left, top, right, bottom.
    fn bounds(&self, square: [u32; 2]) -> Option<[u32; 4]> {
        let low = square.map(|s| s * SQUARE_PX);
        if low[0] >= self.size[0] || low[1] >= self.size[1] {
            return None;
        }
        let high = [0, 1].map(|i| (low[i] + SQUARE_PX + RIM_PX).min(self.size[i]));
        Some([low[0].saturating_sub(RIM_PX), low[1].saturating_sub(RIM_PX), high[0], high[1]])
    }

    fn copy_into(&mut self, ctx: &Context, square: [u32; 2], at: [u32; 2], image: &ColorImage) {
        let Some([left, top, right, bottom]) = self.bounds(square) else { return };
        let [width, height] = image.size.map(|s| s as u32);
        let (x0, x1) = (at[0].max(left), (at[0] + width).min(right));
        let (y0, y1) = (at[1].max(top), (at[1] + height).min(bottom));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        let part = image
            .region_by_pixels([(x0 - at[0]) as usize, (y0 - at[1]) as usize], [(x1 - x0) as usize, (y1 - y0) as usize]);
        let size = [right - left, bottom - top];
        let square = self.squares.entry(square).or_insert_with(|| match &self.blitter {
            Some(blitter) => Square::Own(blitter.blank(size)),
            None => {
                let blank = ColorImage::filled(size.map(|side| side as usize), Color32::TRANSPARENT);
                Square::OfEgui(ctx.load_texture(format!("{} {square:?}", self.name), blank, OPTIONS))
            }
        });
        match (square, &self.blitter) {
            (Square::Own(blit), Some(blitter)) => blitter.copy(blit, [x0 - left, y0 - top], &part),
            (Square::OfEgui(texture), _) => {
                texture.set_partial([(x0 - left) as usize, (y0 - top) as usize], part, OPTIONS);
            }
            // Only a blitter makes squares of this kind.
            (Square::Own(_), None) => {}
        }
    }

    /// Draws the picture; `screen_from_photo` maps pixels of the full photo to the screen.
    pub fn paint(&self, painter: &Painter, screen_from_photo: impl Fn(Pos2) -> Pos2 + Copy) {
        if let Some(before) = &self.before {
            before.paint(painter, screen_from_photo);
        }
        let scale = (1_u32 << self.level) as f32;
        let mut own = Vec::new();
        for (square, texture) in &self.squares {
            let Some([left, top, right, bottom]) = self.bounds(*square) else { continue };
            // Without the rim, except at the edge of the picture.
            let inner = |low: u32, high: u32, square: u32, size: u32| {
                (low.max(square * SQUARE_PX), high.min(((square + 1) * SQUARE_PX).min(size)))
            };
            let (x0, x1) = inner(left, right, square[0], self.size[0]);
            let (y0, y1) = inner(top, bottom, square[1], self.size[1]);
            let corner = |x: u32, y: u32| screen_from_photo(pos2(x as f32 * scale, y as f32 * scale));
            let rect = Rect::from_min_max(corner(x0, y0), corner(x1, y1));
            if !painter.clip_rect().intersects(rect) {
                continue;
            }
            let size = Vec2::new((right - left) as f32, (bottom - top) as f32);
            let uv = |x: u32, y: u32| pos2((x - left) as f32 / size.x, (y - top) as f32 / size.y);
            let part = Rect::from_min_max(uv(x0, y0), uv(x1, y1));
            match texture {
                Square::OfEgui(texture) => drop(painter.image(texture.id(), rect, part, Color32::WHITE)),
                Square::Own(blit) => own.push((blit.clone(), rect, part)),
            }
        }
        if let Some(blitter) = &self.blitter {
            blitter.paint(painter, own);
        }
    }

    /// Drops the previous picture: the new pixels cover everything visible.
    pub fn forget_before(&mut self) {
        self.before = None;
    }
}

const OPTIONS: TextureOptions = TextureOptions::LINEAR;
