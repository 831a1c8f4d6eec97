//! Reads dots from a CSV file: ellipses in pixels of the upright photo, one per row.

use std::io::{self, Read};

use crate::ground::words::{io_problem, number, short};
use crate::render::splat::{Splat, Splats};

/// Why a file of dots was rejected.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SplatsError {
    #[error("the dots cannot be read ({})", io_problem(.0))]
    Unread(io::Error),
    #[error("line {line} of the dots is not text (UTF-8)")]
    NotText { line: u64 },
    #[error("line {line} of the dots has {count} values, and there are {columns} columns")]
    Length { line: u64, count: u64, columns: u64 },
    #[error("line {line} of the dots: {column} is '{}', which is not a number", short(.value))]
    NotANumber { line: u64, column: &'static str, value: String },
    #[error("the dots have no column '{missing}'; needed are {}", COLUMNS.join(", "))]
    Column { missing: &'static str },
    #[error("the dots have the column '{column}' twice")]
    ColumnTwice { column: &'static str },
    #[error("dot {dot} (line {line}): {column} is out of range ({})", number(*.value))]
    Range { dot: usize, line: u64, column: &'static str, value: f64 },
    #[error("more than {most} dots")]
    TooMany { most: usize },
}

impl From<csv::Error> for SplatsError {
    fn from(error: csv::Error) -> Self {
        let line = error.position().map_or(1, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::Io(problem) => Self::Unread(problem),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                Self::Length { line, count: len, columns: expected_len }
            }
            csv::ErrorKind::Utf8 { .. } => Self::NotText { line },
            // None of the others comes of reading rows.
            _ => Self::Unread(io::Error::other("its rows contradict each other")),
        }
    }
}

/// The required columns; others are ignored.
const COLUMNS: [&str; 6] = ["x_px", "y_px", "fwhm_major_px", "fwhm_minor_px", "angle_deg", "opacity"];
/// Full width at half maximum over standard deviation of a Gaussian: 2 sqrt(2 ln 2).
const FWHM_PER_SIGMA: f64 = 2.354_820_045_030_949_3;
/// Longest line, bytes.
const LONGEST_LINE: usize = 64 << 10;
/// Largest file of dots that is read, bytes: room for [`MOST_SPLATS`].
const LARGEST_FILE: u64 = 2 << 30;
/// Most dots: more than ten heads have.
const MOST_SPLATS: usize = 20_000_000;

/// A reader of bounded length and bounded lines: without bounds, reading a device would fill the memory.
struct Lines<R> {
    text: io::Take<R>,
    /// Bytes since the last newline.
    line: usize,
}

impl<R: Read> Lines<R> {
    fn of(text: R) -> Self {
        Self { text: text.take(LARGEST_FILE), line: 0 }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A chunk without a newline is never longer than the longest line.
        let piece = buffer.len().min(LONGEST_LINE);
        let length = self.text.read(&mut buffer[..piece])?;
        self.line = match buffer[..length].iter().rposition(|byte| *byte == b'\n') {
            Some(end) => length - end - 1,
            None => self.line + length,
        };
        if length == 0 && piece > 0 && self.text.limit() == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more than 2 GiB"));
        }
        if self.line > LONGEST_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line has no end"));
        }
        Ok(length)
    }
}

/// Reads dots: centre, widths at half maximum and angle of the major axis (px, degrees), and the share of light lost at
/// the centre, 0 to 1. Other columns are ignored. Numbers and names of columns may stand in quotes.
///
/// # Errors
/// [`SplatsError`] for the first invalid row.
pub fn parse(text: impl Read) -> Result<Splats, SplatsError> {
    parse_at_most(MOST_SPLATS, text)
}

