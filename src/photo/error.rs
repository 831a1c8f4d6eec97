//! Problems with photos, in the user's words.

use std::io;
use std::path::PathBuf;

use crate::ground::files::Fault;
use crate::ground::words::io_problem;

/// Why a photo could not be read, or a picture not encoded.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// None of the known formats.
    #[error("not a photo this program can read (JPEG, HEIC, PNG, WebP, TIFF)")]
    NotAPhoto,
    /// A camera raw file.
    #[error("a camera raw file, which this program cannot read: develop it and export it as JPEG or TIFF")]
    Raw,
    /// An iPhone photo, for which this build has no decoder.
    #[error(
        "a HEIC photo, which this build cannot read: export it as JPEG, or set the iPhone to Settings > Camera > \
         Formats > Most Compatible and take it again"
    )]
    Heic,
    /// An empty file.
    #[error("the file is empty: copy the photo again from the camera or phone")]
    Empty,
    /// A truncated file.
    #[error("the photo is incomplete (its end is missing): copy it again from the camera or phone")]
    Incomplete,
    /// The content is inconsistent.
    #[error("the photo is damaged: copy it again from the camera or phone ({detail})")]
    Damaged {
        /// The decoder's message.
        detail: String,
    },
    /// A valid file of a kind that is not supported.
    #[error("{what}: save the photo as a JPEG, or as a PNG or TIFF with 8 or 16 bits, in RGB")]
    Unsupported {
        /// The kind of file.
        what: String,
    },
    /// More pixels than allowed.
    #[error(
        "the photo is too large ({width} x {height} pixels; the limit is {limit_megapixels} megapixels): scale it down"
    )]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit.
        limit_megapixels: f64,
    },
    /// More memory than allowed.
    #[error("decoding the photo would take more than {limit_mib} MiB of memory: scale it down or save it with 8 bits")]
    TooMuchMemory {
        /// The limit.
        limit_mib: u64,
    },
    /// More bytes than allowed.
    #[error("the file is too large for a photo (the limit is {limit_mib} MiB)")]
    FileTooLarge {
        /// The limit.
        limit_mib: u64,
    },
    /// Not a file.
    #[error("this is a folder: name a photo in it")]
    Folder,
    /// A pipe or a device.
    #[error("this is not a file")]
    NotAFile,
    /// No such file.
    #[error("there is no such file")]
    Missing,
    /// The operating system reported an error.
    #[error("the file could not be read ({})", io_problem(.0))]
    Io(io::Error),
    /// The name of an output does not end in a known extension.
    #[error("the file name does not say which image format is wanted: end it in .jpg, .png, .webp or .tif")]
    UnknownFormat,
    /// The output format cannot hold a picture of this size.
    #[error(
        "{format} cannot hold {width} x {height} pixels (at most {limit_px} per side): choose PNG or TIFF, or scale \
         the photo down"
    )]
    TooLargeForFormat {
        /// The output format.
        format: &'static str,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Longest side, px.
        limit_px: u32,
    },
    /// The encoder reported an error.
    #[error("the picture could not be encoded ({detail})")]
    Encoder {
        /// The encoder's message.
        detail: String,
    },
    /// Any of the above, with the file's path.
    #[error("{problem}: {}", .path.display())]
    InFile {
        /// The problem.
        problem: Box<PhotoError>,
        /// The file.
        path: PathBuf,
    },
}

impl PhotoError {
    /// Whose fault it is. All but encoder errors are the photo's or the request's, since writing goes through
    /// [`crate::ground::files`].
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::InFile { problem, .. } => problem.fault(),
            Self::Encoder { .. } => Fault::Output,
            _ => Fault::Input,
        }
    }

    /// The problem without the file's name.
    #[must_use]
    pub fn problem(&self) -> &Self {
        match self {
            Self::InFile { problem, .. } => problem.problem(),
            other => other,
        }
    }
}
