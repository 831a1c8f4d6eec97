//! What keeps a client's data from being lost, and what deletes it: the check of an opened case, earlier states,
//! rescue, deletion.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::Context;

use super::app::Studio;
use super::background::files::{self, free_name};
use super::background::keeper::{self, Looked};
use super::background::outcome::Outcome;
use super::background::task::{Event, Progress, Task};
use super::controls::consent;
use super::controls::earlier::{Asked, List};
use super::controls::modal::Modal;
use super::controls::passphrase::{self, Opening, Setting};
use super::session::action::Action;
use super::session::open_case::OpenCase;
use super::session::settings;
use super::words::{self, counted, sentence};
use crate::case::delete::{self, Deleted, OUT_OF_REACH};
use crate::case::earlier::{EarlierState, EarlierStates};
use crate::case::lock::Key;
use crate::case::rescue::{RescueReader, Rescued};
use crate::case::trail::Recorder;
use crate::case::{self, Case, CaseError};
use crate::ground::files::{Existing, remove_left_over};
use crate::ground::station;

/// How often to check whether a case that somebody else has open is free again, s.
const LOOK_AGAIN_S: f64 = 2.0;

impl Studio {
    fn states(&self) -> Option<EarlierStates> {
        self.options.states_folder.clone().map(EarlierStates::in_folder)
    }

    /// Whether any case has a change that is not in its file yet, or is just being written.
    pub(super) fn is_unsaved(&self) -> bool {
        self.case.iter().chain(&self.leaving).any(OpenCase::is_writing)
    }

    /// Discards changes that could not be written; a case whose drive does not answer is closed along with them.
    pub(super) fn give_up_unsaved(&mut self) {
        self.leaving.clear();
        if let Some(case) = &mut self.case {
            case.give_up_unsaved();
        }
        self.case = self.case.take().filter(|case| !case.is_away());
    }

    /// Writes the remaining changes of cases that were closed.
    pub(super) fn save_leaving(&mut self, ctx: &Context) {
        for mut case in std::mem::take(&mut self.leaving) {
            let saved = case.settle();
            while case.done().is_some() {}
            if let Err(problem) = saved {
                self.notices.problem(ctx, sentence(problem));
            } else if case.is_writing() {
                ctx.request_repaint_after(Duration::from_millis(100));
                self.leaving.push(case);
            }
        }
    }

    /// Opens the case for editing although another computer's file claims that it is open there.
    pub(super) fn work_all_the_same(&mut self, ctx: &Context) {
        let Some(path) = self.case.as_ref().map(OpenCase::path) else { return };
        self.jobs.start(ctx, "Opening the case", false, move |_| Outcome::Freed(files::freed(&path, true)));
    }

    /// Checks regularly in the background whether a case that somebody else has open is free, and then continues in it.
    pub(super) fn wait_for_case(&mut self, ctx: &Context) {
        let Some(case) = self.case.as_ref().filter(|case| case.owner().is_some()) else { return };
        let path = case.path();
        match self.case_freed.as_ref().map(Task::event) {
            Some(Event::Done(Some(freed))) => self.take_over(ctx, Some(freed)),
            Some(Event::Done(None) | Event::Lost) => self.case_freed = None,
            Some(Event::Pending) => return,
            None if ctx.input(|i| i.time) >= self.look_again => {
                self.look_again = ctx.input(|i| i.time) + LOOK_AGAIN_S;
                self.case_freed = Some(Task::start(ctx, "wait for the case", move |_| files::freed(&path, false)));
            }
            None => {}
        }
        ctx.request_repaint_after(Duration::from_secs_f64(LOOK_AGAIN_S));
    }

    /// Continues in the current state of a case that is free again.
    pub(super) fn take_over(&mut self, ctx: &Context, freed: Option<Box<OpenCase>>) {
        let Some(case) = &self.case else { return };
        match freed {
            Some(freed) if freed.path() == case.path() => {
                let freed = freed.shown_as(case);
                self.show_case(freed);
                self.notices.done(ctx, "The case is not open elsewhere any more: you can work on it now.");
            }
            Some(_) => {}
            None => self.notices.problem(ctx, "The case is still open elsewhere."),
        }
    }

    /// Records in a case's trail what was handed out of it; says so if that is not possible.
    pub(super) fn note_done(&mut self, ctx: &Context, case: PathBuf, what: String) {
        const UNNOTED: &str = "What was handed out is not noted in the case";
        match self.case.as_ref().filter(|open| open.path() == case).map(OpenCase::noteless_reason) {
            Some(Some(why)) => self.notices.problem(ctx, format!("{UNNOTED}, because {why}.")),
            Some(None) => self.act(ctx, Action::other(move |file| file.note_done(&what))),
            // Another case was opened meanwhile.
            None => self.jobs.start(ctx, "Noting what was handed out", true, move |_| {
                let noted = Case::open(&case).and_then(|case| case.recorded_by(Recorder::here()).note_done(&what));
                Outcome::Said(noted.map(|()| None).map_err(|problem| format!("{UNNOTED}: {problem}")))
            }),
        }
    }

