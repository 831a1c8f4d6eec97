//! `calibrate`: the pigment of a studio's own, from healed skin in a photo.

use glam::{DVec2, DVec3};

use super::args::Calibrate;
use super::output::{Console, keep_input, print};
use super::{Failure, open_case};
use crate::case::head_fit::HeadFit;
use crate::follicles::dots::Dot;
use crate::ground::files::{Existing, write_new};
use crate::head::camera::Camera;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;
use crate::plan::pigment::Pigment;
use crate::plan::session::Session;
use crate::render::scene::{Ground, Treatment};
use crate::skin::calibrate::{self, Calibrated, TONE_DOUBT};
use crate::skin::shade::Recipe;
use crate::skin::tone::Tone;

/// Name of the step that `--apply` makes.
const STEP: &str = "Calibrate pigment";
/// Fewer dots of the plan than this around a place are no treated area.
const FEWEST_DOTS: usize = 20;

pub(super) fn run(args: &Calibrate, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    if let Some(output) = &args.output {
        keep_input(&args.case, output)?;
    }
    let mut case = open_case(&args.case, console)?;
    let view = case.view_index(Some(&args.view)).map_err(&wrong)?;
    let plan = case.plan(args.variant.as_deref()).map_err(&wrong)?.clone();
    console.begin("fitting the head");
    let fit = case.fit().map_err(&wrong)?;
    let camera = case.camera(&fit, view).map_err(&wrong)?;
    console.done("fitting the head");
    console.begin("decoding the photo");
    let photo = case.photo(view, &args.limits.limits()).map_err(&wrong)?;
    console.done("decoding the photo");
    let seen = |what: &str, [x, y]: [f64; 2]| {
        let problem =
            || Failure::input(format!("--{what}: the photo does not show the head at {x},{y}")).at(&args.case);
        look(&photo, &fit, camera, DVec2::new(x, y), args.radius_mm).ok_or_else(problem)
    };
    let (_, bare) = seen("bare", args.bare)?;
    let (place, treated) = seen("treated", args.treated)?;
    console.begin("placing dots");
    let ground = Ground::new(fit.head().clone(), &plan);
    let treatment = Treatment::new(&plan, &ground);
    console.done("placing dots");
    let Some(dots) = Dots::around(treatment.dots_after(plan.sessions.len()), place.position, args.radius_mm) else {
        let problem = "--treated: the plan places next to no dots there, so nobody knows what was done; describe the \
                       treatment as it was done in the plan first";
        return Err(Failure::input(problem).at(&args.case));
    };
    let area = &plan.areas[dots.area];
    let sessions: Vec<Session> = plan
        .sessions
        .iter()
        .map(|s| Session { needle_mm: area.needle_mm.unwrap_or(s.needle_mm), ..s.clone() })
        .collect();
    let any = Pigment { name: String::new(), absorption_per_mm: [0.0; 3], part: Vec::new() };
    let density_per_cm2 = dots.density_per_cm2;
    let recipe = Recipe { pigment: &any, sessions: &sessions, density_per_cm2, depth_mm: plan.depth_mm };
    let Calibrated { mut pigment, range_per_mm } =
        calibrate::pigment(args.name.trim(), &recipe, bare, treated, args.age)
            .map_err(|problem| Failure::input(problem).at(&args.case))?;
    // The area's shade is part of what was placed, not of the bottle.
    pigment.absorption_per_mm = pigment.absorption_per_mm.map(|a| a / area.shade);
    let range_per_mm = range_per_mm.map(|range| range.map(|a| a / area.shade));
    let plan = plan.with_pigment(&pigment);
    plan.check().map_err(Failure::input)?;
    let text = heading(args, &recipe, [bare, treated], range_per_mm) + &pigment.to_toml();
    match &args.output {
        Some(path) => write_new(path, text.as_bytes(), Existing::Replace)?,
        None => print(&text)?,
    }
    if args.apply {
        case.edit_plan(STEP, args.variant.as_deref(), plan).map_err(&wrong)?;
    }
    Ok(())
}

/// Mean tone of a disc, and the skin in its middle.
fn look(
    photo: &Photo,
    fit: &HeadFit,
    camera: &Camera,
    middle_px: DVec2,
    radius_mm: f64,
) -> Option<(SurfacePoint, Tone)> {
    let (_, skin) =
        fit.head().head_from_image(camera, middle_px).filter(|(_, skin)| fit.head().visible(camera, skin))?;
    // Across, where skin is foreshortened most: the disc shows none beyond the place.
    let footprint = camera.footprint(skin.position, skin.normal);
    Some((skin, Tone::mean_in_disc(photo, middle_px, radius_mm * footprint.minor_px_per_mm)?))
}

/// The plan's dots around a place.
struct Dots {
    /// Area that most of them are of.
    area: usize,
    /// Mean of what is planned there, all sessions, per cm2.
    density_per_cm2: f64,
}

impl Dots {
    fn around<'a>(dots: impl Iterator<Item = &'a Dot>, place: DVec3, radius_mm: f64) -> Option<Self> {
        let near: Vec<&Dot> = dots.filter(|dot| dot.position.distance(place) <= radius_mm).collect();
        if near.len() < FEWEST_DOTS {
            return None;
        }
        let of_area = |area: u8| near.iter().filter(|dot| dot.area == area).count();
        let area = near.iter().map(|dot| dot.area).max_by_key(|area| (of_area(*area), std::cmp::Reverse(*area)))?;
        // Each dot stands for the skin that it has for itself, which is more where dots are sparse.
        let skin: f64 = near.iter().map(|dot| 1.0 / dot.density_per_cm2).sum();
        Some(Self { area: usize::from(area), density_per_cm2: near.len() as f64 / skin })
    }
}

/// Where the pigment comes from, for who reads the file later.
fn heading(args: &Calibrate, recipe: &Recipe, [bare, treated]: [Tone; 2], range_per_mm: [[f64; 2]; 3]) -> String {
    let lab = |tone: Tone| tone.lab().map(|v| format!("{v:.1}")).join(" ");
    format!(
        "# From healed skin, {:.0} days after the last session, {:.0} dots per cm2: L* a* b* {} against bare skin {}.\n\
         # Light that is off by {:.0} % is explained as well by {} per mm of red, green, blue.\n\
         # Taken to fade as plain carbon does.\n",
        args.age,
        recipe.density_per_cm2,
        lab(treated),
        lab(bare),
        100.0 * TONE_DOUBT,
        range_per_mm.map(|[low, high]| format!("{low:.0} to {high:.0}")).join(", ")
    )
}
