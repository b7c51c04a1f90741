//! Pictures: taken in, kept under a name made from what they show, and found again.

#![warn(missing_docs)]

mod gallery;
mod intake;

pub use gallery::{Gallery, TakeInError};
pub use intake::{LARGEST, NotTaken};
