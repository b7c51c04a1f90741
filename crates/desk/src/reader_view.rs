//! "What does this reader see, and why?"

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use masthead_access::{RequestContext, Standing};
use masthead_circulation::{EmailAddress, History, staff::Permission};
use masthead_publication::preview::{Preview, PreviewAs, SimulatedReader};
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Refused,
    auth::{Inside, Insider},
    form::form_status,
    pages::Said,
};

/// What the log says where nothing works.
const BROKEN: &str = "an article cannot be looked at";
/// As many articles as are offered for choice.
const LATEST: usize = 100;
/// More than any meter counts.
pub(crate) const MOST_READ: u32 = 1000;
/// How long the trial of a made-up reader lasts, and how long ago what has ended did.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What is asked, in the query.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Question {
    #[serde(default)]
    article: String,
    /// The name of a standing or robot.
    #[serde(default, rename = "as")]
    standing: String,
    #[serde(default)]
    read: String,
    /// Whether this article was read before.
    #[serde(default)]
    again: String,
    #[serde(default)]
    product: String,
    /// The address of a reader.
    #[serde(default)]
    reader: String,
}

#[derive(Serialize)]
struct Why {
    article: String,
    standing: String,
    read: String,
    again: bool,
    product: String,
    reader: String,
    /// Whether a reader may be named.
    may_help: bool,
    by_reader: bool,
    articles: Vec<(String, String)>,
    products: Vec<(String, String)>,
    standings: Vec<(&'static str, &'static str)>,
    fault: String,
    seen: Option<Shown>,
}

#[derive(Serialize)]
struct Shown {
    headline: String,
    address: String,
    sentence: String,
    header: String,
    trace: Vec<String>,
    moments: Vec<&'static str>,
    placements: Vec<&'static str>,
    /// Where the page is, as they see it.
    page: String,
}

/// Whom one can look as: the name in the address, and what it is called.
pub(crate) const STANDINGS: [(&str, &str); 10] = [
    ("anonymous", "A reader without an account"),
    ("registered", "A registered reader"),
    ("trial", "In a trial that ends in three days"),
    ("subscribed", "A subscriber"),
    ("cancelled", "A subscriber who has cancelled, until three days ahead"),
    ("grace", "A subscriber whose payment failed"),
    ("trial-ended", "Whose trial ended three days ago"),
    ("subscription-ended", "Whose subscription ended three days ago"),
    ("crawler", "A search engine that has proved itself"),
    ("preview", "A robot that draws a card for a shared link"),
];

/// Looking as somebody who is made up.
pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(question): Query<Question>,
) -> Response {
    answer(&desk, &insider, question, false).await
}

/// Looking as a reader with an account.
pub(crate) async fn reader_page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(question): Query<Question>,
) -> Response {
    answer(&desk, &insider, question, true).await
}

async fn answer(desk: &Desk, insider: &Insider, question: Question, by_reader: bool) -> Response {
    let asked = !question.article.is_empty();
    let found = if asked { look(desk, &question, by_reader).await } else { Ok(None) };
    let (seen, fault) = match found {
        Ok(seen) => (seen, String::new()),
        Err(Refused::Told(fault)) => (None, fault),
        Err(Refused::Failed(error)) => return desk.cannot(insider, BROKEN, &error),
    };
    let status = form_status(&fault);
    let showroom = &desk.on.showroom;
    let why = Why {
        seen: seen.map(|seen| shown(&seen, &question, by_reader)),
        may_help: insider.staff.role.may(Permission::Help),
        by_reader,
        articles: showroom.latest(LATEST),
        products: showroom.products(),
        standings: STANDINGS.to_vec(),
        again: question.again == "yes",
        article: question.article,
        standing: question.standing,
        read: question.read,
        product: question.product,
        reader: question.reader,
        fault,
    };
    desk.page(status, Some(insider), "why.html", &why)
}

fn shown(seen: &Preview, question: &Question, by_reader: bool) -> Shown {
    let encode = |value: &str| masthead_web::form::encode_query(value).to_string();
    let article = encode(&seen.address);
    let page = if by_reader {
        format!("/desk/why/reader/page?article={article}&reader={}", encode(&question.reader))
    } else {
        format!(
            "/desk/why/page?article={article}&as={}&read={}&again={}&product={}",
            encode(&question.standing),
            encode(&question.read),
            encode(&question.again),
            encode(&question.product)
        )
    };
    Shown {
        headline: seen.headline.clone(),
        address: seen.address.clone(),
        sentence: seen.sentence(),
        header: seen.decision.header().into_owned(),
        trace: seen.trace.clone(),
        moments: seen.moments.clone(),
        placements: seen.placements.clone(),
        page,
    }
}

/// The page itself, as somebody who is made up sees it.
pub(crate) async fn seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(question): Query<Question>,
) -> Response {
    send(&desk, &insider, &question, false).await
}

