//! The page: one HTML file that a client opens at home, on a phone or a large screen, without a network.
//!
//! A content security policy in the file forbids it to load anything, and names its only script and style by their
//! hashes. Pictures are compared with the browser's own slider, laid over the picture, which works with finger, mouse
//! and keys. Without scripts the page still shows every number, and the first photo healed. The template escapes all
//! foreign text.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::handover::{
    Asked, DILUTION_NOTE, ERRORS_NOTE, Handover, HandoverError, RANGE_NOTE, SignatureFigures, TIME_NOTE,
    TouchUpFigures, YEARS_NOTE,
};
use super::later::{self, HairLoss, Panel, REMOVAL_NOTE, USUAL_HEADING};
use super::pictures::{self, Make, PhotoSeries, StepShot, Watch};
use super::practice::{Colour, Practice};
use super::subject::Subject;
use super::tables::Table;
use super::text::{self, SIMULATION};
use super::variants::{self, Choice};
use super::words::{area_text, day_text, grouped, plain, sentence};
use crate::case;
use crate::ground::colour::{luminance_f64, srgb_light_from_fraction};
use crate::photo::{Photo, Reader};
use crate::render::steps::{Appointments, Step};
use crate::skin::settings::Outlook;

/// Largest page, bytes: what chat programs and mail still accept.
pub const LARGEST: usize = 8_000_000;
/// Share of that for pictures, before Base64 makes them a third larger.
const PICTURES: usize = 5_700_000;
/// Picture sizes and qualities, the finest first: the first one that fits is used.
const WAYS: [Make; 7] = [
    Make { most_px: 960, quality: 84 },
    Make { most_px: 960, quality: 76 },
    Make { most_px: 800, quality: 76 },
    Make { most_px: 720, quality: 70 },
    Make { most_px: 600, quality: 66 },
    Make { most_px: 480, quality: 60 },
    Make { most_px: 360, quality: 55 },
];
/// Size and quality of pictures beside the course of the treatment.
const ASIDE: Make = Make { most_px: 560, quality: 78 };
/// Years shown.
const YEARS: [u32; 3] = [1, 5, 10];

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    handover: &'a Handover,
    css: &'a str,
    css_hash: String,
    js: &'static str,
    js_hash: String,
    logo: Option<String>,
    studio: &'a str,
    lines: &'a [String],
    who: String,
    made_on: Option<String>,
    views: Vec<PageView>,
    steps: Vec<PageStep>,
    first_shot: usize,
    first_label: String,
    first_tip: String,
    facts: Vec<(String, &'static str)>,
    tables: Tables,
    pigment: String,
    choices: Vec<PagePicture>,
    hair_loss: Option<PageLoss>,
    no_hair_loss: Option<String>,
    removal: Vec<PagePicture>,
    loss_heading: &'static str,
    loss_note: &'static str,
    removal_note: &'static str,
    range_note: &'static str,
    years_note: &'static str,
    dilution_note: &'static str,
    time_note: &'static str,
    errors_note: &'static str,
    /// The result of the checks.
    checked: &'static str,
    signed: Option<String>,
    touch_up: Option<String>,
    holds: Option<String>,
    simulation: &'static str,
}

/// The tables of the page.
struct Tables {
    sessions: Table,
    areas: Table,
    line: Table,
    quote: Table,
    checks: Table,
    days: Option<Table>,
    choices: Table,
}

/// Further hair loss.
struct PageLoss {
    planned: PagePicture,
    stages: Vec<PageStage>,
}

struct PageStage {
    title: &'static str,
    /// With nothing done about it, and with a further session.
    pictures: [PagePicture; 2],
    text: String,
}

/// What is shown besides the course of the treatment.
struct Aside {
    choices: Vec<Choice>,
    hair_loss: Result<HairLoss, &'static str>,
    removal: Vec<Panel>,
}

impl Aside {
    fn of(subject: &mut Subject, practice: &Practice, asked: &Asked, watch: Watch) -> Result<Self, HandoverError> {
        let choices = if subject.document.variants.len() > 1 {
            variants::choices(subject, practice, asked, ASIDE, &|share| watch(share / 3.0))?
        } else {
            Vec::new()
        };
        Ok(Self {
            choices,
            hair_loss: later::hair_loss(subject, None, ASIDE, &|share| watch((1.0 + share) / 3.0))?,
            removal: later::removal(subject, ASIDE, &|share| watch((2.0 + share) / 3.0))?,
        })
    }

