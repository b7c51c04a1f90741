//! The crops of pictures.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

const TABLE: &str = "CREATE TABLE picture_crops (picture varchar NOT NULL, file varchar NOT NULL, place varchar NOT NULL, \
     left_edge bigint NOT NULL, top_edge bigint NOT NULL, part_width bigint NOT NULL, name varchar NOT NULL, \
     width bigint NOT NULL, height bigint NOT NULL, PRIMARY KEY (picture, file, place), \
     FOREIGN KEY (picture) REFERENCES pictures (stem) ON DELETE CASCADE)";

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0222_picture_crops"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(TABLE).await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
