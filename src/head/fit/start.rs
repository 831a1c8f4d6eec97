//! The starting point of a fit: poses suggested by a view's name, a rough pose from its points, the usual lens.

use glam::{DMat3, DVec2, DVec3};

use super::input::ViewInput;
use super::state::Pose;
use crate::head::cranium_from_series;
use crate::head::harmonics::TERMS;
use crate::head::standard_view::StandardView;

/// 35 mm equivalent focal length assumed where the photo does not state it: between a phone and a portrait lens.
pub(in crate::head) const DEFAULT_FOCAL_35MM: f64 = 50.0;
/// Diagonal of the 35 mm frame, mm (36 x 24).
pub(in crate::head) const FRAME_DIAGONAL_MM: f64 = 43.266_615_305_567_87;

/// Rotation of a camera that looks at the head from `azimuth_deg` towards the subject's left and `elevation_deg` above.
pub(in crate::head) fn orbit(azimuth_deg: f64, elevation_deg: f64) -> DMat3 {
    let facing = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
    facing * DMat3::from_rotation_x(elevation_deg.to_radians()) * DMat3::from_rotation_y(-azimuth_deg.to_radians())
}

/// Rotations that the camera of a view with this name may have.
pub(super) fn nominal_poses(name: &str) -> Vec<DMat3> {
    let pose = |view: StandardView| {
        let (azimuth, elevation) = view.azimuth_elevation_deg();
        orbit(azimuth, elevation)
    };
    match StandardView::of(name) {
        Some(view) => vec![pose(view)],
        None => {
            use StandardView::{Back, Front, Left, LeftOblique, Right, RightOblique, Top};
            [Front, LeftOblique, RightOblique, Left, Right, Back, Top].map(pose).to_vec()
        }
    }
}

/// A pose from the landmarks' centroid and spread (weak perspective), or from the outline's width, and its mm per px.
pub(super) fn rough_pose(view: &ViewInput, camera_from_head: DMat3, ln_focal: f64) -> Option<(Pose, f64)> {
    let flat = |p: DVec3| DVec2::new((camera_from_head * p).x, (camera_from_head * p).y);
    let model: Vec<DVec2> = view.sightings().map(|s| flat(s.landmark.mean_mm())).collect();
    let pixels: Vec<DVec2> = view.sightings().map(|s| s.px).collect();
    let mean = |points: &[DVec2]| points.iter().sum::<DVec2>() / points.len().max(1) as f64;
    let spread = |points: &[DVec2]| {
        let m = mean(points);
        (points.iter().map(|p| p.distance_squared(m)).sum::<f64>() / points.len().max(1) as f64).sqrt()
    };
    // An outline is about as wide as the cranium from that direction.
    let cranium = cranium_from_series([0.0; TERMS]);
    let side = flat(DVec3::new(cranium.axes.side, 0.0, 0.0)).x.abs();
    let depth = flat(DVec3::new(0.0, 0.0, 0.5 * (cranium.axes.front + cranium.axes.back))).x.abs();
    let half_width_mm = side.hypot(depth);
    let (mut low, mut high) = (DVec2::splat(f64::INFINITY), DVec2::splat(f64::NEG_INFINITY));
    for (p, _) in view.outline() {
        low = low.min(p);
        high = high.max(p);
    }
    let mm_per_px = if model.len() >= 2 && spread(&model) > 10.0 {
        spread(&model) / spread(&pixels).max(1e-6)
    } else if view.outline().count() >= 3 {
        2.0 * half_width_mm / (high.x - low.x).max(1.0)
    } else {
        return None;
    };
    // Pixel of the head's origin.
    let origin = if pixels.is_empty() {
        DVec2::new(0.5 * (low.x + high.x), low.y + cranium.axes.up / mm_per_px)
    } else {
        mean(&pixels) - mean(&model) / mm_per_px
    };
    let focal = libm::exp(ln_focal);
    let principal = DVec2::new(f64::from(view.width_px), f64::from(view.height_px)) * 0.5;
    // Landmarks of the face are some 80 mm closer than the origin, which is good enough for a start.
    let distance = (mm_per_px * focal).clamp(150.0, 20_000.0);
    Some((
        Pose { camera_from_head, slope: (origin - principal) / focal, ln_distance: libm::log(distance), ln_focal },
        mm_per_px,
    ))
}
