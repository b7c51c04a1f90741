//! What readers' pages and staff's have in common: cookies, forms, the names of devices, and what
//! either asks of the other.

#![warn(missing_docs)]

pub mod cookies;
pub mod device;
pub mod form;
