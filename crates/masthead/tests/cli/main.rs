//! Tests of the command line: the real program, real files, a real port.

#![allow(clippy::expect_used, clippy::panic)]

mod archive;
mod backup;
mod begin;
mod faults;
mod guide;
mod monitoring;
mod operator;
mod outbox;
mod packaging;
mod pictures;
mod process;
mod proxy;
mod publish;
mod staff;
mod subscription;
mod wordpress;
mod workshop;
