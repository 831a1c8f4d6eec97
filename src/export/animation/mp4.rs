//! MP4, made by `ffmpeg` if it is installed: no encoder in pure Rust makes files that every phone plays.
//!
//! Raw frames are piped to it and converted to a colour space that the file is tagged with, so that nothing is guessed.
//! The output depends on its version; with the same version the same case gives the same bytes.

use std::io::Write;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};

use super::film::{Film, NAME, rgb};
use crate::export::handover::HandoverError;
use crate::export::pictures::Watch;
use crate::ground::files::private_folder;

/// Frames per second: steps are shown for whole tenths of a second.
const RATE: u32 = 10;

/// Whether `ffmpeg` can be run.
#[must_use]
pub fn is_possible() -> bool {
    let mut asked = Command::new("ffmpeg");
    asked.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Encodes the film at this rate factor: 18 is hardly distinguishable from the original, 28 shows blocks.
pub(super) fn encoded(film: &Film, factor: u32, watch: Watch) -> Result<Vec<u8>, HandoverError> {
    let failed = |problem: std::io::Error| HandoverError::Document(format!("ffmpeg: {problem}"));
    let Some(first) = film.frames.first() else { return Ok(Vec::new()) };
    let folder = private_folder().map_err(failed)?;
    let path = folder.path().join("film.mp4");
    let size = format!("{}x{}", first.width(), first.height());
    let (rate, factor) = (RATE.to_string(), factor.to_string());
    let name = format!("comment={}", String::from_utf8_lossy(NAME));
    let to_bt709 = "scale=trunc(iw/2)*2:trunc(ih/2)*2:out_color_matrix=bt709:out_range=tv,format=yuv420p";
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", &size, "-framerate", &rate, "-i", "pipe:0"])
        .args(["-vf", to_bt709, "-c:v", "libx264", "-preset", "medium", "-crf", &factor, "-threads", "2"])
        .args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "iec61966-2-1"])
        .args(["-map_metadata", "-1", "-metadata", &name, "-fflags", "+bitexact", "-flags:v", "+bitexact"])
        .args(["-movflags", "+faststart"])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| HandoverError::NoFfmpeg)?;
    let fed = feed(&mut child, film, watch);
    if let Err(problem) = fed {
        // Its output is no longer needed.
        let _ = child.kill();
        let _ = child.wait();
        return Err(problem);
    }
    if !child.wait().map_err(failed)?.success() {
        return Err(HandoverError::Document("ffmpeg could not make the film: is it built with libx264?".to_owned()));
    }
    std::fs::read(&path).map_err(failed)
}

fn feed(child: &mut std::process::Child, film: &Film, watch: Watch) -> Result<(), HandoverError> {
    let Some(mut pipe) = child.stdin.take() else { return Ok(()) };
    for (i, (frame, shown_ms)) in film.frames.iter().zip(&film.shown_ms).enumerate() {
        for _ in 0..shown_ms * RATE / 1000 {
            // If it ended early, its exit status tells why.
            if pipe.write_all(rgb(frame).as_flattened()).is_err() {
                return Ok(());
            }
        }
        if watch((i + 1) as f64 / film.frames.len() as f64) == ControlFlow::Break(()) {
            return Err(HandoverError::Stopped);
        }
    }
    Ok(())
}
