//! Makes what the client takes home from the window, as `scalp-studio export` does. Everything is made before anything
//! is written, so that stopping leaves nothing behind.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::files::free_name;
use super::task::Progress;
use crate::case::document::Document;
use crate::case::store::Store;
use crate::export::animation::{Kind, Shape};
use crate::export::handover::{Asked, HandoverError};
use crate::export::pictures::Watch;
use crate::export::practice::Practice;
use crate::export::product::{Made, Options, Product};
use crate::export::subject::Subject;
use crate::ground::files::{Existing, write_new};
use crate::ground::words::io_problem;
use crate::photo::{self, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, Limits, Photo};
use crate::studio::words::sentence;

/// The form of the dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// The products to make.
    pub products: Vec<Product>,
    /// Index of the variant.
    pub variant: usize,
    /// The date to state, if any.
    pub day: Option<Date>,
    /// Class of hair loss for the price; empty for none.
    pub class: String,
    /// File format of the animation.
    pub film: Kind,
    /// Aspect ratio of the animation.
    pub shape: Shape,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            products: vec![Product::Report, Product::Page, Product::Template],
            variant: 0,
            day: None,
            class: String::new(),
            film: Kind::default(),
            shape: Shape::default(),
        }
    }
}

/// A hand-over job.
pub struct Order {
    /// The case file.
    pub case: PathBuf,
    /// The name of the case.
    pub case_name: String,
    /// The current document.
    pub document: Arc<Document>,
    /// What the user chose.
    pub form: Form,
    /// The studio's file; `None` for the default texts and prices.
    pub studio_file: Option<PathBuf>,
    /// Where to create the client's folder.
    pub folder: PathBuf,
    /// Limits for photos.
    pub limits: Limits,
}

/// The outcome of a hand-over.
pub struct HandedOver {
    /// The case file.
    pub case: PathBuf,
    /// The client's folder.
    pub folder: PathBuf,
    /// Number of files written there.
    pub written: usize,
    /// Why it stopped, if it failed.
    pub problem: Option<String>,
    /// Whether the user stopped it.
    pub cancelled: bool,
    /// Letters that no font on this computer has, shown as question marks.
    pub missing: BTreeSet<char>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

/// The finished products, before they are written.
#[derive(Default)]
struct AllMade {
    files: Vec<(Product, Vec<u8>)>,
    missing: BTreeSet<char>,
    left_out: Vec<String>,
}

impl Order {
    /// Makes and writes everything.
    #[must_use]
    pub fn carry_out(&self, progress: &Progress) -> HandedOver {
        let folder = self.folder.join(folder_name(&self.case_name));
        let case = self.case.clone();
        let mut done = HandedOver {
            case,
            folder,
            written: 0,
            problem: None,
            cancelled: false,
            missing: BTreeSet::new(),
            left_out: Vec::new(),
        };
        match self.make(progress) {
            Ok(made) => {
                (done.missing, done.left_out) = (made.missing, made.left_out);
                for (product, bytes) in made.files {
                    match self.write(product, &bytes, &done.folder) {
                        Ok(()) => done.written += 1,
                        Err(problem) => done.problem = Some(problem),
                    }
                }
            }
            Err(HandoverError::Stopped) => done.cancelled = true,
            Err(problem) => done.problem = Some(sentence(problem)),
        }
        done
    }

    /// The studio's texts and prices.
    fn practice(&self) -> Result<Practice, HandoverError> {
        match &self.studio_file {
            None => Ok(Practice::usual().clone()),
            Some(path) => Practice::read(path).map_err(|problem| {
                HandoverError::Document(format!("the studio's file is wrong: {problem}: {}", path.display()))
            }),
        }
    }

    fn asked(&self) -> Asked {
        let class = Some(self.form.class.trim()).filter(|class| !class.is_empty()).map(str::to_owned);
        Asked { made_on: self.form.day, class }
    }

    fn options(&self) -> Options {
        Options { film: self.form.film, shape: self.form.shape, ..Options::default() }
    }

