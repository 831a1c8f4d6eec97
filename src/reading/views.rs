//! Which photo of a fitted head to examine.

use glam::{DVec2, DVec3};

use super::tone;
use crate::head::Head;
use crate::head::camera::{Camera, Footprint};
use crate::head::surface::SurfacePoint;

/// A photo of a fitted head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Identifies the photo: the caller's number.
    pub index: usize,
    /// The camera that took it.
    pub camera: Camera,
    /// Its size, px.
    pub size_px: [u32; 2],
}

/// A place as a photo shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaceInView {
    /// Position in the photo, px.
    pub px: DVec2,
    /// Footprint of the skin there.
    pub footprint: Footprint,
}

impl View {
    /// A place of the head as the photo shows it; `None` where it is hidden or out of frame.
    #[must_use]
    pub(crate) fn sight(&self, head: &Head, place: &SurfacePoint) -> Option<PlaceInView> {
        let size = DVec2::new(f64::from(self.size_px[0]), f64::from(self.size_px[1]));
        let px = self.camera.image_from_head(place.position)?;
        let inside = px.cmpge(DVec2::ZERO).all() && px.cmplt(size).all();
        (inside && head.visible(&self.camera, place))
            .then(|| PlaceInView { px, footprint: self.camera.footprint(place.position, place.normal) })
    }
}

/// The photo that shows a place largest and most squarely, among those whose sight of it satisfies `serves`.
#[must_use]
pub fn of_place(
    head: &Head,
    views: &[View],
    place: &SurfacePoint,
    serves: impl Fn(&PlaceInView) -> bool,
) -> Option<(View, PlaceInView)> {
    let sights = views.iter().filter_map(|view| Some((*view, view.sight(head, place)?)));
    let area = |sight: &PlaceInView| sight.footprint.px2_per_mm2();
    sights.filter(|(_, sight)| serves(sight)).max_by(|a, b| area(&a.1).total_cmp(&area(&b.1)))
}

/// The photo that shows the forehead most squarely, from which a client's skin is read; `None` if no photo shows every
/// place that is measured.
#[must_use]
pub(crate) fn of_forehead(head: &Head, views: &[View]) -> Option<View> {
    let facing = |view: &View| forehead_facing(head, &view.camera).map(|cosine| (*view, cosine));
    let facing = views.iter().filter_map(facing);
    facing.reduce(|best, view| if view.1 > best.1 { view } else { best }).map(|(view, _)| view)
}

/// How squarely a camera sees the forehead: the least cosine to its normals; `None` where it does not see every place
/// that is measured.
fn forehead_facing(head: &Head, camera: &Camera) -> Option<f64> {
    let mut least = 1.0_f64;
    for point in tone::forehead(head) {
        if !head.visible(camera, &point) {
            return None;
        }
        let towards: DVec3 = (camera.position() - point.position).normalize();
        least = least.min(towards.dot(point.normal));
    }
    Some(least)
}
