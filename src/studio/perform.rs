//! What each command does.

use egui::{Context, Theme};

use super::canvas::Compare;
use super::colours::Target;
use super::command::Command;
use super::desk::Desk;
use super::frame::Look;
use super::panels;
use super::steps::Sittings;
use super::tools::Tool;
use super::tools::dropper::Aim;
use super::{Studio, close};
use crate::case::{Case, Error, sample};
use crate::checks;
use crate::photo::Turn;
use crate::reading::views;
use crate::skin::calibration::Place;

impl Studio {
    /// Whether a command makes sense at this moment.
    pub(super) fn enabled(&self, command: Command) -> bool {
        let Some(desk) = &self.desk else { return !command.needs_case() };
        let views = desk.document().views.len();
        let variants = desk.document().variants.len();
        match command {
            Command::Undo => desk.case().undo_name().is_some(),
            Command::Redo => desk.case().redo_name().is_some(),
            Command::Tool(tool) => !tool.needs_head() || desk.fit().is_some(),
            Command::SmallerBrush | Command::LargerBrush => self.tools.active == Tool::Brush,
            Command::NextView | Command::PreviousView => views > 1,
            Command::Fit
            | Command::ActualSize
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::TurnLeft
            | Command::TurnRight
            | Command::Mirror
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
            | Command::Outlook(_)
            | Command::PickSkin
            | Command::PickHair
            | Command::MatchFollicles
            | Command::CalibratePigment
            | Command::Checks
            | Command::CopyVariant => variants > 0,
            Command::FreezeClient | Command::MirrorClient => self.client.open,
            Command::NextVariant | Command::DeleteVariant | Command::Against => variants > 1,
            _ => true,
        }
    }

