//! What is stored about an account that no page shows, for the download of everything (GDPR, article 15). Secrets and digests of
//! them are left out: they say nothing about anybody.

use jiff::{SignedDuration, Timestamp};
use masthead_access::Read;
use masthead_circulation::{Account, Checkout, Money, SubscriptionId};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::IntoCondition,
};

use crate::{
    OutboxEntry, Store, StoreError, account_reads, checkouts,
    former_readers::times,
    ids::Key,
    outbox,
    records::{
        account, account_read, address_change, app_request, authenticator, charge, checkout,
        invitation, kept_form, known_device, outbox_entry, recovery_code, sign_in_request,
    },
    time,
};

/// How long before its registration an account may have been written to: the link to register with is valid for less.
const BEFORE_REGISTRATION: SignedDuration = SignedDuration::from_hours(24);

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTraces {
    /// Checkouts, the latest first.
    pub checkouts: Vec<Checkout>,
    /// Orders to payment processors.
    pub orders: Vec<AccountOrder>,
    /// Emails, the latest first.
    pub emails: Vec<OutboxEntry>,
    /// When the reader has last signed in on each device that is recognised.
    pub devices: Vec<Timestamp>,
    /// Requests that were not carried out yet.
    pub requests: Vec<PendingRequest>,
    /// When an authenticator app was added, if there is one.
    pub authenticator: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: u64,
    /// When the meter was last reset, if it was.
    pub meter_reset: Option<Timestamp>,
    /// Whether the address has had a subscription under an earlier account.
    pub had_subscription: bool,
    /// The numbers of the subscriptions of earlier accounts whose invoices are unpaid.
    pub debts: Vec<SubscriptionId>,
    /// Articles that the meter has counted, also before its last reset.
    pub reads: Vec<Read>,
    /// When the meter of an earlier account with this address has counted an article.
    pub former_reads: Vec<Timestamp>,
}

/// An order to a payment processor, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOrder {
    /// The processor's number of the payment; empty if there is none.
    pub reference: String,
    /// How much; `None` if an earlier version gave the order.
    pub amount: Option<Money>,
    /// Whether it was paid.
    pub is_paid: bool,
}

