//! From the largest face to its landmarks, its viewing direction, and the edge of the head around it.

use glam::{DVec2, DVec3};

use super::detector::{self, Face};
use super::found::{Edge, Found, FoundHead, Unavailable};
use super::mesh::{CORNERS, Mesh};
use super::models::Models;
use super::picture::{ReducedPhoto, turned};
use super::silhouette::{self, HeadGuess, Silhouette};
use super::{hidden, iris};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::fit::{self, FoundPoints, Scale, ViewInput};
use crate::head::landmarks::{Landmark, Sighting};
use crate::head::standard_view::StandardView;
use crate::photo::{Photo, Region, Turn};
use crate::reading::tone;

/// A face is clearly the largest if its side is this many times that of the next one.
const CLEARLY_LARGER: f64 = 1.6;
/// Least confidence at which a mesh is used.
const LEAST_FLAG: f32 = 0.5;
/// Yaw of the camera beyond which a face counts as seen obliquely, and as seen in profile, radians (20 and 55 degrees).
const OBLIQUE: f64 = 0.35;
const PROFILE: f64 = 0.96;
/// If more than this share of a mesh lies outside the person, it does not fit the face: a profile.
const BESIDE: f64 = 0.15;
/// Least score of a profile: real ones have 0.87 and more, backs of heads up to 0.71.
const PROFILE_SCORE: f32 = 0.75;
/// Depths inside the edge of a head at which hair would be seen, mm.
const UNDER_EDGE_MM: [f64; 3] = [6.0, 10.0, 14.0];
/// An edge that was taken for hair's, although no hair is seen inside it, is that of shaved scalp if it lies less than
/// this beside the head that is fitted inside it, mm. In photographs, such edges of shaved heads lie up to 7 mm beside
/// it, and those of thin or blonde hair, which is not seen either, 10 mm and more.
const SHAVED_MM: f64 = 8.0;
/// Fewest such points that count: 40 mm of edge.
const LEAST_SHAVED: usize = 7;
/// Largest residual of a head fitted to what was found, mm.
const FACE_OFF_MM: f64 = 9.0;
const PROFILE_OFF_MM: f64 = 6.0;
/// Distance between the outer corners of the eyes, mm: that of the average landmarks.
const CORNERS_MM: f64 = 91.0;
/// Mesh indices of the outline of the face, and of the outer ends of the brows.
const OUTLINE: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
const BROWS: [usize; 2] = [70, 300];
/// Height of the brows above the eyes, mm.
const BROWS_ABOVE_EYES_MM: f64 = 22.0;
/// In profile, the square of cells that [`hidden`] classifies is shifted this far towards the back of the head, which
/// is farther than the forehead from the assumed middle of the cranium, mm.
const BACK_MM: f64 = 30.0;
/// From between the eyes to the middle of the cranium, mm: up, and back.
const TO_MIDDLE_MM: [f64; 2] = [35.0, 85.0];
/// Side of the detector's box, mm, as measured on heads of known size.
const FACE_MM: f64 = 150.0;

/// Standard deviations of landmarks of a face seen from the front and obliquely, mm. With these, the fit of heads of
/// known shape comes closest to one from clicked points. From the front, the mesh places glabella and nasion within a
/// millimetre; obliquely, it draws nose and nasion towards the far side, and it guesses ears and chin where they are
/// hidden.
const SPREADS_MM: [(Landmark, f64, f64); 10] = [
    (Landmark::PupilRight, 3.0, 8.0),
    (Landmark::PupilLeft, 3.0, 8.0),
    (Landmark::CanthusRight, 4.0, 8.0),
    (Landmark::CanthusLeft, 4.0, 8.0),
    (Landmark::TragusRight, 10.0, 14.0),
    (Landmark::TragusLeft, 10.0, 14.0),
    (Landmark::Glabella, 2.5, 8.0),
    (Landmark::Nasion, 2.5, 12.0),
    (Landmark::NoseTip, 5.0, 14.0),
    (Landmark::Menton, 4.0, 14.0),
];
/// Standard deviation of the landmarks of a profile, for which there is no mesh, mm.
const PROFILE_MM: f64 = 10.0;

pub(super) fn find(photo: &Photo) -> Result<Found, Unavailable> {
    let models = Models::get()?;
    let picture = ReducedPhoto::of(photo);
    let faces = detector::faces(&models.detector, &picture)?;
    let Some(face) = faces.first() else { return Ok(Found::Nobody) };
    if faces.get(1).is_some_and(|other| face.side < CLEARLY_LARGER * other.side) {
        return Ok(Found::Several(faces.len()));
    }
    let search = Search { models, photo, picture: &picture, face };
    // The networks are also confident about things that are not faces: what they find must fit a head.
    let head = match search.by_mesh()?.and_then(|head| fitted(photo, head, FACE_OFF_MM)) {
        Some(head) => Some(head),
        // Backs of heads and heads seen from above reach lower scores.
        None if face.score < PROFILE_SCORE => None,
        None => fitted(photo, search.profile()?, PROFILE_OFF_MM),
    };
    Ok(head.map_or(Found::Nobody, |head| Found::Head(Box::new(head))))
}

