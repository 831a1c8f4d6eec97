//! What a client takes home and a technician works from: each product is made as one file from a case.

use super::animation::{self, Kind, Shape};
use super::calendar;
use super::handover::{Asked, Handover, HandoverError};
use super::later::{self, REMOVAL_NOTE};
use super::page;
use super::pictures::{Make, Watch};
use super::practice::Practice;
use super::report::{self, Report};
use super::subject::Subject;
use super::template::Template;
use super::variants;
use crate::photo::Photo;
use crate::plan::recession::Class;

/// Size and quality of the pictures on sheets.
const SHEET: Make = Make { most_px: 960, quality: 92 };
/// JPEG quality of the pictures in previews.
const PREVIEW_QUALITY: u8 = 88;

/// A product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// The report on paper.
    Report,
    /// The page to look at at home.
    Page,
    /// The animation.
    Animation,
    /// The quote.
    Quote,
    /// The template at actual size.
    Template,
    /// The calendar of the sessions.
    Calendar,
    /// All plans side by side.
    Variants,
    /// Further hair loss.
    HairLoss,
    /// Removal by laser.
    Removal,
}

/// How products are made that can be made in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// File format of the animation.
    pub film: Kind,
    /// Aspect ratio of the animation.
    pub shape: Shape,
    /// Class of hair loss to show; `None`: the usual ones.
    pub class: Option<Class>,
    /// A quote as text instead of PDF.
    pub as_text: bool,
    /// A template as SVG instead of PDF.
    pub as_svg: bool,
}

/// A product that was made, before it is written.
pub enum Made {
    /// The bytes of a file.
    File(Vec<u8>),
    /// A PDF.
    Document(Report),
    /// A picture, in whatever format it will be written.
    Picture(Photo),
    /// It does not apply to this case; the reason, in a sentence.
    NotFor(&'static str),
}

impl Product {
    /// All products, in the order offered.
    pub const ALL: [Self; 9] = [
        Self::Report,
        Self::Page,
        Self::Animation,
        Self::Quote,
        Self::Template,
        Self::Calendar,
        Self::Variants,
        Self::HairLoss,
        Self::Removal,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "Report (PDF)",
            Self::Page => "Page to view at home (HTML)",
            Self::Animation => "Animation for chat apps",
            Self::Quote => "Quote (PDF)",
            Self::Template => "Actual-size template (PDF)",
            Self::Calendar => "Session dates (calendar)",
            Self::Variants => "Plans side by side (picture)",
            Self::HairLoss => "Further hair loss (picture)",
            Self::Removal => "Laser removal (picture)",
        }
    }

