//! Writing what readers are told: one message for each moment and placement, seen on a page before it is said.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use masthead_access::{
    Tried,
    message::{Action, Draft, Field, Message, MessageError, Moment, Placement, Template, Variable},
};
use masthead_store::StoreError;
use masthead_web::form;
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Refused, Steered, experiments,
    filled::Filled,
    gate::{Inside, Insider},
    pages::{Said, framed, wants_json},
};

/// Actions in one form.
const ACTIONS: usize = Message::MOST_ACTIONS;

/// What the form of a message holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Sheet {
    #[serde(skip_serializing)]
    version: String,
    #[serde(rename = "do", skip_serializing)]
    wish: String,
    title: String,
    text: String,
    narrow: String,
    /// One a line.
    benefits: String,
    label_0: String,
    link_0: String,
    label_1: String,
    link_1: String,
    offer: String,
}

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
                let tried = Tried::Message(Box::new(message));
                return match experiments::begin(&desk, &insider, &tried).await {
                    Ok(()) => form::see("/desk/experiments", &[]),
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
    let behind = "Somebody else has changed the messages since you began, and nothing was changed. Open the page in \
                  another tab, and compare.";
    let version = sheet.version.parse().unwrap_or_default();
    let set = match text(&messages) {
        Ok(text) => desk.steer(&insider, Steered::Messages, (version, text), behind).await,
        Err(error) => Err(Refused::failed(error)),
    };
    match set {
        Ok(()) => form::see(&address(of), &[]),
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
    let found = async {
        let setting = desk.on.store.setting(Steered::Messages.name()).await?;
        Ok::<_, StoreError>(setting.map_or(0, |setting| setting.version))
    };
    let version = match found.await {
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
    let status =
        if shown.fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
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

/// The beginning of a message, as the list has it.
pub(crate) fn summary(message: &Message) -> String {
    let title = message.title.source();
    let text = message.text.source();
    let words = if title.is_empty() { text } else { format!("{title} {text}") };
    masthead_editorial::text::shorten(&words, 120).into_owned()
}

impl Sheet {
    fn of(message: &Message) -> Self {
        let label =
            |index: usize| message.actions.get(index).map(|a| a.label.source()).unwrap_or_default();
        let link =
            |index: usize| message.actions.get(index).map(|a| a.link.clone()).unwrap_or_default();
        Self {
            title: message.title.source(),
            text: message.text.source(),
            narrow: message.narrow.as_ref().map(Template::source).unwrap_or_default(),
            benefits: message.benefits.iter().map(Template::source).collect::<Vec<_>>().join("\n"),
            label_0: label(0),
            link_0: link(0),
            label_1: label(1),
            link_1: link(1),
            offer: message.offer.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The message that it is; or the field that is wrong, and why.
    fn check(&self, (moment, placement): Of) -> Result<Message, (&'static str, String)> {
        if self.text.trim().is_empty() {
            return Err(("text", "Write what readers are told.".to_owned()));
        }
        let actions = [(&self.label_0, &self.link_0), (&self.label_1, &self.link_1)];
        let places = ["link_0", "link_1"];
        for ((label, link), place) in actions.iter().zip(places) {
            if label.trim().is_empty() != link.trim().is_empty() {
                return Err((place, "A button has both words and an address.".to_owned()));
            }
        }
        let some = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let (narrow, offer) = (some(&self.narrow), some(&self.offer));
        let benefits = self.benefits.lines().map(str::trim).filter(|line| !line.is_empty());
        let draft = Draft {
            title: self.title.trim(),
            text: self.text.trim(),
            narrow: narrow.as_deref(),
            benefits: benefits.collect(),
            actions: actions
                .iter()
                .filter(|(label, _)| !label.trim().is_empty())
                .map(|(label, link)| (label.trim(), link.trim()))
                .collect(),
            offer: offer.as_deref(),
        };
        Message::check(moment, placement, &draft)
            .map_err(|error| (place_of(&error), error.to_string()))
    }

    /// Where a page with this message on it is.
    fn page(&self, of: Of) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        format!("{}/page?{query}", address(of))
    }
}

fn place_of(error: &MessageError) -> &'static str {
    match error.field() {
        Some(Field::Title) => "title",
        Some(Field::Narrow) => "narrow",
        Some(Field::Benefit(_)) => "benefits",
        Some(Field::Label(0)) => "label_0",
        Some(Field::Label(_)) => "label_1",
        Some(Field::Link(0)) => "link_0",
        Some(Field::Link(_)) => "link_1",
        Some(Field::Text) | None => "text",
    }
}

/// A message in the words of the configuration file.
#[derive(Serialize)]
pub(crate) struct Entry {
    moment: &'static str,
    placement: &'static str,
    title: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    narrow: Option<String>,
    benefits: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<String>,
    actions: Vec<Button>,
}

#[derive(Serialize)]
struct Button {
    label: String,
    link: String,
}

impl Entry {
    pub(crate) fn of(message: &Message) -> Self {
        let button =
            |action: &Action| Button { label: action.label.source(), link: action.link.clone() };
        Self {
            moment: message.moment.name(),
            placement: message.placement.name(),
            title: message.title.source(),
            text: message.text.source(),
            narrow: message.narrow.as_ref().map(Template::source),
            benefits: message.benefits.iter().map(Template::source).collect(),
            offer: message.offer.clone(),
            actions: message.actions.iter().take(ACTIONS).map(button).collect(),
        }
    }
}

/// The publisher's messages with this one among them. A moment is taken over whole, so what else stands at it comes along.
pub(crate) fn with(own: Vec<Message>, all: &[Message], message: Message) -> Vec<Message> {
    let (moment, placement) = (message.moment, message.placement);
    let others = all.iter().filter(|m| m.moment == moment && m.placement != placement).cloned();
    own.into_iter().filter(|m| m.moment != moment).chain(others).chain([message]).collect()
}

/// Messages in the words of the configuration file.
pub(crate) fn text(messages: &[Message]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File {
        messages: Vec<Entry>,
    }
    // Nothing of one's own: the built-in words are heard, and not the file's, until the file is to speak again.
    if messages.is_empty() {
        return Ok("messages = []\n".to_owned());
    }
    toml::to_string(&File { messages: messages.iter().map(Entry::of).collect() })
}

fn chips(moment: Moment) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for variable in moment.variables() {
        let name = variable.name();
        all.push((format!("{{{{{name}}}}}"), meaning(*variable)));
        if variable.is_count() {
            let plural = format!(
                "{{{{#plural {name}}}}}{{{{one}}}}article{{{{other}}}}articles{{{{/plural}}}}"
            );
            all.push((plural, "“article” or “articles”, by that number"));
        }
    }
    all
}

fn meaning(variable: Variable) -> &'static str {
    match variable {
        Variable::NumberArticlesLeft => "how many articles are left",
        Variable::Allowance => "how many articles the meter allows",
        Variable::RegisteredAllowance => "how many it allows with an account",
        Variable::Publication => "the publication’s name",
        Variable::Price => "the price of the offer, and what comes after",
        Variable::OfferEnds => "the last day of the offer",
        Variable::EndedOn => "the day of the end",
        Variable::ReaderName => "the reader’s name",
        Variable::ResetsOn => "the day on which the meter is full again",
    }
}

fn stands(placement: Placement) -> &'static str {
    match placement {
        Placement::Banner => "slim, at the foot of the window; it can be closed",
        Placement::Inline => "after the text",
        Placement::Wall => "under the beginning of the article",
    }
}