/// What was found, if a head can be fitted to it with a residual of less than `off_mm`, with what that head tells of
/// its edge.
fn fitted(photo: &Photo, found: FoundHead, off_mm: f64) -> Option<FoundHead> {
    let [width_px, height_px] = found.turn.size_px(photo.size_px());
    let view = ViewInput {
        name: found.direction.name().to_owned(),
        width_px,
        height_px,
        focal_length_35mm: photo.camera().focal_length_35mm,
        landmarks: Vec::new(),
        outline: Vec::new(),
        found: FoundPoints {
            landmarks: found.landmarks.clone(),
            outline: found.outline.clone(),
            hair: found.hair.clone(),
        },
    };
    let fit = fit::fit(&[view], &Scale::AveragePupils).ok()?;
    let camera = fit.cameras.first()?;
    let residual_mm = fit.residual_px.first()? * camera.mm_per_px(DVec3::ZERO);
    let is_a_head = residual_mm < off_mm && 3 * fit.left_out.len() <= found.landmarks.len();
    is_a_head.then(|| shaved_as_scalp(found, &fit.head, camera, [width_px, height_px]))
}

/// What was found, with the edge of shaved hair as that of the scalp. By the colour of its edge alone, dense stubble is
/// hair, inside which the scalp may end anywhere; but hair that is not shaved is seen inside its edge as well.
fn shaved_as_scalp(mut found: FoundHead, head: &Head, camera: &Camera, size_px: [u32; 2]) -> FoundHead {
    let Some(middle) = camera.image_from_head(head.cranium.centre) else { return found };
    let px_per_mm = 1.0 / camera.mm_per_px(head.cranium.centre);
    let hidden = Region::new(size_px, &found.hidden);
    let bare = |px: DVec2| {
        let inwards = (middle - px).normalize_or_zero() * px_per_mm;
        UNDER_EDGE_MM.iter().all(|mm| !hidden.contains(px + *mm * inwards))
    };
    let beside_mm = |px: DVec2| {
        let sight = head.cranium.closest_approach(camera.position(), camera.ray(px));
        sight.map_or(f64::INFINITY, |(_, height)| height)
    };
    let (shaved, hair): (Vec<DVec2>, Vec<DVec2>) =
        found.hair.iter().partition(|px| bare(**px) && beside_mm(**px) < SHAVED_MM);
    if shaved.len() >= LEAST_SHAVED {
        found.outline.extend(shaved);
        // Along the edge, as found.
        let along = |px: &DVec2| libm::atan2(px.x - middle.x, middle.y - px.y);
        found.outline.sort_by(|a, b| along(a).total_cmp(&along(b)));
        found.hair = hair;
    }
    found
}

/// A face in a photo, and the means to examine it.
struct Search<'a> {
    models: &'a Models,
    photo: &'a Photo,
    picture: &'a ReducedPhoto,
    face: &'a Face,
}

