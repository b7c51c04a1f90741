//! What is printed on paper of the publication's own: invoices, as PDF.
//!
//! The same invoice is the same file to the byte, whenever and wherever it is made.

#![warn(missing_docs)]

pub mod invoice;
mod typeface;

pub use invoice::{Invoice, Unprintable};
pub use typeface::{InvalidFont, Typeface};
