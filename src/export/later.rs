//! What may come later: hair is lost around the finished work, or the work is removed.
//!
//! Pigment stays where it was placed. If hair recedes further, bare skin appears between the two, and what looked like
//! hair looks like an island. This shows it beforehand, on the client's own photo: with nothing done about it, and with
//! a further session that fills the bare skin.
//!
//! Only shaved hair can be removed from a photo truthfully; for longer hair a sentence says that this is not shown.

use glam::DVec3;
use rayon::prelude::*;

use super::handover::HandoverError;
use super::pictures::{self, Make, Watch, jpeg, treated};
use super::subject::{Part, Subject};
use super::text::{self, SIMULATION};
use super::words::{area_text, counted, words};
use crate::case;
use crate::head::Head;
use crate::photo::Photo;
use crate::plan::Plan;
use crate::plan::hairline::Preset;
use crate::plan::recession::{CLASSES, Class, Recession};
use crate::reading::views::View;
use crate::render::lost_hair::ShownScalp;
use crate::render::scene::MockUp;
use crate::render::steps::{Sittings, Step};
use crate::skin::settings::Outlook;
use crate::skin::{laser, own_hair};

/// Directions sampled around the head, and points in each, to find the photo that shows most of the hair to be lost.
const LOOKED_AT: [u32; 2] = [48, 24];

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
    /// Skin between pigment and hair that a further session has to fill, cm².
    pub bare_cm2: f64,
    /// Dots needed for that.
    pub dots: usize,
}

impl HairLoss {
    /// Everything on one sheet.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn sheet(&self, note: &str) -> Result<Photo, HandoverError> {
        let row = |stage: &Stage| vec![self.planned.clone(), stage.without.clone(), stage.with.clone()];
        let rows: Vec<Vec<Panel>> = self.stages.iter().map(row).collect();
        let texts: Vec<String> = self.stages.iter().map(|stage| format!("{} ", stage.text())).collect();
        sheet(&rows, &format!("{}{note}", texts.concat()))
    }
}

impl Stage {
    /// What filling would take, in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}: about {} between pigment and hair have become bare; filling them takes about {}.",
            self.class.title(),
            area_text(self.bare_cm2, 0),
            counted(self.dots, "dot")
        )
    }
}

/// The note beside every picture of further hair loss.
pub const LOSS_NOTE: &str = "Pigment does not stop hair loss. Nobody can say whether, when and how far hair goes on receding; \
                             the stages (Norwood's scale of hair loss) are typical heights, not a forecast, and the program has removed the shaved hair \
                             from the photo.";
/// The note beside every picture of laser removal.
pub const REMOVAL_NOTE: &str = "An illustration: in a series of four clients one to three sessions with a picosecond laser \
                                cleared such work; other lasers and inks take more, and some pigment does not go.";

