//! `dot`: what an even field of one kind of dot does to skin.

use serde::Serialize;

use super::args::Dot;
use super::failure::Failure;
use super::output::print;
use crate::reading::tissue::Skin;
use crate::render::even_field::{EvenField, RING_MM};
use crate::skin::optics::{Optics, PigmentColumn};

#[derive(Serialize)]
struct Report {
    mean: [f64; 3],
    profile: Vec<Ring>,
}

#[derive(Serialize)]
struct Ring {
    r_mm: f64,
    t: [f64; 3],
}

pub(super) fn run(args: &Dot) -> Result<(), Failure> {
    let pigment = PigmentColumn {
        diameter_mm: args.diameter,
        depth_mm: args.depth,
        height_mm: args.height,
        absorption_per_mm: [args.absorption; 3],
        spread_mm: 0.0,
        crowd_per_mm2: 1.0 / (args.pitch * args.pitch),
    };
    let skin = Skin { melanosome_fraction: args.melanin, epidermis_mm: args.epidermis, ..Skin::default() };
    let field = EvenField::new(&Optics::new(skin).appearance(&pigment), args.pitch);
    let ring = |(index, t): (usize, &[f64; 3])| Ring { r_mm: (index as f64 + 0.5) * RING_MM, t: *t };
    let report = Report { mean: field.mean, profile: field.profile.iter().enumerate().map(ring).collect() };
    if args.json {
        return print(&serde_json::to_string_pretty(&report).map_err(Failure::output)?);
    }
    let line = |what: &str, t: &[f64; 3]| format!("{what:>8}  {:.3}  {:.3}  {:.3}\n", t[0], t[1], t[2]);
    let mut text =
        String::from("diffuse light left by the dots, of that from untreated skin\n      mm    red  green   blue\n");
    text += &line("mean", &report.mean);
    for ring in &report.profile {
        text += &line(&format!("{:.3}", ring.r_mm), &ring.t);
    }
    print(&text)
}
