//! What can be asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::case::consent::{USES, Use};
use crate::checks::Rule;
use crate::checks::limits::LIMITS;
use crate::export::image::Layer;
use crate::photo::{DEFAULT_JPEG_QUALITY, Limits};
use crate::plan::hairline::{PRESETS, Preset};
use crate::plan::parameters;
use crate::plan::treatment::{TREATMENTS, Treatment};
use crate::skin::settings::{OUTLOOKS, Outlook};

/// Shows what scalp micropigmentation will look like on the client's own photos: the healed truth, in millimetres.
#[derive(Debug, Parser)]
#[command(name = "scalp-studio", version, subcommand_precedence_over_arg = true)]
pub struct Arguments {
    /// Say more about what is done.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say how long each step took.
    #[arg(long, global = true)]
    pub timings: bool,
    /// A file whose first line is the passphrase of the case; "-" for standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// A case, or photos of a client: opens the studio.
    #[arg(value_name = "CASE | PHOTO")]
    pub paths: Vec<PathBuf>,
    /// What to do instead of opening the studio.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make before and after pictures of the built-in sample client.
    Demo(Demo),
    /// Make a case from photos.
    New(New),
    /// Get or set the plan as JSON.
    Plan(Plan),
    /// Write a picture of the planned result.
    Render(Render),
    /// Write what a client takes home: a report, a page, a quote, the days of the sessions.
    Export(Export),
    /// Show views, scale, areas and numbers of dots.
    Info(Info),
    /// Look through a case file and name every damaged part; ends with 1 where there is one.
    Verify(Verify),
    /// Bring all that can be read of a damaged case into a new one.
    Rescue(Rescue),
    /// Hand out the photos of a case as they were added.
    Photos(Photos),
    /// Put a case under a passphrase: the whole file is encrypted.
    Lock(Lock),
    /// Take the passphrase of a case away.
    Unlock(Unlock),
    /// Show what photos may be used for, or note what the client says about that.
    Consent(Consent),
    /// Show what was done with a case, when, and at which computer.
    Trail(Trail),
    /// List the earlier states of cases that the studio has kept.
    #[cfg(feature = "studio")]
    Earlier(Earlier),
    /// Make a new case of an earlier state.
    #[cfg(feature = "studio")]
    Restore(Restore),
    /// Delete a case, its earlier states, and its place in the list of recent cases.
    #[cfg(feature = "studio")]
    Delete(Delete),
    /// Say what would look wrong about the plan, why, where, and what to do; ends with 1 where something is strong.
    Check(Check),
    /// Find the place on the head that a pixel shows, and its pixel in every other view.
    Locate(Locate),
    /// Measure along the skin between two pixels.
    Measure(Measure),
    /// Measure how far the line that was drawn on the skin lies from the planned one, in a photo of it.
    ReadBack(super::read_back::ReadBack),
    /// Measure the client's own shaved hair in a patch of a photo: density, size, spacing and colour of its dots.
    Match(Match),
    /// Find the pigment of a studio's own from healed skin in a photo: what was placed, and how dark it is.
    Calibrate(Calibrate),
    /// Put given dots onto a photo (an instrument).
    Composite(Composite),
    /// Say what dots of one kind do to skin (an instrument).
    Dot(Dot),
    /// Compare two pictures.
    Diff(Diff),
}

/// Limits on what is decoded.
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// Largest photo to decode, megapixels.
    #[arg(long, value_name = "MEGAPIXELS", default_value_t = 200.0, value_parser = megapixels, allow_negative_numbers = true)]
    pub max_megapixels: f64,
    /// Most memory for decoding, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = mebibytes, allow_negative_numbers = true)]
    pub max_decode_mib: u64,
}

impl LimitArgs {
    /// As the photo layer takes them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            max_pixels: (self.max_megapixels * 1e6) as u64,
            max_decode_bytes: self.max_decode_mib.saturating_mul(1 << 20),
            ..Limits::default()
        }
    }
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The case.
    pub case: PathBuf,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `rescue`
#[derive(Debug, Args)]
pub struct Rescue {
    /// The damaged case; it is only read.
    pub case: PathBuf,
    /// The new case.
    #[arg(short, long, value_name = "NEW")]
    pub output: PathBuf,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
}

