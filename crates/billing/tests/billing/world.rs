//! A publication to bill for: readers with subscriptions, a clock that the test sets, and emails that can
//! be counted.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Policy,
    message::{Locale, Messages},
    robots::Crawlers,
    token::Keyring,
};
use masthead_billing::{Billing, PublicationServices};
use masthead_circulation::{
    Account, Actor, AddressMove, Catalogue, Channel, Checkout, Digest, EmailAddress, Introduction,
    MANUAL, Mandate, Money, Offer, OfferAudience, PaidTime, Payment, PaymentNumber, PaymentStatus,
    Price, Product, Progress, Purpose, Secret, State, Subscription, SubscriptionId, Terms,
};
use masthead_editorial::{Menus, SlugScript, TeaserLength};
use masthead_payments::SandboxAccess;
use masthead_publication::{AccountCache, AudienceCounters, Live, Publication, StartSettings};
use masthead_store::{AddressChangeResult, Location, Store, SubscriptionChange};
use tokio::runtime::Handle;

use crate::bank::{Bank, NAME, mandate};

/// A publication and its bank.
pub struct World {
    pub store: Store,
    pub bank: Arc<Bank>,
    pub billing: Arc<Billing>,
    /// Whether this server's clock has jumped.
    pub has_jumped: Arc<AtomicBool>,
    keys: Keyring,
    now: Arc<Clock>,
}

/// A clock that the test sets. It moves by itself if it ticks: then no two instants are the same.
struct Clock {
    now: Mutex<Timestamp>,
    ticks: AtomicBool,
    interference: Mutex<Option<Interference>>,
}

/// Somebody else's change, made whenever the clock is looked at: between what billing reads and what it writes.
type Interference = Arc<dyn Fn() + Send + Sync>;

impl Clock {
    fn now(&self) -> Timestamp {
        let interference = self.interference.lock().expect("a clock").clone();
        if let Some(interfere) = interference {
            interfere();
        }
        let mut now = self.now.lock().expect("a clock");
        if self.ticks.load(Ordering::SeqCst) {
            *now += SignedDuration::from_millis(1);
        }
        *now
    }
}

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

/// Terms of the offer "winter", for new readers, with this first payment.
pub fn winter(first: u64) -> Terms {
    let introduction = Introduction {
        amount: usd(first),
        lasts: "3 months".parse().expect("a length"),
        card: true,
    };
    Terms { offer: Some("winter".into()), introduction: Some(introduction), ..monthly() }
}

pub fn monthly() -> Terms {
    terms("web-monthly", 1200, "1 month")
}

/// What the publication sells: one product at three prices, and an offer for new readers.
fn catalogue() -> Catalogue {
    let product = Product {
        slug: "web".into(),
        name: "Web".into(),
        description: String::new(),
        channels: vec![Channel::Web],
        recommended: false,
        tax: None,
        benefits: Vec::new(),
    };
    let price = |terms: Terms| Price {
        slug: terms.price,
        product: terms.product,
        amount: terms.amount,
        every: terms.every,
    };
    let yearly = terms("web-yearly", 12000, "1 year");
    let plus = terms("web-plus", 2000, "1 month");
    let winter = Offer {
        slug: "winter".into(),
        name: String::new(),
        price: "web-monthly".into(),
        introduction: winter(900).introduction.expect("an introduction"),
        audience: OfferAudience::New,
        ends: None,
        limit: None,
    };
    Catalogue::new(vec![product], [monthly(), yearly, plus].map(price).into(), vec![winter])
        .expect("a catalogue")
}

