//! Redirects from addresses that have no page. A deleted one stays as a row without a target, so that every server forgets it.

mod changes;

use std::collections::{HashMap, HashSet};

use masthead_editorial::{Redirect, RedirectStatus, paths::spelled, redirect::lookups};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, OnConflict},
};

pub use self::changes::{RedirectFault, RedirectImport, RedirectWrite};
use crate::{Attribution, Store, StoreError, like::containing, records::redirect as row};

/// The maximum number of redirects; every server has them in memory.
pub const MAX_REDIRECTS: u64 = 20_000;
/// The maximum number of redirects that follow one. Browsers give up after about 20, and each is looked for in a transaction.
pub const MAX_FOLLOWING: usize = 10;

/// A redirect as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRedirect {
    /// The redirect.
    pub redirect: Redirect,
    /// The revision of its latest change.
    pub version: i64,
}

/// What became of the redirect from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUpdate {
    /// The address.
    pub path: String,
    /// `None` if it is deleted.
    pub redirect: Option<Redirect>,
}

impl Store {
    /// Returns what was changed after `revision`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn redirects_since(&self, revision: i64) -> Result<Vec<RedirectUpdate>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Revision.gt(revision))
            .all(&self.database)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| RedirectUpdate { path: row.path.clone(), redirect: read(row) })
            .collect())
    }

    /// Returns at most `most` redirects in the order of their addresses, after the address `after`, in whose addresses these words
    /// are.
    #[tracing::instrument(skip_all)]
    pub async fn redirects(
        &self,
        words: &str,
        after: &str,
        most: u64,
    ) -> Result<Vec<StoredRedirect>, StoreError> {
        let mut query = in_force().filter(row::Column::Path.gt(after));
        if !words.is_empty() {
            let words = words.to_lowercase();
            let has = |column: row::Column| {
                Expr::expr(Func::lower(Expr::col(column))).like(containing(&words))
            };
            query = query
                .filter(Condition::any().add(has(row::Column::Path)).add(has(row::Column::Target)));
        }
        let rows = query.order_by_asc(row::Column::Path).limit(most).all(&self.database).await?;
        Ok(rows.into_iter().filter_map(stored).collect())
    }

    /// Returns the redirect from an address.
    #[tracing::instrument(skip_all)]
    pub async fn redirect(&self, path: &str) -> Result<Option<StoredRedirect>, StoreError> {
        let row = row::Entity::find_by_id(path.to_owned()).one(&self.database).await?;
        Ok(row.and_then(stored))
    }

    /// Returns how many redirects there are.
    #[tracing::instrument(skip_all)]
    pub async fn count_redirects(&self) -> Result<u64, StoreError> {
        Ok(in_force().count(&self.database).await?)
    }
}

fn in_force() -> sea_orm::Select<row::Entity> {
    row::Entity::find().filter(row::Column::Target.ne(""))
}

fn read(row: row::Model) -> Option<Redirect> {
    let status = u16::try_from(row.status).ok().and_then(RedirectStatus::of_code);
    let (path, target, status) = (row.path, row.target, status.unwrap_or_default());
    (!target.is_empty()).then_some(Redirect { path, target, status })
}

fn stored(row: row::Model) -> Option<StoredRedirect> {
    let version = row.revision;
    read(row).map(|redirect| StoredRedirect { redirect, version })
}

async fn put(
    to: &impl ConnectionTrait,
    redirect: &Redirect,
    revision: i64,
) -> Result<(), StoreError> {
    let new = row::ActiveModel {
        path: Set(redirect.path.clone()),
        target: Set(redirect.target.clone()),
        status: Set(redirect.status.code().into()),
        revision: Set(revision),
    };
    let again = OnConflict::column(row::Column::Path)
        .update_columns([row::Column::Target, row::Column::Status, row::Column::Revision])
        .to_owned();
    row::Entity::insert(new).on_conflict(again).exec_without_returning(to).await?;
    Ok(())
}

/// Leads from one address of this site to another, and everything that led to the first as well. The page at the second has no
/// redirect any more. Every redirect that is changed or deleted for it is recorded in the audit log. Both addresses are decoded.
pub(crate) async fn lead(
    to: &DatabaseTransaction,
    (path, page): (&str, &str),
    revision: i64,
    attribution: Attribution,
) -> Result<(), StoreError> {
    let target = spelled(page);
    let replaced = replaced_by(to, path, page).await?;
    row::Entity::update_many()
        .col_expr(row::Column::Target, Expr::value(&target))
        .col_expr(row::Column::Revision, Expr::value(revision))
        .filter(row::Column::Target.eq(spelled(path)))
        .exec(to)
        .await?;
    let status = RedirectStatus::default();
    let new = Redirect { path: path.to_owned(), target: target.clone(), status };
    put(to, &new, revision).await?;
    remove(to, page, revision).await?;
    for before in &replaced {
        let after = if before.path == page {
            None
        } else if before.path == path {
            Some(new.clone())
        } else {
            Some(Redirect { target: target.clone(), ..before.clone() })
        };
        changes::note_change(to, before, after.as_ref(), attribution).await?;
    }
    Ok(())
}

/// The redirects that are not as before once `path` leads to `page`: from either, and to `path`.
async fn replaced_by(
    from: &DatabaseTransaction,
    path: &str,
    page: &str,
) -> Result<Vec<Redirect>, StoreError> {
    let leads = row::Column::Target.eq(spelled(path));
    let concerned = row::Column::Path.is_in([path, page]).or(leads);
    let rows = in_force().filter(concerned).order_by_asc(row::Column::Path).all(from).await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Deletes the redirect from an address.
async fn remove(to: &impl ConnectionTrait, path: &str, revision: i64) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Target, Expr::value(""))
        .col_expr(row::Column::Revision, Expr::value(revision))
        .filter(row::Column::Path.eq(path))
        .exec(to)
        .await?;
    Ok(())
}

/// Every redirect, to follow them.
async fn all(from: &DatabaseTransaction) -> Result<HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = in_force()
        .select_only()
        .columns([row::Column::Path, row::Column::Target])
        .into_tuple()
        .all(from)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Follows the redirect from an address. Returns an error if it may lead back to the address, or further redirects may follow than
/// readers are to go through. Every redirect by which a target can be found counts, not only the first that the site would follow:
/// so none goes round either once another is deleted.
fn follow(all: &HashMap<String, String>, path: &str) -> Result<(), RedirectFault> {
    let (mut open, mut seen) = (vec![path.to_owned()], HashSet::new());
    while let Some(target) = open.pop().and_then(|at| all.get(&at)) {
        for address in lookups(target) {
            if address == path {
                return Err(RedirectFault::Loop);
            }
            if all.contains_key(&address) && seen.insert(address.clone()) {
                if seen.len() > MAX_FOLLOWING {
                    return Err(RedirectFault::TooLong);
                }
                open.push(address);
            }
        }
    }
    Ok(())
}
