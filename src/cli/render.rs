//! `render`: renders one or many pictures of the planned result, from one case or many.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, thread};

use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::limits::LimitArgs;
use super::new::read_view;
use super::output::{Console, Output, format_of, print};
use super::places;
use super::prepared::{Prepared, note_export, open_case};
use super::terminal::line;
use super::values::{age_days, purpose};
use crate::case::consent::Use;
use crate::case::landmarks_file::ViewPoints;
use crate::case::{Case, Error, Start, is_case};
use crate::export::destination::ResultKind;
use crate::export::image::{self, Layer};
use crate::export::text::{self, SIMULATION};
use crate::export::words::counted;
use crate::ground::files::{self, Existing};
use crate::ground::words::io_problem;
use crate::photo::{self, DEFAULT_JPEG_QUALITY, Format};
use crate::plan::Plan;
use crate::render::mock_up::Moment;
use crate::skin::settings::{OUTLOOKS, Outlook};

/// `render`
#[derive(Debug, Args)]
pub struct Render {
    /// Case, or photo of a client: the face is found and a first plan made. Several of them, and the cases in a folder,
    /// are processed in parallel.
    #[arg(value_name = "CASE | PHOTO | FOLDER", required = true)]
    pub cases: Vec<PathBuf>,
    /// View; the first one if not given, "all" for every photo that shows the head. May be repeated.
    #[arg(long = "view", value_name = "VIEW")]
    pub views: Vec<String>,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Show the state after this session; the last one if not given, 0 for none, one more than the last for the
    /// touch-up, "all" for each. May be repeated.
    #[arg(long = "session", value_name = "SESSION", value_parser = session, allow_negative_numbers = true)]
    pub sessions: Vec<SessionArg>,
    /// Time since that session: 0d is fresh, 28d healed, 2y two years. May be repeated.
    #[arg(long = "age", value_name = "AGE", default_value = "28d", value_parser = age_days, allow_hyphen_values = true)]
    pub ages: Vec<f64>,
    /// Course of healing and fading: light, likely or strong. Nobody knows a client's rates, so look at all three
    /// (illustrative). May be repeated.
    #[arg(long = "outlook", value_name = "OUTLOOK", default_value = "likely", value_parser = outlook)]
    pub outlooks: Vec<Outlook>,
    /// What the picture shows.
    #[arg(long, value_enum, default_value = "result")]
    pub layer: LayerArg,
    /// Write "Simulation, not a promise" below the picture.
    #[arg(long)]
    pub note: bool,
    /// Purpose: record, teaching or marketing. Fails if a photo to be shown lacks the client's consent to it (for
    /// record: if consent was revoked).
    #[arg(long = "for", value_name = "USE", default_value = "record", value_parser = purpose)]
    pub purpose: Use,
    /// JPEG quality, 1 to 100.
    #[arg(long, default_value_t = DEFAULT_JPEG_QUALITY, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,
    /// Output file, whose ending chooses the format (.jpg, .png, .webp or .tif); "-" for standard output, as PNG; a
    /// folder for several pictures. If not given, CASE-VIEW.jpg beside the case. Only an earlier picture of this
    /// program is overwritten.
    #[arg(short, value_name = "FILE | FOLDER")]
    pub output: Option<PathBuf>,
    /// Format of pictures whose file names are not given.
    #[arg(long, value_enum, default_value = "jpg")]
    pub format: FormatArg,
    /// Overwrite any existing files.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

impl Render {
    /// Whether more than one picture per case is requested, whatever the case contains.
    #[must_use]
    pub fn asks_for_several(&self) -> bool {
        let all = self.views.iter().any(|view| view == "all") || self.sessions.contains(&SessionArg::All);
        all || self.views.len().max(self.sessions.len()).max(self.ages.len()).max(self.outlooks.len()) > 1
    }

