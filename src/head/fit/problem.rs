//! What a fit minimises: distances of points, and deviations from the average head, in standard deviations.

use glam::{DMat3, DVec2, DVec3};

use super::input::{CLICK_MM, FOUND_OUTLINE_MM, Scale, ViewInput};
use super::state::{FACE_SCALE, FACE_SHIFT, LANDMARKS, PER_VIEW, State, VIEWS};
use crate::ground::linear::Symmetric;
use crate::head::camera::Camera;
use crate::head::cranium_from_series;
use crate::head::harmonics::{self, TERMS};
use crate::head::landmarks::{self, Landmark, Sighting};
use crate::head::surface::Surface;

/// Loss beyond this many standard deviations grows only with the logarithm (Cauchy).
pub(super) const ROBUST_AT: f64 = 2.5;
/// Distance of the camera, mm, and its relative standard deviation: 1.1 m, from an arm's length to across a room.
const DISTANCE_MM: f64 = 1100.0;
const DISTANCE_SPREAD: f64 = 0.5;
/// Standard deviation of the pose about that of the view's name, radians: pitch, yaw, roll.
const POSE_SPREAD: DVec3 = DVec3::new(0.35, 0.17, 0.12);
/// Average pupil distance and its standard deviation between adults, mm (Dodgson 2004).
const PUPILS_MM: (f64, f64) = (63.0, 3.5);
/// Standard error of a measured pupil distance, mm.
const MEASURED_PUPILS_MM: f64 = 0.5;
/// Visible iris diameter and its standard deviation, mm (Ruefer 2005).
const IRIS_MM: (f64, f64) = (11.7, 0.5);
/// Standard deviations of the face's size relative to the cranium's, and of its place below it, mm.
const FACE_SCALE_SPREAD: f64 = 0.03;
const FACE_SHIFT_MM: DVec3 = DVec3::new(1.0, 5.0, 4.0);

/// Standard deviation of a term of the cranium's shape by its degree, relative to the radius; assumed from the
/// variation of head measurements (breadth 4 %, length 4 %) and smooth decay. Left-right asymmetry has a quarter of it.
fn series_spread(index: usize) -> f64 {
    let (degree, order) = harmonics::degree_and_order(index);
    let spread = [0.05, 0.025, 0.025, 0.012, 0.005, 0.002][degree.min(5)];
    if order < 0 { spread * 0.25 } else { spread }
}

/// Rotation vector: axis times angle.
fn rotation_vector(r: DMat3) -> DVec3 {
    let axis = DVec3::new(r.y_axis.z - r.z_axis.y, r.z_axis.x - r.x_axis.z, r.x_axis.y - r.y_axis.x);
    let sine = 0.5 * axis.length();
    let cosine = 0.5 * (r.x_axis.x + r.y_axis.y + r.z_axis.z - 1.0);
    axis.normalize_or_zero() * libm::atan2(sine, cosine)
}

/// One residual in standard deviations, with its derivatives with respect to the parameters.
pub(super) struct Row {
    pub(super) value: f64,
    pub(super) slopes: Vec<(usize, f64)>,
}

/// Residuals that share one robust weight.
pub(super) struct Group {
    pub(super) rows: Vec<Row>,
    pub(super) observed: bool,
}

pub(super) struct Problem<'a> {
    pub(super) views: &'a [ViewInput],
    pub(super) scale: &'a Scale,
    pub(super) nominal: Vec<DMat3>,
    pub(super) ln_focal: Vec<(f64, f64)>,
    pub(super) click_px: Vec<f64>,
    pub(super) robust_at: f64,
}

