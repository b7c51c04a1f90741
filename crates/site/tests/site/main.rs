//! What the site promises, asked through its real router.

#![allow(clippy::expect_used, clippy::panic)]
// Spans nest the futures of requests through the real router deeper than the compiler's limit.
#![recursion_limit = "256"]

mod accounts;
mod api;
mod article_pages;
mod audience;
mod breaking;
mod buying;
mod caching;
mod cancelling;
mod checkout;
mod connections;
mod control_characters;
mod counting;
mod delivery;
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
mod notes;
mod offers;
mod openid;
mod outage;
mod own_data;
mod passkeys;
mod post;
mod preview;
mod publishing;
mod reading;
mod sandbox;
mod search;
mod search_access;
mod secrets;
mod security_log;
mod serving;
mod shop;
mod sign_in_limits;
mod staff;
mod step_up;
mod stripe;
mod stripe_refunds;
mod strips;
mod subscriptions;
mod theme;
mod tls;
mod two_devices;
mod unpublished;
mod walls;
