//! A file of clicked points: `{"views": {"front": {"pupil_right": [x, y], ..., "outline": [[x, y], ...]}}}`, in pixels
//! of the upright photo.

use std::collections::BTreeMap;

use glam::DVec2;
use serde::Deserialize;

use super::document::MAX_OUTLINE;
use crate::head::landmarks::{ALL, Landmark};

/// Most views: as many as a case may have photos.
const MAX_VIEWS: usize = 200;

/// Points of one view, px.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewPoints {
    /// Landmarks.
    pub landmarks: Vec<(Landmark, DVec2)>,
    /// Where the scalp meets the background.
    pub outline: Vec<DVec2>,
}

/// Why a landmarks file was rejected.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LandmarksError {
    #[error("the landmarks are not in the expected form: {field}: {problem}")]
    Form { field: String, problem: String },
    #[error("the landmarks of view '{view}': '{name}' is not a landmark; known are {}, outline", ALL.map(Landmark::name).join(", "))]
    Unknown { view: String, name: String },
    #[error("the landmarks of view '{view}': {name} is not a pair of pixel coordinates")]
    NotAPoint { view: String, name: String },
    #[error("the landmarks are those of {count} views, and a case has at most {MAX_VIEWS}")]
    TooManyViews { count: usize },
    #[error("the landmarks of view '{view}': {count} points of the outline, at most {MAX_OUTLINE} are taken")]
    TooMany { view: String, count: usize },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    views: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Reads the points of every view.
///
/// # Errors
/// [`LandmarksError`], naming the view and the entry.
pub fn parse(text: &str) -> Result<BTreeMap<String, ViewPoints>, LandmarksError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let form = |field: String, problem: String| LandmarksError::Form { field, problem };
    let file: File = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let field = e.path().to_string();
        form(if field == "." || field == "?" { "JSON".to_owned() } else { field }, e.inner().to_string())
    })?;
    reader.end().map_err(|e| form("JSON".to_owned(), e.to_string()))?;
    if file.views.len() > MAX_VIEWS {
        return Err(LandmarksError::TooManyViews { count: file.views.len() });
    }
    let mut views = BTreeMap::new();
    for (view, entries) in file.views {
        let mut points = ViewPoints::default();
        for (name, value) in entries {
            let not_a_point = || LandmarksError::NotAPoint { view: view.clone(), name: name.clone() };
            if name == "outline" {
                let list: Vec<[f64; 2]> = serde_json::from_value(value).map_err(|_| not_a_point())?;
                // Checked before anything is fitted to them.
                if list.len() > MAX_OUTLINE {
                    return Err(LandmarksError::TooMany { view, count: list.len() });
                }
                points.outline = list.into_iter().map(DVec2::from).collect();
            } else if let Some(landmark) = Landmark::from_name(&name) {
                let point: [f64; 2] = serde_json::from_value(value).map_err(|_| not_a_point())?;
                points.landmarks.push((landmark, DVec2::from(point)));
            } else {
                return Err(LandmarksError::Unknown { view, name });
            }
        }
        views.insert(view, points);
    }
    Ok(views)
}
