//! The rows of the list of articles.

use masthead_access::ArticleId;
use masthead_circulation::{Account, staff::Staff};
use masthead_editorial::renditions;
use masthead_store::{LastSave, StoreError, StoryEntry};
use serde::Serialize;

use super::super::story::{section_name, status_in_words, story_address};
use crate::{format::colleague_or_former, state::DeskState, words::DeskWords};

const MEDIA: &str = "/media/";

#[derive(Default, Serialize)]
pub(super) struct ArticleRow {
    to: String,
    /// Its number and version.
    selected: String,
    headline: String,
    section: String,
    byline: String,
    /// The address of its picture, small; empty if it has none.
    thumbnail: String,
    access: String,
    status: String,
    /// The number of open threads of comments in words; empty if there are none.
    comments: String,
    saved: String,
    /// When it was last changed, and when it was or will be published.
    changed: String,
    published: String,
}

pub(super) async fn rows(
    desk: &DeskState,
    words: DeskWords,
    found: &[StoryEntry],
) -> Result<Vec<ArticleRow>, StoreError> {
    let everybody = desk.store.all_staff().await?;
    let (now, zone, snapshot) = (desk.now(), desk.publication().zone, desk.snapshot());
    let (sections, replaced) = (snapshot.sections(), snapshot.edition.replaced_pictures());
    let saved = |saved: LastSave| {
        let who = colleague_or_former(&everybody, saved.by, words);
        let time = words.short_time(saved.at, now, &zone);
        words.fill("articles_saved", &[("name", &who), ("time", &time)])
    };
    let shown: Vec<ArticleId> = found.iter().map(|entry| entry.id).collect();
    let open = desk.store.open_threads(&shown).await?;
    let comments = |id| open.get(&id).map(|open| words.count("comments_open", *open));
    let row = |entry: &StoryEntry| ArticleRow {
        comments: comments(entry.id).unwrap_or_default(),
        to: story_address(entry.id),
        selected: format!("{}-{}", entry.id.0, entry.version),
        headline: entry.headline.clone(),
        section: section_name(&sections, &entry.section),
        byline: with_editor(entry, &everybody, words),
        thumbnail: thumbnail(replaced.src(&entry.picture)),
        access: access_label(&entry.tier, words),
        status: status_in_words(entry, now, &zone, words),
        saved: entry.saved.map(saved).unwrap_or_default(),
        changed: words.short_time(entry.changed, now, &zone),
        published: entry.published.map(|at| words.short_time(at, now, &zone)).unwrap_or_default(),
    };
    Ok(found.iter().map(row).collect())
}

/// The byline, and the responsible editor.
fn with_editor(entry: &StoryEntry, everybody: &[(Staff, Account)], words: DeskWords) -> String {
    let editor = entry.editor.map(|editor| {
        let name = colleague_or_former(everybody, editor, words);
        words.fill("assignment_by", &[("name", &name)])
    });
    let parts = [entry.byline.clone(), editor.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The address of a picture in its smallest size. Empty if it is not one of ours.
pub(crate) fn thumbnail(src: &str) -> String {
    let Some(name) = src.strip_prefix(MEDIA) else { return String::new() };
    let smallest = renditions::size(name).and_then(|(width, _)| renditions::widths(width).next());
    match smallest {
        Some(width) => format!("{MEDIA}{}", renditions::rendition(name, width, "webp")),
        None => src.to_owned(),
    }
}

/// For whom an article is, by the tier that is set on it.
pub(crate) fn access_label(tier: &str, words: DeskWords) -> String {
    let name = match tier {
        "" => "access_default",
        "free" => "access_free",
        "metered" => "access_metered",
        "registered" => "access_registered",
        "subscribers" => "access_subscribers",
        other => {
            let product = other.strip_prefix("product:").unwrap_or(other);
            return words.fill("access_product", &[("product", &product)]);
        }
    };
    words.text(name).to_owned()
}

#[cfg(test)]
impl ArticleRow {
    pub fn sample() -> Self {
        Self {
            to: "/desk/articles/1".into(),
            section: "Town".into(),
            selected: "1-1".into(),
            headline: "The bridge".into(),
            byline: "Ada".into(),
            saved: "Ada, 09:00".into(),
            thumbnail: "/media/a.webp".into(),
            comments: "1 open comment".into(),
            published: "09:00".into(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbnails_are_the_smallest_size() {
        assert_eq!(thumbnail("/media/5f-1600x1067.jpg"), "/media/5f-1600x1067.480.webp");
        assert_eq!(thumbnail("/media/5f-300x200.jpg"), "/media/5f-300x200.300.webp");
        assert_eq!(thumbnail("/media/5f.svg"), "/media/5f.svg");
        assert_eq!(thumbnail("https://elsewhere.example/a.jpg"), "");
    }
}
