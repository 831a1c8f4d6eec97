//! The fitted head of a case. Only views with enough points are fitted; others may still lack them.

use std::borrow::Borrow;
use std::sync::OnceLock;

use glam::{DVec2, DVec3};

use super::document::{Document, ViewRecord};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::fit::{self, Fit, FitError, Scale, ViewInput};
use crate::head::landmarks::Landmark;
use crate::head::placement;
use crate::photo::Photo;
use crate::plan::Plan;
use crate::plan::hairline::Preset;
use crate::plan::line_height::{LineHeight, ThirdsOfFace};
use crate::plan::treatment::Treatment;
use crate::reading::contour;
use crate::reading::lens::Lens;
use crate::reading::own_hair::{self, OwnHair};
use crate::reading::sharpening::PointSpread;
use crate::reading::stubble::{self, Patch, PhotoConditions, Stubble};
use crate::reading::tissue::Skin;
use crate::reading::views::{self, View};

/// The input of a fit: the views with enough points, and their positions in the document. Equal inputs give equal fits.
#[derive(Debug, Clone, PartialEq)]
pub struct FitInput {
    views: Vec<ViewInput>,
    /// For each view of the document, its index in `views`.
    of_view: Vec<Option<usize>>,
    scale: Scale,
}

/// Half the breadth of an average head, mm.
const HALF_BREADTH_MM: f64 = 77.0;

/// A fitted head with the cameras of a case's views.
#[derive(Debug, Clone)]
pub struct HeadFit {
    /// The fit; its cameras are those of the views with enough points.
    pub fit: Fit,
    input: FitInput,
    /// Computed when it is first asked for: the window shows it in every frame.
    line_height: OnceLock<LineHeight>,
}

impl FitInput {
    /// The input that a document provides.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let mut views = Vec::new();
        let of_view = document
            .view_inputs()
            .into_iter()
            .map(|view| {
                view.has_enough_points().then(|| {
                    views.push(view);
                    views.len() - 1
                })
            })
            .collect();
        Self { views, of_view, scale: document.scale() }
    }

    /// Fits the head.
    ///
    /// # Errors
    /// [`FitError`].
    pub fn fit(&self) -> Result<HeadFit, FitError> {
        Ok(HeadFit { fit: fit::fit(&self.views, &self.scale)?, input: self.clone(), line_height: OnceLock::new() })
    }
}

