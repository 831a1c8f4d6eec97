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
use input::{CLICK_MM, check};
use problem::{Problem, ROBUST_AT};
use start::{DEFAULT_FOCAL_35MM, FRAME_DIAGONAL_MM, nominal_poses, rough_pose};
use state::{FACE_SHIFT, PER_VIEW, Pose, State, VIEWS};

/// A found landmark farther than this from where all others have it, in standard deviations, is left out.
const CONTRADICTS: f64 = 2.5;
/// Hair whose edge lies in the middle less than this beside the head is shaved, mm. Of the samples' shaved sides it lies within
/// 1.5 in one photo alone, and up to 3 among others; of longer hair, on photographs of men, 4.4 and more, but for one whose fair
/// hair was taken for scalp all around.
const SHAVED_MM: f64 = 4.0;
/// Relative spread of an EXIF focal length (lens breathing, digital correction of distortion).
const FOCAL_SPREAD_EXIF: f64 = 0.02;
/// Relative spread of the default.
const FOCAL_SPREAD_DEFAULT: f64 = 0.30;

/// A fitted head with its cameras and how sure they are.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The head.
    pub head: Head,
    /// A camera per view, in the order given.
    pub cameras: Vec<Camera>,
    /// Median distance of a view's points from the fitted head, px: of its landmarks or of its outline, whichever is more.
    pub residual_px: Vec<f64>,
    /// Median distance of a view's outline from that of the fitted head, px; none where no outline was seen.
    pub outline_off_px: Vec<Option<f64>>,
    /// Found landmarks that contradict the other points and were left out, with the number of their view.
    pub left_out: Vec<(usize, Sighting)>,
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
    let mut views = views.to_vec();
    let mut fit = fit_what_agrees(&views, scale)?;
    // Each round takes the hair from a view at least; what one view says of the head shows in the next.
    while let Some(fewer) = with_shaved_hair_as_scalp(&views, &fit) {
        match fit_what_agrees(&fewer, scale) {
            Ok(better) => (views, fit) = (fewer, better),
            // Hair is more than it looked like.
            Err(_) => break,
        }
    }
    Ok(fit)
}

/// The views with hair that is shaved taken for scalp, if there is any: hair that in the middle stands so close to the head,
/// where bare scalp says how large that is.
fn with_shaved_hair_as_scalp(views: &[ViewInput], fit: &Fit) -> Option<Vec<ViewInput>> {
    let mut views = views.to_vec();
    let mut any = false;
    for (view, camera) in views.iter_mut().zip(&fit.cameras) {
        let beside_mm = |px: &DVec2| {
            let sight = fit.head.cranium.closest_approach(camera.position(), camera.ray(*px));
            sight.map_or(f64::INFINITY, |(_, height)| height)
        };
        let FoundPoints { outline, hair, .. } = &mut view.found;
        let mut off: Vec<f64> = hair.iter().map(beside_mm).collect();
        off.sort_by(f64::total_cmp);
        if off.get(off.len() / 2).is_some_and(|middle| *middle < SHAVED_MM) && !outline.is_empty() {
            outline.append(hair);
            any = true;
        }
    }
    any.then_some(views)
}

/// Fits one head to all views, without found landmarks that contradict the rest.
fn fit_what_agrees(views: &[ViewInput], scale: &Scale) -> Result<Fit, FitError> {
    let mut left_out = Vec::new();
    let mut kept = views.to_vec();
    loop {
        let fit = fit_all(&kept, scale)?;
        // One at a time, the worst first: it pulls at the others.
        let Some((view, landmark)) = contradiction(&kept, &fit) else { return Ok(Fit { left_out, ..fit }) };
        let found = &mut kept[view].found.landmarks;
        let Some(index) = found.iter().position(|sighting| sighting.landmark == landmark) else { return Ok(fit) };
        left_out.push((view, found.remove(index)));
        if !kept[view].has_enough_points() {
            return Ok(Fit { left_out, ..fit });
        }
    }
}