    /// Checks the case that was opened, and keeps its state, without blocking the window.
    pub(super) fn look_after_case(&mut self) {
        let Some(path) = self.case.as_ref().map(OpenCase::path) else { return };
        let (states, now) = (self.states(), station::now());
        let ctx = self.engine.ctx().clone();
        self.looking =
            Some(Task::start(&ctx, "look after the case", move |_| keeper::look_after(&path, states.as_ref(), &now)));
    }

    /// Takes over the result of that check.
    pub(super) fn take_looked(&mut self, ctx: &Context) {
        match self.looking.as_ref().map(Task::event) {
            Some(Event::Done(Looked { damage, problem })) => {
                self.looking = None;
                self.damage = damage;
                if let Some(problem) = problem {
                    self.notices.problem(ctx, problem);
                }
            }
            Some(Event::Lost) => self.looking = None,
            Some(Event::Pending) | None => {}
        }
    }

    /// Finds fonts for names in all scripts: those in the case, those of recent cases, and what is typed.
    pub(super) fn follow_letters(&mut self, ctx: &Context) {
        for event in ctx.input(|i| i.events.clone()) {
            if let egui::Event::Text(text) | egui::Event::Paste(text) = event {
                self.letters.show(&text);
            }
        }
        if let Some(missing) = self.letters.follow(ctx) {
            let text =
                "Some letters are in none of this computer's fonts and are shown as boxes; names are kept as they are";
            self.notices
                .problem(ctx, format!("{text}: U+{:04X}", missing.first().map_or(0, |letter| u32::from(*letter))));
        }
    }

    /// Notes which letters occur in the open case and in the names of recent ones.
    pub(super) fn read_letters(&mut self) {
        for recent in &self.recent {
            self.letters.show(&recent.name);
        }
        let Some(case) = &self.case else { return };
        self.letters.show(&case.name());
        let document = case.document();
        self.letters.show(&document.notes);
        document.views.iter().for_each(|view| self.letters.show(&view.name));
        document.variants.iter().for_each(|variant| self.letters.show(&variant.name));
    }

    /// Removes what a killed program has left in this program's folders, without blocking the window: a folder's drive
    /// may be slow.
    pub(super) fn tidy_up(&mut self, ctx: &Context) {
        let recent = self.settings.recent.iter().filter_map(|case| case.parent().map(Path::to_owned));
        let own =
            [self.settings.export_folder.clone(), Some(self.settings.folder_for_cases()), Some(std::env::temp_dir())];
        let mut folders: Vec<PathBuf> = own.into_iter().flatten().chain(recent).collect();
        folders.sort();
        folders.dedup();
        // Nobody waits for it.
        let pictures = self.settings.export_folder.clone();
        drop(Task::start(ctx, "tidy up", move |_| {
            folders.iter().for_each(|folder| remove_left_over(folder));
            // What clients take home is in a folder for each.
            let clients = pictures.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
            clients
                .filter(|entry| entry.file_type().is_ok_and(|t| t.is_dir()))
                .for_each(|e| remove_left_over(&e.path()));
        }));
    }

    /// Opens the list of earlier states: those of a case that cannot be opened, otherwise of the open case, otherwise
    /// of all cases.
    pub(super) fn open_earlier(&mut self, ctx: &Context, unreadable: Option<PathBuf>) {
        let Some(states) = self.states() else { return };
        let case = unreadable.or_else(|| self.case.as_ref().map(OpenCase::path));
        self.jobs.start(ctx, "Looking for earlier states", false, move |_| {
            Outcome::Earlier(states.all(), case.map(|case| states.of(&case)))
        });
    }

    /// Shows the list of earlier states that were read.
    pub(super) fn list_earlier(&mut self, ctx: &Context, all: Vec<EarlierState>, of_case: Option<Vec<EarlierState>>) {
        if all.is_empty() {
            self.notices.done(ctx, "No case has an earlier state yet: one is kept each time a case is opened.");
        } else {
            self.modal = Some(Modal::Earlier(List { all, of_case, deleting: None }));
        }
    }

