//! How far the line that was drawn on the client's skin lies from the planned one: read back from a photo.
//!
//! Only where both can be compared: in the photo in which the line was drawn, along the skin. What the photo's camera may be off
//! moves the whole line and stands beside the numbers, as for every length.

use glam::DVec2;
use serde::Serialize;

use super::document::{Document, ViewRecord};
use super::head_fit::HeadFit;
use crate::head::Head;
use crate::head::camera::Camera;
use crate::photo::Photo;
use crate::plan::hairline::Hairline;
use crate::reading::drawn_line::{self, Crossing, NoLine};

/// Places at which the error is asked for: a line is as sure as its middle and its sides.
const ASKED: usize = 3;

/// A drawn line against the planned one.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// Where both were compared, every millimetre along the planned line from the subject's right to the left.
    pub crossings: Vec<Crossing>,
    /// Length along the planned line from the midline, mm, for each of them; negative to the subject's right.
    pub from_midline_mm: Vec<f64>,
    /// Mean distance, mm: positive where the drawn line lies farther from the brows.
    pub mean_mm: f64,
    /// Mean of the distances whichever way they go, mm.
    pub mean_off_mm: f64,
    /// Standard deviation by which the whole line may be off, since nobody knows exactly how the camera looked, mm.
    pub error_mm: f64,
    /// Number of the place that is off most.
    pub worst: usize,
}

/// A place of a drawn line, for people who script.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Place {
    /// Length along the planned line from the midline, mm; negative to the subject's right.
    pub from_midline_mm: f64,
    /// How far the drawn line lies from it, mm: positive farther from the brows.
    pub off_mm: f64,
    /// Where it is in the photo, px.
    pub x: f64,
    /// Where it is in the photo, px.
    pub y: f64,
}

impl HeadFit {
    /// Reads a line that was drawn near a plan's hairline in a view's photo; it is looked for where `traced_px` says nothing.
    ///
    /// # Errors
    /// [`NoLine`]; a view without points counts as not showing it.
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
        // Where the middle is not shown the nearest place stands for it, as far from the midline as it is.
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

    /// How far the planned line may lie from where the camera seems to show it, across it, mm.
    fn line_error_mm(&self, view: usize, crossings: &[Crossing]) -> f64 {
        let Some(index) = self.index(view) else { return f64::INFINITY };
        let asked = (0..ASKED).filter_map(|k| crossings.get((2 * k + 1) * crossings.len() / (2 * ASKED)));
        let errors = asked.filter_map(|c| {
            let height = self.head().glabella().position.distance(c.planned.position);
            let camera = self.fit.cameras.get(index)?;
            let px = camera.image_from_head(c.planned.position)?;
            // The place that a pixel shows, as far from the glabella as the plan's place was.
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
    /// The place that is off most.
    #[must_use]
    pub fn worst(&self) -> Option<Place> {
        self.place(self.worst)
    }

    /// A place by its number.
    #[must_use]
    pub fn place(&self, number: usize) -> Option<Place> {
        let crossing = self.crossings.get(number)?;
        Some(Place {
            from_midline_mm: *self.from_midline_mm.get(number)?,
            off_mm: crossing.off_mm,
            x: crossing.px.x,
            y: crossing.px.y,
        })
    }

    /// All places.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        (0..self.crossings.len()).filter_map(|number| self.place(number))
    }

    /// Length of the planned line along which there is something to compare, mm: columns stand a millimetre apart.
    #[must_use]
    pub fn length_mm(&self) -> f64 {
        self.crossings.len() as f64
    }

    /// The whole in a sentence.
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

/// The view whose photo a drawn line is read from: one whose name says so, else none.
#[must_use]
pub fn drawn_view(document: &Document) -> Option<usize> {
    document.views.iter().rposition(|view| view.name.starts_with(DRAWN))
}

/// What a view is called whose photo shows the drawn line.
pub const DRAWN: &str = "drawn";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_told_as_one_says_them() {
        assert_eq!(way(1.24), "1.2\u{a0}mm too high");
        assert_eq!(way(-0.35), "0.4\u{a0}mm too low");
        assert_eq!(way(0.04), "as planned");
        assert_eq!(side(-12.4), "12\u{a0}mm to the client's right of the midline");
        assert_eq!(side(0.3), "on the midline");
    }
}
