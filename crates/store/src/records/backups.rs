//! Backups that servers make.

pub(crate) mod backup {
    //! A backup that was asked for, and what came of it.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "backups")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub requested_by: Option<AccountKey>,
        pub at: i64,
        pub scheduled_for: Option<i64>,
        /// 1 until it has ended; then none, so that there is never more than one.
        pub open: Option<i32>,
        pub with_pictures: bool,
        /// Sealed, until it has ended.
        pub passphrase: Option<Vec<u8>>,
        pub is_encrypted: bool,
        pub claimed_until: i64,
        pub attempts: i32,
        #[sea_orm(column_type = "Text")]
        pub server: String,
        pub rows: i64,
        pub all_rows: i64,
        pub pictures: i64,
        pub finished: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub file_name: Option<String>,
        pub size: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub fault: Option<String>,
        pub is_told: bool,
        pub discarded: Option<i64>,
        pub deleted: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
