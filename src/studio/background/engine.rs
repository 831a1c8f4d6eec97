//! The engine: decoding, fitting, placing and rendering on a thread of its own.
//!
//! The window states what it wants to see ([`Wanted`]) as often as it likes; the engine serves the latest request and
//! drops the others. It caches every intermediate result (photo, head, follicles, dots, splats, tiles) and recomputes
//! one only when its input has changed. The window thread waits for nothing but the lock of its inbox.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use egui::Context;

use super::photo_cache::{Decoded, PhotoCache};
use super::shots::{Placed, Shot, ShotPainter, SlotId, SlotUpdate};
use super::worker::{Outbox, Queue, Worker};
use crate::case::document::Document;
use crate::case::document::PhotoKey;
use crate::case::head_fit::HeadFit;
use crate::case::pipeline::{FittedMockUp, Pipeline};
use crate::checks::{Client, Shown};
use crate::head::fit::FitError;
use crate::photo::pyramid::Pyramid;
use crate::plan::Plan;
use crate::studio::session::checklist::Checklist;
use crate::studio::session::facts::Facts;
use crate::studio::session::photos::PhotoSource;

/// What the window wants to see.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The current case, including a gesture in progress.
    pub document: Arc<Document>,
    /// Files of the photos in the shots.
    pub photos: Vec<PhotoSource>,
    /// What to show, in order of urgency.
    pub shots: Vec<Shot>,
    /// The variant for facts and checks.
    pub variant: usize,
    /// The client's colours, for the checks.
    pub client: Client,
    /// False while something is being dragged: work that can wait is then postponed.
    pub settled: bool,
}

/// A report of the engine.
#[derive(Debug)]
pub enum Answer {
    /// A new fit of the head, or why there is none.
    Fit(Result<Arc<HeadFit>, String>),
    /// A photo cannot be shown.
    PhotoFailed(PhotoKey, String),
    /// A photo was decoded, with these warnings.
    PhotoReady(PhotoKey, Vec<String>),
    /// Figures about the plan.
    Facts(Facts),
    /// The result of the checks.
    Checks(Arc<Checklist>),
    /// Pixels of a picture.
    Picture(SlotId, SlotUpdate),
    /// Everything that was wanted has been reported.
    Served {
        /// The time it took, ms.
        took_ms: f64,
    },
}

/// The window's handle to the engine.
pub type Engine = Worker<Wanted, Answer>;

