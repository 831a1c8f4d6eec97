//! The life of a case: opening, creating and copying cases, and adding photos.
//!
//! Files are read and checked on a thread of their own ([`files::read`]); the window thread then opens the case or
//! makes the undo step that adds the photos.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::app::Studio;
use super::background::files::{self, Read, free_name, is_case};
use super::background::outcome::Outcome;
use super::background::photo_cache::PhotoCache;
use super::background::task::Event;
use super::background::{analysis, engine};
use super::controls::confirm;
use super::controls::files::question::{Pick, Purpose, Question};
use super::controls::modal::Modal;
use super::controls::panels::naming::{Answer, Naming};
use super::controls::passphrase::Opening;
use super::session::action::Action;
use super::session::aim::Dropper;
use super::session::calibrator::Calibrator;
use super::session::colours::Colours;
use super::session::open_case::OpenCase;
use super::session::own_stubble::OwnStubble;
use super::session::player::Player;
use super::session::recent::Recent;
use super::view::thumbnails::Thumbnails;
use super::words::sentence;
use crate::case::document::Document;
use crate::case::{self, Case, FindHead, NewPhoto, client_name, name_view, sample};
use crate::ground::files::Existing;
use crate::ground::words::io_problem;
use crate::head::standard_view::StandardView;
use crate::photo;
use crate::reading::face::Found;

/// File extensions that the dialogs show.
const PHOTOS: [&str; 8] = photo::EXTENSIONS;
const CASES: [&str; 1] = ["scalp"];
const CASES_AND_PHOTOS: [&str; 9] = ["scalp", "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif"];

impl Studio {
    /// Checks which recent cases still exist, each on a thread of its own: one may be on a stick that is not plugged
    /// in, or on a drive that does not answer.
    pub(super) fn check_recent(&mut self) {
        let shown = |path: &PathBuf| {
            let known = self.recent.iter().find(|recent| recent.path == *path).cloned();
            let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
            known.unwrap_or_else(|| Recent { path: path.clone(), name, ..Recent::default() })
        };
        self.recent = self.settings.recent.iter().map(shown).collect();
        self.recent_looks = self.recent.iter().map(|recent| files::look_at(self.engine.ctx(), recent)).collect();
        self.read_letters();
    }

    /// Takes over the results of these checks.
    pub(super) fn take_recent_looks(&mut self) {
        let recent = &mut self.recent;
        self.recent_looks.retain(|look| match look.event() {
            Event::Done(seen) => {
                if let Some(place) = recent.iter_mut().find(|recent| recent.path == seen.path) {
                    *place = seen;
                }
                false
            }
            Event::Lost => false,
            Event::Pending => true,
        });
    }

