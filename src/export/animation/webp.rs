//! Animated WebP: full colours, and smaller than GIF. It is written by `libwebp`, the only good lossy encoder, on one
//! thread, with the same bytes on every machine.

use webp_animation::{ColorMode, Encoder, EncoderOptions, EncodingConfig};

use super::film::{Film, NAME, rgb};
use crate::export::handover::HandoverError;

/// A private RIFF chunk, which programs skip: it names the program that made the file.
const CHUNK: &[u8; 4] = b"MADE";

/// Encodes the film in this quality, 0 to 100.
pub(super) fn encoded(film: &Film, quality: f32) -> Result<Vec<u8>, HandoverError> {
    let refused = |problem: webp_animation::Error| HandoverError::Document(format!("{problem:?}"));
    let Some(first) = film.frames.first() else { return Ok(Vec::new()) };
    let options = EncoderOptions {
        color_mode: ColorMode::Rgb,
        encoding_config: Some(EncodingConfig::new_lossy(quality)),
        ..EncoderOptions::default()
    };
    let mut encoder = Encoder::new_with_options((first.width(), first.height()), options).map_err(refused)?;
    let mut at_ms = 0;
    for (frame, shown_ms) in film.frames.iter().zip(&film.shown_ms) {
        encoder.add_frame(rgb(frame).as_flattened(), at_ms).map_err(refused)?;
        at_ms += *shown_ms as i32;
    }
    Ok(named(encoder.finalize(at_ms).map_err(refused)?.to_vec()))
}

/// Appends the program's name to the file.
fn named(mut file: Vec<u8>) -> Vec<u8> {
    file.extend_from_slice(CHUNK);
    file.extend_from_slice(&(NAME.len() as u32).to_le_bytes());
    file.extend_from_slice(NAME);
    if NAME.len() % 2 == 1 {
        file.push(0);
    }
    // The RIFF length covers everything after the first 8 bytes.
    let length = (file.len() - 8) as u32;
    if let Some(field) = file.get_mut(4..8) {
        field.copy_from_slice(&length.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;
    use webp_animation::Decoder;

    #[test]
    fn another_decoder_reads_the_film() {
        let frames = [200, 90].map(|grey| Photo::from_rows(64, 80, |_, row| row.fill([grey; 3])));
        let film = Film { frames: frames.to_vec(), shown_ms: vec![2000, 700] };
        let file = encoded(&film, 80.0).unwrap();
        assert_eq!(file, encoded(&film, 80.0).unwrap());
        assert!(file.ends_with(NAME));
        let read: Vec<_> = Decoder::new(&file).unwrap().into_iter().collect();
        assert_eq!(read.len(), 2);
        // A frame's time is when it ends.
        for (frame, (grey, until_ms)) in read.iter().zip([(200_i32, 2000), (90, 2700)]) {
            let sample = frame.data()[4 * (40 * 64 + 30) + 1];
            assert!((i32::from(sample) - grey).abs() < 4 && frame.timestamp() == until_ms, "{sample}");
        }
    }
}
