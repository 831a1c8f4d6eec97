//! From a case to everything drawn from it: the head, its scalp, the client's skin, the dots, the lens of each photo.
//!
//! Everything that draws or measures a plan goes through this: a command once, the window again and again. Each step's
//! result is cached and recomputed only when its input changes. A step that reads a photo calls a function that returns
//! a view's photo, or `None` if it cannot be read and that has been reported elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::{Document, Outlines, PhotoKey, ViewRecord};
use super::head_fit::{FitInput, HeadFit};
use crate::checks::Shown;
use crate::head::Part;
use crate::head::fit::FitError;
use crate::photo::{Photo, Region};
use crate::plan::Plan;
use crate::plan::treatment::Treatment;
use crate::reading::complexion::{self, Complexion, SkinType};
use crate::reading::lens::Lens;
use crate::reading::skin_tones::SkinTones;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;
use crate::reading::views::View;
use crate::render::mock_up::{MockUp, Scalp, Sensor};

/// How much denser than usual a first plan that follows the client's own hair may be before more candidates must be
/// made.
const ROOM_FOR_OWN_HAIR: f64 = 1.3;
/// How many scalps are cached: plans being compared may have different seeds.
const SCALPS: usize = 3;

/// A case's plan, ready to be drawn on the client's head.
#[derive(Debug, Clone)]
pub struct FittedMockUp {
    /// The head, and how each photo's camera looks at it.
    pub fit: Arc<HeadFit>,
    /// The plan's dots in the client's skin.
    pub mock_up: Arc<MockUp>,
}

/// The client's skin in the photo that shows the forehead best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forehead {
    /// Index of its view.
    pub view: usize,
    /// Colour in the photo; `None` if the photo does not show the whole forehead, or cannot be read.
    pub tone: Option<Tone>,
    /// The skin that explains it; `None` if there is no tone, or it is black.
    pub complexion: Option<Complexion>,
}

/// The cached steps, each with its input.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// Keeps readings from photos while the head changes, as during a drag.
    pub readings_stay: bool,
    fit: Option<(FitInput, Result<Arc<HeadFit>, FitError>)>,
    /// Number of fits so far, to tell heads apart.
    fits: u64,
    /// The forehead, with the fit it was read with and the confirmed skin type.
    forehead: Option<(u64, Option<SkinType>, Option<Forehead>)>,
    /// The lens of each photo, with the fit it was read with.
    lenses: HashMap<PhotoKey, (u64, Lens)>,
    /// The skin tones of each photo, with the fit they were read with.
    tones: HashMap<PhotoKey, (u64, Option<Arc<SkinTones>>)>,
    /// What hides the scalp in each photo, with the outlines it was made from; `None` if none are in effect.
    hidden: HashMap<PhotoKey, (Option<Outlines>, Option<Arc<Region>>)>,
    /// Least recently used first.
    scalps: Vec<(ScalpKey, Arc<Scalp>)>,
    /// By variant: its plan and the mock-up.
    mock_ups: HashMap<usize, (Plan, Arc<MockUp>)>,
}

/// What a scalp depends on: the fit and the seed.
type ScalpKey = (u64, u64);

impl Pipeline {
    /// Fits the head to all views with enough points.
    ///
    /// # Errors
    /// [`FitError`].
    pub fn fit(&mut self, document: &Document) -> Result<Arc<HeadFit>, FitError> {
        let input = FitInput::of(document);
        if let Some((known, fit)) = &self.fit
            && *known == input
        {
            return fit.clone();
        }
        let fit = input.fit().map(Arc::new);
        self.fits += 1;
        self.fit = Some((input, fit.clone()));
        fit
    }

    /// How often the head was fitted. The same number means the same head.
    #[must_use]
    pub fn fits(&self) -> u64 {
        self.fits
    }

