//! From a case to what can be seen of it: the head, its scalp, the client's skin, the dots, the lens of each photo.
//!
//! Everything that draws or measures a plan comes this way: commands once, the window again and again. Each step is kept,
//! and runs again only when its input has changed. A step that reads a photo is handed a function that gives the photo of a
//! view, or none where it cannot be read and that has been said elsewhere.

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
use crate::reading::complexion::SkinType;
use crate::reading::lens::Lens;
use crate::reading::tissue::Skin;
use crate::reading::tone::Tone;
use crate::reading::{complexion, views};
use crate::render::scene::{MockUp, Scalp, Sensor};

/// How much denser than usual a first plan may be that follows the client's own hair, before more candidates are made.
const ROOM_FOR_OWN_HAIR: f64 = 1.3;
/// How many scalps are kept: plans that are compared may have seeds of their own.
const SCALPS: usize = 3;

/// A case's plan, made ready to be seen on the client's head.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The head, and how each photo's camera looks at it.
    pub fit: Arc<HeadFit>,
    /// The plan's dots in the client's skin.
    pub mock_up: Arc<MockUp>,
}

impl Scene {
    /// A plan on a fitted head, in skin that is known.
    #[must_use]
    pub fn new(fit: Arc<HeadFit>, plan: &Plan, skin: Skin) -> Self {
        let scalp = Scalp::new(fit.head().clone(), plan);
        Self { mock_up: Arc::new(MockUp::new(plan, &scalp, skin)), fit }
    }
}

/// The steps, each with what it was made from.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// What was read of the photos stays as it is while the head changes: until the end of a movement.
    pub readings_stay: bool,
    fit: Option<(FitInput, Result<Arc<HeadFit>, FitError>)>,
    /// Counts fits, to tell one head from another.
    fits: u64,
    /// The client's skin, the fit that it was read with, and its type where somebody knows that.
    skin: Option<(u64, Option<SkinType>, Skin)>,
    /// The lens and the tone of skin that each photo shows.
    seen: HashMap<PhotoKey, (u64, Lens, Option<Tone>)>,
    /// What hides the scalp in each photo, and the outlines that say so; none where they do not count.
    hidden: HashMap<PhotoKey, (Option<Outlines>, Option<Arc<Region>>)>,
    /// The one used last at the end.
    scalps: Vec<(ScalpKey, Arc<Scalp>)>,
    /// Of each variant: its plan, and the mock-up.
    mock_ups: HashMap<usize, (Plan, Arc<MockUp>)>,
}

/// What a scalp depends on: the fit and the seed.
type ScalpKey = (u64, u64);

impl Pipeline {
    /// Fits the head to all views that have enough points.
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

    /// What was read of a head's photos: of this head, or of the one before while readings stay.
    fn stands(&self, read_of: u64) -> bool {
        read_of == self.fits || self.readings_stay
    }

    /// The client's skin, from the photo that shows the forehead best and the type that somebody has confirmed; what is usual
    /// where no photo does. One client has one skin, whichever photo is treated.
    ///
    /// # Errors
    /// [`FitError`], and what `photo` gives.
    pub fn skin<E: From<FitError>>(
        &mut self,
        document: &Document,
        photo: impl FnOnce(usize) -> Result<Option<Arc<Photo>>, E>,
    ) -> Result<Skin, E> {
        let fit = self.fit(document)?;
        let known = document.client.skin_type;
        if let Some((read_of, as_known, skin)) = self.skin
            && self.stands(read_of)
            && as_known == known
        {
            return Ok(skin);
        }
        let forehead = views::of_forehead(fit.head(), &fit.views(document));
        let shown = match forehead {
            Some(view) => photo(view.index)?.map(|photo| (photo, view)),
            None => None,
        };
        let skin = shown.map_or_else(
            || complexion::usual(known),
            |(photo, view)| complexion::skin(&photo, fit.head(), &view.camera, known),
        );
        self.skin = Some((self.fits, known, skin));
        Ok(skin)
    }

    /// A variant's plan, ready to be seen; none where there is no such variant.
    ///
    /// # Errors
    /// Those of [`Pipeline::skin`].
    pub fn scene<E: From<FitError>>(
        &mut self,
        document: &Document,
        variant: usize,
        photo: impl FnOnce(usize) -> Result<Option<Arc<Photo>>, E>,
    ) -> Result<Option<Scene>, E> {
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
            return Ok(Some(Scene { fit, mock_up: Arc::clone(mock_up) }));
        }
        let earlier = earlier.map(|(_, mock_up)| &**mock_up);
        let mock_up = Arc::new(MockUp::after(plan, &scalp, skin, earlier));
        self.mock_ups.insert(variant, (plan.clone(), Arc::clone(&mock_up)));
        Ok(Some(Scene { fit, mock_up }))
    }

    /// Makes what a first plan will need, while it is still worked out.
    ///
    /// # Errors
    /// [`FitError`].
    pub fn prepare(&mut self, document: &Document) -> Result<(), FitError> {
        let fit = self.fit(document)?;
        let plan = Plan::for_treatment(Treatment::FullShave, None, fit.head());
        let scalp = self.scalp(&fit, &plan);
        // Own hair may ask for more than the usual plan does.
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

    /// The sensor of a view's photo, at full resolution; none where the view has no points.
    pub fn sensor(&mut self, document: &Document, view: usize, photo: &Photo) -> Option<Sensor> {
        let record = document.views.get(view)?;
        let fit = self.fit(document).ok()?;
        let camera = fit.camera(view)?;
        let key = PhotoKey::of(record);
        let known = self.seen.get(&key).filter(|(read_of, ..)| self.stands(*read_of));
        let (lens, tone) = match known {
            Some((_, lens, tone)) => (*lens, *tone),
            None => (Lens::of_head(photo, fit.head(), camera), Tone::of_head(photo, fit.head(), camera)),
        };
        if known.is_none() {
            self.seen.insert(key, (self.fits, lens, tone));
        }
        let hidden = self.hidden(document, record);
        Some(Sensor { hidden, tone, ..Sensor::new(photo, camera, &lens) })
    }

    /// The photos that show the fitted head, as the checks look at them.
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
