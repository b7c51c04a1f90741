//! `/desk/articles/{number}/return` and what else is done with an article in review: an editor begins the review, or returns the
//! article with a reason; a writer takes it back.

use std::sync::Arc;

use axum::extract::State;
use jiff::tz::TimeZone;
use masthead_circulation::{
    Account, AccountId,
    staff::{Permission, Staff},
};
use masthead_editorial::draft::WorkflowState;
use masthead_store::{StoryEntry, SubmissionWithdrawal, Written};
use serde::{Deserialize, Serialize};

use super::{
    editor::{after_change, show, show_return},
    story::{EditableStory, story_address},
    workflow::WorkflowForm,
};
use crate::{
    error::Handled, form::StaffForm, format::colleague_or_former, http::see_other,
    staff::CurrentStaff, state::DeskState,
};

/// The maximum length of a reason in characters.
const MAX_REASON: usize = 1000;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReturnForm {
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct BeginForm {
    /// The number of the reviewer whose review is taken over; empty if there is none.
    from: String,
}

/// The review of a story on the page on which it is written.
#[derive(Default, Serialize)]
pub(super) struct ReviewFields {
    /// Whether it waits for an editor, or is being reviewed.
    is_in_review: bool,
    /// Who reviews it, in a sentence; empty if nobody has begun.
    reviewer: String,
    /// Whether they may begin the review.
    may_begin: bool,
    /// The number of the reviewer from whom they may take over; empty if they may not.
    taken_from: String,
    /// Whether they may take it back.
    may_withdraw: bool,
    /// Who returned it and when, in a sentence; empty if it was not returned.
    returned: String,
    /// Why.
    reason: String,
    /// The reason to return it that was sent and not accepted.
    entered: String,
}

impl ReviewFields {
    pub fn of(
        entry: &StoryEntry,
        everybody: &[(Staff, Account)],
        zone: &TimeZone,
        staff: &CurrentStaff,
    ) -> Self {
        let (words, is_in_review) = (staff.words, entry.work == WorkflowState::Review);
        let name = |by| colleague_or_former(everybody, by, words);
        let reviewer = match entry.reviewer.filter(|_| is_in_review) {
            Some(by) if by == staff.account.id => words.text("review_yours").to_owned(),
            Some(by) => words.fill("review_by", &[("name", &name(Some(by)))]),
            None => String::new(),
        };
        let other = entry.reviewer.filter(|by| is_in_review && *by != staff.account.id);
        let taken_from = other.filter(|_| staff.may(Permission::Edit)).map(|by| by.0.to_string());
        let is_free = is_in_review && reviewer.is_empty();
        let returned = entry.returned.as_ref();
        let sentence = |note: &masthead_store::ReturnNote| {
            let time = words.date_time(note.at, zone);
            words.fill("returned_by", &[("name", &name(note.by)), ("time", &time)])
        };
        Self {
            is_in_review,
            may_begin: is_free && staff.may(Permission::Edit),
            may_withdraw: is_free && entry.writers.contains(&staff.account.id),
            taken_from: taken_from.unwrap_or_default(),
            reviewer,
            returned: returned.map(sentence).unwrap_or_default(),
            reason: returned.map(|note| note.reason.clone()).unwrap_or_default(),
            entered: String::new(),
        }
    }

    /// The same with the reason to return it that was sent and not accepted.
    pub fn with_reason(self, reason: &str) -> Self {
        Self { entered: reason.to_owned(), ..self }
    }
}

/// `POST /desk/articles/{number}/review-start`: tells the others that this editor reviews the article, perhaps in place of another.
pub(crate) async fn begin(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<BeginForm>,
) -> Handled {
    let id = story.entry.id;
    let from = form.from.parse().ok().map(AccountId);
    if desk.store.begin_review(id, from, desk.attribution(&staff)).await? {
        return Ok(see_other(&story_address(id)));
    }
    show(&desk, &staff, id, staff.words.text("fault_review_taken")).await
}

/// `POST /desk/articles/{number}/return`: returns the article to its authors, who are told why.
pub(crate) async fn give_back(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<ReturnForm, MAX_REASON>,
) -> Handled {
    let (id, words) = (story.entry.id, staff.words);
    // A browser counts the end of a line as one character and sends two.
    let reason = form.reason.replace("\r\n", "\n");
    let reason = reason.trim();
    if reason.is_empty() {
        return show(&desk, &staff, id, words.text("fault_return_reason")).await;
    }
    if reason.chars().count() > MAX_REASON {
        let fault = words.fill("fault_return_long", &[("number", &MAX_REASON)]);
        return show_return(&desk, &staff, id, &fault, reason).await;
    }
    let attribution = desk.attribution(&staff);
    match desk.store.return_story(id, reason, attribution).await? {
        Written::Behind => {
            let fault = words.fill("fault_return_not_in_review", &[("reason", &reason)]);
            show(&desk, &staff, id, &fault).await
        }
        written => after_change(&desk, &staff, id, written).await,
    }
}

/// `POST /desk/articles/{number}/submission-withdrawal`: makes the article a draft again, if no editor has begun the review.
pub(crate) async fn withdraw(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    let id = story.entry.id;
    let attribution = desk.attribution(&staff);
    match desk.store.withdraw_submission(id, form.version, attribution).await? {
        SubmissionWithdrawal::Done => Ok(see_other(&story_address(id))),
        SubmissionWithdrawal::Behind => after_change(&desk, &staff, id, Written::Behind).await,
        SubmissionWithdrawal::InReview => {
            show(&desk, &staff, id, staff.words.text("fault_review_begun")).await
        }
    }
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    impl ReviewFields {
        pub fn sample(is_in_review: bool, may_edit: bool) -> Self {
            Self {
                is_in_review,
                may_begin: may_edit,
                taken_from: if may_edit { "2".to_owned() } else { String::new() },
                may_withdraw: !may_edit,
                reviewer: "Ed reviews this article".to_owned(),
                returned: "Ed returned this article".to_owned(),
                reason: "Too long".to_owned(),
                entered: String::new(),
            }
        }
    }
}
