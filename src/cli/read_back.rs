//! `read-back`: measures how far the line drawn on the client's skin lies from the planned one.

use std::path::PathBuf;

use clap::Args;
use glam::DVec2;
use serde::Serialize;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, print};
use super::prepared::{Prepared, open_case, open_to_change};
use super::values::place;
use crate::case::read_back::{CrossingRecord, DRAWN};
use crate::case::{Case, Error, FindHead, NewPhoto};
use crate::reading::face::Found;

/// `read-back`
#[derive(Debug, Args)]
pub struct ReadBack {
    /// The case.
    pub case: PathBuf,
    /// View whose photo shows the drawn line.
    #[arg(long, required_unless_present = "photo", conflicts_with = "photo")]
    pub view: Option<String>,
    /// Photo that shows the drawn line; it is added to the case as a view, which can be undone.
    #[arg(long, value_name = "FILE")]
    pub photo: Option<PathBuf>,
    /// Pixel of the drawn line; give two or more in order to trace the line by hand instead of detecting it.
    #[arg(long = "trace", value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub traced: Vec<[f64; 2]>,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Print JSON, with every millimetre of the line.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

#[derive(Serialize)]
struct Figures {
    view: String,
    mean_mm: f64,
    mean_off_mm: f64,
    error_mm: f64,
    length_mm: f64,
    worst: Option<CrossingRecord>,
    places: Vec<CrossingRecord>,
}

pub(super) fn run(args: &ReadBack, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    if args.traced.len() == 1 {
        return Err(Failure::input("a line is traced by two pixels or more: give --trace again"));
    }
    let mut case =
        if args.photo.is_some() { open_to_change(&args.case, console) } else { open_case(&args.case, console) }?;
    let variant = case.variant_index(args.variant.as_deref()).map_err(&wrong)?;
    let view = match (&args.photo, &args.view) {
        (Some(_), _) => add(args, &mut case, console)?,
        (None, name) => case.view_index(name.as_deref()).map_err(&wrong)?,
    };
    let mut prepared = Prepared::new(args.limits.limits());
    let fit = prepared.fit(&case, console)?;
    let record = &case.document().views[view];
    if fit.camera(view).is_none() {
        return Err(wrong(Error::ViewNotFitted { view: record.name.clone() }));
    }
    let plan = &case.document().variants.get(variant).ok_or_else(|| wrong(Error::NoPlan))?.plan;
    let photo = prepared.photo(&case, view, console)?;
    let traced: Vec<DVec2> = args.traced.iter().copied().map(DVec2::from).collect();
    console.begin("looking for the line");
    let traced = (!traced.is_empty()).then_some(traced.as_slice());
    let read = fit
        .read_back(&photo, (view, record), &plan.hairline, traced)
        .map_err(|problem| Failure::input(format!("view '{}': {problem}", record.name)).at(&args.case))?;
    console.done("looking for the line");
    if !args.json {
        return print(&format!("{}\n", read.text()));
    }
    let figures = Figures {
        view: record.name.clone(),
        mean_mm: read.mean_mm,
        mean_off_mm: read.mean_off_mm,
        error_mm: read.error_mm,
        length_mm: read.length_mm(),
        worst: read.worst(),
        places: read.places().collect(),
    };
    print(&serde_json::to_string_pretty(&figures).map_err(Failure::output)?)
}

/// Adds the photo as a view; planned lines keep their millimetres when the new view changes the head.
fn add(args: &ReadBack, case: &mut Case, console: &mut Console) -> Result<usize, Failure> {
    let Some(path) = &args.photo else { return Ok(0) };
    let wrong = Failure::in_case(&args.case);
    console.begin("finding the face");
    let photo = NewPhoto::read(path, &args.limits.limits(), FindHead::Yes)?;
    console.done("finding the face");
    let nobody = |problem: &str| Failure::input(problem).at(path);
    match photo.looked() {
        Some(Ok(Found::Head(_))) => {}
        Some(Ok(Found::Several(_))) => return Err(nobody("the photo shows several faces: cut it to the client")),
        Some(Err(problem)) => return Err(Failure::input(problem).at(path)),
        _ => return Err(nobody("the photo shows no face: take one of the face, or mark points in the studio")),
    }
    let before = case.fit().map_err(&wrong)?;
    let view = case.add_new_photos(&[(DRAWN.to_owned(), photo)]).map_err(&wrong)?;
    let after = case.fit().map_err(&wrong)?;
    let mut document = case.document().clone();
    for variant in &mut document.variants {
        variant.plan.hairline = variant.plan.hairline.carried(before.head(), after.head());
    }
    case.commit("Keep the lines' millimetres", document).map_err(&wrong)?;
    Ok(view)
}
