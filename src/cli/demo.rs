//! `demo`: before and after pictures of the built-in sample clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rayon::prelude::*;

use super::failure::Failure;
use super::output::{Console, Output, print};
use super::places;
use super::terminal::line;
use crate::case::pipeline::{FittedMockUp, Pipeline};
use crate::case::sample::{CLIENTS, Client};
use crate::case::{Case, Error, Start};
use crate::export::destination::{ResultKind, for_sample};
use crate::export::image::{self, CropRect, Layer, OVERVIEW_MM, SHOWN_DAYS};
use crate::ground::files::{self, Existing};
use crate::ground::words::io_problem;
use crate::photo::{Format, Limits, Photo};
use crate::render::mock_up::Moment;
use crate::skin::healing::HEALED_DAYS;
use crate::skin::settings::Outlook;

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder for the pictures; created if needed.
    #[arg(default_value = "demo")]
    pub folder: PathBuf,
    /// Overwrite any existing files.
    #[arg(long)]
    pub force: bool,
}

/// Side of the pictures in the overviews, px.
const OVERVIEW_PX: u32 = 480;
/// File names of the overviews: one of all clients, and three of each.
const CLIENTS_OVERVIEW: &str = "clients.jpg";
const SESSIONS: &str = "sessions.jpg";
const BEFORE: &str = "before.jpg";
const HEALED: &str = "healed.jpg";
/// Views shown in the overviews: one of all clients, and one of the sessions.
const SHOWN_VIEW: &str = "front";
const SESSIONS_VIEW: &str = "left-oblique";

/// The photo, the healed result, and the crop around the head.
type Pair = (Photo, Photo, CropRect);

pub(super) fn run(args: &Demo, console: &mut Console) -> Result<(), Failure> {
    console.expect_steps(CLIENTS.len() as u64 * (3 + 5) + 1);
    // In a private folder until it is known that nothing would be lost.
    let elsewhere = files::private_folder()
        .map_err(|e| Failure::output(format!("no temporary folder can be made ({})", io_problem(&e))))?;
    let mut made = Vec::new();
    for client in CLIENTS {
        console.begin("making the case");
        let sample = Sample::new(client, args, elsewhere.path())?;
        sample.check(args.force)?;
        made.push(sample);
        console.done("making the case");
    }
    output(&args.folder.join(CLIENTS_OVERVIEW), args.force)?;
    let (mut dots, mut shown) = (0, Vec::new());
    for sample in &made {
        let folder = places::folder(&sample.folder, "the pictures", args.force)?;
        let path = sample.case_path();
        sample.case.duplicate(&path, for_sample(&path, &sample.case, args.force)?)?;
        folder.keep();
        let (count, pair) = sample.pictures(args.force, console)?;
        dots += count;
        shown.extend(pair);
    }
    console.begin("overview");
    let all: Vec<_> =
        shown.iter().flat_map(|(before, healed, window)| [(before, *window), (healed, *window)]).collect();
    if let Some(strip) = image::strip(&all, OVERVIEW_PX) {
        save(&strip, &args.folder.join(CLIENTS_OVERVIEW), args.force)?;
    }
    console.done("overview");
    let sessions = made.first().map_or(0, |sample| sample.moments.len() - 1);
    print(&format!(
        "{} clients, {dots} dots over {sessions} sessions; cases and pictures in {}",
        CLIENTS.len(),
        line(&args.folder.display().to_string())
    ))
}

/// A client and the case made from the client's photos.
struct Sample {
    folder: PathBuf,
    case: Case,
    /// Name suffixes of the pictures, and the moments they show.
    moments: Vec<(String, Moment)>,
}

impl Sample {
    fn new(client: Client, args: &Demo, elsewhere: &Path) -> Result<Self, Failure> {
        let folder = match client {
            Client::Light => args.folder.clone(),
            Client::Dark => args.folder.join("dark-skin"),
        };
        let views = client.views().map_err(crate::case::Error::from)?;
        let made = elsewhere.join(format!("{}.scalp", client.name()));
        let case = Case::create(&made, views, &Start::default(), Existing::Refuse, &Limits::default())?;
        let count = case.plan(None)?.sessions.len();
        // Each session once its redness has gone, then the last one healed: what the client will live with.
        let at = |sessions: usize, age_days: f64| Moment { sessions, age_days, outlook: Outlook::Likely };
        let fresh = (1..=count).map(|sessions| (format!("{sessions}-session"), at(sessions, SHOWN_DAYS)));
        let healed = (format!("{}-healed", count + 1), at(count, HEALED_DAYS));
        let moments = fresh.chain([healed]).collect();
        Ok(Self { folder, case, moments })
    }

