//! The client's head: its shape, and the cameras that look at it.

pub mod camera;
pub mod chart;
pub mod fit;
pub mod harmonics;
pub mod landmarks;
pub mod path;
pub mod placement;
pub(crate) mod silhouette;
pub(crate) mod skin_map;
pub mod standard_view;
pub mod surface;
mod thirds;

use glam::{DVec2, DVec3};
use serde::{Deserialize, Serialize};

use camera::Camera;
use chart::Chart;
use harmonics::TERMS;
use landmarks::Landmark;
use path::{Tape, coarse_length_mm, tape, walk};
use surface::{SemiAxes, Surface, SurfacePoint};
pub use thirds::EqualThirds;

/// Average cranium, mm: breadth 154, length 200 (ANSUR II, men); the rest is assumed.
const AVERAGE_CRANIUM: SemiAxes = SemiAxes { side: 77.0, up: 75.0, down: 130.0, front: 98.5, back: 101.0 };

/// The average cranium, modified by these coefficients.
#[must_use]
pub fn cranium_from_series(series: [f64; TERMS]) -> Surface {
    Surface { centre: DVec3::ZERO, axes: AVERAGE_CRANIUM, series }
}

/// An outer ear, as an ellipsoid that hides skin behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ear {
    /// Middle, mm, head space.
    pub centre: DVec3,
    /// Semi-axes along head space's axes, mm.
    pub semi_axes: DVec3,
}

impl Part {
    /// The chart of the part, centred near what is treated.
    #[must_use]
    pub fn chart(self) -> Chart {
        match self {
            // Twenty degrees behind the vertex, so that the map reaches from the brows to the nape.
            Self::Cranium => Chart::around(DVec3::new(0.0, 0.939_692_620_785_908_4, -0.342_020_143_325_668_7)),
            // Through the chin.
            Self::LowerFace => Chart::around(DVec3::new(0.0, -0.6, 0.8)),
        }
    }
}

impl Ear {
    /// True where the straight line from `point` to `eye` passes through the ear.
    fn hides(&self, point: DVec3, eye: DVec3) -> bool {
        // In coordinates that make the ear a unit sphere.
        let from = (point - self.centre) / self.semi_axes;
        let along = (eye - point) / self.semi_axes;
        let t = (-from.dot(along) / along.length_squared()).clamp(0.0, 1.0);
        (from + along * t).length_squared() < 1.0
    }
}

/// Which of the head's surfaces a point lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Forehead and scalp.
    #[default]
    Cranium,
    /// Cheeks, jaw, chin and lips.
    LowerFace,
}

/// The client's head in head space.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Forehead and scalp.
    pub cranium: Surface,
    /// Cheeks, jaw and chin: an ellipsoid through the menton, accurate to several millimetres only.
    pub lower_face: Surface,
    /// Outer ears, right and left.
    pub ears: [Ear; 2],
    landmarks: [DVec3; landmarks::ALL.len()],
}

impl Head {
    /// A head with this cranium and these landmarks (in the order of [`landmarks::ALL`], mm).
    #[must_use]
    pub fn new(cranium: Surface, landmarks: [DVec3; landmarks::ALL.len()]) -> Self {
        let at = |l: Landmark| landmarks[l.index()];
        let ear = |tragus: DVec3, side: f64| Ear {
            // The auricle reaches about 12 mm in front of its middle and 28 mm behind it, 32 mm up and down, and stands
            // off by 20 mm (Sforza 2009: 62 x 37 mm); the tragus is at its front, a little below the middle.
            centre: tragus + DVec3::new(side * 8.0, 4.0, -16.0),
            semi_axes: DVec3::new(9.0, 33.0, 19.0),
        };
        let half_breadth = 0.5 * (at(Landmark::TragusLeft).x - at(Landmark::TragusRight).x);
        let menton = at(Landmark::Menton);
        // The centre is behind the mouth; the front passes the lips some 12 mm behind the tip of the nose.
        let centre = DVec3::new(menton.x, 0.5 * (at(Landmark::Nasion).y + menton.y), 30.0);
        let front = (at(Landmark::NoseTip).z - 13.0 - centre.z).max(40.0);
        let forward = ((menton.z - 6.0 - centre.z) / front).clamp(0.0, 0.95);
        let down = (centre.y - menton.y).max(20.0) / (1.0 - forward * forward).sqrt();
        let lower_face = Surface::ellipsoid(
            centre,
            SemiAxes { side: (half_breadth - 6.0).max(30.0), up: down, down, front, back: 60.0 },
        );
        Self {
            cranium,
            lower_face,
            ears: [ear(at(Landmark::TragusRight), -1.0), ear(at(Landmark::TragusLeft), 1.0)],
            landmarks,
        }
    }

