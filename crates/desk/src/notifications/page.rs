//! `/desk/notifications`: the list.

use std::sync::Arc;

use axum::extract::State;
use masthead_circulation::staff::Permission;
use masthead_store::Notification;
use serde::{Deserialize, Serialize};

use super::words::{address, sentence};
use crate::{
    error::Handled, form::StaffForm, http::see_other, staff::CurrentStaff, state::DeskState,
    templates::Page,
};

/// Notifications in the list. Older ones are not shown.
const MAX_LISTED: u64 = 100;

#[derive(Default, Serialize)]
struct NotificationsPage {
    unread: Vec<NotificationRow>,
    earlier: Vec<NotificationRow>,
    /// The number of the latest, so that nothing is marked as read that was not on the page.
    last: i32,
}

impl Page for NotificationsPage {
    const TEMPLATE: &'static str = "notifications.html";
}

#[derive(Default, Serialize)]
struct NotificationRow {
    to: String,
    headline: String,
    text: String,
    /// What was written; empty if nothing was.
    detail: String,
    at: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadForm {
    /// The number of the latest notification on the page.
    last: String,
}

/// `GET /desk/notifications`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let may_edit = staff.may(Permission::Edit);
    // Who works on articles no more may not open them.
    let told = if staff.may(Permission::Write) {
        desk.store.notifications(staff.account.id, may_edit, MAX_LISTED).await?
    } else {
        Vec::new()
    };
    let everybody = desk.store.all_staff().await?;
    let (now, zone, words) = (desk.now(), desk.publication().zone, staff.words);
    let row = |told: &Notification| NotificationRow {
        to: address(told),
        headline: told.headline.clone(),
        text: sentence(told, &everybody, &zone, words),
        detail: told.detail.clone(),
        at: words.short_time(told.at, now, &zone),
    };
    let (earlier, unread): (Vec<_>, Vec<_>) = told.iter().partition(|told| told.is_read);
    let page = NotificationsPage {
        unread: unread.into_iter().map(row).collect(),
        earlier: earlier.into_iter().map(row).collect(),
        last: told.iter().map(|told| told.number).max().unwrap_or_default(),
    };
    Ok(desk.page(&staff, &page))
}

/// `POST /desk/notifications`: marks as read what was on the page.
pub(crate) async fn mark_read(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<ReadForm>,
) -> Handled {
    if let Ok(last) = form.last.parse() {
        let account = staff.account.id;
        desk.store.mark_notifications_read(account, None, Some(last), desk.now()).await?;
    }
    Ok(see_other("/desk/notifications"))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for NotificationsPage {
        fn samples() -> Vec<Self> {
            let row = || NotificationRow {
                to: "/desk/articles/1".into(),
                headline: "The bridge".into(),
                detail: "Too long".into(),
                ..NotificationRow::default()
            };
            let full = Self {
                unread: vec![row(), NotificationRow::default()],
                earlier: vec![row()],
                last: 3,
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<NotificationsPage>();
    }
}
