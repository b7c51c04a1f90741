//! Tests of the real program, with the demonstration, in a real browser.
//!
//! Screenshots of every page are written to `target/screens`.

#![allow(clippy::expect_used, clippy::panic)]

mod account;
mod appearance;
mod audio;
mod back;
mod backups;
mod designs;
mod desk;
mod editor;
mod editor_safety;
mod first_screen;
mod imports;
mod journey;
mod languages;
mod large_text;
mod live_coverage;
mod newsroom;
mod palette;
mod pictures;
mod planning;
mod publication_settings;
mod scripts;
mod settings;
mod subscribe;
mod tools;
mod visitor;
mod weight;
#[path = "../cli/workshop.rs"]
#[allow(dead_code)]
mod workshop;
mod writing;
