//! Test doubles and helpers that the tests of several crates share. Not part of the product.

#![warn(missing_docs)]
#![allow(clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

pub mod bucket;
pub mod captured;
pub mod postgres;
pub mod provider;
pub mod proxy;
mod python;
pub mod relay;
pub mod stripe;
