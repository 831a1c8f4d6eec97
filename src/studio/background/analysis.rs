//! Reads single photos, one request at a time: thumbnails, colours, shaved hair, and healed pigment.

use std::sync::Arc;

use egui::{Color32, ColorImage, Context};
use glam::DVec2;

use super::photo_cache::PhotoCache;
use super::worker::{Outbox, Queue, Worker};
use crate::case::document::PhotoKey;
use crate::case::head_fit::HeadFit;
use crate::photo::pyramid::halved;
use crate::photo::{Chroma, EncodeOptions, Format, Limits, Photo, Samples};
use crate::reading::tone::Tone;
use crate::reading::views::View;
use crate::skin::calibration::Calibration;
use crate::studio::session::calibrator;
use crate::studio::session::colours::Target;
use crate::studio::session::own_stubble::{Found, OwnHairFound, Question};
use crate::studio::session::photos::PhotoSource;

/// Longest side of a thumbnail, px: more than half of this, and at most this.
const THUMBNAIL_PX: u32 = 200;
const THUMBNAIL_QUALITY: u8 = 82;

/// A request.
#[derive(Debug)]
pub enum Request {
    /// A thumbnail.
    Thumbnail(PhotoSource),
    /// The tone of a disc with this centre and radius, px.
    Pick(PhotoSource, Target, DVec2, f64),
    /// The shaved hair in a patch.
    Follicles(PhotoSource, Question),
    /// The pigment of healed work.
    Calibration(PhotoSource, Box<calibrator::Question>),
    /// The client's own shaved hair around the head, in these views.
    OwnHair(Vec<(usize, PhotoSource)>, Arc<HeadFit>),
}

/// A result.
#[derive(Debug)]
pub enum Reading {
    /// A thumbnail, as a file and as pixels.
    Thumbnail(PhotoKey, Vec<u8>, ColorImage),
    /// A picked tone and its position, px.
    Picked(PhotoKey, Target, DVec2, Tone),
    /// The shaved hair in a patch, or why it could not be measured.
    Follicles(Question, Box<Found>),
    /// The pigment of healed work, or why it could not be estimated.
    Calibration(Box<calibrator::Question>, calibrator::Found),
    /// The client's own shaved hair around this head; `None` if it is not visible.
    OwnHair(Arc<HeadFit>, OwnHairFound),
    /// Why a tone could not be picked.
    Problem(String),
}

/// The window's handle to the reading thread.
pub type Analysis = Worker<Request, Reading>;

/// Starts the reading thread.
#[must_use]
pub fn start(ctx: &Context, photos: PhotoCache) -> Analysis {
    Worker::start(ctx, "analysis", Queue::InOrder, || {
        move |request: Request, outbox: &Outbox<Reading>| {
            if let Some(report) = read(request, &photos) {
                outbox.say(report);
            }
        }
    })
}

/// Serves a request; `None` if there is nothing to report.
fn read(request: Request, photos: &PhotoCache) -> Option<Reading> {
    match request {
        Request::Thumbnail(source) => {
            let small = shrunk(photos.get(&source).ok()?.photo());
            let format = Format::Jpeg { quality: THUMBNAIL_QUALITY };
            let options = EncodeOptions { chroma: Some(Chroma::Half), camera_data: false };
            let jpeg = crate::photo::encode(&small, format, &options).ok()?;
            Some(Reading::Thumbnail(source.key, jpeg, image(&small)?))
        }
        Request::Pick(source, target, middle, radius) => Some(match photos.get(&source) {
            Ok(photo) => Tone::in_disc(photo.photo(), middle, radius).map_or_else(
                || Reading::Problem("Click on the photo, not beside it".to_owned()),
                |tone| Reading::Picked(source.key, target, middle, tone),
            ),
            Err(problem) => Reading::Problem(problem),
        }),
        Request::Follicles(source, question) => {
            let found = measured(&source, &question, photos);
            Some(Reading::Follicles(question, Box::new(found)))
        }
        Request::Calibration(source, question) => {
            let found = calibrated(&source, &question, photos);
            Some(Reading::Calibration(question, found))
        }
        Request::OwnHair(sources, fit) => {
            let found = own_hair(&sources, &fit, photos);
            Some(Reading::OwnHair(fit, found))
        }
    }
}

const NO_LANDMARKS: &str = "this photo has no landmarks, so its scale is unknown; mark some with the head tool";

fn measured(source: &PhotoSource, question: &Question, photos: &PhotoCache) -> Found {
    if question.fit.camera(question.view).is_none() {
        return Err(NO_LANDMARKS.to_owned());
    }
    let photo = photos.get(source)?;
    let found = question.fit.stubble(photo.photo(), question.view, question.patch, None);
    found.map_err(|nothing| nothing.to_string())
}

/// A photo that cannot be read is reported where it is shown; here it counts as showing no hair.
fn own_hair(sources: &[(usize, PhotoSource)], fit: &HeadFit, photos: &PhotoCache) -> OwnHairFound {
    let views: Vec<View> = sources.iter().filter_map(|(view, source)| fit.view(*view, &source.record)).collect();
    let photo = |wanted: usize| {
        let source = sources.iter().find(|(view, _)| *view == wanted).map(|(_, source)| source);
        source.and_then(|source| Some(Arc::clone(photos.get(source).ok()?.photo())))
    };
    fit.own_hair(&views, photo).map(Arc::new)
}

fn calibrated(source: &PhotoSource, question: &calibrator::Question, photos: &PhotoCache) -> calibrator::Found {
    let calibrator::Question { view, places, age_days, plan, placed, fit, .. } = question;
    let camera = fit.camera(*view).ok_or_else(|| NO_LANDMARKS.to_owned())?;
    let photo = photos.get(source)?;
    let placed = (plan, &placed.dots, placed.skin);
    let found = places.tones(photo.photo(), (fit.head(), camera)).map_err(Into::into);
    let found = found.and_then(|tones| Calibration::new("", &tones, placed, *age_days));
    found.map_err(|nothing| nothing.to_string())
}

/// Halves the photo until it is small enough.
fn shrunk(photo: &Photo) -> Photo {
    let mut small = halved(photo);
    while small.width().max(small.height()) > THUMBNAIL_PX {
        small = halved(&small);
    }
    small
}

/// Decodes a stored thumbnail.
#[must_use]
pub fn thumbnail(jpeg: &[u8], limits: &Limits) -> Option<ColorImage> {
    image(&crate::photo::decode(jpeg, limits).ok()?)
}

fn image(photo: &Photo) -> Option<ColorImage> {
    let Samples::U8(samples) = photo.samples() else { return None };
    let colours: Vec<Color32> =
        samples.as_chunks::<3>().0.iter().map(|&[r, g, b]| Color32::from_rgb(r, g, b)).collect();
    let size = photo.size_px().map(|side| side as usize);
    (colours.len() == size[0] * size[1]).then(|| ColorImage::new(size, colours))
}