impl Problem<'_> {
    fn size(&self) -> usize {
        VIEWS + PER_VIEW * self.views.len()
    }

    pub(super) fn principal(&self, view: usize) -> DVec2 {
        DVec2::new(f64::from(self.views[view].width_px), f64::from(self.views[view].height_px)) * 0.5
    }

    pub(super) fn groups(&self, state: &State) -> Vec<Group> {
        let mut groups = Vec::new();
        self.prior_rows(state, &mut groups);
        for (i, view) in self.views.iter().enumerate() {
            let camera = state.poses[i].camera(self.principal(i));
            for sighting in view.sightings() {
                groups.push(self.landmark_rows(state, i, &camera, sighting));
            }
            let cranium = cranium_from_series(state.series);
            let scalp = view.outline().map(|(pixel, spread_mm)| (pixel, spread_mm, false));
            for (pixel, spread_mm, hair) in scalp.chain(view.hair().map(|pixel| (pixel, FOUND_OUTLINE_MM, true))) {
                let row = self.outline_row(&cranium, i, &camera, pixel, spread_mm);
                // Only a line of sight through the scalp contradicts hair; one past it is expected.
                if let Some(row) = row.filter(|row| !hair || row.value < 0.0) {
                    groups.push(Group { rows: vec![row], observed: true });
                }
            }
        }
        groups
    }

    fn prior_rows(&self, state: &State, groups: &mut Vec<Group>) {
        let mut prior = |value: f64, slopes: Vec<(usize, f64)>| {
            groups.push(Group { rows: vec![Row { value, slopes }], observed: false });
        };
        for (k, &c) in state.series.iter().enumerate() {
            prior(c / series_spread(k), vec![(k, 1.0 / series_spread(k))]);
        }
        // Large heads have large faces: the sizes vary together, so that a measured scale changes both.
        prior(
            (state.face_scale - state.series[0]) / FACE_SCALE_SPREAD,
            vec![(FACE_SCALE, 1.0 / FACE_SCALE_SPREAD), (0, -1.0 / FACE_SCALE_SPREAD)],
        );
        for axis in 0..3 {
            let sd = FACE_SHIFT_MM[axis];
            prior(state.face_shift[axis] / sd, vec![(FACE_SHIFT + axis, 1.0 / sd)]);
        }
        let cranium = cranium_from_series(state.series);
        let size = libm::exp(state.face_scale);
        for landmark in landmarks::ALL {
            let i = landmark.index();
            let mirror = landmark.mirrored();
            // The vertex belongs to the cranium, not to the face.
            let on_face = landmark != Landmark::Vertex;
            let (size, shift) =
                if on_face { (size, state.face_shift) } else { (libm::exp(state.series[0]), DVec3::ZERO) };
            let mean = state.landmark_mean(landmark);
            let face_slopes = |axis: usize, sd: f64, slopes: &mut Vec<(usize, f64)>| {
                if on_face {
                    slopes.push((FACE_SCALE, -landmark.mean_mm()[axis] * size / sd));
                    slopes.push((FACE_SHIFT + axis, -1.0 / sd));
                } else {
                    slopes.push((0, -landmark.mean_mm()[axis] * size / sd));
                }
            };
            for axis in 0..3 {
                let at = LANDMARKS + 3 * i + axis;
                let sd = landmark.spread_mm()[axis];
                if mirror == landmark {
                    let mut slopes = vec![(at, 1.0 / sd)];
                    face_slopes(axis, sd, &mut slopes);
                    prior((state.landmarks[i][axis] - mean[axis]) / sd, slopes);
                } else if i < mirror.index() {
                    // A pair: the mean of both sides varies between people, their difference much less.
                    let other = LANDMARKS + 3 * mirror.index() + axis;
                    let sign = if axis == 0 { -1.0 } else { 1.0 };
                    let (here, there) = (state.landmarks[i][axis], sign * state.landmarks[mirror.index()][axis]);
                    let mut slopes = vec![(at, 0.5 / sd), (other, 0.5 * sign / sd)];
                    // Along x, the shift moves both sides the same way and leaves the mirrored mean unchanged.
                    let shift = if axis == 0 { 0.0 } else { shift[axis] };
                    let paired_mean = landmark.mean_mm()[axis] * size + shift;
                    slopes.push((FACE_SCALE, -landmark.mean_mm()[axis] * size / sd));
                    if axis != 0 {
                        slopes.push((FACE_SHIFT + axis, -1.0 / sd));
                    }
                    prior((0.5 * (here + there) - paired_mean) / sd, slopes);
                    let sd = landmark.asymmetry_mm();
                    let tilt = if axis == 0 { state.face_shift.x } else { 0.0 };
                    let mut slopes = vec![(at, 0.5 / sd), (other, -0.5 * sign / sd)];
                    if axis == 0 {
                        slopes.push((FACE_SHIFT, -1.0 / sd));
                    }
                    prior((0.5 * (here - there) - tilt) / sd, slopes);
                }
            }
            if let Some(sd) = landmark.on_cranium_mm() {
                let point = state.landmarks[i];
                let (height, gradient) = cranium.height_and_gradient(point);
                let mut slopes: Vec<(usize, f64)> =
                    (0..3).map(|axis| (LANDMARKS + 3 * i + axis, gradient[axis] / sd)).collect();
                push_shape_slopes(&cranium, point, 1.0 / sd, &mut slopes);
                prior(height / sd, slopes);
            }
        }
        self.scale_rows(state, &mut prior);
        for (i, pose) in state.poses.iter().enumerate() {
            let at = VIEWS + PER_VIEW * i;
            let turn = rotation_vector(pose.camera_from_head * self.nominal[i].transpose());
            for axis in 0..3 {
                let sd = POSE_SPREAD[axis];
                // Composing with a rotation already made: the inverse left Jacobian of the rotation group, to first
                // order.
                let (next, last) = ((axis + 1) % 3, (axis + 2) % 3);
                prior(
                    turn[axis] / sd,
                    vec![
                        (at + axis, 1.0 / sd),
                        (at + next, 0.5 * turn[last] / sd),
                        (at + last, -0.5 * turn[next] / sd),
                    ],
                );
            }
            prior((pose.ln_distance - libm::log(DISTANCE_MM)) / DISTANCE_SPREAD, vec![(at + 5, 1.0 / DISTANCE_SPREAD)]);
            let (mean, sd) = self.ln_focal[i];
            prior((pose.ln_focal - mean) / sd, vec![(at + 6, 1.0 / sd)]);
        }
    }

    fn scale_rows(&self, state: &State, prior: &mut impl FnMut(f64, Vec<(usize, f64)>)) {
        let (right, left) = (Landmark::PupilRight.index(), Landmark::PupilLeft.index());
        let apart = state.landmarks[left] - state.landmarks[right];
        let distance = apart.length().max(1.0);
        let (mean, sd) = match self.scale {
            Scale::MeasuredPupils { distance_mm } => (*distance_mm, MEASURED_PUPILS_MM),
            _ => PUPILS_MM,
        };
        let slopes = (0..3)
            .flat_map(|axis| {
                let s = apart[axis] / distance / sd;
                [(LANDMARKS + 3 * left + axis, s), (LANDMARKS + 3 * right + axis, -s)]
            })
            .collect();
        prior((distance - mean) / sd, slopes);

        let (view, [a, b], mean, sd) = match self.scale {
            Scale::Iris { view, edge_px } => (view, *edge_px, IRIS_MM.0, IRIS_MM.1),
            Scale::Ruler { view, ends_px, length_mm } => (view, *ends_px, *length_mm, 0.5),
            _ => return,
        };
        let Some(i) = self.views.iter().position(|v| v.name == *view) else { return };
        let camera = state.poses[i].camera(self.principal(i));
        let middle = 0.5 * (a + b);
        // A ruler lies on the skin where the ray through its middle meets the head, or else at the depth of the
        // glabella.
        let at = match self.scale {
            Scale::Ruler { .. } => cranium_from_series(state.series)
                .hit(camera.position(), camera.ray(middle))
                .map_or(state.landmarks[Landmark::Glabella.index()], |(_, p)| p.position),
            _ => 0.5 * (state.landmarks[left] + state.landmarks[right]),
        };
        let at_camera = camera.camera_space(at);
        let mm_per_px = camera.mm_per_px(at);
        let length = a.distance(b) * mm_per_px;
        // Both ends are clicked to within about a pixel.
        let sd = (sd * sd + 2.0 * mm_per_px * mm_per_px).sqrt();
        let pose = VIEWS + PER_VIEW * i;
        let mut slopes = vec![(pose + 5, length / sd), (pose + 6, -length / sd)];
        if matches!(self.scale, Scale::Iris { .. }) {
            // The iris has the depth of the pupils.
            let by_depth = 0.5 * a.distance(b) / camera.focal_px / sd;
            let depth_axis = camera.camera_from_head.transpose() * DVec3::Z;
            for axis in 0..3 {
                slopes.push((LANDMARKS + 3 * left + axis, by_depth * depth_axis[axis]));
                slopes.push((LANDMARKS + 3 * right + axis, by_depth * depth_axis[axis]));
            }
            let turned = (at_camera - camera.head_origin_mm).cross(DVec3::Z) * (2.0 * by_depth);
            for axis in 0..3 {
                slopes.push((pose + axis, turned[axis]));
            }
            // The origin's depth scales by itself, not by the pupils' depth.
            slopes[0].1 = 2.0 * by_depth * camera.head_origin_mm.z;
        }
        prior((length - mean) / sd, slopes);
    }

    pub(super) fn landmark_rows(&self, state: &State, view: usize, camera: &Camera, sighting: Sighting) -> Group {
        let Sighting { landmark, px: pixel, spread_mm } = sighting;
        let point = state.landmarks[landmark.index()];
        let p = camera.camera_space(point);
        let depth = p.z.max(1.0);
        let k = camera.focal_px / depth;
        let here = camera.principal_px + DVec2::new(p.x, p.y) * k;
        let turned = p - camera.head_origin_mm;
        let distance = camera.head_origin_mm.z;
        let at = VIEWS + PER_VIEW * view;
        let sd = self.click_px[view] * (spread_mm / CLICK_MM);
        let rows = (0..2)
            .map(|axis| {
                // Derivative of the pixel with respect to the point in camera space.
                let by_point =
                    if axis == 0 { DVec3::new(k, 0.0, -k * p.x / depth) } else { DVec3::new(0.0, k, -k * p.y / depth) };
                let in_head = camera.camera_from_head.transpose() * by_point;
                let turn = turned.cross(by_point);
                let mut slopes = Vec::with_capacity(10);
                for c in 0..3 {
                    slopes.push((LANDMARKS + 3 * landmark.index() + c, in_head[c] / sd));
                    slopes.push((at + c, turn[c] / sd));
                }
                slopes.push((at + 3, by_point.x * distance / sd));
                slopes.push((at + 4, by_point.y * distance / sd));
                slopes.push((at + 5, by_point.dot(camera.head_origin_mm) / sd));
                slopes.push((at + 6, (here - camera.principal_px)[axis] / sd));
                Row { value: (here - pixel)[axis] / sd, slopes }
            })
            .collect();
        Group { rows, observed: true }
    }

    fn outline_row(
        &self,
        cranium: &Surface,
        view: usize,
        camera: &Camera,
        pixel: DVec2,
        spread_mm: f64,
    ) -> Option<Row> {
        let origin = camera.position();
        let ray = camera.ray(pixel);
        let (t, height) = cranium.closest_approach(origin, ray)?;
        let point = origin + ray * t;
        let in_camera = camera.camera_space(point);
        // Standard deviations per millimetre; an outline lies at about the depth of the head's origin.
        let k = camera.focal_px / camera.head_origin_mm.z / self.click_px[view] * (CLICK_MM / spread_mm);
        let (_, gradient) = cranium.height_and_gradient(point);
        let across = camera.camera_from_head * gradient;
        let at = VIEWS + PER_VIEW * view;
        let mut slopes = Vec::with_capacity(TERMS + PER_VIEW);
        push_shape_slopes(cranium, point, k, &mut slopes);
        // The head moves under a fixed ray: point = R^T (q - t). Moving along the ray changes nothing, since the height
        // is least there.
        let turn = -(in_camera - camera.head_origin_mm).cross(across);
        for c in 0..3 {
            slopes.push((at + c, turn[c] * k));
        }
        let distance = camera.head_origin_mm.z;
        slopes.push((at + 3, -across.x * distance * k));
        slopes.push((at + 4, -across.y * distance * k));
        slopes.push((at + 5, -(across.dot(camera.head_origin_mm) + height) * k));
        slopes.push((at + 6, (height - across.x * in_camera.x - across.y * in_camera.y) * k));
        Some(Row { value: height * k, slopes })
    }

    fn loss(&self, groups: &[Group]) -> f64 {
        groups
            .iter()
            .map(|g| {
                let s: f64 = g.rows.iter().map(|r| r.value * r.value).sum();
                if g.observed {
                    self.robust_at * self.robust_at * libm::log1p(s / (self.robust_at * self.robust_at))
                } else {
                    s
                }
            })
            .sum()
    }

    pub(super) fn normal_equations(&self, groups: &[Group]) -> (Symmetric, Vec<f64>) {
        let mut matrix = Symmetric::zeros(self.size());
        let mut right = vec![0.0; self.size()];
        for g in groups {
            let s: f64 = g.rows.iter().map(|r| r.value * r.value).sum();
            let weight = if g.observed { 1.0 / (1.0 + s / (self.robust_at * self.robust_at)) } else { 1.0 };
            for row in &g.rows {
                matrix.add_outer(&row.slopes, weight);
                for &(k, d) in &row.slopes {
                    right[k] -= weight * d * row.value;
                }
            }
        }
        (matrix, right)
    }

    /// Levenberg-Marquardt from `state`; returns the solution and its loss.
    pub(super) fn solve(&self, mut state: State, rounds: usize) -> (State, f64) {
        let mut groups = self.groups(&state);
        let mut loss = self.loss(&groups);
        let mut damping = 1e-3;
        for _ in 0..rounds {
            let (matrix, right) = self.normal_equations(&groups);
            let mut improved = false;
            while damping < 1e9 {
                let mut damped = matrix.clone();
                for i in 0..self.size() {
                    damped.add_diagonal(i, damping * matrix.diagonal(i) + 1e-12);
                }
                let Some(factor) = damped.cholesky() else {
                    damping *= 10.0;
                    continue;
                };
                let trial = state.moved(&factor.solve(&right));
                let trial_groups = self.groups(&trial);
                let trial_loss = self.loss(&trial_groups);
                if trial_loss.is_finite() && trial_loss < loss {
                    let gain = loss - trial_loss;
                    (state, groups, loss) = (trial, trial_groups, trial_loss);
                    damping = (damping * 0.2).max(1e-9);
                    improved = gain > 1e-9 * loss.max(1.0);
                    break;
                }
                damping *= 5.0;
            }
            if !improved {
                break;
            }
        }
        (state, loss)
    }
}

