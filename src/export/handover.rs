//! The figures and words that are handed over, computed once from a case. Report, page, quote and calendar read nothing
//! else, so that no two of them can differ.
//!
//! Nothing here depends on the clock: session days come from the plan, and the date of the document from the caller.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::practice::Practice;
use super::prices::{NoSuchClass, Quote, Work};
use super::subject::Subject;
use super::tapes::{self, Tapes};
use super::words::{area_text, counted, day_text, grouped, plain, words};
use crate::case;
use crate::case::signature::Signature;
use crate::checks::{Finding, Severity};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::ground::words::hex;
use crate::plan::Plan;
use crate::plan::area::Outline;
use crate::plan::session::days_after;
use crate::reading::views;

/// Durations are rounded to half hours: 2 per hour.
const HALF_HOURS: f64 = 2.0;

/// What the caller adds to a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Date of the document; `None`: no date is stated.
    pub made_on: Option<Date>,
    /// Class of hair loss on which the price depends.
    pub class: Option<String>,
}

/// Everything that is handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// The studio that hands it over.
    pub practice: Practice,
    /// The name of the case.
    pub client: String,
    /// Name of the plan's variant, if there are several.
    pub variant: Option<String>,
    /// Date of the document.
    pub made_on: Option<Date>,
    /// The treatment.
    pub treatment: String,
    /// The source of the scale and its error.
    pub scale: String,
    /// Tapes to the points of the line that are agreed on; empty if the plan has no line.
    pub line: Vec<Tapes>,
    /// The treated areas.
    pub areas: Vec<AreaFigures>,
    /// Total area, cm².
    pub area_cm2: f64,
    /// Total number of dots.
    pub dots: usize,
    /// Sessions, in order.
    pub sessions: Vec<SessionFigures>,
    /// The touch-up years later, if planned.
    pub touch_up: Option<TouchUpFigures>,
    /// Name of the pigment.
    pub pigment: String,
    /// Depth of the pigment's upper end once healed, mm.
    pub depth_mm: f64,
    /// The findings of the checks, the worst first.
    pub checks: Vec<CheckFigures>,
    /// The quote.
    pub quote: Quote,
    /// The client's signature, if the plan was signed in the window.
    pub signature: Option<SignatureFigures>,
    /// SHA-256 of the case: its document and the bytes of its photos.
    pub fingerprint: String,
    /// SHA-256 of the photos alone, which stays the same when the plan changes.
    pub photos_fingerprint: String,
}

/// A treated area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaFigures {
    /// Its name.
    pub name: String,
    /// Its treatment.
    pub kind: String,
    /// Its size, cm².
    pub area_cm2: f64,
    /// Dots after all sessions.
    pub dots: usize,
}

/// A session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFigures {
    /// Counted from 1.
    pub number: usize,
    /// Its day, if the first session's is agreed.
    pub day: Option<Date>,
    /// Days after the previous session.
    pub interval_days: f64,
    /// Dots placed in it.
    pub new_dots: usize,
    /// Dots present after it.
    pub dots: usize,
    /// Diameter of the needle, mm.
    pub needle_mm: f64,
    /// Parts of water to one part of pigment.
    pub dilution: f64,
    /// Share of its dots that are the scattered darkest ones, and their dilution; `None` if it has none.
    pub dark: Option<(f64, f64)>,
    /// How long it takes, hours, from least to most.
    pub hours: [f64; 2],
}

/// A touch-up years later.
#[derive(Debug, Clone, PartialEq)]
pub struct TouchUpFigures {
    /// Its day.
    pub day: Option<Date>,
    /// Days after the last session.
    pub after_days: f64,
    /// Share of the dots that are placed again.
    pub share: f64,
    /// Diameter of the needle, mm.
    pub needle_mm: f64,
    /// Parts of water to one part of pigment.
    pub dilution: f64,
}

/// A finding of the checks, or something that could not be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckFigures {
    /// Its identifier, for scripts.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its severity; `None` if it could not be checked.
    pub severity: Option<Severity>,
    /// What was measured, and the limit.
    pub figures: String,
    /// Why it matters.
    pub reason: String,
    /// What can be done.
    pub remedy: String,
}

/// A signature on the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureFigures {
    /// Name of the signer.
    pub name: String,
    /// Date of the signature.
    pub date: Date,
    /// Whether the plan is still the one that was signed.
    pub holds: bool,
    /// SHA-256 of the plan that was signed.
    pub plan_sha256: String,
    /// The drawn strokes, in units of the field's width.
    pub strokes: Vec<Vec<[f64; 2]>>,
}

