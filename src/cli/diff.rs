//! `diff`: measures the difference between two pictures.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::limits::LimitArgs;
use super::output::{Console, Output, format_of, print, say};
use crate::export::destination::ResultKind;
use crate::photo;
use crate::render::difference::{difference, difference_picture};

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// First picture.
    pub a: PathBuf,
    /// Second picture.
    pub b: PathBuf,
    /// Output file for a picture of the difference; with "-" it goes to standard output as PNG, and the figures to
    /// standard error. Only an earlier picture of this program is overwritten.
    #[arg(short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite any existing file.
    #[arg(long)]
    pub force: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Limits on what is decoded.
    #[command(flatten)]
    pub limits: LimitArgs,
}

#[derive(Serialize)]
struct Figures {
    mean_de2000: f64,
    worst_de2000: f64,
    p99_de2000: f64,
    /// `null` if the pictures are equal.
    psnr_db: Option<f64>,
}

pub(super) fn run(args: &Diff, console: &mut Console) -> Result<(), Failure> {
    let limits = args.limits.limits();
    let picture = |path| {
        let format = format_of(path)?;
        Ok::<_, Failure>((Output::new(path, ResultKind::Picture, &[&args.a, &args.b], None, args.force)?, format))
    };
    let picture = args.output.as_deref().map(picture).transpose()?;
    console.begin("decoding");
    let a = photo::read(&args.a, &limits)?;
    let b = photo::read(&args.b, &limits)?;
    console.done("decoding");
    let name = |problem: &dyn std::fmt::Display| Failure::input(format!("{problem}: {}", args.b.display()));
    console.begin("comparing");
    let found = difference(&a, &b).map_err(|e| name(&e))?;
    console.done("comparing");
    if let Some((output, format)) = &picture {
        output.save(&difference_picture(&a, &b).map_err(|e| name(&e))?, *format)?;
    }
    let report_to = |text: &str| {
        if picture.as_ref().is_some_and(|(output, _)| output.is_standard()) {
            text.lines().for_each(say);
            return Ok(());
        }
        print(text)
    };
    let figures = Figures {
        mean_de2000: found.mean_de2000,
        worst_de2000: found.worst_de2000,
        p99_de2000: found.p99_de2000,
        psnr_db: found.psnr_db.is_finite().then_some(found.psnr_db),
    };
    if args.json {
        return report_to(&serde_json::to_string_pretty(&figures).map_err(Failure::output)?);
    }
    let psnr = figures.psnr_db.map_or_else(|| "equal pixels".to_owned(), |db| format!("PSNR {db:.1} dB"));
    report_to(&format!(
        "dE2000 mean {:.3}, 99 % below {:.2}, worst {:.2}; {psnr}",
        figures.mean_de2000, figures.p99_de2000, figures.worst_de2000
    ))
}
