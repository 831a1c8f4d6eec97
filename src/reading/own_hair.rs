//! Where the client's own shaved hair grows, and what it is like there: the source of a plan's density, dot size and
//! tone.
//!
//! Nearly every client keeps closely shaved sides. Places all over the scalp are examined, each in the photo that shows
//! it best ([`find`]); those where dots stand out ([`stubble::stipple`]) are hair. Going up from the ears and the nape,
//! hair ends where its dots have thinned to half: that line, all around the back of the head, closed below, bounds the
//! region of the client's own hair ([`OwnHair::border`]). Well inside it the hair itself is measured by
//! [`Stubble::measure`].
//!
//! Hair on top, between which dots may be wanted, is not looked for, nor is hair longer than stubble.

mod edge;

use std::borrow::Borrow;

use glam::{DVec2, DVec3};
use rayon::prelude::*;

use super::complexion;
use super::lens::Lens;
use super::sharpening::PointSpread;
use super::stubble::{self, Patch, PhotoConditions, Stipple, Stubble};
use super::tissue::Skin;
use super::tone::Tone;
use super::views::{self, PlaceInView, View};
use crate::ground::statistics::{median, upper_quantile};
use crate::head::Head;
use crate::head::landmarks::Landmark;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;
use crate::plan::SkinPoint;
use edge::BorderTone;

/// Most pixels of photos that are examined at once.
const AT_ONCE_PX: u64 = 26_000_000;
/// Directions around the vertical axis.
const COLUMNS: usize = 36;
/// Rows in each direction, as angles from the vertical, degrees: the first, the step, and the number of rows.
const ROW_FIRST: f64 = 24.0;
const ROW_STEP: f64 = 6.0;
const ROWS: usize = 18;
/// The face and the scalp above it are skipped, degrees to either side of the front.
const FACE_DEGREES: f64 = 45.0;
/// Radius of a place, mm: as small as a sufficient number of dots allows, for a sharp border.
const PLACE_MM: f64 = 5.0;
/// Radius of the patches in which hair is measured, mm.
const PATCH_MM: f64 = 6.0;
/// Most patches that are measured in a photo.
const MOST_PATCHES: usize = 3;
/// Least ratio of a dot's axes in the photo: skin seen more obliquely is skipped.
const MOST_OBLIQUE: f64 = 0.45;
/// Where bright spots stand out by more than this share of what hair does, they would hide any hair.
const HIDING_SHARE: f64 = 0.45;
/// Share of the full hair that defines the border.
const BORDER_SHARE: f64 = 0.5;
/// Fewest directions with hair that make it the sides and the back of a head.
const FEWEST_COLUMNS: usize = 5;
/// Width over which own hair thins out, mm, if it could not be measured (assumed), and the limits of a measured one.
const USUAL_BLEND_MM: f64 = 15.0;
const BLEND_MM: [f64; 2] = [8.0, 30.0];
/// Distance from the border within which tones are compared, mm.
const LINE_MM: f64 = 38.0;
/// How far the region extends beyond ears and nape, degrees: no plan reaches as far.
const BEYOND_DEGREES: f64 = 12.0;
/// Limits of what counts as shaved hair: per cm2, and mm. Counts in photographs are 47 to 68, widths 0.3 to 0.6.
const DENSITIES_PER_CM2: [f64; 2] = [25.0, 160.0];
const WIDTHS_MM: [f64; 2] = [0.15, 0.7];

/// The client's own shaved hair.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnHair {
    /// Its properties: the median of all measured patches, figure by figure.
    pub stubble: Stubble,
    /// Number of measured patches.
    pub patches: usize,
    /// The upper border, where the hair has thinned to half, from the right temple around the back to the left one.
    pub border: Vec<SkinPoint>,
    /// Closed line around the hair at its full density.
    pub region: Vec<SkinPoint>,
    /// Width over which the hair thins out beyond that line, mm.
    pub blend_mm: f64,
    /// Median tone of the bare skin above the border.
    pub bare: Tone,
    /// Share of the light of such skin that the hair leaves: red, green, blue.
    pub left: [f64; 3],
}

