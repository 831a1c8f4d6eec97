//! Changing an open case. Every change of the document is one named undo step and one transaction: when a function
//! returns an error, file and case are as before.

use std::path::Path;

use jiff::civil::Date;

use super::consent::{self, Use};
use super::document::{Document, PhotoKey, ViewRecord};
use super::error::CaseError;
use super::open::{Case, Error};
use super::rescue::RescueReader;
use super::store::{Access, Change, Direction, PhotoFile, Store};
use super::view_names::{self, unique_view};
use crate::ground::files::Existing;
use crate::photo::{self, Limits, PhotoError, Turn};
use crate::reading::face::{self, Found, FoundHead, Unavailable};

/// A photo to be added to a case, already decoded once, so its size and focal length are known. Making one needs no
/// case and can happen on any thread.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    file: PhotoFile,
    size_px: [u32; 2],
    focal_length_35mm: Option<f64>,
    /// What was found in it, if it was searched.
    looked: Option<Result<Found, Unavailable>>,
}

impl NewPhoto {
    /// Decodes a photo file, to make sure that it can be shown. With [`FindHead::Yes`] it also looks for the client's
    /// head, which takes a quarter of a second.
    ///
    /// # Errors
    /// [`PhotoError`].
    pub fn new(file_name: &str, bytes: Vec<u8>, limits: &Limits, look: FindHead) -> Result<Self, PhotoError> {
        let photo = photo::decode(&bytes, limits)?;
        Ok(Self {
            size_px: photo.size_px(),
            focal_length_35mm: photo.camera().focal_length_35mm,
            looked: (look == FindHead::Yes).then(|| face::find(&photo)),
            file: PhotoFile::new(file_name, bytes),
        })
    }

    /// Like [`Self::new`], from a file.
    ///
    /// # Errors
    /// [`PhotoError::InFile`] with the problem and the path.
    pub fn read(path: &Path, limits: &Limits, look: FindHead) -> Result<Self, PhotoError> {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        photo::read_bytes(path, limits)
            .and_then(|bytes| Self::new(&name, bytes, limits, look))
            .map_err(|problem| PhotoError::InFile { problem: Box::new(problem), path: path.to_owned() })
    }

    /// The photo file's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.file.bytes()
    }

    /// What was found in it; `None` if it was not searched.
    #[must_use]
    pub fn looked(&self) -> Option<&Result<Found, Unavailable>> {
        self.looked.as_ref()
    }

    /// The head that was found.
    #[must_use]
    pub fn head(&self) -> Option<&FoundHead> {
        match &self.looked {
            Some(Ok(Found::Head(head))) => Some(head),
            _ => None,
        }
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.file.name()
    }
}

/// Whether to look for the head in a new photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindHead {
    /// Only check that the photo can be shown.
    No,
    /// Also find the client's head.
    Yes,
}

impl Case {
    /// Replaces the document as one step, named in the user's words ("Move hairline point"). An equal document makes no
    /// step.
    ///
    /// # Errors
    /// [`Error::Document`] if it could not be read back, [`Error::Store`].
    pub fn commit(&mut self, name: &str, document: Document) -> Result<(), Error> {
        if document == self.document && !self.store.read_only() {
            return Ok(());
        }
        document.check()?;
        self.check_photos(&document)?;
        let gone = self.store.commit(&self.change(name, &document))?;
        self.done(document, &gone);
        Ok(())
    }

    /// Name of the step that [`Case::undo`] reverts.
    #[must_use]
    pub fn undo_name(&self) -> Option<&str> {
        self.store.undo_name()
    }

    /// Name of the step that [`Case::redo`] repeats.
    #[must_use]
    pub fn redo_name(&self) -> Option<&str> {
        self.store.redo_name()
    }

