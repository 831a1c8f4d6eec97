//! Single looks at a photo, off the window's thread and one after the other: small pictures, colours, shaved hair, and
//! healed pigment.
//!
//! Each job decodes its photo and lets go of it: jobs are rare, and a photo is large.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use egui::{Color32, ColorImage};
use glam::DVec2;

use super::calibrator;
use super::colours::Target;
use super::engine::PhotoSource;
use super::follicles::{Found, Question, Sides};
use super::shots::PhotoKey;
use crate::case::decode_view;
use crate::case::head_fit::HeadFit;
use crate::photo::pyramid::halved;
use crate::photo::{Chroma, EncodeOptions, Format, Limits, Photo, Samples};
use crate::reading::tone::Tone;
use crate::reading::views::View;
use crate::render::scene::{Ground, Treatment};
use crate::skin::calibration::Calibration;

/// Longest side of a small picture, px: at most this, at least half of it.
const THUMBNAIL_PX: u32 = 200;
const THUMBNAIL_QUALITY: u8 = 82;

/// A look at a photo.
#[derive(Debug)]
pub enum Job {
    /// A small picture.
    Thumbnail(PhotoSource),
    /// The tone of the forehead in this view.
    Forehead(PhotoSource, Arc<HeadFit>, usize),
    /// The tone of a disc: middle and radius, px.
    Pick(PhotoSource, Target, DVec2, f64),
    /// The shaved hair of a patch.
    Follicles(PhotoSource, Question),
    /// The pigment of healed work.
    Calibration(PhotoSource, Box<calibrator::Question>),
    /// The client's own shaved hair all around, in these views.
    OwnHair(Vec<(usize, PhotoSource)>, Arc<HeadFit>),
}

/// What was seen.
#[derive(Debug)]
pub enum Print {
    /// A small picture, as a file and as pixels.
    Thumbnail(PhotoKey, Vec<u8>, ColorImage),
    /// The forehead's tone, where the camera sees it.
    Forehead(Option<Tone>),
    /// A tone that was picked: where, px.
    Picked(PhotoKey, Target, DVec2, Tone),
    /// The shaved hair of a patch, or why there is none.
    Follicles(Question, Box<Found>),
    /// The pigment of healed work, or why it is not told.
    Calibration(Box<calibrator::Question>, calibrator::Found),
    /// The client's own shaved hair around this head; none where it is not seen.
    OwnHair(Arc<HeadFit>, Sides),
    /// Why a tone could not be picked.
    Problem(String),
    /// Nothing, and nothing that the user has to know.
    Nothing,
}

/// The thread's other end.
pub struct Darkroom {
    wake: Arc<dyn Fn() + Send + Sync>,
    limits: Limits,
    jobs: Sender<Job>,
    prints: Receiver<Print>,
    open: usize,
}

impl Darkroom {
    /// Starts the thread; it ends with the darkroom. `wake` is called after each job.
    #[must_use]
    pub fn start(wake: impl Fn() + Send + Sync + 'static, limits: Limits) -> Self {
        Self::with(Arc::new(wake), limits)
    }

    /// Starts over for another case: what was seen in one client's photos never reaches another's case.
    pub fn start_over(&mut self) {
        *self = Self::with(Arc::clone(&self.wake), self.limits);
    }

    fn with(wake: Arc<dyn Fn() + Send + Sync>, limits: Limits) -> Self {
        let waker = Arc::clone(&wake);
        let (jobs, work) = mpsc::channel::<Job>();
        let (sender, prints) = mpsc::channel();
        // Without a thread nothing comes back, and the window shows no small pictures.
        let _ = std::thread::Builder::new().name("darkroom".to_owned()).spawn(move || {
            for job in work {
                if sender.send(develop(job, &limits)).is_err() {
                    break;
                }
                waker();
            }
        });
        Self { wake, limits, jobs, prints, open: 0 }
    }

    /// Asks for a look.
    pub fn ask(&mut self, job: Job) {
        if self.jobs.send(job).is_ok() {
            self.open += 1;
        }
    }

    /// What has been seen since the last call.
    pub fn prints(&mut self) -> Vec<Print> {
        let prints: Vec<Print> = self.prints.try_iter().collect();
        self.open = self.open.saturating_sub(prints.len());
        prints
    }

    /// True while something is still to come.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.open > 0
    }
}

