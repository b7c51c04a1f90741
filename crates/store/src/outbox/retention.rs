//! What is not kept: the text of emails that have expired, text that an earlier version has stored unsealed, and
//! emails that are older than the publisher keeps them.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{EmailState, delivery::finished};
use crate::{Store, StoreError, records::outbox_entry as row};

/// What is noted of an email that has expired.
const EXPIRED: &str = "it came too late to be of use";

impl Store {
    /// Ends the emails that were not sent before they expired, and blanks their text. Returns how many.
    #[tracing::instrument(skip_all)]
    pub async fn expire_emails(&self, now: Timestamp) -> Result<u64, StoreError> {
        let unsent = [EmailState::Requested.name(), EmailState::Waiting.name()];
        let expired = row::Entity::update_many()
            .filter(row::Column::State.is_in(unsent))
            .filter(row::Column::Expires.lte(now.as_second()));
        let expired = finished(expired, EmailState::Failed, Expr::value(EXPIRED));
        Ok(expired.exec(&self.database).await?.rows_affected)
    }

    /// Deletes emails that were written before `before`, the oldest first, at most `limit`. Returns how many.
    #[tracing::instrument(skip_all)]
    pub async fn delete_emails(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let old: Vec<i32> = row::Entity::find()
            .select_only()
            .column(row::Column::Id)
            .filter(row::Column::Written.lt(before.as_second()))
            .order_by_asc(row::Column::Written)
            .limit(limit)
            .into_tuple()
            .all(&self.database)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let deleted = row::Entity::delete_many().filter(row::Column::Id.is_in(old));
        Ok(deleted.exec(&self.database).await?.rows_affected)
    }

    /// Seals waiting emails that a version before this has written in plain text, at most `limit`. Returns how many.
    #[tracing::instrument(skip_all)]
    pub async fn seal_plain_emails(&self, limit: u64) -> Result<u64, StoreError> {
        let plain = row::Entity::find()
            .filter(row::Column::State.eq(EmailState::Waiting.name()))
            .filter(row::Column::Body.is_null())
            .limit(limit)
            .all(&self.database)
            .await?;
        let mut sealed = 0;
        for row in plain {
            let body = self.email_sealer().seal_plain(&row)?;
            let update = row::Entity::update_many()
                .col_expr(row::Column::Body, Expr::value(body))
                .col_expr(row::Column::Text, Expr::value(""))
                .col_expr(row::Column::Html, Expr::value(""))
                .filter(row::Column::Id.eq(row.id))
                .filter(row::Column::State.eq(EmailState::Waiting.name()))
                .filter(row::Column::Body.is_null());
            sealed += update.exec(&self.database).await?.rows_affected;
        }
        Ok(sealed)
    }
}
