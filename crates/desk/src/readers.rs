//! Readers with an account: finding one, and everything that support has to know to help them.

pub(crate) mod support_actions;

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AccountId, Ending, Event, Payment, Refund, State as Life, Subscription,
    SubscriptionId,
    audit::AuditEntry,
    entitlement,
    staff::{DoneBy, Staff, StaffAuditEntry},
};
use masthead_publication::preview::CountedArticle;
use masthead_store::OutboxEntry;
use masthead_web::form;
use serde::{Deserialize, Serialize};

use crate::{
    Desk,
    auth::{Inside, Insider},
    form::form_status,
    format::{called, colleague, day, minute},
    pages::Said,
    readers::support_actions::Wish,
};

/// As many readers as a person will look through.
const MOST: u64 = 50;
/// As many deeds about one.
const RECORDS: u64 = 20;
/// As many letters to one.
const LETTERS: u64 = 20;

#[derive(Default, Deserialize)]
pub(crate) struct Sought {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct Found {
    q: String,
    asked: bool,
    more: bool,
    readers: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    number: u32,
    name: String,
    email: String,
    since: String,
}

#[derive(Serialize)]
struct Reader {
    number: u32,
    called: String,
    email: String,
    since: String,
    standing: String,
    meter: String,
    counted: Vec<Read>,
    subscriptions: Vec<Held>,
    payments: Vec<Paid>,
    letters: Vec<Sent>,
    devices: usize,
    passkeys: usize,
    /// What was done at the desk, but for changes of subscriptions.
    records: Vec<String>,
    /// Whether something may be given: who has a live subscription gets no second.
    may_give: bool,
    prices: Vec<(String, String)>,
    wish: Wish,
    fault: String,
}

#[derive(Serialize)]
struct Read {
    at: String,
    headline: String,
    address: String,
}

#[derive(Serialize)]
struct Held {
    number: u32,
    name: String,
    stands: String,
    price: String,
    may_cancel: bool,
    may_prolong: bool,
    history: Vec<String>,
}

#[derive(Serialize)]
struct Paid {
    number: u32,
    at: String,
    what: String,
    amount: String,
    card: String,
    /// What was paid back of it, in words; empty where nothing was.
    refunded: String,
    /// What can be paid back; empty where nothing can.
    refundable: String,
}

#[derive(Serialize)]
struct Sent {
    at: String,
    subject: String,
    state: &'static str,
    fault: String,
}

/// Finding a reader, by a part of address or name, or the number of a subscription.
pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(sought): Query<Sought>,
) -> Response {
    let q = sought.q.trim().to_owned();
    let store = &desk.on.store;
    let zone = desk.imprint().zone;
    let found = async {
        if let Some(number) = subscription_number(&q)
            && let Some(subscription) = store.subscription(number).await?
        {
            return Ok(Err(subscription.account));
        }
        let found =
            if q.is_empty() { Vec::new() } else { store.find_accounts(&q, MOST + 1).await? };
        Ok::<_, masthead_store::StoreError>(Ok(found))
    };
    let mut accounts = match found.await {
        Ok(Ok(accounts)) => accounts,
        Ok(Err(one)) => return form::see_other(&address(one), &[]),
        Err(error) => return desk.failed(&error),
    };
    if let [one] = accounts.as_slice()
        && one.email.as_str() == q.to_lowercase()
    {
        return form::see_other(&address(one.id), &[]);
    }
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let more = accounts.len() > most;
    accounts.truncate(most);
    let line = |account: Account| Line {
        number: account.id.0,
        since: day(account.registered, &zone),
        email: account.email.to_string(),
        name: account.name,
    };
    let readers = accounts.into_iter().map(line).collect();
    let found = Found { asked: !q.is_empty(), q, more, readers };
    desk.page(StatusCode::OK, Some(&insider), "readers.html", &found)
}

/// Where a reader's page is.
pub(crate) fn address(account: AccountId) -> String {
    format!("/desk/readers/{}", account.0)
}