fn develop(job: Job, limits: &Limits) -> Print {
    match job {
        Job::Thumbnail(source) => {
            let small = decode_view(&source.bytes, &source.record, limits).ok().map(|photo| shrunk(&photo));
            let format = Format::Jpeg { quality: THUMBNAIL_QUALITY };
            let options = EncodeOptions { chroma: Chroma::Half, camera_data: false };
            small
                .and_then(|photo| {
                    let jpeg = crate::photo::encode(&photo, format, &options).ok()?;
                    Some(Print::Thumbnail(source.key, jpeg, image(&photo)?))
                })
                .unwrap_or(Print::Nothing)
        }
        Job::Forehead(source, fit, view) => {
            let Some(camera) = fit.camera(view) else { return Print::Forehead(None) };
            let photo = decode_view(&source.bytes, &source.record, limits).ok();
            Print::Forehead(photo.and_then(|photo| Tone::of_forehead(&photo, fit.head(), camera)))
        }
        Job::Pick(source, target, middle, radius) => match decode_view(&source.bytes, &source.record, limits) {
            Ok(photo) => Tone::in_disc(&photo, middle, radius).map_or_else(
                || Print::Problem("Click on the photo, not beside it".to_owned()),
                |tone| Print::Picked(source.key, target, middle, tone),
            ),
            Err(problem) => Print::Problem(problem.to_string()),
        },
        Job::Follicles(source, question) => {
            let found = measured(&source, &question, limits);
            Print::Follicles(question, Box::new(found))
        }
        Job::Calibration(source, question) => {
            let found = calibrated(&source, &question, limits);
            Print::Calibration(question, found)
        }
        Job::OwnHair(sources, fit) => {
            let found = sides(&sources, &fit, limits);
            Print::OwnHair(fit, found)
        }
    }
}

const NO_LANDMARKS: &str = "this photo has no landmarks, so nobody knows its millimetres; mark some with the head tool";

fn measured(source: &PhotoSource, question: &Question, limits: &Limits) -> Found {
    if question.fit.camera(question.view).is_none() {
        return Err(NO_LANDMARKS.to_owned());
    }
    let photo = decode_view(&source.bytes, &source.record, limits).map_err(|problem| problem.to_string())?;
    let found = question.fit.stubble(&photo, question.view, question.patch, None);
    found.map_err(|nothing| nothing.to_string())
}

/// Photos that cannot be read are told of where they are shown; here they show no hair.
fn sides(sources: &[(usize, PhotoSource)], fit: &HeadFit, limits: &Limits) -> Sides {
    let views: Vec<View> = sources.iter().filter_map(|(view, source)| fit.view(*view, &source.record)).collect();
    let photo = |wanted: usize| {
        let source = sources.iter().find(|(view, _)| *view == wanted).map(|(_, source)| source);
        source.and_then(|source| decode_view(&source.bytes, &source.record, limits).ok())
    };
    fit.own_hair(&views, photo).map(Arc::new)
}

fn calibrated(source: &PhotoSource, question: &calibrator::Question, limits: &Limits) -> calibrator::Found {
    let calibrator::Question { view, places, age_days, plan, skin, fit, .. } = question;
    let camera = fit.camera(*view).ok_or_else(|| NO_LANDMARKS.to_owned())?;
    let photo = decode_view(&source.bytes, &source.record, limits).map_err(|problem| problem.to_string())?;
    let ground = Ground::new(fit.head().clone(), plan);
    let dots = Treatment::new(plan, &ground).dots;
    let found = Calibration::measure("", &photo, (fit.head(), camera), (plan, &dots, *skin), *places, *age_days);
    found.map_err(|nothing| nothing.to_string())
}

/// The photo, halved until it is small.
fn shrunk(photo: &Photo) -> Photo {
    let mut small = halved(photo);
    while small.width().max(small.height()) > THUMBNAIL_PX {
        small = halved(&small);
    }
    small
}

/// A small picture as it was kept.
#[must_use]
pub fn thumbnail(jpeg: &[u8], limits: &Limits) -> Option<ColorImage> {
    image(&crate::photo::decode(jpeg, limits).ok()?)
}

fn image(photo: &Photo) -> Option<ColorImage> {
    let Samples::U8(codes) = photo.samples() else { return None };
    let colours: Vec<Color32> = codes.as_chunks::<3>().0.iter().map(|&[r, g, b]| Color32::from_rgb(r, g, b)).collect();
    let size = photo.size_px().map(|side| side as usize);
    (colours.len() == size[0] * size[1]).then(|| ColorImage::new(size, colours))
}
