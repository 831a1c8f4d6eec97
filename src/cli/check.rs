//! `check`: finds what would look wrong about a plan, and applies remedies.

use std::path::PathBuf;

use clap::Args;
use glam::DVec2;
use serde::Serialize;

use super::failure::{Code, Failure};
use super::limits::LimitArgs;
use super::output::{Console, print};
use super::prepared::{Prepared, open_case, open_to_change};
use super::terminal::line;
use super::values::number;
use crate::case::Case;
use crate::case::head_fit::HeadFit;
use crate::case::picks::PickedTone;
use crate::checks::limits::LIMITS;
use crate::checks::{self, Client, Finding, Place, Rule, Severity};
use crate::reading::tone::Tone;
use crate::reading::views;

/// `check`
#[derive(Debug, Args)]
#[command(
    after_help = "Findings are strong, warn or note, the worst first. Exit codes: 0 nothing strong, 1 something \
strong, 2 the input or the request is wrong, 3 it could not be written."
)]
pub struct Check {
    /// The case.
    pub case: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Apply the remedy for this rule, as one step that can be undone, then check again. May be repeated.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub apply: Vec<Rule>,
    /// View and pixel where the shaved sides can be seen, to compare the healed colour with; the hair picked in the
    /// studio if not given.
    #[arg(long, value_name = "VIEW:X,Y", value_parser = spot)]
    pub sides: Option<Spot>,
    /// View and pixel of untreated skin; the forehead in the view of --sides if not given.
    #[arg(long, value_name = "VIEW:X,Y", value_parser = spot, requires = "sides")]
    pub skin: Option<Spot>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// A pixel of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Name of the view.
    pub view: String,
    /// The pixel.
    pub px: [f64; 2],
}

fn spot(text: &str) -> Result<Spot, String> {
    let read = || {
        let (view, px) = text.rsplit_once(':')?;
        let (x, y) = px.split_once(',')?;
        Some(Spot { view: view.to_owned(), px: [number(x.trim())?, number(y.trim())?] })
    };
    read().ok_or_else(|| "a view and a pixel are needed, such as left:812,640".to_owned())
}

fn rule(id: &str) -> Result<Rule, String> {
    Rule::from_id(id).ok_or_else(|| format!("choose one of {}", LIMITS.map(|l| l.id).join(", ")))
}

/// Radius of the disc in which a colour is measured, mm.
const SPOT_MM: f64 = 1.5;

#[derive(Serialize)]
struct Entry<'a> {
    id: &'static str,
    level: &'static str,
    checked: bool,
    title: &'static str,
    message: &'a str,
    value: Option<f64>,
    limit: Option<f64>,
    unit: &'static str,
    grade: char,
    source: &'static str,
    /// Grades of the evidence behind `source`.
    source_grades: Vec<char>,
    #[serde(rename = "where")]
    place: Option<Where>,
    remedy: &'a str,
    can_be_applied: bool,
}

#[derive(Serialize)]
struct Where {
    head_mm: [f64; 3],
    from_glabella_mm: f64,
    view: Option<String>,
    px: Option<[f64; 2]>,
}

pub(super) fn run(args: &Check, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let variant = args.variant.as_deref();
    let open = if args.apply.is_empty() { open_case } else { open_to_change };
    let mut case = open(&args.case, console)?;
    let mut prepared = Prepared::new(args.limits.limits());
    case.plan(variant).map_err(&wrong)?;
    let fit = prepared.fit(&case, console)?;
    let client = client(args, &case, &fit, &mut prepared, console)?;
    let mut look = |case: &Case, console: &mut Console| -> Result<_, Failure> {
        let fitted = prepared.fitted_mock_up(case, variant, console)?;
        let plan = case.plan(variant).map_err(&wrong)?;
        console.begin("checking");
        let photos = prepared.shown(case, &fitted.fit);
        let found = checks::findings(plan, &fitted.mock_up, &client, &photos);
        console.done("checking");
        Ok(found)
    };
    let mut found = look(&case, console)?;
    for &rule in &args.apply {
        let id = rule.limit().id;
        let Some(finding) = found.iter().find(|f| f.rule == rule) else {
            return Err(Failure::input(format!("the plan does not break the rule '{id}'")).at(&args.case));
        };
        if !finding.remedy.can_be_applied() {
            let problem = format!("no edit helps against '{id}': {}", finding.remedy.label());
            return Err(Failure::input(problem).at(&args.case));
        }
        let plan = finding.remedy.apply(case.plan(variant).map_err(&wrong)?, fit.head());
        case.edit_plan(&finding.step_name(), variant, plan).map_err(&wrong)?;
        found = look(&case, console)?;
    }
    let entries: Vec<Entry> = found.iter().map(|f| entry(f, &case, &fit)).collect();
    if args.json {
        print(&serde_json::to_string_pretty(&entries).map_err(Failure::output)?)?;
    } else {
        print(&text(&found, &entries))?;
    }
    match found.iter().filter(|f| f.severity == Severity::Strong).count() {
        0 => Ok(()),
        strong => {
            let message = format!("{strong} strong finding{}", if strong == 1 { "" } else { "s" });
            Err(Failure { message, code: Code::Checks }.at(&args.case))
        }
    }
}

