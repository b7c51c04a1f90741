//! Media storage: processes uploaded pictures, and stores them in a folder or a bucket under names
//! derived from their content.

#![warn(missing_docs)]

mod animation;
mod avif;
mod bounded;
mod bucket;
mod color;
mod completeness;
mod decoding;
mod drawing;
mod encoding;
mod incoming;
mod library;
mod measure;
mod media_store;
mod pixels;
mod png_profile;
mod processing;
mod rejected_upload;
mod scaling;

pub use bounded::{WorkError, WorkOwner};
pub use bucket::{Bucket, BucketError};
pub use incoming::{Incoming, RejectedFile};
pub use library::{CopyReport, ImportError, MediaLibrary, TextWorkError};
pub use media_store::{MediaStoreError, OpenFile};
pub use pixels::Pixels;
pub use processing::{MAX_BYTES, MAX_WAITING_BYTES};
pub use rejected_upload::RejectedUpload;
