//! `match`: measures the client's own shaved hair and suggests plan settings that match it.

use std::path::PathBuf;

use clap::Args;
use glam::DVec2;
use serde::Serialize;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, print};
use super::prepared::{Prepared, open_case, open_to_change};
use super::terminal::line;
use super::values::{PX, between, place, radius};
use crate::reading::stubble::{Estimate, Patch, Stubble};
use crate::reading::tone::Tone;
use crate::skin::offer::Offer;

/// `match`
#[derive(Debug, Args)]
pub struct Match {
    /// The case.
    pub case: PathBuf,
    /// View of the patch.
    #[arg(long)]
    pub view: String,
    /// Middle of the patch, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub at: [f64; 2],
    /// Radius of the patch along the skin, mm.
    #[arg(long, value_name = "MM", default_value = "6", value_parser = radius, allow_negative_numbers = true)]
    pub radius_mm: f64,
    /// Blur of the photo as a standard deviation, px; measured at its sharpest edges if not given.
    #[arg(long, value_name = "PX", value_parser = blur, allow_negative_numbers = true)]
    pub blur_px: Option<f64>,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Set the plan's density, needle, pigment and dilutions to match, as one step that can be undone.
    #[arg(long)]
    pub apply: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

fn blur(text: &str) -> Result<f64, String> {
    between(text, &PX, 0.0, 10.0, "a standard deviation in px")
}

/// Name of the undo step made by `--apply`.
const STEP: &str = "Match follicles";

#[derive(Serialize)]
struct Figures {
    dots: usize,
    area_cm2: f64,
    density_per_cm2: f64,
    density_error_per_cm2: f64,
    diameter_mm: f64,
    diameter_error_mm: f64,
    spacing_mm: f64,
    spacing_error_mm: f64,
    spacing_variation: f64,
    dot_lab: [f64; 3],
    dot_lightness_error: f64,
    dot_in_photo_lab: [f64; 3],
    skin_lab: [f64; 3],
    mean_lab: [f64; 3],
    mm_per_px: f64,
    settings: Option<Settings>,
}

#[derive(Serialize)]
struct Settings {
    density_per_cm2: f64,
    needle_mm: f64,
    healed_diameter_mm: f64,
    looks_mm: f64,
    pigment: String,
    dilutions: Vec<f64>,
    dark_dilutions: Vec<f64>,
    healed_lab: [f64; 3],
    difference: f64,
    applied: bool,
}

pub(super) fn run(args: &Match, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let open = if args.apply { open_to_change } else { open_case };
    let mut case = open(&args.case, console)?;
    let view = case.view_index(Some(&args.view)).map_err(&wrong)?;
    let plan = case.plan(args.variant.as_deref()).map_err(&wrong)?.clone();
    let mut prepared = Prepared::new(args.limits.limits());
    let fit = prepared.fit(&case, console)?;
    // A view without points gives a clearer error here than from the measurement.
    case.camera(&fit, view).map_err(&wrong)?;
    let photo = prepared.photo(&case, view, console)?;
    console.begin("measuring the hair");
    let patch = Patch { middle_px: DVec2::from(args.at), radius_mm: args.radius_mm };
    let stubble =
        fit.stubble(&photo, view, patch, args.blur_px).map_err(|nothing| Failure::input(nothing).at(&args.case))?;
    console.done("measuring the hair");
    let offer = Offer::matching(&stubble, &plan, prepared.skin(&case, console)?);
    let report = report(&stubble, offer.as_ref(), args.apply);
    if args.apply {
        let offer = offer.ok_or_else(|| Failure::input("the plan has no session to set").at(&args.case))?;
        let plan = offer.applied_to(&plan);
        case.edit_plan(STEP, args.variant.as_deref(), plan).map_err(&wrong)?;
    }
    if args.json {
        return print(&serde_json::to_string_pretty(&report).map_err(Failure::output)?);
    }
    print(&text(&stubble, report.settings.as_ref()))
}

fn report(stubble: &Stubble, offer: Option<&Offer>, applied: bool) -> Figures {
    let settings = offer.map(|offer| Settings {
        density_per_cm2: offer.density_per_cm2,
        needle_mm: offer.needle_mm,
        healed_diameter_mm: offer.healed_mm,
        looks_mm: offer.looks_mm,
        pigment: offer.diluted.pigment.name.clone(),
        dilutions: offer.diluted.dilutions.iter().map(|d| d.0).collect(),
        dark_dilutions: offer.diluted.dilutions.iter().map(|d| d.1).collect(),
        healed_lab: offer.diluted.healed.lab(),
        difference: offer.diluted.difference,
        applied,
    });
    Figures {
        dots: stubble.dots,
        area_cm2: stubble.area_cm2,
        density_per_cm2: stubble.density_per_cm2.value,
        density_error_per_cm2: stubble.density_per_cm2.standard_error,
        diameter_mm: stubble.diameter_mm.value,
        diameter_error_mm: stubble.diameter_mm.standard_error,
        spacing_mm: stubble.spacing_mm.value,
        spacing_error_mm: stubble.spacing_mm.standard_error,
        spacing_variation: stubble.variation,
        dot_lab: stubble.dot.lab(),
        dot_lightness_error: stubble.dot_lightness.standard_error,
        dot_in_photo_lab: stubble.dot_in_photo.lab(),
        skin_lab: stubble.skin.lab(),
        mean_lab: stubble.mean.lab(),
        mm_per_px: stubble.mm_per_px,
        settings,
    }
}

fn text(stubble: &Stubble, settings: Option<&Settings>) -> String {
    let both = |e: Estimate, digits: usize| format!("{:.*} +- {:.*}", digits, e.value, digits, e.standard_error);
    let tone = |tone: Tone| {
        let [l, a, b] = tone.lab();
        format!("L* {l:.0} a* {a:.0} b* {b:.0}")
    };
    let mut lines = vec![
        format!("{} dots on {:.2} cm2: {} per cm2", stubble.dots, stubble.area_cm2, both(stubble.density_per_cm2, 0)),
        format!("dots look {} mm wide", both(stubble.diameter_mm, 2)),
        format!("nearest neighbour {} mm, variation {:.2}", both(stubble.spacing_mm, 2), stubble.variation),
        format!("dots {} (L* +- {:.0})", tone(stubble.dot), stubble.dot_lightness.standard_error),
        format!("skin between {}, all together {}", tone(stubble.skin), tone(stubble.mean)),
    ];
    if let Some(s) = settings {
        let water: Vec<String> = s.dilutions.iter().map(|d| format!("{d:.0}:1")).collect();
        let made = if s.applied { "set" } else { "for the plan" };
        lines.push(format!(
            "{made}: {:.0} dots per cm2, needle {:.2} mm (heals to {:.2} mm, looks {:.2} mm), {} {}; healed area within {:.1} dE",
            s.density_per_cm2,
            s.needle_mm,
            s.healed_diameter_mm,
            s.looks_mm,
            line(&s.pigment),
            water.join(", "),
            s.difference
        ));
    }
    lines.join("\n") + "\n"
}
