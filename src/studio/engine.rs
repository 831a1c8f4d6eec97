//! The work behind the window: decoding, fitting, placing and rendering on a thread of its own.
//!
//! The window says what it wants to see ([`Wanted`]), as often as it likes; the engine serves the latest and forgets the
//! others. It keeps every step of the way (photo, head, follicles, dots, splats, tiles), and a step runs again only
//! when its input has changed. The window thread waits for nothing but the lock of the mailbox.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use super::checklist::Checklist;
use super::shots::{PhotoKey, Shot, ShotPainter, SlotId, SlotUpdate};
use crate::case::document::{Document, ViewRecord};
use crate::case::head_fit::{FitInput, HeadFit, ScaleAt};
use crate::case::{decode_view, skin_in};
use crate::checks::Client;
use crate::photo::Limits;
use crate::plan::Plan;
use crate::reading::lens::Lens;
use crate::reading::{Reading, Subject};
use crate::render::levels::Levels;
use crate::render::scene::{Ground, Treatment};
use crate::skin::tissue::Skin;

/// A photo's file, to be decoded when it is first needed.
#[derive(Debug, Clone)]
pub struct PhotoSource {
    /// Says which photo it is, and how it is turned.
    pub key: PhotoKey,
    /// The view that shows it.
    pub record: ViewRecord,
    /// The file.
    pub bytes: Arc<Vec<u8>>,
}

/// Photos that are not shown at the moment stay decoded within this room: all of a client's usual photos.
const PHOTO_BYTES: usize = 512 << 20;

/// What the window wants to see.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The case as it stands, with a gesture in progress.
    pub document: Arc<Document>,
    /// Files of the photos that the shots show.
    pub photos: Vec<PhotoSource>,
    /// What to show, the most urgent first.
    pub shots: Vec<Shot>,
    /// Which plan the facts and the checks are about.
    pub variant: usize,
    /// What the checks have to know besides.
    pub client: Client,
    /// False while a pointer is dragging something: what can wait, waits.
    pub settled: bool,
}

/// What the engine reports.
#[derive(Debug)]
pub enum Answer {
    /// A new fit of the head, or why there is none.
    Fit(Result<Arc<HeadFit>, String>),
    /// A photo cannot be shown.
    PhotoFailed(PhotoKey, String),
    /// A photo was decoded; its warnings.
    PhotoReady(PhotoKey, Vec<String>),
    /// Numbers about the plan.
    Facts(Facts),
    /// What would look wrong about it.
    Checks(Arc<Checklist>),
    /// Pixels.
    Picture(SlotId, SlotUpdate),
    /// Everything that was wanted in request `number` has been reported. How long it took, ms.
    Served {
        /// Number of the request.
        number: u64,
        /// Duration, ms.
        took_ms: f64,
    },
}

/// Numbers about a plan on a head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Which variant.
    pub variant: usize,
    /// Dots that stand after each session.
    pub dots_by_session: Vec<usize>,
    /// Area of each of the plan's areas, cm2; empty while a gesture is in progress.
    pub areas_cm2: Vec<f64>,
    /// Scale of each view at the middle of the hairline; none for a view without points; empty while a gesture is in
    /// progress.
    pub scale: Vec<Option<ScaleAt>>,
    /// The client's skin.
    pub skin: Skin,
}

#[derive(Default)]
struct Mailbox {
    state: Mutex<MailboxState>,
    arrived: Condvar,
}

#[derive(Default)]
struct MailboxState {
    wanted: Option<(u64, Wanted)>,
    closed: bool,
}

impl Mailbox {
    fn put(&self, number: u64, wanted: Wanted) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).wanted = Some((number, wanted));
        self.arrived.notify_one();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.arrived.notify_one();
    }

    fn take(&self) -> Option<(u64, Wanted)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return None;
            }
            if let Some(wanted) = state.wanted.take() {
                return Some(wanted);
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn has_newer(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed || state.wanted.is_some()
    }
}

