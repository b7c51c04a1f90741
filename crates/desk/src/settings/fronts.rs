//! Arranging the home page and the fronts of sections: by hand, by rule, or not at all.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use masthead_editorial::{Front, fronts::Pick};
use masthead_web::form::see_other;
use serde::Serialize;

use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::Filled,
    pages::{Said, framed},
};

/// What the log says where nothing works.
const BROKEN: &str = "a front cannot be shown or arranged";
/// Articles that are offered for a place, the latest first.
const OFFERED: usize = 80;
/// More shelves than a home page can use.
const MOST_SHELVES: usize = 24;
/// What the places are called.
const PLACES: [&str; Front::TOP] = ["The lead", "Second", "Third", "Fourth"];

/// What the form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sheet {
    page: String,
    version: String,
    /// What was chosen for each place, and the address that was written instead.
    top: Vec<(String, String)>,
    shelves: Vec<String>,
}

#[derive(Serialize)]
struct Shown {
    page: String,
    name: String,
    fronts: Vec<Listed>,
    places: Vec<Place>,
    shelves: Vec<Choice>,
    rules: Vec<Choice>,
    /// What a shelf can hold.
    shelf_rules: Vec<Choice>,
    articles: Vec<Choice>,
    is_home: bool,
    is_arranged: bool,
    is_new: bool,
    version: String,
    seen: String,
    history: Vec<String>,
    fault: String,
}

/// A front that there is.
#[derive(Serialize)]
struct Listed {
    page: String,
    name: String,
    is_arranged: bool,
    is_here: bool,
}

/// A place on top.
#[derive(Serialize)]
struct Place {
    name: &'static str,
    chosen: Choice,
    address: String,
}

/// Something that can be chosen, and its words.
#[derive(Clone, Serialize)]
struct Choice {
    value: String,
    words: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Of {
    #[serde(default = "home")]
    page: String,
}

fn home() -> String {
    Front::HOME.to_owned()
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(of): Query<Of>,
) -> Response {
    if name(&desk, &of.page).is_none() {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_FRONT);
    }
    let sheet = Sheet::of(&desk, &of.page);
    show(&desk, &insider, sheet, String::new()).await
}

/// Everything that the form's buttons do.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<HashMap<String, String>>,
) -> Response {
    let mut sheet = Sheet::sent(&sent);
    if name(&desk, &sheet.page).is_none() {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_FRONT);
    }
    let wish = sent.get("do").map_or("look", String::as_str);
    let (wish, place) = wish.split_once('-').unwrap_or((wish, ""));
    let place: usize = place.parse().unwrap_or(usize::MAX);
    let mut fronts = desk.on.helm.fronts();
    fronts.retain(|front| front.page != sheet.page);
    match wish {
        "save" => match sheet.front(&desk) {
            Ok(front) => fronts.push(front),
            Err(fault) => return show(&desk, &insider, sheet, fault).await,
        },
        "itself" => {}
        wish => {
            sheet.rearrange(wish, place);
            return show(&desk, &insider, sheet, String::new()).await;
        }
    }
    match desk.steer(&insider, Steered::Fronts, &sheet.version, text(&fronts)).await {
        Ok(()) => see_other(&address(&sheet.page), &[]),
        Err(Refused::Told(fault)) => show(&desk, &insider, sheet, fault).await,
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

/// The front as it would be.
pub(crate) async fn seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(sent): Query<HashMap<String, String>>,
) -> Response {
    let sheet = Sheet::sent(&sent);
    let Ok(front) = sheet.front(&desk) else {
        return desk.say(StatusCode::UNPROCESSABLE_ENTITY, None, &Said::NO_FRONT);
    };
    match desk.on.showroom.arranged(&front) {
        Ok(Some(page)) => framed(page),
        Ok(None) => desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_FRONT),
        Err(error) => desk.cannot(&insider, BROKEN, &error),
    }
}

fn address(page: &str) -> String {
    let query = serde_urlencoded::to_string([("page", page)]).unwrap_or_default();
    format!("/desk/fronts?{query}")
}

