//! The page of the redirects: one form, the list, and a field for many at once.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use http::StatusCode;
use masthead_editorial::{paths::readable, redirect::is_of_the_site};
use masthead_publication::Publication;
use masthead_store::{
    MAX_FOLLOWING, MAX_REDIRECTS, RedirectFault, RedirectImport, RedirectWrite, StoredRedirect,
};
use masthead_web::{body::BodyLimits, form::read_within};
use serde::{Deserialize, Serialize};

use super::{
    form::{RedirectForm, lines},
    history::{self, RedirectChange},
};
use crate::{
    error::Handled,
    form::{Fields, form_status},
    http::see_other,
    newsroom::publishing::refresh,
    settings::save::FormFault,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// Redirects that are listed at once.
const PER_PAGE: u64 = 100;
/// The maximum size of the form, which may have all redirects.
const LIMITS: BodyLimits = BodyLimits::upload(4 * 1024 * 1024);

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RedirectsQuery {
    /// Words to find in addresses.
    q: String,
    /// The last address of the page before.
    after: String,
    /// The address whose redirect is to be changed.
    edit: String,
}

#[derive(Default, Serialize)]
struct RedirectsPage {
    q: String,
    total: String,
    form: RedirectForm,
    rows: Vec<RedirectRow>,
    /// The next page; empty if there is none.
    next: String,
    /// The latest changes.
    changes: Vec<RedirectChange>,
    /// What was entered to be imported.
    file: String,
    at: String,
    fault: String,
}

#[derive(Default, Serialize)]
struct RedirectRow {
    path: String,
    target: String,
    status: u16,
    /// Where to change it.
    edit: String,
    /// Whether the site has something else at this address.
    is_hidden: bool,
}

impl Page for RedirectsPage {
    const TEMPLATE: &'static str = "redirects.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/redirects`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<RedirectsQuery>,
) -> Handled {
    let known = if query.edit.is_empty() { None } else { desk.store.redirect(&query.edit).await? };
    let form = known.map_or_else(RedirectForm::new, RedirectForm::of);
    let entered = Entered { form, ..Entered::default() };
    show(&desk, &staff, &query, entered, None).await
}

/// What was entered, and is shown again.
#[derive(Default)]
struct Entered {
    form: RedirectForm,
    file: String,
}

/// `POST /desk/redirects`: every button of the page.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    request: Request,
) -> Handled {
    let fields: Fields = read_within(request, LIMITS).await?;
    let (form, words) = (RedirectForm::sent(&fields), staff.words);
    let attribution = desk.attribution(&staff);
    let write = match fields.button().action.as_str() {
        "undo" => history::undo_change(&desk, &staff, &fields.button().target).await?,
        "import" => return import(&desk, &staff, fields.text("file")).await,
        "delete" => desk.store.delete_redirect(&form.was, form.version, attribution).await?,
        _ => {
            let publication = desk.settings();
            let redirect = match form.redirect(&own_hosts(&publication), words) {
                Ok(redirect) => redirect,
                Err(fault) => {
                    let entered = Entered { form, ..Entered::default() };
                    return show(&desk, &staff, &RedirectsQuery::default(), entered, Some(fault))
                        .await;
                }
            };
            let known = (!form.was.is_empty()).then_some((form.was.as_str(), form.version));
            desk.store.change_redirect(known, &redirect, attribution).await?
        }
    };
    let fault = match write {
        RedirectWrite::Done => {
            refresh(&desk).await;
            return Ok(see_other("/desk/redirects"));
        }
        RedirectWrite::Behind => FormFault::of_form(words.text("redirects_fault_behind")),
        RedirectWrite::Taken => FormFault::at("path", words.text("redirects_fault_taken")),
        RedirectWrite::Refused(fault) => FormFault::at("target", refusal(fault, words)),
    };
    let form = latest(&desk, form).await?;
    let entered = Entered { form, ..Entered::default() };
    show(&desk, &staff, &RedirectsQuery::default(), entered, Some(fault)).await
}

