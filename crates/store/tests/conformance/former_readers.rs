//! What is kept of readers who have deleted their account or changed its address.

use jiff::{SignedDuration, tz::TimeZone};
use masthead_access::{ArticleId, Read, Reads, token::Keyring};
use masthead_circulation::{
    Account, Actor, EmailAddress, Mandate, NewPayment, PaymentSource, StaffActor, State,
    Subscription, SubscriptionId, Terms,
};
use masthead_store::{AddressChangeResult, AppliedPayment, Location, Store, SubscriptionChange};
use rand::{SeedableRng, rngs::StdRng};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    change_address, connect, keys, open,
    subscriptions::{ada, bought, now, payment, subscription},
};

on_both_engines!(
    an_address_that_registers_again_has_what_it_used,
    an_address_that_used_nothing_leaves_nothing,
    of_a_thousand_addresses_of_a_mailbox_one_has_an_introduction,
    what_was_kept_before_addresses_count_as_one_counts,
    another_address_of_a_mailbox_has_what_was_read,
    addresses_of_a_mailbox_that_leave_at_once_lose_nothing,
    the_address_of_a_mailbox_keeps_and_leaves_what_others_have_used,
    a_former_address_keeps_what_was_used_under_it,
    an_address_that_is_taken_back_counts_nothing_twice,
    brought_reads_are_forgotten_after_a_year,
    what_is_kept_names_nobody_and_is_forgotten_after_a_year,
    what_was_kept_is_found_after_any_number_of_rotations,
    what_an_earlier_version_has_kept_is_found_after_any_number_of_rotations,
    another_key_of_digests_forgets_what_was_kept,
    an_unpaid_invoice_is_remembered_after_a_deletion_until_it_is_paid,
    an_unpaid_invoice_stays_with_both_addresses_of_a_change,
    who_owes_nothing_leaves_no_debt,
    every_unpaid_invoice_of_an_address_is_remembered,
    a_card_that_pays_settles_what_an_invoice_has_left,
    a_debt_that_is_settled_while_it_moves_is_settled,
);

async fn register(store: &Store, email: &str) -> Account {
    let email: EmailAddress = email.parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0
}

/// An account with a subscription and two reads, the later now.
async fn used(store: &Store) -> Account {
    let ada = ada(store).await;
    bought(store, &ada).await;
    crate::pieces::articles(store, 3).await;
    let at = u32::try_from(now().as_second()).expect("a time");
    let reads =
        [(1, at - 100), (2, at)].map(|(article, at)| Read { article: ArticleId(article), at });
    store.save_reads(&reads.map(|read| (ada.id, read))).await.expect("kept");
    ada
}

async fn an_address_that_registers_again_has_what_it_used(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(!ada.had_subscription);
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let again = register(&store, "ada@example.org").await;
    assert!(again.had_subscription);
    assert_eq!(store.account(again.id).await.expect("read"), Some(again.clone()));
    assert!(store.account_profile(again.id).await.expect("read").had_subscription);
    // The meter goes on where it was, and nobody knows with which articles.
    let reads = store.reads_of(again.id, 0).await.expect("read");
    assert_eq!(reads.len(), 2);
    assert!(reads.iter().all(|read| read.article.0 > 1000), "{reads:?}");
    assert_eq!(store.reads_of(again.id, now().as_second()).await.expect("read").len(), 1);
    let decided = store
        .decide_on_reads(again.id, 0, &Reads::default(), |reads| {
            let before = reads.len();
            reads.insert(ArticleId(1), now());
            before
        })
        .await
        .expect("decided");
    assert_eq!((decided.0, decided.1.len()), (2, 3));
    assert_eq!(store.reads_of(again.id, 0).await.expect("read").len(), 3);
    // Once more: nothing is lost on the way.
    assert!(store.delete_account(&again, now()).await.expect("deleted"));
    let third = register(&store, "ada@example.org").await;
    assert!(third.had_subscription);
    assert_eq!(store.reads_of(third.id, 0).await.expect("read").len(), 3);
    // Staff may still give a new meter.
    let staff = masthead_circulation::StaffActor { by: None, reason: "Asked".into() };
    let later = now() + SignedDuration::from_secs(1);
    store.reset_meter(&third, &staff, later).await.expect("reset");
    assert!(store.reads_of(third.id, 0).await.expect("read").is_empty());
}

