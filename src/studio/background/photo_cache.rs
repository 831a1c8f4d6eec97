//! Photos of the open case, decoded once for all uses: the canvas, thumbnails, colours, own hair, the outline. Any
//! thread may ask; if another thread is already decoding the photo, the caller waits for it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::case::decode_view;
use crate::case::document::PhotoKey;
use crate::photo::pyramid::Pyramid;
use crate::photo::{Limits, Photo};
use crate::studio::session::photos::PhotoSource;

/// Room for decoded photos that nobody holds, bytes: enough for all of a typical client's photos.
const ROOM_BYTES: usize = 512 << 20;

/// A decoded photo.
#[derive(Debug)]
pub struct Decoded {
    /// The photo, and scaled versions for the screen.
    pub pyramid: Arc<Pyramid>,
    /// Warnings about its file.
    pub warnings: Vec<String>,
}

impl Decoded {
    fn new(source: &PhotoSource, limits: &Limits) -> Result<Self, String> {
        let photo = decode_view(&source.bytes, &source.record, limits).map_err(|e| e.to_string())?;
        let warnings = photo.warnings().to_vec();
        Ok(Self { pyramid: Arc::new(Pyramid::new(photo)), warnings })
    }

    /// The full photo as exports use it; every measurement is made on this.
    #[must_use]
    pub fn photo(&self) -> &Arc<Photo> {
        self.pyramid.original()
    }

    fn bytes(&self) -> usize {
        self.pyramid.bytes()
    }
}

/// Initialised once, with the photo or why it cannot be shown.
type Slot = Arc<OnceLock<Result<Arc<Decoded>, String>>>;

/// The cache. Clones share its contents.
#[derive(Clone)]
pub struct PhotoCache {
    limits: Limits,
    room_bytes: usize,
    /// Least recently used first.
    slots: Arc<Mutex<Vec<(PhotoKey, Slot)>>>,
}

impl Default for PhotoCache {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl PhotoCache {
    /// An empty cache. `limits` apply to decoding.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, room_bytes: ROOM_BYTES, slots: Arc::default() }
    }

    /// The photo, decoded if necessary.
    ///
    /// # Errors
    /// Why it cannot be shown, in a sentence.
    pub fn get(&self, source: &PhotoSource) -> Result<Arc<Decoded>, String> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let known = slots.iter().position(|(key, _)| *key == source.key).map(|at| slots.remove(at).1);
            let slot = known.unwrap_or_default();
            slots.push((source.key, Arc::clone(&slot)));
            slot
        };
        let decoded = slot.get_or_init(|| Decoded::new(source, &self.limits).map(Arc::new)).clone();
        drop(slot);
        self.make_room();
        decoded
    }

    /// The photo, or why it cannot be shown, if known; `None` if it is being decoded or was not requested.
    #[must_use]
    pub fn ready(&self, key: PhotoKey) -> Option<Result<Arc<Decoded>, String>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.iter().find(|(known, _)| *known == key).and_then(|(_, slot)| slot.get().cloned())
    }

    /// Evicts the least recently used photos that nobody holds, until the rest fits.
    fn make_room(&self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = |slot: &Slot| slot.get().and_then(|slot| slot.as_ref().ok()).map_or(0, |photo| photo.bytes());
        let mut taken: usize = slots.iter().map(|(_, slot)| bytes(slot)).sum();
        slots.retain(|(_, slot)| {
            let free = slot.get().is_some_and(|photo| photo.as_ref().is_ok_and(|photo| Arc::strong_count(photo) == 1));
            let keep = taken <= self.room_bytes || !free;
            if !keep {
                taken -= bytes(slot);
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::document::ViewRecord;
    use crate::photo::{EncodeOptions, Format, Turn, encode};

    fn source(number: i64) -> PhotoSource {
        let photo = Photo::from_srgb(64, 48, vec![number as u8; 64 * 48 * 3]).unwrap();
        let bytes = Arc::new(encode(&photo, Format::Png, &EncodeOptions::default()).unwrap());
        let key = PhotoKey { photo: number, turn: Turn::NONE };
        let record = ViewRecord::new("front".to_owned(), key, [64, 48], None);
        PhotoSource { key, record, bytes }
    }

    #[test]
    fn a_photo_is_decoded_once_whoever_asks() {
        let cache = PhotoCache::new(Limits::default());
        let source = source(1);
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (cache, source) = (cache.clone(), source.clone());
                std::thread::spawn(move || cache.get(&source).unwrap())
            })
            .collect();
        let photos: Vec<Arc<Decoded>> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(photos.iter().all(|photo| Arc::ptr_eq(photo, &photos[0])));
        assert!(Arc::ptr_eq(photos[0].photo(), photos[0].pyramid.photo(0)), "8-bit sRGB is held once");
    }

    #[test]
    fn the_latest_photos_and_those_held_stay_cached() {
        let one = PhotoCache::new(Limits::default()).get(&source(1)).unwrap().bytes();
        let cache = PhotoCache { room_bytes: 2 * one, ..PhotoCache::new(Limits::default()) };
        let held = cache.get(&source(1)).unwrap();
        for number in 2..=4 {
            cache.get(&source(number)).unwrap();
        }
        let kept: Vec<i64> = cache.slots.lock().unwrap().iter().map(|(key, _)| key.photo).collect();
        assert_eq!(kept, [1, 4]);
        assert!(Arc::ptr_eq(&held, &cache.get(&source(1)).unwrap()));
    }

    #[test]
    fn the_reason_a_photo_cannot_be_shown_is_returned_each_time() {
        let cache = PhotoCache::new(Limits::default());
        let broken = PhotoSource { bytes: Arc::new(b"no photo".to_vec()), ..source(1) };
        assert_eq!(cache.get(&broken).unwrap_err(), cache.get(&broken).unwrap_err());
    }
}
