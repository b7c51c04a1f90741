//! Who is signed in, and how they stand.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use masthead_access::Allowance;
use masthead_circulation::{Event, Subscription, entitlement};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use crate::{error::Handled, extract::ApiReader, problem::Problem, state::Site};

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
        (status = 403, description = "The app's token lacks the scope `account`", body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("session" = [])),
)]
pub(super) async fn me(State(site): State<Arc<Site>>, reader: ApiReader) -> Handled {
    site.accounts.refresh_reads(&reader.cached, site.opens((site.clock)())).await;
    Ok(answer(StatusCode::OK, &describe(&site, reader)))
}

fn describe(site: &Site, ApiReader { cached, account }: ApiReader) -> Me {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let subscriptions = cached.subscriptions();
    let standing = cached.standing(now);
    let meter = snapshot.publication.policy.allowance(standing);
    let spent = cached.reads().count_since(site.opens(now));
    Me {
        email: account.email.to_string(),
        name: account.name,
        standing: standing.to_string(),
        products: entitlement::products(&subscriptions, now).map(str::to_owned).collect(),
        left: meter.and_then(|allowance| allowance.left_after(spent)),
        allowance: meter.and_then(|allowance| match allowance {
            Allowance::Articles(articles) => Some(articles),
            Allowance::Unlimited => None,
        }),
        subscriptions: subscriptions.iter().map(|held| bought(held, now)).collect(),
    }
}

fn bought(subscription: &Subscription, now: Timestamp) -> Bought {
    let passed = subscription.after(Event::TimePassed, now);
    let held = passed.unwrap_or_else(|_| subscription.clone());
    Bought {
        product: held.terms.product.clone(),
        state: held.state.name(),
        channels: held.terms.channels.iter().map(|channel| channel.name()).collect(),
        renews_at: held.renews_at().map(|at| at.to_string()),
    }
}
