//! A studio's price list, and quotes based on it.
//!
//! Amounts are whole hundredths of the currency's unit. A price may be a range; the quote is then a range, too. Each
//! area is charged by the first rate for its kind of treatment; areas without a rate are listed as still to be agreed.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::words::{grouped, plain, words};
use crate::plan::treatment::Treatment;

/// Highest accepted price, in the currency's unit.
const HIGHEST: f64 = 10_000_000.0;

/// A studio's price list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Amounts are rounded to multiples of this, in the currency's unit.
    #[serde(default)]
    pub round_to: Step,
    /// How long a quote is valid, days.
    #[serde(default)]
    pub valid_days: Option<u16>,
    /// Whether these are examples rather than a studio's own prices.
    #[serde(default)]
    pub illustrative: bool,
    /// Source of the examples.
    #[serde(default)]
    pub source: String,
    /// The rates.
    pub rates: Vec<Spanned<Rate>>,
    /// Price of a later touch-up.
    #[serde(default)]
    pub touch_up: Option<TouchUpPrice>,
    /// Tax.
    #[serde(default)]
    pub tax: Option<Tax>,
}

/// The rate for some kinds of treatment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The kinds of treatment.
    #[serde(rename = "for")]
    treatments: Vec<Treatment>,
    /// What the price is based on.
    by: By,
    /// Price per unit.
    #[serde(default)]
    each: Option<Price>,
    /// Lowest price.
    #[serde(default)]
    minimum: Option<Price>,
    /// Price by class of hair loss.
    #[serde(default)]
    classes: BTreeMap<String, Price>,
}

/// What a rate is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    /// Square centimetres.
    Area,
    /// Thousands of dots.
    Dots,
    /// Sessions.
    Session,
    /// The class of hair loss.
    Class,
}

/// A currency code of three letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Currency(String);

impl TryFrom<String> for Currency {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
        if is_code { Ok(Self(text)) } else { Err("a currency is its three letters, such as \"EUR\"") }
    }
}

/// The number of hundredths that amounts are rounded to multiples of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Step(i64);

impl Default for Step {
    fn default() -> Self {
        Self(1)
    }
}

impl TryFrom<f64> for Step {
    type Error = &'static str;

    fn try_from(unit: f64) -> Result<Self, Self::Error> {
        let possible = (0.01..=10_000.0).contains(&unit);
        if possible { Ok(Self((100.0 * unit).round() as i64)) } else { Err("rounding is to 0.01 up to 10000") }
    }
}

/// A number, or a range from least to most.
#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers {
    One(f64),
    Two([f64; 2]),
}

impl Numbers {
    fn range(self) -> [f64; 2] {
        match self {
            Self::One(number) => [number; 2],
            Self::Two(range) => range,
        }
    }
}

/// A price in the currency's unit, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Numbers")]
pub struct Price([f64; 2]);

impl TryFrom<Numbers> for Price {
    type Error = &'static str;

    fn try_from(numbers: Numbers) -> Result<Self, Self::Error> {
        let [least, most] = numbers.range();
        let possible = least >= 0.0 && least <= most && most <= HIGHEST;
        if possible {
            Ok(Self([least, most]))
        } else {
            Err("a price is a number from 0, or the least and the most of it")
        }
    }
}

/// A percentage, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Numbers")]
struct Percent([f64; 2]);

impl TryFrom<Numbers> for Percent {
    type Error = &'static str;

    fn try_from(numbers: Numbers) -> Result<Self, Self::Error> {
        let [least, most] = numbers.range();
        let possible = least >= 0.0 && least <= most && most <= 100.0;
        if possible { Ok(Self([least, most])) } else { Err("a percent is a number from 0 to 100") }
    }
}

/// Price of a later touch-up.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchUpPrice {
    /// Percentage of the price of the work.
    percent: Percent,
}

/// Tax on the work.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    name: String,
    percent: TaxPercent,
    /// Whether the prices include it already.
    #[serde(default)]
    included: bool,
}

