//! Who may read what, and what they are told.
//!
//! This crate is the heart of Masthead and knows nothing of the rest of it: no I/O, no clock, no
//! async. A caller brings the [`Policy`] of the publication, a [`Reader`], an [`Article`] and the
//! present instant; [`decide`] answers with a [`Decision`] that carries its own [`Trace`].
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
//! The parts, in the order a request meets them:
//!
//! | module | thought |
//! | --- | --- |
//! | [`token`] | the cookie that carries an anonymous reader's meter |
//! | [`sealed_box`] | encryption with the publication's keys, of that cookie and of stored emails |
//! | [`recent`] | what this node remembers, so that parallel tabs and old cookies gain nothing |
//! | [`network`], [`robots`] | clients without a memory, crawlers and link previews |
//! | [`policy`], [`tier`], [`window`], [`allowance`] | what the publisher has set |
//! | [`standing`], [`reads`], [`article`] | the facts of the case |
//! | [`decision`] | the answer, and why |
//! | [`message`] | the words that go with the answer |
//! | [`reading`] | what the publisher has set, in plain words |

#![warn(missing_docs)]

pub mod allowance;
pub mod article;
pub mod decision;
pub mod experiment;
pub mod message;
pub mod network;
pub mod policy;
pub mod reading;
pub mod reads;
pub mod recent;
pub mod robots;
pub mod sealed_box;
pub mod standing;
pub mod tier;
pub mod token;
pub mod window;

pub use allowance::{Allowance, AllowanceError};
pub use article::{Article, ArticleId};
pub use decision::{Decision, OpenReason, Outcome, Trace, WallReason, decide};
pub use experiment::{Arm, Experiment, Treatment};
pub use policy::{Allowances, CrawlerAccess, Policy};
pub use reading::Known;
pub use reads::{Read, Reads};
pub use recent::RecentReads;
pub use standing::{Gift, Reader, ReaderId, RequestContext, Standing};
pub use tier::{Rule, Tier};
pub use window::Window;
