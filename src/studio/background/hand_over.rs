//! What the client takes home, made from the window as `scalp-studio export` makes it: all of it is made first and written then,
//! so that nothing is left of what was stopped.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::files::free_name;
use super::task::Progress;
use crate::case::document::Document;
use crate::case::store::Store;
use crate::export::animation::{Kind, Shape, film};
use crate::export::calendar::calendar;
use crate::export::handover::{Asked, Handover, HandoverError};
use crate::export::page::page;
use crate::export::practice::Practice;
use crate::export::report;
use crate::export::subject::Subject;
use crate::export::template::Template;
use crate::ground::files::{Existing, write_new};
use crate::photo::Limits;
use crate::studio::words::sentence;

/// Something that can be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// On paper.
    Report,
    /// To look at at home.
    Page,
    /// What it costs.
    Quote,
    /// A moving picture.
    Animation,
    /// In real size.
    Template,
    /// Days.
    Calendar,
}

/// All, in the order offered.
pub const PRODUCTS: [Product; 6] =
    [Product::Report, Product::Page, Product::Animation, Product::Quote, Product::Template, Product::Calendar];

impl Product {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "Report (PDF)",
            Self::Page => "Page for at home (HTML)",
            Self::Animation => "Moving picture for chat programs (GIF)",
            Self::Quote => "Quote (PDF)",
            Self::Template => "Template in real size (PDF)",
            Self::Calendar => "Days of the sessions (calendar)",
        }
    }

    /// What is in it, in a sentence.
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
        }
    }

    /// Name of the file, without its ending, and the ending.
    fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Report => ("report", "pdf"),
            Self::Page => ("page", "html"),
            Self::Animation => ("course", "gif"),
            Self::Quote => ("quote", "pdf"),
            Self::Template => ("template", "pdf"),
            Self::Calendar => ("sessions", "ics"),
        }
    }

    /// How long it takes, compared to the others.
    fn weight(self) -> f64 {
        match self {
            Self::Report => 4.0,
            Self::Page | Self::Animation => 6.0,
            Self::Quote | Self::Template | Self::Calendar => 1.0,
        }
    }
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What is made.
    pub products: Vec<Product>,
    /// Whose plan.
    pub variant: usize,
    /// The day that is stated, and whether it is.
    pub day: Option<Date>,
    /// Class of hair loss that the price goes by; empty: none.
    pub class: String,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            products: vec![Product::Report, Product::Page, Product::Template],
            variant: 0,
            day: None,
            class: String::new(),
        }
    }
}

/// Everything that the job needs.
pub struct Order {
    /// The case file.
    pub case: PathBuf,
    /// What the case is called.
    pub case_name: String,
    /// The case as it stands.
    pub document: Arc<Document>,
    /// What the user chose.
    pub form: Form,
    /// The studio's file; none: words and prices as usual.
    pub studio_file: Option<PathBuf>,
    /// Where the client's folder goes.
    pub folder: PathBuf,
    /// What photos may be.
    pub limits: Limits,
}

/// What became of it.
pub struct HandedOver {
    /// The case file.
    pub case: PathBuf,
    /// The client's folder.
    pub folder: PathBuf,
    /// How many files were written there.
    pub written: usize,
    /// Why it stopped.
    pub problem: Option<String>,
    /// True where the user stopped it.
    pub cancelled: bool,
}

impl Order {
    /// Makes and writes everything.
    #[must_use]
    pub fn carry_out(&self, progress: &Progress) -> HandedOver {
        let folder = self.folder.join(folder_name(&self.case_name));
        let case = self.case.clone();
        let mut done = HandedOver { case, folder, written: 0, problem: None, cancelled: false };
        match self.make(progress) {
            Ok(files) => {
                for (product, bytes) in files {
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

    fn make(&self, progress: &Progress) -> Result<Vec<(Product, Vec<u8>)>, HandoverError> {
        let practice = match &self.studio_file {
            None => Practice::usual().clone(),
            Some(path) => Practice::read(path).map_err(|problem| {
                HandoverError::Document(format!("the studio's file is wrong: {problem}: {}", path.display()))
            })?,
        };
        let store = Store::open(&self.case).map_err(crate::case::Error::from)?;
        let document = &*self.document;
        let bytes = |view: usize| Ok(store.photo_bytes(document.views[view].photo)?);
        let mut subject = Subject::new(document, &self.case_name, self.form.variant, self.limits, bytes)?;
        let class = Some(self.form.class.trim()).filter(|class| !class.is_empty()).map(str::to_owned);
        let asked = Asked { made_on: self.form.day, class };
        let whole: f64 = self.form.products.iter().map(|product| product.weight()).sum();
        let mut before = 0.0;
        let mut made = Vec::new();
        for &product in &self.form.products {
            let watch = |share: f64| {
                progress.set((before + share * product.weight()) / whole);
                if progress.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            if watch(0.0).is_break() {
                return Err(HandoverError::Stopped);
            }
            let bytes = match product {
                Product::Report => report::report(&mut subject, &practice, &asked, &watch)?.bytes,
                Product::Page => page(&mut subject, &practice, &asked, &watch)?.into_bytes(),
                Product::Animation => film(&mut subject, &practice, Shape::Portrait, Kind::Gif, &watch)?,
                Product::Quote => report::quote(&Handover::of(&mut subject, &practice, &asked)?)?.bytes,
                Product::Template => Template::of(&subject, &practice)?.pdf(&practice, asked.made_on)?.bytes,
                Product::Calendar => calendar(&Handover::of(&mut subject, &practice, &asked)?)?.into_bytes(),
            };
            before += product.weight();
            made.push((product, bytes));
        }
        Ok(made)
    }

    fn write(&self, product: Product, bytes: &[u8], folder: &Path) -> Result<(), String> {
        fs::create_dir_all(folder)
            .map_err(|problem| format!("The folder cannot be made ({problem}): {}", folder.display()))?;
        let (stem, ending) = product.file();
        let path = free_name(folder, stem, ending).ok_or("There are too many files of that name.")?;
        write_new(&path, bytes, Existing::Refuse).map_err(sentence)
    }
}

/// A folder for a case of this name: what no name of a folder may hold becomes a hyphen.
fn folder_name(case: &str) -> String {
    let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = case.trim().trim_start_matches('.').chars().map(allowed).collect();
    if name.is_empty() { "Client".to_owned() } else { name }
}
