//! Authors. One who was merged with another, or has another slug now, stays as a row that names who has the articles, so that
//! manuscripts and drafts with the former name keep leading there.

mod changes;
mod merging;

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction};
use masthead_editorial::{Author, Piece, is_same_name, renditions, slug::is_of_name};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

pub use self::changes::{AuthorRecord, AuthorWrite};
use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    known_names::KnownNames,
    records::author,
    renaming::NamedAs,
};

impl Store {
    /// Stores an author with their role and biography, in place of what was stored, for the command line. Nothing is stored about one
    /// who was merged with another, or has another slug now: then that of who has the articles is returned.
    #[tracing::instrument(skip_all)]
    pub async fn save_author(&self, author: &Author) -> Result<Option<String>, StoreError> {
        let (transaction, revision) = self.write().await?;
        let stored = author::Entity::find_by_id(author.slug.clone()).one(&transaction).await?;
        if let Some(into) = stored.and_then(|stored| stored.merged_into) {
            return Ok(Some(into));
        }
        let everything = OnConflict::column(author::Column::Slug)
            .update_columns([
                author::Column::Name,
                author::Column::Role,
                author::Column::Bio,
                author::Column::Portrait,
                author::Column::PortraitStem,
                author::Column::IsDesk,
                author::Column::Revision,
            ])
            .to_owned();
        author::Entity::insert(row(author, revision)?)
            .on_conflict(everything)
            .exec_without_returning(&transaction)
            .await?;
        let (now, action) = (Timestamp::now(), AuditAction::SavedAuthor);
        let entry = AuditRecord { about: &author.name, ..AuditRecord::new(None, now, action) };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// Returns the authors that were stored after `revision`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authors_since(&self, revision: i64) -> Result<Vec<Author>, StoreError> {
        let rows = author::Entity::find()
            .filter(author::Column::Revision.gt(revision))
            .filter(author::Column::MergedInto.is_null())
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns every author with what the desk knows of them, by name.
    #[tracing::instrument(skip_all)]
    pub async fn author_records(&self) -> Result<Vec<AuthorRecord>, StoreError> {
        let rows = author::Entity::find()
            .filter(author::Column::MergedInto.is_null())
            .order_by_asc(author::Column::Name)
            .order_by_asc(author::Column::Slug)
            .all(&self.database)
            .await?;
        rows.into_iter().map(changes::read_record).collect()
    }

    /// Returns the author with this slug.
    #[tracing::instrument(skip_all)]
    pub async fn author_record(&self, slug: &str) -> Result<Option<AuthorRecord>, StoreError> {
        let row = find(&self.database, slug).await?;
        row.map(changes::read_record).transpose()
    }

    /// Returns the author under whose name somebody on the staff writes.
    #[tracing::instrument(skip_all)]
    pub async fn author_of(&self, account: AccountId) -> Result<Option<Author>, StoreError> {
        let row = author::Entity::find()
            .filter(author::Column::Account.eq(Key(account)))
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }
}

/// Returns the row of an author who is not merged with another.
async fn find(
    from: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<author::Model>, StoreError> {
    Ok(author::Entity::find_by_id(slug.to_owned())
        .filter(author::Column::MergedInto.is_null())
        .one(from)
        .await?)
}

/// The author who has the articles of the one with this slug; `None` if nothing is stored about them.
pub(crate) async fn named_now(
    from: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<NamedAs>, StoreError> {
    let Some(row) = author::Entity::find_by_id(slug.to_owned()).one(from).await? else {
        return Ok(None);
    };
    let now = match row.merged_into {
        Some(into) => find(from, &into).await?,
        None => Some(row),
    };
    Ok(now.map(|now| NamedAs { slug: now.slug, name: now.name }))
}

/// Names the authors of a piece as they are now: one who was renamed by the new name, one who was merged by the author who has
/// the articles, and one of whom only the name is known by the author who has this name.
pub(crate) async fn resolve(
    from: &impl ConnectionTrait,
    piece: &mut Piece,
    known: &mut KnownNames,
) -> Result<(), StoreError> {
    let mut resolved: Vec<Author> = Vec::with_capacity(piece.authors.len());
    for author in std::mem::take(&mut piece.authors) {
        let current =
            if known.has_author(&author) { Current::Same } else { current(from, &author).await? };
        let author = match current {
            Current::Other(now) if is_namesake(&author, &now.slug, &now.name) => {
                apart(from, author, &resolved).await?
            }
            Current::Other(now) => Author { slug: now.slug, name: now.name, ..Author::default() },
            Current::Unknown | Current::Same
                if resolved.iter().any(|o| is_namesake(&author, &o.slug, &o.name)) =>
            {
                apart(from, author, &resolved).await?
            }
            Current::Same => {
                known.add_author(&author);
                author
            }
            Current::Unknown => author,
        };
        if resolved.iter().all(|other| other.slug != author.slug) {
            resolved.push(author);
        }
    }
    piece.authors = resolved;
    Ok(())
}

/// Whether an author of whom only the name is known has the slug of another person, whose name is alike in Latin letters only. One who
/// was renamed keeps the slug, and is the same person.
fn is_namesake(author: &Author, slug: &str, name: &str) -> bool {
    author.slug == slug
        && is_of_name(slug, &author.name)
        && is_of_name(slug, name)
        && !is_same_name(&author.name, name)
}

/// Gives an author the slug of their own: with the first number that no other person has.
async fn apart(
    from: &impl ConnectionTrait,
    author: Author,
    resolved: &[Author],
) -> Result<Author, StoreError> {
    let base = author.slug.clone();
    let mut number = 2;
    loop {
        let slug = format!("{base}-{number}");
        let stored = author::Entity::find_by_id(slug.clone()).one(from).await?;
        let beside = resolved.iter().find(|other| other.slug == slug);
        let is_free = stored.is_none() && beside.is_none();
        let is_own = stored.is_some_and(|stored| {
            stored.merged_into.is_none() && is_same_name(&stored.name, &author.name)
        }) || beside.is_some_and(|other| is_same_name(&other.name, &author.name));
        if is_free || is_own {
            return Ok(Author { slug, ..author });
        }
        number += 1;
    }
}

/// Who is stored with the slug or the name of an author.
enum Current {
    /// Nobody.
    Unknown,
    /// The author, as the piece names them.
    Same,
    /// An author whom the piece names differently.
    Other(Box<author::Model>),
}

/// Returns who is stored with the slug or the name of an author.
async fn current(from: &impl ConnectionTrait, author: &Author) -> Result<Current, StoreError> {
    let mut wanted = Condition::any().add(author::Column::Slug.eq(&author.slug));
    // The slug of an author of whom more is known was chosen.
    if is_of_name(&author.slug, &author.name) {
        wanted = wanted.add(author::Column::Name.eq(&author.name));
    }
    let rows =
        author::Entity::find().filter(wanted).order_by_asc(author::Column::Slug).all(from).await?;
    let by_slug = rows.iter().find(|row| row.slug == author.slug);
    let by_name = rows.iter().find(|row| row.name == author.name);
    let is_other = |row: &&author::Model| is_namesake(author, &row.slug, &row.name);
    // Of two whose names are alike in Latin letters, the name says who it is.
    let found = by_slug.filter(|row| by_name.is_none() || !is_other(row)).or(by_name);
    let Some(found) = found else { return Ok(Current::Unknown) };
    Ok(match &found.merged_into {
        Some(into) => {
            find(from, into).await?.map_or(Current::Unknown, |row| Current::Other(Box::new(row)))
        }
        None if found.slug == author.slug && found.name == author.name => Current::Same,
        None => Current::Other(Box::new(found.clone())),
    })
}

fn read(row: author::Model) -> Result<Author, StoreError> {
    let portrait = (!row.portrait.is_empty()).then(|| serde_json::from_str(&row.portrait));
    Ok(Author {
        slug: row.slug,
        name: row.name,
        role: row.role,
        bio: row.bio,
        portrait: portrait.transpose()?,
        is_desk: row.is_desk,
        email: row.contact,
    })
}

/// Stores an author by name, unless the author is stored already.
pub(crate) async fn note(
    to: &impl ConnectionTrait,
    author: &Author,
    revision: i64,
) -> Result<(), StoreError> {
    let once = OnConflict::column(author::Column::Slug).do_nothing().to_owned();
    author::Entity::insert(row(author, revision)?)
        .on_conflict(once)
        .exec_without_returning(to)
        .await?;
    Ok(())
}

fn row(author: &Author, revision: i64) -> Result<author::ActiveModel, StoreError> {
    let author = author.clone().printable();
    let stems = author.portrait.iter().flat_map(|portrait| renditions::stems_in(&portrait.src));
    let portrait_stem = stems.map(str::to_owned).next().unwrap_or_default();
    let portrait = author.portrait.as_ref().map(serde_json::to_string).transpose()?;
    Ok(author::ActiveModel {
        portrait_stem: Set(portrait_stem),
        slug: Set(author.slug),
        name: Set(author.name),
        role: Set(author.role),
        bio: Set(author.bio),
        portrait: Set(portrait.unwrap_or_default()),
        is_desk: Set(author.is_desk),
        revision: Set(revision),
        contact: Set(author.email),
        account: Set(None),
        merged_into: Set(None),
    })
}
