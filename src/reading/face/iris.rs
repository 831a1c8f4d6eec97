//! The pupil of an eye.

use glam::DVec2;

use super::found::Unavailable;
use super::mesh::Mesh;
use super::models::Network;
use super::picture::{Around, Part, ReducedPhoto};

/// Outer and inner corner of the right eye, inner and outer corner of the left one, as the mesh numbers them.
const EYES: [[usize; 2]; 2] = [[33, 133], [362, 263]];
/// Side of the square that is examined, in eye widths.
const SIDE: f64 = 2.3;

/// The middles of the subject's right and left irises, px.
pub(super) fn pupils(
    network: &Network,
    picture: &ReducedPhoto,
    mesh: &Mesh,
) -> Result<Option<[DVec2; 2]>, Unavailable> {
    let mut pupils = [DVec2::ZERO; 2];
    for (pupil, (corners, mirrored)) in pupils.iter_mut().zip(EYES.into_iter().zip([false, true])) {
        let [from, to] = corners.map(|index| mesh.at(index));
        let across = to - from;
        let part = Part::square(0.5 * (from + to), SIDE * across.length(), libm::atan2(across.y, across.x));
        // The network was trained on right eyes: the left one is mirrored.
        let results = network.run(picture.planes(&part, network.side_px, mirrored, Around::Nothing))?;
        let Some(&[x, y]) = results.get(1).and_then(|iris| iris.first_chunk::<2>()) else { return Ok(None) };
        let mut at = DVec2::new(f64::from(x), f64::from(y)) / network.side_px as f64;
        if mirrored {
            at.x = 1.0 - at.x;
        }
        *pupil = part.place(at);
    }
    Ok(Some(pupils))
}
