//! Dialogs and the palette, and the results of jobs.

use std::time::Duration;

use egui::{Align2, Context, CornerRadius, FontId, Id, LayerId, Order, Stroke, StrokeKind, ViewportCommand};

use super::app::{Studio, close};
use super::background::jobs::Ended;
use super::background::outcome::Outcome;
use super::controls::confirm::{Answer, Question};
use super::controls::files::question::Purpose;
use super::controls::help;
use super::controls::modal::Modal;
use super::controls::palette::{self, Palette};
use super::controls::passphrase::Setting;
use super::controls::trail;
use super::controls::widgets;
use super::session::action::Action;
use super::session::command::{self, Command};
use super::session::open_case::OpenCase;
use crate::case::Case;
use crate::render::steps::Appointments;

/// How long jobs that were told to stop may keep the window open, s.
const STOPPING_S: f64 = 3.0;

impl Studio {
    /// True while the window under a dialog should not react to keys.
    pub(super) fn covered(&self) -> bool {
        self.modal.is_some() || self.files.is_open()
    }

    /// Takes over the results of jobs.
    pub(super) fn take_job_results(&mut self, ctx: &Context) {
        for ended in self.jobs.ended() {
            match ended {
                Ended::Done(Outcome::Read(read)) => self.take_read(ctx, read),
                Ended::Done(Outcome::Opened(Ok(case))) => self.show_case(*case),
                Ended::Done(Outcome::Freed(freed)) => self.take_over(ctx, freed),
                Ended::Done(Outcome::Begun(Ok(case))) => {
                    self.notices.done(ctx, format!("New case, kept in {}", case.path().display()));
                    self.show_case(*case);
                }
                Ended::Done(Outcome::SavedAs(copy)) => {
                    if self.go_on_in(ctx, copy)
                        && let Some(case) = &self.case
                    {
                        let text = format!("Saved. You are now working in {}", case.path().display());
                        self.notices.done(ctx, text);
                    }
                }
                Ended::Done(Outcome::BegunWith(made, photos)) => self.begin_with(ctx, made, photos),
                Ended::Done(Outcome::Named(copy, before)) => self.go_on_named(ctx, copy, before),
                Ended::Done(Outcome::LookedFor { purpose, path, exists }) => {
                    self.write_or_ask(ctx, purpose, path, exists);
                }
                Ended::Done(Outcome::Earlier(all, of_case)) => self.list_earlier(ctx, all, of_case),
                Ended::Done(Outcome::Said(Ok(text))) => {
                    if let Some(text) = text {
                        self.notices.done(ctx, text);
                    }
                }
                Ended::Done(
                    Outcome::Opened(Err(problem)) | Outcome::Begun(Err(problem)) | Outcome::Said(Err(problem)),
                ) => {
                    self.notices.problem(ctx, problem);
                }
                Ended::Done(Outcome::Unlocked(opened, path)) => self.take_unlocked(ctx, opened, path),
                Ended::Done(Outcome::Key(key)) => self.take_key(ctx, key),
                Ended::Done(Outcome::Rescued(rescued)) => self.go_on_in_rescued(ctx, rescued),
                Ended::Done(Outcome::Deleted(deleted, path)) => self.forget_deleted(ctx, deleted, &path),
                Ended::Done(Outcome::Exported(exported)) => self.exported(ctx, exported),
                Ended::Done(Outcome::HandedOver(done)) => self.handed_over(ctx, done),
                Ended::Done(Outcome::ReadBack(read)) => self.show_read(ctx, read),
                Ended::Died(name) => {
                    let text = format!("{name}: stopped by an internal error. The case is safe; try again.");
                    self.notices.problem(ctx, text);
                }
            }
        }
        self.open_early(ctx);
        if (self.close_when_done && !self.jobs.running() && !self.is_unsaved()) || self.must_close(ctx) {
            close(ctx);
        }
    }