    /// Total size of its pictures, bytes.
    fn bytes(&self) -> usize {
        let choices = self.choices.iter().map(|choice| &choice.picture);
        let loss = self.hair_loss.iter().flat_map(|loss| {
            std::iter::once(&loss.planned).chain(loss.stages.iter().flat_map(|stage| [&stage.without, &stage.with]))
        });
        choices.chain(loss).chain(&self.removal).map(|panel| panel.jpeg.len()).sum()
    }
}

struct PageView {
    title: String,
    before: String,
    after: Vec<PagePicture>,
    /// Points of each line in SVG syntax, in per cent of the picture's side.
    line: Vec<String>,
}

struct PagePicture {
    jpeg: String,
    what: String,
}

impl From<&Panel> for PagePicture {
    fn from(panel: &Panel) -> Self {
        Self { jpeg: STANDARD.encode(&panel.jpeg), what: panel.caption.clone() }
    }
}

struct PageStep {
    label: String,
    tip: String,
    /// Indices of its pictures.
    likely: usize,
    range: Option<[usize; 2]>,
    first: bool,
}

/// Makes the page of a case.
///
/// # Errors
/// [`HandoverError`].
pub fn page(subject: &mut Subject, practice: &Practice, asked: &Asked, watch: Watch) -> Result<String, HandoverError> {
    let handover = Handover::of(subject, practice, asked)?;
    if watch(0.05).is_break() {
        return Err(HandoverError::Stopped);
    }
    let appointments = Appointments::of(subject.plan());
    let (steps, shots) = steps(appointments);
    let shown = pictures::views(subject)?;
    subject.decode(&shown)?;
    let aside = Aside::of(subject, practice, asked, &|share| watch(0.05 + 0.15 * share))?;
    let views = views(subject, &shots, PICTURES.saturating_sub(aside.bytes()), &|share| watch(0.2 + 0.75 * share))?;
    write(&handover, appointments, steps, &shots, &views, &aside)
}

/// A preview of the top of the page at this width: the title, and the first photo, before on the left and healed on the
/// right.
///
/// # Errors
/// [`HandoverError`].
pub fn preview(subject: &mut Subject, width_px: u32) -> Result<Option<Photo>, HandoverError> {
    let view = *pictures::views(subject)?.first().ok_or(case::Error::NoPhotos)?;
    let appointments = Appointments::of(subject.plan());
    let Some(part) = subject.part(view, width_px)? else { return Ok(None) };
    let healed = Step::result(appointments).moment(appointments, Outlook::Likely).ok_or(case::Error::NoPlan)?;
    let after = pictures::treated(&part.before, &subject.fitted.mock_up, &part.sensor, healed)?;
    let (before, healed) = (Reader::new(&part.before), Reader::new(&after));
    let width = after.width() as usize;
    let wiped = Photo::from_rows(after.width(), after.height(), |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let side = if x < width / 2 { &before } else { &healed };
            *pixel = if x.abs_diff(width / 2) < 1 {
                [255; 3]
            } else {
                side.samples(y * width + x).map(|sample| (sample / 257) as u8)
            };
        }
    });
    let letters = width as f32 / 14.0;
    let title = text::strip(wiped.width(), (2.2 * letters) as u32, &[("Your treatment plan", letters)])?;
    Ok(Some(title.above(&wiped)))
}

/// The steps that are shown, and the shots needed: before, then those that the steps refer to by index.
fn steps(appointments: Appointments) -> (Vec<PageStep>, Vec<StepShot>) {
    let healed = Step::result(appointments);
    let shown = |step: &Step| match step {
        Step::Fresh(_) | Step::TouchUpHealed => true,
        Step::Years(years) => YEARS.contains(years),
        other => *other == healed,
    };
    let mut shots = vec![StepShot::likely(Step::Before)];
    let mut steps = Vec::new();
    for step in appointments.steps().into_iter().filter(shown) {
        let mut number = |outlook| {
            shots.push(StepShot { step, outlook });
            shots.len() - 2
        };
        let likely = number(Outlook::Likely);
        let range = (step == healed).then(|| [number(Outlook::Light), number(Outlook::Strong)]);
        steps.push(PageStep {
            label: step.label(appointments),
            tip: step.tip(appointments),
            likely,
            range,
            first: step == healed,
        });
    }
    (steps, shots)
}