/// `photos`
#[derive(Debug, Args)]
pub struct Photos {
    /// The case.
    pub case: PathBuf,
    /// Folder for the photos; made if it is not there.
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// Replace files of the same names.
    #[arg(long)]
    pub force: bool,
}

/// `earlier`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Earlier {
    /// The case; every case if not given.
    pub case: Option<PathBuf>,
    /// Where the states are; where the studio keeps them if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `restore`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Restore {
    /// Number of the state, as `earlier` lists it.
    pub number: u64,
    /// The new case.
    #[arg(short, long, value_name = "NEW")]
    pub output: PathBuf,
    /// Where the states are; where the studio keeps them if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
}

/// `delete`
#[cfg(feature = "studio")]
#[derive(Debug, Args)]
pub struct Delete {
    /// The case.
    pub case: PathBuf,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Where the earlier states are; where the studio keeps them if not given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// `lock`
#[derive(Debug, Args)]
pub struct Lock {
    /// The case; of one that is under a passphrase, --passphrase-file says it.
    pub case: PathBuf,
    /// A file whose first line is the new passphrase; "-" for standard input.
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: PathBuf,
}

/// `unlock`
#[derive(Debug, Args)]
pub struct Unlock {
    /// The case; --passphrase-file says its passphrase.
    pub case: PathBuf,
}

/// `consent`
#[derive(Debug, Args)]
pub struct Consent {
    /// The case.
    pub case: PathBuf,
    /// View; all if not given.
    #[arg(long)]
    pub view: Option<String>,
    /// The client says yes to this use: record, teaching or marketing. May be given more than once.
    #[arg(long, value_name = "USE", value_parser = purpose)]
    pub give: Vec<Use>,
    /// The client says no to this use, or takes a yes back. May be given more than once.
    #[arg(long, value_name = "USE", value_parser = purpose)]
    pub revoke: Vec<Use>,
    /// The day on which that was said, as 2026-11-30; today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub date: Option<Date>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `trail`
#[derive(Debug, Args)]
pub struct Trail {
    /// The case.
    pub case: PathBuf,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

fn purpose(name: &str) -> Result<Use, String> {
    Use::from_name(name).ok_or_else(|| format!("choose one of {}", USES.map(Use::name).join(", ")))
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is needed, such as 2026-11-30".to_owned())
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder for the pictures; made if it is not there.
    #[arg(default_value = "demo")]
    pub folder: PathBuf,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
}

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// A photo, and what it shows: front, left-oblique, right-oblique, left, right, top, back, or a name of yours. A FILE
    /// alone is told by the face that it shows.
    #[arg(long = "photo", value_name = "[VIEW=]FILE", required = true)]
    pub photos: Vec<String>,
    /// Clicked points; in photos without any the face is looked for: {"views": {"front": {"pupil_right": [x, y], ..., "outline": [[x, y], ...]}}}.
    #[arg(long, value_name = "FILE")]
    pub landmarks: Option<PathBuf>,
    /// Where millimetres come from: "pupils" (average, 63 mm), "pupils=62.5" (measured), "iris=VIEW:X1,Y1,X2,Y2" (its
    /// edges) or "ruler=VIEW:X1,Y1,X2,Y2:MM".
    #[arg(long, value_name = "SPEC", default_value = "pupils")]
    pub scale: String,
    /// What the client comes for.
    #[arg(long, value_name = "KIND", value_parser = treatment)]
    pub treatment: Option<Treatment>,
    /// Shape and edge of the hairline.
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    pub hairline: Option<Preset>,
    /// Dots per cm2 once all sessions are done.
    #[arg(long, value_name = "PER_CM2", value_parser = density, allow_negative_numbers = true)]
    pub density: Option<f64>,
    /// Plan as usual, also where the photos show the client's own shaved hair. Without this, density, dot size and tone follow
    /// that hair, and no dots are placed where it stands.
    #[arg(long)]
    pub ignore_own_hair: bool,
    /// The case file to make.
    #[arg(short, value_name = "CASE")]
    pub output: PathBuf,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// A number with a decimal point or comma that is one: `f64` also reads "nan" and "inf".
fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|v| v.is_finite())
}

/// The same with or without its unit: "72,5 mm".
pub(super) fn number_of(text: &str, units: &[&str]) -> Option<f64> {
    let text = text.trim();
    number(units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text))
}

