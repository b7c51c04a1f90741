//! Pictures: taken in, kept under a name made from what they show, and found again; in a folder, or in a bucket.

#![warn(missing_docs)]

mod bucket;
mod incoming;
mod intake;
mod library;
mod measure;
mod media_store;

pub use bucket::{Bucket, BucketError};
pub use incoming::Incoming;
pub use intake::{LARGEST, NotTaken};
pub use library::{CopyReport, ImportError, MediaLibrary};
pub use media_store::{MediaStoreError, Opened};
