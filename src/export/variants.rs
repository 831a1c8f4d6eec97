//! The plans of a case side by side, so that clients can compare them at home, and with their family.

use super::handover::{Asked, Handover, HandoverError};
use super::later::{Panel, sheet};
use super::pictures::{self, Make, Watch, jpeg, treated};
use super::practice::Practice;
use super::subject::Subject;
use super::words::{area_text, counted};
use crate::case;
use crate::photo::Photo;
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::Outlook;

/// Plans per row of the sheet.
const IN_ROW: usize = 3;

/// One of several plans.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Everything handed over for it.
    pub handover: Handover,
    /// The first photo, healed.
    pub picture: Panel,
}

impl Choice {
    /// Height of the line in the middle, as in the report; `None` if the plan has no line.
    #[must_use]
    pub(crate) fn line_text(&self) -> Option<String> {
        self.handover.line.first().map(|tapes| super::tapes::length_text(tapes.glabella))
    }

    /// Its facts, in the order in which people ask for them.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let handover = &self.handover;
        let mut facts = vec![handover.treatment.clone()];
        facts.extend(self.line_text().map(|line| format!("line {line} above the glabella")));
        facts.push(format!("{}, {}", area_text(handover.area_cm2, 0), counted(handover.dots, "dot")));
        facts.push(counted(handover.sessions.len(), "session"));
        facts.push(handover.quote.total.text(&handover.quote.currency));
        facts
    }
}

/// Every plan of the case, healed in the first photo. Afterwards the subject is back at its own plan.
///
/// # Errors
/// [`HandoverError`].
pub(crate) fn choices(
    subject: &mut Subject,
    practice: &Practice,
    asked: &Asked,
    make: Make,
    watch: Watch,
) -> Result<Vec<Choice>, HandoverError> {
    let chosen = subject.variant;
    let made = all(subject, practice, asked, make, watch);
    subject.choose(chosen)?;
    made
}

fn all(
    subject: &mut Subject,
    practice: &Practice,
    asked: &Asked,
    make: Make,
    watch: Watch,
) -> Result<Vec<Choice>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(case::Error::NoPhotos)?;
    let Some(part) = subject.part(view, make.most_px)? else { return Err(case::Error::NoPhotos.into()) };
    let count = subject.document.variants.len();
    let mut made = Vec::with_capacity(count);
    for variant in 0..count {
        subject.choose(variant)?;
        let handover = Handover::of(subject, practice, asked)?;
        let appointments = Appointments::of(subject.plan());
        let healed = Step::result(appointments).moment(appointments, Outlook::Likely).ok_or(case::Error::NoPlan)?;
        let picture = treated(&part.before, &subject.fitted.mock_up, &part.sensor, healed)?;
        let name = subject.document.variants[variant].name.clone();
        let caption = format!("Plan {name}, healed");
        made.push(Choice { name, handover, picture: Panel { caption, jpeg: jpeg(&picture, make.quality)? } });
        if watch((variant + 1) as f64 / count as f64).is_break() {
            return Err(HandoverError::Stopped);
        }
    }
    Ok(made)
}

/// All choices on one sheet.
///
/// # Errors
/// [`HandoverError`].
pub(crate) fn on_a_sheet(choices: &[Choice]) -> Result<Photo, HandoverError> {
    let panels: Vec<Panel> = choices
        .iter()
        .map(|choice| Panel { caption: format!("Plan {}", choice.name), ..choice.picture.clone() })
        .collect();
    let rows: Vec<Vec<Panel>> = panels.chunks(IN_ROW.min(panels.len().max(1))).map(<[Panel]>::to_vec).collect();
    // An incomplete row would be narrower than the others.
    let mut rows = rows;
    if let [first, .., last] = rows.as_mut_slice() {
        while last.len() < first.len() {
            let Some(blank) = blank_like(first)? else { break };
            last.push(blank);
        }
    }
    let facts: Vec<String> =
        choices.iter().map(|choice| format!("Plan {}: {}. ", choice.name, choice.facts().join("  ·  "))).collect();
    sheet(&rows, &facts.concat())
}

/// An empty panel of the same size as the others.
fn blank_like(row: &[Panel]) -> Result<Option<Panel>, HandoverError> {
    let Some(first) = row.first() else { return Ok(None) };
    let [width, height] = crate::photo::decode(&first.jpeg, &crate::photo::Limits::default())?.size_px();
    let blank = Photo::from_rows(width, height, |_, row| row.fill([255; 3]));
    Ok(Some(Panel { caption: String::new(), jpeg: jpeg(&blank, 80)? }))
}