/// Adds the derivatives of a height above the cranium at `point` with respect to the shape's coefficients.
fn push_shape_slopes(cranium: &Surface, point: DVec3, factor: f64, slopes: &mut Vec<(usize, f64)>) {
    let unit = (point - cranium.centre).normalize_or(DVec3::Y);
    let radius = cranium.radius(unit);
    for (k, value) in harmonics::values(unit).into_iter().enumerate() {
        slopes.push((k, -radius * value * factor));
    }
}

#[cfg(test)]
mod tests {
    use super::super::input::FoundPoints;
    use super::super::start::{FRAME_DIAGONAL_MM, orbit, rough_pose};
    use super::*;
    use crate::head::Head;

    /// A view of `head` from a camera, with exact points.
    fn seen(name: &str, head: &Head, camera: &Camera, outline_directions: usize) -> ViewInput {
        let landmarks =
            landmarks::ALL.into_iter().filter_map(|l| Some((l, camera.image_from_head(head.landmark(l))?))).collect();
        let middle = camera.image_from_head(DVec3::ZERO).unwrap();
        let outline = (0..outline_directions)
            .map(|i| {
                let (s, c) = libm::sincos(std::f64::consts::PI * (1.0 + (i as f64 + 0.5) / outline_directions as f64));
                let (mut inside, mut outside) = (0.0, 2000.0);
                for _ in 0..60 {
                    let r = 0.5 * (inside + outside);
                    let ray = camera.ray(middle + DVec2::new(c, s) * r);
                    if head.cranium.hit(camera.position(), ray).is_some() { inside = r } else { outside = r }
                }
                middle + DVec2::new(c, s) * inside
            })
            .collect();
        ViewInput {
            name: name.into(),
            width_px: 2400,
            height_px: 3200,
            focal_length_35mm: Some(70.0),
            landmarks,
            outline,
            found: FoundPoints::default(),
        }
    }

