//! A publication to bill for: readers with subscriptions, a clock that the test sets, and emails that can
//! be counted.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::token::Keyring;
use masthead_billing::{Billing, EmailError, PublicationView, SubscriptionNews};
use masthead_circulation::{
    Account, AccountId, Card, Channel, Checkout, Digest, EmailAddress, Money, PaidTime, Payment,
    PaymentStatus, Progress, Purpose, State, Subscription, SubscriptionId, Terms,
};
use masthead_store::{Email, EmailBody, Location, Store, StoreError};

use crate::bank::{Bank, NAME, mandate};

/// A publication and its bank.
pub struct World {
    pub store: Store,
    pub bank: Arc<Bank>,
    pub billing: Arc<Billing>,
    now: Arc<Mutex<Timestamp>>,
}

/// A publication that sells two prices.
struct View;

pub fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

pub fn start() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

pub fn terms(price: &str, minor: u64, every: &str) -> Terms {
    Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web],
        price: price.into(),
        offer: None,
        introduction: None,
        amount: usd(minor),
        every: every.parse().expect("an interval"),
    }
}

pub fn monthly() -> Terms {
    terms("web-monthly", 1200, "1 month")
}

#[async_trait]
impl PublicationView for View {
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn grace(&self) -> SignedDuration {
        SignedDuration::from_hours(14 * 24)
    }

    fn terms(&self, price: &str) -> Option<Terms> {
        match price {
            "web-monthly" => Some(monthly()),
            "web-yearly" => Some(terms(price, 12000, "1 year")),
            "web-plus" => Some(terms(price, 2000, "1 month")),
            _ => None,
        }
    }

    fn prices(&self) -> Vec<String> {
        vec!["web-monthly".into(), "web-yearly".into(), "web-plus".into()]
    }

    fn card_words(&self, card: &Card) -> String {
        card.last4.clone()
    }

    fn compose(&self, to: &EmailAddress, news: &SubscriptionNews<'_>) -> Result<Email, EmailError> {
        let amount = news.payment.map(|payment| payment.amount.to_string()).unwrap_or_default();
        Ok(Email {
            to: to.clone(),
            account: Some(news.subscription.account),
            kind: news.email.name().to_owned(),
            subject: news.email.name().to_owned(),
            body: EmailBody { text: amount.clone(), html: amount },
            useful_for: None,
        })
    }

    async fn account_changed(&self, _: AccountId) -> Result<(), StoreError> {
        Ok(())
    }

    fn outbox_filled(&self) {}

    async fn count_purchase(&self, _: &Checkout) -> Box<dyn FnOnce(bool) + Send> {
        Box::new(|_| {})
    }

