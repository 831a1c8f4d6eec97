//! Numbers about the plan shown: computed when an edit has settled.

use std::sync::Arc;

use crate::case::document::PhotoKey;
use crate::case::head_fit::{HeadFit, ScaleAt};
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;
use crate::render::mock_up::MockUp;
use crate::studio::words::{area_text, grouped};

/// Numbers about a plan on a head.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Index of the variant.
    pub variant: usize,
    /// Dots in place after each session.
    pub dots_by_session: Vec<usize>,
    /// Area of each of the plan's areas, cm2; empty while a gesture is in progress.
    pub areas_cm2: Vec<f64>,
    /// The head to which all this refers.
    pub fit: Option<Arc<HeadFit>>,
    /// Scale of each view at the middle of the hairline; none for a view without points. Empty while a gesture is in
    /// progress.
    pub scale: Vec<Option<ScaleAt>>,
    /// A view, and how many dots are left out in it because something covers the scalp there; none while a gesture is
    /// in progress, or if nothing covers it.
    pub covered: Option<(usize, usize)>,
    /// The client's skin.
    pub skin: Skin,
    /// The photo that shows the forehead best, and the tone of the skin in it, if all of it is visible.
    pub forehead: Option<(PhotoKey, Option<Tone>)>,
    /// The plan on the head, with the density at every place; none until it is computed.
    pub mock_up: Option<Arc<MockUp>>,
}

impl Facts {
    /// The plan's totals, in the words of both the panel and the status bar; none until they are computed. Areas are
    /// not measured while something is dragged, and their previous values would no longer be true.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        let dots = *self.dots_by_session.last()?;
        let area: f64 = self.areas_cm2.iter().sum();
        Some(match (self.areas_cm2.is_empty(), area > 0.0) {
            (true, _) => format!("{} dots, … cm²", grouped(dots)),
            (false, false) => format!("{} dots, {}", grouped(dots), area_text(area, 0)),
            (false, true) => {
                format!("{} dots, {}, {:.0} /cm²", grouped(dots), area_text(area, 0), dots as f64 / area)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skin_that_is_not_measured_is_not_counted() {
        let facts = Facts { dots_by_session: vec![9_000, 21_480], ..Facts::default() };
        assert_eq!(facts.sum().as_deref(), Some("21\u{202f}480 dots, … cm²"));
        let measured = Facts { areas_cm2: vec![200.0, 112.0], ..facts };
        assert_eq!(measured.sum().as_deref(), Some("21\u{202f}480 dots, 312 cm², 69 /cm²"));
        assert_eq!(Facts::default().sum(), None);
    }
}
