//! Pieces, authors and sections.

pub(crate) mod edition {
    //! A single row: the revision of the latest write, the identity of the database, whether it is a restored copy, how often everybody was
    //! signed out, and how often processors were asked about disputes.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "edition")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub revision: i64,
        pub identity: String,
        pub restored_at: Option<i64>,
        /// How often the sessions of everybody were ended.
        pub sign_outs: i64,
        /// The fingerprints of the keys of the publication's servers, the newest first, with spaces between them.
        #[sea_orm(column_type = "Text")]
        pub key_fingerprints: String,
        /// How often processors were asked about disputes.
        pub dispute_questions: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod piece {
    //! An article or page: queried columns, the facts as JSON, and the body separately, so that
    //! lists never read it.

    use sea_orm::entity::prelude::*;

    use crate::ids::PieceKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pieces")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: PieceKey,
        pub origin: Option<String>,
        pub slug: String,
        pub revision: i64,
        pub status: String,
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// The stems of the pictures in the body, one on each line.
        #[sea_orm(column_type = "Text")]
        pub pictures: String,
        /// The minutes that it takes to read.
        pub minutes: i32,
        /// When live coverage began and ended, and when readers last got something new of it.
        pub live_started: Option<i64>,
        pub live_ended: Option<i64>,
        pub live_updated: Option<i64>,
        /// The digest of what an import has stored; `None` if no import of this version has.
        #[sea_orm(column_type = "Text", nullable)]
        pub imported: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod author {
    //! An author.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub name: String,
        pub role: String,
        pub bio: String,
        /// A picture as JSON, or empty.
        #[sea_orm(column_type = "Text")]
        pub portrait: String,
        /// The stem of the portrait's name; empty for none.
        pub portrait_stem: String,
        pub is_desk: bool,
        /// The revision of the latest change.
        pub revision: i64,
        /// Their public address, or empty.
        pub contact: String,
        /// The account of the member of the staff who writes under this name.
        pub account: Option<AccountKey>,
        /// The slug of the author who has their articles since both were merged.
        pub merged_into: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod redirect {
    //! A redirect from an address that has no page.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "redirects")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub path: String,
        /// Where it leads; empty once it is deleted, so that every server forgets it.
        #[sea_orm(column_type = "Text")]
        pub target: String,
        pub status: i32,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod topic_name {
    //! The name that has the slug of a topic.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "topic_names")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod topic {
    //! A topic that the newsroom has described, renamed or merged.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "topics")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub name: String,
        /// `None` if only the configuration file says something.
        #[sea_orm(column_type = "Text", nullable)]
        pub description: Option<String>,
        /// The slug of the topic that has the articles since both were merged.
        pub merged_into: Option<String>,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod section {
    //! A section.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod picture {
    //! What is noted about a picture.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pictures")]
    pub struct Model {
        /// What all its files have in common in their names.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stem: String,
        /// The name of its largest file.
        pub name: String,
        pub width: i64,
        pub height: i64,
        /// The name that it had before it was uploaded.
        #[sea_orm(column_type = "Text")]
        pub file_name: String,
        #[sea_orm(column_type = "Text")]
        pub alt: String,
        #[sea_orm(column_type = "Text")]
        pub caption: String,
        #[sea_orm(column_type = "Text")]
        pub credit: String,
        #[sea_orm(column_type = "Text")]
        pub rights_holder: String,
        #[sea_orm(column_type = "Text")]
        pub rights_note: String,
        /// The last day on which it may be used: `2026-11-24`.
        pub expires: Option<String>,
        pub uploaded_by: Option<AccountKey>,
        pub at: i64,
        pub version: i64,
        /// The lower-case text for searches.
        #[sea_orm(column_type = "Text")]
        pub words: String,
        /// The name of the file that readers get in its place; empty if it was not replaced.
        pub shown: String,
        pub shown_width: i64,
        pub shown_height: i64,
        /// The revision of the latest change of its files; 0 if there was none.
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod picture_crop {
    //! The part of a file of a picture that is shown in a place.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture_crops")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub picture: String,
        /// The stem of the file's name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub file: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        /// In thousandths of the width of the file.
        pub left_edge: i64,
        /// In thousandths of its height.
        pub top_edge: i64,
        /// In thousandths of its width.
        pub part_width: i64,
        /// The name of the part, as it is stored.
        pub name: String,
        pub width: i64,
        pub height: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod picture_file {
    //! A file of a picture that was replaced, or is to be.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture_files")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub picture: String,
        /// What the file and its renditions have in common in their names.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stem: String,
        pub name: String,
        pub width: i64,
        pub height: i64,
        pub added_by: Option<AccountKey>,
        pub at: i64,
        /// Whether readers have had it.
        pub published: bool,
        /// Whether readers do not get it any more.
        pub withheld: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod picture_use {
    //! An article that uses a picture.

    use sea_orm::entity::prelude::*;

    use crate::ids::{LivePostKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture_uses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub piece: PieceKey,
        /// Where in the article, see [`UsedIn`](crate::pictures::uses::UsedIn).
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stem: String,
        /// The draft that it is in, which takes the row along when it is deleted.
        pub draft: Option<PieceKey>,
        /// The post that it is in.
        pub post: Option<LivePostKey>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod task_run {
    //! When a task is due that one server does for all.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// The second from which on a server runs it.
        pub due: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod served {
    //! A single row: the latest time at which the publication was served.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "served")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub latest: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
