//! A case prepared for export: its head and dots, and its photos cropped to the head.
//!
//! Decoded photos are kept only as far as they take little memory: one of 100 megapixels takes hundreds of megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use glam::DVec2;
use rayon::prelude::*;

use super::image::{CropRect, OVERVIEW_MM, strip};
use crate::case::consent::Use;
use crate::case::document::Document;
use crate::case::picks::PickedTone;
use crate::case::pipeline::{FittedMockUp, Pipeline};
use crate::case::{Error, decode_view};
use crate::checks::{self, Client, Finding};
use crate::photo::{Limits, Photo, Region};
use crate::plan::Plan;
use crate::reading::own_hair::OwnHair;
use crate::render::mock_up::Sensor;

/// Decoded photos are kept up to this many pixels in all: five of 12 megapixels.
const KEPT_PX: u64 = 62_000_000;

/// Returns the original bytes of a view's photo.
type Bytes<'a> = Box<dyn Fn(usize) -> Result<Vec<u8>, Error> + 'a>;

/// A case prepared for export.
pub struct Subject<'a> {
    /// The case.
    pub document: &'a Document,
    /// The name of the case.
    pub name: &'a str,
    /// Index of the variant.
    pub variant: usize,
    /// The purpose of the export.
    pub purpose: Use,
    /// The head and the dots.
    pub fitted: FittedMockUp,
    pipeline: Pipeline,
    photos: Photos<'a>,
    /// The client's own shaved hair, once it was searched for.
    own_hair: Option<Option<Arc<OwnHair>>>,
    /// The heads cropped so far, by view and largest side, px.
    parts: HashMap<(usize, u32), Arc<Part>>,
}

/// The photos of a case; those used last stay decoded.
struct Photos<'a> {
    document: &'a Document,
    bytes: Bytes<'a>,
    limits: Limits,
    /// By view; the one used last is the last.
    decoded: Vec<(usize, Arc<Photo>)>,
}

/// The head in a photo, cropped and scaled down.
pub struct Part {
    /// The cropped photo: square, sRGB.
    pub before: Photo,
    /// The sensor that would have taken it.
    pub sensor: Sensor,
}

impl Photos<'_> {
    fn get(&mut self, view: usize) -> Result<Arc<Photo>, Error> {
        if let Some(known) = self.decoded.iter().position(|(of, _)| *of == view) {
            let known = self.decoded.remove(known);
            let photo = Arc::clone(&known.1);
            self.decoded.push(known);
            return Ok(photo);
        }
        // Room is made first, so that no more than that is ever in memory.
        let size_px = self.size_px(view);
        while !self.decoded.is_empty() && self.decoded_px() + size_px > KEPT_PX {
            self.decoded.remove(0);
        }
        let record = self.document.views.get(view).ok_or(Error::NoPhotos)?;
        let photo = Arc::new(decode_view(&(self.bytes)(view)?, record, &self.limits)?);
        self.decoded.push((view, Arc::clone(&photo)));
        Ok(photo)
    }

    /// Decodes photos side by side, if all of them may be kept.
    fn get_all(&mut self, views: &[usize]) -> Result<(), Error> {
        let missing = views.iter().filter(|view| self.decoded.iter().all(|(of, _)| of != *view));
        let missing: Vec<usize> = missing.copied().collect();
        if self.decoded_px() + missing.iter().map(|&view| self.size_px(view)).sum::<u64>() > KEPT_PX {
            return Ok(());
        }
        let mut encoded = Vec::new();
        for view in missing {
            encoded.push((view, self.document.views.get(view).ok_or(Error::NoPhotos)?, (self.bytes)(view)?));
        }
        let decoded: Result<Vec<_>, Error> = encoded
            .into_par_iter()
            .map(|(view, record, bytes)| Ok((view, Arc::new(decode_view(&bytes, record, &self.limits)?))))
            .collect();
        self.decoded.extend(decoded?);
        Ok(())
    }

    fn size_px(&self, view: usize) -> u64 {
        self.document.views.get(view).map_or(0, |record| u64::from(record.width_px) * u64::from(record.height_px))
    }

    fn decoded_px(&self) -> u64 {
        self.decoded.iter().map(|(view, _)| self.size_px(*view)).sum()
    }
}

impl<'a> Subject<'a> {
    /// Fits the head and places the dots. `bytes` returns the bytes of a view's photo.
    ///
    /// # Errors
    /// [`Error`] if there is no plan or no head, or a photo cannot be read.
    pub fn new(
        document: &'a Document,
        name: &'a str,
        variant: usize,
        limits: Limits,
        bytes: impl Fn(usize) -> Result<Vec<u8>, Error> + 'a,
    ) -> Result<Self, Error> {
        let mut photos = Photos { document, bytes: Box::new(bytes), limits, decoded: Vec::new() };
        let mut pipeline = Pipeline::default();
        let fitted =
            pipeline.fitted_mock_up(document, variant, |view| photos.get(view).map(Some))?.ok_or(Error::NoPlan)?;
        let (purpose, parts) = (Use::Record, HashMap::new());
        Ok(Self { document, name, variant, purpose, fitted, pipeline, photos, own_hair: None, parts })
    }

