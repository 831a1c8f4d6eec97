//! Why no head can be fitted.

use super::input::PUPILS_MM;
use crate::ground::words::number;

/// Why no head could be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages document them")]
pub enum FitError {
    #[error("there is no photo to fit a head to")]
    NoViews,
    #[error(
        "view '{view}' has too few points: give at least two landmarks, such as the pupils, or five outline points"
    )]
    TooFewPoints { view: String },
    #[error("no view shows two landmarks of the face: give at least both pupils in one of them")]
    NoFace,
    #[error("view '{view}': {first} and {second} are at the same place; move one of them")]
    Coincident { view: String, first: &'static str, second: &'static str },
    #[error("view '{view}': {point} lies far outside the photo (at {}, {})", number(.x.round()), number(.y.round()))]
    OutsidePhoto { view: String, point: String, x: f64, y: f64 },
    #[error(
        "view '{view}': pupil_right is to the right of pupil_left, but a head seen from the front has it to the left, \
         since right and left are the client's own: exchange the two"
    )]
    PupilsExchanged { view: String },
    #[error("view '{view}': {point} is given twice")]
    Twice { view: String, point: &'static str },
    #[error("the scale names view '{view}', which is not among the photos")]
    UnknownScaleView { view: String },
    #[error("the pupil distance of the scale must be between {} and {} mm", PUPILS_MM.start(), PUPILS_MM.end())]
    BadPupilDistance,
    #[error("the scale's length must be more than zero and less than a metre, and its two points must be apart")]
    BadScale,
    #[error(
        "the points of view '{view}' do not fit a head (off by {off_mm:.0} mm); check the photo and the names of the points"
    )]
    NotAHead { view: String, off_mm: f64 },
}
