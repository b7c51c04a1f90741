//! Who is signed in, and how they stand.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use masthead_access::Allowance;
use masthead_circulation::{Event, Subscription, entitlement};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Problem, answer,
    app::{failed, unauthorized},
};
use crate::state::Site;
use masthead_publication::{CachedAccount, PageError};

/// A signed-in reader.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    /// Their address.
    email: String,
    /// How they want to be called; may be empty.
    name: String,
    /// How they stand: `registered`, `trial`, `subscribed`, `grace`, `trial-ended`, `subscription-ended` …
    standing: String,
    /// The products that are open to them.
    products: Vec<String>,
    /// How many articles are left to them; absent without a meter.
    left: Option<u32>,
    /// How many their meter allows; absent without a limit.
    allowance: Option<u32>,
    /// What they have bought, the latest first.
    subscriptions: Vec<Bought>,
}

/// A subscription.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bought {
    /// The product.
    product: String,
    /// `trial`, `active`, `grace`, `paused`, `cancelling` or `ended`.
    state: &'static str,
    /// How it reaches its reader.
    channels: Vec<&'static str>,
    /// When it is next paid for (RFC 3339); absent where it does not go on.
    renews_at: Option<String>,
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    responses(
        (status = 200, body = Me, content_type = "application/json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("session" = [])),
)]
pub(super) async fn me(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((_, member)) = site.signed_in(&headers).await else { return unauthorized() };
    match known(&site, &member).await {
        Ok(Some(me)) => answer(StatusCode::OK, "application/json", &json!(me)),
        Ok(None) => unauthorized(),
        Err(error) => failed(&error),
    }
}

async fn known(site: &Site, member: &CachedAccount) -> Result<Option<Me>, PageError> {
    let now = (site.clock)();
    let Some(account) = site.store.account(member.account).await? else { return Ok(None) };
    let snapshot = site.snapshot();
    let policy = &snapshot.publication.policy;
    let subscriptions = member.subscriptions();
    let standing = member.standing(now);
    let meter = policy.allowance(standing);
    site.accounts.refresh_reads(member, site.opens(now)).await;
    let spent = member.reads().count_since(site.opens(now));
    let bought = |subscription: &Subscription| {
        let passed = subscription.after(Event::TimePassed, now);
        let held = passed.unwrap_or_else(|_| subscription.clone());
        Bought {
            product: held.terms.product.clone(),
            state: held.state.name(),
            channels: held.terms.channels.iter().map(|channel| channel.name()).collect(),
            renews_at: held.renews_at().map(|at| at.to_string()),
        }
    };
    Ok(Some(Me {
        email: account.email.to_string(),
        name: account.name,
        standing: standing.to_string(),
        products: entitlement::products(&subscriptions, now).map(str::to_owned).collect(),
        left: meter.and_then(|allowance| allowance.left_after(spent)),
        allowance: meter.and_then(|allowance| match allowance {
            Allowance::Articles(articles) => Some(articles),
            Allowance::Unlimited => None,
        }),
        subscriptions: subscriptions.iter().map(bought).collect(),
    }))
}
