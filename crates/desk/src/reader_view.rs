//! `/desk/why`: what a reader sees of an article, and why.

pub(crate) mod explanation;
pub(crate) mod query;
pub(crate) mod simulated;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::{EmailAddress, staff::Permission};
use masthead_publication::preview::Preview;
use serde::Serialize;

use self::{
    query::{Subject, ViewError, ViewQuery},
    simulated::standings,
};
use crate::{
    error::{DeskError, Handled},
    form::form_status,
    http::{framed_page, with_query},
    in_force::pairs,
    notice::Notice,
    security_log::LogSubject,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// Articles that are offered, the latest first.
const LATEST: usize = 100;

#[derive(Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
struct ViewPage {
    article: String,
    standing: String,
    read: String,
    again: bool,
    product: String,
    reader: String,
    /// Whether a reader with an account may be looked up.
    may_support_readers: bool,
    by_reader: bool,
    /// Address and headline.
    articles: Vec<(String, String)>,
    /// Slug and name.
    products: Vec<(String, String)>,
    standings: Vec<(&'static str, &'static str)>,
    fault: String,
    view: Option<View>,
}

impl Page for ViewPage {
    const TEMPLATE: &'static str = "why.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// What the reader sees.
#[derive(Default, Serialize)]
struct View {
    headline: String,
    sentence: String,
    /// The value of the response's header that names the decision.
    header: String,
    trace: Vec<String>,
    moments: Vec<&'static str>,
    placements: Vec<&'static str>,
    /// The address of the page as they see it.
    page: String,
}

/// `GET /desk/why`: as a simulated reader.
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ViewQuery>,
) -> Handled {
    show(&desk, &staff, query, Subject::Simulated).await
}

/// `GET /desk/why/reader`: as a reader with an account.
pub(crate) async fn account_page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ViewQuery>,
) -> Handled {
    let reader = query.reader.clone();
    let response = show(&desk, &staff, query, Subject::Account).await?;
    name_reader(&desk, &reader, response).await
}

/// `GET /desk/why/page`: the article's page as a simulated reader sees it.
pub(crate) async fn preview(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ViewQuery>,
) -> Handled {
    show_article(&desk, &query, Subject::Simulated, staff.words).await
}

/// `GET /desk/why/reader/page`: the article's page as a reader with an account sees it.
pub(crate) async fn account_preview(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ViewQuery>,
) -> Handled {
    let response = show_article(&desk, &query, Subject::Account, staff.words).await?;
    name_reader(&desk, &query.reader, response).await
}

/// Says in a response whose view it shows, for the security log.
async fn name_reader(desk: &DeskState, email: &str, mut response: Response) -> Handled {
    if let Ok(email) = email.parse::<EmailAddress>()
        && let Some(account) = desk.store.account_at(&email).await?
    {
        response.extensions_mut().insert(LogSubject(account.id));
    }
    Ok(response)
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    query: ViewQuery,
    subject: Subject,
) -> Handled {
    let words = staff.words;
    let (view, fault) = if query.article.is_empty() {
        (None, String::new())
    } else {
        match look(desk, &query, subject, words).await {
            Ok(seen) => (Some(view(desk, &seen, (&query, subject), words)), String::new()),
            Err(ViewError::Invalid(fault)) => (None, fault),
            Err(ViewError::Failed(error)) => return Err(error),
        }
    };
    let page = ViewPage {
        view,
        may_support_readers: staff.may(Permission::SupportReaders),
        by_reader: subject == Subject::Account,
        articles: pairs(desk.snapshot().latest_articles(LATEST)),
        products: pairs(desk.snapshot().products()),
        standings: standings(words),
        again: query.again == "yes",
        article: query.article,
        standing: query.standing,
        read: query.read,
        product: query.product,
        reader: query.reader,
        fault,
    };
    Ok(desk.page(staff, &page))
}

fn view(
    desk: &DeskState,
    seen: &Preview,
    (query, subject): (&ViewQuery, Subject),
    words: DeskWords,
) -> View {
    let query = ViewQuery { article: seen.address.clone(), ..query.clone() };
    let page = match subject {
        Subject::Simulated => "/desk/why/page",
        Subject::Account => "/desk/why/reader/page",
    };
    View {
        headline: seen.headline.clone(),
        sentence: explanation::sentence(&seen.decision, words),
        header: seen.decision.header().into_owned(),
        trace: explanation::steps(&seen.decision, &desk.settings().policy, words),
        moments: seen.moments.clone(),
        placements: seen.placements.clone(),
        page: with_query(page, &query),
    }
}

async fn show_article(
    desk: &DeskState,
    query: &ViewQuery,
    subject: Subject,
    words: DeskWords,
) -> Handled {
    match look(desk, query, subject, words).await {
        Ok(seen) => Ok(framed_page(seen.page)),
        Err(ViewError::Invalid(_)) => Err(Notice::NothingToSee.into()),
        Err(ViewError::Failed(error)) => Err(error),
    }
}

async fn look(
    desk: &DeskState,
    query: &ViewQuery,
    subject: Subject,
    words: DeskWords,
) -> Result<Preview, ViewError> {
    let viewer = query.viewer(desk, subject, words).await?;
    let address = query.address(&desk.publication().address);
    let seen = desk.previews.at_address(&address, &viewer).await;
    let seen = seen.map_err(|error| DeskError::failed("preview: render article", error))?;
    seen.ok_or_else(|| {
        ViewError::Invalid(words.fill("view_fault_article", &[("address", &address)]))
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ViewPage {
        fn samples() -> Vec<Self> {
            let pair = || vec![(String::new(), String::new())];
            let full = Self {
                may_support_readers: true,
                articles: pair(),
                products: pair(),
                standings: standings(DeskWords::default()),
                fault: "Wrong".into(),
                view: Some(View {
                    trace: vec!["Why".into()],
                    moments: vec!["meter.left"],
                    placements: vec!["banner"],
                    ..View::default()
                }),
                ..Self::default()
            };
            let silent = Self { by_reader: true, view: Some(View::default()), ..Self::default() };
            vec![Self::default(), silent, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ViewPage>();
    }
}
