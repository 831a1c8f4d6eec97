//! Head shape and cameras from clicked points: one maximum a posteriori fit of all views together.
//!
//! The unknowns are the cranium's shape, the position of each landmark on this head, and each view's pose and focal
//! length. All have a prior (mean and standard deviation), so two landmarks already give a usable head, and every
//! further point improves it. Observations are landmarks (distance in pixels) and outline points (the distance at which
//! the ray passes the cranium). Their loss is Cauchy's, so that a badly misplaced point is disregarded.
//!
//! Solved by iteratively reweighted Levenberg-Marquardt with analytic derivatives. The inverse of the normal matrix at
//! the solution is the posterior covariance (Laplace approximation), from which [`Fit::deviation_of`] derives the error
//! of any length.
//!
//! Cost: about 1 ms per iteration for five views; 20 to 60 iterations. Of thousands of points of an outline, as many
//! are used as determine it.

mod doubt;
mod error;
mod input;
mod problem;
pub(super) mod start;
mod state;

pub use error::FitError;
pub(crate) use input::are_enough;
pub use input::{ENOUGH_OUTLINE, FoundPoints, Scale, ViewInput};

use glam::{DMat3, DVec2, DVec3};

use super::camera::Camera;
use super::landmarks::{Landmark, Sighting};
use super::{Head, cranium_from_series};
use crate::ground::linear::Cholesky;
use crate::ground::statistics::median;
use input::{CLICK_MM, check};
use problem::{Problem, ROBUST_AT};
use start::{DEFAULT_FOCAL_35MM, FRAME_DIAGONAL_MM, nominal_poses, rough_pose};
use state::{FACE_SHIFT, PER_VIEW, Pose, State, VIEWS};

/// A found landmark farther than this from where all other points put it, in standard deviations, is left out.
const CONTRADICTION_SIGMAS: f64 = 2.5;
/// Hair whose edge lies less than this beside the head in the median is shaved, mm. For the samples' shaved sides it is
/// within 1.5 in a single photo, and up to 3 with others; for longer hair, in photographs of men, 4.4 and more, except
/// for one whose fair hair was taken for scalp all around.
const SHAVED_MM: f64 = 4.0;
/// Relative standard deviation of an EXIF focal length (focus breathing, digital distortion correction).
const FOCAL_SPREAD_EXIF: f64 = 0.02;
/// Relative standard deviation of the default.
const FOCAL_SPREAD_DEFAULT: f64 = 0.30;

/// A fitted head with its cameras and their uncertainty.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The head.
    pub head: Head,
    /// A camera per view, in the order given.
    pub cameras: Vec<Camera>,
    /// For each view, the median distance of its points from the fitted head, px: that of its landmarks or of its
    /// outline, whichever is larger.
    pub residual_px: Vec<f64>,
    /// For each view, the median distance of its outline from that of the fitted head, px; `None` without an outline.
    pub outline_off_px: Vec<Option<f64>>,
    /// Landmarks, found or clicked, that contradict the other points and were left out, with the index of their view.
    pub left_out: Vec<(usize, Sighting)>,
    /// Clicked landmarks that hardly fit the other points but were used, with the index of their view.
    pub doubtful: Vec<(usize, Landmark)>,
    /// How much each click surprises, given everything else: see [`doubt`].
    surprises: Vec<(usize, Landmark, f64)>,
    state: State,
    principal_px: Vec<DVec2>,
    information: Option<Cholesky>,
}

