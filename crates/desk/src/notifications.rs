//! `/desk/notifications`: what a member of the staff is told about articles, in the newsroom and by email.
//!
//! To add an event, see [`NotificationEvent`](masthead_circulation::NotificationEvent).

mod emails;
pub(crate) mod page;
pub(crate) mod settings;
mod words;

use masthead_circulation::staff::Permission;
use masthead_store::StoreError;

use crate::{staff::CurrentStaff, state::DeskState};

/// The largest number that the header shows; of more it says that there are more.
const MAX_SHOWN: u64 = 99;

/// How many notifications somebody has not read, for the header: "3", "99+", or empty.
pub(crate) fn badge(unread: u64) -> String {
    match unread {
        0 => String::new(),
        1..=MAX_SHOWN => unread.to_string(),
        _ => format!("{MAX_SHOWN}+"),
    }
}

/// Counts the notifications that somebody has not read, as far as the header shows it.
pub(crate) async fn unread(desk: &DeskState, staff: &CurrentStaff) -> Result<u64, StoreError> {
    if !staff.may(Permission::Write) {
        return Ok(0);
    }
    let may_edit = staff.may(Permission::Edit);
    desk.store.unread_notifications(staff.account.id, may_edit, MAX_SHOWN + 1).await
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::page::samples::render(rendered);
        super::settings::samples::render(rendered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_at_most_three_characters() {
        assert_eq!([0, 1, 99, 100].map(badge), ["", "1", "99", "99+"]);
    }
}
