//! Emails about notifications. What is told at about the same time about one article is one email: after an email, the next about
//! this article waits for [`PAUSE`] and has all of it.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::{Account, AccountId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{
    queries::{Notification, read_all},
    those_who_may_open,
};
use crate::{
    Email, Store, StoreError, accounts,
    ids::{AccountKey, Key, PieceKey},
    outbox::enqueue,
    records::{notification as row, staff},
    time,
};

/// The time between two emails to one person about one article.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// The longest time before an email that could not be written is tried again.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What one email tells somebody about one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffEmail {
    /// The recipient.
    pub account: Account,
    /// The language (BCP 47) that they have chosen; empty if they have not.
    pub language: String,
    /// The article.
    pub article: ArticleId,
    /// What it tells, the first first. There is at least one.
    pub notifications: Vec<Notification>,
}

impl Store {
    /// Returns at most `most` emails that should be written now, those that have waited longest first. What need not be sent, because
    /// its recipient may not open the article any more, is forgotten, and what comes too soon after another email is put off. So is
    /// what cannot be read: it holds up no other.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_staff_emails(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<StaffEmail>, StoreError> {
        let due: Vec<(AccountKey, PieceKey)> = row::Entity::find()
            .select_only()
            .columns([row::Column::Account, row::Column::Piece])
            .filter(row::Column::SendAt.lte(now.as_second()))
            .group_by(row::Column::Account)
            .group_by(row::Column::Piece)
            .order_by_asc(Expr::col(row::Column::SendAt).min())
            .order_by_asc(row::Column::Account)
            .order_by_asc(row::Column::Piece)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let mut emails = Vec::with_capacity(due.len());
        for (account, piece) in due {
            match self.staff_email(account, piece, now).await {
                Ok(email) => emails.extend(email),
                Err(StoreError::Unreadable(error)) => {
                    let (account, article) = (account.0, piece.0);
                    let about = (account.0, article.0);
                    tracing::error!(error, ?about, "notifications: an email cannot be read");
                    self.defer_staff_email(account, article, now).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(emails)
    }

    /// Puts off an email that could not be written: for as long as it has waited, and a day at most.
    #[tracing::instrument(skip_all)]
    pub async fn defer_staff_email(
        &self,
        account: AccountId,
        article: ArticleId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waiting = waiting(Key(account), Key(article));
        let first: Option<Option<i64>> = row::Entity::find()
            .select_only()
            .column_as(row::Column::At.min(), "first")
            .filter(waiting.clone())
            .into_tuple()
            .one(&self.database)
            .await?;
        let Some(first) = first.flatten() else { return Ok(()) };
        let waited = now.duration_since(time(first));
        let until = now + waited.clamp(PAUSE, LONGEST);
        set_send_at(&self.database, waiting, Some(until.as_second())).await
    }

    async fn staff_email(
        &self,
        account: AccountKey,
        piece: PieceKey,
        now: Timestamp,
    ) -> Result<Option<StaffEmail>, StoreError> {
        let waiting = waiting(account, piece);
        if those_who_may_open(&self.database, piece, Some(&[account.0])).await?.is_empty() {
            set_send_at(&self.database, waiting, None).await?;
            return Ok(None);
        }
        if let Some(sent) = last_sent(&self.database, account, piece).await?
            && sent > (now - PAUSE).as_second()
        {
            set_send_at(&self.database, waiting, Some(sent + PAUSE.as_secs())).await?;
            return Ok(None);
        }
        let Some(recipient) = self.account(account.0).await? else { return Ok(None) };
        let row = staff::Entity::find_by_id(account).one(&self.database).await?;
        let language = row.and_then(|row| row.language).unwrap_or_default();
        let rows = row::Entity::find()
            .filter(waiting)
            .order_by_asc(row::Column::Id)
            .all(&self.database)
            .await?;
        let notifications = read_all(&self.database, rows).await?;
        let email = StaffEmail { account: recipient, language, article: piece.0, notifications };
        Ok((!email.notifications.is_empty()).then_some(email))
    }

    /// Puts an email into the outbox that tells what `told` says. Returns `false`, and sends nothing, if another server has sent
    /// some of it, or another about this article, or its recipient may not open the article any more.
    #[tracing::instrument(skip_all)]
    pub async fn send_staff_email(
        &self,
        told: &StaffEmail,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (account, piece) = (Key(told.account.id), Key(told.article));
        let transaction = self.begin().await?;
        // From here on no other server sends to this account.
        if accounts::lock(&transaction, told.account.id).await?.is_none() {
            return Ok(false);
        }
        let sent = last_sent(&transaction, account, piece).await?;
        let is_early = sent.is_some_and(|sent| sent > (now - PAUSE).as_second());
        let allowed = those_who_may_open(&transaction, piece, Some(&[told.account.id])).await?;
        if is_early || allowed.is_empty() {
            return Ok(false);
        }
        let numbers = told.notifications.iter().map(|told| told.number);
        let marked = row::Entity::update_many()
            .col_expr(row::Column::SendAt, Expr::value(None::<i64>))
            .col_expr(row::Column::SentAt, Expr::value(now.as_second()))
            .filter(row::Column::Id.is_in(numbers))
            .filter(waiting(account, piece))
            .exec(&transaction)
            .await?;
        if marked.rows_affected != told.notifications.len() as u64 {
            return Ok(false);
        }
        enqueue(&transaction, &self.email_sealer(), std::slice::from_ref(email), now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// What is to be sent to somebody about an article, whenever it is due.
fn waiting(account: AccountKey, piece: PieceKey) -> Condition {
    Condition::all()
        .add(row::Column::Account.eq(account))
        .add(row::Column::Piece.eq(piece))
        .add(row::Column::SendAt.is_not_null())
}

/// When somebody was last sent an email about an article, in seconds.
async fn last_sent(
    from: &impl ConnectionTrait,
    account: AccountKey,
    piece: PieceKey,
) -> Result<Option<i64>, StoreError> {
    let last: Option<Option<i64>> = row::Entity::find()
        .select_only()
        .column_as(row::Column::SentAt.max(), "last")
        .filter(row::Column::Account.eq(account))
        .filter(row::Column::Piece.eq(piece))
        .into_tuple()
        .one(from)
        .await?;
    Ok(last.flatten())
}

async fn set_send_at(
    to: &impl ConnectionTrait,
    which: Condition,
    at: Option<i64>,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::SendAt, Expr::value(at))
        .filter(which)
        .exec(to)
        .await?;
    Ok(())
}