/// What a front is called; none where there is no such front.
fn name(desk: &Desk, page: &str) -> Option<String> {
    if page == Front::HOME {
        return Some("The home page".to_owned());
    }
    let sections = desk.on.showroom.sections();
    sections
        .into_iter()
        .find(|section| page.strip_prefix('/') == Some(&section.slug))
        .map(|s| s.name)
}

async fn show(desk: &Desk, insider: &Insider, sheet: Sheet, fault: String) -> Response {
    let history = match desk.history(Steered::Fronts).await {
        Ok(history) => history,
        Err(error) => return desk.failed(&error),
    };
    let set = desk.on.helm.fronts();
    let is_arranged = |page: &str| set.iter().any(|front| front.page == page);
    let sections = desk.on.showroom.sections();
    let pages = [(Front::HOME.to_owned(), "The home page".to_owned())];
    let pages = pages
        .into_iter()
        .chain(sections.iter().map(|section| (format!("/{}", section.slug), section.name.clone())));
    let rules = rules(desk);
    let articles: Vec<Choice> = desk
        .on
        .showroom
        .latest(OFFERED)
        .into_iter()
        .map(|(value, words)| Choice { value, words })
        .collect();
    let place = |(name, (chosen, address)): (&'static str, &(String, String))| Place {
        name,
        chosen: choice(desk, &rules, chosen),
        address: address.clone(),
    };
    let checked = sheet.front(desk);
    let seen = if checked.is_ok() { sheet.seen() } else { String::new() };
    let now = set.iter().find(|front| front.page == sheet.page);
    let refused = !fault.is_empty();
    let fault = match &checked {
        Err(wrong) if fault.is_empty() => wrong.clone(),
        Ok(_) | Err(_) => fault,
    };
    let shown = Shown {
        fronts: pages
            .map(|(page, name)| Listed {
                is_arranged: is_arranged(&page),
                is_here: page == sheet.page,
                page,
                name,
            })
            .collect(),
        name: name(desk, &sheet.page).unwrap_or_default(),
        places: PLACES.into_iter().zip(&sheet.top).map(place).collect(),
        shelves: sheet.shelves.iter().map(|shelf| choice(desk, &rules, shelf)).collect(),
        shelf_rules: rules.iter().filter(|rule| rule.value != "latest").cloned().collect(),
        rules,
        articles,
        is_home: sheet.page == Front::HOME,
        is_arranged: is_arranged(&sheet.page),
        is_new: checked.ok().as_ref() != now,
        version: if sheet.version.is_empty() {
            history.version.to_string()
        } else {
            sheet.version.clone()
        },
        seen,
        history: history.lines,
        page: sheet.page,
        fault,
    };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    desk.page(status, Some(insider), "fronts.html", &shown)
}

fn rules(desk: &Desk) -> Vec<Choice> {
    let plain = [("latest", "The latest"), ("most-read", "What is read most")];
    let plain =
        plain.map(|(value, words)| Choice { value: value.to_owned(), words: words.to_owned() });
    let sections = desk.on.showroom.sections().into_iter().map(|section| Choice {
        value: format!("section:{}", section.slug),
        words: format!("The latest in {}", section.name),
    });
    let topics = desk.on.showroom.topics().into_iter().map(|(slug, name)| Choice {
        value: format!("topic:{slug}"),
        words: format!("The latest on {name}"),
    });
    plain.into_iter().chain(sections).chain(topics).collect()
}

/// What was chosen, in words; it may be an article, or a topic that nobody writes on any more.
fn choice(desk: &Desk, rules: &[Choice], value: &str) -> Choice {
    if let Some(known) = rules.iter().find(|rule| rule.value == value) {
        return known.clone();
    }
    let article = desk.on.showroom.article_at(value);
    let words = article.map_or_else(|| value.to_owned(), |article| article.headline);
    Choice { value: value.to_owned(), words }
}

