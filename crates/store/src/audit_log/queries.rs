//! Reading the audit log.

use jiff::Timestamp;
use masthead_circulation::{Account, AuditAction, AuditKind, DeskAuditEntry, EmailAddress};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::read_entry;
use crate::{
    Store, StoreError,
    ids::Key,
    like::{containing, search_words},
    records::audit_entry as row,
};

/// Who did what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditPerson {
    /// Somebody by the name in the log.
    Named(String),
    /// Somebody on the command line.
    Server,
}

/// Which entries are looked for: those that fit everything that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Who did it.
    pub person: Option<AuditPerson>,
    /// What it is about.
    pub kind: Option<AuditKind>,
    /// Words anywhere in it.
    pub words: String,
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first instant after.
    pub until: Option<Timestamp>,
    /// Only entries with lower numbers.
    pub before: Option<i32>,
}

/// What an account has to do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditRelation {
    /// Staff have done something for this reader.
    Concerned,
    /// It has done something itself, at the desk.
    Done,
}

impl Store {
    /// Returns at most `most` entries, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log(
        &self,
        query: &AuditQuery,
        most: u64,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        self.read_log(select(query).limit(most)).await
    }

    /// Returns the names of everybody in the audit log, except the command line.
    #[tracing::instrument(skip_all)]
    pub async fn audit_people(&self) -> Result<Vec<String>, StoreError> {
        let mut names: Vec<String> = row::Entity::find()
            .select_only()
            .column(row::Column::ByName)
            .distinct()
            .filter(row::Column::ByName.ne(""))
            .into_tuple()
            .all(&self.database)
            .await?;
        // Databases sort by rules of their own.
        names.sort();
        Ok(names)
    }

    /// Returns the latest entries about what was done for the reader with this address or account.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log_about(
        &self,
        email: &EmailAddress,
        most: u64,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let account = self.account_at(email).await?;
        let query = AuditQuery { kind: Some(AuditKind::Readers), ..AuditQuery::default() };
        let concerned = concerned(email, account.as_ref());
        self.read_log(select(&query).filter(concerned).limit(most)).await
    }

    /// Returns at most `most` entries of an account before the one with number `before`, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log_of(
        &self,
        account: &Account,
        relation: AuditRelation,
        before: Option<i32>,
        most: u64,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let (kind, condition) = match relation {
            AuditRelation::Concerned => {
                (Some(AuditKind::Readers), concerned(&account.email, Some(account)))
            }
            AuditRelation::Done => (None, row::Column::DoneBy.eq(Key(account.id)).into()),
        };
        let query = AuditQuery { kind, before, ..AuditQuery::default() };
        self.read_log(select(&query).filter(condition).limit(most)).await
    }

    /// Returns the latest entries about a part of the settings.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log_of_settings(
        &self,
        part: &str,
        most: u64,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let query = AuditQuery { kind: Some(AuditKind::Settings), ..AuditQuery::default() };
        self.read_log(select(&query).filter(row::Column::About.eq(part)).limit(most)).await
    }

    /// Returns the latest changes of single redirects.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log_of_redirects(
        &self,
        most: u64,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let of_one = Condition::all()
            .add(row::Column::Action.eq(AuditAction::ChangedRedirects.name()))
            .add(row::Column::About.ne(""));
        self.read_log(select(&AuditQuery::default()).filter(of_one).limit(most)).await
    }

    /// Returns the latest entries about staff.
    #[tracing::instrument(skip_all)]
    pub async fn audit_log_of_staff(&self, most: u64) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let query = AuditQuery { kind: Some(AuditKind::Staff), ..AuditQuery::default() };
        self.audit_log(&query, most).await
    }

    async fn read_log(
        &self,
        select: Select<row::Entity>,
    ) -> Result<Vec<DeskAuditEntry>, StoreError> {
        let rows = select.all(&self.database).await?;
        rows.into_iter().map(read_entry).collect()
    }
}

/// The entries about the reader with this address or account. Somebody else may have had the address before, so it counts only in
/// entries without an account.
fn concerned(email: &EmailAddress, account: Option<&Account>) -> Condition {
    let by_address = row::Column::About.eq(email.as_str());
    let condition = Condition::any().add(row::Column::ConcernedAccount.is_null().and(by_address));
    match account {
        Some(account) => condition.add(row::Column::ConcernedAccount.eq(Key(account.id))),
        None => condition,
    }
}

fn select(query: &AuditQuery) -> Select<row::Entity> {
    let AuditQuery { person, kind, words, from, until, before } = query;
    let mut select = row::Entity::find().order_by_desc(row::Column::Id);
    match person {
        Some(AuditPerson::Named(name)) => select = select.filter(row::Column::ByName.eq(name)),
        Some(AuditPerson::Server) => select = select.filter(row::Column::OnServer.eq(true)),
        None => {}
    }
    if let Some(kind) = kind {
        select = select.filter(row::Column::Action.is_in(of_kind(*kind)));
    }
    if let Some(from) = from {
        select = select.filter(row::Column::At.gte(from.as_second()));
    }
    if let Some(until) = until {
        select = select.filter(row::Column::At.lt(until.as_second()));
    }
    if let Some(before) = before {
        select = select.filter(row::Column::Id.lt(*before));
    }
    for word in search_words(words) {
        select = select.filter(Expr::col(row::Column::Words).like(containing(&word)));
    }
    select
}

/// The names of the actions of a kind.
pub(super) fn of_kind(kind: AuditKind) -> impl Iterator<Item = &'static str> {
    AuditAction::all().filter(move |action| action.kind() == kind).map(AuditAction::name)
}
