//! Rules about sessions: how much is done when, and in which shades.

use super::finding::{Finding, judged};
use super::limits::Rule;
use super::remedy::Remedy;
use crate::plan::Plan;
use crate::plan::session::{self, Session};

/// Depth that the remedy goes back to, mm: the deep end of the range in which pigment looks right.
const SAFE_DEPTH_MM: f64 = 0.5;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    [first_share(plan), one_shade(plan), depth(plan), interval(plan)].into_iter().flatten().collect()
}

fn first_share(plan: &Plan) -> Option<Finding> {
    let (first, last) = (plan.sessions.first()?, plan.sessions.last()?);
    let percent = 100.0 * first.cumulative_share / last.cumulative_share;
    let reason = format!(
        "The first session places {percent:.0} % of all dots: nobody knows yet how this skin takes and holds pigment, and \
         too much cannot be taken back."
    );
    let alone = plan.sessions.len() == 1;
    let label = if alone { "Spread the work over two sessions" } else { "Place half of the dots in the first session" };
    judged(Rule::HeavyFirstSession, percent, reason, None, || {
        Remedy::edit(label, move |plan, _| {
            if alone {
                session::add(&mut plan.sessions);
            }
            let last = plan.sessions.last().map_or(1.0, |s| s.cumulative_share);
            if let Some(first) = plan.sessions.first_mut() {
                first.cumulative_share = 0.5 * last;
            }
        })
    })
}

/// Number of different shades among the dots of all sessions.
fn shades(sessions: &[Session]) -> usize {
    let mut dilutions: Vec<f64> = Vec::new();
    for session in sessions {
        let kinds = [(1.0 - session.dark_share, session.dilution), (session.dark_share, session.dark_dilution)];
        for (_, dilution) in kinds.into_iter().filter(|(share, _)| *share > 0.0) {
            if !dilutions.iter().any(|d| (d - dilution).abs() < 0.05) {
                dilutions.push(dilution);
            }
        }
    }
    dilutions.len()
}

fn one_shade(plan: &Plan) -> Option<Finding> {
    const FROM_SESSIONS: usize = 3;
    if plan.sessions.len() < FROM_SESSIONS {
        return None;
    }
    let reason = "All sessions use one shade: hair has many, and a single shade looks flat, like printed dots.";
    judged(Rule::OneShade, shades(&plan.sessions) as f64, reason, None, || {
        Remedy::edit("Go from light to dark, equally dark overall", |plan, _| from_light_to_dark(&mut plan.sessions))
    })
}

/// Applies the usual steps from light to dark while keeping the mean strength of all dots.
fn from_light_to_dark(sessions: &mut [Session]) {
    let strength = |dilution: f64| 1.0 / (dilution + 1.0);
    let mean = |sessions: &[Session]| {
        let mut before = 0.0;
        let mut sum = 0.0;
        for s in sessions {
            let new = s.cumulative_share - std::mem::replace(&mut before, s.cumulative_share);
            sum += new * ((1.0 - s.dark_share) * strength(s.dilution) + s.dark_share * strength(s.dark_dilution));
        }
        sum
    };
    let wanted = mean(sessions);
    let usual = session::defaults(sessions.len());
    for (session, usual) in sessions.iter_mut().zip(usual) {
        session.dilution = usual.dilution;
        session.dark_share = usual.dark_share;
        session.dark_dilution = usual.dark_dilution;
    }
    let factor = wanted / mean(sessions).max(1e-9);
    // Nobody mixes finer than a tenth of a part.
    let thinned = |dilution: f64| (10.0 * ((dilution + 1.0) / factor - 1.0)).round().clamp(0.0, 1000.0) / 10.0;
    for session in sessions {
        session.dilution = thinned(session.dilution);
        session.dark_dilution = thinned(session.dark_dilution);
    }
}

fn depth(plan: &Plan) -> Option<Finding> {
    let reason = format!(
        "Pigment {:.2} mm deep heals to a blurred, bluish shadow in which single dots are lost, and spreads over the years.",
        plan.depth_mm
    );
    judged(Rule::Deep, plan.depth_mm, reason, None, || {
        Remedy::edit(format!("Place pigment {SAFE_DEPTH_MM} mm deep"), |plan, _| plan.depth_mm = SAFE_DEPTH_MM)
    })
}

fn interval(plan: &Plan) -> Option<Finding> {
    let later = plan.sessions.iter().enumerate().skip(1);
    let (index, shortest) = later.min_by(|(_, a), (_, b)| a.interval_days.total_cmp(&b.interval_days))?;
    let reason = format!(
        "Session {} comes {:.0} days after the one before: scabs have not fallen off, so what has taken cannot be seen yet.",
        index + 1,
        shortest.interval_days
    );
    judged(Rule::ShortInterval, shortest.interval_days, reason, None, || {
        let least = Rule::ShortInterval.limit().steps.first().map_or(7.0, |(_, days)| *days);
        Remedy::edit(format!("Leave {least:.0} days before each session"), move |plan, _| {
            for session in plan.sessions.iter_mut().skip(1) {
                session.interval_days = session.interval_days.max(least);
            }
        })
    })
}
