//! What apps may do: sessions of apps are told apart from those of browsers, and have scopes.
//!
//! Until now a session did not say what it belongs to. Browsers have one of the names in [`BROWSERS`] or [`SYSTEMS`];
//! every other session becomes that of an app which may read articles. An app could have called itself by such a name, so
//! sessions of staff end: the desk must not stay open to one.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0038_app_scopes"
    }
}

const BROWSERS: [&str; 6] = ["Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari"];
const SYSTEMS: [&str; 6] = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"];
/// Browsers that could not be named, in the languages of the built-in theme.
const UNKNOWN: [&str; 3] = ["", "A device", "Ein Gerät"];

/// The names of browsers, as a list in SQL.
fn names() -> String {
    let both = BROWSERS
        .iter()
        .flat_map(|browser| SYSTEMS.iter().map(move |system| format!("{browser}, {system}")));
    let single = BROWSERS.iter().chain(&SYSTEMS).chain(&UNKNOWN).map(ToString::to_string);
    both.chain(single).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let names = names();
        for statement in [
            "ALTER TABLE sessions ADD COLUMN scopes varchar",
            "ALTER TABLE app_requests ADD COLUMN scopes varchar NOT NULL DEFAULT 'articles'",
            "DELETE FROM sessions WHERE account IN (SELECT account FROM staff)",
            &format!("UPDATE sessions SET scopes = 'articles' WHERE device NOT IN ({names})"),
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
