//! `composite`: composites given dots onto a photo, to measure the compositor.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, Output, format_of};
use super::splats_file;
use crate::export::destination::ResultKind;
use crate::ground::words::io_problem;
use crate::photo;
use crate::reading::lens::Lens;
use crate::render::compositor;
use crate::render::specular::Specular;
use crate::render::splat::Splats;

/// `composite`
#[derive(Debug, Args)]
pub struct Composite {
    /// The photo.
    pub photo: PathBuf,
    /// CSV with columns x_px, y_px, fwhm_major_px, fwhm_minor_px, angle_deg (x right, y down), opacity (peak loss, 0 to
    /// 1).
    #[arg(long, value_name = "FILE")]
    pub splats: PathBuf,
    /// Output file; "-" for standard output, as PNG. Only an earlier picture of this program is overwritten.
    #[arg(short, value_name = "FILE")]
    pub output: PathBuf,
    /// Overwrite any existing file.
    #[arg(long)]
    pub force: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

pub(super) fn run(args: &Composite, console: &mut Console) -> Result<(), Failure> {
    let format = format_of(&args.output)?;
    let output = Output::new(&args.output, ResultKind::Picture, &[&args.photo, &args.splats], None, args.force)?;
    console.begin("reading photo and dots");
    let (splats, picture) = rayon::join(|| read(&args.splats), || photo::read(&args.photo, &args.limits.limits()));
    let (splats, mut picture) = (splats?, picture?);
    console.done("reading photo and dots");
    console.begin("compositing");
    if !splats.is_empty() {
        let splats = splats.photographed(&Lens::around(&picture, splats.bounds_px()).spread);
        let specular = Specular::estimate_under_pigment(&picture, &splats);
        compositor::composite(&mut picture, &splats, &specular);
    }
    console.done("compositing");
    console.begin("writing");
    output.save(&picture, format)?;
    console.done("writing");
    Ok(())
}

fn read(path: &Path) -> Result<Splats, Failure> {
    let fail = |problem: String| Failure::input(problem).at(path);
    if !path.exists() {
        return Err(fail("there is no such file".into()));
    }
    if path.is_dir() {
        return Err(fail("this is a folder, not a CSV file".into()));
    }
    let file = File::open(path).map_err(|e| fail(format!("the dots cannot be read ({})", io_problem(&e))))?;
    splats_file::parse(file).map_err(|e| fail(e.to_string()))
}
