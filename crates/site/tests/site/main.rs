//! What the site promises, asked through its real router.

#![allow(clippy::expect_used, clippy::panic)]

mod accounts;
mod api;
mod audience;
mod buying;
mod caching;
mod counting;
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
mod passkeys;
mod post;
mod preview;
mod publishing;
mod search;
mod secrets;
mod serving;
mod shop;
mod sign_in_limits;
mod staff;
mod step_up;
mod stripe;
mod stripe_refunds;
mod subscriptions;
mod theme;
mod two_devices;
