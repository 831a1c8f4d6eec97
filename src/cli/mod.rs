//! The command line. See `scalp-studio --help`; commands, options, JSON keys and exit codes are stable, since people
//! script them.

mod args;
mod calibrate;
mod check;
mod composite;
mod consent;
mod demo;
mod diff;
mod dot;
#[cfg(feature = "studio")]
mod earlier;
mod export;
mod failure;
mod info;
mod limits;
mod locate;
mod lock;
mod match_hair;
mod measure;
mod new;
mod output;
mod panics;
mod places;
mod plan;
mod prepared;
mod read_back;
mod render;
mod rescue;
pub mod splats_file;
mod studio;
mod terminal;
mod values;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;
use output::{Console, say};

/// Runs the program: parses the command line, runs the command, and reports on standard error.
///
/// Exit codes: 0 done; 1 `check` found something strong or `verify` damage; 2 the input or the request is wrong; 3 the
/// result could not be written; 70 the program itself failed.
#[must_use]
pub fn run() -> ExitCode {
    // clap prints its own messages and exits with 2 for a wrong request, 0 for help.
    let arguments = Arguments::parse();
    let mut console = Console::new(arguments.verbose, arguments.timings);
    let timings = arguments.timings;
    let done = panics::guarded(|| {
        if let Some(file) = &arguments.passphrase_file {
            crate::case::lock::offer(Some(lock::read(file)?));
        }
        match arguments.command {
            Some(_) if !arguments.paths.is_empty() => {
                Err(Failure::input("the command comes first; see 'scalp-studio help'"))
            }
            Some(command) => {
                studio::keep_for_later();
                dispatch(command, &mut console)
            }
            None => studio::run(arguments.paths, timings),
        }
    });
    console.finish();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("scalp-studio: {}", one_line(&failure.message)));
            ExitCode::from(failure.code as u8)
        }
    }
}

fn dispatch(command: Command, console: &mut Console) -> Result<(), Failure> {
    match command {
        Command::Demo(a) => demo::run(&a, console),
        Command::New(a) => new::run(a, console),
        Command::Plan(a) => plan::run(&a, console),
        Command::Render(a) => render::run(&a, console),
        Command::Info(a) => info::run(&a, console),
        Command::Export(a) => export::run(&a, console),
        Command::Check(a) => check::run(&a, console),
        Command::Verify(a) => rescue::verify(&a, console),
        Command::Rescue(a) => {
            places::for_new_case_unless(a.force, &a.output, Some(&a.case))?;
            rescue::rescue(&a, console)
        }
        Command::Photos(a) => {
            let folder = places::folder(&a.output, "photos", a.force)?;
            rescue::photos(&a, console)?;
            folder.keep();
            Ok(())
        }
        Command::Lock(a) => lock::lock(&a, console),
        Command::Unlock(a) => lock::unlock(&a, console),
        Command::Consent(a) => consent::consent(&a, console),
        Command::Trail(a) => consent::trail(&a, console),
        #[cfg(feature = "studio")]
        Command::Earlier(a) => earlier::earlier(&a),
        #[cfg(feature = "studio")]
        Command::Restore(a) => earlier::restore(&a, console),
        #[cfg(feature = "studio")]
        Command::Delete(a) => earlier::delete(&a),
        Command::Locate(a) => locate::run(&a, console),
        Command::Measure(a) => measure::run(&a, console),
        Command::ReadBack(a) => read_back::run(&a, console),
        Command::Match(a) => match_hair::run(&a, console),
        Command::Calibrate(a) => calibrate::run(&a, console),
        Command::Composite(a) => composite::run(&a, console),
        Command::Dot(a) => dot::run(&a),
        Command::Diff(a) => diff::run(&a, console),
    }
}

/// A message on one line, without control characters that a library or a file name may contain; spaces in file names
/// stay.
fn one_line(message: &str) -> String {
    let parts = message.split(|c: char| c.is_control()).filter(|part| !part.trim().is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_program_may_stand_before_a_command() {
        let arguments = Arguments::try_parse_from(["scalp-studio", "--timings", "info", "client.scalp"]).unwrap();
        assert!(arguments.timings && arguments.paths.is_empty());
        assert!(matches!(arguments.command, Some(Command::Info(_))));
    }

    #[test]
    fn a_message_is_one_line_and_spaces_of_a_path_stay() {
        assert_eq!(one_line("bad\r\n\n\tplan\u{1b}: /a  b/c"), "bad plan : /a  b/c");
        let failure = Failure::input("no such file").at("my  case.scalp");
        assert_eq!(failure.message, "no such file: my  case.scalp");
        assert_eq!(failure.code as u8, 2);
    }
}
