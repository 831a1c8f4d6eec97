//! Sets that were made before. Making one takes a good part of a second, and a head changes rarely: the sets used last
//! are kept in memory, for the window, its exports and its previews, and in a folder, if the program has named one, for
//! the next start.
//!
//! A file holds chart coordinates and thresholds, nothing of the head's shape or of the client, under the hash of all
//! that the set depends on. Everything else is computed from the head again, so that a set that was read equals one
//! that is made, to the last bit. A file that is missing, damaged or of another format is as good as none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use glam::DVec3;
use sha2::{Digest, Sha256};

use super::set::{Follicles, Found};
use crate::ground::files::{private_folders, write_private};
use crate::ground::words::hex;
use crate::head::landmarks::Landmark;
use crate::head::surface::Surface;
use crate::head::{Head, Part};

/// Changes whenever the same head and seed give other dots, so that files of earlier programs are not read: together
/// with the hash in the test below.
const FORMAT: u32 = 1;
/// Most sets in memory, of some 9 MB each.
const MOST_IN_MEMORY: usize = 4;
/// Most files, of some 1 MB each; the oldest go first.
const MOST_FILES: usize = 32;
const ENDING: &str = "follicles";

/// What a set depends on.
#[derive(Debug, PartialEq)]
pub(super) struct Origin {
    part: Part,
    surface: Surface,
    edge: Boundary,
    seed: u64,
    up_to_per_cm2: f64,
}

impl Origin {
    pub fn new(head: &Head, part: Part, seed: u64, up_to_per_cm2: f64) -> Self {
        Self { part, surface: head.surface(part).clone(), edge: Boundary::of(head, part), seed, up_to_per_cm2 }
    }

    fn make(&self) -> Follicles {
        let keep = |point| self.edge.holds(point);
        Follicles::generate_up_to(&self.surface, &self.part.chart(), keep, self.seed, self.up_to_per_cm2)
    }

    /// The name of its file: a hash. Written out, no two different numbers are the same.
    fn file_name(&self) -> String {
        let digest = Sha256::digest(format!("{FORMAT} {self:?}"));
        format!("{}.{ENDING}", hex(&digest[..16]))
    }
}

/// The plane that bounds the treatable part of a surface.
#[derive(Debug, PartialEq)]
struct Boundary {
    point: DVec3,
    upward: DVec3,
}

impl Boundary {
    fn of(head: &Head, part: Part) -> Self {
        let at = |l: Landmark| head.landmark(l);
        let ears = 0.5 * (at(Landmark::TragusLeft) + at(Landmark::TragusRight));
        match part {
            Part::Cranium => {
                // From the upper forehead, below any hairline, to the nape.
                let front = head.above_glabella(48.0).position;
                let nape = DVec3::new(0.0, ears.y - 55.0, -95.0);
                // The tragus must lie above the plane, for the sideburns.
                let down_to_ears = DVec3::new(0.0, ears.y - 8.0, ears.z + 20.0);
                let slope = (front - nape).normalize();
                let upward = DVec3::X.cross(slope) * -1.0;
                let lowered = (down_to_ears - nape).dot(upward).min(0.0);
                Self { point: nape + upward * lowered, upward }
            }
            Part::LowerFace => {
                let nasion = at(Landmark::Nasion);
                let upward = DVec3::new(0.0, -1.0, 0.35).normalize();
                Self { point: DVec3::new(0.0, nasion.y - 10.0, ears.z), upward }
            }
        }
    }

    fn holds(&self, point: DVec3) -> bool {
        (point - self.point).dot(self.upward) > 0.0
    }
}

/// Keeps sets in this folder, too, from now on. It is created when the first one is kept.
pub fn keep_in(folder: PathBuf) {
    KEPT.lock().folder = Some(folder);
}

/// Forgets all sets, and removes their files.
pub fn forget() {
    KEPT.forget();
}

/// The set of this origin.
pub(super) fn set(origin: Origin) -> Arc<Follicles> {
    KEPT.set(origin)
}