impl HeadFit {
    /// The fitted head.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.fit.head
    }

    /// Whether it was fitted to this document's points.
    #[must_use]
    pub fn is_of(&self, document: &Document) -> bool {
        self.input == FitInput::of(document)
    }

    /// Index of a view's camera in the fit; `None` if the view has too few points.
    #[must_use]
    pub fn index(&self, view: usize) -> Option<usize> {
        self.input.of_view.get(view).copied().flatten()
    }

    /// The camera of a view; `None` if the view has too few points.
    #[must_use]
    pub fn camera(&self, view: usize) -> Option<&Camera> {
        self.index(view).and_then(|i| self.fit.cameras.get(i))
    }

    /// The initial plan for a treatment of this client.
    #[must_use]
    pub fn usual_plan(&self, treatment: Treatment, preset: Option<Preset>) -> Plan {
        Plan::for_client(treatment, preset, self.head(), self.line_height())
    }

    /// The height of the client's usual hairline: from the face where chin and brows are seen.
    #[must_use]
    pub fn line_height(&self) -> LineHeight {
        let seen = || {
            let chin_mm = self.seen_to_mm(Landmark::Menton)?;
            let brows = [Landmark::Glabella, Landmark::Nasion].into_iter();
            let brow_mm = brows.filter_map(|landmark| self.seen_to_mm(landmark)).reduce(f64::min)?;
            let thirds = self.head().equal_thirds()?;
            Some(ThirdsOfFace { height_mm: thirds.height_mm, error_mm: thirds.error_mm(chin_mm, brow_mm) })
        };
        *self.line_height.get_or_init(|| seen().map_or(LineHeight::USUAL, LineHeight::of_face))
    }

    /// Standard deviation with which all photos together show a landmark, mm; `None` if none of them does. Those that
    /// were left out of the fit do not count, nor do those of a head placed by hand.
    fn seen_to_mm(&self, landmark: Landmark) -> Option<f64> {
        let left_out =
            |view: usize| self.fit.left_out.iter().any(|(of, sighting)| (*of, sighting.landmark) == (view, landmark));
        let views = self.input.views.iter().enumerate().filter(|(view, _)| !left_out(*view));
        let seen = views.flat_map(|(_, view)| view.sightings().filter(|sighting| sighting.landmark == landmark));
        let seen = seen.filter(|sighting| !placement::is_placed(sighting));
        let precision: f64 = seen.map(|sighting| 1.0 / (sighting.spread_mm * sighting.spread_mm)).sum();
        (precision > 0.0).then(|| 1.0 / precision.sqrt())
    }

    /// Clicked landmarks of a view that hardly fit the other points but were used.
    pub fn doubtful(&self, view: usize) -> impl Iterator<Item = Landmark> {
        let index = self.index(view);
        self.fit.doubtful.iter().filter(move |(of, _)| Some(*of) == index).map(|(_, landmark)| *landmark)
    }

    /// Landmarks of a view, found or clicked, that contradict the other points and were left out.
    pub fn left_out(&self, view: usize) -> impl Iterator<Item = Landmark> {
        let index = self.index(view);
        self.fit.left_out.iter().filter(move |(of, _)| Some(*of) == index).map(|(_, sighting)| sighting.landmark)
    }

    /// A view with its camera; `None` if it has too few points.
    #[must_use]
    pub fn view(&self, index: usize, record: &ViewRecord) -> Option<View> {
        Some(View { index, camera: *self.camera(index)?, size_px: [record.width_px, record.height_px] })
    }

    /// All views of the document with cameras.
    #[must_use]
    pub fn views(&self, document: &Document) -> Vec<View> {
        document.views.iter().enumerate().filter_map(|(index, record)| self.view(index, record)).collect()
    }

    /// The view of the document that shows the forehead best; `None` if none shows all of it.
    #[must_use]
    pub fn forehead(&self, document: &Document) -> Option<View> {
        views::of_forehead(self.head(), &self.views(document))
    }

    /// The outline of the scalp, px, in each photo that still lacks one: see [`contour::find_near`].
    ///
    /// # Errors
    /// Those of `photo`.
    pub(crate) fn missing_outlines<P: Borrow<Photo>, E>(
        &self,
        document: &Document,
        photo: impl FnMut(usize) -> Result<P, E>,
    ) -> Result<Vec<(usize, Vec<DVec2>)>, E> {
        let seen = self.views(document);
        let wanted = seen.iter().copied().filter(|view| document.views[view.index].wants_outline());
        contour::find_near(self.head(), &seen, wanted, photo)
    }

    /// The client's own shaved hair and skin: see [`own_hair::find`].
    pub fn own_hair<P: Borrow<Photo> + Sync>(
        &self,
        views: &[View],
        mut photo: impl FnMut(usize) -> Option<P>,
    ) -> Option<(OwnHair, Skin)> {
        self.own_hair_in(views, |view| Some((photo(view)?, None)))
    }

    /// The same where the blur of a photo may be known, see [`own_hair::find`].
    pub fn own_hair_in<P: Borrow<Photo> + Sync>(
        &self,
        views: &[View],
        photo: impl FnMut(usize) -> Option<(P, Option<PointSpread>)>,
    ) -> Option<(OwnHair, Skin)> {
        let top = self.head().cranium.at(DVec3::Y).position;
        let scale_error = |view| self.scale_at(view, top).map_or(0.0, |scale| scale.error);
        own_hair::find(self.head(), views, scale_error, photo)
    }

    /// Measures the shaved hair in a patch of a view's photo, at the scale that the head gives. `blur_px` is the
    /// standard deviation of the camera's blur; `None` takes it from the photo's sharpest edges.
    ///
    /// # Errors
    /// [`stubble::StubbleError`] if there are no dots or they cannot be measured; a view with too few points counts as
    /// not showing the head.
    pub fn stubble(
        &self,
        photo: &Photo,
        view: usize,
        patch: Patch,
        blur_px: Option<f64>,
    ) -> Result<Stubble, stubble::StubbleError> {
        let camera = self.camera(view).ok_or(stubble::StubbleError::OffTheHead)?;
        let spread = blur_px.map(PointSpread::blurred);
        let spread = spread.unwrap_or_else(|| Lens::of_head(photo, self.head(), camera).spread);
        let place = self.head().head_from_image(camera, patch.middle_px).map(|(_, place)| place.position);
        let scale_error = place.and_then(|place| self.scale_at(view, place)).map_or(0.0, |scale| scale.error);
        Stubble::measure(photo, self.head(), camera, patch, PhotoConditions { spread, scale_error })
    }

    /// Millimetres per pixel of a view at a point of the head, and their relative error.
    #[must_use]
    pub fn scale_at(&self, view: usize, at: DVec3) -> Option<ScaleAt> {
        let index = self.index(view)?;
        let mm_per_px = self.fit.cameras.get(index)?.mm_per_px(at);
        let error = self.fit.deviation_of(|_, cameras| Some(libm::log(cameras.get(index)?.mm_per_px(at))));
        Some(ScaleAt { mm_per_px, error: error.hypot(self.outline_error(index)) })
    }

    /// The length along the skin between two pixels of a view; `None` if either is off the head, or they lie on
    /// different parts of it.
    #[must_use]
    pub fn measure(&self, view: usize, ends_px: [DVec2; 2]) -> Option<Measured> {
        let index = self.index(view)?;
        let ends = |head: &Head, camera: &Camera| {
            let (part, a) = head.head_from_image(camera, ends_px[0])?;
            let (other, b) = head.head_from_image(camera, ends_px[1])?;
            (part == other).then_some((part, [a.position, b.position]))
        };
        let (part, [from, to]) = ends(&self.fit.head, self.fit.cameras.get(index)?)?;
        let length_mm = self.fit.head.tape(part, from, to).length_mm;
        // Laid on some 150 heads that differ a little.
        let coarse = |head: &Head, cameras: &[Camera]| {
            let (part, [from, to]) = ends(head, cameras.get(index)?)?;
            Some(head.coarse_length_mm(part, from, to))
        };
        let error_mm = self.fit.deviation_of(coarse).hypot(length_mm * self.outline_error(index));
        Some(Measured { length_mm, error_mm })
    }

    /// How far the seen outline lies from the fitted one, relative to half the head's breadth: if the head's true size
    /// differs from the fitted one, lengths on it are off by the same share.
    fn outline_error(&self, index: usize) -> f64 {
        let off = self.fit.outline_off_px.get(index).copied().flatten().zip(self.fit.cameras.get(index));
        off.map_or(0.0, |(px, camera)| px * camera.mm_per_px(DVec3::ZERO) / HALF_BREADTH_MM)
    }
}

/// A length along the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Length, mm.
    pub length_mm: f64,
    /// Standard deviation of the length, mm.
    pub error_mm: f64,
}

/// The scale of a view at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleAt {
    /// Millimetres per pixel.
    pub mm_per_px: f64,
    /// Relative standard deviation of that.
    pub error: f64,
}
