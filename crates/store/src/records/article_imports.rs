//! Archives of other systems that staff import.

pub(crate) mod article_import {
    //! An archive, and what came of it.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_imports")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub requested_by: Option<AccountKey>,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub file_name: String,
        pub bytes: i64,
        pub stage: String,
        /// The job that checks or imports it, or has done so last.
        pub job: Option<i32>,
        /// The entries that it has; 0 until it was opened.
        pub entries: i64,
        #[sea_orm(column_type = "Text")]
        pub summary: String,
        pub fault: String,
        pub started: Option<i64>,
        pub finished: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod article_import_chunk {
    //! A part of the file of an archive.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_import_chunks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub content: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod article_import_part {
    //! What came of some entries of an archive, or would.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_import_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import: i32,
        /// How many entries were looked at with this part.
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub report: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod article_import_picture {
    //! A picture that articles of an archive show.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_import_pictures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub path: String,
        #[sea_orm(column_type = "Text")]
        pub paths: String,
        /// Where it is served; `None` until it is stored.
        pub src: Option<String>,
        pub width: Option<i32>,
        pub height: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
