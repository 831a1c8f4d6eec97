//! What an output may overwrite: an earlier result of the same kind, as scripts do every day, and nothing else unless
//! the user says so. A client's case or photo overwritten by mistake would be lost.
//!
//! An earlier result is recognised by its content, not its name: a picture names this program, a plan or a pigment
//! parses as one; and it must not have been changed since (see [`written`]). Every command that writes results goes
//! through here; the window proposes free names, and asks before it replaces a case.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::animation::NAME;
use super::calendar::PRODUCT;
use super::written;
use crate::case::{Case, is_case};
use crate::ground::files::{Existing, WriteError, write_new};
use crate::photo;
use crate::plan::Plan;
use crate::plan::pigment::Pigment;

/// Largest text file considered as an earlier result, bytes.
const TEXT_LIMIT: u64 = 64 << 20;

/// The kind of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    /// A picture that names the program.
    Picture,
    /// A plan as JSON.
    Plan,
    /// A pigment as TOML.
    Pigment,
    /// A PDF that names the program as its producer.
    Pdf,
    /// A page that names the program as its generator.
    Page,
    /// An animation that names the program.
    Animation,
    /// An SVG drawing that names the program.
    Drawing,
    /// A quote as text: since anybody could have written it, none is overwritten.
    Quote,
    /// A calendar that names the program as its product.
    Calendar,
}

/// Part of a PDF searched for the program's name, bytes: it is in the metadata, near the end.
const PDF_END: u64 = 1 << 20;

/// Part of an animation searched for the program's name, bytes.
const FILM_PART: u64 = 1 << 16;

/// Part of a GIF searched for it, bytes: a header, a palette of 256 colours, and the comment after it.
const GIF_START: usize = 1024;

/// Whether a file is an animation that names the program: a GIF at its start, an MP4 near its start, a WebP at its end.
fn is_animation_of_ours(path: &Path) -> bool {
    let read = || -> std::io::Result<bool> {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        let mut start = Vec::new();
        (&mut file).take(FILM_PART).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(length.saturating_sub(256)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        let named = |part: &[u8]| part.windows(NAME.len()).any(|part| part == NAME);
        let is_webp = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP".as_slice());
        let is_mp4 = start.get(4..8) == Some(b"ftyp".as_slice());
        let is_gif = start.starts_with(b"GIF89a");
        Ok((is_gif && named(&start[..start.len().min(GIF_START)]))
            || (is_mp4 && named(&start))
            || (is_webp && named(&end)))
    };
    read().unwrap_or(false)
}

/// Whether a file is a PDF that names the program near its end.
fn is_pdf_of_ours(path: &Path) -> bool {
    let read = || -> std::io::Result<bool> {
        let mut file = fs::File::open(path)?;
        let mut start = [0; 5];
        file.read_exact(&mut start)?;
        let from = file.metadata()?.len().saturating_sub(PDF_END);
        file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        file.take(PDF_END).read_to_end(&mut end)?;
        let name = b"Scalp Studio";
        Ok(&start == b"%PDF-" && end.windows(name.len()).any(|part| part == name))
    };
    read().unwrap_or(false)
}

impl ResultKind {
    /// Whether the file is an earlier result of this kind.
    fn is_in(self, path: &Path) -> bool {
        let text = || {
            let small = fs::metadata(path).is_ok_and(|file| file.len() <= TEXT_LIMIT);
            if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() }
        };
        match self {
            Self::Picture => photo::is_own_picture(path),
            Self::Plan => Plan::from_json(&text()).is_ok(),
            Self::Pigment => Pigment::from_toml(&text()).is_ok(),
            Self::Pdf => is_pdf_of_ours(path),
            Self::Page => text().contains("<meta name=\"generator\" content=\"Scalp Studio\">"),
            Self::Animation => is_animation_of_ours(path),
            Self::Drawing => text().contains("<!-- Scalp Studio."),
            Self::Quote => false,
            Self::Calendar => text().contains(PRODUCT),
        }
    }
}

/// The destination of a result.
#[derive(Debug)]
pub struct Destination<'a> {
    /// The file.
    pub path: &'a Path,
    /// The kind of result to be written.
    pub kind: ResultKind,
    /// The files the result is made from.
    pub inputs: Vec<&'a Path>,
    /// The case, whose photos must not be overwritten either.
    pub case: Option<&'a Case>,
    /// Overwrite whatever is there, as the user requested.
    pub force: bool,
}

impl Destination<'_> {
    /// Fails if something must not be overwritten; call this before the work.
    ///
    /// # Errors
    /// [`WriteError::Kept`].
    pub fn check(&self) -> Result<(), WriteError> {
        self.existing().map(drop)
    }

    /// Writes the result, all or nothing.
    ///
    /// # Errors
    /// [`WriteError`]; whatever was there before is then still there.
    pub fn write(&self, bytes: &[u8]) -> Result<(), WriteError> {
        write_new(self.path, bytes, self.existing()?)?;
        written::note(bytes);
        Ok(())
    }

    fn existing(&self) -> Result<Existing, WriteError> {
        if self.force {
            return Ok(Existing::Replace);
        }
        // If it is no regular file, writing it will fail, and a file that appears meanwhile is not overwritten.
        if !self.path.is_file() {
            return Ok(Existing::Refuse);
        }
        let real = |path: &Path| fs::canonicalize(path).ok();
        let kept = |what| Err(WriteError::Kept { what, path: self.path.to_owned() });
        if self.inputs.iter().any(|input| real(input) == real(self.path)) {
            kept("the output would replace the input")
        } else if is_case(self.path) {
            kept("there is a case of this name")
        } else if self.case.is_some_and(|case| case.holds(self.path)) {
            kept("there is a photo of the case under this name")
        } else if self.kind.is_in(self.path) {
            if written::is_as_written(self.path) == Some(false) {
                return kept(
                    "the file of this name was changed since Scalp Studio wrote it, or written on another computer",
                );
            }
            Ok(Existing::Replace)
        } else {
            kept("there is a file of this name that Scalp Studio has not written")
        }
    }
}

/// Whether the sample case may be written to `path`: only in place of an unchanged sample case. `fresh` is a new one.
///
/// # Errors
/// [`WriteError::Kept`].
pub fn for_sample(path: &Path, fresh: &Case, force: bool) -> Result<Existing, WriteError> {
    if force {
        return Ok(Existing::Replace);
    }
    if !path.is_file() {
        return Ok(Existing::Refuse);
    }
    match Case::open(path) {
        Ok(there) if there.is_unchanged_copy_of(fresh) => Ok(Existing::Replace),
        _ => {
            let what = "there is a file of this name that is not the sample case as it was made";
            Err(WriteError::Kept { what, path: path.to_owned() })
        }
    }
}