/// A single percentage.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
struct TaxPercent(f64);

impl TryFrom<f64> for TaxPercent {
    type Error = &'static str;

    fn try_from(percent: f64) -> Result<Self, Self::Error> {
        if (0.0..=100.0).contains(&percent) { Ok(Self(percent)) } else { Err("a percent is a number from 0 to 100") }
    }
}

/// The work to be charged.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Areas of the plan, each with its name, treatment, size in cm² and number of dots.
    pub areas: Vec<(String, Treatment, f64, usize)>,
    /// Number of sessions.
    pub sessions: usize,
    /// Whether a touch-up is planned.
    pub touch_up: bool,
    /// Class of hair loss, if named: "norwood-4".
    pub class: Option<String>,
}

/// An amount in hundredths of the currency's unit, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub [i64; 2]);

/// A line of a quote.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteLine {
    /// What is charged: names of areas.
    pub what: String,
    /// Quantity and price: "404 cm² at USD 2.50 to 8.75".
    pub how: String,
    /// The price of that.
    pub amount: Amount,
}

/// The quote for a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// Currency of all amounts.
    pub currency: String,
    /// The lines.
    pub lines: Vec<QuoteLine>,
    /// Areas without a price in the list.
    pub unpriced: Vec<String>,
    /// Tax and its label: "VAT 20 %, included".
    pub tax: Option<(String, Amount)>,
    /// Total, including tax if there is any.
    pub total: Amount,
    /// Price of the later touch-up.
    pub touch_up: Option<Amount>,
    /// How long the quote is valid, days.
    pub valid_days: Option<u16>,
    /// Source of the prices, if they are examples.
    pub illustrative: Option<String>,
}

/// The price list has no such class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the price list has no class '{asked}'; it has {known}")]
pub struct NoSuchClass {
    asked: String,
    known: String,
}

impl Amount {
    fn of(price: Price, times: f64, step: Step) -> Self {
        // Floats represent every whole number up to 9e15 exactly; amounts stay far below.
        let rounded = |unit: f64| ((100.0 * unit * times) / step.0 as f64).round() as i64 * step.0;
        Self(price.0.map(rounded))
    }

    fn at_least(self, other: Self) -> Self {
        Self([self.0[0].max(other.0[0]), self.0[1].max(other.0[1])])
    }

    fn plus(self, other: Self) -> Self {
        Self([self.0[0] + other.0[0], self.0[1] + other.0[1]])
    }

    /// A share of the amount, rounded to the hundredth.
    fn share(self, share: f64) -> Self {
        Self(self.0.map(|amount| (amount as f64 * share).round() as i64))
    }

    /// The amount in words, after the currency: "USD 1 010 to 3 540".
    #[must_use]
    pub fn text(self, currency: &str) -> String {
        let [least, most] = self.0.map(money);
        if least == most { format!("{currency}\u{a0}{least}") } else { format!("{currency}\u{a0}{least} to {most}") }
    }
}

fn money(hundredths: i64) -> String {
    let whole = grouped(usize::try_from(hundredths / 100).unwrap_or(0));
    match hundredths % 100 {
        0 => whole,
        rest => format!("{whole}.{rest:02}"),
    }
}

fn price_text(price: Price, currency: &str) -> String {
    Amount::of(price, 1.0, Step::default()).text(currency)
}

impl PriceList {
    /// An empty list.
    #[must_use]
    pub(super) fn none() -> Self {
        Self {
            currency: Currency("XXX".to_owned()),
            round_to: Step::default(),
            valid_days: None,
            illustrative: false,
            source: String::new(),
            rates: Vec::new(),
            touch_up: None,
            tax: None,
        }
    }

