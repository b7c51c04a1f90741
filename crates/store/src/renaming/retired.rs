//! Which authors and topics others have taken the place of. Access rules, fronts and articles that name one mean the other, also
//! those that were written before and those that nobody has come to yet.

use std::collections::{BTreeMap, HashMap};

use masthead_circulation::reading::FollowKind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Store, StoreError,
    records::{author, topic},
};

/// Who or what has the articles of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredName {
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
}

/// Slugs that were merged or changed, with who or what has the articles now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetiredNames {
    authors: BTreeMap<String, RetiredName>,
    topics: BTreeMap<String, RetiredName>,
}

impl RetiredNames {
    /// Returns who or what has the articles of this slug now; `None` if it was not merged.
    pub fn current(&self, kind: FollowKind, slug: &str) -> Option<&RetiredName> {
        match kind {
            FollowKind::Author => self.authors.get(slug),
            FollowKind::Topic => self.topics.get(slug),
        }
    }

    /// The same with one more, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with(mut self, kind: FollowKind, slug: &str, now: RetiredName) -> Self {
        match kind {
            FollowKind::Author => self.authors.insert(slug.to_owned(), now),
            FollowKind::Topic => self.topics.insert(slug.to_owned(), now),
        };
        self
    }
}

impl Store {
    /// Returns the authors and topics that were merged with others, or have another slug now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn retired_names(&self) -> Result<RetiredNames, StoreError> {
        let authors: Vec<(String, String)> = author::Entity::find()
            .select_only()
            .columns([author::Column::Slug, author::Column::MergedInto])
            .filter(author::Column::MergedInto.is_not_null())
            .into_tuple()
            .all(&self.database)
            .await?;
        let topics: Vec<(String, String)> = topic::Entity::find()
            .select_only()
            .columns([topic::Column::Slug, topic::Column::MergedInto])
            .filter(topic::Column::MergedInto.is_not_null())
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(RetiredNames {
            authors: with_names(authors, &self.author_names().await?),
            topics: with_names(topics, &self.topic_names().await?),
        })
    }

    /// The names of the authors who have the articles of others.
    async fn author_names(&self) -> Result<HashMap<String, String>, StoreError> {
        let merged = author::Entity::find()
            .select_only()
            .column(author::Column::MergedInto)
            .filter(author::Column::MergedInto.is_not_null())
            .into_query();
        let names: Vec<(String, String)> = author::Entity::find()
            .select_only()
            .columns([author::Column::Slug, author::Column::Name])
            .filter(author::Column::Slug.in_subquery(merged))
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(names.into_iter().collect())
    }

    /// The names of the topics that have the articles of others.
    async fn topic_names(&self) -> Result<HashMap<String, String>, StoreError> {
        let merged = topic::Entity::find()
            .select_only()
            .column(topic::Column::MergedInto)
            .filter(topic::Column::MergedInto.is_not_null())
            .into_query();
        let names: Vec<(String, String)> = topic::Entity::find()
            .select_only()
            .columns([topic::Column::Slug, topic::Column::Name])
            .filter(topic::Column::Slug.in_subquery(merged))
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(names.into_iter().collect())
    }
}

/// Those of which it is known who has the articles.
fn with_names(
    retired: Vec<(String, String)>,
    names: &HashMap<String, String>,
) -> BTreeMap<String, RetiredName> {
    let known = |(former, slug): (String, String)| {
        let name = names.get(&slug)?.clone();
        Some((former, RetiredName { slug, name }))
    };
    retired.into_iter().filter_map(known).collect()
}
