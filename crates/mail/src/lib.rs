//! Email: composing it, and sending it from the outbox in the database to a relay, by SMTP.
//!
//! To add an email, see [`emails`].
//!
//! An email is tried until the relay accepts it, refuses it for good, or has put it off for more than a day. While the
//! relay itself is down or refuses the publication, emails wait. All tries have the
//! same `Message-ID`, so that a receiver can recognise a second copy.

#![warn(missing_docs)]

pub mod bounce;
pub mod emails;
mod outage;
mod outbox_cleaner;
mod outbox_worker;
mod relay_addresses;
mod relay_error;
pub mod samples;
mod send_error;
mod smtp_relay;

pub use masthead_publication::Clock;

pub use outbox_cleaner::{Cleaned, OutboxCleaner};
pub use outbox_worker::OutboxWorker;
pub use relay_error::RelayError;
pub use send_error::{RelayFault, SendError};
pub use smtp_relay::SmtpRelay;