/// Why further hair loss is not shown, if it cannot be.
fn unshown(plan: &Plan) -> Option<&'static str> {
    if plan.hairline.preset == Preset::Female {
        return Some(
            "further hair loss is not shown: in women hair thins between hair that stays (Ludwig), and long hair cannot be taken \
             out of a photo truthfully",
        );
    }
    (!own_hair::matters_to(plan.treatment))
        .then_some("further hair loss is shown for treatments that stand above shaved sides only")
}

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
    if let Some(why) = unshown(subject.plan()) {
        return Ok(Err(why));
    }
    let Some(hair) = subject.own_hair() else {
        return Ok(Err(
            "further hair loss is not shown: the photos show no shaved hair at the sides and the back, and longer hair cannot be \
             taken out of a photo truthfully",
        ));
    };
    let head = subject.scene.fit.head().clone();
    let wanted = |of: &Class| class.is_none_or(|class| class == *of);
    let recessions: Vec<Recession> = CLASSES
        .into_iter()
        .filter(wanted)
        .filter_map(|class| Recession::new(&head, &hair.border, hair.blend_mm, class))
        .collect();
    let Some(farthest) = recessions.last() else {
        return Ok(Err("the client's hair has already receded that far"));
    };
    if watch(0.2).is_break() {
        return Err(HandoverError::Stopped);
    }
    let shown = pictures::views(subject)?;
    let seen: Vec<View> =
        subject.scene.fit.views(subject.document).into_iter().filter(|view| shown.contains(&view.index)).collect();
    let shown: Vec<(usize, f64)> = seen.par_iter().map(|view| (view.index, shows(&head, view, farthest))).collect();
    let best = shown.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let view = best.ok_or(case::Error::NoPhotos)?.0;
    let Some(part) = subject.part(view, make.most_px)? else { return Err(case::Error::NoPhotos.into()) };
    let plan = subject.plan();
    let sittings = Sittings::of(plan);
    let Some(healed) = Step::result(sittings).moment(sittings, Outlook::Likely) else {
        return Err(case::Error::NoPlan.into());
    };
    let picture = |photo: &Photo, mock_up: &MockUp, part: &Part| -> Result<Vec<u8>, HandoverError> {
        jpeg(&treated(photo, mock_up, &part.sensor, healed)?, make.quality)
    };
    let planned =
        Panel { caption: "Healed, as planned".to_owned(), jpeg: picture(&part.before, &subject.scene.mock_up, &part)? };
    let scalp = ShownScalp::new(&head, &part.sensor, part.before.size_px());
    let present = &*subject.scene.mock_up;
    let skin = |plan: &Plan, mock_up: &MockUp| -> f64 {
        (0..plan.areas.len()).map(|area| mock_up.area_cm2(plan, area).max(0.0)).sum()
    };
    let dots = |mock_up: &MockUp| mock_up.dots_after(plan.sessions.len()).count();
    let stage = |recession: &Recession| -> Result<Stage, HandoverError> {
        let further = filled(plan, recession, &head, hair.blend_mm);
        let mock_up = present.of_plan(&further);
        let receded = scalp.without_hair(&part.before, recession, hair.left);
        let title = recession.class.title();
        Ok(Stage {
            class: recession.class,
            without: Panel {
                caption: format!("{title}, no further treatment"),
                jpeg: picture(&receded, present, &part)?,
            },
            with: Panel { caption: format!("{title}, filled in again"), jpeg: picture(&receded, &mock_up, &part)? },
            bare_cm2: (skin(&further, &mock_up) - skin(plan, present)).max(0.0),
            dots: dots(&mock_up).saturating_sub(dots(present)),
        })
    };
    let stages = pictures::side_by_side(&recessions, stage, &|share| watch(0.2 + 0.8 * share))?;
    let view = words(&subject.document.views[view].name);
    Ok(Ok(HairLoss { view, planned, stages }))
}

/// The plan with one more session, which fills the skin that has become bare.
fn filled(plan: &Plan, recession: &Recession, head: &Head, blend_mm: f64) -> Plan {
    let mut filled = plan.clone();
    filled.masks.retain(|mask| mask.name != own_hair::MASK);
    filled.masks.push(own_hair::mask(recession.left(head), blend_mm));
    filled
}

/// How much of the hair to be lost a photo shows, relative to the photo's area.
fn shows(head: &Head, view: &View, recession: &Recession) -> f64 {
    let [columns, rows] = LOOKED_AT;
    let places = (0..columns).flat_map(|column| (1..rows).map(move |row| (column, row)));
    places
        .filter_map(|(column, row)| {
            let (sin_around, cos_around) = libm::sincos(std::f64::consts::TAU * f64::from(column) / f64::from(columns));
            let (sin_down, cos_down) = libm::sincos(2.4 * f64::from(row) / f64::from(rows));
            let place = head.cranium.at(DVec3::new(sin_down * sin_around, cos_down, sin_down * cos_around));
            let [now, then] = recession.hair(place.position);
            let sight = view.sight(head, &place)?;
            // Relative to the photo's shorter side squared: a large photo shows no more than a small one.
            let side = f64::from(view.size_px[0]).min(f64::from(view.size_px[1]));
            Some((now - then) * sin_down * sight.footprint.px2_per_mm2() / (side * side))
        })
        .sum()
}

/// The work in the first photo, healed, and as it fades with each laser session.
///
/// # Errors
/// [`HandoverError`].
pub fn removal(subject: &mut Subject, make: Make, watch: Watch) -> Result<Vec<Panel>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(case::Error::NoPhotos)?;
    let Some(part) = subject.part(view, make.most_px)? else { return Err(case::Error::NoPhotos.into()) };
    let plan = subject.plan();
    let sittings = Sittings::of(plan);
    let Some(healed) = Step::result(sittings).moment(sittings, Outlook::Likely) else {
        return Err(case::Error::NoPlan.into());
    };
    let present = &*subject.scene.mock_up;
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
