//! Pasting photos from the clipboard: copied files, or a picture.

use std::path::PathBuf;

use arboard::Clipboard;

use crate::case::{FindHead, NewPhoto};
use crate::photo::{self, EncodeOptions, Format, Limits, Photo};
use crate::studio::words::sentence;

/// The contents of the clipboard.
pub enum Pasted {
    /// Copied files.
    Files(Vec<PathBuf>),
    /// A picture.
    Photo(NewPhoto),
}

const NOTHING: &str = "There is no photo on the clipboard: copy a picture or a photo file, then paste again.";

/// Reads the clipboard. This may take as long as the program that owns the picture needs.
///
/// # Errors
/// A sentence for the user.
pub fn clipboard(limits: &Limits, look: FindHead) -> Result<Pasted, String> {
    let mut clipboard = Clipboard::new().map_err(|e| format!("The clipboard cannot be reached ({e})."))?;
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(Pasted::Files(files));
    }
    let image = clipboard.get_image().map_err(|_| NOTHING.to_owned())?;
    let size = [image.width, image.height].map(u32::try_from);
    let [Ok(width), Ok(height)] = size else { return Err(NOTHING.to_owned()) };
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err("The picture on the clipboard is too large: save it as a file and add that.".to_owned());
    }
    // Transparency is dropped: a photo has none.
    let samples: Vec<u8> = image.bytes.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    let picture = Photo::from_srgb(width, height, samples).map_err(|_| NOTHING.to_owned())?;
    // It is not a picture of ours, so it must not name the program.
    let options = EncodeOptions { camera_data: false, ..EncodeOptions::default() };
    let bytes = photo::encode(&picture, Format::Png, &options).map_err(sentence)?;
    NewPhoto::new("pasted.png", bytes, limits, look).map(Pasted::Photo).map_err(sentence)
}
