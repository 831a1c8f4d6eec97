//! Names, numbers and messages as the window writes them.

use crate::plan::hairline::{EDGES, Preset};

/// A message with a capital letter.
#[must_use]
pub fn sentence(message: impl ToString) -> String {
    let message = message.to_string();
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A time as it is noted, in this computer's calendar: "30 Nov 2026, 09:15". What is no time is shown as it is.
#[must_use]
pub fn shown_time(noted: &str) -> String {
    let time = noted.parse::<jiff::Timestamp>().map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    time.map_or_else(|_| noted.to_owned(), |time| time.strftime("%-d %b %Y, %H:%M").to_string())
}

/// "full-shave" as a person writes it.
#[must_use]
pub fn words(name: &str) -> String {
    let text = name.replace('-', " ").replace("fue ", "FUE ").replace("widows ", "widow's ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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

/// A whole number with thin spaces between thousands: "21 480".
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// An area with its unit: "21.5 cm²". Numerics may leave one that is nothing a trace below zero, which nobody should see.
#[must_use]
pub fn area_text(area_cm2: f64, decimals: usize) -> String {
    let area_cm2 = if area_cm2 < 0.05 { 0.0 } else { area_cm2 };
    format!("{area_cm2:.decimals$} cm²")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_area_is_below_zero() {
        let shown = [-0.03, -0.0, 0.02, 0.06, 21.46].map(|area| super::area_text(area, 1));
        assert_eq!(shown, ["0.0 cm²", "0.0 cm²", "0.0 cm²", "0.1 cm²", "21.5 cm²"]);
        assert_eq!(super::area_text([0.0; 0].iter().sum(), 0), "0 cm²");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(super::grouped(0), "0");
        assert_eq!(super::grouped(999), "999");
        assert_eq!(super::grouped(21_480), "21\u{202f}480");
        assert_eq!(super::grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
