//! The pages to cancel and to withdraw, for a reader who is signed in: what they have ended, until when they can read, the way
//! back, and what they can cancel at once, without an email.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use masthead_circulation::{AccountId, Ending, EndingKind, State, Subscription};
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{DeliveryContext, Link, OwnEndingContext},
};

use super::{ending::show, subscription_view};
use crate::{error::SiteError, state::Site};

/// Returns the page; `None` if the reader has had no subscription, so that theirs may be with another address.
pub(super) async fn own_page(
    site: &Site,
    headers: &HeaderMap,
    kind: EndingKind,
    account: AccountId,
) -> Result<Option<Response>, SiteError> {
    let now = (site.clock)();
    let held = site.store.subscriptions_of(account).await?;
    let shown = shown(&held, now);
    if shown.is_empty() {
        return Ok(None);
    }
    let context = context(&site.snapshot(), kind, &shown, now);
    show(site, headers, StatusCode::OK, Template::OwnEnding, &context).await.map(Some)
}

/// The subscriptions that go on, or else the latest that was not replaced by another.
fn shown(held: &[Subscription], now: Timestamp) -> Vec<&Subscription> {
    let live: Vec<_> = held.iter().filter(|held| !held.state.is_over(now)).collect();
    if !live.is_empty() {
        return live;
    }
    let is_replaced =
        |held: &Subscription| matches!(held.state, State::Ended { why: Ending::Replaced, .. });
    held.iter().find(|held| !is_replaced(held)).into_iter().collect()
}

fn context(
    snapshot: &SiteSnapshot,
    kind: EndingKind,
    shown: &[&Subscription],
    now: Timestamp,
) -> OwnEndingContext {
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let heading = word(heading(kind, shown, now));
    // Addresses and prices are changed on the account page, which shows what was collected.
    let delivery = DeliveryContext::default();
    let is_over = shown.iter().all(|held| held.state.is_over(now));
    let offers =
        (is_over && snapshot.publication.sells()).then(|| Link::to("/offers", &word("see_offers")));
    let links = [
        Some(Link::to("/account#subscription", &word("manage_subscription"))),
        offers,
        Some(Link::to("/", &word("home"))),
    ];
    let is_too_late =
        kind == EndingKind::Withdrawal && !shown.iter().any(|held| held.is_withdrawn());
    let (other, path) = match kind {
        EndingKind::Cancellation => ("cancel_other", "/cancel?other=true"),
        EndingKind::Withdrawal => ("withdraw_other", "/withdraw?other=true"),
    };
    OwnEndingContext {
        chrome: snapshot.layout().bare_chrome(&heading),
        heading,
        note: if is_too_late { word("withdraw_late") } else { String::new() },
        subscriptions: shown
            .iter()
            .map(|held| subscription_view::context(snapshot, held, &[], &delivery, now))
            .collect(),
        links: links.into_iter().flatten().collect(),
        other: Link::to(path, &word(other)),
    }
}

/// The name of the word for the heading: what was done, or what the page is for.
fn heading(kind: EndingKind, shown: &[&Subscription], now: Timestamp) -> &'static str {
    let is_cancelled = |held: &&Subscription| {
        !held.terms.amount.is_zero()
            && matches!(
                held.state,
                State::Cancelling { .. } | State::Ended { why: Ending::Cancelled, .. }
            )
    };
    if shown.iter().all(|held| held.is_withdrawn()) {
        return "withdraw_done_title";
    }
    match kind {
        EndingKind::Cancellation if shown.iter().all(is_cancelled) => match shown {
            [_] => "cancel_done_title",
            _ => "cancel_done_several",
        },
        EndingKind::Cancellation
            if shown.iter().all(|held| held.cancellation_effect(now).is_none()) =>
        {
            "cancel_none"
        }
        EndingKind::Cancellation => "cancel_page",
        EndingKind::Withdrawal => "withdraw_here",
    }
}