    /// Its contents, in a sentence.
    #[must_use]
    pub fn tip(self) -> &'static str {
        match self {
            Self::Report => {
                "Everything on paper, to decide by and to sign: all views, sessions, range, checks, price, care"
            }
            Self::Page => {
                "One file with a slider to compare, all views, sessions and years; opens on a phone, without a network"
            }
            Self::Animation => "Before, the line, sessions, healing and years, with captions",
            Self::Quote => "What the plan costs, with the studio's prices",
            Self::Template => {
                "The line in real size with a ruler, and tapes to every centimetre of it, for the day of treatment"
            }
            Self::Calendar => "The days of the sessions, for the client's own calendar",
            Self::Variants => "Every plan of the case healed in one photo, with its numbers, to choose at home",
            Self::HairLoss => {
                "The finished work with more hair lost, with and without a further session: shaved hair receding (Norwood), or women's \
                 hair thinning (Ludwig)"
            }
            Self::Removal => "The work healed, and after one, two and three sessions with a laser",
        }
    }

    /// Stem and extension of its file.
    #[must_use]
    pub fn file(self, film: Kind) -> (&'static str, &'static str) {
        match self {
            Self::Report => ("report", "pdf"),
            Self::Page => ("page", "html"),
            Self::Animation => ("course", film.ending()),
            Self::Quote => ("quote", "pdf"),
            Self::Template => ("template", "pdf"),
            Self::Calendar => ("sessions", "ics"),
            Self::Variants => ("plans", "jpg"),
            Self::HairLoss => ("hair-loss", "jpg"),
            Self::Removal => ("removal", "jpg"),
        }
    }

    /// How long it takes, relative to the others.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Report => 4.0,
            Self::Page | Self::Animation => 6.0,
            Self::Variants | Self::HairLoss | Self::Removal => 2.0,
            Self::Quote | Self::Template | Self::Calendar => 1.0,
        }
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn make(
        self,
        subject: &mut Subject,
        practice: &Practice,
        asked: &Asked,
        options: &Options,
        watch: Watch,
    ) -> Result<Made, HandoverError> {
        Ok(match self {
            Self::Report => Made::Document(report::report(subject, practice, asked, watch)?),
            Self::Page => Made::File(page::page(subject, practice, asked, watch)?.into_bytes()),
            Self::Animation => Made::File(animation::film(subject, practice, options.shape, options.film, watch)?),
            Self::Quote => {
                let handover = Handover::of(subject, practice, asked)?;
                if options.as_text {
                    Made::File(handover.quote.text().into_bytes())
                } else {
                    Made::Document(report::quote(&handover)?)
                }
            }
            Self::Template => {
                let template = Template::of(subject, practice)?;
                if options.as_svg {
                    Made::File(template.svg()?.into_bytes())
                } else {
                    Made::Document(template.pdf(practice, asked.made_on)?)
                }
            }
            Self::Calendar => Made::File(calendar::calendar(&Handover::of(subject, practice, asked)?)?.into_bytes()),
            Self::Variants | Self::HairLoss | Self::Removal => {
                return self.sheet(subject, practice, asked, options.class, SHEET, watch);
            }
        })
    }

    /// A preview of about this width; `None` if there is nothing to see.
    ///
    /// # Errors
    /// [`HandoverError`]; [`HandoverError::Document`] with the reason if the product does not apply to this case.
    pub fn preview(
        self,
        subject: &mut Subject,
        practice: &Practice,
        asked: &Asked,
        options: &Options,
        width_px: u32,
        watch: Watch,
    ) -> Result<Option<Photo>, HandoverError> {
        match self {
            Self::Report => report::preview(subject, practice, asked, width_px),
            Self::Page => page::preview(subject, width_px),
            Self::Animation => animation::preview(subject, practice, options.shape, width_px),
            Self::Quote => report::quote_preview(&Handover::of(subject, practice, asked)?, width_px),
            Self::Template => Template::of(subject, practice)?.preview(practice, width_px),
            Self::Calendar => calendar::preview(&Handover::of(subject, practice, asked)?, width_px),
            Self::Variants | Self::HairLoss | Self::Removal => {
                let make = Make { most_px: width_px / 2, quality: PREVIEW_QUALITY };
                match self.sheet(subject, practice, asked, options.class, make, watch)? {
                    Made::NotFor(why) => Err(HandoverError::Document(why.to_owned())),
                    Made::Picture(picture) => Ok(Some(picture)),
                    Made::File(_) | Made::Document(_) => Ok(None),
                }
            }
        }
    }

    /// A sheet of pictures.
    fn sheet(
        self,
        subject: &mut Subject,
        practice: &Practice,
        asked: &Asked,
        class: Option<Class>,
        make: Make,
        watch: Watch,
    ) -> Result<Made, HandoverError> {
        Ok(Made::Picture(match self {
            Self::HairLoss => match later::hair_loss(subject, class, make, watch)? {
                Ok(loss) => loss.sheet()?,
                Err(why) => return Ok(Made::NotFor(why)),
            },
            Self::Removal => later::sheet(&[later::removal(subject, make, watch)?], REMOVAL_NOTE)?,
            _ => variants::on_a_sheet(&variants::choices(subject, practice, asked, make, watch)?)?,
        }))
    }
}
