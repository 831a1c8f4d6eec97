//! What each command does.

use egui::{Context, Theme};

use super::app::{Studio, close};
use crate::case::{Error, sample};
use crate::checks;
use crate::photo::Turn;
use crate::reading::views;
use crate::render::steps::Appointments;
use crate::skin::calibration::CalibrationPatch;
use crate::studio::controls::modal::Modal;
use crate::studio::controls::panels;
use crate::studio::session::action::{Action, Done};
use crate::studio::session::aim::Aim;
use crate::studio::session::colours::Target;
use crate::studio::session::command::Command;
use crate::studio::session::open_case::OpenCase;
use crate::studio::session::tool::Tool;
use crate::studio::view::canvas::Compare;
use crate::studio::view::viewport::Framing;

impl Studio {
    /// Whether a command makes sense at this moment.
    pub(super) fn enabled(&self, command: Command) -> bool {
        if command == Command::ForgetRecent {
            return !self.settings.recent.is_empty();
        }
        let Some(case) = &self.case else { return !command.needs_case() };
        let views = case.document().views.len();
        let variants = case.document().variants.len();
        match command {
            Command::Undo => case.undo_name().is_some(),
            Command::Redo => case.redo_name().is_some(),
            Command::Lock => case.read_only_reason().is_none(),
            Command::TakeOver => case.owner().is_some_and(|owner| !owner.is_certain()),
            Command::Unlock => case.is_locked() && case.read_only_reason().is_none(),
            Command::Tool(tool) => !tool.needs_head() || case.fit().is_some(),
            Command::SmallerBrush | Command::LargerBrush => matches!(self.tools.active, Tool::Brush | Tool::Cover),
            Command::NextView | Command::PreviousView => views > 1,
            Command::Fit
            | Command::ActualSize
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::TurnLeft
            | Command::TurnRight
            | Command::Mirror
            | Command::Consent
            | Command::RemovePhoto => views > 0,
            Command::NextStep
            | Command::PreviousStep
            | Command::FirstStep
            | Command::LastStep
            | Command::Play
            | Command::Wipe
            | Command::SideBySide
            | Command::Range
            | Command::HonestView
            | Command::HardLight
            | Command::HeatMap
            | Command::Outlook(_)
            | Command::PickSkin
            | Command::PickHair
            | Command::MatchFollicles
            | Command::CalibratePigment
            | Command::Panel(_)
            | Command::CopyVariant => variants > 0,
            Command::Sign => variants > 0 && case.read_only_reason().is_none(),
            Command::ReadBack => variants > 0 && case.camera().is_some(),
            Command::FreezeClient | Command::MirrorClient => self.client.open,
            Command::NextVariant | Command::DeleteVariant | Command::Against => variants > 1,
            _ => true,
        }
    }

    /// Carries out a command.
    pub(super) fn perform(&mut self, ctx: &Context, command: Command) {
        if !self.enabled(command) {
            return;
        }
        match command {
            command if self.perform_over(ctx, command) => {}
            Command::OpenSample => self.open_sample(ctx, sample::Client::Light),
            Command::OpenDarkSample => self.open_sample(ctx, sample::Client::Dark),
            Command::CloseCase => self.close_case(),
            Command::Quit => close(ctx),
            Command::Undo => self.act(ctx, Action::Undo),
            Command::Redo => self.act(ctx, Action::Redo),
            Command::Tool(tool) => self.tools.active = tool,
            Command::SmallerBrush => self.resize_brush(-1),
            Command::LargerBrush => self.resize_brush(1),
            Command::TurnLeft => self.turn(ctx, Turn::COUNTERCLOCKWISE),
            Command::TurnRight => self.turn(ctx, Turn::CLOCKWISE),
            Command::Mirror => self.turn(ctx, Turn::MIRROR),
            Command::RemovePhoto => {
                let view = self.case.as_ref().map_or(0, |d| d.view);
                self.act(ctx, Action::other(move |file| file.remove_view(view)));
            }
            Command::ClientScreen => self.client.open = !self.client.open,
            Command::FreezeClient => self.client.frozen = !self.client.frozen,
            Command::MirrorClient => self.client.mirrored = !self.client.mirrored,
            Command::Wipe => self.toggle(Compare::Wipe(0.5)),
            Command::SideBySide => self.toggle(Compare::Beside),
            Command::Against => self.compare_with_another(),
            Command::AllViews => self.toggle(Compare::AllViews),
            Command::Range => self.toggle(Compare::Range),
            Command::HonestView => self.toggle(Compare::Honest),
            Command::HardLight => {
                let honest = self.canvas.compare == Compare::Honest;
                self.canvas.hard_light = !(honest && self.canvas.hard_light);
                self.canvas.compare = Compare::Honest;
            }
            Command::HeatMap => {
                self.canvas.heat.shown = !self.canvas.heat.shown;
                if self.canvas.heat.shown {
                    self.show_one_photo();
                }
            }
            Command::PickSkin => self.aim(Aim::Tone(Target::Skin)),
            Command::PickHair => self.aim(Aim::Tone(Target::Stubble)),
            Command::MatchFollicles => self.aim(Aim::Follicles { radius_mm: self.own_stubble.radius_mm }),
            Command::CalibratePigment => self.aim(Aim::Healed(CalibrationPatch::Bare)),
            Command::Panel(section) => {
                self.settings.bare = false;
                self.sections.go_to(section);
            }
            Command::Guides => self.tools.guides.switches.shown = !self.tools.guides.switches.shown,
            Command::Panels => self.settings.bare = !self.settings.bare,
            Command::Theme => {
                self.settings.light = !self.settings.light;
                ctx.set_theme(if self.settings.light { Theme::Light } else { Theme::Dark });
            }
            _ => self.perform_on_view(ctx, command),
        }
    }

