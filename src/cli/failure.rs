//! Failures of commands, and their exit codes.

use std::fmt::Display;
use std::path::Path;

use super::places::is_name_too_long;
use crate::case::{self, CaseError};
use crate::export::text::TextError;
use crate::ground::files::{Fault, WriteError};
use crate::ground::words::without_error_number;
use crate::photo::PhotoError;

/// Exit codes by which scripts can tell failures apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// The plan has strong findings, or the case has damaged parts.
    Checks = 1,
    /// The input or the request is wrong.
    Input = 2,
    /// The result could not be written.
    Output = 3,
    /// The program itself failed; the number is `EX_SOFTWARE` of BSD's sysexits.h.
    Internal = 70,
}

/// Why a command failed, in one line, and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) code: Code,
}

impl Failure {
    fn new(message: impl Display, fault: Fault) -> Self {
        let code = match fault {
            Fault::Input => Code::Input,
            Fault::Output => Code::Output,
        };
        Self { message: without_error_number(&message.to_string()), code }
    }

    pub(super) fn input(message: impl Display) -> Self {
        Self::new(message, Fault::Input)
    }

    pub(super) fn output(message: impl Display) -> Self {
        Self::new(message, Fault::Output)
    }

    /// Appends the path to the message.
    pub(super) fn at(self, path: impl AsRef<Path>) -> Self {
        Self { message: format!("{}: {}", self.message, path.as_ref().display()), ..self }
    }

    /// Converts errors of the case at `path`, most of which do not know the path.
    pub(super) fn in_case(path: &Path) -> impl Fn(case::Error) -> Self {
        move |error| match error {
            // It names the file itself.
            case::Error::Store(_) => error.into(),
            _ => Self::from(error).at(path),
        }
    }
}

impl From<case::Error> for Failure {
    fn from(error: case::Error) -> Self {
        let fault = match &error {
            case::Error::Store(e) => e.fault(),
            case::Error::Photo { problem, .. } => problem.fault(),
            _ => Fault::Input,
        };
        match &error {
            case::Error::Store(problem) => Self::new(about_file(problem), fault),
            _ => Self::new(error, fault),
        }
    }
}

/// What a case's file has to do with it, as far as the error itself does not tell.
fn about_file(problem: &CaseError) -> String {
    match problem {
        // A new case is written under another name first.
        CaseError::Full { path } if !path.exists() => {
            format!("the disk is full: make room and try again; no case was made: {}", path.display())
        }
        CaseError::Write { path, .. } if is_name_too_long(path) => {
            format!("the case's name is too long to save changes: give it a shorter one: {}", path.display())
        }
        _ => problem.to_string(),
    }
}

impl From<PhotoError> for Failure {
    fn from(error: PhotoError) -> Self {
        let fault = error.fault();
        Self::new(error, fault)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let fault = error.fault();
        Self::new(error, fault)
    }
}

impl From<TextError> for Failure {
    fn from(error: TextError) -> Self {
        Self::input(error)
    }
}