/// Lengths on the skin.
pub(super) const MM: [&str; 1] = ["mm"];
const PX: [&str; 1] = ["px"];
const PER_CM2: [&str; 5] = ["/cm2", "/cm²", "per cm2", "per cm²", "/ cm2"];

fn pixel(text: &str) -> Result<f64, String> {
    number_of(text, &PX).ok_or_else(|| "a pixel coordinate is a number such as 812.5".to_owned())
}

fn megapixels(text: &str) -> Result<f64, String> {
    number_of(text, &["MP"])
        .filter(|v| *v > 0.0)
        .ok_or_else(|| "a number of megapixels above 0 is needed, such as 50".to_owned())
}

fn mebibytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    { text.strip_suffix("MiB").unwrap_or(text).trim().parse() }
        .ok()
        .filter(|v| *v > 0)
        .ok_or_else(|| "a whole number of MiB above 0 is needed, such as 2048".to_owned())
}

fn density(text: &str) -> Result<f64, String> {
    let [least, most] = parameters::DENSITY.limits;
    between(text, &PER_CM2, least, most, "a number of dots per cm2")
}

fn between(text: &str, units: &[&str], low: f64, high: f64, what: &str) -> Result<f64, String> {
    number_of(text, units)
        .filter(|v| (low..=high).contains(v))
        .ok_or_else(|| format!("{what} from {low} to {high} is needed"))
}

pub(super) fn place(text: &str) -> Result<[f64; 2], String> {
    let numbers = text.split_once(',').and_then(|(x, y)| Some([number(x.trim())?, number(y.trim())?]));
    numbers.ok_or_else(|| "a pixel is two numbers with a comma between, such as 812.5,640".to_owned())
}

fn radius(text: &str) -> Result<f64, String> {
    between(text, &MM, 2.0, 20.0, "a radius in mm")
}

fn blur(text: &str) -> Result<f64, String> {
    between(text, &PX, 0.0, 10.0, "a standard deviation in px")
}

fn depth(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.05, 2.0, "a depth in mm")
}

fn height(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 2.0, "a height in mm")
}

fn epidermis(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 0.5, "a thickness in mm")
}

fn diameter(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 1.0, "a diameter in mm")
}

fn absorption(text: &str) -> Result<f64, String> {
    between(text, &["/mm", "per mm"], 0.0, 1000.0, "an absorption per mm")
}

fn pitch(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.2, 10.0, "a distance in mm")
}

fn melanin(text: &str) -> Result<f64, String> {
    between(text, &[], 0.0, 0.5, "a fraction")
}

fn sessions(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a whole number of sessions is needed, 0 for none".to_owned())
}

/// Longest time that can be asked for: nobody has seen pigment in skin for longer.
const LONGEST_DAYS: f64 = 100.0 * 365.25;

fn age_days(text: &str) -> Result<f64, String> {
    humantime::parse_duration(&text.replace(',', "."))
        .map(|d| d.as_secs_f64() / 86_400.0)
        .ok()
        .filter(|days| *days <= LONGEST_DAYS)
        .ok_or_else(|| "write a number and a unit, up to 100 years: 0d, 28d, 6months, 2y".to_owned())
}

fn treatment(name: &str) -> Result<Treatment, String> {
    Treatment::from_name(name).ok_or_else(|| format!("choose one of {}", TREATMENTS.map(Treatment::name).join(", ")))
}

fn preset(name: &str) -> Result<Preset, String> {
    Preset::from_name(name).ok_or_else(|| format!("choose one of {}", PRESETS.map(Preset::name).join(", ")))
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// Get or set.
    #[command(subcommand)]
    pub action: PlanAction,
}