    fn camera_at(azimuth: f64, elevation: f64) -> Camera {
        Camera {
            camera_from_head: orbit(azimuth, elevation),
            head_origin_mm: DVec3::new(5.0, -20.0, 950.0),
            focal_px: 70.0 / FRAME_DIAGONAL_MM * 4000.0,
            principal_px: DVec2::new(1200.0, 1600.0),
        }
    }

    fn unusual_head() -> Head {
        let mut series = [0.0; TERMS];
        series[0] = 0.02;
        series[6] = -0.02;
        series[8] = 0.015;
        series[12] = 0.008;
        let places = landmarks::ALL.map(|l| l.mean_mm() * DVec3::new(0.98, 1.03, 1.02));
        let mut head = Head::new(cranium_from_series(series), places);
        for l in [Landmark::Glabella, Landmark::Vertex] {
            let mut places = landmarks::ALL.map(|k| head.landmark(k));
            places[l.index()] = head.cranium.nearest(head.landmark(l)).position;
            head = Head::new(head.cranium.clone(), places);
        }
        head
    }

    #[test]
    fn derivatives_agree_with_finite_differences() {
        let head = unusual_head();
        let view = seen("front", &head, &camera_at(10.0, 8.0), 9);
        let (pose, mm_per_px) = rough_pose(&view, orbit(0.0, 5.0), libm::log(6471.0)).unwrap();
        for scale in [
            Scale::AveragePupils,
            Scale::Iris { view: "front".into(), edge_px: [DVec2::new(900.0, 1700.0), DVec2::new(990.0, 1702.0)] },
        ] {
            let problem = Problem {
                views: std::slice::from_ref(&view),
                scale: &scale,
                nominal: vec![pose.camera_from_head],
                ln_focal: vec![(libm::log(6471.0), 0.02)],
                click_px: vec![1.0 / mm_per_px],
                robust_at: 2.5,
            };
            let mut state = State::average(vec![pose]);
            let nudge: Vec<f64> =
                (0..problem.size()).map(|k| if k < TERMS { 1e-3 } else { 4e-3 } * ((k % 7) as f64 - 3.0)).collect();
            state = state.moved(&nudge);
            let rows = |state: &State| -> Vec<Row> { problem.groups(state).into_iter().flat_map(|g| g.rows).collect() };
            let analytic = rows(&state);
            for k in 0..problem.size() {
                let h = 1e-5;
                let mut step = vec![0.0; problem.size()];
                step[k] = h;
                let plus = rows(&state.moved(&step));
                step[k] = -h;
                let minus = rows(&state.moved(&step));
                for (i, row) in analytic.iter().enumerate() {
                    let numeric = (plus[i].value - minus[i].value) / (2.0 * h);
                    let exact: f64 = row.slopes.iter().filter(|s| s.0 == k).map(|s| s.1).sum();
                    // The row linearises a rotation's logarithm: two per cent.
                    let tolerance = 1e-3 + 0.02 * numeric.abs();
                    assert!((numeric - exact).abs() < tolerance, "row {i} parameter {k}: {numeric} {exact}");
                }
            }
        }
    }
}
