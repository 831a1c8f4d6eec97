//! The report: everything about a planned treatment on paper, for the client to decide on and to sign.
//!
//! A tagged PDF (PDF/UA-1) on A4, readable in grey. Its pictures show the case, its figures are those of [`Handover`].
//! It names the client on the cover but not in its metadata. The same case gives the same bytes.

pub(super) mod drawing;
mod letters;
mod pdf;
mod pieces;
mod preview;
pub(super) mod sheet;
pub(super) mod style;

use std::sync::Arc;

use super::handover::{
    Asked, DILUTION_NOTE, ERRORS_NOTE, Handover, HandoverError, RANGE_NOTE, TIME_NOTE, YEARS_NOTE, dots_text,
};
use super::later::{self, HairLoss, Panel, REMOVAL_NOTE, USUAL_HEADING};
use super::pictures::{self, Make, PhotoSeries, StepShot, Watch};
use super::practice::Practice;
use super::subject::Subject;
use super::tables::Table;
use super::text::SIMULATION;
use super::variants::{self, Choice};
use super::words::{area_text, counted, day_text, grouped, plain, sentence};
use crate::ground::numbers::DAYS_PER_YEAR;
use crate::photo::Photo;
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::{OUTLOOKS, Outlook};
use sheet::{Figure, Sheets};
use style::{Style, WIDTH};

/// Before and healed in the first view are printed up to 80 mm wide, all other pictures 55 mm: 300 and 250 dots per
/// inch.
const FIRST: Make = Make { most_px: 940, quality: 84 };
const OTHERS: Make = Make { most_px: 560, quality: 82 };
/// Years shown.
const YEARS: [u32; 3] = [1, 5, 10];
/// Gap between pictures, and height of a one-line caption.
const GAP: f32 = 8.0;
const CAPTION: f32 = 22.0;
/// Lines of text below the pictures of a stage of hair loss, with the space after them.
const STAGE_LINES: f32 = 2.6;
/// Photos per page.
const ROWS: usize = 4;
/// Least height in which a section may start.
const ROOM: f32 = 300.0;
/// The same for the quote without its rows, and the height of each of these.
const PRICE_ROOM: f32 = 110.0;
const PRICE_ROW: f32 = 20.0;

/// A report, and what its caller should know.
pub struct Report {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Letters that no font has: shown as question marks.
    pub missing: Vec<char>,
}

/// The pictures that the report shows.
struct Shown {
    /// The first view, large: before and healed.
    first: Option<PhotoSeries>,
    first_shots: Vec<StepShot>,
    /// The same view as small as the others: after each session, light and strong, years later.
    course: Option<PhotoSeries>,
    course_shots: Vec<StepShot>,
    /// The other views: before and healed.
    others: Vec<PhotoSeries>,
    /// The plans of the case, if there are several.
    choices: Vec<Choice>,
    /// Further hair loss, or why that is not shown.
    hair_loss: Result<HairLoss, &'static str>,
    /// The work, healed and as a laser fades it.
    removal: Vec<Panel>,
}

/// Makes the report of a case.
///
/// # Errors
/// [`HandoverError`].
pub fn report(
    subject: &mut Subject,
    practice: &Practice,
    asked: &Asked,
    watch: Watch,
) -> Result<Report, HandoverError> {
    let handover = Handover::of(subject, practice, asked)?;
    if watch(0.1).is_break() {
        return Err(HandoverError::Stopped);
    }
    let shown = Shown::of(subject, practice, asked, watch)?;
    let sheets = write(&handover, &shown, Appointments::of(subject.plan()))?;
    finished(sheets, "Treatment plan")
}

