//! The commands and their common options; each command's own arguments are declared beside its code.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::calibrate::Calibrate;
use super::check::Check;
use super::composite::Composite;
use super::consent::{ConsentArgs, Trail};
use super::demo::Demo;
use super::diff::Diff;
use super::dot::Dot;
#[cfg(feature = "studio")]
use super::earlier::{Delete, Earlier, Restore};
use super::export::Export;
use super::info::Info;
use super::locate::Locate;
use super::lock::{Lock, Unlock};
use super::match_hair::Match;
use super::measure::Measure;
use super::new::New;
use super::plan::PlanArgs;
use super::read_back::ReadBack;
use super::render::Render;
use super::rescue::{Photos, Rescue, Verify};

/// Shows what scalp micropigmentation will look like on the client's own photos: the healed truth, in millimetres.
#[derive(Debug, Parser)]
#[command(name = "scalp-studio", version, subcommand_precedence_over_arg = true)]
pub struct Arguments {
    /// Report progress in more detail.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Report how long each step took.
    #[arg(long, global = true)]
    pub timings: bool,
    /// File whose first line is the case's passphrase; "-" for standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Case or photos to open in the studio.
    #[arg(value_name = "CASE | PHOTO")]
    pub paths: Vec<PathBuf>,
    /// The command to run instead of opening the studio.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make before and after pictures of the built-in sample clients.
    Demo(Demo),
    /// Make a case from photos.
    New(New),
    /// Get or set the plan as JSON.
    Plan(PlanArgs),
    /// Render pictures of the planned result.
    Render(Render),
    /// Export a report, page, quote, session calendar or other document.
    Export(Export),
    /// Show a case's views, scale, areas and dot counts.
    Info(Info),
    /// Check a case file and list every part, whole or damaged; exit with 1 if any is damaged.
    Verify(Verify),
    /// Recover everything readable from a damaged case into a new one.
    Rescue(Rescue),
    /// Extract the photos of a case as they were added.
    Photos(Photos),
    /// Lock a case with a passphrase: the whole file is encrypted.
    Lock(Lock),
    /// Remove the passphrase from a case.
    Unlock(Unlock),
    /// Show or record what the client allows photos to be used for.
    Consent(ConsentArgs),
    /// Show what was done with a case, when, and at which computer.
    Trail(Trail),
    /// List the earlier states of cases that the studio has kept.
    #[cfg(feature = "studio")]
    Earlier(Earlier),
    /// Restore an earlier state as a new case.
    #[cfg(feature = "studio")]
    Restore(Restore),
    /// Delete a case, its earlier states, and its entry among the recent cases.
    #[cfg(feature = "studio")]
    Delete(Delete),
    /// Check what would look wrong about the plan, why, where, and what to do; exit with 1 if a finding is strong.
    Check(Check),
    /// Locate the point of the head at a pixel, and its pixel in every other view.
    Locate(Locate),
    /// Measure the distance along the skin between two pixels.
    Measure(Measure),
    /// Measure in a photo how far the line drawn on the skin lies from the planned one.
    ReadBack(ReadBack),
    /// Measure the density, size, spacing and colour of the client's own shaved hair in a patch of a photo.
    Match(Match),
    /// Calibrate a studio's own pigment from a photo of healed skin and what was placed there.
    Calibrate(Calibrate),
    /// Composite given dots onto a photo (for measurements).
    Composite(Composite),
    /// Compute what dots of one kind do to skin (for measurements).
    Dot(Dot),
    /// Compare two pictures.
    Diff(Diff),
}
