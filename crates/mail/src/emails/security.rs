//! The emails that tell a reader what has changed about signing in, in case that somebody else has done it.
//!
//! To add one: add a variant to [`SecurityNotice`], which the compiler asks for a sample, and its words
//! `mail_NAME_subject` and `mail_NAME_text` in every language.

use masthead_circulation::Account;
use masthead_publication::{
    SiteSnapshot,
    contexts::SecurityEmailContext,
    theme::{Template, ThemeError},
};
use masthead_store::Email;
use strum::VariantArray as _;

use super::{EmailKind, fill, head, render, subject};

/// What has changed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::IntoStaticStr, strum_macros::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum SecurityNotice {
    /// Somebody has signed in on a device for the first time. The detail is the device.
    NewDevice,
    /// A passkey was added. The detail is the device.
    #[strum(serialize = "passkey")]
    PasskeyAdded,
    /// A passkey was removed. The detail is the device that had it.
    PasskeyRemoved,
    /// An account elsewhere signed in for the first time. The detail is its provider.
    IdentityLinked,
    /// An account elsewhere was removed. The detail is its provider.
    IdentityRemoved,
    /// An authenticator app was set up.
    AuthenticatorAdded,
    /// An authenticator app was removed.
    AuthenticatorRemoved,
    /// New recovery codes were made in place of the earlier ones.
    RecoveryCodesRenewed,
    /// Many wrong codes were tried, and no more are looked at for a day.
    CodesTried,
    /// All second factors were removed on the server.
    FactorsRemoved,
    /// The address of the account was changed. The detail is the new address.
    AddressChanged,
}

impl SecurityNotice {
    /// All notices.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The word that is stored in the outbox.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// A detail that the notice might have.
    pub(crate) fn sample_detail(self) -> &'static str {
        match self {
            Self::AddressChanged => "ada@example.com",
            Self::IdentityLinked | Self::IdentityRemoved => "The Guild",
            Self::NewDevice
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::AuthenticatorAdded
            | Self::AuthenticatorRemoved
            | Self::RecoveryCodesRenewed
            | Self::CodesTried
            | Self::FactorsRemoved => "Firefox, Windows",
        }
    }
}

/// Composes the email that tells an account what has changed.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn security(
    snapshot: &SiteSnapshot,
    account: &Account,
    notice: SecurityNotice,
    detail: &str,
) -> Result<Email, ThemeError> {
    let name = notice.name();
    let publication = &snapshot.publication.name;
    let subject = subject(snapshot, &format!("mail_{name}_subject"));
    let text = snapshot.theme.word(&format!("mail_{name}_text"));
    let text = fill(text, &[("publication", publication), ("detail", detail)]);
    let context = SecurityEmailContext { head: head(snapshot, subject.clone()), text };
    let templates = [Template::SecurityMail, Template::SecurityMailText];
    let kind = EmailKind::Security(notice);
    let email = render(snapshot, &account.email, kind, subject, templates, &context)?;
    Ok(Email { account: Some(account.id), ..email })
}
