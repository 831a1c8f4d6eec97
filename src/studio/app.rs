//! The window's state, and what happens in a frame.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Context, Event, Key, Modifiers, Panel, Rect, Ui, ViewportCommand};
use glam::DVec2;

use super::background::analysis::{self, Analysis, Reading, Request};
use super::background::engine::{self, Answer, Engine, Wanted};
use super::background::fonts::Letters;
use super::background::jobs::Jobs;
use super::background::keeper::Looked;
use super::background::outcome::Outcome;
use super::background::photo_cache::PhotoCache;
use super::background::practice::StudioFile;
use super::background::previews::Previews;
use super::background::shots::{SlotId, SlotUpdate};
use super::background::task::Task;
use super::background::{export, hand_over};
use super::controls::files::Files;
use super::controls::files::question::Purpose;
use super::controls::hand_over as hand_over_dialog;
use super::controls::modal::Modal;
use super::controls::notices::Notices;
use super::controls::panels::naming::Naming;
use super::controls::{confirm, fields, panels, theme, widgets};
use super::device::DeviceWatch;
use super::frame_times::FrameTimes;
use super::options::Options;
use super::session::aim::{Aim, Dropper};
use super::session::calibrator::Calibrator;
use super::session::colours::{Colours, Target};
use super::session::command::{self, Command};
use super::session::open_case::OpenCase;
use super::session::own_stubble::OwnStubble;
use super::session::player::Player;
use super::session::quote::Quoted;
use super::session::recent::Recent;
use super::session::section::Sections;
use super::session::settings::Settings;
use super::session::tool::Tool;
use super::tools::{Tools, skin_places};
use super::view::blitter::Blitter;
use super::view::canvas::{self, Canvas};
use super::view::card::Card;
use super::view::client::ClientScreen;
use super::view::covers::Covers;
use super::view::picture::Picture;
use super::view::thumbnails::Thumbnails;
use super::words;
use crate::case::CaseError;
use crate::case::document::PhotoKey;
use crate::case::picks::PickedTone;
use crate::reading::tone::Tone;
use crate::skin::calibration::CalibrationPatch;
use crate::skin::own_hair;

/// The window's state.
pub struct Studio {
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) case: Option<OpenCase>,
    pub(super) canvas: Canvas,
    pub(super) client: ClientScreen,
    pub(super) tools: Tools,
    pub(super) dropper: Dropper,
    pub(super) engine: Engine,
    pub(super) analysis: Analysis,
    pub(super) thumbnails: Thumbnails,
    pub(super) colours: Colours,
    pub(super) own_stubble: OwnStubble,
    pub(super) calibrator: Calibrator,
    pub(super) player: Player,
    /// The last request to the engine.
    pub(super) asked: Option<Wanted>,
    pub(super) notices: Notices,
    pub(super) jobs: Jobs<Outcome>,
    pub(super) files: Files,
    /// An export that would overwrite an existing file, while the user is asked about it.
    pub(super) replacing: Option<(Purpose, PathBuf)>,
    pub(super) modal: Option<Modal>,
    /// The choices made at the last picture export.
    pub(super) exported_last: export::Form,
    /// The choices made at the last hand-over.
    pub(super) handed_over_last: hand_over::Form,
    /// Previews of the products, while the hand-over dialog is open.
    pub(super) previews: Previews,
    pub(super) previewed: hand_over_dialog::Previewed,
    /// The studio's texts and prices.
    pub(super) studio_file: StudioFile,
    /// Price of the plan shown.
    pub(super) quoted: Quoted,
    pub(super) recent: Vec<Recent>,
    /// Thumbnails of the recent cases.
    pub(super) covers: Covers,
    /// Letters that need system fonts.
    pub(super) letters: Letters,
    /// Checks of recent cases that are still running.
    pub(super) recent_looks: Vec<Task<Recent>>,
    /// Closed cases with changes that a slow drive has not taken yet.
    pub(super) leaving: Vec<OpenCase>,
    /// The check whether a case that somebody else has open is free again, and when the next one is due.
    pub(super) case_freed: Option<Task<Option<Box<OpenCase>>>>,
    pub(super) look_again: f64,
    /// The check of the case that was opened, while it runs.
    pub(super) looking: Option<Task<Looked>>,
    /// Which parts of the open case are damaged.
    pub(super) damage: Option<String>,
    /// A case that could not be opened, and is to be rescued.
    pub(super) unreadable: Option<PathBuf>,
    /// A case that was begun without asking, while its client has no name.
    pub(super) naming: Option<Naming>,
    /// Files to open once the case that is being made is there.
    pub(super) early: Vec<PathBuf>,
    /// The window closes once no job is running.
    pub(super) close_when_done: bool,
    /// The window closes at this time on its clock even if a job is still running, s.
    pub(super) close_by: Option<f64>,
    /// The window's title.
    pub(super) title: String,
    /// The user has been told that the engine has stopped.
    pub(super) engine_loss_shown: bool,
    /// Which sections of the inspector are open.
    pub(super) sections: Sections,
    /// Set if the caller wants to learn of the loss of the graphics device.
    pub(super) device_watch: Option<Arc<DeviceWatch>>,
    pub(super) frame_times: FrameTimes,
    /// Commands of this frame, carried out after everything is shown.
    pub(super) commands: Vec<Command>,
}

