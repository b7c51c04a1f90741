//! The list of readers: filtered, searched and counted, one page after another.

use std::sync::Arc;

use axum::extract::{Query, State};
use jiff::tz::TimeZone;
use masthead_circulation::{AccountId, EmailAddress, ReaderStatus, SubscriptionId};
use masthead_store::{ReaderEntry, ReaderOrder, ReaderQuery, ReaderSelection, StoreError};
use serde::Serialize;

use super::{
    bulk::told_in_words, extension, form::ReadersForm, job_rows::ReaderJobRow, labelling,
    page::reader_address,
};
use crate::{
    error::Handled, http::see_other, in_force::pairs, staff::CurrentStaff, state::DeskState,
    templates::Page, words::DeskWords,
};

/// Readers on one page.
const PER_PAGE: usize = 50;
/// Labels that are suggested.
pub(super) const MAX_LABELS: u64 = 100;

#[derive(Default, Serialize)]
struct ReadersPage {
    form: ReadersForm,
    /// Whether all readers are listed.
    is_all: bool,
    count: String,
    /// Name, label, address.
    statuses: Vec<(&'static str, &'static str, String)>,
    /// Slug and name.
    products: Vec<(String, String)>,
    labels: Vec<String>,
    orders: [(&'static str, &'static str); 3],
    /// The filters, for the forms that do something with the readers whom they fit.
    fields: Vec<(&'static str, String)>,
    readers: Vec<ReaderRow>,
    /// The address of the first page; empty on it.
    first: String,
    /// The address of the next page; empty on the last.
    next: String,
    csv: String,
    /// What was done with readers who were selected.
    told: String,
    /// Long work of the last days.
    jobs: Vec<ReaderJobRow>,
}

impl Page for ReadersPage {
    const TEMPLATE: &'static str = "readers.html";
}

#[derive(Default, Serialize)]
struct ReaderRow {
    number: u32,
    name: String,
    email: String,
    status: &'static str,
    product: String,
    labels: Vec<String>,
    since: String,
}

/// What is asked for, and what was done before.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    #[serde(flatten)]
    form: ReadersForm,
    told: String,
}

/// `GET /desk/readers`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(ListQuery { form, told }): Query<ListQuery>,
) -> Handled {
    let q = form.q.trim();
    let numbered = if q.is_empty() { Vec::new() } else { by_number(&desk, q).await? };
    if let [one] = numbered[..] {
        return Ok(see_other(&reader_address(one)));
    }
    if let Ok(email) = q.parse::<EmailAddress>()
        && let Some(account) = desk.store.account_at(&email).await?
    {
        return Ok(see_other(&reader_address(account.id)));
    }
    let page = if numbered.is_empty() {
        filtered(&desk, &staff, form).await?
    } else {
        let entries = desk.store.reader_entries(&numbered).await?;
        let count = entries.len() as u64;
        ReadersPage { next: String::new(), ..listed(&desk, &staff, form, entries, count).await? }
    };
    let mut jobs = extension::rows(&desk, &staff).await?;
    jobs.extend(labelling::rows(&desk, &staff).await?);
    let page = ReadersPage { told: told_in_words(&told, staff.words), jobs, ..page };
    Ok(desk.page(&staff, &page))
}

/// The readers who fit a form: those of a number, or else those of its filters, in an order for long work.
pub(super) async fn all_of(
    desk: &DeskState,
    form: &ReadersForm,
) -> Result<ReaderSelection, StoreError> {
    let q = form.q.trim();
    let numbered = if q.is_empty() { Vec::new() } else { by_number(desk, q).await? };
    if !numbered.is_empty() {
        return Ok(ReaderSelection::Chosen(numbered));
    }
    let publication = desk.publication();
    let query = form.query(&publication.zone, &publication.address);
    let order = ReaderOrder::Number;
    Ok(ReaderSelection::All(ReaderQuery { after: None, order, ..query }))
}