fn publication() -> Publication {
    Publication {
        desk_versions: masthead_publication::publication::DeskVersions::default(),
        name: "The Paper".to_owned(),
        tagline: String::new(),
        address: "http://paper.example".to_owned(),
        locale: Locale::new("en").expect("a locale").into(),
        slugs: SlugScript::Latin,
        policy: Policy::new(TimeZone::UTC),
        messages: Messages::default(),
        own_messages: Vec::new(),
        experiment: None,
        sections: Vec::new(),
        menus: Menus::default(),
        topics: Vec::new(),
        fronts: Vec::new(),
        strips: Vec::new(),
        breaking: None,
        teaser: TeaserLength::Paragraphs(2),
        crawlers: Crawlers::new(Vec::new()),
        http: masthead_publication::HttpSettings::default(),
        is_demo: false,
        sales: masthead_publication::Sales::Open,
        catalogue: catalogue(),
        grace: SignedDuration::from_hours(14 * 24),
        addresses: masthead_publication::publication::AddressRules::default(),
        withdrawal: masthead_circulation::WithdrawalPeriod::default(),
        cancels_at_once: false,
        seller: String::new(),
        transfer: String::new(),
        includes_tax: false,
        accent: None,
        logo: None,
        retention: masthead_publication::publication::RetentionSettings::default(),
        backups: masthead_publication::publication::BackupSettings::default(),
    }
}

impl World {
    pub async fn open(location: &Location) -> Self {
        let keys = Keyring::generate(&mut rand::rng());
        let store = Store::open(location).await.expect("a database").with_keys(&keys);
        let bank = Arc::new(Bank::default());
        let now = Arc::new(Clock {
            now: Mutex::new(start()),
            ticks: AtomicBool::new(false),
            interference: Mutex::default(),
        });
        let billing = server(&store, &keys, &bank, &now, SignedDuration::ZERO).await;
        let has_jumped: Arc<AtomicBool> = Arc::default();
        let jumped = Arc::clone(&has_jumped);
        billing.set_charge_check(Box::new(move || !jumped.load(Ordering::SeqCst)));
        Self { store, bank, billing, has_jumped, keys, now }
    }

    /// Another server of the same publication.
    pub async fn another_node(&self) -> Arc<Billing> {
        self.node_ahead(SignedDuration::ZERO).await
    }

    /// Another server, whose clock is ahead.
    pub async fn node_ahead(&self, ahead: SignedDuration) -> Arc<Billing> {
        server(&self.store, &self.keys, &self.bank, &self.now, ahead).await
    }

    pub fn now(&self) -> Timestamp {
        self.now.now()
    }

    /// From now on the clock moves whenever somebody looks at it.
    pub fn tick(&self) {
        self.now.ticks.store(true, Ordering::SeqCst);
    }

    /// From now on somebody else changes a subscription before whatever billing does with it is stored.
    pub fn interfere(&self, id: SubscriptionId) {
        let (store, now) = (self.store.clone(), self.now());
        let change = Arc::new(move || {
            let changing = touch(&store, id, now);
            tokio::task::block_in_place(|| Handle::current().block_on(changing));
        });
        *self.now.interference.lock().expect("a clock") = Some(change);
    }

    /// Has something happen when the clock is looked at for the `look`th time from now, before it says what the time is.
    pub fn at_look(&self, look: usize, happen: impl Fn() + Send + Sync + 'static) {
        let looks = AtomicUsize::new(0);
        let count = move || {
            if looks.fetch_add(1, Ordering::SeqCst) + 1 == look {
                happen();
            }
        };
        *self.now.interference.lock().expect("a clock") = Some(Arc::new(count));
    }

    /// Nobody else changes anything from now on.
    pub fn stop_interfering(&self) {
        *self.now.interference.lock().expect("a clock") = None;
    }

    pub fn pass(&self, time: SignedDuration) {
        let mut now = self.now.now.lock().expect("a clock");
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
        self.subscriber_with(name, through, mandate("card")).await
    }

