//! `export`: makes what a client takes home and what a technician works from.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, Output, format_of};
use super::places;
use super::prepared::{note_export, open_case};
use super::values::{date, purpose};
use crate::case::Case;
use crate::case::consent::Use;
use crate::export::animation::{Kind, Shape};
use crate::export::destination::ResultKind;
use crate::export::handover::{Asked, HandoverError};
use crate::export::image::{self, Layer};
use crate::export::pictures;
use crate::export::practice::{Practice, PracticeError};
use crate::export::product::{Made, Options, Product};
use crate::export::report::Report;
use crate::export::subject::Subject;
use crate::export::text::{self, SIMULATION};
use crate::export::words::counted;
use crate::photo::{Format, Photo};
use crate::plan::recession::{Class, LUDWIG, NORWOOD};
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::Outlook;

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// PDF with the whole plan, for the client to decide on and to sign.
    Report,
    /// The plan as one HTML file with pictures to compare, to look at at home.
    Page,
    /// Animation through sessions, healing and years, for chat programs: GIF; WebP if the file ends in .webp, MP4 if it
    /// ends in .mp4 and ffmpeg is installed.
    Animation,
    /// Picture of all variants side by side, healed, with their figures, for the client to choose from.
    Variants,
    /// Picture of the finished work as the client loses more hair, with and without another session: men's shaved hair
    /// recedes (Norwood), women's hair thins between hair that stays (Ludwig).
    HairLoss,
    /// Picture of the finished work as a laser fades it, session by session.
    Removal,
    /// Template of the hairline at actual size, with tapes, for the day of treatment: PDF, or SVG if the file ends in
    /// .svg.
    Template,
    /// Folder of JPEG pictures at full size: before and healed, for every photo.
    Images,
    /// Quote: PDF, or text if the file ends in .txt or is standard output.
    Quote,
    /// Calendar of the sessions: iCalendar.
    Calendar,
}

impl What {
    /// The product; `None` for a folder of images.
    fn product(self) -> Option<Product> {
        match self {
            Self::Report => Some(Product::Report),
            Self::Page => Some(Product::Page),
            Self::Animation => Some(Product::Animation),
            Self::Variants => Some(Product::Variants),
            Self::HairLoss => Some(Product::HairLoss),
            Self::Removal => Some(Product::Removal),
            Self::Template => Some(Product::Template),
            Self::Images => None,
            Self::Quote => Some(Product::Quote),
            Self::Calendar => Some(Product::Calendar),
        }
    }
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// The case.
    pub case: PathBuf,
    /// What to export.
    #[arg(value_enum, id = "product")]
    pub what: What,
    /// Output file, or folder for images; "-" for standard output, which takes one file and so no images. Only an
    /// earlier result of this kind is overwritten.
    #[arg(short, value_name = "PATH")]
    pub output: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// TOML file with the studio's name, colours, prices and words; examples if not given.
    #[arg(long, value_name = "FILE")]
    pub studio: Option<PathBuf>,
    /// Date to state, such as 2027-02-20; none is stated if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub date: Option<Date>,
    /// Class of hair loss: the one the price is based on, such as norwood-4; for hair-loss the one shown, norwood-5 to
    /// norwood-7, for women ludwig-1 and ludwig-2.
    #[arg(long)]
    pub class: Option<String>,
    /// Purpose: record, teaching or marketing. Fails if a photo to be shown lacks the client's consent to it (for
    /// record: if consent was revoked).
    #[arg(long = "for", value_name = "USE", default_value = "record", value_parser = purpose)]
    pub purpose: Use,
    /// For an animation: 1080 x 1920 instead of 1080 x 1350.
    #[arg(long)]
    pub story: bool,
    /// Overwrite any existing file.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

pub(super) fn run(args: &Export, console: &mut Console) -> Result<(), Failure> {
    let mut case = open_case(&args.case, console)?;
    let mut written = 0;
    let made = make(args, &case, &mut written, console);
    // What was written exists, even if more was to come, or recording it fails.
    if written > 0 {
        let product = args.what.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let unfinished =
            if made.is_ok() { String::new() } else { format!(", ended after {}", counted(written, "picture")) };
        let done = format!("Export {product} for {}, to {}{unfinished}", args.purpose.name(), args.output.display());
        note_export(&mut case, &done, console);
    }
    made
}

/// `written` counts the files.
fn make(args: &Export, case: &Case, written: &mut usize, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let practice = match &args.studio {
        Some(path) => Practice::read(path).map_err(|problem: PracticeError| Failure::input(problem).at(path))?,
        None => Practice::usual().clone(),
    };
    let variant = case.variant_index(args.variant.as_deref()).map_err(&wrong)?;
    let asked = Asked { made_on: args.date, class: args.class.clone() };
    let Some(product) = args.what.product() else {
        return images(args, case, variant, written, console);
    };
    let ending = args.output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let options = Options {
        film: Kind::from_ending(ending).unwrap_or_default(),
        shape: if args.story { Shape::Story } else { Shape::Portrait },
        class: match (product, args.class.as_deref()) {
            (Product::HairLoss, Some(class)) => Some(shown_class(class)?),
            _ => None,
        },
        as_text: args.output == Path::new("-") || has_ending(&args.output, "txt"),
        as_svg: has_ending(&args.output, "svg"),
    };
    let kind = match product {
        Product::Template if options.as_svg => ResultKind::Drawing,
        Product::Quote if options.as_text => ResultKind::Quote,
        Product::Report | Product::Template | Product::Quote => ResultKind::Pdf,
        Product::Page => ResultKind::Page,
        Product::Animation => ResultKind::Animation,
        Product::Calendar => ResultKind::Calendar,
        Product::Variants | Product::HairLoss | Product::Removal => ResultKind::Picture,
    };
    // Check the format before the work, not after it.
    if kind == ResultKind::Picture {
        format_of(&args.output)?;
    }
    let mut inputs = vec![args.case.as_path()];
    inputs.extend(args.studio.as_deref());
    let output = Output::new(&args.output, kind, &inputs, Some(case), args.force)?;
    console.expect_steps(3);
    console.begin("placing dots");
    let name = args.case.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = |view| case.photo_bytes(view);
    let mut subject = Subject::new(case.document(), &name, variant, args.limits.limits(), bytes)
        .map_err(&wrong)?
        .made_for(args.purpose);
    console.done("placing dots");
    let refused = |error: HandoverError| match error {
        HandoverError::Case(error) => wrong(error),
        HandoverError::Photo(error) => Failure::from(error).at(&args.case),
        other => Failure::input(other).at(&args.case),
    };
    let watch = |_| ControlFlow::Continue(());
    console.begin("making it");
    let bytes = match product.make(&mut subject, &practice, &asked, &options, &watch).map_err(refused)? {
        Made::File(bytes) => bytes,
        Made::Document(report) => without_letters(report, console),
        Made::Picture(picture) => {
            output.save(&picture, format_of(&args.output)?)?;
            *written += 1;
            return Ok(());
        }
        Made::NotFor(why) => return Err(Failure::input(why).at(&args.case)),
    };
    console.done("making it");
    console.begin("writing");
    output.write(&bytes)?;
    *written += 1;
    console.done("writing");
    Ok(())
}

/// A class for which hair loss can be shown.
fn shown_class(name: &str) -> Result<Class, Failure> {
    Class::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = NORWOOD.iter().chain(&LUDWIG).map(|class| class.name()).collect();
        Failure::input(format!("hair loss is shown for {}, not for '{name}'", known.join(", ")))
    })
}

