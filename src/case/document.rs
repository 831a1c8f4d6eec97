//! The document of a case as JSON: views with their points, the source of the scale, the plan's variants, and the
//! client's colours.
//!
//! Unknown keys are an error, so that a newer document is never silently stripped when it is written back.
//!
//! Format 1 has at least one view and one variant, and every photo in its EXIF orientation. Format 2 allows a document
//! without views or variants, and photos turned by the user. Format 3 adds the client's colours; format 4, detected
//! points; format 5, what was found to hide the scalp; format 6, corrections of that, a confirmed skin type, and brush
//! strokes that are hard or turned off; format 7, consents; format 8, signatures. A document is written in the lowest
//! format that can hold it.

use std::collections::BTreeMap;

use glam::DVec2;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ground::json;
use crate::head::fit::{self, FoundPoints, Scale, ViewInput};
use crate::head::landmarks::{Landmark, Sighting};
use crate::head::standard_view::StandardView;
use crate::photo::{Region, Turn};
use crate::plan::{Plan, PlanError};
use crate::reading::face::{Edge, FoundHead};

use super::consent::{self, Consents, NoConsent, Use};
use super::picks::ClientRecord;
use super::signature::{self, Signature};
use super::view_names;

/// Newest format of a document that this program reads and writes.
pub const FORMAT: u32 = 8;
/// Most views.
const MAX_VIEWS: usize = 200;
/// Most points of an outline.
pub(super) const MAX_OUTLINE: usize = 5000;
/// No point of a hidden area lies farther away, px: ten times the side of the largest photo.
const FARTHEST_PX: f64 = 1e6;
/// Most closed outlines of hidden areas in a photo.
const MAX_REGIONS: usize = Region::MOST_OUTLINES;
/// Most variants, one per letter.
const MAX_VARIANTS: usize = 26;
/// Longest name of a variant, characters.
const LONGEST_VARIANT_NAME: usize = 60;

/// A photo and the points in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewRecord {
    /// Name of the view.
    pub name: String,
    /// Number of the photo in the case file.
    pub photo: i64,
    /// How the user turned the photo, after its EXIF orientation was applied.
    #[serde(default, skip_serializing_if = "Turn::is_none")]
    pub turn: Turn,
    /// Width of the photo as turned, px.
    pub width_px: u32,
    /// Height of the photo as turned, px.
    pub height_px: u32,
    /// 35 mm equivalent focal length recorded by the camera, mm.
    pub focal_length_35mm: Option<f64>,
    /// Landmarks, px.
    pub landmarks: BTreeMap<Landmark, [f64; 2]>,
    /// Outline of the scalp, px.
    pub outline: Vec<[f64; 2]>,
    /// What was detected in the photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundRecord>,
    /// Whether dots are drawn even where something was found to hide the scalp, because somebody saw that nothing does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nothing_hides_dots: bool,
    /// What hides the scalp, as drawn by hand in place of what was found: closed outlines, px; an inner one is a hole.
    /// `None`: as found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_as_drawn: Option<Outlines>,
    /// The recorded consents to uses of the photo.
    #[serde(default, skip_serializing_if = "Consents::is_empty")]
    pub consents: Consents,
}

/// Closed outlines in a photo, px.
pub type Outlines = Vec<Vec<[f64; 2]>>;

/// Identifies the photo behind a picture: its number in the case and how it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhotoKey {
    /// Number of the photo in the case.
    pub photo: i64,
    /// How it is turned.
    pub turn: Turn,
}

impl PhotoKey {
    /// The photo of a view.
    #[must_use]
    pub fn of(record: &ViewRecord) -> Self {
        Self { photo: record.photo, turn: record.turn }
    }
}

/// A head detected in a photo. It is stored, since another processor may find it a tenth of a pixel elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundRecord {
    /// The direction from which the photo shows the head.
    pub direction: StandardView,
    /// Landmarks.
    pub landmarks: BTreeMap<Landmark, FoundLandmark>,
    /// Where bare or shaved scalp meets the background, px.
    pub outline: Vec<[f64; 2]>,
    /// Where hair meets the background, px.
    pub hair: Vec<[f64; 2]>,
    /// What hides the scalp or lies beside it: closed outlines, px; an inner one is a hole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Outlines,
}

/// A detected landmark.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundLandmark {
    /// Position, px.
    pub px: [f64; 2],
    /// Standard deviation of its position on the head, mm.
    pub spread_mm: f64,
}