/// The number in what invoices call a subscription: "S-12".
fn subscription_number(text: &str) -> Option<SubscriptionId> {
    let digits = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-"))?;
    digits.parse().ok().map(SubscriptionId)
}

/// One reader.
pub(crate) async fn reader(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
) -> Response {
    let number = number.parse().map(AccountId);
    let account = match number {
        Ok(number) => desk.on.store.account(number).await,
        Err(_) => Ok(None),
    };
    match account {
        Ok(Some(account)) => show(&desk, &insider, account, Wish::default(), String::new()).await,
        Ok(None) => desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_READER),
        Err(error) => desk.failed(&error),
    }
}

/// A reader's page, with what was wrong in a form on it.
pub(crate) async fn show(
    desk: &Desk,
    insider: &Insider,
    account: Account,
    wish: Wish,
    fault: String,
) -> Response {
    let status = form_status(&fault);
    let store = &desk.on.store;
    let zone = desk.imprint().zone;
    let stands = match desk.on.showroom.stands(account.id).await {
        Ok(stands) => stands,
        Err(error) => {
            return desk.cannot(insider, "the desk cannot see how a reader stands", &error);
        }
    };
    let looked = async {
        let everybody = store.all_staff().await?;
        let all = store.subscriptions_of(account.id).await?;
        let may_give = entitlement::history(&all, desk.now()).may_buy();
        let mut subscriptions = Vec::new();
        for subscription in all {
            let history = store.audit_of(subscription.id).await?;
            subscriptions.push(held(&subscription, &history, &everybody, desk.now(), &zone));
        }
        let records = store.desk_records_about(&account.email, RECORDS).await?;
        let record = |record: StaffAuditEntry| {
            let by = match record.by {
                DoneBy::Account(by) => helped_by(&everybody, Some(by)),
                DoneBy::Server | DoneBy::Deleted => helped_by(&everybody, None),
            };
            format!(
                "{}: {by} let the meter begin anew. Why: {}",
                minute(record.at, &zone),
                record.reason
            )
        };
        let payments = store.payments_of(account.id).await?;
        let refunds = store.refunds_of(account.id).await?;
        let letters = store.emails_to(&account.email, LETTERS).await?;
        Ok::<_, masthead_store::StoreError>(Reader {
            number: account.id.0,
            called: called(&account),
            email: account.email.to_string(),
            since: day(account.registered, &zone),
            standing: stands.standing.to_string(),
            meter: stands.sentence(),
            counted: stands.counted.iter().map(|counted| read(counted, &zone)).collect(),
            subscriptions,
            payments: payments.into_iter().map(|payment| paid(payment, &refunds, &zone)).collect(),
            letters: letters.into_iter().map(|posted| sent(posted, &zone)).collect(),
            devices: store.sessions_of(account.id).await?.len(),
            passkeys: store.passkeys_of(account.id).await?.len(),
            records: records.into_iter().map(record).collect(),
            may_give,
            prices: desk.on.house.prices(),
            wish,
            fault,
        })
    };
    match looked.await {
        Ok(reader) => desk.page(status, Some(insider), "reader.html", &reader),
        Err(error) => desk.failed(&error),
    }
}

