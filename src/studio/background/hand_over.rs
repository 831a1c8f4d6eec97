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
use crate::export::animation::{self, Kind, Shape};
use crate::export::calendar::calendar;
use crate::export::handover::{Asked, Handover, HandoverError};
use crate::export::later::{self, REMOVAL_NOTE};
use crate::export::page;
use crate::export::pictures::{Make, Watch};
use crate::export::practice::Practice;
use crate::export::report::{self, Report};
use crate::export::subject::Subject;
use crate::export::template::Template;
use crate::export::{text, variants};
use crate::ground::files::{Existing, write_new};
use crate::ground::words::io_problem;
use crate::photo::{self, DEFAULT_JPEG_QUALITY, EncodeOptions, Format, Limits, Photo};
use crate::studio::words::{day_text, sentence};

/// A product for the client or the technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// The report on paper.
    Report,
    /// The page to look at at home.
    Page,
    /// The quote.
    Quote,
    /// The animation.
    Animation,
    /// The template at actual size.
    Template,
    /// The calendar of the sessions.
    Calendar,
    /// All plans side by side.
    Variants,
    /// Further hair loss.
    HairLoss,
    /// Removal by laser.
    Removal,
}

/// All products, in the order offered.
pub const PRODUCTS: [Product; 9] = [
    Product::Report,
    Product::Page,
    Product::Animation,
    Product::Quote,
    Product::Template,
    Product::Calendar,
    Product::Variants,
    Product::HairLoss,
    Product::Removal,
];
/// Size and quality of the pictures on sheets.
const SHEET: Make = Make { most_px: 960, quality: 92 };

impl Product {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "Report (PDF)",
            Self::Page => "Page to view at home (HTML)",
            Self::Animation => "Animation for chat apps",
            Self::Quote => "Quote (PDF)",
            Self::Template => "Actual-size template (PDF)",
            Self::Calendar => "Session dates (calendar)",
            Self::Variants => "Plans side by side (picture)",
            Self::HairLoss => "Further hair loss (picture)",
            Self::Removal => "Laser removal (picture)",
        }
    }

    /// Its contents, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Report => {
                "Everything on paper, to decide by and to sign: all views, sessions, range, checks, price, care"
            }
            Self::Page => {
                "One file with a slider to compare, all views, sessions and years; opens on a phone, without a network"
            }
            Self::Animation => "Before, the line, sessions, healing and years, with captions",
            Self::Quote => "What the plan costs, with the studio's prices",
            Self::Template => {
                "The line in real size with a ruler, and tapes to every centimetre of it, for the day of treatment"
            }
            Self::Calendar => "The days of the sessions, for the client's own calendar",
            Self::Variants => "Every plan of the case healed in one photo, with its numbers, to choose at home",
            Self::HairLoss => {
                "The finished work with more hair lost, with and without a further session: shaved hair receding (Norwood), or women's \
                 hair thinning (Ludwig)"
            }
            Self::Removal => "The work healed, and after one, two and three sessions with a laser",
        }
    }

    /// Stem and extension of its file.
    fn file(self, film: Kind) -> (&'static str, &'static str) {
        match self {
            Self::Report => ("report", "pdf"),
            Self::Page => ("page", "html"),
            Self::Animation => ("course", film.ending()),
            Self::Quote => ("quote", "pdf"),
            Self::Template => ("template", "pdf"),
            Self::Calendar => ("sessions", "ics"),
            Self::Variants => ("plans", "jpg"),
            Self::HairLoss => ("hair-loss", "jpg"),
            Self::Removal => ("removal", "jpg"),
        }
    }

    /// How long it takes, relative to the others.
    fn weight(self) -> f64 {
        match self {
            Self::Report => 4.0,
            Self::Page | Self::Animation => 6.0,
            Self::Variants | Self::HairLoss | Self::Removal => 2.0,
            Self::Quote | Self::Template | Self::Calendar => 1.0,
        }
    }
}

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
struct Made {
    files: Vec<(Product, Vec<u8>)>,
    missing: BTreeSet<char>,
    left_out: Vec<String>,
}

impl Made {
    /// The bytes of a document; records its missing letters.
    fn document(&mut self, report: Report) -> Vec<u8> {
        self.missing.extend(report.missing);
        report.bytes
    }
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

    /// Calls `then` with the prepared case.
    fn with_subject<T>(&self, then: impl FnOnce(&mut Subject) -> Result<T, HandoverError>) -> Result<T, HandoverError> {
        let store = Store::open(&self.case).map_err(crate::case::Error::from)?;
        let document = &*self.document;
        let bytes = |view: usize| Ok(store.photo_bytes(document.views[view].photo)?);
        let mut subject = Subject::new(document, &self.case_name, self.form.variant, self.limits, bytes)?;
        then(&mut subject)
    }

