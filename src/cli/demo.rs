//! `demo`: before and after pictures of the built-in sample client.

use std::path::Path;

use rayon::prelude::*;

use super::Failure;
use super::args::Demo;
use super::output::{Console, Output, print};
use crate::case::{Case, Start, sample};
use crate::export::destination::{Kind, for_sample};
use crate::export::image::{self, Layer, OVERVIEW_MM, SHOWN_DAYS, Window};
use crate::ground::files::{self, Existing};
use crate::photo::{Format, Limits, Photo};
use crate::reading::{Reading, Subject};
use crate::render::scene::{Ground, Moment, Treatment};
use crate::skin::settings::Outlook;

/// Days after which a session counts as healed.
const HEALED_DAYS: f64 = 28.0;
/// How large the overviews are.
const OVERVIEW_PX: u32 = 480;
/// Names of the overviews.
const OVERVIEWS: [&str; 3] = [SESSIONS, BEFORE, HEALED];
const SESSIONS: &str = "sessions.jpg";
const BEFORE: &str = "before.jpg";
const HEALED: &str = "healed.jpg";

pub(super) fn run(args: &Demo, console: &mut Console) -> Result<(), Failure> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::output(format!("the folder cannot be made ({e}): {}", folder.display())))?;
    let limits = Limits::default();
    let views = sample::views().map_err(crate::case::Error::from)?;
    console.expect_steps(3 + views.len() as u64);

    console.begin("making the case");
    // Where nobody sees it, until it is known that nothing would be lost.
    let elsewhere =
        files::private_folder().map_err(|e| Failure::output(format!("no temporary folder can be made ({e})")))?;
    let made = elsewhere.path().join("sample.scalp");
    let case = Case::create(&made, views, &Start::default(), Existing::Refuse, &limits)?;
    let plan = case.plan(None)?;
    let count = plan.sessions.len();
    // Each session as it looks when its redness has gone, then the last one healed: what the client will live with.
    let at = |sessions: usize, age_days: f64| Moment { sessions, age_days, outlook: Outlook::Likely };
    let fresh = (1..=count).map(|sessions| (format!("{sessions}-session"), at(sessions, SHOWN_DAYS)));
    let healed = (format!("{}-healed", count + 1), at(count, HEALED_DAYS));
    let moments: Vec<(String, Moment)> = fresh.chain([healed]).collect();
    let names: Vec<&str> = std::iter::once("0-before").chain(moments.iter().map(|(name, _)| name.as_str())).collect();
    let of_view = |view: &str, name: &str| folder.join(format!("{view}-{name}.jpg"));
    let of_views = case.document().views.iter().flat_map(|v| names.iter().map(move |name| of_view(&v.name, name)));
    for path in of_views.chain(OVERVIEWS.map(|name| folder.join(name))) {
        output(&path, args.force)?;
    }
    let sample = folder.join("sample.scalp");
    case.duplicate(&sample, for_sample(&sample, &case, args.force)?)?;
    let fit = case.fit()?;
    console.done("making the case");
    console.begin("placing dots");
    let ground = Ground::new(fit.head().clone(), plan);
    let mut treatment = Treatment::new(plan, &ground);
    treatment.skin = case.skin(&fit, &limits)?;
    console.done("placing dots");

    let save = |picture: &Photo, path: &Path| output(path, args.force)?.save(picture, Format::from_path(path)?);
    let mut overview = Vec::new();
    for (index, view) in case.document().views.iter().enumerate() {
        console.begin(&format!("view {}", view.name));
        let before = case.photo(index, &limits)?;
        let camera = case.camera(&fit, index)?;
        let subject = Subject::Head { head: fit.head(), camera };
        let sensor = Reading::new(&before, subject)?.sensor(&before, camera);
        let pictures = moments
            .par_iter()
            .map(|(_, moment)| image::render(before.clone(), Layer::Result, &ground, &treatment, &sensor, *moment))
            .collect::<Result<Vec<Photo>, _>>()?;
        let all: Vec<Photo> = std::iter::once(before).chain(pictures).collect();
        names.par_iter().zip(&all).try_for_each(|(name, picture)| save(picture, &of_view(&view.name, name)))?;
        let window = Window::around_head(camera, [view.width_px, view.height_px], OVERVIEW_MM);
        if view.name == "left-oblique" {
            let strip: Vec<_> = all.iter().map(|p| (p, window)).collect();
            if let Some(strip) = image::strip(&strip, OVERVIEW_PX)? {
                save(&strip, &folder.join(SESSIONS))?;
            }
        }
        let mut all = all;
        if let (Some(last), true) = (all.pop(), !all.is_empty()) {
            overview.push((all.swap_remove(0), last, window));
        }
        console.done(&format!("view {}", view.name));
    }
    console.begin("overview");
    let before: Vec<_> = overview.iter().map(|(before, _, window)| (before, *window)).collect();
    let healed: Vec<_> = overview.iter().map(|(_, healed, window)| (healed, *window)).collect();
    for (name, pictures) in [(BEFORE, before), (HEALED, healed)] {
        if let Some(strip) = image::strip(&pictures, OVERVIEW_PX)? {
            save(&strip, &folder.join(name))?;
        }
    }
    console.done("overview");
    print(&format!(
        "{} dots over {count} sessions; pictures of {} views in {}",
        treatment.dots.len(),
        case.document().views.len(),
        folder.display()
    ))
}

/// A picture of the demo, unless something else is there.
fn output(path: &Path, force: bool) -> Result<Output<'_>, Failure> {
    Output::new(path, Kind::Picture, &[], None, force)
}