impl Studio {
    /// A window that opens the case or photos named in `options`.
    #[must_use]
    pub fn new(ctx: &Context, options: Options) -> Self {
        egui_material_icons::initialize(ctx);
        // One pass per frame: a second one would see the same click again and act on it twice.
        ctx.options_mut(|options| options.max_passes = NonZeroUsize::MIN);
        let (settings, problem) = Settings::load(options.settings_folder.as_deref());
        theme::set(ctx);
        ctx.set_theme(if settings.light { egui::Theme::Light } else { egui::Theme::Dark });
        let photos = PhotoCache::new(options.limits);
        let mut studio = Self {
            settings,
            case: None,
            canvas: Canvas::default(),
            client: ClientScreen::default(),
            tools: Tools::default(),
            dropper: Dropper::default(),
            engine: engine::start(ctx, photos.clone()),
            analysis: analysis::start(ctx, photos.clone()),
            thumbnails: Thumbnails::default(),
            colours: Colours::default(),
            own_stubble: OwnStubble::default(),
            calibrator: Calibrator::default(),
            player: Player::default(),
            asked: None,
            notices: Notices::default(),
            jobs: Jobs::default(),
            files: Files::default(),
            replacing: None,
            modal: None,
            exported_last: export::Form::default(),
            handed_over_last: hand_over::Form::default(),
            previews: Previews::default(),
            previewed: hand_over_dialog::Previewed::default(),
            studio_file: StudioFile::default(),
            quoted: Quoted::default(),
            recent: Vec::new(),
            covers: Covers::default(),
            letters: Letters::default(),
            recent_looks: Vec::new(),
            leaving: Vec::new(),
            case_freed: None,
            look_again: 0.0,
            looking: None,
            damage: None,
            unreadable: None,
            naming: None,
            early: Vec::new(),
            close_when_done: false,
            close_by: None,
            title: String::new(),
            engine_loss_shown: false,
            sections: Sections::default(),
            device_watch: None,
            frame_times: FrameTimes::new(options.timings),
            commands: Vec::new(),
            options,
        };
        studio.tools.cover.photos = photos.clone();
        studio.tools.head.photos = photos;
        studio.tools.guides.switches = studio.settings.guides;
        studio.tools.head.finds_in_new_photos = studio.settings.finds_heads;
        studio.tools.head.snaps_to_edge = studio.settings.snaps_to_edge;
        if let Some(problem) = problem {
            studio.notices.problem(ctx, problem);
        }
        studio.check_recent();
        studio.tidy_up(ctx);
        let paths = std::mem::take(&mut studio.options.paths);
        studio.open_paths(ctx, &paths);
        studio
    }

