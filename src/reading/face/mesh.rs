//! The surface of a face: 468 points, each pass looking closer at where the last one saw the face.

use glam::{DVec2, DVec3};

use super::found::Unavailable;
use super::models::Network;
use super::picture::{Around, Part, ReducedPhoto, turned};

/// Passes over a face. Later ones change nothing.
const PASSES: usize = 3;
/// Outer corners of the subject's right and left eye.
pub(super) const CORNERS: [usize; 2] = [33, 263];

/// A face.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    /// Points: x and y px of the photo, z px away from the camera along the face's own depth.
    points: Vec<DVec3>,
    /// Whether the network thinks that it looks at a face, 0 to 1. It thinks so of profiles that it gets wrong, too.
    pub(super) flag: f32,
}

impl Mesh {
    /// Finds the points of the face in a part of the photo.
    pub(super) fn of(network: &Network, picture: &ReducedPhoto, around: Part) -> Result<Option<Self>, Unavailable> {
        let mut part = around;
        let mut mesh = None;
        for _ in 0..PASSES {
            let results = network.run(picture.planes(&part, network.side_px, false, Around::Nothing))?;
            let [numbers, flag] = &results[..] else { return Ok(None) };
            let side = network.side_px as f64;
            let points = numbers.chunks_exact(3).map(|xyz| {
                let [x, y, z] = [xyz[0], xyz[1], xyz[2]].map(|v| f64::from(v) / side);
                part.place(DVec2::new(x, y)).extend(z * part.size.x)
            });
            let flag = flag.first().map_or(0.0, |flag| 1.0 / (1.0 + libm::expf(-flag.clamp(-80.0, 80.0))));
            let found = Self { points: points.collect(), flag };
            part = found.part();
            if !(part.middle.is_finite() && part.size.x > 8.0 && part.size.x < 8.0 * picture.size_px.max_element()) {
                return Ok(None);
            }
            mesh = Some(found);
        }
        Ok(mesh)
    }

    /// A point, px.
    pub(super) fn at(&self, index: usize) -> DVec2 {
        self.points[index].truncate()
    }

    /// All points, px.
    pub(super) fn all(&self) -> impl Iterator<Item = DVec2> {
        self.points.iter().map(|point| point.truncate())
    }

    /// Angle of the line through the corners of the eyes.
    pub(super) fn roll(&self) -> f64 {
        let across = self.at(CORNERS[1]) - self.at(CORNERS[0]);
        libm::atan2(across.y, across.x)
    }

    /// Distance of the outer corners of the eyes, with the depth between them, px.
    pub(super) fn corners_apart(&self) -> f64 {
        self.points[CORNERS[0]].distance(self.points[CORNERS[1]])
    }

    /// How far the camera stands to the subject's left, radians.
    pub(super) fn yaw(&self) -> f64 {
        let across = self.points[CORNERS[1]] - self.points[CORNERS[0]];
        libm::atan2(-across.z, across.truncate().length())
    }

    /// The square around all points, turned as the eyes are, with room of a quarter on each side.
    fn part(&self) -> Part {
        let roll = self.roll();
        let (mut low, mut high) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
        for point in self.all() {
            let upright = turned(point, -roll);
            (low, high) = (low.min(upright), high.max(upright));
        }
        Part::square(turned(0.5 * (low + high), roll), 1.5 * (high - low).max_element(), roll)
    }
}
