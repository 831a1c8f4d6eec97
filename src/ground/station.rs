//! The time and place of records. Results depend on neither.

/// The current time for records: ISO 8601 with the offset from UTC.
#[must_use]
pub fn now() -> String {
    jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Today's date, local time.
#[must_use]
pub fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

/// Host name of this computer.
#[must_use]
pub fn name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// What the user is called on this computer; empty where that is not known.
#[must_use]
pub fn user() -> String {
    let named = |variable: &str| std::env::var(variable).ok().filter(|name| !name.is_empty());
    ["USER", "USERNAME", "LOGNAME"].into_iter().find_map(named).unwrap_or_default()
}
