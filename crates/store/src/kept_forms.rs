//! Forms that wait until their sender has signed in again, so that nothing they entered is lost.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Digest};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{Store, StoreError, ids::Key, records::kept_form as row, sealer::OpenSealedError};

/// How long a form is kept: longer than a link to sign in with is valid.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// A form that an account has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptForm {
    /// Who has sent it.
    pub account: AccountId,
    /// The path that it was sent to.
    pub path: String,
    /// Its fields, as `application/x-www-form-urlencoded`.
    pub body: String,
}

impl Store {
    /// Keeps a form, sealed, in place of an earlier one of its account, and deletes those that have expired.
    #[tracing::instrument(skip_all)]
    pub async fn keep_form(
        &self,
        key: &Digest,
        form: &KeptForm,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::At.lte((now - KEPT).as_second()))
            .exec(&self.database)
            .await?;
        let new = row::ActiveModel {
            account: Set(Key(form.account)),
            key: Set(key.to_string()),
            path: Set(form.path.clone()),
            body: Set(self
                .sealer
                .seal(form.body.as_bytes(), &associated(form.account, &form.path))?),
            at: Set(now.as_second()),
        };
        let instead = OnConflict::column(row::Column::Account)
            .update_columns([
                row::Column::Key,
                row::Column::Path,
                row::Column::Body,
                row::Column::At,
            ])
            .to_owned();
        row::Entity::insert(new)
            .on_conflict(instead)
            .exec_without_returning(&self.database)
            .await?;
        Ok(())
    }

    /// Returns the form with this key, if this account has sent it and it has not expired.
    #[tracing::instrument(skip_all)]
    pub async fn kept_form(
        &self,
        key: &Digest,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<KeptForm>, StoreError> {
        let row = row::Entity::find_by_id(Key(account))
            .filter(row::Column::Key.eq(key.to_string()))
            .filter(row::Column::At.gt((now - KEPT).as_second()))
            .one(&self.database)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let body = match self.sealer.open(&row.body, &associated(account, &row.path)) {
            Ok(body) => String::from_utf8(body).map_err(StoreError::unreadable)?,
            Err(OpenSealedError::Store(error)) => return Err(error),
            // The key was dropped, or the row changed: then it is as if the form had expired.
            Err(OpenSealedError::Sealed(_)) => return Ok(None),
        };
        Ok(Some(KeptForm { account, path: row.path, body }))
    }
}

fn associated(account: AccountId, path: &str) -> Vec<u8> {
    format!("masthead kept form 1\n{}\n{path}", account.0).into_bytes()
}
