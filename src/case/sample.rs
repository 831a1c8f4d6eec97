//! The built-in sample client: five photographs of a practice head, with the points that a user would click.
//!
//! Rendered by `assets/sample/generate.py` from geometry of our own, so that nobody's likeness is shown.

use super::NewView;
use super::landmarks_file::{self, LandmarksError};

const PHOTOS: [(&str, &[u8]); 5] = [
    ("front", include_bytes!("../../assets/sample/front.jpg")),
    ("left-oblique", include_bytes!("../../assets/sample/left-oblique.jpg")),
    ("right", include_bytes!("../../assets/sample/right.jpg")),
    ("top", include_bytes!("../../assets/sample/top.jpg")),
    ("back", include_bytes!("../../assets/sample/back.jpg")),
];

/// The sample's photos and points.
///
/// # Errors
/// None in a sound build: the landmarks are part of the program.
pub fn views() -> Result<Vec<NewView>, LandmarksError> {
    let mut points = landmarks_file::parse(include_str!("../../assets/sample/landmarks.json"))?;
    Ok(PHOTOS
        .into_iter()
        .map(|(name, bytes)| NewView {
            name: name.to_owned(),
            file_name: format!("{name}.jpg"),
            bytes: bytes.to_vec(),
            points: points.remove(name).unwrap_or_default(),
        })
        .collect())
}
