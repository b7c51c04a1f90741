//! The emails that Masthead writes, one file for each kind.
//!
//! To add an email about a subscription, give it a variant of [`SubscriptionEmail`], which the compiler asks for its
//! path, and words of its name in `words.toml` and its translations: `mail_NAME_subject`, `mail_NAME_text` and
//! `mail_NAME_button`.
//!
//! One about signing in is a variant of [`SecurityNotice`].
//!
//! To add an email of another kind, write a file here with a function that composes it, give it a variant of
//! [`EmailKind`], its templates in `themes/default/mail` and its words. The compiler asks for its sample, and the test
//! `tests/emails.rs` for its words in every language.

mod address_change;
mod ending;
mod facts;
mod invitation;
mod notification;
mod security;
mod sign_in;
mod subscription;
mod weekly_figures;

use std::fmt::{self, Write as _};

use masthead_access::message::TextDirection;
use masthead_circulation::{EmailAddress, EndingKind, SubscriptionEmail};
use masthead_publication::{
    SiteSnapshot,
    contexts::EmailHead,
    theme::{Template, ThemeError},
};
use masthead_store::{Email, EmailBody};
use serde::Serialize;
use strum::VariantArray as _;

pub use self::{
    address_change::address_change,
    ending::{ending, no_ending},
    facts::{card_words, invoice_facts, payment_facts},
    invitation::{InvitationContext, invitation, test},
    notification::{NotificationContext, NotificationItem, notification},
    security::{SecurityNotice, security},
    sign_in::sign_in,
    subscription::{SubscriptionDetails, WithdrawalDetails, subscription},
    weekly_figures::{WeeklyFigure, WeeklyFiguresContext, WeeklyList, weekly_figures},
};

/// What an email is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumDiscriminants)]
#[strum_discriminants(name(EmailGroup), vis(), derive(strum_macros::VariantArray))]
pub enum EmailKind {
    /// A link and a code to sign in with.
    SignIn,
    /// A change of address that both ends must agree to.
    AddressChange,
    /// The end of a subscription that is to be confirmed.
    Ending(EndingKind),
    /// The end of a subscription that there is not.
    NoEnding(EndingKind),
    /// Something about signing in has changed.
    Security(SecurityNotice),
    /// An invitation to work at the desk.
    Invitation,
    /// Something has happened to an article, for a member of the staff.
    Notification,
    /// The figures of a week, for a member of the staff.
    WeeklyFigures,
    /// Something about a subscription.
    Subscription(SubscriptionEmail),
    /// A test of the mail relay by a member of the staff.
    Test,
}

impl EmailKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        EmailGroup::VARIANTS.iter().flat_map(|group| match group {
            EmailGroup::SignIn => vec![Self::SignIn],
            EmailGroup::AddressChange => vec![Self::AddressChange],
            EmailGroup::Ending => EndingKind::ALL.map(Self::Ending).to_vec(),
            EmailGroup::NoEnding => EndingKind::ALL.map(Self::NoEnding).to_vec(),
            EmailGroup::Security => SecurityNotice::all().map(Self::Security).collect(),
            EmailGroup::Invitation => vec![Self::Invitation],
            EmailGroup::Notification => vec![Self::Notification],
            EmailGroup::WeeklyFigures => vec![Self::WeeklyFigures],
            EmailGroup::Subscription => SubscriptionEmail::all().map(Self::Subscription).collect(),
            EmailGroup::Test => vec![Self::Test],
        })
    }

    /// The word that is stored in the outbox.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => masthead_circulation::sign_in::EMAIL_KIND,
            Self::AddressChange => "address",
            Self::Ending(EndingKind::Cancellation) => "cancellation",
            Self::Ending(EndingKind::Withdrawal) => "withdrawal",
            Self::NoEnding(EndingKind::Cancellation) => "no_cancellation",
            Self::NoEnding(EndingKind::Withdrawal) => "no_withdrawal",
            Self::Security(notice) => notice.name(),
            Self::Invitation => "invitation",
            Self::Notification => "notification",
            Self::WeeklyFigures => "weekly_figures",
            Self::Subscription(email) => email.name(),
            Self::Test => "test",
        }
    }
}

impl fmt::Display for EmailKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Fills the gaps of a word, such as `{date}`. A gap that has no value is left as it is; the theme is checked for such
/// gaps when it is loaded.
pub(crate) fn fill(word: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let gap = after.split_once('}');
        let value = gap.and_then(|(name, _)| values.iter().find(|(known, _)| *known == name));
        match (gap, value) {
            (Some((_, after)), Some((_, value))) => {
                filled.push_str(value);
                rest = after;
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = filled.write_char('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// What every email of the publication begins with.
fn head(snapshot: &SiteSnapshot, subject: String) -> EmailHead {
    let publication = &snapshot.publication;
    EmailHead {
        publication: publication.name.clone(),
        address: publication.address.clone(),
        language: publication.locale.tag().to_owned(),
        direction: TextDirection::of_tag(publication.locale.tag()).name(),
        subject,
    }
}

/// A subject from the theme's words.
fn subject(snapshot: &SiteSnapshot, word: &str) -> String {
    fill(snapshot.theme.word(word), &[("publication", &snapshot.publication.name)])
}

/// Renders an email that is useful for good, and about no account.
fn render<C: Serialize>(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    kind: EmailKind,
    subject: String,
    [html, text]: [Template; 2],
    context: &C,
) -> Result<Email, ThemeError> {
    Ok(Email {
        to: to.clone(),
        account: None,
        kind: kind.name().to_owned(),
        subject,
        body: EmailBody {
            text: snapshot.theme.render(text, context)?,
            html: snapshot.theme.render(html, context)?,
        },
        useful_for: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        let values = [("date", "1 May"), ("product", "{date}")];
        assert_eq!(fill("Until {date}: {product}.", &values), "Until 1 May: {date}.");
        assert_eq!(fill("{unknown} {date", &values), "{unknown} {date");
        assert_eq!(fill("", &values), "");
    }
}