/// A preview of the report's first page at this width.
///
/// # Errors
/// [`HandoverError`].
pub fn preview(
    subject: &mut Subject,
    practice: &Practice,
    asked: &Asked,
    width_px: u32,
) -> Result<Option<Photo>, HandoverError> {
    let handover = Handover::of(subject, practice, asked)?;
    let appointments = Appointments::of(subject.plan());
    let shots = vec![StepShot::likely(Step::Before), StepShot::likely(Step::result(appointments))];
    let make = Make { most_px: width_px, quality: 85 };
    let first = match pictures::views(subject)?.first() {
        Some(&view) => pictures::view(subject, view, &shots, make, &pictures::unwatched)?,
        None => None,
    };
    let shown = Shown {
        first,
        first_shots: shots,
        course: None,
        course_shots: Vec::new(),
        others: Vec::new(),
        choices: Vec::new(),
        hair_loss: Err(""),
        removal: Vec::new(),
    };
    let mut sheets = begin(&handover)?;
    cover(&mut sheets, &handover, &shown, appointments)?;
    sheets.preview(0, width_px)
}

/// A preview of the quote at this width.
///
/// # Errors
/// [`HandoverError`].
pub fn quote_preview(handover: &Handover, width_px: u32) -> Result<Option<Photo>, HandoverError> {
    quoted(handover)?.preview(0, width_px)
}

/// Makes the quote alone.
///
/// # Errors
/// [`HandoverError`].
pub fn quote(handover: &Handover) -> Result<Report, HandoverError> {
    finished(quoted(handover)?, "Quote for a treatment")
}

fn quoted(handover: &Handover) -> Result<Sheets, HandoverError> {
    let mut sheets = begin(handover)?;
    sheets.title("Quote");
    sheets.paragraph(&handover.who(), Style::SUBTITLE);
    sheets.space(10.0);
    price(&mut sheets, handover);
    Ok(sheets)
}

pub(super) fn finished(sheets: Sheets, title: &str) -> Result<Report, HandoverError> {
    let missing = sheets.missing().iter().copied().collect();
    Ok(Report { bytes: sheets.finish(title)?, missing })
}

impl Shown {
    fn of(subject: &mut Subject, practice: &Practice, asked: &Asked, watch: Watch) -> Result<Self, HandoverError> {
        let appointments = Appointments::of(subject.plan());
        let healed = Step::result(appointments);
        let first_shots = vec![StepShot::likely(Step::Before), StepShot::likely(healed)];
        let mut shots: Vec<StepShot> =
            (1..=appointments.sessions).map(|session| StepShot::likely(Step::Fresh(session))).collect();
        shots.extend(OUTLOOKS.map(|outlook| StepShot { step: healed, outlook }));
        let years = appointments.steps().into_iter().filter(|step| matches!(step, Step::Years(y) if YEARS.contains(y)));
        shots.extend(years.map(StepShot::likely));
        shots.retain(|shot| !first_shots.contains(shot));
        let views = pictures::views(subject)?;
        subject.decode(&views)?;
        let (mut first, mut course, mut others) = (None, None, Vec::new());
        for (i, &index) in views.iter().enumerate() {
            let whole = views.len() as f64;
            let watch = |share: f64| watch(0.1 + 0.6 * (i as f64 + share) / whole);
            if i == 0 {
                first = pictures::view(subject, index, &first_shots, FIRST, &|share| watch(0.3 * share))?;
                course = pictures::view(subject, index, &shots, OTHERS, &|share| watch(0.3 + 0.7 * share))?;
            } else {
                others.extend(pictures::view(subject, index, &first_shots, OTHERS, &watch)?);
            }
        }
        let part = |from: f64, share: f64| watch(from + 0.08 * share);
        let choices = if subject.document.variants.len() > 1 {
            variants::choices(subject, practice, asked, OTHERS, &|share| part(0.7, share))?
        } else {
            Vec::new()
        };
        let hair_loss = later::hair_loss(subject, None, OTHERS, &|share| part(0.78, share))?;
        let removal = later::removal(subject, OTHERS, &|share| part(0.86, share))?;
        Ok(Self { first, first_shots, course, course_shots: shots, others, choices, hair_loss, removal })
    }