/// A place of the scalp, and the view in which it is examined.
#[derive(Debug, Clone, Copy)]
struct Examined {
    column: usize,
    row: usize,
    view: usize,
    middle_px: DVec2,
    /// Pixels per mm2 of its skin.
    px2_per_mm2: f64,
}

/// The client's own shaved hair in photos of a fitted head, with the client's skin; `None` where it is not visible.
/// Photos are examined side by side, but no more of them at a time than take little memory; one that `photo` does not
/// provide is skipped. With a photo comes how sharp it is, if that is known. `scale_error` is
/// the relative standard error of a view's scale.
pub fn find<P: Borrow<Photo> + Sync>(
    head: &Head,
    views: &[View],
    scale_error: impl Fn(usize) -> f64,
    mut photo: impl FnMut(usize) -> Option<(P, Option<PointSpread>)>,
) -> Option<(OwnHair, Skin)> {
    let mut search = Search::new(head, views);
    let mut skin = Skin::default();
    let forehead = views::of_forehead(head, views).map(|view| view.index);
    let is_wanted = |view: &&View| forehead == Some(view.index) || search.wants(view.index);
    let wanted: Vec<&View> = views.iter().filter(is_wanted).collect();
    let mut rest = wanted.as_slice();
    while !rest.is_empty() {
        let (some, others) = rest.split_at(at_once(rest));
        rest = others;
        let read = |view: &&View| photo(view.index).map(|photo| (**view, scale_error(view.index), photo));
        let photos: Vec<(View, f64, (P, Option<PointSpread>))> = some.iter().filter_map(read).collect();
        let examine = |(view, scale_error, (photo, spread)): &(View, f64, (P, Option<PointSpread>))| {
            let (photo, scale_error) = (photo.borrow(), *scale_error);
            let spread = spread.unwrap_or_else(|| Lens::of_head(photo, head, &view.camera).spread);
            let tells_skin = forehead == Some(view.index);
            let skin = tells_skin.then(|| complexion::skin(photo, head, &view.camera, None));
            (skin, search.examine(view, photo, PhotoConditions { spread, scale_error }))
        };
        let found: Vec<(Option<Skin>, ViewFindings)> = photos.par_iter().map(examine).collect();
        for (of_view, findings) in found {
            skin = of_view.unwrap_or(skin);
            search.add(findings);
        }
    }
    search.found().map(|hair| (hair, skin))
}

/// How many of these views, from the first on, are examined at once: at least one.
fn at_once(views: &[&View]) -> usize {
    let px = |view: &View| u64::from(view.size_px[0]) * u64::from(view.size_px[1]);
    let sums = views.iter().scan(0, |sum, view| {
        *sum += px(view);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= AT_ONCE_PX).count().max(1)
}

/// What a photo shows.
struct ViewFindings {
    view: usize,
    places: Vec<(Examined, Option<Stipple>, Option<Tone>)>,
    measured: Vec<Stubble>,
}

/// Looks for own hair, photo by photo.
#[derive(Debug)]
struct Search<'a> {
    head: &'a Head,
    places: Vec<Examined>,
    /// Which places are scalp, visible or not.
    scalp: Vec<bool>,
    /// The dots at each place; `None` where nothing was examined.
    taken: Vec<Option<Stipple>>,
    /// The mean tone of each place, with the index of its view.
    tones: Vec<Option<(usize, Tone)>>,
    measured: Vec<Stubble>,
}

fn index(column: usize, row: usize) -> usize {
    column * ROWS + row
}

fn row_degrees(row: f64) -> f64 {
    ROW_FIRST + ROW_STEP * row
}

/// A place of the scalp by its direction: degrees from the front towards the client's left, and degrees from the
/// vertical.
fn on_scalp(head: &Head, around: f64, down: f64) -> SurfacePoint {
    let ((sin_around, cos_around), (sin_down, cos_down)) =
        (libm::sincos(around.to_radians()), libm::sincos(down.to_radians()));
    head.cranium.at(DVec3::new(sin_down * sin_around, cos_down, sin_down * cos_around))
}

