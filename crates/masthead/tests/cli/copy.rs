//! A restored copy with a renewal that is due, and a payment processor that counts what it is asked.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::token::Keyring;
use masthead_circulation::{
    BillingInterval, Channel, Mandate, Money, PaidTime, State, Subscription, SubscriptionId, Terms,
    Unit,
};
use masthead_store::{Location, Store};
use masthead_test_support::postgres;

use crate::workshop::{Server, Workshop};

/// A processor that refuses everything, and counts.
struct Processor {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Processor {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(
                    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A subscription to a card at the processor, whose paid year has just ended.
fn due(account: masthead_circulation::AccountId) -> (Subscription, Option<Timestamp>) {
    let through = Timestamp::now() - SignedDuration::from_secs(1);
    let from = through - SignedDuration::from_hours(365 * 24);
    let amount = Money::of(9000, "EUR".parse().expect("a currency"));
    let terms = Terms {
        product: "web".to_owned(),
        name: "The Paper online".to_owned(),
        channels: vec![Channel::Web],
        price: "web-yearly".to_owned(),
        offer: None,
        introduction: None,
        amount,
        every: BillingInterval::one(Unit::Year),
    };
    let mandate =
        Mandate { processor: "stripe".to_owned(), reference: "cus_1/pm_1".to_owned(), card: None };
    let subscription = Subscription {
        id: SubscriptionId::UNSTORED,
        account,
        terms,
        begun: from,
        anchor: through,
        paid: Some(PaidTime { amount, from, through }),
        refunds_deducted: 0,
        state: State::Active { through },
        mandate,
        notified: masthead_circulation::NotificationsSent::default(),
        version: 0,
    };
    let due = subscription.due(&TimeZone::UTC).map(|(when, _)| when);
    (subscription, due)
}

/// A publication with a renewal that is due, and a processor.
async fn paper(processor: &Processor) -> Workshop {
    let workshop = Workshop::that_sells();
    let keys = format!(
        "stripe_key = \"sk_test_1\"\nwebhook_secret = \"whsec_1\"\napi = \"http://{}\"",
        processor.address
    );
    workshop.configure("sandbox = true", &keys);
    workshop.does(&["publish", "first-article.md"]);
    let text = std::fs::read_to_string(workshop.path("data/keys")).expect("keys");
    let location = Location::Sqlite(workshop.path("data/masthead.db"));
    let store = Store::open_existing(&location).await.expect("a database");
    let store = store.with_keys(&Keyring::parse(&text).expect("keys"));
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = store.register(&email, Timestamp::now()).await.expect("registered");
    store.import_subscriptions(&[due(account.id)]).await.expect("taken in");
    workshop
}

async fn charged_only_once_activated(database: Option<String>) {
    let processor = Processor::start();
    let workshop = paper(&processor).await;
    workshop.does(&["backup", "paper.tar.zst"]);
    let new: PathBuf = workshop.path("new");
    let mut place = vec!["--dir", new.to_str().expect("UTF-8")];
    if let Some(database) = &database {
        place.extend(["--database", database]);
    }
    let at = |rest: &[&'static str]| [place.clone(), rest.to_vec()].concat();
    workshop.does(&at(&["restore", "paper.tar.zst"]));
    let serve = || Server::start(workshop.command(&at(&["serve", "--listen", "127.0.0.1:0"])));

    let copy = serve();
    // Renewals are looked for each second.
    thread::sleep(Duration::from_secs(4));
    assert!(copy.get("/readyz").contains("restored copy"));
    drop(copy);
    workshop.run(&at(&["reconcile"]));
    assert_eq!(processor.asked(), 0, "a copy has asked the processor");

    workshop.does(&at(&["activate"]));
    let _server = serve();
    let begun = Instant::now();
    while processor.asked() == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "the renewal is never collected");
        thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_copy_on_sqlite_charges_nobody_who_is_due() {
    charged_only_once_activated(None).await;
}

#[tokio::test]
async fn a_copy_on_postgresql_charges_nobody_who_is_due() {
    charged_only_once_activated(Some(postgres::database())).await;
}

#[test]
fn commands_that_send_email_or_charge_say_that_this_is_a_copy() {
    let workshop = Workshop::that_sells();
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--invoice"]);
    workshop.does(&["backup", "paper.tar.zst"]);
    workshop.does(&["--dir", "new", "restore", "paper.tar.zst"]);
    let commands: [&[&str]; 4] = [
        &["subscription", "begin", "bo@example.org", "web-yearly", "--invoice"],
        &["subscription", "paid", "S-1", "--ahead"],
        &["outbox", "--retry"],
        &["reconcile"],
    ];
    let remedy = format!("--dir {} activate", workshop.path("new").display());
    for command in commands {
        let said = workshop.run(&[&["--dir", "new"], command].concat());
        assert!(said.good, "{command:?}: {}", said.err);
        assert!(said.err.contains("this is a restored copy"), "{command:?}: {}", said.err);
        assert!(said.err.contains(&remedy), "{command:?}: {}", said.err);
    }
    workshop.does(&["--dir", "new", "activate"]);
    let said = workshop.run(&["--dir", "new", "outbox", "--retry"]);
    assert!(!said.err.contains("copy"), "{}", said.err);
}

#[test]
fn doctor_says_what_a_restored_copy_does_not_do() {
    let workshop = Workshop::that_sells();
    workshop.does(&["migrate"]);
    workshop.configure("http://localhost:8080", "https://paper.example");
    workshop.configure("# acme = true", "acme = true");
    workshop.configure("# acme_terms_agreed", "acme_terms_agreed");
    let original = workshop.run(&["doctor"]).out;
    assert!(original.contains("the server orders one when it starts"), "{original}");
    assert!(original.contains("readers pay at the sandbox"), "{original}");
    workshop.does(&["backup", "paper.tar.zst"]);
    workshop.does(&["--dir", "new", "restore", "paper.tar.zst"]);
    let copy = workshop.run(&["--dir", "new", "doctor"]).out;
    assert!(copy.contains("a restored copy orders none"), "{copy}");
    assert!(copy.contains("charges nobody, sells nothing and sends no mail"), "{copy}");
    assert!(!copy.contains("orders one when") && !copy.contains("readers pay"), "{copy}");
    workshop.does(&["--dir", "new", "activate"]);
    let activated = workshop.run(&["--dir", "new", "doctor"]).out;
    assert!(activated.contains("the server orders one when it starts"), "{activated}");
    assert!(!activated.contains("restored copy"), "{activated}");
}