/// The window's end of the engine.
pub struct Engine {
    wake: Arc<dyn Fn() + Send + Sync>,
    limits: Limits,
    mailbox: Arc<Mailbox>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
    sent: u64,
    served: u64,
}

impl Engine {
    /// Starts the thread. `wake` is called after each report.
    #[must_use]
    pub fn start(wake: impl Fn() + Send + Sync + 'static, limits: Limits) -> Self {
        Self::with(Arc::new(wake), limits)
    }

    /// Starts over for another case: what one client's photos gave, or are still to give, never reaches another's.
    pub fn start_over(&mut self) {
        *self = Self::with(Arc::clone(&self.wake), self.limits);
    }

    fn with(wake: Arc<dyn Fn() + Send + Sync>, limits: Limits) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let (sender, answers) = mpsc::channel();
        let (letters, waker) = (Arc::clone(&mailbox), Arc::clone(&wake));
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let report = Report { sender, wake: waker };
            let mut work = Work::new(limits);
            // One processor is left to the window: what is drawn for it must not wait for what it will show next.
            let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let threads = processors.saturating_sub(1).max(1);
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| "engine".to_owned()).build();
            while let Some((number, wanted)) = letters.take() {
                let begun = Instant::now();
                let mut serve = || work.serve(&wanted, &report, &|| letters.has_newer());
                match &pool {
                    Ok(pool) => pool.install(serve),
                    Err(_) => serve(),
                }
                report.say(Answer::Served { number, took_ms: begun.elapsed().as_secs_f64() * 1e3 });
            }
        });
        Self { wake, limits, mailbox, answers, thread: thread.ok(), sent: 0, served: 0 }
    }

    /// Asks for a new state; what was asked before and has not begun is forgotten.
    pub fn ask(&mut self, wanted: Wanted) {
        self.sent += 1;
        self.mailbox.put(self.sent, wanted);
    }

    /// What has been reported since the last call.
    pub fn answers(&mut self) -> Vec<Answer> {
        let answers: Vec<Answer> = self.answers.try_iter().collect();
        for answer in &answers {
            if let Answer::Served { number, .. } = answer {
                self.served = *number;
            }
        }
        answers
    }

    /// True where the thread has ended by an internal error: nothing more comes.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// True while something that was asked for is still to come.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.served < self.sent && self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Engine {
    /// The thread ends with the step that it is at; nobody waits for it, least of all the window.
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

