//! The head of a case: fitted to the views that have points, while others may still be without.

use glam::{DVec2, DVec3};

use super::document::{Document, ViewRecord};
use crate::head::Head;
use crate::head::camera::Camera;
use crate::head::fit::{self, Fit, FitError, Scale, ViewInput};
use crate::head::standard_view::StandardView;
use crate::head::surface::SurfacePoint;
use crate::reading::complexion;

/// What a fit is made from: the views with enough points, and where they are in the document. Equal inputs give equal fits.
#[derive(Debug, Clone, PartialEq)]
pub struct FitInput {
    views: Vec<ViewInput>,
    /// For each view of the document its place in `views`.
    of_view: Vec<Option<usize>>,
    scale: Scale,
}

/// A fitted head with the cameras of a case's views.
#[derive(Debug, Clone)]
pub struct HeadFit {
    /// The fit; its cameras are those of the views that have points.
    pub fit: Fit,
    of_view: Vec<Option<usize>>,
}

impl FitInput {
    /// What a document says about the head.
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
        Ok(HeadFit { fit: fit::fit(&self.views, &self.scale)?, of_view: self.of_view.clone() })
    }
}

impl HeadFit {
    /// Of a fit in which every view of the document has its part.
    #[must_use]
    pub fn of_every_view(fit: Fit) -> Self {
        Self { of_view: (0..fit.cameras.len()).map(Some).collect(), fit }
    }

    /// The head.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.fit.head
    }

    /// Place of a view of the document among the fit's cameras; none where it has no points.
    #[must_use]
    pub fn index(&self, view: usize) -> Option<usize> {
        self.of_view.get(view).copied().flatten()
    }

    /// The camera of a view of the document; none where it has no points.
    #[must_use]
    pub fn camera(&self, view: usize) -> Option<&Camera> {
        self.index(view).and_then(|i| self.fit.cameras.get(i))
    }

    /// The view that shows the forehead most squarely, where a client's skin is read; none where no view shows it.
    #[must_use]
    pub fn skin_view(&self) -> Option<usize> {
        let facing = |view| complexion::forehead_facing(self.head(), self.camera(view)?).map(|cosine| (view, cosine));
        let views = (0..self.of_view.len()).filter_map(facing);
        views.reduce(|best, view| if view.1 > best.1 { view } else { best }).map(|(view, _)| view)
    }

    /// Millimetres for a pixel of a view at a point of the head, and the relative error of that.
    #[must_use]
    pub fn scale_at(&self, view: usize, at: DVec3) -> Option<ScaleAt> {
        let index = self.index(view)?;
        let mm_per_px = self.fit.cameras.get(index)?.mm_per_px(at);
        let error = self.fit.deviation_of(|_, cameras| Some(libm::log(cameras.get(index)?.mm_per_px(at))));
        Some(ScaleAt { mm_per_px, error })
    }

    /// The tape along the skin between two pixels of a view; none where one of them is not on the head, or they are on
    /// different parts of it.
    #[must_use]
    pub fn measure(&self, view: usize, ends_px: [DVec2; 2]) -> Option<Measured> {
        let index = self.index(view)?;
        let length = |head: &Head, cameras: &[Camera]| {
            let (part, a) = head.head_from_image(cameras.get(index)?, ends_px[0])?;
            let (other, b) = head.head_from_image(cameras.get(index)?, ends_px[1])?;
            (part == other).then(|| head.tape(part, a.position, b.position).length_mm)
        };
        let length_mm = length(&self.fit.head, &self.fit.cameras)?;
        Some(Measured { length_mm, error_mm: self.fit.deviation_of(length) })
    }
}

/// The view in which the tone of the forehead is measured: the front photo, else the first one that has a camera.
#[must_use]
pub fn forehead_view(fit: &HeadFit, document: &Document) -> Option<usize> {
    let views = 0..document.views.len();
    let with_camera = |view: &usize| fit.camera(*view).is_some();
    let front = |view: &usize| StandardView::of(&document.views[*view].name) == Some(StandardView::Front);
    views.clone().filter(with_camera).find(front).or_else(|| views.clone().find(with_camera))
}

/// The view that shows a place best, squarely and large, and the pixel; none where no photo shows it.
#[must_use]
pub fn best_view(fit: &HeadFit, document: &Document, place: &SurfacePoint) -> Option<(usize, DVec2)> {
    let seen = |(index, view): (usize, &ViewRecord)| {
        let camera = fit.camera(index)?;
        let px = camera.image_from_head(place.position).filter(|p| {
            p.x >= 0.0 && p.y >= 0.0 && p.x < f64::from(view.width_px) && p.y < f64::from(view.height_px)
        })?;
        let shown = fit.head().visible(camera, place);
        let area = camera.footprint(place.position, place.normal).px2_per_mm2();
        shown.then_some((index, px, area))
    };
    let views = document.views.iter().enumerate().filter_map(seen);
    views.max_by(|a, b| a.2.total_cmp(&b.2)).map(|(index, px, _)| (index, px))
}

/// A length along the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Length, mm.
    pub length_mm: f64,
    /// Standard deviation of it, mm.
    pub error_mm: f64,
}

/// The scale of a view at some place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleAt {
    /// Millimetres for a pixel.
    pub mm_per_px: f64,
    /// Relative standard deviation of it.
    pub error: f64,
}
