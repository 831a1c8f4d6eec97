//! The work behind the window: decoding, fitting, placing and rendering on a thread of its own.
//!
//! The window says what it wants to see ([`Wanted`]), as often as it likes; the engine serves the latest and forgets the
//! others. It keeps every step of the way (photo, head, follicles, dots, splats, tiles), and a step runs again only
//! when its input has changed. The window thread waits for nothing but the lock of its inbox.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use egui::Context;

use super::photo_cache::{Decoded, PhotoCache};
use super::shots::{Shot, ShotPainter, SlotId, SlotUpdate};
use super::worker::{Outbox, Queue, Worker};
use crate::case::document::Document;
use crate::case::head_fit::{FitInput, HeadFit};
use crate::checks::Client;
use crate::photo::Photo;
use crate::photo::pyramid::Pyramid;
use crate::plan::Plan;
use crate::reading::complexion;
use crate::reading::lens::Lens;
use crate::reading::tissue::Skin;
use crate::reading::views;
use crate::render::scene::{Ground, Treatment};
use crate::studio::session::checklist::Checklist;
use crate::studio::session::facts::Facts;
use crate::studio::session::photos::{PhotoKey, PhotoSource};

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
    /// Everything that was wanted has been reported.
    Served {
        /// How long it took, ms.
        took_ms: f64,
    },
}

/// The window's end of the engine.
pub type Engine = Worker<Wanted, Answer>;

/// Starts the engine.
#[must_use]
pub fn start(ctx: &Context, photos: PhotoCache) -> Engine {
    Worker::start(ctx, "engine", Queue::Latest, || {
        let mut work = Work::new(photos);
        // One processor is left to the window: what is drawn for it must not wait for what it will show next.
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = processors.saturating_sub(1).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| "engine".to_owned()).build();
        move |wanted: Wanted, report: &Outbox<Answer>| {
            let begun = Instant::now();
            let mut serve = || work.serve(&wanted, report);
            match &pool {
                Ok(pool) => pool.install(serve),
                Err(_) => serve(),
            }
            report.say(Answer::Served { took_ms: begun.elapsed().as_secs_f64() * 1e3 });
        }
    })
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
    cache: PhotoCache,
    /// Those that are shown, held on to; none for one that cannot be.
    photos: HashMap<PhotoKey, Option<Arc<Decoded>>>,
    /// Of these was said that they can be shown, or why not.
    told: HashSet<PhotoKey>,
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
    fn new(cache: PhotoCache) -> Self {
        Self {
            cache,
            photos: HashMap::new(),
            told: HashSet::new(),
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

    fn serve(&mut self, wanted: &Wanted, report: &Outbox<Answer>) {
        // The photo first: it can be looked at while the head is fitted.
        self.painter.forget_all_but(&wanted.shots);
        self.photos.retain(|key, _| wanted.shots.iter().any(|shot| shot.photo == *key));
        for shot in &wanted.shots {
            let Some(photo) = self.photo(wanted, shot.view, report) else { continue };
            if self.painter.is_new(shot) {
                self.paint(shot, &photo.levels, None, report);
            }
        }
        let document = &wanted.document;
        // What is not in the middle of a movement gives way to what is asked for next: its photo may be another one.
        let outdated = || wanted.settled && report.has_newer();
        let Some(fit) = self.fitted(document, report) else { return };
        if outdated() {
            return;
        }
        let skin = self.skin(wanted, &fit);
        let mut first = true;
        for shot in &wanted.shots {
            // While something is dragged only the first shot follows every movement.
            if outdated() || (!first && report.has_newer()) {
                return;
            }
            first = false;
            let Some(photo) = self.photo(wanted, shot.view, report) else { continue };
            let lens = self.lens(wanted, shot, photo.photo(), &fit);
            let scene = self.treatment(document, shot.variant, &fit, skin);
            let scene = scene.as_ref().map(|(ground, treatment)| (&*fit, &**ground, treatment, lens));
            self.paint(shot, &photo.levels, scene, report);
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
            if wanted.settled && !report.has_newer() {
                let key = (self.fits, plan.clone(), wanted.client);
                let check = |_: &_| Arc::new(Checklist::new(plan, wanted.client, &ground, &treatment));
                let (list, new) = self.checks.get(key, check);
                if new {
                    report.say(Answer::Checks(list));
                }
            }
        }
    }

    /// The photo of a view, which is told of the first time.
    fn photo(&mut self, wanted: &Wanted, view: usize, report: &Outbox<Answer>) -> Option<Arc<Decoded>> {
        let key = PhotoKey::of(wanted.document.views.get(view)?);
        if let Some(known) = self.photos.get(&key) {
            return known.clone();
        }
        let photo = self.cache.get(wanted.photos.iter().find(|p| p.key == key)?);
        if self.told.insert(key) {
            report.say(match &photo {
                Ok(photo) => Answer::PhotoReady(key, photo.warnings.clone()),
                Err(problem) => Answer::PhotoFailed(key, problem.clone()),
            });
        }
        self.photos.entry(key).or_insert(photo.ok()).clone()
    }

    fn fitted(&mut self, document: &Document, report: &Outbox<Answer>) -> Option<Arc<HeadFit>> {
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
        let told = views::of_forehead(fit.head(), &fit.views(&wanted.document)).and_then(|view| {
            let key = PhotoKey::of(wanted.document.views.get(view.index)?);
            let photo = self.cache.get(wanted.photos.iter().find(|p| p.key == key)?).ok()?;
            Some(complexion::skin(photo.photo(), fit.head(), &view.camera))
        });
        let skin = told.unwrap_or_default();
        self.skin = Some((self.fits, skin));
        skin
    }

    /// The lens of a shot's photo; read anew for another fit, but not while something is dragged.
    fn lens(&mut self, wanted: &Wanted, shot: &Shot, photo: &Photo, fit: &HeadFit) -> Lens {
        if let Some((fits, lens)) = self.lenses.get(&shot.photo)
            && (*fits == self.fits || !wanted.settled)
        {
            return *lens;
        }
        let Some(camera) = fit.camera(shot.view) else { return Lens::ASSUMED };
        let lens = Lens::of_head(photo, fit.head(), camera);
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
        levels: &Arc<Pyramid>,
        scene: Option<(&HeadFit, &Ground, &Arc<Treatment>, Lens)>,
        report: &Outbox<Answer>,
    ) {
        for update in self.painter.paint(shot, levels, scene) {
            report.say(Answer::Picture(shot.slot, update));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::document::ViewRecord;
    use crate::photo::PixelRect;
    use crate::photo::{EncodeOptions, Format, Limits, Turn, encode};
    use egui::Color32;

    /// A case of one photo of one colour, with the number that the first photo of every case has.
    fn wanted(colour: [u8; 3]) -> Wanted {
        let photo = Photo::from_rows(64, 48, |_, row| row.fill(colour));
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
            for answer in engine.reports() {
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
        let begin = || start(&Context::default(), PhotoCache::new(Limits::default()));
        let mut engine = begin();
        let (red, blue) = ([200, 30, 30], [30, 30, 200]);
        assert_eq!(served(&mut engine, red), (vec![Color32::from_rgb(200, 30, 30)], true));
        engine = begin();
        // The same number, and the same points: still everything is told anew.
        assert_eq!(served(&mut engine, blue), (vec![Color32::from_rgb(30, 30, 200)], true));
    }
}
