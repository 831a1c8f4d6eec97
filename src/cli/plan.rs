//! `plan get` and `plan set`.

use std::io::Read;
use std::path::Path;

use super::Failure;
use super::args::{Plan as Args, PlanAction};
use super::output::{Console, print};
use crate::case::Case;
use crate::ground::files::{Existing, write_new};
use crate::plan::Plan;

/// Largest text file that is read, bytes.
const TEXT_LIMIT: u64 = 64 << 20;

pub(super) fn run(args: &Args, _console: &mut Console) -> Result<(), Failure> {
    match &args.action {
        PlanAction::Get { case, variant, output } => {
            let case = Case::open(case)?;
            let json = case.plan(variant.as_deref())?.to_json() + "\n";
            match output {
                Some(path) => Ok(write_new(path, json.as_bytes(), Existing::Replace)?),
                None => print(&json),
            }
        }
        PlanAction::Set { case, file, variant } => {
            let text = read_text(file)?;
            let plan = Plan::from_json(&text).map_err(|e| Failure::input(format!("{e}: {}", file.display())))?;
            let mut case = Case::open(case)?;
            Ok(case.set_plan(variant.as_deref(), plan)?)
        }
    }
}

/// Reads a text file, or standard input for "-".
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let fail = |problem: String| Failure::input(format!("{problem}: {}", path.display()));
    let mut text = String::new();
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let metadata = std::fs::metadata(path).map_err(|e| fail(format!("the file cannot be read ({e})")))?;
        if metadata.is_dir() {
            return Err(fail("this is a folder, not a file".into()));
        }
        Box::new(std::fs::File::open(path).map_err(|e| fail(format!("the file cannot be read ({e})")))?)
    };
    reader.take(TEXT_LIMIT + 1).read_to_string(&mut text).map_err(|e| match e.kind() {
        std::io::ErrorKind::InvalidData => fail("this is not a text file".into()),
        _ => fail(format!("the file cannot be read ({e})")),
    })?;
    if text.len() as u64 > TEXT_LIMIT {
        return Err(fail("the file is larger than 64 MiB".into()));
    }
    Ok(text)
}
