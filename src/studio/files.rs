//! The life of a case: opening, beginning and copying cases, adding photos, and asking the user for files.
//!
//! Files are read and checked on a thread of their own ([`read`]); the window thread then puts the case on the desk or
//! makes the step that adds the photos.

mod dialog;
mod native;
mod paste;

use std::path::{Path, PathBuf};

use egui::Context;

use super::calibrator::Calibrator;
use super::colours::Colours;
use super::desk::Desk;
use super::follicles::Follicles;
use super::jobs::Progress;
use super::overlay::Overlay;
use super::player::Player;
use super::thumbnails::Thumbnails;
use super::tools::head::points::Side;
use super::{Outcome, Studio, confirm};
use crate::case::{self, Case, NewPhoto, client_name, guess_view, sample};
use crate::ground::files::Existing;
use crate::photo::{self, Limits};
use dialog::Dialog;
use native::Native;

/// Endings of the photos that dialogs show.
const PHOTOS: [&str; 8] = photo::EXTENSIONS;
const CASES: [&str; 1] = ["scalp"];
const CASES_AND_PHOTOS: [&str; 9] = ["scalp", "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif"];

/// What files are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A case or photos.
    Open,
    /// Photos for the open case.
    AddPhotos,
    /// A place for a new case.
    NewCase,
    /// A place to go on in.
    SaveAs,
    /// A place for a copy.
    Duplicate,
    /// A folder for pictures.
    ExportFolder,
}

/// What can be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// Files that are there.
    Files,
    /// A name to write to.
    Save,
    /// A folder.
    Folder,
}

/// A question for files.
#[derive(Debug, Clone)]
pub(super) struct Question {
    purpose: Purpose,
    pick: Pick,
    title: &'static str,
    /// Where to begin.
    folder: PathBuf,
    /// Proposed name.
    name: String,
    extensions: &'static [&'static str],
}

impl Question {
    fn takes(&self, path: &Path) -> bool {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        extension.is_some_and(|e| self.extensions.contains(&e.as_str()))
    }

    /// The path with the ending that is saved, where the user wrote none.
    fn with_extension(&self, path: PathBuf) -> PathBuf {
        match self.extensions.first() {
            Some(extension) if self.pick == Pick::Save && !self.takes(&path) => {
                let mut name = path.into_os_string();
                name.push(".");
                name.push(extension);
                name.into()
            }
            _ => path,
        }
    }
}

/// The question that is being asked.
#[derive(Default)]
pub(super) struct Files {
    /// To be put to the system at the end of the frame.
    asked: Option<Question>,
    native: Option<Native>,
    built_in: Option<Dialog>,
}

impl Files {
    /// Asks; a question before that is forgotten.
    fn ask(&mut self, question: Question, built_in: bool) {
        *self = Self::default();
        if built_in {
            self.built_in = Some(Dialog::new(question));
        } else {
            self.asked = Some(question);
        }
    }

    /// Puts to the system what was asked in this frame; its dialog stays above the window.
    pub(super) fn ask_system(&mut self, ctx: &Context, window: &eframe::Frame) {
        if let Some(question) = self.asked.take() {
            self.native = Some(Native::ask(ctx, window, question));
        }
    }

    /// True while a dialog of our own lies over the window.
    pub(super) fn is_open(&self) -> bool {
        self.built_in.is_some()
    }

