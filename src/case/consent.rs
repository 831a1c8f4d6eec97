//! What the client allows a photo to be used for, and the days on which consent was given and revoked.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The purpose for which a picture is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The client's own record, and consultations with the client.
    #[default]
    Record,
    /// Teaching, where other people see it.
    Teaching,
    /// Marketing, where anybody may see it.
    Marketing,
}

/// All uses.
pub const USES: [Use; 3] = [Use::Record, Use::Teaching, Use::Marketing];

impl Use {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Teaching => "teaching",
            Self::Marketing => "marketing",
        }
    }

    /// The use with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        USES.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// Whether and when consent to a use was given or revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// When the client consented; `None` if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Date>,
    /// When the client revoked or refused consent; `None` while consent holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Date>,
}

/// The recorded consents for a photo.
pub type Consents = BTreeMap<Use, Consent>;

/// Why a photo may not be used for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoConsent {
    /// Consent was never given.
    #[error("view '{view}': the client's consent to {} is not recorded, so no picture of it is made for that", .purpose.name())]
    NotGiven {
        /// The view.
        view: String,
        /// The purpose.
        purpose: Use,
    },
    /// Consent was revoked.
    #[error(
        "view '{view}': the client's consent to {} was revoked on {date}, so no picture of it is made for that", .purpose.name()
    )]
    Revoked {
        /// The view.
        view: String,
        /// The purpose.
        purpose: Use,
        /// The day it was revoked.
        date: Date,
    },
}

/// Checks whether a view's photo may be used for this purpose. The client's record needs no recorded consent, since the
/// treatment itself requires it, but a refusal counts.
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

/// Records that the client consents, or refuses, on this day.
pub fn say(consents: &mut Consents, purpose: Use, yes: bool, date: Date) {
    let before = consents.get(&purpose).and_then(|consent| consent.given);
    let consent =
        if yes { Consent { given: Some(date), revoked: None } } else { Consent { given: before, revoked: Some(date) } };
    consents.insert(purpose, consent);
}
