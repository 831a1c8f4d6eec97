//! Files of photos.

use std::sync::Arc;

use crate::case::document::{PhotoKey, ViewRecord};

/// A photo's file, to be decoded when it is first needed.
#[derive(Debug, Clone)]
pub struct PhotoSource {
    /// Identifies the photo and its rotation.
    pub key: PhotoKey,
    /// The view that shows it.
    pub record: ViewRecord,
    /// The file.
    pub bytes: Arc<Vec<u8>>,
}
