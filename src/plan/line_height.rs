//! How high a client's usual hairline begins: where it makes the thirds of the face equal, as far as chin and brows are
//! known, and within what suits men.

use super::hairline::Preset;

/// Height above the glabella of a man's line where nothing is known of his face, mm along the skin: in the lower part
/// of [`BOUNDS_MM`], as most clients ask for.
pub(super) const USUAL_MM: f64 = 72.0;
/// Bounds of a man's usual line, mm: 70 is forward, 80 the mean of grown men (Garg 2017).
pub(super) const BOUNDS_MM: [f64; 2] = [70.0, 80.0];
/// Standard deviation between men of the height that suits them, mm (assumed: lines are placed at 70 to 100 mm, Garg
/// 2017, which are taken for four of these).
const SPREAD_MM: f64 = 7.0;

/// The height that makes the thirds of a client's face equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThirdsOfFace {
    /// Height above the glabella, mm along the skin.
    pub height_mm: f64,
    /// Its standard deviation, mm.
    pub error_mm: f64,
}

/// The height of a client's usual hairline, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineHeight {
    mm: f64,
    thirds: Option<ThirdsOfFace>,
}

impl LineHeight {
    /// Where the client's face is not known.
    pub const USUAL: Self = Self { mm: USUAL_MM, thirds: None };

    /// For a face with these thirds. The less certain they are, the closer the line stays to the usual one: both are
    /// weighted by their precision. It is rounded to a millimetre, the finest that a line is drawn to.
    #[must_use]
    pub fn of_face(thirds: ThirdsOfFace) -> Self {
        let ThirdsOfFace { height_mm, error_mm } = thirds;
        let share = SPREAD_MM * SPREAD_MM / (SPREAD_MM * SPREAD_MM + error_mm * error_mm);
        let [lowest, highest] = BOUNDS_MM;
        Self { mm: (USUAL_MM + share * (height_mm - USUAL_MM)).clamp(lowest, highest).round(), thirds: Some(thirds) }
    }

    /// Height above the glabella of the most common line, mm along the skin; other shapes differ from it.
    #[must_use]
    pub fn mm(self) -> f64 {
        self.mm
    }

    /// The height of this preset's line for the client, and where it comes from.
    #[must_use]
    pub fn reason(self, preset: Preset) -> String {
        let mm = preset.mid_frontal_mm(self);
        if preset == Preset::Female {
            return format!("{mm:.0} mm, as usual for women");
        }
        let Some(ThirdsOfFace { height_mm, error_mm }) = self.thirds else {
            return format!("{mm:.0} mm, as usual for men: brows and chin are not known");
        };
        let thirds = format!("equal thirds of this face: {height_mm:.0} mm ± {:.0}", error_mm.max(1.0));
        if error_mm > SPREAD_MM {
            format!("{mm:.0} mm, close to what is usual for men: brows and chin are seen too roughly for more")
        } else if BOUNDS_MM.contains(&self.mm) {
            format!("{mm:.0} mm, the limit of what is usual for men ({thirds})")
        } else {
            format!("{mm:.0} mm, from the face ({thirds})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_face(height_mm: f64, error_mm: f64) -> LineHeight {
        LineHeight::of_face(ThirdsOfFace { height_mm, error_mm })
    }

    #[test]
    fn a_line_follows_the_face_within_the_bounds() {
        let heights = [60.0, 70.0, 73.0, 76.0, 79.0, 90.0].map(|mm| of_face(mm, 0.5).mm());
        assert_eq!(heights, [70.0, 70.0, 73.0, 76.0, 79.0, 80.0]);
    }

    #[test]
    fn the_less_is_known_of_a_face_the_closer_its_line_is_to_the_usual_one() {
        // As good as the spread between men: half way.
        assert_eq!(of_face(78.0, SPREAD_MM).mm(), 75.0);
        let heights = [0.5, 4.0, 10.0, 100.0].map(|error_mm| of_face(79.0, error_mm).mm());
        assert!(heights.windows(2).all(|w| w[0] > w[1]), "{heights:?}");
        assert_eq!(of_face(79.0, 100.0).mm(), USUAL_MM);
    }

    #[test]
    fn the_reason_names_the_height_and_its_source() {
        assert_eq!(LineHeight::USUAL.reason(Preset::Soft), "72 mm, as usual for men: brows and chin are not known");
        let reason = of_face(77.2, 3.6).reason(Preset::Soft);
        assert_eq!(reason, "76 mm, from the face (equal thirds of this face: 77 mm ± 4)");
        let reason = of_face(95.0, 1.0).reason(Preset::Soft);
        assert_eq!(reason, "80 mm, the limit of what is usual for men (equal thirds of this face: 95 mm ± 1)");
        let reason = of_face(76.0, 16.0).reason(Preset::Soft);
        assert_eq!(reason, "73 mm, close to what is usual for men: brows and chin are seen too roughly for more");
        assert_eq!(of_face(95.0, 1.0).reason(Preset::Female), "70 mm, as usual for women");
    }
}
