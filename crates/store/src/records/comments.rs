//! Comments of the newsroom.

pub(crate) mod comment_thread {
    //! Comments on an article, or on a passage of it, that answer each other.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey, ThreadKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comment_threads")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: ThreadKey,
        pub piece: PieceKey,
        /// The words of the passage. Empty if it is about all of the article.
        #[sea_orm(column_type = "Text")]
        pub quote: String,
        #[sea_orm(column_type = "Text")]
        pub prefix: String,
        #[sea_orm(column_type = "Text")]
        pub suffix: String,
        pub resolved_by: Option<AccountKey>,
        pub resolved_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod comment {
    //! A comment in a thread.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, ThreadKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comments")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub thread: ThreadKey,
        pub written_by: Option<AccountKey>,
        /// Names the form that it came from.
        pub request: String,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
