//! Queues of rows that servers work on, such as emails that are due. A row that cannot be read holds up no other: it is logged and
//! put off, and the rest goes on. A server of a newer version may be able to read it, so it is not given up.
//!
//! Each queue is read with [`readable`], and puts off what that cannot read with [`QueueRows::put_off`].

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany, Value, sea_query::Expr,
};

use crate::StoreError;

/// For how long a row is put off that cannot be read.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(1);

/// The rows of a queue.
#[derive(Debug)]
pub(crate) struct QueueRows<T, K> {
    /// What they say.
    pub read: Vec<T>,
    /// The keys of those that cannot be read.
    pub unreadable: Vec<K>,
}

/// Reads the rows of a queue. What cannot be read is logged.
pub(crate) fn readable<R, T, K: Debug>(
    queue: &'static str,
    rows: Vec<R>,
    key: impl Fn(&R) -> K,
    read: impl Fn(R) -> Result<T, StoreError>,
) -> QueueRows<T, K> {
    let mut found = QueueRows { read: Vec::with_capacity(rows.len()), unreadable: Vec::new() };
    for row in rows {
        let key = key(&row);
        match read(row) {
            Ok(item) => found.read.push(item),
            Err(error) => {
                tracing::error!(%error, queue, row = ?key, "database: what is due cannot be read; the rest goes on");
                found.unreadable.push(key);
            }
        }
    }
    found
}

impl<T, K: Into<Value>> QueueRows<T, K> {
    /// Puts off what cannot be read, by the columns that say when a row is due and which one it is, and returns the rest. `change` may
    /// note more.
    #[tracing::instrument(skip_all)]
    pub async fn put_off<E: EntityTrait>(
        self,
        database: &impl ConnectionTrait,
        (due, key): (E::Column, E::Column),
        now: Timestamp,
        change: impl FnOnce(UpdateMany<E>) -> UpdateMany<E>,
    ) -> Result<Vec<T>, StoreError> {
        if !self.unreadable.is_empty() {
            let later = (now + PUT_OFF).as_second();
            change(E::update_many().col_expr(due, Expr::value(later)))
                .filter(key.is_in(self.unreadable))
                .filter(due.lte(now.as_second()))
                .exec(database)
                .await?;
        }
        Ok(self.read)
    }
}
