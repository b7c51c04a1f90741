//! Tests of the command line: the real program, real files, a real port.

#![allow(clippy::expect_used, clippy::panic)]

mod acme;
mod archive;
mod audit;
mod backup;
mod begin;
mod faults;
mod guide;
mod killed;
mod monitoring;
mod operator;
mod outbox;
mod packaging;
mod pictures;
mod process;
mod programs;
mod proxy;
mod publish;
mod staff;
mod subscription;
mod workshop;
