//! `info`: shows views, scale, areas and dot counts.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::output::{Console, print};
use super::prepared::open_case;
use super::terminal::line;
use crate::case::Error;
use crate::case::pipeline::{FittedMockUp, Pipeline};
use crate::photo::Limits;
use crate::reading::complexion::{SkinType, SkinTypes};
use crate::reading::lens::Lens;

/// `info`
#[derive(Debug, Args)]
pub struct Info {
    /// The case.
    pub case: PathBuf,
    /// Variant of the plan; the first one if not given.
    #[arg(long)]
    pub variant: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Figures {
    /// The confirmed skin type, if any, which takes precedence over the photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_fitzpatrick: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skin: Option<SkinReport>,
    views: BTreeMap<String, ViewReport>,
    areas: Vec<AreaReport>,
    dots_by_session: Vec<usize>,
}

#[derive(Serialize)]
struct ViewReport {
    mm_per_px: f64,
    scale_source: &'static str,
    scale_error: f64,
    residual_px: f64,
    visible_dots: usize,
    blur_px: f64,
    blur_error_px: f64,
    /// Amount and radius of the unsharp mask that the photo went through; 0 if none shows.
    sharpening: f64,
    sharpening_radius_px: f64,
    /// Whether the blur was measured in the photo, rather than assumed.
    blur_seen: bool,
}

/// Untreated skin, as well as a photo in unknown light can show it.
#[derive(Serialize)]
struct SkinReport {
    view: String,
    ita_degrees: f64,
    ita_error_degrees: f64,
    class: &'static str,
    fitzpatrick: &'static str,
    /// The lightest and the darkest type within one standard error.
    fitzpatrick_range: [&'static str; 2],
    undertone: &'static str,
    melanosome_fraction: f64,
    melanosome_error_factor: f64,
    blood_fraction: f64,
}

#[derive(Serialize)]
struct AreaReport {
    name: String,
    kind: &'static str,
    area_cm2: f64,
    dots_by_session: Vec<usize>,
}

pub(super) fn run(args: &Info, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let case = open_case(&args.case, console)?;
    let document = case.document();
    let variant = case.variant_index(args.variant.as_deref()).map_err(&wrong)?;
    let plan = case.plan(args.variant.as_deref()).map_err(&wrong)?;
    let mut pipeline = Pipeline::default();
    console.begin("fitting the head");
    let fit = pipeline.fit(document).map_err(|error| wrong(error.into()))?;
    console.done("fitting the head");
    console.begin("reading the photos");
    let shows_forehead = fit.forehead(document).map(|view| view.index);
    let (mut lenses, mut forehead) = (HashMap::new(), None);
    for index in fit.views(document).iter().map(|view| view.index) {
        // A photo that can no longer be read is skipped; everything else is still true.
        let photo = case.photo(index, &Limits::default()).inspect_err(|error| console.warn(&error.to_string())).ok();
        let photo = photo.map(Arc::new);
        lenses.extend(photo.as_ref().and_then(|photo| Some((index, pipeline.lens(document, index, photo)?))));
        if shows_forehead == Some(index) {
            forehead = pipeline.forehead(document, |_| Ok(photo)).map_err(&wrong)?;
        }
    }
    console.done("reading the photos");
    console.begin("placing dots");
    // The skin is known by now: no photo is asked for again.
    let fitted = pipeline.fitted_mock_up(document, variant, |_| Ok(None)).map_err(&wrong)?;
    let FittedMockUp { fit, mock_up } = fitted.ok_or(Error::NoPlan).map_err(&wrong)?;
    console.done("placing dots");
    let count = plan.sessions.len();
    let mid_frontal = plan.hairline.mid_frontal(fit.head()).position;
    let skin = forehead.and_then(|forehead| {
        let complexion = forehead.complexion?;
        // A photo without colour leaves all types possible.
        let by_light = SkinType::of_ita(complexion.ita_degrees);
        let any = SkinTypes { lightest: SkinType::I, likeliest: by_light, darkest: SkinType::VI };
        let types = SkinTypes::of(complexion.tone).unwrap_or(any);
        Some(SkinReport {
            view: document.views.get(forehead.view)?.name.clone(),
            ita_degrees: complexion.ita_degrees,
            ita_error_degrees: complexion.ita_error_degrees,
            class: types.likeliest.class(),
            fitzpatrick: types.likeliest.fitzpatrick(),
            fitzpatrick_range: [types.lightest, types.darkest].map(SkinType::fitzpatrick),
            undertone: complexion.undertone.name(),
            melanosome_fraction: complexion.skin.melanosome_fraction,
            melanosome_error_factor: complexion.melanin_error_factor,
            blood_fraction: complexion.skin.blood_fraction,
        })
    });
    let views = document.views.iter().enumerate().filter_map(|(i, view)| {
        let (sensor, scale) = (pipeline.unread_sensor(document, i)?, fit.scale_at(i, mid_frontal)?);
        let lens = lenses.get(&i).copied().unwrap_or(Lens::ASSUMED);
        let view_figures = ViewReport {
            mm_per_px: scale.mm_per_px,
            scale_source: document.scale().source(),
            scale_error: scale.error,
            residual_px: fit.index(i).map_or(0.0, |k| fit.fit.residual_px[k]),
            visible_dots: mock_up.visible_dots(&sensor, count),
            blur_px: lens.spread.blur_px,
            sharpening: lens.spread.sharpening.amount,
            sharpening_radius_px: lens.spread.sharpening.radius_px,
            blur_error_px: lens.standard_error_px,
            blur_seen: lens.edges > 0,
        };
        Some((view.name.clone(), view_figures))
    });
    let by_session = |area: Option<usize>| -> Vec<usize> {
        (1..=count)
            .map(|s| mock_up.dots_after(s).filter(|d| area.is_none_or(|a| usize::from(d.area) == a)).count())
            .collect()
    };
    let areas = plan.areas.iter().enumerate().map(|(i, area)| AreaReport {
        name: area.name.clone(),
        kind: area.kind.name(),
        area_cm2: mock_up.area_cm2(plan, i),
        dots_by_session: by_session(Some(i)),
    });
    let confirmed_fitzpatrick = document.client.skin_type.map(SkinType::fitzpatrick);
    let figures = Figures {
        confirmed_fitzpatrick,
        skin,
        views: views.collect(),
        areas: areas.collect(),
        dots_by_session: by_session(None),
    };
    if args.json {
        let json = serde_json::to_string_pretty(&figures).map_err(Failure::output)?;
        return print(&json);
    }
    let mut text = String::new();
    for (name, v) in &figures.views {
        text += &format!(
            "view {name}: {:.4} mm per px, +- {:.0} % ({}), points off by {:.1} px, {} dots visible, blur {:.2} +- {:.2} px{}{}\n",
            v.mm_per_px,
            100.0 * v.scale_error,
            v.scale_source,
            v.residual_px,
            v.visible_dots,
            v.blur_px,
            v.blur_error_px,
            if v.blur_seen { "" } else { " (assumed)" },
            if v.sharpening > 0.0 {
                format!(", sharpened by {:.2} at {:.1} px", v.sharpening, v.sharpening_radius_px)
            } else {
                String::new()
            }
        );
    }
    if let Some(fitzpatrick) = figures.confirmed_fitzpatrick {
        text += &format!("skin: confirmed as Fitzpatrick {fitzpatrick}\n");
    }
    if let Some(s) = &figures.skin {
        text += &format!(
            "skin ({}): ITA {:.0} +- {:.0} degrees in the light of this photo, {} (Fitzpatrick {}), {} undertone; \
             about {:.1} % melanin, within a factor of {:.1}\n",
            s.view,
            s.ita_degrees,
            s.ita_error_degrees,
            s.class,
            match s.fitzpatrick_range {
                [lightest, darkest] if lightest == darkest => lightest.to_owned(),
                [lightest, darkest] => format!("{}, possibly {lightest} to {darkest}", s.fitzpatrick),
            },
            s.undertone,
            100.0 * s.melanosome_fraction,
            s.melanosome_error_factor
        );
    }
    let last = |dots: &[usize]| dots.last().copied().unwrap_or(0);
    for a in &figures.areas {
        let density = if a.area_cm2 > 0.0 { last(&a.dots_by_session) as f64 / a.area_cm2 } else { 0.0 };
        text += &format!(
            "area {} ({}): {:.0} cm2, {} dots, {density:.0} per cm2\n",
            line(&a.name),
            a.kind,
            a.area_cm2,
            last(&a.dots_by_session)
        );
    }
    for (i, dots) in figures.dots_by_session.iter().enumerate() {
        text += &format!("after session {}: {dots} dots\n", i + 1);
    }
    print(&text)
}
