//! The thirds of a face: from the chin to the base of the nose, from there to the brows, and from there to the
//! hairline.
//!
//! The base of the nose is not a landmark. It is taken to lie half way between brows and chin, as it does in a face of
//! equal thirds, so a third is half the height of the face below the brows.

use glam::DVec3;

use super::Head;
use super::landmarks::Landmark;
use super::path::walk;

/// How far up the forehead a hairline is looked for, mm along the skin.
const HIGHEST_MM: f64 = 130.0;

/// The hairline that makes the thirds of a face equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EqualThirds {
    /// Height above the glabella, mm along the skin.
    pub height_mm: f64,
    /// Length of skin per height there: more than one, since the forehead slopes back.
    pub skin_per_rise: f64,
}

impl Head {
    /// A third of the face, mm: half the vertical distance from the glabella to the chin.
    #[must_use]
    pub fn third_mm(&self) -> f64 {
        0.5 * (self.glabella().position.y - self.landmark(Landmark::Menton).y)
    }

    /// The hairline that makes the thirds of the face equal; `None` if the head does not reach that high.
    #[must_use]
    pub fn equal_thirds(&self) -> Option<EqualThirds> {
        let brow = self.glabella().position;
        let top = brow.y + self.third_mm();
        let heights: Vec<f64> =
            walk(&self.cranium, brow, DVec3::Y, HIGHEST_MM).iter().map(|point| point.position.y).collect();
        let step_mm = HIGHEST_MM / (heights.len().max(2) - 1) as f64;
        let (steps, pair) = heights.windows(2).enumerate().find(|(_, pair)| (pair[0]..pair[1]).contains(&top))?;
        let rise = pair[1] - pair[0];
        let height_mm = step_mm * (steps as f64 + (top - pair[0]) / rise);
        Some(EqualThirds { height_mm, skin_per_rise: step_mm / rise })
    }
}

impl EqualThirds {
    /// Standard deviation of the height, mm, if chin and brows are known to within these, mm. A head that is too large
    /// or too flat as a whole makes no difference: the line then lies on the same place of the photo.
    #[must_use]
    pub fn error_mm(&self, chin_mm: f64, brow_mm: f64) -> f64 {
        // A chin that is lower by one makes a third longer by a half. Brows that are higher by one raise the line by
        // one and a half, and its height is measured from there; at the brows, the skin is upright.
        (0.5 * self.skin_per_rise * chin_mm).hypot((1.5 * self.skin_per_rise - 1.0) * brow_mm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::cranium_from_series;
    use crate::head::harmonics::TERMS;
    use crate::head::landmarks::ALL;

    fn with_chin_lower_by(mm: f64) -> Head {
        let landmark = |l: Landmark| l.mean_mm() - if l == Landmark::Menton { DVec3::Y * mm } else { DVec3::ZERO };
        Head::new(cranium_from_series([0.0; TERMS]), ALL.map(landmark))
    }

    #[test]
    fn the_thirds_are_equal() {
        for lower_mm in [-12.0, 0.0, 8.0] {
            let head = with_chin_lower_by(lower_mm);
            let height_mm = head.equal_thirds().unwrap().height_mm;
            let (brow, chin) = (head.glabella().position.y, head.landmark(Landmark::Menton).y);
            let line = head.above_glabella(height_mm).position.y;
            assert!((line - brow - 0.5 * (brow - chin)).abs() < 0.05, "{line} {brow} {chin}");
        }
    }

    #[test]
    fn a_longer_face_has_a_higher_line() {
        let [short, usual, long] = [-8.0, 0.0, 8.0].map(|mm| with_chin_lower_by(mm).equal_thirds().unwrap());
        // A third is longer by half of that; since the forehead slopes back, it is even more along the skin.
        for (lower, higher) in [(short, usual), (usual, long)] {
            let longer_mm = higher.height_mm - lower.height_mm;
            assert!((4.0 * lower.skin_per_rise..4.0 * higher.skin_per_rise).contains(&longer_mm), "{longer_mm}");
        }
        assert!((76.0..78.0).contains(&usual.height_mm), "{usual:?}");
        assert_eq!(with_chin_lower_by(120.0).equal_thirds(), None);
    }

    #[test]
    fn the_error_is_that_of_chin_and_brows() {
        let thirds = |mm: f64| with_chin_lower_by(mm).equal_thirds().unwrap();
        let error_mm = thirds(0.0).error_mm(5.0, 0.0);
        assert!((thirds(5.0).height_mm - thirds(0.0).height_mm - error_mm).abs() < 0.4, "{error_mm}");
        let higher_brow = ALL.map(|l| l.mean_mm() + if l == Landmark::Glabella { DVec3::Y } else { DVec3::ZERO });
        let higher = Head::new(cranium_from_series([0.0; TERMS]), higher_brow).equal_thirds().unwrap();
        let error_mm = thirds(0.0).error_mm(0.0, 1.0);
        assert!((higher.height_mm - thirds(0.0).height_mm - error_mm).abs() < 0.2, "{error_mm}");
    }
}