pub(crate) fn when(moment: Moment) -> &'static str {
    match moment {
        Moment::MeterLeft => "An article was counted, and some are left",
        Moment::MeterLast => "An article was counted, and none is left",
        Moment::WallMeter => "The wall: the meter has run out",
        Moment::WallRegister => "The wall: an account would open it",
        Moment::WallSubscribers => "The wall: for subscribers",
        Moment::WallProduct => "The wall: for holders of a product",
        Moment::WallTrialEnded => "The wall: the trial has ended",
        Moment::WallSubscriptionEnded => "The wall: the subscription has ended",
        Moment::NoticeTrialEnding => "The trial ends soon",
        Moment::NoticeTrialEnded => "The trial has ended",
        Moment::NoticeSubscriptionEnding => "The cancelled subscription ends soon",
        Moment::NoticeSubscriptionEnded => "The subscription has ended",
        Moment::NoticePaymentFailed => "The renewal’s payment failed",
        Moment::NoticeOffer => "An offer runs that the reader may take",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: Of = (Moment::MeterLeft, Placement::Banner);

    fn sheet() -> Sheet {
        Sheet {
            title: "Welcome".to_owned(),
            text: "You have {{numberArticlesLeft}} left.".to_owned(),
            benefits: "One\n\n Two ".to_owned(),
            label_0: "Offers".to_owned(),
            link_0: "/offers".to_owned(),
            ..Sheet::default()
        }
    }

    #[test]
    fn a_message_goes_to_the_form_and_back() {
        let message = sheet().check(OF).expect("a message");
        assert_eq!(message.benefits.len(), 2);
        let again = Sheet::of(&message).check(OF).expect("a message");
        assert_eq!(again, message);
        let text = text(&[message]).expect("text");
        assert!(text.contains("moment = \"meter.left\""), "{text}");
        assert!(text.contains("[[messages.actions]]"), "{text}");
    }

    #[test]
    fn a_mistake_names_its_field() {
        let fault = |change: &dyn Fn(&mut Sheet)| {
            let mut sheet = sheet();
            change(&mut sheet);
            sheet.check(OF).expect_err("a fault")
        };
        assert_eq!(fault(&|s| s.text = " ".into()).0, "text");
        let (at, why) = fault(&|s| s.title = "{{nope}}".into());
        assert!(at == "title" && why.contains("line 1, column 1: there is no variable"), "{why}");
        assert_eq!(fault(&|s| s.benefits = "{{".into()).0, "benefits");
        assert_eq!(fault(&|s| s.link_0 = "javascript:x".into()).0, "link_0");
        assert_eq!(fault(&|s| s.label_1 = "More".into()).0, "link_1");
        assert_eq!(fault(&|s| s.label_0 = "{{x}}".into()).0, "label_0");
    }
}