    /// Makes the active brush larger by a number of notches, or smaller if negative.
    fn resize_brush(&mut self, notches: i32) {
        match self.tools.active {
            Tool::Cover => self.tools.cover.resize(notches, self.case.as_ref().and_then(OpenCase::record)),
            _ => self.tools.brush.resize(notches),
        }
    }

    /// Carries out commands that change only what is shown, or the variants.
    fn perform_on_view(&mut self, ctx: &Context, command: Command) {
        let Some(case) = &mut self.case else { return };
        let views = case.document().views.len();
        let variants = case.document().variants.len();
        match command {
            Command::Fit => self.canvas.set_framing(case.view, Framing::Fit),
            Command::ActualSize => self.canvas.actual_size(case.view),
            Command::ZoomIn => self.canvas.zoom(case.view, 1.25),
            Command::ZoomOut => self.canvas.zoom(case.view, 0.8),
            Command::NextView => case.view = (case.view + 1) % views.max(1),
            Command::PreviousView => case.view = (case.view + views.max(1) - 1) % views.max(1),
            Command::NextStep => case.step_by(1),
            Command::PreviousStep => case.step_by(-1),
            Command::FirstStep => case.step_by(isize::MIN),
            Command::LastStep => case.step_by(isize::MAX),
            Command::Outlook(outlook) => case.outlook = outlook,
            Command::Play => self.player.toggle(case, ctx.input(|i| i.time)),
            Command::NextVariant => case.show_variant((case.variant + 1) % variants.max(1)),
            Command::CopyVariant => {
                let (from, mut to) = (case.variant, case.variant);
                let copied = case.change("Copy variant", |document| to = document.copy_variant(from).unwrap_or(from));
                case.show_variant(to);
                self.report(ctx, copied);
            }
            Command::DeleteVariant => {
                let variant = case.variant;
                let deleted = case.change("Delete variant", |document| {
                    // The last variant stays.
                    let _ = document.delete_variant(variant);
                });
                self.report(ctx, deleted);
            }
            _ => {}
        }
    }

    /// Carries out a request from the row at the top.
    pub(super) fn on_top(&mut self, ctx: &Context, asked: panels::top::Asked) {
        use panels::top::Asked;
        match (asked, &mut self.case) {
            (Asked::Command(command), _) => self.commands.push(command),
            (Asked::Recent(path), _) => self.open_paths(ctx, &[path]),
            (Asked::Variant(variant), Some(case)) => case.show_variant(variant),
            (Asked::OnVariant(variant, command), Some(case)) => {
                case.show_variant(variant);
                self.commands.push(command);
            }
            (Asked::RenameVariant(variant, name), Some(case)) => {
                let mut refused = Ok(());
                let renamed = case.change("Rename variant", |document| {
                    refused = document.rename_variant(variant, &name);
                });
                self.report(ctx, renamed);
                self.report(ctx, refused.map_err(Error::from));
            }
            (_, None) => {}
        }
    }

    /// Switches to the photo that shows a place best, and marks the place there.
    pub(super) fn show_place(&mut self, ctx: &Context, place: &checks::Place) {
        let Some(case) = &mut self.case else { return };
        let Some(fit) = case.fit().cloned() else { return };
        let best = views::of_place(fit.head(), &fit.views(case.document()), &place.point, |_| true);
        let Some((view, sight)) = best else {
            self.notices.done(ctx, "No photo shows this place");
            return;
        };
        case.view = view.index;
        self.canvas.point_at(ctx, view.index, sight.px, view.camera.mm_per_px(place.point.position));
    }

