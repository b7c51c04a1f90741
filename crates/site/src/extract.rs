//! Extractors: what handlers take from a request. Each rejects with a [`SiteError`](crate::error::SiteError), so that
//! a handler that is called has what it needs.
//!
//! | module | extractors |
//! | --- | --- |
//! | [`confirmed`] | who is signed in and has confirmed it a moment ago |
//! | [`client`] | the encoding that the client accepts, its address, and that it does not prefetch |
//! | [`device`] | what a browser's cookies say about it |
//! | [`input`] | forms, parts of the URL, and the page before |
//! | [`limit`] | limits on requests of one network or account |
//! | [`session`] | who is signed in |

pub(crate) mod client;
pub mod confirmed;
pub(crate) mod device;
pub(crate) mod input;
pub(crate) mod limit;
pub(crate) mod session;

pub(crate) use client::{Accepts, ClientAddress, NotPrefetch};
pub(crate) use confirmed::{ConfirmedForm, ConfirmedReader};
pub(crate) use device::{AskedSignIn, Device, DeviceName, DeviceSecret};
pub(crate) use input::{EmptyForm, ReaderForm, Referrer, ReturnPath, UrlPath, UrlQuery};
pub(crate) use limit::{Buyer, Limited};
pub(crate) use session::{ApiReader, AppToken, MaybeSignedIn, SignedIn};
