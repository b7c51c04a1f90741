//! The addresses of authors, topics, redirects, the publication's own pages, exports, imports and backups.

use axum::routing::{get, post};
use masthead_telemetry::security::SecurityEvent;

use super::{EDIT, EDIT_SETTINGS, MANAGE_STAFF, Route, route};
use crate::{archives, authors, backups, exports, own_pages, redirects, settings::restore, topics};

pub(super) fn content() -> Vec<Route> {
    vec![
        route(EDIT, "/desk/authors", get(authors::list::page)),
        route(EDIT, "/desk/authors/{slug}", get(authors::page::page).post(authors::page::change)),
        route(EDIT, "/desk/topics", get(topics::list::page)),
        route(EDIT, "/desk/topics/{slug}", get(topics::page::page).post(topics::page::change)),
        route(
            EDIT_SETTINGS,
            "/desk/redirects",
            get(redirects::page::page).post(redirects::page::change),
        )
        .logs_changes(SecurityEvent::SettingsChanged),
        route(EDIT_SETTINGS, "/desk/redirects.csv", get(redirects::file::csv)),
        route(EDIT, "/desk/pages", get(own_pages::page)),
        // An archive replaces articles, thousands at once.
        route(
            MANAGE_STAFF,
            "/desk/imports",
            get(archives::upload::page).post(archives::upload::upload),
        )
        .confirmed()
        .logs_changes(SecurityEvent::ArticlesImported),
        // Whoever watches a long import is not asked to sign in again.
        route(MANAGE_STAFF, "/desk/imports/{key}", get(archives::page::page)),
        route(MANAGE_STAFF, "/desk/imports/{key}/state", post(archives::page::change))
            .confirmed()
            .logs_changes(SecurityEvent::ArticlesImported),
        route(MANAGE_STAFF, "/desk/imports/{key}/progress", get(archives::progress::progress))
            .polled(),
        route(
            MANAGE_STAFF,
            "/desk/imports/{key}/pictures",
            get(archives::pictures::missing).post(archives::pictures::add),
        ),
        route(MANAGE_STAFF, "/desk/imports/{key}/report.csv", get(archives::report::csv))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(MANAGE_STAFF, "/desk/exports", get(exports::page)),
        route(MANAGE_STAFF, "/desk/exports/{name}", get(exports::file))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(
            MANAGE_STAFF,
            "/desk/backups",
            get(backups::page::page).post(backups::page::set_schedule),
        )
        // Fewer backups to keep are files that are deleted.
        .confirmed()
        .logs_changes(SecurityEvent::SettingsChanged),
        route(MANAGE_STAFF, "/desk/history/backups", post(restore::restore))
            .confirmed()
            .logs_changes(SecurityEvent::SettingsChanged),
        route(MANAGE_STAFF, "/desk/backups/new", post(backups::actions::request))
            .confirmed()
            .logs_changes(SecurityEvent::Exported),
        route(MANAGE_STAFF, "/desk/backups/{number}/deletion", post(backups::actions::delete))
            .confirmed()
            .logs_changes(SecurityEvent::SettingsChanged),
        // It has everything, the keys as well.
        route(MANAGE_STAFF, "/desk/backups/{number}/file.zst", get(backups::download::file))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
    ]
}
