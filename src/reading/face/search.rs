//! From the largest face to its landmarks, its direction, and the edge of the head around it.

use glam::DVec2;

use super::detector::{self, Face};
use super::mesh::Mesh;
use super::models::Models;
use super::picture::{Picture, turned};
use super::silhouette::{self, Place};
use super::{Direction, Found, FoundHead, Unavailable, iris};
use crate::head::landmarks::{Landmark, Sighting};
use crate::photo::{Photo, Turn};

/// A face is clearly the largest if its side is so many times that of the next one.
const CLEARLY_LARGER: f64 = 1.6;
/// Least flag of a mesh.
const LEAST_FLAG: f32 = 0.5;
/// The camera stands so far to the side where a face is seen half or wholly from there, radians (20 and 55 degrees).
const OBLIQUE: f64 = 0.35;
const PROFILE: f64 = 0.96;
/// A mesh of which more than this share lies beside the person does not show the face that is there: a profile.
const BESIDE: f64 = 0.08;
/// Distance of the outer corners of the eyes, mm: that of the average landmarks.
const CORNERS_MM: f64 = 91.0;
/// From between the eyes to the middle of the cranium, mm: up, and back.
const TO_MIDDLE_MM: [f64; 2] = [35.0, 85.0];
/// Side of the detector's box, mm, as measured on heads of known size.
const FACE_MM: f64 = 150.0;

/// Spread of landmarks of a face seen from the front, mm.
const FRONT_MM: [(Landmark, f64); 11] = [
    (Landmark::PupilRight, 3.0),
    (Landmark::PupilLeft, 3.0),
    (Landmark::CanthusRight, 4.0),
    (Landmark::CanthusLeft, 4.0),
    (Landmark::TragusRight, 6.0),
    (Landmark::TragusLeft, 6.0),
    (Landmark::Glabella, 4.0),
    (Landmark::Nasion, 3.5),
    (Landmark::NoseTip, 5.0),
    (Landmark::Menton, 4.0),
    (Landmark::Vertex, f64::INFINITY),
];
/// Least spread of those of a face that is turned away, mm, and of a profile, for which there is no mesh.
const OBLIQUE_MM: f64 = 8.0;
const PROFILE_MM: f64 = 10.0;

pub(super) fn find(photo: &Photo) -> Result<Found, Unavailable> {
    let models = Models::get()?;
    let picture = Picture::of(photo);
    let faces = detector::faces(&models.detector, &picture)?;
    let Some(face) = faces.first() else { return Ok(Found::Nobody) };
    if faces.get(1).is_some_and(|other| face.side < CLEARLY_LARGER * other.side) {
        return Ok(Found::Several(faces.len()));
    }
    let mesh = Mesh::of(&models.mesh, &picture, detector::around(face))?.filter(|mesh| mesh.flag > LEAST_FLAG);
    let place = mesh.as_ref().map_or_else(|| place_by_box(face), place_by_mesh);
    let masks = silhouette::masks(&models.mask, &picture, &place)?;
    // The flag is high for meshes of profiles, which are wrong: half of such a face lies on the background.
    let beside = |mesh: &Mesh| {
        let outside = |p: &DVec2| masks.iter().all(|mask| mask.share(*p) < 0.5);
        mesh.all().filter(outside).count() as f64 > BESIDE * mesh.all().count() as f64
    };
    let mesh = mesh.filter(|mesh| !beside(mesh) && mesh.yaw().abs() < PROFILE);
    let Some(mesh) = mesh else {
        return Ok(profile(photo, face, &silhouette::silhouette(&picture, &masks, None, &place)));
    };
    let Some([right, left]) = iris::pupils(&models.iris, &picture, &mesh)? else { return Ok(Found::Nobody) };
    let edge = silhouette::silhouette(&picture, &masks, Some(&mesh), &place);
    let yaw = mesh.yaw();
    let direction = match yaw {
        _ if yaw > OBLIQUE => Direction::LeftOblique,
        _ if yaw < -OBLIQUE => Direction::RightOblique,
        _ => Direction::Front,
    };
    let place = |landmark: Landmark| match landmark {
        Landmark::PupilRight => Some(right),
        Landmark::PupilLeft => Some(left),
        Landmark::CanthusRight => Some(mesh.at(33)),
        Landmark::CanthusLeft => Some(mesh.at(263)),
        // An ear on the far side is not seen.
        Landmark::TragusRight => (yaw < OBLIQUE).then_some(face.points[4]),
        Landmark::TragusLeft => (yaw > -OBLIQUE).then_some(face.points[5]),
        Landmark::Glabella => Some(mesh.at(9)),
        Landmark::Nasion => Some(mesh.at(168)),
        Landmark::NoseTip => Some(0.5 * (mesh.at(1) + mesh.at(4))),
        Landmark::Menton => Some(mesh.at(152)),
        Landmark::Vertex => None,
    };
    let least = if direction == Direction::Front { 0.0 } else { OBLIQUE_MM };
    let landmarks = FRONT_MM
        .into_iter()
        .filter_map(|(landmark, spread)| Some(Sighting { landmark, px: place(landmark)?, spread_mm: spread.max(least) }))
        .collect();
    Ok(upright(photo, mesh.roll(), FoundHead {
        turn: Turn::NONE,
        direction,
        landmarks,
        outline: edge.scalp,
        hair: edge.hair,
    }))
}

