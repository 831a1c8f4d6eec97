//! Which photo is meant, and its file.

use std::sync::Arc;

use crate::case::document::ViewRecord;

/// Which photo a picture is made from: its number in the case and how it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhotoKey {
    /// Number of the photo in the case.
    pub photo: i64,
    /// How it is turned.
    pub turn: crate::photo::Turn,
}

impl PhotoKey {
    /// The photo of a view.
    #[must_use]
    pub fn of(record: &ViewRecord) -> Self {
        Self { photo: record.photo, turn: record.turn }
    }
}

/// A photo's file, to be decoded when it is first needed.
#[derive(Debug, Clone)]
pub struct PhotoSource {
    /// Says which photo it is, and how it is turned.
    pub key: PhotoKey,
    /// The view that shows it.
    pub record: ViewRecord,
    /// The file.
    pub bytes: Arc<Vec<u8>>,
}
