//! Errors of the database, in words that say what to do.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Why a query or a write failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened.
    #[error("the database at {location} cannot be opened: {reason}")]
    Unreachable {
        /// Where it is, without the password.
        location: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The database was written by a newer version of Masthead.
    #[error(
        "the database was written by a newer version of Masthead ({0}); start that version, or restore a backup from before the upgrade"
    )]
    Newer(String),
    /// The database was made by an older version of Masthead, and this command does not upgrade it.
    #[error(
        "the database was made by an older version of Masthead (it lacks {0}); run `masthead migrate`, or start the server, which upgrades it"
    )]
    Older(String),
    /// An SQLite database cannot be copied before its upgrade.
    #[error(
        "the database was not upgraded, because it cannot be copied to {copy} first ({reason}); free some room or check who owns the folder, and start again"
    )]
    NoCopy {
        /// The file that was to be written.
        copy: String,
        /// Why not.
        reason: String,
    },
    /// The disk is full.
    #[error(
        "the disk that holds the database is full; nothing was changed; free some room and try again"
    )]
    DiskFull,
    /// The database is read-only.
    #[error(
        "the database may not be written by this user; check the owner and mode of the data directory"
    )]
    ReadOnly,
    /// An email was to be written or read, and the store was opened without keys.
    #[error("the database was opened without the publication's keys, which seal emails")]
    NoKeys,
    /// There is no piece with this slug.
    #[error("there is no article or page \"{0}\"")]
    NoSuchPiece(String),
    /// A row holds JSON that cannot be read.
    #[error("the database holds a piece that cannot be read ({0}); restore a backup")]
    Damaged(#[from] serde_json::Error),
    /// A row holds a value that cannot be read.
    #[error("the database holds something that cannot be read ({0}); restore a backup")]
    Unreadable(String),
    /// Any other error of the engine.
    #[error("the database failed: {0}")]
    Other(DbErr),
}

impl StoreError {
    /// Whether the database could not be reached, or had no connection left in time: then any other query fails as well.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Other(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => true,
            Self::Other(error @ (DbErr::Exec(runtime) | DbErr::Query(runtime))) => {
                is_broken(runtime) || code(error).is_some_and(|code| refuses_connections(&code))
            }
            _ => false,
        }
    }

    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::Unreadable(error.to_string())
    }

    pub(crate) fn no_account(email: &masthead_circulation::EmailAddress) -> Self {
        Self::Unreadable(format!("no account for {email} after it was made"))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match code(&error).as_deref() {
            // SQLite: SQLITE_FULL; PostgreSQL: disk_full.
            Some("13" | "53100") => Self::DiskFull,
            // SQLite: SQLITE_READONLY and its extended codes; PostgreSQL: read_only_sql_transaction.
            Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544" | "25006") => {
                Self::ReadOnly
            }
            _ => Self::Other(error),
        }
    }
}

/// Whether a connection broke, or none was free in time.
fn is_broken(error: &RuntimeErr) -> bool {
    let RuntimeErr::SqlxError(error) = error else { return false };
    matches!(
        **error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
    )
}

/// Whether PostgreSQL shuts down or starts, has too many connections, or reports a broken one.
fn refuses_connections(code: &str) -> bool {
    code == "53300" || code.starts_with("57P") || (code.starts_with("08") && code.len() == 5)
}

/// Returns the engine's own code of an error.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime)) = error else {
        return None;
    };
    match runtime {
        RuntimeErr::SqlxError(error) => match &**error {
            sqlx::Error::Database(error) => error.code().map(std::borrow::Cow::into_owned),
            _ => None,
        },
        RuntimeErr::Internal(_) => None,
    }
}