    /// A picture of the first view.
    fn picture(&self, shot: StepShot, caption: &str) -> Option<Figure> {
        let both = [(&self.first, &self.first_shots), (&self.course, &self.course_shots)];
        let found = both.into_iter().find_map(|(view, shots)| {
            let at = shots.iter().position(|other| *other == shot)?;
            Some((view.as_ref()?, at))
        });
        let (view, at) = found?;
        picture(view, at, caption)
    }
}

fn picture(view: &PhotoSeries, at: usize, caption: &str) -> Option<Figure> {
    let bytes = Arc::new(view.jpegs.get(at)?.clone());
    let alt = format!("The client's head, {}: {caption}", view.title.to_lowercase());
    Some(Figure { bytes, alt, caption: caption.to_owned(), lines: Vec::new() })
}

fn begin(handover: &Handover) -> Result<Sheets, HandoverError> {
    let letterhead = &handover.practice.letterhead;
    let made_on = handover.made_on.map(|day| format!("{}  ·  ", day_text(day))).unwrap_or_default();
    let footer = format!("{made_on}{SIMULATION}  ·  Case {}", &handover.fingerprint[..12]);
    let mut sheets = Sheets::new(letterhead.accent, footer)?;
    sheets.letterhead(&letterhead.name, &letterhead.lines, letterhead.logo_png.as_deref())?;
    Ok(sheets)
}

fn write(handover: &Handover, shown: &Shown, appointments: Appointments) -> Result<Sheets, HandoverError> {
    let mut sheets = begin(handover)?;
    cover(&mut sheets, handover, shown, appointments)?;
    views(&mut sheets, shown)?;
    sessions(&mut sheets, handover, shown, appointments)?;
    range(&mut sheets, shown, appointments)?;
    outline(&mut sheets, handover, shown)?;
    choices(&mut sheets, shown)?;
    later_on(&mut sheets, shown)?;
    checks(&mut sheets, handover);
    promises(&mut sheets, handover);
    sheets.space(14.0);
    sheets.need(PRICE_ROOM + PRICE_ROW * handover.quote.lines.len() as f32);
    sheets.heading("What it costs");
    price(&mut sheets, handover);
    aftercare(&mut sheets, handover);
    consent(&mut sheets, handover);
    Ok(sheets)
}

fn cover(
    sheets: &mut Sheets,
    handover: &Handover,
    shown: &Shown,
    appointments: Appointments,
) -> Result<(), HandoverError> {
    sheets.space(12.0);
    sheets.title("Your treatment plan");
    sheets.paragraph(&handover.who(), Style::SUBTITLE);
    sheets.space(14.0);
    let healed = Step::result(appointments);
    let likely = format!(
        "The likely result, healed: four weeks after the last of {}",
        counted(appointments.sessions, "session")
    );
    let pair: Vec<Figure> = [(Step::Before, "Before"), (healed, likely.as_str())]
        .into_iter()
        .filter_map(|(step, caption)| shown.picture(StepShot::likely(step), caption))
        .collect();
    sheets.pictures(&pair, 0.5 * (WIDTH - GAP), GAP)?;
    sheets.space(4.0);
    let mut figures = vec![
        (area_text(handover.area_cm2, 0), "of scalp are treated".to_owned()),
        (grouped(handover.dots), "dots in all".to_owned()),
        (
            grouped(handover.sessions.len()),
            if handover.sessions.len() == 1 { "session" } else { "sessions" }.to_owned(),
        ),
    ];
    let price = if handover.quote.illustrative.is_some() { "in total, an example" } else { "in total" };
    figures.push((handover.quote.total.text(&handover.quote.currency), price.to_owned()));
    sheets.figures(&figures);
    sheets.paragraph("What will happen", Style::STRONG);
    let mut steps = Vec::new();
    for session in &handover.sessions {
        let when = match (session.number, session.day) {
            (1, None) => String::new(),
            _ => format!(", {}", session.when()),
        };
        steps.push(format!(
            "Session {}{when}: about {}, {}.",
            session.number,
            dots_text(session.new_dots),
            session.hours_text()
        ));
    }
    if let Some(touch_up) = &handover.touch_up {
        let when = touch_up
            .day
            .map_or_else(|| format!("{} later", touch_up.after_text()), |day| format!("about {}", day_text(day)));
        steps.push(format!("Touch-up: {when}, if it has become faint."));
    }
    sheets.list(&steps, false);
    sheets.paragraph(
        "The pictures show what is likely, on your own photos. They are no promise: pages further on show how much \
         lighter or darker it may turn out, what was checked, and what nobody can know beforehand.",
        Style::BODY,
    );
    Ok(())
}