/// [`Scale`] as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
enum ScaleRecord {
    AveragePupils,
    MeasuredPupils { distance_mm: f64 },
    Iris { view: String, edge_px: [[f64; 2]; 2] },
    Ruler { view: String, ends_px: [[f64; 2]; 2], length_mm: f64 },
}

/// A plan with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name, "A" for the first.
    pub name: String,
    /// The plan.
    pub plan: Plan,
}

/// Everything in a case except the photos.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Views, in display order; none in a new case.
    pub views: Vec<ViewRecord>,
    scale: ScaleRecord,
    /// Plans; none until a head has been fitted.
    pub variants: Vec<Variant>,
    /// Free text.
    pub notes: String,
    /// The client's colours, as picked.
    pub client: ClientRecord,
    /// Signatures on plans, at most one per variant.
    pub signatures: Vec<Signature>,
}

/// A document in its file, with owned lists (to read) or borrowed ones (to write).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<Views, Scale, Variants, Notes, Client, Signatures> {
    format: u32,
    views: Views,
    scale: Scale,
    variants: Variants,
    notes: Notes,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Client>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signatures: Option<Signatures>,
}

/// As it is read.
type Stored = Form<Vec<ViewRecord>, ScaleRecord, Vec<Variant>, String, ClientRecord, Vec<Signature>>;

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DocumentError {
    #[error("the case's document is of format {found}, made by a newer version; this one reads up to {FORMAT}")]
    Newer { found: u64 },
    #[error("the case's document is damaged: {field}: {problem}")]
    Damaged { field: String, problem: String },
    #[error("variant '{variant}': {problem}")]
    Plan { variant: String, problem: PlanError },
    #[error(
        "'{name}' is not a good name for a variant: use up to {LONGEST_VARIANT_NAME} characters, and each name once"
    )]
    VariantName { name: String },
    #[error("a case has at most {MAX_VARIANTS} variants")]
    TooManyVariants,
    #[error("this is the only variant: make a copy of it first")]
    OnlyVariant,
    #[error("a signature is drawn with a line or more, and has the name of whoever signs")]
    Signature,
    #[error("there is no variant number {number}")]
    NoSuchVariant { number: usize },
}

fn variant_name_fits(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= LONGEST_VARIANT_NAME && !name.contains(char::is_control)
}

/// Whether these are plausible outlines of what hides the scalp.
fn are_possible(outlines: &[Vec<[f64; 2]>], most_points: usize) -> bool {
    outlines.len() <= MAX_REGIONS
        && outlines.iter().map(Vec::len).sum::<usize>() <= most_points
        && outlines.iter().flatten().flatten().all(|c| c.abs() <= FARTHEST_PX)
}

fn all_finite(points: &[[f64; 2]]) -> bool {
    points.iter().flatten().all(|c| c.is_finite())
}

impl ViewRecord {
    /// A photo without any points, as turned.
    #[must_use]
    pub fn new(name: String, key: PhotoKey, [width_px, height_px]: [u32; 2], focal_length_35mm: Option<f64>) -> Self {
        Self {
            name,
            photo: key.photo,
            turn: key.turn,
            width_px,
            height_px,
            focal_length_35mm,
            landmarks: BTreeMap::new(),
            outline: Vec::new(),
            found: None,
            nothing_hides_dots: false,
            hidden_as_drawn: None,
            consents: Consents::new(),
        }
    }

    /// Checks whether a picture of the photo may be made for this purpose.
    ///
    /// # Errors
    /// [`NoConsent`].
    pub fn check_use(&self, purpose: Use) -> Result<(), NoConsent> {
        consent::check(&self.name, &self.consents, purpose)
    }

    /// The view as input to the fit.
    #[must_use]
    pub fn input(&self) -> ViewInput {
        ViewInput {
            name: self.name.clone(),
            width_px: self.width_px,
            height_px: self.height_px,
            focal_length_35mm: self.focal_length_35mm,
            landmarks: self.landmarks.iter().map(|(&l, &p)| (l, pair(p))).collect(),
            outline: self.outline.iter().copied().map(pair).collect(),
            found: self.found.as_ref().map_or_else(FoundPoints::default, FoundRecord::points),
        }
    }

