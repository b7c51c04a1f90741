//! Lists of an account that have a maximum length.

use masthead_access::ArticleId;
use masthead_circulation::{
    AccountId,
    reading::{Followed, ListAddition},
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::{
    Store, StoreError, accounts,
    ids::{Key, PieceKey},
    records::saved_article,
};

/// What an account keeps, for the buttons on its reader's pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptLists {
    /// The articles that it has saved, sorted by their numbers.
    pub saved: Vec<ArticleId>,
    /// The topics and authors that it follows.
    pub followed: Vec<Followed>,
}

impl Store {
    /// Returns what an account keeps.
    #[tracing::instrument(skip_all)]
    pub async fn kept_lists(&self, account: AccountId) -> Result<KeptLists, StoreError> {
        let saved: Vec<PieceKey> = saved_article::Entity::find()
            .select_only()
            .column(saved_article::Column::Article)
            .filter(saved_article::Column::Account.eq(Key(account)))
            .order_by_asc(saved_article::Column::Article)
            .into_tuple()
            .all(&self.database)
            .await?;
        let followed = self.followed_by(account).await?;
        Ok(KeptLists {
            saved: saved.into_iter().map(|article| article.0).collect(),
            followed: followed.into_iter().map(|following| following.followed).collect(),
        })
    }
}

/// Returns why nothing is added to the rows of an account that `own` selects, or `None` if the row that `same` would select may be
/// inserted. Locks the account until the end of the transaction, so that what is added at the same time is counted one after
/// another.
pub(crate) async fn refusal<E>(
    transaction: &DatabaseTransaction,
    account: AccountId,
    (own, same): (Select<E>, Select<E>),
    most: u64,
) -> Result<Option<ListAddition>, DbErr>
where
    E: EntityTrait,
    E::Model: Sync,
{
    if accounts::lock(transaction, account).await?.is_none() {
        return Ok(Some(ListAddition::Gone));
    }
    if same.count(transaction).await? > 0 {
        return Ok(Some(ListAddition::Known));
    }
    Ok((own.count(transaction).await? >= most).then_some(ListAddition::Full))
}