async fn of_a_thousand_addresses_of_a_mailbox_one_has_an_introduction(location: &Location) {
    let store = open(location).await;
    store.fold_addresses(true);
    let mut claimed = Vec::new();
    for chunk in 0..20 {
        let mut claims = tokio::task::JoinSet::new();
        for number in 1..=50 {
            let store = store.clone();
            let email = format!("a+{}@example.org", chunk * 50 + number);
            claims.spawn(async move {
                let email: EmailAddress = email.parse().expect("an address");
                store.claim_introduction(&email, now()).await.expect("asked").then_some(email)
            });
        }
        claimed.extend(claims.join_all().await.into_iter().flatten());
    }
    assert_eq!(claimed.len(), 1);
    // Whoever has it may ask again, and nobody else.
    assert!(store.claim_introduction(&claimed[0], now()).await.expect("asked"));
    assert!(register(&store, "a@example.org").await.had_subscription);
    assert!(!register(&store, "b@example.org").await.had_subscription);
    // While addresses count for themselves, each has its own.
    store.fold_addresses(false);
    let other = "a+0@example.org".parse().expect("an address");
    assert!(store.claim_introduction(&other, now()).await.expect("asked"));
    assert!(!register(&store, "a+0@example.org").await.had_subscription);
    // A year later it is forgotten.
    store.fold_addresses(true);
    let later = now() + SignedDuration::from_hours(366 * 24);
    for (tag, at, expected) in [(1, now(), true), (2, now(), false), (3, later, true)] {
        let email = format!("c+{tag}@example.org").parse().expect("an address");
        assert_eq!(store.claim_introduction(&email, at).await.expect("asked"), expected, "{tag}");
    }
}

async fn what_was_kept_before_addresses_count_as_one_counts(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    let second: EmailAddress = "ada+2@example.org".parse().expect("an address");
    store.fold_addresses(true);
    // Its account had begun before anything was noted.
    assert!(!store.claim_introduction(&second, now()).await.expect("asked"));
    store.fold_addresses(false);
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    store.fold_addresses(true);
    assert!(!store.claim_introduction(&second, now()).await.expect("asked"));
    assert!(register(&store, "ada+3@example.org").await.had_subscription);
}

async fn another_address_of_a_mailbox_has_what_was_read(location: &Location) {
    let store = open(location).await;
    store.fold_addresses(true);
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let reads = async |account: &Account| store.reads_of(account.id, 0).await.expect("read").len();
    let second = register(&store, "ada+2@example.org").await;
    assert_eq!((reads(&second).await, second.had_subscription), (2, true));
    // Nothing is counted twice.
    assert!(store.delete_account(&second, now()).await.expect("deleted"));
    let again = register(&store, "ada+2@example.org").await;
    assert_eq!(reads(&again).await, 2);
    let first = register(&store, "ada@example.org").await;
    assert_eq!(reads(&first).await, 2);
}

/// Accounts of these addresses, each with a read at another time.
async fn readers_with_a_read(store: &Store, emails: &[String]) -> Vec<Account> {
    let mut accounts = Vec::new();
    for (seconds, email) in (0..).zip(emails) {
        let account = register(store, email).await;
        let at = u32::try_from(now().as_second() - seconds).expect("a time");
        let read = Read { article: ArticleId(1), at };
        store.save_reads(&[(account.id, read)]).await.expect("kept");
        accounts.push(account);
    }
    accounts
}

async fn addresses_of_a_mailbox_that_leave_at_once_lose_nothing(location: &Location) {
    let store = open(location).await;
    store.fold_addresses(true);
    crate::pieces::articles(&store, 1).await;
    let emails: Vec<String> = (1..=16).map(|number| format!("a+{number}@example.org")).collect();
    let mut leaving = tokio::task::JoinSet::new();
    for account in readers_with_a_read(&store, &emails).await {
        let store = store.clone();
        leaving.spawn(async move { store.delete_account(&account, now()).await });
    }
    for left in leaving.join_all().await {
        assert!(left.expect("deleted"));
    }
    let again = register(&store, "a@example.org").await;
    assert_eq!(store.reads_of(again.id, 0).await.expect("read").len(), 16);
}

