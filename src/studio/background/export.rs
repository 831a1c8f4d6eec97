//! Exporting pictures from the window; they are made as `scalp-studio render` makes them.

use std::path::PathBuf;
use std::sync::Arc;

use super::files::free_name;
use super::task::Progress;
use crate::case::consent::Use;
use crate::case::document::{Document, ViewRecord};
use crate::case::pipeline::{FittedMockUp, Pipeline};
use crate::case::store::Store;
use crate::case::{self, decode_view};
use crate::export::image::{self, Layer};
use crate::export::text::{self, SIMULATION};
use crate::ground::files::{Existing, write_new};
use crate::photo::{self, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, Limits};
use crate::render::mock_up::Moment;
use crate::render::steps::{Appointments, Step};
use crate::studio::session::open_case::OpenCase;
use crate::studio::words::sentence;

/// Default file names; if a case has several plans, each name includes the variant.
const PATTERN: &str = "{case} {view} {step}";
const PATTERN_OF_SEVERAL: &str = "{case} {view} {variant} {step}";

/// The export form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What is shown.
    pub layer: Layer,
    /// Every photo, or only the one on the canvas.
    pub all_views: bool,
    /// Index of the variant.
    pub variant: usize,
    /// The moment of the treatment.
    pub step: Step,
    /// File format.
    pub format: Format,
    /// JPEG quality.
    pub quality: u8,
    /// Pattern of the file names, with placeholders in braces.
    pub pattern: String,
    /// Whether to write below the picture that it is a simulation.
    pub note: bool,
    /// The purpose of the pictures.
    pub purpose: Use,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            layer: Layer::Result,
            all_views: true,
            variant: 0,
            step: Step::Before,
            format: Format::Jpeg { quality: DEFAULT_JPEG_QUALITY },
            quality: DEFAULT_JPEG_QUALITY,
            pattern: PATTERN.to_owned(),
            note: true,
            purpose: Use::Record,
        }
    }
}

impl Form {
    /// Sets the form to what is on the canvas.
    #[must_use]
    pub fn at(mut self, case: &OpenCase) -> Self {
        self.variant = case.variant;
        self.step = if case.step.has_pigment() { case.step } else { Step::result(case.appointments()) };
        // A pattern that the user has edited stays.
        if [PATTERN, PATTERN_OF_SEVERAL].contains(&self.pattern.as_str()) {
            let several = case.document().variants.len() > 1;
            self.pattern = if several { PATTERN_OF_SEVERAL } else { PATTERN }.to_owned();
        }
        self
    }

    fn format(&self) -> Format {
        match self.format {
            Format::Jpeg { .. } => Format::Jpeg { quality: self.quality },
            other => other,
        }
    }

    /// The file extension.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        extension(self.format)
    }

    /// The name of a picture, without extension; characters not allowed in file names become hyphens.
    #[must_use]
    pub fn name(&self, case: &str, view: &str, variant: &str, appointments: Appointments) -> String {
        let what = match self.layer {
            Layer::Before => "before".to_owned(),
            Layer::Result => self.step.label(appointments),
            Layer::Pair => format!("before and {}", self.step.label(appointments)),
            Layer::Sessions => "sessions".to_owned(),
            Layer::Honest => format!("near and far {}", self.step.label(appointments)),
            Layer::Dots => format!("dots {}", self.step.label(appointments)),
        };
        let name = self
            .pattern
            .replace("{case}", case)
            .replace("{view}", view)
            .replace("{variant}", variant)
            .replace("{step}", &what.to_lowercase());
        let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
        let name: String = name.trim().trim_start_matches('.').chars().map(allowed).collect();
        if name.is_empty() { "picture".to_owned() } else { name }
    }
}

fn extension(format: Format) -> &'static str {
    match format {
        Format::Jpeg { .. } => "jpg",
        Format::Png => "png",
        Format::WebP => "webp",
        Format::Tiff => "tif",
    }
}

