//! What staff enter at the desk: invoices that are paid, and complimentary subscriptions that are extended or ended.

use std::sync::Arc;

use jiff::SignedDuration;
use masthead_billing::staff_actions::{Complimentary, EntryError, PaidHow};
use masthead_circulation::{
    EmailAddress, Mandate, NotificationsSent, PaidTime, PaymentStatus, StaffActor, State,
    Subscription, SubscriptionId,
};
use masthead_store::AddedReader;
use tokio::runtime::Handle;

use crate::{
    on_both_engines,
    world::{World, terms, usd},
};

on_both_engines!(
    an_invoice_that_many_mark_as_paid_at_once_is_paid_once,
    a_complimentary_subscription_is_extended_and_ended,
    after_an_outage_a_weekly_invoice_is_sent_before_any_reminder,
    a_reader_is_added_with_a_subscription_or_not_at_all,
    a_first_invoice_is_sent_with_the_whole_time_to_pay,
    a_stranger_is_registered_with_the_subscription_or_not_at_all,
    a_stranger_who_registers_meanwhile_gets_the_subscription,
);

async fn a_stranger_who_registers_meanwhile_gets_the_subscription(world: World) {
    let now = world.now();
    // Before the account is looked for, and after that.
    for look in [1, 2] {
        let email: EmailAddress = format!("reader{look}@example.org").parse().expect("an address");
        let (store, registering) = (world.store.clone(), email.clone());
        world.at_look(look, move || {
            let registered = store.register(&registering, now);
            tokio::task::block_in_place(|| Handle::current().block_on(registered)).expect("new");
        });
        let entered =
            world.billing.enter_subscription(&email, "web-monthly", PaidHow::Already, None).await;
        world.stop_interfering();
        let entered = entered.expect("entered");
        let account = world.store.account_at(&email).await.expect("read").expect("registered");
        let held = world.store.subscriptions_of(account.id).await.expect("read");
        assert_eq!((held.len(), held[0].id, entered.account), (1, entered.id, account.id));
    }
    let applied = world.payments().await;
    assert_eq!(applied.len(), 2);
    assert!(applied.iter().all(|payment| payment.status == PaymentStatus::Applied));
}

fn staff(reason: &str) -> StaffActor {
    StaffActor { by: None, reason: reason.to_owned() }
}

