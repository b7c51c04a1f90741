//! What is printed on paper of the publication's own: invoices, as PDF.
//!
//! The same invoice is the same file to the byte, whenever and wherever it is made.

#![warn(missing_docs)]

mod face;
pub mod invoice;

pub use face::{BadFace, Face};
pub use invoice::{Invoice, Unprintable};