    /// Asks the user for files.
    pub(super) fn ask_for(&mut self, ctx: &Context, purpose: Purpose) {
        let cases = self.settings.folder_for_cases();
        let beside = |case: &Option<OpenCase>| case.as_ref().and_then(|d| d.path().parent().map(Path::to_owned));
        let photos = self.settings.photos_folder.clone();
        let pictures = || directories::UserDirs::new().and_then(|d| d.picture_dir().map(Path::to_owned));
        let own = self.case.as_ref().map_or_else(|| "Client".to_owned(), OpenCase::name);
        let (pick, title, folder, name, extensions): (_, _, _, _, &'static [&'static str]) = match purpose {
            Purpose::Open => (Pick::Files, "Open a case or photos", cases, String::new(), &CASES_AND_PHOTOS),
            Purpose::AddPhotos => {
                let folder = photos.or_else(pictures).unwrap_or(cases);
                (Pick::Files, "Add photos", folder, String::new(), &PHOTOS)
            }
            Purpose::NewCase => {
                (Pick::Save, "New case: what is the client called?", cases, "Client.scalp".to_owned(), &CASES)
            }
            Purpose::SaveAs => {
                (Pick::Save, "Save as", beside(&self.case).unwrap_or(cases), format!("{own} 2.scalp"), &CASES)
            }
            Purpose::Duplicate => {
                (Pick::Save, "Duplicate", beside(&self.case).unwrap_or(cases), format!("{own} copy.scalp"), &CASES)
            }
            Purpose::Rescue => {
                let from = self.unreadable.clone().or_else(|| self.case.as_ref().map(OpenCase::path));
                let own = from.as_ref().and_then(|path| path.file_stem()).map_or(own, |s| s.to_string_lossy().into());
                let folder = from.and_then(|path| path.parent().map(Path::to_owned)).unwrap_or(cases);
                (Pick::Save, "Rescue into a new case", folder, format!("{own} rescued.scalp"), &CASES)
            }
            Purpose::ExportFolder => {
                let folder = self.settings.export_folder.clone().or_else(pictures).unwrap_or(cases);
                (Pick::Folder, "Folder for pictures", folder, String::new(), &[])
            }
            Purpose::StudioFile => {
                let beside = self.settings.studio_file.as_ref().and_then(|file| file.parent().map(Path::to_owned));
                let folder = beside.unwrap_or(cases);
                (Pick::Files, "The studio's name, prices and words", folder, String::new(), &["toml"])
            }
        };
        let question = Question { purpose, pick, title, folder, name, extensions };
        self.files.ask(ctx, question, self.settings.built_in_dialogs);
    }

    /// Shows file dialogs and acts on the user's choice.
    pub(super) fn show_files(&mut self, ctx: &Context) {
        let answer = self.files.show(ctx, &mut self.settings.built_in_dialogs);
        let Some((purpose, paths)) = answer else { return };
        let first = paths.first().cloned();
        match (purpose, first) {
            (Purpose::Open, _) => self.open_paths(ctx, &paths),
            (Purpose::AddPhotos, Some(first)) => {
                self.settings.photos_folder = first.parent().map(Path::to_owned);
                self.open_paths(ctx, &paths);
            }
            // Not every system's dialog asks before replacing, and none knows the extension that is added afterwards.
            (Purpose::NewCase | Purpose::SaveAs | Purpose::Duplicate | Purpose::Rescue, Some(path)) => {
                self.jobs.start(ctx, "Looking for the file", false, move |_| {
                    let exists = path.symlink_metadata().is_ok();
                    Outcome::LookedFor { purpose, path, exists }
                });
            }
            (Purpose::ExportFolder, Some(path)) => self.settings.export_folder = Some(path),
            (Purpose::StudioFile, Some(path)) => self.settings.studio_file = Some(path),
            (_, None) => {}
        }
    }

    /// Writes to the chosen path, or asks whether what is there may be replaced.
    pub(super) fn write_or_ask(&mut self, ctx: &Context, purpose: Purpose, path: PathBuf, exists: bool) {
        if exists {
            self.replacing = Some((purpose, path));
            self.modal = Some(Modal::Question(confirm::Question::Replace));
        } else {
            self.write_case(ctx, purpose, path, Existing::Refuse);
        }
    }

    /// Acts on the answer to whether a file may be replaced.
    pub(super) fn replace_or_ask_again(&mut self, ctx: &Context, replace: bool) {
        match self.replacing.take() {
            Some((purpose, path)) if replace => self.write_case(ctx, purpose, path, Existing::Replace),
            Some((purpose, _)) => self.ask_for(ctx, purpose),
            None => {}
        }
    }

    /// Creates a case at the chosen path.
    fn write_case(&mut self, ctx: &Context, purpose: Purpose, path: PathBuf, existing: Existing) {
        match purpose {
            Purpose::NewCase => self.jobs.start(ctx, "Making the case", true, move |_| {
                let made = Case::create_empty(&path, existing).map(|case| Box::new(OpenCase::new(case)));
                Outcome::Begun(made.map_err(sentence))
            }),
            Purpose::SaveAs => self.save_as(ctx, path, existing),
            Purpose::Duplicate => self.duplicate(ctx, path, existing),
            Purpose::Rescue => self.rescue(ctx, path, existing),
            Purpose::Open | Purpose::AddPhotos | Purpose::ExportFolder | Purpose::StudioFile => {}
        }
    }

    /// Opens a case, adds photos to the open case, or starts a new case with them.
    pub(super) fn open_paths(&mut self, ctx: &Context, paths: &[PathBuf]) {
        if self.case.is_none() && self.jobs.writing().is_some() {
            self.early.extend_from_slice(paths);
            return;
        }
        let name = match paths {
            [] => return,
            [path] if is_case(path) => "Opening the case".to_owned(),
            [_] => "Reading the photo".to_owned(),
            several => format!("Reading {} files", several.len()),
        };
        let (paths, limits, look) = (paths.to_vec(), self.options.limits, self.look());
        let into = self.case.as_ref().map(OpenCase::path);
        self.jobs
            .start(ctx, name, false, move |progress| Outcome::Read(files::read(&paths, into, &limits, look, progress)));
    }

    /// Opens the files that were chosen while a case was being made, which takes the photos among them.
    pub(super) fn open_early(&mut self, ctx: &Context) {
        if self.jobs.writing().is_none() {
            let paths = std::mem::take(&mut self.early);
            self.open_paths(ctx, &paths);
        }
    }

    /// Whether to look for the head in new photos.
    fn look(&self) -> FindHead {
        if self.tools.head.finds_in_new_photos { FindHead::Yes } else { FindHead::No }
    }

    /// Takes over the files that were read.
    pub(super) fn take_read(&mut self, ctx: &Context, read: Read) {
        for problem in read.problems {
            self.notices.problem(ctx, problem);
        }
        if read.cancelled {
            self.notices.done(ctx, "Stopped; nothing was added.");
            return;
        }
        if let Some(path) = read.locked {
            self.modal = Some(Modal::Opening(Opening::of(path, false)));
        } else if read.unreadable.is_some() {
            self.unreadable = read.unreadable;
            self.modal = Some(Modal::Question(confirm::Question::Unreadable));
        }
        if let Some(case) = read.case {
            self.show_case(*case);
        } else if self.case.as_ref().map(OpenCase::path) != read.into && !read.photos.is_empty() {
            self.notices.problem(ctx, "The photos were not added, since another case was opened meanwhile.");
            return;
        }
        let photos = self.in_order(read.photos);
        for (view, photo) in &photos {
            // From behind or from above, no face is expected.
            let faces = !matches!(StandardView::of(view), Some(StandardView::Back | StandardView::Top));
            if let Some(why) = not_found(photo).filter(|_| faces) {
                self.notices.problem(ctx, why);
            }
        }
        match (photos.first(), &self.case) {
            (None, _) => {}
            (Some(_), Some(_)) => self.act(ctx, Action::AddPhotos(photos)),
            (Some((_, first)), None) => {
                let (folder, client) = (self.settings.folder_for_cases(), client_name(first.file_name()).to_owned());
                self.jobs.start(ctx, "Making the case", true, move |_| {
                    let client = if client.is_empty() { "Client" } else { &client };
                    let made = free_path(&folder, client).and_then(|path| {
                        let case = Case::create_empty(&path, Existing::Refuse).map_err(sentence)?;
                        Ok(Box::new(OpenCase::new(case)))
                    });
                    Outcome::BegunWith(made, photos)
                });
            }
        }
    }

    /// Continues in a case that was made for photos, and adds them.
    pub(super) fn begin_with(
        &mut self,
        ctx: &Context,
        made: Result<Box<OpenCase>, String>,
        photos: Vec<(String, NewPhoto)>,
    ) {
        match made {
            Ok(case) => {
                let naming = Naming::new(&case.path());
                self.show_case(*case);
                self.naming = Some(naming);
                self.act(ctx, Action::AddPhotos(photos));
            }
            Err(problem) => self.notices.problem(ctx, problem),
        }
    }

    /// Pairs photos with the views that they show or that their names suggest, in the order in which a head is looked
    /// at, whatever the order in which they were chosen.
    fn in_order(&self, photos: Vec<NewPhoto>) -> Vec<(String, NewPhoto)> {
        let there = self.case.as_ref().map(|case| case.document().views.iter().map(|view| view.name.clone()));
        let mut names: Vec<String> = there.into_iter().flatten().collect();
        let mut named: Vec<(String, NewPhoto)> = Vec::new();
        for photo in photos {
            let view = name_view(photo.file_name(), photo.head().map(|head| head.direction), &names);
            names.push(view.clone());
            named.push((view, photo));
        }
        named.sort_by_key(|(view, _)| StandardView::of(view).map_or((true, None), |view| (false, Some(view))));
        named
    }

    /// Creates and opens a case of a sample client.
    pub(super) fn open_sample(&mut self, ctx: &Context, client: sample::Client) {
        let (folder, limits) = (self.settings.folder_for_cases(), self.options.limits);
        self.jobs.start(ctx, "Making the sample case", true, move |_| {
            let opened = free_path(&folder, client.name()).and_then(|path| {
                let views = client.views().map_err(sentence)?;
                let start = case::Start::default();
                let case = Case::create(&path, views, &start, Existing::Refuse, &limits).map_err(sentence)?;
                Ok(Box::new(OpenCase::new(case)))
            });
            Outcome::Opened(opened)
        });
    }

    /// Copies the case and continues in the copy.
    fn save_as(&mut self, ctx: &Context, to: PathBuf, existing: Existing) {
        let Some(from) = self.settled_path(ctx) else { return };
        self.jobs.start(ctx, "Saving", true, move |_| Outcome::SavedAs(copied(&from, &to, existing)));
    }

    /// Continues in a copy; returns false if that is not possible.
    pub(super) fn go_on_in(&mut self, ctx: &Context, copy: Result<Box<OpenCase>, String>) -> bool {
        let (copy, case) = match (copy, &self.case) {
            (Ok(copy), Some(case)) => (copy, case),
            (Ok(_), None) => return false,
            (Err(problem), _) => {
                self.notices.problem(ctx, problem);
                return false;
            }
        };
        // Includes what was changed while the copy was written.
        let now = Arc::clone(case.document());
        let mut copy = copy.continuing(case);
        let later = copy.change("Changes while saving", |document| *document = Document::clone(&now));
        if self.report(ctx, later).is_none() {
            return false;
        }
        self.show_case(copy);
        true
    }

    /// Names a newly created case after the client: copies it under that name, to continue in the copy.
    fn name_case(&mut self, ctx: &Context, name: String) {
        let Some(from) = self.settled_path(ctx) else { return };
        if from.file_stem().is_some_and(|stem| stem.to_string_lossy() == name) {
            return;
        }
        self.jobs.start(ctx, "Naming the case", true, move |_| {
            let folder = from.parent().unwrap_or(Path::new(""));
            let named = free_path(folder, &name).and_then(|to| copied(&from, &to, Existing::Refuse));
            Outcome::Named(named, from)
        });
    }

    /// Continues under the client's name and removes the old file, whose contents are all in the new one.
    pub(super) fn go_on_named(&mut self, ctx: &Context, copy: Result<Box<OpenCase>, String>, before: PathBuf) {
        if !self.go_on_in(ctx, copy) {
            return;
        }
        self.settings.recent.retain(|path| *path != before);
        self.settings.save(self.options.settings_folder.as_deref());
        self.check_recent();
        self.jobs.start(ctx, "Removing the file before", true, move |_| {
            let removed = std::fs::remove_file(&before).map(|()| None);
            Outcome::Said(removed.map_err(|problem| {
                let problem = io_problem(&problem);
                format!("The case's file before could not be removed ({problem}): {}", before.display())
            }))
        });
    }

    /// Asks for the client's name if a case was created automatically.
    pub(super) fn ask_name(&mut self, ui: &mut egui::Ui) {
        let open = self.case.as_ref().map(OpenCase::path);
        let Some(naming) = self.naming.as_mut().filter(|naming| Some(&naming.path) == open.as_ref()) else {
            self.naming = None;
            return;
        };
        match egui::Panel::top("naming").show(ui, |ui| naming.show(ui)).inner {
            Some(Answer::Name(name)) => {
                self.naming = None;
                self.name_case(&ui.ctx().clone(), name);
            }
            Some(Answer::Later) => self.naming = None,
            None => {}
        }
    }

    /// Copies the case and continues in the original.
    fn duplicate(&mut self, ctx: &Context, to: PathBuf, existing: Existing) {
        let Some(from) = self.settled_path(ctx) else { return };
        self.jobs.start(ctx, "Copying the case", true, move |_| {
            let copied = Case::open(&from).and_then(|case| case.duplicate(&to, existing));
            Outcome::Said(copied.map(|()| Some(format!("Copied to {}", to.display()))).map_err(sentence))
        });
    }

    /// Shows messages about the open case's file.
    pub(super) fn show_notes(&mut self, ctx: &Context) {
        let notes = self.case.as_ref().and_then(|case| case.file().map(Case::take_notes));
        for note in notes.into_iter().flatten() {
            self.notices.problem(ctx, sentence(note));
        }
    }

    /// The path of the open case, once every change is in the file.
    pub(super) fn settled_path(&mut self, ctx: &Context) -> Option<PathBuf> {
        let saved = self.case.as_mut()?.save_now();
        self.report(ctx, saved)?;
        self.case.as_ref().map(OpenCase::path)
    }

    /// Closes the case.
    pub(super) fn close_case(&mut self) {
        // Changes that are not in the file yet are written later.
        self.leaving.extend(self.case.take().filter(OpenCase::is_writing));
        self.case_freed = None;
        self.looking = None;
        self.damage = None;
        self.asked = None;
        // Photos are numbered from 1 in each case, so nothing identified by such a number may outlive its case.
        let photos = PhotoCache::new(self.options.limits);
        self.engine = engine::start(&self.engine.ctx().clone(), photos.clone());
        self.analysis = analysis::start(&self.analysis.ctx().clone(), photos.clone());
        self.engine_loss_shown = false;
        self.client.forget();
        self.canvas.clear();
        self.tools.clear();
        self.tools.cover.photos = photos.clone();
        self.tools.head.photos = photos;
        self.dropper = Dropper::default();
        self.colours = Colours::default();
        self.own_stubble = OwnStubble::default();
        self.calibrator = Calibrator::default();
        self.thumbnails = Thumbnails::default();
        self.player = Player::default();
        self.check_recent();
    }

    /// Shows a case in place of the open one.
    pub(super) fn show_case(&mut self, case: OpenCase) {
        self.close_case();
        self.settings.opened(&case.path());
        self.settings.save(self.options.settings_folder.as_deref());
        self.case = Some(case);
        self.look_after_case();
        self.check_recent();
    }

    /// Reads the clipboard on a thread of its own.
    pub(super) fn paste(&mut self, ctx: &Context) {
        let (limits, look) = (self.options.limits, self.look());
        let into = self.case.as_ref().map(OpenCase::path);
        self.jobs
            .start(ctx, "Pasting", false, move |progress| Outcome::Read(files::paste(into, &limits, look, progress)));
    }
}

