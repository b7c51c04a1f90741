//! The whole database as rows, to copy it: into a backup, out of one, or into a database of the other engine.
//!
//! Tables and columns are read from the schema, so a new table is copied without a change here. A copy is consistent:
//! [`Snapshot`] reads in one transaction, beside which a server may go on writing, and [`DatabaseLoad`] creates and fills
//! a database in one transaction, so that an interrupted load leaves nothing. [`move_database`] does both, while nobody
//! else uses the database.

mod catalog;
mod load;
mod relocation;
mod snapshot;

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use self::{
    catalog::{ColumnKind, TableColumn, TableSchema},
    load::{CompleteLoad, DatabaseLoad},
    relocation::{Progress, move_database},
    snapshot::Snapshot,
};
use crate::StoreError;

/// One value of a row. As JSON, bytes are an object with the key `base64`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(BytesCell),
}

/// Bytes in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BytesCell {
    /// The bytes.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub base64: Vec<u8>,
}

/// The values of a row, in the order of the columns.
pub type Row = Vec<Cell>;

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database to fill has tables already.
    #[error(
        "the database is not empty: it has the table \"{0}\"; nothing was changed; name an empty database"
    )]
    NotEmpty(String),
    /// The SQLite file to fill has tables already. Its name cannot be chosen.
    #[error("there is a database in {} already; nothing was changed; move that file away first, and try again", .0.display())]
    FileInUse(PathBuf),
    /// Other programs use the database that is to be moved.
    #[error(
        "other programs use the database; stop all servers of this publication and close other connections first; nothing was changed"
    )]
    InUse,
    /// The database that is to be moved is a copy.
    #[error(
        "this is a copy, and what is moved is no copy any more; run masthead activate first, or restore the backup with --database; nothing was changed"
    )]
    Copy,
    /// Everything was copied, and the other database failed at the end.
    #[error(
        "the move failed at its end ({0}); this database is marked as a copy, which charges nobody; empty the other one, run masthead activate here and move again"
    )]
    Unfinished(String),
    /// The lock on the database that is to be moved cannot be had.
    #[error("the database cannot be locked ({0}); nothing was changed")]
    Lock(std::io::Error),
    /// It is not certain that the new SQLite file is on the disk.
    #[error(
        "the new database may not be on the disk yet ({0}); check the disk, delete the new database, and begin again"
    )]
    Sync(std::io::Error),
    /// The copy was made by a version whose migrations are not the first of this version's.
    #[error(
        "the copy was made by another line of versions of Masthead ({0} is missing in it); restore it with the version that made it, and upgrade then"
    )]
    Gap(String),
    /// A column has a type that this version does not copy.
    #[error("the column {table}.{column} has the type {kind}, which cannot be copied")]
    UnknownType {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A table has no primary key, so its rows have no order.
    #[error("the table \"{0}\" has no primary key and cannot be copied")]
    NoKey(String),
    /// The copy has other tables or columns than the database that was created for it.
    #[error("the table \"{0}\" of the copy is not that of this version; nothing was changed")]
    OtherTable(String),
    /// A row cannot be stored.
    #[error("a row of the table \"{table}\" cannot be stored ({reason}); nothing was changed")]
    Row {
        /// The table.
        table: String,
        /// Why not.
        reason: String,
    },
    /// The copy is not complete.
    #[error(
        "the table \"{table}\" has {found} rows after copying and should have {expected}; nothing was changed"
    )]
    Count {
        /// The table.
        table: String,
        /// How many rows were read.
        expected: u64,
        /// How many rows there are.
        found: u64,
    },
}

impl From<sea_orm::DbErr> for TransferError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Cell {
    /// The value for a column of this kind; `None` if it does not fit.
    fn to_value(&self, kind: ColumnKind) -> Option<Value> {
        Some(match (self, kind) {
            (Self::Null, ColumnKind::Bool) => None::<bool>.into(),
            (Self::Null, ColumnKind::Int) => None::<i64>.into(),
            (Self::Null, ColumnKind::Text) => None::<String>.into(),
            (Self::Null, ColumnKind::Bytes) => None::<Vec<u8>>.into(),
            (Self::Bool(value), ColumnKind::Bool) => (*value).into(),
            (Self::Int(value), ColumnKind::Int) => (*value).into(),
            (Self::Text(value), ColumnKind::Text) => value.clone().into(),
            (Self::Bytes(value), ColumnKind::Bytes) => value.base64.clone().into(),
            _ => return None,
        })
    }
}

fn to_base64<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
}