fn column_degrees(column: usize) -> f64 {
    360.0 * column as f64 / COLUMNS as f64
}

/// True where hair can grow and no ear is in the way.
fn can_grow(head: &Head, place: DVec3) -> bool {
    let tragus = head.landmark(if place.x > 0.0 { Landmark::TragusLeft } else { Landmark::TragusRight });
    let (up, forward) = (place.y - tragus.y, place.z - tragus.z);
    let ear = place.x.abs() > 30.0 && (-56.0..8.0).contains(&forward) && up < 46.0;
    let temple = forward >= 8.0 && (up < 12.0 || forward > 52.0);
    up > -22.0 && !ear && !temple
}

impl<'a> Search<'a> {
    /// The places to examine on this head, in these views.
    fn new(head: &'a Head, views: &[View]) -> Self {
        let mut places = Vec::new();
        let mut scalp = vec![false; COLUMNS * ROWS];
        for column in 0..COLUMNS {
            let around = column_degrees(column);
            if around.min(360.0 - around) < FACE_DEGREES {
                continue;
            }
            for row in 0..ROWS {
                let place = on_scalp(head, around, row_degrees(row as f64));
                if !can_grow(head, place.position) {
                    continue;
                }
                scalp[index(column, row)] = true;
                let square = |sight: &PlaceInView| {
                    sight.footprint.minor_px_per_mm >= MOST_OBLIQUE * sight.footprint.major_px_per_mm
                };
                let best = views::of_place(head, views, &place, square).map(|(view, sight)| Examined {
                    column,
                    row,
                    view: view.index,
                    middle_px: sight.px,
                    px2_per_mm2: sight.footprint.px2_per_mm2(),
                });
                places.extend(best);
            }
        }
        Self {
            head,
            places,
            scalp,
            taken: vec![None; COLUMNS * ROWS],
            tones: vec![None; COLUMNS * ROWS],
            measured: Vec::new(),
        }
    }

    /// Whether any place is examined in this view.
    fn wants(&self, view: usize) -> bool {
        self.places.iter().any(|place| place.view == view)
    }

    /// Examines the photo of a view. Costs some milliseconds per place, and some tenths of a second for each patch of
    /// hair.
    fn examine(&self, view: &View, photo: &Photo, conditions: PhotoConditions) -> ViewFindings {
        let camera = &view.camera;
        let places: Vec<Examined> = self.places.iter().filter(|place| place.view == view.index).copied().collect();
        let patch = |place: &Examined, radius_mm: f64| Patch { middle_px: place.middle_px, radius_mm };
        let head = self.head;
        let places: Vec<(Examined, Option<Stipple>, Option<Tone>)> = places
            .par_iter()
            .map(|place| {
                let taken = stubble::stipple(photo, head, camera, patch(place, PLACE_MM), conditions.spread.blur_px);
                let radius_px = PLACE_MM * place.px2_per_mm2.sqrt();
                (*place, taken, Tone::mean_in_disc(photo, place.middle_px, radius_px))
            })
            .collect();
        let hairy = places.iter().filter_map(|(place, taken, _)| Some((place, taken.as_ref()?.taken)));
        let mut hairy: Vec<(&Examined, f64)> = hairy.filter(|(_, taken)| *taken > 0.0).collect();
        // The middle half by strength is dense, well visible hair, whether or not its dots are the darkest.
        hairy.sort_by(|a, b| b.1.total_cmp(&a.1));
        let from = hairy.len() / 4;
        let step = (hairy.len() / 2 / MOST_PATCHES).max(1);
        let chosen: Vec<Examined> =
            hairy.iter().skip(from).step_by(step).take(MOST_PATCHES).map(|(p, _)| **p).collect();
        let measured: Vec<Stubble> = chosen
            .par_iter()
            .filter_map(|place| Stubble::measure(photo, head, camera, patch(place, PATCH_MM), conditions).ok())
            .collect();
        ViewFindings { view: view.index, places, measured }
    }

