//! Writing what readers are told: one message for each moment and placement, seen on a page before it is said.

mod descriptions;
mod file;
mod form;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use masthead_access::{
    Treatment,
    message::{Message, Moment, Placement},
};
use masthead_web::form::see_other;
use serde::Serialize;

use self::{
    descriptions::{chips, stands},
    form::Sheet,
};
pub(crate) use self::{
    descriptions::{summary, when},
    file::{Entry, text, with},
};
use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    pages::{Said, framed, wants_json},
    settings::experiments,
};

#[derive(Serialize)]
struct Listed {
    moments: Vec<MomentRow>,
    steered: bool,
}

#[derive(Serialize)]
struct MomentRow {
    name: &'static str,
    when: &'static str,
    is_own: bool,
    places: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    name: &'static str,
    words: String,
    /// That the offer it names is over; empty where it is not.
    over: String,
}

#[derive(Serialize)]
struct Shown {
    moment: &'static str,
    placement: &'static str,
    when: &'static str,
    stands: &'static str,
    sheet: Sheet,
    version: i32,
    /// What can be inserted: the template, and what it stands for.
    chips: Vec<(String, &'static str)>,
    offers: Vec<(String, String)>,
    over: String,
    is_own: bool,
    /// Whether other words stand at this moment elsewhere on the page.
    has_others: bool,
    is_there: bool,
    page: String,
    fault: String,
    at: &'static str,
}

/// What is wrong with a message, for the script.
#[derive(Serialize)]
struct Told {
    /// The field, by its name in the form; empty where nothing is wrong.
    at: &'static str,
    fault: String,
    /// Where the page with the message is.
    page: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let own = match desk.on.helm.messages() {
        Ok(own) => own,
        Err(fault) => return broken(&desk, &insider, fault),
    };
    let all = desk.on.showroom.messages();
    let row = |moment: Moment| MomentRow {
        name: moment.name(),
        when: when(moment),
        is_own: own.iter().any(|message| message.moment == moment),
        places: Placement::ALL
            .into_iter()
            .map(|placement| Place {
                name: placement.name(),
                words: find(&all, moment, placement).map(summary).unwrap_or_default(),
                over: find(&all, moment, placement)
                    .and_then(|message| over(&desk, message.offer.as_deref()?))
                    .unwrap_or_default(),
            })
            .collect(),
    };
    let listed =
        Listed { moments: Moment::ALL.into_iter().map(row).collect(), steered: !own.is_empty() };
    desk.page(StatusCode::OK, Some(&insider), "messages.html", &listed)
}

pub(crate) async fn message(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path((moment, placement)): Path<(String, String)>,
) -> Response {
    let Some(of) = named(&moment, &placement) else {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_MESSAGE);
    };
    let all = desk.on.showroom.messages();
    let sheet = find(&all, of.0, of.1).map(Sheet::of).unwrap_or_default();
    show(&desk, &insider, of, sheet, None).await
}

/// Everything that the form's buttons do.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path((moment, placement)): Path<(String, String)>,
    headers: HeaderMap,
    Filled(sheet): Filled<Sheet>,
) -> Response {
    let Some(of) = named(&moment, &placement) else {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_MESSAGE);
    };
    let json = wants_json(&headers);
    let checked = sheet.check(of);
    if json {
        let (at, fault) = checked.err().unwrap_or_default();
        return Json(Told { at, fault, page: sheet.page(of) }).into_response();
    }
    let own = match desk.on.helm.messages() {
        Ok(own) => own,
        Err(fault) => return broken(&desk, &insider, fault),
    };
    let all = desk.on.showroom.messages();
    let messages: Vec<Message> = match sheet.wish.as_str() {
        "save" => match checked {
            Ok(message) => with(own, &all, message),
            Err(fault) => return show(&desk, &insider, of, sheet, Some(fault)).await,
        },
        "try" => match checked {
            Ok(message) => {
                let tried = Treatment::Message(Box::new(message));
                return match experiments::begin(&desk, &insider, &tried).await {
                    Ok(()) => see_other("/desk/experiments", &[]),
                    Err(Refused::Told(fault)) => {
                        show(&desk, &insider, of, sheet, Some(("text", fault))).await
                    }
                    Err(fault @ Refused::Failed(_)) => broken(&desk, &insider, fault),
                };
            }
            Err(fault) => return show(&desk, &insider, of, sheet, Some(fault)).await,
        },
        "take-out" => {
            let others = all.iter().filter(|m| m.moment == of.0 && m.placement != of.1).cloned();
            own.into_iter().filter(|m| m.moment != of.0).chain(others).collect()
        }
        "built-in" => own.into_iter().filter(|m| m.moment != of.0).collect(),
        _ => return show(&desk, &insider, of, sheet, checked.err()).await,
    };
    match desk.steer(&insider, Steered::Messages, &sheet.version, text(&messages)).await {
        Ok(()) => see_other(&address(of), &[]),
        Err(Refused::Told(fault)) => show(&desk, &insider, of, sheet, Some(("text", fault))).await,
        Err(Refused::Failed(error)) => broken(&desk, &insider, Refused::Failed(error)),
    }
}

