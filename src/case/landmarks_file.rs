//! A file of clicked points: `{"views": {"front": {"pupil_right": [x, y], ..., "outline": [[x, y], ...]}}}`, in pixels
//! of the upright photo.

use std::collections::BTreeMap;

use glam::DVec2;
use serde::Deserialize;

use super::document::MAX_OUTLINE;
use crate::ground::json::{self, Entries, Misread};
use crate::ground::words::short;
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
    #[error(
        "the landmarks of view '{}': '{}' is not a landmark; known are {}, outline",
        short(.view), short(.name), ALL.map(Landmark::name).join(", ")
    )]
    Unknown { view: String, name: String },
    #[error("the landmarks of view '{}': {name} is not a pair of pixel coordinates", short(.view))]
    NotAPoint { view: String, name: String },
    #[error("the landmarks of view '{}' are given twice", short(.view))]
    ViewTwice { view: String },
    #[error("the landmarks of view '{}': {} is given twice", short(.view), short(.name))]
    PointTwice { view: String, name: String },
    #[error("the landmarks are for a view '{}', which no photo has; the photos are of {known}", short(.view))]
    NoPhoto { view: String, known: String },
    #[error("the landmarks are those of {count} views, and a case has at most {MAX_VIEWS}")]
    TooManyViews { count: usize },
    #[error("the landmarks of view '{}': {count} points of the outline, at most {MAX_OUTLINE} are taken", short(.view))]
    TooMany { view: String, count: usize },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    views: Entries<Entries<serde_json::Value>>,
}

/// Reads the points of every view.
///
/// # Errors
/// [`LandmarksError`], naming the view and the entry.
pub fn parse(text: &str) -> Result<BTreeMap<String, ViewPoints>, LandmarksError> {
    let File { views: given } =
        json::read(text).map_err(|Misread { field, problem }| LandmarksError::Form { field, problem })?;
    if given.0.len() > MAX_VIEWS {
        return Err(LandmarksError::TooManyViews { count: given.0.len() });
    }
    if let Some(view) = given.given_twice() {
        return Err(LandmarksError::ViewTwice { view: view.to_owned() });
    }
    let mut views = BTreeMap::new();
    for (view, entries) in given.0 {
        if let Some(name) = entries.given_twice() {
            return Err(LandmarksError::PointTwice { name: name.to_owned(), view });
        }
        let mut points = ViewPoints::default();
        for (name, value) in entries.0 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_twice_is_refused_and_not_dropped() {
        let twice = parse("{\"views\": {\"front\": {}, \"top\": {}, \"front\": {\"vertex\": [1, 2]}}}");
        assert_eq!(twice, Err(LandmarksError::ViewTwice { view: "front".to_owned() }));
        let twice = parse("{\"views\": {\"front\": {\"vertex\": [1, 2], \"outline\": [], \"vertex\": [1, 2]}}}");
        let expected = LandmarksError::PointTwice { view: "front".to_owned(), name: "vertex".to_owned() };
        assert_eq!(twice, Err(expected));
    }

    #[test]
    fn as_many_views_and_points_as_may_be_are_taken_and_no_more() {
        let views = |count: usize| {
            let views: Vec<String> = (0..count).map(|view| format!("\"v{view}\": {{}}")).collect();
            parse(&format!("{{\"views\": {{{}}}}}", views.join(", ")))
        };
        assert_eq!(views(MAX_VIEWS).unwrap().len(), 200);
        assert_eq!(views(MAX_VIEWS + 1), Err(LandmarksError::TooManyViews { count: 201 }));
        let outline = |count: usize| {
            parse(&format!("{{\"views\": {{\"front\": {{\"outline\": [{}]}}}}}}", vec!["[1, 2]"; count].join(", ")))
        };
        assert_eq!(outline(MAX_OUTLINE).unwrap()["front"].outline.len(), 5000);
        assert_eq!(outline(MAX_OUTLINE + 1), Err(LandmarksError::TooMany { view: "front".to_owned(), count: 5001 }));
    }

    #[test]
    fn a_refusal_names_no_types() {
        for text in ["[]", "{}", "", "null", "{\"views\": [1]}", "{\"views\": {\"front\": 7}}", "{\"views\": {"] {
            let said = parse(text).unwrap_err().to_string();
            let jargon = ["struct", "EOF", ", expected", "f64", "sequence"].iter().find(|word| said.contains(**word));
            assert_eq!(jargon, None, "{said}");
        }
    }
}
