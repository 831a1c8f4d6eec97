//! The built-in sample clients: photos of two balding men who keep their sides shaved, with the points that a user
//! would click.
//!
//! Rendered by `assets/sample/generate.py` from our own geometry, so that nobody's likeness is shown.

use super::create::NewView;
use super::landmarks_file::{self, LandmarksError};

/// A sample client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Light skin and brown hair.
    Light,
    /// Dark skin and black hair.
    Dark,
}

/// All, in display order.
pub const CLIENTS: [Client; 2] = [Client::Light, Client::Dark];

macro_rules! photos {
    ($client:literal) => {
        [
            ("front", include_bytes!(concat!("../../assets/sample/", $client, "/front.jpg"))),
            ("left-oblique", include_bytes!(concat!("../../assets/sample/", $client, "/left-oblique.jpg"))),
            ("right", include_bytes!(concat!("../../assets/sample/", $client, "/right.jpg"))),
            ("top", include_bytes!(concat!("../../assets/sample/", $client, "/top.jpg"))),
            ("back", include_bytes!(concat!("../../assets/sample/", $client, "/back.jpg"))),
        ]
    };
}

impl Client {
    /// The name of this client's case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "Sample client",
            Self::Dark => "Sample client, dark skin",
        }
    }

    /// The client's photos and points.
    ///
    /// # Errors
    /// None in an intact build: the landmarks are part of the program.
    pub fn views(self) -> Result<Vec<NewView>, LandmarksError> {
        let photos: [(&str, &[u8]); 5] = match self {
            Self::Light => photos!("light"),
            Self::Dark => photos!("dark"),
        };
        let landmarks = match self {
            Self::Light => include_str!("../../assets/sample/light/landmarks.json"),
            Self::Dark => include_str!("../../assets/sample/dark/landmarks.json"),
        };
        let mut points = landmarks_file::parse(landmarks)?;
        Ok(photos
            .into_iter()
            .map(|(name, bytes)| NewView {
                name: name.to_owned(),
                file_name: format!("{name}.jpg"),
                bytes: bytes.to_vec(),
                points: points.remove(name).unwrap_or_default(),
            })
            .collect())
    }
}
