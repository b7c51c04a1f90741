//! What readers see: the pages of a publication, metered on the server.
//!
//! The path of a request: `address` finds the address in the live snapshot of the `publication` crate; for an article,
//! `reader` opens the token, `access` decides, and the page is assembled from ready parts with the message for this
//! reader. Signed-in readers are kept in memory. The database is only asked for a reader who has not been here lately
//! and for an article whose page is not ready yet.
//!
//! Dependencies inside the crate point down in this table:
//!
//! | modules | contents |
//! | --- | --- |
//! | `router` | all routes, with the layers around them |
//! | `edge` | the layer around everything: hosts, proxies, headers of every response |
//! | `account`, `reading`, `subscribe`, `api`, `address`, `article`, `feeds`, `files`, `search`, `security_txt`, `webhooks`, `demo` | handlers |
//! | `error_pages`, `problem` | layers: errors in the form that the client reads |
//! | `security` | what is written to the security log |
//! | `pages`, `note`, `counting` | rendering and counting for all handlers |
//! | `extract` | what handlers take from a request |
//! | `error`, `notice` | why there is no page to show, and what is said instead |
//! | [`state`] | what handlers work on |
//! | `background`, `reader`, `delivery`, `meter_state`, `limits`, `email_limits`, `entered_email`, `places`, `response`, `return_to`, `streams`, [`demo_clock`], [`strips`] | parts |
//!
//! To add a page: write its handler, which takes extractors and returns `Handled`, and name its address in the module's
//! `routes`. What goes wrong is a `SiteError`; what is only told is a `Notice`.

#![warn(missing_docs)]

mod account;
mod address;
mod api;
mod article;
mod background;
mod bounded;
mod counting;
mod delivery;
mod demo;
pub mod demo_clock;
mod edge;
mod email_limits;
mod entered_email;
mod error;
mod error_pages;
mod extract;
mod feeds;
mod files;
mod limits;
mod meter_state;
mod note;
mod notice;
mod pages;
mod places;
mod problem;
mod reader;
mod reading;
mod response;
mod return_to;
mod router;
mod search;
mod security;
mod security_txt;
pub mod serve;
pub mod state;
mod streams;
pub mod strips;
mod subscribe;
mod webhooks;

pub use account::{AccountData, account_data};
pub use extract::confirmed::CONFIRMED;
pub use masthead_web::client::ClientIp;
pub use state::{OpenSiteError, Settings, Site};
