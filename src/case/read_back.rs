//! Measuring in a photo how far the line drawn on the client's skin lies from the planned one.
//!
//! The two are compared only in the photo that shows the drawn line, along the skin. An error in the fitted camera
//! shifts the whole line and is reported beside the numbers, as for every length.

use glam::DVec2;
use serde::Serialize;

use super::document::{Document, ViewRecord};
use super::head_fit::HeadFit;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;
use crate::plan::hairline::Hairline;
use crate::reading::drawn_line::{self, Crossing, NoLine};

/// Number of points sampled for the camera's error: the middle and the sides of the line.
const ASKED: usize = 3;

/// A drawn line compared with the planned one.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// Where the two were compared, every millimetre along the planned line, from the subject's right to the left.
    pub crossings: Vec<Crossing>,
    /// For each crossing, the length along the planned line from the midline, mm; negative to the subject's right.
    pub from_midline_mm: Vec<f64>,
    /// Mean deviation, mm; positive if the drawn line lies farther from the brows.
    pub mean_mm: f64,
    /// Mean absolute deviation, mm.
    pub mean_off_mm: f64,
    /// Standard deviation of an error of the whole line, from the uncertainty of the camera, mm.
    pub error_mm: f64,
    /// Index of the crossing with the largest deviation.
    pub worst: usize,
}

/// A crossing of a drawn line, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrossingRecord {
    /// Length along the planned line from the midline, mm; negative to the subject's right.
    pub from_midline_mm: f64,
    /// Deviation of the drawn line, mm; positive farther from the brows.
    pub off_mm: f64,
    /// Horizontal position in the photo, px.
    pub x: f64,
    /// Vertical position in the photo, px.
    pub y: f64,
}

impl HeadFit {
    /// Compares a line drawn near a plan's hairline in a view's photo with it. `traced_px` is the drawn line as traced
    /// by hand; `None` detects it.
    ///
    /// # Errors
    /// [`NoLine`]; a view with too few points counts as not showing the line.
    pub fn read_back(
        &self,
        photo: &Photo,
        (view, record): (usize, &ViewRecord),
        hairline: &Hairline,
        traced_px: Option<&[DVec2]>,
    ) -> Result<ReadBack, NoLine> {
        let camera = self.camera(view).ok_or(NoLine::NotShown)?;
        let line = hairline.line(self.head());
        let crossings = match traced_px {
            Some(traced) => drawn_line::traced(photo.size_px(), self.head(), camera, &line, traced)?,
            None => drawn_line::find(photo, self.head(), camera, &line, record.hidden().as_ref())?,
        };
        Ok(self.compared(view, crossings))
    }

    fn compared(&self, view: usize, crossings: Vec<Crossing>) -> ReadBack {
        let axis = self.head().midline_mm();
        let middle = crossings.iter().min_by(|a, b| {
            let off = |c: &Crossing| (c.planned.position.x - axis).abs();
            off(a).total_cmp(&off(b))
        });
        // If the middle is not shown, measure from the nearest crossing and allow for its distance from the midline.
        let middle_mm = middle.map_or(0.0, |c| c.along_mm - (c.planned.position.x - axis));
        let count = crossings.len().max(1) as f64;
        let worst =
            (0..crossings.len()).max_by(|a, b| crossings[*a].off_mm.abs().total_cmp(&crossings[*b].off_mm.abs()));
        ReadBack {
            from_midline_mm: crossings.iter().map(|c| c.along_mm - middle_mm).collect(),
            mean_mm: crossings.iter().map(|c| c.off_mm).sum::<f64>() / count,
            mean_off_mm: crossings.iter().map(|c| c.off_mm.abs()).sum::<f64>() / count,
            error_mm: self.line_error_mm(view, &crossings),
            worst: worst.unwrap_or(0),
            crossings,
        }
    }