impl SignatureFigures {
    fn of(signature: &Signature, plan: &Plan) -> Self {
        Self {
            name: signature.name.clone(),
            date: signature.date,
            holds: signature.holds(plan),
            plan_sha256: signature.plan_sha256.clone(),
            strokes: signature.strokes.clone(),
        }
    }

    /// The signature in words, a sentence or two.
    #[must_use]
    pub fn text(&self) -> String {
        let day = day_text(self.date);
        let what = format!("SHA-256 of the plan that was signed: {}", self.plan_sha256);
        if self.holds {
            format!("Signed by {} on {day}. {what}", self.name)
        } else {
            format!("Signed by {} on {day}, before the plan was changed: it has to be signed again. {what}", self.name)
        }
    }
}

/// Why something cannot be handed over.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum HandoverError {
    #[error(transparent)]
    Case(#[from] case::Error),
    #[error(transparent)]
    Class(#[from] NoSuchClass),
    #[error(transparent)]
    Photo(#[from] crate::photo::PhotoError),
    #[error(transparent)]
    Text(#[from] super::text::TextError),
    #[error("the plan has no day for the first session: agree on one first (the plan's \"first_session\")")]
    NoFirstSession,
    #[error("the document cannot be made ({0})")]
    Document(String),
    #[error("MP4 is made by ffmpeg, which is not installed here: install it, or name a .gif or .webp file")]
    NoFfmpeg,
    #[error("it was stopped")]
    Stopped,
}

impl Handover {
    /// Computes everything that is handed over from a case.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn of(subject: &mut Subject, practice: &Practice, asked: &Asked) -> Result<Self, HandoverError> {
        let (document, plan) = (subject.document, subject.plan());
        let findings = subject.findings()?;
        let mock_up = &subject.fitted.mock_up;
        let fit = &subject.fitted.fit;
        let count = plan.sessions.len();
        let days = plan.session_days();
        let standing: Vec<usize> = (0..=count).map(|s| mock_up.dots_after(s).count()).collect();
        let pace = practice.sitting.dots_per_hour.0;
        let sessions = plan.sessions.iter().enumerate().map(|(i, session)| {
            let new_dots = standing[i + 1] - standing[i];
            SessionFigures {
                number: i + 1,
                day: days.as_ref().and_then(|days| days.get(i).copied()),
                interval_days: session.interval_days,
                new_dots,
                dots: standing[i + 1],
                needle_mm: session.needle_mm,
                dilution: session.dilution,
                dark: (session.dark_share > 0.0).then_some((session.dark_share, session.dark_dilution)),
                hours: hours(new_dots, pace),
            }
        });
        let last = days.as_ref().and_then(|days| days.last().copied());
        let touch_up = plan.touch_up.map(|touch_up| TouchUpFigures {
            day: last.map(|last| days_after(last, touch_up.after_days)),
            after_days: touch_up.after_days,
            share: touch_up.share,
            needle_mm: touch_up.needle_mm,
            dilution: touch_up.dilution,
        });
        let areas: Vec<AreaFigures> = plan
            .areas
            .iter()
            .enumerate()
            .map(|(i, area)| AreaFigures {
                name: area.name.clone(),
                kind: words(area.kind.name()),
                area_cm2: mock_up.area_cm2(plan, i).max(0.0),
                dots: mock_up.dots_after(count).filter(|dot| usize::from(dot.area) == i).count(),
            })
            .collect();
        let work = Work {
            areas: plan.areas.iter().zip(&areas).map(|(a, f)| (a.name.clone(), a.kind, f.area_cm2, f.dots)).collect(),
            sessions: count,
            touch_up: plan.touch_up.is_some(),
            class: asked.class.clone(),
        };
        let quote = practice.prices.quote(&work)?;
        let has_line =
            plan.areas.iter().any(|area| matches!(area.outline, Outline::Scalp | Outline::BehindHairline { .. }));
        let line = if has_line { tapes::of_line(document, fit, &plan.hairline) } else { Vec::new() };
        let (sessions, scale) = (sessions.collect(), scale_words(subject));
        let (fingerprint, photos_fingerprint) = fingerprints(subject)?;
        Ok(Self {
            practice: practice.clone(),
            client: subject.client().unwrap_or_default().to_owned(),
            variant: (document.variants.len() > 1).then(|| document.variants[subject.variant].name.clone()),
            made_on: asked.made_on,
            treatment: words(plan.treatment.name()),
            scale,
            line,
            area_cm2: areas.iter().map(|area| area.area_cm2).sum(),
            dots: standing[count],
            areas,
            sessions,
            touch_up,
            pigment: plan.pigment.clone(),
            depth_mm: plan.depth_mm,
            checks: findings.iter().map(CheckFigures::of).collect(),
            quote,
            signature: document.signature(subject.variant).map(|signature| SignatureFigures::of(signature, plan)),
            fingerprint,
            photos_fingerprint,
        })
    }

    /// Days of all sessions; empty if the first one's is not agreed.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.sessions.iter().filter_map(|session| session.day)
    }

    /// The last day on which the quote is valid; `None` if its date or period is not stated.
    #[must_use]
    pub(crate) fn quote_until(&self) -> Option<Date> {
        Some(days_after(self.made_on?, f64::from(self.quote.valid_days?)))
    }

    /// The client, the treatment, and the plan if there are several.
    #[must_use]
    pub fn who(&self) -> String {
        let variant = self.variant.as_ref().map(|name| format!("  ·  plan {name}")).unwrap_or_default();
        let client = if self.client.is_empty() { String::new() } else { format!("{}  ·  ", self.client) };
        format!("{client}{}{variant}", self.treatment)
    }

    /// How long the quote is valid, in a sentence; `None` if no period is stated, or its prices are examples.
    #[must_use]
    pub fn holds(&self) -> Option<String> {
        let days = self.quote.valid_days.filter(|_| self.quote.illustrative.is_none())?;
        Some(match self.quote_until() {
            Some(day) => format!("This quote is valid until {}.", day_text(day)),
            None => {
                format!("This quote is valid for {} from the day you receive it.", counted(usize::from(days), "day"))
            }
        })
    }

    /// The result of the checks in a sentence, above their table, if there is anything to list.
    #[must_use]
    pub fn checked(&self) -> &'static str {
        let stands_out = |check: &CheckFigures| check.severity.is_some();
        match (self.checks.is_empty(), self.checks.iter().any(stands_out)) {
            (true, _) => "The plan was measured against the rules of the trade, and breaks none of them.",
            (false, true) => "The plan was measured against the rules of the trade. What stands out:",
            (false, false) => {
                "The plan was measured against the rules of the trade, and breaks none of those that could be checked. What \
                 could not:"
            }
        }
    }

    /// Dots per cm² over all areas.
    #[must_use]
    pub fn per_cm2(&self) -> f64 {
        if self.area_cm2 > 0.0 { self.dots as f64 / self.area_cm2 } else { 0.0 }
    }
}

