//! Files of readers that staff import, and addresses whose account was deleted.

pub(crate) mod reader_import {
    //! A file, and what came of it.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reader_imports")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub requested_by: Option<AccountKey>,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub file_name: String,
        pub readers: i64,
        pub faults: i64,
        #[sea_orm(column_type = "Text")]
        pub details: String,
        #[sea_orm(column_type = "Text")]
        pub options: String,
        pub started: Option<i64>,
        pub finished: Option<i64>,
        /// The job that imports it, once it was started.
        pub job: Option<i32>,
        pub added: i64,
        pub changed: i64,
        pub unchanged: i64,
        pub refused: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod reader_import_part {
    //! Some readers of a file, or what came of them.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reader_import_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        /// Empty once all are imported.
        #[sea_orm(column_type = "Text")]
        pub readers: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub report: Option<String>,
        /// How many lines the report has. 0 also if an earlier version imported the part.
        pub noted: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod deleted_address {
    //! The digest of an address whose account was deleted.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deleted_addresses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
