//! The live state of a publication: what is in force, and what is kept ready in memory.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`live`] | the one owner of what is in force, and the one method that changes it |
//! | [`snapshot`] | an immutable snapshot: settings, theme, edition and day; its pages |
//! | [`publication`] | what the publisher has set |
//! | [`config`], [`settings`] | the configuration file, what was set at the desk, and changing it |
//! | [`edition`] | everything published, in memory |
//! | [`theme`], [`assets`], [`theme_check`] | templates, styles and words, and their check |
//! | [`words`] | the words of a language, their gaps and plural forms |
//! | [`strips`] | short facts from files and other servers |
//! | [`layout`], [`contexts`] | from the edition to what templates get |
//! | [`page`], [`page_cache`], [`compression`] | pages, assembled from compressed parts |
//! | [`messages`], `wall`, [`situation`] | what a reader is told and offered, and when |
//! | [`accounts`], [`reader_context`] | signed-in readers in memory, and their meter |
//! | [`step_up`] | asking people to confirm who they are |
//! | [`search_index`], [`search_scope`], [`audience_counters`] | search, what of it a reader may find, and counts |
//! | [`preview`], [`listing`], [`offer_cards`] | what the desk asks |
//! | [`watch`] | changes of the configuration file and the theme |
//!
//! To add a page: give it a context in [`contexts`], lay it out in [`layout`], write its template in
//! `themes/default`, name it in [`page_cache::PageKey`], and give it an address in the `site` crate.

#![warn(missing_docs)]

mod accent;
pub mod accounts;
pub mod assets;
pub mod audience_counters;
mod blocking;
pub mod compression;
pub mod config;
pub mod contexts;
pub mod edition;
mod elements;
pub mod embeds;
mod history_queue;
pub mod http_settings;
mod latest;
pub mod layout;
pub mod listing;
pub mod live;
pub mod messages;
pub mod offer_cards;
pub mod offer_set;
mod order_terms;
pub mod page;
pub mod page_cache;
pub mod plan_cards;
pub mod preview;
pub mod publication;
pub mod rates;
mod read_queue;
pub mod reader_context;
pub mod reader_links;
mod renamed;
mod retention;
pub mod search_index;
pub mod search_scope;
pub mod settings;
pub mod situation;
pub mod snapshot;
pub mod step_up;
pub mod strips;
pub mod theme;
pub mod theme_check;
mod tier_changes;
mod wall;
pub mod watch;
pub mod words;

pub use accent::{Accent, AccentFault};
pub use accounts::{AccountCache, CachedAccount};
pub use audience_counters::AudienceCounters;
pub use http_settings::HttpSettings;
pub use live::{Clock, Live};
pub use page_cache::PageKey;
pub use plan_cards::PlanSelection;
pub use preview::Previews;
pub use publication::{Publication, Sales};
pub use reader_links::ReaderLinks;
pub use retention::retention;
pub use search_index::SearchIndex;
pub use search_scope::{ArticleFilter, ReaderAccess};
pub use settings::{LiveSettings, SettingsSource, StartSettings};
pub use snapshot::{PageError, SiteSnapshot, SnapshotParts};
pub use theme::{Template, Theme, ThemeError};
pub use words::Words;
