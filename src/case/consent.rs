//! What a client lets a photo be used for, with the day on which that was said, and on which it was taken back.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a picture is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The client's own record, and the talk with the client.
    #[default]
    Record,
    /// Teaching, where others see it.
    Teaching,
    /// Marketing, where everybody does.
    Marketing,
}

/// All uses.
pub const USES: [Use; 3] = [Use::Record, Use::Teaching, Use::Marketing];

impl Use {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Teaching => "teaching",
            Self::Marketing => "marketing",
        }
    }

    /// The use of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        USES.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What was said about a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// When the client said yes; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Date>,
    /// When the client took that back, or said no; none: it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Date>,
}

/// What was said about a photo.
pub type Consents = BTreeMap<Use, Consent>;

/// A photo may not be used for this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoConsent {
    /// Nobody has said yes.
    #[error("view '{view}': the client's consent to {} is not recorded, so no picture of it is made for that", .purpose.name())]
    NotGiven {
        /// The view.
        view: String,
        /// For what.
        purpose: Use,
    },
    /// It was taken back.
    #[error(
        "view '{view}': the client's consent to {} was revoked on {date}, so no picture of it is made for that", .purpose.name()
    )]
    Revoked {
        /// The view.
        view: String,
        /// For what.
        purpose: Use,
        /// When.
        date: Date,
    },
}

/// Whether a view's photo may be used for this. A record needs no yes beforehand, which the treatment itself asks for, but
/// heeds a no.
///
/// # Errors
/// [`NoConsent`].
pub fn check(view: &str, consents: &Consents, purpose: Use) -> Result<(), NoConsent> {
    let view = || view.to_owned();
    match consents.get(&purpose) {
        Some(Consent { revoked: Some(date), .. }) => Err(NoConsent::Revoked { view: view(), purpose, date: *date }),
        Some(Consent { given: Some(_), .. }) => Ok(()),
        _ if purpose == Use::Record => Ok(()),
        _ => Err(NoConsent::NotGiven { view: view(), purpose }),
    }
}

/// Notes that the client says yes, or no, on this day.
pub fn say(consents: &mut Consents, purpose: Use, yes: bool, date: Date) {
    let before = consents.get(&purpose).and_then(|consent| consent.given);
    let consent =
        if yes { Consent { given: Some(date), revoked: None } } else { Consent { given: before, revoked: Some(date) } };
    consents.insert(purpose, consent);
}