/// The found landmark that is farthest from where the head has it, by its own spread and by that between people, where that
/// is too far.
fn contradiction(views: &[ViewInput], fit: &Fit) -> Option<(usize, Landmark)> {
    let state = &fit.state;
    let off = |view: usize, sighting: &Sighting| {
        let Sighting { landmark, px, spread_mm } = *sighting;
        let on_head = state.landmarks[landmark.index()];
        let camera = &fit.cameras[view];
        let seen_mm = camera.image_from_head(on_head)?.distance(px) * camera.mm_per_px(on_head);
        let usual = (on_head - state.usual(landmark)) / landmark.spread_mm();
        Some(((seen_mm / spread_mm) * (seen_mm / spread_mm) + usual.length_squared()).sqrt())
    };
    let found = views.iter().enumerate().flat_map(|(i, view)| view.sightings().map(move |s| (i, s)));
    let found = found.filter(|(_, sighting)| sighting.spread_mm > CLICK_MM);
    let worst =
        found.map(|(i, s)| (off(i, &s).unwrap_or(f64::INFINITY), i, s.landmark)).max_by(|a, b| a.0.total_cmp(&b.0));
    worst.filter(|(off, ..)| *off > CONTRADICTS).map(|(_, view, landmark)| (view, landmark))
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
    // The loss narrows step by step, so that a far start is not mistaken for a bad click.
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
        // Beyond a centimetre and a half the picture would be meaningless.
        if off_mm.is_nan() || off_mm > 15.0 {
            return Err(FitError::NotAHead { view: view.name.clone(), off_mm });
        }
    }
    let information = matrix.cholesky();
    Ok(Fit { head, cameras, residual_px, outline_off_px, left_out: Vec::new(), state, principal_px, information })
}

/// How far a view's points are from those of a head, mm: for each landmark its distance in the photo and its distance on
/// this head from where heads of its size have it. The worst but a quarter counts: some clicks may be wrong, but points
/// strewn at random have a head through half of them.
fn misfit_mm(view: &ViewInput, state: &State, residual_px: f64, camera: &Camera) -> f64 {
    let mm_per_px = camera.mm_per_px(DVec3::ZERO);
    let mut off: Vec<f64> = view
        .sightings()
        .map(|Sighting { landmark, px, .. }| {
            let on_head = state.landmarks[landmark.index()];
            let residual_px = camera.image_from_head(on_head).map_or(f64::INFINITY, |q| q.distance(px));
            residual_px * mm_per_px + on_head.distance(state.usual(landmark))
        })
        .collect();
    off.sort_by(f64::total_cmp);
    // Without landmarks the outline alone decides.
    let landmarks_mm = off.len().checked_sub(1 + off.len() / 4).map_or(0.0, |i| off[i]);
    landmarks_mm.max(residual_px * mm_per_px)
}

/// For each view how far its points are from the head, and its outline, px: see [`Fit`].
fn residuals(views: &[ViewInput], state: &State, head: &Head, cameras: &[Camera]) -> Vec<(f64, Option<f64>)> {
    let median = |mut off: Vec<f64>| {
        off.sort_by(f64::total_cmp);
        off.get(off.len() / 2).copied()
    };
    let of_view = |(view, camera): (&ViewInput, &Camera)| {
        let from_landmark = |Sighting { landmark, px, .. }: Sighting| {
            camera.image_from_head(state.landmarks[landmark.index()]).map_or(f64::INFINITY, |q| q.distance(px))
        };
        // Positive beside the head.
        let beside = |px: DVec2| {
            let sight = head.cranium.closest_approach(camera.position(), camera.ray(px));
            sight.map_or(f64::INFINITY, |(t, h)| h / camera.mm_per_px(camera.position() + camera.ray(px) * t))
        };
        let landmarks = median(view.sightings().map(from_landmark).collect());
        // Scalp may end anywhere under hair, but not beyond it.
        let outline =
            view.outline().map(|(px, _)| beside(px).abs()).chain(view.hair().map(|px| (-beside(px)).max(0.0)));
        let outline = median(outline.collect());
        let worse = landmarks.into_iter().chain(outline).reduce(f64::max);
        (worse.unwrap_or(f64::INFINITY), outline)
    };
    views.iter().zip(cameras).map(of_view).collect()
}