    /// Standard deviation of the planned line's position in the photo, across the line, mm.
    fn line_error_mm(&self, view: usize, crossings: &[Crossing]) -> f64 {
        let Some(index) = self.index(view) else { return f64::INFINITY };
        let asked = (0..ASKED).filter_map(|k| crossings.get((2 * k + 1) * crossings.len() / (2 * ASKED)));
        let errors = asked.filter_map(|c| {
            let height = self.head().glabella().position.distance(c.planned.position);
            let camera = self.fit.cameras.get(index)?;
            let px = camera.image_from_head(c.planned.position)?;
            // How much the distance from the glabella of the point seen at this pixel changes.
            let off = |head: &Head, cameras: &[Camera]| {
                let (_, place) = head.head_from_image(cameras.get(index)?, px)?;
                Some(head.glabella().position.distance(place.position) - height)
            };
            Some(self.fit.deviation_of(off))
        });
        let errors: Vec<f64> = errors.collect();
        let mean_square = errors.iter().map(|e| e * e).sum::<f64>() / errors.len().max(1) as f64;
        mean_square.sqrt()
    }
}

impl ReadBack {
    /// The crossing with the largest deviation.
    #[must_use]
    pub fn worst(&self) -> Option<CrossingRecord> {
        self.place(self.worst)
    }

    /// A crossing by its index.
    #[must_use]
    pub fn place(&self, number: usize) -> Option<CrossingRecord> {
        let crossing = self.crossings.get(number)?;
        Some(CrossingRecord {
            from_midline_mm: *self.from_midline_mm.get(number)?,
            off_mm: crossing.off_mm,
            x: crossing.px.x,
            y: crossing.px.y,
        })
    }

    /// All crossings.
    pub fn places(&self) -> impl Iterator<Item = CrossingRecord> {
        (0..self.crossings.len()).filter_map(|number| self.place(number))
    }

    /// Length of the planned line that was compared, mm: crossings are a millimetre apart.
    #[must_use]
    pub fn length_mm(&self) -> f64 {
        self.crossings.len() as f64
    }

    /// The result in one sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let Some(worst) = self.worst() else { return "Nothing could be compared.".to_owned() };
        format!(
            "The drawn line lies {} in the mean (±\u{a0}{:.1}\u{a0}mm) over {:.0}\u{a0}mm of it, and at most {}, {}.",
            way(self.mean_mm),
            self.error_mm.max(0.1),
            self.length_mm(),
            way(worst.off_mm),
            side(worst.from_midline_mm)
        )
    }
}

/// "1.2 mm too high": farther from the brows than planned.
#[must_use]
pub fn way(off_mm: f64) -> String {
    let shown = (off_mm * 10.0).round() / 10.0;
    if shown == 0.0 {
        return "as planned".to_owned();
    }
    format!("{:.1}\u{a0}mm {}", shown.abs(), if shown > 0.0 { "too high" } else { "too low" })
}

/// "23 mm to the client's left of the midline".
#[must_use]
pub fn side(from_midline_mm: f64) -> String {
    match from_midline_mm.round() {
        0.0 => "on the midline".to_owned(),
        mm => {
            let side = if mm > 0.0 { "left" } else { "right" };
            format!("{:.0}\u{a0}mm to the client's {side} of the midline", mm.abs())
        }
    }
}

/// The last view whose name says that its photo shows the drawn line.
#[must_use]
pub fn drawn_view(document: &Document) -> Option<usize> {
    document.views.iter().rposition(|view| view.name.starts_with(DRAWN))
}

/// Prefix of such a view's name.
pub const DRAWN: &str = "drawn";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_stated_in_plain_words() {
        assert_eq!(way(1.24), "1.2\u{a0}mm too high");
        assert_eq!(way(-0.35), "0.4\u{a0}mm too low");
        assert_eq!(way(0.04), "as planned");
        assert_eq!(side(-12.4), "12\u{a0}mm to the client's right of the midline");
        assert_eq!(side(0.3), "on the midline");
    }
}
