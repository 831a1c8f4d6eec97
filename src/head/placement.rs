//! A head that is placed over a photo by hand, where no face shows how the camera looked at it: from behind, from
//! above, or cropped above the brows.
//!
//! The placement is stored as the positions at which the head's landmarks would be seen, so that the fit treats it like
//! any other points found in a photo, and points that are clicked later override it.

use glam::{DMat3, DVec2, DVec3};

use super::Head;
use super::camera::Camera;
use super::fit::start::{DEFAULT_FOCAL_35MM, FRAME_DIAGONAL_MM, orbit};
use super::landmarks::{ALL, Landmark, Sighting};
use super::standard_view::StandardView;

/// Standard deviation of a placement by hand, mm (assumed): the same as that of a found outline.
const SPREAD_MM: f64 = 2.0;
/// Share of the photo's shorter side that the head's breadth initially takes up.
const FIRST_SHARE: f64 = 0.55;
/// Breadth of a head, mm.
const BREADTH_MM: f64 = 154.0;
/// Landmarks farther outside the photo than this share of its sides are left out.
const OUTSIDE: f64 = 0.95;

/// The camera of a photo that shows a head in its middle, from the usual direction of the view.
#[must_use]
pub fn first_camera(view: StandardView, size_px: [u32; 2], focal_length_35mm: Option<f64>) -> Camera {
    let size = DVec2::new(f64::from(size_px[0]), f64::from(size_px[1]));
    let focal_px = focal_length_35mm.unwrap_or(DEFAULT_FOCAL_35MM) / FRAME_DIAGONAL_MM * size.length();
    let (azimuth, elevation) = view.azimuth_elevation_deg();
    let distance_mm = focal_px * BREADTH_MM / (FIRST_SHARE * size.min_element());
    Camera {
        camera_from_head: orbit(azimuth, elevation),
        head_origin_mm: DVec3::new(0.0, 0.0, distance_mm),
        focal_px,
        principal_px: 0.5 * size,
    }
}

/// The positions of a head's landmarks in a photo, including those on its far side, but not those far outside the
/// photo.
#[must_use]
pub fn sightings(head: &Head, camera: &Camera) -> Vec<Sighting> {
    let size = 2.0 * camera.principal_px;
    let near = |px: &DVec2| px.cmpgt(-OUTSIDE * size).all() && px.cmplt((1.0 + OUTSIDE) * size).all();
    let seen = |landmark: Landmark| camera.image_from_head(head.landmark(landmark)).filter(near);
    let sighting = |landmark| Some(Sighting { landmark, px: seen(landmark)?, spread_mm: SPREAD_MM });
    ALL.into_iter().filter_map(sighting).collect()
}

/// True for a landmark that was not seen but belongs to a head placed by hand: such a head keeps the face it had.
#[must_use]
pub(crate) fn is_placed(sighting: &Sighting) -> bool {
    // No landmark that is found or clicked is stored with this one.
    (sighting.spread_mm - SPREAD_MM).abs() < 1e-9
}

/// A manipulation of a head that lies over a photo. Rotations and scaling are about the middle of the cranium.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Movement {
    /// Along the photo, px.
    Move(DVec2),
    /// Magnification.
    Scale(f64),
    /// In the photo's plane, clockwise, radians.
    Tilt(f64),
    /// Rotates the head so that a point of it that faces the camera moves along the photo, px.
    Turn {
        /// The point, mm, head space.
        point: DVec3,
        /// Displacement of the point.
        by_px: DVec2,
    },
}

/// The camera that sees the head as it lies after a movement.
#[must_use]
pub fn moved(camera: &Camera, head: &Head, movement: Movement) -> Camera {
    let centre = head.cranium.centre;
    let seen = camera.camera_space(centre);
    let px_per_mm = camera.focal_px / seen.z;
    let turned = |rotation: DMat3| Camera {
        camera_from_head: rotation * camera.camera_from_head,
        head_origin_mm: seen - rotation * (camera.camera_from_head * centre),
        ..*camera
    };
    match movement {
        Movement::Move(by_px) => {
            let by = by_px / px_per_mm;
            Camera { head_origin_mm: camera.head_origin_mm + DVec3::new(by.x, by.y, 0.0), ..*camera }
        }
        Movement::Scale(times) => {
            let nearer = seen / times.clamp(0.05, 20.0);
            Camera { head_origin_mm: camera.head_origin_mm + (nearer - seen), ..*camera }
        }
        Movement::Tilt(angle) => turned(DMat3::from_rotation_z(angle)),
        Movement::Turn { point, by_px } => {
            let radius_px = (point.distance(centre) * px_per_mm).max(1.0);
            let by = by_px / radius_px;
            // The side that faces the camera has the opposite z.
            turned(DMat3::from_rotation_x(by.y) * DMat3::from_rotation_y(-by.x))
        }
    }
}