    /// Calls `then` with the prepared case.
    fn with_subject<T>(&self, then: impl FnOnce(&mut Subject) -> Result<T, HandoverError>) -> Result<T, HandoverError> {
        let store = Store::open(&self.case).map_err(crate::case::Error::from)?;
        let document = &*self.document;
        let bytes = |view: usize| Ok(store.photo_bytes(document.views[view].photo)?);
        let mut subject = Subject::new(document, &self.case_name, self.form.variant, self.limits, bytes)?;
        then(&mut subject)
    }

    fn make(&self, progress: &Progress) -> Result<AllMade, HandoverError> {
        let (practice, asked) = (self.practice()?, self.asked());
        self.with_subject(|subject| {
            let whole: f64 = self.form.products.iter().map(|product| product.weight()).sum();
            let mut before = 0.0;
            let mut made = AllMade::default();
            for &product in &self.form.products {
                let watch = |share: f64| {
                    progress.set((before + share * product.weight()) / whole);
                    if progress.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                if watch(0.0).is_break() {
                    return Err(HandoverError::Stopped);
                }
                if let Some(bytes) = self.product(product, subject, (&practice, &asked), &mut made, &watch)? {
                    made.files.push((product, bytes));
                }
                before += product.weight();
            }
            Ok(made)
        })
    }

    /// The bytes of a product; `None` if it does not apply, which is recorded.
    fn product(
        &self,
        product: Product,
        subject: &mut Subject,
        (practice, asked): (&Practice, &Asked),
        made: &mut AllMade,
        watch: Watch,
    ) -> Result<Option<Vec<u8>>, HandoverError> {
        Ok(match product.make(subject, practice, asked, &self.options(), watch)? {
            Made::File(bytes) => Some(bytes),
            Made::Document(report) => {
                made.missing.extend(report.missing);
                Some(report.bytes)
            }
            Made::Picture(picture) => Some(jpeg(&picture)?),
            Made::NotFor(why) => {
                made.left_out.push(why.to_owned());
                None
            }
        })
    }

    /// Makes previews of all products in turn, and passes each to `ready` when done, or the reason there is none. Stops
    /// if `progress` is cancelled.
    pub fn preview(
        &self,
        width_px: u32,
        progress: &Progress,
        mut ready: impl FnMut(Product, Result<Photo, String>),
    ) -> Result<(), HandoverError> {
        let (practice, asked) = (self.practice()?, self.asked());
        let stop = |_: f64| if progress.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let options = self.options();
        self.with_subject(|subject| {
            for product in Product::ALL {
                if progress.cancelled() {
                    return Err(HandoverError::Stopped);
                }
                let picture = product.preview(subject, &practice, &asked, &options, width_px, &stop);
                match picture {
                    Err(HandoverError::Stopped) => return Err(HandoverError::Stopped),
                    Ok(Some(picture)) => ready(product, Ok(picture)),
                    Ok(None) => {}
                    Err(HandoverError::Document(why)) => ready(product, Err(sentence(why))),
                    Err(problem) => ready(product, Err(sentence(problem))),
                }
            }
            Ok(())
        })
    }

    fn write(&self, product: Product, bytes: &[u8], folder: &Path) -> Result<(), String> {
        fs::create_dir_all(folder)
            .map_err(|problem| format!("The folder cannot be made ({}): {}", io_problem(&problem), folder.display()))?;
        let (stem, ending) = product.file(self.form.film);
        let path = free_name(folder, stem, ending).ok_or("There are too many files of that name.")?;
        write_new(&path, bytes, Existing::Refuse).map_err(sentence)
    }
}

/// Encodes a picture for sending.
fn jpeg(picture: &Photo) -> Result<Vec<u8>, HandoverError> {
    let options = EncodeOptions { camera_data: false, ..EncodeOptions::default() };
    Ok(photo::encode(picture, Format::Jpeg { quality: DEFAULT_JPEG_QUALITY }, &options)?)
}

/// The name of the client's folder; characters not allowed in folder names become hyphens.
fn folder_name(case: &str) -> String {
    let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = case.trim().trim_start_matches('.').chars().map(allowed).collect();
    if name.is_empty() { "Client".to_owned() } else { name }
}