struct Report {
    sender: Sender<Answer>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Report {
    fn say(&self, answer: Answer) {
        // The window may be gone already; then nobody wants to know.
        if self.sender.send(answer).is_ok() {
            (self.wake)();
        }
    }
}

/// A step of the way with the input that it was made from.
struct Kept<K, V>(Option<(K, V)>);

impl<K: PartialEq, V: Clone> Kept<K, V> {
    fn get(&mut self, key: K, make: impl FnOnce(&K) -> V) -> (V, bool) {
        match &self.0 {
            Some((known, value)) if *known == key => (value.clone(), false),
            _ => {
                let value = make(&key);
                self.0 = Some((key, value.clone()));
                (value, true)
            }
        }
    }
}

/// Of a fit, a seed, and whether the lower face has follicles, too: the follicles of other plans with the same.
type GroundKey = (u64, u64, bool);

/// How many are kept: variants that are compared may have seeds of their own.
const GROUNDS: usize = 3;

/// Of a fit, a plan and a skin.
type KeptTreatment = Kept<(u64, Plan, Skin), Arc<Treatment>>;

type FitResult = Result<Arc<HeadFit>, String>;

/// Everything that has been worked out.
struct Work {
    limits: Limits,
    photos: HashMap<PhotoKey, Option<Arc<Levels>>>,
    /// Photos in the order in which they were shown last.
    shown: Vec<PhotoKey>,
    fit: Kept<FitInput, FitResult>,
    /// Counts fits, so that later steps can tell one head from another.
    fits: u64,
    /// Of the plans shown, the one used last at the end.
    grounds: Vec<(GroundKey, Arc<Ground>)>,
    treatments: HashMap<usize, KeptTreatment>,
    checks: Kept<(u64, Plan, Client), Arc<Checklist>>,
    /// The client's skin, and of which fit.
    skin: Option<(u64, Skin)>,
    /// The lens of each photo, and of which fit.
    lenses: HashMap<PhotoKey, (u64, Lens)>,
    painter: ShotPainter,
}

impl Work {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            photos: HashMap::new(),
            shown: Vec::new(),
            fit: Kept(None),
            fits: 0,
            grounds: Vec::new(),
            treatments: HashMap::new(),
            checks: Kept(None),
            skin: None,
            lenses: HashMap::new(),
            painter: ShotPainter::default(),
        }
    }

    fn serve(&mut self, wanted: &Wanted, report: &Report, newer: &dyn Fn() -> bool) {
        // The photo first: it can be looked at while the head is fitted.
        self.painter.forget_all_but(&wanted.shots);
        self.keep_photos(&wanted.shots);
        for shot in &wanted.shots {
            let Some(levels) = self.levels(wanted, shot.view, report) else { continue };
            if self.painter.is_new(shot) {
                self.paint(shot, &levels, None, report);
            }
        }
        let document = &wanted.document;
        // What is not in the middle of a movement gives way to what is asked for next: its photo may be another one.
        let outdated = || wanted.settled && newer();
        let Some(fit) = self.fitted(document, report) else { return };
        if outdated() {
            return;
        }
        let skin = self.skin(wanted, &fit);
        let mut first = true;
        for shot in &wanted.shots {
            // While something is dragged only the first shot follows every movement.
            if outdated() || (!first && newer()) {
                return;
            }
            first = false;
            let Some(levels) = self.levels(wanted, shot.view, report) else { continue };
            let lens = self.lens(wanted, shot, &levels, &fit);
            let scene = self.treatment(document, shot.variant, &fit, skin);
            let scene = scene.as_ref().map(|(ground, treatment)| (&*fit, &**ground, treatment, lens));
            self.paint(shot, &levels, scene, report);
        }
        if let Some((ground, treatment)) = self.treatment(document, wanted.variant, &fit, skin)
            && let Some(variant) = document.variants.get(wanted.variant)
        {
            let plan = &variant.plan;
            let dots_by_session = (1..=plan.sessions.len()).map(|s| treatment.dots_after(s).count()).collect();
            let area = |index: usize| -> f64 {
                let part = plan.areas[index].part;
                let fields = treatment.fields.iter().filter(|f| f.part == part);
                fields.map(|f| f.area_cm2(plan, &ground.map, index)).sum()
            };
            let areas_cm2 = if wanted.settled { (0..plan.areas.len()).map(area).collect() } else { Vec::new() };
            let middle = plan.hairline.mid_frontal(fit.head()).position;
            let views = if wanted.settled { document.views.len() } else { 0 };
            let scale = (0..views).map(|view| fit.scale_at(view, middle)).collect();
            report.say(Answer::Facts(Facts { variant: wanted.variant, dots_by_session, areas_cm2, scale, skin }));
            // Last, and not while somebody waits for a picture.
            if wanted.settled && !newer() {
                let key = (self.fits, plan.clone(), wanted.client);
                let check = |_: &_| Arc::new(Checklist::new(plan, wanted.client, &ground, &treatment));
                let (list, new) = self.checks.get(key, check);
                if new {
                    report.say(Answer::Checks(list));
                }
            }
        }
    }

    /// Frees the photos that were shown longest ago, once all take more room than they may.
    fn keep_photos(&mut self, shots: &[Shot]) {
        for shot in shots {
            self.shown.retain(|key| *key != shot.photo);
            self.shown.push(shot.photo);
        }
        let is_shown = |key: &PhotoKey| shots.iter().any(|s| s.photo == *key);
        self.photos.retain(|key, levels| levels.is_some() || is_shown(key));
        let mut room = PHOTO_BYTES;
        for key in self.shown.iter().rev() {
            let bytes = self.photos.get(key).and_then(Option::as_ref).map_or(0, |levels| levels.bytes());
            match room.checked_sub(bytes) {
                Some(left) => room = left,
                None if is_shown(key) => room = 0,
                None => drop(self.photos.remove(key)),
            }
        }
        self.shown.retain(|key| self.photos.contains_key(key) || is_shown(key));
    }

    /// The photo of a view; decoded and halved the first time.
    fn levels(&mut self, wanted: &Wanted, view: usize, report: &Report) -> Option<Arc<Levels>> {
        let record = wanted.document.views.get(view)?;
        let key = PhotoKey::of(record);
        let source = wanted.photos.iter().find(|p| p.key == key)?;
        let limits = &self.limits;
        self.photos
            .entry(key)
            .or_insert_with(|| match decode(source, limits) {
                Ok((levels, warnings)) => {
                    report.say(Answer::PhotoReady(key, warnings));
                    Some(Arc::new(levels))
                }
                Err(problem) => {
                    report.say(Answer::PhotoFailed(key, problem));
                    None
                }
            })
            .clone()
    }

    fn fitted(&mut self, document: &Document, report: &Report) -> Option<Arc<HeadFit>> {
        let (result, new) =
            self.fit.get(FitInput::of(document), |input| input.fit().map(Arc::new).map_err(|e| e.to_string()));
        if new {
            self.fits += 1;
            report.say(Answer::Fit(result.clone()));
        }
        result.ok()
    }

    /// The client's skin; read anew for another fit, but not while something is dragged.
    fn skin(&mut self, wanted: &Wanted, fit: &HeadFit) -> Skin {
        if let Some((fits, skin)) = self.skin
            && (fits == self.fits || !wanted.settled)
        {
            return skin;
        }
        let told = fit.skin_view().and_then(|view| {
            let key = PhotoKey::of(wanted.document.views.get(view)?);
            if let Some(Some(levels)) = self.photos.get(&key) {
                return Some(skin_in(levels.photo(0), fit, view));
            }
            let source = wanted.photos.iter().find(|p| p.key == key)?;
            let photo = decode_view(&source.bytes, &source.record, &self.limits).ok()?;
            Some(skin_in(&photo, fit, view))
        });
        let skin = told.unwrap_or_default();
        self.skin = Some((self.fits, skin));
        skin
    }

    /// The lens of a shot's photo; read anew for another fit, but not while something is dragged.
    fn lens(&mut self, wanted: &Wanted, shot: &Shot, levels: &Levels, fit: &HeadFit) -> Lens {
        if let Some((fits, lens)) = self.lenses.get(&shot.photo)
            && (*fits == self.fits || !wanted.settled)
        {
            return *lens;
        }
        let Some(camera) = fit.camera(shot.view) else { return Lens::ASSUMED };
        let reading = Reading::new(levels.photo(0), Subject::Head { head: fit.head(), camera });
        let lens = reading.map_or(Lens::ASSUMED, |reading| reading.lens);
        self.lenses.insert(shot.photo, (self.fits, lens));
        lens
    }

    fn treatment(
        &mut self,
        document: &Document,
        variant: usize,
        fit: &HeadFit,
        skin: Skin,
    ) -> Option<(Arc<Ground>, Arc<Treatment>)> {
        let plan = &document.variants.get(variant)?.plan;
        let lower = |plan: &Plan| plan.areas.iter().any(|a| a.part == crate::head::Part::LowerFace);
        let key = (self.fits, plan.seed, lower(plan));
        let known = self.grounds.iter().position(|(known, _)| *known == key).map(|at| self.grounds.remove(at).1);
        let ground = known.unwrap_or_else(|| Arc::new(Ground::new(fit.head().clone(), plan)));
        self.grounds.push((key, Arc::clone(&ground)));
        let outdated = self.grounds.len().saturating_sub(GROUNDS);
        self.grounds.drain(..outdated);
        // Variants may have been deleted.
        self.treatments.retain(|variant, _| *variant < document.variants.len());
        let kept = self.treatments.entry(variant).or_insert(Kept(None));
        // Of the same follicles only.
        let same = |(fits, plan, _): &(u64, Plan, Skin)| (*fits, plan.seed, lower(plan)) == key;
        let earlier = kept.0.as_ref().filter(|(of, _)| same(of)).map(|(_, treatment)| Arc::clone(treatment));
        let (treatment, _) = kept.get((self.fits, plan.clone(), skin), |(_, plan, _)| {
            let mut treatment = Treatment::after(plan, &ground, earlier.as_deref());
            treatment.skin = skin;
            Arc::new(treatment)
        });
        Some((ground, treatment))
    }

    fn paint(
        &mut self,
        shot: &Shot,
        levels: &Arc<Levels>,
        scene: Option<(&HeadFit, &Ground, &Arc<Treatment>, Lens)>,
        report: &Report,
    ) {
        for update in self.painter.paint(shot, levels, scene) {
            report.say(Answer::Picture(shot.slot, update));
        }
    }
}

