//! What readers' pages and staff's have in common: cookies, forms, the names of devices, and what
//! either asks of the other.

#![warn(missing_docs)]

pub mod access_log;
pub mod cookies;
pub mod device;
pub mod form;
pub mod observe;
pub mod readiness;
