//! Stories, drafts, revisions and posts of live coverage.

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
        /// Its content type; empty for articles of no particular one.
        pub kind: String,
        /// The tier that is set on it, as text; empty if rules decide.
        pub tier: String,
        /// The address of its lead picture; empty if it has none.
        pub picture: String,
        /// The beginning of the headline in lower case, by which lists are sorted.
        pub sort_headline: String,
        /// The editor who is responsible for it.
        pub editor_account: Option<AccountKey>,
        /// By when it is due.
        pub deadline: Option<i64>,
        /// The editor who has begun to review it.
        pub reviewer_account: Option<AccountKey>,
        /// Who returned it, when and why, until it is submitted or published.
        pub returned_by: Option<AccountKey>,
        pub returned_at: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub return_note: Option<String>,
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

pub(crate) mod live_post {
    //! A post of the live coverage of a piece.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, LivePostKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "live_posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: LivePostKey,
        pub piece: PieceKey,
        pub written_by: Option<AccountKey>,
        /// Names the form that it came from: it is unique for a piece.
        pub request: String,
        /// The revision of the publication that published it, and that of its last change.
        pub first_revision: i64,
        pub revision: i64,
        pub version: i64,
        pub published: i64,
        /// When its text was last changed.
        pub changed: Option<i64>,
        pub removed: Option<i64>,
        pub pinned: bool,
        #[sea_orm(column_type = "Text")]
        pub headline: String,
        /// The text as it was written, in Markdown.
        #[sea_orm(column_type = "Text")]
        pub source: String,
        /// The text as clean HTML.
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// The stems of the pictures in the body, one on each line.
        #[sea_orm(column_type = "Text")]
        pub pictures: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