    /// Like [`Studio::new`], with the canvas on the window's graphics card if the options say so.
    #[must_use]
    pub fn on_card(cc: &eframe::CreationContext, options: Options) -> Self {
        let (greeting, drawn_by) = (options.greeting.clone(), options.drawn_by);
        let mut studio = Self::new(&cc.egui_ctx, options);
        if let Some(greeting) = greeting {
            studio.notices.problem(&cc.egui_ctx, greeting);
        }
        studio.canvas.card = Card::new(cc.wgpu_render_state.as_ref(), drawn_by);
        studio.canvas.blitter = Blitter::new(cc.wgpu_render_state.as_ref());
        if studio.canvas.blitter.is_some() {
            // The window is cleared to the panels' colour; painting them would cost more than everything on them.
            cc.egui_ctx.all_styles_mut(|style| style.visuals.panel_fill = egui::Color32::TRANSPARENT);
        }
        studio
    }

    /// True while a job runs, or while pixels or numbers are still to come.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.jobs.running()
            || self.engine.busy()
            || self.analysis.busy()
            || self.files.busy()
            || self.looking.is_some()
            || !self.recent_looks.is_empty()
            || self.case.iter().chain(&self.leaving).any(OpenCase::is_away)
            || self.letters.busy()
            || self.studio_file.busy()
            || self.previews.busy()
            || self.tools.busy()
            || (self.case.is_none() && self.covers.busy())
            || self.wanted().is_some_and(|w| !self.is_asked(&w))
    }

    /// Where a pixel of the photo on the canvas appears in the window, points; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn screen_from_photo(&self, pixel: [f64; 2]) -> Option<egui::Pos2> {
        self.canvas.viewport().map(|viewport| viewport.screen_from_photo(pixel.into()))
    }

    /// Where a tile of a comparison shows a pixel of its photo, points; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn screen_from_tile(&self, tile: usize, pixel: [f64; 2]) -> Option<egui::Pos2> {
        self.canvas.tile_viewport(tile).map(|viewport| viewport.screen_from_photo(pixel.into()))
    }

    /// Whether the window's graphics card draws the canvas; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn is_on_card(&self) -> bool {
        self.canvas.card.is_some()
    }

    /// The open case.
    #[must_use]
    pub fn case(&self) -> Option<&OpenCase> {
        self.case.as_ref()
    }

    /// Where the photo on the canvas shows a point of the head, given in mm; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn screen_from_head(&self, point: glam::DVec3) -> Option<egui::Pos2> {
        self.canvas.viewport()?.screen_from_head(self.case.as_ref()?.camera()?, point)
    }

    /// Takes over the engine's results.
    fn take_reports(&mut self, ctx: &Context) {
        for answer in self.engine.reports() {
            match answer {
                Answer::Picture(slot, update) => self.take_picture(ctx, slot, &update),
                Answer::Served { took_ms } => {
                    self.frame_times.served(took_ms);
                    for picture in self.canvas.pictures.values_mut() {
                        picture.forget_before();
                    }
                }
                Answer::PhotoReady(photo, warnings) => {
                    for warning in warnings {
                        self.notices.problem(ctx, warning);
                    }
                    if let Some(case) = &mut self.case {
                        case.note_photo(photo, None);
                    }
                }
                Answer::PhotoFailed(photo, problem) => {
                    self.notices.problem(ctx, &problem);
                    if let Some(case) = &mut self.case {
                        case.note_photo(photo, Some(problem));
                    }
                }
                Answer::Fit(fit) => {
                    if let Some(case) = &mut self.case {
                        if fit.is_err() && self.tools.active.needs_head() {
                            self.tools.active = Tool::Head;
                        }
                        case.take_fit(fit);
                    }
                }
                Answer::Facts(facts) => {
                    self.colours.forehead = facts.forehead;
                    if let Some(case) = &mut self.case {
                        case.take_facts(facts);
                    }
                }
                Answer::Checks(list) => {
                    if let Some(case) = &mut self.case {
                        case.checklist = Some(list);
                    }
                }
            }
        }
    }

    /// Takes pixels for a picture, or the scene that the card is to draw.
    fn take_picture(&mut self, ctx: &Context, slot: SlotId, update: &SlotUpdate) {
        self.frame_times.pictured();
        if let SlotUpdate::Scene(scene) = update {
            if let Some(card) = &mut self.canvas.card
                && let Err(problem) = card.take(scene)
            {
                self.lose_card(ctx, &problem);
            }
            return;
        }
        let Canvas { pictures, blitter, .. } = &mut self.canvas;
        let blank = || Picture::new(&format!("{slot:?}"), blitter.clone());
        pictures.entry(slot).or_insert_with(blank).update(ctx, update);
    }

    /// Makes plans that are to follow the client's own hair follow it, once it has been looked for.
    fn follow_own_hair(&mut self, ctx: &Context) {
        let Some(case) = &mut self.case else { return };
        let first = case.wants_first_plan();
        if !first && (!self.own_stubble.follow || case.drafting()) {
            return;
        }
        let Some(fit) = case.fit().cloned() else { return };
        let Some(found) = self.own_stubble.own_hair(&fit).cloned() else {
            if self.own_stubble.ask_own_hair(&fit) {
                let views = 0..case.document().views.len();
                let sources = views.filter_map(|view| Some((view, case.sources([view]).pop()?))).collect();
                self.analysis.ask(Request::OwnHair(sources, fit));
            } else if !self.analysis.busy() {
                // Nobody is looking for it any more.
                self.own_stubble.take_own_hair(fit, None);
            }
            return;
        };
        let asked = std::mem::take(&mut self.own_stubble.follow);
        let changed = if first {
            case.plan_first(&found)
        } else {
            let plan =
                case.plan().zip(found.as_ref()).and_then(|(plan, found)| own_hair::followed(&found.0, plan, found.1));
            plan.map_or(Ok(()), |plan| case.change_plan("Follow own hair", |p| *p = plan))
        };
        let follows = case.plan().is_some_and(own_hair::follows);
        let case_is_found = case.document().views.iter().all(|view| view.landmarks.is_empty());
        if self.report(ctx, changed).is_none() {
            return;
        }
        // Nobody has to mark the head any more, so the tool changes to the one for the result: its hairline.
        if first && self.tools.active == Tool::Head && case_is_found && !self.tools.head.is_laying() {
            self.tools.active = Tool::default();
        }
        if follows {
            self.notices
                .done(ctx, "The plan follows the client's own shaved hair; \u{201c}Plan as usual\u{201d} undoes that");
        } else if asked {
            self.notices.problem(ctx, "No photo shows shaved hair on the sides or back that dots could follow");
        }
    }

    /// Continues with the processor after the card has stopped.
    fn lose_card(&mut self, ctx: &Context, problem: &crate::gpu::GpuError) {
        self.canvas.card = None;
        self.notices
            .problem(ctx, format!("The graphics card stopped ({problem}); the processor now makes the picture"));
    }

    pub(super) fn report<T>(&mut self, ctx: &Context, result: Result<T, crate::case::Error>) -> Option<T> {
        result.map_err(|problem| self.failed(ctx, &problem)).ok()
    }

    fn failed(&mut self, ctx: &Context, problem: &crate::case::Error) {
        if matches!(problem, crate::case::Error::Store(CaseError::Changed { .. })) {
            self.modal = Some(Modal::Question(confirm::Question::Reload));
        } else {
            self.notices.problem(ctx, words::sentence(problem));
        }
    }

    /// Says once that pictures will no longer be updated.
    fn check_engine(&mut self, ctx: &Context) {
        if self.engine.stopped() && !self.engine_loss_shown {
            self.engine_loss_shown = true;
            let text = "An internal error has stopped the drawing of pictures. The case is safe and saved: close the window \
                        and open it again.";
            self.notices.problem(ctx, text);
        }
    }

    /// What the window shows, as a request to the engine; none without a case.
    fn wanted(&self) -> Option<Wanted> {
        let case = self.case.as_ref()?;
        let shots = self.canvas.shots().iter().chain(self.client.shots()).cloned().collect();
        Some(Wanted {
            document: Arc::clone(case.document()),
            photos: Vec::new(),
            shots,
            variant: case.variant,
            client: self.colours.client(&case.document().client),
            settled: !case.drafting(),
        })
    }

    fn is_asked(&self, wanted: &Wanted) -> bool {
        self.asked.as_ref().is_some_and(|asked| {
            Arc::ptr_eq(&asked.document, &wanted.document)
                && asked.shots == wanted.shots
                && asked.variant == wanted.variant
                && asked.client == wanted.client
                && asked.settled == wanted.settled
        })
    }

    fn ask(&mut self) {
        let Some(wanted) = self.wanted() else { return };
        if self.is_asked(&wanted) {
            return;
        }
        // All photos: the client's skin may have to be read from one that is not shown.
        let views = wanted.shots.iter().map(|s| s.view).chain(0..wanted.document.views.len()).collect::<Vec<_>>();
        let photos = self.case.as_mut().map_or_else(Vec::new, |case| case.sources(views));
        self.asked = Some(wanted.clone());
        self.engine.ask(Wanted { photos, ..wanted });
    }

    /// Shows everything in the window, and returns the rectangle of its middle.
    fn panels(&mut self, ui: &mut Ui) -> Rect {
        if !self.settings.bare {
            Panel::top("menu").show(ui, |ui| self.top(ui));
            if let Some(case) = self.case.as_ref()
                && let Some(why) = case.read_only_reason()
            {
                let row = |ui: &mut Ui| panels::top::read_only(ui, why, case.owner());
                let asked = Panel::top("read only").show(ui, row).inner;
                self.commands.extend(asked);
            }
            if let Some(damage) = &self.damage {
                let asked = Panel::top("damaged").show(ui, |ui| panels::top::damaged(ui, damage)).inner;
                self.commands.extend(asked);
            }
            self.ask_name(ui);
            Panel::bottom("status").show(ui, |ui| {
                let hint = self.case.as_ref().map(|case| self.tools.hint(case, self.dropper.armed)).unwrap_or_default();
                let frame_ms = self.frame_times.last_frame_ms();
                let case = self.case.as_ref();
                let asked = panels::status::Status { case, hint: &hint, busy: self.engine.busy(), frame_ms }.show(ui);
                self.commands.extend(asked);
            });
            if let Some(case) = &self.case {
                let playing = self.player.playing();
                let row = |ui: &mut Ui| panels::bottom::show(ui, case, &self.thumbnails, playing);
                if let Some(asked) = Panel::bottom("steps").show(ui, row).inner {
                    self.on_bottom(ui.ctx(), asked);
                }
            }
            if let Some(case) = &self.case {
                let active = self.tools.active;
                let asked = Panel::left("tools")
                    .exact_size(46.0)
                    .resizable(false)
                    .show(ui, |ui| panels::left::show(ui, case, active));
                self.commands.extend(asked.inner);
            }
            if let Some(case) = &mut self.case {
                let width = self.settings.inspector_width;
                let panel = Panel::right("inspector").default_size(width).size_range(220.0..=420.0);
                let (colours, own_stubble, calibrator) =
                    (&mut self.colours, &mut self.own_stubble, &mut self.calibrator);
                let (tool, dropper) = (self.tools.active, &mut self.dropper);
                let (sections, guides) = (&mut self.sections, self.tools.guides.switches.shown);
                let quoted = &self.quoted;
                let inspector = panels::plan::Inspector {
                    case,
                    colours,
                    own_stubble,
                    calibrator,
                    quoted,
                    dropper,
                    tool,
                    sections,
                    guides,
                };
                let panel = panel.show(ui, |ui| inspector.show(ui, &mut self.tools));
                self.settings.inspector_width = panel.response.rect.width();
                if let Some(place) = panel.inner {
                    self.show_place(ui.ctx(), &place);
                }
            }
        }
        let mut asked = None;
        let middle = CentralPanel::no_frame().show(ui, |ui| match &mut self.case {
            Some(case) if case.document().views.is_empty() => {
                self.canvas.rest();
                ui.painter().rect_filled(ui.max_rect(), 0.0, ui.visuals().panel_fill);
                asked = panels::welcome::first_photos(ui).map(panels::welcome::Asked::Command);
            }
            Some(case) => self.canvas.show(ui, case, self.tools.active, |overlay| {
                self.tools.show(overlay, &mut self.dropper);
                if std::mem::take(&mut self.colours.points_at_skin) {
                    skin_places::show(overlay, &self.colours);
                }
            }),
            None => {
                ui.painter().rect_filled(ui.max_rect(), 0.0, ui.visuals().panel_fill);
                self.covers.fetch(ui.ctx(), &self.recent, &self.options.limits);
                asked = panels::welcome::show(ui, &self.recent, &self.covers);
            }
        });
        match asked {
            Some(panels::welcome::Asked::Command(command)) => self.commands.push(command),
            Some(panels::welcome::Asked::Recent(path)) => self.open_paths(&ui.ctx().clone(), &[path]),
            None => {}
        }
        middle.response.rect
    }

    fn top(&mut self, ui: &mut Ui) {
        let enabled = |command| self.enabled(command);
        let top = panels::top::Top {
            case: self.case.as_ref(),
            compare: self.canvas.compare,
            enabled: &enabled,
            recent: &self.recent,
            notes_recent: self.settings.notes_recent,
        };
        if let Some(asked) = top.show(ui) {
            self.on_top(ui.ctx(), asked);
        }
    }

    /// Collects the commands whose shortcuts were pressed.
    fn shortcuts(&mut self, ctx: &Context) {
        if self.covered() {
            return;
        }
        let typing = ctx.text_edit_focused();
        for &(command, shortcut) in command::keyed() {
            let plain = !shortcut.modifiers.any();
            if !(plain && typing) && self.enabled(command) && ctx.input_mut(|i| i.consume_shortcut(&shortcut)) {
                self.commands.push(command);
            }
        }
    }

    /// Collects the commands whose shortcuts were pressed after an Escape in the frame in which that has closed what
    /// lay over the window: those keys were not meant for what is closed.
    fn shortcuts_after_escape(&mut self, pressed: &[(Modifiers, Key)]) {
        if self.covered() {
            return;
        }
        for &(modifiers, key) in pressed {
            let meant = command::keyed().iter().find(|(command, shortcut)| {
                shortcut.logical_key == key && modifiers.matches_logically(shortcut.modifiers) && self.enabled(*command)
            });
            self.commands.extend(meant.map(|(command, _)| *command));
        }
    }

    /// Reads photos for other purposes than rendering: thumbnails, colours and shaved hair.
    fn read_photos(&mut self, ctx: &Context) {
        // A pick becomes an undo step of its own, which must not fall in the middle of a gesture.
        let drafting = self.case.as_ref().is_some_and(OpenCase::drafting);
        let reports = if drafting { Vec::new() } else { self.analysis.reports() };
        for report in reports {
            match report {
                Reading::Thumbnail(photo, jpeg, image) => {
                    self.thumbnails.put(ctx, photo, image);
                    if let Some(case) = &mut self.case {
                        case.keep_thumbnail(photo, &jpeg);
                    }
                }
                Reading::Picked(photo, target, middle_px, tone) => self.keep_pick(ctx, photo, target, middle_px, tone),
                Reading::Follicles(question, found) => self.own_stubble.take(&question, *found),
                Reading::Calibration(question, found) => self.calibrator.take(&question, found),
                Reading::OwnHair(fit, found) => self.own_stubble.take_own_hair(fit, found),
                Reading::Problem(problem) => self.notices.problem(ctx, problem),
            }
        }
        self.follow_own_hair(ctx);
        let Some(case) = &mut self.case else { return };
        if let Some(pick) = self.dropper.picked.take()
            && let Some(source) = case.sources([pick.view]).pop()
        {
            match pick.aim {
                Aim::Tone(target) => self.analysis.ask(Request::Pick(source, target, pick.middle_px, pick.radius_px)),
                Aim::Follicles { .. } => self.own_stubble.pick(source.key, pick.middle_px),
                Aim::Healed(place) => {
                    self.calibrator.pick(place, source.key, pick.middle_px);
                    // After bare skin, the next click is for treated skin.
                    self.dropper.armed =
                        (place == CalibrationPatch::Bare).then_some(Aim::Healed(CalibrationPatch::Treated));
                }
            }
        }
        let (down, escape) = ctx.input(|i| (i.pointer.any_down(), i.key_pressed(Key::Escape)));
        if escape {
            self.own_stubble.give_up();
            self.calibrator.give_up();
        }
        // While a radius or a point of the head is being dragged nothing is measured; only once it stays put.
        if !down
            && let Some(fit) = case.fit().cloned()
            && let Some(question) = self.own_stubble.ask(case.document(), &fit)
        {
            match case.sources([question.view]).pop() {
                Some(source) => self.analysis.ask(Request::Follicles(source, question)),
                None => self.own_stubble.take(&question, Err("the photo cannot be read".to_owned())),
            }
        }
        // Likewise for anything typed or dragged; and the picture is computed first.
        if !down
            && !case.drafting()
            && !self.engine.busy()
            && let Some(facts) = case.facts_shown()
            && let Some(question) = self.calibrator.ask(case.document(), facts)
        {
            match case.sources([question.view]).pop() {
                Some(source) => self.analysis.ask(Request::Calibration(source, Box::new(question))),
                None => self.calibrator.take(&question, Err("the photo cannot be read".to_owned())),
            }
        }
        // The picture on the canvas and an ongoing gesture take precedence.
        if self.engine.busy() || case.drafting() {
            return;
        }
        self.thumbnails.fetch(ctx, case, &mut self.analysis, &self.options.limits);
    }

    /// Keeps a colour that was picked, unless its photo has been removed in the meantime.
    fn keep_pick(&mut self, ctx: &Context, photo: PhotoKey, target: Target, middle_px: DVec2, tone: Tone) {
        let Some(case) = &mut self.case else { return };
        let Some(record) = case.document().views.iter().find(|record| PhotoKey::of(record) == photo) else { return };
        let pick = PickedTone::new(tone, &record.name, middle_px.to_array());
        let name = format!("Pick {}", target.name().to_lowercase());
        let kept = case.change(&name, |document| *target.place(&mut document.client) = Some(pick));
        self.report(ctx, kept);
    }

    fn drops(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if !dropped.is_empty() {
            self.open_paths(ctx, &dropped);
        }
    }

    /// A gesture ends when every pointer button is up; Escape cancels it.
    fn gestures(&mut self, ctx: &Context) {
        let (down, escape) = ctx.input(|i| (i.pointer.any_down(), i.key_pressed(Key::Escape)));
        let Some(case) = &mut self.case else { return };
        if escape {
            case.abandon();
        }
        if !down {
            let settled = case.settle();
            if case.is_writing() {
                ctx.request_repaint_after(Duration::from_millis(100));
            }
            self.report(ctx, settled);
            self.take_done(ctx);
        }
    }
}

