//! What the program says while it works: results on standard output, the rest on standard error.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::ground::files::{Existing, write_new};
use crate::photo::{self, EncodeOptions, Format, Photo};

/// Standard error, with a progress line where that is a terminal.
pub struct Console {
    verbose: bool,
    timings: bool,
    started: Instant,
    step: Instant,
    // Hidden by itself in a pipe.
    bar: ProgressBar,
}

impl Console {
    pub(super) fn new(verbose: bool, timings: bool) -> Self {
        let now = Instant::now();
        Self { verbose, timings, started: now, step: now, bar: ProgressBar::hidden() }
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
        self.bar.set_message(what.to_owned());
        if self.verbose {
            self.bar.suspend(|| say(what));
        }
        self.step = Instant::now();
    }

    /// Says that it is done.
    pub(super) fn done(&mut self, what: &str) {
        self.bar.inc(1);
        if self.timings {
            let ms = self.step.elapsed().as_secs_f64() * 1e3;
            self.bar.suspend(|| say(&format!("{ms:9.1} ms  {what}")));
        }
        self.step = Instant::now();
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

/// Prints a result; a closed pipe is no error of ours.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
        .and_then(|()| out.flush())
    {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::output(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// Refuses an output that would replace an input: a case or a client's photo cannot be had again.
pub(super) fn keep_input(input: &Path, output: &Path) -> Result<(), Failure> {
    // What is not there yet cannot be the same file.
    let same = match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) => input == output,
        _ => false,
    };
    if same {
        Err(Failure::input("the output would replace the input: choose another name").at(output))
    } else {
        Ok(())
    }
}

/// Encodes a picture by its file name and writes it, all or nothing.
pub(super) fn save(photo: &Photo, path: &Path) -> Result<(), Failure> {
    save_as(photo, Format::from_path(path)?, path)
}

/// Encodes a picture and writes it, all or nothing.
pub(super) fn save_as(photo: &Photo, format: Format, path: &Path) -> Result<(), Failure> {
    let bytes = photo::encode(photo, format, &EncodeOptions::default()).map_err(|e| Failure::from(e).at(path))?;
    Ok(write_new(path, &bytes, Existing::Replace)?)
}