    async fn flush_reads(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn reload_accounts(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl World {
    pub async fn open(location: &Location) -> Self {
        let keys = Keyring::generate(&mut rand::rng());
        let store = Store::open(location).await.expect("a database").with_keys(&keys);
        let bank = Arc::new(Bank::default());
        let now = Arc::new(Mutex::new(start()));
        let billing = billing(&store, &bank, &now);
        Self { store, bank, billing, now }
    }

    /// Another server of the same publication.
    pub fn another_node(&self) -> Arc<Billing> {
        billing(&self.store, &self.bank, &self.now)
    }

    pub fn now(&self) -> Timestamp {
        *self.now.lock().expect("a clock")
    }

    pub fn pass(&self, time: SignedDuration) {
        let mut now = self.now.lock().expect("a clock");
        *now += time;
    }

    pub async fn reader(&self, name: &str) -> Account {
        let email = format!("{name}@example.org").parse().expect("an address");
        self.store.register(&email, self.now()).await.expect("registered").0
    }

    /// Readers with a subscription whose paid month ends now.
    pub async fn due_readers(&self, count: usize) -> Vec<Subscription> {
        let mut all = Vec::new();
        for number in 0..count {
            all.push(self.subscriber(&format!("reader{number}"), self.now()).await);
        }
        all
    }

    /// A reader with a month that is paid for up to `through`.
    pub async fn subscriber(&self, name: &str, through: Timestamp) -> Subscription {
        let reader = self.reader(name).await;
        let from = through - SignedDuration::from_hours(30 * 24);
        let paid = Some(PaidTime { amount: usd(1200), from, through });
        let subscription = Subscription {
            id: SubscriptionId::UNSTORED,
            account: reader.id,
            terms: monthly(),
            begun: from,
            anchor: through,
            paid,
            state: State::Active { through },
            mandate: mandate("card"),
            notified: masthead_circulation::NotificationsSent::default(),
            version: 0,
        };
        let due = subscription.due(&TimeZone::UTC).map(|(when, _)| when);
        self.store.import_subscriptions(&[(subscription, due)]).await.expect("taken in");
        self.store.subscriptions_of(reader.id).await.expect("read").remove(0)
    }

    pub async fn latest(&self, id: SubscriptionId) -> Subscription {
        self.store.subscription(id).await.expect("read").expect("there")
    }

    pub async fn payments(&self) -> Vec<Payment> {
        self.store.payments_after(0, 10_000).await.expect("read")
    }

    pub async fn emails(&self, kind: &str) -> usize {
        let emails = self.store.emails(10_000).await.expect("read");
        emails.iter().filter(|entry| entry.kind == kind).count()
    }

    /// A checkout for another card of a subscription, and for `amount` of what is due.
    pub async fn card_checkout(&self, held: &Subscription, key: u8, amount: Money) -> Checkout {
        let checkout = Checkout {
            key: Digest([key; 32]),
            account: Some(held.account),
            purpose: Purpose::UpdateCard(held.id),
            terms: held.terms.clone(),
            amount,
            begun: self.now(),
            from: "/account".into(),
            trial: String::new(),
            processor: NAME.into(),
            reference: String::new(),
            progress: Progress::Open,
        };
        assert!(self.store.begin_checkout(&checkout, None).await.expect("begun"));
        checkout
    }

    /// Everything that was interrupted is taken up.
    pub async fn sweep(&self) {
        self.pass(SignedDuration::from_mins(61));
        self.billing.sweep_orders().await.expect("swept");
        self.billing.sweep_checkouts().await.expect("swept");
    }

    /// Every collected charge has a payment of its amount, which a subscription goes on for, with a
    /// receipt, or which waits for staff, with an email that says so.
    pub async fn assert_accounted_for(&self) {
        let charges = self.bank.charges();
        let payments = self.payments().await;
        for (key, amount) in &charges {
            let payment = payments.iter().find(|payment| payment.source.to_string() == *key);
            let payment = payment.unwrap_or_else(|| panic!("{key} was collected and not recorded"));
            assert_eq!(payment.amount, *amount, "{key}");
        }
        assert_eq!(payments.len(), charges.len(), "a payment that nobody collected");
        let count = |status| payments.iter().filter(|payment| payment.status == status).count();
        let (applied, pending) =
            (count(PaymentStatus::Applied), count(PaymentStatus::RefundPending));
        assert_eq!(applied + pending, payments.len(), "{payments:?}");
        assert_eq!(self.emails("receipt").await, applied);
        assert_eq!(self.emails("payment_unused").await, pending);
        let found = self.billing.reconcile().await.expect("compared");
        assert_eq!(found.mismatches, [], "{found:?}");
    }
}

fn billing(store: &Store, bank: &Arc<Bank>, now: &Arc<Mutex<Timestamp>>) -> Arc<Billing> {
    let clock = Arc::clone(now);
    let clock = Arc::new(move || *clock.lock().expect("a clock"));
    let processor = Some(Arc::clone(bank) as _);
    Arc::new(Billing::new(store.clone(), processor, Arc::new(View), clock).expect("billing"))
}