/// What the three outlooks mean.
pub(crate) const RANGE_NOTE: &str = "Nobody can know beforehand how your skin keeps pigment. All three show the same plan, healed. Light: \
                              it fades as fast as has been reported; likely: in the middle of what has been reported; strong: it \
                              stays as dark as has been reported.";
/// How far pictures of later years can be trusted.
pub(crate) const YEARS_NOTE: &str =
    "The likely course, and only an illustration: no study has followed healed heads for that long.";
/// What the dilutions in the table of sessions mean.
pub(crate) const DILUTION_NOTE: &str = "A dilution of 10:1 is ten parts of water to one of pigment; \u{201c}25\u{a0}% dark 8:1\u{201d} after it means that a \
     quarter of that session's dots are made with a darker one, of 8:1.";
/// Where the times of sessions come from.
pub(crate) const TIME_NOTE: &str = "The time is what such a number of dots usually takes.";
/// What the errors beside lengths contain.
pub(crate) const ERRORS_NOTE: &str =
    "The errors beside the lengths include that of the scale, and that of the places between which they run.";

impl AreaFigures {
    /// Its size in words, with one decimal if small.
    #[must_use]
    pub(crate) fn size_text(&self) -> String {
        area_text(self.area_cm2, usize::from(self.area_cm2 < 10.0))
    }

    /// Dots per cm².
    #[must_use]
    pub fn per_cm2(&self) -> f64 {
        if self.area_cm2 > 0.0 { self.dots as f64 / self.area_cm2 } else { 0.0 }
    }
}

impl SessionFigures {
    /// The dilution as the trade writes it: "20:1", followed by that of the dark dots, if any.
    #[must_use]
    pub(crate) fn dilution_text(&self) -> String {
        match self.dark {
            None => ratio(self.dilution),
            Some((share, dilution)) => {
                format!("{}, {:.0}\u{a0}% dark {}", ratio(self.dilution), 100.0 * share, ratio(dilution))
            }
        }
    }

    /// How long it takes: "2 to 3.5 hours".
    #[must_use]
    pub(crate) fn hours_text(&self) -> String {
        let [least, most] = self.hours.map(plain);
        if least == most { format!("{least} hours") } else { format!("{least} to {most} hours") }
    }