    /// Sets a purpose other than the client's own record: only photos whose use the client allows for it may be shown.
    #[must_use]
    pub fn made_for(self, purpose: Use) -> Self {
        Self { purpose, ..self }
    }

    /// The name of the client, for the client's own record: students and future clients are not told it.
    #[must_use]
    pub fn client(&self) -> Option<&'a str> {
        (self.purpose == Use::Record).then_some(self.name)
    }

    /// Switches to another plan of the case.
    ///
    /// # Errors
    /// [`Error`] if there is no such plan, or a photo cannot be read.
    pub fn choose(&mut self, variant: usize) -> Result<(), Error> {
        if variant != self.variant {
            let Self { pipeline, photos, document, .. } = self;
            let fitted = pipeline.fitted_mock_up(document, variant, |view| photos.get(view).map(Some))?;
            self.fitted = fitted.ok_or(Error::NoPlan)?;
            self.variant = variant;
        }
        Ok(())
    }

    /// Decodes what will be shown, as far as it takes little memory; the rest is decoded when it is needed.
    ///
    /// # Errors
    /// If a photo cannot be read.
    pub fn decode(&mut self, views: &[usize]) -> Result<(), Error> {
        self.photos.get_all(views)
    }

    /// The client's own shaved hair; `None` if the photos show none, or its dots cannot be told apart.
    pub fn own_hair(&mut self) -> Option<Arc<OwnHair>> {
        if let Some(known) = &self.own_hair {
            return known.clone();
        }
        let Self { photos, pipeline, document, fitted, .. } = self;
        let found = fitted.fit.own_hair_in(&fitted.fit.views(document), |view| {
            let photo = photos.get(view).ok()?;
            let spread = pipeline.lens(document, view, &photo).map(|lens| lens.spread);
            Some((photo, spread))
        });
        let found = found.map(|(hair, _)| Arc::new(hair));
        self.own_hair = Some(found.clone());
        found
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &'a Plan {
        // `Subject::new` made a fitted of it, so it exists.
        &self.document.variants[self.variant].plan
    }

    /// The original bytes of a view's photo.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn photo_bytes(&self, view: usize) -> Result<Vec<u8>, Error> {
        (self.photos.bytes)(view)
    }

    /// The full photo of a view, and its sensor; `None` if the view has too few points.
    ///
    /// # Errors
    /// If the photo cannot be read.
    pub fn whole(&mut self, view: usize) -> Result<Option<(Arc<Photo>, Sensor)>, Error> {
        if self.fitted.fit.camera(view).is_none() {
            return Ok(None);
        }
        let photo = self.photos.get(view)?;
        let sensor = self.pipeline.sensor(self.document, view, &photo);
        Ok(sensor.map(|sensor| (photo, sensor)))
    }

    /// The head in a view's photo, no larger than this; `None` if the view has too few points.
    ///
    /// # Errors
    /// If the photo cannot be read.
    pub fn part(&mut self, view: usize, most_px: u32) -> Result<Option<Arc<Part>>, Error> {
        if let Some(known) = self.parts.get(&(view, most_px)) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some((photo, sensor)) = self.whole(view)? else { return Ok(None) };
        let window = CropRect::around_head(&sensor.camera, photo.size_px(), OVERVIEW_MM);
        let side = window.width.min(most_px);
        let Some(before) = strip(&[(&photo, window)], side) else { return Ok(None) };
        let corner = DVec2::new(f64::from(window.left), f64::from(window.top));
        let scale = f64::from(side) / f64::from(window.width);
        let outlines = self.document.views[view].hidden_outlines().into_iter().flatten();
        let outlines: Vec<Vec<DVec2>> =
            outlines.map(|outline| outline.iter().map(|p| (DVec2::from(*p) - corner) * scale).collect()).collect();
        let size = before.size_px();
        let sensor = Sensor {
            camera: sensor.camera.of_part(corner, scale),
            photo_px: size,
            spread: sensor.spread.scaled(scale),
            level: 0,
            hidden: (!outlines.is_empty()).then(|| Arc::new(Region::new(size, &outlines))),
            tones: sensor.tones,
        };
        let part = Arc::new(Part { before, sensor });
        self.parts.insert((view, most_px), Arc::clone(&part));
        Ok(Some(part))
    }

    /// What would look wrong about the plan, as found by `check`.
    ///
    /// # Errors
    /// If a photo cannot be read.
    pub fn findings(&mut self) -> Result<Vec<Finding>, Error> {
        let picked = &self.document.client;
        let fit = Arc::clone(&self.fitted.fit);
        let skin = match &picked.skin {
            Some(skin) => Some(skin.tone()),
            None => {
                let forehead = self.pipeline.forehead(self.document, |view| self.photos.get(view).map(Some))?;
                forehead.and_then(|forehead| forehead.tone)
            }
        };
        let client = Client::picked(skin, picked.hair.as_ref().map(PickedTone::tone));
        let shown = self.pipeline.shown(self.document, &fit);
        Ok(checks::findings(self.plan(), &self.fitted.mock_up, &client, &shown))
    }
}