    /// The sessions of a plan that are requested.
    #[must_use]
    pub fn sessions_of(&self, plan: &crate::plan::Plan) -> Vec<usize> {
        let last = plan.sessions.len();
        match self.sessions.as_slice() {
            [] => vec![last],
            asked => asked
                .iter()
                .flat_map(|session| match session {
                    SessionArg::All => 1..=last,
                    SessionArg::Number(number) => *number..=*number,
                })
                .collect(),
        }
    }
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LayerArg {
    /// The photo with the dots.
    Result,
    /// The photo alone.
    Before,
    /// The dots alone, on a transparent background.
    Dots,
    /// The photo before and after, side by side.
    Pair,
    /// The head before, after each session and at the age given, in a row.
    Sessions,
    /// Skin before and after as seen from 0.3, 1 and 3 m, and again under an overhead lamp.
    Honest,
}

impl From<LayerArg> for Layer {
    fn from(arg: LayerArg) -> Self {
        match arg {
            LayerArg::Result => Self::Result,
            LayerArg::Before => Self::Before,
            LayerArg::Dots => Self::Dots,
            LayerArg::Pair => Self::Pair,
            LayerArg::Sessions => Self::Sessions,
            LayerArg::Honest => Self::Honest,
        }
    }
}

/// Picture formats for files whose names are not given.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatArg {
    /// Small, for sharing.
    Jpg,
    /// Lossless.
    Png,
    /// Lossless, smaller.
    Webp,
    /// Lossless, for print.
    Tif,
}

impl FormatArg {
    /// File extension.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Tif => "tif",
        }
    }
}

/// A choice of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionArg {
    /// Every session.
    All,
    /// This session, counted from 1; 0 is before any.
    Number(usize),
}

fn session(text: &str) -> Result<SessionArg, String> {
    if text == "all" { Ok(SessionArg::All) } else { sessions(text).map(SessionArg::Number) }
}

fn sessions(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a whole number of sessions is needed, 0 for none".to_owned())
}

/// An outlook by its name.
fn outlook(text: &str) -> Result<Outlook, String> {
    let known = OUTLOOKS.into_iter().find(|outlook| outlook.name() == text);
    known.ok_or_else(|| {
        format!("choose {}, and several by giving the option again", OUTLOOKS.map(Outlook::name).join(", "))
    })
}

/// File extension of a case.
const CASE_ENDING: &str = "scalp";
const SECONDS_A_DAY: f64 = 86_400.0;
/// Most pixels of photos processed at a time: each takes about 20 bytes, so about a gigabyte. A larger photo is
/// processed alone.
const MOST_PX_AT_ONCE: u64 = 50_000_000;

pub(super) fn run(args: &Render, console: &mut Console) -> Result<(), Failure> {
    let cases = cases_in(&args.cases)?;
    match cases.as_slice() {
        [case] if !args.asks_for_several() => one(case, args, console),
        _ => many(&cases, args, console),
    }
}

/// Makes one picture, in the named file.
fn one(path: &Path, args: &Render, console: &mut Console) -> Result<(), Failure> {
    console.expect_steps(6);
    let mut source = Source::open(path, args, console)?;
    let named = |wanted: &Wanted, plan: &Plan| {
        args.output.clone().unwrap_or_else(|| path.with_file_name(source.name(wanted, plan, args)))
    };
    let wanted = source.wanted(args, named)?;
    source.make(&wanted, args, console)
}

