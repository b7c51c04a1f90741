//! What a story was before: to look at, compare, and bring back.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use masthead_editorial::{draft::Draft, text};
use masthead_store::{Revision, StoryChange};
use serde::{Deserialize, Serialize};

use super::{
    Held,
    diff::{Paragraph, paragraphs},
    workflow,
};
use crate::{
    Desk,
    auth::Inside,
    form::Filled,
    format::{colleague, minute},
    pages::Said,
};

/// As many as a person will look through.
const MOST: u64 = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The revision to compare with what stands.
    with: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    version: i64,
    revision: i32,
}

#[derive(Serialize)]
struct Shown {
    number: u32,
    version: i64,
    headline: String,
    revisions: Vec<Row>,
    compared: Option<Compared>,
}

#[derive(Serialize)]
struct Row {
    id: i32,
    at: String,
    what: String,
}

#[derive(Serialize)]
struct Compared {
    id: i32,
    at: String,
    what: String,
    /// Each part that is different: its name, and its words.
    parts: Vec<(&'static str, Vec<Paragraph>)>,
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Query(asked): Query<Asked>,
) -> Response {
    let (store, id) = (&desk.on.store, story.line.id);
    let found = async {
        let everybody = store.all_staff().await?;
        let revisions = store.revisions(id, MOST).await?;
        let with = match asked.with.parse() {
            Ok(with) => store.revision_of(id, with).await?,
            Err(_) => None,
        };
        Ok::<_, masthead_store::StoreError>((everybody, revisions, with))
    };
    let (everybody, revisions, with) = match found.await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let zone = desk.imprint().zone;
    let what = |revision: &Revision| {
        let by = revision.by.map(|by| {
            colleague(&everybody, by).unwrap_or_else(|| "Somebody who has left".to_owned())
        });
        words(revision.change, by.as_deref())
    };
    let row = |revision: &Revision| Row {
        id: revision.id,
        at: minute(revision.at, &zone),
        what: what(revision),
    };
    let compared = with.as_ref().map(|revision| Compared {
        id: revision.id,
        at: minute(revision.at, &zone),
        what: what(revision),
        parts: different(&revision.draft, &story.draft),
    });
    let shown = Shown {
        number: id.0,
        version: story.line.version,
        headline: story.draft.headline.clone(),
        revisions: revisions.iter().map(row).collect(),
        compared,
    };
    desk.page(StatusCode::OK, Some(&insider), "revisions.html", &shown)
}

/// Puts an earlier revision in the place of what stands, which stays a revision itself.
pub(crate) async fn restore(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    let (store, id) = (&desk.on.store, story.line.id);
    let earlier = match store.revision_of(id, sent.revision).await {
        Ok(Some(earlier)) => earlier,
        Ok(None) => return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_STORY),
        Err(error) => return desk.failed(&error),
    };
    let when = (insider.account.id, desk.now());
    let written = store.restore(id, sent.version, &earlier.draft, when).await;
    workflow::answer(&desk, &insider, story.line.id, written).await
}

/// The parts that are not the same in both, as `old` becomes `new`.
fn different(old: &Draft, new: &Draft) -> Vec<(&'static str, Vec<Paragraph>)> {
    let picture = |draft: &Draft| {
        let picture = draft.picture.clone().unwrap_or_default();
        [picture.src, picture.alt, picture.caption, picture.credit].join("\n").trim().to_owned()
    };
    let parts = [
        ("Headline", old.headline.clone(), new.headline.clone()),
        ("Kicker", old.kicker.clone(), new.kicker.clone()),
        ("Deck", old.deck.clone(), new.deck.clone()),
        ("Byline", old.authors.join(", "), new.authors.join(", ")),
        ("Dateline", old.dateline.clone(), new.dateline.clone()),
        ("Section", old.section.clone(), new.section.clone()),
        ("Topics", old.topics.join(", "), new.topics.join(", ")),
        ("Lead picture", picture(old), picture(new)),
        ("Who may read it", old.tier.clone(), new.tier.clone()),
        ("Sponsor", old.sponsor.clone(), new.sponsor.clone()),
        ("Disclosure", old.disclosure.clone(), new.disclosure.clone()),
        ("Address", old.slug.clone(), new.slug.clone()),
        ("Text", text::plain(&old.body), text::plain(&new.body)),
    ];
    let changed = parts.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(name, old, new)| (name, paragraphs(&old, &new))).collect()
}

fn words(change: StoryChange, by: Option<&str>) -> String {
    let by = by.unwrap_or("The command line");
    match change {
        StoryChange::Saved => format!("{by} wrote"),
        StoryChange::Aside => format!("{by} wrote, and it was left aside"),
        StoryChange::Sent => format!("{by} sent it to an editor"),
        StoryChange::Returned => format!("{by} gave it back"),
        StoryChange::Restored => format!("{by} brought an earlier text back"),
        StoryChange::Published => format!("{by} published it"),
        StoryChange::Corrected => format!("{by} published a change"),
        StoryChange::Scheduled => format!("{by} scheduled it"),
        StoryChange::Withdrawn => format!("{by} withdrew it"),
        StoryChange::Spiked => format!("{by} put it on the spike"),
    }
}
