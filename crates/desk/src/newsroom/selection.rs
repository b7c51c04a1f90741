//! `POST /desk/articles/selection`: what is done with several articles of the list at once.

use std::sync::Arc;

use axum::extract::State;
use masthead_access::ArticleId;
use masthead_editorial::{Status, draft::WorkflowState};
use masthead_store::{Deleted, StoreError, StoryChange, Written};

use super::story::find_story;
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    http::{see_other, with_query},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Articles that are changed at once: those of one page of the list.
const MAX_SELECTED: usize = 50;

/// What is done with each article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SelectionAction {
    Archive,
    Restore,
    Delete,
}

impl SelectionAction {
    fn named(name: &str) -> Option<Self> {
        match name {
            "archive" => Some(Self::Archive),
            "restore" => Some(Self::Restore),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }

    /// What became of the articles, for the address of the list.
    fn participle(self) -> &'static str {
        match self {
            Self::Archive => "archived",
            Self::Restore => "restored",
            Self::Delete => "deleted",
        }
    }
}

/// `POST /desk/articles/selection`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let list = fields.text("list");
    let Some(action) = SelectionAction::named(&fields.text("do")) else {
        return Ok(see_other("/desk/articles"));
    };
    let (mut done, mut left) = (0_usize, 0_usize);
    for selected in fields.all("story").iter().take(MAX_SELECTED) {
        if change_one(&desk, &staff, selected, action).await? {
            done += 1;
        } else {
            left += 1;
        }
    }
    let told = format!("{}-{done}-{left}", action.participle());
    Ok(see_other(&with_query("/desk/articles", &[("list", list), ("told", told)])))
}

/// Changes one article, which is named by its number and the version that was on the page. Returns `false` if it was left
/// as it is.
async fn change_one(
    desk: &DeskState,
    staff: &CurrentStaff,
    selected: &str,
    action: SelectionAction,
) -> Result<bool, DeskError> {
    let Some((number, version)) = selected.split_once('-') else { return Ok(false) };
    let (Ok(number), Ok(version)) = (number.parse(), version.parse()) else { return Ok(false) };
    let id = ArticleId(number);
    let story = match find_story(desk, staff, id).await {
        Ok(story) => story,
        // It was deleted meanwhile, or is somebody else's.
        Err(DeskError::Notice(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let (is_draft, work) = (story.entry.status == Status::Draft, story.entry.work);
    let set =
        |work, change| desk.store.set_work(id, version, work, change, desk.attribution(staff));
    Ok(match action {
        SelectionAction::Archive if is_draft && work != WorkflowState::Archived => {
            is_done(set(WorkflowState::Archived, StoryChange::Archived).await)?
        }
        SelectionAction::Restore if work == WorkflowState::Archived => {
            is_done(set(WorkflowState::Writing, StoryChange::Returned).await)?
        }
        SelectionAction::Delete => {
            let attribution = desk.attribution(staff);
            desk.store.delete_blank_story(id, version, attribution).await? == Deleted::Done
        }
        SelectionAction::Archive | SelectionAction::Restore => false,
    })
}

fn is_done(written: Result<Written, StoreError>) -> Result<bool, StoreError> {
    Ok(matches!(written?, Written::Done(_)))
}

/// What was done, from the address of the list: `archived-2-1`. Empty if it says nothing that can be read.
pub(super) fn told_in_words(told: &str, words: DeskWords) -> String {
    let parts: Vec<&str> = told.split('-').collect();
    let [participle, done, left] = parts[..] else { return String::new() };
    let names = match participle {
        "archived" => ("selection_archived", "selection_left"),
        "restored" => ("selection_restored", "selection_left"),
        "deleted" => ("selection_deleted", "selection_undeleted"),
        _ => return String::new(),
    };
    let (Ok(done), Ok(left)) = (done.parse::<u32>(), left.parse::<u32>()) else {
        return String::new();
    };
    let said = match (done, left) {
        (0, 0) => return words.text("selection_none").to_owned(),
        (0, _) => words.text("selection_done_none").to_owned(),
        (done, _) => words.count(names.0, done),
    };
    if left > 0 { format!("{said} {}", words.count(names.1, left)) } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_how_many_were_changed_and_why_others_were_not() {
        let told = |told| told_in_words(told, DeskWords::default());
        assert_eq!(told("archived-2-0"), "2 articles were archived.");
        assert!(told("deleted-1-2").starts_with("1 article was deleted. 2 articles were"));
        assert!(told("deleted-0-0").contains("select articles first"));
        for nonsense in ["", "archived", "robbed-1-1", "archived-x-1", "archived-1-2-3"] {
            assert_eq!(told(nonsense), "", "{nonsense}");
        }
    }
}