    /// Whether it has enough points to find its camera: [`ViewInput::has_enough_points`], usually at the cost of
    /// counting them.
    #[must_use]
    pub fn has_enough_points(&self) -> bool {
        let landmarks = self.landmarks.len() + self.found_landmarks().count();
        // Only if detected outline points decide must those that clicks outrank be told apart.
        let found_outline = self.found.as_ref().is_some_and(|found| !found.outline.is_empty());
        fit::are_enough(landmarks, self.outline.len()) || (found_outline && self.input().has_enough_points())
    }

    /// The landmarks that are known, clicked or detected.
    pub fn known_landmarks(&self) -> impl Iterator<Item = Landmark> {
        self.landmarks.keys().copied().chain(self.found_landmarks().map(|(landmark, _)| landmark))
    }

    /// The detected landmarks, without those that were clicked: a click outranks them.
    pub fn found_landmarks(&self) -> impl Iterator<Item = (Landmark, FoundLandmark)> {
        let found = self.found.iter().flat_map(|found| &found.landmarks);
        found
            .filter(|(landmark, _)| !self.landmarks.contains_key(landmark))
            .map(|(&landmark, &found)| (landmark, found))
    }

    /// The outlines of what hides the scalp that are in effect, px: those drawn, else those found. `None` if nothing is
    /// known to hide it or the outlines are turned off.
    #[must_use]
    pub fn hidden_outlines(&self) -> Option<&Outlines> {
        self.known_hidden().filter(|_| !self.nothing_hides_dots)
    }

    /// Like [`Self::hidden_outlines`], but also when they are turned off.
    #[must_use]
    pub fn known_hidden(&self) -> Option<&Outlines> {
        let found = self.found.as_ref().map(|found| &found.hidden);
        self.hidden_as_drawn.as_ref().or(found).filter(|outlines| !outlines.is_empty())
    }

    /// Sets what hides the scalp, px, as drawn by hand; `None`: as found. Turns the outlines on.
    pub fn draw_hidden(&mut self, outlines: Option<Outlines>) {
        (self.hidden_as_drawn, self.nothing_hides_dots) = (outlines, false);
    }

    /// Where no dot can be seen in the photo; `None` if nothing is known to hide any.
    #[must_use]
    pub fn hidden(&self) -> Option<Region> {
        let outlines = self.hidden_outlines()?.iter();
        let outlines: Vec<Vec<DVec2>> = outlines.map(|outline| outline.iter().copied().map(pair).collect()).collect();
        Some(Region::new([self.width_px, self.height_px], &outlines))
    }

    /// Whether any of the outline was clicked or found.
    #[must_use]
    pub fn knows_outline(&self) -> bool {
        !self.outline.is_empty() || self.found.as_ref().is_some_and(|found| !found.outline.is_empty())
    }

    /// Whether the outline is still to be searched for around the fitted head. A front photo has been searched above
    /// the pupils, and a detected head came with its outline.
    pub(super) fn wants_outline(&self) -> bool {
        self.outline.is_empty() && self.name != "front" && self.found.is_none()
    }

    /// Turns the view: its size, its points, and, when mirrored, the names of its landmarks.
    fn turn(&mut self, turn: Turn) {
        let size_px = [self.width_px, self.height_px];
        let moved = |p: [f64; 2]| turn.point_px(pair(p), size_px).to_array();
        let named = |l: Landmark| if turn.is_mirrored() { l.mirrored() } else { l };
        self.landmarks = self.landmarks.iter().map(|(&l, &p)| (named(l), moved(p))).collect();
        self.outline = self.outline.iter().copied().map(moved).collect();
        for points in self.hidden_as_drawn.iter_mut().flatten() {
            *points = points.iter().copied().map(moved).collect();
        }
        if let Some(found) = &mut self.found {
            let landmarks = found.landmarks.iter();
            found.landmarks =
                landmarks.map(|(&l, &found)| (named(l), FoundLandmark { px: moved(found.px), ..found })).collect();
            for points in [&mut found.outline, &mut found.hair].into_iter().chain(&mut found.hidden) {
                *points = points.iter().copied().map(moved).collect();
            }
            if turn.is_mirrored() {
                found.direction = found.direction.mirrored();
            }
        }
        [self.width_px, self.height_px] = turn.size_px(size_px);
        self.turn = self.turn.then(turn);
    }
}

