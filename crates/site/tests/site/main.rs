//! What the site promises, asked through its real router.

#![allow(clippy::expect_used, clippy::panic)]

mod accounts;
mod api;
mod caching;
mod counting;
mod feeds;
mod locked;
mod newspaper;
mod publishing;
mod serving;
mod theme;
