//! Where a database is.

use std::{fmt, path::PathBuf};

use sea_orm::sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// The location of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, which is created if it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL URL: `postgres://user:password@host/database`.
    Postgres(String),
}

impl Location {
    /// Checks the options of a URL, without connecting.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL cannot be read, or has an option with a value that there is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let Self::Postgres(url) = self else { return Ok(()) };
        let read = url.parse::<PgConnectOptions>();
        read.map(drop).map_err(|error| StoreError::Unreachable {
            location: self.to_string(),
            reason: format!("{error}; correct the URL"),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            // The part between the scheme and the host may hold a password.
            Self::Postgres(url) => {
                let host = url.rsplit_once('@').map_or(url.as_str(), |(_, host)| host);
                write!(f, "postgres://{}", host.trim_start_matches("postgres://"))
            }
        }
    }
}
