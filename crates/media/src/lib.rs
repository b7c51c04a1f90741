//! Pictures: taken in, kept under a name made from what they show, and found again; in a folder, or in a bucket.

#![warn(missing_docs)]

mod bucket;
mod gallery;
mod incoming;
mod intake;
mod measure;
mod shelf;

pub use bucket::{Bucket, BucketError};
pub use gallery::{Brought, Gallery, TakeInError};
pub use incoming::Incoming;
pub use intake::{LARGEST, NotTaken};
pub use shelf::{Opened, ShelfError};
