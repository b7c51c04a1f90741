//! `/desk/topics/{slug}`: one topic.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_access::printable;
use masthead_editorial::{
    Topic,
    slug::{is_slug, slugify},
};
use masthead_store::{SeenTopic, TopicWrite};
use serde::Serialize;

use super::list::{description, topic_address};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    newsroom::publishing::refresh,
    notice::Notice,
    settings::save::FormFault,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Characters of a name.
const MAX_NAME: usize = 100;
/// Characters of a description.
const MAX_DESCRIPTION: usize = 1000;
/// Topics to choose from.
const MAX_CHOICES: usize = 500;

#[derive(Default, Serialize)]
struct TopicPage {
    /// Where the form is sent.
    to: String,
    /// The name in force.
    title: String,
    /// The page on the site.
    public: String,
    articles: String,
    version: i64,
    form: TopicForm,
    /// Other topics, which can get the articles.
    others: Vec<TopicChoice>,
    at: String,
    fault: String,
}

#[derive(Clone, Default, Serialize)]
struct TopicForm {
    name: String,
    slug: String,
    description: String,
}

#[derive(Default, Serialize)]
struct TopicChoice {
    value: String,
    label: String,
}

impl Page for TopicPage {
    const TEMPLATE: &'static str = "topic.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

impl TopicForm {
    fn sent(fields: &Fields) -> Self {
        let text = |name: &str, most: usize| -> String {
            printable(&fields.text(name)).chars().take(most).collect()
        };
        let (name, slug) = (text("name", MAX_NAME), text("slug", MAX_NAME));
        Self { name, slug, description: text("description", MAX_DESCRIPTION) }
    }
}

/// `GET /desk/topics/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let topic = find(&desk, &slug).ok_or(DeskError::Notice(Notice::NoTopic))?;
    let form = TopicForm {
        description: description(&desk, &slug),
        name: topic.name.clone(),
        slug: topic.slug.clone(),
    };
    show(&desk, &staff, &topic, form, None).await
}

/// `POST /desk/topics/{slug}`: every button of the page.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let known = find(&desk, &slug);
    let topic = known.unwrap_or_else(|| Topic { slug: slug.clone(), name: fields.text("was") });
    let seen = SeenTopic {
        topic: &topic,
        description: &description(&desk, &slug),
        version: fields.text("version").parse().unwrap_or_default(),
    };
    match fields.button().action.as_str() {
        "merge" => merge(&desk, &staff, seen, &fields.text("into")).await,
        _ => save(&desk, &staff, seen, TopicForm::sent(&fields)).await,
    }
}

/// Saves what was entered.
async fn save(
    desk: &DeskState,
    staff: &CurrentStaff,
    seen: SeenTopic<'_>,
    form: TopicForm,
) -> Handled {
    let wanted = match wanted(desk, &form, seen.topic) {
        Ok(wanted) => wanted,
        Err((field, fault)) => {
            let fault = FormFault::at(field, staff.words.text(fault));
            return show(desk, staff, seen.topic, form, Some(fault)).await;
        }
    };
    let (text, attribution) = (&form.description, desk.attribution(staff));
    let saved = desk.store.change_topic(seen, &wanted, text, attribution).await?;
    answer(desk, staff, (saved, &wanted.slug), seen.topic, form).await
}

/// Gives the articles on a topic to another.
async fn merge(desk: &DeskState, staff: &CurrentStaff, seen: SeenTopic<'_>, into: &str) -> Handled {
    let form = TopicForm {
        name: seen.topic.name.clone(),
        slug: seen.topic.slug.clone(),
        description: seen.description.to_owned(),
    };
    let target = find(desk, into);
    let is_ruled = has_rule(desk, &[&seen.topic.slug, into]);
    let Some(target) = target.filter(|_| !is_ruled) else {
        let fault = if is_ruled { "topics_fault_rule" } else { "topics_fault_into" };
        let fault = FormFault::at("into", staff.words.text(fault));
        return show(desk, staff, seen.topic, form, Some(fault)).await;
    };
    let attribution = desk.attribution(staff);
    let merged = desk.store.merge_topics(seen, &target, attribution).await?;
    answer(desk, staff, (merged, &target.slug), seen.topic, form).await
}

/// Leads on, or shows what was entered with the reason why nothing was changed.
async fn answer(
    desk: &DeskState,
    staff: &CurrentStaff,
    (write, slug): (TopicWrite, &str),
    topic: &Topic,
    form: TopicForm,
) -> Handled {
    let words = staff.words;
    let fault = match write {
        TopicWrite::Done => {
            refresh(desk).await;
            return Ok(see_other(&topic_address(slug)));
        }
        TopicWrite::Behind => FormFault::of_form(words.text("topics_fault_behind")),
        TopicWrite::SlugTaken => FormFault::at("slug", words.text("topics_fault_taken")),
    };
    show(desk, staff, topic, form, Some(fault)).await
}

/// The topic that was entered, or the field and the name of the words for what to correct.
fn wanted(
    desk: &DeskState,
    form: &TopicForm,
    topic: &Topic,
) -> Result<Topic, (&'static str, &'static str)> {
    if form.name.is_empty() {
        return Err(("name", "topics_fault_name"));
    }
    let slug = if form.slug.is_empty() { slugify(&form.name) } else { form.slug.clone() };
    if !is_slug(&slug) {
        return Err(("slug", "topics_fault_slug"));
    }
    if slug != topic.slug && has_rule(desk, &[&slug, &topic.slug]) {
        return Err(("slug", "topics_fault_rule"));
    }
    Ok(Topic { slug, name: form.name.clone() })
}

/// Whether an access rule names one of these topics: other articles would then be free, or locked.
fn has_rule(desk: &DeskState, slugs: &[&str]) -> bool {
    let rules = &desk.settings().policy.rules;
    rules.iter().filter_map(|rule| rule.topic.as_deref()).any(|named| slugs.contains(&named))
}

/// Returns the topic of published articles.
fn find(desk: &DeskState, slug: &str) -> Option<Topic> {
    let topics = desk.snapshot().edition.topics(usize::MAX);
    topics.into_iter().find(|topic| topic.slug == slug)
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    topic: &Topic,
    form: TopicForm,
    fault: Option<FormFault>,
) -> Handled {
    let version = desk.store.topic_record(&topic.slug).await?.map_or(0, |known| known.version);
    let snapshot = desk.snapshot();
    let mut others = snapshot.edition.topics(MAX_CHOICES);
    others.retain(|other| other.slug != topic.slug);
    others.sort_by_cached_key(|other| other.name.to_lowercase());
    let articles = snapshot.edition.on_topic(&topic.slug).len();
    let FormFault { field: at, text: fault, .. } = fault.unwrap_or_default();
    let choice = |other: Topic| TopicChoice {
        label: format!("{} (/topic/{})", other.name, other.slug),
        value: other.slug,
    };
    let page = TopicPage {
        to: topic_address(&topic.slug),
        title: topic.name.clone(),
        public: format!("/topic/{}", topic.slug),
        articles: staff.words.count("authors_articles", articles),
        version,
        form,
        others: others.into_iter().map(choice).collect(),
        at,
        fault,
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for TopicPage {
        fn samples() -> Vec<Self> {
            let choice = TopicChoice { value: "tides".into(), label: "Tides".into() };
            let full = Self {
                others: vec![choice],
                at: "into".into(),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<TopicPage>();
    }
}
