//! `/desk/notifications`: the list.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_circulation::staff::Permission;
use masthead_store::{Notification, NotificationCursor, ReadNotifications};
use serde::{Deserialize, Serialize};

use super::words::{address, sentence};
use crate::{
    error::Handled, form::StaffForm, http::see_other, staff::CurrentStaff, state::DeskState,
    templates::Page,
};

/// Notifications on one page.
const PER_PAGE: usize = 100;

#[derive(Default, Serialize)]
struct NotificationsPage {
    unread: Vec<NotificationRow>,
    earlier: Vec<NotificationRow>,
    /// The numbers of the unread on this page, so that nothing is marked as read that was not on it.
    shown: String,
    /// Whether there may be unread ones on other pages.
    has_more_unread: bool,
    /// The address of the first page; empty on it.
    latest: String,
    /// The address of the next page; empty on the last.
    older: String,
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
    /// The numbers of the unread notifications on the page.
    shown: String,
}

/// What is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PageQuery {
    /// The last notification of the page before: "unread-12" or "read-12".
    after: String,
}

impl PageQuery {
    fn cursor(&self) -> Option<NotificationCursor> {
        let (state, number) = self.after.split_once('-')?;
        let is_read = match state {
            "read" => true,
            "unread" => false,
            _ => return None,
        };
        Some(NotificationCursor { is_read, number: number.parse().ok()? })
    }
}

/// The address of the page after a notification.
fn address_after(last: &Notification) -> String {
    let state = if last.is_read { "read" } else { "unread" };
    format!("/desk/notifications?after={state}-{}", last.number)
}

/// `GET /desk/notifications`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<PageQuery>,
) -> Handled {
    let (may_edit, after) = (staff.may(Permission::Edit), query.cursor());
    // Who works on articles no more may not open them.
    let mut told = if staff.may(Permission::Write) {
        let most = PER_PAGE as u64 + 1;
        desk.store.notifications(staff.account.id, may_edit, after, most).await?
    } else {
        Vec::new()
    };
    let next = told.get(PER_PAGE).map(|next| next.is_read);
    told.truncate(PER_PAGE);
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
    let numbers: Vec<String> = unread.iter().map(|told| told.number.to_string()).collect();
    let page = NotificationsPage {
        shown: numbers.join(","),
        has_more_unread: after.is_some() || next == Some(false),
        latest: after.map(|_| "/desk/notifications".to_owned()).unwrap_or_default(),
        older: told.last().filter(|_| next.is_some()).map(address_after).unwrap_or_default(),
        unread: unread.into_iter().map(row).collect(),
        earlier: earlier.into_iter().map(row).collect(),
    };
    Ok(desk.page(&staff, &page))
}

/// `POST /desk/notifications`: marks as read what was on the page.
pub(crate) async fn mark_read(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<ReadForm>,
) -> Handled {
    let numbers = form.shown.split(',').take(PER_PAGE).filter_map(|number| number.parse().ok());
    let numbers: Vec<i32> = numbers.collect();
    if !numbers.is_empty() {
        let (account, these) = (staff.account.id, ReadNotifications::Numbered(&numbers));
        desk.store.mark_notifications_read(account, these, desk.now()).await?;
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
                shown: "3,2".into(),
                latest: "/desk/notifications".into(),
                older: "/desk/notifications?after=read-1".into(),
                has_more_unread: true,
            };
            let last = Self { unread: vec![row()], shown: "3".into(), ..Self::default() };
            vec![Self::default(), last, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<NotificationsPage>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_says_where_the_one_before_ended() {
        let cursor = |after: &str| PageQuery { after: after.into() }.cursor();
        let unread = NotificationCursor { is_read: false, number: 12 };
        assert_eq!(cursor("unread-12"), Some(unread));
        assert_eq!(cursor("read-3"), Some(NotificationCursor { is_read: true, number: 3 }));
        for nonsense in ["", "12", "read-", "read-x", "other-1", "read--"] {
            assert_eq!(cursor(nonsense), None, "{nonsense}");
        }
    }
}
