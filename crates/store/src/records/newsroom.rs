//! Stories, drafts and revisions.

pub(crate) mod story {
    //! A story in the desk's list.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stories")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub piece: PieceKey,
        pub version: i64,
        pub status: String,
        pub work: String,
        pub headline: String,
        pub section: String,
        pub byline: String,
        /// The lower-case text for searches.
        pub words: String,
        pub saved_by: Option<AccountKey>,
        pub saved_at: i64,
        pub published: Option<i64>,
        pub embargo: Option<i64>,
        /// The later of `saved_at` and `published`, by which the list is sorted.
        pub latest: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod draft {
    //! The draft of a story.

    use sea_orm::entity::prelude::*;

    use crate::ids::PieceKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "drafts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub piece: PieceKey,
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod revision {
    //! A revision of a story.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey, RevisionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "revisions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: RevisionKey,
        pub piece: PieceKey,
        pub at: i64,
        pub done_by: Option<AccountKey>,
        pub change: String,
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod presence {
    //! An account that has a story open.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "presence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub piece: PieceKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod story_writer {
    //! An account that may edit a story.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "story_writers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub piece: PieceKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