    /// Does what was asked for.
    pub(super) fn perform(&mut self, ctx: &Context, command: Command) {
        if !self.enabled(command) {
            return;
        }
        match command {
            command if self.perform_over(ctx, command) => {}
            Command::OpenSample => self.open_sample(ctx, sample::Client::Light),
            Command::OpenDarkSample => self.open_sample(ctx, sample::Client::Dark),
            Command::CloseCase => self.put_away(),
            Command::Quit => close(ctx),
            Command::Undo => self.turn_back(ctx, "Taken back", Case::undo_name, Desk::undo),
            Command::Redo => self.turn_back(ctx, "Done again", Case::redo_name, Desk::redo),
            Command::Tool(tool) => self.tools.active = tool,
            Command::SmallerBrush => self.tools.brush.resize(-1),
            Command::LargerBrush => self.tools.brush.resize(1),
            Command::TurnLeft => self.turn(ctx, Turn::COUNTERCLOCKWISE),
            Command::TurnRight => self.turn(ctx, Turn::CLOCKWISE),
            Command::Mirror => self.turn(ctx, Turn::MIRROR),
            Command::RemovePhoto => {
                let view = self.desk.as_ref().map_or(0, |d| d.view);
                self.with_case(ctx, |case| case.remove_view(view));
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
            Command::PickSkin => self.aim(Aim::Tone(Target::Skin)),
            Command::PickHair => self.aim(Aim::Tone(Target::Stubble)),
            Command::MatchFollicles => self.aim(Aim::Follicles { radius_mm: self.follicles.radius_mm }),
            Command::CalibratePigment => self.aim(Aim::Healed(Place::Bare)),
            Command::Checks => {
                self.settings.bare = false;
                self.goes_to_checks = true;
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

    /// Commands that change only what is looked at, or the variants.
    fn perform_on_view(&mut self, ctx: &Context, command: Command) {
        let Some(desk) = &mut self.desk else { return };
        let views = desk.document().views.len();
        let variants = desk.document().variants.len();
        match command {
            Command::Fit => self.canvas.look(desk.view, Look::Fit),
            Command::ActualSize => self.canvas.actual_size(desk.view),
            Command::ZoomIn => self.canvas.zoom(desk.view, 1.25),
            Command::ZoomOut => self.canvas.zoom(desk.view, 0.8),
            Command::NextView => desk.view = (desk.view + 1) % views.max(1),
            Command::PreviousView => desk.view = (desk.view + views.max(1) - 1) % views.max(1),
            Command::NextStep => desk.step_by(1),
            Command::PreviousStep => desk.step_by(-1),
            Command::FirstStep => desk.step_by(isize::MIN),
            Command::LastStep => desk.step_by(isize::MAX),
            Command::Outlook(outlook) => desk.outlook = outlook,
            Command::Play => self.player.toggle(desk, ctx.input(|i| i.time)),
            Command::NextVariant => desk.show_variant((desk.variant + 1) % variants.max(1)),
            Command::CopyVariant => {
                let (from, mut to) = (desk.variant, desk.variant);
                let copied = desk.change("Copy variant", |document| to = document.copy_variant(from).unwrap_or(from));
                desk.show_variant(to);
                self.report(ctx, copied);
            }
            Command::DeleteVariant => {
                let variant = desk.variant;
                let deleted = desk.change("Delete variant", |document| {
                    // The last one stays.
                    let _ = document.delete_variant(variant);
                });
                self.report(ctx, deleted);
            }
            _ => {}
        }
    }

    /// What was asked for in the row at the top.
    pub(super) fn on_top(&mut self, ctx: &Context, asked: panels::top::Asked) {
        use panels::top::Asked;
        match (asked, &mut self.desk) {
            (Asked::Command(command), _) => self.commands.push(command),
            (Asked::Recent(path), _) => self.open_paths(ctx, &[path]),
            (Asked::Variant(variant), Some(desk)) => desk.show_variant(variant),
            (Asked::OnVariant(variant, command), Some(desk)) => {
                desk.show_variant(variant);
                self.commands.push(command);
            }
            (Asked::RenameVariant(variant, name), Some(desk)) => {
                let mut refused = Ok(());
                let renamed = desk.change("Rename variant", |document| {
                    refused = document.rename_variant(variant, &name);
                });
                self.report(ctx, renamed);
                self.report(ctx, refused.map_err(Error::from));
            }
            (_, None) => {}
        }
    }

    /// Goes to the photo that shows a place best, and marks it there.
    pub(super) fn show_place(&mut self, ctx: &Context, place: &checks::Place) {
        let Some(desk) = &mut self.desk else { return };
        let Some(fit) = desk.fit().cloned() else { return };
        let best = views::of_place(fit.head(), &fit.views(desk.document()), &place.point, |_| true);
        let Some((view, sight)) = best else {
            self.notices.done(ctx, "No photo shows this place");
            return;
        };
        desk.view = view.index;
        self.canvas.point_at(ctx, view.index, sight.px, view.camera.mm_per_px(place.point.position));
    }

    /// What was asked for in the row below the photo.
    pub(super) fn on_bottom(&mut self, ctx: &Context, asked: panels::bottom::Asked) {
        use panels::bottom::Asked;
        match (asked, &mut self.desk) {
            (Asked::Command(command), _) => self.commands.push(command),
            (Asked::View(view), Some(desk)) => desk.view = view,
            (Asked::OnView(view, command), Some(desk)) => {
                desk.view = view;
                self.commands.push(command);
            }
            (Asked::RenameView(view, name), _) => self.with_case(ctx, |case| case.rename_view(view, &name)),
            (Asked::Step(step), Some(desk)) => desk.step = step,
            (_, None) => {}
        }
    }

    /// The next click in the photo is for this: there has to be one photo to click in.
    fn aim(&mut self, aim: Aim) {
        if matches!(self.canvas.compare, Compare::AllViews | Compare::Range | Compare::Honest) {
            self.canvas.compare = Compare::Off;
        }
        self.tools.dropper.armed = Some(aim);
    }

    /// Takes a step back, or does it again, and shows what it was about: the variant or the photo that it changed.
    fn turn_back(
        &mut self,
        ctx: &Context,
        word: &str,
        name: impl Fn(&Case) -> Option<&str>,
        action: impl FnOnce(&mut Desk) -> Result<(), Error>,
    ) {
        let Some(desk) = &mut self.desk else { return };
        let name = name(desk.case()).map(str::to_owned);
        let before = desk.kept();
        let done = action(desk);
        let elsewhere = desk.show_what_differs(&before);
        if self.report(ctx, done).is_some()
            && let (Some(name), Some(place)) = (name, elsewhere)
        {
            self.notices.done(ctx, format!("{word}{place}: {}", name.to_lowercase()));
        }
    }

    /// Goes through what the left of a comparison may show: before, and every other variant.
    fn compare_with_another(&mut self) {
        let Some(desk) = &self.desk else { return };
        let count = desk.document().variants.len();
        let others: Vec<usize> = (0..count).filter(|other| *other != desk.variant).collect();
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

    fn with_desk(&mut self, ctx: &Context, action: impl FnOnce(&mut Desk) -> Result<(), Error>) {
        if let Some(desk) = &mut self.desk {
            let done = action(desk);
            self.report(ctx, done);
        }
    }

    pub(super) fn with_case(&mut self, ctx: &Context, action: impl FnOnce(&mut Case) -> Result<(), Error>) {
        self.with_desk(ctx, |desk| desk.with_case(action));
    }

    fn turn(&mut self, ctx: &Context, turn: Turn) {
        let view = self.desk.as_ref().map_or(0, |d| d.view);
        self.with_case(ctx, |case| case.turn_view(view, turn));
    }
}

impl Desk {
    /// Shows a later or an earlier step.
    pub(super) fn step_by(&mut self, by: isize) {
        let Some(plan) = self.plan() else { return };
        let all = Sittings::of(plan).steps();
        let at = all.iter().position(|s| *s == self.step).unwrap_or(0);
        self.step = all[at.saturating_add_signed(by).min(all.len() - 1)];
    }
}
