//! Subscriptions and payments.

pub(crate) mod subscription {
    //! A subscription: queried columns, and the facts as JSON.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subscriptions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: SubscriptionKey,
        pub account: AccountKey,
        pub state: String,
        pub due: Option<i64>,
        pub processor: String,
        pub reference: String,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        /// The status of a reader with this subscription alone.
        pub reader_status: String,
        pub product: String,
        /// When it was first paid for. Null if it never was.
        pub paying_since: Option<i64>,
        /// When it ended. Null if it goes on.
        pub ended: Option<i64>,
        /// The price of a month at the regular price, in minor units.
        pub monthly: i64,
        pub currency: String,
        /// When a payment first failed, or the invoice is to be paid. Null if it is not in grace.
        pub grace_since: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod price_change {
    //! By how much the price of a month of a subscription changed.

    use sea_orm::entity::prelude::*;

    use crate::ids::SubscriptionKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "price_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subscription: SubscriptionKey,
        /// The version of the subscription after the change.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub at: i64,
        /// In minor units.
        pub difference: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod checkout {
    //! A checkout.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkouts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub account: Option<AccountKey>,
        pub mends: Option<SubscriptionKey>,
        /// The offer of a new subscription, or empty.
        pub offer: String,
        #[sea_orm(column_type = "Text")]
        pub terms: String,
        pub minor: i64,
        pub begun: i64,
        #[sea_orm(column_type = "Text")]
        pub came_from: String,
        pub experiment: Option<i32>,
        pub arm: Option<String>,
        pub processor: String,
        pub reference: String,
        pub progress: String,
        pub ask_at: i64,
        pub holds_slot: bool,
        pub superseded: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod payment {
    //! A payment.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PaymentKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payments")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub number: PaymentKey,
        pub key: String,
        pub account: Option<AccountKey>,
        pub subscription: Option<SubscriptionKey>,
        #[sea_orm(column_type = "Text")]
        pub what: String,
        pub minor: i64,
        pub currency: String,
        pub at: i64,
        pub paid_from: i64,
        pub paid_through: i64,
        pub card: String,
        pub processor: String,
        pub status: String,
        pub status_reason: String,
        pub reference: String,
        /// In hundredths of a percent.
        pub tax: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod refund {
    //! A refund.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PaymentKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refunds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment: PaymentKey,
        pub account: Option<AccountKey>,
        pub minor: i64,
        pub currency: String,
        pub at: i64,
        pub done_by: Option<AccountKey>,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub settled: bool,
        pub attempt: i32,
        pub retry_at: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub refusal: String,
        pub failed_at: Option<i64>,
        pub before_minor: i64,
        pub actor: String,
        pub elsewhere_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod refund_elsewhere {
    //! A refund that was made at a processor and not from here.

    use sea_orm::entity::prelude::*;

    use crate::ids::PaymentKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refunds_elsewhere")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub processor: String,
        /// The processor's number of it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub reference: String,
        pub payment: PaymentKey,
        pub minor: i64,
        pub currency: String,
        pub made: i64,
        /// The attempt at a refund from here that it was taken for.
        pub in_place_of: Option<i32>,
        /// Whether the money did not go back.
        pub is_failed: bool,
        /// Whether staff were told of it as it is.
        pub is_told: bool,
        /// Whether it was decided if the subscription still renews.
        pub is_followed: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod dispute {
    //! A dispute about a payment.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PaymentKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "disputes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub processor: String,
        /// The processor's number of it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub reference: String,
        pub payment: PaymentKey,
        pub account: Option<AccountKey>,
        pub minor: i64,
        pub currency: String,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub status: String,
        pub opened: i64,
        /// Null if no evidence is asked for.
        pub evidence_due: Option<i64>,
        /// Whether staff were told of it as it is.
        pub is_told: bool,
        /// The number of the question that it is the answer to.
        pub asked: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod subscription_change {
    //! What happened to a subscription.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subscription_changes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub subscription: SubscriptionKey,
        pub at: i64,
        pub actor: String,
        pub what: String,
        pub before: String,
        pub after: String,
        pub done_by: Option<AccountKey>,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod offer_redemption {
    //! The redemptions of an offer.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "offer_redemptions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub offer: String,
        pub number: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod charge {
    //! An order and its answer.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "charges")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub account: Option<AccountKey>,
        pub reference: String,
        pub paid: bool,
        pub open: bool,
        pub subscription: Option<SubscriptionKey>,
        pub minor: Option<i64>,
        pub currency: String,
        pub due: Option<i64>,
        pub retry_at: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub plan: String,
        /// Whether staff ordered it for the reader.
        pub by_staff: bool,
        /// Who did; null once their account is deleted.
        pub ordered_by: Option<AccountKey>,
        /// The change of plan that it pays for, as JSON; empty for other orders.
        #[sea_orm(column_type = "Text")]
        pub agreed: String,
        /// When it was given first; null for orders of earlier versions, and for answers of the sandbox.
        pub asked: Option<i64>,
        /// The reason they gave.
        #[sea_orm(column_type = "Text")]
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod reconciliation {
    //! The result of a reconciliation.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reconciliations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub mismatches: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod webhook {
    //! A webhook that was handled.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhooks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod checkout_delivery {
    //! The delivery address that was entered at a checkout.

    use sea_orm::entity::prelude::*;

    use crate::ids::AccountKey;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkout_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub checkout: String,
        pub account: AccountKey,
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub lines: String,
        pub entered: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod withdrawal {
    //! A declaration of withdrawal from the contract of a subscription.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, SubscriptionKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "withdrawals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subscription: SubscriptionKey,
        pub account: AccountKey,
        pub at: i64,
        pub name: String,
        pub email: String,
        pub way: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod invoice_recipient {
    //! To whom a payment was invoiced.

    use sea_orm::entity::prelude::*;

    use crate::ids::{AccountKey, PaymentKey};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invoice_recipients")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment: PaymentKey,
        pub account: AccountKey,
        pub name: String,
        pub email: String,
        #[sea_orm(column_type = "Text")]
        pub lines: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
