//! `new`: makes a case from photos.

use std::path::{Path, PathBuf};

use clap::Args;
use glam::DVec2;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, print};
use super::places;
use super::terminal::line;
use super::values::{MM, density, number_of};
use crate::case::landmarks_file::{self, LandmarksError, ViewPoints};
use crate::case::{self, Case, NewView, Start};
use crate::ground::files::Existing;
use crate::head::fit::{FitError, Scale};
use crate::photo::{self, Limits};
use crate::plan::Plan;
use crate::plan::hairline::{PRESETS, Preset};
use crate::plan::line_height::LineHeight;
use crate::plan::treatment::{TREATMENTS, Treatment};
use crate::skin::own_hair;

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// Photo, and what it shows: front, left-oblique, right-oblique, left, right, top, back, or a name of your own.
    /// Without VIEW it is recognised from the face.
    #[arg(long = "photo", value_name = "[VIEW=]FILE", required = true)]
    pub photos: Vec<String>,
    /// File of clicked points: {"views": {"front": {"pupil_right": [x, y], ..., "outline": [[x, y], ...]}}}, each view
    /// with its photo. In photos without points the face is detected.
    #[arg(long, value_name = "FILE")]
    pub landmarks: Option<PathBuf>,
    /// Source of the scale: "pupils" (average distance, 63 mm), "pupils=62.5" (measured), "iris=VIEW:X1,Y1,X2,Y2" (its
    /// edges) or "ruler=VIEW:X1,Y1,X2,Y2:MM".
    #[arg(long, value_name = "SPEC", default_value = "pupils")]
    pub scale: String,
    /// Treatment; a full shave if not given.
    #[arg(long, value_name = "KIND", value_parser = treatment)]
    pub treatment: Option<Treatment>,
    /// Shape and edge of the hairline; those that suit the treatment if not given.
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    pub hairline: Option<Preset>,
    /// Dots per cm2 after all sessions.
    #[arg(long, value_name = "PER_CM2", value_parser = density, allow_negative_numbers = true)]
    pub density: Option<f64>,
    /// Make the usual plan even if the photos show the client's own shaved hair. Otherwise density, dot size and tone
    /// follow that hair, and no dots are placed in it.
    #[arg(long)]
    pub ignore_own_hair: bool,
    /// Case file to create.
    #[arg(short, value_name = "CASE")]
    pub output: PathBuf,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

fn treatment(name: &str) -> Result<Treatment, String> {
    Treatment::from_name(name).ok_or_else(|| format!("choose one of {}", TREATMENTS.map(Treatment::name).join(", ")))
}

fn preset(name: &str) -> Result<Preset, String> {
    Preset::from_name(name).ok_or_else(|| format!("choose one of {}", PRESETS.map(Preset::name).join(", ")))
}

