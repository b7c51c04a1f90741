//! The articles that readers have saved to read later.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, reading::ListAddition};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Store, StoreError, account_changes::notify, account_reads::is_orphan, ids::Key,
    limited_lists::refusal, records::saved_article as row, time,
};

/// An article on a list of a reader, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedArticle {
    /// The article, which may have been withdrawn.
    pub article: ArticleId,
    /// When it was added.
    pub at: Timestamp,
}

impl Store {
    /// Saves an article for an account that has fewer than `most`. An article that is saved already keeps its place.
    #[tracing::instrument(skip_all)]
    pub async fn save_article(
        &self,
        account: AccountId,
        article: ArticleId,
        most: u64,
        now: Timestamp,
    ) -> Result<ListAddition, StoreError> {
        let transaction = self.begin().await?;
        let own = row::Entity::find().filter(row::Column::Account.eq(Key(account)));
        let same = own.clone().filter(row::Column::Article.eq(Key(article)));
        if let Some(refusal) = refusal(&transaction, account, (own, same), most).await? {
            return Ok(refusal);
        }
        let new = row::ActiveModel {
            account: Set(Key(account)),
            article: Set(Key(article)),
            at: Set(now.as_second()),
        };
        match row::Entity::insert(new).exec_without_returning(&transaction).await {
            Err(error) if is_orphan(&error) => return Ok(ListAddition::Gone),
            outcome => outcome?,
        };
        notify(&transaction, &[account]).await?;
        transaction.commit().await?;
        Ok(ListAddition::Added)
    }

    /// Returns the articles that an account has saved, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn saved_articles_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<ListedArticle>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_desc(row::Column::At)
            .order_by_desc(row::Column::Article)
            .all(&self.database)
            .await?;
        let listed = |row: row::Model| ListedArticle { article: row.article.0, at: time(row.at) };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// Removes an article from those that an account has saved.
    #[tracing::instrument(skip_all)]
    pub async fn remove_saved_article(
        &self,
        account: AccountId,
        article: ArticleId,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let deleted = row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Article.eq(Key(article)))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected > 0 {
            notify(&transaction, &[account]).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Removes all articles that an account has saved.
    #[tracing::instrument(skip_all)]
    pub async fn clear_saved_articles(&self, account: AccountId) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let deleted = row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected > 0 {
            notify(&transaction, &[account]).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
