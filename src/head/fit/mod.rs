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

mod problem;
pub(super) mod start;
mod state;

use glam::{DMat3, DVec2, DVec3};

use super::camera::Camera;
use super::landmarks::{Landmark, Sighting};
use super::{Head, cranium_from_series};
use crate::ground::linear::Cholesky;
use problem::{Problem, ROBUST_AT};
use start::{nominal_poses, rough_pose};
use state::{FACE_SHIFT, PER_VIEW, Pose, State, VIEWS};

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
    /// What was found in the photo by itself.
    pub found: FoundPoints,
}

/// Points that were found in a photo, not clicked: suggestions, each with its own spread.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundPoints {
    /// Landmarks; one that was clicked, too, does not count.
    pub landmarks: Vec<Sighting>,
    /// Points where bare or shaved scalp meets the background, px; they count where none were clicked.
    pub outline: Vec<DVec2>,
    /// Points where hair meets the background, px: the scalp lies farther in.
    pub hair: Vec<DVec2>,
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

impl ViewInput {
    /// Two landmarks, or about five points of the outline: enough for a pose.
    #[must_use]
    pub fn has_enough_points(&self) -> bool {
        let landmarks = self.sightings().count();
        landmarks >= 2 || self.outline().count() + 2 * landmarks >= 5
    }

    /// Every landmark once: as clicked, or else as found.
    fn sightings(&self) -> impl Iterator<Item = Sighting> {
        let clicked = self.landmarks.iter().map(|&(landmark, px)| Sighting { landmark, px, spread_mm: CLICK_MM });
        let outranked = |found: &&Sighting| self.landmarks.iter().all(|(clicked, _)| *clicked != found.landmark);
        clicked.chain(self.found.landmarks.iter().filter(outranked).copied())
    }

    /// The outline with the spread of its points, mm: as clicked, and as found where nobody clicked.
    fn outline(&self) -> impl Iterator<Item = (DVec2, f64)> {
        let clicked = self.outline.iter().map(|&px| (px, CLICK_MM));
        clicked.chain(self.not_clicked(&self.found.outline).map(|px| (px, FOUND_OUTLINE_MM)))
    }

    /// Where hair hides the outline, and nobody clicked.
    fn hair(&self) -> impl Iterator<Item = DVec2> {
        self.not_clicked(&self.found.hair)
    }

    /// What was found of the head's edge and no click outranks, px: where bare or shaved scalp ends, and where hair does.
    #[must_use]
    pub fn found_edge(&self) -> [Vec<DVec2>; 2] {
        [&self.found.outline, &self.found.hair].map(|points| self.not_clicked(points).collect())
    }

    /// Points along the head's edge as far as no click outranks them: none beside a point that was clicked.
    fn not_clicked<'a>(&'a self, found: &'a [DVec2]) -> impl Iterator<Item = DVec2> + 'a {
        let mut apart: Vec<f64> = found.windows(2).map(|pair| pair[0].distance(pair[1])).collect();
        apart.sort_by(f64::total_cmp);
        let beside_px = OUTRANKED_POINTS * apart.get(apart.len() / 2).copied().unwrap_or(f64::INFINITY);
        let beside = move |px: &DVec2| self.outline.iter().any(|clicked| clicked.distance(*px) < beside_px);
        found.iter().copied().filter(move |px| !beside(px))
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
/// Standard deviation of a found point of the outline, mm: neighbours are wrong together.
const FOUND_OUTLINE_MM: f64 = 2.0;
/// A clicked point of the outline outranks found ones that are nearer than so many of their own distances: 20 mm.
const OUTRANKED_POINTS: f64 = 3.0;
/// A found landmark farther than this from where all others have it, in standard deviations, is left out.
const CONTRADICTS: f64 = 2.5;
/// 35 mm equivalent assumed where the photo does not say: between a phone and a portrait lens.
pub(super) const DEFAULT_FOCAL_35MM: f64 = 50.0;
/// Diagonal of the 35 mm frame, mm (36 x 24).
pub(super) const FRAME_DIAGONAL_MM: f64 = 43.266_615_305_567_87;
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

fn check(views: &[ViewInput], scale: &Scale) -> Result<(), FitError> {
    if views.is_empty() {
        return Err(FitError::NoViews);
    }
    for view in views {
        let name = || view.name.clone();
        let (w, h) = (f64::from(view.width_px), f64::from(view.height_px));
        let points = view.landmarks.iter().map(|&(l, p)| (l.name().to_owned(), p));
        let outline = view.outline.iter().enumerate().map(|(i, &p)| (format!("outline point {}", i + 1), p));
        let FoundPoints { landmarks, outline: edge, hair } = &view.found;
        let found = landmarks.iter().map(|s| (format!("the {} that was found", s.landmark.name()), s.px));
        let found = found.chain(edge.iter().chain(hair).map(|&p| ("an outline point that was found".to_owned(), p)));
        for (point, p) in points.chain(outline).chain(found) {
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
        if !view.has_enough_points() {
            return Err(FitError::TooFewPoints { view: name() });
        }
    }
    if !views.iter().any(|v| v.sightings().filter(|s| s.landmark != Landmark::Vertex).count() >= 2) {
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