pub(super) fn run(args: New, console: &mut Console) -> Result<(), Failure> {
    places::for_new_case(&args.output)?;
    let limits = args.limits.limits();
    let mut points = match &args.landmarks {
        Some(path) => {
            let text = super::plan::read_text(path)?;
            landmarks_file::parse(&text).map_err(|e| Failure::input(e).at(path))?
        }
        None => Default::default(),
    };
    let mut views = Vec::new();
    let mut files: Vec<(String, &str)> = Vec::new();
    for spec in &args.photos {
        let (name, file) = photo_spec(spec)?;
        let path = Path::new(file);
        console.begin(&format!("reading {file}"));
        let view = read_view(name, path, points.remove(name).unwrap_or_default(), &limits)?;
        files.push((if name.is_empty() { view.file_name.clone() } else { name.to_owned() }, file));
        views.push(view);
        console.done(&format!("reading {file}"));
    }
    if let Some((path, (view, _))) = args.landmarks.as_deref().zip(points.pop_first()) {
        let known = files.iter().map(|(view, _)| format!("'{view}'")).collect::<Vec<_>>().join(", ");
        return Err(Failure::input(LandmarksError::NoPhoto { view, known }).at(path));
    }
    let outlined: Vec<String> = views.iter().filter(|v| !v.points.outline.is_empty()).map(|v| v.name.clone()).collect();
    let start = Start {
        treatment: args.treatment,
        preset: args.hairline,
        density_per_cm2: args.density,
        scale: scale(&args.scale)?,
        ignore_own_hair: args.ignore_own_hair,
    };
    console.begin("fitting the head");
    let case = Case::create(&args.output, views, &start, Existing::Refuse, &limits).map_err(|error| {
        let file =
            files.iter().find(|(name, _)| about_photo(&error) == Some(name.as_str())).map(|(_, file)| Path::new(file));
        let file = file.or_else(|| args.landmarks.as_deref().filter(|_| about_points(&error)));
        let failure = Failure::from(error);
        match file {
            Some(file) => failure.at(file),
            None => failure,
        }
    })?;
    console.done("fitting the head");
    let fit = case.fit()?;
    let found: Vec<&str> = case
        .document()
        .views
        .iter()
        .filter(|v| !v.outline.is_empty() && !outlined.contains(&v.name))
        .map(|v| v.name.as_str())
        .collect();
    let found = if found.is_empty() {
        String::new()
    } else {
        format!("; the head's outline was found in view {}", found.join(", "))
    };
    let faces: Vec<&str> =
        case.document().views.iter().filter(|v| v.found.is_some()).map(|v| v.name.as_str()).collect();
    let faces =
        if faces.is_empty() { String::new() } else { format!("; the face was found in view {}", faces.join(", ")) };
    for (index, view) in case.document().views.iter().enumerate() {
        if fit.camera(index).is_none() {
            console.warn(&format!("view '{}' shows no face and has no points: mark some in the studio", view.name));
        }
        for landmark in fit.left_out(index) {
            let whose = if view.landmarks.contains_key(&landmark) { "given" } else { "found" };
            console.warn(&format!(
                "view '{}': the {} that was {whose} contradicts the other points and is left out",
                view.name,
                landmark.name()
            ));
        }
        for landmark in fit.doubtful(index) {
            console.warn(&format!("view '{}': the {} hardly fits the other points", view.name, landmark.name()));
        }
    }
    let view = &case.document().views[0].name;
    let mid_frontal = case.plan(None)?.hairline.mid_frontal(fit.head()).position;
    let error = fit.scale_at(0, mid_frontal).map_or(f64::INFINITY, |s| s.error);
    let made = format!(
        "{}: {} view(s), scale from the {}, good to {:.0} % in view '{view}'{faces}{found}",
        args.output.display(),
        case.document().views.len(),
        case.document().scale().source(),
        100.0 * error
    );
    let plan = case.plan(None)?;
    print(&format!("{}\n{}{}", line(&made), hairline(plan, fit.line_height()), own_hair(plan)))
}

/// Splits VIEW=FILE; for a bare FILE the view's name is empty, to be recognised.
fn photo_spec(spec: &str) -> Result<(&str, &str), Failure> {
    match spec.split_once('=') {
        Some(("", file)) if !file.is_empty() => Err(case::Error::ViewName { view: String::new() }.into()),
        Some((name, file)) if !file.is_empty() => Ok((name, file)),
        None if Path::new(spec).extension().is_some() => Ok(("", spec)),
        _ => Err(Failure::input(format!(
            "--photo wants VIEW=FILE or FILE, as in --photo front=anna.jpg or --photo anna.jpg, not '{spec}'"
        ))),
    }
}

/// Reads a photo for a case; with an empty name its view is recognised.
pub(super) fn read_view(name: &str, path: &Path, points: ViewPoints, limits: &Limits) -> Result<NewView, Failure> {
    let bytes = photo::read_bytes(path, limits).map_err(|e| Failure::from(e).at(path))?;
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(NewView { name: name.to_owned(), file_name, bytes, points })
}