    /// Shows the list; returns it while it is open.
    pub(super) fn show_earlier(&mut self, ctx: &Context, mut list: List) -> Option<List> {
        match list.show(ctx) {
            None => return Some(list),
            Some(Asked::Close) => {}
            Some(Asked::Restore(state)) => self.restore(ctx, &state),
            Some(Asked::Delete(case)) => self.delete_states(ctx, case),
        }
        None
    }

    /// Deletes all earlier states of a case, which may no longer exist.
    fn delete_states(&mut self, ctx: &Context, case: PathBuf) {
        let Some(states) = self.states() else { return };
        self.jobs.start(ctx, "Deleting the earlier states", true, move |_| {
            let deleted =
                states.forget(&case).map(|count| Some(format!("{} deleted", counted(count, "earlier state"))));
            Outcome::Said(deleted.map_err(sentence))
        });
    }

    fn restore(&mut self, ctx: &Context, state: &EarlierState) {
        let Some(states) = self.states() else { return };
        let name =
            state.case.file_stem().map_or_else(|| "Client".to_owned(), |stem| stem.to_string_lossy().into_owned());
        // A colon is not allowed in every file name.
        let name = format!("{name} {}", words::shown_time(&state.kept).replace(':', "."));
        let (beside, cases) = (state.case.parent().map(Path::to_owned), self.settings.folder_for_cases());
        let number = state.number;
        self.jobs.start(ctx, "Restoring the earlier state", true, move |_| {
            let folder = beside.filter(|folder| folder.is_dir()).unwrap_or(cases);
            let made = std::fs::create_dir_all(&folder).ok().and_then(|()| free_name(&folder, &name, "scalp"));
            let Some(to) = made else {
                return Outcome::Rescued(Err(format!("No new case can be made in {}", folder.display())));
            };
            Outcome::Rescued(opened(&to, states.restore(number, &to, Existing::Refuse)))
        });
    }

    /// Copies everything readable from a case that cannot be opened, otherwise from the open one, into a new case.
    pub(super) fn rescue(&mut self, ctx: &Context, to: PathBuf, existing: Existing) {
        let Some(from) = self.unreadable.take().or_else(|| self.settled_path(ctx)) else { return };
        self.jobs.start(ctx, "Rescuing the case", true, move |_| {
            if std::fs::canonicalize(&to).is_ok_and(|to| std::fs::canonicalize(&from).is_ok_and(|from| from == to)) {
                return Outcome::Rescued(Err(
                    "The new case would replace the damaged one: choose another name.".to_owned()
                ));
            }
            let rescued = RescueReader::open(&from).and_then(|reader| reader.rescue(&to, existing));
            Outcome::Rescued(opened(&to, rescued))
        });
    }

    /// Continues in a case that was rescued or restored, and says what is lost.
    pub(super) fn go_on_in_rescued(&mut self, ctx: &Context, rescued: Result<(Box<OpenCase>, Vec<String>), String>) {
        match rescued {
            Ok((case, lost)) => {
                let path = case.path();
                self.show_case(*case);
                self.notices.done(ctx, format!("You are now working in {}", path.display()));
                if !lost.is_empty() {
                    self.notices.problem(ctx, format!("Lost: {}.", lost.join(", ")));
                }
            }
            Err(problem) => self.notices.problem(ctx, problem),
        }
    }

    /// Deletes the open case and everything kept of it.
    pub(super) fn delete_client(&mut self, ctx: &Context) {
        let Some(path) = self.case.as_ref().map(OpenCase::path) else { return };
        let states = self.states();
        // Someone who deletes a client does not want a pending gesture to be saved first.
        self.give_up_unsaved();
        self.close_case();
        self.jobs.start(ctx, "Deleting the client", true, move |_| {
            Outcome::Deleted(delete::delete(&path, states.as_ref()).map_err(sentence), path)
        });
    }

    /// Removes a deleted case from the list of recent ones.
    pub(super) fn forget_deleted(&mut self, ctx: &Context, deleted: Result<Deleted, String>, path: &Path) {
        match deleted {
            Ok(Deleted { states, states_kept_for, .. }) => {
                self.settings.recent.retain(|recent| recent != path);
                self.settings.save(self.options.settings_folder.as_deref());
                settings::forget_broken(self.options.settings_folder.as_deref());
                self.check_recent();
                let states = match states {
                    0 => String::new(),
                    1 => " and 1 earlier state".to_owned(),
                    states => format!(" and {states} earlier states"),
                };
                self.notices.done(
                    ctx,
                    format!("The case{states} {} been deleted.", if states.is_empty() { "has" } else { "have" }),
                );
                if let Some(other) = states_kept_for {
                    let other = other.display();
                    self.notices
                        .problem(ctx, format!("Its earlier states stay, since this file is the same case: {other}"));
                }
                self.notices.problem(ctx, OUT_OF_REACH);
            }
            Err(problem) => self.notices.problem(ctx, problem),
        }
    }

