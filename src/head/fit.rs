//! Head shape and cameras from clicked points: one maximum a posteriori fit of all views together.
//!
//! Unknown are the cranium's shape, the place of each landmark on this head, and each view's pose and focal length.
//! Everything has a prior (mean and spread), so two landmarks already give a usable head and every further point
//! makes it better. Observations are clicked landmarks (pixel distance) and outline points (the distance at which
//! the ray passes the cranium). Their loss is Cauchy's, so that one badly misplaced point is set aside.
//!
//! Solved by Levenberg-Marquardt with reweighting; derivatives are analytic. The inverse of the normal matrix at the
//! solution is the posterior covariance (Laplace), from which [`Fit::deviation_of`] gives the error of any length.
//!
//! Cost: about 1 ms an iteration for five views; 20 to 60 iterations.

use glam::{DMat3, DVec2, DVec3};

use super::camera::Camera;
use super::harmonics::{self, TERMS};
use super::landmarks::{self, Landmark};
use super::{Head, cranium_from_series};
use crate::ground::linear::{Cholesky, Symmetric};

/// What is known of one photo before the fit.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewInput {
    /// Name of the view: front, left-oblique, right-oblique, left, right, top, back, or the user's.
    pub name: String,
    /// Width of the upright photo, px.
    pub width_px: u32,
    /// Height of the upright photo, px.
    pub height_px: u32,
    /// 35 mm equivalent focal length from the camera, by the diagonal, mm.
    pub focal_length_35mm: Option<f64>,
    /// Clicked landmarks, px.
    pub landmarks: Vec<(Landmark, DVec2)>,
    /// Points where bare or shaved scalp meets the background, px.
    pub outline: Vec<DVec2>,
}

/// Where millimetres come from, in rising order of trust.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Scale {
    /// The average adult pupil distance, 63 +- 3.5 mm.
    #[default]
    AveragePupils,
    /// The iris, 11.7 +- 0.5 mm across: two opposite points of its edge in a view.
    Iris {
        /// View that shows it.
        view: String,
        /// Opposite points of its edge, px.
        edge_px: [DVec2; 2],
    },
    /// The client's measured pupil distance.
    MeasuredPupils {
        /// Distance, mm.
        distance_mm: f64,
    },
    /// A ruler or sticker on the skin.
    Ruler {
        /// View that shows it.
        view: String,
        /// Its ends, px.
        ends_px: [DVec2; 2],
        /// Its length, mm.
        length_mm: f64,
    },
}

impl Scale {
    /// The source in the user's words.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::AveragePupils => "average pupil distance (63 mm)",
            Self::Iris { .. } => "iris (11.7 mm)",
            Self::MeasuredPupils { .. } => "measured pupil distance",
            Self::Ruler { .. } => "ruler in the photo",
        }
    }
}

/// Why no head could be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FitError {
    #[error("there is no photo to fit a head to")]
    NoViews,
    #[error("view '{view}' has too few points: give at least the two pupils, or two landmarks, or five outline points")]
    TooFewPoints { view: String },
    #[error("no view shows a landmark of the face: give at least the two pupils in one of them")]
    NoFace,
    #[error("view '{view}': {first} and {second} are at the same place; move one of them")]
    Coincident { view: String, first: &'static str, second: &'static str },
    #[error("view '{view}': {point} lies far outside the photo ({x:.0}, {y:.0})")]
    OutsidePhoto { view: String, point: String, x: f64, y: f64 },
    #[error("view '{view}': {point} is given twice")]
    Twice { view: String, point: &'static str },
    #[error("the scale names view '{view}', which is not among the photos")]
    UnknownScaleView { view: String },
    #[error("the scale's length must be more than zero and less than a metre, and its two points apart")]
    BadScale,
    #[error(
        "the points of view '{view}' do not look like a head (off by {off_mm:.0} mm); check which photo and which points they are"
    )]
    NotAHead { view: String, off_mm: f64 },
}

