//! `calibrate`: the pigment of a studio's own, from healed skin in a photo.

use super::args::Calibrate;
use super::failure::Failure;
use super::output::{Console, Output, print};
use super::prepared::{Prepared, open_case, open_to_change};
use crate::case::pipeline::Scene;
use crate::export::destination::ResultKind;
use crate::reading::tone::Tone;
use crate::skin::calibration::TONE_DOUBT;
use crate::skin::calibration::{Calibration, CalibrationPatches, STEP};

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
    let Scene { fit, mock_up } = prepared.scene(&case, variant, console)?;
    let camera = case.camera(&fit, view).map_err(&wrong)?;
    let photo = prepared.photo(&case, view, console)?;
    let places =
        CalibrationPatches { bare_px: args.bare.into(), treated_px: args.treated.into(), radius_mm: args.radius_mm };
    let head = (fit.head(), camera);
    let found =
        Calibration::measure(args.name.trim(), &photo, head, (&plan, &mock_up.dots, mock_up.skin), places, args.age);
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

/// Where the pigment comes from, for who reads the file later.
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
        100.0 * TONE_DOUBT,
        from.found.range_per_mm.map(|[low, high]| format!("{low:.0} to {high:.0}")).join(", ")
    )
}
