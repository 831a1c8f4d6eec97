//! The window's words for the parts of a plan, in addition to those shared with the hand-over.

pub use crate::export::words::{area_text, counted, day_text, grouped, sentence, words};

use crate::plan::hairline::{EDGES, Preset};

/// A recorded time, in this computer's time zone: "30 Nov 2026, 09:15". Text that is not a time is shown unchanged.
#[must_use]
pub fn shown_time(noted: &str) -> String {
    let time = noted.parse::<jiff::Timestamp>().map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    time.map_or_else(|_| noted.to_owned(), |time| time.strftime("%-d %b %Y, %H:%M").to_string())
}

/// The window's name for the course of a preset's line, whatever its edge is.
#[must_use]
pub fn shape_name(preset: Preset) -> String {
    match preset.line_shape() {
        Preset::Soft => "Natural".to_owned(),
        shape => words(shape.name()),
    }
}

/// The window's name for a preset's edge.
#[must_use]
pub fn edge_name(preset: Preset) -> String {
    if EDGES.contains(&preset) { words(preset.name()) } else { "Usual".to_owned() }
}