    fn make(&self, progress: &Progress) -> Result<Made, HandoverError> {
        let (practice, asked) = (self.practice()?, self.asked());
        self.with_subject(|subject| {
            let whole: f64 = self.form.products.iter().map(|product| product.weight()).sum();
            let mut before = 0.0;
            let mut made = Made::default();
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

    /// The bytes of a product; `None` if it cannot be made, which is recorded.
    fn product(
        &self,
        product: Product,
        subject: &mut Subject,
        (practice, asked): (&Practice, &Asked),
        made: &mut Made,
        watch: Watch,
    ) -> Result<Option<Vec<u8>>, HandoverError> {
        Ok(Some(match product {
            Product::Report => made.document(report::report(subject, practice, asked, watch)?),
            Product::Page => page::page(subject, practice, asked, watch)?.into_bytes(),
            Product::Animation => animation::film(subject, practice, self.form.shape, self.form.film, watch)?,
            Product::Quote => made.document(report::quote(&Handover::of(subject, practice, asked)?)?),
            Product::Template => made.document(Template::of(subject, practice)?.pdf(practice, asked.made_on)?),
            Product::Calendar => calendar(&Handover::of(subject, practice, asked)?)?.into_bytes(),
            Product::Variants => {
                let choices = variants::choices(subject, practice, asked, SHEET, watch)?;
                jpeg(&variants::on_a_sheet(&choices)?)?
            }
            Product::HairLoss => match later::hair_loss(subject, None, SHEET, watch)? {
                Ok(loss) => jpeg(&loss.sheet()?)?,
                Err(why) => {
                    made.left_out.push(why.to_owned());
                    return Ok(None);
                }
            },
            Product::Removal => jpeg(&later::sheet(&[later::removal(subject, SHEET, watch)?], REMOVAL_NOTE)?)?,
        }))
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
        let make = Make { most_px: width_px / 2, quality: 88 };
        self.with_subject(|subject| {
            for product in PRODUCTS {
                if progress.cancelled() {
                    return Err(HandoverError::Stopped);
                }
                let picture = match product {
                    Product::Report => report::preview(subject, &practice, &asked, width_px),
                    Product::Page => page::preview(subject, width_px),
                    Product::Animation => animation::preview(subject, &practice, self.form.shape, width_px),
                    Product::Quote => Handover::of(subject, &practice, &asked)
                        .and_then(|handover| report::quote_preview(&handover, width_px)),
                    Product::Template => {
                        Template::of(subject, &practice).and_then(|template| template.preview(&practice, width_px))
                    }
                    Product::Calendar => {
                        Handover::of(subject, &practice, &asked).and_then(|handover| days_preview(&handover, width_px))
                    }
                    Product::Variants => variants::choices(subject, &practice, &asked, make, &stop)
                        .and_then(|choices| variants::on_a_sheet(&choices))
                        .map(Some),
                    Product::HairLoss => match later::hair_loss(subject, None, make, &stop) {
                        Ok(Ok(loss)) => loss.sheet().map(Some),
                        Ok(Err(why)) => Err(HandoverError::Document(why.to_owned())),
                        Err(problem) => Err(problem),
                    },
                    Product::Removal => later::removal(subject, make, &stop)
                        .and_then(|panels| later::sheet(&[panels], REMOVAL_NOTE))
                        .map(Some),
                };
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

/// A preview of the session days.
fn days_preview(handover: &Handover, width_px: u32) -> Result<Option<Photo>, HandoverError> {
    let days: Vec<String> =
        handover.sessions.iter().filter_map(|s| Some(format!("{}  {}", s.number, day_text(s.day?)))).collect();
    let letters = width_px as f32 / 16.0;
    let lines: Vec<(&str, f32)> =
        std::iter::once(("Sessions", 1.2 * letters)).chain(days.iter().map(|day| (day.as_str(), letters))).collect();
    if days.is_empty() {
        return Ok(None);
    }
    Ok(Some(text::strip(width_px, (letters * 1.8 * (lines.len() + 1) as f32) as u32, &lines)?))
}

/// The name of the client's folder; characters not allowed in folder names become hyphens.
fn folder_name(case: &str) -> String {
    let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = case.trim().trim_start_matches('.').chars().map(allowed).collect();
    if name.is_empty() { "Client".to_owned() } else { name }
}
