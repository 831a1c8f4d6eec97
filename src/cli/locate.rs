//! `locate`: finds the point of the head at a pixel, and its pixel in every other view.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use glam::DVec2;
use serde::Serialize;

use super::failure::Failure;
use super::output::{Console, print};
use super::prepared::open_case;
use super::values::pixel;

/// `locate`
#[derive(Debug, Args)]
pub struct Locate {
    /// The case.
    pub case: PathBuf,
    /// View of the pixel.
    #[arg(long)]
    pub view: String,
    /// Pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x: f64,
    /// Pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y: f64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Figures {
    head_mm: [f64; 3],
    from_glabella_mm: f64,
    views: BTreeMap<String, Seen>,
}

#[derive(Serialize)]
struct Seen {
    px: Option<[f64; 2]>,
    visible: bool,
}

pub(super) fn run(args: &Locate, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let case = open_case(&args.case, console)?;
    let view = case.view_index(Some(&args.view)).map_err(&wrong)?;
    console.begin("fitting the head");
    let fit = case.fit().map_err(&wrong)?;
    console.done("fitting the head");
    let pixel = DVec2::new(args.x, args.y);
    let Some((part, point)) = fit.head().head_from_image(case.camera(&fit, view).map_err(&wrong)?, pixel) else {
        return Err(no_head(args.x, args.y, &args.view).at(&args.case));
    };
    let views = case.document().views.iter().enumerate().filter_map(|(index, record)| {
        let camera = fit.camera(index)?;
        let px = camera.image_from_head(point.position);
        let inside = px.is_some_and(|p| {
            p.x >= 0.0 && p.y >= 0.0 && p.x < f64::from(record.width_px) && p.y < f64::from(record.height_px)
        });
        let visible = inside && fit.head().visible(camera, &point);
        Some((record.name.clone(), Seen { px: px.map(|p| p.to_array()), visible }))
    });
    let glabella = fit.head().glabella().position;
    let figures = Figures {
        head_mm: point.position.to_array(),
        from_glabella_mm: fit.head().tape(part, glabella, point.position).length_mm,
        views: views.collect(),
    };
    if args.json {
        return print(&serde_json::to_string_pretty(&figures).map_err(Failure::output)?);
    }
    let [x, y, z] = figures.head_mm;
    let mut text =
        format!("head: {x:.1} {y:.1} {z:.1} mm, {:.1} mm from the glabella along the skin\n", figures.from_glabella_mm);
    for (name, seen) in &figures.views {
        text += &match seen.px {
            Some([x, y]) => format!("{name}: {x:.1} {y:.1}{}\n", if seen.visible { "" } else { " (hidden)" }),
            None => format!("{name}: behind the camera\n"),
        };
    }
    print(&text)
}

pub(super) fn no_head(x: f64, y: f64, view: &str) -> Failure {
    Failure::input(format!("the pixel {x} {y} of view '{view}' does not show the head"))
}