/// The head around a mesh.
fn place_by_mesh(mesh: &Mesh) -> Place {
    let px_per_mm = mesh.corners_apart() / CORNERS_MM;
    let eyes = 0.5 * (mesh.at(33) + mesh.at(263));
    place(eyes, px_per_mm, mesh.roll(), mesh.yaw())
}

/// The head around a face without a mesh.
fn place_by_box(face: &Face) -> Place {
    let eyes = 0.5 * (face.points[0] + face.points[1]);
    place(eyes, face.side / FACE_MM, face.roll(), 0.0)
}

fn place(eyes: DVec2, px_per_mm: f64, roll: f64, yaw: f64) -> Place {
    // Seen from the left, the cranium lies to the right of the face.
    let [up, back] = TO_MIDDLE_MM;
    let to_middle = DVec2::new(back * libm::sin(yaw), -up);
    Place { middle: eyes + turned(to_middle * px_per_mm, roll), px_per_mm, roll }
}

/// What a profile tells: the points of the detector that are on the near side.
fn profile(photo: &Photo, face: &Face, edge: &silhouette::Silhouette) -> Found {
    let [right_eye, left_eye, nose, _, right_ear, left_ear] = face.points;
    // The nose lies away from the ear that is seen.
    let forward = turned(nose - face.middle, -face.roll()).x;
    let (direction, near) = if forward < 0.0 {
        (Direction::Left, [(Landmark::PupilLeft, left_eye), (Landmark::TragusLeft, left_ear)])
    } else {
        (Direction::Right, [(Landmark::PupilRight, right_eye), (Landmark::TragusRight, right_ear)])
    };
    let sighting = |(landmark, px)| Sighting { landmark, px, spread_mm: PROFILE_MM };
    let landmarks = near.into_iter().chain([(Landmark::NoseTip, nose)]).map(sighting).collect();
    let found = FoundHead {
        turn: Turn::NONE,
        direction,
        landmarks,
        outline: edge.scalp.clone(),
        hair: edge.hair.clone(),
    };
    upright(photo, face.roll(), found)
}

/// The same in the photo turned by quarters so that the head is upright, and rounded.
fn upright(photo: &Photo, roll: f64, found: FoundHead) -> Found {
    let quarters = libm::round(roll / std::f64::consts::FRAC_PI_2) as i32;
    let turn = match quarters.rem_euclid(4) {
        1 => Turn::COUNTERCLOCKWISE,
        2 => Turn::HALF,
        3 => Turn::CLOCKWISE,
        _ => Turn::NONE,
    };
    let kept = |px: DVec2| (turn.point_px(px, [photo.width, photo.height]) * 10.0).round() / 10.0;
    let sighting = |s: Sighting| Sighting { px: kept(s.px), ..s };
    Found::Head(Box::new(FoundHead {
        turn,
        direction: found.direction,
        landmarks: found.landmarks.into_iter().map(sighting).collect(),
        outline: found.outline.into_iter().map(kept).collect(),
        hair: found.hair.into_iter().map(kept).collect(),
    }))
}