    fn case_path(&self) -> PathBuf {
        self.folder.join("sample.scalp")
    }

    fn names(&self) -> Vec<&str> {
        std::iter::once("0-before").chain(self.moments.iter().map(|(name, _)| name.as_str())).collect()
    }

    fn of_view(&self, view: &str, name: &str) -> PathBuf {
        self.folder.join(format!("{view}-{name}.jpg"))
    }

    /// Fails before anything is written if any output would replace a foreign file.
    fn check(&self, force: bool) -> Result<(), Failure> {
        let names = self.names();
        let views = &self.case.document().views;
        let of_views = views.iter().flat_map(|view| names.iter().map(|name| self.of_view(&view.name, name)));
        for path in of_views.chain([SESSIONS, BEFORE, HEALED].map(|name| self.folder.join(name))) {
            output(&path, force)?;
        }
        for_sample(&self.case_path(), &self.case, force)?;
        Ok(())
    }

    /// Makes all pictures of the client; returns the number of dots and the pair for the overview of all clients.
    fn pictures(&self, force: bool, console: &mut Console) -> Result<(usize, Option<Pair>), Failure> {
        let limits = Limits::default();
        console.begin("placing dots");
        let (mut pipeline, document) = (Pipeline::default(), self.case.document());
        let photo = |view| Ok::<_, Error>(Some(Arc::new(self.case.photo(view, &limits)?)));
        let fitted = pipeline.fitted_mock_up(document, self.case.variant_index(None)?, photo)?;
        let FittedMockUp { mock_up, .. } = fitted.ok_or(Error::NoPlan)?;
        console.done("placing dots");
        let names = self.names();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut shown = None;
        for (index, view) in document.views.iter().enumerate() {
            console.begin(&format!("view {}", view.name));
            let before = self.case.photo(index, &limits)?;
            let not_fitted = || Error::ViewNotFitted { view: view.name.clone() };
            let sensor = pipeline.sensor(document, index, &before).ok_or_else(not_fitted)?;
            let render = |(_, moment): &(String, Moment)| {
                image::render(before.clone(), Layer::Result, &mock_up, &sensor, *moment)
            };
            let pictures = self.moments.par_iter().map(render).collect::<Result<Vec<Photo>, _>>()?;
            let all: Vec<&Photo> = std::iter::once(&before).chain(&pictures).collect();
            let paths: Vec<PathBuf> = names.iter().map(|name| self.of_view(&view.name, name)).collect();
            paths.par_iter().zip(&all).try_for_each(|(path, picture)| save(picture, path, force))?;
            let window = CropRect::around_head(&sensor.camera, [view.width_px, view.height_px], OVERVIEW_MM);
            if view.name == SESSIONS_VIEW {
                let strip: Vec<_> = all.iter().map(|picture| (*picture, window)).collect();
                if let Some(strip) = image::strip(&strip, OVERVIEW_PX) {
                    save(&strip, &self.folder.join(SESSIONS), force)?;
                }
            }
            if let Some(healed) = pictures.into_iter().next_back() {
                shown = shown.or_else(|| (view.name == SHOWN_VIEW).then_some(pairs.len()));
                pairs.push((before, healed, window));
            }
            console.done(&format!("view {}", view.name));
        }
        console.begin("overview");
        let before: Vec<_> = pairs.iter().map(|(before, _, window)| (before, *window)).collect();
        let healed: Vec<_> = pairs.iter().map(|(_, healed, window)| (healed, *window)).collect();
        for (name, pictures) in [(BEFORE, before), (HEALED, healed)] {
            if let Some(strip) = image::strip(&pictures, OVERVIEW_PX) {
                save(&strip, &self.folder.join(name), force)?;
            }
        }
        console.done("overview");
        Ok((mock_up.dots.len(), shown.map(|index| pairs.swap_remove(index))))
    }
}

/// Output for a picture of the demo; fails if something else is there.
fn output(path: &Path, force: bool) -> Result<Output<'_>, Failure> {
    Output::new(path, ResultKind::Picture, &[], None, force)
}

fn save(picture: &Photo, path: &Path, force: bool) -> Result<(), Failure> {
    output(path, force)?.save(picture, Format::from_path(path)?)
}