impl FoundRecord {
    /// A record of landmarks alone, rounded to a tenth of a pixel.
    #[must_use]
    pub fn of_landmarks(direction: StandardView, sightings: &[Sighting]) -> Self {
        let rounded = |px: DVec2| ((px * 10.0).round() / 10.0).to_array();
        let landmark = |s: &Sighting| (s.landmark, FoundLandmark { px: rounded(s.px), spread_mm: s.spread_mm });
        let landmarks = sightings.iter().map(landmark).collect();
        Self { direction, landmarks, outline: Vec::new(), hair: Vec::new(), hidden: Vec::new() }
    }

    fn points(&self) -> FoundPoints {
        let sighting = |(&landmark, found): (&Landmark, &FoundLandmark)| Sighting {
            landmark,
            px: pair(found.px),
            spread_mm: found.spread_mm,
        };
        FoundPoints {
            landmarks: self.landmarks.iter().map(sighting).collect(),
            outline: self.outline.iter().copied().map(pair).collect(),
            hair: self.hair.iter().copied().map(pair).collect(),
        }
    }

    fn is_possible(&self) -> bool {
        // No detected point is more exact than a clicked one.
        let spread_fits = |found: &FoundLandmark| found.spread_mm > 1.0 && found.spread_mm < 1000.0;
        let few = self.outline.len() <= MAX_OUTLINE && self.hair.len() <= MAX_OUTLINE;
        few && are_possible(&self.hidden, MAX_OUTLINE)
            && self.landmarks.values().all(|found| spread_fits(found) && all_finite(&[found.px]))
            && all_finite(&self.outline)
            && all_finite(&self.hair)
    }
}

impl From<&FoundHead> for FoundRecord {
    fn from(head: &FoundHead) -> Self {
        let landmark = |s: &Sighting| (s.landmark, FoundLandmark { px: s.px.to_array(), spread_mm: s.spread_mm });
        Self {
            direction: head.direction,
            landmarks: head.landmarks.iter().map(landmark).collect(),
            outline: head.outline.iter().map(|p| p.to_array()).collect(),
            hair: head.hair.iter().map(|p| p.to_array()).collect(),
            hidden: head.hidden.iter().map(|outline| outline.iter().map(|p| p.to_array()).collect()).collect(),
        }
    }
}

impl ScaleRecord {
    /// The view in which the scale was clicked, and its points.
    fn clicked(&mut self) -> Option<(&mut String, &mut [[f64; 2]; 2])> {
        match self {
            Self::Iris { view, edge_px: points } | Self::Ruler { view, ends_px: points, .. } => Some((view, points)),
            Self::AveragePupils | Self::MeasuredPupils { .. } => None,
        }
    }

    fn length_mm(&self) -> Option<f64> {
        match self {
            Self::Ruler { length_mm: mm, .. } | Self::MeasuredPupils { distance_mm: mm } => Some(*mm),
            Self::AveragePupils | Self::Iris { .. } => None,
        }
    }
}

fn pair(p: [f64; 2]) -> DVec2 {
    DVec2::from(p)
}

impl Document {
    /// A document without a plan.
    #[must_use]
    pub fn new(views: Vec<ViewRecord>, scale: &Scale) -> Self {
        let mut document = Self {
            views,
            scale: ScaleRecord::AveragePupils,
            variants: Vec::new(),
            notes: String::new(),
            client: ClientRecord::default(),
            signatures: Vec::new(),
        };
        document.set_scale(scale);
        document
    }

    /// Sets the source of the scale.
    pub fn set_scale(&mut self, scale: &Scale) {
        self.scale = match scale {
            Scale::AveragePupils => ScaleRecord::AveragePupils,
            Scale::MeasuredPupils { distance_mm } => ScaleRecord::MeasuredPupils { distance_mm: *distance_mm },
            Scale::Iris { view, edge_px } => {
                ScaleRecord::Iris { view: view.clone(), edge_px: edge_px.map(|p| p.to_array()) }
            }
            Scale::Ruler { view, ends_px, length_mm } => {
                ScaleRecord::Ruler { view: view.clone(), ends_px: ends_px.map(|p| p.to_array()), length_mm: *length_mm }
            }
        };
    }

    /// The source of the scale.
    #[must_use]
    pub fn scale(&self) -> Scale {
        match &self.scale {
            ScaleRecord::AveragePupils => Scale::AveragePupils,
            ScaleRecord::MeasuredPupils { distance_mm } => Scale::MeasuredPupils { distance_mm: *distance_mm },
            ScaleRecord::Iris { view, edge_px } => Scale::Iris { view: view.clone(), edge_px: edge_px.map(pair) },
            ScaleRecord::Ruler { view, ends_px, length_mm } => {
                Scale::Ruler { view: view.clone(), ends_px: ends_px.map(pair), length_mm: *length_mm }
            }
        }
    }

