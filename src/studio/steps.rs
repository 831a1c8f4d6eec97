//! The steps of a treatment that a client is shown.

use crate::plan::session::Session;
use crate::render::scene::Moment;
use crate::skin::settings::Outlook;

/// Days after which pigment counts as healed.
pub const HEALED_DAYS: f64 = 28.0;
const DAYS_A_YEAR: f64 = 365.25;

/// A step. Sessions count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The photo as it is.
    Before,
    /// The hairline drawn with a pencil.
    Pencil,
    /// On the day of a session.
    Fresh(usize),
    /// Four weeks after a session.
    Healed(usize),
    /// Years after the last session.
    Years(u32),
}

/// All steps of a plan.
#[must_use]
pub fn steps(sessions: &[Session]) -> Vec<Step> {
    let mut steps = vec![Step::Before, Step::Pencil];
    for session in 1..=sessions.len() {
        steps.extend([Step::Fresh(session), Step::Healed(session)]);
    }
    steps.extend([1, 2, 5].map(Step::Years));
    steps
}

impl Step {
    /// The step that answers the client's first question.
    #[must_use]
    pub fn result(sessions: usize) -> Self {
        Self::Healed(sessions)
    }

    /// The same step of a plan with another number of sessions: the result stays the result.
    #[must_use]
    pub fn among(self, sessions_before: usize, sessions: usize) -> Self {
        match self {
            Self::Fresh(session) => Self::Fresh(session.clamp(1, sessions.max(1))),
            Self::Healed(session) if session >= sessions_before => Self::Healed(sessions.max(1)),
            Self::Healed(session) => Self::Healed(session.clamp(1, sessions.max(1))),
            other => other,
        }
    }

    /// Short name on its button.
    #[must_use]
    pub fn label(self, sessions: usize) -> String {
        match self {
            Self::Before => "Before".to_owned(),
            Self::Pencil => "Pencil line".to_owned(),
            Self::Fresh(session) => format!("Session {session}"),
            Self::Healed(session) if session == sessions => "Healed".to_owned(),
            Self::Healed(session) => format!("{session} healed"),
            Self::Years(1) => "1 year".to_owned(),
            Self::Years(years) => format!("{years} years"),
        }
    }

    /// What it shows, in a sentence.
    #[must_use]
    pub fn tip(self, sessions: usize) -> String {
        match self {
            Self::Before => "The photo as it is".to_owned(),
            Self::Pencil => "The hairline as a wax pencil would draw it".to_owned(),
            Self::Fresh(session) => format!("On the day of session {session}, before anything has healed"),
            Self::Healed(session) if session == sessions => "Four weeks after the last session".to_owned(),
            Self::Healed(session) => format!("Four weeks after session {session}, if no other followed"),
            Self::Years(1) => "A year after the last session, without a touch-up (illustrative)".to_owned(),
            Self::Years(years) => format!("{years} years after the last session, without a touch-up (illustrative)"),
        }
    }

    /// Whether there is pigment in the skin.
    #[must_use]
    pub fn has_pigment(self) -> bool {
        !matches!(self, Self::Before | Self::Pencil)
    }

    /// The moment of the treatment; none where no pigment is in the skin yet.
    #[must_use]
    pub fn moment(self, sessions: usize, outlook: Outlook) -> Option<Moment> {
        match self {
            Self::Before | Self::Pencil => None,
            Self::Fresh(session) => Some(Moment { sessions: session.min(sessions), age_days: 0.0, outlook }),
            Self::Healed(session) => Some(Moment { sessions: session.min(sessions), age_days: HEALED_DAYS, outlook }),
            Self::Years(years) => Some(Moment { sessions, age_days: f64::from(years) * DAYS_A_YEAR, outlook }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::session;

    #[test]
    fn steps_go_from_the_photo_to_five_years_and_each_has_a_name_of_its_own() {
        for count in 1..=session::MOST {
            let all = steps(&session::defaults(count));
            assert_eq!(all.len(), 2 + 2 * count + 3);
            assert_eq!((all[0], all[all.len() - 1]), (Step::Before, Step::Years(5)));
            let names: std::collections::BTreeSet<String> = all.iter().map(|s| s.label(count)).collect();
            assert_eq!(names.len(), all.len());
            let ages = all.iter().filter_map(|s| s.moment(count, Outlook::Likely)).map(|m| (m.sessions, m.age_days));
            assert!(ages.clone().zip(ages.skip(1)).all(|(a, b)| a < b), "time goes on");
        }
    }

    #[test]
    fn the_result_stays_the_result_when_sessions_come_and_go() {
        assert_eq!(Step::Healed(3).among(3, 4), Step::Healed(4));
        assert_eq!(Step::Healed(3).among(3, 2), Step::Healed(2));
        assert_eq!(Step::Healed(1).among(3, 4), Step::Healed(1));
        assert_eq!(Step::Fresh(3).among(3, 2), Step::Fresh(2));
        assert_eq!(Step::Years(2).among(3, 1), Step::Years(2));
    }
}