/// The form with the version of now, so that it can be saved in place of what somebody else has saved.
async fn latest(
    desk: &DeskState,
    form: RedirectForm,
) -> Result<RedirectForm, masthead_store::StoreError> {
    if form.was.is_empty() {
        return Ok(form);
    }
    Ok(match desk.store.redirect(&form.was).await? {
        Some(known) => RedirectForm { version: known.version, ..form },
        None => RedirectForm { version: 0, was: String::new(), ..form },
    })
}

async fn import(desk: &DeskState, staff: &CurrentStaff, file: String) -> Handled {
    let words = staff.words;
    let read = lines(&file, &own_hosts(&desk.settings()), words);
    let fault = match read {
        Err(fault) => fault,
        Ok(redirects) => {
            let attribution = desk.attribution(staff);
            match desk.store.import_redirects(&redirects, attribution).await? {
                RedirectImport::Done { .. } => {
                    refresh(desk).await;
                    return Ok(see_other("/desk/redirects"));
                }
                RedirectImport::Refused(index, fault) => {
                    let path = redirects.get(index).map(|own| own.path.clone());
                    let fault = refusal(fault, words);
                    let path = path.unwrap_or_default();
                    words.fill("redirects_fault_at", &[("path", &path), ("fault", &fault)])
                }
            }
        }
    };
    let entered = Entered { form: RedirectForm::new(), file };
    let fault = Some(FormFault::at("file", fault));
    show(desk, staff, &RedirectsQuery::default(), entered, fault).await
}

fn refusal(fault: RedirectFault, words: DeskWords) -> String {
    match fault {
        RedirectFault::Loop => words.text("redirects_fault_loop").to_owned(),
        RedirectFault::TooLong => {
            words.fill("redirects_fault_long", &[("most", &words.number(MAX_FOLLOWING as u64))])
        }
        RedirectFault::TooMany => {
            words.fill("redirects_fault_many", &[("most", &words.number(MAX_REDIRECTS))])
        }
    }
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    query: &RedirectsQuery,
    Entered { form, file }: Entered,
    fault: Option<FormFault>,
) -> Handled {
    let mut rows = desk.store.redirects(query.q.trim(), &query.after, PER_PAGE + 1).await?;
    let has_more = rows.len() as u64 > PER_PAGE;
    rows.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    let next = match rows.last().filter(|_| has_more) {
        Some(last) => address(&[("q", &query.q), ("after", &last.redirect.path)]),
        None => String::new(),
    };
    let snapshot = desk.snapshot();
    let row = |StoredRedirect { redirect, .. }: &StoredRedirect| RedirectRow {
        path: redirect.path.clone(),
        target: readable(&redirect.target).into_owned(),
        status: redirect.status.code(),
        edit: address(&[("edit", &redirect.path)]),
        is_hidden: is_of_the_site(&redirect.path)
            || snapshot.edition.find_spelled(without_query(&redirect.path)).is_some(),
    };
    let total = desk.store.count_redirects().await?;
    let FormFault { field: at, text: fault, .. } = fault.unwrap_or_default();
    let page = RedirectsPage {
        q: query.q.clone(),
        total: staff.words.count("redirects_total", total),
        rows: rows.iter().map(row).collect(),
        form,
        next,
        changes: history::changes(desk, staff.words).await?,
        file,
        at,
        fault,
    };
    Ok(desk.page(staff, &page))
}

/// The hosts at which pages are shown.
pub(crate) fn own_hosts(publication: &Publication) -> Vec<&str> {
    let own = publication.address.split_once("://").map(|(_, host)| host);
    own.into_iter().chain(publication.http.hosts.iter().map(String::as_str)).collect()
}

/// A path without its query: pages are the same with any.
fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// The page with a query.
fn address(pairs: &[(&str, &str)]) -> String {
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    format!("/desk/redirects?{query}")
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for RedirectsPage {
        fn samples() -> Vec<Self> {
            let row = RedirectRow { is_hidden: true, ..RedirectRow::default() };
            let form = RedirectForm { was: "/a".into(), ..RedirectForm::new() };
            let full = Self {
                form,
                rows: vec![row, RedirectRow::default()],
                next: "/desk/redirects?after=a".into(),
                changes: vec![RedirectChange::sample(), RedirectChange::default()],
                at: "path".into(),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), Self { at: "file".into(), ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<RedirectsPage>();
    }
}
