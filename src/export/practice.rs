//! A studio's own data: letterhead, prices, pace, aftercare, consent, and what nobody can promise. The defaults are in
//! `assets/practice.toml`; a studio's own file may replace any part of them.
//!
//! An invalid file is rejected with the line number: no client is given a document based on half a price list.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use super::prices::PriceList;
use crate::photo::{self, EncodeOptions, Format, Limits, PhotoError};

/// Largest studio file that is read, bytes.
const LARGEST_FILE: u64 = 1 << 20;
/// Most pixels of a logo, which is printed a few centimetres wide.
const LOGO_PIXELS: u64 = 4_000_000;

/// A studio's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Practice {
    /// The letterhead.
    pub letterhead: Letterhead,
    /// The pace of its work.
    pub sitting: Sitting,
    /// Its prices.
    pub prices: PriceList,
    /// The aftercare it asks of its clients.
    pub aftercare: Aftercare,
    /// The uses of photos it asks consent to.
    pub consent: Consent,
    /// What it cannot promise.
    pub promises: Promises,
}

/// A studio's letterhead.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letterhead {
    /// The studio's name; empty to print none.
    #[serde(default)]
    pub name: String,
    /// Lines below the name.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Colour of headings and rules.
    #[serde(default = "usual_accent")]
    pub accent: Colour,
    /// Path of the logo, relative to the studio's file.
    #[serde(default)]
    logo: Option<PathBuf>,
    /// The logo as PNG without metadata, once it was read.
    #[serde(skip)]
    pub logo_png: Option<Vec<u8>>,
}

/// A studio's pace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sitting {
    /// Dots per hour, from fewest to most.
    pub dots_per_hour: Pace,
}

/// What a client should do after a session.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aftercare {
    /// The steps, in order of time.
    pub steps: Vec<CareStep>,
    /// Source of the advice.
    #[serde(default)]
    pub source: String,
}

/// What to do during a period.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareStep {
    /// The period.
    pub when: String,
    /// The instructions, one sentence each.
    pub what: Vec<String>,
}

/// What a client may consent to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The uses, each to be ticked separately.
    pub uses: Vec<String>,
    /// How consent can be withdrawn.
    pub withdrawn: String,
}

/// What nobody can promise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    /// The statements, a sentence or two each.
    pub statements: Vec<String>,
}

/// A colour: red, green and blue as sRGB sample values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour(pub [u8; 3]);

fn usual_accent() -> Colour {
    Colour([0x1f, 0x4e, 0x5f])
}

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const NEEDED: &str = "a colour is '#' and six digits, such as \"#1f4e5f\"";
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii()).ok_or(NEEDED)?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| NEEDED)?;
        let [_, red, green, blue] = code.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl Colour {
    /// The colour in hexadecimal, as web pages write it.
    #[must_use]
    pub fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Dots per hour, from fewest to most.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "[f64; 2]")]
pub struct Pace(pub [f64; 2]);

impl TryFrom<[f64; 2]> for Pace {
    type Error = &'static str;

    fn try_from([fewest, most]: [f64; 2]) -> Result<Self, Self::Error> {
        let possible = fewest >= 100.0 && fewest <= most && most <= 100_000.0;
        if possible { Ok(Self([fewest, most])) } else { Err("dots in an hour are two numbers, such as [3500, 7000]") }
    }
}

/// Why a studio's file was rejected.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// A line is invalid.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// The problem.
        problem: String,
    },
    /// The file could not be read.
    #[error("the studio's file cannot be read ({0})")]
    Unread(std::io::Error),
    /// The file is too large to be a studio's file.
    #[error("this is too large for a studio's file: {LARGEST_FILE} bytes are the most")]
    TooLarge,
    /// The logo could not be read.
    #[error("the logo: {0}")]
    Logo(PhotoError),
}

/// A studio's file; parts that it leaves out take the defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    letterhead: Option<Letterhead>,
    sitting: Option<Sitting>,
    prices: Option<PriceList>,
    aftercare: Option<Aftercare>,
    consent: Option<Consent>,
    promises: Option<Promises>,
}

/// The default texts and prices.
pub const USUAL: &str = include_str!("../../assets/practice.toml");