/// The accounts to which a number or reference leads that is on an invoice or a receipt.
async fn by_number(desk: &DeskState, text: &str) -> Result<Vec<AccountId>, StoreError> {
    if let Some(number) = subscription_number(text) {
        let found = desk.store.subscription(number).await?;
        return Ok(found.into_iter().map(|found| found.account).collect());
    }
    if let Ok(number) = text.parse() {
        let found = desk.store.accounts_by_number(number).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    desk.store.accounts_by_reference(text).await
}

async fn filtered(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: ReadersForm,
) -> Result<ReadersPage, StoreError> {
    let publication = desk.publication();
    let query = form.query(&publication.zone, &publication.address);
    let entries = desk.store.readers(&query, PER_PAGE as u64 + 1).await?;
    let count = desk.store.count_readers(&query).await?;
    listed(desk, staff, form, entries, count).await
}

/// The page with these readers, of whom there may be one more than it shows.
async fn listed(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: ReadersForm,
    mut entries: Vec<ReaderEntry>,
    count: u64,
) -> Result<ReadersPage, StoreError> {
    let (words, zone) = (staff.words, desk.publication().zone);
    let more = entries.len() > PER_PAGE;
    entries.truncate(PER_PAGE);
    let last = entries.last().map(|entry| entry.account.id).filter(|_| more);
    let products = pairs(desk.snapshot().products());
    let list = "/desk/readers";
    Ok(ReadersPage {
        is_all: form.q.trim().is_empty() && !form.has_filters(),
        count: words.count("readers_found", count),
        statuses: statuses(&form, words),
        labels: desk.store.all_labels(MAX_LABELS).await?,
        orders: orders(words),
        fields: form.fields().into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
        readers: entries.into_iter().map(|entry| row(entry, &products, &zone, words)).collect(),
        first: if form.after.is_empty() { String::new() } else { form.address(list, None) },
        next: last.map(|last| form.address(list, Some(last))).unwrap_or_default(),
        csv: form.address("/desk/readers.csv", None),
        told: String::new(),
        jobs: Vec::new(),
        products,
        form,
    })
}

fn row(
    entry: ReaderEntry,
    products: &[(String, String)],
    zone: &TimeZone,
    words: DeskWords,
) -> ReaderRow {
    let ReaderEntry { account, status, product, labels } = entry;
    let known = products.iter().find(|(slug, _)| *slug == product);
    ReaderRow {
        number: account.id.0,
        since: words.date(account.registered, zone),
        email: account.email.to_string(),
        name: account.name,
        status: status_label(status, words),
        product: known.map_or(product, |(_, name)| name.clone()),
        labels,
    }
}

fn statuses(form: &ReadersForm, words: DeskWords) -> Vec<(&'static str, &'static str, String)> {
    let all = ("", words.text("readers_all"), form.with_status(""));
    let each = ReaderStatus::all().map(|status| {
        (status.name(), status_label(status, words), form.with_status(status.name()))
    });
    std::iter::once(all).chain(each).collect()
}

fn orders(words: DeskWords) -> [(&'static str, &'static str); 3] {
    [
        ("newest", words.text("readers_newest")),
        ("oldest", words.text("readers_oldest")),
        ("email", words.text("readers_by_email")),
    ]
}

/// The status of a reader in words.
pub(super) fn status_label(status: ReaderStatus, words: DeskWords) -> &'static str {
    words.text(match status {
        ReaderStatus::Registered => "readers_registered",
        ReaderStatus::Trial => "readers_trial",
        ReaderStatus::Subscriber => "readers_subscriber",
        ReaderStatus::Complimentary => "readers_complimentary",
        ReaderStatus::Paused => "readers_paused",
        ReaderStatus::PastDue => "readers_past_due",
        ReaderStatus::InvoiceOpen => "readers_invoice_open",
        ReaderStatus::Lapsed => "readers_lapsed",
    })
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
            let row = ReaderRow {
                name: "Ada".into(),
                product: "Web".into(),
                labels: vec!["school".into()],
                ..ReaderRow::default()
            };
            let words = DeskWords::default();
            let full = Self {
                statuses: statuses(&ReadersForm::default(), words),
                products: vec![("web".into(), "Web".into())],
                labels: vec!["school".into()],
                orders: orders(words),
                fields: vec![("status", "trial".into())],
                readers: vec![row, ReaderRow::default()],
                first: "/desk/readers".into(),
                next: "/desk/readers?after=1".into(),
                told: "Done.".into(),
                jobs: vec![
                    ReaderJobRow { is_running: true, ..ReaderJobRow::default() },
                    ReaderJobRow { resumption: "/desk".into(), ..ReaderJobRow::default() },
                ],
                ..Self::default()
            };
            vec![Self::default(), Self { is_all: true, ..Self::default() }, full]
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
