//! What people see: the real program, with the demonstration in it, in a real browser.
//!
//! Pictures of every page are left in `target/screens`, for people to look at.

#![allow(clippy::expect_used, clippy::panic)]

mod account;
mod appearance;
mod desk;
mod journey;
mod newsroom;
mod steering;
mod subscribe;
mod visitor;
#[path = "../cli/workshop.rs"]
#[allow(dead_code)]
mod workshop;
