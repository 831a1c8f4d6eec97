//! The unknowns of a fit: the cranium's shape, the face's size and position, the landmarks, and a pose for each view.

use glam::{DMat3, DVec2, DVec3};

use crate::head::camera::Camera;
use crate::head::harmonics::TERMS;
use crate::head::landmarks::{self, Landmark};

// Layout of the parameter vector.
pub(super) const FACE_SCALE: usize = TERMS;
pub(super) const FACE_SHIFT: usize = FACE_SCALE + 1;
pub(super) const LANDMARKS: usize = FACE_SHIFT + 3;
pub(super) const VIEWS: usize = LANDMARKS + 3 * landmarks::ALL.len();
pub(super) const PER_VIEW: usize = 7;

/// Pose and lens of a view, as parametrised in the fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    pub(super) camera_from_head: DMat3,
    /// x and y of the head's origin divided by its distance.
    pub(super) slope: DVec2,
    pub(super) ln_distance: f64,
    pub(super) ln_focal: f64,
}

impl Pose {
    pub(super) fn camera(&self, principal_px: DVec2) -> Camera {
        let distance = libm::exp(self.ln_distance);
        Camera {
            camera_from_head: self.camera_from_head,
            head_origin_mm: DVec3::new(self.slope.x, self.slope.y, 1.0) * distance,
            focal_px: libm::exp(self.ln_focal),
            principal_px,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) series: [f64; TERMS],
    pub(super) face_scale: f64,
    pub(super) face_shift: DVec3,
    pub(super) landmarks: [DVec3; landmarks::ALL.len()],
    pub(super) poses: Vec<Pose>,
}

impl State {
    /// The average head seen from these poses.
    pub(super) fn average(poses: Vec<Pose>) -> Self {
        State {
            series: [0.0; TERMS],
            face_scale: 0.0,
            face_shift: DVec3::ZERO,
            landmarks: landmarks::ALL.map(Landmark::mean_mm),
            poses,
        }
    }

    /// Average position of a landmark on heads of this size, mm.
    pub(super) fn landmark_mean(&self, landmark: Landmark) -> DVec3 {
        // The vertex belongs to the cranium, not to the face.
        match landmark {
            Landmark::Vertex => landmark.mean_mm() * libm::exp(self.series[0]),
            _ => landmark.mean_mm() * libm::exp(self.face_scale) + self.face_shift,
        }
    }

    /// The state after a step of the solver.
    pub(super) fn moved(&self, step: &[f64]) -> Self {
        let mut s = self.clone();
        let triple = |at: usize| DVec3::new(step[at], step[at + 1], step[at + 2]);
        for (c, d) in s.series.iter_mut().zip(step) {
            *c += d;
        }
        s.face_scale += step[FACE_SCALE];
        s.face_shift += triple(FACE_SHIFT);
        for (i, p) in s.landmarks.iter_mut().enumerate() {
            *p += triple(LANDMARKS + 3 * i);
        }
        for (i, pose) in s.poses.iter_mut().enumerate() {
            let at = VIEWS + PER_VIEW * i;
            pose.camera_from_head = rotation(triple(at)) * pose.camera_from_head;
            pose.slope += DVec2::new(step[at + 3], step[at + 4]);
            pose.ln_distance += step[at + 5];
            pose.ln_focal += step[at + 6];
        }
        s
    }
}

/// Rotation by a vector (axis times angle).
pub(super) fn rotation(vector: DVec3) -> DMat3 {
    let angle = vector.length();
    if angle < 1e-12 {
        return DMat3::IDENTITY;
    }
    DMat3::from_axis_angle(vector / angle, angle)
}