    /// Carries out a request from the row below the photo.
    pub(super) fn on_bottom(&mut self, ctx: &Context, asked: panels::asked::Asked) {
        use panels::asked::Asked;
        match (asked, &mut self.case) {
            (Asked::Command(command), _) => self.commands.push(command),
            (Asked::View(view), Some(case)) => case.view = view,
            (Asked::OnView(view, command), Some(case)) => {
                case.view = view;
                self.commands.push(command);
            }
            (Asked::RenameView(view, name), _) => {
                self.act(ctx, Action::other(move |file| file.rename_view(view, &name)));
            }
            (Asked::Step(step), Some(case)) => case.step = step,
            (_, None) => {}
        }
    }

    /// Arms the dropper for the next click in the photo, for which one photo must be shown.
    fn aim(&mut self, aim: Aim) {
        self.show_one_photo();
        self.dropper.armed = Some(aim);
        // The result appears in a section of the inspector.
        self.settings.bare = false;
        self.sections.answer_in(aim.section());
    }

    /// Ends a comparison in which no photo can be edited.
    fn show_one_photo(&mut self) {
        if matches!(self.canvas.compare, Compare::AllViews | Compare::Range | Compare::Honest) {
            self.canvas.compare = Compare::Off;
        }
    }

    /// Steps through what the left of a comparison may show: before, and every other variant.
    fn compare_with_another(&mut self) {
        let Some(case) = &self.case else { return };
        let count = case.document().variants.len();
        let others: Vec<usize> = (0..count).filter(|other| *other != case.variant).collect();
        let compares = matches!(self.canvas.compare, Compare::Wipe(_) | Compare::Beside);
        let against = match self.canvas.against.filter(|(_, known)| compares && *known == count) {
            None => others.first().copied(),
            Some((now, _)) => others.into_iter().find(|other| *other > now),
        };
        self.canvas.against = against.map(|variant| (variant, count));
        if !compares {
            self.canvas.compare = Compare::Beside;
        }
    }

    fn toggle(&mut self, compare: Compare) {
        let same = std::mem::discriminant(&self.canvas.compare) == std::mem::discriminant(&compare);
        self.canvas.compare = if same { Compare::Off } else { compare };
    }

    /// Starts an action on the file of the open case.
    pub(super) fn act(&mut self, ctx: &Context, action: Action) {
        let Some(case) = &mut self.case else { return };
        let begun = case.act(action);
        self.report(ctx, begun);
        self.take_done(ctx);
    }

    /// Says what actions on the file have led to, where that is not seen.
    pub(super) fn take_done(&mut self, ctx: &Context) {
        while let Some(done) = self.case.as_mut().and_then(OpenCase::done) {
            match done {
                Done::Undone { step: Some(step), elsewhere: Some(place) } => {
                    self.notices.done(ctx, format!("Undone{place}: {}", step.to_lowercase()));
                }
                Done::Redone { step: Some(step), elsewhere: Some(place) } => {
                    self.notices.done(ctx, format!("Redone{place}: {}", step.to_lowercase()));
                }
                Done::PhotosAdded { count, .. } if count > 1 => self.notices.done(ctx, added(count)),
                Done::Locked => self.take_locked(ctx),
                Done::Unlocked => self.notices.done(ctx, "The case no longer has a passphrase."),
                Done::Trail(entries) => self.modal = Some(Modal::Trail(entries)),
                Done::Undone { .. } | Done::Redone { .. } | Done::PhotosAdded { .. } | Done::Other => {}
            }
        }
    }

    fn turn(&mut self, ctx: &Context, turn: Turn) {
        let view = self.case.as_ref().map_or(0, |d| d.view);
        self.act(ctx, Action::other(move |file| file.turn_view(view, turn)));
    }
}

/// The message that several photos were added.
fn added(count: usize) -> String {
    format!(
        "{count} photos added. Their views were taken from the faces, or from the file names: right-click a small picture \
         to correct it."
    )
}

impl OpenCase {
    /// Shows a later or an earlier step.
    pub(super) fn step_by(&mut self, by: isize) {
        let Some(plan) = self.plan() else { return };
        let all = Appointments::of(plan).steps();
        let at = all.iter().position(|s| *s == self.step).unwrap_or(0);
        self.step = all[at.saturating_add_signed(by).min(all.len() - 1)];
    }
}
