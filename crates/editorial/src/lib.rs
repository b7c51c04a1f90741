//! The newsroom's content: articles and pages, their sections, topics, authors and sponsors.
//!
//! This crate turns its inputs (a Markdown manuscript, another system's export) into a [`Piece`]
//! with sanitized HTML, cuts teasers from it, and writes feeds. It does no I/O.
//!
//! To add an importer: create a module next to [`wordpress`] that yields [`import::ImportEntry`]
//! values, each with a stable origin, and count what it changes in [`import::Changes`].

#![warn(missing_docs)]

pub mod appearance;
pub mod biography;
pub mod breaking;
pub mod clean;
pub mod color;
pub mod crops;
pub mod design;
pub mod draft;
pub mod feed;
pub mod fronts;
pub mod import;
pub mod live_post;
pub mod logo;
pub mod manuscript;
pub mod menus;
pub mod passage;
pub mod paths;
pub mod piece;
pub mod redirect;
pub mod renditions;
pub mod replaced_pictures;
pub mod slug;
pub mod spelling;
pub mod standard_pages;
pub mod strip;
pub mod teaser;
pub mod text;
pub mod wordpress;

pub use appearance::Appearance;
pub use breaking::BreakingNews;
pub use design::Design;
pub use fronts::Front;
pub use logo::{Logo, LogoFile};
pub use menus::Menus;
pub use piece::{
    Author, Correction, Focus, Kind, Picture, Piece, Section, SectionStyle, Sponsor, Status, Topic,
    TopicStyle, is_same_name,
};
pub use redirect::{Redirect, RedirectStatus};
pub use slug::SlugScript;
pub use teaser::TeaserLength;
