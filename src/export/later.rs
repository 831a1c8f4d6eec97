//! What may come later: hair is lost around the finished work, or the work is removed.
//!
//! Pigment stays where it was placed. If hair recedes further, bare skin appears between the two, and what looked like
//! hair looks like an island. This shows it beforehand, on the client's own photo: with nothing done about it, and with
//! a further session that fills the bare skin.
//!
//! Men's shaved hair recedes (Norwood) and is removed from the photo; longer hair that would have to recede cannot be
//! removed truthfully. Women's hair thins between hair that stays (Ludwig). Where a photo does not allow it, a sentence
//! says why.

use std::sync::Arc;

use glam::DVec3;
use rayon::prelude::*;

use super::handover::HandoverError;
use super::pictures::{self, Make, Watch, jpeg, treated};
use super::subject::{Part, Subject};
use super::text::{self, SIMULATION};
use super::words::{area_text, counted, words};
use crate::case;
use crate::head::Head;
use crate::head::surface::SurfacePoint;
use crate::photo::Photo;
use crate::plan::Plan;
use crate::plan::area::{Area, Outline};
use crate::plan::hairline::Preset;
use crate::plan::recession::{Class, LUDWIG, NORWOOD, Recession};
use crate::plan::thinning::Thinning;
use crate::plan::treatment::Treatment;
use crate::reading::long_hair::{LongHair, Unclear};
use crate::reading::tone::Tone;
use crate::reading::views::View;
use crate::render::lost_hair::ShownScalp;
use crate::render::mock_up::{MockUp, Sensor};
use crate::render::steps::{Appointments, Step};
use crate::render::thinned_hair;
use crate::skin::settings::Outlook;
use crate::skin::{laser, own_hair};

/// Directions sampled around the head, and points in each, to find the photo that shows most of the hair to be lost.
const LOOKED_AT: [u32; 2] = [48, 24];
/// Grades that leave more than this share of the hair that women have now are taken as reached.
const REACHED: f64 = 0.85;
/// Least share of the hair on top of the head that a photo must show, foreshortening included: from above it is about
/// 0.8, from the front 0.1.
const LEAST_SHOWN: f64 = 0.25;
/// Name of the area that a further session shades where women's hair has thinned.
const THINNED: &str = "thinned hair";

/// A picture and its caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The caption.
    pub caption: String,
    /// The picture.
    pub jpeg: Vec<u8>,
}

/// How the finished work looks after further hair loss.
#[derive(Debug, Clone, PartialEq)]
pub struct HairLoss {
    /// The photo that shows it best, in words.
    pub view: String,
    /// The plan as it is, healed.
    pub planned: Panel,
    /// The stages, starting with the least loss.
    pub stages: Vec<Stage>,
}

/// A class of hair loss that may be reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The class.
    pub class: Class,
    /// With nothing done about it.
    pub without: Panel,
    /// With a further session.
    pub with: Panel,
    /// Share of the hair there that is lost.
    pub lost: f64,
    /// Skin beyond the planned areas that a further session has to treat, cm².
    pub bare_cm2: f64,
    /// Dots needed for the further session.
    pub dots: usize,
}

impl HairLoss {
    fn thins(&self) -> bool {
        self.stages.iter().any(|stage| stage.class.layers().is_some())
    }

    /// The heading of the pictures.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        if self.thins() { "If hair thins further" } else { USUAL_HEADING }
    }

    /// The note to be put beside the pictures.
    #[must_use]
    pub fn note(&self) -> &'static str {
        if self.thins() { THINNING_NOTE } else { LOSS_NOTE }
    }

    /// Everything on one sheet.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn sheet(&self) -> Result<Photo, HandoverError> {
        let row = |stage: &Stage| vec![self.planned.clone(), stage.without.clone(), stage.with.clone()];
        let rows: Vec<Vec<Panel>> = self.stages.iter().map(row).collect();
        let texts: Vec<String> = self.stages.iter().map(|stage| format!("{} ", stage.text())).collect();
        sheet(&rows, &format!("{}{}", texts.concat(), self.note()))
    }
}