async fn an_invoice_that_many_mark_as_paid_at_once_is_paid_once(world: World) {
    let email = world.reader("ada").await.email;
    let by_invoice = PaidHow::ByInvoice;
    let entered = world.billing.enter_subscription(&email, "web-monthly", by_invoice, None).await;
    let held = entered.expect("entered");
    let period = world.billing.open_invoice(&held).expect("an open invoice").from.as_second();
    let clicks: Vec<_> = (0..6)
        .map(|click| {
            let (billing, id) = (Arc::clone(&world.billing), held.id);
            let actor = staff("Received");
            tokio::spawn(async move {
                billing.mark_paid(id, period, &format!("RF{click}"), actor).await
            })
        })
        .collect();
    let mut done = 0;
    for click in clicks {
        match click.await.expect("joined") {
            Ok(_) => done += 1,
            Err(EntryError::Overtaken(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(done > 0, "nobody has marked it");
    let later = world.billing.mark_paid(held.id, period, "RF9", staff("Again")).await;
    assert!(matches!(later, Err(EntryError::Overtaken(_))), "{later:?}");
    let payments = world.store.payments_of(held.account).await.expect("read");
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!(payments[0].status, PaymentStatus::Applied);
    let paid = world.latest(held.id).await;
    assert!(matches!(paid.state, State::Active { .. }), "{paid:?}");
    assert_eq!(world.billing.open_invoice(&paid), None);
}

async fn a_complimentary_subscription_is_extended_and_ended(world: World) {
    let email = world.reader("ada").await.email;
    let day = |days: i64| world.now() + SignedDuration::from_hours(24 * days);
    let free = PaidHow::Free(Some(day(10)));
    let given = world.billing.enter_subscription(&email, "web-monthly", free, None).await;
    let id = given.expect("given").id;
    let extend = async |days| world.billing.extend_complimentary(id, day(days), None).await;
    assert!(
        matches!(extend(5).await, Err(EntryError::NotPossible { .. })),
        "it never gets shorter"
    );
    let longer = extend(20).await.expect("extended");
    assert_eq!(longer.state, State::Cancelling { ends: day(20), trial: false });
    world.billing.end_complimentary(id, Some(staff("Moved away"))).await.expect("ended");
    assert!(world.latest(id).await.state.is_over(world.now()));
    let again = world.billing.end_complimentary(id, None).await;
    assert!(matches!(again, Err(EntryError::NotPossible { .. })), "{again:?}");
    let paying = world.subscriber("bob", day(15)).await;
    let refused = world.billing.end_complimentary(paying.id, None).await;
    assert!(matches!(refused, Err(EntryError::NotPossible { .. })), "{refused:?}");
}

/// A reader with a week that is paid for, by invoice.
async fn weekly_by_invoice(world: &World) -> Subscription {
    let reader = world.reader("ada").await;
    let (from, through) = (world.now(), world.now() + SignedDuration::from_hours(7 * 24));
    let weekly = Subscription {
        id: SubscriptionId::UNSTORED,
        account: reader.id,
        terms: terms("web-weekly", 300, "1 week"),
        begun: from,
        anchor: from,
        paid: Some(PaidTime { amount: usd(300), from, through }),
        state: State::Active { through },
        mandate: Mandate::manual(),
        refunds_deducted: 0,
        notified: NotificationsSent::default(),
        version: 0,
    };
    let due = weekly.due(&jiff::tz::TimeZone::UTC).map(|(when, _)| when);
    world.store.import_subscriptions(&[(weekly, due)]).await.expect("taken in");
    world.store.subscriptions_of(reader.id).await.expect("read").remove(0)
}

async fn after_an_outage_a_weekly_invoice_is_sent_before_any_reminder(world: World) {
    let held = weekly_by_invoice(&world).await;
    // No server runs for a month.
    world.pass(SignedDuration::from_hours(30 * 24));
    let sent = async || {
        for _ in 0..3 {
            world.billing.renew_due().await.expect("run");
        }
        let mut kinds = Vec::new();
        for kind in ["invoice", "invoice_reminder", "invoice_last", "ended_unpaid"] {
            kinds.push(world.emails(kind).await);
        }
        kinds
    };
    assert_eq!(sent().await, [1, 0, 0, 0]);
    let State::Grace { since, ends, .. } = world.latest(held.id).await.state else {
        panic!("there is time to pay");
    };
    assert_eq!((since, ends), (world.now(), world.now() + SignedDuration::from_hours(7 * 24)));
    world.pass(SignedDuration::from_hours(3 * 24));
    assert_eq!(sent().await, [1, 1, 0, 0]);
    world.pass(SignedDuration::from_hours(5 * 24));
    assert_eq!(sent().await[3], 1);
}

async fn a_reader_is_added_with_a_subscription_or_not_at_all(world: World) {
    let email: EmailAddress = "bea@example.org".parse().expect("an address");
    let labels = ["club".to_owned()];
    let new = AddedReader {
        email: &email,
        name: "Bea",
        labels: &labels,
        note: "",
        unless_left: false,
        by: None,
        line: None,
    };
    let add = async |price| {
        let given = Complimentary { price, ends: None, is_announced: true };
        world.billing.add_subscriber(&new, given, None).await
    };
    let unknown = add("nothing").await;
    assert!(matches!(unknown, Err(EntryError::NoPrice { .. })), "{unknown:?}");
    assert_eq!(world.store.account_at(&email).await.expect("read"), None);
    let clicks = (0..4).map(|_| add("web-monthly"));
    let made = futures_util::future::join_all(clicks).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    let again = add("web-monthly").await;
    assert!(matches!(again, Err(EntryError::HasOne { .. })), "{again:?}");
    let bea = world.store.account_at(&email).await.expect("read").expect("added");
    assert_eq!(world.store.labels_of(bea.id).await.expect("read"), ["club"]);
    assert_eq!(world.store.subscriptions_of(bea.id).await.expect("read").len(), 1);
    assert_eq!(world.emails("granted").await, 1);
}

async fn a_first_invoice_is_sent_with_the_whole_time_to_pay(world: World) {
    let email: EmailAddress = "cy@example.org".parse().expect("an address");
    let entered = world.billing.enter_subscription(&email, "web-monthly", PaidHow::ByInvoice, None);
    let held = entered.await.expect("entered");
    // No server runs until after the time to pay, and the time of reminders, would be over.
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    world.pass(days(40));
    let run = async || {
        for _ in 0..3 {
            world.billing.renew_due().await.expect("run");
        }
        let kinds = ["invoice", "invoice_reminder", "invoice_last", "ended_unpaid"];
        let mut sent = Vec::new();
        for kind in kinds {
            sent.push(world.emails(kind).await);
        }
        sent
    };
    assert_eq!(run().await, [1, 0, 0, 0]);
    let late = world.latest(held.id).await;
    let (due, ends) = (world.now() + days(14), world.now() + days(28));
    assert_eq!(late.state, State::Grace { since: due, ends, tries: 0 });
    assert_eq!(late.begun, world.now(), "the period begins when it can be read");
    world.pass(days(15));
    assert_eq!(run().await, [1, 1, 0, 0], "the first reminder comes when it is due");
    let paid = world.billing.enter_payment(held.id, false, None).await.expect("paid");
    let month = held.terms.every.after(late.begun, 1, &jiff::tz::TimeZone::UTC);
    assert_eq!(paid.state, State::Active { through: month });
}

async fn a_stranger_is_registered_with_the_subscription_or_not_at_all(world: World) {
    for (name, how) in [
        ("invoice", PaidHow::ByInvoice),
        ("already", PaidHow::Already),
        ("free", PaidHow::Free(None)),
    ] {
        let email: EmailAddress = format!("{name}@example.org").parse().expect("an address");
        let enter = || world.billing.enter_subscription(&email, "web-monthly", how, None);
        // Whatever interrupts it, there is no account without what was entered.
        let interrupted = tokio::time::timeout(std::time::Duration::from_micros(300), enter());
        drop(interrupted.await);
        if let Some(account) = world.store.account_at(&email).await.expect("read") {
            assert_eq!(world.store.subscriptions_of(account.id).await.expect("read").len(), 1);
            continue;
        }
        let made = futures_util::future::join_all((0..3).map(|_| enter())).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
        let account = world.store.account_at(&email).await.expect("read").expect("registered");
        assert_eq!(world.store.subscriptions_of(account.id).await.expect("read").len(), 1);
    }
    let payments = world.payments().await;
    assert_eq!(payments.len(), 1, "{payments:?}");
}