    /// Asks for the passphrase of a case; returns the dialog while it is open.
    pub(super) fn show_opening(&mut self, ctx: &Context, mut opening: Opening) -> Option<Opening> {
        match opening.show(ctx) {
            None => return Some(opening),
            Some(passphrase::Asked::Close) => {}
            Some(passphrase::Asked::Use(passphrase)) => {
                let path = opening.path;
                self.jobs.start(ctx, "Opening the case", false, move |_| {
                    let opened = match Case::open_under(&path, &passphrase) {
                        Ok(case) => Ok(Some(Box::new(OpenCase::new(case)))),
                        Err(case::Error::Store(CaseError::WrongPassphrase { .. })) => Ok(None),
                        Err(problem) => Err(sentence(problem)),
                    };
                    Outcome::Unlocked(opened, path)
                });
            }
        }
        None
    }

    /// Takes over a case that was opened with a passphrase, or asks again.
    pub(super) fn take_unlocked(
        &mut self,
        ctx: &Context,
        opened: Result<Option<Box<OpenCase>>, String>,
        path: PathBuf,
    ) {
        match opened {
            Ok(Some(case)) => self.show_case(*case),
            Ok(None) => self.modal = Some(Modal::Opening(Opening::of(path, true))),
            Err(problem) => self.notices.problem(ctx, problem),
        }
    }

    /// Asks for a passphrase for the open case; returns the dialog while it is open.
    pub(super) fn show_setting(&mut self, ctx: &Context, mut setting: Setting) -> Option<Setting> {
        match setting.show(ctx) {
            None => return Some(setting),
            Some(passphrase::Asked::Close) => {}
            Some(passphrase::Asked::Use(passphrase)) => {
                let make = move |_: &Progress| Outcome::Key(Key::under(&passphrase).map(Arc::new));
                self.jobs.start(ctx, "Making the key", false, make);
            }
        }
        None
    }

    /// Encrypts the open case with a key that was made.
    pub(super) fn take_key(&mut self, ctx: &Context, key: Option<Arc<Key>>) {
        let Some(key) = key else {
            self.notices.problem(ctx, "There is not enough memory to make a key; the case is unchanged.");
            return;
        };
        self.act(ctx, Action::SetLock(Some(key)));
    }

    /// Says that the open case was encrypted, and removes its earlier states, which are not.
    pub(super) fn take_locked(&mut self, ctx: &Context) {
        self.notices.done(ctx, "The case is encrypted. Only the passphrase opens it: keep it where you will find it.");
        if let (Some(path), Some(states)) = (self.case.as_ref().map(OpenCase::path), self.states()) {
            self.jobs.start(ctx, "Removing the earlier states", true, move |_| {
                Outcome::Said(states.forget(&path).map(|_| None).map_err(sentence))
            });
        }
    }

    /// Shows what the photo on the canvas may be used for; true while the dialog stays open.
    pub(super) fn show_consent(&mut self, ctx: &Context) -> bool {
        let Some(case) = &self.case else { return false };
        let view = case.view;
        match consent::show(ctx, case) {
            Some(consent::Asked::Say(purpose, yes)) => {
                self.act(ctx, Action::other(move |file| file.say_consent(view, purpose, yes, station::today())));
                true
            }
            Some(consent::Asked::Close) => false,
            None => true,
        }
    }

    /// Empties the list of recent cases.
    pub(super) fn forget_recent(&mut self) {
        self.settings.recent.clear();
        self.settings.save(self.options.settings_folder.as_deref());
        settings::forget_broken(self.options.settings_folder.as_deref());
        self.check_recent();
    }

    /// From now on opened cases are listed as recent, or no longer; in the latter case the list is cleared.
    pub(super) fn note_recent_or_not(&mut self, ctx: &Context) {
        self.settings.notes_recent = !self.settings.notes_recent;
        if self.settings.notes_recent {
            self.settings.save(self.options.settings_folder.as_deref());
            self.notices.done(ctx, "From now on, cases that you open are listed in \u{201c}Open recent\u{201d}.");
        } else {
            self.forget_recent();
            self.notices.done(ctx, "Cases that you open are no longer listed, and the list is empty.");
        }
    }
}

fn opened(to: &Path, rescued: Result<Rescued, CaseError>) -> Result<(Box<OpenCase>, Vec<String>), String> {
    let rescued = rescued.map_err(sentence)?;
    let case = Case::open(to).map_err(sentence)?;
    Ok((Box::new(OpenCase::new(case)), rescued.lost))
}