impl Stage {
    /// What filling would take, in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        if self.class.layers().is_some() {
            return format!(
                "{}: about {:.0}\u{a0}% of the hair on top of the head is lost; shading the skin that shows takes about {}, and {} \
                 more than planned are treated.",
                self.class.title(),
                100.0 * self.lost,
                counted(self.dots, "dot"),
                area_text(self.bare_cm2, 0)
            );
        }
        format!(
            "{}: about {} between pigment and hair have become bare; filling them takes about {}.",
            self.class.title(),
            area_text(self.bare_cm2, 0),
            counted(self.dots, "dot")
        )
    }
}

/// The heading where no stages are shown, or hair recedes.
pub const USUAL_HEADING: &str = "If hair recedes further";
/// The note beside every picture of hair that recedes further.
const LOSS_NOTE: &str = "Pigment does not stop hair loss. Nobody can say whether, when and how far hair goes on receding; \
                             the stages (Norwood's scale of hair loss) are typical heights, not a forecast, and the program has removed the shaved hair \
                             from the photo.";
/// The note beside every picture of hair that thins further.
const THINNING_NOTE: &str = "Pigment does not stop hair loss. Nobody can say whether, when and how far hair goes on thinning; the \
                             stages (Ludwig's scale of hair loss in women) are typical amounts, not a forecast. The program has \
                             thinned the hair in the photo evenly; nobody knows which hairs will go.";
/// The note beside every picture of laser removal.
pub const REMOVAL_NOTE: &str = "An illustration: in a series of four clients one to three sessions with a picosecond laser \
                                cleared such work; other lasers and inks take more, and some pigment does not go.";

/// A photo in which hair is lost.
struct Lost {
    class: Class,
    /// Share of the hair there that is lost.
    share: f64,
    photo: Photo,
    /// The plan with one more session.
    further: Plan,
}

/// The photo that shows a loss best, and the stages of the loss in it.
struct Losses {
    view: usize,
    part: Arc<Part>,
    stages: Vec<Lost>,
}

/// Something, or a sentence that says why it is not shown.
type Shown<T> = Result<Result<T, &'static str>, HandoverError>;

/// Shows further hair loss up to a class, or for `None` up to every class still ahead. If it cannot be shown, the inner
/// error is a sentence that says why.
///
/// # Errors
/// [`HandoverError`].
pub fn hair_loss(
    subject: &mut Subject,
    class: Option<Class>,
    make: Make,
    watch: Watch,
) -> Result<Result<HairLoss, &'static str>, HandoverError> {
    let losses = if subject.plan().hairline.preset == Preset::Female {
        thinning(subject, class, make, watch)?
    } else {
        receding(subject, class, make, watch)?
    };
    let Losses { view, part, stages: losses } = match losses {
        Ok(losses) => losses,
        Err(why) => return Ok(Err(why)),
    };
    let plan = subject.plan();
    let appointments = Appointments::of(plan);
    let Some(healed) = Step::result(appointments).moment(appointments, Outlook::Likely) else {
        return Err(case::Error::NoPlan.into());
    };
    let picture = |photo: &Photo, mock_up: &MockUp| -> Result<Vec<u8>, HandoverError> {
        jpeg(&treated(photo, mock_up, &part.sensor, healed)?, make.quality)
    };
    let planned =
        Panel { caption: "Healed, as planned".to_owned(), jpeg: picture(&part.before, &subject.fitted.mock_up)? };
    let present = &*subject.fitted.mock_up;
    let skin = |plan: &Plan, mock_up: &MockUp| -> f64 {
        (0..plan.areas.len()).map(|area| mock_up.area_cm2(plan, area).max(0.0)).sum()
    };
    let dots = |mock_up: &MockUp| mock_up.dots_after(plan.sessions.len()).count();
    let stage = |lost: &Lost| -> Result<Stage, HandoverError> {
        let mock_up = present.of_plan(&lost.further);
        let title = lost.class.title();
        Ok(Stage {
            class: lost.class,
            without: Panel { caption: format!("{title}, no further treatment"), jpeg: picture(&lost.photo, present)? },
            with: Panel { caption: format!("{title}, filled in again"), jpeg: picture(&lost.photo, &mock_up)? },
            lost: lost.share,
            bare_cm2: (skin(&lost.further, &mock_up) - skin(plan, present)).max(0.0),
            dots: dots(&mock_up).saturating_sub(dots(present)),
        })
    };
    let stages = pictures::side_by_side(&losses, stage, &|share| watch(0.2 + 0.8 * share))?;
    let view = words(&subject.document.views[view].name);
    Ok(Ok(HairLoss { view, planned, stages }))
}