impl Fit {
    /// Standard deviation of a quantity that depends on head and cameras, by the posterior covariance.
    ///
    /// `quantity` is called twice per parameter (some 150 times); where it returns `None`, as when a ray misses the
    /// head, the parameter is taken to have no effect.
    pub fn deviation_of(&self, quantity: impl Fn(&Head, &[Camera]) -> Option<f64>) -> f64 {
        let Some(information) = &self.information else { return f64::INFINITY };
        let size = VIEWS + PER_VIEW * self.cameras.len();
        let mut gradient = vec![0.0; size];
        let mut step = vec![0.0; size];
        for (k, slope) in gradient.iter_mut().enumerate() {
            // A tenth of a millimetre, or a similar amount in radians and ratios.
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
/// [`FitError`] where the points are too few, irreconcilable, or not those of a head.
pub fn fit(views: &[ViewInput], scale: &Scale) -> Result<Fit, FitError> {
    // Every point, also those that the fit does not need.
    check(views, scale)?;
    let mut views: Vec<ViewInput> = views.iter().map(ViewInput::thinned).collect();
    let mut fit = fit_what_agrees(&views, scale)?;
    // Each round reclassifies the hair of at least one view; what that reveals about the head shows in the next round.
    while let Some(fewer) = with_shaved_hair_as_scalp(&views, &fit) {
        match fit_what_agrees(&fewer, scale) {
            Ok(better) => (views, fit) = (fewer, better),
            // It was longer hair after all.
            Err(_) => break,
        }
    }
    Ok(fit)
}

/// The views with shaved hair reclassified as scalp, or `None` if there is none: hair whose edge is close to the head
/// in the median, in views where bare scalp determines the head's size.
fn with_shaved_hair_as_scalp(views: &[ViewInput], fit: &Fit) -> Option<Vec<ViewInput>> {
    let mut views = views.to_vec();
    let mut any = false;
    for (view, camera) in views.iter_mut().zip(&fit.cameras) {
        let beside_mm = |px: &DVec2| {
            let sight = fit.head.cranium.closest_approach(camera.position(), camera.ray(*px));
            sight.map_or(f64::INFINITY, |(_, height)| height)
        };
        let FoundPoints { outline, hair, .. } = &mut view.found;
        if median(hair.iter().map(beside_mm)).is_some_and(|middle| middle < SHAVED_MM) && !outline.is_empty() {
            outline.append(hair);
            any = true;
        }
    }
    any.then_some(views)
}

/// Fits one head to all views, leaving out landmarks that contradict the rest: found ones sooner than clicked ones.
fn fit_what_agrees(views: &[ViewInput], scale: &Scale) -> Result<Fit, FitError> {
    let mut left_out = Vec::new();
    let mut kept = views.to_vec();
    let fit = loop {
        let fit = fit_all(&kept, scale)?;
        // One at a time, the worst first, since it distorts the others.
        let Some((view, landmark)) = contradiction(&kept, &fit) else { break fit };
        let found = &mut kept[view].found.landmarks;
        let Some(index) = found.iter().position(|sighting| sighting.landmark == landmark) else { break fit };
        left_out.push((view, found.remove(index)));
        if !kept[view].has_enough_points() {
            return Ok(Fit { left_out, ..fit });
        }
    };
    let clicks = doubt::judged(&kept, &fit, scale);
    let fit = clicks.fit.unwrap_or(fit);
    left_out.extend(clicks.left_out);
    Ok(Fit { left_out, doubtful: clicks.doubtful, ..fit })
}

/// The found landmark that deviates most from the fitted head, in units of its own standard deviation and of that
/// between people, if it deviates too much.
fn contradiction(views: &[ViewInput], fit: &Fit) -> Option<(usize, Landmark)> {
    let state = &fit.state;
    let off = |view: usize, sighting: &Sighting| {
        let Sighting { landmark, px, spread_mm } = *sighting;
        let on_head = state.landmarks[landmark.index()];
        let camera = &fit.cameras[view];
        let seen_mm = camera.image_from_head(on_head)?.distance(px) * camera.mm_per_px(on_head);
        let deviation = (on_head - state.landmark_mean(landmark)) / landmark.spread_mm();
        Some(((seen_mm / spread_mm) * (seen_mm / spread_mm) + deviation.length_squared()).sqrt())
    };
    let found = views.iter().enumerate().flat_map(|(i, view)| view.sightings().map(move |s| (i, s)));
    let found = found.filter(|(_, sighting)| sighting.spread_mm > CLICK_MM);
    let worst =
        found.map(|(i, s)| (off(i, &s).unwrap_or(f64::INFINITY), i, s.landmark)).max_by(|a, b| a.0.total_cmp(&b.0));
    worst.filter(|(off, ..)| *off > CONTRADICTION_SIGMAS).map(|(_, view, landmark)| (view, landmark))
}

fn fit_all(views: &[ViewInput], scale: &Scale) -> Result<Fit, FitError> {
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

    // First each view alone with the average head: this finds the pose of views whose names do not tell.
    let mut nominal = Vec::new();
    let mut poses = Vec::new();
    let mut click_px = Vec::new();
    for (i, view) in views.iter().enumerate() {
        let mut best: Option<(f64, DMat3, Pose, f64)> = None;
        let starts = nominal_poses(&view.name).into_iter().flat_map(|turn| {
            // The head may be tilted: without starts from above and below, the pose can settle on a turn instead of a
            // nod.
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
            let (state, loss) = problem.solve(State::average(vec![pose]), 25);
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
    let mut state = State::average(poses);
    // The loss narrows step by step, so that a distant start is not mistaken for a bad click.
    for robust_at in [30.0, 8.0, ROBUST_AT] {
        problem.robust_at = robust_at;
        (state, _) = problem.solve(state, 40);
    }
    let groups = problem.groups(&state);
    let (matrix, _) = problem.normal_equations(&groups);
    let principal_px: Vec<DVec2> = (0..views.len()).map(|i| problem.principal(i)).collect();
    let (head, cameras) = assemble(&state, &principal_px);
    let (residual_px, outline_off_px) = residuals(views, &state, &head, &cameras).into_iter().unzip();
    let residual_px: Vec<f64> = residual_px;
    for (i, view) in views.iter().enumerate() {
        let off_mm = misfit_mm(view, &state, residual_px[i], &cameras[i]);
        // Beyond a centimetre and a half the result would be meaningless.
        if off_mm.is_nan() || off_mm > 15.0 {
            return Err(FitError::NotAHead { view: view.name.clone(), off_mm });
        }
    }
    let information = matrix.cholesky();
    let surprises = information.as_ref().map_or_else(Vec::new, |factor| doubt::surprises(&problem, &state, factor));
    Ok(Fit {
        head,
        cameras,
        residual_px,
        outline_off_px,
        left_out: Vec::new(),
        doubtful: Vec::new(),
        surprises,
        state,
        principal_px,
        information,
    })
}

/// How far a view's points are from those of a head, mm: for each landmark, its distance in the photo plus its distance
/// on this head from its average place on heads of this size. The worst quarter is ignored, since some clicks may be
/// wrong; not more, since some head passes through half of any points strewn at random.
fn misfit_mm(view: &ViewInput, state: &State, residual_px: f64, camera: &Camera) -> f64 {
    let mm_per_px = camera.mm_per_px(DVec3::ZERO);
    let mut off: Vec<f64> = view
        .sightings()
        .map(|Sighting { landmark, px, .. }| {
            let on_head = state.landmarks[landmark.index()];
            let residual_px = camera.image_from_head(on_head).map_or(f64::INFINITY, |q| q.distance(px));
            residual_px * mm_per_px + on_head.distance(state.landmark_mean(landmark))
        })
        .collect();
    off.sort_by(f64::total_cmp);
    // Without landmarks the outline alone decides.
    let landmarks_mm = off.len().checked_sub(1 + off.len() / 4).map_or(0.0, |i| off[i]);
    landmarks_mm.max(residual_px * mm_per_px)
}

/// For each view, the distances of its points and of its outline from the head, px: see [`Fit`].
fn residuals(views: &[ViewInput], state: &State, head: &Head, cameras: &[Camera]) -> Vec<(f64, Option<f64>)> {
    let of_view = |(view, camera): (&ViewInput, &Camera)| {
        let from_landmark = |Sighting { landmark, px, .. }: Sighting| {
            camera.image_from_head(state.landmarks[landmark.index()]).map_or(f64::INFINITY, |q| q.distance(px))
        };
        // Positive outside the head.
        let beside = |px: DVec2| {
            let sight = head.cranium.closest_approach(camera.position(), camera.ray(px));
            sight.map_or(f64::INFINITY, |(t, h)| h / camera.mm_per_px(camera.position() + camera.ray(px) * t))
        };
        let landmarks = median(view.sightings().map(from_landmark));
        // Under hair, the scalp may end anywhere, but not outside it.
        let outline =
            view.outline().map(|(px, _)| beside(px).abs()).chain(view.hair().map(|px| (-beside(px)).max(0.0)));
        let outline = median(outline);
        let worse = landmarks.into_iter().chain(outline).reduce(f64::max);
        (worse.unwrap_or(f64::INFINITY), outline)
    };
    views.iter().zip(cameras).map(of_view).collect()
}
