//! What an email says, and how it is stored: sealed with the publication's keys, and bound to its recipient, kind and
//! subject, so that somebody who can write to the database cannot have it sent to another address.

use masthead_access::{sealed_box::OpenError, token::Keyring};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::{Email, EmailId};
use crate::{
    Store, StoreError,
    address_digests::AddressDigests,
    records::outbox_entry as row,
    sealer::{OpenSealedError, Sealer},
};

/// What an email says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailBody {
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// Why the text of an email cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EmailBodyError {
    /// There is no such email, or it was sent, has failed or has expired, and its text was blanked.
    #[error("its text is not kept any more")]
    Gone,
    /// It was sealed with a key that is not in the file of keys.
    #[error(
        "it was encrypted with key {0}, which is not in the file of keys; restore that file from a backup"
    )]
    UnknownKey(u8),
    /// It was sealed with other keys of the same number, or changed in the database.
    #[error(
        "it was sealed with other keys than those in this server's file of keys, or changed since; give all servers the same file"
    )]
    NotGenuine,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenSealedError> for EmailBodyError {
    fn from(error: OpenSealedError) -> Self {
        match error {
            OpenSealedError::Store(error) => Self::Store(error),
            OpenSealedError::Sealed(OpenError::UnknownKey(number)) => Self::UnknownKey(number),
            OpenSealedError::Sealed(OpenError::Malformed | OpenError::NotGenuine) => {
                Self::NotGenuine
            }
        }
    }
}

/// Seals and opens what emails say.
#[derive(Clone, Debug, Default)]
pub(crate) struct EmailSealer(Sealer);

impl EmailSealer {
    pub fn seal(&self, email: &Email) -> Result<Vec<u8>, StoreError> {
        self.seal_body(&email.body, &associated(email.to.as_str(), &email.kind, &email.subject))
    }

    /// Seals the plain text that a version before this has stored.
    pub fn seal_plain(&self, row: &row::Model) -> Result<Vec<u8>, StoreError> {
        let body = EmailBody { text: row.text.clone(), html: row.html.clone() };
        self.seal_body(&body, &associated(&row.recipient, &row.kind, &row.subject))
    }

    fn seal_body(&self, body: &EmailBody, associated: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.0.seal(&serde_json::to_vec(body)?, associated)
    }

    pub fn open(&self, row: &row::Model) -> Result<EmailBody, EmailBodyError> {
        let Some(sealed) = &row.body else {
            let is_plain = !(row.text.is_empty() && row.html.is_empty());
            let plain = || EmailBody { text: row.text.clone(), html: row.html.clone() };
            return is_plain.then(plain).ok_or(EmailBodyError::Gone);
        };
        let associated = associated(&row.recipient, &row.kind, &row.subject);
        let opened = self.0.open(sealed, &associated)?;
        serde_json::from_slice(&opened).map_err(|_| EmailBodyError::NotGenuine)
    }
}

/// Neither an address nor a kind has a line break, so that no two emails have the same associated data.
fn associated(to: &str, kind: &str, subject: &str) -> Vec<u8> {
    format!("masthead email body 1\n{kind}\n{to}\n{subject}").into_bytes()
}

impl Store {
    /// The same database, with the keys that seal emails and other secrets, and under which it is kept what former readers
    /// have used. Without them no secret can be written or read, and nothing is kept.
    #[must_use]
    pub fn with_keys(self, keyring: &Keyring) -> Self {
        let sealer = Sealer::new(keyring);
        let address_digests = AddressDigests::new(keyring);
        Self { sealer, address_digests, ..self }
    }

    /// What seals and opens emails.
    pub(crate) fn email_sealer(&self) -> EmailSealer {
        EmailSealer(self.sealer.clone())
    }

    /// What an email says. It is for sending it and for the operator; nothing else shows it.
    ///
    /// # Errors
    ///
    /// Returns [`EmailBodyError::Gone`] if the text was blanked.
    #[tracing::instrument(skip_all)]
    pub async fn email_body(&self, id: EmailId) -> Result<EmailBody, EmailBodyError> {
        let row = row::Entity::find_by_id(id.0).one(&self.database).await;
        let row = row.map_err(StoreError::from)?.ok_or(EmailBodyError::Gone)?;
        self.email_sealer().open(&row)
    }
}
