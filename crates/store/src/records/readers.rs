//! Accounts, sessions, reads, and emails.

pub(crate) mod account {
    //! A reader who has registered. Times here and below are seconds since the Unix epoch.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: AccountKey,
        pub email: String,
        pub name: String,
        /// The name in lower case, which searches look through: what databases make of letters outside ASCII depends on
        /// their locale.
        #[sea_orm(column_type = "Text")]
        pub searched_name: String,
        pub registered: i64,
        /// Reads before it do not count. 0 if the meter was never reset.
        pub meter_reset: i64,
        /// Whether the address has had a subscription under an account before this one.
        pub had_subscription: bool,
        /// When the address has read under an account before this one.
        #[sea_orm(column_type = "Text")]
        pub former_reads: String,
        /// How often its sessions were ended.
        pub sign_outs: i64,
        /// The status of the reader, by their subscriptions: written together with these.
        pub reader_status: String,
        /// The product of the subscription that decides the status; empty if there is none.
        pub product: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod former_reader {
    //! What is kept of an address whose reader has left.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "former_readers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        pub had_subscription: bool,
        #[sea_orm(column_type = "Text")]
        pub reads: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod introduction {
    //! An address that has begun a trial or subscription.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "introductions")]
    pub struct Model {
        /// Of the address, or of that of its mailbox.
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        /// The digest of the address itself.
        pub claimant: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod former_debt {
    //! The number of a subscription whose invoice an address has left unpaid whose reader has left.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "former_debts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub debt: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod account_debt {
    //! The number of a subscription of an earlier account whose invoice the address of an account has left unpaid.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_debts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub debt: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod session {
    //! A device or app that is signed in to an account.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub account: AccountKey,
        /// What an app may do, such as `articles account`. Null for a browser.
        pub scopes: Option<String>,
        pub device: String,
        pub begun: i64,
        pub seen: i64,
        /// When its reader last proved who they are.
        pub confirmed: i64,
        pub second_factor: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod account_read {
    //! An article that an account has read, and when it was last counted.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PieceKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_reads")]
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

pub(crate) mod sign_in_request {
    //! A request to sign in by email.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_requests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub link: String,
        pub device: String,
        pub code: String,
        pub email: String,
        #[sea_orm(column_type = "Text")]
        pub came_from: String,
        pub asked: i64,
        pub tries: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod address_change {
    //! A change of an account's address that both addresses must confirm.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "address_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub from_old: String,
        pub from_new: String,
        pub account: AccountKey,
        pub email: String,
        pub asked: i64,
        pub old_agrees: bool,
        pub new_agrees: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod outbox_entry {
    //! An email to a reader.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub recipient: String,
        pub account: Option<AccountKey>,
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        /// The plain text of an earlier version until it is sealed; otherwise empty.
        #[sea_orm(column_type = "Text")]
        pub text: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        /// The sealed text. Null once it is sent or has failed.
        pub body: Option<Vec<u8>>,
        pub written: i64,
        pub expires: Option<i64>,
        pub state: String,
        pub tries: i32,
        pub due: i64,
        #[sea_orm(column_type = "Text")]
        pub fault: String,
        /// The random part of its `Message-ID`. Empty if a version before this wrote it.
        pub message_id: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod app_request {
    //! A request of an app to be signed in.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "app_requests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub app: String,
        pub code: String,
        pub name: String,
        pub scopes: String,
        pub asked: i64,
        pub answered: bool,
        pub account: Option<AccountKey>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod account_change {
    //! A change of an account, for other servers.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_changes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub account: AccountKey,
        pub at: i64,
        pub meter: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod delivery {
    //! Where a reader's printed papers are delivered.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub lines: String,
        pub changed: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod reader_label {
    //! A label of a reader.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reader_labels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: AccountKey,
        #[sea_orm(primary_key, auto_increment = false)]
        pub label: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod reader_note {
    //! A note that staff have written about a reader.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reader_notes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub account: AccountKey,
        pub written_by: Option<AccountKey>,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub note: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
