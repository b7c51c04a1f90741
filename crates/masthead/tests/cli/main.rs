//! Tests of the command line: the real program, real files, a real port.

#![allow(clippy::expect_used, clippy::panic)]

mod acme;
mod archive;
mod as_root;
mod audit;
mod backup;
mod begin;
mod copy;
mod durability;
mod faults;
mod guide;
mod interrupted_restore;
mod mail_records;
mod monitoring;
mod operator;
mod outbox;
mod packaging;
mod pictures;
mod process;
mod programs;
mod proxy;
mod publish;
mod restart;
mod staff;
mod subscription;
mod whole_files;
mod wordpress;
mod workshop;
