//! Decides who may read what, and which messages they are shown.
//!
//! The crate is pure: no I/O, no clock, no locks, no async. The caller supplies the publication's
//! [`Policy`], a [`Reader`], an [`Article`] and the current time; [`decide`] returns a [`Decision`]
//! with a [`Trace`] that explains it.
//!
//! ```
//! use masthead_access::{Allowance, Article, Policy, Reader, Reads, decide};
//! use jiff::{Timestamp, tz::TimeZone};
//!
//! let policy = Policy::new(TimeZone::UTC);
//! let now: Timestamp = "2026-02-03T09:00:00Z".parse()?;
//! let mut reads = Reads::default();
//! let article = Article::plain(7, now);
//!
//! let decision = decide(&policy, &Reader::anonymous(&reads), &article, now);
//! assert_eq!(decision.header(), "metered;left=2");
//! reads.insert(article.id, now);
//! let again = decide(&policy, &Reader::anonymous(&reads), &article, now);
//! assert_eq!(again.header(), "open;reason=re-read");
//! # Ok::<(), jiff::Error>(())
//! ```
//!
//! The modules, in the order in which a request uses them:
//!
//! | module | contents |
//! | --- | --- |
//! | [`token`] | the cookie that carries an anonymous reader's meter |
//! | [`sealed_box`] | encryption of that cookie and of stored emails with the publication's keys |
//! | [`recent`] | the reads seen recently, so that parallel tabs and old cookies gain nothing |
//! | [`forwarded`], [`network`], [`robots`] | clients behind proxies, clients without cookies, crawlers and link previews |
//! | [`policy`], [`tier`], [`window`], [`allowance`] | what the publisher has configured |
//! | [`standing`], [`reads`], [`article`] | the reader and the article |
//! | [`decision`] | the decision and its reason |
//! | [`OpenTiers`] | what is open without a read, for searches |
//! | [`message`] | the messages shown with the decision |
//! | [`printable`] | texts from outside, for all crates |
//! | [`unbroken`], [`searchable`] | texts without soft hyphens, for titles, feeds and searches |

#![warn(missing_docs)]

pub mod allowance;
pub mod article;
pub mod decision;
pub mod experiment;
pub mod forwarded;
pub mod message;
pub mod network;
mod open_tiers;
pub mod policy;
mod printable;
pub mod reads;
pub mod recent;
pub mod robots;
pub mod sealed_box;
pub mod standing;
pub mod tier;
pub mod token;
mod unbroken;
pub mod warnings;
pub mod window;

pub use allowance::{Allowance, ParseAllowanceError};
pub use article::{Article, ArticleId};
pub use decision::{
    Decision, DecisionReason, Meter, OpenReason, Outcome, Trace, WallReason, decide,
};
pub use experiment::{Arm, Assignment, Experiment, Treatment};
pub use open_tiers::OpenTiers;
pub use policy::{Allowances, CrawlerAccess, Policy, TierSource};
pub use printable::{has_unprintable, printable};
pub use reads::{Read, Reads};
pub use recent::RecentReads;
pub use standing::{Gift, Pause, Reader, ReaderId, RequestContext, Standing};
pub use tier::{Rule, Tier};
pub use unbroken::{searchable, unbroken};
pub use warnings::{PolicyNames, PolicyWarning};
pub use window::{CurrentWindow, Window};