async fn the_address_of_a_mailbox_keeps_and_leaves_what_others_have_used(location: &Location) {
    let store = open(location).await;
    store.fold_addresses(true);
    crate::pieces::articles(&store, 1).await;
    let reads = async |account: &Account| store.reads_of(account.id, 0).await.expect("read").len();
    let emails = ["a@example.org", "a+1@example.org", "a+2@example.org"].map(str::to_owned);
    let accounts = readers_with_a_read(&store, &emails).await;
    // That of the mailbox leaves after another.
    assert!(store.delete_account(&accounts[1], now()).await.expect("deleted"));
    assert!(store.delete_account(&accounts[0], now()).await.expect("deleted"));
    assert_eq!(reads(&register(&store, "a+3@example.org").await).await, 2);
    // It registers again, and leaves what is kept to others.
    let again = register(&store, "a@example.org").await;
    assert_eq!(reads(&again).await, 2);
    assert_eq!(reads(&register(&store, "a+4@example.org").await).await, 2);
    assert!(store.delete_account(&accounts[2], now()).await.expect("deleted"));
    assert!(store.delete_account(&again, now()).await.expect("deleted"));
    assert_eq!(reads(&register(&store, "a+5@example.org").await).await, 3);
}

async fn an_address_that_used_nothing_leaves_nothing(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    assert_eq!(kept(location).await, [""; 0]);
    assert!(!register(&store, "ada@example.org").await.had_subscription);
}