    /// Its day, or if none is agreed "10 days after session 1".
    #[must_use]
    pub fn when(&self) -> String {
        match (self.day, self.interval_days.round() as usize) {
            (Some(day), _) => day_text(day),
            (None, 0) => "First".to_owned(),
            (None, days) => format!("{} after session {}", counted(days, "day"), self.number.saturating_sub(1)),
        }
    }
}

impl TouchUpFigures {
    /// How long after the last session: "2 years", "18 months".
    #[must_use]
    pub(crate) fn after_text(&self) -> String {
        let months = (self.after_days / DAYS_PER_YEAR * 12.0).round() as usize;
        if months.is_multiple_of(12) && months > 0 {
            counted(months / 12, "year")
        } else {
            counted(months.max(1), "month")
        }
    }
}

impl TouchUpFigures {
    /// The touch-up in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let when = self.day.map(|day| format!(" (about {})", day_text(day))).unwrap_or_default();
        format!(
            "A touch-up {} after the last session{when} renews {:.0}\u{a0}% of the dots, with a needle of {}\u{a0}mm and a \
             dilution of {}.",
            self.after_text(),
            100.0 * self.share,
            plain(self.needle_mm),
            ratio(self.dilution)
        )
    }
}

impl CheckFigures {
    fn of(finding: &Finding) -> Self {
        let limit = finding.rule.limit();
        Self {
            id: limit.id,
            title: limit.title,
            severity: finding.measured.is_some().then_some(finding.severity),
            figures: finding.figures(),
            reason: finding.reason.clone(),
            remedy: finding.remedy.label().to_owned(),
        }
    }

    /// The severity in a word.
    #[must_use]
    pub(crate) fn severity_word(&self) -> &'static str {
        match self.severity {
            Some(Severity::Strong) => "Strong",
            Some(Severity::Warn) => "Warning",
            Some(Severity::Note) => "Note",
            None => "Not checked",
        }
    }
}

/// Parts of water to one part of pigment, as the trade writes it.
fn ratio(dilution: f64) -> String {
    format!("{}:1", plain(dilution))
}

/// A number of dots: "21 480 dots".
#[must_use]
pub(crate) fn dots_text(dots: usize) -> String {
    format!("{} dots", grouped(dots))
}

/// How long this many dots take, hours, from least to most: rounded to half an hour, and at least that.
fn hours(dots: usize, [fewest, most]: [f64; 2]) -> [f64; 2] {
    [most, fewest].map(|pace| ((dots as f64 / pace * HALF_HOURS).round() / HALF_HOURS).max(0.5))
}

/// The source of the scale and its error, at the front of the line in the photo that shows it best.
fn scale_words(subject: &Subject) -> String {
    let (document, fit) = (subject.document, &subject.fitted.fit);
    let front = subject.plan().hairline.mid_frontal(fit.head());
    let source = document.scale().source();
    let shown = views::of_place(fit.head(), &fit.views(document), &front, |_| true);
    match shown.and_then(|(view, _)| fit.scale_at(view.index, front.position)) {
        Some(scale) => format!("{source}, ±\u{a0}{:.0}\u{a0}%", 100.0 * scale.error),
        None => source.to_owned(),
    }
}

/// SHA-256 of the case, and of its photos alone.
fn fingerprints(subject: &Subject) -> Result<(String, String), HandoverError> {
    let mut photos = Sha256::new();
    for view in 0..subject.document.views.len() {
        photos.update(Sha256::digest(subject.photo_bytes(view)?));
    }
    let photos = photos.finalize();
    let mut all = Sha256::new();
    all.update(Sha256::digest(subject.document.to_json().as_bytes()));
    all.update(photos);
    Ok((hex(&all.finalize()), hex(&photos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitting_takes_as_long_as_its_dots() {
        assert_eq!(hours(14_000, [3500.0, 7000.0]), [2.0, 4.0]);
        assert_eq!(hours(9_000, [3500.0, 7000.0]), [1.5, 2.5]);
        assert_eq!(hours(40, [3500.0, 7000.0]), [0.5, 0.5]);
    }

    #[test]
    fn the_time_until_a_touch_up_is_stated_in_years_or_months() {
        let text = |after_days| {
            TouchUpFigures { day: None, after_days, share: 0.5, needle_mm: 0.3, dilution: 10.0 }.after_text()
        };
        assert_eq!([730.0, 365.0, 548.0, 28.0].map(text), ["2 years", "1 year", "18 months", "1 month"]);
    }
}
