//! `calibrate`: calibrates a studio's own pigment from a photo of healed skin.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, Output, print};
use super::prepared::{Prepared, open_case, open_to_change};
use super::values::{age_days, place, radius};
use crate::case::pipeline::FittedMockUp;
use crate::export::destination::ResultKind;
use crate::reading::tone::Tone;
use crate::skin::calibration::TONE_STANDARD_ERROR;
use crate::skin::calibration::{Calibration, CalibrationPatches, STEP};

/// `calibrate`
#[derive(Debug, Args)]
pub struct Calibrate {
    /// The case; its plan tells what was placed.
    pub case: PathBuf,
    /// View that shows both places.
    #[arg(long)]
    pub view: String,
    /// Middle of a patch of bare skin, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub bare: [f64; 2],
    /// Middle of a patch of treated skin in the same light, without hair, px from the left and from the top.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true)]
    pub treated: [f64; 2],
    /// Radius of both patches along the skin, mm.
    #[arg(long, value_name = "MM", default_value = "8", value_parser = radius, allow_negative_numbers = true)]
    pub radius_mm: f64,
    /// Time since the last session, such as 60d.
    #[arg(long, default_value = "28d", value_parser = age_days, allow_hyphen_values = true)]
    pub age: f64,
    /// Name for the pigment.
    #[arg(long)]
    pub name: String,
    /// Output file, for `plan set --pigment`; standard output if not given, or "-". Only an earlier pigment file is
    /// overwritten.
    #[arg(short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite any existing file.
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

pub(super) fn run(args: &Calibrate, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let variant = args.variant.as_deref();
    let open = if args.apply { open_to_change } else { open_case };
    let mut case = open(&args.case, console)?;
    let output = args.output.as_deref();
    let output = output
        .map(|path| Output::new(path, ResultKind::Pigment, &[&args.case], Some(&case), args.force))
        .transpose()?;
    let view = case.view_index(Some(&args.view)).map_err(&wrong)?;
    let plan = case.plan(variant).map_err(&wrong)?.clone();
    let mut prepared = Prepared::new(args.limits.limits());
    let FittedMockUp { fit, mock_up } = prepared.fitted_mock_up(&case, variant, console)?;
    let camera = case.camera(&fit, view).map_err(&wrong)?;
    let photo = prepared.photo(&case, view, console)?;
    let places =
        CalibrationPatches { bare_px: args.bare.into(), treated_px: args.treated.into(), radius_mm: args.radius_mm };
    let head = (fit.head(), camera);
    let placed = (&plan, &mock_up.dots, mock_up.skin);
    let found = places.tones(&photo, head).map_err(Into::into);
    let found = found.and_then(|tones| Calibration::new(args.name.trim(), &tones, placed, args.age));
    let found = found.map_err(|nothing| Failure::input(nothing).at(&args.case))?;
    let pigment = &found.found.pigment;
    let plan = plan.with_pigment(pigment);
    plan.check().map_err(Failure::input)?;
    let text = heading(&found) + &pigment.to_toml();
    match &output {
        Some(output) => output.write(text.as_bytes())?,
        None => print(&text)?,
    }
    if args.apply {
        case.edit_plan(STEP, variant, plan).map_err(&wrong)?;
    }
    Ok(())
}

/// Comments that tell readers of the file where the pigment comes from.
fn heading(from: &Calibration) -> String {
    let lab = |tone: Tone| tone.lab().map(|v| format!("{v:.1}")).join(" ");
    format!(
        "# From healed skin, {:.0} days after the last session, {:.0} dots per cm2: L* a* b* {} against bare skin {}.\n\
         # Light that is off by {:.0} % is explained as well by {} per mm of red, green, blue.\n\
         # Taken to fade as plain carbon does.\n",
        from.age_days,
        from.density_per_cm2,
        lab(from.treated),
        lab(from.bare),
        100.0 * TONE_STANDARD_ERROR,
        from.found.range_per_mm.map(|[low, high]| format!("{low:.0} to {high:.0}")).join(", ")
    )
}