    /// Shows the dialog and gives the answer once there is one.
    fn show(&mut self, ctx: &Context, always: &mut bool) -> Option<(Purpose, Vec<PathBuf>)> {
        match self.native.as_mut().and_then(|native| native.poll(ctx)) {
            Some(native::Answer::Chosen(paths)) => {
                let purpose = self.native.take().map(|native| native.question().purpose)?;
                self.built_in = None;
                return Some((purpose, paths));
            }
            Some(native::Answer::Cancelled) => self.native = None,
            // The system has none, or it does not come up; where it still comes, its answer counts as well.
            Some(native::Answer::Missing) => self.built_in = self.native.take().map(|n| Dialog::new(n.into_question())),
            Some(native::Answer::Slow(question)) if self.built_in.is_none() => {
                self.built_in = Some(Dialog::new(question));
            }
            Some(native::Answer::Slow(_)) | None => {}
        }
        let outcome = self.built_in.as_mut().and_then(|dialog| dialog.show(ctx, always))?;
        let purpose = self.built_in.take().map(|dialog| dialog.question().purpose)?;
        self.native = None;
        match outcome {
            dialog::Outcome::Chosen(paths) => Some((purpose, paths)),
            dialog::Outcome::Cancelled => None,
        }
    }
}

/// What was read from files.
pub(super) struct Read {
    case: Option<Case>,
    photos: Vec<NewPhoto>,
    problems: Vec<String>,
    /// The case that the photos are for; none: a new one.
    into: Option<PathBuf>,
    cancelled: bool,
}

/// Reads cases and photos, checking each. A file that is neither is one problem in one sentence.
fn read(paths: &[PathBuf], into: Option<PathBuf>, limits: &Limits, progress: &Progress) -> Read {
    let mut read = Read { case: None, photos: Vec::new(), problems: Vec::new(), into, cancelled: false };
    for (index, path) in paths.iter().enumerate() {
        if progress.cancelled() {
            read.cancelled = true;
            break;
        }
        if paths.len() > 1 {
            progress.set(index as f64 / paths.len() as f64);
        }
        if !is_case(path) {
            match NewPhoto::read(path, limits) {
                Ok(photo) => read.photos.push(photo),
                Err(problem) => read.problems.push(sentence(problem)),
            }
        } else if read.case.is_some() {
            read.problems.push(format!("One case at a time: this one was not opened: {}", path.display()));
        } else {
            match Case::open(path) {
                Ok(case) => read.case = Some(case),
                Err(case::Error::Store(problem)) => read.problems.push(sentence(problem)),
                Err(problem) => read.problems.push(sentence(format!("{problem}: {}", path.display()))),
            }
        }
    }
    read
}

fn is_case(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("scalp"))
}