    fn add(&mut self, findings: ViewFindings) {
        for (place, taken, tone) in findings.places {
            self.taken[index(place.column, place.row)] = taken;
            self.tones[index(place.column, place.row)] = tone.map(|tone| (findings.view, tone));
        }
        self.measured.extend(findings.measured);
    }

    /// What was found; `None` where there is no shaved hair around the back of the head, or where it is not visible.
    fn found(&self) -> Option<OwnHair> {
        let patches = self.measured.iter().filter(|stubble| is_shaved_hair(stubble)).cloned().collect::<Vec<_>>();
        let stubble = Stubble::middle_of(&patches)?;
        let heights = self.heights()?;
        let middle = |column: usize| heights[column].map(|height| (column, height));
        // From the right temple around the back to the left one.
        let around: Vec<(usize, Height)> = (0..COLUMNS).rev().filter_map(middle).collect();
        if around.len() < FEWEST_COLUMNS {
            return None;
        }
        let widths = around.iter().filter_map(|(_, height)| height.blend_mm);
        let blend_mm = median(widths).map_or(USUAL_BLEND_MM, |mm| mm.clamp(BLEND_MM[0], BLEND_MM[1]));
        let on_skin = |column: usize, row: f64| on_scalp(self.head, column_degrees(column), row_degrees(row));
        let border: Vec<SkinPoint> =
            around.iter().map(|&(column, height)| on_skin(column, height.row).position.to_array()).collect();
        // Half of the blend lies inside the border.
        let inwards = |column: usize, row: f64| {
            let step_mm = on_skin(column, row).position.distance(on_skin(column, row + 1.0).position);
            row + 0.5 * blend_mm / step_mm.max(1.0)
        };
        let upper = around.iter().map(|&(column, height)| on_skin(column, inwards(column, height.row)));
        let lower = around.iter().rev().map(|&(column, height)| {
            let below = (BEYOND_DEGREES / ROW_STEP + height.lowest).max(inwards(column, height.row) + 1.0);
            on_skin(column, below)
        });
        let region = upper.chain(lower).map(|place| place.position.to_array()).collect();
        let lines: Vec<Vec<BorderTone>> =
            around.iter().map(|&(column, height)| self.line(column, height.row)).collect();
        let edge::Left { left, bare } = edge::left(&lines, blend_mm)?;
        Some(OwnHair { stubble, patches: patches.len(), border, region, blend_mm, bare, left })
    }

    /// Tones along a direction, from the one view that shows most of them, within the distance over which shading
    /// changes evenly.
    fn line(&self, column: usize, border: f64) -> Vec<BorderTone> {
        let place = |row: f64| on_scalp(self.head, column_degrees(column), row_degrees(row)).position;
        let middle = place(border);
        let near = (0..ROWS).filter_map(|row| {
            let (view, tone) = self.tones[index(column, row)]?;
            let distance_mm = place(row as f64).distance(middle);
            let above_mm = if (row as f64) < border { distance_mm } else { -distance_mm };
            (distance_mm <= LINE_MM).then_some((view, BorderTone { above_mm, tone }))
        });
        let near: Vec<(usize, BorderTone)> = near.collect();
        let of_view = |wanted: usize| near.iter().filter(move |(view, _)| *view == wanted).map(|(_, along)| *along);
        let most = near.iter().map(|(view, _)| *view).max_by_key(|view| of_view(*view).count());
        most.map_or_else(Vec::new, |view| of_view(view).collect())
    }