/// Fronts in the words of the configuration file.
fn text(fronts: &[Front]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File {
        fronts: Vec<Entry>,
    }
    #[derive(Serialize)]
    struct Entry {
        page: String,
        top: Vec<String>,
        shelves: Vec<String>,
    }
    let words = |picks: &[Pick]| picks.iter().map(Pick::to_string).collect();
    let entry = |front: &Front| Entry {
        page: front.page.clone(),
        top: words(&front.top),
        shelves: words(&front.shelves),
    };
    // None at all: every front arranges itself, whatever the file says.
    if fronts.is_empty() {
        return Ok("fronts = []\n".to_owned());
    }
    toml::to_string(&File { fronts: fronts.iter().map(entry).collect() })
}

impl Sheet {
    /// A front as it is arranged now.
    fn of(desk: &Desk, page: &str) -> Self {
        let front = desk.on.helm.fronts().into_iter().find(|front| front.page == page);
        let (top, shelves) = front.map(|front| (front.top, front.shelves)).unwrap_or_default();
        let latest = std::iter::repeat(Pick::Latest);
        Self {
            page: page.to_owned(),
            version: String::new(),
            top: top
                .into_iter()
                .chain(latest)
                .take(Front::TOP)
                .map(|p| (p.to_string(), String::new()))
                .collect(),
            shelves: shelves.iter().map(Pick::to_string).collect(),
        }
    }

    fn sent(sent: &HashMap<String, String>) -> Self {
        let get =
            |name: &str| sent.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let place =
            |index: usize| (get(&format!("place-{index}")), get(&format!("address-{index}")));
        let shelf = |index: usize| sent.get(&format!("shelf-{index}")).cloned();
        Self {
            page: get("page"),
            version: get("version"),
            top: (0..Front::TOP).map(place).collect(),
            shelves: (0..MOST_SHELVES).map_while(shelf).collect(),
        }
    }

    /// What a button does to the shelves.
    fn rearrange(&mut self, wish: &str, place: usize) {
        match wish {
            "add" if self.shelves.len() < MOST_SHELVES => self.shelves.push("most-read".to_owned()),
            "remove" if place < self.shelves.len() => {
                self.shelves.remove(place);
            }
            "up" if (1..self.shelves.len()).contains(&place) => self.shelves.swap(place - 1, place),
            _ => {}
        }
    }

    /// The arrangement that it is; or what to mend.
    fn front(&self, desk: &Desk) -> Result<Front, String> {
        let own = desk.imprint().address;
        let mut top = Vec::new();
        for ((chosen, written), place) in self.top.iter().zip(PLACES) {
            let written = written.strip_prefix(&own).unwrap_or(written);
            let pick = if written.is_empty() { chosen.as_str() } else { written };
            if pick.starts_with('/') {
                let found = desk.on.showroom.article_at(pick);
                let article = found.ok_or_else(|| {
                    format!(
                        "{place}: there is no article at {pick} that readers have. Choose another."
                    )
                })?;
                if article.is_sponsored && top.is_empty() {
                    return Err(format!(
                        "“{}” is a sponsor’s piece, and cannot lead. Choose one that the newsroom wrote.",
                        article.headline
                    ));
                }
                top.push(article.address);
            } else {
                top.push(if pick.is_empty() { "latest" } else { pick }.to_owned());
            }
        }
        // What is left to itself need not be said.
        while top.last().is_some_and(|pick| pick == "latest") {
            top.pop();
        }
        let shelves = self.shelves.iter().map(String::as_str);
        Front::check(&self.page, top.iter().map(String::as_str), shelves)
            .map_err(|error| format!("{error}."))
    }

    /// Where the front is, as it would be.
    fn seen(&self) -> String {
        let mut pairs = vec![("page".to_owned(), self.page.clone())];
        for (index, (chosen, written)) in self.top.iter().enumerate() {
            let pick = if written.is_empty() { chosen } else { written };
            pairs.push((format!("place-{index}"), pick.clone()));
        }
        let shelves = self.shelves.iter().enumerate();
        pairs.extend(shelves.map(|(index, shelf)| (format!("shelf-{index}"), shelf.clone())));
        format!("/desk/fronts/page?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    }
}