    /// The same, paying in this way.
    pub async fn subscriber_with(
        &self,
        name: &str,
        through: Timestamp,
        mandate: Mandate,
    ) -> Subscription {
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
            refunds_deducted: 0,
            state: State::Active { through },
            mandate,
            notified: masthead_circulation::NotificationsSent::default(),
            version: 0,
        };
        let due = subscription.due(&TimeZone::UTC).map(|(when, _)| when);
        self.store.import_subscriptions(&[(subscription, due)]).await.expect("taken in");
        self.store.subscriptions_of(reader.id).await.expect("read").remove(0)
    }

    /// A reader changes their address, which both addresses have confirmed.
    pub async fn take_address(&self, reader: &Account, email: &EmailAddress) {
        let request = AddressMove {
            from_old: Secret::generate(&mut rand::rng()).digest(),
            from_new: Secret::generate(&mut rand::rng()).digest(),
            account: reader.id,
            email: email.clone(),
            asked: self.now(),
            old_agrees: true,
            new_agrees: true,
        };
        self.store.create_address_change(&request).await.expect("stored");
        let changed = self.store.change_address(&request, None, &[], self.now()).await;
        assert!(matches!(changed, Ok(AddressChangeResult::Changed(_))), "{changed:?}");
    }

    pub async fn latest(&self, id: SubscriptionId) -> Subscription {
        self.store.subscription(id).await.expect("read").expect("there")
    }

    pub async fn payments(&self) -> Vec<Payment> {
        self.store.payments_after(PaymentNumber(0), 10_000).await.expect("read")
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
            experiment: None,
            processor: NAME.into(),
            reference: String::new(),
            is_superseded: false,
            progress: Progress::Open,
        };
        self.store.begin_checkout(&checkout, None).await.expect("begun");
        checkout
    }

    /// A checkout of a reader for a subscription on these terms.
    pub async fn purchase(&self, reader: &Account, key: u8, terms: Terms) -> Checkout {
        self.purchase_under(reader, [key; 32], terms).await
    }

    /// The same, under this key.
    pub async fn purchase_under(&self, reader: &Account, key: [u8; 32], terms: Terms) -> Checkout {
        self.purchase_at(NAME, reader, key, terms).await
    }

    /// The same, by invoice.
    pub async fn order_by_invoice(&self, reader: &Account, key: u8, terms: Terms) -> Checkout {
        self.purchase_at(MANUAL, reader, [key; 32], terms).await
    }

    async fn purchase_at(
        &self,
        processor: &str,
        reader: &Account,
        key: [u8; 32],
        terms: Terms,
    ) -> Checkout {
        let amount = terms.first(self.now(), &TimeZone::UTC).amount;
        let checkout = Checkout {
            key: Digest(key),
            account: Some(reader.id),
            purpose: Purpose::Begin,
            terms,
            amount,
            begun: self.now(),
            from: "/".into(),
            experiment: None,
            processor: processor.into(),
            reference: String::new(),
            is_superseded: false,
            progress: Progress::Open,
        };
        self.store.begin_checkout(&checkout, None).await.expect("begun");
        checkout
    }

    /// Everything that was interrupted is taken up.
    pub async fn sweep(&self) {
        self.pass(SignedDuration::from_mins(61));
        self.billing.sweep_orders().await.expect("swept");
        self.billing.sweep_payments().await.expect("swept");
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

/// Stores a subscription as it is, so that nothing but its version changes.
async fn touch(store: &Store, id: SubscriptionId, now: Timestamp) {
    let before = store.subscription(id).await.expect("read").expect("there");
    let change = SubscriptionChange {
        due: before.due(&TimeZone::UTC).map(|(when, _)| when),
        after: before.clone(),
        before,
        actor: Actor::Calendar,
        what: "changed",
        payment: None,
        emails: Vec::new(),
    };
    store.change(&change, now).await.expect("no failure");
}

/// A server of the publication.
async fn server(
    store: &Store,
    keys: &Keyring,
    bank: &Arc<Bank>,
    now: &Arc<Clock>,
    ahead: SignedDuration,
) -> Arc<Billing> {
    let clock = Arc::clone(now);
    let clock = Arc::new(move || clock.now() + ahead);
    let start = StartSettings::check(publication(), None, now.now()).await.expect("a theme");
    let live = Live::open(start, store.clone(), 1 << 20, clock).await;
    let live = live.expect("a live state");
    let accounts = Arc::new(AccountCache::new(store.clone(), 100));
    let counters =
        AudienceCounters::new(Arc::clone(&live), Arc::clone(&accounts), store.clone(), keys);
    let services = PublicationServices {
        live,
        accounts,
        counters: Arc::new(counters),
        outbox_wakeup: Arc::default(),
    };
    let processor = Some(Arc::clone(bank) as _);
    let billing = Billing::new(store.clone(), processor, SandboxAccess::Closed, services);
    Arc::new(billing.expect("billing"))
}