/// Makes all requested pictures, into a folder; an error in one case does not stop the others.
fn many(cases: &[PathBuf], args: &Render, console: &mut Console) -> Result<(), Failure> {
    let mut made_folder = None;
    if let Some(folder) = &args.output {
        let mut names: Vec<OsString> = cases.iter().filter_map(|case| case.file_stem().map(OsString::from)).collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let problem = "several of the cases have this name, and so would their pictures: render them one by one";
            return Err(Failure::input(problem).at(&pair[0]));
        }
        made_folder = Some(places::folder(folder, "several pictures", args.force)?);
    }
    console.expect_steps(cases.len() as u64);
    let (gate, next) = (Gate::default(), AtomicUsize::new(0));
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(cases.len());
    let work = |console: &mut Console| {
        let mut made = Vec::new();
        while let Some(path) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let pictures = pictures_of(path, args, &gate, console);
            // If there is only one case, its error ends the command instead.
            if let Err(problem) = &pictures
                && cases.len() > 1
            {
                console.warn(&problem.message);
            }
            made.push(pictures);
            console.advance();
        }
        made
    };
    let made: Vec<Result<usize, Failure>> = thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .map(|_| {
                let mut console = console.for_worker();
                scope.spawn(move || work(&mut console))
            })
            .collect();
        started
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let pictures: usize = made.iter().flatten().sum();
    let failed: Vec<Failure> = made.into_iter().filter_map(Result::err).collect();
    // Without pictures, a new folder does not stay.
    drop(made_folder);
    let place =
        args.output.as_ref().map_or_else(|| "beside them".to_owned(), |folder| format!("in {}", folder.display()));
    let [pictures, cases_done] =
        [(pictures, "picture"), (cases.len() - failed.len(), "case")].map(|(count, what)| counted(count, what));
    print(&format!("{pictures} of {cases_done} {}", line(&place)))?;
    match failed.into_iter().next() {
        None => Ok(()),
        Some(only) if cases.len() == 1 => Err(only),
        Some(first) => {
            let code = first.code;
            Err(Failure { message: "not every case could be rendered: see above".to_owned(), code })
        }
    }
}

/// Makes all requested pictures of a case and returns their number.
fn pictures_of(path: &Path, args: &Render, gate: &Gate, console: &mut Console) -> Result<usize, Failure> {
    let mut source = Source::open(path, args, console)?;
    let folder = args.output.clone().unwrap_or_else(|| path.parent().map(Path::to_owned).unwrap_or_default());
    let named = |wanted: &Wanted, plan: &Plan| folder.join(source.name(wanted, plan, args));
    let wanted = source.wanted(args, named)?;
    let largest = source.case.document().views.iter().map(|v| u64::from(v.width_px) * u64::from(v.height_px)).max();
    let _pass = gate.pass(largest.unwrap_or(0));
    source.make(&wanted, args, console)?;
    Ok(wanted.len())
}

/// A requested picture.
struct Wanted {
    view: usize,
    moment: Moment,
    path: PathBuf,
}

/// A case to be rendered.
struct Source {
    path: PathBuf,
    case: Case,
    /// Private folder that holds the case made from a photo.
    elsewhere: Option<files::PrivateFolder>,
}

impl Source {
    /// Opens a case, or makes one from a photo.
    fn open(path: &Path, args: &Render, console: &mut Console) -> Result<Self, Failure> {
        if !is_photo(path) {
            return Ok(Self { path: path.to_owned(), case: open_case(path, console)?, elsewhere: None });
        }
        console.begin("finding the face");
        let limits = args.limits.limits();
        let elsewhere = files::private_folder()
            .map_err(|e| Failure::output(format!("no temporary folder can be made ({})", io_problem(&e))))?;
        let view = read_view("", path, ViewPoints::default(), &limits)?;
        let kept = elsewhere.path().join("photo.scalp");
        let made = Case::create(&kept, vec![view], &Start::default(), Existing::Refuse, &limits);
        console.done("finding the face");
        let case = made.map_err(|error| match error {
            Error::NobodySeen { .. } => Failure::input(
                "the photo shows no face: use one of the face, or make a case with `new` and mark points in the studio",
            )
            .at(path),
            Error::SeveralSeen { faces, .. } => Failure::input(format!(
                "the photo shows {faces} faces, none of them clearly the client's: cut it to the client"
            ))
            .at(path),
            other => Failure::in_case(path)(other),
        })?;
        Ok(Self { path: path.to_owned(), case, elsewhere: Some(elsewhere) })
    }