fn parse_at_most(most: usize, text: impl Read) -> Result<Splats, SplatsError> {
    // A quoted field could span lines without end, so quotes are removed here.
    let mut reader = csv::ReaderBuilder::new().quoting(false).from_reader(Lines::of(text));
    // Check the header before the rows: with no rows, wrong columns would go unnoticed.
    let header = reader.headers()?;
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut found = header.iter().enumerate().filter(|(_, name)| unquoted(name) == column);
        (*place, _) = found.next().ok_or(SplatsError::Column { missing: column })?;
        if found.next().is_some() {
            return Err(SplatsError::ColumnTwice { column });
        }
    }
    // Bytes, of which only the numbers are looked at: hundreds of thousands of rows are no rarity.
    let (mut splats, mut row) = (Vec::new(), csv::ByteRecord::new());
    while reader.read_byte_record(&mut row)? {
        if splats.len() == most {
            return Err(SplatsError::TooMany { most });
        }
        splats.push(splat(numbers(&row, places, splats.len() + 1)?));
    }
    Ok(Splats::new(splats))
}

/// The numbers of a row, in the order of [`COLUMNS`]. `dot` counts from 1.
fn numbers(row: &csv::ByteRecord, places: [usize; 6], dot: usize) -> Result<[f64; 6], SplatsError> {
    let line = row.position().map_or(0, csv::Position::line);
    if std::str::from_utf8(row.as_slice()).is_err() {
        return Err(SplatsError::NotText { line });
    }
    let mut numbers = [0.0; COLUMNS.len()];
    for ((number, place), column) in numbers.iter_mut().zip(places).zip(COLUMNS) {
        let text = std::str::from_utf8(row.get(place).unwrap_or_default()).unwrap_or_default();
        let text = unquoted(text);
        let Ok(value) = text.parse::<f64>() else {
            return Err(SplatsError::NotANumber { line, column, value: text.to_owned() });
        };
        let fits = match column {
            "fwhm_major_px" | "fwhm_minor_px" => (0.0..=1e6).contains(&value),
            "opacity" => (0.0..=1.0).contains(&value),
            _ => value.abs() <= 1e6,
        };
        if !fits {
            return Err(SplatsError::Range { dot, line, column, value });
        }
        *number = value;
    }
    Ok(numbers)
}

/// A field without space and quotes around it.
fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
}

fn splat([x_px, y_px, fwhm_major_px, fwhm_minor_px, angle_deg, opacity]: [f64; 6]) -> Splat {
    let (major, minor) = (fwhm_major_px / FWHM_PER_SIGMA, fwhm_minor_px / FWHM_PER_SIGMA);
    let (sine, cosine) = libm::sincos(angle_deg.to_radians());
    let loss = (opacity * std::f64::consts::TAU * major * minor) as f32;
    Splat {
        x_px: x_px as f32,
        y_px: y_px as f32,
        sigma_major_px: major as f32,
        sigma_minor_px: minor as f32,
        axis: [cosine as f32, sine as f32],
        loss_px2: [loss; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity";

    #[test]
    fn quotes_around_numbers_are_as_good_as_none() {
        let plain = parse(format!("{HEADER}\n1,2.5,3,3,0,0.5\n").as_bytes()).unwrap();
        let quoted = parse(format!("{HEADER}\n\"1\",\"2.5\",3, \"3\" ,0,\"0.5\"\n").as_bytes()).unwrap();
        assert_eq!(format!("{plain:?}"), format!("{quoted:?}"));
    }

    #[test]
    fn as_many_dots_as_may_be_are_read_and_one_more_is_refused() {
        let dots = |count: usize| format!("{HEADER}\n{}", "1,2,3,3,0,0.5\n".repeat(count));
        assert_eq!(parse_at_most(1000, dots(1000).as_bytes()).unwrap().len(), 1000);
        let error = parse_at_most(1000, dots(1001).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "more than 1000 dots");
        assert_eq!(SplatsError::TooMany { most: MOST_SPLATS }.to_string(), "more than 20000000 dots");
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        for (rows, says) in [
            ("1,2,3,3,0,0.5\n1,two,3,3,0,0.5\n", "line 3 of the dots: y_px is 'two', which is not a number"),
            ("1,2,3\n", "line 2 of the dots has 3 values, and there are 6 columns"),
            ("1,2,3,3,0,1.5\n", "dot 1 (line 2): opacity is out of range (1.5)"),
            ("1,2,3,3,0,0.5\n1,1e308,3,3,0,0.5\n", "dot 2 (line 3): y_px is out of range (1e308)"),
        ] {
            assert_eq!(parse(format!("{HEADER}\n{rows}").as_bytes()).unwrap_err().to_string(), says);
        }
    }
}