/// Renders the pictures of all views in the finest quality that fits.
fn views(
    subject: &mut Subject,
    shots: &[StepShot],
    most_bytes: usize,
    watch: Watch,
) -> Result<Vec<PhotoSeries>, HandoverError> {
    let indices = pictures::views(subject)?;
    let mut ways = WAYS.into_iter().skip(first_to_try(subject, &indices, shots.len(), most_bytes)?).peekable();
    while let Some(make) = ways.next() {
        let mut made = Vec::new();
        let mut bytes = 0;
        for (i, &index) in indices.iter().enumerate() {
            let watch = |share: f64| watch((i as f64 + share) / indices.len() as f64);
            let view = pictures::view(subject, index, shots, make, &watch)?;
            bytes += view.iter().flat_map(|view| &view.jpegs).map(Vec::len).sum::<usize>();
            made.extend(view);
            // An estimate of the total, if the other views are like these.
            let likely = bytes / (i + 1) * indices.len();
            if likely > most_bytes && ways.peek().is_some() {
                break;
            }
        }
        if made.len() == indices.len() && (bytes <= most_bytes || ways.peek().is_none()) {
            return Ok(made);
        }
    }
    Ok(Vec::new())
}

/// The finest size and quality that may fit, an index of [`WAYS`]: as if every picture of a view took as much as that
/// before, and all views became smaller alike.
fn first_to_try(
    subject: &mut Subject,
    indices: &[usize],
    shots: usize,
    most_bytes: usize,
) -> Result<usize, HandoverError> {
    let mut bytes = |view: usize, make: Make| -> Result<usize, HandoverError> {
        let part = subject.part(view, make.most_px)?;
        Ok(part.map_or(Ok(Vec::new()), |part| pictures::jpeg(&part.before, make.quality))?.len())
    };
    let Some(&first) = indices.first() else { return Ok(0) };
    let finest = indices.iter().map(|&view| bytes(view, WAYS[0])).collect::<Result<Vec<_>, _>>()?;
    let (of_first, of_all) = (finest[0].max(1) as f64, (shots * finest.iter().sum::<usize>()) as f64);
    for (way, make) in WAYS.into_iter().enumerate() {
        let smaller = if way == 0 { of_first } else { bytes(first, make)? as f64 };
        if of_all * smaller / of_first <= most_bytes as f64 {
            return Ok(way);
        }
    }
    Ok(WAYS.len() - 1)
}