fn views(sheets: &mut Sheets, shown: &Shown) -> Result<(), HandoverError> {
    if shown.others.is_empty() {
        return Ok(());
    }
    sheets.new_page();
    sheets.heading("From all sides");
    // Before, the line, and healed side by side, four photos per page.
    let rows = shown.others.len().min(ROWS) as f32;
    let width = ((WIDTH - 2.0 * GAP) / 3.0).min((sheets.left() - rows * CAPTION) / rows);
    for view in &shown.others {
        let title = &view.title;
        let named = |at: usize, what: &str| picture(view, at, &format!("{title}, {what}"));
        let row: Vec<Figure> = [named(0, "before"), drawn(view), named(1, "healed")].into_iter().flatten().collect();
        sheets.pictures(&row, width, GAP)?;
    }
    Ok(())
}

/// The photo with the hairline over it; `None` where it shows none of it.
fn drawn(view: &PhotoSeries) -> Option<Figure> {
    let side = view.side_px as f32;
    let lines = view.line.iter().map(|line| line.iter().map(|p| p.map(|c| c as f32 / side)).collect());
    if view.line.is_empty() {
        return None;
    }
    Some(Figure { lines: lines.collect(), ..picture(view, 0, &format!("{}, the line as drawn", view.title))? })
}

fn sessions(
    sheets: &mut Sheets,
    handover: &Handover,
    shown: &Shown,
    appointments: Appointments,
) -> Result<(), HandoverError> {
    sheets.new_page();
    sheets.heading("Session by session");
    sheets.table(&Table::of_sessions(handover));
    sheets.paragraph(
        &format!(
            "Pigment: {}, {}\u{a0}mm deep once healed. {DILUTION_NOTE} {TIME_NOTE}",
            handover.pigment,
            plain(handover.depth_mm)
        ),
        Style::SMALL,
    );
    if let Some(touch_up) = &handover.touch_up {
        sheets.paragraph(&touch_up.text(), Style::SMALL);
    }
    sheets.space(6.0);
    let mut strip: Vec<Figure> = (1..=appointments.sessions)
        .filter_map(|n| {
            shown.picture(
                StepShot::likely(Step::Fresh(n)),
                &format!("On the day of session {n}: red, and darker than it stays"),
            )
        })
        .collect();
    strip.extend(
        shown.picture(StepShot::likely(Step::result(appointments)), "Healed, four weeks after the last session"),
    );
    let in_row = if strip.len() <= 3 { 3 } else { 4 };
    let width = (WIDTH - GAP * (in_row as f32 - 1.0)) / in_row as f32;
    for row in strip.chunks(in_row) {
        sheets.pictures(row, width, GAP)?;
    }
    sheets.subheading("What is treated");
    sheets.table(&Table::of_areas(handover));
    Ok(())
}

fn range(sheets: &mut Sheets, shown: &Shown, appointments: Appointments) -> Result<(), HandoverError> {
    sheets.new_page();
    sheets.heading("How certain is this?");
    sheets.paragraph(RANGE_NOTE, Style::BODY);
    sheets.space(4.0);
    let width = (WIDTH - 2.0 * GAP) / 3.0;
    let healed = Step::result(appointments);
    let row: Vec<Figure> = OUTLOOKS
        .into_iter()
        .filter_map(|outlook| {
            let caption = match outlook {
                Outlook::Light => "Light",
                Outlook::Likely => "Likely",
                Outlook::Strong => "Strong",
            };
            shown.picture(StepShot { step: healed, outlook }, caption)
        })
        .collect();
    sheets.pictures(&row, width, GAP)?;
    sheets.subheading("Over the years");
    sheets.paragraph(YEARS_NOTE, Style::BODY);
    sheets.space(4.0);
    let touched_up =
        |years: u32| appointments.touch_up_days.is_some_and(|days| f64::from(years) * DAYS_PER_YEAR > days);
    let row: Vec<Figure> = YEARS
        .into_iter()
        .filter_map(|years| {
            let how = if touched_up(years) { ", with the touch-up" } else { ", without a touch-up" };
            shown.picture(
                StepShot::likely(Step::Years(years)),
                &format!("After {}{how}", counted(years as usize, "year")),
            )
        })
        .collect();
    sheets.pictures(&row, width, GAP)
}

