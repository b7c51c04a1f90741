//! Printing: invoices as PDF.
//!
//! Output is deterministic: the same invoice gives the same bytes.

#![warn(missing_docs)]

pub mod invoice;
mod logo;
mod paragraph;
mod sheet;
mod typeface;

pub use invoice::{Invoice, RenderError};
pub use logo::Logo;
pub use typeface::{InvalidFont, Typeface};
