//! Readers with an account: who they are, and how they sign in.
//!
//! Pure: no I/O, no clock; time and randomness come in as arguments.

#![warn(missing_docs)]

pub mod account;
pub mod address_move;
pub mod email;
pub mod secret;
pub mod sign_in;

pub use account::{Account, AccountId, Session};
pub use address_move::AddressMove;
pub use email::{Email, NoEmail};
pub use secret::{Digest, Secret};