fn entry<'a>(finding: &'a Finding, case: &Case, fit: &HeadFit) -> Entry<'a> {
    let limit = finding.rule.limit();
    Entry {
        id: limit.id,
        level: finding.severity.name(),
        checked: finding.measured.is_some(),
        title: limit.title,
        message: &finding.reason,
        value: finding.measured.map(|m| m.value),
        limit: finding.measured.map(|m| m.limit),
        unit: limit.unit,
        grade: limit.grade.letter(),
        source: limit.source,
        source_grades: limit.source_grades.iter().map(|grade| grade.letter()).collect(),
        place: finding.place.map(|place| position(place, case, fit)),
        remedy: finding.remedy.label(),
        can_be_applied: finding.remedy.can_be_applied(),
    }
}

fn position(place: Place, case: &Case, fit: &HeadFit) -> Where {
    let head = fit.head();
    let views = fit.views(case.document());
    let seen = views::of_place(head, &views, &place.point, |_| true);
    Where {
        head_mm: place.point.position.to_array(),
        from_glabella_mm: head.tape(place.part, head.glabella().position, place.point.position).length_mm,
        view: seen.map(|(view, _)| case.document().views[view.index].name.clone()),
        px: seen.map(|(_, sight)| sight.px.to_array()),
    }
}

fn text(found: &[Finding], entries: &[Entry]) -> String {
    if found.is_empty() {
        return "nothing found\n".to_owned();
    }
    let mut text = String::new();
    for (finding, entry) in found.iter().zip(entries) {
        text +=
            &format!("{} {} ({}): {}\n", entry.level, entry.title.to_lowercase(), entry.id, line(&finding.figures()));
        text += &format!("    {}\n", line(entry.message));
        if let Some(place) = &entry.place {
            text += &format!("    where: {:.0} mm from the glabella along the skin", place.from_glabella_mm);
            if let (Some(view), Some([x, y])) = (&place.view, place.px) {
                text += &format!(", view {view} at {x:.0} {y:.0}");
            }
            text += "\n";
        }
        let apply = if entry.can_be_applied { format!(" (--apply {})", entry.id) } else { String::new() };
        text += &format!("    remedy: {}{apply}\n", entry.remedy);
    }
    text
}

/// The client's colours: measured at the given pixels, else as picked in the studio.
fn client(
    args: &Check,
    case: &Case,
    fit: &HeadFit,
    prepared: &mut Prepared,
    console: &mut Console,
) -> Result<Client, Failure> {
    let picked = &case.document().client;
    console.begin("measuring colours");
    let wrong = Failure::in_case(&args.case);
    let limits = args.limits.limits();
    let tone = |spot: &Spot| -> Result<Tone, Failure> {
        let view = case.view_index(Some(&spot.view)).map_err(&wrong)?;
        let camera = case.camera(fit, view).map_err(&wrong)?;
        let at = DVec2::from(spot.px);
        let Some((_, skin)) = fit.head().head_from_image(camera, at) else {
            return Err(super::locate::no_head(at.x, at.y, &spot.view).at(&args.case));
        };
        let photo = case.photo(view, &limits).map_err(&wrong)?;
        let tone = Tone::in_disc(&photo, at, SPOT_MM / camera.mm_per_px(skin.position));
        tone.ok_or_else(|| super::locate::no_head(at.x, at.y, &spot.view).at(&args.case))
    };
    let forehead_in = |view: usize| -> Result<Option<Tone>, Failure> {
        let photo = case.photo(view, &limits).map_err(&wrong)?;
        Ok(Tone::of_forehead(&photo, fit.head(), case.camera(fit, view).map_err(&wrong)?))
    };
    let (client, skin_view) = match &args.sides {
        Some(sides) => {
            let view = case.view_index(Some(&sides.view)).map_err(&wrong)?;
            let skin = args.skin.as_ref().map_or_else(|| forehead_in(view), |spot| tone(spot).map(Some))?;
            (Client { skin, sides: Some(tone(sides)?) }, Some(view))
        }
        None => {
            let skin = match &picked.skin {
                Some(skin) => Some(skin.tone()),
                None => prepared.forehead(case)?.and_then(|forehead| forehead.tone),
            };
            let client = Client::picked(skin, picked.hair.as_ref().map(PickedTone::tone));
            if picked.hair.is_some() && client.sides.is_none() {
                console.warn(
                    "the hair to match that was picked in the case is hardly darker than the skin: pick it again",
                );
            }
            (client, fit.forehead(case.document()).map(|view| view.index))
        }
    };
    console.done("measuring colours");
    let compared = args.sides.is_some() || picked.hair.is_some();
    if compared && client.skin.is_none() {
        let shown = skin_view.map(|view| &case.document().views[view].name);
        let shown = shown.map_or_else(|| "no view shows".to_owned(), |name| format!("view '{name}' does not show"));
        console.warn(&format!("{shown} the whole forehead: say where skin is with --skin"));
    }
    Ok(client)
}
