//! Notifications in words.

use jiff::tz::TimeZone;
use masthead_circulation::{Account, NotificationEvent, staff::Staff};
use masthead_store::Notification;

use crate::{format::colleague_or_former, newsroom::story::story_address, words::DeskWords};

/// What a notification says in a sentence.
pub(super) fn sentence(
    told: &Notification,
    everybody: &[(Staff, Account)],
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let name = colleague_or_former(everybody, told.by, words);
    let time = told.planned.map(|at| words.date_time(at, zone)).unwrap_or_default();
    let word = match (told.event, told.planned) {
        (NotificationEvent::Submitted, _) => "notify_submitted",
        (NotificationEvent::Returned, _) => "notify_returned",
        (NotificationEvent::Published, None) => "notify_published",
        (NotificationEvent::Published, Some(_)) => "notify_scheduled",
        (NotificationEvent::Mentioned, _) => "notify_mentioned",
        (NotificationEvent::Commented, _) => "notify_commented",
        (NotificationEvent::Assigned, None) => "notify_assigned",
        (NotificationEvent::Assigned, Some(_)) => "notify_assigned_due",
        (NotificationEvent::Deadline, Some(due)) if due > told.at => "notify_due",
        (NotificationEvent::Deadline, _) => "notify_overdue",
    };
    words.fill(word, &[("name", &name), ("time", &time)])
}

/// The name of an event in a list of what one can be told of.
pub(super) fn event_label(event: NotificationEvent, words: DeskWords) -> &'static str {
    words.text(match event {
        NotificationEvent::Submitted => "notify_on_submitted",
        NotificationEvent::Returned => "notify_on_returned",
        NotificationEvent::Published => "notify_on_published",
        NotificationEvent::Mentioned => "notify_on_mentioned",
        NotificationEvent::Commented => "notify_on_commented",
        NotificationEvent::Assigned => "notify_on_assigned",
        NotificationEvent::Deadline => "notify_on_deadline",
    })
}

/// Where a notification leads.
pub(super) fn address(told: &Notification) -> String {
    let story = story_address(told.article);
    match told.thread {
        Some(thread) => format!("{story}/comments#thread-{}", thread.0),
        None => story,
    }
}
