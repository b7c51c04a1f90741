//! `/desk/notifications/settings`: of what somebody is told, and how.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_circulation::{NotificationChoice, NotificationEvent, staff::Permission};
use serde::{Deserialize, Serialize};

use super::words::event_label;
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct NotificationSettingsPage {
    events: Vec<EventRow>,
    /// Whether they may get the weekly email of figures.
    may_get_figures: bool,
    /// Whether they get it.
    gets_figures: bool,
    is_saved: bool,
}

impl Page for NotificationSettingsPage {
    const TEMPLATE: &'static str = "notification-settings.html";
}

#[derive(Default, Serialize)]
struct EventRow {
    name: &'static str,
    label: &'static str,
    by_email: bool,
    at_desk: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SavedQuery {
    saved: String,
}

/// `GET /desk/notifications/settings`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<SavedQuery>,
) -> Handled {
    let choices = desk.store.notification_choices(staff.account.id).await?;
    let own = choices.into_iter().filter(|(event, _)| event.concerns(staff.staff.role));
    let row = |(event, choice): (NotificationEvent, NotificationChoice)| EventRow {
        name: event.name(),
        label: event_label(event, staff.words),
        by_email: choice.by_email,
        at_desk: choice.at_desk,
    };
    let page = NotificationSettingsPage {
        events: own.map(row).collect(),
        may_get_figures: staff.may(Permission::ViewFigures),
        gets_figures: desk.store.wants_weekly_figures(staff.account.id, staff.staff.role).await?,
        is_saved: query.saved == "yes",
    };
    Ok(desk.page(&staff, &page))
}

/// `POST /desk/notifications/settings`
pub(crate) async fn save(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let (by_email, at_desk) = (fields.all("email"), fields.all("desk"));
    let is_in =
        |names: &[String], event: NotificationEvent| names.iter().any(|name| name == event.name());
    let choice = |event| {
        let choice = NotificationChoice {
            by_email: is_in(&by_email, event),
            at_desk: is_in(&at_desk, event),
        };
        (event, choice)
    };
    let own = NotificationEvent::all().filter(|event| event.concerns(staff.staff.role));
    let choices: Vec<_> = own.map(choice).collect();
    desk.store.set_notification_choices(staff.account.id, &choices).await?;
    if staff.may(Permission::ViewFigures)
        && let Some(week) = desk.last_figures_week()
    {
        let is_on = by_email.iter().any(|name| name == "figures");
        desk.store.set_weekly_figures(staff.account.id, is_on, week.monday).await?;
    }
    Ok(see_other("/desk/notifications/settings?saved=yes"))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for NotificationSettingsPage {
        fn samples() -> Vec<Self> {
            let row = EventRow { by_email: true, at_desk: true, ..EventRow::default() };
            let full = Self {
                events: vec![row, EventRow::default()],
                may_get_figures: true,
                gets_figures: true,
                is_saved: true,
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<NotificationSettingsPage>();
    }
}
