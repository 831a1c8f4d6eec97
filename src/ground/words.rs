//! What libraries and the operating system report, in plain words: numbers of any size, checksums, errors of files, and
//! errors of texts that were read with `serde`.

use std::io::{self, ErrorKind};

/// A number for a message: as short as it can be without losing anything that matters.
#[must_use]
pub fn number(value: f64) -> String {
    // Written out, 1e308 has 309 digits.
    let usual = value == 0.0 || (1e-6..1e9).contains(&value.abs());
    if usual || !value.is_finite() { value.to_string() } else { format!("{value:e}") }
}

/// Bytes in hexadecimal digits, as checksums are written.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error of the operating system, phrased to stand in brackets.
#[must_use]
pub fn io_problem(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "access is denied",
        ErrorKind::AlreadyExists => "there is already something of this name",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the space you may use on the disk is full",
        ErrorKind::ReadOnlyFilesystem => "the disk is write-protected",
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::InvalidFilename => "the name is too long, or not possible on this disk",
        _ => return without_error_number(&error.to_string()),
    };
    known.to_owned()
}

/// The text without the numbers of the operating system's errors, as in " (os error 28)".
#[must_use]
pub fn without_error_number(text: &str) -> String {
    const BEGIN: &str = " (os error ";
    let mut parts = text.split(BEGIN);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if number.chars().all(|c| c.is_ascii_digit()) => plain += rest,
            _ => plain = plain + BEGIN + part,
        }
    }
    plain
}

/// A problem that `serde` found in a value, which it words in terms of the program's types.
#[must_use]
pub fn misfit(problem: &str) -> String {
    let found_and_expected = |rest: &str| {
        let (found, expected) = rest.split_once(", expected ")?;
        Some((found.to_owned(), wanted(expected)))
    };
    if let Some(rest) = problem.strip_prefix("invalid type: ").or(problem.strip_prefix("invalid value: "))
        && let Some((found, wanted)) = found_and_expected(rest)
    {
        return format!("{wanted} is needed, not {}", there(&found));
    }
    if let Some(rest) = problem.strip_prefix("invalid length ")
        && let Some((count, wanted)) = found_and_expected(rest)
    {
        let values = if count == "1" { "value" } else { "values" };
        return format!("{wanted} is needed, not a list of {count} {values}");
    }
    if problem.starts_with("data did not match any variant") {
        return "this is in none of the known forms".to_owned();
    }
    if let Some(name) = problem.strip_prefix("duplicate field ") {
        return format!("{name} is given twice");
    }
    if let Some(name) = problem.strip_prefix("unknown field ").or(problem.strip_prefix("unknown variant ")) {
        let what = if problem.starts_with("unknown field ") { "field" } else { "value" };
        return match name.split_once(", expected ") {
            Some((name, known)) => {
                format!("unknown {what} {}; known are {}", short(name), known.strip_prefix("one of ").unwrap_or(known))
            }
            None => format!("unknown {what} {}", short(name)),
        };
    }
    problem.to_owned()
}

/// A name of any length for a message.
#[must_use]
pub fn short(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}

/// What `serde` calls the expected type.
fn wanted(expected: &str) -> String {
    let whole = |kind: &str| kind.len() > 1 && kind[1..].parse::<u8>().is_ok() && kind.starts_with(['i', 'u']);
    match expected {
        "f32" | "f64" => "a number".to_owned(),
        "usize" | "isize" => "a whole number".to_owned(),
        kind if kind.is_ascii() && whole(kind) => {
            if kind.starts_with('u') { "a whole number of 0 or more" } else { "a whole number" }.to_owned()
        }
        "a string" | "str" | "string" => "a text in quotes".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a set of names and values in { }".to_owned(),
        kind => {
            if let Some(count) = kind.strip_prefix("an array of length ") {
                format!("a list of {count} values")
            } else if kind.starts_with("struct ") || kind.starts_with("internally tagged enum ") {
                "a set of names and values in { }".to_owned()
            } else if kind.starts_with("tuple ") {
                "a list of values".to_owned()
            } else if kind.starts_with("enum ") || kind.starts_with("variant ") {
                "one of the known names".to_owned()
            } else {
                kind.to_owned()
            }
        }
    }
}

/// What `serde` calls the value that is there.
fn there(found: &str) -> String {
    /// Longest value that is quoted, characters.
    const LONGEST: usize = 40;
    let inner = |kind: &str, quote: char| found.strip_prefix(kind)?.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(text) = inner("integer ", '`').or_else(|| inner("floating point ", '`')) {
        return text.parse().map_or_else(|_| "this number".to_owned(), number);
    }
    if let Some(text) = inner("string ", '"') {
        let long = text.chars().count() > LONGEST;
        return if long { "a long text".to_owned() } else { format!("the text \"{text}\"") };
    }
    if let Some(truth) = inner("boolean ", '`') {
        return truth.to_owned();
    }
    match found {
        "null" | "unit value" => "null".to_owned(),
        "map" => "names and values in { }".to_owned(),
        "sequence" => "a list".to_owned(),
        other if other.chars().count() > LONGEST => "this".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_hundreds_of_digits_long() {
        let words: Vec<String> = [251.0, -0.5, 0.0, 1e308, -1e308, 5e-324, f64::NAN].map(number).into();
        assert_eq!(words, ["251", "-0.5", "0", "1e308", "-1e308", "5e-324", "NaN"]);
    }

    #[test]
    fn errors_of_the_system_have_no_numbers() {
        let full = io::Error::from_raw_os_error(if cfg!(windows) { 112 } else { 28 });
        assert_eq!(io_problem(&full), "the disk is full");
        let rare = io_problem(&io::Error::from_raw_os_error(5));
        assert!(!rare.contains("os error"), "{rare}");
        let message = "not written (Bad thing (os error 9)): a (os error 10) b: /c (os error x)";
        assert_eq!(without_error_number(message), "not written (Bad thing): a b: /c (os error x)");
    }

    #[test]
    fn misfits_are_told_without_the_names_of_types() {
        for (serde, plain) in [
            ("invalid type: null, expected f64", "a number is needed, not null"),
            ("invalid type: string \"many\", expected f64", "a number is needed, not the text \"many\""),
            ("invalid value: integer `-1`, expected u64", "a whole number of 0 or more is needed, not -1"),
            ("invalid type: floating point `1.5`, expected i8", "a whole number is needed, not 1.5"),
            ("invalid type: sequence, expected a string", "a text in quotes is needed, not a list"),
            (
                "invalid length 0, expected struct Plan with 17 elements",
                "a set of names and values in { } is needed, not a list of 0 values",
            ),
            ("invalid length 2, expected an array of length 3", "a list of 3 values is needed, not a list of 2 values"),
            ("duplicate field `seed`", "`seed` is given twice"),
            ("missing field `seed`", "missing field `seed`"),
            ("unknown field `a`, expected one of `b`, `c`", "unknown field `a`; known are `b`, `c`"),
            ("unknown variant `a`, expected `b` or `c`", "unknown value `a`; known are `b` or `c`"),
        ] {
            assert_eq!(misfit(serde), plain);
        }
        let long = misfit(&format!("invalid type: floating point `{}.0`, expected u64", "1".repeat(309)));
        assert!(long.len() < 80, "{long}");
    }
}
