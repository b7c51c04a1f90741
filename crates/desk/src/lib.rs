//! The desk: what the publication's own staff see, at `/desk`.
//!
//! Pages are rendered on the server and work without scripts. Who may open which address is said once, in [`routes`],
//! and checked once, in [`auth`]. Staff sign in on the site, as readers do, and are asked again after a working day.
//!
//! The layers, from the bottom: [`state`], rendering (`templates`, `pages`, `http`), `error` and `notice`, [`auth`] and
//! `form`, the handlers in folders by subject, and the router in [`routes`].
//!
//! To add a page: write its handlers in a module, its template in `templates/`, and name its address in [`routes`] with
//! the access it needs.

#![warn(missing_docs)]

mod archives;
mod assets;
mod audit;
pub mod auth;
mod authors;
mod backups;
mod csv_part;
mod disputes;
mod email;
mod error;
mod exports;
mod figures;
mod form;
mod format;
mod home;
mod http;
mod in_force;
mod jobs;
mod language;
mod newsroom;
mod notice;
mod notifications;
mod own_pages;
mod pages;
mod parts;
mod payment_news;
mod payment_processor;
mod people;
mod reader_view;
mod readers;
mod redirects;
mod refunds_elsewhere;
mod renaming;
pub mod routes;
mod second_factor;
mod security_log;
mod settings;
mod staff;
pub mod state;
mod static_files;
mod tasks;
mod templates;
mod topics;
mod words;

pub use crate::{
    backups::BackupPlace,
    email::{
        MailFacts,
        records::{MailRecord, MailRecordCheck, MailRecordKind, MailRecordState},
    },
    exports::tables::ExportTable,
    newsroom::embed_cards::EmbedSites,
    people::join::open_link,
    readers::import::{ReaderCount, count_readers},
    state::{DeskServices, DeskState},
};
