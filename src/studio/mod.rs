//! The studio: the window in which a technician and a client design a hairline on the client's own photos.
//!
//! [`Studio`] is the window's state. Each frame it takes over what the [`engine`] has worked out, shows the panels, does the
//! [`command`]s that were asked for, turns a finished gesture into a step of the case ([`desk`]), and asks the engine for
//! what is to be seen next. Everything slow happens elsewhere; nothing is asked for that has not changed.

mod blitter;
mod calibrator;
mod canvas;
mod card;
mod checklist;
mod client;
mod colours;
pub mod command;
mod confirm;
mod darkroom;
mod desk;
mod engine;
mod errand;
mod export;
mod fields;
mod files;
mod follicles;
mod frame;
mod guides;
mod help;
mod jobs;
mod notices;
mod overlay;
mod pace;
mod palette;
mod panels;
mod perform;
mod picture;
mod player;
mod settings;
mod shots;
pub mod steps;
mod theme;
mod thumbnails;
mod tiles;
pub mod tools;
mod widgets;
mod window;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{CentralPanel, Context, Key, Panel, Rect, Ui, ViewportCommand};
use glam::DVec2;

use crate::case::CaseError;
use crate::case::picks::PickedTone;
use crate::reading::tone::Tone;
use crate::reading::views;
use crate::skin::calibration::Place;
use crate::skin::own_hair;
use blitter::Blitter;
use calibrator::Calibrator;
use canvas::Canvas;
use card::Card;
use client::ClientScreen;
use colours::{Colours, Target};
use command::Command;
use darkroom::{Darkroom, Job, Print};
pub use desk::Desk;
use engine::{Answer, Engine, Wanted};
use files::{Files, Purpose, Recent};
use follicles::Follicles;
use jobs::Jobs;
use notices::Notices;
use overlay::{Outcome, Overlay};
use pace::Pace;
use player::Player;
use settings::Settings;
use shots::PhotoKey;
use thumbnails::Thumbnails;
use tools::Tools;
use tools::dropper::Aim;
use window::Fate;
pub use window::{Closed, LOSE_AFTER, Options, StudioError, run};

/// The window's state.
pub struct Studio {
    options: Options,
    settings: Settings,
    desk: Option<Desk>,
    canvas: Canvas,
    client: ClientScreen,
    tools: Tools,
    engine: Engine,
    darkroom: Darkroom,
    thumbnails: Thumbnails,
    colours: Colours,
    follicles: Follicles,
    calibrator: Calibrator,
    player: Player,
    /// What the engine was asked for last.
    asked: Option<Wanted>,
    notices: Notices,
    jobs: Jobs<Outcome>,
    files: Files,
    /// What was to be written onto a file that is there, while the user is asked about it.
    replacing: Option<(Purpose, PathBuf)>,
    overlay: Option<Overlay>,
    /// What was chosen when pictures were exported last.
    exported_last: export::Form,
    recent: Vec<Recent>,
    /// The window closes once no job is running.
    close_when_done: bool,
    /// The window's title.
    title: String,
    /// The user knows that the engine has stopped.
    told_of_engine: bool,
    /// The inspector is to show its checks.
    goes_to_checks: bool,
    /// What becomes of the window, where somebody opened it who wants to know.
    fate: Option<Arc<Fate>>,
    pace: Pace,
    /// Commands of this frame, done after everything is shown.
    commands: Vec<Command>,
}

impl Studio {
    /// A window that opens what `options` says.
    #[must_use]
    pub fn new(ctx: &Context, options: Options) -> Self {
        egui_material_icons::initialize(ctx);
        // One pass a frame: a second one would see the same click again and do twice what was asked once.
        ctx.options_mut(|options| options.max_passes = NonZeroUsize::MIN);
        let (settings, problem) = Settings::load(options.settings_folder.as_deref());
        theme::set(ctx);
        ctx.set_theme(if settings.light { egui::Theme::Light } else { egui::Theme::Dark });
        let (waker, darkroom_waker) = (ctx.clone(), ctx.clone());
        let mut studio = Self {
            settings,
            desk: None,
            canvas: Canvas::default(),
            client: ClientScreen::default(),
            tools: Tools::default(),
            engine: Engine::start(move || waker.request_repaint(), options.limits),
            darkroom: Darkroom::start(move || darkroom_waker.request_repaint(), options.limits),
            thumbnails: Thumbnails::default(),
            colours: Colours::default(),
            follicles: Follicles::default(),
            calibrator: Calibrator::default(),
            player: Player::default(),
            asked: None,
            notices: Notices::default(),
            jobs: Jobs::default(),
            files: Files::default(),
            replacing: None,
            overlay: None,
            exported_last: export::Form::default(),
            recent: Vec::new(),
            close_when_done: false,
            title: String::new(),
            told_of_engine: false,
            goes_to_checks: false,
            fate: None,
            pace: Pace::new(options.timings),
            commands: Vec::new(),
            options,
        };
        studio.tools.head.limits = studio.options.limits;
        studio.tools.guides.switches = studio.settings.guides;
        if let Some(problem) = problem {
            studio.notices.problem(ctx, problem);
        }
        studio.look_for_recent();
        let paths = std::mem::take(&mut studio.options.paths);
        studio.open_paths(ctx, &paths);
        studio
    }