    /// The views as input to the fit.
    #[must_use]
    pub fn view_inputs(&self) -> Vec<ViewInput> {
        self.views.iter().map(ViewRecord::input).collect()
    }

    /// Replaces a view's outline, px. Does nothing if there is no such view.
    pub fn set_outline(&mut self, index: usize, outline: &[DVec2]) {
        if let Some(view) = self.views.get_mut(index) {
            view.outline = outline.iter().map(|p| p.to_array()).collect();
        }
    }

    /// Numbers of the photos that the views show.
    #[must_use]
    pub fn photos(&self) -> Vec<i64> {
        self.views.iter().map(|v| v.photo).collect()
    }

    /// Removes a view, and the colours picked in it. A scale clicked in it becomes the average pupil distance. Does
    /// nothing if there is no such view.
    pub fn remove_view(&mut self, index: usize) {
        if index >= self.views.len() {
            return;
        }
        let removed = self.views.remove(index);
        if self.scale.clicked().is_some_and(|(view, _)| *view == removed.name) {
            self.scale = ScaleRecord::AveragePupils;
        }
        self.client.forget_view(&removed.name);
    }

    /// Renames a view, also where the scale and picked colours refer to it. Does nothing if there is no such view.
    pub fn rename_view(&mut self, index: usize, name: &str) {
        let Some(view) = self.views.get_mut(index) else { return };
        let before = std::mem::replace(&mut view.name, name.to_owned());
        if let Some((view, _)) = self.scale.clicked().filter(|(view, _)| **view == before) {
            name.clone_into(view);
        }
        self.client.rename_view(&before, name);
    }

    /// Turns a view: its size, landmarks, outline, and the scale and colours picked in it. Mirroring swaps left and
    /// right landmark names. Does nothing if there is no such view.
    pub fn turn_view(&mut self, index: usize, turn: Turn) {
        let Some(record) = self.views.get_mut(index) else { return };
        let size_px = [record.width_px, record.height_px];
        record.turn(turn);
        if let Some((_, points)) = self.scale.clicked().filter(|(view, _)| **view == record.name) {
            *points = points.map(|p| turn.point_px(pair(p), size_px).to_array());
        }
        self.client.turn_view(&record.name, turn, size_px);
    }

    /// Stores a head detected in a view's photo, and turns the view so that the head is upright. Does nothing if there
    /// is no such view.
    pub fn set_found(&mut self, index: usize, head: &FoundHead) {
        if !head.turn.is_none() {
            self.turn_view(index, head.turn);
        }
        if let Some(record) = self.views.get_mut(index) {
            record.found = Some(head.into());
        }
    }

    /// Stores where the head ends in a view's photo. Does nothing if there is no such view.
    pub fn set_edge(&mut self, index: usize, edge: &Edge) {
        let Some(record) = self.views.get_mut(index) else { return };
        let direction = StandardView::of(&record.name).unwrap_or(StandardView::Front);
        let found = record.found.get_or_insert_with(|| FoundRecord::of_landmarks(direction, &[]));
        found.outline = edge.scalp.iter().map(|p| p.to_array()).collect();
        found.hair = edge.hair.iter().map(|p| p.to_array()).collect();
    }

    /// Appends a copy of a variant, named by the first free letter, and returns its index.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchVariant`], [`DocumentError::TooManyVariants`].
    pub fn copy_variant(&mut self, index: usize) -> Result<usize, DocumentError> {
        let plan = self.variants.get(index).ok_or(DocumentError::NoSuchVariant { number: index + 1 })?.plan.clone();
        let free = ('A'..='Z').map(String::from).find(|name| self.variants.iter().all(|v| v.name != *name));
        let name = free.filter(|_| self.variants.len() < MAX_VARIANTS).ok_or(DocumentError::TooManyVariants)?;
        self.variants.push(Variant { name, plan });
        Ok(self.variants.len() - 1)
    }