    /// Shows whatever lies over the window.
    pub(super) fn show_modal(&mut self, ctx: &Context) {
        self.hint_at_drop(ctx);
        self.show_files(ctx);
        if self.files.is_open() {
            return;
        }
        self.modal = match self.modal.take() {
            None => return,
            Some(Modal::Palette(palette)) => self.show_palette(ctx, palette).map(Modal::Palette),
            Some(Modal::Help) => help::show(ctx).then_some(Modal::Help),
            Some(Modal::HandOver(form)) => self.show_hand_over(ctx, form).map(Modal::HandOver),
            Some(Modal::Signing(signing)) => self.show_signing(ctx, signing).map(Modal::Signing),
            Some(Modal::ReadBack(shown)) => shown.show(ctx).then_some(Modal::ReadBack(shown)),
            Some(Modal::Export(form)) => self.show_export(ctx, form).map(Modal::Export),
            Some(Modal::Earlier(list)) => self.show_earlier(ctx, list).map(Modal::Earlier),
            Some(Modal::Trail(entries)) => trail::show(ctx, &entries).then_some(Modal::Trail(entries)),
            Some(Modal::Consent) => self.show_consent(ctx).then_some(Modal::Consent),
            Some(Modal::Opening(opening)) => self.show_opening(ctx, opening).map(Modal::Opening),
            Some(Modal::Setting(setting)) => self.show_setting(ctx, setting).map(Modal::Setting),
            Some(Modal::Question(question)) => {
                let open = self.case.as_ref().map(OpenCase::path).filter(|_| question == Question::DeleteClient);
                let file = self.replacing.as_ref().filter(|_| question == Question::Replace);
                let unreadable = self.unreadable.as_deref().filter(|_| question == Question::Unreadable);
                let file = file.map(|(_, file)| file.as_path()).or(open.as_deref()).or(unreadable);
                match question.show(ctx, file) {
                    Some(answer) => {
                        self.answered(ctx, question, answer);
                        // The answer may have opened something else.
                        self.modal.take()
                    }
                    None => Some(Modal::Question(question)),
                }
            }
        };
    }

    fn answered(&mut self, ctx: &Context, question: Question, answer: Answer) {
        match (question, answer) {
            (Question::Revert, Answer::Yes) => self.act(ctx, Action::other(Case::revert)),
            (Question::ForgetHistory, Answer::Yes) => self.act(ctx, Action::other(Case::forget_history)),
            (Question::DeleteClient, Answer::Yes) => self.delete_client(ctx),
            (Question::Reload, Answer::Yes) => {
                if let Some(path) = self.case.as_ref().map(OpenCase::path) {
                    self.open_paths(ctx, &[path]);
                }
            }
            (Question::Close, Answer::Yes) => {
                self.jobs.cancel();
                self.give_up_unsaved();
                self.close_when_done = true;
                // A job whose drive does not answer cannot stop.
                self.close_by = Some(ctx.input(|i| i.time) + STOPPING_S);
                ctx.request_repaint_after(Duration::from_secs_f64(STOPPING_S));
            }
            (Question::Replace, answer) => self.replace_or_ask_again(ctx, answer == Answer::Yes),
            (Question::Unreadable, Answer::Yes) => self.ask_for(ctx, Purpose::Rescue),
            (Question::Unreadable, Answer::Otherwise) => {
                let path = self.unreadable.take();
                self.open_earlier(ctx, path);
            }
            (Question::Unreadable, Answer::No) => self.unreadable = None,
            (Question::Close, Answer::Otherwise) => self.close_when_done = true,
            (_, Answer::No | Answer::Otherwise) => {}
        }
    }

    /// Carries out the commands that open something over the window; false for any other.
    pub(super) fn perform_over(&mut self, ctx: &Context, command: Command) -> bool {
        match command {
            Command::Palette => self.modal = Some(Modal::Palette(Palette::default())),
            Command::Help => self.modal = Some(Modal::Help),
            Command::Export => self.open_export(),
            Command::HandOver => self.open_hand_over(),
            Command::Sign => self.open_signing(),
            Command::ReadBack => self.read_back(ctx),
            Command::Revert => self.modal = Some(Modal::Question(Question::Revert)),
            Command::ForgetHistory => self.modal = Some(Modal::Question(Question::ForgetHistory)),
            Command::DeleteClient => self.modal = Some(Modal::Question(Question::DeleteClient)),
            Command::EarlierStates => self.open_earlier(ctx, None),
            Command::Trail => self.act(ctx, Action::ReadTrail),
            Command::TakeOver => self.work_all_the_same(ctx),
            Command::Lock => self.modal = Some(Modal::Setting(Setting::default())),
            Command::Unlock => self.act(ctx, Action::SetLock(None)),
            Command::Consent => self.modal = Some(Modal::Consent),
            Command::Rescue => {
                self.unreadable = None;
                self.ask_for(ctx, Purpose::Rescue);
            }
            Command::ForgetRecent => self.forget_recent(),
            Command::NoteRecent => self.note_recent_or_not(ctx),
            Command::NewCase => self.ask_for(ctx, Purpose::NewCase),
            Command::Open => self.ask_for(ctx, Purpose::Open),
            Command::AddPhotos => self.ask_for(ctx, Purpose::AddPhotos),
            Command::SaveAs => self.ask_for(ctx, Purpose::SaveAs),
            Command::Duplicate => self.ask_for(ctx, Purpose::Duplicate),
            Command::PastePhoto => self.paste(ctx),
            _ => return false,
        }
        true
    }