/// A page of the site with the message on it.
pub(crate) async fn seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path((moment, placement)): Path<(String, String)>,
    Query(sheet): Query<Sheet>,
) -> Response {
    let Some(of) = named(&moment, &placement) else {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_MESSAGE);
    };
    let Ok(message) = sheet.check(of) else {
        return desk.say(StatusCode::UNPROCESSABLE_ENTITY, None, &Said::UNSAID);
    };
    match desk.on.showroom.said(&message).await {
        Ok(Some(page)) => framed(page),
        Ok(None) => desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_ARTICLE),
        Err(error) => broken(&desk, &insider, Refused::Failed(error)),
    }
}

type Of = (Moment, Placement);

async fn show(
    desk: &Desk,
    insider: &Insider,
    of: Of,
    sheet: Sheet,
    fault: Option<(&'static str, String)>,
) -> Response {
    let version = match desk.version(Steered::Messages).await {
        Ok(version) => version,
        Err(error) => return desk.failed(&error),
    };
    let own = match desk.on.helm.messages() {
        Ok(own) => own,
        Err(fault) => return broken(desk, insider, fault),
    };
    let all = desk.on.showroom.messages();
    let (moment, placement) = of;
    let page = if sheet.check(of).is_ok() { sheet.page(of) } else { String::new() };
    let (at, fault) = fault.unwrap_or_default();
    let shown = Shown {
        moment: moment.name(),
        placement: placement.name(),
        when: when(moment),
        stands: stands(placement),
        version,
        chips: chips(moment),
        offers: desk.on.showroom.offers(),
        over: over(desk, &sheet.offer).unwrap_or_default(),
        is_own: own.iter().any(|message| message.moment == moment),
        has_others: all.iter().any(|m| m.moment == moment && m.placement != placement),
        is_there: find(&all, moment, placement).is_some(),
        page,
        sheet,
        fault,
        at,
    };
    let status = form_status(&shown.fault);
    desk.page(status, Some(insider), "message.html", &shown)
}

fn broken(desk: &Desk, insider: &Insider, fault: Refused) -> Response {
    let (Refused::Told(error) | Refused::Failed(error)) = fault;
    desk.cannot(insider, "the messages cannot be shown or set", &error)
}

fn named(moment: &str, placement: &str) -> Option<Of> {
    Some((moment.parse().ok()?, placement.parse().ok()?))
}

fn address((moment, placement): Of) -> String {
    format!("/desk/messages/{}/{}", moment.name(), placement.name())
}

/// That an offer is over, and what becomes of a message that names it.
fn over(desk: &Desk, slug: &str) -> Option<String> {
    let catalogue = desk.on.helm.catalogue();
    let offer = catalogue.offer(slug)?;
    let last = offer.ends.filter(|_| !offer.runs(desk.now(), &desk.imprint().zone))?;
    let name = if offer.name.is_empty() { &offer.slug } else { &offer.name };
    let last = last.strftime("%-d %B %Y");
    Some(format!(
        "The offer “{name}” is over since {last}: until another is named, readers get the words without it."
    ))
}

fn find(all: &[Message], moment: Moment, placement: Placement) -> Option<&Message> {
    all.iter().find(|message| message.moment == moment && message.placement == placement)
}