    /// Renames a variant, also in its signature.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchVariant`], [`DocumentError::VariantName`].
    pub fn rename_variant(&mut self, index: usize, name: &str) -> Result<(), DocumentError> {
        let taken = self.variants.iter().enumerate().any(|(i, v)| i != index && v.name == name);
        let variant = self.variants.get_mut(index).ok_or(DocumentError::NoSuchVariant { number: index + 1 })?;
        if taken || !variant_name_fits(name) {
            return Err(DocumentError::VariantName { name: name.to_owned() });
        }
        let before = std::mem::replace(&mut variant.name, name.to_owned());
        for signature in self.signatures.iter_mut().filter(|signature| signature.variant == before) {
            name.clone_into(&mut signature.variant);
        }
        Ok(())
    }

    /// Deletes a variant and its signature; the last variant cannot be deleted.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchVariant`], [`DocumentError::OnlyVariant`].
    pub fn delete_variant(&mut self, index: usize) -> Result<(), DocumentError> {
        if index >= self.variants.len() {
            return Err(DocumentError::NoSuchVariant { number: index + 1 });
        }
        if self.variants.len() == 1 {
            return Err(DocumentError::OnlyVariant);
        }
        self.unsign(index);
        self.variants.remove(index);
        Ok(())
    }

    /// The lowest format that can hold this document.
    fn format(&self) -> u32 {
        let first = !self.views.is_empty() && !self.variants.is_empty() && self.views.iter().all(|v| v.turn.is_none());
        match (self.client.is_empty(), first) {
            _ if !self.signatures.is_empty() => 8,
            _ if self.views.iter().any(|v| !v.consents.is_empty()) => 7,
            _ if self.client.skin_type.is_some() || self.views.iter().any(|v| v.hidden_as_drawn.is_some()) => 6,
            _ if self.variants.iter().flat_map(|v| &v.plan.strokes).any(|stroke| !stroke.is_plain()) => 6,
            _ if self.views.iter().any(|v| v.nothing_hides_dots || v.known_hidden().is_some()) => 5,
            _ if self.views.iter().any(|v| v.found.is_some()) => 4,
            (false, _) => 3,
            (true, false) => 2,
            (true, true) => 1,
        }
    }

