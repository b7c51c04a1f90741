//! The outbox: emails, from when they are written until they are deleted.
//!
//! What an email says is stored only sealed, and only until it was sent, has failed for good or has expired: then its
//! text is blanked, and recipient, kind, subject, times and state are kept for support until [`retention`] deletes
//! the row. Subjects are stored in plain text; they must not contain secrets.

mod body;
mod delivery;
mod requested;
mod retention;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, EmailAddress, sign_in};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

pub(crate) use self::body::EmailSealer;
pub use self::{
    body::{EmailBody, EmailBodyError},
    delivery::{BounceOutcome, BouncedEmail, Claim, DeliveryResult},
    requested::{EndingEmailRequest, RequestedEmail},
};
use crate::{
    Store, StoreError, ids::Key, parse_stored, queues::readable, records::outbox_entry as row, time,
};

/// An email that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The recipient.
    pub to: EmailAddress,
    /// The account that it is about; the email is deleted with it. `None` if there may be none yet.
    pub account: Option<AccountId>,
    /// What it is about, such as `sign-in`.
    pub kind: String,
    /// The subject. It is stored in plain text and must not contain a secret.
    pub subject: String,
    /// What it says.
    pub body: EmailBody,
    /// How long it is of use after it was written, such as the link in it. `None` if it always is.
    pub useful_for: Option<SignedDuration>,
}

/// The number of an email in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailId(pub i32);

impl fmt::Display for EmailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What has become of an email.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum EmailState {
    /// A reader has asked for it, and it is about to be written.
    Requested,
    /// It will be sent, now or when the relay accepts mail again.
    Waiting,
    /// The relay has accepted it.
    Sent,
    /// It was refused for good, tried too often, has expired, or came back.
    Failed,
}

impl EmailState {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// An email in the outbox, without its text: see [`Store::email_body`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its number.
    pub id: EmailId,
    /// The recipient.
    pub to: EmailAddress,
    /// What it is about, such as `sign-in`.
    pub kind: String,
    /// The subject.
    pub subject: String,
    /// When it was written.
    pub written: Timestamp,
    /// When it is of no use any more. `None` if it always is.
    pub expires: Option<Timestamp>,
    /// What has become of it.
    pub state: EmailState,
    /// How often the relay was tried.
    pub tries: u32,
    /// Why the last try failed; empty if none did.
    pub fault: String,
    /// The random part of its `Message-ID`, the same for every try. Empty if an earlier version wrote it.
    pub message_id: String,
}

/// Which emails are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmailQuery {
    /// Only those in this state.
    pub state: Option<EmailState>,
    /// Only those with a lower number: the next page after the email with this number.
    pub before: Option<EmailId>,
    /// How many at most.
    pub limit: u64,
}

impl Store {
    /// Puts an email into the outbox.
    #[tracing::instrument(skip_all)]
    pub async fn enqueue_email(&self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        enqueue(&self.database, &self.email_sealer(), std::slice::from_ref(email), now).await
    }

    /// The email with this number. `None` if there is none, or it was deleted.
    #[tracing::instrument(skip_all)]
    pub async fn email(&self, id: EmailId) -> Result<Option<OutboxEntry>, StoreError> {
        let row = row::Entity::find_by_id(id.0).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// The latest emails, at most `limit`.
    #[tracing::instrument(skip_all)]
    pub async fn emails(&self, limit: u64) -> Result<Vec<OutboxEntry>, StoreError> {
        self.list_emails(EmailQuery { limit, ..EmailQuery::default() }).await
    }

    /// The emails that `query` asks for, the latest first, without those that cannot be read. The log says which these are.
    #[tracing::instrument(skip_all)]
    pub async fn list_emails(&self, query: EmailQuery) -> Result<Vec<OutboxEntry>, StoreError> {
        let EmailQuery { state, before, limit } = query;
        let rows = row::Entity::find()
            .apply_if(state, |find, state| find.filter(row::Column::State.eq(state.name())))
            .apply_if(before, |find, before| find.filter(row::Column::Id.lt(before.0)))
            .order_by_desc(row::Column::Id)
            .limit(limit)
            .all(&self.database)
            .await?;
        // The reason would have the recipient.
        let read = |row| read(row).map_err(|_| StoreError::unreadable("an email"));
        Ok(readable("emails", rows, |row: &row::Model| row.id, read).read)
    }

    /// The latest emails to an address, at most `limit`.
    #[tracing::instrument(skip_all)]
    pub async fn emails_to(
        &self,
        to: &EmailAddress,
        limit: u64,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Recipient.eq(to.as_str()))
            .order_by_desc(row::Column::Id)
            .limit(limit)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The latest email to an address that was sent or has failed. Emails to sign in with do not count: a reader who
    /// is signed in has received theirs.
    #[tracing::instrument(skip_all)]
    pub async fn last_delivery(
        &self,
        to: &EmailAddress,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::Recipient.eq(to.as_str()))
            .filter(row::Column::State.is_in([EmailState::Sent.name(), EmailState::Failed.name()]))
            .filter(row::Column::Kind.ne(sign_in::EMAIL_KIND))
            .order_by_desc(row::Column::Id)
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }
}

/// Puts emails into the outbox, in the transaction that `database` is.
pub(crate) async fn enqueue(
    database: &impl ConnectionTrait,
    sealer: &EmailSealer,
    emails: &[Email],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = emails.iter().map(|email| new_row(sealer, email, now));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    if !rows.is_empty() {
        row::Entity::insert_many(rows).exec_without_returning(database).await?;
    }
    Ok(())
}

fn new_row(
    sealer: &EmailSealer,
    email: &Email,
    now: Timestamp,
) -> Result<row::ActiveModel, StoreError> {
    Ok(row::ActiveModel {
        id: NotSet,
        recipient: Set(email.to.to_string()),
        account: Set(email.account.map(Key)),
        kind: Set(email.kind.clone()),
        subject: Set(email.subject.clone()),
        text: Set(String::new()),
        html: Set(String::new()),
        body: Set(Some(sealer.seal(email)?)),
        written: Set(now.as_second()),
        expires: Set(email.useful_for.map(|time| (now + time).as_second())),
        state: Set(EmailState::Waiting.name().to_owned()),
        tries: Set(0),
        due: Set(now.as_second()),
        fault: Set(String::new()),
        message_id: Set(random_message_id()),
    })
}

fn random_message_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(crate) fn read(row: row::Model) -> Result<OutboxEntry, StoreError> {
    Ok(OutboxEntry {
        id: EmailId(row.id),
        to: EmailAddress::from_stored(&row.recipient).map_err(StoreError::unreadable)?,
        kind: row.kind,
        subject: row.subject,
        written: time(row.written),
        expires: row.expires.map(time),
        state: parse_stored("the state of an email", &row.state)?,
        tries: row.tries.unsigned_abs(),
        fault: row.fault,
        message_id: row.message_id,
    })
}
