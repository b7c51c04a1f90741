//! The front page of the desk: where one is, and what there is to do.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use masthead_circulation::{
    AccountId,
    staff::{Permission, Role},
};
use masthead_store::{StoreError, StoryFilter, StoryQuery};
use serde::Serialize;

use crate::{
    Desk,
    auth::Inside,
    newsroom, people,
    tasks::{self, TaskRow},
};

#[derive(Serialize)]
struct Front {
    role: &'static str,
    about: &'static str,
    /// Whether they have no passkey yet.
    no_passkey: bool,
    /// Whether nobody else works here, and this one could ask somebody.
    alone: bool,
    /// What waits for an editor, where one looks; and what they are writing themselves.
    waiting: Vec<Story>,
    writing: Vec<Story>,
    /// The background tasks of the server, for owners.
    tasks: Vec<TaskRow>,
}

/// A story, and where it stands.
#[derive(Serialize)]
struct Story {
    to: String,
    headline: String,
    stands: String,
}

/// Stories that are listed of each.
const MOST: u64 = 8;

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let made = async {
        let account = insider.account.id;
        let may_appoint = insider.staff.role.may(Permission::Appoint);
        let others = may_appoint && desk.on.store.all_staff().await?.len() > 1;
        Ok::<_, StoreError>(Front {
            role: people::word(insider.staff.role),
            about: people::about(insider.staff.role),
            no_passkey: desk.on.store.passkeys_of(account).await?.is_empty(),
            alone: may_appoint && !others,
            waiting: if insider.staff.role.may(Permission::Edit) {
                stories(&desk, StoryFilter::Review, None).await?
            } else {
                Vec::new()
            },
            writing: if insider.staff.role.may(Permission::Write) {
                stories(&desk, StoryFilter::Writing, Some(account)).await?
            } else {
                Vec::new()
            },
            tasks: if insider.staff.role == Role::Owner {
                tasks::rows(&desk.on.tasks, desk.now())
            } else {
                Vec::new()
            },
        })
    };
    match made.await {
        Ok(front) => desk.page(StatusCode::OK, Some(&insider), "home.html", &front),
        Err(error) => desk.failed(&error),
    }
}

async fn stories(
    desk: &Desk,
    shelf: StoryFilter,
    writer: Option<AccountId>,
) -> Result<Vec<Story>, StoreError> {
    let wanted = StoryQuery { shelf, writer, most: MOST, ..StoryQuery::default() };
    let (now, zone) = (desk.now(), desk.imprint().zone);
    let found = desk.on.store.stories(&wanted, now).await?;
    let story = |line: masthead_store::Line| Story {
        to: newsroom::address(line.id),
        stands: newsroom::stands(&line, now, &zone),
        headline: line.headline,
    };
    Ok(found.into_iter().map(story).collect())
}