    /// The requested pictures, view by view, each with the path from `named`. Fails before any work if one of them
    /// cannot be made.
    fn wanted(&self, args: &Render, named: impl Fn(&Wanted, &Plan) -> PathBuf) -> Result<Vec<Wanted>, Failure> {
        let Self { path, case, .. } = self;
        let wrong = Failure::in_case(path);
        let plan = case.plan(args.variant.as_deref()).map_err(&wrong)?;
        let views = &case.document().views;
        let is_all = |name: &str| name == "all" && views.iter().all(|view| view.name != "all");
        let views: Vec<usize> = match args.views.as_slice() {
            [] => vec![case.view_index(None).map_err(&wrong)?],
            [name] if is_all(name) => {
                // A photo without a camera shows no dots.
                let fit = case.fit().map_err(&wrong)?;
                (0..views.len()).filter(|view| fit.camera(*view).is_some()).collect()
            }
            names => names.iter().map(|name| case.view_index(Some(name))).collect::<Result<_, _>>().map_err(&wrong)?,
        };
        let asked = views.iter().filter_map(|view| case.document().views.get(*view));
        { asked }.try_for_each(|view| view.check_use(args.purpose)).map_err(|no| wrong(no.into()))?;
        let mut moments = Vec::new();
        for sessions in args.sessions_of(plan) {
            if sessions > plan.sessions.len() + usize::from(plan.touch_up.is_some()) {
                let touch_up = if plan.touch_up.is_some() { " and a touch-up" } else { "" };
                let problem = format!("the plan has {} session(s){touch_up}, not {sessions}", plan.sessions.len());
                return Err(Failure::input(problem).at(path));
            }
            for &age_days in &args.ages {
                moments.extend(args.outlooks.iter().map(|outlook| Moment { sessions, age_days, outlook: *outlook }));
            }
        }
        if Layer::from(args.layer) == Layer::Before {
            // Before treatment, all moments look the same.
            moments.truncate(1);
        }
        let each = views.iter().flat_map(|view| moments.iter().map(|moment| (*view, *moment)));
        let mut wanted: Vec<Wanted> =
            each.map(|(view, moment)| Wanted { view, moment, path: PathBuf::new() }).collect();
        for picture in &mut wanted {
            picture.path = named(picture, plan);
            // Check the format before the work, not after it.
            format_of(&picture.path)?;
            self.output(picture, args)?;
        }
        Ok(wanted)
    }

    fn output<'a>(&'a self, wanted: &'a Wanted, args: &Render) -> Result<Output<'a>, Failure> {
        Output::new(&wanted.path, ResultKind::Picture, &[&self.path], Some(&self.case), args.force)
    }

    /// Makes and writes the pictures, and records those that were written, even if a later one fails.
    fn make(&mut self, wanted: &[Wanted], args: &Render, console: &mut Console) -> Result<(), Failure> {
        let mut written = 0;
        let made = self.draw(wanted, &mut written, args, console);
        if written > 0 {
            self.note(&wanted[..written], args, console);
        }
        made
    }

    /// Makes and writes the pictures, which are grouped by view: each photo is decoded and read once, and dots are
    /// placed once. `written` counts them.
    fn draw(
        &self,
        wanted: &[Wanted],
        written: &mut usize,
        args: &Render,
        console: &mut Console,
    ) -> Result<(), Failure> {
        let case = &self.case;
        let layer = Layer::from(args.layer);
        let mut prepared = Prepared::new(args.limits.limits());
        let fitted = match layer {
            Layer::Before => None,
            _ => Some(prepared.fitted_mock_up(case, args.variant.as_deref(), console)?),
        };
        for pictures in wanted.chunk_by(|a, b| a.view == b.view) {
            let Some(view) = pictures.first().map(|picture| picture.view) else { continue };
            let photo = prepared.photo(case, view, console)?;
            for warning in photo.warnings() {
                console.warn(warning);
            }
            let seen = match &fitted {
                Some(fitted) => {
                    console.begin("reading the photo");
                    let sensor = prepared.sensor(case, view, &photo)?;
                    console.done("reading the photo");
                    Some((fitted, sensor))
                }
                None => None,
            };
            // The last picture is drawn into the photo itself.
            prepared.forget_photo();
            let mut photo = Some(Arc::unwrap_or_clone(photo));
            for (index, wanted) in pictures.iter().enumerate() {
                let photo = if index + 1 == pictures.len() { photo.take() } else { photo.clone() };
                let Some(photo) = photo else { continue };
                let picture = match &seen {
                    Some((fitted, sensor)) => {
                        console.begin("compositing");
                        let picture = image::render(photo, layer, &fitted.mock_up, sensor, wanted.moment)?;
                        console.done("compositing");
                        picture
                    }
                    None => photo,
                };
                let picture = if args.note { text::below(picture, &[SIMULATION])? } else { picture };
                console.begin("writing");
                let format = match format_of(&wanted.path)? {
                    Format::Jpeg { .. } => Format::Jpeg { quality: args.quality },
                    other => other,
                };
                self.output(wanted, args)?.save(&picture, format)?;
                *written += 1;
                console.done("writing");
                console.explain(&format!("written: {}", wanted.path.display()));
            }
        }
        Ok(())
    }