/// Men's shaved hair, receding.
fn receding(subject: &mut Subject, class: Option<Class>, make: Make, watch: Watch) -> Shown<Losses> {
    if class.is_some_and(|class| !NORWOOD.contains(&class)) {
        return Ok(Err("Ludwig's scale is of women's hair loss: for this plan, Norwood's is shown"));
    }
    if !own_hair::matters_to(subject.plan().treatment) {
        return Ok(Err("further hair loss is shown for treatments that stand above shaved sides only"));
    }
    let Some(hair) = subject.own_hair() else {
        return Ok(Err(
            "further hair loss is not shown: the photos show no shaved hair at the sides and the back, and longer hair cannot be \
             taken out of a photo truthfully",
        ));
    };
    let head = subject.fitted.fit.head().clone();
    let recessions: Vec<Recession> =
        wanted(NORWOOD, class).filter_map(|class| Recession::new(&head, &hair.border, hair.blend_mm, class)).collect();
    let Some(farthest) = recessions.last() else {
        return Ok(Err("the client's hair has already receded that far"));
    };
    if watch(0.2).is_break() {
        return Err(HandoverError::Stopped);
    }
    let lost = |place: DVec3| {
        let [now, then] = farthest.hair(place);
        now - then
    };
    let view = best_view(subject, &head, lost)?.ok_or(case::Error::NoPhotos)?.index;
    let part = subject.part(view, make.most_px)?.ok_or(case::Error::NoPhotos)?;
    let scalp = ShownScalp::new(&head, &part.sensor, part.before.size_px());
    let plan = subject.plan();
    let stage = |recession: &Recession| Lost {
        class: recession.class,
        share: 1.0,
        photo: scalp.without_hair(&part.before, recession, hair.left),
        further: filled(plan, recession, &head, hair.blend_mm),
    };
    let stages = recessions.par_iter().map(stage).collect();
    Ok(Ok(Losses { view, part, stages }))
}

/// Women's hair, thinning between hair that stays.
fn thinning(subject: &mut Subject, class: Option<Class>, make: Make, watch: Watch) -> Shown<Losses> {
    if class.is_some_and(|class| !LUDWIG.contains(&class)) {
        return Ok(Err("Norwood's scale is of men's hair loss: for this plan, Ludwig's is shown"));
    }
    // Tried on photographs: it looked like a cap of skin.
    if class == Some(Class::Ludwig3) {
        return Ok(Err(
            "Ludwig III is not shown: where nearly all hair has gone, the photo does not say what the skin under it looks like",
        ));
    }
    if subject.plan().treatment != Treatment::Density {
        return Ok(Err(
            "further hair loss is not shown: women's hair thins between hair that stays (Ludwig), and this is shown for \
                       shading between hair only",
        ));
    }
    let head = subject.fitted.fit.head().clone();
    let thinning = Thinning::new(&head, &subject.plan().hairline);
    if watch(0.2).is_break() {
        return Err(HandoverError::Stopped);
    }
    let share = |place: DVec3| thinning.share(place);
    let view = best_view(subject, &head, share)?.ok_or(case::Error::NoPhotos)?;
    if shown_share(&head, &view, share) < LEAST_SHOWN {
        return Ok(Err(
            "further hair loss is not shown: no photo shows the top of the head well enough; take one from above",
        ));
    }
    let view = view.index;
    let part = subject.part(view, make.most_px)?.ok_or(case::Error::NoPhotos)?;
    // What was found to hide the scalp is the hair that thins.
    let sensor = Sensor { hidden: None, ..part.sensor.clone() };
    let scalp = ShownScalp::new(&head, &sensor, part.before.size_px());
    let forehead = Tone::of_forehead(&part.before, &head, &sensor.camera);
    let shares = thinned_hair::shares(&scalp, part.before.size_px(), share);
    let hair = match LongHair::new(&part.before, shares, forehead, scalp.mm_per_px()) {
        Ok(hair) => hair,
        Err(Unclear::Unseen) => {
            return Ok(Err("further hair loss is not shown: no photo shows the hair on top of the head well enough"));
        }
        Err(Unclear::NoSkin) => {
            return Ok(Err(
                "further hair loss is not shown: the photo of the top of the head shows no bare skin, at the parting or on \
                           the forehead, that stands out from the hair",
            ));
        }
        Err(Unclear::Alike) => {
            return Ok(Err(
                "further hair loss is not shown: in the photo that shows the top of the head best, hair and skin hardly differ in \
                           light, so that thinner hair cannot be shown truthfully",
            ));
        }
    };
    let plan = subject.plan();
    let stages: Vec<Lost> = wanted(LUDWIG, class)
        .filter_map(|class| {
            let left = class.layers()? / hair.layers().max(1e-6);
            (left <= REACHED && class != Class::Ludwig3).then(|| Lost {
                class,
                share: 1.0 - left,
                photo: thinned_hair::thinned(&hair, left),
                further: shaded(plan, &thinning, &head, left),
            })
        })
        .collect();
    if stages.is_empty() {
        return Ok(Err("the client's hair has already thinned that far"));
    }
    Ok(Ok(Losses { view, part, stages }))
}

