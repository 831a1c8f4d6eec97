//! What the program says while it works: results on standard output, the rest on standard error.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use crate::case::Case;
use crate::export::destination::{Destination, ResultKind};
use crate::photo::{self, EncodeOptions, Format, Photo};

/// Standard error, with a progress line where that is a terminal.
pub struct Console {
    verbose: bool,
    timings: bool,
    started: Instant,
    step: Instant,
    // Hidden by itself in a pipe.
    bar: ProgressBar,
    /// One of several that work side by side: its steps would only be mixed up with those of the others.
    is_worker: bool,
}

impl Console {
    pub(super) fn new(verbose: bool, timings: bool) -> Self {
        let now = Instant::now();
        Self { verbose, timings, started: now, step: now, bar: ProgressBar::hidden(), is_worker: false }
    }

    /// For one of several that work side by side: it warns, and says what is finished.
    pub(super) fn for_worker(&self) -> Self {
        Self { bar: self.bar.clone(), is_worker: true, ..*self }
    }

    /// Shows that `steps` pieces of work follow.
    pub(super) fn expect_steps(&mut self, steps: u64) {
        self.bar = ProgressBar::new(steps);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            self.bar.set_style(style);
        }
    }

    /// Says what is being done.
    pub(super) fn begin(&mut self, what: &str) {
        if self.is_worker {
            return;
        }
        self.bar.set_message(what.to_owned());
        if self.verbose {
            self.bar.suspend(|| say(what));
        }
        self.step = Instant::now();
    }

    /// Says that it is done.
    pub(super) fn done(&mut self, what: &str) {
        if self.is_worker {
            return;
        }
        self.bar.inc(1);
        if self.timings {
            let ms = self.step.elapsed().as_secs_f64() * 1e3;
            self.bar.suspend(|| say(&format!("{ms:9.1} ms  {what}")));
        }
        self.step = Instant::now();
    }

    /// Says that a worker has finished one of its pieces.
    pub(super) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Something the user should know.
    pub(super) fn warn(&self, what: &str) {
        self.bar.suspend(|| say(&format!("scalp-studio: note: {what}")));
    }

    /// Something that only the curious want to know.
    pub(super) fn explain(&self, what: &str) {
        if self.verbose {
            self.bar.suspend(|| say(what));
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
        if self.timings {
            say(&format!("{:9.1} ms  in all", self.started.elapsed().as_secs_f64() * 1e3));
        }
    }
}

/// A line on standard error. `eprintln!` would panic where that is closed or full.
pub(super) fn say(line: &str) {
    // There is nowhere left to complain.
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Prints a result.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    put_out(&[text.as_bytes(), end.as_bytes()].concat())
}

/// Writes to standard output; a closed pipe is no error of ours.
fn put_out(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::output(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// Where `-o` leads: to a file, or for "-" to standard output.
pub(super) enum Output<'a> {
    Standard,
    File(Destination<'a>),
}

impl<'a> Output<'a> {
    /// Refuses before the work what must not be replaced, and a terminal for a picture. `inputs` are what the result is
    /// made from.
    pub(super) fn new(
        path: &'a Path,
        kind: ResultKind,
        inputs: &[&'a Path],
        case: Option<&'a Case>,
        force: bool,
    ) -> Result<Self, Failure> {
        if path == Path::new("-") {
            if matches!(kind, ResultKind::Picture | ResultKind::Pdf) && std::io::stdout().is_terminal() {
                return Err(Failure::input(
                    "a picture or document is nothing for a terminal: name a file, or redirect the output",
                ));
            }
            return Ok(Self::Standard);
        }
        let destination = Destination { path, kind, inputs: inputs.to_vec(), case, force };
        destination.check()?;
        Ok(Self::File(destination))
    }

    /// True where the result goes to standard output, so that nothing else may.
    pub(super) fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Writes the result; a file all or nothing.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Standard => put_out(bytes),
            Self::File(destination) => Ok(destination.write(bytes)?),
        }
    }

    /// Encodes a picture and writes it.
    pub(super) fn save(&self, picture: &Photo, format: Format) -> Result<(), Failure> {
        let bytes = photo::encode(picture, format, &EncodeOptions::default()).map_err(|error| match self {
            Self::Standard => Failure::from(error),
            Self::File(destination) => Failure::from(error).at(destination.path),
        })?;
        self.write(&bytes)
    }
}

/// The format of a picture by its file name; without loss on standard output.
pub(super) fn format_of(path: &Path) -> Result<Format, Failure> {
    if path == Path::new("-") { Ok(Format::Png) } else { Ok(Format::from_path(path)?) }
}