    /// Records in the case that pictures were made.
    fn note(&mut self, wanted: &[Wanted], args: &Render, console: &Console) {
        if self.elsewhere.is_some() {
            return;
        }
        let name = |wanted: &Wanted| self.case.document().views[wanted.view].name.clone();
        let done = match wanted {
            [only] => format!("Export photo {} for {}, to {}", name(only), args.purpose.name(), only.path.display()),
            several => format!("Export {} pictures for {}", several.len(), args.purpose.name()),
        };
        note_export(&mut self.case, &done, console);
    }

    /// The default file name: the case, the view, and every setting for which several values are requested.
    fn name(&self, wanted: &Wanted, plan: &Plan, args: &Render) -> String {
        let Moment { sessions, age_days, outlook } = wanted.moment;
        let stem = self.path.file_stem().map_or_else(|| "case".into(), |stem| stem.to_string_lossy().into_owned());
        let mut name = format!("{stem}-{}", self.case.document().views[wanted.view].name);
        if Layer::from(args.layer) != Layer::Before {
            if args.sessions_of(plan).len() > 1 {
                name += &format!("-session-{sessions}");
            }
            if args.ages.len() > 1 {
                let age = humantime::format_duration(Duration::from_secs_f64(age_days * SECONDS_A_DAY)).to_string();
                name += &format!("-{}", age.replace(' ', ""));
            }
            if args.outlooks.len() > 1 {
                name += &format!("-{}", outlook.name());
            }
        }
        format!("{name}.{}", args.format.ending())
    }
}

/// The cases and photos named, and the cases in the folders named.
fn cases_in(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut cases = Vec::new();
    for path in paths {
        let is_called_a_case = |path: &Path| path.extension().is_some_and(|ending| ending == CASE_ENDING);
        // A folder named like a case is a mistake, which opening it will report.
        if !path.is_dir() || is_called_a_case(path) {
            cases.push(path.clone());
            continue;
        }
        let unreadable =
            |e: std::io::Error| Failure::input(format!("the folder cannot be read ({})", io_problem(&e))).at(path);
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?.path();
            if is_called_a_case(&entry) && entry.is_file() {
                inside.push(entry);
            }
        }
        if inside.is_empty() {
            return Err(Failure::input("there is no case in this folder").at(path));
        }
        inside.sort();
        cases.extend(inside);
    }
    Ok(cases)
}

/// Whether a file is taken for a photo: by its extension, unless it is in fact a case.
fn is_photo(path: &Path) -> bool {
    let is_called_so =
        path.extension().is_some_and(|e| photo::EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known)));
    is_called_so && !is_case(path)
}

/// Limits how many pixels are processed at a time.
#[derive(Default)]
struct Gate {
    inside_px: Mutex<u64>,
    left: Condvar,
}

/// Pixels admitted by the gate until this is dropped.
struct Pass<'a> {
    gate: &'a Gate,
    px: u64,
}

impl Gate {
    /// Waits until there is room for this many pixels, or nothing else is being processed.
    fn pass(&self, px: u64) -> Pass<'_> {
        let inside = self.inside_px.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |inside: &mut u64| *inside > 0 && *inside + px > MOST_PX_AT_ONCE;
        let mut inside = self.left.wait_while(inside, full).unwrap_or_else(PoisonError::into_inner);
        *inside += px;
        Pass { gate: self, px }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.gate.inside_px.lock().unwrap_or_else(PoisonError::into_inner) -= self.px;
        self.gate.left.notify_all();
    }
}
