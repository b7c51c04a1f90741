//! `POST /desk/articles/filters`: filters of the list that members of the staff save under a name, each for themselves.

use std::sync::Arc;

use axum::extract::State;
use masthead_access::printable;
use masthead_store::{FilterAddition, SavedFilter, StoreError};
use serde::Serialize;

use super::ArticlesQuery;
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
};

/// Filters of one person.
const MAX_FILTERS: u64 = 20;
/// Characters of a name.
const MAX_NAME: usize = 60;

/// A filter that was saved.
#[derive(Default, Serialize)]
pub(super) struct FilterLink {
    name: String,
    to: String,
    /// Whether it is what is shown.
    is_current: bool,
}

/// The saved filters of somebody who looks at the list with `query`.
pub(super) async fn links(
    desk: &DeskState,
    staff: &CurrentStaff,
    query: &ArticlesQuery,
) -> Result<Vec<FilterLink>, StoreError> {
    let current = query.filter_only();
    let link = |filter: SavedFilter| {
        let saved = parsed(&filter.query);
        FilterLink { is_current: saved == current, to: saved.address(), name: filter.name }
    };
    Ok(desk.store.saved_filters(staff.account.id).await?.into_iter().map(link).collect())
}

/// The query of a list, of which only the filter counts.
fn parsed(query: &str) -> ArticlesQuery {
    serde_urlencoded::from_str::<ArticlesQuery>(query).unwrap_or_default().filter_only()
}

/// Saves the filter that is shown under a name, or deletes one.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let shown = parsed(&fields.text("back"));
    let name: String = printable(&fields.text("name")).chars().take(MAX_NAME).collect();
    let name = name.trim().to_owned();
    let (account, told) = (staff.account.id, |told: &str| told.to_owned());
    let told = match fields.text("do").as_str() {
        "delete" => {
            desk.store.delete_filter(account, &name).await?;
            told("filter-deleted")
        }
        "save" if name.is_empty() => told("filter-unnamed"),
        "save" => {
            let filter = SavedFilter { query: shown.text(), name };
            match desk.store.save_filter(account, &filter, MAX_FILTERS).await? {
                FilterAddition::Saved => told("filter-saved"),
                FilterAddition::Full => told("filter-full"),
            }
        }
        _ => String::new(),
    };
    Ok(see_other(&ArticlesQuery { told, ..shown }.address()))
}

#[cfg(test)]
impl FilterLink {
    pub fn sample() -> Self {
        Self { name: "Mine".into(), to: "/desk/articles?q=a".into(), is_current: true }
    }
}
