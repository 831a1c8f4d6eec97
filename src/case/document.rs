//! The document of a case: views with their points, where millimetres come from, and the plan's variants, as JSON.
//!
//! Format 1. A program that reads it ignores nothing: unknown keys are an error, so that a newer document is never
//! silently stripped when it is written back.

use std::collections::BTreeMap;

use glam::DVec2;
use serde::{Deserialize, Serialize};

use crate::head::fit::{Scale, ViewInput};
use crate::head::landmarks::Landmark;
use crate::plan::{Plan, PlanError};

/// Version of the document that this program writes.
pub const FORMAT: u32 = 1;

/// One photo and what was clicked in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewRecord {
    /// Name of the view.
    pub name: String,
    /// Number of the photo in the case file.
    pub photo: i64,
    /// Width of the upright photo, px.
    pub width_px: u32,
    /// Height of the upright photo, px.
    pub height_px: u32,
    /// 35 mm equivalent focal length that the camera wrote, mm.
    pub focal_length_35mm: Option<f64>,
    /// Landmarks, px.
    pub landmarks: BTreeMap<Landmark, [f64; 2]>,
    /// Outline of the scalp, px.
    pub outline: Vec<[f64; 2]>,
}

/// [`Scale`] as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
enum ScaleRecord {
    AveragePupils,
    MeasuredPupils { distance_mm: f64 },
    Iris { view: String, edge_px: [[f64; 2]; 2] },
    Ruler { view: String, ends_px: [[f64; 2]; 2], length_mm: f64 },
}

/// A plan with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name, "A" for the first.
    pub name: String,
    /// The plan.
    pub plan: Plan,
}

/// Everything in a case but the photos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    format: u32,
    /// Views, in the order shown.
    pub views: Vec<ViewRecord>,
    scale: ScaleRecord,
    /// Plans; at least one.
    pub variants: Vec<Variant>,
    /// Free text.
    pub notes: String,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DocumentError {
    #[error("the case's document is of format {found}, made by a newer version; this one reads up to {FORMAT}")]
    Newer { found: u64 },
    #[error("the case's document is damaged: {field}: {problem}")]
    Damaged { field: String, problem: String },
    #[error("variant '{variant}': {problem}")]
    Plan { variant: String, problem: PlanError },
}

/// Whether a view can be called that: names become parts of file names, also those of a case from anybody.
pub(super) fn view_name_fits(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().count() <= 40 && name.chars().all(fits)
}

fn pair(p: [f64; 2]) -> DVec2 {
    DVec2::from(p)
}

impl Document {
    /// A document without a plan yet.
    #[must_use]
    pub fn new(views: Vec<ViewRecord>, scale: &Scale) -> Self {
        let scale = match scale {
            Scale::AveragePupils => ScaleRecord::AveragePupils,
            Scale::MeasuredPupils { distance_mm } => ScaleRecord::MeasuredPupils { distance_mm: *distance_mm },
            Scale::Iris { view, edge_px } => {
                ScaleRecord::Iris { view: view.clone(), edge_px: edge_px.map(|p| p.to_array()) }
            }
            Scale::Ruler { view, ends_px, length_mm } => {
                ScaleRecord::Ruler { view: view.clone(), ends_px: ends_px.map(|p| p.to_array()), length_mm: *length_mm }
            }
        };
        Self { format: FORMAT, views, scale, variants: Vec::new(), notes: String::new() }
    }

    /// Where millimetres come from.
    #[must_use]
    pub fn scale(&self) -> Scale {
        match &self.scale {
            ScaleRecord::AveragePupils => Scale::AveragePupils,
            ScaleRecord::MeasuredPupils { distance_mm } => Scale::MeasuredPupils { distance_mm: *distance_mm },
            ScaleRecord::Iris { view, edge_px } => Scale::Iris { view: view.clone(), edge_px: edge_px.map(pair) },
            ScaleRecord::Ruler { view, ends_px, length_mm } => {
                Scale::Ruler { view: view.clone(), ends_px: ends_px.map(pair), length_mm: *length_mm }
            }
        }
    }

    /// The views as the fit takes them.
    #[must_use]
    pub fn view_inputs(&self) -> Vec<ViewInput> {
        self.views
            .iter()
            .map(|v| ViewInput {
                name: v.name.clone(),
                width_px: v.width_px,
                height_px: v.height_px,
                focal_length_35mm: v.focal_length_35mm,
                landmarks: v.landmarks.iter().map(|(&l, &p)| (l, pair(p))).collect(),
                outline: v.outline.iter().copied().map(pair).collect(),
            })
            .collect()
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Numbers, strings, lists and maps with plain keys always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`DocumentError`] with the field that is wrong.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        #[derive(Deserialize)]
        struct Version {
            format: u64,
        }
        // The version first: a newer document would otherwise be called damaged.
        if let Ok(Version { format }) = serde_json::from_str(text)
            && format > u64::from(FORMAT)
        {
            return Err(DocumentError::Newer { found: format });
        }
        let damaged = |field: &str, problem: String| DocumentError::Damaged { field: field.to_owned(), problem };
        let mut reader = serde_json::Deserializer::from_str(text);
        let document: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|e| damaged(&e.path().to_string(), e.inner().to_string()))?;
        reader.end().map_err(|e| damaged("end", e.to_string()))?;
        if document.format != FORMAT {
            return Err(damaged("format", format!("there is no format {}", document.format)));
        }
        if document.views.is_empty() || document.views.len() > 200 {
            return Err(damaged("views", format!("{} views, between 1 and 200 are possible", document.views.len())));
        }
        for (i, view) in document.views.iter().enumerate() {
            if !view_name_fits(&view.name) || document.views[..i].iter().any(|v| v.name == view.name) {
                return Err(damaged(&format!("views[{i}].name"), "no good name for a view, or given twice".into()));
            }
            let size_fits = (1..=100_000).contains(&view.width_px) && (1..=100_000).contains(&view.height_px);
            let focal_fits = view.focal_length_35mm.is_none_or(|f| f > 1.0 && f < 10_000.0);
            if !size_fits || !focal_fits || view.outline.len() > 5000 {
                return Err(damaged(&format!("views[{i}]"), "size, focal length or outline is impossible".into()));
            }
        }
        if document.variants.is_empty() || document.variants.len() > 26 {
            return Err(damaged("variants", format!("{} variants, between 1 and 26", document.variants.len())));
        }
        for (i, variant) in document.variants.iter().enumerate() {
            if document.variants[..i].iter().any(|v| v.name == variant.name) {
                return Err(damaged(&format!("variants[{i}].name"), "given twice".into()));
            }
            variant.plan.check().map_err(|problem| DocumentError::Plan { variant: variant.name.clone(), problem })?;
        }
        Ok(document)
    }
}
