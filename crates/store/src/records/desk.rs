//! Staff, invitations, and records of what staff did.

pub(crate) mod staff {
    //! A member of staff.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        pub role: String,
        pub since: i64,
        /// The tag of the language that they have chosen for the desk (BCP 47).
        pub language: Option<String>,
        /// The Monday of the last weekly email of figures that they were sent, in days since 1 January 1970.
        pub figures_monday: Option<i32>,
        /// Before when an email that could not be written is not tried again.
        pub figures_retry: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod invitation {
    //! An invitation to the staff.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub email: String,
        pub role: String,
        pub invited_by: Option<AccountKey>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod audit_entry {
    //! An entry of the desk's audit log.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub at: i64,
        pub done_by: Option<AccountKey>,
        pub action: String,
        pub role: String,
        pub about: String,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        /// Whether it was done on the command line, and not by an account.
        pub on_server: bool,
        /// The name of who did it, which outlives their account.
        pub by_name: String,
        pub concerned_account: Option<AccountKey>,
        pub piece: Option<PieceKey>,
        /// The values that were changed, as JSON. Empty if there are none.
        #[sea_orm(column_type = "Text")]
        pub changes: String,
        /// What searches look through, in lower case.
        #[sea_orm(column_type = "Text")]
        pub words: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod saved_filter {
    //! A filter of the list of articles that a member of the staff has saved.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_filters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// The query of the list, as in its address.
        #[sea_orm(column_type = "Text")]
        pub query: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod desk_job {
    //! Long work that staff ask for, and how far it is.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "desk_jobs")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub kind: String,
        pub requested_by: Option<AccountKey>,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub parameters: String,
        pub position: i64,
        pub done: i64,
        pub skipped: i64,
        pub failed: i64,
        pub finished: Option<i64>,
        pub claimed_until: i64,
        /// Whether it was given up before all was done.
        pub stopped: bool,
        /// How often it has failed since it last went on.
        pub failures: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