static KEPT: Keeper = Keeper(Mutex::new(Kept { sets: Vec::new(), folder: None }));

/// What is kept, shared by all threads.
struct Keeper(Mutex<Kept>);

struct Kept {
    /// The set used last is at the end.
    sets: Vec<(Origin, Arc<Follicles>)>,
    folder: Option<PathBuf>,
}

impl Kept {
    fn find(&mut self, origin: &Origin) -> Option<Arc<Follicles>> {
        let found = self.sets.iter().position(|(of, _)| of == origin)?;
        self.sets[found..].rotate_left(1);
        self.sets.last().map(|(_, set)| Arc::clone(set))
    }
}

impl Keeper {
    /// A thread that panicked has left the list whole.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The set of this origin. Several threads may make the same one at the same time; all get the first.
    fn set(&self, origin: Origin) -> Arc<Follicles> {
        let folder = {
            let mut kept = self.lock();
            if let Some(set) = kept.find(&origin) {
                return set;
            }
            kept.folder.clone()
        };
        let file = folder.as_ref().map(|folder| folder.join(origin.file_name()));
        let read = file.as_ref().and_then(|file| {
            let found = decode(&fs::read(file).ok()?)?;
            Follicles::of_found(&origin.surface, &origin.part.chart(), origin.seed, found)
        });
        let is_new = read.is_none();
        let set = Arc::new(read.unwrap_or_else(|| origin.make()));
        if let (true, Some(folder), Some(file)) = (is_new, folder, file) {
            write(&folder, &file, &set);
        }
        let mut kept = self.lock();
        if let Some(first) = kept.find(&origin) {
            return first;
        }
        if kept.sets.len() >= MOST_IN_MEMORY {
            kept.sets.remove(0);
        }
        kept.sets.push((origin, Arc::clone(&set)));
        set
    }

    fn forget(&self) {
        let mut kept = self.lock();
        kept.sets.clear();
        if let Some(folder) = &kept.folder {
            files(folder).iter().for_each(|(_, file)| drop(fs::remove_file(file)));
        }
    }
}

/// Writes a set for the next start; if that fails, it is made again then.
fn write(folder: &Path, file: &Path, set: &Follicles) {
    if private_folders(&[folder]).is_err() || write_private(file, &encode(set)).is_err() {
        return;
    }
    let mut files = files(folder);
    files.sort();
    for (_, file) in files.iter().rev().skip(MOST_FILES) {
        let _ = fs::remove_file(file);
    }
}

/// The sets in the folder, each with the time when it was written.
fn files(folder: &Path) -> Vec<(Option<SystemTime>, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let ours = entries.filter(|entry| entry.path().extension().is_some_and(|ending| ending == ENDING));
    ours.map(|entry| (entry.metadata().and_then(|metadata| metadata.modified()).ok(), entry.path())).collect()
}