/// The classes of a scale to be shown.
fn wanted(scale: [Class; 3], class: Option<Class>) -> impl Iterator<Item = Class> {
    scale.into_iter().filter(move |of| class.is_none_or(|class| class == *of))
}

/// The photo that shows most of the hair to be lost.
fn best_view(
    subject: &Subject,
    head: &Head,
    lost: impl Fn(DVec3) -> f64 + Sync,
) -> Result<Option<View>, HandoverError> {
    let shown = pictures::views(subject)?;
    let views = subject.fitted.fit.views(subject.document).into_iter().filter(|view| shown.contains(&view.index));
    let views: Vec<View> = views.collect();
    let shown: Vec<(View, f64)> = views.into_par_iter().map(|view| (view, shows(head, &view, &lost))).collect();
    Ok(shown.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(view, _)| view))
}

/// The plan with one more session, which fills the skin that has become bare.
fn filled(plan: &Plan, recession: &Recession, head: &Head, blend_mm: f64) -> Plan {
    let mut filled = plan.clone();
    filled.masks.retain(|mask| mask.name != own_hair::MASK);
    filled.masks.push(own_hair::mask(recession.left(head), blend_mm));
    filled
}

/// The plan with one more session, which shades all skin that shows between thinner hair: the less hair is left, the
/// closer its density comes to that of a bare crown.
fn shaded(plan: &Plan, thinning: &Thinning, head: &Head, left: f64) -> Plan {
    let mut shaded = plan.clone();
    let Some(between) = plan.areas.iter().find(|area| area.kind == Treatment::Density) else { return shaded };
    let (points, feather_mm) = thinning.outline(head);
    let bare = Treatment::Crown.density_per_cm2().max(between.density_per_cm2);
    shaded.areas.push(Area {
        name: THINNED.to_owned(),
        outline: Outline::Closed { points },
        density_per_cm2: between.density_per_cm2 + (bare - between.density_per_cm2) * (1.0 - left),
        feather_mm,
        ..between.clone()
    });
    shaded
}

/// Places all over the scalp, each with its share of the surface.
fn places(head: &Head) -> impl Iterator<Item = (SurfacePoint, f64)> {
    let [columns, rows] = LOOKED_AT;
    let places = (0..columns).flat_map(move |column| (1..rows).map(move |row| (column, row)));
    places.map(move |(column, row)| {
        let (sin_around, cos_around) = libm::sincos(std::f64::consts::TAU * f64::from(column) / f64::from(columns));
        let (sin_down, cos_down) = libm::sincos(2.4 * f64::from(row) / f64::from(rows));
        (head.cranium.at(DVec3::new(sin_down * sin_around, cos_down, sin_down * cos_around)), sin_down)
    })
}

