//! What readers see: the pages of a publication, metered on the server.
//!
//! The path of a request: `address` finds the address in the live snapshot of the `publication` crate;
//! for an article, [`reader`] opens the token, `access` decides, and the page is assembled from ready
//! parts with the message for this reader. Signed-in readers are kept in memory. The database is only
//! asked for a reader who has not been here lately and for an article whose page is not ready yet.

#![warn(missing_docs)]

mod account;
mod address;
mod api;
mod article;
mod billing_view;
mod counting;
pub mod demo;
pub mod demo_clock;
mod feeds;
pub mod limits;
mod meter_state;
mod pages;
mod pictures;
pub mod reader;
mod response;
mod return_to;
mod router;
mod search;
pub mod serve;
pub mod state;
mod subscribe;
mod webhooks;

pub use state::{Peer, Settings, Site, SiteError};
