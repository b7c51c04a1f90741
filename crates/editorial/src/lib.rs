//! What a newsroom makes: articles and pages, their sections, topics, authors and sponsors.
//!
//! This crate turns what comes in (a Markdown manuscript, another system's export) into a
//! [`Piece`] whose HTML is clean, and cuts teasers from it. It reads text and gives text; it opens
//! no file and no database.
//!
//! To add an importer: make a module beside [`wordpress`] that yields [`import::Entry`] values, each
//! with an origin that stays the same from run to run, and name what it changes in an
//! [`import::Changes`].

#![warn(missing_docs)]

pub mod clean;
pub mod draft;
pub mod fronts;
pub mod import;
pub mod manuscript;
pub mod piece;
pub mod renditions;
pub mod slug;
pub mod spelling;
pub mod teaser;
pub mod text;
pub mod wordpress;

pub use fronts::Front;
pub use piece::{
    Author, Correction, Focus, Kind, Picture, Piece, Section, SectionStyle, Sponsor, Status, Topic,
};
pub use teaser::TeaserLength;