/// Where the hairline begins, and why there, where the plan has dots behind it.
fn hairline(plan: &Plan, height: LineHeight) -> String {
    let has_one = matches!(plan.treatment, Treatment::FullShave | Treatment::Receding);
    if has_one { format!("hairline: {}\n", height.reason(plan.hairline.preset)) } else { String::new() }
}

/// Tells what the plan takes over from the client's own hair.
fn own_hair(plan: &Plan) -> String {
    let density = plan.areas.first().map_or(0.0, |area| area.density_per_cm2);
    let needle = plan.sessions.last().map_or(0.0, |session| session.needle_mm);
    if !own_hair::follows(plan) {
        return String::new();
    }
    format!(
        "the photos show the client's own shaved hair: the plan follows it, {density:.0} dots per cm2, needle {needle:.2} mm, {}, \
         and leaves it free (--ignore-own-hair plans as usual)\n",
        plan.pigment
    )
}

/// The view whose photo caused the error.
fn about_photo(error: &case::Error) -> Option<&str> {
    match error {
        case::Error::Photo { view, .. } | case::Error::SeveralSeen { view, .. } => Some(view),
        _ => None,
    }
}

/// Whether the clicked points caused the error.
fn about_points(error: &case::Error) -> bool {
    match error {
        case::Error::NobodySeen { .. } | case::Error::NotLookedAt { .. } => true,
        case::Error::Fit(e) => !matches!(
            e,
            FitError::NoViews | FitError::BadPupilDistance | FitError::BadScale | FitError::UnknownScaleView { .. }
        ),
        _ => false,
    }
}

/// Parses `pupils`, `pupils=MM`, `iris=VIEW:X1,Y1,X2,Y2` or `ruler=VIEW:X1,Y1,X2,Y2:MM`.
fn scale(spec: &str) -> Result<Scale, Failure> {
    let wrong = || {
        Failure::input(format!(
            "--scale wants pupils, pupils=MM, iris=VIEW:X1,Y1,X2,Y2 or ruler=VIEW:X1,Y1,X2,Y2:MM, not '{spec}'"
        ))
    };
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(wrong);
    // Outside a list of numbers, a comma is a decimal comma.
    let length = |text: &str| number_of(text, &MM).ok_or_else(wrong);
    let ends = |text: &str| -> Result<[DVec2; 2], Failure> {
        let v: Vec<f64> = text.split(',').map(number).collect::<Result<_, _>>()?;
        match v[..] {
            [a, b, c, d] => Ok([DVec2::new(a, b), DVec2::new(c, d)]),
            _ => Err(wrong()),
        }
    };
    let (kind, rest) = spec.split_once('=').unwrap_or((spec, ""));
    let parts: Vec<&str> = rest.split(':').collect();
    match (kind, &parts[..]) {
        ("pupils", [_]) if spec == "pupils" => Ok(Scale::AveragePupils),
        ("pupils", [mm]) => Ok(Scale::MeasuredPupils { distance_mm: length(mm)? }),
        ("iris", [view, points]) => Ok(Scale::Iris { view: (*view).to_owned(), edge_px: ends(points)? }),
        ("ruler", [view, points, mm]) => {
            Ok(Scale::Ruler { view: (*view).to_owned(), ends_px: ends(points)?, length_mm: length(mm)? })
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_a_decimal_point_or_comma() {
        for (point, comma) in [
            ("pupils=63.5", "pupils=63,5"),
            ("pupils=63.5", "pupils=63,5 mm"),
            ("ruler=front:1,2,3.5,4:30.5", "ruler=front:1,2,3.5,4:30,5mm"),
        ] {
            assert_eq!(scale(point).ok(), scale(comma).ok());
            assert!(scale(comma).is_ok(), "{comma}");
        }
        assert!(scale("pupils=6,3,5").is_err());
    }
}
