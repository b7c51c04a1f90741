//! What the site and the desk share: cookies, bodies and forms, names of devices and previews.

#![warn(missing_docs)]

pub mod access_log;
pub mod body;
pub mod cookies;
pub mod device;
pub mod form;
pub mod observe;
pub mod readiness;
