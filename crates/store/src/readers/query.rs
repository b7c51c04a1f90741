//! Which readers are asked for.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Progress, ReaderStatus};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    ids::Key,
    like::containing,
    records::{account, checkout, reader_label, staff},
};

/// The order of readers.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ReaderOrder {
    /// Those who registered last first.
    #[default]
    Newest,
    /// Those who registered first.
    Oldest,
    /// By address.
    Email,
    /// By number. Where it goes on does not depend on whether the last reader is still there.
    Number,
}

impl ReaderOrder {
    /// The name in addresses.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Which readers are asked for: those who fit everything that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderQuery {
    /// A part of the address or the name.
    pub text: String,
    /// Their status.
    pub status: Option<ReaderStatus>,
    /// The slug of the product of their subscription; empty for any.
    pub product: String,
    /// The path of the page on which they subscribed; empty for any.
    pub source: String,
    /// The first instant of their registration.
    pub from: Option<Timestamp>,
    /// The first instant after it.
    pub until: Option<Timestamp>,
    /// A label; empty for any.
    pub label: String,
    /// The order.
    pub order: ReaderOrder,
    /// The last reader of the page before.
    pub after: Option<AccountId>,
}

/// The readers whom an action is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderSelection {
    /// Those who were chosen one by one.
    Chosen(Vec<AccountId>),
    /// All who fit a query, on any page.
    All(ReaderQuery),
}

impl ReaderQuery {
    /// The condition, without the page. Staff are no readers unless they have, or had, a subscription.
    pub(super) fn condition(&self) -> Condition {
        let mut all = Condition::all();
        if let Some(status) = self.status {
            all = all.add(account::Column::ReaderStatus.eq(status.name()));
        }
        if self.status.is_none_or(|status| status == ReaderStatus::Registered) {
            all = all.add(is_no_staff());
        }
        if !self.product.is_empty() {
            all = all.add(account::Column::Product.eq(self.product.as_str()));
        }
        if let Some(from) = self.from {
            all = all.add(account::Column::Registered.gte(from.as_second()));
        }
        if let Some(until) = self.until {
            all = all.add(account::Column::Registered.lt(until.as_second()));
        }
        if !self.label.is_empty() {
            all = all.add(account::Column::Id.in_subquery(labelled(&self.label)));
        }
        if !self.source.is_empty() {
            all = all.add(account::Column::Id.in_subquery(converted_on(&self.source)));
        }
        if !self.text.is_empty() {
            let text = self.text.to_lowercase();
            let has = |column: account::Column| Expr::col(column).like(containing(&text));
            // Addresses are stored in lower case.
            all = all.add(has(account::Column::Email).or(has(account::Column::SearchedName)));
        }
        all
    }

    pub(super) fn select(&self) -> Select<account::Entity> {
        account::Entity::find().filter(self.condition())
    }
}

impl ReaderSelection {
    pub(crate) fn condition(&self) -> Condition {
        match self {
            Self::Chosen(ids) => {
                Condition::all().add(account::Column::Id.is_in(ids.iter().map(|id| Key(*id))))
            }
            Self::All(query) => query.condition(),
        }
    }
}

fn is_no_staff() -> Condition {
    let staff = Query::select().column(staff::Column::Account).from(staff::Entity).take();
    Condition::any()
        .add(account::Column::ReaderStatus.ne(ReaderStatus::Registered.name()))
        .add(account::Column::Id.not_in_subquery(staff))
}

fn labelled(label: &str) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(reader_label::Column::Account)
        .from(reader_label::Entity)
        .and_where(reader_label::Column::Label.eq(label))
        .take()
}

/// The accounts that have subscribed at a checkout to which they came from this page.
fn converted_on(path: &str) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(checkout::Column::Account)
        .from(checkout::Entity)
        .and_where(checkout::Column::CameFrom.eq(path))
        .and_where(checkout::Column::Progress.eq(Progress::Done.name()))
        .and_where(checkout::Column::Mends.is_null())
        .and_where(checkout::Column::Account.is_not_null())
        .take()
}
