//! Reads dots from a CSV file: ellipses in pixels of the upright photo, one per row.

use std::io::{self, Read};

use serde::Deserialize;

use crate::render::splat::{Splat, Splats};

/// Why a file of dots was rejected.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SplatsError {
    #[error("the dots cannot be read ({0})")]
    Form(#[from] csv::Error),
    #[error("the dots have no column '{missing}'; needed are {}", COLUMNS.join(", "))]
    Column { missing: &'static str },
    #[error("dot {number} has a number out of range")]
    Range { number: usize },
    #[error("more than {MOST_SPLATS} dots")]
    TooMany,
}

/// A row of the CSV file; other columns are ignored.
#[derive(Deserialize)]
struct Row {
    x_px: f64,
    y_px: f64,
    fwhm_major_px: f64,
    fwhm_minor_px: f64,
    angle_deg: f64,
    opacity: f64,
}

/// The required columns.
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
/// the centre, 0 to 1. Other columns are ignored.
///
/// # Errors
/// [`SplatsError`] for the first invalid row.
pub fn parse(text: impl Read) -> Result<Splats, SplatsError> {
    // Numbers need no quotes, and a quoted field could span lines without end.
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).quoting(false).from_reader(Lines::of(text));
    // Check the header before the rows: with no rows, wrong columns would go unnoticed.
    let header = reader.headers()?;
    let header: csv::StringRecord = header.iter().map(|name| name.trim_matches('"')).collect();
    reader.set_headers(header.clone());
    if let Some(missing) = COLUMNS.iter().find(|column| !header.iter().any(|name| name == **column)) {
        return Err(SplatsError::Column { missing });
    }
    let mut splats = Vec::new();
    for (i, row) in reader.deserialize().enumerate() {
        let row: Row = row?;
        let numbers = [row.x_px, row.y_px, row.fwhm_major_px, row.fwhm_minor_px, row.angle_deg, row.opacity];
        let sized = row.fwhm_major_px >= 0.0 && row.fwhm_minor_px >= 0.0 && (0.0..=1.0).contains(&row.opacity);
        if !sized || numbers.iter().any(|v| !v.is_finite() || v.abs() > 1e6) {
            return Err(SplatsError::Range { number: i + 1 });
        }
        if splats.len() == MOST_SPLATS {
            return Err(SplatsError::TooMany);
        }
        let (major, minor) = (row.fwhm_major_px / FWHM_PER_SIGMA, row.fwhm_minor_px / FWHM_PER_SIGMA);
        let (sine, cosine) = libm::sincos(row.angle_deg.to_radians());
        let loss = (row.opacity * std::f64::consts::TAU * major * minor) as f32;
        splats.push(Splat {
            x_px: row.x_px as f32,
            y_px: row.y_px as f32,
            sigma_major_px: major as f32,
            sigma_minor_px: minor as f32,
            axis: [cosine as f32, sine as f32],
            loss_px2: [loss; 3],
        });
    }
    Ok(Splats::new(splats))
}
