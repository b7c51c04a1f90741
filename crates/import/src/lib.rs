//! Importing the archive of another system, from the command line and at the desk: the text of the archive, its entries in batches, and
//! what came of each.
//!
//! To add a system, write an [`Importer`](masthead_editorial::import::Importer) for it, and give it a variant of [`ArchiveFormat`].

#![warn(missing_docs)]

mod addresses;
mod archive;
mod batch;
mod item;
mod summary;

pub use self::{
    archive::{ArchiveError, ArchiveFormat, ArchiveText, OpenArchive, read_archive},
    batch::{BATCH, next_batch},
    item::{ImportedItem, ItemOutcome, imported_items},
    summary::{ImportSummary, ItemReference, Reason, kind_of},
};