/// The bytes of a file: a checksum, area and density, and for each dot two coordinates and its threshold;
/// little-endian.
fn encode(set: &Follicles) -> Vec<u8> {
    let mut payload = Vec::with_capacity(12 + 12 * set.len());
    payload.extend(set.area_cm2().to_le_bytes());
    payload.extend(set.complete_per_cm2().to_le_bytes());
    for (texel, threshold) in set.texels().iter().zip(set.thresholds_per_cm2()) {
        payload.extend([texel[0], texel[1], *threshold].iter().flat_map(|number| number.to_le_bytes()));
    }
    let mut bytes = Sha256::digest(&payload).to_vec();
    bytes.append(&mut payload);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Found> {
    let (checksum, payload) = bytes.split_at_checked(32)?;
    if Sha256::digest(payload).as_slice() != checksum {
        return None;
    }
    let (area_cm2, rest) = payload.split_first_chunk()?;
    let (complete_per_cm2, rest) = rest.split_first_chunk()?;
    let (dots, []) = rest.as_chunks::<12>() else { return None };
    let number = |dot: &[u8; 12], at: usize| f32::from_le_bytes([dot[at], dot[at + 1], dot[at + 2], dot[at + 3]]);
    Some(Found {
        texels: dots.iter().map(|dot| [number(dot, 0), number(dot, 4)]).collect(),
        thresholds_per_cm2: dots.iter().map(|dot| number(dot, 8)).collect(),
        area_cm2: f64::from_le_bytes(*area_cm2),
        complete_per_cm2: f32::from_le_bytes(*complete_per_cm2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::files::private_folder;

    fn origin(seed: u64) -> Origin {
        Origin::new(&Head::average(), Part::LowerFace, seed, 60.0)
    }

    #[test]
    fn a_set_that_was_read_is_the_one_that_was_made() {
        let origin = origin(3);
        let made = origin.make();
        let bytes = encode(&made);
        let read =
            |bytes: &[u8]| Follicles::of_found(&origin.surface, &origin.part.chart(), origin.seed, decode(bytes)?);
        assert!(read(&bytes) == Some(made), "the set differs");
        for place in [0, 40, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert!(read(&damaged).is_none(), "{place}");
        }
        for end in [0, 31, 32, 43, bytes.len() - 1] {
            assert!(read(&bytes[..end]).is_none(), "{end}");
        }
    }

    /// The names of files say which program wrote them: whatever changes a set needs another [`FORMAT`] and another
    /// hash here.
    #[test]
    fn the_sets_of_a_format_never_change() {
        let digest = Sha256::digest(encode(&origin(3).make()));
        let hash = hex(&digest);
        assert_eq!((FORMAT, hash.as_str()), (1, "9dc59d66f632f64aa468764e1e100da6f800c22fb0a9336d021a3f82a93264f5"));
    }

    #[test]
    fn files_are_written_read_again_limited_and_removed() {
        let root = private_folder().unwrap();
        let folder = root.path().join("sets");
        let keeper = Keeper(Mutex::new(Kept { sets: Vec::new(), folder: Some(folder.clone()) }));
        let first = keeper.set(origin(4));
        assert!(Arc::ptr_eq(&first, &keeper.set(origin(4))));
        let file = folder.join(origin(4).file_name());
        assert_eq!(fs::read(&file).unwrap(), encode(&first));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "only the user reads it");
        }
        // What the file says is used, not made again: a set without dots tells.
        let none = Found { texels: Vec::new(), thresholds_per_cm2: Vec::new(), area_cm2: 1.0, complete_per_cm2: 60.0 };
        let other = origin(5);
        let empty = Follicles::of_found(&other.surface, &other.part.chart(), 5, none).unwrap();
        fs::write(folder.join(other.file_name()), encode(&empty)).unwrap();
        assert!(keeper.set(origin(5)).is_empty());
        fs::write(folder.join(origin(6).file_name()), "damaged").unwrap();
        assert!(!keeper.set(origin(6)).is_empty());

        for number in 0..MOST_FILES {
            fs::write(folder.join(format!("{number}.{ENDING}")), "").unwrap();
        }
        write(&folder, &file, &first);
        assert_eq!(files(&folder).len(), MOST_FILES);
        assert!(file.exists(), "the newest stays");
        fs::write(folder.join("something else"), "").unwrap();
        keeper.forget();
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["something else"]);
        assert!(!Arc::ptr_eq(&first, &keeper.set(origin(4))));
    }

    #[test]
    fn the_sets_used_last_stay_in_memory() {
        let keeper = Keeper(Mutex::new(Kept { sets: Vec::new(), folder: None }));
        let seeds = 0..MOST_IN_MEMORY as u64;
        let first: Vec<_> = seeds.map(|seed| keeper.set(origin(seed))).collect();
        assert!(Arc::ptr_eq(&first[0], &keeper.set(origin(0))));
        keeper.set(origin(99));
        assert!(Arc::ptr_eq(&first[0], &keeper.set(origin(0))), "used after the others");
        assert!(!Arc::ptr_eq(&first[1], &keeper.set(origin(1))), "the one that was not used for longest");
        assert!(first[1] == keeper.set(origin(1)));
    }
}
