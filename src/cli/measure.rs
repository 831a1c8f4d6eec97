//! `measure`: measures the distance along the skin between two pixels.

use std::path::PathBuf;

use clap::Args;
use glam::DVec2;
use serde::Serialize;

use super::failure::Failure;
use super::locate::no_head;
use super::output::{Console, print};
use super::prepared::open_case;
use super::values::pixel;

/// `measure`
#[derive(Debug, Args)]
pub struct Measure {
    /// The case.
    pub case: PathBuf,
    /// View of the pixels.
    #[arg(long)]
    pub view: String,
    /// First pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x1: f64,
    /// First pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y1: f64,
    /// Second pixel, from the left.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub x2: f64,
    /// Second pixel, from the top.
    #[arg(allow_negative_numbers = true, value_parser = pixel)]
    pub y2: f64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Figures {
    length_mm: f64,
    error_mm: f64,
}

pub(super) fn run(args: &Measure, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let case = open_case(&args.case, console)?;
    let view = case.view_index(Some(&args.view)).map_err(&wrong)?;
    console.begin("fitting the head");
    let fit = case.fit().map_err(&wrong)?;
    console.done("fitting the head");
    let ends = [DVec2::new(args.x1, args.y1), DVec2::new(args.x2, args.y2)];
    let camera = case.camera(&fit, view).map_err(&wrong)?;
    for end in ends {
        if fit.head().head_from_image(camera, end).is_none() {
            return Err(no_head(end.x, end.y, &args.view).at(&args.case));
        }
    }
    let Some(measured) = fit.measure(view, ends) else {
        let problem = "one pixel shows the scalp and the other the lower face; measure on one of them";
        return Err(Failure::input(problem).at(&args.case));
    };
    let figures = Figures { length_mm: measured.length_mm, error_mm: measured.error_mm };
    if args.json {
        return print(&serde_json::to_string_pretty(&figures).map_err(Failure::output)?);
    }
    print(&format!("{:.1} mm +- {:.1} mm along the skin\n", figures.length_mm, figures.error_mm))
}
