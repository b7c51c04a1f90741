//! `/desk/topics/{slug}`: one topic.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_access::printable;
use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Topic, paths, slug::is_slug};
use masthead_store::{SeenTopic, StoreError, TopicRecord, TopicWrite};
use serde::Serialize;

use super::list::{from_file, topic_address};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    newsroom::publishing::refresh,
    notice::Notice,
    renaming::progress,
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
    /// How far it is that articles get this topic.
    renamings: Vec<String>,
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
        let text = |name: &str| printable(&fields.text(name)).into_owned();
        // A browser counts the end of a line as one character and sends two.
        let description = text("description").replace("\r\n", "\n");
        Self { name: text("name"), slug: text("slug"), description }
    }
}

/// `GET /desk/topics/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    if !is_slug(&slug) {
        return Err(DeskError::Notice(Notice::NoTopic));
    }
    let (topic, text, version) = stored(&desk, &slug).await?;
    let topic = topic.ok_or(DeskError::Notice(Notice::NoTopic))?;
    let form = TopicForm { description: text, name: topic.name.clone(), slug: topic.slug.clone() };
    show(&desk, &staff, (&topic, version), form, None).await
}

/// `POST /desk/topics/{slug}`: every button of the page.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    if !is_slug(&slug) {
        return Err(DeskError::Notice(Notice::NoTopic));
    }
    let (known, text, _) = stored(&desk, &slug).await?;
    let topic = known.unwrap_or_else(|| {
        // It may be renamed meanwhile: the answer then says so.
        let was: String = printable(&fields.text("was")).chars().take(MAX_NAME).collect();
        Topic { name: if was.is_empty() { slug.clone() } else { was }, slug: slug.clone() }
    });
    let seen = SeenTopic {
        topic: &topic,
        description: &text,
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
    // Before the rules are read, so that none that is saved afterwards is missed.
    let settings = Some(desk.settings().desk_versions.saves);
    let wanted = match wanted(desk, &form, seen.topic) {
        Ok(wanted) => wanted,
        Err((field, fault)) => {
            let fault = FormFault::at(field, staff.words.text(fault));
            return show(desk, staff, (seen.topic, seen.version), form, Some(fault)).await;
        }
    };
    let (text, attribution) = (&form.description, desk.attribution(staff));
    let saved = desk.store.change_topic(seen, &wanted, text, settings, attribution).await?;
    answer(desk, staff, (saved, &wanted.slug), seen.topic, form).await
}

/// Gives the articles on a topic to another.
async fn merge(desk: &DeskState, staff: &CurrentStaff, seen: SeenTopic<'_>, into: &str) -> Handled {
    let form = TopicForm {
        name: seen.topic.name.clone(),
        slug: seen.topic.slug.clone(),
        description: seen.description.to_owned(),
    };
    let settings = Some(desk.settings().desk_versions.saves);
    let target = find(desk, into);
    let is_ruled = has_rule(desk, &[&seen.topic.slug, into]);
    let Some(target) = target.filter(|_| !is_ruled) else {
        let fault = if is_ruled { "topics_fault_rule" } else { "topics_fault_into" };
        let fault = FormFault::at("into", staff.words.text(fault));
        return show(desk, staff, (seen.topic, seen.version), form, Some(fault)).await;
    };
    let attribution = desk.attribution(staff);
    let merged = desk.store.merge_topics(seen, &target, settings, attribution).await?;
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
            desk.jobs_wakeup.notify_one();
            refresh(desk).await;
            return Ok(see_other(&topic_address(slug)));
        }
        TopicWrite::Unknown => return Err(DeskError::Notice(Notice::NoTopic)),
        TopicWrite::Behind => FormFault::of_form(words.text("topics_fault_behind")),
        TopicWrite::SlugTaken => FormFault::at("slug", words.text("topics_fault_taken")),
        TopicWrite::NameTaken => FormFault::at("name", words.text("topics_fault_name_taken")),
    };
    // The version is that of now: what was entered can be saved in place of what somebody else has saved.
    let (_, _, version) = stored(desk, &topic.slug).await?;
    show(desk, staff, (topic, version), form, Some(fault)).await
}

/// The topic, what is said about it, and its version: from the database, so that they belong together, or from articles and the
/// configuration file with version 0 if nothing is stored.
async fn stored(desk: &DeskState, slug: &str) -> Result<(Option<Topic>, String, i64), StoreError> {
    Ok(match desk.store.topic_record(slug).await? {
        Some(TopicRecord { topic, description: Some(text), version }) => {
            (Some(topic), text, version)
        }
        Some(TopicRecord { topic, description: None, version }) => {
            (Some(topic), from_file(desk, slug), version)
        }
        None => (find(desk, slug), from_file(desk, slug), 0),
    })
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
    if form.name.chars().count() > MAX_NAME {
        return Err(("name", "topics_fault_long_name"));
    }
    if form.description.chars().count() > MAX_DESCRIPTION {
        return Err(("description", "topics_fault_long"));
    }
    let slugs = desk.publication().slugs;
    let slug = if form.slug.is_empty() { slugs.slugify(&form.name) } else { form.slug.clone() };
    // One that it has already stays, whatever is set now.
    if slug != topic.slug && !slugs.accepts(&slug) || slug.chars().count() > MAX_NAME {
        return Err(("slug", "topics_fault_slug"));
    }
    if slug != topic.slug && has_rule(desk, &[&slug, &topic.slug]) {
        return Err(("slug", "topics_fault_rule"));
    }
    // Drafts have names: articles that name the other topic would become articles on this one.
    let by_name = slugs.slugify(&form.name);
    if by_name != topic.slug && by_name != slug && has_rule(desk, &[&by_name]) {
        return Err(("name", "topics_fault_rule"));
    }
    Ok(Topic { slug, name: form.name.clone() })
}

/// Whether an access rule names one of these topics: other articles would then be free, or locked.
fn has_rule(desk: &DeskState, slugs: &[&str]) -> bool {
    desk.snapshot().has_rule_on(FollowKind::Topic, slugs)
}

/// Returns the topic of published articles.
fn find(desk: &DeskState, slug: &str) -> Option<Topic> {
    let topics = desk.snapshot().edition.topics(usize::MAX);
    topics.into_iter().find(|topic| topic.slug == slug)
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    (topic, version): (&Topic, i64),
    form: TopicForm,
    fault: Option<FormFault>,
) -> Handled {
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
        public: paths::topic(&topic.slug),
        articles: staff.words.count("authors_articles", articles),
        version,
        form,
        others: others.into_iter().map(choice).collect(),
        renamings: progress(desk, staff.words, FollowKind::Topic, &topic.slug).await?,
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
                renamings: vec!["Going on.".into()],
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
