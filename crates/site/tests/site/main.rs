//! What the site promises, asked through its real router.

#![allow(clippy::expect_used, clippy::panic)]
// Spans nest the futures of requests through the real router deeper than the compiler's limit.
#![recursion_limit = "256"]

mod accounts;
mod api;
mod audience;
mod buying;
mod caching;
mod cancelling;
mod connections;
mod control_characters;
mod counting;
mod edge;
mod errors;
mod experiments;
mod feeds;
mod fronts;
mod invoices;
mod languages;
mod locked;
mod meter;
mod newspaper;
mod openid;
mod outage;
mod own_data;
mod passkeys;
mod post;
mod preview;
mod publishing;
mod sandbox;
mod search;
mod secrets;
mod security_log;
mod serving;
mod shop;
mod sign_in_limits;
mod staff;
mod step_up;
mod stripe;
mod stripe_refunds;
mod subscriptions;
mod theme;
mod tls;
mod two_devices;
mod unpublished;
mod walls;
