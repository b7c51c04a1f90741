//! Errors of the database, in words that say what to do.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// What to do about a locked SQLite database.
const LOCKED_SQLITE: &str = "the database stays locked, by another program or by long work of this one, such as an import; close other programs: \
    `fuser data/masthead.db` names those that have the file open; if there is none, the log says what this one does; try again afterwards";
/// What to do about something that is locked in PostgreSQL.
const LOCKED_POSTGRES: &str = "another connection, of this program or another, keeps locked what is needed; SELECT pid, pg_blocking_pids(pid) FROM \
    pg_stat_activity names it while something waits; end it if it is not a server's, and otherwise try again later";

/// SQLite: SQLITE_BUSY and its extended codes.
const BUSY: [&str; 4] = ["5", "261", "517", "773"];
/// PostgreSQL: lock_not_available.
const LOCK_NOT_AVAILABLE: &str = "55P03";

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
    /// The database did not answer in time.
    #[error("the database did not answer in time")]
    TimedOut,
    /// The database did not answer others a moment ago, so it was not asked.
    #[error("the database is away, and is tried again in a moment")]
    Away,
    /// The database answers, and notifications of changes do not arrive.
    #[error(
        "PostgreSQL's notifications do not arrive; changes on other servers are asked for instead; if there is a \
         connection pooler in between, connect to PostgreSQL without it or let it pool sessions"
    )]
    NotificationsLost,
    /// No connection was free, or could be opened in time.
    #[error(
        "no connection to the database was free in time; see that it runs, and that max_connections and the limit of the role (ALTER ROLE … \
         CONNECTION LIMIT) allow nine connections to each server"
    )]
    NoConnection(#[source] DbErr),
    /// The connection on which PostgreSQL tells of changes was closed.
    #[error(
        "the connection to PostgreSQL that tells of changes was closed; another is opened, and until then servers ask for changes themselves"
    )]
    ListenerClosed,
    /// The file of an SQLite database is damaged, or is no database.
    #[error(
        "the database file is damaged ({0}); stop the server, keep a copy of the file and of those beside it, and restore a backup"
    )]
    DamagedFile(String),
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
    /// The database was not upgraded, because servers of an older version use it.
    #[error(
        "the database was not upgraded, because servers use it ({0} now), and they would go on with tables that they do not know; stop all servers of \
         the publication first, and run `masthead migrate` again; if CHANGELOG.md says that this version can run beside the older one, start \
         it on one node instead, which upgrades the database; of a machine that is gone the connection may be left: SELECT \
         pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'masthead-changes' ends it"
    )]
    ServersRunning(i64),
    /// The database was not created yet, and this command does not create it.
    #[error(
        "the database at {0} is empty; run `masthead migrate`, or start the server, which creates it"
    )]
    Empty(String),
    /// Another program moves the database.
    #[error(
        "the database is being moved to another one; wait until `masthead database move` has ended, and use the new one"
    )]
    Moving,
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
    /// Another program or connection keeps locked what is to be read or written.
    #[error("{0}")]
    Locked(&'static str),
    /// The disk is full.
    #[error(
        "the disk that holds the database is full; nothing was changed; free some room and try again"
    )]
    DiskFull,
    /// The file of an SQLite database, or the folder that it is in, is read-only.
    #[error(
        "the database may not be written by this user; check the owner and mode of the data directory"
    )]
    ReadOnly,
    /// PostgreSQL accepts no writes on this connection.
    #[error(
        "PostgreSQL accepts no writes: it is a standby, or default_transaction_read_only is on; masthead doctor says which, and what to do"
    )]
    WritesRefused,
    /// The file of an SQLite database was deleted or replaced while it is open.
    #[error(
        "the database file {path} was deleted or replaced while it is open, and what is stored now is lost when process {process} stops; \
         do not stop it: ls -l /proc/{process}/fd names its open files; copy those of masthead.db and masthead.db-wal to another folder \
         under these names with cp /proc/{process}/fd/NUMBER, then stop the server and move both to where the file was; or stop it and \
         restore a backup"
    )]
    FileLost {
        /// Where it was.
        path: String,
        /// The process that has it open.
        process: u32,
    },
    /// A PostgreSQL database has an encoding that lacks characters.
    #[error(
        "the database at {location} has the encoding {encoding}, in which not every text can be stored; create another one, with: \
         CREATE DATABASE paper ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// Where it is, without the password.
        location: String,
        /// Its encoding.
        encoding: String,
    },
    /// A PostgreSQL server is a standby.
    #[error(
        "the PostgreSQL server at {0} is a standby, which can only be read; name the primary server, or promote this one"
    )]
    Standby(String),
    /// PostgreSQL is set up so that the database can only be read.
    #[error(
        "PostgreSQL lets the database at {0} only be read; see default_transaction_read_only of the server, the database and the \
         user, and turn it off with ALTER SYSTEM, ALTER DATABASE or ALTER ROLE"
    )]
    OnlyRead(String),
    /// PostgreSQL does not let this user do what is needed.
    #[error(
        "PostgreSQL does not let this user do what is needed ({0}); as its administrator, connect to this database and run: GRANT \
         USAGE, CREATE ON SCHEMA public TO the user, or ALTER DATABASE … OWNER TO the user"
    )]
    NoPermission(String),
    /// An email or another sealed value was to be written or read, and the store was opened without keys.
    #[error(
        "the database was opened without the publication's keys, which encrypt emails and secrets"
    )]
    NoKeys,
    /// There is no piece with this slug.
    #[error("there is no article or page \"{0}\"")]
    NoSuchPiece(String),
    /// A piece is to be published whose draft at the desk is under embargo.
    #[error(
        "\"{slug}\" has a draft at the desk that is under embargo until {until}; nothing was changed; publish it from then \
         on, or take the embargo out at the desk"
    )]
    Embargoed {
        /// The slug of the piece.
        slug: String,
        /// When the embargo ends.
        until: jiff::Timestamp,
    },
    /// A line of a file of readers was imported by another server meanwhile.
    #[error("another server has imported this line meanwhile; nothing was changed")]
    ImportedElsewhere,
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
    /// Returns `true` if the database did not answer: it is away, has no connection left, or something is locked for long; or if PostgreSQL
    /// answers and accepts no writes, as after a failover to a standby. The same request may succeed in a moment.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut
            | Self::Away
            | Self::NoConnection(_)
            | Self::ListenerClosed
            | Self::Locked(_)
            | Self::Standby(_)
            | Self::OnlyRead(_)
            | Self::WritesRefused => true,
            Self::Other(error) => engine_error(error).is_some_and(is_connection_lost),
            _ => false,
        }
    }

    /// Returns `true` if the database answers, and must not be used as it is: it can only be read, or its file was deleted.
    pub fn is_unusable(&self) -> bool {
        matches!(
            self,
            Self::Standby(_) | Self::OnlyRead(_) | Self::WritesRefused | Self::FileLost { .. }
        )
    }

    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::Unreadable(error.to_string())
    }

    pub(crate) fn no_account() -> Self {
        // Without the address: this may be logged.
        Self::Unreadable("there is no account right after it was made".to_owned())
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let has_waited = matches!(engine_error(&error), Some(sqlx::Error::PoolTimedOut));
        if has_waited || matches!(error, DbErr::ConnectionAcquire(_)) {
            return Self::NoConnection(error);
        }
        match code(&error).as_deref() {
            // SQLite: SQLITE_CORRUPT and its extended codes, and SQLITE_NOTADB.
            Some("11" | "267" | "523" | "779" | "26") => Self::DamagedFile(error.to_string()),
            Some(LOCK_NOT_AVAILABLE) => Self::Locked(LOCKED_POSTGRES),
            Some(busy) if BUSY.contains(&busy) => Self::Locked(LOCKED_SQLITE),
            // SQLite: SQLITE_FULL; PostgreSQL: disk_full.
            Some("13" | "53100") => Self::DiskFull,
            // SQLite: SQLITE_READONLY and its extended codes.
            Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544") => Self::ReadOnly,
            // PostgreSQL: read_only_sql_transaction.
            Some("25006") => Self::WritesRefused,
            // PostgreSQL: insufficient_privilege.
            Some("42501") => Self::NoPermission(error.to_string()),
            _ => Self::Other(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    /// The error of a connection that is used without SeaORM.
    fn from(error: sqlx::Error) -> Self {
        DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
    }
}

/// Returns the engine's own code of an error.
pub(crate) fn code(error: &DbErr) -> Option<String> {
    let sqlx::Error::Database(error) = engine_error(error)? else { return None };
    error.code().map(std::borrow::Cow::into_owned)
}

/// Whether something stayed locked for as long as the connection waits.
pub(crate) fn is_locked(error: &DbErr) -> bool {
    code(error).is_some_and(|code| code == LOCK_NOT_AVAILABLE || BUSY.contains(&code.as_str()))
}

/// Returns the error of the engine or of the connection to it.
fn engine_error(error: &DbErr) -> Option<&sqlx::Error> {
    let (DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime)) = error else {
        return None;
    };
    match runtime {
        RuntimeErr::SqlxError(error) => Some(error),
        RuntimeErr::Internal(_) => None,
    }
}

fn is_connection_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL, appendix A: connection exceptions, too_many_connections, and servers that stop or start.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.len() == 5
                && (code.starts_with("08") || code.starts_with("57P") || code == "53300")
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_lost_connection_is_told_from_a_failed_query() {
        let failed = |error: sqlx::Error| {
            StoreError::from(DbErr::Query(RuntimeErr::SqlxError(error.into()))).is_unreachable()
        };
        assert!(failed(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
        assert!(failed(sqlx::Error::PoolTimedOut));
        assert!(!failed(sqlx::Error::RowNotFound));
        assert!(!StoreError::DiskFull.is_unreachable());
    }
}
