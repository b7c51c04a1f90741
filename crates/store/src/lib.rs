//! The database: one set of queries and migrations for SQLite and PostgreSQL.
//!
//! Nothing else speaks SQL. Every write bumps the publication's *revision* and stamps it on the rows
//! it touches, so that a server keeps its picture of what is published by asking, a few times a
//! second, for what came after the revision it knows.
//!
//! To add a table: write a migration in `migrations`, a record in `records`, and methods on [`Store`]
//! in a module of their own; then test them in `tests/conformance`, which runs on both engines.

mod authors;
mod connection;
mod error;
mod migrations;
mod pieces;
mod records;
mod sections;

pub use connection::{Location, Store};
pub use error::StoreError;
pub use pieces::{Listed, Saved};
