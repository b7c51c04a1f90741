//! `/desk`: what there is to do today.

use std::sync::Arc;

use axum::extract::State;
use masthead_circulation::{
    AccountId,
    staff::{Permission, Role},
};
use masthead_store::{Line, StoreError, StoryFilter, StoryQuery};
use serde::Serialize;

use crate::{
    error::Handled,
    newsroom::story::{status_in_words, story_address},
    people::roles::{role_duties, role_name},
    staff::CurrentStaff,
    state::DeskState,
    tasks::{self, TaskRow},
    templates::Page,
};

/// Stories in each list.
const MAX_STORIES: u64 = 8;

#[derive(Default, Serialize)]
struct HomePage {
    role: &'static str,
    about: &'static str,
    /// Whether they have no passkey yet.
    no_passkey: bool,
    /// Whether they could invite others, and nobody else works here.
    alone: bool,
    /// What waits for an editor, if they are one.
    waiting: Vec<StoryLink>,
    /// What they are writing themselves.
    writing: Vec<StoryLink>,
    /// The background tasks of the server, for owners.
    tasks: Vec<TaskRow>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
}

#[derive(Default, Serialize)]
struct StoryLink {
    to: String,
    headline: String,
    status: String,
}

/// `GET /desk`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let account = staff.account.id;
    let may_appoint = staff.may(Permission::Appoint);
    let page = HomePage {
        role: role_name(staff.staff.role),
        about: role_duties(staff.staff.role),
        no_passkey: desk.store.passkeys_of(account).await?.is_empty(),
        alone: may_appoint && desk.store.all_staff().await?.len() == 1,
        waiting: if staff.may(Permission::Edit) {
            stories(&desk, StoryFilter::Review, None).await?
        } else {
            Vec::new()
        },
        writing: if staff.may(Permission::Write) {
            stories(&desk, StoryFilter::Writing, Some(account)).await?
        } else {
            Vec::new()
        },
        tasks: if staff.staff.role == Role::Owner {
            tasks::rows(&desk.tasks, desk.now())
        } else {
            Vec::new()
        },
    };
    Ok(desk.page(&staff, &page))
}

async fn stories(
    desk: &DeskState,
    shelf: StoryFilter,
    writer: Option<AccountId>,
) -> Result<Vec<StoryLink>, StoreError> {
    let query = StoryQuery { shelf, writer, most: MAX_STORIES, ..StoryQuery::default() };
    let (now, zone) = (desk.now(), desk.publication().zone);
    let found = desk.store.stories(&query, now).await?;
    let link = |line: Line| StoryLink {
        to: story_address(line.id),
        status: status_in_words(&line, now, &zone),
        headline: line.headline,
    };
    Ok(found.into_iter().map(link).collect())
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for HomePage {
        fn samples() -> Vec<Self> {
            let full = Self {
                no_passkey: true,
                alone: true,
                waiting: vec![StoryLink::default()],
                writing: vec![StoryLink::default()],
                tasks: vec![TaskRow::default()],
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<HomePage>();
    }
}
