//! Email: from the outbox in the database to a relay, by SMTP.
//!
//! An email is tried until the relay accepts it, refuses it for good, or more than a day has passed. All tries have the
//! same `Message-ID`, so that a receiver can recognise a second copy.

#![warn(missing_docs)]

pub mod bounce;
mod outbox_cleaner;
mod outbox_worker;
mod smtp_relay;

use std::sync::Arc;

use jiff::Timestamp;

pub use outbox_cleaner::{Cleaned, OutboxCleaner};
pub use outbox_worker::OutboxWorker;
pub use smtp_relay::{RelayError, SendError, SmtpRelay};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