async fn a_former_address_keeps_what_was_used_under_it(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    let other = "ada@example.com".parse().expect("an address");
    let changed = change_address(&store, ada.id, &other, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let left = register(&store, "ada@example.org").await;
    assert!(left.had_subscription);
    assert_eq!(store.reads_of(left.id, 0).await.expect("read").len(), 2);
    assert_eq!(store.reads_of(ada.id, 0).await.expect("read").len(), 2, "the account has its own");
    // An account that takes a used address has its use.
    assert!(store.delete_account(&left, now()).await.expect("deleted"));
    let bob = register(&store, "bob@example.org").await;
    let changed = change_address(&store, bob.id, &left.email, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let bob = store.account(bob.id).await.expect("read").expect("there");
    assert!(bob.had_subscription);
    assert_eq!(store.reads_of(bob.id, 0).await.expect("read").len(), 2);
}

async fn an_address_that_is_taken_back_counts_nothing_twice(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    let addresses = ["ada@example.com", "ada@example.org"];
    for swap in 0..30 {
        let address = addresses[swap % 2].parse().expect("an address");
        let changed = change_address(&store, ada.id, &address, None, now()).await;
        assert!(matches!(changed, AddressChangeResult::Changed(_)));
        assert_eq!(store.reads_of(ada.id, 0).await.expect("read").len(), 2, "swap {swap}");
    }
    assert_eq!(kept(location).await.len(), 1);
    // Nor is anything lost.
    let left = register(&store, "ada@example.com").await;
    assert_eq!(store.reads_of(left.id, 0).await.expect("read").len(), 2);
    assert!(left.had_subscription);
}

async fn brought_reads_are_forgotten_after_a_year(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let again = register(&store, "ada@example.org").await;
    let year = SignedDuration::from_hours(365 * 24);
    store.prune_former_readers(now() + year).await.expect("pruned");
    assert_eq!(store.reads_of(again.id, 0).await.expect("read").len(), 1, "the later");
    store.prune_former_readers(now() + year + SignedDuration::from_secs(1)).await.expect("pruned");
    assert!(store.reads_of(again.id, 0).await.expect("read").is_empty());
}

async fn what_is_kept_names_nobody_and_is_forgotten_after_a_year(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let digests = kept(location).await;
    assert_eq!(digests.len(), 1);
    assert!(digests[0].len() == 64 && !digests[0].contains("ada"));
    let year = SignedDuration::from_hours(365 * 24);
    store.prune_former_readers(now() + year).await.expect("pruned");
    assert_eq!(kept(location).await.len(), 1);
    store.prune_former_readers(now() + year + SignedDuration::from_secs(1)).await.expect("pruned");
    assert_eq!(kept(location).await, [""; 0]);
}

async fn what_was_kept_is_found_after_any_number_of_rotations(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let mut rotated = keys();
    for seed in 10..15 {
        rotated.rotate(&mut StdRng::seed_from_u64(seed));
    }
    let other = Keyring::generate(&mut StdRng::seed_from_u64(8));
    let stranger = store.clone().with_keys(&other);
    assert!(!register(&stranger, "ada@example.org").await.had_subscription);
    let nobody = stranger.account_at(&ada.email).await.expect("read").expect("there");
    assert!(stranger.delete_account(&nobody, now()).await.expect("deleted"));
    let store = store.with_keys(&rotated);
    assert!(register(&store, "ada@example.org").await.had_subscription);
    assert_eq!(kept(location).await, [""; 0], "the account has it now");
}

/// Keys as a version wrote them that made digests with the keys that seal.
fn earlier_keys(rotations: u64) -> Keyring {
    let mut ring = keys();
    for seed in 0..rotations {
        ring.rotate(&mut StdRng::seed_from_u64(20 + seed));
    }
    let text = ring.to_text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("digest")).collect();
    Keyring::parse(&lines.join("\n")).expect("keys")
}

async fn what_an_earlier_version_has_kept_is_found_after_any_number_of_rotations(
    location: &Location,
) {
    let rotations = 2;
    // Kept by the earlier version with its newest key, which was rotated since.
    let store = open(location).await.with_keys(&earlier_keys(0));
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let mut ring = earlier_keys(rotations);
    for seed in 30..35 {
        ring.rotate(&mut StdRng::seed_from_u64(seed));
        ring = Keyring::parse(&ring.to_text()).expect("keys");
    }
    // A server that was started before the rotations finds what one after them keeps, and the other way round.
    let (before, after) =
        (store.clone().with_keys(&earlier_keys(rotations)), store.with_keys(&ring));
    let again = register(&after, "ada@example.org").await;
    assert!(again.had_subscription, "{rotations} rotations before");
    for (keeps, finds) in [(&after, &before), (&before, &after)] {
        let ada = keeps.account_at(&again.email).await.expect("read").expect("there");
        assert!(keeps.delete_account(&ada, now()).await.expect("deleted"));
        assert!(register(finds, "ada@example.org").await.had_subscription);
    }
    let ada = after.account_at(&again.email).await.expect("read").expect("there");
    assert!(after.delete_account(&ada, now()).await.expect("deleted"));
    assert_eq!(after.replace_digest_key(&ring).await.expect("forgotten"), 1);
}

async fn another_key_of_digests_forgets_what_was_kept(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let mut ring = keys();
    ring.replace_digest_keys(&mut StdRng::seed_from_u64(9));
    assert_eq!(store.replace_digest_key(&ring).await.expect("forgotten"), 1);
    assert_eq!(kept(location).await, [""; 0], "no row that the former key tells something of");
    for store in [store.clone(), store.with_keys(&ring)] {
        let again = register(&store, "ada@example.org").await;
        assert!(!again.had_subscription);
        assert!(store.delete_account(&again, now()).await.expect("deleted"));
    }
}

/// An account with a subscription whose first invoice is not paid.
async fn owing(store: &Store, name: &str) -> (Account, Subscription) {
    let reader = crate::subscriptions::reader(store, name).await;
    let terms = Terms { introduction: None, ..subscription(&reader).terms };
    let grace = SignedDuration::from_hours(14 * 24);
    let unpaid = Subscription::start_unpaid(
        SubscriptionId::UNSTORED,
        reader.id,
        terms,
        now(),
        grace,
        &TimeZone::UTC,
    );
    store.import_subscriptions(&[(unpaid, None)]).await.expect("taken in");
    let held = store.subscriptions_of(reader.id).await.expect("read").remove(0);
    (reader, held)
}

/// Pays the invoice of a subscription.
async fn pay(store: &Store, held: &Subscription) {
    let source = PaymentSource::entered(held.id, now());
    let account = store.account(held.account).await.expect("read").expect("there");
    let new = NewPayment { source, subscription: Some(held.id), ..payment(&account) };
    let paid = store.record_payment(&new, now()).await.expect("recorded");
    let (number, from, through) = (paid.number, paid.from, paid.through);
    let change = SubscriptionChange {
        before: held.clone(),
        after: held.renewed(now(), &TimeZone::UTC).expect("legal"),
        due: None,
        actor: Actor::Staff(None),
        what: "payment-entered",
        payment: Some(AppliedPayment { number, from, through }),
        emails: Vec::new(),
    };
    assert!(store.change(&change, now()).await.expect("changed"));
}

async fn debts(store: &Store, account: &Account) -> Vec<SubscriptionId> {
    store.debts_of(account.id).await.expect("read")
}

/// The debts of the account that registers this address, or has it.
async fn debts_at(store: &Store, email: &str) -> Vec<SubscriptionId> {
    debts(store, &register(store, email).await).await
}

async fn an_unpaid_invoice_is_remembered_after_a_deletion_until_it_is_paid(location: &Location) {
    let store = open(location).await;
    let (ada, held) = owing(&store, "ada").await;
    assert_eq!(debts(&store, &ada).await, [], "the account has its own subscription");
    for _ in 0..3 {
        let ada = register(&store, "ada@example.org").await;
        assert!(store.delete_account(&ada, now()).await.expect("deleted"));
        let again = register(&store, "ada@example.org").await;
        assert_eq!(debts(&store, &again).await, [held.id]);
    }
    // The transfer may still come: its number is all that is left.
    let stranger = SubscriptionId(held.id.0 + 1000);
    assert!(!store.settle_former_debt(stranger, now()).await.expect("no failure"));
    assert!(store.settle_former_debt(held.id, now()).await.expect("settled"));
    assert!(!store.settle_former_debt(held.id, now()).await.expect("once"));
    assert_eq!(debts_at(&store, "ada@example.org").await, []);
    // So is one that nobody has paid in the end.
    let (bob, held) = owing(&store, "bob").await;
    let year = now() + SignedDuration::from_hours(365 * 24);
    assert!(store.delete_account(&bob, year).await.expect("deleted"));
    let again = store.register(&bob.email, year).await.expect("registered").0;
    assert_eq!(debts(&store, &again).await, [held.id]);
    assert!(store.delete_account(&again, now()).await.expect("deleted"));
    let later = now() + SignedDuration::from_hours(365 * 24 + 1);
    store.prune_former_readers(later).await.expect("pruned");
    assert_eq!(debts_at(&store, "bob@example.org").await, [], "a year later");
}

async fn an_unpaid_invoice_stays_with_both_addresses_of_a_change(location: &Location) {
    let store = open(location).await;
    let (ada, held) = owing(&store, "ada").await;
    let other = "ada@example.com".parse().expect("an address");
    let changed = change_address(&store, ada.id, &other, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    assert_eq!(debts(&store, &ada).await, [], "the subscription itself says so");
    let left = register(&store, "ada@example.org").await;
    assert_eq!(debts(&store, &left).await, [held.id]);
    // Who takes the address of a debtor takes the debt.
    assert!(store.delete_account(&left, now()).await.expect("deleted"));
    let bob = register(&store, "bob@example.org").await;
    let changed = change_address(&store, bob.id, &left.email, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    assert_eq!(debts(&store, &bob).await, [held.id]);
    // Paid by its number, it is settled under every address.
    assert_eq!(debts_at(&store, "bob@example.org").await, []);
    pay(&store, &held).await;
    assert_eq!(debts(&store, &bob).await, []);
    // Who takes the former address back owes nothing for a subscription of their own.
    let (cy, held) = owing(&store, "cy").await;
    for address in ["cy@example.com", "cy@example.org"] {
        let address = address.parse().expect("an address");
        let changed = change_address(&store, cy.id, &address, None, now()).await;
        assert!(matches!(changed, AddressChangeResult::Changed(_)));
        assert_eq!(debts(&store, &cy).await, []);
    }
    let left = register(&store, "cy@example.com").await;
    assert_eq!(debts(&store, &left).await, [held.id]);
    assert!(store.delete_account(&left, now()).await.expect("deleted"));
    pay(&store, &held).await;
    assert_eq!(debts_at(&store, "cy@example.com").await, [], "settled where nobody is");
}

async fn who_owes_nothing_leaves_no_debt(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let again = register(&store, "ada@example.org").await;
    assert!(again.had_subscription);
    assert_eq!(debts(&store, &again).await, []);
    let (bob, held) = owing(&store, "bob").await;
    pay(&store, &held).await;
    assert!(store.delete_account(&bob, now()).await.expect("deleted"));
    assert_eq!(debts_at(&store, "bob@example.org").await, []);
}

/// The digests of the addresses of which something is kept.
async fn kept(location: &Location) -> Vec<String> {
    let database = connect(location).await;
    let all = "SELECT digest FROM former_readers";
    let statement = Statement::from_string(database.get_database_backend(), all);
    let rows = database.query_all_raw(statement).await.expect("read");
    rows.iter().map(|row| row.try_get("", "digest").expect("a digest")).collect()
}

async fn every_unpaid_invoice_of_an_address_is_remembered(location: &Location) {
    let store = open(location).await;
    let (ada, first) = owing(&store, "ada").await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let (ada, second) = owing(&store, "ada").await;
    assert_eq!(debts(&store, &ada).await, [first.id]);
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let ada = register(&store, "ada@example.org").await;
    assert_eq!(debts(&store, &ada).await, [first.id, second.id]);
    let traces = store.traces_of(&ada).await.expect("read");
    assert_eq!(traces.debts, [first.id, second.id]);
    // A change of address keeps both under either address.
    let other = "ada@example.com".parse().expect("an address");
    let changed = change_address(&store, ada.id, &other, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    assert_eq!(debts(&store, &ada).await, [first.id, second.id]);
    let left = register(&store, "ada@example.org").await;
    assert_eq!(debts(&store, &left).await, [first.id, second.id]);
    // One is paid, everywhere; the other is owed until it is forgiven.
    assert!(store.settle_former_debt(first.id, now()).await.expect("settled"));
    for account in [&ada, &left] {
        assert_eq!(debts(&store, account).await, [second.id]);
    }
    let staff = StaffActor { by: None, reason: "Goodwill".to_owned() };
    let forgive = async |account: &Account, id| {
        store.forgive_debt(account, id, &staff, now()).await.expect("asked")
    };
    assert!(!forgive(&left, first.id).await, "it is paid");
    let (bob, third) = owing(&store, "bob").await;
    assert!(!forgive(&bob, second.id).await, "it is another reader's");
    assert!(!forgive(&bob, third.id).await, "it is no debt of an earlier account");
    assert!(forgive(&left, second.id).await);
    assert!(!forgive(&left, second.id).await, "once");
    for account in [&ada, &left] {
        assert_eq!(debts(&store, account).await, []);
    }
    let about = store.audit_log_about(&left.email, 9).await.expect("read");
    assert_eq!(about[0].reason, "Goodwill");
    // What nobody has registered again for is forgotten with the rest.
    assert!(store.delete_account(&bob, now()).await.expect("deleted"));
    let year = now() + SignedDuration::from_hours(365 * 24 + 1);
    store.prune_former_readers(year).await.expect("pruned");
    assert!(!store.settle_former_debt(third.id, year).await.expect("asked"), "nothing is kept");
}

async fn a_card_that_pays_settles_what_an_invoice_has_left(location: &Location) {
    let store = open(location).await;
    let (ada, held) = owing(&store, "ada").await;
    let other = "ada@example.com".parse().expect("an address");
    let changed = change_address(&store, ada.id, &other, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let left = register(&store, "ada@example.org").await;
    assert_eq!(debts(&store, &left).await, [held.id]);
    // The reader takes a card before anything else happens, and the renewal is paid with it.
    let mandate = Mandate { processor: "bank".into(), reference: "card".into(), card: None };
    let state = State::Active { through: now() };
    pay(&store, &Subscription { mandate, state, ..held }).await;
    assert_eq!(debts(&store, &left).await, []);
}

async fn a_debt_that_is_settled_while_it_moves_is_settled(location: &Location) {
    let store = open(location).await;
    for round in 0..10 {
        let (ada, held) = owing(&store, &format!("ada{round}")).await;
        assert!(store.delete_account(&ada, now()).await.expect("deleted"));
        let moving = {
            let (store, email) = (store.clone(), ada.email.clone());
            tokio::spawn(async move {
                let again = store.register(&email, now()).await.expect("registered").0;
                store.delete_account(&again, now()).await.expect("deleted");
            })
        };
        let settling = {
            let store = store.clone();
            tokio::spawn(async move { store.settle_former_debt(held.id, now()).await })
        };
        moving.await.expect("joined");
        assert!(settling.await.expect("joined").expect("no failure"));
        assert_eq!(debts_at(&store, ada.email.as_str()).await, []);
    }
}
