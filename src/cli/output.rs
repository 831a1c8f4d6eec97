//! The program's output: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::terminal;
use crate::case::Case;
use crate::export::destination::{Destination, ResultKind};
use crate::ground::words::io_problem;
use crate::photo::{self, EncodeOptions, Format, Photo};

/// Standard error, with a progress bar if it is a terminal.
pub struct Console {
    verbose: bool,
    timings: bool,
    started: Instant,
    step: Instant,
    // Hides itself in a pipe.
    bar: ProgressBar,
    /// Whether this belongs to one of several parallel workers, whose steps would get mixed up.
    is_worker: bool,
}

impl Console {
    pub(super) fn new(verbose: bool, timings: bool) -> Self {
        let now = Instant::now();
        Self { verbose, timings, started: now, step: now, bar: ProgressBar::hidden(), is_worker: false }
    }

    /// A console for one of several parallel workers: it shows warnings and finished pieces only.
    pub(super) fn for_worker(&self) -> Self {
        Self { bar: self.bar.clone(), is_worker: true, ..*self }
    }

    /// Announces the number of steps.
    pub(super) fn expect_steps(&mut self, steps: u64) {
        self.bar = ProgressBar::new(steps);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            self.bar.set_style(style);
        }
    }

    /// Announces a step.
    pub(super) fn begin(&mut self, what: &str) {
        if self.is_worker {
            return;
        }
        self.bar.set_message(terminal::line(what).into_owned());
        if self.verbose {
            self.bar.suspend(|| say(what));
        }
        self.step = Instant::now();
    }

    /// Marks the step as done.
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

    /// Marks one of a worker's pieces as done.
    pub(super) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Shows something the user should know.
    pub(super) fn warn(&self, what: &str) {
        self.bar.suspend(|| say(&format!("scalp-studio: note: {what}")));
    }

    /// Shows something of interest only with `--verbose`.
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

/// Prints a line on standard error. `eprintln!` would panic if that is closed or full.
pub(super) fn say(line: &str) {
    // There is nowhere left to complain.
    drop(writeln!(std::io::stderr(), "{}", terminal::line(line)));
}

/// Prints a result. Names in it belong on one line: see [`terminal::line`].
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let text = terminal::safe(text);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    put_out(&[text.as_bytes(), end.as_bytes()].concat())
}

/// Writes to standard output; a closed pipe is not an error.
fn put_out(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::output(format!("standard output: {}", io_problem(&e))))
        }
        _ => Ok(()),
    }
}

/// The destination given by `-o`: a file, or "-" for standard output.
pub(super) enum Output<'a> {
    Standard,
    File(Destination<'a>),
}

impl<'a> Output<'a> {
    /// Fails before the work if something must not be replaced, or a picture would go to a terminal. `inputs` are the
    /// files the result is made from.
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

    /// Whether the result goes to standard output, so that nothing else may.
    pub(super) fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Writes the result; a file is written all or nothing.
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

/// The picture format for a file name; lossless for standard output.
pub(super) fn format_of(path: &Path) -> Result<Format, Failure> {
    if path == Path::new("-") { Ok(Format::Png) } else { Ok(Format::from_path(path)?) }
}