    /// Whether readings made with that fit are valid: it is the current one, or readings are being kept.
    fn stands(&self, read_of: u64) -> bool {
        read_of == self.fits || self.readings_stay
    }

    /// The forehead in the photo that shows it best; `None` if no photo does.
    ///
    /// # Errors
    /// [`FitError`], and errors of `photo`.
    pub fn forehead<E: From<FitError>>(
        &mut self,
        document: &Document,
        photo: impl FnOnce(usize) -> Result<Option<Arc<Photo>>, E>,
    ) -> Result<Option<Forehead>, E> {
        let fit = self.fit(document)?;
        let known = document.client.skin_type;
        if let Some((read_of, as_known, forehead)) = self.forehead
            && self.stands(read_of)
            && as_known == known
        {
            return Ok(forehead);
        }
        let forehead = match fit.forehead(document) {
            Some(View { index: view, camera, .. }) => {
                let tone = photo(view)?.and_then(|photo| Tone::of_forehead(&photo, fit.head(), &camera));
                let complexion = tone.and_then(|tone| Complexion::of_tone(tone, known));
                Some(Forehead { view, tone, complexion })
            }
            None => None,
        };
        self.forehead = Some((self.fits, known, forehead));
        Ok(forehead)
    }

    /// The client's skin, from the forehead and the confirmed type; typical skin if no photo shows it. One client has
    /// one skin, whichever photo is shown.
    ///
    /// # Errors
    /// Those of [`Pipeline::forehead`].
    pub fn skin<E: From<FitError>>(
        &mut self,
        document: &Document,
        photo: impl FnOnce(usize) -> Result<Option<Arc<Photo>>, E>,
    ) -> Result<Skin, E> {
        let complexion = self.forehead(document, photo)?.and_then(|forehead| forehead.complexion);
        Ok(complexion.map_or_else(|| complexion::usual(document.client.skin_type), |complexion| complexion.skin))
    }

    /// A variant's plan, ready to be drawn; `None` if there is no such variant.
    ///
    /// # Errors
    /// Those of [`Pipeline::skin`].
    pub fn fitted_mock_up<E: From<FitError>>(
        &mut self,
        document: &Document,
        variant: usize,
        photo: impl FnOnce(usize) -> Result<Option<Arc<Photo>>, E>,
    ) -> Result<Option<FittedMockUp>, E> {
        let fit = self.fit(document)?;
        let Some(plan) = document.variants.get(variant).map(|variant| &variant.plan) else { return Ok(None) };
        let skin = self.skin(document, photo)?;
        let scalp = self.scalp(&fit, plan);
        // Variants may have been deleted.
        self.mock_ups.retain(|variant, _| *variant < document.variants.len());
        let earlier = self.mock_ups.get(&variant);
        if let Some((known, mock_up)) = earlier
            && known == plan
            && mock_up.skin == skin
            && Arc::ptr_eq(&mock_up.scalp, &scalp)
        {
            return Ok(Some(FittedMockUp { fit, mock_up: Arc::clone(mock_up) }));
        }
        let earlier = earlier.map(|(_, mock_up)| &**mock_up);
        let mock_up = Arc::new(MockUp::after(plan, &scalp, skin, earlier));
        self.mock_ups.insert(variant, (plan.clone(), Arc::clone(&mock_up)));
        Ok(Some(FittedMockUp { fit, mock_up }))
    }

    /// Prepares what a first plan will need while that plan is still being worked out.
    ///
    /// # Errors
    /// [`FitError`].
    pub fn prepare(&mut self, document: &Document) -> Result<(), FitError> {
        let fit = self.fit(document)?;
        let plan = fit.usual_plan(Treatment::FullShave, None);
        let scalp = self.scalp(&fit, &plan);
        // Matching the client's own hair may need more density than the usual plan.
        let densest = plan.areas.first().map_or(0.0, |area| ROOM_FOR_OWN_HAIR * area.density_per_cm2);
        scalp.follicles.part(fit.head(), Part::Cranium, densest as f32);
        Ok(())
    }

