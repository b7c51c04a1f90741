//! What the site and the desk share: cookies, forms, names of devices, and the state of proxies in front.

#![warn(missing_docs)]

pub mod access_log;
pub mod cookies;
pub mod device;
pub mod form;
pub mod forwarding;
pub mod observe;
pub mod readiness;
