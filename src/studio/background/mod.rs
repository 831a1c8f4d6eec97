//! Work that takes longer than a frame: decoding, fitting, placing and rendering, reading photos, reading and writing
//! files. None of it runs on the window's thread.

pub mod analysis;
pub mod engine;
pub mod export;
pub mod files;
pub mod fonts;
pub mod hand_over;
pub mod jobs;
pub mod keeper;
pub mod outcome;
pub mod paste;
pub mod photo_cache;
pub mod practice;
pub mod previews;
pub mod shots;
pub mod task;
pub mod worker;

/// Waits for another thread in a test.
#[cfg(test)]
#[track_caller]
pub(crate) fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    // Far beyond what the slowest machine needs: a limit for a thread that hangs, not for a slow one.
    let hangs = std::time::Instant::now() + std::time::Duration::from_secs(180);
    while !so() {
        assert!(std::time::Instant::now() < hangs, "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}