    /// Undoes the last step and returns its name; `None` if there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn undo(&mut self) -> Result<Option<String>, Error> {
        self.take(Direction::Undo)
    }

    /// Redoes the step undone last and returns its name; `None` if there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn redo(&mut self) -> Result<Option<String>, Error> {
        self.take(Direction::Redo)
    }

    fn take(&mut self, direction: Direction) -> Result<Option<String>, Error> {
        let Some(step) = self.store.step(direction)? else { return Ok(None) };
        // Checked before it is stored: the case may come from anybody.
        let document = Document::from_json(&step.document_json)?;
        self.store.take(&step)?;
        self.document = document;
        Ok(Some(step.name))
    }

    /// Restores the document as it was when the case was opened, as one step. Views whose photos are gone for good (see
    /// [`Case::forget_history`]) do not come back.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn revert(&mut self) -> Result<(), Error> {
        self.commit("Revert", self.opened.clone())
    }

    /// Stores a photo and adds a view for it, as one step. The view gets the name given, made unique; the photo is
    /// decoded once to learn its size and focal length. Returns the view's index.
    ///
    /// # Errors
    /// [`Error::ViewName`], [`Error::Photo`], [`Error::Store`].
    pub fn add_photo(
        &mut self,
        view_name: &str,
        file_name: &str,
        bytes: Vec<u8>,
        limits: &Limits,
    ) -> Result<usize, Error> {
        let photo = NewPhoto::new(file_name, bytes, limits, FindHead::No)
            .map_err(|problem| Error::Photo { view: view_name.to_owned(), problem })?;
        self.add_new_photos(&[(view_name.to_owned(), photo)])
    }

    /// Like [`Case::add_photo`], for photos decoded beforehand (the slow part), all as one step. Returns the index of
    /// the first one's view.
    ///
    /// # Errors
    /// [`Error::ViewName`], [`Error::Store`]; then none is added.
    pub(crate) fn add_new_photos(&mut self, photos: &[(String, NewPhoto)]) -> Result<usize, Error> {
        let mut document = self.document.clone();
        let first = document.views.len();
        for (view_name, photo) in photos {
            if !view_names::fits(view_name) {
                return Err(Error::ViewName { view: view_name.clone() });
            }
            let names: Vec<&str> = document.views.iter().map(|v| v.name.as_str()).collect();
            let name = unique_view(view_name, &names);
            let turn = photo.head().map_or(Turn::NONE, |head| head.turn);
            // The number is known once the photo is stored.
            let key = PhotoKey { photo: 0, turn };
            document.views.push(ViewRecord {
                found: photo.head().map(Into::into),
                ..ViewRecord::new(name, key, turn.size_px(photo.size_px), photo.focal_length_35mm)
            });
        }
        let step_name = match &document.views[first..] {
            [] => return Ok(first),
            [one] => format!("Add photo {}", one.name),
            several => format!("Add {} photos", several.len()),
        };
        document.check()?;
        let photos_before = self.document.photos();
        let (_, gone) = self.store.add_photos(photos.iter().map(|(_, photo)| &photo.file), |ids| {
            for (view, id) in document.views[first..].iter_mut().zip(ids) {
                view.photo = *id;
            }
            change(&step_name, photos_before, &document)
        })?;
        self.done(document, &gone);
        Ok(first)
    }

    /// Removes a view, as one step. Its photo stays in the file as long as undo can bring it back.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn remove_view(&mut self, view: usize) -> Result<(), Error> {
        let step_name = format!("Remove photo {}", self.record(view)?.name);
        let mut document = self.document.clone();
        document.remove_view(view);
        self.commit(&step_name, document)
    }

    /// Renames a view, as one step.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::ViewName`], [`Error::ViewTwice`], [`Error::Store`].
    pub fn rename_view(&mut self, view: usize, name: &str) -> Result<(), Error> {
        let step_name = format!("Rename {} to {name}", self.record(view)?.name);
        if !view_names::fits(name) {
            return Err(Error::ViewName { view: name.to_owned() });
        }
        if self.document.views.iter().enumerate().any(|(i, v)| i != view && v.name == name) {
            return Err(Error::ViewTwice { view: name.to_owned() });
        }
        let mut document = self.document.clone();
        document.rename_view(view, name);
        self.commit(&step_name, document)
    }

    /// Records that the client consents, or refuses, to a use of a view's photo on this day, as one step.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn say_consent(&mut self, view: usize, purpose: Use, yes: bool, date: Date) -> Result<(), Error> {
        let verb = if yes { "Consent" } else { "Revoke consent" };
        let step_name = format!("{verb} to {} of photo {}", purpose.name(), self.record(view)?.name);
        let mut document = self.document.clone();
        consent::say(&mut document.views[view].consents, purpose, yes, date);
        self.commit(&step_name, document)
    }

    /// Turns a view with its points, as one step; mirroring swaps left and right landmark names.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn turn_view(&mut self, view: usize, turn: Turn) -> Result<(), Error> {
        let verb = if turn.is_mirrored() { "Mirror" } else { "Turn" };
        let step_name = format!("{verb} photo {}", self.record(view)?.name);
        let mut document = self.document.clone();
        document.turn_view(view, turn);
        self.commit(&step_name, document)
    }

    /// Stores a thumbnail of a view to show while the photo loads, if the case can be changed. This is no step.
    ///
    /// # Errors
    /// [`Error::NoSuchView`], [`Error::Store`].
    pub fn set_thumbnail(&mut self, view: usize, jpeg: &[u8]) -> Result<(), Error> {
        let record = self.record(view)?;
        let (photo, orientation) = (record.photo, record.turn.exif_orientation());
        Ok(self.store.set_thumbnail(photo, orientation, jpeg)?)
    }

    /// Writes a complete copy, history included, and continues in it. This also works for a case that cannot be
    /// changed; of a damaged one, everything readable is copied, and [`Case::take_notes`] tells what was lost.
    ///
    /// # Errors
    /// [`Error::Store`]; the case then continues in its old file.
    pub fn save_as(&mut self, path: &Path, existing: Existing) -> Result<(), Error> {
        self.duplicate(path, existing)?;
        let mut store = Store::open(path)?;
        if let Some(recorder) = self.store.recorder() {
            store.recorded_by(recorder.clone());
        }
        if self.store.is_held() {
            store.hold(false);
        }
        self.document = Document::from_json(&store.document()?)?;
        self.notes.borrow_mut().extend(self.store.take_notes());
        self.store = store;
        Ok(())
    }

    /// Writes a complete copy, history included; of a damaged case, everything readable.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn duplicate(&self, path: &Path, existing: Existing) -> Result<(), Error> {
        if matches!(self.store.access(), Access::ReadOnlyDamaged(_)) {
            let rescued = RescueReader::open(self.path())?.rescue(path, existing)?;
            let lost =
                rescued.lost.iter().map(|what| format!("lost with the damaged case: {what}: {}", path.display()));
            self.notes.borrow_mut().extend(lost);
            return Ok(());
        }
        Ok(self.store.copy_to(path, existing)?)
    }

    /// Deletes the undo history, including photos of removed views, so that nothing of it remains in the file.
    /// [`Case::revert`] does not bring those views back.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn forget_history(&mut self) -> Result<(), Error> {
        let gone = self.store.forget_history(&self.document.photos())?;
        self.forget_photos(&gone);
        Ok(())
    }

    fn change(&self, name: &str, document: &Document) -> Change {
        change(name, self.document.photos(), document)
    }

    /// Rejects a document that newly refers to photos that are not there.
    fn check_photos(&self, document: &Document) -> Result<(), Error> {
        let before = self.document.photos();
        if document.photos().iter().all(|id| before.contains(id)) {
            return Ok(());
        }
        let stored = self.store.photos()?;
        let missing = |id: &i64| !before.contains(id) && stored.iter().all(|entry| entry.id != *id);
        match document.photos().into_iter().find(missing) {
            Some(id) => Err(CaseError::NoSuchPhoto { id, path: self.path().to_owned() }.into()),
            None => Ok(()),
        }
    }

    /// Takes over a change that has been written to the file.
    fn done(&mut self, document: Document, photos_gone: &[i64]) {
        self.document = document;
        self.forget_photos(photos_gone);
    }

    /// Forgets photos that are gone, since their numbers may be reused.
    fn forget_photos(&mut self, gone: &[i64]) {
        while let Some(view) = self.opened.views.iter().position(|v| gone.contains(&v.photo)) {
            self.opened.remove_view(view);
        }
    }
}

fn change(name: &str, photos_before: Vec<i64>, document: &Document) -> Change {
    Change { name: name.to_owned(), document_json: document.to_json(), photos_before, photos_after: document.photos() }
}