/// Writes before and healed pictures of every photo with a camera, each captioned as a simulation.
fn images(
    args: &Export,
    case: &Case,
    variant: usize,
    written: &mut usize,
    console: &mut Console,
) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let mut subject = Subject::new(case.document(), "", variant, args.limits.limits(), |view| case.photo_bytes(view))
        .map_err(&wrong)?
        .made_for(args.purpose);
    let views = pictures::views(&subject).map_err(&wrong)?;
    console.expect_steps(views.len() as u64);
    let path = |view: usize, what: &str| args.output.join(format!("{}-{what}.jpg", case.document().views[view].name));
    let paths: Vec<[PathBuf; 2]> =
        views.iter().map(|&view| ["before", "healed"].map(|what| path(view, what))).collect();
    let output = |path| Output::new(path, ResultKind::Picture, &[&args.case], Some(case), args.force);
    // Fail before anything is written if any output would replace a foreign file.
    for path in paths.iter().flatten().filter(|_| args.output.exists()) {
        output(path)?;
    }
    let folder = places::folder(&args.output, "the pictures", args.force)?;
    let appointments = Appointments::of(subject.plan());
    let healed = Step::result(appointments).moment(appointments, Outlook::Likely);
    for (&view, paths) in views.iter().zip(&paths) {
        console.begin(&case.document().views[view].name);
        let Some((photo, sensor)) = subject.whole(view).map_err(&wrong)? else { continue };
        let mock_up = &subject.fitted.mock_up;
        for (path, moment) in paths.iter().zip([None, healed]) {
            let picture = match moment {
                Some(moment) => image::render(Photo::clone(&photo), Layer::Result, mock_up, &sensor, moment)?,
                None => Photo::clone(&photo),
            };
            output(path)?.save(&text::below(picture, &[SIMULATION])?, Format::from_path(path)?)?;
            *written += 1;
        }
        console.done(&case.document().views[view].name);
    }
    folder.keep();
    Ok(())
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

fn without_letters(made: Report, console: &Console) -> Vec<u8> {
    if !made.missing.is_empty() {
        let letters: Vec<String> = made.missing.iter().map(char::to_string).collect();
        console.warn(&format!(
            "the document shows a question mark for letters that it has no form of: {}",
            letters.join(" ")
        ));
    }
    made.bytes
}
