//! Values of options: numbers with or without units, positions in photos, ages and dates.

use jiff::civil::Date;

use crate::case::consent::{USES, Use};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::plan::parameters;

/// Parses a finite number with a decimal point or comma; `f64` alone also accepts "nan" and "inf".
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Like [`number`], with or without its unit: "72,5 mm".
pub(super) fn number_of(text: &str, units: &[&str]) -> Option<f64> {
    let text = text.trim();
    number(units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text))
}

/// Units that may follow a number, as people write them.
pub(super) const MM: [&str; 1] = ["mm"];
pub(super) const PX: [&str; 1] = ["px"];
pub(super) const PER_CM2: [&str; 5] = ["/cm2", "/cm²", "per cm2", "per cm²", "/ cm2"];

pub(super) fn pixel(text: &str) -> Result<f64, String> {
    number_of(text, &PX).ok_or_else(|| "a pixel coordinate is a number such as 812.5".to_owned())
}

pub(super) fn place(text: &str) -> Result<[f64; 2], String> {
    let numbers = text.split_once(',').and_then(|(x, y)| Some([number(x.trim())?, number(y.trim())?]));
    numbers.ok_or_else(|| "a pixel is two numbers with a comma between, such as 812.5,640".to_owned())
}

pub(super) fn radius(text: &str) -> Result<f64, String> {
    between(text, &MM, 2.0, 20.0, "a radius in mm")
}

pub(super) fn density(text: &str) -> Result<f64, String> {
    let [least, most] = parameters::DENSITY.limits;
    between(text, &PER_CM2, least, most, "a number of dots per cm2")
}

pub(super) fn between(text: &str, units: &[&str], low: f64, high: f64, what: &str) -> Result<f64, String> {
    number_of(text, units)
        .filter(|v| (low..=high).contains(v))
        .ok_or_else(|| format!("{what} from {low} to {high} is needed"))
}

pub(super) fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is needed, such as 2026-11-30".to_owned())
}

/// Longest time that can be requested: nobody has observed pigment in skin for longer.
const LONGEST_DAYS: f64 = 100.0 * DAYS_PER_YEAR;

pub(super) fn age_days(text: &str) -> Result<f64, String> {
    humantime::parse_duration(&text.replace(',', "."))
        .map(|d| d.as_secs_f64() / 86_400.0)
        .ok()
        .filter(|days| *days <= LONGEST_DAYS)
        .ok_or_else(|| "write a number and a unit, up to 100 years: 0d, 28d, 6months, 2y".to_owned())
}

pub(super) fn purpose(name: &str) -> Result<Use, String> {
    Use::from_name(name).ok_or_else(|| format!("choose one of {}", USES.map(Use::name).join(", ")))
}
