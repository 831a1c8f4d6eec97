//! Where a photo lies on the screen: pan, zoom, and conversions between screen, photo and head.

use egui::{Pos2, Rect, Vec2};
use glam::{DVec2, DVec3};

use crate::case::document::PhotoKey;
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::head::{Head, Part};
use crate::photo::PixelRect;
use crate::photo::pyramid::level_for_zoom;
use crate::render::mock_up::Moment;
use crate::render::viewing::Viewing;
use crate::studio::background::shots::{Shot, SlotId};
use crate::studio::session::open_case::OpenCase;

const SMALLEST_ZOOM: f64 = 0.01;
const LARGEST_ZOOM: f64 = 32.0;

/// How a photo is framed. Zoom is screen pixels per pixel of the photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Framing {
    /// The whole photo.
    Fit,
    /// A given middle and zoom.
    At {
        /// Middle of the window, px of the photo.
        middle: DVec2,
        /// Screen pixels per pixel of the photo.
        zoom: f64,
    },
}

/// A photo on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// The window that shows it, points.
    pub rect: Rect,
    /// Screen pixels per pixel of the photo.
    pub zoom: f64,
    middle: DVec2,
    photo_px: [u32; 2],
    /// Screen pixels per point.
    pixels_per_point: f64,
    mirrored: bool,
}

impl Viewport {
    /// The viewport of a photo of this size in a window.
    #[must_use]
    pub fn new(rect: Rect, photo_px: [u32; 2], framing: Framing, pixels_per_point: f32) -> Self {
        let size = DVec2::new(f64::from(photo_px[0]), f64::from(photo_px[1]));
        let pixels_per_point = f64::from(pixels_per_point);
        let (middle, zoom) = match framing {
            Framing::Fit => {
                const MARGIN: f64 = 0.97;
                let room = DVec2::new(f64::from(rect.width()), f64::from(rect.height())) * pixels_per_point * MARGIN;
                (0.5 * size, (room / size).min_element())
            }
            Framing::At { middle, zoom } => (middle, zoom),
        };
        let zoom = if zoom.is_finite() { zoom.clamp(SMALLEST_ZOOM, LARGEST_ZOOM) } else { 1.0 };
        Self { rect, zoom, middle, photo_px, pixels_per_point, mirrored: false }
    }

