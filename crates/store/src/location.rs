//! Where a database is.

use std::{fmt, path::PathBuf};

/// The location of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, which is created if it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL URL: `postgres://user:password@host/database`.
    Postgres(String),
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
