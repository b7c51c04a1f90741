//! The files of pictures that were replaced.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

const STATEMENTS: [&str; 8] = [
    "ALTER TABLE pictures ADD COLUMN shown varchar NOT NULL DEFAULT ''",
    "ALTER TABLE pictures ADD COLUMN shown_width bigint NOT NULL DEFAULT 0",
    "ALTER TABLE pictures ADD COLUMN shown_height bigint NOT NULL DEFAULT 0",
    "ALTER TABLE pictures ADD COLUMN revision bigint NOT NULL DEFAULT 0",
    "CREATE INDEX pictures_revision ON pictures (revision)",
    "CREATE TABLE picture_files (picture varchar NOT NULL, stem varchar NOT NULL, name varchar NOT NULL, \
     width bigint NOT NULL, height bigint NOT NULL, added_by integer, at bigint NOT NULL, \
     published boolean NOT NULL, withheld boolean NOT NULL, PRIMARY KEY (picture, stem), \
     FOREIGN KEY (picture) REFERENCES pictures (stem) ON DELETE CASCADE, \
     FOREIGN KEY (added_by) REFERENCES accounts (id) ON DELETE SET NULL)",
    "CREATE INDEX picture_files_stem ON picture_files (stem)",
    "CREATE INDEX picture_files_adder ON picture_files (added_by)",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0221_picture_files"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
