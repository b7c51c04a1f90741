//! What readers' pages and staff's have in common: cookies, forms, and the names of devices.

#![warn(missing_docs)]

pub mod cookies;
pub mod device;
pub mod form;
