//! The command line. See `scalp-studio --help`; people script it, so commands, options, JSON keys and exit codes stay.

mod args;
mod composite;
mod demo;
mod diff;
mod info;
mod locate;
mod measure;
mod new;
mod output;
mod plan;
mod render;

use std::process::ExitCode;

use clap::Parser;

use crate::ground::files::{Fault, WriteError};
use args::{Arguments, Command};

/// Why a command did not do what was asked, in one line, and the exit code that goes with it.
#[derive(Debug)]
pub struct Failure {
    message: String,
    fault: Fault,
}

impl Failure {
    fn input(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), fault: Fault::Input }
    }

    fn output(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), fault: Fault::Output }
    }
}

impl From<crate::case::Error> for Failure {
    fn from(error: crate::case::Error) -> Self {
        let fault = match &error {
            crate::case::Error::Store(e) => e.fault(),
            crate::case::Error::Photo { problem, .. } => problem.fault(),
            _ => Fault::Input,
        };
        Self { message: error.to_string(), fault }
    }
}

impl From<crate::photo::PhotoError> for Failure {
    fn from(error: crate::photo::PhotoError) -> Self {
        Self { message: error.to_string(), fault: error.fault() }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self { message: error.to_string(), fault: error.fault() }
    }
}

impl From<crate::render::compositor::CompositeError> for Failure {
    fn from(error: crate::render::compositor::CompositeError) -> Self {
        Self::input(error)
    }
}

/// Runs the program: reads the command line, does what it says, reports on standard error.
///
/// Exit codes: 0 done, 2 the input or the request is wrong, 3 it could not be written.
#[must_use]
pub fn run() -> ExitCode {
    // clap prints its own message and ends with 2 on a wrong request, 0 for help.
    let arguments = Arguments::parse();
    let mut console = output::Console::new(arguments.verbose, arguments.timings);
    let done = match arguments.command {
        Command::Demo(a) => demo::run(&a, &mut console),
        Command::New(a) => new::run(a, &mut console),
        Command::Plan(a) => plan::run(&a, &mut console),
        Command::Render(a) => render::run(&a, &mut console),
        Command::Info(a) => info::run(&a, &mut console),
        Command::Locate(a) => locate::run(&a, &mut console),
        Command::Measure(a) => measure::run(&a, &mut console),
        Command::Composite(a) => composite::run(&a, &mut console),
        Command::Diff(a) => diff::run(&a, &mut console),
    };
    console.finish();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // One problem, one line.
            let line = failure.message.split_whitespace().collect::<Vec<_>>().join(" ");
            eprintln!("scalp-studio: {line}");
            ExitCode::from(match failure.fault {
                Fault::Input => 2,
                Fault::Output => 3,
            })
        }
    }
}
