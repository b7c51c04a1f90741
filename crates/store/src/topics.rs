//! Topics that the newsroom has described, renamed or merged. Others are in the articles that name them, and nowhere else. One that
//! was merged with another, or has another slug now, stays as a row that names who has the articles.

mod names;
mod resolution;

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange, reading::FollowKind};
use masthead_editorial::{SlugScript, Topic};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

pub(crate) use self::{names::note_all as note_names, resolution::resolve};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    records::topic as row,
    renaming::{self, NamedAs, has_articles, lead},
};

/// What the newsroom has stored about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRecord {
    /// Its slug and its name.
    pub topic: Topic,
    /// A sentence about it. `None` if only the configuration file says something.
    pub description: Option<String>,
    /// The revision of the latest change.
    pub version: i64,
}

/// The result of changing a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicWrite {
    /// It is done.
    Done,
    /// Nothing was changed, because somebody else has changed the topic, or the settings, since.
    Behind,
    /// Nothing was changed, because no article has this topic, and nothing is stored about it.
    Unknown,
    /// Nothing was changed, because another topic has this slug.
    SlugTaken,
    /// Nothing was changed, because another topic has the slug that drafts with this name lead to.
    NameTaken,
}

/// A topic as somebody has seen it: its name in articles, what is said about it, and its version, which is 0 if nothing is
/// stored.
#[derive(Clone, Copy, Debug)]
pub struct SeenTopic<'a> {
    /// Its slug and its name.
    pub topic: &'a Topic,
    /// What readers see about it.
    pub description: &'a str,
    /// Its version.
    pub version: i64,
}

impl Store {
    /// Returns what was stored about topics after `revision`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn topics_since(&self, revision: i64) -> Result<Vec<TopicRecord>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Revision.gt(revision))
            .filter(row::Column::MergedInto.is_null())
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Returns what is stored about a topic.
    #[tracing::instrument(skip_all)]
    pub async fn topic_record(&self, slug: &str) -> Result<Option<TopicRecord>, StoreError> {
        let row = row::Entity::find_by_id(slug.to_owned()).one(&self.database).await?;
        Ok(row.filter(|row| row.merged_into.is_none()).map(read))
    }

    /// Describes or renames a topic that is still as it was seen. Articles move to a new slug, and its former address leads there.
    /// `settings` is how many saves of the settings were in force when it was looked whether an access rule names the topic; `None` if
    /// that does not matter.
    #[tracing::instrument(skip_all)]
    pub async fn change_topic(
        &self,
        seen: SeenTopic<'_>,
        wanted: &Topic,
        description: &str,
        settings: Option<i64>,
        attribution: Attribution,
    ) -> Result<TopicWrite, StoreError> {
        let Some((transaction, revision)) = self.write_unless_set(settings).await? else {
            return Ok(TopicWrite::Behind);
        };
        if let Some(refusal) = refusal(&transaction, seen).await? {
            return Ok(refusal);
        }
        let (slug, kind) = (seen.topic.slug.as_str(), FollowKind::Topic);
        let moves = slug != wanted.slug;
        if moves && is_taken(&transaction, &wanted.slug, slug).await? {
            return Ok(TopicWrite::SlugTaken);
        }
        if wanted.name != seen.topic.name && is_name_taken(&transaction, wanted, slug).await? {
            return Ok(TopicWrite::NameTaken);
        }
        let pairs = [
            ("slug", slug, wanted.slug.as_str()),
            ("name", &seen.topic.name, &wanted.name),
            ("description", seen.description, description),
        ];
        let changes = pairs
            .into_iter()
            .filter_map(|(key, before, after)| AuditChange::between(key, before, after));
        let changes: Vec<AuditChange> = changes.collect();
        if changes.is_empty() {
            return Ok(TopicWrite::Done);
        }
        if moves {
            retire(&transaction, seen.topic, &wanted.slug, revision).await?;
        }
        put(&transaction, wanted, Some(description), revision).await?;
        if moves {
            names::replace(&transaction, wanted).await?;
            lead(&transaction, kind, slug, &wanted.slug, (revision, attribution)).await?;
        }
        if *seen.topic != *wanted {
            let now = named(wanted);
            renaming::begin(&transaction, (kind, slug), &now, revision, attribution).await?;
        }
        note(&transaction, (AuditAction::ChangedTopic, &wanted.name), changes, attribution).await?;
        transaction.commit().await?;
        Ok(TopicWrite::Done)
    }

    /// Gives the articles on one topic, which is still as it was seen, to another. Readers who follow it follow the other, and its
    /// address leads there. `settings` as in [`change_topic`](Self::change_topic).
    #[tracing::instrument(skip_all)]
    pub async fn merge_topics(
        &self,
        seen: SeenTopic<'_>,
        into: &Topic,
        settings: Option<i64>,
        attribution: Attribution,
    ) -> Result<TopicWrite, StoreError> {
        let Some((transaction, revision)) = self.write_unless_set(settings).await? else {
            return Ok(TopicWrite::Behind);
        };
        let (slug, kind) = (seen.topic.slug.as_str(), FollowKind::Topic);
        let target = row::Entity::find_by_id(into.slug.clone()).one(&transaction).await?;
        let is_gone = target.as_ref().is_some_and(|target| target.merged_into.is_some());
        if slug == into.slug || is_gone {
            return Ok(TopicWrite::Behind);
        }
        if let Some(refusal) = refusal(&transaction, seen).await? {
            return Ok(refusal);
        }
        // Its name is then known, also while no article names it.
        let target = match target {
            Some(target) => read(target).topic,
            None => {
                put(&transaction, into, None, revision).await?;
                into.clone()
            }
        };
        retire(&transaction, seen.topic, &target.slug, revision).await?;
        lead(&transaction, kind, slug, &target.slug, (revision, attribution)).await?;
        let now = named(&target);
        let articles =
            renaming::begin(&transaction, (kind, slug), &now, revision, attribution).await?;
        let changes = vec![
            AuditChange::fact("topics", &target.name),
            AuditChange::fact("articles", articles),
        ];
        let what = (AuditAction::MergedTopics, seen.topic.name.as_str());
        note(&transaction, what, changes, attribution).await?;
        transaction.commit().await?;
        Ok(TopicWrite::Done)
    }
}