fn decode(source: &PhotoSource, limits: &Limits) -> Result<(Levels, Vec<String>), String> {
    let photo = decode_view(&source.bytes, &source.record, limits).map_err(|e| e.to_string())?;
    let levels = Levels::new(&photo).map_err(|e| e.to_string())?;
    Ok((levels, photo.warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{EncodeOptions, Format, Photo, Turn, encode};
    use crate::render::coverage::PixelRect;
    use egui::Color32;

    /// A case of one photo of one colour, with the number that the first photo of every case has.
    fn wanted(colour: [u8; 3]) -> Wanted {
        let photo = Photo::from_srgb(64, 48, colour.repeat(64 * 48));
        let bytes = encode(&photo, Format::Png, &EncodeOptions::default()).unwrap();
        let record = ViewRecord {
            name: "front".to_owned(),
            photo: 1,
            turn: Turn::NONE,
            width_px: 64,
            height_px: 48,
            focal_length_35mm: None,
            landmarks: Default::default(),
            outline: Vec::new(),
            found: None,
        };
        let key = PhotoKey::of(&record);
        let shot = Shot {
            slot: SlotId::Canvas,
            view: 0,
            photo: key,
            variant: 0,
            moment: None,
            level: 0,
            visible: PixelRect { x0: 0, y0: 0, x1: 64, y1: 48 },
            viewing: Default::default(),
            settled: true,
            on_card: false,
        };
        let document = Arc::new(Document::new(vec![record.clone()], &crate::head::fit::Scale::AveragePupils));
        let photos = vec![PhotoSource { key, record, bytes: Arc::new(bytes) }];
        Wanted { document, photos, shots: vec![shot], variant: 0, client: Client::default(), settled: true }
    }

    /// Colours of everything that was painted, and whether a fit was reported.
    fn served(engine: &mut Engine, colour: [u8; 3]) -> (Vec<Color32>, bool) {
        engine.ask(wanted(colour));
        let (mut colours, mut fitted) = (Vec::new(), false);
        while engine.busy() {
            for answer in engine.answers() {
                match answer {
                    Answer::Picture(_, SlotUpdate::Pixels { image, .. }) => colours.extend(&image.pixels),
                    Answer::Fit(_) => fitted = true,
                    _ => {}
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        colours.dedup();
        (colours, fitted)
    }

    #[test]
    fn one_client_s_photo_is_never_shown_for_another_s() {
        let mut engine = Engine::start(|| (), Limits::default());
        let (red, blue) = ([200, 30, 30], [30, 30, 200]);
        assert_eq!(served(&mut engine, red), (vec![Color32::from_rgb(200, 30, 30)], true));
        engine.start_over();
        // The same number, and the same points: still everything is told anew.
        assert_eq!(served(&mut engine, blue), (vec![Color32::from_rgb(30, 30, 200)], true));
    }
}
