//! Test doubles and helpers that the tests of several crates share. Not part of the product.

#![warn(missing_docs)]
#![allow(clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

use std::net::TcpListener;

pub mod bucket;
pub mod captured;
pub mod postgres;
pub mod provider;
pub mod proxy;
mod python;
pub mod relay;
pub mod stripe;

/// Returns a port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
