//! What readers keep for themselves. Times are seconds since the Unix epoch.

pub(crate) mod saved_article {
    //! An article that an account has saved to read later.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_articles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub article: PieceKey,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod history_reader {
    //! An account that keeps its reading history.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "history_readers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        /// When it was switched on or last deleted: nothing that was opened before is kept.
        pub since: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod history_entry {
    //! An article in a reading history, and when it was last opened.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "history_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub article: PieceKey,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod follow {
    //! A topic or author that an account follows.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "follows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod personal_feed {
    //! The secret address of the feed of what an account follows.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "personal_feeds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        /// The digest of the secret.
        pub key: String,
        /// The secret, sealed.
        pub secret: Vec<u8>,
        pub begun: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
