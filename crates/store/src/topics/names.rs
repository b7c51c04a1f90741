//! Which name has the slug of a topic. Names that are alike in Latin letters only, such as "Öl" and "Ol", make the same slug: the first
//! that an article has gets it, and another gets one with a number. Slugs that were chosen are not here.

use std::collections::BTreeSet;

use masthead_editorial::{
    Topic, is_same_name,
    slug::{SlugScript, is_of_name},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

use crate::{StoreError, records::topic_name as row};

/// The longest name that is noted, in bytes: PostgreSQL has no longer ones in an index.
const MAX_NAME: usize = 1000;

/// The names with these slugs, or with those that these names have in either script, and the slugs of these names.
pub(super) async fn stored(
    from: &impl ConnectionTrait,
    topics: &[Topic],
) -> Result<Vec<row::Model>, StoreError> {
    let scripts = [SlugScript::Latin, SlugScript::OwnScript];
    let made = |topic: &Topic| scripts.map(|script| script.slugify(&topic.name));
    let slugs: BTreeSet<String> = topics
        .iter()
        .flat_map(|topic| made(topic).into_iter().chain([topic.slug.clone()]))
        .collect();
    let names = topics.iter().map(|topic| topic.name.as_str());
    let either = row::Column::Slug.is_in(slugs).or(row::Column::Name.is_in(names));
    Ok(row::Entity::find().filter(either).order_by_asc(row::Column::Slug).all(from).await?)
}

/// Returns the slug that a name has.
pub(super) async fn slug_of(
    from: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let named = row::Entity::find().filter(row::Column::Name.eq(name));
    Ok(named.order_by_asc(row::Column::Slug).one(from).await?.map(|row| row.slug))
}

/// Whether a slug belongs to another name.
pub(super) async fn is_of_another(
    from: &impl ConnectionTrait,
    slug: &str,
    name: &str,
) -> Result<bool, StoreError> {
    let row = row::Entity::find_by_id(slug.to_owned()).one(from).await?;
    Ok(row.is_some_and(|row| !is_same_name(&row.name, name)))
}

/// Notes that a slug belongs to a name, unless it belongs to one already.
pub(super) async fn note(
    to: &impl ConnectionTrait,
    topic: &Topic,
) -> Result<row::Model, StoreError> {
    note_all(to, vec![topic.clone()]).await?;
    Ok(row::Model { slug: topic.slug.clone(), name: topic.name.clone() })
}

/// Notes that a slug belongs to a topic that has got it, whichever name had it before.
pub(super) async fn replace(to: &impl ConnectionTrait, topic: &Topic) -> Result<(), StoreError> {
    if is_of_another(to, &topic.slug, &topic.name).await? {
        row::Entity::delete_by_id(topic.slug.clone()).exec(to).await?;
    }
    if is_of_name(&topic.slug, &topic.name) {
        note(to, topic).await?;
    }
    Ok(())
}

/// Notes that slugs belong to names, unless they belong to others already. Very long names are not noted: they may share a slug.
pub(crate) async fn note_all(
    to: &impl ConnectionTrait,
    mut topics: Vec<Topic>,
) -> Result<(), sea_orm::DbErr> {
    topics.retain(|topic| topic.name.len() <= MAX_NAME);
    if topics.is_empty() {
        return Ok(());
    }
    let new = |topic: Topic| row::ActiveModel { slug: Set(topic.slug), name: Set(topic.name) };
    let once = OnConflict::column(row::Column::Slug).do_nothing().to_owned();
    row::Entity::insert_many(topics.into_iter().map(new))
        .on_conflict(once)
        .exec_without_returning(to)
        .await?;
    Ok(())
}
