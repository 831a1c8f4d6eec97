//! The commands and the options that all of them have; what else a command takes stands beside what it does.

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
    /// Say more about what is done.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say how long each step took.
    #[arg(long, global = true)]
    pub timings: bool,
    /// A file whose first line is the passphrase of the case; "-" for standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// A case, or photos of a client: opens the studio.
    #[arg(value_name = "CASE | PHOTO")]
    pub paths: Vec<PathBuf>,
    /// What to do instead of opening the studio.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make before and after pictures of the built-in sample client.
    Demo(Demo),
    /// Make a case from photos.
    New(New),
    /// Get or set the plan as JSON.
    Plan(PlanArgs),
    /// Write a picture of the planned result.
    Render(Render),
    /// Write what a client takes home: a report, a page, a quote, the days of the sessions.
    Export(Export),
    /// Show views, scale, areas and numbers of dots.
    Info(Info),
    /// Look through a case file and name every damaged part; ends with 1 where there is one.
    Verify(Verify),
    /// Bring all that can be read of a damaged case into a new one.
    Rescue(Rescue),
    /// Hand out the photos of a case as they were added.
    Photos(Photos),
    /// Put a case under a passphrase: the whole file is encrypted.
    Lock(Lock),
    /// Take the passphrase of a case away.
    Unlock(Unlock),
    /// Show what photos may be used for, or note what the client says about that.
    Consent(ConsentArgs),
    /// Show what was done with a case, when, and at which computer.
    Trail(Trail),
    /// List the earlier states of cases that the studio has kept.
    #[cfg(feature = "studio")]
    Earlier(Earlier),
    /// Make a new case of an earlier state.
    #[cfg(feature = "studio")]
    Restore(Restore),
    /// Delete a case, its earlier states, and its place in the list of recent cases.
    #[cfg(feature = "studio")]
    Delete(Delete),
    /// Say what would look wrong about the plan, why, where, and what to do; ends with 1 where something is strong.
    Check(Check),
    /// Find the place on the head that a pixel shows, and its pixel in every other view.
    Locate(Locate),
    /// Measure along the skin between two pixels.
    Measure(Measure),
    /// Measure how far the line that was drawn on the skin lies from the planned one, in a photo of it.
    ReadBack(ReadBack),
    /// Measure the client's own shaved hair in a patch of a photo: density, size, spacing and colour of its dots.
    Match(Match),
    /// Find the pigment of a studio's own from healed skin in a photo: what was placed, and how dark it is.
    Calibrate(Calibrate),
    /// Put given dots onto a photo (an instrument).
    Composite(Composite),
    /// Say what dots of one kind do to skin (an instrument).
    Dot(Dot),
    /// Compare two pictures.
    Diff(Diff),
}