    /// The same, with the canvas on the window's graphics card where that is a real one.
    #[must_use]
    pub fn on_card(cc: &eframe::CreationContext, options: Options) -> Self {
        let greeting = options.greeting.clone();
        let mut studio = Self::new(&cc.egui_ctx, options);
        if let Some(greeting) = greeting {
            studio.notices.problem(&cc.egui_ctx, greeting);
        }
        studio.canvas.card = Card::new(cc.wgpu_render_state.as_ref());
        studio.canvas.blitter = Blitter::new(cc.wgpu_render_state.as_ref());
        if studio.canvas.blitter.is_some() {
            // The window is cleared to their colour; painting them would cost more than all that is on them.
            cc.egui_ctx.all_styles_mut(|style| style.visuals.panel_fill = egui::Color32::TRANSPARENT);
        }
        studio
    }

    /// True while a job runs, or pixels or numbers are still to come.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.jobs.running()
            || self.engine.busy()
            || self.darkroom.busy()
            || self.tools.busy()
            || self.wanted().is_some_and(|w| !self.is_asked(&w))
    }

    /// Where a pixel of the photo on the canvas is in the window, points; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn screen_from_photo(&self, pixel: [f64; 2]) -> Option<egui::Pos2> {
        self.canvas.frame().map(|frame| frame.screen_from_photo(pixel.into()))
    }

    /// The open case.
    #[must_use]
    pub fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    /// Where the photo on the canvas shows a point of the head, mm.
    #[doc(hidden)]
    #[must_use]
    pub fn screen_from_head(&self, point: glam::DVec3) -> Option<egui::Pos2> {
        self.canvas.frame()?.screen_from_head(self.desk.as_ref()?.camera()?, point)
    }

    fn hear(&mut self, ctx: &Context) {
        for answer in self.engine.answers() {
            match &answer {
                Answer::Picture(_, shots::SlotUpdate::Scene(scene)) => {
                    self.pace.pictured();
                    if let Some(card) = &mut self.canvas.card
                        && let Err(problem) = card.take(scene)
                    {
                        self.lose_card(ctx, &problem);
                    }
                }
                Answer::Picture(slot, update) => {
                    self.pace.pictured();
                    let Canvas { pictures, blitter, .. } = &mut self.canvas;
                    let blank = || picture::Picture::new(&format!("{slot:?}"), blitter.clone());
                    let picture = pictures.entry(*slot).or_insert_with(blank);
                    picture.update(ctx, update);
                }
                Answer::Served { took_ms, .. } => {
                    self.pace.served(*took_ms);
                    for picture in self.canvas.pictures.values_mut() {
                        picture.forget_before();
                    }
                }
                Answer::PhotoReady(_, warnings) => {
                    for warning in warnings {
                        self.notices.problem(ctx, warning);
                    }
                }
                Answer::PhotoFailed(_, problem) => self.notices.problem(ctx, problem),
                Answer::Fit(_) | Answer::Facts(_) | Answer::Checks(_) => {}
            }
            if let Some(desk) = &mut self.desk {
                desk.hear(&answer);
                if matches!(answer, Answer::Fit(Err(_))) && self.tools.active.needs_head() {
                    self.tools.active = tools::Tool::Head;
                }
            }
        }
    }

    /// Plans that are to follow the client's own hair do, once it was looked for.
    fn follow_own_hair(&mut self, ctx: &Context) {
        let Some(desk) = &mut self.desk else { return };
        let first = desk.wants_first_plan();
        if !first && (!self.follicles.follow || desk.drafting()) {
            return;
        }
        let Some(fit) = desk.fit().cloned() else { return };
        let Some(sides) = self.follicles.sides(&fit).cloned() else {
            if self.follicles.ask_sides(&fit) {
                let views = 0..desk.document().views.len();
                let sources = views.filter_map(|view| Some((view, desk.sources([view]).pop()?))).collect();
                self.darkroom.ask(Job::OwnHair(sources, fit));
            } else if !self.darkroom.busy() {
                // Nobody is looking any more.
                self.follicles.hear_sides(fit, None);
            }
            return;
        };
        let asked = std::mem::take(&mut self.follicles.follow);
        let changed = if first {
            desk.plan_first(&sides)
        } else {
            let plan =
                desk.plan().zip(sides.as_ref()).and_then(|(plan, sides)| own_hair::followed(&sides.0, plan, sides.1));
            plan.map_or(Ok(()), |plan| desk.change_plan("Follow own hair", |p| *p = plan))
        };
        let follows = desk.plan().is_some_and(own_hair::follows);
        if self.report(ctx, changed).is_none() {
            return;
        }
        if follows {
            self.notices.done(
                ctx,
                "The plan follows the client's own shaved hair; \u{201c}Plan as usual\u{201d} takes that back",
            );
        } else if asked {
            self.notices.problem(ctx, "No photo shows shaved hair on the sides and the back that dots could follow");
        }
    }

    /// The processor goes on where the card has stopped.
    fn lose_card(&mut self, ctx: &Context, problem: &crate::gpu::GpuError) {
        self.canvas.card = None;
        self.notices
            .problem(ctx, format!("The graphics card stopped ({problem}); the picture is made by the processor"));
    }

    fn report<T>(&mut self, ctx: &Context, result: Result<T, crate::case::Error>) -> Option<T> {
        result.map_err(|problem| self.failed(ctx, &problem)).ok()
    }

    fn failed(&mut self, ctx: &Context, problem: &crate::case::Error) {
        if matches!(problem, crate::case::Error::Store(CaseError::Changed { .. })) {
            self.overlay = Some(Overlay::Question(confirm::Question::Reload));
        } else {
            self.notices.problem(ctx, files::sentence(problem));
        }
    }

    /// Says once that pictures will no longer follow.
    fn check_engine(&mut self, ctx: &Context) {
        if self.engine.stopped() && !self.told_of_engine {
            self.told_of_engine = true;
            let text = "An internal error stopped the drawing of pictures. The case is safe and saved: close the window \
                        and open it again.";
            self.notices.problem(ctx, text);
        }
    }

    /// What the window shows, as a wish for the engine; none without a case.
    fn wanted(&self) -> Option<Wanted> {
        let desk = self.desk.as_ref()?;
        let shots = self.canvas.shots().iter().chain(self.client.shots()).cloned().collect();
        Some(Wanted {
            document: Arc::clone(desk.document()),
            photos: Vec::new(),
            shots,
            variant: desk.variant,
            client: self.colours.client(&desk.document().client),
            settled: !desk.drafting(),
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
        // All of them: the client's skin may be told by a photo that is not shown.
        let views = wanted.shots.iter().map(|s| s.view).chain(0..wanted.document.views.len()).collect::<Vec<_>>();
        let photos = self.desk.as_mut().map_or_else(Vec::new, |desk| desk.sources(views));
        self.asked = Some(wanted.clone());
        self.engine.ask(Wanted { photos, ..wanted });
    }

    /// Shows everything in the window, and gives where its middle is.
    fn panels(&mut self, ui: &mut Ui) -> Rect {
        if !self.settings.bare {
            Panel::top("menu").show(ui, |ui| self.top(ui));
            if let Some(why) = self.desk.as_ref().and_then(|desk| desk.case().read_only_reason()) {
                let asked = Panel::top("read only").show(ui, |ui| panels::top::read_only(ui, &why)).inner;
                self.commands.extend(asked);
            }
            Panel::bottom("status").show(ui, |ui| {
                let hint = self.desk.as_ref().map(|desk| self.tools.hint(desk)).unwrap_or_default();
                let frame_ms = self.pace.last_frame_ms();
                let desk = self.desk.as_ref();
                let asked = panels::status::Status { desk, hint: &hint, busy: self.engine.busy(), frame_ms }.show(ui);
                self.commands.extend(asked);
            });
            if let Some(desk) = &self.desk {
                let playing = self.player.playing();
                let row = |ui: &mut Ui| panels::bottom::show(ui, desk, &self.thumbnails, playing);
                if let Some(asked) = Panel::bottom("steps").show(ui, row).inner {
                    self.on_bottom(ui.ctx(), asked);
                }
            }
            if let Some(desk) = &self.desk {
                let tools = &self.tools;
                let asked = Panel::left("tools")
                    .exact_size(46.0)
                    .resizable(false)
                    .show(ui, |ui| panels::left::show(ui, desk, tools));
                self.commands.extend(asked.inner);
            }
            if let Some(desk) = &mut self.desk {
                let width = self.settings.inspector_width;
                let panel = Panel::right("inspector").default_size(width).size_range(220.0..=420.0);
                let (colours, follicles, calibrator) = (&mut self.colours, &mut self.follicles, &mut self.calibrator);
                let tools = &mut self.tools;
                let goes_to_checks = std::mem::take(&mut self.goes_to_checks);
                let inspector = panels::plan::Inspector { desk, colours, follicles, calibrator, tools, goes_to_checks };
                let panel = panel.show(ui, |ui| inspector.show(ui));
                self.settings.inspector_width = panel.response.rect.width();
                if let Some(place) = panel.inner {
                    self.show_place(ui.ctx(), &place);
                }
            }
        }
        let mut asked = None;
        let middle = CentralPanel::no_frame().show(ui, |ui| match &mut self.desk {
            Some(desk) if desk.document().views.is_empty() => {
                self.canvas.rest();
                ui.painter().rect_filled(ui.max_rect(), 0.0, ui.visuals().panel_fill);
                asked = panels::welcome::first_photos(ui).map(panels::welcome::Asked::Command);
            }
            Some(desk) => self.canvas.show(ui, desk, &mut self.tools),
            None => {
                ui.painter().rect_filled(ui.max_rect(), 0.0, ui.visuals().panel_fill);
                asked = panels::welcome::show(ui, &self.recent);
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
            desk: self.desk.as_ref(),
            compare: self.canvas.compare,
            enabled: &enabled,
            recent: &self.recent,
        };
        if let Some(asked) = top.show(ui) {
            self.on_top(ui.ctx(), asked);
        }
    }

    /// Commands that are asked for by their keys.
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

    /// Looks at photos apart from rendering: small pictures, colours and shaved hair.
    fn look(&mut self, ctx: &Context) {
        // What was picked is a step of its own: not in the middle of a gesture.
        let drafting = self.desk.as_ref().is_some_and(Desk::drafting);
        let prints = if drafting { Vec::new() } else { self.darkroom.prints() };
        for print in prints {
            match print {
                Print::Thumbnail(photo, jpeg, image) => {
                    self.thumbnails.put(ctx, photo, image);
                    if let Some(desk) = &mut self.desk {
                        desk.keep_thumbnail(photo, &jpeg);
                    }
                }
                Print::Forehead(tone) => self.colours.measured(tone),
                Print::Picked(photo, target, middle_px, tone) => self.keep_pick(ctx, photo, target, middle_px, tone),
                Print::Follicles(question, found) => self.follicles.hear(&question, *found),
                Print::Calibration(question, found) => self.calibrator.hear(&question, found),
                Print::OwnHair(fit, sides) => self.follicles.hear_sides(fit, sides),
                Print::Problem(problem) => self.notices.problem(ctx, problem),
                Print::Nothing => {}
            }
        }
        self.follow_own_hair(ctx);
        let Some(desk) = &mut self.desk else { return };
        if let Some(pick) = self.tools.dropper.picked.take()
            && let Some(source) = desk.sources([pick.view]).pop()
        {
            match pick.aim {
                Aim::Tone(target) => self.darkroom.ask(Job::Pick(source, target, pick.middle_px, pick.radius_px)),
                Aim::Follicles { .. } => self.follicles.pick(source.key, pick.middle_px),
                Aim::Healed(place) => {
                    self.calibrator.pick(place, source.key, pick.middle_px);
                    // The one place follows the other.
                    self.tools.dropper.armed = (place == Place::Bare).then_some(Aim::Healed(Place::Treated));
                }
            }
        }
        let (down, escape) = ctx.input(|i| (i.pointer.any_down(), i.key_pressed(Key::Escape)));
        if escape {
            self.follicles.give_up();
            self.calibrator.give_up();
        }
        // A radius that is dragged, and a head whose points are, are measured once they stay.
        if !down
            && let Some(fit) = desk.fit().cloned()
            && let Some(question) = self.follicles.ask(desk.document(), &fit)
        {
            match desk.sources([question.view]).pop() {
                Some(source) => self.darkroom.ask(Job::Follicles(source, question)),
                None => self.follicles.hear(&question, Err("the photo cannot be read".to_owned())),
            }
        }
        // What is typed and dragged is measured once it stays, and the picture goes first.
        if !down
            && !desk.drafting()
            && !self.engine.busy()
            && let Some(fit) = desk.fit().cloned()
            && let Some(question) = self.calibrator.ask(desk.document(), desk.variant, desk.facts.skin, &fit)
        {
            match desk.sources([question.view]).pop() {
                Some(source) => self.darkroom.ask(Job::Calibration(source, Box::new(question))),
                None => self.calibrator.hear(&question, Err("the photo cannot be read".to_owned())),
            }
        }
        // The picture on the canvas comes first, and a gesture.
        if self.engine.busy() || desk.drafting() {
            return;
        }
        if let Some(fit) = desk.fit().cloned()
            && let Some(view) = views::of_forehead(fit.head(), &fit.views(desk.document()))
            && self.colours.ask(PhotoKey::of(&desk.document().views[view.index]), &fit)
            && let Some(source) = desk.sources([view.index]).pop()
        {
            self.darkroom.ask(Job::Forehead(source, fit, view.index));
        }
        self.thumbnails.fetch(ctx, desk, &mut self.darkroom, &self.options.limits);
    }

    /// Keeps a colour that was picked, unless its photo is gone meanwhile.
    fn keep_pick(&mut self, ctx: &Context, photo: PhotoKey, target: Target, middle_px: DVec2, tone: Tone) {
        let Some(desk) = &mut self.desk else { return };
        let Some(record) = desk.document().views.iter().find(|record| PhotoKey::of(record) == photo) else { return };
        let pick = PickedTone::new(tone, &record.name, middle_px.to_array());
        let name = format!("Pick {}", target.name().to_lowercase());
        let kept = desk.change(&name, |document| *target.place(&mut document.client) = Some(pick));
        self.report(ctx, kept);
    }

    fn drops(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if !dropped.is_empty() {
            self.open_paths(ctx, &dropped);
        }
    }

    /// A gesture ends when every button of the pointer is up; Escape takes it back.
    fn gestures(&mut self, ctx: &Context) {
        let (down, escape) = ctx.input(|i| (i.pointer.any_down(), i.key_pressed(Key::Escape)));
        let Some(desk) = &mut self.desk else { return };
        if escape {
            desk.abandon();
        }
        if !down {
            let settled = desk.settle();
            self.report(ctx, settled);
        }
    }
}

impl eframe::App for Studio {
    /// What lies under everything: what surrounds the photo, or the panels where they are not painted.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        let painted = visuals.panel_fill != egui::Color32::TRANSPARENT;
        let colour = if painted { canvas::surround(visuals) } else { visuals.window_fill };
        colour.to_normalized_gamma_f32()
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        if let Some(fate) = &self.fate {
            // Until something was read, what was asked for is all there is.
            if self.desk.is_some() || !self.jobs.running() {
                fate.keep(self.desk.iter().map(Desk::path).collect());
            }
            if fate.lost().is_some() {
                // Nothing that is asked for now could be shown.
                self.close_when_done = true;
                close(&ctx);
            }
        }
        self.pace.begin();
        self.hear(&ctx);
        self.hear_jobs(&ctx);
        self.tell_notes(&ctx);
        self.check_engine(&ctx);
        self.closing(&ctx);
        self.drops(&ctx);
        self.shortcuts(&ctx);
        if let Some(desk) = &mut self.desk {
            self.player.play(&ctx, desk);
        }
        let middle = self.panels(ui);
        self.client.show(&ctx, self.desk.as_ref(), &self.canvas, self.tools.active);
        if self.client.left_monitor() {
            let text =
                "The client screen has lost its monitor and is a window again. F11 in it fills the monitor it is on.";
            self.notices.problem(&ctx, text);
        }
        if let Some(problem) = self.canvas.card_problem.take() {
            self.lose_card(&ctx, &problem);
        }
        self.show_overlay(&ctx);
        for command in std::mem::take(&mut self.commands) {
            self.perform(&ctx, command);
        }
        self.files.ask_system(&ctx, frame);
        self.gestures(&ctx);
        self.ask();
        self.look(&ctx);
        if let Some(complaint) = fields::complaint(&ctx) {
            self.notices.problem(&ctx, complaint);
        }
        let above = self.jobs.show(&ctx, middle);
        self.notices.show(&ctx, above);
        self.title(&ctx);
        self.settings.window = ctx.input(|i| i.viewport().inner_rect).map(|r| r.size().into()).or(self.settings.window);
        self.pace.end(self.desk.as_ref().is_some_and(Desk::drafting));
    }

    fn on_exit(&mut self) {
        self.settings.guides = self.tools.guides.switches;
        self.settings.save(self.options.settings_folder.as_deref());
        self.pace.report();
    }
}

/// Asks the window to close.
fn close(ctx: &Context) {
    ctx.send_viewport_cmd(ViewportCommand::Close);
}