/// The outcome of an export.
pub struct Exported {
    /// The exported case, and the purpose.
    pub of: (PathBuf, Use),
    /// The files, in the order written.
    pub written: Vec<PathBuf>,
    /// Why it stopped, if it failed.
    pub problem: Option<String>,
    /// Whether the user stopped it.
    pub cancelled: bool,
}

/// An export job.
pub struct Order {
    /// The case file.
    pub case: PathBuf,
    /// The name of the case.
    pub case_name: String,
    /// The current document.
    pub document: Arc<Document>,
    /// Indices of the photos.
    pub views: Vec<usize>,
    /// What the user chose.
    pub form: Form,
    /// The moment of the chosen step.
    pub moment: Moment,
    /// The folder for the pictures.
    pub folder: PathBuf,
    /// Limits for photos.
    pub limits: Limits,
}

impl Order {
    /// Makes and writes the pictures.
    #[must_use]
    pub fn carry_out(&self, progress: &Progress) -> Exported {
        let mut exported = Exported {
            of: (self.case.clone(), self.form.purpose),
            written: Vec::new(),
            problem: None,
            cancelled: false,
        };
        let result = self.make(progress, &mut exported.written);
        exported.cancelled = progress.cancelled() && result.is_ok();
        exported.problem = result.err();
        exported
    }

    fn make(&self, progress: &Progress, written: &mut Vec<PathBuf>) -> Result<(), String> {
        let document = &self.document;
        let variant = document.variants.get(self.form.variant).ok_or("There is no plan yet.")?;
        let asked = self.views.iter().filter_map(|view| document.views.get(*view));
        { asked }.try_for_each(|record| record.check_use(self.form.purpose)).map_err(sentence)?;
        let store = Store::open(&self.case).map_err(sentence)?;
        let photo = |record: &ViewRecord| decode_view(&store.photo_bytes(record.photo)?, record, &self.limits);
        let mut pipeline = Pipeline::default();
        // A photo on its own needs no head.
        let fitted = if self.form.layer == Layer::Before {
            None
        } else {
            let photo = |view: usize| Ok::<_, case::Error>(Some(Arc::new(photo(&document.views[view])?)));
            pipeline.fitted_mock_up(document, self.form.variant, photo).map_err(sentence)?
        };
        let parts = 3.0 * self.views.len() as f64;
        let mut done = 0.0;
        let mut step = || {
            progress.set(done / parts);
            done += 1.0;
            progress.cancelled()
        };
        for &index in &self.views {
            let Some(record) = document.views.get(index) else { continue };
            if step() {
                return Ok(());
            }
            let mut picture = photo(record).map_err(sentence)?;
            if step() {
                return Ok(());
            }
            if let Some(FittedMockUp { mock_up, .. }) = &fitted {
                let sensor = pipeline.sensor(document, index, &picture).ok_or_else(|| {
                    format!("The photo {} has no points yet, so dots cannot be placed on it.", record.name)
                })?;
                picture = image::render(picture, self.form.layer, mock_up, &sensor, self.moment).map_err(sentence)?;
            }
            if self.form.note {
                picture = text::below(picture, &[SIMULATION]).map_err(sentence)?;
            }
            if step() {
                return Ok(());
            }
            let format = self.form.format();
            let bytes = photo::encode(&picture, format, &EncodeOptions::default()).map_err(sentence)?;
            let name = self.form.name(&self.case_name, &record.name, &variant.name, Appointments::of(&variant.plan));
            let path =
                free_name(&self.folder, &name, extension(format)).ok_or("There are too many files of that name.")?;
            write_new(&path, &bytes, Existing::Refuse).map_err(sentence)?;
            written.push(path);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_pattern_and_safe() {
        let form = Form { step: Step::Healed(3), ..Form::default() };
        let three = Appointments { sessions: 3, touch_up_days: None };
        assert_eq!(form.name("Anna", "front", "A", three), "Anna front healed");
        let form = Form { pattern: "../{variant}:{view}?".to_owned(), ..form };
        assert_eq!(form.name("Anna", "left", "B", three), "-B-left-");
        let form = Form { pattern: "  ".to_owned(), ..form };
        assert_eq!(form.name("Anna", "left", "B", three), "picture");
    }
}