    /// Serialises it as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let form = Form {
            format: self.format(),
            views: &self.views,
            scale: &self.scale,
            variants: &self.variants,
            notes: &self.notes,
            client: (!self.client.is_empty()).then_some(&self.client),
            signatures: (!self.signatures.is_empty()).then_some(&self.signatures),
        };
        // Numbers, strings, lists and maps with plain keys always serialise.
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`DocumentError`] with the field that is wrong.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        #[derive(Deserialize)]
        struct Version {
            format: u64,
        }
        // The version first: otherwise a newer document would be reported as damaged.
        if let Ok(Version { format }) = serde_json::from_str(text)
            && format > u64::from(FORMAT)
        {
            return Err(DocumentError::Newer { found: format });
        }
        let form: Stored = json::read(text).map_err(|wrong| damaged(&wrong.field, wrong.problem))?;
        let Form { format, views, scale, variants, notes, client, signatures } = form;
        let (client, signatures) = (client.unwrap_or_default(), signatures.unwrap_or_default());
        let document = Self { views, scale, variants, notes, client, signatures };
        if !(1..=FORMAT).contains(&format) {
            return Err(damaged("format", format!("there is no format {format}")));
        }
        if format < document.format() {
            return Err(damaged(
                "views, variants, client or signatures",
                format!("a document of format {format} has none like these"),
            ));
        }
        document.check()?;
        Ok(document)
    }

    /// What this program knows of a document that a newer version wrote: without fields that are new. `None` if other
    /// things are, too.
    pub(super) fn known_part(text: &str) -> Option<Self> {
        /// Most unknown fields that are left out.
        const MOST: usize = 1000;
        let mut json: serde_json::Value = serde_json::from_str(text).ok()?;
        let format = json.get_mut("format")?;
        if format.as_u64()? > u64::from(FORMAT) {
            *format = FORMAT.into();
        }
        for _ in 0..MOST {
            let text = json.to_string();
            match serde_path_to_error::deserialize::<_, Stored>(&mut serde_json::Deserializer::from_str(&text)) {
                Err(error) if error.inner().to_string().starts_with("unknown field") => {
                    // Fields are written "views[0].name".
                    let field = error.path().to_string();
                    let field = format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
                    let (parent, field) = field.rsplit_once('/')?;
                    json.pointer_mut(parent)?.as_object_mut()?.remove(field)?;
                }
                _ => return Self::from_json(&text).ok(),
            }
        }
        None
    }

    /// Checks everything that reading a document checks, so that whatever is written can be read again.
    ///
    /// # Errors
    /// [`DocumentError`] with the field that is wrong.
    pub fn check(&self) -> Result<(), DocumentError> {
        if self.views.len() > MAX_VIEWS {
            return Err(damaged("views", format!("{} views, up to {MAX_VIEWS} are possible", self.views.len())));
        }
        for (i, view) in self.views.iter().enumerate() {
            if !view_names::fits(&view.name) || self.views[..i].iter().any(|v| v.name == view.name) {
                return Err(damaged(&format!("views[{i}].name"), "no good name for a view, or given twice".into()));
            }
            let size_fits = (1..=100_000).contains(&view.width_px) && (1..=100_000).contains(&view.height_px);
            let focal_fits = view.focal_length_35mm.is_none_or(|f| f > 1.0 && f < 10_000.0);
            if !size_fits || !focal_fits || view.outline.len() > MAX_OUTLINE {
                return Err(damaged(&format!("views[{i}]"), "size, focal length or outline is impossible".into()));
            }
            if !all_finite(&view.outline) || !view.landmarks.values().flatten().all(|c| c.is_finite()) {
                return Err(damaged(&format!("views[{i}]"), "a point is nowhere".into()));
            }
            if view.found.as_ref().is_some_and(|found| !found.is_possible()) {
                return Err(damaged(&format!("views[{i}].found"), "a point or its spread is impossible".into()));
            }
            if view.hidden_as_drawn.as_ref().is_some_and(|drawn| !are_possible(drawn, Region::MOST_POINTS)) {
                return Err(damaged(&format!("views[{i}].hidden_as_drawn"), "an outline is impossible".into()));
            }
        }
        let mut scale = self.scale.clone();
        let points_finite = scale.clicked().is_none_or(|(_, points)| all_finite(points));
        if !points_finite || !scale.length_mm().is_none_or(f64::is_finite) {
            return Err(damaged("scale", "a length or a point is not a number".into()));
        }
        if self.variants.len() > MAX_VARIANTS {
            return Err(damaged("variants", format!("{} variants, up to {MAX_VARIANTS}", self.variants.len())));
        }
        for (i, variant) in self.variants.iter().enumerate() {
            if !variant_name_fits(&variant.name) || self.variants[..i].iter().any(|v| v.name == variant.name) {
                return Err(damaged(&format!("variants[{i}].name"), "no good name, or given twice".into()));
            }
            variant.plan.check().map_err(|problem| DocumentError::Plan { variant: variant.name.clone(), problem })?;
        }
        for (i, signature) in self.signatures.iter().enumerate() {
            let signed = self.variants.iter().any(|variant| variant.name == signature.variant);
            let twice = self.signatures[..i].iter().any(|other| other.variant == signature.variant);
            if !signed || twice {
                return Err(damaged(&format!("signatures[{i}].variant"), "no such plan, or signed twice".into()));
            }
            signature.check().map_err(|problem| damaged(&format!("signatures[{i}]"), problem))?;
        }
        self.client.check(|view| self.views.iter().any(|v| v.name == view))
    }
}

fn damaged(field: &str, problem: String) -> DocumentError {
    DocumentError::Damaged { field: field.to_owned(), problem }
}

impl Document {
    /// The signature on a variant's plan, if any.
    #[must_use]
    pub fn signature(&self, variant: usize) -> Option<&Signature> {
        let name = &self.variants.get(variant)?.name;
        self.signatures.iter().find(|signature| signature.variant == *name)
    }

    /// Signs a variant's plan, replacing an earlier signature.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchVariant`], [`DocumentError::Signature`].
    pub fn sign(
        &mut self,
        variant: usize,
        name: &str,
        date: Date,
        strokes: Vec<Vec<[f64; 2]>>,
    ) -> Result<(), DocumentError> {
        let signed = self.variants.get(variant).ok_or(DocumentError::NoSuchVariant { number: variant + 1 })?;
        let signature = Signature {
            variant: signed.name.clone(),
            name: name.trim().to_owned(),
            date,
            plan_sha256: signature::plan_hash(&signed.plan),
            strokes,
        };
        if !Signature::is_drawn(&signature.strokes) || signature.check().is_err() {
            return Err(DocumentError::Signature);
        }
        self.signatures.retain(|other| other.variant != signature.variant);
        self.signatures.push(signature);
        Ok(())
    }