    /// The same viewport as in a mirror.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { mirrored: true, ..self }
    }

    fn sign(&self) -> f64 {
        if self.mirrored { -1.0 } else { 1.0 }
    }

    /// Points per pixel of the photo.
    #[must_use]
    pub fn points_per_px(&self) -> f64 {
        self.zoom / self.pixels_per_point
    }

    /// Converts from photo to screen.
    #[must_use]
    pub fn screen_from_photo(&self, pixel: DVec2) -> Pos2 {
        let offset = (pixel - self.middle) * self.points_per_px();
        self.rect.center() + Vec2::new((self.sign() * offset.x) as f32, offset.y as f32)
    }

    /// Converts from screen to photo.
    #[must_use]
    pub fn photo_from_screen(&self, screen: Pos2) -> DVec2 {
        let offset = screen - self.rect.center();
        let offset = DVec2::new(self.sign() * f64::from(offset.x), f64::from(offset.y));
        self.middle + offset / self.points_per_px()
    }

    /// The photo's place on the screen.
    #[must_use]
    pub fn photo_rect(&self) -> Rect {
        let far = DVec2::new(f64::from(self.photo_px[0]), f64::from(self.photo_px[1]));
        Rect::from_two_pos(self.screen_from_photo(DVec2::ZERO), self.screen_from_photo(far))
    }

    /// The framing after the photo has moved with the pointer.
    #[must_use]
    pub fn panned(&self, by: Vec2) -> Framing {
        let by = DVec2::new(self.sign() * f64::from(by.x), f64::from(by.y));
        let size = DVec2::new(f64::from(self.photo_px[0]), f64::from(self.photo_px[1]));
        // The middle of the window stays on the photo, so that it cannot be lost.
        let middle = (self.middle - by / self.points_per_px()).clamp(DVec2::ZERO, size);
        Framing::At { middle, zoom: self.zoom }
    }

    /// The framing after zooming; what is under `pointer` stays there.
    #[must_use]
    pub fn zoomed(&self, factor: f64, pointer: Pos2) -> Framing {
        let zoom = (self.zoom * factor).clamp(SMALLEST_ZOOM, LARGEST_ZOOM);
        let fixed = self.photo_from_screen(pointer);
        Framing::At { middle: fixed + (self.middle - fixed) * (self.zoom / zoom), zoom }
    }

    /// The visible part of the photo halved `level` times, with some room around it for the next movement.
    #[must_use]
    pub fn visible(&self, level: u32) -> PixelRect {
        const ROOM_PX: f64 = 64.0;
        let scale = 1.0 / f64::from(1_u32 << level);
        let corners = [self.rect.min, self.rect.max].map(|p| self.photo_from_screen(p) * scale);
        let (low, high) = (corners[0].min(corners[1]) - ROOM_PX, corners[0].max(corners[1]) + ROOM_PX);
        // Casting saturates.
        let size = self.photo_px.map(|s| s.div_ceil(1 << level) as i32);
        let within = |v: f64, limit: i32| (v as i32).clamp(0, limit);
        PixelRect {
            x0: within(low.x.floor(), size[0]),
            y0: within(low.y.floor(), size[1]),
            x1: within(high.x.ceil(), size[0]),
            y1: within(high.y.ceil(), size[1]),
        }
    }

    /// A shot of a view of the open case as it is shown here, at a moment.
    #[must_use]
    pub fn shot(&self, case: &OpenCase, slot: SlotId, view: usize, moment: Option<Moment>) -> Option<Shot> {
        let level = level_for_zoom(self.zoom);
        Some(Shot {
            slot,
            view,
            photo: PhotoKey::of(case.document().views.get(view)?),
            variant: case.variant,
            moment,
            level,
            visible: self.visible(level),
            viewing: Viewing::default(),
            settled: !case.drafting(),
            on_card: false,
        })
    }

    /// The skin under a place on the screen.
    #[must_use]
    pub fn skin_from_screen(&self, head: &Head, camera: &Camera, screen: Pos2) -> Option<(Part, SurfacePoint)> {
        head.head_from_image(camera, self.photo_from_screen(screen))
    }

    /// The place of a point of the head on the screen.
    #[must_use]
    pub fn screen_from_head(&self, camera: &Camera, point: DVec3) -> Option<Pos2> {
        camera.image_from_head(point).map(|pixel| self.screen_from_photo(pixel))
    }
}

/// Points of a line closer than this, in points of the screen, look like one; each costs a dozen triangles.
const LEAST_STEP: f32 = 3.0;

/// The line with fewer points, with the same beginning and end.
#[must_use]
pub fn thinned(line: impl IntoIterator<Item = Pos2>) -> Vec<Pos2> {
    let mut kept: Vec<Pos2> = Vec::new();
    let mut left_out = None;
    for point in line {
        left_out = match kept.last() {
            Some(last) if last.distance(point) < LEAST_STEP => Some(point),
            _ => {
                kept.push(point);
                None
            }
        };
    }
    kept.extend(left_out);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    fn viewport(framing: Framing) -> Viewport {
        Viewport::new(Rect::from_min_max(pos2(100.0, 50.0), pos2(900.0, 650.0)), [4000, 3000], framing, 2.0)
    }

    #[test]
    fn the_whole_photo_fits_and_is_in_the_middle() {
        let viewport = viewport(Framing::Fit);
        let photo = viewport.photo_rect();
        assert!(viewport.rect.contains_rect(photo) && photo.height() > 0.9 * viewport.rect.height());
        assert!((photo.center() - viewport.rect.center()).length() < 0.01);
    }

    #[test]
    fn there_and_back_and_what_is_under_the_pointer_stays_there() {
        let pointer = pos2(321.0, 234.0);
        let start = viewport(Framing::Fit);
        let fixed = start.photo_from_screen(pointer);
        for mirrored in [false, true] {
            let near = viewport(start.zoomed(7.0, pointer));
            let near = if mirrored { near.mirrored() } else { near };
            let back = near.screen_from_photo(near.photo_from_screen(pointer));
            assert!((back - pointer).length() < 1e-3);
            if !mirrored {
                assert!((near.screen_from_photo(fixed) - pointer).length() < 0.01);
            }
        }
    }

    #[test]
    fn the_photo_cannot_be_lost() {
        let mut framing = Framing::Fit;
        for _ in 0..100 {
            framing = viewport(framing).panned(Vec2::new(500.0, -900.0));
        }
        let viewport = viewport(framing);
        assert!(viewport.rect.contains(viewport.screen_from_photo(DVec2::new(0.0, 3000.0))));
    }
}
