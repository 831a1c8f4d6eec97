//! The steps of a treatment that a client is shown.

use jiff::civil::Date;

use crate::ground::numbers::DAYS_PER_YEAR;
use crate::plan::Plan;
use crate::plan::session::days_after;
use crate::render::mock_up::Moment;
use crate::skin::healing::HEALED_DAYS;
use crate::skin::settings::Outlook;

/// Days of healing that are shown after the last session, and years of ageing.
const DAYS: [u32; 4] = [1, 3, 7, 14];
const YEARS: [u32; 4] = [1, 2, 5, 10];

/// A step. Sessions count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The photo as it is.
    Before,
    /// The hairline drawn with a pencil.
    Pencil,
    /// On the day of a session.
    Fresh(usize),
    /// Days after the last session, while it heals.
    Day(u32),
    /// Four weeks after a session.
    Healed(usize),
    /// Years after the last session.
    Years(u32),
    /// On the day of the touch-up.
    TouchUp,
    /// Four weeks after the touch-up.
    TouchUpHealed,
}

/// The client's appointments, on which a plan's steps depend.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Appointments {
    /// Number of sessions.
    pub sessions: usize,
    /// Days from the last session to a touch-up; none if none is planned.
    pub touch_up_days: Option<f64>,
}

impl Appointments {
    /// The appointments of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self { sessions: plan.sessions.len(), touch_up_days: plan.touch_up.map(|t| t.after_days) }
    }

    /// All steps, in chronological order.
    #[must_use]
    pub fn steps(self) -> Vec<Step> {
        let mut steps = vec![Step::Before, Step::Pencil];
        for session in 1..=self.sessions {
            steps.push(Step::Fresh(session));
            if session == self.sessions {
                steps.extend(DAYS.map(Step::Day));
            }
            steps.push(Step::Healed(session));
        }
        let touch_up = self.touch_up_days.unwrap_or(f64::INFINITY);
        let (before, after): (Vec<u32>, Vec<u32>) = YEARS.into_iter().partition(|&y| years(y) <= touch_up);
        steps.extend(before.into_iter().map(Step::Years));
        if self.touch_up_days.is_some() {
            steps.extend([Step::TouchUp, Step::TouchUpHealed]);
        }
        // No step of years falls between the touch-up and its healing.
        let healed = |&y: &u32| years(y) > touch_up + HEALED_DAYS;
        steps.extend(after.into_iter().filter(healed).map(Step::Years));
        steps
    }
}

fn years(years: u32) -> f64 {
    f64::from(years) * DAYS_PER_YEAR
}

impl Step {
    /// The step that answers the client's first question.
    #[must_use]
    pub fn result(appointments: Appointments) -> Self {
        Self::Healed(appointments.sessions)
    }

    /// The corresponding step of another plan: the result stays the result.
    #[must_use]
    pub fn among(self, before: Appointments, now: Appointments) -> Self {
        let same = match self {
            Self::Fresh(session) => Self::Fresh(session.clamp(1, now.sessions.max(1))),
            Self::Healed(session) if session >= before.sessions => Self::Healed(now.sessions.max(1)),
            Self::Healed(session) => Self::Healed(session.clamp(1, now.sessions.max(1))),
            other => other,
        };
        let gone = now.sessions > 0 && !now.steps().contains(&same);
        if gone { Self::result(now) } else { same }
    }

    /// Its date according to the plan; none if no first session is agreed, or if another session comes before it.
    #[must_use]
    pub fn day(self, plan: &Plan) -> Option<Date> {
        let days = plan.session_days()?;
        let last = *days.last()?;
        match self {
            Self::Before | Self::Pencil => None,
            Self::Fresh(session) => days.get(session.checked_sub(1)?).copied(),
            Self::Day(day) => Some(days_after(last, f64::from(day))),
            Self::Healed(session) => (session == days.len()).then(|| days_after(last, HEALED_DAYS)),
            Self::Years(number) => Some(days_after(last, years(number))),
            Self::TouchUp => Some(days_after(last, plan.touch_up?.after_days)),
            Self::TouchUpHealed => Some(days_after(last, plan.touch_up?.after_days + HEALED_DAYS)),
        }
    }

    /// Short name on its button.
    #[must_use]
    pub fn label(self, appointments: Appointments) -> String {
        match self {
            Self::Before => "Before".to_owned(),
            Self::Pencil => "Pencil line".to_owned(),
            Self::Fresh(session) => format!("Session {session}"),
            Self::Day(day) => format!("Day {day}"),
            Self::Healed(session) if session == appointments.sessions => "Healed".to_owned(),
            Self::Healed(session) => format!("{session} healed"),
            Self::Years(1) => "1 year".to_owned(),
            Self::Years(years) => format!("{years} years"),
            Self::TouchUp => "Touch-up".to_owned(),
            Self::TouchUpHealed => "Touched up".to_owned(),
        }
    }

    /// What it shows, in a sentence.
    #[must_use]
    pub fn tip(self, appointments: Appointments) -> String {
        match self {
            Self::Before => "The photo as it is".to_owned(),
            Self::Pencil => "The hairline as a wax pencil would draw it".to_owned(),
            Self::Fresh(session) => format!("On the day of session {session}, before anything has healed"),
            Self::Day(1) => "The day after the last session: still red (illustrative)".to_owned(),
            Self::Day(day) => format!("{day} days after the last session, while it heals (illustrative)"),
            Self::Healed(session) if session == appointments.sessions => "Four weeks after the last session".to_owned(),
            Self::Healed(session) => format!("Four weeks after session {session}, if no other followed"),
            Self::Years(number) => {
                let since = if number == 1 { "A year".to_owned() } else { format!("{number} years") };
                let touched_up = appointments.touch_up_days.is_some_and(|days| years(number) > days);
                let how = if touched_up { "with" } else { "without" };
                format!("{since} after the last session, {how} a touch-up (illustrative)")
            }
            Self::TouchUp => "On the day of the touch-up".to_owned(),
            Self::TouchUpHealed => "Four weeks after the touch-up".to_owned(),
        }
    }