impl Search<'_> {
    /// The head, from the surface of its face; `None` where that is not visible.
    fn by_mesh(&self) -> Result<Option<FoundHead>, Unavailable> {
        let Self { models, picture, face, .. } = self;
        let mesh = Mesh::of(&models.mesh, picture, detector::around(face))?;
        let Some(mesh) = mesh.filter(|mesh| mesh.flag > LEAST_FLAG && mesh.yaw().abs() < PROFILE) else {
            return Ok(None);
        };
        let guess = guess_by_mesh(&mesh);
        let masks = silhouette::masks(&models.mask, picture, &guess)?;
        // A mesh that mistakes a profile for a face lies half on the background.
        let beside = mesh.all().filter(|p| masks.iter().all(|mask| mask.share(*p) < 0.5)).count();
        if beside as f64 > BESIDE * mesh.all().count() as f64 {
            return Ok(None);
        }
        let Some([right, left]) = iris::pupils(&models.iris, picture, &mesh)? else { return Ok(None) };
        let skin = silhouette::skin(picture, &silhouette::skin_places(&mesh), &guess);
        let edge = silhouette::silhouette(picture, &masks, skin, &guess);
        let known = hidden::Face {
            cheeks: silhouette::cheek_places(&mesh),
            forehead: silhouette::forehead_places(&mesh),
            brows: 0.5 * (mesh.at(BROWS[0]) + mesh.at(BROWS[1])),
            outline: OUTLINE.map(|index| mesh.at(index)).to_vec(),
            aside_mm: 0.0,
        };
        let hidden = hidden::outlines(picture, &masks, &guess, &known);
        let yaw = mesh.yaw();
        let direction = match yaw {
            _ if yaw > OBLIQUE => StandardView::LeftOblique,
            _ if yaw < -OBLIQUE => StandardView::RightOblique,
            _ => StandardView::Front,
        };
        let seen = |landmark: Landmark| match landmark {
            Landmark::PupilRight => Some(right),
            Landmark::PupilLeft => Some(left),
            Landmark::CanthusRight => Some(mesh.at(CORNERS[0])),
            Landmark::CanthusLeft => Some(mesh.at(CORNERS[1])),
            // An ear on the far side is not visible.
            Landmark::TragusRight => (yaw < OBLIQUE).then_some(face.points[4]),
            Landmark::TragusLeft => (yaw > -OBLIQUE).then_some(face.points[5]),
            // On heads of known shape, the mesh's own points lie 2 to 3 mm closer to the nose than the anatomical ones.
            Landmark::Glabella => Some(mesh.at(9).lerp(mesh.at(151), 0.12)),
            Landmark::Nasion => Some(mesh.at(168).lerp(mesh.at(9), 0.15)),
            Landmark::NoseTip => Some(0.5 * (mesh.at(1) + mesh.at(4))),
            Landmark::Menton => Some(mesh.at(168).lerp(mesh.at(152), 1.025)),
            Landmark::Vertex => None,
        };
        let is_front = direction == StandardView::Front;
        let sighting = |(landmark, front, oblique): (Landmark, f64, f64)| {
            Some(Sighting { landmark, px: seen(landmark)?, spread_mm: if is_front { front } else { oblique } })
        };
        let landmarks = SPREADS_MM.into_iter().filter_map(sighting).collect();
        Ok(Some(upright(self.photo, mesh.roll(), direction, landmarks, edge, hidden)))
    }

    /// The head in profile, from the detector's points on the near side.
    fn profile(&self) -> Result<FoundHead, Unavailable> {
        let Self { models, picture, face, .. } = self;
        let [right_eye, left_eye, nose, _, right_ear, left_ear] = face.points;
        // The nose points away from the visible ear.
        let left = turned(nose - face.middle, -face.roll()).x < 0.0;
        let (direction, yaw, eye, ear) = if left {
            (StandardView::Left, PROFILE, (Landmark::PupilLeft, left_eye), (Landmark::TragusLeft, left_ear))
        } else {
            (StandardView::Right, -PROFILE, (Landmark::PupilRight, right_eye), (Landmark::TragusRight, right_ear))
        };
        let guess = guess(eye.1, face.side / FACE_MM, face.roll(), yaw);
        let masks = silhouette::masks(&models.mask, picture, &guess)?;
        let cheek = [0.3, 0.4, 0.5].map(|part| nose.lerp(ear.1, part));
        let edge = silhouette::silhouette(picture, &masks, silhouette::skin(picture, &cheek, &guess), &guess);
        let known = hidden::Face {
            cheeks: cheek.to_vec(),
            brows: eye.1 + turned(DVec2::new(0.0, -BROWS_ABOVE_EYES_MM * guess.px_per_mm), guess.roll),
            aside_mm: if left { BACK_MM } else { -BACK_MM },
            ..hidden::Face::default()
        };
        let hidden = hidden::outlines(picture, &masks, &guess, &known);
        let sighting = |(landmark, px)| Sighting { landmark, px, spread_mm: PROFILE_MM };
        let landmarks = [eye, ear, (Landmark::NoseTip, nose)].map(sighting).to_vec();
        Ok(upright(self.photo, face.roll(), direction, landmarks, edge, hidden))
    }
}

/// The edge of a head, near where a camera sees it.
pub(super) fn edge(photo: &Photo, head: &Head, camera: &Camera) -> Result<Edge, Unavailable> {
    let models = Models::get()?;
    let picture = ReducedPhoto::of(photo);
    let centre = head.cranium.centre;
    let Some(middle) = camera.image_from_head(centre) else { return Ok(Edge::default()) };
    let px_per_mm = 1.0 / camera.mm_per_px(centre);
    // Up in the photo is towards the vertex, unless the vertex faces the camera.
    let up = camera.camera_from_head * DVec3::Y;
    let roll = if up.truncate().length() > 0.3 { libm::atan2(up.x, -up.y) } else { 0.0 };
    let guess = HeadGuess { middle, px_per_mm, roll };
    let masks = silhouette::masks(&models.mask, &picture, &guess)?;
    // The skin of the forehead if it is visible, otherwise what the middle of the head shows.
    let forehead: Vec<Option<DVec2>> = tone::forehead(head)
        .map(|point| camera.image_from_head(point.position).filter(|_| head.visible(camera, &point)))
        .collect();
    let inside = |px: &DVec2| px.cmpge(DVec2::ZERO).all() && px.cmplt(picture.size_px).all();
    let mut places: Vec<DVec2> = forehead.iter().flatten().copied().filter(inside).collect();
    if 2 * places.len() < forehead.len() {
        let around = [-20.0, 0.0, 20.0];
        places = around.iter().flat_map(|x| around.map(|y| middle + DVec2::new(*x, y) * px_per_mm)).collect();
    }
    let Silhouette { scalp, hair } =
        silhouette::silhouette(&picture, &masks, silhouette::skin(&picture, &places, &guess), &guess);
    let kept = |points: Vec<DVec2>| points.into_iter().map(|px| (px * 10.0).round() / 10.0).collect();
    Ok(Edge { scalp: kept(scalp), hair: kept(hair) })
}