fn held(
    subscription: &Subscription,
    history: &[AuditEntry],
    everybody: &[(Staff, Account)],
    now: Timestamp,
    zone: &TimeZone,
) -> Held {
    let terms = &subscription.terms;
    let step = |entry: &AuditEntry| {
        let what = entry.what.replace('-', " ");
        let at = minute(entry.at, zone);
        let (by, why) = match entry.actor.staff_actor() {
            Some(helper) => (helped_by(everybody, helper.by), format!(". Why: {}", helper.reason)),
            None => (entry.actor.name().to_owned(), String::new()),
        };
        if entry.before.is_empty() {
            format!("{at}: {what} by {by}, and was {}{why}", entry.after)
        } else {
            format!("{at}: {what} by {by}, from {} to {}{why}", entry.before, entry.after)
        }
    };
    Held {
        number: subscription.id.0,
        name: terms.name.clone(),
        stands: stands(subscription, now, zone),
        price: if terms.amount.is_zero() {
            "Given by the publisher.".to_owned()
        } else {
            let by = if subscription.mandate.is_manual() {
                "invoice"
            } else {
                &subscription.mandate.processor
            };
            format!("Costs {} every {}, collected by {by}.", terms.amount, terms.every)
        },
        may_cancel: subscription.after(Event::Cancelled, now).is_ok(),
        may_prolong: subscription.after(Event::Prolonged { ends: Timestamp::MAX }, now).is_ok(),
        history: history.iter().rev().map(step).collect(),
    }
}

fn helped_by(everybody: &[(Staff, Account)], by: Option<AccountId>) -> String {
    let found = by.and_then(|by| colleague(everybody, by));
    found.unwrap_or_else(|| "somebody who has left".to_owned())
}

/// How a subscription stands, as one says it.
fn stands(subscription: &Subscription, now: Timestamp, zone: &TimeZone) -> String {
    let state = subscription.state.after(Event::TimePassed, now);
    match state.unwrap_or(subscription.state) {
        Life::Trial { ends, renews: true } => {
            format!("in a trial until {}, then paid for", day(ends, zone))
        }
        Life::Trial { ends, renews: false } => format!("in a trial until {}", day(ends, zone)),
        Life::Active { .. } if subscription.terms.amount.is_zero() => "goes on".to_owned(),
        Life::Active { through } => format!("paid until {}, and goes on", day(through, zone)),
        Life::Grace { ends, tries, .. } => {
            format!("not paid after {tries} tries; readable until {}", day(ends, zone))
        }
        Life::Paused { until, .. } => format!("rests until {}", day(until, zone)),
        Life::Cancelling { ends, .. } => format!("cancelled; readable until {}", day(ends, zone)),
        Life::Ended { at, why } => {
            let why = match why {
                Ending::TrialOver => "the trial ran out",
                Ending::Cancelled => "cancelled",
                Ending::Unpaid => "not paid for",
                Ending::Replaced => "replaced by another",
            };
            format!("ended on {}: {why}", day(at, zone))
        }
    }
}

fn read(counted: &CountedArticle, zone: &TimeZone) -> Read {
    Read {
        at: minute(counted.at, zone),
        headline: counted.headline.clone(),
        address: counted.address.clone(),
    }
}

fn paid(payment: Payment, refunds: &[Refund], zone: &TimeZone) -> Paid {
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    Paid {
        number: payment.number,
        at: day(payment.at, zone),
        what: payment.what,
        amount: payment.amount.to_string(),
        card: payment.card,
        refunded: match refund {
            Some(Refund { amount, at, settled: true, .. }) => {
                format!("{amount} paid back on {}", day(*at, zone))
            }
            Some(Refund { amount, at, settled: false, .. }) => {
                format!("{amount} asked back on {}, and not paid yet: ask again", day(*at, zone))
            }
            None => String::new(),
        },
        refundable: match refund {
            Some(Refund { settled: true, .. }) => String::new(),
            Some(Refund { amount, settled: false, .. }) => amount.decimal(),
            None => payment.amount.decimal(),
        },
    }
}

fn sent(posted: OutboxEntry, zone: &TimeZone) -> Sent {
    Sent {
        at: minute(posted.written, zone),
        state: posted.state.name(),
        fault: posted.fault,
        subject: posted.subject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_found_by_what_its_invoice_calls_it() {
        assert_eq!(subscription_number("S-12"), Some(SubscriptionId(12)));
        assert_eq!(subscription_number("s-12"), Some(SubscriptionId(12)));
        for other in ["12", "S-", "S-x", "S-99999999999"] {
            assert_eq!(subscription_number(other), None, "{other}");
        }
    }
}
