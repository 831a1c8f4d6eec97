//! The head in each photo at the steps of the treatment, as JPEG, for report and page.
//!
//! Photos are first cropped to the head and scaled down, then treated: dots are applied to averaged pixels, which gives
//! the same result as long as losses are small compared with 1. Camera data are not included.

use std::ops::ControlFlow;

use rayon::prelude::*;

use super::handover::HandoverError;
use super::image::{self, Layer, OVERVIEW_MM};
use super::subject::Subject;
use super::words::words;
use crate::case;
use crate::head::surface::SurfacePoint;
use crate::photo::{self, EncodeOptions, Format, Photo};
use crate::render::mock_up::{MockUp, Moment, Sensor};
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::Outlook;

/// Receives the share of work that is done, 0 to 1, and tells whether to go on.
pub type Watch<'a> = &'a dyn Fn(f64) -> ControlFlow<()>;

/// A watch that ignores progress and never stops the work.
pub fn unwatched(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A moment to show, and its outlook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepShot {
    /// The step of the treatment.
    pub step: Step,
    /// The outlook.
    pub outlook: Outlook,
}

impl StepShot {
    /// The likely outlook of a step.
    #[must_use]
    pub fn likely(step: Step) -> Self {
        Self { step, outlook: Outlook::Likely }
    }
}

/// A photo at several moments.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoSeries {
    /// Index in the case.
    pub index: usize,
    /// Its name in the case.
    pub name: String,
    /// Its name in words.
    pub title: String,
    /// Width and height of each picture, px.
    pub side_px: u32,
    /// Visible parts of the hairline: open lines, px.
    pub line: Vec<Vec<[f64; 2]>>,
    /// A JPEG for each shot requested, in that order.
    pub jpegs: Vec<Vec<u8>>,
}

/// Size and quality of pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Make {
    /// Longest side, px.
    pub most_px: u32,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}

/// Renders the pictures of a view; `None` if its camera is not known. Calls `watch` after every few.
///
/// # Errors
/// [`HandoverError`].
pub fn view(
    subject: &mut Subject,
    index: usize,
    shots: &[StepShot],
    make: Make,
    watch: Watch,
) -> Result<Option<PhotoSeries>, HandoverError> {
    let Some(part) = subject.part(index, make.most_px)? else { return Ok(None) };
    let appointments = Appointments::of(subject.plan());
    let mock_up = &subject.fitted.mock_up;
    let name = subject.document.views[index].name.clone();
    let picture = |shot: &StepShot| -> Result<Vec<u8>, HandoverError> {
        let picture = match shot.step.moment(appointments, shot.outlook) {
            None => part.before.clone(),
            Some(moment) => treated(&part.before, mock_up, &part.sensor, moment)?,
        };
        jpeg(&picture, make.quality)
    };
    let jpegs = side_by_side(shots, picture, watch)?;
    Ok(Some(PhotoSeries {
        index,
        title: words(&name),
        name,
        side_px: part.before.width(),
        line: seen_line(subject, &part.sensor),
        jpegs,
    }))
}

/// Makes something of each item, as many at once as there are threads: encoding takes one each. Calls `watch` after
/// every few.
pub(super) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(&T) -> Result<R, HandoverError> + Sync,
    watch: Watch,
) -> Result<Vec<R>, HandoverError> {
    let mut made = Vec::with_capacity(items.len());
    for some in items.chunks(rayon::current_num_threads()) {
        made.extend(some.par_iter().map(&make).collect::<Result<Vec<_>, _>>()?);
        if watch(made.len() as f64 / items.len() as f64).is_break() {
            return Err(HandoverError::Stopped);
        }
    }
    Ok(made)
}

/// A picture with the dots applied.
pub(super) fn treated(
    before: &Photo,
    mock_up: &MockUp,
    sensor: &Sensor,
    moment: Moment,
) -> Result<Photo, HandoverError> {
    Ok(image::render(before.clone(), Layer::Result, mock_up, sensor, moment)?)
}

/// Encodes as JPEG, without camera data.
pub(super) fn jpeg(picture: &Photo, quality: u8) -> Result<Vec<u8>, HandoverError> {
    let options = EncodeOptions { camera_data: false, ..EncodeOptions::default() };
    Ok(photo::encode(picture, Format::Jpeg { quality }, &options)?)
}

/// The views with known cameras, in display order: the front first, then as in the case.
///
/// # Errors
/// [`case::Error::Consent`] if the client does not allow one of them to be used for this purpose.
pub fn views(subject: &Subject) -> Result<Vec<usize>, case::Error> {
    let known = (0..subject.document.views.len()).filter(|&view| subject.fitted.fit.camera(view).is_some());
    let mut known: Vec<usize> = known.collect();
    known.sort_by_key(|&view| subject.document.views[view].name != "front");
    for &view in &known {
        subject.document.views[view].check_use(subject.purpose)?;
    }
    Ok(known)
}

/// Approximate millimetres per pixel at the middle of the head, the same for all photos of this size.
#[must_use]
pub fn mm_per_px(view: &PhotoSeries) -> f64 {
    OVERVIEW_MM / f64::from(view.side_px)
}

/// The parts of the hairline that a sensor sees: open lines, px.
pub(super) fn seen_line(subject: &Subject, sensor: &Sensor) -> Vec<Vec<[f64; 2]>> {
    let head = subject.fitted.fit.head();
    let line = subject.plan().hairline.line(head);
    let shown = |point: &SurfacePoint| -> Option<[f64; 2]> {
        let px = sensor.camera.image_from_head(point.position)?;
        let inside = px.cmpge(glam::DVec2::ZERO).all()
            && px.x < f64::from(sensor.photo_px[0])
            && px.y < f64::from(sensor.photo_px[1]);
        let hidden = sensor.hidden.as_ref().is_some_and(|hidden| hidden.contains(px));
        (inside && !hidden && head.visible(&sensor.camera, point)).then(|| px.to_array())
    };
    let mut lines = vec![Vec::new()];
    for point in &line {
        match (shown(point), lines.last_mut()) {
            (Some(px), Some(last)) => last.push(px),
            _ => lines.push(Vec::new()),
        }
    }
    lines.retain(|line| line.len() > 1);
    lines
}
