//! To whom payments are invoiced.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, Channel, EndingKind, EndingRequest, Event, NewPayment, PaymentSource, Subscription,
    Terms,
};
use masthead_store::{EndingResult, InvoiceRecipient, Location, Store, SubscriptionChange};

use crate::{
    open,
    subscriptions::{ada, bought, now, payment, subscription},
};

on_both_engines!(
    an_invoice_keeps_its_recipient_until_the_account_is_deleted,
    an_invoice_for_what_is_delivered_has_the_address,
    a_link_cancels_once_and_all_or_nothing,
);

async fn an_invoice_keeps_its_recipient_until_the_account_is_deleted(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    store.rename_account(ada.id, "Ada Before", now()).await.expect("renamed");
    let paid = store.record_payment(&payment(&ada), now()).await.expect("recorded");
    store.rename_account(ada.id, "Ada After", now()).await.expect("renamed");
    // Recorded once more, by another server.
    store.record_payment(&payment(&ada), now()).await.expect("recorded");
    let recipient = async || store.invoice_recipient(paid.number).await.expect("read");
    let before = InvoiceRecipient {
        name: "Ada Before".to_owned(),
        email: "ada@example.org".to_owned(),
        lines: Vec::new(),
    };
    assert_eq!(recipient().await, Some(before.clone()));
    let all = store.invoice_recipients_of(ada.id).await.expect("read");
    assert_eq!(all.get(&paid.number), Some(&before));
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    assert_eq!(recipient().await, None);
    assert!(store.payment(paid.number).await.expect("read").is_some(), "the books stay");
}

/// Takes in a printed paper, or one that is only online, and a payment for its next period.
async fn renewed(store: &Store, account: &Account, channel: Channel) -> InvoiceRecipient {
    let held = subscription(account);
    let terms = Terms { channels: vec![channel], ..held.terms.clone() };
    store.import_subscriptions(&[(Subscription { terms, ..held }, None)]).await.expect("taken in");
    let held = store.subscriptions_of(account.id).await.expect("read").remove(0);
    let source = PaymentSource::entered(held.id, now());
    let new = NewPayment { source, subscription: Some(held.id), ..payment(account) };
    let paid = store.record_payment(&new, now()).await.expect("recorded");
    store.invoice_recipient(paid.number).await.expect("read").expect("there")
}

async fn an_invoice_for_what_is_delivered_has_the_address(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let lines = "3 Quay Street\nTidewater";
    let door = masthead_circulation::DeliveryAddress::new("Ada Example", lines).expect("one");
    store.set_delivery_address(ada.id, &door, now()).await.expect("set");
    let online = renewed(&store, &ada, Channel::Web).await;
    assert_eq!((online.name.as_str(), online.lines.len()), ("", 0));
    let printed = renewed(&store, &ada, Channel::Print).await;
    assert_eq!(printed.name, "Ada Example");
    assert_eq!(printed.lines, ["3 Quay Street", "Tidewater"]);
}

fn cancelled(before: &Subscription, now: Timestamp) -> SubscriptionChange {
    SubscriptionChange {
        before: before.clone(),
        after: before.after(Event::Cancelled, now).expect("it can be cancelled"),
        due: None,
        actor: masthead_circulation::Actor::Reader,
        what: Event::Cancelled.name(),
        payment: None,
        emails: Vec::new(),
    }
}

async fn a_link_cancels_once_and_all_or_nothing(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let first = bought(&store, &ada).await;
    store.import_subscriptions(&[(subscription(&ada), None)]).await.expect("taken in");
    let second = store.subscriptions_of(ada.id).await.expect("read").remove(0);
    let later = now() + SignedDuration::from_hours(1);
    let request =
        |before| EndingRequest::new(EndingKind::Cancellation, ada.id, before, "Too dear", later);
    let stale = Subscription { version: 7, ..second.clone() };
    let changes = [cancelled(&first, later), cancelled(&stale, later)];
    let outcome = store.cancel_by_link(&request(0), &changes, later).await.expect("asked");
    assert_eq!(outcome, EndingResult::Changed);
    assert_eq!(store.subscription(first.id).await.expect("read"), Some(first.clone()));
    assert_eq!(store.endings_of(ada.id, EndingKind::Cancellation).await.expect("read"), 0);
    // Two tabs choose one each: the link is used by one of them.
    let tabs: Vec<_> = [&first, &second]
        .map(|held| (cancelled(held, later), store.clone(), request(0)))
        .map(|(change, store, request)| {
            tokio::spawn(async move { store.cancel_by_link(&request, &[change], later).await })
        })
        .into();
    let mut done = 0;
    for tab in tabs {
        match tab.await.expect("joined").expect("no failure") {
            EndingResult::Done => done += 1,
            outcome => assert_eq!(outcome, EndingResult::Used),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(store.endings_of(ada.id, EndingKind::Cancellation).await.expect("read"), 1);
    let audit = store.audit_of_each(&[first.id, second.id]).await.expect("read");
    let reasons = audit.iter().filter(|entry| entry.what == "gave a reason: Too dear");
    assert_eq!(reasons.count(), 1);
}
