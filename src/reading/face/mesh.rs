//! The surface of a face as 468 points, refined in passes that each look at where the last one saw the face.

use glam::{DVec2, DVec3};

use super::found::Unavailable;
use super::models::Network;
use super::picture::{Around, Part, ReducedPhoto, turned};

/// Passes over a face; more would change nothing.
const PASSES: usize = 3;
/// Outer corners of the subject's right and left eye.
pub(super) const CORNERS: [usize; 2] = [33, 263];

/// The points of a face.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    /// x and y in px of the photo; z in px away from the camera, along the face's own depth.
    points: Vec<DVec3>,
    /// The network's confidence that this is a face, 0 to 1. It is also high for profiles whose points it gets wrong.
    pub(super) flag: f32,
}

impl Mesh {
    /// Finds the points of the face within a part of the photo.
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

    /// The place of a point, px.
    pub(super) fn at(&self, index: usize) -> DVec2 {
        self.points[index].truncate()
    }

    /// The places of all points, px.
    pub(super) fn all(&self) -> impl Iterator<Item = DVec2> {
        self.points.iter().map(|point| point.truncate())
    }

    /// Angle of the line through the outer corners of the eyes.
    pub(super) fn roll(&self) -> f64 {
        let across = self.at(CORNERS[1]) - self.at(CORNERS[0]);
        libm::atan2(across.y, across.x)
    }

    /// Distance between the outer corners of the eyes including their difference in depth, px.
    pub(super) fn corners_apart(&self) -> f64 {
        self.points[CORNERS[0]].distance(self.points[CORNERS[1]])
    }

    /// Angle by which the camera stands to the subject's left, radians.
    pub(super) fn yaw(&self) -> f64 {
        let across = self.points[CORNERS[1]] - self.points[CORNERS[0]];
        libm::atan2(-across.z, across.truncate().length())
    }

    /// The square around all points, aligned with the eyes, with a margin of a quarter of its content on each side.
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
