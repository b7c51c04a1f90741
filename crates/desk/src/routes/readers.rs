//! The addresses of readers, and of what staff do for them.

use axum::routing::{get, post};
use masthead_telemetry::security::SecurityEvent;

use super::{Route, SUPPORT_READERS, money, route};
use crate::readers::{
    add, annotations, bulk, csv_out, import, job_rows, list, page, payment, plan, support_actions,
};

/// The pages about readers, and what staff do for them. What is about money alone is in `money`.
pub(super) fn of_readers() -> Vec<Route> {
    let pages = vec![
        route(SUPPORT_READERS, "/desk/readers", get(list::page))
            .logs_views(SecurityEvent::ReadersSearched),
        route(SUPPORT_READERS, "/desk/readers.csv", get(csv_out::csv))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(SUPPORT_READERS, "/desk/readers/imports/{key}/report.csv", get(import::report::csv))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(SUPPORT_READERS, "/desk/readers/{number}", get(page::page))
            .logs_views(SecurityEvent::ReaderViewed),
        route(SUPPORT_READERS, "/desk/payments/{number}", get(payment::page))
            .logs_views(SecurityEvent::ReaderViewed),
    ];
    let actions = vec![
        route(SUPPORT_READERS, "/desk/readers/{number}/meter", post(support_actions::reset_meter)),
        route(SUPPORT_READERS, "/desk/readers/{number}/subscription", post(support_actions::give))
            .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/cancellation",
            post(support_actions::cancel),
        ),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/extension",
            post(support_actions::extend),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/payments/{key}/refund",
            post(support_actions::refund),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/payments/{key}/keep",
            post(support_actions::keep),
        ),
        route(SUPPORT_READERS, "/desk/readers/new", get(add::page).post(add::add)).confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/import",
            get(import::upload::page).post(import::upload::upload),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/imports/{key}",
            get(import::page::page).post(import::page::change),
        )
        .logs_views(SecurityEvent::ReaderViewed)
        .confirmed(),
        route(SUPPORT_READERS, "/desk/readers/selection", post(bulk::change)).confirmed(),
        route(SUPPORT_READERS, "/desk/readers/jobs/{number}/resumption", post(job_rows::resume))
            .confirmed(),
        route(SUPPORT_READERS, "/desk/readers/{number}/labels", post(annotations::change_label)),
        route(SUPPORT_READERS, "/desk/readers/{number}/notes", post(annotations::add_note)),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/notes/{key}/deletion",
            post(annotations::delete_note),
        ),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/payment",
            post(support_actions::mark_paid),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/end",
            post(support_actions::end_complimentary),
        ),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/withdrawal",
            post(support_actions::withdraw),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/price",
            get(plan::page).post(plan::change),
        )
        .logs_views(SecurityEvent::ReaderViewed)
        .confirmed(),
    ];
    let log_changes = |route: Route| route.logs_changes(SecurityEvent::ReaderChanged);
    pages.into_iter().chain(actions.into_iter().chain(money::money()).map(log_changes)).collect()
}
