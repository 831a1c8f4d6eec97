//! What the window calls the parts of a plan, beside what everything that is handed over does.

pub use crate::export::words::{area_text, counted, day_text, grouped, sentence, words};

use crate::plan::hairline::{EDGES, Preset};

/// A time as it is noted, in this computer's calendar: "30 Nov 2026, 09:15". What is no time is shown as it is.
#[must_use]
pub fn shown_time(noted: &str) -> String {
    let time = noted.parse::<jiff::Timestamp>().map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    time.map_or_else(|_| noted.to_owned(), |time| time.strftime("%-d %b %Y, %H:%M").to_string())
}

/// What the window calls the course of a preset's line, whatever its edge is.
#[must_use]
pub fn shape_name(preset: Preset) -> String {
    match preset.line_shape() {
        Preset::Soft => "Natural".to_owned(),
        shape => words(shape.name()),
    }
}

/// What the window calls a preset's edge.
#[must_use]
pub fn edge_name(preset: Preset) -> String {
    if EDGES.contains(&preset) { words(preset.name()) } else { "Usual".to_owned() }
}
