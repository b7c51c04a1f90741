//! What was done with several articles, and why some were left as they are. The address of the list says it.

use masthead_access::ArticleId;
use masthead_store::StoreError;
use serde::Serialize;
use strum::VariantArray as _;

use crate::{
    newsroom::story::{may_edit, story_address},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Why an article was left as it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::IntoStaticStr, strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum LeftBecause {
    /// Somebody has changed it since the list was shown.
    Behind,
    /// It is deleted, or somebody else's.
    Gone,
    /// Readers have it, had it or will get it, so it is not archived.
    Published,
    /// Something was written in it once, so it is not deleted.
    Words,
    /// It has changes that are not published.
    #[strum(serialize = "changes")]
    OpenChanges,
    /// It is that way already.
    Same,
    /// It is archived.
    Archived,
    /// Only editors change what readers have.
    #[strum(serialize = "editor")]
    NotEditor,
    /// Something has to be done before it can be published.
    Obstacles,
    /// Its embargo ends later.
    Embargo,
    /// The database failed.
    Failed,
}

impl LeftBecause {
    /// The name in the address, without a hyphen or a dot.
    pub fn name(self) -> &'static str {
        self.into()
    }

    fn named(name: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|reason| reason.name() == name)
    }

    fn in_words(self, words: DeskWords) -> &'static str {
        words.text(match self {
            Self::Behind => "left_behind",
            Self::Gone => "left_gone",
            Self::Published => "left_published",
            Self::Words => "left_words",
            Self::OpenChanges => "left_changes",
            Self::Same => "left_same",
            Self::Archived => "left_archived",
            Self::NotEditor => "left_editor",
            Self::Obstacles => "left_obstacles",
            Self::Embargo => "left_embargo",
            Self::Failed => "left_failed",
        })
    }
}

/// An article that was left as it is.
#[derive(Default, Serialize)]
pub(in crate::newsroom) struct LeftArticle {
    /// Empty if it cannot be opened.
    to: String,
    headline: String,
    because: &'static str,
}

/// The articles that were left, from the address of the list: `3.behind-7.published`.
pub(in crate::newsroom) async fn left_in_words(
    desk: &DeskState,
    staff: &CurrentStaff,
    left: &str,
) -> Result<Vec<LeftArticle>, StoreError> {
    let named: Vec<(ArticleId, LeftBecause)> =
        left.split('-').filter_map(parsed).take(super::MAX_SELECTED).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ArticleId> = named.iter().map(|(id, _)| *id).collect();
    let mut entries = desk.store.story_entries(&ids).await?;
    entries.retain(|entry| may_edit(staff, entry));
    let article = |(id, because): (ArticleId, LeftBecause)| {
        let entry = entries.iter().find(|entry| entry.id == id);
        LeftArticle {
            to: entry.map(|entry| story_address(entry.id)).unwrap_or_default(),
            headline: entry.map(|entry| entry.headline.clone()).unwrap_or_default(),
            because: because.in_words(staff.words),
        }
    };
    Ok(named.into_iter().map(article).collect())
}

fn parsed(left: &str) -> Option<(ArticleId, LeftBecause)> {
    let (number, because) = left.split_once('.')?;
    Some((ArticleId(number.parse().ok()?), LeftBecause::named(because)?))
}

/// What was done, from the address of the list: `archived-2`. Empty if it says nothing that can be read.
pub(in crate::newsroom) fn told_in_words(told: &str, words: DeskWords) -> String {
    let name = match told {
        "incomplete" => "selection_incomplete",
        "nothing" => "selection_nothing",
        "filter-saved" => "filters_told_saved",
        "filter-deleted" => "filters_told_deleted",
        "filter-unnamed" => "filters_told_unnamed",
        "filter-full" => "filters_told_full",
        _ => return counted(told, words),
    };
    words.text(name).to_owned()
}

fn counted(told: &str, words: DeskWords) -> String {
    let Some((participle, done)) = told.split_once('-') else { return String::new() };
    let name = match participle {
        "archived" => "selection_archived",
        "restored" => "selection_restored",
        "deleted" => "selection_deleted",
        "changed" => "selection_changed",
        _ => return String::new(),
    };
    match done.parse::<u32>() {
        Ok(0) => words.text("selection_done_none").to_owned(),
        Ok(done) => words.count(name, done),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
impl LeftArticle {
    pub fn sample() -> Self {
        Self { to: "/desk/articles/1".into(), headline: "The bridge".into(), because: "Because." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_how_many_were_changed() {
        let told = |told| told_in_words(told, DeskWords::default());
        assert_eq!(told("archived-2"), "2 articles were archived.");
        assert_eq!(told("changed-1"), "1 article was changed.");
        assert!(told("deleted-0").contains("No article was changed"));
        for nonsense in ["", "archived", "robbed-1", "archived-x", "archived-1-2"] {
            assert_eq!(told(nonsense), "", "{nonsense}");
        }
    }

    #[test]
    fn every_reason_is_in_the_address_and_has_words() {
        for reason in LeftBecause::VARIANTS {
            let name = reason.name();
            assert_eq!(parsed(&format!("3.{name}")), Some((ArticleId(3), *reason)));
            assert!(!name.contains(['-', '.']), "{name}");
            for words in DeskWords::all() {
                assert!(!reason.in_words(words).is_empty(), "{name}");
            }
        }
        for nonsense in ["", "3", "x.behind", "3.nonsense"] {
            assert_eq!(parsed(nonsense), None, "{nonsense}");
        }
    }
}