/// `plan get` and `plan set`
#[derive(Debug, Subcommand)]
pub enum PlanAction {
    /// Write the plan as JSON.
    Get {
        /// The case.
        case: PathBuf,
        /// Variant of the plan; the first one if not given.
        #[arg(long)]
        variant: Option<String>,
        /// Where to; standard output if not given, or "-". An earlier plan there is replaced, nothing else.
        #[arg(short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace what is there, whatever it is.
        #[arg(long)]
        force: bool,
    },
    /// Replace the plan.
    Set {
        /// The case.
        case: PathBuf,
        /// The plan, as JSON; "-" for standard input.
        #[arg(required_unless_present = "pigment")]
        file: Option<PathBuf>,
        /// A pigment, as `calibrate` writes it, to use in this plan, or in the one that the case has.
        #[arg(long, value_name = "FILE")]
        pigment: Option<PathBuf>,
        /// Variant of the plan; the first one if not given.
        #[arg(long)]
        variant: Option<String>,
    },
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LayerArg {
    /// The photo with the dots.
    Result,
    /// The photo.
    Before,
    /// The dots alone, transparent elsewhere.
    Dots,
    /// The photo, and beside it the photo with the dots.
    Pair,
    /// The head before, after each session and at the age asked for, in a row.
    Sessions,
    /// Skin before and after as it is seen from 0.3, 1 and 3 m, and the same under a lamp overhead.
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

/// Format of a picture whose file is not named.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatArg {
    /// Small, for handing out.
    Jpg,
    /// Without loss.
    Png,
    /// Without loss, smaller.
    Webp,
    /// Without loss, for print.
    Tif,
}

impl FormatArg {
    /// Ending of its files.
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

/// Which of a plan's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionArg {
    /// Each of them.
    All,
    /// This one, counted from 1; 0 is before any.
    Number(usize),
}

fn session(text: &str) -> Result<SessionArg, String> {
    if text == "all" { Ok(SessionArg::All) } else { sessions(text).map(SessionArg::Number) }
}

/// An outlook by its name.
fn outlook(text: &str) -> Result<Outlook, String> {
    let known = OUTLOOKS.into_iter().find(|outlook| outlook.name() == text);
    known.ok_or_else(|| {
        format!("choose {}, and several by giving the option again", OUTLOOKS.map(Outlook::name).join(", "))
    })
}

/// `render`
#[derive(Debug, Args)]
pub struct Render {
    /// The case, or a photo: the face in it is found, and a first plan made. Several, or a folder of cases, are worked on
    /// side by side.
    #[arg(value_name = "CASE | PHOTO | FOLDER", required = true)]
    pub cases: Vec<PathBuf>,
    /// View; the first one if not given, "all" for every photo that shows the head. May be given again for several.
    #[arg(long = "view", value_name = "VIEW")]
    pub views: Vec<String>,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// After this session; the last one if not given, 0 for none, one more than the last for the touch-up, "all" for each. May
    /// be given again for several.
    #[arg(long = "session", value_name = "SESSION", value_parser = session, allow_negative_numbers = true)]
    pub sessions: Vec<SessionArg>,
    /// Time since that session: 0d is fresh, 28d healed, 2y two years. May be given again for several.
    #[arg(long = "age", value_name = "AGE", default_value = "28d", value_parser = age_days, allow_hyphen_values = true)]
    pub ages: Vec<f64>,
    /// How healing and fading turn out, light, likely or strong: nobody knows a client's rates, so all three are worth a look
    /// (illustrative). May be given again for several.
    #[arg(long = "outlook", value_name = "OUTLOOK", default_value = "likely", value_parser = outlook)]
    pub outlooks: Vec<Outlook>,
    /// What the picture shows.
    #[arg(long, value_enum, default_value = "result")]
    pub layer: LayerArg,
    /// Write "Simulation, not a promise" below the picture.
    #[arg(long)]
    pub note: bool,
    /// What the picture is for: record, teaching or marketing. Only what the client has consented to is made.
    #[arg(long = "for", value_name = "USE", default_value = "record", value_parser = purpose)]
    pub purpose: Use,
    /// Quality of JPEG, 1 to 100.
    #[arg(long, default_value_t = DEFAULT_JPEG_QUALITY, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,
    /// Where to; its ending chooses the format: .jpg, .png, .webp or .tif, and "-" is standard output, as PNG. If not given:
    /// CASE-VIEW.jpg beside the case. Several pictures go to a folder of this name. An earlier picture of this program is
    /// replaced, nothing else.
    #[arg(short, value_name = "FILE | FOLDER")]
    pub output: Option<PathBuf>,
    /// Format of pictures whose names are not given.
    #[arg(long, value_enum, default_value = "jpg")]
    pub format: FormatArg,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

impl Render {
    /// Whether more than one picture of a case is asked for, by however many there are.
    #[must_use]
    pub fn asks_for_several(&self) -> bool {
        let all = self.views.iter().any(|view| view == "all") || self.sessions.contains(&SessionArg::All);
        all || self.views.len().max(self.sessions.len()).max(self.ages.len()).max(self.outlooks.len()) > 1
    }

