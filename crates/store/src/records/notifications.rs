//! What members of the staff are told about articles.

pub(crate) mod notification {
    //! Something that a member of the staff is told about an article.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey, ThreadKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notifications")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        /// Who is told.
        pub account: AccountKey,
        pub piece: PieceKey,
        pub event: String,
        /// Who did it; `None` for deadlines, and once their account is deleted.
        pub caused_by: Option<AccountKey>,
        pub at: i64,
        /// What was written: a comment, or the reason for a return. Otherwise empty.
        #[sea_orm(column_type = "Text")]
        pub detail: String,
        /// The thread of the comment.
        pub thread: Option<ThreadKey>,
        /// The deadline, or when the article is published.
        pub planned: Option<i64>,
        /// Names a reminder: it is unique for a person and an article.
        pub reminder: Option<String>,
        /// Whether it is shown in the newsroom, and not only sent.
        pub is_shown: bool,
        pub read_at: Option<i64>,
        /// When it is to be sent; `None` if it is not, or was sent.
        pub send_at: Option<i64>,
        pub sent_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod notification_choice {
    //! How a member of the staff wants to be told of an event, if they have chosen.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notification_choices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event: String,
        pub mailed: bool,
        pub at_desk: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