/// Starts the engine.
#[must_use]
pub fn start(ctx: &Context, photos: PhotoCache) -> Engine {
    Worker::start(ctx, "engine", Queue::Latest, || {
        let mut work = Work::new(photos);
        // One processor is left to the window, so that drawing a frame need not wait for the next picture.
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

/// The input of the checks: the fit, the plan, the client's colours, the photos.
type Checked = (u64, Plan, Client, Vec<Shown>);

/// The engine's cached results.
struct Work {
    cache: PhotoCache,
    /// The photos being shown; `None` for one that cannot be decoded.
    photos: HashMap<PhotoKey, Option<Arc<Decoded>>>,
    /// Photos already reported, as ready or as failed.
    told: HashSet<PhotoKey>,
    pipeline: Pipeline,
    /// Number of the fit last reported.
    fit_told: u64,
    checks: Option<Checked>,
    painter: ShotPainter,
}

impl Work {
    fn new(cache: PhotoCache) -> Self {
        Self {
            cache,
            photos: HashMap::new(),
            told: HashSet::new(),
            pipeline: Pipeline::default(),
            fit_told: 0,
            checks: None,
            painter: ShotPainter::default(),
        }
    }

    fn serve(&mut self, wanted: &Wanted, report: &Outbox<Answer>) {
        // The photos first: they can be looked at while the head is fitted.
        self.painter.forget_all_but(&wanted.shots);
        self.photos.retain(|key, _| wanted.shots.iter().any(|shot| shot.photo == *key));
        for shot in &wanted.shots {
            let Some(photo) = self.photo(wanted, shot.view, report) else { continue };
            if self.painter.is_new(shot) {
                self.paint(shot, &photo.pyramid, None, report);
            }
        }
        let document = &wanted.document;
        // Unless something is being dragged, give way to the next request: it may want another photo.
        let outdated = || wanted.settled && report.has_newer();
        self.pipeline.readings_stay = !wanted.settled;
        let fit = self.pipeline.fit(document);
        if self.fit_told != self.pipeline.fits() {
            self.fit_told = self.pipeline.fits();
            report.say(Answer::Fit(fit.clone().map_err(|problem| problem.to_string())));
        }
        let Ok(fit) = fit else { return };
        let mut first = true;
        for shot in &wanted.shots {
            // During a drag, only the first shot follows every movement.
            if outdated() || (!first && report.has_newer()) {
                return;
            }
            first = false;
            let Some(photo) = self.photo(wanted, shot.view, report) else { continue };
            let fitted = self.fitted_mock_up(wanted, shot.variant);
            let sensor = self.pipeline.sensor(document, shot.view, photo.photo());
            let placed = fitted.as_ref().zip(sensor.as_ref()).map(|(fitted, sensor)| (&fitted.mock_up, sensor));
            self.paint(shot, &photo.pyramid, placed, report);
        }
        if document.variants.is_empty() {
            // Meanwhile the window looks for the client's own hair, which the first plan follows. This cannot fail,
            // since there is a fit.
            let _ = self.pipeline.prepare(document);
        }
        if let Some(FittedMockUp { mock_up, .. }) = self.fitted_mock_up(wanted, wanted.variant)
            && let Some(variant) = document.variants.get(wanted.variant)
        {
            let plan = &variant.plan;
            let dots_by_session = (1..=plan.sessions.len()).map(|s| mock_up.dots_after(s).count()).collect();
            let areas = if wanted.settled { 0..plan.areas.len() } else { 0..0 };
            let areas_cm2 = areas.map(|area| mock_up.area_cm2(plan, area)).collect();
            let middle = plan.hairline.mid_frontal(fit.head()).position;
            let views = if wanted.settled { document.views.len() } else { 0 };
            let scale = (0..views).map(|view| fit.scale_at(view, middle)).collect();
            let covered = wanted.shots.first().filter(|_| wanted.settled).and_then(|shot| {
                let photo = self.photos.get(&shot.photo)?.as_ref()?;
                let sensor = self.pipeline.sensor(document, shot.view, photo.photo())?;
                let dots = mock_up.covered_dots(&sensor, plan.sessions.len());
                (dots > 0).then_some((shot.view, dots))
            });
            let (variant, skin) = (wanted.variant, mock_up.skin);
            // Read already, for the mock-up.
            let forehead = self.pipeline.forehead(document, |_| Ok::<_, FitError>(None)).ok().flatten();
            let forehead = forehead.and_then(|seen| Some((PhotoKey::of(document.views.get(seen.view)?), seen.tone)));
            let (fit_of, planned) = (Some(Arc::clone(&fit)), Some(Arc::clone(&mock_up)));
            let facts = Facts {
                variant,
                dots_by_session,
                areas_cm2,
                fit: fit_of,
                scale,
                covered,
                skin,
                forehead,
                mock_up: planned,
            };
            report.say(Answer::Facts(facts));
            // Last, and not while a picture is being waited for.
            if wanted.settled && !report.has_newer() {
                let photos = self.pipeline.shown(document, &fit);
                let checked = (self.pipeline.fits(), plan.clone(), wanted.client, photos);
                if self.checks.as_ref() != Some(&checked) {
                    report.say(Answer::Checks(Arc::new(Checklist::new(plan, wanted.client, &mock_up, &checked.3))));
                    self.checks = Some(checked);
                }
            }
        }
    }

    /// A variant's plan on the head; `None` if there is no such variant, or no head.
    fn fitted_mock_up(&mut self, wanted: &Wanted, variant: usize) -> Option<FittedMockUp> {
        let cache = &self.cache;
        // A photo that cannot be read is reported where it is shown; here it is skipped.
        let photo = |view: usize| -> Result<_, FitError> {
            let key = wanted.document.views.get(view).map(PhotoKey::of);
            let source = wanted.photos.iter().find(|source| Some(source.key) == key);
            Ok(source.and_then(|source| cache.get(source).ok()).map(|photo| Arc::clone(photo.photo())))
        };
        self.pipeline.fitted_mock_up(&wanted.document, variant, photo).ok().flatten()
    }

    /// The photo of a view, which is reported the first time.
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

    fn paint(&mut self, shot: &Shot, pyramid: &Arc<Pyramid>, placed: Placed, report: &Outbox<Answer>) {
        for update in self.painter.paint(shot, pyramid, placed) {
            report.say(Answer::Picture(shot.slot, update));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::document::ViewRecord;
    use crate::photo::{EncodeOptions, Format, Limits, Turn, encode};
    use crate::photo::{Photo, PixelRect};
    use crate::studio::background::wait_until;
    use egui::Color32;

    /// A case with one photo of a single colour, numbered like the first photo of every case.
    fn wanted(colour: [u8; 3]) -> Wanted {
        let photo = Photo::from_rows(64, 48, |_, row| row.fill(colour));
        let bytes = encode(&photo, Format::Png, &EncodeOptions::default()).unwrap();
        let key = PhotoKey { photo: 1, turn: Turn::NONE };
        let record = ViewRecord::new("front".to_owned(), key, [64, 48], None);
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

    /// All colours that were painted, and whether a fit was reported.
    fn served(engine: &mut Engine, colour: [u8; 3]) -> (Vec<Color32>, bool) {
        engine.ask(wanted(colour));
        let (mut colours, mut fitted) = (Vec::new(), false);
        wait_until("the picture", || {
            for answer in engine.reports() {
                match answer {
                    Answer::Picture(_, SlotUpdate::Pixels { image, .. }) => colours.extend(&image.pixels),
                    Answer::Fit(_) => fitted = true,
                    _ => {}
                }
            }
            !engine.busy()
        });
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
        // The same photo number and the same points: everything must still be reported anew.
        assert_eq!(served(&mut engine, blue), (vec![Color32::from_rgb(30, 30, 200)], true));
    }
}