/// Why no head was found in a photo, in a sentence; `None` if one was, or it was not searched.
fn not_found(photo: &NewPhoto) -> Option<String> {
    let name = photo.file_name();
    match photo.looked()? {
        Ok(Found::Head(_)) => None,
        Ok(Found::Nobody) => {
            Some(format!("No face was found in {name}: with the head tool, place the head by hand or mark points."))
        }
        Ok(Found::Several(faces)) => Some(format!(
            "{name} shows {faces} faces, none of them clearly the client's: crop the photo to the client, or mark points of \
             the head with the head tool."
        )),
        Err(problem) => Some(sentence(problem)),
    }
}

/// A free path for a client's case in a folder, which is created if necessary.
fn free_path(folder: &Path, client: &str) -> Result<PathBuf, String> {
    std::fs::create_dir_all(folder)
        .map_err(|e| format!("The folder for cases cannot be made ({}): {}", io_problem(&e), folder.display()))?;
    free_name(folder, client, "scalp").ok_or_else(|| "There are too many cases of that name.".to_owned())
}

/// Copies a case, and opens the copy.
fn copied(from: &Path, to: &Path, existing: Existing) -> Result<Box<OpenCase>, String> {
    let copied = Case::open(from).and_then(|mut case| case.save_as(to, existing).map(|()| case));
    copied.map(|case| Box::new(OpenCase::new(case))).map_err(sentence)
}
