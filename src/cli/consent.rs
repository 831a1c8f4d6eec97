//! `consent` and `trail`: what photos may be used for, and what was done with a case.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::failure::Failure;
use super::output::{Console, print};
use super::prepared::{open_case, open_to_change};
use super::terminal;
use super::values::{date, purpose};
use crate::case::consent::{Consent, USES, Use};
use crate::case::document::ViewRecord;
use crate::case::trail::Entry;
use crate::ground::station;

/// `consent`
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// The case.
    pub case: PathBuf,
    /// View; all views if not given.
    #[arg(long)]
    pub view: Option<String>,
    /// Record that the client consents to this use: record, teaching or marketing. May be repeated.
    #[arg(long, value_name = "USE", value_parser = purpose)]
    pub give: Vec<Use>,
    /// Record that the client refuses this use or revokes consent. May be repeated.
    #[arg(long, value_name = "USE", value_parser = purpose)]
    pub revoke: Vec<Use>,
    /// Date of the statement, such as 2026-11-30; today if not given.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub date: Option<Date>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `trail`
#[derive(Debug, Args)]
pub struct Trail {
    /// The case.
    pub case: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

pub(super) fn consent(args: &ConsentArgs, console: &mut Console) -> Result<(), Failure> {
    let wrong = Failure::in_case(&args.case);
    let changes = !args.give.is_empty() || !args.revoke.is_empty();
    let open = if changes { open_to_change } else { open_case };
    let mut case = open(&args.case, console)?;
    let views = match &args.view {
        Some(view) => vec![case.view_index(Some(view)).map_err(&wrong)?],
        None => (0..case.document().views.len()).collect(),
    };
    let date = args.date.unwrap_or_else(station::today);
    if date > station::today() {
        console.warn(&format!("{date} lies in the future, but what was said counts at once"));
    }
    if let Some(both) = args.give.iter().find(|purpose| args.revoke.contains(purpose)) {
        return Err(Failure::input(format!("'{}' cannot be given and revoked at once", both.name())).at(&args.case));
    }
    let said =
        args.give.iter().map(|purpose| (*purpose, true)).chain(args.revoke.iter().map(|purpose| (*purpose, false)));
    for (purpose, yes) in said {
        for &view in &views {
            case.say_consent(view, purpose, yes, date).map_err(&wrong)?;
        }
    }
    let shown = views.iter().filter_map(|view| case.document().views.get(*view));
    if args.json {
        let json: serde_json::Map<_, _> = shown
            .map(|view| Ok((view.name.clone(), serde_json::to_value(&view.consents)?)))
            .collect::<Result<_, serde_json::Error>>()
            .map_err(Failure::output)?;
        return print(&serde_json::to_string_pretty(&json).map_err(Failure::output)?);
    }
    print(&shown.map(line).collect::<String>())
}

fn line(view: &ViewRecord) -> String {
    let said = USES.map(|purpose| {
        let said = match view.consents.get(&purpose) {
            Some(Consent { revoked: Some(date), .. }) => format!("revoked on {date}"),
            Some(Consent { given: Some(date), .. }) => format!("given on {date}"),
            _ => "not recorded".to_owned(),
        };
        format!("{} {said}", purpose.name())
    });
    format!("{}: {}\n", view.name, said.join(", "))
}

pub(super) fn trail(args: &Trail, console: &mut Console) -> Result<(), Failure> {
    let case = open_case(&args.case, console)?;
    let entries = case.trail().map_err(Failure::in_case(&args.case))?;
    if args.json {
        return print(&serde_json::to_string_pretty(&entries).map_err(Failure::output)?);
    }
    let line = |entry: &Entry| {
        let Entry { first, last, station, what, times } = entry;
        let again = if *times > 1 { format!(" ({times} times until {last})") } else { String::new() };
        format!("{}\n", terminal::line(&format!("{first} {station}: {what}{again}")))
    };
    print(&entries.iter().map(line).collect::<String>())
}
