//! Why a command ends without its result, and what scripts are told by its exit code.

use std::fmt::Display;
use std::path::Path;

use crate::case;
use crate::export::text::TextError;
use crate::ground::files::{Fault, WriteError};
use crate::photo::PhotoError;

/// What scripts can tell failures apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// The plan has strong findings, or the case damaged parts.
    Checks = 1,
    /// The input or the request is wrong.
    Input = 2,
    /// The result could not be written.
    Output = 3,
    /// The program is wrong; the number is that of `EX_SOFTWARE` in BSD's sysexits.h.
    Internal = 70,
}

/// Why a command did not do what was asked, in one line, and the exit code that goes with it.
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
        Self { message: message.to_string(), code }
    }

    pub(super) fn input(message: impl Display) -> Self {
        Self::new(message, Fault::Input)
    }

    pub(super) fn output(message: impl Display) -> Self {
        Self::new(message, Fault::Output)
    }

    /// The same with the path that it is about at its end.
    pub(super) fn at(self, path: impl AsRef<Path>) -> Self {
        Self { message: format!("{}: {}", self.message, path.as_ref().display()), ..self }
    }

    /// For errors of the case at `path`: most do not know where it is.
    pub(super) fn in_case(path: &Path) -> impl Fn(case::Error) -> Self {
        move |error| match error {
            // Names the file by itself.
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
        Self::new(error, fault)
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
