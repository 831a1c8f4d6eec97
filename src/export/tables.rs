//! The tables that report and page share, cell by cell.

use super::handover::Handover;
use super::tapes::{Tapes, length_text};
use super::variants::Choice;
use super::words::{area_text, day_text, grouped, plain, sentence};
use crate::case::head_fit::Measured;

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Its heading.
    pub head: &'static str,
    /// Relative width.
    pub share: f32,
    /// Whether it is right-aligned, as numbers are.
    pub right: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn words(head: &'static str, share: f32) -> Self {
        Self { head, share, right: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn numbers(head: &'static str, share: f32) -> Self {
        Self { head, share, right: true }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, with one cell per column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns and rows.
    #[must_use]
    pub fn new(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self { columns: columns.to_vec(), rows: rows.into_iter().collect() }
    }

    /// The sessions one by one.
    #[must_use]
    pub(crate) fn of_sessions(handover: &Handover) -> Self {
        let columns = [
            Column::words("Session", 0.8),
            Column::words("Day", 1.6),
            Column::numbers("Dots placed", 1.0),
            Column::numbers("Dots in all", 1.0),
            Column::numbers("Needle", 0.9),
            Column::words("Dilution", 1.6),
            Column::words("Takes", 1.5),
        ];
        let row = |session: &super::handover::SessionFigures| {
            vec![
                session.number.to_string(),
                session.when(),
                grouped(session.new_dots),
                grouped(session.dots),
                format!("{}\u{a0}mm", plain(session.needle_mm)),
                session.dilution_text(),
                session.hours_text(),
            ]
        };
        Self::new(&columns, handover.sessions.iter().map(row))
    }

    /// The treated areas, and their total if there are several.
    #[must_use]
    pub(crate) fn of_areas(handover: &Handover) -> Self {
        let columns = [
            Column::words("Area", 2.0),
            Column::words("For", 2.0),
            Column::numbers("Size", 1.0),
            Column::numbers("Dots", 1.0),
            Column::numbers("Dots for each cm²", 1.3),
        ];
        let row = |area: &super::handover::AreaFigures| {
            vec![
                area.name.clone(),
                area.kind.clone(),
                area.size_text(),
                grouped(area.dots),
                format!("{:.0}", area.per_cm2()),
            ]
        };
        let all = (handover.areas.len() > 1).then(|| {
            vec![
                "All".to_owned(),
                String::new(),
                area_text(handover.area_cm2, 0),
                grouped(handover.dots),
                format!("{:.0}", handover.per_cm2()),
            ]
        });
        Self::new(&columns, handover.areas.iter().map(row).chain(all))
    }

    /// The tapes to the points of the line.
    #[must_use]
    pub(crate) fn of_line(handover: &Handover) -> Self {
        let columns = [
            Column::words("Point of the line", 2.2),
            Column::numbers("From the glabella", 1.3),
            Column::numbers("From the eye’s outer corner", 1.5),
            Column::numbers("From the tragus", 1.3),
        ];
        let or_none = |measured: Option<Measured>| measured.map_or_else(|| "–".to_owned(), length_text);
        let row = |tapes: &Tapes| {
            vec![tapes.name.clone(), length_text(tapes.glabella), or_none(tapes.canthus), or_none(tapes.tragus)]
        };
        Self::new(&columns, handover.line.iter().map(row))
    }

    /// The findings of the checks.
    #[must_use]
    pub(crate) fn of_checks(handover: &Handover) -> Self {
        let columns = [
            Column::words("Level", 0.8),
            Column::words("What", 1.3),
            Column::words("Measured", 1.5),
            Column::words("Why it matters, and what helps", 3.6),
        ];
        let row = |check: &super::handover::CheckFigures| {
            // What an unchecked rule still needs is the technician's business, and the studio says it.
            let remedy = check.severity.map(|_| format!(" {}.", check.remedy.trim_end_matches('.')));
            vec![
                check.severity_word().to_owned(),
                check.title.to_owned(),
                sentence(&check.figures),
                format!("{}{}", check.reason, remedy.unwrap_or_default()),
            ]
        };
        Self::new(&columns, handover.checks.iter().map(row))
    }

    /// The quote; the last row is the total.
    #[must_use]
    pub(crate) fn of_quote(handover: &Handover) -> Self {
        let quote = &handover.quote;
        let columns =
            [Column::words("What", 1.6), Column::words("How it is counted", 3.0), Column::numbers("Price", 1.6)];
        let lines =
            quote.lines.iter().map(|line| vec![line.what.clone(), line.how.clone(), line.amount.text(&quote.currency)]);
        let unpriced = quote.unpriced.iter().map(|name| vec![name.clone(), String::new(), "To be agreed".to_owned()]);
        let tax =
            quote.tax.iter().map(|(label, amount)| vec![label.clone(), String::new(), amount.text(&quote.currency)]);
        let sum = vec!["In all".to_owned(), String::new(), quote.total.text(&quote.currency)];
        Self::new(&columns, lines.chain(unpriced).chain(tax).chain([sum]))
    }

    /// Days of all sessions; `None` if the first one's is not agreed.
    #[must_use]
    pub(crate) fn of_days(handover: &Handover) -> Option<Self> {
        let sessions = handover.sessions.iter().filter_map(|session| {
            Some(vec![format!("Session {}", session.number), day_text(session.day?), session.hours_text()])
        });
        let touch_up = handover
            .touch_up
            .iter()
            .filter_map(|touch_up| Some(vec!["Touch-up".to_owned(), day_text(touch_up.day?), String::new()]));
        let columns = [Column::words("What", 1.0), Column::words("Day", 1.6), Column::words("Takes", 1.6)];
        let table = Self::new(&columns, sessions.chain(touch_up));
        (!table.rows.is_empty()).then_some(table)
    }

    /// The plans side by side.
    #[must_use]
    pub(crate) fn of_choices(choices: &[Choice]) -> Self {
        let columns = [
            Column::words("Plan", 0.8),
            Column::words("For", 1.6),
            Column::numbers("Line above the glabella", 1.5),
            Column::numbers("Size", 1.0),
            Column::numbers("Dots", 1.0),
            Column::numbers("Sessions", 0.9),
            Column::numbers("Price in all", 1.9),
        ];
        let row = |choice: &Choice| {
            let handover = &choice.handover;
            vec![
                choice.name.clone(),
                handover.treatment.clone(),
                choice.line_text().unwrap_or_else(|| "–".to_owned()),
                area_text(handover.area_cm2, 0),
                grouped(handover.dots),
                grouped(handover.sessions.len()),
                handover.quote.total.text(&handover.quote.currency),
            ]
        };
        Self::new(&columns, choices.iter().map(row))
    }
}
