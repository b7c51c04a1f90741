//! The real program on real databases, killed, cut off and starved: nothing that was acknowledged is lost, and nothing is
//! there twice or half.
//!
//! Each test repeats a few rounds; `MASTHEAD_TORTURE=200` makes it as many as it says, which `just torture 200` does. At its
//! end a test prints what it has seen. To add one: a module that works with a [`paper::Paper`], whose work ends at
//! the first request that is not answered, and that then checks what is there.

#![allow(clippy::expect_used, clippy::panic)]

mod archive_import;
mod changes;
mod checkout;
mod client;
mod clock;
mod cluster;
mod database;
mod disk;
mod import;
mod jumps;
mod meter;
mod node;
mod nodes;
mod paper;
mod pay;
mod publishing;
mod reader_import;
mod renewal;
mod rounds;
mod settings;
mod starts;
#[path = "../cli/wordpress.rs"]
mod wordpress;
#[path = "../cli/workshop.rs"]
#[allow(dead_code)]
mod workshop;