    /// Checks what parsing alone does not; an error is the offset in the file and the problem.
    pub(super) fn check(&self) -> Result<(), (usize, String)> {
        for rate in &self.rates {
            let wrong = |problem: &str| Err((rate.span().start, problem.to_owned()));
            let rate = rate.get_ref();
            match rate.by {
                By::Class if rate.classes.is_empty() => {
                    return wrong("a rate by class needs its prices: classes = { \"norwood-3\" = 1200 }");
                }
                By::Area | By::Dots | By::Session if rate.each.is_none() => {
                    return wrong("a rate needs its price: each = 2.5");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Classes of hair loss that have prices.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        let mut all: Vec<&str> =
            self.rates.iter().flat_map(|r| r.get_ref().classes.keys().map(String::as_str)).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter()
    }

    /// Makes the quote for a plan's work.
    ///
    /// # Errors
    /// [`NoSuchClass`] if a class is named that the list does not have.
    pub fn quote(&self, work: &Work) -> Result<Quote, NoSuchClass> {
        if let Some(asked) = &work.class
            && !self.classes().any(|class| class == asked)
        {
            let known: Vec<&str> = self.classes().collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(NoSuchClass { asked: asked.clone(), known });
        }
        let Currency(currency) = &self.currency;
        let mut left: Vec<&(String, Treatment, f64, usize)> = work.areas.iter().collect();
        let mut lines = Vec::new();
        for rate in &self.rates {
            let rate = rate.get_ref();
            let (fitting, others) = left.into_iter().partition(|(_, kind, ..)| rate.treatments.contains(kind));
            left = others;
            lines.extend(self.line(rate, &fitting, work));
        }
        let sum = lines.iter().fold(Amount([0; 2]), |sum, line: &QuoteLine| sum.plus(line.amount));
        let (total, tax) = match &self.tax {
            None => (sum, None),
            Some(Tax { name, percent: TaxPercent(percent), included }) => {
                let label = |how: &str| format!("{name} {}\u{a0}%{how}", plain(*percent));
                if *included {
                    (sum, Some((label(", included"), sum.share(percent / (100.0 + percent)))))
                } else {
                    let tax = sum.share(percent / 100.0);
                    (sum.plus(tax), Some((label(""), tax)))
                }
            }
        };
        let touch_up = self.touch_up.filter(|_| work.touch_up && !lines.is_empty()).map(|price| {
            let [least, most] = price.percent.0;
            let of = |amount: i64, percent: f64| {
                (amount as f64 * percent / 100.0 / self.round_to.0 as f64).round() as i64 * self.round_to.0
            };
            Amount([of(total.0[0], least), of(total.0[1], most)])
        });
        Ok(Quote {
            currency: currency.clone(),
            lines,
            unpriced: left.iter().map(|(name, ..)| name.clone()).collect(),
            tax,
            total,
            touch_up,
            valid_days: self.valid_days,
            illustrative: self.illustrative.then(|| self.source.clone()),
        })
    }

    /// The quote line for a rate; `None` if the plan has no such work.
    fn line(&self, rate: &Rate, areas: &[&(String, Treatment, f64, usize)], work: &Work) -> Option<QuoteLine> {
        if areas.is_empty() {
            return None;
        }
        let Currency(currency) = &self.currency;
        let names: Vec<&str> = areas.iter().map(|(name, ..)| name.as_str()).collect();
        let each = rate.each.unwrap_or(Price([0.0; 2]));
        let at = |count: &str| format!("{count} at {}", price_text(each, currency));
        let (how, amount) = match rate.by {
            By::Area => {
                // Charge for the rounded area that is printed.
                let (cm2, decimals) = charged_cm2(areas.iter().map(|(_, _, cm2, _)| cm2).sum());
                (at(&format!("{cm2:.decimals$}\u{a0}cm²")), Amount::of(each, cm2, self.round_to))
            }
            By::Dots => {
                let dots: usize = areas.iter().map(|(_, _, _, dots)| dots).sum();
                let how = format!("{} dots at {} a thousand", grouped(dots), price_text(each, currency));
                (how, Amount::of(each, dots as f64 / 1000.0, self.round_to))
            }
            By::Session => {
                let noun = if work.sessions == 1 { "session" } else { "sessions" };
                let how = at(&format!("{} {noun}", work.sessions));
                (how, Amount::of(each, work.sessions as f64, self.round_to))
            }
            By::Class => {
                let named = work.class.as_ref().and_then(|class| Some((class, rate.classes.get(class)?)));
                match named {
                    Some((class, price)) => (words(class), Amount::of(*price, 1.0, self.round_to)),
                    None => {
                        let all = rate.classes.values().map(|price| price.0);
                        let range = all.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]).unwrap_or([0.0; 2]);
                        ("By class (not yet chosen)".to_owned(), Amount::of(Price(range), 1.0, self.round_to))
                    }
                }
            }
        };
        let minimum = rate.minimum.map(|minimum| Amount::of(minimum, 1.0, self.round_to));
        let raised = minimum.map_or(amount, |minimum| amount.at_least(minimum));
        let how = if raised == amount { how } else { format!("{how}, minimum price applies") };
        Some(QuoteLine { what: names.join(", "), how, amount: raised })
    }
}

/// The area charged for, cm², and its decimals: whole numbers, or tenths for small areas.
fn charged_cm2(cm2: f64) -> (f64, usize) {
    let cm2 = cm2.max(0.0);
    if cm2 < 10.0 { ((10.0 * cm2).round() / 10.0, 1) } else { (cm2.round(), 0) }
}

impl Quote {
    /// As text, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for QuoteLine { what, how, amount } in &self.lines {
            text += &format!("{what}: {how}: {}\n", amount.text(&self.currency));
        }
        for name in &self.unpriced {
            text += &format!("{name}: to be agreed\n");
        }
        if let Some((label, amount)) = &self.tax {
            text += &format!("{label}: {}\n", amount.text(&self.currency));
        }
        text += &format!("Total: {}\n", self.total.text(&self.currency));
        if let Some(amount) = self.touch_up {
            text += &format!("A touch-up later: {}\n", amount.text(&self.currency));
        }
        if let Some(source) = &self.illustrative {
            text += &format!("These prices are examples. {source}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::practice::Practice;
    use super::*;

    fn list(text: &str) -> PriceList {
        Practice::from_toml(&format!("[prices]\ncurrency = \"EUR\"\n{text}")).unwrap().prices
    }

    fn work() -> Work {
        Work {
            areas: vec![
                ("Scalp".to_owned(), Treatment::FullShave, 404.4, 21_480),
                ("Scar".to_owned(), Treatment::StripScar, 3.13, 160),
            ],
            sessions: 3,
            touch_up: true,
            class: None,
        }
    }

    const SCALP: &str = "[[prices.rates]]\nfor = [\"full-shave\"]\n";

    #[test]
    fn each_way_to_charge_gives_the_known_amount() {
        let scar = "[[prices.rates]]\nfor = [\"strip-scar\"]\nby = \"area\"\neach = 30\nminimum = 250\n";
        for (rate, amount) in [
            ("by = \"area\"\neach = 4.5\n", 404 * 450),
            ("by = \"dots\"\neach = 80\n", 171_840),
            ("by = \"session\"\neach = 650\n", 195_000),
            ("by = \"class\"\nclasses = { \"norwood-4\" = 1600 }\n", 160_000),
        ] {
            let quote = list(&format!("{SCALP}{rate}{scar}")).quote(&work()).unwrap();
            assert_eq!(quote.lines[0].amount, Amount([amount; 2]), "{rate}");
            // 3.1 cm² at 30 make 93, which is below the minimum.
            assert_eq!(quote.lines[1].amount, Amount([25_000; 2]));
            assert!(quote.lines[1].how.contains("3.1\u{a0}cm²"), "{}", quote.lines[1].how);
            assert_eq!(quote.total, Amount([amount + 25_000; 2]));
            assert!(quote.unpriced.is_empty() && quote.touch_up.is_none() && quote.illustrative.is_none());
        }
    }

    #[test]
    fn what_has_no_price_is_named_and_not_part_of_the_sum() {
        let quote = list(&format!("{SCALP}by = \"session\"\neach = 500\n")).quote(&work()).unwrap();
        assert_eq!(quote.unpriced, ["Scar"]);
        assert_eq!(quote.total, Amount([150_000; 2]));
        assert!(quote.text().contains("Scar: to be agreed"));
    }

    #[test]
    fn tax_is_added_or_taken_out_of_the_sum() {
        let rate = format!("{SCALP}by = \"session\"\neach = 400\n");
        let added = list(&format!("{rate}[prices.tax]\nname = \"VAT\"\npercent = 20\n")).quote(&work()).unwrap();
        assert_eq!((added.tax.unwrap().1, added.total), (Amount([24_000; 2]), Amount([144_000; 2])));
        let tax = "[prices.tax]\nname = \"VAT\"\npercent = 20\nincluded = true\n";
        let within = list(&format!("{rate}{tax}")).quote(&work()).unwrap();
        let (label, tax) = within.tax.unwrap();
        assert_eq!((label.as_str(), tax), ("VAT 20\u{a0}%, included", Amount([20_000; 2])));
        assert_eq!(within.total, Amount([120_000; 2]));
    }

    #[test]
    fn a_class_decides_and_an_unknown_one_is_refused() {
        let list = list(&format!(
            "{SCALP}by = \"class\"\nclasses = {{ \"norwood-3\" = 1200, \"norwood-6\" = [2400, 2600] }}\n"
        ));
        let of = |class: Option<&str>| list.quote(&Work { class: class.map(str::to_owned), ..work() });
        assert_eq!(of(Some("norwood-3")).unwrap().total, Amount([120_000; 2]));
        assert_eq!(of(None).unwrap().total, Amount([120_000, 260_000]), "the whole range");
        assert_eq!(
            of(Some("ludwig-1")).unwrap_err().to_string(),
            "the price list has no class 'ludwig-1'; it has norwood-3, norwood-6"
        );
    }

    #[test]
    fn amounts_are_rounded_as_the_studio_rounds_and_read_as_people_write_them() {
        let list = list(&format!(
            "round_to = 10\n{SCALP}by = \"area\"\neach = [2.5, 8.75]\n[prices.touch_up]\npercent = [15, 30]\n"
        ));
        let quote = list.quote(&work()).unwrap();
        assert_eq!(quote.total, Amount([101_000, 354_000]), "404 cm² make 1010 and 3535");
        assert_eq!(quote.total.text("EUR"), "EUR\u{a0}1\u{202f}010 to 3\u{202f}540");
        assert_eq!(quote.touch_up, Some(Amount([15_000, 106_000])));
        assert_eq!(Amount([1_005; 2]).text("EUR"), "EUR\u{a0}10.05");
        assert!(quote.lines[0].how.contains("404\u{a0}cm² at EUR\u{a0}2.50 to 8.75"), "{}", quote.lines[0].how);
    }

    #[test]
    fn the_examples_that_come_with_the_program_stay_within_what_trade_pages_ask() {
        let prices = &Practice::usual().prices;
        for (cm2, least, most) in [(250.0, 1000, 3500), (20.0, 350, 1000), (80.0, 350, 1120)] {
            let work = Work { areas: vec![("A".to_owned(), Treatment::Crown, cm2, 0)], ..work() };
            assert_eq!(prices.quote(&work).unwrap().total, Amount([100 * least, 100 * most]), "{cm2}");
        }
        let all = Work {
            areas: crate::plan::treatment::TREATMENTS.map(|t| (t.name().to_owned(), t, 5.0, 9)).to_vec(),
            ..work()
        };
        assert!(prices.quote(&all).unwrap().unpriced.is_empty());
    }
}
