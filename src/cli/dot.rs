//! `dot`: computes what an even field of one kind of dot does to skin.

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::output::print;
use super::values::{MM, between};
use crate::reading::tissue::Skin;
use crate::render::even_field::{EvenField, RING_MM};
use crate::skin::optics::{Optics, PigmentColumn};

/// `dot`
#[derive(Debug, Args)]
pub struct Dot {
    /// Depth of the pigment's upper end, mm.
    #[arg(long, value_name = "MM", value_parser = depth, allow_negative_numbers = true)]
    pub depth: f64,
    /// Height of the pigment column below that depth, mm.
    #[arg(long, value_name = "MM", default_value = "0.15", value_parser = height, allow_negative_numbers = true)]
    pub height: f64,
    /// Diameter of the pigment, mm.
    #[arg(long, value_name = "MM", value_parser = diameter, allow_negative_numbers = true)]
    pub diameter: f64,
    /// Absorption of the pigment in skin, per mm, in every channel.
    #[arg(long, value_name = "PER_MM", value_parser = absorption, allow_negative_numbers = true)]
    pub absorption: f64,
    /// Distance between dots on a square lattice, mm.
    #[arg(long, value_name = "MM", value_parser = pitch, allow_negative_numbers = true)]
    pub pitch: f64,
    /// Melanosome volume fraction in an epidermis of 0.1 mm: 0.02 for light skin, 0.10 for dark skin.
    #[arg(long, value_name = "FRACTION", value_parser = melanin, allow_negative_numbers = true)]
    pub melanin: f64,
    /// Thickness of the epidermis, mm; the amount of melanin stays the same. About 0.06 on the scalp.
    #[arg(long, value_name = "MM", default_value = "0.1", value_parser = epidermis, allow_negative_numbers = true)]
    pub epidermis: f64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

fn depth(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.05, 2.0, "a depth in mm")
}

fn height(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 2.0, "a height in mm")
}

fn epidermis(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 0.5, "a thickness in mm")
}

fn diameter(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.02, 1.0, "a diameter in mm")
}

fn absorption(text: &str) -> Result<f64, String> {
    between(text, &["/mm", "per mm"], 0.0, 1000.0, "an absorption per mm")
}

fn pitch(text: &str) -> Result<f64, String> {
    between(text, &MM, 0.2, 10.0, "a distance in mm")
}

fn melanin(text: &str) -> Result<f64, String> {
    between(text, &[], 0.0, 0.5, "a fraction")
}

#[derive(Serialize)]
struct Figures {
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
    let figures = Figures { mean: field.mean, profile: field.profile.iter().enumerate().map(ring).collect() };
    if args.json {
        return print(&serde_json::to_string_pretty(&figures).map_err(Failure::output)?);
    }
    let line = |what: &str, t: &[f64; 3]| format!("{what:>8}  {:.3}  {:.3}  {:.3}\n", t[0], t[1], t[2]);
    let mut text =
        String::from("diffuse light left by the dots, of that from untreated skin\n      mm    red  green   blue\n");
    text += &line("mean", &figures.mean);
    for ring in &figures.profile {
        text += &line(&format!("{:.3}", ring.r_mm), &ring.t);
    }
    print(&text)
}