impl eframe::App for Studio {
    /// The colour beneath everything: the photo's surround, or that of the panels where they are not painted.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        let painted = visuals.panel_fill != egui::Color32::TRANSPARENT;
        let colour = if painted { canvas::surround(visuals) } else { visuals.window_fill };
        colour.to_normalized_gamma_f32()
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        if let Some(device_watch) = &self.device_watch {
            // Until something has been read, the requested paths are all there is.
            if self.case.is_some() || !self.jobs.running() {
                device_watch.keep(self.case.iter().map(OpenCase::path).collect());
            }
            if device_watch.lost().is_some() {
                // Nothing requested from now on could be shown.
                self.close_when_done = true;
                close(&ctx);
            }
        }
        self.frame_times.begin();
        self.take_reports(&ctx);
        self.take_job_results(&ctx);
        self.take_recent_looks();
        self.wait_for_case(&ctx);
        self.save_leaving(&ctx);
        self.follow_quote(&ctx);
        if let Some(case) = &mut self.case {
            let kept = case.keep_lines();
            self.report(&ctx, kept);
        }
        self.take_looked(&ctx);
        self.follow_letters(&ctx);
        self.show_notes(&ctx);
        self.check_engine(&ctx);
        self.closing(&ctx);
        self.drops(&ctx);
        self.shortcuts(&ctx);
        let later_keys = if self.covered() { keys_after_escape(&ctx) } else { Vec::new() };
        if let Some(case) = &mut self.case {
            self.player.play(&ctx, case);
        }
        let middle = self.panels(ui);
        self.client.show(&ctx, self.case.as_ref(), &self.canvas, self.tools.active);
        if self.client.lost_monitor() {
            let text = "The client screen has lost its monitor and is a window again. Press F11 in it to fill the monitor \
                        it is on.";
            self.notices.problem(&ctx, text);
        }
        if let Some(problem) = self.canvas.card_problem.take() {
            self.lose_card(&ctx, &problem);
        }
        self.show_modal(&ctx);
        self.shortcuts_after_escape(&later_keys);
        if self.tools.trace.take_asked() {
            self.commands.push(Command::ReadBack);
        }
        for command in std::mem::take(&mut self.commands) {
            self.perform(&ctx, command);
        }
        self.files.ask_system(&ctx, frame);
        self.gestures(&ctx);
        self.ask();
        self.read_photos(&ctx);
        if let Some(complaint) = fields::complaint(&ctx) {
            self.notices.problem(&ctx, complaint);
        }
        widgets::show_focus(&ctx, self.canvas.viewport().map(|viewport| viewport.rect));
        let above = self.jobs.show(&ctx, self.canvas.above_banner(middle));
        self.notices.show(&ctx, above);
        self.title(&ctx);
        self.settings.window = ctx.input(|i| i.viewport().inner_rect).map(|r| r.size().into()).or(self.settings.window);
        self.frame_times.end(self.case.as_ref().is_some_and(OpenCase::drafting), self.busy());
    }

    fn on_exit(&mut self) {
        self.settings.guides = self.tools.guides.switches;
        self.settings.finds_heads = self.tools.head.finds_in_new_photos;
        self.settings.snaps_to_edge = self.tools.head.snaps_to_edge;
        self.settings.save(self.options.settings_folder.as_deref());
        // Here, since not every system lets a program end in order.
        self.case = None;
        self.frame_times.report();
    }
}

/// The keys that were pressed after an Escape within this frame.
fn keys_after_escape(ctx: &Context) -> Vec<(Modifiers, Key)> {
    let pressed = |event: &Event| match event {
        Event::Key { key, pressed: true, modifiers, .. } => Some((*modifiers, *key)),
        _ => None,
    };
    let keys: Vec<_> = ctx.input(|i| i.events.iter().filter_map(pressed).collect());
    let escape = keys.iter().position(|(_, key)| *key == Key::Escape);
    escape.map_or_else(Vec::new, |at| keys[at + 1..].to_vec())
}

/// Asks the window to close.
pub(super) fn close(ctx: &Context) {
    ctx.send_viewport_cmd(ViewportCommand::Close);
}
