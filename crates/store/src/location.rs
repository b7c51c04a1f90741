//! Where a database is.

use std::{fmt, path::PathBuf};

use sea_orm::sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// The options of a PostgreSQL URL that the driver knows, besides `options[…]`.
const OPTIONS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The location of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, which is created if it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL URL: `postgres://user:password@host/database`.
    Postgres(String),
}

impl Location {
    /// Returns the options of a URL that have no effect, without their values. With a mistake in its name, a connection may not be
    /// encrypted.
    pub fn unknown_options(&self) -> Vec<String> {
        let Self::Postgres(url) = self else { return Vec::new() };
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let names = query.split('&').map(|option| option.split('=').next().unwrap_or_default());
        let is_unknown = |name: &&str| {
            !name.is_empty() && !OPTIONS.contains(name) && !name.starts_with("options[")
        };
        names.filter(is_unknown).map(str::to_owned).collect()
    }

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
            reason: format!(
                "{error}; correct the URL: write special characters of the password as %23 for #, %40 for @, %2F for / and %25 for %"
            ),
        })
    }
}

/// Host, port and name of the database. Everything else in a URL may be a password or contain one.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Sqlite(path) => return path.display().fmt(f),
            Self::Postgres(url) => url,
        };
        let Ok(options) = url.parse::<PgConnectOptions>() else {
            return f.write_str("a PostgreSQL URL that cannot be read");
        };
        match options.get_socket() {
            Some(socket) => write!(f, "postgres://{}", socket.display())?,
            None => write!(f, "postgres://{}:{}", options.get_host(), options.get_port())?,
        }
        write!(f, "/{}", options.get_database().unwrap_or_default())
    }
}

/// The same: a URL never gets into a log.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_without_effect_are_named_without_their_values() {
        let unknown = |query: &str| {
            Location::Postgres(format!("postgres://paper@db.example/paper{query}"))
                .unknown_options()
        };
        assert_eq!(unknown(""), [""; 0]);
        assert_eq!(unknown("?sslmode=require&options[search_path]=x&host=/run"), [""; 0]);
        assert_eq!(unknown("?ssl=true&sslmode=require"), ["ssl"]);
    }

    #[test]
    fn a_location_names_host_port_and_database_and_no_secret() {
        for (url, shown) in [
            ("postgres://paper:geheim@db.example/paper", "postgres://db.example:5432/paper"),
            (
                "postgresql://db.example:5433/paper?user=paper&password=geheim",
                "postgres://db.example:5433/paper",
            ),
            (
                "postgres://paper:geh@eim@db.example:5433/paper?sslmode=require&passwort=geheim",
                "postgres://db.example:5433/paper",
            ),
            ("postgres://paper:geheim@db.example:port/x", "a PostgreSQL URL that cannot be read"),
        ] {
            let location = Location::Postgres(url.to_owned());
            assert_eq!(location.to_string(), shown);
            assert_eq!(format!("{location:?}"), shown);
            let checked = location.check().err().map(|error| error.to_string());
            assert!(!checked.unwrap_or_default().contains("geheim"), "{url}");
        }
    }
}