/// A message with a capital letter.
pub(super) fn sentence(message: impl ToString) -> String {
    let message = message.to_string();
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A case opened last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recent {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called.
    pub name: String,
    /// Why it cannot be opened.
    pub missing: Option<&'static str>,
}

impl Studio {
    /// Looks which recent cases are still there; the folder of one may be a stick that is not plugged in.
    pub(super) fn look_for_recent(&mut self) {
        let recent = |path: &PathBuf| Recent {
            name: path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned()),
            missing: (!path.is_file()).then_some("The file is not there any more, or its drive is not connected"),
            path: path.clone(),
        };
        self.recent = self.settings.recent.iter().map(recent).collect();
    }

    /// Asks the user for files.
    pub(super) fn ask_for(&mut self, purpose: Purpose) {
        let cases = self.settings.folder_for_cases();
        let beside = |desk: &Option<Desk>| desk.as_ref().and_then(|d| d.path().parent().map(Path::to_owned));
        let photos = self.settings.photos_folder.clone();
        let pictures = || directories::UserDirs::new().and_then(|d| d.picture_dir().map(Path::to_owned));
        let own = self.desk.as_ref().map_or_else(|| "Client".to_owned(), Desk::name);
        let (pick, title, folder, name, extensions): (_, _, _, _, &'static [&'static str]) = match purpose {
            Purpose::Open => (Pick::Files, "Open a case or photos", cases, String::new(), &CASES_AND_PHOTOS),
            Purpose::AddPhotos => {
                let folder = photos.or_else(pictures).unwrap_or(cases);
                (Pick::Files, "Add photos", folder, String::new(), &PHOTOS)
            }
            Purpose::NewCase => (Pick::Save, "New case", cases, "Client.scalp".to_owned(), &CASES),
            Purpose::SaveAs => {
                (Pick::Save, "Save as", beside(&self.desk).unwrap_or(cases), format!("{own} 2.scalp"), &CASES)
            }
            Purpose::Duplicate => {
                (Pick::Save, "Duplicate", beside(&self.desk).unwrap_or(cases), format!("{own} copy.scalp"), &CASES)
            }
            Purpose::ExportFolder => {
                let folder = self.settings.export_folder.clone().or_else(pictures).unwrap_or(cases);
                (Pick::Folder, "Folder for pictures", folder, String::new(), &[])
            }
        };
        if pick == Pick::Save {
            // The usual folder may not be there before the first case; the dialog says where it cannot be made.
            let _ = std::fs::create_dir_all(&folder);
        }
        let question = Question { purpose, pick, title, folder, name, extensions };
        self.files.ask(question, self.settings.built_in_dialogs);
    }

    /// Shows dialogs for files and does what was chosen in them.
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
            // Not every system's dialog asks, and none knows of the ending that the name got afterwards.
            (Purpose::NewCase | Purpose::SaveAs | Purpose::Duplicate, Some(path))
                if path.symlink_metadata().is_ok() =>
            {
                self.replacing = Some((purpose, path));
                self.overlay = Some(Overlay::Question(confirm::Question::Replace));
            }
            (Purpose::NewCase | Purpose::SaveAs | Purpose::Duplicate, Some(path)) => {
                self.write_case(ctx, purpose, path, Existing::Refuse);
            }
            (Purpose::ExportFolder, Some(path)) => self.settings.export_folder = Some(path),
            (_, None) => {}
        }
    }

    /// What was answered to the question whether a file may be replaced.
    pub(super) fn replace_or_ask_again(&mut self, ctx: &Context, replace: bool) {
        match self.replacing.take() {
            Some((purpose, path)) if replace => self.write_case(ctx, purpose, path, Existing::Replace),
            Some((purpose, _)) => self.ask_for(purpose),
            None => {}
        }
    }

    /// Makes a case where the user wants it.
    fn write_case(&mut self, ctx: &Context, purpose: Purpose, path: PathBuf, existing: Existing) {
        match purpose {
            Purpose::NewCase => match Case::create_empty(&path, existing) {
                Ok(case) => self.put_on_desk(Desk::new(case)),
                Err(problem) => self.notices.problem(ctx, sentence(problem)),
            },
            Purpose::SaveAs => self.save_as(ctx, path, existing),
            Purpose::Duplicate => self.duplicate(ctx, path, existing),
            Purpose::Open | Purpose::AddPhotos | Purpose::ExportFolder => {}
        }
    }

    /// Opens a case, or adds photos to the one that is open, or begins one with them.
    pub(super) fn open_paths(&mut self, ctx: &Context, paths: &[PathBuf]) {
        let name = match paths {
            [] => return,
            [path] if is_case(path) => "Opening the case".to_owned(),
            [_] => "Reading the photo".to_owned(),
            several => format!("Reading {} files", several.len()),
        };
        let (paths, limits) = (paths.to_vec(), self.options.limits);
        let into = self.desk.as_ref().map(Desk::path);
        self.jobs.start(ctx, name, false, move |progress| Outcome::Read(read(&paths, into, &limits, progress)));
    }

    /// Takes over what was read.
    pub(super) fn take_in(&mut self, ctx: &Context, read: Read) {
        for problem in read.problems {
            self.notices.problem(ctx, problem);
        }
        if read.cancelled {
            self.notices.done(ctx, "Stopped; nothing was added.");
            return;
        }
        let opened = read.case.is_some();
        if let Some(case) = read.case {
            self.put_on_desk(Desk::new(case));
        } else if self.desk.as_ref().map(Desk::path) != read.into && !read.photos.is_empty() {
            self.notices.problem(ctx, "The photos were not added, since another case was opened meanwhile.");
            return;
        }
        let count = read.photos.len();
        let first = self.desk.as_ref().map_or(0, |desk| desk.document().views.len());
        for (view, photo) in self.in_order(read.photos) {
            let name = photo.file_name().to_owned();
            if let Err(problem) = self.add_photo(&view, photo) {
                self.notices.problem(ctx, format!("{}: {name}", sentence(problem)));
                return;
            }
        }
        // Of several the one to begin with: that from the front, else the first.
        if let Some(desk) = self.desk.as_mut().filter(|_| count > 1) {
            let front = desk.document().views.iter().skip(first).position(|view| view.name == "front");
            desk.view = first + front.unwrap_or(0);
        }
        if count > 1 || (count == 1 && opened) {
            self.notices.done(ctx, added(count));
        }
    }

    /// Photos with the views that their names speak of, in the order in which a head is looked at, whatever the order in
    /// which they were chosen.
    fn in_order(&self, photos: Vec<NewPhoto>) -> Vec<(String, NewPhoto)> {
        let there = self.desk.as_ref().map(|desk| desk.document().views.iter().map(|view| view.name.clone()));
        let mut names: Vec<String> = there.into_iter().flatten().collect();
        let mut named: Vec<(String, NewPhoto)> = Vec::new();
        for photo in photos {
            let view = guess_view(photo.file_name(), &names);
            names.push(view.clone());
            named.push((view, photo));
        }
        named.sort_by_key(|(view, _)| Side::of(view));
        named
    }

    /// Adds a photo that was read.
    fn add_photo(&mut self, view: &str, photo: NewPhoto) -> Result<(), String> {
        if self.desk.is_none() {
            let case = self.new_case(photo.file_name())?;
            self.put_on_desk(Desk::new(case));
        }
        let Some(desk) = &mut self.desk else { return Ok(()) };
        desk.view = desk.with_case(|case| case.add_new_photo(view, photo)).map_err(|e| e.to_string())?;
        Ok(())
    }

    /// A new, empty case in the folder for cases, called like the client whom the name of a photo speaks of.
    fn new_case(&self, like: &str) -> Result<Case, String> {
        let client = client_name(like);
        let path = self.free_path(if client.is_empty() { "Client" } else { client })?;
        Case::create_empty(&path, Existing::Refuse).map_err(|e| e.to_string())
    }

    /// A file name in the folder for cases that is not taken.
    fn free_path(&self, stem: &str) -> Result<PathBuf, String> {
        let folder = self.settings.folder_for_cases();
        std::fs::create_dir_all(&folder)
            .map_err(|e| format!("the folder for cases cannot be made ({e}): {}", folder.display()))?;
        free_name(&folder, stem, "scalp").ok_or_else(|| "there are too many cases of that name".to_owned())
    }

    /// A client that comes with the program, as a case of its own.
    pub(super) fn open_sample(&mut self, ctx: &Context, client: sample::Client) {
        let (path, limits) = (self.free_path(client.name()), self.options.limits);
        self.jobs.start(ctx, "Making the sample case", true, move |_| {
            let made = path.and_then(|path| {
                let views = client.views().map_err(|e| e.to_string())?;
                let start = case::Start::default();
                Case::create(&path, views, &start, Existing::Refuse, &limits).map_err(|e| e.to_string())
            });
            Outcome::Opened(made.map_err(sentence))
        });
    }

    /// Copies the case and goes on in the copy.
    fn save_as(&mut self, ctx: &Context, to: PathBuf, existing: Existing) {
        let Some(from) = self.settled_path(ctx) else { return };
        self.jobs.start(ctx, "Saving", true, move |_| {
            let copied = Case::open(&from).and_then(|mut case| case.save_as(&to, existing).map(|()| case));
            Outcome::SavedAs(copied.map_err(sentence))
        });
    }

    /// Goes on in a copy that was made.
    pub(super) fn go_on_in(&mut self, ctx: &Context, copy: Result<Case, String>) {
        let mut copy = match copy {
            Ok(copy) => copy,
            Err(problem) => return self.notices.problem(ctx, problem),
        };
        let Some(desk) = &self.desk else { return };
        // What was changed while the copy was written.
        let later = copy.commit("Changes while saving", desk.document().as_ref().clone());
        let shown = (desk.view, desk.variant, desk.step);
        if self.report(ctx, later).is_none() {
            return;
        }
        let mut desk = Desk::new(copy);
        (desk.view, desk.variant, desk.step) = shown;
        self.notices.done(ctx, format!("Saved. You go on in {}", desk.path().display()));
        self.put_on_desk(desk);
    }

    /// Copies the case and goes on in this one.
    fn duplicate(&mut self, ctx: &Context, to: PathBuf, existing: Existing) {
        let Some(from) = self.settled_path(ctx) else { return };
        self.jobs.start(ctx, "Copying the case", true, move |_| {
            let copied = Case::open(&from).and_then(|case| case.duplicate(&to, existing));
            Outcome::Copied(copied.map(|()| to).map_err(sentence))
        });
    }

    /// Says what happened to the file of the open case.
    pub(super) fn tell_notes(&mut self, ctx: &Context) {
        let notes = self.desk.as_ref().map(|desk| desk.case().take_notes());
        for note in notes.into_iter().flatten() {
            self.notices.problem(ctx, sentence(note));
        }
    }

    /// Where the open case is, with everything in the file.
    pub(super) fn settled_path(&mut self, ctx: &Context) -> Option<PathBuf> {
        let settled = self.desk.as_mut()?.settle();
        self.report(ctx, settled)?;
        self.desk.as_ref().map(Desk::path)
    }

    /// Clears the desk.
    pub(super) fn put_away(&mut self) {
        self.desk = None;
        self.asked = None;
        // Photos are numbered in each case from 1: nothing that is known by its number may outlive its case.
        self.engine.start_over();
        self.told_of_engine = false;
        self.darkroom.start_over();
        self.client.forget();
        self.canvas.clear();
        self.tools.clear();
        self.colours = Colours::default();
        self.follicles = Follicles::default();
        self.calibrator = Calibrator::default();
        self.thumbnails = Thumbnails::default();
        self.player = Player::default();
        self.look_for_recent();
    }

    /// Puts a case on the desk.
    pub(super) fn put_on_desk(&mut self, desk: Desk) {
        self.put_away();
        self.settings.opened(&desk.path());
        self.settings.save(self.options.settings_folder.as_deref());
        self.desk = Some(desk);
        self.look_for_recent();
    }

    /// Reads what is on the clipboard, on a thread of its own.
    pub(super) fn paste(&mut self, ctx: &Context) {
        let limits = self.options.limits;
        let into = self.desk.as_ref().map(Desk::path);
        self.jobs.start(ctx, "Pasting", false, move |progress| {
            let mut found = Read { case: None, photos: Vec::new(), problems: Vec::new(), into, cancelled: false };
            match paste::clipboard(&limits) {
                Ok(paste::Pasted::Photo(photo)) => found.photos.push(photo),
                Ok(paste::Pasted::Files(paths)) => found = read(&paths, found.into, &limits, progress),
                Err(problem) => found.problems.push(problem),
            }
            Outcome::Read(found)
        });
    }
}

/// A name in a folder that is not taken: the stem, or the stem with the first number from 2 that is free.
pub(super) fn free_name(folder: &Path, stem: &str, extension: &str) -> Option<PathBuf> {
    let numbered = |n: u32| {
        let name = if n == 1 { format!("{stem}.{extension}") } else { format!("{stem} {n}.{extension}") };
        folder.join(name)
    };
    (1..10_000).map(numbered).find(|p| std::fs::symlink_metadata(p).is_err())
}

/// Says that photos were added.
fn added(count: usize) -> String {
    let (photos, views) = if count == 1 {
        ("1 photo".to_owned(), "Its view was guessed from the file name")
    } else {
        (format!("{count} photos"), "Their views were guessed from the file names")
    };
    format!("{photos} added. {views}: right-click a small picture to correct it.")
}