impl Practice {
    /// The defaults, for a studio without a file of its own.
    #[must_use]
    pub fn usual() -> &'static Self {
        static USUAL_PRACTICE: OnceLock<Practice> = OnceLock::new();
        // The file is built in and covered by a test, so the fallback is never used.
        USUAL_PRACTICE.get_or_init(|| Self::read_form(USUAL, None).unwrap_or_else(|_| Self::silent()))
    }

    /// Parses a studio's file without loading its logo; for that see [`Self::read`].
    ///
    /// # Errors
    /// [`PracticeError::Line`].
    pub fn from_toml(text: &str) -> Result<Self, PracticeError> {
        Self::read_form(text, Some(Self::usual()))
    }

    /// Reads a studio's file and its logo.
    ///
    /// # Errors
    /// [`PracticeError`].
    pub fn read(path: &Path) -> Result<Self, PracticeError> {
        if std::fs::metadata(path).map_err(PracticeError::Unread)?.len() > LARGEST_FILE {
            return Err(PracticeError::TooLarge);
        }
        let mut practice = Self::from_toml(&std::fs::read_to_string(path).map_err(PracticeError::Unread)?)?;
        if let Some(logo) = &practice.letterhead.logo {
            let beside = path.parent().unwrap_or(Path::new("")).join(logo);
            practice.letterhead.logo_png = Some(logo_png(&beside).map_err(PracticeError::Logo)?);
        }
        Ok(practice)
    }

    fn read_form(text: &str, usual: Option<&Self>) -> Result<Self, PracticeError> {
        let wrong = |offset: usize, problem: &str| PracticeError::Line {
            line: text.get(..offset).unwrap_or(text).matches('\n').count() + 1,
            problem: problem.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let form: Form = toml::from_str(text).map_err(|e| wrong(e.span().map_or(0, |span| span.start), e.message()))?;
        if let Some(prices) = &form.prices {
            prices.check().map_err(|(offset, problem)| wrong(offset, &problem))?;
        }
        let silent = Self::silent();
        let usual = usual.unwrap_or(&silent);
        Ok(Self {
            letterhead: form.letterhead.unwrap_or_else(|| usual.letterhead.clone()),
            sitting: form.sitting.unwrap_or_else(|| usual.sitting.clone()),
            prices: form.prices.unwrap_or_else(|| usual.prices.clone()),
            aftercare: form.aftercare.unwrap_or_else(|| usual.aftercare.clone()),
            consent: form.consent.unwrap_or_else(|| usual.consent.clone()),
            promises: form.promises.unwrap_or_else(|| usual.promises.clone()),
        })
    }

    /// An empty studio.
    fn silent() -> Self {
        Self {
            letterhead: Letterhead {
                name: String::new(),
                lines: Vec::new(),
                accent: usual_accent(),
                logo: None,
                logo_png: None,
            },
            sitting: Sitting { dots_per_hour: Pace([3500.0, 7000.0]) },
            prices: PriceList::none(),
            aftercare: Aftercare { steps: Vec::new(), source: String::new() },
            consent: Consent { uses: Vec::new(), withdrawn: String::new() },
            promises: Promises { statements: Vec::new() },
        }
    }
}

/// Reads a logo and encodes it as PNG.
fn logo_png(path: &Path) -> Result<Vec<u8>, PhotoError> {
    let logo = photo::read(path, &Limits { max_pixels: LOGO_PIXELS, ..Limits::default() })?;
    photo::encode(&logo, Format::Png, &EncodeOptions { camera_data: false, ..EncodeOptions::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete() {
        let usual = Practice::usual();
        assert!(usual.aftercare.steps.len() >= 4 && usual.consent.uses.len() >= 4);
        assert!(usual.promises.statements.iter().any(|s| s.contains("simulation")));
        assert!(usual.prices.illustrative && !usual.prices.source.is_empty());
        assert_eq!(usual.letterhead.accent.hex(), "#1f4e5f");
        assert_eq!(Practice::from_toml("").unwrap(), *usual, "what is left out is as usual");
    }

    #[test]
    fn replacing_a_part_leaves_the_others_at_their_defaults() {
        let text = "[letterhead]\nname = \"Nord & Söhne\"\naccent = \"#A01030\"\n";
        let own = Practice::from_toml(text).unwrap();
        assert_eq!(own.letterhead.name, "Nord & Söhne");
        assert_eq!(own.letterhead.accent, Colour([0xa0, 0x10, 0x30]));
        assert_eq!(own.aftercare, Practice::usual().aftercare);
    }

    #[test]
    fn a_wrong_file_is_refused_with_the_line() {
        for (text, line, says) in [
            ("[letterhead]\nname = \"A\"\naccent = \"teal\"\n", 3, "a colour is"),
            ("[letterhead]\nname = \"A\"\nfax = \"1\"\n", 3, "unknown field"),
            ("[prices\n", 1, ""),
            ("[sitting]\n\ndots_per_hour = [7000, 3500]\n", 3, "dots in an hour"),
            ("[prices]\ncurrency = \"dollars\"\nrates = []\n", 2, "three letters"),
            ("[prices]\ncurrency = \"EUR\"\n\n[[prices.rates]]\nfor = [\"wig\"]\nby = \"area\"\neach = 1\n", 5, "wig"),
            (
                "[prices]\ncurrency = \"EUR\"\n\n[[prices.rates]]\nfor = [\"crown\"]\nby = \"area\"\neach = -1\n",
                7,
                "price",
            ),
            (
                "[prices]\ncurrency = \"EUR\"\n\n[[prices.rates]]\nfor = [\"crown\"]\nby = \"area\"\neach = [3, 2]\n",
                7,
                "price",
            ),
            ("[prices]\ncurrency = \"EUR\"\n\n[[prices.rates]]\nfor = [\"crown\"]\nby = \"class\"\n", 4, "classes"),
            ("[prices]\ncurrency = \"EUR\"\n\n[[prices.rates]]\nfor = [\"crown\"]\nby = \"dots\"\n", 4, "each"),
            ("[prices]\ncurrency = \"EUR\"\nrates = []\n[prices.tax]\nname = \"VAT\"\npercent = 150\n", 6, "percent"),
        ] {
            let Err(PracticeError::Line { line: found, problem }) = Practice::from_toml(text) else {
                panic!("accepted:\n{text}")
            };
            assert_eq!(found, line, "{problem}\n{text}");
            assert!(problem.contains(says), "{problem}\n{text}");
            assert!(!problem.contains('\n'), "one line: {problem}");
        }
    }
}