/// Standard deviation of a click, mm on the head.
const CLICK_MM: f64 = 1.0;
/// Loss beyond this many standard deviations grows only with the logarithm (Cauchy).
const ROBUST_AT: f64 = 2.5;
/// 35 mm equivalent assumed where the photo does not say: between a phone and a portrait lens.
const DEFAULT_FOCAL_35MM: f64 = 50.0;
/// Diagonal of the 35 mm frame, mm (36 x 24).
const FRAME_DIAGONAL_MM: f64 = 43.266_615_305_567_87;
/// Relative spread of an EXIF focal length (lens breathing, digital correction of distortion).
const FOCAL_SPREAD_EXIF: f64 = 0.02;
/// Relative spread of the default.
const FOCAL_SPREAD_DEFAULT: f64 = 0.30;
/// Distance of the camera, mm, and its relative spread: 1.1 m, from an arm's length to across a room.
const DISTANCE_MM: f64 = 1100.0;
const DISTANCE_SPREAD: f64 = 0.5;
/// Spread of the pose around the view's name, radians: pitch, yaw, roll.
const POSE_SPREAD: DVec3 = DVec3::new(0.35, 0.17, 0.12);
/// Average pupil distance and its spread between adults, mm (Dodgson 2004).
const PUPILS_MM: (f64, f64) = (63.0, 3.5);
/// Error of a measured pupil distance, mm.
const MEASURED_PUPILS_MM: f64 = 0.5;
/// Visible iris diameter and its spread, mm (Ruefer 2005).
const IRIS_MM: (f64, f64) = (11.7, 0.5);
/// Spread of the face's size against the cranium's, relative, and of its place under it, mm.
const FACE_SCALE_SPREAD: f64 = 0.03;
const FACE_SHIFT_MM: DVec3 = DVec3::new(1.0, 5.0, 4.0);

/// Spread of a term of the cranium's shape by its degree, relative to the radius; assumed from the variation of head
/// measures (breadth 4 %, length 4 %) and smooth decay. Left-right asymmetry is a quarter of it.
fn series_spread(index: usize) -> f64 {
    let (degree, order) = harmonics::degree_and_order(index);
    let spread = [0.05, 0.025, 0.025, 0.012, 0.005, 0.002][degree.min(5)];
    if order < 0 { spread * 0.25 } else { spread }
}

// Layout of the parameter vector.
const FACE_SCALE: usize = TERMS;
const FACE_SHIFT: usize = FACE_SCALE + 1;
const LANDMARKS: usize = FACE_SHIFT + 3;
const VIEWS: usize = LANDMARKS + 3 * landmarks::ALL.len();
const PER_VIEW: usize = 7;

/// Pose and lens of a view in the form that is solved for.
#[derive(Debug, Clone, Copy)]
struct Pose {
    camera_from_head: DMat3,
    /// Origin of the head divided by its distance, x and y.
    slope: DVec2,
    ln_distance: f64,
    ln_focal: f64,
}

