//! Session days for the client's own calendar (iCalendar, RFC 5545).
//!
//! Events last whole days: the hour is agreed elsewhere. The file contains nobody's name, since calendars are
//! synchronised with servers. An event keeps its UID when the plan changes, so that importing again moves it instead of
//! duplicating it.

use icalendar::{Calendar, Component, Event, EventLike, Property};
use jiff::civil::Date;

use super::handover::{Handover, HandoverError, dots_text};
use super::text;
use super::words::{day_text, sentence};
use crate::photo::Photo;

/// The product identifier (PRODID).
pub(super) const PRODUCT: &str = "-//Scalp Studio//EN";

/// The contents of the calendar file.
///
/// # Errors
/// [`HandoverError::NoFirstSession`].
pub fn calendar(handover: &Handover) -> Result<String, HandoverError> {
    let first = handover.days().next().ok_or(HandoverError::NoFirstSession)?;
    let letterhead = &handover.practice.letterhead;
    // The date of creation if stated, else that of the first session.
    let stamp = format!("{}T000000Z", ical_day(handover.made_on.unwrap_or(first)));
    let event = |what: &str, day: Date, summary: &str, description: &str| {
        let mut event = Event::with_uid(&format!("{}-{what}@scalp-studio", &handover.photos_fingerprint[..16]));
        event
            .append_property(Property::new("DTSTART", ical_day(day)).add_parameter("VALUE", "DATE").done())
            .add_property("DTSTAMP", &stamp)
            .add_property("TRANSP", "TRANSPARENT")
            .summary(summary)
            .description(description);
        if !letterhead.name.is_empty() {
            let place: Vec<&str> =
                std::iter::once(&letterhead.name).chain(&letterhead.lines).map(String::as_str).collect();
            event.location(&place.join(", "));
        }
        event.done()
    };
    let mut calendar = Calendar::new();
    calendar.properties.retain(|property| property.key() != "PRODID");
    calendar.append_property(("PRODID", PRODUCT));
    let count = handover.sessions.len();
    for session in &handover.sessions {
        let Some(day) = session.day else { continue };
        let summary = format!("Scalp micropigmentation, session {} of {count}", session.number);
        let description = format!("About {}, {}.", dots_text(session.new_dots), session.hours_text());
        calendar.push(event(&format!("session-{}", session.number), day, &summary, &description));
    }
    if let Some(touch_up) = &handover.touch_up
        && let Some(day) = touch_up.day
    {
        let description =
            sentence(format!("{} after the last session: see whether it needs refreshing.", touch_up.after_text()));
        calendar.push(event("touch-up", day, "Scalp micropigmentation, touch-up", &description));
    }
    Ok(calendar.done().to_string())
}

fn ical_day(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}
/// A preview of the session days; `None` if no day is agreed.
///
/// # Errors
/// [`HandoverError`] if the letters cannot be drawn.
pub fn preview(handover: &Handover, width_px: u32) -> Result<Option<Photo>, HandoverError> {
    let days: Vec<String> =
        handover.sessions.iter().filter_map(|s| Some(format!("{}  {}", s.number, day_text(s.day?)))).collect();
    let letters = width_px as f32 / 16.0;
    let lines: Vec<(&str, f32)> =
        std::iter::once(("Sessions", 1.2 * letters)).chain(days.iter().map(|day| (day.as_str(), letters))).collect();
    if days.is_empty() {
        return Ok(None);
    }
    Ok(Some(text::strip(width_px, (letters * 1.8 * (lines.len() + 1) as f32) as u32, &lines)?))
}
