//! Which clicks contradict the rest: a click is compared with where everything else puts its landmark.
//!
//! For each click, the fit without it follows from the fit with it by linear algebra: its place in the photo, and how
//! well that is known, from the person's other points, from the average head and from how much heads differ. The
//! surprise is the click's distance from that place in standard deviations.

use glam::{DMat2, DVec2};

use super::input::{CLICK_MM, Scale, ViewInput};
use super::problem::{Problem, ROBUST_AT};
use super::state::{PER_VIEW, State, VIEWS};
use super::{Fit, fit_all};
use crate::ground::linear::Cholesky;
use crate::head::landmarks::{Landmark, Sighting};

/// A click that surprises more than this is told. The samples' clicks stay below 1.5; of those of a hand twice as
/// unsteady as assumed, a few are told.
const DOUBTFUL: f64 = 3.0;
/// A click that surprises more than this is left out: well beyond what an unsteady hand or an unusual face explains.
const LEFT_OUT: f64 = 5.0;
/// A photo keeps this many clicks for each one that is left out: if more of them disagree, nobody knows which are
/// wrong.
const KEPT_FOR_EACH: usize = 3;

/// What becomes of the clicks.
#[derive(Default)]
pub(super) struct Judged {
    /// The fit without those left out, if there are any.
    pub(super) fit: Option<Fit>,
    pub(super) left_out: Vec<(usize, Sighting)>,
    pub(super) doubtful: Vec<(usize, Landmark)>,
}

/// The surprise of each clicked landmark, with its view.
pub(super) fn surprises(problem: &Problem, state: &State, information: &Cholesky) -> Vec<(usize, Landmark, f64)> {
    let mut all = Vec::new();
    for (view, input) in problem.views.iter().enumerate() {
        let camera = state.poses[view].camera(problem.principal(view));
        for &(landmark, px) in &input.landmarks {
            let click = Sighting { landmark, px, spread_mm: CLICK_MM };
            let group = problem.landmark_rows(state, view, &camera, click);
            let off = DVec2::new(group.rows[0].value, group.rows[1].value);
            let weight = 1.0 / (1.0 + off.length_squared() / (ROBUST_AT * ROBUST_AT));
            let [x, y] = [0, 1].map(|axis| {
                let mut slopes = vec![0.0; VIEWS + PER_VIEW * problem.views.len()];
                for &(k, slope) in &group.rows[axis].slopes {
                    slopes[k] += slope;
                }
                information.solve_lower(&slopes)
            });
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let across = dot(&x, &y);
            // The place's covariance with the click, from which that without it follows (Sherman, Morrison, Woodbury).
            let with = DMat2::from_cols(DVec2::new(dot(&x, &x), across), DVec2::new(across, dot(&y, &y)));
            let without = (DMat2::IDENTITY - with * weight).inverse();
            let variance = DMat2::IDENTITY + with * without;
            let away = without * off;
            let surprise = away.dot(variance.inverse() * away);
            // Without the click the place may not be determined at all.
            all.push((view, landmark, if surprise > 0.0 { surprise.sqrt() } else { 0.0 }));
        }
    }
    all
}

/// Judges the clicks, the most surprising first, each without those before it, which distort it.
pub(super) fn judged(views: &[ViewInput], fit: &Fit, scale: &Scale) -> Judged {
    let mut judged = Judged::default();
    let (mut rest, mut kept) = (views.to_vec(), views.to_vec());
    let mut surprises = fit.surprises.clone();
    while let Some((view, landmark, surprise)) = surprises.into_iter().max_by(|a, b| a.2.total_cmp(&b.2)) {
        if surprise <= DOUBTFUL {
            break;
        }
        let click = without(&mut rest[view], landmark);
        let next = fit_all(&rest, scale);
        let gone = 1 + judged.left_out.iter().filter(|(of, _)| *of == view).count();
        let enough = views[view].landmarks.len() >= gone * (1 + KEPT_FOR_EACH);
        match (click, &next) {
            (Some(click), Ok(_)) if surprise > LEFT_OUT && enough => {
                without(&mut kept[view], landmark);
                judged.left_out.push((view, click));
            }
            _ => judged.doubtful.push((view, landmark)),
        }
        surprises = next.map_or_else(|_| Vec::new(), |next| next.surprises);
    }
    if !judged.left_out.is_empty() {
        match fit_all(&kept, scale) {
            Ok(fit) => judged.fit = Some(fit),
            // Told, but used.
            Err(_) => judged.doubtful.extend(judged.left_out.drain(..).map(|(view, click)| (view, click.landmark))),
        }
    }
    judged
}

/// Takes a landmark out of a view, also as found: what the user corrected does not come back.
fn without(view: &mut ViewInput, landmark: Landmark) -> Option<Sighting> {
    view.found.landmarks.retain(|sighting| sighting.landmark != landmark);
    let index = view.landmarks.iter().position(|(of, _)| *of == landmark)?;
    let (landmark, px) = view.landmarks.remove(index);
    Some(Sighting { landmark, px, spread_mm: CLICK_MM })
}
