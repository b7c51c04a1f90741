//! What the site, the desk and the command line share: cookies, bodies, forms and files, cells of CSV files, names of devices, previews,
//! the state of proxies in front, requests to other servers, and log lines that are limited in number.

#![warn(missing_docs)]

pub mod access_log;
pub mod body;
pub mod client;
pub mod cookies;
pub mod csv;
pub mod device;
pub mod form;
pub mod forwarding;
pub mod multipart;
pub mod observe;
pub mod outside;
pub mod readiness;
pub mod throttle;