impl Pose {
    fn camera(&self, principal_px: DVec2) -> Camera {
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
struct State {
    series: [f64; TERMS],
    face_scale: f64,
    face_shift: DVec3,
    landmarks: [DVec3; landmarks::ALL.len()],
    poses: Vec<Pose>,
}

impl State {
    fn moved(&self, step: &[f64]) -> Self {
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
fn rotation(vector: DVec3) -> DMat3 {
    let angle = vector.length();
    if angle < 1e-12 {
        return DMat3::IDENTITY;
    }
    DMat3::from_axis_angle(vector / angle, angle)
}

/// Axis times angle of a rotation.
fn rotation_vector(r: DMat3) -> DVec3 {
    let axis = DVec3::new(r.y_axis.z - r.z_axis.y, r.z_axis.x - r.x_axis.z, r.x_axis.y - r.y_axis.x);
    let sine = 0.5 * axis.length();
    let cosine = 0.5 * (r.x_axis.x + r.y_axis.y + r.z_axis.z - 1.0);
    axis.normalize_or_zero() * libm::atan2(sine, cosine)
}

/// Rotation of a camera that looks at the head from `azimuth` towards the subject's left and `elevation` above.
fn orbit(azimuth_deg: f64, elevation_deg: f64) -> DMat3 {
    let facing = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
    facing * DMat3::from_rotation_x(elevation_deg.to_radians()) * DMat3::from_rotation_y(-azimuth_deg.to_radians())
}

/// Where the camera of a view with this name may stand.
fn nominal_poses(name: &str) -> Vec<DMat3> {
    let known = match name {
        "front" => Some((0.0, 5.0)),
        "left-oblique" => Some((42.0, 5.0)),
        "right-oblique" => Some((-42.0, 5.0)),
        "left" => Some((90.0, 5.0)),
        "right" => Some((-90.0, 5.0)),
        "top" => Some((0.0, 60.0)),
        "back" => Some((180.0, 20.0)),
        _ => None,
    };
    match known {
        Some((azimuth, elevation)) => vec![orbit(azimuth, elevation)],
        None => [0.0, 42.0, -42.0, 90.0, -90.0, 180.0]
            .into_iter()
            .map(|azimuth| orbit(azimuth, 5.0))
            .chain([orbit(0.0, 60.0)])
            .collect(),
    }
}

/// One residual in standard deviations with its derivatives by the parameters.
struct Row {
    value: f64,
    slopes: Vec<(usize, f64)>,
}

/// Residuals that are trusted or doubted together.
struct Group {
    rows: Vec<Row>,
    observed: bool,
}

struct Problem<'a> {
    views: &'a [ViewInput],
    scale: &'a Scale,
    nominal: Vec<DMat3>,
    ln_focal: Vec<(f64, f64)>,
    click_px: Vec<f64>,
    robust_at: f64,
}

impl Problem<'_> {
    fn size(&self) -> usize {
        VIEWS + PER_VIEW * self.views.len()
    }

    fn principal(&self, view: usize) -> DVec2 {
        DVec2::new(f64::from(self.views[view].width_px), f64::from(self.views[view].height_px)) * 0.5
    }

    fn groups(&self, state: &State) -> Vec<Group> {
        let mut groups = Vec::new();
        self.prior_rows(state, &mut groups);
        for (i, view) in self.views.iter().enumerate() {
            let camera = state.poses[i].camera(self.principal(i));
            for &(landmark, pixel) in &view.landmarks {
                groups.push(self.landmark_rows(state, i, &camera, landmark, pixel));
            }
            let cranium = cranium_from_series(state.series);
            for &pixel in &view.outline {
                if let Some(row) = self.outline_row(&cranium, i, &camera, pixel) {
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
        // Large heads have large faces: the sizes vary together, so that a measured scale is followed by both.
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
            let mean = landmark.mean_mm() * size + shift;
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
                    // Across, the shift moves both sides the same way and leaves the mirrored mean alone.
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
                // Turning further from a turn already made: the inverse left Jacobian of the rotations, to first order.
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
        // A ruler lies on the skin where its middle's ray meets the head, or else in the plane of the glabella.
        let at = match self.scale {
            Scale::Ruler { .. } => cranium_from_series(state.series)
                .hit(camera.position(), camera.ray(middle))
                .map_or(state.landmarks[Landmark::Glabella.index()], |(_, p)| p.position),
            _ => 0.5 * (state.landmarks[left] + state.landmarks[right]),
        };
        let at_camera = camera.from_head(at);
        let mm_per_px = camera.mm_per_px(at);
        let length = a.distance(b) * mm_per_px;
        // Both ends are clicked to about a pixel.
        let sd = (sd * sd + 2.0 * mm_per_px * mm_per_px).sqrt();
        let pose = VIEWS + PER_VIEW * i;
        let mut slopes = vec![(pose + 5, length / sd), (pose + 6, -length / sd)];
        if matches!(self.scale, Scale::Iris { .. }) {
            // The iris is as deep as the pupils.
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
            // The origin's depth grows by itself, not by the pupils' depth.
            slopes[0].1 = 2.0 * by_depth * camera.head_origin_mm.z;
        }
        prior((length - mean) / sd, slopes);
    }

    fn landmark_rows(&self, state: &State, view: usize, camera: &Camera, landmark: Landmark, pixel: DVec2) -> Group {
        let point = state.landmarks[landmark.index()];
        let p = camera.from_head(point);
        let depth = p.z.max(1.0);
        let k = camera.focal_px / depth;
        let here = camera.principal_px + DVec2::new(p.x, p.y) * k;
        let turned = p - camera.head_origin_mm;
        let distance = camera.head_origin_mm.z;
        let at = VIEWS + PER_VIEW * view;
        let sd = self.click_px[view];
        let rows = (0..2)
            .map(|axis| {
                // Derivative of the pixel by the point in camera space.
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
        cranium: &super::surface::Surface,
        view: usize,
        camera: &Camera,
        pixel: DVec2,
    ) -> Option<Row> {
        let origin = camera.position();
        let ray = camera.ray(pixel);
        let (t, height) = cranium.closest_approach(origin, ray)?;
        let point = origin + ray * t;
        let in_camera = camera.from_head(point);
        // Millimetres in pixels, in standard deviations; an outline lies at about the depth of the head's origin.
        let k = camera.focal_px / camera.head_origin_mm.z / self.click_px[view];
        let (_, gradient) = cranium.height_and_gradient(point);
        let across = camera.camera_from_head * gradient;
        let at = VIEWS + PER_VIEW * view;
        let mut slopes = Vec::with_capacity(TERMS + PER_VIEW);
        push_shape_slopes(cranium, point, k, &mut slopes);
        // The head moves under a fixed ray: point = R^T (q - t), and moving along the ray changes nothing (the
        // height is least there).
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

    fn normal_equations(&self, groups: &[Group]) -> (Symmetric, Vec<f64>) {
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
    fn solve(&self, mut state: State, rounds: usize) -> (State, f64) {
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

/// Adds the derivatives of a height above the cranium at `point` by the shape's coefficients.
fn push_shape_slopes(cranium: &super::surface::Surface, point: DVec3, factor: f64, slopes: &mut Vec<(usize, f64)>) {
    let unit = (point - cranium.centre).normalize_or(DVec3::Y);
    let radius = cranium.radius(unit);
    for (k, value) in harmonics::values(unit).into_iter().enumerate() {
        slopes.push((k, -radius * value * factor));
    }
}

/// A fitted head with its cameras and how sure they are.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The head.
    pub head: Head,
    /// A camera per view, in the order given.
    pub cameras: Vec<Camera>,
    /// Median distance of a view's points from the fitted head, px.
    pub residual_px: Vec<f64>,
    state: State,
    principal_px: Vec<DVec2>,
    information: Option<Cholesky>,
}

impl Fit {
    /// Standard deviation of a quantity that follows from head and cameras, by its posterior covariance.
    ///
    /// `quantity` is called twice per parameter (some 150 times); `None` from it, as when a ray misses the head, counts as
    /// no change.
    pub fn deviation_of(&self, quantity: impl Fn(&Head, &[Camera]) -> Option<f64>) -> f64 {
        let Some(information) = &self.information else { return f64::INFINITY };
        let size = VIEWS + PER_VIEW * self.cameras.len();
        let mut gradient = vec![0.0; size];
        let mut step = vec![0.0; size];
        for (k, slope) in gradient.iter_mut().enumerate() {
            // A tenth of a millimetre or its like in radians and ratios.
            let h = if (FACE_SHIFT..VIEWS).contains(&k) { 0.1 } else { 1e-4 };
            let mut at = |h: f64| {
                step[k] = h;
                let state = self.state.moved(&step);
                step[k] = 0.0;
                let (head, cameras) = assemble(&state, &self.principal_px);
                quantity(&head, &cameras)
            };
            if let (Some(plus), Some(minus)) = (at(h), at(-h)) {
                *slope = (plus - minus) / (2.0 * h);
            }
        }
        information.solve_lower(&gradient).iter().map(|v| v * v).sum::<f64>().sqrt()
    }
}

fn assemble(state: &State, principal_px: &[DVec2]) -> (Head, Vec<Camera>) {
    let head = Head::new(cranium_from_series(state.series), state.landmarks);
    let cameras = state.poses.iter().zip(principal_px).map(|(pose, &c)| pose.camera(c)).collect();
    (head, cameras)
}

/// Fits one head to all views.
///
/// # Errors
/// [`FitError`] where the points are too few, contradictory beyond repair, or not those of a head.
pub fn fit(views: &[ViewInput], scale: &Scale) -> Result<Fit, FitError> {
    check(views, scale)?;
    let focal: Vec<(f64, f64)> = views
        .iter()
        .map(|v| {
            let diagonal = f64::from(v.width_px).hypot(f64::from(v.height_px));
            let (mm, sd) =
                v.focal_length_35mm.map_or((DEFAULT_FOCAL_35MM, FOCAL_SPREAD_DEFAULT), |f| (f, FOCAL_SPREAD_EXIF));
            (libm::log(mm / FRAME_DIAGONAL_MM * diagonal), sd)
        })
        .collect();

    // Each view alone on the average head first: it finds the pose of a view whose name says nothing.
    let mut nominal = Vec::new();
    let mut poses = Vec::new();
    let mut click_px = Vec::new();
    for (i, view) in views.iter().enumerate() {
        let mut best: Option<(f64, DMat3, Pose, f64)> = None;
        let starts = nominal_poses(&view.name).into_iter().flat_map(|turn| {
            // A head may be bowed: starts above and below, or the pose can settle on a turn instead of a nod.
            [0.0, 0.35, -0.35].map(|nod| (turn, DMat3::from_rotation_x(-nod) * turn))
        });
        for (turn, start) in starts {
            let Some((pose, mm_per_px)) = rough_pose(view, start, focal[i].0) else { continue };
            let problem = Problem {
                views: std::slice::from_ref(view),
                scale: &Scale::AveragePupils,
                nominal: vec![turn],
                ln_focal: vec![focal[i]],
                click_px: vec![(CLICK_MM / mm_per_px).max(1.0)],
                robust_at: 30.0,
            };
            let (state, loss) = problem.solve(average_state(vec![pose]), 25);
            if best.as_ref().is_none_or(|b| loss < b.0) {
                best = Some((loss, turn, state.poses[0], problem.click_px[0]));
            }
        }
        let Some((_, turn, pose, click)) = best else { return Err(FitError::TooFewPoints { view: view.name.clone() }) };
        nominal.push(turn);
        poses.push(pose);
        click_px.push(click);
    }

    let mut problem = Problem { views, scale, nominal, ln_focal: focal, click_px, robust_at: 30.0 };
    let mut state = average_state(poses);
    // The loss narrows step by step, so that a far start is not mistaken for a bad click.
    for robust_at in [30.0, 8.0, ROBUST_AT] {
        problem.robust_at = robust_at;
        (state, _) = problem.solve(state, 40);
    }
    let groups = problem.groups(&state);
    let (matrix, _) = problem.normal_equations(&groups);
    let principal_px: Vec<DVec2> = (0..views.len()).map(|i| problem.principal(i)).collect();
    let (head, cameras) = assemble(&state, &principal_px);
    let residual_px = residuals(views, &state, &head, &cameras);
    for (i, view) in views.iter().enumerate() {
        let off_mm = misfit_mm(view, &state, residual_px[i], &cameras[i]);
        // Beyond a centimetre and a half the picture would be meaningless.
        if off_mm.is_nan() || off_mm > 15.0 {
            return Err(FitError::NotAHead { view: view.name.clone(), off_mm });
        }
    }
    Ok(Fit { head, cameras, residual_px, state, principal_px, information: matrix.cholesky() })
}

/// How far a view's points are from those of a head, mm: for each landmark its distance in the photo and its distance on
/// this head from where heads of its size have it. The worst but a quarter counts: some clicks may be wrong, but points
/// strewn at random have a head through half of them.
fn misfit_mm(view: &ViewInput, state: &State, residual_px: f64, camera: &Camera) -> f64 {
    let size = libm::exp(state.face_scale);
    let mm_per_px = camera.mm_per_px(DVec3::ZERO);
    let mut off: Vec<f64> = view
        .landmarks
        .iter()
        .map(|&(l, p)| {
            let on_head = state.landmarks[l.index()];
            let residual_px = camera.image_from_head(on_head).map_or(f64::INFINITY, |q| q.distance(p));
            residual_px * mm_per_px + on_head.distance(l.mean_mm() * size + state.face_shift)
        })
        .collect();
    off.sort_by(f64::total_cmp);
    // Without landmarks the outline alone decides.
    let landmarks_mm = off.len().checked_sub(1 + off.len() / 4).map_or(0.0, |i| off[i]);
    landmarks_mm.max(residual_px * mm_per_px)
}

fn average_state(poses: Vec<Pose>) -> State {
    State {
        series: [0.0; TERMS],
        face_scale: 0.0,
        face_shift: DVec3::ZERO,
        landmarks: landmarks::ALL.map(Landmark::mean_mm),
        poses,
    }
}

/// A pose from the landmarks' centre and spread (weak perspective), or the outline's width, and its mm per px.
fn rough_pose(view: &ViewInput, camera_from_head: DMat3, ln_focal: f64) -> Option<(Pose, f64)> {
    let flat = |p: DVec3| DVec2::new((camera_from_head * p).x, (camera_from_head * p).y);
    let model: Vec<DVec2> = view.landmarks.iter().map(|(l, _)| flat(l.mean_mm())).collect();
    let pixels: Vec<DVec2> = view.landmarks.iter().map(|&(_, p)| p).collect();
    let mean = |points: &[DVec2]| points.iter().sum::<DVec2>() / points.len().max(1) as f64;
    let spread = |points: &[DVec2]| {
        let m = mean(points);
        (points.iter().map(|p| p.distance_squared(m)).sum::<f64>() / points.len().max(1) as f64).sqrt()
    };
    // An outline is about as wide as the cranium is from there.
    let cranium = cranium_from_series([0.0; TERMS]);
    let side = flat(DVec3::new(cranium.axes.side, 0.0, 0.0)).x.abs();
    let depth = flat(DVec3::new(0.0, 0.0, 0.5 * (cranium.axes.front + cranium.axes.back))).x.abs();
    let half_width_mm = side.hypot(depth);
    let (mut low, mut high) = (DVec2::splat(f64::INFINITY), DVec2::splat(f64::NEG_INFINITY));
    for &p in &view.outline {
        low = low.min(p);
        high = high.max(p);
    }
    let mm_per_px = if model.len() >= 2 && spread(&model) > 10.0 {
        spread(&model) / spread(&pixels).max(1e-6)
    } else if view.outline.len() >= 3 {
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
    // Landmarks of the face lie some 80 mm nearer than the origin; close enough for a start.
    let distance = (mm_per_px * focal).clamp(150.0, 20_000.0);
    Some((
        Pose { camera_from_head, slope: (origin - principal) / focal, ln_distance: libm::log(distance), ln_focal },
        mm_per_px,
    ))
}

fn residuals(views: &[ViewInput], state: &State, head: &Head, cameras: &[Camera]) -> Vec<f64> {
    views
        .iter()
        .zip(cameras)
        .map(|(view, camera)| {
            let mut off: Vec<f64> = view
                .landmarks
                .iter()
                .map(|(l, p)| {
                    camera.image_from_head(state.landmarks[l.index()]).map_or(f64::INFINITY, |q| q.distance(*p))
                })
                .collect();
            off.extend(view.outline.iter().map(|&p| {
                head.cranium
                    .closest_approach(camera.position(), camera.ray(p))
                    .map_or(f64::INFINITY, |(t, h)| h.abs() / camera.mm_per_px(camera.position() + camera.ray(p) * t))
            }));
            off.sort_by(f64::total_cmp);
            off.get(off.len() / 2).copied().unwrap_or(f64::INFINITY)
        })
        .collect()
}

fn check(views: &[ViewInput], scale: &Scale) -> Result<(), FitError> {
    if views.is_empty() {
        return Err(FitError::NoViews);
    }
    for view in views {
        let name = || view.name.clone();
        let (w, h) = (f64::from(view.width_px), f64::from(view.height_px));
        let points = view.landmarks.iter().map(|&(l, p)| (l.name().to_owned(), p));
        let outline = view.outline.iter().enumerate().map(|(i, &p)| (format!("outline point {}", i + 1), p));
        for (point, p) in points.chain(outline) {
            // A landmark may lie a little outside a tight crop.
            if !(p.x > -w && p.x < 2.0 * w && p.y > -h && p.y < 2.0 * h) {
                return Err(FitError::OutsidePhoto { view: name(), point, x: p.x, y: p.y });
            }
        }
        for (i, (a, p)) in view.landmarks.iter().enumerate() {
            for (b, q) in &view.landmarks[i + 1..] {
                if a == b {
                    return Err(FitError::Twice { view: name(), point: a.name() });
                }
                if p.distance(*q) < 1.0 {
                    return Err(FitError::Coincident { view: name(), first: a.name(), second: b.name() });
                }
            }
        }
        if view.landmarks.len() < 2 && view.outline.len() + 2 * view.landmarks.len() < 5 {
            return Err(FitError::TooFewPoints { view: name() });
        }
    }
    if !views.iter().any(|v| v.landmarks.iter().filter(|(l, _)| *l != Landmark::Vertex).count() >= 2) {
        return Err(FitError::NoFace);
    }
    match scale {
        Scale::AveragePupils => Ok(()),
        Scale::MeasuredPupils { distance_mm } => {
            if (30.0..=90.0).contains(distance_mm) {
                Ok(())
            } else {
                Err(FitError::BadScale)
            }
        }
        Scale::Iris { view, edge_px: [a, b] } | Scale::Ruler { view, ends_px: [a, b], .. } => {
            if !views.iter().any(|v| v.name == *view) {
                return Err(FitError::UnknownScaleView { view: view.clone() });
            }
            let length_fits = match scale {
                Scale::Ruler { length_mm, .. } => *length_mm > 0.0 && *length_mm < 1000.0,
                _ => true,
            };
            if length_fits && a.is_finite() && b.is_finite() && a.distance(*b) > 1.0 {
                Ok(())
            } else {
                Err(FitError::BadScale)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let mut state = average_state(vec![pose]);
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
                    // A rotation's logarithm is taken as linear in its row: two per cent.
                    let tolerance = 1e-3 + 0.02 * numeric.abs();
                    assert!((numeric - exact).abs() < tolerance, "row {i} parameter {k}: {numeric} {exact}");
                }
            }
        }
    }
}