/// The point by which a head is turned: the one that faces the camera most, among the tip of the nose, the back, the
/// top and the sides of the head.
#[must_use]
pub fn turning_point(head: &Head, camera: &Camera) -> DVec3 {
    let centre = head.cranium.centre;
    let towards = (camera.position() - centre).normalize_or(DVec3::Z);
    let [back, top, left, right] =
        [DVec3::NEG_Z, DVec3::Y, DVec3::X, DVec3::NEG_X].map(|direction| head.cranium.at(direction).position);
    let facing = |point: &DVec3| (*point - centre).normalize_or(DVec3::Z).dot(towards);
    let points = [head.landmark(Landmark::NoseTip), back, top, left, right];
    points.into_iter().reduce(|best, point| if facing(&point) > facing(&best) { point } else { best }).unwrap_or(top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::fit::{FoundPoints, Scale, ViewInput, fit};
    use crate::head::standard_view::STANDARD_VIEWS;

    fn view(name: &str, landmarks: Vec<Sighting>) -> ViewInput {
        ViewInput {
            name: name.to_owned(),
            width_px: 3000,
            height_px: 4000,
            focal_length_35mm: Some(50.0),
            landmarks: Vec::new(),
            outline: Vec::new(),
            found: FoundPoints { landmarks, ..FoundPoints::default() },
        }
    }

    #[test]
    fn the_fit_leaves_the_head_where_the_hand_laid_it() {
        let head = Head::average();
        for standard in STANDARD_VIEWS {
            let mut camera = first_camera(standard, [3000, 4000], Some(50.0));
            let point = turning_point(&head, &camera);
            for movement in [
                Movement::Move(DVec2::new(300.0, -400.0)),
                Movement::Scale(1.2),
                Movement::Tilt(0.2),
                Movement::Turn { point, by_px: DVec2::new(150.0, 90.0) },
            ] {
                camera = moved(&camera, &head, movement);
                let fitted = fit(&[view(standard.name(), sightings(&head, &camera))], &Scale::AveragePupils).unwrap();
                let off = |at: DVec3| {
                    let [laid, seen] = [&camera, &fitted.cameras[0]].map(|c| c.image_from_head(at).unwrap());
                    laid.distance(seen) * camera.mm_per_px(at)
                };
                let places = [DVec3::Y, DVec3::X, DVec3::NEG_X, DVec3::Z, DVec3::NEG_Z];
                let worst = places.map(|d| off(head.cranium.at(d).position)).into_iter().fold(0.0, f64::max);
                assert!(worst < 4.0, "{standard:?} {movement:?}: {worst} mm");
            }
        }
    }

    #[test]
    fn movements_follow_the_hand() {
        let head = Head::average();
        let centre = head.cranium.centre;
        for standard in STANDARD_VIEWS {
            let camera = first_camera(standard, [3000, 4000], None);
            let px = |camera: &Camera, point| camera.image_from_head(point).unwrap();
            let by = DVec2::new(120.0, -80.0);
            let shifted = moved(&camera, &head, Movement::Move(by));
            assert!((px(&shifted, centre) - px(&camera, centre) - by).length() < 1e-6);
            let larger = moved(&camera, &head, Movement::Scale(1.5));
            assert!(px(&larger, centre).distance(px(&camera, centre)) < 1e-6);
            assert!((camera.mm_per_px(centre) / larger.mm_per_px(centre) - 1.5).abs() < 1e-9);
            let point = turning_point(&head, &camera);
            let turned = moved(&camera, &head, Movement::Turn { point, by_px: DVec2::new(60.0, 40.0) });
            assert!(px(&turned, centre).distance(px(&camera, centre)) < 1e-6);
            let way = px(&turned, point) - px(&camera, point);
            // In perspective, and for a point that does not face the camera exactly.
            assert!((way - DVec2::new(60.0, 40.0)).length() < 40.0, "{standard:?}: {way}");
            assert!(way.x > 20.0 && way.y > 10.0, "{standard:?}: {way}");
            let tilted = moved(&camera, &head, Movement::Tilt(0.5));
            assert!(px(&tilted, centre).distance(px(&camera, centre)) < 1e-6);
        }
    }
}