    /// The average adult head.
    #[must_use]
    pub fn average() -> Self {
        Self::new(cranium_from_series([0.0; TERMS]), landmarks::ALL.map(Landmark::mean_mm))
    }

    /// Position of a landmark, mm; not necessarily on a surface.
    #[must_use]
    pub fn landmark(&self, landmark: Landmark) -> DVec3 {
        self.landmarks[landmark.index()]
    }

    /// The surface of a part.
    #[must_use]
    pub fn surface(&self, part: Part) -> &Surface {
        match part {
            Part::Cranium => &self.cranium,
            Part::LowerFace => &self.lower_face,
        }
    }

    /// x of the plane of symmetry between right and left, mm.
    #[must_use]
    pub fn midline_mm(&self) -> f64 {
        0.5 * (self.landmark(Landmark::Glabella).x + self.landmark(Landmark::Nasion).x)
    }

    /// The glabella on the skin of the cranium, from which hairline heights are measured.
    #[must_use]
    pub fn glabella(&self) -> SurfacePoint {
        self.cranium.nearest(self.landmark(Landmark::Glabella))
    }

    /// The point on the midline `height_mm` above the glabella along the skin.
    #[must_use]
    pub fn above_glabella(&self, height_mm: f64) -> SurfacePoint {
        let start = self.glabella();
        walk(&self.cranium, start.position, DVec3::Y, height_mm).last().copied().unwrap_or(start)
    }

    /// Length along the skin between two points of one part.
    #[must_use]
    pub fn tape(&self, part: Part, from: DVec3, to: DVec3) -> Tape {
        tape(self.surface(part), from, to)
    }

    /// The same in coarse steps, mm: to see how it changes with the head.
    #[must_use]
    pub(crate) fn coarse_length_mm(&self, part: Part, from: DVec3, to: DVec3) -> f64 {
        coarse_length_mm(self.surface(part), from, to)
    }

    /// Where the ray through a pixel first meets the head.
    #[must_use]
    pub fn head_from_image(&self, camera: &Camera, pixel: DVec2) -> Option<(Part, SurfacePoint)> {
        let (origin, ray) = (camera.position(), camera.ray(pixel));
        let hit = |part| self.surface(part).hit(origin, ray).map(|(t, p)| (t, part, p));
        let nearest = match (hit(Part::Cranium), hit(Part::LowerFace)) {
            (Some(a), Some(b)) => Some(if a.0 <= b.0 { a } else { b }),
            (a, b) => a.or(b),
        };
        nearest.map(|(_, part, point)| (part, point))
    }

    /// True where skin at `point` faces the camera and no ear hides it.
    ///
    /// A cranium is so nearly convex that it does not hide skin that faces the camera.
    #[must_use]
    pub fn visible(&self, camera: &Camera, point: &SurfacePoint) -> bool {
        let eye = camera.position();
        let towards = eye - point.position;
        towards.dot(point.normal) > 0.02 * towards.length()
            && !self.ears.iter().any(|ear| ear.hides(point.position, eye))
    }
}
