//! The addresses of authors and redirects.

use axum::routing::get;
use masthead_telemetry::security::SecurityEvent;

use super::{EDIT, EDIT_SETTINGS, Route, route};
use crate::{authors, redirects};

pub(super) fn content() -> Vec<Route> {
    vec![
        route(EDIT, "/desk/authors", get(authors::list::page)),
        route(EDIT, "/desk/authors/{slug}", get(authors::page::page).post(authors::page::change)),
        route(
            EDIT_SETTINGS,
            "/desk/redirects",
            get(redirects::page::page).post(redirects::page::change),
        )
        .logs_changes(SecurityEvent::SettingsChanged),
        route(EDIT_SETTINGS, "/desk/redirects.csv", get(redirects::file::csv)),
    ]
}