fn write(
    handover: &Handover,
    appointments: Appointments,
    steps: Vec<PageStep>,
    shots: &[StepShot],
    views: &[PhotoSeries],
    aside: &Aside,
) -> Result<String, HandoverError> {
    let letterhead = &handover.practice.letterhead;
    let css = format!(
        ":root {{ --accent: {}; }}\n{}",
        readable(letterhead.accent).hex(),
        include_str!("../../templates/page.css")
    );
    let js = include_str!("../../templates/page.js");
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let what = |shot: &StepShot| match shot.outlook {
        Outlook::Light => format!("{}, light", shot.step.label(appointments)),
        Outlook::Likely => shot.step.label(appointments),
        Outlook::Strong => format!("{}, strong", shot.step.label(appointments)),
    };
    let of_view = |view: &PhotoSeries| {
        let encoded: Vec<String> = view.jpegs.iter().map(|jpeg| STANDARD.encode(jpeg)).collect();
        let mut encoded = encoded.into_iter();
        let before = encoded.next().unwrap_or_default();
        let after = encoded.zip(&shots[1..]).map(|(jpeg, shot)| PagePicture { jpeg, what: what(shot) }).collect();
        let share = 100.0 / f64::from(view.side_px);
        let points = |line: &Vec<[f64; 2]>| {
            line.iter().map(|[x, y]| format!("{:.2},{:.2}", x * share, y * share)).collect::<Vec<_>>().join(" ")
        };
        PageView { title: view.title.clone(), before, after, line: view.line.iter().map(points).collect() }
    };
    let first = steps.iter().find(|step| step.first);
    let sessions = handover.sessions.len();
    let page = Page {
        handover,
        css_hash: hash(&css),
        css: &css,
        js_hash: hash(js),
        js,
        logo: letterhead.logo_png.as_ref().map(|logo| STANDARD.encode(logo)),
        studio: &letterhead.name,
        lines: &letterhead.lines,
        who: handover.who(),
        made_on: handover.made_on.map(day_text),
        views: views.iter().map(of_view).collect(),
        first_shot: first.map_or(0, |step| step.likely),
        first_label: first.map_or_else(String::new, |step| step.label.clone()),
        first_tip: first.map_or_else(String::new, |step| step.tip.clone()),
        steps,
        facts: vec![
            (area_text(handover.area_cm2, 0), "of scalp are treated"),
            (grouped(handover.dots), "dots in all"),
            (grouped(sessions), if sessions == 1 { "session" } else { "sessions" }),
            (
                handover.quote.total.text(&handover.quote.currency),
                if handover.quote.illustrative.is_some() { "in total, an example" } else { "in total" },
            ),
        ],
        tables: Tables {
            sessions: Table::of_sessions(handover),
            areas: Table::of_areas(handover),
            line: Table::of_line(handover),
            quote: Table::of_quote(handover),
            checks: Table::of_checks(handover),
            days: Table::of_days(handover),
            choices: Table::of_choices(&aside.choices),
        },
        range_note: RANGE_NOTE,
        years_note: YEARS_NOTE,
        dilution_note: DILUTION_NOTE,
        time_note: TIME_NOTE,
        errors_note: ERRORS_NOTE,
        checked: handover.checked(),
        pigment: format!("{}, {} mm deep once healed", handover.pigment, plain(handover.depth_mm)),
        choices: aside.choices.iter().map(|choice| PagePicture::from(&choice.picture)).collect(),
        hair_loss: aside.hair_loss.as_ref().ok().map(|loss| PageLoss {
            planned: (&loss.planned).into(),
            stages: loss
                .stages
                .iter()
                .map(|stage| PageStage {
                    title: stage.class.title(),
                    pictures: [&stage.without, &stage.with].map(PagePicture::from),
                    text: stage.text(),
                })
                .collect(),
        }),
        no_hair_loss: aside.hair_loss.as_ref().err().map(|why| format!("{}.", sentence(why))),
        removal: aside.removal.iter().map(PagePicture::from).collect(),
        loss_heading: aside.hair_loss.as_ref().map_or(USUAL_HEADING, HairLoss::heading),
        loss_note: aside.hair_loss.as_ref().map_or("", HairLoss::note),
        removal_note: REMOVAL_NOTE,
        signed: handover.signature.as_ref().map(SignatureFigures::text),
        touch_up: handover.touch_up.as_ref().map(TouchUpFigures::text),
        holds: handover.holds(),
        simulation: SIMULATION,
    };
    page.render().map_err(|problem| HandoverError::Document(problem.to_string()))
}

/// The colour, darkened until white letters on it are readable: a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3).
fn readable(colour: Colour) -> Colour {
    const CONTRAST: f64 = 4.5;
    let light = |sample: u8| srgb_light_from_fraction(f64::from(sample) / 255.0);
    let mut shown = colour;
    for _ in 0..64 {
        if 1.05 / (luminance_f64(shown.0.map(light)) + 0.05) >= CONTRAST {
            break;
        }
        shown = Colour(shown.0.map(|sample| (f64::from(sample) * 0.95) as u8));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_letters_can_be_read_on_every_colour() {
        assert_eq!(readable(Colour([0x1f, 0x4e, 0x5f])), Colour([0x1f, 0x4e, 0x5f]), "dark ones stay");
        for colour in [[255, 255, 255], [255, 230, 0], [0, 200, 120], [240, 120, 120]] {
            let [red, green, blue] = readable(Colour(colour)).0.map(f64::from);
            let grey = luminance_f64([red, green, blue]) / 255.0;
            assert!(grey < 0.47, "{colour:?} became {red} {green} {blue}");
            assert!(red + green + blue > 60.0, "and stays a colour");
        }
    }

    #[test]
    fn steps_refer_to_their_pictures() {
        for touch_up_days in [None, Some(730.0)] {
            let appointments = Appointments { sessions: 3, touch_up_days };
            let (steps, shots) = steps(appointments);
            assert_eq!(shots[0], StepShot::likely(Step::Before));
            assert_eq!(steps.iter().filter(|step| step.first && step.range.is_some()).count(), 1);
            for step in &steps {
                assert_eq!(shots[step.likely + 1].step.label(appointments), step.label);
                assert_eq!(shots[step.likely + 1].outlook, Outlook::Likely);
                if let Some([light, strong]) = step.range {
                    assert_eq!([light, strong].map(|n| shots[n + 1].outlook), [Outlook::Light, Outlook::Strong]);
                }
            }
        }
    }
}
