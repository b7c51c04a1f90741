//! Readers, subscriptions and payments as tables: for the page of exports and for the command line.

use jiff::Timestamp;
use masthead_circulation::{
    Account, DeliveryAddress, Dispute, Money, Payment, PaymentNumber, Refund, State, Subscription,
};
use masthead_store::{Store, StoreError};

/// The number of rows read at once.
const BATCH: u64 = 1000;

type Row = Vec<String>;

/// A table that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportTable {
    /// All accounts.
    Readers,
    /// Their subscriptions and states.
    Subscriptions,
    /// Their payments.
    Payments,
}

impl ExportTable {
    /// What the audit log calls it.
    pub fn audit_name(self) -> &'static str {
        match self {
            Self::Readers => "all readers",
            Self::Subscriptions => "all subscriptions",
            Self::Payments => "all payments",
        }
    }

    /// The names of its columns, which are the same in every language.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Readers => &["number", "email", "name", "registered"],
            Self::Subscriptions => &[
                "number",
                "reader",
                "product",
                "price",
                "offer",
                "amount",
                "currency",
                "every",
                "state",
                "until",
                "begun",
                "paid_by",
                "deliver_to",
            ],
            Self::Payments => &[
                "invoice",
                "reader",
                "subscription",
                "what",
                "amount",
                "currency",
                "paid",
                "from",
                "through",
                "card",
                "paid_back",
                "net",
                "tax",
                "tax_rate",
                "disputed",
                "dispute",
            ],
        }
    }

    /// Returns the rows after the one with the number `after`, each with its number; none after the last.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn rows_after(
        self,
        store: &Store,
        after: u32,
    ) -> Result<Vec<(u32, Row)>, StoreError> {
        Ok(match self {
            Self::Readers => {
                let accounts = store.accounts_after(after, BATCH).await?;
                accounts.into_iter().map(|account| (account.id.0, reader(account))).collect()
            }
            Self::Subscriptions => {
                let found = store.subscriptions_after(after, BATCH).await?;
                let readers: Vec<_> = found
                    .iter()
                    .filter(|found| found.terms.is_delivered())
                    .map(|found| found.account)
                    .collect();
                let addresses = store.delivery_addresses(&readers).await?;
                let row = |found: Subscription| {
                    let address = addresses.get(&found.account);
                    let address = address.filter(|_| found.terms.is_delivered());
                    (found.id.0, subscription(&found, address))
                };
                found.into_iter().map(row).collect()
            }
            Self::Payments => {
                let found = store.payments_after(PaymentNumber(after), BATCH).await?;
                let numbers: Vec<_> = found.iter().map(|found| found.number).collect();
                let refunds = store.refunds_of_payments(&numbers).await?;
                let disputes = store.disputes_of_payments(&numbers).await?;
                let row = |found: Payment| (found.number.0, payment(found, &refunds, &disputes));
                found.into_iter().map(row).collect()
            }
        })
    }
}

fn reader(account: Account) -> Row {
    let Account { id, email, name, registered, .. } = account;
    vec![id.0.to_string(), email.as_str().to_owned(), name, registered.to_string()]
}

fn subscription(subscription: &Subscription, address: Option<&DeliveryAddress>) -> Row {
    let terms = &subscription.terms;
    let until = match subscription.state {
        State::Trial { ends, .. } | State::Grace { ends, .. } | State::Cancelling { ends, .. } => {
            ends
        }
        State::Active { through } => through,
        State::Paused { until, .. } => until,
        State::Ended { at, .. } => at,
    };
    vec![
        subscription.id.0.to_string(),
        subscription.account.0.to_string(),
        terms.product.clone(),
        terms.price.clone(),
        terms.offer.clone().unwrap_or_default(),
        terms.amount.decimal(),
        terms.amount.currency().code().to_owned(),
        terms.every.to_string(),
        subscription.state.name().to_owned(),
        until.to_string(),
        subscription.begun.to_string(),
        subscription.mandate.processor.clone(),
        address.map(DeliveryAddress::in_one_line).unwrap_or_default(),
    ]
}

fn payment(payment: Payment, refunds: &[Refund], disputes: &[Dispute]) -> Row {
    // What the bank has, or has given to the reader; and what has become of the latest dispute.
    let taken = Dispute::taken_of(&payment, disputes);
    let latest = disputes
        .iter()
        .filter(|dispute| dispute.payment == payment.number)
        .max_by_key(|dispute| dispute.opened);
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    let refunded = refund.map(Refund::refunded).filter(|refunded| !refunded.is_zero());
    let at = |at: Timestamp| at.to_string();
    let taxed = payment.taxed();
    vec![
        payment.number.to_string(),
        payment.account.map(|id| id.0.to_string()).unwrap_or_default(),
        payment.subscription.map(|id| id.0.to_string()).unwrap_or_default(),
        payment.what,
        payment.amount.decimal(),
        payment.amount.currency().code().to_owned(),
        at(payment.at),
        at(payment.from),
        at(payment.through),
        payment.card,
        refunded.map(Money::decimal).unwrap_or_default(),
        taxed.map(|taxed| taxed.net.decimal()).unwrap_or_default(),
        taxed.map(|taxed| taxed.tax.decimal()).unwrap_or_default(),
        payment.tax.map(|rate| rate.to_string()).unwrap_or_default(),
        if taken.is_zero() { String::new() } else { taken.decimal() },
        latest.map(|dispute| dispute.status.name().to_owned()).unwrap_or_default(),
    ]
}