    /// How far up hair reaches in each direction.
    fn heights(&self) -> Option<Vec<Option<Height>>> {
        let hair = || self.taken.iter().flatten().filter(|there| there.taken > 0.0);
        // Hair that is thinning out is in the lower half.
        let full = upper_quantile(hair().map(|there| there.taken), 0.75)?;
        let typical = median(hair().map(|there| there.typical))?;
        let known = |column: usize, row: usize| {
            let there = self.taken[index(column, row)].as_ref()?;
            // Glints as strong as hair hide it.
            let hidden = there.taken <= 0.0 && there.bright > HIDING_SHARE * typical;
            (!hidden).then_some((there.taken / full).min(1.0))
        };
        // Places that are not visible are assumed to mirror the other side.
        let share = |column: usize, row: usize| known(column, row).or_else(|| known((COLUMNS - column) % COLUMNS, row));
        let height = |column: usize| -> Option<Height> {
            let rows: Vec<usize> = (0..ROWS).filter(|row| self.scalp[index(column, *row)]).collect();
            let lowest = *rows.last()?;
            let seen: Vec<(usize, f64)> =
                rows.iter().rev().filter_map(|&row| Some((row, smoothed(&share, column, row)?))).collect();
            // The end that best separates hair below from bare skin above: a thin spot is not an end, nor is a mole
            // hair.
            let misfit = |end: usize| -> f64 {
                let (below, above) = seen.split_at(end);
                below.iter().map(|(_, share)| 1.0 - share).sum::<f64>()
                    + above.iter().map(|(_, share)| share).sum::<f64>()
            };
            let end = (0..=seen.len()).min_by(|a, b| misfit(*a).total_cmp(&misfit(*b)))?;
            let (below, above) = seen.split_at(end);
            let &(hair, dense) = below.last()?;
            let place = |row: f64| on_scalp(self.head, column_degrees(column), row_degrees(row)).position;
            let row = above.first().map_or(hair as f64, |&(bare, sparse)| {
                let part = ((dense - BORDER_SHARE) / (dense - sparse).max(1e-6)).clamp(0.0, 1.0);
                hair as f64 + (bare as f64 - hair as f64) * part
            });
            let full = below.iter().rev().find(|(_, share)| *share >= 0.75);
            let none = above.iter().find(|(_, share)| *share <= 0.25);
            let blend_mm = full.zip(none).map(|(a, b)| place(a.0 as f64).distance(place(b.0 as f64)));
            Some(Height { row, lowest: lowest as f64, blend_mm })
        };
        let heights: Vec<Option<Height>> = (0..COLUMNS).map(height).collect();
        Some(even(&heights))
    }
}

/// How far up hair reaches in a direction.
#[derive(Debug, Clone, Copy)]
struct Height {
    /// The row, fractional, where it has thinned to half.
    row: f64,
    /// The lowest row of scalp.
    lowest: f64,
    /// Width over which it thins out, mm, if that was measured.
    blend_mm: Option<f64>,
}

/// Median of a place and its neighbours in the row: a single mole or highlight does not end the hair.
fn smoothed(share: &impl Fn(usize, usize) -> Option<f64>, column: usize, row: usize) -> Option<f64> {
    share(column, row)?;
    let beside = [(COLUMNS - 1) % COLUMNS, 0, 1];
    median(beside.iter().filter_map(|step| share((column + step) % COLUMNS, row)))
}

/// Closes gaps between directions with hair, and replaces each height by the median of its neighbourhood.
fn even(heights: &[Option<Height>]) -> Vec<Option<Height>> {
    let at = |column: usize, step: isize| {
        let wrapped = (column as isize + step).rem_euclid(COLUMNS as isize) as usize;
        heights[wrapped]
    };
    (0..COLUMNS)
        .map(|column| {
            let mut near: Vec<Height> = [-2, -1, 0, 1, 2].into_iter().filter_map(|step| at(column, step)).collect();
            let surrounded = (at(column, -1).is_some() || at(column, -2).is_some())
                && (at(column, 1).is_some() || at(column, 2).is_some());
            if heights[column].is_none() && !surrounded {
                return None;
            }
            near.sort_by(|a, b| a.row.total_cmp(&b.row));
            let middle = *near.get(near.len() / 2)?;
            Some(Height { lowest: heights[column].map_or(middle.lowest, |height| height.lowest), ..middle })
        })
        .collect()
}

fn is_shaved_hair(stubble: &Stubble) -> bool {
    let within = |value: f64, [low, high]: [f64; 2]| (low..=high).contains(&value);
    within(stubble.density_per_cm2.value, DENSITIES_PER_CM2) && within(stubble.diameter_mm.value, WIDTHS_MM)
}
