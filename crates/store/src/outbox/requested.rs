//! Emails that a reader has asked for and that are written after the response, because how long that takes would tell whether there
//! is a subscription. The request is in the outbox before the response, so that it is not lost with the server: it becomes the
//! email in one statement, on whichever server is first.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{EmailAddress, EndingKind, EndingRequest};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{Email, EmailBody, EmailBodyError, EmailId, EmailState, new_row};
use crate::{Store, StoreError, ids::Key, parse_stored, records::outbox_entry as row, time};

/// How long a request is left to the server that has begun to write its email.
const CLAIM: SignedDuration = SignedDuration::from_mins(1);

/// What a reader has asked for who ends a subscription without signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingEmailRequest {
    /// How they end it.
    pub kind: EndingKind,
    /// The address that they have entered.
    pub to: EmailAddress,
    /// The reason for cancelling, or the name of the one who withdraws; may be empty. It is stored sealed.
    pub note: String,
}

/// A request whose email is to be written now.
#[derive(Debug)]
pub struct RequestedEmail {
    /// The number of the email.
    pub id: EmailId,
    /// What was asked for; an error if it cannot be read.
    pub request: Result<EndingEmailRequest, EmailBodyError>,
    /// When.
    pub asked: Timestamp,
}

impl Store {
    /// Stores that a reader has asked for an email.
    #[tracing::instrument(skip_all)]
    pub async fn request_ending_email(
        &self,
        request: &EndingEmailRequest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let email = Email {
            to: request.to.clone(),
            account: None,
            kind: request.kind.name().to_owned(),
            subject: String::new(),
            body: EmailBody { text: request.note.clone(), html: String::new() },
            useful_for: Some(EndingRequest::LIFETIME),
        };
        let row = row::ActiveModel {
            state: Set(EmailState::Requested.name().to_owned()),
            ..new_row(&self.email_sealer(), &email, now)?
        };
        row::Entity::insert(row).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Claims at most `limit` requests whose emails are to be written now, the oldest first. If this server crashes, another
    /// one claims them a minute later.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_requested_emails(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<RequestedEmail>, StoreError> {
        let due = row::Entity::find()
            .filter(row::Column::State.eq(EmailState::Requested.name()))
            .filter(row::Column::Due.lte(now.as_second()))
            .order_by_asc(row::Column::Due)
            .order_by_asc(row::Column::Id)
            .limit(limit)
            .all(&self.database)
            .await?;
        let mut claimed = Vec::new();
        for row in due {
            let claim = row::Entity::update_many()
                .col_expr(row::Column::Due, Expr::value((now + CLAIM).as_second()))
                .filter(row::Column::Id.eq(row.id))
                .filter(row::Column::State.eq(EmailState::Requested.name()))
                .filter(row::Column::Due.eq(row.due));
            if claim.exec(&self.database).await?.rows_affected == 1 {
                let request = self.read_request(&row);
                if let Err(error) = &request {
                    self.note_unreadable(row.id, error).await?;
                }
                let (id, asked) = (EmailId(row.id), time(row.written));
                claimed.push(RequestedEmail { id, request, asked });
            }
        }
        Ok(claimed)
    }

    fn read_request(&self, row: &row::Model) -> Result<EndingEmailRequest, EmailBodyError> {
        let kind = parse_stored("the kind of a requested email", &row.kind)?;
        // The reason would have the address.
        let to = EmailAddress::from_stored(&row.recipient)
            .map_err(|_| StoreError::unreadable("the recipient"))?;
        let body = self.email_sealer().open(row)?;
        Ok(EndingEmailRequest { kind, to, note: body.text })
    }

    /// Notes why a request cannot be read, for those who look at the outbox. It is tried again until it expires: another server may
    /// have the keys, or a newer version.
    async fn note_unreadable(&self, id: i32, error: &EmailBodyError) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Fault, Expr::value(error.to_string()))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::State.eq(EmailState::Requested.name()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Deletes a request that needs no email of its own any more.
    #[tracing::instrument(skip_all)]
    pub async fn drop_requested_email(&self, id: EmailId) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Id.eq(id.0))
            .filter(row::Column::State.eq(EmailState::Requested.name()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Puts the email that was asked for in the place of its request. Returns `false` if another server was quicker, or the
    /// request has expired.
    #[tracing::instrument(skip_all)]
    pub async fn write_requested_email(
        &self,
        id: EmailId,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let expires = email.useful_for.map(|time| (now + time).as_second());
        let written = row::Entity::update_many()
            .col_expr(row::Column::Recipient, Expr::value(email.to.as_str()))
            .col_expr(row::Column::Account, Expr::value(email.account.map(Key)))
            .col_expr(row::Column::Kind, Expr::value(email.kind.as_str()))
            .col_expr(row::Column::Subject, Expr::value(email.subject.as_str()))
            .col_expr(row::Column::Body, Expr::value(self.email_sealer().seal(email)?))
            .col_expr(row::Column::Written, Expr::value(now.as_second()))
            .col_expr(row::Column::Expires, Expr::value(expires))
            .col_expr(row::Column::Fault, Expr::value(""))
            .col_expr(row::Column::State, Expr::value(EmailState::Waiting.name()))
            .col_expr(row::Column::Due, Expr::value(now.as_second()))
            .filter(row::Column::Id.eq(id.0))
            .filter(row::Column::State.eq(EmailState::Requested.name()));
        Ok(written.exec(&self.database).await?.rows_affected == 1)
    }
}
