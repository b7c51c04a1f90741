//! Deleting many rows without keeping others waiting.
//!
//! One statement that deletes a million rows holds the lock of an SQLite database for longer than others wait. So what is to be deleted is
//! found first, which locks nothing, and deleted a few rows at a time, each in a transaction of its own. A row that has changed in
//! the meantime is compared again by the statement that deletes it.

use std::time::Instant;

use sea_orm::{
    Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, IntoCondition},
};

use crate::{Store, StoreError};

/// How many rows one statement deletes.
const BATCH: usize = 1000;
/// How many rows are found at once.
const FOUND: u64 = 50_000;

/// Where rows are in their table.
enum Places {
    Sqlite(Vec<i64>),
    Postgres(Vec<String>),
}

impl Store {
    /// Deletes the rows that meet a condition, in batches. Returns how many. What was deleted before a failure stays deleted.
    pub(crate) async fn delete_in_batches<E>(
        &self,
        old: impl IntoCondition,
    ) -> Result<u64, StoreError>
    where
        E: EntityTrait,
    {
        self.delete_in_batches_of::<E>(old, BATCH).await
    }

    /// Deletes the rows that meet a condition, so many with one statement, such as one whose other rows are large.
    pub(crate) async fn delete_in_batches_of<E>(
        &self,
        old: impl IntoCondition,
        rows: usize,
    ) -> Result<u64, StoreError>
    where
        E: EntityTrait,
    {
        let (old, mut deleted) = (old.into_condition(), 0);
        loop {
            let found = self.places::<E>(old.clone()).await?;
            let mut gone = 0;
            for batch in found.batches(rows) {
                let began = Instant::now();
                let batch = E::delete_many().filter(batch).filter(old.clone());
                gone += batch.exec(&self.database).await?.rows_affected;
                // Others write for as long as this has.
                tokio::time::sleep(began.elapsed()).await;
            }
            deleted += gone;
            // Where others delete the same, or change what is old, nothing may be left of what was found.
            if gone == 0 || !found.is_full() {
                return Ok(deleted);
            }
        }
    }

    async fn places<E>(&self, old: Condition) -> Result<Places, StoreError>
    where
        E: EntityTrait,
    {
        let rows = E::find().select_only().filter(old).limit(FOUND);
        Ok(if self.is_shared() {
            let place = Expr::cust("CAST(ctid AS text)");
            Places::Postgres(rows.expr(place).into_tuple().all(&self.database).await?)
        } else {
            Places::Sqlite(rows.expr(Expr::cust("rowid")).into_tuple().all(&self.database).await?)
        })
    }
}

impl Places {
    fn is_full(&self) -> bool {
        let found = match self {
            Self::Sqlite(rows) => rows.len(),
            Self::Postgres(rows) => rows.len(),
        };
        found as u64 >= FOUND
    }

    /// The conditions that a few rows after the others meet.
    fn batches(&self, size: usize) -> Vec<Expr> {
        match self {
            Self::Sqlite(rows) => {
                let batch = |rows: &[i64]| Expr::cust("rowid").is_in(rows.iter().copied());
                rows.chunks(size).map(batch).collect()
            }
            Self::Postgres(rows) => {
                let batch = |rows: &[String]| {
                    let quoted: Vec<String> = rows.iter().map(|row| format!("\"{row}\"")).collect();
                    let array = format!("{{{}}}", quoted.join(","));
                    Expr::cust_with_values("ctid = ANY(CAST(CAST($1 AS text) AS tid[]))", [array])
                };
                rows.chunks(size).map(batch).collect()
            }
        }
    }
}
