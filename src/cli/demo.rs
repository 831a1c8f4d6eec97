//! `demo`: before and after pictures of the built-in sample client.

use rayon::prelude::*;

use super::Failure;
use super::args::Demo;
use super::output::{Console, print, save};
use crate::case::{Case, Start, sample};
use crate::export::image::{self, Layer, OVERVIEW_MM, SHOWN_DAYS, Window};
use crate::ground::files::Existing;
use crate::photo::{Limits, Photo};
use crate::reading::{Reading, Subject};
use crate::render::scene::{Ground, Moment, Treatment};
use crate::skin::settings::Outlook;

/// Days after which a session counts as healed.
const HEALED_DAYS: f64 = 28.0;
/// How large the overviews are.
const OVERVIEW_PX: u32 = 480;

pub(super) fn run(args: &Demo, console: &mut Console) -> Result<(), Failure> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::output(format!("the folder cannot be made ({e}): {}", folder.display())))?;
    let limits = Limits::default();
    let views = sample::views().map_err(crate::case::Error::from)?;
    console.expect_steps(3 + views.len() as u64);

    console.begin("making the case");
    let case = Case::create(&folder.join("sample.scalp"), views, &Start::default(), Existing::Replace, &limits)?;
    let plan = case.plan(None)?;
    let fit = case.fit()?;
    console.done("making the case");
    console.begin("placing dots");
    let ground = Ground::new(fit.head().clone(), plan);
    let mut treatment = Treatment::new(plan, &ground);
    treatment.skin = case.skin(&fit, &limits)?;
    console.done("placing dots");

    let count = plan.sessions.len();
    // Each session as it looks when its redness has gone, then the last one healed: what the client will live with.
    let at = |sessions: usize, age_days: f64| Moment { sessions, age_days, outlook: Outlook::Likely };
    let fresh = (1..=count).map(|sessions| (format!("{sessions}-session"), at(sessions, SHOWN_DAYS)));
    let healed = (format!("{}-healed", count + 1), at(count, HEALED_DAYS));
    let moments: Vec<(String, Moment)> = fresh.chain([healed]).collect();
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
        let names = std::iter::once("0-before".to_owned()).chain(moments.iter().map(|(name, _)| name.clone()));
        let all: Vec<Photo> = std::iter::once(before).chain(pictures).collect();
        names
            .zip(&all)
            .collect::<Vec<_>>()
            .par_iter()
            .try_for_each(|(name, picture)| save(picture, &folder.join(format!("{}-{name}.jpg", view.name))))?;
        let window = Window::around_head(camera, [view.width_px, view.height_px], OVERVIEW_MM);
        if view.name == "left-oblique" {
            let strip: Vec<_> = all.iter().map(|p| (p, window)).collect();
            if let Some(strip) = image::strip(&strip, OVERVIEW_PX)? {
                save(&strip, &folder.join("sessions.jpg"))?;
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
    for (name, pictures) in [("before.jpg", before), ("healed.jpg", healed)] {
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
