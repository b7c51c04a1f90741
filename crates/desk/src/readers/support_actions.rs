//! What is done for a reader at the desk. Each deed asks for a reason, which stays in the record.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_circulation::{Account, AccountId, StaffActor, SubscriptionId};
use masthead_web::form::see_other;
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Refused,
    auth::{Inside, Insider},
    form::Filled,
    pages::Said,
    readers,
};

/// No reason is longer, in characters.
const LONGEST_REASON: usize = 500;

/// What a form about a reader holds; what the page shows again where something in it is wrong.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Wish {
    #[serde(default)]
    reason: String,
    /// The price of a subscription that is given, by its slug.
    #[serde(default)]
    price: String,
    /// The last day of it, or of a trial; empty where it has no end.
    #[serde(default)]
    until: String,
    /// What is paid back.
    #[serde(default)]
    amount: String,
}

/// What can be done.
enum Deed {
    ResetMeter,
    Cancel(SubscriptionId),
    Prolong(SubscriptionId),
    Refund(u32),
    Give,
}

pub(crate) async fn reset_meter(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    Filled(wish): Filled<Wish>,
) -> Response {
    help(&desk, &insider, &number, Deed::ResetMeter, wish).await
}

pub(crate) async fn cancel(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(of): Path<(String, String)>,
    Filled(wish): Filled<Wish>,
) -> Response {
    help_with(&desk, &insider, of, |id| Deed::Cancel(SubscriptionId(id)), wish).await
}

pub(crate) async fn prolong(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(of): Path<(String, String)>,
    Filled(wish): Filled<Wish>,
) -> Response {
    help_with(&desk, &insider, of, |id| Deed::Prolong(SubscriptionId(id)), wish).await
}

pub(crate) async fn refund(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(of): Path<(String, String)>,
    Filled(wish): Filled<Wish>,
) -> Response {
    help_with(&desk, &insider, of, Deed::Refund, wish).await
}

pub(crate) async fn give(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    Filled(wish): Filled<Wish>,
) -> Response {
    help(&desk, &insider, &number, Deed::Give, wish).await
}

/// What is done with something of a reader's, by both their numbers.
async fn help_with(
    desk: &Desk,
    insider: &Insider,
    (number, of): (String, String),
    deed: impl FnOnce(u32) -> Deed,
    wish: Wish,
) -> Response {
    match of.parse() {
        Ok(of) => help(desk, insider, &number, deed(of), wish).await,
        Err(_) => desk.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_READER),
    }
}

async fn help(desk: &Desk, insider: &Insider, number: &str, deed: Deed, wish: Wish) -> Response {
    let account = match number.parse().map(AccountId) {
        Ok(number) => desk.on.store.account(number).await,
        Err(_) => Ok(None),
    };
    let account = match account {
        Ok(Some(account)) => account,
        Ok(None) => return desk.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_READER),
        Err(error) => return desk.failed(&error),
    };
    match act(desk, insider, &account, deed, &wish).await {
        Ok(()) => see_other(&readers::address(account.id), &[]),
        Err(Refused::Told(fault)) => readers::show(desk, insider, account, wish, fault).await,
        Err(Refused::Failed(error)) => {
            desk.cannot(insider, "the desk cannot do what it was asked for a reader", &error)
        }
    }
}

async fn act(
    desk: &Desk,
    insider: &Insider,
    account: &Account,
    deed: Deed,
    wish: &Wish,
) -> Result<(), Refused> {
    let reason = wish.reason.trim();
    if reason.is_empty() {
        return Err(Refused::Told(
            "Write why, for whoever asks later. Nothing was changed.".into(),
        ));
    }
    if reason.chars().count() > LONGEST_REASON {
        let fault =
            format!("Say why in {LONGEST_REASON} characters or fewer. Nothing was changed.");
        return Err(Refused::Told(fault));
    }
    let helper = StaffActor { by: Some(insider.account.id), reason: reason.to_owned() };
    let house = &desk.on.house;
    match deed {
        Deed::ResetMeter => house.reset_meter(account, helper).await,
        Deed::Cancel(id) => {
            held_by(desk, account, id).await?;
            house.cancel(id, helper).await
        }
        Deed::Prolong(id) => {
            held_by(desk, account, id).await?;
            let ends = end(&wish.until, desk.now(), &desk.imprint().zone)?;
            let ends = ends.ok_or_else(|| {
                Refused::Told("Choose the last day of the trial. Nothing was changed.".into())
            })?;
            house.prolong(id, ends, helper).await
        }
        Deed::Refund(payment) => house.refund(account, payment, wish.amount.trim(), helper).await,
        Deed::Give => {
            let until = end(&wish.until, desk.now(), &desk.imprint().zone)?;
            house.give(&account.email, &wish.price, until, helper).await
        }
    }
}

/// Whether the subscription is this reader's.
async fn held_by(desk: &Desk, account: &Account, id: SubscriptionId) -> Result<(), Refused> {
    let held = desk.on.store.subscription(id).await.map_err(Refused::failed)?;
    match held {
        Some(held) if held.account == account.id => Ok(()),
        Some(_) | None => {
            Err(Refused::Told(format!("This reader has no subscription S-{}.", id.0)))
        }
    }
}

/// The first instant after the last day; none without one.
fn end(day: &str, now: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>, Refused> {
    if day.is_empty() {
        return Ok(None);
    }
    let told = |fault: &str| Refused::Told(fault.to_owned());
    let next = day.parse::<Date>().and_then(Date::tomorrow);
    let ends = next.and_then(|next| next.to_zoned_datetime(zone.clone()));
    let ends = ends.map_err(|_| told("Write the last day as year, month and day: 2027-03-31."))?;
    let ends = ends.timestamp();
    if ends <= now {
        return Err(told("That day has passed. Choose one to come."));
    }
    Ok(Some(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_lasts_through_its_last_day() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let ends = |day| end(day, now, &zone).ok().flatten().map(|ends| ends.to_string());
        assert_eq!(ends("2026-11-24").as_deref(), Some("2026-11-24T15:00:00Z"));
        assert_eq!(ends(""), None);
        assert!(end("", now, &zone).is_ok());
        for refused in ["2026-11-23", "24.11.2026", "2026-02-30", "9999-12-31"] {
            assert!(matches!(end(refused, now, &zone), Err(Refused::Told(_))), "{refused}");
        }
    }
}
