//! Mail: letters go from the outbox in the database to a relay, by SMTP.
//!
//! A letter is tried until the relay takes it, refuses it for good, or a day and more has passed. Each
//! has one `Message-ID` for all its tries, so that a receiver can tell a second copy from a new letter.

pub mod bounce;
mod outbox_worker;
mod relay;

pub use outbox_worker::OutboxWorker;
pub use relay::{Refused, Relay, RelayError};
