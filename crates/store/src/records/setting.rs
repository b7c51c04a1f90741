//! Settings that were saved at the desk: one row for each version.

use sea_orm::entity::prelude::*;

use crate::ids::AccountKey;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub at: i64,
    pub done_by: Option<AccountKey>,
    #[sea_orm(column_type = "Text")]
    pub setting: String,
    /// Counts across all parts. `None` if a server of an earlier version saved it during an update.
    #[sea_orm(unique)]
    pub revision: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