/// Where the head around a mesh lies.
fn guess_by_mesh(mesh: &Mesh) -> HeadGuess {
    let px_per_mm = mesh.corners_apart() / CORNERS_MM;
    let eyes = 0.5 * (mesh.at(CORNERS[0]) + mesh.at(CORNERS[1]));
    guess(eyes, px_per_mm, mesh.roll(), mesh.yaw())
}

fn guess(eyes: DVec2, px_per_mm: f64, roll: f64, yaw: f64) -> HeadGuess {
    // Seen from the left, the cranium lies to the right of the face.
    let [up, back] = TO_MIDDLE_MM;
    let to_middle = DVec2::new(back * libm::sin(yaw), -up);
    HeadGuess { middle: eyes + turned(to_middle * px_per_mm, roll), px_per_mm, roll }
}

/// What was found, rounded, in the coordinates of the photo turned by quarters so that the head is upright.
fn upright(
    photo: &Photo,
    roll: f64,
    direction: StandardView,
    landmarks: Vec<Sighting>,
    edge: Silhouette,
    hidden: Vec<Vec<DVec2>>,
) -> FoundHead {
    let quarters = libm::round(roll / std::f64::consts::FRAC_PI_2) as i32;
    let turn = match quarters.rem_euclid(4) {
        1 => Turn::COUNTERCLOCKWISE,
        2 => Turn::HALF,
        3 => Turn::CLOCKWISE,
        _ => Turn::NONE,
    };
    let kept = |px: DVec2| (turn.point_px(px, photo.size_px()) * 10.0).round() / 10.0;
    FoundHead {
        turn,
        direction,
        landmarks: landmarks.into_iter().map(|s| Sighting { px: kept(s.px), ..s }).collect(),
        outline: edge.scalp.into_iter().map(kept).collect(),
        hair: edge.hair.into_iter().map(kept).collect(),
        hidden: hidden.into_iter().map(|outline| outline.into_iter().map(kept).collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use glam::DMat3;

    use super::*;

    const SIZE_PX: [u32; 2] = [1600, 1800];

    /// An average head from the front, 5 px per mm, whose edge lies `beside_mm` farther out and was taken for hair's.
    fn seen(beside_mm: f64, hidden: Vec<Vec<DVec2>>) -> (FoundHead, Head, Camera) {
        let head = Head::average();
        let camera = Camera {
            camera_from_head: DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0)),
            head_origin_mm: DVec3::new(0.0, 0.0, 1000.0),
            focal_px: 5000.0,
            principal_px: DVec2::new(800.0, 900.0),
        };
        let rim = head
            .cranium
            .silhouette(camera.position())
            .into_iter()
            .filter(|point| point.position.y > head.cranium.centre.y);
        let hair = rim.filter_map(|point| camera.image_from_head(point.position + beside_mm * point.normal));
        let found = FoundHead {
            turn: Turn::NONE,
            direction: StandardView::Front,
            landmarks: Vec::new(),
            outline: Vec::new(),
            hair: hair.collect(),
            hidden,
        };
        (found, head, camera)
    }

    #[test]
    fn the_edge_of_stubble_is_that_of_the_scalp_and_the_edge_of_hair_is_not() {
        let all = vec![[[0.0, 0.0], [1600.0, 0.0], [1600.0, 900.0], [0.0, 900.0]].map(DVec2::from).to_vec()];
        // Stubble; hair that is seen; a hat that was taken for skin.
        for (beside_mm, hidden, shaved) in [(5.0, Vec::new(), true), (5.0, all, false), (20.0, Vec::new(), false)] {
            let (found, head, camera) = seen(beside_mm, hidden);
            let edge = found.hair.len();
            assert!(edge > 20);
            let told = shaved_as_scalp(found, &head, &camera, SIZE_PX);
            let counts = if shaved { [edge, 0] } else { [0, edge] };
            assert_eq!([told.outline.len(), told.hair.len()], counts, "{beside_mm} mm");
            // From the right ear over the vertex to the left one.
            assert!(told.outline.is_sorted_by(|a, b| a.x <= b.x), "{:?}", told.outline);
        }
    }
}