    /// Whether the user wanted to stop everything and close, and has waited long enough.
    fn must_close(&self, ctx: &Context) -> bool {
        self.close_by.is_some_and(|close_by| ctx.input(|i| i.time) >= close_by)
    }

    /// When the window is asked to close, files still being written are finished or cancelled first.
    pub(super) fn closing(&mut self, ctx: &Context) {
        if !ctx.input(|i| i.viewport().close_requested()) || self.must_close(ctx) {
            return;
        }
        if self.jobs.writing().is_some() || self.is_unsaved() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            if !self.close_when_done {
                self.modal = Some(Modal::Question(Question::Close));
            }
        }
    }

    /// Puts the case's name into the window title, so that windows can be told apart.
    pub(super) fn title(&mut self, ctx: &Context) {
        let title = match &self.case {
            Some(case) => format!("{} - Scalp Studio", case.name()),
            None => "Scalp Studio".to_owned(),
        };
        if self.title != title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// While files are held over the window, says what dropping them will do.
    fn hint_at_drop(&self, ctx: &Context) {
        let files = ctx.input(|i| i.raw.hovered_files.len());
        if files == 0 {
            return;
        }
        let text = match (&self.case, files) {
            (Some(case), 1) => format!("Drop to add it to {}; a case file is opened instead", case.name()),
            (Some(case), n) => format!("Drop to add {n} photos to {}", case.name()),
            (None, _) => "Drop to start with these photos, or to open a case".to_owned(),
        };
        let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
        let rect = ctx.content_rect();
        let accent = ctx.global_style().visuals.selection.stroke.color;
        painter.rect_filled(rect, CornerRadius::ZERO, egui::Color32::from_black_alpha(150));
        painter.rect_stroke(rect.shrink(8.0), CornerRadius::same(8), Stroke::new(3.0, accent), StrokeKind::Inside);
        painter.text(rect.center(), Align2::CENTER_CENTER, text, FontId::proportional(22.0), egui::Color32::WHITE);
    }

    /// Everything that the palette can find.
    fn rows(&self, ctx: &Context) -> Vec<palette::Row> {
        let row = |target, text: String| palette::Row { target, text, keys: String::new(), why_not: None };
        let commands = command::all().iter().map(|&command| palette::Row {
            keys: widgets::keys(ctx, command),
            why_not: (!self.enabled(command)).then(|| palette::why_not(command, self.case.as_ref())),
            ..row(palette::Target::Command(command), command.text().to_owned())
        });
        let mut rows: Vec<palette::Row> = commands.collect();
        if let Some(case) = &self.case {
            let document = case.document();
            let views = document.views.iter().enumerate();
            rows.extend(views.map(|(i, v)| row(palette::Target::View(i), format!("Photo: {}", v.name))));
            if let Some(plan) = case.plan() {
                let appointments = Appointments::of(plan);
                let all = appointments.steps().into_iter();
                rows.extend(all.map(|s| row(palette::Target::Step(s), format!("Time: {}", s.label(appointments)))));
            }
            let variants = document.variants.iter().enumerate();
            rows.extend(variants.map(|(i, v)| row(palette::Target::Variant(i), format!("Variant {}", v.name))));
        }
        rows
    }

    /// Shows the palette; returns it while it is open.
    fn show_palette(&mut self, ctx: &Context, mut palette: Palette) -> Option<Palette> {
        match palette.show(ctx, self.rows(ctx)) {
            palette::Shown::Open => return Some(palette),
            palette::Shown::Closed => {}
            palette::Shown::Chosen(target) => self.go_to(target),
        }
        None
    }

    fn go_to(&mut self, target: palette::Target) {
        match (target, &mut self.case) {
            (palette::Target::Command(command), _) => self.commands.push(command),
            (palette::Target::View(view), Some(case)) => case.view = view,
            (palette::Target::Step(step), Some(case)) => case.step = step,
            (palette::Target::Variant(variant), Some(case)) => case.variant = variant,
            (_, None) => {}
        }
    }
}
