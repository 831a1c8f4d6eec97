//! Frames with the time for which each is shown.

use crate::photo::{Photo, Samples};

/// Says which program made it.
pub(in crate::export) const NAME: &[u8] = b"Scalp Studio";

/// Frames, all of one size, sRGB of 8 bits.
pub(super) struct Film {
    /// In the order shown.
    pub frames: Vec<Photo>,
    /// How long each is shown, ms: whole tenths of a second.
    pub shown_ms: Vec<u32>,
}

/// Pixels of a frame.
pub(super) fn rgb(photo: &Photo) -> &[[u8; 3]] {
    match photo.samples() {
        Samples::U8(samples) => samples.as_chunks::<3>().0,
        // `Photo::from_rows` makes pictures of 8 bits, and so does everything that is put beside them.
        Samples::U16(_) => &[],
    }
}
