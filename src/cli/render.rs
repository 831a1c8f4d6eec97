//! `render`: a picture of the planned result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Render;
use super::failure::Failure;
use super::new::read_view;
use super::output::{Console, Output, format_of};
use super::prepared::{Prepared, open_case};
use crate::case::landmarks_file::ViewPoints;
use crate::case::{Case, Start, is_case};
use crate::export::destination::ResultKind;
use crate::export::image::{self, Layer};
use crate::export::text::{self, SIMULATION};
use crate::ground::files::{self, Existing};
use crate::photo::{self, Format};
use crate::render::scene::Moment;

pub(super) fn run(args: &Render, console: &mut Console) -> Result<(), Failure> {
    let limits = args.limits.limits();
    console.expect_steps(6);
    let wrong = Failure::in_case(&args.case);
    let elsewhere;
    let case = if is_photo(&args.case) {
        console.begin("finding the face");
        elsewhere =
            files::private_folder().map_err(|e| Failure::output(format!("no temporary folder can be made ({e})")))?;
        let view = read_view("", &args.case, ViewPoints::default(), &limits)?;
        let path = elsewhere.path().join("photo.scalp");
        let made = Case::create(&path, vec![view], &Start::default(), Existing::Refuse, &limits);
        console.done("finding the face");
        made.map_err(&wrong)?
    } else {
        open_case(&args.case, console)?
    };
    let view = case.view_index(args.view.as_deref()).map_err(&wrong)?;
    let plan = case.plan(args.variant.as_deref()).map_err(&wrong)?;
    let sessions = args.session.unwrap_or(plan.sessions.len());
    if sessions > plan.sessions.len() + usize::from(plan.touch_up.is_some()) {
        let touch_up = if plan.touch_up.is_some() { " and a touch-up" } else { "" };
        let problem = format!("the plan has {} session(s){touch_up}, not {sessions}", plan.sessions.len());
        return Err(Failure::input(problem).at(&args.case));
    }
    let path = args.output.clone().unwrap_or_else(|| beside(&args.case, &case.document().views[view].name));
    // Before the work, not after it.
    let format = match format_of(&path)? {
        Format::Jpeg { .. } => Format::Jpeg { quality: args.quality },
        other => other,
    };
    let output = Output::new(&path, ResultKind::Picture, &[&args.case], Some(&case), args.force)?;

    let mut prepared = Prepared::new(limits);
    let layer = Layer::from(args.layer);
    let scene = match layer {
        Layer::Before => None,
        _ => Some(prepared.scene(&case, args.variant.as_deref(), console)?),
    };
    let photo = prepared.photo(&case, view, console)?;
    for warning in photo.warnings() {
        console.warn(warning);
    }
    let sensor = match &scene {
        Some(_) => {
            console.begin("reading the photo");
            let sensor = prepared.sensor(&case, view, &photo)?;
            console.done("reading the photo");
            Some(sensor)
        }
        None => None,
    };
    // What is left is changed in place.
    prepared.forget_photo();
    let photo = Arc::unwrap_or_clone(photo);
    let picture = match scene.zip(sensor) {
        Some((scene, sensor)) => {
            console.begin("compositing");
            let moment = Moment { sessions, age_days: args.age, outlook: args.outlook.into() };
            let picture = image::render(photo, layer, &scene.mock_up, &sensor, moment)?;
            console.done("compositing");
            picture
        }
        None => photo,
    };
    let picture = if args.note { text::below(picture, &[SIMULATION])? } else { picture };
    console.begin("writing");
    output.save(&picture, format)?;
    console.done("writing");
    Ok(())
}

/// Whether a file is to be taken for a photo: by its name, unless it is a case that is called so.
fn is_photo(path: &Path) -> bool {
    let is_called_so =
        path.extension().is_some_and(|e| photo::EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known)));
    is_called_so && !is_case(path)
}

fn beside(case: &Path, view: &str) -> PathBuf {
    let stem = case.file_stem().map_or_else(|| "case".into(), |s| s.to_string_lossy().into_owned());
    case.with_file_name(format!("{stem}-{view}.jpg"))
}