/// Adds the plans side by side.
fn choices(sheets: &mut Sheets, shown: &Shown) -> Result<(), HandoverError> {
    if shown.choices.is_empty() {
        return Ok(());
    }
    sheets.new_page();
    sheets.heading("Your plans side by side");
    sheets.paragraph("The likely result of each, healed, on the same photo.", Style::BODY);
    sheets.space(4.0);
    let width = (WIDTH - 2.0 * GAP) / 3.0;
    let panels: Vec<Figure> = shown.choices.iter().map(|choice| of_panel(&choice.picture)).collect();
    for row in panels.chunks(3) {
        sheets.pictures(row, width, GAP)?;
    }
    sheets.table(&Table::of_choices(&shown.choices));
    Ok(())
}

/// Adds what may come later: further hair loss, and removal of the work.
fn later_on(sheets: &mut Sheets, shown: &Shown) -> Result<(), HandoverError> {
    sheets.new_page();
    sheets.heading("What may come later");
    sheets.subheading(shown.hair_loss.as_ref().map_or(USUAL_HEADING, HairLoss::heading));
    match &shown.hair_loss {
        Ok(loss) => {
            sheets.paragraph(loss.note(), Style::BODY);
            sheets.space(4.0);
            // All stages on this page, each with its text.
            let stages = loss.stages.len().max(1) as f32;
            let text = STAGE_LINES * Style::BODY.leading();
            let width = ((WIDTH - 2.0 * GAP) / 3.0).min(sheets.left() / stages - CAPTION - text);
            for stage in &loss.stages {
                let row = [&loss.planned, &stage.without, &stage.with].map(of_panel);
                sheets.pictures(&row, width, GAP)?;
                sheets.paragraph(&stage.text(), Style::BODY);
            }
        }
        Err(why) => sheets.paragraph(&format!("{}.", sentence(why)), Style::BODY),
    }
    sheets.subheading("If you want it removed");
    sheets.paragraph(REMOVAL_NOTE, Style::BODY);
    sheets.space(4.0);
    let width = (WIDTH - 3.0 * GAP) / 4.0;
    let row: Vec<Figure> = shown.removal.iter().map(of_panel).collect();
    sheets.pictures(&row, width, GAP)
}

fn of_panel(panel: &Panel) -> Figure {
    Figure {
        bytes: Arc::new(panel.jpeg.clone()),
        alt: format!("The client's head: {}", panel.caption),
        caption: panel.caption.clone(),
        lines: Vec::new(),
    }
}

fn outline(sheets: &mut Sheets, handover: &Handover, shown: &Shown) -> Result<(), HandoverError> {
    if handover.line.is_empty() {
        return Ok(());
    }
    sheets.new_page();
    let agreed = handover.signature.as_ref().is_some_and(|signature| signature.holds);
    sheets.heading(if agreed { "Your agreed hairline" } else { "The hairline to agree on" });
    let views = shown.first.iter().chain(shown.others.iter().filter(|view| !view.line.is_empty()));
    let drawn: Vec<Figure> = views.take(2).filter_map(drawn).collect();
    sheets.pictures(&drawn, 0.5 * (WIDTH - GAP), GAP)?;
    sheets.paragraph(
        &format!("Lengths along the skin, as a tape measures them. Scale: {}. {ERRORS_NOTE}", handover.scale),
        Style::BODY,
    );
    sheets.table(&Table::of_line(handover));
    sheets.paragraph(
        "The glabella is the smooth place between the brows, the tragus the small flap before the ear's opening. Measured in \
         photographs; measured again on the day of treatment, before a needle touches skin.",
        Style::SMALL,
    );
    sheets.space(8.0);
    sheets.paragraph("I have seen this line on my own photos and agree to it.", Style::BODY);
    signed(sheets, handover);
    Ok(())
}

