//! Frames, each with the time for which it is shown.

use crate::photo::{Photo, Samples};

/// Names the program that made the file.
pub(in crate::export) const NAME: &[u8] = b"Scalp Studio";

/// Frames, all of one size, in 8-bit sRGB.
pub(super) struct Film {
    /// In display order.
    pub frames: Vec<Photo>,
    /// How long each is shown, ms: whole tenths of a second.
    pub shown_ms: Vec<u32>,
}

/// The pixels of a frame.
pub(super) fn rgb(photo: &Photo) -> &[[u8; 3]] {
    match photo.samples() {
        Samples::U8(samples) => samples.as_chunks::<3>().0,
        // `Photo::from_rows` makes 8-bit pictures, and joining such pictures keeps the depth.
        Samples::U16(_) => &[],
    }
}
