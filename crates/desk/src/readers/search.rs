//! Finding a reader by a part of their address or name, or by the number of a subscription.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_circulation::{Account, SubscriptionId};
use serde::{Deserialize, Serialize};

use super::page::reader_address;
use crate::{
    error::Handled, http::see_other, staff::CurrentStaff, state::DeskState, templates::Page,
};

/// More readers than anybody looks through.
const MAX_FOUND: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReaderQuery {
    q: String,
}

#[derive(Default, Serialize)]
struct ReadersPage {
    q: String,
    /// Whether anything was asked for.
    asked: bool,
    /// Whether there are more than these.
    more: bool,
    readers: Vec<ReaderRow>,
}

impl Page for ReadersPage {
    const TEMPLATE: &'static str = "readers.html";
}

#[derive(Default, Serialize)]
struct ReaderRow {
    number: u32,
    name: String,
    email: String,
    since: String,
}

/// `GET /desk/readers`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ReaderQuery>,
) -> Handled {
    let q = query.q.trim().to_owned();
    if let Some(number) = subscription_number(&q)
        && let Some(subscription) = desk.store.subscription(number).await?
    {
        return Ok(see_other(&reader_address(subscription.account)));
    }
    let mut accounts = if q.is_empty() {
        Vec::new()
    } else {
        desk.store.find_accounts(&q, MAX_FOUND as u64 + 1).await?
    };
    if let [one] = accounts.as_slice()
        && one.email.as_str() == q.to_lowercase()
    {
        return Ok(see_other(&reader_address(one.id)));
    }
    let more = accounts.len() > MAX_FOUND;
    accounts.truncate(MAX_FOUND);
    let zone = desk.publication().zone;
    let line = |account: Account| ReaderRow {
        number: account.id.0,
        since: staff.words.date(account.registered, &zone),
        email: account.email.to_string(),
        name: account.name,
    };
    let readers = accounts.into_iter().map(line).collect();
    Ok(desk.page(&staff, &ReadersPage { asked: !q.is_empty(), q, more, readers }))
}

/// The number in what invoices call a subscription: "S-12".
fn subscription_number(text: &str) -> Option<SubscriptionId> {
    let digits = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-"))?;
    digits.parse().ok().map(SubscriptionId)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ReadersPage {
        fn samples() -> Vec<Self> {
            let named = ReaderRow { name: "Ada".into(), ..ReaderRow::default() };
            let readers = vec![named, ReaderRow::default()];
            let asked = Self { asked: true, ..Self::default() };
            vec![Self::default(), asked, Self { more: true, readers, ..Self::default() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ReadersPage>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_found_by_its_number_on_invoices() {
        assert_eq!(subscription_number("S-12"), Some(SubscriptionId(12)));
        assert_eq!(subscription_number("s-12"), Some(SubscriptionId(12)));
        for other in ["12", "S-", "S-x", "S-99999999999"] {
            assert_eq!(subscription_number(other), None, "{other}");
        }
    }
}