async fn note(
    to: &impl ConnectionTrait,
    (action, about): (AuditAction, &str),
    changes: Vec<AuditChange>,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let (by, at): (Option<AccountId>, Timestamp) = (Some(by), at);
    record(to, AuditRecord { about, changes, ..AuditRecord::new(by, at, action) }).await
}

/// Why a topic cannot be changed that somebody has seen like this; `None` if it can.
async fn refusal(
    from: &impl ConnectionTrait,
    seen: SeenTopic<'_>,
) -> Result<Option<TopicWrite>, StoreError> {
    let row = row::Entity::find_by_id(seen.topic.slug.clone()).one(from).await?;
    let is_current = match row {
        None if !has_articles(from, FollowKind::Topic, &seen.topic.slug).await? => {
            return Ok(Some(TopicWrite::Unknown));
        }
        None => seen.version == 0,
        Some(row) => row.merged_into.is_none() && row.revision == seen.version,
    };
    Ok((!is_current).then_some(TopicWrite::Behind))
}

fn named(topic: &Topic) -> NamedAs {
    NamedAs { slug: topic.slug.clone(), name: topic.name.clone() }
}

/// The topic that has the articles of the one with this slug; `None` if nothing is stored about it.
pub(crate) async fn named_now(
    from: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<NamedAs>, StoreError> {
    let Some(row) = row::Entity::find_by_id(slug.to_owned()).one(from).await? else {
        return Ok(None);
    };
    let now = match row.merged_into {
        Some(into) => row::Entity::find_by_id(into).one(from).await?,
        None => Some(row),
    };
    Ok(now.map(|now| NamedAs { slug: now.slug, name: now.name }))
}

/// Whether another topic than `own` has this slug. A former slug of its own is free, also while its articles are still to move: they
/// are its articles, and a renaming may be undone at once.
async fn is_taken(from: &DatabaseTransaction, slug: &str, own: &str) -> Result<bool, StoreError> {
    let row = row::Entity::find_by_id(slug.to_owned()).one(from).await?;
    match row.map(|row| row.merged_into) {
        Some(None) => Ok(true),
        Some(Some(into)) if into == own => Ok(false),
        _ => has_articles(from, FollowKind::Topic, slug).await,
    }
}

/// Whether articles that name another topic than `own` would become articles on this one.
async fn is_name_taken(
    from: &DatabaseTransaction,
    wanted: &Topic,
    own: &str,
) -> Result<bool, StoreError> {
    for script in [SlugScript::Latin, SlugScript::OwnScript] {
        let by_name = script.slugify(&wanted.name);
        let is_other = by_name != own && by_name != wanted.slug;
        if is_other
            && !names::is_of_another(from, &by_name, &wanted.name).await?
            && is_taken(from, &by_name, own).await?
        {
            return Ok(true);
        }
    }
    match names::slug_of(from, &wanted.name).await? {
        Some(slug) if slug != own && slug != wanted.slug => is_taken(from, &slug, own).await,
        Some(_) | None => Ok(false),
    }
}

/// Notes that another topic has the articles on this one, and on all that were merged with this one.
async fn retire(
    to: &DatabaseTransaction,
    topic: &Topic,
    into: &str,
    revision: i64,
) -> Result<(), StoreError> {
    renaming::change_names(to).await?;
    put(to, topic, None, revision).await?;
    let theirs = row::Column::MergedInto.eq(&topic.slug).or(row::Column::Slug.eq(&topic.slug));
    row::Entity::update_many()
        .col_expr(row::Column::MergedInto, Expr::value(Some(into)))
        .col_expr(row::Column::Revision, Expr::value(revision))
        .filter(theirs)
        .exec(to)
        .await?;
    Ok(())
}

/// Writes a topic whole, also in place of one that was merged with another.
async fn put(
    to: &impl ConnectionTrait,
    topic: &Topic,
    description: Option<&str>,
    revision: i64,
) -> Result<(), StoreError> {
    let new = row::ActiveModel {
        slug: Set(topic.slug.clone()),
        name: Set(topic.name.clone()),
        description: Set(description.map(str::to_owned)),
        merged_into: Set(None),
        revision: Set(revision),
    };
    let everything = OnConflict::column(row::Column::Slug)
        .update_columns([
            row::Column::Name,
            row::Column::Description,
            row::Column::MergedInto,
            row::Column::Revision,
        ])
        .to_owned();
    row::Entity::insert(new).on_conflict(everything).exec_without_returning(to).await?;
    Ok(())
}

fn read(row: row::Model) -> TopicRecord {
    let topic = Topic { slug: row.slug, name: row.name };
    TopicRecord { topic, description: row.description, version: row.revision }
}