    /// True if there is pigment in the skin.
    #[must_use]
    pub fn has_pigment(self) -> bool {
        !matches!(self, Self::Before | Self::Pencil)
    }

    /// The moment of the treatment; none if there is no pigment in the skin yet.
    #[must_use]
    pub fn moment(self, appointments: Appointments, outlook: Outlook) -> Option<Moment> {
        let Appointments { sessions, touch_up_days } = appointments;
        let at = |sessions, age_days| Some(Moment { sessions, age_days, outlook });
        match self {
            Self::Before | Self::Pencil => None,
            Self::Fresh(session) => at(session.min(sessions), 0.0),
            Self::Day(day) => at(sessions, f64::from(day)),
            Self::Healed(session) => at(session.min(sessions), HEALED_DAYS),
            Self::Years(number) => match touch_up_days {
                Some(days) if years(number) > days => at(sessions + 1, years(number) - days),
                _ => at(sessions, years(number)),
            },
            Self::TouchUp => at(sessions + 1, 0.0),
            Self::TouchUpHealed => at(sessions + 1, HEALED_DAYS),
        }
    }
}

/// The name of an outlook.
#[must_use]
pub fn outlook_name(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Light => "Light",
        Outlook::Likely => "Likely",
        Outlook::Strong => "Strong",
    }
}

/// What an outlook means, in a sentence.
#[must_use]
pub fn outlook_tip(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Light => "If it heals and fades as much as is known to happen (illustrative)",
        Outlook::Likely => "The middle of what is known (illustrative)",
        Outlook::Strong => "If it stays as dark as is known to happen (illustrative)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::plan::session;
    use crate::plan::treatment::Treatment;

    fn appointments(sessions: usize) -> Appointments {
        Appointments { sessions, touch_up_days: None }
    }

    #[test]
    fn steps_go_from_the_photo_to_ten_years_and_each_has_a_name_of_its_own() {
        for count in 1..=session::MOST {
            for touch_up_days in [None, Some(200.0), Some(730.0), Some(735.0), Some(3650.0)] {
                let appointments = Appointments { touch_up_days, ..appointments(count) };
                let all = appointments.steps();
                assert_eq!(all[0], Step::Before);
                assert!(all.contains(&Step::Day(14)) && all.contains(&Step::Years(1)));
                assert_eq!(all.contains(&Step::TouchUp), touch_up_days.is_some());
                assert_eq!(touch_up_days.is_none(), all.len() == 2 + 2 * count + 8);
                let names: std::collections::BTreeSet<String> = all.iter().map(|s| s.label(appointments)).collect();
                assert_eq!(names.len(), all.len());
                let ages = all.iter().filter_map(|s| s.moment(appointments, Outlook::Likely));
                let ages = ages.map(|m| (m.sessions, m.age_days));
                assert!(ages.clone().zip(ages.skip(1)).all(|(a, b)| a < b), "time goes on: {appointments:?}");
            }
        }
    }

    #[test]
    fn days_count_from_the_first_session() {
        let mut plan = Plan::for_treatment(Treatment::FullShave, None, &Head::average());
        let appointments = Appointments::of(&plan);
        assert!(appointments.steps().iter().all(|step| step.day(&plan).is_none()), "no day is agreed");
        plan.first_session = Some(jiff::civil::date(2027, 2, 20));
        let day = |step: Step| step.day(&plan).map(|day| day.to_string());
        // Sessions are ten days apart; the leap day is in 2028.
        assert_eq!(day(Step::Fresh(1)).as_deref(), Some("2027-02-20"));
        assert_eq!(day(Step::Fresh(3)).as_deref(), Some("2027-03-12"));
        assert_eq!(day(Step::Day(14)).as_deref(), Some("2027-03-26"));
        assert_eq!(day(Step::Healed(3)).as_deref(), Some("2027-04-09"));
        assert_eq!(day(Step::Healed(1)), None);
        assert_eq!(day(Step::Years(2)).as_deref(), Some("2029-03-12"));
        let days: Vec<_> = appointments.steps().into_iter().filter_map(|step| step.day(&plan)).collect();
        assert!(days.windows(2).all(|w| w[0] < w[1]), "{days:?}");
    }

    #[test]
    fn the_result_stays_the_result_when_sessions_come_and_go() {
        let among = |step: Step, before, now| step.among(appointments(before), appointments(now));
        assert_eq!(among(Step::Healed(3), 3, 4), Step::Healed(4));
        assert_eq!(among(Step::Healed(3), 3, 2), Step::Healed(2));
        assert_eq!(among(Step::Healed(1), 3, 4), Step::Healed(1));
        assert_eq!(among(Step::Fresh(3), 3, 2), Step::Fresh(2));
        assert_eq!(among(Step::Years(2), 3, 1), Step::Years(2));
        assert_eq!(among(Step::TouchUp, 3, 3), Step::Healed(3), "no touch-up is planned any more");
    }
}