/// The page itself, as a reader with an account sees it.
pub(crate) async fn reader_seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(question): Query<Question>,
) -> Response {
    send(&desk, &insider, &question, true).await
}

async fn send(desk: &Desk, insider: &Insider, question: &Question, by_reader: bool) -> Response {
    match look(desk, question, by_reader).await {
        Ok(Some(seen)) => crate::pages::framed(seen.page),
        Ok(None) | Err(Refused::Told(_)) => {
            desk.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_ARTICLE)
        }
        Err(Refused::Failed(error)) => desk.cannot(insider, BROKEN, &error),
    }
}

async fn look(
    desk: &Desk,
    question: &Question,
    by_reader: bool,
) -> Result<Option<Preview>, Refused> {
    let viewer = if by_reader {
        known(desk, &question.reader).await?
    } else {
        PreviewAs::SimulatedReader(guise(question, desk.now())?)
    };
    let address = path(&question.article, &desk.imprint().address);
    let seen = desk.on.showroom.seen(&address, &viewer).await.map_err(Refused::Failed)?;
    let none = || {
        Refused::Told(format!(
            "There is no article at {address}. Choose one from the list, or copy its address from the browser."
        ))
    };
    seen.map(Some).ok_or_else(none)
}

async fn known(desk: &Desk, reader: &str) -> Result<PreviewAs, Refused> {
    let told = |fault: &str| Refused::Told(fault.to_owned());
    let email = reader.parse::<EmailAddress>();
    let email =
        email.map_err(|_| told("That is no e-mail address. Write one such as ada@example.org."))?;
    let account = desk.on.store.account_at(&email).await.map_err(Refused::failed)?;
    let account = account.ok_or_else(|| told("No reader has an account with this address."))?;
    Ok(PreviewAs::Account(account.id))
}

fn guise(question: &Question, now: Timestamp) -> Result<SimulatedReader, Refused> {
    let read = question.read.trim();
    let read = if read.is_empty() { Some(0) } else { read.parse().ok() };
    let read = read.filter(|read| *read <= MOST_READ).ok_or_else(|| {
        Refused::Told(format!("Write how many articles were read as a number up to {MOST_READ}."))
    })?;
    let mut guise = made_up(&question.standing, read, now)
        .ok_or_else(|| Refused::Told("Choose how the reader stands.".to_owned()))?;
    guise.has_read_this = question.again == "yes";
    let holds = matches!(guise.history, History::InTrial | History::Live);
    if holds && !question.product.is_empty() {
        guise.products.push(question.product.clone());
    }
    Ok(guise)
}

/// A reader of the standing with this name, who has read so many other articles; none where there is no such
/// standing.
pub(crate) fn made_up(standing: &str, read: u32, now: Timestamp) -> Option<SimulatedReader> {
    let (soon, past) = (now + SOON, now - SOON);
    let (mut context, mut stands) = (RequestContext::Plain, Standing::Anonymous);
    match standing {
        "anonymous" => {}
        "registered" => stands = Standing::Registered,
        "trial" => stands = Standing::Trial { ends: soon },
        "subscribed" => stands = Standing::Subscribed { ends: None },
        "cancelled" => stands = Standing::Subscribed { ends: Some(soon) },
        "grace" => stands = Standing::Grace,
        "trial-ended" => stands = Standing::TrialEnded { at: past },
        "subscription-ended" => stands = Standing::SubscriptionEnded { at: past },
        "crawler" => context = RequestContext::VerifiedCrawler,
        "preview" => context = RequestContext::LinkPreview,
        _ => return None,
    }
    let history = match stands {
        Standing::Anonymous | Standing::Registered | Standing::Member | Standing::Staff => {
            History::New
        }
        Standing::Trial { .. } => History::InTrial,
        Standing::Subscribed { .. } | Standing::Grace => History::Live,
        Standing::TrialEnded { .. } | Standing::SubscriptionEnded { .. } => History::Lapsed,
    };
    Some(SimulatedReader {
        standing: stands,
        products: Vec::new(),
        read,
        has_read_this: false,
        context,
        history,
    })
}

/// The path in what was typed or pasted: a whole address, or a path with or without its slash.
fn path(typed: &str, address: &str) -> String {
    let typed = typed.trim();
    let typed = typed.strip_prefix(address).unwrap_or(typed);
    let typed = typed.split(['?', '#']).next().unwrap_or_default();
    format!("/{}", typed.trim_start_matches('/').trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_named_as_one_has_it_at_hand() {
        for typed in [
            "/town/bridge",
            "town/bridge",
            " /town/bridge/ ",
            "https://paper.example/town/bridge?x=1#top",
        ] {
            assert_eq!(path(typed, "https://paper.example"), "/town/bridge", "{typed:?}");
        }
        assert_eq!(path("", "https://paper.example"), "/");
    }
}
