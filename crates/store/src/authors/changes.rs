//! Changing authors at the desk.

use masthead_circulation::{AccountId, AuditAction, AuditChange, reading::FollowKind};
use masthead_editorial::Author;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    QueryFilter, sea_query::OnConflict,
};

use super::{find, merging, read, row};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, changes_between, name_of, record},
    ids::Key,
    records::author,
    renaming::{self, NamedAs, has_articles, lead},
};

const AUTHOR: FollowKind = FollowKind::Author;

/// An author with what the desk knows of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorRecord {
    /// What readers see.
    pub author: Author,
    /// The account of the member of the staff who writes under this name.
    pub account: Option<AccountId>,
    /// The revision of the latest change.
    pub version: i64,
}

/// The result of changing an author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorWrite {
    /// It is done.
    Done,
    /// Nothing was changed, because somebody else has changed the author, or the settings, since.
    Behind,
    /// Nothing was changed, because another author has this slug.
    SlugTaken,
    /// Nothing was changed, because the account is that of the author with this name.
    AccountTaken(String),
    /// Nothing was changed, because articles name the author.
    HasArticles,
}

impl Store {
    /// Stores an author in place of `known`, which has this slug and is still at this version, or as a new one. Articles move to a
    /// new slug, and its former address leads there. `settings` is how many saves of the settings were in force when it was looked
    /// whether an access rule names the author; `None` if that does not matter.
    #[tracing::instrument(skip_all)]
    pub async fn change_author(
        &self,
        known: Option<(&str, i64)>,
        wanted: &Author,
        account: Option<AccountId>,
        settings: Option<i64>,
        attribution: Attribution,
    ) -> Result<AuthorWrite, StoreError> {
        let Some((transaction, revision)) = self.write_unless_set(settings).await? else {
            return Ok(AuthorWrite::Behind);
        };
        let before = match known {
            None => None,
            Some((slug, version)) => match at_version(&transaction, slug, version).await? {
                Some(before) => Some(before),
                None => return Ok(AuthorWrite::Behind),
            },
        };
        let moves = before.as_ref().is_none_or(|before| before.slug != wanted.slug);
        let own = before.as_ref().map(|before| before.slug.as_str());
        if moves && is_taken(&transaction, &wanted.slug, own).await? {
            return Ok(AuthorWrite::SlugTaken);
        }
        let own = before.as_ref().map_or(wanted.slug.as_str(), |before| &before.slug);
        if let Some(name) = other_with(&transaction, account, own).await? {
            return Ok(AuthorWrite::AccountTaken(name));
        }
        let changes = changes(&transaction, before.as_ref(), wanted, account).await?;
        if changes.is_empty() {
            return Ok(AuthorWrite::Done);
        }
        if let Some(before) = before.as_ref().filter(|_| moves) {
            merging::retire(&transaction, &before.slug, &wanted.slug, revision).await?;
        }
        put(&transaction, wanted, account, revision).await?;
        if let Some(before) = before.as_ref().filter(|_| moves) {
            let at = (revision, attribution);
            lead(&transaction, AUTHOR, &before.slug, &wanted.slug, at).await?;
        }
        if let Some(before) = &before
            && (moves || before.name != wanted.name)
        {
            let now = NamedAs { slug: wanted.slug.clone(), name: wanted.name.clone() };
            let own = (AUTHOR, before.slug.as_str());
            renaming::begin(&transaction, own, &now, revision, attribution).await?;
        }
        let by = Some(attribution.by);
        let entry = AuditRecord {
            about: &wanted.name,
            changes,
            ..AuditRecord::new(by, attribution.at, AuditAction::SavedAuthor)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(AuthorWrite::Done)
    }

    /// Deletes an author whom no article names, if they are still at this version.
    #[tracing::instrument(skip_all)]
    pub async fn delete_author(
        &self,
        slug: &str,
        version: i64,
        attribution: Attribution,
    ) -> Result<AuthorWrite, StoreError> {
        let (transaction, _) = self.write().await?;
        let Some(before) = at_version(&transaction, slug, version).await? else {
            return Ok(AuthorWrite::Behind);
        };
        if has_articles(&transaction, AUTHOR, slug).await? {
            return Ok(AuthorWrite::HasArticles);
        }
        let theirs = author::Column::MergedInto.eq(slug).or(author::Column::Slug.eq(slug));
        author::Entity::delete_many().filter(theirs).exec(&transaction).await?;
        let (by, action) = (Some(attribution.by), AuditAction::DeletedAuthor);
        let entry = AuditRecord {
            about: &before.name,
            changes: vec![AuditChange::fact("slug", slug)],
            ..AuditRecord::new(by, attribution.at, action)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(AuthorWrite::Done)
    }
}

/// Returns an author who is not merged, and still at this version.
pub(super) async fn at_version(
    from: &impl ConnectionTrait,
    slug: &str,
    version: i64,
) -> Result<Option<author::Model>, StoreError> {
    Ok(find(from, slug).await?.filter(|row| row.revision == version))
}

/// Whether an author cannot get this slug, who has `own` or is new. A new one may have articles already, because bylines need no
/// entry; but not those that another is about to get. A former slug of their own is free, also while its articles are still to move: a
/// renaming may be undone at once.
async fn is_taken(
    from: &impl ConnectionTrait,
    slug: &str,
    own: Option<&str>,
) -> Result<bool, StoreError> {
    let stored = author::Entity::find_by_id(slug.to_owned()).one(from).await?;
    Ok(match &stored {
        Some(stored) if stored.merged_into.is_none() => true,
        Some(stored) if own.is_some() && stored.merged_into.as_deref() == own => false,
        None if own.is_none() => false,
        _ => has_articles(from, AUTHOR, slug).await?,
    })
}

/// Returns the name of another author who has this account.
async fn other_with(
    from: &impl ConnectionTrait,
    account: Option<AccountId>,
    own: &str,
) -> Result<Option<String>, StoreError> {
    let Some(account) = account else { return Ok(None) };
    let other = author::Entity::find()
        .filter(author::Column::Account.eq(Key(account)))
        .filter(author::Column::Slug.ne(own))
        .one(from)
        .await?;
    Ok(other.map(|other| other.name))
}

/// Writes an author whole, also in place of one who was merged with another.
async fn put(
    to: &DatabaseTransaction,
    wanted: &Author,
    account: Option<AccountId>,
    revision: i64,
) -> Result<(), StoreError> {
    let row = author::ActiveModel { account: Set(account.map(Key)), ..row(wanted, revision)? };
    let everything = OnConflict::column(author::Column::Slug)
        .update_columns([
            author::Column::Name,
            author::Column::Role,
            author::Column::Bio,
            author::Column::Portrait,
            author::Column::PortraitStem,
            author::Column::IsDesk,
            author::Column::Revision,
            author::Column::Contact,
            author::Column::Account,
            author::Column::MergedInto,
        ])
        .to_owned();
    author::Entity::insert(row).on_conflict(everything).exec_without_returning(to).await?;
    Ok(())
}

async fn changes(
    from: &impl ConnectionTrait,
    before: Option<&author::Model>,
    wanted: &Author,
    account: Option<AccountId>,
) -> Result<Vec<AuditChange>, StoreError> {
    let known = before.cloned().map(read).transpose()?;
    let mut changes = match &known {
        Some(known) => changes_between(known, wanted)?,
        None => changes_between(&serde_json::json!({}), wanted)?,
    };
    let name = async |account: Option<AccountId>| match account {
        Some(account) => name_of(from, account).await,
        None => Ok(String::new()),
    };
    let held = before.and_then(|before| before.account).map(|key| key.0);
    if held != account {
        let (before, after) = (name(held).await?, name(account).await?);
        changes.extend(AuditChange::between("account", &before, &after));
    }
    Ok(changes)
}

/// Reads an author with what the desk knows of them.
pub(super) fn read_record(row: author::Model) -> Result<AuthorRecord, StoreError> {
    let (account, version) = (row.account.map(|key| key.0), row.revision);
    Ok(AuthorRecord { author: read(row)?, account, version })
}
