//! What readers see: the pages of a publication, metered on the server.
//!
//! The way of a request: [`site`] finds the address in the [`edition`], an in-memory picture of
//! everything published; for an article, [`reader`] opens the token, `access` decides, and [`page`]
//! puts the ready parts together with the message for this reader. Who has signed in is known to
//! [`accounts`]. No database is asked, but for a reader who has not been here lately, and an article
//! whose page is not ready yet.
//!
//! To add a page: give it a context in [`contexts`], lay it out in [`layout`], write its template in
//! `themes/default`, name it as a [`snapshot::PageKey`], and give it an address in [`site`].

mod account;
pub mod accounts;
mod api;
pub mod assets;
pub mod by_hand;
mod charge_log;
pub mod compression;
pub mod contexts;
mod counting;
pub mod demo;
pub mod edition;
mod embeds;
mod feeds;
pub mod layout;
mod letters;
mod most_read;
mod offer_set;
pub mod page;
mod pictures;
mod preview;
pub mod publication;
mod rates;
pub mod reader;
pub mod refresh;
mod renewals;
mod response;
pub mod samples;
mod search;
pub mod serve;
pub mod site;
pub mod snapshot;
mod specimen;
mod subscribe;
mod subscriptions;
pub mod theme;
mod webhooks;

pub use preview::Named;
pub use publication::Publication;
pub use site::{Settings, Site, SiteError};
