//! `plan get` and `plan set`.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::{Console, Output, print};
use super::prepared::{open_case, open_to_change};
use crate::export::destination::ResultKind;
use crate::ground::words::io_problem;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Get or set.
    #[command(subcommand)]
    pub action: PlanAction,
}

/// `plan get` and `plan set`
#[derive(Debug, Subcommand)]
pub enum PlanAction {
    /// Write the plan as JSON.
    Get {
        /// The case.
        case: PathBuf,
        /// Variant of the plan; the first one if not given.
        #[arg(long)]
        variant: Option<String>,
        /// Output file; standard output if not given, or "-". Only an earlier plan is overwritten.
        #[arg(short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Overwrite any existing file.
        #[arg(long)]
        force: bool,
    },
    /// Replace the plan.
    Set {
        /// The case.
        case: PathBuf,
        /// File with the plan as JSON; "-" for standard input.
        #[arg(required_unless_present = "pigment")]
        file: Option<PathBuf>,
        /// File with a pigment, as written by `calibrate`, to use in this plan, or else in the case's own.
        #[arg(long, value_name = "FILE")]
        pigment: Option<PathBuf>,
        /// Variant of the plan; the first one if not given.
        #[arg(long)]
        variant: Option<String>,
    },
}

/// Largest text file that is read, bytes.
const TEXT_LIMIT: u64 = 64 << 20;

pub(super) fn run(args: &PlanArgs, console: &mut Console) -> Result<(), Failure> {
    match &args.action {
        PlanAction::Get { case, variant, output, force } => {
            let open = open_case(case, console)?;
            let json = open.plan(variant.as_deref()).map_err(Failure::in_case(case))?.to_json() + "\n";
            match output {
                Some(path) => Output::new(path, ResultKind::Plan, &[case], Some(&open), *force)?.write(json.as_bytes()),
                None => print(&json),
            }
        }
        PlanAction::Set { case, file, pigment, variant } => {
            let read = |file: &PathBuf| Plan::from_json(&read_text(file)?).map_err(|e| Failure::input(e).at(file));
            let given = file.as_ref().map(read).transpose()?;
            let mut open = open_to_change(case, console)?;
            let mut plan = match given {
                Some(plan) => plan,
                None => open.plan(variant.as_deref()).map_err(Failure::in_case(case))?.clone(),
            };
            if let Some(file) = pigment {
                let pigment = Pigment::from_toml(&read_text(file)?).map_err(|e| Failure::input(e).at(file))?;
                plan = plan.with_pigment(&pigment);
                plan.check().map_err(|e| Failure::input(e).at(file))?;
            }
            open.set_plan(variant.as_deref(), plan).map_err(Failure::in_case(case))
        }
    }
}

/// Reads a text file, or standard input for "-".
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let fail = |problem: String| Failure::input(problem).at(path);
    let unreadable = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => fail("there is no such file".into()),
        ErrorKind::InvalidData => fail("this is not a text file".into()),
        _ => fail(format!("the file cannot be read ({})", io_problem(&e))),
    };
    let mut text = String::new();
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Err(fail("this is a folder, not a file".into()));
        }
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    reader.take(TEXT_LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > TEXT_LIMIT {
        return Err(fail("the file is larger than 64 MiB".into()));
    }
    // Some editors start a file with a byte order mark, which JSON does not allow.
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}