    /// Removes the signature on a variant's plan. Does nothing if there is none.
    pub fn unsign(&mut self, variant: usize) {
        if let Some(name) = self.variants.get(variant).map(|variant| variant.name.clone()) {
            self.signatures.retain(|signature| signature.variant != name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Head;
    use crate::head::fit::Scale;
    use crate::plan::treatment::Treatment;

    fn document() -> Document {
        let mut document = Document::new(Vec::new(), &Scale::AveragePupils);
        let plan = Plan::for_treatment(Treatment::FullShave, None, &Head::average());
        document.variants.push(Variant { name: "A".to_owned(), plan });
        document
    }

    fn stroke() -> Vec<Vec<[f64; 2]>> {
        vec![vec![[0.1, 0.1], [0.4, 0.2], [0.5, 0.05]]]
    }

    #[test]
    fn a_signature_holds_until_the_plan_changes_and_comes_back_from_the_file() {
        let mut document = document();
        let day = jiff::civil::date(2027, 2, 3);
        document.sign(0, " Anna Müller ", day, stroke()).unwrap();
        let json = document.to_json();
        assert!(json.contains("\"format\":8"));
        let mut again = Document::from_json(&json).unwrap();
        assert_eq!(again, document);
        assert_eq!(again.signature(0).unwrap().name, "Anna Müller");
        assert!(again.signature(0).unwrap().holds(&again.variants[0].plan));
        again.variants[0].plan.seed += 1;
        assert!(!again.signature(0).unwrap().holds(&again.variants[0].plan));
        // It follows its plan when the variant is renamed.
        let copy = again.copy_variant(0).unwrap();
        assert!(again.signature(copy).is_none(), "a copy is not signed");
        again.rename_variant(0, "First").unwrap();
        assert!(again.signature(0).is_some());
        again.delete_variant(0).unwrap();
        assert!(again.signatures.is_empty());
    }

    #[test]
    fn as_many_views_as_may_be_are_read_and_no_more() {
        let key = PhotoKey { photo: 1, turn: Turn::NONE };
        let view = |number: usize| ViewRecord::new(format!("v{number}"), key, [10, 10], None);
        let read = |count: usize| {
            Document::from_json(&Document::new((0..count).map(view).collect(), &Scale::AveragePupils).to_json())
        };
        assert_eq!(read(MAX_VIEWS).unwrap().views.len(), 200);
        let refusal = read(MAX_VIEWS + 1).unwrap_err().to_string();
        assert!(refusal.contains("201 views, up to 200 are possible"), "{refusal}");
    }

    /// In the user's words; what a newer version wrote is known as far as it is.
    #[test]
    fn a_damaged_document_is_described_without_names_of_types() {
        let sound = document().to_json();
        for (from, to) in [
            ("\"views\":[", "\"views\":[5,"),
            ("\"variants\":[", "\"variants\":{"),
            ("\"seed\":", "\"seed\":-"),
            ("\"notes\":\"\"", "\"notes\":7"),
            ("\"notes\":\"\"", "\"notes\":"),
        ] {
            let damaged = sound.replacen(from, to, 1);
            assert_ne!(damaged, sound, "{from}");
            let said = Document::from_json(&damaged).unwrap_err().to_string();
            let jargon = ["struct", "EOF", ", expected", "f64", "u64", "sequence", "at line"];
            assert_eq!(jargon.iter().find(|word| said.contains(**word)), None, "{said}");
        }
        let long = "x".repeat(100);
        let newer = sound.replacen("\"notes\"", &format!("\"{long}\":{{\"a\":1}},\"notes\""), 1);
        assert_eq!(Document::known_part(&newer), Some(document()));
    }

    #[test]
    fn impossible_signatures_are_refused() {
        let mut document = document();
        let day = jiff::civil::date(2027, 2, 3);
        for (name, strokes) in [
            ("", stroke()),
            ("Anna", Vec::new()),
            ("Anna", vec![vec![[0.1, 0.1]]]),
            ("Anna", vec![vec![[0.1, 0.1], [2.0, 0.1]]]),
        ] {
            assert_eq!(document.sign(0, name, day, strokes), Err(DocumentError::Signature));
        }
        assert!(document.sign(3, "Anna", day, stroke()).is_err());
        let json = document.to_json();
        assert!(json.contains("\"format\":2"), "a case without one stays as older programs read it");
    }
}