    fn scalp(&mut self, fit: &HeadFit, plan: &Plan) -> Arc<Scalp> {
        let key = (self.fits, plan.seed);
        let known = self.scalps.iter().position(|(known, _)| *known == key).map(|at| self.scalps.remove(at).1);
        let scalp = known.unwrap_or_else(|| Scalp::new(fit.head().clone(), plan));
        self.scalps.push((key, Arc::clone(&scalp)));
        let outdated = self.scalps.len().saturating_sub(SCALPS);
        self.scalps.drain(..outdated);
        scalp
    }

    /// The lens of a view's photo; `None` if the view has too few points.
    pub fn lens(&mut self, document: &Document, view: usize, photo: &Photo) -> Option<Lens> {
        let fit = self.fit(document).ok()?;
        let (record, camera) = document.views.get(view).zip(fit.camera(view))?;
        let key = PhotoKey::of(record);
        if let Some((read_of, lens)) = self.lenses.get(&key)
            && self.stands(*read_of)
        {
            return Some(*lens);
        }
        let lens = Lens::of_head(photo, fit.head(), camera);
        self.lenses.insert(key, (self.fits, lens));
        Some(lens)
    }

    /// The colours of bare skin in a view's photo; `None` if the view has too few points, or they cannot be read.
    fn tones(&mut self, document: &Document, view: usize, photo: &Photo) -> Option<Arc<SkinTones>> {
        let fit = self.fit(document).ok()?;
        let (record, camera) = document.views.get(view).zip(fit.camera(view))?;
        let key = PhotoKey::of(record);
        if let Some((read_of, tones)) = self.tones.get(&key)
            && self.stands(*read_of)
        {
            return tones.clone();
        }
        let tones = SkinTones::read(photo, fit.head(), camera).map(Arc::new);
        self.tones.insert(key, (self.fits, tones.clone()));
        tones
    }

    /// The sensor of a view's photo, at full resolution; `None` if the view has too few points.
    pub fn sensor(&mut self, document: &Document, view: usize, photo: &Photo) -> Option<Sensor> {
        let spread = self.lens(document, view, photo)?.spread;
        let tones = self.tones(document, view, photo);
        Some(Sensor { spread, tones, ..self.unread_sensor(document, view)? })
    }

    /// The sensor of a view's photo as far as it is known without reading the photo: its blur is typical, its colours
    /// are those of white light.
    pub fn unread_sensor(&mut self, document: &Document, view: usize) -> Option<Sensor> {
        let camera = *self.fit(document).ok()?.camera(view)?;
        let record = document.views.get(view)?;
        Some(Sensor {
            camera,
            photo_px: [record.width_px, record.height_px],
            spread: Lens::ASSUMED.spread,
            level: 0,
            hidden: self.hidden(document, record),
            tones: None,
        })
    }

    /// The photos that show the fitted head, as input to the checks.
    pub fn shown(&mut self, document: &Document, fit: &HeadFit) -> Vec<Shown> {
        let views = fit.views(document).into_iter();
        views.map(|view| Shown { hidden: self.hidden(document, &document.views[view.index]), view }).collect()
    }

    /// What hides the scalp in the photo of a view.
    fn hidden(&mut self, document: &Document, record: &ViewRecord) -> Option<Arc<Region>> {
        let (key, outlines) = (PhotoKey::of(record), record.hidden_outlines());
        if let Some((_, hidden)) = self.hidden.get(&key).filter(|(of, _)| of.as_ref() == outlines) {
            return hidden.clone();
        }
        let hidden = record.hidden().map(Arc::new);
        // Photos may have been removed.
        self.hidden.retain(|key, _| document.views.iter().any(|record| PhotoKey::of(record) == *key));
        self.hidden.insert(key, (outlines.cloned(), hidden.clone()));
        hidden
    }
}
