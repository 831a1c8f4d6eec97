//! What each command does.

use std::path::{Path, PathBuf};

use egui::{Context, Theme};

use super::canvas::Compare;
use super::command::Command;
use super::desk::Desk;
use super::frame::Look;
use super::steps::steps;
use super::tools::Tool;
use super::{Studio, close};
use crate::case::{Case, Error, guess_view, sample};
use crate::ground::files::Existing;
use crate::photo::Turn;

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
            Command::NextStep | Command::PreviousStep | Command::Wipe | Command::SideBySide | Command::CopyVariant => {
                variants > 0
            }
            Command::NextVariant | Command::DeleteVariant => variants > 1,
            _ => true,
        }
    }

    /// Does what was asked for.
    pub(super) fn perform(&mut self, ctx: &Context, command: Command) {
        if !self.enabled(command) {
            return;
        }
        match command {
            Command::OpenSample => self.open_sample(ctx),
            Command::CloseCase => self.put_away(),
            Command::Quit => close(ctx),
            Command::Undo => self.with_case(ctx, |case| case.undo().map(drop)),
            Command::Redo => self.with_case(ctx, |case| case.redo().map(drop)),
            Command::Revert => self.with_case(ctx, Case::revert),
            Command::ForgetHistory => self.with_case(ctx, Case::forget_history),
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
            Command::Wipe => self.toggle(Compare::Wipe(0.5)),
            Command::SideBySide => self.toggle(Compare::Beside),
            Command::AllViews => self.toggle(Compare::AllViews),
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
            Command::NextVariant => desk.variant = (desk.variant + 1) % variants.max(1),
            Command::CopyVariant => {
                let (from, mut to) = (desk.variant, desk.variant);
                let copied = desk.change("Copy variant", |document| to = document.copy_variant(from).unwrap_or(from));
                desk.variant = to;
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

    fn toggle(&mut self, compare: Compare) {
        let same = std::mem::discriminant(&self.canvas.compare) == std::mem::discriminant(&compare);
        self.canvas.compare = if same { Compare::Off } else { compare };
    }

    fn with_case(&mut self, ctx: &Context, action: impl FnOnce(&mut Case) -> Result<(), Error>) {
        if let Some(desk) = &mut self.desk {
            let done = desk.with_case(action);
            self.report(ctx, done);
        }
    }

    fn turn(&mut self, ctx: &Context, turn: Turn) {
        let view = self.desk.as_ref().map_or(0, |d| d.view);
        self.with_case(ctx, |case| case.turn_view(view, turn));
    }

    /// Clears the desk.
    pub(super) fn put_away(&mut self) {
        self.desk = None;
        self.asked = None;
        self.canvas.clear();
    }

    /// Puts a case on the desk.
    pub(super) fn put_on_desk(&mut self, desk: Desk) {
        self.put_away();
        self.settings.opened(&desk.path());
        self.desk = Some(desk);
    }

    /// Opens a case, or adds photos to the one that is open, or begins one with them.
    pub(super) fn open_paths(&mut self, ctx: &Context, paths: &[PathBuf]) {
        let (cases, photos): (Vec<&PathBuf>, Vec<&PathBuf>) =
            paths.iter().partition(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("scalp")));
        if let Some(path) = cases.first() {
            match Desk::open(path) {
                Ok(desk) => self.put_on_desk(desk),
                Err(problem) => self.notices.problem(ctx, problem),
            }
        }
        for path in photos {
            if let Err(problem) = self.add_photo(path) {
                self.notices.problem(ctx, format!("{problem}: {}", path.display()));
            }
        }
    }

    fn add_photo(&mut self, path: &Path) -> Result<(), String> {
        let bytes = crate::photo::read_bytes(path, &self.options.limits).map_err(|e| e.to_string())?;
        let file_name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        if self.desk.is_none() {
            let case = self.new_case(&file_name)?;
            self.put_on_desk(Desk::new(case));
        }
        let limits = self.options.limits;
        let Some(desk) = &mut self.desk else { return Ok(()) };
        let names: Vec<&str> = desk.document().views.iter().map(|v| v.name.as_str()).collect();
        let view = guess_view(&file_name, &names);
        let index =
            desk.with_case(|case| case.add_photo(&view, &file_name, bytes, &limits)).map_err(|e| e.to_string())?;
        desk.view = index;
        Ok(())
    }

    /// A new, empty case in the folder for cases.
    fn new_case(&self, like: &str) -> Result<Case, String> {
        let stem = Path::new(like).file_stem().map_or_else(|| "Client".into(), |s| s.to_string_lossy());
        let path = self.free_path(&stem)?;
        Case::create_empty(&path, Existing::Refuse).map_err(|e| e.to_string())
    }

    /// A file name in the folder for cases that is not taken.
    fn free_path(&self, stem: &str) -> Result<PathBuf, String> {
        let folder = self.settings.folder_for_cases();
        std::fs::create_dir_all(&folder)
            .map_err(|e| format!("the folder for cases cannot be made ({e}): {}", folder.display()))?;
        let numbered = |n: u32| {
            let name = if n == 1 { format!("{stem}.scalp") } else { format!("{stem} {n}.scalp") };
            folder.join(name)
        };
        (1..10_000).map(numbered).find(|p| !p.exists()).ok_or_else(|| "too many cases of that name".to_owned())
    }

    fn open_sample(&mut self, ctx: &Context) {
        let made = self.free_path("Sample client").and_then(|path| {
            let views = sample::views().map_err(|e| e.to_string())?;
            let start = crate::case::Start::default();
            Case::create(&path, views, &start, Existing::Refuse, &self.options.limits).map_err(|e| e.to_string())
        });
        match made {
            Ok(case) => self.put_on_desk(Desk::new(case)),
            Err(problem) => self.notices.problem(ctx, problem),
        }
    }
}

impl Desk {
    /// Shows a later or an earlier step.
    fn step_by(&mut self, by: isize) {
        let Some(plan) = self.plan() else { return };
        let all = steps(&plan.sessions);
        let at = all.iter().position(|s| *s == self.step).unwrap_or(0);
        self.step = all[at.saturating_add_signed(by).min(all.len() - 1)];
    }
}
