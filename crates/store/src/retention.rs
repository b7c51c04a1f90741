//! Deleting what was kept long enough. What an account owns is deleted with it, and emails have a cleaner of their own; the
//! guide's chapter on retention has every table.

mod batches;
mod preview;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AddressMove, Session, app, passkey::CHALLENGE_LIFETIME, staff::Invitation,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

pub use self::preview::{MAX_COUNTED, PrunableRows};
use crate::{
    Store, StoreError, audience, kept_forms, known_devices, notifications, rate_limits,
    reconciliations,
    records::{
        address_change, app_request, article_count, article_site, audit_entry, challenge,
        day_total, hour_total, invitation, kept_form, known_device, notification, presence,
        rate_limit, reconciliation, revision, session, sign_in_request, unique_readers, webhook,
    },
    sign_in,
    stories::PRESENT,
};

/// How long an invitation that nobody has accepted is kept after it has expired, so that staff can see it.
const EXPIRED_INVITATIONS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long what grows is kept; `None` for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The numbers of messages from payment processors.
    pub webhooks: Option<SignedDuration>,
    /// Counts by the hour.
    pub hourly_counts: Option<SignedDuration>,
    /// Counts by article and day, and sketches of readers.
    pub daily_counts: Option<SignedDuration>,
    /// Revisions of articles, except the latest of each.
    pub revisions: Option<SignedDuration>,
    /// The audit log.
    pub audit_log: Option<SignedDuration>,
    /// Delivery addresses, since something was last delivered there.
    pub delivery_addresses: Option<SignedDuration>,
}

/// How long it is known what came of long work that staff asked for: its filters may name readers.
const FINISHED_JOBS: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// Deletes what was kept long enough, and what has expired, a few rows at a time. Returns how many rows.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prune(&self, retention: Retention, now: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = self.prune_expired(now).await? + self.prune_histories(now).await?;
        deleted += self.prune_checkout_deliveries(now).await?;
        self.prune_jobs(now - FINISHED_JOBS).await?;
        self.prune_reader_imports(now).await?;
        self.prune_article_imports(now).await?;
        self.prune_backups(now).await?;
        self.prune_deleted_addresses(now).await?;
        if let Some(kept) = retention.webhooks {
            deleted += self.delete_in_batches::<webhook::Entity>(old_webhooks(kept, now)).await?;
        }
        if let Some(kept) = retention.revisions {
            deleted += self.delete_in_batches::<revision::Entity>(old_revisions(kept, now)).await?;
        }
        if let Some(kept) = retention.audit_log {
            deleted +=
                self.delete_in_batches::<audit_entry::Entity>(old_entries(kept, now)).await?;
        }
        if let Some(kept) = retention.delivery_addresses {
            deleted += self.prune_deliveries(kept, now).await?;
        }
        Ok(deleted + self.prune_counts(retention, now).await?)
    }

    /// Deletes what has expired: nobody can use it. Some of it is deleted when another row is added as well, which may never
    /// happen.
    async fn prune_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let last = |lifetime: SignedDuration| (now - lifetime).as_second();
        let kept = Invitation::LIFETIME + EXPIRED_INVITATIONS;
        Ok(self.delete_until(session::Column::Seen, last(Session::LIFETIME)).await?
            + self.delete_until(session::Column::Begun, last(Session::MAX_LIFETIME)).await?
            + self.delete_until(sign_in_request::Column::Asked, last(sign_in::KEPT)).await?
            + self.delete_until(app_request::Column::Asked, last(app::LIFETIME)).await?
            + self.delete_until(address_change::Column::Asked, last(AddressMove::LIFETIME)).await?
            + self.delete_until(challenge::Column::At, last(CHALLENGE_LIFETIME)).await?
            + self.delete_until(invitation::Column::At, last(kept)).await?
            + self.delete_until(known_device::Column::Seen, last(known_devices::KEPT)).await?
            + self.delete_until(kept_form::Column::At, last(kept_forms::KEPT)).await?
            + self.delete_until(rate_limit::Column::Since, last(rate_limits::KEPT)).await?
            + self.delete_until(presence::Column::At, last(PRESENT)).await?
            + self.delete_until(notification::Column::At, last(notifications::KEPT)).await?
            + self.delete_until(reconciliation::Column::At, last(reconciliations::KEPT)).await?)
    }

    /// Deletes the rows whose time is `last` or before, in seconds. Returns how many.
    async fn delete_until<C>(&self, time: C, last: i64) -> Result<u64, StoreError>
    where
        C: ColumnTrait,
        C::EntityName: EntityTrait,
    {
        self.delete_in_batches::<C::EntityName>(time.lte(last)).await
    }

    async fn prune_counts(&self, retention: Retention, now: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = 0;
        if let Some(kept) = retention.hourly_counts {
            deleted += self.delete_in_batches::<hour_total::Entity>(old_hours(kept, now)).await?;
        }
        let Some(kept) = retention.daily_counts else { return Ok(deleted) };
        let day = first_day(kept, now);
        let old = article_count::Column::Day.lt(day);
        deleted += self.delete_in_batches::<article_count::Entity>(old).await?;
        let old = article_site::Column::Day.lt(day);
        deleted += self.delete_in_batches::<article_site::Entity>(old).await?;
        let old = day_total::Column::Day.lt(day);
        deleted += self.delete_in_batches::<day_total::Entity>(old).await?;
        let old = unique_readers::Column::Day.lt(day);
        deleted += self.delete_in_batches::<unique_readers::Entity>(old).await?;
        Ok(deleted)
    }
}

/// The numbers of messages from before the time that they are kept.
fn old_webhooks(kept: SignedDuration, now: Timestamp) -> Condition {
    Condition::all().add(webhook::Column::At.lt((now - kept).as_second()))
}

/// Revisions from before the time that they are kept, except the latest of each article.
fn old_revisions(kept: SignedDuration, now: Timestamp) -> Condition {
    let newer = Alias::new("newer");
    let of = |column: revision::Column| Expr::col((newer.clone(), column));
    let own = |column: revision::Column| Expr::col((revision::Entity, column));
    let later = Query::select()
        .expr(Expr::value(1))
        .from_as(revision::Entity, newer.clone())
        .and_where(of(revision::Column::Piece).eq(own(revision::Column::Piece)))
        .and_where(of(revision::Column::Id).gt(own(revision::Column::Id)))
        .take();
    Condition::all().add(revision::Column::At.lt((now - kept).as_second())).add(Expr::exists(later))
}

/// Entries of the audit log from before the time that they are kept.
fn old_entries(kept: SignedDuration, now: Timestamp) -> Condition {
    Condition::all().add(audit_entry::Column::At.lt((now - kept).as_second()))
}

/// Counts by the hour from before the time that they are kept.
fn old_hours(kept: SignedDuration, now: Timestamp) -> Condition {
    Condition::all().add(hour_total::Column::Hour.lt((now - kept).as_second().div_euclid(3600)))
}

/// The number of the first day whose counts are kept.
fn first_day(kept: SignedDuration, now: Timestamp) -> i32 {
    audience::number((now - kept).to_zoned_datetime(TimeZone::UTC).date())
}