/// A request that was not carried out yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    /// What is asked for, in a word.
    pub kind: &'static str,
    /// What it is about: an address, the name of an app, a page or a role.
    pub about: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Store {
    /// Returns what is stored about an account that no page shows.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or holds something that cannot be read.
    #[tracing::instrument(skip_all)]
    pub async fn traces_of(&self, account: &Account) -> Result<AccountTraces, StoreError> {
        let profile = self.account_profile(account.id).await?;
        let has_reset = profile.meter_reset != 0;
        Ok(AccountTraces {
            checkouts: self.checkouts_by(account).await?,
            orders: self.orders_of(account).await?,
            emails: self.emails_of(account).await?,
            devices: self.devices_of(account).await?,
            requests: self.requests_of(account).await?,
            authenticator: self.authenticator_added(account).await?,
            recovery_codes: recovery_code::Entity::find()
                .filter(recovery_code::Column::Account.eq(Key(account.id)))
                .count(&self.database)
                .await?,
            meter_reset: has_reset.then(|| time(profile.meter_reset)),
            had_subscription: profile.had_subscription,
            debts: self.debts_of(account.id).await?,
            reads: self.stored_reads_of(account).await?,
            former_reads: self.former_reads_of(account).await?,
        })
    }

    async fn stored_reads_of(&self, account: &Account) -> Result<Vec<Read>, StoreError> {
        let rows = account_read::Entity::find()
            .filter(account_read::Column::Account.eq(Key(account.id)))
            .order_by_asc(account_read::Column::At)
            .order_by_asc(account_read::Column::Article)
            .all(&self.database)
            .await?;
        Ok(rows.iter().map(account_reads::read).collect())
    }

    async fn former_reads_of(&self, account: &Account) -> Result<Vec<Timestamp>, StoreError> {
        let row = account::Entity::find_by_id(Key(account.id)).one(&self.database).await?;
        let reads = row.map(|row| times(&row.former_reads)).unwrap_or_default();
        Ok(reads.into_iter().map(|at| time(i64::from(at))).collect())
    }

    async fn checkouts_by(&self, account: &Account) -> Result<Vec<Checkout>, StoreError> {
        let rows = checkout::Entity::find()
            .filter(checkout::Column::Account.eq(Key(account.id)))
            .order_by_desc(checkout::Column::Begun)
            .all(&self.database)
            .await?;
        rows.into_iter().map(checkouts::read).collect()
    }

    async fn orders_of(&self, account: &Account) -> Result<Vec<AccountOrder>, StoreError> {
        let rows = charge::Entity::find()
            .filter(charge::Column::Account.eq(Key(account.id)))
            .order_by_asc(charge::Column::Due)
            .order_by_asc(charge::Column::Key)
            .all(&self.database)
            .await?;
        let order = |row: charge::Model| {
            let amount = match (row.minor, row.currency.parse()) {
                (Some(minor), Ok(currency)) => Some(Money::of(minor.unsigned_abs(), currency)),
                _ => None,
            };
            AccountOrder { reference: row.reference, amount, is_paid: row.paid }
        };
        Ok(rows.into_iter().map(order).collect())
    }

    /// The emails to an account. Those that name none were sent to its address, which may have been somebody else's before it
    /// was registered.
    async fn emails_of(&self, account: &Account) -> Result<Vec<OutboxEntry>, StoreError> {
        let since = account.registered - BEFORE_REGISTRATION;
        let to_address = outbox_entry::Column::Account
            .is_null()
            .and(outbox_entry::Column::Recipient.eq(account.email.as_str()))
            .and(outbox_entry::Column::Written.gte(since.as_second()));
        let rows = outbox_entry::Entity::find()
            .filter(outbox_entry::Column::Account.eq(Key(account.id)).or(to_address))
            .order_by_desc(outbox_entry::Column::Id)
            .all(&self.database)
            .await?;
        rows.into_iter().map(outbox::read).collect()
    }

    async fn devices_of(&self, account: &Account) -> Result<Vec<Timestamp>, StoreError> {
        let seen: Vec<i64> = known_device::Entity::find()
            .select_only()
            .column(known_device::Column::Seen)
            .filter(known_device::Column::Account.eq(Key(account.id)))
            .order_by_asc(known_device::Column::Seen)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(seen.into_iter().map(time).collect())
    }

    async fn requests_of(&self, account: &Account) -> Result<Vec<PendingRequest>, StoreError> {
        use address_change::Column as Change;
        use app_request::Column as App;
        use invitation::Column as Invited;
        use kept_form::Column as Form;
        use sign_in_request::Column as SignIn;
        let (id, email) = (Key(account.id), account.email.as_str());
        let own = [
            self.requests("sign-in", [SignIn::CameFrom, SignIn::Asked], SignIn::Email.eq(email))
                .await?,
            self.requests("address-change", [Change::Email, Change::Asked], Change::Account.eq(id))
                .await?,
            self.requests("app", [App::Name, App::Asked], App::Account.eq(id)).await?,
            self.requests("form", [Form::Path, Form::At], Form::Account.eq(id)).await?,
            self.requests("invitation", [Invited::Role, Invited::At], Invited::Email.eq(email))
                .await?,
        ];
        Ok(own.concat())
    }

    /// The requests of a table that fulfil a condition, with the columns of what they are about and when they were made.
    async fn requests<C>(
        &self,
        kind: &'static str,
        columns: [C; 2],
        condition: impl IntoCondition,
    ) -> Result<Vec<PendingRequest>, StoreError>
    where
        C: ColumnTrait,
        C::EntityName: EntityTrait,
    {
        let rows: Vec<(String, i64)> = C::EntityName::find()
            .select_only()
            .columns(columns)
            .filter(condition)
            .into_tuple()
            .all(&self.database)
            .await?;
        let request = |(about, at)| PendingRequest { kind, about, at: time(at) };
        Ok(rows.into_iter().map(request).collect())
    }

    async fn authenticator_added(
        &self,
        account: &Account,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = authenticator::Entity::find_by_id(Key(account.id)).one(&self.database).await?;
        Ok(row.map(|row| time(row.added)))
    }
}