/// Adds lines to sign on, with the signature drawn in the window, if any.
fn signed(sheets: &mut Sheets, handover: &Handover) {
    let Some(signature) = &handover.signature else {
        sheets.signatures(&["Client", "Technician", "Day"], None);
        return;
    };
    let client = format!("Client: {}, {}", signature.name, day_text(signature.date));
    let alt = format!("Signature of {}", signature.name);
    sheets.signatures(&[&client, "Technician", "Day"], Some((&signature.strokes, &alt)));
    sheets.paragraph(&signature.text(), if signature.holds { Style::SMALL } else { Style::STRONG });
}

fn checks(sheets: &mut Sheets, handover: &Handover) {
    sheets.space(14.0);
    sheets.need(ROOM);
    sheets.heading("What was checked");
    sheets.paragraph(handover.checked(), Style::BODY);
    if !handover.checks.is_empty() {
        sheets.table(&Table::of_checks(handover));
    }
}

fn promises(sheets: &mut Sheets, handover: &Handover) {
    let statements = &handover.practice.promises.statements;
    if !statements.is_empty() {
        sheets.subheading("What nobody can promise");
        sheets.list(statements, false);
    }
}

fn price(sheets: &mut Sheets, handover: &Handover) {
    let quote = &handover.quote;
    sheets.table(&Table::of_quote(handover));
    if let Some(amount) = quote.touch_up {
        sheets.paragraph(&format!("A touch-up, if you want one later: {}.", amount.text(&quote.currency)), Style::BODY);
    }
    if let Some(holds) = handover.holds() {
        sheets.paragraph(&holds, Style::BODY);
    }
    if let Some(source) = &quote.illustrative {
        sheets.paragraph(&format!("These are example prices, not this studio's. {source}"), Style::STRONG);
    }
    if let Some(days) = Table::of_days(handover) {
        sheets.subheading("When");
        sheets.table(&days);
    }
}

fn aftercare(sheets: &mut Sheets, handover: &Handover) {
    let care = &handover.practice.aftercare;
    if care.steps.is_empty() {
        return;
    }
    sheets.new_page();
    sheets.heading("Care before and after");
    for step in &care.steps {
        sheets.subheading(&step.when);
        sheets.list(&step.what, false);
    }
    if !care.source.is_empty() {
        sheets.paragraph(&care.source, Style::SMALL);
    }
}

fn consent(sheets: &mut Sheets, handover: &Handover) {
    let consent = &handover.practice.consent;
    sheets.new_page();
    sheets.heading("Consent");
    if !consent.uses.is_empty() {
        sheets.paragraph(
            "I allow these uses of my photos and of the pictures made from them; what is not ticked is not allowed:",
            Style::BODY,
        );
        sheets.space(3.0);
        sheets.list(&consent.uses, true);
        sheets.paragraph(&consent.withdrawn, Style::SMALL);
        sheets.space(8.0);
    }
    // Nobody agrees to a price that is only an example.
    let price = if handover.quote.illustrative.is_none() { ", its price" } else { "" };
    let read = format!(
        "I have read this plan{price} and \u{201c}What nobody can promise\u{201d}, and have had the chance to ask questions."
    );
    sheets.paragraph(&read, Style::BODY);
    sheets.signatures(&["Client", "Technician", "Day"], None);
    sheets.space(10.0);
    sheets.paragraph("Which case this was made from", Style::STRONG);
    sheets.paragraph(
        &format!(
            "SHA-256 of the case's plan and photos, to verify later that they have not changed:\n{}",
            handover.fingerprint
        ),
        Style::SMALL,
    );
}