    /// The sessions of a plan that are asked for.
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

/// What is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Product {
    /// Everything about the plan on paper, to decide by and to sign: PDF.
    Report,
    /// The same to look at at home, with pictures to compare: one HTML file.
    Page,
    /// Before, sessions, healing and years as a moving picture for chat programs: GIF, WebP where the file is called .webp, MP4
    /// where it is called .mp4 and ffmpeg is installed.
    Animation,
    /// All plans of the case side by side, healed, with their numbers, to choose at home: a picture.
    Variants,
    /// The finished work with the client's hair receding further, with and without a further session: a picture.
    HairLoss,
    /// The finished work as a laser fades it, session by session: a picture.
    Removal,
    /// The line in real size, and tapes to it, for the day of treatment: PDF, or SVG where the file is called .svg.
    Template,
    /// Before and healed of every photo at its full size: a folder of JPEG pictures.
    Images,
    /// What the plan costs: PDF, or text where the file is called .txt.
    Quote,
    /// The days of the sessions, for a calendar: iCalendar.
    Calendar,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// The case.
    pub case: PathBuf,
    /// What to make of it.
    #[arg(value_enum)]
    pub product: Product,
    /// Where to: a file, or of images a folder; "-" is standard output. An earlier result of this kind is replaced, nothing else.
    #[arg(short, value_name = "PATH")]
    pub output: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// The studio's name, colours, prices and words, as TOML; examples if not given.
    #[arg(long, value_name = "FILE")]
    pub studio: Option<PathBuf>,
    /// Day on which it is made, such as 2027-02-20; none is stated if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub date: Option<Date>,
    /// Class of hair loss that the price goes by, such as norwood-4; of hair-loss the one that is shown, norwood-5 to norwood-7.
    #[arg(long)]
    pub class: Option<String>,
    /// What it is for: record, teaching or marketing. Pictures are made only of what the client has consented to.
    #[arg(long = "for", value_name = "USE", default_value = "record", value_parser = purpose)]
    pub purpose: Use,
    /// Of an animation: 1080 x 1920 instead of 1080 x 1350.
    #[arg(long)]
    pub story: bool,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// `info`
#[derive(Debug, Args)]
pub struct Info {
    /// The case.
    pub case: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `check`
#[derive(Debug, Args)]
#[command(
    after_help = "Findings are strong, warn or note, the worst first. Exit codes: 0 nothing strong, 1 something \
strong, 2 the input or the request is wrong, 3 it could not be written."
)]
pub struct Check {
    /// The case.
    pub case: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Apply the remedy against this rule, as one step that can be undone; then check again. May be given more than once.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub apply: Vec<Rule>,
    /// Where the shaved sides are seen, to compare the healed colour with: a view and a pixel; what was picked as hair to
    /// match in the studio if not given.
    #[arg(long, value_name = "VIEW:X,Y", value_parser = spot)]
    pub sides: Option<Spot>,
    /// Where untreated skin is seen; the forehead in the view of --sides if not given.
    #[arg(long, value_name = "VIEW:X,Y", value_parser = spot, requires = "sides")]
    pub skin: Option<Spot>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// A pixel of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Name of the view.
    pub view: String,
    /// The pixel.
    pub px: [f64; 2],
}

fn spot(text: &str) -> Result<Spot, String> {
    let read = || {
        let (view, px) = text.rsplit_once(':')?;
        let (x, y) = px.split_once(',')?;
        Some(Spot { view: view.to_owned(), px: [number(x.trim())?, number(y.trim())?] })
    };
    read().ok_or_else(|| "a view and a pixel are needed, such as left:812,640".to_owned())
}

fn rule(id: &str) -> Result<Rule, String> {
    Rule::from_id(id).ok_or_else(|| format!("choose one of {}", LIMITS.map(|l| l.id).join(", ")))
}

/// `locate`
#[derive(Debug, Args)]
pub struct Locate {
    /// The case.
    pub case: PathBuf,
    /// View that the pixel is in.
    #[arg(long)]
    pub view: String,
    /// Pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x: f64,
    /// Pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y: f64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `measure`
#[derive(Debug, Args)]
pub struct Measure {
    /// The case.
    pub case: PathBuf,
    /// View that the pixels are in.
    #[arg(long)]
    pub view: String,
    /// First pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x1: f64,
    /// First pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y1: f64,
    /// Second pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x2: f64,
    /// Second pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y2: f64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `match`
#[derive(Debug, Args)]
pub struct Match {
    /// The case.
    pub case: PathBuf,
    /// View that the patch is in.
    #[arg(long)]
    pub view: String,
    /// Middle of the patch, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub at: [f64; 2],
    /// Radius of the patch along the skin, mm.
    #[arg(long, value_name = "MM", default_value = "6", value_parser = radius, allow_negative_numbers = true)]
    pub radius_mm: f64,
    /// Blur of the photo, as a standard deviation, px; read from its sharpest edges if not given.
    #[arg(long, value_name = "PX", value_parser = blur, allow_negative_numbers = true)]
    pub blur_px: Option<f64>,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Set the plan's density, needle, pigment and dilutions to what was measured, as one step that can be undone.
    #[arg(long)]
    pub apply: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// `calibrate`
#[derive(Debug, Args)]
pub struct Calibrate {
    /// The case; its plan says what was placed.
    pub case: PathBuf,
    /// View that shows both places.
    #[arg(long)]
    pub view: String,
    /// Bare skin, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub bare: [f64; 2],
    /// Treated skin in the same light, without hair, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub treated: [f64; 2],
    /// Radius of both places along the skin, mm.
    #[arg(long, value_name = "MM", default_value = "8", value_parser = radius, allow_negative_numbers = true)]
    pub radius_mm: f64,
    /// Time since the last session, such as 60d.
    #[arg(long, default_value = "28d", value_parser = age_days, allow_hyphen_values = true)]
    pub age: f64,
    /// What the studio calls the pigment.
    #[arg(long)]
    pub name: String,
    /// Write the pigment to a file, for `plan set --pigment`; standard output if not given, or "-". An earlier pigment there
    /// is replaced, nothing else.
    #[arg(short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
    /// Use the pigment in the plan, as one step that can be undone.
    #[arg(long)]
    pub apply: bool,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// `composite`
#[derive(Debug, Args)]
pub struct Composite {
    /// The photo.
    pub photo: PathBuf,
    /// CSV with columns x_px, y_px, fwhm_major_px, fwhm_minor_px, angle_deg (x right, y down), opacity (peak loss, 0 to 1).
    #[arg(long, value_name = "FILE")]
    pub splats: PathBuf,
    /// Where to; "-" is standard output, as PNG. An earlier picture of this program is replaced, nothing else.
    #[arg(short, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// `dot`
#[derive(Debug, Args)]
pub struct Dot {
    /// Depth of the pigment's upper end, mm.
    #[arg(long, value_name = "MM", value_parser = depth, allow_negative_numbers = true)]
    pub depth: f64,
    /// How far the pigment reaches down from there, mm.
    #[arg(long, value_name = "MM", default_value = "0.15", value_parser = height, allow_negative_numbers = true)]
    pub height: f64,
    /// Diameter, mm.
    #[arg(long, value_name = "MM", value_parser = diameter, allow_negative_numbers = true)]
    pub diameter: f64,
    /// Absorption of the pigment in skin, per mm, in every channel.
    #[arg(long, value_name = "PER_MM", value_parser = absorption, allow_negative_numbers = true)]
    pub absorption: f64,
    /// Distance between dots, which stand on a square lattice, mm.
    #[arg(long, value_name = "MM", value_parser = pitch, allow_negative_numbers = true)]
    pub pitch: f64,
    /// Melanosomes, as a share of an epidermis of 0.1 mm: 0.02 for light skin, 0.10 for dark skin.
    #[arg(long, value_name = "FRACTION", value_parser = melanin, allow_negative_numbers = true)]
    pub melanin: f64,
    /// Thickness of the epidermis, mm; however thin, it holds as many melanosomes. That of a scalp is about 0.06.
    #[arg(long, value_name = "MM", default_value = "0.1", value_parser = epidermis, allow_negative_numbers = true)]
    pub epidermis: f64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// One picture.
    pub a: PathBuf,
    /// The other.
    pub b: PathBuf,
    /// Write a picture of the difference; to "-", standard output, as PNG, and the figures to standard error. An earlier
    /// picture of this program is replaced, nothing else.
    #[arg(short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace what is there, whatever it is.
    #[arg(long)]
    pub force: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}