/// How much of the hair to be lost a photo shows, relative to the photo's area.
fn shows(head: &Head, view: &View, lost: impl Fn(DVec3) -> f64) -> f64 {
    places(head)
        .filter_map(|(place, surface)| {
            let sight = view.sight(head, &place)?;
            // Relative to the photo's shorter side squared: a large photo shows no more than a small one.
            let side = f64::from(view.size_px[0]).min(f64::from(view.size_px[1]));
            Some(lost(place.position) * surface * sight.footprint.px2_per_mm2() / (side * side))
        })
        .sum()
}

/// The share of the hair to be lost that a photo shows; hair that is seen obliquely counts less.
fn shown_share(head: &Head, view: &View, lost: impl Fn(DVec3) -> f64) -> f64 {
    let (mut shown, mut all) = (0.0, 0.0);
    for (place, surface) in places(head) {
        let here = lost(place.position) * surface;
        all += here;
        if view.sight(head, &place).is_some() {
            shown += here * (view.camera.position() - place.position).normalize().dot(place.normal).max(0.0);
        }
    }
    shown / all.max(1e-9)
}

/// The work in the first photo, healed, and as it fades with each laser session.
///
/// # Errors
/// [`HandoverError`].
pub fn removal(subject: &mut Subject, make: Make, watch: Watch) -> Result<Vec<Panel>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(case::Error::NoPhotos)?;
    let Some(part) = subject.part(view, make.most_px)? else { return Err(case::Error::NoPhotos.into()) };
    let plan = subject.plan();
    let appointments = Appointments::of(plan);
    let Some(healed) = Step::result(appointments).moment(appointments, Outlook::Likely) else {
        return Err(case::Error::NoPlan.into());
    };
    let present = &*subject.fitted.mock_up;
    let panel = |&sessions: &usize| -> Result<Panel, HandoverError> {
        let caption = match sessions {
            0 => "Healed".to_owned(),
            sessions => format!(
                "After {} of laser: about {:.0}\u{a0}% of the pigment left",
                counted(sessions, "session"),
                100.0 * laser::left(sessions, Outlook::Likely)
            ),
        };
        let mock_up = present.of_plan(&laser::treated(plan, sessions, Outlook::Likely));
        let picture = treated(&part.before, &mock_up, &part.sensor, healed)?;
        Ok(Panel { caption, jpeg: jpeg(&picture, make.quality)? })
    };
    let stages: Vec<usize> = (0..=laser::MOST).collect();
    pictures::side_by_side(&stages, panel, watch)
}

/// Captioned panels on one sheet, with the note and the statement that it is a simulation.
///
/// # Errors
/// [`HandoverError`].
pub fn sheet(rows: &[Vec<Panel>], note: &str) -> Result<Photo, HandoverError> {
    let mut sheet: Option<Photo> = None;
    for row in rows {
        let mut joined: Option<Photo> = None;
        for panel in row {
            let picture = crate::photo::decode(&panel.jpeg, &crate::photo::Limits::default())?;
            joined = Some(joined.map_or_else(|| picture.clone(), |joined| joined.beside(&picture)));
        }
        let Some(joined) = joined else { continue };
        let captions: Vec<&str> = row.iter().map(|panel| panel.caption.as_str()).collect();
        let row = text::below(joined, &captions)?;
        sheet = Some(sheet.map_or_else(|| row.clone(), |sheet| sheet.above(&row)));
    }
    let sheet = sheet.ok_or(HandoverError::Case(case::Error::NoPhotos))?;
    let [width, _] = sheet.size_px();
    let letters = width as f32 / 85.0;
    let lines: Vec<(&str, f32)> =
        note.split_inclusive(". ").map(|line| (line.trim(), letters)).chain([(SIMULATION, letters)]).collect();
    let foot = text::strip(width, (letters * 1.75 * lines.len() as f32) as u32 + width / 40, &lines)?;
    Ok(sheet.above(&foot))
}
